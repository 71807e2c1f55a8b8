libtick86_a_SOURCES += \
	base/blob.c base/blob.h \
	base/error.c base/error.h \
	base/hash.c base/hash.h \
	base/log.c base/log.h \
	base/memory.c base/memory.h \
	base/section_file.c base/section_file.h \
	base/state.h \
	base/text.c base/text.h
