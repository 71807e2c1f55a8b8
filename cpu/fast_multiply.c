/* Fast handlers: multiplication and division with the accumulator, 16 and 32 bits. */
#include "cpu/alu.h"
#include "cpu/fast_operand.h"
#include "cpu/insn.h"

#define ACCUMULATOR(bits) ((uint##bits##_t)G(0))
#define UPPER(bits)       ((uint##bits##_t)G(2))
/* The accumulator and the register above it, of which 16-bit operations write the lower halves. */
#define SET_BOTH_16(low, high)                                                                               \
    do {                                                                                                     \
        SET_G(0, (G(0) & ~0xFFFFu) | (uint16_t)(low));                                                       \
        SET_G(2, (G(2) & ~0xFFFFu) | (uint16_t)(high));                                                      \
    } while (0)
#define SET_BOTH_32(low, high)                                                                               \
    do {                                                                                                     \
        SET_G(0, (uint32_t)(low));                                                                           \
        SET_G(2, (uint32_t)(high));                                                                          \
    } while (0)

/* A division that faults is left to the plain function. */
#define OPERATIONS(bits, form, OPERAND)                                                                      \
    static HANDLER(h_mul_##bits##_##form)                                                                    \
    {                                                                                                        \
        OPERAND(form, bits);                                                                                 \
        uint64_t product = (uint64_t)ACCUMULATOR(bits) * value;                                              \
        SET_BOTH_##bits(product, product >> bits);                                                           \
        flags_set_coa(cpu, (int##bits##_t)product, product >> bits ? FLAG_CF | FLAG_OF : 0);                 \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(h_imul_##bits##_##form)                                                                   \
    {                                                                                                        \
        OPERAND(form, bits);                                                                                 \
        int64_t product = (int64_t)(int##bits##_t)ACCUMULATOR(bits) * (int##bits##_t)value;                  \
        SET_BOTH_##bits(product, (uint64_t)product >> bits);                                                 \
        flags_set_coa(cpu, (int##bits##_t)product,                                                           \
                      product != (int##bits##_t)product ? FLAG_CF | FLAG_OF : 0);                            \
        NEXT_UNCHANGED();                                                                                    \
    }                                                                                                        \
    static HANDLER(h_div_##bits##_##form)                                                                    \
    {                                                                                                        \
        OPERAND(form, bits);                                                                                 \
        if (UNLIKELY(UPPER(bits) >= value))                                                                  \
            PLAIN();                                                                                         \
        uint64_t a = (uint64_t)UPPER(bits) << bits | ACCUMULATOR(bits);                                      \
        SET_BOTH_##bits(a / value, a % value);                                                               \
        NEXT_UNCHANGED();                                                                                    \
    }

#define FROM_MEMORY(form, bits)                                                                              \
    READ_OPERAND(form, uint##bits##_t);                                                                      \
    uint##bits##_t value = *host
#define FROM_REGISTER(form, bits)     uint##bits##_t value = R##bits(in->rm)
#define MEMORY_OPERATIONS(form, bits) OPERATIONS(bits, form, FROM_MEMORY)
OPERATIONS(16, REG, FROM_REGISTER)
OPERATIONS(32, REG, FROM_REGISTER)
FOR_EACH_MEMORY_FORM(MEMORY_OPERATIONS, 16)
FOR_EACH_MEMORY_FORM(MEMORY_OPERATIONS, 32)

#define FORMS(name)                                                                                          \
    {                                                                                                        \
        name##_REG, name##_FLAT, name##_FLATX, name##_SEG32, name##_SEG16                                    \
    }
typedef handler_fn *const by_form[FORM_COUNT];
static by_form mul[2] = {FORMS(h_mul_16), FORMS(h_mul_32)}, imul[2] = {FORMS(h_imul_16), FORMS(h_imul_32)},
               div_[2] = {FORMS(h_div_16), FORMS(h_div_32)};

handler_fn *fast_multiply_select(const struct cpu *cpu, const struct insn *in)
{
    enum fast_form form = fast_form_of(cpu, in);
    switch (in->id) {
    case ID_mul_rm_16:
    case ID_mul_rm_32:
        return mul[in->id == ID_mul_rm_32][form];
    case ID_imul_rm_16:
    case ID_imul_rm_32:
        return imul[in->id == ID_imul_rm_32][form];
    case ID_div_rm_16:
    case ID_div_rm_32:
        return div_[in->id == ID_div_rm_32][form];
    default:
        return NULL;
    }
}
