/* The block cache: decoded basic blocks, keyed by backing page, offset and mode.
 *
 * Blocks and their records live in one arena that is only ever emptied as a whole. A block whose bytes were
 * written is dead: it is taken out of its page's buckets and its first handler replaced by one that looks
 * the address up again, so that links to it need not be found. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "cpu/decode.h"
#include "cpu/fast.h"
#include "cpu/insn.h"

#define ARENA_SIZE        (32u << 20)
#define BLOCK_MAX_RECORDS 48
#define BLOCK_MAX_BYTES   240
#define GRANULE_SHIFT     6
#define GRANULE           (1u << GRANULE_SHIFT) /* bytes */

static void clear_jump_cache(struct cpu *cpu)
{
    for (unsigned i = 0; i < JUMP_CACHE_ENTRIES; i++)
        cpu->jump_cache[i] = (struct jump_cache_entry){.key = UINT64_MAX};
}

void blocks_create(struct cpu *cpu)
{
    cpu->code_pages = xcalloc(cpu->bus.backing_pages ? cpu->bus.backing_pages : 1, sizeof *cpu->code_pages);
    cpu->arena_size = ARENA_SIZE;
    cpu->arena = mmap(NULL, cpu->arena_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (cpu->arena == MAP_FAILED)
        cpu->arena = xcalloc(1, cpu->arena_size);
    clear_jump_cache(cpu);
}

void blocks_destroy(struct cpu *cpu)
{
    for (uint32_t i = 0; i < cpu->bus.backing_pages; i++)
        free(cpu->code_pages[i]);
    free(cpu->code_pages);
    munmap(cpu->arena, cpu->arena_size);
}

/* Only between blocks: nothing may run that lies in the arena. */
void blocks_flush(struct cpu *cpu)
{
    for (uint32_t i = 0; i < cpu->bus.backing_pages; i++)
        if (cpu->code_pages[i])
            memset(cpu->code_pages[i], 0, sizeof *cpu->code_pages[i]);
    cpu->arena_used = 0;
    cpu->arena_full = false;
    clear_jump_cache(cpu);
    cpu->counters.arena_flushes++;
}

/* By granules, so that a write finds what it overlaps in a few of them. */
static unsigned bucket_of(unsigned offset)
{
    return offset >> GRANULE_SHIFT;
}

/* The first bucket with blocks that may reach BYTE. */
static unsigned first_bucket(unsigned byte)
{
    return byte < BLOCK_MAX_BYTES ? 0 : bucket_of(byte - BLOCK_MAX_BYTES + 1);
}

/* The page gets its first code: writes to it must be seen from now on. */
static void watch_page(struct cpu *cpu, const struct code_tlb_entry *page)
{
    if (*page->flags & CPU_PAGE_CODE)
        return;
    *page->flags |= CPU_PAGE_CODE;
    for (unsigned c = 0; c < CTX_COUNT; c++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++) {
            struct tlb_entry *e = &cpu->tlb[c][i];
            if (e->write != TLB_INVALID && (uint8_t *)(uintptr_t)(e->write + e->addend) == page->bytes)
                e->write = TLB_INVALID;
        }
}

/* Where the debugger has something: a block begins there. */
static bool is_planted(const struct cpu *cpu, uint32_t page, unsigned offset)
{
    const uint64_t *bits = cpu->debug.planted ? cpu->debug.planted[page] : NULL;
    return bits && bits[offset / 64] >> offset % 64 & 1;
}

static bool overlaps(const struct block *b, unsigned first, unsigned last)
{
    return b->offset <= last && b->offset + b->bytes > first;
}

/* Last byte of a block on its first page. */
static unsigned last_byte(const struct block *b)
{
    return b->offset + b->bytes - b->tail - 1u;
}

static uint64_t granules_of(unsigned first, unsigned last)
{
    unsigned low = first >> GRANULE_SHIFT, high = last >> GRANULE_SHIFT;
    return (UINT64_MAX << low) & (UINT64_MAX >> (63 - high));
}

static void kill_block(struct cpu *cpu, struct block *b)
{
    if (b->dead)
        return;
    b->dead = true;
    b->insn[0].handler = fast_dead_block;
    if (cpu->in_chain)
        cpu->attention |= ATTENTION_CODE;
    cpu->counters.blocks_killed++;
}

/* Bytes of a page. */
struct span {
    unsigned first, last;
};

/* The blocks that begin on the page and overlap WRITTEN. What they occupied is added to FREED. */
static void kill_written(struct cpu *cpu, struct code_page *cp, struct span written, struct span *freed)
{
    for (unsigned i = first_bucket(written.first); i <= bucket_of(written.last); i++)
        for (struct block **at = &cp->bucket[i]; *at;) {
            struct block *b = *at;
            if (!overlaps(b, written.first, written.last)) {
                at = &b->hash_next;
                continue;
            }
            *at = b->hash_next;
            kill_block(cpu, b);
            freed->first = b->offset < freed->first ? b->offset : freed->first;
            freed->last = last_byte(b) > freed->last ? last_byte(b) : freed->last;
        }
}

/* Likewise those that only end on the page. */
static void kill_tails(struct cpu *cpu, struct code_page *cp, unsigned first, struct span *freed)
{
    for (struct block **at = &cp->tails; *at;) {
        struct block *b = *at;
        if (b->dead || first < b->tail) {
            *at = b->tail_next;
            kill_block(cpu, b);
            freed->first = 0;
        } else {
            at = &b->tail_next;
        }
    }
}

/* Which granules of FREED hold code still? */
static void count_granules_again(struct code_page *cp, struct span freed)
{
    uint64_t granules = cp->tails ? 1 : 0, mask = granules_of(freed.first, freed.last);
    for (unsigned i = first_bucket(freed.first & ~(GRANULE - 1)); i <= bucket_of(freed.last); i++)
        for (const struct block *b = cp->bucket[i]; b; b = b->hash_next)
            granules |= granules_of(b->offset, last_byte(b));
    cp->granules = (cp->granules & ~mask) | (granules & mask);
}

bool cpu_code_written(struct cpu *cpu, uint32_t page, unsigned first, unsigned last)
{
    struct code_page *cp = page < cpu->bus.backing_pages ? cpu->code_pages[page] : NULL;
    if (!cp || !(cp->granules & granules_of(first, last)))
        return cp && cp->granules;
    struct span freed = {PAGE_BYTES, 0};
    kill_written(cpu, cp, (struct span){first, last}, &freed);
    kill_tails(cpu, cp, first, &freed);
    if (freed.first < PAGE_BYTES)
        count_granules_again(cp, freed);
    return cp->granules != 0;
}

/* Flags that an instruction looks at and surely writes. A shift by an immediate that is not 0 writes its
 * flags. */
struct flag_use {
    unsigned reads, writes;
    bool keeps; /* reads only to keep beside what it writes */
};

static struct flag_use flag_use_of(const struct insn *in)
{
    const struct insn_info *info = &insn_info[in->id];
    bool counted = in->imm & 31;
    switch (in->id) {
    case ID_shl_rm_imm_8:
    case ID_shl_rm_imm_16:
    case ID_shl_rm_imm_32:
    case ID_shr_rm_imm_8:
    case ID_shr_rm_imm_16:
    case ID_shr_rm_imm_32:
    case ID_sar_rm_imm_8:
    case ID_sar_rm_imm_16:
    case ID_sar_rm_imm_32:
        if (counted)
            return (struct flag_use){0, FLAGS_ARITH, false};
        break;
    case ID_rol_rm_imm_8:
    case ID_rol_rm_imm_16:
    case ID_rol_rm_imm_32:
    case ID_ror_rm_imm_8:
    case ID_ror_rm_imm_16:
    case ID_ror_rm_imm_32:
        if (counted)
            return (struct flag_use){FLAGS_ARITH & ~(FLAG_CF | FLAG_OF), FLAG_CF | FLAG_OF, true};
        break;
    default:
        break;
    }
    return (struct flag_use){info->reads, info->writes, info->attributes & ATTR_KEEPS};
}

/* Works out for each record whether anybody can see the flags that it writes, last record first. Behind the
 * block, and before anything that may fault or look outside, all flags are seen. */
static void find_dead_flags(const struct insn *insn, unsigned count, bool *dead)
{
    unsigned live = FLAGS_ARITH;
    for (unsigned i = count; i-- > 0;) {
        const struct insn_info *info = &insn_info[insn[i].id];
        struct flag_use use = flag_use_of(&insn[i]);
        bool accesses = (insn[i].ea & INSN_MEM) && !(info->attributes & ATTR_NOACCESS);
        dead[i] = use.writes && !(live & use.writes);
        if (accesses || (info->attributes & ATTR_FAULT))
            live = FLAGS_ARITH;
        else
            live = (live & ~use.writes) | (dead[i] && use.keeps ? 0 : use.reads);
    }
}

static unsigned decode_records(struct cpu *cpu, const struct code_tlb_entry *code, unsigned offset,
                               struct insn *out)
{
    const uint8_t *bytes = code->bytes;
    unsigned count = 0, at = 0;
    unsigned most = cpu->paths & CPU_PATH_CUTS ? 1 + cpu_path_random(cpu) % 8 : BLOCK_MAX_RECORDS;
    while (count < most && at < BLOCK_MAX_BYTES && offset + at < PAGE_BYTES) {
        if (UNLIKELY(cpu->debug.planted != NULL) && count && is_planted(cpu, code->page, offset + at))
            break;
        unsigned length;
        if (decode(cpu->model, cpu->mode, bytes + offset + at, PAGE_BYTES - offset - at, &out[count],
                   &length) != DECODE_OK)
            break;
        if (at + length > BLOCK_MAX_BYTES)
            break;
        at += length;
        out[count].next_offset = (uint8_t)at;
        const struct insn *in = &out[count++];
        if ((insn_info[in->id].attributes & ATTR_END) ||
            (debug_wants(cpu, CPU_EVENT_MAGIC) && insn_is_magic(in)))
            break;
    }
    return count;
}

/* FIRST: of the block's COUNT records of instructions. */
static void set_costs(const struct cpu *cpu, struct block *b, struct insn *first, unsigned count)
{
    unsigned cost = 0;
    for (unsigned i = count; i-- > 0;) {
        struct insn *in = &first[i];
        cost += model_cost(cpu->model, in);
        in->rest_cost = (uint16_t)cost;
        in->rest_count = (uint8_t)(count - i);
    }
    b->cost = budget_pack(cost, count);
    b->count = (uint8_t)count;
}

static void set_exits(const struct cpu *cpu, struct block *b, unsigned count)
{
    struct insn *last = &b->insn[count - 1];
    struct block_exits *exits = (struct block_exits *)&b->insn[count];
    exits->taken.link = fast_link_taken;
    exits->taken.to = (const struct insn *)(const void *)&exits->taken;
    exits->taken.cost = exits->taken_cost = budget_pack(model_taken_cost(cpu->model, last->id), 0);
    exits->next.link = fast_link_next;
    exits->next.to = (const struct insn *)(const void *)&exits->next;
    exits->target = (int64_t)last->next_offset + (int64_t)last->imm;
}

/* Room for a block with COUNT records, a fall-through, and exits. NULL: the arena is full. */
static struct block *allocate(struct cpu *cpu, unsigned count, const struct code_tlb_entry *code,
                              unsigned offset)
{
    size_t size = sizeof(struct block) + (count + 2) * sizeof(struct insn);
    if (cpu->arena_used + size > cpu->arena_size) {
        cpu->arena_full = true;
        return NULL;
    }
    watch_page(cpu, code);
    struct block *b = (struct block *)(cpu->arena + cpu->arena_used);
    cpu->arena_used += (size + 31) & ~(size_t)31;
    memset(b, 0, size);
    b->page = code->page;
    b->offset = (uint16_t)offset;
    b->mode = (uint16_t)cpu->mode;
    cpu->counters.blocks_decoded++;
    return b;
}

/* What comes behind the last record: exits, or a record that goes on to the next block. */
static void set_end(const struct cpu *cpu, struct block *b, unsigned count)
{
    const struct insn *last = &b->insn[count - 1];
    if (insn_info[last->id].attributes & ATTR_END) {
        set_exits(cpu, b, count);
        return;
    }
    struct insn *end = &b->insn[count];
    end->handler = fast_fall_through;
    end->next_offset = last->next_offset;
    end->base = end->index = (uint8_t)(REG_ZERO * sizeof(union gpr));
}

static void set_handlers(struct cpu *cpu, struct insn *first, unsigned count, bool *dead)
{
    for (unsigned i = 0; i < count; i++)
        if (cpu->paths & CPU_PATH_ALL_FLAGS)
            dead[i] = false;
    for (unsigned i = 0; i < count; i++) {
        unsigned following = cpu->paths & CPU_PATH_NO_FUSION ? 0 : count - 1 - i;
        first[i].handler = fast_select(cpu, &first[i], &dead[i], following);
    }
    if (debug_wants(cpu, CPU_EVENT_MAGIC) && insn_is_magic(&first[count - 1]))
        first[count - 1].handler = fast_magic;
}

/* A record before the first instruction, which asks whether there is a breakpoint for it. */
static void set_break(struct block *b)
{
    b->insn[0].id = ID_nop;
    b->insn[0].handler = fast_break;
    b->insn[0].rest_cost = b->insn[1].rest_cost;
    b->insn[0].rest_count = b->insn[1].rest_count;
}

static struct block *build(struct cpu *cpu, uint64_t linear, const struct code_tlb_entry *code)
{
    unsigned offset = linear & (PAGE_BYTES - 1);
    struct insn records[BLOCK_MAX_RECORDS];
    bool dead[BLOCK_MAX_RECORDS];
    unsigned count = decode_records(cpu, code, offset, records);
    unsigned lead = is_planted(cpu, code->page, offset);
    struct block *b = count ? allocate(cpu, count + lead, code, offset) : NULL;
    if (!b)
        return NULL;
    b->bytes = records[count - 1].next_offset;
    memcpy(b->insn + lead, records, count * sizeof *records);
    find_dead_flags(records, count, dead);
    set_costs(cpu, b, b->insn + lead, count);
    if (lead)
        set_break(b);
    set_end(cpu, b, count + lead);
    set_handlers(cpu, b->insn + lead, count, dead);
    return b;
}

static struct code_page *code_page_of(struct cpu *cpu, uint32_t page)
{
    if (!cpu->code_pages[page])
        cpu->code_pages[page] = xcalloc(1, sizeof **cpu->code_pages);
    return cpu->code_pages[page];
}

/* A block of one instruction that goes on into the next page. Its first record checks that the next page is
 * still the same one. May raise the fault of fetching from there. */
static struct block *build_straddling(struct cpu *cpu, uint64_t linear, uint64_t ip,
                                      const struct code_tlb_entry *code)
{
    unsigned offset = linear & (PAGE_BYTES - 1), have = PAGE_BYTES - offset, length;
    uint8_t bytes[INSN_MAX_BYTES];
    struct insn record;
    if (cpu->arena_full || have >= INSN_MAX_BYTES || !(cpu->mode & MODE_FLAT_CODE) ||
        is_planted(cpu, code->page, offset))
        return NULL;
    memcpy(bytes, code->bytes + offset, have);
    if (decode(cpu->model, cpu->mode, bytes, have, &record, &length) != DECODE_MORE)
        return NULL;
    if (ip + have > cpu->seg[SEG_CS].limit) /* EIP would wrap: a fault, and no look-up */
        return NULL;
    const struct code_tlb_entry *tail = code_lookup(cpu, linear + have);
    if (!tail->bytes || tail->page >= cpu->bus.backing_pages)
        return NULL;
    memcpy(bytes + have, tail->bytes, INSN_MAX_BYTES - have);
    if (decode(cpu->model, cpu->mode, bytes, INSN_MAX_BYTES, &record, &length) != DECODE_OK)
        return NULL;
    struct block *b = allocate(cpu, 2, code, offset);
    if (!b)
        return NULL;
    watch_page(cpu, tail);
    b->bytes = (uint16_t)length;
    b->tail = (uint8_t)(length - have);
    b->tail_page = tail->page;
    b->tail_stamp = tail->stamp;
    b->insn[0].id = ID_nop;
    b->insn[1] = record;
    b->insn[1].next_offset = (uint8_t)length;
    unsigned cost = model_cost(cpu->model, &record);
    b->cost = budget_pack(cost, 1);
    b->count = 1;
    for (unsigned i = 0; i < 2; i++) {
        b->insn[i].rest_cost = (uint16_t)cost;
        b->insn[i].rest_count = 1;
    }
    set_end(cpu, b, 2);
    b->insn[0].handler = fast_straddle;
    b->insn[1].handler = fast_select(cpu, &b->insn[1], &(bool){false}, 0);
    struct code_page *cp = code_page_of(cpu, tail->page);
    b->tail_next = cp->tails;
    cp->tails = b;
    cp->granules |= 1;
    return b;
}

/* Before a straddling instruction: false where the next page is another one now; then the block is dead. */
bool block_check_tail(struct cpu *cpu, struct block *b, uint64_t ip)
{
    uint64_t linear = (uint32_t)(cpu->seg[SEG_CS].base + ip + b->bytes - b->tail);
    const struct code_tlb_entry *tail = code_lookup(cpu, linear);
    if (tail->bytes && tail->page == b->tail_page) {
        b->tail_stamp = tail->stamp;
        return true;
    }
    kill_block(cpu, b);
    return false;
}

struct block *block_find(struct cpu *cpu, uint64_t ip)
{
    if (cpu->arena_full && !cpu->in_chain)
        blocks_flush(cpu);
    uint64_t linear = (uint32_t)(cpu->seg[SEG_CS].base + ip);
    if (ip > cpu->seg[SEG_CS].limit)
        return NULL;
    const struct code_tlb_entry *code = code_lookup(cpu, linear);
    if (!code->bytes || code->page >= cpu->bus.backing_pages)
        return NULL;
    unsigned offset = linear & (PAGE_BYTES - 1);
    uint64_t stamp = code->stamp;
    struct code_page *cp = code_page_of(cpu, code->page);
    struct block **at = &cp->bucket[bucket_of(offset)], *b;
    while ((b = *at) && (b->offset != offset || b->mode != cpu->mode || b->dead))
        if (b->dead) /* where its tail changed; they would become more and more */
            *at = b->hash_next;
        else
            at = &b->hash_next;
    if (!b) {
        struct code_tlb_entry first = *code;
        b = build(cpu, linear, &first);
        if (!b)
            b = build_straddling(cpu, linear, ip, &first);
        if (!b)
            return NULL;
        b->hash_next = cp->bucket[bucket_of(offset)];
        cp->bucket[bucket_of(offset)] = b;
        cp->granules |= granules_of(offset, last_byte(b));
    }
    if (ip + b->bytes - 1 > cpu->seg[SEG_CS].limit)
        return NULL;
    struct jump_cache_entry *jc = jump_cache_slot(cpu, linear);
    jc->key = linear | cpu->find_key;
    jc->stamp = stamp;
    jc->block = b;
    return b;
}
