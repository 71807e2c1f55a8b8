#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void reserve(struct text *text, size_t extra)
{
    size_t need = text->length + extra + 1;
    if (need <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    text->chars = xrealloc(text->chars, capacity);
    text->capacity = capacity;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n > 0) {
        reserve(text, (size_t)n);
        vsnprintf(text->chars + text->length, (size_t)n + 1, format, again);
        text->length += (size_t)n;
    }
    va_end(again);
}

void text_add_bytes(struct text *text, const void *bytes, size_t count)
{
    reserve(text, count);
    memcpy(text->chars + text->length, bytes, count);
    text->length += count;
    text->chars[text->length] = 0;
}

void text_add_rune(struct text *text, uint32_t rune)
{
    char utf8[4];
    size_t n;
    if (rune < 0x80) {
        utf8[0] = (char)rune;
        n = 1;
    } else if (rune < 0x800) {
        utf8[0] = (char)(0xC0 | rune >> 6);
        utf8[1] = (char)(0x80 | (rune & 0x3F));
        n = 2;
    } else if (rune < 0x10000) {
        utf8[0] = (char)(0xE0 | rune >> 12);
        utf8[1] = (char)(0x80 | (rune >> 6 & 0x3F));
        utf8[2] = (char)(0x80 | (rune & 0x3F));
        n = 3;
    } else {
        utf8[0] = (char)(0xF0 | rune >> 18);
        utf8[1] = (char)(0x80 | (rune >> 12 & 0x3F));
        utf8[2] = (char)(0x80 | (rune >> 6 & 0x3F));
        utf8[3] = (char)(0x80 | (rune & 0x3F));
        n = 4;
    }
    text_add_bytes(text, utf8, n);
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->chars)
        text->chars[0] = 0;
}

const char *text_chars(const struct text *text)
{
    return text->chars ? text->chars : "";
}

void text_free(struct text *text)
{
    free(text->chars);
    *text = (struct text){0};
}
