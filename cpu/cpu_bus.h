/* The processor's pins: all that it knows of the outside world. The machine fills this structure.
 *
 * Time: the processor writes the exact current cycle to `*now` before it calls any of these functions,
 * and keeps it true whenever it is not running. A function that brings an event nearer or raises a line
 * sets `*attention`; the processor then stops at the next instruction boundary. */
#ifndef TICK86_CPU_CPU_BUS_H
#define TICK86_CPU_CPU_BUS_H

#include <stdbool.h>
#include <stdint.h>

/* What backs a physical page (4 KB) right now. */
struct cpu_page {
    uint8_t *read;      /* host address of the page for reads and fetches; NULL: use mem_read */
    uint8_t *write;     /* likewise for writes; NULL: use mem_write */
    uint32_t read_page; /* backing page numbers: equal numbers are the same bytes */
    uint32_t write_page;
    uint8_t *read_flags; /* the pages' RAM_PAGE_* flags (bus/memory.h), shared by everybody */
    uint8_t *write_flags;
};

/* Flags in *read_flags and *write_flags: the same values as RAM_PAGE_* of bus/memory.h. */
enum { CPU_PAGE_CODE = 1, CPU_PAGE_DIRTY = 2, CPU_PAGE_TRAP = 4 };

struct cpu_bus {
    void *ctx;
    uint64_t *now;          /* cycles */
    uint32_t backing_pages; /* backing page numbers are below this */
    void (*page)(void *ctx, uint64_t page, struct cpu_page *out);
    /* SIZE bytes, 1 to 8, that do not cross an 8-byte boundary; for pages without host memory. */
    uint64_t (*mem_read)(void *ctx, uint64_t address, unsigned size);
    void (*mem_write)(void *ctx, uint64_t address, uint64_t value, unsigned size);
    /* As mem_read, without side effects; NULL: nothing can be told of such pages. */
    uint64_t (*mem_peek)(void *ctx, uint64_t address, unsigned size);
    uint32_t (*port_read)(void *ctx, uint16_t port, unsigned size);
    void (*port_write)(void *ctx, uint16_t port, uint32_t value, unsigned size);
    /* The processor wrote bytes FIRST..LAST of a backing page that has CPU_PAGE_CODE: every processor is
     * told through cpu_code_written(); where none holds code of it any more, the flag is cleared. */
    void (*code_written)(void *ctx, uint32_t page, uint8_t *flags, unsigned first, unsigned last);
    /* INTA: the vector of the interrupt that is taken. */
    uint8_t (*acknowledge)(void *ctx);
    /* IA32_APIC_BASE was written. */
    void (*apic_base)(void *ctx, uint64_t value);
    /* FERR# rises or falls (CR0.NE = 0): IRQ13 on a PC. */
    void (*ferr)(void *ctx, bool level);
    /* Entering or leaving system management mode: SMRAM appears or goes. */
    void (*smm)(void *ctx, bool entered);
    /* The shutdown cycle after a triple fault. */
    void (*shutdown)(void *ctx);
};

#endif
