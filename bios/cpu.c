/*
 * What processors beyond the 386 want set: cache on, memory types (MTRRs), and the local APIC wired so that
 * the 8259's interrupt passes through it (MultiProcessor Specification 1.4, virtual wire mode).
 */
#include "bios/post.h"
#include "bios/resident.h"

enum { EFLAGS_AC = 1 << 18, EFLAGS_ID = 1 << 21 };
enum { FEATURE_MSR = 1 << 5, FEATURE_APIC = 1 << 9, FEATURE_MTRR = 1 << 12 };
enum { CR0_CD = 1 << 30, CR0_NW = 1 << 29 };
enum { MSR_MTRRCAP = 0xfe, MSR_MTRR_BASE0 = 0x200, MSR_MTRR_FIX64K = 0x250, MSR_MTRR_FIX16K_8 = 0x258 };
enum { MSR_MTRR_FIX16K_A = 0x259, MSR_MTRR_FIX4K = 0x268, MSR_MTRR_DEFAULT = 0x2ff };
enum {
    IO_APIC = 0xfec00000,
    APIC = 0xfee00000,
    APIC_SPURIOUS = 0xf0,
    APIC_LVT_LINT0 = 0x350,
    APIC_LVT_LINT1 = 0x360
};

enum { APIC_COMMAND = 0x300, CPUS_MAX = 64, PM_TICKS_PER_MS = 3580 };

extern u8 ap_start[]; /* reset.S, an offset in F000 on a page boundary */

volatile u32 cpus_ready; /* counted by reset.S */
volatile u32 ap_lock;
static u8 has_apic;

static u32 timer_now(void)
{
    return inl(resident_flat.pm_timer) & 0xffffff;
}

static int flag_changes(u32 flag)
{
    u32 before, after;
    __asm__ volatile(
        "pushfl\n\tpopl %0\n\tmovl %0,%1\n\txorl %2,%1\n\tpushl %1\n\tpopfl\n\tpushfl\n\tpopl %1\n\t"
        "pushl %0\n\tpopfl"
        : "=&r"(before), "=&r"(after)
        : "ri"(flag)
        : "cc");
    return ((before ^ after) & flag) != 0;
}

static void cpuid(u32 leaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
    __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(0));
}

static u64 read_msr(u32 n)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(n));
    return (u64)high << 32 | low;
}

static void write_msr(u32 n, u64 value)
{
    __asm__ volatile("wrmsr" : : "a"((u32)value), "d"((u32)(value >> 32)), "c"(n));
}

/* Physical address bits, for the masks of variable MTRRs. */
static u32 physical_bits(void)
{
    u32 a, b, c, d;
    cpuid(0x80000000, &a, &b, &c, &d);
    if (a < 0x80000008 || a > 0x8000ffff)
        return 36;
    cpuid(0x80000008, &a, &b, &c, &d);
    return a & 0xff;
}

/* Write-back for RAM, uncached for adapters below 1 MB and for E0000000h to 4 GB, write-protected for ROMs.
 */
static void mtrr_init(void)
{
    u64 all = 0x0606060606060606ull, rom = 0x0505050505050505ull;
    u32 capabilities = (u32)read_msr(MSR_MTRRCAP);
    u32 bits = physical_bits();
    write_msr(MSR_MTRR_DEFAULT, 0);
    if (capabilities & 0x100) {
        write_msr(MSR_MTRR_FIX64K, all);
        write_msr(MSR_MTRR_FIX16K_8, all);
        write_msr(MSR_MTRR_FIX16K_A, 0);
        for (u32 i = 0; i < 8; i++)
            write_msr(MSR_MTRR_FIX4K + i, rom);
    }
    for (u32 i = 0; i < (capabilities & 0xff); i++) {
        write_msr(MSR_MTRR_BASE0 + i * 2, 0);
        write_msr(MSR_MTRR_BASE0 + i * 2 + 1, 0);
    }
    if (capabilities & 0xff) {
        write_msr(MSR_MTRR_BASE0, 0xe0000000);
        write_msr(MSR_MTRR_BASE0 + 1, ((1ull << bits) - 0x20000000ull) | 0x800);
    }
    write_msr(MSR_MTRR_DEFAULT, 0x800 | (capabilities & 0x100 ? 0x400 : 0) | 6);
}

static void apic_write(u32 reg, u32 value)
{
    *(volatile u32 *)(APIC + reg) = value;
}

/* What the system before a reset of the processor alone left open would come through to vectors of its own
 * (82093AA datasheet, 3.2: registers are reached by index). */
static void io_apic_mask(void)
{
    volatile u32 *index = (volatile u32 *)IO_APIC, *data = index + 4;
    u32 last;
    *index = 1;
    last = *data >> 16 & 0xff;
    for (u32 pin = 0; pin <= last; pin++) {
        *index = 0x10 + 2 * pin;
        *data = 0x10000;
    }
    *index = 0;
}

static void apic_init(void)
{
    io_apic_mask();
    apic_write(APIC_SPURIOUS, 0x1ff);
    apic_write(APIC_LVT_LINT0, 0x8700); /* ExtINT, level */
    apic_write(APIC_LVT_LINT1, 0x8400); /* NMI */
}

/* Memory types and cache of the processor that runs; the first one and, by reset.S, all others. */
void cpu_set_up_caches(void);
void cpu_set_up_caches(void)
{
    u32 a, b, c, d, cr0;
    __asm__ volatile("movl %%cr0,%0" : "=r"(cr0));
    __asm__ volatile("movl %0,%%cr0" : : "r"(cr0 & ~(u32)(CR0_CD | CR0_NW)));
    if (!flag_changes(EFLAGS_ID))
        return;
    cpuid(1, &a, &b, &c, &d);
    if (d & FEATURE_MSR && d & FEATURE_MTRR)
        mtrr_init();
}

void cpu_init(void)
{
    u32 a, b, c, d;
    resident_flat.cpu_family = 3;
    if (!flag_changes(EFLAGS_AC))
        return;
    resident_flat.cpu_family = 4;
    cpu_set_up_caches();
    if (!flag_changes(EFLAGS_ID))
        return;
    cpuid(1, &a, &b, &c, &d);
    resident_flat.cpu_family = (u8)(a >> 8 & 15);
    if (d & FEATURE_APIC) {
        has_apic = 1;
        apic_init();
    }
}

u16 cpu_count(void)
{
    u16 n = 1;
    if (fwcfg_present()) {
        fwcfg_select(FWCFG_CPUS);
        fwcfg_bytes(&n, 2);
    }
    return n < 1 ? 1 : n > CPUS_MAX ? CPUS_MAX : n;
}

/*
 * INIT, then STARTUP to all but this one: they begin at ap_start in reset.S, one after another set their
 * caches up, count themselves and halt.
 */
void cpu_init_others(void)
{
    u16 others = cpu_count() - 1;
    u32 start = timer_now();
    if (!has_apic || !others)
        return;
    cpus_ready = 0;
    apic_write(APIC_COMMAND, 0x000c4500);
    while (((timer_now() - start) & 0xffffff) < PM_TICKS_PER_MS)
        ;
    apic_write(APIC_COMMAND, 0x000c4600 | (0xf0000 + (u32)ap_start) >> 12);
    while (cpus_ready < others && ((timer_now() - start) & 0xffffff) < 100 * PM_TICKS_PER_MS)
        ;
}
