/* Command lines: finding the command in the table, scripts, and talking to a terminal. */
#include "monitor/monitor.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "config.h"
#include "monitor/monitor_private.h"

#ifdef HAVE_EDIT
#include <editline/readline.h>
#endif

#define PROMPT "tick86> "

static command_fn command_help, command_quit;

/* clang-format off */
const struct monitor_command monitor_commands[] = {
    {"step", "s si stepi", "[N]", "run one instruction, or N", command_step, true},
    {"next", "n ni p", "", "as step, but run through calls, interrupts, loops and repeated string instructions", command_next, true},
    {"continue", "c", "", "run until a breakpoint, the end, or Ctrl-C", command_continue, false},
    {"break", "b lb pb vb", "ADDRESS", "stop before the instruction at a linear address or SEGMENT:OFFSET", command_break, false},
    {"tbreak", "tb", "ADDRESS", "as break, but only once", command_tbreak, false},
    {"delete", "d del", "[N]", "forget breakpoint N, or all", command_delete, false},
    {"info", "i", "[WHAT]", "registers, breakpoints, cpu, devices, device NAME, events, map", command_info, false},
    {"registers", "r regs", "", "registers of the processor", command_registers, false},
    {"x", "", "[/FMT] ADDRESS", "show linear memory; FMT is a count, a format (x d u o t c s i) and a size (b h w g)", command_examine, true},
    {"xp", "", "[/FMT] ADDRESS", "as x, physical memory", command_examine_physical, true},
    {"disassemble", "u", "[/N] [ADDRESS]", "show instructions, from the next one if no address is given", command_disassemble, true},
    {"print", "? calc", "EXPRESSION", "a number or register, in hexadecimal and decimal", command_print, false},
    {"screen", "", "", "the text screen", command_screen, false},
    {"set", "", "syntax intel|att", "how instructions are written", command_set, false},
    {"nmi", "", "", "a non-maskable interrupt", command_nmi, false},
    {"reset", "", "", "press the reset button", command_reset, false},
    {"help", "h", "[COMMAND]", "this list, or one command", command_help, false},
    {"quit", "q exit", "", "end the machine and leave", command_quit, false},
    {NULL, NULL, NULL, NULL, NULL, false},
};
/* clang-format on */

struct monitor *monitor_create(struct machine *machine, const struct monitor_host *host, FILE *out)
{
    struct monitor *monitor = xcalloc(1, sizeof *monitor);
    monitor->machine = machine;
    monitor->host = *host;
    monitor->out = out;
    monitor->next_number = 1;
    return monitor;
}

void monitor_destroy(struct monitor *monitor)
{
    if (!monitor)
        return;
    free(monitor->breakpoints);
    free(monitor);
}

/* --- The table --------------------------------------------------------------------------------------------
 */

static bool is_short_form(const char *forms, const char *word, size_t length)
{
    while (*forms) {
        size_t n = strcspn(forms, " ");
        if (n == length && !strncmp(forms, word, n))
            return true;
        forms += n;
        forms += strspn(forms, " ");
    }
    return false;
}

/* By name, short form, or a beginning that only one name has. */
static const struct monitor_command *find_command(const char *word, size_t length, struct error *err)
{
    const struct monitor_command *found = NULL;
    for (const struct monitor_command *row = monitor_commands; row->name; row++)
        if ((strlen(row->name) == length && !strncmp(row->name, word, length)) ||
            is_short_form(row->short_forms, word, length))
            return row;
    for (const struct monitor_command *row = monitor_commands; row->name; row++) {
        if (strncmp(row->name, word, length))
            continue;
        if (found) {
            error_set(err, "'%.*s' could be %s or %s", (int)length, word, found->name, row->name);
            return NULL;
        }
        found = row;
    }
    if (!found)
        error_set(err, "there is no command '%.*s'; help lists them", (int)length, word);
    return found;
}

static enum monitor_result command_help(struct monitor *monitor, const char *format, const char *arguments,
                                        struct error *err)
{
    (void)format;
    const struct monitor_command *only = NULL;
    if (*arguments && !(only = find_command(arguments, strcspn(arguments, " "), err)))
        return MONITOR_FAILED;
    for (const struct monitor_command *row = monitor_commands; row->name; row++) {
        if (only && row != only)
            continue;
        int column = fprintf(monitor->out, "%s%s%s", row->name, *row->arguments ? " " : "", row->arguments);
        fprintf(monitor->out, "%*s%s", column < 28 ? 28 - column : 1, "", row->help);
        if (*row->short_forms)
            fprintf(monitor->out, " (%s)", row->short_forms);
        fputc('\n', monitor->out);
    }
    return MONITOR_DONE;
}

static enum monitor_result command_quit(struct monitor *monitor, const char *format, const char *arguments,
                                        struct error *err)
{
    (void)monitor, (void)format, (void)arguments, (void)err;
    return MONITOR_QUIT;
}

/* --- Lines ------------------------------------------------------------------------------------------------
 */

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

static enum monitor_result run_line(struct monitor *monitor, char *line, struct error *err)
{
    char format[32] = "";
    size_t length = strcspn(line, " \t/");
    if (*line == '?')
        length = 1;
    const struct monitor_command *row = find_command(line, length, err);
    if (!row)
        return MONITOR_FAILED;
    const char *rest = skip_blanks(line + length);
    if (*rest == '/') {
        size_t n = strcspn(++rest, " \t");
        if (n >= sizeof format) {
            error_set(err, "/%.*s is too long", (int)n, rest);
            return MONITOR_FAILED;
        }
        memcpy(format, rest, n);
        rest = skip_blanks(rest + n);
    }
    enum monitor_result result = row->run(monitor, format, rest, err);
    monitor->last_line[0] = 0;
    if (row->repeats && result == MONITOR_DONE)
        snprintf(monitor->last_line, sizeof monitor->last_line, "%s", row->name);
    return result;
}

enum monitor_result monitor_command(struct monitor *monitor, const char *line, struct error *err)
{
    line = skip_blanks(line);
    if (!*line || *line == '#')
        return MONITOR_DONE;
    char *copy = xstrdup(line);
    for (size_t n = strlen(copy); n && isspace((unsigned char)copy[n - 1]); n--)
        copy[n - 1] = 0;
    enum monitor_result result = run_line(monitor, copy, err);
    free(copy);
    fflush(monitor->out);
    return result;
}

enum monitor_result monitor_script(struct monitor *monitor, const char *path, struct error *err)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        error_set(err, "%s: %s; check the name given to --monitor-script", path, strerror(errno));
        return MONITOR_FAILED;
    }
    char *line = NULL;
    size_t capacity = 0;
    int number = 0;
    enum monitor_result result = MONITOR_DONE;
    while (result == MONITOR_DONE && getline(&line, &capacity, file) >= 0) {
        number++;
        result = monitor_command(monitor, line, err);
    }
    if (result == MONITOR_FAILED)
        error_prefix(err, "%s:%d", path, number);
    free(line);
    fclose(file);
    return result;
}

/* True: leave. */
static bool take_line(struct monitor *monitor, const char *line)
{
    struct error err;
    enum monitor_result result = monitor_command(monitor, line, &err);
    if (result == MONITOR_FAILED) {
        fprintf(monitor->out, "%s\n", err.text);
        fflush(monitor->out);
    }
    return result == MONITOR_QUIT;
}

static void interact_plain(struct monitor *monitor)
{
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) >= 0)
        if (take_line(monitor, line))
            break;
    free(line);
}

#ifdef HAVE_EDIT

/* readline's way of completing: called again and again until it returns NULL. */
static char *complete_command(const char *text, int state)
{
    static size_t at;
    if (!state)
        at = 0;
    while (monitor_commands[at].name) {
        const char *name = monitor_commands[at++].name;
        if (!strncmp(name, text, strlen(text)))
            return xstrdup(name);
    }
    return NULL;
}

static void interact_terminal(struct monitor *monitor)
{
    rl_completion_entry_function = complete_command;
    for (;;) {
        char *line = readline(PROMPT);
        if (!line) {
            fputc('\n', monitor->out);
            return;
        }
        bool empty = !*skip_blanks(line);
        if (!empty)
            add_history(line);
        bool leave = take_line(monitor, empty ? monitor->last_line : line);
        free(line);
        if (leave)
            return;
    }
}

#else

static void interact_terminal(struct monitor *monitor)
{
    char line[1024];
    for (;;) {
        fputs(PROMPT, monitor->out);
        fflush(monitor->out);
        if (!fgets(line, sizeof line, stdin) ||
            take_line(monitor, *skip_blanks(line) ? line : monitor->last_line))
            return;
    }
}

#endif

void monitor_interact(struct monitor *monitor)
{
    if (isatty(STDIN_FILENO))
        interact_terminal(monitor);
    else
        interact_plain(monitor);
}
