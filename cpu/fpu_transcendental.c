/* The x87 transcendental instructions: see cpu/fpu.h.
 *
 * Computed in integers with 128 bits of significand, so that every host gives the same answer, which is the
 * exact one rounded by the rounding control but for about one argument in 2^50. Arguments of FSIN, FCOS,
 * FSINCOS and FPTAN are reduced by the unit's own pi of 66 bits (SDM volume 1, 8.3.8), as the P6 family does
 * it. Special operands follow the tables of SDM volume 2. Where the manual says "undefined" the comments say
 * what a processor of the P6 family was seen to do.
 *
 * The constants were computed with 400 bits and rounded.
 */
#include "cpu/fpu.h"
#include "cpu/fpu_private.h"

__extension__ typedef unsigned __int128 uint128;

/* ---- Numbers with 128 bits of significand ---- */

/* sign * significand / 2^127 * 2^exponent; bit 127 of the significand is set unless the number is zero. */
struct wide {
    bool sign;
    int32_t exponent;
    uint128 significand;
};

/* A constant in [0, 1): (high:low) / 2^128. */
struct fraction {
    uint64_t high, low;
};

#define WIDE_TOP ((uint128)1 << 127)

static uint128 fraction_value(struct fraction c)
{
    return (uint128)c.high << 64 | c.low;
}

static unsigned leading_zeros(uint128 x)
{
    uint64_t high = (uint64_t)(x >> 64);
    return high ? (unsigned)__builtin_clzll(high) : 64 + (unsigned)__builtin_clzll((uint64_t)x);
}

/* The upper half of the product: of two fractions, their product. */
static uint128 mul_high(uint128 a, uint128 b)
{
    uint64_t ah = (uint64_t)(a >> 64), al = (uint64_t)a, bh = (uint64_t)(b >> 64), bl = (uint64_t)b;
    uint128 low = (uint128)al * bl, mid1 = (uint128)ah * bl, mid2 = (uint128)al * bh;
    uint128 carry = (low >> 64) + (uint64_t)mid1 + (uint64_t)mid2;
    return (uint128)ah * bh + (mid1 >> 64) + (mid2 >> 64) + (carry >> 64);
}

/* x / 2^127 * 2^exponent, normalised. */
static struct wide wide_normalised(bool sign, int32_t exponent, uint128 x)
{
    if (x == 0) {
        return (struct wide){sign, 0, 0};
    }
    unsigned zeros = leading_zeros(x);
    return (struct wide){sign, exponent - (int32_t)zeros, x << zeros};
}

static struct wide wide_mul(struct wide a, struct wide b)
{
    /* The product of two numbers in [1, 2), in quarters. */
    return wide_normalised(a.sign != b.sign, a.exponent + b.exponent + 1,
                           mul_high(a.significand, b.significand));
}

/* The next 64 bits of quotient: floor(*rest * 2^64 / divisor), *rest < divisor, bit 127 of the divisor set
 * (Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D). */
static uint64_t divide_step(uint128 *rest, uint128 divisor)
{
    uint64_t dh = (uint64_t)(divisor >> 64), dl = (uint64_t)divisor;
    uint64_t quotient = (uint64_t)(*rest >> 64) >= dh ? ~0ull : (uint64_t)(*rest / dh);
    uint128 product_low = (uint128)quotient * dl, product_high = (uint128)quotient * dh;
    uint64_t low = 0 - (uint64_t)product_low;
    uint128 high = *rest - product_high - (product_low >> 64) - (low != 0);
    while (high >> 127) { /* too large by one or two: the rest is negative */
        quotient--;
        uint64_t sum = low + dl;
        high += (uint128)dh + (sum < low);
        low = sum;
    }
    *rest = high << 64 | low;
    return quotient;
}

/* b is not zero. */
static struct wide wide_div(struct wide a, struct wide b)
{
    if (a.significand == 0) {
        return (struct wide){a.sign != b.sign, 0, 0};
    }
    bool smaller = a.significand < b.significand;
    uint128 rest = smaller ? a.significand : a.significand - b.significand;
    uint64_t high = divide_step(&rest, b.significand);
    uint64_t low = divide_step(&rest, b.significand);
    uint128 quotient = (uint128)high << 64 | low;
    if (!smaller) { /* 1 + quotient */
        return (struct wide){a.sign != b.sign, a.exponent - b.exponent, WIDE_TOP | quotient >> 1};
    }
    return wide_normalised(a.sign != b.sign, a.exponent - b.exponent - 1, quotient);
}

static struct wide wide_add(struct wide a, struct wide b)
{
    if (a.significand == 0 || b.significand == 0) {
        return a.significand == 0 ? b : a;
    }
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
        struct wide swap = a;
        a = b;
        b = swap;
    }
    unsigned shift = (unsigned)(a.exponent - b.exponent);
    uint128 other = shift < 128 ? b.significand >> shift : 0;
    if (a.sign != b.sign) {
        return wide_normalised(a.sign, a.exponent, a.significand - other);
    }
    uint128 sum = a.significand + other;
    if (sum < other) {
        return (struct wide){a.sign, a.exponent + 1, WIDE_TOP | sum >> 1};
    }
    return (struct wide){a.sign, a.exponent, sum};
}

static struct wide wide_negated(struct wide a)
{
    a.sign = !a.sign;
    return a;
}

static struct wide wide_magnitude(struct wide a)
{
    a.sign = false;
    return a;
}

/* A finite float80. */
static struct wide wide_of(struct float80 a)
{
    int32_t exponent = float80_exponent(a) ? float80_exponent(a) : 1;
    return wide_normalised(float80_sign(a), exponent - FLOAT80_EXPONENT_BIAS, (uint128)a.significand << 64);
}

static struct wide wide_of_fraction(bool sign, uint128 x)
{
    return wide_normalised(sign, -1, x);
}

/* |a| < 1 as a fraction. */
static uint128 fraction_of(struct wide a)
{
    unsigned shift = (unsigned)(-1 - a.exponent);
    return shift < 128 ? a.significand >> shift : 0;
}

static const struct wide wide_pi = {false, 1, (uint128)0xC90FDAA22168C234 << 64 | 0xC4C6628B80DC1CD1};
static const struct wide wide_half_pi = {false, 0, (uint128)0xC90FDAA22168C234 << 64 | 0xC4C6628B80DC1CD1};
static const struct wide wide_ln2 = {false, -1, (uint128)0xB17217F7D1CF79AB << 64 | 0xC9E3B39803F2F6AF};
static const struct wide wide_2_over_ln2 = {false, 1, (uint128)0xB8AA3B295C17F0BB << 64 | 0xBE87FED0691D3E89};

/* Rounds a result that is not exact, since no such value of these functions is. */
static struct float80 round_inexact(struct float80_env *env, struct wide a)
{
    return float80_round(env, a.sign, a.exponent + FLOAT80_EXPONENT_BIAS, (uint64_t)(a.significand >> 64),
                         (uint64_t)a.significand | 1, 64);
}

/* Rounds what the unit takes for an approximation though it may be exact: it raises the precision exception
 * all the same. */
static struct float80 round_approximate(struct float80_env *env, struct wide a)
{
    struct float80 result = float80_round(env, a.sign, a.exponent + FLOAT80_EXPONENT_BIAS,
                                          (uint64_t)(a.significand >> 64), (uint64_t)a.significand, 64);
    env->raised |= FLOAT80_PRECISION | (float80_exponent(result) == 0 ? FLOAT80_UNDERFLOW : 0);
    return result;
}

/* ---- Series ---- */

static const struct fraction inverse_factorials[] = {
    {0x8000000000000000, 0x0000000000000000}, /* 1/2! */
    {0x2AAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAB}, /* 1/3! */
    {0x0AAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAB}, /* 1/4! */
    {0x0222222222222222, 0x2222222222222222}, /* 1/5! */
    {0x005B05B05B05B05B, 0x05B05B05B05B05B0}, /* 1/6! */
    {0x000D00D00D00D00D, 0x00D00D00D00D00D0}, /* 1/7! */
    {0x0001A01A01A01A01, 0xA01A01A01A01A01A}, /* 1/8! */
    {0x00002E3BC74AAD8E, 0x671F5583911CA003}, /* 1/9! */
    {0x0000049F93EDDE27, 0xD71CBBC05B4FA99A}, /* 1/10! */
    {0x0000006B99159FD5, 0x138E3F9D1F92E0DF}, /* 1/11! */
    {0x00000008F76C77FC, 0x6C4BDAA26D4C3D68}, /* 1/12! */
    {0x00000000B092309D, 0x43684BE51C198E92}, /* 1/13! */
    {0x000000000C9CBA54, 0x603E4E905D6F8A2F}, /* 1/14! */
    {0x0000000000D73F9F, 0x399DC0F88EC32B58}, /* 1/15! */
    {0x00000000000D73F9, 0xF399DC0F88EC32B6}, /* 1/16! */
    {0x000000000000CA96, 0x3B81856A53593029}, /* 1/17! */
    {0x0000000000000B41, 0x3C31DCBECBBDD802}, /* 1/18! */
    {0x0000000000000097, 0xA4DA340A0AB92651}, /* 1/19! */
    {0x0000000000000007, 0x950AE900808941EA}, /* 1/20! */
    {0x0000000000000000, 0x5C6E3BDB73D5C630}, /* 1/21! */
    {0x0000000000000000, 0x04338E5B6DFE14A5}, /* 1/22! */
    {0x0000000000000000, 0x002EC368262C7034}, /* 1/23! */
    {0x0000000000000000, 0x0001F2CF01972F57}, /* 1/24! */
    {0x0000000000000000, 0x000013F3CCDD1660}, /* 1/25! */
    {0x0000000000000000, 0x000000C4742FE352}, /* 1/26! */
    {0x0000000000000000, 0x0000000746AC70B7}, /* 1/27! */
    {0x0000000000000000, 0x0000000042862899}, /* 1/28! */
    {0x0000000000000000, 0x00000000024B3F31}, /* 1/29! */
    {0x0000000000000000, 0x000000000013932C}, /* 1/30! */
    {0x0000000000000000, 0x000000000000A1A7}, /* 1/31! */
    {0x0000000000000000, 0x000000000000050D}, /* 1/32! */
    {0x0000000000000000, 0x0000000000000027}, /* 1/33! */
    {0x0000000000000000, 0x0000000000000001}, /* 1/34! */
};

static const struct fraction inverse_odds[] = {
    {0x5555555555555555, 0x5555555555555555}, /* 1/3 */
    {0x3333333333333333, 0x3333333333333333}, /* 1/5 */
    {0x2492492492492492, 0x4924924924924925}, /* 1/7 */
    {0x1C71C71C71C71C71, 0xC71C71C71C71C71C}, /* 1/9 */
    {0x1745D1745D1745D1, 0x745D1745D1745D17}, /* 1/11 */
    {0x13B13B13B13B13B1, 0x3B13B13B13B13B14}, /* 1/13 */
    {0x1111111111111111, 0x1111111111111111}, /* 1/15 */
    {0x0F0F0F0F0F0F0F0F, 0x0F0F0F0F0F0F0F0F}, /* 1/17 */
    {0x0D79435E50D79435, 0xE50D79435E50D794}, /* 1/19 */
    {0x0C30C30C30C30C30, 0xC30C30C30C30C30C}, /* 1/21 */
    {0x0B21642C8590B216, 0x42C8590B21642C86}, /* 1/23 */
    {0x0A3D70A3D70A3D70, 0xA3D70A3D70A3D70A}, /* 1/25 */
    {0x097B425ED097B425, 0xED097B425ED097B4}, /* 1/27 */
    {0x08D3DCB08D3DCB08, 0xD3DCB08D3DCB08D4}, /* 1/29 */
    {0x0842108421084210, 0x8421084210842108}, /* 1/31 */
    {0x07C1F07C1F07C1F0, 0x7C1F07C1F07C1F08}, /* 1/33 */
    {0x0750750750750750, 0x7507507507507507}, /* 1/35 */
    {0x06EB3E45306EB3E4, 0x5306EB3E45306EB4}, /* 1/37 */
    {0x0690690690690690, 0x6906906906906907}, /* 1/39 */
    {0x063E7063E7063E70, 0x63E7063E7063E706}, /* 1/41 */
    {0x05F417D05F417D05, 0xF417D05F417D05F4}, /* 1/43 */
    {0x05B05B05B05B05B0, 0x5B05B05B05B05B06}, /* 1/45 */
    {0x0572620AE4C415C9, 0x882B9310572620AE}, /* 1/47 */
    {0x05397829CBC14E5E, 0x0A72F05397829CBC}, /* 1/49 */
    {0x0505050505050505, 0x0505050505050505}, /* 1/51 */
    {0x04D4873ECADE304D, 0x4873ECADE304D487}, /* 1/53 */
    {0x04A7904A7904A790, 0x4A7904A7904A7905}, /* 1/55 */
};

/* Arc tangents of n/32. */
static const struct fraction arctangents[] = {
    {0x0000000000000000, 0x0000000000000000}, /* 0 */
    {0x07FF556EEA5D892A, 0x13BCEBBB6ED46311}, /* 1 */
    {0x0FFAADDB967EF4E3, 0x6CB2792DC0E2E0D5}, /* 2 */
    {0x17EE182602F10E8C, 0x126ACFCF099F06CF}, /* 3 */
    {0x1FD5BA9AAC2F6DC6, 0x5912F313E7D111DF}, /* 4 */
    {0x27ADDDD18CC4D8B0, 0xD1D8674940D83FA1}, /* 5 */
    {0x2F72F6979CB6044D, 0x1EC2D3E207271D22}, /* 6 */
    {0x3721AEA524C14408, 0xBD88697072D54BC1}, /* 7 */
    {0x3EB6EBF25901BAC5, 0x5B71E7BD7DE885F9}, /* 8 */
    {0x462FD68C2FC5E098, 0x6523A458DFC414C7}, /* 9 */
    {0x4D89DCDC1FAF2F34, 0xE2D5DA4C693D7994}, /* 10 */
    {0x54C2B6654735276D, 0x4CDBFBBDFBECF461}, /* 11 */
    {0x5BD86507937BC239, 0xC55190916E7F2242}, /* 12 */
    {0x62C934E5286C95B6, 0xD0BA3748FA85146F}, /* 13 */
    {0x6993BB0F308FF2DB, 0x213E4AF4800F389B}, /* 14 */
    {0x7036D3253B27BE33, 0xE318F6CB3CC65C02}, /* 15 */
    {0x76B19C1586ED3DA2, 0xB7F222F65E1D4682}, /* 16 */
    {0x7D03742D50505F2E, 0x33691E3EAEE47661}, /* 17 */
    {0x832BF4A6D9867E2A, 0x4B6A09CB61A515C1}, /* 18 */
    {0x892AECDFDE9547B5, 0x094478FC472B4AFC}, /* 19 */
    {0x8F005D5EF7F59F9B, 0x5C835E1665C43748}, /* 20 */
    {0x94AC72C9847186F6, 0x18C4F393F78A32F9}, /* 21 */
    {0x9A2F80E671BDDA20, 0x4226F8E2204FF3BD}, /* 22 */
    {0x9F89FDC4F4B7A1EC, 0xF8B492644F0701E0}, /* 23 */
    {0xA4BC7D1934F70924, 0x19A87F2A457DAC9F}, /* 24 */
    {0xA9C7ABDC4830F5C8, 0x916A84B5BE7933F6}, /* 25 */
    {0xAEAC4C38B4D8C080, 0x14725E2F3E52070A}, /* 26 */
    {0xB36B31C91F043691, 0x590141744462F93A}, /* 27 */
    {0xB8053E2BC2319E73, 0xCB2DA55210A4443D}, /* 28 */
    {0xBC7B5DEAE98AF280, 0xD4113006E80FB290}, /* 29 */
    {0xC0CE85B8AC526640, 0x89DD62C46E92FA25}, /* 30 */
    {0xC4FFAFFABF8FBD54, 0x8CB43D10BC9E0221}, /* 31 */
    {0xC90FDAA22168C234, 0xC4C6628B80DC1CD1}, /* 32 */
};

enum { FACTORIAL_TERMS = sizeof inverse_factorials / sizeof *inverse_factorials };
enum { ODD_TERMS = sizeof inverse_odds / sizeof *inverse_odds };

/* How many terms of a power series in t, coefficients below 1, matter. */
static unsigned terms_needed(uint128 t, unsigned available)
{
    unsigned zeros = t ? leading_zeros(t) : 128;
    unsigned terms = zeros ? 128 / zeros + 1 : available;
    return terms < available ? terms : available;
}

/* 1 - x, x a fraction much smaller than the result's last bit or larger: never quite 1. */
static struct wide one_minus(uint128 x)
{
    return wide_of_fraction(false, 0 - (x ? x : 1));
}

static struct wide one_plus(uint128 x)
{
    return (struct wide){false, 0, WIDE_TOP | x >> 1};
}

/* c[0] - t (c[step] - t (c[2 step] - ...)) */
static uint128 alternating(const struct fraction *c, unsigned step, unsigned count, uint128 t)
{
    unsigned terms = terms_needed(t, count);
    uint128 sum = fraction_value(c[(terms - 1) * step]);
    for (unsigned i = terms - 1; i-- > 0;) {
        sum = fraction_value(c[i * step]) - mul_high(t, sum);
    }
    return sum;
}

/* c[0] + t (c[1] + t (c[2] + ...)) */
static uint128 ascending(const struct fraction *c, unsigned count, uint128 t)
{
    unsigned terms = terms_needed(t, count);
    uint128 sum = fraction_value(c[terms - 1]);
    for (unsigned i = terms - 1; i-- > 0;) {
        sum = fraction_value(c[i]) + mul_high(t, sum);
    }
    return sum;
}

/* ---- Sine, cosine, tangent ---- */

/* |x| = quadrants * pi/2 + rest, |rest| <= pi/4. */
struct reduced {
    unsigned quadrants;
    struct wide rest;
};

/* pi has 66 bits here, so that everything in units of 2^-65 is an integer: pi/2, and x of any exponent
 * below 63. */
static struct reduced reduce(struct wide x)
{
    const uint128 half_pi = (uint128)3 << 64 | 0x243F6A8885A308D3;
    struct reduced r = {0, wide_magnitude(x)};
    if (x.exponent < -1) {
        return r;
    }
    uint128 units = x.significand >> (62 - x.exponent); /* its low 64 bits are zero */
    uint128 quotient = units / half_pi, rest = units % half_pi;
    r.quadrants = (unsigned)quotient & 3;
    bool beyond = rest > half_pi / 2;
    if (beyond) {
        rest = half_pi - rest;
        r.quadrants = (r.quadrants + 1) & 3;
    }
    r.rest = wide_normalised(beyond, 127 - 65, rest);
    return r;
}

static struct wide sine_series(struct wide x)
{
    uint128 t = fraction_of(wide_mul(x, x));
    uint128 series = mul_high(t, alternating(inverse_factorials + 1, 2, FACTORIAL_TERMS / 2, t));
    return wide_mul(x, one_minus(series));
}

static struct wide cosine_series(struct wide x)
{
    uint128 t = fraction_of(wide_mul(x, x));
    return one_minus(mul_high(t, alternating(inverse_factorials, 2, FACTORIAL_TERMS / 2, t)));
}

static struct wide sine_of(struct reduced r, bool negative)
{
    struct wide y = r.quadrants & 1 ? cosine_series(r.rest) : sine_series(r.rest);
    return negative != (r.quadrants >> 1) ? wide_negated(y) : y;
}

static struct wide cosine_of(struct reduced r)
{
    r.quadrants = (r.quadrants + 1) & 3;
    return sine_of(r, false);
}

/* What the four instructions have in common. */
enum trigonometric_case {
    TRIG_DONE,     /* nothing is left to do: out of range, or an unmasked exception */
    TRIG_CONSTANT, /* *result is the answer of all functions: a NaN */
    TRIG_ZERO,     /* the argument is a zero */
    TRIG_TINY, /* the argument in *result is so small that it is its own sine and tangent, and 1 its cosine */
    TRIG_COMPUTE,
};

static enum trigonometric_case trigonometric_argument(struct fpu *f, struct float80_env *env,
                                                      struct float80 *result)
{
    struct float80 x = f->reg[f->top];
    if (float80_propagate_nan(env, x, result)) {
        return TRIG_CONSTANT;
    }
    if (float80_classify(x) == FLOAT80_IS_INFINITE) {
        *result = float80_invalid(env);
        return TRIG_CONSTANT;
    }
    if (x.significand == 0) {
        return TRIG_ZERO;
    }
    if (float80_exponent(x) >= FLOAT80_EXPONENT_BIAS + 63) {
        f->status = (f->status & ~FPU_C1) | FPU_C2;
        return TRIG_DONE;
    }
    if (float80_denormal_stops(env, x)) {
        fpu_raise(f, env->raised);
        return TRIG_DONE;
    }
    if (float80_exponent(x) >= FLOAT80_EXPONENT_BIAS - 68) {
        return TRIG_COMPUTE;
    }
    return TRIG_TINY;
}

static void sine_or_cosine(struct fpu *f, bool cosine)
{
    f->status &= ~FPU_C2;
    if (fpu_st_empty(f, 0)) {
        if (fpu_underflow_masked(f)) {
            fpu_set_st(f, 0, float80_indefinite());
        }
        return;
    }
    struct float80_env env = fpu_env(f);
    struct float80 result = f->reg[f->top];
    switch (trigonometric_argument(f, &env, &result)) {
    case TRIG_DONE:
        return;
    case TRIG_CONSTANT:
        break;
    case TRIG_ZERO:
        result = cosine ? float80_one() : result;
        break;
    case TRIG_TINY:
        env.raised |= FLOAT80_PRECISION;
        result = cosine ? float80_one() : round_approximate(&env, wide_of(result));
        break;
    case TRIG_COMPUTE: {
        struct wide x = wide_of(result);
        struct reduced r = reduce(x);
        result = round_inexact(&env, cosine ? cosine_of(r) : sine_of(r, x.sign));
        break;
    }
    }
    if (fpu_raise(f, env.raised)) {
        fpu_set_st(f, 0, result);
    }
}

void fpu_fsin(struct fpu *f)
{
    sine_or_cosine(f, false);
}

void fpu_fcos(struct fpu *f)
{
    sine_or_cosine(f, true);
}

/* The instructions that push a second result need an operand and room; false if a fault of the stack ended
 * them. */
static bool can_push_second(struct fpu *f)
{
    bool empty = fpu_st_empty(f, 0);
    if (!empty && fpu_st_empty(f, 7)) {
        return true;
    }
    if (empty ? fpu_underflow_masked(f) : fpu_overflow_masked(f)) {
        fpu_set_st(f, 0, float80_indefinite());
        fpu_push(f, float80_indefinite());
    }
    return false;
}

static void finish_two(struct fpu *f, unsigned raised, struct float80 first, struct float80 second)
{
    if (fpu_raise(f, raised)) {
        fpu_set_st(f, 0, first);
        fpu_push(f, second);
    }
}

void fpu_fsincos(struct fpu *f)
{
    f->status &= ~FPU_C2;
    if (!can_push_second(f)) {
        return;
    }
    struct float80_env env = fpu_env(f);
    struct float80 sine = f->reg[f->top], cosine = float80_one();
    switch (trigonometric_argument(f, &env, &sine)) {
    case TRIG_DONE:
        return;
    case TRIG_CONSTANT:
        cosine = sine;
        break;
    case TRIG_ZERO:
        break;
    case TRIG_TINY:
        sine = round_approximate(&env, wide_of(sine));
        break;
    case TRIG_COMPUTE: {
        struct wide x = wide_of(sine);
        struct reduced r = reduce(x);
        cosine = round_inexact(&env, cosine_of(r));
        env.raised &= ~FLOAT80_ROUNDED_UP; /* C1 tells of the sine */
        sine = round_inexact(&env, sine_of(r, x.sign));
        break;
    }
    }
    finish_two(f, env.raised, sine, cosine);
}

void fpu_fptan(struct fpu *f)
{
    f->status &= ~FPU_C2;
    if (!can_push_second(f)) {
        return;
    }
    struct float80_env env = fpu_env(f);
    struct float80 tangent = f->reg[f->top], second = float80_one();
    switch (trigonometric_argument(f, &env, &tangent)) {
    case TRIG_DONE:
        return;
    case TRIG_CONSTANT:
        second = tangent;
        break;
    case TRIG_ZERO:
        break;
    case TRIG_TINY:
        tangent = round_approximate(&env, wide_of(tangent));
        break;
    case TRIG_COMPUTE: {
        struct wide x = wide_of(tangent);
        struct reduced r = reduce(x);
        tangent = round_inexact(&env, wide_div(sine_of(r, x.sign), cosine_of(r)));
        break;
    }
    }
    finish_two(f, env.raised, tangent, second);
}

/* ---- Two operands: ST(1) = function(ST(1), ST(0)), pop ---- */

typedef struct float80 (*binary_function)(struct float80_env *env, struct float80 y, struct float80 x);

static void two_operands(struct fpu *f, binary_function function)
{
    struct float80 result;
    if (fpu_st_empty(f, 0) || fpu_st_empty(f, 1)) {
        if (!fpu_underflow_masked(f)) {
            return;
        }
        result = float80_indefinite();
    } else {
        struct float80_env env = fpu_env(f);
        struct float80 y = *fpu_st(f, 1), x = *fpu_st(f, 0);
        if (!float80_propagate_nans(&env, y, x, &result)) {
            result = function(&env, y, x);
        }
        if (!fpu_raise(f, env.raised)) {
            return;
        }
    }
    fpu_set_st(f, 1, result);
    fpu_pop(f);
}

static bool denormals_stop(struct float80_env *env, struct float80 y, struct float80 x)
{
    bool stops_y = float80_denormal_stops(env, y);
    bool stops_x = float80_denormal_stops(env, x);
    return stops_y || stops_x;
}

/* ---- Arc tangent ---- */

static struct wide arctangent_series(struct wide z)
{
    uint128 t = fraction_of(wide_mul(z, z));
    return wide_mul(z, one_minus(mul_high(t, alternating(inverse_odds, 1, ODD_TERMS, t))));
}

/* The arc tangent of y / x, 0 < y <= x, by atan(y/x) = atan(n/32) + atan((32 y - n x) / (32 x + n y)) with n
 * / 32 next to y/x. */
static struct wide arctangent_quotient(struct wide y, struct wide x)
{
    unsigned distance = (unsigned)(x.exponent - y.exponent);
    if (distance > 6) {
        return arctangent_series(wide_div(y, x));
    }
    uint128 ys = y.significand >> 64,
            xs = x.significand >> 64 << distance; /* all their bits: they were float80 */
    uint128 n = (64 * ys + xs) / (2 * xs);
    uint128 fit = n * xs;
    bool below = 32 * ys < fit;
    uint128 difference = below ? fit - 32 * ys : 32 * ys - fit;
    struct wide base = wide_of_fraction(false, fraction_value(arctangents[n]));
    if (difference == 0) {
        return base;
    }
    struct wide z =
        wide_div(wide_normalised(below, 127, difference), wide_normalised(false, 127, 32 * xs + n * ys));
    return wide_add(base, arctangent_series(z));
}

static struct wide arctangent(struct wide y, struct wide x)
{
    bool sign = y.sign, left = x.sign;
    y.sign = x.sign = false;
    bool steep = y.exponent > x.exponent || (y.exponent == x.exponent && y.significand > x.significand);
    struct wide angle =
        steep ? wide_add(wide_half_pi, wide_negated(arctangent_quotient(x, y))) : arctangent_quotient(y, x);
    if (left) {
        angle = wide_add(wide_pi, wide_negated(angle));
    }
    angle.sign = sign;
    return angle;
}

/* An infinity is met: the angle in quarters of pi. */
static unsigned infinite_quarters(struct float80 y, struct float80 x)
{
    bool infinite_y = float80_classify(y) == FLOAT80_IS_INFINITE;
    bool infinite_x = float80_classify(x) == FLOAT80_IS_INFINITE;
    if (infinite_y) {
        return infinite_x ? (float80_sign(x) ? 3 : 1) : 2;
    }
    return float80_sign(x) ? 4 : 0;
}

static struct float80 round_quarters(struct float80_env *env, bool sign, unsigned quarters)
{
    if (quarters == 0) {
        return float80_zero(sign);
    }
    struct wide quarter = wide_pi;
    quarter.exponent -= 2;
    struct wide half = wide_half_pi;
    struct wide angle = quarters == 1   ? quarter
                        : quarters == 2 ? half
                        : quarters == 3 ? wide_add(half, quarter)
                                        : wide_pi;
    angle.sign = sign;
    return round_inexact(env, angle);
}

static struct float80 patan(struct float80_env *env, struct float80 y, struct float80 x)
{
    bool sign = float80_sign(y);
    if (denormals_stop(env, y, x)) {
        return y;
    }
    if (float80_exponent(y) == FLOAT80_EXPONENT_MAX || float80_exponent(x) == FLOAT80_EXPONENT_MAX) {
        return round_quarters(env, sign, infinite_quarters(y, x));
    }
    if (y.significand == 0) {
        return round_quarters(env, sign, float80_sign(x) ? 4 : 0);
    }
    if (x.significand == 0) {
        return round_quarters(env, sign, 2);
    }
    struct wide wide_y = wide_of(y), wide_x = wide_of(x);
    if (!wide_x.sign && wide_x.exponent - wide_y.exponent >
                            40) { /* the quotient is its own arc tangent, as processors have it */
        return round_approximate(env, wide_div(wide_y, wide_x));
    }
    return round_inexact(env, arctangent(wide_y, wide_x));
}

void fpu_fpatan(struct fpu *f)
{
    two_operands(f, patan);
}

/* ---- Logarithms ---- */

/* log2((1 + s) / (1 - s)) = 2/ln 2 (s + s^3/3 + s^5/5 + ...) */
static struct wide log2_series(struct wide s)
{
    uint128 t = fraction_of(wide_mul(s, s));
    struct wide sum = wide_mul(s, one_plus(mul_high(t, ascending(inverse_odds, ODD_TERMS, t))));
    return wide_mul(wide_2_over_ln2, sum);
}

static struct wide wide_of_integer(int32_t n)
{
    uint32_t magnitude = n < 0 ? 0 - (uint32_t)n : (uint32_t)n;
    return wide_normalised(n < 0, 127, magnitude);
}

/* x = m 2^k with m between the square roots of 1/2 and 2: k + log2(m), s = (m - 1) / (m + 1). */
static struct wide log2_positive(struct wide x)
{
    const uint128 sqrt2 = (uint128)0xB504F333F9DE6484 << 64;
    bool upper = x.significand > sqrt2;
    struct wide k = wide_of_integer(x.exponent + upper);
    if (x.significand == WIDE_TOP) {
        return k;
    }
    /* With significand a in [1, 2): (a - 1) / (a + 1), or (a - 2) / (a + 2). */
    struct wide numerator = wide_normalised(upper, 0, upper ? 0 - x.significand : x.significand - WIDE_TOP);
    struct wide denominator = {false, 1, (x.significand >> 1) + (upper ? WIDE_TOP : WIDE_TOP >> 1)};
    return wide_add(k, log2_series(wide_div(numerator, denominator)));
}

/* y * infinity of the given sign, y not a NaN: a logarithm was infinite. */
static struct float80 times_infinity(struct float80_env *env, struct float80 y, bool sign)
{
    if (y.significand == 0) {
        return float80_invalid(env);
    }
    return float80_infinity(float80_sign(y) != sign);
}

static struct float80 log_of_zero(struct float80_env *env, struct float80 y)
{
    if (y.significand == 0) {
        return float80_invalid(env);
    }
    if (float80_classify(y) != FLOAT80_IS_INFINITE) {
        env->raised |= FLOAT80_ZERO_DIVIDE;
    }
    return float80_infinity(!float80_sign(y));
}

static bool is_one(struct float80 x)
{
    return float80_exponent(x) == FLOAT80_EXPONENT_BIAS && x.significand == FLOAT80_INTEGER_BIT;
}

static struct float80 yl2x(struct float80_env *env, struct float80 y, struct float80 x)
{
    bool infinite_y = float80_classify(y) == FLOAT80_IS_INFINITE;
    if (x.significand == 0) {
        return log_of_zero(env, y);
    }
    if (float80_sign(x) || (infinite_y && is_one(x))) {
        return float80_invalid(env);
    }
    if (float80_classify(x) == FLOAT80_IS_INFINITE) {
        return float80_denormal_stops(env, y) ? y : times_infinity(env, y, false);
    }
    if (denormals_stop(env, y, x)) {
        return y;
    }
    bool below_one = float80_exponent(x) < FLOAT80_EXPONENT_BIAS;
    if (infinite_y || y.significand == 0 || is_one(x)) {
        return infinite_y ? float80_infinity(float80_sign(y) != below_one)
                          : float80_zero(float80_sign(y) != below_one);
    }
    struct wide product = wide_mul(wide_of(y), log2_positive(wide_of(x)));
    /* The logarithm of a power of two is exact and so may be the product. */
    return x.significand << 1 ? round_inexact(env, product) : round_approximate(env, product);
}

void fpu_fyl2x(struct fpu *f)
{
    two_operands(f, yl2x);
}

/* log2(1 + x), x > -1. *exact: 1 + x is a power of two. */
static struct wide log2_one_plus(struct wide x, bool *exact)
{
    const struct wide one = {false, 0, WIDE_TOP}, two = {false, 1, WIDE_TOP};
    *exact = false;
    if (x.exponent < -2) {
        return log2_series(wide_div(x, wide_add(two, x)));
    }
    struct wide sum = wide_add(one, x);
    *exact = sum.significand == WIDE_TOP && x.exponent < 127;
    return log2_positive(sum);
}

static struct float80 yl2xp1(struct float80_env *env, struct float80 y, struct float80 x)
{
    bool infinite_y = float80_classify(y) == FLOAT80_IS_INFINITE;
    if (float80_classify(x) == FLOAT80_IS_INFINITE) {
        if (float80_sign(x)) {
            return float80_invalid(env);
        }
        return float80_denormal_stops(env, y) ? y : times_infinity(env, y, false);
    }
    if (x.significand == 0 && infinite_y) {
        return float80_invalid(env);
    }
    if (denormals_stop(env, y, x)) {
        return y;
    }
    bool sign = float80_sign(y) != float80_sign(x);
    if (infinite_y) {
        return float80_infinity(sign);
    }
    if (x.significand == 0 || y.significand == 0) {
        return float80_zero(sign);
    }
    if (float80_sign(x) &&
        float80_exponent(x) >= FLOAT80_EXPONENT_BIAS) { /* no logarithm; x itself was seen to come back */
        env->raised |= FLOAT80_PRECISION;
        return x;
    }
    bool exact;
    struct wide product = wide_mul(wide_of(y), log2_one_plus(wide_of(x), &exact));
    return exact ? round_approximate(env, product) : round_inexact(env, product);
}

void fpu_fyl2xp1(struct fpu *f)
{
    two_operands(f, yl2xp1);
}

/* ---- 2^x - 1 ---- */

/* e^t - 1 = t (1 + t/2! + t^2/3! + ...), |t| < 1 */
static struct wide exponential_minus_one(struct wide t)
{
    uint128 x = fraction_of(t);
    if (t.sign) {
        return wide_mul(t, one_minus(mul_high(x, alternating(inverse_factorials, 1, FACTORIAL_TERMS, x))));
    }
    return wide_mul(t, one_plus(mul_high(x, ascending(inverse_factorials, FACTORIAL_TERMS, x))));
}

static struct float80 two_to_x_minus_one(struct float80_env *env, struct float80 x)
{
    struct float80 result;
    if (float80_propagate_nan(env, x, &result)) {
        return result;
    }
    if (float80_classify(x) == FLOAT80_IS_INFINITE) {
        return float80_sign(x) ? float80_make(true, FLOAT80_EXPONENT_BIAS, FLOAT80_INTEGER_BIT) : x;
    }
    if (x.significand == 0 || float80_denormal_stops(env, x)) {
        return x;
    }
    if (float80_sign(x) && is_one(x)) {
        env->raised |= FLOAT80_PRECISION;
        return float80_make(true, FLOAT80_EXPONENT_BIAS - 1, FLOAT80_INTEGER_BIT);
    }
    if (float80_exponent(x) >= FLOAT80_EXPONENT_BIAS) { /* out of range: x was seen to stay */
        env->raised |= FLOAT80_PRECISION;
        return x;
    }
    return round_inexact(env, exponential_minus_one(wide_mul(wide_of(x), wide_ln2)));
}

void fpu_f2xm1(struct fpu *f)
{
    struct float80 result = float80_indefinite();
    if (fpu_st_empty(f, 0)) {
        if (!fpu_underflow_masked(f)) {
            return;
        }
    } else {
        struct float80_env env = fpu_env(f);
        result = two_to_x_minus_one(&env, f->reg[f->top]);
        if (!fpu_raise(f, env.raised)) {
            return;
        }
    }
    fpu_set_st(f, 0, result);
}
