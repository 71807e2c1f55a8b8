/* Memory as the processor sees it: segments, paging, the TLBs. SDM volume 3, chapters 3 and 4.
 *
 * There are two layers. The architectural TLBs (dtlb, itlb) remember translations as a real processor's do:
 * fixed geometry, replaced only by misses, flushed only by what flushes them in the manual; they are part of
 * the state. The fast layers (tlb, code_tlb) lie over them and hold host pointers: they can be dropped at any
 * time without the guest noticing. A fast entry exists only where the architectural line at the same index
 * holds the same page (with paging off, there are no lines and fast entries stand alone). */
#include <string.h>

#include "cpu/cpu_private.h"
#include "cpu/insn.h"

#define PAGE_MASK 0xFFFull

/* Page-table bits, SDM volume 3, 4.3. */
enum {
    PTE_P = 1,
    PTE_W = 2,
    PTE_U = 4,
    PTE_A = 0x20,
    PTE_D = 0x40,
    PTE_PS = 0x80,
    PTE_G = 0x100,
};
/* Page-fault error code. */
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8 };

static uint32_t linear_wrap(uint64_t linear)
{
    return (uint32_t)linear;
}

static uint64_t a20(const struct cpu *cpu, uint64_t physical)
{
    return cpu->a20_closed ? physical & ~(1ull << 20) : physical;
}

/* --- physical accesses --- */

/* A write into a page that holds decoded code, or that has not been dirty yet. */
static void note_ram_write(struct cpu *cpu, const struct cpu_page *page, unsigned offset, unsigned size)
{
    *page->write_flags |= CPU_PAGE_DIRTY;
    if (*page->write_flags & CPU_PAGE_CODE)
        cpu->bus.code_written(cpu->bus.ctx, page->write_page, page->write_flags, offset, offset + size - 1);
}

/* The usual sizes by one access: where SIZE is not known when this is compiled, memcpy() is a call. */
static uint64_t load_host(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;
    uint16_t word;
    uint32_t doubleword;
    switch (size) {
    case 1:
        return *at;
    case 2:
        memcpy(&word, at, 2);
        return word;
    case 4:
        memcpy(&doubleword, at, 4);
        return doubleword;
    default:
        memcpy(&value, at, size);
        return value;
    }
}

static void store_host(uint8_t *at, uint64_t value, unsigned size)
{
    switch (size) {
    case 1:
        *at = (uint8_t)value;
        break;
    case 2:
        memcpy(at, &value, 2);
        break;
    case 4:
        memcpy(at, &value, 4);
        break;
    default:
        memcpy(at, &value, size);
    }
}

/* Does not cross a page. */
uint64_t phys_read(struct cpu *cpu, uint64_t physical, unsigned size)
{
    struct cpu_page page;
    physical = a20(cpu, physical);
    cpu->bus.page(cpu->bus.ctx, physical >> 12, &page);
    if (page.read)
        return load_host(page.read + (physical & PAGE_MASK), size);
    cpu_publish_time(cpu);
    uint64_t value = 0;
    for (unsigned i = 0; i < size;) {
        unsigned n = 8 - ((physical + i) & 7);
        if (n > size - i)
            n = size - i;
        value |= cpu->bus.mem_read(cpu->bus.ctx, physical + i, n) << 8 * i;
        i += n;
    }
    return value;
}

void phys_write(struct cpu *cpu, uint64_t physical, uint64_t value, unsigned size)
{
    struct cpu_page page;
    physical = a20(cpu, physical);
    cpu->bus.page(cpu->bus.ctx, physical >> 12, &page);
    if (page.write) {
        store_host(page.write + (physical & PAGE_MASK), value, size);
        note_ram_write(cpu, &page, physical & PAGE_MASK, size);
        return;
    }
    cpu_publish_time(cpu);
    for (unsigned i = 0; i < size;) {
        unsigned n = 8 - ((physical + i) & 7);
        if (n > size - i)
            n = size - i;
        cpu->bus.mem_write(cpu->bus.ctx, physical + i, value >> 8 * i, n);
        i += n;
    }
}

/* --- page walks --- */

static _Noreturn void page_fault(struct cpu *cpu, uint32_t linear, uint32_t error)
{
    cpu->cr2 = linear;
    cpu_raise_because(cpu, EXC_PF, error, CPU_FAULT_PAGE, linear, error);
}

static bool write_protects_supervisor(const struct cpu *cpu)
{
    return cpu->cr0 & CR0_WP;
}

/* Is ACCESS permitted by RIGHTS (TLBR_WRITE, TLBR_USER)? SDM volume 3, 4.6. */
static bool permitted(const struct cpu *cpu, uint32_t rights, unsigned access)
{
    if (access & ACCESS_USER)
        return (rights & TLBR_USER) && (!(access & ACCESS_WRITE) || (rights & TLBR_WRITE));
    return !(access & ACCESS_WRITE) || (rights & TLBR_WRITE) || !write_protects_supervisor(cpu);
}

/* As phys_read, without side effects. */
static uint64_t phys_peek(struct cpu *cpu, uint64_t physical, unsigned size)
{
    struct cpu_page page;
    physical = a20(cpu, physical);
    cpu->bus.page(cpu->bus.ctx, physical >> 12, &page);
    if (page.read)
        return load_host(page.read + (physical & PAGE_MASK), size);
    return cpu->bus.mem_peek ? cpu->bus.mem_peek(cpu->bus.ctx, physical, size)
                             : UINT64_MAX >> (64 - 8 * size);
}

static uint64_t read_entry(struct cpu *cpu, struct cpu_walk *w, uint64_t address, unsigned size)
{
    uint64_t entry = w->peek ? phys_peek(cpu, address, size) : phys_read(cpu, address, size);
    w->level[w->levels].address = address;
    w->level[w->levels].entry = entry;
    w->level[w->levels++].size = (uint8_t)size;
    return entry;
}

/* BITS: those of the last entry that are reserved and set. */
static void set_reserved(struct cpu_walk *w, uint64_t bits)
{
    w->reserved = bits;
    w->error = bits ? PF_RSVD : 0;
}

/* 32-bit paging, SDM volume 3, 4.3. */
static void walk_32(struct cpu *cpu, uint32_t linear, struct cpu_walk *w)
{
    uint32_t pde = (uint32_t)read_entry(cpu, w, (cpu->cr3 & 0xFFFFF000) + (linear >> 22) * 4, 4);
    if (!(pde & PTE_P))
        return;
    if ((pde & PTE_PS) && (cpu->cr4 & CR4_PSE)) {
        bool pse36 = cpu->model->features & CPUID_PSE36;
        uint64_t high = pse36 ? (uint64_t)(pde >> 13 & 0xF) << 32 : 0;
        /* Bits 21 (and 20:13 without PSE-36, 20:17 with it) are reserved. */
        set_reserved(w, pde & (pse36 ? 0x003E0000 : 0x003FE000));
        w->physical = high | (pde & 0xFFC00000) | (linear & 0x3FF000);
        w->rights = (pde & PTE_W ? TLBR_WRITE : 0) | (pde & PTE_U ? TLBR_USER : 0) |
                    (pde & PTE_G && cpu->cr4 & CR4_PGE ? TLBR_GLOBAL : 0) | TLBR_LARGE;
        w->present = true;
        return;
    }
    uint32_t pte = (uint32_t)read_entry(cpu, w, (pde & 0xFFFFF000) + (linear >> 12 & 0x3FF) * 4, 4);
    if (!(pte & PTE_P))
        return;
    w->physical = pte & 0xFFFFF000;
    w->rights = (pde & pte & PTE_W ? TLBR_WRITE : 0) | (pde & pte & PTE_U ? TLBR_USER : 0) |
                (pte & PTE_G && cpu->cr4 & CR4_PGE ? TLBR_GLOBAL : 0);
    w->present = true;
}

#define PAE_ADDRESS  0x0000000FFFFFF000ull
#define PAE_RESERVED 0xFFFFFFF000000000ull

/* PAE paging, SDM volume 3, 4.4. */
static void walk_pae(struct cpu *cpu, uint32_t linear, struct cpu_walk *w)
{
    uint64_t pdpte = cpu->pdpte[linear >> 30];
    if (!(pdpte & PTE_P))
        return;
    uint64_t pde = read_entry(cpu, w, (pdpte & PAE_ADDRESS) + (linear >> 21 & 0x1FF) * 8, 8);
    if (!(pde & PTE_P))
        return;
    set_reserved(w, pde & (pde & PTE_PS ? PAE_RESERVED | 0x1FE000 : PAE_RESERVED));
    if (pde & PTE_PS) {
        w->physical = (pde & PAE_ADDRESS & ~0x1FFFFFull) | (linear & 0x1FF000);
        w->rights = (pde & PTE_W ? TLBR_WRITE : 0) | (pde & PTE_U ? TLBR_USER : 0) |
                    (pde & PTE_G && cpu->cr4 & CR4_PGE ? TLBR_GLOBAL : 0) | TLBR_LARGE;
        w->present = true;
        return;
    }
    if (w->error) {
        w->present = true;
        return;
    }
    uint64_t pte = read_entry(cpu, w, (pde & PAE_ADDRESS) + (linear >> 12 & 0x1FF) * 8, 8);
    if (!(pte & PTE_P))
        return;
    set_reserved(w, pte & PAE_RESERVED);
    w->physical = pte & PAE_ADDRESS;
    w->rights = (pde & pte & PTE_W ? TLBR_WRITE : 0) | (pde & pte & PTE_U ? TLBR_USER : 0) |
                (pte & PTE_G && cpu->cr4 & CR4_PGE ? TLBR_GLOBAL : 0);
    w->present = true;
}

/* Sets accessed bits on the way, and dirty in the last entry for a write. */
static void set_accessed(struct cpu *cpu, const struct cpu_walk *w, bool write)
{
    for (unsigned i = 0; i < w->levels; i++) {
        uint64_t entry = w->level[i].entry | PTE_A;
        if (write && i == w->levels - 1)
            entry |= PTE_D;
        if (entry == w->level[i].entry)
            continue;
        if (debug_may_be_watched(cpu, w->level[i].address, w->level[i].address))
            debug_access(cpu, CPU_NO_LINEAR, w->level[i].address, w->level[i].size, true);
        phys_write(cpu, w->level[i].address, entry, w->level[i].size);
    }
}

static void drop_code_entry(struct cpu *cpu, unsigned index)
{
    cpu->code_tlb[index].linear = TLB_INVALID;
    cpu->code_tlb[index].stamp = 0;
}

/* Line INDEX, or a fast entry over it, may be valid from now on. */
static void note_filled(struct cpu *cpu, unsigned index)
{
    cpu->tlb_filled[index / 64] |= 1ull << index % 64;
}

static void drop_fast_entry(struct cpu *cpu, unsigned index)
{
    for (unsigned c = 0; c < CTX_SLOW; c++)
        cpu->tlb[c][index].read = cpu->tlb[c][index].write = TLB_INVALID;
}

/* Physical address of LINEAR; raises #PF. */
static uint64_t translate(struct cpu *cpu, uint32_t linear, unsigned access)
{
    if (!(cpu->cr0 & CR0_PG))
        return linear;
    bool fetch = access & ACCESS_FETCH;
    uint32_t page = linear & ~(uint32_t)PAGE_MASK;
    unsigned index = fetch ? linear >> 12 & (CODE_TLB_ENTRIES - 1) : linear >> 12 & (TLB_ENTRIES - 1);
    struct tlb_line *line = fetch ? &cpu->itlb[index] : &cpu->dtlb[index];
    if (line->linear == (page | 1u) && permitted(cpu, line->rights, access) &&
        (!(access & ACCESS_WRITE) || (line->rights & TLBR_DIRTY)))
        return line->physical | (linear & PAGE_MASK);

    struct cpu_walk w = {0};
    cpu->counters.tlb_walks++;
    if (cpu->cr4 & CR4_PAE)
        walk_pae(cpu, linear, &w);
    else
        walk_32(cpu, linear, &w);
    uint32_t asked = (access & ACCESS_WRITE ? PF_W : 0) | (access & ACCESS_USER ? PF_U : 0);
    if (!w.present)
        page_fault(cpu, linear, asked);
    if (w.error)
        page_fault(cpu, linear, asked | w.error | PF_P);
    if (!permitted(cpu, w.rights, access))
        page_fault(cpu, linear, asked | PF_P);
    set_accessed(cpu, &w, access & ACCESS_WRITE);
    if (access & ACCESS_WRITE || w.level[w.levels - 1].entry & PTE_D)
        w.rights |= TLBR_DIRTY;
    line->linear = page | 1u;
    line->physical = w.physical;
    line->rights = w.rights;
    cpu->large_lines |= (w.rights & TLBR_LARGE) != 0;
    if (fetch) {
        cpu->code_filled |= 1ull << index;
        drop_code_entry(cpu, index);
    } else {
        note_filled(cpu, index);
        drop_fast_entry(cpu, index);
    }
    return w.physical | (linear & PAGE_MASK);
}

static bool is_watched(const struct cpu *cpu, uint32_t linear, uint64_t physical)
{
    return debug_may_be_watched(cpu, linear, physical) && debug_page_is_watched(cpu, linear, physical);
}

/* Lays a fast entry over a translation that was just made, of a page that is not watched. */
static void fill_fast(struct cpu *cpu, uint32_t linear, const struct cpu_page *page, unsigned access)
{
    uint32_t base = linear & ~(uint32_t)PAGE_MASK;
    struct tlb_entry *e =
        &cpu->tlb[access & ACCESS_USER ? CTX_USER : CTX_SUPERVISOR][base >> 12 & (TLB_ENTRIES - 1)];
    /* A write tag implies a read tag: read-modify-writes look at the write tag alone. */
    if (!page->read || (*page->read_flags & CPU_PAGE_TRAP))
        return;
    bool can_write =
        (access & ACCESS_WRITE) && page->read == page->write && !(*page->write_flags & CPU_PAGE_CODE);
    uint64_t addend = (uint64_t)(uintptr_t)page->read - base;
    if ((e->read != base && e->write != base) || e->addend != addend)
        e->read = e->write = TLB_INVALID;
    note_filled(cpu, base >> 12 & (TLB_ENTRIES - 1));
    e->addend = addend;
    e->read = base;
    if (can_write) {
        *page->write_flags |= CPU_PAGE_DIRTY;
        e->write = base;
    }
}

/* --- linear accesses --- */

/* Before the access: alignment check, breakpoints. */
static void check_access(struct cpu *cpu, uint32_t linear, unsigned size, unsigned access)
{
    if (LIKELY(!cpu->checks_accesses))
        return;
    if ((access & ACCESS_USER) && (cpu->cr0 & CR0_AM) && (cpu->eflags & FLAG_AC) && (linear & (size - 1)) &&
        (size & (size - 1)) == 0)
        cpu_raise_because(cpu, EXC_AC, 0, CPU_FAULT_ALIGNMENT, linear,
                          size); /* before a page fault, as processors do it */
    if (cpu->breakpoints.writes)
        breakpoint_check_data(cpu, linear, size, access & ACCESS_WRITE);
}

/* Watched pages have no fast entries, so all accesses to them come by. True: this is one of them. */
static bool watch(struct cpu *cpu, uint32_t linear, uint64_t physical, unsigned size, bool write)
{
    if (LIKELY(!debug_may_be_watched(cpu, linear, physical)))
        return false;
    debug_access(cpu, linear, physical, size, write);
    return debug_page_is_watched(cpu, linear, physical);
}

static uint64_t read_page(struct cpu *cpu, uint32_t linear, unsigned size, unsigned access)
{
    uint64_t physical = a20(cpu, translate(cpu, linear, access));
    bool watched = watch(cpu, linear, physical, size, false);
    struct cpu_page page;
    cpu->bus.page(cpu->bus.ctx, physical >> 12, &page);
    if (page.read) {
        if (LIKELY(!watched))
            fill_fast(cpu, linear, &page, access);
        return load_host(page.read + (physical & PAGE_MASK), size);
    }
    return phys_read(cpu, physical, size);
}

static void write_page(struct cpu *cpu, uint32_t linear, uint64_t value, unsigned size, unsigned access)
{
    uint64_t physical = a20(cpu, translate(cpu, linear, access));
    bool watched = watch(cpu, linear, physical, size, true);
    struct cpu_page page;
    cpu->bus.page(cpu->bus.ctx, physical >> 12, &page);
    if (page.write) {
        if (LIKELY(!watched))
            fill_fast(cpu, linear, &page, access);
        store_host(page.write + (physical & PAGE_MASK), value, size);
        note_ram_write(cpu, &page, physical & PAGE_MASK, size);
        return;
    }
    phys_write(cpu, physical, value, size);
}

static struct tlb_entry *fast_entry(struct cpu *cpu, uint32_t linear, unsigned user)
{
    /* In the slow context nothing may hit. */
    if (UNLIKELY(cpu_context(cpu) == cpu->tlb[CTX_SLOW]))
        return &cpu->tlb[CTX_SLOW][0];
    return &cpu->tlb[user ? CTX_USER : CTX_SUPERVISOR][linear >> 12 & (TLB_ENTRIES - 1)];
}

uint64_t lin_read(struct cpu *cpu, uint64_t address, unsigned size, unsigned user)
{
    uint32_t linear = linear_wrap(address);
    struct tlb_entry *e = fast_entry(cpu, linear, user);
    if (LIKELY(linear - e->read <= 4096u - size))
        return load_host((uint8_t *)(uintptr_t)(linear + e->addend), size);
    check_access(cpu, linear, size, user | ACCESS_READ);
    unsigned first = 4096 - (linear & PAGE_MASK);
    if (first >= size)
        return read_page(cpu, linear, size, user);
    /* Both pages are checked before either is read. */
    uint32_t second = linear_wrap(address + first);
    translate(cpu, linear, user);
    translate(cpu, second, user);
    uint64_t low = read_page(cpu, linear, first, user);
    return low | read_page(cpu, second, size - first, user) << 8 * first;
}

void lin_write(struct cpu *cpu, uint64_t address, uint64_t value, unsigned size, unsigned user)
{
    uint32_t linear = linear_wrap(address);
    struct tlb_entry *e = fast_entry(cpu, linear, user);
    if (LIKELY(linear - e->write <= 4096u - size)) {
        store_host((uint8_t *)(uintptr_t)(linear + e->addend), value, size);
        return;
    }
    unsigned access = user | ACCESS_WRITE;
    check_access(cpu, linear, size, access);
    unsigned first = 4096 - (linear & PAGE_MASK);
    if (first >= size) {
        write_page(cpu, linear, value, size, access);
        return;
    }
    uint32_t second = linear_wrap(address + first);
    translate(cpu, linear, access);
    translate(cpu, second, access);
    write_page(cpu, linear, value, first, access);
    write_page(cpu, second, value >> 8 * first, size - first, access);
}

static void lin_probe(struct cpu *cpu, uint64_t address, unsigned size, unsigned access)
{
    uint32_t linear = linear_wrap(address), last = linear_wrap(address + size - 1);
    for (uint32_t page = linear & ~(uint32_t)PAGE_MASK;; page += 4096) {
        translate(cpu, page == (linear & ~(uint32_t)PAGE_MASK) ? linear : page, access);
        if (page == (last & ~(uint32_t)PAGE_MASK))
            return;
    }
}

void lin_probe_write(struct cpu *cpu, uint64_t linear, unsigned size, unsigned user)
{
    lin_probe(cpu, linear, size, user | ACCESS_WRITE);
}

void lin_probe_read(struct cpu *cpu, uint64_t linear, unsigned size, unsigned user)
{
    lin_probe(cpu, linear, size, user);
}

/* What backs LINEAR, as a miss of the fast TLB finds it. May fault. */
static uint64_t find_page(struct cpu *cpu, uint32_t linear, unsigned access, struct cpu_page *page)
{
    uint64_t physical = a20(cpu, translate(cpu, linear, access));
    cpu->bus.page(cpu->bus.ctx, physical >> 12, page);
    return physical;
}

const uint8_t *lin_run_read(struct cpu *cpu, uint64_t address, unsigned user)
{
    uint32_t linear = linear_wrap(address);
    const struct tlb_entry *e = fast_entry(cpu, linear, user);
    if (LIKELY(linear - e->read < 4096u))
        return (const uint8_t *)(uintptr_t)(linear + e->addend);
    if (cpu_context(cpu) == cpu->tlb[CTX_SLOW])
        return NULL;
    struct cpu_page page;
    uint64_t physical = find_page(cpu, linear, user | ACCESS_READ, &page);
    if (!page.read || (*page.read_flags & CPU_PAGE_TRAP) || is_watched(cpu, linear, physical))
        return NULL;
    fill_fast(cpu, linear, &page, user | ACCESS_READ);
    return page.read + (physical & PAGE_MASK);
}

uint8_t *lin_run_write(struct cpu *cpu, uint64_t address, int64_t first, unsigned length, unsigned user)
{
    uint32_t linear = linear_wrap(address);
    const struct tlb_entry *e = fast_entry(cpu, linear, user);
    if (LIKELY(linear - e->write < 4096u))
        return (uint8_t *)(uintptr_t)(linear + e->addend);
    if (cpu_context(cpu) == cpu->tlb[CTX_SLOW])
        return NULL;
    struct cpu_page page;
    uint64_t physical = find_page(cpu, linear, user | ACCESS_WRITE, &page);
    if (!page.write || page.write != page.read || (*page.write_flags & CPU_PAGE_TRAP) ||
        is_watched(cpu, linear, physical))
        return NULL;
    fill_fast(cpu, linear, &page, user | ACCESS_WRITE);
    note_ram_write(cpu, &page, (unsigned)((int64_t)(physical & PAGE_MASK) + first), length);
    return page.write + (physical & PAGE_MASK);
}

bool lin_share_line(const struct cpu *cpu, uint64_t a, uint64_t b)
{
    uint32_t apart = (linear_wrap(a) ^ linear_wrap(b)) >> 12;
    return (cpu->cr0 & CR0_PG) && apart && !(apart & (TLB_ENTRIES - 1));
}

/* Finds LINEAR's page by its tables. */
static bool peek_page(struct cpu *cpu, uint32_t linear, struct cpu_walk *w, struct cpu_page *page)
{
    cpu_peek_walk(cpu, linear, w);
    uint64_t physical = a20(cpu, w->physical | (linear & PAGE_MASK));
    cpu->bus.page(cpu->bus.ctx, physical >> 12, page);
    return w->present && !w->error && page->read && !(*page->read_flags & CPU_PAGE_TRAP) &&
           !is_watched(cpu, linear, physical);
}

/* Do the tables of W lie in plain memory, and none of them in PAGE? */
static bool tables_stay(struct cpu *cpu, const struct cpu_walk *w, const struct cpu_page *page)
{
    for (unsigned i = 0; i < w->levels; i++) {
        struct cpu_page table;
        cpu->bus.page(cpu->bus.ctx, a20(cpu, w->level[i].address) >> 12, &table);
        if (!table.read || table.read_page == page->write_page)
            return false;
    }
    return true;
}

bool lin_run_pair(struct cpu *cpu, uint64_t first, uint64_t second, int64_t lowest, unsigned length,
                  struct lin_pair *out)
{
    struct cpu_walk walks[2];
    struct cpu_page pages[2];
    if (cpu_context(cpu) == cpu->tlb[CTX_SLOW] || !peek_page(cpu, linear_wrap(first), &walks[0], &pages[0]) ||
        !peek_page(cpu, linear_wrap(second), &walks[1], &pages[1]))
        return false;
    if (pages[1].write != pages[1].read || !tables_stay(cpu, &walks[0], &pages[1]) ||
        !tables_stay(cpu, &walks[1], &pages[1]))
        return false;
    out->first = pages[0].read + (first & PAGE_MASK);
    out->second = pages[1].write + (second & PAGE_MASK);
    if (length)
        note_ram_write(cpu, &pages[1], (unsigned)((int64_t)(second & PAGE_MASK) + lowest), length);
    return true;
}

/* --- segmented accesses --- */

static unsigned user_access(const struct cpu *cpu)
{
    return cpu->cpl == 3 ? ACCESS_USER : 0;
}

/* The 286 in real mode takes interrupt 13 for the stack too (80286 Programmer's Reference Manual, 5.2). */
static _Noreturn void segment_fault(struct cpu *cpu, unsigned seg, enum cpu_fault_cause cause, uint64_t first,
                                    uint64_t second)
{
    cpu_raise_segment(cpu, seg == SEG_SS && cpu->model->level >= LEVEL_386 ? EXC_SS : EXC_GP, 0, seg, cause,
                      first, second);
}

/* The whole check, for what read_end and write_end do not settle. SDM volume 3, 5.3 to 5.6. */
static void segment_check(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size, bool write)
{
    const struct segment *s = &cpu->seg[seg];
    uint16_t access = s->access;
    if (!segment_is_usable(access))
        segment_fault(cpu, seg, CPU_FAULT_SEGMENT_UNUSABLE, s->selector, 0);
    bool code = access & SEGA_CODE;
    if (write ? !segment_is_writable(access) : code && !(access & SEGA_RW))
        segment_fault(cpu, seg, write ? CPU_FAULT_SEGMENT_NOT_WRITABLE : CPU_FAULT_SEGMENT_NOT_READABLE,
                      s->selector, access);
    uint64_t last = offset + size - 1;
    if (!code && (access & SEGA_DC)) {
        uint64_t top = access & SEGA_DB ? 0xFFFFFFFF : 0xFFFF;
        if (offset <= s->limit || last > top)
            segment_fault(cpu, seg, offset <= s->limit ? CPU_FAULT_SEGMENT_BELOW : CPU_FAULT_SEGMENT_LIMIT,
                          offset, offset <= s->limit ? s->limit : top);
    } else if (last > s->limit && s->limit != 0xFFFFFFFF) {
        /* At the end of 4 GB an access wraps around (SDM volume 3, 5.3, leaves it to the processor). */
        segment_fault(cpu, seg, CPU_FAULT_SEGMENT_LIMIT, last, s->limit);
    }
}

static uint64_t segment_read(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size)
{
    if (UNLIKELY(offset + size > cpu->seg[seg].read_end))
        segment_check(cpu, seg, offset, size, false);
    return cpu->seg[seg].base + offset;
}

static uint64_t segment_write(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size)
{
    if (UNLIKELY(offset + size > cpu->seg[seg].write_end))
        segment_check(cpu, seg, offset, size, true);
    return cpu->seg[seg].base + offset;
}

uint8_t mem_read8(struct cpu *cpu, unsigned seg, uint64_t offset)
{
    return (uint8_t)lin_read(cpu, segment_read(cpu, seg, offset, 1), 1, user_access(cpu));
}

uint16_t mem_read16(struct cpu *cpu, unsigned seg, uint64_t offset)
{
    return (uint16_t)lin_read(cpu, segment_read(cpu, seg, offset, 2), 2, user_access(cpu));
}

uint32_t mem_read32(struct cpu *cpu, unsigned seg, uint64_t offset)
{
    return (uint32_t)lin_read(cpu, segment_read(cpu, seg, offset, 4), 4, user_access(cpu));
}

uint64_t mem_read64(struct cpu *cpu, unsigned seg, uint64_t offset)
{
    return lin_read(cpu, segment_read(cpu, seg, offset, 8), 8, user_access(cpu));
}

void mem_write8(struct cpu *cpu, unsigned seg, uint64_t offset, uint8_t value)
{
    lin_write(cpu, segment_write(cpu, seg, offset, 1), value, 1, user_access(cpu));
}

void mem_write16(struct cpu *cpu, unsigned seg, uint64_t offset, uint16_t value)
{
    lin_write(cpu, segment_write(cpu, seg, offset, 2), value, 2, user_access(cpu));
}

void mem_write32(struct cpu *cpu, unsigned seg, uint64_t offset, uint32_t value)
{
    lin_write(cpu, segment_write(cpu, seg, offset, 4), value, 4, user_access(cpu));
}

void mem_write64(struct cpu *cpu, unsigned seg, uint64_t offset, uint64_t value)
{
    lin_write(cpu, segment_write(cpu, seg, offset, 8), value, 8, user_access(cpu));
}

static bool watch_rmw(struct cpu *cpu, uint32_t linear, uint64_t physical, unsigned size)
{
    if (LIKELY(!debug_may_be_watched(cpu, linear, physical)))
        return false;
    watch(cpu, linear, physical, size, false);
    return watch(cpu, linear, physical, size, true);
}

uint64_t mem_rmw_read(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size)
{
    uint32_t linear = linear_wrap(segment_write(cpu, seg, offset, size));
    unsigned user = user_access(cpu);
    /* A readable, writable page in the fast TLB: nothing can go wrong. */
    struct tlb_entry *e = fast_entry(cpu, linear, user);
    if (LIKELY(linear - e->write <= 4096u - size && e->read == e->write)) {
        cpu->rmw.host = (uint8_t *)(uintptr_t)(linear + e->addend);
        return load_host(cpu->rmw.host, size);
    }
    check_access(cpu, linear, size, user | ACCESS_WRITE);
    if (offset + size > cpu->seg[seg].read_end)
        segment_check(cpu, seg, offset, size, false);
    unsigned first = 4096 - (linear & PAGE_MASK);
    cpu->rmw.host = NULL;
    cpu->rmw.bytes_first = (uint8_t)(first < size ? first : size);
    cpu->rmw.physical[0] = translate(cpu, linear, user | ACCESS_WRITE);
    if (first >= size) {
        uint64_t physical = a20(cpu, cpu->rmw.physical[0]);
        bool watched = watch_rmw(cpu, linear, physical, size);
        struct cpu_page page;
        cpu->bus.page(cpu->bus.ctx, physical >> 12, &page);
        if (page.write && !watched)
            fill_fast(cpu, linear, &page, user | ACCESS_WRITE);
        return phys_read(cpu, physical, size);
    }
    uint32_t second = linear_wrap((uint64_t)linear + first);
    cpu->rmw.physical[1] = translate(cpu, second, user | ACCESS_WRITE);
    watch_rmw(cpu, linear, a20(cpu, cpu->rmw.physical[0]), first);
    watch_rmw(cpu, second, a20(cpu, cpu->rmw.physical[1]), size - first);
    uint64_t low = phys_read(cpu, cpu->rmw.physical[0], first);
    return low | phys_read(cpu, cpu->rmw.physical[1], size - first) << 8 * first;
}

void mem_rmw_write(struct cpu *cpu, uint64_t value, unsigned size)
{
    if (LIKELY(cpu->rmw.host != NULL)) {
        store_host(cpu->rmw.host, value, size);
        return;
    }
    unsigned first = cpu->rmw.bytes_first;
    phys_write(cpu, cpu->rmw.physical[0], value, first);
    if (first < size)
        phys_write(cpu, cpu->rmw.physical[1], value >> 8 * first, size - first);
}

void mem_probe_read(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size)
{
    lin_probe_read(cpu, segment_read(cpu, seg, offset, size), size, user_access(cpu));
}

void mem_probe_write(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size)
{
    lin_probe_write(cpu, segment_write(cpu, seg, offset, size), size, user_access(cpu));
}

/* Alignment by what has this length: the x87's environment and state 2 or 4 by the operand size, the contents
 * of descriptor table registers 4. SDM volume 3, table 6-7. */
static void check_bytes_alignment(struct cpu *cpu, uint64_t linear, unsigned length)
{
    if (LIKELY(cpu_context(cpu) != cpu->tlb[CTX_SLOW]) || cpu->cpl != 3 || !(cpu->cr0 & CR0_AM) ||
        !(cpu->eflags & FLAG_AC))
        return;
    unsigned alignment = length == 14 || length == 94                   ? 2
                         : length == 6 || length == 28 || length == 108 ? 4
                                                                        : 1;
    if (linear & (alignment - 1))
        cpu_raise_because(cpu, EXC_AC, 0, CPU_FAULT_ALIGNMENT, linear, alignment);
}

void mem_read_bytes(struct cpu *cpu, unsigned seg, uint64_t offset, void *out, unsigned length)
{
    uint64_t linear = segment_read(cpu, seg, offset, length);
    lin_probe_read(cpu, linear, length, user_access(cpu));
    check_bytes_alignment(cpu, linear, length);
    for (unsigned i = 0; i < length; i++)
        ((uint8_t *)out)[i] = (uint8_t)lin_read(cpu, linear + i, 1, user_access(cpu));
}

void mem_write_bytes(struct cpu *cpu, unsigned seg, uint64_t offset, const void *in, unsigned length)
{
    uint64_t linear = segment_write(cpu, seg, offset, length);
    lin_probe_write(cpu, linear, length, user_access(cpu));
    check_bytes_alignment(cpu, linear, length);
    for (unsigned i = 0; i < length; i++)
        lin_write(cpu, linear + i, ((const uint8_t *)in)[i], 1, user_access(cpu));
}

/* --- code --- */

const struct code_tlb_entry *code_lookup(struct cpu *cpu, uint64_t address)
{
    uint32_t linear = linear_wrap(address), page = linear & ~(uint32_t)PAGE_MASK;
    unsigned user = user_access(cpu);
    struct code_tlb_entry *e = &cpu->code_tlb[linear >> 12 & (CODE_TLB_ENTRIES - 1)];
    uint64_t tag = page | (user ? 1 : 0);
    if (LIKELY(e->linear == tag))
        return e;
    uint64_t physical = a20(cpu, translate(cpu, linear, user | ACCESS_FETCH));
    struct cpu_page backing;
    cpu->bus.page(cpu->bus.ctx, physical >> 12, &backing);
    cpu->code_filled |= 1ull << (linear >> 12 & (CODE_TLB_ENTRIES - 1));
    e->linear = tag;
    e->bytes = backing.read;
    e->page = backing.read ? backing.read_page : UINT32_MAX;
    e->flags = backing.read_flags;
    e->stamp = backing.read ? (uint64_t)tag << 32 | (e->page + 1u) : 0;
    if (UNLIKELY(cpu->debug.executes) && debug_filtered(cpu->debug.page_filter, page, physical) &&
        backing.read)
        debug_bind_page(cpu, page, physical, e->page);
    return e;
}

/* --- flushing --- */

/* Flushes look only where something was filled in since the last one: address spaces are switched often, and
 * few pages are used in between. */
static void flush(struct cpu *cpu, uint32_t keep_rights, bool keep_lines)
{
    for (unsigned word = 0; word < TLB_ENTRIES / 64; word++)
        for (uint64_t left = cpu->tlb_filled[word]; left; left &= left - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(left), i = word * 64 + bit;
            drop_fast_entry(cpu, i);
            if (!keep_lines && !(cpu->dtlb[i].rights & keep_rights))
                cpu->dtlb[i].linear = 0;
            if (!(cpu->dtlb[i].linear & 1))
                cpu->tlb_filled[word] &= ~(1ull << bit);
        }
    for (uint64_t left = cpu->code_filled; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        drop_code_entry(cpu, i);
        if (!keep_lines && !(cpu->itlb[i].rights & keep_rights))
            cpu->itlb[i].linear = 0;
        if (!(cpu->itlb[i].linear & 1))
            cpu->code_filled &= ~(1ull << i);
    }
}

void tlb_drop_fast(struct cpu *cpu)
{
    flush(cpu, 0, true);
}

void tlb_drop_fast_page(struct cpu *cpu, uint32_t linear)
{
    drop_fast_entry(cpu, linear >> 12 & (TLB_ENTRIES - 1));
    drop_code_entry(cpu, linear >> 12 & (CODE_TLB_ENTRIES - 1));
}

void tlb_flush(struct cpu *cpu, bool globals_too)
{
    flush(cpu, globals_too ? 0 : TLBR_GLOBAL, false);
    if (globals_too)
        cpu->large_lines = false;
    cpu->attention |= ATTENTION_MODE;
}

void tlb_lines_loaded(struct cpu *cpu)
{
    memset(cpu->tlb_filled, 0xFF, sizeof cpu->tlb_filled);
    cpu->code_filled = UINT64_MAX;
    cpu->large_lines = true;
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        cpu->tlb[CTX_SLOW][i].read = cpu->tlb[CTX_SLOW][i].write = TLB_INVALID;
    tlb_drop_fast(cpu);
}

/* A large page goes as a whole (SDM volume 3, 4.10.4.1); what is kept of it are pieces of 4 KB. */
static void drop_large_page(struct cpu *cpu, uint32_t linear)
{
    uint32_t mask = cpu->cr4 & CR4_PAE ? 0xFFE00000 : 0xFFC00000;
    for (unsigned i = 0; i < TLB_ENTRIES; i++)
        if ((cpu->dtlb[i].linear & 1) && (cpu->dtlb[i].rights & TLBR_LARGE) &&
            !(((uint32_t)cpu->dtlb[i].linear ^ linear) & mask)) {
            cpu->dtlb[i].linear = 0;
            drop_fast_entry(cpu, i);
        }
    for (unsigned i = 0; i < CODE_TLB_ENTRIES; i++)
        if ((cpu->itlb[i].linear & 1) && (cpu->itlb[i].rights & TLBR_LARGE) &&
            !(((uint32_t)cpu->itlb[i].linear ^ linear) & mask)) {
            cpu->itlb[i].linear = 0;
            drop_code_entry(cpu, i);
        }
}

void tlb_flush_page(struct cpu *cpu, uint64_t address)
{
    uint32_t linear = linear_wrap(address);
    struct tlb_line *d = &cpu->dtlb[linear >> 12 & (TLB_ENTRIES - 1)];
    struct tlb_line *i = &cpu->itlb[linear >> 12 & (CODE_TLB_ENTRIES - 1)];
    d->linear = 0;
    i->linear = 0;
    drop_fast_entry(cpu, linear >> 12 & (TLB_ENTRIES - 1));
    drop_code_entry(cpu, linear >> 12 & (CODE_TLB_ENTRIES - 1));
    if (cpu->large_lines)
        drop_large_page(cpu, linear);
    cpu->attention |= ATTENTION_MODE;
}

/* Reserved: bits 2:1, 8:5 and those above the physical address. */
#define PDPTE_RESERVED (PAE_RESERVED | 0x1E6)

static uint64_t pdpte_address(uint64_t cr3, unsigned i)
{
    return (cr3 & 0xFFFFFFE0) + 8 * i;
}

static bool pdpte_valid(uint64_t entry)
{
    return !(entry & PTE_P) || !(entry & PDPTE_RESERVED);
}

/* Reads all four. The first one with reserved bits, or 4. */
static unsigned read_pdptes(struct cpu *cpu, uint64_t cr3, uint64_t entries[4])
{
    unsigned bad = 4;
    for (unsigned i = 4; i-- > 0;) {
        entries[i] = phys_read(cpu, pdpte_address(cr3, i), 8);
        if (!pdpte_valid(entries[i]))
            bad = i;
    }
    return bad;
}

bool cpu_peek_cr3_valid(struct cpu *cpu, uint64_t cr3)
{
    bool valid = true;
    for (unsigned i = 0; i < 4; i++)
        valid &= pdpte_valid(phys_peek(cpu, pdpte_address(cr3, i), 8));
    return valid;
}

uint32_t mmu_cr3_kept(const struct cpu *cpu, uint32_t value)
{
    return cpu->model->cr4_bits & CR4_PAE ? value : value & 0xFFFFF018;
}

bool mmu_pdptes_valid(struct cpu *cpu, uint64_t cr3)
{
    uint64_t entries[4];
    return read_pdptes(cpu, cr3, entries) == 4;
}

void mmu_load_pdptes(struct cpu *cpu, uint64_t cr3)
{
    uint64_t entries[4];
    unsigned bad = read_pdptes(cpu, cr3, entries);
    if (bad < 4) {
        uint64_t reserved = entries[bad] & PDPTE_RESERVED;
        if (reserved >> 32)
            cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_PDPTE_HIGH, bad, reserved >> 32);
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_PDPTE_LOW, bad, reserved);
    }
    memcpy(cpu->pdpte, entries, sizeof entries);
}

void mmu_reload_pdptes(struct cpu *cpu)
{
    for (unsigned i = 0; i < 4; i++)
        cpu->pdpte[i] = phys_peek(cpu, pdpte_address(cpu->cr3, i), 8);
}

void cpu_peek_walk(struct cpu *cpu, uint64_t address, struct cpu_walk *out)
{
    uint32_t linear = linear_wrap(address);
    *out = (struct cpu_walk){.peek = true};
    if (!(cpu->cr0 & CR0_PG)) {
        out->physical = linear & ~(uint32_t)PAGE_MASK;
        out->rights = TLBR_WRITE | TLBR_USER;
        out->present = true;
    } else if (cpu->cr4 & CR4_PAE) {
        walk_pae(cpu, linear, out);
    } else {
        walk_32(cpu, linear, out);
    }
}

bool cpu_peek_translate(struct cpu *cpu, uint64_t address, uint64_t *physical)
{
    struct cpu_walk w;
    cpu_peek_walk(cpu, address, &w);
    *physical = a20(cpu, w.physical | (address & PAGE_MASK));
    return w.present && !w.error;
}

bool cpu_peek_tlb(const struct cpu *cpu, bool code, unsigned index, struct cpu_translation *out)
{
    if (index >= (code ? CODE_TLB_ENTRIES : TLB_ENTRIES))
        return false;
    const struct tlb_line *line = code ? &cpu->itlb[index] : &cpu->dtlb[index];
    *out = (struct cpu_translation){.valid = line->linear & 1,
                                    .linear = line->linear & ~1ull,
                                    .physical = line->physical,
                                    .rights = line->rights};
    return true;
}

void cpu_peek_pdptes(const struct cpu *cpu, uint64_t out[4])
{
    memcpy(out, cpu->pdpte, sizeof cpu->pdpte);
}

/* --- the bus's news --- */

void cpu_map_changed(struct cpu *cpu)
{
    tlb_drop_fast(cpu);
    cpu->attention |= ATTENTION_MODE;
}

void cpu_drop_host_pointers(struct cpu *cpu)
{
    tlb_drop_fast(cpu);
}

void cpu_set_a20(struct cpu *cpu, bool enabled)
{
    if (cpu->a20_closed == !enabled)
        return;
    cpu->a20_closed = !enabled;
    cpu_map_changed(cpu);
}
