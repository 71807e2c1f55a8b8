/* Plain functions of arithmetic, moves and shifts for one width; included with BITS defined. */
#include "cpu/width.h"

#define OP(name)  void WIDTH_PASTE(WIDTH_PASTE(op_##name, _), BITS)(struct cpu * cpu, const struct insn *in)
#define RM_READ   NAME(rm_read)(cpu, in)
#define RM_BEGIN  NAME(rm_begin)(cpu, in)
#define RM_END(v) NAME(rm_end)(cpu, in, v)
#define REG       (*NAME(reg)(cpu, in->reg))
#define IMM       ((UINT)in->imm)

#define BINARY(op)                                                                                           \
    OP(op##_rm_r)                                                                                            \
    {                                                                                                        \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END(NAME(do_##op)(cpu, a, REG));                                                                  \
    }                                                                                                        \
    OP(op##_r_rm)                                                                                            \
    {                                                                                                        \
        UINT b = RM_READ;                                                                                    \
        REG = NAME(do_##op)(cpu, REG, b);                                                                    \
    }                                                                                                        \
    OP(op##_rm_imm)                                                                                          \
    {                                                                                                        \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END(NAME(do_##op)(cpu, a, IMM));                                                                  \
    }
BINARY(add)
BINARY(or)
BINARY(adc)
BINARY(sbb)
BINARY(and)
BINARY(sub)
BINARY(xor)
#undef BINARY

OP(cmp_rm_r)
{
    NAME(do_sub)(cpu, RM_READ, REG);
}
OP(cmp_r_rm)
{
    UINT b = RM_READ;
    NAME(do_sub)(cpu, REG, b);
}
OP(cmp_rm_imm)
{
    NAME(do_sub)(cpu, RM_READ, IMM);
}
OP(test_rm_r)
{
    NAME(do_and)(cpu, RM_READ, REG);
}
OP(test_rm_imm)
{
    NAME(do_and)(cpu, RM_READ, IMM);
}

OP(mov_rm_r)
{
    NAME(rm_write)(cpu, in, REG);
}
OP(mov_r_rm)
{
    REG = RM_READ;
}
OP(mov_rm_imm)
{
    NAME(rm_write)(cpu, in, IMM);
}
OP(xchg_rm_r)
{
    UINT a = RM_BEGIN, b = REG;
    RM_END(b);
    REG = a;
}

#define UNARY(op)                                                                                            \
    OP(op##_rm)                                                                                              \
    {                                                                                                        \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END(NAME(do_##op)(cpu, a));                                                                       \
    }
UNARY(inc)
UNARY(dec)
UNARY(neg)
#undef UNARY
OP(not_rm)
{
    UINT a = RM_BEGIN;
    RM_END((UINT)~a);
}

/* A count of 0 after masking changes nothing, but memory is still read and written (SDM volume 2, SAL). */
#define SHIFT(op)                                                                                            \
    OP(op##_rm_imm)                                                                                          \
    {                                                                                                        \
        unsigned count = in->imm & 31;                                                                       \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END(count ? NAME(do_##op)(cpu, a, count) : a);                                                    \
    }                                                                                                        \
    OP(op##_rm_cl)                                                                                           \
    {                                                                                                        \
        unsigned count = cpu->gpr[RCX].b[0] & 31;                                                            \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END(count ? NAME(do_##op)(cpu, a, count) : a);                                                    \
    }
SHIFT(rol)
SHIFT(ror)
SHIFT(rcl)
SHIFT(rcr)
SHIFT(shl)
SHIFT(shr)
SHIFT(sar)
#undef SHIFT

#if BITS != 8
OP(lea)
{
    REG = (UINT)effective_address(cpu, in);
}
OP(movzx8)
{
    REG = rm_read8(cpu, in);
}
OP(movsx8)
{
    REG = (UINT)(INT)(int8_t)rm_read8(cpu, in);
}
OP(movzx16)
{
    REG = rm_read16(cpu, in);
}
OP(movsx16)
{
    REG = (UINT)(INT)(int16_t)rm_read16(cpu, in);
}
/* The source is read even where the condition is false (SDM volume 2, CMOVcc). */
OP(cmov)
{
    UINT b = RM_READ;
    if (flags_condition(cpu, (unsigned)in->imm))
        REG = b;
}

OP(imul_r_rm)
{
    UINT b = RM_READ;
    REG = NAME(do_imul)(cpu, REG, b);
}
OP(imul_r_rm_imm)
{
    REG = NAME(do_imul)(cpu, RM_READ, IMM);
}

/* SDM volume 2, SHLD: counts past the width leave the destination undefined (16-bit only); the processors
 * shift the three words dest:src:dest. */
static inline UINT NAME(do_shld)(struct cpu *cpu, UINT a, UINT b, unsigned count)
{
    UINT r;
    uint32_t cf;
    if (BITS == 32) {
        uint64_t wide = (uint64_t)a << 32 | b;
        r = (UINT)(wide << count >> 32);
        cf = (uint32_t)(a >> (BITS - count) & 1);
    } else {
        uint64_t wide = (uint64_t)a << 32 | (uint64_t)b << 16 | a;
        r = (UINT)(wide << count >> 32);
        cf = (uint32_t)(wide << count >> 48 & 1);
    }
    flags_set_coa(cpu, (INT)r, cf | (uint32_t)((r ^ a) >> (BITS - 1) & 1) << 11);
    return r;
}
static inline UINT NAME(do_shrd)(struct cpu *cpu, UINT a, UINT b, unsigned count)
{
    UINT r;
    uint32_t cf;
    if (BITS == 32) {
        uint64_t wide = (uint64_t)b << 32 | a;
        r = (UINT)(wide >> count);
        cf = wide >> (count - 1) & 1;
    } else {
        uint64_t wide = (uint64_t)a << 32 | (uint64_t)b << 16 | a;
        r = (UINT)(wide >> count);
        cf = wide >> (count - 1) & 1;
    }
    flags_set_coa(cpu, (INT)r, cf | (uint32_t)((r ^ a) >> (BITS - 1) & 1) << 11);
    return r;
}
#define DOUBLE_SHIFT(op)                                                                                     \
    OP(op##_rm_r_imm)                                                                                        \
    {                                                                                                        \
        unsigned count = in->imm & 31;                                                                       \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END(count ? NAME(do_##op)(cpu, a, REG, count) : a);                                               \
    }                                                                                                        \
    OP(op##_rm_r_cl)                                                                                         \
    {                                                                                                        \
        unsigned count = cpu->gpr[RCX].b[0] & 31;                                                            \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END(count ? NAME(do_##op)(cpu, a, REG, count) : a);                                               \
    }
DOUBLE_SHIFT(shld)
DOUBLE_SHIFT(shrd)
#undef DOUBLE_SHIFT

/* Bit strings: with a register, the bit offset reaches far past the operand in memory (SDM volume 2, BT). */
static inline uint32_t NAME(bit_address)(struct cpu *cpu, const struct insn *in)
{
    int32_t words = (INT)REG >> (BITS == 32 ? 5 : 4);
    return (effective_address(cpu, in) + (uint32_t)words * (BITS / 8)) & address_mask(in);
}
static inline void NAME(set_bit_cf)(struct cpu *cpu, bool bit)
{
    flags_set_all(cpu, (flags_collect(cpu) & ~(uint32_t)FLAG_CF) | bit);
}
OP(bt_rm_r)
{
    UINT a = is_memory(in) ? NAME(mem_read)(cpu, operand_segment(in), NAME(bit_address)(cpu, in)) : RM_READ;
    NAME(set_bit_cf)(cpu, a >> (REG & (BITS - 1)) & 1);
}
OP(bt_rm_imm)
{
    NAME(set_bit_cf)(cpu, RM_READ >> (in->imm & (BITS - 1)) & 1);
}
#define BIT_CHANGE(op, expression)                                                                           \
    OP(op##_rm_r)                                                                                            \
    {                                                                                                        \
        UINT bit = (UINT)((UINT)1 << (REG & (BITS - 1)));                                                    \
        UINT a = is_memory(in)                                                                               \
                     ? (UINT)mem_rmw_read(cpu, operand_segment(in), NAME(bit_address)(cpu, in), BITS / 8)    \
                     : RM_READ;                                                                              \
        RM_END((UINT)(expression));                                                                          \
        NAME(set_bit_cf)(cpu, (a & bit) != 0);                                                               \
    }                                                                                                        \
    OP(op##_rm_imm)                                                                                          \
    {                                                                                                        \
        UINT bit = (UINT)((UINT)1 << (in->imm & (BITS - 1)));                                                \
        UINT a = RM_BEGIN;                                                                                   \
        RM_END((UINT)(expression));                                                                          \
        NAME(set_bit_cf)(cpu, (a & bit) != 0);                                                               \
    }
BIT_CHANGE(bts, a | bit)
BIT_CHANGE(btr, a & ~bit)
BIT_CHANGE(btc, a ^ bit)
#undef BIT_CHANGE

/* A zero source sets ZF and leaves the destination as it was, on all processors (the SDM calls it undefined).
 * The other flags are undefined: PF is that of the result, the rest is cleared. */
static inline void NAME(scan_flags)(struct cpu *cpu, UINT source, UINT result)
{
    flags_set_all(cpu, (source ? 0 : FLAG_ZF) | (__builtin_parity(result & 0xFF) && source ? 0 : FLAG_PF));
}
OP(bsf)
{
    UINT b = RM_READ;
    if (b)
        REG = (UINT)__builtin_ctz(b);
    NAME(scan_flags)(cpu, b, REG);
}
OP(bsr)
{
    UINT b = RM_READ;
    if (b)
        REG = (UINT)(31 - __builtin_clz(b));
    NAME(scan_flags)(cpu, b, REG);
}
#endif

OP(mul_rm)
{
#if BITS == 8
    uint32_t product = (uint32_t)cpu->gpr[RAX].b[0] * RM_READ;
    cpu->gpr[RAX].w = (uint16_t)product;
#else
    uint64_t product = (uint64_t)*NAME(reg)(cpu, 0) * RM_READ;
    *NAME(reg)(cpu, 0) = (UINT)product;
    *NAME(reg)(cpu, RDX * sizeof(union gpr)) = (UINT)(product >> BITS);
#endif
    flags_set_coa(cpu, (INT)product, product >> BITS ? FLAG_CF | FLAG_OF : 0);
}

OP(imul_rm)
{
#if BITS == 8
    int32_t product = (int32_t)(int8_t)cpu->gpr[RAX].b[0] * (int8_t)RM_READ;
    cpu->gpr[RAX].w = (uint16_t)product;
#else
    int64_t product = (int64_t)(INT)*NAME(reg)(cpu, 0) * (INT)RM_READ;
    *NAME(reg)(cpu, 0) = (UINT)product;
    *NAME(reg)(cpu, RDX * sizeof(union gpr)) = (UINT)((uint64_t)product >> BITS);
#endif
    flags_set_coa(cpu, (INT)product, product != (INT)product ? FLAG_CF | FLAG_OF : 0);
}

/* All flags are undefined after a division: they stay as they were. */
OP(div_rm)
{
    UINT b = RM_READ;
    if (!b)
        cpu_raise_because(cpu, EXC_DE, 0, CPU_FAULT_DIVISOR_ZERO, 0, 0);
#if BITS == 8
    uint32_t a = cpu->gpr[RAX].w;
#else
    uint64_t a = (uint64_t)*NAME(reg)(cpu, RDX * sizeof(union gpr)) << BITS | *NAME(reg)(cpu, 0);
#endif
    if (a / b > (UINT)-1)
        cpu_raise_because(cpu, EXC_DE, 0, CPU_FAULT_QUOTIENT, 0, 0);
#if BITS == 8
    cpu->gpr[RAX].w = (uint16_t)(a % b << 8 | a / b);
#else
    *NAME(reg)(cpu, 0) = (UINT)(a / b);
    *NAME(reg)(cpu, RDX * sizeof(union gpr)) = (UINT)(a % b);
#endif
}

OP(idiv_rm)
{
    INT b = (INT)RM_READ;
    if (!b)
        cpu_raise_because(cpu, EXC_DE, 0, CPU_FAULT_DIVISOR_ZERO, 0, 0);
#if BITS == 8
    int64_t a = (int16_t)cpu->gpr[RAX].w;
#elif BITS == 16
    int64_t a = (int32_t)((uint32_t)cpu->gpr[RDX].w << 16 | cpu->gpr[RAX].w);
#else
    int64_t a = (int64_t)((uint64_t)cpu->gpr[RDX].d << 32 | cpu->gpr[RAX].d);
    if (a == INT64_MIN && b == -1)
        cpu_raise_because(cpu, EXC_DE, 0, CPU_FAULT_QUOTIENT, 0, 0);
#endif
    int64_t quotient = a / b, remainder = a % b;
    if (quotient != (INT)quotient)
        cpu_raise_because(cpu, EXC_DE, 0, CPU_FAULT_QUOTIENT, 0, 0);
#if BITS == 8
    cpu->gpr[RAX].w = (uint16_t)((uint8_t)remainder << 8 | (uint8_t)quotient);
#else
    *NAME(reg)(cpu, 0) = (UINT)quotient;
    *NAME(reg)(cpu, RDX * sizeof(union gpr)) = (UINT)remainder;
#endif
}

#if BITS == 8
#define OP_PLAIN(name) void op_##name##_8(struct cpu *cpu, const struct insn *in)
#else
#define OP_PLAIN(name) OP(name)
#endif
OP_PLAIN(xadd)
{
    UINT a = RM_BEGIN, b = REG, sum = (UINT)(a + b);
    RM_END(sum);
    /* Where both are the same register the sum wins (SDM volume 2, XADD: the exchange comes first). */
    if (is_memory(in) || in->rm != in->reg)
        REG = a;
    flags_set_add(cpu, FLAG_KIND(ADD), (INT)sum, sum, a);
}
OP_PLAIN(cmpxchg)
{
    UINT a = RM_BEGIN, accumulator = *NAME(reg)(cpu, 0);
    /* Memory is written in both cases (SDM volume 2, CMPXCHG). */
    RM_END(a == accumulator ? REG : a);
    if (a != accumulator)
        *NAME(reg)(cpu, 0) = a;
    NAME(do_sub)(cpu, accumulator, a);
}
#undef OP_PLAIN

#undef OP
#undef RM_READ
#undef RM_BEGIN
#undef RM_END
#undef REG
#undef IMM
