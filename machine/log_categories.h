/* The categories of --log, and what each tells of. */
#ifndef TICK86_MACHINE_LOG_CATEGORIES_H
#define TICK86_MACHINE_LOG_CATEGORIES_H

#include <stdbool.h>

#include "base/error.h"

struct log_category {
    const char *name, *tells;
};

/* Ends with a row without name. A category that is not here cannot be asked for. */
extern const struct log_category log_categories[];

/* Is TEXT a list of known categories, separated by commas, or "all"? False with ERR, which lists them. */
bool log_categories_check(const char *text, struct error *err);

#endif
