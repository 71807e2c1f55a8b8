/* The processor's registers by name, to read and to set. */
#ifndef TICK86_MONITOR_REGISTERS_H
#define TICK86_MONITOR_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/cpu.h"

/* Where a register lies: SIZE bytes at OFFSET in struct cpu_registers, from bit SHIFT. */
struct register_place {
    char name[8];
    uint16_t offset;
    uint8_t size; /* bytes of the register as it is named: 1 for AL and AH */
    uint8_t shift;
    uint8_t stored; /* bytes of the field that it lies in */
};

/* By name (LENGTH characters, any case). */
bool register_find(const char *name, size_t length, struct register_place *out);
uint64_t register_get(const struct cpu_registers *registers, const struct register_place *place);
/* Changes these bytes alone: what follows from them is the caller's business. */
void register_put(struct cpu_registers *registers, const struct register_place *place, uint64_t value);
/* The flag of EFLAGS that NAME (cf, zf ... iopl) means: its lowest bit and its width in bits. */
bool flag_find(const char *name, size_t length, unsigned *bit, unsigned *width);

/* Register N in the order of their names' table; false: past the last. For completion. */
bool register_at(unsigned n, struct register_place *out);

#endif
