/* Random instructions. */
#include <string.h>

#include "tests/fuzz/guest.h"

struct writer {
    struct fuzz_random *r;
    uint8_t *bytes;
    size_t at, count;
    bool code32, operand32, address32; /* the last two: of the instruction that is written */
};

static void byte(struct writer *w, uint32_t value)
{
    if (w->at < w->count)
        w->bytes[w->at++] = (uint8_t)value;
}

static void immediate(struct writer *w, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        byte(w, value >> 8 * i);
}

static uint32_t pick(struct writer *w, const uint8_t *from, unsigned count)
{
    return from[fuzz_below(w->r, count)];
}
#define PICK(w, ...) pick(w, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static unsigned below(struct writer *w, unsigned n)
{
    return fuzz_below(w->r, n);
}

/* An address where something is. */
static uint32_t address(struct writer *w)
{
    static const uint32_t places[] = {
        GUEST_DATA, GUEST_DATA, GUEST_STACK + 0x7000, GUEST_CODE, GUEST_CODE, GUEST_PAGES, 0xA0000,
        0xB8000,    0xFEE00000, 0xFEC00000,           GUEST_GDT,  GUEST_IDT,  GUEST_TSS,   0xF0000,
        0x100000};
    uint32_t place = places[below(w, sizeof places / sizeof *places)];
    return place + (below(w, 3) ? below(w, 0x400) : below(w, 4) * 0x1000 - below(w, 8));
}

static void modrm(struct writer *w)
{
    unsigned mod = below(w, 10) < 4 ? 3 : below(w, 3), rm = below(w, 8), reg = below(w, 8);
    byte(w, mod << 6 | reg << 3 | rm);
    if (mod == 3)
        return;
    if (!w->address32) {
        if (mod == 2 || (mod == 0 && rm == 6))
            immediate(w, below(w, 4) ? below(w, 0x800) : address(w), 2);
        else if (mod == 1)
            byte(w, fuzz_value(w->r));
        return;
    }
    unsigned sib = below(w, 256);
    if (rm == 4)
        byte(w, sib);
    if (mod == 1)
        byte(w, fuzz_value(w->r));
    else if (mod == 2)
        immediate(w, below(w, 4) ? below(w, 0x100) : fuzz_value(w->r), 4);
    else if (rm == 5 || (rm == 4 && (sib & 7) == 5))
        immediate(w, address(w), 4);
}

static void prefixes(struct writer *w)
{
    w->operand32 = w->address32 = w->code32;
    while (below(w, 7) == 0) {
        unsigned p =
            PICK(w, 0x66, 0x66, 0x66, 0x67, 0x67, 0x2E, 0x36, 0x3E, 0x26, 0x64, 0x65, 0xF0, 0xF2, 0xF3);
        if (p == 0x66)
            w->operand32 = !w->code32;
        if (p == 0x67)
            w->address32 = !w->code32;
        byte(w, p);
    }
}

static unsigned operand(const struct writer *w)
{
    return w->operand32 ? 4 : 2;
}

static void alu(struct writer *w)
{
    unsigned form = below(w, 6);
    byte(w, below(w, 8) << 3 | form);
    if (form < 4)
        modrm(w);
    else
        immediate(w, fuzz_value(w->r), form == 4 ? 1 : operand(w));
}

static void move(struct writer *w)
{
    unsigned op =
        PICK(w, 0x88, 0x89, 0x8A, 0x8B, 0x8B, 0x89, 0xC6, 0xC7, 0xB0, 0xB8, 0xB8, 0xA0, 0x8D, 0x86, 0x87);
    if (op == 0xB0) {
        byte(w, 0xB0 + below(w, 8));
        byte(w, fuzz_value(w->r));
    } else if (op == 0xB8) {
        byte(w, 0xB8 + below(w, 8));
        immediate(w, below(w, 2) ? address(w) : fuzz_value(w->r), operand(w));
    } else if (op == 0xA0) {
        byte(w, 0xA0 + below(w, 4));
        immediate(w, address(w), w->address32 ? 4 : 2);
    } else {
        byte(w, op);
        modrm(w);
        if (op >= 0xC6)
            immediate(w, fuzz_value(w->r), op == 0xC6 ? 1 : operand(w));
    }
}

static void short_branch(struct writer *w)
{
    /* Often behind a comparison, for the fused pairs. */
    if (below(w, 2)) {
        unsigned op = PICK(w, 0x38, 0x39, 0x3A, 0x3B, 0x84, 0x85, 0x83, 0x3C, 0x3D, 0x48, 0x40);
        byte(w, op == 0x48 || op == 0x40 ? op + below(w, 8) : op);
        if (op == 0x83) {
            byte(w, 0xF8 | below(w, 8));
            byte(w, fuzz_value(w->r));
        } else if (op == 0x3C || op == 0x3D) {
            immediate(w, fuzz_value(w->r), op == 0x3C ? 1 : operand(w));
        } else if (op != 0x48 && op != 0x40) {
            modrm(w);
        }
    }
    unsigned op = below(w, 8);
    int distance = (int)below(w, 48) - (below(w, 3) ? 40 : 4);
    if (op == 0 && below(w, 2)) {
        byte(w, 0x0F);
        byte(w, 0x80 + below(w, 16));
        immediate(w, (uint32_t)distance, operand(w));
        return;
    }
    byte(w, op < 6 ? 0x70 + below(w, 16) : PICK(w, 0xE0, 0xE1, 0xE2, 0xE2, 0xE3, 0xEB));
    byte(w, (uint32_t)distance);
}

static void group(struct writer *w)
{
    unsigned op =
        PICK(w, 0x80, 0x81, 0x83, 0xC0, 0xC1, 0xD0, 0xD1, 0xD2, 0xD3, 0xF6, 0xF7, 0xFE, 0xFF, 0x69, 0x6B);
    byte(w, op);
    size_t at = w->at;
    modrm(w);
    unsigned reg = at < w->count ? w->bytes[at] >> 3 & 7 : 0;
    if (op == 0x80 || op == 0x83 || op == 0xC0 || op == 0xC1 || op == 0x6B || (op == 0xF6 && reg < 2))
        byte(w, fuzz_value(w->r));
    else if (op == 0x81 || op == 0x69 || (op == 0xF7 && reg < 2))
        immediate(w, fuzz_value(w->r), operand(w));
}

static void stack(struct writer *w)
{
    unsigned op = PICK(w, 0x50, 0x58, 0x50, 0x58, 0x06, 0x07, 0x0E, 0x16, 0x17, 0x1E, 0x1F, 0x68, 0x6A, 0x60,
                       0x61, 0x9C, 0x9D, 0x8F, 0xC8, 0xC9);
    byte(w, op == 0x50 || op == 0x58 ? op + below(w, 8) : op);
    if (op == 0x68)
        immediate(w, fuzz_value(w->r), operand(w));
    else if (op == 0x6A)
        byte(w, fuzz_value(w->r));
    else if (op == 0x8F)
        modrm(w);
    else if (op == 0xC8) {
        immediate(w, below(w, 64), 2);
        byte(w, below(w, 4) ? below(w, 4) : below(w, 256));
    }
}

static void string(struct writer *w)
{
    if (below(w, 2)) { /* mov (e)cx, small */
        byte(w, 0xB9);
        immediate(w, below(w, 8) ? below(w, 40) : below(w, 3000), operand(w));
    }
    if (below(w, 3) == 0) { /* mov (e)di, somewhere */
        byte(w, PICK(w, 0xBF, 0xBE));
        immediate(w, address(w), operand(w));
    }
    prefixes(w);
    if (below(w, 2))
        byte(w, PICK(w, 0xF2, 0xF3, 0xF3));
    byte(w, PICK(w, 0xA4, 0xA5, 0xA6, 0xA7, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0x6C, 0x6D, 0x6E, 0x6F));
}

static void port(struct writer *w)
{
    static const uint16_t ports[] = {0x20,  0x21,  0xA0,  0xA1,  0x40,  0x42,  0x43,  0x60,  0x61,
                                     0x64,  0x70,  0x71,  0x80,  0x92,  0x0C,  0x0A,  0x0F,  0xF0,
                                     0xB2,  0xCF8, 0xCFC, 0x3C0, 0x3C4, 0x3C5, 0x3CE, 0x3CF, 0x3D4,
                                     0x3D5, 0x3DA, 0x1F0, 0x1F7, 0x3F5, 0x3F8, 0x1CE, 0x608, 0x4D0};
    if (below(w, 2)) {
        byte(w, PICK(w, 0xE4, 0xE5, 0xE6, 0xE7));
        byte(w, ports[below(w, 18)]);
        return;
    }
    byte(w, 0xBA);
    immediate(w, ports[below(w, sizeof ports / sizeof *ports)], operand(w));
    byte(w, PICK(w, 0xEC, 0xED, 0xEE, 0xEF));
}

static void near_transfer(struct writer *w)
{
    unsigned op = PICK(w, 0xE8, 0xE8, 0xE9, 0xC3, 0xC3, 0xC2, 0xFF);
    byte(w, op);
    if (op == 0xE8 || op == 0xE9)
        immediate(w, below(w, 400) - 200, operand(w));
    else if (op == 0xC2)
        immediate(w, below(w, 32), 2);
    else if (op == 0xFF)
        byte(w, PICK(w, 0xD0, 0xE0, 0x10, 0x20) + below(w, 8));
}

static void far_transfer(struct writer *w)
{
    unsigned op = PICK(w, 0x9A, 0xEA, 0xCB, 0xCA, 0xCF, 0xCF, 0xCC, 0xCD, 0xCD, 0xCE, 0xFF, 0xC4, 0xC5);
    byte(w, op);
    if (op == 0x9A || op == 0xEA) {
        immediate(w, below(w, 2) ? below(w, GUEST_CODE_SIZE) : address(w), operand(w));
        immediate(w, below(w, 3) ? below(w, 64) << 3 | below(w, 8) : GUEST_CODE >> 4, 2);
    } else if (op == 0xCA) {
        immediate(w, below(w, 32), 2);
    } else if (op == 0xCD) {
        byte(w, fuzz_value(w->r));
    } else if (op == 0xFF) {
        size_t at = w->at;
        modrm(w);
        if (at < w->count) /* far forms: /3 and /5 */
            w->bytes[at] = (uint8_t)((w->bytes[at] & 0xC7) | (below(w, 2) ? 0x18 : 0x28));
    } else if (op == 0xC4 || op == 0xC5) {
        modrm(w);
    }
}

static void two_byte(struct writer *w)
{
    byte(w, 0x0F);
    unsigned op = PICK(w, 0x90, 0x40, 0xA3, 0xAB, 0xB3, 0xBB, 0xBA, 0xA4, 0xA5, 0xAC, 0xAD, 0xB6, 0xB7, 0xBE,
                       0xBF, 0xAF, 0xB0, 0xB1, 0xC0, 0xC1, 0xC7, 0xC8, 0xBC, 0xBD, 0xB2, 0xB4, 0xB5, 0xA0,
                       0xA1, 0xA8, 0xA9, 0xA2, 0x0D, 0x1F, 0xAE);
    if (op == 0x90 || op == 0x40)
        op += below(w, 16);
    if (op == 0xC8)
        op += below(w, 8);
    byte(w, op);
    if ((op >= 0xC8 && op < 0xD0) || op == 0xA0 || op == 0xA1 || op == 0xA8 || op == 0xA9 || op == 0xA2)
        return;
    modrm(w);
    if (op == 0xBA || op == 0xA4 || op == 0xAC)
        byte(w, fuzz_value(w->r));
}

static void set_ecx(struct writer *w, uint32_t value)
{
    if (!w->code32)
        byte(w, 0x66);
    byte(w, 0xB9);
    immediate(w, value, 4);
}

static void model_register(struct writer *w)
{
    static const uint32_t numbers[] = {0x10,  0x1B,  0x2A,  0x8B,  0xFE,  0x174, 0x175, 0x176,     0x179,
                                       0x200, 0x201, 0x250, 0x277, 0x2FF, 0x1D9, 0x400, 0xC0000080};
    if (below(w, 3))
        set_ecx(w, numbers[below(w, sizeof numbers / sizeof *numbers)]);
    byte(w, 0x0F);
    byte(w, PICK(w, 0x30, 0x31, 0x32, 0x33));
}

static void system_instruction(struct writer *w)
{
    unsigned op = PICK(w, 0x00, 0x01, 0x01, 0x20, 0x21, 0x22, 0x22, 0x23, 0x02, 0x03, 0x06, 0x08, 0x09, 0x34,
                       0x35, 0xAA, 0x30, 0x8C, 0x8E, 0x63, 0xF4, 0xFA, 0xFB, 0xFB, 0x9D, 0xCF);
    if (op == 0xF4 && below(w, 4))
        op = 0xFB;
    if (op == 0x30) {
        model_register(w);
        return;
    }
    bool one_byte = op == 0x8C || op == 0x8E || op >= 0xF0 || op == 0x9D || op == 0xCF || op == 0x63;
    if (!one_byte)
        byte(w, 0x0F);
    byte(w, op);
    if (op >= 0x20 && op <= 0x23)
        byte(w, 0xC0 | PICK(w, 0, 2, 3, 4, 6, 7, 1, 5) << 3 | below(w, 8));
    else if (op <= 0x03 || op == 0x8C || op == 0x8E || op == 0x63)
        modrm(w);
}

static void floating(struct writer *w)
{
    byte(w, below(w, 16) ? 0xD8 + below(w, 8) : 0x9B);
    modrm(w);
}

static void multimedia(struct writer *w)
{
    byte(w, 0x0F);
    unsigned op = PICK(w, 0x60, 0x68, 0x70, 0x78, 0xD0, 0xD8, 0xE0, 0xE8, 0xF0, 0xF8) + below(w, 8);
    byte(w, op);
    if (op == 0x77)
        return;
    modrm(w);
    if (op >= 0x70 && op <= 0x73)
        byte(w, fuzz_value(w->r));
}

static void odd(struct writer *w)
{
    unsigned op = PICK(w, 0x98, 0x99, 0x9E, 0x9F, 0xD4, 0xD5, 0x27, 0x2F, 0x37, 0x3F, 0xF5, 0xF8, 0xF9, 0xFC,
                       0xFD, 0xD7, 0xD6, 0x62, 0x90, 0x91, 0x84, 0x85, 0xA8, 0xA9, 0x82, 0xF1, 0x40, 0x48);
    byte(w, op == 0x40 || op == 0x48 ? op + below(w, 8) : op);
    if (op == 0xD4 || op == 0xD5 || op == 0xA8)
        byte(w, fuzz_value(w->r));
    else if (op == 0xA9)
        immediate(w, fuzz_value(w->r), operand(w));
    else if (op == 0x62 || op == 0x84 || op == 0x85 || op == 0x82)
        modrm(w);
    if (op == 0x82)
        byte(w, fuzz_value(w->r));
}

/* Back to solid ground: a data segment and an index that point at something. */
static void settle(struct writer *w)
{
    if (!w->code32 && below(w, 2)) {
        byte(w, 0xB8); /* mov ax, segment; mov ds/es, ax */
        immediate(w, below(w, 2) ? address(w) >> 4 : below(w, 24) << 3, 2);
        byte(w, 0x8E);
        byte(w, PICK(w, 0xD8, 0xC0, 0xE0));
        return;
    }
    byte(w, PICK(w, 0xBB, 0xBD, 0xBE, 0xBF));
    immediate(w, address(w), w->code32 ? 4 : 2);
}

static void instruction(struct writer *w)
{
    static void (*const kinds[])(struct writer * w) = {
        alu,          alu,           alu,          alu,      alu,          move,
        move,         move,          move,         move,     short_branch, short_branch,
        short_branch, group,         group,        stack,    stack,        string,
        port,         near_transfer, far_transfer, two_byte, two_byte,     system_instruction,
        floating,     multimedia,    odd,          settle,
    };
    prefixes(w);
    unsigned kind = below(w, sizeof kinds / sizeof *kinds + 1);
    if (kind < sizeof kinds / sizeof *kinds)
        kinds[kind](w);
    else
        for (unsigned i = 1 + below(w, 5); i > 0; i--)
            byte(w, below(w, 256));
}

void guest_code(struct fuzz_random *r, uint8_t *bytes, size_t count, bool code32)
{
    struct writer w = {.r = r, .bytes = bytes, .count = count, .code32 = code32};
    while (w.at < count)
        instruction(&w);
}
