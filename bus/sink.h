/* Where a chip's outgoing bytes go on the host (a serial line, a printer, the debug console). What comes
 * in from outside goes the other way, through the machine's input queue. */
#ifndef TICK86_BUS_SINK_H
#define TICK86_BUS_SINK_H

#include <stdint.h>

struct byte_sink {
    void (*put)(void *owner, uint8_t byte); /* NULL: bytes are dropped */
    void *owner;
};

static inline void sink_put(const struct byte_sink *sink, uint8_t byte)
{
    if (sink->put)
        sink->put(sink->owner, byte);
}

#endif
