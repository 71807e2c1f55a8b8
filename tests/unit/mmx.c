/* The MMX operations (cpu/mmx.h): cases worked by hand, and on an x86 host each operation against the host's
 * own instruction on seeded operands full of edges. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu/fpu.h"
#include "cpu/mmx.h"
#include "cpu/mmx_host.h"

static uint64_t seed = 88172645463325252ull;

static uint64_t random64(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545F4914F6CDD1Dull;
}

/* Lanes at the ends of their ranges are as frequent as others. */
static uint64_t random_operand(void)
{
    static const uint64_t edges[] = {0,
                                     ~0ull,
                                     0x8080808080808080,
                                     0x7F7F7F7F7F7F7F7F,
                                     0x8000800080008000,
                                     0x7FFF7FFF7FFF7FFF,
                                     0x8000000080000000,
                                     0x7FFFFFFF7FFFFFFF,
                                     0x0001000100010001,
                                     0x00FF00FF00FF00FF};
    uint64_t mixed = edges[random64() % 10], mask = random64() & random64();
    return random64() % 3 ? (mixed & mask) | (random64() & ~mask) : mixed;
}

START_TEST(saturation_stops_at_both_ends)
{
    ck_assert_uint_eq(mmx_paddsb(0x7F80017F807F0001, 0x01FF7F7F80FF0000), 0x7F807F7F807E0001);
    ck_assert_uint_eq(mmx_paddusb(0xFF80017F, 0x01FF7F80), 0xFFFF80FF);
    ck_assert_uint_eq(mmx_psubusw(0x0001FFFF00000005, 0x0002000100010005), 0x0000FFFE00000000);
    ck_assert_uint_eq(mmx_psubsw(0x80007FFF00008000, 0x0001FFFF80008000), 0x80007FFF7FFF0000);
}
END_TEST

START_TEST(packs_put_the_destination_below_the_source)
{
    ck_assert_uint_eq(mmx_packsswb(0x0001FFFF7FFF8000, 0x0080FF7F00100000), 0x7F80100001FF7F80);
    ck_assert_uint_eq(mmx_packuswb(0x0001FFFF7FFF8000, 0x010000FF00100000), 0xFFFF10000100FF00);
    ck_assert_uint_eq(mmx_packssdw(0x00008000FFFF0000, 0x80000000FFFFFFFF), 0x8000FFFF7FFF8000);
}
END_TEST

START_TEST(unpacks_interleave_from_the_destination)
{
    ck_assert_uint_eq(mmx_punpcklbw(0x1122334455667788, 0xAABBCCDDEEFF0011), 0xEE55FF6600771188);
    ck_assert_uint_eq(mmx_punpckhbw(0x1122334455667788, 0xAABBCCDDEEFF0011), 0xAA11BB22CC33DD44);
    ck_assert_uint_eq(mmx_punpcklwd(0x1122334455667788, 0xAABBCCDDEEFF0011), 0xEEFF556600117788);
    ck_assert_uint_eq(mmx_punpckhwd(0x1122334455667788, 0xAABBCCDDEEFF0011), 0xAABB1122CCDD3344);
    ck_assert_uint_eq(mmx_punpckldq(0x1122334455667788, 0xAABBCCDDEEFF0011), 0xEEFF001155667788);
    ck_assert_uint_eq(mmx_punpckhdq(0x1122334455667788, 0xAABBCCDDEEFF0011), 0xAABBCCDD11223344);
}
END_TEST

START_TEST(all_64_bits_of_a_shift_count_matter)
{
    static const uint64_t large[] = {16, 32, 64, 1ull << 32, 1ull << 63, ~0ull};
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_uint_eq(mmx_psllw(~0ull, large[i]), 0);
        ck_assert_uint_eq(mmx_psrlw(~0ull, large[i]), 0);
        ck_assert_uint_eq(mmx_psraw(0x8000700080007000, large[i]), 0xFFFF0000FFFF0000);
        ck_assert_uint_eq(mmx_psrad(0x8000000070000000, large[i] < 32 ? 32 : large[i]), 0xFFFFFFFF00000000);
    }
    ck_assert_uint_eq(mmx_pslld(~0ull, 32), 0);
    ck_assert_uint_eq(mmx_psrld(~0ull, 31), 0x0000000100000001);
    ck_assert_uint_eq(mmx_psllq(~0ull, 64), 0);
    ck_assert_uint_eq(mmx_psrlq(~0ull, 63), 1);
    ck_assert_uint_eq(mmx_psllw(~0ull, 15), 0x8000800080008000);
}
END_TEST

START_TEST(four_minima_overflow_pmaddwd)
{
    ck_assert_uint_eq(mmx_pmaddwd(0x8000800000020003, 0x8000800000040005), 0x8000000000000017);
}
END_TEST

START_TEST(writing_mmx_makes_a_nan_and_validates_all_registers)
{
    struct fpu f;
    fpu_power_up(&f, FPU_P6, false);
    fpu_fninit(&f);
    fpu_fld_constant(&f, FPU_PI);
    fpu_fld_constant(&f, FPU_ONE);
    ck_assert_uint_eq(f.top, 6);
    fpu_mmx_enter(&f);
    fpu_mmx_write(&f, 3, 0x1122334455667788);
    ck_assert_uint_eq(f.top, 0);
    ck_assert_uint_eq(f.tag, 0xFF);
    ck_assert_uint_eq(f.reg[3].sign_exponent, 0xFFFF);
    ck_assert_uint_eq(fpu_mmx_read(&f, 3), 0x1122334455667788);
    ck_assert_uint_eq(fpu_mmx_read(&f, 7),
                      0xC90FDAA22168C235); /* registers are those of the x87, by physical number */
    ck_assert_uint_eq(fpu_mmx_read(&f, 6), 0x8000000000000000);
    fpu_emms(&f);
    ck_assert_uint_eq(fpu_tag_word(&f), 0xFFFF);
}
END_TEST

/* What the fast handlers use (cpu/mmx_host.h), by all rows of the operations' table. */
struct pair {
    const char *name;
    uint64_t (*fast)(uint64_t, uint64_t), (*plain)(uint64_t, uint64_t);
};
#define MMX_OPERATION(opcode, name, bits, host) {#name, mmx_host_##name, mmx_##name},
static const struct pair pairs[] = {
#include "cpu/mmx_operations.def"
};
#undef MMX_OPERATION

START_TEST(fast_operations_are_the_plain_ones)
{
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (unsigned n = 0; n < 20000; n++) {
            uint64_t a = random_operand(), b = n % 3 ? random_operand() : random64() % 70;
            uint64_t fast = pairs[i].fast(a, b), plain = pairs[i].plain(a, b);
            ck_assert_msg(fast == plain, "%s %016llx, %016llx: %016llx, not %016llx", pairs[i].name,
                          (unsigned long long)a, (unsigned long long)b, (unsigned long long)fast,
                          (unsigned long long)plain);
        }
}
END_TEST

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)

#include <cpuid.h>

/* X(instruction): two operands, MMX and SSE. */
#define OPERATIONS(X)                                                                                        \
    X(paddb)                                                                                                 \
    X(paddw)                                                                                                 \
    X(paddd)                                                                                                 \
    X(paddsb)                                                                                                \
    X(paddsw)                                                                                                \
    X(paddusb)                                                                                               \
    X(paddusw)                                                                                               \
    X(psubb)                                                                                                 \
    X(psubw)                                                                                                 \
    X(psubd)                                                                                                 \
    X(psubsb)                                                                                                \
    X(psubsw)                                                                                                \
    X(psubusb)                                                                                               \
    X(psubusw)                                                                                               \
    X(pmullw)                                                                                                \
    X(pmulhw)                                                                                                \
    X(pmaddwd)                                                                                               \
    X(pand)                                                                                                  \
    X(pandn)                                                                                                 \
    X(por)                                                                                                   \
    X(pxor)                                                                                                  \
    X(pcmpeqb)                                                                                               \
    X(pcmpeqw)                                                                                               \
    X(pcmpeqd)                                                                                               \
    X(pcmpgtb)                                                                                               \
    X(pcmpgtw)                                                                                               \
    X(pcmpgtd)                                                                                               \
    X(packsswb)                                                                                              \
    X(packuswb)                                                                                              \
    X(packssdw)                                                                                              \
    X(punpcklbw)                                                                                             \
    X(punpckhbw)                                                                                             \
    X(punpcklwd)                                                                                             \
    X(punpckhwd)                                                                                             \
    X(punpckldq)                                                                                             \
    X(punpckhdq)                                                                                             \
    X(psllw)                                                                                                 \
    X(pslld)                                                                                                 \
    X(psllq)                                                                                                 \
    X(psrlw)                                                                                                 \
    X(psrld)                                                                                                 \
    X(psrlq)                                                                                                 \
    X(psraw)                                                                                                 \
    X(psrad)                                                                                                 \
    X(pavgb)                                                                                                 \
    X(pavgw)                                                                                                 \
    X(pmaxub)                                                                                                \
    X(pminub)                                                                                                \
    X(pmaxsw)                                                                                                \
    X(pminsw)                                                                                                \
    X(pmulhuw)                                                                                               \
    X(psadbw)                                                                                                \
    X(paddq)                                                                                                 \
    X(psubq)                                                                                                 \
    X(pmuludq)
#define SSSE3_OPERATIONS(X)                                                                                  \
    X(psignb)                                                                                                \
    X(psignw)                                                                                                \
    X(psignd)                                                                                                \
    X(pmulhrsw)                                                                                              \
    X(pmaddubsw)                                                                                             \
    X(phaddw)                                                                                                \
    X(phaddsw)                                                                                               \
    X(phaddd)                                                                                                \
    X(phsubw)                                                                                                \
    X(phsubsw)                                                                                               \
    X(phsubd)                                                                                                \
    X(pshufb)

struct operation {
    const char *name;
    uint64_t (*host)(uint64_t, uint64_t);
    uint64_t (*ours)(uint64_t, uint64_t);
    bool shift, ssse3;
};

#define HOST(name)                                                                                           \
    static uint64_t host_##name(uint64_t a, uint64_t b)                                                      \
    {                                                                                                        \
        __asm__ volatile("movq %0, %%mm0\n\t" #name " %1, %%mm0\n\tmovq %%mm0, %0\n\temms"                   \
                         : "+m"(a)                                                                           \
                         : "m"(b)                                                                            \
                         : "mm0", "st");                                                                     \
        return a;                                                                                            \
    }
OPERATIONS(HOST)
SSSE3_OPERATIONS(HOST)

#define IS_SHIFT(name)  (#name[1] == 's' && (#name[2] == 'l' || #name[2] == 'r'))
#define ROW(name)       {#name, host_##name, mmx_##name, IS_SHIFT(name), false},
#define ROW_SSSE3(name) {#name, host_##name, mmx_##name, false, true},
static const struct operation operations[] = {OPERATIONS(ROW) SSSE3_OPERATIONS(ROW_SSSE3)};

static bool host_has_ssse3(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSSE3);
}

START_TEST(each_operation_is_that_of_the_host)
{
    const struct operation *op = &operations[_i];
    if (op->ssse3 && !host_has_ssse3()) {
        return;
    }
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t a = random_operand(), b = random_operand();
        if (op->shift && i % 4) {
            b = random64() % 70;
        }
        uint64_t host = op->host(a, b), ours = op->ours(a, b);
        ck_assert_msg(host == ours, "%s %016llx, %016llx: %016llx, not %016llx", op->name,
                      (unsigned long long)a, (unsigned long long)b, (unsigned long long)ours,
                      (unsigned long long)host);
    }
}
END_TEST

#define HOST_SHUFFLE(order)                                                                                  \
    do {                                                                                                     \
        uint64_t host = a;                                                                                   \
        __asm__ volatile("pshufw $" #order ", %0, %%mm0\n\tmovq %%mm0, %0\n\temms"                           \
                         : "+m"(host)                                                                        \
                         :                                                                                   \
                         : "mm0", "st");                                                                     \
        ck_assert_uint_eq(mmx_pshufw(a, order), host);                                                       \
    } while (0)

START_TEST(masks_and_shuffles_are_those_of_the_host)
{
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t a = random_operand();
        uint32_t mask;
        __asm__ volatile("movq %1, %%mm0\n\tpmovmskb %%mm0, %0\n\temms" : "=r"(mask) : "m"(a) : "mm0", "st");
        ck_assert_uint_eq(mmx_pmovmskb(a), mask);
        HOST_SHUFFLE(0x00);
        HOST_SHUFFLE(0x1B);
        HOST_SHUFFLE(0xE4);
        HOST_SHUFFLE(0xC9);
    }
}
END_TEST

static void add_host_tests(TCase *tests)
{
    tcase_add_loop_test(tests, each_operation_is_that_of_the_host, 0,
                        (int)(sizeof operations / sizeof *operations));
    tcase_add_test(tests, masks_and_shuffles_are_those_of_the_host);
}

#else

static void add_host_tests(TCase *tests)
{
    (void)tests;
    puts("the host has no MMX: not compared with it");
}

#endif

START_TEST(absolute_values_and_alignment)
{
    ck_assert_uint_eq(mmx_pabsb(0x80FF7F01000002FE), 0x80017F0100000202);
    ck_assert_uint_eq(mmx_pabsw(0x8000FFFF7FFF0001), 0x800000017FFF0001);
    ck_assert_uint_eq(mmx_pabsd(0x80000000FFFFFFFE), 0x8000000000000002);
    ck_assert_uint_eq(mmx_palignr(0x1122334455667788, 0xAABBCCDDEEFF0011, 0), 0xAABBCCDDEEFF0011);
    ck_assert_uint_eq(mmx_palignr(0x1122334455667788, 0xAABBCCDDEEFF0011, 3), 0x667788AABBCCDDEE);
    ck_assert_uint_eq(mmx_palignr(0x1122334455667788, 0xAABBCCDDEEFF0011, 8), 0x1122334455667788);
    ck_assert_uint_eq(mmx_palignr(0x1122334455667788, 0xAABBCCDDEEFF0011, 15), 0x11);
    ck_assert_uint_eq(mmx_palignr(0x1122334455667788, 0xAABBCCDDEEFF0011, 16), 0);
    ck_assert_uint_eq(mmx_pextrw(0x1122334455667788, 6), 0x3344);
    ck_assert_uint_eq(mmx_pinsrw(0x1122334455667788, 0xABCD, 7), 0xABCD334455667788);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("MMX");
    TCase *tests = tcase_create("operations");
    tcase_add_test(tests, saturation_stops_at_both_ends);
    tcase_add_test(tests, packs_put_the_destination_below_the_source);
    tcase_add_test(tests, unpacks_interleave_from_the_destination);
    tcase_add_test(tests, all_64_bits_of_a_shift_count_matter);
    tcase_add_test(tests, four_minima_overflow_pmaddwd);
    tcase_add_test(tests, fast_operations_are_the_plain_ones);
    tcase_add_test(tests, writing_mmx_makes_a_nan_and_validates_all_registers);
    tcase_add_test(tests, absolute_values_and_alignment);
    add_host_tests(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
