/* Fast handlers of arithmetic and logic for one width; included with BITS defined.
 * For each operation and form there are two: `_f` keeps lazy flags, `_n` computes none. */
#include "cpu/width.h"

#define R        WIDTH_PASTE(R, BITS)
#define SET_R    WIDTH_PASTE(SET_R, BITS)
#define FN(name) WIDTH_PASTE(WIDTH_PASTE(name, _), BITS)

#define F_(op, a, b) NAME(do_##op)(cpu, a, b)
#define N_(op, a, b) N_##op(a, b)

#define REGISTER_FORMS(op, v, EVAL)                                                                          \
    static HANDLER(FN(h_##op##_rr_##v))                                                                      \
    {                                                                                                        \
        UINT a_ = R(in->rm);                                                                                 \
        UINT b_ = R(in->reg);                                                                                \
        SET_R(in->rm, EVAL(op, a_, b_));                                                                     \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_ri_##v))                                                                      \
    {                                                                                                        \
        UINT a_ = R(in->rm);                                                                                 \
        SET_R(in->rm, EVAL(op, a_, (UINT)in->imm));                                                          \
        NEXT();                                                                                              \
    }
/* R_RM with two registers: the destination is reg. */
#define REVERSED_FORM(op, v, EVAL)                                                                           \
    static HANDLER(FN(h_##op##_rrx_##v))                                                                     \
    {                                                                                                        \
        UINT a_ = R(in->reg);                                                                                \
        UINT b_ = R(in->rm);                                                                                 \
        SET_R(in->reg, EVAL(op, a_, b_));                                                                    \
        NEXT();                                                                                              \
    }
#define MEMORY_FORMS(form, op, v, EVAL)                                                                      \
    static HANDLER(FN(h_##op##_rm_##v##_##form))                                                             \
    {                                                                                                        \
        READ_OPERAND(form, UINT);                                                                            \
        UINT a_ = R(in->reg);                                                                                \
        UINT b_ = *host;                                                                                     \
        SET_R(in->reg, EVAL(op, a_, b_));                                                                    \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_mr_##v##_##form))                                                             \
    {                                                                                                        \
        MODIFY_OPERAND(form, UINT);                                                                          \
        UINT a_ = *host;                                                                                     \
        UINT b_ = R(in->reg);                                                                                \
        *host = EVAL(op, a_, b_);                                                                            \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_mi_##v##_##form))                                                             \
    {                                                                                                        \
        MODIFY_OPERAND(form, UINT);                                                                          \
        UINT a_ = *host;                                                                                     \
        *host = EVAL(op, a_, (UINT)in->imm);                                                                 \
        NEXT_UNCHANGED();                                                                                    \
    }

#define ALL_FORMS(op, v, EVAL)                                                                               \
    REGISTER_FORMS(op, v, EVAL)                                                                              \
    REVERSED_FORM(op, v, EVAL)                                                                               \
    FOR_EACH_MEMORY_FORM(MEMORY_FORMS, op, v, EVAL)

#define WITH_AND_WITHOUT_FLAGS(op) ALL_FORMS(op, f, F_) ALL_FORMS(op, n, N_)
WITH_AND_WITHOUT_FLAGS(add)
WITH_AND_WITHOUT_FLAGS(or)
WITH_AND_WITHOUT_FLAGS(and)
WITH_AND_WITHOUT_FLAGS(sub)
WITH_AND_WITHOUT_FLAGS(xor)
ALL_FORMS(adc, f, F_)
ALL_FORMS(sbb, f, F_)

/* CMP and TEST: flags alone. Where nobody sees them, what is left is the access; the plain function does it.
 */
#define COMPARE_MEMORY(form, op, action)                                                                     \
    static HANDLER(FN(h_##op##_mr_##form))                                                                   \
    {                                                                                                        \
        READ_OPERAND(form, UINT);                                                                            \
        NAME(do_##action)(cpu, *host, R(in->reg));                                                           \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_rm_##form))                                                                   \
    {                                                                                                        \
        READ_OPERAND(form, UINT);                                                                            \
        NAME(do_##action)(cpu, R(in->reg), *host);                                                           \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_mi_##form))                                                                   \
    {                                                                                                        \
        READ_OPERAND(form, UINT);                                                                            \
        NAME(do_##action)(cpu, *host, (UINT)in->imm);                                                        \
        NEXT_UNCHANGED();                                                                                    \
    }
#define COMPARE(op, action)                                                                                  \
    static HANDLER(FN(h_##op##_rr))                                                                          \
    {                                                                                                        \
        NAME(do_##action)(cpu, R(in->rm), R(in->reg));                                                       \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_rrx))                                                                         \
    {                                                                                                        \
        NAME(do_##action)(cpu, R(in->reg), R(in->rm));                                                       \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_ri))                                                                          \
    {                                                                                                        \
        NAME(do_##action)(cpu, R(in->rm), (UINT)in->imm);                                                    \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    FOR_EACH_MEMORY_FORM(COMPARE_MEMORY, op, action)
COMPARE(cmp, sub)
COMPARE(test, and)

/* INC, DEC, NEG, NOT. */
#define UN_inc(a) ((UINT)((a) + 1))
#define UN_dec(a) ((UINT)((a)-1))
#define UN_neg(a) ((UINT)(0 - (a)))
#define UN_not(a) ((UINT) ~(a))
#define UF(op, a) NAME(do_##op)(cpu, a)
#define UN(op, a) UN_##op(a)
#define UNARY_MEMORY(form, op, v, EVAL)                                                                      \
    static HANDLER(FN(h_##op##_m_##v##_##form))                                                              \
    {                                                                                                        \
        MODIFY_OPERAND(form, UINT);                                                                          \
        UINT a_ = *host;                                                                                     \
        *host = EVAL(op, a_);                                                                                \
        NEXT_UNCHANGED();                                                                                    \
    }
#define UNARY(op, v, EVAL)                                                                                   \
    static HANDLER(FN(h_##op##_r_##v))                                                                       \
    {                                                                                                        \
        UINT a_ = R(in->rm);                                                                                 \
        SET_R(in->rm, EVAL(op, a_));                                                                         \
        NEXT();                                                                                              \
    }                                                                                                        \
    FOR_EACH_MEMORY_FORM(UNARY_MEMORY, op, v, EVAL)
UNARY(inc, f, UF)
UNARY(inc, n, UN)
UNARY(dec, f, UF)
UNARY(dec, n, UN)
UNARY(neg, f, UF)
UNARY(neg, n, UN)
UNARY(not, n, UN)

/* Shifts of registers by an immediate that is not 0; `_n` where the flags are dead. */
#define SN_shl(a, n) ((UINT)((uint64_t)(a) << (n)))
#define SN_shr(a, n) ((UINT)((uint64_t)(a) >> (n)))
#define SN_sar(a, n) ((UINT)((int64_t)(INT)(a) >> (n)))
#define SHIFT(op)                                                                                            \
    static HANDLER(FN(h_##op##_ri_f))                                                                        \
    {                                                                                                        \
        SET_R(in->rm, NAME(do_##op)(cpu, R(in->rm), (unsigned)in->imm & 31));                                \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_ri_n))                                                                        \
    {                                                                                                        \
        SET_R(in->rm, SN_##op(R(in->rm), (unsigned)in->imm & 31));                                           \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(FN(h_##op##_rcl))                                                                         \
    {                                                                                                        \
        unsigned count = cpu->gpr[RCX].b[0] & 31;                                                            \
        if (count)                                                                                           \
            SET_R(in->rm, NAME(do_##op)(cpu, R(in->rm), count));                                             \
        NEXT();                                                                                              \
    }
SHIFT(shl)
SHIFT(shr)
SHIFT(sar)

#if BITS != 8
#define MULTIPLY_MEMORY(form, unused)                                                                        \
    static HANDLER(FN(h_imul_rm_##form))                                                                     \
    {                                                                                                        \
        READ_OPERAND(form, UINT);                                                                            \
        SET_R(in->reg, NAME(do_imul)(cpu, R(in->reg), *host));                                               \
        NEXT();                                                                                              \
    }
FOR_EACH_MEMORY_FORM(MULTIPLY_MEMORY, 0)
static HANDLER(FN(h_imul_rr))
{
    SET_R(in->reg, NAME(do_imul)(cpu, R(in->reg), R(in->rm)));
    NEXT();
}
static HANDLER(FN(h_imul_rri))
{
    SET_R(in->reg, NAME(do_imul)(cpu, R(in->rm), (UINT)in->imm));
    NEXT();
}
#endif

/* --- tables by form --- */

#define FORMS(op, kind, v)                                                                                   \
    {                                                                                                        \
        [FORM_FLAT] = FN(h_##op##_##kind##_##v##_FLAT), [FORM_FLATX] = FN(h_##op##_##kind##_##v##_FLATX),    \
        [FORM_SEG32] = FN(h_##op##_##kind##_##v##_SEG32), [FORM_SEG16] = FN(h_##op##_##kind##_##v##_SEG16),  \
    }
#define FORMS_PLAIN(op, kind)                                                                                \
    {                                                                                                        \
        [FORM_FLAT] = FN(h_##op##_##kind##_FLAT), [FORM_FLATX] = FN(h_##op##_##kind##_FLATX),                \
        [FORM_SEG32] = FN(h_##op##_##kind##_SEG32), [FORM_SEG16] = FN(h_##op##_##kind##_SEG16),              \
    }
#define BINARY_ROWS(op, v)                                                                                   \
    {                                                                                                        \
        .rr = FN(h_##op##_rr_##v), .rrx = FN(h_##op##_rrx_##v), .ri = FN(h_##op##_ri_##v),                   \
        .rm = FORMS(op, rm, v), .mr = FORMS(op, mr, v), .mi = FORMS(op, mi, v),                              \
    }
#define COMPARE_ROWS(op)                                                                                     \
    {                                                                                                        \
        .rr = FN(h_##op##_rr), .rrx = FN(h_##op##_rrx), .ri = FN(h_##op##_ri), .rm = FORMS_PLAIN(op, rm),    \
        .mr = FORMS_PLAIN(op, mr), .mi = FORMS_PLAIN(op, mi),                                                \
    }
#define UNARY_ROWS(op, v)                                                                                    \
    {                                                                                                        \
        .rr = FN(h_##op##_r_##v), .mr = FORMS(op, m, v)                                                      \
    }
#define SHIFT_ROWS(op)                                                                                       \
    {                                                                                                        \
        {.ri = FN(h_##op##_ri_f), .rr = FN(h_##op##_rcl)},                                                   \
        {                                                                                                    \
            .ri = FN(h_##op##_ri_n), .rr = FN(h_##op##_rcl)                                                  \
        }                                                                                                    \
    }

/* [operation][flags are dead] */
static const struct alu_handlers FN(binary_handlers)[OP_COUNT][2] = {
    [OP_ADD] = {BINARY_ROWS(add, f), BINARY_ROWS(add, n)},
    [OP_OR] = {BINARY_ROWS(or, f), BINARY_ROWS(or, n)},
    [OP_ADC] = {BINARY_ROWS(adc, f), BINARY_ROWS(adc, f)},
    [OP_SBB] = {BINARY_ROWS(sbb, f), BINARY_ROWS(sbb, f)},
    [OP_AND] = {BINARY_ROWS(and, f), BINARY_ROWS(and, n)},
    [OP_SUB] = {BINARY_ROWS(sub, f), BINARY_ROWS(sub, n)},
    [OP_XOR] = {BINARY_ROWS(xor, f), BINARY_ROWS(xor, n)},
    [OP_CMP] = {COMPARE_ROWS(cmp), COMPARE_ROWS(cmp)},
    [OP_TEST] = {COMPARE_ROWS(test), COMPARE_ROWS(test)},
    [OP_INC] = {UNARY_ROWS(inc, f), UNARY_ROWS(inc, n)},
    [OP_DEC] = {UNARY_ROWS(dec, f), UNARY_ROWS(dec, n)},
    [OP_NEG] = {UNARY_ROWS(neg, f), UNARY_ROWS(neg, n)},
    [OP_NOT] = {UNARY_ROWS(not, n), UNARY_ROWS(not, n)},
    [OP_SHL] = SHIFT_ROWS(shl),
    [OP_SHR] = SHIFT_ROWS(shr),
    [OP_SAR] = SHIFT_ROWS(sar),
#if BITS != 8
    [OP_IMUL] = {{.rr = FN(h_imul_rr), .ri = FN(h_imul_rri), .rm = FORMS_PLAIN(imul, rm)},
                 {.rr = FN(h_imul_rr), .ri = FN(h_imul_rri), .rm = FORMS_PLAIN(imul, rm)}},
#endif
};

#undef R
#undef SET_R
#undef FN
#undef F_
#undef N_
#undef REGISTER_FORMS
#undef REVERSED_FORM
#undef MEMORY_FORMS
#undef ALL_FORMS
#undef WITH_AND_WITHOUT_FLAGS
#undef COMPARE_MEMORY
#undef COMPARE
#undef UN_inc
#undef UN_dec
#undef UN_neg
#undef UN_not
#undef UF
#undef UN
#undef UNARY_MEMORY
#undef UNARY
#undef SN_shl
#undef SN_shr
#undef SN_sar
#undef SHIFT
#undef MULTIPLY_MEMORY
#undef FORMS
#undef FORMS_PLAIN
#undef BINARY_ROWS
#undef COMPARE_ROWS
#undef UNARY_ROWS
#undef SHIFT_ROWS
