#include "monitor/why.h"

#include <inttypes.h>
#include <string.h>

#include "bus/memory.h"
#include "cpu/debug.h"
#include "machine/machine.h"
#include "monitor/disassemble.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"
#include "monitor/target.h"

#define VECTOR_DF        8
#define VECTOR_PF        14
#define VECTOR_NONE      0xFF
#define INSTRUCTIONS_MAX 12

static const char *name_of(unsigned vector)
{
    const char *name = exception_name(vector);
    return name ? name : "interrupt";
}

static bool is_real(const struct cpu_fault *fault)
{
    return !(fault->mode & CPU_MODE_PROTECTED) || (fault->mode & CPU_MODE_V86);
}

/* Where the code at LINEAR lay when it ran: the address space may have been changed since, and often that is
 * the mistake. False: nothing was fetched from its page lately. */
static bool fetched_from(struct monitor *monitor, const struct cpu_fault *fault, uint64_t linear,
                         uint64_t *physical)
{
    struct cpu_place places[CPU_PLACES_KEPT];
    unsigned count = cpu_last_places(machine_cpu(monitor->machine, 0), fault->places, places);
    while (count--) {
        const struct cpu_place *place = &places[count];
        *physical = place->physical - (place->linear - linear);
        if (place->physical != CPU_NO_PHYSICAL && !((place->linear ^ linear) & ~(uint64_t)(PAGE_SIZE - 1)))
            return true;
        if (place->linear == linear) /* it could not be fetched */
            return false;
    }
    return false;
}

/* Bytes of code at LINEAR, as target_peek(). */
static size_t peek_code(struct monitor *monitor, const struct cpu_fault *fault, uint64_t linear,
                        uint8_t *bytes, size_t count)
{
    uint64_t physical;
    size_t in_page = PAGE_SIZE - (linear & (PAGE_SIZE - 1));
    size_t there = count < in_page ? count : in_page;
    if (!fetched_from(monitor, fault, linear, &physical))
        return target_peek(monitor->machine, linear, bytes, count);
    target_peek_physical(monitor->machine, physical, bytes, there);
    return there == count
               ? count
               : there + target_peek(monitor->machine, linear + there, bytes + there, count - there);
}

static unsigned disassemble_at(struct monitor *monitor, const struct cpu_fault *fault, uint64_t linear,
                               struct disassembly *out)
{
    uint8_t bytes[16];
    size_t count = peek_code(monitor, fault, linear, bytes, sizeof bytes);
    if (!count)
        return 0;
    uint64_t ip = fault->rip - (fault->rip_linear - linear);
    disassemble(bytes, count, ip, fault->code_bits, is_real(fault), monitor->att, out);
    return out->length;
}

static void print_address(struct monitor *monitor, const struct cpu_fault *fault, uint64_t ip)
{
    fprintf(monitor->out, fault->code_bits == 16 && ip <= 0xFFFF ? "%04x:%04" PRIx64 : "%04x:%08" PRIx64,
            fault->cs, ip);
}

static void print_where(struct monitor *monitor, const struct cpu_fault *fault)
{
    struct disassembly instruction;
    fputs(" at ", monitor->out);
    print_address(monitor, fault, fault->rip);
    if (disassemble_at(monitor, fault, fault->rip_linear, &instruction))
        fprintf(monitor->out, "  %s", instruction.text);
}

/* --- what the error code points to, SDM volume 3, 6.13 --- */

static void print_selector_error(struct monitor *monitor, const struct cpu_fault *fault)
{
    bool null_gate = fault->cause == CPU_FAULT_GATE_NULL; /* its error code is that of the selector, 0 */
    bool gate = null_gate || (fault->error & 2);
    unsigned index = null_gate ? fault->numbers[0] : fault->error >> 3;
    struct descriptor_view view;
    struct cpu_registers r;
    uint64_t raw = 0;
    if (!fault->has_error || !(gate || (fault->error & 0xFFFC)) || is_real(fault))
        return;
    target_registers(monitor->machine, &r);
    if (gate)
        fprintf(monitor->out, "   %svector %02x: ", null_gate ? "" : "the error code names ", index);
    else
        fprintf(monitor->out, "   the error code names selector %04x in the %s: ", fault->error & 0xFFFC,
                fault->error & 4 ? "LDT" : "GDT");
    bool there = gate ? index * 8 + 7 <= r.idtr_limit &&
                            target_peek(monitor->machine, r.idtr_base + index * 8, &raw, 8) == 8
                      : target_descriptor(monitor->machine, (uint16_t)(fault->error & 0xFFFC), &raw);
    if (!there) {
        fputs("outside its table\n", monitor->out);
        return;
    }
    descriptor_view(raw, &view);
    fprintf(monitor->out, "%016" PRIx64 "  ", raw);
    print_descriptor(monitor->out, &view);
    fputc('\n', monitor->out);
}

static void print_page_fault(struct monitor *monitor, const struct cpu_fault *fault)
{
    char address[32];
    struct error err;
    unsigned error = fault->error;
    fprintf(monitor->out, "   because the %s of %08" PRIx64 " by %s code %s\n", error & 2 ? "write" : "read",
            fault->cr2, error & 4 ? "user" : "supervisor",
            error & 8   ? "met reserved bits that are set in the page tables"
            : error & 1 ? "is not allowed by the page's rights"
                        : "met a page that is not present");
    snprintf(address, sizeof address, "0x%" PRIx64, fault->cr2);
    command_page(monitor, "", address, &err);
}

/* The hidden part of the segment register that the check looked at. */
static void print_segment_checked(struct monitor *monitor, const struct cpu_fault *fault)
{
    if (fault->segment_register < 0)
        return;
    fprintf(monitor->out, "   %s is %04x: ", segment_names[fault->segment_register], fault->selector);
    if (fault->access) {
        fprintf(monitor->out, "base %08" PRIx64 "  limit %08" PRIx32 "  ", fault->base, fault->limit);
        print_access(monitor->out, fault->access);
    } else {
        fputs("null", monitor->out);
    }
    fputc('\n', monitor->out);
}

static void print_cause(struct monitor *monitor, const struct cpu_fault *fault)
{
    const char *sentence = cpu_fault_sentence((enum cpu_fault_cause)fault->cause);
    if (fault->vector == VECTOR_PF) {
        print_page_fault(monitor, fault);
        return;
    }
    if (*sentence) {
        fputs("   because ", monitor->out);
        fprintf(monitor->out, sentence, fault->numbers[0], fault->numbers[1]);
        if (fault->cause == CPU_FAULT_PRIVILEGE)
            fprintf(monitor->out, ": CPL %u, RPL %u, DPL %u", fault->cpl, fault->numbers[0] & 3,
                    fault->numbers[1] >> 5 & 3);
        if (fault->cause == CPU_FAULT_FPU_PENDING) {
            fputs(": ", monitor->out);
            print_set_bits(monitor->out, fpu_exception_bits, fault->numbers[0] & ~fault->numbers[1] & 0x3F,
                           "none");
        }
        fputc('\n', monitor->out);
    }
    print_segment_checked(monitor, fault);
    if (fault->vector >= 10 && fault->vector <= 13)
        print_selector_error(monitor, fault);
}

/* --- one after the other --- */

static void print_before(struct monitor *monitor, const struct cpu_fault *fault)
{
    uint64_t starts[256];
    unsigned count = 0;
    struct disassembly instruction;
    for (uint64_t at = fault->block_linear; at < fault->rip_linear && count < 256;) {
        unsigned length = disassemble_at(monitor, fault, at, &instruction);
        if (!length)
            return;
        starts[count++] = at;
        at += length;
    }
    if (!count)
        return;
    fputs("   run before it:\n", monitor->out);
    for (unsigned i = count > INSTRUCTIONS_MAX ? count - INSTRUCTIONS_MAX : 0; i < count; i++) {
        disassemble_at(monitor, fault, starts[i], &instruction);
        fputs("     ", monitor->out);
        print_address(monitor, fault, fault->rip - (fault->rip_linear - starts[i]));
        fprintf(monitor->out, "  %s\n", instruction.text);
    }
}

/* The places that the run came by, those in the block itself left out. */
static void print_places(struct monitor *monitor, const struct cpu_fault *fault)
{
    struct cpu_place places[CPU_PLACES_KEPT];
    unsigned count = cpu_last_places(machine_cpu(monitor->machine, 0), fault->places, places), shown = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct cpu_place *place = &places[i];
        bool repeated = i && place->linear == places[i - 1].linear;
        if (repeated || (place->linear >= fault->block_linear && place->linear <= fault->rip_linear))
            continue;
        struct cpu_fault there = *fault;
        struct disassembly instruction;
        there.cs = place->cs;
        there.code_bits = place->code_bits;
        there.rip = place->rip;
        there.rip_linear = place->linear;
        if (!shown++)
            fputs("   on the way there it came by:\n", monitor->out);
        fputs("     ", monitor->out);
        print_address(monitor, &there, there.rip);
        if (disassemble_at(monitor, &there, place->linear, &instruction))
            fprintf(monitor->out, "  %s", instruction.text);
        fputc('\n', monitor->out);
    }
}

static void print_fault(struct monitor *monitor, const struct cpu_fault *fault, unsigned number)
{
    fprintf(monitor->out, "%u. %s", number, name_of(fault->vector));
    if (fault->has_error)
        fprintf(monitor->out, ", error code %04x", fault->error);
    if (!fault->during)
        print_where(monitor, fault);
    else if (fault->during_vector == VECTOR_NONE) {
        fputs(", in the delivery of an interrupt", monitor->out);
        print_where(monitor, fault);
    } else
        fprintf(monitor->out, ", in the delivery of %s", name_of(fault->during_vector));
    fputc('\n', monitor->out);
    print_cause(monitor, fault);
}

void why_print(struct monitor *monitor)
{
    struct cpu_fault faults[CPU_FAULTS_KEPT];
    unsigned count = cpu_last_faults(machine_cpu(monitor->machine, 0), faults), first = count;
    if (!count) {
        fputs("no exception has been raised\n", monitor->out);
        return;
    }
    /* The chain begins with the one that was not raised in the delivery of another. */
    while (first > 0 &&
           (first == count || (faults[first].during && faults[first].during_vector != VECTOR_NONE)))
        first--;
    bool triple = faults[count - 1].during && faults[count - 1].during_vector == VECTOR_DF;
    fprintf(monitor->out, "%s after %" PRIu64 " instructions:\n",
            triple              ? "Triple fault"
            : count - first > 1 ? "Faults"
                                : "Fault",
            faults[first].instructions);
    for (unsigned i = first; i < count; i++) {
        print_fault(monitor, &faults[i], i - first + 1);
        if (i == first) {
            print_places(monitor, &faults[i]);
            print_before(monitor, &faults[i]);
        }
    }
}

enum monitor_result command_why(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format, (void)arguments, (void)err;
    why_print(monitor);
    return MONITOR_DONE;
}
