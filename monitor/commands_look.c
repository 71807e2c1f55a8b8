/* Commands that look: registers, memory, instructions, devices. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "bus/device.h"
#include "machine/machine.h"
#include "monitor/disassemble.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/target.h"

#define COUNT_MAX 65536

/* --- Registers --------------------------------------------------------------------------------------------
 */

static void print_flags(FILE *out, uint64_t flags)
{
    static const char names[] = "cf pf af zf sf tf if df of ";
    static const unsigned char bits[] = {0, 2, 4, 6, 7, 8, 9, 10, 11};
    for (size_t i = sizeof bits; i-- > 0;) {
        char name[3] = {names[i * 3], names[i * 3 + 1], 0};
        if (flags >> bits[i] & 1)
            name[0] = (char)toupper((unsigned char)name[0]), name[1] = (char)toupper((unsigned char)name[1]);
        fprintf(out, " %s", name);
    }
}

static void print_segment(FILE *out, const char *name, const struct cpu_segment *segment)
{
    fprintf(out, "%-4s %04x  base %08" PRIx64 "  limit %08x  access %04x\n", name, segment->selector,
            segment->base, segment->limit, segment->access);
}

enum monitor_result command_registers(struct monitor *monitor, const char *format, const char *arguments,
                                      struct error *err)
{
    (void)format, (void)arguments, (void)err;
    static const char *const names[16] = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    static const unsigned char order[8] = {0, 3, 1, 2, 6, 7, 5, 4};
    static const char *const segments[CPU_SEGMENTS] = {"es", "cs", "ss", "ds", "fs", "gs"};
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    bool wide = target_code_bits(&r) == 64;
    FILE *out = monitor->out;
    for (size_t i = 0; i < 8; i++) {
        if (wide)
            fprintf(out, "r%s %016" PRIx64 "%s", names[order[i]], r.gpr[order[i]], i & 1 ? "\n" : "  ");
        else
            fprintf(out, "e%s %08x%s", names[order[i]], (unsigned)r.gpr[order[i]],
                    (i & 3) == 3 ? "\n" : "  ");
    }
    for (size_t i = 8; wide && i < 16; i++)
        fprintf(out, "r%-2zu %016" PRIx64 "%s", i, r.gpr[i], i & 1 ? "\n" : "  ");
    fprintf(out, wide ? "rip %016" PRIx64 "  rflags %08x" : "eip %08" PRIx64 "  eflags %08x", r.rip,
            (unsigned)r.rflags);
    print_flags(out, r.rflags);
    fprintf(out, "  iopl %u\n", (unsigned)(r.rflags >> 12 & 3));
    for (size_t i = 0; i < CPU_SEGMENTS; i++)
        print_segment(out, segments[i], &r.segment[i]);
    print_segment(out, "ldtr", &r.ldtr);
    print_segment(out, "tr", &r.tr);
    fprintf(out, "gdtr base %08" PRIx64 " limit %04x  idtr base %08" PRIx64 " limit %04x\n", r.gdtr_base,
            r.gdtr_limit, r.idtr_base, r.idtr_limit);
    fprintf(out, "cr0 %08" PRIx64 "  cr2 %08" PRIx64 "  cr3 %08" PRIx64 "  cr4 %08" PRIx64 "  cpl %u\n",
            r.cr0, r.cr2, r.cr3, r.cr4, r.cpl);
    return MONITOR_DONE;
}

enum monitor_result command_print(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format;
    struct address address;
    if (!expression_address(monitor->machine, arguments, NULL, &address, err))
        return MONITOR_FAILED;
    fprintf(monitor->out, "0x%" PRIx64 "  %" PRIu64 "\n", address.linear, address.linear);
    return MONITOR_DONE;
}

/* --- Instructions -----------------------------------------------------------------------------------------
 */

unsigned print_instruction(struct monitor *monitor, uint64_t linear)
{
    struct cpu_registers registers;
    struct disassembly instruction;
    uint8_t bytes[16];
    target_registers(monitor->machine, &registers);
    unsigned bits = target_code_bits(&registers);
    size_t count = target_peek(monitor->machine, linear, bytes, sizeof bytes);
    if (!count)
        return 0;
    const struct cpu_segment *cs = &registers.segment[CPU_CS];
    uint64_t ip = bits == 64 ? linear : (uint32_t)(linear - cs->base);
    /* Code outside CS is shown by its linear address alone. */
    bool in_cs = bits != 64 && ip <= cs->limit;
    disassemble(bytes, count, in_cs ? ip : linear, bits, target_real_segments(&registers), monitor->att,
                &instruction);
    fprintf(monitor->out, "%08" PRIx64 "  ", linear);
    if (in_cs)
        fprintf(monitor->out, bits == 16 && ip <= 0xFFFF ? "%04x:%04x  " : "%04x:%08x  ", cs->selector,
                (unsigned)ip);
    int column = 0;
    for (unsigned i = 0; i < instruction.length && i < count; i++)
        column += fprintf(monitor->out, "%02x", bytes[i]);
    fprintf(monitor->out, "%*s%s\n", column < 16 ? 18 - column : 2, "", instruction.text);
    return instruction.length;
}

static bool show_instructions(struct monitor *monitor, uint64_t linear, unsigned count, struct error *err)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned length = print_instruction(monitor, linear);
        if (!length)
            return error_set(err, "%08" PRIx64 ": no memory there", linear);
        linear += length;
        monitor->next_look = linear;
    }
    return true;
}

enum monitor_result command_disassemble(struct monitor *monitor, const char *format, const char *arguments,
                                        struct error *err)
{
    uint64_t count = 10;
    struct address address = {.linear = monitor->next_look};
    if (*format &&
        (!expression_number(monitor->machine, format, NULL, &count, err) || !count || count > COUNT_MAX)) {
        error_set(err, "/%s: a number of instructions, please", format);
        return MONITOR_FAILED;
    }
    if (*arguments && !expression_address(monitor->machine, arguments, NULL, &address, err))
        return MONITOR_FAILED;
    return show_instructions(monitor, address.linear, (unsigned)count, err) ? MONITOR_DONE : MONITOR_FAILED;
}

/* --- Memory -----------------------------------------------------------------------------------------------
 */

struct look {
    unsigned count;
    char format;   /* x d u o t c s i */
    unsigned size; /* bytes */
};

/* "16xb": count, format and size, in this order or the last two swapped. */
static bool parse_look(const char *format, struct look *out, struct error *err)
{
    *out = (struct look){.count = 1, .format = 'x', .size = 4};
    char *end;
    if (isdigit((unsigned char)*format)) {
        unsigned long count = strtoul(format, &end, 10);
        if (!count || count > COUNT_MAX)
            return error_set(err, "/%s: a count from 1 to %d, please", format, COUNT_MAX);
        out->count = (unsigned)count;
        format = end;
    }
    for (; *format; format++) {
        static const char sizes[] = "bhwg";
        const char *size = strchr(sizes, *format);
        if (size)
            out->size = 1u << (size - sizes);
        else if (*format == 'm')
            continue; /* Bochs: memory dump */
        else if (strchr("xduotcsia", *format))
            out->format = *format;
        else
            return error_set(err, "/...%c: a count, then one of x d u o t c s i, then one of b h w g",
                             *format);
    }
    if (out->format == 'c')
        out->size = 1;
    return true;
}

static void print_binary(FILE *out, uint64_t value, unsigned bits)
{
    for (unsigned i = bits; i-- > 0;)
        fputc((int)('0' + (value >> i & 1)), out);
}

static void print_unit(FILE *out, const struct look *look, uint64_t value)
{
    unsigned bits = look->size * 8;
    int64_t sign = (int64_t)(value << (64 - bits)) >> (64 - bits);
    switch (look->format) {
    case 'd':
        fprintf(out, " %" PRId64, sign);
        break;
    case 'u':
        fprintf(out, " %" PRIu64, value);
        break;
    case 'o':
        fprintf(out, " 0%" PRIo64, value);
        break;
    case 't':
        fputc(' ', out);
        print_binary(out, value, bits);
        break;
    case 'c':
        fprintf(out, value >= ' ' && value <= '~' ? " '%c'" : " %02x ", (int)value);
        break;
    default:
        fprintf(out, " 0x%0*" PRIx64, (int)look->size * 2, value);
        break;
    }
}

static size_t peek(struct monitor *monitor, bool physical, uint64_t address, void *buffer, size_t count)
{
    return physical ? target_peek_physical(monitor->machine, address, buffer, count)
                    : target_peek(monitor->machine, address, buffer, count);
}

static bool show_string(struct monitor *monitor, bool physical, struct error *err)
{
    uint8_t byte;
    uint64_t at = monitor->next_look;
    if (!peek(monitor, physical, at, &byte, 1))
        return error_set(err, "%08" PRIx64 ": no memory there", at);
    fprintf(monitor->out, "%08" PRIx64 ": \"", at);
    for (unsigned i = 0; i < 256 && peek(monitor, physical, at, &byte, 1) && byte; i++, at++)
        fprintf(monitor->out, byte >= ' ' && byte <= '~' ? "%c" : "\\x%02x", byte);
    fputs("\"\n", monitor->out);
    monitor->next_look = at + 1;
    return true;
}

static bool show_units(struct monitor *monitor, const struct look *look, bool physical, struct error *err)
{
    unsigned per_line = look->size == 8 ? 2 : look->size == 4 ? 4 : 8;
    for (unsigned i = 0; i < look->count; i++) {
        uint8_t bytes[8];
        uint64_t value = 0, at = monitor->next_look;
        if (peek(monitor, physical, at, bytes, look->size) != look->size) {
            if (i % per_line)
                fputc('\n', monitor->out);
            return error_set(err, "%08" PRIx64 ": no memory there", at);
        }
        for (unsigned k = look->size; k-- > 0;)
            value = value << 8 | bytes[k];
        if (i % per_line == 0)
            fprintf(monitor->out, "%08" PRIx64 ":", at);
        print_unit(monitor->out, look, value);
        if (i % per_line == per_line - 1 || i + 1 == look->count)
            fputc('\n', monitor->out);
        monitor->next_look = at + look->size;
    }
    return true;
}

static enum monitor_result examine(struct monitor *monitor, const char *format, const char *arguments,
                                   bool physical, struct error *err)
{
    struct look look;
    struct address address = {.linear = monitor->next_look};
    if (*format)
        snprintf(monitor->look, sizeof monitor->look, "%s", format);
    if (!parse_look(monitor->look, &look, err) ||
        (*arguments && !expression_address(monitor->machine, arguments, NULL, &address, err)))
        return MONITOR_FAILED;
    monitor->next_look = address.linear;
    if (look.format == 'i')
        return show_instructions(monitor, address.linear, look.count, err) ? MONITOR_DONE : MONITOR_FAILED;
    if (look.format == 's') {
        for (unsigned i = 0; i < look.count; i++)
            if (!show_string(monitor, physical, err))
                return MONITOR_FAILED;
        return MONITOR_DONE;
    }
    return show_units(monitor, &look, physical, err) ? MONITOR_DONE : MONITOR_FAILED;
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

/* --- The rest ---------------------------------------------------------------------------------------------
 */

enum monitor_result command_screen(struct monitor *monitor, const char *format, const char *arguments,
                                   struct error *err)
{
    (void)format, (void)arguments, (void)err;
    struct text screen = {0};
    machine_screen_text(monitor->machine, &screen);
    fputs(text_chars(&screen), monitor->out);
    text_free(&screen);
    return MONITOR_DONE;
}

enum monitor_result command_set(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format;
    if (!strcmp(arguments, "syntax intel"))
        monitor->att = false;
    else if (!strcmp(arguments, "syntax att"))
        monitor->att = true;
    else {
        error_set(err, "set %s: say set syntax intel, or set syntax att", arguments);
        return MONITOR_FAILED;
    }
    return MONITOR_DONE;
}

static void print_text(struct monitor *monitor, struct text *text)
{
    fputs(text_chars(text), monitor->out);
    if (text->length && text->chars[text->length - 1] != '\n')
        fputc('\n', monitor->out);
    text_free(text);
}

static enum monitor_result info_registers(struct monitor *monitor, const char *rest, struct error *err)
{
    return command_registers(monitor, "", rest, err);
}

static enum monitor_result info_breakpoints(struct monitor *monitor, const char *rest, struct error *err)
{
    (void)rest, (void)err;
    print_breakpoints(monitor);
    return MONITOR_DONE;
}

static enum monitor_result info_cpu(struct monitor *monitor, const char *rest, struct error *err)
{
    (void)rest, (void)err;
    struct text text = {0};
    cpu_print(machine_cpu(monitor->machine, 0), &text);
    print_text(monitor, &text);
    return MONITOR_DONE;
}

static enum monitor_result info_devices(struct monitor *monitor, const char *rest, struct error *err)
{
    (void)rest, (void)err;
    for (const struct device *at = machine_devices(monitor->machine)->first; at; at = at->next)
        fprintf(monitor->out, "%-12s %s\n", at->name, at->type->title);
    return MONITOR_DONE;
}

static enum monitor_result info_device(struct monitor *monitor, const char *rest, struct error *err)
{
    const struct device *device = device_find(machine_devices(monitor->machine), rest);
    if (!device) {
        error_set(err, "there is no device '%s'; info devices lists them", rest);
        return MONITOR_FAILED;
    }
    struct text text = {0};
    if (device->type->print)
        device->type->print(device, &text);
    print_text(monitor, &text);
    return MONITOR_DONE;
}

static enum monitor_result info_events(struct monitor *monitor, const char *rest, struct error *err)
{
    (void)rest, (void)err;
    struct text text = {0};
    clock_print(machine_clock(monitor->machine), &text);
    print_text(monitor, &text);
    return MONITOR_DONE;
}

static enum monitor_result info_map(struct monitor *monitor, const char *rest, struct error *err)
{
    (void)rest, (void)err;
    for (const struct mem_region *at = bus_regions(machine_bus(monitor->machine)); at; at = at->next)
        fprintf(monitor->out, "%09" PRIx64 "-%09" PRIx64 "  priority %3d  %-8s %s%s\n", at->base,
                at->base + at->size - 1, at->priority, at->name, at->owner ? at->owner : "",
                at->enabled ? "" : "  (off)");
    return MONITOR_DONE;
}

static const struct {
    const char *name;
    enum monitor_result (*show)(struct monitor *monitor, const char *rest, struct error *err);
} infos[] = {
    {"registers", info_registers},
    {"breakpoints", info_breakpoints},
    {"cpu", info_cpu},
    {"devices", info_devices},
    {"device", info_device},
    {"events", info_events},
    {"map", info_map},
};

enum monitor_result command_info(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format;
    size_t length = strcspn(arguments, " \t");
    const char *rest = arguments + length;
    rest += strspn(rest, " \t");
    int found = -1;
    for (int i = 0; i < (int)(sizeof infos / sizeof *infos); i++) {
        if (!length || strncmp(infos[i].name, arguments, length))
            continue;
        if (strlen(infos[i].name) == length)
            return infos[i].show(monitor, rest, err);
        found = found < 0 ? i : found;
    }
    if (found >= 0)
        return infos[found].show(monitor, rest, err);
    error_set(err, "info: one of registers, breakpoints, cpu, devices, device NAME, events, map");
    return MONITOR_FAILED;
}
