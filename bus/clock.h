/* The machine's one clock and its queue of events.
 *
 * Time is an integer: processor cycles since power-on at the processor's nominal frequency. Every device
 * derives its own time from it with clock_ticks(), which does not drift. Nothing here, and no device, ever
 * reads the host's clock.
 *
 * Events are called at the first instruction boundary whose cycle count reaches their deadline, earliest
 * deadline first; where deadlines are equal, the event that was initialised first goes first. */
#ifndef TICK86_BUS_CLOCK_H
#define TICK86_BUS_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_NEVER UINT64_MAX

struct clock;
struct text;

/* LATE: cycles by which the call comes after the deadline (a long instruction may overshoot). A periodic
 * event schedules its next deadline from `event->when`, not from now, so that it does not drift. */
typedef void event_fn(void *owner, uint64_t late);

struct event {
    const char *name; /* unique in the machine, e.g. "pit.channel0" */
    event_fn *fire;
    void *owner;
    uint64_t when;  /* deadline in cycles; kept after firing, so that `when + period` is the next one */
    bool pending;   /* is in the queue */
    unsigned order; /* of initialisation: breaks ties */
    unsigned index; /* in the queue, while pending */
};

struct clock {
    uint64_t now; /* cycles since power-on; exact whenever device code runs */
    uint64_t hz;  /* cycles per second */
    /* Cycles for which devices kept the bus from the processor, since whoever runs the processor took them.
     */
    uint64_t held;
    /* Earliest deadline, CLOCK_NEVER if none. */
    uint64_t deadline;
    /* Set whenever a deadline came nearer than `deadline` was; the run loop clears it. While the
     * processor runs it looks at this word after each device access. */
    uint32_t *attention;
    struct event **queue; /* binary heap of pending events */
    unsigned pending_count, queue_capacity;
    struct event **events; /* all that were initialised, in order */
    unsigned event_count, event_capacity;
};

void clock_init(struct clock *clock, uint64_t hz);
void clock_free(struct clock *clock);

/* Ticks of a clock of NUM/DEN Hz from power-on up to CYCLE, rounded down. */
uint64_t clock_ticks(const struct clock *clock, uint64_t cycle, uint64_t num, uint64_t den);
/* The first cycle at which clock_ticks(cycle, NUM, DEN) >= TICK. */
uint64_t clock_cycle_of_tick(const struct clock *clock, uint64_t tick, uint64_t num, uint64_t den);
/* Whole cycles in NANOSECONDS, rounded up: for delays of devices. */
uint64_t clock_cycles_of_ns(const struct clock *clock, uint64_t nanoseconds);
/* Nanoseconds from power-on up to CYCLE, rounded down. */
uint64_t clock_ns(const struct clock *clock, uint64_t cycle);

/* A device moves much at a single access of the processor, which waits for NANOSECONDS until it has the bus
 * again. So no access takes the host much longer than it takes the guest. */
void clock_hold(struct clock *clock, uint64_t nanoseconds);

/* To be called once for each event, at device creation, before it is scheduled. NAME is copied. */
void event_init(struct clock *clock, struct event *event, event_fn *fire, void *owner, const char *format,
                ...) __attribute__((format(printf, 5, 6)));
/* Takes the event out of the machine, e.g. when its device goes away. */
void event_destroy(struct clock *clock, struct event *event);
/* (Re)schedules; WHEN is an absolute cycle, one in the past fires at the next boundary. */
void event_schedule(struct clock *clock, struct event *event, uint64_t when);
void event_cancel(struct clock *clock, struct event *event);

/* Fires all that is due at `clock->now`. For the run loop and for tests. */
void clock_fire_due(struct clock *clock);
/* For tests of devices without a processor: goes to CYCLE, firing each event at its deadline. */
void clock_advance_to(struct clock *clock, uint64_t cycle);

/* The queue for the monitor: one line per pending event, earliest first. */
void clock_print(const struct clock *clock, struct text *out);

#endif
