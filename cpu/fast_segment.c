/* Fast handlers: segment registers. Loads are those of real and virtual-8086 mode, where the register has the
 * usual limit of 64 KB: then nothing but selector and base changes, and no mode bit with them. */
#include "cpu/fast_stack.h"
#include "cpu/insn.h"

#define REAL_MODE_ACCESS 0x93 /* what a load leaves, see segment_load_real() */
#define V86_ACCESS       0xF3

static inline bool loads_simply(const struct cpu *cpu, const struct segment *s)
{
    return !is_protected(cpu) && s->limit == 0xFFFF &&
           s->access == (is_v86(cpu) ? V86_ACCESS : REAL_MODE_ACCESS);
}

static inline void load_simply(struct segment *s, uint16_t selector)
{
    s->selector = selector;
    s->base = (uint32_t)selector << 4;
}

#define DESTINATION(number)                                                                                  \
    struct segment *destination = &cpu->seg[number];                                                         \
    if (UNLIKELY(!loads_simply(cpu, destination)))                                                           \
    PLAIN()

static HANDLER(h_mov_sreg_REG)
{
    DESTINATION(in->reg);
    load_simply(destination, R16(in->rm));
    NEXT_UNCHANGED();
}
static HANDLER(h_mov_from_REG_16)
{
    SET_R16(in->rm, cpu->seg[in->reg].selector);
    NEXT();
}
static HANDLER(h_mov_from_REG_32)
{
    SET_R32(in->rm, cpu->seg[in->reg].selector);
    NEXT();
}
static HANDLER(h_pop_sreg)
{
    DESTINATION(in->reg);
    POP_SEG16(value);
    SET_R16(RSP * sizeof(union gpr), (uint16_t)(cpu->gpr[RSP].w + 2));
    load_simply(destination, value);
    NEXT();
}

/* LES and LDS: the offset, and the selector behind it. */
#define LOAD_FAR(form, name, number)                                                                         \
    static HANDLER(h_##name##_##form)                                                                        \
    {                                                                                                        \
        DESTINATION(number);                                                                                 \
        READ_OPERAND(form, uint32_t);                                                                        \
        uint32_t pointer = *host;                                                                            \
        SET_R16(in->reg, (uint16_t)pointer);                                                                 \
        load_simply(destination, (uint16_t)(pointer >> 16));                                                 \
        NEXT();                                                                                              \
    }
#define MEMORY(form, unused)                                                                                 \
    static HANDLER(h_mov_sreg_##form)                                                                        \
    {                                                                                                        \
        DESTINATION(in->reg);                                                                                \
        READ_OPERAND(form, uint16_t);                                                                        \
        load_simply(destination, *host);                                                                     \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(h_mov_from_##form)                                                                        \
    {                                                                                                        \
        WRITE_OPERAND(form, uint16_t);                                                                       \
        *host = cpu->seg[in->reg].selector;                                                                  \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    LOAD_FAR(form, les, SEG_ES)                                                                              \
    LOAD_FAR(form, lds, SEG_DS)
FOR_EACH_MEMORY_FORM(MEMORY, 0)

#define FORMS(name, register_form)                                                                           \
    {                                                                                                        \
        register_form, name##_FLAT, name##_FLATX, name##_SEG32, name##_SEG16                                 \
    }
typedef handler_fn *const by_form[FORM_COUNT];
static by_form mov_sreg = FORMS(h_mov_sreg, h_mov_sreg_REG),
               mov_from_16 = FORMS(h_mov_from, h_mov_from_REG_16),
               mov_from_32 = FORMS(h_mov_from, h_mov_from_REG_32), les = FORMS(h_les, NULL),
               lds = FORMS(h_lds, NULL);

/* SS brings an interrupt shadow: its loads stay plain. */
handler_fn *fast_segment_select(const struct cpu *cpu, const struct insn *in)
{
    enum fast_form form = fast_form_of(cpu, in);
    switch (in->id) {
    case ID_mov_sreg_rm:
        return in->reg != SEG_SS ? mov_sreg[form] : NULL;
    case ID_mov_rm_sreg_16:
        return mov_from_16[form];
    case ID_mov_rm_sreg_32:
        return mov_from_32[form];
    case ID_pop_sreg_16:
        return in->reg != SEG_SS && !(cpu->mode & MODE_STACK32) ? h_pop_sreg : NULL;
    case ID_les_16:
        return les[form];
    case ID_lds_16:
        return lds[form];
    default:
        return NULL;
    }
}
