# Files of this room.
libtick86_a_SOURCES += \
	machine/log_bios_calls.c machine/log_bios_calls.h machine/log_categories.c machine/log_categories.h \
	machine/options.c machine/options.h machine/options_private.h \
	machine/options_conflicts.c machine/options_drives.c \
	machine/options_images.c \
	machine/config_file.c
libtick86_a_SOURCES += \
	machine/board_description.h \
	machine/table_builder.c machine/table_builder.h \
	machine/acpi_tables.c machine/acpi_tables.h machine/dsdt.h \
	machine/smbios_tables.c machine/smbios_tables.h \
	machine/mp_tables.c machine/mp_tables.h \
	machine/firmware_config.c machine/firmware_config.h
EXTRA_DIST += machine/dsdt.asl machine/update-dsdt
libtick86_a_SOURCES += \
	machine/board.c machine/board.h \
	machine/board_cmos.c machine/board_cmos.h \
	machine/config.c machine/config.h \
	machine/idle.c machine/idle.h \
	machine/machine.c machine/machine.h machine/machine_private.h \
	machine/snapshot.c machine/snapshot.h \
	machine/snapshot_config.c machine/snapshot_config.h \
	machine/shelf.c machine/shelf.h \
	machine/snapshot_media.c machine/snapshot_media.h \
	machine/let_go.c machine/let_go.h \
	machine/snapshot_blocks.c machine/snapshot_blocks.h machine/snapshot_shelf.c machine/snapshot_shelf.h \
	machine/state.c machine/state.h
libtick86_a_SOURCES += \
	machine/kernel_loader.c machine/kernel_loader.h \
	machine/kernel_linux.c machine/kernel_multiboot.c machine/kernel_private.h
