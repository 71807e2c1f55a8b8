/* Keeps a run at a share of real time, and measures what it really makes. The only place where the host's
 * clock is read during a run; the guest never sees it. */
#ifndef TICK86_GUI_PACE_H
#define TICK86_GUI_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint32_t percent; /* 0: as fast as it goes */
    uint64_t hz;
    uint64_t base_cycle;
    int64_t base_ns;
    uint64_t window_cycle; /* where the current second of measuring began */
    int64_t window_ns;
    unsigned measured; /* percent of real time, of the last second */
    bool lagging;      /* the host could not keep up in the last second */
    bool late;         /* ... in the current one */
};

/* The host's monotonic clock, nanoseconds. */
int64_t host_ns(void);
void host_sleep(int64_t ns);

void pace_init(struct pace *pace, uint32_t percent, uint64_t hz);
/* From now on virtual time CYCLE is now: after a pause, or when PERCENT was changed. */
void pace_restart(struct pace *pace, uint64_t cycle);
/* The run stands at CYCLE: nanoseconds for which it should wait, at most 0 if it is not ahead. */
int64_t pace_ahead(struct pace *pace, uint64_t cycle);

#endif
