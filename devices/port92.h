/* System control port A, 92h: fast A20 gate and fast reset. IBM PS/2 Model 50/60 Technical Reference. */
#ifndef TICK86_DEVICES_PORT92_H
#define TICK86_DEVICES_PORT92_H

#include <stdint.h>

#include "bus/device.h"

struct port92 {
    struct device dev;
    /* Set by the board. A20 here is ORed with the keyboard controller's. Reset is a pulse, of the processor
     * alone (INIT). */
    struct wire a20, reset;
    uint8_t value;
};

/* No config. */
extern const struct device_type port92_type;

#endif
