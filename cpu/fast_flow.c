/* Fast handlers: near branches, calls, returns. */
#include "cpu/fast_flow.h"
#include "cpu/alu.h"
#include "cpu/fast_stack.h"

#define JCC(cc, v)                                                                                           \
    static HANDLER(h_j##cc##_##v)                                                                            \
    {                                                                                                        \
        const struct block_exits *exits = EXITS(in + 1);                                                     \
        if (flags_condition(cpu, CC_##cc))                                                                   \
            TAKE(v, exits);                                                                                  \
        FALL(v, in, exits);                                                                                  \
    }
FOR_EACH_CONDITION(JCC, V32)
FOR_EACH_CONDITION(JCC, V32L)
FOR_EACH_CONDITION(JCC, V16)

#define JUMPS(v)                                                                                             \
    static HANDLER(h_jmp_##v)                                                                                \
    {                                                                                                        \
        TAKE(v, EXITS(in + 1));                                                                              \
    }                                                                                                        \
    static HANDLER(h_loop_##v)                                                                               \
    {                                                                                                        \
        const struct block_exits *exits = EXITS(in + 1);                                                     \
        uint32_t count = in->seg & INSN_ADDR16 ? (uint16_t)(G(1) - 1) : G(1) - 1;                            \
        if (count)                                                                                           \
            CHECK_TARGET_##v(WRAP_##v(ip + (uint64_t)exits->target));                                        \
        SET_G(1, in->seg &INSN_ADDR16 ? (G(1) & ~0xFFFFu) | count : count);                                  \
        if (count)                                                                                           \
            TAKE(v, exits);                                                                                  \
        FALL(v, in, exits);                                                                                  \
    }
JUMPS(V32)
JUMPS(V32L)
JUMPS(V16)

/* Calls and returns: flat 32-bit stack with 32-bit operands, 16-bit stack with 16-bit operands. */
#define CALLS(v, bits, PUSH, POP)                                                                            \
    static HANDLER(h_call_##v)                                                                               \
    {                                                                                                        \
        const struct block_exits *exits = EXITS(in + 1);                                                     \
        CHECK_TARGET_##v(WRAP_##v(ip + (uint64_t)exits->target));                                            \
        PUSH((uint##bits##_t)(ip + in->next_offset));                                                        \
        TAKE(v, exits);                                                                                      \
    }                                                                                                        \
    static HANDLER(h_ret_##v)                                                                                \
    {                                                                                                        \
        POP(target);                                                                                         \
        CHECK_TARGET_##v(target);                                                                            \
        R##bits(RSP * sizeof(union gpr)) =                                                                   \
            (uint##bits##_t)(R##bits(RSP * sizeof(union gpr)) + bits / 8 + (uint16_t)in->imm);               \
        ip = target;                                                                                         \
        FIND(v);                                                                                             \
    }                                                                                                        \
    static HANDLER(h_jmp_r_##v)                                                                              \
    {                                                                                                        \
        uint##bits##_t target = R##bits(in->rm);                                                             \
        CHECK_TARGET_##v(target);                                                                            \
        ip = target;                                                                                         \
        FIND(v);                                                                                             \
    }                                                                                                        \
    static HANDLER(h_call_r_##v)                                                                             \
    {                                                                                                        \
        uint##bits##_t target = R##bits(in->rm);                                                             \
        CHECK_TARGET_##v(target);                                                                            \
        PUSH((uint##bits##_t)(ip + in->next_offset));                                                        \
        ip = target;                                                                                         \
        FIND(v);                                                                                             \
    }
CALLS(V32, 32, PUSH_FLAT32, POP_FLAT32)
CALLS(V32L, 32, PUSH_FLAT32, POP_FLAT32)
CALLS(V16, 16, PUSH_SEG16, POP_SEG16)

/* RDTSC ends a block, like everything that looks outside. */
#define READ_TIME(v)                                                                                         \
    static HANDLER(h_rdtsc_##v)                                                                              \
    {                                                                                                        \
        if (UNLIKELY((cpu->cr4 & CR4_TSD) && cpu->cpl != 0))                                                 \
            PLAIN();                                                                                         \
        int64_t left = budget + budget_pack(in->rest_cost, in->rest_count);                                  \
        uint64_t count = cpu->deadline - (uint64_t)(left >> BUDGET_SHIFT) + cpu->msr.tsc_offset;             \
        cpu->counters.time_reads++;                                                                          \
        SET_G(0, (uint32_t)count);                                                                           \
        SET_G(2, (uint32_t)(count >> 32));                                                                   \
        FALL(v, in, EXITS(in + 1));                                                                          \
    }
READ_TIME(V32)
READ_TIME(V32L)
READ_TIME(V16)

/* Through memory: jump tables, pointers to functions. */
#define INDIRECT(v, bits, form, PUSH)                                                                        \
    static HANDLER(h_jmp_m_##v##_##form)                                                                     \
    {                                                                                                        \
        READ_OPERAND(form, uint##bits##_t);                                                                  \
        uint##bits##_t target = *host;                                                                       \
        CHECK_TARGET_##v(target);                                                                            \
        ip = target;                                                                                         \
        FIND(v);                                                                                             \
    }                                                                                                        \
    static HANDLER(h_call_m_##v##_##form)                                                                    \
    {                                                                                                        \
        READ_OPERAND(form, uint##bits##_t);                                                                  \
        uint##bits##_t target = *host;                                                                       \
        CHECK_TARGET_##v(target);                                                                            \
        PUSH((uint##bits##_t)(ip + in->next_offset));                                                        \
        ip = target;                                                                                         \
        FIND(v);                                                                                             \
    }
INDIRECT(V32, 32, FLAT, PUSH_FLAT32)
INDIRECT(V32, 32, FLATX, PUSH_FLAT32)
INDIRECT(V32L, 32, FLAT, PUSH_FLAT32)
INDIRECT(V32L, 32, FLATX, PUSH_FLAT32)
INDIRECT(V16, 16, SEG16, PUSH_SEG16)

enum kind { V32, V32L, V16, KINDS };

static handler_fn *const jcc_handlers[KINDS][16] = {CONDITION_TABLE(h_j, _V32), CONDITION_TABLE(h_j, _V32L),
                                                    CONDITION_TABLE(h_j, _V16)};

struct flow_handlers {
    handler_fn *jmp, *loop, *rdtsc, *call, *ret, *jmp_r, *call_r;
    handler_fn *jmp_m[FORM_COUNT], *call_m[FORM_COUNT];
};
#define FLOW(v)                                                                                              \
    .jmp = h_jmp_##v, .loop = h_loop_##v, .rdtsc = h_rdtsc_##v, .call = h_call_##v, .ret = h_ret_##v,        \
    .jmp_r = h_jmp_r_##v, .call_r = h_call_r_##v
static const struct flow_handlers flow[KINDS] = {
    [V32] = {FLOW(V32), .jmp_m = {[FORM_FLAT] = h_jmp_m_V32_FLAT, [FORM_FLATX] = h_jmp_m_V32_FLATX},
             .call_m = {[FORM_FLAT] = h_call_m_V32_FLAT, [FORM_FLATX] = h_call_m_V32_FLATX}},
    [V32L] = {FLOW(V32L), .jmp_m = {[FORM_FLAT] = h_jmp_m_V32L_FLAT, [FORM_FLATX] = h_jmp_m_V32L_FLATX},
              .call_m = {[FORM_FLAT] = h_call_m_V32L_FLAT, [FORM_FLATX] = h_call_m_V32L_FLATX}},
    [V16] = {FLOW(V16), .jmp_m = {[FORM_SEG16] = h_jmp_m_V16_SEG16},
             .call_m = {[FORM_SEG16] = h_call_m_V16_SEG16}},
};

/* Which kind suits a branch of 16 or 32 bits in the current mode; KINDS: none. */
static enum kind kind_of(const struct cpu *cpu, bool bits32)
{
    if (!bits32)
        return cpu->mode & MODE_CODE32 ? KINDS : V16;
    return cpu->mode & MODE_FLAT_CODE ? V32 : V32L;
}

static bool stack_suits(const struct cpu *cpu, enum kind kind)
{
    return kind == V16 ? !(cpu->mode & MODE_STACK32) : stack_is_flat32(cpu);
}

handler_fn *fast_flow_select(const struct cpu *cpu, const struct insn *in)
{
    bool bits32 = !(in->seg & INSN_OSZ16);
    enum kind kind = kind_of(cpu, bits32);
    if (kind == KINDS)
        return NULL;
    const struct flow_handlers *h = &flow[kind];
    bool stack = stack_suits(cpu, kind);
    enum fast_form form = fast_form_of(cpu, in);
    switch (in->id) {
    case ID_jcc_16:
    case ID_jcc_32:
        return jcc_handlers[kind][in->reg & 15];
    case ID_jmp_rel_16:
    case ID_jmp_rel_32:
        return h->jmp;
    case ID_loop_16:
    case ID_loop_32:
        return h->loop;
    case ID_rdtsc:
        return h->rdtsc;
    case ID_call_rel_16:
    case ID_call_rel_32:
        return stack ? h->call : NULL;
    case ID_ret_16:
    case ID_ret_32:
        return stack ? h->ret : NULL;
    case ID_jmp_rm_16:
    case ID_jmp_rm_32:
        return form == FORM_REG ? h->jmp_r : h->jmp_m[form];
    case ID_call_rm_16:
    case ID_call_rm_32:
        return !stack ? NULL : form == FORM_REG ? h->call_r : h->call_m[form];
    default:
        return NULL;
    }
}
