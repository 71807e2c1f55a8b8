/* What the fuzzers share: random numbers from a seed, the command line, and a watch for hangs.
 *
 * A fuzzer is a function that runs one case, given by its seed alone. Cases are run with rising seeds; when
 * one fails, crashes or hangs, its seed is printed, and `--seed N --count 1` runs it again. */
#ifndef TICK86_TESTS_FUZZ_FUZZ_H
#define TICK86_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_random {
    uint64_t state;
};

uint64_t fuzz_u64(struct fuzz_random *r);
uint32_t fuzz_u32(struct fuzz_random *r);
/* From 0 to N - 1; N at least 1. */
uint32_t fuzz_below(struct fuzz_random *r, uint32_t n);
/* True once in N. */
bool fuzz_chance(struct fuzz_random *r, uint32_t n);
void fuzz_bytes(struct fuzz_random *r, void *bytes, size_t count);
/* Zero, one, all ones, powers of two and their neighbours, small numbers, or anything. */
uint32_t fuzz_value(struct fuzz_random *r);

/* Says what is going on, for the line that is printed after a crash or a hang. */
void fuzz_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The last notes that were made by the case that runs. */
const char *fuzz_last_note(void);

/* Runs one case. False: it failed, and has said why on stderr. */
typedef bool fuzz_case_fn(uint64_t seed, bool verbose);

/* Command line: [--seed N] [--seconds S | --count N] [--verbose]; without arguments ten seconds from seed 1.
 * A case that needs more than HANG_SECONDS of processor time is taken for a hang. Returns the exit status. */
int fuzz_main(int argc, char **argv, const char *name, unsigned hang_seconds, fuzz_case_fn *run);

#endif
