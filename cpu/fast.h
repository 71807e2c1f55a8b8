/* Fast handlers: how they are chained, and what block.c and run.c need of them.
 *
 * A handler does the usual case of one record and goes on to the next by a tail call. Where the compiler
 * promises none (no optimisation, sanitizers), the same code returns to a loop instead. Anything unusual
 * (a TLB miss, a segment limit, a device) goes to the record's plain function through cpu->go_plain: so a
 * handler must change nothing before it has made all its checks. */
#ifndef TICK86_CPU_FAST_H
#define TICK86_CPU_FAST_H

#include "cpu/cpu_private.h"

#define PAGE_BYTES 4096u

#if defined(__clang__) && TAIL_CALLS
#define MUSTTAIL __attribute__((musttail))
#else
#define MUSTTAIL
#endif

#define HANDLER(name) void HANDLER_CONVENTION name(HANDLER_ARGS)

#if TAIL_CALLS
#define GO_TO_WITH(registers, function, next)                                                                \
    do {                                                                                                     \
        const struct insn *next_ = (next);                                                                   \
        MUSTTAIL return (function)(cpu, next_, ip, budget, tlb registers);                                   \
    } while (0)
#define GO_TO(function, next) GO_TO_WITH(REGISTERS_PASSED, function, next)
/* Likewise, from a handler that wrote general registers in memory alone, or called a function that may. */
#define GO_TO_RELOADED(function, next) GO_TO_WITH(REGISTERS_LOADED, function, next)
#else
#define GO_TO_RELOADED(function, next) GO_TO(function, next)
/* chain_handler differs from the record's own where a way out is taken. */
#define GO_TO(function, next)                                                                                \
    do {                                                                                                     \
        cpu->chain_in = (next);                                                                              \
        cpu->chain_handler = (function);                                                                     \
        cpu->chain_ip = ip;                                                                                  \
        cpu->chain_budget = budget;                                                                          \
        return;                                                                                              \
    } while (0)
#endif

/* On to a record. */
#define GO(next)                                                                                             \
    do {                                                                                                     \
        const struct insn *go_ = (next);                                                                     \
        GO_TO(go_->handler, go_);                                                                            \
    } while (0)

#define GO_RELOADED(next)                                                                                    \
    do {                                                                                                     \
        const struct insn *go_ = (next);                                                                     \
        GO_TO_RELOADED(go_->handler, go_);                                                                   \
    } while (0)

/* This record by its plain function. */
#define PLAIN() GO_TO(cpu->go_plain, in)

/* Back to the loop; IP is the EIP of the next instruction. */
#define LEAVE()                                                                                              \
    do {                                                                                                     \
        cpu->chain_in = NULL;                                                                                \
        cpu->chain_ip = ip;                                                                                  \
        cpu->chain_budget = budget;                                                                          \
        return;                                                                                              \
    } while (0)

/* Into block B, whose EIP is in IP, if the budget allows it. */
#define ENTER_BLOCK(b)                                                                                       \
    do {                                                                                                     \
        const struct block *b_ = (b);                                                                        \
        int64_t left_ = budget - b_->cost;                                                                   \
        if (UNLIKELY(left_ < 0))                                                                             \
            LEAVE();                                                                                         \
        budget = left_;                                                                                      \
        GO(b_->insn);                                                                                        \
    } while (0)

/* The block that begins with record IN. */
static inline const struct block *block_at(const struct insn *in)
{
    return (const struct block *)(const void *)((const char *)in - offsetof(struct block, insn));
}

/* Values of general registers by number, to be read. SET_G writes one. */
#if REGISTER_ARGS
#define G_0           (+r0)
#define G_1           (+r1)
#define G_2           (+r2)
#define G_3           (+r3)
#define G_4           (+cpu->gpr[RSP].d)
#define G_5           (+cpu->gpr[RBP].d)
#define G_6           (+r6)
#define G_7           (+r7)
#define KEEP_0(value) (void)(r0 = (value))
#define KEEP_1(value) (void)(r1 = (value))
#define KEEP_2(value) (void)(r2 = (value))
#define KEEP_3(value) (void)(r3 = (value))
#define KEEP_4(value) (void)(value)
#define KEEP_5(value) (void)(value)
#define KEEP_6(value) (void)(r6 = (value))
#define KEEP_7(value) (void)(r7 = (value))
#define G(reg)        G_BY(reg)
#define G_BY(reg)     G_##reg
#define SET_G(reg, value)                                                                                    \
    do {                                                                                                     \
        uint32_t value_ = (value);                                                                           \
        cpu->gpr[reg].d = value_;                                                                            \
        KEEP(reg, value_);                                                                                   \
    } while (0)
#define KEEP(reg, value)    KEEP_BY(reg, value)
#define KEEP_BY(reg, value) KEEP_##reg(value)
#else
#define G(reg)            (+cpu->gpr[reg].d)
#define SET_G(reg, value) (void)(cpu->gpr[reg].d = (value))
#endif

static inline struct jump_cache_entry *jump_cache_slot(struct cpu *cpu, uint64_t linear)
{
    return &cpu->jump_cache[(linear ^ linear >> 12) & (JUMP_CACHE_ENTRIES - 1)];
}

/* The block at EIP IP if the jump cache knows it, else NULL. The caller checks the segment's limit. */
static inline struct block *find_cached(struct cpu *cpu, uint64_t ip)
{
    uint64_t linear = (uint32_t)(cpu->seg[SEG_CS].base + ip);
    const struct jump_cache_entry *jc = jump_cache_slot(cpu, linear);
    if (LIKELY(jc->key == (linear | cpu->find_key) &&
               jc->stamp == cpu->code_tlb[linear >> 12 & (CODE_TLB_ENTRIES - 1)].stamp))
        return jc->block;
    return NULL;
}

/* The handler for a record. DEAD: of it and of those behind it, whether nobody sees their flags. FOLLOWING:
 * how many records behind it in the block it may be fused with; the handler does them too then, and they keep
 * handlers of their own. */
handler_fn *fast_select(const struct cpu *cpu, const struct insn *in, const bool *dead, unsigned following);
void fast_install(struct cpu *cpu);
HANDLER(fast_link_taken);
HANDLER(fast_link_next);
HANDLER(fast_dead_block);
HANDLER(fast_fall_through);
HANDLER(fast_straddle);
HANDLER(fast_break);
HANDLER(fast_magic);
HANDLER(fast_plain);

/* Fast handlers by groups; NULL where a record has none. fast_alu.c, fast_mem.c, fast_flow.c. */
handler_fn *fast_alu_select(const struct cpu *cpu, const struct insn *in, bool dead);
handler_fn *fast_move_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_stack_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_flow_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_condition_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_multiply_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_fpu_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_mmx_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_rotate_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_segment_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_string_select(const struct cpu *cpu, const struct insn *in);
handler_fn *fast_pairs_select(const struct cpu *cpu, const struct insn *in, const bool *dead,
                              unsigned following);
handler_fn *fast_fused_select(const struct cpu *cpu, const struct insn *in, const struct insn *next);

#endif
