/* Models and what their instructions cost.
 *
 * 286 to Pentium follow the vendors' published tables (insns.def and costs.def name them). For the P6, whose
 * instructions have no fixed cost, the rule is: what the Pentium does in up to 3 cycles costs 1, anything
 * else half of the Pentium's cycles, rounded up. Taken branches are predicted and cost nothing more.
 *
 * Signatures and features: Intel AP-485, "Processor Identification and the CPUID Instruction". */
#include "cpu/model.h"

#include <string.h>
#include <strings.h>

#include "cpu/cpu_private.h"
#include "cpu/insn.h"

#define EFLAGS_386 (FLAGS_ARITH | FLAG_TF | FLAG_IF | FLAG_DF | FLAG_IOPL | FLAG_NT | FLAG_RF | FLAG_VM)
#define EFLAGS_486 (EFLAGS_386 | FLAG_AC)
#define EFLAGS_P5  (EFLAGS_486 | FLAG_VIF | FLAG_VIP | FLAG_ID)

static const struct cpu_model models[] = {
    {
        .name = "p6",
        .title = "Pentium II class (P6 with MMX)",
        .hz = 200000000,
        .level = LEVEL_P6,
        .cost_column = COST_P5,
        .p6_rule = true,
        .signature = 0x652,
        .has_cpuid = true,
        .vendor = "GenuineIntel",
        .features = CPUID_FPU | CPUID_VME | CPUID_DE | CPUID_PSE | CPUID_TSC | CPUID_MSR | CPUID_PAE |
                    CPUID_MCE | CPUID_CX8 | CPUID_APIC | CPUID_SEP | CPUID_MTRR | CPUID_PGE | CPUID_MCA |
                    CPUID_CMOV | CPUID_PAT | CPUID_PSE36 | CPUID_MMX | CPUID_FXSR,
        .has_fpu = true,
        .cr4_bits = CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_PCE |
                    CR4_OSFXSR,
        .eflags_bits = EFLAGS_P5,
        .cr0_reset = CR0_CD | CR0_NW | CR0_ET,
        .rep_start = {12, 9, 7, 8, 9, 11, 13},
        .rep_each = {1, 1, 1, 2, 2, 3, 4},
        .exception_cost = 12,
        .interrupt_cost = 12,
    },
    {
        .name = "pentium",
        .title = "Pentium with MMX",
        .hz = 166000000,
        .level = LEVEL_P5,
        .cost_column = COST_P5,
        .signature = 0x543,
        .has_cpuid = true,
        .vendor = "GenuineIntel",
        .features = CPUID_FPU | CPUID_VME | CPUID_DE | CPUID_PSE | CPUID_TSC | CPUID_MSR | CPUID_MCE |
                    CPUID_CX8 | CPUID_APIC | CPUID_MMX,
        .has_fpu = true,
        .cr4_bits = CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE,
        .eflags_bits = EFLAGS_P5,
        .cr0_reset = CR0_CD | CR0_NW | CR0_ET,
        .rep_start = {13, 9, 7, 8, 9, 11, 13},
        .rep_each = {1, 1, 3, 4, 4, 3, 4},
        .taken_loop = 1,
        .exception_cost = 16,
        .interrupt_cost = 16,
    },
    {
        .name = "486",
        .title = "486DX4",
        .hz = 100000000,
        .level = LEVEL_486,
        .cost_column = COST_486,
        .signature = 0x480,
        .has_cpuid = true,
        .vendor = "GenuineIntel",
        .features = CPUID_FPU | CPUID_VME,
        .has_fpu = true,
        .cr4_bits = CR4_VME | CR4_PVI,
        .eflags_bits = EFLAGS_P5,
        .cr0_reset = CR0_CD | CR0_NW | CR0_ET,
        .rep_start = {12, 7, 7, 7, 7, 16, 17},
        .rep_each = {3, 4, 4, 7, 5, 8, 5},
        .taken_jcc = 2,
        .taken_loop = 1,
        .exception_cost = 26,
        .interrupt_cost = 26,
    },
    {
        .name = "386",
        .title = "386DX with 387DX",
        .hz = 33000000,
        .level = LEVEL_386,
        .cost_column = COST_386,
        .signature = 0x308,
        .has_fpu = true,
        .eflags_bits = EFLAGS_386,
        .cr0_reset = CR0_ET,
        .rep_start = {5, 5, 5, 5, 5, 13, 12},
        .rep_each = {4, 5, 6, 9, 8, 6, 5},
        .taken_jcc = 6,
        .taken_loop = 2,
        .exception_cost = 37,
        .interrupt_cost = 37,
    },
    {
        .name = "286",
        .title = "286 in real mode with 287, for firmware of your own (--bios)",
        .hz = 12000000,
        .level = LEVEL_286,
        .cost_column = COST_286,
        .signature = 0x2FF,
        .has_fpu = true,
        .eflags_bits = FLAGS_ARITH | FLAG_TF | FLAG_IF | FLAG_DF,
        .rep_start = {5, 4, 5, 5, 5, 5, 5},
        .rep_each = {4, 3, 4, 9, 8, 4, 4},
        .taken_jcc = 6,
        .taken_loop = 6,
        .exception_cost = 23,
        .interrupt_cost = 23,
    },
};

#define MODEL_COUNT (sizeof models / sizeof models[0])

const struct cpu_model *cpu_model_find(const char *name)
{
    for (unsigned i = 0; i < MODEL_COUNT; i++)
        if (!strcasecmp(models[i].name, name))
            return &models[i];
    return NULL;
}

const struct cpu_model *cpu_model_at(unsigned index)
{
    return index < MODEL_COUNT ? &models[index] : NULL;
}

const struct cpu_model *cpu_model_default(void)
{
    return &models[0];
}

const char *cpu_model_name(const struct cpu_model *model)
{
    return model->name;
}

const char *cpu_model_title(const struct cpu_model *model)
{
    return model->title;
}

uint64_t cpu_model_hz(const struct cpu_model *model)
{
    return model->hz;
}

/* x87 instructions by escape opcode (less D8h) and ModRM byte: its reg field with memory operands, its low 6
 * bits with registers. */
static const uint16_t x87_memory_cycles[COST_COLUMNS][64] = {
    [COST_286] =
        {
#define X87_MEM(escape, reg, c286, c386, c486, cp5) [(escape) << 3 | (reg)] = (c286),
#include "cpu/costs.def"
        },
    [COST_386] =
        {
#define X87_MEM(escape, reg, c286, c386, c486, cp5) [(escape) << 3 | (reg)] = (c386),
#include "cpu/costs.def"
        },
    [COST_486] =
        {
#define X87_MEM(escape, reg, c286, c386, c486, cp5) [(escape) << 3 | (reg)] = (c486),
#include "cpu/costs.def"
        },
    [COST_P5] =
        {
#define X87_MEM(escape, reg, c286, c386, c486, cp5) [(escape) << 3 | (reg)] = (cp5),
#include "cpu/costs.def"
        },
};

#define X87_INDEX(escape, modrm) ((escape) << 6 | ((modrm)&63))
static const uint16_t x87_register_cycles[COST_COLUMNS][512] = {
    [COST_286] =
        {
#define X87_REG(escape, first, last, c286, c386, c486, cp5)                                                  \
    [X87_INDEX(escape, first)... X87_INDEX(escape, last)] = (c286),
#include "cpu/costs.def"
        },
    [COST_386] =
        {
#define X87_REG(escape, first, last, c286, c386, c486, cp5)                                                  \
    [X87_INDEX(escape, first)... X87_INDEX(escape, last)] = (c386),
#include "cpu/costs.def"
        },
    [COST_486] =
        {
#define X87_REG(escape, first, last, c286, c386, c486, cp5)                                                  \
    [X87_INDEX(escape, first)... X87_INDEX(escape, last)] = (c486),
#include "cpu/costs.def"
        },
    [COST_P5] =
        {
#define X87_REG(escape, first, last, c286, c386, c486, cp5)                                                  \
    [X87_INDEX(escape, first)... X87_INDEX(escape, last)] = (cp5),
#include "cpu/costs.def"
        },
};

static const uint16_t transfer_cycles[TRANSFERS][COST_COLUMNS] = {
#define TRANSFER(name, c286, c386, c486, cp5) [TRANSFER_##name] = {c286, c386, c486, cp5},
#include "cpu/costs.def"
};

/* 0 where there is no such x87 instruction. */
static unsigned x87_cycles(unsigned column, const struct insn *in)
{
    unsigned escape = in->imm >> 8 & 7;
    return in->id == ID_fpu_mem ? x87_memory_cycles[column][escape << 3 | (in->imm >> 3 & 7)]
                                : x87_register_cycles[column][X87_INDEX(escape, (unsigned)in->imm)];
}

unsigned model_cost(const struct cpu_model *model, const struct insn *in)
{
    unsigned cycles = 0;
    if (in->id == ID_fpu_mem || in->id == ID_fpu_reg)
        cycles = x87_cycles(model->cost_column, in);
    if (!cycles)
        cycles = insn_costs[model->cost_column][in->id][(in->ea & INSN_MEM) != 0];
    if (model->p6_rule)
        cycles = cycles <= 3 ? 1 : (cycles + 1) / 2;
    return cycles;
}

unsigned model_transfer_cost(const struct cpu_model *model, enum transfer transfer)
{
    unsigned cycles = transfer_cycles[transfer][model->cost_column];
    return model->p6_rule ? (cycles + 1) / 2 : cycles;
}

unsigned model_taken_cost(const struct cpu_model *model, unsigned id)
{
    switch (id) {
    case ID_jcc_16:
    case ID_jcc_32:
    case ID_jcxz_16:
    case ID_jcxz_32:
        return model->taken_jcc;
    case ID_loop_16:
    case ID_loop_32:
    case ID_loope_16:
    case ID_loope_32:
    case ID_loopne_16:
    case ID_loopne_32:
        return model->taken_loop;
    default:
        return 0;
    }
}

uint32_t cpu_model_signature(const struct cpu_model *model)
{
    return model->signature;
}

uint32_t cpu_model_features(const struct cpu_model *model)
{
    return model->features;
}

bool cpu_model_has_32_bits(const struct cpu_model *model)
{
    return model->level >= LEVEL_386;
}
