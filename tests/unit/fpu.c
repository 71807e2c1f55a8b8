/* The x87 unit (cpu/fpu.h) by the tables of the manual: stack faults, deferred exceptions, stores in two
 * halves, condition codes, special operands of the transcendental instructions, memory images, state after
 * reset. Runs each with the host's unit and in integers.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/fpu.h"

static struct fpu f;

/* After FNINIT; _i of the loop tests: 0 by the host's unit, 1 in integers. */
static void init(int portable)
{
    fpu_power_up(&f, FPU_P6, portable);
    fpu_fninit(&f);
}

static void push(uint16_t sign_exponent, uint64_t significand)
{
    fpu_fld_m80(&f, significand, sign_exponent);
}

static void ck_st(unsigned i, uint16_t sign_exponent, uint64_t significand)
{
    struct float80 *st = fpu_st(&f, i);
    ck_assert(!fpu_st_empty(&f, i));
    ck_assert_msg(st->sign_exponent == sign_exponent && st->significand == significand,
                  "ST(%u) is %04x:%016llx, not %04x:%016llx", i, st->sign_exponent,
                  (unsigned long long)st->significand, sign_exponent, (unsigned long long)significand);
}

#define ONE        0x3FFF, 0x8000000000000000
#define MINUS_ONE  0xBFFF, 0x8000000000000000
#define TWO        0x4000, 0x8000000000000000
#define HALF       0x3FFE, 0x8000000000000000
#define ZERO       0x0000, 0
#define MINUS_ZERO 0x8000, 0
#define INFINITY_  0x7FFF, 0x8000000000000000
#define MINUS_INF  0xFFFF, 0x8000000000000000
#define INDEFINITE 0xFFFF, 0xC000000000000000
#define DENORMAL   0x0000, 0x0000000000001234
#define PI         0x4000, 0xC90FDAA22168C235
#define HALF_PI    0x3FFF, 0xC90FDAA22168C235
#define TINY       0x0001, 0x8000000000000000

static unsigned flags(void)
{
    return f.status & (FPU_SF | FLOAT80_ALL_EXCEPTIONS);
}

/* ---- Reset ---- */

START_TEST(reset_and_fninit_leave_what_the_manual_says)
{
    fpu_power_up(&f, FPU_P6, _i);
    ck_assert_uint_eq(f.control, 0x0040);
    ck_assert_uint_eq(fpu_fnstsw(&f), 0);
    ck_assert_uint_eq(fpu_tag_word(&f), 0x5555);
    fpu_power_up(&f, FPU_387, _i);
    ck_assert(fpu_pending(&f)); /* ERROR# tells a 387 from a 287 */
    fpu_fninit(&f);
    ck_assert_uint_eq(fpu_fnstcw(&f), 0x037F);
    ck_assert_uint_eq(fpu_fnstsw(&f), 0);
    ck_assert_uint_eq(fpu_tag_word(&f), 0xFFFF);
    ck_assert(!fpu_pending(&f));
}
END_TEST

/* ---- The stack ---- */

START_TEST(a_ninth_push_overflows_the_stack)
{
    init(_i);
    for (unsigned i = 0; i < 8; i++) {
        fpu_fld_constant(&f, FPU_ONE);
    }
    ck_assert_uint_eq(flags(), 0);
    fpu_fld_constant(&f, FPU_PI);
    ck_assert_uint_eq(fpu_fnstsw(&f), FPU_IE | FPU_SF | FPU_C1 | 7 << 11);
    ck_st(0, INDEFINITE);
    ck_st(1, ONE);
}
END_TEST

START_TEST(an_unmasked_stack_fault_changes_no_register)
{
    init(_i);
    fpu_fldcw(&f, 0x037E);
    fpu_fadd_st0(&f, 1);
    ck_assert_uint_eq(fpu_fnstsw(&f), FPU_IE | FPU_SF | FPU_ES | FPU_B);
    ck_assert_uint_eq(fpu_tag_word(&f), 0xFFFF);
    ck_assert(fpu_pending(&f));
    fpu_fnclex(&f);
    ck_assert(!fpu_pending(&f));
    fpu_fadd_sti_pop(&f, 1);
    ck_assert_uint_eq(f.top, 0); /* nor is anything popped */
}
END_TEST

START_TEST(a_masked_underflow_of_the_stack_gives_the_indefinite)
{
    init(_i);
    push(ONE);
    fpu_fmul_sti_pop(&f, 3);
    ck_assert_uint_eq(fpu_fnstsw(&f), FPU_IE | FPU_SF);
    ck_st(2, INDEFINITE); /* was ST(3) */
    ck_assert(fpu_st_empty(&f, 7));
}
END_TEST

/* ---- Exceptions ---- */

START_TEST(an_unmasked_zero_divide_waits_for_the_next_instruction)
{
    init(_i);
    fpu_fldcw(&f, 0x037B);
    push(ZERO);
    push(ONE);
    fpu_fdiv_st0(&f, 1);
    ck_assert_uint_eq(flags(), FPU_ZE);
    ck_assert(fpu_pending(&f));
    ck_st(0, ONE);
    fpu_fldcw(&f, 0x037F); /* masked now: no longer pending */
    ck_assert(!fpu_pending(&f));
    fpu_fldcw(&f, 0x037B);
    ck_assert(fpu_pending(&f));
    fpu_fnclex(&f);
    fpu_fldcw(&f, 0x037F);
    fpu_fdiv_st0(&f, 1);
    ck_st(0, INFINITY_);
}
END_TEST

START_TEST(an_unmasked_precision_exception_still_stores)
{
    init(_i);
    fpu_fldcw(&f, 0x035F);
    push(ONE);
    fpu_fdiv_m16i(&f, 3);
    ck_assert(fpu_pending(&f));
    ck_assert_uint_eq(f.status, FPU_ES | FPU_B | FPU_PE | FPU_C1);
    ck_st(0, 0x3FFD, 0xAAAAAAAAAAAAAAAB);
}
END_TEST

START_TEST(exceptions_stick_and_c1_does_not)
{
    init(_i);
    push(ONE);
    fpu_fdiv_m16i(&f, 3);
    ck_assert_uint_eq(f.status, FPU_PE | FPU_C1);
    fpu_fadd_m16i(&f, 0);
    ck_assert_uint_eq(f.status, FPU_PE);
    for (unsigned i = 0; i < 3; i++) { /* by the host's unit from the second time on */
        fpu_fst_st(&f, 0, true);
        push(ONE);
        fpu_fdiv_m16i(&f, 3);
        ck_assert_uint_eq(f.status, FPU_PE | FPU_C1);
    }
    fpu_fnclex(&f);
    fpu_fld_constant(&f, FPU_ONE);
    fpu_fadd_m16i(&f, 1);
    ck_assert_uint_eq(f.status, 0); /* no exception of an earlier operation comes back */
}
END_TEST

START_TEST(a_denormal_operand_in_memory_is_told)
{
    init(_i);
    push(ONE);
    fpu_fmul_m32(&f, 0x00000001);
    ck_assert_uint_eq(flags(), FPU_DE);
    ck_st(0, 0x3FFF - 149, 0x8000000000000000);
    fpu_fnclex(&f);
    fpu_fldcw(&f, 0x037D);
    fpu_fadd_m64(&f, 1);
    ck_assert_uint_eq(flags(), FPU_DE);
    ck_st(0, 0x3FFF - 149, 0x8000000000000000);
}
END_TEST

/* ---- Stores ---- */

START_TEST(a_store_changes_nothing_before_it_is_committed)
{
    init(_i);
    push(0x3FFF, 0xC000000000000001);
    struct fpu before = f;
    struct fpu_store s = fpu_prepare_m32(&f);
    ck_assert_int_eq(memcmp(&before, &f, sizeof f), 0);
    ck_assert(s.write);
    ck_assert_uint_eq(s.low, 0x3FC00000);
    fpu_commit_store(&f, &s, true);
    ck_assert_uint_eq(f.status, FPU_PE);
    ck_assert_uint_eq(fpu_tag_word(&f), 0xFFFF);
}
END_TEST

START_TEST(an_unmasked_overflow_keeps_memory_and_stack)
{
    init(_i);
    fpu_fldcw(&f, 0x0377);
    push(0x7FFE, 0xFFFFFFFFFFFFFFFF);
    struct fpu_store s = fpu_prepare_m64(&f);
    ck_assert(!s.write);
    fpu_commit_store(&f, &s, true);
    ck_assert_uint_eq(fpu_fnstsw(&f), FPU_OE | FPU_ES | FPU_B | 7 << 11);
    ck_st(0, 0x7FFE, 0xFFFFFFFFFFFFFFFF);
}
END_TEST

START_TEST(integer_stores_round_by_the_control_word)
{
    static const int64_t rounded[4] = {-2, -3, -2, -2}; /* -2.5 */
    for (unsigned rounding = 0; rounding < 4; rounding++) {
        init(_i);
        fpu_fldcw(&f, (uint16_t)(0x037F | rounding << 10));
        push(0xC000, 0xA000000000000000);
        struct fpu_store s = fpu_prepare_integer(&f, 16, false);
        ck_assert_int_eq((int64_t)s.low, rounded[rounding]);
        s = fpu_prepare_integer(&f, 64, true); /* FISTTP does not */
        ck_assert_int_eq((int64_t)s.low, -2);
    }
}
END_TEST

START_TEST(stores_of_an_empty_register_are_indefinite)
{
    init(_i);
    ck_assert_uint_eq(fpu_prepare_m32(&f).low, 0xFFC00000);
    ck_assert_uint_eq(fpu_prepare_m64(&f).low, 0xFFF8000000000000);
    ck_assert_uint_eq(fpu_prepare_m80(&f).low, 0xC000000000000000);
    ck_assert_uint_eq(fpu_prepare_m80(&f).high, 0xFFFF);
    ck_assert_uint_eq(fpu_prepare_bcd(&f).high, 0xFFFF);
    ck_assert_uint_eq(fpu_prepare_integer(&f, 16, false).low & 0xFFFF, 0x8000);
    ck_assert_uint_eq(fpu_prepare_integer(&f, 64, false).low, 0x8000000000000000);
    struct fpu_store s = fpu_prepare_m80(&f);
    fpu_commit_store(&f, &s, true);
    ck_assert_uint_eq(fpu_fnstsw(&f), FPU_IE | FPU_SF | 1 << 11);
}
END_TEST

/* ---- Condition codes ---- */

static const struct {
    uint16_t sign_exponent;
    uint64_t significand;
    unsigned conditions;
} examined[] = {
    {ZERO, FPU_C3},
    {MINUS_ZERO, FPU_C3 | FPU_C1},
    {DENORMAL, FPU_C3 | FPU_C2},
    {ONE, FPU_C2},
    {MINUS_ONE, FPU_C2 | FPU_C1},
    {INFINITY_, FPU_C2 | FPU_C0},
    {MINUS_INF, FPU_C2 | FPU_C0 | FPU_C1},
    {INDEFINITE, FPU_C0 | FPU_C1},
    {0x7FFF, 0x8000000000000001, FPU_C0},
    {0x3FFF, 0x4000000000000000, 0},
};

START_TEST(fxam_tells_classes_apart)
{
    for (unsigned i = 0; i < sizeof examined / sizeof *examined; i++) {
        init(_i);
        push(examined[i].sign_exponent, examined[i].significand);
        fpu_fxam(&f);
        ck_assert_uint_eq(f.status, examined[i].conditions);
    }
    init(_i);
    fpu_fxam(&f);
    ck_assert_uint_eq(f.status, FPU_C3 | FPU_C0);
}
END_TEST

START_TEST(comparisons_set_c3_c2_c0)
{
    init(_i);
    push(TWO);
    push(ONE);
    fpu_fcom_st(&f, 1, 0);
    ck_assert_uint_eq(f.status, FPU_C0);
    ck_assert_uint_eq(fpu_fcomi(&f, 1, false, false), 0x01);
    fpu_fcom_m32(&f, 0x3F800000, 0);
    ck_assert_uint_eq(f.status, FPU_C3);
    fpu_ficom(&f, -5, 1);
    ck_assert_uint_eq(f.status, 0);
    push(INDEFINITE);
    fpu_fucom_st(&f, 1, 0);
    ck_assert_uint_eq(f.status, FPU_C3 | FPU_C2 | FPU_C0); /* quiet */
    fpu_fcom_st(&f, 1, 2);
    ck_assert_uint_eq(f.status, FPU_C3 | FPU_C2 | FPU_C0 | FPU_IE);
    ck_assert_uint_eq(fpu_tag_word(&f), 0xFFFF);
}
END_TEST

START_TEST(fprem_tells_the_quotient)
{
    init(_i);
    push(0x4001, 0x8000000000000000); /* 4 */
    push(0x4003, 0xF000000000000000); /* 30 = 7 * 4 + 2 */
    fpu_fprem(&f);
    ck_assert_uint_eq(f.status, FPU_C0 | FPU_C3 | FPU_C1);
    ck_st(0, TWO);
}
END_TEST

START_TEST(constants_are_rounded_by_the_control_word)
{
    static const struct {
        enum fpu_constant constant;
        uint64_t significand[4]; /* nearest, down, up, chop: last byte alone */
    } constants[] = {{FPU_L2T, {0xFE, 0xFE, 0xFF, 0xFE}}, {FPU_L2E, {0xBC, 0xBB, 0xBC, 0xBB}},
                     {FPU_PI, {0x35, 0x34, 0x35, 0x34}},  {FPU_LG2, {0x99, 0x98, 0x99, 0x98}},
                     {FPU_LN2, {0xAC, 0xAB, 0xAC, 0xAB}}, {FPU_ONE, {0, 0, 0, 0}}};
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned rounding = 0; rounding < 4; rounding++) {
            init(_i);
            fpu_fldcw(&f, (uint16_t)(0x007F | rounding << 10)); /* precision control has no say */
            fpu_fld_constant(&f, constants[i].constant);
            ck_assert_uint_eq(fpu_st(&f, 0)->significand & 0xFF, constants[i].significand[rounding]);
            ck_assert_uint_eq(f.status, 0);
        }
    }
}
END_TEST

/* ---- Special operands of transcendental instructions: SDM volume 2, their tables ---- */

struct special {
    void (*run)(struct fpu *);
    const char *name;
    struct float80 y, x; /* ST(1), ST(0) */
    struct float80 result;
    unsigned raised;
};

#define VALUE_(...)    VALUE__(__VA_ARGS__)
#define VALUE__(se, s) (s), (se)
#define ROW(f, y, x, r, flags)                                                                               \
    {                                                                                                        \
        fpu_##f, #f, {VALUE_(y)}, {VALUE_(x)}, {VALUE_(r)}, flags                                            \
    }

static const struct special specials[] = {
    ROW(fyl2x, ONE, ZERO, MINUS_INF, FPU_ZE),
    ROW(fyl2x, MINUS_ONE, ZERO, INFINITY_, FPU_ZE),
    ROW(fyl2x, ZERO, ZERO, INDEFINITE, FPU_IE),
    ROW(fyl2x, INFINITY_, ZERO, MINUS_INF, 0),
    ROW(fyl2x, ONE, MINUS_ONE, INDEFINITE, FPU_IE),
    ROW(fyl2x, ONE, MINUS_INF, INDEFINITE, FPU_IE),
    ROW(fyl2x, INFINITY_, ONE, INDEFINITE, FPU_IE),
    ROW(fyl2x, MINUS_ONE, ONE, MINUS_ZERO, 0),
    ROW(fyl2x, INFINITY_, HALF, MINUS_INF, 0),
    ROW(fyl2x, ZERO, HALF, MINUS_ZERO, 0),
    ROW(fyl2x, INFINITY_, TWO, INFINITY_, 0),
    ROW(fyl2x, ONE, INFINITY_, INFINITY_, 0),
    ROW(fyl2x, ZERO, INFINITY_, INDEFINITE, FPU_IE),
    ROW(fyl2x, ONE, TWO, ONE, FPU_PE),
    ROW(fyl2x, MINUS_ONE, HALF, ONE, FPU_PE),
    ROW(fyl2xp1, ONE, ZERO, ZERO, 0),
    ROW(fyl2xp1, MINUS_ONE, ZERO, MINUS_ZERO, 0),
    ROW(fyl2xp1, INFINITY_, ZERO, INDEFINITE, FPU_IE),
    ROW(fyl2xp1, INFINITY_, TINY, INFINITY_, 0),
    ROW(fpatan, ZERO, ONE, ZERO, 0),
    ROW(fpatan, MINUS_ZERO, ONE, MINUS_ZERO, 0),
    ROW(fpatan, ZERO, ZERO, ZERO, 0),
    ROW(fpatan, ZERO, MINUS_ZERO, PI, FPU_PE),
    ROW(fpatan, ZERO, MINUS_ONE, PI, FPU_PE),
    ROW(fpatan, ONE, ZERO, HALF_PI, FPU_PE),
    ROW(fpatan, INFINITY_, ONE, HALF_PI, FPU_PE),
    ROW(fpatan, ONE, INFINITY_, ZERO, 0),
    ROW(fpatan, ONE, MINUS_INF, PI, FPU_PE),
    {fpu_fpatan, "fpatan", {VALUE_(INFINITY_)}, {VALUE_(INFINITY_)}, {0xC90FDAA22168C235, 0x3FFE}, FPU_PE},
    {fpu_fpatan, "fpatan", {VALUE_(INFINITY_)}, {VALUE_(MINUS_INF)}, {0x96CBE3F9990E91A8, 0x4000}, FPU_PE},
    {fpu_fpatan, "fpatan", {VALUE_(ONE)}, {VALUE_(ONE)}, {0xC90FDAA22168C235, 0x3FFE}, FPU_PE},
};

START_TEST(special_operands_give_what_the_tables_say)
{
    for (unsigned i = 0; i < sizeof specials / sizeof *specials; i++) {
        const struct special *s = &specials[i];
        init(_i);
        push(s->y.sign_exponent, s->y.significand);
        push(s->x.sign_exponent, s->x.significand);
        s->run(&f);
        struct float80 *st = fpu_st(&f, 0);
        ck_assert_msg(st->significand == s->result.significand &&
                          st->sign_exponent == s->result.sign_exponent && flags() == s->raised && f.top == 7,
                      "row %u, %s: %04x:%016llx raising %x", i, s->name, st->sign_exponent,
                      (unsigned long long)st->significand, flags());
    }
}
END_TEST

START_TEST(trigonometric_arguments_out_of_range_set_c2)
{
    static void (*const functions[])(struct fpu *) = {fpu_fsin, fpu_fcos, fpu_fsincos, fpu_fptan};
    for (unsigned i = 0; i < 4; i++) {
        init(_i);
        push(0xC03E, 0x8000000000000000);
        functions[i](&f);
        ck_assert_uint_eq(fpu_fnstsw(&f), FPU_C2 | 7 << 11);
        ck_st(0, 0xC03E, 0x8000000000000000);
        init(_i);
        push(INFINITY_);
        functions[i](&f);
        ck_assert_uint_eq(f.status, FPU_IE);
        ck_st(0, INDEFINITE);
    }
}
END_TEST

START_TEST(fptan_pushes_one)
{
    init(_i);
    push(MINUS_ZERO);
    fpu_fptan(&f);
    ck_st(0, ONE);
    ck_st(1, MINUS_ZERO);
    ck_assert_uint_eq(flags(), 0);
}
END_TEST

START_TEST(the_sine_of_pi_shows_the_66_bits_of_the_unit)
{
    init(_i);
    fpu_fld_constant(&f, FPU_PI);
    fpu_fsin(&f);
    ck_st(0, 0xBFBF, 0x8000000000000000); /* 2^-64, where true pi would leave 0xECE675D1FC8F8CBB 2^-128 */
}
END_TEST

START_TEST(fxtract_of_zero_divides_by_zero)
{
    init(_i);
    push(MINUS_ZERO);
    fpu_fxtract(&f);
    ck_st(0, MINUS_ZERO);
    ck_st(1, MINUS_INF);
    ck_assert_uint_eq(flags(), FPU_ZE);
}
END_TEST

/* ---- Memory images ---- */

static void some_state(int portable)
{
    init(portable);
    push(PI);
    push(ZERO);
    push(INFINITY_);
    fpu_ffree(&f, 1);
    fpu_note_instruction(&f, 0x1D8, 0x1234, 0x56789ABC);
    fpu_note_operand(&f, 0xBEEF, 0xCAFE1234);
}

START_TEST(environments_have_the_layouts_of_the_manual)
{
    static const uint8_t protected32[28] = {0x7F, 0x03, 0xFF, 0xFF, 0x00, 0x28, 0xFF, 0xFF, 0xFF, 0x3B,
                                            0xFF, 0xFF, 0xBC, 0x9A, 0x78, 0x56, 0x34, 0x12, 0xD8, 0x01,
                                            0x34, 0x12, 0xFE, 0xCA, 0xEF, 0xBE, 0xFF, 0xFF};
    static const uint8_t protected16[14] = {0x7F, 0x03, 0x00, 0x28, 0xFF, 0x3B, 0xBC,
                                            0x9A, 0x34, 0x12, 0x34, 0x12, 0xEF, 0xBE};
    /* Linear: 12340 + 56789ABC = 5679BDFC, BEEF0 + CAFE1234 = CB0A0124. */
    static const uint8_t real32[28] = {0x7F, 0x03, 0xFF, 0xFF, 0x00, 0x28, 0xFF, 0xFF, 0xFF, 0x3B,
                                       0xFF, 0xFF, 0xFC, 0xBD, 0xFF, 0xFF, 0xD8, 0x91, 0x67, 0x05,
                                       0x24, 0x01, 0xFF, 0xFF, 0x00, 0xA0, 0xB0, 0x0C};
    static const uint8_t real16[14] = {0x7F, 0x03, 0x00, 0x28, 0xFF, 0x3B, 0xFC,
                                       0xBD, 0xD8, 0x91, 0x24, 0x01, 0x00, 0xA0};
    static const struct {
        enum fpu_layout layout;
        const uint8_t *image;
    } layouts[] = {{FPU_PROTECTED32, protected32},
                   {FPU_PROTECTED16, protected16},
                   {FPU_REAL32, real32},
                   {FPU_REAL16, real16}};
    for (unsigned i = 0; i < 4; i++) {
        uint8_t image[FPU_ENVIRONMENT_MAX];
        some_state(_i);
        fpu_store_environment(&f, layouts[i].layout, image);
        ck_assert_mem_eq(image, layouts[i].image, fpu_environment_size(layouts[i].layout));
        uint8_t again[FPU_ENVIRONMENT_MAX];
        fpu_fldenv(&f, layouts[i].layout, image);
        fpu_store_environment(&f, layouts[i].layout, again);
        ck_assert_mem_eq(again, image, fpu_environment_size(layouts[i].layout));
    }
}
END_TEST

START_TEST(a_saved_state_comes_back_in_every_layout)
{
    for (unsigned layout = FPU_REAL16; layout <= FPU_PROTECTED32; layout++) {
        uint8_t image[FPU_SAVE_MAX];
        some_state(_i);
        struct fpu before = f;
        fpu_store_state(&f, (enum fpu_layout)layout, image);
        fpu_commit_fnsave(&f);
        ck_assert_uint_eq(fpu_tag_word(&f), 0xFFFF);
        memset(f.reg, 0xA5, sizeof f.reg);
        fpu_frstor(&f, (enum fpu_layout)layout, image);
        ck_assert_uint_eq(f.tag, before.tag);
        ck_assert_uint_eq(f.top, before.top);
        for (unsigned i = 0; i < 8; i++) {
            ck_assert_uint_eq(f.reg[i].significand, before.reg[i].significand);
            ck_assert_uint_eq(f.reg[i].sign_exponent, before.reg[i].sign_exponent);
        }
    }
}
END_TEST

START_TEST(loading_an_environment_works_out_pending_exceptions)
{
    uint8_t image[FPU_ENVIRONMENT_MAX];
    init(_i);
    fpu_store_environment(&f, FPU_PROTECTED32, image);
    image[0] = 0x7E;
    image[4] = FPU_IE;
    fpu_fldenv(&f, FPU_PROTECTED32, image);
    ck_assert(fpu_pending(&f));
    fpu_commit_fnstenv(&f); /* masks all */
    ck_assert(!fpu_pending(&f));
    ck_assert_uint_eq(f.control, 0x037F);
}
END_TEST

START_TEST(fxsave_keeps_everything_and_writes_no_more_than_it_should)
{
    uint8_t image[FPU_FXSAVE_SIZE], xmm[8][16], back[8][16];
    memset(image, 0xEE, sizeof image);
    for (unsigned i = 0; i < sizeof xmm; i++) {
        xmm[i / 16][i % 16] = (uint8_t)(i * 7);
    }
    some_state(_i);
    struct fpu before = f;
    struct fpu_sse_state sse = {0x1F80, 0xFFFF, xmm, 8};
    ck_assert_uint_eq(fpu_fxsave(&f, image, NULL, false), 160);
    ck_assert_uint_eq(image[24], 0xEE);
    ck_assert_uint_eq(fpu_fxsave(&f, image, &sse, false), 160 + 128);
    ck_assert_uint_eq(image[4], 0xA0); /* abridged tags: physical registers 7 and 5 */
    ck_assert_uint_eq(image[288], 0xEE);
    fpu_power_up(&f, FPU_P6, _i);
    struct fpu_sse_state loaded = {0, 0xFFFF, back, 8};
    fpu_fxrstor(&f, image, &loaded, false);
    ck_assert_uint_eq(loaded.mxcsr, 0x1F80);
    ck_assert_mem_eq(back, xmm, sizeof xmm);
    ck_assert_uint_eq(f.last_ip, before.last_ip);
    ck_assert_uint_eq(f.last_ds, before.last_ds);
    ck_assert_uint_eq(f.last_opcode, before.last_opcode);
    ck_assert_uint_eq(fpu_tag_word(&f), fpu_tag_word(&before));
    ck_st(2, PI);
}
END_TEST

static TCase *tests;

#define ADD(name) tcase_add_loop_test(tests, name, 0, 2)

int main(void)
{
    Suite *suite = suite_create("x87");
    tests = tcase_create("unit");
    ADD(reset_and_fninit_leave_what_the_manual_says);
    ADD(a_ninth_push_overflows_the_stack);
    ADD(an_unmasked_stack_fault_changes_no_register);
    ADD(a_masked_underflow_of_the_stack_gives_the_indefinite);
    ADD(an_unmasked_zero_divide_waits_for_the_next_instruction);
    ADD(an_unmasked_precision_exception_still_stores);
    ADD(exceptions_stick_and_c1_does_not);
    ADD(a_denormal_operand_in_memory_is_told);
    ADD(a_store_changes_nothing_before_it_is_committed);
    ADD(an_unmasked_overflow_keeps_memory_and_stack);
    ADD(integer_stores_round_by_the_control_word);
    ADD(stores_of_an_empty_register_are_indefinite);
    ADD(fxam_tells_classes_apart);
    ADD(comparisons_set_c3_c2_c0);
    ADD(fprem_tells_the_quotient);
    ADD(constants_are_rounded_by_the_control_word);
    ADD(special_operands_give_what_the_tables_say);
    ADD(trigonometric_arguments_out_of_range_set_c2);
    ADD(fptan_pushes_one);
    ADD(the_sine_of_pi_shows_the_66_bits_of_the_unit);
    ADD(fxtract_of_zero_divides_by_zero);
    ADD(environments_have_the_layouts_of_the_manual);
    ADD(a_saved_state_comes_back_in_every_layout);
    ADD(loading_an_environment_works_out_pending_exceptions);
    ADD(fxsave_keeps_everything_and_writes_no_more_than_it_should);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
