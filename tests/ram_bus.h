/* A bus with RAM and nothing else, to run a processor on in tests. Memory beyond and ports read as all ones.
 */
#ifndef TICK86_TESTS_RAM_BUS_H
#define TICK86_TESTS_RAM_BUS_H

#include "cpu/cpu_bus.h"

struct cpu_model;

#define RAM_BUS_PAGE 4096u

struct ram_bus {
    struct cpu *cpu;
    uint64_t now;   /* cycles */
    uint8_t *ram;   /* `pages` of 4096 bytes from physical address 0, zeroed */
    uint8_t *flags; /* CPU_PAGE_* of each */
    uint32_t pages; /* a power of two where addresses wrap */
    bool wraps;     /* addresses beyond the RAM begin again at 0 */
    struct cpu_bus bus;
};

/* Makes the RAM and a processor of MODEL on it. */
void ram_bus_init(struct ram_bus *b, const struct cpu_model *model, uint32_t pages, bool wraps);
void ram_bus_release(struct ram_bus *b);

#endif
