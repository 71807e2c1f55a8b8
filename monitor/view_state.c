/* A device's state as its field table has it: all that a snapshot would save, by name. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/state.h"
#include "bus/clock.h"
#include "bus/device.h"
#include "machine/machine.h"
#include "monitor/monitor_private.h"

#define ELEMENTS_SHOWN 16 /* of an array, unless its name was asked for */

struct state_view {
    struct monitor *monitor;
    const char *wanted; /* only fields whose names begin so; "": all */
    unsigned shown;
};

static void print_value(FILE *out, const uint8_t *at, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, at, size < 8 ? size : 8);
    fprintf(out, " %0*" PRIx64, (int)size * 2, value);
}

static void print_array(const struct state_view *view, const uint8_t *at, unsigned size, unsigned count)
{
    unsigned limit = *view->wanted ? count : ELEMENTS_SHOWN;
    for (unsigned i = 0; i < count && i < limit; i++) {
        if (i && i % ELEMENTS_SHOWN == 0)
            fprintf(view->monitor->out, "\n    %04x ", i);
        print_value(view->monitor->out, at + (size_t)i * size, size);
    }
    if (count > limit)
        fprintf(view->monitor->out, " and %u more", count - limit);
    fputc('\n', view->monitor->out);
}

static void print_event(const struct state_view *view, const struct event *event)
{
    if (event->pending)
        fprintf(view->monitor->out, " at cycle %" PRIu64 "\n", event->when);
    else
        fputs(" not pending\n", view->monitor->out);
}

static void print_fields(struct state_view *view, const struct field *fields, const uint8_t *base,
                         const char *prefix);

static void print_field(struct state_view *view, const struct field *f, const uint8_t *base,
                        const char *prefix)
{
    char name[128];
    const uint8_t *at = base + f->offset;
    if (f->kind == FIELD_KIND_STRUCTS) {
        for (unsigned i = 0; i < f->count; i++) {
            snprintf(name, sizeof name, f->count == 1 ? "%s%s." : "%s%s[%u].", prefix, f->name, i);
            print_fields(view, f->fields, at + (size_t)i * f->element_size, name);
        }
        return;
    }
    if (f->kind == FIELD_KIND_POINTED) {
        const uint8_t *pointed;
        memcpy(&pointed, at, sizeof pointed);
        snprintf(name, sizeof name, "%s%s.", prefix, f->name);
        print_fields(view, f->fields, pointed, name);
        return;
    }
    snprintf(name, sizeof name, "%s%s", prefix, f->name);
    if (strncmp(name, view->wanted, strlen(view->wanted)))
        return;
    view->shown++;
    fprintf(view->monitor->out, "%-28s", name);
    if (f->kind == FIELD_KIND_EVENT)
        print_event(view, (const struct event *)(const void *)at);
    else if (f->kind == FIELD_KIND_BYTES)
        print_array(view, at, 1, f->element_size);
    else
        print_array(view, at, f->element_size, f->count);
}

/* Field tables nest a few levels deep, as the structures do. */
static void print_fields(struct state_view *view, const struct field *fields, const uint8_t *base,
                         const char *prefix)
{
    for (const struct field *f = fields; f && f->kind != FIELD_KIND_END; f++)
        print_field(view, f, base, prefix);
}

enum monitor_result info_state(struct monitor *monitor, const char *format, const char *arguments,
                               struct error *err)
{
    (void)format;
    char name[32];
    size_t length = strcspn(arguments, " \t");
    snprintf(name, sizeof name, "%.*s", (int)length, arguments);
    const struct device *device = device_find(machine_devices(monitor->machine), name);
    if (!device) {
        error_set(err, "there is no device '%s'; info devices lists them", name);
        return MONITOR_FAILED;
    }
    const char *wanted = arguments + length;
    struct state_view view = {.monitor = monitor, .wanted = wanted + strspn(wanted, " \t")};
    print_fields(&view, device->type->fields, (const uint8_t *)device, "");
    if (!view.shown)
        fprintf(monitor->out, "%s has no %s\n", name, *view.wanted ? view.wanted : "state of its own");
    return MONITOR_DONE;
}
