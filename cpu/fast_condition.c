/* Fast handlers: CMOVcc of 32 bits and SETcc, by condition. */
#include "cpu/fast_flow.h"
#include "cpu/fast_regs.h"
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
FOR_EACH_CONDITION(CMOV_MEMORY, SEG32)
FOR_EACH_CONDITION(CMOV_MEMORY, SEG16)

/* Into fixed registers, those of SETcc by their numbers as bytes. */
#define FIXED(reg_, cc)                                                                                      \
    static HANDLER(h_cmov_FLAT_##cc##_##reg_)                                                                \
    {                                                                                                        \
        READ_OPERAND(FLATX, uint32_t);                                                                       \
        uint32_t value = *host;                                                                              \
        if (flags_condition(cpu, CC_##cc))                                                                   \
            SET_G(reg_, value);                                                                              \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(h_cmov_REG_##cc##_##reg_)                                                                 \
    {                                                                                                        \
        if (flags_condition(cpu, CC_##cc))                                                                   \
            SET_G(reg_, R32(in->rm));                                                                        \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(h_set_##cc##_##reg_)                                                                      \
    {                                                                                                        \
        enum { SHIFT = (reg_) >> 2 << 3 };                                                                   \
        uint32_t value = flags_condition(cpu, CC_##cc);                                                      \
        SET_G(WHOLE(reg_), (G(WHOLE(reg_)) & ~(0xFFu << SHIFT)) | value << SHIFT);                           \
        NEXT_UNCHANGED();                                                                                    \
    }
#define FIXED_ROW(cc, unused) FOR_EACH_REG(FIXED, cc)
FOR_EACH_CONDITION(FIXED_ROW, 0)

#define SET_MEMORY(form, unused)                                                                             \
    static HANDLER(h_set_##form)                                                                             \
    {                                                                                                        \
        WRITE_OPERAND(form, uint8_t);                                                                        \
        *host = flags_condition(cpu, (unsigned)in->imm);                                                     \
        NEXT_UNCHANGED();                                                                                    \
    }
FOR_EACH_MEMORY_FORM(SET_MEMORY, 0)

static handler_fn *const cmov_segment[2][16] = {CONDITION_TABLE(h_cmov_SEG32_, ),
                                                CONDITION_TABLE(h_cmov_SEG16_, )};
/* [condition][register] */
#define FIXED_TABLE(name)                                                                                    \
    {                                                                                                        \
        ROW_OF_8(name##O_, ), ROW_OF_8(name##NO_, ), ROW_OF_8(name##B_, ), ROW_OF_8(name##NB_, ),            \
            ROW_OF_8(name##Z_, ), ROW_OF_8(name##NZ_, ), ROW_OF_8(name##BE_, ), ROW_OF_8(name##NBE_, ),      \
            ROW_OF_8(name##S_, ), ROW_OF_8(name##NS_, ), ROW_OF_8(name##P_, ), ROW_OF_8(name##NP_, ),        \
            ROW_OF_8(name##L_, ), ROW_OF_8(name##NL_, ), ROW_OF_8(name##LE_, ), ROW_OF_8(name##NLE_, )       \
    }
static handler_fn *const cmov_flat[16][8] = FIXED_TABLE(h_cmov_FLAT_);
static handler_fn *const cmov_register[16][8] = FIXED_TABLE(h_cmov_REG_);
static handler_fn *const set_handlers[16][8] = FIXED_TABLE(h_set_);
static handler_fn *const set_memory_handlers[FORM_COUNT] = {NULL, h_set_FLAT, h_set_FLATX, h_set_SEG32,
                                                            h_set_SEG16};

handler_fn *fast_condition_select(const struct cpu *cpu, const struct insn *in)
{
    enum fast_form form = fast_form_of(cpu, in);
    unsigned condition = in->imm & 15;
    if (in->id == ID_cmov_32) {
        if (form == FORM_SEG32 || form == FORM_SEG16)
            return cmov_segment[form == FORM_SEG16][condition];
        return (form == FORM_REG ? cmov_register : cmov_flat)[condition][reg_number(in->reg)];
    }
    if (in->id == ID_setcc)
        return form == FORM_REG ? set_handlers[condition][byte_register(in->rm)] : set_memory_handlers[form];
    return NULL;
}
