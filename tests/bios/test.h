/* What the system BIOS tests share: services called with every register watched, the BIOS's data, time. */
#ifndef TESTS_BIOS_TEST_H
#define TESTS_BIOS_TEST_H

#include "tests/bios/guest.h"

void far_call(u32 target, struct regs *r);
extern u16 far_selector;
extern u32 stack_after;
extern volatile u32 interrupts_counted;
extern u8 small_stack_end[], boot_drive, counting_handler[], mouse_handler[];
extern volatile u16 mouse_words[3];

static inline u16 bda(u16 offset)
{
    return peek16(0x40, offset);
}
static inline void set_vector(u8 n, const void *handler)
{
    poke16(0, n * 4, (u16)(u32)handler);
    poke16(0, n * 4 + 2, 0);
}

/*
 * A service with AX, BX, CX, DX; the rest of the registers hold a pattern, and what no service may change is
 * checked: the upper halves, BP, DS, FS, GS, SP, the interrupt flag. Results are in `after`.
 */
static struct regs after;
static u32 at_si = 0x3333, at_di = 0x4444, at_es = 0, at_ds = 0;
static inline u16 call(u8 number, u16 ax, u16 bx, u16 cx, u16 dx)
{
    struct regs r = {0xa5010000 | ax,
                     0xa5020000 | bx,
                     0xa5030000 | cx,
                     0xa5040000 | dx,
                     0xa5050000 | at_si,
                     0xa5060000 | at_di,
                     0xa507beef,
                     at_ds,
                     at_es,
                     0,
                     0x1234,
                     0x5678};
    interrupt(number, &r);
    after = r;
    CHECK(after.bp, 0xa507beef);
    CHECK(after.ds, at_ds);
    CHECK(after.fs, 0x1234);
    CHECK(after.gs, 0x5678);
    CHECK(stack_after, (u32)small_stack_end);
    CHECK(after.flags & IF, IF);
    CHECK(after.ax >> 16, 0xa501);
    CHECK(after.bx >> 16, 0xa502);
    CHECK(after.cx >> 16, 0xa503);
    CHECK(after.dx >> 16, 0xa504);
    CHECK(after.si >> 16, 0xa505);
    CHECK(after.di >> 16, 0xa506);
    return (u16)after.ax;
}
#define AL    (after.ax & 0xff)
#define AH    (after.ax >> 8 & 0xff)
#define BX    (after.bx & 0xffff)
#define CX    (after.cx & 0xffff)
#define DX    (after.dx & 0xffff)
#define CARRY (after.flags & CF)

static inline u8 cmos(u8 index)
{
    outb(0x70, index);
    return inb(0x71);
}
static inline u32 ticks(void)
{
    return *(volatile u32 *)0x46c;
}
static inline void wait_ticks(u32 n)
{
    u32 start = ticks();
    while (ticks() - start < n)
        __asm__ volatile("sti\n\thlt");
}
/* 512-byte aligned scratch memory above the test, within one 64 KB page for DMA. */
#define BUFFER_SEGMENT 0x2000
#define BUFFER         ((volatile u8 *)0x20000)
static inline void fill(u16 segment, u32 n, u8 seed)
{
    for (u32 i = 0; i < n; i++)
        poke(segment, (u16)i, (u8)(i * 7 + (i >> 8) + seed));
}
static inline void check_filled(u16 segment, u32 n, u8 seed)
{
    for (u32 i = 0; i < n; i++)
        CHECK(peek(segment, (u16)i), (u8)(i * 7 + (i >> 8) + seed));
}

#endif
