/* display: what is shown at each stop. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"

bool displays_allow(const struct monitor *monitor, const char *what, struct error *err)
{
    return !monitor->displaying ||
           error_set(err, "what is displayed cannot %s; break WHAT do COMMAND runs commands at stops", what);
}

/* x examines memory at the expression, print shows its value, anything else is a command. */
static bool looks_at_memory(const char *format)
{
    return strpbrk(format, "isbhwgem") != NULL;
}

static enum monitor_result show(struct monitor *monitor, const struct display *d, struct error *err)
{
    if (d->is_command) {
        monitor->displaying = true;
        enum monitor_result result = monitor_command(monitor, d->text, err);
        monitor->displaying = false;
        return result;
    }
    return looks_at_memory(d->format) ? command_examine(monitor, d->format, d->text, err)
                                      : command_print(monitor, d->format, d->text, err);
}

/* What x and u go on from stays as it is. */
static enum monitor_result show_apart(struct monitor *monitor, const struct display *d, struct error *err)
{
    uint64_t next_look = monitor->next_look;
    struct place place = monitor->look_place;
    char look[sizeof monitor->look];
    memcpy(look, monitor->look, sizeof look);
    fprintf(monitor->out, "%u: %s%s%s%s", d->number, *d->format ? "/" : "", d->format, *d->format ? " " : "",
            d->text);
    fputs(d->is_command || looks_at_memory(d->format) ? "\n" : " = ", monitor->out);
    enum monitor_result result = show(monitor, d, err);
    monitor->next_look = next_look;
    monitor->look_place = place;
    memcpy(monitor->look, look, sizeof look);
    return result;
}

void displays_show(struct monitor *monitor)
{
    for (unsigned i = 0; i < monitor->display_count; i++) {
        struct error err;
        if (show_apart(monitor, &monitor->displays[i], &err) == MONITOR_FAILED)
            fprintf(monitor->out, "%s\n", err.text);
    }
}

void displays_free(struct monitor *monitor)
{
    for (unsigned i = 0; i < monitor->display_count; i++)
        free(monitor->displays[i].text);
    monitor->display_count = 0;
}

static void remove_display(struct monitor *monitor, unsigned i)
{
    free(monitor->displays[i].text);
    memmove(&monitor->displays[i], &monitor->displays[i + 1],
            (--monitor->display_count - i) * sizeof *monitor->displays);
}

/* display[/FMT] EXPRESSION, or a command such as registers; alone: shows them now. */
enum monitor_result command_display(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    if (!displays_allow(monitor, "display", err))
        return MONITOR_FAILED;
    if (!*arguments) {
        displays_show(monitor);
        return MONITOR_DONE;
    }
    if (monitor->display_count == DISPLAYS_MAX) {
        error_set(err, "%d things are displayed already; undisplay N makes room", DISPLAYS_MAX);
        return MONITOR_FAILED;
    }
    struct display d = {.text = xstrdup(arguments)};
    snprintf(d.format, sizeof d.format, "%s", format);
    uint64_t value;
    struct error unused;
    size_t length = strcspn(arguments, " \t/");
    d.is_command = !*format && !expression_number(monitor->machine, arguments, NULL, &value, &unused) &&
                   find_monitor_command(arguments, length, &unused);
    d.number = monitor->next_display + 1;
    if (show_apart(monitor, &d, err) != MONITOR_DONE) {
        free(d.text);
        return MONITOR_FAILED;
    }
    monitor->next_display = d.number;
    monitor->displays[monitor->display_count++] = d;
    return MONITOR_DONE;
}

enum monitor_result command_undisplay(struct monitor *monitor, const char *format, const char *arguments,
                                      struct error *err)
{
    (void)format;
    if (!displays_allow(monitor, "end displays", err))
        return MONITOR_FAILED;
    if (!*arguments)
        displays_free(monitor);
    for (const char *at = arguments; *at;) {
        uint64_t number;
        unsigned i = 0;
        if (!expression_number(monitor->machine, at, &at, &number, err))
            return MONITOR_FAILED;
        while (i < monitor->display_count && monitor->displays[i].number != number)
            i++;
        if (i == monitor->display_count) {
            error_set(err, "nothing is displayed with the number %u; info display lists what is",
                      (unsigned)number);
            return MONITOR_FAILED;
        }
        remove_display(monitor, i);
    }
    return MONITOR_DONE;
}

enum monitor_result info_display(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format, (void)arguments, (void)err;
    for (unsigned i = 0; i < monitor->display_count; i++) {
        const struct display *d = &monitor->displays[i];
        fprintf(monitor->out, "%-3u %s%s%s%s\n", d->number, *d->format ? "/" : "", d->format,
                *d->format ? " " : "", d->text);
    }
    if (!monitor->display_count)
        fputs("nothing is displayed at stops\n", monitor->out);
    return MONITOR_DONE;
}
