/* The interpreter, as Linux sets a processor up for a user's program; see interpreter.h.
 *
 *   physical   linear     contents
 *   0000       E6D53000   GDT, LDT at 200h, IDT at 400h, TSS at C00h
 *   1000       E6D54000   a HLT for each vector, at 2 * vector
 *   2000       E6D55000   stack of privilege level 0
 *   3000                  page directory; page tables of the sandbox at 4000h and of E6D53000h at 5000h
 *   8000                  the sandbox's areas
 */
#include "tests/differential/interpreter.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "tests/ram_bus.h"

enum {
    RAM_PAGES = 16,
    GDT = 0,
    LDT = 0x200,
    IDT = 0x400,
    TSS = 0xC00,
    HANDLERS = 0x1000,
    STACK_TOP = 0x3000,
    DIRECTORY = 0x3000,
    TABLE_SANDBOX = 0x4000,
    TABLE_KERNEL = 0x5000,
    SANDBOX = 0x8000,
};
#define KERNEL INTERPRETER_OWN

enum { KERNEL_CODE = 0x08, KERNEL_DATA = 0x18, SELECTOR_TSS = 0x40, SELECTOR_LDT = 0x50 };

struct interpreter {
    struct ram_bus board;
};

/* --- tables --- */

static void put32(struct interpreter *in, uint32_t at, uint32_t value)
{
    memcpy(in->board.ram + at, &value, 4);
}

static void put64(struct interpreter *in, uint32_t at, uint64_t value)
{
    memcpy(in->board.ram + at, &value, 8);
}

static uint64_t system_descriptor(uint32_t base, uint32_t limit, unsigned type)
{
    return (uint64_t)(base & 0xFF000000) << 32 | (uint64_t)(0x80 | type) << 40 |
           (uint64_t)(base & 0xFFFFFF) << 16 | limit;
}

/* Flat segments at Linux's places in the GDT. */
static void make_tables(struct interpreter *in)
{
    put64(in, GDT + KERNEL_CODE, 0x00CF9B000000FFFF);
    put64(in, GDT + KERNEL_DATA, 0x00CF93000000FFFF);
    put64(in, GDT + (FLAT_CODE & ~7), 0x00CFFB000000FFFF);
    put64(in, GDT + (FLAT_DATA & ~7), 0x00CFF3000000FFFF);
    put64(in, GDT + SELECTOR_TSS, system_descriptor(KERNEL + TSS, 0x67, 9));
    put64(in, GDT + SELECTOR_LDT, system_descriptor(KERNEL + LDT, ldt_count * 8 - 1, 2));
    for (unsigned i = 0; i < ldt_count; i++)
        put64(in, LDT + 8 * i, ldt_descriptor(&ldt_rows[i]));
    for (unsigned vector = 0; vector < 256; vector++) {
        uint32_t handler = KERNEL + HANDLERS + 2 * vector;
        unsigned dpl = vector == EXC_BP || vector == EXC_OF ? 3 : 0;
        put32(in, IDT + 8 * vector, KERNEL_CODE << 16 | (handler & 0xFFFF));
        put32(in, IDT + 8 * vector + 4, (handler & 0xFFFF0000) | 0x8E00 | dpl << 13);
        in->board.ram[HANDLERS + 2 * vector] = 0xF4;
    }
    put32(in, TSS + 4, KERNEL + STACK_TOP);
    put32(in, TSS + 8, KERNEL_DATA);
    put32(in, TSS + 0x64, 0x680000); /* the I/O map lies past the limit: no ports */
}

static void map(struct interpreter *in, uint32_t table, uint32_t linear, uint32_t physical, uint32_t rights)
{
    put32(in, DIRECTORY + (linear >> 22) * 4, table | 0x67);
    put32(in, table + (linear >> 12 & 0x3FF) * 4, physical | 0x61 | rights);
}

static void make_page_tables(struct interpreter *in)
{
    for (unsigned page = 0; page < 3; page++)
        map(in, TABLE_KERNEL, KERNEL + page * PAGE, page * PAGE, 2);
    for (unsigned i = 0; i < AREAS; i++)
        for (unsigned page = 0; page < areas[i].pages; page++)
            map(in, TABLE_SANDBOX, areas[i].linear + page * PAGE, SANDBOX + area_offset(i) + page * PAGE,
                areas[i].writable ? 6 : 4);
}

static struct segment system_segment(uint16_t selector, uint32_t base, uint32_t limit, uint16_t access)
{
    struct segment s = {.selector = selector, .base = base, .limit = limit, .access = access};
    segment_derive(&s);
    return s;
}

struct interpreter *interpreter_create(const struct cpu_model *model)
{
    struct interpreter *in = xcalloc(1, sizeof *in);
    ram_bus_init(&in->board, model, RAM_PAGES, false);
    make_tables(in);
    make_page_tables(in);
    struct cpu *cpu = in->board.cpu;
    cpu->gdtr_base = KERNEL + GDT;
    cpu->gdtr_limit = 127;
    cpu->idtr_base = KERNEL + IDT;
    cpu->idtr_limit = 0x7FF;
    cpu->seg[SEG_TR] = system_segment(SELECTOR_TSS, KERNEL + TSS, 0x67, 0x8B);
    cpu->seg[SEG_LDTR] = system_segment(SELECTOR_LDT, KERNEL + LDT, ldt_count * 8 - 1, 0x82);
    cpu->cr3 = DIRECTORY;
    cpu->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG;
    tlb_flush(cpu, true);
    return in;
}

void interpreter_destroy(struct interpreter *in)
{
    ram_bus_release(&in->board);
    free(in);
}

struct cpu *interpreter_cpu(struct interpreter *in)
{
    return in->board.cpu;
}

uint8_t *interpreter_area(struct interpreter *in, unsigned area)
{
    return in->board.ram + SANDBOX + area_offset(area);
}

/* Blocks of any of the sandbox's pages go: data may have been executed too. */
void interpreter_code_changed(struct interpreter *in)
{
    for (unsigned page = SANDBOX / PAGE; page < RAM_PAGES; page++)
        if (in->board.flags[page] & CPU_PAGE_CODE) {
            cpu_code_written(in->board.cpu, page, 0, PAGE - 1);
            in->board.flags[page] &= (uint8_t)~CPU_PAGE_CODE;
        }
}

void interpreter_flush_tlb(struct interpreter *in)
{
    tlb_flush(in->board.cpu, true);
}

/* --- runs --- */

static void load_segment(struct cpu *cpu, unsigned seg, uint16_t selector)
{
    uint64_t descriptor = 0;
    const struct ram_bus *board = cpu->bus.ctx;
    struct segment *s = &cpu->seg[seg];
    *s = (struct segment){.selector = selector};
    if (selector & ~3)
        memcpy(&descriptor, board->ram + (selector & 4 ? LDT : GDT) + (selector & ~7), 8);
    if (!descriptor)
        return;
    s->base = (descriptor >> 16 & 0xFFFFFF) | (descriptor >> 56 & 0xFF) << 24;
    s->limit = (uint32_t)(descriptor & 0xFFFF) | (uint32_t)(descriptor >> 32 & 0xF0000);
    if (descriptor >> 55 & 1)
        s->limit = s->limit << 12 | 0xFFF;
    s->access = (uint16_t)(descriptor >> 40 & 0xF0FF);
    segment_derive(s);
}

static void load_x87(struct fpu *f, const struct x87_state *x, bool portable)
{
    f->portable = portable;
    f->control = x->control;
    f->status = x->status & (uint16_t)~FPU_TOP;
    f->top = x->status >> 11 & 7;
    f->tag = x->tag;
    f->last_ip = x->ip;
    for (unsigned i = 0; i < 8; i++) {
        struct float80 *reg = fpu_st(f, i);
        reg->significand = x->st[i].significand;
        reg->sign_exponent = x->st[i].sign_exponent;
    }
    fpu_post_load(f);
}

void interpreter_load(struct interpreter *in, const struct machine_state *state, bool portable)
{
    struct cpu *cpu = in->board.cpu;
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[i].q = state->gpr[i];
    for (unsigned i = 0; i < 6; i++)
        load_segment(cpu, i, state->segment[i]);
    cpu->rip = cpu->next_rip = state->eip;
    flags_set_all(cpu, state->eflags);
    cpu->eflags = (state->eflags & ~(uint32_t)FLAGS_ARITH) | FLAG_1 | FLAG_IF;
    cpu->cpl = 3;
    cpu->cr2 = 0;
    cpu->dr[6] = 0xFFFF0FF0;
    cpu->activity = ACTIVITY_RUNNING;
    cpu->shadow = 0;
    cpu->pending_debug = 0;
    load_x87(&cpu->fpu, &state->x87, portable);
    cpu_update_mode(cpu);
    cpu->attention |= ATTENTION_MODE | ATTENTION_TRAP;
}

bool interpreter_step(struct interpreter *in)
{
    cpu_step(in->board.cpu);
    return in->board.cpu->cpl != 0;
}

void interpreter_run_steps(struct interpreter *in, unsigned most)
{
    while (most-- && in->board.cpu->cpl != 0)
        cpu_step(in->board.cpu);
}

void interpreter_run_blocks(struct interpreter *in)
{
    cpu_run(in->board.cpu, in->board.now + 1000000);
}

static uint32_t frame_word(const struct interpreter *in, unsigned i)
{
    uint32_t value;
    memcpy(&value, in->board.ram + STACK_TOP - 4 * (i + 1), 4);
    return value;
}

static void store_x87(struct fpu *f, struct x87_state *x)
{
    x->control = f->control;
    x->status = fpu_status_word(f);
    x->tag = f->tag;
    x->ip = (uint32_t)f->last_ip;
    for (unsigned i = 0; i < 8; i++) {
        x->st[i].significand = fpu_st(f, i)->significand;
        x->st[i].sign_exponent = fpu_st(f, i)->sign_exponent;
    }
}

void interpreter_outcome(struct interpreter *in, struct outcome *out)
{
    struct cpu *cpu = in->board.cpu;
    struct machine_state *s = &out->state;
    memset(out, 0, sizeof *out);
    out->lost = cpu->cpl != 0;
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = cpu->gpr[i].d;
    for (unsigned i = 0; i < 6; i++)
        s->segment[i] = cpu->seg[i].selector;
    s->eip = (uint32_t)cpu->rip;
    s->eflags = cpu_get_eflags(cpu);
    store_x87(&cpu->fpu, &s->x87);
    if (out->lost)
        return;
    /* By single steps the HLT has not run yet; either way EIP says which handler it is. */
    out->vector = (uint8_t)((cpu->rip - (KERNEL + HANDLERS)) >> 1);
    bool has_error = cpu->gpr[RSP].d == KERNEL + STACK_TOP - 24;
    s->segment[SEG_SS] = (uint16_t)frame_word(in, 0);
    s->gpr[RSP] = frame_word(in, 1);
    s->eflags = frame_word(in, 2);
    s->segment[SEG_CS] = (uint16_t)frame_word(in, 3);
    s->eip = frame_word(in, 4);
    out->error = has_error ? frame_word(in, 5) : 0;
    out->cr2 = (uint32_t)cpu->cr2;
}
