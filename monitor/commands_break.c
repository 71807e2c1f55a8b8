/* Commands for breakpoints; those of gdb and of Bochs's debugger lead to the same grammar. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "monitor/breakpoint.h"
#include "monitor/condition.h"
#include "monitor/event.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"

static enum monitor_result add_from(struct monitor *monitor, const char *arguments,
                                    const struct break_defaults *defaults, struct error *err)
{
    struct breakpoint point;
    if (!*arguments && !defaults->kind && !defaults->once) {
        if (!monitor->checking)
            print_breakpoints(monitor);
        return MONITOR_DONE;
    }
    if (!breakpoint_parse(monitor, arguments, defaults, &point, err))
        return MONITOR_FAILED;
    if (monitor->checking) {
        breakpoint_free(&point);
        return MONITOR_DONE;
    }
    const struct breakpoint *added = breakpoint_add(monitor, &point, false);
    struct text what = {0};
    breakpoint_describe(added, &what);
    fprintf(monitor->out, "%s %u: %s\n", added->temporary ? "Temporary breakpoint" : "Breakpoint",
            added->number, text_chars(&what));
    text_free(&what);
    return MONITOR_DONE;
}

#define BREAK_COMMAND(name, ...)                                                                             \
    enum monitor_result name(struct monitor *monitor, const char *format, const char *arguments,             \
                             struct error *err)                                                              \
    {                                                                                                        \
        (void)format;                                                                                        \
        const struct break_defaults defaults = {__VA_ARGS__};                                                \
        return add_from(monitor, arguments, &defaults, err);                                                 \
    }
BREAK_COMMAND(command_break, NULL, false, false)
BREAK_COMMAND(command_tbreak, NULL, true, false)
BREAK_COMMAND(command_pbreak, "execute physical", false, true)
BREAK_COMMAND(command_rwatch, "read", false, false)
BREAK_COMMAND(command_awatch, "access", false, false)
BREAK_COMMAND(command_modebp, "mode", false, false)

/* gdb: watch ADDRESS; Bochs: watch r|w ADDRESS LENGTH, watch alone lists. */
enum monitor_result command_watch(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    static const char *const kinds[] = {"r", "read", "w", "write", "a", "access", "rw"};
    struct break_defaults defaults = {"write", false, false};
    size_t length = strcspn(arguments, " \t");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i]) == length && !strncasecmp(arguments, kinds[i], length))
            defaults.kind = NULL;
    if (!strncmp(arguments, "-l ", 3) || !strncmp(arguments, "-location ", 10))
        arguments += strcspn(arguments, " ") + 1;
    if (!strcmp(arguments, "stop") || !strcmp(arguments, "continue")) {
        error_set(err, "each watchpoint for itself: watch ADDRESS stops, watch ADDRESS do continue goes on");
        return MONITOR_FAILED;
    }
    if (*arguments == '$') {
        error_set(err, "watch looks at memory; break cr0, msr and the like stop at writes to registers: help "
                       "breakpoints");
        return MONITOR_FAILED;
    }
    if (!*arguments)
        defaults.kind = NULL;
    return add_from(monitor, arguments, &defaults, err);
}

/* --- by number --- */

/* "3", "2-5" as gdb has it, or "2..5". *AT: what follows. */
static bool parse_numbers(const char **at, uint64_t *first, uint64_t *last, struct error *err)
{
    char *end;
    *first = *last = strtoull(*at, &end, 10);
    const char *to = end + (*end == '-' ? 1 : !strncmp(end, "..", 2) ? 2 : 0);
    if (to != end && isdigit((unsigned char)*to))
        *last = strtoull(to, &end, 10);
    if (!isdigit((unsigned char)**at) || (*end && *end != ',' && !isspace((unsigned char)*end)))
        return error_set(err, "'%s' is no number of a breakpoint; info breakpoints lists them", *at);
    *at = end + strspn(end, ", \t");
    return *last >= *first ||
           error_set(err, "%" PRIu64 "-%" PRIu64 ": the end comes before the beginning", *first, *last);
}

/* Calls EACH (NULL: nothing) for the breakpoints from number FIRST to LAST. Returns how many there are. */
static unsigned for_range(struct monitor *monitor, uint64_t first, uint64_t last,
                          void (*each)(struct monitor *monitor, struct breakpoint *point))
{
    unsigned count = 0;
    for (size_t i = monitor->breakpoint_count; i-- > 0;) {
        struct breakpoint *point = &monitor->breakpoints[i];
        if (!point->number || point->number < first || point->number > last)
            continue;
        count++;
        if (each)
            each(monitor, point);
    }
    return count;
}

/* Calls EACH for the numbers in ARGUMENTS ("1 3-5"), or for all breakpoints if there are none. A mistake
 * among them changes nothing. */
static enum monitor_result for_numbers(struct monitor *monitor, const char *arguments, struct error *err,
                                       void (*each)(struct monitor *monitor, struct breakpoint *point))
{
    uint64_t first, last;
    if (!strncmp(arguments, "breakpoints", 11)) /* gdb: delete breakpoints 1 */
        arguments += 11 + strspn(arguments + 11, " ");
    if (!*arguments || !strcmp(arguments, "all")) {
        for_range(monitor, 1, UINT64_MAX, each);
        breakpoints_sync(monitor);
        return MONITOR_DONE;
    }
    for (const char *at = arguments, *start = at; *at; start = at) {
        if (!parse_numbers(&at, &first, &last, err))
            return MONITOR_FAILED;
        if (!for_range(monitor, first, last, NULL)) {
            error_set(err, "there is no breakpoint %.*s; info breakpoints lists them",
                      (int)strcspn(start, ", \t"), start);
            return MONITOR_FAILED;
        }
    }
    for (const char *at = arguments; *at;)
        if (parse_numbers(&at, &first, &last, err))
            for_range(monitor, first, last, each);
    breakpoints_sync(monitor);
    return MONITOR_DONE;
}

static void enable(struct monitor *monitor, struct breakpoint *point)
{
    (void)monitor;
    point->enabled = true;
}

static void disable(struct monitor *monitor, struct breakpoint *point)
{
    (void)monitor;
    point->enabled = false;
}

enum monitor_result command_delete(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    if (!strncmp(arguments, "display", 7))
        return command_undisplay(monitor, format, arguments + 7 + strspn(arguments + 7, " "), err);
    return for_numbers(monitor, arguments, err, breakpoint_remove);
}

enum monitor_result command_enable(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format;
    static const char *const kinds[] = {"once ", "delete ", "count "};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strncmp(arguments, kinds[i], strlen(kinds[i]))) {
            error_set(err, "enable %s: tbreak sets breakpoints that stop once, ignore N COUNT passes stops",
                      arguments);
            return MONITOR_FAILED;
        }
    return for_numbers(monitor, arguments, err, enable);
}

enum monitor_result command_disable(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    return for_numbers(monitor, arguments, err, disable);
}

/* Bochs: by address; all watched memory if none is given. The kind may stand before, as in watch. */
enum monitor_result command_unwatch(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    struct address address;
    static const char *const kinds[] = {"r ", "read ", "w ", "write ", "rw ", "access "};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strncmp(arguments, kinds[i], strlen(kinds[i])))
            arguments += strlen(kinds[i]);
    if (*arguments && !expression_address(monitor->machine, arguments, NULL, &address, err))
        return MONITOR_FAILED;
    bool found = !*arguments;
    for (size_t i = monitor->breakpoint_count; i-- > 0;) {
        struct breakpoint *point = &monitor->breakpoints[i];
        if (point->kind == BREAK_MEMORY && (!*arguments || point->first == address.linear)) {
            breakpoint_remove(monitor, point);
            found = true;
        }
    }
    if (found)
        return MONITOR_DONE;
    error_set(err, "nothing is watched at %s; info breakpoints lists what is", arguments);
    return MONITOR_FAILED;
}

/* gdb: those that stop at an address, of any kind that has one. */
enum monitor_result command_clear(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    struct address address;
    bool found = false;
    if (!*arguments) {
        error_set(err, "say which: clear ADDRESS; delete N goes by the number, delete alone forgets all");
        return MONITOR_FAILED;
    }
    if (!expression_address(monitor->machine, arguments, NULL, &address, err))
        return MONITOR_FAILED;
    for (size_t i = monitor->breakpoint_count; i-- > 0;) {
        struct breakpoint *point = &monitor->breakpoints[i];
        if (!point->number || point->kind > BREAK_MEMORY || point->first != address.linear)
            continue;
        fprintf(monitor->out, "Deleted breakpoint %u\n", point->number);
        breakpoint_remove(monitor, point);
        found = true;
    }
    if (found)
        return MONITOR_DONE;
    error_set(err, "no breakpoint is at %s; info breakpoints lists them", arguments);
    return MONITOR_FAILED;
}

/* The breakpoint that ARGUMENTS begin with; *REST: what follows. */
static struct breakpoint *numbered(struct monitor *monitor, const char *arguments, const char **rest,
                                   struct error *err)
{
    uint64_t number;
    if (!*arguments) {
        error_set(err, "say the breakpoint's number; info breakpoints lists them");
        return NULL;
    }
    if (!expression_number(monitor->machine, arguments, rest, &number, err))
        return NULL;
    return breakpoint_find(monitor, number, err);
}

enum monitor_result command_ignore(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format;
    const char *rest;
    uint64_t count = 0;
    struct breakpoint *point = numbered(monitor, arguments, &rest, err);
    if (!point || !breakpoint_ignore_count(monitor, rest, &count, err))
        return MONITOR_FAILED;
    point->ignore = count;
    return MONITOR_DONE;
}

enum monitor_result command_condition(struct monitor *monitor, const char *format, const char *arguments,
                                      struct error *err)
{
    (void)format;
    const char *rest;
    struct condition *condition = NULL;
    struct breakpoint *point = numbered(monitor, arguments, &rest, err);
    if (!point)
        return MONITOR_FAILED;
    if (!strncmp(rest, "if ", 3))
        rest += 3;
    if (*rest && !(condition = breakpoint_condition(point, rest, err)))
        return MONITOR_FAILED;
    condition_free(point->condition);
    point->condition = condition;
    return MONITOR_DONE;
}

/* --- command lists --- */

/* commands [N] COMMAND; ... at once, or gdb's form: the lines that follow up to "end". */
enum monitor_result command_commands(struct monitor *monitor, const char *format, const char *arguments,
                                     struct error *err)
{
    (void)format;
    const char *rest = arguments;
    struct breakpoint *point = NULL;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) /* the last; those of show have no number */
        if (monitor->breakpoints[i].number)
            point = &monitor->breakpoints[i];
    if (isdigit((unsigned char)*arguments))
        point = numbered(monitor, arguments, &rest, err);
    else if (!point)
        error_set(err, "there is no breakpoint to give commands to");
    if (!point)
        return MONITOR_FAILED;
    struct action_list actions = {0};
    if (!action_add_all(monitor, &actions, rest, err)) {
        action_free(&actions);
        return MONITOR_FAILED;
    }
    action_free(&point->actions);
    point->actions = actions;
    if (!actions.count)
        monitor->collecting = point->number;
    return MONITOR_DONE;
}

bool commands_collect(struct monitor *monitor, const char *line, enum monitor_result *result,
                      struct error *err)
{
    struct error gone;
    if (!monitor->collecting)
        return false;
    struct breakpoint *point = breakpoint_find(monitor, monitor->collecting, &gone);
    *result = MONITOR_DONE;
    if (!point || !strcmp(line, "end"))
        monitor->collecting = 0;
    else if (!action_add(monitor, &point->actions, line, err))
        *result = MONITOR_FAILED;
    return true;
}

/* --- the list --- */

static void print_details(struct monitor *monitor, const struct breakpoint *point)
{
    if (point->hits)
        fprintf(monitor->out, "    hit %" PRIu64 " time%s\n", point->hits, point->hits == 1 ? "" : "s");
    if (point->ignore)
        fprintf(monitor->out, "    ignored the next %" PRIu64 " time%s\n", point->ignore,
                point->ignore == 1 ? "" : "s");
    for (unsigned i = 0; i < point->actions.count; i++)
        fprintf(monitor->out, "    %s\n", point->actions.items[i].line);
}

enum monitor_result command_breakpoints(struct monitor *monitor, const char *format, const char *arguments,
                                        struct error *err)
{
    (void)format, (void)arguments, (void)err;
    print_breakpoints(monitor);
    return MONITOR_DONE;
}

static void print_breakpoint(struct monitor *monitor, const struct breakpoint *point)
{
    struct text what = {0};
    breakpoint_describe(point, &what);
    fprintf(monitor->out, "%-3u %s%s%s\n", point->number, text_chars(&what),
            point->temporary ? " (once)" : "", point->enabled ? "" : " (disabled)");
    text_free(&what);
    print_details(monitor, point);
}

/* gdb: info breakpoints N. */
enum monitor_result info_breakpoints(struct monitor *monitor, const char *format, const char *arguments,
                                     struct error *err)
{
    (void)format;
    const char *rest;
    if (!*arguments) {
        print_breakpoints(monitor);
        return MONITOR_DONE;
    }
    while (*arguments) {
        const struct breakpoint *point = numbered(monitor, arguments, &rest, err);
        if (!point)
            return MONITOR_FAILED;
        print_breakpoint(monitor, point);
        arguments = rest;
    }
    return MONITOR_DONE;
}

void print_breakpoints(struct monitor *monitor)
{
    bool any = false;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        if (!monitor->breakpoints[i].number)
            continue;
        any = true;
        print_breakpoint(monitor, &monitor->breakpoints[i]);
    }
    if (!any)
        fputs("no breakpoints\n", monitor->out);
}
