/* Plain functions: string instructions and their repetition. SDM volume 2, MOVS to OUTS, REP.
 *
 * A repeated instruction runs as many elements as fit before the next deadline, then stops with EIP still at
 * itself, as an interrupt would stop it. Runs of plain memory are done a page at a time; each element is an
 * iteration of its own as far as faults, counts and cycles go. */
#include <string.h>

#include "cpu/alu.h"
#include "cpu/decode.h"
#include "cpu/insn.h"
#include "cpu/operand.h"
#include "cpu/string_run.h"

struct string {
    struct cpu *cpu;
    const struct insn *in;
    unsigned size;
    uint32_t mask;    /* of the address size */
    int32_t step;     /* bytes, by DF */
    unsigned segment; /* of the source */
};

static struct string string_begin(struct cpu *cpu, const struct insn *in, unsigned size)
{
    return (struct string){
        .cpu = cpu,
        .in = in,
        .size = size,
        .mask = address_mask(in),
        .step = cpu->eflags & FLAG_DF ? -(int32_t)size : (int32_t)size,
        .segment = operand_segment(in),
    };
}

static uint32_t index_of(const struct string *s, unsigned reg)
{
    return s->cpu->gpr[reg].d & s->mask;
}

static void set_index(const struct string *s, unsigned reg, uint32_t value)
{
    if (s->mask == 0xFFFF)
        s->cpu->gpr[reg].w = (uint16_t)value;
    else
        s->cpu->gpr[reg].d = value;
}

static void advance(const struct string *s, unsigned reg, uint32_t elements)
{
    set_index(s, reg, index_of(s, reg) + (uint32_t)s->step * elements);
}

static uint32_t load(const struct string *s, unsigned seg, uint32_t offset)
{
    if (s->size == 1)
        return mem_read8(s->cpu, seg, offset);
    return s->size == 2 ? mem_read16(s->cpu, seg, offset) : mem_read32(s->cpu, seg, offset);
}

static void store(const struct string *s, uint32_t offset, uint32_t value)
{
    if (s->size == 1)
        mem_write8(s->cpu, SEG_ES, offset, (uint8_t)value);
    else if (s->size == 2)
        mem_write16(s->cpu, SEG_ES, offset, (uint16_t)value);
    else
        mem_write32(s->cpu, SEG_ES, offset, value);
}

/* What a word at FFFFh that faults leaves behind on the 286, which moves indexes and count on before it finds
 * the fault (seen on hardware; the manuals call it undefined). READ_FIRST and READ_SECOND: index registers in
 * the order of the accesses, -1 for none; WRITTEN: that of the target of a write, after the reads. */
static void overrun_286(const struct string *s, int read_first, int read_second, int written)
{
    struct cpu *cpu = s->cpu;
    if (LIKELY(cpu->model->level >= LEVEL_386) || s->size != 2)
        return;
    const int order[3] = {read_first, read_second, written};
    bool faults = false;
    for (unsigned i = 0; i < 3; i++)
        faults |= order[i] >= 0 && cpu->gpr[order[i]].w == 0xFFFF;
    if (!faults)
        return;
    unsigned counted = 1;
    for (unsigned i = 0; i < 3; i++) {
        if (order[i] < 0)
            continue;
        bool here = cpu->gpr[order[i]].w == 0xFFFF;
        advance(s, (unsigned)order[i], 1);
        if (here) {
            /* A write is found out one element late; the first read of two before the element is counted. */
            counted = i == 2 ? 2 : read_second >= 0 && i == 0 ? 0 : 1;
            break;
        }
    }
    if ((s->in->ea & INSN_REP) || (s->in->seg & INSN_REPNE))
        cpu->gpr[RCX].w =
            (uint16_t)(cpu->gpr[RCX].w - (counted < cpu->gpr[RCX].w ? counted : cpu->gpr[RCX].w));
    cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_STRING_WRAP, s->size, 0);
}

/* --- one element each --- */

static void one_movs(const struct string *s)
{
    overrun_286(s, RSI, -1, RDI);
    store(s, index_of(s, RDI), load(s, s->segment, index_of(s, RSI)));
    advance(s, RSI, 1);
    advance(s, RDI, 1);
}

static void one_stos(const struct string *s)
{
    overrun_286(s, -1, -1, RDI);
    store(s, index_of(s, RDI), s->cpu->gpr[RAX].d);
    advance(s, RDI, 1);
}

static void set_accumulator(const struct string *s, uint32_t value)
{
    if (s->size == 1)
        s->cpu->gpr[RAX].b[0] = (uint8_t)value;
    else if (s->size == 2)
        s->cpu->gpr[RAX].w = (uint16_t)value;
    else
        s->cpu->gpr[RAX].d = value;
}

static void one_lods(const struct string *s)
{
    overrun_286(s, RSI, -1, -1);
    set_accumulator(s, load(s, s->segment, index_of(s, RSI)));
    advance(s, RSI, 1);
}

static void compare(const struct string *s, uint32_t a, uint32_t b)
{
    if (s->size == 1)
        do_sub8(s->cpu, (uint8_t)a, (uint8_t)b);
    else if (s->size == 2)
        do_sub16(s->cpu, (uint16_t)a, (uint16_t)b);
    else
        do_sub32(s->cpu, a, b);
}

static void one_cmps(const struct string *s)
{
    overrun_286(s, RDI, RSI, -1);
    /* The processors read ES:[EDI] first. */
    uint32_t b = load(s, SEG_ES, index_of(s, RDI));
    compare(s, load(s, s->segment, index_of(s, RSI)), b);
    advance(s, RSI, 1);
    advance(s, RDI, 1);
}

static void one_scas(const struct string *s)
{
    overrun_286(s, RDI, -1, -1);
    compare(s, s->cpu->gpr[RAX].d, load(s, SEG_ES, index_of(s, RDI)));
    advance(s, RDI, 1);
}

/* The memory side is proved before the device is touched. */
static void one_ins(const struct string *s)
{
    overrun_286(s, -1, -1, RDI);
    uint32_t offset = index_of(s, RDI);
    mem_probe_write(s->cpu, SEG_ES, offset, s->size);
    store(s, offset, port_in(s->cpu, s->cpu->gpr[RDX].w, s->size));
    advance(s, RDI, 1);
}

static void one_outs(const struct string *s)
{
    overrun_286(s, RSI, -1, -1);
    uint32_t value = load(s, s->segment, index_of(s, RSI));
    port_out(s->cpu, s->cpu->gpr[RDX].w, value, s->size);
    advance(s, RSI, 1);
}

/* --- runs within a page, straight on host memory --- */

/* Elements from OFFSET to the end of its page and of the address range in the direction of DF, at most MOST;
 * 0 where the plain way must be gone (an element over the edge, a segment's limit). LINEAR receives the
 * linear address of the lowest byte of the first element. */
static uint32_t page_run(const struct string *s, unsigned seg, uint32_t offset, bool write, uint32_t most,
                         uint32_t *linear)
{
    const struct segment *g = &s->cpu->seg[seg];
    uint64_t end = write ? g->write_end : g->read_end;
    if (end > (uint64_t)s->mask + 1)
        end = (uint64_t)s->mask + 1;
    *linear = (uint32_t)(g->base + offset);
    uint32_t in_page = *linear & 4095;
    if (offset + (uint64_t)s->size > end || in_page + s->size > 4096)
        return 0;
    uint64_t bytes;
    if (s->step < 0) {
        bytes = in_page < offset ? in_page : offset;
        bytes += s->size;
    } else {
        bytes = 4096 - in_page;
        if (bytes > end - offset)
            bytes = end - offset;
    }
    uint32_t n = (uint32_t)(bytes / s->size);
    return n < most ? n : most;
}

static unsigned user_of(const struct cpu *cpu)
{
    return cpu->cpl == 3 ? ACCESS_USER : 0;
}

/* Bytes from the lowest element of a run of N to the one that comes first. */
static uint32_t lowest(const struct string *s, uint32_t n)
{
    return s->step < 0 ? (n - 1) * s->size : 0;
}

/* Where both pages share a line of the TLB, each element walks the tables for both. One goes by itself, which
 * proves them; the others, N in all, do the same once more. */
static uint32_t movs_by_turns(const struct string *s, uint32_t n, uint32_t from, uint32_t to)
{
    struct lin_pair pair;
    one_movs(s);
    uint32_t back = lowest(s, --n);
    if (!n || !lin_run_pair(s->cpu, from + (uint32_t)s->step, to + (uint32_t)s->step, -(int64_t)back,
                            n * s->size, &pair))
        return 1;
    (s->step < 0 ? string_move_down : string_move_up)(pair.second - back, pair.first - back, n, s->size);
    advance(s, RSI, n);
    advance(s, RDI, n);
    s->cpu->counters.tlb_walks += 2 * (uint64_t)n;
    return n + 1;
}

/* The source first, as the element by itself has it: either look-up may fault. */
static uint32_t run_movs(const struct string *s, uint32_t most)
{
    uint32_t from, to, n = page_run(s, s->segment, index_of(s, RSI), false, most, &from);
    if (n)
        n = page_run(s, SEG_ES, index_of(s, RDI), true, n, &to);
    if (!n)
        return 0;
    if (UNLIKELY(lin_share_line(s->cpu, from, to)))
        return movs_by_turns(s, n, from, to);
    uint32_t back = lowest(s, n);
    const uint8_t *source = lin_run_read(s->cpu, from, user_of(s->cpu));
    uint8_t *target = source ? lin_run_write(s->cpu, to, -(int64_t)back, n * s->size, user_of(s->cpu)) : NULL;
    if (!target)
        return 0;
    (s->step < 0 ? string_move_down : string_move_up)(target - back, source - back, n, s->size);
    advance(s, RSI, n);
    advance(s, RDI, n);
    return n;
}

static uint32_t run_stos(const struct string *s, uint32_t most)
{
    uint32_t to, n = page_run(s, SEG_ES, index_of(s, RDI), true, most, &to);
    if (!n)
        return 0;
    uint32_t back = lowest(s, n);
    uint8_t *target = lin_run_write(s->cpu, to, -(int64_t)back, n * s->size, user_of(s->cpu));
    if (!target)
        return 0;
    string_fill(target - back, s->cpu->gpr[RAX].d, n, s->size);
    advance(s, RDI, n);
    return n;
}

static uint32_t element(const uint8_t *at, unsigned size)
{
    uint32_t value = 0;
    memcpy(&value, at, size);
    return value;
}

/* Looks for the element that ends the repetition; the compare of the last one sets the flags. */
static uint32_t run_scas(const struct string *s, uint32_t most, bool while_equal)
{
    uint32_t at, n = page_run(s, SEG_ES, index_of(s, RDI), false, most, &at);
    const uint8_t *memory = n && s->step > 0 ? lin_run_read(s->cpu, at, user_of(s->cpu)) : NULL;
    if (!memory)
        return 0;
    uint32_t wanted = s->cpu->gpr[RAX].d, i = string_find(memory, wanted, n, s->size, !while_equal);
    uint32_t done = i < n ? i + 1 : n;
    compare(s, wanted, element(memory + (done - 1) * s->size, s->size));
    advance(s, RDI, done);
    return done;
}

/* The compare of the last of N pairs, or of the first that ends the repetition, sets the flags. Returns how
 * many were compared. */
static uint32_t compare_run(const struct string *s, const uint8_t *left, const uint8_t *right, uint32_t n,
                            bool while_equal)
{
    uint32_t i = string_compare(left, right, n, s->size, !while_equal), done = i < n ? i + 1 : n;
    compare(s, element(left + (done - 1) * s->size, s->size), element(right + (done - 1) * s->size, s->size));
    advance(s, RSI, done);
    advance(s, RDI, done);
    return done;
}

static uint32_t cmps_by_turns(const struct string *s, uint32_t n, uint32_t a, uint32_t b, bool while_equal)
{
    struct lin_pair pair;
    one_cmps(s);
    if (n == 1 || flags_zf(s->cpu) != while_equal ||
        !lin_run_pair(s->cpu, b + s->size, a + s->size, 0, 0, &pair))
        return 1;
    uint32_t done = compare_run(s, pair.second, pair.first, n - 1, while_equal);
    s->cpu->counters.tlb_walks += 2 * (uint64_t)done;
    return done + 1;
}

static uint32_t run_cmps(const struct string *s, uint32_t most, bool while_equal)
{
    uint32_t a, b, n = page_run(s, s->segment, index_of(s, RSI), false, most, &a);
    if (n)
        n = page_run(s, SEG_ES, index_of(s, RDI), false, n, &b);
    if (!n || s->step < 0)
        return 0;
    if (UNLIKELY(lin_share_line(s->cpu, a, b)))
        return cmps_by_turns(s, n, a, b, while_equal);
    const uint8_t *right = lin_run_read(s->cpu, b, user_of(s->cpu));
    const uint8_t *left = right ? lin_run_read(s->cpu, a, user_of(s->cpu)) : NULL;
    return left ? compare_run(s, left, right, n, while_equal) : 0;
}

/* --- repetition --- */

typedef void one_fn(const struct string *s);

static uint32_t run_of(const struct string *s, enum rep_kind kind, uint32_t most, bool while_equal)
{
    switch (kind) {
    case REP_MOVS:
        return run_movs(s, most);
    case REP_STOS:
        return run_stos(s, most);
    case REP_CMPS:
        return run_cmps(s, most, while_equal);
    case REP_SCAS:
        return run_scas(s, most, while_equal);
    default:
        return 0;
    }
}

/* Elements that fit before the deadline, at least one. TF traps after each; where something waits already, it
 * waits for one element only. */
static uint32_t elements_that_fit(struct cpu *cpu, unsigned each, uint64_t used)
{
    if ((cpu->eflags & FLAG_TF) || (cpu->attention & ~(uint32_t)ATTENTION_CODE))
        return used ? 0 : 1;
    int64_t left = (cpu->budget >> BUDGET_SHIFT) - (int64_t)used;
    if (left <= 0)
        return used ? 0 : 1;
    uint64_t n = ((uint64_t)left + each - 1) / each;
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static void set_count(const struct string *s, uint32_t value)
{
    set_index(s, RCX, value);
}

/* Stops before the repetition is over: the instruction has not been executed yet, only some elements. */
static void stop_repeating(struct cpu *cpu, const struct insn *in, uint64_t used)
{
    unsigned own = model_cost(cpu->model, in);
    cpu->extra = budget_pack((int64_t)used - own, -1);
    cpu->next_rip = cpu->rip;
    /* An instruction breakpoint on it does not hit again (SDM volume 3, 17.3.1.1). */
    cpu->eflags |= FLAG_RF & cpu->model->eflags_bits;
    cpu->keep_resume = true;
    cpu->attention |= ATTENTION_TRAP;
}

/* The flags that a repeated CMPS or SCAS found: they change only where it ends, so that a fault of a later
 * element finds them as they were (SDM volume 2, REP). */
struct kept_flags {
    uint64_t res, a, b;
    uint32_t kind, bits;
};

static struct kept_flags keep_flags(const struct cpu *cpu)
{
    return (struct kept_flags){cpu->flag_res, cpu->flag_a, cpu->flag_b, cpu->flag_kind, cpu->flag_bits};
}

static void restore_flags(struct cpu *cpu, const struct kept_flags *kept)
{
    cpu->flag_res = kept->res;
    cpu->flag_a = kept->a;
    cpu->flag_b = kept->b;
    cpu->flag_kind = kept->kind;
    cpu->flag_bits = kept->bits;
}

/* Elements, at most MOST, that are written before the instruction's own bytes are: those must be fetched
 * anew. */
static uint32_t elements_before_own_code(const struct string *s, enum rep_kind kind, uint32_t most)
{
    const struct cpu *cpu = s->cpu;
    if (kind != REP_MOVS && kind != REP_STOS && kind != REP_INS)
        return most;
    uint64_t own = (uint32_t)(cpu->seg[SEG_CS].base + cpu->rip), own_end = own + INSN_MAX_BYTES;
    uint64_t to = (uint32_t)(cpu->seg[SEG_ES].base + index_of(s, RDI));
    if (to < own_end && to + s->size > own)
        return 0;
    if (s->step < 0) {
        if (to < own || (int64_t)to - (int64_t)(most - 1) * s->size >= (int64_t)own_end)
            return most;
        return (uint32_t)((to - own_end) / s->size) + 1;
    }
    if (to >= own_end || to + (uint64_t)most * s->size <= own)
        return most;
    return (uint32_t)((own - to) / s->size);
}

static void repeat(const struct string *s, enum rep_kind kind, one_fn *one)
{
    struct cpu *cpu = s->cpu;
    struct kept_flags before = keep_flags(cpu);
    bool conditional = kind == REP_CMPS || kind == REP_SCAS, while_equal = s->in->ea & INSN_REP;
    unsigned each = cpu->model->rep_each[kind];
    uint64_t used = 0;
    uint32_t count = index_of(s, RCX);
    int64_t budget_before = cpu->budget;
    while (count) {
        uint32_t fit = elements_that_fit(cpu, each, used);
        /* Writing to code, its own perhaps, is no reason to stop: whether that code was decoded is not the
         * guest's. */
        if (!fit || ((cpu->attention & ~(uint32_t)ATTENTION_CODE) && used)) {
            restore_flags(cpu, &before);
            stop_repeating(cpu, s->in, used);
            return;
        }
        uint32_t before_own = elements_before_own_code(s, kind, fit < count ? fit : count);
        /* What comes now may fault or call a device: the clock and what a fault keeps are up to it. */
        cpu->budget = budget_before - budget_pack((int64_t)used, 0);
        if (conditional)
            restore_flags(cpu, &before);
        uint32_t n = before_own ? run_of(s, kind, before_own, while_equal) : 0;
        if (!n) {
            one(s);
            n = 1;
        }
        cpu->budget = budget_before;
        count -= n;
        used += (uint64_t)n * each;
        set_count(s, count);
        if (conditional && flags_zf(cpu) != while_equal)
            break;
        if (count && !before_own) {
            stop_repeating(cpu, s->in, used);
            return;
        }
    }
    cpu->extra = budget_pack((int64_t)used + cpu->model->rep_start[kind], 0);
}

static void string_operation(struct cpu *cpu, const struct insn *in, unsigned size, enum rep_kind kind,
                             one_fn *one)
{
    struct string s = string_begin(cpu, in, size);
    /* Permission comes first, whatever the count. */
    if (kind == REP_INS || kind == REP_OUTS)
        port_check(cpu, cpu->gpr[RDX].w, size);
    if ((in->ea & INSN_REP) || (in->seg & INSN_REPNE))
        repeat(&s, kind, one);
    else
        one(&s);
}

#define STRING(name, kind)                                                                                   \
    void op_##name##_8(struct cpu *cpu, const struct insn *in)                                               \
    {                                                                                                        \
        string_operation(cpu, in, 1, kind, one_##name);                                                      \
    }                                                                                                        \
    void op_##name##_16(struct cpu *cpu, const struct insn *in)                                              \
    {                                                                                                        \
        string_operation(cpu, in, 2, kind, one_##name);                                                      \
    }                                                                                                        \
    void op_##name##_32(struct cpu *cpu, const struct insn *in)                                              \
    {                                                                                                        \
        string_operation(cpu, in, 4, kind, one_##name);                                                      \
    }
STRING(movs, REP_MOVS)
STRING(stos, REP_STOS)
STRING(lods, REP_LODS)
STRING(cmps, REP_CMPS)
STRING(scas, REP_SCAS)
STRING(ins, REP_INS)
STRING(outs, REP_OUTS)
