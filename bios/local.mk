# Files of this room.
include bios/fonts/local.mk
