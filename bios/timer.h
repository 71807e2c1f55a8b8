/*
 * Short waits of the services. The ACPI power management timer (24 bits at 3.579545 MHz) counts whatever
 * programs do to the 8254; boards without one fall back to counting refreshes at port 61h.
 */
#ifndef BIOS_TIMER_H
#define BIOS_TIMER_H

#include "bios/bios.h"

struct timeout {
    u32 last;
    u32 left; /* microseconds */
};

/* Starts a timeout of `us` microseconds, at most an hour. */
void timeout_start(struct timeout *t, u32 us);

/* Whether it has passed; to be asked at least each 4 seconds. */
int timeout_passed(struct timeout *t);

void delay_us(u32 us);

#endif
