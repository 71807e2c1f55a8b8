/* The common cases of x87 instructions, inline: shared by the plain ones (cpu/fpu.c) and the fast handlers
 * (cpu/fast_fpu.c). Each function returns false, and has changed nothing, where its case is not the common
 * one: a register is empty or in use, a number is not normal, an exception has to be raised that was not
 * before. */
#ifndef TICK86_CPU_FPU_FAST_H
#define TICK86_CPU_FPU_FAST_H

#include "cpu/fpu_host.h"
#include "cpu/fpu_private.h"

#define FPU_UNLIKELY(x) __builtin_expect(!!(x), 0)

static inline bool fpu_two_empty(const struct fpu *f, unsigned i, unsigned j)
{
    return fpu_st_empty(f, i) || fpu_st_empty(f, j);
}

/* The common case of a load: a normal number in a format with `fraction` bits, and room for it. */
static inline bool fpu_load_normal(struct fpu *f, bool sign, unsigned exponent, unsigned exponent_max,
                                   unsigned bias, uint64_t fraction)
{
    if (FPU_UNLIKELY(exponent - 1 >= exponent_max - 1 || !fpu_st_empty(f, 7))) {
        return false;
    }
    fpu_clear_c1(f);
    fpu_push(f, float80_make(sign, exponent - bias + FLOAT80_EXPONENT_BIAS, FLOAT80_INTEGER_BIT | fraction));
    return true;
}

/* Whether a magnitude is rounded up whose lost bits are `lost`, left-justified. */
static inline bool fpu_rounds_up(const struct fpu *f, bool sign, uint64_t kept, uint64_t lost)
{
    switch (f->control >> 10 & 3) {
    case FLOAT80_NEAREST:
        return lost > 1ull << 63 || (lost == 1ull << 63 && (kept & 1));
    case FLOAT80_DOWN:
        return sign && lost;
    case FLOAT80_UP:
        return !sign && lost;
    default:
        return false;
    }
}

/* The common case of a store: a number that is normal in the narrower format too, also when rounded up. */
static inline bool fpu_narrow_normal(const struct fpu *f, unsigned fraction_bits, unsigned exponent_max,
                                     unsigned bias, uint64_t *value, unsigned *raised)
{
    const struct float80 *a = &f->reg[f->top];
    unsigned exponent = (a->sign_exponent & 0x7FFFu) - FLOAT80_EXPONENT_BIAS + bias;
    if (FPU_UNLIKELY(fpu_st_empty(f, 0) || !(a->significand >> 63) || exponent - 1 >= exponent_max - 2)) {
        return false;
    }
    bool sign = a->sign_exponent >> 15;
    uint64_t kept = a->significand >> (63 - fraction_bits), lost = a->significand << (fraction_bits + 1);
    bool up = fpu_rounds_up(f, sign, kept, lost);
    /* The integer bit counts one in the exponent, and so does a carry. */
    uint64_t magnitude = ((uint64_t)(exponent - 1) << fraction_bits) + kept + up;
    *value = (uint64_t)sign * (exponent_max + 1) << fraction_bits | magnitude;
    *raised = (lost ? FPU_PE : 0) | (up ? FPU_C1 : 0);
    return true;
}

/* The common case of an integer store: 1 <= |ST(0)|, and no danger of leaving the range. */
static inline bool fpu_integer_normal(const struct fpu *f, unsigned bits, bool truncate, uint64_t *value,
                                      unsigned *raised)
{
    const struct float80 *a = &f->reg[f->top];
    unsigned exponent = (a->sign_exponent & 0x7FFFu) - FLOAT80_EXPONENT_BIAS;
    if (FPU_UNLIKELY(fpu_st_empty(f, 0) || !(a->significand >> 63) || exponent >= bits - 2)) {
        return false;
    }
    bool sign = a->sign_exponent >> 15;
    uint64_t kept = a->significand >> (63 - exponent), lost = a->significand << (exponent + 1);
    bool up = !truncate && fpu_rounds_up(f, sign, kept, lost);
    kept += up;
    *value = sign ? 0 - kept : kept;
    *raised = (lost ? FPU_PE : 0) | (up ? FPU_C1 : 0);
    return true;
}

static const uint16_t fpu_relation_conditions[] = {
    [FLOAT80_LESS] = FPU_C0,
    [FLOAT80_EQUAL] = FPU_C3,
    [FLOAT80_GREATER] = 0,
    [FLOAT80_UNORDERED] = FPU_C3 | FPU_C2 | FPU_C0,
};

/* The common case of a comparison: two normal numbers. */
static inline bool fpu_compare_normal(struct fpu *f, unsigned i, enum float80_relation *relation)
{
    const struct float80 *a = &f->reg[f->top], *b = &f->reg[(f->top + i) & 7];
    unsigned exponent_a = a->sign_exponent & 0x7FFF, exponent_b = b->sign_exponent & 0x7FFF;
    if (FPU_UNLIKELY(fpu_two_empty(f, 0, i) || exponent_a - 1 >= 0x7FFE || exponent_b - 1 >= 0x7FFE ||
                     !((a->significand & b->significand) >> 63))) {
        return false;
    }
    bool sign_a = a->sign_exponent >> 15, sign_b = b->sign_exponent >> 15;
    if (sign_a != sign_b) {
        *relation = sign_a ? FLOAT80_LESS : FLOAT80_GREATER;
    } else if (exponent_a == exponent_b && a->significand == b->significand) {
        *relation = FLOAT80_EQUAL;
    } else {
        bool below = exponent_a < exponent_b || (exponent_a == exponent_b && a->significand < b->significand);
        *relation = below != sign_a ? FLOAT80_LESS : FLOAT80_GREATER;
    }
    return true;
}

/* ---- Arithmetic on the host's unit ---- */

#ifdef FPU_HOST_X87
/* The host's operation is taken where it has nothing to tell that the guest's status word does not tell
 * already. */
#define FPU_TRY_HOST(function, a, b, destination)                                                            \
    host_float80 host_result;                                                                                \
    unsigned host_status;                                                                                    \
    if (f->host_same)                                                                                        \
        host_status = function##_same(&host_result, a, b);                                                   \
    else if (f->host_control)                                                                                \
        host_status = function(&host_result, a, b, f->host_control);                                         \
    else                                                                                                     \
        return false;                                                                                        \
    unsigned status_ = fpu_status_now(f);                                                                    \
    if (FPU_UNLIKELY(host_status & ~status_ & FLOAT80_ALL_EXCEPTIONS))                                       \
        return false;                                                                                        \
    fpu_host_put(destination, host_result);                                                                  \
    f->status = (uint16_t)((status_ & ~(unsigned)FPU_C1) | (host_status & FPU_C1));                          \
    return true
#else
#define FPU_TRY_HOST(function, a, b, destination)                                                            \
    (void)f;                                                                                                 \
    (void)(a);                                                                                               \
    (void)(b);                                                                                               \
    return false
#endif

/* A = A op B, both registers in use; ST(0) = ST(0) op VALUE, ST(0) in use. */
#define FPU_TRY_MEMORY(op, suffix, type)                                                                     \
    static inline bool fpu_try_##op##_##suffix(struct fpu *f, type value)                                    \
    {                                                                                                        \
        struct float80 *a = &f->reg[f->top];                                                                 \
        FPU_TRY_HOST(fpu_host_##op##_##suffix, a, value, a);                                                 \
    }
#define FPU_TRY(op)                                                                                          \
    static inline bool fpu_try_##op(struct fpu *f, struct float80 *a, const struct float80 *b)               \
    {                                                                                                        \
        FPU_TRY_HOST(fpu_host_##op, a, b, a);                                                                \
    }                                                                                                        \
    FPU_TRY_MEMORY(op, m32, uint32_t)                                                                        \
    FPU_TRY_MEMORY(op, m64, uint64_t)                                                                        \
    FPU_TRY_MEMORY(op, m16i, int16_t)                                                                        \
    FPU_TRY_MEMORY(op, m32i, int32_t)
FPU_TRY(fadd)
FPU_TRY(fsub)
FPU_TRY(fsubr)
FPU_TRY(fmul)
FPU_TRY(fdiv)
FPU_TRY(fdivr)

/* ST(0) in use. */
static inline bool fpu_try_fsqrt(struct fpu *f)
{
#ifdef FPU_HOST_X87
    struct float80 *a = &f->reg[f->top];
    host_float80 result;
    if (!f->host_control)
        return false;
    unsigned status = fpu_host_fsqrt(&result, a, f->host_control);
    unsigned old = fpu_status_now(f);
    if (FPU_UNLIKELY(status & ~old & FLOAT80_ALL_EXCEPTIONS))
        return false;
    fpu_host_put(a, result);
    f->status = (uint16_t)((old & ~(unsigned)FPU_C1) | (status & FPU_C1));
    return true;
#else
    (void)f;
    return false;
#endif
}

#endif
