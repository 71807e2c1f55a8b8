# Benchmarks: bootable floppies with one kernel each, made by `make bench-images`, run by bench/run.
BENCH_KERNELS = fib sieve crc sort hash copy wide4 wide64 wide256
BENCH_IMAGES = $(BENCH_KERNELS:%=bench/%.img)
BENCH_CFLAGS = -m32 -march=i386 -O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -Wall -Wextra
CLEANFILES += $(BENCH_IMAGES) $(BENCH_KERNELS:%=bench/%.bin) $(BENCH_KERNELS:%=bench/%.k.o) $(BENCH_KERNELS:%=bench/%.boot) \
	$(BENCH_KERNELS:%=bench/%.boot.o)
EXTRA_DIST += bench/run bench/README.md bench/guest/boot.S bench/guest/kernels.c bench/guest/kernel.lds

.PHONY: bench-images
bench-images: $(BENCH_IMAGES)

# wideN is one kernel that calls N of its functions.
bench/%.k.o: $(srcdir)/bench/guest/kernels.c
	$(AM_V_CC)$(MKDIR_P) bench && $(CC_FOR_BIOS) $(BENCH_CFLAGS) -DKERNEL=$(if $(filter wide%,$*),wide -DWIDE=$(*:wide%=%),$*) -c -o $@ $<
bench/%.bin: bench/%.k.o $(srcdir)/bench/guest/kernel.lds
	$(AM_V_CCLD)$(LD_FOR_BIOS) -m elf_i386 -T $(srcdir)/bench/guest/kernel.lds --oformat binary -o $@ $<
bench/%.boot: bench/%.bin $(srcdir)/bench/guest/boot.S
	$(AM_V_GEN)sectors=$$((($$(stat -c %s $<) + 511) / 512)) && \
		$(CC_FOR_BIOS) -m32 -c -Wa,--defsym,sectors_to_load=$$sectors -o $@.o $(srcdir)/bench/guest/boot.S && \
		$(LD_FOR_BIOS) -m elf_i386 -Ttext=0x7C00 --oformat binary -o $@ $@.o
bench/%.img: bench/%.boot bench/%.bin
	$(AM_V_GEN)cat bench/$*.boot bench/$*.bin >$@ && truncate -s 1474560 $@
