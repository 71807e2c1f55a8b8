#include "monitor/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/monitor_private.h"

char *argument_file(const char *text, const char **end, struct error *err)
{
    char quote = *text == '"' || *text == '\'' ? *text : 0;
    const char *start = text + (quote != 0);
    size_t length = quote ? strcspn(start, (char[2]){quote, 0}) : strcspn(start, " \t");
    const char *after = start + length;
    if (quote && *after != quote) {
        error_set(err, "a %c is missing at the end of %s", quote, text);
        return NULL;
    }
    after += quote != 0;
    if (*after && !strchr(" \t", *after)) {
        error_set(err, "a blank is missing between %.*s and %s", (int)(after - text), text, after);
        return NULL;
    }
    if (!length) {
        error_set(err, quote ? "the name of the file is empty; name one" : "name a file");
        return NULL;
    }
    char *path = xcalloc(length + 1, 1);
    memcpy(path, start, length);
    *end = after + strspn(after, " \t");
    return path;
}

char *argument_last_file(const char *text, struct error *err)
{
    const char *rest;
    if (*text && *text != '"' && *text != '\'')
        return xstrdup(text);
    char *path = argument_file(text, &rest, err);
    if (!path || !*rest)
        return path;
    error_set(err, "nothing may follow the file %.*s; leave '%s' out",
              (int)strcspn(text + 1, (char[2]){*text, 0}) + 2, text, rest);
    free(path);
    return NULL;
}

/* How many words HELP has outside of brackets, dots left out: so many must be given. */
static unsigned words_needed(const char *help)
{
    unsigned count = 0, depth = 0;
    for (const char *at = help; *at; at++) {
        bool begins = at == help || at[-1] == ' ';
        depth += *at == '[';
        count += begins && !depth && *at != '.';
        depth -= *at == ']';
    }
    return count;
}

/* Commas are between arguments too, as gdb has them. */
static unsigned words_given(const char *text)
{
    unsigned count = 0;
    for (const char *at = text + strspn(text, " \t,"); *at; at += strspn(at, " \t,")) {
        at += strcspn(at, " \t,");
        count++;
    }
    return count;
}

bool arguments_fit(const struct monitor_command *row, const char *before, const char *format,
                   const char *arguments, struct error *err)
{
    if (*format && !strchr(row->arguments, '/'))
        return error_set(err, "%s%s has no format; leave /%s out", before, row->name, format);
    if (!*row->arguments && *arguments)
        return error_set(err, "nothing follows %s%s; leave '%s' out", before, row->name, arguments);
    return words_given(arguments) >= words_needed(row->arguments) ||
           error_set(err, "%s%s%s%s: something is missing; say %s%s %s: %s", before, row->name,
                     *arguments ? " " : "", arguments, before, row->name, row->arguments, row->help);
}
