/* Fast handlers: a comparison and the conditional branch behind it as one. The branch keeps its own record,
 * for when the comparison has to go the plain way. */
#include "cpu/alu.h"
#include "cpu/fast_flow.h"

/* OPERANDS_<kind>(form) declares a_ and b_. */
#define OPERANDS_RR(form)  UINT a_ = R(in->rm), b_ = R(in->reg)
#define OPERANDS_RRX(form) UINT a_ = R(in->reg), b_ = R(in->rm)
#define OPERANDS_RI(form)  UINT a_ = R(in->rm), b_ = (UINT)in->imm
#define OPERANDS_MR(form)                                                                                    \
    READ_OPERAND(form, UINT);                                                                                \
    UINT a_ = *host, b_ = R(in->reg)
#define OPERANDS_RM(form)                                                                                    \
    READ_OPERAND(form, UINT);                                                                                \
    UINT a_ = R(in->reg), b_ = *host
#define OPERANDS_MI(form)                                                                                    \
    READ_OPERAND(form, UINT);                                                                                \
    UINT a_ = *host, b_ = (UINT)in->imm

#define FUSED(cc, op, kind, v, form)                                                                         \
    static HANDLER(FN(h_##op##_##kind##_j##cc##_##v))                                                        \
    {                                                                                                        \
        const struct block_exits *exits = EXITS(in + 2);                                                     \
        OPERANDS_##kind(form);                                                                               \
        INT r_ = (INT)NAME(do_##op)(cpu, a_, b_);                                                            \
        (void)r_;                                                                                            \
        if (AFTER_##op##_##cc)                                                                               \
            TAKE_FUSED(v, exits);                                                                            \
        FALL(v, in + 1, exits);                                                                              \
    }
#define do_SUB8  do_sub8
#define do_SUB16 do_sub16
#define do_SUB32 do_sub32
#define do_AND8  do_and8
#define do_AND16 do_and16
#define do_AND32 do_and32

/* The comparison is over when the target turns out to be outside the segment: the branch's own plain function
 * then faults. */
#define TAKE_FUSED(v, exits_)                                                                                \
    do {                                                                                                     \
        if (TARGET_OUTSIDE_##v(WRAP_##v(ip + (uint64_t)(exits_)->target)))                                   \
            GO_TO(cpu->go_plain, in + 1);                                                                    \
        TAKE(v, exits_);                                                                                     \
    } while (0)
#define TARGET_OUTSIDE_V32(target) false
#define TARGET_OUTSIDE_V16(target) UNLIKELY((target) > cpu->seg[SEG_CS].limit)

struct fused_handlers {
    handler_fn *rr[16], *rrx[16], *ri[16], *mr[16], *rm[16], *mi[16], *test_rr[16], *test_ri[16];
};

#define BITS 8
#include "cpu/fast_fused_width.h"
#undef BITS
#define BITS 16
#include "cpu/fast_fused_width.h"
#undef BITS
#define BITS 32
#include "cpu/fast_fused_width.h"
#undef BITS

static handler_fn *const *fused_row(const struct fused_handlers *h, unsigned id, bool memory)
{
    switch (id) {
    case ID_cmp_rm_r_8:
    case ID_cmp_rm_r_16:
    case ID_cmp_rm_r_32:
        return memory ? h->mr : h->rr;
    case ID_cmp_r_rm_8:
    case ID_cmp_r_rm_16:
    case ID_cmp_r_rm_32:
        return memory ? h->rm : h->rrx;
    case ID_cmp_rm_imm_8:
    case ID_cmp_rm_imm_16:
    case ID_cmp_rm_imm_32:
        return memory ? h->mi : h->ri;
    case ID_test_rm_r_8:
    case ID_test_rm_r_16:
    case ID_test_rm_r_32:
        return memory ? NULL : h->test_rr;
    case ID_test_rm_imm_8:
    case ID_test_rm_imm_16:
    case ID_test_rm_imm_32:
        return memory ? NULL : h->test_ri;
    default:
        return NULL;
    }
}

static unsigned width_of(unsigned id)
{
    switch (id) {
    case ID_cmp_rm_r_8:
    case ID_cmp_r_rm_8:
    case ID_cmp_rm_imm_8:
    case ID_test_rm_r_8:
    case ID_test_rm_imm_8:
        return 8;
    case ID_cmp_rm_r_16:
    case ID_cmp_r_rm_16:
    case ID_cmp_rm_imm_16:
    case ID_test_rm_r_16:
    case ID_test_rm_imm_16:
        return 16;
    default:
        return 32;
    }
}

handler_fn *fast_fused_select(const struct cpu *cpu, const struct insn *in, const struct insn *next)
{
    bool bits32 = next->id == ID_jcc_32;
    if (!bits32 && next->id != ID_jcc_16)
        return NULL;
    if (bits32 ? !(cpu->mode & MODE_FLAT_CODE) : (cpu->mode & MODE_CODE32) != 0)
        return NULL;
    enum fast_form form = fast_form_of(cpu, in);
    if (form != FORM_REG && form != (bits32 ? FORM_FLAT : FORM_SEG16))
        return NULL;
    static const struct fused_handlers *const by_width[3][2] = {
        {&fused_V16_8, &fused_V32_8}, {&fused_V16_16, &fused_V32_16}, {&fused_V16_32, &fused_V32_32}};
    unsigned width = width_of(in->id);
    handler_fn *const *row = fused_row(by_width[width == 8    ? 0
                                                : width == 16 ? 1
                                                              : 2][bits32],
                                       in->id, form != FORM_REG);
    return row ? row[next->reg & 15] : NULL;
}
