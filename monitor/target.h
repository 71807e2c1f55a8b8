/* The processor as the monitor sees it: registers, memory without side effects, one step. Thin functions over
 * cpu/cpu.h and machine/machine.h. */
#ifndef TICK86_MONITOR_TARGET_H
#define TICK86_MONITOR_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/cpu.h"

struct machine;

void target_registers(struct machine *machine, struct cpu_registers *out);

/* Reads linear or physical memory as the processor would now, without side effects. Returns how many bytes
 * could be read: fewer than COUNT where a linear address is not mapped. */
size_t target_peek(struct machine *machine, uint64_t linear, void *buffer, size_t count);
size_t target_peek_physical(struct machine *machine, uint64_t address, void *buffer, size_t count);

/* How many of COUNT bytes from a physical address on have a region of the map; the rest reads as ones. */
size_t target_there(struct machine *machine, uint64_t address, size_t count);

/* Real mode, or virtual-8086: segments are paragraphs. */
bool target_real_segments(const struct cpu_registers *registers);

/* Bits of code at CS: 16, 32 or 64. */
unsigned target_code_bits(const struct cpu_registers *registers);

/* SP or ESP, as SS says. */
uint64_t target_stack_pointer(const struct cpu_registers *registers);

/* The linear address of the next instruction. */
uint64_t target_next_linear(const struct cpu_registers *registers);

/* The descriptor that SELECTOR means in the GDT or LDT, eight bytes. False: outside its table. */
bool target_descriptor(struct machine *machine, uint16_t selector, uint64_t *raw);

/* Base of the segment that SELECTOR names: a paragraph, or from the GDT or LDT. False: no such descriptor. */
bool target_segment_base(struct machine *machine, uint16_t selector, uint64_t *base);

#endif
