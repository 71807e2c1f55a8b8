/* Why the processor faulted: which check failed, what it looked at, and what ran before. */
#ifndef TICK86_MONITOR_WHY_H
#define TICK86_MONITOR_WHY_H

struct monitor;

/* Explains the last exception and those that led to it, from the records that cpu/debug.h keeps. */
void why_print(struct monitor *monitor);

#endif
