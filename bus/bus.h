/* The bus that everything is plugged into: ports, physical memory, and who wants to hear of changes. */
#ifndef TICK86_BUS_BUS_H
#define TICK86_BUS_BUS_H

#include "bus/memory.h"
#include "bus/ports.h"

struct bus *bus_create(struct log *log);
void bus_destroy(struct bus *bus);

/* A listener hears what invalidates things that processors derive from memory. */
struct bus_listener {
    void *ctx;
    /* The map of physical [BASE, BASE + SIZE) changed. */
    void (*map_changed)(void *ctx, uint64_t base, uint64_t size);
    /* Bytes on a page with RAM_PAGE_CODE were written. PAGE is the backing page number, FIRST..LAST the
     * byte offsets in it. Returns whether the listener still holds code of that page. */
    bool (*code_written)(void *ctx, uint32_t page, unsigned first, unsigned last);
    struct bus_listener *next;
};
/* Tells all listeners; where none holds code of the page any more, RAM_PAGE_CODE is cleared in *FLAGS. */
void bus_code_written(struct bus *bus, uint32_t page, uint8_t *flags, unsigned first, unsigned last);
void bus_listen(struct bus *bus, struct bus_listener *listener);
void bus_unlisten(struct bus *bus, struct bus_listener *listener);

#endif
