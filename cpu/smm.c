/* System management mode: SDM volume 3, chapter 31. The state save map is the 32-bit one of table 31-1. */
#include "cpu/cpu_private.h"
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/model.h"

#define SMM_REVISION 0x00030000u /* SMBASE relocation, I/O instruction restart */

/* Byte by byte: the P6 takes any SMBASE (SDM volume 3, 31.11), so a word may lie on two pages. */
static void put(struct cpu *cpu, unsigned offset, uint64_t value)
{
    uint32_t at = cpu->smbase + 0x8000 + offset;
    for (unsigned i = 0; i < 4; i++)
        phys_write(cpu, (uint32_t)(at + i), value >> 8 * i & 0xFF, 1);
}

static uint32_t get(struct cpu *cpu, unsigned offset)
{
    uint32_t at = cpu->smbase + 0x8000 + offset, value = 0;
    for (unsigned i = 0; i < 4; i++)
        value |= (uint32_t)phys_read(cpu, (uint32_t)(at + i), 1) << 8 * i;
    return value;
}

/* Word 7F14h, in the area that the manual reserves: CPL, these, and a debug trap that waits (DR6 bits) above.
 */
enum { INSIDE_HALT = 0x100, INSIDE_NMI = 0x200, INSIDE_IO = 0x400 };

/* Hidden parts, in the area that the manual reserves: access | limit | base for each. */
static const uint8_t cached[8] = {SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR};

static void save(struct cpu *cpu)
{
    put(cpu, 0x7FFC, cpu->cr0);
    put(cpu, 0x7FF8, cpu->cr3);
    put(cpu, 0x7FF4, cpu_get_eflags(cpu));
    put(cpu, 0x7FF0, cpu->rip);
    static const uint8_t order[8] = {RDI, RSI, RBP, RSP, RBX, RDX, RCX, RAX};
    for (unsigned i = 0; i < 8; i++)
        put(cpu, 0x7FEC - 4 * i, cpu->gpr[order[i]].d);
    put(cpu, 0x7FCC, cpu->dr[6]);
    put(cpu, 0x7FC8, cpu->dr[7]);
    put(cpu, 0x7FC4, cpu->seg[SEG_TR].selector);
    put(cpu, 0x7FC0, cpu->seg[SEG_LDTR].selector);
    static const uint8_t selectors[6] = {SEG_GS, SEG_FS, SEG_DS, SEG_SS, SEG_CS, SEG_ES};
    for (unsigned i = 0; i < 6; i++)
        put(cpu, 0x7FBC - 4 * i, cpu->seg[selectors[i]].selector);
    for (unsigned i = 0; i < 8; i++) {
        const struct segment *s = &cpu->seg[cached[i]];
        put(cpu, 0x7F30 + 12 * i, s->access);
        put(cpu, 0x7F34 + 12 * i, s->limit);
        put(cpu, 0x7F38 + 12 * i, s->base);
    }
    put(cpu, 0x7F20, cpu->gdtr_base);
    put(cpu, 0x7F24, cpu->gdtr_limit);
    put(cpu, 0x7F28, cpu->idtr_base);
    put(cpu, 0x7F2C, cpu->idtr_limit);
    put(cpu, 0x7F18, cpu->cr4);
    put(cpu, 0x7F14,
        cpu->cpl | (cpu->activity == ACTIVITY_HALT ? INSIDE_HALT : 0) | (cpu->nmi_blocked ? INSIDE_NMI : 0) |
            (cpu->smi_io.valid ? INSIDE_IO : 0) | cpu->pending_debug << 16);
    put(cpu, 0x7F10, cpu->smi_io.rip);
    put(cpu, 0x7F0C, cpu->smi_io.ecx);
    put(cpu, 0x7F08, cpu->smi_io.esi);
    put(cpu, 0x7F04, cpu->smi_io.edi);
    /* Word 7F00h: I/O instruction restart, asked for by the handler; 7F02h: HLT auto-restart. */
    put(cpu, 0x7F00, (uint32_t)(cpu->activity == ACTIVITY_HALT) << 16);
    put(cpu, 0x7EFC, SMM_REVISION);
    put(cpu, 0x7EF8, cpu->smbase);
}

static void restore(struct cpu *cpu)
{
    cpu->cr0 = get(cpu, 0x7FFC);
    cpu->cr3 = get(cpu, 0x7FF8);
    cpu->cr4 = get(cpu, 0x7F18);
    if ((cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE))
        mmu_load_pdptes(cpu, cpu->cr3);
    cpu_set_eflags(cpu, get(cpu, 0x7FF4), 0xFFFFFFFF);
    cpu->rip = get(cpu, 0x7FF0);
    static const uint8_t order[8] = {RDI, RSI, RBP, RSP, RBX, RDX, RCX, RAX};
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[order[i]].d = get(cpu, 0x7FEC - 4 * i);
    cpu->dr[6] = get(cpu, 0x7FCC);
    cpu->dr[7] = get(cpu, 0x7FC8);
    breakpoints_changed(cpu);
    static const uint8_t selectors[6] = {SEG_GS, SEG_FS, SEG_DS, SEG_SS, SEG_CS, SEG_ES};
    cpu->seg[SEG_TR].selector = (uint16_t)get(cpu, 0x7FC4);
    cpu->seg[SEG_LDTR].selector = (uint16_t)get(cpu, 0x7FC0);
    for (unsigned i = 0; i < 6; i++)
        cpu->seg[selectors[i]].selector = (uint16_t)get(cpu, 0x7FBC - 4 * i);
    for (unsigned i = 0; i < 8; i++) {
        struct segment *s = &cpu->seg[cached[i]];
        s->access = (uint16_t)get(cpu, 0x7F30 + 12 * i);
        s->limit = get(cpu, 0x7F34 + 12 * i);
        s->base = get(cpu, 0x7F38 + 12 * i);
        segment_derive(s);
    }
    cpu->gdtr_base = get(cpu, 0x7F20);
    cpu->gdtr_limit = (uint16_t)get(cpu, 0x7F24);
    cpu->idtr_base = get(cpu, 0x7F28);
    cpu->idtr_limit = (uint16_t)get(cpu, 0x7F2C);
    uint32_t inside = get(cpu, 0x7F14), restart = get(cpu, 0x7F00);
    cpu->cpl = inside & 3;
    cpu->nmi_blocked = inside & INSIDE_NMI;
    cpu->pending_debug = inside >> 16 & (DR6_B0123 | DR6_BS | DR6_BT);
    cpu->activity = (restart >> 16 & 1) && (inside & INSIDE_HALT) ? ACTIVITY_HALT : ACTIVITY_RUNNING;
    if ((restart & 0xFFFF) == 0xFF && (inside & INSIDE_IO)) {
        cpu->rip = get(cpu, 0x7F10);
        cpu->gpr[RCX].d = get(cpu, 0x7F0C);
        cpu->gpr[RSI].d = get(cpu, 0x7F08);
        cpu->gpr[RDI].d = get(cpu, 0x7F04);
        cpu->pending_debug = 0;
    }
    cpu->smbase = get(cpu, 0x7EF8);
}

/* What RSM refuses to load: SDM volume 3, 31.3 and 31.11. */
static bool may_restore(struct cpu *cpu)
{
    uint32_t cr0 = get(cpu, 0x7FFC), cr4 = get(cpu, 0x7F18);
    if ((cr0 & CR0_PG) && !(cr0 & CR0_PE))
        return false;
    if ((cr0 & CR0_NW) && !(cr0 & CR0_CD))
        return false;
    if (cr4 & ~cpu->model->cr4_bits)
        return false;
    if (cpu->model->level < LEVEL_P6 && (get(cpu, 0x7EF8) & 0x7FFF))
        return false;
    return !(cr0 & CR0_PG) || !(cr4 & CR4_PAE) || mmu_pdptes_valid(cpu, get(cpu, 0x7FF8));
}

void smm_enter(struct cpu *cpu)
{
    cpu_publish_time(cpu);
    cpu->bus.smm(cpu->bus.ctx, true);
    cpu->in_smm = true;
    save(cpu);
    cpu->activity = ACTIVITY_RUNNING;
    cpu->nmi_blocked = true;
    cpu->shadow = 0;
    cpu->pending_debug = 0;
    cpu->smi_io = (struct smi_io){0};
    cpu->cr0 &= ~(uint64_t)(CR0_PE | CR0_EM | CR0_TS | CR0_PG);
    cpu->cr4 = 0;
    cpu->dr[7] = 0x400;
    breakpoints_changed(cpu);
    cpu->eflags = FLAG_1;
    flags_set_all(cpu, 0);
    cpu->cpl = 0;
    for (unsigned i = 0; i < 6; i++) {
        cpu->seg[i] = (struct segment){.limit = 0xFFFFFFFF, .access = 0x8093};
        segment_derive(&cpu->seg[i]);
    }
    cpu->seg[SEG_CS].selector = (uint16_t)(cpu->smbase >> 4);
    cpu->seg[SEG_CS].base = cpu->smbase;
    cpu->rip = cpu->next_rip = 0x8000;
    tlb_flush(cpu, true);
    cpu_update_mode(cpu);
}

void smm_leave(struct cpu *cpu)
{
    if (!may_restore(cpu)) {
        cpu_shut_down(cpu);
        return;
    }
    restore(cpu);
    cpu->in_smm = false;
    cpu->next_rip = cpu->rip;
    cpu_publish_time(cpu);
    cpu->bus.smm(cpu->bus.ctx, false);
    tlb_flush(cpu, true);
    cpu_update_mode(cpu);
    cpu->attention |= ATTENTION_INTERRUPT | ATTENTION_TRAP | ATTENTION_HALT;
}
