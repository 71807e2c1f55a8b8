# Tests of the VGA BIOS: floppy images that boot in tick86, and under QEMU where it is there. See tests/vgabios/run.
VGABIOS_TEST_NAMES = modes text palette font graphics services vbe
VGABIOS_TEST_IMAGES = $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.img)
VGABIOS_TEST_CFLAGS = -m16 -march=i386 -Os -ffreestanding -std=gnu11 -Wall -Wextra -fno-pic -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing -fcf-protection=none -mregparm=3 --param=min-pagesize=0 \
	-Wno-unused-function -Wno-unused-variable
TESTS += tests/vgabios/run
EXTRA_DIST += tests/vgabios/run tests/vgabios/boot.S tests/vgabios/test.h tests/vgabios/test.ld $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.c)
CLEANFILES += tests/vgabios/*.rom.o tests/vgabios/*.elf tests/vgabios/*.img tests/vgabios/*.out tests/vgabios/*.err

tests/vgabios/boot.rom.o: $(srcdir)/tests/vgabios/boot.S
	$(AM_V_CC)$(MKDIR_P) tests/vgabios && $(VGABIOS_CC) $(VGABIOS_TEST_CFLAGS) -c -o $@ $<
tests/vgabios/%.rom.o: $(srcdir)/tests/vgabios/%.c $(srcdir)/tests/vgabios/test.h
	$(AM_V_CC)$(MKDIR_P) tests/vgabios && $(VGABIOS_CC) $(VGABIOS_TEST_CFLAGS) -c -o $@ $<
tests/vgabios/%.elf: tests/vgabios/%.rom.o tests/vgabios/boot.rom.o $(srcdir)/tests/vgabios/test.ld
	$(AM_V_CCLD)$(VGABIOS_LD) -m elf_i386 --no-warn-rwx-segments -T $(srcdir)/tests/vgabios/test.ld -o $@ tests/vgabios/boot.rom.o $<
# A whole floppy, so that every BIOS takes it for one.
tests/vgabios/%.img: tests/vgabios/%.elf
	$(AM_V_GEN)$(VGABIOS_OBJCOPY) -O binary -j .image $< $@ && truncate -s 1474560 $@
check_DATA += $(VGABIOS_TEST_IMAGES) bios/vga/vgabios.bin
.SECONDARY: $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.elf) $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.rom.o)
