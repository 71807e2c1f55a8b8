#include "monitor/target.h"

#include "bus/bus.h"
#include "machine/machine.h"
#include "monitor/names.h"

#define CR0_PE    1u
#define RFLAGS_VM (1u << 17)
#define EFER_LMA  (1u << 10)
/* In struct cpu_segment's access word, descriptor bits 40-55. */
#define ACCESS_L  (1u << 13)
#define ACCESS_DB (1u << 14)

void target_registers(struct machine *machine, struct cpu_registers *out)
{
    cpu_get_registers(machine_cpu(machine, 0), out);
}

size_t target_peek_physical(struct machine *machine, uint64_t address, void *buffer, size_t count)
{
    mem_peek(machine_bus(machine), address, buffer, count);
    return count;
}

size_t target_there(struct machine *machine, uint64_t address, size_t count)
{
    size_t done = 0;
    while (done < count) {
        size_t in_page = PAGE_SIZE - ((address + done) & (PAGE_SIZE - 1));
        if ((address + done) >> PHYSICAL_BITS ||
            !mem_page(machine_bus(machine), (address + done) >> PAGE_SHIFT).region)
            break;
        done += count - done < in_page ? count - done : in_page;
    }
    return done;
}

size_t target_peek(struct machine *machine, uint64_t linear, void *buffer, size_t count)
{
    struct cpu *cpu = machine_cpu(machine, 0);
    size_t done = 0;
    while (done < count) {
        uint64_t physical;
        size_t in_page = PAGE_SIZE - ((linear + done) & (PAGE_SIZE - 1));
        size_t part = count - done < in_page ? count - done : in_page;
        if (linear + done > UINT32_MAX || !cpu_peek_translate(cpu, linear + done, &physical))
            break;
        target_peek_physical(machine, physical, (uint8_t *)buffer + done, part);
        done += part;
    }
    return done;
}

bool target_real_segments(const struct cpu_registers *registers)
{
    return !(registers->cr0 & CR0_PE) || (registers->rflags & RFLAGS_VM);
}

unsigned target_code_bits(const struct cpu_registers *registers)
{
    uint16_t access = registers->segment[CPU_CS].access;
    if ((registers->efer & EFER_LMA) && (access & ACCESS_L))
        return 64;
    return access & ACCESS_DB ? 32 : 16;
}

uint64_t target_stack_pointer(const struct cpu_registers *registers)
{
    if (target_code_bits(registers) == 64)
        return registers->gpr[4];
    bool wide = (registers->segment[CPU_SS].access & ACCESS_DB) && !target_real_segments(registers);
    return wide ? (uint32_t)registers->gpr[4] : (uint16_t)registers->gpr[4];
}

uint64_t target_next_linear(const struct cpu_registers *registers)
{
    if (target_code_bits(registers) == 64)
        return registers->rip;
    return (uint32_t)(registers->segment[CPU_CS].base + registers->rip);
}

bool target_descriptor(struct machine *machine, uint16_t selector, uint64_t *raw)
{
    struct cpu_registers registers;
    target_registers(machine, &registers);
    bool local = selector & 4;
    uint64_t table = local ? registers.ldtr.base : registers.gdtr_base;
    uint64_t limit = local ? registers.ldtr.limit : registers.gdtr_limit;
    unsigned offset = selector & ~7u;
    if (local && !(registers.ldtr.selector & 0xFFFC))
        return false;
    return offset + 7 <= limit && target_peek(machine, (uint32_t)(table + offset), raw, 8) == 8;
}

bool target_segment_base(struct machine *machine, uint16_t selector, uint64_t *base)
{
    struct cpu_registers registers;
    struct descriptor_view view;
    uint64_t raw;
    target_registers(machine, &registers);
    if (target_real_segments(&registers)) {
        *base = (uint64_t)selector << 4;
        return true;
    }
    if (!(selector & ~3u) || !target_descriptor(machine, selector, &raw))
        return false;
    descriptor_view(raw, &view);
    *base = view.base;
    return true;
}
