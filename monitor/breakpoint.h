/* Breakpoints of all kinds: where execution goes, what memory and ports are used, what the processor does. */
#ifndef TICK86_MONITOR_BREAKPOINT_H
#define TICK86_MONITOR_BREAKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "cpu/debug.h"
#include "monitor/action.h"

struct condition; /* monitor/condition.h */
struct monitor;

enum break_kind {
    BREAK_EXECUTE,
    BREAK_MEMORY,
    BREAK_PORT,
    BREAK_INTERRUPT, /* software and hardware */
    BREAK_EXCEPTION,
    BREAK_CONTROL,
    BREAK_DEBUG,
    BREAK_MSR,
    BREAK_TABLE,
    BREAK_MODE,
    BREAK_TRIPLE_FAULT,
    BREAK_HALT,
    BREAK_MAGIC,
};

enum { BREAK_SOFTWARE = 1, BREAK_HARDWARE = 2 };

struct breakpoint {
    unsigned number; /* 0: the monitor's own, for next, finish and until */
    enum break_kind kind;
    bool enabled, temporary;
    bool only_told;     /* of `show`: one line as it happens, no stop */
    bool physical;      /* FIRST and LAST are physical addresses */
    bool reads, writes; /* memory, ports */
    bool any;           /* FIRST and LAST say nothing */
    uint8_t origins;    /* of interrupts: BREAK_SOFTWARE, BREAK_HARDWARE */
    bool irq;           /* FIRST..LAST are IRQ numbers, not vectors */
    uint64_t first, last;
    uint32_t mode;               /* of BREAK_MODE: CPU_MODE_* to be entered */
    struct condition *condition; /* NULL: none */
    struct action_list actions;  /* run at the stop */
    uint64_t hits;               /* times that all of it held */
    uint64_t ignore;             /* this many more are passed over */
    /* The memory as it was before the instruction. */
    bool old_known;
    uint64_t old_address, old;
    unsigned old_size;
    /* Of the monitor's own: the stack pointer must be at or above this. */
    bool has_least_sp;
    uint64_t least_sp;
};

/* The grammar of `break`, less the word itself. ONCE, KIND, PHYSICAL: what the command's name has said
 * already. OUT's strings are the caller's to free. */
struct break_defaults {
    const char *kind; /* NULL: an address for execution, if no kind is named */
    bool once, physical;
};
bool breakpoint_parse(struct monitor *monitor, const char *text, const struct break_defaults *defaults,
                      struct breakpoint *out, struct error *err);
/* A condition for POINT. NULL with ERR: TEXT is none, or it can never hold. */
struct condition *breakpoint_condition(const struct breakpoint *point, const char *text, struct error *err);
/* How many stops to pass over. False with ERR. */
bool breakpoint_ignore_count(struct monitor *monitor, const char *text, uint64_t *out, struct error *err);
void breakpoint_free(struct breakpoint *point);
/* "execute 00007c00 if eax == 5" */
void breakpoint_describe(const struct breakpoint *point, struct text *out);

/* Takes over what POINT owns; gives it a number unless OWN. Returns it. */
struct breakpoint *breakpoint_add(struct monitor *monitor, const struct breakpoint *point, bool own);
void breakpoint_remove(struct monitor *monitor, struct breakpoint *point);
void breakpoints_remove_own(struct monitor *monitor);
void breakpoints_free(struct monitor *monitor);
struct breakpoint *breakpoint_find(struct monitor *monitor, uint64_t number, struct error *err);
/* Tells the processor what is wanted: after each change. */
void breakpoints_sync(struct monitor *monitor);

#endif
