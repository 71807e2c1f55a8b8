# Files of this room.
include bios/fonts/local.mk
include bios/vga/local.mk
