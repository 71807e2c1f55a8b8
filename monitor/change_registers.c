/* "set": registers, flags, memory, and how the monitor shows things. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cpu/fpu.h"
#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/float_text.h"
#include "monitor/monitor_private.h"
#include "monitor/poke.h"
#include "monitor/registers.h"
#include "monitor/target.h"

static const char *skip_equals(const char *text)
{
    text += strspn(text, " \t");
    text += *text == '=';
    return text + strspn(text, " \t");
}

/* The word WORD at the start of TEXT, and a blank or the end: what follows; else NULL. */
static const char *after_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(text, word, length) || (text[length] && text[length] != ' ' && text[length] != '\t'))
        return NULL;
    return text + length + strspn(text + length, " \t");
}

/* --- How things are shown ---------------------------------------------------------------------------------
 */

static bool set_syntax(struct monitor *monitor, const char *value, struct error *err)
{
    if (strcmp(value, "intel") && strcmp(value, "att"))
        return error_set(err, "set syntax %s: say intel or att", value);
    monitor->att = !strcmp(value, "att");
    return true;
}

/* What gdb and Bochs set and what is always so here. */
static bool set_nothing(const char *text)
{
    static const char *const names[] = {"pagination",
                                        "confirm",
                                        "height",
                                        "width",
                                        "listsize",
                                        "verbose",
                                        "print",
                                        "history",
                                        "style",
                                        "prompt",
                                        "args",
                                        "u",
                                        "disasm",
                                        "disassemble-next-line",
                                        "$auto_disassemble",
                                        "auto_disassemble"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (after_word(text, names[i]))
            return true;
    return false;
}

static bool set_architecture(struct monitor *monitor, const char *name, struct error *err)
{
    static const struct {
        const char *name, *bits;
    } names[] = {{"i8086", "16"}, {"i386", "32"}, {"i386:x86-64", "64"}, {"auto", "auto"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i].name))
            return set_code_bits(monitor, names[i].bits, err);
    return error_set(err, "set architecture %s: i8086, i386 or auto, which is what CS says", name);
}

/* --- Registers --------------------------------------------------------------------------------------------
 */

static bool set_flag(struct monitor *monitor, unsigned bit, unsigned width, uint64_t value, struct error *err)
{
    struct register_place place;
    struct cpu_registers r;
    uint64_t mask = ((1ull << width) - 1) << bit;
    if (value >> width)
        return error_set(err, "a flag is 0 or 1, and iopl 0 to 3");
    target_registers(monitor->machine, &r);
    register_find("eflags", 6, &place);
    return register_set(monitor->machine, &place, (r.rflags & ~mask) | value << bit, err);
}

/* ST0-ST7 and MM0-MM7. */
static bool set_fpu_register(struct monitor *monitor, char kind, unsigned n, const char *text,
                             struct error *err)
{
    const struct fpu *now = cpu_get_fpu(machine_cpu(monitor->machine, 0));
    if (!now)
        return error_set(err, "this processor has no x87 unit; --cpu help lists others");
    struct fpu fpu = *now;
    if (kind == 'm') {
        uint64_t value;
        if (!expression_number(monitor->machine, text, NULL, &value, err))
            return false;
        fpu.reg[n] = (struct float80){value, 0xFFFF};
        fpu.tag |= (uint8_t)(1u << n);
    } else {
        if (!float80_parse(text, fpu_st(&fpu, n)))
            return error_set(err, "st%u: '%s' is no decimal number", n, text);
        fpu.tag |= (uint8_t)(1u << ((fpu.top + n) & 7));
    }
    machine_set_fpu(monitor->machine, &fpu);
    return true;
}

static bool set_fpu_word(struct monitor *monitor, const char *name, uint64_t value, struct error *err)
{
    const struct fpu *now = cpu_get_fpu(machine_cpu(monitor->machine, 0));
    if (!now)
        return error_set(err, "this processor has no x87 unit; --cpu help lists others");
    if (value > 0xFFFF)
        return error_set(err, "%s: has 16 bits", name);
    struct fpu fpu = *now;
    if (!strcmp(name, "fcw")) {
        fpu.control = (uint16_t)value;
    } else {
        fpu.status = (uint16_t)(value & ~(uint64_t)FPU_TOP);
        fpu.top = value >> 11 & 7;
    }
    machine_set_fpu(monitor->machine, &fpu);
    return true;
}

static bool set_msr(struct monitor *monitor, const char *text, struct error *err)
{
    uint32_t index;
    uint64_t value;
    if (!msr_index(monitor, text, &text, &index, err) ||
        !expression_number(monitor->machine, skip_equals(text), NULL, &value, err))
        return false;
    return machine_set_msr(monitor->machine, index, value) ||
           error_set(err, "MSR %08" PRIx32 " is not there, or does not take 0x%" PRIx64, index, value);
}

static bool fpu_register(const char *name, size_t length)
{
    return length == 3 && (!strncasecmp(name, "st", 2) || !strncasecmp(name, "mm", 2)) && name[2] >= '0' &&
           name[2] <= '7';
}

static bool fpu_word(const char *name, size_t length)
{
    return length == 3 && (!strncasecmp(name, "fcw", 3) || !strncasecmp(name, "fsw", 3));
}

static bool no_register(const char *name, size_t length, struct error *err)
{
    return error_set(err, "there is no register '%.*s'; help set tells what can be set", (int)length, name);
}

static bool set_register(struct monitor *monitor, const char *name, size_t length, const char *text,
                         struct error *err)
{
    struct register_place place;
    unsigned bit, width;
    uint64_t value;
    if (fpu_register(name, length))
        return set_fpu_register(monitor, name[0] | 0x20, (unsigned)(name[2] - '0'), text, err);
    bool word = fpu_word(name, length);
    bool known = register_find(name, length, &place), flag = !known && flag_find(name, length, &bit, &width);
    if (!known && !flag && !word)
        return no_register(name, length, err);
    if (!expression_number(monitor->machine, text, NULL, &value, err))
        return false;
    if (length == 2 && !strncasecmp(name, "pc", 2)) { /* a linear address, as it is shown */
        struct cpu_registers r;
        target_registers(monitor->machine, &r);
        value = (uint32_t)(value - r.segment[CPU_CS].base);
    }
    if (word)
        return set_fpu_word(monitor, name[1] == 'c' ? "fcw" : "fsw", value, err);
    return flag ? set_flag(monitor, bit, width, value, err)
                : register_set(monitor->machine, &place, value, err);
}

/* --- Memory -----------------------------------------------------------------------------------------------
 */

/* {int}ADDRESS = VALUE, *ADDRESS = VALUE, byte ADDRESS = VALUE. *DONE: TEXT was one of these. */
static enum monitor_result set_memory(struct monitor *monitor, const char *text, bool *done,
                                      struct error *err)
{
    static const struct {
        const char *word;
        const char *format;
    } sizes[] = {{"byte ", "b"}, {"word ", "h"}, {"dword ", "w"}, {"qword ", "g"}};
    static const char *const formats[] = {[1] = "b", [2] = "h", [4] = "w", [8] = "g"};
    unsigned size = 4;
    bool pointer;
    const char *place = text + (*text == '*');
    if (*text == '{' || *text == '*') {
        expression_type(&place, &size, &pointer);
        *done = true;
        return command_write(monitor, formats[size], place + strspn(place, " \t"), err);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t length = strlen(sizes[i].word);
        if (strncmp(text, sizes[i].word, length))
            continue;
        *done = true;
        return command_write(monitor, sizes[i].format, text + length + strspn(text + length, " \t"), err);
    }
    return MONITOR_DONE;
}

/* The name at *TEXT, which moves to the value. False with ERR. */
static bool split_assignment(const char **text, const char **name, size_t *length, struct error *err)
{
    const char *all = *text;
    *name = all + (*all == '$');
    *length = strcspn(*name, " \t=");
    *text = skip_equals(*name + *length);
    return (*length && **text) ||
           error_set(err, "set %s: say set REGISTER = VALUE; help set tells what else can be set", all);
}

bool set_check(const char *text, struct error *err)
{
    static const char *const others[] = {"syntax",       "disassembly-flavor",
                                         "architecture", "arch",
                                         "logging",      "cpu",
                                         "$cpu",         "code",
                                         "msr",          "byte",
                                         "word",         "dword",
                                         "qword"};
    const char *rest, *name;
    size_t length;
    uint64_t value;
    struct register_place place;
    unsigned bit, width;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (after_word(text, others[i]))
            return true;
    if (set_nothing(text) || *text == '{' || *text == '*')
        return true;
    if ((rest = after_word(text, "var")) || (rest = after_word(text, "variable")))
        text = rest;
    if (!split_assignment(&text, &name, &length, err))
        return false;
    if (fpu_register(name, length) || fpu_word(name, length))
        return true;
    return (register_find(name, length, &place) || flag_find(name, length, &bit, &width) ||
            no_register(name, length, err)) &&
           expression_number(NULL, text, NULL, &value, err);
}

static bool set_anything(struct monitor *monitor, const char *text, struct error *err)
{
    const char *rest;
    bool memory = false;
    if ((rest = after_word(text, "syntax")) || (rest = after_word(text, "disassembly-flavor")))
        return set_syntax(monitor, rest, err);
    if ((rest = after_word(text, "architecture")) || (rest = after_word(text, "arch")))
        return set_architecture(monitor, rest, err);
    if (set_nothing(text))
        return true;
    if (after_word(text, "logging"))
        return error_set(err,
                         "set logging: run tick86 with -x or --monitor-script and send its output to a file");
    if (after_word(text, "$cpu") || after_word(text, "cpu"))
        return error_set(err, "there is one processor");
    if ((rest = after_word(text, "code")))
        return set_code_bits(monitor, rest, err);
    if ((rest = after_word(text, "msr")))
        return set_msr(monitor, rest, err);
    if ((rest = after_word(text, "var")) || (rest = after_word(text, "variable")))
        text = rest;
    enum monitor_result result = set_memory(monitor, text, &memory, err);
    if (memory)
        return result == MONITOR_DONE;
    const char *name;
    size_t length;
    return split_assignment(&text, &name, &length, err) && set_register(monitor, name, length, text, err);
}

enum monitor_result command_set(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format;
    if (!set_anything(monitor, arguments, err))
        return MONITOR_FAILED;
    registers_changed(monitor);
    return MONITOR_DONE;
}
