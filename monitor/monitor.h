/* The built-in monitor: looks into a stopped machine, steps it, and lets it run to breakpoints.
 *
 * It only peeks: nothing here changes what the guest would do. Running goes through the host's function, so
 * that displays, ports and limits work as in a run without a monitor. */
#ifndef TICK86_MONITOR_MONITOR_H
#define TICK86_MONITOR_MONITOR_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"

struct machine;
struct monitor;

enum monitor_stop {
    MONITOR_RAN,     /* a step: nothing stands in the way of the next one */
    MONITOR_STOPPED, /* at a breakpoint, or asked by the user: it can go on */
    MONITOR_ENDED,   /* the run is over */
};

struct monitor_host {
    void *owner;
    /* Runs the machine until something stops it. */
    enum monitor_stop (*go)(void *owner);
    /* Runs one instruction. MONITOR_STOPPED: breakpoint, or the user wants no more of them. */
    enum monitor_stop (*step)(void *owner);
    /* After MONITOR_ENDED: how it ended, one line. */
    const char *(*how_ended)(void *owner);
    /* Was it the user who ended it, at the display or by a signal? Then no more commands are taken. NULL:
     * never. */
    bool (*has_quit)(void *owner);
    /* Had the guest ended the run before the snapshot was saved that was loaded? NULL: never. */
    bool (*has_ended)(void *owner);
    /* The machine was reset: after an end, too, it goes on. NULL: nobody asks. */
    void (*was_reset)(void *owner);
    /* Did Ctrl-C end the reading of a line? Then the next one is asked for. NULL: never. */
    bool (*was_interrupted)(void *owner);
    /* What a user does at the machine. Each false with ERR if it cannot be done. */
    struct monitor_user {
        /* PATH goes into DRIVE; NULL ejects, "" inserts the next of the media at hand. */
        bool (*change_medium)(void *owner, const char *drive, const char *path, struct error *err);
        void (*print_media)(void *owner, struct text *out);
        /* Names of keys joined by hyphens go down and up: "ctrl-alt-del". */
        bool (*send_keys)(void *owner, const char *keys, struct error *err);
        /* Text as --type takes it. */
        bool (*type)(void *owner, const char *text, struct error *err);
        bool (*screenshot)(void *owner, const char *path, struct error *err);
        /* Records the screen into PATH; NULL ends that. */
        bool (*video)(void *owner, const char *path, struct error *err);
        /* Saves the machine to a file, or puts it back to where a file was saved. */
        bool (*save)(void *owner, const char *path, struct error *err);
        bool (*load)(void *owner, const char *path, struct error *err);
    } user;
};

/* Output goes to OUT. */
struct monitor *monitor_create(struct machine *machine, const struct monitor_host *host, FILE *out);
void monitor_destroy(struct monitor *monitor);

enum monitor_result { MONITOR_DONE, MONITOR_FAILED, MONITOR_QUIT };

/* Runs one command line. MONITOR_FAILED with ERR: it could not be understood or done. */
enum monitor_result monitor_command(struct monitor *monitor, const char *line, struct error *err);

/* Runs the commands of a file; stops at the first that fails, with ERR that names file and line. */
enum monitor_result monitor_script(struct monitor *monitor, const char *path, struct error *err);

/* A snapshot was loaded: where the guest had ended the run by then, that is said, and it cannot go on. */
void monitor_restored(struct monitor *monitor);

/* Shows where the machine stands. */
void monitor_show_place(struct monitor *monitor);

/* Reads commands from standard input until quit or its end: with line editing on a terminal, else as they
 * come, mistakes being told on OUT. False: nobody was there to see that one of them failed. */
bool monitor_interact(struct monitor *monitor);

#endif
