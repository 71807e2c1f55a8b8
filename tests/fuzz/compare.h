/* Compares two machines by all that the guest could observe, and names what differs. */
#ifndef TICK86_TESTS_FUZZ_COMPARE_H
#define TICK86_TESTS_FUZZ_COMPARE_H

#include "machine/machine.h"

/* Adds one line to OUT for each difference (at most about twenty). True: there is none. Memory pages
 * that neither machine has marked as written are looked at only if WHOLE. */
bool machines_equal(struct machine *a, struct machine *b, bool whole, struct text *out);

#endif
