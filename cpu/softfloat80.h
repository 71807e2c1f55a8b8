/* 80-bit extended precision arithmetic in integers.
 *
 * Written from IEEE 754 and from the Intel SDM, volume 1, chapters 4.8, 4.9 and 8. The results, the
 * exceptions and the rounding direction (C1) are those of the x87 unit to the last bit, on every host.
 * Nothing here knows of the register stack: cpu/fpu.c decides what becomes of a result and of its exceptions.
 *
 * An operation gets its rules in a struct float80_env and adds the exceptions that it met to env->raised. If
 * one of invalid operation, denormal operand or zero divide is raised and not masked, the value returned has
 * no meaning: the instruction must leave its operands alone.
 */
#ifndef TICK86_CPU_SOFTFLOAT80_H
#define TICK86_CPU_SOFTFLOAT80_H

#include <stdbool.h>
#include <stdint.h>

/* As in memory on a little-endian host: 8 bytes of significand with an explicit integer bit (bit 63), then
 * sign (bit 15) and biased exponent. Padded to 16 bytes, so that an x86 host's own unit can load the first
 * ten. */
struct float80 {
    _Alignas(16) uint64_t significand;
    uint16_t sign_exponent;
};

enum {
    FLOAT80_EXPONENT_BIAS = 0x3FFF,
    FLOAT80_EXPONENT_MAX = 0x7FFF, /* infinities and NaNs */
    FLOAT80_SIGN = 0x8000,
};
#define FLOAT80_INTEGER_BIT 0x8000000000000000ull
#define FLOAT80_QUIET_BIT   0x4000000000000000ull

/* Exceptions: the low bits of the x87 status word, and the bit of C1 for "rounded away from zero". */
enum {
    FLOAT80_INVALID = 0x01,
    FLOAT80_DENORMAL = 0x02,
    FLOAT80_ZERO_DIVIDE = 0x04,
    FLOAT80_OVERFLOW = 0x08,
    FLOAT80_UNDERFLOW = 0x10,
    FLOAT80_PRECISION = 0x20,
    FLOAT80_ALL_EXCEPTIONS = 0x3F,
    FLOAT80_ROUNDED_UP = 0x200,
};

/* As the rounding control field. */
enum { FLOAT80_NEAREST, FLOAT80_DOWN, FLOAT80_UP, FLOAT80_CHOP };
/* As the precision control field; 1 is reserved and rounds to 64 bits. */
enum { FLOAT80_SINGLE, FLOAT80_RESERVED, FLOAT80_DOUBLE, FLOAT80_EXTENDED };

struct float80_env {
    uint8_t rounding;  /* rounding control, 0-3 */
    uint8_t precision; /* precision control, 0-3: the significand of add, subtract, multiply, divide, square
                          root */
    uint8_t masks;     /* exceptions that are masked, as in the control word */
    uint16_t raised;   /* out: FLOAT80_* exceptions met */
};

enum float80_class {
    FLOAT80_IS_ZERO,
    FLOAT80_IS_DENORMAL, /* pseudo-denormals too */
    FLOAT80_IS_NORMAL,
    FLOAT80_IS_INFINITE,
    FLOAT80_IS_QNAN,
    FLOAT80_IS_SNAN,
    FLOAT80_IS_UNSUPPORTED, /* unnormals, pseudo-infinities, pseudo-NaNs */
};

enum float80_relation { FLOAT80_LESS, FLOAT80_EQUAL, FLOAT80_GREATER, FLOAT80_UNORDERED };

static inline struct float80 float80_make(bool sign, unsigned exponent, uint64_t significand)
{
    return (struct float80){significand, (uint16_t)((sign ? FLOAT80_SIGN : 0) | exponent)};
}

static inline bool float80_sign(struct float80 a)
{
    return a.sign_exponent >> 15;
}

static inline int32_t float80_exponent(struct float80 a)
{
    return a.sign_exponent & 0x7FFF;
}

/* A finite number with its integer bit set, that is neither zero nor denormal. */
static inline bool float80_is_normal(struct float80 a)
{
    return (uint32_t)float80_exponent(a) - 1 < 0x7FFE && (a.significand >> 63);
}

static inline struct float80 float80_zero(bool sign)
{
    return float80_make(sign, 0, 0);
}

static inline struct float80 float80_one(void)
{
    return float80_make(false, FLOAT80_EXPONENT_BIAS, FLOAT80_INTEGER_BIT);
}

static inline struct float80 float80_infinity(bool sign)
{
    return float80_make(sign, FLOAT80_EXPONENT_MAX, FLOAT80_INTEGER_BIT);
}

/* The QNaN floating-point indefinite. */
static inline struct float80 float80_indefinite(void)
{
    return float80_make(true, FLOAT80_EXPONENT_MAX, FLOAT80_INTEGER_BIT | FLOAT80_QUIET_BIT);
}

static inline struct float80 float80_from_magnitude(bool sign, uint64_t magnitude)
{
    if (magnitude == 0) {
        return float80_zero(sign);
    }
    unsigned zeros = (unsigned)__builtin_clzll(magnitude);
    return float80_make(sign, FLOAT80_EXPONENT_BIAS + 63 - zeros, magnitude << zeros);
}

static inline struct float80 float80_from_integer(int64_t a)
{
    return float80_from_magnitude(a < 0, a < 0 ? 0 - (uint64_t)a : (uint64_t)a);
}

enum float80_class float80_classify(struct float80 a);

struct float80 float80_add(struct float80_env *env, struct float80 a, struct float80 b);
struct float80 float80_sub(struct float80_env *env, struct float80 a, struct float80 b);
struct float80 float80_mul(struct float80_env *env, struct float80 a, struct float80 b);
struct float80 float80_div(struct float80_env *env, struct float80 a, struct float80 b);
struct float80 float80_sqrt(struct float80_env *env, struct float80 a);
struct float80 float80_round_to_integer(struct float80_env *env, struct float80 a);
/* a * 2 to the power of b truncated. */
struct float80 float80_scale(struct float80_env *env, struct float80 a, struct float80 b);
/* Splits a into its significand, returned, and its unbiased exponent. */
struct float80 float80_extract(struct float80_env *env, struct float80 a, struct float80 *exponent);

/* What FPREM and FPREM1 do in one step. `quotient`: the low three bits of the quotient; `partial`: the
 * reduction is not complete, the instruction must be run again. `nearest`: the quotient is rounded (FPREM1),
 * not truncated (FPREM). */
struct float80 float80_remainder(struct float80_env *env, struct float80 a, struct float80 b, bool nearest,
                                 unsigned *quotient, bool *partial);

/* `quiet`: a QNaN is unordered without being invalid (FUCOM). */
enum float80_relation float80_compare(struct float80_env *env, struct float80 a, struct float80 b,
                                      bool quiet);

/* Widening is exact. The operand is widened as it is (a signalling NaN stays signalling) and, where it is a
 * denormal of its own format, FLOAT80_DENORMAL is raised. */
struct float80 float80_from_single(struct float80_env *env, uint32_t a);
struct float80 float80_from_double(struct float80_env *env, uint64_t a);

/* Narrowing rounds by env->rounding. With an unmasked invalid operation, overflow or underflow nothing may be
 * stored. */
uint32_t float80_to_single(struct float80_env *env, struct float80 a);
uint64_t float80_to_double(struct float80_env *env, struct float80 a);
/* To a signed integer of `bits` (16, 32, 64) bits; out of range gives the integer indefinite, sign-extended.
 */
int64_t float80_to_integer(struct float80_env *env, struct float80 a, unsigned bits);

/* Ten bytes of packed BCD: 18 digits, two a byte, and a sign byte. Digits above nine count as their value. */
struct float80 float80_from_bcd(uint64_t low, uint16_t high);
void float80_to_bcd(struct float80_env *env, struct float80 a, uint64_t *low, uint16_t *high);

/* For cpu/fpu_transcendental.c. */

/* Rounds sign * (high:low / 2^127) * 2^(exponent - bias) to `bits` (24, 53, 64) bits of significand:
 * overflow, underflow and precision exceptions as env says. Bit 63 of `high` must be set. What lies below
 * `low` is to be or-ed into its bit 0. */
struct float80 float80_round(struct float80_env *env, bool sign, int32_t exponent, uint64_t high,
                             uint64_t low, unsigned bits);

/* If an operand is a NaN or unsupported: raises what is due, puts the answer in *result and returns true. */
bool float80_propagate_nan(struct float80_env *env, struct float80 a, struct float80 *result);
bool float80_propagate_nans(struct float80_env *env, struct float80 a, struct float80 b,
                            struct float80 *result);

/* Raises the denormal exception if a denormal is among the operands; true if it is not masked, and so the end
 * of the matter. */
bool float80_denormal_stops(struct float80_env *env, struct float80 a);

/* Raises an invalid operation and returns the indefinite. */
struct float80 float80_invalid(struct float80_env *env);

#endif
