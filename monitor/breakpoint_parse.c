/* The grammar of breakpoints, one for all kinds:
 *
 *   [once] [KIND] WHAT [REGISTER=VALUE ...] [ignore N] [if CONDITION] [do COMMAND; COMMAND ...]
 *
 * docs/monitor.md has it for users. */
#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "monitor/breakpoint.h"
#include "monitor/condition.h"
#include "monitor/event.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"

#define WORD_MAX 96

struct reader {
    struct monitor *monitor;
    const char *at;
    struct breakpoint *out;
    struct text filters; /* of REGISTER=VALUE, as an expression */
    struct error *err;
};

static void skip_blanks(struct reader *r)
{
    while (isspace((unsigned char)*r->at))
        r->at++;
}

/* The next word without taking it. */
static size_t peek_word(struct reader *r)
{
    skip_blanks(r);
    return strcspn(r->at, " \t");
}

/* Is the next word one of NAMES (separated by blanks)? */
static bool is_one_of(const struct reader *r, size_t length, const char *names)
{
    while (*names) {
        size_t n = strcspn(names, " ");
        if (n == length && !strncasecmp(r->at, names, n))
            return true;
        names += n + (names[n] == ' ');
    }
    return false;
}

static bool take_word(struct reader *r, const char *names)
{
    size_t length = peek_word(r);
    if (length > 2 && *r->at == '"' && r->at[length - 1] == '"') { /* Bochs has quotes around words */
        r->at++;
        bool found = is_one_of(r, length - 2, names);
        r->at += found ? (ptrdiff_t)length - 1 : -1;
        return found;
    }
    if (!length || !is_one_of(r, length, names))
        return false;
    r->at += length;
    return true;
}

/* Copies the next word. False with ERR if there is none or it is too long. */
static bool copy_word(struct reader *r, char word[WORD_MAX], const char *what)
{
    size_t length = peek_word(r);
    if (!length)
        return error_set(r->err, "say %s", what);
    if (length >= WORD_MAX)
        return error_set(r->err, "'%.20s...' is too long", r->at);
    memcpy(word, r->at, length);
    word[length] = 0;
    r->at += length;
    return true;
}

/* Vectors, ports and values of registers are hexadecimal, as every list of them writes them. */
static bool hex_number(struct reader *r, const char *text, uint64_t *out)
{
    size_t length = strlen(text);
    if (length > 1 && (text[length - 1] == 'h' || text[length - 1] == 'H'))
        length--;
    const char *digits =
        length > 2 && text[0] == '0' && tolower((unsigned char)text[1]) == 'x' ? text + 2 : text;
    size_t count = length - (size_t)(digits - text);
    *out = 0;
    for (size_t i = 0; i < count; i++)
        if (!isxdigit((unsigned char)digits[i]))
            return error_set(r->err, "'%s' is no hexadecimal number", text);
        else
            *out = *out << 4 | (uint64_t)strtoul((char[2]){digits[i], 0}, NULL, 16);
    if (!count || count > 16)
        return error_set(r->err, "'%s' is no hexadecimal number", text);
    return true;
}

static bool one_address(struct reader *r, const char *text, uint64_t *out);

/* Two digits or more that would be read as a decimal number. */
static bool is_decimal(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 1 && !text[digits];
}

/* "A" or "A..B" by a function that reads one end. LIMITS says what goes up to MOST. */
static bool read_range(struct reader *r, const char *what, uint64_t most, const char *limits,
                       bool (*one)(struct reader *r, const char *text, uint64_t *out))
{
    char word[WORD_MAX];
    if (!copy_word(r, word, what))
        return false;
    char *dots = strstr(word, "..");
    if (dots)
        *dots = 0;
    if (dots && one == one_address && (is_decimal(word) != is_decimal(dots + 2)))
        return error_set(r->err, "%s..%s: one end is decimal, the other hexadecimal; write 0x before both",
                         word, dots + 2);
    if (!one(r, word, &r->out->first))
        return false;
    r->out->last = r->out->first;
    if (dots && !one(r, dots + 2, &r->out->last))
        return false;
    if (r->out->last > most)
        return error_set(r->err, "%s%s%s: too large; %s", word, dots ? ".." : "", dots ? dots + 2 : "",
                         limits);
    return r->out->last >= r->out->first || !r->monitor->machine ||
           error_set(r->err, "%s..%s: the end comes before the beginning; change them round", word, dots + 2);
}

static bool one_address(struct reader *r, const char *text, uint64_t *out)
{
    struct address address;
    if (*text == '*')
        text++; /* gdb's way of writing an address */
    if (!(r->out->physical ? expression_physical : expression_address)(r->monitor->machine, text, NULL,
                                                                       &address, r->err)) {
        if (isalpha((unsigned char)*text))
            return error_set(
                r->err,
                "'%s' is no address, nor anything else that break knows; help breakpoints tells what it does",
                text);
        return false;
    }
    *out = address.linear;
    return true;
}

/* --- kinds --- */

/* gdb: watch *(short *)ADDRESS watches as many bytes as the type has. 0: there is no type. */
static unsigned take_pointer_type(struct reader *r)
{
    unsigned size;
    bool pointer;
    skip_blanks(r);
    const char *at = r->at + (*r->at == '*');
    if (at == r->at)
        return 0;
    if (!expression_type(&at, &size, &pointer)) {
        r->at = at;
        return 4; /* an int, as everywhere */
    }
    if (!pointer)
        return 0;
    r->at = at;
    return size;
}

static bool read_length(struct reader *r)
{
    char word[WORD_MAX];
    uint64_t length;
    size_t n = peek_word(r);
    if (!n || !isdigit((unsigned char)*r->at) || memchr(r->at, '=', n))
        return true;
    if (!copy_word(r, word, "a length") ||
        !expression_number(r->monitor->machine, word, NULL, &length, r->err))
        return false;
    if (!length || length - 1 > UINT64_MAX - r->out->first)
        return error_set(r->err, "%s: a length of 1 or more bytes, please", word);
    r->out->last = r->out->first + length - 1;
    return true;
}

static bool read_place(struct reader *r)
{
    if (take_word(r, "physical phys"))
        r->out->physical = true;
    else if (take_word(r, "linear virtual"))
        r->out->physical = false;
    uint64_t most = r->out->physical ? ADDRESS_PHYSICAL_MAX : UINT32_MAX;
    const char *limits =
        r->out->physical ? "physical addresses end at 0xfffffffff" : "linear addresses end at 0xffffffff";
    unsigned size = r->out->kind == BREAK_MEMORY ? take_pointer_type(r) : 0;
    if (!read_range(r, "where: an address, SEGMENT:OFFSET, or FIRST..LAST", most, limits, one_address))
        return false;
    if (size)
        r->out->last = r->out->first + size - 1;
    if (!read_length(r))
        return false;
    return r->out->last <= most || error_set(r->err, "0x%" PRIx64 "..0x%" PRIx64 ": too large; %s",
                                             r->out->first, r->out->last, limits);
}

static bool read_execute(struct reader *r)
{
    return read_place(r);
}

static bool read_memory_read(struct reader *r)
{
    r->out->reads = true;
    return read_place(r);
}

static bool read_memory_write(struct reader *r)
{
    r->out->writes = true;
    return read_place(r);
}

static bool read_memory_access(struct reader *r)
{
    r->out->reads = r->out->writes = true;
    return read_place(r);
}

static bool read_port_number(struct reader *r)
{
    return read_range(r, "which port: a number, or FIRST..LAST", 0xFFFF, "ports are 0 to ffff", hex_number);
}

static bool read_port_in(struct reader *r)
{
    r->out->reads = true;
    return read_port_number(r);
}

static bool read_port_out(struct reader *r)
{
    r->out->writes = true;
    return read_port_number(r);
}

static bool read_port(struct reader *r)
{
    if (!read_port_number(r))
        return false;
    if (take_word(r, "r read in"))
        r->out->reads = true;
    else if (take_word(r, "w write out"))
        r->out->writes = true;
    else
        r->out->reads = r->out->writes = true;
    take_word(r, "rw");
    return true;
}

/* Does a number follow, or something else that the grammar has? */
static bool number_follows(struct reader *r)
{
    size_t n = peek_word(r);
    return n && isxdigit((unsigned char)*r->at) && !memchr(r->at, '=', n) && !is_one_of(r, n, "do");
}

static bool read_interrupt(struct reader *r)
{
    if (take_word(r, "hardware hw"))
        r->out->origins = BREAK_HARDWARE;
    else if (take_word(r, "software sw"))
        r->out->origins = BREAK_SOFTWARE;
    r->out->any = !number_follows(r);
    if (!r->out->any && !read_range(r, "which vector", 0xFF, "vectors are 0 to ff", hex_number))
        return false;
    if (take_word(r, "hardware hw"))
        r->out->origins = BREAK_HARDWARE;
    else if (take_word(r, "software sw"))
        r->out->origins = BREAK_SOFTWARE;
    return true;
}

/* bios 13 ah=42: calls by software. */
static bool read_bios(struct reader *r)
{
    r->out->origins = BREAK_SOFTWARE;
    return read_interrupt(r);
}

/* dos 4c: INT 21h with that function in AH. */
static bool read_dos(struct reader *r)
{
    char word[WORD_MAX];
    uint64_t function;
    r->out->origins = BREAK_SOFTWARE;
    r->out->first = r->out->last = 0x21;
    if (!number_follows(r))
        return true;
    if (!copy_word(r, word, "which function") || !hex_number(r, word, &function))
        return false;
    text_add(&r->filters, "ah == 0x%" PRIx64, function);
    return true;
}

static bool decimal_number(struct reader *r, const char *text, uint64_t *out)
{
    return expression_number(r->monitor->machine, text, NULL, out, r->err);
}

static bool read_irq(struct reader *r)
{
    r->out->origins = BREAK_HARDWARE;
    r->out->any = !number_follows(r);
    r->out->irq = true;
    return r->out->any || read_range(r, "which IRQ", 15, "the 8259s have IRQs 0 to 15", decimal_number);
}

/* By number (decimal) or by name: 14, #PF, pf. */
static bool exception_number(struct reader *r, const char *text, uint64_t *out)
{
    const char *name = *text == '#' ? text + 1 : text;
    for (unsigned vector = 0; vector < 32; vector++) {
        const char *known = exception_name(vector);
        if (known && *known == '#' && strlen(name) == 2 && !strncasecmp(known + 1, name, 2)) {
            *out = vector;
            return true;
        }
    }
    return decimal_number(r, text, out);
}

static bool read_exception(struct reader *r)
{
    size_t n = peek_word(r);
    r->out->any = !n || memchr(r->at, '=', n) || is_one_of(r, n, "if do ignore");
    if (r->out->any)
        return true;
    if (!read_range(r, "which exception", 31, "exceptions are 0 to 31, decimal", exception_number))
        return false;
    uint64_t vector = r->out->first;
    if (vector != r->out->last)
        return true;
    if (vector == 2)
        return error_set(r->err, "2 is the NMI, which is no exception; say break nmi");
    return exception_name((unsigned)vector) ||
           error_set(r->err,
                     "exception %" PRIu64 " is reserved, nothing raises it; break int %02" PRIx64
                     " stops at interrupts of that vector",
                     vector, vector);
}

static bool read_register_number(struct reader *r, uint64_t most, const char *limits)
{
    r->out->any = !number_follows(r);
    return r->out->any || read_range(r, "which register", most, limits, hex_number);
}

static bool is_only(const struct reader *r, uint64_t number)
{
    return !r->out->any && r->out->first == number && r->out->last == number;
}

static bool read_control(struct reader *r)
{
    static const char limits[] = "control registers are cr0, cr2, cr3 and cr4";
    if (!read_register_number(r, 4, limits))
        return false;
    return !is_only(r, 1) || error_set(r->err, "there is no cr1; %s", limits);
}

static bool read_debug(struct reader *r)
{
    static const char limits[] = "debug registers are dr0 to dr3, dr6 and dr7";
    if (!read_register_number(r, 7, limits))
        return false;
    return !(is_only(r, 4) || is_only(r, 5)) ||
           error_set(r->err, "writes to dr4 and dr5 go to dr6 and dr7; name these: %s", limits);
}

static bool read_msr(struct reader *r)
{
    return read_register_number(r, UINT32_MAX, "the numbers of MSRs have 32 bits");
}

static bool read_mode(struct reader *r)
{
    static const struct {
        const char *names;
        uint32_t mode;
    } modes[] = {{"real", CPU_MODE_REAL},    {"protected pm", CPU_MODE_PROTECTED},
                 {"v86 vm86", CPU_MODE_V86}, {"paging", CPU_MODE_PAGING},
                 {"long", CPU_MODE_LONG},    {"smm smi", CPU_MODE_SMM}};
    r->out->any = true;
    for (size_t i = 0; i < sizeof modes / sizeof *modes && r->out->any; i++)
        if (take_word(r, modes[i].names)) {
            r->out->any = false;
            r->out->mode = modes[i].mode;
        }
    if (!r->out->any && r->out->mode == CPU_MODE_LONG)
        return error_set(r->err,
                         "these processors have no long mode; say real, protected, v86, paging or smm");
    take_word(r, "mode");
    return true;
}

static bool read_triple(struct reader *r)
{
    take_word(r, "fault");
    return true;
}

/* Register kinds: "cr0 write" says no more than "cr0". */
static bool read_written(struct reader *r)
{
    take_word(r, "write w written");
    return true;
}

static bool read_nothing(struct reader *r)
{
    (void)r;
    return true;
}

/* NUMBER: for names that hold one, as cr0. */
static const struct kind_row {
    const char *names;
    enum break_kind kind;
    bool (*read)(struct reader *r);
    int number;
} kinds[] = {
    {"execute x exec", BREAK_EXECUTE, read_execute, -1},
    {"read r", BREAK_MEMORY, read_memory_read, -1},
    {"write w", BREAK_MEMORY, read_memory_write, -1},
    {"access a rw mem memory", BREAK_MEMORY, read_memory_access, -1},
    {"io port ioport", BREAK_PORT, read_port, -1},
    {"in", BREAK_PORT, read_port_in, -1},
    {"out", BREAK_PORT, read_port_out, -1},
    {"int interrupt", BREAK_INTERRUPT, read_interrupt, -1},
    {"bios", BREAK_INTERRUPT, read_bios, -1},
    {"dos", BREAK_INTERRUPT, read_dos, -1},
    {"syscall", BREAK_INTERRUPT, read_nothing, 0x80},
    {"nmi", BREAK_INTERRUPT, read_nothing, 2},
    {"irq", BREAK_INTERRUPT, read_irq, -1},
    {"exception exc fault", BREAK_EXCEPTION, read_exception, -1},
    {"cr", BREAK_CONTROL, read_control, -1},
    {"cr0", BREAK_CONTROL, read_written, 0},
    {"cr2", BREAK_CONTROL, read_written, 2},
    {"cr3", BREAK_CONTROL, read_written, 3},
    {"cr4", BREAK_CONTROL, read_written, 4},
    {"dr", BREAK_DEBUG, read_debug, -1},
    {"dr0", BREAK_DEBUG, read_written, 0},
    {"dr1", BREAK_DEBUG, read_written, 1},
    {"dr2", BREAK_DEBUG, read_written, 2},
    {"dr3", BREAK_DEBUG, read_written, 3},
    {"dr6", BREAK_DEBUG, read_written, 6},
    {"dr7", BREAK_DEBUG, read_written, 7},
    {"msr wrmsr", BREAK_MSR, read_msr, -1},
    {"gdtr lgdt", BREAK_TABLE, read_written, CPU_TABLE_GDTR},
    {"idtr lidt", BREAK_TABLE, read_written, CPU_TABLE_IDTR},
    {"ldtr lldt", BREAK_TABLE, read_written, CPU_TABLE_LDTR},
    {"tr ltr", BREAK_TABLE, read_written, CPU_TABLE_TR},
    {"mode", BREAK_MODE, read_mode, -1},
    {"real protected pm v86 vm86 paging long smm smi", BREAK_MODE, read_mode, -1},
    {"triple triplefault triple-fault shutdown", BREAK_TRIPLE_FAULT, read_triple, -1},
    {"hlt halt", BREAK_HALT, read_nothing, -1},
    {"magic", BREAK_MAGIC, read_nothing, -1},
};

static const struct kind_row *kind_row(enum break_kind kind)
{
    const struct kind_row *row = kinds;
    while (row->kind != kind)
        row++;
    return row;
}

/* An exception's name tells enough: #PF, or pf where that is no number and no register. */
static bool is_exception(struct reader *r, size_t length)
{
    return *r->at == '#' || is_one_of(r, length, "pf gp ud np ts nm mf of br mc");
}

/* int13, irq1: the number sticks to the kind. False: it does not. */
static bool number_sticks(struct reader *r, size_t length)
{
    size_t name = strcspn(r->at, "0123456789");
    if (name >= length || !(is_one_of(r, name, "int") || is_one_of(r, name, "irq")))
        return false;
    for (size_t i = name; i < length; i++)
        if (!isxdigit((unsigned char)r->at[i]) &&
            !(i + 1 == length && tolower((unsigned char)r->at[i]) == 'h'))
            return false;
    return true;
}

static const struct kind_row *find_kind(struct reader *r)
{
    size_t length = peek_word(r);
    if (length && is_exception(r, length))
        return kind_row(BREAK_EXCEPTION);
    if (number_sticks(r, length))
        length = 3;
    for (size_t i = 0; length && i < sizeof kinds / sizeof *kinds; i++)
        if (is_one_of(r, length, kinds[i].names)) {
            r->at += kinds[i].read == read_mode && !is_one_of(r, length, "mode") ? 0 : length;
            return &kinds[i];
        }
    return &kinds[0];
}

/* "write cr0" means the register, not what its value points to. */
static bool register_follows(struct reader *r)
{
    size_t length = peek_word(r);
    for (size_t i = 0; length && i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind >= BREAK_CONTROL && kinds[i].kind <= BREAK_TABLE &&
            is_one_of(r, length, kinds[i].names))
            return true;
    return false;
}

static bool read_kind(struct reader *r)
{
    const struct kind_row *row = find_kind(r);
    if (row->kind == BREAK_MEMORY && register_follows(r)) {
        if (row->read != read_memory_write)
            return error_set(r->err, "reads of registers are not told, only writes: break %s", r->at);
        row = find_kind(r);
    }
    r->out->kind = row->kind;
    r->out->origins = BREAK_SOFTWARE | BREAK_HARDWARE;
    if (row->number >= 0)
        r->out->first = r->out->last = (uint64_t)row->number;
    return row->read(r);
}

/* --- what else must hold, and what is done then --- */

/* REGISTER=VALUE, the value hexadecimal. */
static bool read_filter(struct reader *r)
{
    char word[WORD_MAX];
    uint64_t value;
    if (!copy_word(r, word, "a filter"))
        return false;
    char *equals = strchr(word, '=');
    if (!equals)
        return error_set(r->err, "'%s' is not understood here; help breakpoints tells the grammar", word);
    *equals = 0;
    if (!hex_number(r, equals + 1, &value))
        return false;
    text_add(&r->filters, "%s%s == 0x%" PRIx64, r->filters.length ? " && " : "", word, value);
    return true;
}

/* The condition ends at " do " or " ignore ". */
static bool read_condition(struct reader *r)
{
    skip_blanks(r);
    const char *end = strstr(r->at, " do "), *ignore = strstr(r->at, " ignore ");
    if (!end || (ignore && ignore < end))
        end = ignore;
    size_t length = end ? (size_t)(end - r->at) : strlen(r->at);
    if (!length)
        return error_set(r->err, "a condition is missing after if");
    text_add(&r->filters, r->filters.length ? " && (%.*s)" : "%.*s", (int)length, r->at);
    r->at += length;
    return true;
}

static bool read_commands(struct reader *r)
{
    skip_blanks(r);
    if (!action_add_all(r->monitor, &r->out->actions, r->at, r->err))
        return false;
    r->at += strlen(r->at);
    return r->out->actions.count || error_set(r->err, "say what to do after do: do COMMAND; COMMAND ...");
}

static bool read_ignore(struct reader *r, const char *word)
{
    return breakpoint_ignore_count(r->monitor, word, &r->out->ignore, r->err);
}

static bool read_rest(struct reader *r)
{
    char word[WORD_MAX];
    while (peek_word(r)) {
        bool ok;
        if (take_word(r, "once temporary"))
            ok = r->out->temporary = true;
        else if (take_word(r, "ignore"))
            ok = copy_word(r, word, "how many times to ignore it") && read_ignore(r, word);
        else if (take_word(r, "if"))
            ok = read_condition(r);
        else if (take_word(r, "do"))
            ok = read_commands(r);
        else
            ok = read_filter(r);
        if (!ok)
            return false;
    }
    return true;
}

static bool check_condition(struct reader *r)
{
    if (!r->filters.length)
        return true;
    r->out->condition = breakpoint_condition(r->out, text_chars(&r->filters), r->err);
    return r->out->condition;
}

struct condition *breakpoint_condition(const struct breakpoint *point, const char *text, struct error *err)
{
    struct condition *condition = condition_create(text, event_variables_none, err);
    if (condition && condition_can_hold(condition, event_variables_told(point->kind), err))
        return condition;
    condition_free(condition);
    return NULL;
}

bool breakpoint_ignore_count(struct monitor *monitor, const char *text, uint64_t *out, struct error *err)
{
    return expression_number(monitor->machine, text, NULL, out, err) &&
           (*out <= INT64_MAX || error_set(err, "ignore %s: a count of stops from 0 on, please", text));
}

bool breakpoint_parse(struct monitor *monitor, const char *text, const struct break_defaults *defaults,
                      struct breakpoint *out, struct error *err)
{
    *out = (struct breakpoint){.enabled = true, .temporary = defaults->once, .physical = defaults->physical};
    struct text whole = {0};
    if (defaults->kind)
        text_add(&whole, "%s ", defaults->kind);
    /* Commas stand for blanks, as in gdb's lists, but not in the commands of an action. */
    const char *action = strstr(text, " do ");
    for (const char *at = text; *at; at++)
        text_add(&whole, "%c", *at == ',' && (!action || at < action) ? ' ' : *at);
    struct reader r = {.monitor = monitor, .at = text_chars(&whole), .out = out, .err = err};
    if (take_word(&r, "once temporary"))
        out->temporary = true;
    bool ok = read_kind(&r) && read_rest(&r) && check_condition(&r);
    text_free(&whole);
    text_free(&r.filters);
    if (!ok)
        breakpoint_free(out);
    return ok;
}

void breakpoint_free(struct breakpoint *point)
{
    condition_free(point->condition);
    point->condition = NULL;
    action_free(&point->actions);
}

/* --- and back into words --- */

static void describe_range(const struct breakpoint *point, const char *format, struct text *out)
{
    text_add(out, format, point->first);
    if (point->last != point->first) {
        text_add(out, "..");
        text_add(out, format, point->last);
    }
}

static void describe_number(const struct breakpoint *point, const char *name, const char *format,
                            struct text *out)
{
    text_add(out, "%s", name);
    if (point->any)
        return;
    describe_range(point, format, out);
}

static void describe_what(const struct breakpoint *point, struct text *out)
{
    static const char *const tables[] = {"gdtr", "idtr", "ldtr", "tr"};
    switch (point->kind) {
    case BREAK_EXECUTE:
    case BREAK_MEMORY:
        text_add(out, "%s %s",
                 point->kind == BREAK_EXECUTE    ? "execute"
                 : point->reads && point->writes ? "access"
                 : point->reads                  ? "read"
                                                 : "write",
                 point->physical ? "physical " : "");
        describe_range(point, "%08" PRIx64, out);
        break;
    case BREAK_PORT:
        describe_number(point, "io ", "%04" PRIx64, out);
        text_add(out, "%s", point->reads && point->writes ? "" : point->reads ? " read" : " write");
        break;
    case BREAK_INTERRUPT:
        describe_number(point, point->irq ? "irq " : "int ", point->irq ? "%" PRIu64 : "%02" PRIx64, out);
        if (!point->irq && point->origins != (BREAK_SOFTWARE | BREAK_HARDWARE))
            text_add(out, "%s%s", point->any ? "" : " ",
                     point->origins == BREAK_SOFTWARE ? "software" : "hardware");
        break;
    case BREAK_EXCEPTION:
        describe_number(point, "exception ", "%" PRIu64, out);
        break;
    case BREAK_CONTROL:
        describe_number(point, "cr", "%" PRIx64, out);
        break;
    case BREAK_DEBUG:
        describe_number(point, "dr", "%" PRIx64, out);
        break;
    case BREAK_MSR:
        describe_number(point, "msr ", "%" PRIx64, out);
        break;
    case BREAK_TABLE:
        text_add(out, "%s", tables[point->first]);
        break;
    case BREAK_MODE:
        text_add(out, "mode %s", point->any ? "" : mode_word(point->mode));
        break;
    case BREAK_TRIPLE_FAULT:
        text_add(out, "triple fault");
        break;
    case BREAK_HALT:
        text_add(out, "hlt");
        break;
    case BREAK_MAGIC:
        text_add(out, "magic");
        break;
    }
}

void breakpoint_describe(const struct breakpoint *point, struct text *out)
{
    describe_what(point, out);
    while (out->length && out->chars[out->length - 1] == ' ')
        out->chars[--out->length] = 0;
    if (point->condition)
        text_add(out, " if %s", condition_text(point->condition));
}
