/* Runs code of a case on the host's own processor, in 32-bit or 16-bit segments of this process. */
#ifndef TICK86_TESTS_DIFFERENTIAL_HOST_H
#define TICK86_TESTS_DIFFERENTIAL_HOST_H

#include "tests/differential/sandbox.h"

/* Maps the sandbox, makes the segments, catches signals. NULL: ready; else why it cannot be done here. */
const char *host_begin(void);
enum host_kind host_kind(void);
/* Where an area lies in this process. */
uint8_t *host_area(unsigned area);
/* Runs from STATE until an exception. */
void host_run(const struct machine_state *state, struct outcome *out);
/* Sets the contents of the read-only area. */
void host_write_read_only(const uint8_t *bytes);

#endif
