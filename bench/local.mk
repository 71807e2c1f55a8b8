# Benchmarks: bootable floppies with one kernel each, made by `make bench-images`, run by bench/run.
BENCH_SMALL = fib sieve crc sort hash copy wide4 wide64 wide256
BENCH_NUMBERS = moves scans x87 mmx
BENCH_SYSTEM = syscalls irqs ports faults flushes tasks modes selfmod real16
BENCH_VIDEO = planar modex
BENCH_KERNELS = $(BENCH_SMALL) $(BENCH_NUMBERS) $(BENCH_SYSTEM) $(BENCH_VIDEO) nothing
BENCH_IMAGES = $(BENCH_KERNELS:%=bench/%.img)
BENCH_CFLAGS = -m32 -march=i386 -O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -mpreferred-stack-boundary=2 --param=min-pagesize=0 \
	-Wall -Wextra -I$(srcdir)
BENCH_GUEST_FILES = bench/guest/boot.S bench/guest/bench.h bench/guest/kernels.c bench/guest/data.c bench/guest/system.c bench/guest/system.S \
	bench/guest/video.c bench/guest/end.c bench/guest/kernel.lds
CLEANFILES += $(BENCH_IMAGES) $(BENCH_KERNELS:%=bench/%.bin) $(BENCH_KERNELS:%=bench/%.k.o) $(BENCH_KERNELS:%=bench/%.boot) \
	$(BENCH_KERNELS:%=bench/%.boot.o) bench/system.o bench/end bench/linux/linux bench/linux/initrd.gz bench/linux/linux.iso bench/results.*
EXTRA_DIST += bench/run bench/linux-image bench/README.md $(BENCH_GUEST_FILES)

# tests/monitor/cost.sh measures with it.
check_DATA += bench/syscalls.img bench/flushes.img

.PHONY: bench-images bench-linux
bench-images: $(BENCH_IMAGES)
# The Linux guest, from Debian's packages; the script says which one is missing.
bench-linux: bench/linux/linux.iso
bench/end: $(srcdir)/bench/guest/end.c $(srcdir)/bench/guest/bench.h
	$(AM_V_CCLD)$(MKDIR_P) bench && $(CC_FOR_BIOS) $(BENCH_CFLAGS) -static -nostdlib -o $@ $<
bench/linux/linux.iso: bench/end $(srcdir)/bench/linux-image
	$(AM_V_GEN)$(srcdir)/bench/linux-image bench/linux bench/end

# Each object has one kernel of its source file; wideN is one that calls N of its functions.
BENCH_COMPILE = $(AM_V_CC)$(MKDIR_P) bench && $(CC_FOR_BIOS) $(BENCH_CFLAGS) -c -o $@
$(BENCH_SMALL:%=bench/%.k.o) bench/nothing.k.o: bench/%.k.o: $(srcdir)/bench/guest/kernels.c $(srcdir)/bench/guest/bench.h
	$(BENCH_COMPILE) -DKERNEL=$(if $(filter wide%,$*),wide -DWIDE=$(*:wide%=%),$*) $<
$(BENCH_NUMBERS:%=bench/%.k.o): bench/%.k.o: $(srcdir)/bench/guest/data.c $(srcdir)/bench/guest/bench.h
	$(BENCH_COMPILE) -DKERNEL=$* $<
$(BENCH_SYSTEM:%=bench/%.k.o): bench/%.k.o: $(srcdir)/bench/guest/system.c $(srcdir)/bench/guest/bench.h
	$(BENCH_COMPILE) -DKERNEL=$* $<
$(BENCH_VIDEO:%=bench/%.k.o): bench/%.k.o: $(srcdir)/bench/guest/video.c $(srcdir)/bench/guest/bench.h
	$(BENCH_COMPILE) -DKERNEL=$* $<
bench/system.o: $(srcdir)/bench/guest/system.S
	$(AM_V_CC)$(MKDIR_P) bench && $(CC_FOR_BIOS) -m32 -c -o $@ $<
$(BENCH_SYSTEM:%=bench/%.bin): bench/system.o
bench/%.bin: bench/%.k.o $(srcdir)/bench/guest/kernel.lds
	$(AM_V_CCLD)$(LD_FOR_BIOS) -m elf_i386 -T $(srcdir)/bench/guest/kernel.lds --oformat binary -o $@ $(filter %.o,$^)
bench/%.boot: bench/%.bin $(srcdir)/bench/guest/boot.S
	$(AM_V_GEN)sectors=$$((($$(stat -c %s $<) + 511) / 512)) && \
		$(CC_FOR_BIOS) -m32 -c -Wa,--defsym,sectors_to_load=$$sectors \
			-Wa,--defsym,video_mode=$(if $(filter planar,$*),0x12,$(if $(filter modex,$*),0x13,0)) \
			-o $@.o $(srcdir)/bench/guest/boot.S && \
		$(LD_FOR_BIOS) -m elf_i386 -Ttext=0x7C00 --oformat binary -o $@ $@.o
bench/%.img: bench/%.boot bench/%.bin
	$(AM_V_GEN)cat bench/$*.boot bench/$*.bin >$@ && truncate -s 1474560 $@
