/* The list of breakpoints, and what the processor tells of them: which of them stop it. */
#include "monitor/breakpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bus/memory.h"
#include "machine/machine.h"
#include "monitor/event.h"
#include "monitor/monitor_private.h"
#include "monitor/target.h"

/* --- the list --- */

struct breakpoint *breakpoint_add(struct monitor *monitor, const struct breakpoint *point, bool own)
{
    monitor->breakpoints =
        xrealloc(monitor->breakpoints, (monitor->breakpoint_count + 1) * sizeof *monitor->breakpoints);
    struct breakpoint *added = &monitor->breakpoints[monitor->breakpoint_count++];
    *added = *point;
    added->number = own ? 0 : monitor->next_number++;
    breakpoints_sync(monitor);
    return added;
}

void breakpoint_remove(struct monitor *monitor, struct breakpoint *point)
{
    breakpoint_free(point);
    struct breakpoint *end = monitor->breakpoints + monitor->breakpoint_count--;
    memmove(point, point + 1, (size_t)(end - point - 1) * sizeof *point);
    breakpoints_sync(monitor);
}

void breakpoints_remove_own(struct monitor *monitor)
{
    for (size_t i = monitor->breakpoint_count; i-- > 0;)
        if (!monitor->breakpoints[i].number && !monitor->breakpoints[i].only_told)
            breakpoint_remove(monitor, &monitor->breakpoints[i]);
}

void breakpoints_free(struct monitor *monitor)
{
    for (size_t i = 0; i < monitor->breakpoint_count; i++)
        breakpoint_free(&monitor->breakpoints[i]);
    free(monitor->breakpoints);
    monitor->breakpoints = NULL;
    monitor->breakpoint_count = 0;
    cpu_set_debugger(machine_cpu(monitor->machine, 0), NULL);
    mem_watch_devices(machine_bus(monitor->machine), NULL, NULL);
    machine_log_bios_calls(monitor->machine);
}

struct breakpoint *breakpoint_find(struct monitor *monitor, uint64_t number, struct error *err)
{
    for (size_t i = 0; number && i < monitor->breakpoint_count; i++)
        if (monitor->breakpoints[i].number == number)
            return &monitor->breakpoints[i];
    error_set(err, "there is no breakpoint %" PRIu64 "; info breakpoints lists them", number);
    return NULL;
}

bool breakpoint_marks(const struct monitor *monitor, uint64_t linear)
{
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        const struct breakpoint *point = &monitor->breakpoints[i];
        if (point->number && point->kind == BREAK_EXECUTE && !point->physical && linear >= point->first &&
            linear <= point->last)
            return true;
    }
    return false;
}

/* --- does it stop? --- */

static bool stack_is_high_enough(const struct breakpoint *point, struct program_inputs *inputs)
{
    return !point->has_least_sp || target_stack_pointer(program_registers(inputs)) >= point->least_sp;
}

static bool condition_holds(const struct breakpoint *point, struct program_inputs *inputs)
{
    uint64_t value;
    return !point->condition || (condition_value(point->condition, inputs, &value, NULL) && value);
}

/* All but the place is looked at here. True: it stops. */
static bool takes(struct monitor *monitor, struct breakpoint *point, struct program_inputs *inputs)
{
    if (!stack_is_high_enough(point, inputs) || !condition_holds(point, inputs))
        return false;
    point->hits++;
    if (point->ignore) {
        point->ignore--;
        return false;
    }
    if (monitor->stopped_count < STOPPED_MAX)
        monitor->stopped[monitor->stopped_count++] = point->number;
    return true;
}

static void add_header(struct monitor *monitor, const struct breakpoint *point)
{
    text_add(&monitor->stop_text, "%s %u: ", point->temporary ? "Temporary breakpoint" : "Breakpoint",
             point->number);
}

static bool on_breakpoint(void *ctx, uint64_t linear)
{
    struct monitor *monitor = ctx;
    struct program_inputs inputs;
    program_inputs_set(&inputs, monitor->machine, event_variables_none);
    bool stop = false;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        struct breakpoint *point = &monitor->breakpoints[i];
        uint64_t at = linear;
        if (point->kind != BREAK_EXECUTE || !point->enabled ||
            (point->physical && !cpu_peek_translate(machine_cpu(monitor->machine, 0), linear, &at)) ||
            at < point->first || at > point->last || !takes(monitor, point, &inputs))
            continue;
        stop = true;
        if (!point->number)
            continue;
        add_header(monitor, point);
        text_add(&monitor->stop_text, "execution of %s%08" PRIx64 "\n", point->physical ? "physical " : "",
                 at);
    }
    return stop;
}

static void on_access(void *ctx, const struct cpu_event *event)
{
    struct monitor *monitor = ctx;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        struct breakpoint *point = &monitor->breakpoints[i];
        /* The first piece of the instruction's first access: what was kept before is of another one. */
        if (!event->number)
            point->old_known = false;
        if (point->enabled && !point->old_known && event_concerns(monitor, point, event))
            event_keep_old(monitor, point, event);
    }
}

/* --- what devices write --- */

/* A linear address of POINT that lies in the COUNT bytes from PHYSICAL on, all in one page; CPU_NO_LINEAR if
 * none does. */
static uint64_t watched_linear(struct monitor *monitor, const struct breakpoint *point, uint64_t physical,
                               unsigned count)
{
    const uint64_t mask = PAGE_SIZE - 1;
    uint64_t same;
    if (physical <= point->last && physical + count > point->first && /* where nothing is mapped elsewhere */
        cpu_peek_translate(machine_cpu(monitor->machine, 0), physical, &same) && same == physical)
        return physical;
    for (uint64_t page = point->first & ~mask; page <= point->last; page += PAGE_SIZE) {
        uint64_t there;
        if (!cpu_peek_translate(machine_cpu(monitor->machine, 0), page, &there) || (there ^ physical) & ~mask)
            continue;
        uint64_t linear = page | (physical & mask);
        if (linear <= point->last && linear + count > point->first)
            return linear;
    }
    return CPU_NO_LINEAR;
}

/* COUNT bytes of one page. */
static void on_device_page(struct monitor *monitor, const char *device, uint64_t physical, unsigned count)
{
    struct cpu_event event = {.kind = CPU_EVENT_ACCESS,
                              .write = true,
                              .size = count,
                              .physical = physical,
                              .linear = CPU_NO_LINEAR,
                              .device = device};
    bool concerns = false;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        struct breakpoint *point = &monitor->breakpoints[i];
        if (!point->enabled || point->kind != BREAK_MEMORY || !point->writes)
            continue;
        if (!point->physical && event.linear == CPU_NO_LINEAR)
            event.linear = watched_linear(monitor, point, physical, count);
        if (!event_concerns(monitor, point, &event))
            continue;
        concerns = true;
        if (!point->old_known)
            event_keep_old(monitor, point, &event);
    }
    if (concerns)
        cpu_add_event(machine_cpu(monitor->machine, 0), &event);
}

static void on_device_write(void *ctx, const char *device, uint64_t address, size_t length)
{
    while (length) {
        size_t in_page = PAGE_SIZE - (address & (PAGE_SIZE - 1)), part = length < in_page ? length : in_page;
        on_device_page(ctx, device, address, (unsigned)part);
        address += part;
        length -= part;
    }
}

static void trace_access(struct monitor *monitor, const struct cpu_event *event)
{
    uint8_t bytes[8];
    unsigned size = event->size < 8 ? event->size : 8;
    if (event->linear == CPU_NO_LINEAR || target_peek(monitor->machine, event->linear, bytes, size) != size)
        return;
    fprintf(monitor->out, "  %s %08" PRIx64 ": ", event->write ? "write" : "read ", event->linear);
    for (unsigned i = size; i-- > 0;)
        fprintf(monitor->out, "%02x", bytes[i]);
    fputc('\n', monitor->out);
}

/* "     625938 int 13, ax=0208, at 0000:7c1c": the count of instructions before it. */
static void tell_event(struct monitor *monitor, const struct breakpoint *point, const struct cpu_event *event)
{
    struct text line = {0};
    event_describe(monitor, point, event, &line);
    fprintf(monitor->out, "%11" PRIu64 " %s\n", machine_instructions(monitor->machine), text_chars(&line));
    text_free(&line);
}

static bool on_event(struct monitor *monitor, const struct cpu_event *event)
{
    bool stop = false, told = false;
    if (monitor->trace_memory && event->kind == CPU_EVENT_ACCESS)
        trace_access(monitor, event);
    struct condition_variable variables[EVENT_VARIABLES];
    struct program_inputs inputs;
    program_inputs_set(&inputs, monitor->machine, variables);
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        struct breakpoint *point = &monitor->breakpoints[i];
        if (!point->enabled || !event_concerns(monitor, point, event))
            continue;
        if (point->only_told) {
            if (!told)
                tell_event(monitor, point, event);
            told = true;
            continue;
        }
        event_variables(point, event, event_value_now(monitor, point, event), variables);
        if (!takes(monitor, point, &inputs))
            continue;
        stop = true;
        if (!monitor->happened_known)
            memcpy(monitor->happened, variables, sizeof variables);
        monitor->happened_known = true;
        add_header(monitor, point);
        event_describe(monitor, point, event, &monitor->stop_text);
        text_add(&monitor->stop_text, "\n");
    }
    return stop;
}

static bool on_events(void *ctx, const struct cpu_event *events, unsigned count)
{
    struct monitor *monitor = ctx;
    bool stop = false;
    machine_log_bios_events(monitor->machine, events, count);
    for (unsigned i = 0; i < count; i++)
        stop |= on_event(monitor, &events[i]);
    for (size_t i = 0; i < monitor->breakpoint_count; i++)
        monitor->breakpoints[i].old_known = false;
    return stop;
}

/* --- what the processor is asked for --- */

static uint32_t events_of(const struct breakpoint *point)
{
    static const uint8_t kinds[] = {[BREAK_PORT] = CPU_EVENT_PORT,
                                    [BREAK_INTERRUPT] = CPU_EVENT_INTERRUPT,
                                    [BREAK_EXCEPTION] = CPU_EVENT_INTERRUPT,
                                    [BREAK_CONTROL] = CPU_EVENT_CONTROL,
                                    [BREAK_DEBUG] = CPU_EVENT_DEBUG,
                                    [BREAK_MSR] = CPU_EVENT_MSR,
                                    [BREAK_TABLE] = CPU_EVENT_TABLE,
                                    [BREAK_MODE] = CPU_EVENT_MODE,
                                    [BREAK_TRIPLE_FAULT] = CPU_EVENT_TRIPLE_FAULT,
                                    [BREAK_HALT] = CPU_EVENT_HALT,
                                    [BREAK_MAGIC] = CPU_EVENT_MAGIC};
    return point->kind == BREAK_EXECUTE || point->kind == BREAK_MEMORY ? 0 : 1u << kinds[point->kind];
}

void breakpoints_sync(struct monitor *monitor)
{
    struct cpu *cpu = machine_cpu(monitor->machine, 0);
    struct cpu_range *ranges = xcalloc(monitor->breakpoint_count + 2, sizeof *ranges);
    unsigned count = 0;
    uint32_t events = machine_wants_bios_calls(monitor->machine) ? 1u << CPU_EVENT_INTERRUPT : 0;
    for (size_t i = 0; i < monitor->breakpoint_count; i++) {
        const struct breakpoint *point = &monitor->breakpoints[i];
        if (!point->enabled)
            continue;
        events |= events_of(point);
        if (point->kind == BREAK_EXECUTE || point->kind == BREAK_MEMORY)
            ranges[count++] = (struct cpu_range){point->first, point->last,
                                                 (point->kind == BREAK_EXECUTE ? CPU_RANGE_EXECUTE : 0u) |
                                                     (point->reads ? CPU_RANGE_READ : 0u) |
                                                     (point->writes ? CPU_RANGE_WRITE : 0u) |
                                                     (point->physical ? CPU_RANGE_PHYSICAL : 0u)};
    }
    if (monitor->trace_memory)
        ranges[count++] = (struct cpu_range){0, UINT32_MAX, CPU_RANGE_READ | CPU_RANGE_WRITE};
    bool watches = false;
    for (unsigned i = 0; i < count; i++)
        watches |= (ranges[i].kind & CPU_RANGE_WRITE) != 0;
    mem_watch_devices(machine_bus(monitor->machine), watches ? on_device_write : NULL, monitor);
    const struct cpu_debugger debugger = {monitor, on_breakpoint, on_access, on_events};
    cpu_set_debugger(cpu, &debugger);
    cpu_set_ranges(cpu, ranges, count);
    cpu_set_events(cpu, events);
    free(ranges);
}
