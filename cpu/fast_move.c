/* Fast handlers: moves, address calculation, extensions, exchanges. */
#include "cpu/alu.h"
#include "cpu/fast_operand.h"

#define MOVE_MEMORY(form, bits)                                                                              \
    static HANDLER(h_load_##bits##_##form)                                                                   \
    {                                                                                                        \
        READ_OPERAND(form, uint##bits##_t);                                                                  \
        SET_R##bits(in->reg, *host);                                                                         \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_store_##bits##_##form)                                                                  \
    {                                                                                                        \
        WRITE_OPERAND(form, uint##bits##_t);                                                                 \
        *host = R##bits(in->reg);                                                                            \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(h_store_imm_##bits##_##form)                                                              \
    {                                                                                                        \
        WRITE_OPERAND(form, uint##bits##_t);                                                                 \
        *host = (uint##bits##_t)in->imm;                                                                     \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(h_xchg_##bits##_##form)                                                                   \
    {                                                                                                        \
        MODIFY_OPERAND(form, uint##bits##_t);                                                                \
        uint##bits##_t old_ = *host;                                                                         \
        *host = R##bits(in->reg);                                                                            \
        SET_R##bits(in->reg, old_);                                                                          \
        NEXT();                                                                                              \
    }
#define MOVES(bits)                                                                                          \
    static HANDLER(h_mov_rr_##bits)                                                                          \
    {                                                                                                        \
        SET_R##bits(in->rm, R##bits(in->reg));                                                               \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_mov_rrx_##bits)                                                                         \
    {                                                                                                        \
        SET_R##bits(in->reg, R##bits(in->rm));                                                               \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_mov_ri_##bits)                                                                          \
    {                                                                                                        \
        SET_R##bits(in->rm, (uint##bits##_t)in->imm);                                                        \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_xchg_rr_##bits)                                                                         \
    {                                                                                                        \
        uint##bits##_t old_ = R##bits(in->rm);                                                               \
        SET_R##bits(in->rm, R##bits(in->reg));                                                               \
        SET_R##bits(in->reg, old_);                                                                          \
        NEXT();                                                                                              \
    }                                                                                                        \
    FOR_EACH_MEMORY_FORM(MOVE_MEMORY, bits)
MOVES(8)
MOVES(16)
MOVES(32)

/* name, source type, destination width */
#define EXTEND_MEMORY(form, name, type, bits)                                                                \
    static HANDLER(h_##name##_##form)                                                                        \
    {                                                                                                        \
        READ_OPERAND(form, type);                                                                            \
        SET_R##bits(in->reg, (uint##bits##_t) * host);                                                       \
        NEXT();                                                                                              \
    }
#define EXTEND(name, type, bits)                                                                             \
    static HANDLER(h_##name##_rr)                                                                            \
    {                                                                                                        \
        SET_R##bits(in->reg, (uint##bits##_t) * (type *)((uint8_t *)cpu + in->rm));                          \
        NEXT();                                                                                              \
    }                                                                                                        \
    FOR_EACH_MEMORY_FORM(EXTEND_MEMORY, name, type, bits)
EXTEND(movzx8_16, uint8_t, 16)
EXTEND(movzx8_32, uint8_t, 32)
EXTEND(movzx16_32, uint16_t, 32)
EXTEND(movsx8_16, int8_t, 16)
EXTEND(movsx8_32, int8_t, 32)
EXTEND(movsx16_32, int16_t, 32)

static HANDLER(h_lea_32_flat)
{
    R32(in->reg) = R32(in->base) + (uint32_t)in->disp;
    NEXT();
}
static HANDLER(h_lea_32_flatx)
{
    R32(in->reg) = R32(in->base) + SCALED_INDEX() + (uint32_t)in->disp;
    NEXT();
}
static HANDLER(h_lea_16_a16)
{
    SET_R16(in->reg, (uint16_t)((uint32_t)(R16(in->base) + R16(in->index) + in->disp)));
    NEXT();
}
static HANDLER(h_lea_16_a32)
{
    SET_R16(in->reg, (uint16_t)(R32(in->base) + SCALED_INDEX() + (uint32_t)in->disp));
    NEXT();
}
static HANDLER(h_lea_32_a16)
{
    R32(in->reg) = (uint16_t)((uint32_t)(R16(in->base) + R16(in->index) + in->disp));
    NEXT();
}

static HANDLER(h_nop)
{
    NEXT_UNCHANGED();
}
static HANDLER(h_cbw_16)
{
    SET_G(0, (G(0) & ~0xFFFFu) | (uint16_t)(int8_t)G(0));
    NEXT_UNCHANGED();
}
static HANDLER(h_cbw_32)
{
    SET_G(0, (uint32_t)(int16_t)G(0));
    NEXT_UNCHANGED();
}
static HANDLER(h_cwd_16)
{
    SET_G(2, (G(2) & ~0xFFFFu) | (uint16_t)((int16_t)G(0) >> 15));
    NEXT_UNCHANGED();
}
static HANDLER(h_cwd_32)
{
    SET_G(2, (uint32_t)((int32_t)G(0) >> 31));
    NEXT_UNCHANGED();
}
static HANDLER(h_bswap_32)
{
    R32(in->rm) = __builtin_bswap32(R32(in->rm));
    NEXT();
}
static HANDLER(h_cld)
{
    cpu->eflags &= ~(uint32_t)FLAG_DF;
    NEXT_UNCHANGED();
}

struct move_handlers {
    handler_fn *by_form[FORM_COUNT];
};

#define MEMORY_TABLE(name)                                                                                   \
    [FORM_FLAT] = name##_FLAT, [FORM_FLATX] = name##_FLATX, [FORM_SEG32] = name##_SEG32,                     \
    [FORM_SEG16] = name##_SEG16
#define MOVE_ROWS(bits)                                                                                      \
    [ID_mov_rm_r_##bits] = {{[FORM_REG] = h_mov_rr_##bits, MEMORY_TABLE(h_store_##bits)}},                   \
    [ID_mov_r_rm_##bits] = {{[FORM_REG] = h_mov_rrx_##bits, MEMORY_TABLE(h_load_##bits)}},                   \
    [ID_mov_rm_imm_##bits] = {{[FORM_REG] = h_mov_ri_##bits, MEMORY_TABLE(h_store_imm_##bits)}},             \
    [ID_xchg_rm_r_##bits] = {{[FORM_REG] = h_xchg_rr_##bits, MEMORY_TABLE(h_xchg_##bits)}}
#define EXTEND_ROW(name) [ID_##name] = {{[FORM_REG] = h_##name##_rr, MEMORY_TABLE(h_##name)}}

static const struct move_handlers handlers[ID_COUNT] = {
    MOVE_ROWS(8),
    MOVE_ROWS(16),
    MOVE_ROWS(32),
    EXTEND_ROW(movzx8_16),
    EXTEND_ROW(movzx8_32),
    EXTEND_ROW(movzx16_32),
    EXTEND_ROW(movsx8_16),
    EXTEND_ROW(movsx8_32),
    EXTEND_ROW(movsx16_32),
    [ID_movzx16_16] = {{[FORM_REG] = h_mov_rrx_16, MEMORY_TABLE(h_load_16)}},
    [ID_movsx16_16] = {{[FORM_REG] = h_mov_rrx_16, MEMORY_TABLE(h_load_16)}},
    [ID_lea_32] = {{[FORM_FLAT] = h_lea_32_flat,
                    [FORM_FLATX] = h_lea_32_flatx,
                    [FORM_SEG32] = h_lea_32_flatx,
                    [FORM_SEG16] = h_lea_32_a16}},
    [ID_lea_16] = {{[FORM_FLAT] = h_lea_16_a32,
                    [FORM_FLATX] = h_lea_16_a32,
                    [FORM_SEG32] = h_lea_16_a32,
                    [FORM_SEG16] = h_lea_16_a16}},
    [ID_nop] = {{[FORM_REG] = h_nop}},
    [ID_nop_rm] = {{h_nop, h_nop, h_nop, h_nop, h_nop}},
    [ID_pause] = {{[FORM_REG] = h_nop}},
    [ID_cbw_16] = {{[FORM_REG] = h_cbw_16}},
    [ID_cbw_32] = {{[FORM_REG] = h_cbw_32}},
    [ID_cwd_16] = {{[FORM_REG] = h_cwd_16}},
    [ID_cwd_32] = {{[FORM_REG] = h_cwd_32}},
    [ID_bswap_32] = {{[FORM_REG] = h_bswap_32}},
    [ID_cld] = {{[FORM_REG] = h_cld}},
};

handler_fn *fast_move_select(const struct cpu *cpu, const struct insn *in)
{
    return handlers[in->id].by_form[fast_form_of(cpu, in)];
}
