/* Lazy arithmetic flags: written by storing operands, worked out when someone looks.
 * What each instruction does to them: SDM volume 1, appendix A. */
#ifndef TICK86_CPU_FLAGS_H
#define TICK86_CPU_FLAGS_H

#include "cpu/cpu_private.h"

static inline void flags_set(struct cpu *cpu, enum flag_kind kind, int64_t result, uint64_t source)
{
    cpu->flag_kind = kind;
    cpu->flag_res = (uint64_t)result;
    cpu->flag_src = source;
}

/* CF, OF and AF given at their EFLAGS positions. */
static inline void flags_set_coa(struct cpu *cpu, int64_t result, uint32_t coa)
{
    flags_set(cpu, FLAGS_COA, result, coa);
}

/* AND, OR, XOR, TEST: CF = OF = 0, AF undefined and cleared. */
static inline void flags_set_logic(struct cpu *cpu, int64_t result)
{
    flags_set(cpu, FLAGS_COA, result, 0);
}

static inline void flags_set_all(struct cpu *cpu, uint32_t flags)
{
    cpu->flag_kind = FLAGS_EXPLICIT;
    cpu->flag_src = flags & FLAGS_ARITH;
}

static inline bool flags_zf(const struct cpu *cpu)
{
    return UNLIKELY(cpu->flag_kind == FLAGS_EXPLICIT) ? cpu->flag_src >> 6 & 1 : cpu->flag_res == 0;
}

static inline bool flags_sf(const struct cpu *cpu)
{
    return UNLIKELY(cpu->flag_kind == FLAGS_EXPLICIT) ? cpu->flag_src >> 7 & 1 : (int64_t)cpu->flag_res < 0;
}

static inline bool flags_pf(const struct cpu *cpu)
{
    return UNLIKELY(cpu->flag_kind == FLAGS_EXPLICIT) ? cpu->flag_src >> 2 & 1
                                                      : !__builtin_parity(cpu->flag_res & 0xFF);
}

static inline bool flags_cf(const struct cpu *cpu)
{
    uint64_t res = cpu->flag_res, src = cpu->flag_src;
    switch (cpu->flag_kind) {
    case FLAGS_ADD8:
        return (uint8_t)res < (uint8_t)src;
    case FLAGS_ADD16:
        return (uint16_t)res < (uint16_t)src;
    case FLAGS_ADD32:
        return (uint32_t)res < (uint32_t)src;
    case FLAGS_ADD64:
        return res < src;
    case FLAGS_SUB8:
        return (uint8_t)src < (uint8_t)(src - res);
    case FLAGS_SUB16:
        return (uint16_t)src < (uint16_t)(src - res);
    case FLAGS_SUB32:
        return (uint32_t)src < (uint32_t)(src - res);
    case FLAGS_SUB64:
        return src < src - res;
    default: /* explicit, COA, INC and DEC keep it in bit 0 */
        return src & 1;
    }
}

static inline unsigned flags_kind_bits(unsigned kind)
{
    return 8u << ((kind - FLAGS_ADD8) & 3);
}

static inline bool flags_of(const struct cpu *cpu)
{
    uint64_t res = cpu->flag_res, src = cpu->flag_src;
    unsigned kind = cpu->flag_kind;
    if (kind <= FLAGS_COA)
        return src >> 11 & 1;
    unsigned top = flags_kind_bits(kind) - 1;
    if (kind <= FLAGS_ADD64)
        return ((res ^ src) & (res ^ (res - src))) >> top & 1;
    if (kind <= FLAGS_SUB64)
        return ((src ^ (src - res)) & (src ^ res)) >> top & 1;
    uint64_t mask = top == 63 ? UINT64_MAX : (1ull << (top + 1)) - 1, sign = 1ull << top;
    if (kind <= FLAGS_INC64)
        return (res & mask) == sign;
    return (res & mask) == sign - 1;
}

static inline bool flags_af(const struct cpu *cpu)
{
    uint64_t res = cpu->flag_res, src = cpu->flag_src;
    unsigned kind = cpu->flag_kind;
    if (kind <= FLAGS_COA)
        return src >> 4 & 1;
    if (kind <= FLAGS_ADD64)
        return (res ^ src ^ (res - src)) >> 4 & 1;
    if (kind <= FLAGS_SUB64)
        return (res ^ src ^ (src - res)) >> 4 & 1;
    if (kind <= FLAGS_INC64)
        return (res & 15) == 0;
    return (res & 15) == 15;
}

/* All six at their EFLAGS positions. */
static inline uint32_t flags_collect(const struct cpu *cpu)
{
    if (cpu->flag_kind == FLAGS_EXPLICIT)
        return (uint32_t)cpu->flag_src;
    return (uint32_t)(flags_cf(cpu) | flags_pf(cpu) << 2 | flags_af(cpu) << 4 | flags_zf(cpu) << 6 | flags_sf(cpu) << 7 |
                      flags_of(cpu) << 11);
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
