/* Runs of string elements (cpu/string_run.h) against one element after the other, in all widths, directions,
 * alignments and overlaps. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/string_run.h"

enum { BYTES = 400, ROUNDS = 60000 };

static uint32_t seed = 1;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % limit;
}

struct run {
    unsigned size;
    uint32_t count, from, to;
};

static struct run random_run(void)
{
    struct run r = {.size = 1u << below(3)};
    r.count = below(40);
    r.from = 100 + below(100);
    /* Near each other as often as not: overlaps by less than an element, too. */
    r.to = below(2) ? r.from + below(13) - 6 : 100 + below(100);
    return r;
}

static void randomize(uint8_t *bytes, unsigned kinds)
{
    for (unsigned i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)below(kinds);
}

START_TEST(moves)
{
    uint8_t bytes[BYTES], wanted[BYTES];
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct run r = random_run();
        bool down = below(2);
        randomize(bytes, 256);
        memcpy(wanted, bytes, BYTES);
        for (uint32_t i = 0; i < r.count; i++) {
            uint8_t element[4];
            uint32_t at = (down ? r.count - 1 - i : i) * r.size;
            memcpy(element, wanted + r.from + at, r.size);
            memcpy(wanted + r.to + at, element, r.size);
        }
        (down ? string_move_down : string_move_up)(bytes + r.to, bytes + r.from, r.count, r.size);
        ck_assert_msg(!memcmp(bytes, wanted, BYTES), "%s %u x %u from %u to %u", down ? "down" : "up",
                      r.count, r.size, r.from, r.to);
    }
}
END_TEST

START_TEST(fills)
{
    uint8_t bytes[BYTES], wanted[BYTES];
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct run r = random_run();
        uint32_t value = below(1u << 24) * 251;
        randomize(bytes, 256);
        memcpy(wanted, bytes, BYTES);
        for (uint32_t i = 0; i < r.count; i++)
            memcpy(wanted + r.to + i * r.size, &value, r.size);
        string_fill(bytes + r.to, value, r.count, r.size);
        ck_assert_msg(!memcmp(bytes, wanted, BYTES), "%u x %u to %u", r.count, r.size, r.to);
    }
}
END_TEST

START_TEST(searches)
{
    uint8_t bytes[BYTES];
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct run r = random_run();
        bool equal = below(2);
        randomize(bytes, 1 + below(3));
        uint32_t value = 0, found = 0, different = 0;
        memcpy(&value, bytes + 100 + below(100), r.size);
        while (found < r.count && !memcmp(bytes + r.from + found * r.size, &value, r.size) != equal)
            found++;
        /* Bits above the width do not count. */
        uint32_t upper = r.size < 4 ? below(1u << 24) << 8 * r.size : 0;
        ck_assert_uint_eq(string_find(bytes + r.from, value | upper, r.count, r.size, equal), found);
        while (different < r.count && !memcmp(bytes + r.from + different * r.size,
                                              bytes + r.to + different * r.size, r.size) != equal)
            different++;
        ck_assert_uint_eq(string_compare(bytes + r.from, bytes + r.to, r.count, r.size, equal), different);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("string_run");
    TCase *tests = tcase_create("runs");
    tcase_add_test(tests, moves);
    tcase_add_test(tests, fills);
    tcase_add_test(tests, searches);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
