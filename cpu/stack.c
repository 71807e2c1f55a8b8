/* The stack by its plain ways: SS:SP or SS:ESP by the stack's size. SDM volume 1, 6.2. */
#include "cpu/insn.h"
#include "cpu/operand.h"

static uint32_t stack_mask(const struct cpu *cpu)
{
    return stack_is_32(cpu) ? 0xFFFFFFFF : 0xFFFF;
}

static void set_stack_pointer(struct cpu *cpu, uint32_t value)
{
    if (stack_is_32(cpu))
        cpu->gpr[RSP].d = value;
    else
        cpu->gpr[RSP].w = (uint16_t)value;
}

void push_value(struct cpu *cpu, uint64_t value, unsigned size)
{
    uint32_t sp = (cpu->gpr[RSP].d - size) & stack_mask(cpu);
    if (size == 2)
        mem_write16(cpu, SEG_SS, sp, (uint16_t)value);
    else
        mem_write32(cpu, SEG_SS, sp, (uint32_t)value);
    set_stack_pointer(cpu, sp);
}

void push_at(struct cpu *cpu, uint32_t *sp, uint32_t value, unsigned size)
{
    *sp = (*sp - size) & stack_mask(cpu);
    if (size == 2)
        mem_write16(cpu, SEG_SS, *sp, (uint16_t)value);
    else
        mem_write32(cpu, SEG_SS, *sp, value);
}

uint64_t stack_read(struct cpu *cpu, unsigned offset, unsigned size)
{
    uint32_t sp = (cpu->gpr[RSP].d + offset) & stack_mask(cpu);
    return size == 2 ? mem_read16(cpu, SEG_SS, sp) : mem_read32(cpu, SEG_SS, sp);
}

void stack_add(struct cpu *cpu, int bytes)
{
    set_stack_pointer(cpu, cpu->gpr[RSP].d + (uint32_t)bytes);
}

/* --- PUSH and POP --- */

/* PUSH ESP pushes the value before the instruction; the 8086 alone differs. */
void op_push_rm_16(struct cpu *cpu, const struct insn *in)
{
    push_value(cpu, rm_read16(cpu, in), 2);
}

void op_push_rm_32(struct cpu *cpu, const struct insn *in)
{
    push_value(cpu, rm_read32(cpu, in), 4);
}

void op_push_imm_16(struct cpu *cpu, const struct insn *in)
{
    push_value(cpu, in->imm, 2);
}

void op_push_imm_32(struct cpu *cpu, const struct insn *in)
{
    push_value(cpu, in->imm, 4);
}

void op_push_sreg_16(struct cpu *cpu, const struct insn *in)
{
    push_value(cpu, cpu->seg[in->reg].selector, 2);
}

/* The stack moves by 4; the Pentium writes 4 bytes, the others only the selector's (SDM volume 3, 22.31.1).
 */
void op_push_sreg_32(struct cpu *cpu, const struct insn *in)
{
    if (cpu->model->level == LEVEL_P5) {
        push_value(cpu, cpu->seg[in->reg].selector, 4);
        return;
    }
    uint32_t sp = (cpu->gpr[RSP].d - 4) & stack_mask(cpu);
    mem_write16(cpu, SEG_SS, sp, cpu->seg[in->reg].selector);
    set_stack_pointer(cpu, sp);
}

/* POP m: the address is worked out with the stack pointer already moved (SDM volume 2, POP), and the write
 * may fault: then nothing has moved. */
static void pop_rm(struct cpu *cpu, const struct insn *in, unsigned size)
{
    uint64_t value = stack_read(cpu, 0, size);
    if (!is_memory(in)) {
        stack_add(cpu, (int)size);
        if (size == 2)
            *reg16(cpu, in->rm) = (uint16_t)value;
        else
            *reg32(cpu, in->rm) = (uint32_t)value;
        return;
    }
    uint32_t old = cpu->gpr[RSP].d;
    stack_add(cpu, (int)size);
    uint32_t offset = effective_address(cpu, in), moved = cpu->gpr[RSP].d;
    /* On the 286 a fault of the write leaves the stack pointer moved. */
    if (cpu->model->level >= LEVEL_386)
        cpu->gpr[RSP].d = old;
    if (size == 2)
        mem_write16(cpu, operand_segment(in), offset, (uint16_t)value);
    else
        mem_write32(cpu, operand_segment(in), offset, (uint32_t)value);
    cpu->gpr[RSP].d = moved;
}

void op_pop_rm_16(struct cpu *cpu, const struct insn *in)
{
    pop_rm(cpu, in, 2);
}

void op_pop_rm_32(struct cpu *cpu, const struct insn *in)
{
    pop_rm(cpu, in, 4);
}

/* Likewise the Pentium reads as many bytes as the stack moves by, the others 2. */
static void pop_sreg(struct cpu *cpu, const struct insn *in, unsigned size)
{
    uint16_t selector = (uint16_t)stack_read(cpu, 0, cpu->model->level == LEVEL_P5 ? size : 2);
    /* Loading SS changes how the pointer wraps: it moves by the old size. */
    uint32_t mask = stack_mask(cpu), sp = (cpu->gpr[RSP].d + size) & mask;
    segment_load(cpu, in->reg, selector);
    cpu->gpr[RSP].d = (cpu->gpr[RSP].d & ~mask) | sp;
    if (in->reg == SEG_SS) {
        cpu->shadow = SHADOW_SS;
        cpu->attention |= ATTENTION_TRAP;
    }
}

void op_pop_sreg_16(struct cpu *cpu, const struct insn *in)
{
    pop_sreg(cpu, in, 2);
}

void op_pop_sreg_32(struct cpu *cpu, const struct insn *in)
{
    pop_sreg(cpu, in, 4);
}

/* What was pushed before a push faults stays in memory, as on processors; the instruction starts again. */
static void pusha(struct cpu *cpu, unsigned size)
{
    uint32_t sp = cpu->gpr[RSP].d;
    for (unsigned i = 0; i < 8; i++)
        push_at(cpu, &sp, cpu->gpr[i].d, size);
    set_stack_pointer(cpu, sp);
}

void op_pusha_16(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    pusha(cpu, 2);
}

void op_pusha_32(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    pusha(cpu, 4);
}

/* Registers that were popped before a pop faults keep their new values, as on processors. */
static void popa(struct cpu *cpu, unsigned size)
{
    for (unsigned i = 0; i < 8; i++) {
        uint64_t value = stack_read(cpu, i * size, size);
        unsigned reg = 7 - i;
        if (reg == RSP)
            continue;
        if (size == 2)
            cpu->gpr[reg].w = (uint16_t)value;
        else
            cpu->gpr[reg].d = (uint32_t)value;
    }
    stack_add(cpu, (int)(8 * size));
}

void op_popa_16(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    popa(cpu, 2);
}

void op_popa_32(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    popa(cpu, 4);
}

/* SDM volume 2, ENTER. The new top of the stack is probed for writing, as the manual says. With a 32-bit
 * operand EBP takes all of ESP, also where the stack is a 16-bit one. */
static void enter(struct cpu *cpu, const struct insn *in, unsigned size)
{
    unsigned bytes = in->imm & 0xFFFF, level = in->imm >> 16 & 31;
    uint32_t mask = stack_mask(cpu), sp = cpu->gpr[RSP].d, bp = cpu->gpr[RBP].d;
    push_at(cpu, &sp, bp, size);
    uint32_t frame = cpu->gpr[RSP].d - size;
    for (unsigned i = 1; i < level; i++) {
        uint32_t at = (bp - i * size) & mask;
        push_at(cpu, &sp, size == 2 ? mem_read16(cpu, SEG_SS, at) : mem_read32(cpu, SEG_SS, at), size);
    }
    if (level)
        push_at(cpu, &sp, frame, size);
    mem_rmw_read(cpu, SEG_SS, (sp - bytes) & mask, size);
    if (size == 2)
        cpu->gpr[RBP].w = (uint16_t)frame;
    else
        cpu->gpr[RBP].d = frame;
    set_stack_pointer(cpu, sp - bytes);
    cpu_charge(cpu, level * 4);
}

void op_enter_16(struct cpu *cpu, const struct insn *in)
{
    enter(cpu, in, 2);
}

void op_enter_32(struct cpu *cpu, const struct insn *in)
{
    enter(cpu, in, 4);
}

static void leave(struct cpu *cpu, unsigned size)
{
    uint32_t mask = stack_mask(cpu), bp = cpu->gpr[RBP].d & mask;
    uint32_t value = size == 2 ? mem_read16(cpu, SEG_SS, bp) : mem_read32(cpu, SEG_SS, bp);
    set_stack_pointer(cpu, bp + size);
    if (size == 2)
        cpu->gpr[RBP].w = (uint16_t)value;
    else
        cpu->gpr[RBP].d = value;
}

void op_leave_16(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    leave(cpu, 2);
}

void op_leave_32(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    leave(cpu, 4);
}
