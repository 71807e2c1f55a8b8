/* Operands of fast handlers.
 *
 * Addressing forms of a memory operand, each with its own handler:
 *   FLAT  [base + disp], 32-bit address in a segment that covers all of the address space from 0
 *   FLATX [base + index * scale + disp], likewise
 *   SEG32 any 32-bit address in any segment
 *   SEG16 any 16-bit address in any segment
 * LINEAR_<form> computes `linear`, or goes to the plain function where the segment's limit is near. */
#ifndef TICK86_CPU_FAST_OPERAND_H
#define TICK86_CPU_FAST_OPERAND_H

#include "cpu/fast.h"
#include "cpu/operand.h"

enum fast_form { FORM_REG, FORM_FLAT, FORM_FLATX, FORM_SEG32, FORM_SEG16, FORM_COUNT };

/* The form of a record's rm operand. */
static inline enum fast_form fast_form_of(const struct cpu *cpu, const struct insn *in)
{
    if (!(in->ea & INSN_MEM))
        return FORM_REG;
    if (in->seg & INSN_ADDR16)
        return FORM_SEG16;
    unsigned seg = in->seg & INSN_SEG_MASK;
    bool flat = (cpu->mode & MODE_FLAT_DATA) && (seg == SEG_DS || seg == SEG_ES || seg == SEG_SS);
    if (!flat)
        return FORM_SEG32;
    return in->index == REG_ZERO * sizeof(union gpr) ? FORM_FLAT : FORM_FLATX;
}

#define R8(offset)  (*(uint8_t *)((uint8_t *)cpu + (offset)))
#define R16(offset) (*(uint16_t *)((uint8_t *)cpu + (offset)))
#define R32(offset) (*(uint32_t *)((uint8_t *)cpu + (offset)))

/* Writing a register by its place. Hosts cannot forward the store of a part to a load of the whole, so bytes
 * and words go in by a store of the whole register. */
static inline void set_r8(struct cpu *cpu, unsigned offset, uint8_t value)
{
    unsigned shift = (offset & 1) * 8;
    uint32_t *whole = &R32(offset & ~7u);
    *whole = (*whole & ~(0xFFu << shift)) | (uint32_t)value << shift;
}
static inline void set_r16(struct cpu *cpu, unsigned offset, uint16_t value)
{
    uint32_t *whole = &R32(offset);
    *whole = (*whole & ~0xFFFFu) | value;
}
#define SET_R8(offset, value)  set_r8(cpu, offset, value)
#define SET_R16(offset, value) set_r16(cpu, offset, value)
#define SET_R32(offset, value) (R32(offset) = (value))

#define SEGMENT_OF(in) (&cpu->seg[(in)->seg & INSN_SEG_MASK])
/* The scale lies in the low bits of `ea`; shifts look at no more than five. */
#define SCALED_INDEX() (R32(in->index) << (in->ea & 31))

#define LINEAR_FLAT(size, end)  uint32_t linear = R32(in->base) + (uint32_t)in->disp
#define LINEAR_FLATX(size, end) uint32_t linear = R32(in->base) + SCALED_INDEX() + (uint32_t)in->disp
#define LINEAR_IN_SEGMENT(offset, size, end)                                                                 \
    const struct segment *segment_ = SEGMENT_OF(in);                                                         \
    uint64_t offset_ = (offset);                                                                             \
    if (UNLIKELY(offset_ + (size) > segment_->end))                                                          \
        PLAIN();                                                                                             \
    uint32_t linear = (uint32_t)(segment_->base + offset_)
#define LINEAR_SEG32(size, end)                                                                              \
    LINEAR_IN_SEGMENT((uint32_t)(R32(in->base) + SCALED_INDEX() + (uint32_t)in->disp), size, end)
#define LINEAR_SEG16(size, end)                                                                              \
    LINEAR_IN_SEGMENT((uint16_t)(R16(in->base) + R16(in->index) + in->disp), size, end)

#define TLB_SLOT(address) (&tlb[(address) >> 12 & (TLB_ENTRIES - 1)])

/* Host address of SIZE bytes at `linear` for reading or writing, as HOST; misses go to the plain function. */
#define HOST_OF(type, address, right)                                                                        \
    struct tlb_entry *entry_ = TLB_SLOT(address);                                                            \
    if (UNLIKELY((address)-entry_->right > PAGE_BYTES - sizeof(type)))                                       \
        PLAIN();                                                                                             \
    typedef type __attribute__((aligned(1))) unaligned_; /* guests align as they like */                     \
    unaligned_ *host = (unaligned_ *)(uintptr_t)((address) + entry_->addend)

#define READ_OPERAND(form, type)                                                                             \
    LINEAR_##form(sizeof(type), read_end);                                                                   \
    HOST_OF(type, linear, read)
#define WRITE_OPERAND(form, type)                                                                            \
    LINEAR_##form(sizeof(type), write_end);                                                                  \
    HOST_OF(type, linear, write)
/* What may be written may be read but for write-only mappings, which have no write tag without a read tag. */
#define MODIFY_OPERAND(form, type) WRITE_OPERAND(form, type)

/* Operations whose flags nobody sees, by the names of those that set them (alu_width.h). */
#define N_add(a, b)  ((a) + (b))
#define N_or(a, b)   ((a) | (b))
#define N_and(a, b)  ((a) & (b))
#define N_sub(a, b)  ((a) - (b))
#define N_xor(a, b)  ((a) ^ (b))
#define N_imul(a, b) ((a) * (b))

/* On to the next record: from a handler that may have written general registers by their places, and from one
 * that has not. */
#define NEXT()           GO_RELOADED(in + 1)
#define NEXT_UNCHANGED() GO(in + 1)

#define FOR_EACH_MEMORY_FORM(X, ...)                                                                         \
    X(FLAT, __VA_ARGS__)                                                                                     \
    X(FLATX, __VA_ARGS__)                                                                                    \
    X(SEG32, __VA_ARGS__)                                                                                    \
    X(SEG16, __VA_ARGS__)

#endif
