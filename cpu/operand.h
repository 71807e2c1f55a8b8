/* Operands of plain functions: registers by byte offset, memory with all its checks. */
#ifndef TICK86_CPU_OPERAND_H
#define TICK86_CPU_OPERAND_H

#include "cpu/cpu_private.h"

/* The register at a byte offset in cpu->gpr. */
static inline uint8_t *reg8(struct cpu *cpu, unsigned offset)
{
    return (uint8_t *)cpu->gpr + offset;
}
static inline uint16_t *reg16(struct cpu *cpu, unsigned offset)
{
    return (uint16_t *)((uint8_t *)cpu->gpr + offset);
}
static inline uint32_t *reg32(struct cpu *cpu, unsigned offset)
{
    return (uint32_t *)((uint8_t *)cpu->gpr + offset);
}

static inline bool is_memory(const struct insn *in)
{
    return in->ea & INSN_MEM;
}
static inline unsigned operand_segment(const struct insn *in)
{
    return in->seg & INSN_SEG_MASK;
}
/* Mask of addresses: 16 or 32 bits. */
static inline uint32_t address_mask(const struct insn *in)
{
    return in->seg & INSN_ADDR16 ? 0xFFFF : 0xFFFFFFFF;
}

/* Offset of the memory operand in its segment. */
static inline uint32_t effective_address(struct cpu *cpu, const struct insn *in)
{
    uint32_t sum = *reg32(cpu, in->base) + (*reg32(cpu, in->index) << (in->ea & 3)) + (uint32_t)in->disp;
    return sum & address_mask(in);
}

/* rm as a source. */
static inline uint8_t rm_read8(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? mem_read8(cpu, operand_segment(in), effective_address(cpu, in))
                         : *reg8(cpu, in->rm);
}
static inline uint16_t rm_read16(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? mem_read16(cpu, operand_segment(in), effective_address(cpu, in))
                         : *reg16(cpu, in->rm);
}
static inline uint32_t rm_read32(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? mem_read32(cpu, operand_segment(in), effective_address(cpu, in))
                         : *reg32(cpu, in->rm);
}

/* rm as a destination alone. */
static inline void rm_write8(struct cpu *cpu, const struct insn *in, uint8_t value)
{
    if (is_memory(in))
        mem_write8(cpu, operand_segment(in), effective_address(cpu, in), value);
    else
        *reg8(cpu, in->rm) = value;
}
static inline void rm_write16(struct cpu *cpu, const struct insn *in, uint16_t value)
{
    if (is_memory(in))
        mem_write16(cpu, operand_segment(in), effective_address(cpu, in), value);
    else
        *reg16(cpu, in->rm) = value;
}
static inline void rm_write32(struct cpu *cpu, const struct insn *in, uint32_t value)
{
    if (is_memory(in))
        mem_write32(cpu, operand_segment(in), effective_address(cpu, in), value);
    else
        *reg32(cpu, in->rm) = value;
}

/* rm as source and destination: begin reads and proves that the write will work, end writes. */
static inline uint8_t rm_begin8(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? (uint8_t)mem_rmw_read(cpu, operand_segment(in), effective_address(cpu, in), 1)
                         : *reg8(cpu, in->rm);
}
static inline uint16_t rm_begin16(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? (uint16_t)mem_rmw_read(cpu, operand_segment(in), effective_address(cpu, in), 2)
                         : *reg16(cpu, in->rm);
}
static inline uint32_t rm_begin32(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? (uint32_t)mem_rmw_read(cpu, operand_segment(in), effective_address(cpu, in), 4)
                         : *reg32(cpu, in->rm);
}
static inline void rm_end8(struct cpu *cpu, const struct insn *in, uint8_t value)
{
    if (is_memory(in))
        mem_rmw_write(cpu, value, 1);
    else
        *reg8(cpu, in->rm) = value;
}
static inline void rm_end16(struct cpu *cpu, const struct insn *in, uint16_t value)
{
    if (is_memory(in))
        mem_rmw_write(cpu, value, 2);
    else
        *reg16(cpu, in->rm) = value;
}
static inline void rm_end32(struct cpu *cpu, const struct insn *in, uint32_t value)
{
    if (is_memory(in))
        mem_rmw_write(cpu, value, 4);
    else
        *reg32(cpu, in->rm) = value;
}

#endif
