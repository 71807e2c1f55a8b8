/* What the monitor's user changes: memory and registers. All else in this room only peeks. */
#ifndef TICK86_MONITOR_POKE_H
#define TICK86_MONITOR_POKE_H

#include "base/error.h"
#include "monitor/registers.h"

struct machine;

/* Writes memory as the monitor's user asked: the guest notices only the new bytes. Returns how many bytes
 * were written, fewer than COUNT where there is no memory or it cannot be written (ROM). */
size_t target_poke(struct machine *machine, uint64_t linear, const void *buffer, size_t count);
size_t target_poke_physical(struct machine *machine, uint64_t address, const void *buffer, size_t count);

/* How many of them could be, without doing it. */
size_t target_pokeable(struct machine *machine, bool physical, uint64_t address, uint64_t count);

/* Sets a register, segment registers with what the descriptor tables or paragraphs say. Refuses with ERR what
 * no program could bring about and values that do not fit. */
bool register_set(struct machine *machine, const struct register_place *place, uint64_t value,
                  struct error *err);

#endif
