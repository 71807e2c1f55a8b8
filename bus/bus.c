#include "bus/bus.h"

#include <stdlib.h>

#include "base/memory.h"
#include "bus/bus_private.h"

struct bus *bus_create(struct log *log)
{
    struct bus *bus = xcalloc(1, sizeof *bus);
    bus->log = log;
    return bus;
}

void bus_destroy(struct bus *bus)
{
    ports_free(bus);
    memory_free(bus);
    free(bus);
}

void bus_listen(struct bus *bus, struct bus_listener *listener)
{
    listener->next = bus->listeners;
    bus->listeners = listener;
}

void bus_unlisten(struct bus *bus, struct bus_listener *listener)
{
    for (struct bus_listener **at = &bus->listeners; *at; at = &(*at)->next)
        if (*at == listener) {
            *at = listener->next;
            return;
        }
}

void bus_code_written(struct bus *bus, uint32_t page, uint8_t *flags, unsigned first, unsigned last)
{
    bool held = false;
    for (struct bus_listener *l = bus->listeners; l; l = l->next)
        if (l->code_written && l->code_written(l->ctx, page, first, last))
            held = true;
    if (!held)
        *flags &= (uint8_t)~RAM_PAGE_CODE;
}
