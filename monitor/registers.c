#include "monitor/registers.h"

#include <string.h>
#include <strings.h>

#include "monitor/names.h"

#define AT(field) offsetof(struct cpu_registers, field)
#define GENERAL(n, low, high, word, dword, qword)                                                            \
    {low, AT(gpr[n]), 1, 0, 8}, {high, AT(gpr[n]), 1, 8, 8}, {word, AT(gpr[n]), 2, 0, 8},                    \
        {dword, AT(gpr[n]), 4, 0, 8},                                                                        \
    {                                                                                                        \
        qword, AT(gpr[n]), 8, 0, 8                                                                           \
    }
#define POINTER(n, word, dword, qword)                                                                       \
    {word, AT(gpr[n]), 2, 0, 8}, {dword, AT(gpr[n]), 4, 0, 8},                                               \
    {                                                                                                        \
        qword, AT(gpr[n]), 8, 0, 8                                                                           \
    }
#define WIDE(n, name)                                                                                        \
    {                                                                                                        \
        name, AT(gpr[n]), 8, 0, 8                                                                            \
    }
#define SEGMENT(n, name)                                                                                     \
    {                                                                                                        \
        name, AT(segment[n].selector), 2, 0, 2                                                               \
    }

/* clang-format off */
static const struct register_place places[] = {
    GENERAL(0, "al", "ah", "ax", "eax", "rax"), GENERAL(3, "bl", "bh", "bx", "ebx", "rbx"),
    GENERAL(1, "cl", "ch", "cx", "ecx", "rcx"), GENERAL(2, "dl", "dh", "dx", "edx", "rdx"),
    POINTER(6, "si", "esi", "rsi"), POINTER(7, "di", "edi", "rdi"),
    POINTER(5, "bp", "ebp", "rbp"), POINTER(4, "sp", "esp", "rsp"),
    WIDE(8, "r8"), WIDE(9, "r9"), WIDE(10, "r10"), WIDE(11, "r11"),
    WIDE(12, "r12"), WIDE(13, "r13"), WIDE(14, "r14"), WIDE(15, "r15"),
    {"ip", AT(rip), 2, 0, 8}, {"eip", AT(rip), 4, 0, 8}, {"rip", AT(rip), 8, 0, 8}, {"pc", AT(rip), 8, 0, 8},
    {"flags", AT(rflags), 2, 0, 8}, {"eflags", AT(rflags), 4, 0, 8}, {"rflags", AT(rflags), 8, 0, 8},
    SEGMENT(CPU_CS, "cs"), SEGMENT(CPU_DS, "ds"), SEGMENT(CPU_ES, "es"), SEGMENT(CPU_FS, "fs"),
    SEGMENT(CPU_GS, "gs"), SEGMENT(CPU_SS, "ss"),
    {"cr0", AT(cr0), 8, 0, 8}, {"cr2", AT(cr2), 8, 0, 8}, {"cr3", AT(cr3), 8, 0, 8}, {"cr4", AT(cr4), 8, 0, 8},
    {"efer", AT(efer), 8, 0, 8},
    {"gdtr", AT(gdtr_base), 8, 0, 8}, {"idtr", AT(idtr_base), 8, 0, 8},
    {"ldtr", AT(ldtr.selector), 2, 0, 2}, {"tr", AT(tr.selector), 2, 0, 2},
    {"dr0", AT(dr[0]), 8, 0, 8}, {"dr1", AT(dr[1]), 8, 0, 8}, {"dr2", AT(dr[2]), 8, 0, 8},
    {"dr3", AT(dr[3]), 8, 0, 8}, {"dr6", AT(dr[6]), 8, 0, 8}, {"dr7", AT(dr[7]), 8, 0, 8},
    {"cpl", AT(cpl), 1, 0, 1},
};
/* clang-format on */

bool register_at(unsigned n, struct register_place *out)
{
    if (n >= sizeof places / sizeof *places)
        return false;
    *out = places[n];
    return true;
}

bool register_find(const char *name, size_t length, struct register_place *out)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strlen(places[i].name) == length && !strncasecmp(places[i].name, name, length)) {
            *out = places[i];
            return true;
        }
    }
    return false;
}

static uint64_t mask_of(unsigned bytes)
{
    return bytes >= 8 ? UINT64_MAX : (1ull << 8 * bytes) - 1;
}

static uint64_t stored_value(const struct cpu_registers *registers, const struct register_place *place)
{
    uint64_t value = 0;
    memcpy(&value, (const char *)registers + place->offset, place->stored);
    return value;
}

void register_put(struct cpu_registers *registers, const struct register_place *place, uint64_t value)
{
    uint64_t mask = mask_of(place->size) << place->shift;
    uint64_t all = (stored_value(registers, place) & ~mask) | (value << place->shift & mask);
    memcpy((char *)registers + place->offset, &all, place->stored);
}

uint64_t register_get(const struct cpu_registers *registers, const struct register_place *place)
{
    return stored_value(registers, place) >> place->shift & mask_of(place->size);
}

bool flag_find(const char *name, size_t length, unsigned *bit, unsigned *width)
{
    if (length == 4 && !strncasecmp(name, "iopl", 4)) {
        *bit = 12;
        *width = 2;
        return true;
    }
    for (const struct bit_name *row = eflags_bits; row->name; row++) {
        if (strlen(row->name) == length && !strncasecmp(row->name, name, length)) {
            *bit = row->bit;
            *width = 1;
            return true;
        }
    }
    return false;
}
