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

struct machine;

/* Names beside registers and flags, for what happened; the list ends with a row without name. */
struct condition_variable {
    const char *name;
    uint64_t value;
};

/* False with ERR: TEXT is no expression. *KNOWN: all memory that it looks at is there; where it is not, it
 * counts as zero. VARIABLES may be NULL. */
bool condition_evaluate(struct machine *machine, const char *text, const struct condition_variable *variables,
                        uint64_t *out, bool *known, struct error *err);

#endif
