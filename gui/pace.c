#include "gui/pace.h"

#include <time.h>

#define SECOND 1000000000ll
/* A run that is later than this gives up catching up: better slow than jerky. */
#define GIVE_UP_NS (SECOND / 10)

int64_t host_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

void host_sleep(int64_t ns)
{
    if (ns <= 0)
        return;
    struct timespec time = {.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
    nanosleep(&time, NULL); /* a signal may cut it short: somebody wants something */
}

void pace_restart(struct pace *pace, uint64_t cycle)
{
    pace->base_cycle = pace->window_cycle = cycle;
    pace->base_ns = pace->window_ns = host_ns();
    pace->late = false;
}

void pace_init(struct pace *pace, uint32_t percent, uint64_t hz)
{
    *pace = (struct pace){.percent = percent, .hz = hz ? hz : 1, .measured = 100};
    pace_restart(pace, 0);
}

static int64_t virtual_ns(const struct pace *pace, uint64_t cycles)
{
    return (int64_t)((unsigned __int128)cycles * SECOND / pace->hz);
}

static void measure(struct pace *pace, uint64_t cycle, int64_t now)
{
    int64_t host = now - pace->window_ns;
    if (host < SECOND)
        return;
    pace->measured = (unsigned)(virtual_ns(pace, cycle - pace->window_cycle) * 100 / host);
    pace->lagging = pace->late;
    pace->late = false;
    pace->window_cycle = cycle;
    pace->window_ns = now;
}

int64_t pace_ahead(struct pace *pace, uint64_t cycle)
{
    int64_t now = host_ns();
    measure(pace, cycle, now);
    if (!pace->percent)
        return 0;
    int64_t should = virtual_ns(pace, cycle - pace->base_cycle) * 100 / pace->percent;
    int64_t ahead = pace->base_ns + should - now;
    if (ahead < -GIVE_UP_NS) {
        pace->late = true;
        pace->base_cycle = cycle;
        pace->base_ns = now;
    }
    return ahead;
}
