/* Interrupts and exceptions: delivery through the IVT and the IDT. SDM volume 3, chapters 6 and 20. */
#include "cpu/descriptor.h"
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/model.h"

static uint32_t idt_error(const struct cpu *cpu, unsigned vector)
{
    return vector * 8 + 2 + cpu->external_event;
}

static void set_stack(struct cpu *cpu, const struct frame *f)
{
    if (f->mask == 0xFFFF)
        cpu->gpr[RSP].w = (uint16_t)f->sp;
    else
        cpu->gpr[RSP].d = f->sp;
}

/* Through the vector table at IDTR, as the 8086 did. SDM volume 3, 20.1.4. */
static void deliver_real(struct cpu *cpu, unsigned vector)
{
    if (vector * 4 + 3 > cpu->idtr_limit)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_IDT_LIMIT, vector, cpu->idtr_limit);
    uint32_t entry = (uint32_t)sys_read(cpu, cpu->idtr_base + vector * 4, 4);
    struct frame f = frame_current(cpu);
    frame_reserve(cpu, &f, 3, 2);
    frame_push(cpu, &f, cpu_get_eflags(cpu), 2);
    frame_push(cpu, &f, cpu->seg[SEG_CS].selector, 2);
    frame_push(cpu, &f, (uint32_t)cpu->rip, 2);
    set_stack(cpu, &f);
    cpu_set_eflags(cpu, 0, FLAG_TF | FLAG_IF | FLAG_AC | FLAG_RF);
    segment_load_real(cpu, SEG_CS, (uint16_t)(entry >> 16));
    cpu->rip = entry & 0xFFFF;
}

/* Faults push RF set, so that an instruction breakpoint does not hit again. SDM volume 3, 17.3.1.1. */
static uint32_t pushed_flags(struct cpu *cpu, unsigned vector, enum interrupt_kind kind)
{
    uint32_t flags = cpu_get_eflags(cpu);
    bool fault = kind == INTERRUPT_EXCEPTION && vector != EXC_DF && vector != EXC_MC;
    /* Of the debug faults, an instruction breakpoint leaves it; general detect sets it. */
    if (vector == EXC_DB)
        fault = fault && cpu->general_detect;
    return fault ? flags | (FLAG_RF & cpu->model->eflags_bits) : flags;
}

struct entry {
    struct descriptor gate, code;
    uint16_t selector;
    uint32_t offset;
    unsigned size; /* 2 or 4 */
};

/* The gate and the code segment behind it, with all checks. */
static struct entry find_entry(struct cpu *cpu, unsigned vector, enum interrupt_kind kind)
{
    struct entry e;
    uint32_t error = idt_error(cpu, vector);
    if (vector * 8 + 7 > cpu->idtr_limit)
        cpu_raise_because(cpu, EXC_GP, error, CPU_FAULT_IDT_LIMIT, vector, cpu->idtr_limit);
    uint64_t both = sys_read(cpu, cpu->idtr_base + vector * 8, 8);
    e.gate.low = (uint32_t)both;
    e.gate.high = (uint32_t)(both >> 32);
    unsigned type = desc_type(&e.gate);
    if (desc_is_segment(&e.gate) ||
        (type != DESC_TASK_GATE && type != DESC_INT_GATE16 && type != DESC_TRAP_GATE16 &&
         type != DESC_INT_GATE32 && type != DESC_TRAP_GATE32))
        cpu_raise_because(cpu, EXC_GP, error, CPU_FAULT_GATE_TYPE, vector, e.gate.high >> 8 & 0xFF);
    bool software = kind == INTERRUPT_SOFTWARE || kind == INTERRUPT_SOFTWARE_EXCEPTION;
    if (software && desc_dpl(&e.gate) < cpu->cpl)
        cpu_raise_because(cpu, EXC_GP, error, CPU_FAULT_GATE_PRIVILEGE, vector, desc_dpl(&e.gate));
    if (!desc_present(&e.gate))
        cpu_raise_because(cpu, EXC_NP, error, CPU_FAULT_GATE_NOT_PRESENT, vector, e.gate.high >> 8 & 0xFF);
    e.selector = gate_selector(&e.gate);
    if (type == DESC_TASK_GATE)
        return e;
    e.offset = gate_offset(&e.gate);
    e.size = type & 8 ? 4 : 2;
    if (selector_is_null(e.selector))
        cpu_raise_because(cpu, EXC_GP, cpu->external_event, CPU_FAULT_GATE_NULL, vector, 0);
    e.code = descriptor_fetch(cpu, e.selector, EXC_GP);
    if (!desc_is_code(&e.code) || desc_dpl(&e.code) > cpu->cpl)
        raise_selector(cpu, EXC_GP, e.selector, CPU_FAULT_GATE_CODE, &e.code);
    if (!desc_present(&e.code))
        raise_selector(cpu, EXC_NP, e.selector, CPU_FAULT_NOT_PRESENT, &e.code);
    return e;
}

static void through_task_gate(struct cpu *cpu, const struct entry *e, bool has_error, uint32_t error)
{
    if (e->selector & 4)
        cpu_raise_because(cpu, EXC_GP, selector_error(cpu, e->selector), CPU_FAULT_TABLE_LOCAL, e->selector,
                          0);
    struct descriptor tss = descriptor_fetch(cpu, e->selector, EXC_GP);
    check_free_tss(cpu, e->selector, &tss);
    if (!desc_present(&tss))
        raise_selector(cpu, EXC_NP, e->selector, CPU_FAULT_NOT_PRESENT, &tss);
    uint32_t words[2] = {tss.low, tss.high};
    cpu->next_rip = cpu->rip;
    cpu_charge_transfer(cpu, TRANSFER_TASK_GATE);
    task_switch(cpu, e->selector, words, TASK_GATE, has_error, error);
    cpu->rip = cpu->next_rip;
}

static void check_entry_offset(struct cpu *cpu, const struct entry *e)
{
    if (e->offset > desc_limit(&e->code))
        cpu_raise_because(cpu, EXC_GP, cpu->external_event, CPU_FAULT_GATE_OFFSET, e->offset,
                          desc_limit(&e->code));
}

static void push_frame(struct cpu *cpu, struct frame *f, const struct entry *e, uint32_t flags,
                       bool has_error, uint32_t error)
{
    frame_push(cpu, f, flags, e->size);
    frame_push(cpu, f, cpu->seg[SEG_CS].selector, e->size);
    frame_push(cpu, f, (uint32_t)cpu->rip, e->size);
    if (has_error)
        frame_push(cpu, f, error, e->size);
}

/* From a V86 task the data segments are saved too, and become null. SDM volume 3, 20.3.1. */
static void push_v86_segments(struct cpu *cpu, struct frame *f, unsigned size)
{
    static const uint8_t order[4] = {SEG_GS, SEG_FS, SEG_DS, SEG_ES};
    for (unsigned i = 0; i < 4; i++)
        frame_push(cpu, f, cpu->seg[order[i]].selector, size);
}

static void to_inner_level(struct cpu *cpu, struct entry *e, uint32_t flags, bool has_error, uint32_t error)
{
    bool v86 = is_v86(cpu);
    unsigned level = desc_dpl(&e->code);
    if (v86 && level != 0)
        cpu_raise_because(cpu, EXC_GP, selector_error(cpu, e->selector), CPU_FAULT_V86_GATE, e->selector,
                          level);
    uint16_t ss;
    uint32_t esp;
    tss_stack(cpu, level, &ss, &esp);
    struct descriptor stack = stack_descriptor(cpu, ss, level, EXC_TS);
    struct frame f = frame_on(cpu, ss, &stack, esp, level);
    frame_reserve(cpu, &f, 5 + (v86 ? 4u : 0) + has_error, e->size);
    check_entry_offset(cpu, e);
    if (v86)
        push_v86_segments(cpu, &f, e->size);
    frame_push(cpu, &f, cpu->seg[SEG_SS].selector, e->size);
    frame_push(cpu, &f, cpu->gpr[RSP].d, e->size);
    push_frame(cpu, &f, e, flags, has_error, error);
    descriptor_set_accessed(cpu, &stack);
    descriptor_set_accessed(cpu, &e->code);
    if (v86) {
        cpu->eflags &= ~(uint32_t)FLAG_VM;
        static const uint8_t data[4] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
        for (unsigned i = 0; i < 4; i++)
            segment_set_null(&cpu->seg[data[i]], 0);
    }
    segment_set(&cpu->seg[SEG_SS], ss, &stack);
    set_stack(cpu, &f);
    code_segment_set(cpu, e->selector, &e->code, level);
    cpu_charge_transfer(cpu, v86 ? TRANSFER_GATE_V86 : TRANSFER_GATE_INNER);
}

static void to_same_level(struct cpu *cpu, struct entry *e, uint32_t flags, bool has_error, uint32_t error)
{
    struct frame f = frame_current(cpu);
    frame_reserve(cpu, &f, 3u + has_error, e->size);
    check_entry_offset(cpu, e);
    push_frame(cpu, &f, e, flags, has_error, error);
    descriptor_set_accessed(cpu, &e->code);
    set_stack(cpu, &f);
    code_segment_set(cpu, e->selector, &e->code, cpu->cpl);
    cpu_charge_transfer(cpu, TRANSFER_GATE_SAME);
}

static void deliver_protected(struct cpu *cpu, unsigned vector, enum interrupt_kind kind, bool has_error,
                              uint32_t error)
{
    struct entry e = find_entry(cpu, vector, kind);
    uint32_t flags = pushed_flags(cpu, vector, kind);
    if (desc_type(&e.gate) == DESC_TASK_GATE) {
        cpu->eflags |= flags & FLAG_RF; /* for the TSS; whatever comes now is a fault or a new EFLAGS */
        through_task_gate(cpu, &e, has_error, error);
        return;
    }
    bool conforming = desc_is_conforming(&e.code);
    if (!conforming && desc_dpl(&e.code) < cpu->cpl) {
        to_inner_level(cpu, &e, flags, has_error, error);
    } else {
        if (is_v86(cpu))
            cpu_raise_because(cpu, EXC_GP, selector_error(cpu, e.selector), CPU_FAULT_V86_GATE, e.selector,
                              desc_dpl(&e.code));
        to_same_level(cpu, &e, flags, has_error, error);
    }
    uint32_t clear = FLAG_TF | FLAG_NT | FLAG_RF | FLAG_VM;
    if (!(desc_type(&e.gate) & 1)) /* interrupt gates clear IF, trap gates do not */
        clear |= FLAG_IF;
    cpu_set_eflags(cpu, 0, clear);
    cpu->rip = e.offset;
}

void branch_record(struct cpu *cpu, uint64_t from, uint64_t to)
{
    cpu->msr.last_branch[0] = from;
    cpu->msr.last_branch[1] = to;
}

/* An interrupt or exception is the last branch too; what was it before is the last exception's record (SDM
 * volume 3, 17.16.3). */
static void record_interrupt(struct cpu *cpu, uint64_t from, uint64_t to)
{
    uint64_t *record = cpu->msr.last_branch;
    if (LIKELY(!(cpu->msr.debugctl & DEBUGCTL_LBR)))
        return;
    record[2] = record[0];
    record[3] = record[1];
    branch_record(cpu, from, to);
}

void interrupt_deliver(struct cpu *cpu, unsigned vector, enum interrupt_kind kind, bool has_error,
                       uint32_t error)
{
    uint64_t from = cpu->in_software_interrupt ? cpu->software_rip : cpu->rip;
    if (debug_wants(cpu, CPU_EVENT_INTERRUPT))
        debug_begin_interrupt(cpu, vector, kind, has_error, error);
    cpu->delivering = true;
    cpu->delivering_vector = (uint8_t)(kind == INTERRUPT_EXCEPTION ? vector : 0xFF);
    cpu->external_event =
        kind == INTERRUPT_EXTERNAL || kind == INTERRUPT_EXCEPTION || kind == INTERRUPT_ICEBP;
    cpu->general_detect =
        vector == EXC_DB && kind == INTERRUPT_EXCEPTION && cpu->fault_cause == CPU_FAULT_GENERAL_DETECT;
    /* #DB clears the general-detect enable on its way, and LBR and BTF (SDM volume
     * 3, 17.2.4, 17.4.1, 17.4.3). */
    if (vector == EXC_DB && (kind == INTERRUPT_EXCEPTION || kind == INTERRUPT_ICEBP)) {
        cpu->dr[7] &= ~0x2000ull;
        cpu->msr.debugctl &= ~(uint64_t)(DEBUGCTL_LBR | DEBUGCTL_BTF);
    }
    if (is_real(cpu))
        deliver_real(cpu, vector);
    else
        deliver_protected(cpu, vector, kind, has_error, error);
    cpu->delivering = false;
    cpu->external_event = false;
    cpu->activity = ACTIVITY_RUNNING;
    cpu->next_rip = cpu->rip;
    cpu_update_mode(cpu);
    record_interrupt(cpu, from, cpu->rip);
    if (debug_wants(cpu, CPU_EVENT_INTERRUPT))
        debug_note_interrupt(cpu);
}

/* VME: the bit map below the I/O map says which software interrupts stay in the V86 task. Volume 3, 20.3.3.
 */
static bool vme_redirects(struct cpu *cpu, unsigned vector)
{
    const struct segment *tr = &cpu->seg[SEG_TR];
    if (!(tr->access & SEGA_P) || !(tr->access & 8) || tr->limit < 103)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_REDIRECTION_TSS, tr->access, tr->limit);
    uint16_t io_base = (uint16_t)sys_read(cpu, tr->base + 102, 2);
    uint32_t at = (uint32_t)io_base - 32 + vector / 8;
    if (at > tr->limit)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_REDIRECTION_MAP, at, tr->limit);
    return !(sys_read(cpu, tr->base + at, 1) >> (vector & 7) & 1);
}

/* INT n in a V86 task through the task's own vector table at linear 0. */
static void vme_interrupt(struct cpu *cpu, unsigned vector)
{
    uint32_t entry = (uint32_t)lin_read(cpu, vector * 4, 4, ACCESS_USER);
    uint32_t flags = cpu_get_eflags(cpu);
    if (cpu_iopl(cpu) < 3)
        flags = (flags & ~(uint32_t)FLAG_IF) | FLAG_IOPL | (flags & FLAG_VIF ? FLAG_IF : 0);
    struct frame f = frame_current(cpu);
    frame_reserve(cpu, &f, 3, 2);
    frame_push(cpu, &f, flags, 2);
    frame_push(cpu, &f, cpu->seg[SEG_CS].selector, 2);
    frame_push(cpu, &f, (uint32_t)cpu->next_rip, 2);
    set_stack(cpu, &f);
    if (debug_wants(cpu, CPU_EVENT_INTERRUPT)) {
        debug_begin_interrupt(cpu, vector, INTERRUPT_SOFTWARE, false, 0);
        debug_note_interrupt(cpu);
    }
    cpu_set_eflags(cpu, 0, FLAG_TF | (cpu_iopl(cpu) < 3 ? FLAG_VIF : FLAG_IF));
    segment_load_real(cpu, SEG_CS, (uint16_t)(entry >> 16));
    cpu->next_rip = entry & 0xFFFF;
    record_interrupt(cpu, cpu->rip, cpu->next_rip);
}

void software_interrupt(struct cpu *cpu, unsigned vector, enum interrupt_kind kind)
{
    if (is_v86(cpu) && kind == INTERRUPT_SOFTWARE) {
        if ((cpu->cr4 & CR4_VME) && vme_redirects(cpu, vector)) {
            vme_interrupt(cpu, vector);
            return;
        }
        if (cpu_iopl(cpu) < 3)
            cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_V86_IOPL, cpu_iopl(cpu), 0);
    }
    /* What is pushed is the next instruction; a fault on the way is one of this instruction. */
    cpu->software_rip = cpu->rip;
    cpu->eflags &= ~(uint32_t)FLAG_RF;
    cpu->in_software_interrupt = true;
    cpu->rip = cpu->next_rip;
    interrupt_deliver(cpu, vector, kind, false, 0);
    cpu->in_software_interrupt = false;
    cpu->next_rip = cpu->rip;
}
