/* Guests that wait by polling. DOS at its prompt asks the keyboard buffer millions of times a second; so do
 * boot menus. Such a loop comes back to exactly the same state: processor, memory, and no device asked
 * meanwhile. Until the next event nothing can change, so the passes up to there are counted instead of
 * executed.
 *
 * That is exact: clock, counts and state are what executing the passes would have left, whenever and however
 * often a loop is looked for. Only the host's time differs. */
#ifndef TICK86_MACHINE_IDLE_H
#define TICK86_MACHINE_IDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/board.h"

struct idle;

struct idle *idle_create(void);
void idle_destroy(struct idle *idle);
/* The cycle at which idle_skip() wants to be called next. */
uint64_t idle_next_try(const struct idle *idle);
/* Looks whether the guest is in such a loop and skips passes of it. No event may be due before cycle TARGET,
 * and the clock does not go beyond it, but for the length of an instruction. CPU_STOP_BREAK: the debugger
 * wanted a stop on the way; else CPU_STOP_TIME or another that cpu_run() will give again. */
enum cpu_stop idle_skip(struct idle *idle, struct board *board, uint64_t target);
/* Cycles that were counted instead of executed. */
uint64_t idle_skipped(const struct idle *idle);

#endif
