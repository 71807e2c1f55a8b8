# The VGA BIOS: C and assembly for 16-bit code, linked to a flat image and built into the library. It needs gcc, whatever compiles
# the rest: address spaces for segment registers (__seg_fs) are its own.
VGABIOS_CC = gcc
VGABIOS_LD = ld
VGABIOS_OBJCOPY = objcopy
VGABIOS_CFLAGS = -m16 -march=i386 -Os -ffreestanding -std=gnu11 -Wall -Wextra -fno-pic -fno-pie -fno-stack-protector \
	-fomit-frame-pointer -fno-strict-aliasing -fno-jump-tables -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-fcf-protection=none -mregparm=3 -mpreferred-stack-boundary=2 --param=min-pagesize=0 -fno-tree-switch-conversion
VGABIOS_C_FILES = bios/vga/int10.c bios/vga/modes.c bios/vga/palette.c bios/vga/font.c bios/vga/screen.c bios/vga/graphics.c \
	bios/vga/services.c bios/vga/state.c bios/vga/vbe.c
VGABIOS_OBJECTS = bios/vga/entry.rom.o $(VGABIOS_C_FILES:.c=.rom.o)

EXTRA_DIST += $(VGABIOS_C_FILES) bios/vga/entry.S bios/vga/vgabios.h bios/vga/vgabios.ld bios/vga/seal.sh
CLEANFILES += $(VGABIOS_OBJECTS) bios/vga/vgabios.elf bios/vga/vgabios.raw bios/vga/vgabios.bin
libtick86_a_SOURCES += bios/vga/vgabios_rom.S bios/vga/rom.h

bios/vga/%.rom.o: $(srcdir)/bios/vga/%.c $(srcdir)/bios/vga/vgabios.h
	$(AM_V_CC)$(MKDIR_P) bios/vga && $(VGABIOS_CC) $(VGABIOS_CFLAGS) -c -o $@ $<
bios/vga/entry.rom.o: $(srcdir)/bios/vga/entry.S $(BIOS_FONTS)
	$(AM_V_CC)$(MKDIR_P) bios/vga && $(VGABIOS_CC) $(VGABIOS_CFLAGS) -Wa,-I. -c -o $@ $<
bios/vga/vgabios.elf: $(VGABIOS_OBJECTS) $(srcdir)/bios/vga/vgabios.ld
	$(AM_V_CCLD)$(VGABIOS_LD) -m elf_i386 --gc-sections --no-warn-rwx-segments -T $(srcdir)/bios/vga/vgabios.ld -o $@ $(VGABIOS_OBJECTS)
bios/vga/vgabios.bin: bios/vga/vgabios.elf $(srcdir)/bios/vga/seal.sh
	$(AM_V_GEN)$(VGABIOS_OBJCOPY) -O binary -j .image $< bios/vga/vgabios.raw && sh $(srcdir)/bios/vga/seal.sh bios/vga/vgabios.raw $@
bios/vga/vgabios_rom.$(OBJEXT): bios/vga/vgabios.bin
