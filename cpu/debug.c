/* Breakpoints, watched memory and events: see cpu/debug.h.
 *
 * Ranges for execution are bound to backing pages when the code TLB gets an entry for a page that they touch:
 * then their bytes are marked as planted, and blocks that overlap them are decoded anew with a record that
 * leaves the chain. All code runs under an entry of the code TLB, so no alias of a page escapes. */
#include "cpu/debug.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu_private.h"
#include "cpu/fast.h"
#include "cpu/insn.h"

#define PAGE_MASK 0xFFFull

void cpu_set_debugger(struct cpu *cpu, const struct cpu_debugger *debugger)
{
    if (!debugger) {
        cpu_set_ranges(cpu, NULL, 0);
        cpu_set_events(cpu, 0);
    }
    cpu->debug.debugger = debugger ? *debugger : (struct cpu_debugger){0};
}

/* --- ranges for execution --- */

static void unplant(struct cpu *cpu)
{
    struct debug *d = &cpu->debug;
    for (unsigned i = 0; i < d->planted_count; i++) {
        uint32_t page = d->planted_pages[i];
        free(d->planted[page]);
        d->planted[page] = NULL;
        cpu_code_written(cpu, page, 0, PAGE_BYTES - 1);
    }
    free(d->planted);
    free(d->planted_pages);
    d->planted = NULL;
    d->planted_pages = NULL;
    d->planted_count = 0;
}

/* Who wants something of a page: bits of the filters. */
enum { FOR_DEBUGGER = 1, FOR_GUEST = 2 };

static void mark_pages(uint8_t filter[DEBUG_PAGE_FILTER], const struct cpu_range *range)
{
    uint64_t first = range->first >> 12, pages = (range->last >> 12) - first;
    for (uint64_t i = 0; i <= pages && i < DEBUG_PAGE_FILTER; i++)
        filter[(first + i) & (DEBUG_PAGE_FILTER - 1)] |= FOR_DEBUGGER;
}

static uint8_t *mark_of(uint8_t filter[DEBUG_PAGE_FILTER], uint32_t linear)
{
    return &filter[linear >> 12 & (DEBUG_PAGE_FILTER - 1)];
}

static void mark_for_guest(struct debug *d)
{
    for (unsigned i = 0; i < d->guest_page_count; i++)
        *mark_of(d->watch_filter, d->guest_pages[i]) |= FOR_GUEST;
    for (unsigned i = 0; i < d->guest_code_count; i++)
        *mark_of(d->page_filter, d->guest_code[i]) |= FOR_GUEST;
    d->watches = (d->watches & FOR_DEBUGGER) | (d->guest_page_count ? FOR_GUEST : 0);
    d->executes = (d->executes & FOR_DEBUGGER) | (d->guest_code_count ? FOR_GUEST : 0);
}

static void mark_filters(struct debug *d, const struct cpu_range *range)
{
    uint64_t first = range->first;
    if (range->kind & (CPU_RANGE_READ | CPU_RANGE_WRITE))
        mark_pages(d->watch_filter, range);
    if (!(range->kind & CPU_RANGE_EXECUTE))
        return;
    mark_pages(d->page_filter, range);
    for (uint64_t i = 0; i < PAGE_BYTES && first + i <= range->last; i++) {
        uint64_t offset = (first + i) & PAGE_MASK;
        d->offset_filter[offset / 64] |= 1ull << offset % 64;
    }
}

/* What follows from the ranges is worked out anew. */
static void ranges_changed(struct cpu *cpu)
{
    struct debug *d = &cpu->debug;
    unplant(cpu);
    d->executes = d->watches = 0;
    d->physical_executes = false;
    memset(d->page_filter, 0, sizeof d->page_filter);
    memset(d->offset_filter, 0, sizeof d->offset_filter);
    memset(d->watch_filter, 0, sizeof d->watch_filter);
    for (unsigned i = 0; i < d->range_count; i++) {
        d->executes |= d->ranges[i].kind & CPU_RANGE_EXECUTE ? FOR_DEBUGGER : 0;
        d->physical_executes |=
            (d->ranges[i].kind & CPU_RANGE_EXECUTE) && (d->ranges[i].kind & CPU_RANGE_PHYSICAL);
        d->watches |= d->ranges[i].kind & (CPU_RANGE_READ | CPU_RANGE_WRITE) ? FOR_DEBUGGER : 0;
        mark_filters(d, &d->ranges[i]);
    }
    mark_for_guest(d);
    tlb_drop_fast(cpu);
}

void cpu_set_ranges(struct cpu *cpu, const struct cpu_range *ranges, unsigned count)
{
    struct debug *d = &cpu->debug;
    d->ranges = xrealloc(d->ranges, (count ? count : 1) * sizeof *d->ranges);
    d->range_count = count;
    d->chance_count = 0;
    for (unsigned i = 0; i < count; i++)
        d->ranges[i] = ranges[i];
    ranges_changed(cpu);
}

void debug_add_chance(struct cpu *cpu, const struct cpu_range *range)
{
    enum { MOST = 6 };
    struct debug *d = &cpu->debug;
    if (d->chance_count == MOST)
        debug_forget_chance(cpu);
    d->ranges = xrealloc(d->ranges, (d->range_count + 1) * sizeof *d->ranges);
    d->ranges[d->range_count++] = *range;
    d->chance_count++;
    ranges_changed(cpu);
}

void debug_forget_chance(struct cpu *cpu)
{
    struct debug *d = &cpu->debug;
    if (!d->chance_count)
        return;
    struct cpu_range *oldest = &d->ranges[d->range_count - d->chance_count--];
    memmove(oldest, oldest + 1, d->chance_count * sizeof *oldest);
    d->range_count--;
    ranges_changed(cpu);
}

bool cpu_break_by_chance(const struct cpu *cpu)
{
    return cpu->debug.by_chance;
}

/* Does a range of KINDS touch FIRST..FIRST + SIZE - 1, by its linear or physical address? */
static const struct cpu_range *find_range(const struct debug *d, unsigned kinds, uint64_t linear,
                                          uint64_t physical, unsigned size)
{
    for (unsigned i = 0; i < d->range_count; i++) {
        const struct cpu_range *r = &d->ranges[i];
        uint64_t at = r->kind & CPU_RANGE_PHYSICAL ? physical : linear;
        if ((r->kind & kinds) && at != CPU_NO_LINEAR && at <= r->last && at + size - 1 >= r->first)
            return r;
    }
    return NULL;
}

static void plant(struct cpu *cpu, uint32_t page, unsigned first, unsigned last)
{
    struct debug *d = &cpu->debug;
    bool fresh = false;
    if (!d->planted)
        d->planted = xcalloc(cpu->bus.backing_pages, sizeof *d->planted);
    if (!d->planted[page]) {
        d->planted[page] = xcalloc(PAGE_BYTES / 64, sizeof **d->planted);
        d->planted_pages = xrealloc(d->planted_pages, (d->planted_count + 1) * sizeof *d->planted_pages);
        d->planted_pages[d->planted_count++] = page;
    }
    for (unsigned i = first; i <= last; i++) {
        fresh |= !(d->planted[page][i / 64] >> i % 64 & 1);
        d->planted[page][i / 64] |= 1ull << i % 64;
    }
    if (fresh)
        cpu_code_written(cpu, page, first, last);
}

void debug_bind_page(struct cpu *cpu, uint64_t linear, uint64_t physical, uint32_t page)
{
    struct debug *d = &cpu->debug;
    if (page >= cpu->bus.backing_pages)
        return;
    for (unsigned i = 0; i < d->range_count; i++) {
        const struct cpu_range *r = &d->ranges[i];
        uint64_t at = (r->kind & CPU_RANGE_PHYSICAL ? physical : linear) & ~PAGE_MASK;
        if (!(r->kind & CPU_RANGE_EXECUTE) || r->first > at + PAGE_MASK || r->last < at)
            continue;
        plant(cpu, page, r->first > at ? (unsigned)(r->first - at) : 0,
              r->last < at + PAGE_MASK ? (unsigned)(r->last - at) : PAGE_BYTES - 1);
    }
    for (unsigned i = 0; i < d->guest_code_count; i++)
        if ((d->guest_code[i] & ~PAGE_MASK) == (linear & ~PAGE_MASK))
            plant(cpu, page, d->guest_code[i] & PAGE_MASK, d->guest_code[i] & PAGE_MASK);
}

/* --- for the guest's own breakpoints --- */

static bool knows_guest_code(const struct debug *d, uint32_t linear)
{
    for (unsigned i = 0; i < d->guest_code_count; i++)
        if (d->guest_code[i] == linear)
            return true;
    return false;
}

static void forget_guest_code(struct cpu *cpu)
{
    struct debug *d = &cpu->debug;
    for (unsigned i = 0; i < d->guest_code_count; i++)
        *mark_of(d->page_filter, d->guest_code[i]) &= (uint8_t)~FOR_GUEST;
    d->guest_code_count = 0;
    unplant(cpu);
    tlb_drop_fast(cpu); /* so that the debugger's are planted again */
}

void debug_plant_for_guest(struct cpu *cpu, const uint32_t *addresses, unsigned count, bool afresh)
{
    struct debug *d = &cpu->debug;
    unsigned more = 0;
    for (unsigned i = 0; i < count; i++)
        more += !knows_guest_code(d, addresses[i]);
    if (afresh || d->guest_code_count + more > DEBUG_GUEST_PLANTS)
        forget_guest_code(cpu);
    for (unsigned i = 0; i < count; i++)
        if (!knows_guest_code(d, addresses[i])) {
            d->guest_code[d->guest_code_count++] = addresses[i];
            tlb_drop_fast_page(cpu, addresses[i]);
        }
    mark_for_guest(d);
}

void debug_watch_for_guest(struct cpu *cpu, const uint32_t *pages, unsigned count)
{
    struct debug *d = &cpu->debug;
    for (unsigned i = 0; i < d->guest_page_count; i++)
        *mark_of(d->watch_filter, d->guest_pages[i]) &= (uint8_t)~FOR_GUEST;
    for (unsigned i = 0; i < count; i++) {
        d->guest_pages[i] = pages[i];
        tlb_drop_fast_page(cpu, pages[i]);
    }
    d->guest_page_count = count;
    mark_for_guest(d);
}

/* The count of instructions, though a chain may be in the middle of its slice. */
static uint64_t instructions_now(const struct cpu *cpu)
{
    return cpu->instructions + ((uint64_t)cpu->budget & ((1u << BUDGET_SHIFT) - 1));
}

static uint64_t next_linear(const struct cpu *cpu)
{
    return (uint32_t)(cpu->seg[SEG_CS].base + cpu->rip);
}

static const struct cpu_range *breakpoint_here(struct cpu *cpu)
{
    const struct debug *d = &cpu->debug;
    uint64_t linear = next_linear(cpu), physical;
    if (d->passed && d->passed_linear == linear && d->passed_instructions == instructions_now(cpu))
        return NULL;
    if (!d->physical_executes || !cpu_peek_translate(cpu, linear, &physical))
        physical = CPU_NO_LINEAR;
    return find_range(d, CPU_RANGE_EXECUTE, linear, physical, 1);
}

void cpu_pass_breakpoint(struct cpu *cpu)
{
    struct debug *d = &cpu->debug;
    d->passed = true;
    d->passed_linear = next_linear(cpu);
    d->passed_instructions = instructions_now(cpu);
}

bool debug_stops_here(struct cpu *cpu)
{
    struct debug *d = &cpu->debug;
    const struct cpu_range *range = breakpoint_here(cpu);
    if (!range)
        return false;
    cpu_pass_breakpoint(cpu);
    d->by_chance = range >= d->ranges + d->range_count - d->chance_count;
    if (d->by_chance)
        return true;
    d->calls++;
    return !d->debugger.breakpoint || d->debugger.breakpoint(d->debugger.ctx, next_linear(cpu));
}

bool debug_stops_in_chain(struct cpu *cpu)
{
    return cpu->debug.stops = debug_stops_here(cpu);
}

/* --- faults --- */

const char *cpu_fault_sentence(enum cpu_fault_cause cause)
{
    static const char *const sentences[] = {
#define FAULT_CAUSE(name, sentence) [CPU_FAULT_##name] = sentence,
#include "cpu/fault_causes.def"
#undef FAULT_CAUSE
    };
    return sentences[cause];
}

void debug_keep_fault(struct cpu *cpu)
{
    uint64_t base = cpu->seg[SEG_CS].base;
    uint64_t rip = cpu->in_software_interrupt ? cpu->software_rip : cpu->rip;
    uint64_t block = cpu->block_ip <= rip && rip - cpu->block_ip < 256 ? cpu->block_ip : rip;
    cpu->faults[cpu->fault_count++ % CPU_FAULTS_KEPT] =
        (struct cpu_fault){.vector = cpu->fault_vector,
                           .cpl = cpu->cpl,
                           .cause = cpu->fault_cause,
                           .has_error = cpu->fault_has_error,
                           .during = cpu->delivering,
                           .during_vector = cpu->delivering_vector,
                           .cs = cpu->seg[SEG_CS].selector,
                           .error = cpu->fault_error,
                           .numbers = {cpu->fault_numbers[0], cpu->fault_numbers[1]},
                           .rip = rip,
                           .rip_linear = (uint32_t)(base + rip),
                           .block_linear = (uint32_t)(base + block),
                           .cr2 = cpu->cr2,
                           .mode = cpu_mode_bits(cpu),
                           .code_bits = cpu->mode & MODE_CODE32 ? 32 : 16,
                           .instructions = instructions_now(cpu),
                           .places = cpu->place_count,
                           .segment_register = cpu->fault_segment};
    if (cpu->fault_segment >= 0) {
        struct cpu_fault *fault = &cpu->faults[(cpu->fault_count - 1) % CPU_FAULTS_KEPT];
        const struct segment *s = &cpu->seg[cpu->fault_segment];
        fault->selector = s->selector;
        fault->access = s->access;
        fault->limit = s->limit;
        fault->base = s->base;
    }
    cpu->fault_segment = -1;
}

/* By the translation that the processor has: where it has none, it has not fetched from there. */
void debug_place_fetched(struct cpu *cpu)
{
    struct cpu_place *place = &cpu->places[(cpu->place_count - 1) % CPU_PLACES_KEPT];
    uint32_t linear = (uint32_t)place->linear, page = linear & ~(uint32_t)PAGE_MASK;
    const struct tlb_line *line = &cpu->itlb[linear >> 12 & (CODE_TLB_ENTRIES - 1)];
    if (!(cpu->cr0 & CR0_PG))
        place->physical = linear;
    else if (line->linear == (page | 1u))
        place->physical = line->physical | (linear & PAGE_MASK);
    else
        place->physical = CPU_NO_PHYSICAL;
    if (cpu->a20_closed && place->physical != CPU_NO_PHYSICAL)
        place->physical &= ~(1ull << 20);
}

void debug_keep_place(struct cpu *cpu)
{
    struct cpu_place *place = &cpu->places[cpu->place_count++ % CPU_PLACES_KEPT];
    place->rip = cpu->rip;
    place->linear = (uint32_t)(cpu->seg[SEG_CS].base + cpu->rip);
    place->cs = cpu->seg[SEG_CS].selector;
    place->code_bits = cpu->mode & MODE_CODE32 ? 32 : 16;
    debug_place_fetched(cpu);
}

unsigned cpu_last_places(const struct cpu *cpu, uint32_t places, struct cpu_place out[CPU_PLACES_KEPT])
{
    uint32_t past = cpu->place_count - places; /* since then */
    unsigned kept = cpu->place_count < CPU_PLACES_KEPT ? cpu->place_count : CPU_PLACES_KEPT;
    unsigned count = past < kept ? kept - past : 0;
    for (unsigned i = 0; i < count; i++)
        out[i] = cpu->places[(places - count + i) % CPU_PLACES_KEPT];
    return count;
}

unsigned cpu_last_faults(const struct cpu *cpu, struct cpu_fault out[CPU_FAULTS_KEPT])
{
    unsigned count = cpu->fault_count < CPU_FAULTS_KEPT ? cpu->fault_count : CPU_FAULTS_KEPT;
    for (unsigned i = 0; i < count; i++)
        out[i] = cpu->faults[(cpu->fault_count - count + i) % CPU_FAULTS_KEPT];
    return count;
}

/* --- events --- */

void cpu_set_events(struct cpu *cpu, uint32_t kinds)
{
    struct debug *d = &cpu->debug;
    /* Where the magic instruction stands is planted at decoding. */
    if ((d->kinds ^ kinds) >> CPU_EVENT_MAGIC & 1)
        cpu->arena_full = true;
    d->kinds = kinds;
    d->mode = cpu_mode_bits(cpu);
    cpu->attention |= ATTENTION_DEBUG;
}

static struct cpu_event event_here(const struct cpu *cpu, enum cpu_event_kind kind)
{
    return (struct cpu_event){.kind = (uint8_t)kind,
                              .code_bits = cpu->mode & MODE_CODE32 ? 32 : 16,
                              .cs = cpu->seg[SEG_CS].selector,
                              .rip = cpu->rip,
                              .rip_linear = (uint32_t)(cpu->seg[SEG_CS].base + cpu->rip)};
}

static void add_event(struct cpu *cpu, const struct cpu_event *event)
{
    struct debug *d = &cpu->debug;
    cpu->attention |= ATTENTION_DEBUG;
    if (d->event_count < DEBUG_EVENTS)
        d->events[d->event_count++] = *event;
}

void cpu_add_event(struct cpu *cpu, const struct cpu_event *event)
{
    add_event(cpu, event);
}

void debug_note(struct cpu *cpu, enum cpu_event_kind kind, uint32_t number, uint64_t old, uint64_t value)
{
    struct cpu_event event = event_here(cpu, kind);
    event.number = number;
    event.old = old;
    event.value = value;
    add_event(cpu, &event);
}

void debug_note_port(struct cpu *cpu, uint16_t port, uint32_t value, unsigned size, bool write)
{
    struct cpu_event event = event_here(cpu, CPU_EVENT_PORT);
    event.number = port;
    event.value = value;
    event.size = size;
    event.write = write;
    add_event(cpu, &event);
}

static struct cpu_event interrupt_event(const struct cpu *cpu, unsigned vector, enum interrupt_kind kind,
                                        bool has_error, uint32_t error)
{
    static const uint8_t origins[] = {[INTERRUPT_EXTERNAL] = CPU_ORIGIN_HARDWARE,
                                      [INTERRUPT_EXCEPTION] = CPU_ORIGIN_EXCEPTION,
                                      [INTERRUPT_SOFTWARE] = CPU_ORIGIN_SOFTWARE,
                                      [INTERRUPT_SOFTWARE_EXCEPTION] = CPU_ORIGIN_TRAP,
                                      [INTERRUPT_ICEBP] = CPU_ORIGIN_TRAP};
    struct cpu_event event = event_here(cpu, CPU_EVENT_INTERRUPT);
    event.number = vector;
    event.has_error = has_error;
    event.error = error;
    event.origin = origins[kind];
    if (kind == INTERRUPT_EXTERNAL && vector == EXC_NMI && cpu->nmi_blocked)
        event.origin = CPU_ORIGIN_NMI;
    if (kind == INTERRUPT_ICEBP && !cpu->in_software_interrupt)
        event.origin = CPU_ORIGIN_EXCEPTION; /* a debug trap */
    if (cpu->in_software_interrupt) {
        event.rip = cpu->software_rip;
        event.rip_linear = (uint32_t)(cpu->seg[SEG_CS].base + cpu->software_rip);
    }
    return event;
}

void debug_begin_interrupt(struct cpu *cpu, unsigned vector, enum interrupt_kind kind, bool has_error,
                           uint32_t error)
{
    cpu->debug.interrupt = interrupt_event(cpu, vector, kind, has_error, error);
}

void debug_note_interrupt(struct cpu *cpu)
{
    add_event(cpu, &cpu->debug.interrupt);
}

void debug_note_failed_delivery(struct cpu *cpu, bool merged)
{
    struct cpu_event event = cpu->debug.interrupt;
    event.failed = true;
    add_event(cpu, &event);
    if (!merged)
        return;
    event =
        interrupt_event(cpu, cpu->fault_vector, INTERRUPT_EXCEPTION, cpu->fault_has_error, cpu->fault_error);
    event.failed = true;
    add_event(cpu, &event);
}

bool insn_is_magic(const struct insn *in)
{
    return in->id == ID_xchg_rm_r_16 && !(in->ea & INSN_MEM) && in->rm == RBX * sizeof(union gpr) &&
           in->reg == in->rm;
}

/* One access by several pieces (a page crossing, bytes one after the other) is one event. */
static bool joins_last(struct debug *d, const struct cpu_event *event)
{
    struct cpu_event *last = d->event_count ? &d->events[d->event_count - 1] : NULL;
    if (!last || last->kind != CPU_EVENT_ACCESS || last->write != event->write ||
        last->rip_linear != event->rip_linear || last->device || last->linear == CPU_NO_LINEAR ||
        last->linear + last->size != event->linear)
        return false;
    last->size += event->size;
    return true;
}

void debug_access(struct cpu *cpu, uint64_t linear, uint64_t physical, unsigned size, bool write)
{
    struct debug *d = &cpu->debug;
    unsigned kinds = write ? CPU_RANGE_WRITE : CPU_RANGE_READ;
    if (!find_range(d, kinds, linear, physical, size))
        return;
    struct cpu_event event = event_here(cpu, CPU_EVENT_ACCESS);
    event.write = write;
    event.linear = linear;
    event.physical = physical;
    event.size = size;
    event.delivering = cpu->delivering;
    if (d->debugger.access) {
        event.number = d->event_count;
        d->calls++;
        d->debugger.access(d->debugger.ctx, &event);
        event.number = 0;
    }
    if (!joins_last(d, &event))
        add_event(cpu, &event);
    cpu->attention |= ATTENTION_DEBUG;
}

bool debug_page_is_watched(const struct cpu *cpu, uint64_t linear, uint64_t physical)
{
    const struct debug *d = &cpu->debug;
    for (unsigned i = 0; i < d->guest_page_count; i++)
        if (d->guest_pages[i] == (linear & ~PAGE_MASK))
            return true;
    return find_range(d, CPU_RANGE_READ | CPU_RANGE_WRITE, linear & ~PAGE_MASK, physical & ~PAGE_MASK,
                      PAGE_BYTES);
}

unsigned cpu_mode_bits(const struct cpu *cpu)
{
    return (cpu->cr0 & CR0_PE ? CPU_MODE_PROTECTED : 0u) | (is_v86(cpu) ? CPU_MODE_V86 : 0u) |
           (cpu->cr0 & CR0_PG ? CPU_MODE_PAGING : 0u) | (cpu->in_smm ? CPU_MODE_SMM : 0u) |
           (cpu->efer & 0x400 ? CPU_MODE_LONG : 0u);
}

bool debug_tell(struct cpu *cpu)
{
    struct debug *d = &cpu->debug;
    if (d->kinds >> CPU_EVENT_MODE & 1) {
        unsigned mode = cpu_mode_bits(cpu);
        if (mode != d->mode)
            debug_note(cpu, CPU_EVENT_MODE, 0, d->mode, mode);
        d->mode = mode;
    }
    unsigned count = d->event_count;
    d->event_count = 0;
    cpu->attention &= ~(uint32_t)ATTENTION_DEBUG;
    if (!count || !d->debugger.events)
        return false;
    d->calls++;
    d->by_chance = false;
    return d->debugger.events(d->debugger.ctx, d->events, count);
}

void debug_state_loaded(struct cpu *cpu)
{
    cpu->debug.event_count = 0;
    cpu->debug.passed = cpu->debug.stops = false;
    cpu->debug.mode = cpu_mode_bits(cpu);
}

void debug_destroy(struct cpu *cpu)
{
    unplant(cpu);
    free(cpu->debug.ranges);
}
