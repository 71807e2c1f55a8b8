/* Arithmetic of one width; included with BITS defined. Each function returns the result and sets lazy flags
 * as SDM volume 2 says for the instruction of its name. What the SDM leaves undefined is noted. */
#include "cpu/width.h"

static inline UINT NAME(do_add)(struct cpu *cpu, UINT a, UINT b)
{
    UINT r = (UINT)(a + b);
    flags_set_add(cpu, FLAG_KIND(ADD), (INT)r, r, a);
    return r;
}

static inline UINT NAME(do_sub)(struct cpu *cpu, UINT a, UINT b)
{
    UINT r = (UINT)(a - b);
    flags_set_sub(cpu, FLAG_KIND(SUB), (INT)r, a, b);
    return r;
}

static inline UINT NAME(do_adc)(struct cpu *cpu, UINT a, UINT b)
{
    uint64_t wide = (uint64_t)a + b + flags_cf(cpu);
    UINT r = (UINT)wide;
    flags_set_carry(cpu, FLAG_KIND(CARRY), (INT)r, a ^ b ^ r, wide >> BITS);
    return r;
}

static inline UINT NAME(do_sbb)(struct cpu *cpu, UINT a, UINT b)
{
    uint64_t wide = (uint64_t)a - b - flags_cf(cpu);
    UINT r = (UINT)wide;
    flags_set_carry(cpu, FLAG_KIND(CARRY), (INT)r, a ^ b ^ r, wide >> 63);
    return r;
}

static inline UINT NAME(do_and)(struct cpu *cpu, UINT a, UINT b)
{
    UINT r = a & b;
    flags_set_logic(cpu, (INT)r);
    return r;
}

static inline UINT NAME(do_or)(struct cpu *cpu, UINT a, UINT b)
{
    UINT r = a | b;
    flags_set_logic(cpu, (INT)r);
    return r;
}

static inline UINT NAME(do_xor)(struct cpu *cpu, UINT a, UINT b)
{
    UINT r = a ^ b;
    flags_set_logic(cpu, (INT)r);
    return r;
}

static inline UINT NAME(do_inc)(struct cpu *cpu, UINT a)
{
    UINT r = (UINT)(a + 1);
    flags_set_keeping_cf(cpu, FLAG_KIND(INC), (INT)r);
    return r;
}

static inline UINT NAME(do_dec)(struct cpu *cpu, UINT a)
{
    UINT r = (UINT)(a - 1);
    flags_set_keeping_cf(cpu, FLAG_KIND(DEC), (INT)r);
    return r;
}

static inline UINT NAME(do_neg)(struct cpu *cpu, UINT a)
{
    return NAME(do_sub)(cpu, 0, a);
}

/* IMUL with two or three operands. CF = OF: the product does not fit. SF is defined by no manual; it, ZF, AF
 * and PF follow the low half. */
static inline UINT NAME(do_imul)(struct cpu *cpu, UINT a, UINT b)
{
    int64_t product = (int64_t)(INT)a * (INT)b;
    flags_set_coa(cpu, (INT)product, product != (INT)product ? FLAG_CF | FLAG_OF : 0);
    return (UINT)product;
}

/* --- shifts and rotates. COUNT is already masked to 5 bits, and not 0. --- */

/* Rotates leave SF, ZF, AF, PF alone. OF is defined for counts of 1; for others the processors compute it by
 * the same formula from the final result. */
static inline void NAME(rotate_flags)(struct cpu *cpu, bool cf, bool of)
{
    if (cpu->flag_kind == FLAGS_EXPLICIT)
        flags_set_all(cpu, (cpu->flag_bits & ~(uint32_t)(FLAG_CF | FLAG_OF)) | cf | (uint32_t)of << 11);
    else /* the others but AF follow from the last result */
        flags_set_coa(cpu, (int64_t)cpu->flag_res, cf | (uint32_t)flags_af(cpu) << 4 | (uint32_t)of << 11);
}

static inline UINT NAME(do_rol)(struct cpu *cpu, UINT a, unsigned count)
{
    unsigned n = count & (BITS - 1);
    UINT r = n ? (UINT)((UINT)(a << n) | (UINT)(a >> (BITS - n))) : a;
    NAME(rotate_flags)(cpu, r & 1, (r & 1) ^ (r >> (BITS - 1)));
    return r;
}

static inline UINT NAME(do_ror)(struct cpu *cpu, UINT a, unsigned count)
{
    unsigned n = count & (BITS - 1);
    UINT r = n ? (UINT)((UINT)(a >> n) | (UINT)(a << (BITS - n))) : a;
    NAME(rotate_flags)(cpu, r >> (BITS - 1), (r >> (BITS - 1)) ^ (r >> (BITS - 2) & 1));
    return r;
}

/* Through carry: a rotation of BITS + 1 bits. A count that is a multiple of that changes nothing but OF. */
static inline UINT NAME(do_rcl)(struct cpu *cpu, UINT a, unsigned count)
{
    unsigned n = BITS == 32 ? count : count % (BITS + 1);
    bool cf = flags_cf(cpu);
    UINT r = a;
    if (n) {
        uint64_t wide = (uint64_t)a | (uint64_t)cf << BITS;
        uint64_t rotated = wide << n | wide >> (BITS + 1 - n);
        r = (UINT)rotated;
        cf = rotated >> BITS & 1;
    }
    NAME(rotate_flags)(cpu, cf, cf ^ (r >> (BITS - 1)));
    return r;
}

static inline UINT NAME(do_rcr)(struct cpu *cpu, UINT a, unsigned count)
{
    unsigned n = BITS == 32 ? count : count % (BITS + 1);
    bool cf = flags_cf(cpu);
    UINT r = a;
    if (n) {
        uint64_t wide = (uint64_t)a | (uint64_t)cf << BITS;
        uint64_t rotated = wide >> n | wide << (BITS + 1 - n);
        r = (UINT)rotated;
        cf = rotated >> BITS & 1;
    }
    NAME(rotate_flags)(cpu, cf, (r >> (BITS - 1)) ^ (r >> (BITS - 2) & 1));
    return r;
}

/* Shifts: AF is undefined and cleared; OF is defined for counts of 1 and computed alike for others; CF of
 * counts past the width is that of a shift of a wider operand (0, or the sign for SAR). */
static inline UINT NAME(do_shl)(struct cpu *cpu, UINT a, unsigned count)
{
    uint64_t wide = (uint64_t)a << count;
    UINT r = (UINT)wide;
    uint32_t cf = wide >> BITS & 1;
    flags_set_coa(cpu, (INT)r, cf | (cf ^ (uint32_t)(r >> (BITS - 1))) << 11);
    return r;
}

static inline UINT NAME(do_shr)(struct cpu *cpu, UINT a, unsigned count)
{
    UINT r = (UINT)((uint64_t)a >> count);
    uint32_t cf = (uint64_t)a >> (count - 1) & 1;
    /* For a count of 1 this is the sign of the operand. */
    uint32_t of = (uint32_t)((r >> (BITS - 1) ^ r >> (BITS - 2)) & 1);
    flags_set_coa(cpu, (INT)r, cf | of << 11);
    return r;
}

static inline UINT NAME(do_sar)(struct cpu *cpu, UINT a, unsigned count)
{
    int64_t wide = (INT)a;
    UINT r = (UINT)(wide >> count);
    flags_set_coa(cpu, (INT)r, (uint32_t)(wide >> (count - 1) & 1));
    return r;
}
