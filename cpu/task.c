/* Hardware task switches: SDM volume 3, chapter 7. */
#include "cpu/descriptor.h"
#include "cpu/flags.h"

struct tss_image {
    uint32_t eip, eflags, gpr[8];
    uint16_t segment[6]; /* ES CS SS DS FS GS */
    uint16_t ldt;
    uint32_t cr3;
    bool trap;
};

static bool tss_is_32(unsigned type)
{
    return type & 8;
}

/* Offsets of SDM volume 3, figures 7-2 and 7-11. */
static struct tss_image read_tss(struct cpu *cpu, uint32_t base, bool is32)
{
    struct tss_image t = {0};
    if (is32) {
        t.cr3 = (uint32_t)sys_read(cpu, base + 0x1C, 4);
        t.eip = (uint32_t)sys_read(cpu, base + 0x20, 4);
        t.eflags = (uint32_t)sys_read(cpu, base + 0x24, 4);
        for (unsigned i = 0; i < 8; i++)
            t.gpr[i] = (uint32_t)sys_read(cpu, base + 0x28 + 4 * i, 4);
        for (unsigned i = 0; i < 6; i++)
            t.segment[i] = (uint16_t)sys_read(cpu, base + 0x48 + 4 * i, 2);
        t.ldt = (uint16_t)sys_read(cpu, base + 0x60, 2);
        t.trap = sys_read(cpu, base + 0x64, 2) & 1;
    } else {
        t.eip = (uint16_t)sys_read(cpu, base + 0x0E, 2);
        t.eflags = (uint16_t)sys_read(cpu, base + 0x10, 2);
        for (unsigned i = 0; i < 8; i++)
            t.gpr[i] = 0xFFFF0000u | (uint16_t)sys_read(cpu, base + 0x12 + 2 * i, 2);
        for (unsigned i = 0; i < 4; i++)
            t.segment[i] = (uint16_t)sys_read(cpu, base + 0x22 + 2 * i, 2);
        t.ldt = (uint16_t)sys_read(cpu, base + 0x2A, 2);
    }
    return t;
}

static void write_tss(struct cpu *cpu, uint32_t base, bool is32, uint32_t eflags)
{
    if (is32) {
        sys_write(cpu, base + 0x20, (uint32_t)cpu->next_rip, 4);
        sys_write(cpu, base + 0x24, eflags, 4);
        for (unsigned i = 0; i < 8; i++)
            sys_write(cpu, base + 0x28 + 4 * i, cpu->gpr[i].d, 4);
        for (unsigned i = 0; i < 6; i++)
            sys_write(cpu, base + 0x48 + 4 * i, cpu->seg[i].selector, 2);
    } else {
        sys_write(cpu, base + 0x0E, (uint16_t)cpu->next_rip, 2);
        sys_write(cpu, base + 0x10, (uint16_t)eflags, 2);
        for (unsigned i = 0; i < 8; i++)
            sys_write(cpu, base + 0x12 + 2 * i, cpu->gpr[i].w, 2);
        for (unsigned i = 0; i < 4; i++)
            sys_write(cpu, base + 0x22 + 2 * i, cpu->seg[i].selector, 2);
    }
}

/* What write_tss() writes: the first byte and the number of them. */
static void saved_part(bool is32, uint32_t *offset, unsigned *size)
{
    *offset = is32 ? 0x20 : 0x0E;
    *size = is32 ? 0x40 : 0x1C;
}

/* Where the old task's registers go must lie within its TSS (the manual does not say what else would happen).
 */
static void probe_old_tss(struct cpu *cpu, bool is32)
{
    const struct segment *tr = &cpu->seg[SEG_TR];
    uint32_t offset;
    unsigned size;
    saved_part(is32, &offset, &size);
    if (tr->limit < offset + size - 1)
        cpu_raise_because(cpu, EXC_TS, selector_error(cpu, tr->selector), CPU_FAULT_TSS_LIMIT, tr->selector,
                          tr->limit);
    lin_probe_write(cpu, (uint32_t)tr->base + offset, size, 0);
}

static void probe_busy(struct cpu *cpu, uint16_t selector)
{
    lin_probe_write(cpu, (uint32_t)(cpu->gdtr_base + (selector & 0xFFF8) + 5), 1, 0);
}

static void set_busy(struct cpu *cpu, uint16_t selector, bool busy)
{
    uint32_t linear = (uint32_t)(cpu->gdtr_base + (selector & 0xFFF8) + 5);
    uint8_t type = (uint8_t)sys_read(cpu, linear, 1);
    sys_write(cpu, linear, busy ? type | 2u : type & ~2u, 1);
}

/* The new task's LDT, SDM volume 3, table 7-1. */
static void load_ldt(struct cpu *cpu, uint16_t selector)
{
    struct segment *ldt = &cpu->seg[SEG_LDTR];
    *ldt = (struct segment){.selector = selector};
    if (selector_is_null(selector))
        return;
    if (selector & 4)
        cpu_raise_because(cpu, EXC_TS, selector_error(cpu, selector), CPU_FAULT_TABLE_LOCAL, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_TS);
    if (desc_is_segment(&d) || desc_type(&d) != DESC_LDT)
        raise_selector(cpu, EXC_TS, selector, CPU_FAULT_NOT_LDT, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_TS, selector, CPU_FAULT_NOT_PRESENT, &d);
    segment_set(ldt, selector, &d);
}

static void load_task_cs(struct cpu *cpu, uint16_t selector, uint32_t eip)
{
    if (selector_is_null(selector))
        cpu_raise_because(cpu, EXC_TS, selector_error(cpu, selector), CPU_FAULT_NULL_SELECTOR, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_TS);
    if (!desc_is_code(&d))
        raise_selector(cpu, EXC_TS, selector, CPU_FAULT_NOT_CODE, &d);
    unsigned rpl = selector & 3;
    if (desc_is_conforming(&d) ? desc_dpl(&d) > rpl : desc_dpl(&d) != rpl)
        raise_selector(cpu, EXC_TS, selector, CPU_FAULT_PRIVILEGE, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    descriptor_set_accessed(cpu, &d);
    code_segment_set(cpu, selector, &d, rpl);
    if (eip > desc_limit(&d))
        cpu_raise_because(cpu, EXC_GP, cpu->external_event, CPU_FAULT_TARGET_LIMIT, eip, desc_limit(&d));
}

static void load_task_ss(struct cpu *cpu, uint16_t selector)
{
    struct descriptor d = stack_descriptor(cpu, selector, cpu->cpl, EXC_TS);
    descriptor_set_accessed(cpu, &d);
    segment_set(&cpu->seg[SEG_SS], selector, &d);
}

static void load_task_data(struct cpu *cpu, unsigned seg, uint16_t selector)
{
    if (selector_is_null(selector))
        return;
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_TS);
    bool code = desc_is_code(&d);
    if (!desc_is_segment(&d) || (code && !desc_rw(&d)))
        raise_selector(cpu, EXC_TS, selector, CPU_FAULT_NOT_DATA, &d);
    if (!(code && desc_is_conforming(&d)) && (desc_dpl(&d) < cpu->cpl || desc_dpl(&d) < (selector & 3u)))
        raise_selector(cpu, EXC_TS, selector, CPU_FAULT_PRIVILEGE, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    descriptor_set_accessed(cpu, &d);
    segment_set(&cpu->seg[seg], selector, &d);
}

static void load_task_segments(struct cpu *cpu, const struct tss_image *t)
{
    static const uint8_t data[4] = {SEG_DS, SEG_ES, SEG_FS, SEG_GS};
    if (cpu->eflags & FLAG_VM) {
        for (unsigned seg = 0; seg < 6; seg++)
            segment_load_real(cpu, seg, t->segment[seg]);
        if (t->eip > 0xFFFF)
            cpu_raise_because(cpu, EXC_GP, cpu->external_event, CPU_FAULT_TARGET_LIMIT, t->eip, 0xFFFF);
        return;
    }
    load_task_cs(cpu, t->segment[SEG_CS], t->eip);
    load_task_ss(cpu, t->segment[SEG_SS]);
    for (unsigned i = 0; i < 4; i++)
        load_task_data(cpu, data[i], t->segment[data[i]]);
}

/* Visible parts are loaded before any check, so that a fault finds the new task's selectors. */
static void load_selectors(struct cpu *cpu, const struct tss_image *t)
{
    for (unsigned seg = 0; seg < 6; seg++)
        segment_set_null(&cpu->seg[seg], t->segment[seg]);
    cpu->seg[SEG_CS].limit = 0xFFFFFFFF;
    cpu->cpl = t->segment[SEG_CS] & 3;
}

static void push_error(struct cpu *cpu, bool is32, uint32_t error)
{
    push_value(cpu, error, is32 ? 4 : 2);
}

/* The new task's page directory, registers and flags; its segment registers hold selectors only. */
static void load_registers(struct cpu *cpu, const struct tss_image *t, bool is32)
{
    uint32_t cr3 = mmu_cr3_kept(cpu, t->cr3);
    cpu->cr0 |= CR0_TS;
    if (is32 && (cpu->cr0 & CR0_PG) && cr3 != cpu->cr3) {
        if (cpu->cr4 & CR4_PAE)
            mmu_load_pdptes(cpu, cr3);
        debug_keep_place(cpu);
        cpu->cr3 = cr3;
        tlb_flush(cpu, false);
    }
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[i].d = t->gpr[i];
    cpu->eflags &= ~(uint32_t)FLAG_VM;
    cpu->rip = cpu->next_rip = t->eip;
    load_selectors(cpu, t);
    cpu_set_eflags(cpu, t->eflags, 0xFFFFFFFF);
    if (cpu->eflags & FLAG_VM)
        cpu->cpl = 3;
    cpu->keep_resume = true;
    cpu->dr[7] &= ~0x155ull; /* local breakpoints, SDM volume 3, 17.2.4 */
    breakpoints_changed(cpu);
    cpu->in_software_interrupt = false;
    cpu_update_mode(cpu);
}

void task_switch(struct cpu *cpu, uint16_t selector, const uint32_t descriptor[2], enum task_switch_kind kind,
                 bool has_error, uint32_t error)
{
    struct descriptor d = {.low = descriptor[0], .high = descriptor[1]};
    bool new32 = tss_is_32(desc_type(&d)), old32 = tss_is_32(cpu->seg[SEG_TR].access & 15);
    uint32_t base = desc_base(&d), limit = desc_limit(&d), old_base = (uint32_t)cpu->seg[SEG_TR].base;
    if (limit < (new32 ? 0x67u : 0x2Bu))
        cpu_raise_because(cpu, EXC_TS, selector_error(cpu, selector), CPU_FAULT_TSS_LIMIT, selector, limit);

    /* Everything that this side needs is touched before the point of no return. */
    probe_old_tss(cpu, old32);
    lin_probe_read(cpu, base, new32 ? 0x68 : 0x2C, 0);
    bool nests = kind == TASK_CALL || kind == TASK_GATE;
    if (nests)
        lin_probe_write(cpu, base, 2, 0);
    else
        probe_busy(cpu, cpu->seg[SEG_TR].selector);
    if (kind != TASK_IRET)
        probe_busy(cpu, selector);
    struct tss_image t = read_tss(cpu, base, new32);

    uint32_t eflags = cpu_get_eflags(cpu);
    if (kind == TASK_IRET)
        eflags &= ~(uint32_t)FLAG_NT;
    if (kind == TASK_JUMP || kind == TASK_IRET)
        set_busy(cpu, cpu->seg[SEG_TR].selector, false);
    write_tss(cpu, old_base, old32, eflags);
    if (nests) {
        sys_write(cpu, base, cpu->seg[SEG_TR].selector, 2);
        t.eflags |= FLAG_NT;
    }
    if (kind != TASK_IRET)
        set_busy(cpu, selector, true);

    /* From here on faults are the new task's. */
    d.high |= 0x200;
    if (debug_wants(cpu, CPU_EVENT_TABLE))
        debug_note(cpu, CPU_EVENT_TABLE, CPU_TABLE_TR, cpu->seg[SEG_TR].selector, selector);
    segment_set(&cpu->seg[SEG_TR], selector, &d);
    load_registers(cpu, &t, new32);
    load_ldt(cpu, t.ldt);
    load_task_segments(cpu, &t);
    cpu_update_mode(cpu);
    if (has_error)
        push_error(cpu, new32, error);
    if (t.trap)
        cpu->pending_debug |= DR6_BT;
    cpu->attention |= ATTENTION_MODE | ATTENTION_TRAP;
    cpu_charge_transfer(cpu, !new32                  ? TRANSFER_TASK_SWITCH_16
                             : cpu->eflags & FLAG_VM ? TRANSFER_TASK_SWITCH_V86
                                                     : TRANSFER_TASK_SWITCH);
}
