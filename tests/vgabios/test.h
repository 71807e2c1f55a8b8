/* What the VGA BIOS tests share: calls of INT 10h and indexed registers. */
#ifndef TESTS_VGABIOS_TEST_H
#define TESTS_VGABIOS_TEST_H

#include "tests/bios/guest.h"

static inline u8 in_indexed(u16 port, u8 index)
{
    outb(port, index);
    return inb(port + 1);
}

/* INT 10h with AX, BX, CX, DX; returns AX. The registers afterwards are in `after`. */
static struct regs after;
static inline u16 video(u16 ax, u16 bx, u16 cx, u16 dx)
{
    struct regs r = {.ax = ax, .bx = bx, .cx = cx, .dx = dx};
    interrupt(0x10, &r);
    after = r;
    return (u16)r.ax;
}
/* The same with ES:DI and ES:BP at a buffer of ours. */
static inline u16 video_at(u16 ax, u16 bx, u16 cx, u16 dx, const void *buffer)
{
    struct regs r = {.ax = ax, .bx = bx, .cx = cx, .dx = dx, .di = (u32)buffer, .bp = (u32)buffer};
    interrupt(0x10, &r);
    after = r;
    return (u16)r.ax;
}

#endif
