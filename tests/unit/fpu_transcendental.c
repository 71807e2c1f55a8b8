/* The x87 transcendental instructions against MPFR: the exact value, rounded, in all rounding modes and over
 * the whole range of arguments. Where the unit takes its pi of 66 bits, so does the expectation.
 */
#include <stdio.h>

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifdef HAVE_MPFR

#include <check.h>
#include <mpfr.h>
#include <stdlib.h>

#include "cpu/fpu.h"
#include "tests/unit/float80_operands.h"

enum { PRECISION = 400 };

static void set_float80(mpfr_t out, struct float80 a)
{
    int32_t exponent = float80_exponent(a) ? float80_exponent(a) : 1;
    mpfr_set_uj(out, a.significand, MPFR_RNDN);
    mpfr_mul_2si(out, out, exponent - FLOAT80_EXPONENT_BIAS - 63, MPFR_RNDN);
    if (float80_sign(a)) {
        mpfr_neg(out, out, MPFR_RNDN);
    }
}

/* Leaves in x the rest of x by pi/2 with pi of 66 bits; returns the quadrant. */
static unsigned reduce(mpfr_t x)
{
    mpfr_t half_pi, n;
    mpfr_init2(half_pi, PRECISION);
    mpfr_init2(n, PRECISION);
    mpfr_set_str(half_pi, "0x3.243F6A8885A308D3", 16, MPFR_RNDN);
    mpfr_div_2ui(half_pi, half_pi, 1, MPFR_RNDN);
    mpfr_div(n, x, half_pi, MPFR_RNDN);
    mpfr_rint(n, n, MPFR_RNDN);
    long quadrant = (long)(mpfr_get_sj(n, MPFR_RNDN) & 3);
    mpfr_mul(n, n, half_pi, MPFR_RNDN);
    mpfr_sub(x, x, n, MPFR_RNDN);
    mpfr_clear(half_pi);
    mpfr_clear(n);
    return (unsigned)quadrant;
}

static void exact_sin(mpfr_t out, mpfr_t y, mpfr_t x)
{
    (void)y;
    unsigned quadrant = reduce(x);
    (quadrant & 1 ? mpfr_cos : mpfr_sin)(out, x, MPFR_RNDN);
    if (quadrant & 2) {
        mpfr_neg(out, out, MPFR_RNDN);
    }
}

static void exact_cos(mpfr_t out, mpfr_t y, mpfr_t x)
{
    (void)y;
    unsigned quadrant = (reduce(x) + 1) & 3;
    (quadrant & 1 ? mpfr_cos : mpfr_sin)(out, x, MPFR_RNDN);
    if (quadrant & 2) {
        mpfr_neg(out, out, MPFR_RNDN);
    }
}

static void exact_tan(mpfr_t out, mpfr_t y, mpfr_t x)
{
    (void)y;
    unsigned quadrant = reduce(x);
    mpfr_tan(out, x, MPFR_RNDN);
    if (quadrant & 1) {
        mpfr_si_div(out, -1, out, MPFR_RNDN);
    }
}

static void exact_atan(mpfr_t out, mpfr_t y, mpfr_t x)
{
    mpfr_atan2(out, y, x, MPFR_RNDN);
}

static void exact_yl2x(mpfr_t out, mpfr_t y, mpfr_t x)
{
    mpfr_log2(out, x, MPFR_RNDN);
    mpfr_mul(out, out, y, MPFR_RNDN);
}

static void exact_yl2xp1(mpfr_t out, mpfr_t y, mpfr_t x)
{
    mpfr_t ln2;
    mpfr_init2(ln2, PRECISION);
    mpfr_const_log2(ln2, MPFR_RNDN);
    mpfr_log1p(out, x, MPFR_RNDN);
    mpfr_div(out, out, ln2, MPFR_RNDN);
    mpfr_mul(out, out, y, MPFR_RNDN);
    mpfr_clear(ln2);
}

static void exact_2xm1(mpfr_t out, mpfr_t y, mpfr_t x)
{
    (void)y;
    mpfr_const_log2(out, MPFR_RNDN);
    mpfr_mul(x, x, out, MPFR_RNDN);
    mpfr_expm1(out, x, MPFR_RNDN);
}

static const struct function {
    const char *name;
    void (*ours)(struct fpu *);
    void (*exact)(mpfr_t out, mpfr_t y, mpfr_t x);
    int lowest, highest; /* exponents of x, unbiased */
    bool positive, binary;
    unsigned result; /* in ST(result) */
} functions[] = {
    {"FSIN", fpu_fsin, exact_sin, -16382, 62, false, false, 0},
    {"FCOS", fpu_fcos, exact_cos, -16382, 62, false, false, 0},
    {"FSINCOS, sine", fpu_fsincos, exact_sin, -16382, 62, false, false, 1},
    {"FSINCOS, cosine", fpu_fsincos, exact_cos, -16382, 62, false, false, 0},
    {"FPTAN", fpu_fptan, exact_tan, -16382, 62, false, false, 1},
    {"FPATAN", fpu_fpatan, exact_atan, -16000, 16000, false, true, 0},
    {"FYL2X", fpu_fyl2x, exact_yl2x, -16382, 16383, true, true, 0},
    {"FYL2XP1", fpu_fyl2xp1, exact_yl2xp1, -16000, 16383, true, true, 0},
    {"FYL2XP1, negative", fpu_fyl2xp1, exact_yl2xp1, -16000, -1, false, true, 0},
    {"F2XM1", fpu_f2xm1, exact_2xm1, -16382, -1, false, false, 0},
};

/* Mostly near 1, where it matters, and near the ends of the range. */
static int random_exponent(int lowest, int highest)
{
    int exponent;
    switch (pick(4)) {
    case 0:
        exponent = lowest + (int)pick((unsigned)(highest - lowest + 1));
        break;
    case 1:
        exponent = highest - (int)pick(4);
        break;
    default:
        exponent = (int)pick(72) - 68;
        break;
    }
    return exponent < lowest ? lowest : exponent > highest ? highest : exponent;
}

static struct float80 random_number(int lowest, int highest, bool positive)
{
    return float80_make(!positive && pick(2),
                        (unsigned)(random_exponent(lowest, highest) + FLOAT80_EXPONENT_BIAS),
                        random_significand() | FLOAT80_INTEGER_BIT);
}

/* The error of `result` in units of its last place, with its sign: positive if it is too large in magnitude.
 */
static double error_in_units(struct float80 result, mpfr_t exact)
{
    mpfr_t value;
    mpfr_init2(value, PRECISION);
    set_float80(value, result);
    mpfr_sub(value, value, exact, MPFR_RNDN);
    int32_t exponent = float80_exponent(result) ? float80_exponent(result) : 1;
    mpfr_mul_2si(value, value, -(exponent - FLOAT80_EXPONENT_BIAS - 63), MPFR_RNDN);
    double error = mpfr_get_d(value, MPFR_RNDN);
    mpfr_clear(value);
    return mpfr_sgn(exact) < 0 ? -error : error;
}

static bool error_allowed(double error, unsigned rounding, bool negative)
{
    bool away = rounding == (negative ? FLOAT80_DOWN : FLOAT80_UP);
    if (rounding == FLOAT80_NEAREST) {
        return error >= -0.50001 && error <= 0.50001;
    }
    /* A tiny argument comes back as it is: that is an error of nearly nothing to the other side. */
    return away ? error > -0.00001 && error < 1.00001 : error > -1.00001 && error < 0.00001;
}

static void check_once(const struct function *function, unsigned rounding, mpfr_t exact, mpfr_t my, mpfr_t mx)
{
    struct float80 x = random_number(function->lowest, function->highest, function->positive);
    struct float80 y = random_number(-100, 100, false);
    if (function->exact == exact_atan && pick(2)) {
        y = random_number(-8000, 8000, false);
    }
    struct fpu f;
    fpu_power_up(&f, FPU_P6, false);
    fpu_fninit(&f);
    fpu_fldcw(&f, (uint16_t)(0x037F | rounding << 10));
    if (function->binary) {
        fpu_fld_m80(&f, y.significand, y.sign_exponent);
    }
    fpu_fld_m80(&f, x.significand, x.sign_exponent);
    function->ours(&f);
    struct float80 result = *fpu_st(&f, function->result);
    if (f.status & (FPU_OE | FPU_UE)) {
        return; /* rounded by another rule, which other tests see to */
    }
    set_float80(mx, x);
    set_float80(my, y);
    function->exact(exact, my, mx);
    double error = error_in_units(result, exact);
    ck_assert_msg(error_allowed(error, rounding, mpfr_sgn(exact) < 0),
                  "%s, rounding %u, of %04x:%016llx (y %04x:%016llx) is %04x:%016llx: off by %g units",
                  function->name, rounding, x.sign_exponent, (unsigned long long)x.significand,
                  y.sign_exponent, (unsigned long long)y.significand, result.sign_exponent,
                  (unsigned long long)result.significand, error);
}

START_TEST(results_are_the_exact_values_rounded)
{
    mpfr_t exact, y, x;
    mpfr_init2(exact, PRECISION);
    mpfr_init2(y, PRECISION);
    mpfr_init2(x, PRECISION);
    for (unsigned i = 0; i < 12000; i++) {
        check_once(&functions[_i], i & 3, exact, y, x);
    }
    mpfr_clear(exact);
    mpfr_clear(y);
    mpfr_clear(x);
    mpfr_free_cache();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("x87 transcendental functions");
    TCase *tests = tcase_create("accuracy");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, results_are_the_exact_values_rounded, 0,
                        (int)(sizeof functions / sizeof *functions));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#else

int main(void)
{
    puts("skipped: configure did not find MPFR (libmpfr-dev) to compare with");
    return 77;
}

#endif
