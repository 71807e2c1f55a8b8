/* What a device is: one const descriptor, and a state structure that starts with `struct device`.
 *
 *     struct pit { struct device dev; struct wire irq0; ... };
 *     const struct device_type pit_type = {
 *         .name = "pit", .title = "8254 programmable interval timer", .state_size = sizeof(struct pit),
 *         .ports = pit_ports, .fields = pit_fields,
 *         .init = pit_init, .reset = pit_reset, .post_load = pit_post_load, .print = pit_print,
 *     };
 *
 * The board (machine/board.c) creates devices in a fixed order, connects their wires, and resets them.
 * Devices know the bus, the clock and wires; they never know the processor, the board or the front end. */
#ifndef TICK86_BUS_DEVICE_H
#define TICK86_BUS_DEVICE_H

#include "base/error.h"
#include "base/log.h"
#include "base/state.h"
#include "base/text.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "bus/wire.h"

enum reset_kind {
    RESET_POWER_ON, /* everything, memory of the device included */
    RESET_HARD,     /* the RESET line: CF9h, reset button, triple fault */
};

struct device {
    const struct device_type *type;
    char name[24]; /* of the instance: "pit", "uart0" */
    struct bus *bus;
    struct clock *clock;
    struct log *log;
    struct device *next; /* in order of creation */
};

struct device_type {
    const char *name;
    const char *title;
    size_t state_size;            /* bytes; the state begins with struct device */
    const struct port_row *ports; /* fixed ports, ends with count 0; NULL: none */
    const struct field *fields;   /* state for snapshots, ends with FIELD_END */
    /* Called once, with the state zeroed and dev filled. CONFIG is the device's own structure, declared in
     * its header (NULL where it has none). Here events are initialised and regions added. */
    bool (*init)(void *state, const void *config, struct error *err);
    void (*reset)(void *state, enum reset_kind kind);
    /* After fields were loaded: check what FIELD_RANGE cannot, rebuild what is derived (regions,
     * mappings, wires are NOT driven again). Returns false with ERR for an impossible state. */
    bool (*post_load)(void *state, struct error *err);
    /* A readable account of all registers for the monitor, without side effects. */
    void (*print)(const void *state, struct text *out);
    void (*destroy)(void *state);
};

struct device_list {
    struct device *first, *last;
    struct bus *bus;
    struct clock *clock;
    struct log *log;
};

/* Allocates, maps the fixed ports, calls init. NULL with ERR on conflict. NAME: NULL for the type's name. */
void *device_create(struct device_list *list, const struct device_type *type, const char *name,
                    const void *config, struct error *err);
/* Unmaps and frees all, last first. */
void devices_destroy(struct device_list *list);
void devices_reset(struct device_list *list, enum reset_kind kind);
struct device *device_find(const struct device_list *list, const char *name);

#endif
