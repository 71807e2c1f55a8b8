/*
 * What every file of the system BIOS shares: integer types, the three kinds of memory, port access.
 *
 * The image holds two programs:
 *
 *   E0000-EFFFF  the power-on self test: 32-bit code in flat protected mode, run once (built without BIOS16);
 *   F0000-FFFFF  the services behind the interrupts: 16-bit code in segment F000 (built with -m16 -DBIOS16).
 *
 * A service runs with these segment registers, set up by `service` in entry.S:
 *
 *   CS = GS = F000    code and constants; constants are read through GS, so they are marked ROM;
 *   DS = ES = SS      the extended BIOS data area (EBDA) below 640 KB: C variables and the stack;
 *   FS = 0            interrupt vectors and the BIOS data area at 400h, marked LOW.
 *
 * The compiler believes that DS, ES and SS are one segment, and so they are. Memory of the caller is reached
 * with peek8() and its sisters, which borrow ES.
 */
#ifndef BIOS_H
#define BIOS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;

/*
 * Both are volatile: gcc 12 drops the address space of accesses that it moves or merges (-ftree-pre makes
 * some of them again without it), and it moves no volatile ones. segments.sh looks over the result.
 */
#ifdef BIOS16
#define ROM volatile __seg_gs
#define LOW volatile __seg_fs
/* A string literal as a pointer into the ROM. */
#define TEXT(s) ((const char ROM *)(u32)(s))
#else
#define ROM
#define LOW
#endif

#define PACKED        __attribute__((packed))
#define UNUSED        __attribute__((unused))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct far_pointer {
    u16 off, seg;
} PACKED;

/* The registers of the caller, as `service` in entry.S lays them on the stack. */
#define REG32(x, h, l)                                                                                       \
    union {                                                                                                  \
        u32 e##x;                                                                                            \
        u16 x;                                                                                               \
        struct {                                                                                             \
            u8 l, h;                                                                                         \
        };                                                                                                   \
    }
#define REG32X(x)                                                                                            \
    union {                                                                                                  \
        u32 e##x;                                                                                            \
        u16 x;                                                                                               \
    }
struct regs {
    u16 gs, fs, es, ds;
    REG32X(di);
    REG32X(si);
    REG32X(bp);
    u32 unused_esp;
    REG32(bx, bh, bl);
    REG32(dx, dh, dl);
    REG32(cx, ch, cl);
    REG32(ax, ah, al);
    u16 service;
    u16 ip, cs, flags;
};

enum { FLAG_CF = 0x0001, FLAG_ZF = 0x0040, FLAG_IF = 0x0200 };

static inline void set_carry(struct regs *r)
{
    r->flags |= FLAG_CF;
}

static inline void clear_carry(struct regs *r)
{
    r->flags &= (u16)~FLAG_CF;
}

/* Registers for a call from the BIOS into an interrupt or far routine: see call_int() and call_far(). */
struct call {
    REG32X(di);
    REG32X(si);
    REG32X(bp);
    REG32(bx, bh, bl);
    REG32(dx, dh, dl);
    REG32(cx, ch, cl);
    REG32(ax, ah, al);
    u16 ds, es, flags;
    struct far_pointer target;
    u16 interrupt; /* not 0: the target returns with IRET */
};

/* Ports. */
static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0,%1" : : "a"(value), "Nd"(port));
}

static inline void outw(u16 port, u16 value)
{
    __asm__ volatile("outw %0,%1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0,%1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1,%0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline u16 inw(u16 port)
{
    u16 value;
    __asm__ volatile("inw %1,%0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline u32 inl(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1,%0" : "=a"(value) : "Nd"(port));
    return value;
}

/* CMOS RAM, MC146818. Bit 7 of the index keeps NMI off, as between POST and these accesses always. */
static inline u8 cmos_read(u8 index)
{
    outb(0x70, index | 0x80);
    return inb(0x71);
}

static inline void cmos_write(u8 index, u8 value)
{
    outb(0x70, index | 0x80);
    outb(0x71, value);
}

/* Leaves index 0Dh selected with NMI allowed, the state in which the AT BIOS leaves the port. */
static inline void cmos_done(void)
{
    outb(0x70, 0x0d);
    inb(0x71);
}

static inline u8 bcd_to_binary(u8 bcd)
{
    return (u8)((bcd >> 4) * 10 + (bcd & 15));
}

static inline u8 binary_to_bcd(u8 n)
{
    return (u8)((n / 10) << 4 | n % 10);
}

static inline void interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

/* Sleeps until an interrupt was served; STI takes effect after HLT, so none is lost between the two. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

#ifdef BIOS16

/* The caller's memory: one access at segment:offset. ES is put back, as the compiler counts on it. */
#define DEFINE_FAR_ACCESS(bits, type, move, reg)                                                             \
    static inline UNUSED type peek##bits(u16 seg, u16 off)                                                   \
    {                                                                                                        \
        type value;                                                                                          \
        u16 es;                                                                                              \
        __asm__ volatile("movw %%es,%w1\n\tmovw %w2,%%es\n\t" move " %%es:(%3),%0\n\tmovw %w1,%%es"          \
                         : "=&" reg(value), "=&r"(es)                                                        \
                         : "r"(seg), "r"((u32)off)                                                           \
                         : "memory");                                                                        \
        return value;                                                                                        \
    }                                                                                                        \
    static inline UNUSED void poke##bits(u16 seg, u16 off, type value)                                       \
    {                                                                                                        \
        u16 es;                                                                                              \
        __asm__ volatile("movw %%es,%w0\n\tmovw %w1,%%es\n\t" move " %3,%%es:(%2)\n\tmovw %w0,%%es"          \
                         : "=&r"(es)                                                                         \
                         : "r"(seg), "r"((u32)off), reg(value)                                               \
                         : "memory");                                                                        \
    }
DEFINE_FAR_ACCESS(8, u8, "movb", "q")
DEFINE_FAR_ACCESS(16, u16, "movw", "r")
DEFINE_FAR_ACCESS(32, u32, "movl", "r")
#undef DEFINE_FAR_ACCESS

/* The address of an object on the stack or in the EBDA, for peek and poke. */
static inline u16 own_segment(void)
{
    u16 seg;
    __asm__("movw %%ss,%0" : "=r"(seg));
    return seg;
}

/* entry.S: calls c->target with the registers of `c`, and puts those that come back there. */
void call_far(struct call *c);

/* Calls the handler of an interrupt as INT would, interrupts off on entry to it. */
void call_int(u8 number, struct call *c);

#endif

void *memset(void *to, int value, u32 n);
void *memcpy(void *to, const void *from, u32 n);
int memcmp(const void *a, const void *b, u32 n);

#endif
