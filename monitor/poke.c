/* The few things that the monitor changes in the machine. */
#include "monitor/poke.h"

#include <inttypes.h>
#include <stddef.h>

#include "bus/bus.h"
#include "machine/machine.h"
#include "monitor/names.h"
#include "monitor/target.h"

/* Is it memory, or a device, that takes what is written? */
static bool page_takes(struct machine *machine, uint64_t address)
{
    if (address >> PHYSICAL_BITS)
        return false;
    struct phys_page page = mem_page(machine_bus(machine), address >> PAGE_SHIFT);
    return page.write || (page.region && !page.write_block && page.region->write);
}

/* One page at a time. */
static size_t poke_part(struct machine *machine, uint64_t address, const void *buffer, size_t count)
{
    if (!page_takes(machine, address))
        return 0;
    machine_poke(machine, address, buffer, count);
    return count;
}

size_t target_pokeable(struct machine *machine, bool physical, uint64_t address, uint64_t count)
{
    uint64_t done = 0;
    while (done < count) {
        uint64_t at = address + done, in_page = PAGE_SIZE - (at & (PAGE_SIZE - 1));
        if (!physical &&
            (at > UINT32_MAX || !cpu_peek_translate(machine_cpu(machine, 0), address + done, &at)))
            break;
        if (!page_takes(machine, at))
            break;
        done += count - done < in_page ? count - done : in_page;
    }
    return done;
}

size_t target_poke_physical(struct machine *machine, uint64_t address, const void *buffer, size_t count)
{
    size_t done = 0;
    while (done < count) {
        size_t in_page = PAGE_SIZE - ((address + done) & (PAGE_SIZE - 1));
        size_t part = count - done < in_page ? count - done : in_page;
        if (!poke_part(machine, address + done, (const uint8_t *)buffer + done, part))
            break;
        done += part;
    }
    return done;
}

size_t target_poke(struct machine *machine, uint64_t linear, const void *buffer, size_t count)
{
    size_t done = 0;
    while (done < count) {
        uint64_t physical;
        size_t in_page = PAGE_SIZE - ((linear + done) & (PAGE_SIZE - 1));
        size_t part = count - done < in_page ? count - done : in_page;
        if (linear + done > UINT32_MAX ||
            !cpu_peek_translate(machine_cpu(machine, 0), linear + done, &physical) ||
            !poke_part(machine, physical, (const uint8_t *)buffer + done, part))
            break;
        done += part;
    }
    return done;
}

/* --- Registers --------------------------------------------------------------------------------------------
 */

#define PLACE(field) offsetof(struct cpu_registers, field)

#define CR0_PE 1u
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u
#define CR0_PG 0x80000000u

#define CR4_PAE 0x20u

static bool load_segment(struct machine *machine, const struct cpu_registers *r, struct cpu_segment *segment,
                         uint16_t selector, bool is_code, struct error *err)
{
    struct descriptor_view view;
    uint64_t raw;
    if (target_real_segments(r)) {
        segment->selector = selector;
        segment->base = (uint64_t)selector << 4;
        return true;
    }
    if (is_code && (selector & 3) != r->cpl)
        return error_set(err, "cs: RPL %u of selector %04x is not the privilege level %u; choose another",
                         selector & 3, selector, r->cpl);
    if (!(selector & 0xFFFC)) {
        *segment = (struct cpu_segment){.selector = selector};
        return !is_code || error_set(err, "cs: a null selector; choose a code segment");
    }
    if (!target_descriptor(machine, selector, &raw))
        return error_set(err, "no descriptor has the selector %04x; info gdt lists them", selector);
    descriptor_view(raw, &view);
    bool code = (view.access & 0x18) == 0x18;
    if (!(view.access & 0x10) || !(view.access & 0x80) || (is_code && !code))
        return error_set(err, "selector %04x is no present %s segment; info gdt tells what it is", selector,
                         is_code ? "code" : "code or data");
    *segment = (struct cpu_segment){
        .selector = selector, .access = view.access, .limit = view.limit, .base = view.base};
    return true;
}

/* What MOV CR0 and MOV CR4 would refuse (SDM volume 2, MOV - Move to/from Control Registers), and what only
 * 64-bit processors have. *VALUE becomes what the register keeps of it. */
static bool check_control(struct machine *machine, const struct register_place *place, uint64_t *value,
                          struct error *err)
{
    const struct cpu *cpu = machine_cpu(machine, 0);
    if (place->offset == PLACE(efer) || (place->offset >= PLACE(gpr[8]) && place->offset <= PLACE(gpr[15])))
        return error_set(err, "this processor has no %s", place->name);
    if (place->offset == PLACE(cr0) && (*value & CR0_PG) && !(*value & CR0_PE))
        return error_set(err, "cr0: paging (bit 31) needs protected mode (bit 0)");
    if (place->offset == PLACE(cr0)) {
        *value = cpu_cr0_kept(cpu, (uint32_t)*value);
        return !(*value & CR0_NW) || (*value & CR0_CD) ||
               error_set(err, "cr0: NW (bit 29) needs CD (bit 30)");
    }
    uint32_t unknown = place->offset == PLACE(cr4) ? (uint32_t)*value & ~cpu_cr4_bits(cpu) : 0;
    return !unknown || error_set(err, "cr4: this processor has not the bits %08" PRIx32, unknown);
}

/* PAE paging needs four entries that a load of CR3, CR0 or CR4 takes (SDM volume 3, 4.4.1). PLACE was set. */
static bool check_page_pointers(struct machine *machine, const struct register_place *place,
                                const struct cpu_registers *old, const struct cpu_registers *now,
                                struct error *err)
{
    bool pae = (now->cr0 & CR0_PG) && (now->cr4 & CR4_PAE);
    bool loads = place->offset == PLACE(cr3) || old->cr0 != now->cr0 || old->cr4 != now->cr4;
    return !pae || !loads || cpu_peek_cr3_valid(machine_cpu(machine, 0), now->cr3) ||
           error_set(err,
                     "%s: the page-directory-pointer table at %08" PRIx64
                     " has reserved bits set, which PAE paging refuses; xp/4xg 0x%" PRIx64 " shows it",
                     place->name, now->cr3 & 0xFFFFFFE0, now->cr3 & 0xFFFFFFE0);
}

bool register_set(struct machine *machine, const struct register_place *place, uint64_t value,
                  struct error *err)
{
    struct cpu_registers r;
    target_registers(machine, &r);
    unsigned size = place->size > 4 && !r.efer ? 4 : place->size;
    uint64_t mask = size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
    if (value & ~mask && (value | mask) != UINT64_MAX)
        return error_set(err, "%s: 0x%" PRIx64 " does not fit", place->name, value);
    value &= mask;
    if (place->offset == PLACE(cpl) || place->offset == PLACE(ldtr.selector) ||
        place->offset == PLACE(tr.selector))
        return error_set(err, "%s cannot be set; it follows from the tables and the code that runs",
                         place->name);
    for (unsigned i = 0; i < CPU_SEGMENTS; i++) {
        if (place->offset ==
            PLACE(segment) + i * sizeof r.segment[0] + offsetof(struct cpu_segment, selector)) {
            if (!load_segment(machine, &r, &r.segment[i], (uint16_t)value, i == CPU_CS, err))
                return false;
            machine_set_registers(machine, &r);
            return true;
        }
    }
    if (!check_control(machine, place, &value, err))
        return false;
    if (place->offset == PLACE(rflags) && (value ^ r.rflags) >> 17 & 1)
        return error_set(err, "%s: virtual-8086 mode cannot be switched from here", place->name);
    struct cpu_registers old = r;
    register_put(&r, place, value);
    if (!check_page_pointers(machine, place, &old, &r, err))
        return false;
    machine_set_registers(machine, &r);
    return true;
}
