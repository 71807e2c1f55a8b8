/* Fast handlers: string instructions without repetition. Three kinds of addresses: A16 and A32 in any
 * segment, FLAT 32-bit ones in segments that cover all of the address space from 0. */
#include "cpu/alu.h"
#include "cpu/fast_operand.h"
#include "cpu/insn.h"

#define OFFSET_A16(reg)              R16((reg) * sizeof(union gpr))
#define OFFSET_A32(reg)              R32((reg) * sizeof(union gpr))
#define OFFSET_FLAT(reg)             R32((reg) * sizeof(union gpr))
#define ADVANCE_A16(reg)             SET_R16((reg) * sizeof(union gpr), (uint16_t)(OFFSET_A16(reg) + (uint32_t)step_))
#define ADVANCE_A32(reg)             SET_R32((reg) * sizeof(union gpr), OFFSET_A32(reg) + (uint32_t)step_)
#define ADVANCE_FLAT(reg)            ADVANCE_A32(reg)
#define AT_A16(reg, seg, size, end)  IN_SEGMENT(OFFSET_A16(reg), seg, size, end)
#define AT_A32(reg, seg, size, end)  IN_SEGMENT(OFFSET_A32(reg), seg, size, end)
#define AT_FLAT(reg, seg, size, end) uint32_t linear = OFFSET_FLAT(reg)
#define IN_SEGMENT(offset, segment_number, size, end)                                                        \
    const struct segment *segment_ = &cpu->seg[segment_number];                                              \
    uint64_t offset_ = (offset);                                                                             \
    if (UNLIKELY(offset_ + (size) > segment_->end))                                                          \
        PLAIN();                                                                                             \
    uint32_t linear = (uint32_t)(segment_->base + offset_)

#define SOURCE_SEGMENT (in->seg & INSN_SEG_MASK)
#define ACCUMULATOR    (RAX * sizeof(union gpr))
#define STEP(bits)     int32_t step_ = cpu->eflags & FLAG_DF ? -(bits) / 8 : (bits) / 8

/* Declares NAME as what is in memory at REG. */
#define LOAD(name, kind, bits, reg, seg)                                                                     \
    uint##bits##_t name;                                                                                     \
    do {                                                                                                     \
        AT_##kind(reg, seg, bits / 8, read_end);                                                             \
        HOST_OF(uint##bits##_t, linear, read);                                                               \
        name = *host;                                                                                        \
    } while (0)
#define STORE(value, kind, bits)                                                                             \
    do {                                                                                                     \
        AT_##kind(RDI, SEG_ES, bits / 8, write_end);                                                         \
        HOST_OF(uint##bits##_t, linear, write);                                                              \
        *host = (value);                                                                                     \
    } while (0)

#define STRINGS(kind, bits)                                                                                  \
    static HANDLER(h_lods_##bits##_##kind)                                                                   \
    {                                                                                                        \
        LOAD(value, kind, bits, RSI, SOURCE_SEGMENT);                                                        \
        STEP(bits);                                                                                          \
        SET_R##bits(ACCUMULATOR, value);                                                                     \
        ADVANCE_##kind(RSI);                                                                                 \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_stos_##bits##_##kind)                                                                   \
    {                                                                                                        \
        STORE(R##bits(ACCUMULATOR), kind, bits);                                                             \
        STEP(bits);                                                                                          \
        ADVANCE_##kind(RDI);                                                                                 \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_movs_##bits##_##kind)                                                                   \
    {                                                                                                        \
        LOAD(value, kind, bits, RSI, SOURCE_SEGMENT);                                                        \
        STORE(value, kind, bits);                                                                            \
        STEP(bits);                                                                                          \
        ADVANCE_##kind(RSI);                                                                                 \
        ADVANCE_##kind(RDI);                                                                                 \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_scas_##bits##_##kind)                                                                   \
    {                                                                                                        \
        LOAD(value, kind, bits, RDI, SEG_ES);                                                                \
        STEP(bits);                                                                                          \
        do_sub##bits(cpu, R##bits(ACCUMULATOR), value);                                                      \
        ADVANCE_##kind(RDI);                                                                                 \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_cmps_##bits##_##kind)                                                                   \
    {                                                                                                        \
        LOAD(first, kind, bits, RSI, SOURCE_SEGMENT);                                                        \
        LOAD(second, kind, bits, RDI, SEG_ES);                                                               \
        STEP(bits);                                                                                          \
        do_sub##bits(cpu, first, second);                                                                    \
        ADVANCE_##kind(RSI);                                                                                 \
        ADVANCE_##kind(RDI);                                                                                 \
        NEXT();                                                                                              \
    }
#define STRINGS_OF_WIDTH(bits)                                                                               \
    STRINGS(A16, bits)                                                                                       \
    STRINGS(A32, bits)                                                                                       \
    STRINGS(FLAT, bits)
STRINGS_OF_WIDTH(8)
STRINGS_OF_WIDTH(16)
STRINGS_OF_WIDTH(32)

/* XLAT: a byte at (E)BX + AL. */
#define XLAT(kind)                                                                                           \
    static HANDLER(h_xlat_##kind)                                                                            \
    {                                                                                                        \
        XLAT_AT_##kind;                                                                                      \
        HOST_OF(uint8_t, linear, read);                                                                      \
        SET_R8(ACCUMULATOR, *host);                                                                          \
        NEXT();                                                                                              \
    }
#define XLAT_OFFSET  (cpu->gpr[RBX].d + cpu->gpr[RAX].b[0])
#define XLAT_AT_A16  IN_SEGMENT((uint16_t)XLAT_OFFSET, SOURCE_SEGMENT, 1, read_end)
#define XLAT_AT_A32  IN_SEGMENT((uint32_t)XLAT_OFFSET, SOURCE_SEGMENT, 1, read_end)
#define XLAT_AT_FLAT uint32_t linear = XLAT_OFFSET
XLAT(A16)
XLAT(A32)
XLAT(FLAT)

enum string_kind { A16, A32, FLAT, KINDS };

#define BY_KIND(name)                                                                                        \
    {                                                                                                        \
        name##_A16, name##_A32, name##_FLAT                                                                  \
    }
#define BY_WIDTH(name)                                                                                       \
    {                                                                                                        \
        BY_KIND(h_##name##_8), BY_KIND(h_##name##_16), BY_KIND(h_##name##_32)                                \
    }
typedef handler_fn *const by_width[3][KINDS];
static by_width lods = BY_WIDTH(lods), stos = BY_WIDTH(stos), movs = BY_WIDTH(movs), scas = BY_WIDTH(scas),
                cmps = BY_WIDTH(cmps);
static handler_fn *const xlat[KINDS] = BY_KIND(h_xlat);

/* FS and GS may be anywhere; the target is always in ES. */
static enum string_kind kind_of(const struct cpu *cpu, const struct insn *in)
{
    unsigned seg = in->seg & INSN_SEG_MASK;
    if (in->seg & INSN_ADDR16)
        return A16;
    return (cpu->mode & MODE_FLAT_DATA) && (seg == SEG_DS || seg == SEG_ES || seg == SEG_SS) ? FLAT : A32;
}

handler_fn *fast_string_select(const struct cpu *cpu, const struct insn *in)
{
    if ((in->ea & INSN_REP) || (in->seg & INSN_REPNE))
        return NULL;
    enum string_kind kind = kind_of(cpu, in);
#define CASES(name)                                                                                          \
    case ID_##name##_8:                                                                                      \
        return name[0][kind];                                                                                \
    case ID_##name##_16:                                                                                     \
        return name[1][kind];                                                                                \
    case ID_##name##_32:                                                                                     \
        return name[2][kind]
    switch (in->id) {
        CASES(lods);
        CASES(stos);
        CASES(movs);
        CASES(scas);
        CASES(cmps);
    case ID_xlat:
        return xlat[kind];
    default:
        return NULL;
    }
}
