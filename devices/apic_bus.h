/* What connects local APICs and the I/O APIC: messages, and the physical page at which each processor sees
 * its own local APIC. Intel SDM volume 3, chapter 11 (APIC), sections 11.6.2 and 11.8. */
#ifndef TICK86_DEVICES_APIC_BUS_H
#define TICK86_DEVICES_APIC_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

#define APIC_BUS_PROCESSORS 64

struct lapic;
struct ioapic;
struct apic_bus;

enum apic_delivery {
    APIC_FIXED = 0,
    APIC_LOWEST_PRIORITY = 1,
    APIC_SMI = 2,
    APIC_NMI = 4,
    APIC_INIT = 5,
    APIC_STARTUP = 6,
    APIC_EXTINT = 7,
};

struct apic_message {
    uint8_t destination;
    bool logical;     /* destination mode */
    uint8_t delivery; /* enum apic_delivery */
    uint8_t vector;
    bool level_triggered; /* the receiver's EOI comes back as apic_bus_eoi() */
};

/* Created once, before the APICs, without config. */
extern const struct device_type apic_bus_type;

/* Accesses to the local APIC's page go to LAPIC from now on: the board says so whenever it switches
 * processors. The first local APIC that is created is selected until then. */
void apic_bus_select(struct apic_bus *bus, struct lapic *lapic);

/* For the APICs themselves. */
bool apic_bus_add_lapic(struct apic_bus *bus, struct lapic *lapic, struct error *err);
void apic_bus_remove_lapic(struct apic_bus *bus, struct lapic *lapic);
void apic_bus_set_ioapic(struct apic_bus *bus, struct ioapic *ioapic);
/* The base address or the enable bit of LAPIC changed. */
void apic_bus_moved(struct apic_bus *bus, struct lapic *lapic);
/* Delivers to whom the destination names; true if at least one local APIC accepted. */
bool apic_bus_send(struct apic_bus *bus, const struct apic_message *message);
/* To every local APIC, without EXCEPT (may be NULL). */
void apic_bus_send_all(struct apic_bus *bus, const struct apic_message *message, const struct lapic *except);
/* Tells the I/O APIC that a level-triggered interrupt was ended. */
void apic_bus_eoi(struct apic_bus *bus, uint8_t vector);
/* A local APIC was enabled: what the I/O APIC could not deliver is tried again. */
void apic_bus_retry(struct apic_bus *bus);
/* The ExtINT lines of the processors: COUNT messages that are asserted now, all others are not. */
void apic_bus_set_extint(struct apic_bus *bus, const struct apic_message *asserted, unsigned count);

#endif
