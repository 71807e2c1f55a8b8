/* Processor models: what each has, how it resets, what its instructions cost. */
#ifndef TICK86_CPU_MODEL_H
#define TICK86_CPU_MODEL_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_model {
    const char *name, *title;
    uint64_t hz;   /* default nominal clock */
    uint8_t level; /* LEVEL_* of insn.h */
    uint8_t cost_column;
    bool p6_rule;       /* cycles by the rule of the P6, see model.c */
    uint32_t signature; /* EDX at reset and CPUID.1:EAX: family, model, stepping */
    uint32_t features;  /* CPUID.1:EDX; 0 with has_cpuid false */
    bool has_cpuid;
    const char *vendor; /* 12 characters */
    bool has_fpu;
    uint32_t cr4_bits;    /* bits that can be set */
    uint32_t eflags_bits; /* bits of EFLAGS that can be set */
    uint32_t cr0_reset;
    /* Cycles of repeated string instructions: start, and each element (enum rep_kind). */
    uint8_t rep_start[8], rep_each[8];
    uint8_t taken_jcc, taken_loop;          /* extra cycles of a taken branch */
    uint8_t exception_cost, interrupt_cost; /* cycles to deliver one in real mode */
};

/* Transfers that cost more in protected mode: costs.def. */
enum transfer {
#define TRANSFER(name, ...) TRANSFER_##name,
#include "cpu/costs.def"
    TRANSFERS
};

enum rep_kind { REP_MOVS, REP_STOS, REP_LODS, REP_CMPS, REP_SCAS, REP_INS, REP_OUTS };

struct insn;
/* Cycles of an instruction as it is decoded, before what depends on its run. */
unsigned model_cost(const struct cpu_model *model, const struct insn *in);
/* Extra cycles of a transfer in protected mode. */
unsigned model_transfer_cost(const struct cpu_model *model, enum transfer transfer);
/* Extra cycles where the branch ID is taken. */
unsigned model_taken_cost(const struct cpu_model *model, unsigned id);

/* CPUID.1:EDX */
enum {
    CPUID_FPU = 1u << 0,
    CPUID_VME = 1u << 1,
    CPUID_DE = 1u << 2,
    CPUID_PSE = 1u << 3,
    CPUID_TSC = 1u << 4,
    CPUID_MSR = 1u << 5,
    CPUID_PAE = 1u << 6,
    CPUID_MCE = 1u << 7,
    CPUID_CX8 = 1u << 8,
    CPUID_APIC = 1u << 9,
    CPUID_SEP = 1u << 11,
    CPUID_MTRR = 1u << 12,
    CPUID_PGE = 1u << 13,
    CPUID_MCA = 1u << 14,
    CPUID_CMOV = 1u << 15,
    CPUID_PAT = 1u << 16,
    CPUID_PSE36 = 1u << 17,
    CPUID_MMX = 1u << 23,
    CPUID_FXSR = 1u << 24,
};

#endif
