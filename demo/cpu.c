/*
 * Which processor is this? An 80386 cannot change flag AC in EFLAGS, an early 80486 not flag ID; who can has
 * the instruction CPUID, which tells the rest. How fast it is, a loop of known length tells, measured against
 * the tick, and the time-stamp counter where there is one.
 */
#include "demo.h"

u32 eflags_toggle(u32 bits);
void hundred_instructions(u32 count);

#define FLAG_AC (1u << 18)
#define FLAG_ID (1u << 21)

struct cpuid {
    u32 a, b, c, d;
};

static struct cpuid cpuid(u32 leaf)
{
    struct cpuid r;
    __asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(0));
    return r;
}

static u32 time_stamp(void)
{
    u32 low;
    __asm__ volatile("rdtsc" : "=a"(low) : : "edx");
    return low;
}

/* FNINIT puts 0 into the coprocessor's status word; without one nothing is written. */
static u8 has_fpu(void)
{
    volatile u16 status = 0x5A5A;
    __asm__ volatile("fninit\n\tfnstsw %0" : "+m"(status));
    return (status & 0xFF) == 0;
}

static void put_word(char *to, u32 value)
{
    for (u8 i = 0; i < 4; i++, value >>= 8)
        to[i] = (char)value;
}

static void show_vendor(void)
{
    char vendor[13];
    struct cpuid r = cpuid(0);
    put_word(vendor, r.b);
    put_word(vendor + 4, r.d);
    put_word(vendor + 8, r.c);
    vendor[12] = 0;
    text_at(6, 28, TITLE, vendor);
}

static void show_brand(void)
{
    char brand[49];
    if (cpuid(0x80000000).a < 0x80000004 || cpuid(0x80000000).a > 0x8000FFFF)
        return;
    for (u8 i = 0; i < 3; i++) {
        struct cpuid r = cpuid(0x80000002 + i);
        put_word(brand + 16 * i, r.a);
        put_word(brand + 16 * i + 4, r.b);
        put_word(brand + 16 * i + 8, r.c);
        put_word(brand + 16 * i + 12, r.d);
    }
    brand[48] = 0;
    const char *text = brand;
    while (*text == ' ')
        text++;
    text_at(7, 28, TITLE, text);
}

static void show_features(u32 features)
{
    /* Names by bit; a gap is a bit without meaning for us. */
    static const char names[32][6] = {"FPU",  "VME",   "DE",   "PSE",   "TSC",  "MSR", "PAE",  "MCE",
                                      "CX8",  "APIC",  "",     "SEP",   "MTRR", "PGE", "MCA",  "CMOV",
                                      "PAT",  "PSE36", "PSN",  "CLFSH", "",     "DS",  "ACPI", "MMX",
                                      "FXSR", "SSE",   "SSE2", "SS",    "HTT",  "TM",  "",     "PBE"};
    u8 column = 28, row = 11;
    for (u8 i = 0; i < 32; i++) {
        if (!(features >> i & 1) || !names[i][0])
            continue;
        text_at(row, column, TITLE, names[i]);
        column += 6;
        if (column > 72) {
            column = 28;
            row++;
        }
    }
}

static const char *family_name(u32 family)
{
    return family == 4   ? "80486"
           : family == 5 ? "Pentium"
           : family == 6 ? "P6 (Pentium Pro and later)"
                         : "a later one";
}

/* Returns whether there is a time-stamp counter. */
static u8 show_identity(void)
{
    struct cpuid r = cpuid(1);
    u32 family = r.a >> 8 & 15;
    text_at(4, 28, TITLE, family_name(family));
    show_vendor();
    show_brand();
    text_at(9, 10, NORMAL, "Family, model, stepping");
    number_at(9, 36, TITLE, family, 10, 2, ' ');
    number_at(9, 40, TITLE, (r.a >> 4 & 15) | (family == 6 ? r.a >> 12 & 0xF0 : 0), 10, 3, ' ');
    number_at(9, 45, TITLE, r.a & 15, 10, 2, ' ');
    text_at(11, 10, NORMAL, "Features");
    show_features(r.d);
    return r.d >> 4 & 1;
}

static u32 tick_edge(void)
{
    u32 now = ticks_now();
    while (ticks_now() == now)
        ;
    return ticks_now();
}

/* Runs the loop for ten ticks, 0.549255 s; a first run of two finds out how often it goes into a fiftieth of
 * a tick. */
static void measure(u8 has_tsc)
{
    u32 rounds = 100, done = 0, stamp = 0;
    for (u32 begin = tick_edge(); ticks_now() - begin < 2;) {
        hundred_instructions(rounds);
        done += rounds;
    }
    rounds = done / 100 ? done / 100 : 1; /* about fifty a tick */
    done = 0;
    u32 begin = tick_edge();
    if (has_tsc)
        stamp = time_stamp();
    while (ticks_now() - begin < 10) {
        hundred_instructions(rounds);
        done += rounds;
    }
    if (has_tsc)
        stamp = time_stamp() - stamp;
    /* done * 100 instructions in 0.549255 s, in hundredths of a million a second: done / 54.9255. */
    u32 hundredths = done / 549255 * 10000 + done % 549255 * 100 / 5493;
    number_at(17, 28, BRIGHT, hundredths / 100, 10, 6, ' ');
    text_at(17, 34, BRIGHT, ".");
    number_at(17, 35, BRIGHT, hundredths % 100, 10, 2, '0');
    text_at(17, 38, NORMAL, "million instructions a second");
    if (has_tsc) {
        number_at(18, 28, BRIGHT, stamp / 549255, 10, 6, ' ');
        text_at(18, 38, NORMAL, "MHz by the time-stamp counter");
    }
}

void page_cpu(void)
{
    u8 has_tsc = 0;
    text_page("Processor", "Esc: back to the menu    any other key: measure again");
    text_at(4, 10, NORMAL, "This is");
    text_at(15, 10, NORMAL, "Coprocessor");
    text_at(15, 28, TITLE, has_fpu() ? "there is one" : "none");
    text_at(17, 10, NORMAL, "Speed");
    if (!eflags_toggle(FLAG_AC))
        text_at(4, 28, TITLE, "80386");
    else if (!eflags_toggle(FLAG_ID))
        text_at(4, 28, TITLE, "80486, an early one without CPUID");
    else
        has_tsc = show_identity();
    do
        measure(has_tsc);
    while (key_wait() != KEY_ESCAPE);
}
