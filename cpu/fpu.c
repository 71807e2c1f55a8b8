/* The x87 unit's instructions, but for the transcendental ones and the memory images: see cpu/fpu.h.
 *
 * Arithmetic has two ways. The fast one runs the operation on the host's own unit. It is taken when nothing
 * is to be told that the status word does not tell already: the host's sticky exceptions are among those that
 * the guest has raised before. In all other cases, and on other hosts always, the integers of
 * cpu/softfloat80.c do it and settle exceptions. Both give the same bits (tests/unit/softfloat80.c,
 * tests/unit/fpu.c).
 */
#include "cpu/fpu.h"

#include "cpu/fpu_fast.h"
#include "cpu/fpu_host.h"
#include "cpu/fpu_private.h"

/* ---- Control ---- */

void fpu_control_changed(struct fpu *f)
{
    /* Underflow is told apart by the host only where it is masked. */
    bool usable = !f->portable && (f->control & FPU_UE);
#ifndef FPU_HOST_X87
    usable = false;
#endif
    f->host_control = usable ? (f->control & 0x0F00) | 0x7F : 0;
#ifdef FPU_HOST_X87
    f->host_same = usable && f->host_control == fpu_host_control();
#endif
    f->status &= ~(FPU_ES | FPU_B);
    if (f->status & ~f->control & FLOAT80_ALL_EXCEPTIONS) {
        f->status |= FPU_ES | FPU_B;
    }
}

void fpu_fldcw(struct fpu *f, uint16_t control)
{
    f->control = (control & 0x1F3F) | 0x40; /* reserved bits read so */
    fpu_control_changed(f);
}

void fpu_fninit(struct fpu *f)
{
    f->control = 0x037F;
    f->status = 0;
    f->tag = 0;
    f->top = 0;
    f->last_opcode = 0;
    f->last_cs = f->last_ds = 0;
    f->last_ip = f->last_dp = 0;
    fpu_control_changed(f);
}

void fpu_power_up(struct fpu *f, enum fpu_model model, bool portable)
{
    *f = (struct fpu){.model = model, .portable = portable};
    fpu_fninit(f);
    if (model == FPU_387) {
        /* The 387 holds ERROR# active after RESET, by which it is told from a 287 (387 DX data sheet,
         * "Initialization"). */
        f->control = 0x037E;
        f->status = FPU_IE;
    } else {
        f->control = 0x0040; /* SDM volume 3, table 9-1 */
        f->tag = 0xFF;       /* all registers hold +0.0 */
    }
    fpu_control_changed(f);
}

void fpu_post_load(struct fpu *f)
{
    f->top &= 7;
    fpu_fldcw(f, f->control);
}

void fpu_fnclex(struct fpu *f)
{
    f->status &= FPU_CONDITIONS;
}

void fpu_fincstp(struct fpu *f)
{
    f->top = (f->top + 1) & 7;
    fpu_clear_c1(f);
}

void fpu_fdecstp(struct fpu *f)
{
    f->top = (f->top - 1) & 7;
    fpu_clear_c1(f);
}

void fpu_ffree(struct fpu *f, unsigned i)
{
    f->tag &= ~(1u << ((f->top + i) & 7));
    fpu_clear_c1(f);
}

void fpu_ffreep(struct fpu *f, unsigned i)
{
    fpu_ffree(f, i);
    fpu_pop(f);
}

/* ---- Loads ---- */

/* Pushes what an instruction loads; true if there is room. Otherwise the fault of the stack has been dealt
 * with. */
static bool push_room(struct fpu *f)
{
    if (!fpu_st_empty(f, 7)) {
        if (fpu_overflow_masked(f)) {
            fpu_push(f, float80_indefinite());
        }
        return false;
    }
    return true;
}

static void load(struct fpu *f, struct float80 value)
{
    if (push_room(f)) {
        fpu_clear_c1(f);
        fpu_push(f, value);
    }
}

/* A widened single or double: signalling NaNs and denormals are told of. */
static void load_widened(struct fpu *f, struct float80 value, unsigned raised)
{
    if (!push_room(f)) {
        return;
    }
    struct float80_env env = fpu_env(f);
    struct float80 nan;
    if (float80_exponent(value) == FLOAT80_EXPONENT_MAX && float80_propagate_nan(&env, value, &nan)) {
        value = nan;
    }
    fpu_raise(f, env.raised | raised);
    if (!fpu_stoppers(f, env.raised)) { /* a denormal is loaded even where its exception is not masked */
        fpu_push(f, value);
    }
}

void fpu_fld_m32(struct fpu *f, uint32_t value)
{
    if (fpu_load_normal(f, value >> 31, value >> 23 & 0xFF, 0xFF, 0x7F, (uint64_t)value << 41 >> 1)) {
        return;
    }
    struct float80_env env = {0};
    struct float80 wide = float80_from_single(&env, value);
    load_widened(f, wide, env.raised);
}

void fpu_fld_m64(struct fpu *f, uint64_t value)
{
    if (fpu_load_normal(f, value >> 63, value >> 52 & 0x7FF, 0x7FF, 0x3FF, value << 12 >> 1)) {
        return;
    }
    struct float80_env env = {0};
    struct float80 wide = float80_from_double(&env, value);
    load_widened(f, wide, env.raised);
}

void fpu_fld_m80(struct fpu *f, uint64_t significand, uint16_t sign_exponent)
{
    load(f, (struct float80){significand, sign_exponent});
}

void fpu_fld_st(struct fpu *f, unsigned i)
{
    if (FPU_UNLIKELY(fpu_st_empty(f, i))) { /* comes before an overflow */
        if (fpu_underflow_masked(f)) {
            fpu_push(f, float80_indefinite());
        }
        return;
    }
    load(f, *fpu_st(f, i));
}

void fpu_fild(struct fpu *f, int64_t value)
{
    load(f, float80_from_integer(value));
}

void fpu_fbld(struct fpu *f, uint64_t low, uint16_t high)
{
    load(f, float80_from_bcd(low, high));
}

/* SDM volume 2, FLD1...: 66 bits are kept, and rounded by the rounding control without telling of it. */
void fpu_fld_constant(struct fpu *f, enum fpu_constant constant)
{
    static const struct {
        uint64_t significand; /* chopped */
        uint16_t exponent;
        bool inexact, above_half;
    } table[] = {
        [FPU_ONE] = {0x8000000000000000, 0x3FFF, false, false},
        [FPU_L2T] = {0xD49A784BCD1B8AFE, 0x4000, true, false},
        [FPU_L2E] = {0xB8AA3B295C17F0BB, 0x3FFF, true, true},
        [FPU_PI] = {0xC90FDAA22168C234, 0x4000, true, true},
        [FPU_LG2] = {0x9A209A84FBCFF798, 0x3FFD, true, true},
        [FPU_LN2] = {0xB17217F7D1CF79AB, 0x3FFE, true, true},
        [FPU_ZERO] = {0, 0, false, false},
    };
    if ((unsigned)constant > FPU_ZERO) {
        return;
    }
    unsigned rounding = f->control >> 10 & 3;
    bool up = table[constant].inexact &&
              (rounding == FLOAT80_UP || (rounding == FLOAT80_NEAREST && table[constant].above_half));
    load(f, float80_make(false, table[constant].exponent, table[constant].significand + up));
}

/* ---- Stores ---- */

static struct fpu_store stored(const struct fpu *f, unsigned raised, uint64_t low, uint16_t high)
{
    bool stops = raised & ~f->control & (FPU_IE | FPU_OE | FPU_UE);
    return (struct fpu_store){low, high, (uint16_t)raised, !stops};
}

static struct fpu_store store_underflow(const struct fpu *f, uint64_t low, uint16_t high)
{
    return stored(f, FPU_IE | FPU_SF, low, high);
}

/* Kept in scalars until it is returned: two registers, with no way through memory. */
static inline struct fpu_store stored_rounded(uint64_t value, unsigned raised)
{
    return (struct fpu_store){value, 0, (uint16_t)raised, true};
}

struct fpu_store fpu_prepare_m32(const struct fpu *f)
{
    uint64_t value;
    unsigned raised;
    if (fpu_narrow_normal(f, 23, 0xFF, 0x7F, &value, &raised)) {
        return stored_rounded(value, raised);
    }
    if (fpu_st_empty(f, 0)) {
        return store_underflow(f, 0xFFC00000, 0);
    }
    struct float80_env env = fpu_env(f);
    value = float80_to_single(&env, f->reg[f->top]);
    return stored(f, env.raised, value, 0);
}

struct fpu_store fpu_prepare_m64(const struct fpu *f)
{
    uint64_t value;
    unsigned raised;
    if (fpu_narrow_normal(f, 52, 0x7FF, 0x3FF, &value, &raised)) {
        return stored_rounded(value, raised);
    }
    if (fpu_st_empty(f, 0)) {
        return store_underflow(f, 0xFFF8000000000000, 0);
    }
    struct float80_env env = fpu_env(f);
    value = float80_to_double(&env, f->reg[f->top]);
    return stored(f, env.raised, value, 0);
}

struct fpu_store fpu_prepare_m80(const struct fpu *f)
{
    struct float80 value = float80_indefinite();
    if (fpu_st_empty(f, 0)) {
        return store_underflow(f, value.significand, value.sign_exponent);
    }
    value = f->reg[f->top];
    return stored(f, 0, value.significand, value.sign_exponent);
}

struct fpu_store fpu_prepare_bcd(const struct fpu *f)
{
    if (fpu_st_empty(f, 0)) {
        return store_underflow(f, 0xC000000000000000, 0xFFFF);
    }
    struct float80_env env = fpu_env(f);
    uint64_t low;
    uint16_t high;
    float80_to_bcd(&env, f->reg[f->top], &low, &high);
    return stored(f, env.raised, low, high);
}

struct fpu_store fpu_prepare_integer(const struct fpu *f, unsigned bits, bool truncate)
{
    uint64_t value;
    unsigned raised;
    if (fpu_integer_normal(f, bits, truncate, &value, &raised)) {
        return stored_rounded(value, raised);
    }
    if (fpu_st_empty(f, 0)) {
        return store_underflow(f, ~0ull << (bits - 1), 0);
    }
    struct float80_env env = fpu_env(f);
    if (truncate) {
        env.rounding = FLOAT80_CHOP;
    }
    value = (uint64_t)float80_to_integer(&env, f->reg[f->top], bits);
    return stored(f, env.raised, value, 0);
}

void fpu_commit_raised(struct fpu *f, unsigned raised)
{
    fpu_raise(f, raised);
}

/* ---- Register moves ---- */

void fpu_fst_st(struct fpu *f, unsigned i, bool pop)
{
    if (FPU_UNLIKELY(fpu_st_empty(f, 0))) {
        if (!fpu_underflow_masked(f)) {
            return;
        }
        fpu_set_st(f, i, float80_indefinite());
    } else {
        fpu_clear_c1(f);
        fpu_set_st(f, i, f->reg[f->top]);
    }
    if (pop) {
        fpu_pop(f);
    }
}

void fpu_fstp1_st(struct fpu *f, unsigned i)
{
    fpu_clear_c1(f);
    if (!fpu_st_empty(f, 0)) {
        fpu_set_st(f, i, f->reg[f->top]);
    }
    fpu_pop(f);
}

void fpu_fxch(struct fpu *f, unsigned i)
{
    if (FPU_UNLIKELY(fpu_two_empty(f, 0, i))) {
        if (!fpu_underflow_masked(f)) {
            return;
        }
        if (fpu_st_empty(f, 0)) {
            fpu_set_st(f, 0, float80_indefinite());
        }
        if (fpu_st_empty(f, i)) {
            fpu_set_st(f, i, float80_indefinite());
        }
    } else {
        fpu_clear_c1(f);
    }
    struct float80 *a = fpu_st(f, 0), *b = fpu_st(f, i);
    uint64_t significand = a->significand;
    uint16_t sign_exponent = a->sign_exponent;
    a->significand = b->significand;
    a->sign_exponent = b->sign_exponent;
    b->significand = significand;
    b->sign_exponent = sign_exponent;
}

void fpu_fcmov(struct fpu *f, unsigned i, bool condition)
{
    if (FPU_UNLIKELY(fpu_two_empty(f, 0, i))) {
        if (fpu_underflow_masked(f)) {
            fpu_set_st(f, 0, float80_indefinite());
        }
        return;
    }
    if (condition) {
        fpu_set_st(f, 0, *fpu_st(f, i));
    }
}

/* ---- Arithmetic ---- */

enum operation { OP_FADD, OP_FSUB, OP_FSUBR, OP_FMUL, OP_FDIV, OP_FDIVR };

static struct float80 compute(struct float80_env *env, enum operation op, struct float80 a, struct float80 b)
{
    switch (op) {
    case OP_FADD:
        return float80_add(env, a, b);
    case OP_FSUB:
        return float80_sub(env, a, b);
    case OP_FSUBR:
        return float80_sub(env, b, a);
    case OP_FMUL:
        return float80_mul(env, a, b);
    case OP_FDIV:
        return float80_div(env, a, b);
    default:
        return float80_div(env, b, a);
    }
}

/* The operand in memory was a denormal of its format. That counts unless something of higher priority was met
 * (SDM 8.5: NaNs, invalid operations, division by zero); not masked it comes before all that rounding raises.
 */
static void add_denormal_operand(struct float80_env *env, struct float80 other)
{
    if ((env->raised & (FPU_IE | FPU_ZE)) || float80_classify(other) >= FLOAT80_IS_QNAN) {
        return;
    }
    env->raised = env->masks & FPU_DE ? env->raised | FPU_DE : FPU_DE;
}

/* The way in integers. `denormal`: FLOAT80_DENORMAL if b was one in its narrower format. */
__attribute__((noinline)) static bool arithmetic_slow(struct fpu *f, enum operation op,
                                                      struct float80 *destination, struct float80 a,
                                                      struct float80 b, unsigned denormal)
{
#ifdef FPU_HOST_X87
    fpu_host_clear();
#endif
    struct float80_env env = fpu_env(f);
    struct float80 result = compute(&env, op, a, b);
    if (denormal) {
        add_denormal_operand(&env, a);
    }
    if (!fpu_raise(f, env.raised)) {
        return false;
    }
    destination->significand = result.significand;
    destination->sign_exponent = result.sign_exponent;
    return true;
}

/* An operand of an arithmetic instruction is an empty register: the destination becomes the indefinite. */
__attribute__((noinline)) static bool arithmetic_underflow(struct fpu *f, unsigned destination)
{
    if (!fpu_underflow_masked(f)) {
        return false;
    }
    fpu_set_st(f, destination, float80_indefinite());
    return true;
}

#define DEFINE_ARITHMETIC(op, OP)                                                                            \
    static inline bool op##_registers(struct fpu *f, unsigned destination, unsigned source)                  \
    {                                                                                                        \
        if (FPU_UNLIKELY(fpu_two_empty(f, destination, source))) {                                           \
            return arithmetic_underflow(f, destination);                                                     \
        }                                                                                                    \
        struct float80 *a = fpu_st(f, destination), *b = fpu_st(f, source);                                  \
        return fpu_try_##op(f, a, b) || arithmetic_slow(f, OP, a, *a, *b, 0);                                \
    }                                                                                                        \
    void fpu_##op##_st0(struct fpu *f, unsigned i)                                                           \
    {                                                                                                        \
        op##_registers(f, 0, i);                                                                             \
    }                                                                                                        \
    void fpu_##op##_sti(struct fpu *f, unsigned i)                                                           \
    {                                                                                                        \
        op##_registers(f, i, 0);                                                                             \
    }                                                                                                        \
    void fpu_##op##_sti_pop(struct fpu *f, unsigned i)                                                       \
    {                                                                                                        \
        if (op##_registers(f, i, 0)) {                                                                       \
            fpu_pop(f);                                                                                      \
        }                                                                                                    \
    }

#define DEFINE_ARITHMETIC_MEMORY(op, OP, suffix, type, widen)                                                \
    static inline bool op##_##suffix(struct fpu *f, type value)                                              \
    {                                                                                                        \
        if (FPU_UNLIKELY(fpu_st_empty(f, 0))) {                                                              \
            return arithmetic_underflow(f, 0);                                                               \
        }                                                                                                    \
        struct float80 *a = &f->reg[f->top];                                                                 \
        if (fpu_try_##op##_##suffix(f, value))                                                               \
            return true;                                                                                     \
        struct float80_env env = {0};                                                                        \
        struct float80 b = widen(&env, value);                                                               \
        return arithmetic_slow(f, OP, a, *a, b, env.raised);                                                 \
    }                                                                                                        \
    void fpu_##op##_##suffix(struct fpu *f, type value)                                                      \
    {                                                                                                        \
        op##_##suffix(f, value);                                                                             \
    }

static inline struct float80 widen_integer(struct float80_env *env, int32_t value)
{
    (void)env;
    return float80_from_integer(value);
}

#define DEFINE_OPERATION(op, OP)                                                                             \
    DEFINE_ARITHMETIC(op, OP)                                                                                \
    DEFINE_ARITHMETIC_MEMORY(op, OP, m32, uint32_t, float80_from_single)                                     \
    DEFINE_ARITHMETIC_MEMORY(op, OP, m64, uint64_t, float80_from_double)                                     \
    DEFINE_ARITHMETIC_MEMORY(op, OP, m16i, int16_t, widen_integer)                                           \
    DEFINE_ARITHMETIC_MEMORY(op, OP, m32i, int32_t, widen_integer)

DEFINE_OPERATION(fadd, OP_FADD)
DEFINE_OPERATION(fsub, OP_FSUB)
DEFINE_OPERATION(fsubr, OP_FSUBR)
DEFINE_OPERATION(fmul, OP_FMUL)
DEFINE_OPERATION(fdiv, OP_FDIV)
DEFINE_OPERATION(fdivr, OP_FDIVR)

/* An instruction on ST(0) alone finds it empty. */
static bool unary_underflow(struct fpu *f)
{
    return fpu_st_empty(f, 0) && (arithmetic_underflow(f, 0), true);
}

static bool sqrt_st0(struct fpu *f)
{
    struct float80 *a = &f->reg[f->top];
    if (fpu_try_fsqrt(f)) {
        return true;
    }
#ifdef FPU_HOST_X87
    fpu_host_clear();
#endif
    struct float80_env env = fpu_env(f);
    struct float80 result = float80_sqrt(&env, *a);
    if (fpu_raise(f, env.raised)) {
        fpu_set_st(f, 0, result);
    }
    return true;
}

void fpu_fsqrt(struct fpu *f)
{
    if (!unary_underflow(f)) {
        sqrt_st0(f);
    }
}

void fpu_fchs(struct fpu *f)
{
    if (!unary_underflow(f)) {
        f->reg[f->top].sign_exponent ^= FLOAT80_SIGN;
        fpu_clear_c1(f);
    }
}

void fpu_fabs(struct fpu *f)
{
    if (!unary_underflow(f)) {
        f->reg[f->top].sign_exponent &= ~FLOAT80_SIGN;
        fpu_clear_c1(f);
    }
}

/* The common case of FRNDINT: 1 <= |ST(0)| < 2^63. */
static inline bool round_normal(struct fpu *f)
{
    struct float80 *a = &f->reg[f->top];
    unsigned exponent = (a->sign_exponent & 0x7FFFu) - FLOAT80_EXPONENT_BIAS;
    if (FPU_UNLIKELY(!(a->significand >> 63) || exponent >= 63)) {
        return false;
    }
    uint64_t kept = a->significand >> (63 - exponent), lost = a->significand << (exponent + 1);
    bool up = fpu_rounds_up(f, a->sign_exponent >> 15, kept, lost);
    fpu_raise(f, (lost ? FPU_PE : 0) | (up ? FPU_C1 : 0));
    kept += up;
    bool carry = kept >> (exponent + 1);
    a->significand = kept << (63 - exponent - carry);
    a->sign_exponent += carry;
    return true;
}

void fpu_frndint(struct fpu *f)
{
    if (unary_underflow(f) || round_normal(f)) {
        return;
    }
    struct float80_env env = fpu_env(f);
    struct float80 result = float80_round_to_integer(&env, f->reg[f->top]);
    if (fpu_raise(f, env.raised)) {
        fpu_set_st(f, 0, result);
    }
}

void fpu_fscale(struct fpu *f)
{
    if (fpu_two_empty(f, 0, 1)) {
        arithmetic_underflow(f, 0);
        return;
    }
    struct float80_env env = fpu_env(f);
    struct float80 result = float80_scale(&env, *fpu_st(f, 0), *fpu_st(f, 1));
    if (fpu_raise(f, env.raised)) {
        fpu_set_st(f, 0, result);
    }
}

void fpu_fxtract(struct fpu *f)
{
    bool empty = fpu_st_empty(f, 0), full = !fpu_st_empty(f, 7);
    if (empty || full) {
        if (empty ? fpu_underflow_masked(f) : fpu_overflow_masked(f)) {
            fpu_set_st(f, 0, float80_indefinite());
            fpu_push(f, float80_indefinite());
        }
        return;
    }
    struct float80_env env = fpu_env(f);
    struct float80 exponent, significand = float80_extract(&env, f->reg[f->top], &exponent);
    if (fpu_raise(f, env.raised)) {
        fpu_set_st(f, 0, exponent);
        fpu_push(f, significand);
    }
}

/* C0, C3, C1 get bits 2, 1, 0 of the quotient; C2 tells that the instruction must be repeated. */
static unsigned quotient_conditions(unsigned quotient, bool partial)
{
    if (partial) {
        return FPU_C2;
    }
    return (quotient & 4 ? FPU_C0 : 0) | (quotient & 2 ? FPU_C3 : 0) | (quotient & 1 ? FPU_C1 : 0);
}

static void remainder_step(struct fpu *f, bool nearest)
{
    f->status &= ~FPU_C2;
    if (fpu_two_empty(f, 0, 1)) {
        arithmetic_underflow(f, 0);
        return;
    }
    struct float80_env env = fpu_env(f);
    unsigned quotient;
    bool partial;
    struct float80 result =
        float80_remainder(&env, *fpu_st(f, 0), *fpu_st(f, 1), nearest, &quotient, &partial);
    if (!fpu_raise(f, env.raised)) {
        return;
    }
    fpu_set_st(f, 0, result);
    if (float80_exponent(result) != FLOAT80_EXPONENT_MAX) { /* a NaN leaves C0 and C3 as they were */
        f->status = (f->status & ~FPU_CONDITIONS) | quotient_conditions(quotient, partial);
    }
}

void fpu_fprem(struct fpu *f)
{
    remainder_step(f, false);
}

void fpu_fprem1(struct fpu *f)
{
    remainder_step(f, true);
}

/* ---- Comparisons ---- */

static void pop_times(struct fpu *f, unsigned pops)
{
    for (unsigned i = 0; i < (pops & 3); i++) {
        fpu_pop(f);
    }
}

/* The condition codes are set even where an unmasked exception keeps the registers from being popped. */
static void finish_compare(struct fpu *f, enum float80_relation relation, unsigned raised, unsigned pops)
{
    bool goes_on = fpu_raise(f, raised);
    f->status = (f->status & ~FPU_CONDITIONS) | fpu_relation_conditions[relation];
    if (goes_on) {
        pop_times(f, pops);
    }
}

static void compare_underflow(struct fpu *f, unsigned pops)
{
    finish_compare(f, FLOAT80_UNORDERED, FPU_IE | FPU_SF, pops);
}

static void compare_widened(struct fpu *f, struct float80 b, unsigned denormal, unsigned pops)
{
    if (FPU_UNLIKELY(fpu_st_empty(f, 0))) {
        compare_underflow(f, pops);
        return;
    }
    struct float80_env env = fpu_env(f);
    enum float80_relation relation = float80_compare(&env, f->reg[f->top], b, false);
    if (denormal) {
        add_denormal_operand(&env, f->reg[f->top]);
    }
    finish_compare(f, relation, env.raised, pops);
}

void fpu_fcom_m32(struct fpu *f, uint32_t value, unsigned pops)
{
    struct float80_env env = {0};
    struct float80 b = float80_from_single(&env, value);
    compare_widened(f, b, env.raised, pops);
}

void fpu_fcom_m64(struct fpu *f, uint64_t value, unsigned pops)
{
    struct float80_env env = {0};
    struct float80 b = float80_from_double(&env, value);
    compare_widened(f, b, env.raised, pops);
}

void fpu_ficom(struct fpu *f, int32_t value, unsigned pops)
{
    compare_widened(f, float80_from_integer(value), 0, pops);
}

static void compare_registers(struct fpu *f, unsigned i, bool quiet, unsigned pops)
{
    enum float80_relation normal;
    if (fpu_compare_normal(f, i, &normal)) {
        f->status = (f->status & ~FPU_CONDITIONS) | fpu_relation_conditions[normal];
        pop_times(f, pops);
        return;
    }
    if (FPU_UNLIKELY(fpu_two_empty(f, 0, i))) {
        compare_underflow(f, pops);
        return;
    }
    struct float80_env env = fpu_env(f);
    enum float80_relation relation = float80_compare(&env, *fpu_st(f, 0), *fpu_st(f, i), quiet);
    finish_compare(f, relation, env.raised, pops);
}

void fpu_fcom_st(struct fpu *f, unsigned i, unsigned pops)
{
    compare_registers(f, i, false, pops);
}

void fpu_fucom_st(struct fpu *f, unsigned i, unsigned pops)
{
    compare_registers(f, i, true, pops);
}

void fpu_ftst(struct fpu *f)
{
    compare_widened(f, float80_zero(false), 0, 0);
}

uint32_t fpu_fcomi(struct fpu *f, unsigned i, bool quiet, bool pop)
{
    enum { CF = 0x01, PF = 0x04, ZF = 0x40 };
    static const uint8_t relation_flags[] = {
        [FLOAT80_LESS] = CF, [FLOAT80_EQUAL] = ZF, [FLOAT80_GREATER] = 0, [FLOAT80_UNORDERED] = ZF | PF | CF};
    struct float80_env env = fpu_env(f);
    enum float80_relation relation = FLOAT80_UNORDERED;
    if (fpu_compare_normal(f, i, &relation)) {
        if (pop) {
            fpu_pop(f);
        }
        return relation_flags[relation];
    }
    if (fpu_two_empty(f, 0, i)) {
        env.raised = FPU_IE | FPU_SF;
    } else {
        relation = float80_compare(&env, *fpu_st(f, 0), *fpu_st(f, i), quiet);
    }
    unsigned c1 = env.raised & FPU_SF ? 0 : f->status & FPU_C1; /* only a fault of the stack changes it */
    if (fpu_raise(f, env.raised | c1) && pop) {
        fpu_pop(f);
    }
    return relation_flags[relation];
}

void fpu_fxam(struct fpu *f)
{
    static const uint16_t class_conditions[] = {
        [FLOAT80_IS_ZERO] = FPU_C3,   [FLOAT80_IS_DENORMAL] = FPU_C3 | FPU_C2,
        [FLOAT80_IS_NORMAL] = FPU_C2, [FLOAT80_IS_INFINITE] = FPU_C2 | FPU_C0,
        [FLOAT80_IS_QNAN] = FPU_C0,   [FLOAT80_IS_SNAN] = FPU_C0,
        [FLOAT80_IS_UNSUPPORTED] = 0,
    };
    struct float80 value = f->reg[f->top];
    unsigned conditions = fpu_st_empty(f, 0) ? FPU_C3 | FPU_C0 : class_conditions[float80_classify(value)];
    conditions |= float80_sign(value) ? FPU_C1 : 0;
    f->status = (f->status & ~FPU_CONDITIONS) | conditions;
}
