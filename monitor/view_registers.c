/* The processor's registers, what changed since the last stop being marked by a '*'. */
#include <inttypes.h>
#include <string.h>

#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"
#include "monitor/registers.h"
#include "monitor/target.h"

#define EFER_LMA (1u << 10)
#define CR0_PE   1u
#define CR0_PG   0x80000000u
#define CR4_PAE  0x20u

void registers_note_stop(struct monitor *monitor)
{
    struct stop_state *stop = &monitor->stop;
    uint64_t cycles = machine_cycles(monitor->machine);
    if (stop->known && stop->cycles == cycles)
        return;
    struct cpu_registers now;
    target_registers(monitor->machine, &now);
    stop->before = stop->known ? stop->now : now;
    stop->now = now;
    stop->cycles = cycles;
    stop->known = true;
}

void registers_changed(struct monitor *monitor)
{
    target_registers(monitor->machine, &monitor->stop.now);
}

/* --- General registers and flags --------------------------------------------------------------------------
 */

static void print_value(FILE *out, const char *name, uint64_t value, uint64_t old, bool wide, bool last)
{
    fprintf(out, wide ? "%s %016" PRIx64 "%s" : "%s %08" PRIx64 "%s", name, value,
            value != old ? "*"
            : last       ? ""
                         : " ");
    fputc(last ? '\n' : ' ', out);
}

static void print_general(struct monitor *monitor, const struct cpu_registers *r)
{
    static const char *const names[2][8] = {{"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp"},
                                            {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp"}};
    static const unsigned char order[8] = {0, 3, 1, 2, 6, 7, 5, 4};
    const struct cpu_registers *old = &monitor->stop.before;
    bool wide = r->efer & EFER_LMA;
    unsigned per_line = wide ? 2 : 4;
    for (unsigned i = 0; i < (wide ? 16 : 8); i++) {
        char number[8];
        snprintf(number, sizeof number, "r%-2u", i);
        unsigned n = i < 8 ? order[i] : i;
        print_value(monitor->out, i < 8 ? names[wide][i] : number, r->gpr[n], old->gpr[n], wide,
                    i % per_line == per_line - 1);
    }
}

static void print_flags(struct monitor *monitor, const struct cpu_registers *r)
{
    const struct cpu_registers *old = &monitor->stop.before;
    bool wide = r->efer & EFER_LMA;
    fprintf(monitor->out, wide ? "rip %016" PRIx64 "  rflags %08x " : "eip %08" PRIx64 "  eflags %08x ",
            r->rip, (unsigned)r->rflags);
    print_bits(monitor->out, eflags_bits, r->rflags, old->rflags);
    fprintf(monitor->out, "  iopl %u%s\n", (unsigned)(r->rflags >> 12 & 3),
            (r->rflags ^ old->rflags) & 0x3000 ? "*" : "");
}

/* --- Segments ---------------------------------------------------------------------------------------------
 */

static bool same_segment(const struct cpu_segment *a, const struct cpu_segment *b)
{
    return a->selector == b->selector && a->base == b->base && a->limit == b->limit && a->access == b->access;
}

static void print_segment(struct monitor *monitor, const char *name, const struct cpu_segment *s,
                          const struct cpu_segment *old)
{
    fprintf(monitor->out, "%-4s %04x%c base %08" PRIx64 "  limit %08x  access %04x  ", name, s->selector,
            same_segment(s, old) ? ' ' : '*', s->base, s->limit, s->access);
    if (s->access)
        print_access(monitor->out, s->access);
    else
        fputs("null", monitor->out);
    fputc('\n', monitor->out);
}

static void print_segments(struct monitor *monitor, const struct cpu_registers *r)
{
    const struct cpu_registers *old = &monitor->stop.before;
    for (size_t i = 0; i < CPU_SEGMENTS; i++)
        print_segment(monitor, segment_names[i], &r->segment[i], &old->segment[i]);
    print_segment(monitor, "ldtr", &r->ldtr, &old->ldtr);
    print_segment(monitor, "tr", &r->tr, &old->tr);
    fprintf(monitor->out, "gdtr base %08" PRIx64 "%c limit %04x  idtr base %08" PRIx64 "%c limit %04x\n",
            r->gdtr_base, r->gdtr_base == old->gdtr_base && r->gdtr_limit == old->gdtr_limit ? ' ' : '*',
            r->gdtr_limit, r->idtr_base,
            r->idtr_base == old->idtr_base && r->idtr_limit == old->idtr_limit ? ' ' : '*', r->idtr_limit);
}

enum monitor_result command_segments(struct monitor *monitor, const char *format, const char *arguments,
                                     struct error *err)
{
    (void)format, (void)arguments, (void)err;
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    print_segments(monitor, &r);
    return MONITOR_DONE;
}

/* --- Control and debug registers --------------------------------------------------------------------------
 */

const char *processor_mode(const struct cpu_registers *r)
{
    if (!(r->cr0 & CR0_PE))
        return "real mode";
    if (r->rflags >> 17 & 1)
        return "virtual-8086 mode";
    if (r->efer & EFER_LMA)
        return target_code_bits(r) == 64 ? "64-bit mode" : "compatibility mode";
    return target_code_bits(r) == 32 ? "32-bit protected mode" : "16-bit protected mode";
}

static void print_paging(FILE *out, const struct cpu_registers *r)
{
    if (!(r->cr0 & CR0_PG))
        fputs("paging off", out);
    else if (r->cr4 & CR4_PAE)
        fprintf(out, "PAE paging, page-directory-pointer table at %08" PRIx64, r->cr3 & 0xFFFFFFE0);
    else
        fprintf(out, "32-bit paging, page directory at %08" PRIx64, r->cr3 & 0xFFFFF000);
}

static void print_control(struct monitor *monitor, const char *name, uint64_t value, uint64_t old,
                          const struct bit_name *bits)
{
    fprintf(monitor->out, "%s %08" PRIx64 "%s", name, value, value == old ? " " : "*");
    if (bits)
        print_bits(monitor->out, bits, value, old);
    fputc('\n', monitor->out);
}

enum monitor_result command_control_registers(struct monitor *monitor, const char *format,
                                              const char *arguments, struct error *err)
{
    (void)format, (void)arguments, (void)err;
    const struct cpu_registers *old = &monitor->stop.before;
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    print_control(monitor, "cr0", r.cr0, old->cr0, cr0_bits);
    fprintf(monitor->out, "cr2 %08" PRIx64 "%c last page fault's linear address\n", r.cr2,
            r.cr2 == old->cr2 ? ' ' : '*');
    print_control(monitor, "cr3", r.cr3, old->cr3, cr3_bits);
    print_control(monitor, "cr4", r.cr4, old->cr4, cr4_bits);
    if (r.efer)
        print_control(monitor, "efer", r.efer, old->efer, efer_bits);
    fprintf(monitor->out, "%s, privilege level %u, ", processor_mode(&r), r.cpl);
    print_paging(monitor->out, &r);
    fputc('\n', monitor->out);
    return MONITOR_DONE;
}

/* One of the four breakpoints of DR7, SDM volume 3, 17.2.4. */
static void print_debug_condition(FILE *out, const struct cpu_registers *r, unsigned n)
{
    static const char *const kinds[4] = {"execution", "write", "port access", "access"};
    static const unsigned lengths[4] = {1, 2, 8, 4};
    unsigned enabled = (unsigned)(r->dr[7] >> 2 * n) & 3, control = (unsigned)(r->dr[7] >> (16 + 4 * n)) & 15;
    if (!enabled)
        fputs("off", out);
    else
        fprintf(out, "%s of %u byte%s,%s%s", kinds[control & 3], lengths[control >> 2],
                lengths[control >> 2] == 1 ? "" : "s", enabled & 1 ? " local" : "",
                enabled & 2 ? " global" : "");
}

enum monitor_result command_debug_registers(struct monitor *monitor, const char *format,
                                            const char *arguments, struct error *err)
{
    (void)format, (void)arguments, (void)err;
    const struct cpu_registers *old = &monitor->stop.before;
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    for (unsigned i = 0; i < 4; i++) {
        fprintf(monitor->out, "dr%u %08" PRIx64 "%c ", i, r.dr[i], r.dr[i] == old->dr[i] ? ' ' : '*');
        print_debug_condition(monitor->out, &r, i);
        fputc('\n', monitor->out);
    }
    print_control(monitor, "dr6", r.dr[6], old->dr[6], dr6_bits);
    print_control(monitor, "dr7", r.dr[7], old->dr[7], dr7_bits);
    return MONITOR_DONE;
}

enum monitor_result command_flags(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    (void)format, (void)arguments, (void)err;
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    fprintf(monitor->out, "eflags %08x ", (unsigned)r.rflags);
    print_bits(monitor->out, eflags_bits, r.rflags, monitor->stop.before.rflags);
    fprintf(monitor->out, "  iopl %u\n", (unsigned)(r.rflags >> 12 & 3));
    return MONITOR_DONE;
}

/* --- By name ----------------------------------------------------------------------------------------------
 */

/* As gdb has it: name, hexadecimal, decimal with its sign. */
static bool print_named(struct monitor *monitor, const struct cpu_registers *r, const char *names,
                        struct error *err)
{
    while (*names) {
        size_t length = strcspn(names, " \t,");
        const char *name = *names == '$' ? names + 1 : names;
        size_t name_length = length - (size_t)(name - names);
        struct register_place place;
        unsigned bit, width;
        if (register_find(name, name_length, &place)) {
            uint64_t value = register_get(r, &place);
            unsigned unused = 64 - 8 * place.size;
            fprintf(monitor->out, "%-8s 0x%-16" PRIx64 " %" PRId64 "\n", place.name, value,
                    (int64_t)(value << unused) >> unused);
        } else if (flag_find(name, name_length, &bit, &width)) {
            fprintf(monitor->out, "%-8.*s %u\n", (int)name_length, name,
                    (unsigned)(r->rflags >> bit) & ((1u << width) - 1));
        } else {
            return error_set(err, "there is no register '%.*s'; registers shows them", (int)name_length,
                             name);
        }
        names += length;
        names += strspn(names, " \t,");
    }
    return true;
}

enum monitor_result command_registers(struct monitor *monitor, const char *format, const char *arguments,
                                      struct error *err)
{
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    bool all = !strcmp(arguments, "all");
    if (*arguments && !all)
        return print_named(monitor, &r, arguments, err) ? MONITOR_DONE : MONITOR_FAILED;
    print_general(monitor, &r);
    print_flags(monitor, &r);
    print_segments(monitor, &r);
    if (all) {
        command_control_registers(monitor, format, "", err);
        command_debug_registers(monitor, format, "", err);
        command_fpu(monitor, format, "", err);
        return MONITOR_DONE;
    }
    const struct cpu_registers *old = &monitor->stop.before;
    fprintf(monitor->out,
            "cr0 %08" PRIx64 "%c cr2 %08" PRIx64 "%c cr3 %08" PRIx64 "%c cr4 %08" PRIx64 "%c cpl %u\n", r.cr0,
            r.cr0 == old->cr0 ? ' ' : '*', r.cr2, r.cr2 == old->cr2 ? ' ' : '*', r.cr3,
            r.cr3 == old->cr3 ? ' ' : '*', r.cr4, r.cr4 == old->cr4 ? ' ' : '*', r.cpl);
    return MONITOR_DONE;
}
