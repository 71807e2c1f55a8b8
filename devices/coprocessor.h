/* The x87 error latch of the AT: FERR# to IRQ 13, and port F0h. See coprocessor.c. */
#ifndef TICK86_DEVICES_COPROCESSOR_H
#define TICK86_DEVICES_COPROCESSOR_H

#include "bus/device.h"

struct coprocessor {
    struct device dev;
    struct wire irq13; /* set by the board */
    bool latched;
};

extern const struct device_type coprocessor_type;

/* wire_fn: the processor's FERR#. */
void coprocessor_set_ferr(void *coprocessor, unsigned pin, bool level);

#endif
