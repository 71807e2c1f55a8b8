/* Ties the monitor to a session: its runs are the session's. */
#include "gui/session_monitor.h"

#include <stdio.h>
#include <unistd.h>

#include "gui/screenshot.h"
#include "gui/session.h"
#include "gui/session_snapshot.h"
#include "gui/typist.h"
#include "machine/machine.h"
#include "monitor/monitor.h"

/* Display and prompt may have to share a terminal. */
static void leave_display(struct session *session)
{
    if (session->display.leave)
        session->display.leave(session->display.state);
}

static enum monitor_stop go(void *owner)
{
    struct session *session = owner;
    session_forget_interrupt(session); /* it was typed at the prompt */
    if (session->display.enter)
        session->display.enter(session->display.state);
    enum session_end end = session_go(session);
    leave_display(session);
    return end == SESSION_BREAK ? MONITOR_STOPPED : MONITOR_ENDED;
}

static enum monitor_stop step(void *owner)
{
    enum session_end end = session_step(owner);
    return end == SESSION_RUNNING ? MONITOR_RAN : end == SESSION_BREAK ? MONITOR_STOPPED : MONITOR_ENDED;
}

static bool save(void *owner, const char *path, struct error *err)
{
    return session_save_snapshot(owner, path, err);
}

static bool load(void *owner, const char *path, struct error *err)
{
    return session_load_snapshot(owner, path, err);
}

static bool was_interrupted(void *owner)
{
    return session_forget_interrupt(owner);
}

static bool has_quit(void *owner)
{
    const struct session *session = owner;
    return session->end == SESSION_SIGNAL || (session->end == SESSION_QUIT && session->quit);
}

static bool has_ended(void *owner)
{
    return ((const struct session *)owner)->guest_end != SESSION_RUNNING;
}

static void was_reset(void *owner)
{
    struct session *session = owner;
    session->guest_end = SESSION_RUNNING;
    session->ended_before = false;
    session->end = SESSION_BREAK;
}

static const char *how_ended(void *owner)
{
    const struct session *session = owner;
    switch (session->end) {
    case SESSION_POWERED_OFF:
        return "the guest powered off";
    case SESSION_EXITED:
        return "the guest wrote to the debug-exit port";
    case SESSION_TRIPLE_FAULT:
        return "the guest triple-faulted";
    case SESSION_LIMIT:
        return "the --limit was reached";
    case SESSION_UNTIL:
        return "what --until waits for has appeared";
    case SESSION_SIGNAL:
        return "a signal asked it to";
    default:
        return "it was asked to quit";
    }
}

static bool change_medium(void *owner, const char *drive, const char *path, struct error *err)
{
    struct session *session = owner;
    enum machine_media_slot slot;
    if (!media_find_drive(&session->media, drive, &slot, err))
        return false;
    if (!path)
        return media_eject(&session->media, slot, err);
    return *path ? media_insert(&session->media, slot, path, err)
                 : media_insert_next(&session->media, slot, err);
}

static void print_media(void *owner, struct text *out)
{
    media_print(&((struct session *)owner)->media, out);
}

static bool send_keys(void *owner, const char *keys, struct error *err)
{
    return typist_add_keys(((struct session *)owner)->typist, keys, err) || error_prefix(err, "sendkey");
}

static bool type(void *owner, const char *text, struct error *err)
{
    return typist_add_script(((struct session *)owner)->typist, text, err);
}

static bool take_screenshot(void *owner, const char *path, struct error *err)
{
    return screenshot_check_name(path, err) &&
           screenshot_write(((struct session *)owner)->machine, path, err);
}

static bool video(void *owner, const char *path, struct error *err)
{
    return path ? session_start_video(owner, path, err) : session_stop_video(owner, err);
}

static enum monitor_result run_commands(struct monitor *monitor, const struct run_options *options,
                                        struct error *err)
{
    enum monitor_result result = MONITOR_DONE;
    for (size_t i = 0; i < options->commands.count && result == MONITOR_DONE; i++) {
        const char *command = options->commands.items[i];
        result = monitor_command(monitor, command, err);
        if (result == MONITOR_FAILED && !access(command, R_OK)) /* gdb's -x names a file */
            error_set(err, "-x '%s': is a file; --monitor-script %s runs the commands in it", command,
                      command);
        else if (result == MONITOR_FAILED)
            error_prefix(err, "-x '%s'", command);
    }
    if (result == MONITOR_DONE && options->monitor_script)
        result = monitor_script(monitor, options->monitor_script, err);
    return result;
}

static struct monitor *create(struct session *session, FILE *out)
{
    const struct monitor_host host = {
        session,
        go,
        step,
        how_ended,
        has_quit,
        has_ended,
        was_reset,
        was_interrupted,
        {change_medium, print_media, send_keys, type, take_screenshot, video, save, load}};
    return monitor_create(session->machine, &host, out);
}

/* Left while the run could go on: then nobody wants it to. */
static void leave(struct session *session, struct monitor *monitor)
{
    monitor_destroy(monitor);
    session_note_signal(session);
    if (session->end == SESSION_BREAK || session->end == SESSION_RUNNING)
        session->end = SESSION_QUIT;
}

bool monitor_run_session(struct session *session, struct error *err)
{
    const struct run_options *options = session->options;
    leave_display(session);
    struct monitor *monitor = create(session, stdout);
    session->end = session->guest_end ? session->guest_end : SESSION_QUIT; /* unless it runs to another end */
    monitor_show_place(monitor);
    if (session->guest_end)
        monitor_restored(monitor);
    enum monitor_result result = run_commands(monitor, options, err);
    if (result == MONITOR_DONE && (options->monitor || isatty(STDIN_FILENO)))
        session->command_failed = !monitor_interact(monitor);
    leave(session, monitor);
    return result != MONITOR_FAILED;
}

void monitor_run_unasked(struct session *session)
{
    if (session_go(session) != SESSION_BREAK)
        return;
    leave_display(session);
    struct monitor *monitor = create(session, stdout);
    session->has_monitor = true;
    puts("\nThe machine is stopped; continue lets it run, quit ends it, help lists the commands.");
    monitor_show_place(monitor);
    session->command_failed = !monitor_interact(monitor);
    leave(session, monitor);
}

void monitor_explain_triple_fault(struct session *session)
{
    struct error err;
    leave_display(session); /* what is told stays to be read */
    struct monitor *monitor = create(session, stderr);
    monitor_command(monitor, "why", &err);
    monitor_destroy(monitor);
}
