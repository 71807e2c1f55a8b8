/* Memory in the usual formats: x, xp, strings, dumps with text at the side. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cpu/softfloat80.h"
#include "monitor/expression.h"
#include "monitor/float_text.h"
#include "monitor/monitor_private.h"
#include "monitor/number_text.h"
#include "monitor/target.h"

#define COUNT_MAX     65536
#define EXTENDED_SIZE 10

struct look {
    unsigned count;
    char format;   /* x d u o t c f s i m */
    unsigned size; /* bytes */
    bool physical;
};

/* "16xb": count, format and size, the letters in any order. */
static bool parse_look(const char *format, struct look *out, struct error *err)
{
    *out = (struct look){.count = 1, .format = 'x', .size = 4};
    bool counted = isdigit((unsigned char)*format), sized = false;
    if (counted) {
        char *end;
        unsigned long count = strtoul(format, &end, 10);
        if (!count || count > COUNT_MAX)
            return error_set(err, "/%s: a count from 1 to %d, please", format, COUNT_MAX);
        out->count = (unsigned)count;
        format = end;
    }
    for (; *format; format++) {
        static const char sizes[] = "bhwg";
        const char *size = strchr(sizes, *format);
        sized |= size || *format == 'e';
        if (size)
            out->size = 1u << (size - sizes);
        else if (*format == 'e')
            out->size = EXTENDED_SIZE;
        else if (*format == 'p')
            out->physical = true;
        else if (*format == 'm' || (strchr("xduotcsfiaz", *format) && out->format != 'm'))
            out->format = *format;
        else if (!strchr("xduotcsfiaz", *format))
            return error_set(err, "/...%c: a count, one of x d u o t c f s i m, one of b h w g e, and p",
                             *format);
    }
    if (out->format == 'c' || out->format == 'm')
        out->size = sized && out->format == 'm' ? out->size : 1;
    if (out->format == 'm' && !counted)
        out->count = 128 / out->size;
    if (out->format == 'f' && out->size < 4)
        return error_set(err, "/f: floating point has the sizes w, g and e");
    if (out->size == EXTENDED_SIZE && out->format != 'f' && out->format != 'x')
        return error_set(err, "/%ce: the size e is for f and x alone", out->format);
    return true;
}

bool look_format_fits(const char *format, struct error *err)
{
    struct look look;
    return parse_look(format, &look, err);
}

/* --- Units ------------------------------------------------------------------------------------------------
 */

static uint64_t unit_value(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    for (unsigned k = size < 8 ? size : 8; k-- > 0;)
        value = value << 8 | bytes[k];
    return value;
}

static void print_float(FILE *out, const uint8_t *bytes, unsigned size)
{
    struct float80_env env = {.masks = FLOAT80_ALL_EXCEPTIONS, .precision = FLOAT80_EXTENDED};
    uint64_t low = unit_value(bytes, size);
    char text[64];
    struct float80 value = size == 4   ? float80_from_single(&env, (uint32_t)low)
                           : size == 8 ? float80_from_double(&env, low)
                                       : (struct float80){low, (uint16_t)(bytes[8] | bytes[9] << 8)};
    float80_text(value, text, sizeof text);
    fprintf(out, " %s", text);
}

static void print_unit(FILE *out, const struct look *look, const uint8_t *bytes)
{
    uint64_t value = unit_value(bytes, look->size);
    if (look->format == 'f') {
        print_float(out, bytes, look->size);
        return;
    }
    if (look->size == EXTENDED_SIZE) {
        fprintf(out, " 0x%02x%02x%016" PRIx64, bytes[9], bytes[8], value);
        return;
    }
    fputc(' ', out);
    if (look->format == 'c')
        fprintf(out, value >= ' ' && value <= '~' ? "'%c'" : "%02x ", (int)value);
    else if (!print_number(out, look->format, value, look->size * 8, true))
        print_number(out, 'x', value, look->size * 8, true);
}

size_t monitor_peek(struct monitor *monitor, bool physical, uint64_t address, void *buffer, size_t count)
{
    if (!physical)
        return target_peek(monitor->machine, address, buffer, count);
    return target_peek_physical(monitor->machine, address, buffer,
                                target_there(monitor->machine, address, count));
}

/* Where a line begins: as SEGMENT:OFFSET where the user said it so. */
static void print_line_address(struct monitor *monitor, uint64_t at)
{
    const struct place *place = &monitor->look_place;
    if (place->segmented)
        fprintf(monitor->out, "%04x:%0*" PRIx64 ":", place->selector, at - place->base > 0xFFFF ? 8 : 4,
                at - place->base);
    else
        fprintf(monitor->out, "%08" PRIx64 ":", at);
}

bool no_memory_at(uint64_t at, bool physical, struct error *err)
{
    if (physical)
        return error_set(err, "physical %09" PRIx64 ": nothing is there; info map shows what is", at);
    if (at > UINT32_MAX)
        return error_set(err, "linear addresses end at 0xffffffff");
    return error_set(err, "%08" PRIx64 ": no memory there; page 0x%" PRIx64 " tells why", at, at);
}

static bool show_units(struct monitor *monitor, const struct look *look, struct error *err)
{
    unsigned per_line = look->size >= 8 ? 2 : look->size == 4 ? 4 : 8;
    for (unsigned i = 0; i < look->count; i++) {
        uint8_t bytes[EXTENDED_SIZE];
        uint64_t at = monitor->next_look;
        if (monitor_peek(monitor, look->physical, at, bytes, look->size) != look->size) {
            if (i % per_line)
                fputc('\n', monitor->out);
            return no_memory_at(at, look->physical, err);
        }
        if (i % per_line == 0)
            print_line_address(monitor, at);
        print_unit(monitor->out, look, bytes);
        if (i % per_line == per_line - 1 || i + 1 == look->count)
            fputc('\n', monitor->out);
        monitor->next_look = at + look->size;
    }
    return true;
}

/* --- Dumps and strings ------------------------------------------------------------------------------------
 */

static void print_dump_line(struct monitor *monitor, const uint8_t *bytes, unsigned count, unsigned size)
{
    print_line_address(monitor, monitor->next_look);
    int column = 0;
    for (unsigned i = 0; i < count; i += size) {
        column += fprintf(monitor->out, size == 1 && i == 8 ? "  " : " ");
        column += fprintf(monitor->out, "%0*" PRIx64, (int)size * 2, unit_value(bytes + i, size));
    }
    int width = size == 1 ? 49 : 16 / (int)size * ((int)size * 2 + 1);
    fprintf(monitor->out, "%*s  ", width - column, "");
    for (unsigned i = 0; i < count; i++)
        fputc(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.', monitor->out);
    fputc('\n', monitor->out);
}

static bool show_dump(struct monitor *monitor, const struct look *look, struct error *err)
{
    uint64_t left = (uint64_t)look->count * look->size;
    while (left) {
        uint8_t bytes[16];
        unsigned wanted = left < 16 ? (unsigned)left : 16;
        size_t got = monitor_peek(monitor, look->physical, monitor->next_look, bytes, wanted);
        got -= got % look->size;
        if (got)
            print_dump_line(monitor, bytes, (unsigned)got, look->size);
        monitor->next_look += got;
        if (got < wanted)
            return no_memory_at(monitor->next_look, look->physical, err);
        left -= got;
    }
    return true;
}

static bool show_string(struct monitor *monitor, bool physical, struct error *err)
{
    uint8_t byte;
    uint64_t at = monitor->next_look;
    if (!monitor_peek(monitor, physical, at, &byte, 1))
        return no_memory_at(at, physical, err);
    print_line_address(monitor, at);
    fputs(" \"", monitor->out);
    for (unsigned i = 0; i < 256 && monitor_peek(monitor, physical, at, &byte, 1) && byte; i++, at++)
        fprintf(monitor->out, byte >= ' ' && byte <= '~' ? "%c" : "\\x%02x", byte);
    fputs("\"\n", monitor->out);
    monitor->next_look = at + 1;
    return true;
}

static bool show_strings(struct monitor *monitor, const struct look *look, struct error *err)
{
    for (unsigned i = 0; i < look->count; i++)
        if (!show_string(monitor, look->physical, err))
            return false;
    return true;
}

/* --- Commands ---------------------------------------------------------------------------------------------
 */

bool monitor_place(struct monitor *monitor, bool physical, const char *arguments, const char **end,
                   struct error *err)
{
    struct address address;
    if (!(physical ? expression_physical : expression_address)(monitor->machine, arguments, end, &address,
                                                               err))
        return false;
    monitor->next_look = address.linear;
    monitor->look_place = (struct place){.segmented = address.segmented,
                                         .selector = address.selector,
                                         .base = address.linear - address.offset};
    return true;
}

static enum monitor_result examine(struct monitor *monitor, const char *format, const char *arguments,
                                   bool physical, struct error *err)
{
    struct look look;
    bool ok;
    if (!parse_look(*format ? format : monitor->look, &look, err))
        return MONITOR_FAILED;
    look.physical |= physical;
    if (*arguments && !monitor_place(monitor, look.physical, arguments, NULL, err))
        return MONITOR_FAILED;
    if (*format) /* a good one is kept for the next time */
        snprintf(monitor->look, sizeof monitor->look, "%s", format);
    switch (look.format) {
    case 'i':
        ok = show_instructions(monitor, look.physical, look.count, err);
        break;
    case 's':
        ok = show_strings(monitor, &look, err);
        break;
    case 'm':
        ok = show_dump(monitor, &look, err);
        break;
    default:
        ok = show_units(monitor, &look, err);
        break;
    }
    return ok ? MONITOR_DONE : MONITOR_FAILED;
}

enum monitor_result command_examine(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    return examine(monitor, format, arguments, false, err);
}

enum monitor_result command_examine_physical(struct monitor *monitor, const char *format,
                                             const char *arguments, struct error *err)
{
    return examine(monitor, format, arguments, true, err);
}

/* dump[/FMT] ADDRESS [LENGTH]: bytes with their text. */
enum monitor_result command_dump(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    struct look look;
    char with_m[FORMAT_SIZE + 1];
    const char *rest = arguments;
    uint64_t length;
    static const char *const to_file[] = {"memory ", "binary memory "};
    for (size_t i = 0; i < sizeof to_file / sizeof *to_file; i++)
        if (!strncmp(arguments, to_file[i], strlen(to_file[i])))
            return dump_to_file(monitor, arguments + strlen(to_file[i]), err);
    snprintf(with_m, sizeof with_m, "%sm", format);
    if (!parse_look(with_m, &look, err) ||
        (*arguments && !monitor_place(monitor, look.physical, arguments, &rest, err)))
        return MONITOR_FAILED;
    if (*rest) {
        if (!expression_number(monitor->machine, rest, NULL, &length, err))
            return MONITOR_FAILED;
        if (!length || length > COUNT_MAX) {
            error_set(err, "dump: a length from 1 to %d bytes, please", COUNT_MAX);
            return MONITOR_FAILED;
        }
        look.count = (unsigned)(length + look.size - 1) / look.size;
    }
    return show_dump(monitor, &look, err) ? MONITOR_DONE : MONITOR_FAILED;
}

/* Bochs: print-string ADDRESS. */
enum monitor_result command_print_string(struct monitor *monitor, const char *format, const char *arguments,
                                         struct error *err)
{
    if (*arguments && !monitor_place(monitor, *format == 'p', arguments, NULL, err))
        return MONITOR_FAILED;
    return show_string(monitor, *format == 'p', err) ? MONITOR_DONE : MONITOR_FAILED;
}

/* Bochs: crc FIRST LAST, of physical memory; LAST is not part of it. */
enum monitor_result command_crc(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format;
    uint64_t first, last;
    const char *rest;
    if (!expression_number(monitor->machine, arguments, &rest, &first, err) ||
        !expression_number(monitor->machine, rest, NULL, &last, err))
        return MONITOR_FAILED;
    if (last <= first || last - first > 1ull << 32) {
        error_set(err, "crc: the second address is that behind the last byte, at most 4 GB on");
        return MONITOR_FAILED;
    }
    uLong crc = crc32(0, NULL, 0);
    for (uint64_t at = first; at < last;) {
        uint8_t bytes[4096];
        size_t part = last - at < sizeof bytes ? (size_t)(last - at) : sizeof bytes;
        size_t got = monitor_peek(monitor, true, at, bytes, part);
        if (got != part) {
            no_memory_at(at + got, true, err);
            return MONITOR_FAILED;
        }
        crc = crc32(crc, bytes, (uInt)part);
        at += part;
    }
    fprintf(monitor->out, "CRC32 of %08" PRIx64 "-%08" PRIx64 ": %08lx\n", first, last - 1, crc);
    return MONITOR_DONE;
}

/* Bochs: deref ADDRESS DEPTH, pointer by pointer. */
enum monitor_result command_deref(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    struct cpu_registers r;
    struct address address;
    uint64_t depth = 1;
    const char *rest;
    if (!expression_address(monitor->machine, arguments, &rest, &address, err) ||
        (*rest && !expression_number(monitor->machine, rest, NULL, &depth, err)))
        return MONITOR_FAILED;
    if (!depth || depth > 64) {
        error_set(err, "deref: a depth from 1 to 64, please");
        return MONITOR_FAILED;
    }
    target_registers(monitor->machine, &r);
    unsigned size = target_code_bits(&r) / 8;
    uint64_t at = address.linear;
    for (uint64_t i = 0; i < depth; i++) {
        uint64_t value = 0;
        if (target_peek(monitor->machine, at, &value, size) != size) {
            no_memory_at(at, false, err);
            return MONITOR_FAILED;
        }
        fprintf(monitor->out, "%08" PRIx64 " -> %0*" PRIx64 "\n", at, (int)size * 2, value);
        at = value;
    }
    return MONITOR_DONE;
}
