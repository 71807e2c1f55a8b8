# Files of this room.

# Looking changes nothing.
check_PROGRAMS += tests/monitor/peek
tests_monitor_peek_LDADD = libfront.a $(TICK86_LIBS) $(EDIT_LIBS) $(ZYDIS_LIBS)
MONITOR_TESTS = tests/monitor/cost.sh tests/monitor/peek.sh tests/monitor/stops.sh tests/monitor/kinds.sh tests/monitor/views.sh tests/monitor/terminal.sh tests/monitor/why.sh tests/monitor/media.sh tests/monitor/guests.sh \
	tests/monitor/tutorial.sh
TESTS += $(MONITOR_TESTS)
EXTRA_DIST += $(MONITOR_TESTS) tests/monitor/lab.asm tests/monitor/disk.asm tests/monitor/stops.asm tests/monitor/kinds.asm tests/monitor/init.asm tests/monitor/kinds.cmd tests/monitor/kinds.out tests/monitor/fused.asm tests/monitor/causes.asm tests/monitor/causes.out tests/monitor/media.asm tests/monitor/guests tests/monitor/stops \
	tests/monitor/views docs/debugging.md docs/debugging/broken.asm docs/bochs-debugger.md
