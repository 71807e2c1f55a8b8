/* Arithmetic on one fixed register with the branch behind it (fast_branch.c). */
#ifndef TICK86_CPU_FAST_BRANCH_H
#define TICK86_CPU_FAST_BRANCH_H

#include "cpu/fast.h"

/* The handler for record IN and one or two of the FOLLOWING records in its block, or NULL. DEAD: nobody sees
 * the flags of IN. */
handler_fn *fast_branch_select(const struct cpu *cpu, const struct insn *in, bool dead, unsigned following);

#endif
