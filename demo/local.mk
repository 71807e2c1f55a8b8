# The demonstration floppy. 16-bit C by gcc -m16; picture32.c is 32-bit code. No libraries: what is in the disk is in this folder.
DEMO_PAGES = menu toolbox mode12 mode13 modex vbe keyboard mouse speaker clock cpu
DEMO_OBJECTS = demo/boot.disk.o demo/start.disk.o $(DEMO_PAGES:%=demo/%.disk.o) demo/picture32.disk.o
DEMO_CFLAGS = -march=i386 -Os -ffreestanding -std=gnu11 -Wall -Wextra -fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing \
	-fno-asynchronous-unwind-tables -fcf-protection=none -mregparm=3 -mpreferred-stack-boundary=2 --param=min-pagesize=0

nodist_pkgdata_DATA = demo/demo.img
EXTRA_DIST += demo/README $(DEMO_PAGES:%=demo/%.c) demo/picture32.c demo/picture32.h demo/demo.h demo/boot.S demo/start.S demo/demo.ld
CLEANFILES += $(DEMO_OBJECTS) demo/demo.elf demo/demo.img
# Part of the program and not of the library: the front end refers to it weakly, which pulls nothing from a library.
tick86_SOURCES += demo/demo_image.S demo/image.h

demo/boot.disk.o: $(srcdir)/demo/boot.S
	$(AM_V_CC)$(MKDIR_P) demo && $(VGABIOS_CC) -m16 $(DEMO_CFLAGS) -c -o $@ $<
demo/start.disk.o: $(srcdir)/demo/start.S
	$(AM_V_CC)$(MKDIR_P) demo && $(VGABIOS_CC) -m16 $(DEMO_CFLAGS) -c -o $@ $<
demo/picture32.disk.o: $(srcdir)/demo/picture32.c $(srcdir)/demo/picture32.h $(srcdir)/demo/demo.h
	$(AM_V_CC)$(MKDIR_P) demo && $(VGABIOS_CC) -m32 $(DEMO_CFLAGS) -O2 -c -o $@ $<
demo/%.disk.o: $(srcdir)/demo/%.c $(srcdir)/demo/demo.h $(srcdir)/demo/picture32.h
	$(AM_V_CC)$(MKDIR_P) demo && $(VGABIOS_CC) -m16 $(DEMO_CFLAGS) -c -o $@ $<
demo/demo.elf: $(DEMO_OBJECTS) $(srcdir)/demo/demo.ld
	$(AM_V_CCLD)$(VGABIOS_LD) -m elf_i386 --no-warn-rwx-segments -T $(srcdir)/demo/demo.ld -o $@ $(DEMO_OBJECTS)
demo/demo.img: demo/demo.elf
	$(AM_V_GEN)$(VGABIOS_OBJCOPY) -O binary -j .image $< $@.tmp && truncate -s 1474560 $@.tmp && mv $@.tmp $@
demo/demo_image.$(OBJEXT): demo/demo.img
