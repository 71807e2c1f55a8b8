/* Plain functions: moves, arithmetic, logic, shifts, bits. SDM volume 2 for each. */
#include "cpu/alu.h"
#include "cpu/operand.h"

#define BITS 8
#include "cpu/ops_alu_width.h"
#undef BITS
#define BITS 16
#include "cpu/ops_alu_width.h"
#undef BITS
#define BITS 32
#include "cpu/ops_alu_width.h"
#undef BITS

void op_nop(struct cpu *cpu, const struct insn *in)
{
    (void)cpu;
    (void)in;
}

void op_nop_rm(struct cpu *cpu, const struct insn *in)
{
    (void)cpu;
    (void)in;
}

void op_pause(struct cpu *cpu, const struct insn *in)
{
    (void)cpu;
    (void)in;
}

/* A 16-bit operand gives an undefined result: 0, as the 486 and later do. */
void op_bswap_16(struct cpu *cpu, const struct insn *in)
{
    *reg16(cpu, in->rm) = 0;
}

void op_bswap_32(struct cpu *cpu, const struct insn *in)
{
    *reg32(cpu, in->rm) = __builtin_bswap32(*reg32(cpu, in->rm));
}

void op_setcc(struct cpu *cpu, const struct insn *in)
{
    rm_write8(cpu, in, flags_condition(cpu, (unsigned)in->imm));
}

void op_xlat(struct cpu *cpu, const struct insn *in)
{
    uint32_t offset = (cpu->gpr[RBX].d + cpu->gpr[RAX].b[0]) & address_mask(in);
    cpu->gpr[RAX].b[0] = mem_read8(cpu, operand_segment(in), offset);
}

void op_lahf(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->gpr[RAX].b[1] = (uint8_t)(flags_collect(cpu) | FLAG_1);
}

void op_sahf(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    flags_set_all(cpu, (flags_collect(cpu) & FLAG_OF) | (cpu->gpr[RAX].b[1] & (FLAGS_ARITH & 0xFF)));
}

void op_salc(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->gpr[RAX].b[0] = flags_cf(cpu) ? 0xFF : 0;
}

void op_cbw_16(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->gpr[RAX].w = (uint16_t)(int8_t)cpu->gpr[RAX].b[0];
}

void op_cbw_32(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->gpr[RAX].d = (uint32_t)(int16_t)cpu->gpr[RAX].w;
}

void op_cwd_16(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->gpr[RDX].w = (uint16_t)((int16_t)cpu->gpr[RAX].w >> 15);
}

void op_cwd_32(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->gpr[RDX].d = (uint32_t)((int32_t)cpu->gpr[RAX].d >> 31);
}

/* SDM volume 2, CMPXCHG8B: ZF alone changes; memory is written in both cases. */
void op_cmpxchg8b(struct cpu *cpu, const struct insn *in)
{
    uint64_t a = mem_rmw_read(cpu, operand_segment(in), effective_address(cpu, in), 8);
    uint64_t expected = (uint64_t)cpu->gpr[RDX].d << 32 | cpu->gpr[RAX].d;
    bool equal = a == expected;
    mem_rmw_write(cpu, equal ? (uint64_t)cpu->gpr[RCX].d << 32 | cpu->gpr[RBX].d : a, 8);
    if (!equal) {
        cpu->gpr[RAX].d = (uint32_t)a;
        cpu->gpr[RDX].d = (uint32_t)(a >> 32);
    }
    flags_set_all(cpu, (flags_collect(cpu) & ~(uint32_t)FLAG_ZF) | (equal ? FLAG_ZF : 0));
}

/* Decimal adjustments, SDM volume 2. OF is undefined and cleared. */
void op_daa(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    uint8_t old = cpu->gpr[RAX].b[0], al = old;
    bool cf = flags_cf(cpu), carry = false, af = flags_af(cpu);
    if ((old & 15) > 9 || af) {
        carry = cf || al > 0xF9;
        al = (uint8_t)(al + 6);
        af = true;
    } else {
        af = false;
    }
    if (old > 0x99 || cf) {
        al = (uint8_t)(al + 0x60);
        carry = true;
    }
    cpu->gpr[RAX].b[0] = al;
    flags_set_coa(cpu, (int8_t)al, carry | (uint32_t)af << 4);
}

void op_das(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    uint8_t old = cpu->gpr[RAX].b[0], al = old;
    bool cf = flags_cf(cpu), carry = false, af = flags_af(cpu);
    if ((old & 15) > 9 || af) {
        carry = cf || al < 6;
        al = (uint8_t)(al - 6);
        af = true;
    } else {
        af = false;
    }
    if (old > 0x99 || cf) {
        al = (uint8_t)(al - 0x60);
        carry = true;
    }
    cpu->gpr[RAX].b[0] = al;
    flags_set_coa(cpu, (int8_t)al, carry | (uint32_t)af << 4);
}

/* OF, SF, ZF and PF are undefined: they follow AL. */
void op_aaa(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    bool adjust = (cpu->gpr[RAX].b[0] & 15) > 9 || flags_af(cpu);
    if (adjust)
        cpu->gpr[RAX].w = (uint16_t)(cpu->gpr[RAX].w + 0x106);
    cpu->gpr[RAX].b[0] &= 15;
    flags_set_coa(cpu, (int8_t)cpu->gpr[RAX].b[0], adjust ? FLAG_CF | FLAG_AF : 0);
}

void op_aas(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    bool adjust = (cpu->gpr[RAX].b[0] & 15) > 9 || flags_af(cpu);
    if (adjust)
        cpu->gpr[RAX].w = (uint16_t)(cpu->gpr[RAX].w - 0x106);
    cpu->gpr[RAX].b[0] &= 15;
    flags_set_coa(cpu, (int8_t)cpu->gpr[RAX].b[0], adjust ? FLAG_CF | FLAG_AF : 0);
}

void op_aam(struct cpu *cpu, const struct insn *in)
{
    uint8_t base = (uint8_t)in->imm, al = cpu->gpr[RAX].b[0];
    if (!base)
        cpu_raise_because(cpu, EXC_DE, 0, CPU_FAULT_DIVISOR_ZERO, 0, 0);
    cpu->gpr[RAX].w = (uint16_t)((al / base) << 8 | al % base);
    flags_set_coa(cpu, (int8_t)(al % base), 0);
}

void op_aad(struct cpu *cpu, const struct insn *in)
{
    uint8_t product = (uint8_t)(cpu->gpr[RAX].b[1] * (uint8_t)in->imm);
    uint8_t sum = do_add8(cpu, cpu->gpr[RAX].b[0], product);
    cpu->gpr[RAX].w = sum;
}

void op_clc(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    flags_set_all(cpu, flags_collect(cpu) & ~(uint32_t)FLAG_CF);
}

void op_stc(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    flags_set_all(cpu, flags_collect(cpu) | FLAG_CF);
}

void op_cmc(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    flags_set_all(cpu, flags_collect(cpu) ^ FLAG_CF);
}

void op_cld(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->eflags &= ~(uint32_t)FLAG_DF;
}

void op_std(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->eflags |= FLAG_DF;
}
