/* Fast handlers: MMX. Blocks decoded while CR0.EM or TS is set have none of these; with an x87 exception
 * pending the plain function decides. Behind another MMX instruction of the same block all that is known
 * already, and that TOP is 0 and all registers are in use: then handlers go without (`_in`), and exist once
 * for each destination. */
#include "cpu/fast_regs.h"
#include "cpu/insn.h"
#include "cpu/mmx_host.h"

#define MM(n) (cpu->fpu.reg[n].significand)
#define CHECK()                                                                                              \
    if (UNLIKELY(cpu->fpu.status & FPU_ES))                                                                  \
    PLAIN()
/* To register N, as the first MMX instruction or as one behind it. */
#define FINISH(n, value)                                                                                     \
    do {                                                                                                     \
        fpu_mmx_enter(&cpu->fpu);                                                                            \
        fpu_mmx_write(&cpu->fpu, n, value);                                                                  \
        NEXT_UNCHANGED();                                                                                    \
    } while (0)
#define FINISH_IN(n, value)                                                                                  \
    do {                                                                                                     \
        fpu_mmx_write(&cpu->fpu, n, value);                                                                  \
        NEXT_UNCHANGED();                                                                                    \
    } while (0)

/* --- two operands: NAME, type of the operand in memory, expression of A, the destination, and B --- */

#define BINARY_MEMORY(form, name, type, expression)                                                          \
    static HANDLER(h_##name##_##form)                                                                        \
    {                                                                                                        \
        CHECK();                                                                                             \
        READ_OPERAND(form, type);                                                                            \
        uint64_t a = MM(in->reg), b = *host;                                                                 \
        (void)a;                                                                                             \
        FINISH(in->reg, expression);                                                                         \
    }
#define BINARY_OF_REG(n, name, type, expression)                                                             \
    static HANDLER(h_##name##_in_REG_##n)                                                                    \
    {                                                                                                        \
        uint64_t a = MM(n), b = MM(in->rm);                                                                  \
        (void)a;                                                                                             \
        FINISH_IN(n, expression);                                                                            \
    }                                                                                                        \
    static HANDLER(h_##name##_in_FLAT_##n)                                                                   \
    {                                                                                                        \
        READ_OPERAND(FLAT, type);                                                                            \
        uint64_t a = MM(n), b = *host;                                                                       \
        (void)a;                                                                                             \
        FINISH_IN(n, expression);                                                                            \
    }
#define BINARY(name, type, expression)                                                                       \
    static HANDLER(h_##name##_REG)                                                                           \
    {                                                                                                        \
        CHECK();                                                                                             \
        uint64_t a = MM(in->reg), b = MM(in->rm);                                                            \
        (void)a;                                                                                             \
        FINISH(in->reg, expression);                                                                         \
    }                                                                                                        \
    FOR_EACH_MEMORY_FORM(BINARY_MEMORY, name, type, expression)                                              \
    FOR_EACH_REG(BINARY_OF_REG, name, type, expression)

#define MMX_OPERATION(opcode, name, bits, host) BINARY(name, uint##bits##_t, mmx_host_##name(a, b))
#include "cpu/mmx_operations.def"
#undef MMX_OPERATION
BINARY(movq, uint64_t, b)

/* --- shifts by an immediate count --- */

#define SHIFT_OF_REG(n, name)                                                                                \
    static HANDLER(h_##name##_in_imm_##n)                                                                    \
    {                                                                                                        \
        FINISH_IN(n, mmx_host_##name(MM(n), in->imm >> 8 & 0xFF));                                           \
    }
#define SHIFT(name)                                                                                          \
    static HANDLER(h_##name##_imm)                                                                           \
    {                                                                                                        \
        CHECK();                                                                                             \
        FINISH(in->rm, mmx_host_##name(MM(in->rm), in->imm >> 8 & 0xFF));                                    \
    }                                                                                                        \
    FOR_EACH_REG(SHIFT_OF_REG, name)
SHIFT(psrlw)
SHIFT(psraw)
SHIFT(psllw)
SHIFT(psrld)
SHIFT(psrad)
SHIFT(pslld)
SHIFT(psrlq)
SHIFT(psllq)

/* --- moves to and from elsewhere --- */

static HANDLER(h_movq_from_REG)
{
    CHECK();
    FINISH(in->rm, MM(in->reg));
}
static HANDLER(h_movd_REG)
{
    CHECK();
    FINISH(in->reg, R32(in->rm));
}
static HANDLER(h_movd_from_REG)
{
    CHECK();
    R32(in->rm) = (uint32_t)MM(in->reg);
    fpu_mmx_enter(&cpu->fpu);
    NEXT();
}

#define MOVES(form, unused)                                                                                  \
    static HANDLER(h_movd_##form)                                                                            \
    {                                                                                                        \
        CHECK();                                                                                             \
        READ_OPERAND(form, uint32_t);                                                                        \
        FINISH(in->reg, *host);                                                                              \
    }                                                                                                        \
    STORE(form, movd, uint32_t, CHECK(), fpu_mmx_enter(&cpu->fpu))                                           \
    STORE(form, movq, uint64_t, CHECK(), fpu_mmx_enter(&cpu->fpu))
#define STORE(form, name, type, CHECKS, ENTER)                                                               \
    static HANDLER(h_##name##_from_##form)                                                                   \
    {                                                                                                        \
        CHECKS;                                                                                              \
        WRITE_OPERAND(form, type);                                                                           \
        *host = (type)MM(in->reg);                                                                           \
        ENTER;                                                                                               \
        NEXT_UNCHANGED();                                                                                    \
    }
FOR_EACH_MEMORY_FORM(MOVES, 0)

static HANDLER(h_emms)
{
    CHECK();
    fpu_emms(&cpu->fpu);
    NEXT_UNCHANGED();
}

/* --- which handler --- */

#define FORMS(name)                                                                                          \
    {                                                                                                        \
        name##_REG, name##_FLAT, name##_FLATX, name##_SEG32, name##_SEG16                                    \
    }
struct binary_handlers {
    uint8_t opcode;
    handler_fn *first[FORM_COUNT], *in[2][8];
};
#define BINARY_ROW(opcode, name)                                                                             \
    {opcode, FORMS(h_##name), {ROW_OF_8(h_##name##_in_REG_, ), ROW_OF_8(h_##name##_in_FLAT_, )}},
#define MMX_OPERATION(opcode, name, bits, host) BINARY_ROW(opcode, name)
static const struct binary_handlers binary_handlers[] = {
#include "cpu/mmx_operations.def"
    BINARY_ROW(0x6F, movq)};
#undef MMX_OPERATION

/* By opcode and reg field. */
struct shift_handlers {
    handler_fn *first, *in[8];
};
#define SHIFT_ROW(name)                                                                                      \
    {                                                                                                        \
        h_##name##_imm, ROW_OF_8(h_##name##_in_imm_, )                                                       \
    }
static const struct shift_handlers shift_handlers[3][8] = {
    {[2] = SHIFT_ROW(psrlw), [4] = SHIFT_ROW(psraw), [6] = SHIFT_ROW(psllw)},
    {[2] = SHIFT_ROW(psrld), [4] = SHIFT_ROW(psrad), [6] = SHIFT_ROW(pslld)},
    {[2] = SHIFT_ROW(psrlq), [6] = SHIFT_ROW(psllq)},
};

static handler_fn *const movd[FORM_COUNT] = FORMS(h_movd), *const movd_from[FORM_COUNT] = FORMS(h_movd_from),
                         *const movq_from[FORM_COUNT] = FORMS(h_movq_from);

/* An MMX instruction stands before this one in its block, and nothing of the x87 unit's between them. */
static bool is_behind_another(const struct insn *in)
{
    for (; in[-1].next_offset; in--)
        switch (in[-1].id) {
        case ID_mmx:
            return true;
        case ID_emms:
        case ID_fpu_mem:
        case ID_fpu_reg:
        case ID_fxrstor:
            return false;
        default:
            break;
        }
    return false;
}

static handler_fn *select_binary(const struct insn *in, enum fast_form form, bool behind)
{
    for (unsigned i = 0; i < sizeof binary_handlers / sizeof *binary_handlers; i++)
        if (binary_handlers[i].opcode == (in->imm & 0xFF))
            return behind && form <= FORM_FLAT ? binary_handlers[i].in[form == FORM_FLAT][in->reg]
                                               : binary_handlers[i].first[form];
    return NULL;
}

handler_fn *fast_mmx_select(const struct cpu *cpu, const struct insn *in)
{
    if (cpu->mode & MODE_FPU_TRAP)
        return NULL;
    if (in->id == ID_emms)
        return h_emms;
    if (in->id != ID_mmx)
        return NULL;
    enum fast_form form = fast_form_of(cpu, in);
    bool behind = is_behind_another(in);
    unsigned opcode = in->imm & 0xFF;
    const struct shift_handlers *shift;
    switch (opcode) {
    case 0x6E:
        return movd[form];
    case 0x7E:
        return movd_from[form];
    case 0x7F:
        return movq_from[form];
    case 0x71:
    case 0x72:
    case 0x73:
        shift = &shift_handlers[opcode - 0x71][in->reg];
        return behind ? shift->in[in->rm] : shift->first;
    default:
        return select_binary(in, form, behind);
    }
}
