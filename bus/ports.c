#include "bus/ports.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bus/bus_private.h"

/* Each port has a short chain of claims; nearly all have one or none. */
struct port_claim {
    const struct port_row *row;
    const char *owner;
    void *state;
    struct port_claim *next;
};

static unsigned row_widths(const struct port_row *row)
{
    return row->widths ? row->widths : IO_BYTE;
}

static uint32_t row_bits(const struct port_row *row)
{
    return row->bits ? row->bits : UINT32_MAX;
}

static const struct port_claim *conflict(const struct bus *bus, uint16_t port, const struct port_row *row)
{
    for (const struct port_claim *c = bus->ports[port]; c; c = c->next)
        if ((row_widths(c->row) & row_widths(row)) && (row_bits(c->row) & row_bits(row)))
            return c;
    return NULL;
}

bool ports_map(struct bus *bus, const char *owner, void *state, const struct port_row *row, uint16_t base,
               struct error *err)
{
    for (unsigned i = 0; i < row->count && base + i <= 0xFFFF; i++) {
        const struct port_claim *other = conflict(bus, (uint16_t)(base + i), row);
        if (other)
            return error_set(err, "port %03Xh is claimed by both %s (%s) and %s (%s)", base + i, other->owner,
                             other->row->name, owner, row->name);
    }
    for (unsigned i = 0; i < row->count && base + i <= 0xFFFF; i++) {
        struct port_claim *claim = xcalloc(1, sizeof *claim);
        *claim = (struct port_claim){row, owner, state, NULL};
        struct port_claim **at = &bus->ports[base + i];
        while (*at)
            at = &(*at)->next;
        *at = claim;
    }
    return true;
}

void ports_unmap(struct bus *bus, void *state, const struct port_row *row, uint16_t base)
{
    for (unsigned i = 0; i < row->count && base + i <= 0xFFFF; i++)
        for (struct port_claim **at = &bus->ports[base + i]; *at; at = &(*at)->next)
            if ((*at)->row == row && (*at)->state == state) {
                struct port_claim *gone = *at;
                *at = gone->next;
                free(gone);
                break;
            }
}

static uint32_t all_ones(unsigned size)
{
    return size == 4 ? UINT32_MAX : (1u << 8 * size) - 1;
}

/* Does any row take an access of SIZE bytes at PORT whole? */
static bool taken_whole(const struct bus *bus, uint16_t port, unsigned size)
{
    for (const struct port_claim *c = bus->ports[port]; c; c = c->next)
        if (row_widths(c->row) & size)
            return true;
    return false;
}

static void log_unclaimed(struct bus *bus, uint16_t port, const char *what)
{
    uint8_t bit = (uint8_t)(1u << (port & 7));
    if (bus->port_logged[port >> 3] & bit)
        return;
    bus->port_logged[port >> 3] |= bit;
    log_line(bus->log, "ports", "%s of port %03Xh, which nothing answers", what, port);
}

static uint32_t read_claims(struct bus *bus, uint16_t port, unsigned size, bool peek)
{
    uint32_t value = 0, driven = 0;
    /* A device may unmap its own port while it is read, so the link is fetched first. */
    for (const struct port_claim *c = bus->ports[port], *next; c; c = next) {
        next = c->next;
        if (!(row_widths(c->row) & size))
            continue;
        port_read_fn *fn = peek && c->row->peek ? c->row->peek : c->row->read;
        uint32_t bits = row_bits(c->row);
        if (fn) {
            value |= fn(c->state, port, size) & bits;
            driven |= bits;
        }
    }
    return (value | ~driven) & all_ones(size);
}

static uint32_t read_port(struct bus *bus, uint16_t port, unsigned size, bool peek)
{
    if (taken_whole(bus, port, size))
        return read_claims(bus, port, size, peek);
    if (size == 1) {
        if (!peek)
            log_unclaimed(bus, port, "read");
        return 0xFF;
    }
    unsigned half = size / 2;
    uint32_t low = read_port(bus, port, half, peek);
    return low | read_port(bus, (uint16_t)(port + half), half, peek) << 8 * half;
}

uint32_t ports_read(struct bus *bus, uint16_t port, unsigned size)
{
    return read_port(bus, port, size, false);
}

uint32_t ports_peek(struct bus *bus, uint16_t port, unsigned size)
{
    return read_port(bus, port, size, true);
}

void ports_write(struct bus *bus, uint16_t port, uint32_t value, unsigned size)
{
    if (taken_whole(bus, port, size)) {
        for (const struct port_claim *c = bus->ports[port], *next; c; c = next) {
            next = c->next;
            if ((row_widths(c->row) & size) && c->row->write)
                c->row->write(c->state, port, value & all_ones(size), size);
        }
    } else if (size == 1) {
        log_unclaimed(bus, port, "write");
    } else {
        unsigned half = size / 2;
        ports_write(bus, port, value & all_ones(half), half);
        ports_write(bus, (uint16_t)(port + half), value >> 8 * half & all_ones(half), half);
    }
}

void ports_owners(const struct bus *bus, uint16_t port,
                  void (*fn)(void *ctx, const char *owner, const struct port_row *row), void *ctx)
{
    for (const struct port_claim *c = bus->ports[port]; c; c = c->next)
        fn(ctx, c->owner, c->row);
}

void ports_free(struct bus *bus)
{
    for (unsigned port = 0; port < PORT_COUNT; port++)
        while (bus->ports[port]) {
            struct port_claim *gone = bus->ports[port];
            bus->ports[port] = gone->next;
            free(gone);
        }
}
