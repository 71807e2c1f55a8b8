/* One signal from one chip's output pin to another chip's input pin: IRQ lines, gates, A20, resets.
 * The board connects them; a chip only says wire_set(). An unconnected wire does nothing. */
#ifndef TICK86_BUS_WIRE_H
#define TICK86_BUS_WIRE_H

#include <stdbool.h>

typedef void wire_fn(void *owner, unsigned pin, bool level);

struct wire {
    wire_fn *set; /* of the receiving chip */
    void *owner;  /* the receiving chip's state */
    unsigned pin; /* which of its pins, e.g. the IRQ number */
};

static inline void wire_set(const struct wire *wire, bool level)
{
    if (wire->set)
        wire->set(wire->owner, wire->pin, level);
}

#endif
