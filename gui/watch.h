/* --until-screen and --until-serial: a regular expression that a growing or changing text is held against. */
#ifndef TICK86_GUI_WATCH_H
#define TICK86_GUI_WATCH_H

#include <stdbool.h>

#include "base/text.h"

struct watch;

/* PATTERN: POSIX extended, known to be good. NULL gives NULL. */
struct watch *watch_create(const char *pattern);
void watch_destroy(struct watch *watch);
/* Does TEXT match? Cheap where it has not changed since the last time. */
bool watch_matches(struct watch *watch, const struct text *text);

#endif
