/* Port accesses with their permission checks: SDM volume 1, 19.5; volume 2, IN, OUT. */
#include "cpu/insn.h"
#include "cpu/operand.h"

bool cpu_io_map_holds(uint32_t limit, uint16_t map, uint16_t port)
{
    return (uint32_t)map + port / 8 + 1 <= limit;
}

/* CPL <= IOPL, or the bits of the TSS's I/O map; always the map in V86 mode. */
void port_check(struct cpu *cpu, uint16_t port, unsigned size)
{
    if (is_real(cpu) || (!is_v86(cpu) && cpu->cpl <= cpu_iopl(cpu)))
        return;
    const struct segment *tr = &cpu->seg[SEG_TR];
    if (!(tr->access & SEGA_P) || !(tr->access & 8) || tr->limit < 103)
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_IO_NO_MAP, port, tr->limit);
    uint16_t base = (uint16_t)sys_read(cpu, tr->base + 102, 2);
    uint32_t at = (uint32_t)base + port / 8;
    if (!cpu_io_map_holds(tr->limit, base, port))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_IO_NO_MAP, port, tr->limit);
    uint16_t bits = (uint16_t)sys_read(cpu, tr->base + at, 2);
    if (bits >> (port & 7) & ((1u << size) - 1))
        cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_IO_DENIED, port, bits);
}

/* An SMI that the access raised comes right behind the instruction, and may ask for the access once more. */
static void note_smi(struct cpu *cpu, bool pending_before)
{
    if (UNLIKELY(cpu->smi_pending) && !pending_before && !cpu->in_smm)
        cpu->smi_io =
            (struct smi_io){true, (uint32_t)cpu->rip, cpu->gpr[RCX].d, cpu->gpr[RSI].d, cpu->gpr[RDI].d};
}

void cpu_wait_states(struct cpu *cpu, unsigned cycles)
{
    cpu_charge(cpu, cycles);
}

uint32_t port_in(struct cpu *cpu, uint16_t port, unsigned size)
{
    port_check(cpu, port, size);
    breakpoint_check_port(cpu, port, size);
    cpu_publish_time(cpu);
    bool pending = cpu->smi_pending;
    uint32_t value = cpu->bus.port_read(cpu->bus.ctx, port, size);
    note_smi(cpu, pending);
    if (debug_wants(cpu, CPU_EVENT_PORT))
        debug_note_port(cpu, port, value, size, false);
    return value;
}

void port_out(struct cpu *cpu, uint16_t port, uint32_t value, unsigned size)
{
    port_check(cpu, port, size);
    breakpoint_check_port(cpu, port, size);
    cpu_publish_time(cpu);
    bool pending = cpu->smi_pending;
    cpu->bus.port_write(cpu->bus.ctx, port, value, size);
    note_smi(cpu, pending);
    if (debug_wants(cpu, CPU_EVENT_PORT))
        debug_note_port(cpu, port, value, size, true);
}

#define IN_OUT(form, port)                                                                                   \
    void op_in_##form##_8(struct cpu *cpu, const struct insn *in)                                            \
    {                                                                                                        \
        (void)in;                                                                                            \
        cpu->gpr[RAX].b[0] = (uint8_t)port_in(cpu, port, 1);                                                 \
    }                                                                                                        \
    void op_in_##form##_16(struct cpu *cpu, const struct insn *in)                                           \
    {                                                                                                        \
        (void)in;                                                                                            \
        cpu->gpr[RAX].w = (uint16_t)port_in(cpu, port, 2);                                                   \
    }                                                                                                        \
    void op_in_##form##_32(struct cpu *cpu, const struct insn *in)                                           \
    {                                                                                                        \
        (void)in;                                                                                            \
        cpu->gpr[RAX].d = port_in(cpu, port, 4);                                                             \
    }                                                                                                        \
    void op_out_##form##_8(struct cpu *cpu, const struct insn *in)                                           \
    {                                                                                                        \
        (void)in;                                                                                            \
        port_out(cpu, port, cpu->gpr[RAX].b[0], 1);                                                          \
    }                                                                                                        \
    void op_out_##form##_16(struct cpu *cpu, const struct insn *in)                                          \
    {                                                                                                        \
        (void)in;                                                                                            \
        port_out(cpu, port, cpu->gpr[RAX].w, 2);                                                             \
    }                                                                                                        \
    void op_out_##form##_32(struct cpu *cpu, const struct insn *in)                                          \
    {                                                                                                        \
        (void)in;                                                                                            \
        port_out(cpu, port, cpu->gpr[RAX].d, 4);                                                             \
    }
IN_OUT(imm, (uint8_t)in->imm)
IN_OUT(dx, cpu->gpr[RDX].w)
