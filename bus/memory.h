/* The physical memory map.
 *
 * Host memory that the guest can see comes in blocks (RAM, a ROM image, video memory): `struct
 * ram_block`. What appears where in the physical address space is said by regions, each a range of
 * addresses with a priority; where regions overlap, the highest priority that is enabled wins, page by
 * page (4 KB). A region may read from a block, write to a block, and call functions for what it does not
 * read or write directly, all independently: PAM shadowing is a region that reads a ROM block and writes a
 * RAM block. Addresses that no region covers read as all ones.
 *
 * All writes to blocks other than the processor's own fast path go through mem_write() or
 * ram_block_written(), so that decoded code, dirty-page tracking and fast TLB entries stay true. */
#ifndef TICK86_BUS_MEMORY_H
#define TICK86_BUS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
/* The physical address space: 36 bits, as the P6 family has. */
#define PHYSICAL_BITS 36

/* Flags per page of a block. */
enum {
    RAM_PAGE_CODE = 1,  /* the block cache holds code decoded from this page */
    RAM_PAGE_DIRTY = 2, /* written since the flag was last cleared (snapshots, display refresh) */
    RAM_PAGE_TRAP = 4,  /* a watch on the physical page: never on the fast path */
};

struct ram_block {
    const char *name;
    uint8_t *bytes;
    uint64_t size;       /* bytes, a multiple of PAGE_SIZE */
    uint8_t *page_flags; /* one byte for each page */
    uint32_t first_page; /* number of its first page among the pages of all blocks: "backing page" */
    bool saved;          /* goes into snapshots (RAM, video memory), ROM images do not */
    struct ram_block *next;
};

struct bus;

/* OFFSET counts from the region's base; SIZE is 1 to 8 bytes (an unaligned access goes in pieces) and never
 * crosses an 8-byte boundary. */
typedef uint64_t mem_read_fn(void *state, uint64_t offset, unsigned size);
typedef void mem_write_fn(void *state, uint64_t offset, uint64_t value, unsigned size);

struct mem_region {
    const char *name;    /* for the monitor: "vga", "rom", "ram" */
    const char *owner;   /* the device's name */
    uint64_t base, size; /* physical, bytes, multiples of PAGE_SIZE */
    int priority;
    bool enabled;
    /* Direct memory, NULL if none: reads and writes go straight to the bytes at `*_offset` in the block. */
    struct ram_block *read_block, *write_block;
    uint64_t read_offset, write_offset; /* bytes, multiples of PAGE_SIZE */
    /* Functions for accesses with no block; NULL: reads give all ones, writes are ignored. */
    mem_read_fn *read;
    mem_write_fn *write;
    mem_read_fn *peek; /* as read, without side effects; NULL: `read` has none */
    void *state;
    struct mem_region *next; /* in the bus's list, by priority */
};

/* Priorities by convention. */
enum {
    MEM_PRIORITY_RAM = 0,
    MEM_PRIORITY_ROM = 10,
    MEM_PRIORITY_PCI = 20,    /* BARs */
    MEM_PRIORITY_VGA = 30,    /* A0000-BFFFF */
    MEM_PRIORITY_SHADOW = 40, /* PAM */
    MEM_PRIORITY_SMRAM = 50,
    MEM_PRIORITY_APIC = 60,
};

/* Allocates a zeroed block. SIZE is rounded up to whole pages. */
struct ram_block *ram_block_create(struct bus *bus, const char *name, uint64_t size, bool saved);

/* Adds a region (fields filled by the caller, which keeps owning the structure). */
void mem_add_region(struct bus *bus, struct mem_region *region);
void mem_remove_region(struct bus *bus, struct mem_region *region);
/* To be called after any field of an added region was changed: `change` makes the new fields known.
 * Usage: edit a copy, then mem_change_region(bus, &region, &copy). Costs a TLB flush of the processors. */
void mem_change_region(struct bus *bus, struct mem_region *region, const struct mem_region *fields);

/* Physical accesses by devices (DMA, bus masters), the monitor and loaders; any length, any alignment. They
 * see the map as the processor does outside SMM with A20 open. Reads of regions with functions call them. */
void mem_read(struct bus *bus, uint64_t address, void *buffer, size_t length);
void mem_write(struct bus *bus, uint64_t address, const void *buffer, size_t length);
/* Likewise, by a device while the guest runs; DEVICE is its name, for whoever watches memory. */
void mem_write_by(struct bus *bus, const char *device, uint64_t address, const void *buffer, size_t length);
/* WATCH hears of each such write before it is made; NULL: nobody does. */
typedef void mem_watch_fn(void *ctx, const char *device, uint64_t address, size_t length);
void mem_watch_devices(struct bus *bus, mem_watch_fn *watch, void *ctx);
/* Without side effects, for the monitor: functions' `peek` in place of `read`. */
void mem_peek(struct bus *bus, uint64_t address, void *buffer, size_t length);

/* A device wrote bytes of a block itself (VGA into its memory): keeps decoded code and dirty flags true. */
void ram_block_written(struct bus *bus, struct ram_block *block, uint64_t offset, size_t length);

/* What backs a physical page right now. */
struct phys_page {
    uint8_t *read;  /* host address of the page's bytes, NULL: call the region */
    uint8_t *write; /* likewise; NULL: call the region (or ignore) */
    struct ram_block *read_block, *write_block;
    uint32_t read_page, write_page; /* backing page numbers, valid where the pointer is not NULL */
    struct mem_region *region;      /* NULL: nothing there */
};

/* PAGE is a physical page number, address >> PAGE_SHIFT. */
struct phys_page mem_page(struct bus *bus, uint64_t page);

/* One access through the functions of the region at ADDRESS (or all ones); does not cross 8 bytes. For
 * the processor, after mem_page() said that there is no direct memory. */
uint64_t mem_region_read(struct bus *bus, uint64_t address, unsigned size);
void mem_region_write(struct bus *bus, uint64_t address, uint64_t value, unsigned size);

/* Walks blocks and regions, for snapshots and the monitor. */
struct ram_block *bus_blocks(struct bus *bus);
struct mem_region *bus_regions(struct bus *bus);

#endif
