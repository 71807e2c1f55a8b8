/* The inside of the bus, shared by ports.c, memory.c and bus.c alone. */
#ifndef TICK86_BUS_BUS_PRIVATE_H
#define TICK86_BUS_BUS_PRIVATE_H

#include "bus/bus.h"

#define PORT_COUNT 0x10000

/* The page table of the physical map: top level by 2 MB. */
#define MAP_CHUNK_SHIFT 9
#define MAP_CHUNK_PAGES (1u << MAP_CHUNK_SHIFT)
#define MAP_CHUNKS      (1u << (PHYSICAL_BITS - PAGE_SHIFT - MAP_CHUNK_SHIFT))

struct port_claim;

struct bus {
    struct log *log;
    struct port_claim *ports[PORT_COUNT];
    uint8_t port_logged[PORT_COUNT / 8];
    struct ram_block *blocks;
    struct ram_block *last_block;
    uint32_t page_count;                    /* of all blocks */
    struct mem_region *regions;             /* highest priority first */
    struct mem_region **chunks[MAP_CHUNKS]; /* the winning region of each page; NULL: nothing in 2 MB */
    struct bus_listener *listeners;
    mem_watch_fn *watch;
    void *watch_ctx;
};

void ports_free(struct bus *bus);
void memory_free(struct bus *bus);

#endif
