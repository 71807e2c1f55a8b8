/* System management mode where system tests do not get: an SMBASE at the end of memory. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu.h"
#include "tests/ram_bus.h"

enum { PAGES = 128, RAM_END = (PAGES - 1) * RAM_BUS_PAGE, LOOP_AT = 0x1000 };

/* Real mode, JMP $. */
static void start(struct ram_bus *b)
{
    memcpy(b->ram + LOOP_AT, "\xEB\xFE", 2);
    struct cpu_registers r;
    cpu_get_registers(b->cpu, &r);
    r.segment[CPU_CS].selector = 0;
    r.segment[CPU_CS].base = 0;
    r.rip = LOOP_AT;
    cpu_set_registers(b->cpu, &r);
}

static void run_on(struct ram_bus *b)
{
    cpu_run(b->cpu, b->now + 2000);
}

/* The handler moves SMBASE and returns; the next SMI saves the state there. */
static void enter_at(struct ram_bus *b, uint32_t smbase)
{
    static const uint8_t handler[] = {0x2E, 0x66, 0xC7, 0x06, 0xF8, 0xFE, 0, 0, 0, 0, 0x0F, 0xAA};
    memcpy(b->ram + 0x38000, handler, sizeof handler); /* mov dword [cs:fef8h], smbase; rsm */
    memcpy(b->ram + 0x38006, &smbase, 4);
    memcpy(b->ram + (smbase + 0x8000) % ((uint64_t)PAGES * RAM_BUS_PAGE), "\xEB\xFE", 2);
    cpu_smi(b->cpu);
    run_on(b);
    cpu_smi(b->cpu);
    run_on(b);
}

/* The P6 takes an SMBASE that is a multiple of nothing: words of the map then lie on two pages, of which the
 * second may be no memory. */
START_TEST(state_save_map_over_the_end_of_memory)
{
    struct ram_bus b;
    ram_bus_init(&b, cpu_model_find("p6"), PAGES, false);
    b.pages = PAGES - 1; /* what the processor writes past the end is seen */
    start(&b);
    struct cpu_registers r;
    cpu_get_registers(b.cpu, &r);
    enter_at(&b, RAM_END - 0x10000 + 1);
    uint32_t cr0;
    memcpy(&cr0, b.ram + RAM_END - 3, 4);
    ck_assert_uint_eq(cr0, r.cr0 & 0xFFFFFF);
    ck_assert_uint_ne(r.cr0 >> 24, 0);
    uint32_t rip;
    memcpy(&rip, b.ram + RAM_END - 3 - 12, 4);
    ck_assert_uint_eq(rip, LOOP_AT);
    ram_bus_release(&b);
}
END_TEST

/* And back from a map that lies across pages of memory. */
START_TEST(unaligned_map_comes_back)
{
    struct ram_bus b;
    ram_bus_init(&b, cpu_model_find("p6"), PAGES, false);
    start(&b);
    enter_at(&b, 0x40FFF);
    struct cpu_registers r;
    cpu_get_registers(b.cpu, &r);
    ck_assert_uint_eq(r.segment[CPU_CS].base, 0x40FFF);
    memcpy(b.ram + 0x40FFF + 0x8000, "\x0F\xAA", 2);
    ck_assert(!cpu_code_written(b.cpu, 0x48, 0, RAM_BUS_PAGE - 1));
    ck_assert(!cpu_code_written(b.cpu, 0x49, 0, RAM_BUS_PAGE - 1));
    run_on(&b);
    cpu_get_registers(b.cpu, &r);
    ck_assert_uint_eq(r.rip, LOOP_AT);
    ck_assert_uint_eq(r.segment[CPU_CS].base, 0);
    ram_bus_release(&b);
}
END_TEST

/* A breakpoint on writes: a handler's do not hit (SMM begins with DR7 as after a reset), and behind RSM they
 * hit again. SDM volume 3, 31.6. */
START_TEST(breakpoints_rest_in_smm)
{
    enum { WATCHED = 0x500, DONE = 0x600, TRAP = 0x2000, ON_WRITE_OF_4 = 0xD0402 };
    static const uint8_t code[] = {0x80, 0x3E, 0x00, 0x06, 0,    /* cmp byte [DONE],0 */
                                   0x74, 0xF9, 0xA3, 0x00, 0x05, /* je $; mov [WATCHED],ax */
                                   0xEB, 0xFE};                  /* jmp $ */
    static const uint8_t handler[] = {0xA3, 0x00, 0x05,          /* mov [WATCHED],ax */
                                      0xFE, 0x06, 0x00, 0x06,    /* inc byte [DONE] */
                                      0x0F, 0xAA};               /* rsm */
    struct ram_bus b;
    struct cpu_registers r;
    ram_bus_init(&b, cpu_model_find("p6"), PAGES, false);
    start(&b);
    memcpy(b.ram + LOOP_AT, code, sizeof code);
    memcpy(b.ram + 0x38000, handler, sizeof handler);
    b.ram[1 * 4 + 1] = TRAP >> 8; /* its vector */
    b.ram[TRAP] = 0xF4;
    cpu_get_registers(b.cpu, &r);
    r.dr[0] = WATCHED;
    r.dr[7] = ON_WRITE_OF_4;
    cpu_set_registers(b.cpu, &r);
    run_on(&b);
    ck_assert(!cpu_halted(b.cpu));
    cpu_smi(b.cpu);
    run_on(&b);
    cpu_get_registers(b.cpu, &r);
    ck_assert_uint_eq(b.ram[DONE], 1);
    ck_assert_msg(cpu_halted(b.cpu) && r.rip == TRAP + 1, "EIP %x", (unsigned)r.rip);
    ck_assert_uint_eq(r.dr[6] & 15, 1);
    ram_bus_release(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smm");
    TCase *tests = tcase_create("smm");
    tcase_add_test(tests, state_save_map_over_the_end_of_memory);
    tcase_add_test(tests, unaligned_map_comes_back);
    tcase_add_test(tests, breakpoints_rest_in_smm);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
