#include "cpu/string_run.h"

#include <string.h>

static void move_elements(uint8_t *to, const uint8_t *from, size_t at, unsigned size)
{
    uint8_t element[4];
    memcpy(element, from + at, size);
    memcpy(to + at, element, size);
}

/* A target within its source, DISTANCE bytes above: those bytes repeat. What is written serves as source, so
 * that the chunks double. */
static void repeat_pattern(uint8_t *to, const uint8_t *from, size_t bytes, size_t distance)
{
    for (size_t done = 0; done < bytes;) {
        size_t chunk = distance + done;
        if (chunk > bytes - done)
            chunk = bytes - done;
        memcpy(to + done, from, chunk);
        done += chunk;
    }
}

void string_move_up(uint8_t *to, const uint8_t *from, uint32_t count, unsigned size)
{
    size_t bytes = (size_t)count * size;
    if (to <= from || to >= from + bytes)
        memmove(to, from, bytes);
    else if ((size_t)(to - from) >= size)
        repeat_pattern(to, from, bytes, (size_t)(to - from));
    else
        for (size_t i = 0; i < bytes; i += size)
            move_elements(to, from, i, size);
}

void string_move_down(uint8_t *to, const uint8_t *from, uint32_t count, unsigned size)
{
    size_t bytes = (size_t)count * size;
    if (to >= from || from >= to + bytes)
        memmove(to, from, bytes);
    else
        for (size_t i = bytes; i > 0; i -= size)
            move_elements(to, from, i - size, size);
}

void string_fill(uint8_t *to, uint32_t value, uint32_t count, unsigned size)
{
    if (size == 1) {
        memset(to, (int)(value & 0xFF), count);
        return;
    }
    size_t bytes = (size_t)count * size;
    if (!bytes)
        return;
    memcpy(to, &value, size);
    if (bytes > size)
        repeat_pattern(to + size, to, bytes - size, size);
}

/* Loops for one width each, in steps that the compiler makes vectors of: whether any of 16 elements ends the
 * run, then which. */
#define STEP 16
#define FIND(bits)                                                                                           \
    static uint32_t find_##bits(const uint8_t *at, uint##bits##_t value, uint32_t count, bool equal)         \
    {                                                                                                        \
        uint32_t i = 0;                                                                                      \
        for (; i + STEP <= count; i += STEP) {                                                               \
            uint##bits##_t v[STEP], hits = 0;                                                                \
            memcpy(v, at + (size_t)i * sizeof *v, sizeof v);                                                 \
            for (unsigned k = 0; k < STEP; k++)                                                              \
                hits = (uint##bits##_t)(hits + ((v[k] == value) == equal));                                  \
            if (hits)                                                                                        \
                break;                                                                                       \
        }                                                                                                    \
        for (; i < count; i++) {                                                                             \
            uint##bits##_t v;                                                                                \
            memcpy(&v, at + (size_t)i * sizeof v, sizeof v);                                                 \
            if ((v == value) == equal)                                                                       \
                break;                                                                                       \
        }                                                                                                    \
        return i;                                                                                            \
    }                                                                                                        \
    static uint32_t compare_##bits(const uint8_t *a, const uint8_t *b, uint32_t count, bool equal)           \
    {                                                                                                        \
        uint32_t i = 0;                                                                                      \
        for (; i + STEP <= count; i += STEP) {                                                               \
            uint##bits##_t v[STEP], w[STEP], hits = 0;                                                       \
            memcpy(v, a + (size_t)i * sizeof *v, sizeof v);                                                  \
            memcpy(w, b + (size_t)i * sizeof *w, sizeof w);                                                  \
            for (unsigned k = 0; k < STEP; k++)                                                              \
                hits = (uint##bits##_t)(hits + ((v[k] == w[k]) == equal));                                   \
            if (hits)                                                                                        \
                break;                                                                                       \
        }                                                                                                    \
        for (; i < count; i++) {                                                                             \
            uint##bits##_t v, w;                                                                             \
            memcpy(&v, a + (size_t)i * sizeof v, sizeof v);                                                  \
            memcpy(&w, b + (size_t)i * sizeof w, sizeof w);                                                  \
            if ((v == w) == equal)                                                                           \
                break;                                                                                       \
        }                                                                                                    \
        return i;                                                                                            \
    }
FIND(8)
FIND(16)
FIND(32)

uint32_t string_find(const uint8_t *at, uint32_t value, uint32_t count, unsigned size, bool equal)
{
    if (size == 1)
        return find_8(at, (uint8_t)value, count, equal);
    return size == 2 ? find_16(at, (uint16_t)value, count, equal) : find_32(at, value, count, equal);
}

uint32_t string_compare(const uint8_t *a, const uint8_t *b, uint32_t count, unsigned size, bool equal)
{
    if (size == 1)
        return compare_8(a, b, count, equal);
    return size == 2 ? compare_16(a, b, count, equal) : compare_32(a, b, count, equal);
}
