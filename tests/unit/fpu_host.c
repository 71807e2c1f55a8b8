/* The x87 unit against the one of an x86 host: whole states are loaded into both, one instruction is run,
 * whole states are compared, with all the exceptions masked or not as it comes. Non-waiting instructions get
 * a state with a pending exception out of the host without a trap. Transcendental results may differ by one
 * unit in the last place, and C1 with them.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/fpu.h"
#include "tests/unit/float80_operands.h"

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)

/* FSAVE image, 32-bit protected layout. */
struct image {
    uint32_t control, status, tag, ip, cs, dp, ds;
    uint8_t reg[8][10];
};

struct memory {
    _Alignas(16) uint8_t bytes[16];
};

struct form {
    const char *name;
    void (*host)(struct image *, struct memory *, uint32_t *flags);
    void (*ours)(struct fpu *, struct memory *, uint32_t *flags);
    bool transcendental;
};

static uint64_t get64(const struct memory *m)
{
    uint64_t v;
    memcpy(&v, m->bytes, 8);
    return v;
}

static uint16_t get_high(const struct memory *m)
{
    uint16_t v;
    memcpy(&v, m->bytes + 8, 2);
    return v;
}

static void put_store(struct fpu *f, struct memory *m, struct fpu_store s, unsigned size, bool pop)
{
    if (s.write) {
        memcpy(m->bytes, &s.low, size < 8 ? size : 8);
        if (size > 8) {
            memcpy(m->bytes + 8, &s.high, 2);
        }
    }
    fpu_commit_store(f, &s, pop);
}

#define HOST(id, text)                                                                                       \
    static void host_##id(struct image *i, struct memory *m, uint32_t *flags)                                \
    {                                                                                                        \
        unsigned long eflags;                                                                                \
        __asm__ volatile("frstor %0\n\t" text "\n\tpushf\n\tpop %2\n\tfnsave %0\n\tfninit\n\t"               \
                         : "+m"(*i), "+m"(*m), "=r"(eflags)                                                  \
                         :                                                                                   \
                         : "cc", "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",       \
                           "st(7)");                                                                         \
        *flags = (uint32_t)eflags & 0x45;                                                                    \
    }

#define OURS(id, call)                                                                                       \
    static void ours_##id(struct fpu *f, struct memory *m, uint32_t *flags)                                  \
    {                                                                                                        \
        (void)m;                                                                                             \
        (void)flags;                                                                                         \
        call;                                                                                                \
    }

/* X(id, assembly, call) */
#define ARITHMETIC(X, op, rop)                                                                               \
    X(op##_m32, #op "s %1", fpu_##op##_m32(f, (uint32_t)get64(m)))                                           \
    X(op##_m64, #op "l %1", fpu_##op##_m64(f, get64(m)))                                                     \
    X(op##_st0, #op " %%st(2), %%st", fpu_##op##_st0(f, 2))

#define INTEGER(X, op, iop)                                                                                  \
    X(op##_m16i, #iop "s %1", fpu_##op##_m16i(f, (int16_t)get64(m)))                                         \
    X(op##_m32i, #iop "l %1", fpu_##op##_m32i(f, (int32_t)get64(m)))

/* The forms with ST(i) as destination are given in bytes: assemblers do not agree on their names. */
#define FORMS(X)                                                                                             \
    ARITHMETIC(X, fadd, )                                                                                    \
    ARITHMETIC(X, fsub, )                                                                                    \
    ARITHMETIC(X, fsubr, )                                                                                   \
    ARITHMETIC(X, fmul, )                                                                                    \
    ARITHMETIC(X, fdiv, )                                                                                    \
    ARITHMETIC(X, fdivr, )                                                                                   \
    INTEGER(X, fadd, fiadd)                                                                                  \
    INTEGER(X, fsub, fisub)                                                                                  \
    INTEGER(X, fsubr, fisubr)                                                                                \
    INTEGER(X, fmul, fimul)                                                                                  \
    INTEGER(X, fdiv, fidiv)                                                                                  \
    INTEGER(X, fdivr, fidivr)                                                                                \
    X(fadd_sti, ".byte 0xdc,0xc3", fpu_fadd_sti(f, 3))                                                       \
    X(fmul_sti, ".byte 0xdc,0xcb", fpu_fmul_sti(f, 3))                                                       \
    X(fsubr_sti, ".byte 0xdc,0xe3", fpu_fsubr_sti(f, 3))                                                     \
    X(fsub_sti, ".byte 0xdc,0xeb", fpu_fsub_sti(f, 3))                                                       \
    X(fdivr_sti, ".byte 0xdc,0xf3", fpu_fdivr_sti(f, 3))                                                     \
    X(fdiv_sti, ".byte 0xdc,0xfb", fpu_fdiv_sti(f, 3))                                                       \
    X(faddp, ".byte 0xde,0xc1", fpu_fadd_sti_pop(f, 1))                                                      \
    X(fmulp, ".byte 0xde,0xc9", fpu_fmul_sti_pop(f, 1))                                                      \
    X(fsubrp, ".byte 0xde,0xe1", fpu_fsubr_sti_pop(f, 1))                                                    \
    X(fsubp, ".byte 0xde,0xe9", fpu_fsub_sti_pop(f, 1))                                                      \
    X(fdivrp, ".byte 0xde,0xf1", fpu_fdivr_sti_pop(f, 1))                                                    \
    X(fdivp, ".byte 0xde,0xf9", fpu_fdiv_sti_pop(f, 1))                                                      \
    X(fadd_same, "fadd %%st(0), %%st", fpu_fadd_st0(f, 0))                                                   \
    X(fsub_same, "fsub %%st(0), %%st", fpu_fsub_st0(f, 0))                                                   \
    X(faddp_same, ".byte 0xde,0xc0", fpu_fadd_sti_pop(f, 0))                                                 \
    X(fsqrt, "fsqrt", fpu_fsqrt(f))                                                                          \
    X(fchs, "fchs", fpu_fchs(f))                                                                             \
    X(fabs, "fabs", fpu_fabs(f))                                                                             \
    X(frndint, "frndint", fpu_frndint(f))                                                                    \
    X(fscale, "fscale", fpu_fscale(f))                                                                       \
    X(fxtract, "fxtract", fpu_fxtract(f))                                                                    \
    X(fprem, "fprem", fpu_fprem(f))                                                                          \
    X(fprem1, "fprem1", fpu_fprem1(f))                                                                       \
    X(fcom_m32, "fcoms %1", fpu_fcom_m32(f, (uint32_t)get64(m), 0))                                          \
    X(fcom_m64, "fcoml %1", fpu_fcom_m64(f, get64(m), 0))                                                    \
    X(fcomp_m32, "fcomps %1", fpu_fcom_m32(f, (uint32_t)get64(m), 1))                                        \
    X(fcomp_m64, "fcompl %1", fpu_fcom_m64(f, get64(m), 1))                                                  \
    X(ficom_m16, "ficoms %1", fpu_ficom(f, (int16_t)get64(m), 0))                                            \
    X(ficom_m32, "ficoml %1", fpu_ficom(f, (int32_t)get64(m), 0))                                            \
    X(ficomp_m16, "ficomps %1", fpu_ficom(f, (int16_t)get64(m), 1))                                          \
    X(ficomp_m32, "ficompl %1", fpu_ficom(f, (int32_t)get64(m), 1))                                          \
    X(fcom, "fcom %%st(2)", fpu_fcom_st(f, 2, 0))                                                            \
    X(fcomp, "fcomp %%st(2)", fpu_fcom_st(f, 2, 1))                                                          \
    X(fcompp, "fcompp", fpu_fcom_st(f, 1, 2))                                                                \
    X(fcom2, ".byte 0xdc,0xd2", fpu_fcom_st(f, 2, 0))                                                        \
    X(fcomp3, ".byte 0xdc,0xda", fpu_fcom_st(f, 2, 1))                                                       \
    X(fcomp5, ".byte 0xde,0xd2", fpu_fcom_st(f, 2, 1))                                                       \
    X(fucom, "fucom %%st(2)", fpu_fucom_st(f, 2, 0))                                                         \
    X(fucomp, "fucomp %%st(2)", fpu_fucom_st(f, 2, 1))                                                       \
    X(fucompp, "fucompp", fpu_fucom_st(f, 1, 2))                                                             \
    X(fcomi, "mov $0,%%eax\n\tsahf\n\tfcomi %%st(2), %%st", *flags = fpu_fcomi(f, 2, false, false))          \
    X(fcomip, "mov $0,%%eax\n\tsahf\n\tfcomip %%st(2), %%st", *flags = fpu_fcomi(f, 2, false, true))         \
    X(fucomi, "mov $0,%%eax\n\tsahf\n\tfucomi %%st(2), %%st", *flags = fpu_fcomi(f, 2, true, false))         \
    X(fucomip, "mov $0,%%eax\n\tsahf\n\tfucomip %%st(2), %%st", *flags = fpu_fcomi(f, 2, true, true))        \
    X(ftst, "ftst", fpu_ftst(f))                                                                             \
    X(fxam, "fxam", fpu_fxam(f))                                                                             \
    X(fld_m32, "flds %1", fpu_fld_m32(f, (uint32_t)get64(m)))                                                \
    X(fld_m64, "fldl %1", fpu_fld_m64(f, get64(m)))                                                          \
    X(fld_m80, "fldt %1", fpu_fld_m80(f, get64(m), get_high(m)))                                             \
    X(fld_st, "fld %%st(2)", fpu_fld_st(f, 2))                                                               \
    X(fild_m16, "filds %1", fpu_fild(f, (int16_t)get64(m)))                                                  \
    X(fild_m32, "fildl %1", fpu_fild(f, (int32_t)get64(m)))                                                  \
    X(fild_m64, "fildll %1", fpu_fild(f, (int64_t)get64(m)))                                                 \
    X(fld1, "fld1", fpu_fld_constant(f, FPU_ONE))                                                            \
    X(fldl2t, "fldl2t", fpu_fld_constant(f, FPU_L2T))                                                        \
    X(fldl2e, "fldl2e", fpu_fld_constant(f, FPU_L2E))                                                        \
    X(fldpi, "fldpi", fpu_fld_constant(f, FPU_PI))                                                           \
    X(fldlg2, "fldlg2", fpu_fld_constant(f, FPU_LG2))                                                        \
    X(fldln2, "fldln2", fpu_fld_constant(f, FPU_LN2))                                                        \
    X(fldz, "fldz", fpu_fld_constant(f, FPU_ZERO))                                                           \
    X(fst_m32, "fsts %1", put_store(f, m, fpu_prepare_m32(f), 4, false))                                     \
    X(fst_m64, "fstl %1", put_store(f, m, fpu_prepare_m64(f), 8, false))                                     \
    X(fstp_m32, "fstps %1", put_store(f, m, fpu_prepare_m32(f), 4, true))                                    \
    X(fstp_m64, "fstpl %1", put_store(f, m, fpu_prepare_m64(f), 8, true))                                    \
    X(fstp_m80, "fstpt %1", put_store(f, m, fpu_prepare_m80(f), 10, true))                                   \
    X(fist_m16, "fists %1", put_store(f, m, fpu_prepare_integer(f, 16, false), 2, false))                    \
    X(fist_m32, "fistl %1", put_store(f, m, fpu_prepare_integer(f, 32, false), 4, false))                    \
    X(fistp_m16, "fistps %1", put_store(f, m, fpu_prepare_integer(f, 16, false), 2, true))                   \
    X(fistp_m32, "fistpl %1", put_store(f, m, fpu_prepare_integer(f, 32, false), 4, true))                   \
    X(fistp_m64, "fistpll %1", put_store(f, m, fpu_prepare_integer(f, 64, false), 8, true))                  \
    X(fbstp, "fbstp %1", put_store(f, m, fpu_prepare_bcd(f), 10, true))                                      \
    X(fst_st, "fst %%st(2)", fpu_fst_st(f, 2, false))                                                        \
    X(fstp_st, "fstp %%st(2)", fpu_fst_st(f, 2, true))                                                       \
    X(fstp_st0, "fstp %%st(0)", fpu_fst_st(f, 0, true))                                                      \
    X(fstp8, ".byte 0xdf,0xd2", fpu_fst_st(f, 2, true))                                                      \
    X(fstp9, ".byte 0xdf,0xda", fpu_fst_st(f, 2, true))                                                      \
    X(fstp1, ".byte 0xd9,0xda", fpu_fstp1_st(f, 2))                                                          \
    X(fxch, "fxch %%st(2)", fpu_fxch(f, 2))                                                                  \
    X(fxch4, ".byte 0xdd,0xca", fpu_fxch(f, 2))                                                              \
    X(fxch7, ".byte 0xdf,0xca", fpu_fxch(f, 2))                                                              \
    X(fcmov_no, "xor %%eax,%%eax\n\tfcmovne %%st(2), %%st", fpu_fcmov(f, 2, false))                          \
    X(fcmov_yes, "xor %%eax,%%eax\n\tfcmove %%st(2), %%st", fpu_fcmov(f, 2, true))                           \
    X(fincstp, "fincstp", fpu_fincstp(f))                                                                    \
    X(fdecstp, "fdecstp", fpu_fdecstp(f))                                                                    \
    X(ffree, "ffree %%st(2)", fpu_ffree(f, 2))                                                               \
    X(ffreep, ".byte 0xdf,0xc2", fpu_ffreep(f, 2))                                                           \
    X(fnop, "fnop", fpu_fnop(f))                                                                             \
    X(feni, ".byte 0xdb,0xe0", fpu_fnop(f))                                                                  \
    X(fdisi, ".byte 0xdb,0xe1", fpu_fnop(f))                                                                 \
    X(fsetpm, ".byte 0xdb,0xe4", fpu_fnop(f))                                                                \
    X(fnclex, "fnclex", fpu_fnclex(f))                                                                       \
    X(fninit, "fninit", fpu_fninit(f))                                                                       \
    X(fldcw, "fldcw %1", fpu_fldcw(f, (uint16_t)get64(m)))                                                   \
    X(fnstenv, "fnstenv -128(%%rsp)", fpu_commit_fnstenv(f))

#define BOTH(id, text, call) HOST(id, text) OURS(id, call)
#define ROW(id, text, call)  {#id, host_##id, ours_##id, false},
FORMS(BOTH)
static const struct form forms[] = {FORMS(ROW)};

#define FUNCTIONS(X)                                                                                         \
    X(f2xm1, "f2xm1", fpu_f2xm1(f))                                                                          \
    X(fyl2x, "fyl2x", fpu_fyl2x(f))                                                                          \
    X(fyl2xp1, "fyl2xp1", fpu_fyl2xp1(f))                                                                    \
    X(fptan, "fptan", fpu_fptan(f))                                                                          \
    X(fpatan, "fpatan", fpu_fpatan(f))                                                                       \
    X(fsin, "fsin", fpu_fsin(f))                                                                             \
    X(fcos, "fcos", fpu_fcos(f))                                                                             \
    X(fsincos, "fsincos", fpu_fsincos(f))
#define ROW_FUNCTION(id, text, call) {#id, host_##id, ours_##id, true},
FUNCTIONS(BOTH)
static const struct form functions[] = {FUNCTIONS(ROW_FUNCTION)};

/* ---- States ---- */

/* Random bytes are seldom interesting in memory: narrow what is. */
static void random_memory(struct memory *m, const char *name)
{
    struct float80_env env = {.masks = 0x3F};
    struct float80 a = random_float80();
    uint64_t low = a.significand;
    uint16_t high = a.sign_exponent;
    if (strstr(name, "m32")) {
        low = float80_to_single(&env, a);
        low = pick(8) ? low : 0x7F800000 + pick(0x800000) + ((uint32_t)pick(2) << 31);
    } else if (strstr(name, "m64")) {
        low = float80_to_double(&env, a);
        low = pick(8) ? low : 0x7FF0000000000000 + (random64() >> 12) + ((uint64_t)pick(2) << 63);
    }
    if (strstr(name, "i_m") || strstr(name, "m16i") || strstr(name, "m32i") || strncmp(name, "fi", 2) == 0) {
        low = pick(2) ? random64() : (uint64_t)(int64_t)(pick(9) - 4);
    }
    if (strcmp(name, "fldcw") == 0) {
        low = random64();
    }
    memset(m->bytes, 0x55, sizeof m->bytes);
    memcpy(m->bytes, &low, 8);
    memcpy(m->bytes + 8, &high, 2);
}

static void random_state(struct fpu *f, bool portable)
{
    fpu_power_up(f, FPU_P6, portable);
    f->top = pick(8);
    f->tag = pick(3)   ? 0xFF
             : pick(2) ? (uint8_t)random64()
                       : (uint8_t)(0xFE << f->top | 0xFE >> (8 - f->top));
    if (pick(2)) { /* mostly the register below the top is free for loads */
        f->tag &= ~(1u << ((f->top + 7) & 7));
    }
    for (unsigned i = 0; i < 8; i++) {
        f->reg[i] = random_float80();
    }
    if (pick(3) == 0) { /* near each other */
        *fpu_st(f, 2) = *fpu_st(f, 0);
        fpu_st(f, 2)->sign_exponent ^= pick(4) ? 0x8000 : pick(3);
        fpu_st(f, 2)->significand ^= pick(2) ? 0 : 1ull << pick(62);
    }
    unsigned masks = pick(3) ? 0x3F : (unsigned)random64() & 0x3F;
    fpu_fldcw(f, (uint16_t)(((unsigned)random64() & 0x0F00) | masks));
    f->status = (uint16_t)(random64() & (FPU_C0 | FPU_C1 | FPU_C2 | FPU_C3)) |
                (uint16_t)(pick(2)   ? 0
                           : pick(2) ? masks & FPU_PE
                                     : random64() & masks);
}

static void image_of(const struct fpu *f, struct image *image)
{
    _Static_assert(sizeof *image == 108 || sizeof *image == 112, "FSAVE image");
    memset(image, 0, sizeof *image);
    fpu_store_state(f, FPU_PROTECTED32, (uint8_t *)image);
}

/* ---- Comparison ---- */

static void print_image(const char *title, const struct image *i)
{
    printf("%s cw=%04x sw=%04x tw=%04x\n", title, i->control & 0xFFFF, i->status & 0xFFFF, i->tag & 0xFFFF);
    for (unsigned n = 0; n < 8; n++) {
        uint64_t s;
        uint16_t e;
        memcpy(&s, i->reg[n], 8);
        memcpy(&e, i->reg[n] + 8, 2);
        printf("   %u %04x:%016llx\n", n, e, (unsigned long long)s);
    }
}

/* Neighbours, or the same. */
static bool close_values(const uint8_t *a, const uint8_t *b)
{
    if (memcmp(a, b, 10) == 0) {
        return true;
    }
    uint64_t sa, sb;
    uint16_t ea, eb;
    memcpy(&sa, a, 8);
    memcpy(&sb, b, 8);
    memcpy(&ea, a + 8, 2);
    memcpy(&eb, b + 8, 2);
    __extension__ __int128 difference = ((__int128)(ea & 0x7FFF) << 63) + (sa & ~(1ull << 63)) -
                                        ((__int128)(eb & 0x7FFF) << 63) - (sb & ~(1ull << 63));
    return (ea ^ eb) < 0x8000 && difference >= -1 && difference <= 1;
}

static bool equal_images(const struct image *a, const struct image *b, bool transcendental)
{
    /* Where the last bit decides whether the result is denormal, so it does over UE, the tag, and with #U
     * unmasked the exponent. */
    if (transcendental && ((a->status ^ b->status) & FPU_UE) && !(a->control & FPU_UE))
        return true;
    unsigned ignored = transcendental ? FPU_C1 | FPU_UE : 0;
    if ((a->control ^ b->control) & 0xFFFF || (!transcendental && (a->tag ^ b->tag) & 0xFFFF) ||
        ((a->status ^ b->status) & 0xFFFF & ~ignored)) {
        return false;
    }
    for (unsigned n = 0; n < 8; n++) {
        if (transcendental ? !close_values(a->reg[n], b->reg[n]) : memcmp(a->reg[n], b->reg[n], 10) != 0) {
            return false;
        }
    }
    return true;
}

/* Runs one form on one random state; returns whether both agree. */
static bool agree_once(const struct form *form, bool portable, bool print)
{
    struct fpu f;
    random_state(&f, portable);
    struct memory mine, theirs;
    random_memory(&mine, form->name);
    theirs = mine;
    struct image before, host, ours;
    image_of(&f, &before);
    host = before;
    uint32_t host_flags = 0, flags = 0;
    struct memory operand = mine;
    form->host(&host, &theirs, &host_flags);
    form->ours(&f, &mine, &flags);
    image_of(&f, &ours);
    bool same = equal_images(&ours, &host, form->transcendental) && memcmp(&mine, &theirs, sizeof mine) == 0;
    if (strstr(form->name, "comi")) {
        same = same && (strncmp(form->name, "fi", 2) == 0 || flags == host_flags);
    }
    if (!same && print) {
        printf("%s%s operand %04x:%016llx ours %016llx host %016llx flags %x %x\n", form->name,
               portable ? " (portable)" : "", get_high(&operand), (unsigned long long)get64(&operand),
               (unsigned long long)get64(&mine), (unsigned long long)get64(&theirs), flags, host_flags);
        print_image("before", &before);
        print_image("ours", &ours);
        print_image("host", &host);
    }
    return same;
}

static unsigned rounds(void)
{
    const char *wish = getenv("FPU_TEST_ROUNDS");
    return wish ? (unsigned)strtoul(wish, NULL, 10) : 10000;
}

static void agree(const struct form *form, bool portable)
{
    unsigned differences = 0, n = rounds();
    for (unsigned i = 0; i < n; i++) {
        differences += !agree_once(form, portable, differences < 2);
    }
    ck_assert_msg(differences == 0, "%s differs from the host %u times of %u", form->name, differences, n);
}

START_TEST(each_instruction_leaves_the_state_that_the_host_leaves)
{
    agree(&forms[_i], false);
}
END_TEST

START_TEST(each_instruction_in_integers_leaves_the_state_that_the_host_leaves)
{
    agree(&forms[_i], true);
}
END_TEST

START_TEST(transcendental_functions_are_within_a_unit_of_the_host)
{
    agree(&functions[_i], false);
}
END_TEST

static Suite *fpu_host_suite(void)
{
    Suite *suite = suite_create("x87 against the host");
    TCase *tests = tcase_create("states");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, each_instruction_leaves_the_state_that_the_host_leaves, 0,
                        (int)(sizeof forms / sizeof *forms));
    tcase_add_loop_test(tests, each_instruction_in_integers_leaves_the_state_that_the_host_leaves, 0,
                        (int)(sizeof forms / sizeof *forms));
    tcase_add_loop_test(tests, transcendental_functions_are_within_a_unit_of_the_host, 0,
                        (int)(sizeof functions / sizeof *functions));
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(fpu_host_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#else

int main(void)
{
    puts("skipped: the host has no x87 unit to compare with");
    return 77;
}

#endif
