/* Plain functions: near transfers. SDM volume 2, Jcc, JMP, CALL, RET, LOOP. */
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/model.h"
#include "cpu/operand.h"

/* Goes to TARGET in the code segment; an EIP outside it faults here, before anything has changed. */
static void check_target(struct cpu *cpu, uint32_t target)
{
    if (target > cpu->seg[SEG_CS].limit)
        cpu_raise_segment(cpu, EXC_GP, 0, SEG_CS, CPU_FAULT_CODE_LIMIT, target, cpu->seg[SEG_CS].limit);
}

static uint32_t relative(struct cpu *cpu, const struct insn *in, unsigned size)
{
    uint32_t target = (uint32_t)(cpu->next_rip + in->imm);
    return size == 2 ? target & 0xFFFF : target;
}

static void take(struct cpu *cpu, const struct insn *in, unsigned size)
{
    uint32_t target = relative(cpu, in, size);
    check_target(cpu, target);
    cpu->next_rip = target;
    cpu->taken = true;
    cpu_charge(cpu, model_taken_cost(cpu->model, in->id));
}

#define BOTH_SIZES(name)                                                                                     \
    void op_##name##_16(struct cpu *cpu, const struct insn *in)                                              \
    {                                                                                                        \
        name(cpu, in, 2);                                                                                    \
    }                                                                                                        \
    void op_##name##_32(struct cpu *cpu, const struct insn *in)                                              \
    {                                                                                                        \
        name(cpu, in, 4);                                                                                    \
    }

static void jcc(struct cpu *cpu, const struct insn *in, unsigned size)
{
    if (flags_condition(cpu, in->reg))
        take(cpu, in, size);
}
BOTH_SIZES(jcc)

static void jmp_rel(struct cpu *cpu, const struct insn *in, unsigned size)
{
    take(cpu, in, size);
}
BOTH_SIZES(jmp_rel)

static uint32_t rm_target(struct cpu *cpu, const struct insn *in, unsigned size)
{
    return size == 2 ? rm_read16(cpu, in) : rm_read32(cpu, in);
}

static void jmp_rm(struct cpu *cpu, const struct insn *in, unsigned size)
{
    uint32_t target = rm_target(cpu, in, size);
    check_target(cpu, target);
    cpu->next_rip = target;
}
BOTH_SIZES(jmp_rm)

/* The return address is written before the target is found to be outside, as on processors. */
static void call(struct cpu *cpu, uint32_t target, unsigned size)
{
    uint32_t sp = cpu->gpr[RSP].d;
    push_value(cpu, cpu->next_rip, size);
    if (target > cpu->seg[SEG_CS].limit) {
        cpu->gpr[RSP].d = sp;
        cpu_raise_segment(cpu, EXC_GP, 0, SEG_CS, CPU_FAULT_CODE_LIMIT, target, cpu->seg[SEG_CS].limit);
    }
    cpu->next_rip = target;
}

static void call_rel(struct cpu *cpu, const struct insn *in, unsigned size)
{
    call(cpu, relative(cpu, in, size), size);
}
BOTH_SIZES(call_rel)

static void call_rm(struct cpu *cpu, const struct insn *in, unsigned size)
{
    call(cpu, rm_target(cpu, in, size), size);
}
BOTH_SIZES(call_rm)

static void ret(struct cpu *cpu, const struct insn *in, unsigned size)
{
    uint32_t target = (uint32_t)stack_read(cpu, 0, size);
    check_target(cpu, target);
    stack_add(cpu, (int)(size + (uint16_t)in->imm));
    cpu->next_rip = target;
}
BOTH_SIZES(ret)

/* CX or ECX by the address size. The count is written only where the target is good. */
static bool count_down(struct cpu *cpu, const struct insn *in, unsigned size, bool condition)
{
    uint32_t mask = address_mask(in), count = (cpu->gpr[RCX].d - 1) & mask;
    if (count && condition)
        take(cpu, in, size);
    if (mask == 0xFFFF)
        cpu->gpr[RCX].w = (uint16_t)count;
    else
        cpu->gpr[RCX].d = count;
    return count != 0;
}

static void loop(struct cpu *cpu, const struct insn *in, unsigned size)
{
    count_down(cpu, in, size, true);
}
BOTH_SIZES(loop)

static void loope(struct cpu *cpu, const struct insn *in, unsigned size)
{
    count_down(cpu, in, size, flags_zf(cpu));
}
BOTH_SIZES(loope)

static void loopne(struct cpu *cpu, const struct insn *in, unsigned size)
{
    count_down(cpu, in, size, !flags_zf(cpu));
}
BOTH_SIZES(loopne)

static void jcxz(struct cpu *cpu, const struct insn *in, unsigned size)
{
    if (!(cpu->gpr[RCX].d & address_mask(in)))
        take(cpu, in, size);
}
BOTH_SIZES(jcxz)
