/* The guest's own breakpoints: DR0-DR3, as DR7 arms them. SDM volume 3, 17.2 and 17.3.1.
 *
 * They cost nothing where they are not: pages with data breakpoints get no entries in the fast TLB, so that
 * all accesses to them come by check_access(); instruction breakpoints are planted in the blocks of their
 * page as the debugger's are (debug.c), and what stands on one runs by itself. */
#include "cpu/cpu_private.h"

#define PAGE_MASK 0xFFFu

enum { EXECUTE, WRITE, PORT, READ_WRITE }; /* DR7.R/Wn */

/* --- what is armed --- */

/* DR7's fields for DRn: SDM volume 3, 17.2.4. */
static void add_armed(struct breakpoints *b, unsigned n, uint32_t address, unsigned type, uint32_t length)
{
    b->first[n] = address & ~(length - 1);
    b->length[n] = length;
    switch (type) {
    case EXECUTE: /* has to have length 1 */
        b->code |= (uint8_t)((length == 1) << n);
        break;
    case PORT:
        b->ports |= (uint8_t)(1 << n);
        break;
    case READ_WRITE:
        b->reads |= (uint8_t)(1 << n);
        b->writes |= (uint8_t)(1 << n);
        break;
    case WRITE:
        b->writes |= (uint8_t)(1 << n);
        break;
    }
}

static struct breakpoints armed(const struct cpu *cpu)
{
    static const uint8_t lengths[4] = {1, 2, 8, 4};
    struct breakpoints b = {0};
    for (unsigned n = 0; n < 4; n++) {
        unsigned field = (unsigned)(cpu->dr[7] >> (16 + 4 * n)) & 15;
        if (cpu->dr[7] >> 2 * n & 3)
            add_armed(&b, n, (uint32_t)cpu->dr[n], field & 3, lengths[field >> 2]);
    }
    return b;
}

static bool are_same(const struct breakpoints *a, const struct breakpoints *b)
{
    for (unsigned n = 0; n < 4; n++)
        if (a->first[n] != b->first[n] || a->length[n] != b->length[n])
            return false;
    return a->code == b->code && a->reads == b->reads && a->writes == b->writes && a->ports == b->ports;
}

/* Data breakpoints are aligned: each lies on one page. */
static void watch_pages(struct cpu *cpu)
{
    uint32_t pages[4];
    unsigned count = 0;
    for (unsigned n = 0; n < 4; n++)
        if (cpu->breakpoints.writes >> n & 1)
            pages[count++] = cpu->breakpoints.first[n] & ~PAGE_MASK;
    debug_watch_for_guest(cpu, pages, count);
}

static void plant(struct cpu *cpu, bool afresh)
{
    uint32_t addresses[4];
    unsigned count = 0;
    for (unsigned n = 0; n < 4; n++)
        if (cpu->breakpoints.code >> n & 1)
            addresses[count++] = cpu->breakpoints.first[n];
    debug_plant_for_guest(cpu, addresses, count, afresh);
}

void breakpoints_changed(struct cpu *cpu)
{
    struct breakpoints *now = &cpu->breakpoints;
    if (LIKELY(!(cpu->dr[7] & 0xFF) && !(now->code | now->writes | now->ports)))
        return;
    struct breakpoints b = armed(cpu);
    if (are_same(&b, now))
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
        if ((b->code >> n & 1) && b->first[n] == linear)
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

/* Which of the KIND (bits) have a byte of AT..AT + SIZE - 1? Addresses wrap around. A trap follows. */
static void check(struct cpu *cpu, unsigned kind, uint32_t at, unsigned size)
{
    const struct breakpoints *b = &cpu->breakpoints;
    for (unsigned left = kind; left; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctz(left);
        if (at - b->first[n] < b->length[n] || b->first[n] - at < size) {
            cpu->pending_debug |= 1u << n;
            cpu->attention |= ATTENTION_TRAP;
        }
    }
}

void breakpoint_check_data(struct cpu *cpu, uint32_t linear, unsigned size, bool write)
{
    check(cpu, write ? cpu->breakpoints.writes : cpu->breakpoints.reads, linear, size);
}

void breakpoint_check_port(struct cpu *cpu, uint16_t port, unsigned size)
{
    if (UNLIKELY(cpu->breakpoints.ports) && (cpu->cr4 & CR4_DE))
        check(cpu, cpu->breakpoints.ports, port, size);
}
