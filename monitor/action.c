#include "monitor/action.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/arguments.h"
#include "monitor/monitor_private.h"

#define NESTED_MAX 8 /* breakpoints set by commands of breakpoints */

static void add(struct action_list *list, const char *line, const char *origin)
{
    list->items = xrealloc(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = (struct action){xstrdup(line), xstrdup(origin)};
}

bool action_add(struct monitor *monitor, struct action_list *list, const char *line, struct error *err)
{
    if (monitor->checking >= NESTED_MAX)
        return error_set(err, "'%s': too many commands within commands; source FILE takes them out", line);
    monitor->checking++;
    bool ok = !strcmp(line, "silent") || arguments_check_line(monitor, line, err);
    monitor->checking--;
    if (!ok)
        return error_prefix(err, "'%s'", line);
    add(list, line, monitor->origin);
    return true;
}

bool action_add_all(struct monitor *monitor, struct action_list *list, const char *lines, struct error *err)
{
    bool ok = true;
    char *copy = xstrdup(lines), *rest = copy, *line;
    while (ok && (line = strsep(&rest, ";\n"))) {
        line += strspn(line, " \t");
        for (size_t n = strlen(line); n && isspace((unsigned char)line[n - 1]); n--)
            line[n - 1] = 0;
        ok = !*line || action_add(monitor, list, line, err);
    }
    free(copy);
    return ok;
}

struct action_list action_copy(const struct action_list *list)
{
    struct action_list copy = {0};
    for (unsigned i = 0; i < list->count; i++)
        add(&copy, list->items[i].line, list->items[i].origin);
    return copy;
}

void action_free(struct action_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        free(list->items[i].line);
        free(list->items[i].origin);
    }
    free(list->items);
    *list = (struct action_list){0};
}
