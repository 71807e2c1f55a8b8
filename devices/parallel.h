/* Parallel port with a printer: standard (SPP) with the PS/2's bidirectional data.
 * IBM PS/2 Hardware Interface Technical Reference, "Parallel Port Controller"; IEEE 1284 compatibility mode.
 */
#ifndef TICK86_DEVICES_PARALLEL_H
#define TICK86_DEVICES_PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "bus/sink.h"

struct parallel_config {
    uint16_t base; /* three ports */
    struct wire irq;
    struct byte_sink out; /* what is printed; without one nothing is plugged in */
};

enum parallel_phase { PARALLEL_IDLE, PARALLEL_BUSY, PARALLEL_ACK };

struct parallel {
    struct device dev;
    uint16_t base;
    struct wire irq;
    struct byte_sink out;
    uint8_t data, control;
    uint8_t phase; /* enum parallel_phase: of the printer's handshake */
    bool irq_level;
    struct event step;
};

extern const struct device_type parallel_type;

#endif
