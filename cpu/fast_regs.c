/* Fast handlers by register: 32-bit arithmetic, logic, shifts and moves between registers. */
#include "cpu/fast_regs.h"
#include "cpu/alu.h"

#define EVAL_f(op, a, b) do_##op##32(cpu, a, b)
#define EVAL_n(op, a, b) N_##op(a, b)

/* Names: b_<op>_<v>_<destination>_<source>, i_<op>_<v>_<destination>. */
#define BINARY(source, destination, op, v)                                                                   \
    static HANDLER(b_##op##_##v##_##destination##_##source)                                                  \
    {                                                                                                        \
        SET_G(destination, EVAL_##v(op, G(destination), G(source)));                                         \
        GO(in + 1);                                                                                          \
    }
#define BINARY_ROW(destination, op, v) FOR_EACH_REG_2(BINARY, destination, op, v)
#define IMMEDIATE(destination, op, v)                                                                        \
    static HANDLER(i_##op##_##v##_##destination)                                                             \
    {                                                                                                        \
        SET_G(destination, EVAL_##v(op, G(destination), (uint32_t)in->imm));                                 \
        GO(in + 1);                                                                                          \
    }
#define OPERATION(op)                                                                                        \
    FOR_EACH_REG(BINARY_ROW, op, f)                                                                          \
    FOR_EACH_REG(BINARY_ROW, op, n)                                                                          \
    FOR_EACH_REG(IMMEDIATE, op, f)                                                                           \
    FOR_EACH_REG(IMMEDIATE, op, n)
OPERATION(add)
OPERATION(or)
OPERATION(and)
OPERATION(sub)
OPERATION(xor)

/* With the carry: flags are always kept. */
FOR_EACH_REG(BINARY_ROW, adc, f)
FOR_EACH_REG(BINARY_ROW, sbb, f)
FOR_EACH_REG(IMMEDIATE, adc, f)
FOR_EACH_REG(IMMEDIATE, sbb, f)

/* IMUL reg,reg and, named k_, IMUL reg,reg,imm. */
FOR_EACH_REG(BINARY_ROW, imul, f)
FOR_EACH_REG(BINARY_ROW, imul, n)
#define TIMES(source, destination, v)                                                                        \
    static HANDLER(k_##v##_##destination##_##source)                                                         \
    {                                                                                                        \
        SET_G(destination, EVAL_##v(imul, G(source), (uint32_t)in->imm));                                    \
        GO(in + 1);                                                                                          \
    }
#define TIMES_ROW(destination, v) FOR_EACH_REG_2(TIMES, destination, v)
FOR_EACH_REG(TIMES_ROW, f)
FOR_EACH_REG(TIMES_ROW, n)

#define MOVE(source, destination, unused)                                                                    \
    static HANDLER(m_##destination##_##source)                                                               \
    {                                                                                                        \
        SET_G(destination, G(source));                                                                       \
        GO(in + 1);                                                                                          \
    }
#define MOVE_ROW(destination, unused) FOR_EACH_REG_2(MOVE, destination, unused)
FOR_EACH_REG(MOVE_ROW, 0)

#define UN_inc(a)      ((a) + 1)
#define UN_dec(a)      ((a)-1)
#define UN_neg(a)      (0 - (a))
#define UN_not(a)      (~(a))
#define UNARY_f(op, a) do_##op##32(cpu, a)
#define UNARY_n(op, a) UN_##op(a)
#define SHIFT_f(op, a) do_##op##32(cpu, a, (unsigned)in->imm & 31)
#define SHIFT_n(op, a) SN_##op(a, (unsigned)in->imm & 31)
#define SN_shl(a, n)   ((a) << (n))
#define SN_shr(a, n)   ((a) >> (n))
#define SN_sar(a, n)   ((uint32_t)((int32_t)(a) >> (n)))
#define SN_rol(a, n)   ((a) << (n) | (a) >> (-(n)&31))
#define SN_ror(a, n)   ((a) >> (n) | (a) << (-(n)&31))
#define ONE(reg, op, v, EVAL)                                                                                \
    static HANDLER(u_##op##_##v##_##reg)                                                                     \
    {                                                                                                        \
        SET_G(reg, EVAL(op, G(reg)));                                                                        \
        GO(in + 1);                                                                                          \
    }
FOR_EACH_REG(ONE, inc, f, UNARY_f)
FOR_EACH_REG(ONE, inc, n, UNARY_n)
FOR_EACH_REG(ONE, dec, f, UNARY_f)
FOR_EACH_REG(ONE, dec, n, UNARY_n)
FOR_EACH_REG(ONE, neg, f, UNARY_f)
FOR_EACH_REG(ONE, neg, n, UNARY_n)
FOR_EACH_REG(ONE, not, n, UNARY_n)
FOR_EACH_REG(ONE, shl, f, SHIFT_f)
FOR_EACH_REG(ONE, shl, n, SHIFT_n)
FOR_EACH_REG(ONE, shr, f, SHIFT_f)
FOR_EACH_REG(ONE, shr, n, SHIFT_n)
FOR_EACH_REG(ONE, sar, f, SHIFT_f)
FOR_EACH_REG(ONE, sar, n, SHIFT_n)
FOR_EACH_REG(ONE, rol, f, SHIFT_f)
FOR_EACH_REG(ONE, rol, n, SHIFT_n)
FOR_EACH_REG(ONE, ror, f, SHIFT_f)
FOR_EACH_REG(ONE, ror, n, SHIFT_n)

#define SET(reg, unused)                                                                                     \
    static HANDLER(s_##reg)                                                                                  \
    {                                                                                                        \
        SET_G(reg, (uint32_t)in->imm);                                                                       \
        GO(in + 1);                                                                                          \
    }
FOR_EACH_REG(SET, 0)

/* LEA r32, [base + disp] and [base + index * scale + disp]. */
#define LEA(base_reg, destination, unused)                                                                   \
    static HANDLER(l_##destination##_##base_reg)                                                             \
    {                                                                                                        \
        SET_G(destination, G(base_reg) + (uint32_t)in->disp);                                                \
        GO(in + 1);                                                                                          \
    }
#define LEA_ROW(destination, unused) FOR_EACH_REG_2(LEA, destination, unused)
FOR_EACH_REG(LEA_ROW, 0)
#define LEAX(index_reg, base_reg, destination)                                                               \
    static HANDLER(x_##destination##_##base_reg##_##index_reg)                                               \
    {                                                                                                        \
        SET_G(destination, G(base_reg) + (G(index_reg) << (in->ea & 31)) + (uint32_t)in->disp);              \
        GO(in + 1);                                                                                          \
    }
#define LEAX_ROW(base_reg, destination) FOR_EACH_REG_3(LEAX, base_reg, destination)
#define LEAX_PLANE(destination, unused) FOR_EACH_REG_2(LEAX_ROW, destination)
FOR_EACH_REG(LEAX_PLANE, 0)

/* LEA r32, [index * scale + disp]. */
#define LEAI(index_reg, destination, unused)                                                                 \
    static HANDLER(n_##destination##_##index_reg)                                                            \
    {                                                                                                        \
        SET_G(destination, (G(index_reg) << (in->ea & 31)) + (uint32_t)in->disp);                            \
        GO(in + 1);                                                                                          \
    }
#define LEAI_ROW(destination, unused) FOR_EACH_REG_2(LEAI, destination, unused)
FOR_EACH_REG(LEAI_ROW, 0)

/* Extensions of byte and word registers into 32-bit ones. */
#define EXTEND8(source, destination, name, type)                                                             \
    static HANDLER(e_##name##_##destination##_##source)                                                      \
    {                                                                                                        \
        SET_G(destination, (uint32_t)(type)(G(WHOLE(source)) >> ((source) >> 2 << 3)));                      \
        GO(in + 1);                                                                                          \
    }
#define EXTEND8_ROW(destination, name, type) FOR_EACH_REG_2(EXTEND8, destination, name, type)
FOR_EACH_REG(EXTEND8_ROW, movzx8, uint8_t)
FOR_EACH_REG(EXTEND8_ROW, movsx8, int8_t)
#define EXTEND16(source, destination, name, type)                                                            \
    static HANDLER(e_##name##_##destination##_##source)                                                      \
    {                                                                                                        \
        SET_G(destination, (uint32_t)(type)G(source));                                                       \
        GO(in + 1);                                                                                          \
    }
#define EXTEND16_ROW(destination, name, type) FOR_EACH_REG_2(EXTEND16, destination, name, type)
FOR_EACH_REG(EXTEND16_ROW, movzx16, uint16_t)
FOR_EACH_REG(EXTEND16_ROW, movsx16, int16_t)

/* --- tables: [flags are dead][destination][source] --- */

typedef handler_fn *const table_64[8][8];
typedef handler_fn *const table_8[8];

#define BINARY_TABLE(op)                                                                                     \
    {                                                                                                        \
        TABLE_OF_64(b_##op##_f_), TABLE_OF_64(b_##op##_n_)                                                   \
    }
#define ONE_TABLE(name, op)                                                                                  \
    {                                                                                                        \
        ROW_OF_8(name##op##_f_, ), ROW_OF_8(name##op##_n_, )                                                 \
    }
static table_64 binary[5][2] = {BINARY_TABLE(add), BINARY_TABLE(or), BINARY_TABLE(and), BINARY_TABLE(sub),
                                BINARY_TABLE(xor)};
static table_8 immediate[5][2] = {ONE_TABLE(i_, add), ONE_TABLE(i_, or), ONE_TABLE(i_, and),
                                  ONE_TABLE(i_, sub), ONE_TABLE(i_, xor)};
static table_64 with_carry[2] = {TABLE_OF_64(b_adc_f_), TABLE_OF_64(b_sbb_f_)};
static table_8 with_carry_immediate[2] = {ROW_OF_8(i_adc_f_, ), ROW_OF_8(i_sbb_f_, )};
static table_64 multiply[2] = BINARY_TABLE(imul);
static table_64 multiply_immediate[2] = {TABLE_OF_64(k_f_), TABLE_OF_64(k_n_)};
static table_8 unary[8][2] = {ONE_TABLE(u_, inc), ONE_TABLE(u_, dec), ONE_TABLE(u_, neg), ONE_TABLE(u_, shl),
                              ONE_TABLE(u_, shr), ONE_TABLE(u_, sar), ONE_TABLE(u_, rol), ONE_TABLE(u_, ror)};
static table_8 complement = ROW_OF_8(u_not_n_, );
static table_8 set = ROW_OF_8(s_, );
static table_64 move = TABLE_OF_64(m_);
static table_64 lea = TABLE_OF_64(l_);
static table_64 lea_index = TABLE_OF_64(n_);
static table_64 lea_both[8] = {TABLE_OF_64(x_0_), TABLE_OF_64(x_1_), TABLE_OF_64(x_2_), TABLE_OF_64(x_3_),
                               TABLE_OF_64(x_4_), TABLE_OF_64(x_5_), TABLE_OF_64(x_6_), TABLE_OF_64(x_7_)};
static table_64 extend[4] = {TABLE_OF_64(e_movzx8_), TABLE_OF_64(e_movsx8_), TABLE_OF_64(e_movzx16_),
                             TABLE_OF_64(e_movsx16_)};

static handler_fn *select_lea(const struct insn *in)
{
    if (in->seg & INSN_ADDR16)
        return NULL;
    unsigned destination = reg_number(in->reg), base = reg_number(in->base), index = reg_number(in->index);
    if (index == REG_ZERO)
        return base == REG_ZERO ? NULL : lea[destination][base];
    return base == REG_ZERO ? lea_index[destination][index] : lea_both[destination][base][index];
}

handler_fn *fast_regs_select(const struct cpu *cpu, const struct insn *in, bool dead)
{
    (void)cpu;
    if (in->id == ID_lea_32)
        return select_lea(in);
    if (in->ea & INSN_MEM)
        return NULL;
    unsigned rm = reg_number(in->rm), reg = reg_number(in->reg);
    switch (in->id) {
#define BINARY_CASES(name, number)                                                                           \
    case ID_##name##_rm_r_32:                                                                                \
        return binary[number][dead][rm][reg];                                                                \
    case ID_##name##_r_rm_32:                                                                                \
        return binary[number][dead][reg][rm];                                                                \
    case ID_##name##_rm_imm_32:                                                                              \
        return immediate[number][dead][rm];
        BINARY_CASES(add, 0)
        BINARY_CASES(or, 1)
        BINARY_CASES(and, 2)
        BINARY_CASES(sub, 3)
        BINARY_CASES(xor, 4)
#undef BINARY_CASES
    case ID_adc_rm_r_32:
        return with_carry[0][rm][reg];
    case ID_adc_r_rm_32:
        return with_carry[0][reg][rm];
    case ID_adc_rm_imm_32:
        return with_carry_immediate[0][rm];
    case ID_sbb_rm_r_32:
        return with_carry[1][rm][reg];
    case ID_sbb_r_rm_32:
        return with_carry[1][reg][rm];
    case ID_sbb_rm_imm_32:
        return with_carry_immediate[1][rm];
    case ID_imul_r_rm_32:
        return multiply[dead][reg][rm];
    case ID_imul_r_rm_imm_32:
        return multiply_immediate[dead][reg][rm];
    case ID_mov_rm_r_32:
        return move[rm][reg];
    case ID_mov_r_rm_32:
        return move[reg][rm];
    case ID_mov_rm_imm_32:
        return set[rm];
    case ID_inc_rm_32:
        return unary[0][dead][rm];
    case ID_dec_rm_32:
        return unary[1][dead][rm];
    case ID_neg_rm_32:
        return unary[2][dead][rm];
    case ID_not_rm_32:
        return complement[rm];
    case ID_shl_rm_imm_32:
        return in->imm & 31 ? unary[3][dead][rm] : NULL;
    case ID_shr_rm_imm_32:
        return in->imm & 31 ? unary[4][dead][rm] : NULL;
    case ID_sar_rm_imm_32:
        return in->imm & 31 ? unary[5][dead][rm] : NULL;
    case ID_rol_rm_imm_32:
        return in->imm & 31 ? unary[6][dead][rm] : NULL;
    case ID_ror_rm_imm_32:
        return in->imm & 31 ? unary[7][dead][rm] : NULL;
    case ID_movzx8_32:
        return extend[0][reg][byte_register(in->rm)];
    case ID_movsx8_32:
        return extend[1][reg][byte_register(in->rm)];
    case ID_movzx16_32:
        return extend[2][reg][rm];
    case ID_movsx16_32:
        return extend[3][reg][rm];
    default:
        return NULL;
    }
}
