/* Repeated string instructions between pages that share a line of the TLB: each element walks the page tables
 * for both pages anew. However many elements are moved at once, figures, memory and TLB are those of one by
 * one: the count of page walks is part of what a snapshot's run ends with (docs/internals.md, Snapshots). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"
#include "cpu/debug.h"
#include "tests/ram_bus.h"

enum {
    PAGES = 1024,
    DIRECTORY = 0x1000,
    TABLE = 0x2000,
    CODE = 0x10000,
    SOURCE = 0x100000,
    TARGET = 0x200000,        /* 256 pages from the source: the same line */
    BESIDE = 0x201000,        /* another one */
    ALIAS = 0x102000,         /* of the table's page */
    MOVED = 0x203000,         /* where the source lies when its entry was written */
    LAST = 0x1FFC,            /* of two pages, where one goes down */
    NOWHERE = PAGES * 0x1000, /* of another line, too, but no memory */
    AREA = 0x2000,
    ELEMENTS = 1500,
    ECX = 1,
    ESI = 6,
    EDI = 7,
};
#define WHOLE 10000000u /* cycles: more than any of these takes */

struct row {
    const char *name;
    uint8_t code[2];
    uint32_t source, target;
    bool down;
    bool over_tables; /* the target is the table of both pages */
};

static const struct row rows[] = {
    {"REP MOVSD", {0xF3, 0xA5}, SOURCE, TARGET, false, false},
    {"REP MOVSD, another line", {0xF3, 0xA5}, SOURCE, BESIDE, false, false},
    {"REP MOVSD, unaligned", {0xF3, 0xA5}, SOURCE + 1, TARGET + 3, false, false},
    {"REP MOVSB", {0xF3, 0xA4}, SOURCE, TARGET, false, false},
    {"REP MOVSD downwards", {0xF3, 0xA5}, SOURCE + LAST, TARGET + LAST, true, false},
    {"REPE CMPSD", {0xF3, 0xA7}, SOURCE, TARGET, false, false},
    {"REPNE CMPSB", {0xF2, 0xA6}, SOURCE + 1, TARGET, false, false},
    {"REP MOVSD to no memory", {0xF3, 0xA5}, SOURCE, NOWHERE, false, false},
    {"REP MOVSD from no memory", {0xF3, 0xA5}, NOWHERE, TARGET, false, false},
    {"REP STOSD", {0xF3, 0xAB}, SOURCE, TARGET, false, false},
    {"REP MOVSD over the tables", {0xF3, 0xA5}, MOVED - 0x1000, ALIAS, false, true},
};

struct outcome {
    struct cpu_registers registers; /* EAX: the cycle at which the repetition ended */
    struct cpu_counts counts;
    struct cpu_translation line;
    uint8_t memory[PAGES * RAM_BUS_PAGE];
};

/* Ways of doing the same. */
enum way { AT_ONCE, BY_STEPS, IN_SLICES, WATCHED, WAYS };
static const char *const way_names[WAYS] = {"at once", "by steps", "in slices", "watched"};

static void put32(struct ram_bus *b, uint32_t at, uint32_t value)
{
    memcpy(b->ram + at, &value, 4);
}

/* What is moved are the table's entries, but for that of the source itself: from there on they come from
 * another page, and have other bits. */
static void make_alias(struct ram_bus *b)
{
    put32(b, TABLE + 4 * (ALIAS >> 12), TABLE | 3);
    for (uint32_t i = 0; i < 1024; i++) {
        memcpy(b->ram + MOVED - 0x1000 + 4 * i, b->ram + TABLE + 4 * i, 4);
        memcpy(b->ram + MOVED + 4 * i, b->ram + TABLE + 4 * i, 4);
        b->ram[MOVED + 4 * i + 1] |= 2;
    }
    put32(b, MOVED - 0x1000 + 4 * ((MOVED - 0x1000) >> 12), MOVED | 3);
}

/* 8 MB one to one, writable; the same bytes at source and target. */
static void make_memory(struct ram_bus *b, const struct row *row)
{
    static const uint8_t end[] = {0x0F, 0x31, 0xF4}; /* RDTSC, HLT */
    for (unsigned i = 0; i < 2; i++)
        put32(b, DIRECTORY + 4 * i, (TABLE + 0x1000 * i) | 3);
    for (uint32_t i = 0; i < 2048; i++)
        put32(b, TABLE + 4 * i, i << 12 | 3);
    for (uint32_t i = 0; i < AREA; i++)
        b->ram[SOURCE + i] = b->ram[TARGET + i] = (uint8_t)(i * 7 + (i >> 8));
    if (row->over_tables)
        make_alias(b);
    memcpy(b->ram + CODE, row->code, sizeof row->code);
    memcpy(b->ram + CODE + sizeof row->code, end, sizeof end);
}

static void set_registers(struct cpu *cpu, const struct row *row)
{
    struct cpu_registers r;
    cpu_get_registers(cpu, &r);
    memset(r.gpr, 0, sizeof r.gpr);
    for (unsigned i = 0; i < CPU_SEGMENTS; i++)
        r.segment[i] =
            (struct cpu_segment){i == CPU_CS ? 8 : 16, i == CPU_CS ? 0xC09B : 0xC093, 0xFFFFFFFF, 0};
    r.cr0 = 0x80000011;
    r.cr3 = DIRECTORY;
    r.rip = CODE;
    r.rflags = row->down ? 0x402 : 2;
    r.gpr[ECX] = ELEMENTS;
    r.gpr[ESI] = row->source;
    r.gpr[EDI] = row->target;
    cpu_set_registers(cpu, &r);
}

static bool on_breakpoint(void *ctx, uint64_t linear)
{
    (void)ctx;
    (void)linear;
    return false;
}

static void on_access(void *ctx, const struct cpu_event *event)
{
    (void)event;
    ++*(unsigned *)ctx;
}

static bool on_events(void *ctx, const struct cpu_event *events, unsigned count)
{
    (void)ctx;
    (void)events;
    (void)count;
    return false;
}

static void go(struct ram_bus *b, enum way way)
{
    while (!cpu_halted(b->cpu)) {
        uint64_t slice = way == IN_SLICES ? 37 : WHOLE;
        enum cpu_stop stop = way == BY_STEPS ? cpu_step(b->cpu) : cpu_run(b->cpu, b->now + slice);
        ck_assert_int_eq(stop, CPU_STOP_TIME);
        ck_assert_uint_le(b->now, WHOLE);
    }
}

static struct outcome *outcome_of(const struct row *row, enum way way)
{
    struct outcome *out = calloc(1, sizeof *out);
    struct ram_bus b;
    unsigned accesses = 0;
    const struct cpu_debugger debugger = {&accesses, on_breakpoint, on_access, on_events};
    ram_bus_init(&b, cpu_model_find("p6"), PAGES, false);
    make_memory(&b, row);
    set_registers(b.cpu, row);
    if (way == WATCHED) {
        cpu_set_debugger(b.cpu, &debugger);
        cpu_set_ranges(
            b.cpu, &(struct cpu_range){row->target, row->target + 3, CPU_RANGE_READ | CPU_RANGE_WRITE}, 1);
    }
    go(&b, way);
    ck_assert(way != WATCHED || accesses > 0);
    cpu_get_registers(b.cpu, &out->registers);
    cpu_get_counts(b.cpu, &out->counts);
    cpu_peek_tlb(b.cpu, false, 0, &out->line);
    memcpy(out->memory, b.ram, sizeof out->memory);
    ram_bus_release(&b);
    return out;
}

START_TEST(runs_walk_as_elements_do)
{
    const struct row *row = &rows[_i];
    struct outcome *want = outcome_of(row, BY_STEPS);
    for (enum way way = AT_ONCE; way < WAYS; way++) {
        struct outcome *got = outcome_of(row, way);
        ck_assert_msg(got->counts.page_walks == want->counts.page_walks, "%s %s: %d page walks, not %d",
                      row->name, way_names[way], (int)got->counts.page_walks, (int)want->counts.page_walks);
        ck_assert_uint_eq(got->counts.instructions, want->counts.instructions);
        ck_assert_mem_eq(got->registers.gpr, want->registers.gpr, sizeof want->registers.gpr);
        ck_assert_mem_eq(&got->line, &want->line, sizeof want->line);
        ck_assert_mem_eq(got->memory, want->memory, sizeof want->memory);
        free(got);
    }
    free(want);
}
END_TEST

/* Two walks for each element, where the line is shared; one for each page, where not. */
START_TEST(elements_walk_where_the_line_is_shared)
{
    struct outcome *shared = outcome_of(&rows[0], AT_ONCE), *apart = outcome_of(&rows[1], AT_ONCE);
    ck_assert_uint_eq(shared->counts.page_walks, 1 + 2 * ELEMENTS);
    ck_assert_uint_eq(apart->counts.page_walks, 1 + 2 * 2);
    free(shared);
    free(apart);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("shared lines");
    TCase *t = tcase_create("shared lines");
    tcase_add_loop_test(t, runs_walk_as_elements_do, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, elements_walk_where_the_line_is_shared);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
