#include "bus/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"
#include "bus/bus_private.h"

#define ADDRESS_LIMIT (1ull << PHYSICAL_BITS)

struct ram_block *ram_block_create(struct bus *bus, const char *name, uint64_t size, bool saved)
{
    struct ram_block *block = xcalloc(1, sizeof *block);
    block->name = name;
    block->size = (size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    block->saved = saved;
    /* Pages that the guest never touches cost the host nothing. */
    block->bytes =
        mmap(NULL, block->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block->bytes == MAP_FAILED)
        block->bytes = xcalloc(SIZE_MAX, SIZE_MAX); /* says so and ends */
    block->page_flags = xcalloc(block->size >> PAGE_SHIFT, 1);
    block->first_page = bus->page_count;
    bus->page_count += (uint32_t)(block->size >> PAGE_SHIFT);
    if (bus->last_block)
        bus->last_block->next = block;
    else
        bus->blocks = block;
    bus->last_block = block;
    return block;
}

static bool covers(const struct mem_region *region, uint64_t address)
{
    return region->enabled && address >= region->base && address - region->base < region->size;
}

/* Who answers at ADDRESS. Up to *END, which comes nearer, it is the same one: no region begins or ends
 * before. */
static struct mem_region *winner(const struct bus *bus, uint64_t address, uint64_t *end)
{
    for (struct mem_region *r = bus->regions; r; r = r->next) {
        bool covered = covers(r, address);
        uint64_t border = covered ? r->base + r->size : r->base;
        if (r->enabled && border > address && border < *end)
            *end = border;
        if (covered)
            return r; /* what lies below it does not show */
    }
    return NULL;
}

static void put_region(struct bus *bus, uint64_t base, uint64_t end, struct mem_region *region)
{
    for (uint64_t page = base >> PAGE_SHIFT, last = end >> PAGE_SHIFT, next; page < last; page = next) {
        struct mem_region ***chunk = &bus->chunks[page >> MAP_CHUNK_SHIFT];
        next = (page | (MAP_CHUNK_PAGES - 1)) + 1;
        if (next > last)
            next = last;
        if (!*chunk && !region)
            continue;
        if (!*chunk)
            *chunk = xcalloc(MAP_CHUNK_PAGES, sizeof **chunk);
        struct mem_region **first = *chunk + (page & (MAP_CHUNK_PAGES - 1));
        for (uint64_t i = 0; i < next - page; i++)
            first[i] = region;
    }
}

/* Works out anew who answers on each page of [BASE, BASE + SIZE). */
static void rebuild(struct bus *bus, uint64_t base, uint64_t size)
{
    if (base >= ADDRESS_LIMIT)
        return;
    uint64_t end = size > ADDRESS_LIMIT - base ? ADDRESS_LIMIT : base + size;
    for (uint64_t address = base, next; address < end; address = next) {
        next = end;
        struct mem_region *region = winner(bus, address, &next);
        put_region(bus, address, next, region);
    }
    for (struct bus_listener *l = bus->listeners; l; l = l->next)
        if (l->map_changed)
            l->map_changed(l->ctx, base, end - base);
}

void mem_add_region(struct bus *bus, struct mem_region *region)
{
    struct mem_region **at = &bus->regions;
    while (*at && (*at)->priority >= region->priority)
        at = &(*at)->next;
    region->next = *at;
    *at = region;
    if (region->enabled)
        rebuild(bus, region->base, region->size);
}

void mem_remove_region(struct bus *bus, struct mem_region *region)
{
    for (struct mem_region **at = &bus->regions; *at; at = &(*at)->next)
        if (*at == region) {
            *at = region->next;
            if (region->enabled)
                rebuild(bus, region->base, region->size);
            return;
        }
}

void mem_change_region(struct bus *bus, struct mem_region *region, const struct mem_region *fields)
{
    struct mem_region old = *region;
    *region = *fields;
    region->next = old.next;
    region->priority = old.priority;
    if (old.enabled && (!region->enabled || old.base != region->base || old.size != region->size))
        rebuild(bus, old.base, old.size);
    if (region->enabled)
        rebuild(bus, region->base, region->size);
}

static struct mem_region *region_at(const struct bus *bus, uint64_t address)
{
    if (address >= ADDRESS_LIMIT)
        return NULL;
    uint64_t page = address >> PAGE_SHIFT;
    struct mem_region **chunk = bus->chunks[page >> MAP_CHUNK_SHIFT];
    return chunk ? chunk[page & (MAP_CHUNK_PAGES - 1)] : NULL;
}

struct phys_page mem_page(struct bus *bus, uint64_t page)
{
    uint64_t address = page << PAGE_SHIFT;
    struct mem_region *region = region_at(bus, address);
    struct phys_page out = {.region = region};
    if (!region)
        return out;
    uint64_t offset = address - region->base;
    if (region->read_block) {
        uint64_t at = region->read_offset + offset;
        out.read = region->read_block->bytes + at;
        out.read_block = region->read_block;
        out.read_page = region->read_block->first_page + (uint32_t)(at >> PAGE_SHIFT);
    }
    if (region->write_block) {
        uint64_t at = region->write_offset + offset;
        out.write = region->write_block->bytes + at;
        out.write_block = region->write_block;
        out.write_page = region->write_block->first_page + (uint32_t)(at >> PAGE_SHIFT);
    }
    return out;
}

static uint64_t all_ones(unsigned size)
{
    return size == 8 ? UINT64_MAX : (1ull << 8 * size) - 1;
}

uint64_t mem_region_read(struct bus *bus, uint64_t address, unsigned size)
{
    struct mem_region *region = region_at(bus, address);
    if (!region || !region->read)
        return all_ones(size);
    return region->read(region->state, address - region->base, size) & all_ones(size);
}

void mem_region_write(struct bus *bus, uint64_t address, uint64_t value, unsigned size)
{
    struct mem_region *region = region_at(bus, address);
    if (region && region->write)
        region->write(region->state, address - region->base, value & all_ones(size), size);
}

static uint64_t region_peek(struct bus *bus, uint64_t address)
{
    struct mem_region *region = region_at(bus, address);
    mem_read_fn *fn = region ? region->peek ? region->peek : region->read : NULL;
    return fn ? fn(region->state, address - region->base, 1) & 0xFF : 0xFF;
}

/* The largest naturally aligned access at ADDRESS that is not longer than LENGTH. */
static unsigned access_size(uint64_t address, size_t length)
{
    unsigned size = 4;
    while (size > length || (address & (size - 1)))
        size /= 2;
    return size;
}

static size_t within_page(uint64_t address, size_t length)
{
    size_t left = PAGE_SIZE - (address & (PAGE_SIZE - 1));
    return length < left ? length : left;
}

static void read_common(struct bus *bus, uint64_t address, void *buffer, size_t length, bool peek)
{
    uint8_t *out = buffer;
    while (length) {
        size_t n = within_page(address, length);
        struct phys_page page = mem_page(bus, address >> PAGE_SHIFT);
        if (page.read) {
            memcpy(out, page.read + (address & (PAGE_SIZE - 1)), n);
        } else if (peek && !page.region) {
            memset(out, 0xFF, n);
        } else if (peek) {
            for (size_t i = 0; i < n; i++)
                out[i] = (uint8_t)region_peek(bus, address + i);
        } else {
            n = access_size(address, n);
            uint64_t value = mem_region_read(bus, address, (unsigned)n);
            for (size_t i = 0; i < n; i++)
                out[i] = (uint8_t)(value >> 8 * i);
        }
        address += n;
        out += n;
        length -= n;
    }
}

void mem_read(struct bus *bus, uint64_t address, void *buffer, size_t length)
{
    read_common(bus, address, buffer, length, false);
}

void mem_peek(struct bus *bus, uint64_t address, void *buffer, size_t length)
{
    read_common(bus, address, buffer, length, true);
}

void ram_block_written(struct bus *bus, struct ram_block *block, uint64_t offset, size_t length)
{
    while (length) {
        size_t n = within_page(offset, length);
        uint64_t page = offset >> PAGE_SHIFT;
        if (block->page_flags[page] & RAM_PAGE_CODE) {
            unsigned first = offset & (PAGE_SIZE - 1);
            bus_code_written(bus, block->first_page + (uint32_t)page, &block->page_flags[page], first,
                             first + (unsigned)n - 1);
        }
        block->page_flags[page] |= RAM_PAGE_DIRTY;
        offset += n;
        length -= n;
    }
}

void mem_write(struct bus *bus, uint64_t address, const void *buffer, size_t length)
{
    const uint8_t *in = buffer;
    while (length) {
        size_t n = within_page(address, length);
        struct phys_page page = mem_page(bus, address >> PAGE_SHIFT);
        if (page.write) {
            memcpy(page.write + (address & (PAGE_SIZE - 1)), in, n);
            ram_block_written(bus, page.write_block,
                              (uint64_t)(page.write - page.write_block->bytes) + (address & (PAGE_SIZE - 1)),
                              n);
        } else {
            n = access_size(address, n);
            uint64_t value = 0;
            for (size_t i = 0; i < n; i++)
                value |= (uint64_t)in[i] << 8 * i;
            mem_region_write(bus, address, value, (unsigned)n);
        }
        address += n;
        in += n;
        length -= n;
    }
}

void mem_write_by(struct bus *bus, const char *device, uint64_t address, const void *buffer, size_t length)
{
    if (bus->watch)
        bus->watch(bus->watch_ctx, device, address, length);
    mem_write(bus, address, buffer, length);
}

void mem_watch_devices(struct bus *bus, mem_watch_fn *watch, void *ctx)
{
    bus->watch = watch;
    bus->watch_ctx = ctx;
}

struct ram_block *bus_blocks(struct bus *bus)
{
    return bus->blocks;
}

struct mem_region *bus_regions(struct bus *bus)
{
    return bus->regions;
}

void memory_free(struct bus *bus)
{
    while (bus->blocks) {
        struct ram_block *gone = bus->blocks;
        bus->blocks = gone->next;
        munmap(gone->bytes, gone->size);
        free(gone->page_flags);
        free(gone);
    }
    for (unsigned i = 0; i < MAP_CHUNKS; i++)
        free(bus->chunks[i]);
}
