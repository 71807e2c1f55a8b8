/* Fast handlers by register: 16-bit arithmetic and moves. The destination is fixed, the source by its place.
 */
#include "cpu/alu.h"
#include "cpu/fast_regs.h"

#define W(reg)            ((uint16_t)G(reg))
#define SET_W(reg, value) SET_G(reg, (G(reg) & ~0xFFFFu) | (uint16_t)(value))

#define EVAL_f(op, a, b) do_##op##16(cpu, a, b)
#define EVAL_n(op, a, b) N_##op(a, b)

/* Sources: rm of OP reg,rm; reg of OP rm,reg; an immediate. */
#define SOURCE_rm  R16(in->rm)
#define SOURCE_reg R16(in->reg)
#define SOURCE_imm (uint16_t) in->imm
#define BINARY(destination, op, v, source)                                                                   \
    static HANDLER(w_##op##_##v##_##source##_##destination)                                                  \
    {                                                                                                        \
        uint16_t a_ = W(destination), b_ = SOURCE_##source;                                                  \
        SET_W(destination, EVAL_##v(op, a_, b_));                                                            \
        NEXT_UNCHANGED();                                                                                    \
    }
#define OPERATION(op)                                                                                        \
    FOR_EACH_REG(BINARY, op, f, rm)                                                                          \
    FOR_EACH_REG(BINARY, op, f, reg)                                                                         \
    FOR_EACH_REG(BINARY, op, f, imm)                                                                         \
    FOR_EACH_REG(BINARY, op, n, rm)                                                                          \
    FOR_EACH_REG(BINARY, op, n, reg)                                                                         \
    FOR_EACH_REG(BINARY, op, n, imm)
OPERATION(add)
OPERATION(or)
OPERATION(and)
OPERATION(sub)
OPERATION(xor)

#define MOVE(destination, source)                                                                            \
    static HANDLER(w_mov_##source##_##destination)                                                           \
    {                                                                                                        \
        SET_W(destination, SOURCE_##source);                                                                 \
        NEXT_UNCHANGED();                                                                                    \
    }
FOR_EACH_REG(MOVE, rm)
FOR_EACH_REG(MOVE, reg)
FOR_EACH_REG(MOVE, imm)

#define UNARY_f(op, a) do_##op##16(cpu, a)
#define UNARY_n(op, a) UN_##op(a)
#define UN_inc(a)      ((a) + 1)
#define UN_dec(a)      ((a)-1)
#define SHIFT_f(op, a) do_##op##16(cpu, a, (unsigned)in->imm & 31)
#define SHIFT_n(op, a) SN_##op(a, (unsigned)in->imm & 31)
#define SN_shl(a, n)   ((uint32_t)(a) << (n))
#define SN_shr(a, n)   ((uint32_t)(a) >> (n))
#define SN_sar(a, n)   ((int32_t)(int16_t)(a) >> (n))
#define ONE(reg, op, v, EVAL)                                                                                \
    static HANDLER(w_##op##_##v##_##reg)                                                                     \
    {                                                                                                        \
        uint16_t a_ = W(reg);                                                                                \
        SET_W(reg, EVAL(op, a_));                                                                            \
        NEXT_UNCHANGED();                                                                                    \
    }
FOR_EACH_REG(ONE, inc, f, UNARY_f)
FOR_EACH_REG(ONE, inc, n, UNARY_n)
FOR_EACH_REG(ONE, dec, f, UNARY_f)
FOR_EACH_REG(ONE, dec, n, UNARY_n)
FOR_EACH_REG(ONE, shl, f, SHIFT_f)
FOR_EACH_REG(ONE, shl, n, SHIFT_n)
FOR_EACH_REG(ONE, shr, f, SHIFT_f)
FOR_EACH_REG(ONE, shr, n, SHIFT_n)
FOR_EACH_REG(ONE, sar, f, SHIFT_f)
FOR_EACH_REG(ONE, sar, n, SHIFT_n)

#define LOAD(reg_, form)                                                                                     \
    static HANDLER(w_load_##form##_##reg_)                                                                   \
    {                                                                                                        \
        READ_OPERAND(form, uint16_t);                                                                        \
        SET_W(reg_, *host);                                                                                  \
        NEXT_UNCHANGED();                                                                                    \
    }
FOR_EACH_REG(LOAD, FLAT)
FOR_EACH_REG(LOAD, FLATX)
FOR_EACH_REG(LOAD, SEG32)
FOR_EACH_REG(LOAD, SEG16)

/* --- tables: [flags are dead][register] --- */

typedef handler_fn *const table_8[8];

#define ROW(name) ROW_OF_8(name##_, )
#define BINARY_ROW(op, from)                                                                                 \
    {                                                                                                        \
        ROW(w_##op##_f_##from), ROW(w_##op##_n_##from)                                                       \
    }
#define BINARY_ROWS(op)                                                                                      \
    {                                                                                                        \
        BINARY_ROW(op, rm), BINARY_ROW(op, reg), BINARY_ROW(op, imm)                                         \
    }
#define ONE_ROW(op)                                                                                          \
    {                                                                                                        \
        ROW(w_##op##_f), ROW(w_##op##_n)                                                                     \
    }
enum source { FROM_RM, FROM_REG, FROM_IMM, SOURCES };
static table_8 binary[5][SOURCES][2] = {BINARY_ROWS(add), BINARY_ROWS(or), BINARY_ROWS(and), BINARY_ROWS(sub),
                                        BINARY_ROWS(xor)};
static table_8 moves[SOURCES] = {ROW(w_mov_rm), ROW(w_mov_reg), ROW(w_mov_imm)};
static table_8 unary[5][2] = {ONE_ROW(inc), ONE_ROW(dec), ONE_ROW(shl), ONE_ROW(shr), ONE_ROW(sar)};
static table_8 loads[FORM_COUNT] = {[FORM_FLAT] = ROW(w_load_FLAT),
                                    [FORM_FLATX] = ROW(w_load_FLATX),
                                    [FORM_SEG32] = ROW(w_load_SEG32),
                                    [FORM_SEG16] = ROW(w_load_SEG16)};

handler_fn *fast_words_select(const struct cpu *cpu, const struct insn *in, bool dead)
{
    unsigned rm = reg_number(in->rm), reg = reg_number(in->reg);
    if (in->ea & INSN_MEM)
        return in->id == ID_mov_r_rm_16 ? loads[fast_form_of(cpu, in)][reg] : NULL;
    switch (in->id) {
#define BINARY_CASES(name, number)                                                                           \
    case ID_##name##_r_rm_16:                                                                                \
        return binary[number][FROM_RM][dead][reg];                                                           \
    case ID_##name##_rm_r_16:                                                                                \
        return binary[number][FROM_REG][dead][rm];                                                           \
    case ID_##name##_rm_imm_16:                                                                              \
        return binary[number][FROM_IMM][dead][rm];
        BINARY_CASES(add, 0)
        BINARY_CASES(or, 1)
        BINARY_CASES(and, 2)
        BINARY_CASES(sub, 3)
        BINARY_CASES(xor, 4)
#undef BINARY_CASES
    case ID_mov_r_rm_16:
        return moves[FROM_RM][reg];
    case ID_mov_rm_r_16:
        return moves[FROM_REG][rm];
    case ID_mov_rm_imm_16:
        return moves[FROM_IMM][rm];
    case ID_inc_rm_16:
        return unary[0][dead][rm];
    case ID_dec_rm_16:
        return unary[1][dead][rm];
    case ID_shl_rm_imm_16:
        return in->imm & 31 ? unary[2][dead][rm] : NULL;
    case ID_shr_rm_imm_16:
        return in->imm & 31 ? unary[3][dead][rm] : NULL;
    case ID_sar_rm_imm_16:
        return in->imm & 31 ? unary[4][dead][rm] : NULL;
    default:
        return NULL;
    }
}
