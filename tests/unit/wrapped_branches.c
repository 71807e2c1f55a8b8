/* Branches with 16-bit operands wrap around at 64 KB of their segment. Where they lead follows from EIP, not
 * from the place of their bytes: the same code under another CS base goes elsewhere, whatever was run before.
 */
#include <check.h>
#include <string.h>

#include "cpu/cpu.h"
#include "tests/ram_bus.h"

enum { PAGES = 256, AX = 0, BX = 3 };

/* A short jump at FROM, run in real mode by each of two ways in turn; each leads to bytes of its own. */
struct way {
    uint32_t base, eip, target; /* TARGET: linear */
};
struct row {
    const char *name;
    int8_t distance;
    struct way first, second;
};

static const struct row rows[] = {
    {"EIP above 64 KB", 0x10, {0x20000, 0x1400, 0x21412}, {0x20, 0x213E0, 0x1412}},
    {"EIP above 64 KB first", 0x10, {0x20, 0x213E0, 0x1412}, {0x20000, 0x1400, 0x21412}},
    {"over the end of the segment", 0x13, {0x20800, 0xFFF0, 0x20805}, {0x30000, 0x7F0, 0x30805}},
    {"over its start", -0x20, {0x20800, 0x0A, 0x307EC}, {0x20000, 0x80A, 0x207EC}},
};

static void enter(struct cpu *cpu, const struct way *way)
{
    struct cpu_registers r;
    cpu_reset(cpu, false);
    cpu_get_registers(cpu, &r);
    memset(r.gpr, 0, sizeof r.gpr);
    r.segment[CPU_CS] = (struct cpu_segment){(uint16_t)(way->base >> 4), 0x809B, 0xFFFFFFFF, way->base};
    r.rip = way->eip;
    cpu_set_registers(cpu, &r);
}

/* INC REG; HLT */
static void put_landing(struct ram_bus *b, uint32_t at, unsigned reg)
{
    b->ram[at] = (uint8_t)(0x40 + reg);
    b->ram[at + 1] = 0xF4;
}

START_TEST(branches_wrap_by_eip)
{
    const struct row *row = &rows[_i];
    struct ram_bus b;
    uint32_t from = row->first.base + row->first.eip;
    ram_bus_init(&b, cpu_model_find("p6"), PAGES, false);
    ck_assert_uint_eq(from, row->second.base + row->second.eip);
    b.ram[from] = 0xEB;
    b.ram[from + 1] = (uint8_t)row->distance;
    put_landing(&b, row->first.target, AX);
    put_landing(&b, row->second.target, BX);
    for (unsigned i = 0; i < 8; i++) {
        struct cpu_registers r;
        enter(b.cpu, i & 2 ? &row->second : &row->first);
        ck_assert_int_eq(cpu_run(b.cpu, b.now + 100), CPU_STOP_TIME);
        cpu_get_registers(b.cpu, &r);
        ck_assert_msg(cpu_halted(b.cpu) && r.gpr[i & 2 ? BX : AX] == 1, "%s: run %u went to %05x", row->name,
                      i, (unsigned)(r.segment[CPU_CS].base + r.rip));
    }
    ram_bus_release(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wrapped branches");
    TCase *t = tcase_create("wrapped branches");
    tcase_add_loop_test(t, branches_wrap_by_eip, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
