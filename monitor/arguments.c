#include "monitor/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/condition.h"
#include "monitor/event.h"
#include "monitor/expression.h"
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

/* --- Lines that run later
 * -----------------------------------------------------------------------------------
 */

static bool check_number(const char *text, const char **end, struct error *err)
{
    uint64_t value;
    return expression_number(NULL, text + (*text == '+'), end, &value, err);
}

static bool check_address(const char *text, const char **end, struct error *err)
{
    struct address address;
    if (*text == '+') /* gdb: so many bytes more */
        return check_number(text, end, err);
    return expression_physical(NULL, text, end, &address, err);
}

/* All that follows. */
static bool check_condition(const char *text, const char **end, struct error *err)
{
    if (!strncmp(text, "if ", 3))
        text += 3;
    struct condition *condition = condition_create(text, event_variables_none, err);
    condition_free(condition);
    if (end)
        *end = "";
    return condition;
}

static bool check_file(const char *text, const char **end, struct error *err)
{
    char *path = argument_file(text, end ? end : &text, err);
    free(path);
    return path;
}

/* Numbers and "texts". */
static bool check_values(const char *text, const char **end, struct error *err)
{
    if (end)
        *end = "";
    while (*text) {
        size_t length = *text == '"' || *text == '\'' ? strcspn(text + 1, (char[2]){*text, 0}) : 0;
        if (length && text[length + 1])
            text += length + 2;
        else if (!check_number(text, &text, err))
            return false;
        text += strspn(text, " \t");
    }
    return true;
}

typedef bool check_fn(const char *text, const char **end, struct error *err);

static check_fn *check_of(const char *word, size_t length)
{
    static const struct {
        const char *words; /* of the help, with blanks around */
        check_fn *check;
    } kinds[] = {{" N COUNT LENGTH WORDS DEPTH SIZE VALUE FIRST FROM TO SELECTOR ", check_number},
                 {" ADDRESS END ", check_address},
                 {" EXPRESSION CONDITION ", check_condition},
                 {" VALUES ", check_values},
                 {" FILE ", check_file}};
    char padded[32];
    snprintf(padded, sizeof padded, " %.*s ", (int)length, word);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strstr(kinds[i].words, padded))
            return kinds[i].check;
    return NULL;
}

bool arguments_check_words(const struct monitor_command *row, const char *arguments, struct error *err)
{
    const char *help = row->arguments;
    if (!strncmp(help, "[/", 2)) /* the format */
        help += strcspn(help, "]") + 1;
    while (*arguments) {
        help += strspn(help, " [");
        size_t length = strcspn(help, " []");
        check_fn *check = check_of(help, length);
        help += length + strspn(help + length, "]");
        if (!check)
            return true;
        if (!check(arguments, *help ? &arguments : NULL, err))
            return false;
        if (!*help)
            return true;
    }
    return true;
}

static bool check_display(const char *format, const char *arguments, struct error *err)
{
    struct error unused;
    return (!*format && find_monitor_command(arguments, strcspn(arguments, " \t/"), &unused)) ||
           !*arguments || check_condition(arguments, NULL, err);
}

static bool check_print(const char *arguments, struct error *err)
{
    bool segmented = strchr(arguments, ':') && !strchr(arguments, '[');
    return segmented ? check_address(arguments, NULL, err) : check_condition(arguments, NULL, err);
}

static bool sets_breakpoint(const struct monitor_command *row)
{
    static command_fn *const commands[] = {command_break,  command_tbreak, command_pbreak, command_watch,
                                           command_rwatch, command_awatch, command_modebp};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (row->run == commands[i])
            return true;
    return false;
}

/* These have forms of other debuggers that their help does not tell; they check them when they run. */
static bool has_other_forms(const struct monitor_command *row)
{
    return row->run == command_disassemble || row->run == command_dump || row->run == command_backtrace;
}

static bool check_format(const struct monitor_command *row, const char *format, struct error *err)
{
    if (!*format || row->run == command_disassemble || row->run == command_stack)
        return true;
    if (row->run == command_print || !strcmp(row->name, "p"))
        return print_format_fits(format, err);
    return strstr(row->arguments, "FMT") ? look_format_fits(format, err) : access_format_fits(format, err);
}

bool arguments_check_line(struct monitor *monitor, const char *line, struct error *err)
{
    char format[FORMAT_SIZE];
    const char *arguments;
    if (!*line || *line == '#')
        return true;
    const struct monitor_command *row = split_line(line, format, &arguments, err);
    if (!row || !check_format(row, format, err))
        return false;
    if (row->run == command_info)
        return info_check(monitor, arguments, err);
    if (row->run == command_set)
        return set_check(arguments, err);
    if (row->run == command_display)
        return check_display(format, arguments, err);
    if (row->run == command_print || (!strcmp(row->name, "p") && *arguments))
        return check_print(arguments, err);
    if (sets_breakpoint(row)) {
        struct monitor nowhere = *monitor;
        nowhere.machine = NULL;
        return row->run(&nowhere, format, arguments, err) == MONITOR_DONE;
    }
    if (row->run == command_step || row->run == command_next)
        arguments = skip_processor(arguments);
    return has_other_forms(row) || arguments_check_words(row, arguments, err);
}
