# Tests of the VGA BIOS: floppy images that boot in tick86, and under QEMU where it is there. See tests/vgabios/run.
# Boot sector, linker script and compiler are those of tests/bios.
VGABIOS_TEST_NAMES = modes text palette font graphics services vbe
VGABIOS_TEST_IMAGES = $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.img)
TESTS += tests/vgabios/run
EXTRA_DIST += tests/vgabios/run tests/vgabios/test.h $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.c)
CLEANFILES += tests/vgabios/*.rom.o tests/vgabios/*.elf tests/vgabios/*.img tests/vgabios/*.out tests/vgabios/*.err

tests/vgabios/%.rom.o: $(srcdir)/tests/vgabios/%.c $(srcdir)/tests/vgabios/test.h $(srcdir)/tests/bios/guest.h $(srcdir)/tests/guest/ports.h
	$(AM_V_CC)$(MKDIR_P) tests/vgabios && $(CC_FOR_BIOS) $(BIOS_TEST_CFLAGS) -c -o $@ $<
tests/vgabios/%.elf: tests/vgabios/%.rom.o tests/bios/boot.16.o $(srcdir)/tests/bios/test.ld
	$(AM_V_CCLD)$(LD_FOR_BIOS) -m elf_i386 --defsym=CALLER_STACK=512 --no-warn-rwx-segments -T $(srcdir)/tests/bios/test.ld -o $@ tests/bios/boot.16.o $<
# A whole floppy, so that every BIOS takes it for one.
tests/vgabios/%.img: tests/vgabios/%.elf
	$(AM_V_GEN)$(OBJCOPY_FOR_BIOS) -O binary -j .image $< $@ && truncate -s 1474560 $@
check_DATA += $(VGABIOS_TEST_IMAGES) bios/vga/vgabios.bin
.SECONDARY: $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.elf) $(VGABIOS_TEST_NAMES:%=tests/vgabios/%.rom.o)
