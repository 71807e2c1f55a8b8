/* Ports for guests that know they are emulated; and system control ports A and B. */
#include "devices/debug_ports.h"

#include "devices/pit.h"
#include "devices/port61.h"
#include "devices/port92.h"
#include "tests/unit/chip_rig.h"

static struct rig rig;
static struct collector console;
static unsigned power_offs;
static int exit_status;

static void note_power_off(void *owner)
{
    (void)owner;
    power_offs++;
}

static void note_exit(void *owner, int status)
{
    (void)owner;
    exit_status = status;
}

static void setup(void)
{
    rig_open(&rig, 1000000);
    struct debug_ports_config config = {
        .console = collector_sink(&console), .power_off = note_power_off, .exit = note_exit};
    rig_add(&rig, &debug_ports_type, NULL, &config);
    rig_power_on(&rig);
    power_offs = 0;
    exit_status = -1;
}

static void teardown(void)
{
    rig_close(&rig);
}

START_TEST(console_takes_bytes_and_says_that_it_is_there)
{
    ck_assert_uint_eq(in8(&rig, 0xE9), 0xE9);
    out8(&rig, 0xE9, 'o');
    out8(&rig, 0xE9, 'k');
    ck_assert_uint_eq(console.count, 2);
    ck_assert_uint_eq(console.bytes[1], 'k');
}
END_TEST

START_TEST(debug_exit_doubles_and_adds_one)
{
    out8(&rig, 0xF4, 0x10);
    ck_assert_int_eq(exit_status, 33);
    ports_write(rig.bus, 0xF4, 0, 4);
    ck_assert_int_eq(exit_status, 1);
    ports_write(rig.bus, 0x501, 0x31, 2);
    ck_assert_int_eq(exit_status, 99);
}
END_TEST

START_TEST(plain_exit_gives_the_value)
{
    out8(&rig, 0xF5, 0);
    ck_assert_int_eq(exit_status, 0);
    ports_write(rig.bus, 0xF5, 42, 4);
    ck_assert_int_eq(exit_status, 42);
}
END_TEST

static void say(const char *word)
{
    for (; *word; word++)
        out8(&rig, 0x8900, (uint8_t)*word);
}

START_TEST(shutdown_by_word_of_mouth)
{
    say("Shutdow");
    ck_assert_uint_eq(power_offs, 0);
    say("n");
    ck_assert_uint_eq(power_offs, 1);
    say("SShutdown");
    ck_assert_uint_eq(power_offs, 2);
    say("Shut downShutdXown");
    ck_assert_uint_eq(power_offs, 2);
}
END_TEST

START_TEST(port_92_gates_a20_and_resets_on_the_edge)
{
    struct probe a20, reset;
    struct port92 *p = rig_add(&rig, &port92_type, NULL, NULL);
    p->a20 = probe_wire(&a20, &rig);
    p->reset = probe_wire(&reset, &rig);
    out8(&rig, 0x92, 0x02);
    ck_assert(a20.level);
    ck_assert_uint_eq(in8(&rig, 0x92), 0x02);
    out8(&rig, 0x92, 0x03);
    out8(&rig, 0x92, 0x03);
    ck_assert_uint_eq(reset.rises, 1);
    out8(&rig, 0x92, 0x00);
    ck_assert(!a20.level);
    out8(&rig, 0x92, 0x01);
    ck_assert_uint_eq(reset.rises, 2);
}
END_TEST

START_TEST(port_61_latches_errors_and_gates_nmi)
{
    struct probe nmi;
    struct pit *pit = rig_add(&rig, &pit_type, NULL, NULL);
    struct port61 *p = rig_add(&rig, &port61_type, NULL, &(struct port61_config){pit, NULL});
    p->nmi = probe_wire(&nmi, &rig);
    rig_power_on(&rig);
    port61_set_input(p, PORT61_IOCHK, true);
    port61_set_input(p, PORT61_IOCHK, false);
    ck_assert(nmi.level);
    ck_assert_uint_eq(in8(&rig, 0x61) & 0xC0, 0x40);
    out8(&rig, 0x61, 0x08);
    ck_assert(!nmi.level);
    ck_assert_uint_eq(in8(&rig, 0x61) & 0xCF, 0x08);
    port61_set_input(p, PORT61_IOCHK, true); /* disabled */
    ck_assert(!nmi.level);
    port61_set_input(p, PORT61_SERR, true);
    ck_assert(nmi.level);
    ck_assert_uint_eq(in8(&rig, 0x61) & 0xC0, 0x80);
    port61_set_input(p, PORT61_NMI_MASK, true);
    ck_assert(!nmi.level);
    port61_set_input(p, PORT61_NMI_MASK, false);
    ck_assert(nmi.level);
    out8(&rig, 0x61, 0x0F);
    ck_assert(!nmi.level);
    ck_assert_uint_eq(in8(&rig, 0x61) & 0x0F, 0x0F);
    ck_assert(pit_gate(pit, 2));
    port61_set_input(p, PORT61_BUTTON, true);
    port61_set_input(p, PORT61_BUTTON, false);
    ck_assert_uint_eq(nmi.rises, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("debug_ports");
    TCase *tc = tcase_create("ports");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, console_takes_bytes_and_says_that_it_is_there);
    tcase_add_test(tc, debug_exit_doubles_and_adds_one);
    tcase_add_test(tc, plain_exit_gives_the_value);
    tcase_add_test(tc, shutdown_by_word_of_mouth);
    tcase_add_test(tc, port_92_gates_a20_and_resets_on_the_edge);
    tcase_add_test(tc, port_61_latches_errors_and_gates_nmi);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
