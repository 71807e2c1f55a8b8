/* snapshot save FILE, snapshot load FILE. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bus/clock.h"
#include "machine/machine.h"
#include "monitor/arguments.h"
#include "monitor/monitor_private.h"

/* What follows WORD and blanks in ARGUMENTS; NULL where something else stands there. */
static const char *after_word(const char *arguments, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(arguments, word, length) || !isspace((unsigned char)arguments[length]))
        return NULL;
    arguments += length;
    while (isspace((unsigned char)*arguments))
        arguments++;
    return *arguments ? arguments : NULL;
}

static void tell(struct monitor *monitor, const char *what, const char *path)
{
    struct machine *machine = monitor->machine;
    uint64_t ns = clock_ns(machine_clock(machine), machine_cycles(machine));
    fprintf(monitor->out, "%s %s: %" PRIu64 ".%09" PRIu64 " s, %" PRIu64 " instructions\n", what, path,
            ns / 1000000000, ns % 1000000000, machine_instructions(machine));
}

/* Media are put back into their drives; and so are image files that the guest writes to: what was written
 * since is gone. */
static void tell_media(struct monitor *monitor)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        enum machine_media_slot slot = (enum machine_media_slot)i;
        const char *medium = machine_medium(monitor->machine, slot);
        if (machine_medium_put_back(monitor->machine, slot))
            fprintf(monitor->out, "%s %s\n", machine_drive_name(slot),
                    medium ? "has the medium again that was in it then" : "is empty again, as it was then");
        if (machine_file_put_back(monitor->machine, slot))
            fprintf(monitor->out,
                    "%s is again as it was then: what the guest wrote to it since is taken back\n", medium);
    }
}

static bool save(struct monitor *monitor, const char *name, struct error *err)
{
    char *path = argument_last_file(name, err);
    bool ok = path && monitor->host.user.save(monitor->host.owner, path, err);
    if (ok)
        tell(monitor, "Saved", path);
    free(path);
    return ok;
}

static bool load(struct monitor *monitor, const char *name, struct error *err)
{
    char *path = argument_last_file(name, err);
    bool ok = path && monitor->host.user.load(monitor->host.owner, path, err);
    if (ok) {
        tell(monitor, "Loaded", path);
        tell_media(monitor);
        monitor_restored(monitor);
        monitor_show_place(monitor);
    }
    free(path);
    return ok;
}

enum monitor_result command_snapshot(struct monitor *monitor, const char *format, const char *arguments,
                                     struct error *err)
{
    (void)format;
    const struct monitor_user *user = &monitor->host.user;
    const char *name;
    if (!user->save || !user->load) {
        error_set(err, "there is nobody here to do that");
        return MONITOR_FAILED;
    }
    if ((name = after_word(arguments, "save")))
        return save(monitor, name, err) ? MONITOR_DONE : MONITOR_FAILED;
    if ((name = after_word(arguments, "load")))
        return load(monitor, name, err) ? MONITOR_DONE : MONITOR_FAILED;
    error_set(err, "snapshot %s: say snapshot save FILE or snapshot load FILE", arguments);
    return MONITOR_FAILED;
}
