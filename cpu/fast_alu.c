/* Fast handlers: arithmetic, logic, shifts. */
#include "cpu/alu.h"
#include "cpu/fast_operand.h"

enum alu_operation {
    OP_ADD,
    OP_OR,
    OP_ADC,
    OP_SBB,
    OP_AND,
    OP_SUB,
    OP_XOR,
    OP_CMP,
    OP_TEST,
    OP_INC,
    OP_DEC,
    OP_NEG,
    OP_NOT,
    OP_SHL,
    OP_SHR,
    OP_SAR,
    OP_IMUL,
    OP_COUNT
};

/* Handlers of one operation by operands: rr rm,reg; rrx reg,rm; ri rm,imm; with memory by form: rm reg,[m];
 * mr [m],reg; mi [m],imm. One-operand operations use rr and mr; shifts ri, and rr for CL. */
struct alu_handlers {
    handler_fn *rr, *rrx, *ri;
    handler_fn *rm[FORM_COUNT], *mr[FORM_COUNT], *mi[FORM_COUNT];
};

#define BITS 8
#include "cpu/fast_alu_width.h"
#undef BITS
#define BITS 16
#include "cpu/fast_alu_width.h"
#undef BITS
#define BITS 32
#include "cpu/fast_alu_width.h"
#undef BITS

/* How an instruction's operands lie. */
enum alu_shape {
    SHAPE_NONE,
    SHAPE_RM_R,
    SHAPE_R_RM,
    SHAPE_RM_IMM,
    SHAPE_RM,
    SHAPE_SHIFT_IMM,
    SHAPE_SHIFT_CL,
    SHAPE_R_RM_IMM
};

struct alu_row {
    uint8_t operation, shape, bits;
};

#define ROW(id, op, shape, bits) [ID_##id] = {op, shape, bits}
#define ROWS_BY_WIDTH(name, op, shape)                                                                       \
    ROW(name##_8, op, shape, 8), ROW(name##_16, op, shape, 16), ROW(name##_32, op, shape, 32)
#define BINARY_IDS(name, op)                                                                                 \
    ROWS_BY_WIDTH(name##_rm_r, op, SHAPE_RM_R), ROWS_BY_WIDTH(name##_r_rm, op, SHAPE_R_RM),                  \
        ROWS_BY_WIDTH(name##_rm_imm, op, SHAPE_RM_IMM)
#define SHIFT_IDS(name, op)                                                                                  \
    ROWS_BY_WIDTH(name##_rm_imm, op, SHAPE_SHIFT_IMM), ROWS_BY_WIDTH(name##_rm_cl, op, SHAPE_SHIFT_CL)

static const struct alu_row rows[ID_COUNT] = {
    BINARY_IDS(add, OP_ADD),
    BINARY_IDS(or, OP_OR),
    BINARY_IDS(adc, OP_ADC),
    BINARY_IDS(sbb, OP_SBB),
    BINARY_IDS(and, OP_AND),
    BINARY_IDS(sub, OP_SUB),
    BINARY_IDS(xor, OP_XOR),
    BINARY_IDS(cmp, OP_CMP),
    ROWS_BY_WIDTH(test_rm_r, OP_TEST, SHAPE_RM_R),
    ROWS_BY_WIDTH(test_rm_imm, OP_TEST, SHAPE_RM_IMM),
    ROWS_BY_WIDTH(inc_rm, OP_INC, SHAPE_RM),
    ROWS_BY_WIDTH(dec_rm, OP_DEC, SHAPE_RM),
    ROWS_BY_WIDTH(neg_rm, OP_NEG, SHAPE_RM),
    ROWS_BY_WIDTH(not_rm, OP_NOT, SHAPE_RM),
    SHIFT_IDS(shl, OP_SHL),
    SHIFT_IDS(shr, OP_SHR),
    SHIFT_IDS(sar, OP_SAR),
    ROW(imul_r_rm_16, OP_IMUL, SHAPE_R_RM, 16),
    ROW(imul_r_rm_32, OP_IMUL, SHAPE_R_RM, 32),
    ROW(imul_r_rm_imm_16, OP_IMUL, SHAPE_R_RM_IMM, 16),
    ROW(imul_r_rm_imm_32, OP_IMUL, SHAPE_R_RM_IMM, 32),
};

static const struct alu_handlers *handlers_of(const struct alu_row *row, bool dead)
{
    if (row->bits == 8)
        return &binary_handlers_8[row->operation][dead];
    return row->bits == 16 ? &binary_handlers_16[row->operation][dead]
                           : &binary_handlers_32[row->operation][dead];
}

/* The shape of what is not flags alone: XOR r,r and SUB r,r need no special care, they are exact as they are.
 */
handler_fn *fast_alu_select(const struct cpu *cpu, const struct insn *in, bool dead)
{
    const struct alu_row *row = &rows[in->id];
    if (row->shape == SHAPE_NONE)
        return NULL;
    const struct alu_handlers *h = handlers_of(row, dead);
    enum fast_form form = fast_form_of(cpu, in);
    bool reg = form == FORM_REG;
    switch (row->shape) {
    case SHAPE_RM_R:
        return reg ? h->rr : h->mr[form];
    case SHAPE_R_RM:
        return row->operation == OP_IMUL ? reg ? h->rr : h->rm[form] : reg ? h->rrx : h->rm[form];
    case SHAPE_RM_IMM:
        return reg ? h->ri : h->mi[form];
    case SHAPE_RM:
        return reg ? h->rr : h->mr[form];
    case SHAPE_SHIFT_IMM:
        return reg && (in->imm & 31) ? h->ri : NULL;
    case SHAPE_SHIFT_CL:
        return reg ? h->rr : NULL;
    case SHAPE_R_RM_IMM:
        return reg ? h->ri : NULL;
    default:
        return NULL;
    }
}
