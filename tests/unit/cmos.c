/* The MC146818, by the datasheet: calendar, formats, update cycle, alarm, periodic interrupt, RAM. */
#include "devices/cmos.h"

#include "tests/unit/chip_rig.h"

static struct rig rig;
static struct cmos *cmos;
static struct probe irq8, nmi_mask;

static void open_at(int64_t start_time)
{
    rig_open(&rig, 100000000);
    struct cmos_config config = {.start_time = start_time};
    config.irq8 = probe_wire(&irq8, &rig);
    config.nmi_mask = probe_wire(&nmi_mask, &rig);
    cmos = rig_add(&rig, &cmos_type, NULL, &config);
    rig_power_on(&rig);
}

static void setup(void)
{
    open_at(951827696); /* 2000-02-29 12:34:56, a Tuesday */
}

static void teardown(void)
{
    rig_close(&rig);
}

static uint8_t get(uint8_t index)
{
    out8(&rig, 0x70, index);
    return in8(&rig, 0x71);
}

static void set(uint8_t index, uint8_t value)
{
    out8(&rig, 0x70, index);
    out8(&rig, 0x71, value);
}

static void set_clock(uint8_t b, uint8_t century, uint8_t year, uint8_t month, uint8_t day, uint8_t week,
                      uint8_t hour, uint8_t minute, uint8_t second)
{
    set(0x0B, b | 0x80);
    set(0x32, century);
    set(0x09, year);
    set(0x08, month);
    set(0x07, day);
    set(0x06, week);
    set(0x04, hour);
    set(0x02, minute);
    set(0x00, second);
    set(0x0B, b);
}

static void expect_clock(uint8_t century, uint8_t year, uint8_t month, uint8_t day, uint8_t week,
                         uint8_t hour, uint8_t minute, uint8_t second)
{
    ck_assert_uint_eq(get(0x32), century);
    ck_assert_uint_eq(get(0x09), year);
    ck_assert_uint_eq(get(0x08), month);
    ck_assert_uint_eq(get(0x07), day);
    ck_assert_uint_eq(get(0x06), week);
    ck_assert_uint_eq(get(0x04), hour);
    ck_assert_uint_eq(get(0x02), minute);
    ck_assert_uint_eq(get(0x00), second);
}

static void second(void)
{
    rig_pass_ms(&rig, 1000);
}

START_TEST(starts_at_the_configured_time)
{
    expect_clock(0x20, 0x00, 0x02, 0x29, 3, 0x12, 0x34, 0x56);
    rig_pass_ms(&rig, 999);
    ck_assert_uint_eq(get(0), 0x56);
    rig_pass_ms(&rig, 1);
    ck_assert_uint_eq(get(0), 0x57);
}
END_TEST

START_TEST(days_before_1970_work)
{
    rig_close(&rig);
    open_at(-1);
    expect_clock(0x19, 0x69, 0x12, 0x31, 4, 0x23, 0x59, 0x59);
    second();
    expect_clock(0x19, 0x70, 0x01, 0x01, 5, 0x00, 0x00, 0x00);
}
END_TEST

START_TEST(does_not_drift)
{
    uint8_t b = get(0x0B);
    set_clock(b, 0x20, 0x00, 1, 1, 7, 0, 0, 0);
    clock_advance_to(&rig.clock, rig.clock.now + 10 * 86400 * rig.clock.hz);
    expect_clock(0x20, 0x00, 0x01, 0x11, 3, 0x00, 0x00, 0x00);
}
END_TEST

START_TEST(leap_days_and_centuries)
{
    set_clock(2, 0x20, 0x00, 0x02, 0x28, 2, 0x23, 0x59, 0x59);
    second();
    expect_clock(0x20, 0x00, 0x02, 0x29, 3, 0, 0, 0);
    set_clock(2, 0x20, 0x23, 0x02, 0x28, 3, 0x23, 0x59, 0x59);
    second();
    expect_clock(0x20, 0x23, 0x03, 0x01, 4, 0, 0, 0);
    set_clock(2, 0x19, 0x99, 0x12, 0x31, 6, 0x23, 0x59, 0x59);
    second();
    expect_clock(0x20, 0x00, 0x01, 0x01, 7, 0, 0, 0);
    set_clock(2, 0x20, 0x24, 0x04, 0x30, 7, 0x23, 0x59, 0x59);
    second();
    expect_clock(0x20, 0x24, 0x05, 0x01, 1, 0, 0, 0);
}
END_TEST

START_TEST(binary_and_twelve_hours)
{
    set_clock(0x04, 20, 24, 6, 9, 1, 0x80 | 11, 59, 59); /* 11:59:59 pm */
    second();
    expect_clock(20, 24, 6, 10, 2, 12, 0, 0); /* 12 am */
    set_clock(0x04, 20, 24, 6, 10, 2, 11, 59, 59);
    second();
    expect_clock(20, 24, 6, 10, 2, 0x80 | 12, 0, 0);
    set_clock(0x00, 0x20, 0x24, 0x06, 0x10, 2, 0x80 | 0x12, 0x59, 0x59);
    second();
    expect_clock(0x20, 0x24, 0x06, 0x10, 2, 0x80 | 0x01, 0, 0);
    set_clock(0x00, 0x20, 0x24, 0x06, 0x10, 2, 0x09, 0x59, 0x59);
    second();
    expect_clock(0x20, 0x24, 0x06, 0x10, 2, 0x10, 0, 0);
}
END_TEST

START_TEST(daylight_saving)
{
    set_clock(0x03, 0x20, 0x24, 0x04, 0x28, 1, 0x01, 0x59, 0x59);
    second();
    ck_assert_uint_eq(get(4), 0x03);
    set_clock(0x03, 0x20, 0x24, 0x10, 0x27, 1, 0x01, 0x59, 0x59);
    second();
    ck_assert_uint_eq(get(4), 0x01);
    set(2, 0x59);
    set(0, 0x59);
    second();
    ck_assert_uint_eq(get(4), 0x02);
    set_clock(0x02, 0x20, 0x24, 0x04, 0x28, 1, 0x01, 0x59, 0x59);
    second();
    ck_assert_uint_eq(get(4), 0x02);
}
END_TEST

START_TEST(set_bit_stops_updates_and_clears_uie)
{
    set(0x0B, 0x92);
    ck_assert_uint_eq(get(0x0B), 0x82);
    uint8_t before = get(0);
    rig_pass_ms(&rig, 5000);
    ck_assert_uint_eq(get(0), before);
    ck_assert_uint_eq(get(0x0C) & 0x30, 0);
    set(0x0B, 0x02);
    second();
    ck_assert_uint_eq(get(0), before + 1);
}
END_TEST

START_TEST(uip_warns_244_microseconds_before_the_update_cycle)
{
    rig_pass_ms(&rig, 997);
    rig_pass_us(&rig, 700);
    ck_assert_uint_eq(get(0x0A) & 0x80, 0);
    rig_pass_us(&rig, 100);
    ck_assert_uint_eq(get(0x0A) & 0x80, 0x80);
    uint8_t before = get(0);
    rig_pass_us(&rig, 2100);
    ck_assert_uint_eq(get(0x0A) & 0x80, 0x80);
    ck_assert_uint_eq(get(0), before);
    rig_pass_us(&rig, 150);
    ck_assert_uint_eq(get(0x0A) & 0x80, 0);
    ck_assert_uint_eq(get(0), before + 1);
    set(0x0B, 0x82);
    for (unsigned i = 0; i < 2000; i++) {
        rig_pass_us(&rig, 1000);
        ck_assert_uint_eq(get(0x0A) & 0x80, 0);
    }
}
END_TEST

START_TEST(divider_reset_gives_the_first_second_after_half_a_one)
{
    rig_pass_ms(&rig, 123);
    set(0x0A, 0x76);
    uint8_t before = get(0);
    rig_pass_ms(&rig, 3000);
    ck_assert_uint_eq(get(0), before);
    set(0x0A, 0x26);
    rig_pass_ms(&rig, 499);
    ck_assert_uint_eq(get(0), before);
    rig_pass_ms(&rig, 2);
    ck_assert_uint_eq(get(0), before + 1);
    rig_pass_ms(&rig, 997);
    ck_assert_uint_eq(get(0), before + 1);
    rig_pass_ms(&rig, 3);
    ck_assert_uint_eq(get(0), before + 2);
}
END_TEST

START_TEST(update_ended_interrupt)
{
    get(0x0C);
    set(0x0B, 0x12);
    second();
    ck_assert(irq8.level);
    ck_assert_uint_eq(ports_peek(rig.bus, 0x71, 1), 0x12); /* B, still chosen */
    uint8_t c = get(0x0C);
    ck_assert_uint_eq(c & 0xB0, 0x90);
    ck_assert(!irq8.level);
    ck_assert_uint_eq(get(0x0C), 0);
    second();
    ck_assert_uint_eq(irq8.rises, 2);
}
END_TEST

START_TEST(flags_rise_without_enables_but_do_not_interrupt)
{
    set(0x01, 0xFF);
    set(0x03, 0xFF);
    set(0x05, 0xFF);
    second();
    ck_assert_uint_eq(irq8.rises, 0);
    ck_assert_uint_eq(get(0x0C), 0x70);
    second();
    set(0x0B, 0x22); /* enabled afterwards: interrupts at once */
    ck_assert(irq8.level);
}
END_TEST

START_TEST(alarm_matches_exactly_or_ignores_a_field)
{
    set_clock(0x22, 0x20, 0x24, 0x01, 0x01, 2, 0x06, 0x58, 0x59);
    set(0x05, 0x07);
    set(0x03, 0x00);
    set(0x01, 0x00);
    for (unsigned i = 0; i < 60; i++)
        second();
    ck_assert(!irq8.level);
    second();
    ck_assert(irq8.level);
    ck_assert_uint_eq(get(0x0C) & 0xA0, 0xA0);
    set(0x05, 0xC0); /* any hour, any minute: once a minute */
    set(0x03, 0xFF);
    unsigned rises = irq8.rises;
    for (unsigned i = 0; i < 180; i++) {
        second();
        get(0x0C);
    }
    ck_assert_uint_eq(irq8.rises - rises, 3);
}
END_TEST

START_TEST(periodic_interrupt_rates)
{
    static const unsigned hz[16] = {0, 256, 128, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2};
    set(0x0B, 0x42);
    for (unsigned rate = 0; rate < 16; rate++) {
        set(0x0A, (uint8_t)(0x20 | rate));
        get(0x0C);
        unsigned rises = irq8.rises;
        for (unsigned i = 0; i < 20000; i++) { /* one second, in steps of 50 microseconds */
            rig_pass_us(&rig, 50);
            if (irq8.level)
                ck_assert_uint_eq(get(0x0C) & 0xC0, 0xC0);
        }
        ck_assert_uint_ge(irq8.rises - rises + 1, hz[rate]);
        ck_assert_uint_le(irq8.rises - rises, hz[rate] + 1);
    }
}
END_TEST

START_TEST(periodic_interrupt_waits_for_register_c)
{
    set(0x0B, 0x42);
    rig_pass_ms(&rig, 100);
    ck_assert_uint_eq(irq8.rises, 1);
    ck_assert(!cmos->periodic.pending);
}
END_TEST

START_TEST(periodic_flag_is_seen_by_polling)
{
    get(0x0C);
    ck_assert_uint_eq(get(0x0C) & 0x40, 0);
    rig_pass_us(&rig, 980);
    ck_assert_uint_eq(get(0x0C) & 0x40, 0x40);
    ck_assert_uint_eq(get(0x0C) & 0x40, 0);
}
END_TEST

START_TEST(nmi_mask_follows_bit_7_of_the_index_port)
{
    out8(&rig, 0x70, 0x8F);
    ck_assert(nmi_mask.level);
    out8(&rig, 0x70, 0x0F);
    ck_assert(!nmi_mask.level);
}
END_TEST

START_TEST(ram_and_read_only_registers)
{
    for (unsigned i = 0x0E; i < 0x80; i++)
        set((uint8_t)i, (uint8_t)(i * 7));
    for (unsigned i = 0; i < 0x80; i++) {
        out8(&rig, 0x72, (uint8_t)(i | 0x80));
        out8(&rig, 0x73, (uint8_t)(i ^ 0x5A));
    }
    for (unsigned i = 0x0E; i < 0x80; i++)
        if (i != CMOS_CENTURY)
            ck_assert_uint_eq(get((uint8_t)i), (uint8_t)(i * 7));
    for (unsigned i = 0; i < 0x80; i++) {
        out8(&rig, 0x72, (uint8_t)i);
        ck_assert_uint_eq(in8(&rig, 0x73), (uint8_t)(i ^ 0x5A));
        ck_assert_uint_eq(cmos_get(cmos, 0x80 + i), (uint8_t)(i ^ 0x5A));
    }
    set(0x0C, 0xFF);
    set(0x0D, 0x00);
    ck_assert_uint_eq(get(0x0D), 0x80);
    ck_assert_uint_eq(in8(&rig, 0x70), 0xFF); /* write only */
}
END_TEST

START_TEST(reset_disables_interrupts_and_keeps_time_and_ram)
{
    set(0x40, 0x99);
    set(0x0B, 0x7A);
    second();
    ck_assert(irq8.level);
    devices_reset(&rig.list, RESET_HARD);
    ck_assert(!irq8.level);
    ck_assert_uint_eq(get(0x0B), 0x02);
    ck_assert_uint_eq(get(0x40), 0x99);
    ck_assert_uint_eq(get(0), 0x57);
}
END_TEST

START_TEST(board_stores_bytes_and_checksum)
{
    uint8_t kept[CMOS_SIZE];
    cmos_set(cmos, 0x10, 0x40);
    cmos_set(cmos, 0x15, 0x80);
    cmos_set(cmos, 0x16, 0x02);
    cmos_set(cmos, 0x18, 0xFF);
    cmos_update_checksum(cmos);
    ck_assert_uint_eq(get(0x2E) << 8 | get(0x2F), 0x40 + 0x80 + 0x02 + 0xFF);
    memcpy(kept, cmos_bytes(cmos), sizeof kept);
    kept[0] = 0x11;
    rig_close(&rig);
    rig_open(&rig, 1000000);
    cmos = rig_add(&rig, &cmos_type, NULL, &(struct cmos_config){.start_time = 0, .nvram = kept});
    rig_power_on(&rig);
    ck_assert_uint_eq(get(0x18), 0xFF);
    ck_assert_uint_eq(get(0x00), 0x00);
    ck_assert_uint_eq(get(0x32), 0x19);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cmos");
    TCase *tc = tcase_create("MC146818");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, starts_at_the_configured_time);
    tcase_add_test(tc, days_before_1970_work);
    tcase_add_test(tc, does_not_drift);
    tcase_add_test(tc, leap_days_and_centuries);
    tcase_add_test(tc, binary_and_twelve_hours);
    tcase_add_test(tc, daylight_saving);
    tcase_add_test(tc, set_bit_stops_updates_and_clears_uie);
    tcase_add_test(tc, uip_warns_244_microseconds_before_the_update_cycle);
    tcase_add_test(tc, divider_reset_gives_the_first_second_after_half_a_one);
    tcase_add_test(tc, update_ended_interrupt);
    tcase_add_test(tc, flags_rise_without_enables_but_do_not_interrupt);
    tcase_add_test(tc, alarm_matches_exactly_or_ignores_a_field);
    tcase_add_test(tc, periodic_interrupt_rates);
    tcase_add_test(tc, periodic_interrupt_waits_for_register_c);
    tcase_add_test(tc, periodic_flag_is_seen_by_polling);
    tcase_add_test(tc, nmi_mask_follows_bit_7_of_the_index_port);
    tcase_add_test(tc, ram_and_read_only_registers);
    tcase_add_test(tc, reset_disables_interrupts_and_keeps_time_and_ram);
    tcase_add_test(tc, board_stores_bytes_and_checksum);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
