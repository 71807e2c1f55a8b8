/* Far transfers: JMP, CALL, RET, IRET between segments. SDM volume 2 for each, volume 3, 5.8. */
#include "cpu/descriptor.h"
#include "cpu/flags.h"
#include "cpu/model.h"

static void check_offset(struct cpu *cpu, uint32_t offset, uint32_t limit)
{
    if (offset > limit)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_TARGET_LIMIT, offset, limit);
}

/* Real and V86 mode. */
static void real_transfer(struct cpu *cpu, uint16_t selector, uint32_t offset)
{
    /* The limit of CS is kept (or 64 KB in V86 mode). */
    check_offset(cpu, offset, is_v86(cpu) ? 0xFFFF : cpu->seg[SEG_CS].limit);
    segment_load_real(cpu, SEG_CS, selector);
    cpu->next_rip = offset;
}

/* A code segment that JMP or CALL may go to directly. */
static struct descriptor direct_code(struct cpu *cpu, uint16_t selector, struct descriptor d)
{
    unsigned dpl = desc_dpl(&d), rpl = selector & 3;
    if (desc_is_conforming(&d) ? dpl > cpu->cpl : rpl > cpu->cpl || dpl != cpu->cpl)
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_PRIVILEGE, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    return d;
}

/* The code segment behind a call gate. */
static struct descriptor gate_target(struct cpu *cpu, uint16_t selector, const struct descriptor *gate,
                                     uint16_t gate_sel)
{
    if (desc_dpl(gate) < cpu->cpl || desc_dpl(gate) < (gate_sel & 3u))
        raise_selector(cpu, EXC_GP, gate_sel, CPU_FAULT_PRIVILEGE, gate);
    if (!desc_present(gate))
        raise_selector(cpu, EXC_NP, gate_sel, CPU_FAULT_NOT_PRESENT, gate);
    if (selector_is_null(selector))
        cpu_raise_because(cpu, EXC_GP, cpu->external_event, CPU_FAULT_NULL_SELECTOR, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_GP);
    if (!desc_is_code(&d) || desc_dpl(&d) > cpu->cpl)
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_GATE_CODE, &d);
    return d;
}

/* TSS or task gate as the target of JMP or CALL. */
static void task_transfer(struct cpu *cpu, uint16_t selector, struct descriptor d, enum task_switch_kind kind)
{
    if (desc_dpl(&d) < cpu->cpl || desc_dpl(&d) < (selector & 3u))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_PRIVILEGE, &d);
    if (desc_type(&d) == DESC_TASK_GATE) {
        if (!desc_present(&d))
            raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
        cpu_charge_transfer(cpu, TRANSFER_TASK_GATE);
        selector = gate_selector(&d);
        if (selector & 4)
            raise_selector(cpu, EXC_GP, selector, CPU_FAULT_TABLE_LOCAL, &d);
        d = descriptor_fetch(cpu, selector, EXC_GP);
        check_free_tss(cpu, selector, &d);
    } else if (selector & 4) { /* a TSS lies in the GDT alone: volume 3, 7.2.2 */
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_TABLE_LOCAL, &d);
    }
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    uint32_t words[2] = {d.low, d.high};
    task_switch(cpu, selector, words, kind, false, 0);
}

void far_jump(struct cpu *cpu, uint16_t selector, uint64_t offset64)
{
    uint32_t offset = (uint32_t)offset64;
    if (!is_protected(cpu)) {
        real_transfer(cpu, selector, offset);
        return;
    }
    if (selector_is_null(selector))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NULL_SELECTOR, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_GP);
    if (desc_is_code(&d)) {
        d = direct_code(cpu, selector, d);
        check_offset(cpu, offset, desc_limit(&d));
        descriptor_set_accessed(cpu, &d);
        code_segment_set(cpu, selector, &d, cpu->cpl);
        cpu->next_rip = offset;
        cpu_charge_transfer(cpu, TRANSFER_JUMP_PROTECTED);
        return;
    }
    if (desc_is_segment(&d))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_NOT_CODE, &d);
    switch (desc_type(&d)) {
    case DESC_CALL_GATE16:
    case DESC_CALL_GATE32: {
        uint16_t target = gate_selector(&d);
        struct descriptor code = gate_target(cpu, target, &d, selector);
        /* JMP through a gate never changes privilege. */
        if (!desc_is_conforming(&code) && desc_dpl(&code) != cpu->cpl)
            raise_selector(cpu, EXC_GP, target, CPU_FAULT_PRIVILEGE, &code);
        if (!desc_present(&code))
            raise_selector(cpu, EXC_NP, target, CPU_FAULT_NOT_PRESENT, &code);
        check_offset(cpu, gate_offset(&d), desc_limit(&code));
        descriptor_set_accessed(cpu, &code);
        code_segment_set(cpu, target, &code, cpu->cpl);
        cpu->next_rip = gate_offset(&d);
        cpu_charge_transfer(cpu, TRANSFER_JUMP_GATE);
        return;
    }
    case DESC_TASK_GATE:
    case DESC_TSS16:
    case DESC_TSS32:
        task_transfer(cpu, selector, d, TASK_JUMP);
        return;
    default:
        raise_selector(cpu, EXC_GP, selector, is_busy_tss(&d) ? CPU_FAULT_TSS_BUSY : CPU_FAULT_NOT_CODE, &d);
    }
}

/* Pushes CS and the return address on the current stack. The stack pointer moves when both have worked; what
 * the first has written stays, as on processors. */
static void push_return(struct cpu *cpu, unsigned size)
{
    uint32_t sp = cpu->gpr[RSP].d;
    push_at(cpu, &sp, cpu->seg[SEG_CS].selector, size);
    push_at(cpu, &sp, (uint32_t)cpu->next_rip, size);
    stack_add(cpu, -(int)(2 * size));
}

/* CALL through a gate to an inner level: new stack, parameters copied. SDM volume 3, 5.8.5. */
static void call_inner(struct cpu *cpu, const struct descriptor *gate, uint16_t target,
                       struct descriptor *code)
{
    unsigned level = desc_dpl(code), size = desc_type(gate) & 8 ? 4 : 2, count = gate->high & 31;
    uint16_t ss;
    uint32_t esp;
    tss_stack(cpu, level, &ss, &esp);
    if (selector_is_null(ss))
        cpu_raise_because(cpu, EXC_TS, selector_error(cpu, ss), CPU_FAULT_NULL_SELECTOR, ss, 0);
    struct descriptor stack = stack_descriptor(cpu, ss, level, EXC_TS);
    struct frame f = frame_on(cpu, ss, &stack, esp, level);
    uint32_t parameters[31];
    for (unsigned i = 0; i < count; i++)
        parameters[i] = (uint32_t)stack_read(cpu, i * size, size);
    frame_reserve(cpu, &f, 4 + count, size);
    check_offset(cpu, gate_offset(gate), desc_limit(code));
    frame_push(cpu, &f, cpu->seg[SEG_SS].selector, size);
    frame_push(cpu, &f, cpu->gpr[RSP].d, size);
    for (unsigned i = count; i-- > 0;)
        frame_push(cpu, &f, parameters[i], size);
    frame_push(cpu, &f, cpu->seg[SEG_CS].selector, size);
    frame_push(cpu, &f, (uint32_t)cpu->next_rip, size);
    descriptor_set_accessed(cpu, &stack);
    descriptor_set_accessed(cpu, code);
    segment_set(&cpu->seg[SEG_SS], ss, &stack);
    if (f.mask == 0xFFFF)
        cpu->gpr[RSP].w = (uint16_t)f.sp;
    else
        cpu->gpr[RSP].d = f.sp;
    code_segment_set(cpu, target, code, level);
    cpu->next_rip = gate_offset(gate);
    cpu_charge_transfer(cpu, TRANSFER_CALL_GATE_INNER);
    if (count)
        cpu_charge(cpu, model_transfer_cost(cpu->model, TRANSFER_CALL_GATE_PARAMETERS) +
                            count * model_transfer_cost(cpu->model, TRANSFER_CALL_GATE_PARAMETER));
}

static void call_gate(struct cpu *cpu, uint16_t selector, const struct descriptor *gate)
{
    uint16_t target = gate_selector(gate);
    struct descriptor code = gate_target(cpu, target, gate, selector);
    if (!desc_present(&code))
        raise_selector(cpu, EXC_NP, target, CPU_FAULT_NOT_PRESENT, &code);
    if (!desc_is_conforming(&code) && desc_dpl(&code) < cpu->cpl) {
        call_inner(cpu, gate, target, &code);
        return;
    }
    check_offset(cpu, gate_offset(gate), desc_limit(&code));
    push_return(cpu, desc_type(gate) & 8 ? 4 : 2);
    descriptor_set_accessed(cpu, &code);
    code_segment_set(cpu, target, &code, cpu->cpl);
    cpu->next_rip = gate_offset(gate);
    cpu_charge_transfer(cpu, TRANSFER_CALL_GATE_SAME);
}

void far_call(struct cpu *cpu, uint16_t selector, uint64_t offset64, unsigned size)
{
    uint32_t offset = (uint32_t)offset64;
    if (!is_protected(cpu)) {
        check_offset(cpu, offset, is_v86(cpu) ? 0xFFFF : cpu->seg[SEG_CS].limit);
        push_return(cpu, size);
        real_transfer(cpu, selector, offset);
        return;
    }
    if (selector_is_null(selector))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NULL_SELECTOR, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_GP);
    if (desc_is_code(&d)) {
        d = direct_code(cpu, selector, d);
        /* The return address is written before the target is found to be outside, as with near calls. */
        uint32_t sp = cpu->gpr[RSP].d;
        push_return(cpu, size);
        if (offset > desc_limit(&d)) {
            cpu->gpr[RSP].d = sp;
            cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_TARGET_LIMIT, offset, desc_limit(&d));
        }
        descriptor_set_accessed(cpu, &d);
        code_segment_set(cpu, selector, &d, cpu->cpl);
        cpu->next_rip = offset;
        cpu_charge_transfer(cpu, TRANSFER_CALL_PROTECTED);
        return;
    }
    if (desc_is_segment(&d))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_NOT_CODE, &d);
    switch (desc_type(&d)) {
    case DESC_CALL_GATE16:
    case DESC_CALL_GATE32:
        call_gate(cpu, selector, &d);
        return;
    case DESC_TASK_GATE:
    case DESC_TSS16:
    case DESC_TSS32:
        task_transfer(cpu, selector, d, TASK_CALL);
        return;
    default:
        raise_selector(cpu, EXC_GP, selector, is_busy_tss(&d) ? CPU_FAULT_TSS_BUSY : CPU_FAULT_NOT_CODE, &d);
    }
}

/* --- returns --- */

/* The code segment that RETF or IRET goes back to. */
static struct descriptor return_code(struct cpu *cpu, uint16_t selector)
{
    if (selector_is_null(selector))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NULL_SELECTOR, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_GP);
    unsigned rpl = selector & 3;
    if (!desc_is_code(&d))
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_NOT_CODE, &d);
    if (rpl < cpu->cpl)
        cpu_raise_because(cpu, EXC_GP, selector_error(cpu, selector), CPU_FAULT_RETURN_INWARD, selector,
                          cpu->cpl);
    if (desc_is_conforming(&d) ? desc_dpl(&d) > rpl : desc_dpl(&d) != rpl)
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_PRIVILEGE, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    return d;
}

/* Going to an outer level, data segments that the level may not use become null. SDM volume 2, RET. */
static void drop_inner_segments(struct cpu *cpu)
{
    static const uint8_t data[4] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    for (unsigned i = 0; i < 4; i++) {
        struct segment *s = &cpu->seg[data[i]];
        unsigned dpl = s->access >> SEGA_DPL_SHIFT & 3;
        bool conforming = (s->access & (SEGA_CODE | SEGA_DC)) == (SEGA_CODE | SEGA_DC);
        if (!conforming && dpl < cpu->cpl)
            segment_set_null(s, 0);
    }
    cpu_update_mode(cpu);
}

/* ESP and SS of the outer level at OFFSET on the stack, then the switch to it. */
struct outer_stack {
    uint16_t ss;
    uint32_t esp;
    struct descriptor d;
};

static struct outer_stack outer_stack_read(struct cpu *cpu, unsigned offset, unsigned size, unsigned rpl)
{
    struct outer_stack o;
    o.esp = (uint32_t)stack_read(cpu, offset, size);
    o.ss = (uint16_t)stack_read(cpu, offset + size, 2);
    if (selector_is_null(o.ss))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NULL_SELECTOR, o.ss, 0);
    o.d = stack_descriptor(cpu, o.ss, rpl, EXC_GP);
    return o;
}

static void outer_stack_enter(struct cpu *cpu, struct outer_stack *o, unsigned extra_bytes)
{
    segment_set(&cpu->seg[SEG_SS], o->ss, &o->d);
    cpu_update_mode(cpu);
    if (stack_is_32(cpu))
        cpu->gpr[RSP].d = o->esp + extra_bytes;
    else
        cpu->gpr[RSP].w = (uint16_t)(o->esp + extra_bytes);
}

void far_return(struct cpu *cpu, unsigned size, unsigned extra_bytes)
{
    /* The processors read CS first, and only its 16 bits. */
    uint16_t selector = (uint16_t)stack_read(cpu, size, 2);
    uint32_t offset = (uint32_t)stack_read(cpu, 0, size);
    if (!is_protected(cpu)) {
        check_offset(cpu, offset, is_v86(cpu) ? 0xFFFF : cpu->seg[SEG_CS].limit);
        stack_add(cpu, (int)(2 * size + extra_bytes));
        real_transfer(cpu, selector, offset);
        return;
    }
    struct descriptor code = return_code(cpu, selector);
    unsigned rpl = selector & 3;
    if (rpl == cpu->cpl) {
        check_offset(cpu, offset, desc_limit(&code));
        descriptor_set_accessed(cpu, &code);
        stack_add(cpu, (int)(2 * size + extra_bytes));
        code_segment_set(cpu, selector, &code, rpl);
        cpu->next_rip = offset;
        cpu_charge_transfer(cpu, TRANSFER_RETURN_PROTECTED);
        return;
    }
    struct outer_stack outer = outer_stack_read(cpu, 2 * size + extra_bytes, size, rpl);
    check_offset(cpu, offset, desc_limit(&code));
    descriptor_set_accessed(cpu, &code);
    descriptor_set_accessed(cpu, &outer.d);
    code_segment_set(cpu, selector, &code, rpl);
    outer_stack_enter(cpu, &outer, extra_bytes);
    drop_inner_segments(cpu);
    cpu->next_rip = offset;
    cpu_charge_transfer(cpu, TRANSFER_RETURN_OUTER);
}

/* --- IRET --- */

static uint32_t iret_mask(const struct cpu *cpu, unsigned size)
{
    uint32_t mask = FLAGS_ARITH | FLAG_TF | FLAG_DF | FLAG_NT;
    if (size == 4)
        mask |= FLAG_RF | FLAG_AC | FLAG_ID;
    if (cpu->cpl <= cpu_iopl(cpu))
        mask |= FLAG_IF;
    if (cpu->cpl == 0) {
        mask |= FLAG_IOPL;
        if (size == 4)
            mask |= FLAG_VIF | FLAG_VIP;
    }
    return mask;
}

struct return_frame {
    uint32_t flags, offset;
    uint16_t selector;
};

/* What IRET pops; the processors read the flags first, EIP last. */
static struct return_frame return_frame_read(struct cpu *cpu, unsigned size)
{
    struct return_frame frame;
    frame.flags = (uint32_t)stack_read(cpu, 2 * size, size);
    frame.selector = (uint16_t)stack_read(cpu, size, size);
    frame.offset = (uint32_t)stack_read(cpu, 0, size);
    return frame;
}

static void iret_real(struct cpu *cpu, unsigned size)
{
    struct return_frame frame = return_frame_read(cpu, size);
    uint32_t offset = frame.offset, flags = frame.flags;
    uint16_t selector = frame.selector;
    check_offset(cpu, offset, cpu->seg[SEG_CS].limit);
    stack_add(cpu, (int)(3 * size));
    real_transfer(cpu, selector, offset);
    uint32_t mask = FLAGS_ARITH | FLAG_TF | FLAG_IF | FLAG_DF | FLAG_IOPL | FLAG_NT;
    cpu_set_eflags(cpu, flags, size == 4 ? mask | FLAG_RF | FLAG_AC | FLAG_ID : mask);
}

/* SDM volume 3, 20.2.4 and 20.3.1.1 (VME). */
static void iret_v86(struct cpu *cpu, unsigned size)
{
    bool vme = cpu->cr4 & CR4_VME;
    unsigned iopl = cpu_iopl(cpu);
    if (iopl < 3 && (!vme || size == 4))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_V86_IOPL, iopl, 0);
    struct return_frame frame = return_frame_read(cpu, size);
    uint32_t offset = frame.offset, flags = frame.flags;
    uint16_t selector = frame.selector;
    uint32_t mask = FLAGS_ARITH | FLAG_TF | FLAG_DF | FLAG_NT;
    if (iopl == 3)
        mask |= FLAG_IF | (size == 4 ? FLAG_RF | FLAG_AC | FLAG_ID : 0);
    else
        check_virtual_flags(cpu, flags);
    check_offset(cpu, offset, 0xFFFF);
    stack_add(cpu, (int)(3 * size));
    real_transfer(cpu, selector, offset);
    if (iopl < 3) {
        flags = (flags & ~(uint32_t)FLAG_VIF) | (flags & FLAG_IF ? FLAG_VIF : 0);
        mask |= FLAG_VIF;
    }
    cpu_set_eflags(cpu, flags, mask);
}

/* IRET from level 0 to a V86 task. SDM volume 3, 20.2.2. */
static void iret_to_v86(struct cpu *cpu, uint32_t offset, uint16_t selector, uint32_t flags)
{
    uint32_t esp = (uint32_t)stack_read(cpu, 12, 4);
    uint16_t segments[5]; /* SS ES DS FS GS */
    for (unsigned i = 0; i < 5; i++)
        segments[i] = (uint16_t)stack_read(cpu, 16 + 4 * i, 4);
    check_offset(cpu, offset, 0xFFFF);
    cpu_set_eflags(cpu, flags,
                   FLAGS_ARITH | FLAG_TF | FLAG_IF | FLAG_DF | FLAG_IOPL | FLAG_NT | FLAG_RF | FLAG_VM |
                       FLAG_AC | FLAG_VIF | FLAG_VIP | FLAG_ID);
    cpu->cpl = 3;
    segment_load_real(cpu, SEG_CS, selector);
    segment_load_real(cpu, SEG_SS, segments[0]);
    segment_load_real(cpu, SEG_ES, segments[1]);
    segment_load_real(cpu, SEG_DS, segments[2]);
    segment_load_real(cpu, SEG_FS, segments[3]);
    segment_load_real(cpu, SEG_GS, segments[4]);
    cpu->gpr[RSP].d = esp;
    cpu->next_rip = offset;
    cpu_charge_transfer(cpu, TRANSFER_IRET_V86);
    cpu_update_mode(cpu);
}

static void iret_task(struct cpu *cpu)
{
    uint16_t selector = (uint16_t)sys_read(cpu, cpu->seg[SEG_TR].base, 2);
    if (selector & 4)
        cpu_raise_because(cpu, EXC_TS, selector_error(cpu, selector), CPU_FAULT_TABLE_LOCAL, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_TS);
    if (!is_busy_tss(&d))
        raise_selector(cpu, EXC_TS, selector, CPU_FAULT_NOT_BUSY, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    uint32_t words[2] = {d.low, d.high};
    task_switch(cpu, selector, words, TASK_IRET, false, 0);
}

static void iret_protected(struct cpu *cpu, unsigned size)
{
    if (cpu->eflags & FLAG_NT) {
        iret_task(cpu);
        return;
    }
    struct return_frame frame = return_frame_read(cpu, size);
    uint32_t offset = frame.offset, flags = frame.flags;
    uint16_t selector = frame.selector;
    if (size == 4 && (flags & FLAG_VM) && cpu->cpl == 0) {
        iret_to_v86(cpu, offset, selector, flags);
        return;
    }
    struct descriptor code = return_code(cpu, selector);
    unsigned rpl = selector & 3;
    uint32_t mask = iret_mask(cpu, size);
    if (rpl == cpu->cpl) {
        check_offset(cpu, offset, desc_limit(&code));
        descriptor_set_accessed(cpu, &code);
        stack_add(cpu, (int)(3 * size));
        cpu_set_eflags(cpu, flags, mask);
        code_segment_set(cpu, selector, &code, rpl);
        cpu->next_rip = offset;
        cpu_charge_transfer(cpu, TRANSFER_IRET_PROTECTED);
        return;
    }
    struct outer_stack outer = outer_stack_read(cpu, 3 * size, size, rpl);
    check_offset(cpu, offset, desc_limit(&code));
    descriptor_set_accessed(cpu, &code);
    descriptor_set_accessed(cpu, &outer.d);
    cpu_set_eflags(cpu, flags, mask);
    code_segment_set(cpu, selector, &code, rpl);
    outer_stack_enter(cpu, &outer, 0);
    drop_inner_segments(cpu);
    cpu->next_rip = offset;
    cpu_charge_transfer(cpu, TRANSFER_IRET_OUTER);
}

void interrupt_return(struct cpu *cpu, unsigned size)
{
    cpu->nmi_blocked = false;
    cpu->keep_resume = true;
    if (is_real(cpu))
        iret_real(cpu, size);
    else if (is_v86(cpu))
        iret_v86(cpu, size);
    else
        iret_protected(cpu, size);
    cpu->attention |= ATTENTION_INTERRUPT;
}
