/* Intel 82093AA I/O APIC: 24 pins, each with a redirection entry that says who gets which vector. */
#ifndef TICK86_DEVICES_IOAPIC_H
#define TICK86_DEVICES_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "devices/apic_bus.h"

#define IOAPIC_PINS         24
#define IOAPIC_DEFAULT_BASE 0xFEC00000u

struct ioapic_config {
    struct apic_bus *bus;
    uint32_t base; /* physical, a multiple of 4 KB; 0: FEC00000h */
};

struct ioapic;

extern const struct device_type ioapic_type;

/* Wire input: PIN 0..23. The board wires ISA IRQ n to pin n, but IRQ 0 to pin 2, the 8259's INTR to pin 0,
 * and PIRQA#-D# to pins 16-19. LEVEL true is "asserted", whatever the polarity on a real board. */
void ioapic_set_irq(void *ioapic, unsigned pin, bool level);

/* For the APIC bus. */
void ioapic_eoi(struct ioapic *ioapic, uint8_t vector);
void ioapic_retry(struct ioapic *ioapic);

#endif
