/* Random descriptor tables, page tables and registers around random code. */
#include "tests/fuzz/guest.h"

#include <string.h>

enum { CR0_PE = 1u, CR0_WP = 0x10000u, CR0_AM = 0x40000u, CR0_PG = 0x80000000u };
enum { EFLAGS_IF = 0x200u, EFLAGS_VM = 0x20000u };

/* Selectors of the descriptors that are there unless chance has spoilt them. */
enum {
    SEL_CODE32 = 0x08,
    SEL_DATA32 = 0x10,
    SEL_CODE16 = 0x18,
    SEL_DATA16 = 0x20,
    SEL_USER_CODE32 = 0x2B,
    SEL_USER_DATA32 = 0x33,
    SEL_USER_CODE16 = 0x3B,
    SEL_USER_DATA16 = 0x43,
    SEL_TSS = 0x48,
    SEL_LDT = 0x50,
};

static void put16(struct guest *g, uint32_t at, uint32_t value)
{
    g->image[at] = (uint8_t)value;
    g->image[at + 1] = (uint8_t)(value >> 8);
}

static void put32(struct guest *g, uint32_t at, uint32_t value)
{
    put16(g, at, value);
    put16(g, at + 2, value >> 16);
}

static uint32_t get32(const struct guest *g, uint32_t at)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value |= (uint32_t)g->image[at + i] << 8 * i;
    return value;
}

/* FLAGS: G, D/B, L, AVL in bits 7-4. */
static void put_descriptor(struct guest *g, uint32_t at, uint32_t base, uint32_t limit, unsigned access,
                           unsigned flags)
{
    put32(g, at, base << 16 | (limit & 0xFFFF));
    put32(g, at + 4,
          (base & 0xFF000000) | flags << 16 | (limit & 0xF0000) | access << 8 | (base >> 16 & 0xFF));
}

static void put_gate(struct guest *g, uint32_t at, unsigned selector, uint32_t offset, unsigned access,
                     unsigned count)
{
    put32(g, at, selector << 16 | (offset & 0xFFFF));
    put32(g, at + 4, (offset & 0xFFFF0000) | access << 8 | count);
}

static uint32_t some_code(struct fuzz_random *r)
{
    return fuzz_chance(r, 3) ? GUEST_HANDLERS + 16 * fuzz_below(r, 64)
                             : GUEST_CODE + fuzz_below(r, GUEST_CODE_SIZE);
}

static void random_descriptor(struct fuzz_random *r, struct guest *g, uint32_t at)
{
    unsigned selector = fuzz_chance(r, 3) ? SEL_CODE32 : 8 * fuzz_below(r, 64) + fuzz_below(r, 4);
    switch (fuzz_below(r, 6)) {
    case 0: /* a call, task, interrupt or trap gate */
        put_gate(g, at, selector, some_code(r), 0x80 | fuzz_below(r, 4) << 5 | (4 + fuzz_below(r, 12)),
                 fuzz_below(r, 6));
        break;
    case 1: /* a TSS, of 16 or 32 bits, free or busy */
        put_descriptor(g, at, GUEST_TSS + 0x100 * fuzz_below(r, 4),
                       fuzz_chance(r, 4) ? fuzz_below(r, 0x80) : 0x3000,
                       0x80 | fuzz_below(r, 4) << 5 | (fuzz_chance(r, 2) ? 9 : 1) | fuzz_below(r, 2) << 1, 0);
        break;
    case 2:
        put32(g, at, fuzz_u32(r));
        put32(g, at + 4, fuzz_u32(r));
        break;
    case 3: /* small: its limit is near what is used */
        put_descriptor(g, at, GUEST_DATA, fuzz_below(r, 0x1000),
                       0x90 | fuzz_below(r, 4) << 5 | fuzz_below(r, 16), fuzz_below(r, 16) << 4);
        break;
    default:
        put_descriptor(g, at, fuzz_chance(r, 2) ? 0 : GUEST_CODE, fuzz_value(r),
                       0x90 | fuzz_below(r, 4) << 5 | fuzz_below(r, 16), fuzz_below(r, 16) << 4);
        break;
    }
}

static void make_descriptors(struct fuzz_random *r, struct guest *g)
{
    uint32_t base16 = GUEST_CODE;
    for (unsigned i = 11; i < 64; i++)
        random_descriptor(r, g, GUEST_GDT + 8 * i);
    for (unsigned i = 0; i < 16; i++)
        random_descriptor(r, g, GUEST_LDT + 8 * i);
    put_descriptor(g, GUEST_GDT + 0x08, 0, 0xFFFFF, 0x9B, 0xC0);
    put_descriptor(g, GUEST_GDT + 0x10, 0, 0xFFFFF, 0x93, 0xC0);
    put_descriptor(g, GUEST_GDT + 0x18, base16, 0xFFFF, 0x9B, 0);
    put_descriptor(g, GUEST_GDT + 0x20, GUEST_DATA, 0xFFFF, 0x93, 0);
    put_descriptor(g, GUEST_GDT + 0x28, 0, 0xFFFFF, 0xFB, 0xC0);
    put_descriptor(g, GUEST_GDT + 0x30, 0, 0xFFFFF, 0xF3, 0xC0);
    put_descriptor(g, GUEST_GDT + 0x38, base16, 0xFFFF, 0xFB, 0);
    put_descriptor(g, GUEST_GDT + 0x40, GUEST_DATA, 0xFFFF, 0xF3, 0);
    put_descriptor(g, GUEST_GDT + 0x48, GUEST_TSS, 0x5000, 0x8B, 0);
    put_descriptor(g, GUEST_GDT + 0x50, GUEST_LDT, 0x7F, 0x82, 0);
    if (fuzz_chance(r, 4)) /* one of them is spoilt */
        random_descriptor(r, g, GUEST_GDT + 8 * (1 + fuzz_below(r, 10)));
}

static void make_task_states(struct fuzz_random *r, struct guest *g)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t at = GUEST_TSS + 0x100 * i;
        for (unsigned j = 0; j < 0x68; j += 4)
            put32(g, at + j, fuzz_value(r));
        for (unsigned level = 0; level < 3; level++) {
            put32(g, at + 4 + 8 * level, GUEST_STACK + 0x3000 + 0x1000 * level);
            put32(g, at + 8 + 8 * level,
                  level == 0 || fuzz_chance(r, 2) ? SEL_DATA32 : 8 * fuzz_below(r, 64) + level);
        }
        static const uint16_t selectors[] = {SEL_DATA32, SEL_CODE32,      SEL_DATA32,
                                             SEL_DATA32, SEL_USER_DATA32, 0};
        put32(g, at + 0x1C, fuzz_chance(r, 8) ? fuzz_value(r) : GUEST_PAGES);
        put32(g, at + 0x20, some_code(r));
        put32(g, at + 0x38, GUEST_STACK + 0x6F00);
        for (unsigned j = 0; j < 6; j++)
            put32(g, at + 0x48 + 4 * j, fuzz_chance(r, 10) ? fuzz_below(r, 0x200) : selectors[j]);
        put32(g, at + 0x60, SEL_LDT);
        put32(g, at + 0x64, fuzz_chance(r, 4) ? fuzz_u32(r) : 0x3000u << 16 | fuzz_chance(r, 16));
        if (fuzz_chance(r, 2))
            put32(g, at + 0x24, fuzz_u32(r) & 0x3FED7);
    }
    for (unsigned i = 0; i < 0x2000; i += 4)
        put32(g, 0x6000 - 0x20 + i, fuzz_chance(r, 4) ? fuzz_u32(r) : 0);
}

static void make_interrupts(struct fuzz_random *r, struct guest *g)
{
    bool tidy = fuzz_chance(r, 2);
    for (unsigned i = 0; i < 256; i++) {
        uint32_t code = some_code(r);
        unsigned kind =
            (const uint8_t[]){0x8E, 0x8E, 0xEE, 0xEF, 0x8F, 0x86, 0xE7, 0x85}[fuzz_below(r, tidy ? 5 : 8)];
        unsigned selector = kind == 0x85                 ? SEL_TSS + 8 * fuzz_below(r, 20)
                            : !tidy && fuzz_chance(r, 8) ? SEL_CODE16
                                                         : SEL_CODE32;
        put_gate(g, GUEST_IDT + 8 * i, selector, selector == SEL_CODE16 ? code - GUEST_CODE : code, kind, 0);
        if (!tidy && fuzz_chance(r, 12))
            put32(g, GUEST_IDT + 8 * i + 4, fuzz_u32(r));
        put16(g, 4 * i, (code - GUEST_CODE) & 0xFFFF); /* real mode's vectors */
        put16(g, 4 * i + 2, fuzz_chance(r, 16) ? fuzz_u32(r) : GUEST_CODE >> 4);
    }
}

/* Handlers: most return at once, in the way of the mode; with an error code it is dropped first. */
static void make_handlers(struct fuzz_random *r, struct guest *g, bool code32)
{
    for (unsigned i = 0; i < 64; i++) {
        uint8_t *at = g->image + GUEST_HANDLERS + 16 * i;
        guest_code(r, at, 16, code32);
        static const uint8_t endings[][6] = {
            {0xCF}, {0xCF}, {0x83, 0xC4, 0x04, 0xCF}, {0x50, 0xB0, 0x20, 0xE6, 0x20, 0x58}, {0x66, 0xCF}};
        unsigned ending = fuzz_below(r, 8);
        if (ending < 5)
            memcpy(at + (fuzz_chance(r, 4) ? fuzz_below(r, 8) : 0), endings[ending], 6);
        at[15] = 0xCF;
    }
}

/* The first 4 MB one to one, but for some pages. In PAE format each directory has 2 MB tables in the same
 * room. */
static void make_pages(struct fuzz_random *r, struct guest *g, bool pae)
{
    unsigned entries = pae ? 512 : 1024, size = pae ? 8 : 4,
             tidy_below = fuzz_chance(r, 3) ? 0 : GUEST_DATA >> 12;
    for (unsigned i = 0; i < entries; i++) {
        uint32_t entry = i << 12 | 0x007;
        if (i >= tidy_below && fuzz_chance(r, 6)) /* some other rights, another page, or nothing */
            entry = (fuzz_chance(r, 2) ? i : fuzz_below(r, 0x70)) << 12 | fuzz_below(r, 0x200) |
                    !fuzz_chance(r, 3);
        if (i >= tidy_below && fuzz_chance(r, 400))
            entry = fuzz_u32(r);
        put32(g, GUEST_PAGES + 0x1000 + size * i, entry);
    }
    if (pae) {
        put32(g, GUEST_PAGES,
              (GUEST_PAGES + 0x2000) | 1); /* pointers; the other three are not there, or the same */
        for (unsigned i = 1; i < 4; i++)
            put32(g, GUEST_PAGES + 8 * i, fuzz_chance(r, 2) ? (GUEST_PAGES + 0x2000) | 1 : 0);
        put32(g, GUEST_PAGES + 0x2000, (GUEST_PAGES + 0x1000) | 7);
    } else {
        put32(g, GUEST_PAGES, (GUEST_PAGES + 0x1000) | 7);
    }
    uint32_t directory = pae ? GUEST_PAGES + 0x2000 : GUEST_PAGES;
    for (unsigned i = 1; i < entries; i++)
        if (i >= entries - 8 ||
            fuzz_chance(r, 20)) /* large pages, aliases of the first ones, device memory */
            put32(g, directory + size * i,
                  fuzz_chance(r, 2) ? (GUEST_PAGES + 0x1000) | fuzz_below(r, 64) | 1
                                    : (i << (pae ? 21 : 22)) | fuzz_below(r, 32) << 5 | 0x83);
}

static uint64_t some_register(struct fuzz_random *r)
{
    switch (fuzz_below(r, 6)) {
    case 0:
        return GUEST_DATA + fuzz_below(r, 0x8000);
    case 1:
        return GUEST_CODE + fuzz_below(r, GUEST_CODE_SIZE);
    case 2:
        return fuzz_below(r, 0x10000);
    case 3:
        return fuzz_below(r, 64);
    default:
        return fuzz_value(r);
    }
}

static struct cpu_segment from_table(const struct guest *g, uint16_t selector)
{
    uint32_t at = GUEST_GDT + (selector & 0x1F8u), low = get32(g, at), high = get32(g, at + 4);
    uint32_t limit = (high & 0xF0000) | (low & 0xFFFF);
    if (high & 0x800000)
        limit = limit << 12 | 0xFFF;
    return (struct cpu_segment){selector, (uint16_t)((high >> 8) & 0xF0FF), limit,
                                (high & 0xFF000000) | (high << 16 & 0xFF0000) | low >> 16};
}

static void set_all_segments(struct guest *g, uint16_t code, uint16_t data)
{
    for (unsigned i = 0; i < CPU_SEGMENTS; i++)
        g->registers.segment[i] = from_table(g, i == CPU_CS ? code : data);
}

static void real_segments(struct fuzz_random *r, struct guest *g, uint32_t limit, unsigned access)
{
    for (unsigned i = 0; i < CPU_SEGMENTS; i++) {
        uint32_t base = i == CPU_CS         ? GUEST_CODE
                        : i == CPU_SS       ? GUEST_STACK
                        : fuzz_chance(r, 4) ? GUEST_CODE
                                            : GUEST_DATA;
        g->registers.segment[i] = (struct cpu_segment){(uint16_t)(base >> 4), (uint16_t)access, limit, base};
    }
}

static void wild_segments(struct fuzz_random *r, struct guest *g)
{
    set_all_segments(g, SEL_CODE32, SEL_DATA32);
    for (unsigned i = 0; i < CPU_SEGMENTS; i++) {
        struct cpu_segment *s = &g->registers.segment[i];
        if (i != CPU_CS && fuzz_chance(r, 2)) {
            s->access = (uint16_t)(fuzz_u32(r) & 0xD0FF);
            s->limit = fuzz_value(r);
            s->base = fuzz_chance(r, 2) ? fuzz_u32(r) : fuzz_below(r, 0x60000);
        }
        if (i == CPU_CS && fuzz_chance(r, 2)) {
            s->base = fuzz_chance(r, 2) ? fuzz_below(r, 16) : GUEST_CODE - 0x1000 * fuzz_below(r, 3);
            s->limit = fuzz_chance(r, 2) ? GUEST_CODE + fuzz_below(r, GUEST_CODE_SIZE) : fuzz_value(r);
        }
    }
}

static void set_segments(struct fuzz_random *r, struct guest *g)
{
    struct cpu_registers *regs = &g->registers;
    switch (g->mode) {
    case GUEST_REAL:
        real_segments(r, g, 0xFFFF, 0x93);
        break;
    case GUEST_REAL_BIG:
        real_segments(r, g, 0xFFFFFFFF, 0x8093);
        break;
    case GUEST_PROTECTED_32:
        set_all_segments(g, SEL_CODE32, SEL_DATA32);
        break;
    case GUEST_PROTECTED_16:
        set_all_segments(g, SEL_CODE16, SEL_DATA16);
        break;
    case GUEST_USER_32:
        set_all_segments(g, SEL_USER_CODE32, SEL_USER_DATA32);
        regs->cpl = 3;
        break;
    case GUEST_USER_16:
        set_all_segments(g, SEL_USER_CODE16, SEL_USER_DATA16);
        regs->cpl = 3;
        break;
    case GUEST_V86:
        real_segments(r, g, 0xFFFF, 0xF3);
        regs->rflags |= EFLAGS_VM;
        regs->cpl = 3;
        break;
    default:
        wild_segments(r, g);
        break;
    }
    regs->ldtr = from_table(g, SEL_LDT);
    regs->tr = from_table(g, SEL_TSS);
}

/* Paging goes on by the guest's own code, as PAE needs. Returns the code's length. */
static unsigned paging_code(struct fuzz_random *r, const struct cpu_model *model, struct guest *g,
                            uint8_t *at, bool pae)
{
    uint32_t cr4 = (pae ? 0x20 : 0) | (fuzz_u32(r) & 0x93),
             cr0 = CR0_PG | CR0_PE | (fuzz_chance(r, 2) ? CR0_WP : 0);
    unsigned n = 0;
    uint8_t code[] = {0xB8, (uint8_t)cr4,
                      0,    0,
                      0,    0x0F,
                      0x22, 0xE0, /* mov eax, ...; mov cr4, eax */
                      0xB8, 0,
                      0,    (uint8_t)(GUEST_PAGES >> 16),
                      0,    0x0F,
                      0x22, 0xD8};
    if (cpu_model_features(model) & 8)
        memcpy(at, code, n = sizeof code);
    else
        memcpy(at, code + 8, n = sizeof code - 8);
    cr0 |= (uint32_t)g->registers.cr0;
    uint8_t enable[] = {
        0xB8, (uint8_t)cr0, (uint8_t)(cr0 >> 8), (uint8_t)(cr0 >> 16), (uint8_t)(cr0 >> 24), 0x0F,
        0x22, 0xC0};
    memcpy(at + n, enable, sizeof enable);
    return n + sizeof enable;
}

static bool is_286(const struct cpu_model *model)
{
    return !strcmp(cpu_model_name(model), "286");
}

static enum guest_mode some_mode(struct fuzz_random *r, const struct cpu_model *model)
{
    return is_286(model) ? GUEST_REAL : (enum guest_mode)fuzz_below(r, GUEST_MODES);
}

static bool is_16_bit(enum guest_mode mode)
{
    return mode == GUEST_REAL || mode == GUEST_REAL_BIG || mode == GUEST_PROTECTED_16 ||
           mode == GUEST_USER_16 || mode == GUEST_V86;
}

static void set_control(struct fuzz_random *r, const struct cpu_model *model, struct guest *g)
{
    struct cpu_registers *regs = &g->registers;
    bool is_protected = g->mode != GUEST_REAL && g->mode != GUEST_REAL_BIG;
    regs->cr0 = is_286(model) ? 0 : 0x10;
    if (is_protected)
        regs->cr0 |= CR0_PE | (fuzz_chance(r, 3) ? CR0_AM : 0) | (fuzz_chance(r, 3) ? CR0_WP : 0);
    if (fuzz_chance(r, 8))
        regs->cr0 |= fuzz_u32(r) & 0x2E;
    regs->cr3 = GUEST_PAGES;
    regs->gdtr_base = GUEST_GDT;
    regs->gdtr_limit = fuzz_chance(r, 8) ? (uint16_t)fuzz_below(r, 0x200) : 0x1FF;
    regs->idtr_base = is_protected ? GUEST_IDT : 0;
    regs->idtr_limit = fuzz_chance(r, 8) ? (uint16_t)fuzz_below(r, 0x800) : is_protected ? 0x7FF : 0x3FF;
    regs->dr[6] = 0xFFFF0FF0;
    regs->dr[7] = 0x400;
}

/* Where a breakpoint may hit: code that comes soon, memory that it uses, tables. */
static uint32_t worth_watching(struct fuzz_random *r, const struct guest *g, uint32_t start)
{
    switch (fuzz_below(r, 6)) {
    case 0:
    case 1:
        return GUEST_CODE + start + fuzz_below(r, 64);
    case 2:
        return (uint32_t)(g->registers.gpr[fuzz_below(r, 8)] + fuzz_below(r, 16) - 8);
    case 3:
        return GUEST_STACK + 0x7F00 + fuzz_below(r, 64) - 56;
    case 4:
        return GUEST_GDT + fuzz_below(r, GUEST_TSS + 0x400 - GUEST_GDT);
    default:
        return (uint32_t)some_register(r);
    }
}

static void arm_breakpoints(struct fuzz_random *r, struct guest *g, uint32_t start)
{
    struct cpu_registers *regs = &g->registers;
    if (!fuzz_chance(r, 8))
        return;
    regs->dr[7] |= fuzz_u32(r) & 0xFFFF03FF;
    for (unsigned i = 0; i < 4; i++) {
        regs->dr[i] = worth_watching(r, g, start);
        if (fuzz_chance(r, 2))
            regs->dr[7] &= ~(0xFull << (16 + 4 * i)); /* for execution */
    }
}

void guest_make(struct fuzz_random *r, const struct cpu_model *model, struct guest *g)
{
    struct cpu_registers *regs = &g->registers;
    memset(g, 0, sizeof *g);
    g->mode = some_mode(r, model);
    g->paging = g->mode >= GUEST_PROTECTED_32 && g->mode != GUEST_WILD && fuzz_chance(r, 2);
    bool pae = g->paging && (cpu_model_features(model) & 0x40) && fuzz_chance(r, 3);
    bool by_code = pae || (g->paging && fuzz_chance(r, 4));
    if (by_code)
        g->mode = GUEST_PROTECTED_32;
    bool code32 = !is_16_bit(g->mode);
    fuzz_bytes(r, g->image + GUEST_DATA, 0x1000);
    for (unsigned i = 0; i < 0x100; i++)
        put32(g, GUEST_STACK + 0x7B00 + 4 * i, (uint32_t)some_register(r));
    make_descriptors(r, g);
    make_task_states(r, g);
    make_interrupts(r, g);
    make_handlers(r, g, code32);
    make_pages(r, g, pae);
    guest_code(r, g->image + GUEST_CODE, GUEST_CODE_SIZE, code32);
    guest_code(r, g->image + GUEST_SMM, 24, false);
    memcpy(g->image + GUEST_SMM + 24, "\x0F\xAA", 2);

    for (unsigned i = 0; i < 8; i++)
        regs->gpr[i] = (uint32_t)some_register(r);
    regs->gpr[4] = g->mode <= GUEST_REAL_BIG || code32 == false ? 0x7F00 : GUEST_STACK + 0x7F00;
    regs->rflags = 2 | (fuzz_u32(r) & 0xCD5) | (fuzz_chance(r, 3) ? 0 : EFLAGS_IF) | (fuzz_below(r, 4) << 12);
    regs->rflags |= fuzz_chance(r, 20) ? 0x100 : 0;
    regs->rflags |= fuzz_chance(r, 6) ? fuzz_u32(r) & 0x3C4000 : 0;
    set_control(r, model, g);
    set_segments(r, g);
    uint32_t start = fuzz_below(r, 4) ? 0 : fuzz_below(r, GUEST_CODE_SIZE);
    regs->rip = (uint32_t)(start + GUEST_CODE - regs->segment[CPU_CS].base);
    arm_breakpoints(r, g, start);
    if (by_code) {
        paging_code(r, model, g, g->image + GUEST_CODE + start, pae);
    } else if (g->paging) {
        regs->cr0 |= CR0_PG;
        regs->cr4 = cpu_model_features(model) & 8 ? fuzz_u32(r) & 0x93 : 0;
    }
}

const char *guest_mode_name(enum guest_mode mode)
{
    static const char *const names[GUEST_MODES] = {"real mode",     "real mode with large segments",
                                                   "32-bit ring 0", "16-bit ring 0",
                                                   "32-bit ring 3", "16-bit ring 3",
                                                   "virtual 8086",  "wild segments"};
    return names[mode];
}
