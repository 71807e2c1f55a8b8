/* Fast handlers: neighbours that compilers put together, as one.
 *
 * Two-address code copies a register and then changes the copy; functions push and pop registers in a row,
 * fetch an argument before a call, and test what they have just loaded. Only the first record's own access
 * may go the plain way, and then nothing has been done yet; a call behind a move has a record of its own for
 * it. */
#include "cpu/alu.h"
#include "cpu/fast_flow.h"
#include "cpu/fast_regs.h"
#include "cpu/fast_stack.h"

#define BITS 32
#include "cpu/width.h"

typedef uint32_t __attribute__((aligned(1))) unaligned32; /* guests align as they like */

/* --- MOV copy,source; OP copy,... whose flags nobody sees --- */

#define OP_shl(a) ((a) << (in[1].imm & 31))
#define OP_shr(a) ((a) >> (in[1].imm & 31))
#define OP_sar(a) ((uint32_t)((int32_t)(a) >> (in[1].imm & 31)))
#define OP_add(a) ((a) + (uint32_t)in[1].imm)
#define OP_or(a)  ((a) | (uint32_t)in[1].imm)
#define OP_and(a) ((a) & (uint32_t)in[1].imm)
#define OP_sub(a) ((a) - (uint32_t)in[1].imm)
#define OP_xor(a) ((a) ^ (uint32_t)in[1].imm)
#define COPY(source, copy, op)                                                                               \
    static HANDLER(c_##op##_##copy##_##source)                                                               \
    {                                                                                                        \
        uint32_t value = G(source);                                                                          \
        SET_G(copy, OP_##op(value));                                                                         \
        GO(in + 2);                                                                                          \
    }
#define COPY_ROW(copy, op) FOR_EACH_REG_2(COPY, copy, op)
FOR_EACH_REG(COPY_ROW, shl)
FOR_EACH_REG(COPY_ROW, shr)
FOR_EACH_REG(COPY_ROW, sar)
FOR_EACH_REG(COPY_ROW, add)
FOR_EACH_REG(COPY_ROW, or)
FOR_EACH_REG(COPY_ROW, and)
FOR_EACH_REG(COPY_ROW, sub)
FOR_EACH_REG(COPY_ROW, xor)

/* The other operand is a register too, which is not the copy. */
#define COPY_WITH(source, copy, op)                                                                          \
    static HANDLER(r_##op##_##copy##_##source)                                                               \
    {                                                                                                        \
        uint32_t value = G(source), with = R32(in[1].reg);                                                   \
        SET_G(copy, N_##op(value, with));                                                                    \
        GO(in + 2);                                                                                          \
    }
#define COPY_WITH_ROW(copy, op) FOR_EACH_REG_2(COPY_WITH, copy, op)
FOR_EACH_REG(COPY_WITH_ROW, add)
FOR_EACH_REG(COPY_WITH_ROW, or)
FOR_EACH_REG(COPY_WITH_ROW, and)
FOR_EACH_REG(COPY_WITH_ROW, sub)
FOR_EACH_REG(COPY_WITH_ROW, xor)

/* --- MOV copy,source; SHL or SHR copy,n; OP source,copy (named into_) or OP copy,source (from_): mixing, and
 * products with 2^n + 1 and 2^n - 1. The flags of the last one may be seen (_f). --- */

#define LAST_f(op, a, b) do_##op##32(cpu, a, b)
#define LAST_n(op, a, b) N_##op(a, b)
#define MIX(source, copy, shift, op, v)                                                                      \
    static HANDLER(into_##shift##_##op##_##v##_##copy##_##source)                                            \
    {                                                                                                        \
        uint32_t value = G(source), shifted = OP_##shift(value);                                             \
        SET_G(copy, shifted);                                                                                \
        SET_G(source, LAST_##v(op, value, shifted));                                                         \
        GO(in + 3);                                                                                          \
    }                                                                                                        \
    static HANDLER(from_##shift##_##op##_##v##_##copy##_##source)                                            \
    {                                                                                                        \
        uint32_t value = G(source), shifted = OP_##shift(value);                                             \
        SET_G(copy, LAST_##v(op, shifted, value));                                                           \
        GO(in + 3);                                                                                          \
    }
#define MIX_ROW(copy, shift, op, v) FOR_EACH_REG_2(MIX, copy, shift, op, v)
#define MIX_BY(shift)                                                                                        \
    FOR_EACH_REG(MIX_ROW, shift, add, f)                                                                     \
    FOR_EACH_REG(MIX_ROW, shift, add, n)                                                                     \
    FOR_EACH_REG(MIX_ROW, shift, sub, f)                                                                     \
    FOR_EACH_REG(MIX_ROW, shift, sub, n)                                                                     \
    FOR_EACH_REG(MIX_ROW, shift, xor, f)                                                                     \
    FOR_EACH_REG(MIX_ROW, shift, xor, n)
MIX_BY(shl)
MIX_BY(shr)

/* --- flat 32-bit stacks: two pushes, two pops, none of ESP --- */

/* One look at the page for both; each has an access of its own, as large as what reads or wrote it. */
#define PAIR_ON_STACK(address, right)                                                                        \
    uint32_t at = (address);                                                                                 \
    HOST_OF(uint64_t, at, right);                                                                            \
    unaligned32 *word = (unaligned32 *)(uintptr_t)host
#define PAIR(second, first, unused)                                                                          \
    static HANDLER(push_##first##_##second)                                                                  \
    {                                                                                                        \
        PAIR_ON_STACK(G(4) - 8, write);                                                                      \
        word[1] = G(first);                                                                                  \
        word[0] = G(second);                                                                                 \
        SET_G(4, at);                                                                                        \
        GO(in + 2);                                                                                          \
    }                                                                                                        \
    static HANDLER(pop_##first##_##second)                                                                   \
    {                                                                                                        \
        PAIR_ON_STACK(G(4), read);                                                                           \
        uint32_t low = word[0], high = word[1];                                                              \
        SET_G(4, at + 8);                                                                                    \
        SET_G(first, low);                                                                                   \
        SET_G(second, high);                                                                                 \
        GO(in + 2);                                                                                          \
    }
#define PAIR_ROW(first, unused) FOR_EACH_REG_2(PAIR, first, unused)
FOR_EACH_REG(PAIR_ROW, 0)

/* --- and, in 32-bit code without a limit, with a call or return behind them --- */

#define CALL_PUSHED(first, unused)                                                                           \
    static HANDLER(push_call_##first)                                                                        \
    {                                                                                                        \
        PAIR_ON_STACK(G(4) - 8, write);                                                                      \
        word[1] = G(first);                                                                                  \
        word[0] = (uint32_t)(ip + in[1].next_offset);                                                        \
        SET_G(4, at);                                                                                        \
        TAKE(V32, EXITS(in + 2));                                                                            \
    }                                                                                                        \
    static HANDLER(pop_ret_##first)                                                                          \
    {                                                                                                        \
        PAIR_ON_STACK(G(4), read);                                                                           \
        uint32_t low = word[0];                                                                              \
        ip = word[1];                                                                                        \
        SET_G(4, at + 8 + (uint16_t)in[1].imm);                                                              \
        SET_G(first, low);                                                                                   \
        FIND(V32);                                                                                           \
    }
FOR_EACH_REG(CALL_PUSHED, 0)

/* MOV register,...; CALL. */
#define CALL_BEHIND(argument, value)                                                                         \
    do {                                                                                                     \
        SET_G(argument, value);                                                                              \
        uint32_t sp = G(4) - 4;                                                                              \
        const struct tlb_entry *entry = TLB_SLOT(sp);                                                        \
        if (UNLIKELY(sp - entry->write > PAGE_BYTES - sizeof(uint32_t)))                                     \
            GO_TO(cpu->go_plain, in + 1);                                                                    \
        *(unaligned32 *)(uintptr_t)(sp + entry->addend) = (uint32_t)(ip + in[1].next_offset);                \
        SET_G(4, sp);                                                                                        \
        TAKE(V32, EXITS(in + 2));                                                                            \
    } while (0)
#define CALL_MOVED(source, argument, unused)                                                                 \
    static HANDLER(call_##argument##_##source)                                                               \
    {                                                                                                        \
        CALL_BEHIND(argument, G(source));                                                                    \
    }
#define CALL_MOVED_ROW(argument, unused) FOR_EACH_REG_2(CALL_MOVED, argument, unused)
FOR_EACH_REG(CALL_MOVED_ROW, 0)
#define CALL_SET(argument, unused)                                                                           \
    static HANDLER(call_set_##argument)                                                                      \
    {                                                                                                        \
        CALL_BEHIND(argument, (uint32_t)in->imm);                                                            \
    }
FOR_EACH_REG(CALL_SET, 0)

/* --- MOV register,[base + disp]; TEST register,register; Jcc --- */

#define LOAD_TEST(cc, base, reg)                                                                             \
    static HANDLER(load_test_##reg##_##base##_##cc)                                                          \
    {                                                                                                        \
        uint32_t linear = G(base) + (uint32_t)in->disp;                                                      \
        HOST_OF(uint32_t, linear, read);                                                                     \
        int32_t r_ = (int32_t)*host;                                                                         \
        SET_G(reg, (uint32_t)r_);                                                                            \
        flags_set_logic(cpu, r_);                                                                            \
        const struct block_exits *exits = EXITS(in + 3);                                                     \
        if (AFTER_AND_##cc)                                                                                  \
            TAKE(V32, exits);                                                                                \
        FALL(V32, in + 2, exits);                                                                            \
    }
#define LOAD_TEST_BY(base, reg)                                                                              \
    LOAD_TEST(Z, base, reg)                                                                                  \
    LOAD_TEST(NZ, base, reg)                                                                                 \
    LOAD_TEST(S, base, reg) LOAD_TEST(NS, base, reg) LOAD_TEST(LE, base, reg) LOAD_TEST(NLE, base, reg)
#define LOAD_TEST_ROW(reg, unused) FOR_EACH_REG_2(LOAD_TEST_BY, reg)
FOR_EACH_REG(LOAD_TEST_ROW, 0)

/* --- tables --- */

typedef handler_fn *const table_64[8][8];
typedef handler_fn *const table_8[8];

static table_64 copy_imm[8] = {TABLE_OF_64(c_add_), TABLE_OF_64(c_or_),  TABLE_OF_64(c_and_),
                               TABLE_OF_64(c_sub_), TABLE_OF_64(c_xor_), TABLE_OF_64(c_shl_),
                               TABLE_OF_64(c_shr_), TABLE_OF_64(c_sar_)};
static table_64 copy_reg[5] = {TABLE_OF_64(r_add_), TABLE_OF_64(r_or_), TABLE_OF_64(r_and_),
                               TABLE_OF_64(r_sub_), TABLE_OF_64(r_xor_)};
/* [SHL, SHR][ADD, SUB, XOR][flags are dead][copy][source] */
#define MIX_TABLE(name)                                                                                      \
    {                                                                                                        \
        TABLE_OF_64(name##_f_), TABLE_OF_64(name##_n_)                                                       \
    }
#define MIX_TABLES(way)                                                                                      \
    {                                                                                                        \
        {MIX_TABLE(way##_shl_add), MIX_TABLE(way##_shl_sub), MIX_TABLE(way##_shl_xor)},                      \
        {                                                                                                    \
            MIX_TABLE(way##_shr_add), MIX_TABLE(way##_shr_sub), MIX_TABLE(way##_shr_xor)                     \
        }                                                                                                    \
    }
static table_64 mix_into[2][3][2] = MIX_TABLES(into);
static table_64 mix_from[2][3][2] = MIX_TABLES(from);
static table_64 pushes = TABLE_OF_64(push_);
static table_64 pops = TABLE_OF_64(pop_);
static table_8 push_call = ROW_OF_8(push_call_, );
static table_8 pop_ret = ROW_OF_8(pop_ret_, );
static table_64 call_moved = TABLE_OF_64(call_);
static table_8 call_set = ROW_OF_8(call_set_, );
#define LOAD_TEST_CELL(name)                                                                                 \
    {                                                                                                        \
        [CC_Z] = name##Z, [CC_NZ] = name##NZ, [CC_S] = name##S, [CC_NS] = name##NS, [CC_LE] = name##LE,      \
        [CC_NLE] = name##NLE                                                                                 \
    }
#define LOAD_TEST_CELLS(reg, unused)                                                                         \
    {LOAD_TEST_CELL(load_test_##reg##_0_), LOAD_TEST_CELL(load_test_##reg##_1_),                             \
     LOAD_TEST_CELL(load_test_##reg##_2_), LOAD_TEST_CELL(load_test_##reg##_3_),                             \
     LOAD_TEST_CELL(load_test_##reg##_4_), LOAD_TEST_CELL(load_test_##reg##_5_),                             \
     LOAD_TEST_CELL(load_test_##reg##_6_), LOAD_TEST_CELL(load_test_##reg##_7_)},
static handler_fn *const load_test[8][8][16] = {FOR_EACH_REG(LOAD_TEST_CELLS, 0)};

/* --- which --- */

/* OP register,immediate as an index of copy_imm; -1: none of them. */
static int immediate_of(const struct insn *in)
{
    switch (in->id) {
    case ID_add_rm_imm_32:
        return 0;
    case ID_or_rm_imm_32:
        return 1;
    case ID_and_rm_imm_32:
        return 2;
    case ID_sub_rm_imm_32:
        return 3;
    case ID_xor_rm_imm_32:
        return 4;
    case ID_shl_rm_imm_32:
        return in->imm & 31 ? 5 : -1;
    case ID_shr_rm_imm_32:
        return in->imm & 31 ? 6 : -1;
    case ID_sar_rm_imm_32:
        return in->imm & 31 ? 7 : -1;
    default:
        return -1;
    }
}

/* OP rm,reg as an index of copy_reg. */
static int register_of(const struct insn *in)
{
    switch (in->id) {
    case ID_add_rm_r_32:
        return 0;
    case ID_or_rm_r_32:
        return 1;
    case ID_and_rm_r_32:
        return 2;
    case ID_sub_rm_r_32:
        return 3;
    case ID_xor_rm_r_32:
        return 4;
    default:
        return -1;
    }
}

static handler_fn *select_mix(const struct insn *last, unsigned shift, bool dead, unsigned copy,
                              unsigned source)
{
    static const int8_t row[5] = {0, -1, -1, 1, 2};
    int op = last->ea & INSN_MEM ? -1 : register_of(last);
    if (op < 0 || row[op] < 0 || copy == source)
        return NULL;
    unsigned to = reg_number(last->rm), with = reg_number(last->reg);
    if (to == source && with == copy)
        return mix_into[shift][row[op]][dead][copy][source];
    return to == copy && with == source ? mix_from[shift][row[op]][dead][copy][source] : NULL;
}

/* What begins with MOV copy,source. */
static handler_fn *select_copy(const struct insn *in, const bool *dead, unsigned following, unsigned copy,
                               unsigned source)
{
    if ((in[1].ea & INSN_MEM) || !dead[1] || reg_number(in[1].rm) != copy)
        return NULL;
    int op = immediate_of(&in[1]);
    if (following >= 2 && (op == 5 || op == 6)) {
        handler_fn *mix = select_mix(&in[2], (unsigned)op - 5, dead[2], copy, source);
        if (mix)
            return mix;
    }
    if (op >= 0)
        return copy_imm[op][copy][source];
    op = register_of(&in[1]);
    return op >= 0 && reg_number(in[1].reg) != copy ? copy_reg[op][copy][source] : NULL;
}

static bool is_call(const struct cpu *cpu, const struct insn *in)
{
    return in->id == ID_call_rel_32 && (cpu->mode & MODE_FLAT_CODE) && stack_is_flat32(cpu);
}

static handler_fn *select_stack(const struct cpu *cpu, const struct insn *in)
{
    unsigned first = reg_number(in->rm), second = reg_number(in[1].rm);
    bool again = in[1].id == in->id && !(in[1].ea & INSN_MEM) && second != RSP;
    if (first == RSP || !stack_is_flat32(cpu))
        return NULL;
    if (in->id == ID_push_rm_32)
        return again ? pushes[first][second] : is_call(cpu, &in[1]) ? push_call[first] : NULL;
    bool returns = in[1].id == ID_ret_32 && (cpu->mode & MODE_FLAT_CODE);
    return again ? pops[first][second] : returns ? pop_ret[first] : NULL;
}

static handler_fn *select_load(const struct cpu *cpu, const struct insn *in, unsigned following)
{
    unsigned reg = in->reg, base = reg_number(in->base);
    if (following < 2 || fast_form_of(cpu, in) != FORM_FLAT || base == REG_ZERO ||
        in[1].id != ID_test_rm_r_32 || (in[1].ea & INSN_MEM) || in[1].rm != reg || in[1].reg != reg ||
        in[2].id != ID_jcc_32 || !(cpu->mode & MODE_FLAT_CODE))
        return NULL;
    return load_test[reg_number(reg)][base][in[2].reg & 15];
}

handler_fn *fast_pairs_select(const struct cpu *cpu, const struct insn *in, const bool *dead,
                              unsigned following)
{
    if (!following)
        return NULL;
    if (in->ea & INSN_MEM)
        return in->id == ID_mov_r_rm_32 ? select_load(cpu, in, following) : NULL;
    unsigned rm = reg_number(in->rm), reg = reg_number(in->reg);
    switch (in->id) {
    case ID_mov_rm_r_32:
        break;
    case ID_mov_r_rm_32:
        rm = reg_number(in->reg);
        reg = reg_number(in->rm);
        break;
    case ID_mov_rm_imm_32:
        return is_call(cpu, &in[1]) && rm != RSP ? call_set[rm] : NULL;
    case ID_push_rm_32:
    case ID_pop_rm_32:
        return select_stack(cpu, in);
    default:
        return NULL;
    }
    if (is_call(cpu, &in[1]))
        return rm != RSP ? call_moved[rm][reg] : NULL;
    return select_copy(in, dead, following, rm, reg);
}
