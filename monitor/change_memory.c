/* Memory: search, fill, write, load from and save to files. The letter p in the format: physical addresses.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/arguments.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/poke.h"
#include "monitor/target.h"

#define PATTERN_MAX 256
#define FIND_MAX    64 /* hits that find shows unless told otherwise */
#define CHUNK       4096u
#define FILE_CHUNK  (1u << 20)

struct access {
    unsigned size; /* bytes of a unit */
    bool physical;
    unsigned limit; /* a number in the format, 0: none */
};

static bool parse_access(const char *format, struct access *out, struct error *err)
{
    *out = (struct access){.size = 1};
    for (; *format; format++) {
        static const char sizes[] = "bhwg";
        const char *size = strchr(sizes, *format);
        if (size)
            out->size = 1u << (size - sizes);
        else if (*format == 'p')
            out->physical = true;
        else if (isdigit((unsigned char)*format) && out->limit < 1000000)
            out->limit = out->limit * 10 + (unsigned)(*format - '0');
        else
            return error_set(err, "/...%c: one of b h w g, and p for physical addresses", *format);
    }
    return true;
}

bool access_format_fits(const char *format, struct error *err)
{
    struct access access;
    return parse_access(format, &access, err);
}

static size_t poke(struct monitor *monitor, bool physical, uint64_t address, const void *bytes, size_t count)
{
    return physical ? target_poke_physical(monitor->machine, address, bytes, count)
                    : target_poke(monitor->machine, address, bytes, count);
}

/* Before anything is written: all of it can be. */
static bool can_poke(struct monitor *monitor, bool physical, uint64_t address, uint64_t count,
                     struct error *err)
{
    uint64_t done = target_pokeable(monitor->machine, physical, address, count);
    if (done == count)
        return true;
    if (!physical && address + done > UINT32_MAX)
        return error_set(err, "linear addresses end at 0xffffffff; nothing was written");
    return error_set(err,
                     "%08" PRIx64 ": cannot be written: not mapped, or read-only memory; nothing was written",
                     address + done);
}

static bool poke_all(struct monitor *monitor, bool physical, uint64_t address, const void *bytes,
                     size_t count, struct error *err)
{
    if (!can_poke(monitor, physical, address, count, err))
        return false;
    poke(monitor, physical, address, bytes, count);
    return true;
}

/* --- Arguments --------------------------------------------------------------------------------------------
 */

static bool add_text(const char **at, uint8_t *pattern, size_t *length, struct error *err)
{
    char quote = *(*at)++;
    for (; **at && **at != quote; (*at)++) {
        if (*length == PATTERN_MAX)
            return error_set(err, "more than %d bytes; give fewer", PATTERN_MAX);
        pattern[(*length)++] = (uint8_t) * *at;
    }
    if (!**at)
        return error_set(err, "a %c is missing at the end of the text", quote);
    (*at)++;
    *at += strspn(*at, " \t");
    return true;
}

/* Values of SIZE bytes, low byte first, and "texts". */
static bool parse_pattern(struct monitor *monitor, const char *text, unsigned size, uint8_t *pattern,
                          size_t *length, struct error *err)
{
    *length = 0;
    if (!*text)
        return error_set(err, "say which bytes: numbers, or \"text\"");
    while (*text) {
        uint64_t value;
        if (*text == '"' || *text == '\'') {
            if (!add_text(&text, pattern, length, err))
                return false;
            continue;
        }
        if (!expression_number(monitor->machine, text, &text, &value, err))
            return false;
        if (size < 8 && value >> 8 * size && (int64_t)value >> (8 * size - 1) != -1)
            return error_set(err, "0x%" PRIx64 " does not fit into %u byte%s", value, size,
                             size == 1 ? "" : "s");
        for (unsigned i = 0; i < size; i++) {
            if (*length == PATTERN_MAX)
                return error_set(err, "more than %d bytes; give fewer", PATTERN_MAX);
            pattern[(*length)++] = (uint8_t)(value >> 8 * i);
        }
    }
    return *length || error_set(err, "the text is empty; say which bytes");
}

static bool parse_address(struct monitor *monitor, bool physical, const char *text, const char **end,
                          struct address *out, struct error *err)
{
    return (physical ? expression_physical : expression_address)(monitor->machine, text, end, out, err);
}

/* ADDRESS LENGTH, ADDRESS, +LENGTH, or ADDRESS, LAST as gdb has them. */
static bool parse_range(struct monitor *monitor, bool physical, const char *text, const char **end,
                        uint64_t *address, uint64_t *length, struct error *err)
{
    struct address first, last;
    if (!parse_address(monitor, physical, text, end, &first, err))
        return false;
    *address = first.linear;
    if (!**end)
        return error_set(err, "say how many bytes after the address");
    bool comma = memchr(text, ',', (size_t)(*end - text));
    if (comma && **end != '+') {
        if (!parse_address(monitor, physical, *end, end, &last, err))
            return false;
        *length = last.linear - first.linear + 1;
        return last.linear >= first.linear || error_set(err, "the end comes before the beginning");
    }
    if (!expression_number(monitor->machine, *end + (**end == '+'), end, length, err))
        return false;
    return (*length && *length <= 1ull << 36) || error_set(err, "a length of at least one byte, please");
}

/* --- Search -----------------------------------------------------------------------------------------------
 */

struct search {
    const uint8_t *pattern;
    size_t length;
    unsigned hits, limit;
    uint64_t last;
    bool seen; /* there was memory to look at */
};

static void print_hit(struct monitor *monitor, uint64_t at)
{
    fprintf(monitor->out, "%08" PRIx64 "\n", at);
}

/* The pattern in BYTES, which lie at AT; hits that begin before FRESH were told already. */
static void search_bytes(struct monitor *monitor, struct search *search, const uint8_t *bytes, size_t count,
                         uint64_t at)
{
    const uint8_t *next = bytes, *hit;
    while (count >= search->length && search->hits < search->limit &&
           (hit = memchr(next, search->pattern[0], (size_t)(bytes + count - search->length + 1 - next)))) {
        next = hit + 1;
        if (memcmp(hit, search->pattern, search->length))
            continue;
        search->last = at + (uint64_t)(hit - bytes);
        print_hit(monitor, search->last);
        search->hits++;
    }
}

/* Page by page, each with the beginning of the next one, so that patterns may lie across. */
static void search_range(struct monitor *monitor, struct search *search, bool physical, uint64_t address,
                         uint64_t length)
{
    uint8_t bytes[CHUNK + PATTERN_MAX];
    uint64_t end = address + length;
    while (address < end && search->hits < search->limit) {
        uint64_t here = CHUNK - (address & (CHUNK - 1));
        if (here > end - address)
            here = end - address;
        uint64_t wanted = here + search->length - 1;
        if (wanted > end - address)
            wanted = end - address;
        size_t got = monitor_peek(monitor, physical, address, bytes, (size_t)wanted);
        search->seen |= got > 0;
        search_bytes(monitor, search, bytes, got, address);
        address += here;
    }
}

enum monitor_result command_find(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    struct access access;
    uint8_t pattern[PATTERN_MAX];
    uint64_t address, length;
    struct search search = {.pattern = pattern};
    const char *rest;
    if (!parse_access(format, &access, err) ||
        !parse_range(monitor, access.physical, arguments, &rest, &address, &length, err) ||
        !parse_pattern(monitor, rest, access.size, pattern, &search.length, err))
        return MONITOR_FAILED;
    search.limit = access.limit ? access.limit : FIND_MAX;
    search_range(monitor, &search, access.physical, address, length);
    if (!search.seen) {
        no_memory_at(address, access.physical, err);
        return MONITOR_FAILED;
    }
    if (!search.hits)
        fputs("not found\n", monitor->out);
    else if (search.hits == search.limit)
        fprintf(monitor->out, "%u found; there may be more\n", search.hits);
    else
        fprintf(monitor->out, "%u found\n", search.hits);
    if (search.hits)
        monitor->next_look = search.last;
    return MONITOR_DONE;
}

/* --- Writing ----------------------------------------------------------------------------------------------
 */

enum monitor_result command_write(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    struct access access;
    struct address address;
    uint8_t bytes[PATTERN_MAX];
    size_t length;
    const char *rest;
    if (!parse_access(format, &access, err) ||
        !parse_address(monitor, access.physical, arguments, &rest, &address, err))
        return MONITOR_FAILED;
    rest += *rest == '=';
    rest += strspn(rest, " \t");
    if (!parse_pattern(monitor, rest, access.size, bytes, &length, err) ||
        !poke_all(monitor, access.physical, address.linear, bytes, length, err))
        return MONITOR_FAILED;
    return MONITOR_DONE;
}

/* Bochs: setpmem ADDRESS SIZE VALUE. */
enum monitor_result command_setpmem(struct monitor *monitor, const char *format, const char *arguments,
                                    struct error *err)
{
    (void)format;
    uint64_t address, size, value;
    const char *rest = arguments;
    if (!expression_number(monitor->machine, rest, &rest, &address, err) ||
        !expression_number(monitor->machine, rest, &rest, &size, err) ||
        !expression_number(monitor->machine, rest, NULL, &value, err))
        return MONITOR_FAILED;
    if (size != 1 && size != 2 && size != 4) {
        error_set(err, "setpmem: the size is 1, 2 or 4 bytes");
        return MONITOR_FAILED;
    }
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 24)};
    return poke_all(monitor, true, address, bytes, (size_t)size, err) ? MONITOR_DONE : MONITOR_FAILED;
}

enum monitor_result command_fill(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    struct access access;
    uint8_t pattern[PATTERN_MAX];
    uint64_t address, length;
    size_t pattern_length;
    const char *rest;
    if (!parse_access(format, &access, err) ||
        !parse_range(monitor, access.physical, arguments, &rest, &address, &length, err) ||
        !parse_pattern(monitor, rest, access.size, pattern, &pattern_length, err))
        return MONITOR_FAILED;
    uint8_t chunk[CHUNK];
    size_t whole = CHUNK - CHUNK % pattern_length;
    if (!can_poke(monitor, access.physical, address, length, err))
        return MONITOR_FAILED;
    for (size_t i = 0; i < whole; i++)
        chunk[i] = pattern[i % pattern_length];
    while (length) {
        size_t part = length < whole ? (size_t)length : whole;
        poke(monitor, access.physical, address, chunk, part);
        address += part;
        length -= part;
    }
    return MONITOR_DONE;
}

/* --- Files ------------------------------------------------------------------------------------------------
 */

static FILE *open_file(const char *path, const char *mode, struct error *err)
{
    FILE *file = fopen(path, mode);
    if (!file)
        error_set(err, "%s: %s; choose another file", path, strerror(errno));
    return file;
}

/* All that is in FILE, at most as much as there are physical addresses. False with ERR. */
static bool read_all(FILE *file, const char *path, uint8_t **bytes, size_t *count, struct error *err)
{
    size_t got;
    *bytes = NULL;
    *count = 0;
    do {
        *bytes = xrealloc(*bytes, *count + FILE_CHUNK);
        got = fread(*bytes + *count, 1, FILE_CHUNK, file);
        *count += got;
    } while (got && *count <= UINT32_MAX);
    if (ferror(file))
        return error_set(err, "%s: %s; choose another file", path, strerror(errno));
    return *count <= UINT32_MAX || error_set(err, "%s: larger than 4 GB; choose another file", path);
}

/* All or nothing. */
static bool load_file(struct monitor *monitor, const char *path, bool physical, uint64_t address,
                      struct error *err)
{
    uint8_t *bytes;
    size_t count;
    FILE *file = open_file(path, "rb", err);
    if (!file)
        return false;
    bool ok =
        read_all(file, path, &bytes, &count, err) && poke_all(monitor, physical, address, bytes, count, err);
    fclose(file);
    free(bytes);
    if (ok)
        fprintf(monitor->out, "%zu byte%s loaded at %08" PRIx64 "\n", count, count == 1 ? "" : "s", address);
    return ok;
}

/* gdb has the word binary between file and address. */
enum monitor_result command_load(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    struct access access;
    struct address address;
    const char *rest = "";
    char *path = argument_file(arguments, &rest, err);
    if (!strncmp(rest, "binary ", 7))
        rest += 7 + strspn(rest + 7, " \t");
    bool ok = path && parse_access(format, &access, err) &&
              (*rest || error_set(err, "say which address follows %s", path)) &&
              parse_address(monitor, access.physical, rest, NULL, &address, err) &&
              load_file(monitor, path, access.physical, address.linear, err);
    free(path);
    return ok ? MONITOR_DONE : MONITOR_FAILED;
}

/* With FILE NULL: could it be done? So that a mistake leaves an older file of that name as it was. */
static bool save_file(struct monitor *monitor, FILE *file, const char *path, bool physical, uint64_t address,
                      uint64_t length, struct error *err)
{
    uint8_t bytes[CHUNK];
    for (uint64_t done = 0; done < length;) {
        size_t part = length - done < CHUNK ? (size_t)(length - done) : CHUNK;
        size_t got = monitor_peek(monitor, physical, address + done, bytes, part);
        if (got != part)
            return no_memory_at(address + done + got, physical, err);
        if (file && fwrite(bytes, 1, part, file) != part)
            return error_set(err, "%s: %s; choose another file", path, strerror(errno));
        done += part;
    }
    return true;
}

static enum monitor_result save_range(struct monitor *monitor, const char *path, bool physical,
                                      uint64_t address, uint64_t length, struct error *err)
{
    if (!save_file(monitor, NULL, path, physical, address, length, err))
        return MONITOR_FAILED;
    FILE *file = open_file(path, "wb", err);
    if (!file)
        return MONITOR_FAILED;
    bool ok = save_file(monitor, file, path, physical, address, length, err);
    if (fclose(file) && ok)
        ok = error_set(err, "%s: %s; choose another file", path, strerror(errno));
    if (ok)
        fprintf(monitor->out, "%" PRIu64 " byte%s saved to %s\n", length, length == 1 ? "" : "s", path);
    return ok ? MONITOR_DONE : MONITOR_FAILED;
}

enum monitor_result command_save(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    struct access access;
    uint64_t address, length;
    const char *rest;
    char *path = argument_file(arguments, &rest, err);
    enum monitor_result result = MONITOR_FAILED;
    if (path && parse_access(format, &access, err) &&
        parse_range(monitor, access.physical, rest, &rest, &address, &length, err))
        result = save_range(monitor, path, access.physical, address, length, err);
    free(path);
    return result;
}

enum monitor_result dump_to_file(struct monitor *monitor, const char *arguments, struct error *err)
{
    struct address first, end;
    const char *rest;
    char *path = argument_file(arguments, &rest, err);
    enum monitor_result result = MONITOR_FAILED;
    if (path && parse_address(monitor, false, rest, &rest, &first, err) &&
        parse_address(monitor, false, rest, NULL, &end, err) &&
        (end.linear > first.linear ||
         error_set(err, "dump memory: the second address is that behind the last byte")))
        result = save_range(monitor, path, false, first.linear, end.linear - first.linear, err);
    free(path);
    return result;
}
