/* The PC speaker: timer output AND data enable (port 61h), as a stream of edges for the front end.
 *
 * The front end takes the edges now and then and turns them into samples; what it does not fetch is lost,
 * oldest first. Nothing here can be seen by the guest. */
#ifndef TICK86_DEVICES_SPEAKER_H
#define TICK86_DEVICES_SPEAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

struct pit;

#define SPEAKER_EDGES 16384u /* a power of two */

/* From CYCLE on, the cone is driven at LEVEL: 0 or 255, or in between the average of a tone beyond hearing.
 */
struct speaker_edge {
    uint64_t cycle;
    uint8_t level;
};

struct speaker_config {
    struct pit *pit; /* whose counter 2 is heard */
};

struct speaker {
    struct device dev;
    struct pit *pit;
    bool enabled;        /* bit 1 of port 61h */
    uint8_t timer_level; /* of counter 2, 0..255; known only while enabled */
    uint8_t level;       /* as last put into the ring */
    uint64_t last_cycle; /* of the last edge */
    uint32_t head, count;
    struct speaker_edge edges[SPEAKER_EDGES];
};

extern const struct device_type speaker_type;

/* Speaker data enable, from port 61h. */
void speaker_enable(struct speaker *speaker, bool enabled);

/* Moves up to MAX edges, oldest first and in order of cycles, to OUT; returns how many. */
unsigned speaker_take_edges(struct speaker *speaker, struct speaker_edge *out, unsigned max);

#endif
