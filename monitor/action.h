/* The commands that run when a breakpoint stops: `do` and `commands`. */
#ifndef TICK86_MONITOR_ACTION_H
#define TICK86_MONITOR_ACTION_H

#include <stdbool.h>

#include "base/error.h"

struct monitor;

struct action {
    char *line;
    char *origin; /* "script:5", "" for what was typed */
};

/* All zero: none. */
struct action_list {
    struct action *items;
    unsigned count;
};

/* Adds LINE, as it stands in the script that MONITOR runs. False with ERR: it is no command, or what follows
 * its name is not as the command has it; nothing was added. */
bool action_add(struct monitor *monitor, struct action_list *list, const char *line, struct error *err);
/* Adds several, with semicolons between them. */
bool action_add_all(struct monitor *monitor, struct action_list *list, const char *lines, struct error *err);
struct action_list action_copy(const struct action_list *list);
void action_free(struct action_list *list);

#endif
