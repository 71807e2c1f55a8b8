/* Fast handlers: CMOVcc of 32 bits and SETcc, by condition. */
#include "cpu/fast_flow.h"
#include "cpu/flags.h"
#include "cpu/insn.h"

/* The memory is read whatever the condition. */
#define CMOV_MEMORY(cc, form)                                                                                \
    static HANDLER(h_cmov_##form##_##cc)                                                                     \
    {                                                                                                        \
        READ_OPERAND(form, uint32_t);                                                                        \
        uint32_t value = *host;                                                                              \
        if (flags_condition(cpu, CC_##cc))                                                                   \
            R32(in->reg) = value;                                                                            \
        NEXT();                                                                                              \
    }
FOR_EACH_CONDITION(CMOV_MEMORY, FLAT)
FOR_EACH_CONDITION(CMOV_MEMORY, FLATX)
FOR_EACH_CONDITION(CMOV_MEMORY, SEG32)
FOR_EACH_CONDITION(CMOV_MEMORY, SEG16)

#define REGISTER_FORMS(cc, unused)                                                                           \
    static HANDLER(h_cmov_REG_##cc)                                                                          \
    {                                                                                                        \
        if (flags_condition(cpu, CC_##cc))                                                                   \
            R32(in->reg) = R32(in->rm);                                                                      \
        NEXT();                                                                                              \
    }                                                                                                        \
    static HANDLER(h_set_##cc)                                                                               \
    {                                                                                                        \
        SET_R8(in->rm, flags_condition(cpu, CC_##cc));                                                       \
        NEXT();                                                                                              \
    }
FOR_EACH_CONDITION(REGISTER_FORMS, 0)

#define SET_MEMORY(form, unused)                                                                             \
    static HANDLER(h_set_##form)                                                                             \
    {                                                                                                        \
        WRITE_OPERAND(form, uint8_t);                                                                        \
        *host = flags_condition(cpu, (unsigned)in->imm);                                                     \
        NEXT_UNCHANGED();                                                                                    \
    }
FOR_EACH_MEMORY_FORM(SET_MEMORY, 0)

static handler_fn *const cmov_handlers[FORM_COUNT][16] = {
    [FORM_REG] = CONDITION_TABLE(h_cmov_REG_, ),     [FORM_FLAT] = CONDITION_TABLE(h_cmov_FLAT_, ),
    [FORM_FLATX] = CONDITION_TABLE(h_cmov_FLATX_, ), [FORM_SEG32] = CONDITION_TABLE(h_cmov_SEG32_, ),
    [FORM_SEG16] = CONDITION_TABLE(h_cmov_SEG16_, ),
};
static handler_fn *const set_handlers[16] = CONDITION_TABLE(h_set_, );
static handler_fn *const set_memory_handlers[FORM_COUNT] = {NULL, h_set_FLAT, h_set_FLATX, h_set_SEG32,
                                                            h_set_SEG16};

handler_fn *fast_condition_select(const struct cpu *cpu, const struct insn *in)
{
    enum fast_form form = fast_form_of(cpu, in);
    if (in->id == ID_cmov_32)
        return cmov_handlers[form][in->imm & 15];
    if (in->id == ID_setcc)
        return form == FORM_REG ? set_handlers[in->imm & 15] : set_memory_handlers[form];
    return NULL;
}
