/* The machine's log: lines with a category, quiet unless the user asked for the category.
 *
 * One log per machine, no globals. Guest mistakes (unknown ports, bad register values) go here and
 * never abort the host. */
#ifndef TICK86_BASE_LOG_H
#define TICK86_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct log {
    FILE *stream;           /* where lines go; NULL: nowhere */
    const char *categories; /* comma-separated names that are printed; "all"; NULL or "": none */
    const uint64_t *now;    /* cycle stamp for lines; NULL: none */
};

/* Would a line of this category be printed? Ask before building costly text. */
bool log_wants(const struct log *log, const char *category);
/* One line, without the newline. LOG may be NULL. */
void log_line(struct log *log, const char *category, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
