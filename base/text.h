/* A growing piece of text: what devices print themselves into for the monitor, what screens become. */
#ifndef TICK86_BASE_TEXT_H
#define TICK86_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *chars; /* always NUL-terminated once anything was added; NULL before */
    size_t length;
    size_t capacity;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const void *bytes, size_t count);
/* Appends a Unicode code point as UTF-8. */
void text_add_rune(struct text *text, uint32_t rune);
void text_clear(struct text *text);
/* The characters; "" where nothing was added. */
const char *text_chars(const struct text *text);
void text_free(struct text *text);

#endif
