/* The last program of the Linux benchmark: ends the emulator, as the other images do (boot.S). Linked without
 * a C library. */
#include "bench/guest/bench.h"

static long iopl(int level)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(110), "b"(level) : "memory");
    return result;
}

void _start(void);
void _start(void)
{
    iopl(3);
    put_hex(0);
    out8(0xF4, 0);
    for (const char *c = "Shutdown"; *c; c++)
        out8(0x8900, (uint8_t)*c);
    for (;;)
        ;
}
