/* The parallel port and the printer's handshake. */
#include "devices/parallel.h"

#include "tests/unit/chip_rig.h"

#define BASE 0x378

static struct rig rig;
static struct probe irq;
static struct collector paper;

static void setup(void)
{
    rig_open(&rig, 100000000);
    struct parallel_config config = {.base = BASE, .out = collector_sink(&paper)};
    config.irq = probe_wire(&irq, &rig);
    rig_add(&rig, &parallel_type, NULL, &config);
    rig_power_on(&rig);
    out8(&rig, BASE + 2, 0x0C);
}

static void teardown(void)
{
    rig_close(&rig);
}

static uint8_t status(void)
{
    return in8(&rig, BASE + 1);
}

static void print(uint8_t byte, uint8_t control)
{
    out8(&rig, BASE, byte);
    out8(&rig, BASE + 2, control | 1);
    out8(&rig, BASE + 2, control);
}

START_TEST(idle_printer_is_ready)
{
    ck_assert_uint_eq(status(), 0xDF);
    ck_assert_uint_eq(in8(&rig, BASE + 2), 0xCC);
    out8(&rig, BASE, 0x5A);
    ck_assert_uint_eq(in8(&rig, BASE), 0x5A);
}
END_TEST

START_TEST(strobe_prints_once_per_rising_edge)
{
    print('H', 0x0C);
    ck_assert_uint_eq(status() & 0x80, 0); /* busy */
    rig_pass_us(&rig, 20);
    ck_assert_uint_eq(status() & 0xC0, 0xC0);
    print('i', 0x0C);
    rig_pass_us(&rig, 20);
    out8(&rig, BASE + 2, 0x0D);
    out8(&rig, BASE + 2, 0x0D);
    ck_assert_uint_eq(paper.count, 3);
    ck_assert_uint_eq(paper.bytes[0], 'H');
    ck_assert_uint_eq(paper.bytes[1], 'i');
}
END_TEST

START_TEST(acknowledge_pulse_then_interrupt)
{
    print('x', 0x1C);
    rig_pass_us(&rig, 6);
    ck_assert_uint_eq(status() & 0xC0, 0x00); /* acknowledge is low */
    ck_assert(!irq.level);
    rig_pass_us(&rig, 3);
    ck_assert(irq.level);
    ck_assert_uint_eq(status() & 0xC4, 0xC0); /* bit 2 low: interrupt */
    ck_assert(!irq.level);
    ck_assert_uint_eq(status() & 0x04, 0x04);
    print('y', 0x1C);
    rig_pass_us(&rig, 20);
    print('z', 0x1C); /* status not read: a new edge all the same */
    rig_pass_us(&rig, 20);
    ck_assert_uint_eq(irq.rises, 3);
    out8(&rig, BASE + 2, 0x0C);
    ck_assert(!irq.level);
}
END_TEST

START_TEST(no_interrupt_unless_enabled)
{
    print('x', 0x0C);
    rig_pass_us(&rig, 20);
    ck_assert_uint_eq(irq.rises, 0);
}
END_TEST

START_TEST(initialisation_makes_busy)
{
    print('x', 0x0C);
    out8(&rig, BASE + 2, 0x08);
    rig_pass_us(&rig, 50);
    ck_assert_uint_eq(status() & 0x80, 0);
    print('y', 0x08);
    out8(&rig, BASE + 2, 0x0C);
    ck_assert_uint_eq(status() & 0x80, 0x80);
    ck_assert_uint_eq(paper.count, 1);
}
END_TEST

START_TEST(input_direction_reads_the_lines)
{
    out8(&rig, BASE, 0x12);
    out8(&rig, BASE + 2, 0x2C);
    ck_assert_uint_eq(in8(&rig, BASE), 0xFF);
    print('n', 0x2C);
    ck_assert_uint_eq(paper.count, 0);
    out8(&rig, BASE + 2, 0x0C);
    ck_assert_uint_eq(in8(&rig, BASE), 'n');
}
END_TEST

START_TEST(nothing_plugged_in_floats)
{
    rig_add(&rig, &parallel_type, "parallel1", &(struct parallel_config){.base = 0x278});
    ck_assert_uint_eq(in8(&rig, 0x279), 0x7F);
    out8(&rig, 0x278, 0x77);
    ck_assert_uint_eq(in8(&rig, 0x278), 0x77); /* the port is there */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parallel");
    TCase *tc = tcase_create("port");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, idle_printer_is_ready);
    tcase_add_test(tc, strobe_prints_once_per_rising_edge);
    tcase_add_test(tc, acknowledge_pulse_then_interrupt);
    tcase_add_test(tc, no_interrupt_unless_enabled);
    tcase_add_test(tc, initialisation_makes_busy);
    tcase_add_test(tc, input_direction_reads_the_lines);
    tcase_add_test(tc, nothing_plugged_in_floats);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
