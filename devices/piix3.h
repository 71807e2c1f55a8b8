/* Intel 82371SB (PIIX3), function 0: the PCI-to-ISA bridge. Routes PCI interrupts to ISA IRQs, joins all that
 * drives an IRQ line, and has the reset control register CF9h. */
#ifndef TICK86_DEVICES_PIIX3_H
#define TICK86_DEVICES_PIIX3_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "devices/pci.h"

/* ISA devices that may share one IRQ line. */
#define PIIX3_IRQ_SOURCES 4

struct piix3_config {
    struct pci_bus *pci;
};

struct piix3 {
    struct device dev;
    struct pci_function pci;
    uint8_t reset_control;                 /* CF9h */
    uint8_t pirq_level;                    /* bit n: PIRQ n is asserted */
    uint16_t isa_level[PIIX3_IRQ_SOURCES]; /* bit n: the ISA device asserts IRQ n */
    bool sci_level;                        /* the power management's SCI */
    uint16_t irq_level;                    /* what irq[] was last told; derived */
    struct wire irq[16];                   /* to the 8259s' inputs and the I/O APIC's pins */
    struct wire apic_pirq[4];              /* PIRQA#-D# to the I/O APIC's pins 16-19 */
    struct wire hard_reset;                /* pulse: reset of the whole board */
    struct wire soft_reset;                /* pulse: INIT of the processor */
};

/* The bridge installs itself as the bus's interrupt router (pci_route). */
extern const struct device_type piix3_type;

/* Wire inputs (struct wire: {piix3_set_irq, piix3, irq number}). The bridge ORs ISA devices, the SCI on IRQ 9
 * and the PCI interrupts routed to the line, so that sharers do not release each other. */
void piix3_set_irq(void *piix3, unsigned irq, bool level);
/* The system control interrupt, on IRQ 9. PIN is not used. */
void piix3_set_sci(void *piix3, unsigned pin, bool level);
/* PIN 0..3: PIRQA#..PIRQD#, true is asserted. */
void piix3_set_pirq(void *piix3, unsigned pin, bool level);

#endif
