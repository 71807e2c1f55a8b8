# Files of this room.
libtick86_a_SOURCES += \
	machine/options.c machine/options.h \
	machine/options_images.c \
	machine/config_file.c
