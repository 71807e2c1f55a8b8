#include "monitor/complete.h"

#include <stdio.h>
#include <string.h>

#include "bus/device.h"
#include "machine/machine.h"
#include "monitor/monitor_private.h"
#include "monitor/registers.h"

/* The names of one kind, by number; NULL past the last. */
typedef const char *names_fn(struct monitor *monitor, unsigned n, char *scratch, size_t size);

static const char *command_names(struct monitor *monitor, unsigned n, char *scratch, size_t size)
{
    (void)monitor, (void)scratch, (void)size;
    return monitor_commands[n].name;
}

static const char *info_names(struct monitor *monitor, unsigned n, char *scratch, size_t size)
{
    (void)monitor, (void)scratch, (void)size;
    return monitor_infos[n].name;
}

static const char *help_names(struct monitor *monitor, unsigned n, char *scratch, size_t size)
{
    for (unsigned i = 0; monitor_commands[i].name; i++)
        if (i == n)
            return command_names(monitor, n, scratch, size);
    unsigned commands = 0;
    while (monitor_commands[commands].name)
        commands++;
    return help_topics[n - commands].name;
}

static const char *device_names(struct monitor *monitor, unsigned n, char *scratch, size_t size)
{
    (void)scratch, (void)size;
    const struct device *at = machine_devices(monitor->machine)->first;
    while (at && n--)
        at = at->next;
    return at ? at->name : NULL;
}

static const char *register_names(struct monitor *monitor, unsigned n, char *scratch, size_t size)
{
    (void)monitor;
    struct register_place place;
    if (!register_at(n, &place))
        return NULL;
    snprintf(scratch, size, "%s", place.name);
    return scratch;
}

/* Which kind of name comes after these words. */
static names_fn *kind_after(const char *before)
{
    char first[24] = "", second[24] = "";
    int words = sscanf(before, "%23s %23s", first, second);
    if (words < 1)
        return command_names;
    const struct monitor_command *row = find_command(monitor_commands, first, strlen(first));
    if (!row)
        return register_names;
    if (!strcmp(row->name, "help"))
        return help_names;
    if (strcmp(row->name, "info"))
        return register_names;
    if (words == 1)
        return info_names;
    row = find_command(monitor_infos, second, strlen(second));
    bool device =
        row && (!strcmp(row->name, "device") || !strcmp(row->name, "ports") || !strcmp(row->name, "state"));
    return device ? device_names : register_names;
}

bool monitor_completes_file(const char *before)
{
    char first[24] = "", second[24] = "", third[24] = "";
    int words = sscanf(before, "%23s %23s %23s", first, second, third);
    const struct monitor_command *row =
        words > 0 ? find_command(monitor_commands, first, strcspn(first, "/")) : NULL;
    if (!row)
        return false;
    if (row->run == command_dump) /* gdb: dump memory FILE */
        return words == 2 && !strcmp(second, "memory");
    if (!strstr(row->arguments, "FILE"))
        return false;
    /* What stands before FILE in the command's arguments: a format, or one word such as a drive. */
    bool after_word = row->run == command_snapshot || row->run == command_insert;
    return words == (after_word ? 2 : 1);
}

bool monitor_complete(struct monitor *monitor, const char *before, const char *word, unsigned n, char *out,
                      size_t size)
{
    char scratch[32];
    names_fn *names = kind_after(before);
    const char *dollar = *word == '$' ? "$" : "", *name;
    word += *word == '$';
    for (unsigned i = 0; (name = names(monitor, i, scratch, sizeof scratch)); i++) {
        if (!strncmp(name, word, strlen(word)) && !n--) {
            snprintf(out, size, "%s%s", dollar, name);
            return true;
        }
    }
    return false;
}
