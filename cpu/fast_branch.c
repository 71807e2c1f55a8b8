/* Fast handlers: 32-bit arithmetic on one fixed register and the conditional branch behind it as one, as ends
 * of loops have them: CMP or TEST with the branch; a step of the register, CMP and the branch; a result and
 * the branch. No instruction of these can fault, and in 32-bit code without a limit the branch cannot either.
 */
#include "cpu/fast_branch.h"
#include "cpu/alu.h"
#include "cpu/fast_flow.h"
#include "cpu/fast_regs.h"

#define BITS 32
#include "cpu/width.h"

/* The branch where CONDITION holds, COUNT records behind IN. */
#define BRANCH(condition, count)                                                                             \
    do {                                                                                                     \
        const struct block_exits *exits_ = EXITS(in + (count) + 1);                                          \
        if (condition)                                                                                       \
            TAKE(V32, exits_);                                                                               \
        FALL(V32, in + (count), exits_);                                                                     \
    } while (0)

/* --- CMP and TEST --- */

#define COMPARE(cc, reg, kind, B)                                                                            \
    static HANDLER(cmp_##kind##_##reg##_##cc)                                                                \
    {                                                                                                        \
        uint32_t a_ = G(reg), b_ = B;                                                                        \
        int32_t r_ = (int32_t)do_sub32(cpu, a_, b_);                                                         \
        (void)r_;                                                                                            \
        BRANCH(AFTER_SUB_##cc, 1);                                                                           \
    }
#define COMPARE_ROW(reg, kind, B) FOR_EACH_CONDITION(COMPARE, reg, kind, B)
FOR_EACH_REG(COMPARE_ROW, imm, (uint32_t)in->imm)
FOR_EACH_REG(COMPARE_ROW, rm, R32(in->rm))
FOR_EACH_REG(COMPARE_ROW, reg, R32(in->reg))

#define TEST(cc, reg, unused)                                                                                \
    static HANDLER(test_##reg##_##cc)                                                                        \
    {                                                                                                        \
        int32_t r_ = (int32_t)G(reg);                                                                        \
        flags_set_logic(cpu, r_);                                                                            \
        BRANCH(AFTER_AND_##cc, 1);                                                                           \
    }
#define TEST_ROW(reg, unused) FOR_EACH_CONDITION(TEST, reg, 0)
FOR_EACH_REG(TEST_ROW, 0)

/* --- a step of the register, whose flags nobody sees, CMP of it and the branch --- */

#define STEP_inc (a_ + 1)
#define STEP_dec (a_ - 1)
#define STEP_imm (a_ + (uint32_t)in->imm)
#define STEP_reg (a_ + R32(in->reg))
#define STEP(cc, reg_, step, kind, B)                                                                        \
    static HANDLER(step_##step##_##kind##_##reg_##_##cc)                                                     \
    {                                                                                                        \
        uint32_t a_ = G(reg_);                                                                               \
        a_ = STEP_##step;                                                                                    \
        SET_G(reg_, a_);                                                                                     \
        uint32_t b_ = B;                                                                                     \
        int32_t r_ = (int32_t)do_sub32(cpu, a_, b_);                                                         \
        (void)r_;                                                                                            \
        BRANCH(AFTER_SUB_##cc, 2);                                                                           \
    }
/* What loops end with. */
#define FOR_EACH_ORDER(X, ...)                                                                               \
    X(B, __VA_ARGS__)                                                                                        \
    X(NB, __VA_ARGS__)                                                                                       \
    X(Z, __VA_ARGS__)                                                                                        \
    X(NZ, __VA_ARGS__)                                                                                       \
    X(BE, __VA_ARGS__)                                                                                       \
    X(NBE, __VA_ARGS__)                                                                                      \
    X(L, __VA_ARGS__)                                                                                        \
    X(NL, __VA_ARGS__)                                                                                       \
    X(LE, __VA_ARGS__)                                                                                       \
    X(NLE, __VA_ARGS__)
#define STEP_ROW(reg, step, kind, B) FOR_EACH_ORDER(STEP, reg, step, kind, B)
#define STEPS(step)                                                                                          \
    FOR_EACH_REG(STEP_ROW, step, imm, (uint32_t)in[1].imm)                                                   \
    FOR_EACH_REG(STEP_ROW, step, rm, R32(in[1].rm))                                                          \
    FOR_EACH_REG(STEP_ROW, step, reg, R32(in[1].reg))
STEPS(inc)
STEPS(dec)
STEPS(imm)
STEPS(reg)

/* --- a result and the branch --- */

#define RESULT(cc, destination, op, kind, EVAL)                                                              \
    static HANDLER(res_##op##_##kind##_##destination##_##cc)                                                 \
    {                                                                                                        \
        uint32_t a_ = G(destination);                                                                        \
        int32_t r_ = (int32_t)EVAL;                                                                          \
        SET_G(destination, (uint32_t)r_);                                                                    \
        BRANCH(AFTER_AND_##cc, 1);                                                                           \
    }
#define FOR_EACH_SIGN(X, ...)                                                                                \
    X(Z, __VA_ARGS__)                                                                                        \
    X(NZ, __VA_ARGS__)                                                                                       \
    X(S, __VA_ARGS__)                                                                                        \
    X(NS, __VA_ARGS__)
#define RESULT_ROW(destination, op, kind, EVAL) FOR_EACH_SIGN(RESULT, destination, op, kind, EVAL)
FOR_EACH_REG(RESULT_ROW, inc, one, do_inc32(cpu, a_))
FOR_EACH_REG(RESULT_ROW, dec, one, do_dec32(cpu, a_))
FOR_EACH_REG(RESULT_ROW, and, imm, do_and32(cpu, a_, (uint32_t)in->imm))
FOR_EACH_REG(RESULT_ROW, add, imm, do_add32(cpu, a_, (uint32_t)in->imm))
FOR_EACH_REG(RESULT_ROW, sub, imm, do_sub32(cpu, a_, (uint32_t)in->imm))
FOR_EACH_REG(RESULT_ROW, and, reg, do_and32(cpu, a_, R32(in->reg)))
FOR_EACH_REG(RESULT_ROW, or, reg, do_or32(cpu, a_, R32(in->reg)))
FOR_EACH_REG(RESULT_ROW, add, reg, do_add32(cpu, a_, R32(in->reg)))
FOR_EACH_REG(RESULT_ROW, sub, reg, do_sub32(cpu, a_, R32(in->reg)))

/* --- tables: [register][condition] --- */

typedef handler_fn *const table[8][16];

#define EACH_REG_TABLE(ROW, name)                                                                            \
    {                                                                                                        \
        ROW(name##_0_), ROW(name##_1_), ROW(name##_2_), ROW(name##_3_), ROW(name##_4_), ROW(name##_5_),      \
            ROW(name##_6_), ROW(name##_7_)                                                                   \
    }
#define ALL_ROW(name) CONDITION_TABLE(name, )
#define ORDER_ROW(name)                                                                                      \
    {                                                                                                        \
        [CC_B] = name##B, [CC_NB] = name##NB, [CC_Z] = name##Z, [CC_NZ] = name##NZ, [CC_BE] = name##BE,      \
        [CC_NBE] = name##NBE, [CC_L] = name##L, [CC_NL] = name##NL, [CC_LE] = name##LE, [CC_NLE] = name##NLE \
    }
#define SIGN_ROW(name)                                                                                       \
    {                                                                                                        \
        [CC_Z] = name##Z, [CC_NZ] = name##NZ, [CC_S] = name##S, [CC_NS] = name##NS                           \
    }

/* What is compared with: an immediate, the operand rm (CMP reg,rm), or reg (CMP rm,reg). */
enum with { WITH_IMM, WITH_RM, WITH_REG, WITHS };
enum step { STEP_INC, STEP_DEC, STEP_IMM, STEP_REG, STEP_NONE };
enum result {
    RESULT_INC,
    RESULT_DEC,
    RESULT_AND_IMM,
    RESULT_ADD_IMM,
    RESULT_SUB_IMM,
    RESULT_AND_REG,
    RESULT_OR_REG,
    RESULT_ADD_REG,
    RESULT_SUB_REG,
    RESULT_NONE
};

static table compare[WITHS] = {EACH_REG_TABLE(ALL_ROW, cmp_imm), EACH_REG_TABLE(ALL_ROW, cmp_rm),
                               EACH_REG_TABLE(ALL_ROW, cmp_reg)};
static table test = EACH_REG_TABLE(ALL_ROW, test);
#define STEP_TABLES(step)                                                                                    \
    {                                                                                                        \
        EACH_REG_TABLE(ORDER_ROW, step##_imm), EACH_REG_TABLE(ORDER_ROW, step##_rm),                         \
            EACH_REG_TABLE(ORDER_ROW, step##_reg)                                                            \
    }
static table steps[STEP_NONE][WITHS] = {STEP_TABLES(step_inc), STEP_TABLES(step_dec), STEP_TABLES(step_imm),
                                        STEP_TABLES(step_reg)};
static table results[RESULT_NONE] = {
    EACH_REG_TABLE(SIGN_ROW, res_inc_one), EACH_REG_TABLE(SIGN_ROW, res_dec_one),
    EACH_REG_TABLE(SIGN_ROW, res_and_imm), EACH_REG_TABLE(SIGN_ROW, res_add_imm),
    EACH_REG_TABLE(SIGN_ROW, res_sub_imm), EACH_REG_TABLE(SIGN_ROW, res_and_reg),
    EACH_REG_TABLE(SIGN_ROW, res_or_reg),  EACH_REG_TABLE(SIGN_ROW, res_add_reg),
    EACH_REG_TABLE(SIGN_ROW, res_sub_reg),
};

static enum with compared_with(unsigned id)
{
    switch (id) {
    case ID_cmp_rm_imm_32:
        return WITH_IMM;
    case ID_cmp_r_rm_32:
        return WITH_RM;
    case ID_cmp_rm_r_32:
        return WITH_REG;
    default:
        return WITHS;
    }
}

static enum step step_of(unsigned id)
{
    switch (id) {
    case ID_inc_rm_32:
        return STEP_INC;
    case ID_dec_rm_32:
        return STEP_DEC;
    case ID_add_rm_imm_32:
        return STEP_IMM;
    case ID_add_rm_r_32:
        return STEP_REG;
    default:
        return STEP_NONE;
    }
}

static enum result result_of(unsigned id)
{
    switch (id) {
    case ID_inc_rm_32:
        return RESULT_INC;
    case ID_dec_rm_32:
        return RESULT_DEC;
    case ID_and_rm_imm_32:
        return RESULT_AND_IMM;
    case ID_add_rm_imm_32:
        return RESULT_ADD_IMM;
    case ID_sub_rm_imm_32:
        return RESULT_SUB_IMM;
    case ID_and_rm_r_32:
        return RESULT_AND_REG;
    case ID_or_rm_r_32:
        return RESULT_OR_REG;
    case ID_add_rm_r_32:
        return RESULT_ADD_REG;
    case ID_sub_rm_r_32:
        return RESULT_SUB_REG;
    default:
        return RESULT_NONE;
    }
}

/* The register whose value a comparison begins with. */
static unsigned compared(const struct insn *in, enum with with)
{
    return reg_number(with == WITH_RM ? in->reg : in->rm);
}

static bool is_branch(const struct cpu *cpu, const struct insn *in)
{
    return in->id == ID_jcc_32 && (cpu->mode & MODE_FLAT_CODE);
}

static handler_fn *select_pair(const struct insn *in, unsigned condition)
{
    enum with with = compared_with(in->id);
    if (with != WITHS)
        return compare[with][compared(in, with)][condition];
    if (in->id == ID_test_rm_r_32)
        return in->rm == in->reg ? test[reg_number(in->rm)][condition] : NULL;
    enum result result = result_of(in->id);
    return result == RESULT_NONE ? NULL : results[result][reg_number(in->rm)][condition];
}

handler_fn *fast_branch_select(const struct cpu *cpu, const struct insn *in, bool dead, unsigned following)
{
    if (following < 1 || (in->ea & INSN_MEM) || (in[1].ea & INSN_MEM))
        return NULL;
    if (is_branch(cpu, &in[1]))
        return dead ? NULL : select_pair(in, in[1].reg & 15);
    if (following < 2 || !dead || !is_branch(cpu, &in[2]))
        return NULL;
    enum step step = step_of(in->id);
    enum with with = compared_with(in[1].id);
    if (step == STEP_NONE || with == WITHS || compared(&in[1], with) != reg_number(in->rm))
        return NULL;
    return steps[step][with][reg_number(in->rm)][in[2].reg & 15];
}
