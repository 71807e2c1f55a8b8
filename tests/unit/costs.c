/* Cycle costs: every x87 instruction of a 386 has a figure of its own, and figures are those of the manuals.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/decode.h"
#include "cpu/insn.h"
#include "tests/differential/interpreter.h"

/* The 387's fastest instruction takes 11 cycles; what has no row costs 1. */
enum { FASTEST_387 = 11 };

static unsigned cost_of(const char *model_name, unsigned escape, unsigned modrm)
{
    const struct cpu_model *model = cpu_model_find(model_name);
    uint8_t bytes[INSN_MAX_BYTES] = {(uint8_t)(0xD8 + escape), (uint8_t)modrm};
    struct insn in;
    unsigned length;
    ck_assert_int_eq(decode(model, MODE_CODE32, bytes, sizeof bytes, &in, &length), DECODE_OK);
    return model_cost(model, &in);
}

/* Runs one instruction; is there such a one? */
static bool exists(struct interpreter *in, unsigned escape, unsigned modrm)
{
    struct machine_state s = {.eip = areas[AREA_CODE].linear, .eflags = 0x202, .x87 = {.control = 0x37F}};
    struct outcome o;
    for (unsigned i = 0; i < 6; i++)
        s.segment[i] = i == SEG_CS ? FLAT_CODE : FLAT_DATA;
    s.gpr[RSP] = areas[AREA_STACK].linear + 256;
    s.gpr[RBX] = areas[AREA_DATA].linear;
    uint8_t *code = interpreter_area(in, AREA_CODE);
    code[0] = (uint8_t)(0xD8 + escape);
    code[1] = (uint8_t)modrm;
    interpreter_code_changed(in);
    interpreter_load(in, &s, true);
    interpreter_step(in);
    interpreter_outcome(in, &o);
    return o.lost || o.vector != EXC_UD; /* lost: it went on, no exception came */
}

START_TEST(every_x87_instruction_has_a_cost)
{
    struct interpreter *in = interpreter_create(cpu_model_find("386"));
    unsigned found = 0;
    for (unsigned modrm = 0; modrm < 256; modrm++) {
        if (modrm < 0xC0 && (modrm & 0xC7) != 3) /* [EBX] */
            continue;
        for (unsigned escape = 0; escape < 8; escape++) {
            bool there = exists(in, escape, modrm);
            found += there;
            ck_assert_msg(!there || cost_of("386", escape, modrm) >= FASTEST_387, "%02X %02X costs nothing",
                          0xD8 + escape, modrm);
        }
    }
    ck_assert_uint_gt(found, 250);
    interpreter_destroy(in);
}
END_TEST

START_TEST(figures_are_those_of_the_manuals)
{
    static const struct {
        unsigned escape, modrm, c387, c486, pentium, p6;
    } rows[] = {
        {1, 0xFA, 125, 85, 70, 35}, /* FSQRT: 122-129; 83-87; 70 */
        {1, 0xE8, 24, 4, 2, 1},     /* FLD1 */
        {0, 0x33, 89, 73, 39, 20},  /* FDIV m32 */
        {5, 0x03, 25, 3, 1, 1},     /* FLD m64 */
        {7, 0xE0, 13, 3, 2, 1},     /* FNSTSW AX */
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_uint_eq(cost_of("386", rows[i].escape, rows[i].modrm), rows[i].c387);
        ck_assert_uint_eq(cost_of("486", rows[i].escape, rows[i].modrm), rows[i].c486);
        ck_assert_uint_eq(cost_of("pentium", rows[i].escape, rows[i].modrm), rows[i].pentium);
        ck_assert_uint_eq(cost_of("p6", rows[i].escape, rows[i].modrm), rows[i].p6);
    }
    ck_assert_uint_eq(model_transfer_cost(cpu_model_find("386"), TRANSFER_TASK_SWITCH), 309);
    ck_assert_uint_eq(model_transfer_cost(cpu_model_find("pentium"), TRANSFER_TASK_SWITCH), 85);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("costs");
    TCase *tests = tcase_create("costs");
    tcase_add_test(tests, every_x87_instruction_has_a_cost);
    tcase_add_test(tests, figures_are_those_of_the_manuals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
