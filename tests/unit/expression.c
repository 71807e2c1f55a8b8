/* What is typed in the monitor as numbers and addresses. The processor is a set of registers over a page of
 * memory. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "bus/memory.h"
#include "cpu/cpu.h"
#include "machine/machine.h"
#include "monitor/condition.h"
#include "monitor/expression.h"
#include "monitor/target.h"

/* Which machine it is does not matter; without any, only constants are worked out. */
#define MACHINE ((struct machine *)(void *)memory)

static struct cpu_registers registers;
static uint8_t memory[65536];
static struct error err;

void cpu_get_registers(const struct cpu *cpu, struct cpu_registers *out)
{
    (void)cpu;
    *out = registers;
}

uint64_t cpu_get_general(const struct cpu *cpu, unsigned n)
{
    (void)cpu;
    return registers.gpr[n];
}

bool cpu_peek_translate(struct cpu *cpu, uint64_t linear, uint64_t *physical)
{
    (void)cpu;
    *physical = linear;
    return linear < 0x8000; /* the rest is not mapped */
}

void mem_peek(struct bus *bus, uint64_t address, void *buffer, size_t length)
{
    (void)bus;
    for (size_t i = 0; i < length; i++)
        ((uint8_t *)buffer)[i] = memory[(address + i) % sizeof memory];
}

struct phys_page mem_page(struct bus *bus, uint64_t page)
{
    static struct mem_region ram;
    (void)bus;
    return (struct phys_page){.region = page < 8 ? &ram : NULL};
}

struct cpu *machine_cpu(struct machine *machine, unsigned index)
{
    (void)machine, (void)index;
    return NULL;
}

struct bus *machine_bus(struct machine *machine)
{
    (void)machine;
    return NULL;
}

static void setup(void)
{
    memset(&registers, 0, sizeof registers);
    registers.gpr[0] = 0x1122334455667788;
    registers.gpr[4] = 0x1000;
    registers.gpr[9] = 9;
    registers.rip = 0x7C00;
    registers.segment[CPU_DS] = (struct cpu_segment){.selector = 0x40, .base = 0x400, .limit = 0xFFFF};
    registers.segment[CPU_SS] = (struct cpu_segment){.selector = 0x10, .base = 0x50000, .limit = 0xFFFF};
}

static uint64_t number(const char *text)
{
    uint64_t value;
    const char *end;
    ck_assert_msg(expression_number(MACHINE, text, &end, &value, &err), "%s: %s", text, err.text);
    return value;
}

static uint64_t linear(const char *text)
{
    struct address address;
    ck_assert_msg(expression_address(MACHINE, text, NULL, &address, &err), "%s: %s", text, err.text);
    return address.linear;
}

START_TEST(numbers_are_decimal_or_recognisably_hexadecimal)
{
    ck_assert_uint_eq(number("10"), 10);
    ck_assert_uint_eq(number("0x10"), 16);
    ck_assert_uint_eq(number("10h"), 16);
    ck_assert_uint_eq(number("7c00"), 0x7C00);
    ck_assert_uint_eq(number("0xffffffffffffffff"), UINT64_MAX);
}
END_TEST

START_TEST(registers_go_by_their_names)
{
    ck_assert_uint_eq(number("rax"), 0x1122334455667788);
    ck_assert_uint_eq(number("$eax"), 0x55667788);
    ck_assert_uint_eq(number("AX"), 0x7788);
    ck_assert_uint_eq(number("al"), 0x88);
    ck_assert_uint_eq(number("ah"), 0x77);
    ck_assert_uint_eq(number("esp"), 0x1000);
    ck_assert_uint_eq(number("r9"), 9);
    ck_assert_uint_eq(number("eip"), 0x7C00);
    ck_assert_uint_eq(number("ds"), 0x40);
}
END_TEST

START_TEST(arithmetic_works)
{
    ck_assert_uint_eq(number("1+2*3"), 7);
    ck_assert_uint_eq(number("(1+2)*3"), 9);
    ck_assert_uint_eq(number("esp-8"), 0xFF8);
    ck_assert_uint_eq(number("-1"), UINT64_MAX);
}
END_TEST

START_TEST(real_mode_segments_are_paragraphs)
{
    ck_assert_uint_eq(linear("0:7c00"), 0x7C00);
    ck_assert_uint_eq(linear("1000:10"), 0x10010);
    ck_assert_uint_eq(linear("f000:fff0"), 0xFFFF0);
    ck_assert_uint_eq(linear("7c00"), 0x7C00);
}
END_TEST

START_TEST(segment_registers_have_the_base_of_their_cache)
{
    ck_assert_uint_eq(linear("ds:10"), 0x410);
    ck_assert_uint_eq(linear("ss:esp"), 0x51000);
    ck_assert_uint_eq(linear("$ss:$esp+8"), 0x51008);
}
END_TEST

START_TEST(protected_mode_segments_come_from_the_tables)
{
    static const uint8_t descriptor[8] = {0xFF, 0xFF, 0x56, 0x34, 0x12, 0x9A, 0xCF, 0x78};
    registers.cr0 = 1;
    registers.gdtr_base = 0x100;
    registers.gdtr_limit = 0x17;
    memcpy(memory + 0x100 + 0x10, descriptor, 8);
    ck_assert_uint_eq(linear("10:4"), 0x7812345A);
    ck_assert_uint_eq(linear("13:0"), 0x78123456); /* the RPL does not matter */
    struct address address;
    ck_assert(!expression_address(MACHINE, "18:0", NULL, &address, &err)); /* beyond the limit */
    ck_assert(!expression_address(MACHINE, "0:0", NULL, &address, &err));  /* the null selector */
    ck_assert_ptr_nonnull(strstr(err.text, "no segment has the selector 0000"));
}
END_TEST

START_TEST(virtual_8086_segments_are_paragraphs_again)
{
    registers.cr0 = 1;
    registers.rflags = 1 << 17;
    ck_assert_uint_eq(linear("1000:10"), 0x10010);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    static const char *const bad[] = {"",   "xyz", "1+",   "(1",
                                      "1)", "0x",  "$foo", "1::2",
                                      "0:", ":5",  "12g",  "((((((((((((((((((((((((((((((((((((((((((1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct address address;
        const char *end = "";
        ck_assert_msg(!expression_address(MACHINE, bad[i], &end, &address, &err), "'%s' was taken", bad[i]);
    }
}
END_TEST

START_TEST(what_follows_a_blank_is_left_over)
{
    uint64_t value;
    const char *end;
    ck_assert(expression_number(MACHINE, "12  rest", &end, &value, &err));
    ck_assert_uint_eq(value, 12);
    ck_assert_str_eq(end, "rest");
}
END_TEST

START_TEST(unmapped_memory_is_told_by_the_count)
{
    uint8_t buffer[32];
    ck_assert_uint_eq(target_peek(MACHINE, 0x7FF0, buffer, sizeof buffer), 16);
    ck_assert_uint_eq(target_peek(MACHINE, 0x9000, buffer, sizeof buffer), 0);
}
END_TEST

START_TEST(gdbs_pointers_and_places_are_understood)
{
    unsigned size;
    bool pointer;
    const char *at = "(unsigned short *)0x500";
    memcpy(memory + 0x500, "\x01\x02\x03\x84\x05\x06\x07\x08", 8);
    ck_assert_uint_eq(number("*0x500"), 0x84030201);
    ck_assert_uint_eq(number("*(unsigned char*)0x503+1"), 0x85);
    ck_assert_uint_eq(number("*(short *)(0x500+2)"), 0x8403);
    ck_assert_uint_eq(number("*(long long *)0x500"), 0x0807060584030201);
    ck_assert_uint_eq(number("&0x500"), 0x500);
    ck_assert_uint_eq(linear("*0x500"), 0x500);
    ck_assert_uint_eq(linear("*(char *)0x501"), 2);
    ck_assert(expression_type(&at, &size, &pointer) && pointer && size == 2);
    ck_assert_str_eq(at, "0x500");
    ck_assert(!expression_type(&at, &size, &pointer));
    uint64_t value;
    ck_assert(!expression_number(MACHINE, "*0x9000", NULL, &value, &err)); /* not mapped */
}
END_TEST

START_TEST(addresses_end_at_4_gb_and_wrap_where_the_processor_does)
{
    struct address address;
    ck_assert_uint_eq(linear("0xffffffff"), 0xFFFFFFFF);
    ck_assert(!expression_address(MACHINE, "0x100000000", NULL, &address, &err));
    ck_assert_uint_eq(linear("esp-0x2000"), 0xFFFFF000);
    ck_assert_uint_eq(linear("ds:ffffffff"), 0x3FF);
    ck_assert(expression_physical(MACHINE, "0x100000000", NULL, &address, &err) &&
              address.linear == 1ull << 32);
    ck_assert(!expression_physical(MACHINE, "0x1000000000", NULL, &address, &err));
}
END_TEST

START_TEST(commas_part_arguments_and_nothing_is_left_over_unseen)
{
    uint64_t value;
    const char *end;
    ck_assert(expression_number(MACHINE, "12, +4", &end, &value, &err));
    ck_assert_str_eq(end, "+4");
    ck_assert(!expression_number(MACHINE, "12 junk", NULL, &value, &err));
}
END_TEST

START_TEST(physical_memory_that_is_not_there_is_told_by_the_count)
{
    ck_assert_uint_eq(target_there(MACHINE, 0x7FF0, 32), 16);
    ck_assert_uint_eq(target_there(MACHINE, 0x9000, 1), 0);
}
END_TEST

/* --- conditions --- */

static const struct condition_variable happened[] = {{"vector", 14}, {"error", 2}, {NULL, 0}};

static uint64_t condition(const char *text)
{
    uint64_t value;
    ck_assert_msg(condition_evaluate(MACHINE, text, happened, &value, &err), "%s: %s", text, err.text);
    return value;
}

START_TEST(conditions_are_expressions_as_in_c)
{
    static const struct {
        const char *text;
        uint64_t value;
    } rows[] = {
        {"1 + 2 * 3", 7},
        {"10 - 2 - 3", 5},
        {"100 / 5 / 2 % 7", 3},
        {"(1 + 2) * (3 + 4)", 21},
        {"1 << 4 | 1 << 2 ^ 6 & 3", 0x16},
        {"2 == 2 && 3 != 4 && 1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", 1},
        {"3 && 4", 1},
        {"0 || 5", 1},
        {"0 || 0", 0},
        {"7 && 0 || 2", 1},
        {"!5", 0},
        {"!!5", 1},
        {"~0 == -1", 1},
        {"-1 >> 63", 1},
        {"1 << 64", 0},
        {"al == 0x88 && ah == 0x77 && ax == 0x7788 && eax == 0x55667788", 1},
        {"ss == 0x10 && eip == 0x7c00 && pc == 0x7c00", 1},
        {"vector == 14 && error & 2", 1},
        {"(unsigned char)0x1234", 0x34},
        {"cf + 2 * zf + 4 * iopl", 15},
    };
    registers.rflags = 0x3041; /* IOPL 3, ZF, CF */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(condition(rows[i].text) == rows[i].value, "%s: 0x%llx", rows[i].text,
                      (unsigned long long)condition(rows[i].text));
}
END_TEST

START_TEST(conditions_look_at_memory)
{
    memcpy(memory + 0x410, "\x01\x02\x03\x84\x05\x06\x07\x08", 8);
    ck_assert_uint_eq(condition("[0x410]"), 0x84030201);
    ck_assert_uint_eq(condition("byte [ds:13] + word[0x400 + 2 * 8]"), 0x84 + 0x201);
    ck_assert_uint_eq(condition("qword [0:410]"), 0x0807060584030201);
    ck_assert_uint_eq(condition("*(unsigned short *)0x412"), 0x8403);
}
END_TEST

START_TEST(what_is_not_looked_at_need_not_be_there)
{
    uint64_t value;
    ck_assert_uint_eq(condition("0 && [0x9000]"), 0);
    ck_assert_uint_eq(condition("1 || 1 / 0"), 1);
    ck_assert(!condition_evaluate(MACHINE, "1 && [0x9000]", happened, &value, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "0x9000"));
    ck_assert(!condition_evaluate(MACHINE, "0 || 1 % (2 - 2)", happened, &value, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "division by 0"));
}
END_TEST

START_TEST(a_condition_that_was_read_once_follows_the_registers)
{
    struct condition *c = condition_create("eax == 5 && vector == 14", happened, &err);
    ck_assert_ptr_nonnull(c);
    for (unsigned i = 0; i < 10; i++) {
        uint64_t value;
        struct program_inputs inputs;
        program_inputs_set(&inputs, MACHINE, happened);
        registers.gpr[0] = i;
        ck_assert(condition_value(c, &inputs, &value, NULL));
        ck_assert_uint_eq(value, i == 5);
    }
    ck_assert_str_eq(condition_text(c), "eax == 5 && vector == 14");
    condition_free(c);
}
END_TEST

START_TEST(nonsense_is_no_condition)
{
    static const char *const bad[] = {
        "", "1 +", "(1", "1)", "[1", "1 ==", "foo", "byte 5", "1 1", "&&", "vector ="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!condition_create(bad[i], happened, &err), "'%s' was taken", bad[i]);
}
END_TEST

START_TEST(conditions_of_any_depth_are_taken_or_refused)
{
    char text[4096];
    for (unsigned parentheses = 0; parentheses < 40; parentheses++) {
        size_t n = 0;
        for (unsigned i = 0; i < parentheses; i++)
            n += (size_t)sprintf(text + n, "1|1^1&1==1<1<<1+1*(");
        n += (size_t)sprintf(text + n, "eax");
        for (unsigned i = 0; i < parentheses; i++)
            n += (size_t)sprintf(text + n, ")");
        struct condition *c = condition_create(text, happened, &err);
        ck_assert_msg(!c == (parentheses > 7), "%u parentheses", parentheses);
        condition_free(c);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expression");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, numbers_are_decimal_or_recognisably_hexadecimal);
    tcase_add_test(tests, registers_go_by_their_names);
    tcase_add_test(tests, arithmetic_works);
    tcase_add_test(tests, real_mode_segments_are_paragraphs);
    tcase_add_test(tests, segment_registers_have_the_base_of_their_cache);
    tcase_add_test(tests, protected_mode_segments_come_from_the_tables);
    tcase_add_test(tests, virtual_8086_segments_are_paragraphs_again);
    tcase_add_test(tests, nonsense_is_refused);
    tcase_add_test(tests, what_follows_a_blank_is_left_over);
    tcase_add_test(tests, unmapped_memory_is_told_by_the_count);
    tcase_add_test(tests, gdbs_pointers_and_places_are_understood);
    tcase_add_test(tests, addresses_end_at_4_gb_and_wrap_where_the_processor_does);
    tcase_add_test(tests, commas_part_arguments_and_nothing_is_left_over_unseen);
    tcase_add_test(tests, physical_memory_that_is_not_there_is_told_by_the_count);
    tcase_add_test(tests, conditions_are_expressions_as_in_c);
    tcase_add_test(tests, conditions_look_at_memory);
    tcase_add_test(tests, what_is_not_looked_at_need_not_be_there);
    tcase_add_test(tests, a_condition_that_was_read_once_follows_the_registers);
    tcase_add_test(tests, nonsense_is_no_condition);
    tcase_add_test(tests, conditions_of_any_depth_are_taken_or_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
