/* Plain functions: MMX. What they compute is in mmx.h. SDM volume 2; volume 1, chapter 9. */
#include "cpu/fpu.h"
#include "cpu/mmx.h"
#include "cpu/operand.h"

typedef uint64_t mmx_fn(uint64_t a, uint64_t b);

/* Operations with two operands by opcode after 0F. */
#define MMX_OPERATION(opcode, name, bits, host) [opcode] = mmx_##name,
static mmx_fn *const operations[256] = {
#include "cpu/mmx_operations.def"
};
#undef MMX_OPERATION

/* 71 to 73 with an immediate count: [opcode - 71][reg]. */
static mmx_fn *const shifts[3][8] = {
    {[2] = mmx_psrlw, [4] = mmx_psraw, [6] = mmx_psllw},
    {[2] = mmx_psrld, [4] = mmx_psrad, [6] = mmx_pslld},
    {[2] = mmx_psrlq, [6] = mmx_psllq},
};

/* SDM volume 3, 12.1: EM gives #UD, TS #NM, a pending x87 exception #MF. */
static void mmx_check(struct cpu *cpu)
{
    if (cpu->cr0 & CR0_EM)
        cpu_raise_because(cpu, EXC_UD, 0, CPU_FAULT_FPU_EMULATED, cpu->cr0, 0);
    if (cpu->cr0 & CR0_TS)
        cpu_raise_because(cpu, EXC_NM, 0, CPU_FAULT_FPU_SWITCHED, cpu->cr0, 0);
    if (fpu_pending(&cpu->fpu) && (cpu->cr0 & CR0_NE))
        cpu_raise_because(cpu, EXC_MF, 0, CPU_FAULT_FPU_PENDING, cpu->fpu.status, cpu->fpu.control);
}

static uint64_t source64(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? mem_read64(cpu, operand_segment(in), effective_address(cpu, in))
                         : fpu_mmx_read(&cpu->fpu, in->rm);
}

/* The unpacks of low halves read 32 bits from memory. */
static uint64_t source32(struct cpu *cpu, const struct insn *in)
{
    return is_memory(in) ? mem_read32(cpu, operand_segment(in), effective_address(cpu, in))
                         : fpu_mmx_read(&cpu->fpu, in->rm);
}

static void finish(struct cpu *cpu, unsigned reg, uint64_t value)
{
    fpu_mmx_enter(&cpu->fpu);
    fpu_mmx_write(&cpu->fpu, reg, value);
}

void op_mmx(struct cpu *cpu, const struct insn *in)
{
    unsigned opcode = in->imm & 0xFF;
    mmx_check(cpu);
    switch (opcode) {
    case 0x6E: /* MOVD mm, r/m32 */
        finish(cpu, in->reg, rm_read32(cpu, in));
        return;
    case 0x7E: /* MOVD r/m32, mm; TOP becomes 0 even where the store faults */
        cpu->fpu.top = 0;
        rm_write32(cpu, in, (uint32_t)fpu_mmx_read(&cpu->fpu, in->reg));
        fpu_mmx_enter(&cpu->fpu);
        return;
    case 0x6F: /* MOVQ mm, mm/m64 */
        finish(cpu, in->reg, source64(cpu, in));
        return;
    case 0x7F: /* MOVQ mm/m64, mm */
        if (is_memory(in)) {
            cpu->fpu.top = 0;
            mem_write64(cpu, operand_segment(in), effective_address(cpu, in),
                        fpu_mmx_read(&cpu->fpu, in->reg));
            fpu_mmx_enter(&cpu->fpu);
        } else {
            finish(cpu, in->rm, fpu_mmx_read(&cpu->fpu, in->reg));
        }
        return;
    case 0x71:
    case 0x72:
    case 0x73:
        finish(cpu, in->rm,
               shifts[opcode - 0x71][in->reg](fpu_mmx_read(&cpu->fpu, in->rm), in->imm >> 8 & 0xFF));
        return;
    default: {
        uint64_t b = opcode >= 0x60 && opcode <= 0x62 ? source32(cpu, in) : source64(cpu, in);
        finish(cpu, in->reg, operations[opcode](fpu_mmx_read(&cpu->fpu, in->reg), b));
        return;
    }
    }
}

void op_emms(struct cpu *cpu, const struct insn *in)
{
    (void)in;
    mmx_check(cpu);
    fpu_emms(&cpu->fpu);
}
