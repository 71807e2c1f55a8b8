/* The built-in monitor: looks into a stopped machine, steps it, and lets it run to breakpoints.
 *
 * It only peeks: nothing here changes what the guest would do. Running goes through the host's function, so
 * that displays, ports and limits work as in a run without a monitor. */
#ifndef TICK86_MONITOR_MONITOR_H
#define TICK86_MONITOR_MONITOR_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct machine;
struct monitor;

enum monitor_stop {
    MONITOR_STOPPED, /* at a breakpoint, or asked by the user: it can go on */
    MONITOR_ENDED,   /* the run is over */
};

struct monitor_host {
    void *owner;
    /* Runs the machine until something stops it. */
    enum monitor_stop (*go)(void *owner);
    /* Runs one instruction. */
    enum monitor_stop (*step)(void *owner);
    /* After MONITOR_ENDED: how it ended, one line. */
    const char *(*how_ended)(void *owner);
};

/* Output goes to OUT. */
struct monitor *monitor_create(struct machine *machine, const struct monitor_host *host, FILE *out);
void monitor_destroy(struct monitor *monitor);

enum monitor_result { MONITOR_DONE, MONITOR_FAILED, MONITOR_QUIT };

/* Runs one command line. MONITOR_FAILED with ERR: it could not be understood or done. */
enum monitor_result monitor_command(struct monitor *monitor, const char *line, struct error *err);

/* Runs the commands of a file; stops at the first that fails, with ERR that names file and line. */
enum monitor_result monitor_script(struct monitor *monitor, const char *path, struct error *err);

/* Shows where the machine stands. */
void monitor_show_place(struct monitor *monitor);

/* Reads commands from standard input until quit or its end: with line editing on a terminal, else as they
 * come, mistakes being told on OUT. */
void monitor_interact(struct monitor *monitor);

#endif
