/* Ties the monitor to a session: its runs are the session's. */
#include "gui/session_monitor.h"

#include <stdio.h>
#include <unistd.h>

#include "gui/session.h"
#include "machine/machine.h"
#include "monitor/monitor.h"

static enum monitor_stop go(void *owner)
{
    return session_go(owner) == SESSION_BREAK ? MONITOR_STOPPED : MONITOR_ENDED;
}

static enum monitor_stop step(void *owner)
{
    return session_step(owner) == SESSION_BREAK ? MONITOR_STOPPED : MONITOR_ENDED;
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
    default:
        return "it was asked to quit";
    }
}

static enum monitor_result run_commands(struct monitor *monitor, const struct run_options *options,
                                        struct error *err)
{
    enum monitor_result result = MONITOR_DONE;
    for (size_t i = 0; i < options->commands.count && result == MONITOR_DONE; i++) {
        result = monitor_command(monitor, options->commands.items[i], err);
        if (result == MONITOR_FAILED)
            error_prefix(err, "-x '%s'", options->commands.items[i]);
    }
    if (result == MONITOR_DONE && options->monitor_script)
        result = monitor_script(monitor, options->monitor_script, err);
    return result;
}

bool monitor_run_session(struct session *session, struct error *err)
{
    const struct monitor_host host = {session, go, step, how_ended};
    const struct run_options *options = session->options;
    struct monitor *monitor = monitor_create(session->machine, &host, stdout);
    session->end = SESSION_QUIT; /* unless it runs to another end */
    monitor_show_place(monitor);
    enum monitor_result result = run_commands(monitor, options, err);
    if (result == MONITOR_DONE && (options->monitor || isatty(STDIN_FILENO)))
        monitor_interact(monitor);
    monitor_destroy(monitor);
    if (session->end == SESSION_BREAK)
        session->end = SESSION_QUIT;
    return result != MONITOR_FAILED;
}
