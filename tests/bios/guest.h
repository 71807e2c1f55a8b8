/* What tests of firmware share: calling it, ports, far memory, and checks that end the test when they fail.
 */
#ifndef TESTS_BIOS_GUEST_H
#define TESTS_BIOS_GUEST_H

#include "tests/guest/ports.h"

struct regs {
    u32 ax, bx, cx, dx, si, di, bp, ds, es, flags, fs, gs;
};
enum { CF = 1, ZF = 0x40, IF = 0x200 };

/* boot.S says what each does. */
void interrupt(u8 number, struct regs *r);
u32 call_protected(u32 address, struct regs *r);
u32 call_protected_near(u32 address, struct regs *r);
void test(void);

static inline u8 peek(u16 segment, u16 offset)
{
    u8 value;
    __asm__ volatile("movw %w1, %%fs\n\tmovb %%fs:(%%bx), %0"
                     : "=q"(value)
                     : "r"(segment), "b"(offset)
                     : "memory");
    return value;
}
static inline void poke(u16 segment, u16 offset, u8 value)
{
    __asm__ volatile("movw %w1, %%fs\n\tmovb %0, %%fs:(%%bx)"
                     :
                     : "q"(value), "r"(segment), "b"(offset)
                     : "memory");
}
static inline u16 peek16(u16 segment, u16 offset)
{
    return (u16)(peek(segment, offset) | peek(segment, (u16)(offset + 1)) << 8);
}
static inline u32 peek32(u16 segment, u16 offset)
{
    return peek16(segment, offset) | (u32)peek16(segment, (u16)(offset + 2)) << 16;
}
static inline void poke16(u16 segment, u16 offset, u16 value)
{
    poke(segment, offset, (u8)value);
    poke(segment, (u16)(offset + 1), (u8)(value >> 8));
}
static inline void put_text(const char *text)
{
    while (*text)
        outb(0xe9, (u8)*text++);
}
static inline void put_hex(u32 value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        outb(0xe9, (u8) "0123456789ABCDEF"[value >> shift & 15]);
}
static inline void fail(const char *what, int line, u32 got, u32 want)
{
    put_text("line ");
    put_hex((u32)line);
    put_text(": ");
    put_text(what);
    put_text(" is ");
    put_hex(got);
    put_text(", not ");
    put_hex(want);
    put_text("\n");
    outb(0xf4, 1);
    for (;;)
        __asm__ volatile("cli; hlt");
}
/* The host bridge's subsystem is Red Hat's there; what QEMU does otherwise or lacks is left out of the tests.
 */
static inline u32 on_qemu(void)
{
    outl(0xcf8, 0x8000002c);
    return inl(0xcfc) == 0x11001af4;
}
#define CHECK(got, want)                                                                                     \
    do {                                                                                                     \
        u32 got_ = (u32)(got), want_ = (u32)(want);                                                          \
        if (got_ != want_)                                                                                   \
            fail(#got, __LINE__, got_, want_);                                                               \
    } while (0)

#endif
