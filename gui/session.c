#include "gui/session.h"

#include <errno.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "config.h"
#include "gui/host_ports.h"
#include "gui/keymap.h"
#include "gui/menu.h"
#include "gui/screenshot.h"
#include "gui/session_snapshot.h"
#include "gui/typist.h"
#include "gui/video.h"
#include "gui/watch.h"
#include "machine/machine.h"

/* The date at power-on where the host's clock must not matter: 2001-01-01T00:00:00. */
#define FIXED_START_TIME 978307200
/* Slices of virtual time: how often the outside is looked at. */
#define SLICES_HEADLESS    100
#define SLICES_INTERACTIVE 200
#define DRAW_NS            (1000000000ll / 60)
#define NOTICE_NS          4000000000ll
#define SIP_NS             10000000ll /* longest sleep between two looks at the display */

/* A slice that keeps the host longer is left, so that the display is served meanwhile. */
#define SLICE_US 50000

/* Set by the handler of SIGINT, SIGTERM and SIGHUP; signals are the process's, so this is too. */
static volatile sig_atomic_t signal_seen;
/* What the handlers interrupt, where a slice takes long, and the thread that runs it. */
static struct machine *volatile running;
static pthread_t runner;

/* The thread that plays sound may be the one that a signal comes to. */
static void note_signal(int number)
{
    if (!pthread_equal(pthread_self(), runner)) {
        pthread_kill(runner, number);
        return;
    }
    if (number != SIGALRM)
        signal_seen = number;
    if (running)
        machine_interrupt(running);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal};
    runner = pthread_self();
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* writing fails instead */
}

/* --- Opening ----------------------------------------------------------------------------------------------
 */

static bool uses_stdio(const struct run_options *options)
{
    for (size_t i = 0; i < MACHINE_SERIAL_PORTS; i++)
        if (options->serial[i] && !strcmp(options->serial[i], "stdio"))
            return true;
    return (options->debugcon && !strcmp(options->debugcon, "stdio")) ||
           (options->parallel && !strcmp(options->parallel, "stdio"));
}

static bool uses_monitor(const struct run_options *options)
{
    return options->monitor || options->commands.count || options->monitor_script;
}

#ifdef HAVE_SDL
static bool has_window_system(void)
{
    const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return (x11 && *x11) || (wayland && *wayland);
}
#endif

static bool terminal_is_free(const struct run_options *options)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !uses_stdio(options) && !uses_monitor(options);
}

/* Can a file at PATH be written? Asked before the run, not after hours of it. */
static bool check_output(const char *option, const char *path, struct error *err)
{
    struct stat status;
    if (!path)
        return true;
    if (!stat(path, &status)) {
        if (S_ISDIR(status.st_mode))
            return error_set(err, "--%s %s: is a folder; name a file", option, path);
        return !access(path, W_OK) ||
               error_set(err, "--%s %s: %s; choose another file", option, path, strerror(errno));
    }
    char *copy = xstrdup(path);
    bool ok = !access(dirname(copy), W_OK);
    free(copy);
    return ok || error_set(err, "--%s %s: %s; choose another folder", option, path, strerror(errno));
}

static bool check_files(const struct run_options *options, struct error *err)
{
    if (options->monitor_script && access(options->monitor_script, R_OK))
        return error_set(err, "--monitor-script %s: %s; check the name", options->monitor_script,
                         strerror(errno));
    struct stat script;
    if (options->monitor_script && !stat(options->monitor_script, &script) && S_ISDIR(script.st_mode))
        return error_set(err, "--monitor-script %s: is a folder; name a file", options->monitor_script);
    return check_output("screen-text", options->screen_text_path, err) &&
           check_output("screenshot", options->screenshot_path, err) &&
           check_output("stats", options->stats_path, err) &&
           check_output("nvram", options->machine.nvram_path, err);
}

static bool check_terminal(const struct run_options *options, struct error *err)
{
    if (options->display != DISPLAY_TERM)
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(err, "--display term: standard input or output is no terminal; use --display none");
    if (uses_stdio(options))
        return error_set(
            err,
            "--display term: the terminal is taken by a port on stdio; connect that to pty or file:PATH");
    return true;
}

static enum display_kind display_wanted(const struct run_options *options)
{
    if (options->display != DISPLAY_AUTO)
        return options->display;
#ifdef HAVE_SDL
    if (has_window_system())
        return DISPLAY_SDL;
#endif
    return terminal_is_free(options) ? DISPLAY_TERM : DISPLAY_NONE;
}

/* A run that nobody sees and nothing ends is hardly what was meant. */
static void warn_if_unseen(const struct run_options *options, enum display_kind kind)
{
    bool ends = options->limit_ns != UINT64_MAX || options->limit_instructions != UINT64_MAX ||
                options->until_screen || options->until_serial;
    if (options->display == DISPLAY_AUTO && kind == DISPLAY_NONE && !ends && !uses_stdio(options) &&
        !uses_monitor(options))
        fputs("tick86: neither window system nor terminal: running without a display, until the guest powers "
              "off\n",
              stderr);
}

/* The host's local time as the guest's clock shows it. */
static int64_t host_local_time(void)
{
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    return timegm(&tm);
}

static void fill_config(const struct run_options *options, bool headless, struct machine_config *config)
{
    *config = options->machine;
    if (options->load_path && options->start_time != START_TIME_FIXED)
        config->start_time = 0; /* the snapshot's clock goes on */
    else if (options->start_time == START_TIME_HOST || (options->start_time == START_TIME_AUTO && !headless))
        config->start_time = host_local_time();
    else if (options->start_time == START_TIME_AUTO)
        config->start_time = FIXED_START_TIME;
    config->reset_on_triple_fault = options->triple_fault == TRIPLE_FAULT_RESET ||
                                    (options->triple_fault == TRIPLE_FAULT_AUTO && !headless);
}

static bool open_display(struct session *session, enum display_kind kind, struct error *err)
{
    switch (kind) {
    case DISPLAY_SDL:
        if (display_open_sdl(&session->display, session, err))
            return true;
        if (session->options->display == DISPLAY_SDL)
            return false;
        /* The screen that the environment promised is not there. */
        fprintf(stderr, "tick86: %s\n", err->text);
        if (!terminal_is_free(session->options))
            return true;
        return display_open_term(&session->display, session, err);
    case DISPLAY_TERM:
        return display_open_term(&session->display, session, err);
    case DISPLAY_AUTO:
    case DISPLAY_NONE:
        break;
    }
    return true;
}

static uint64_t limit_cycle(const struct run_options *options, uint64_t hz)
{
    if (options->limit_ns == UINT64_MAX)
        return UINT64_MAX;
    unsigned __int128 cycles = (unsigned __int128)options->limit_ns * hz / 1000000000u;
    return cycles < UINT64_MAX ? (uint64_t)cycles : UINT64_MAX;
}

/* A new machine, or with --load the one that was saved, in the state that it was saved in. */
static struct machine *make_machine(struct session *session, const struct machine_config *config,
                                    struct error *err)
{
    return session->options->load_path ? session_load_machine(session, config, err)
                                       : machine_create(config, err);
}

/* Limits count from power-on, also where a snapshot begins later. */
static bool check_limits(struct session *session, struct error *err)
{
    const struct run_options *options = session->options;
    struct machine *machine = session->machine;
    uint64_t done = machine_instructions(machine);
    session->limit_cycle = limit_cycle(options, machine_hz(machine));
    if (options->limit_instructions != UINT64_MAX && options->limit_instructions > done)
        machine_limit_instructions(machine, options->limit_instructions - done);
    if (done && (machine_cycles(machine) >= session->limit_cycle || done >= options->limit_instructions))
        return error_set(
            err,
            "--limit: %s was saved after %.6f s and %llu instructions already; give a higher limit, it "
            "counts from power-on",
            options->load_path, (double)machine_cycles(machine) / (double)machine_hz(machine),
            (unsigned long long)done);
    return true;
}

static bool type_text(struct session *session, struct error *err)
{
    const char *text = session->options->type_text;
    return !text || typist_add_script(session->typist, text, err);
}

static bool open_parts(struct session *session, enum display_kind kind, struct error *err)
{
    const struct run_options *options = session->options;
    struct machine_config config;
    bool headless = kind == DISPLAY_NONE, uses_terminal = kind == DISPLAY_TERM || session->has_monitor;
    fill_config(options, headless, &config);
    session->typist = typist_create();
    session->fingers = typist_create();
    if (!options->load_path && !type_text(session, err))
        return false;
    session->ports = host_ports_create(&config);
    media_init(&session->media, options);
    session->machine = make_machine(session, &config, err);
    if (!session->machine || (options->load_path && !type_text(session, err)) ||
        !check_limits(session, err) || !host_ports_open(session->ports, options, !uses_terminal, err) ||
        !open_display(session, kind, err))
        return false;
    session->menu = menu_create(session);
    media_use_machine(&session->media, session->machine);
    machine_keep_nvram(session->machine, options->machine.nvram_path);
    if (options->video_path && !session_start_video(session, options->video_path, err))
        return error_prefix(err, "--video");
    session->watch_screen = watch_create(options->until_screen);
    for (size_t i = 0; i < MACHINE_SERIAL_PORTS; i++)
        session->watch_serial[i] = watch_create(options->until_serial);
    return true;
}

bool session_open(struct session *session, const struct run_options *options, struct error *err)
{
    *session = (struct session){.options = options, .has_monitor = uses_monitor(options)};
    enum display_kind kind = display_wanted(options);
    if (!check_files(options, err) || !check_terminal(options, err) || !open_parts(session, kind, err)) {
        session_close(session);
        return false;
    }
    warn_if_unseen(options, kind);
    session->uses_terminal = kind == DISPLAY_TERM;
    session->may_enter = terminal_is_free(options);
    session->interactive = session->display.poll || host_ports_interactive(session->ports);
    session->slices_per_second = session->display.poll ? SLICES_INTERACTIVE : SLICES_HEADLESS;
    uint32_t speed = options->speed != SPEED_AUTO ? options->speed : session->interactive ? 100 : SPEED_MAX;
    session->usual_speed = speed;
    pace_init(&session->pace, speed, machine_hz(session->machine));
    session->start_ns = host_ns();
    catch_signals();
    return true;
}

void session_close(struct session *session)
{
    if (session->display.close)
        session->display.close(session->display.state);
    fputs(text_chars(&session->troubles), stderr);
    text_free(&session->troubles);
    session_stop_video(session, NULL); /* asks the machine for the time */
    if (session->machine)
        machine_destroy(session->machine);
    menu_destroy(session->menu);
    media_free(&session->media);
    host_ports_destroy(session->ports);
    typist_destroy(session->typist);
    typist_destroy(session->fingers);
    watch_destroy(session->watch_screen);
    for (size_t i = 0; i < MACHINE_SERIAL_PORTS; i++)
        watch_destroy(session->watch_serial[i]);
    memset(session, 0, sizeof *session);
}

/* --- Running ----------------------------------------------------------------------------------------------
 */

/* The end of the slice that the machine stands in: slices end at multiples of 1 / slices_per_second of
 * virtual time. */
static uint64_t slice_end(const struct session *session)
{
    unsigned __int128 now = machine_cycles(session->machine), rate = session->slices_per_second;
    uint64_t hz = machine_hz(session->machine);
    unsigned __int128 end = ((now * rate / hz + 1) * hz + rate - 1) / rate;
    return end < UINT64_MAX ? (uint64_t)end : UINT64_MAX;
}

static bool until_matches(struct session *session)
{
    if (session->watch_screen) {
        struct text screen = {0};
        machine_screen_text(session->machine, &screen);
        bool found = watch_matches(session->watch_screen, &screen);
        text_free(&screen);
        if (found)
            return true;
    }
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++)
        if (session->watch_serial[i] &&
            watch_matches(session->watch_serial[i], host_ports_sent(session->ports, i)))
            return true;
    return false;
}

static enum session_end end_of_stop(const struct session *session, enum machine_stop stop)
{
    switch (stop) {
    case MACHINE_POWERED_OFF:
        return SESSION_POWERED_OFF;
    case MACHINE_EXITED:
        return SESSION_EXITED;
    case MACHINE_TRIPLE_FAULT:
        return SESSION_TRIPLE_FAULT;
    case MACHINE_INSTRUCTIONS:
        return SESSION_LIMIT;
    case MACHINE_BREAK:
        return session->has_monitor ? SESSION_BREAK : SESSION_RUNNING;
    case MACHINE_INTERRUPTED:
        return SESSION_RUNNING;
    case MACHINE_RAN:
        break;
    }
    return machine_cycles(session->machine) >= session->limit_cycle ? SESSION_LIMIT : SESSION_RUNNING;
}

/* Tells what the host could not do, once for each image. */
static void tell_troubles(struct session *session)
{
    struct error err;
    while (machine_take_trouble(session->machine, &err)) {
        session_notice(session, "%s", err.text);
        text_add(&session->troubles, "tick86: %s\n", err.text);
    }
    if (session->troubles.length && !session->uses_terminal) {
        fputs(text_chars(&session->troubles), stderr);
        text_clear(&session->troubles);
    }
}

/* At the end of a slice what waits outside comes in; a stop in the middle of one makes no difference to that.
 */
static void begin_slice(struct session *session)
{
    if (session->in_slice)
        return;
    session->in_slice = true;
    host_ports_poll(session->ports, session->machine);
    typist_run(session->fingers, session->machine);
    if (!typist_busy(session->fingers)) /* Ctrl and Alt of the key that began a paste are up first */
        typist_run(session->typist, session->machine);
    session->slice_end = slice_end(session);
}

static enum session_end after_running(struct session *session, enum machine_stop stop)
{
    if (stop == MACHINE_POWERED_OFF || stop == MACHINE_EXITED || stop == MACHINE_TRIPLE_FAULT)
        session->guest_end = end_of_stop(session, stop);
    if (stop != MACHINE_RAN)
        host_ports_send(session->ports);
    if (stop == MACHINE_BREAK || stop == MACHINE_INTERRUPTED)
        return end_of_stop(session, stop);
    uint64_t now = machine_cycles(session->machine);
    if (stop == MACHINE_RAN && now < session->slice_end && now < session->limit_cycle)
        return SESSION_RUNNING;
    tell_troubles(session);
    if (session->video)
        video_tick(session->video);
    /* A limit may end the run within a slice: a snapshot of that goes on with the rest of it. */
    session->in_slice = now < session->slice_end;
    return until_matches(session) ? SESSION_UNTIL : end_of_stop(session, stop);
}

/* MICROSECONDS of the host from now on; 0: not any more. */
static void interrupt_after(long microseconds)
{
    setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = microseconds}, NULL);
}

static enum machine_stop run_interruptibly(struct session *session, uint64_t end)
{
    running = session->machine;
    if (session->display.poll)
        interrupt_after(SLICE_US);
    /* One that came before this is seen by asked_end(). */
    enum machine_stop stop = signal_seen ? MACHINE_INTERRUPTED : machine_run(session->machine, end);
    if (session->display.poll)
        interrupt_after(0);
    running = NULL;
    return stop;
}

static enum session_end run_slice(struct session *session)
{
    begin_slice(session);
    uint64_t end = session->slice_end < session->limit_cycle ? session->slice_end : session->limit_cycle;
    return after_running(session, run_interruptibly(session, end));
}

/* Is the run over before it goes on? The guest has ended it, or the user wants it, by signal or at the
 * display. */
static enum session_end asked_end(struct session *session)
{
    if (session->guest_end)
        return session->guest_end;
    if (signal_seen) {
        session->end_signal = signal_seen;
        signal_seen = 0;
        /* In the terminal's display Ctrl-C is the guest's, and a signal comes from elsewhere. */
        bool enters = session->has_monitor || (session->may_enter && !session->uses_terminal);
        return enters && session->end_signal == SIGINT ? SESSION_BREAK : SESSION_SIGNAL;
    }
    if (session->enter_asked) {
        session->enter_asked = false;
        return SESSION_BREAK;
    }
    return session->quit || host_ports_quit_asked(session->ports) ? SESSION_QUIT : SESSION_RUNNING;
}

static void serve_display(struct session *session)
{
    struct display *display = &session->display;
    if (display->poll)
        display->poll(display->state);
    if (display->draw && host_ns() >= session->next_draw) {
        display->draw(display->state);
        session->next_draw = host_ns() + DRAW_NS;
    }
}

static bool stopped_by_user(const struct session *session)
{
    return session->quit || session->paused || menu_is_open(session->menu) || signal_seen;
}

/* Waits until real time has come up with virtual time, serving the display meanwhile. */
static void keep_pace(struct session *session)
{
    int64_t ahead;
    while ((ahead = pace_ahead(&session->pace, machine_cycles(session->machine))) > 0 &&
           !stopped_by_user(session)) {
        host_sleep(ahead < SIP_NS ? ahead : SIP_NS);
        serve_display(session);
    }
}

static void wait_paused(struct session *session)
{
    host_sleep(SIP_NS);
    pace_restart(&session->pace, machine_cycles(session->machine));
}

enum session_end session_go(struct session *session)
{
    int64_t began = host_ns();
    enum session_end end = SESSION_RUNNING;
    pace_restart(&session->pace, machine_cycles(session->machine));
    while (end == SESSION_RUNNING) {
        serve_display(session);
        end = asked_end(session);
        if (end != SESSION_RUNNING)
            break;
        if (session->paused || menu_is_open(session->menu)) {
            wait_paused(session);
            continue;
        }
        end = run_slice(session);
        if (session->display.sound)
            session->display.sound(session->display.state);
        if (end == SESSION_RUNNING)
            keep_pace(session);
    }
    if (session->display.draw)
        session->display.draw(session->display.state);
    session->host_run_ns += host_ns() - began;
    session->end = end;
    return end;
}

bool session_forget_interrupt(struct session *session)
{
    (void)session;
    if (signal_seen != SIGINT)
        return false;
    signal_seen = 0;
    return true;
}

void session_note_signal(struct session *session)
{
    if (!signal_seen || (signal_seen == SIGINT && isatty(STDIN_FILENO)))
        return;
    session->end_signal = signal_seen;
    session->end = SESSION_SIGNAL;
    signal_seen = 0;
}

enum session_end session_step(struct session *session)
{
    enum session_end end = asked_end(session);
    /* What is due at the end of the slice comes before what waits outside. */
    if (end == SESSION_RUNNING && session->in_slice && machine_cycles(session->machine) >= session->slice_end)
        end = run_slice(session);
    if (end == SESSION_RUNNING && !session->in_slice)
        serve_display(session);
    if (end == SESSION_RUNNING) {
        begin_slice(session);
        end = after_running(session, machine_step(session->machine, session->slice_end));
    }
    session->end = end;
    return end;
}

/* --- The end ----------------------------------------------------------------------------------------------
 */

static int end_status(const struct session *session)
{
    switch (session->end) {
    case SESSION_EXITED:
        return machine_exit_status(session->machine);
    case SESSION_LIMIT:
        return 124;
    case SESSION_TRIPLE_FAULT:
        return 125;
    case SESSION_SIGNAL:
        return 128 + session->end_signal;
    default:
        return 0;
    }
}

int session_exit_status(const struct session *session)
{
    int status = end_status(session);
    return status || !session->command_failed ? status : 2;
}

const char *session_end_line(const struct session *session)
{
    switch (session->end) {
    case SESSION_LIMIT:
        return "the --limit was reached";
    case SESSION_TRIPLE_FAULT:
        return "the guest triple-faulted; --on-triple-fault reset would have reset it, --monitor shows how "
               "it came to that";
    case SESSION_EXITED:
    case SESSION_POWERED_OFF:
        return session->ended_before ? "the guest had ended the run before the snapshot was saved" : NULL;
    default:
        return NULL;
    }
}

static const char *end_word(enum session_end end)
{
    static const char *const words[] = {[SESSION_RUNNING] = "none",
                                        [SESSION_BREAK] = "break",
                                        [SESSION_POWERED_OFF] = "power-off",
                                        [SESSION_EXITED] = "exit",
                                        [SESSION_TRIPLE_FAULT] = "triple-fault",
                                        [SESSION_LIMIT] = "limit",
                                        [SESSION_UNTIL] = "until",
                                        [SESSION_QUIT] = "quit",
                                        [SESSION_SIGNAL] = "signal"};
    return words[end];
}

static bool write_text(const char *path, const struct text *text, struct error *err)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return error_set(err, "%s: %s", path, strerror(errno));
    bool ok = fwrite(text_chars(text), 1, text->length, file) == text->length;
    ok = fclose(file) == 0 && ok;
    return ok || error_set(err, "%s: cannot be written; is the disk full?", path);
}

static bool write_stats(struct session *session, const char *path, struct error *err)
{
    struct text json = {0};
    struct machine *machine = session->machine;
    double host = (double)session->host_run_ns / 1e9;
    text_add(&json, "{\n\"version\": \"%s\",\n\"end\": \"%s\",\n\"exit_status\": %d,\n", PACKAGE_VERSION,
             end_word(session->end), session_exit_status(session));
    text_add(&json, "\"host_seconds\": %.6f,\n\"host_mips\": %.3f", host,
             host > 0 ? (double)machine_instructions(machine) / host / 1e6 : 0.0);
    struct text figures = {0};
    machine_stats_json(machine, &figures);
    if (figures.length)
        text_add(&json, ",\n%s", text_chars(&figures));
    text_add(&json, "\n}\n");
    bool ok = write_text(path, &json, err);
    text_free(&figures);
    text_free(&json);
    return ok;
}

bool session_write_outputs(struct session *session, struct error *err)
{
    const struct run_options *options = session->options;
    host_ports_send(session->ports);
    bool ok = session_stop_video(session, err) && machine_save_nvram(session->machine, err) &&
              !host_ports_failed(session->ports, err);
    if (ok && options->screen_text_path) {
        struct text screen = {0};
        machine_screen_text(session->machine, &screen);
        ok = write_text(options->screen_text_path, &screen, err);
        text_free(&screen);
    }
    if (ok && options->screenshot_path)
        ok = screenshot_write(session->machine, options->screenshot_path, err);
    if (ok && options->stats_path)
        ok = write_stats(session, options->stats_path, err);
    return ok;
}

/* --- For displays -----------------------------------------------------------------------------------------
 */

void session_key(struct session *session, uint16_t key, bool down)
{
    typist_add_key(session->fingers, key, down);
}

void session_chord(struct session *session, const uint16_t *keys, unsigned count)
{
    typist_add_chord(session->typist, keys, count);
}

void session_ctrl_alt_del(struct session *session)
{
    static const uint16_t keys[] = {KEY_CTRL, KEY_ALT, KEY_DELETE};
    session_chord(session, keys, 3);
    session_notice(session, "Ctrl-Alt-Del sent");
}

void session_paste(struct session *session, const char *text)
{
    typist_add_text(session->typist, text);
}

static void tell_medium(struct session *session, bool ok, enum machine_media_slot slot,
                        const struct error *err)
{
    const char *medium = machine_medium(session->machine, slot);
    if (!ok)
        session_notice(session, "%s", err->text);
    else if (medium)
        session_notice(session, "%s %s inserted", media_drive_name(&session->media, slot),
                       media_name(medium));
    else
        session_notice(session, "%s is empty", media_drive_name(&session->media, slot));
}

void session_insert_medium(struct session *session, const char *path)
{
    struct error err;
    enum machine_media_slot slot = SLOT_FDA;
    bool ok = media_drive_for(&session->media, path, &slot, &err) &&
              media_insert(&session->media, slot, path, &err);
    tell_medium(session, ok, slot, &err);
}

void session_insert_into(struct session *session, enum machine_media_slot slot, const char *path)
{
    struct error err;
    bool ok = media_insert(&session->media, slot, path, &err);
    tell_medium(session, ok, slot, &err);
}

void session_next_medium(struct session *session, enum machine_media_slot slot)
{
    struct error err;
    bool ok = media_insert_next(&session->media, slot, &err);
    tell_medium(session, ok, slot, &err);
}

void session_eject_medium(struct session *session, enum machine_media_slot slot)
{
    struct error err;
    bool ok = media_eject(&session->media, slot, &err);
    tell_medium(session, ok, slot, &err);
}

void session_next_disc(struct session *session)
{
    enum machine_media_slot slot = SLOT_DISK0;
    if (media_cd_drive(&session->media, &slot))
        session_next_medium(session, slot);
    else
        session_notice(session, "there is no CD-ROM drive; --cdrom none adds one");
}

/* A name for a new file in the current folder, made of the date. */
static void dated_name(char *path, size_t size, const char *ending)
{
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    size_t length = strftime(path, size, "tick86-%Y%m%d-%H%M%S", &tm);
    char *end = path + length;
    snprintf(end, size - length, "%s", ending);
    for (int i = 2; i < 100 && !access(path, F_OK); i++)
        snprintf(end, size - length, "-%d%s", i, ending);
}

bool session_start_video(struct session *session, const char *path, struct error *err)
{
    if (session->video)
        return error_set(err, "the screen is being recorded already; end that first");
    session->video = video_open(path, session->machine, err);
    return session->video != NULL;
}

bool session_stop_video(struct session *session, struct error *err)
{
    bool ok = !session->video || video_close(session->video, err);
    session->video = NULL;
    return ok;
}

void session_toggle_video(struct session *session)
{
    struct error err;
    char path[64];
    dated_name(path, sizeof path, ".gif");
    bool recording = session->video != NULL;
    bool ok = recording ? session_stop_video(session, &err) : session_start_video(session, path, &err);
    if (!ok)
        session_notice(session, "%s", err.text);
    else if (recording)
        session_notice(session, "recording ended");
    else
        session_notice(session, "recording into %s", path);
}

void session_screenshot(struct session *session)
{
    struct error err;
    char path[64];
    dated_name(path, sizeof path, ".png");
    if (screenshot_write(session->machine, path, &err))
        session_notice(session, "saved %s", path);
    else
        session_notice(session, "%s", err.text);
}

void session_reset(struct session *session)
{
    typist_clear(session->typist);
    machine_reset(session->machine);
    session_notice(session, "reset");
}

void session_power_button(struct session *session)
{
    machine_power_button(session->machine);
    session_notice(session, "power button pressed");
}

void session_enter_monitor(struct session *session)
{
    if (session->has_monitor || session->may_enter)
        session->enter_asked = true;
    else
        session_notice(session, "the monitor needs a terminal: start tick86 from one");
}

void session_toggle_pause(struct session *session)
{
    session->paused = !session->paused;
}

void session_toggle_turbo(struct session *session)
{
    uint32_t usual = session->usual_speed == SPEED_MAX ? 100 : session->usual_speed;
    session->pace.percent = session->pace.percent == SPEED_MAX ? usual : SPEED_MAX;
    pace_restart(&session->pace, machine_cycles(session->machine));
}

void session_toggle_menu(struct session *session)
{
    if (menu_is_open(session->menu))
        menu_close(session->menu);
    else
        menu_open(session->menu);
}

void session_quit(struct session *session)
{
    session->quit = true;
}

void session_notice(struct session *session, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(session->notice, sizeof session->notice, format, args);
    va_end(args);
    session->notice_until = host_ns() + NOTICE_NS;
}

void session_status(struct session *session, char *out, unsigned size)
{
    if (session->paused) {
        snprintf(out, size, "paused");
        return;
    }
    if (session->notice[0] && host_ns() < session->notice_until) {
        snprintf(out, size, "%s", session->notice);
        return;
    }
    const char *why = session->pace.percent == SPEED_MAX ? " (unlimited)"
                      : session->pace.lagging            ? " (this host cannot keep up)"
                                                         : "";
    snprintf(out, size, "%u %%%s", session->pace.measured, why);
}
