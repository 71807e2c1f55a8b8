/* Lazy arithmetic flags: written by storing operands, worked out when someone looks.
 * What each instruction does to them: SDM volume 1, appendix A. */
#ifndef TICK86_CPU_FLAGS_H
#define TICK86_CPU_FLAGS_H

#include "cpu/cpu_private.h"

/* R = A + B. RESULT is R sign-extended, R and A zero-extended. */
static inline void flags_set_add(struct cpu *cpu, enum flag_kind kind, int64_t result, uint64_t r, uint64_t a)
{
    cpu->flag_kind = kind;
    cpu->flag_res = (uint64_t)result;
    cpu->flag_a = r;
    cpu->flag_b = a;
}

/* RESULT = A - B. A and B zero-extended. */
static inline void flags_set_sub(struct cpu *cpu, enum flag_kind kind, int64_t result, uint64_t a, uint64_t b)
{
    cpu->flag_kind = kind;
    cpu->flag_res = (uint64_t)result;
    cpu->flag_a = a;
    cpu->flag_b = b;
}

/* INC and DEC: CF stays. */
static inline void flags_set_keeping_cf(struct cpu *cpu, enum flag_kind kind, int64_t result)
{
    cpu->flag_kind = kind;
    cpu->flag_res = (uint64_t)result;
}

/* CF, OF and AF given at their EFLAGS positions. */
static inline void flags_set_coa(struct cpu *cpu, int64_t result, uint32_t coa)
{
    cpu->flag_kind = FLAGS_COA;
    cpu->flag_bits = coa;
    cpu->flag_res = (uint64_t)result;
    cpu->flag_a = 0;
    cpu->flag_b = coa & FLAG_CF;
}

/* R = A + B + carry, or A - B - borrow: A ^ B ^ R is what came into each bit, OUT what left the highest. */
static inline void flags_set_carry(struct cpu *cpu, enum flag_kind kind, int64_t result, uint32_t into,
                                   bool out)
{
    cpu->flag_kind = kind;
    cpu->flag_bits = into;
    cpu->flag_res = (uint64_t)result;
    cpu->flag_a = 0;
    cpu->flag_b = out;
}

/* AND, OR, XOR, TEST: CF = OF = 0, AF undefined and cleared. */
static inline void flags_set_logic(struct cpu *cpu, int64_t result)
{
    flags_set_coa(cpu, result, 0);
}

static inline void flags_set_all(struct cpu *cpu, uint32_t flags)
{
    cpu->flag_kind = FLAGS_EXPLICIT;
    cpu->flag_bits = flags & FLAGS_ARITH;
    cpu->flag_a = 0;
    cpu->flag_b = flags & FLAG_CF;
}

static inline bool flags_cf(const struct cpu *cpu)
{
    return cpu->flag_a < cpu->flag_b;
}

static inline bool flags_zf(const struct cpu *cpu)
{
    return UNLIKELY(cpu->flag_kind == FLAGS_EXPLICIT) ? cpu->flag_bits >> 6 & 1 : cpu->flag_res == 0;
}

static inline bool flags_sf(const struct cpu *cpu)
{
    return UNLIKELY(cpu->flag_kind == FLAGS_EXPLICIT) ? cpu->flag_bits >> 7 & 1 : (int64_t)cpu->flag_res < 0;
}

static inline bool flags_pf(const struct cpu *cpu)
{
    return UNLIKELY(cpu->flag_kind == FLAGS_EXPLICIT) ? cpu->flag_bits >> 2 & 1
                                                      : !__builtin_parity(cpu->flag_res & 0xFF);
}

static inline unsigned flags_kind_bits(unsigned kind)
{
    return 8u << ((kind - FLAGS_ADD8) & 3);
}

static inline bool flags_of(const struct cpu *cpu)
{
    uint64_t res = cpu->flag_res, a = cpu->flag_a, b = cpu->flag_b;
    unsigned kind = cpu->flag_kind;
    if (kind <= FLAGS_COA)
        return cpu->flag_bits >> 11 & 1;
    unsigned top = flags_kind_bits(kind) - 1;
    if (kind <= FLAGS_ADD64) /* a is the result, b the first operand */
        return ((a ^ b) & (a ^ (a - b))) >> top & 1;
    if (kind <= FLAGS_SUB64)
        return ((a ^ b) & (a ^ res)) >> top & 1;
    if (kind >= FLAGS_CARRY8)
        return (cpu->flag_bits >> top ^ flags_cf(cpu)) & 1;
    uint64_t mask = top == 63 ? UINT64_MAX : (1ull << (top + 1)) - 1, sign = 1ull << top;
    return (res & mask) == (kind <= FLAGS_INC64 ? sign : sign - 1);
}

static inline bool flags_af(const struct cpu *cpu)
{
    uint64_t res = cpu->flag_res, a = cpu->flag_a, b = cpu->flag_b;
    unsigned kind = cpu->flag_kind;
    if (kind <= FLAGS_COA)
        return cpu->flag_bits >> 4 & 1;
    if (kind <= FLAGS_ADD64)
        return (a ^ b ^ (a - b)) >> 4 & 1;
    if (kind <= FLAGS_SUB64)
        return (a ^ b ^ res) >> 4 & 1;
    if (kind >= FLAGS_CARRY8)
        return cpu->flag_bits >> 4 & 1;
    return (res & 15) == (kind <= FLAGS_INC64 ? 0 : 15);
}

/* All six at their EFLAGS positions. */
static inline uint32_t flags_collect(const struct cpu *cpu)
{
    if (cpu->flag_kind == FLAGS_EXPLICIT)
        return cpu->flag_bits;
    return (uint32_t)(flags_cf(cpu) | flags_pf(cpu) << 2 | flags_af(cpu) << 4 | flags_zf(cpu) << 6 |
                      flags_sf(cpu) << 7 | flags_of(cpu) << 11);
}

/* Condition codes, SDM volume 2, appendix B.1.4. */
static inline bool flags_condition(const struct cpu *cpu, unsigned code)
{
    bool value = false;
    switch (code >> 1) {
    case 0:
        value = flags_of(cpu);
        break;
    case 1:
        value = flags_cf(cpu);
        break;
    case 2:
        value = flags_zf(cpu);
        break;
    case 3:
        value = flags_cf(cpu) || flags_zf(cpu);
        break;
    case 4:
        value = flags_sf(cpu);
        break;
    case 5:
        value = flags_pf(cpu);
        break;
    case 6:
        value = flags_sf(cpu) != flags_of(cpu);
        break;
    case 7:
        value = flags_zf(cpu) || flags_sf(cpu) != flags_of(cpu);
        break;
    }
    return value ^ (code & 1);
}

#endif
