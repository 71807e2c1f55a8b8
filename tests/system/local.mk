# System tests: images that boot and check the processor from inside. See tests/system/test.h and run.sh.
SYSTEM_TEST_NAMES = protect tasks v86 debug armed paging misc real reset smm
SYSTEM_TEST_IMAGES = $(SYSTEM_TEST_NAMES:%=tests/system/%.img)
SYSTEM_TEST_CFLAGS = -m32 -fno-delete-null-pointer-checks -Wno-array-bounds -march=i386 -O1 -ffreestanding -std=gnu11 -Wall -Wextra -fno-pic -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing -fcf-protection=none -mpreferred-stack-boundary=2  \
	-fno-toplevel-reorder --param=min-pagesize=0 -I$(srcdir)
SYSTEM_TEST_OBJECTS = tests/system/boot.guest.o tests/system/enter.guest.o tests/system/runtime.guest.o \
	tests/system/real_call.guest.o tests/guest/library.guest.o
TESTS += tests/system/run.sh
check_DATA += $(SYSTEM_TEST_IMAGES)
EXTRA_DIST += tests/guest/library.c tests/guest/library.h tests/guest/ports.h
EXTRA_DIST += tests/system/boot.S tests/system/enter.S tests/system/real_call.S tests/system/runtime.c tests/system/test.h tests/system/test.ld \
	tests/system/run.sh $(SYSTEM_TEST_NAMES:%=tests/system/%.c)
CLEANFILES += tests/guest/*.guest.o tests/system/*.guest.o tests/system/*.elf tests/system/*.img

tests/system/%.guest.o: $(srcdir)/tests/system/%.S
	$(AM_V_CC)$(MKDIR_P) tests/system && $(VGABIOS_CC) -m32 -c -o $@ $<
GUEST_LIBRARY = $(srcdir)/tests/guest/library.h $(srcdir)/tests/guest/ports.h
tests/guest/%.guest.o: $(srcdir)/tests/guest/%.c $(GUEST_LIBRARY)
	$(AM_V_CC)$(MKDIR_P) tests/guest && $(VGABIOS_CC) $(SYSTEM_TEST_CFLAGS) -c -o $@ $<
tests/system/%.guest.o: $(srcdir)/tests/system/%.c $(srcdir)/tests/system/test.h $(GUEST_LIBRARY)
	$(AM_V_CC)$(MKDIR_P) tests/system && $(VGABIOS_CC) $(SYSTEM_TEST_CFLAGS) -c -o $@ $<
tests/system/%.elf: tests/system/%.guest.o $(SYSTEM_TEST_OBJECTS) $(srcdir)/tests/system/test.ld
	$(AM_V_CCLD)$(VGABIOS_LD) -m elf_i386 --no-warn-rwx-segments -T $(srcdir)/tests/system/test.ld -o $@ $(SYSTEM_TEST_OBJECTS) $<
# A whole floppy, so that every BIOS takes it for one.
tests/system/%.img: tests/system/%.elf
	$(AM_V_GEN)$(VGABIOS_OBJCOPY) -O binary -j .image $< $@ && truncate -s 1474560 $@
.SECONDARY: $(SYSTEM_TEST_OBJECTS) $(SYSTEM_TEST_NAMES:%=tests/system/%.elf) $(SYSTEM_TEST_NAMES:%=tests/system/%.guest.o)
