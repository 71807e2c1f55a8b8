#include "monitor/condition.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "monitor/expression.h"
#include "monitor/registers.h"
#include "monitor/target.h"

#define DEPTH_MAX 32

struct parser {
    struct machine *machine;
    const struct condition_variable *variables;
    const char *text; /* all of it, for messages */
    const char *at;
    unsigned depth;
    bool failed, known;
    struct error *err;
};

static uint64_t fail(struct parser *p, const char *what)
{
    if (!p->failed)
        error_set(p->err, "%s in '%s'", what, p->text);
    p->failed = true;
    return 0;
}

static void skip_blanks(struct parser *p)
{
    while (isspace((unsigned char)*p->at))
        p->at++;
}

/* Takes OPERATOR unless a longer one stands there. */
static bool take(struct parser *p, const char *operator, const char * not_before)
{
    skip_blanks(p);
    size_t n = strlen(operator);
    if (p->failed || strncmp(p->at, operator, n) != 0 || (p->at[n] && strchr(not_before, p->at[n])))
        return false;
    p->at += n;
    return true;
}

static bool take_word(struct parser *p, const char *word)
{
    skip_blanks(p);
    size_t n = strlen(word);
    if (strncasecmp(p->at, word, n) != 0 || isalnum((unsigned char)p->at[n]) || p->at[n] == '_')
        return false;
    p->at += n;
    return true;
}

static uint64_t parse_any(struct parser *p);

/* --- values --- */

/* What stands in brackets is an address as everywhere in the monitor, or an expression. */
static bool parse_address(struct parser *p, uint64_t *linear)
{
    const char *end = strchr(p->at, ']');
    if (!end) {
        fail(p, "a ] is missing");
        return false;
    }
    char text[128];
    size_t length = (size_t)(end - p->at);
    if (!memchr(p->at, ':', length)) {
        *linear = parse_any(p);
        return !p->failed;
    }
    size_t n = 0;
    for (size_t i = 0; i < length && n < sizeof text - 1; i++)
        if (!isspace((unsigned char)p->at[i]))
            text[n++] = p->at[i];
    text[n] = 0;
    struct address address;
    if (!expression_address(p->machine, text, NULL, &address, p->err)) {
        p->failed = true;
        return false;
    }
    *linear = address.linear;
    p->at = end;
    return true;
}

static uint64_t parse_memory(struct parser *p, unsigned size)
{
    uint64_t linear = 0, value = 0;
    if (!take(p, "[", ""))
        return fail(p, "[ADDRESS] is missing");
    skip_blanks(p);
    if (!parse_address(p, &linear))
        return 0;
    if (!take(p, "]", ""))
        return fail(p, "a ] is missing");
    if (!expression_peek(p->machine, linear, size, &value))
        p->known = false;
    return value;
}

static bool parse_name(struct parser *p, const char *word, unsigned length, uint64_t *out)
{
    for (const struct condition_variable *v = p->variables; v && v->name; v++)
        if (strlen(v->name) == length && !strncasecmp(v->name, word, length)) {
            *out = v->value;
            return true;
        }
    if (register_by_name(p->machine, word, length, out))
        return true;
    unsigned bit, width;
    if (!flag_find(word, length, &bit, &width))
        return false;
    struct cpu_registers r;
    target_registers(p->machine, &r);
    *out = r.rflags >> bit & ((1u << width) - 1);
    return true;
}

static uint64_t parse_word(struct parser *p)
{
    bool dollar = *p->at == '$';
    const char *word = p->at + dollar;
    unsigned length = 0;
    uint64_t value;
    while (isalnum((unsigned char)word[length]) || word[length] == '_')
        length++;
    if (!length)
        return fail(p, "a value is missing");
    p->at = word + length;
    if (!isdigit((unsigned char)*word) && parse_name(p, word, length, &value))
        return value;
    char number[32];
    if (length < sizeof number && !dollar) {
        memcpy(number, word, length);
        number[length] = 0;
        if (expression_number(p->machine, number, NULL, &value, p->err))
            return value;
    }
    error_set(p->err, "'%.*s' is neither number, register, flag nor what happened, in '%s'", (int)length,
              word, p->text);
    p->failed = true;
    return 0;
}

static uint64_t parse_value(struct parser *p);

/* *(unsigned char *)ADDRESS, *ADDRESS. */
static uint64_t parse_pointed(struct parser *p)
{
    unsigned size = 4;
    bool pointer = true;
    uint64_t value = 0;
    skip_blanks(p);
    expression_type(&p->at, &size, &pointer);
    uint64_t address = parse_value(p);
    if (!p->failed && !expression_peek(p->machine, address, pointer ? size : 4, &value))
        p->known = false;
    return value;
}

static uint64_t parse_value(struct parser *p)
{
    static const struct {
        const char *name;
        unsigned size;
    } sizes[] = {{"byte", 1}, {"word", 2}, {"dword", 4}, {"qword", 8}};
    uint64_t value = 0;
    unsigned cast;
    bool pointer;
    if (p->failed)
        return 0;
    skip_blanks(p);
    if (++p->depth > DEPTH_MAX)
        return fail(p, "too many parentheses and signs");
    if (take(p, "!", "="))
        value = !parse_value(p);
    else if (take(p, "~", ""))
        value = ~parse_value(p);
    else if (take(p, "-", ""))
        value = -parse_value(p);
    else if (take(p, "*", ""))
        value = parse_pointed(p);
    else if (expression_type(&p->at, &cast, &pointer)) {
        value = parse_value(p);
        if (!pointer && cast < 8)
            value &= (1ull << 8 * cast) - 1;
    } else if (take(p, "(", "")) {
        value = parse_any(p);
        if (!take(p, ")", ""))
            fail(p, "a ) is missing");
    } else {
        unsigned size = 0;
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !size; i++)
            if (take_word(p, sizes[i].name))
                size = sizes[i].size;
        value = size || *p->at == '[' ? parse_memory(p, size ? size : 4) : parse_word(p);
    }
    p->depth--;
    return value;
}

/* --- operators, by precedence --- */

enum operation {
    OR,
    AND,
    BITS_OR,
    BITS_XOR,
    BITS_AND,
    EQ,
    NE,
    LE,
    GE,
    LT,
    GT,
    SHL,
    SHR,
    ADD,
    SUB,
    MUL,
    DIV,
    MOD
};

static const struct {
    const char *text;
    const char *not_before; /* characters that make another operator of it */
    uint8_t level;
    uint8_t operation;
} operators[] = {
    {"||", "", 0, OR},       {"&&", "", 1, AND}, {"|", "|", 2, BITS_OR}, {"^", "", 3, BITS_XOR},
    {"&", "&", 4, BITS_AND}, {"==", "", 5, EQ},  {"!=", "", 5, NE},      {"<=", "", 6, LE},
    {">=", "", 6, GE},       {"<", "<=", 6, LT}, {">", ">=", 6, GT},     {"<<", "", 7, SHL},
    {">>", "", 7, SHR},      {"+", "", 8, ADD},  {"-", "", 8, SUB},      {"*", "", 9, MUL},
    {"/", "", 9, DIV},       {"%", "", 9, MOD},
};
#define LEVELS 10

static uint64_t apply(struct parser *p, enum operation operation, uint64_t a, uint64_t b)
{
    switch (operation) {
    case OR:
        return a || b;
    case AND:
        return a && b;
    case BITS_OR:
        return a | b;
    case BITS_XOR:
        return a ^ b;
    case BITS_AND:
        return a & b;
    case EQ:
        return a == b;
    case NE:
        return a != b;
    case LE:
        return a <= b;
    case GE:
        return a >= b;
    case LT:
        return a < b;
    case GT:
        return a > b;
    case SHL:
        return b < 64 ? a << b : 0;
    case SHR:
        return b < 64 ? a >> b : 0;
    case ADD:
        return a + b;
    case SUB:
        return a - b;
    case MUL:
        return a * b;
    case DIV:
    case MOD:
        if (!b)
            p->known = false;
        return !b ? 0 : operation == DIV ? a / b : a % b;
    }
    return 0;
}

static uint64_t parse_level(struct parser *p, unsigned level)
{
    if (level == LEVELS)
        return parse_value(p);
    uint64_t value = parse_level(p, level + 1);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i].level != level || !take(p, operators[i].text, operators[i].not_before))
            continue;
        value = apply(p, operators[i].operation, value, parse_level(p, level + 1));
        i = (size_t)-1; /* from the first again */
    }
    return value;
}

static uint64_t parse_any(struct parser *p)
{
    if (++p->depth > DEPTH_MAX)
        return fail(p, "too many parentheses");
    uint64_t value = parse_level(p, 0);
    p->depth--;
    return value;
}

bool condition_evaluate(struct machine *machine, const char *text, const struct condition_variable *variables,
                        uint64_t *out, bool *known, struct error *err)
{
    struct parser p = {
        .machine = machine, .variables = variables, .text = text, .at = text, .known = true, .err = err};
    *out = parse_any(&p);
    skip_blanks(&p);
    if (!p.failed && *p.at)
        fail(&p, "something that does not belong there");
    *known = p.known;
    return !p.failed;
}
