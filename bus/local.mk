libtick86_a_SOURCES += \
	bus/bus.c bus/bus.h bus/bus_private.h \
	bus/clock.c bus/clock.h \
	bus/device.c bus/device.h \
	bus/memory.c bus/memory.h \
	bus/ports.c bus/ports.h \
	bus/sink.h \
	bus/wire.h
