/* What the system BIOS tests share: calling services, ports, far memory, and checks that end the test when
 * they fail. */
#ifndef TESTS_BIOS_TEST_H
#define TESTS_BIOS_TEST_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct regs {
    u32 ax, bx, cx, dx, si, di, bp, ds, es, flags, fs, gs;
};
enum { CF = 1, ZF = 0x40, IF = 0x200 };

void interrupt(u8 number, struct regs *r);
void far_call(u32 target, struct regs *r);
u32 call_protected(u32 address, struct regs *r);
extern u16 far_selector;
extern u32 stack_after;
extern volatile u32 interrupts_counted;
extern u8 small_stack_end[], boot_drive, counting_handler[], mouse_handler[];
extern volatile u16 mouse_words[3];
void test(void);

static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}
static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline u32 inl(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
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
static inline u16 bda(u16 offset)
{
    return peek16(0x40, offset);
}
static inline void set_vector(u8 n, const void *handler)
{
    poke16(0, n * 4, (u16)(u32)handler);
    poke16(0, n * 4 + 2, 0);
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
/* The host bridge's subsystem is Red Hat's there; what QEMU does otherwise is left out of the tests. */
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
