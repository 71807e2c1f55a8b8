#include "bus/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void unmap_rows(struct device *dev, const struct port_row *end)
{
    for (const struct port_row *row = dev->type->ports; row && row->count && row != end; row++)
        ports_unmap(dev->bus, dev, row, row->base);
}

void *device_create(struct device_list *list, const struct device_type *type, const char *name,
                    const void *config, struct error *err)
{
    struct device *dev = xcalloc(1, type->state_size);
    dev->type = type;
    snprintf(dev->name, sizeof dev->name, "%s", name ? name : type->name);
    dev->bus = list->bus;
    dev->clock = list->clock;
    dev->log = list->log;
    for (const struct port_row *row = type->ports; row && row->count; row++)
        if (!ports_map(dev->bus, dev->name, dev, row, row->base, err)) {
            unmap_rows(dev, row);
            free(dev);
            return NULL;
        }
    if (type->init && !type->init(dev, config, err)) {
        error_prefix(err, "%s", dev->name);
        unmap_rows(dev, NULL);
        free(dev);
        return NULL;
    }
    if (list->last)
        list->last->next = dev;
    else
        list->first = dev;
    list->last = dev;
    return dev;
}

void devices_destroy(struct device_list *list)
{
    while (list->first) {
        struct device **at = &list->first;
        while ((*at)->next)
            at = &(*at)->next;
        struct device *dev = *at;
        *at = NULL;
        if (dev->type->destroy)
            dev->type->destroy(dev);
        unmap_rows(dev, NULL);
        free(dev);
    }
    list->last = NULL;
}

void devices_reset(struct device_list *list, enum reset_kind kind)
{
    for (struct device *dev = list->first; dev; dev = dev->next)
        if (dev->type->reset)
            dev->type->reset(dev, kind);
}

struct device *device_find(const struct device_list *list, const char *name)
{
    for (struct device *dev = list->first; dev; dev = dev->next)
        if (!strcmp(dev->name, name))
            return dev;
    return NULL;
}
