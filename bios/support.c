/* What the compiler calls by itself, for both programs of the image. */
#include "bios/bios.h"

void *memset(void *to, int value, u32 n)
{
    u8 *p = to;
    while (n--)
        *p++ = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, u32 n)
{
    u8 *p = to;
    const u8 *q = from;
    while (n--)
        *p++ = *q++;
    return to;
}

int memcmp(const void *a, const void *b, u32 n)
{
    const u8 *p = a, *q = b;
    for (; n--; p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}
