/* The keyboard controller with keyboard and mouse, driven through ports 60h and 64h as drivers do. */
#include "devices/i8042.h"

#include "devices/ps2_keyboard.h"
#include "devices/ps2_mouse.h"
#include "tests/unit/chip_rig.h"

static struct rig rig;
static struct i8042 *kbc;
static struct ps2_keyboard *keyboard;
static struct ps2_mouse *mouse;
static struct probe irq1, irq12, a20, reset;

static void open_rig(bool devices)
{
    rig_open(&rig, 100000000);
    kbc = rig_add(&rig, &i8042_type, NULL, NULL);
    kbc->irq1 = probe_wire(&irq1, &rig);
    kbc->irq12 = probe_wire(&irq12, &rig);
    kbc->a20 = probe_wire(&a20, &rig);
    kbc->reset = probe_wire(&reset, &rig);
    if (devices) {
        keyboard = rig_add(&rig, &ps2_keyboard_type, NULL, &(struct ps2_keyboard_config){kbc});
        mouse = rig_add(&rig, &ps2_mouse_type, NULL, &(struct ps2_mouse_config){kbc});
    }
    rig_power_on(&rig);
}

static uint8_t status(void)
{
    return in8(&rig, 0x64);
}

static bool wait_output(uint64_t ms)
{
    for (uint64_t i = 0; i < ms * 20 && !(status() & 1); i++)
        rig_pass_us(&rig, 50);
    return status() & 1;
}

static uint8_t get(void)
{
    ck_assert_msg(wait_output(600), "nothing came");
    return in8(&rig, 0x60);
}

static void wait_input(void)
{
    for (unsigned i = 0; i < 1000 && status() & 2; i++)
        rig_pass_us(&rig, 50);
    ck_assert(!(status() & 2));
}

static void command(uint8_t value)
{
    wait_input();
    out8(&rig, 0x64, value);
}

static void data(uint8_t value)
{
    wait_input();
    out8(&rig, 0x60, value);
}

static void command_byte(uint8_t value)
{
    command(0x60);
    data(value);
}

static void expect(const char *what, unsigned n, const uint8_t *bytes)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t got = get();
        ck_assert_msg(got == bytes[i], "%s: byte %u is %02X, should be %02X", what, i, got, bytes[i]);
    }
}

#define EXPECT(...) expect(#__VA_ARGS__, sizeof((uint8_t[]){__VA_ARGS__}), (uint8_t[]){__VA_ARGS__})

static void expect_nothing(void)
{
    ck_assert_msg(!wait_output(30), "unexpected %02X", in8(&rig, 0x60));
}

static void to_mouse(uint8_t value)
{
    command(0xD4);
    data(value);
}

/* As firmware does: self-test, both ports on, interrupts on, no translation; the power-on greetings drained.
 */
static void setup(void)
{
    open_rig(true);
    command(0xAA);
    EXPECT(0x55);
    command_byte(0x03);
    rig_pass_ms(&rig, 100);
    while (wait_output(10))
        in8(&rig, 0x60);
}

static void teardown(void)
{
    rig_close(&rig);
}

static void key(uint16_t code, bool down)
{
    ps2_keyboard_key(keyboard, code, down);
}

static void set_scan_set(uint8_t set)
{
    data(0xF0);
    EXPECT(0xFA);
    data(set);
    EXPECT(0xFA);
}

static void set_leds(uint8_t leds)
{
    data(0xED);
    EXPECT(0xFA);
    data(leds);
    EXPECT(0xFA);
}

/* --- Controller --- */

START_TEST(both_devices_greet_after_power_on)
{
    rig_close(&rig);
    open_rig(true);
    rig_pass_ms(&rig, 100);
    ck_assert_uint_eq(status() & 1, 0); /* the clocks are stopped */
    command(0xAE);
    EXPECT(0xAA);
    command(0xA8);
    ck_assert(wait_output(10));
    ck_assert_uint_eq(status() & 0x20, 0x20);
    EXPECT(0xAA, 0x00);
}
END_TEST

START_TEST(self_tests_pass)
{
    command(0xAA);
    EXPECT(0x55);
    ck_assert_uint_eq(status() & 4, 4);
    command(0xAB);
    EXPECT(0x00);
    command(0xA9);
    EXPECT(0x00);
}
END_TEST

START_TEST(controller_ram_and_command_byte)
{
    for (unsigned i = 1; i < 32; i++) {
        command((uint8_t)(0x60 + i));
        data((uint8_t)(i * 9));
    }
    for (unsigned i = 1; i < 32; i++) {
        command((uint8_t)(0x20 + i));
        ck_assert_uint_eq(get(), (uint8_t)(i * 9));
    }
    command_byte(0x47);
    command(0x20);
    EXPECT(0x47);
    command(0xAD);
    command(0xA7);
    command(0x20);
    EXPECT(0x77);
    command(0xAE);
    command(0xA8);
    command(0x20);
    EXPECT(0x47);
}
END_TEST

START_TEST(status_tells_command_from_data)
{
    command(0xAE);
    ck_assert_uint_eq(status() & 8, 8);
    data(0xF4);
    ck_assert_uint_eq(status() & 8, 0);
    ck_assert_uint_eq(status() & 2, 2); /* on its way to the keyboard */
    EXPECT(0xFA);
    ck_assert_uint_eq(status() & 0x10, 0x10);
}
END_TEST

START_TEST(a20_by_the_output_port)
{
    ck_assert(a20.level);
    command(0xD1);
    data(0xDD);
    ck_assert(!a20.level);
    command(0xD0);
    ck_assert_uint_eq(get() & 3, 1);
    command(0xD1);
    data(0xDF);
    ck_assert(a20.level);
    command(0xDD);
    ck_assert(!a20.level);
    command(0xDF);
    ck_assert(a20.level);
    ck_assert_uint_eq(reset.rises, 0);
}
END_TEST

START_TEST(resets_by_pulse_and_by_output_port)
{
    command(0xFE);
    ck_assert_uint_eq(reset.rises, 1);
    command(0xFF);
    ck_assert_uint_eq(reset.rises, 1);
    command(0xF0);
    ck_assert_uint_eq(reset.rises, 2);
    ck_assert(!a20.level);
    rig_pass_us(&rig, 7);
    ck_assert(a20.level);
    command(0xD1);
    data(0xFE);
    ck_assert_uint_eq(reset.rises, 3);
    ck_assert(!reset.level);
}
END_TEST

START_TEST(loopback_commands_fill_either_buffer)
{
    command(0xD2);
    data(0x5A);
    ck_assert_uint_eq(status() & 0x21, 0x01);
    ck_assert(irq1.level);
    EXPECT(0x5A);
    ck_assert(!irq1.level);
    command(0xD3);
    data(0xA5);
    ck_assert_uint_eq(status() & 0x21, 0x21);
    ck_assert(irq12.level);
    EXPECT(0xA5);
    ck_assert(!irq12.level);
}
END_TEST

START_TEST(ports_and_test_inputs_read)
{
    command(0xC0);
    ck_assert_uint_eq(get() & 0xC0, 0x80); /* not locked, colour */
    command(0xE0);
    EXPECT(0x03);
    command(0xAD);
    command(0xE0);
    EXPECT(0x02);
    command(0xC2);
    ck_assert_uint_eq(status() & 0xF0, 0xB0);
    command(0xAC);
    for (unsigned i = 0; i < 19; i++)
        get();
    expect_nothing();
}
END_TEST

START_TEST(interrupts_follow_the_command_byte)
{
    command_byte(0x00);
    key(0x1E, true);
    rig_pass_ms(&rig, 5);
    ck_assert_uint_eq(status() & 1, 1);
    ck_assert(!irq1.level);
    command_byte(0x01);
    ck_assert(irq1.level);
    EXPECT(0x1C);
    ck_assert(!irq1.level);
}
END_TEST

START_TEST(disabled_keyboard_keeps_its_codes)
{
    command(0xAD);
    key(0x1E, true);
    key(0x1E, false);
    expect_nothing();
    command(0xAE);
    EXPECT(0x1C, 0xF0, 0x1C);
}
END_TEST

START_TEST(a_byte_takes_its_time_on_the_wire)
{
    key(0x1E, true);
    rig_pass_us(&rig, 600);
    ck_assert_uint_eq(status() & 1, 0);
    rig_pass_us(&rig, 500);
    ck_assert_uint_eq(status() & 1, 1);
    key(0x1E, false);
    rig_pass_ms(&rig, 10); /* the output buffer is full: nothing moves */
    EXPECT(0x1C);
    ck_assert_uint_eq(status() & 1, 0);
    EXPECT(0xF0, 0x1C);
}
END_TEST

START_TEST(missing_device_times_out)
{
    rig_close(&rig);
    open_rig(false);
    command_byte(0x03);
    out8(&rig, 0x60, 0xF4);
    rig_pass_ms(&rig, 10);
    ck_assert_uint_eq(status() & 3, 2);
    rig_pass_ms(&rig, 10);
    ck_assert_uint_eq(status() & 0x63, 0x41);
    EXPECT(0xFE);
    to_mouse(0xF4);
    rig_pass_ms(&rig, 20);
    ck_assert_uint_eq(status() & 0x63, 0x61);
    EXPECT(0xFE);
}
END_TEST

START_TEST(password_locks_the_keyboard)
{
    command_byte(0x43);
    command(0xA4);
    EXPECT(0xF1);
    command(0xA5);
    data(0x1E); /* a b in set 1 */
    data(0x30);
    data(0x00);
    command(0xA4);
    EXPECT(0xFA);
    command(0xA6);
    ck_assert_uint_eq(status() & 0x10, 0);
    static const uint16_t wrong_then_right[] = {0x1E, 0x2E, 0x1E, 0x30};
    for (unsigned i = 0; i < 4; i++) {
        key(wrong_then_right[i], true);
        expect_nothing();
        key(wrong_then_right[i], false);
        if (i < 3)
            expect_nothing();
    }
    EXPECT(0xB0); /* the last key's release is the first thing to pass */
    ck_assert_uint_eq(status() & 0x10, 0x10);
    key(0x2E, true);
    EXPECT(0x2E);
}
END_TEST

/* --- Keyboard --- */

START_TEST(every_key_translates_to_its_set_1_code)
{
    command_byte(0x43);
    for (unsigned code = 1; code < 0x80; code++) {
        key((uint16_t)code, true);
        EXPECT((uint8_t)code);
        key((uint16_t)code, false);
        EXPECT((uint8_t)(code | 0x80));
    }
}
END_TEST

START_TEST(set_1_without_translation_gives_the_same)
{
    set_scan_set(1);
    key(0x1E, true);
    key(0x1E, false);
    EXPECT(0x1E, 0x9E);
    key(0xE04B, true);
    key(0xE04B, false);
    EXPECT(0xE0, 0x4B, 0xE0, 0xCB);
    key(0xE11D, true);
    key(0xE11D, false);
    EXPECT(0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5);
}
END_TEST

START_TEST(set_2_codes)
{
    key(0x01, true);
    key(0x01, false);
    EXPECT(0x76, 0xF0, 0x76);
    key(0x41, true); /* F7 */
    key(0x41, false);
    EXPECT(0x83, 0xF0, 0x83);
    key(0xE01D, true);
    key(0xE01D, false);
    EXPECT(0xE0, 0x14, 0xE0, 0xF0, 0x14);
    key(0xE11D, true);
    key(0xE11D, false);
    EXPECT(0xE1, 0x14, 0x77, 0xE1, 0xF0, 0x14, 0xF0, 0x77);
    key(0x1D, true);
    key(0xE11D, true);
    key(0xE11D, false);
    EXPECT(0x14, 0xE0, 0x7E, 0xE0, 0xF0, 0x7E);
    expect_nothing();
}
END_TEST

START_TEST(fake_shifts_around_the_grey_keys)
{
    key(0xE048, true);
    key(0xE048, false);
    EXPECT(0xE0, 0x75, 0xE0, 0xF0, 0x75);
    key(0x2A, true);
    EXPECT(0x12);
    key(0xE048, true);
    EXPECT(0xE0, 0xF0, 0x12, 0xE0, 0x75);
    key(0xE048, false);
    EXPECT(0xE0, 0xF0, 0x75, 0xE0, 0x12);
    key(0xE035, true);
    EXPECT(0xE0, 0xF0, 0x12, 0xE0, 0x4A);
    key(0xE035, false);
    EXPECT(0xE0, 0xF0, 0x4A, 0xE0, 0x12);
    key(0x36, true);
    key(0xE052, true);
    EXPECT(0x59, 0xE0, 0xF0, 0x12, 0xE0, 0xF0, 0x59, 0xE0, 0x70);
    key(0xE052, false);
    EXPECT(0xE0, 0xF0, 0x70, 0xE0, 0x12, 0xE0, 0x59);
    key(0x36, false);
    key(0x2A, false);
    EXPECT(0xF0, 0x59, 0xF0, 0x12);
    set_leds(2);
    key(0xE048, true);
    EXPECT(0xE0, 0x12, 0xE0, 0x75);
    key(0xE048, false);
    EXPECT(0xE0, 0xF0, 0x75, 0xE0, 0xF0, 0x12);
    key(0x2A, true);
    key(0xE048, true);
    EXPECT(0x12, 0xE0, 0x75);
}
END_TEST

START_TEST(print_screen_in_its_forms)
{
    key(0xE037, true);
    EXPECT(0xE0, 0x12, 0xE0, 0x7C);
    key(0xE037, false);
    EXPECT(0xE0, 0xF0, 0x7C, 0xE0, 0xF0, 0x12);
    key(0x1D, true);
    key(0xE037, true);
    key(0xE037, false);
    EXPECT(0x14, 0xE0, 0x7C, 0xE0, 0xF0, 0x7C);
    key(0x1D, false);
    key(0x38, true);
    key(0xE037, true);
    EXPECT(0xF0, 0x14, 0x11, 0x84);
    key(0x38, false);
    key(0xE037, false);
    EXPECT(0xF0, 0x11, 0xF0, 0x84);
}
END_TEST

START_TEST(set_3_has_types_of_keys)
{
    set_scan_set(3);
    data(0xF0);
    EXPECT(0xFA);
    data(0);
    EXPECT(0xFA, 0x03);
    key(0x1E, true);
    key(0x1E, false);
    EXPECT(0x1C); /* typematic: no break */
    key(0x1D, true);
    key(0x1D, false);
    EXPECT(0x11, 0xF0, 0x11); /* make/break */
    key(0xE048, true);
    key(0xE048, false);
    EXPECT(0x63); /* one byte, no fake shift */
    key(0xE11D, true);
    EXPECT(0x62);
    data(0xFC);
    EXPECT(0xFA);
    data(0x1C);
    EXPECT(0xFA);
    data(0xF4);
    EXPECT(0xFA);
    key(0x1E, true);
    key(0x1E, false);
    EXPECT(0x1C, 0xF0, 0x1C);
    data(0xFA);
    EXPECT(0xFA);
    key(0x10, true);
    key(0x10, false);
    EXPECT(0x15, 0xF0, 0x15);
}
END_TEST

START_TEST(keyboard_commands)
{
    data(0xEE);
    EXPECT(0xEE);
    data(0xF2);
    EXPECT(0xFA, 0xAB, 0x83);
    data(0xFE);
    EXPECT(0x83);
    data(0xF0);
    EXPECT(0xFA);
    data(0x00);
    EXPECT(0xFA, 0x02);
    data(0xF0);
    EXPECT(0xFA);
    data(0x04);
    EXPECT(0xFE);
    data(0xEF);
    EXPECT(0xFE);
    data(0x00);
    EXPECT(0xFE);
    set_leds(5);
    ck_assert_uint_eq(ps2_keyboard_leds(keyboard), 5);
    data(0xED);
    EXPECT(0xFA);
    data(0xF4); /* a command in place of the argument */
    EXPECT(0xFA);
    ck_assert_uint_eq(ps2_keyboard_leds(keyboard), 5);
    data(0xFF);
    EXPECT(0xFA, 0xAA);
    ck_assert_uint_eq(ps2_keyboard_leds(keyboard), 0);
    command_byte(0x43);
    data(0xF2);
    EXPECT(0xFA, 0xAB, 0x41); /* translated */
}
END_TEST

START_TEST(disabled_scanning_sends_nothing)
{
    data(0xF5);
    EXPECT(0xFA);
    key(0x1E, true);
    key(0x1E, false);
    expect_nothing();
    data(0xF4);
    EXPECT(0xFA);
    key(0x1E, true);
    EXPECT(0x1C);
}
END_TEST

START_TEST(typematic_repeats_the_last_key)
{
    data(0xF3);
    EXPECT(0xFA);
    data(0x00); /* 250 ms, 30 per second */
    EXPECT(0xFA);
    key(0x1E, true);
    EXPECT(0x1C);
    rig_pass_ms(&rig, 240);
    ck_assert_uint_eq(status() & 1, 0);
    unsigned repeats = 0;
    for (unsigned i = 0; i < 9900; i++) {
        rig_pass_us(&rig, 100);
        if (status() & 1) {
            EXPECT(0x1C);
            repeats++;
        }
    }
    ck_assert_uint_ge(repeats, 29);
    ck_assert_uint_le(repeats, 31);
    key(0x1F, true);
    EXPECT(0x1B);
    key(0x1E, false);
    EXPECT(0xF0, 0x1C);
    ck_assert(wait_output(300)); /* the other goes on */
    EXPECT(0x1B);
    key(0x1F, false);
    EXPECT(0xF0, 0x1B);
    expect_nothing();
    rig_pass_ms(&rig, 500);
    expect_nothing();
}
END_TEST

START_TEST(only_typematic_keys_of_set_3_repeat)
{
    set_scan_set(3);
    key(0x01, true); /* Esc makes only */
    EXPECT(0x08);
    rig_pass_ms(&rig, 1000);
    ck_assert(ps2_keyboard_idle(keyboard));
    expect_nothing();
    key(0x1E, true);
    ck_assert(!ps2_keyboard_idle(keyboard));
    EXPECT(0x1C);
    rig_pass_ms(&rig, 510);
    EXPECT(0x1C);
}
END_TEST

START_TEST(full_buffer_says_overrun)
{
    command(0xAD);
    for (unsigned i = 0; i < 10; i++) {
        key((uint16_t)(0x10 + i), true);
        key((uint16_t)(0x10 + i), false);
    }
    command(0xAE);
    for (unsigned i = 0; i < 5; i++) {
        get();
        EXPECT(0xF0);
        get();
    }
    EXPECT(0x35, 0x00); /* the sixth key's make; its break did not fit */
    expect_nothing();
}
END_TEST

START_TEST(unknown_keys_do_nothing)
{
    static const uint16_t keys[] = {0, 0x80, 0xFF, 0x100, 0xE000, 0xE080, 0xE145, 0xFFFF};
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++) {
        key(keys[i], true);
        key(keys[i], false);
    }
    expect_nothing();
    key(0x1E, false); /* was not down */
    expect_nothing();
}
END_TEST

/* --- Mouse --- */

static void enable_mouse(void)
{
    to_mouse(0xF4);
    EXPECT(0xFA);
}

static void set_rate(uint8_t rate)
{
    to_mouse(0xF3);
    EXPECT(0xFA);
    to_mouse(rate);
    EXPECT(0xFA);
}

START_TEST(mouse_reports_movement_and_buttons)
{
    ps2_mouse_move(mouse, 5, 5, 0, 0);
    expect_nothing(); /* not enabled */
    enable_mouse();
    ps2_mouse_move(mouse, 10, 3, 0, 0);
    ck_assert(wait_output(5));
    ck_assert_uint_eq(status() & 0x20, 0x20);
    ck_assert(irq12.level);
    EXPECT(0x28, 10, 0xFD);
    rig_pass_ms(&rig, 20);
    ps2_mouse_move(mouse, -1, -300, 0, 5);
    EXPECT(0x1D, 0xFF, 255);
    EXPECT(0x0D, 0, 45);
    ps2_mouse_move(mouse, 0, 0, 0, 0);
    EXPECT(0x08, 0, 0);
    expect_nothing();
}
END_TEST

START_TEST(mouse_gathers_while_the_host_is_slow)
{
    enable_mouse();
    for (unsigned i = 0; i < 50; i++) {
        ps2_mouse_move(mouse, 1, 0, 0, 0);
        rig_pass_ms(&rig, 1);
    }
    EXPECT(0x08, 1, 0);
    rig_pass_ms(&rig, 20);
    EXPECT(0x08, 49, 0);
    expect_nothing();
}
END_TEST

START_TEST(mouse_click_within_one_sample_is_not_lost)
{
    enable_mouse();
    ps2_mouse_move(mouse, 1, 0, 0, 0);
    ps2_mouse_move(mouse, 0, 0, 0, 1);
    ps2_mouse_move(mouse, 0, 0, 0, 0);
    EXPECT(0x08, 1, 0, 0x09, 0, 0, 0x08, 0, 0);
}
END_TEST

START_TEST(mouse_wheel_after_the_knock)
{
    to_mouse(0xF2);
    EXPECT(0xFA, 0x00);
    set_rate(200);
    set_rate(100);
    set_rate(80);
    to_mouse(0xF2);
    EXPECT(0xFA, 0x03);
    enable_mouse();
    ps2_mouse_move(mouse, 0, 0, 1, 0);
    EXPECT(0x08, 0, 0, 0xFF);
    set_rate(200);
    set_rate(200);
    set_rate(80);
    to_mouse(0xF2);
    EXPECT(0xFA, 0x04);
    enable_mouse();
    ps2_mouse_move(mouse, 0, 0, -2, 0x08);
    EXPECT(0x08, 0, 0, 0x12);
    ps2_mouse_move(mouse, 0, 0, 1, 0x10);
    EXPECT(0x08, 0, 0, 0x2F);
    to_mouse(0xFF);
    EXPECT(0xFA, 0xAA, 0x00);
    to_mouse(0xF2);
    EXPECT(0xFA, 0x00);
}
END_TEST

START_TEST(mouse_status_modes_and_wrap)
{
    to_mouse(0xE9);
    EXPECT(0xFA, 0x00, 0x02, 100);
    to_mouse(0xE8);
    EXPECT(0xFA);
    to_mouse(0x03);
    EXPECT(0xFA);
    to_mouse(0xE7);
    EXPECT(0xFA);
    set_rate(40);
    enable_mouse();
    ps2_mouse_move(mouse, 0, 0, 0, 2);
    EXPECT(0x0A, 0, 0);
    to_mouse(0xE9);
    EXPECT(0xFA, 0x31, 0x03, 40);
    to_mouse(0xF0);
    EXPECT(0xFA);
    ps2_mouse_move(mouse, 3, 0, 0, 2);
    expect_nothing();
    to_mouse(0xEB);
    EXPECT(0xFA, 0x0A, 3, 0); /* no scaling of what is asked for */
    to_mouse(0xEE);
    EXPECT(0xFA);
    to_mouse(0xF4);
    EXPECT(0xF4);
    to_mouse(0xEC);
    EXPECT(0xFA);
    to_mouse(0xF6);
    EXPECT(0xFA);
    to_mouse(0xE9);
    EXPECT(0xFA, 0x01, 0x02, 100);
}
END_TEST

START_TEST(mouse_scaling_two_to_one)
{
    static const int in[] = {1, 2, 3, 4, 5, 6, -3};
    static const uint8_t out[] = {1, 1, 3, 6, 9, 12, 0xFD};
    to_mouse(0xE7);
    EXPECT(0xFA);
    enable_mouse();
    for (unsigned i = 0; i < sizeof out; i++) {
        ps2_mouse_move(mouse, in[i], 0, 0, 0);
        get();
        EXPECT(out[i], 0);
        rig_pass_ms(&rig, 20);
    }
}
END_TEST

START_TEST(mouse_complains_once_then_errs)
{
    to_mouse(0x01);
    EXPECT(0xFE);
    to_mouse(0x01);
    EXPECT(0xFC);
    to_mouse(0xF2);
    EXPECT(0xFA, 0x00);
    to_mouse(0xFE);
    EXPECT(0x00);
}
END_TEST

START_TEST(mouse_resends_the_packet_and_refuses_bad_arguments)
{
    enable_mouse();
    ps2_mouse_move(mouse, 7, 0, 0, 0);
    EXPECT(0x08, 7, 0);
    to_mouse(0xFE);
    EXPECT(0x08, 7, 0);
    to_mouse(0xE8);
    EXPECT(0xFA);
    to_mouse(0x04);
    EXPECT(0xFE);
    to_mouse(0x01); /* the argument, once more */
    EXPECT(0xFA);
    to_mouse(0xE9);
    EXPECT(0xFA, 0x20, 0x01, 100);
}
END_TEST

START_TEST(mouse_command_breaks_off_the_self_test)
{
    to_mouse(0xFF);
    EXPECT(0xFA);
    to_mouse(0xF2);
    EXPECT(0xFA, 0x00);
    rig_pass_ms(&rig, 100);
    expect_nothing();
}
END_TEST

START_TEST(keyboard_and_mouse_take_turns)
{
    enable_mouse();
    key(0x1E, true);
    key(0x1E, false);
    ps2_mouse_move(mouse, 1, 0, 0, 0);
    unsigned from_mouse = 0, from_keyboard = 0;
    for (unsigned i = 0; i < 6; i++) {
        ck_assert(wait_output(5));
        if (status() & 0x20)
            from_mouse++;
        else
            from_keyboard++;
        in8(&rig, 0x60);
    }
    ck_assert_uint_eq(from_mouse, 3);
    ck_assert_uint_eq(from_keyboard, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("i8042");
    TCase *tc = tcase_create("controller");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, both_devices_greet_after_power_on);
    tcase_add_test(tc, self_tests_pass);
    tcase_add_test(tc, controller_ram_and_command_byte);
    tcase_add_test(tc, status_tells_command_from_data);
    tcase_add_test(tc, a20_by_the_output_port);
    tcase_add_test(tc, resets_by_pulse_and_by_output_port);
    tcase_add_test(tc, loopback_commands_fill_either_buffer);
    tcase_add_test(tc, ports_and_test_inputs_read);
    tcase_add_test(tc, interrupts_follow_the_command_byte);
    tcase_add_test(tc, disabled_keyboard_keeps_its_codes);
    tcase_add_test(tc, a_byte_takes_its_time_on_the_wire);
    tcase_add_test(tc, missing_device_times_out);
    tcase_add_test(tc, password_locks_the_keyboard);
    suite_add_tcase(suite, tc);
    tc = tcase_create("keyboard");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_key_translates_to_its_set_1_code);
    tcase_add_test(tc, set_1_without_translation_gives_the_same);
    tcase_add_test(tc, set_2_codes);
    tcase_add_test(tc, fake_shifts_around_the_grey_keys);
    tcase_add_test(tc, print_screen_in_its_forms);
    tcase_add_test(tc, set_3_has_types_of_keys);
    tcase_add_test(tc, keyboard_commands);
    tcase_add_test(tc, disabled_scanning_sends_nothing);
    tcase_add_test(tc, typematic_repeats_the_last_key);
    tcase_add_test(tc, only_typematic_keys_of_set_3_repeat);
    tcase_add_test(tc, full_buffer_says_overrun);
    tcase_add_test(tc, unknown_keys_do_nothing);
    suite_add_tcase(suite, tc);
    tc = tcase_create("mouse");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, mouse_reports_movement_and_buttons);
    tcase_add_test(tc, mouse_gathers_while_the_host_is_slow);
    tcase_add_test(tc, mouse_click_within_one_sample_is_not_lost);
    tcase_add_test(tc, mouse_wheel_after_the_knock);
    tcase_add_test(tc, mouse_status_modes_and_wrap);
    tcase_add_test(tc, mouse_scaling_two_to_one);
    tcase_add_test(tc, mouse_complains_once_then_errs);
    tcase_add_test(tc, mouse_resends_the_packet_and_refuses_bad_arguments);
    tcase_add_test(tc, mouse_command_breaks_off_the_self_test);
    tcase_add_test(tc, keyboard_and_mouse_take_turns);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
