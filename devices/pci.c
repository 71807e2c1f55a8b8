/* PCI bus 0 and configuration mechanism #1.
 *
 * PCI Local Bus Specification 2.1: 3.7.4.1 (configuration mechanism #1), 6.2 (configuration header), 6.2.5
 * (base addresses, expansion ROM), 2.2.6 (interrupt pins: level-triggered, active low, shared). Intel 82441FX
 * datasheet 3.1: CONFADD answers dword accesses only, so that CF9h next to it stays the south bridge's.
 *
 *      CF8h  31      30      24 23   16 15   11 10    8 7         2 1 0
 *          | enable | reserved |  bus  | device | func  | register | 0 | */
#include "devices/pci.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define PCI_FUNCTIONS    256
#define PCI_PIRQS        4
#define CONFADD_ENABLE   0x80000000u
#define CONFADD_WRITABLE 0x80FFFFFCu

#define REG_COMMAND        0x04
#define REG_STATUS         0x06
#define REG_BAR            0x10
#define REG_ROM            0x30
#define REG_INTERRUPT_LINE 0x3C
#define REG_INTERRUPT_PIN  0x3D
#define HEADER_SIZE        0x40

#define COMMAND_IO     0x0001
#define COMMAND_MEMORY 0x0002
#define COMMAND_MASTER 0x0004
#define ROM_ENABLE     0x00000001u
/* Status bits that devices set and software clears by writing ones: parity, SERR#, aborts. */
#define STATUS_CLEARED_HIGH 0xF9

/* What the bus keeps for each function that was added. */
struct pci_slot {
    struct pci_function *function;
    uint8_t power_on[HEADER_SIZE]; /* the header as the owner filled it */
    struct ram_block *rom_block;   /* NULL: no expansion ROM */
    struct mem_region rom;
};

struct pci_bus {
    struct device dev;
    uint32_t address;           /* CONFADD, CF8h */
    uint8_t irq[PCI_FUNCTIONS]; /* 1: the function asserts its pin */
    struct pci_slot *slots[PCI_FUNCTIONS];
    struct wire pirq[PCI_PIRQS];
    unsigned pirq_count[PCI_PIRQS]; /* functions that assert each line; from `irq` */
    uint64_t memory_base;
};

const struct field pci_function_fields[] = {FIELD_BYTES(struct pci_function, config), FIELD_END};

static const struct field pci_bus_fields[] = {FIELD(struct pci_bus, address),
                                              FIELD_ARRAY_RANGE(struct pci_bus, irq, 0, 1), FIELD_END};

/* ---- Base addresses ---- */

static bool is_memory(const struct pci_bar *bar)
{
    return bar->kind == PCI_BAR_MEMORY || bar->kind == PCI_BAR_PREFETCHABLE;
}

/* Does a range of memory space that software asked for reach the device? Not under DRAM, nor at 0 ("not
 * assigned", 6.2.5.1), nor at the very top, where a BAR lies for the moment in which it is being sized. */
static bool memory_reachable(const struct pci_bus *bus, uint32_t address, uint32_t size)
{
    return address && address >= bus->memory_base && address + (size - 1) != UINT32_MAX;
}

static bool io_reachable(uint32_t address, uint32_t size)
{
    return address && address <= 0x10000 - size;
}

static void tell_bar(struct pci_function *function, unsigned bar, uint64_t address, bool enabled)
{
    function->bar_address[bar] = address;
    function->bar_enabled[bar] = enabled;
    if (function->bar_changed)
        function->bar_changed(function->owner, bar, address, enabled);
}

/* Works out where BAR lies now, and tells the owner if that changed (or FORCE says so). */
static void update_bar(struct pci_function *function, unsigned bar, bool force)
{
    const struct pci_bar *kind = &function->bars[bar];
    if (kind->kind == PCI_BAR_NONE || !kind->size)
        return;
    uint16_t command = pci_get16(function->config, REG_COMMAND);
    uint32_t address = pci_get32(function->config, REG_BAR + 4 * bar) & ~(kind->size - 1);
    bool enabled = is_memory(kind)
                       ? (command & COMMAND_MEMORY) && memory_reachable(function->bus, address, kind->size)
                       : (command & COMMAND_IO) && io_reachable(address, kind->size);
    bool changed =
        enabled != function->bar_enabled[bar] || (enabled && address != function->bar_address[bar]);
    if (changed || force)
        tell_bar(function, bar, address, enabled);
}

static void update_rom(struct pci_function *function)
{
    struct pci_slot *slot = function->bus->slots[function->devfn];
    if (!slot->rom_block)
        return;
    uint32_t base = pci_get32(function->config, REG_ROM);
    struct mem_region region = slot->rom;
    region.base = base & ~(uint32_t)(region.size - 1);
    region.enabled = (base & ROM_ENABLE) && (pci_get16(function->config, REG_COMMAND) & COMMAND_MEMORY) &&
                     memory_reachable(function->bus, (uint32_t)region.base, (uint32_t)region.size);
    if (region.enabled != slot->rom.enabled || (region.enabled && region.base != slot->rom.base))
        mem_change_region(function->bus->dev.bus, &slot->rom, &region);
}

static void update_decoding(struct pci_function *function)
{
    for (unsigned bar = 0; bar < 6; bar++)
        update_bar(function, bar, false);
    update_rom(function);
}

/* The owner's regions and ports are taken off the bus, whatever config says. */
static void withdraw(struct pci_slot *slot)
{
    for (unsigned bar = 0; bar < 6; bar++)
        if (slot->function->bar_enabled[bar])
            tell_bar(slot->function, bar, slot->function->bar_address[bar], false);
}

void pci_function_restored(struct pci_function *function)
{
    if (!function->bus)
        return;
    withdraw(function->bus->slots[function->devfn]);
    for (unsigned bar = 0; bar < 6; bar++)
        update_bar(function, bar, true);
    update_rom(function);
}

void pci_function_reset(struct pci_function *function)
{
    if (!function->bus)
        return;
    const struct pci_slot *slot = function->bus->slots[function->devfn];
    for (unsigned reg = 0; reg < HEADER_SIZE; reg++) {
        uint8_t mutable = function->writable[reg] | function->clear_on_one[reg];
        function->config[reg] =
            (uint8_t)((function->config[reg] & ~mutable) | (slot->power_on[reg] & mutable));
    }
    update_decoding(function);
}

void pci_set_memory_base(struct pci_bus *bus, uint64_t base)
{
    bus->memory_base = base;
    for (unsigned devfn = 0; devfn < PCI_FUNCTIONS; devfn++)
        if (bus->slots[devfn])
            update_decoding(bus->slots[devfn]->function);
}

/* ---- Plugging in ---- */

static void set_writable32(struct pci_function *function, unsigned reg, uint32_t bits)
{
    pci_set32(function->writable, reg, pci_get32(function->writable, reg) | bits);
}

static void add_bar(struct pci_function *function, unsigned bar)
{
    const struct pci_bar *kind = &function->bars[bar];
    if (kind->kind == PCI_BAR_NONE || !kind->size)
        return;
    uint32_t fixed = kind->kind == PCI_BAR_IO ? 1 : kind->kind == PCI_BAR_PREFETCHABLE ? 8 : 0;
    unsigned reg = REG_BAR + 4 * bar;
    pci_set32(function->config, reg, (pci_get32(function->config, reg) & ~0xFu) | fixed);
    set_writable32(function, reg, ~(kind->size - 1) & (kind->kind == PCI_BAR_IO ? ~3u : ~0xFu));
}

/* The ROM's bytes become a block of their own, so that processors run it directly. */
static void add_rom(struct pci_bus *bus, struct pci_slot *slot)
{
    struct pci_function *function = slot->function;
    if (function->rom.kind == PCI_BAR_NONE || !function->rom.size || !function->rom_bytes)
        return;
    slot->rom_block = ram_block_create(bus->dev.bus, function->name, function->rom.size, false);
    memcpy(slot->rom_block->bytes, function->rom_bytes, function->rom.size);
    slot->rom = (struct mem_region){.name = "expansion rom",
                                    .owner = function->name,
                                    .size = slot->rom_block->size,
                                    .priority = MEM_PRIORITY_PCI,
                                    .read_block = slot->rom_block};
    mem_add_region(bus->dev.bus, &slot->rom);
    set_writable32(function, REG_ROM, ~(uint32_t)(slot->rom.size - 1) | ROM_ENABLE);
}

void pci_add(struct pci_bus *bus, struct pci_function *function)
{
    struct pci_slot *slot = bus->slots[function->devfn];
    if (!slot)
        slot = bus->slots[function->devfn] = xcalloc(1, sizeof *slot);
    slot->function = function;
    function->bus = bus;
    function->config[REG_INTERRUPT_PIN] = function->pin;
    if (function->pin)
        function->writable[REG_INTERRUPT_LINE] = 0xFF;
    function->writable[REG_COMMAND] |= COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER;
    function->clear_on_one[REG_STATUS + 1] |= STATUS_CLEARED_HIGH;
    for (unsigned bar = 0; bar < 6; bar++)
        add_bar(function, bar);
    add_rom(bus, slot);
    memcpy(slot->power_on, function->config, HEADER_SIZE);
    update_decoding(function);
}

/* ---- Configuration accesses ---- */

uint32_t pci_config_read(struct pci_bus *bus, uint8_t devfn, uint8_t reg, unsigned size)
{
    const struct pci_slot *slot = bus->slots[devfn];
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)(slot && reg + i < 256 ? slot->function->config[reg + i] : 0xFF) << 8 * i;
    return value;
}

static void write_byte(struct pci_function *function, unsigned reg, uint8_t value)
{
    uint8_t writable = function->writable[reg], old = function->config[reg];
    uint8_t cleared = value & function->clear_on_one[reg] & (uint8_t)~writable;
    function->config[reg] = (uint8_t)(((old & ~writable) | (value & writable)) & ~cleared);
}

static bool overlaps(unsigned reg, unsigned size, unsigned first, unsigned count)
{
    return reg < first + count && first < reg + size;
}

void pci_config_write(struct pci_bus *bus, uint8_t devfn, uint8_t reg, uint32_t value, unsigned size)
{
    if (!bus->slots[devfn])
        return;
    struct pci_function *function = bus->slots[devfn]->function;
    if (reg + size > 256)
        size = 256u - reg;
    uint32_t old = pci_config_read(bus, devfn, reg, size);
    for (unsigned i = 0; i < size; i++)
        write_byte(function, reg + i, (uint8_t)(value >> 8 * i));
    if (overlaps(reg, size, REG_COMMAND, 2) || overlaps(reg, size, REG_BAR, 24) ||
        overlaps(reg, size, REG_ROM, 4))
        update_decoding(function);
    if (function->config_written)
        function->config_written(function->owner, reg, size, old);
}

static uint32_t read_confadd(void *state, uint16_t port, unsigned size)
{
    (void)port, (void)size;
    return ((struct pci_bus *)state)->address;
}

static void write_confadd(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)port, (void)size;
    ((struct pci_bus *)state)->address = value & CONFADD_WRITABLE;
}

/* Does CONFADD select something on our one bus? Other buses' type 1 cycles nobody answers. */
static bool selected(const struct pci_bus *bus)
{
    return (bus->address & CONFADD_ENABLE) && !(bus->address >> 16 & 0xFF);
}

static uint8_t selected_devfn(const struct pci_bus *bus)
{
    return (uint8_t)(bus->address >> 8);
}

static uint8_t selected_register(const struct pci_bus *bus, uint16_t port)
{
    return (uint8_t)((bus->address & 0xFC) | (port & 3));
}

static uint32_t all_ones(unsigned size)
{
    return size == 4 ? UINT32_MAX : (1u << 8 * size) - 1;
}

/* The processor makes two bus cycles of an access across a dword; so do we, byte by byte. */
static bool crosses_dword(uint16_t port, unsigned size)
{
    return (port & 3) + size > 4;
}

static uint32_t read_confdata(void *state, uint16_t port, unsigned size)
{
    struct pci_bus *bus = state;
    if (crosses_dword(port, size)) {
        uint32_t value = 0;
        for (unsigned i = 0; i < size; i++)
            value |= ports_read(bus->dev.bus, (uint16_t)(port + i), 1) << 8 * i;
        return value;
    }
    if (!selected(bus))
        return all_ones(size);
    return pci_config_read(bus, selected_devfn(bus), selected_register(bus, port), size);
}

static void write_confdata(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct pci_bus *bus = state;
    if (crosses_dword(port, size)) {
        for (unsigned i = 0; i < size; i++)
            ports_write(bus->dev.bus, (uint16_t)(port + i), value >> 8 * i & 0xFF, 1);
        return;
    }
    if (selected(bus))
        pci_config_write(bus, selected_devfn(bus), selected_register(bus, port), value, size);
}

/* ---- Interrupts ---- */

static unsigned pirq_of(const struct pci_function *function)
{
    unsigned slot = function->devfn >> 3;
    return (slot + function->pin + 2u) & (PCI_PIRQS - 1); /* slot - 1 + pin - 1, modulo 4 */
}

void pci_set_irq(struct pci_function *function, bool level)
{
    struct pci_bus *bus = function->bus;
    if (!bus || !function->pin || bus->irq[function->devfn] == level)
        return;
    bus->irq[function->devfn] = level;
    unsigned pirq = pirq_of(function);
    unsigned before = bus->pirq_count[pirq];
    bus->pirq_count[pirq] = level ? before + 1 : before - 1;
    if (!before != !bus->pirq_count[pirq])
        wire_set(&bus->pirq[pirq], level);
}

void pci_route(struct pci_bus *bus, struct wire pirq[4])
{
    memcpy(bus->pirq, pirq, sizeof bus->pirq);
}

static void count_pirqs(struct pci_bus *bus)
{
    memset(bus->pirq_count, 0, sizeof bus->pirq_count);
    for (unsigned devfn = 0; devfn < PCI_FUNCTIONS; devfn++)
        if (bus->irq[devfn] && bus->slots[devfn])
            bus->pirq_count[pirq_of(bus->slots[devfn]->function)]++;
}

/* ---- The device ---- */

static void pci_bus_reset(void *state, enum reset_kind kind)
{
    struct pci_bus *bus = state;
    (void)kind;
    bus->address = 0;
    for (unsigned devfn = 0; devfn < PCI_FUNCTIONS; devfn++)
        if (bus->irq[devfn])
            pci_set_irq(bus->slots[devfn]->function, false);
}

/* Every function is taken off the bus before the owners' post_load puts them where the snapshot says, so that
 * none finds its place still taken by where another used to be. */
static bool pci_bus_post_load(void *state, struct error *err)
{
    struct pci_bus *bus = state;
    if (bus->address & ~CONFADD_WRITABLE)
        return error_set(err, "pci: register CF8h cannot hold %08Xh", (unsigned)bus->address);
    for (unsigned devfn = 0; devfn < PCI_FUNCTIONS; devfn++) {
        const struct pci_slot *slot = bus->slots[devfn];
        if (bus->irq[devfn] && (!slot || !slot->function->pin))
            return error_set(err, "pci: function %02X.%u asserts an interrupt that it does not have",
                             devfn >> 3, devfn & 7);
        if (slot)
            withdraw(bus->slots[devfn]);
    }
    count_pirqs(bus);
    return true;
}

/* Lines of the configuration space that are not all 0. */
static void print_config(const uint8_t *config, struct text *out)
{
    for (unsigned line = 0; line < 256; line += 16) {
        bool zero = true;
        for (unsigned i = 0; i < 16; i++)
            zero &= !config[line + i];
        if (zero)
            continue;
        text_add(out, "    %02X:", line);
        for (unsigned i = 0; i < 16; i++)
            text_add(out, " %02X", config[line + i]);
        text_add(out, "\n");
    }
}

static void print_function(const struct pci_bus *bus, const struct pci_slot *slot, struct text *out)
{
    const struct pci_function *f = slot->function;
    const uint8_t *c = f->config;
    text_add(out, "00:%02X.%u %04X:%04X class %02X%02X%02X rev %02X  command %04X status %04X  %s\n",
             f->devfn >> 3, f->devfn & 7, pci_get16(c, 0), pci_get16(c, 2), c[11], c[10], c[9], c[8],
             pci_get16(c, REG_COMMAND), pci_get16(c, REG_STATUS), f->name);
    for (unsigned bar = 0; bar < 6; bar++)
        if (f->bars[bar].kind != PCI_BAR_NONE)
            text_add(out, "    BAR%u %s %08X size %X%s\n", bar, is_memory(&f->bars[bar]) ? "memory" : "I/O",
                     (unsigned)(pci_get32(c, REG_BAR + 4 * bar) & ~(f->bars[bar].size - 1)),
                     (unsigned)f->bars[bar].size, f->bar_enabled[bar] ? "" : " (off)");
    if (slot->rom_block)
        text_add(out, "    ROM %08X size %X%s\n", (unsigned)(pci_get32(c, REG_ROM) & ~0x7FFu),
                 (unsigned)f->rom.size, slot->rom.enabled ? "" : " (off)");
    if (f->pin)
        text_add(out, "    INT%c# on PIRQ%c# line %u%s\n", 'A' + (f->pin - 1) % 4, 'A' + (int)pirq_of(f),
                 c[REG_INTERRUPT_LINE], bus->irq[f->devfn] ? ", asserted" : "");
    print_config(c, out);
}

static void pci_bus_print(const void *state, struct text *out)
{
    const struct pci_bus *bus = state;
    text_add(out, "CONFADD %08X\n", (unsigned)bus->address);
    for (unsigned devfn = 0; devfn < PCI_FUNCTIONS; devfn++)
        if (bus->slots[devfn])
            print_function(bus, bus->slots[devfn], out);
}

static void pci_bus_destroy(void *state)
{
    struct pci_bus *bus = state;
    for (unsigned devfn = 0; devfn < PCI_FUNCTIONS; devfn++) {
        if (bus->slots[devfn] && bus->slots[devfn]->rom_block)
            mem_remove_region(bus->dev.bus, &bus->slots[devfn]->rom);
        free(bus->slots[devfn]);
    }
}

static const struct port_row pci_bus_ports[] = {
    {0xCF8, 1, IO_DWORD, "CONFADD", read_confadd, write_confadd, NULL, 0},
    {0xCFC, 4, IO_ANY, "CONFDATA", read_confdata, write_confdata, NULL, 0},
    {0}};

const struct device_type pci_bus_type = {
    .name = "pci",
    .title = "PCI bus 0, configuration mechanism #1",
    .state_size = sizeof(struct pci_bus),
    .ports = pci_bus_ports,
    .fields = pci_bus_fields,
    .reset = pci_bus_reset,
    .post_load = pci_bus_post_load,
    .print = pci_bus_print,
    .destroy = pci_bus_destroy,
};
