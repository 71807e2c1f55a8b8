/* Runtime of the system tests: tables, rows, printing. See test.h. */
#include "tests/system/test.h"

#include <stdarg.h>

struct registers in, out;
u32 trap_vector, trap_esp, trap_frame[12], trap_cr2, trap_dr6, trap_dr7, trap_cr0, trap_tr, trap_ldtr,
    trap_ss, trap_cs, trap_eflags, trap_count;
u32 trap_error;
bool trap_has_error, trap_nulled;
int (*trap_fixup)(void);
u64 gdt[GDT_ENTRIES] __attribute__((aligned(4096))), ldt[32], idt[256] __attribute__((aligned(4096)));
struct tss tss __attribute__((aligned(4096)));
unsigned family;
u32 features;

static unsigned rows, failures;
static u8 stacks[4][4096 + 256] __attribute__((aligned(16)));
static u8 trap_stack[4096 + 64] __attribute__((aligned(16)));
u32 enter(void);
extern u8 stubs[];

/* The assembly reaches the registers by name. */
#define NAME(reg)                                                                                            \
    __asm__(".globl in_" #reg ", out_" #reg "\n.set in_" #reg ", in + %c0\n.set out_" #reg ", out + %c0"     \
            :                                                                                                \
            : "i"(__builtin_offsetof(struct registers, reg)))
void name_registers(void);
void name_registers(void)
{
    NAME(eax);
    NAME(ecx);
    NAME(edx);
    NAME(ebx);
    NAME(esp);
    NAME(ebp);
    NAME(esi);
    NAME(edi);
    NAME(eip);
    NAME(eflags);
    NAME(cs);
    NAME(ss);
    NAME(ds);
    NAME(es);
    NAME(fs);
    NAME(gs);
}

/* --- verdicts --- */

void row(bool good, const char *format, ...)
{
    rows++;
    if (good)
        return;
    if (++failures > 60)
        return;
    va_list list;
    print("FAIL: ");
    va_start(list, format);
    print_list(format, list);
    va_end(list);
    print("  [vector %u error %x eip %x cs %x eflags %x esp %x ss %x cr2 %x dr6 %x; started at %x]\n",
          trap_vector, trap_error, out.eip, out.cs, out.eflags, out.esp, out.ss, trap_cr2, trap_dr6, in.eip);
}

unsigned rows_failed(void)
{
    return failures;
}

void finish(void)
{
    print("%u rows, %u failed\n", rows, failures);
    outb(0xF5, failures != 0);
    outb(0xF4, failures != 0);
    for (;;)
        __asm__ volatile("cli; hlt");
}

bool ended(u32 vector, u32 error, u32 eip)
{
    return trap_vector == vector && out.eip == eip && (!trap_has_error || trap_error == error);
}

bool faulted(u32 vector, u32 error, u32 eip)
{
    if (!ended(vector, error, eip))
        return false;
    const u32 *before = &in.eax, *after = &out.eax;
    for (unsigned i = 0; i < 8; i++)
        if (before[i] != after[i])
            return false;
    if (((in.eflags ^ out.eflags) & ~F_RF) || in.cs != out.cs || in.ss != out.ss)
        return false;
    return in.ds == out.ds && in.es == out.es && in.fs == out.fs && in.gs == out.gs;
}

void expect_fault(const char *title, const void *code, u32 vector, u32 error)
{
    run(code);
    row(faulted(vector, error, in.eip), "%s: vector %u error %x expected", title, vector, error);
}

void expect_end(const char *title, const void *code, const void *end)
{
    u32 base = in.eflags & F_VM ? in.cs << 4 : 0;
    run(code);
    row(ended(END, 0, (u32)end - base), "%s: expected to run to its end", title);
}

/* --- tables --- */

u64 descriptor(u32 base, u32 limit, u8 access, u8 flags)
{
    u32 low = base << 16 | (limit & 0xFFFF);
    u32 high =
        (base & 0xFF000000) | (base >> 16 & 0xFF) | (limit & 0xF0000) | (u32)access << 8 | (u32)flags << 20;
    return (u64)high << 32 | low;
}

void set_gdt(u16 selector, u64 value)
{
    gdt[selector / 8] = value;
}

u64 gate(unsigned type, unsigned dpl, u16 selector, u32 offset, unsigned count)
{
    u32 low = (u32)selector << 16 | (offset & 0xFFFF);
    u32 high = (offset & 0xFFFF0000) | 0x8000 | dpl << 13 | type << 8 | count;
    return (u64)high << 32 | low;
}

void set_idt(unsigned vector, u64 value)
{
    idt[vector] = value;
}

u32 stub_of(unsigned vector)
{
    return (u32)stubs + 16 * vector;
}

void reset_idt(unsigned vector)
{
    idt[vector] = gate(14, 3, CODE_AT(0), stub_of(vector), 0);
}

void load_tr(u16 selector)
{
    gdt[selector / 8] &= ~(0x200ull << 32);
    __asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}

static void load_table(const char *which, const void *base, u16 limit)
{
    struct {
        u16 limit;
        const void *base;
    } __attribute__((packed)) pointer = {limit, base};
    if (*which == 'g')
        __asm__ volatile("lgdt %0" : : "m"(pointer) : "memory");
    else
        __asm__ volatile("lidt %0" : : "m"(pointer) : "memory");
}

static void make_tables(void)
{
    for (unsigned level = 0; level < 4; level++) {
        set_gdt(CODE_AT(level), descriptor(0, 0xFFFFF, (u8)(ACCESS_CODE0 | level << 5), 12));
        set_gdt(DATA_AT(level), descriptor(0, 0xFFFFF, (u8)(ACCESS_DATA0 | level << 5), 12));
    }
    set_gdt(SEL_CODE16, descriptor(0, 0xFFFF, ACCESS_CODE0, 0));
    set_gdt(SEL_DATA16, descriptor(0, 0xFFFF, ACCESS_DATA0, 0));
    set_gdt(SEL_TSS, descriptor((u32)&tss, TSS_LIMIT, 0x89, 0));
    set_gdt(SEL_LDT, descriptor((u32)ldt, sizeof ldt - 1, 0x82, 0));
    set_gdt(SEL_CONFORMING, descriptor(0, 0xFFFFF, 0x9F, 12));
    for (unsigned i = 0; i < 256; i++)
        reset_idt(i);
    tss.esp0 = (u32)trap_stack + 4096;
    tss.ss0 = DATA_AT(0);
    tss.esp1 = (u32)stacks[1] + 2048;
    tss.ss1 = DATA_AT(1);
    tss.esp2 = (u32)stacks[2] + 2048;
    tss.ss2 = DATA_AT(2);
    tss.io_base = __builtin_offsetof(struct tss, io_map);
    memset(tss.io_map, 0xFF, sizeof tss.io_map);
    load_table("gdt", gdt, sizeof gdt - 1);
    load_table("idt", idt, sizeof idt - 1);
    load_tr(SEL_TSS);
    __asm__ volatile("lldt %0" : : "r"((u16)0));
}

static bool flag_toggles(u32 flag)
{
    u32 before, after;
    __asm__ volatile(
        "pushfl; popl %0; movl %0, %1; xorl %2, %1; pushl %1; popfl; pushfl; popl %1; pushl $2; popfl"
        : "=&r"(before), "=&r"(after)
        : "r"(flag));
    return (before ^ after) & flag;
}

static void find_family(void)
{
    family = flag_toggles(F_AC) ? 4 : 3;
    if (!flag_toggles(F_ID))
        return;
    u32 eax = 1, ebx, ecx, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    family = eax >> 8 & 15;
    features = edx;
}

void start_at(unsigned level)
{
    in = (struct registers){
        .eax = 0xA0A1A2A3,
        .ecx = 0xC0C1C2C3,
        .edx = 0xD0D1D2D3,
        .ebx = 0xB0B1B2B3,
        .ebp = 0xE0E1E2E3,
        .esi = 0x51525354,
        .edi = 0x61626364,
        .esp = (u32)stacks[level] + 4096,
        .eflags = F_1,
        .cs = CODE_AT(level),
        .ss = DATA_AT(level),
    };
    in.ds = in.es = in.fs = in.gs = in.ss;
    trap_fixup = 0;
}

void start_v86(const void *code)
{
    start_at(3);
    in.eflags = F_1 | F_VM;
    in.cs = (u32)code >> 4;
    in.eip = (u32)code & 15;
    in.ss = 0x5000;
    in.esp = 0x1000;
    in.ds = in.es = in.fs = in.gs = 0x5100;
}

static bool vector_has_error(u32 vector)
{
    return vector == DF || (vector >= TS && vector <= PF) || vector == AC;
}

u32 run(const void *code)
{
    if (code) {
        in.eip = (u32)code;
        if (in.eflags & F_VM)
            in.eip = (u32)code - (in.cs << 4);
    }
    memset(&out, 0, sizeof out);
    enter();
    out.ds &= 0xFFFF;
    trap_nulled = !(out.es | out.ds | out.fs | out.gs);
    trap_has_error = vector_has_error(trap_vector);
    trap_error = trap_has_error ? trap_frame[0] : 0;
    const u32 *f = trap_frame + trap_has_error;
    out.eip = f[0];
    out.cs = f[1] & 0xFFFF;
    out.eflags = f[2];
    if ((f[2] & F_VM) || (f[1] & 3) > (trap_cs & 3)) {
        out.esp = f[3];
        out.ss = f[4] & 0xFFFF;
    } else {
        out.esp = trap_esp + 4 * (3 + trap_has_error);
        out.ss = trap_ss;
    }
    if (f[2] & F_VM) {
        out.es = f[5] & 0xFFFF;
        out.ds = f[6] & 0xFFFF;
        out.fs = f[7] & 0xFFFF;
        out.gs = f[8] & 0xFFFF;
    }
    return trap_vector;
}

void stray_trap(void);
void stray_trap(void)
{
    failures++;
    print("FAIL: trap %u in the test program, at %x or %x, CR2 %x\n", trap_vector, trap_frame[0],
          trap_frame[1], trap_cr2);
    finish();
}

void runtime_start(void);
void runtime_start(void)
{
    make_tables();
    find_family();
    test_main();
    finish();
}
