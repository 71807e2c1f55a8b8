/* Plain functions: CPUID, time stamp, model-specific registers, LOADALL. SDM volume 2 and volume 4. */
#include <string.h>

#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/model.h"
#include "cpu/operand.h"

static uint32_t vendor_word(const char *vendor, unsigned at)
{
    uint32_t word;
    memcpy(&word, vendor + at, 4);
    return word;
}

/* The cache descriptors are those of a 16 KB + 16 KB first-level and 512 KB second-level cache (AP-485). */
static void cpuid_caches(struct cpu *cpu)
{
    cpu->gpr[RAX].d = 0x03020101;
    cpu->gpr[RBX].d = 0;
    cpu->gpr[RCX].d = 0;
    cpu->gpr[RDX].d = 0x0C040843;
}

void op_cpuid(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    const struct cpu_model *m = cpu->model;
    if (!m->has_cpuid)
        cpu_raise_because(cpu, EXC_UD, 0, CPU_FAULT_NO_INSTRUCTION, 0, 0);
    uint32_t highest = m->level >= LEVEL_P6 ? 2 : 1, leaf = cpu->gpr[RAX].d;
    if (leaf == 0) {
        cpu->gpr[RAX].d = highest;
        cpu->gpr[RBX].d = vendor_word(m->vendor, 0);
        cpu->gpr[RDX].d = vendor_word(m->vendor, 4);
        cpu->gpr[RCX].d = vendor_word(m->vendor, 8);
    } else if (leaf == 1) {
        uint32_t features = m->features;
        /* The bit is clear while the APIC is switched off (SDM volume 3, 10.4.3). */
        if (!(cpu->msr.apic_base & 0x800))
            features &= ~(uint32_t)CPUID_APIC;
        cpu->gpr[RAX].d = m->signature;
        cpu->gpr[RBX].d = 0;
        cpu->gpr[RCX].d = 0;
        cpu->gpr[RDX].d = features;
    } else if (highest == 2) {
        /* Leaves past the last give the last one's data (SDM volume 2, CPUID). */
        cpuid_caches(cpu);
    } else {
        cpu->gpr[RAX].d = cpu->gpr[RBX].d = cpu->gpr[RCX].d = cpu->gpr[RDX].d = 0;
    }
}

static void set_edx_eax(struct cpu *cpu, uint64_t value)
{
    cpu->gpr[RAX].d = (uint32_t)value;
    cpu->gpr[RDX].d = (uint32_t)(value >> 32);
}

void op_rdtsc(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    if ((cpu->cr4 & CR4_TSD) && cpu->cpl != 0)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_TIME_STAMP, cpu->cr4, cpu->cpl);
    cpu->counters.time_reads++;
    set_edx_eax(cpu, cpu_now(cpu) + cpu->msr.tsc_offset);
}

/* The counters count nothing: they read as zero. */
void op_rdpmc(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    if ((cpu->cr0 & CR0_PE) && cpu->cpl != 0 && !(cpu->cr4 & CR4_PCE))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_COUNTERS_GUARDED, cpu->cr4, cpu->cpl);
    if (cpu->gpr[RCX].d > 1)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NO_COUNTER, cpu->gpr[RCX].d, 0);
    set_edx_eax(cpu, 0);
}

enum {
    MSR_P5_MC_ADDR = 0,
    MSR_P5_MC_TYPE = 1,
    MSR_TSC = 0x10,
    MSR_P5_CESR = 0x11,
    MSR_P5_CTR0 = 0x12,
    MSR_P5_CTR1 = 0x13,
    MSR_PLATFORM_ID = 0x17,
    MSR_APIC_BASE = 0x1B,
    MSR_EBL_CR_POWERON = 0x2A,
    MSR_TEST_CTL = 0x33,
    MSR_UPDT_TRIG = 0x79,
    MSR_SIGN_ID = 0x8B,
    MSR_PERFCTR0 = 0xC1,
    MSR_PERFCTR1 = 0xC2,
    MSR_MTRRCAP = 0xFE,
    MSR_BBL_CR_CTL3 = 0x11E,
    MSR_SYSENTER_CS = 0x174,
    MSR_SYSENTER_ESP = 0x175,
    MSR_SYSENTER_EIP = 0x176,
    MSR_MCG_CAP = 0x179,
    MSR_MCG_STATUS = 0x17A,
    MSR_MCG_CTL = 0x17B,
    MSR_EVNTSEL0 = 0x186,
    MSR_EVNTSEL1 = 0x187,
    MSR_DEBUGCTL = 0x1D9,
    MSR_LASTBRANCH = 0x1DB,
    MSR_MTRR_BASE = 0x200,
    MSR_MTRR_FIX64K = 0x250,
    MSR_MTRR_FIX16K = 0x258,
    MSR_MTRR_FIX4K = 0x268,
    MSR_PAT = 0x277,
    MSR_MTRR_DEF = 0x2FF,
    MSR_MC0 = 0x400,
};

const struct cpu_msr_name cpu_msr_names[] = {
    {MSR_P5_MC_ADDR, "P5_MC_ADDR"},
    {MSR_P5_MC_TYPE, "P5_MC_TYPE"},
    {MSR_TSC, "TSC"},
    {MSR_P5_CESR, "CESR"},
    {MSR_P5_CTR0, "CTR0"},
    {MSR_P5_CTR1, "CTR1"},
    {MSR_PLATFORM_ID, "PLATFORM_ID"},
    {MSR_APIC_BASE, "APIC_BASE"},
    {MSR_EBL_CR_POWERON, "EBL_CR_POWERON"},
    {MSR_TEST_CTL, "TEST_CTL"},
    {MSR_SIGN_ID, "BIOS_SIGN_ID"},
    {MSR_PERFCTR0, "PERFCTR0"},
    {MSR_PERFCTR1, "PERFCTR1"},
    {MSR_MTRRCAP, "MTRRCAP"},
    {MSR_BBL_CR_CTL3, "BBL_CR_CTL3"},
    {MSR_SYSENTER_CS, "SYSENTER_CS"},
    {MSR_SYSENTER_ESP, "SYSENTER_ESP"},
    {MSR_SYSENTER_EIP, "SYSENTER_EIP"},
    {MSR_MCG_CAP, "MCG_CAP"},
    {MSR_MCG_STATUS, "MCG_STATUS"},
    {MSR_MCG_CTL, "MCG_CTL"},
    {MSR_EVNTSEL0, "EVNTSEL0"},
    {MSR_EVNTSEL1, "EVNTSEL1"},
    {MSR_DEBUGCTL, "DEBUGCTL"},
    {MSR_LASTBRANCH, "LASTBRANCHFROMIP"},
    {MSR_LASTBRANCH + 1, "LASTBRANCHTOIP"},
    {MSR_LASTBRANCH + 2, "LASTINTFROMIP"},
    {MSR_LASTBRANCH + 3, "LASTINTTOIP"},
    {MSR_MTRR_BASE, "MTRRphysBase0"},
    {MSR_MTRR_BASE + 1, "MTRRphysMask0"},
    {MSR_MTRR_BASE + 2, "MTRRphysBase1"},
    {MSR_MTRR_BASE + 3, "MTRRphysMask1"},
    {MSR_MTRR_BASE + 4, "MTRRphysBase2"},
    {MSR_MTRR_BASE + 5, "MTRRphysMask2"},
    {MSR_MTRR_BASE + 6, "MTRRphysBase3"},
    {MSR_MTRR_BASE + 7, "MTRRphysMask3"},
    {MSR_MTRR_BASE + 8, "MTRRphysBase4"},
    {MSR_MTRR_BASE + 9, "MTRRphysMask4"},
    {MSR_MTRR_BASE + 10, "MTRRphysBase5"},
    {MSR_MTRR_BASE + 11, "MTRRphysMask5"},
    {MSR_MTRR_BASE + 12, "MTRRphysBase6"},
    {MSR_MTRR_BASE + 13, "MTRRphysMask6"},
    {MSR_MTRR_BASE + 14, "MTRRphysBase7"},
    {MSR_MTRR_BASE + 15, "MTRRphysMask7"},
    {MSR_MTRR_FIX64K, "MTRRfix64K_00000"},
    {MSR_MTRR_FIX16K, "MTRRfix16K_80000"},
    {MSR_MTRR_FIX16K + 1, "MTRRfix16K_A0000"},
    {MSR_MTRR_FIX4K, "MTRRfix4K_C0000"},
    {MSR_MTRR_FIX4K + 1, "MTRRfix4K_C8000"},
    {MSR_MTRR_FIX4K + 2, "MTRRfix4K_D0000"},
    {MSR_MTRR_FIX4K + 3, "MTRRfix4K_D8000"},
    {MSR_MTRR_FIX4K + 4, "MTRRfix4K_E0000"},
    {MSR_MTRR_FIX4K + 5, "MTRRfix4K_E8000"},
    {MSR_MTRR_FIX4K + 6, "MTRRfix4K_F0000"},
    {MSR_MTRR_FIX4K + 7, "MTRRfix4K_F8000"},
    {MSR_PAT, "PAT"},
    {MSR_MTRR_DEF, "MTRRdefType"},
    {MSR_MC0, "MC0_CTL"},
    {MSR_MC0 + 1, "MC0_STATUS"},
    {MSR_MC0 + 2, "MC0_ADDR"},
    {MSR_MC0 + 3, "MC0_MISC"},
    {MSR_MC0 + 4, "MC1_CTL"},
    {MSR_MC0 + 5, "MC1_STATUS"},
    {MSR_MC0 + 6, "MC1_ADDR"},
    {MSR_MC0 + 7, "MC1_MISC"},
    {MSR_MC0 + 8, "MC2_CTL"},
    {MSR_MC0 + 9, "MC2_STATUS"},
    {MSR_MC0 + 10, "MC2_ADDR"},
    {MSR_MC0 + 11, "MC2_MISC"},
    {MSR_MC0 + 12, "MC4_CTL"},
    {MSR_MC0 + 13, "MC4_STATUS"},
    {MSR_MC0 + 14, "MC4_ADDR"},
    {MSR_MC0 + 15, "MC4_MISC"},
    {MSR_MC0 + 16, "MC3_CTL"},
    {MSR_MC0 + 17, "MC3_STATUS"},
    {MSR_MC0 + 18, "MC3_ADDR"},
    {MSR_MC0 + 19, "MC3_MISC"},
    {0, NULL},
};

/* Registers that are plain storage: their place, or NULL. */
static uint64_t *msr_storage(struct cpu *cpu, uint32_t index)
{
    struct cpu_msrs *m = &cpu->msr;
    bool p6 = cpu->model->level >= LEVEL_P6;
    if (!p6)
        return index == MSR_P5_CESR   ? &m->misc[0]
               : index == MSR_P5_CTR0 ? &m->misc[1]
               : index == MSR_P5_CTR1 ? &m->misc[2]
                                      : NULL;
    if (index >= MSR_MTRR_BASE && index < MSR_MTRR_BASE + 16)
        return index & 1 ? &m->mtrr_mask[(index - MSR_MTRR_BASE) / 2]
                         : &m->mtrr_base[(index - MSR_MTRR_BASE) / 2];
    if (index == MSR_MTRR_FIX64K)
        return &m->mtrr_fixed[0];
    if (index == MSR_MTRR_FIX16K || index == MSR_MTRR_FIX16K + 1)
        return &m->mtrr_fixed[1 + index - MSR_MTRR_FIX16K];
    if (index >= MSR_MTRR_FIX4K && index < MSR_MTRR_FIX4K + 8)
        return &m->mtrr_fixed[3 + index - MSR_MTRR_FIX4K];
    if (index >= MSR_MC0 && index < MSR_MC0 + 20)
        return &m->mc[index - MSR_MC0];
    switch (index) {
    case MSR_MTRR_DEF:
        return &m->mtrr_def_type;
    case MSR_PAT:
        return &m->pat;
    case MSR_SYSENTER_CS:
        return &m->sysenter_cs;
    case MSR_SYSENTER_ESP:
        return &m->sysenter_esp;
    case MSR_SYSENTER_EIP:
        return &m->sysenter_eip;
    case MSR_MCG_STATUS:
        return &m->mcg_status;
    case MSR_MCG_CTL:
        return &m->mcg_ctl;
    case MSR_DEBUGCTL:
        return &m->debugctl;
    case MSR_SIGN_ID:
        return &m->ucode;
    case MSR_EBL_CR_POWERON:
        return &m->misc[3];
    case MSR_EVNTSEL0:
        return &m->misc[4];
    case MSR_EVNTSEL1:
        return &m->misc[5];
    case MSR_TEST_CTL:
        return &m->misc[6];
    case MSR_BBL_CR_CTL3:
        return &m->misc[7];
    default:
        return NULL;
    }
}

static bool msr_read(struct cpu *cpu, uint32_t index, uint64_t *value)
{
    uint64_t *storage = msr_storage(cpu, index);
    *value = 0;
    if (storage) {
        *value = *storage;
        return true;
    }
    switch (index) {
    case MSR_TSC:
        cpu->counters.time_reads++;
        *value = cpu_now(cpu) + cpu->msr.tsc_offset;
        return true;
    case MSR_P5_MC_ADDR:
    case MSR_P5_MC_TYPE:
        return true;
    case MSR_APIC_BASE:
        *value = cpu->msr.apic_base;
        return cpu->model->features & CPUID_APIC && cpu->model->level >= LEVEL_P6;
    case MSR_MTRRCAP:
        *value = 0x508; /* 8 variable ranges, fixed ranges, write combining */
        return cpu->model->features & CPUID_MTRR;
    case MSR_MCG_CAP:
        *value = 0x105; /* 5 banks, MCG_CTL */
        return cpu->model->level >= LEVEL_P6;
    case MSR_PLATFORM_ID:
    case MSR_PERFCTR0:
    case MSR_PERFCTR1:
        return cpu->model->level >= LEVEL_P6;
    default:
        if (cpu->model->level < LEVEL_P6 || index < MSR_LASTBRANCH || index >= MSR_LASTBRANCH + 4)
            return false;
        *value = cpu->msr.last_branch[index - MSR_LASTBRANCH];
        return true;
    }
}

bool cpu_peek_msr(struct cpu *cpu, uint32_t index, uint64_t *value)
{
    if (!(cpu->model->features & CPUID_MSR))
        return false;
    uint64_t reads = cpu->counters.time_reads;
    bool found = msr_read(cpu, index, value);
    cpu->counters.time_reads = reads;
    return found;
}

void op_rdmsr(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    uint64_t value;
    if (cpu->cpl != 0)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NEEDS_CPL0, cpu->cpl, 0);
    if (!msr_read(cpu, cpu->gpr[RCX].d, &value))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_MSR_UNKNOWN, cpu->gpr[RCX].d, 0);
    set_edx_eax(cpu, value);
}

/* Memory types that the MTRRs and the PAT know: UC, WC, WT, WP, WB (and UC- in the PAT). */
static bool valid_memory_types(uint64_t value, bool pat)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned type = value >> 8 * i & 0xFF;
        if (!(type == 0 || type == 1 || (type >= 4 && type <= 6) || (pat && type == 7)))
            return false;
    }
    return true;
}

/* A variable range: 36 bits of address; the base has a type, the mask a valid bit. SDM volume 3, 11.11.2.3.
 */
static bool valid_mtrr_half(bool mask, uint64_t value)
{
    if (value >> 36)
        return false;
    return mask ? !(value & 0x7FF) : !(value & 0xF00) && valid_memory_types(value & 0xFF, false);
}

/* LBR, BTF, PB0-PB3, TR: volume 3, 17.16 (P6 family). */
#define DEBUGCTL_BITS 0x7Fu

static bool is_bank_status(uint32_t index)
{
    return index >= MSR_MC0 && index < MSR_MC0 + 20 && (index - MSR_MC0) % 4 == 1;
}

static bool msr_write(struct cpu *cpu, uint32_t index, uint64_t value)
{
    uint64_t *storage = msr_storage(cpu, index);
    if (storage) {
        if (index == MSR_PAT && !valid_memory_types(value, true))
            return false;
        if (index >= MSR_MTRR_FIX64K && index < MSR_MTRR_FIX4K + 8 && !valid_memory_types(value, false))
            return false;
        /* Software may clear what was reported, not report itself (SDM volume 3, 15.3.2.2). */
        if ((index == MSR_MCG_STATUS || is_bank_status(index)) && value)
            return false;
        if (index == MSR_DEBUGCTL && value & ~(uint64_t)DEBUGCTL_BITS)
            return false;
        if (index == MSR_MTRR_DEF && (value & ~0xCFFull || !valid_memory_types(value & 0xFF, false)))
            return false;
        if (index >= MSR_MTRR_BASE && index < MSR_MTRR_BASE + 16 && !valid_mtrr_half(index & 1, value))
            return false;
        *storage = value;
        if (index == MSR_DEBUGCTL)
            cpu->attention |= ATTENTION_TRAP;
        return true;
    }
    switch (index) {
    case MSR_TSC:
        /* The Pentium and P6 write the lower half and clear the upper (SDM volume 3, 17.17.3). */
        cpu->msr.tsc_offset = (uint32_t)value - cpu_now(cpu);
        return true;
    case MSR_P5_MC_ADDR:
    case MSR_P5_MC_TYPE:
        return true;
    case MSR_APIC_BASE:
        if (!(cpu->model->features & CPUID_APIC) || cpu->model->level < LEVEL_P6 || (value & ~0xFFFFFF900ull))
            return false;
        cpu->msr.apic_base = value;
        cpu_publish_time(cpu);
        cpu->bus.apic_base(cpu->bus.ctx, value);
        return true;
    case MSR_UPDT_TRIG:
    case MSR_PERFCTR0:
    case MSR_PERFCTR1:
        return cpu->model->level >= LEVEL_P6;
    default:
        return false;
    }
}

bool cpu_poke_msr(struct cpu *cpu, uint32_t index, uint64_t value)
{
    return (cpu->model->features & CPUID_MSR) && msr_write(cpu, index, value);
}

/* Why a register was not written: there is none, or the value is not one that it takes. */
static _Noreturn void refuse_msr(struct cpu *cpu, uint32_t index, uint64_t value)
{
    uint64_t old;
    if (!cpu_peek_msr(cpu, index, &old))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_MSR_UNKNOWN, index, 0);
    cpu_raise_because(cpu, EXC_GP, 0, value >> 32 ? CPU_FAULT_MSR_VALUE_HIGH : CPU_FAULT_MSR_VALUE, index,
                      value >> 32 ? value >> 32 : value);
}

void op_wrmsr(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    uint64_t value = (uint64_t)cpu->gpr[RDX].d << 32 | cpu->gpr[RAX].d;
    uint32_t index = cpu->gpr[RCX].d;
    uint64_t old = 0;
    bool told = debug_wants(cpu, CPU_EVENT_MSR);
    if (told && index != MSR_TSC) /* reading that one is counted */
        msr_read(cpu, index, &old);
    if (cpu->cpl != 0)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NEEDS_CPL0, cpu->cpl, 0);
    if (!msr_write(cpu, index, value))
        refuse_msr(cpu, index, value);
    if (told)
        debug_note(cpu, CPU_EVENT_MSR, index, old, value);
}

/* --- LOADALL: undocumented, as described by R. Collins, "The LOADALL Instruction" (1991) --- */

static void load_cache(struct segment *s, uint16_t selector, uint32_t base, uint32_t limit, uint16_t access)
{
    *s = (struct segment){.selector = selector, .base = base, .limit = limit, .access = access};
    segment_derive(s);
}

static uint32_t read_word(struct cpu *cpu, uint32_t at)
{
    return (uint32_t)phys_read(cpu, at, 2);
}

/* A descriptor of LOADALL286: 24-bit base, access byte, limit. */
static void load_cache286(struct cpu *cpu, unsigned seg, uint32_t selector_at, uint32_t at)
{
    uint32_t base = (uint32_t)phys_read(cpu, at, 4);
    load_cache(&cpu->seg[seg], (uint16_t)read_word(cpu, selector_at), base & 0xFFFFFF, read_word(cpu, at + 4),
               (uint16_t)(base >> 24));
}

void op_loadall286(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    static const uint8_t order[8] = {RDI, RSI, RBP, RSP, RBX, RDX, RCX, RAX};
    if (cpu->cpl != 0)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NEEDS_CPL0, cpu->cpl, 0);
    cpu->cr0 = (cpu->cr0 & ~0xEull) | (read_word(cpu, 0x806) & 0xF);
    cpu_set_eflags(cpu, read_word(cpu, 0x818), 0xFFFF);
    cpu->next_rip = read_word(cpu, 0x81A);
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[order[i]].d = read_word(cpu, 0x826 + 2 * i);
    load_cache286(cpu, SEG_ES, 0x824, 0x836);
    load_cache286(cpu, SEG_CS, 0x822, 0x83C);
    load_cache286(cpu, SEG_SS, 0x820, 0x842);
    load_cache286(cpu, SEG_DS, 0x81E, 0x848);
    cpu->gdtr_base = phys_read(cpu, 0x84E, 4) & 0xFFFFFF;
    cpu->gdtr_limit = (uint16_t)read_word(cpu, 0x852);
    load_cache286(cpu, SEG_LDTR, 0x81C, 0x854);
    cpu->idtr_base = phys_read(cpu, 0x85A, 4) & 0xFFFFFF;
    cpu->idtr_limit = (uint16_t)read_word(cpu, 0x85E);
    load_cache286(cpu, SEG_TR, 0x816, 0x860);
    cpu->cpl = cpu->cr0 & CR0_PE ? cpu->seg[SEG_SS].access >> SEGA_DPL_SHIFT & 3 : 0;
    cpu_update_mode(cpu);
}

/* A descriptor of LOADALL386: access word, base, limit. */
static void load_cache386(struct cpu *cpu, unsigned seg, uint32_t selector, uint32_t at)
{
    load_cache(&cpu->seg[seg], (uint16_t)selector, (uint32_t)sys_read(cpu, at + 4, 4),
               (uint32_t)sys_read(cpu, at + 8, 4), (uint16_t)(sys_read(cpu, at, 4) >> 8 & 0xF0FF));
}

void op_loadall386(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    static const uint8_t order[8] = {RDI, RSI, RBP, RSP, RBX, RDX, RCX, RAX};
    if (cpu->cpl != 0)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NEEDS_CPL0, cpu->cpl, 0);
    uint32_t at = (uint32_t)(cpu->seg[SEG_ES].base + cpu->gpr[RDI].d), words[51];
    lin_probe_read(cpu, at, 0xCC, 0); /* so that a page fault changes nothing */
    for (unsigned i = 0; i < 51; i++)
        words[i] = (uint32_t)sys_read(cpu, at + 4 * i, 4);
    cpu->cr0 = (words[0] & (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_PG)) | CR0_ET;
    cpu_set_eflags(cpu, words[1], 0xFFFFFFFF);
    cpu->next_rip = words[2];
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[order[i]].d = words[3 + i];
    cpu->dr[6] = words[11];
    cpu->dr[7] = words[12];
    uint32_t cache = at + 0x54;
    load_cache386(cpu, SEG_TR, words[13], cache);
    cpu->idtr_base = (uint32_t)sys_read(cpu, cache + 16, 4);
    cpu->idtr_limit = (uint16_t)sys_read(cpu, cache + 20, 4);
    cpu->gdtr_base = (uint32_t)sys_read(cpu, cache + 28, 4);
    cpu->gdtr_limit = (uint16_t)sys_read(cpu, cache + 32, 4);
    static const uint8_t segments[7] = {SEG_LDTR, SEG_GS, SEG_FS, SEG_DS, SEG_SS, SEG_CS, SEG_ES};
    for (unsigned i = 0; i < 7; i++)
        load_cache386(cpu, segments[i], words[14 + i], cache + 36 + 12 * i);
    cpu->cpl = cpu->seg[SEG_SS].access >> SEGA_DPL_SHIFT & 3;
    breakpoints_changed(cpu);
    tlb_flush(cpu, true);
    cpu_update_mode(cpu);
}
