# A Multiboot kernel with drivers of its own for each part of a PC. See tests/kernels/kernel.h and run.sh.
KERNEL_TEST_C_NAMES = runtime main timers clock pit pic apic pci ata floppy ps2 serial bios services v86 video ends
KERNEL_TEST_OBJECTS = tests/kernels/start.guest.o tests/kernels/real.guest.o tests/guest/library.guest.o \
	$(KERNEL_TEST_C_NAMES:%=tests/kernels/%.guest.o)
TESTS += tests/kernels/run.sh
check_DATA += tests/kernels/kernel.elf
EXTRA_DIST += tests/kernels/kernel.h tests/kernels/kernel.ld tests/kernels/run.sh tests/kernels/start.S tests/kernels/real.S \
	$(KERNEL_TEST_C_NAMES:%=tests/kernels/%.c)
CLEANFILES += tests/kernels/*.guest.o tests/kernels/*.elf

tests/kernels/%.guest.o: $(srcdir)/tests/kernels/%.S
	$(AM_V_CC)$(MKDIR_P) tests/kernels && $(VGABIOS_CC) -m32 -c -o $@ $<
tests/kernels/%.guest.o: $(srcdir)/tests/kernels/%.c $(srcdir)/tests/kernels/kernel.h $(GUEST_LIBRARY)
	$(AM_V_CC)$(MKDIR_P) tests/kernels && $(VGABIOS_CC) $(SYSTEM_TEST_CFLAGS) -c -o $@ $<
tests/kernels/kernel.elf: $(KERNEL_TEST_OBJECTS) $(srcdir)/tests/kernels/kernel.ld
	$(AM_V_CCLD)$(VGABIOS_LD) -m elf_i386 --no-warn-rwx-segments -T $(srcdir)/tests/kernels/kernel.ld -o $@ $(KERNEL_TEST_OBJECTS)
