/* Fast handlers: the x87 unit's common cases (fpu_fast.h). Blocks decoded while CR0.EM or TS is set have none
 * of these. A pending exception, or one that would be new, goes to the plain function, which settles FERR#
 * too. In a record `imm` is the opcode as the unit remembers it: 11 bits, ST(i) in the lowest three. */
#include "cpu/alu.h"
#include "cpu/fast_operand.h"
#include "cpu/fpu_fast.h"
#include "cpu/insn.h"

/* FERR# may be behind (a reset, CR0.NE): the plain function drives it anew. */
#define UNIT()                                                                                               \
    struct fpu *f = &cpu->fpu;                                                                               \
    if (UNLIKELY((f->status & FPU_ES) || cpu->ferr))                                                         \
    PLAIN()
#define STI ((f->top + (unsigned)in->imm) & 7)
/* The registers ST(0) and ST(i) must be in use. */
#define IN_USE(n)                                                                                            \
    if (UNLIKELY(!(f->tag >> (n)&1)))                                                                        \
    PLAIN()
#define TRY(expression)                                                                                      \
    if (UNLIKELY(!(expression)))                                                                             \
    PLAIN()
#define DONE()                                                                                               \
    do {                                                                                                     \
        f->last_opcode = (uint16_t)in->imm;                                                                  \
        f->last_cs = cpu->seg[SEG_CS].selector;                                                              \
        f->last_ip = ip + in[-1].next_offset;                                                                \
        NEXT_UNCHANGED();                                                                                    \
    } while (0)
#define DONE_MEMORY(form)                                                                                    \
    do {                                                                                                     \
        f->last_ds = SEGMENT_OF(in)->selector;                                                               \
        f->last_dp = OFFSET_##form;                                                                          \
        DONE();                                                                                              \
    } while (0)
#define OFFSET_FLAT  linear
#define OFFSET_FLATX linear
#define OFFSET_SEG32 offset_
#define OFFSET_SEG16 offset_

/* --- arithmetic --- */

#define ARITHMETIC_MEMORY(form, op, suffix, type)                                                            \
    static HANDLER(h_##op##_##suffix##_##form)                                                               \
    {                                                                                                        \
        UNIT();                                                                                              \
        READ_OPERAND(form, type);                                                                            \
        IN_USE(f->top);                                                                                      \
        TRY(fpu_try_##op##_##suffix(f, *host));                                                              \
        DONE_MEMORY(form);                                                                                   \
    }
#define ARITHMETIC(op)                                                                                       \
    static HANDLER(h_##op##_st0)                                                                             \
    {                                                                                                        \
        UNIT();                                                                                              \
        unsigned i = STI;                                                                                    \
        IN_USE(f->top);                                                                                      \
        IN_USE(i);                                                                                           \
        TRY(fpu_try_##op(f, &f->reg[f->top], &f->reg[i]));                                                   \
        DONE();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_##op##_sti)                                                                             \
    {                                                                                                        \
        UNIT();                                                                                              \
        unsigned i = STI;                                                                                    \
        IN_USE(f->top);                                                                                      \
        IN_USE(i);                                                                                           \
        TRY(fpu_try_##op(f, &f->reg[i], &f->reg[f->top]));                                                   \
        DONE();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_##op##_sti_pop)                                                                         \
    {                                                                                                        \
        UNIT();                                                                                              \
        unsigned i = STI;                                                                                    \
        IN_USE(f->top);                                                                                      \
        IN_USE(i);                                                                                           \
        TRY(fpu_try_##op(f, &f->reg[i], &f->reg[f->top]));                                                   \
        fpu_pop(f);                                                                                          \
        DONE();                                                                                              \
    }                                                                                                        \
    FOR_EACH_MEMORY_FORM(ARITHMETIC_MEMORY, op, m32, uint32_t)                                               \
    FOR_EACH_MEMORY_FORM(ARITHMETIC_MEMORY, op, m64, uint64_t)
ARITHMETIC(fadd)
ARITHMETIC(fsub)
ARITHMETIC(fsubr)
ARITHMETIC(fmul)
ARITHMETIC(fdiv)
ARITHMETIC(fdivr)

static HANDLER(h_fsqrt)
{
    UNIT();
    IN_USE(f->top);
    TRY(fpu_try_fsqrt(f));
    DONE();
}

static HANDLER(h_fchs)
{
    UNIT();
    IN_USE(f->top);
    f->reg[f->top].sign_exponent ^= FLOAT80_SIGN;
    fpu_clear_c1(f);
    DONE();
}

static HANDLER(h_fabs)
{
    UNIT();
    IN_USE(f->top);
    f->reg[f->top].sign_exponent &= (uint16_t)~FLOAT80_SIGN;
    fpu_clear_c1(f);
    DONE();
}

/* --- loads and stores --- */

#define ROOM()                                                                                               \
    if (UNLIKELY(!fpu_st_empty(f, 7)))                                                                       \
    PLAIN()

#define LOAD_REAL(form, suffix, type, arguments)                                                             \
    static HANDLER(h_fld_##suffix##_##form)                                                                  \
    {                                                                                                        \
        UNIT();                                                                                              \
        READ_OPERAND(form, type);                                                                            \
        type value = *host;                                                                                  \
        TRY(fpu_load_normal arguments || load_zero(f, value));                                               \
        DONE_MEMORY(form);                                                                                   \
    }
#define SINGLE (f, value >> 31, value >> 23 & 0xFF, 0xFF, 0x7F, (uint64_t)value << 41 >> 1)
#define DOUBLE (f, value >> 63, value >> 52 & 0x7FF, 0x7FF, 0x3FF, value << 12 >> 1)

/* +0, as frequent as it is not normal. */
static inline bool load_zero(struct fpu *f, uint64_t value)
{
    if (value || !fpu_st_empty(f, 7))
        return false;
    fpu_clear_c1(f);
    fpu_push(f, float80_zero(false));
    return true;
}
FOR_EACH_MEMORY_FORM(LOAD_REAL, m32, uint32_t, SINGLE)
FOR_EACH_MEMORY_FORM(LOAD_REAL, m64, uint64_t, DOUBLE)

#define LOAD_INTEGER(form, suffix, type)                                                                     \
    static HANDLER(h_fild_##suffix##_##form)                                                                 \
    {                                                                                                        \
        UNIT();                                                                                              \
        READ_OPERAND(form, type);                                                                            \
        ROOM();                                                                                              \
        fpu_clear_c1(f);                                                                                     \
        fpu_push(f, float80_from_integer(*host));                                                            \
        DONE_MEMORY(form);                                                                                   \
    }
FOR_EACH_MEMORY_FORM(LOAD_INTEGER, m16, int16_t)
FOR_EACH_MEMORY_FORM(LOAD_INTEGER, m32, int32_t)
FOR_EACH_MEMORY_FORM(LOAD_INTEGER, m64, int64_t)

static HANDLER(h_fld_st)
{
    UNIT();
    unsigned i = STI;
    IN_USE(i);
    ROOM();
    fpu_clear_c1(f);
    fpu_push(f, f->reg[i]);
    DONE();
}

static HANDLER(h_fld_constant)
{
    UNIT();
    ROOM();
    fpu_clear_c1(f);
    fpu_push(f, in->imm & 7 ? float80_zero(false) : float80_make(false, 0x3FFF, FLOAT80_INTEGER_BIT));
    DONE();
}

/* A rounding that is told for the first time goes the plain way: it may be unmasked. */
#define STORE(form, name, type, prepare, pop)                                                                \
    static HANDLER(h_##name##_##form)                                                                        \
    {                                                                                                        \
        UNIT();                                                                                              \
        WRITE_OPERAND(form, type);                                                                           \
        uint64_t value;                                                                                      \
        unsigned raised;                                                                                     \
        TRY(prepare);                                                                                        \
        unsigned status = fpu_status_now(f);                                                                 \
        TRY(!(raised & ~status & FLOAT80_ALL_EXCEPTIONS));                                                   \
        *host = (type)value;                                                                                 \
        f->status = (uint16_t)((status & ~(unsigned)FPU_C1) | (raised & FPU_C1));                            \
        if (pop)                                                                                             \
            fpu_pop(f);                                                                                      \
        DONE_MEMORY(form);                                                                                   \
    }
/* Zeroes are as frequent as they are not normal. */
static inline bool store_zero(const struct fpu *f, unsigned sign_bit, uint64_t *value, unsigned *raised)
{
    const struct float80 *a = &f->reg[f->top];
    if (fpu_st_empty(f, 0) || a->significand || (a->sign_exponent & 0x7FFF))
        return false;
    *value = (uint64_t)(a->sign_exponent >> 15) << sign_bit;
    *raised = 0;
    return true;
}
#define TO_SINGLE                                                                                            \
    (fpu_narrow_normal(f, 23, 0xFF, 0x7F, &value, &raised) || store_zero(f, 31, &value, &raised))
#define TO_DOUBLE                                                                                            \
    (fpu_narrow_normal(f, 52, 0x7FF, 0x3FF, &value, &raised) || store_zero(f, 63, &value, &raised))
FOR_EACH_MEMORY_FORM(STORE, fst_m32, uint32_t, TO_SINGLE, false)
FOR_EACH_MEMORY_FORM(STORE, fstp_m32, uint32_t, TO_SINGLE, true)
FOR_EACH_MEMORY_FORM(STORE, fst_m64, uint64_t, TO_DOUBLE, false)
FOR_EACH_MEMORY_FORM(STORE, fstp_m64, uint64_t, TO_DOUBLE, true)
FOR_EACH_MEMORY_FORM(STORE, fistp_m16, uint16_t, fpu_integer_normal(f, 16, false, &value, &raised), true)
FOR_EACH_MEMORY_FORM(STORE, fistp_m32, uint32_t, fpu_integer_normal(f, 32, false, &value, &raised), true)
FOR_EACH_MEMORY_FORM(STORE, fistp_m64, uint64_t, fpu_integer_normal(f, 64, false, &value, &raised), true)

#define STORE_REGISTER(name, pop)                                                                            \
    static HANDLER(h_##name)                                                                                 \
    {                                                                                                        \
        UNIT();                                                                                              \
        unsigned i = STI;                                                                                    \
        IN_USE(f->top);                                                                                      \
        fpu_clear_c1(f);                                                                                     \
        f->reg[i].significand = f->reg[f->top].significand;                                                  \
        f->reg[i].sign_exponent = f->reg[f->top].sign_exponent;                                              \
        f->tag = (uint8_t)(f->tag | 1u << i);                                                                \
        if (pop)                                                                                             \
            fpu_pop(f);                                                                                      \
        DONE();                                                                                              \
    }
STORE_REGISTER(fst_st, false)
STORE_REGISTER(fstp_st, true)

static HANDLER(h_fxch)
{
    UNIT();
    unsigned i = STI;
    IN_USE(f->top);
    IN_USE(i);
    fpu_clear_c1(f);
    struct float80 *a = &f->reg[f->top], *b = &f->reg[i];
    uint64_t significand = a->significand;
    uint16_t sign_exponent = a->sign_exponent;
    a->significand = b->significand;
    a->sign_exponent = b->sign_exponent;
    b->significand = significand;
    b->sign_exponent = sign_exponent;
    DONE();
}

/* --- comparisons and status --- */

#define COMPARE(name, pops)                                                                                  \
    static HANDLER(h_##name)                                                                                 \
    {                                                                                                        \
        UNIT();                                                                                              \
        enum float80_relation relation;                                                                      \
        TRY(fpu_compare_normal(f, (unsigned)in->imm & 7, &relation));                                        \
        f->status =                                                                                          \
            (uint16_t)((fpu_status_now(f) & ~(unsigned)FPU_CONDITIONS) | fpu_relation_conditions[relation]); \
        if ((pops) > 0)                                                                                      \
            fpu_pop(f);                                                                                      \
        if ((pops) > 1)                                                                                      \
            fpu_pop(f);                                                                                      \
        DONE();                                                                                              \
    }
COMPARE(fcom, 0)
COMPARE(fcomp, 1)
COMPARE(fcompp, 2)

#define COMPARE_FLAGS(name, pop)                                                                             \
    static HANDLER(h_##name)                                                                                 \
    {                                                                                                        \
        UNIT();                                                                                              \
        static const uint8_t flags[] = {[FLOAT80_LESS] = FLAG_CF,                                            \
                                        [FLOAT80_EQUAL] = FLAG_ZF,                                           \
                                        [FLOAT80_GREATER] = 0,                                               \
                                        [FLOAT80_UNORDERED] = FLAG_ZF | FLAG_PF | FLAG_CF};                  \
        enum float80_relation relation;                                                                      \
        TRY(fpu_compare_normal(f, (unsigned)in->imm & 7, &relation));                                        \
        flags_set_all(cpu, flags[relation]);                                                                 \
        if (pop)                                                                                             \
            fpu_pop(f);                                                                                      \
        DONE();                                                                                              \
    }
COMPARE_FLAGS(fcomi, false)
COMPARE_FLAGS(fcomip, true)

/* These do not wait, and are not remembered. */
static HANDLER(h_fnstsw_ax)
{
    UNIT();
    SET_R16(RAX * sizeof(union gpr), fpu_fnstsw(f));
    NEXT();
}

static HANDLER(h_fwait)
{
    UNIT();
    NEXT_UNCHANGED();
}

#define STORE_CONTROL(form, unused)                                                                          \
    static HANDLER(h_fnstcw_##form)                                                                          \
    {                                                                                                        \
        UNIT();                                                                                              \
        WRITE_OPERAND(form, uint16_t);                                                                       \
        *host = fpu_fnstcw(f);                                                                               \
        NEXT_UNCHANGED();                                                                                    \
    }
FOR_EACH_MEMORY_FORM(STORE_CONTROL, 0)

/* --- which handler --- */

#define FORMS(name)                                                                                          \
    {                                                                                                        \
        NULL, name##_FLAT, name##_FLATX, name##_SEG32, name##_SEG16                                          \
    }
typedef handler_fn *const by_form[FORM_COUNT];

/* By escape and reg field, as SDM volume 2, A.5 lays them out. */
static by_form memory_handlers[8][8] = {
    [0] = {[0] = FORMS(h_fadd_m32),
           [1] = FORMS(h_fmul_m32),
           [4] = FORMS(h_fsub_m32),
           [5] = FORMS(h_fsubr_m32),
           [6] = FORMS(h_fdiv_m32),
           [7] = FORMS(h_fdivr_m32)},
    [1] = {[0] = FORMS(h_fld_m32), [2] = FORMS(h_fst_m32), [3] = FORMS(h_fstp_m32), [7] = FORMS(h_fnstcw)},
    [3] = {[0] = FORMS(h_fild_m32), [3] = FORMS(h_fistp_m32)},
    [4] = {[0] = FORMS(h_fadd_m64),
           [1] = FORMS(h_fmul_m64),
           [4] = FORMS(h_fsub_m64),
           [5] = FORMS(h_fsubr_m64),
           [6] = FORMS(h_fdiv_m64),
           [7] = FORMS(h_fdivr_m64)},
    [5] = {[0] = FORMS(h_fld_m64), [2] = FORMS(h_fst_m64), [3] = FORMS(h_fstp_m64)},
    [7] = {[0] = FORMS(h_fild_m16),
           [3] = FORMS(h_fistp_m16),
           [5] = FORMS(h_fild_m64),
           [7] = FORMS(h_fistp_m64)},
};

/* DC and DE have the reversed subtractions and divisions the other way round. */
static handler_fn *const register_handlers[8][8] = {
    [0] = {h_fadd_st0, h_fmul_st0, h_fcom, h_fcomp, h_fsub_st0, h_fsubr_st0, h_fdiv_st0, h_fdivr_st0},
    [1] = {[0] = h_fld_st, [1] = h_fxch},
    [4] = {h_fadd_sti, h_fmul_sti, NULL, NULL, h_fsubr_sti, h_fsub_sti, h_fdivr_sti, h_fdiv_sti},
    [5] = {[2] = h_fst_st, [3] = h_fstp_st, [4] = h_fcom, [5] = h_fcomp},
    [6] = {h_fadd_sti_pop, h_fmul_sti_pop, NULL, NULL, h_fsubr_sti_pop, h_fsub_sti_pop, h_fdivr_sti_pop,
           h_fdiv_sti_pop},
};

static handler_fn *select_register(const struct cpu *cpu, const struct insn *in)
{
    bool compares_flags = cpu->model->features & CPUID_CMOV;
    unsigned opcode = (unsigned)in->imm & 0x7FF;
    switch (opcode) {
    case 0x1E0:
        return h_fchs;
    case 0x1E1:
        return h_fabs;
    case 0x1E8:
    case 0x1EE:
        return h_fld_constant;
    case 0x1FA:
        return h_fsqrt;
    case 0x2E9:
    case 0x6D9:
        return h_fcompp;
    case 0x7E0:
        return h_fnstsw_ax;
    default:
        break;
    }
    switch (opcode & ~7u) {
    case 0x3E8:
    case 0x3F0:
        return compares_flags ? h_fcomi : NULL;
    case 0x7E8:
    case 0x7F0:
        return compares_flags ? h_fcomip : NULL;
    default:
        return register_handlers[opcode >> 8][opcode >> 3 & 7];
    }
}

handler_fn *fast_fpu_select(const struct cpu *cpu, const struct insn *in)
{
    if (cpu->mode & MODE_FPU_TRAP)
        return NULL;
    if (in->id == ID_fpu_reg)
        return select_register(cpu, in);
    if (in->id == ID_fwait)
        return h_fwait;
    if (in->id == ID_fpu_mem)
        return memory_handlers[in->imm >> 8 & 7][in->imm >> 3 & 7][fast_form_of(cpu, in)];
    return NULL;
}
