#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

bool log_wants(const struct log *log, const char *category)
{
    if (!log || !log->stream || !log->categories)
        return false;
    size_t length = strlen(category);
    for (const char *at = log->categories; *at;) {
        size_t n = strcspn(at, ",");
        if ((n == 3 && !strncmp(at, "all", 3)) || (n == length && !strncmp(at, category, n)))
            return true;
        at += n;
        if (*at)
            at++;
    }
    return false;
}

void log_line(struct log *log, const char *category, const char *format, ...)
{
    if (!log_wants(log, category))
        return;
    if (log->now)
        fprintf(log->stream, "%12" PRIu64 " ", *log->now);
    fprintf(log->stream, "%s: ", category);
    va_list args;
    va_start(args, format);
    vfprintf(log->stream, format, args);
    va_end(args);
    fputc('\n', log->stream);
}
