/* A processor on RAM alone; see ram_bus.h. */
#include "tests/ram_bus.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/cpu.h"

static void bus_page(void *ctx, uint64_t page, struct cpu_page *out)
{
    struct ram_bus *b = ctx;
    memset(out, 0, sizeof *out);
    if (b->wraps)
        page &= b->pages - 1;
    if (page >= b->pages)
        return;
    out->read = out->write = b->ram + page * RAM_BUS_PAGE;
    out->read_page = out->write_page = (uint32_t)page;
    out->read_flags = out->write_flags = &b->flags[page];
}

static uint64_t bus_mem_read(void *ctx, uint64_t address, unsigned size)
{
    (void)ctx;
    (void)address;
    (void)size;
    return UINT64_MAX;
}

static void bus_mem_write(void *ctx, uint64_t address, uint64_t value, unsigned size)
{
    (void)ctx;
    (void)address;
    (void)value;
    (void)size;
}

static uint32_t bus_port_read(void *ctx, uint16_t port, unsigned size)
{
    (void)ctx;
    (void)port;
    (void)size;
    return UINT32_MAX;
}

static void bus_port_write(void *ctx, uint16_t port, uint32_t value, unsigned size)
{
    (void)ctx;
    (void)port;
    (void)value;
    (void)size;
}

static void bus_code_written(void *ctx, uint32_t page, uint8_t *flags, unsigned first, unsigned last)
{
    struct ram_bus *b = ctx;
    if (!cpu_code_written(b->cpu, page, first, last))
        *flags &= (uint8_t)~CPU_PAGE_CODE;
}

static uint8_t bus_acknowledge(void *ctx)
{
    (void)ctx;
    return 0xFF;
}

static void bus_apic_base(void *ctx, uint64_t value)
{
    (void)ctx;
    (void)value;
}

static void bus_level(void *ctx, bool level)
{
    (void)ctx;
    (void)level;
}

static void bus_shutdown(void *ctx)
{
    (void)ctx;
}

void ram_bus_init(struct ram_bus *b, const struct cpu_model *model, uint32_t pages, bool wraps)
{
    memset(b, 0, sizeof *b);
    b->ram = xcalloc(pages, RAM_BUS_PAGE);
    b->flags = xcalloc(pages, 1);
    b->pages = pages;
    b->wraps = wraps;
    b->bus = (struct cpu_bus){
        .ctx = b,
        .now = &b->now,
        .backing_pages = pages,
        .page = bus_page,
        .mem_read = bus_mem_read,
        .mem_write = bus_mem_write,
        .port_read = bus_port_read,
        .port_write = bus_port_write,
        .code_written = bus_code_written,
        .acknowledge = bus_acknowledge,
        .apic_base = bus_apic_base,
        .ferr = bus_level,
        .smm = bus_level,
        .shutdown = bus_shutdown,
    };
    b->cpu = cpu_create(model, &b->bus);
}

void ram_bus_release(struct ram_bus *b)
{
    cpu_destroy(b->cpu);
    free(b->ram);
    free(b->flags);
}
