/* What the manual leaves undefined, and so is not compared: all of it is in one table. */
#ifndef TICK86_TESTS_DIFFERENTIAL_MASKS_H
#define TICK86_TESTS_DIFFERENTIAL_MASKS_H

#include "tests/differential/generate.h"

struct mask_row {
    const char *what;
    uint32_t flags;  /* EFLAGS bits, 0 where the row is about something else */
    const char *why; /* section of the SDM, or of another manual */
};
extern const struct mask_row mask_rows[];
extern const unsigned mask_count;

/* Flags that the instruction leaves undefined, given the state before it. WIDE: all that the manual calls so.
 */
uint32_t mask_undefined_flags(const struct cpu *cpu, const struct insn *in, bool wide);
/* Differences that the table allows are made equal: HOST is changed to what OURS has. */
void mask_outcome(const struct diff_case *c, const struct outcome *ours, struct outcome *host);

#endif
