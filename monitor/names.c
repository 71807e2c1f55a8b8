#include "monitor/names.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>

#define END                                                                                                  \
    {                                                                                                        \
        0, NULL                                                                                              \
    }

/* SDM volume 1, 3.4.3. */
const struct bit_name eflags_bits[] = {
    {21, "id"}, {20, "vip"}, {19, "vif"}, {18, "ac"}, {17, "vm"}, {16, "rf"},
    {14, "nt"}, {11, "of"},  {10, "df"},  {9, "if"},  {8, "tf"},  {7, "sf"},
    {6, "zf"},  {4, "af"},   {2, "pf"},   {0, "cf"},  END,
};
/* SDM volume 3, 2.5. */
const struct bit_name cr0_bits[] = {
    {31, "pg"}, {30, "cd"}, {29, "nw"}, {18, "am"}, {16, "wp"}, {5, "ne"},
    {4, "et"},  {3, "ts"},  {2, "em"},  {1, "mp"},  {0, "pe"},  END,
};
const struct bit_name cr3_bits[] = {{4, "pcd"}, {3, "pwt"}, END};
const struct bit_name cr4_bits[] = {
    {10, "osxmmexcpt"}, {9, "osfxsr"}, {8, "pce"}, {7, "pge"}, {6, "mce"}, {5, "pae"},
    {4, "pse"},         {3, "de"},     {2, "tsd"}, {1, "pvi"}, {0, "vme"}, END,
};
const struct bit_name efer_bits[] = {{11, "nxe"}, {10, "lma"}, {8, "lme"}, {0, "sce"}, END};
/* SDM volume 3, 17.2. */
const struct bit_name dr6_bits[] = {
    {15, "bt"}, {14, "bs"}, {13, "bd"}, {3, "b3"}, {2, "b2"}, {1, "b1"}, {0, "b0"}, END,
};
const struct bit_name dr7_bits[] = {{13, "gd"}, {9, "ge"}, {8, "le"}, END};

/* SDM volume 1, 8.1.3.3. */
const struct bit_name fpu_exception_bits[] = {
    {0, "invalid"},
    {1, "denormal"},
    {2, "zero divide"},
    {3, "overflow"},
    {4, "underflow"},
    {5, "precision"},
    END,
};

const char *const segment_names[] = {"es", "cs", "ss", "ds", "fs", "gs"};

static void print_name(FILE *out, const char *name, bool big)
{
    for (; *name; name++)
        fputc(big ? toupper((unsigned char)*name) : *name, out);
}

void print_bits(FILE *out, const struct bit_name *table, uint64_t value, uint64_t old)
{
    for (; table->name; table++) {
        fputc(' ', out);
        print_name(out, table->name, value >> table->bit & 1);
        if ((value ^ old) >> table->bit & 1)
            fputc('*', out);
    }
}

void print_set_bits(FILE *out, const struct bit_name *table, uint64_t value, const char *nothing)
{
    bool any = false;
    for (; table->name; table++) {
        if (!(value >> table->bit & 1))
            continue;
        fprintf(out, "%s%s", any ? ", " : "", table->name);
        any = true;
    }
    if (!any)
        fputs(nothing, out);
}

const char *exception_name(unsigned vector)
{
    /* SDM volume 3, table 6-1. */
    static const char *const names[] = {
        [0] = "#DE divide error",
        [1] = "#DB debug",
        [2] = "NMI",
        [3] = "#BP breakpoint",
        [4] = "#OF overflow",
        [5] = "#BR bound range",
        [6] = "#UD invalid opcode",
        [7] = "#NM no coprocessor",
        [8] = "#DF double fault",
        [9] = "coprocessor overrun",
        [10] = "#TS invalid TSS",
        [11] = "#NP segment not present",
        [12] = "#SS stack fault",
        [13] = "#GP general protection",
        [14] = "#PF page fault",
        [16] = "#MF x87 error",
        [17] = "#AC alignment check",
        [18] = "#MC machine check",
        [19] = "#XM SIMD error",
    };
    return vector < sizeof names / sizeof *names ? names[vector] : NULL;
}

void descriptor_view(uint64_t raw, struct descriptor_view *out)
{
    uint32_t low = (uint32_t)raw, high = (uint32_t)(raw >> 32);
    uint32_t limit = (low & 0xFFFF) | (high & 0xF0000);
    unsigned type = high >> 8 & 15;
    bool system = !(high >> 12 & 1);
    *out = (struct descriptor_view){
        .base = low >> 16 | (high & 0xFF) << 16 | (high & 0xFF000000),
        .limit = high >> 23 & 1 ? limit << 12 | 0xFFF : limit,
        .access = (uint16_t)(high >> 8 & 0xF0FF),
        .selector = (uint16_t)(low >> 16),
        .offset = (low & 0xFFFF) | (type & 8 ? high & 0xFFFF0000 : 0),
        .parameters = high & 0x1F,
        .is_gate = system && (type & 4),
        .is_null = !raw,
    };
}

/* SDM volume 3, table 3-2. */
static const char *const system_types[16] = {
    "reserved system type 0", "16-bit TSS, available",  "LDT",
    "16-bit TSS, busy",       "16-bit call gate",       "task gate",
    "16-bit interrupt gate",  "16-bit trap gate",       "reserved system type 8",
    "32-bit TSS, available",  "reserved system type A", "32-bit TSS, busy",
    "32-bit call gate",       "reserved system type D", "32-bit interrupt gate",
    "32-bit trap gate",
};

void print_access(FILE *out, uint16_t access)
{
    unsigned type = access & 15;
    if (!(access & 0x10)) {
        fputs(system_types[type], out);
    } else if (type & 8) {
        fprintf(out, "%s code, %s%s%s",
                access & 0x2000   ? "64-bit"
                : access & 0x4000 ? "32-bit"
                                  : "16-bit",
                type & 2 ? "readable" : "execute-only", type & 4 ? ", conforming" : "",
                type & 1 ? ", accessed" : "");
    } else {
        fprintf(out, "%s data, %s%s%s", access & 0x4000 ? "32-bit" : "16-bit",
                type & 2 ? "writable" : "read-only", type & 4 ? ", expand-down" : "",
                type & 1 ? ", accessed" : "");
    }
    fprintf(out, ", DPL %u%s", access >> 5 & 3, access & 0x80 ? "" : ", not present");
}

void print_descriptor(FILE *out, const struct descriptor_view *view)
{
    if (view->is_null) {
        fputs("empty", out);
        return;
    }
    if (view->is_gate && (view->access & 15) == 5)
        fprintf(out, "TSS %04x  ", view->selector);
    else if (view->is_gate)
        fprintf(out, "%04x:%08" PRIx32 "  ", view->selector, view->offset);
    else
        fprintf(out, "base %08" PRIx32 "  limit %08" PRIx32 "  ", view->base, view->limit);
    print_access(out, view->access);
    if (view->is_gate && (view->access & 7) == 4)
        fprintf(out, ", %u parameters", view->parameters);
}
