/* Paging: the walk to one address with the meaning of every bit and the check that fails, and what is mapped.
 */
#include <inttypes.h>
#include <string.h>

#include "bus/bus.h"
#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"
#include "monitor/target.h"

#define CR0_WP      0x10000u
#define CR0_PG      0x80000000u
#define CR4_PAE     0x20u
#define CR4_PGE     0x80u
#define OFFSET_MASK 0xFFFull

/* Page-table bits, SDM volume 3, 4.3 and 4.4. */
enum {
    PTE_P = 1,
    PTE_W = 2,
    PTE_U = 4,
    PTE_PWT = 8,
    PTE_PCD = 16,
    PTE_A = 0x20,
    PTE_D = 0x40,
    PTE_PS = 0x80,
    PTE_G = 0x100
};

#define PAE_ADDRESS ((uint64_t)0xFFFFFF000)

static bool paging_on(const struct cpu_registers *r)
{
    return r->cr0 & CR0_PG;
}

static bool pae_on(const struct cpu_registers *r)
{
    return r->cr4 & CR4_PAE;
}

/* --- The entries ------------------------------------------------------------------------------------------
 */

static const char *level_name(const struct cpu_walk *walk, unsigned level)
{
    (void)walk;
    return level ? "PTE" : "PDE";
}

static bool is_last(const struct cpu_walk *walk, unsigned level)
{
    return level == 1 || (walk->rights & CPU_IS_LARGE);
}

static void print_entry_bits(FILE *out, uint64_t entry, bool last, bool large)
{
    if (!(entry & PTE_P)) {
        fputs(entry ? "not present; the other bits are the system's own" : "not present, all 0", out);
        return;
    }
    fprintf(out, "present, %s, %s, %s", entry & PTE_W ? "writable" : "read-only",
            entry & PTE_U ? "user" : "supervisor", entry & PTE_A ? "accessed" : "not accessed");
    if (last)
        fprintf(out, ", %s%s", entry & PTE_D ? "dirty" : "not dirty", entry & PTE_G ? ", global" : "");
    if (large)
        fputs(", large page", out);
    fprintf(out, "%s%s", entry & PTE_PWT ? ", write-through" : "", entry & PTE_PCD ? ", not cached" : "");
}

static void print_entry(struct monitor *monitor, const struct cpu_walk *walk, unsigned level)
{
    uint64_t entry = walk->level[level].entry;
    bool last = is_last(walk, level);
    fprintf(monitor->out, "%s at %09" PRIx64 ": %0*" PRIx64, level_name(walk, level),
            walk->level[level].address, walk->level[level].size * 2, entry);
    if (entry & PTE_P) {
        bool large = walk->rights & CPU_IS_LARGE;
        uint64_t large_mask = walk->level[0].size == 8 ? 0x1FFFFF : 0x3FFFFF;
        uint64_t table = walk->level[level].size == 8 ? entry & PAE_ADDRESS : entry & 0xFFFFF000;
        uint64_t base = large ? walk->physical & ~large_mask : table;
        fprintf(monitor->out, "  %s %09" PRIx64, last ? "page" : "table", base);
    }
    fputs("  ", monitor->out);
    print_entry_bits(monitor->out, entry, last, walk->rights & CPU_IS_LARGE);
    fputc('\n', monitor->out);
}

/* PAE's first level lies in registers that MOV CR3 fills; the memory that they came from may differ. */
static void print_pdpte(struct monitor *monitor, const struct cpu_registers *r, uint32_t linear)
{
    uint64_t pdptes[4], in_memory = 0;
    unsigned n = linear >> 30;
    uint64_t at = (r->cr3 & 0xFFFFFFE0) + 8u * n;
    cpu_peek_pdptes(machine_cpu(monitor->machine, 0), pdptes);
    target_peek_physical(monitor->machine, at, &in_memory, 8);
    fprintf(monitor->out, "PDPTE %u: %016" PRIx64, n, pdptes[n]);
    if (pdptes[n] & PTE_P)
        fprintf(monitor->out, "  table %09" PRIx64 "  present\n", pdptes[n] & PAE_ADDRESS);
    else
        fputs("  not present\n", monitor->out);
    if (in_memory != pdptes[n])
        fprintf(monitor->out, "  memory at %09" PRIx64 " holds %016" PRIx64 ": CR3 was not loaded since\n",
                at, in_memory);
}

/* --- Checks -----------------------------------------------------------------------------------------------
 */

/* The first entry on the way whose bit BIT is clear. */
static const char *blocking_entry(const struct cpu_walk *walk, uint64_t bit)
{
    for (unsigned i = 0; i < walk->levels; i++)
        if (!(walk->level[i].entry & bit))
            return level_name(walk, i);
    return "entry";
}

/* SDM volume 3, 4.6 and 4.7. */
static void print_check(FILE *out, const struct cpu_registers *r, const struct cpu_walk *walk, bool user,
                        bool write)
{
    unsigned error = (write ? 2u : 0) | (user ? 4u : 0);
    if (!walk->present) {
        const char *entry = walk->levels ? blocking_entry(walk, PTE_P) : "PDPTE";
        fprintf(out, "#PF error %x, the %s is not present", error, entry);
    } else if (walk->error) {
        fprintf(out, "#PF error %x, reserved bits are set in the %s:", error | 9,
                level_name(walk, walk->levels - 1));
        for (unsigned bit = 0; bit < 64; bit++)
            if (walk->reserved >> bit & 1)
                fprintf(out, " %u", bit);
    } else if (user && !(walk->rights & CPU_MAY_USER)) {
        fprintf(out, "#PF error %x, bit 2 (U/S) of the %s is 0", error | 1, blocking_entry(walk, PTE_U));
    } else if (write && !(walk->rights & CPU_MAY_WRITE) && (user || (r->cr0 & CR0_WP))) {
        fprintf(out, "#PF error %x, bit 1 (R/W) of the %s is 0%s", error | 1, blocking_entry(walk, PTE_W),
                user ? "" : " and CR0.WP is 1");
    } else {
        fputs("allowed", out);
        if (write && !(walk->rights & CPU_MAY_WRITE))
            fputs(" (read-only, but CR0.WP is 0)", out);
    }
}

static void print_checks(struct monitor *monitor, const struct cpu_registers *r, const struct cpu_walk *walk)
{
    static const char *const names[2][2] = {{"supervisor read, fetch", "supervisor write"},
                                            {"user read, fetch", "user write"}};
    for (unsigned user = 0; user < 2; user++) {
        for (unsigned write = 0; write < 2; write++) {
            fprintf(monitor->out, "%-23s ", names[user][write]);
            print_check(monitor->out, r, walk, user, write);
            fputc('\n', monitor->out);
        }
    }
}

/* What the processor remembers may differ from what the tables say now. */
static void print_remembered(struct monitor *monitor, const struct cpu_walk *walk, uint32_t page)
{
    struct cpu *cpu = machine_cpu(monitor->machine, 0);
    for (unsigned code = 0; code < 2; code++) {
        struct cpu_translation line;
        for (unsigned i = 0; cpu_peek_tlb(cpu, code, i, &line); i++) {
            if (!line.valid || line.linear != page)
                continue;
            uint32_t told = CPU_MAY_WRITE | CPU_MAY_USER;
            bool same =
                walk->present && line.physical == walk->physical && !((line.rights ^ walk->rights) & told);
            fprintf(monitor->out, "%s TLB: %09" PRIx64 " %s %s%s\n", code ? "code" : "data", line.physical,
                    line.rights & CPU_MAY_USER ? "user" : "supervisor",
                    line.rights & CPU_MAY_WRITE ? "writable" : "read-only",
                    same ? "" : "; the tables say otherwise: no INVLPG since");
        }
    }
}

/* --- page -------------------------------------------------------------------------------------------------
 */

/* What lies at a physical address. */
static void print_physical(struct monitor *monitor, uint64_t physical)
{
    struct phys_page page = mem_page(machine_bus(monitor->machine), physical >> PAGE_SHIFT);
    const struct mem_region *region = page.region;
    fprintf(monitor->out, "physical %09" PRIx64 ": %s", physical, region ? region->name : "nothing there");
    if (region && region->owner)
        fprintf(monitor->out, " (%s)", region->owner);
    if (region && page.read && !page.write)
        fputs(region->write && !region->write_block ? ", writes go to the device" : ", read-only",
              monitor->out);
    fputc('\n', monitor->out);
}

static void print_walk(struct monitor *monitor, const struct cpu_registers *r, uint32_t linear)
{
    struct cpu_walk walk;
    cpu_peek_walk(machine_cpu(monitor->machine, 0), linear, &walk);
    fprintf(monitor->out, "linear %08" PRIx32 "  CR3 %08" PRIx64 "  %s\n", linear, r->cr3,
            pae_on(r) ? "PAE paging" : "32-bit paging");
    if (pae_on(r))
        print_pdpte(monitor, r, linear);
    for (unsigned i = 0; i < walk.levels; i++)
        print_entry(monitor, &walk, i);
    print_checks(monitor, r, &walk);
    print_remembered(monitor, &walk, linear & ~(uint32_t)OFFSET_MASK);
    if (walk.present && !walk.error)
        print_physical(monitor, walk.physical | (linear & OFFSET_MASK));
}

enum monitor_result command_page(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    struct address address;
    struct cpu_registers r;
    if (!strcmp(arguments, "ranges"))
        return info_pages(monitor, format, "", err);
    if (!*arguments) {
        error_set(err, "page: name an address, or ranges");
        return MONITOR_FAILED;
    }
    if (!expression_address(monitor->machine, arguments, NULL, &address, err))
        return MONITOR_FAILED;
    target_registers(monitor->machine, &r);
    if (paging_on(&r)) {
        print_walk(monitor, &r, (uint32_t)address.linear);
        return MONITOR_DONE;
    }
    uint64_t physical;
    fprintf(monitor->out, "linear %08" PRIx32 "  paging is off (CR0.PG is 0)\n", (uint32_t)address.linear);
    cpu_peek_translate(machine_cpu(monitor->machine, 0), address.linear, &physical);
    if (physical != (uint32_t)address.linear)
        fputs("A20 is closed: bit 20 is taken off\n", monitor->out);
    print_physical(monitor, physical);
    return MONITOR_DONE;
}

/* --- What is mapped ---------------------------------------------------------------------------------------
 */

struct mapping {
    uint64_t first, end; /* linear */
    uint64_t physical;
    uint32_t rights; /* CPU_MAY_*, CPU_IS_GLOBAL, CPU_IS_LARGE */
};

/* Linear bytes that the walk's outcome holds for. */
static uint64_t walk_span(const struct cpu_walk *walk, bool pae)
{
    if (walk->present && !(walk->rights & CPU_IS_LARGE))
        return PAGE_SIZE;
    if (walk->levels == 2)
        return PAGE_SIZE;
    if (pae && walk->levels == 0)
        return 1ull << 30;
    return pae ? 1ull << 21 : 1ull << 22;
}

static void print_mapping(struct monitor *monitor, const struct mapping *m, bool with_physical)
{
    if (m->first == m->end)
        return;
    fprintf(monitor->out, "%08" PRIx64 "-%08" PRIx64, m->first, m->end - 1);
    if (with_physical)
        fprintf(monitor->out, " -> %09" PRIx64 "-%09" PRIx64, m->physical,
                m->physical + (m->end - m->first) - 1);
    fprintf(monitor->out, "  %s %s%s\n", m->rights & CPU_MAY_USER ? "user" : "supervisor",
            m->rights & CPU_MAY_WRITE ? "read/write" : "read-only",
            m->rights & CPU_IS_GLOBAL ? ", global" : "");
}

static bool continues(const struct mapping *m, uint64_t linear, const struct cpu_walk *walk,
                      uint64_t physical, bool with_physical)
{
    uint32_t told = CPU_MAY_WRITE | CPU_MAY_USER | CPU_IS_GLOBAL;
    return m->first != m->end && m->end == linear && !((m->rights ^ walk->rights) & told) &&
           (!with_physical || m->physical + (linear - m->first) == physical);
}

static uint64_t print_mappings(struct monitor *monitor, bool pae, bool with_physical)
{
    struct mapping now = {0};
    uint64_t bytes = 0;
    for (uint64_t linear = 0; linear < 1ull << 32;) {
        struct cpu_walk walk;
        cpu_peek_walk(machine_cpu(monitor->machine, 0), linear, &walk);
        uint64_t span = walk_span(&walk, pae);
        if (walk.present && !walk.error) {
            bytes += span;
            if (!continues(&now, linear, &walk, walk.physical, with_physical)) {
                print_mapping(monitor, &now, with_physical);
                now = (struct mapping){linear, linear, walk.physical, walk.rights};
            }
            now.end = linear + span;
        }
        linear += span;
    }
    print_mapping(monitor, &now, with_physical);
    return bytes;
}

static enum monitor_result show_mappings(struct monitor *monitor, bool with_physical)
{
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    if (!paging_on(&r)) {
        fputs("paging is off: linear addresses are physical ones\n", monitor->out);
        return MONITOR_DONE;
    }
    uint64_t bytes = print_mappings(monitor, pae_on(&r), with_physical);
    fprintf(monitor->out, "%" PRIu64 " KB mapped\n", bytes >> 10);
    return MONITOR_DONE;
}

enum monitor_result info_pages(struct monitor *monitor, const char *format, const char *arguments,
                               struct error *err)
{
    (void)format, (void)arguments, (void)err;
    return show_mappings(monitor, true);
}

enum monitor_result info_rights(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format, (void)arguments, (void)err;
    return show_mappings(monitor, false);
}
