/* Numbers in the formats of `print` and `x`, which are gdb's. */
#ifndef TICK86_MONITOR_NUMBER_TEXT_H
#define TICK86_MONITOR_NUMBER_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Prints VALUE of BITS (8, 16, 32, 64) by FORMAT: x hexadecimal, d decimal with sign, u without, o octal, t
 * binary. PADDED: x and t have all digits of that many bits. False: FORMAT is none of these. */
bool print_number(FILE *out, char format, uint64_t value, unsigned bits, bool padded);

#endif
