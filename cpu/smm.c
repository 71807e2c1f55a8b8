/* System management mode: SDM volume 3, chapter 31. The state save map is the 32-bit one of table 31-1. */
#include "cpu/cpu_private.h"
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/model.h"

#define SMM_REVISION 0x00020000u /* SMBASE relocation */

static void put(struct cpu *cpu, unsigned offset, uint64_t value)
{
    phys_write(cpu, cpu->smbase + 0x8000 + offset, (uint32_t)value, 4);
}

static uint32_t get(struct cpu *cpu, unsigned offset)
{
    return (uint32_t)phys_read(cpu, cpu->smbase + 0x8000 + offset, 4);
}

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
    put(cpu, 0x7F14, cpu->cpl | (uint32_t)(cpu->activity == ACTIVITY_HALT) << 8);
    put(cpu, 0x7F00, (uint32_t)(cpu->activity == ACTIVITY_HALT) << 16); /* word 7F02h: HLT auto-restart */
    put(cpu, 0x7EFC, SMM_REVISION);
    put(cpu, 0x7EF8, cpu->smbase);
}

static void restore(struct cpu *cpu)
{
    cpu->cr0 = get(cpu, 0x7FFC);
    cpu->cr3 = get(cpu, 0x7FF8);
    cpu->cr4 = get(cpu, 0x7F18) & cpu->model->cr4_bits;
    cpu_set_eflags(cpu, get(cpu, 0x7FF4), 0xFFFFFFFF);
    cpu->rip = get(cpu, 0x7FF0);
    static const uint8_t order[8] = {RDI, RSI, RBP, RSP, RBX, RDX, RCX, RAX};
    for (unsigned i = 0; i < 8; i++)
        cpu->gpr[order[i]].d = get(cpu, 0x7FEC - 4 * i);
    cpu->dr[6] = get(cpu, 0x7FCC);
    cpu->dr[7] = get(cpu, 0x7FC8);
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
    cpu->cpl = get(cpu, 0x7F14) & 3;
    /* I/O and HLT restart: the handler may ask for the HLT to go on. */
    cpu->activity =
        get(cpu, 0x7F00) >> 16 & 1 && get(cpu, 0x7F14) >> 8 & 1 ? ACTIVITY_HALT : ACTIVITY_RUNNING;
    cpu->smbase = get(cpu, 0x7EF8);
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
    cpu->cr0 &= ~(uint64_t)(CR0_PE | CR0_EM | CR0_TS | CR0_PG);
    cpu->cr4 = 0;
    cpu->dr[7] = 0x400;
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
    restore(cpu);
    cpu->in_smm = false;
    cpu->nmi_blocked = false;
    cpu->next_rip = cpu->rip;
    cpu_publish_time(cpu);
    cpu->bus.smm(cpu->bus.ctx, false);
    tlb_flush(cpu, true);
    cpu_update_mode(cpu);
    cpu->attention |= ATTENTION_INTERRUPT | ATTENTION_HALT;
}
