/* 80-bit arithmetic in integers (cpu/softfloat80.h): results worked by hand, and on an x86 host results,
 * exceptions and C1 against the host's unit, in all rounding and precision modes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu/softfloat80.h"
#include "tests/unit/float80_operands.h"

enum { ALL_MASKED = FLOAT80_ALL_EXCEPTIONS };

static struct float80_env environment(unsigned rounding, unsigned precision, unsigned masks)
{
    return (struct float80_env){
        .rounding = (uint8_t)rounding, .precision = (uint8_t)precision, .masks = (uint8_t)masks};
}

static void ck_float80(struct float80 a, uint16_t sign_exponent, uint64_t significand)
{
    ck_assert_msg(a.sign_exponent == sign_exponent && a.significand == significand,
                  "%04x:%016llx, not %04x:%016llx", a.sign_exponent, (unsigned long long)a.significand,
                  sign_exponent, (unsigned long long)significand);
}

static const struct float80 one = {0x8000000000000000, 0x3FFF}, three = {0xC000000000000000, 0x4000},
                            largest = {0xFFFFFFFFFFFFFFFF, 0x7FFE}, smallest = {0x8000000000000000, 0x0001};

START_TEST(a_third_is_rounded_by_each_mode_and_precision)
{
    static const uint64_t nearest[4] = {0xAAAAAB0000000000, 0xAAAAAAAAAAAAAAAB, 0xAAAAAAAAAAAAA800,
                                        0xAAAAAAAAAAAAAAAB};
    static const uint64_t chopped[4] = {0xAAAAAA0000000000, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAA800,
                                        0xAAAAAAAAAAAAAAAA};
    for (unsigned precision = 0; precision < 4; precision++) {
        struct float80_env env = environment(FLOAT80_NEAREST, precision, ALL_MASKED);
        ck_float80(float80_div(&env, one, three), 0x3FFD, nearest[precision]);
        bool up = nearest[precision] > chopped[precision];
        ck_assert_uint_eq(env.raised, FLOAT80_PRECISION | (up ? FLOAT80_ROUNDED_UP : 0));
        env = environment(FLOAT80_CHOP, precision, ALL_MASKED);
        ck_float80(float80_div(&env, one, three), 0x3FFD, chopped[precision]);
        ck_assert_uint_eq(env.raised, FLOAT80_PRECISION);
    }
}
END_TEST

START_TEST(unmasked_overflow_and_underflow_wrap_the_exponent)
{
    struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED & ~FLOAT80_OVERFLOW);
    ck_float80(float80_add(&env, largest, largest), 0x7FFF - 24576, 0xFFFFFFFFFFFFFFFF);
    ck_assert_uint_eq(env.raised, FLOAT80_OVERFLOW);
    env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED & ~FLOAT80_UNDERFLOW);
    ck_float80(float80_div(&env, smallest, float80_make(false, 0x4000, FLOAT80_INTEGER_BIT)), 24576,
               FLOAT80_INTEGER_BIT);
    ck_assert_uint_eq(env.raised, FLOAT80_UNDERFLOW); /* exact, and tells of it all the same */
    env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    ck_float80(float80_div(&env, smallest, float80_make(false, 0x4000, FLOAT80_INTEGER_BIT)), 0,
               0x4000000000000000);
    ck_assert_uint_eq(env.raised, 0); /* masked, only a loss does */
}
END_TEST

START_TEST(tininess_is_told_after_rounding)
{
    /* Just below the smallest normal number: rounded up to it with 64 bits it is not tiny. */
    struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    ck_float80(float80_round(&env, false, 0, ~0ull, ~0ull, 64), 1, FLOAT80_INTEGER_BIT);
    ck_assert_uint_eq(env.raised, FLOAT80_PRECISION | FLOAT80_ROUNDED_UP);
    env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    ck_float80(float80_round(&env, false, 0, ~0ull, 1, 64), 1, FLOAT80_INTEGER_BIT);
    ck_assert_uint_eq(env.raised, FLOAT80_UNDERFLOW | FLOAT80_PRECISION | FLOAT80_ROUNDED_UP);
}
END_TEST

START_TEST(of_two_nans_the_larger_significand_is_kept)
{
    struct float80 small = {0xC000000000000001, 0xFFFF}, large = {0xC000000000000002, 0x7FFF};
    struct float80 signalling = {0xBFFFFFFFFFFFFFFF, 0x7FFF};
    struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    ck_float80(float80_add(&env, small, large), 0x7FFF, 0xC000000000000002);
    ck_float80(float80_mul(&env, large, small), 0x7FFF, 0xC000000000000002);
    ck_assert_uint_eq(env.raised, 0);
    ck_float80(float80_sub(&env, small, signalling), 0xFFFF, 0xC000000000000001); /* the quiet one */
    ck_assert_uint_eq(env.raised, FLOAT80_INVALID);
    ck_float80(float80_sub(&env, signalling, one), 0x7FFF, 0xFFFFFFFFFFFFFFFF);
}
END_TEST

START_TEST(unsupported_formats_are_invalid)
{
    static const struct float80 unsupported[] = {
        {0x4000000000000000, 0x3FFF}, {0, 0x7FFF}, {1, 0xFFFF}, {0, 0x0001}};
    for (unsigned i = 0; i < 4; i++) {
        struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
        ck_float80(float80_add(&env, unsupported[i], one), 0xFFFF, 0xC000000000000000);
        ck_assert_uint_eq(env.raised, FLOAT80_INVALID);
        env.raised = 0;
        ck_assert_int_eq(float80_compare(&env, one, unsupported[i], true), FLOAT80_UNORDERED);
        ck_assert_uint_eq(env.raised, FLOAT80_INVALID);
    }
}
END_TEST

START_TEST(a_pseudo_denormal_equals_the_smallest_normal)
{
    struct float80 pseudo = {0x8000000000000000, 0};
    struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    ck_assert_int_eq(float80_compare(&env, pseudo, smallest, false), FLOAT80_EQUAL);
    ck_assert_uint_eq(env.raised, FLOAT80_DENORMAL);
    ck_assert_int_eq(float80_compare(&env, pseudo, (struct float80){0xFFFFFFFFFFFFFFFF, 0x8000}, false),
                     FLOAT80_GREATER);
}
END_TEST

START_TEST(bcd_keeps_eighteen_digits)
{
    uint64_t low;
    uint16_t high;
    struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    struct float80 most = float80_from_bcd(0x9999999999999999, 0x8099);
    float80_to_bcd(&env, most, &low, &high);
    ck_assert_uint_eq(low, 0x9999999999999999);
    ck_assert_uint_eq(high, 0x8099);
    ck_assert_uint_eq(env.raised, 0);
    float80_to_bcd(&env, float80_sub(&env, most, one), &low, &high);
    ck_assert_uint_eq(low, 0xC000000000000000);
    ck_assert_uint_eq(high, 0xFFFF);
    ck_assert_uint_eq(env.raised, FLOAT80_INVALID);
    ck_float80(float80_from_bcd(0x123456789, 0x0100), 0x3FFF + 26, 123456789ull << 37);
}
END_TEST

START_TEST(integers_out_of_range_are_indefinite)
{
    struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    ck_assert_int_eq(float80_to_integer(&env, float80_from_integer(-32768), 16), -32768);
    ck_assert_int_eq(float80_to_integer(&env, float80_from_integer(32767), 16), 32767);
    ck_assert_uint_eq(env.raised, 0);
    ck_assert_int_eq(float80_to_integer(&env, float80_from_integer(32768), 16), -32768);
    ck_assert_uint_eq(env.raised, FLOAT80_INVALID);
    ck_assert_int_eq(float80_to_integer(&env, float80_infinity(false), 64), INT64_MIN);
    ck_assert_int_eq(float80_to_integer(&env, float80_from_integer(INT64_MIN), 64), INT64_MIN);
}
END_TEST

START_TEST(a_remainder_takes_up_to_63_bits_a_step)
{
    struct float80_env env = environment(FLOAT80_NEAREST, FLOAT80_EXTENDED, ALL_MASKED);
    struct float80 a = {0x8000000000000000, 0x3FFF + 200};
    unsigned quotient, steps = 0;
    bool partial = true;
    while (partial && steps < 10) {
        a = float80_remainder(&env, a, three, false, &quotient, &partial);
        steps++;
    }
    ck_float80(a, 0x3FFF, 0x8000000000000000); /* 2^200 mod 3 = 1 */
    ck_assert_uint_eq(steps, 4);
    /* FPREM1: 11 = 3 * 4 - 1 */
    a = float80_remainder(&env, float80_from_integer(11), three, true, &quotient, &partial);
    ck_float80(a, 0xBFFF, 0x8000000000000000);
    ck_assert_uint_eq(quotient, 4);
    ck_assert(!partial);
}
END_TEST

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)

struct outcome {
    struct float80 value;
    unsigned raised;
};

#define HOST(name, operation)                                                                                \
    static struct outcome host_##name(struct float80 a, struct float80 b, uint16_t control)                  \
    {                                                                                                        \
        struct outcome o = {0};                                                                              \
        uint16_t status, saved;                                                                              \
        __asm__ volatile("fnclex\n\tfnstcw %2\n\tfldcw %3\n\tfldt %5\n\tfldt %4\n\t" operation               \
                         "\n\tfnstsw %1\n\tfldcw %2\n\tfstpt %0\n\tfstp %%st(0)\n\tfnclex"                   \
                         : "=m"(o.value), "=&a"(status), "=&m"(saved)                                        \
                         : "m"(control), "m"(a), "m"(b)                                                      \
                         : "st", "st(1)");                                                                   \
        o.raised = status & (FLOAT80_ALL_EXCEPTIONS | FLOAT80_ROUNDED_UP);                                   \
        return o;                                                                                            \
    }
HOST(add, "fadd %%st(1), %%st")
HOST(sub, "fsub %%st(1), %%st")
HOST(mul, "fmul %%st(1), %%st")
HOST(div, "fdiv %%st(1), %%st")
HOST(sqrt, "fsqrt")
HOST(round_to_integer, "frndint")
HOST(scale, "fscale")

static struct float80 ours_sqrt(struct float80_env *env, struct float80 a, struct float80 b)
{
    (void)b;
    return float80_sqrt(env, a);
}

static struct float80 ours_round_to_integer(struct float80_env *env, struct float80 a, struct float80 b)
{
    (void)b;
    return float80_round_to_integer(env, a);
}

static const struct {
    const char *name;
    struct outcome (*host)(struct float80, struct float80, uint16_t control);
    struct float80 (*ours)(struct float80_env *, struct float80, struct float80);
} operations[] = {
    {"add", host_add, float80_add},        {"subtract", host_sub, float80_sub},
    {"multiply", host_mul, float80_mul},   {"divide", host_div, float80_div},
    {"square root", host_sqrt, ours_sqrt}, {"round to integer", host_round_to_integer, ours_round_to_integer},
    {"scale", host_scale, float80_scale},
};

static void compare_once(unsigned i, struct float80 a, struct float80 b, unsigned mode)
{
    struct float80_env env = environment(mode >> 2, mode & 3, ALL_MASKED);
    struct outcome host = operations[i].host(a, b, (uint16_t)(0x7F | (mode & 3) << 8 | (mode >> 2) << 10));
    struct float80 ours = operations[i].ours(&env, a, b);
    ck_assert_msg(
        ours.significand == host.value.significand && ours.sign_exponent == host.value.sign_exponent &&
            env.raised == host.raised,
        "%s, rounding %u, precision %u: %04x:%016llx, %04x:%016llx -> %04x:%016llx raising %x, the host "
        "%04x:%016llx raising %x",
        operations[i].name, mode >> 2, mode & 3, a.sign_exponent, (unsigned long long)a.significand,
        b.sign_exponent, (unsigned long long)b.significand, ours.sign_exponent,
        (unsigned long long)ours.significand, env.raised, host.value.sign_exponent,
        (unsigned long long)host.value.significand, host.raised);
}

START_TEST(integers_and_the_host_agree_to_the_last_bit)
{
    unsigned specials = sizeof special_operands / sizeof *special_operands;
    for (unsigned mode = 0; mode < 16; mode++) {
        for (unsigned i = 0; i < specials * specials; i++) {
            compare_once((unsigned)_i, special_operands[i / specials], special_operands[i % specials], mode);
        }
        for (unsigned i = 0; i < 30000; i++) {
            struct float80 a = random_float80(), b = random_float80();
            if (pick(4) == 0) { /* cancellation */
                b = a;
                b.significand ^= 1ull << pick(63);
                b.sign_exponent ^= pick(2) ? 0x8000 : 0;
            }
            compare_once((unsigned)_i, a, b, mode);
        }
    }
}
END_TEST

static void add_host_tests(TCase *tests)
{
    tcase_add_loop_test(tests, integers_and_the_host_agree_to_the_last_bit, 0,
                        (int)(sizeof operations / sizeof *operations));
}

#else

static void add_host_tests(TCase *tests)
{
    (void)tests;
    puts("the host has no x87 unit: not compared with it");
}

#endif

int main(void)
{
    Suite *suite = suite_create("80-bit arithmetic");
    TCase *tests = tcase_create("operations");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, a_third_is_rounded_by_each_mode_and_precision);
    tcase_add_test(tests, unmasked_overflow_and_underflow_wrap_the_exponent);
    tcase_add_test(tests, tininess_is_told_after_rounding);
    tcase_add_test(tests, of_two_nans_the_larger_significand_is_kept);
    tcase_add_test(tests, unsupported_formats_are_invalid);
    tcase_add_test(tests, a_pseudo_denormal_equals_the_smallest_normal);
    tcase_add_test(tests, bcd_keeps_eighteen_digits);
    tcase_add_test(tests, integers_out_of_range_are_indefinite);
    tcase_add_test(tests, a_remainder_takes_up_to_63_bits_a_step);
    add_host_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
