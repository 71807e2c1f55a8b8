/* What may follow a command's name: the form that its row of the table tells, and names of files. */
#ifndef TICK86_MONITOR_ARGUMENTS_H
#define TICK86_MONITOR_ARGUMENTS_H

#include <stdbool.h>

#include "base/error.h"

struct monitor;
struct monitor_command; /* monitor/monitor_private.h */

/* Takes a file's name from TEXT: a word, or anything in 'quotes' or "quotes". *END: what follows, blanks
 * skipped. The caller frees it. NULL with ERR: there is none, or a quote is missing. */
char *argument_file(const char *text, const char **end, struct error *err);
/* Where nothing may follow: all of TEXT, or what is in its quotes. */
char *argument_last_file(const char *text, struct error *err);

/* Does ROW take a /FORMAT, anything at all, or as little as is given? BEFORE stands before its name in
 * messages: "" or "info ". False with ERR. */
bool arguments_fit(const struct monitor_command *row, const char *before, const char *format,
                   const char *arguments, struct error *err);

/* Is LINE a command that could run at some time, as far as can be told without running it? False with ERR. */
bool arguments_check_line(struct monitor *monitor, const char *line, struct error *err);
/* As arguments_check_line(), for a command that takes no special forms; the words of its help say what
 * follows: ADDRESS, N, EXPRESSION and so on. */
bool arguments_check_words(const struct monitor_command *row, const char *arguments, struct error *err);

#endif
