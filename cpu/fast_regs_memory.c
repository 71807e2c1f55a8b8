/* Fast handlers by register: loads and arithmetic from flat memory into 32-bit registers, pushes and pops. */
#include "cpu/alu.h"
#include "cpu/fast_regs.h"
#include "cpu/fast_stack.h"

/* [base + disp] with fixed registers. */
#define AT(base_reg, type)                                                                                   \
    uint32_t linear = G(base_reg) + (uint32_t)in->disp;                                                      \
    HOST_OF(type, linear, read)

/* Names: <op>_<destination>_<base> */
#define LOAD(base_reg, destination, name, type)                                                              \
    static HANDLER(name##_##destination##_##base_reg)                                                        \
    {                                                                                                        \
        AT(base_reg, type);                                                                                  \
        SET_G(destination, (uint32_t)*host);                                                                 \
        GO(in + 1);                                                                                          \
    }
#define LOAD_ROW(destination, name, type) FOR_EACH_REG_2(LOAD, destination, name, type)
FOR_EACH_REG(LOAD_ROW, ld32, uint32_t)
FOR_EACH_REG(LOAD_ROW, ldz8, uint8_t)
FOR_EACH_REG(LOAD_ROW, lds8, int8_t)
FOR_EACH_REG(LOAD_ROW, ldz16, uint16_t)

#define STORE(base_reg, source, name, type)                                                                  \
    static HANDLER(name##_##source##_##base_reg)                                                             \
    {                                                                                                        \
        uint32_t linear = G(base_reg) + (uint32_t)in->disp;                                                  \
        HOST_OF(type, linear, write);                                                                        \
        *host = (type)G(source);                                                                             \
        GO(in + 1);                                                                                          \
    }
#define STORE_ROW(source, name, type) FOR_EACH_REG_2(STORE, source, name, type)
FOR_EACH_REG(STORE_ROW, st32, uint32_t)

/* Bytes, low or high halves of words by the register's number; the whole register is written. */
#define LOAD8(base_reg, destination, unused)                                                                 \
    static HANDLER(ld8_##destination##_##base_reg)                                                           \
    {                                                                                                        \
        AT(base_reg, uint8_t);                                                                               \
        enum { SHIFT = (destination) >> 2 << 3 };                                                            \
        SET_G(WHOLE(destination), (G(WHOLE(destination)) & ~(0xFFu << SHIFT)) | (uint32_t)*host << SHIFT);   \
        GO(in + 1);                                                                                          \
    }                                                                                                        \
    static HANDLER(st8_##destination##_##base_reg)                                                           \
    {                                                                                                        \
        uint32_t linear = G(base_reg) + (uint32_t)in->disp;                                                  \
        HOST_OF(uint8_t, linear, write);                                                                     \
        *host = cpu->gpr[(destination)&3].b[(destination) >> 2];                                             \
        GO(in + 1);                                                                                          \
    }
#define LOAD8_ROW(destination, unused) FOR_EACH_REG_2(LOAD8, destination, unused)
FOR_EACH_REG(LOAD8_ROW, 0)

#define STORE_IMMEDIATE(base_reg, name, type)                                                                \
    static HANDLER(name##_##base_reg)                                                                        \
    {                                                                                                        \
        uint32_t linear = G(base_reg) + (uint32_t)in->disp;                                                  \
        HOST_OF(type, linear, write);                                                                        \
        *host = (type)in->imm;                                                                               \
        GO(in + 1);                                                                                          \
    }
FOR_EACH_REG(STORE_IMMEDIATE, sti8, uint8_t)
FOR_EACH_REG(STORE_IMMEDIATE, sti32, uint32_t)

#define EVAL_f(op, a, b) do_##op##32(cpu, a, b)
#define EVAL_n(op, a, b) N_##op(a, b)
#define COMBINE(base_reg, destination, op, v)                                                                \
    static HANDLER(a_##op##_##v##_##destination##_##base_reg)                                                \
    {                                                                                                        \
        AT(base_reg, uint32_t);                                                                              \
        uint32_t value = *host;                                                                              \
        SET_G(destination, EVAL_##v(op, G(destination), value));                                             \
        GO(in + 1);                                                                                          \
    }
#define COMBINE_ROW(destination, op, v) FOR_EACH_REG_2(COMBINE, destination, op, v)
FOR_EACH_REG(COMBINE_ROW, add, f)
FOR_EACH_REG(COMBINE_ROW, add, n)
FOR_EACH_REG(COMBINE_ROW, sub, f)
FOR_EACH_REG(COMBINE_ROW, xor, f)
FOR_EACH_REG(COMBINE_ROW, and, f)
FOR_EACH_REG(COMBINE_ROW, or, f)

/* [base + index * scale + disp] for the usual scales: destination and base fixed, the index by its place. */
#define LOADX(base_reg, destination, name, type, scale)                                                      \
    static HANDLER(name##_##scale##_##destination##_##base_reg)                                              \
    {                                                                                                        \
        uint32_t linear = G(base_reg) + (R32(in->index) << (scale)) + (uint32_t)in->disp;                    \
        HOST_OF(type, linear, read);                                                                         \
        SET_G(destination, (uint32_t)*host);                                                                 \
        GO(in + 1);                                                                                          \
    }
#define LOADX_ROW(destination, name, type, scale) FOR_EACH_REG_2(LOADX, destination, name, type, scale)
FOR_EACH_REG(LOADX_ROW, ldx32, uint32_t, 0)
FOR_EACH_REG(LOADX_ROW, ldx32, uint32_t, 2)
FOR_EACH_REG(LOADX_ROW, ldxz8, uint8_t, 0)

/* [index * 4 + disp]: tables at fixed addresses. */
#define AT_ENTRY(index_reg)                                                                                  \
    uint32_t linear = (G(index_reg) << 2) + (uint32_t)in->disp;                                              \
    HOST_OF(uint32_t, linear, read)
#define LOADI(index_reg, destination, unused)                                                                \
    static HANDLER(ldi32_##destination##_##index_reg)                                                        \
    {                                                                                                        \
        AT_ENTRY(index_reg);                                                                                 \
        SET_G(destination, *host);                                                                           \
        GO(in + 1);                                                                                          \
    }
#define LOADI_ROW(destination, unused) FOR_EACH_REG_2(LOADI, destination, unused)
FOR_EACH_REG(LOADI_ROW, 0)
#define COMBINEI(index_reg, destination, op)                                                                 \
    static HANDLER(ai_##op##_##destination##_##index_reg)                                                    \
    {                                                                                                        \
        AT_ENTRY(index_reg);                                                                                 \
        uint32_t value = *host;                                                                              \
        SET_G(destination, do_##op##32(cpu, G(destination), value));                                         \
        GO(in + 1);                                                                                          \
    }
#define COMBINEI_ROW(destination, op) FOR_EACH_REG_2(COMBINEI, destination, op)
FOR_EACH_REG(COMBINEI_ROW, add)
FOR_EACH_REG(COMBINEI_ROW, xor)

/* Arithmetic with what is at [base + index * scale + disp]: the destination fixed. */
#define COMBINEX(destination, op)                                                                            \
    static HANDLER(ax_##op##_##destination)                                                                  \
    {                                                                                                        \
        READ_OPERAND(FLATX, uint32_t);                                                                       \
        uint32_t value = *host;                                                                              \
        SET_G(destination, do_##op##32(cpu, G(destination), value));                                         \
        GO(in + 1);                                                                                          \
    }
FOR_EACH_REG(COMBINEX, add)
FOR_EACH_REG(COMBINEX, xor)
FOR_EACH_REG(COMBINEX, adc)
FOR_EACH_REG(COMBINEX, sbb)
#define LOADB(number, unused)                                                                                \
    static HANDLER(ldx8_##number)                                                                            \
    {                                                                                                        \
        READ_OPERAND(FLATX, uint8_t);                                                                        \
        uint32_t value = *host;                                                                              \
        enum { SHIFT = (number) >> 2 << 3 };                                                                 \
        SET_G(WHOLE(number), (G(WHOLE(number)) & ~(0xFFu << SHIFT)) | value << SHIFT);                       \
        GO(in + 1);                                                                                          \
    }
FOR_EACH_REG(LOADB, 0)

#define PUSH_POP(reg, unused)                                                                                \
    static HANDLER(push_##reg)                                                                               \
    {                                                                                                        \
        PUSH_FLAT32(G(reg));                                                                                 \
        GO(in + 1);                                                                                          \
    }                                                                                                        \
    static HANDLER(pop_##reg)                                                                                \
    {                                                                                                        \
        POP_FLAT32(value);                                                                                   \
        SET_G(4, G(4) + 4);                                                                                  \
        SET_G(reg, value);                                                                                   \
        GO(in + 1);                                                                                          \
    }
FOR_EACH_REG(PUSH_POP, 0)

typedef handler_fn *const table_64[8][8];
typedef handler_fn *const table_8[8];

static table_64 loads[4] = {TABLE_OF_64(ld32_), TABLE_OF_64(ldz8_), TABLE_OF_64(lds8_), TABLE_OF_64(ldz16_)};
static table_64 stores = TABLE_OF_64(st32_);
static table_64 byte_loads = TABLE_OF_64(ld8_);
static table_64 byte_stores = TABLE_OF_64(st8_);
static table_8 immediate_stores[2] = {ROW_OF_8(sti8_, ), ROW_OF_8(sti32_, )};
static table_64 combine_add[2] = {TABLE_OF_64(a_add_f_), TABLE_OF_64(a_add_n_)};
static table_64 combine_sub = TABLE_OF_64(a_sub_f_);
static table_64 combine_xor = TABLE_OF_64(a_xor_f_);
static table_64 combine_and = TABLE_OF_64(a_and_f_);
static table_64 combine_or = TABLE_OF_64(a_or_f_);
static table_64 load_indexed[2] = {TABLE_OF_64(ldx32_0_), TABLE_OF_64(ldx32_2_)};
static table_64 load_byte_indexed = TABLE_OF_64(ldxz8_0_);
static table_64 load_table = TABLE_OF_64(ldi32_);
static table_64 combine_table[2] = {TABLE_OF_64(ai_add_), TABLE_OF_64(ai_xor_)};
static table_8 combine_indexed[4] = {ROW_OF_8(ax_add_, ), ROW_OF_8(ax_xor_, ), ROW_OF_8(ax_adc_, ),
                                     ROW_OF_8(ax_sbb_, )};
static table_8 byte_loads_indexed = ROW_OF_8(ldx8_, );
static table_8 pushes = ROW_OF_8(push_, );
static table_8 pops = ROW_OF_8(pop_, );

static handler_fn *select_flat(const struct insn *in, bool dead)
{
    unsigned reg = reg_number(in->reg), base = reg_number(in->base);
    if (base == REG_ZERO)
        return NULL;
    switch (in->id) {
    case ID_mov_r_rm_32:
        return loads[0][reg][base];
    case ID_mov_rm_r_32:
        return stores[reg][base];
    case ID_mov_r_rm_8:
        return byte_loads[byte_register(in->reg)][base];
    case ID_mov_rm_r_8:
        return byte_stores[byte_register(in->reg)][base];
    case ID_mov_rm_imm_8:
        return immediate_stores[0][base];
    case ID_mov_rm_imm_32:
        return immediate_stores[1][base];
    case ID_movzx8_32:
        return loads[1][reg][base];
    case ID_movsx8_32:
        return loads[2][reg][base];
    case ID_movzx16_32:
        return loads[3][reg][base];
    case ID_add_r_rm_32:
        return combine_add[dead][reg][base];
    case ID_sub_r_rm_32:
        return combine_sub[reg][base];
    case ID_xor_r_rm_32:
        return combine_xor[reg][base];
    case ID_and_r_rm_32:
        return combine_and[reg][base];
    case ID_or_r_rm_32:
        return combine_or[reg][base];
    default:
        return NULL;
    }
}

static handler_fn *select_indexed(const struct insn *in)
{
    unsigned reg = reg_number(in->reg), base = reg_number(in->base), index = reg_number(in->index);
    unsigned scale = in->ea & 3;
    bool table = base == REG_ZERO && scale == 2;
    switch (in->id) {
    case ID_mov_r_rm_32:
        if (base == REG_ZERO)
            return table ? load_table[reg][index] : NULL;
        return scale == 0 ? load_indexed[0][reg][base] : scale == 2 ? load_indexed[1][reg][base] : NULL;
    case ID_movzx8_32:
        return base != REG_ZERO && scale == 0 ? load_byte_indexed[reg][base] : NULL;
    case ID_mov_r_rm_8:
        return byte_loads_indexed[byte_register(in->reg)];
    case ID_add_r_rm_32:
        return table ? combine_table[0][reg][index] : combine_indexed[0][reg];
    case ID_xor_r_rm_32:
        return table ? combine_table[1][reg][index] : combine_indexed[1][reg];
    case ID_adc_r_rm_32:
        return combine_indexed[2][reg];
    case ID_sbb_r_rm_32:
        return combine_indexed[3][reg];
    default:
        return NULL;
    }
}

handler_fn *fast_regs_memory_select(const struct cpu *cpu, const struct insn *in, bool dead)
{
    if (!(in->ea & INSN_MEM) && stack_is_flat32(cpu)) {
        if (in->id == ID_push_rm_32)
            return pushes[reg_number(in->rm)];
        if (in->id == ID_pop_rm_32)
            return pops[reg_number(in->rm)];
    }
    enum fast_form form = fast_form_of(cpu, in);
    return form == FORM_FLAT ? select_flat(in, dead) : form == FORM_FLATX ? select_indexed(in) : NULL;
}
