/* 8254 programmable interval timer. Intel 8254 datasheet (231164).
 *
 * Ports 40h-43h. Counter 0 drives IRQ 0, counter 1 the refresh request, counter 2 the speaker. The counters
 * run at 14318180 / 12 Hz of virtual time and are worked out when somebody looks; events are in the queue
 * only for outputs that are connected. */
#ifndef TICK86_DEVICES_PIT_H
#define TICK86_DEVICES_PIT_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

#define PIT_CHANNELS 3
/* The input clock in Hz, as a fraction. */
#define PIT_HZ_NUM 14318180u
#define PIT_HZ_DEN 12u

/* Hears the output of counter 2 as a level: 0 low, 255 high; in between the average of an oscillation that is
 * too fast (above about 20 kHz) to be told edge by edge. CYCLE: when it changed, not later than now. */
typedef void pit_level_fn(void *owner, unsigned level, uint64_t cycle);

struct pit_channel {
    uint8_t control;  /* the last control word's bits 5-0: access, mode, BCD */
    uint32_t reload;  /* the count register's value: 1..65536, or 1..10000 in BCD */
    uint8_t low_byte; /* the least significant byte of a count that is half written */
    bool write_high;  /* the next byte written is the most significant one */
    bool read_high;   /* likewise read */
    bool written;     /* a count was written since the control word */
    bool loaded;      /* the counting element was loaded since the control word */
    bool null_count;  /* the count register has not yet gone to the counting element */
    bool held;        /* mode 0: counting stopped by the first byte of a new count */
    bool gate, out;
    bool done;         /* modes 0, 1, 4, 5: terminal count was reached since the load */
    bool load_pending; /* the next clock pulse loads the counting element */
    bool latched;      /* the count is latched */
    uint16_t latch;
    bool status_latched;
    uint8_t status;
    uint64_t tick;     /* of the input clock: what follows is the state after this pulse */
    uint32_t count;    /* the counting element; in mode 3, pulses left in this half of the wave */
    bool odd_half;     /* mode 3: this half began with an odd count and a high output */
    bool toggles;      /* flips at each rising edge of OUT */
    struct event edge; /* the next change of OUT */
    bool averaged;     /* the listener is told an average in place of edges */
};

struct pit {
    struct device dev;
    struct wire out[PIT_CHANNELS]; /* set by the board; out[0] is IRQ 0. Each costs events: leave out[1] and
                                      out[2] alone, which have functions below */
    pit_level_fn *level;           /* see pit_connect_level() */
    void *level_owner;
    bool listening;
    struct pit_channel channel[PIT_CHANNELS];
};

/* No config. The board sets out[0] before reset. */
extern const struct device_type pit_type;

/* wire_fn: the gate of counter PIN. Gates 0 and 1 are high from reset on, gate 2 low. */
void pit_set_gate(void *pit, unsigned pin, bool level);
bool pit_gate(const struct pit *pit, unsigned channel);

/* OUT as it is now. */
bool pit_out(struct pit *pit, unsigned channel);

/* A bit that flips at each refresh request (rising edge of OUT 1). */
bool pit_refresh_toggle(struct pit *pit);

/* Connects who hears counter 2 as a level, once, at creation; and starts or stops the calls. Starting calls
 * LEVEL at once. */
void pit_connect_level(struct pit *pit, pit_level_fn *level, void *owner);
void pit_listen(struct pit *pit, bool listening);

#endif
