# Files of this room.
include bios/fonts/local.mk
include bios/vga/local.mk
include bios/kernel/local.mk

# The system BIOS: POST in 32-bit code, services in 16-bit code, linked to one image of 128 KB and built into the library.
# It needs gcc, whatever compiles the rest, for the address spaces of segment registers (__seg_fs, __seg_gs).
CC_FOR_BIOS = gcc
LD_FOR_BIOS = ld
OBJCOPY_FOR_BIOS = objcopy
OBJDUMP_FOR_BIOS = objdump
BIOS_CFLAGS = -march=i386 -Os -ffreestanding -std=gnu11 -Wall -Wextra -fno-pic -fno-pie -fno-stack-protector \
	-fomit-frame-pointer -fno-strict-aliasing -fno-asynchronous-unwind-tables -fno-jump-tables -fno-tree-switch-conversion \
	-fno-tree-loop-distribute-patterns -fno-tree-pre -fno-code-hoisting -fno-delete-null-pointer-checks -fcf-protection=none -mregparm=3 \
	-mpreferred-stack-boundary=2 -mno-sse -mno-mmx -mno-80387 --param=min-pagesize=0 -ffunction-sections \
	-DBIOS_VERSION='"$(PACKAGE_VERSION)"' -I$(srcdir)
BIOS_SERVICES = ata boot cdrom console disk floppy hooks int13 int15 kbc keyboard mouse post16 printer rtc serial support timer
BIOS_POST = bootlist chipset cpu fwcfg loader memory mptable optrom pci pir post screen smbios support
BIOS_ASSEMBLY = apm entry irq modes pci_bios reset tables
BIOS_OBJECTS = $(BIOS_SERVICES:%=bios/%.16.o) $(BIOS_POST:%=bios/%.32.o) $(BIOS_ASSEMBLY:%=bios/%.16.o)
BIOS_SHARED = bios/asm.inc bios/bda.h bios/bios.h bios/post.h bios/post16.h bios/resident.h bios/services.h bios/timer.h \
	bios/apm_body.inc bios/pci_body.inc
# Both halves have their own copy of what the compiler calls by itself.
BIOS_RENAME = --redefine-sym memset=memset32 --redefine-sym memcpy=memcpy32 --redefine-sym memcmp=memcmp32
BIOS_DEPENDS = $(BIOS_SHARED:%=$(srcdir)/%) $(srcdir)/bios/segments.sh $(srcdir)/bios/local.mk

EXTRA_DIST += $(sort $(BIOS_SERVICES:%=bios/%.c) $(BIOS_POST:%=bios/%.c)) $(BIOS_ASSEMBLY:%=bios/%.S) $(BIOS_SHARED) \
	bios/bios.lds bios/mkrom.sh bios/segments.sh
CLEANFILES += $(BIOS_OBJECTS) bios/bios.elf bios/bios.raw bios/bios.bin bios/bios.map
libtick86_a_SOURCES += bios/bios_rom.S bios/rom.h

bios/%.16.o: $(srcdir)/bios/%.c $(BIOS_DEPENDS)
	$(AM_V_CC)$(MKDIR_P) bios && $(CC_FOR_BIOS) -m16 -DBIOS16 $(BIOS_CFLAGS) -c -o $@ $< && \
		$(OBJDUMP_FOR_BIOS) -drw -Mi8086 $@ | sh $(srcdir)/bios/segments.sh $@
bios/%.32.o: $(srcdir)/bios/%.c $(BIOS_DEPENDS)
	$(AM_V_CC)$(MKDIR_P) bios && $(CC_FOR_BIOS) -m32 $(BIOS_CFLAGS) -c -o $@ $< && \
		$(OBJCOPY_FOR_BIOS) $(BIOS_RENAME) $@
bios/%.16.o: $(srcdir)/bios/%.S $(BIOS_DEPENDS) $(BIOS_FONTS)
	$(AM_V_CC)$(MKDIR_P) bios && $(CC_FOR_BIOS) -m16 $(BIOS_CFLAGS) -I. -c -o $@ $<
bios/bios.elf: $(BIOS_OBJECTS) $(srcdir)/bios/bios.lds
	$(AM_V_CCLD)$(LD_FOR_BIOS) -m elf_i386 --no-check-sections -z noexecstack --no-warn-rwx-segments -Map bios/bios.map \
		-T $(srcdir)/bios/bios.lds -o $@ $(BIOS_OBJECTS)
bios/bios.bin: bios/bios.elf $(srcdir)/bios/mkrom.sh
	$(AM_V_GEN)$(OBJCOPY_FOR_BIOS) -O binary -j .text32 -j .text16 $< bios/bios.raw && \
		sh $(srcdir)/bios/mkrom.sh bios/bios.raw $@
bios/bios_rom.$(OBJEXT): bios/bios.bin
