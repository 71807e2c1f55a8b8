/* The I/O-port bus: 64 K ports, each claimed by rows of device descriptors.
 *
 * A row says which ports, how wide an access it takes whole, the register's name, and the functions.
 * An access that no row takes at its width is split into narrower ones at consecutive ports, low address
 * first, as an ISA bus controller does. A port that nobody claims reads as all ones, ignores writes and is
 * logged once (category "ports").
 *
 * Two rows may claim the same port only if they say how they share it: by bits (disjoint `bits` masks: a
 * read ORs each row's bits, a write goes to all) or by width (disjoint `widths`). Anything else is an error
 * at creation that names both owners. */
#ifndef TICK86_BUS_PORTS_H
#define TICK86_BUS_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

enum { IO_BYTE = 1, IO_WORD = 2, IO_DWORD = 4, IO_ANY = 7 };

/* STATE is the device's own state. SIZE is 1, 2 or 4, in bytes. */
typedef uint32_t port_read_fn(void *state, uint16_t port, unsigned size);
typedef void port_write_fn(void *state, uint16_t port, uint32_t value, unsigned size);

struct port_row {
    uint16_t base, count; /* ports base .. base + count - 1; count 0 ends a table */
    uint8_t widths;       /* accesses taken whole, IO_BYTE | IO_WORD | IO_DWORD; 0 means IO_BYTE */
    const char *name;     /* of the register(s), as the datasheet says */
    port_read_fn *read;   /* NULL: reads as open bus */
    port_write_fn *write; /* NULL: writes are ignored */
    port_read_fn *peek;   /* what read would return, without side effects; NULL: `read` has none */
    uint32_t bits;        /* data bits that this row owns; 0 means all */
};

struct bus;

/* Connects or disconnects a row at run time (PCI base addresses, configurable chips), at BASE in place of
 * row->base. OWNER names the device. The row must live as long as it is mapped. */
bool ports_map(struct bus *bus, const char *owner, void *state, const struct port_row *row, uint16_t base,
               struct error *err);
void ports_unmap(struct bus *bus, void *state, const struct port_row *row, uint16_t base);

/* What the processor's IN and OUT do. */
uint32_t ports_read(struct bus *bus, uint16_t port, unsigned size);
void ports_write(struct bus *bus, uint16_t port, uint32_t value, unsigned size);
/* As ports_read, without side effects; for the monitor. */
uint32_t ports_peek(struct bus *bus, uint16_t port, unsigned size);

/* Who claims PORT: calls FN for each row. For the monitor. */
void ports_owners(const struct bus *bus, uint16_t port,
                  void (*fn)(void *ctx, const char *owner, const struct port_row *row), void *ctx);

#endif
