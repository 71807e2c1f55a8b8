/* Plain functions: the x87 escapes D8-DF, FWAIT, FXSAVE. What they compute is in fpu.c; here are operands,
 * #NM and #MF, and the pointers of the last instruction. SDM volume 2, appendix A.5; volume 1, chapter 8. */
#include "cpu/flags.h"
#include "cpu/fpu.h"
#include "cpu/insn.h"
#include "cpu/model.h"
#include "cpu/operand.h"

/* --- exceptions around an instruction --- */

static _Noreturn void refuse_encoding(struct cpu *cpu)
{
    cpu_raise_because(cpu, EXC_UD, 0, CPU_FAULT_FPU_ENCODING, 0, 0);
}

static void check_available(struct cpu *cpu)
{
    if (cpu->cr0 & CR0_EM)
        cpu_raise_because(cpu, EXC_NM, 0, CPU_FAULT_FPU_EMULATED, cpu->cr0, 0);
    if (cpu->cr0 & CR0_TS)
        cpu_raise_because(cpu, EXC_NM, 0, CPU_FAULT_FPU_SWITCHED, cpu->cr0, 0);
}

/* An unmasked exception of an earlier instruction. With CR0.NE clear it has gone out on FERR# already, and
 * the board's logic answers IGNNE#: the instruction is executed (SDM volume 1, D.2.1). */
static void check_pending(struct cpu *cpu)
{
    if (fpu_pending(&cpu->fpu) && (cpu->cr0 & CR0_NE))
        cpu_raise_because(cpu, EXC_MF, 0, CPU_FAULT_FPU_PENDING, cpu->fpu.status, cpu->fpu.control);
}

static void drive_ferr(struct cpu *cpu)
{
    bool level = fpu_pending(&cpu->fpu) && !(cpu->cr0 & CR0_NE);
    if (UNLIKELY(level != cpu->ferr)) {
        cpu->ferr = level;
        cpu_publish_time(cpu);
        cpu->bus.ferr(cpu->bus.ctx, level);
    }
}

void op_fwait(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    if ((cpu->cr0 & (CR0_TS | CR0_MP)) == (CR0_TS | CR0_MP))
        cpu_raise_because(cpu, EXC_NM, 0, CPU_FAULT_FPU_SWITCHED, cpu->cr0, 0);
    check_pending(cpu);
}

static enum fpu_layout layout_of(const struct cpu *cpu, const struct insn *in)
{
    bool protected = is_protected(cpu), size16 = in->seg & INSN_OSZ16;
    return protected ? size16 ? FPU_PROTECTED16 : FPU_PROTECTED32 : size16 ? FPU_REAL16 : FPU_REAL32;
}

/* --- memory forms --- */

struct operand {
    struct cpu *cpu;
    struct fpu *f;
    const struct insn *in;
    unsigned seg;
    uint32_t offset;
};

static uint32_t at(const struct operand *o, unsigned displacement)
{
    return (o->offset + displacement) & address_mask(o->in);
}

static void store(const struct operand *o, const struct fpu_store *s, unsigned bytes, bool pop)
{
    if (s->write) {
        if (bytes == 10) {
            /* Two accesses, as on processors: what the first wrote stays where the second faults. */
            mem_write64(o->cpu, o->seg, o->offset, s->low);
            mem_write16(o->cpu, o->seg, at(o, 8), s->high);
        } else if (bytes == 8) {
            mem_write64(o->cpu, o->seg, o->offset, s->low);
        } else if (bytes == 4) {
            mem_write32(o->cpu, o->seg, o->offset, (uint32_t)s->low);
        } else {
            mem_write16(o->cpu, o->seg, o->offset, (uint16_t)s->low);
        }
    }
    fpu_commit_store(o->f, s, pop);
}

typedef void fpu_u32_fn(struct fpu *f, uint32_t value);
typedef void fpu_u64_fn(struct fpu *f, uint64_t value);
typedef void fpu_i32_fn(struct fpu *f, int32_t value);
typedef void fpu_i16_fn(struct fpu *f, int16_t value);

/* D8, DA, DC and DE /0, /1, /4 to /7; /2 and /3 compare. */
static fpu_u32_fn *const arithmetic_m32[8] = {fpu_fadd_m32, fpu_fmul_m32,  NULL,         NULL,
                                              fpu_fsub_m32, fpu_fsubr_m32, fpu_fdiv_m32, fpu_fdivr_m32};
static fpu_u64_fn *const arithmetic_m64[8] = {fpu_fadd_m64, fpu_fmul_m64,  NULL,         NULL,
                                              fpu_fsub_m64, fpu_fsubr_m64, fpu_fdiv_m64, fpu_fdivr_m64};
static fpu_i32_fn *const arithmetic_m32i[8] = {fpu_fadd_m32i, fpu_fmul_m32i,  NULL,          NULL,
                                               fpu_fsub_m32i, fpu_fsubr_m32i, fpu_fdiv_m32i, fpu_fdivr_m32i};
static fpu_i16_fn *const arithmetic_m16i[8] = {fpu_fadd_m16i, fpu_fmul_m16i,  NULL,          NULL,
                                               fpu_fsub_m16i, fpu_fsubr_m16i, fpu_fdiv_m16i, fpu_fdivr_m16i};

static void mem_arithmetic(const struct operand *o, unsigned escape, unsigned reg)
{
    bool compares = reg == 2 || reg == 3;
    unsigned pops = reg == 3;
    switch (escape) {
    case 0: {
        uint32_t value = mem_read32(o->cpu, o->seg, o->offset);
        compares ? fpu_fcom_m32(o->f, value, pops) : arithmetic_m32[reg](o->f, value);
        break;
    }
    case 2: {
        int32_t value = (int32_t)mem_read32(o->cpu, o->seg, o->offset);
        compares ? fpu_ficom(o->f, value, pops) : arithmetic_m32i[reg](o->f, value);
        break;
    }
    case 4: {
        uint64_t value = mem_read64(o->cpu, o->seg, o->offset);
        compares ? fpu_fcom_m64(o->f, value, pops) : arithmetic_m64[reg](o->f, value);
        break;
    }
    default: {
        int16_t value = (int16_t)mem_read16(o->cpu, o->seg, o->offset);
        compares ? fpu_ficom(o->f, value, pops) : arithmetic_m16i[reg](o->f, value);
        break;
    }
    }
}

static void load_m80(const struct operand *o)
{
    uint64_t low = mem_read64(o->cpu, o->seg, o->offset);
    fpu_fld_m80(o->f, low, mem_read16(o->cpu, o->seg, at(o, 8)));
}

static void load_bcd(const struct operand *o)
{
    uint64_t low = mem_read64(o->cpu, o->seg, o->offset);
    fpu_fbld(o->f, low, mem_read16(o->cpu, o->seg, at(o, 8)));
}

static void store_integer(const struct operand *o, unsigned bits, bool pop)
{
    struct fpu_store s = fpu_prepare_integer(o->f, bits, false);
    store(o, &s, bits / 8, pop);
}

/* D9, DB, DD, DF with data in memory. */
static void mem_transfer(const struct operand *o, unsigned escape, unsigned reg)
{
    struct cpu *cpu = o->cpu;
    struct fpu_store s;
    switch (escape << 3 | reg) {
    case 1 << 3 | 0:
        fpu_fld_m32(o->f, mem_read32(cpu, o->seg, o->offset));
        return;
    case 1 << 3 | 2:
    case 1 << 3 | 3:
        s = fpu_prepare_m32(o->f);
        store(o, &s, 4, reg == 3);
        return;
    case 3 << 3 | 0:
        fpu_fild(o->f, (int32_t)mem_read32(cpu, o->seg, o->offset));
        return;
    case 3 << 3 | 2:
    case 3 << 3 | 3:
        store_integer(o, 32, reg == 3);
        return;
    case 3 << 3 | 5:
        load_m80(o);
        return;
    case 3 << 3 | 7:
        s = fpu_prepare_m80(o->f);
        store(o, &s, 10, true);
        return;
    case 5 << 3 | 0:
        fpu_fld_m64(o->f, mem_read64(cpu, o->seg, o->offset));
        return;
    case 5 << 3 | 2:
    case 5 << 3 | 3:
        s = fpu_prepare_m64(o->f);
        store(o, &s, 8, reg == 3);
        return;
    case 7 << 3 | 0:
        fpu_fild(o->f, (int16_t)mem_read16(cpu, o->seg, o->offset));
        return;
    case 7 << 3 | 2:
    case 7 << 3 | 3:
        store_integer(o, 16, reg == 3);
        return;
    case 7 << 3 | 4:
        load_bcd(o);
        return;
    case 7 << 3 | 5:
        fpu_fild(o->f, (int64_t)mem_read64(cpu, o->seg, o->offset));
        return;
    case 7 << 3 | 6:
        s = fpu_prepare_bcd(o->f);
        store(o, &s, 10, true);
        return;
    case 7 << 3 | 7:
        store_integer(o, 64, true);
        return;
    default:
        refuse_encoding(cpu);
    }
}

/* Before an environment or state: the processors look at its beginning and its end first. */
static void check_image(const struct operand *o, unsigned bytes, bool write)
{
    bool small = o->in->seg & INSN_OSZ16;
    uint32_t last = o->offset + bytes - 1;
    if (write) {
        mem_rmw_read(o->cpu, o->seg, o->offset, small ? 2 : 4);
        mem_rmw_read(o->cpu, o->seg, last, 1);
    } else {
        small ? mem_read16(o->cpu, o->seg, o->offset) : mem_read32(o->cpu, o->seg, o->offset);
        mem_read8(o->cpu, o->seg, last);
    }
}

/* Control words, environments, whole states: they leave the last-instruction pointers alone. */
static void mem_control(const struct operand *o, unsigned escape, unsigned reg)
{
    struct cpu *cpu = o->cpu;
    enum fpu_layout layout = layout_of(cpu, o->in);
    uint8_t image[FPU_SAVE_MAX];
    switch (escape << 3 | reg) {
    case 1 << 3 | 4: /* FLDENV */
        check_pending(cpu);
        check_image(o, fpu_environment_size(layout), false);
        mem_read_bytes(cpu, o->seg, o->offset, image, fpu_environment_size(layout));
        fpu_fldenv(o->f, layout, image);
        break;
    case 1 << 3 | 5: /* FLDCW */
        check_pending(cpu);
        fpu_fldcw(o->f, mem_read16(cpu, o->seg, o->offset));
        break;
    case 1 << 3 | 6: /* FNSTENV */
        fpu_store_environment(o->f, layout, image);
        check_image(o, fpu_environment_size(layout), true);
        mem_write_bytes(cpu, o->seg, o->offset, image, fpu_environment_size(layout));
        fpu_commit_fnstenv(o->f);
        break;
    case 1 << 3 | 7: /* FNSTCW */
        mem_write16(cpu, o->seg, o->offset, fpu_fnstcw(o->f));
        break;
    case 5 << 3 | 4: /* FRSTOR */
        check_pending(cpu);
        check_image(o, fpu_save_size(layout), false);
        mem_read_bytes(cpu, o->seg, o->offset, image, fpu_save_size(layout));
        fpu_frstor(o->f, layout, image);
        break;
    case 5 << 3 | 6: /* FNSAVE */
        fpu_store_state(o->f, layout, image);
        check_image(o, fpu_save_size(layout), true);
        mem_write_bytes(cpu, o->seg, o->offset, image, fpu_save_size(layout));
        fpu_commit_fnsave(o->f);
        break;
    case 5 << 3 | 7: /* FNSTSW m16 */
        mem_write16(cpu, o->seg, o->offset, fpu_fnstsw(o->f));
        break;
    default:
        refuse_encoding(cpu);
    }
}

static bool is_mem_control(unsigned escape, unsigned reg)
{
    return (escape == 1 && reg >= 4) || (escape == 5 && (reg == 4 || reg >= 6));
}

static void note(struct cpu *cpu, const struct insn *in)
{
    fpu_note_instruction(&cpu->fpu, (uint16_t)in->imm, cpu->seg[SEG_CS].selector, cpu->rip);
}

/* #UD comes before a pending #MF. */
static void check_exists(struct cpu *cpu, bool exists)
{
    if (!exists)
        refuse_encoding(cpu);
}

static bool mem_exists(unsigned escape, unsigned reg)
{
    static const uint8_t regs[4] = {0xFD, 0xAD, 0xDD, 0xFD}; /* D9, DB, DD, DF */
    return !(escape & 1) || regs[escape >> 1] >> reg & 1;
}

void op_fpu_mem(struct cpu *cpu, const struct insn *in)
{
    unsigned escape = in->imm >> 8 & 7, reg = in->imm >> 3 & 7;
    struct operand o = {.cpu = cpu, .f = &cpu->fpu, .in = in, .seg = operand_segment(in)};
    check_available(cpu);
    check_exists(cpu, mem_exists(escape, reg));
    o.offset = effective_address(cpu, in);
    if (is_mem_control(escape, reg)) {
        mem_control(&o, escape, reg);
        drive_ferr(cpu);
        return;
    }
    check_pending(cpu);
    if (escape & 1) {
        mem_transfer(&o, escape, reg);
    } else {
        mem_arithmetic(&o, escape, reg);
    }
    note(cpu, in);
    fpu_note_operand(&cpu->fpu, cpu->seg[o.seg].selector, o.offset);
    drive_ferr(cpu);
}

/* --- register forms --- */

typedef void fpu_st_fn(struct fpu *f, unsigned i);

static fpu_st_fn *const arithmetic_st0[8] = {fpu_fadd_st0, fpu_fmul_st0,  NULL,         NULL,
                                             fpu_fsub_st0, fpu_fsubr_st0, fpu_fdiv_st0, fpu_fdivr_st0};
static fpu_st_fn *const arithmetic_sti[8] = {fpu_fadd_sti,  fpu_fmul_sti, NULL,          NULL,
                                             fpu_fsubr_sti, fpu_fsub_sti, fpu_fdivr_sti, fpu_fdiv_sti};
static fpu_st_fn *const arithmetic_pop[8] = {
    fpu_fadd_sti_pop,  fpu_fmul_sti_pop, NULL, NULL, fpu_fsubr_sti_pop, fpu_fsub_sti_pop,
    fpu_fdivr_sti_pop, fpu_fdiv_sti_pop};

/* D8, DC, DE. */
static void reg_arithmetic(struct cpu *cpu, unsigned escape, unsigned reg, unsigned i)
{
    struct fpu *f = &cpu->fpu;
    if (escape == 6 && reg == 3) { /* DE D9 is FCOMPP, the others are nothing */
        if (i != 1)
            refuse_encoding(cpu);
        fpu_fcom_st(f, 1, 2);
    } else if (reg == 2 || reg == 3) {
        fpu_fcom_st(f, i, escape == 6 || reg == 3);
    } else {
        fpu_st_fn *const *table = escape == 0   ? arithmetic_st0
                                  : escape == 4 ? arithmetic_sti
                                                : arithmetic_pop;
        table[reg](f, i);
    }
}

typedef void fpu_fn(struct fpu *f);

/* D9 E0-FF; NULL where there is nothing. */
static fpu_fn *const d9_functions[32] = {
    [0x00] = fpu_fchs,    [0x01] = fpu_fabs,    [0x04] = fpu_ftst,    [0x05] = fpu_fxam,
    [0x10] = fpu_f2xm1,   [0x11] = fpu_fyl2x,   [0x12] = fpu_fptan,   [0x13] = fpu_fpatan,
    [0x14] = fpu_fxtract, [0x15] = fpu_fprem1,  [0x16] = fpu_fdecstp, [0x17] = fpu_fincstp,
    [0x18] = fpu_fprem,   [0x19] = fpu_fyl2xp1, [0x1A] = fpu_fsqrt,   [0x1B] = fpu_fsincos,
    [0x1C] = fpu_frndint, [0x1D] = fpu_fscale,  [0x1E] = fpu_fsin,    [0x1F] = fpu_fcos,
};

static void reg_d9(struct cpu *cpu, unsigned reg, unsigned i)
{
    struct fpu *f = &cpu->fpu;
    unsigned low = (reg << 3 | i) & 31;
    if (reg == 0) {
        fpu_fld_st(f, i);
    } else if (reg == 1) {
        fpu_fxch(f, i);
    } else if (reg == 2 && i == 0) {
        fpu_fnop(f);
    } else if (reg == 3) {
        fpu_fstp1_st(f, i);
    } else if (reg == 5 && i < 7) {
        fpu_fld_constant(f, (enum fpu_constant)i);
    } else if (reg >= 4 && d9_functions[low]) {
        d9_functions[low](f);
    } else {
        refuse_encoding(cpu);
    }
}

static void fcmov(struct cpu *cpu, unsigned reg, unsigned i, bool negate)
{
    static const uint8_t conditions[4] = {2, 4, 6, 10}; /* B, E, BE, U as condition codes */
    if (!(cpu->model->features & CPUID_CMOV))
        refuse_encoding(cpu);
    fpu_fcmov(&cpu->fpu, i, flags_condition(cpu, conditions[reg]) ^ negate);
}

static void fcomi(struct cpu *cpu, unsigned i, bool quiet, bool pop)
{
    if (!(cpu->model->features & CPUID_CMOV))
        refuse_encoding(cpu);
    flags_set_all(cpu, fpu_fcomi(&cpu->fpu, i, quiet, pop));
}

static void reg_da(struct cpu *cpu, unsigned reg, unsigned i)
{
    if (reg < 4)
        fcmov(cpu, reg, i, false);
    else if (reg == 5 && i == 1)
        fpu_fucom_st(&cpu->fpu, 1, 2);
    else
        refuse_encoding(cpu);
}

static void reg_db(struct cpu *cpu, unsigned reg, unsigned i)
{
    if (reg < 4)
        fcmov(cpu, reg, i, true);
    else if (reg == 5)
        fcomi(cpu, i, true, false);
    else if (reg == 6)
        fcomi(cpu, i, false, false);
    else
        refuse_encoding(cpu);
}

static void reg_dd(struct cpu *cpu, unsigned reg, unsigned i)
{
    struct fpu *f = &cpu->fpu;
    switch (reg) {
    case 0:
        fpu_ffree(f, i);
        break;
    case 1:
        fpu_fxch(f, i);
        break;
    case 2:
    case 3:
        fpu_fst_st(f, i, reg == 3);
        break;
    case 4:
    case 5:
        fpu_fucom_st(f, i, reg == 5);
        break;
    default:
        refuse_encoding(cpu);
    }
}

static void reg_df(struct cpu *cpu, unsigned reg, unsigned i)
{
    struct fpu *f = &cpu->fpu;
    switch (reg) {
    case 0:
        fpu_ffreep(f, i);
        break;
    case 1:
        fpu_fxch(f, i);
        break;
    case 2:
    case 3:
        fpu_fst_st(f, i, true);
        break;
    case 5:
        fcomi(cpu, i, true, true);
        break;
    case 6:
        fcomi(cpu, i, false, true);
        break;
    default:
        refuse_encoding(cpu);
    }
}

/* Instructions that do not wait and do not count as the last one. */
static bool reg_control(struct cpu *cpu, unsigned opcode)
{
    switch (opcode) {
    case 0x3E0: /* FENI */
    case 0x3E1: /* FDISI */
    case 0x3E4: /* FSETPM */
        fpu_fnop(&cpu->fpu);
        return true;
    case 0x3E2:
        fpu_fnclex(&cpu->fpu);
        return true;
    case 0x3E3:
        fpu_fninit(&cpu->fpu);
        return true;
    case 0x7E0:
        cpu->gpr[RAX].w = fpu_fnstsw(&cpu->fpu);
        return true;
    default:
        return false;
    }
}

/* Is there a register form D8-DF with this ModRM byte? */
static bool reg_exists(const struct cpu *cpu, unsigned escape, unsigned reg, unsigned i)
{
    bool p6 = cpu->model->features & CPUID_CMOV;
    switch (escape << 3 | reg) {
    case 1 << 3 | 2: /* FNOP */
        return i == 0;
    case 1 << 3 | 4:
    case 1 << 3 | 6:
    case 1 << 3 | 7:
        return d9_functions[(reg << 3 | i) & 31] != NULL;
    case 1 << 3 | 5:
        return i < 7;
    case 2 << 3 | 5: /* FUCOMPP */
    case 6 << 3 | 3: /* FCOMPP */
        return i == 1;
    case 3 << 3 | 4: /* FNCLEX, FNINIT, ... */
        return i < 5;
    case 7 << 3 | 4: /* FNSTSW AX */
        return i == 0;
    case 2 << 3 | 4:
    case 2 << 3 | 6:
    case 2 << 3 | 7:
    case 3 << 3 | 7:
    case 5 << 3 | 6:
    case 5 << 3 | 7:
    case 7 << 3 | 7:
        return false;
    case 3 << 3 | 5: /* FUCOMI, FCOMI */
    case 3 << 3 | 6:
    case 7 << 3 | 5:
    case 7 << 3 | 6:
        return p6;
    default:
        return (escape != 2 && escape != 3) || p6; /* FCMOV */
    }
}

void op_fpu_reg(struct cpu *cpu, const struct insn *in)
{
    unsigned escape = in->imm >> 8 & 7, reg = in->imm >> 3 & 7, i = in->imm & 7;
    check_available(cpu);
    check_exists(cpu, reg_exists(cpu, escape, reg, i));
    if (reg_control(cpu, (unsigned)in->imm & 0x7FF)) {
        drive_ferr(cpu);
        return;
    }
    check_pending(cpu);
    switch (escape) {
    case 1:
        reg_d9(cpu, reg, i);
        break;
    case 2:
        reg_da(cpu, reg, i);
        break;
    case 3:
        reg_db(cpu, reg, i);
        break;
    case 5:
        reg_dd(cpu, reg, i);
        break;
    case 7:
        reg_df(cpu, reg, i);
        break;
    default:
        reg_arithmetic(cpu, escape, reg, i);
        break;
    }
    note(cpu, in);
    drive_ferr(cpu);
}

/* --- FXSAVE, FXRSTOR: SDM volume 2 --- */

static uint32_t fx_address(struct cpu *cpu, const struct insn *in)
{
    check_available(cpu);
    uint32_t offset = effective_address(cpu, in);
    if ((cpu->seg[operand_segment(in)].base + offset) & 15)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_ALIGNMENT,
                          (uint32_t)(cpu->seg[operand_segment(in)].base + offset), 16);
    return offset;
}

void op_fxsave(struct cpu *cpu, const struct insn *in)
{
    uint32_t offset = fx_address(cpu, in);
    uint8_t image[FPU_FXSAVE_SIZE];
    mem_probe_write(cpu, operand_segment(in), offset, sizeof image); /* a fault is one of a write */
    mem_read_bytes(cpu, operand_segment(in), offset, image, FPU_FXSAVE_XMM);
    unsigned bytes = fpu_fxsave(&cpu->fpu, image, NULL, false);
    mem_write_bytes(cpu, operand_segment(in), offset, image, bytes);
}

void op_fxrstor(struct cpu *cpu, const struct insn *in)
{
    uint32_t offset = fx_address(cpu, in);
    uint8_t image[FPU_FXSAVE_SIZE];
    mem_read_bytes(cpu, operand_segment(in), offset, image, sizeof image);
    fpu_fxrstor(&cpu->fpu, image, NULL, false);
    drive_ferr(cpu);
}
