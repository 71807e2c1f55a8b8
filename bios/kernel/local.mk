# The boot ROM of --kernel: 16-bit C and assembly, linked to a flat image and built into the library.
KERNEL_ROM_CFLAGS = $(VGABIOS_CFLAGS) -fdata-sections -I$(srcdir)
KERNEL_ROM_OBJECTS = bios/kernel/entry.rom.o bios/kernel/kernel_boot.rom.o

EXTRA_DIST += bios/kernel/entry.S bios/kernel/kernel_boot.c bios/kernel/kernel_boot.ld
CLEANFILES += $(KERNEL_ROM_OBJECTS) bios/kernel/kernel_boot.elf bios/kernel/kernel_boot.raw bios/kernel/kernel_boot.bin
libtick86_a_SOURCES += bios/kernel/kernel_rom.S bios/kernel/rom.h bios/kernel/plan.h

bios/kernel/kernel_boot.rom.o: $(srcdir)/bios/kernel/kernel_boot.c $(srcdir)/bios/kernel/plan.h
	$(AM_V_CC)$(MKDIR_P) bios/kernel && $(VGABIOS_CC) $(KERNEL_ROM_CFLAGS) -c -o $@ $<
bios/kernel/entry.rom.o: $(srcdir)/bios/kernel/entry.S
	$(AM_V_CC)$(MKDIR_P) bios/kernel && $(VGABIOS_CC) $(KERNEL_ROM_CFLAGS) -c -o $@ $<
bios/kernel/kernel_boot.elf: $(KERNEL_ROM_OBJECTS) $(srcdir)/bios/kernel/kernel_boot.ld
	$(AM_V_CCLD)$(VGABIOS_LD) -m elf_i386 --gc-sections -z noexecstack --no-warn-rwx-segments -T $(srcdir)/bios/kernel/kernel_boot.ld -o $@ \
		$(KERNEL_ROM_OBJECTS)
bios/kernel/kernel_boot.bin: bios/kernel/kernel_boot.elf $(srcdir)/bios/vga/seal.sh
	$(AM_V_GEN)$(VGABIOS_OBJCOPY) -O binary -j .image $< bios/kernel/kernel_boot.raw && \
		sh $(srcdir)/bios/vga/seal.sh bios/kernel/kernel_boot.raw $@
bios/kernel/kernel_rom.$(OBJEXT): bios/kernel/kernel_boot.bin
