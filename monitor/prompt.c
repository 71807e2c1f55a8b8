/* Talking to a terminal: line editing, history, completion. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "config.h"
#include "monitor/complete.h"
#include "monitor/monitor_private.h"

#define PROMPT "tick86> "

static enum monitor_result take_line(struct monitor *monitor, const char *line)
{
    struct error err;
    enum monitor_result result = monitor_command(monitor, line, &err);
    if (result == MONITOR_FAILED) {
        fprintf(monitor->out, "%s\n", err.text);
        fflush(monitor->out);
    }
    return result;
}

/* False: a command failed. */
static bool interact_plain(struct monitor *monitor)
{
    char *line = NULL;
    size_t capacity = 0;
    enum monitor_result result = MONITOR_DONE;
    bool ok = true;
    while (result != MONITOR_QUIT && getline(&line, &capacity, stdin) >= 0) {
        result = take_line(monitor, line);
        ok &= result != MONITOR_FAILED;
    }
    free(line);
    return ok;
}

/* Ctrl-C gives up the line, not the monitor. */
static bool was_interrupted(const struct monitor *monitor)
{
    return monitor->host.was_interrupted && monitor->host.was_interrupted(monitor->host.owner);
}

static bool is_blank(const char *line)
{
    return !line[strspn(line, " \t\r\n")];
}

#ifdef HAVE_EDIT

#include <editline/readline.h>

#define HISTORY_LINES 1000

/* The history stays between runs where there is a folder for it (XDG base directory specification); where
 * there is none, it lasts as long as the program. NULL: nowhere. */
static char *history_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char path[512];
    int length = -1;
    if (state && *state == '/')
        length = snprintf(path, sizeof path, "%s/tick86/monitor_history", state);
    else if (home && *home)
        length = snprintf(path, sizeof path, "%s/.local/state/tick86/monitor_history", home);
    return length > 0 && (size_t)length < sizeof path ? xstrdup(path) : NULL;
}

/* The folders above PATH. Where they cannot be made, saving fails later, and nobody minds. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
}

/* libedit's functions have no place for a pointer of ours. */
static struct monitor *completing;

static char *next_candidate(const char *word, int state)
{
    static unsigned n;
    char before[256], out[64];
    n = state ? n + 1 : 0;
    size_t length = (size_t)rl_point >= strlen(word) ? (size_t)rl_point - strlen(word) : 0;
    snprintf(before, sizeof before, "%.*s", (int)length, rl_line_buffer);
    if (monitor_completes_file(before))
        return filename_completion_function(word, state);
    return monitor_complete(completing, before, word, n, out, sizeof out) ? strdup(out) : NULL;
}

static void interact_terminal(struct monitor *monitor)
{
    char *path = history_path(), *line;
    completing = monitor;
    rl_initialize();
    rl_completion_entry_function = next_candidate;
    stifle_history(HISTORY_LINES);
    if (path)
        read_history(path);
    while ((line = readline(PROMPT)) || was_interrupted(monitor)) {
        if (!line) {
            fputc('\n', monitor->out);
            continue;
        }
        bool empty = is_blank(line);
        if (!empty)
            add_history(line);
        bool leave = take_line(monitor, empty ? monitor->last_line : line) == MONITOR_QUIT;
        free(line);
        if (leave)
            break;
    }
    if (!line)
        fputc('\n', monitor->out);
    if (path) {
        make_folders(path);
        write_history(path);
    }
    free(path);
}

#else

static void interact_terminal(struct monitor *monitor)
{
    char line[1024];
    for (;;) {
        fputs(PROMPT, monitor->out);
        fflush(monitor->out);
        if (!fgets(line, sizeof line, stdin)) {
            if (!was_interrupted(monitor))
                return;
            clearerr(stdin);
            fputc('\n', monitor->out);
            continue;
        }
        if (take_line(monitor, is_blank(line) ? monitor->last_line : line) == MONITOR_QUIT)
            return;
    }
}

#endif

bool monitor_interact(struct monitor *monitor)
{
    if (!isatty(STDIN_FILENO))
        return interact_plain(monitor);
    interact_terminal(monitor);
    return true;
}
