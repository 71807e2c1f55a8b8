/* Stops by the count of instructions, or by time. */
#include <inttypes.h>
#include <string.h>

#include "machine/machine.h"
#include "machine/options.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"

static enum monitor_result stop_at(struct monitor *monitor, uint64_t instructions)
{
    uint64_t more = instructions - machine_instructions(monitor->machine);
    machine_break_at(monitor->machine, instructions);
    fprintf(monitor->out, "continue stops after %" PRIu64 " more instruction%s\n", more,
            more == 1 ? "" : "s");
    return MONITOR_DONE;
}

/* "5s", "100ms", "20us": a number with a unit of time, in cycles. */
static bool read_time(struct monitor *monitor, const char *text, uint64_t *cycles)
{
    uint64_t ns;
    size_t length = strlen(text);
    if (!length || text[length - 1] != 's' || !parse_duration(text, &ns))
        return false;
    *cycles = (uint64_t)((unsigned __int128)ns * machine_hz(monitor->machine) / 1000000000u);
    return true;
}

static enum monitor_result stop_at_cycle(struct monitor *monitor, uint64_t cycle)
{
    machine_break_at_cycle(monitor->machine, cycle);
    fprintf(monitor->out, "continue stops after %" PRIu64 " more cycles\n",
            cycle - machine_cycles(monitor->machine));
    return MONITOR_DONE;
}

/* sb N: N instructions or a time from here on; without N: not any more. */
enum monitor_result command_stop_in(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    uint64_t count, now = machine_instructions(monitor->machine);
    if (!*arguments) {
        machine_break_at(monitor->machine, UINT64_MAX);
        machine_break_at_cycle(monitor->machine, UINT64_MAX);
        return MONITOR_DONE;
    }
    arguments += *arguments == '+';
    if (read_time(monitor, arguments, &count)) {
        if (count)
            return stop_at_cycle(monitor, machine_cycles(monitor->machine) + count);
    } else if (!expression_number(monitor->machine, arguments, NULL, &count, err)) {
        return MONITOR_FAILED;
    }
    if (!count || count > UINT64_MAX / 2) {
        error_set(err, "sb %s: a number of instructions from 1 on or a time as 100ms, please", arguments);
        return MONITOR_FAILED;
    }
    return stop_at(monitor, now + count);
}

/* sba N: when N instructions have run, or so much time has passed, since power-on. */
enum monitor_result command_stop_at(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    uint64_t count, now = machine_instructions(monitor->machine);
    if (read_time(monitor, arguments, &count)) {
        if (count > machine_cycles(monitor->machine))
            return stop_at_cycle(monitor, count);
        error_set(err, "sba %s: that time has passed; time tells what it is", arguments);
        return MONITOR_FAILED;
    }
    if (!expression_number(monitor->machine, arguments, NULL, &count, err))
        return MONITOR_FAILED;
    if (count > INT64_MAX) {
        error_set(err, "sba %s: a number of instructions or a time as 5s, please", arguments);
        return MONITOR_FAILED;
    }
    if (count <= now) {
        error_set(err, "sba %s: %" PRIu64 " instructions have run already; name more", arguments, now);
        return MONITOR_FAILED;
    }
    return stop_at(monitor, count);
}
