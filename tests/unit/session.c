/* The session: slices at fixed virtual times, limits, --until, exit statuses. The machine is a clock that
 * overshoots, and does what a test scripted. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "gui/screenshot.h"
#include "gui/session.h"
#include "gui/session_snapshot.h"
#include "gui/video.h"
#include "machine/machine.h"
#include "machine/snapshot_config.h"

#define HZ 1000003ull /* so that slices are no whole numbers of cycles */

struct machine {
    struct machine_config config;
    uint64_t now;
    uint64_t overshoot;
    uint64_t untils[1000]; /* what machine_run() was asked for */
    unsigned runs;
    uint64_t limit_instructions;
    uint64_t event_at; /* cycle at which `event` happens */
    enum machine_stop event;
    uint64_t text_at;   /* cycle from which the screen shows READY */
    uint64_t serial_at; /* cycle at which COM2 sends DONE */
    bool serial_sent;
    unsigned signal_in_run; /* number of the call of machine_run() in which Ctrl-C comes; 0: none */
    bool interrupted;
};

static struct machine machine;
static struct run_options options;
static struct session session;
static struct error err;

struct machine *machine_create(const struct machine_config *config, struct error *error)
{
    (void)error;
    machine.config = *config;
    return &machine;
}

const struct machine_config *machine_configuration(const struct machine *m)
{
    return &m->config;
}

void machine_keep_nvram(struct machine *m, const char *path)
{
    (void)m, (void)path;
}

struct machine *session_load_machine(struct session *s, const struct machine_config *given,
                                     struct error *error)
{
    (void)s, (void)given;
    error_set(error, "no snapshots here");
    return NULL;
}

void machine_destroy(struct machine *m)
{
    (void)m;
}

enum machine_stop machine_run(struct machine *m, uint64_t until)
{
    if (m->runs < 1000)
        m->untils[m->runs] = until;
    m->runs++;
    if (m->runs == m->signal_in_run) {
        raise(SIGINT);
        if (m->interrupted) {
            m->now++;
            return MACHINE_INTERRUPTED;
        }
    }
    if (m->event != MACHINE_RAN && m->event_at <= until) {
        m->now = m->event_at;
        return m->event;
    }
    m->now = until + m->overshoot;
    if (m->serial_at && m->now >= m->serial_at && !m->serial_sent) {
        m->serial_sent = true;
        for (const char *at = "all DONE\r\n"; *at; at++)
            sink_put(&m->config.serial[1], (uint8_t)*at);
    }
    return MACHINE_RAN;
}

void machine_interrupt(struct machine *m)
{
    m->interrupted = true;
}

enum machine_stop machine_step(struct machine *m, uint64_t until)
{
    (void)until;
    m->now++;
    return MACHINE_RAN;
}

void machine_limit_instructions(struct machine *m, uint64_t count)
{
    m->limit_instructions = count;
}

int machine_exit_status(const struct machine *m)
{
    (void)m;
    return 7;
}

uint64_t machine_cycles(const struct machine *m)
{
    return m->now;
}

uint64_t machine_instructions(const struct machine *m)
{
    return m->now / 2;
}

uint64_t machine_hz(const struct machine *m)
{
    (void)m;
    return HZ;
}

void machine_screen_text(struct machine *m, struct text *out)
{
    text_add(out, m->text_at && m->now >= m->text_at ? "boot\nREADY\n" : "boot\n");
}

void machine_stats_json(struct machine *m, struct text *out)
{
    text_add(out, "\"instructions\": %llu", (unsigned long long)machine_instructions(m));
}

uint64_t machine_floppy_activity(const struct machine *m)
{
    (void)m;
    return 0;
}

uint64_t machine_disk_activity(const struct machine *m)
{
    (void)m;
    return 0;
}

void machine_mouse(struct machine *machine, int dx, int dy, int wheel, unsigned buttons)
{
    (void)machine, (void)dx, (void)dy, (void)wheel, (void)buttons;
}

void machine_key(struct machine *m, uint16_t key, bool down)
{
    (void)m, (void)key, (void)down;
}

bool machine_serial_receive(struct machine *m, unsigned port, uint8_t byte)
{
    (void)m, (void)port, (void)byte;
    return true;
}

bool machine_change_medium(struct machine *m, enum machine_media_slot slot, const char *path,
                           struct error *error)
{
    (void)m, (void)slot, (void)path, (void)error;
    return false;
}

struct video *video_open(const char *path, struct machine *m, struct error *error)
{
    (void)path, (void)m, (void)error;
    return NULL;
}

void video_tick(struct video *video)
{
    (void)video;
}

bool video_close(struct video *video, struct error *error)
{
    (void)video, (void)error;
    return true;
}

bool machine_take_trouble(struct machine *m, struct error *error)
{
    (void)m, (void)error;
    return false;
}

bool machine_save_nvram(struct machine *m, struct error *error)
{
    (void)m, (void)error;
    return true;
}

char *snapshot_file_name(const char *path)
{
    (void)path;
    return NULL;
}

const char *machine_medium(const struct machine *m, enum machine_media_slot slot)
{
    (void)m, (void)slot;
    return NULL;
}

const char *machine_drive_name(enum machine_media_slot slot)
{
    (void)slot;
    return "fda";
}

bool machine_same_medium(const char *a, const char *b)
{
    return !strcmp(a, b);
}

bool machine_can_change(const struct machine *m, enum machine_media_slot slot)
{
    (void)m, (void)slot;
    return false;
}

void machine_reset(struct machine *m)
{
    (void)m;
}

void machine_power_button(struct machine *m)
{
    (void)m;
}

bool screenshot_write(struct machine *m, const char *path, struct error *error)
{
    (void)m, (void)path, (void)error;
    return true;
}

bool display_open_sdl(struct display *display, struct session *s, struct error *error)
{
    (void)display, (void)s;
    return error_set(error, "no window in this test");
}

bool display_open_term(struct display *display, struct session *s, struct error *error)
{
    (void)display, (void)s;
    return error_set(error, "no terminal in this test");
}

static void setup(void)
{
    memset(&machine, 0, sizeof machine);
    run_options_init(&options);
    options.display = DISPLAY_NONE;
    options.limit_ns = 1000000000;
}

static void teardown(void)
{
    session_close(&session);
    options.stats_path = options.screen_text_path = NULL; /* not from the heap here */
    options.until_screen = options.until_serial = NULL;
    run_options_free(&options);
}

static enum session_end go(void)
{
    ck_assert_msg(session_open(&session, &options, &err), "%s", err.text);
    return session_go(&session);
}

START_TEST(slices_end_at_hundredths_of_a_second_whatever_the_machine_overshoots)
{
    static const uint64_t overshoots[] = {0, 1, 37, 9999};
    for (size_t i = 0; i < sizeof overshoots / sizeof *overshoots; i++) {
        teardown();
        setup();
        machine.overshoot = overshoots[i];
        ck_assert_int_eq(go(), SESSION_LIMIT);
        ck_assert_uint_eq(machine.runs, 100);
        for (uint64_t k = 1; k <= 100; k++)
            ck_assert_uint_eq(machine.untils[k - 1], k == 100 ? HZ : (k * HZ + 99) / 100);
    }
}
END_TEST

START_TEST(the_limit_is_exact_and_gives_124)
{
    options.limit_ns = 123456789;
    ck_assert_int_eq(go(), SESSION_LIMIT);
    ck_assert_uint_eq(machine.now, 123456789ull * HZ / 1000000000);
    ck_assert_int_eq(session_exit_status(&session), 124);
}
END_TEST

START_TEST(the_instruction_limit_is_the_machine_s)
{
    options.limit_instructions = 5000;
    machine.event = MACHINE_INSTRUCTIONS;
    machine.event_at = 12345;
    ck_assert_int_eq(go(), SESSION_LIMIT);
    ck_assert_uint_eq(machine.limit_instructions, 5000);
    ck_assert_int_eq(session_exit_status(&session), 124);
    /* The slice that it fell into is not over: a snapshot goes on with the rest of it. */
    ck_assert(session.in_slice);
    ck_assert_uint_eq(session.slice_end, 2 * HZ / 100 + 1);
}
END_TEST

START_TEST(each_end_has_its_status)
{
    static const struct {
        enum machine_stop stop;
        enum session_end end;
        int status;
    } ends[] = {{MACHINE_POWERED_OFF, SESSION_POWERED_OFF, 0},
                {MACHINE_EXITED, SESSION_EXITED, 7},
                {MACHINE_TRIPLE_FAULT, SESSION_TRIPLE_FAULT, 125}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        teardown();
        setup();
        machine.event = ends[i].stop;
        machine.event_at = 500000;
        ck_assert_int_eq(go(), ends[i].end);
        ck_assert_int_eq(session_exit_status(&session), ends[i].status);
    }
}
END_TEST

START_TEST(until_screen_is_looked_at_after_each_slice)
{
    options.until_screen = "^READY$";
    machine.text_at = 300000;
    ck_assert_int_eq(go(), SESSION_UNTIL);
    ck_assert_uint_eq(machine.now, (30 * HZ + 99) / 100);
    ck_assert_int_eq(session_exit_status(&session), 0);
}
END_TEST

START_TEST(until_serial_hears_every_port)
{
    options.until_serial = "DONE";
    machine.serial_at = 400000;
    ck_assert_int_eq(go(), SESSION_UNTIL);
    ck_assert_uint_eq(machine.now, (40 * HZ + 99) / 100);
}
END_TEST

START_TEST(what_matches_at_the_end_counts_even_if_the_guest_powers_off)
{
    options.until_screen = "READY";
    machine.text_at = machine.event_at = 300000;
    machine.event = MACHINE_TRIPLE_FAULT;
    ck_assert_int_eq(go(), SESSION_UNTIL);
}
END_TEST

START_TEST(headless_defaults_do_not_depend_on_the_host)
{
    go();
    ck_assert_int_eq(machine.config.start_time, 978307200);
    ck_assert(!machine.config.reset_on_triple_fault);
    ck_assert_uint_eq(session.pace.percent, 0);
    ck_assert(!session.interactive);
}
END_TEST

START_TEST(a_given_date_and_reset_are_kept)
{
    options.start_time = START_TIME_FIXED;
    options.machine.start_time = 42;
    options.triple_fault = TRIPLE_FAULT_RESET;
    go();
    ck_assert_int_eq(machine.config.start_time, 42);
    ck_assert(machine.config.reset_on_triple_fault);
}
END_TEST

START_TEST(a_monitor_gets_breakpoints_others_run_on)
{
    options.monitor = true;
    machine.event = MACHINE_BREAK;
    machine.event_at = 100000;
    ck_assert_int_eq(go(), SESSION_BREAK);
    machine.event = MACHINE_RAN;
    ck_assert_int_eq(session_step(&session), SESSION_RUNNING);
    ck_assert_int_eq(session_go(&session), SESSION_LIMIT);
}
END_TEST

START_TEST(an_interrupt_ends_the_run_within_a_slice)
{
    machine.signal_in_run = 3;
    ck_assert_int_eq(go(), SESSION_SIGNAL);
    ck_assert_uint_eq(machine.runs, 3);
    ck_assert(machine.now < machine.untils[2]);
}
END_TEST

START_TEST(what_was_interrupted_goes_on_with_the_same_slice)
{
    options.monitor = true;
    machine.signal_in_run = 3;
    ck_assert_int_eq(go(), SESSION_BREAK);
    ck_assert_int_eq(session_go(&session), SESSION_LIMIT);
    ck_assert_uint_eq(machine.untils[3], machine.untils[2]);
    ck_assert_uint_eq(machine.untils[1] < machine.untils[2], true);
}
END_TEST

START_TEST(outputs_that_cannot_be_written_are_refused_before_the_run)
{
    options.stats_path = "/nonexistent/stats.json";
    ck_assert(!session_open(&session, &options, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "--stats /nonexistent/stats.json"));
    ck_assert_uint_eq(machine.runs, 0);
}
END_TEST

START_TEST(statistics_and_screen_are_written)
{
    char stats[64], screen[64], line[256], all[4096] = "";
    snprintf(stats, sizeof stats, "/tmp/tick86-stats-%d", (int)getpid());
    snprintf(screen, sizeof screen, "/tmp/tick86-screen-%d", (int)getpid());
    options.stats_path = stats;
    options.screen_text_path = screen;
    go();
    ck_assert(session_write_outputs(&session, &err));
    FILE *file = fopen(stats, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file))
        strncat(all, line, sizeof all - strlen(all) - 1);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(all, "\"end\": \"limit\""));
    ck_assert_ptr_nonnull(strstr(all, "\"exit_status\": 124"));
    ck_assert_ptr_nonnull(strstr(all, "\"instructions\": 500001"));
    file = fopen(screen, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_str_eq(line, "boot\n");
    fclose(file);
    unlink(stats);
    unlink(screen);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, slices_end_at_hundredths_of_a_second_whatever_the_machine_overshoots);
    tcase_add_test(tests, the_limit_is_exact_and_gives_124);
    tcase_add_test(tests, the_instruction_limit_is_the_machine_s);
    tcase_add_test(tests, each_end_has_its_status);
    tcase_add_test(tests, until_screen_is_looked_at_after_each_slice);
    tcase_add_test(tests, until_serial_hears_every_port);
    tcase_add_test(tests, what_matches_at_the_end_counts_even_if_the_guest_powers_off);
    tcase_add_test(tests, headless_defaults_do_not_depend_on_the_host);
    tcase_add_test(tests, a_given_date_and_reset_are_kept);
    tcase_add_test(tests, a_monitor_gets_breakpoints_others_run_on);
    tcase_add_test(tests, an_interrupt_ends_the_run_within_a_slice);
    tcase_add_test(tests, what_was_interrupted_goes_on_with_the_same_slice);
    tcase_add_test(tests, outputs_that_cannot_be_written_are_refused_before_the_run);
    tcase_add_test(tests, statistics_and_screen_are_written);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
