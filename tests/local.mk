# Files of this room.

check_PROGRAMS += tests/unit/pci
TESTS += tests/unit/pci
tests_unit_pci_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_pci_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/options
TESTS += tests/unit/options
tests_unit_options_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_options_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/config_file
TESTS += tests/unit/config_file
tests_unit_config_file_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_config_file_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/string_run
TESTS += tests/unit/string_run
tests_unit_string_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_string_run_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/image
TESTS += tests/unit/image
tests_unit_image_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_image_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/i440fx
TESTS += tests/unit/i440fx
tests_unit_i440fx_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_i440fx_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/piix3
TESTS += tests/unit/piix3
tests_unit_piix3_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_piix3_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/dma
TESTS += tests/unit/dma
tests_unit_dma_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_dma_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/pic
TESTS += tests/unit/pic
tests_unit_pic_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_pic_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/pit
TESTS += tests/unit/pit
tests_unit_pit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_pit_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/lapic
TESTS += tests/unit/lapic
tests_unit_lapic_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_lapic_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/cmos
TESTS += tests/unit/cmos
tests_unit_cmos_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_cmos_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/fdc
TESTS += tests/unit/fdc
tests_unit_fdc_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_fdc_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/acpi_pm
TESTS += tests/unit/acpi_pm
tests_unit_acpi_pm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_acpi_pm_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/fw_cfg
TESTS += tests/unit/fw_cfg
tests_unit_fw_cfg_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_fw_cfg_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/fpu_host
TESTS += tests/unit/fpu_host
tests_unit_fpu_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_fpu_host_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/i8042
TESTS += tests/unit/i8042
tests_unit_i8042_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_i8042_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/uart
TESTS += tests/unit/uart
tests_unit_uart_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_uart_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/parallel
TESTS += tests/unit/parallel
tests_unit_parallel_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_parallel_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/debug_ports
TESTS += tests/unit/debug_ports
tests_unit_debug_ports_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_debug_ports_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/tables
TESTS += tests/unit/tables
tests_unit_tables_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_tables_LDADD = $(CHECK_LDADD)

TESTS += tests/dsdt-current
EXTRA_DIST += tests/dsdt-current
check_PROGRAMS += tests/unit/vga
TESTS += tests/unit/vga
tests_unit_vga_SOURCES = tests/unit/vga.c tests/unit/vga_harness.c tests/unit/vga_harness.h \
	tests/unit/vga_memory.c tests/unit/vga_screen.c tests/unit/vga_fuzz.c
tests_unit_vga_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_vga_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/ide
TESTS += tests/unit/ide
tests_unit_ide_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_ide_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/chips_fuzz
TESTS += tests/unit/chips_fuzz
tests_unit_chips_fuzz_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_chips_fuzz_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/fpu
TESTS += tests/unit/fpu
tests_unit_fpu_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_fpu_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/softfloat80
TESTS += tests/unit/softfloat80
tests_unit_softfloat80_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_softfloat80_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/mmx
TESTS += tests/unit/mmx
tests_unit_mmx_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_mmx_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/fpu_transcendental
TESTS += tests/unit/fpu_transcendental
tests_unit_fpu_transcendental_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(MPFR_CFLAGS)
tests_unit_fpu_transcendental_LDADD = $(CHECK_LDADD) $(MPFR_LIBS)
EXTRA_DIST += tests/unit/float80_operands.h tests/unit/chip_rig.h tests/unit/state_blob.h

# Test vectors captured from hardware (tests/moo FOLDER).
check_PROGRAMS += tests/moo
tests_moo_SOURCES = tests/moo.c tests/vectors/metadata.c tests/vectors/metadata.h tests/vectors/moo_file.c \
	tests/vectors/moo_file.h tests/vectors/rig.c tests/vectors/rig.h tests/ram_bus.c tests/ram_bus.h tests/vectors/rules.c tests/vectors/rules.h
tests_moo_LDADD = $(TICK86_LIBS)
TESTS += tests/vectors/runner.sh tests/vectors/hardware.sh
EXTRA_DIST += tests/vectors/runner.sh tests/vectors/hardware.sh
include tests/system/local.mk
include tests/hostile/local.mk
include tests/kernels/local.mk

# All the processor's ways give the same state.
TESTS += tests/paths/run.sh
EXTRA_DIST += tests/paths/run.sh

# The host's processor against the interpreter (tests/diff).
check_PROGRAMS += tests/diff
TESTS += tests/diff
tests_diff_SOURCES = tests/diff.c tests/differential/generate.c tests/differential/generate.h tests/differential/host.c \
	tests/differential/host.h tests/ram_bus.c tests/ram_bus.h tests/differential/interpreter.c tests/differential/interpreter.h \
	tests/differential/masks.c tests/differential/masks.h tests/differential/sandbox.c tests/differential/sandbox.h
tests_diff_LDADD = $(TICK86_LIBS)
EXTRA_DIST += docs/processor-tests.md

# What a guest sees of an image, for tests/front/folder.sh.
check_PROGRAMS += tests/dump_image
tests_dump_image_LDADD = $(TICK86_LIBS)

# Boot loaders on media made here.
TESTS += tests/boot/firmware.sh tests/boot/grub.sh tests/boot/syslinux.sh tests/boot/tables.sh
# Real guests from Debian's packages.
GUEST_TESTS = tests/boot/dos_disk.sh tests/boot/linux.sh tests/boot/memtest.sh tests/boot/network.sh tests/boot/other_firmware.sh \
	tests/boot/oracles.sh tests/boot/selftests.sh tests/boot/loaders.sh tests/boot/extender.sh
TESTS += $(GUEST_TESTS)
EXTRA_DIST += $(GUEST_TESTS) tests/boot/make_desktop.sh tests/boot/dos/monitor.asm tests/boot/dos/extender.asm tests/boot/dos/mbr.asm tests/boot/dos/prep.asm tests/boot/dos/vbr.asm
EXTRA_DIST += tests/boot/boot.inc tests/boot/linux_guest.inc tests/boot/firmware.sh tests/boot/option_rom.asm tests/boot/grub.sh tests/boot/syslinux.sh tests/boot/tables.sh

check_PROGRAMS += tests/unit/costs
TESTS += tests/unit/costs
tests_unit_costs_SOURCES = tests/unit/costs.c tests/ram_bus.c tests/ram_bus.h tests/differential/interpreter.c tests/differential/interpreter.h \
	tests/differential/sandbox.c tests/differential/sandbox.h
tests_unit_costs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_costs_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/neighbours
TESTS += tests/unit/neighbours
tests_unit_neighbours_SOURCES = tests/unit/neighbours.c tests/ram_bus.c tests/ram_bus.h tests/differential/interpreter.c tests/differential/interpreter.h \
	tests/differential/sandbox.c tests/differential/sandbox.h
tests_unit_neighbours_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_neighbours_LDADD = $(CHECK_LDADD)

check_PROGRAMS += tests/unit/shared_lines
TESTS += tests/unit/shared_lines
tests_unit_shared_lines_SOURCES = tests/unit/shared_lines.c tests/ram_bus.c tests/ram_bus.h
tests_unit_shared_lines_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_shared_lines_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/wrapped_branches
TESTS += tests/unit/wrapped_branches
tests_unit_wrapped_branches_SOURCES = tests/unit/wrapped_branches.c tests/ram_bus.c tests/ram_bus.h
tests_unit_wrapped_branches_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_wrapped_branches_LDADD = $(CHECK_LDADD)
check_PROGRAMS += tests/unit/smm
TESTS += tests/unit/smm
tests_unit_smm_SOURCES = tests/unit/smm.c tests/ram_bus.c tests/ram_bus.h
tests_unit_smm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_smm_LDADD = $(CHECK_LDADD)

# Snapshots at random points of boots.
TESTS += tests/snapshot/points.sh
EXTRA_DIST += tests/snapshot/points.sh tests/snapshot/points.inc
check_PROGRAMS += tests/unit/snapshot
TESTS += tests/unit/snapshot
tests_unit_snapshot_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_snapshot_LDADD = $(CHECK_LDADD)
