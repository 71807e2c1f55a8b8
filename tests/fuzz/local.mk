# Fuzzers: short runs here, long ones as docs/fuzzing.md says.
EXTRA_DIST += docs/fuzzing.md
check_PROGRAMS += tests/fuzz/code_fuzz
TESTS += tests/fuzz/code_fuzz
tests_fuzz_code_fuzz_SOURCES = tests/fuzz/code_fuzz.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/compare.c \
	tests/fuzz/compare.h tests/fuzz/guest.c tests/fuzz/guest_code.c tests/fuzz/guest.h
tests_fuzz_code_fuzz_LDADD = $(TICK86_LIBS)
check_PROGRAMS += tests/fuzz/machine_fuzz
TESTS += tests/fuzz/machine_fuzz
tests_fuzz_machine_fuzz_SOURCES = tests/fuzz/machine_fuzz.c tests/fuzz/world.c tests/fuzz/world.h tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h tests/fuzz/compare.c tests/fuzz/compare.h tests/fuzz/guest.c tests/fuzz/guest_code.c tests/fuzz/guest.h
tests_fuzz_machine_fuzz_LDADD = $(TICK86_LIBS)
check_PROGRAMS += tests/fuzz/snapshot_fuzz
TESTS += tests/fuzz/snapshot_fuzz
tests_fuzz_snapshot_fuzz_SOURCES = tests/fuzz/snapshot_fuzz.c tests/fuzz/world.c tests/fuzz/world.h tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h tests/fuzz/compare.c tests/fuzz/compare.h tests/fuzz/guest.c tests/fuzz/guest_code.c tests/fuzz/guest.h
tests_fuzz_snapshot_fuzz_LDADD = $(TICK86_LIBS)
check_PROGRAMS += tests/fuzz/parse_fuzz
TESTS += tests/fuzz/parse_fuzz
tests_fuzz_parse_fuzz_SOURCES = tests/fuzz/parse_fuzz.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_parse_fuzz_LDADD = libfront.a $(TICK86_LIBS) $(SDL_LIBS) $(PNG_LIBS) $(EDIT_LIBS) $(ZYDIS_LIBS) $(LIBS)
