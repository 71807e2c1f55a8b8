/* Conditions of breakpoints: expressions as in C over registers, flags, memory and what happened.
 *
 * Operators by precedence: || && | ^ & == != < <= > >= << >> + - * / % and before a value ! ~ -. Numbers are
 * decimal, hexadecimal with 0x before, h after, or where they hold a digit A to F. Memory is [ADDRESS] or
 * [SEGMENT:OFFSET] (there plain numbers are hexadecimal), a double word unless byte, word or qword stands
 * before. All is 64 bits without sign. */
#ifndef TICK86_MONITOR_CONDITION_H
#define TICK86_MONITOR_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#include "monitor/program.h"

struct machine;
struct condition; /* read, and ready to be asked */

/* NULL with ERR: TEXT is no expression. VARIABLES (may be NULL): the names of what happened; whoever asks for
 * the value must have the same rows. */
struct condition *condition_create(const char *text, const struct condition_variable *variables,
                                   struct error *err);
void condition_free(struct condition *condition);
const char *condition_text(const struct condition *condition);

/* False with ERR: it never holds, since a register, flag or piece of memory is compared with what does not
 * fit into it, or since it asks for one of its VARIABLES that is not among those told: bit N of TOLD is row
 * N. */
bool condition_can_hold(const struct condition *condition, uint32_t told, struct error *err);

/* False, with ERR where that is not NULL: memory or a segment that it looks at is
 * not there, or a division by 0. && and || do not look at their right side where the left one decides. */
bool condition_value(const struct condition *condition, struct program_inputs *inputs, uint64_t *out,
                     struct error *err);

/* Both at once. */
bool condition_evaluate(struct machine *machine, const char *text, const struct condition_variable *variables,
                        uint64_t *out, struct error *err);

#endif
