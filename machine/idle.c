#include "machine/idle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bus/memory.h"
#include "machine/state.h"

#define MOST_STEPS    16384   /* in the search for a loop */
#define MOST_PAGES    16      /* that a loop may write */
#define MOST_MISSES   16      /* of a known length in a row, before it is forgotten */
#define SHORTEST_WAIT 200000  /* cycles between tries, doubled with each failure */
#define FIRST_TRY     2000000 /* cycles from power-on: not in the middle of the firmware's checksums */
#define AFTER_EVENT   4000    /* cycles in which a handler of an interrupt has come to its end */
#define LEAST_WORTH   20000   /* cycles that are worth a try */
#define LONGEST_WAIT  (512 * SHORTEST_WAIT)

struct page_copy {
    struct ram_block *block;
    uint64_t page;
    uint8_t bytes[PAGE_SIZE];
};

#define MOST_FIELDS 64

struct idle {
    struct field fields[MOST_FIELDS]; /* the processor's, without the count of instructions */
    uint64_t next_try, wait;
    uint64_t period; /* cycles of one pass; 0: not known */
    unsigned misses;
    uint64_t skipped;
    enum cpu_stop stop; /* how a pass ended: the debugger may have wanted it */
    unsigned page_count;
    struct page_copy pages[MOST_PAGES];
    uint8_t *kept; /* flags of all pages, as they were */
    uint64_t kept_size;
};

struct idle *idle_create(void)
{
    struct idle *idle = xcalloc(1, sizeof *idle);
    idle->wait = SHORTEST_WAIT;
    idle->next_try = FIRST_TRY;
    struct field *to = idle->fields;
    for (const struct field *from = cpu_fields; from->kind != FIELD_KIND_END; from++) {
        assert(to < idle->fields + MOST_FIELDS - 1);
        if (strcmp(from->name, "instructions") != 0)
            *to++ = *from;
    }
    to->kind = FIELD_KIND_END;
    return idle;
}

static uint64_t hash_of_cpu(const struct idle *idle, struct cpu *cpu)
{
    cpu_pre_save(cpu);
    return state_hash(HASH_START, idle->fields, cpu);
}

void idle_destroy(struct idle *idle)
{
    if (idle)
        free(idle->kept);
    free(idle);
}

uint64_t idle_next_try(const struct idle *idle)
{
    return idle->next_try;
}

uint64_t idle_skipped(const struct idle *idle)
{
    return idle->skipped;
}

/* --- Written pages ----------------------------------------------------------------------------------------
 */

/* Takes the flags that say which pages were written, so that from now on they tell it anew. */
static void take_flags(struct idle *idle, struct board *b)
{
    uint64_t size = 0;
    for (struct ram_block *block = bus_blocks(b->bus); block; block = block->next)
        size += block->size / PAGE_SIZE;
    if (size > idle->kept_size) {
        idle->kept = xrealloc(idle->kept, size);
        idle->kept_size = size;
    }
    uint8_t *at = idle->kept;
    for (struct ram_block *block = bus_blocks(b->bus); block; block = block->next) {
        uint64_t count = block->size / PAGE_SIZE;
        memcpy(at, block->page_flags, count);
        for (uint64_t i = 0; i < count; i++)
            block->page_flags[i] &= (uint8_t)~RAM_PAGE_DIRTY;
        at += count;
    }
    cpu_drop_host_pointers(b->cpu);
}

/* What was written before take_flags() has still been written. */
static void give_flags_back(struct idle *idle, struct board *b)
{
    const uint8_t *at = idle->kept;
    for (struct ram_block *block = bus_blocks(b->bus); block; block = block->next) {
        uint64_t count = block->size / PAGE_SIZE;
        for (uint64_t i = 0; i < count; i++)
            block->page_flags[i] |= at[i] & RAM_PAGE_DIRTY;
        at += count;
    }
}

static struct page_copy *copy_of(struct idle *idle, const struct ram_block *block, uint64_t page)
{
    for (unsigned i = 0; i < idle->page_count; i++)
        if (idle->pages[i].block == block && idle->pages[i].page == page)
            return &idle->pages[i];
    return NULL;
}

/* Calls EACH for every page that was written since take_flags(); false if it returned false. */
static bool written_pages(struct idle *idle, struct board *b,
                          bool (*each)(struct idle *idle, struct ram_block *block, uint64_t page))
{
    for (struct ram_block *block = bus_blocks(b->bus); block; block = block->next)
        for (uint64_t page = 0; page < block->size / PAGE_SIZE; page++)
            if (block->page_flags[page] & RAM_PAGE_DIRTY && !each(idle, block, page))
                return false;
    return true;
}

static bool copy_page(struct idle *idle, struct ram_block *block, uint64_t page)
{
    if (idle->page_count == MOST_PAGES)
        return false;
    struct page_copy *copy = &idle->pages[idle->page_count++];
    copy->block = block;
    copy->page = page;
    memcpy(copy->bytes, block->bytes + page * PAGE_SIZE, PAGE_SIZE);
    return true;
}

static bool page_is_as_copied(struct idle *idle, struct ram_block *block, uint64_t page)
{
    const struct page_copy *copy = copy_of(idle, block, page);
    return copy && !memcmp(copy->bytes, block->bytes + page * PAGE_SIZE, PAGE_SIZE);
}

/* --- Passes -----------------------------------------------------------------------------------------------
 */

static bool same_registers(const struct cpu_registers *a, const struct cpu_registers *b)
{
    return a->rip == b->rip && !memcmp(a->gpr, b->gpr, sizeof a->gpr) && a->rflags == b->rflags &&
           a->segment[CPU_CS].base == b->segment[CPU_CS].base &&
           a->segment[CPU_SS].base == b->segment[CPU_SS].base;
}

/* Is the processor's attention asked for, or is it waiting in HLT? Then this is no time for skipping. */
static bool disturbed(struct board *b)
{
    return (*cpu_attention(b->cpu) & 1) || cpu_halted(b->cpu) || b->shut_down;
}

/* Looks for a state that comes again, by single steps (Brent: the state to come back to moves on at each
 * power of two). Sets the cycles of a pass. */
static bool find_period(struct idle *idle, struct board *b, uint64_t target)
{
    struct cpu_registers mark, now;
    uint64_t outside = b->outside, marked_at = b->clock.now;
    cpu_get_registers(b->cpu, &mark);
    for (unsigned step = 1, power = 1; step < MOST_STEPS && b->clock.now < target; step++) {
        if (disturbed(b))
            return false;
        idle->stop = cpu_stops_here(b->cpu) ? CPU_STOP_BREAK : cpu_step(b->cpu);
        if (idle->stop != CPU_STOP_TIME || b->outside != outside)
            return false;
        cpu_get_registers(b->cpu, &now);
        if (same_registers(&mark, &now)) {
            idle->period = b->clock.now - marked_at;
            return idle->period != 0;
        }
        if (step == power) {
            power *= 2;
            mark = now;
            marked_at = b->clock.now;
        }
    }
    return false;
}

/* Executes one pass. False if the processor was disturbed or does not stand at a pass's length. */
static bool run_pass(struct idle *idle, struct board *b)
{
    uint64_t end = b->clock.now + idle->period, outside = b->outside;
    if (disturbed(b))
        return false;
    idle->stop = cpu_run(b->cpu, end);
    return idle->stop == CPU_STOP_TIME && b->clock.now == end && !disturbed(b) && b->outside == outside;
}

/* Executes two passes. True if the second began and ended with the same processor and memory and asked
 * neither a device nor the time; then all later ones up to the next event are like it. BEFORE, AFTER: counts
 * around it. */
static bool passes_are_alike(struct idle *idle, struct board *b, struct cpu_counts *before,
                             struct cpu_counts *after)
{
    bool alike = false;
    idle->page_count = 0;
    take_flags(idle, b);
    if (run_pass(idle, b) && written_pages(idle, b, copy_page)) {
        give_flags_back(idle, b);
        take_flags(idle, b);
        uint64_t hash = hash_of_cpu(idle, b->cpu);
        cpu_get_counts(b->cpu, before);
        alike = run_pass(idle, b) && written_pages(idle, b, page_is_as_copied) &&
                hash_of_cpu(idle, b->cpu) == hash;
        cpu_get_counts(b->cpu, after);
    }
    give_flags_back(idle, b);
    return alike && before->time_reads == after->time_reads && before->debug_calls == after->debug_calls;
}

static bool try_to_skip(struct idle *idle, struct board *b, uint64_t target)
{
    struct cpu_counts before, after;
    if (!idle->period && !find_period(idle, b, target))
        return false;
    if (b->clock.now + 2 * idle->period > target || !passes_are_alike(idle, b, &before, &after))
        return false;
    uint64_t times = (target - b->clock.now) / idle->period,
             most = cpu_instructions_left(b->cpu) / (after.instructions - before.instructions + 1);
    times = times < most ? times : most;
    cpu_add_counts(b->cpu, &before, &after, times);
    b->clock.now += times * idle->period;
    idle->skipped += times * idle->period;
    return true;
}

enum cpu_stop idle_skip(struct idle *idle, struct board *b, uint64_t target)
{
    bool known = idle->period != 0;
    idle->stop = CPU_STOP_TIME;
    if (disturbed(b) || cpu_instructions_left(b->cpu) < 2 * MOST_STEPS ||
        target - b->clock.now < LEAST_WORTH) {
        idle->next_try = target;
        return idle->stop;
    }
    if (try_to_skip(idle, b, target)) {
        idle->misses = 0;
        idle->wait = SHORTEST_WAIT;
        idle->next_try = b->clock.now + AFTER_EVENT;
        return idle->stop;
    }
    if (!known || ++idle->misses > MOST_MISSES) {
        idle->period = 0;
        idle->misses = 0;
        idle->wait = idle->wait < LONGEST_WAIT ? 2 * idle->wait : LONGEST_WAIT;
    }
    idle->next_try = b->clock.now + (idle->period ? AFTER_EVENT : idle->wait);
    return idle->stop;
}
