/* snapshot save FILE, snapshot load FILE. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "bus/clock.h"
#include "machine/machine.h"
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

/* Image files that the guest writes to are put back with it: what was written since is gone. */
static void tell_media(struct monitor *monitor)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++)
        if (machine_file_put_back(monitor->machine, (enum machine_media_slot)slot))
            fprintf(monitor->out,
                    "%s is again as it was then: what the guest wrote to it since is taken back\n",
                    machine_medium(monitor->machine, (enum machine_media_slot)slot));
}

enum monitor_result command_snapshot(struct monitor *monitor, const char *format, const char *arguments,
                                     struct error *err)
{
    (void)format;
    const struct monitor_user *user = &monitor->host.user;
    void *owner = monitor->host.owner;
    const char *path;
    if (!user->save || !user->load) {
        error_set(err, "there is nobody here to do that");
        return MONITOR_FAILED;
    }
    if ((path = after_word(arguments, "save"))) {
        if (!user->save(owner, path, err))
            return MONITOR_FAILED;
        tell(monitor, "Saved", path);
        return MONITOR_DONE;
    }
    if ((path = after_word(arguments, "load"))) {
        if (!user->load(owner, path, err))
            return MONITOR_FAILED;
        monitor->ended = false;
        tell(monitor, "Loaded", path);
        tell_media(monitor);
        monitor_show_place(monitor);
        return MONITOR_DONE;
    }
    error_set(err, "say snapshot save FILE or snapshot load FILE");
    return MONITOR_FAILED;
}
