#include "gui/watch.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct watch {
    regex_t regex;
    struct text last; /* what did not match the last time */
};

struct watch *watch_create(const char *pattern)
{
    if (!pattern)
        return NULL;
    struct watch *watch = xcalloc(1, sizeof *watch);
    if (regcomp(&watch->regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB)) {
        free(watch);
        return NULL;
    }
    return watch;
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    regfree(&watch->regex);
    text_free(&watch->last);
    free(watch);
}

bool watch_matches(struct watch *watch, const struct text *text)
{
    if (watch->last.length == text->length &&
        !memcmp(text_chars(&watch->last), text_chars(text), text->length))
        return false;
    if (!regexec(&watch->regex, text_chars(text), 0, NULL, 0))
        return true;
    text_clear(&watch->last);
    text_add_bytes(&watch->last, text_chars(text), text->length);
    return false;
}
