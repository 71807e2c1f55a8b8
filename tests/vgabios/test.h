/* What the VGA BIOS tests share: calling interrupts, far memory, ports, and checks that end the test when
 * they fail. */
#ifndef TESTS_VGABIOS_TEST_H
#define TESTS_VGABIOS_TEST_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

struct regs {
    u32 ax, bx, cx, dx, si, di, bp, ds, es, flags;
};
void interrupt(u8 number, struct regs *r);
u32 call_protected(u32 address, struct regs *r);
void test(void);

static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline void outw(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}
static inline void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}
static inline u32 inl(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline u8 in_indexed(u16 port, u8 index)
{
    outb(port, index);
    return inb(port + 1);
}
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
    return (u16)(peek(segment, offset) | peek(segment, offset + 1) << 8);
}
static inline u32 peek32(u16 segment, u16 offset)
{
    return peek16(segment, offset) | (u32)peek16(segment, offset + 2) << 16;
}

static inline void put_text(const char *text)
{
    while (*text)
        outb(0xE9, (u8)*text++);
}
static inline void put_hex(u32 value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        outb(0xE9, (u8) "0123456789ABCDEF"[value >> shift & 15]);
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
    outb(0xF4, 1);
    for (;;)
        __asm__ volatile("cli; hlt");
}
/* The host bridge's subsystem is Red Hat's there; what QEMU's VGA lacks is left out of the tests. */
static inline u8 on_qemu(void)
{
    outl(0xCF8, 0x8000002C);
    return inl(0xCFC) == 0x11001AF4;
}
#define CHECK(got, want)                                                                                     \
    do {                                                                                                     \
        u32 got_ = (u32)(got), want_ = (u32)(want);                                                          \
        if (got_ != want_)                                                                                   \
            fail(#got, __LINE__, got_, want_);                                                               \
    } while (0)

/* INT 10h with AX, BX, CX, DX; returns AX. The registers afterwards are in `after`. */
static struct regs after;
static inline u16 video(u16 ax, u16 bx, u16 cx, u16 dx)
{
    struct regs r = {ax, bx, cx, dx, 0, 0, 0, 0, 0, 0};
    interrupt(0x10, &r);
    after = r;
    return (u16)r.ax;
}
/* The same with ES:DI and ES:BP at a buffer of ours. */
static inline u16 video_at(u16 ax, u16 bx, u16 cx, u16 dx, const void *buffer)
{
    struct regs r = {ax, bx, cx, dx, 0, (u32)buffer, (u32)buffer, 0, 0, 0};
    interrupt(0x10, &r);
    after = r;
    return (u16)r.ax;
}

#endif
