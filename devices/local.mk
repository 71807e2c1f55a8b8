# A line for each chip, so that changes to this list do not collide.
libtick86_a_SOURCES += devices/pci.c devices/pci.h
libtick86_a_SOURCES += \
	devices/image/image.c devices/image/image.h devices/image/image_private.h \
	devices/image/folder.c devices/image/folder.h devices/image/folder_private.h devices/image/folder_tree.c \
	devices/image/geometry.c devices/image/gzip.c devices/image/overlay.c devices/image/probe.c
libtick86_a_SOURCES += devices/i440fx.c devices/i440fx.h
libtick86_a_SOURCES += devices/piix3.c devices/piix3.h
libtick86_a_SOURCES += devices/dma.c devices/dma.h
libtick86_a_SOURCES += devices/pic.c devices/pic.h
libtick86_a_SOURCES += devices/pit.c devices/pit.h
libtick86_a_SOURCES += devices/speaker.c devices/speaker.h
libtick86_a_SOURCES += devices/port61.c devices/port61.h
libtick86_a_SOURCES += devices/port92.c devices/port92.h
libtick86_a_SOURCES += devices/apic_bus.c devices/apic_bus.h
libtick86_a_SOURCES += devices/lapic.c devices/lapic.h
libtick86_a_SOURCES += devices/ioapic.c devices/ioapic.h
libtick86_a_SOURCES += devices/cmos.c devices/cmos.h
libtick86_a_SOURCES += devices/fdc.c devices/fdc.h devices/fdc_private.h devices/fdc_transfer.c
libtick86_a_SOURCES += devices/acpi_pm.c devices/acpi_pm.h
libtick86_a_SOURCES += devices/fw_cfg.c devices/fw_cfg.h
libtick86_a_SOURCES += devices/i8042.c devices/i8042.h
libtick86_a_SOURCES += devices/ps2_keyboard.c devices/ps2_keyboard.h
libtick86_a_SOURCES += devices/ps2_mouse.c devices/ps2_mouse.h
libtick86_a_SOURCES += devices/uart.c devices/uart.h
libtick86_a_SOURCES += devices/serial_mouse.c devices/serial_mouse.h
libtick86_a_SOURCES += devices/parallel.c devices/parallel.h
libtick86_a_SOURCES += devices/debug_ports.c devices/debug_ports.h
libtick86_a_SOURCES += \
	devices/vga.c devices/vga.h devices/vga_private.h \
	devices/vga_memory.c devices/vga_ports.c devices/vga_raster_log.c devices/vga_render.c \
	devices/vga_text.c devices/vga_timing.c devices/vga_vbe.c
libtick86_a_SOURCES += devices/ide.c devices/ide.h devices/ide_private.h devices/ata_disk.c devices/atapi.c devices/cd_sector.c devices/cd_sector.h
libtick86_a_SOURCES += devices/coprocessor.c devices/coprocessor.h
