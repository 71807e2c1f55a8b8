/* Plain functions: far transfers, interrupts, descriptor tables, control registers, flags. SDM volume 2. */
#include "cpu/descriptor.h"
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/model.h"
#include "cpu/operand.h"

#define BOTH_SIZES(name)                                                                                     \
    void op_##name##_16(struct cpu *cpu, const struct insn *in)                                              \
    {                                                                                                        \
        name(cpu, in, 2);                                                                                    \
    }                                                                                                        \
    void op_##name##_32(struct cpu *cpu, const struct insn *in)                                              \
    {                                                                                                        \
        name(cpu, in, 4);                                                                                    \
    }

static void require_cpl0(struct cpu *cpu)
{
    if (cpu->cpl != 0)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NEEDS_CPL0, cpu->cpl, 0);
}

/* Instructions that only exist in protected mode (and not in V86 mode). */
static void require_protected(struct cpu *cpu)
{
    if (!is_protected(cpu))
        cpu_raise_because(cpu, EXC_UD, 0, CPU_FAULT_PROTECTED_ONLY, cpu->cr0, cpu->eflags);
}

/* --- far transfers --- */

struct far_pointer {
    uint32_t offset;
    uint16_t selector;
};

static struct far_pointer read_far(struct cpu *cpu, const struct insn *in, unsigned size)
{
    unsigned seg = operand_segment(in);
    uint32_t at = effective_address(cpu, in), mask = address_mask(in);
    struct far_pointer p;
    p.offset = size == 2 ? mem_read16(cpu, seg, at) : mem_read32(cpu, seg, at);
    p.selector = mem_read16(cpu, seg, (at + size) & mask);
    return p;
}

static void jmp_far_imm(struct cpu *cpu, const struct insn *in, unsigned size)
{
    (void)size;
    far_jump(cpu, (uint16_t)(in->imm >> 32), (uint32_t)in->imm);
}
BOTH_SIZES(jmp_far_imm)

static void jmp_far_m(struct cpu *cpu, const struct insn *in, unsigned size)
{
    struct far_pointer p = read_far(cpu, in, size);
    far_jump(cpu, p.selector, p.offset);
}
BOTH_SIZES(jmp_far_m)

static void call_far_imm(struct cpu *cpu, const struct insn *in, unsigned size)
{
    far_call(cpu, (uint16_t)(in->imm >> 32), (uint32_t)in->imm, size);
}
BOTH_SIZES(call_far_imm)

static void call_far_m(struct cpu *cpu, const struct insn *in, unsigned size)
{
    struct far_pointer p = read_far(cpu, in, size);
    far_call(cpu, p.selector, p.offset, size);
}
BOTH_SIZES(call_far_m)

static void ret_far(struct cpu *cpu, const struct insn *in, unsigned size)
{
    far_return(cpu, size, (uint16_t)in->imm);
}
BOTH_SIZES(ret_far)

static void iret(struct cpu *cpu, const struct insn *in, unsigned size)
{
    (void)in;
    interrupt_return(cpu, size);
}
BOTH_SIZES(iret)

static void load_far(struct cpu *cpu, const struct insn *in, unsigned size, unsigned seg)
{
    struct far_pointer p = read_far(cpu, in, size);
    segment_load(cpu, seg, p.selector);
    if (size == 2)
        *reg16(cpu, in->reg) = (uint16_t)p.offset;
    else
        *reg32(cpu, in->reg) = p.offset;
}

#define LOAD_FAR(name, seg)                                                                                  \
    static void name(struct cpu *cpu, const struct insn *in, unsigned size)                                  \
    {                                                                                                        \
        load_far(cpu, in, size, seg);                                                                        \
    }                                                                                                        \
    BOTH_SIZES(name)
LOAD_FAR(les, SEG_ES)
LOAD_FAR(lds, SEG_DS)
LOAD_FAR(lss, SEG_SS)
LOAD_FAR(lfs, SEG_FS)
LOAD_FAR(lgs, SEG_GS)

/* --- interrupts --- */

void op_int_imm(struct cpu *cpu, const struct insn *in)
{
    software_interrupt(cpu, in->imm & 0xFF, INTERRUPT_SOFTWARE);
}

void op_int3(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    software_interrupt(cpu, EXC_BP, INTERRUPT_SOFTWARE_EXCEPTION);
}

void op_into(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    if (flags_of(cpu))
        software_interrupt(cpu, EXC_OF, INTERRUPT_SOFTWARE_EXCEPTION);
}

void op_icebp(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    software_interrupt(cpu, EXC_DB, INTERRUPT_ICEBP);
}

void op_ud(struct cpu *cpu, const struct insn *in)
{
    enum cpu_fault_cause cause = in->seg & INSN_LOCK ? CPU_FAULT_LOCK_PREFIX
                                 : in->imm           ? CPU_FAULT_UD2 /* its opcode; the others have none */
                                                     : CPU_FAULT_NO_INSTRUCTION;
    cpu_raise_because(cpu, EXC_UD, 0, cause, 0, 0);
}

static void bound(struct cpu *cpu, const struct insn *in, unsigned size)
{
    unsigned seg = operand_segment(in);
    uint32_t at = effective_address(cpu, in), mask = address_mask(in);
    bool outside;
    /* The upper bound is read only where the lower one holds. */
    if (size == 2) {
        int16_t index = (int16_t)*reg16(cpu, in->reg);
        outside = index < (int16_t)mem_read16(cpu, seg, at) ||
                  index > (int16_t)mem_read16(cpu, seg, (at + 2) & mask);
    } else {
        int32_t index = (int32_t)*reg32(cpu, in->reg);
        outside = index < (int32_t)mem_read32(cpu, seg, at) ||
                  index > (int32_t)mem_read32(cpu, seg, (at + 4) & mask);
    }
    if (outside)
        cpu_raise_because(cpu, EXC_BR, 0, CPU_FAULT_BOUND, 0, 0);
}
BOTH_SIZES(bound)

void op_hlt(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    require_cpl0(cpu);
    cpu->activity = ACTIVITY_HALT;
    cpu->attention |= ATTENTION_HALT;
    if (debug_wants(cpu, CPU_EVENT_HALT))
        debug_note(cpu, CPU_EVENT_HALT, 0, 0, 0);
}

/* --- flags --- */

void check_virtual_flags(struct cpu *cpu, uint32_t flags)
{
    if (flags & FLAG_TF)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_VIRTUAL_TRAP, flags, cpu_iopl(cpu));
    if ((flags & FLAG_IF) && (cpu->eflags & FLAG_VIP))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_VIRTUAL_INTERRUPT, cpu->eflags, 0);
}

/* CLI and STI by IOPL, VME and PVI: SDM volume 2, CLI, table 3-7. */
static bool uses_virtual_if(struct cpu *cpu)
{
    if (is_real(cpu) || cpu->cpl <= cpu_iopl(cpu))
        return false;
    if (is_v86(cpu) ? (cpu->cr4 & CR4_VME) != 0 : cpu->cpl == 3 && (cpu->cr4 & CR4_PVI))
        return true;
    cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NEEDS_IOPL, cpu_iopl(cpu), cpu->cpl);
}

void op_cli(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    cpu->eflags &= ~(uint32_t)(uses_virtual_if(cpu) ? FLAG_VIF : FLAG_IF);
}

void op_sti(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    if (uses_virtual_if(cpu)) {
        check_virtual_flags(cpu, FLAG_IF);
        cpu->eflags |= FLAG_VIF;
        return;
    }
    if (!(cpu->eflags & FLAG_IF)) {
        cpu->eflags |= FLAG_IF;
        cpu->shadow = SHADOW_STI;
        cpu->attention |= ATTENTION_TRAP;
    }
}

static void pushf(struct cpu *cpu, const struct insn *in, unsigned size)
{
    (void)in;
    uint32_t flags = cpu_get_eflags(cpu) & ~(uint32_t)(FLAG_VM | FLAG_RF);
    if (is_v86(cpu) && cpu_iopl(cpu) < 3) {
        if (!(cpu->cr4 & CR4_VME) || size == 4)
            cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_V86_IOPL, cpu_iopl(cpu), 0);
        flags = (flags & ~(uint32_t)FLAG_IF) | FLAG_IOPL | (flags & FLAG_VIF ? FLAG_IF : 0);
    }
    push_value(cpu, flags, size);
}
BOTH_SIZES(pushf)

static void popf(struct cpu *cpu, const struct insn *in, unsigned size)
{
    (void)in;
    uint32_t mask = FLAGS_ARITH | FLAG_TF | FLAG_DF | FLAG_NT;
    if (size == 4)
        mask |= FLAG_AC | FLAG_ID;
    uint32_t flags;
    if (is_v86(cpu) && cpu_iopl(cpu) < 3) {
        if (!(cpu->cr4 & CR4_VME) || size == 4)
            cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_V86_IOPL, cpu_iopl(cpu), 0);
        flags = (uint32_t)stack_read(cpu, 0, size);
        check_virtual_flags(cpu, flags);
        flags = (flags & ~(uint32_t)FLAG_VIF) | (flags & FLAG_IF ? FLAG_VIF : 0);
        mask |= FLAG_VIF;
    } else {
        flags = (uint32_t)stack_read(cpu, 0, size);
        if (cpu->cpl <= cpu_iopl(cpu) || is_v86(cpu) || is_real(cpu))
            mask |= FLAG_IF;
        if (cpu->cpl == 0 && !is_v86(cpu))
            mask |= FLAG_IOPL;
    }
    stack_add(cpu, (int)size);
    cpu_set_eflags(cpu, flags & ~(uint32_t)FLAG_RF, mask | FLAG_RF);
}
BOTH_SIZES(popf)

/* --- segment registers --- */

void op_mov_rm_sreg_16(struct cpu *cpu, const struct insn *in)
{
    rm_write16(cpu, in, cpu->seg[in->reg].selector);
}

/* To a register the whole of it is written (zero above, since the P6), to memory only 16 bits. */
void op_mov_rm_sreg_32(struct cpu *cpu, const struct insn *in)
{
    if (is_memory(in))
        rm_write16(cpu, in, cpu->seg[in->reg].selector);
    else
        *reg32(cpu, in->rm) = cpu->seg[in->reg].selector;
}

void op_mov_sreg_rm(struct cpu *cpu, const struct insn *in)
{
    segment_load(cpu, in->reg, rm_read16(cpu, in));
    if (in->reg == SEG_SS) {
        cpu->shadow = SHADOW_SS;
        cpu->attention |= ATTENTION_TRAP;
    }
}

/* --- descriptor tables --- */

static void table_store(struct cpu *cpu, const struct insn *in, unsigned size, uint64_t base, uint16_t limit)
{
    /* With a 16-bit operand the 286 stores ones in the last byte, the 386 and later the base's top byte. */
    if (size == 2 && cpu->model->level < LEVEL_386)
        base |= 0xFF000000;
    uint64_t image = base << 16 | limit;
    mem_write_bytes(cpu, operand_segment(in), effective_address(cpu, in), &image, 6);
}

static void sgdt(struct cpu *cpu, const struct insn *in, unsigned size)
{
    table_store(cpu, in, size, cpu->gdtr_base, cpu->gdtr_limit);
}
BOTH_SIZES(sgdt)

static void sidt(struct cpu *cpu, const struct insn *in, unsigned size)
{
    table_store(cpu, in, size, cpu->idtr_base, cpu->idtr_limit);
}
BOTH_SIZES(sidt)

static void note_table(struct cpu *cpu, unsigned table, uint64_t old, uint64_t value)
{
    if (debug_wants(cpu, CPU_EVENT_TABLE))
        debug_note(cpu, CPU_EVENT_TABLE, table, old, value);
}

static void table_load(struct cpu *cpu, const struct insn *in, unsigned size, uint64_t *base, uint16_t *limit)
{
    require_cpl0(cpu);
    unsigned seg = operand_segment(in);
    uint32_t at = effective_address(cpu, in), mask = address_mask(in);
    uint16_t new_limit = mem_read16(cpu, seg, at);
    uint32_t new_base = mem_read32(cpu, seg, (at + 2) & mask);
    uint64_t old = *base;
    *limit = new_limit;
    *base = size == 2 ? new_base & 0xFFFFFF : new_base;
    note_table(cpu, base == &cpu->gdtr_base ? CPU_TABLE_GDTR : CPU_TABLE_IDTR, old, *base);
}

static void lgdt(struct cpu *cpu, const struct insn *in, unsigned size)
{
    table_load(cpu, in, size, &cpu->gdtr_base, &cpu->gdtr_limit);
}
BOTH_SIZES(lgdt)

static void lidt(struct cpu *cpu, const struct insn *in, unsigned size)
{
    table_load(cpu, in, size, &cpu->idtr_base, &cpu->idtr_limit);
}
BOTH_SIZES(lidt)

static void store_selector(struct cpu *cpu, const struct insn *in, unsigned size, uint32_t value)
{
    if (is_memory(in) || size == 2)
        rm_write16(cpu, in, (uint16_t)value);
    else
        *reg32(cpu, in->rm) = value;
}

static void sldt(struct cpu *cpu, const struct insn *in, unsigned size)
{
    require_protected(cpu);
    store_selector(cpu, in, size, cpu->seg[SEG_LDTR].selector);
}
BOTH_SIZES(sldt)

static void str(struct cpu *cpu, const struct insn *in, unsigned size)
{
    require_protected(cpu);
    store_selector(cpu, in, size, cpu->seg[SEG_TR].selector);
}
BOTH_SIZES(str)

static void smsw(struct cpu *cpu, const struct insn *in, unsigned size)
{
    store_selector(cpu, in, size, (uint32_t)cpu->cr0);
}
BOTH_SIZES(smsw)

void op_lldt(struct cpu *cpu, const struct insn *in)
{
    require_protected(cpu);
    require_cpl0(cpu);
    uint16_t selector = rm_read16(cpu, in);
    uint16_t old = cpu->seg[SEG_LDTR].selector;
    if (selector_is_null(selector)) {
        cpu->seg[SEG_LDTR] = (struct segment){.selector = selector};
        note_table(cpu, CPU_TABLE_LDTR, old, selector);
        return;
    }
    if (selector & 4)
        cpu_raise_because(cpu, EXC_GP, selector & 0xFFFC, CPU_FAULT_TABLE_LOCAL, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_GP);
    if (desc_is_segment(&d) || desc_type(&d) != DESC_LDT)
        raise_selector(cpu, EXC_GP, selector, CPU_FAULT_NOT_LDT, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    segment_set(&cpu->seg[SEG_LDTR], selector, &d);
    note_table(cpu, CPU_TABLE_LDTR, old, selector);
}

void op_ltr(struct cpu *cpu, const struct insn *in)
{
    require_protected(cpu);
    require_cpl0(cpu);
    uint16_t selector = rm_read16(cpu, in);
    if (selector_is_null(selector))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_NULL_SELECTOR, selector, 0);
    if (selector & 4)
        cpu_raise_because(cpu, EXC_GP, selector & 0xFFFC, CPU_FAULT_TABLE_LOCAL, selector, 0);
    struct descriptor d = descriptor_fetch(cpu, selector, EXC_GP);
    check_free_tss(cpu, selector, &d);
    if (!desc_present(&d))
        raise_selector(cpu, EXC_NP, selector, CPU_FAULT_NOT_PRESENT, &d);
    d.high |= 0x200; /* busy */
    sys_write(cpu, d.linear + 5, d.high >> 8 & 0xFF, 1);
    note_table(cpu, CPU_TABLE_TR, cpu->seg[SEG_TR].selector, selector);
    segment_set(&cpu->seg[SEG_TR], selector, &d);
}

/* --- looking at descriptors: ZF says whether it may be done --- */

static void set_zf(struct cpu *cpu, bool value)
{
    flags_set_all(cpu, (flags_collect(cpu) & ~(uint32_t)FLAG_ZF) | (value ? FLAG_ZF : 0));
}

static bool visible(struct cpu *cpu, uint16_t selector, const struct descriptor *d)
{
    if (desc_is_code(d) && desc_is_conforming(d))
        return true;
    return desc_dpl(d) >= cpu->cpl && desc_dpl(d) >= (selector & 3u);
}

static void lar(struct cpu *cpu, const struct insn *in, unsigned size)
{
    require_protected(cpu);
    uint16_t selector = rm_read16(cpu, in);
    struct descriptor d;
    /* Types that LAR knows: SDM volume 2, table 3-53. */
    static const uint16_t known = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12;
    bool ok = !selector_is_null(selector) && descriptor_find(cpu, selector, &d) &&
              (desc_is_segment(&d) || (known >> desc_type(&d) & 1)) && visible(cpu, selector, &d);
    if (ok) {
        if (size == 2)
            *reg16(cpu, in->reg) = (uint16_t)(d.high & 0xFF00);
        else
            *reg32(cpu, in->reg) = d.high & 0x00FFFF00;
    }
    set_zf(cpu, ok);
}
BOTH_SIZES(lar)

static void lsl(struct cpu *cpu, const struct insn *in, unsigned size)
{
    require_protected(cpu);
    uint16_t selector = rm_read16(cpu, in);
    struct descriptor d;
    static const uint16_t known = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
    bool ok = !selector_is_null(selector) && descriptor_find(cpu, selector, &d) &&
              (desc_is_segment(&d) || (known >> desc_type(&d) & 1)) && visible(cpu, selector, &d);
    if (ok) {
        if (size == 2)
            *reg16(cpu, in->reg) = (uint16_t)desc_limit(&d);
        else
            *reg32(cpu, in->reg) = desc_limit(&d);
    }
    set_zf(cpu, ok);
}
BOTH_SIZES(lsl)

static void verify(struct cpu *cpu, const struct insn *in, bool write)
{
    require_protected(cpu);
    uint16_t selector = rm_read16(cpu, in);
    struct descriptor d;
    bool ok = !selector_is_null(selector) && descriptor_find(cpu, selector, &d) && desc_is_segment(&d) &&
              visible(cpu, selector, &d);
    if (ok)
        ok = write ? !desc_is_code(&d) && desc_rw(&d) : !desc_is_code(&d) || desc_rw(&d);
    set_zf(cpu, ok);
}

void op_verr(struct cpu *cpu, const struct insn *in)
{
    verify(cpu, in, false);
}

void op_verw(struct cpu *cpu, const struct insn *in)
{
    verify(cpu, in, true);
}

void op_arpl(struct cpu *cpu, const struct insn *in)
{
    require_protected(cpu);
    uint16_t a = rm_read16(cpu, in), b = *reg16(cpu, in->reg);
    bool adjust = (a & 3) < (b & 3);
    /* Memory is written only where it changes. */
    if (adjust)
        rm_write16(cpu, in, (uint16_t)((a & 0xFFFC) | (b & 3)));
    set_zf(cpu, adjust);
}

/* --- control and debug registers --- */

uint32_t cpu_cr0_kept(const struct cpu *cpu, uint32_t value)
{
    uint32_t known = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_PG;
    if (cpu->model->level >= LEVEL_486)
        known |= CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD;
    return (value & known) | CR0_ET;
}

uint32_t cpu_cr4_bits(const struct cpu *cpu)
{
    return cpu->model->cr4_bits;
}

/* CR0 as a whole: SDM volume 3, 2.5. */
static void write_cr0(struct cpu *cpu, uint32_t value)
{
    uint32_t old = (uint32_t)cpu->cr0;
    if ((value & CR0_PG) && !(value & CR0_PE))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_CR0_PAGING, value, 0);
    value = cpu_cr0_kept(cpu, value);
    if ((value & CR0_NW) && !(value & CR0_CD))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_CR0_CACHE, value, 0);
    /* Changes that load the page-directory pointers anew: volume 3, 4.4.1. */
    if ((value & CR0_PG) && (cpu->cr4 & CR4_PAE) && ((old ^ value) & (CR0_PG | CR0_CD | CR0_NW)))
        mmu_load_pdptes(cpu, cpu->cr3);
    if ((old ^ value) & CR0_PG)
        debug_keep_place(cpu);
    cpu->cr0 = value;
    if ((old ^ value) & (CR0_PG | CR0_PE))
        tlb_flush(cpu, true);
    else if ((old ^ value) & CR0_WP)
        tlb_drop_fast(cpu);
    cpu_update_mode(cpu);
}

static void write_cr3(struct cpu *cpu, uint32_t value)
{
    if ((cpu->cr0 & CR0_PG) && (cpu->cr4 & CR4_PAE))
        mmu_load_pdptes(cpu, value);
    debug_keep_place(cpu);
    cpu->cr3 = mmu_cr3_kept(cpu, value);
    tlb_flush(cpu, false);
}

static void write_cr4(struct cpu *cpu, uint32_t value)
{
    if (value & ~cpu->model->cr4_bits)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_CR4_RESERVED, value, value & ~cpu->model->cr4_bits);
    uint32_t old = (uint32_t)cpu->cr4;
    if ((value & CR4_PAE) && (cpu->cr0 & CR0_PG) && ((old ^ value) & (CR4_PAE | CR4_PGE | CR4_PSE)))
        mmu_load_pdptes(cpu, cpu->cr3);
    cpu->cr4 = value;
    if ((old ^ value) & (CR4_PAE | CR4_PSE | CR4_PGE))
        tlb_flush(cpu, true);
    cpu_update_mode(cpu);
}

static bool has_cr4(const struct cpu *cpu)
{
    return cpu->model->cr4_bits != 0;
}

/* Registers that do not exist are #UD at any level. */
static void check_control_register(struct cpu *cpu, unsigned number)
{
    if (!(number == 0 || number == 2 || number == 3 || (number == 4 && has_cr4(cpu))))
        cpu_raise_because(cpu, EXC_UD, 0, CPU_FAULT_NO_CONTROL_REGISTER, number, 0);
    require_cpl0(cpu);
}

void op_mov_r_cr(struct cpu *cpu, const struct insn *in)
{
    check_control_register(cpu, in->reg);
    uint64_t value;
    switch (in->reg) {
    case 0:
        value = cpu->cr0;
        break;
    case 2:
        value = cpu->cr2;
        break;
    case 3:
        value = cpu->cr3;
        break;
    default:
        value = cpu->cr4;
        break;
    }
    *reg32(cpu, in->rm) = (uint32_t)value;
}

void op_mov_cr_r(struct cpu *cpu, const struct insn *in)
{
    check_control_register(cpu, in->reg);
    uint32_t value = *reg32(cpu, in->rm);
    const uint64_t *now = in->reg == 0   ? &cpu->cr0
                          : in->reg == 2 ? &cpu->cr2
                          : in->reg == 3 ? &cpu->cr3
                                         : &cpu->cr4;
    uint64_t old = *now;
    switch (in->reg) {
    case 0:
        write_cr0(cpu, value);
        break;
    case 2:
        cpu->cr2 = value;
        break;
    case 3:
        write_cr3(cpu, value);
        break;
    default:
        write_cr4(cpu, value);
        break;
    }
    if (debug_wants(cpu, CPU_EVENT_CONTROL))
        debug_note(cpu, CPU_EVENT_CONTROL, in->reg, old, *now);
}

/* DR4 and DR5 are DR6 and DR7 unless CR4.DE makes them invalid; DR7.GD traps all. Volume 3, 17.2. */
static unsigned debug_register(struct cpu *cpu, unsigned number)
{
    if (number == 4 || number == 5) {
        if (cpu->cr4 & CR4_DE)
            cpu_raise_because(cpu, EXC_UD, 0, CPU_FAULT_DEBUG_EXTENSIONS, number, 0);
        number += 2;
    }
    require_cpl0(cpu);
    if (cpu->dr[7] & 0x2000) {
        cpu->dr[6] |= DR6_BD;
        cpu_raise_because(cpu, EXC_DB, 0, CPU_FAULT_GENERAL_DETECT, cpu->dr[7], 0);
    }
    return number;
}

void op_mov_r_dr(struct cpu *cpu, const struct insn *in)
{
    unsigned number = debug_register(cpu, in->reg);
    *reg32(cpu, in->rm) = (uint32_t)cpu->dr[number];
}

void op_mov_dr_r(struct cpu *cpu, const struct insn *in)
{
    unsigned number = debug_register(cpu, in->reg);
    uint32_t value = *reg32(cpu, in->rm);
    if (number == 6)
        value = (value & 0xE00F) | 0xFFFF0FF0;
    if (number == 7)
        value = (value & 0xFFFF2FFF) | 0x400;
    if (debug_wants(cpu, CPU_EVENT_DEBUG))
        debug_note(cpu, CPU_EVENT_DEBUG, number, cpu->dr[number], value);
    cpu->dr[number] = value;
    breakpoints_changed(cpu);
    cpu_update_mode(cpu);
    cpu->attention |= ATTENTION_TRAP;
}

/* Test registers of the 386 and 486: the TLB and cache test facilities are not there to be tested; reads give
 * zero. */
void op_mov_r_tr(struct cpu *cpu, const struct insn *in)
{
    require_cpl0(cpu);
    *reg32(cpu, in->rm) = 0;
}

void op_mov_tr_r(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    require_cpl0(cpu);
}

/* LMSW can set PE but not clear it. */
void op_lmsw(struct cpu *cpu, const struct insn *in)
{
    require_cpl0(cpu);
    uint32_t value = rm_read16(cpu, in) & 0xF;
    uint64_t old = cpu->cr0;
    write_cr0(cpu, ((uint32_t)cpu->cr0 & ~0xEu) | value);
    if (debug_wants(cpu, CPU_EVENT_CONTROL))
        debug_note(cpu, CPU_EVENT_CONTROL, 0, old, cpu->cr0);
}

void op_clts(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    require_cpl0(cpu);
    if (debug_wants(cpu, CPU_EVENT_CONTROL))
        debug_note(cpu, CPU_EVENT_CONTROL, 0, cpu->cr0, cpu->cr0 & ~(uint64_t)CR0_TS);
    cpu->cr0 &= ~(uint64_t)CR0_TS;
    cpu_update_mode(cpu);
}

void op_invlpg(struct cpu *cpu, const struct insn *in)
{
    require_cpl0(cpu);
    tlb_flush_page(cpu, cpu->seg[operand_segment(in)].base + effective_address(cpu, in));
}

void op_invd(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    require_cpl0(cpu);
}

void op_wbinvd(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    require_cpl0(cpu);
}

/* SYSENTER and SYSEXIT: #GP in real mode, and while IA32_SYSENTER_CS names no segment. */
static void check_sysenter(struct cpu *cpu)
{
    if (is_real(cpu))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_PROTECTED_ONLY, cpu->cr0, cpu->eflags);
    if (!(cpu->msr.sysenter_cs & 0xFFFC))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_SYSENTER, cpu->msr.sysenter_cs, 0);
}

void op_sysenter(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    check_sysenter(cpu);
    uint16_t selector = (uint16_t)(cpu->msr.sysenter_cs & 0xFFFC);
    cpu->eflags &= ~(uint32_t)(FLAG_VM | FLAG_IF | FLAG_RF);
    cpu->seg[SEG_CS] = (struct segment){.selector = selector, .limit = 0xFFFFFFFF, .access = 0xC09B};
    cpu->seg[SEG_SS] =
        (struct segment){.selector = (uint16_t)(selector + 8), .limit = 0xFFFFFFFF, .access = 0xC093};
    segment_derive(&cpu->seg[SEG_CS]);
    segment_derive(&cpu->seg[SEG_SS]);
    cpu->cpl = 0;
    cpu->gpr[RSP].d = (uint32_t)cpu->msr.sysenter_esp;
    cpu->next_rip = (uint32_t)cpu->msr.sysenter_eip;
    cpu_update_mode(cpu);
}

void op_sysexit(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    check_sysenter(cpu);
    require_cpl0(cpu);
    uint16_t selector = (uint16_t)((cpu->msr.sysenter_cs & 0xFFFC) + 16);
    cpu->seg[SEG_CS] = (struct segment){.selector = selector | 3, .limit = 0xFFFFFFFF, .access = 0xC0FB};
    cpu->seg[SEG_SS] =
        (struct segment){.selector = (uint16_t)(selector + 8) | 3, .limit = 0xFFFFFFFF, .access = 0xC0F3};
    segment_derive(&cpu->seg[SEG_CS]);
    segment_derive(&cpu->seg[SEG_SS]);
    cpu->cpl = 3;
    cpu->gpr[RSP].d = cpu->gpr[RCX].d;
    cpu->next_rip = cpu->gpr[RDX].d;
    cpu_update_mode(cpu);
}

void op_rsm(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    if (!cpu->in_smm)
        cpu_raise_because(cpu, EXC_UD, 0, CPU_FAULT_NOT_IN_SMM, 0, 0);
    smm_leave(cpu);
}
