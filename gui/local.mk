# The front end: everything but main() in a library of its own, so that tests can link with its parts.
noinst_LIBRARIES += libfront.a
libfront_a_CFLAGS = $(AM_CFLAGS) $(SDL_CFLAGS) $(PNG_CFLAGS) $(EDIT_CFLAGS) $(ZYDIS_CFLAGS)
libfront_a_SOURCES = \
	gui/cpu_models.c gui/cpu_models.h \
	gui/demo.c gui/demo.h \
	gui/display.h \
	gui/host_ports.c gui/host_ports.h \
	gui/keymap.c gui/keymap.h \
	gui/media.c gui/media.h \
	gui/menu.c gui/menu.h \
	gui/pace.c gui/pace.h \
	gui/png_chunks.c gui/png_chunks.h \
	gui/screenshot.c gui/screenshot.h \
	gui/sdl.c \
	gui/session.c gui/session.h \
	gui/session_monitor.c gui/session_monitor.h \
	gui/session_snapshot.c gui/session_snapshot.h \
	gui/term.c \
	gui/term_keys.c gui/term_keys.h \
	gui/tty.c gui/tty.h \
	gui/typist.c gui/typist.h \
	gui/video.c gui/video.h gui/video_shape.c gui/video_shape.h \
	gui/apng.c gui/apng.h \
	gui/gif.c gui/gif.h gui/gif_compress.c \
	gui/watch.c gui/watch.h \
	monitor/breakpoint.c monitor/breakpoint.h monitor/breakpoint_parse.c \
	monitor/change_memory.c \
	monitor/change_registers.c \
	monitor/commands_break.c \
	monitor/commands_display.c \
	monitor/commands_print.c \
	monitor/commands_run.c \
	monitor/commands_show.c \
	monitor/foreign.c monitor/foreign.h \
	monitor/commands_user.c \
	monitor/commands_time.c \
	monitor/action.c monitor/action.h \
	monitor/arguments.c monitor/arguments.h \
	monitor/complete.c monitor/complete.h \
	monitor/commands_snapshot.c \
	monitor/condition.c monitor/condition.h \
	monitor/program.c monitor/program.h \
	monitor/disassemble.c monitor/disassemble.h \
	monitor/event.c monitor/event.h \
	monitor/expression.c monitor/expression.h \
	monitor/float_text.c monitor/float_text.h \
	monitor/help.c \
	monitor/info.c \
	monitor/monitor.c monitor/monitor.h monitor/monitor_private.h \
	monitor/names.c monitor/names.h monitor/number_text.c monitor/number_text.h \
	monitor/poke.c monitor/poke.h \
	monitor/prompt.c \
	monitor/registers.c monitor/registers.h \
	monitor/target.c monitor/target.h \
	monitor/view_bios.c \
	monitor/view_code.c \
	monitor/view_cpu.c \
	monitor/view_devices.c \
	monitor/view_disk.c \
	monitor/view_fpu.c \
	monitor/view_memory.c \
	monitor/view_page.c \
	monitor/view_registers.c \
	monitor/view_stack.c \
	monitor/view_state.c \
	monitor/view_tables.c \
	monitor/why.c monitor/why.h
if HAVE_SDL
libfront_a_SOURCES += \
	gui/sdl_audio.c gui/sdl_audio.h \
	gui/sdl_keyboard.c gui/sdl_keyboard.h \
	gui/sdl_overlay.c gui/sdl_overlay.h gui/overlay_font.S
libfront_a_CCASFLAGS = $(AM_CCASFLAGS) -Wa,-I.
gui/libfront_a-overlay_font.$(OBJEXT): bios/fonts/font8x16.inc
endif

bin_PROGRAMS += tick86
tick86_SOURCES = gui/main.c
tick86_LDADD = libfront.a $(TICK86_LIBS) $(SDL_LIBS) $(PNG_LIBS) $(EDIT_LIBS) $(ZYDIS_LIBS) $(LIBS)

check_PROGRAMS += tests/unit/typing
TESTS += tests/unit/typing
tests_unit_typing_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_typing_LDADD = libfront.a $(CHECK_LDADD)

check_PROGRAMS += tests/unit/typist
TESTS += tests/unit/typist
tests_unit_typist_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_typist_LDADD = libfront.a $(CHECK_LDADD)
check_PROGRAMS += tests/unit/expression
TESTS += tests/unit/expression
tests_unit_expression_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_expression_LDADD = libfront.a $(CHECK_LDADD)
check_PROGRAMS += tests/unit/video
TESTS += tests/unit/video
tests_unit_video_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_video_LDADD = libfront.a $(CHECK_LDADD) $(PNG_LIBS)
check_PROGRAMS += tests/unit/gif
TESTS += tests/unit/gif
tests_unit_gif_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_gif_LDADD = libfront.a $(CHECK_LDADD)
check_PROGRAMS += tests/unit/window
TESTS += tests/unit/window
tests_unit_window_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(SDL_CFLAGS)
tests_unit_window_LDADD = libfront.a $(CHECK_LDADD) $(SDL_LIBS) $(PNG_LIBS) $(EDIT_LIBS) $(ZYDIS_LIBS)
check_PROGRAMS += tests/unit/session
TESTS += tests/unit/session
tests_unit_session_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_session_LDADD = libfront.a $(CHECK_LDADD)

TESTS += $(FRONT_TESTS)
