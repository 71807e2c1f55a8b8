/* Fast handlers: rotates of registers, and shifts and rotates by an immediate count in memory. */
#include "cpu/alu.h"
#include "cpu/fast_operand.h"
#include "cpu/insn.h"

#define COUNT ((unsigned)in->imm & 31)

/* A count of 0 changes nothing: the decoder's records with one keep their plain function. */
#define ROTATE(op, bits)                                                                                     \
    static HANDLER(h_##op##_##bits)                                                                          \
    {                                                                                                        \
        SET_R##bits(in->rm, do_##op##bits(cpu, R##bits(in->rm), COUNT));                                     \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_##op##_cl_##bits)                                                                       \
    {                                                                                                        \
        unsigned count = cpu->gpr[RCX].b[0] & 31;                                                            \
        if (count)                                                                                           \
            SET_R##bits(in->rm, do_##op##bits(cpu, R##bits(in->rm), count));                                 \
        NEXT();                                                                                              \
    }                                                                                                        \
    IN_MEMORY(op, bits)
#define IN_MEMORY(op, bits) FOR_EACH_MEMORY_FORM(IN_MEMORY_FORM, op, bits)
#define IN_MEMORY_FORM(form, op, bits)                                                                       \
    static HANDLER(h_##op##_##bits##_##form)                                                                 \
    {                                                                                                        \
        MODIFY_OPERAND(form, uint##bits##_t);                                                                \
        *host = do_##op##bits(cpu, *host, COUNT);                                                            \
        NEXT_UNCHANGED();                                                                                    \
    }
#define ROTATES(bits)                                                                                        \
    ROTATE(rol, bits)                                                                                        \
    ROTATE(ror, bits)                                                                                        \
    ROTATE(rcl, bits)                                                                                        \
    ROTATE(rcr, bits)                                                                                        \
    IN_MEMORY(shl, bits)                                                                                     \
    IN_MEMORY(shr, bits)                                                                                     \
    IN_MEMORY(sar, bits)
ROTATES(8)
ROTATES(16)
ROTATES(32)

/* By form of the operand; CL: of a register by CL. */
struct rotate_handlers {
    handler_fn *by_form[FORM_COUNT], *cl;
};
#define MEMORY_FORMS(op, bits)                                                                               \
    [FORM_FLAT] = h_##op##_##bits##_FLAT, [FORM_FLATX] = h_##op##_##bits##_FLATX,                            \
    [FORM_SEG32] = h_##op##_##bits##_SEG32, [FORM_SEG16] = h_##op##_##bits##_SEG16
#define ROTATE_ROWS(op, bits)                                                                                \
    [ID_##op##_rm_imm_##bits] = {{[FORM_REG] = h_##op##_##bits, MEMORY_FORMS(op, bits)}, NULL},              \
    [ID_##op##_rm_cl_##bits] = {.cl = h_##op##_cl_##bits}
#define SHIFT_ROWS(op, bits) [ID_##op##_rm_imm_##bits] = {{MEMORY_FORMS(op, bits)}, NULL}
#define ROWS(bits)                                                                                           \
    ROTATE_ROWS(rol, bits), ROTATE_ROWS(ror, bits), ROTATE_ROWS(rcl, bits), ROTATE_ROWS(rcr, bits),          \
        SHIFT_ROWS(shl, bits), SHIFT_ROWS(shr, bits), SHIFT_ROWS(sar, bits)
/* The shifts stand together in insns.def. */
static const struct rotate_handlers rows[ID_sar_rm_cl_32 + 1] = {ROWS(8), ROWS(16), ROWS(32)};

handler_fn *fast_rotate_select(const struct cpu *cpu, const struct insn *in)
{
    if (in->id > ID_sar_rm_cl_32)
        return NULL;
    enum fast_form form = fast_form_of(cpu, in);
    const struct rotate_handlers *h = &rows[in->id];
    if (h->cl)
        return form == FORM_REG ? h->cl : NULL;
    return in->imm & 31 ? h->by_form[form] : NULL;
}
