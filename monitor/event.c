#include "monitor/event.h"

#include <inttypes.h>

#include "bus/device.h"
#include "devices/pic.h"
#include "machine/machine.h"
#include "monitor/disassemble.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"
#include "monitor/target.h"

const struct condition_variable event_variables_none[EVENT_VARIABLES] = {
    {"vector", 0}, {"error", 0},   {"port", 0}, {"value", 0},
    {"old", 0},    {"address", 0}, {"size", 0}, {NULL, 0},
};

void event_variables(const struct breakpoint *point, const struct cpu_event *event, uint64_t value,
                     struct condition_variable out[EVENT_VARIABLES])
{
    bool memory = event->kind == CPU_EVENT_ACCESS;
    const uint64_t values[EVENT_VARIABLES - 1] = {event->number,
                                                  event->error,
                                                  event->number,
                                                  memory ? value : event->value,
                                                  memory ? point->old : event->old,
                                                  point->physical ? event->physical : event->linear,
                                                  event->size};
    for (unsigned i = 0; i < EVENT_VARIABLES - 1; i++)
        out[i] = (struct condition_variable){event_variables_none[i].name, values[i]};
    out[EVENT_VARIABLES - 1] = (struct condition_variable){NULL, 0};
}

uint32_t event_variables_told(enum break_kind kind)
{
    enum { VECTOR = 1, ERROR = 2, PORT = 4, VALUE = 8, OLD = 16, ADDRESS = 32, SIZE = 64 };
    switch (kind) {
    case BREAK_MEMORY:
        return VALUE | OLD | ADDRESS | SIZE;
    case BREAK_PORT:
        return PORT | VALUE | SIZE;
    case BREAK_INTERRUPT:
    case BREAK_EXCEPTION:
        return VECTOR | ERROR;
    case BREAK_CONTROL:
    case BREAK_DEBUG:
    case BREAK_MSR:
    case BREAK_TABLE:
    case BREAK_MODE:
        return VALUE | OLD;
    default:
        return 0;
    }
}

const struct condition_variable *event_variables_last(const struct monitor *monitor)
{
    return monitor->happened_known ? monitor->happened : event_variables_none;
}

/* The IRQ that arrives as interrupt VECTOR the way the 8259s are programmed now; -1: none. */
static int irq_of_vector(struct machine *machine, unsigned vector)
{
    const struct device *dev = device_find(machine_devices(machine), pic_type.name);
    const struct pic *pic = (const struct pic *)dev;
    for (unsigned chip = 0; pic && chip < 2; chip++)
        if ((vector & ~7u) == (pic->chip[chip].icw[1] & ~7u))
            return (int)(8 * chip + (vector & 7));
    return -1;
}

/* --- which breakpoints --- */

static bool in_range(const struct breakpoint *point, uint64_t value, unsigned size)
{
    return point->any || (value <= point->last && value + size - 1 >= point->first);
}

static bool concerns_access(const struct breakpoint *point, const struct cpu_event *event)
{
    uint64_t at = point->physical ? event->physical : event->linear;
    return (event->write ? point->writes : point->reads) && at != CPU_NO_LINEAR &&
           in_range(point, at, event->size);
}

static bool concerns_interrupt(struct monitor *monitor, const struct breakpoint *point,
                               const struct cpu_event *event)
{
    bool hardware = event->origin == CPU_ORIGIN_HARDWARE || event->origin == CPU_ORIGIN_NMI;
    if (point->kind == BREAK_EXCEPTION)
        return (event->origin == CPU_ORIGIN_EXCEPTION || event->origin == CPU_ORIGIN_TRAP) &&
               in_range(point, event->number, 1);
    if (event->origin == CPU_ORIGIN_EXCEPTION ||
        !(point->origins & (hardware ? BREAK_HARDWARE : BREAK_SOFTWARE)))
        return false;
    if (!point->irq)
        return in_range(point, event->number, 1);
    int irq = event->origin == CPU_ORIGIN_HARDWARE ? irq_of_vector(monitor->machine, event->number) : -1;
    return point->any || (irq >= 0 && in_range(point, (uint64_t)irq, 1));
}

static bool concerns_mode(const struct breakpoint *point, const struct cpu_event *event)
{
    uint64_t old = event->old, now = event->value;
    if (point->any)
        return true;
    if (point->mode == CPU_MODE_REAL)
        return !(now & CPU_MODE_PROTECTED) && (old & CPU_MODE_PROTECTED);
    if (point->mode == CPU_MODE_PROTECTED) {
        const unsigned both = CPU_MODE_PROTECTED | CPU_MODE_V86;
        return (now & both) == CPU_MODE_PROTECTED && (old & both) != CPU_MODE_PROTECTED;
    }
    return (now & point->mode) && !(old & point->mode);
}

bool event_concerns(struct monitor *monitor, const struct breakpoint *point, const struct cpu_event *event)
{
    switch (point->kind) {
    case BREAK_EXECUTE:
        return false;
    case BREAK_MEMORY:
        return event->kind == CPU_EVENT_ACCESS && concerns_access(point, event);
    case BREAK_PORT:
        return event->kind == CPU_EVENT_PORT && (event->write ? point->writes : point->reads) &&
               in_range(point, event->number, event->size);
    case BREAK_INTERRUPT:
    case BREAK_EXCEPTION:
        return event->kind == CPU_EVENT_INTERRUPT && concerns_interrupt(monitor, point, event);
    case BREAK_CONTROL:
        return event->kind == CPU_EVENT_CONTROL && in_range(point, event->number, 1);
    case BREAK_DEBUG:
        return event->kind == CPU_EVENT_DEBUG && in_range(point, event->number, 1);
    case BREAK_MSR:
        return event->kind == CPU_EVENT_MSR && in_range(point, event->number, 1);
    case BREAK_TABLE:
        return event->kind == CPU_EVENT_TABLE && in_range(point, event->number, 1);
    case BREAK_MODE:
        return event->kind == CPU_EVENT_MODE && concerns_mode(point, event);
    case BREAK_TRIPLE_FAULT:
        return event->kind == CPU_EVENT_TRIPLE_FAULT;
    case BREAK_HALT:
        return event->kind == CPU_EVENT_HALT;
    case BREAK_MAGIC:
        return event->kind == CPU_EVENT_MAGIC;
    }
    return false;
}

/* --- memory before and after --- */

/* Small ranges as a whole, of large ones the bytes that are accessed. */
static void shown_bytes(const struct breakpoint *point, const struct cpu_event *event, uint64_t *address,
                        unsigned *size)
{
    uint64_t length = point->last - point->first + 1;
    bool whole = length && length <= 8;
    *address = whole ? point->first : point->physical ? event->physical : event->linear;
    *size = whole ? (unsigned)length : event->size < 8 ? event->size : 8;
}

static uint64_t peek_value(struct monitor *monitor, bool physical, uint64_t address, unsigned size)
{
    uint8_t bytes[8] = {0};
    uint64_t value = 0;
    monitor_peek(monitor, physical, address, bytes, size);
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

void event_keep_old(struct monitor *monitor, struct breakpoint *point, const struct cpu_event *event)
{
    shown_bytes(point, event, &point->old_address, &point->old_size);
    point->old = peek_value(monitor, point->physical, point->old_address, point->old_size);
    point->old_known = true;
}

uint64_t event_value_now(struct monitor *monitor, const struct breakpoint *point,
                         const struct cpu_event *event)
{
    if (event->kind != CPU_EVENT_ACCESS || !point->old_known)
        return 0;
    return peek_value(monitor, point->physical, point->old_address, point->old_size);
}

/* --- in words --- */

const char *mode_word(unsigned mode)
{
    return mode & CPU_MODE_SMM      ? "smm"
           : mode & CPU_MODE_LONG   ? "long"
           : mode & CPU_MODE_PAGING ? "paging"
           : mode & CPU_MODE_V86    ? "v86"
           : mode                   ? "protected"
                                    : "real";
}

void mode_describe(unsigned mode, struct text *out)
{
    text_add(out, "%s%s",
             mode & CPU_MODE_SMM         ? "system management mode"
             : mode & CPU_MODE_LONG      ? "long mode"
             : mode & CPU_MODE_V86       ? "virtual-8086 mode"
             : mode & CPU_MODE_PROTECTED ? "protected mode"
                                         : "real mode",
             mode & CPU_MODE_PAGING ? ", paging" : "");
}

static void add_place(const struct cpu_event *event, struct text *out)
{
    text_add(out, event->rip <= 0xFFFF ? "%04x:%04" PRIx64 : "%04x:%08" PRIx64, event->cs, event->rip);
}

/* "by 0000:7c05  mov [0x7e00], ax" */
static void add_culprit(struct monitor *monitor, const struct cpu_event *event, struct text *out)
{
    uint8_t bytes[16];
    struct disassembly instruction;
    struct cpu_registers registers;
    text_add(out, " by ");
    add_place(event, out);
    size_t count = target_peek(monitor->machine, event->rip_linear, bytes, sizeof bytes);
    if (!count)
        return;
    target_registers(monitor->machine, &registers);
    disassemble(bytes, count, event->rip, event->code_bits, target_real_segments(&registers), monitor->att,
                &instruction);
    text_add(out, "  %s", instruction.text);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void describe_access(struct monitor *monitor, const struct breakpoint *point,
                            const struct cpu_event *event, struct text *out)
{
    uint64_t at = point->physical ? event->physical : event->linear;
    text_add(out, "%s of %u byte%s at %s%08" PRIx64, event->write ? "write" : "read", event->size,
             plural(event->size), point->physical ? "physical " : "", at);
    if (event->device) {
        text_add(out, " by %s", event->device);
    } else if (event->delivering) {
        text_add(out, " by the delivery of an interrupt at ");
        add_place(event, out);
    } else if (event->linear == CPU_NO_LINEAR) {
        text_add(out, " by a page walk");
    } else {
        add_culprit(monitor, event, out);
    }
    if (!point->old_known)
        return;
    uint64_t now = event_value_now(monitor, point, event);
    int digits = (int)point->old_size * 2;
    if (event->write)
        text_add(out, "\n  %08" PRIx64 ": %0*" PRIx64 " -> %0*" PRIx64 "%s", point->old_address, digits,
                 point->old, digits, now, now == point->old ? ", unchanged" : "");
    else
        text_add(out, "\n  %08" PRIx64 ": %0*" PRIx64, point->old_address, digits, now);
}

static void describe_interrupt(struct monitor *monitor, const struct cpu_event *event, struct text *out)
{
    const char *name = exception_name(event->number);
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    switch ((enum cpu_origin)event->origin) {
    case CPU_ORIGIN_SOFTWARE:
        text_add(out, "int %02x, ax=%04x, at ", event->number, (unsigned)r.gpr[0] & 0xFFFF);
        break;
    case CPU_ORIGIN_HARDWARE: {
        int irq = irq_of_vector(monitor->machine, event->number);
        text_add(out, "hardware interrupt %02x", event->number);
        if (irq >= 0)
            text_add(out, " (IRQ %d)", irq);
        text_add(out, " before ");
        break;
    }
    case CPU_ORIGIN_NMI:
        text_add(out, "NMI before ");
        break;
    case CPU_ORIGIN_TRAP:
    case CPU_ORIGIN_EXCEPTION:
        text_add(out, "exception %u %s", event->number, name ? name : "");
        if (event->has_error)
            text_add(out, ", error %04x", event->error);
        if (event->number == 14)
            text_add(out, ", cr2 %08" PRIx64, r.cr2);
        text_add(out, " at ");
        break;
    }
    add_place(event, out);
    if (event->failed)
        text_add(out, ", not delivered; why tells what failed");
}

static void describe_change(struct monitor *monitor, const char *name, const struct cpu_event *event,
                            unsigned digits, struct text *out)
{
    text_add(out, "%s %0*" PRIx64 " -> %0*" PRIx64, name, (int)digits, event->old, (int)digits, event->value);
    add_culprit(monitor, event, out);
}

static void describe_register(struct monitor *monitor, const struct cpu_event *event, struct text *out)
{
    static const char *const tables[] = {"GDTR", "IDTR", "LDTR", "TR"};
    char name[16];
    switch ((enum cpu_event_kind)event->kind) {
    case CPU_EVENT_CONTROL:
        snprintf(name, sizeof name, "CR%u", event->number);
        break;
    case CPU_EVENT_DEBUG:
        snprintf(name, sizeof name, "DR%u", event->number);
        break;
    case CPU_EVENT_MSR:
        snprintf(name, sizeof name, "MSR %x", event->number);
        break;
    default:
        snprintf(name, sizeof name, "%s", tables[event->number & 3]);
        break;
    }
    bool selector = event->kind == CPU_EVENT_TABLE && event->number >= CPU_TABLE_LDTR;
    describe_change(monitor, name, event, event->kind == CPU_EVENT_MSR ? 16 : selector ? 4 : 8, out);
}

void event_describe(struct monitor *monitor, const struct breakpoint *point, const struct cpu_event *event,
                    struct text *out)
{
    switch ((enum cpu_event_kind)event->kind) {
    case CPU_EVENT_ACCESS:
        describe_access(monitor, point, event, out);
        break;
    case CPU_EVENT_PORT:
        text_add(out, "%s of port %04x, %0*" PRIx64, event->write ? "write" : "read", event->number,
                 (int)event->size * 2, event->value);
        add_culprit(monitor, event, out);
        break;
    case CPU_EVENT_INTERRUPT:
        describe_interrupt(monitor, event, out);
        break;
    case CPU_EVENT_CONTROL:
    case CPU_EVENT_DEBUG:
    case CPU_EVENT_MSR:
    case CPU_EVENT_TABLE:
        describe_register(monitor, event, out);
        break;
    case CPU_EVENT_MODE:
        mode_describe((unsigned)event->old, out);
        text_add(out, " -> ");
        mode_describe((unsigned)event->value, out);
        break;
    case CPU_EVENT_TRIPLE_FAULT:
        text_add(out, "triple fault at ");
        add_place(event, out);
        break;
    case CPU_EVENT_HALT:
        text_add(out, "hlt at ");
        add_place(event, out);
        break;
    case CPU_EVENT_MAGIC:
        text_add(out, "xchg bx, bx at ");
        add_place(event, out);
        break;
    case CPU_EVENTS:
        break;
    }
}
