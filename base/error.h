/* One-line error messages that travel up to whoever talks to the user.
 *
 * A function that can fail for a reason outside the program returns false (or NULL) and fills the
 * `struct error` that it was handed. The text is one line, names the culprit (file, option, line) and
 * the mend, and has no trailing newline. */
#ifndef TICK86_BASE_ERROR_H
#define TICK86_BASE_ERROR_H

#include <stdbool.h>

#define ERROR_TEXT_SIZE 1024

struct error {
    char text[ERROR_TEXT_SIZE];
};

/* Fills ERR (which may be NULL) and returns false, so that callers can `return error_set(err, ...)`. */
bool error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "PREFIX: " before the text that ERR holds; returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
