/* Configuration files: INI, read by libinih. Keys are the long options, in sections; see options.c. */
#include <errno.h>
#include <ini.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "machine/options.h"

struct reading {
    struct run_options *options;
    const char *folder;
    FILE *file;
    char *line; /* getline()'s buffer */
    size_t capacity;
    int number; /* of the line */
    bool failed;
    struct error *err;
};

static int take_pair(void *user, const char *section, const char *key, const char *value)
{
    struct reading *reading = user;
    if (reading->failed)
        return 1;
    if (!*section)
        reading->failed = !error_set(reading->err, "'%s' stands before any [section]", key);
    else
        reading->failed = !run_options_set(reading->options, section, key, value ? value : "",
                                           reading->folder, reading->err);
    return 1;
}

/* libinih tells of a section only with its first key: the header line of one without keys is looked at here.
 */
static bool check_header(const char *line, struct error *err)
{
    const char *end = *line == '[' ? strchr(line, ']') : NULL;
    if (!end)
        return true;
    char *section = xstrdup(line + 1);
    section[end - line - 1] = '\0';
    bool ok = run_options_check_section(section, err);
    free(section);
    return ok;
}

/* Gives libinih one line at a time. Indentation is taken away, since libinih would take an indented line for
 * the continuation of the one before; lines that do not fit its buffer are refused, since it would split
 * them. */
static char *next_line(char *buffer, int size, void *user)
{
    struct reading *reading = user;
    if (reading->failed || getline(&reading->line, &reading->capacity, reading->file) < 0)
        return NULL;
    reading->number++;
    const char *start = reading->line;
    while (*start == ' ' || *start == '\t')
        start++;
    if (strlen(start) >= (size_t)size) {
        reading->failed =
            !error_set(reading->err, "the line is longer than %d characters; shorten it", size - 2);
        return NULL;
    }
    if (!check_header(start, reading->err)) {
        reading->failed = true;
        return NULL;
    }
    strcpy(buffer, start);
    return buffer;
}

static bool read_lines(struct reading *reading, const char *path)
{
    int bad_line = ini_parse_stream(next_line, reading, take_pair, reading);
    /* libinih goes on after a line that it does not understand, so a later mistake may have been found. */
    if (bad_line && (!reading->failed || bad_line < reading->number))
        return error_set(reading->err, "%s:%d: neither [section] nor key = value", path, bad_line);
    if (reading->failed)
        return error_prefix(reading->err, "%s:%d", path, reading->number);
    if (ferror(reading->file))
        return error_set(reading->err, "%s: %s", path, strerror(errno));
    return true;
}

bool config_file_read(struct run_options *options, const char *path, struct error *err)
{
    struct stat status;
    struct reading reading = {.options = options, .err = err};
    if (!stat(path, &status) && S_ISDIR(status.st_mode))
        return error_set(err, "%s: is a folder; --config takes an INI file", path);
    reading.file = fopen(path, "r");
    if (!reading.file)
        return error_set(err, "%s: %s; check the name given to --config", path, strerror(errno));
    char *copy = xstrdup(path);
    reading.folder = dirname(copy);
    bool ok = read_lines(&reading, path);
    free(copy);
    free(reading.line);
    fclose(reading.file);
    return ok;
}
