/* Fast handlers: the stack. Two kinds: a flat 32-bit stack with 32-bit operands, and a 16-bit stack with
 * 16-bit operands. Everything else goes the plain way. */
#include "cpu/fast_stack.h"
#include "cpu/fast_operand.h"
#include "cpu/insn.h"

static HANDLER(h_push_r_32)
{
    PUSH_FLAT32(R32(in->rm));
    NEXT_UNCHANGED();
}
static HANDLER(h_push_imm_32)
{
    PUSH_FLAT32((uint32_t)in->imm);
    NEXT_UNCHANGED();
}
static HANDLER(h_push_m_32_FLAT)
{
    READ_OPERAND(FLAT, uint32_t);
    uint32_t value = *host;
    PUSH_FLAT32(value);
    NEXT_UNCHANGED();
}
static HANDLER(h_pop_r_32)
{
    POP_FLAT32(value);
    cpu->gpr[RSP].d += 4;
    R32(in->rm) = value;
    NEXT();
}
static HANDLER(h_leave_32)
{
    uint32_t frame = cpu->gpr[RBP].d;
    HOST_OF(uint32_t, frame, read);
    SET_G(5, *host);
    SET_G(4, frame + 4);
    NEXT_UNCHANGED();
}

static HANDLER(h_push_r_16)
{
    PUSH_SEG16(R16(in->rm));
    NEXT_UNCHANGED();
}
static HANDLER(h_push_imm_16)
{
    PUSH_SEG16((uint16_t)in->imm);
    NEXT_UNCHANGED();
}
static HANDLER(h_push_sreg_16)
{
    PUSH_SEG16(cpu->seg[in->reg].selector);
    NEXT_UNCHANGED();
}
static HANDLER(h_pop_r_16)
{
    POP_SEG16(value);
    cpu->gpr[RSP].w = (uint16_t)(cpu->gpr[RSP].w + 2);
    SET_R16(in->rm, value);
    NEXT();
}

handler_fn *fast_stack_select(const struct cpu *cpu, const struct insn *in)
{
    bool flat32 = stack_is_flat32(cpu), seg16 = !(cpu->mode & MODE_STACK32), memory = in->ea & INSN_MEM;
    switch (in->id) {
    case ID_push_rm_32:
        if (!flat32)
            return NULL;
        return !memory ? h_push_r_32 : fast_form_of(cpu, in) == FORM_FLAT ? h_push_m_32_FLAT : NULL;
    case ID_push_imm_32:
        return flat32 ? h_push_imm_32 : NULL;
    case ID_pop_rm_32:
        return flat32 && !memory ? h_pop_r_32 : NULL;
    case ID_leave_32:
        return flat32 ? h_leave_32 : NULL;
    case ID_push_rm_16:
        return seg16 && !memory ? h_push_r_16 : NULL;
    case ID_push_imm_16:
        return seg16 ? h_push_imm_16 : NULL;
    case ID_push_sreg_16:
        return seg16 ? h_push_sreg_16 : NULL;
    case ID_pop_rm_16:
        return seg16 && !memory ? h_pop_r_16 : NULL;
    default:
        return NULL;
    }
}
