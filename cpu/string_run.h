/* Runs of string elements on host memory: what REP does to bytes that lie in one page. Sizes are 1, 2 or 4
 * bytes, counts are elements; memory need not be aligned. */
#ifndef TICK86_CPU_STRING_RUN_H
#define TICK86_CPU_STRING_RUN_H

#include <stdbool.h>
#include <stdint.h>

/* As COUNT moves of SIZE bytes one after the other, upwards or (DOWN) downwards from the lowest byte given,
 * do it: where the areas overlap, a pattern may repeat. */
void string_move_up(uint8_t *to, const uint8_t *from, uint32_t count, unsigned size);
void string_move_down(uint8_t *to, const uint8_t *from, uint32_t count, unsigned size);
void string_fill(uint8_t *to, uint32_t value, uint32_t count, unsigned size);
/* Index of the first element that does (EQUAL) or does not equal VALUE; COUNT if there is none. */
uint32_t string_find(const uint8_t *at, uint32_t value, uint32_t count, unsigned size, bool equal);
/* Index of the first pair of elements that are or are not EQUAL; COUNT if there is none. */
uint32_t string_compare(const uint8_t *a, const uint8_t *b, uint32_t count, unsigned size, bool equal);

#endif
