/* Segment registers and descriptors: SDM volume 3, chapter 3 and 5. */
#include "cpu/descriptor.h"
#include "cpu/insn.h"

void segment_derive(struct segment *s)
{
    s->read_end = s->write_end = 0;
    uint16_t a = s->access;
    if (!segment_is_usable(a))
        return;
    uint64_t end = (uint64_t)s->limit + 1;
    if (a & SEGA_CODE) {
        s->read_end = a & SEGA_RW ? end : 0;
        return;
    }
    if (a & SEGA_DC) /* expand-down: the plain path decides */
        return;
    s->read_end = end;
    s->write_end = a & SEGA_RW ? end : 0;
}

bool descriptor_find(struct cpu *cpu, uint16_t selector, struct descriptor *out)
{
    uint64_t base = cpu->gdtr_base;
    uint32_t limit = cpu->gdtr_limit;
    if (selector & 4) {
        const struct segment *ldt = &cpu->seg[SEG_LDTR];
        if (!(ldt->access & SEGA_P))
            return false;
        base = ldt->base;
        limit = ldt->limit;
    }
    uint32_t offset = selector & 0xFFF8;
    if (offset + 7 > limit)
        return false;
    out->linear = (uint32_t)(base + offset);
    uint64_t both = sys_read(cpu, out->linear, 8);
    out->low = (uint32_t)both;
    out->high = (uint32_t)(both >> 32);
    /* A 286 descriptor's upper word is reserved and ignored by the 286; later ones use it. */
    return true;
}

_Noreturn void raise_selector(struct cpu *cpu, unsigned vector, uint16_t selector, enum cpu_fault_cause cause,
                              const struct descriptor *d)
{
    cpu_raise_because(cpu, vector, selector_error(cpu, selector), cause, selector, d->high >> 8 & 0xF0FF);
}

void check_free_tss(struct cpu *cpu, uint16_t selector, const struct descriptor *d)
{
    if (is_busy_tss(d))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_TSS_BUSY, d);
    if (desc_is_segment(d) || (desc_type(d) != DESC_TSS16 && desc_type(d) != DESC_TSS32))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_NOT_TSS, d);
}

struct descriptor descriptor_fetch(struct cpu *cpu, uint16_t selector, unsigned vector)
{
    struct descriptor d;
    if (!descriptor_find(cpu, selector, &d))
        cpu_raise_because(cpu, vector, selector_error(cpu, selector), CPU_FAULT_TABLE_LIMIT, selector,
                          selector & 4 ? cpu->seg[SEG_LDTR].limit : cpu->gdtr_limit);
    return d;
}

void descriptor_set_accessed(struct cpu *cpu, struct descriptor *d)
{
    if (d->high & 0x100)
        return;
    d->high |= 0x100;
    sys_write(cpu, d->linear + 5, d->high >> 8 & 0xFF, 1);
}

void segment_set(struct segment *s, uint16_t selector, const struct descriptor *d)
{
    s->selector = selector;
    s->base = desc_base(d);
    s->limit = desc_limit(d);
    s->access = (uint16_t)(d->high >> 8 & 0xF0FF);
    segment_derive(s);
}

void segment_load_real(struct cpu *cpu, unsigned seg, uint16_t selector)
{
    struct segment *s = &cpu->seg[seg];
    s->selector = selector;
    s->base = (uint32_t)selector << 4;
    if (is_v86(cpu)) {
        s->limit = 0xFFFF;
        s->access = 0xF3;
    } else {
        /* Limit and size stay as they were ("unreal mode"); the type becomes that of writable data. */
        s->access = (uint16_t)((s->access & (SEGA_DB | SEGA_G)) | 0x93);
    }
    segment_derive(s);
    if (seg <= SEG_DS)
        cpu_update_mode(cpu);
}

void segment_set_null(struct segment *s, uint16_t selector)
{
    *s = (struct segment){.selector = selector, .limit = s->limit};
}

/* MOV SS, POP SS, LSS: SDM volume 2, MOV. */
static void load_stack_segment(struct cpu *cpu, uint16_t selector)
{
    if (selector_is_null(selector))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NULL_SELECTOR, selector, 0);
    struct descriptor d = stack_descriptor(cpu, selector, cpu->cpl, EXC_GP);
    descriptor_set_accessed(cpu, &d);
    segment_set(&cpu->seg[SEG_SS], selector, &d);
}

static void load_data_segment(struct cpu *cpu, unsigned seg, uint16_t selector)
{
    if (selector_is_null(selector)) {
        segment_set_null(&cpu->seg[seg], selector);
        return;
    }
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_GP);
    bool code = desc_is_code(&d);
    if (!desc_is_segment(&d) || (code && !desc_rw(&d)))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_NOT_DATA, &d);
    if (!(code && desc_is_conforming(&d)) && (desc_dpl(&d) < cpu->cpl || desc_dpl(&d) < (selector & 3u)))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_PRIVILEGE, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    descriptor_set_accessed(cpu, &d);
    segment_set(&cpu->seg[seg], selector, &d);
}

void segment_load(struct cpu *cpu, unsigned seg, uint16_t selector)
{
    if (!is_protected(cpu)) {
        segment_load_real(cpu, seg, selector);
        return;
    }
    if (seg == SEG_SS)
        load_stack_segment(cpu, selector);
    else
        load_data_segment(cpu, seg, selector);
    cpu_charge_transfer(cpu, TRANSFER_SEGMENT_LOAD);
    cpu_update_mode(cpu);
}

struct descriptor stack_descriptor(struct cpu *cpu, uint16_t selector, unsigned cpl, unsigned vector)
{
    if (selector_is_null(selector))
        cpu_raise_because(cpu, vector, selector_error(cpu, selector), CPU_FAULT_NULL_SELECTOR, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, vector);
    if ((selector & 3u) != cpl)
        cpu_raise_because(cpu, vector, selector_error(cpu, selector), CPU_FAULT_STACK_RPL, selector, cpl);
    if (!desc_is_segment(&d) || desc_is_code(&d) || !desc_rw(&d) || desc_dpl(&d) != cpl)
        raise_selector(cpu, vector, selector, CPU_FAULT_STACK_TYPE, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_SS, selector, CPU_FAULT_NOT_PRESENT, &d);
    return d;
}

void code_segment_set(struct cpu *cpu, uint16_t selector, const struct descriptor *d, unsigned privilege)
{
    segment_set(&cpu->seg[SEG_CS], (uint16_t)((selector & 0xFFFC) | privilege), d);
    cpu->cpl = (uint8_t)privilege;
    cpu_update_mode(cpu);
}

void tss_stack(struct cpu *cpu, unsigned level, uint16_t *ss, uint32_t *esp)
{
    const struct segment *tr = &cpu->seg[SEG_TR];
    bool is32 = tr->access & 8;
    uint32_t offset = is32 ? 4 + 8 * level : 2 + 4 * level;
    /* SDM volume 3, 7.2.1: the words must lie within the TSS's limit. */
    if (offset + (is32 ? 5 : 3) > tr->limit)
        cpu_raise_because(cpu, EXC_TS, selector_error(cpu, tr->selector), CPU_FAULT_TSS_LIMIT, tr->selector,
                          tr->limit);
    if (is32) {
        *esp = (uint32_t)sys_read(cpu, tr->base + offset, 4);
        *ss = (uint16_t)sys_read(cpu, tr->base + offset + 4, 2);
    } else {
        *esp = (uint16_t)sys_read(cpu, tr->base + offset, 2);
        *ss = (uint16_t)sys_read(cpu, tr->base + offset + 2, 2);
    }
}

/* --- frames --- */

struct frame frame_on(struct cpu *cpu, uint16_t ss, const struct descriptor *d, uint32_t sp, unsigned cpl)
{
    (void)cpu;
    struct frame f = {.sp = sp, .user = cpl == 3 ? ACCESS_USER : 0};
    segment_set(&f.ss, ss, d);
    f.mask = f.ss.access & SEGA_DB ? 0xFFFFFFFF : 0xFFFF;
    return f;
}

struct frame frame_current(struct cpu *cpu)
{
    struct frame f = {.ss = cpu->seg[SEG_SS],
                      .sp = cpu->gpr[RSP].d,
                      .user = cpu->cpl == 3 ? ACCESS_USER : 0,
                      .current = true};
    f.mask = stack_is_32(cpu) ? 0xFFFFFFFF : 0xFFFF;
    return f;
}

static bool within(const struct segment *s, uint32_t offset, unsigned size)
{
    uint64_t last = (uint64_t)offset + size - 1;
    if (!(s->access & SEGA_CODE) && (s->access & SEGA_DC))
        return offset > s->limit && last <= (s->access & SEGA_DB ? 0xFFFFFFFF : 0xFFFF);
    return last <= s->limit || s->limit == 0xFFFFFFFF;
}

static _Noreturn void frame_refuse(struct cpu *cpu, const struct frame *f, enum cpu_fault_cause cause,
                                   uint64_t first, uint64_t second)
{
    unsigned vector = cpu->model->level >= LEVEL_386 ? EXC_SS : EXC_GP;
    if (f->current)
        cpu_raise_segment(cpu, vector, cpu->external_event, SEG_SS, cause, first, second);
    cpu_raise_because(cpu, vector, selector_error(cpu, f->ss.selector), cause, first, second);
}

void frame_reserve(struct cpu *cpu, struct frame *f, unsigned count, unsigned size)
{
    uint16_t access = f->ss.access;
    /* Where a task switch failed before it came to SS. */
    if (!segment_is_usable(access))
        frame_refuse(cpu, f, CPU_FAULT_SEGMENT_UNUSABLE, f->ss.selector, 0);
    if (!segment_is_writable(access))
        frame_refuse(cpu, f, CPU_FAULT_SEGMENT_NOT_WRITABLE, f->ss.selector, access);
    /* They may wrap in a 16-bit stack, so each is checked by itself. */
    for (unsigned i = 1; i <= count; i++) {
        uint32_t offset = (f->sp - i * size) & f->mask;
        if (!within(&f->ss, offset, size))
            frame_refuse(cpu, f, CPU_FAULT_STACK_LIMIT, offset, f->ss.limit);
        lin_probe_write(cpu, f->ss.base + offset, size, f->user);
    }
}

void frame_push(struct cpu *cpu, struct frame *f, uint32_t value, unsigned size)
{
    f->sp = (f->sp & ~f->mask) | ((f->sp - size) & f->mask);
    lin_write(cpu, f->ss.base + (f->sp & f->mask), value, size, f->user);
}
