libtick86_a_SOURCES += \
	base/error.c base/error.h \
	base/log.c base/log.h \
	base/memory.c base/memory.h \
	base/state.h \
	base/text.c base/text.h
