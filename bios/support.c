/* What the compiler calls by itself, for both programs of the image. */
#include "bios/bios.h"

void *memset(void *to, int value, u32 n)
{
    u32 dwords = n / 4;
    void *p = to;
    n &= 3;
    __asm__ volatile("rep stosl" : "+D"(p), "+c"(dwords) : "a"((u8)value * 0x01010101u) : "memory");
    __asm__ volatile("rep stosb" : "+D"(p), "+c"(n) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, u32 n)
{
    u32 dwords = n / 4;
    void *p = to;
    n &= 3;
    __asm__ volatile("rep movsl" : "+D"(p), "+S"(from), "+c"(dwords) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(p), "+S"(from), "+c"(n) : : "memory");
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
