/* Descriptor tables, interrupt vectors and task-state segments. SDM volume 3, chapters 3, 6 and 7. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"
#include "monitor/target.h"

#define LINES_MAX 256
#define CR4_VME   1u

/* "FROM [TO]", entry numbers; without, all. *ALL tells. */
static bool parse_entries(struct monitor *monitor, const char *text, unsigned count, unsigned *from,
                          unsigned *to, bool *all, struct error *err)
{
    uint64_t first = 0, last = count ? count - 1 : 0;
    *all = !*text;
    if (*text) {
        if (!expression_number(monitor->machine, text, &text, &first, err))
            return false;
        last = first;
        if (*text && !expression_number(monitor->machine, text, NULL, &last, err))
            return false;
    }
    if (count && last >= count)
        return error_set(err, "0x%" PRIx64 ": the table has the entries 0 to 0x%x; choose one of them", last,
                         count - 1);
    if (count && first > last)
        return error_set(
            err, "0x%" PRIx64 " to 0x%" PRIx64 ": the end comes before the beginning; change them round",
            first, last);
    *from = (unsigned)first;
    *to = (unsigned)last;
    return true;
}

/* --- Tables of descriptors --------------------------------------------------------------------------------
 */

struct table {
    const char *name;
    uint64_t base;
    uint32_t limit;
    bool interrupts; /* an IDT: entries are vectors */
    bool local;      /* an LDT: selectors have the bit TI */
};

static void print_entry(struct monitor *monitor, const struct table *table, unsigned n, uint64_t raw)
{
    struct descriptor_view view;
    descriptor_view(raw, &view);
    if (table->interrupts)
        fprintf(monitor->out, "%02x  ", n);
    else
        fprintf(monitor->out, "%04x  ", n * 8 | (table->local ? 4u : 0));
    if (n == 0 && !table->interrupts && !table->local)
        fputs("null, whatever it holds: ", monitor->out);
    print_descriptor(monitor->out, &view);
    const char *name = table->interrupts ? exception_name(n) : NULL;
    if (name)
        fprintf(monitor->out, "  %s", name);
    fputc('\n', monitor->out);
}

static bool show_table(struct monitor *monitor, const struct table *table, const char *arguments,
                       struct error *err)
{
    unsigned count = (table->limit + 1) / 8, from, to, empty = 0, shown = 0;
    bool all;
    if (count > 8192)
        count = 8192;
    if (table->interrupts && count > 256)
        count = 256;
    if (!parse_entries(monitor, arguments, count, &from, &to, &all, err))
        return false;
    fprintf(monitor->out, "%s base %08" PRIx64 "  limit %04" PRIx32 "  %u entries\n", table->name,
            table->base, table->limit, count);
    if (!count)
        return true;
    for (unsigned n = from; n <= to; n++) {
        uint64_t raw, at = (uint32_t)(table->base + 8 * n);
        if (target_peek(monitor->machine, at, &raw, 8) != 8)
            return no_memory_at(at, false, err);
        if (all && !raw) {
            empty++;
            continue;
        }
        if (all && ++shown > LINES_MAX) {
            fprintf(monitor->out, "and more; give the numbers of the entries to see\n");
            return true;
        }
        print_entry(monitor, table, n, raw);
    }
    if (empty)
        fprintf(monitor->out, "%u %s empty\n", empty, empty == 1 ? "entry is" : "entries are");
    return true;
}

enum monitor_result info_gdt(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format;
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    struct table table = {.name = "GDT", .base = r.gdtr_base, .limit = r.gdtr_limit};
    return show_table(monitor, &table, arguments, err) ? MONITOR_DONE : MONITOR_FAILED;
}

enum monitor_result info_ldt(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format;
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    if (!(r.ldtr.selector & 0xFFFC)) {
        fputs("there is no LDT: LDTR is null\n", monitor->out);
        return MONITOR_DONE;
    }
    struct table table = {.name = "LDT", .base = r.ldtr.base, .limit = r.ldtr.limit, .local = true};
    return show_table(monitor, &table, arguments, err) ? MONITOR_DONE : MONITOR_FAILED;
}

/* --- Interrupt vectors ------------------------------------------------------------------------------------
 */

/* What the PC's BIOS has there; Ralf Brown's Interrupt List. */
static const char *const vector_names[] = {
    [0x00] = "divide error",
    [0x01] = "single step",
    [0x02] = "NMI",
    [0x03] = "breakpoint",
    [0x04] = "overflow",
    [0x05] = "print screen",
    [0x06] = "invalid opcode",
    [0x07] = "no coprocessor",
    [0x08] = "IRQ0 timer",
    [0x09] = "IRQ1 keyboard",
    [0x0A] = "IRQ2",
    [0x0B] = "IRQ3 COM2",
    [0x0C] = "IRQ4 COM1",
    [0x0D] = "IRQ5 LPT2",
    [0x0E] = "IRQ6 floppy",
    [0x0F] = "IRQ7 LPT1",
    [0x10] = "video",
    [0x11] = "equipment",
    [0x12] = "memory size",
    [0x13] = "disk",
    [0x14] = "serial",
    [0x15] = "system",
    [0x16] = "keyboard",
    [0x17] = "printer",
    [0x18] = "no boot device",
    [0x19] = "bootstrap",
    [0x1A] = "time",
    [0x1B] = "Ctrl-Break",
    [0x1C] = "timer tick",
    [0x1D] = "video parameters",
    [0x1E] = "floppy parameters",
    [0x1F] = "font 80h-FFh",
    [0x20] = "DOS terminate",
    [0x21] = "DOS",
    [0x22] = "DOS terminate address",
    [0x23] = "DOS Ctrl-C",
    [0x24] = "DOS critical error",
    [0x25] = "DOS absolute read",
    [0x26] = "DOS absolute write",
    [0x27] = "DOS stay resident",
    [0x28] = "DOS idle",
    [0x29] = "DOS fast output",
    [0x2F] = "multiplex",
    [0x33] = "mouse",
    [0x40] = "floppy",
    [0x41] = "disk 0 parameters",
    [0x43] = "font 00h-7Fh",
    [0x46] = "disk 1 parameters",
    [0x4A] = "alarm",
    [0x67] = "EMS",
    [0x70] = "IRQ8 clock",
    [0x71] = "IRQ9",
    [0x72] = "IRQ10",
    [0x73] = "IRQ11",
    [0x74] = "IRQ12 mouse",
    [0x75] = "IRQ13 x87",
    [0x76] = "IRQ14 IDE 0",
    [0x77] = "IRQ15 IDE 1",
};

static void print_vector(struct monitor *monitor, unsigned n, uint32_t pointer)
{
    unsigned segment = pointer >> 16, offset = pointer & 0xFFFF;
    const char *name = n < sizeof vector_names / sizeof *vector_names ? vector_names[n] : NULL;
    fprintf(monitor->out, "%02x  %04x:%04x  %06x%s%s\n", n, segment, offset, segment * 16 + offset,
            name ? "  " : "", name ? name : "");
}

enum monitor_result info_ivt(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format;
    struct cpu_registers r;
    unsigned from, to, empty = 0;
    bool all;
    target_registers(monitor->machine, &r);
    /* In protected mode IDTR is another table's: the real-mode one lies at 0. */
    uint64_t base = r.cr0 & 1 ? 0 : r.idtr_base;
    unsigned count = r.cr0 & 1 ? 256 : (r.idtr_limit + 1u) / 4;
    if (!parse_entries(monitor, arguments, count > 256 ? 256 : count, &from, &to, &all, err))
        return MONITOR_FAILED;
    for (unsigned n = from; n <= to && count; n++) {
        uint32_t pointer;
        if (target_peek(monitor->machine, base + 4 * n, &pointer, 4) != 4) {
            no_memory_at(base + 4 * n, false, err);
            return MONITOR_FAILED;
        }
        if (all && !pointer)
            empty++;
        else
            print_vector(monitor, n, pointer);
    }
    if (empty)
        fprintf(monitor->out, "%u vectors are 0000:0000\n", empty);
    return MONITOR_DONE;
}

/* In real mode the table of interrupts is the IVT, else the IDT. */
enum monitor_result info_idt(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    if (!(r.cr0 & 1))
        return info_ivt(monitor, format, arguments, err);
    struct table table = {.name = "IDT", .base = r.idtr_base, .limit = r.idtr_limit, .interrupts = true};
    return show_table(monitor, &table, arguments, err) ? MONITOR_DONE : MONITOR_FAILED;
}

/* --- Task-state segments ----------------------------------------------------------------------------------
 */

struct tss_field {
    const char *name;
    uint8_t offset, size;
};
/* SDM volume 3, figure 7-2. */
static const struct tss_field fields32[] = {
    {"link", 0x00, 2}, {"esp0", 0x04, 4},  {"ss0", 0x08, 2}, {"esp1", 0x0C, 4}, {"ss1", 0x10, 2},
    {"esp2", 0x14, 4}, {"ss2", 0x18, 2},   {"cr3", 0x1C, 4}, {"eip", 0x20, 4},  {"eflags", 0x24, 4},
    {"eax", 0x28, 4},  {"ecx", 0x2C, 4},   {"edx", 0x30, 4}, {"ebx", 0x34, 4},  {"esp", 0x38, 4},
    {"ebp", 0x3C, 4},  {"esi", 0x40, 4},   {"edi", 0x44, 4}, {"es", 0x48, 2},   {"cs", 0x4C, 2},
    {"ss", 0x50, 2},   {"ds", 0x54, 2},    {"fs", 0x58, 2},  {"gs", 0x5C, 2},   {"ldt", 0x60, 2},
    {"trap", 0x64, 2}, {"iomap", 0x66, 2}, {NULL, 0, 0},
};
/* Figure 7-10. */
static const struct tss_field fields16[] = {
    {"link", 0x00, 2}, {"sp0", 0x02, 2}, {"ss0", 0x04, 2}, {"sp1", 0x06, 2},   {"ss1", 0x08, 2},
    {"sp2", 0x0A, 2},  {"ss2", 0x0C, 2}, {"ip", 0x0E, 2},  {"flags", 0x10, 2}, {"ax", 0x12, 2},
    {"cx", 0x14, 2},   {"dx", 0x16, 2},  {"bx", 0x18, 2},  {"sp", 0x1A, 2},    {"bp", 0x1C, 2},
    {"si", 0x1E, 2},   {"di", 0x20, 2},  {"es", 0x22, 2},  {"cs", 0x24, 2},    {"ss", 0x26, 2},
    {"ds", 0x28, 2},   {"ldt", 0x2A, 2}, {NULL, 0, 0},
};

static void print_tss_fields(struct monitor *monitor, const struct tss_field *fields, const uint8_t *bytes,
                             size_t count)
{
    unsigned column = 0;
    for (const struct tss_field *f = fields; f->name; f++) {
        uint32_t value = 0;
        if (f->offset + f->size > count) {
            fputs(column % 4 ? "\n" : "", monitor->out);
            break;
        }
        memcpy(&value, bytes + f->offset, f->size);
        bool last = ++column % 4 == 0 || !f[1].name;
        fprintf(monitor->out, "%-6s %0*" PRIx32, f->name, f->size * 2, value);
        fprintf(monitor->out, "%*s", last ? 0 : 10 - f->size * 2, "");
        fputs(last ? "\n" : "", monitor->out);
    }
}

static bool port_allowed(struct monitor *monitor, const struct cpu_segment *tss, uint16_t map, unsigned port,
                         bool *inside)
{
    uint8_t byte = 0xFF;
    *inside = cpu_io_map_holds(tss->limit, map, (uint16_t)port) &&
              target_peek(monitor->machine, (uint32_t)(tss->base + map + port / 8), &byte, 1) == 1;
    return *inside && !(byte >> (port & 7) & 1);
}

/* SDM volume 1, 19.5.2. */
static void print_io_map(struct monitor *monitor, const struct cpu_segment *tss, uint16_t map)
{
    bool inside, any = false;
    if (!cpu_io_map_holds(tss->limit, map, 0)) {
        fputs("I/O map: none, it would begin beyond the limit\n", monitor->out);
        return;
    }
    fprintf(monitor->out, "I/O map at %08" PRIx64 ", ports allowed:", tss->base + map);
    for (unsigned port = 0; port < 65536; port++) {
        if (!port_allowed(monitor, tss, map, port, &inside)) {
            if (!inside)
                break;
            continue;
        }
        unsigned first = port;
        while (port + 1 < 65536 && port_allowed(monitor, tss, map, port + 1, &inside))
            port++;
        fprintf(monitor->out, first == port ? " %04x" : " %04x-%04x", first, port);
        any = true;
    }
    fputs(any ? "\n" : " none\n", monitor->out);
}

/* The 32 bytes before the I/O map: which software interrupts V86 code takes itself. SDM volume 3, 20.3.3. */
static void print_redirection(struct monitor *monitor, const struct cpu_segment *tss, unsigned map)
{
    uint8_t bits[32];
    bool any = false;
    if (map < 0x68 + sizeof bits ||
        target_peek(monitor->machine, (uint32_t)(tss->base + map - 32), bits, sizeof bits) != sizeof bits)
        return;
    fputs("interrupts that V86 code takes by its own vectors (CR4.VME):", monitor->out);
    for (unsigned n = 0; n < 256; n++) {
        unsigned first = n;
        if (bits[n / 8] >> (n & 7) & 1)
            continue;
        while (n + 1 < 256 && !(bits[(n + 1) / 8] >> ((n + 1) & 7) & 1))
            n++;
        fprintf(monitor->out, first == n ? " %02x" : " %02x-%02x", first, n);
        any = true;
    }
    fputs(any ? "\n" : " none\n", monitor->out);
}

enum monitor_result info_tss(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format;
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    struct cpu_segment tss = r.tr;
    if (*arguments) {
        uint64_t selector, raw;
        struct descriptor_view view;
        if (!expression_number(monitor->machine, arguments, NULL, &selector, err))
            return MONITOR_FAILED;
        if (selector > UINT16_MAX || !target_descriptor(monitor->machine, (uint16_t)selector, &raw)) {
            error_set(err, "no descriptor has the selector %04" PRIx64 "; info gdt lists them", selector);
            return MONITOR_FAILED;
        }
        descriptor_view(raw, &view);
        tss = (struct cpu_segment){(uint16_t)selector, view.access, view.limit, view.base};
    }
    fprintf(monitor->out, "TSS %04x  base %08" PRIx64 "  limit %08" PRIx32 "  ", tss.selector, tss.base,
            tss.limit);
    print_access(monitor->out, tss.access);
    fputc('\n', monitor->out);
    if (!(tss.selector & 0xFFFC) && !*arguments) {
        fputs("no task register was loaded yet\n", monitor->out);
        return MONITOR_DONE;
    }
    if ((tss.access & 0x15) != 1) {
        error_set(err, "selector %04x is no TSS; info gdt lists them", tss.selector);
        return MONITOR_FAILED;
    }
    uint8_t bytes[0x68];
    size_t wanted = tss.limit + 1ull < sizeof bytes ? tss.limit + 1 : sizeof bytes;
    size_t got = target_peek(monitor->machine, tss.base, bytes, wanted);
    bool is32 = tss.access & 8;
    print_tss_fields(monitor, is32 ? fields32 : fields16, bytes, got);
    if (is32 && got == sizeof bytes) {
        uint16_t map = (uint16_t)(bytes[0x66] | bytes[0x67] << 8);
        if (r.cr4 & CR4_VME)
            print_redirection(monitor, &tss, map);
        print_io_map(monitor, &tss, map);
    }
    return MONITOR_DONE;
}
