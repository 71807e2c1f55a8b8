/* 80-bit extended precision arithmetic in integers: see cpu/softfloat80.h.
 *
 * Sources: IEEE 754-1985; Intel SDM volume 1: 4.8.3 (NaNs, table 4-7), 4.9 (exceptions), 8.2.2 (unsupported
 * formats), 8.5 (exceptions of the x87); volume 2 for the tables of special operands. What the manual leaves
 * open (such as the number of bits that one FPREM takes off) is as the processors of the P6 family were seen
 * to behave.
 */
#include "cpu/softfloat80.h"

__extension__ typedef unsigned __int128 uint128;

#define HIGH64(x) ((uint64_t)((x) >> 64))

/* A finite non-zero number with the integer bit of its significand set; the exponent may be out of the
 * format's range. */
struct number {
    bool sign;
    int32_t exponent;
    uint64_t significand;
};

static unsigned leading_zeros128(uint128 x)
{
    return HIGH64(x) ? __builtin_clzll(HIGH64(x)) : 64 + __builtin_clzll((uint64_t)x);
}

/* x >> n; bits that fall off are kept as a one in bit 0. */
static uint128 shift_right_sticky(uint128 x, unsigned n)
{
    if (n == 0) {
        return x;
    }
    if (n >= 128) {
        return x != 0;
    }
    return (x >> n) | ((x << (128 - n)) != 0);
}

static unsigned precision_bits(const struct float80_env *env)
{
    static const uint8_t bits[4] = {24, 64, 53, 64};
    return bits[env->precision & 3];
}

enum float80_class float80_classify(struct float80 a)
{
    int32_t exponent = float80_exponent(a);
    if (exponent == 0) {
        return a.significand ? FLOAT80_IS_DENORMAL : FLOAT80_IS_ZERO;
    }
    if (!(a.significand & FLOAT80_INTEGER_BIT)) {
        return FLOAT80_IS_UNSUPPORTED;
    }
    if (exponent < FLOAT80_EXPONENT_MAX) {
        return FLOAT80_IS_NORMAL;
    }
    if (a.significand == FLOAT80_INTEGER_BIT) {
        return FLOAT80_IS_INFINITE;
    }
    return a.significand & FLOAT80_QUIET_BIT ? FLOAT80_IS_QNAN : FLOAT80_IS_SNAN;
}

static struct number unpack(struct float80 a)
{
    struct number n = {float80_sign(a), float80_exponent(a), a.significand};
    if (n.exponent == 0) {
        unsigned zeros = __builtin_clzll(n.significand);
        n.significand <<= zeros;
        n.exponent = 1 - (int32_t)zeros;
    }
    return n;
}

struct float80 float80_invalid(struct float80_env *env)
{
    env->raised |= FLOAT80_INVALID;
    return float80_indefinite();
}

bool float80_denormal_stops(struct float80_env *env, struct float80 a)
{
    if (float80_exponent(a) != 0 || a.significand == 0) {
        return false;
    }
    env->raised |= FLOAT80_DENORMAL;
    return !(env->masks & FLOAT80_DENORMAL);
}

static bool denormals_stop(struct float80_env *env, struct float80 a, struct float80 b)
{
    bool stops_a = float80_denormal_stops(env, a);
    bool stops_b = float80_denormal_stops(env, b);
    return stops_a || stops_b;
}

static struct float80 quieted(struct float80 a)
{
    a.significand |= FLOAT80_QUIET_BIT;
    return a;
}

bool float80_propagate_nan(struct float80_env *env, struct float80 a, struct float80 *result)
{
    enum float80_class class = float80_classify(a);
    if (class < FLOAT80_IS_QNAN) {
        return false;
    }
    if (class != FLOAT80_IS_QNAN) {
        env->raised |= FLOAT80_INVALID;
    }
    *result = class == FLOAT80_IS_UNSUPPORTED ? float80_indefinite() : quieted(a);
    return true;
}

/* Table 4-7: of two NaNs of a kind the one with the larger significand, of equal ones the positive; a QNaN
 * before an SNaN. */
static struct float80 preferred_nan(struct float80 a, enum float80_class class_a, struct float80 b,
                                    enum float80_class class_b)
{
    bool nan_a = class_a == FLOAT80_IS_QNAN || class_a == FLOAT80_IS_SNAN;
    bool nan_b = class_b == FLOAT80_IS_QNAN || class_b == FLOAT80_IS_SNAN;
    if (!nan_a || !nan_b) {
        return quieted(nan_a ? a : b);
    }
    if (class_a != class_b) {
        return class_a == FLOAT80_IS_QNAN ? a : b;
    }
    if (a.significand != b.significand) {
        return quieted(a.significand > b.significand ? a : b);
    }
    return quieted(float80_sign(a) ? b : a);
}

bool float80_propagate_nans(struct float80_env *env, struct float80 a, struct float80 b,
                            struct float80 *result)
{
    enum float80_class class_a = float80_classify(a), class_b = float80_classify(b);
    if (class_a < FLOAT80_IS_QNAN && class_b < FLOAT80_IS_QNAN) {
        return false;
    }
    if (class_a == FLOAT80_IS_UNSUPPORTED || class_b == FLOAT80_IS_UNSUPPORTED) {
        *result = float80_invalid(env);
        return true;
    }
    if (class_a == FLOAT80_IS_SNAN || class_b == FLOAT80_IS_SNAN) {
        env->raised |= FLOAT80_INVALID;
    }
    *result = preferred_nan(a, class_a, b, class_b);
    return true;
}

/* ---- Rounding ---- */

/* Whether a number whose lowest kept bit is `odd` and whose lost part is below, at or above one half (or
 * nothing) is to be rounded away from zero. */
static bool rounds_up(unsigned rounding, bool sign, bool odd, uint128 lost, uint128 half)
{
    switch (rounding & 3) {
    case FLOAT80_NEAREST:
        return lost > half || (lost == half && odd);
    case FLOAT80_DOWN:
        return sign && lost;
    case FLOAT80_UP:
        return !sign && lost;
    default:
        return false;
    }
}

/* The upper `bits` bits of x, rounded; *carry if that overflowed to 2^bits. */
struct rounded {
    uint64_t kept;
    bool inexact, up, carry;
};

static struct rounded round_bits(unsigned rounding, bool sign, uint128 x, unsigned bits)
{
    unsigned drop = 128 - bits;
    uint128 half = (uint128)1 << (drop - 1);
    uint128 lost = x & ((half << 1) - 1);
    struct rounded r = {.kept = (uint64_t)(x >> drop)};
    r.inexact = lost != 0;
    r.up = rounds_up(rounding, sign, r.kept & 1, lost, half);
    if (r.up) {
        r.kept++;
        r.carry = bits == 64 ? r.kept == 0 : r.kept >> bits;
    }
    return r;
}

static void raise_inexact(struct float80_env *env, struct rounded r)
{
    if (r.inexact) {
        env->raised |= FLOAT80_PRECISION | (r.up ? FLOAT80_ROUNDED_UP : 0);
    }
}

/* The largest finite number or infinity, by the rounding mode: whether it is infinity. */
static bool overflows_to_infinity(unsigned rounding, bool sign)
{
    return rounding == FLOAT80_NEAREST || rounding == (sign ? FLOAT80_DOWN : FLOAT80_UP);
}

static struct float80 masked_overflow(struct float80_env *env, bool sign, unsigned bits)
{
    env->raised = (env->raised & ~FLOAT80_ROUNDED_UP) | FLOAT80_OVERFLOW | FLOAT80_PRECISION;
    if (overflows_to_infinity(env->rounding, sign)) {
        env->raised |= FLOAT80_ROUNDED_UP;
        return float80_infinity(sign);
    }
    return float80_make(sign, FLOAT80_EXPONENT_MAX - 1, ~0ull << (64 - bits));
}

/* Exponents are wrapped by this for the handler of an unmasked overflow or underflow (SDM 8.5.4, 8.5.5). */
#define EXPONENT_WRAP 24576

static struct float80 finish_unmasked_overflow(struct float80_env *env, bool sign, int32_t exponent,
                                               uint64_t significand)
{
    env->raised |= FLOAT80_OVERFLOW;
    exponent -= EXPONENT_WRAP;
    if (exponent >= FLOAT80_EXPONENT_MAX) { /* FSCALE may be that far off */
        env->raised |= FLOAT80_PRECISION | FLOAT80_ROUNDED_UP;
        return float80_infinity(sign);
    }
    return float80_make(sign, exponent, significand);
}

static struct float80 finish_unmasked_underflow(struct float80_env *env, bool sign, int32_t exponent,
                                                uint64_t significand)
{
    env->raised |= FLOAT80_UNDERFLOW;
    exponent += EXPONENT_WRAP;
    if (exponent <= 0) {
        env->raised = (env->raised & ~FLOAT80_ROUNDED_UP) | FLOAT80_PRECISION;
        return float80_zero(sign);
    }
    return float80_make(sign, exponent, significand);
}

static struct float80 masked_underflow(struct float80_env *env, bool sign, int32_t exponent, uint128 x,
                                       unsigned bits)
{
    unsigned shift = exponent < -200 ? 200 : (unsigned)(1 - exponent);
    struct rounded r = round_bits(env->rounding, sign, shift_right_sticky(x, shift), bits);
    raise_inexact(env, r);
    if (r.inexact) {
        env->raised |= FLOAT80_UNDERFLOW;
    }
    uint64_t significand = r.kept << (64 - bits);
    return float80_make(sign, significand >> 63, significand);
}

struct float80 float80_round(struct float80_env *env, bool sign, int32_t exponent, uint64_t high,
                             uint64_t low, unsigned bits)
{
    uint128 x = (uint128)high << 64 | low;
    struct rounded r = round_bits(env->rounding, sign, x, bits);
    int32_t rounded_exponent = exponent + r.carry;
    if (rounded_exponent <= 0 && (env->masks & FLOAT80_UNDERFLOW)) {
        return masked_underflow(env, sign, exponent, x, bits);
    }
    if (rounded_exponent >= FLOAT80_EXPONENT_MAX && (env->masks & FLOAT80_OVERFLOW)) {
        return masked_overflow(env, sign, bits);
    }
    raise_inexact(env, r);
    uint64_t significand = r.carry ? FLOAT80_INTEGER_BIT : r.kept << (64 - bits);
    if (rounded_exponent <= 0) {
        return finish_unmasked_underflow(env, sign, rounded_exponent, significand);
    }
    if (rounded_exponent >= FLOAT80_EXPONENT_MAX) {
        return finish_unmasked_overflow(env, sign, rounded_exponent, significand);
    }
    return float80_make(sign, rounded_exponent, significand);
}

static struct float80 round128(struct float80_env *env, bool sign, int32_t exponent, uint128 x, unsigned bits)
{
    return float80_round(env, sign, exponent, HIGH64(x), (uint64_t)x, bits);
}

/* ---- Addition ---- */

static struct float80 add_magnitudes(struct float80_env *env, struct number a, struct number b)
{
    uint128 sum = ((uint128)a.significand << 63) +
                  shift_right_sticky((uint128)b.significand << 63, (unsigned)(a.exponent - b.exponent));
    unsigned zeros = leading_zeros128(sum);
    return round128(env, a.sign, a.exponent + 1 - (int32_t)zeros, sum << zeros, precision_bits(env));
}

static struct float80 subtract_magnitudes(struct float80_env *env, struct number a, struct number b)
{
    uint128 difference =
        ((uint128)a.significand << 63) -
        shift_right_sticky((uint128)b.significand << 63, (unsigned)(a.exponent - b.exponent));
    if (difference == 0) {
        return float80_zero(env->rounding == FLOAT80_DOWN);
    }
    unsigned zeros = leading_zeros128(difference);
    return round128(env, a.sign, a.exponent + 1 - (int32_t)zeros, difference << zeros, precision_bits(env));
}

static struct float80 add_numbers(struct float80_env *env, struct number a, struct number b)
{
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
        struct number swap = a;
        a = b;
        b = swap;
    }
    return a.sign == b.sign ? add_magnitudes(env, a, b) : subtract_magnitudes(env, a, b);
}

static struct float80 round_number(struct float80_env *env, struct number a, unsigned bits)
{
    return float80_round(env, a.sign, a.exponent, a.significand, 0, bits);
}

/* a and b are not NaNs; at least one is not normal. */
static struct float80 add_special(struct float80_env *env, struct float80 a, struct float80 b)
{
    enum float80_class class_a = float80_classify(a), class_b = float80_classify(b);
    if (class_a == FLOAT80_IS_INFINITE && class_b == FLOAT80_IS_INFINITE &&
        float80_sign(a) != float80_sign(b)) {
        return float80_invalid(env);
    }
    if (denormals_stop(env, a, b)) {
        return a;
    }
    if (class_a == FLOAT80_IS_INFINITE || class_b == FLOAT80_IS_INFINITE) {
        return class_a == FLOAT80_IS_INFINITE ? a : b;
    }
    if (class_a == FLOAT80_IS_ZERO && class_b == FLOAT80_IS_ZERO) {
        return float80_sign(a) == float80_sign(b) ? a : float80_zero(env->rounding == FLOAT80_DOWN);
    }
    if (class_a == FLOAT80_IS_ZERO || class_b == FLOAT80_IS_ZERO) {
        return round_number(env, unpack(class_a == FLOAT80_IS_ZERO ? b : a), precision_bits(env));
    }
    return add_numbers(env, unpack(a), unpack(b));
}

struct float80 float80_add(struct float80_env *env, struct float80 a, struct float80 b)
{
    struct float80 result;
    if (float80_is_normal(a) && float80_is_normal(b)) {
        return add_numbers(env, unpack(a), unpack(b));
    }
    return float80_propagate_nans(env, a, b, &result) ? result : add_special(env, a, b);
}

struct float80 float80_sub(struct float80_env *env, struct float80 a, struct float80 b)
{
    struct float80 result;
    if (float80_propagate_nans(env, a, b, &result)) { /* the sign of a NaN is not turned */
        return result;
    }
    b.sign_exponent ^= FLOAT80_SIGN;
    return float80_add(env, a, b);
}

/* ---- Multiplication, division, square root ---- */

static struct float80 mul_numbers(struct float80_env *env, struct number a, struct number b)
{
    uint128 product = (uint128)a.significand * b.significand;
    unsigned zeros = HIGH64(product) >> 63 ? 0 : 1;
    return round128(env, a.sign != b.sign,
                    a.exponent + b.exponent - FLOAT80_EXPONENT_BIAS + 1 - (int32_t)zeros, product << zeros,
                    precision_bits(env));
}

static struct float80 mul_special(struct float80_env *env, struct float80 a, struct float80 b)
{
    enum float80_class class_a = float80_classify(a), class_b = float80_classify(b);
    bool sign = float80_sign(a) != float80_sign(b);
    bool zero = class_a == FLOAT80_IS_ZERO || class_b == FLOAT80_IS_ZERO;
    bool infinite = class_a == FLOAT80_IS_INFINITE || class_b == FLOAT80_IS_INFINITE;
    if (zero && infinite) {
        return float80_invalid(env);
    }
    if (denormals_stop(env, a, b)) {
        return a;
    }
    if (zero || infinite) {
        return zero ? float80_zero(sign) : float80_infinity(sign);
    }
    return mul_numbers(env, unpack(a), unpack(b));
}

struct float80 float80_mul(struct float80_env *env, struct float80 a, struct float80 b)
{
    struct float80 result;
    if (float80_is_normal(a) && float80_is_normal(b)) {
        return mul_numbers(env, unpack(a), unpack(b));
    }
    return float80_propagate_nans(env, a, b, &result) ? result : mul_special(env, a, b);
}

static struct float80 div_numbers(struct float80_env *env, struct number a, struct number b)
{
    bool smaller = a.significand < b.significand;
    uint128 dividend = (uint128)a.significand << (smaller ? 64 : 63);
    uint64_t quotient = (uint64_t)(dividend / b.significand); /* bit 63 is set */
    uint64_t rest = (uint64_t)(dividend - (uint128)quotient * b.significand);
    /* One more bit of quotient, and whether there is anything below it. */
    uint64_t next = rest > b.significand - 1 - rest;
    uint64_t low = next << 63 | (rest != 0 && !(next && rest == b.significand - rest));
    return float80_round(env, a.sign != b.sign, a.exponent - b.exponent + FLOAT80_EXPONENT_BIAS - smaller,
                         quotient, low, precision_bits(env));
}

static struct float80 div_special(struct float80_env *env, struct float80 a, struct float80 b)
{
    enum float80_class class_a = float80_classify(a), class_b = float80_classify(b);
    bool sign = float80_sign(a) != float80_sign(b);
    if (class_a == class_b && (class_a == FLOAT80_IS_ZERO || class_a == FLOAT80_IS_INFINITE)) {
        return float80_invalid(env);
    }
    if (class_b == FLOAT80_IS_ZERO && class_a != FLOAT80_IS_INFINITE) {
        env->raised |= FLOAT80_ZERO_DIVIDE;
        return float80_infinity(sign);
    }
    if (denormals_stop(env, a, b)) {
        return a;
    }
    if (class_a == FLOAT80_IS_INFINITE) {
        return float80_infinity(sign);
    }
    if (class_a == FLOAT80_IS_ZERO || class_b == FLOAT80_IS_INFINITE) {
        return float80_zero(sign);
    }
    return div_numbers(env, unpack(a), unpack(b));
}

struct float80 float80_div(struct float80_env *env, struct float80 a, struct float80 b)
{
    struct float80 result;
    if (float80_is_normal(a) && float80_is_normal(b)) {
        return div_numbers(env, unpack(a), unpack(b));
    }
    return float80_propagate_nans(env, a, b, &result) ? result : div_special(env, a, b);
}

/* The square root of x >= 2^126, rounded down: one bit of root a step, as by hand. */
static uint64_t integer_sqrt(uint128 x, uint128 *rest)
{
    uint128 root = 0, bit = (uint128)1 << 126;
    for (; bit != 0; bit >>= 2) {
        if (x >= root + bit) {
            x -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    *rest = x;
    return (uint64_t)root;
}

static struct float80 sqrt_number(struct float80_env *env, struct number a)
{
    int32_t exponent = a.exponent - FLOAT80_EXPONENT_BIAS;
    unsigned odd = exponent & 1;
    uint128 rest;
    uint64_t root = integer_sqrt((uint128)a.significand << (63 + odd), &rest);
    /* (root + 1/2)^2 = root^2 + root + 1/4: the next bit is one if the rest is larger than the root; it is
     * never all. */
    uint64_t low = (uint64_t)(rest > root) << 63 | (rest != 0);
    return float80_round(env, false, (exponent - (int32_t)odd) / 2 + FLOAT80_EXPONENT_BIAS, root, low,
                         precision_bits(env));
}

struct float80 float80_sqrt(struct float80_env *env, struct float80 a)
{
    struct float80 result;
    if (float80_propagate_nan(env, a, &result)) {
        return result;
    }
    enum float80_class class = float80_classify(a);
    if (class == FLOAT80_IS_ZERO) {
        return a;
    }
    if (float80_sign(a)) {
        return float80_invalid(env);
    }
    if (float80_denormal_stops(env, a) || class == FLOAT80_IS_INFINITE) {
        return a;
    }
    return sqrt_number(env, unpack(a));
}

/* ---- Comparison ---- */

static enum float80_relation compare_magnitudes(struct float80 a, struct float80 b)
{
    if (float80_exponent(a) != float80_exponent(b)) {
        /* A pseudo-denormal and a normal number of exponent 1 may be equal. */
        int32_t exponent_a = float80_exponent(a) + (float80_exponent(a) == 0 && a.significand);
        int32_t exponent_b = float80_exponent(b) + (float80_exponent(b) == 0 && b.significand);
        if (exponent_a != exponent_b) {
            return exponent_a < exponent_b ? FLOAT80_LESS : FLOAT80_GREATER;
        }
    }
    if (a.significand == b.significand) {
        return FLOAT80_EQUAL;
    }
    return a.significand < b.significand ? FLOAT80_LESS : FLOAT80_GREATER;
}

static enum float80_relation compare_numbers(struct float80 a, struct float80 b)
{
    if (float80_sign(a) == float80_sign(b)) {
        return float80_sign(a) ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
    }
    bool zeros = ((a.sign_exponent | b.sign_exponent) & 0x7FFF) == 0 && (a.significand | b.significand) == 0;
    if (zeros) {
        return FLOAT80_EQUAL;
    }
    return float80_sign(a) ? FLOAT80_LESS : FLOAT80_GREATER;
}

enum float80_relation float80_compare(struct float80_env *env, struct float80 a, struct float80 b, bool quiet)
{
    struct float80 nan;
    if (!float80_is_normal(a) || !float80_is_normal(b)) {
        if (float80_propagate_nans(env, a, b, &nan)) {
            env->raised |= quiet ? 0 : FLOAT80_INVALID;
            return FLOAT80_UNORDERED;
        }
        denormals_stop(env, a, b);
    }
    return compare_numbers(a, b);
}

/* ---- Integers ---- */

/* |a| to an integer, rounded. Of |a| >= 2^64 only that it is out of range is told. */
struct rounded_integer {
    uint64_t magnitude;
    bool overflow, inexact, up;
};

static struct rounded_integer integer_of(unsigned rounding, struct number a)
{
    struct rounded_integer out = {0};
    int32_t integer_bits = a.exponent - FLOAT80_EXPONENT_BIAS + 1;
    if (integer_bits > 64) {
        out.overflow = true;
        return out;
    }
    uint128 x = (uint128)a.significand << 64;
    x = shift_right_sticky(x, integer_bits < -64 ? 128u : (unsigned)(64 - integer_bits));
    struct rounded r = round_bits(rounding, a.sign, x, 64);
    out.magnitude = r.kept;
    out.overflow = r.carry;
    out.inexact = r.inexact;
    out.up = r.up;
    return out;
}

struct float80 float80_round_to_integer(struct float80_env *env, struct float80 a)
{
    struct float80 result;
    if (float80_propagate_nan(env, a, &result)) {
        return result;
    }
    if (float80_denormal_stops(env, a)) {
        return a;
    }
    if (a.significand == 0 || float80_exponent(a) >= FLOAT80_EXPONENT_BIAS + 63) {
        return a;
    }
    struct rounded_integer i = integer_of(env->rounding, unpack(a));
    if (i.inexact) {
        env->raised |= FLOAT80_PRECISION | (i.up ? FLOAT80_ROUNDED_UP : 0);
    }
    if (i.magnitude == 0) {
        return float80_zero(float80_sign(a));
    }
    unsigned zeros = __builtin_clzll(i.magnitude);
    return float80_make(float80_sign(a), FLOAT80_EXPONENT_BIAS + 63 - zeros, i.magnitude << zeros);
}

int64_t float80_to_integer(struct float80_env *env, struct float80 a, unsigned bits)
{
    enum float80_class class = float80_classify(a);
    uint64_t limit = 1ull << (bits - 1);
    int64_t indefinite = (int64_t)(~0ull << (bits - 1));
    if (class == FLOAT80_IS_ZERO) {
        return 0;
    }
    if (class >= FLOAT80_IS_INFINITE) {
        env->raised |= FLOAT80_INVALID;
        return indefinite;
    }
    struct rounded_integer i = integer_of(env->rounding, unpack(a));
    if (i.overflow || i.magnitude > limit - !float80_sign(a)) {
        env->raised |= FLOAT80_INVALID;
        return indefinite;
    }
    if (i.inexact) {
        env->raised |= FLOAT80_PRECISION | (i.up ? FLOAT80_ROUNDED_UP : 0);
    }
    return (int64_t)(float80_sign(a) ? 0 - i.magnitude : i.magnitude);
}

struct float80 float80_from_bcd(uint64_t low, uint16_t high)
{
    uint64_t value = (high >> 4 & 15) * 10 + (high & 15);
    for (int shift = 60; shift >= 0; shift -= 4) {
        value = value * 10 + (low >> shift & 15);
    }
    return float80_from_magnitude(high >> 15, value);
}

void float80_to_bcd(struct float80_env *env, struct float80 a, uint64_t *low, uint16_t *high)
{
    int64_t value = float80_to_integer(env, a, 64);
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if ((env->raised & FLOAT80_INVALID) || magnitude > 999999999999999999ull) {
        env->raised = (env->raised & ~(FLOAT80_PRECISION | FLOAT80_ROUNDED_UP)) | FLOAT80_INVALID;
        *low = 0xC000000000000000ull; /* packed BCD indefinite */
        *high = 0xFFFF;
        return;
    }
    *low = 0;
    for (unsigned shift = 0; shift < 64; shift += 4) {
        *low |= magnitude % 10 << shift;
        magnitude /= 10;
    }
    *high = (uint16_t)((float80_sign(a) ? 0x8000 : 0) | magnitude / 10 << 4 | magnitude % 10);
}

/* ---- Single and double precision ---- */

struct binary_format {
    unsigned fraction_bits, exponent_max;
    int32_t bias;
};

static const struct binary_format single_format = {23, 0xFF, 0x7F};
static const struct binary_format double_format = {52, 0x7FF, 0x3FF};

static struct float80 widen(struct float80_env *env, const struct binary_format *format, uint64_t a,
                            unsigned width)
{
    bool sign = a >> (width - 1);
    unsigned exponent = (unsigned)(a >> format->fraction_bits) & format->exponent_max;
    uint64_t fraction = a << (64 - format->fraction_bits) >> 1;
    if (exponent == format->exponent_max) {
        return float80_make(sign, FLOAT80_EXPONENT_MAX, FLOAT80_INTEGER_BIT | fraction);
    }
    if (exponent != 0) {
        return float80_make(sign, (unsigned)((int32_t)exponent - format->bias + FLOAT80_EXPONENT_BIAS),
                            FLOAT80_INTEGER_BIT | fraction);
    }
    if (fraction == 0) {
        return float80_zero(sign);
    }
    env->raised |= FLOAT80_DENORMAL;
    unsigned zeros = __builtin_clzll(fraction);
    return float80_make(sign, (unsigned)(1 - (int32_t)zeros - format->bias + FLOAT80_EXPONENT_BIAS),
                        fraction << zeros);
}

struct float80 float80_from_single(struct float80_env *env, uint32_t a)
{
    return widen(env, &single_format, a, 32);
}

struct float80 float80_from_double(struct float80_env *env, uint64_t a)
{
    return widen(env, &double_format, a, 64);
}

/* The answers below are without the sign. */

static uint64_t narrow_overflow(struct float80_env *env, const struct binary_format *format, bool sign)
{
    uint64_t infinity = (uint64_t)format->exponent_max << format->fraction_bits;
    env->raised |= FLOAT80_OVERFLOW;
    if (!(env->masks & FLOAT80_OVERFLOW)) {
        return infinity; /* nothing will be stored */
    }
    env->raised |= FLOAT80_PRECISION;
    if (overflows_to_infinity(env->rounding, sign)) {
        env->raised |= FLOAT80_ROUNDED_UP;
        return infinity;
    }
    return infinity - 1;
}

static uint64_t narrow_underflow(struct float80_env *env, const struct binary_format *format, struct number a,
                                 int32_t exponent)
{
    if (!(env->masks & FLOAT80_UNDERFLOW)) {
        env->raised |= FLOAT80_UNDERFLOW;
        return 0;
    }
    unsigned shift = exponent < -100 ? 100 : (unsigned)(1 - exponent);
    struct rounded r =
        round_bits(env->rounding, a.sign, shift_right_sticky((uint128)a.significand << 64, shift),
                   format->fraction_bits + 1);
    raise_inexact(env, r);
    if (r.inexact) {
        env->raised |= FLOAT80_UNDERFLOW;
    }
    return r.kept; /* a carry into the exponent makes it the smallest normal number */
}

static uint64_t narrow_number(struct float80_env *env, const struct binary_format *format, struct number a)
{
    int32_t exponent = a.exponent - FLOAT80_EXPONENT_BIAS + format->bias;
    struct rounded r =
        round_bits(env->rounding, a.sign, (uint128)a.significand << 64, format->fraction_bits + 1);
    int32_t rounded_exponent = exponent + r.carry;
    if (rounded_exponent <= 0) {
        return narrow_underflow(env, format, a, exponent);
    }
    if (rounded_exponent >= (int32_t)format->exponent_max) {
        return narrow_overflow(env, format, a.sign);
    }
    raise_inexact(env, r);
    uint64_t fraction = r.kept & ((1ull << format->fraction_bits) - 1);
    return (uint64_t)rounded_exponent << format->fraction_bits | fraction;
}

static uint64_t narrow(struct float80_env *env, const struct binary_format *format, struct float80 a)
{
    struct float80 nan;
    if (float80_propagate_nan(env, a, &nan)) {
        uint64_t fraction = nan.significand << 1 >> (64 - format->fraction_bits);
        uint64_t sign = (uint64_t)float80_sign(nan) << format->fraction_bits;
        return (sign * (format->exponent_max + 1)) | (uint64_t)format->exponent_max << format->fraction_bits |
               fraction;
    }
    uint64_t sign = ((uint64_t)float80_sign(a) << format->fraction_bits) * (format->exponent_max + 1);
    switch (float80_classify(a)) {
    case FLOAT80_IS_ZERO:
        return sign;
    case FLOAT80_IS_INFINITE:
        return sign | (uint64_t)format->exponent_max << format->fraction_bits;
    default:
        return sign | narrow_number(env, format, unpack(a));
    }
}

uint32_t float80_to_single(struct float80_env *env, struct float80 a)
{
    return (uint32_t)narrow(env, &single_format, a);
}

uint64_t float80_to_double(struct float80_env *env, struct float80 a)
{
    return narrow(env, &double_format, a);
}

/* ---- FSCALE, FXTRACT ---- */

/* a as the result of an instruction that had nothing to do: no underflow, but a pseudo-denormal becomes
 * normal. */
static struct float80 unchanged(struct float80 a)
{
    if (float80_exponent(a) == 0 && (a.significand & FLOAT80_INTEGER_BIT)) {
        a.sign_exponent |= 1;
    }
    return a;
}

static struct float80 scale_by_infinity(struct float80_env *env, struct float80 a, bool down)
{
    enum float80_class class = float80_classify(a);
    if (class == (down ? FLOAT80_IS_INFINITE : FLOAT80_IS_ZERO)) {
        return float80_invalid(env);
    }
    if (float80_denormal_stops(env, a)) {
        return a;
    }
    return down ? float80_zero(float80_sign(a)) : float80_infinity(float80_sign(a));
}

/* b truncated, held to +-0x20000: twice as far as any exponent can go. */
static int32_t scale_count(struct float80 b)
{
    int32_t exponent = float80_exponent(b) - FLOAT80_EXPONENT_BIAS;
    int32_t magnitude = exponent < 0    ? 0
                        : exponent > 16 ? 0x20000
                                        : (int32_t)(b.significand >> (63 - exponent));
    return float80_sign(b) ? -magnitude : magnitude;
}

struct float80 float80_scale(struct float80_env *env, struct float80 a, struct float80 b)
{
    struct float80 result;
    if (float80_propagate_nans(env, a, b, &result)) {
        return result;
    }
    enum float80_class class_a = float80_classify(a), class_b = float80_classify(b);
    if (class_b == FLOAT80_IS_INFINITE) {
        return scale_by_infinity(env, a, float80_sign(b));
    }
    if (denormals_stop(env, a, b) || class_a == FLOAT80_IS_INFINITE || class_a == FLOAT80_IS_ZERO) {
        return a;
    }
    if (class_b == FLOAT80_IS_ZERO) {
        return unchanged(a);
    }
    struct number n = unpack(a);
    n.exponent += scale_count(b);
    return round_number(env, n, 64);
}

struct float80 float80_extract(struct float80_env *env, struct float80 a, struct float80 *exponent)
{
    struct float80 result;
    if (float80_propagate_nan(env, a, &result)) {
        *exponent = result;
        return result;
    }
    if (float80_classify(a) == FLOAT80_IS_ZERO) {
        env->raised |= FLOAT80_ZERO_DIVIDE;
        *exponent = float80_infinity(true);
        return a;
    }
    if (float80_classify(a) == FLOAT80_IS_INFINITE) {
        *exponent = float80_infinity(false);
        return a;
    }
    float80_denormal_stops(env, a);
    struct number n = unpack(a);
    *exponent = float80_from_integer(n.exponent - FLOAT80_EXPONENT_BIAS);
    return float80_make(n.sign, FLOAT80_EXPONENT_BIAS, n.significand);
}

/* ---- FPREM, FPREM1 ---- */

/* (a << shift) mod b, shift < 64, and the low bits of the quotient. */
static uint64_t shifted_modulo(uint64_t a, unsigned shift, uint64_t b, uint64_t *quotient)
{
    uint128 dividend = (uint128)a << shift;
    *quotient = (uint64_t)(dividend / b);
    return (uint64_t)(dividend % b);
}

static struct float80 round_remainder(struct float80_env *env, bool sign, int32_t exponent, uint64_t rest)
{
    if (rest == 0) {
        return float80_zero(sign);
    }
    unsigned zeros = __builtin_clzll(rest);
    return float80_round(env, sign, exponent - (int32_t)zeros, rest << zeros, 0, 64);
}

/* a has an exponent one below that of b: the quotient is 0 or, rounded to nearest, 1. */
static struct float80 remainder_below(struct float80_env *env, struct number a, struct number b, bool nearest,
                                      unsigned *quotient)
{
    if (nearest && a.significand > b.significand) { /* a > b / 2; of the tie zero is the even quotient */
        *quotient = 1;
        uint128 rest = ((uint128)b.significand << 1) - a.significand;
        return round_remainder(env, !a.sign, a.exponent, (uint64_t)rest);
    }
    return round_number(env, a, 64);
}

static struct float80 remainder_complete(struct float80_env *env, struct number a, struct number b,
                                         bool nearest, unsigned *quotient)
{
    uint64_t q, rest = shifted_modulo(a.significand, (unsigned)(a.exponent - b.exponent), b.significand, &q);
    bool sign = a.sign;
    if (nearest) {
        uint64_t other = b.significand - rest;
        if (rest > other || (rest == other && (q & 1))) {
            rest = other;
            sign = !sign;
            q++;
        }
    }
    *quotient = (unsigned)q & 7;
    return round_remainder(env, sign, b.exponent, rest);
}

static struct float80 remainder_numbers(struct float80_env *env, struct number a, struct number b,
                                        bool nearest, unsigned *quotient, bool *partial)
{
    int32_t distance = a.exponent - b.exponent;
    if (distance < -1 || (distance < 0 && !nearest)) {
        return round_number(env, a, 64);
    }
    if (distance < 0) {
        return remainder_below(env, a, b, nearest, quotient);
    }
    if (distance < 64) {
        return remainder_complete(env, a, b, nearest, quotient);
    }
    *partial = true;
    unsigned step = ((unsigned)distance & 31) | 32;
    uint64_t q, rest = shifted_modulo(a.significand, step, b.significand, &q);
    return round_remainder(env, a.sign, a.exponent - (int32_t)step, rest);
}

struct float80 float80_remainder(struct float80_env *env, struct float80 a, struct float80 b, bool nearest,
                                 unsigned *quotient, bool *partial)
{
    struct float80 result;
    *quotient = 0;
    *partial = false;
    if (float80_propagate_nans(env, a, b, &result)) {
        return result;
    }
    enum float80_class class_a = float80_classify(a), class_b = float80_classify(b);
    if (class_a == FLOAT80_IS_INFINITE || class_b == FLOAT80_IS_ZERO) {
        return float80_invalid(env);
    }
    if (denormals_stop(env, a, b) || class_a == FLOAT80_IS_ZERO) {
        return a;
    }
    if (class_b == FLOAT80_IS_INFINITE) {
        return unchanged(a);
    }
    return remainder_numbers(env, unpack(a), unpack(b), nearest, quotient, partial);
}
