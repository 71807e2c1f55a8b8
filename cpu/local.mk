# Files of this room.
libtick86_a_SOURCES += \
	cpu/fpu.c cpu/fpu.h cpu/fpu_host.h cpu/fpu_private.h \
	cpu/fpu_state.c \
	cpu/fpu_transcendental.c \
	cpu/mmx.h \
	cpu/softfloat80.c cpu/softfloat80.h
