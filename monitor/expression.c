#include "monitor/expression.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "monitor/names.h"
#include "monitor/registers.h"
#include "monitor/target.h"

bool expression_type(const char **at, unsigned *size, bool *pointer)
{
    static const struct {
        const char *name;
        unsigned size; /* 0: says nothing of the size */
    } types[] = {{"unsigned", 0}, {"signed", 0},  {"volatile", 0}, {"const", 0},    {"char", 1},
                 {"byte", 1},     {"uint8_t", 1}, {"int8_t", 1},   {"short", 2},    {"word", 2},
                 {"uint16_t", 2}, {"int16_t", 2}, {"int", 4},      {"dword", 4},    {"long", 4},
                 {"uint32_t", 4}, {"int32_t", 4}, {"qword", 8},    {"uint64_t", 8}, {"int64_t", 8},
                 {"void", 1}};
    const char *p = *at;
    bool found = false, again = true;
    char close = *p == '{' ? '}' : ')';
    if (*p != '(' && *p != '{')
        return false;
    p++;
    *size = 4;
    while (again) {
        again = false;
        p += strspn(p, " ");
        for (size_t i = 0; i < sizeof types / sizeof *types && !again; i++) {
            size_t length = strlen(types[i].name);
            if (strncmp(p, types[i].name, length) || isalnum((unsigned char)p[length]) || p[length] == '_')
                continue;
            if (types[i].size && !(found && types[i].size == 4 && *size != 8)) /* "short int", "long int" */
                *size = types[i].size;
            found = again = true;
            p += length;
            if (!strncmp(p, " long", 5) && !strcmp(types[i].name, "long")) {
                *size = 8;
                p += 5;
            }
        }
    }
    *pointer = *p == '*';
    p += *pointer;
    p += strspn(p, " ");
    if (!found || *p != close)
        return false;
    *at = p + 1;
    return true;
}

bool expression_peek(struct machine *machine, uint64_t linear, unsigned size, uint64_t *out)
{
    uint8_t bytes[8] = {0};
    *out = 0;
    if (linear > UINT32_MAX || target_peek(machine, linear, bytes, size) != size)
        return false;
    for (unsigned i = 0; i < size; i++)
        *out |= (uint64_t)bytes[i] << 8 * i;
    return true;
}

struct parser {
    struct machine *machine;
    const char *text; /* all of it, for messages */
    const char *at;
    bool hex; /* plain numbers are hexadecimal */
    unsigned depth;
    struct error *err;
    bool failed;
};

bool register_by_name(struct machine *machine, const char *name, unsigned length, uint64_t *out)
{
    struct cpu_registers r;
    struct register_place place;
    if (!register_find(name, length, &place))
        return false;
    target_registers(machine, &r);
    /* gdb's $pc is a place: the linear address, whatever the base of CS. */
    *out = length == 2 && !strncasecmp(name, "pc", 2) ? target_next_linear(&r) : register_get(&r, &place);
    return true;
}

static uint64_t fail(struct parser *p, const char *what)
{
    if (!p->failed)
        error_set(p->err, "%s in '%s'", what, p->text);
    p->failed = true;
    return 0;
}

static bool word_number(const struct parser *p, const char *word, unsigned length, uint64_t *out)
{
    unsigned base = p->hex ? 16 : 10;
    if (length > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
        base = 16;
        word += 2;
        length -= 2;
    } else if (length > 1 && (word[length - 1] == 'h' || word[length - 1] == 'H')) {
        base = 16;
        length--;
    }
    for (unsigned i = 0; i < length; i++)
        if (!isdigit((unsigned char)word[i]))
            base = 16;
    uint64_t value = 0;
    for (unsigned i = 0; i < length; i++) {
        if (!isxdigit((unsigned char)word[i]))
            return false;
        unsigned digit = isdigit((unsigned char)word[i])
                             ? (unsigned)(word[i] - '0')
                             : (unsigned)(tolower((unsigned char)word[i]) - 'a') + 10;
        value = value * base + digit;
    }
    *out = value;
    return length > 0;
}

static uint64_t parse_sum(struct parser *p);

static uint64_t parse_value(struct parser *p);

/* *(int *)ADDRESS, *ADDRESS: what memory holds there. */
static uint64_t parse_memory(struct parser *p)
{
    unsigned size = 4;
    uint64_t value;
    bool pointer = true;
    p->at++;
    p->at += strspn(p->at, " ");
    expression_type(&p->at, &size, &pointer);
    if (++p->depth > 32)
        return fail(p, "too many stars");
    uint64_t address = parse_value(p);
    p->depth--;
    if (p->failed || expression_peek(p->machine, address, pointer ? size : 4, &value))
        return p->failed ? 0 : value;
    return fail(p, "no memory is there");
}

static uint64_t parse_value(struct parser *p)
{
    uint64_t value = 0;
    unsigned size;
    bool pointer;
    if (*p->at == '*')
        return parse_memory(p);
    p->at += *p->at == '&'; /* gdb: an address of */
    expression_type(&p->at, &size, &pointer);
    if (*p->at == '(') {
        p->at++;
        if (++p->depth > 32)
            return fail(p, "too many parentheses");
        value = parse_sum(p);
        p->depth--;
        if (*p->at != ')')
            return fail(p, "a ) is missing");
        p->at++;
        return value;
    }
    if (*p->at == '-') {
        p->at++;
        if (++p->depth > 32)
            return fail(p, "too many signs");
        value = -parse_value(p);
        p->depth--;
        return value;
    }
    bool dollar = *p->at == '$';
    const char *word = p->at + dollar;
    unsigned length = 0;
    while (isalnum((unsigned char)word[length]))
        length++;
    if (!length)
        return fail(p, "a number or register is missing");
    p->at = word + length;
    if (register_by_name(p->machine, word, length, &value))
        return value;
    if (!dollar && word_number(p, word, length, &value))
        return value;
    return fail(p, "neither a number nor a register");
}

static uint64_t parse_product(struct parser *p)
{
    uint64_t value = parse_value(p);
    while (!p->failed && *p->at == '*') {
        p->at++;
        value *= parse_value(p);
    }
    return value;
}

static uint64_t parse_sum(struct parser *p)
{
    uint64_t value = parse_product(p);
    while (!p->failed && (*p->at == '+' || *p->at == '-')) {
        bool minus = *p->at++ == '-';
        uint64_t other = parse_product(p);
        value = minus ? value - other : value + other;
    }
    return value;
}

static bool finish(struct parser *p, const char **end)
{
    if (!p->failed && *p->at && !isspace((unsigned char)*p->at) && *p->at != ',')
        fail(p, "something that does not belong there");
    while (isspace((unsigned char)*p->at))
        p->at++;
    if (end && *p->at == ',') /* as gdb has it between arguments */
        p->at += 1 + strspn(p->at + 1, " \t");
    if (!end && !p->failed && *p->at)
        fail(p, "something that does not belong there");
    if (end)
        *end = p->at;
    return !p->failed;
}

bool expression_number(struct machine *machine, const char *text, const char **end, uint64_t *out,
                       struct error *err)
{
    struct parser p = {.machine = machine, .text = text, .at = text, .err = err};
    *out = parse_sum(&p);
    return finish(&p, end);
}

/* The base that a segment register's cache holds, which may differ from what its selector says now. */
static bool cached_base(struct machine *machine, const char *name, unsigned length, uint64_t *base)
{
    struct cpu_registers r;
    target_registers(machine, &r);
    for (unsigned i = 0; i < CPU_SEGMENTS; i++) {
        if (length == 2 && !strncasecmp(name, segment_names[i], 2)) {
            *base = r.segment[i].base;
            return true;
        }
    }
    return false;
}

static bool has_colon(const char *text)
{
    return text[strcspn(text, ": \t\n")] == ':';
}

static bool parse_place(struct machine *machine, const char *text, const char **end, struct address *out,
                        struct error *err)
{
    unsigned size;
    bool pointer;
    const char *type = text + 1;
    /* gdb: *ADDRESS is a place, *(int *)ADDRESS one that memory holds. */
    if (*text == '*' && !expression_type(&type, &size, &pointer))
        text++;
    struct parser p = {.machine = machine, .text = text, .at = text, .err = err, .hex = has_colon(text)};
    *out = (struct address){0};
    uint64_t first = parse_sum(&p);
    if (p.failed || *p.at != ':') {
        out->linear = first;
        return finish(&p, end);
    }
    uint64_t base;
    const char *name = *text == '$' ? text + 1 : text;
    if (!cached_base(machine, name, (unsigned)(p.at - name), &base) &&
        !target_segment_base(machine, (uint16_t)first, &base))
        return error_set(err,
                         "no segment has the selector %04x in '%s'; info gdt lists them, and 0x%x is the "
                         "linear address of real mode",
                         (unsigned)first & 0xFFFF, text, ((unsigned)first & 0xFFFF) << 4);
    p.at++;
    out->segmented = true;
    out->selector = (uint16_t)first;
    out->offset = parse_sum(&p);
    out->linear = base + out->offset;
    return finish(&p, end);
}

bool expression_address(struct machine *machine, const char *text, const char **end, struct address *out,
                        struct error *err)
{
    if (!parse_place(machine, text, end, out, err))
        return false;
    bool below_zero = (int64_t)out->linear < 0 && (int64_t)out->linear >= INT32_MIN;
    if (out->segmented || below_zero) /* they wrap around, as in the processor */
        out->linear = (uint32_t)out->linear;
    return out->linear <= UINT32_MAX ||
           error_set(err, "0x%" PRIx64 ": linear addresses end at 0xffffffff", out->linear);
}

bool expression_physical(struct machine *machine, const char *text, const char **end, struct address *out,
                         struct error *err)
{
    if (!parse_place(machine, text, end, out, err))
        return false;
    return out->linear <= ADDRESS_PHYSICAL_MAX ||
           error_set(err, "0x%" PRIx64 ": physical addresses end at 0x%" PRIx64, out->linear,
                     ADDRESS_PHYSICAL_MAX);
}
