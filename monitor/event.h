/* What the processor tells of itself: which breakpoints it concerns, and in words. */
#ifndef TICK86_MONITOR_EVENT_H
#define TICK86_MONITOR_EVENT_H

#include "monitor/breakpoint.h"
#include "monitor/condition.h"

/* For conditions: vector, error, port, value, old, address, size. All zero in the first one. */
#define EVENT_VARIABLES 8
extern const struct condition_variable event_variables_none[EVENT_VARIABLES];
void event_variables(const struct breakpoint *point, const struct cpu_event *event, uint64_t value,
                     struct condition_variable out[EVENT_VARIABLES]);

/* Which of them breakpoints of KIND tell: bit N is row N. */
uint32_t event_variables_told(enum break_kind kind);

/* What stopped the last run, for expressions in commands. */
const struct condition_variable *event_variables_last(const struct monitor *monitor);

/* Is EVENT of the kind and in the range of POINT? */
bool event_concerns(struct monitor *monitor, const struct breakpoint *point, const struct cpu_event *event);

/* Before an access: keeps what POINT's memory holds. */
void event_keep_old(struct monitor *monitor, struct breakpoint *point, const struct cpu_event *event);
/* The same bytes now. */
uint64_t event_value_now(struct monitor *monitor, const struct breakpoint *point,
                         const struct cpu_event *event);

/* One line or two: "write of 2 bytes at 00007e00 by 0000:7c05 ...". */
void event_describe(struct monitor *monitor, const struct breakpoint *point, const struct cpu_event *event,
                    struct text *out);

/* The mode in words: "protected mode, paging". */
void mode_describe(unsigned mode, struct text *out);
/* As `break mode` has it. */
const char *mode_word(unsigned mode);

#endif
