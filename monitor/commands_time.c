/* Stops by the count of instructions. */
#include <inttypes.h>

#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"

static enum monitor_result stop_at(struct monitor *monitor, uint64_t instructions)
{
    machine_break_at(monitor->machine, instructions);
    fprintf(monitor->out, "continue stops after %" PRIu64 " more instructions\n",
            instructions - machine_instructions(monitor->machine));
    return MONITOR_DONE;
}

/* sb N: N instructions from here on; without N: not any more. */
enum monitor_result command_stop_in(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    uint64_t count, now = machine_instructions(monitor->machine);
    if (!*arguments) {
        machine_break_at(monitor->machine, UINT64_MAX);
        return MONITOR_DONE;
    }
    arguments += *arguments == '+';
    if (!expression_number(monitor->machine, arguments, NULL, &count, err))
        return MONITOR_FAILED;
    if (!count || count > UINT64_MAX / 2) {
        error_set(err, "sb %s: a number of instructions from 1 on, please", arguments);
        return MONITOR_FAILED;
    }
    return stop_at(monitor, now + count);
}

/* sba N: when N instructions have run since power-on. */
enum monitor_result command_stop_at(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    uint64_t count, now = machine_instructions(monitor->machine);
    if (!expression_number(monitor->machine, arguments, NULL, &count, err))
        return MONITOR_FAILED;
    if (count <= now) {
        error_set(err, "sba %s: %" PRIu64 " instructions have run already; name more", arguments, now);
        return MONITOR_FAILED;
    }
    return stop_at(monitor, count);
}
