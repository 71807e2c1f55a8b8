# Tests of the system BIOS: floppy images that boot under QEMU or tick86. See tests/bios/run.
BIOS_TEST_NAMES = system memory keyboard floppy disk bigdisk clock ports pci mouse poweroff resume cdrom
BIOS_TEST_IMAGES = $(BIOS_TEST_NAMES:%=tests/bios/%.img) tests/bios/cd-plain.iso tests/bios/cd-diskette.iso tests/bios/cd-disk.iso
BIOS_TEST_CFLAGS = -m16 -march=i386 -Os -ffreestanding -std=gnu11 -Wall -Wextra -fno-pic -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing -fcf-protection=none -mregparm=3 -I$(srcdir) --param=min-pagesize=0 \
	-Wno-unused-function -Wno-unused-variable
TESTS += tests/bios/run
EXTRA_DIST += tests/bios/run tests/bios/boot.S tests/bios/cd.S tests/bios/guest.h tests/bios/test.h tests/bios/test.ld $(BIOS_TEST_NAMES:%=tests/bios/%.c)
CLEANFILES += tests/bios/*.16.o tests/bios/*.elf tests/bios/*.img tests/bios/*.iso tests/bios/*.out tests/bios/*.err

tests/bios/boot.16.o: $(srcdir)/tests/bios/boot.S
	$(AM_V_CC)$(MKDIR_P) tests/bios && $(CC_FOR_BIOS) $(BIOS_TEST_CFLAGS) -c -o $@ $<
tests/bios/%.16.o: $(srcdir)/tests/bios/%.c $(srcdir)/tests/bios/test.h $(srcdir)/tests/bios/guest.h $(srcdir)/tests/guest/ports.h
	$(AM_V_CC)$(MKDIR_P) tests/bios && $(CC_FOR_BIOS) $(BIOS_TEST_CFLAGS) -c -o $@ $<
tests/bios/%.elf: tests/bios/%.16.o tests/bios/boot.16.o $(srcdir)/tests/bios/test.ld
	$(AM_V_CCLD)$(LD_FOR_BIOS) -m elf_i386 --defsym=CALLER_STACK=128 --no-warn-rwx-segments -T $(srcdir)/tests/bios/test.ld -o $@ tests/bios/boot.16.o $<
# A whole diskette, so that every BIOS takes it for one.
tests/bios/%.img: tests/bios/%.elf
	$(AM_V_GEN)$(OBJCOPY_FOR_BIOS) -O binary -j .image $< $@ && truncate -s 1474560 $@
tests/bios/cd-plain.iso: $(srcdir)/tests/bios/cd.S tests/bios/cdrom.img
	$(AM_V_GEN)$(CC_FOR_BIOS) $(BIOS_TEST_CFLAGS) -DMEDIA=0 -DCOUNT=64 -c -o $@.o $< && $(OBJCOPY_FOR_BIOS) -O binary -j .image $@.o $@ && \
		rm $@.o
tests/bios/cd-diskette.iso: $(srcdir)/tests/bios/cd.S tests/bios/cdrom.img
	$(AM_V_GEN)$(CC_FOR_BIOS) $(BIOS_TEST_CFLAGS) -DMEDIA=2 -DCOUNT=1 -c -o $@.o $< && $(OBJCOPY_FOR_BIOS) -O binary -j .image $@.o $@ && \
		rm $@.o
tests/bios/cd-disk.iso: $(srcdir)/tests/bios/cd.S tests/bios/cdrom.img
	$(AM_V_GEN)$(CC_FOR_BIOS) $(BIOS_TEST_CFLAGS) -DMEDIA=4 -DCOUNT=1 -c -o $@.o $< && $(OBJCOPY_FOR_BIOS) -O binary -j .image $@.o $@ && \
		rm $@.o
check_DATA += $(BIOS_TEST_IMAGES) bios/bios.bin
.SECONDARY: $(BIOS_TEST_NAMES:%=tests/bios/%.elf) $(BIOS_TEST_NAMES:%=tests/bios/%.16.o)
