# Fuzzers: short runs here, long ones as docs/fuzzing.md says.
check_PROGRAMS += tests/fuzz/code_fuzz
TESTS += tests/fuzz/code_fuzz
tests_fuzz_code_fuzz_SOURCES = tests/fuzz/code_fuzz.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/compare.c \
	tests/fuzz/compare.h tests/fuzz/guest.c tests/fuzz/guest_code.c tests/fuzz/guest.h
tests_fuzz_code_fuzz_LDADD = $(TICK86_LIBS)
