/* --type: what is pressed, in which order, and when in virtual time. The machine is a clock and a log of
 * keys. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gui/typist.h"
#include "machine/machine.h"

#define HZ 1000000ull

static uint64_t now;
static struct text keys; /* "MILLISECONDS:KEY+" for presses, "-" for releases */
static const char *screen = "";
static uint64_t activity;
static struct typist *typist;
static struct error err;

void machine_key(struct machine *machine, uint16_t key, bool down)
{
    (void)machine;
    text_add(&keys, "%s%llu:%x%c", keys.length ? " " : "", (unsigned long long)(now / 1000), key,
             down ? '+' : '-');
}

void machine_mouse(struct machine *machine, int dx, int dy, int wheel, unsigned buttons)
{
    (void)machine;
    text_add(&keys, "%s%llu:%d,%d,%d,%u", keys.length ? " " : "", (unsigned long long)(now / 1000), dx, dy,
             wheel, buttons);
}

uint64_t machine_cycles(const struct machine *machine)
{
    (void)machine;
    return now;
}

uint64_t machine_hz(const struct machine *machine)
{
    (void)machine;
    return HZ;
}

uint64_t machine_floppy_activity(const struct machine *machine)
{
    (void)machine;
    return activity;
}

uint64_t machine_disk_activity(const struct machine *machine)
{
    (void)machine;
    return 0;
}

void machine_screen_text(struct machine *machine, struct text *out)
{
    (void)machine;
    text_add(out, "%s", screen);
}

static void setup(void)
{
    now = activity = 0;
    screen = "";
    typist = typist_create();
}

static void teardown(void)
{
    typist_destroy(typist);
    text_free(&keys);
}

/* Runs in slices of 10 ms up to MILLISECONDS. */
static void run_to(uint64_t milliseconds)
{
    for (; now <= milliseconds * 1000; now += 10000)
        typist_run(typist, NULL);
}

static void type(const char *script)
{
    ck_assert_msg(typist_add_script(typist, script, &err), "%s", err.text);
}

START_TEST(keys_are_held_and_spaced)
{
    type("\\{wait 100ms}ab");
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "100:1e+ 120:1e- 140:30+ 160:30-");
    ck_assert(!typist_busy(typist));
}
END_TEST

START_TEST(capitals_are_typed_with_shift)
{
    type("\\{wait 0ms}A");
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "0:2a+ 0:1e+ 20:1e- 20:2a-");
}
END_TEST

START_TEST(chords_go_up_in_the_opposite_order)
{
    type("\\{wait 0ms}\\{ctrl-alt-del}\\{-}");
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "0:1d+ 0:38+ 0:e053+ 20:e053- 20:38- 20:1d- 40:c+ 60:c-");
}
END_TEST

START_TEST(escapes_are_keys)
{
    type("\\{wait 0ms}\\t\\e\\b\\\\");
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "0:f+ 20:f- 40:1+ 60:1- 80:e+ 100:e- 120:2b+ 140:2b-");
}
END_TEST

START_TEST(typing_begins_when_screen_and_drives_are_still)
{
    type("a");
    screen = "POST";
    run_to(500);
    screen = "POST\nboot";
    run_to(1000);
    activity++;
    run_to(1990);
    ck_assert_str_eq(text_chars(&keys), "");
    run_to(2100);
    ck_assert_str_eq(text_chars(&keys), "2010:1e+ 2030:1e-");
}
END_TEST

START_TEST(a_restless_screen_holds_it_up_for_a_minute_at_most)
{
    static char frames[2][2] = {"a", "b"};
    type("a");
    for (uint64_t ms = 0; ms < 60100; ms += 10) {
        screen = frames[ms / 10 % 2];
        run_to(ms);
    }
    ck_assert_str_eq(text_chars(&keys), "60000:1e+ 60020:1e-");
}
END_TEST

START_TEST(after_enter_the_answer_is_awaited)
{
    type("\\{wait 0ms}\\na");
    run_to(100);
    screen = "answer";
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "0:1c+ 20:1c- 360:1e+ 380:1e-");
}
END_TEST

START_TEST(it_waits_for_what_the_screen_shows)
{
    type("\\{screen ^A:.{1,3}>$}x");
    run_to(5000);
    ck_assert_str_eq(text_chars(&keys), "");
    screen = "hello\nA:\\>\n";
    run_to(5100);
    ck_assert_str_eq(text_chars(&keys), "5010:2d+ 5030:2d-");
}
END_TEST

static const char mouse_script[] =
    "\\{wait 0ms}\\{mouse 300 -5}\\{mouse left middle}\\{mouse 1 2 -3 right}\\{mouse}a";
static const char mouse_moves[] = "0:300,-5,0,0 40:0,0,0,5 60:1,2,-3,2 80:0,0,0,0 100:1e+ 120:1e-";

START_TEST(the_mouse_moves_with_the_named_buttons_held)
{
    type(mouse_script);
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), mouse_moves);
}
END_TEST

START_TEST(a_snapshot_keeps_its_movements)
{
    struct blob blob = {0};
    type(mouse_script);
    typist_write(typist, &blob);
    struct blob_reader in = {.at = blob.bytes, .left = blob.size};
    typist_clear(typist);
    ck_assert(typist_read(typist, &in));
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), mouse_moves);
    for (size_t size = 0; size < blob.size; size++) {
        in = (struct blob_reader){.at = blob.bytes, .left = size};
        ck_assert(!typist_read(NULL, &in));
    }
    blob_free(&blob);
}
END_TEST

START_TEST(what_cannot_be_typed_is_refused)
{
    static const char *const bad[] = {"\\{mouse 1}",
                                      "\\{mouse 1 x}",
                                      "\\{mouse 1 2 3 4}",
                                      "\\{mouse left 1 2}",
                                      "\\{mouse 4097 0}",
                                      "\xC3\xA4",
                                      "\\q",
                                      "\\",
                                      "\\{f1",
                                      "\\{}",
                                      "\\{f99}",
                                      "\\{ctrl-nope}",
                                      "\\{wait soon}",
                                      "\\{screen (}",
                                      "\\{a-b-c-d-e-f-g-h-i}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err.text[0] = 0;
        ck_assert_msg(!typist_add_script(typist, bad[i], &err), "'%s' was taken", bad[i]);
        ck_assert_msg(!strncmp(err.text, "--type", 6) && !strchr(err.text, '\n'), "'%s': %s", bad[i],
                      err.text);
    }
}
END_TEST

START_TEST(pasted_text_leaves_out_what_no_key_types)
{
    typist_add_text(typist, "a\xC3\xA4\r\nb");
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "0:1e+ 20:1e- 40:1c+ 60:1c- 80:30+ 100:30-");
}
END_TEST

START_TEST(strokes_of_a_user_are_quick_and_can_follow_later)
{
    static const uint16_t ctrl_c[] = {0x1D, 0x2E};
    typist_add_chord(typist, ctrl_c, 2);
    run_to(500);
    typist_add_chord(typist, ctrl_c + 1, 1);
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "0:1d+ 0:2e+ 10:2e- 10:1d- 510:2e+ 520:2e-");
}
END_TEST

START_TEST(keys_that_come_all_at_once_are_spaced)
{
    typist_add_key(typist, 0x1E, true);
    run_to(100);
    for (unsigned i = 0; i < 2; i++) {
        typist_add_key(typist, 0x1E, false);
        typist_add_key(typist, 0x1E, true);
    }
    run_to(1000);
    ck_assert_str_eq(text_chars(&keys), "0:1e+ 110:1e- 120:1e+ 130:1e- 140:1e+");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("typist");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, keys_are_held_and_spaced);
    tcase_add_test(tests, capitals_are_typed_with_shift);
    tcase_add_test(tests, chords_go_up_in_the_opposite_order);
    tcase_add_test(tests, escapes_are_keys);
    tcase_add_test(tests, typing_begins_when_screen_and_drives_are_still);
    tcase_add_test(tests, a_restless_screen_holds_it_up_for_a_minute_at_most);
    tcase_add_test(tests, after_enter_the_answer_is_awaited);
    tcase_add_test(tests, it_waits_for_what_the_screen_shows);
    tcase_add_test(tests, the_mouse_moves_with_the_named_buttons_held);
    tcase_add_test(tests, a_snapshot_keeps_its_movements);
    tcase_add_test(tests, what_cannot_be_typed_is_refused);
    tcase_add_test(tests, pasted_text_leaves_out_what_no_key_types);
    tcase_add_test(tests, strokes_of_a_user_are_quick_and_can_follow_later);
    tcase_add_test(tests, keys_that_come_all_at_once_are_spaced);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
