/* A bench for testing chips without a processor: a bus, a clock, a device list, and probes for wires. */
#ifndef TICK86_TESTS_UNIT_CHIP_RIG_H
#define TICK86_TESTS_UNIT_CHIP_RIG_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bus/device.h"
#include "bus/sink.h"

struct rig {
    struct clock clock;
    struct bus *bus;
    struct device_list list;
};

static inline void rig_open(struct rig *rig, uint64_t hz)
{
    memset(rig, 0, sizeof *rig);
    clock_init(&rig->clock, hz);
    rig->bus = bus_create(NULL);
    rig->list = (struct device_list){.bus = rig->bus, .clock = &rig->clock};
}

static inline void *rig_add(struct rig *rig, const struct device_type *type, const char *name,
                            const void *config)
{
    struct error err = {0};
    void *device = device_create(&rig->list, type, name, config, &err);
    ck_assert_msg(device != NULL, "%s", err.text);
    return device;
}

static inline void rig_power_on(struct rig *rig)
{
    devices_reset(&rig->list, RESET_POWER_ON);
}

static inline void rig_close(struct rig *rig)
{
    devices_destroy(&rig->list);
    bus_destroy(rig->bus);
    clock_free(&rig->clock);
}

static inline uint8_t in8(struct rig *rig, uint16_t port)
{
    return (uint8_t)ports_read(rig->bus, port, 1);
}

static inline void out8(struct rig *rig, uint16_t port, uint8_t value)
{
    ports_write(rig->bus, port, value, 1);
}

static inline void rig_pass_ns(struct rig *rig, uint64_t ns)
{
    clock_advance_to(&rig->clock, rig->clock.now + clock_cycles_of_ns(&rig->clock, ns));
}

static inline void rig_pass_us(struct rig *rig, uint64_t us)
{
    rig_pass_ns(rig, us * 1000);
}

static inline void rig_pass_ms(struct rig *rig, uint64_t ms)
{
    rig_pass_ns(rig, ms * 1000000);
}

/* Records what a wire does. */
struct probe {
    struct clock *clock;
    bool level;
    unsigned rises, falls;
    uint64_t last_rise, last_fall; /* cycles */
};

static inline void probe_set(void *owner, unsigned pin, bool level)
{
    struct probe *probe = owner;
    (void)pin;
    uint64_t now = probe->clock ? probe->clock->now : 0;
    if (level && !probe->level) {
        probe->rises++;
        probe->last_rise = now;
    }
    if (!level && probe->level) {
        probe->falls++;
        probe->last_fall = now;
    }
    probe->level = level;
}

static inline struct wire probe_wire(struct probe *probe, struct rig *rig)
{
    *probe = (struct probe){.clock = rig ? &rig->clock : NULL};
    return (struct wire){probe_set, probe, 0};
}

/* Collects what a sink is given. */
struct collector {
    uint8_t bytes[4096];
    unsigned count;
};

static inline void collector_put(void *owner, uint8_t byte)
{
    struct collector *c = owner;
    if (c->count < sizeof c->bytes)
        c->bytes[c->count++] = byte;
}

static inline struct byte_sink collector_sink(struct collector *c)
{
    c->count = 0;
    return (struct byte_sink){collector_put, c};
}

/* A small generator for seeded tests: the same numbers everywhere. */
static inline uint32_t rig_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static inline int rig_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
