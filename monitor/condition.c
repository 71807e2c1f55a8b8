#include "monitor/condition.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "monitor/expression.h"
#include "monitor/program.h"
#include "monitor/registers.h"

#define DEPTH_MAX 32

struct parser {
    struct program *program; /* what it becomes */
    const struct condition_variable *variables;
    const char *text; /* all of it, for messages */
    const char *at;
    unsigned depth;
    bool failed;
    struct error *err;
};

static void fail(struct parser *p, const char *what)
{
    if (!p->failed)
        error_set(p->err, "%s in '%s'; help conditions tells what can be said", what, p->text);
    p->failed = true;
}

static unsigned add(struct parser *p, enum program_op op, unsigned size)
{
    return program_add(p->program, (struct program_step){.op = (uint8_t)op, .size = (uint8_t)size});
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

static void parse_any(struct parser *p);

/* --- values --- */

/* What stands in brackets is an address as everywhere in the monitor, or an expression. */
static void parse_address(struct parser *p)
{
    const char *end = strchr(p->at, ']');
    if (!end) {
        fail(p, "a ] is missing");
        return;
    }
    char text[128];
    size_t length = (size_t)(end - p->at);
    if (!memchr(p->at, ':', length)) {
        parse_any(p);
        return;
    }
    size_t n = 0;
    for (size_t i = 0; i < length && n < sizeof text - 1; i++)
        if (!isspace((unsigned char)p->at[i]))
            text[n++] = p->at[i];
    text[n] = 0;
    p->failed |= !expression_add_address(p->program, text, p->failed ? NULL : p->err);
    p->at = end;
}

static void parse_memory(struct parser *p, unsigned size)
{
    if (!take(p, "[", "")) {
        fail(p, "[ADDRESS] is missing");
        return;
    }
    skip_blanks(p);
    unsigned first = p->program->count;
    parse_address(p);
    if (!take(p, "]", ""))
        fail(p, "a ] is missing");
    program_wrap(p->program, first);
    add(p, PROGRAM_LOAD, size);
}

static bool parse_name(struct parser *p, const char *word, unsigned length)
{
    for (const struct condition_variable *v = p->variables; v && v->name; v++)
        if (strlen(v->name) == length && !strncasecmp(v->name, word, length)) {
            uint32_t row = (uint32_t)(v - p->variables);
            program_add(p->program, (struct program_step){.op = PROGRAM_VARIABLE, .index = row});
            return true;
        }
    if (program_add_register(p->program, word, length))
        return true;
    unsigned bit, width;
    if (!flag_find(word, length, &bit, &width))
        return false;
    program_add(p->program,
                (struct program_step){.op = PROGRAM_FLAG, .size = (uint8_t)width, .low = (uint8_t)bit});
    return true;
}

static void parse_word(struct parser *p)
{
    bool dollar = *p->at == '$';
    const char *word = p->at + dollar;
    unsigned length = 0;
    uint64_t value;
    while (isalnum((unsigned char)word[length]) || word[length] == '_')
        length++;
    if (!length) {
        fail(p, "a value is missing");
        return;
    }
    p->at = word + length;
    if (!isdigit((unsigned char)*word) && parse_name(p, word, length))
        return;
    char number[32];
    if (length < sizeof number && !dollar) {
        memcpy(number, word, length);
        number[length] = 0;
        if (expression_number(NULL, number, NULL, &value, NULL)) {
            program_add_number(p->program, value);
            return;
        }
    }
    if (!p->failed)
        error_set(p->err,
                  "'%.*s' is neither number, register, flag nor what happened, in '%s'; help conditions "
                  "tells what can be said",
                  (int)length, word, p->text);
    p->failed = true;
}

static void parse_value(struct parser *p);

/* *(unsigned char *)ADDRESS, *ADDRESS. */
static void parse_pointed(struct parser *p)
{
    unsigned size = 4;
    bool pointer = true;
    skip_blanks(p);
    expression_type(&p->at, &size, &pointer);
    unsigned first = p->program->count;
    parse_value(p);
    program_wrap(p->program, first);
    add(p, PROGRAM_LOAD, pointer ? size : 4);
}

/* A value without sign, star or cast before it. */
static void parse_plain(struct parser *p)
{
    static const struct {
        const char *name;
        unsigned size;
    } sizes[] = {{"byte", 1}, {"word", 2}, {"dword", 4}, {"qword", 8}};
    if (take(p, "(", "")) {
        parse_any(p);
        if (!take(p, ")", ""))
            fail(p, "a ) is missing");
        return;
    }
    unsigned size = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !size; i++)
        if (take_word(p, sizes[i].name))
            size = sizes[i].size;
    if (size || *p->at == '[')
        parse_memory(p, size ? size : 4);
    else
        parse_word(p);
}

static void parse_one(struct parser *p, enum program_op op)
{
    parse_value(p);
    add(p, op, 0);
}

static void parse_value(struct parser *p)
{
    unsigned cast;
    bool pointer;
    if (p->failed)
        return;
    skip_blanks(p);
    if (++p->depth > DEPTH_MAX) {
        fail(p, "too many parentheses and signs");
        return;
    }
    if (take(p, "!", "="))
        parse_one(p, PROGRAM_NOT);
    else if (take(p, "~", ""))
        parse_one(p, PROGRAM_COMPLEMENT);
    else if (take(p, "-", ""))
        parse_one(p, PROGRAM_NEGATE);
    else if (take(p, "*", ""))
        parse_pointed(p);
    else if (*p->at == '{' && expression_type(&p->at, &cast, &pointer)) { /* gdb: {int}ADDRESS */
        unsigned first = p->program->count;
        parse_value(p);
        program_wrap(p->program, first);
        add(p, PROGRAM_LOAD, pointer ? 4 : cast);
    } else if (expression_type(&p->at, &cast, &pointer)) {
        parse_value(p);
        if (!pointer)
            add(p, PROGRAM_MASK, cast);
    } else {
        parse_plain(p);
    }
    p->depth--;
}

/* --- operators, by precedence --- */

static const struct {
    const char *text;
    const char *not_before; /* characters that make another operator of it */
    uint8_t level;
    uint8_t op;
} operators[] = {
    {"||", "", 0, PROGRAM_OR},      {"&&", "", 1, PROGRAM_AND},      {"|", "|", 2, PROGRAM_BITS_OR},
    {"^", "", 3, PROGRAM_BITS_XOR}, {"&", "&", 4, PROGRAM_BITS_AND}, {"==", "", 5, PROGRAM_EQ},
    {"!=", "", 5, PROGRAM_NE},      {"<=", "", 6, PROGRAM_LE},       {">=", "", 6, PROGRAM_GE},
    {"<", "<=", 6, PROGRAM_LT},     {">", ">=", 6, PROGRAM_GT},      {"<<", "", 7, PROGRAM_SHL},
    {">>", "", 7, PROGRAM_SHR},     {"+", "", 8, PROGRAM_ADD},       {"-", "", 8, PROGRAM_SUB},
    {"*", "", 9, PROGRAM_MUL},      {"/", "", 9, PROGRAM_DIV},       {"%", "", 9, PROGRAM_MOD},
};
#define LEVELS 10

static void parse_level(struct parser *p, unsigned level);

/* What follows OP; of && and || it is left out where the left side decides. */
static void parse_right(struct parser *p, enum program_op op, unsigned level)
{
    bool decides = op == PROGRAM_AND || op == PROGRAM_OR;
    unsigned step = decides ? add(p, op, 0) : 0;
    parse_level(p, level + 1);
    if (decides)
        p->program->steps[step].index = add(p, PROGRAM_TRUTH, 0);
    else
        add(p, op, 0);
}

static void parse_level(struct parser *p, unsigned level)
{
    if (level == LEVELS) {
        parse_value(p);
        return;
    }
    parse_level(p, level + 1);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i].level != level || !take(p, operators[i].text, operators[i].not_before))
            continue;
        parse_right(p, operators[i].op, level);
        i = (size_t)-1; /* from the first again */
    }
}

static void parse_any(struct parser *p)
{
    if (++p->depth > DEPTH_MAX) {
        fail(p, "too many parentheses");
        return;
    }
    parse_level(p, 0);
    p->depth--;
}

/* --- whole conditions --- */

struct condition {
    char *text;
    const struct condition_variable *variables;
    struct program program;
};

struct condition *condition_create(const char *text, const struct condition_variable *variables,
                                   struct error *err)
{
    struct condition *condition = xcalloc(1, sizeof *condition);
    condition->text = xstrdup(text);
    condition->variables = variables;
    struct parser p = {.program = &condition->program,
                       .variables = variables,
                       .text = condition->text,
                       .at = condition->text,
                       .err = err};
    parse_any(&p);
    skip_blanks(&p);
    if (*p.at && !p.failed) {
        error_set(err,
                  *p.at == '=' ? "'%s' does not belong there in '%s'; == compares, set NAME = VALUE sets"
                               : "'%s' does not belong there in '%s'; leave it out",
                  p.at, p.text);
        p.failed = true;
    }
    if (condition->program.too_deep)
        fail(&p, "too many values at a time");
    if (!p.failed)
        return condition;
    condition_free(condition);
    return NULL;
}

void condition_free(struct condition *condition)
{
    if (!condition)
        return;
    program_free(&condition->program);
    free(condition->text);
    free(condition);
}

const char *condition_text(const struct condition *condition)
{
    return condition->text;
}

/* Does the value of STEP number I count by itself, alone or as one side of &&? */
static bool counts_by_itself(const struct program *program, unsigned i)
{
    enum program_op next = i + 1 < program->count ? (enum program_op)program->steps[i + 1].op : PROGRAM_TRUTH;
    return next == PROGRAM_AND || next == PROGRAM_TRUTH;
}

/* Do all comparisons have to hold? */
static bool is_conjunction(const struct program *program)
{
    for (unsigned i = 0; i < program->count; i++) {
        enum program_op op = (enum program_op)program->steps[i].op;
        if (op == PROGRAM_OR || op == PROGRAM_NOT || op == PROGRAM_COMPLEMENT ||
            (op == PROGRAM_TRUTH && !counts_by_itself(program, i)))
            return false;
    }
    return true;
}

/* Is this a comparison with a number whose result counts by itself? */
static bool is_equation(const struct program *program, unsigned i)
{
    const struct program_step *step = &program->steps[i];
    return step->op == PROGRAM_EQ && step->has_number && counts_by_itself(program, i);
}

bool condition_can_hold(const struct condition *condition, uint32_t told, struct error *err)
{
    const struct program *program = &condition->program;
    bool all = is_conjunction(program);
    for (unsigned i = 0; i < program->count; i++) {
        const struct program_step *step = &program->steps[i];
        if (step->op == PROGRAM_VARIABLE && !(told >> step->index & 1))
            return error_set(err, "breakpoints of this kind know no '%s'; leave it out of '%s'",
                             condition->variables[step->index].name, condition->text);
        unsigned bits = all && i && is_equation(program, i) ? program_step_bits(step - 1) : 0;
        if (bits && step->number >> bits)
            return error_set(
                err,
                "'%s' never holds: 0x%" PRIx64 " has more than %u bit%s; compare with 0x%" PRIx64 " at most",
                condition->text, step->number, bits, bits == 1 ? "" : "s", (UINT64_C(1) << bits) - 1);
    }
    return true;
}

bool condition_value(const struct condition *condition, struct program_inputs *inputs, uint64_t *out,
                     struct error *err)
{
    inputs->text = condition->text;
    return program_run(&condition->program, inputs, out, err);
}

bool condition_evaluate(struct machine *machine, const char *text, const struct condition_variable *variables,
                        uint64_t *out, struct error *err)
{
    struct condition *condition = condition_create(text, variables, err);
    struct program_inputs inputs;
    program_inputs_set(&inputs, machine, variables);
    bool ok = condition && condition_value(condition, &inputs, out, err);
    condition_free(condition);
    return ok;
}
