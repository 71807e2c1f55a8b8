#include "bus/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

typedef unsigned __int128 u128;

void clock_init(struct clock *clock, uint64_t hz)
{
    *clock = (struct clock){.hz = hz, .deadline = CLOCK_NEVER};
}

void clock_free(struct clock *clock)
{
    for (unsigned i = 0; i < clock->event_count; i++)
        free((char *)clock->events[i]->name);
    free(clock->events);
    free(clock->queue);
    *clock = (struct clock){0};
}

uint64_t clock_ticks(const struct clock *clock, uint64_t cycle, uint64_t num, uint64_t den)
{
    return (uint64_t)((u128)cycle * num / ((u128)clock->hz * den));
}

uint64_t clock_cycle_of_tick(const struct clock *clock, uint64_t tick, uint64_t num, uint64_t den)
{
    u128 cycles = ((u128)tick * clock->hz * den + (num - 1)) / num;
    return cycles > UINT64_MAX ? CLOCK_NEVER : (uint64_t)cycles;
}

uint64_t clock_cycles_of_ns(const struct clock *clock, uint64_t nanoseconds)
{
    return clock_cycle_of_tick(clock, nanoseconds, 1000000000, 1);
}

uint64_t clock_ns(const struct clock *clock, uint64_t cycle)
{
    return clock_ticks(clock, cycle, 1000000000, 1);
}

void clock_hold(struct clock *clock, uint64_t nanoseconds)
{
    clock->held += clock_cycles_of_ns(clock, nanoseconds);
}

static bool before(const struct event *a, const struct event *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void place(struct clock *clock, unsigned index, struct event *event)
{
    clock->queue[index] = event;
    event->index = index;
}

static void sift_up(struct clock *clock, unsigned index)
{
    struct event *event = clock->queue[index];
    while (index && before(event, clock->queue[(index - 1) / 2])) {
        place(clock, index, clock->queue[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    place(clock, index, event);
}

static void sift_down(struct clock *clock, unsigned index)
{
    struct event *event = clock->queue[index];
    for (;;) {
        unsigned child = 2 * index + 1;
        if (child >= clock->pending_count)
            break;
        if (child + 1 < clock->pending_count && before(clock->queue[child + 1], clock->queue[child]))
            child++;
        if (!before(clock->queue[child], event))
            break;
        place(clock, index, clock->queue[child]);
        index = child;
    }
    place(clock, index, event);
}

static void note_deadline(struct clock *clock)
{
    uint64_t deadline = clock->pending_count ? clock->queue[0]->when : CLOCK_NEVER;
    if (deadline < clock->deadline && clock->attention)
        *clock->attention = 1;
    clock->deadline = deadline;
}

void event_init(struct clock *clock, struct event *event, event_fn *fire, void *owner, const char *format,
                ...)
{
    char name[64];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    *event = (struct event){.name = xstrdup(name), .fire = fire, .owner = owner, .when = CLOCK_NEVER};
    if (clock->event_count == clock->event_capacity) {
        clock->event_capacity = clock->event_capacity ? 2 * clock->event_capacity : 32;
        clock->events = xrealloc(clock->events, clock->event_capacity * sizeof *clock->events);
    }
    event->order = clock->event_count ? clock->events[clock->event_count - 1]->order + 1 : 0;
    clock->events[clock->event_count++] = event;
}

void event_destroy(struct clock *clock, struct event *event)
{
    event_cancel(clock, event);
    for (unsigned i = 0; i < clock->event_count; i++)
        if (clock->events[i] == event) {
            free((char *)event->name);
            clock->event_count--;
            memmove(clock->events + i, clock->events + i + 1,
                    (clock->event_count - i) * sizeof *clock->events);
            return;
        }
}

void event_schedule(struct clock *clock, struct event *event, uint64_t when)
{
    if (event->pending)
        event_cancel(clock, event);
    if (clock->pending_count == clock->queue_capacity) {
        clock->queue_capacity = clock->queue_capacity ? 2 * clock->queue_capacity : 32;
        clock->queue = xrealloc(clock->queue, clock->queue_capacity * sizeof(struct event *));
    }
    event->when = when;
    event->pending = true;
    place(clock, clock->pending_count++, event);
    sift_up(clock, event->index);
    note_deadline(clock);
}

void event_cancel(struct clock *clock, struct event *event)
{
    if (!event->pending)
        return;
    event->pending = false;
    unsigned index = event->index;
    struct event *last = clock->queue[--clock->pending_count];
    if (last != event) {
        place(clock, index, last);
        sift_up(clock, index);
        sift_down(clock, last->index);
    }
    note_deadline(clock);
}

void clock_fire_due(struct clock *clock)
{
    while (clock->pending_count && clock->queue[0]->when <= clock->now) {
        struct event *event = clock->queue[0];
        event_cancel(clock, event);
        event->fire(event->owner, clock->now - event->when);
    }
}

void clock_advance_to(struct clock *clock, uint64_t cycle)
{
    while (clock->deadline <= cycle) {
        if (clock->deadline > clock->now)
            clock->now = clock->deadline;
        clock_fire_due(clock);
    }
    clock->now = cycle;
}

static int by_deadline(const void *a, const void *b)
{
    const struct event *left = *(struct event *const *)a, *right = *(struct event *const *)b;
    return before(left, right) ? -1 : 1;
}

void clock_print(const struct clock *clock, struct text *out)
{
    struct event **sorted = xcalloc(clock->pending_count, sizeof *sorted);
    for (unsigned i = 0; i < clock->pending_count; i++)
        sorted[i] = clock->queue[i];
    if (clock->pending_count)
        qsort(sorted, clock->pending_count, sizeof *sorted, by_deadline);
    for (unsigned i = 0; i < clock->pending_count; i++)
        text_add(out, "%20" PRIu64 "  +%-12" PRIu64 " %s\n", sorted[i]->when,
                 sorted[i]->when > clock->now ? sorted[i]->when - clock->now : 0, sorted[i]->name);
    free(sorted);
}
