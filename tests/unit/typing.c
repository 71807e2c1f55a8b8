/* Characters, names and terminal sequences become the right keys. */
#include <check.h>
#include <string.h>

#include "gui/keymap.h"
#include "gui/term_keys.h"

static void character_is(char character, uint16_t key, bool shift)
{
    struct keystroke stroke;
    ck_assert_msg(keymap_character((uint8_t)character, &stroke), "no key for '%c'", character);
    ck_assert_msg(stroke.key == key && stroke.shift == shift, "'%c' is %x %d", character, stroke.key,
                  stroke.shift);
}

START_TEST(every_printable_character_has_a_key)
{
    struct keystroke stroke;
    for (uint32_t c = ' '; c <= '~'; c++)
        ck_assert_msg(keymap_character(c, &stroke) && stroke.key, "no key for %c", (int)c);
    ck_assert(!keymap_character(0x80, &stroke) && !keymap_character(0xE4, &stroke) &&
              !keymap_character(1, &stroke));
}
END_TEST

START_TEST(characters_follow_the_us_keyboard)
{
    character_is('a', 0x1E, false);
    character_is('A', 0x1E, true);
    character_is('z', 0x2C, false);
    character_is('1', 0x02, false);
    character_is('!', 0x02, true);
    character_is('0', 0x0B, false);
    character_is('+', 0x0D, true);
    character_is('\\', 0x2B, false);
    character_is('|', 0x2B, true);
    character_is('~', 0x29, true);
    character_is('?', 0x35, true);
    character_is(' ', 0x39, false);
    character_is('\n', 0x1C, false);
    character_is('\t', 0x0F, false);
    character_is('\033', 0x01, false);
}
END_TEST

static uint16_t named(const char *name)
{
    return keymap_name(name, strlen(name));
}

START_TEST(keys_go_by_name)
{
    ck_assert_uint_eq(named("f1"), 0x3B);
    ck_assert_uint_eq(named("F10"), 0x44);
    ck_assert_uint_eq(named("f12"), 0x58);
    ck_assert_uint_eq(named("f13"), 0);
    ck_assert_uint_eq(named("ctrl"), 0x1D);
    ck_assert_uint_eq(named("Del"), 0xE053);
    ck_assert_uint_eq(named("up"), 0xE048);
    ck_assert_uint_eq(named("pause"), 0xE11D);
    ck_assert_uint_eq(named("c"), 0x2E);
    ck_assert_uint_eq(named("f"), 0x21);
    ck_assert_uint_eq(named("hyper"), 0);
    ck_assert_uint_eq(named(""), 0);
}
END_TEST

/* TEXT is one stroke of exactly these keys, and all of it is taken. */
static void sequence_is(const char *text, size_t length, unsigned count, uint16_t a, uint16_t b, uint16_t c)
{
    const uint16_t want[3] = {a, b, c};
    struct term_chord chord;
    size_t taken = term_keys_take((const uint8_t *)text, length, &chord);
    ck_assert_msg(taken == length, "'%s': %zu of %zu bytes taken", text + 1, taken, length);
    ck_assert_msg(chord.count == count, "'%s': %u keys", text + 1, chord.count);
    for (unsigned i = 0; i < count; i++)
        ck_assert_msg(chord.keys[i] == want[i], "'%s': key %u is %x", text + 1, i, chord.keys[i]);
}

#define SEQUENCE(text, ...) sequence_is(text, sizeof text - 1, __VA_ARGS__)

START_TEST(terminal_sequences_are_keys)
{
    SEQUENCE("a", 1, 0x1E, 0, 0);
    SEQUENCE("A", 2, KEY_SHIFT, 0x1E, 0);
    SEQUENCE("\r", 1, KEY_ENTER, 0, 0);
    SEQUENCE("\x7F", 1, KEY_BACKSPACE, 0, 0);
    SEQUENCE("\x03", 2, KEY_CTRL, 0x2E, 0);
    SEQUENCE("\x1C", 2, KEY_CTRL, 0x2B, 0);
    SEQUENCE("\0", 2, KEY_CTRL, KEY_SPACE, 0);
    SEQUENCE("\x1B", 1, KEY_ESC, 0, 0);
    SEQUENCE("\x1Bx", 2, KEY_ALT, 0x2D, 0);
    SEQUENCE("\x1B[A", 1, KEY_UP, 0, 0);
    SEQUENCE("\x1BOB", 1, KEY_DOWN, 0, 0);
    SEQUENCE("\x1BOP", 1, 0x3B, 0, 0);
    SEQUENCE("\x1B[[C", 1, 0x3D, 0, 0);
    SEQUENCE("\x1B[15~", 1, 0x3F, 0, 0);
    SEQUENCE("\x1B[24~", 1, 0x58, 0, 0);
    SEQUENCE("\x1B[3~", 1, KEY_DELETE, 0, 0);
    SEQUENCE("\x1B[1;5C", 2, KEY_CTRL, KEY_RIGHT, 0);
    SEQUENCE("\x1B[3;6~", 3, KEY_CTRL, KEY_SHIFT, KEY_DELETE);
    SEQUENCE("\x1B[1;3P", 2, KEY_ALT, 0x3B, 0);
    SEQUENCE("\x1B[Z", 2, KEY_SHIFT, KEY_TAB, 0);
    SEQUENCE("\xC3\xA4", 0, 0, 0, 0);
    SEQUENCE("\x1B[999999999999;9999999999;1~", 0, 0, 0, 0);
    SEQUENCE("\x1B[12", 0, 0, 0, 0);
}
END_TEST

START_TEST(one_stroke_is_taken_at_a_time)
{
    struct term_chord chord;
    ck_assert_uint_eq(term_keys_take((const uint8_t *)"ab", 2, &chord), 1);
    ck_assert_uint_eq(term_keys_take((const uint8_t *)"\x1B[A\x1B[B", 6, &chord), 3);
    ck_assert_uint_eq(term_keys_take((const uint8_t *)"\x1B\x1B[A", 4, &chord), 1);
    ck_assert_uint_eq(chord.keys[0], KEY_ESC);
}
END_TEST

START_TEST(any_bytes_are_taken_without_harm)
{
    uint8_t bytes[3];
    struct term_chord chord;
    for (unsigned i = 0; i < 1 << 16; i++) {
        bytes[0] = 0x1B;
        bytes[1] = (uint8_t)(i >> 8);
        bytes[2] = (uint8_t)i;
        for (size_t count = 1; count <= 3; count++) {
            size_t taken = term_keys_take(bytes, count, &chord);
            ck_assert(taken >= 1 && taken <= count && chord.count <= TERM_CHORD_MAX);
            taken = term_keys_take(bytes + 3 - count, count, &chord);
            ck_assert(taken >= 1 && taken <= count);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("typing");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, every_printable_character_has_a_key);
    tcase_add_test(tests, characters_follow_the_us_keyboard);
    tcase_add_test(tests, keys_go_by_name);
    tcase_add_test(tests, terminal_sequences_are_keys);
    tcase_add_test(tests, one_stroke_is_taken_at_a_time);
    tcase_add_test(tests, any_bytes_are_taken_without_harm);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
