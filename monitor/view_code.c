/* Disassembly in the width that CS says, with marks for where execution stands, breakpoints and jump targets.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "machine/machine.h"
#include "monitor/disassemble.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/target.h"

#define COUNT_MAX 65536

struct line {
    uint64_t linear;
    uint64_t ip;
    bool in_cs; /* IP is an offset in CS; else the linear address */
    uint8_t bytes[16];
    size_t count; /* of bytes that could be read */
    struct disassembly instruction;
};

static unsigned code_bits(const struct monitor *monitor, const struct cpu_registers *r)
{
    return monitor->code_bits ? monitor->code_bits : target_code_bits(r);
}

static bool fetch_line(struct monitor *monitor, const struct cpu_registers *r, bool physical, uint64_t linear,
                       struct line *line)
{
    unsigned bits = code_bits(monitor, r);
    const struct cpu_segment *cs = &r->segment[CPU_CS];
    line->linear = linear;
    line->count = monitor_peek(monitor, physical, linear, line->bytes, sizeof line->bytes);
    if (!line->count)
        return false;
    line->ip = bits == 64 ? linear : (uint32_t)(linear - cs->base);
    /* Code outside CS is shown by its linear address alone. */
    line->in_cs = !physical && bits != 64 && line->ip <= cs->limit;
    if (!line->in_cs)
        line->ip = linear;
    disassemble(line->bytes, line->count, line->ip, bits, target_real_segments(r), monitor->att,
                &line->instruction);
    return true;
}

static void print_line(struct monitor *monitor, const struct cpu_registers *r, const struct line *line)
{
    FILE *out = monitor->out;
    fprintf(out, "%08" PRIx64 "  ", line->linear);
    if (line->in_cs)
        fprintf(out, code_bits(monitor, r) == 16 && line->ip <= 0xFFFF ? "%04x:%04x  " : "%04x:%08x  ",
                r->segment[CPU_CS].selector, (unsigned)line->ip);
    int column = 0;
    for (unsigned i = 0; i < line->instruction.length && i < line->count; i++)
        column += fprintf(out, "%02x", line->bytes[i]);
    fprintf(out, "%*s%s", column < 16 ? 18 - column : 2, "", line->instruction.text);
}

unsigned print_instruction(struct monitor *monitor, uint64_t linear)
{
    struct cpu_registers r;
    struct line line;
    target_registers(monitor->machine, &r);
    if (!fetch_line(monitor, &r, false, linear, &line))
        return 0;
    print_line(monitor, &r, &line);
    fputc('\n', monitor->out);
    return line.instruction.length;
}

/* --- Listings ---------------------------------------------------------------------------------------------
 */

/* Where the relative jump or call of LINE leads, linear. False: it is none. */
static bool jump_target(const struct line *line, uint64_t *target)
{
    if (!line->instruction.is_relative)
        return false;
    *target = (uint32_t)(line->instruction.target - line->ip + line->linear);
    return true;
}

static bool jumped_to(const struct line *lines, unsigned count, uint64_t linear)
{
    uint64_t target;
    for (unsigned i = 0; i < count; i++)
        if (jump_target(&lines[i], &target) && target == linear)
            return true;
    return false;
}

/* "*" a breakpoint, "=>" the next instruction, ">" a jump of this listing leads here. */
static void print_marks(struct monitor *monitor, const struct cpu_registers *r, const struct line *lines,
                        unsigned count, const struct line *line)
{
    bool current = line->linear == target_next_linear(r);
    fprintf(monitor->out, "%c%s%c ", breakpoint_marks(monitor, line->linear) ? '*' : ' ',
            current ? "=>" : "  ", jumped_to(lines, count, line->linear) ? '>' : ' ');
}

static void print_listing(struct monitor *monitor, const struct cpu_registers *r, const struct line *lines,
                          unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t target;
        print_marks(monitor, r, lines, count, &lines[i]);
        print_line(monitor, r, &lines[i]);
        if (jump_target(&lines[i], &target) && target >= lines[0].linear && target <= lines[count - 1].linear)
            fprintf(monitor->out, "  ; %s %08" PRIx64, target > lines[i].linear ? "down to" : "up to",
                    target);
        fputc('\n', monitor->out);
    }
}

bool show_instructions(struct monitor *monitor, bool physical, unsigned count, struct error *err)
{
    struct cpu_registers r;
    struct line *lines = xcalloc(count, sizeof *lines);
    unsigned got = 0;
    target_registers(monitor->machine, &r);
    while (got < count && fetch_line(monitor, &r, physical, monitor->next_look, &lines[got]))
        monitor->next_look += lines[got++].instruction.length;
    print_listing(monitor, &r, lines, got);
    free(lines);
    return got == count || no_memory_at(monitor->next_look, physical, err);
}

/* Bochs: u size = 16. */
static bool set_size(struct monitor *monitor, const char *arguments, struct error *err)
{
    const char *value = arguments + strspn(arguments, "size =\t");
    return set_code_bits(monitor, value, err);
}

bool set_code_bits(struct monitor *monitor, const char *value, struct error *err)
{
    if (!strcmp(value, "auto") || !strcmp(value, "0"))
        monitor->code_bits = 0;
    else if (!strcmp(value, "16") || !strcmp(value, "32") || !strcmp(value, "64"))
        monitor->code_bits = (unsigned)atoi(value);
    else
        return error_set(err, "set code %s: say 16, 32, 64 or auto", value);
    return true;
}

/* How many instructions START..END holds, at most COUNT_MAX. */
static unsigned count_until(struct monitor *monitor, uint64_t start, uint64_t end)
{
    struct cpu_registers r;
    struct line line;
    unsigned count = 0;
    target_registers(monitor->machine, &r);
    while (start < end && count < COUNT_MAX && fetch_line(monitor, &r, false, start, &line)) {
        start += line.instruction.length;
        count++;
    }
    return count ? count : 1;
}

/* From the next instruction, or from where the last listing ended if the machine has not run since. */
static void go_on_with_code(struct monitor *monitor)
{
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    monitor->next_look = monitor->next_code;
    if (!monitor->code_listed || monitor->code_cycles != machine_cycles(monitor->machine))
        monitor->next_look = target_next_linear(&r);
    monitor->code_cycles = machine_cycles(monitor->machine);
    monitor->code_listed = true;
}

enum monitor_result command_disassemble(struct monitor *monitor, const char *format, const char *arguments,
                                        struct error *err)
{
    uint64_t count = 10;
    const char *rest = arguments;
    if (!strcmp(arguments, "switch-mode")) { /* Bochs */
        monitor->att = !monitor->att;
        return MONITOR_DONE;
    }
    if (!strncmp(arguments, "hex ", 4) || !strcmp(arguments, "off") || !strcmp(arguments, "on"))
        return MONITOR_DONE; /* Bochs: numbers are hexadecimal, and the next instruction is shown, always */
    if (!strncmp(arguments, "size", 4))
        return set_size(monitor, arguments, err) ? MONITOR_DONE : MONITOR_FAILED;
    while (*format && strchr("rms", *format)) /* gdb: with bytes, which are shown anyhow */
        format++;
    if (*format &&
        (!expression_number(monitor->machine, format, NULL, &count, err) || !count || count > COUNT_MAX)) {
        error_set(err, "/%s: a number of instructions from 1 to %d, please", format, COUNT_MAX);
        return MONITOR_FAILED;
    }
    if (*arguments && !monitor_place(monitor, false, arguments, &rest, err))
        return MONITOR_FAILED;
    if (!*arguments)
        go_on_with_code(monitor);
    if (*rest) {
        struct address end;
        uint64_t start = monitor->next_look, length;
        if (*rest == '+') {
            if (!expression_number(monitor->machine, rest + 1, NULL, &length, err))
                return MONITOR_FAILED;
            end.linear = start + length;
        } else if (!expression_address(monitor->machine, rest, NULL, &end, err)) {
            return MONITOR_FAILED;
        }
        count = count_until(monitor, monitor->next_look, end.linear);
    }
    bool ok = show_instructions(monitor, false, (unsigned)count, err);
    monitor->next_code = monitor->next_look;
    return ok ? MONITOR_DONE : MONITOR_FAILED;
}
