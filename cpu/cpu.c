/* Life of a processor: creation, reset, mode, registers, state. */
#include "cpu/cpu.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/fast.h"
#include "cpu/flags.h"
#include "cpu/insn.h"

struct cpu *cpu_create(const struct cpu_model *model, const struct cpu_bus *bus)
{
    struct cpu *cpu = xcalloc(1, sizeof *cpu);
    cpu->model = model;
    cpu->bus = *bus;
    cpu->instruction_limit = UINT64_MAX;
    cpu->fault_segment = -1;
    blocks_create(cpu);
    fast_install(cpu);
    tlb_lines_loaded(cpu);
    cpu_reset(cpu, true);
    return cpu;
}

void cpu_destroy(struct cpu *cpu)
{
    debug_destroy(cpu);
    blocks_destroy(cpu);
    free(cpu);
}

const struct cpu_model *cpu_get_model(const struct cpu *cpu)
{
    return cpu->model;
}

static enum fpu_model fpu_of(const struct cpu_model *model)
{
    switch (model->level) {
    case LEVEL_P6:
        return FPU_P6;
    case LEVEL_P5:
        return FPU_PENTIUM;
    case LEVEL_486:
        return FPU_486;
    default:
        return FPU_387;
    }
}

static void reset_msrs(struct cpu *cpu, bool power_on)
{
    struct cpu_msrs *m = &cpu->msr;
    uint64_t apic_base = 0xFEE00900;
    if (power_on)
        memset(m, 0, sizeof *m);
    m->apic_base = cpu->model->features & CPUID_APIC ? apic_base : 0;
    m->pat = 0x0007040600070406;
    m->tsc_offset = 0 - *cpu->bus.now;
    m->mtrr_def_type = 0;
}

/* SDM volume 3, table 9-1. */
void cpu_reset(struct cpu *cpu, bool power_on)
{
    bool init = cpu->init_pending;
    uint32_t cache_bits = (uint32_t)cpu->cr0 & (CR0_CD | CR0_NW); /* INIT keeps them */
    memset(cpu->gpr, 0, sizeof cpu->gpr);
    cpu->gpr[RDX].d = cpu->model->signature;
    cpu->eflags = FLAG_1;
    flags_set_all(cpu, 0);
    for (unsigned i = 0; i < SEG_COUNT; i++) {
        cpu->seg[i] = (struct segment){.limit = 0xFFFF,
                                       .access = i == SEG_LDTR ? 0x82
                                                 : i == SEG_TR ? 0x8B
                                                               : 0x93};
        segment_derive(&cpu->seg[i]);
    }
    cpu->seg[SEG_CS].selector = 0xF000;
    cpu->seg[SEG_CS].base = cpu->model->level < LEVEL_386 ? 0xFF0000 : 0xFFFF0000;
    cpu->rip = cpu->next_rip = 0xFFF0;
    cpu->gdtr_base = cpu->idtr_base = 0;
    cpu->gdtr_limit = cpu->idtr_limit = 0xFFFF;
    cpu->cr0 = cpu->model->cr0_reset;
    if (init)
        cpu->cr0 = (cpu->cr0 & ~(uint64_t)(CR0_CD | CR0_NW)) | cache_bits;
    cpu->cr2 = cpu->cr3 = cpu->cr4 = cpu->efer = 0;
    memset(cpu->dr, 0, sizeof cpu->dr);
    cpu->dr[6] = 0xFFFF0FF0;
    cpu->dr[7] = 0x400;
    breakpoints_changed(cpu);
    cpu->cpl = 0;
    cpu->activity = ACTIVITY_RUNNING;
    cpu->shadow = 0;
    cpu->pending_debug = 0;
    cpu->nmi_pending = cpu->nmi_blocked = cpu->smi_pending = cpu->init_pending = false;
    cpu->delivering = cpu->external_event = cpu->in_software_interrupt = false;
    if (cpu->in_smm) {
        cpu->in_smm = false;
        cpu->bus.smm(cpu->bus.ctx, false);
    }
    cpu->smi_io = (struct smi_io){0};
    if (!init) {
        cpu->smbase = 0x30000;
        reset_msrs(cpu, power_on);
        fpu_power_up(&cpu->fpu, fpu_of(cpu->model), false);
    }
    if (power_on) {
        cpu->instructions = 0;
        memset(&cpu->counters, 0, sizeof cpu->counters);
    }
    tlb_flush(cpu, true);
    cpu_update_mode(cpu);
    cpu->attention |= ATTENTION_MODE;
}

/* --- mode --- */

static bool is_flat(const struct segment *s)
{
    return s->base == 0 && s->write_end == 0x100000000ull && s->read_end == 0x100000000ull;
}

void cpu_update_mode(struct cpu *cpu)
{
    uint32_t mode = cpu->mode & MODE_PLAIN;
    if (is_real(cpu) || is_v86(cpu))
        cpu->cpl = is_real(cpu) ? 0 : 3;
    if ((cpu->seg[SEG_CS].access & SEGA_DB) && !is_v86(cpu))
        mode |= MODE_CODE32;
    if ((cpu->seg[SEG_SS].access & SEGA_DB) && !is_v86(cpu))
        mode |= MODE_STACK32;
    if (cpu->seg[SEG_CS].limit == 0xFFFFFFFF)
        mode |= MODE_FLAT_CODE;
    if (is_flat(&cpu->seg[SEG_DS]) && is_flat(&cpu->seg[SEG_ES]) && is_flat(&cpu->seg[SEG_SS]))
        mode |= MODE_FLAT_DATA;
    if (cpu->cr0 & (CR0_EM | CR0_TS))
        mode |= MODE_FPU_TRAP;
    bool slow = (cpu->cpl == 3 && (cpu->cr0 & CR0_AM) && (cpu->eflags & FLAG_AC));
    struct tlb_entry *context = cpu->tlb[slow ? CTX_SLOW : cpu->cpl == 3 ? CTX_USER : CTX_SUPERVISOR];
    cpu->checks_accesses = slow || cpu->breakpoints.writes;
    cpu->find_key = (uint64_t)(mode | (cpu->cpl == 3 ? 0x8000 : 0)) << 32;
    if (mode != cpu->mode || context != cpu->context) {
        cpu->mode = mode;
        cpu->context = context;
        cpu->attention |= ATTENTION_MODE;
    }
}

void cpu_set_paths(struct cpu *cpu, unsigned paths, uint32_t seed)
{
    cpu->paths = paths;
    cpu->path_random = seed;
    cpu->mode = (cpu->mode & ~(uint32_t)MODE_PLAIN) | (paths & CPU_PATH_PLAIN ? MODE_PLAIN : 0);
    cpu->arena_full = true;
}

/* --- EFLAGS --- */

uint32_t cpu_get_eflags(struct cpu *cpu)
{
    uint32_t flags = cpu->eflags | flags_collect(cpu) | FLAG_1;
    return flags;
}

void cpu_set_eflags(struct cpu *cpu, uint32_t value, uint32_t mask)
{
    mask &= cpu->model->eflags_bits;
    if (mask & FLAGS_ARITH)
        flags_set_all(cpu, (flags_collect(cpu) & ~mask) | (value & mask & FLAGS_ARITH));
    uint32_t system = mask & ~(uint32_t)FLAGS_ARITH, old = cpu->eflags;
    cpu->eflags = (old & ~system) | (value & system) | FLAG_1;
    uint32_t changed = old ^ cpu->eflags;
    if (changed & (FLAG_VM | FLAG_AC))
        cpu_update_mode(cpu);
    if ((changed & cpu->eflags & FLAG_IF) && cpu->intr)
        cpu->attention |= ATTENTION_INTERRUPT;
    if (cpu->eflags & (FLAG_TF | FLAG_RF))
        cpu->attention |= ATTENTION_TRAP;
}

/* --- pins --- */

uint32_t *cpu_attention(struct cpu *cpu)
{
    return &cpu->attention;
}

void cpu_set_intr(struct cpu *cpu, bool level)
{
    cpu->intr = level;
    if (level)
        cpu->attention |= ATTENTION_INTERRUPT;
}

void cpu_nmi(struct cpu *cpu)
{
    cpu->nmi_pending = true;
    cpu->attention |= ATTENTION_INTERRUPT;
}

void cpu_smi(struct cpu *cpu)
{
    cpu->smi_pending = cpu->model->level >= LEVEL_486;
    cpu->attention |= ATTENTION_INTERRUPT;
}

void cpu_init(struct cpu *cpu)
{
    cpu->init_pending = true;
    cpu->attention |= ATTENTION_INTERRUPT;
}

/* Nothing will happen before the next event: not running, and no pin would wake it. */
bool cpu_halted(const struct cpu *cpu)
{
    return cpu->activity != ACTIVITY_RUNNING && !(cpu->intr && (cpu->eflags & FLAG_IF)) &&
           !cpu->nmi_pending && !cpu->smi_pending && !cpu->init_pending;
}

bool cpu_waits_in_hlt(const struct cpu *cpu)
{
    return cpu->activity == ACTIVITY_HALT;
}

bool cpu_has_apic(const struct cpu *cpu)
{
    return cpu->model->features & CPUID_APIC;
}

uint64_t cpu_apic_base(const struct cpu *cpu)
{
    return cpu->msr.apic_base;
}

uint64_t cpu_instructions(const struct cpu *cpu)
{
    return cpu->instructions;
}

void cpu_limit_instructions(struct cpu *cpu, uint64_t limit)
{
    cpu->instruction_limit = limit;
}

/* --- registers for the outside --- */

static struct cpu_segment segment_out(const struct segment *s)
{
    return (struct cpu_segment){
        .selector = s->selector, .access = s->access, .limit = s->limit, .base = s->base};
}

static void segment_in(struct segment *s, const struct cpu_segment *in)
{
    *s = (struct segment){
        .selector = in->selector, .access = in->access, .limit = in->limit, .base = in->base};
    segment_derive(s);
}

uint64_t cpu_get_general(const struct cpu *cpu, unsigned n)
{
    return cpu->gpr[n].q;
}

void cpu_get_registers(const struct cpu *cpu, struct cpu_registers *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < 16; i++)
        out->gpr[i] = cpu->gpr[i].q;
    out->rip = cpu->rip;
    out->rflags = cpu->eflags | flags_collect(cpu) | FLAG_1;
    for (unsigned i = 0; i < CPU_SEGMENTS; i++)
        out->segment[i] = segment_out(&cpu->seg[i]);
    out->ldtr = segment_out(&cpu->seg[SEG_LDTR]);
    out->tr = segment_out(&cpu->seg[SEG_TR]);
    out->gdtr_base = cpu->gdtr_base;
    out->gdtr_limit = cpu->gdtr_limit;
    out->idtr_base = cpu->idtr_base;
    out->idtr_limit = cpu->idtr_limit;
    out->cr0 = cpu->cr0;
    out->cr2 = cpu->cr2;
    out->cr3 = cpu->cr3;
    out->cr4 = cpu->cr4;
    out->efer = cpu->efer;
    memcpy(out->dr, cpu->dr, sizeof out->dr);
    out->cpl = cpu->cpl;
}

void cpu_set_registers(struct cpu *cpu, const struct cpu_registers *in)
{
    /* What a TLB remembers is visible to guests: it stays where nothing says that it must go. */
    bool paging_changes = cpu->cr0 != in->cr0 || cpu->cr3 != in->cr3 || cpu->cr4 != in->cr4;
    for (unsigned i = 0; i < 16; i++)
        cpu->gpr[i].q = in->gpr[i];
    cpu->rip = cpu->next_rip = in->rip;
    flags_set_all(cpu, (uint32_t)in->rflags);
    cpu->eflags = ((uint32_t)in->rflags & cpu->model->eflags_bits & ~(uint32_t)FLAGS_ARITH) | FLAG_1;
    for (unsigned i = 0; i < CPU_SEGMENTS; i++)
        segment_in(&cpu->seg[i], &in->segment[i]);
    segment_in(&cpu->seg[SEG_LDTR], &in->ldtr);
    segment_in(&cpu->seg[SEG_TR], &in->tr);
    cpu->gdtr_base = in->gdtr_base;
    cpu->gdtr_limit = in->gdtr_limit;
    cpu->idtr_base = in->idtr_base;
    cpu->idtr_limit = in->idtr_limit;
    cpu->cr0 = in->cr0;
    cpu->cr2 = in->cr2;
    cpu->cr3 = in->cr3;
    cpu->cr4 = in->cr4;
    cpu->efer = in->efer;
    memcpy(cpu->dr, in->dr, sizeof cpu->dr);
    breakpoints_changed(cpu);
    cpu->cpl = in->cpl;
    if (paging_changes) {
        tlb_flush(cpu, true);
        if ((cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE))
            mmu_reload_pdptes(cpu);
    }
    cpu_update_mode(cpu);
    cpu->attention |= ATTENTION_MODE | ATTENTION_TRAP | ATTENTION_INTERRUPT;
}

const struct fpu *cpu_get_fpu(const struct cpu *cpu)
{
    return cpu->model->has_fpu ? &cpu->fpu : NULL;
}

void cpu_set_fpu(struct cpu *cpu, const struct fpu *in)
{
    struct fpu old = cpu->fpu;
    cpu->fpu = *in;
    cpu->fpu.model = old.model;
    cpu->fpu.portable = old.portable;
    fpu_post_load(&cpu->fpu);
}

/* --- state --- */

static const struct field segment_fields[] = {
    FIELD(struct segment, base),
    FIELD(struct segment, limit),
    FIELD(struct segment, selector),
    FIELD(struct segment, access),
    FIELD_END,
};

static const struct field tlb_line_fields[] = {
    FIELD(struct tlb_line, linear),
    FIELD(struct tlb_line, physical),
    FIELD(struct tlb_line, rights),
    FIELD_END,
};

static const struct field msr_fields[] = {
    FIELD(struct cpu_msrs, apic_base),
    FIELD(struct cpu_msrs, sysenter_cs),
    FIELD(struct cpu_msrs, sysenter_esp),
    FIELD(struct cpu_msrs, sysenter_eip),
    FIELD(struct cpu_msrs, tsc_offset),
    FIELD(struct cpu_msrs, mtrr_def_type),
    FIELD_ARRAY(struct cpu_msrs, mtrr_fixed),
    FIELD_ARRAY(struct cpu_msrs, mtrr_base),
    FIELD_ARRAY(struct cpu_msrs, mtrr_mask),
    FIELD(struct cpu_msrs, pat),
    FIELD(struct cpu_msrs, mcg_status),
    FIELD(struct cpu_msrs, mcg_ctl),
    FIELD_ARRAY(struct cpu_msrs, mc),
    FIELD(struct cpu_msrs, debugctl),
    FIELD(struct cpu_msrs, ucode),
    FIELD_ARRAY(struct cpu_msrs, last_branch),
    FIELD_ARRAY(struct cpu_msrs, misc),
    FIELD_END,
};

/* Those that --stats tells of the guest. */
static const struct field counter_fields[] = {
    FIELD_FIGURE(struct cpu_counters, interrupts),
    FIELD_FIGURE(struct cpu_counters, exceptions),
    FIELD_FIGURE(struct cpu_counters, tlb_walks),
    FIELD_END,
};

static const struct field smi_io_fields[] = {
    FIELD_RANGE(struct smi_io, valid, 0, 1),
    FIELD(struct smi_io, rip),
    FIELD(struct smi_io, ecx),
    FIELD(struct smi_io, esi),
    FIELD(struct smi_io, edi),
    FIELD_END,
};

/* What led to the last faults, for whoever asks why: no guest sees it. */
static const struct field fault_fields[] = {
    FIELD(struct cpu_fault, vector),
    FIELD_RANGE(struct cpu_fault, cpl, 0, 3),
    FIELD_RANGE(struct cpu_fault, cause, 0, CPU_FAULT_CAUSES - 1),
    FIELD(struct cpu_fault, has_error),
    FIELD(struct cpu_fault, during),
    FIELD(struct cpu_fault, during_vector),
    FIELD(struct cpu_fault, cs),
    FIELD(struct cpu_fault, error),
    FIELD_ARRAY(struct cpu_fault, numbers),
    FIELD(struct cpu_fault, segment_register),
    FIELD(struct cpu_fault, selector),
    FIELD(struct cpu_fault, access),
    FIELD(struct cpu_fault, limit),
    FIELD(struct cpu_fault, base),
    FIELD(struct cpu_fault, rip),
    FIELD(struct cpu_fault, rip_linear),
    FIELD(struct cpu_fault, block_linear),
    FIELD(struct cpu_fault, cr2),
    FIELD(struct cpu_fault, mode),
    FIELD_RANGE(struct cpu_fault, code_bits, 0, 64),
    FIELD(struct cpu_fault, instructions),
    FIELD(struct cpu_fault, places),
    FIELD_END,
};
static const struct field place_fields[] = {
    FIELD(struct cpu_place, rip),
    FIELD(struct cpu_place, linear),
    FIELD(struct cpu_place, physical),
    FIELD(struct cpu_place, cs),
    FIELD_RANGE(struct cpu_place, code_bits, 0, 64),
    FIELD_END,
};
const struct field cpu_history_fields[] = {
    FIELD_STRUCTS(struct cpu, faults, fault_fields),
    FIELD(struct cpu, fault_count),
    FIELD_STRUCTS(struct cpu, places, place_fields),
    FIELD(struct cpu, place_count),
    FIELD_END,
};

const struct field cpu_fields[] = {
    FIELD_ARRAY(struct cpu, gpr),
    FIELD(struct cpu, flag_bits),
    FIELD_RANGE(struct cpu, flag_kind, FLAGS_EXPLICIT, FLAGS_EXPLICIT),
    FIELD(struct cpu, eflags),
    FIELD_STRUCTS(struct cpu, seg, segment_fields),
    FIELD(struct cpu, rip),
    FIELD_RANGE(struct cpu, cpl, 0, 3),
    FIELD_RANGE(struct cpu, activity, ACTIVITY_RUNNING, ACTIVITY_WAIT_SIPI),
    FIELD_RANGE(struct cpu, shadow, 0, 3),
    FIELD_RANGE(struct cpu, intr, 0, 1),
    FIELD_RANGE(struct cpu, nmi_pending, 0, 1),
    FIELD_RANGE(struct cpu, nmi_blocked, 0, 1),
    FIELD_RANGE(struct cpu, smi_pending, 0, 1),
    FIELD_RANGE(struct cpu, init_pending, 0, 1),
    FIELD_RANGE(struct cpu, in_smm, 0, 1),
    FIELD_RANGE(struct cpu, a20_closed, 0, 1),
    FIELD(struct cpu, pending_debug),
    FIELD(struct cpu, gdtr_base),
    FIELD(struct cpu, idtr_base),
    FIELD(struct cpu, gdtr_limit),
    FIELD(struct cpu, idtr_limit),
    FIELD(struct cpu, cr0),
    FIELD(struct cpu, cr2),
    FIELD(struct cpu, cr3),
    FIELD(struct cpu, cr4),
    FIELD(struct cpu, efer),
    FIELD_ARRAY(struct cpu, dr),
    FIELD_ARRAY(struct cpu, pdpte),
    FIELD_STRUCT(struct cpu, msr, msr_fields),
    FIELD(struct cpu, smbase),
    FIELD_STRUCT(struct cpu, smi_io, smi_io_fields),
    FIELD_STRUCT(struct cpu, fpu, fpu_fields),
    FIELD_RANGE(struct cpu, ferr, 0, 1),
    FIELD(struct cpu, instructions),
    FIELD_STRUCTS(struct cpu, dtlb, tlb_line_fields),
    FIELD_STRUCTS(struct cpu, itlb, tlb_line_fields),
    FIELD_STRUCT(struct cpu, counters, counter_fields),
    FIELD_END,
};

void cpu_pre_save(struct cpu *cpu)
{
    flags_set_all(cpu, flags_collect(cpu));
    cpu->flag_res = 0;
}

uint64_t cpu_instructions_left(const struct cpu *cpu)
{
    return cpu->instruction_limit > cpu->instructions ? cpu->instruction_limit - cpu->instructions : 0;
}

void cpu_get_counts(const struct cpu *cpu, struct cpu_counts *out)
{
    const struct cpu_counters *c = &cpu->counters;
    *out = (struct cpu_counts){cpu->instructions, c->interrupts, c->exceptions,
                               c->tlb_walks,      c->time_reads, cpu->debug.calls};
}

void cpu_add_counts(struct cpu *cpu, const struct cpu_counts *before, const struct cpu_counts *after,
                    uint64_t times)
{
    struct cpu_counters *c = &cpu->counters;
    cpu->instructions += (after->instructions - before->instructions) * times;
    c->interrupts += (after->interrupts - before->interrupts) * times;
    c->exceptions += (after->exceptions - before->exceptions) * times;
    c->tlb_walks += (after->page_walks - before->page_walks) * times;
}

/* What 32-bit processors do not have: handlers may rely on its being zero. */
static void clear_high_halves(struct cpu *cpu)
{
    uint64_t *const registers[] = {&cpu->rip, &cpu->gdtr_base, &cpu->idtr_base, &cpu->cr0,
                                   &cpu->cr2, &cpu->cr3,       &cpu->cr4};
    for (unsigned i = 0; i < 16; i++)
        cpu->gpr[i].q = i < 8 ? cpu->gpr[i].d : 0;
    cpu->gpr[REG_ZERO].q = 0;
    for (unsigned i = 0; i < sizeof registers / sizeof *registers; i++)
        *registers[i] = (uint32_t)*registers[i];
    for (unsigned i = 0; i < SEG_COUNT; i++)
        cpu->seg[i].base = (uint32_t)cpu->seg[i].base;
    for (unsigned i = 0; i < 8; i++)
        cpu->dr[i] = (uint32_t)cpu->dr[i];
    cpu->efer = 0;
}

/* Where no segment was checked it is -1, which a range cannot say. */
static bool history_makes_sense(const struct cpu *cpu)
{
    for (unsigned i = 0; i < CPU_FAULTS_KEPT; i++)
        if (cpu->faults[i].segment_register < -1 || cpu->faults[i].segment_register >= CPU_SEGMENTS)
            return false;
    return true;
}

bool cpu_post_load(struct cpu *cpu)
{
    if (!history_makes_sense(cpu))
        return false;
    clear_high_halves(cpu);
    cpu->eflags = (cpu->eflags & cpu->model->eflags_bits & ~(uint32_t)FLAGS_ARITH) | FLAG_1;
    flags_set_all(cpu, cpu->flag_bits);
    cpu->next_rip = cpu->rip;
    for (unsigned i = 0; i < SEG_COUNT; i++)
        segment_derive(&cpu->seg[i]);
    fpu_post_load(&cpu->fpu);
    tlb_lines_loaded(cpu);
    debug_state_loaded(cpu);
    breakpoints_changed(cpu);
    cpu->arena_full = true;
    cpu_update_mode(cpu);
    cpu->attention |= ATTENTION_MODE | ATTENTION_TRAP | ATTENTION_INTERRUPT;
    return !(cpu->cr0 & CR0_PG) || (cpu->cr0 & CR0_PE);
}

void cpu_print(const struct cpu *cpu, struct text *out)
{
    static const char *const names[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static const char *const segments[SEG_COUNT] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    struct cpu_registers r;
    cpu_get_registers(cpu, &r);
    for (unsigned i = 0; i < 8; i++)
        text_add(out, "%s %08" PRIx32 "%s", names[i], (uint32_t)r.gpr[i], i % 4 == 3 ? "\n" : "  ");
    text_add(out, "eip %08" PRIx32 "  eflags %08" PRIx32 "  cpl %u\n", (uint32_t)r.rip, (uint32_t)r.rflags,
             r.cpl);
    for (unsigned i = 0; i < SEG_COUNT; i++) {
        const struct segment *s = &cpu->seg[i];
        text_add(out, "%-4s %04x  base %08" PRIx64 "  limit %08" PRIx32 "  access %04x\n", segments[i],
                 s->selector, s->base, s->limit, s->access);
    }
    text_add(out, "gdtr %08" PRIx64 ":%04x  idtr %08" PRIx64 ":%04x\n", r.gdtr_base, r.gdtr_limit,
             r.idtr_base, r.idtr_limit);
    text_add(out, "cr0 %08" PRIx64 "  cr2 %08" PRIx64 "  cr3 %08" PRIx64 "  cr4 %08" PRIx64 "\n", r.cr0,
             r.cr2, r.cr3, r.cr4);
    text_add(out,
             "dr0 %08" PRIx64 "  dr1 %08" PRIx64 "  dr2 %08" PRIx64 "  dr3 %08" PRIx64 "  dr6 %08" PRIx64
             "  dr7 %08" PRIx64 "\n",
             r.dr[0], r.dr[1], r.dr[2], r.dr[3], r.dr[6], r.dr[7]);
}

void cpu_print_activity(const struct cpu *cpu, struct text *out)
{
    static const char *const activities[] = {"running", "halted", "shut down after a triple fault",
                                             "waiting for a start-up IPI"};
    text_add(out, "%s%s, A20 %s\n", activities[cpu->activity],
             cpu->in_smm ? ", in system management mode" : "", cpu->a20_closed ? "closed" : "open");
    text_add(out, "INTR %u  NMI %s%s  SMI %s  INIT %s  FERR# %s\n", cpu->intr,
             cpu->nmi_pending ? "pending" : "none", cpu->nmi_blocked ? ", blocked until IRET" : "",
             cpu->smi_pending ? "pending" : "none", cpu->init_pending ? "pending" : "none",
             cpu->ferr ? "active" : "inactive");
    text_add(out, "interrupt shadow %s, debug trap pending %04x, SMBASE %08x\n",
             cpu->shadow ? "until the next instruction is over" : "none", cpu->pending_debug, cpu->smbase);
    const struct cpu_counters *c = &cpu->counters;
    text_add(out,
             "%" PRIu64 " instructions, %" PRIu64 " interrupts, %" PRIu64 " exceptions, %" PRIu64
             " page walks\n",
             cpu->instructions, c->interrupts, c->exceptions, c->tlb_walks);
}

void cpu_stats_json(const struct cpu *cpu, struct text *out)
{
    const struct cpu_counters *c = &cpu->counters;
    text_add(out,
             "\"interrupts\": %" PRIu64 ",\n\"exceptions\": %" PRIu64 ",\n\"page_walks\": %" PRIu64
             ",\n\"host_blocks_decoded\": %" PRIu64 ",\n\"host_blocks_killed\": %" PRIu64
             ",\n\"host_arena_flushes\": %" PRIu64 ",\n\"host_single_runs\": %" PRIu64,
             c->interrupts, c->exceptions, c->tlb_walks, c->blocks_decoded, c->blocks_killed,
             c->arena_flushes, c->single_runs);
}
