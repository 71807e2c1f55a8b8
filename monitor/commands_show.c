/* show: what Bochs's debugger tells while the guest runs, without a stop. */
#include <string.h>
#include <strings.h>

#include "monitor/breakpoint.h"
#include "monitor/monitor_private.h"

static const struct shown {
    const char *name;
    const char *breakpoints[3]; /* in the grammar of break */
} kinds[] = {
    {"mode", {"mode"}},           {"int", {"int", "exception"}}, {"softint", {"int software"}},
    {"extint", {"int hardware"}}, {"exception", {"exception"}},  {"all", {"mode", "int", "exception"}},
};

static void forget(struct monitor *monitor)
{
    for (size_t i = monitor->breakpoint_count; i-- > 0;)
        if (monitor->breakpoints[i].only_told)
            breakpoint_remove(monitor, &monitor->breakpoints[i]);
}

static void print_shown(struct monitor *monitor)
{
    bool any = false;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        if (!monitor->breakpoints[i].only_told)
            continue;
        struct text what = {0};
        breakpoint_describe(&monitor->breakpoints[i], &what);
        fprintf(monitor->out, "%s%s", any ? ", " : "told as the guest runs: ", text_chars(&what));
        text_free(&what);
        any = true;
    }
    fputs(any ? "\n" : "nothing is told as the guest runs\n", monitor->out);
}

static bool is_told(struct monitor *monitor, const struct breakpoint *wanted)
{
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        const struct breakpoint *point = &monitor->breakpoints[i];
        if (point->only_told && point->kind == wanted->kind && point->origins == wanted->origins)
            return true;
    }
    return false;
}

static bool show(struct monitor *monitor, const struct shown *kind, struct error *err)
{
    const struct break_defaults defaults = {NULL, false, false};
    for (unsigned i = 0; i < 3 && kind->breakpoints[i]; i++) {
        struct breakpoint point;
        if (!breakpoint_parse(monitor, kind->breakpoints[i], &defaults, &point, err))
            return false;
        point.only_told = true;
        if (!is_told(monitor, &point))
            breakpoint_add(monitor, &point, true);
    }
    return true;
}

enum monitor_result command_show(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format;
    char name[16];
    size_t length = strcspn(arguments + (*arguments == '"'), "\"");
    snprintf(name, sizeof name, "%.*s", (int)length, arguments + (*arguments == '"')); /* Bochs has quotes */
    bool off = !strcmp(name, "off") || !strcmp(name, "dbg-none");
    const struct shown *found = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcasecmp(name, kinds[i].name) || (!strcmp(name, "dbg-all") && !strcmp(kinds[i].name, "all")))
            found = &kinds[i];
    if (*arguments && !off && !found) {
        error_set(err,
                  "show %s: say mode, int, softint, extint, exception, all or off; trace on shows calls and "
                  "returns",
                  arguments);
        return MONITOR_FAILED;
    }
    if (off)
        forget(monitor);
    if (found && !show(monitor, found, err))
        return MONITOR_FAILED;
    print_shown(monitor);
    return MONITOR_DONE;
}
