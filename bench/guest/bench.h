/* What the benchmark kernels share. Each image has one kernel: a function that does a fixed amount of work
 * and returns a number that depends on all of it, so that emulators can be compared for right results too. */
#ifndef TICK86_BENCH_H
#define TICK86_BENCH_H

#include <stdint.h>

/* Free memory, above everything that the images use. */
#define ARENA      ((uint8_t *)0x200000)
#define UNUSED     __attribute__((unused))
#define REPEAT(n)  for (int round = 0; round < (n); round++)
#define VGA_MEMORY ((volatile uint8_t *)0xA0000)

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put(char c)
{
    out8(0xE9, (uint8_t)c);
}

static void put_hex(uint32_t value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[value >> shift & 15]);
    put('\n');
}

/* KERNEL is the kernel's name; the image begins here. */
#define BENCH_MAIN                                                                                           \
    __attribute__((section(".text.start"))) void main(void)                                                  \
    {                                                                                                        \
        put_hex(KERNEL());                                                                                   \
    }

#endif
