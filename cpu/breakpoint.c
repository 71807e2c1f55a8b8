/* The guest's own breakpoints: DR0-DR3, as DR7 arms them. SDM volume 3, 17.2 and 17.3.1.
 *
 * They cost nothing where they are not: pages with data breakpoints get no entries in the fast TLB, so that
 * all accesses to them come by check_access(); instruction breakpoints are planted in the blocks of their
 * page as the debugger's are (debug.c), and what stands on one runs by itself. */
#include "cpu/cpu_private.h"

#define PAGE_MASK 0xFFFu

enum { EXECUTE, WRITE, PORT, READ_WRITE }; /* DR7.R/Wn */

/* Bytes FIRST..FIRST + LENGTH - 1 that DRn watches. */
static uint32_t length_of(const struct cpu *cpu, unsigned n)
{
    static const uint8_t lengths[4] = {1, 2, 8, 4};
    return lengths[cpu->dr[7] >> (18 + 4 * n) & 3];
}

static uint32_t first_of(const struct cpu *cpu, unsigned n)
{
    return (uint32_t)cpu->dr[n] & ~(length_of(cpu, n) - 1);
}

static unsigned type_of(const struct cpu *cpu, unsigned n)
{
    return cpu->dr[7] >> (16 + 4 * n) & 3;
}

/* --- what is armed --- */

static struct breakpoints armed(const struct cpu *cpu)
{
    struct breakpoints b = {0};
    for (unsigned n = 0; n < 4; n++) {
        if (!(cpu->dr[7] >> 2 * n & 3))
            continue;
        unsigned type = type_of(cpu, n);
        b.address[n] = (uint32_t)cpu->dr[n];
        /* One for execution has to have length 1 (SDM volume 3, 17.2.4). */
        b.code |= (uint8_t)((type == EXECUTE && length_of(cpu, n) == 1) << n);
        b.data |= (uint8_t)((type == WRITE || type == READ_WRITE) << n);
        b.ports |= (uint8_t)((type == PORT) << n);
    }
    return b;
}

static bool same_addresses(const struct breakpoints *a, const struct breakpoints *b)
{
    for (unsigned n = 0; n < 4; n++)
        if (a->address[n] != b->address[n])
            return false;
    return a->code == b->code && a->data == b->data && a->ports == b->ports;
}

/* Data breakpoints are aligned: each lies on one page. */
static void watch_pages(struct cpu *cpu)
{
    uint32_t pages[4];
    unsigned count = 0;
    for (unsigned n = 0; n < 4; n++)
        if (cpu->breakpoints.data >> n & 1)
            pages[count++] = cpu->breakpoints.address[n] & ~PAGE_MASK;
    debug_watch_for_guest(cpu, pages, count);
}

static void plant(struct cpu *cpu, bool afresh)
{
    uint32_t addresses[4];
    unsigned count = 0;
    for (unsigned n = 0; n < 4; n++)
        if (cpu->breakpoints.code >> n & 1)
            addresses[count++] = cpu->breakpoints.address[n];
    debug_plant_for_guest(cpu, addresses, count, afresh);
}

void breakpoints_changed(struct cpu *cpu)
{
    struct breakpoints *now = &cpu->breakpoints;
    if (LIKELY(!(cpu->dr[7] & 0xFF) && !(now->code | now->data | now->ports)))
        return;
    struct breakpoints b = armed(cpu);
    if (same_addresses(&b, now))
        return;
    *now = b;
    watch_pages(cpu);
    plant(cpu, false);
}

/* --- what hits --- */

unsigned breakpoint_code_hits(const struct cpu *cpu, uint32_t linear)
{
    const struct breakpoints *b = &cpu->breakpoints;
    unsigned hits = 0;
    for (unsigned n = 0; n < 4; n++)
        if ((b->code >> n & 1) && b->address[n] == linear)
            hits |= 1u << n;
    return hits;
}

bool breakpoint_leaves_chain(struct cpu *cpu)
{
    enum { MOST_IN_VAIN = 1000 };
    struct breakpoints *b = &cpu->breakpoints;
    uint32_t linear = (uint32_t)(cpu->seg[SEG_CS].base + cpu->rip);
    if (breakpoint_code_hits(cpu, linear))
        return true;
    /* What was armed once stays planted: it may be armed again soon. But not for good. */
    if (!cpu->debug.range_count && ++b->in_vain > MOST_IN_VAIN) {
        b->in_vain = 0;
        plant(cpu, true);
        return true;
    }
    return false;
}

void breakpoint_check_code(struct cpu *cpu)
{
    unsigned hits = breakpoint_code_hits(cpu, (uint32_t)(cpu->seg[SEG_CS].base + cpu->rip));
    if (hits) {
        cpu->dr[6] |= hits;
        cpu_raise_because(cpu, EXC_DB, 0, CPU_FAULT_CODE_BREAKPOINT, cpu->dr[7], cpu->dr[6]);
    }
}

static void trap_after(struct cpu *cpu, unsigned n)
{
    cpu->pending_debug |= 1u << n;
    cpu->attention |= ATTENTION_TRAP;
}

void breakpoint_check_data(struct cpu *cpu, uint32_t linear, unsigned size, bool write)
{
    for (unsigned n = 0; n < 4; n++) {
        if (!(cpu->breakpoints.data >> n & 1) || (type_of(cpu, n) == WRITE && !write))
            continue;
        uint32_t first = first_of(cpu, n);
        if (linear - first < length_of(cpu, n) || first - linear < size)
            trap_after(cpu, n);
    }
}

void breakpoint_check_port(struct cpu *cpu, uint16_t port, unsigned size)
{
    if (LIKELY(!cpu->breakpoints.ports) || !(cpu->cr4 & CR4_DE))
        return;
    for (unsigned n = 0; n < 4; n++) {
        uint32_t first = first_of(cpu, n);
        if ((cpu->breakpoints.ports >> n & 1) && port < first + length_of(cpu, n) && first < port + size)
            trap_after(cpu, n);
    }
}
