/* Devices, ports, the memory map, events, the screen: all from the descriptors, all by peeking. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "bus/device.h"
#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"

static void print_text(struct monitor *monitor, struct text *text)
{
    fputs(text_chars(text), monitor->out);
    if (text->length && text->chars[text->length - 1] != '\n')
        fputc('\n', monitor->out);
    text_free(text);
}

/* --- Ports ------------------------------------------------------------------------------------------------
 */

/* A run of ports that one row takes. */
struct port_run {
    struct monitor *monitor;
    const char *wanted; /* owner, NULL: any */
    const char *owner;
    const struct port_row *row;
    unsigned first, last;
    unsigned port; /* the one that is asked about */
    unsigned index, wanted_index;
};

static void note_owner(void *ctx, const char *owner, const struct port_row *row)
{
    struct port_run *run = ctx;
    if (run->wanted && strcmp(owner, run->wanted))
        return;
    if (run->index++ == run->wanted_index) {
        run->owner = owner;
        run->row = row;
    }
}

/* The row number INDEX of those that share PORT. */
static bool row_at(struct port_run *run, unsigned port, unsigned index)
{
    run->row = NULL;
    run->index = 0;
    run->wanted_index = index;
    ports_owners(machine_bus(run->monitor->machine), (uint16_t)port, note_owner, run);
    return run->row != NULL;
}

static unsigned access_size(const struct port_row *row)
{
    return !row->widths || row->widths & IO_BYTE ? 1 : row->widths & IO_WORD ? 2 : 4;
}

static void print_port_values(struct monitor *monitor, const struct port_row *row, unsigned first,
                              unsigned last)
{
    unsigned size = access_size(row);
    if (!row->read && !row->peek) {
        fputs(" (not readable)", monitor->out);
        return;
    }
    for (unsigned port = first; port <= last && port < first + 8 * size; port += size)
        fprintf(monitor->out, " %0*" PRIx32, (int)size * 2,
                ports_peek(machine_bus(monitor->machine), (uint16_t)port, size));
    if (last - first >= 8 * size)
        fputs(" ...", monitor->out);
}

static void print_port_run(struct monitor *monitor, const struct port_row *row, const char *owner,
                           unsigned first, unsigned last)
{
    char range[16];
    snprintf(range, sizeof range, first == last ? "%04x" : "%04x-%04x", first, last);
    fprintf(monitor->out, "%-9s  %c%c%c  %-12s  %-32s", range,
            !row->widths || row->widths & IO_BYTE ? 'b' : '-', row->widths & IO_WORD ? 'w' : '-',
            row->widths & IO_DWORD ? 'd' : '-', owner, row->name ? row->name : "");
    print_port_values(monitor, row, first, last);
    fputc('\n', monitor->out);
}

/* Lists what OWNER (NULL: anybody) has from FIRST to LAST. */
static unsigned print_ports(struct monitor *monitor, const char *owner, unsigned first, unsigned last)
{
    struct port_run run = {.monitor = monitor, .wanted = owner}, next = run;
    unsigned shown = 0;
    for (unsigned port = first; port <= last; port++) {
        for (unsigned i = 0; row_at(&run, port, i); i++) {
            unsigned end = port;
            /* A run that began at an earlier port was printed there. */
            if (port > first && row_at(&next, port - 1, i) && next.row == run.row)
                continue;
            while (end < last && row_at(&next, end + 1, i) && next.row == run.row)
                end++;
            print_port_run(monitor, run.row, run.owner, port, end);
            shown++;
        }
    }
    return shown;
}

enum monitor_result info_ports(struct monitor *monitor, const char *format, const char *arguments,
                               struct error *err)
{
    (void)format;
    uint64_t first = 0, last = 0xFFFF;
    const struct device *device = device_find(machine_devices(monitor->machine), arguments);
    if (*arguments && !device) {
        const char *rest;
        if (!expression_number(monitor->machine, arguments, &rest, &first, err)) {
            error_set(err, "info ports %s: neither a device nor ports; info devices lists the former",
                      arguments);
            return MONITOR_FAILED;
        }
        last = first;
        if (*rest && !expression_number(monitor->machine, rest, NULL, &last, err))
            return MONITOR_FAILED;
        if (first > last || last > 0xFFFF) {
            error_set(err, "info ports %s: a device, or ports from 0 to 0xffff", arguments);
            return MONITOR_FAILED;
        }
    }
    if (!print_ports(monitor, device ? device->name : NULL, (unsigned)first, (unsigned)last))
        fputs("no device has ports there\n", monitor->out);
    return MONITOR_DONE;
}

/* --- Devices ----------------------------------------------------------------------------------------------
 */

enum monitor_result info_devices(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format, (void)arguments, (void)err;
    for (const struct device *at = machine_devices(monitor->machine)->first; at; at = at->next)
        fprintf(monitor->out, "%-12s %s\n", at->name, at->type->title);
    return MONITOR_DONE;
}

static void print_region(FILE *out, const struct mem_region *region)
{
    if (!region->size) {
        fprintf(out, "empty                priority %3d  %-8s %s\n", region->priority, region->name,
                region->owner ? region->owner : "");
        return;
    }
    fprintf(out, "%09" PRIx64 "-%09" PRIx64 "  priority %3d  %-8s %s%s\n", region->base,
            region->base + region->size - 1, region->priority, region->name,
            region->owner ? region->owner : "", region->enabled ? "" : "  (off)");
}

static void print_events_of(struct monitor *monitor, const struct device *device)
{
    const struct clock *clock = machine_clock(monitor->machine);
    size_t length = strlen(device->name);
    for (unsigned i = 0; i < clock->event_count; i++) {
        const struct event *event = clock->events[i];
        if (event->pending && !strncmp(event->name, device->name, length) &&
            (event->name[length] == '.' || !event->name[length]))
            fprintf(monitor->out, "event %s at cycle %" PRIu64 ", in %" PRId64 "\n", event->name, event->when,
                    (int64_t)(event->when - clock->now));
    }
}

static void print_device(struct monitor *monitor, const struct device *device)
{
    struct text text = {0};
    fprintf(monitor->out, "%s: %s\n", device->name, device->type->title);
    if (device->type->print)
        device->type->print(device, &text);
    print_text(monitor, &text);
    print_events_of(monitor, device);
    for (const struct mem_region *at = bus_regions(machine_bus(monitor->machine)); at; at = at->next) {
        if (!at->owner || strcmp(at->owner, device->name))
            continue;
        fputs("memory ", monitor->out);
        print_region(monitor->out, at);
    }
    print_ports(monitor, device->name, 0, 0xFFFF);
}

/* The name may stand in quotes, as Bochs has it. */
enum monitor_result info_device(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    char name[32];
    size_t length = strcspn(arguments + (*arguments == '"'), "\"");
    snprintf(name, sizeof name, "%.*s", (int)length, arguments + (*arguments == '"'));
    if (!*name)
        return info_devices(monitor, format, "", err);
    if (!strcmp(name, "all")) {
        for (const struct device *at = machine_devices(monitor->machine)->first; at; at = at->next)
            print_device(monitor, at);
        return MONITOR_DONE;
    }
    const struct device *device = device_find(machine_devices(monitor->machine), name);
    if (!device) {
        error_set(err, "there is no device '%s'; info devices lists them", name);
        return MONITOR_FAILED;
    }
    print_device(monitor, device);
    return MONITOR_DONE;
}

enum monitor_result info_pci(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)arguments;
    return info_device(monitor, format, "pci", err);
}

/* --- The board --------------------------------------------------------------------------------------------
 */

enum monitor_result info_events(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format, (void)arguments, (void)err;
    struct text text = {0};
    clock_print(machine_clock(monitor->machine), &text);
    print_text(monitor, &text);
    return MONITOR_DONE;
}

enum monitor_result info_map(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format, (void)arguments, (void)err;
    for (const struct mem_region *at = bus_regions(machine_bus(monitor->machine)); at; at = at->next)
        print_region(monitor->out, at);
    return MONITOR_DONE;
}

enum monitor_result info_log(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format, (void)arguments, (void)err;
    const struct log *log = machine_log(monitor->machine);
    bool on = log->categories && *log->categories;
    fprintf(monitor->out, "log: %s\n", on ? log->categories : "off; --log CATEGORIES switches it on");
    return MONITOR_DONE;
}

enum monitor_result command_time(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format, (void)arguments, (void)err;
    const struct clock *clock = machine_clock(monitor->machine);
    uint64_t ns = clock_ns(clock, clock->now);
    fprintf(monitor->out, "%" PRIu64 " instructions, %" PRIu64 " cycles, %" PRIu64 ".%09" PRIu64 " s\n",
            machine_instructions(monitor->machine), clock->now, ns / 1000000000, ns % 1000000000);
    return MONITOR_DONE;
}

enum monitor_result command_screen(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format, (void)arguments, (void)err;
    struct text screen = {0};
    machine_screen_text(monitor->machine, &screen);
    if (!screen.length)
        fputs("a graphics mode; screenshot FILE.png makes a picture of it\n", monitor->out);
    fputs(text_chars(&screen), monitor->out);
    text_free(&screen);
    return MONITOR_DONE;
}
