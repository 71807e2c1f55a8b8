/* Numbers, registers and addresses as they are typed in the monitor.
 *
 * Numbers are decimal, hexadecimal with 0x before, h after, or where they hold a digit A to F (7c00).
 * Registers go by their names, with or without $. + - * and parentheses work. SEGMENT:OFFSET has hexadecimal
 * numbers on both sides. */
#ifndef TICK86_MONITOR_EXPRESSION_H
#define TICK86_MONITOR_EXPRESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct machine;
struct program; /* monitor/program.h */

struct address {
    uint64_t linear;
    bool segmented; /* it was given as SEGMENT:OFFSET */
    uint16_t selector;
    uint64_t offset;
};

/* MACHINE may be NULL: then TEXT is only checked, and what depends on a machine counts as 1.
 *
 * All of TEXT up to a blank must be one expression; *END is set to what follows (blanks skipped). With END
 * NULL nothing may follow, and blanks may stand around operators. */
bool expression_number(struct machine *machine, const char *text, const char **end, uint64_t *out,
                       struct error *err);
bool expression_address(struct machine *machine, const char *text, const char **end, struct address *out,
                        struct error *err);

/* Physical addresses have 36 bits (bus/memory.h). expression_address() refuses what is no linear address
 * of 32. */
#define ADDRESS_PHYSICAL_MAX UINT64_C(0xFFFFFFFFF)
bool expression_physical(struct machine *machine, const char *text, const char **end, struct address *out,
                         struct error *err);

/* Adds to PROGRAM steps that work out the address TEXT, all of it, when they run. */
bool expression_add_address(struct program *program, const char *text, struct error *err);

/* A C type in parentheses or braces, "(unsigned char *)": its size, or that of what it points to. False: *AT
 * is something else and stays. */
bool expression_type(const char **at, unsigned *size, bool *pointer);

#endif
