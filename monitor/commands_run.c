/* Commands that let the machine run, and what is told and done at a stop. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "machine/machine.h"
#include "monitor/breakpoint.h"
#include "monitor/disassemble.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/target.h"

#define ACTION_DEPTH_MAX 8
#define RFLAGS_IF        (1u << 9)

static uint64_t next_linear(struct monitor *monitor)
{
    struct cpu_registers registers;
    target_registers(monitor->machine, &registers);
    return target_next_linear(&registers);
}

static bool interrupts_enabled(struct monitor *monitor)
{
    struct cpu_registers registers;
    target_registers(monitor->machine, &registers);
    return registers.rflags & RFLAGS_IF;
}

static bool is_halted(struct monitor *monitor)
{
    return cpu_waits_in_hlt(machine_cpu(monitor->machine, 0));
}

void monitor_show_place(struct monitor *monitor)
{
    uint64_t linear = next_linear(monitor);
    if (!print_instruction(monitor, linear))
        fprintf(monitor->out, "%08" PRIx64 "  (no memory there)\n", linear);
    monitor->next_look = linear;
    fflush(monitor->out);
}

/* --- stops --- */

static void begin_run(struct monitor *monitor)
{
    text_clear(&monitor->stop_text);
    monitor->stopped_count = 0;
    monitor->happened_known = false;
    monitor->run_instructions = machine_instructions(monitor->machine);
    monitor->run_cycles = machine_cycles(monitor->machine);
}

static bool own_stop(const struct monitor *monitor)
{
    for (unsigned i = 0; i < monitor->stopped_count; i++)
        if (!monitor->stopped[i])
            return true;
    return false;
}

static struct breakpoint *stopped_at(struct monitor *monitor, unsigned i)
{
    struct error err;
    return monitor->stopped[i] ? breakpoint_find(monitor, monitor->stopped[i], &err) : NULL;
}

/* A list of commands that begins with this word says all itself; but not for another breakpoint. */
static bool is_silent(struct monitor *monitor)
{
    for (unsigned i = 0; i < monitor->stopped_count; i++) {
        const struct breakpoint *point = stopped_at(monitor, i);
        if (!point || !point->actions.count || strcmp(point->actions.items[0].line, "silent") != 0)
            return false;
    }
    return monitor->stopped_count > 0;
}

static void print_counts(struct monitor *monitor)
{
    uint64_t instructions = machine_instructions(monitor->machine), cycles = machine_cycles(monitor->machine);
    uint64_t ran = instructions - monitor->run_instructions, took = cycles - monitor->run_cycles;
    fprintf(monitor->out,
            "[%" PRIu64 " instruction%s, %" PRIu64 " cycle%s; in all %" PRIu64 " and %" PRIu64 "]\n", ran,
            ran == 1 ? "" : "s", took, took == 1 ? "" : "s", instructions, cycles);
}

static void tell_end(struct monitor *monitor)
{
    fprintf(monitor->out, "The run has ended: %s.\n", monitor->host.how_ended(monitor->host.owner));
}

void monitor_restored(struct monitor *monitor)
{
    monitor->ended = monitor->host.has_ended && monitor->host.has_ended(monitor->host.owner);
    if (monitor->ended)
        tell_end(monitor);
}

/* After a run: what happened, and where the machine stands. */
static void report(struct monitor *monitor, enum monitor_stop stop)
{
    if (stop == MONITOR_ENDED) {
        monitor->ended = true;
        fputs(text_chars(&monitor->stop_text), monitor->out);
        print_counts(monitor);
        tell_end(monitor);
        return;
    }
    /* Where something else stopped it, breakpoints for execution at this place stop now, too: the next run
     * begins behind them. */
    cpu_stops_here(machine_cpu(monitor->machine, 0));
    if (is_silent(monitor))
        return;
    fputs(text_chars(&monitor->stop_text), monitor->out);
    print_counts(monitor);
    if (is_halted(monitor))
        fprintf(monitor->out, "The processor is halted%s.\n",
                interrupts_enabled(monitor)
                    ? " until an interrupt comes"
                    : ", and interrupts are off (IF 0): only an NMI or a reset ends that");
    monitor_show_place(monitor);
    displays_show(monitor);
}

/* What the commands of the breakpoint NUMBER are, while they run. */
struct run_of_actions {
    struct action_list list;
    unsigned number;
};

/* True: they end by continue. */
static bool run_action(struct monitor *monitor, const struct run_of_actions *run, enum monitor_result *result,
                       struct error *err)
{
    monitor->go_on = false;
    for (unsigned i = 0; i < run->list.count && *result == MONITOR_DONE && !monitor->go_on; i++) {
        const struct action *action = &run->list.items[i];
        if (!strcmp(action->line, "silent"))
            continue;
        *result = monitor_command(monitor, action->line, err);
        if (*result == MONITOR_FAILED)
            error_prefix(err, "%s%sbreakpoint %u, '%s'", action->origin, *action->origin ? ": " : "",
                         run->number, action->line);
    }
    bool go_on = monitor->go_on;
    monitor->go_on = false;
    return go_on;
}

/* The commands of the breakpoints that stopped, copied, since they may change the list; those that were to
 * stop once go. ALL: each has some. Returns how many. */
static unsigned take_actions(struct monitor *monitor, struct run_of_actions runs[STOPPED_MAX], bool *all)
{
    unsigned count = 0;
    *all = monitor->stopped_count > 0;
    for (unsigned i = 0; i < monitor->stopped_count; i++) {
        struct breakpoint *point = stopped_at(monitor, i);
        bool has = point && point->actions.count;
        *all &= has;
        if (has)
            runs[count++] = (struct run_of_actions){action_copy(&point->actions), point->number};
        if (point && point->temporary)
            breakpoint_remove(monitor, point);
    }
    return count;
}

/* True: all that stopped want the run to go on. RESULT and ERR as of a command. */
static bool run_actions(struct monitor *monitor, enum monitor_result *result, struct error *err)
{
    struct run_of_actions runs[STOPPED_MAX];
    bool go_on;
    unsigned count = take_actions(monitor, runs, &go_on);
    if (monitor->ended || monitor->action_depth >= ACTION_DEPTH_MAX)
        go_on = false;
    else
        for (unsigned i = 0; i < count; i++) {
            monitor->action_depth++;
            go_on &= run_action(monitor, &runs[i], result, err);
            monitor->action_depth--;
        }
    for (unsigned i = 0; i < count; i++)
        action_free(&runs[i].list);
    return go_on && *result == MONITOR_DONE;
}

/* --- ways of running --- */

static bool can_run(const struct monitor *monitor, struct error *err)
{
    return displays_allow(monitor, "run the machine", err) &&
           (!monitor->ended || error_set(err, "the run has ended; quit, or start again"));
}

/* From HLT to the interrupt that ends it; where none can come, to the next event. */
static enum monitor_stop step_once(struct monitor *monitor)
{
    const struct cpu *cpu = machine_cpu(monitor->machine, 0);
    bool waits = is_halted(monitor) && interrupts_enabled(monitor);
    struct cpu_counts before, after;
    enum monitor_stop stop;
    cpu_get_counts(cpu, &before);
    do {
        stop = monitor->host.step(monitor->host.owner);
        cpu_get_counts(cpu, &after);
    } while (stop == MONITOR_RAN && waits && after.interrupts == before.interrupts &&
             after.instructions == before.instructions);
    return stop;
}

/* The line of a trace, of the instruction that a step will run. */
static void trace_next(struct monitor *monitor)
{
    if (!is_halted(monitor))
        print_instruction(monitor, next_linear(monitor));
}

/* Until something stops it; with tracing, one instruction after the other. */
static enum monitor_stop run_on(struct monitor *monitor)
{
    if (!monitor->trace && !monitor->trace_registers)
        return monitor->host.go(monitor->host.owner);
    enum monitor_stop stop;
    struct error err;
    do {
        trace_next(monitor);
        stop = step_once(monitor);
        if (monitor->trace_registers)
            command_registers(monitor, "", "", &err);
    } while (stop == MONITOR_RAN);
    return stop;
}

/* Runs to LINEAR (with the stack pointer at or above LEAST_SP, where that is known). MONITOR_RAN: there. */
static enum monitor_stop run_to(struct monitor *monitor, uint64_t linear, const uint64_t *least_sp)
{
    struct breakpoint point = {
        .kind = BREAK_EXECUTE, .enabled = true, .temporary = true, .first = linear, .last = linear};
    point.has_least_sp = least_sp;
    point.least_sp = least_sp ? *least_sp : 0;
    breakpoint_add(monitor, &point, true);
    enum monitor_stop stop = run_on(monitor);
    breakpoints_remove_own(monitor);
    if (stop != MONITOR_STOPPED || !own_stop(monitor))
        return stop;
    /* Another breakpoint at the same place is a stop of its own. */
    bool alone = monitor->stopped_count == 1;
    if (alone)
        monitor->stopped_count = 0;
    return alone ? MONITOR_RAN : MONITOR_STOPPED;
}

struct next_instruction {
    struct disassembly text;
    uint64_t linear, behind, sp;
};

/* False: there is no memory. */
static bool look_at_next(struct monitor *monitor, struct next_instruction *out)
{
    struct cpu_registers r;
    uint8_t bytes[16];
    target_registers(monitor->machine, &r);
    out->linear = target_next_linear(&r);
    out->sp = target_stack_pointer(&r);
    size_t count = target_peek(monitor->machine, out->linear, bytes, sizeof bytes);
    if (!count)
        return false;
    disassemble(bytes, count, r.rip, target_code_bits(&r), target_real_segments(&r), false, &out->text);
    out->behind = (uint32_t)(out->linear + out->text.length);
    return true;
}

/* The instruction, and what it calls or what interrupts it. MONITOR_RAN: all of it. */
static enum monitor_stop next_once(struct monitor *monitor)
{
    struct next_instruction next;
    if (!look_at_next(monitor, &next))
        return step_once(monitor);
    if (next.text.is_call)
        return run_to(monitor, next.behind, &next.sp);
    for (;;) {
        struct cpu_counts before, after;
        cpu_get_counts(machine_cpu(monitor->machine, 0), &before);
        enum monitor_stop stop = step_once(monitor);
        cpu_get_counts(machine_cpu(monitor->machine, 0), &after);
        if (stop != MONITOR_RAN || after.interrupts == before.interrupts)
            return stop;
        stop = run_to(monitor, next.linear, &next.sp);
        if (stop != MONITOR_RAN)
            return stop;
    }
}

static enum monitor_stop finish_procedure(struct monitor *monitor)
{
    struct next_instruction next;
    if (!look_at_next(monitor, &next))
        return step_once(monitor);
    uint64_t sp = next.sp;
    for (;;) {
        bool last = next.text.is_return && next.sp >= sp;
        enum monitor_stop stop = next_once(monitor);
        if (stop != MONITOR_RAN || last || !look_at_next(monitor, &next))
            return stop;
    }
}

static enum monitor_stop step_times(struct monitor *monitor, uint64_t count,
                                    enum monitor_stop (*step)(struct monitor *monitor))
{
    enum monitor_stop stop = MONITOR_RAN;
    struct error err;
    for (uint64_t i = 0; i < count && stop == MONITOR_RAN; i++) {
        if (i && (monitor->trace || monitor->trace_registers))
            trace_next(monitor);
        stop = step(monitor);
        if (monitor->trace_registers)
            command_registers(monitor, "", "", &err);
    }
    return stop;
}

/* What the command did is told; then the lists of commands have their way. */
static enum monitor_result stopped(struct monitor *monitor, enum monitor_stop stop, struct error *err)
{
    enum monitor_result result = MONITOR_DONE;
    report(monitor, stop);
    while (run_actions(monitor, &result, err)) {
        begin_run(monitor);
        report(monitor, run_on(monitor));
    }
    return result;
}

/* --- commands --- */

static bool count_from(struct monitor *monitor, const char *arguments, uint64_t *count, struct error *err)
{
    *count = 1;
    if (*arguments && !expression_number(monitor->machine, arguments, NULL, count, err))
        return false;
    return *count <= INT64_MAX || error_set(err, "%s: a count of at least zero, please", arguments);
}

const char *skip_processor(const char *arguments)
{
    static const char *const processors[] = {"all ", "cpu 0 "};
    for (size_t i = 0; i < sizeof processors / sizeof *processors; i++)
        if (!strncmp(arguments, processors[i], strlen(processors[i])))
            arguments += strlen(processors[i]);
    return arguments;
}

static enum monitor_result step_command(struct monitor *monitor, const char *arguments, struct error *err,
                                        enum monitor_stop (*step)(struct monitor *monitor))
{
    uint64_t count;
    arguments = skip_processor(arguments);
    if (!can_run(monitor, err) || !count_from(monitor, arguments, &count, err))
        return MONITOR_FAILED;
    begin_run(monitor);
    return stopped(monitor, step_times(monitor, count, step), err);
}

enum monitor_result command_step(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format;
    return step_command(monitor, arguments, err, step_once);
}

enum monitor_result command_next(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format;
    return step_command(monitor, arguments, err, next_once);
}

enum monitor_result command_finish(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format;
    return step_command(monitor, arguments, err, finish_procedure);
}

/* continue N: past N - 1 more stops at the breakpoint where the run stands, as gdb does it. */
static bool ignore_more(struct monitor *monitor, const char *arguments, struct error *err)
{
    uint64_t count;
    if (!count_from(monitor, arguments, &count, err))
        return false;
    if (count <= 1)
        return true;
    struct breakpoint *point = NULL;
    for (unsigned i = 0; i < monitor->stopped_count && !point; i++)
        point = stopped_at(monitor, i);
    if (!point)
        return error_set(err, "continue %s: the run does not stand at a breakpoint that could be passed",
                         arguments);
    point->ignore = count - 1;
    return true;
}

enum monitor_result command_continue(struct monitor *monitor, const char *format, const char *arguments,
                                     struct error *err)
{
    (void)format;
    if (!can_run(monitor, err) || !ignore_more(monitor, arguments, err))
        return MONITOR_FAILED;
    if (monitor->action_depth) { /* the list ends here */
        monitor->go_on = true;
        return MONITOR_DONE;
    }
    begin_run(monitor);
    /* A breakpoint that was set here since is for the next time, as in gdb. */
    cpu_pass_breakpoint(machine_cpu(monitor->machine, 0));
    return stopped(monitor, run_on(monitor), err);
}

enum monitor_result command_until(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    struct address address;
    struct next_instruction next;
    if (!can_run(monitor, err) ||
        (*arguments && !expression_address(monitor->machine, arguments, NULL, &address, err)))
        return MONITOR_FAILED;
    begin_run(monitor);
    if (*arguments)
        return stopped(monitor, run_to(monitor, address.linear, NULL), err);
    if (!look_at_next(monitor, &next))
        return stopped(monitor, step_once(monitor), err);
    return stopped(monitor, run_to(monitor, next.behind, &next.sp), err);
}

static bool go_to(struct monitor *monitor, const struct address *address, struct error *err)
{
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    struct cpu_segment *cs = &r.segment[CPU_CS];
    if (!address->segmented) {
        r.rip = target_code_bits(&r) == 64 ? address->linear : (uint32_t)(address->linear - cs->base);
    } else if (target_real_segments(&r)) {
        cs->selector = address->selector;
        cs->base = (uint64_t)address->selector << 4;
        r.rip = address->offset;
    } else if ((address->selector | 3) == (cs->selector | 3)) {
        r.rip = address->offset;
    } else {
        return error_set(err, "jump stays in CS (%04x) in protected mode", cs->selector);
    }
    if (r.rip > cs->limit)
        return error_set(err, "%" PRIx64 " is beyond the limit %x of CS", r.rip, cs->limit);
    machine_set_registers(monitor->machine, &r);
    return true;
}

enum monitor_result command_jump(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    struct address address;
    if (!*arguments) {
        error_set(err, "say where to: a linear address, or SEGMENT:OFFSET");
        return MONITOR_FAILED;
    }
    if (!can_run(monitor, err) || !expression_address(monitor->machine, arguments, NULL, &address, err) ||
        !go_to(monitor, &address, err))
        return MONITOR_FAILED;
    return command_continue(monitor, format, "", err);
}

/* on|off, or neither to turn it round. */
static enum monitor_result set_switch(struct monitor *monitor, const char *name, bool *value,
                                      const char *arguments, struct error *err)
{
    if (!strcmp(arguments, "on") || !strcmp(arguments, "off")) {
        *value = arguments[1] == 'n';
    } else if (*arguments) {
        error_set(err, "%s %s: say on or off", name, arguments);
        return MONITOR_FAILED;
    } else {
        *value = !*value;
    }
    fprintf(monitor->out, "%s is %s\n", name, *value ? "on" : "off");
    breakpoints_sync(monitor);
    return MONITOR_DONE;
}

enum monitor_result command_trace(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    return set_switch(monitor, "trace", &monitor->trace, arguments, err);
}

enum monitor_result command_trace_reg(struct monitor *monitor, const char *format, const char *arguments,
                                      struct error *err)
{
    (void)format;
    return set_switch(monitor, "trace-reg", &monitor->trace_registers, arguments, err);
}

enum monitor_result command_trace_mem(struct monitor *monitor, const char *format, const char *arguments,
                                      struct error *err)
{
    (void)format;
    return set_switch(monitor, "trace-mem", &monitor->trace_memory, arguments, err);
}

enum monitor_result command_reset(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format, (void)arguments, (void)err;
    machine_reset(monitor->machine);
    machine_run(monitor->machine, machine_cycles(monitor->machine)); /* lets it happen */
    monitor->ended = false;
    if (monitor->host.was_reset)
        monitor->host.was_reset(monitor->host.owner);
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
