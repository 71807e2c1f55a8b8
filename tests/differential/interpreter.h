/* The interpreter set up as the host is: paging, the same segments, user privilege. */
#ifndef TICK86_TESTS_DIFFERENTIAL_INTERPRETER_H
#define TICK86_TESTS_DIFFERENTIAL_INTERPRETER_H

#include "cpu/cpu_private.h"
#include "tests/differential/sandbox.h"

/* Where its own tables lie: nothing is there on the host. */
#define INTERPRETER_OWN       0xE6D53000u
#define INTERPRETER_OWN_BYTES 0x3000u

struct interpreter;

struct interpreter *interpreter_create(const struct cpu_model *model);
void interpreter_destroy(struct interpreter *in);
struct cpu *interpreter_cpu(struct interpreter *in);
uint8_t *interpreter_area(struct interpreter *in, unsigned area);
/* The harness wrote into the code area. */
void interpreter_code_changed(struct interpreter *in);
/* PORTABLE: x87 arithmetic in integers, not by the host's own unit. */
void interpreter_load(struct interpreter *in, const struct machine_state *state, bool portable);
/* One instruction. False: an exception was delivered; see interpreter_outcome(). */
bool interpreter_step(struct interpreter *in);
/* Until an exception, by steps or through blocks. */
void interpreter_run_steps(struct interpreter *in, unsigned most);
void interpreter_run_blocks(struct interpreter *in);
void interpreter_outcome(struct interpreter *in, struct outcome *out);
void interpreter_flush_tlb(struct interpreter *in);

#endif
