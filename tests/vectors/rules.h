/* Why a test captured from one processor does not bind another. */
#ifndef TICK86_TESTS_VECTORS_RULES_H
#define TICK86_TESTS_VECTORS_RULES_H

#include "tests/vectors/moo_file.h"
#include "tests/vectors/rig.h"

/* A documented difference between the processor that was captured and a later one. */
struct rule {
    const char *name;
    const char *why; /* what differs, and where that is written */
};

enum { RULES_MAX = 32 };

extern const struct rule rules[];
unsigned rules_count(void);

/* The rule that explains RESULT, for a test captured from a 286 and a processor of LEVEL (LEVEL_386 ...); -1:
 * none does. */
int rules_find(const struct moo_test *test, unsigned level, const struct rig_result *result);

#endif
