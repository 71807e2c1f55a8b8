/* Commands that let the machine run, and breakpoints. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/debug.h"
#include "machine/machine.h"
#include "monitor/disassemble.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/target.h"

static uint64_t next_linear(struct monitor *monitor)
{
    struct cpu_registers registers;
    target_registers(monitor->machine, &registers);
    return target_next_linear(&registers);
}

static void tell_processor(struct monitor *monitor)
{
    size_t count = monitor->breakpoint_count;
    struct cpu_range *ranges = xcalloc(count + 1, sizeof *ranges);
    for (size_t i = 0; i < count; i++)
        ranges[i] = (struct cpu_range){monitor->breakpoints[i].linear, monitor->breakpoints[i].linear,
                                       CPU_RANGE_EXECUTE};
    cpu_set_ranges(machine_cpu(monitor->machine, 0), ranges, (unsigned)count);
    free(ranges);
}

bool breakpoint_marks(const struct monitor *monitor, uint64_t linear)
{
    for (size_t i = 0; i < monitor->breakpoint_count; i++)
        if (monitor->breakpoints[i].linear == linear)
            return true;
    return false;
}

static void remove_breakpoint(struct monitor *monitor, struct breakpoint *point)
{
    *point = monitor->breakpoints[--monitor->breakpoint_count];
    tell_processor(monitor);
}

static struct breakpoint *add_breakpoint(struct monitor *monitor, uint64_t linear)
{
    monitor->breakpoints =
        xrealloc(monitor->breakpoints, (monitor->breakpoint_count + 1) * sizeof *monitor->breakpoints);
    struct breakpoint *point = &monitor->breakpoints[monitor->breakpoint_count++];
    *point = (struct breakpoint){.number = monitor->next_number++, .linear = linear};
    tell_processor(monitor);
    return point;
}

void monitor_show_place(struct monitor *monitor)
{
    uint64_t linear = next_linear(monitor);
    if (!print_instruction(monitor, linear))
        fprintf(monitor->out, "%08" PRIx64 "  (no memory there)\n", linear);
    monitor->next_look = linear;
    fflush(monitor->out);
}

/* After a run: what happened, and where the machine stands. Temporary breakpoints that were reached go. */
static void report(struct monitor *monitor, enum monitor_stop stop)
{
    if (stop == MONITOR_ENDED) {
        monitor->ended = true;
        fprintf(monitor->out, "The run has ended: %s.\n", monitor->host.how_ended(monitor->host.owner));
        return;
    }
    uint64_t linear = next_linear(monitor);
    for (size_t i = 0; i < monitor->breakpoint_count;) {
        struct breakpoint *point = &monitor->breakpoints[i];
        if (point->linear != linear) {
            i++;
            continue;
        }
        point->hits++;
        if (point->number)
            fprintf(monitor->out, "Breakpoint %u\n", point->number);
        if (point->temporary)
            remove_breakpoint(monitor, point);
        else
            i++;
    }
    monitor_show_place(monitor);
}

static bool can_run(const struct monitor *monitor, struct error *err)
{
    return !monitor->ended || error_set(err, "the run has ended; quit, or start again");
}

enum monitor_result command_step(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format;
    uint64_t count = 1;
    if (!can_run(monitor, err) ||
        (*arguments && !expression_number(monitor->machine, arguments, NULL, &count, err)))
        return MONITOR_FAILED;
    enum monitor_stop stop = MONITOR_STOPPED;
    stop = MONITOR_RAN;
    for (uint64_t i = 0; i < count && stop == MONITOR_RAN; i++)
        stop = monitor->host.step(monitor->host.owner);
    report(monitor, stop);
    return MONITOR_DONE;
}

static enum monitor_stop run_on(struct monitor *monitor)
{
    return monitor->host.go(monitor->host.owner);
}

enum monitor_result command_continue(struct monitor *monitor, const char *format, const char *arguments,
                                     struct error *err)
{
    (void)format, (void)arguments;
    if (!can_run(monitor, err))
        return MONITOR_FAILED;
    report(monitor, run_on(monitor));
    return MONITOR_DONE;
}

/* The linear address behind the next instruction if that one comes back to it; else 0. */
static uint64_t address_behind(struct monitor *monitor)
{
    struct cpu_registers registers;
    struct disassembly instruction;
    uint8_t bytes[16];
    target_registers(monitor->machine, &registers);
    uint64_t linear = target_next_linear(&registers);
    size_t count = target_peek(monitor->machine, linear, bytes, sizeof bytes);
    if (!count)
        return 0;
    disassemble(bytes, count, registers.rip, target_code_bits(&registers), target_real_segments(&registers),
                false, &instruction);
    return instruction.is_call ? linear + instruction.length : 0;
}

enum monitor_result command_next(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    uint64_t behind = address_behind(monitor);
    if (!behind)
        return command_step(monitor, format, arguments, err);
    if (!can_run(monitor, err))
        return MONITOR_FAILED;
    struct breakpoint *point = add_breakpoint(monitor, behind);
    monitor->next_number--;
    point->number = 0; /* not the user's */
    point->temporary = true;
    enum monitor_stop stop = run_on(monitor);
    report(monitor, stop);
    for (size_t i = 0; i < monitor->breakpoint_count; i++)
        if (!monitor->breakpoints[i].number) /* another breakpoint came first */
            remove_breakpoint(monitor, &monitor->breakpoints[i--]);
    return MONITOR_DONE;
}

static enum monitor_result add_from(struct monitor *monitor, const char *arguments, bool temporary,
                                    struct error *err)
{
    struct address address;
    if (!*arguments) {
        if (!temporary) {
            print_breakpoints(monitor);
            return MONITOR_DONE;
        }
        error_set(err, "say where: a linear address, or SEGMENT:OFFSET");
        return MONITOR_FAILED;
    }
    if (!expression_address(monitor->machine, arguments, NULL, &address, err))
        return MONITOR_FAILED;
    struct breakpoint *point = add_breakpoint(monitor, address.linear);
    point->temporary = temporary;
    fprintf(monitor->out, "Breakpoint %u at %08" PRIx64 "\n", point->number, point->linear);
    return MONITOR_DONE;
}

enum monitor_result command_break(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    return add_from(monitor, arguments, false, err);
}

enum monitor_result command_tbreak(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format;
    return add_from(monitor, arguments, true, err);
}

enum monitor_result command_delete(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format;
    uint64_t number;
    if (!*arguments || !strcmp(arguments, "all")) {
        while (monitor->breakpoint_count)
            remove_breakpoint(monitor, &monitor->breakpoints[0]);
        return MONITOR_DONE;
    }
    if (!expression_number(monitor->machine, arguments, NULL, &number, err))
        return MONITOR_FAILED;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        if (monitor->breakpoints[i].number == number) {
            remove_breakpoint(monitor, &monitor->breakpoints[i]);
            return MONITOR_DONE;
        }
    }
    error_set(err, "there is no breakpoint %" PRIu64 "; info breakpoints lists them", number);
    return MONITOR_FAILED;
}

static int by_number(const void *a, const void *b)
{
    const struct breakpoint *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

void print_breakpoints(struct monitor *monitor)
{
    if (!monitor->breakpoint_count) {
        fputs("no breakpoints\n", monitor->out);
        return;
    }
    qsort(monitor->breakpoints, monitor->breakpoint_count, sizeof *monitor->breakpoints, by_number);
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        const struct breakpoint *point = &monitor->breakpoints[i];
        fprintf(monitor->out, "%u  %08" PRIx64 "  hit %" PRIu64 " time%s%s\n", point->number, point->linear,
                point->hits, point->hits == 1 ? "" : "s", point->temporary ? "  (once)" : "");
    }
}

enum monitor_result command_reset(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format, (void)arguments, (void)err;
    machine_reset(monitor->machine);
    monitor->ended = false;
    monitor_show_place(monitor);
    return MONITOR_DONE;
}

enum monitor_result command_nmi(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format, (void)arguments, (void)err;
    machine_nmi(monitor->machine);
    return MONITOR_DONE;
}
