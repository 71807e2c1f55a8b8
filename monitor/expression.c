#include "monitor/expression.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "monitor/names.h"
#include "monitor/program.h"

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

struct parser {
    struct program *program; /* what it becomes */
    const char *text;        /* all of it, for messages */
    const char *at;
    bool hex;    /* plain numbers are hexadecimal */
    bool blanks; /* may stand around operators: nothing else follows */
    unsigned depth;
    struct error *err;
    bool failed;
};

static void fail(struct parser *p, const char *what)
{
    if (!p->failed && !*p->text)
        error_set(p->err, "a number or an address is missing; help COMMAND tells what belongs there");
    else if (!p->failed)
        error_set(p->err, "%s in '%s'; help numbers tells what can be said", what, p->text);
    p->failed = true;
}

static void fail_at_rest(struct parser *p)
{
    if (!p->failed)
        error_set(p->err, "'%s' does not belong there in '%s'; leave it out", p->at, p->text);
    p->failed = true;
}

static bool word_number(struct parser *p, const char *word, unsigned length, uint64_t *out)
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
        if (value > (UINT64_MAX - digit) / base) {
            fail(p, "a number of more than 64 bits");
            return false;
        }
        value = value * base + digit;
    }
    *out = value;
    return length > 0;
}

/* Where blanks do not end the expression. */
static void skip_blanks(struct parser *p)
{
    while (p->blanks && isspace((unsigned char)*p->at))
        p->at++;
}

/* Is the next operator one of OPERATORS? Takes it; 0: no. */
static char take_operator(struct parser *p, const char *operators)
{
    skip_blanks(p);
    return !p->failed && *p->at && strchr(operators, *p->at) ? *p->at++ : 0;
}

static void parse_sum(struct parser *p);

static void add(struct parser *p, enum program_op op)
{
    program_add(p->program, (struct program_step){.op = (uint8_t)op});
}

static void parse_value(struct parser *p);

/* *(int *)ADDRESS, *ADDRESS: what memory holds there. */
static void parse_memory(struct parser *p)
{
    unsigned size = 4;
    bool pointer = true;
    p->at++;
    p->at += strspn(p->at, " ");
    expression_type(&p->at, &size, &pointer);
    unsigned first = p->program->count;
    parse_value(p);
    program_wrap(p->program, first);
    program_add(p->program, (struct program_step){.op = PROGRAM_LOAD, .size = (uint8_t)(pointer ? size : 4)});
}

static void fail_at_word(struct parser *p, const char *word, unsigned length)
{
    if (!p->failed)
        error_set(p->err,
                  "'%.*s' is neither a number nor a register, in '%s'; help numbers tells what can be said",
                  (int)length, word, p->text);
    p->failed = true;
}

static void parse_word(struct parser *p)
{
    bool dollar = *p->at == '$';
    const char *word = p->at + dollar;
    unsigned length = 0;
    uint64_t value;
    while (isalnum((unsigned char)word[length]))
        length++;
    if (!length) {
        fail(p, "a number or register is missing");
        return;
    }
    p->at = word + length;
    if (program_add_register(p->program, word, length))
        return;
    if (!dollar && word_number(p, word, length, &value))
        program_add_number(p->program, value);
    else
        fail_at_word(p, word - dollar, length + dollar);
}

static void parse_value(struct parser *p)
{
    unsigned size;
    bool pointer;
    if (++p->depth > 32) {
        fail(p, "too many parentheses, stars and signs");
        return;
    }
    skip_blanks(p);
    if (*p->at == '*') {
        parse_memory(p);
    } else {
        p->at += *p->at == '&'; /* gdb: an address of */
        expression_type(&p->at, &size, &pointer);
        if (*p->at == '(') {
            p->at++;
            parse_sum(p);
            skip_blanks(p);
            if (*p->at != ')')
                fail(p, "a ) is missing");
            p->at += *p->at == ')';
        } else if (*p->at == '-') {
            p->at++;
            parse_value(p);
            add(p, PROGRAM_NEGATE);
        } else {
            parse_word(p);
        }
    }
    p->depth--;
}

static void parse_product(struct parser *p)
{
    parse_value(p);
    while (take_operator(p, "*")) {
        parse_value(p);
        add(p, PROGRAM_MUL);
    }
}

static void parse_sum(struct parser *p)
{
    parse_product(p);
    for (char sign; (sign = take_operator(p, "+-"));) {
        parse_product(p);
        add(p, sign == '-' ? PROGRAM_SUB : PROGRAM_ADD);
    }
}

static bool finish(struct parser *p, const char **end)
{
    if (!p->failed && *p->at && !isspace((unsigned char)*p->at) && *p->at != ',')
        fail_at_rest(p);
    while (isspace((unsigned char)*p->at))
        p->at++;
    if (end && *p->at == ',') /* as gdb has it between arguments */
        p->at += 1 + strspn(p->at + 1, " \t");
    if (!end && *p->at)
        fail_at_rest(p);
    if (end)
        *end = p->at;
    return !p->failed;
}

/* Works out what P has read; frees it. */
static bool run(struct parser *p, struct program_inputs *inputs, uint64_t *out)
{
    if (p->program->too_deep)
        fail(p, "too many values at a time");
    bool known = inputs->machine || program_is_constant(p->program), ok = !p->failed;
    *out = 1;
    if (ok && known)
        ok = program_run(p->program, inputs, out, p->err);
    program_free(p->program);
    return ok;
}

bool expression_number(struct machine *machine, const char *text, const char **end, uint64_t *out,
                       struct error *err)
{
    struct program program = {0};
    struct program_inputs inputs;
    program_inputs_set(&inputs, machine, NULL);
    inputs.text = text;
    struct parser p = {.program = &program, .text = text, .at = text, .blanks = !end, .err = err};
    parse_sum(&p);
    finish(&p, end);
    return run(&p, &inputs, out);
}

/* The segment register that a name means; -1: none. */
static int segment_register(const char *name, size_t length)
{
    bool dollar = *name == '$';
    for (int i = 0; i < CPU_SEGMENTS; i++)
        if (length == 2u + dollar && !strncasecmp(name + dollar, segment_names[i], 2))
            return i;
    return -1;
}

static bool has_colon(const char *text)
{
    return text[strcspn(text, ": \t\n")] == ':';
}

/* ADDRESS or SEGMENT:OFFSET. *SEGMENTED: the latter. */
static void parse_place(struct parser *p, bool *segmented)
{
    p->hex = has_colon(p->at);
    const char *first = p->at;
    parse_sum(p);
    *segmented = !p->failed && *p->at == ':';
    if (!*segmented)
        return;
    int segment = segment_register(first, strcspn(first, ": \t"));
    p->at++;
    unsigned offset = p->program->count;
    parse_sum(p);
    program_wrap(p->program, offset);
    program_add(p->program, (struct program_step){.op = PROGRAM_SEGMENTED, .segment = segment});
}

bool expression_add_address(struct program *program, const char *text, struct error *err)
{
    bool segmented;
    struct parser p = {.program = program, .text = text, .at = text, .blanks = true, .err = err};
    parse_place(&p, &segmented);
    return finish(&p, NULL);
}

/* Any place: 64 bits; a LINEAR one that was worked out wraps around, as in the processor. */
static bool read_place(struct machine *machine, const char *text, const char **end, bool linear,
                       struct address *out, struct error *err)
{
    unsigned size;
    bool pointer;
    const char *type = text + 1;
    /* gdb: *ADDRESS is a place, *(int *)ADDRESS one that memory holds. */
    if (*text == '*' && !expression_type(&type, &size, &pointer))
        text++;
    struct program program = {0};
    struct program_inputs inputs;
    program_inputs_set(&inputs, machine, NULL);
    inputs.text = text;
    struct parser p = {.program = &program, .text = text, .at = text, .blanks = !end, .err = err};
    *out = (struct address){0};
    parse_place(&p, &out->segmented);
    finish(&p, end);
    if (linear && !out->segmented)
        program_wrap(&program, 0);
    if (!run(&p, &inputs, &out->linear))
        return false;
    if (out->segmented) {
        out->selector = inputs.selector;
        out->offset = inputs.offset;
        bool below_zero = (int64_t)out->offset < 0 && (int64_t)out->offset >= INT32_MIN;
        if (below_zero)
            out->offset = (uint32_t)out->offset;
    }
    return !out->segmented || out->offset <= UINT32_MAX ||
           error_set(err, "0x%" PRIx64 ": offsets have 32 bits; say a smaller one", out->offset);
}

bool expression_address(struct machine *machine, const char *text, const char **end, struct address *out,
                        struct error *err)
{
    if (!read_place(machine, text, end, true, out, err))
        return false;
    bool below_zero = (int64_t)out->linear < 0 && (int64_t)out->linear >= INT32_MIN;
    if (below_zero) /* it wraps around, as in the processor */
        out->linear = (uint32_t)out->linear;
    return out->linear <= UINT32_MAX ||
           error_set(err, "0x%" PRIx64 ": linear addresses end at 0xffffffff", out->linear);
}

bool expression_physical(struct machine *machine, const char *text, const char **end, struct address *out,
                         struct error *err)
{
    if (!read_place(machine, text, end, false, out, err))
        return false;
    return out->linear <= ADDRESS_PHYSICAL_MAX ||
           error_set(err, "0x%" PRIx64 ": physical addresses end at 0x%" PRIx64, out->linear,
                     ADDRESS_PHYSICAL_MAX);
}
