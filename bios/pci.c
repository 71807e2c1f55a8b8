/*
 * PCI: enumeration, resources and interrupt routing for the 82441FX/PIIX3 board (PCI Local Bus
 * Specification 2.1, 82371SB datasheet). I/O grows from C000h, big memory regions from E0000000h, small ones
 * below FEC00000h downwards.
 */
#include "bios/post.h"
#include "bios/resident.h"

enum { VENDOR = 0x00, COMMAND = 0x04, CLASS = 0x08, HEADER_TYPE = 0x0e, BAR0 = 0x10, INTERRUPT_LINE = 0x3c };
enum { PRIMARY_BUS = 0x18, IO_BASE = 0x1c, MEMORY_BASE = 0x20, PREFETCH_BASE = 0x24 };
enum { ROM_BAR = 0x30, BRIDGE_ROM_BAR = 0x38 };
enum { COMMAND_IO = 1, COMMAND_MEMORY = 2, COMMAND_MASTER = 4 };
enum { SMALL_REGION = 0x100000, PM_BASE = 0x600, SMB_BASE = 0x700 };

extern u8 pci_last_bus[]; /* pci_bios.S, an offset in F000 */

static struct pci_device devices[PCI_MAX];
static u32 device_count;
static u8 last_bus;
static u32 next_io, next_memory, small_memory_end;

static const u8 pirq_lines[4] = {10, 10, 11, 11};

static void select(u8 bus, u8 devfn, u8 reg)
{
    outl(0xcf8, 0x80000000u | (u32)bus << 16 | (u32)devfn << 8 | (reg & 0xfc));
}

u32 pci_read(u8 bus, u8 devfn, u8 reg)
{
    select(bus, devfn, reg);
    return inl(0xcfc);
}

u16 pci_read16(u8 bus, u8 devfn, u8 reg)
{
    select(bus, devfn, reg);
    return inw((u16)(0xcfc + (reg & 2)));
}

u8 pci_read8(u8 bus, u8 devfn, u8 reg)
{
    select(bus, devfn, reg);
    return inb((u16)(0xcfc + (reg & 3)));
}

void pci_write(u8 bus, u8 devfn, u8 reg, u32 value)
{
    select(bus, devfn, reg);
    outl(0xcfc, value);
}

void pci_write16(u8 bus, u8 devfn, u8 reg, u16 value)
{
    select(bus, devfn, reg);
    outw((u16)(0xcfc + (reg & 2)), value);
}

void pci_write8(u8 bus, u8 devfn, u8 reg, u8 value)
{
    select(bus, devfn, reg);
    outb((u16)(0xcfc + (reg & 3)), value);
}

u32 pci_count(void)
{
    return device_count;
}

const struct pci_device *pci_get(u32 i)
{
    return &devices[i];
}

u8 pci_irq(u8 slot, u8 pin)
{
    return pirq_lines[(slot - 1 + pin) & 3];
}

/* Resources. */

static u32 align_up(u32 value, u32 size)
{
    return (value + size - 1) & ~(size - 1);
}

/* An address for a region; 0 when there is no room. Devices behind a bridge keep to the growing side. */
static u32 allocate_memory(u32 size, int behind_bridge)
{
    u32 at;
    if (size < SMALL_REGION && !behind_bridge) {
        if (small_memory_end - size < next_memory)
            return 0;
        small_memory_end = (small_memory_end - size) & ~(size - 1);
        return small_memory_end;
    }
    at = align_up(next_memory, size);
    if (at < next_memory || size > 0xfec00000u - at || at + size > small_memory_end)
        return 0;
    next_memory = at + size;
    return at;
}

static u32 allocate_io(u32 size)
{
    u32 at = align_up(next_io, size);
    if (at + size > 0x10000)
        return 0;
    next_io = at + size;
    return at;
}

/* Sizes one base address register and gives it an address; how many registers it took. */
static u32 assign_bar(const struct pci_device *d, u8 reg, u16 *command)
{
    u32 old = pci_read(d->bus, d->devfn, reg);
    u32 mask, size, at;
    int wide;
    pci_write(d->bus, d->devfn, reg, 0xffffffff);
    mask = pci_read(d->bus, d->devfn, reg);
    pci_write(d->bus, d->devfn, reg, old);
    if (!mask)
        return 1;
    if (mask & 1) {
        size = ~(mask & 0xfffc) + 1;
        size &= 0xffff;
        at = size ? allocate_io(size) : 0;
        if (at) {
            pci_write(d->bus, d->devfn, reg, at);
            *command |= COMMAND_IO;
        }
        return 1;
    }
    wide = (mask & 6) == 4;
    size = ~(mask & 0xfffffff0u) + 1;
    at = size ? allocate_memory(size, d->bus != 0) : 0;
    if (at) {
        pci_write(d->bus, d->devfn, reg, at);
        *command |= COMMAND_MEMORY;
    }
    if (wide)
        pci_write(d->bus, d->devfn, reg + 4, 0);
    return wide ? 2 : 1;
}

/* Expansion ROMs get an address but stay disabled; optrom.c opens each for a moment. */
static void assign_rom(const struct pci_device *d, u8 reg)
{
    u32 mask, size, at;
    pci_write(d->bus, d->devfn, reg, 0xfffffffe);
    mask = pci_read(d->bus, d->devfn, reg) & 0xfffff800u;
    pci_write(d->bus, d->devfn, reg, 0);
    if (!mask)
        return;
    size = ~mask + 1;
    at = allocate_memory(size, d->bus != 0);
    if (at)
        pci_write(d->bus, d->devfn, reg, at);
}

/* Legacy IDE channels sit at fixed ports; their BARs 0-3 are not to be touched. */
static u8 first_bar(const struct pci_device *d)
{
    return d->class >> 8 == 0x0101 && !(d->class & 0x05) ? 4 : 0;
}

static void assign_device(const struct pci_device *d)
{
    u16 command = pci_read16(d->bus, d->devfn, COMMAND);
    u8 bars = d->header == 1 ? 2 : 6;
    if (d->class >> 16 == 0x06 && d->header == 0)
        bars = 0; /* host and ISA bridges */
    pci_write16(d->bus, d->devfn, COMMAND, (u16)(command & ~(COMMAND_IO | COMMAND_MEMORY)));
    for (u8 i = first_bar(d); i < bars;)
        i = (u8)(i + assign_bar(d, (u8)(BAR0 + i * 4), &command));
    if (bars)
        assign_rom(d, d->header == 1 ? BRIDGE_ROM_BAR : ROM_BAR);
    if (first_bar(d))
        command |= COMMAND_IO | COMMAND_MASTER;
    if (d->class >> 16 == 0x03)
        command |= COMMAND_IO | COMMAND_MEMORY; /* VGA's own ports and memory */
    pci_write16(d->bus, d->devfn, COMMAND, command);
}

static void route_interrupt(const struct pci_device *d, u8 root_slot, u8 swizzle)
{
    u8 pin = pci_read8(d->bus, d->devfn, INTERRUPT_LINE + 1);
    if (pin < 1 || pin > 4)
        return;
    pci_write8(d->bus, d->devfn, INTERRUPT_LINE, pci_irq(root_slot, (u8)((pin - 1 + swizzle) & 3)));
}

static void scan_bus(u8 bus, u8 root_slot, u8 swizzle, u8 depth);

/* A PCI-to-PCI bridge: its windows are what the devices behind it took, to 4 KB and 1 MB. */
static void scan_bridge(const struct pci_device *d, u8 root_slot, u8 swizzle, u8 depth)
{
    u32 io_base, memory_base;
    u8 secondary;
    if (last_bus == 0xff || depth >= 8)
        return;
    secondary = ++last_bus;
    pci_write(d->bus, d->devfn, PRIMARY_BUS, (u32)d->bus | (u32)secondary << 8 | 0xffu << 16);
    next_io = align_up(next_io, 0x1000);
    next_memory = align_up(next_memory, 0x100000);
    io_base = next_io;
    memory_base = next_memory;
    scan_bus(secondary, root_slot, swizzle, (u8)(depth + 1));
    next_io = align_up(next_io, 0x1000);
    next_memory = align_up(next_memory, 0x100000);
    pci_write8(d->bus, d->devfn, PRIMARY_BUS + 2, last_bus);
    pci_write16(d->bus, d->devfn, IO_BASE,
                next_io > io_base ? (u16)((io_base >> 8 & 0xf0) | ((next_io - 1) & 0xf000)) : 0x00f0);
    pci_write(d->bus, d->devfn, MEMORY_BASE,
              next_memory > memory_base ? (memory_base >> 16) | ((next_memory - 1) & 0xfff00000u)
                                        : 0x0000fff0);
    pci_write(d->bus, d->devfn, PREFETCH_BASE, 0x0000fff0);
    pci_write16(d->bus, d->devfn, COMMAND,
                pci_read16(d->bus, d->devfn, COMMAND) | COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
}

static void found(u8 bus, u8 devfn, u32 id, u8 root_slot, u8 swizzle, u8 depth)
{
    struct pci_device *d;
    if (device_count == PCI_MAX)
        return;
    d = &devices[device_count++];
    d->bus = bus;
    d->devfn = devfn;
    d->vendor = (u16)id;
    d->device = (u16)(id >> 16);
    d->class = pci_read(bus, devfn, CLASS) >> 8;
    d->header = pci_read8(bus, devfn, HEADER_TYPE) & 0x7f;
    assign_device(d);
    route_interrupt(d, root_slot, swizzle);
    if (d->header == 1)
        scan_bridge(d, root_slot, swizzle, depth);
}

static void scan_bus(u8 bus, u8 root_slot, u8 swizzle, u8 depth)
{
    for (u32 devfn = 0; devfn < 256; devfn++) {
        u32 id = pci_read(bus, (u8)devfn, VENDOR);
        u8 slot = (u8)(devfn >> 3);
        if ((u16)id != 0xffff && id != 0)
            found(bus, (u8)devfn, id, bus ? root_slot : slot, bus ? (u8)(swizzle + slot) : 0, depth);
        if (!(devfn & 7) && ((u16)id == 0xffff || !(pci_read8(bus, (u8)devfn, HEADER_TYPE) & 0x80)))
            devfn += 7;
    }
}

/* The PIIX: interrupt router, level triggering, IDE decoding, power management ports. */

static void setup_isa_bridge(const struct pci_device *d)
{
    u16 levels = 0;
    for (u8 i = 0; i < 4; i++) {
        pci_write8(d->bus, d->devfn, (u8)(0x60 + i), pirq_lines[i]);
        levels |= (u16)(1 << pirq_lines[i]);
    }
    outb(0x4d0, (u8)levels);
    outb(0x4d1, (u8)(levels >> 8));
    /* XBCS: BIOS, keyboard, clock, coprocessor error, mouse lock, I/O APIC */
    pci_write16(d->bus, d->devfn, 0x4e, pci_read16(d->bus, d->devfn, 0x4e) | 0x0133);
}

static void setup_ide(const struct pci_device *d)
{
    pci_write(d->bus, d->devfn, 0x40, 0x80008000u);
}

static void setup_power_management(const struct pci_device *d)
{
    pci_write8(d->bus, d->devfn, INTERRUPT_LINE, 9); /* the SCI is wired there */
    pci_write(d->bus, d->devfn, 0x40, PM_BASE | 1);
    pci_write8(d->bus, d->devfn, 0x80, 1);
    pci_write(d->bus, d->devfn, 0x90, SMB_BASE | 1);
    pci_write8(d->bus, d->devfn, 0xd2, 0x09);
    pci_write16(d->bus, d->devfn, COMMAND, pci_read16(d->bus, d->devfn, COMMAND) | COMMAND_IO);
    resident_flat.pm_timer = PM_BASE + 8;
    resident_flat.pm_control = PM_BASE + 4;
}

static void setup_board(void)
{
    for (u32 i = 0; i < device_count; i++) {
        const struct pci_device *d = &devices[i];
        if (d->vendor != 0x8086)
            continue;
        switch (d->device) {
        case 0x7000: /* PIIX3 */
        case 0x7110: /* PIIX4 */
        case 0x122e: /* PIIX */
            setup_isa_bridge(d);
            break;
        case 0x7010:
        case 0x7111:
        case 0x1230:
            setup_ide(d);
            break;
        case 0x7113:
            setup_power_management(d);
            break;
        }
    }
}

void pci_init(void)
{
    outl(0xcf8, 0x80000000);
    if (inl(0xcf8) != 0x80000000)
        return;
    resident_flat.has_pci = 1;
    next_io = 0xc000;
    next_memory = 0xe0000000;
    small_memory_end = 0xfec00000;
    scan_bus(0, 0, 0, 0);
    setup_board();
    resident_flat.pci_last_bus = last_bus;
    *(u8 *)((u32)pci_last_bus + 0xf0000) = last_bus;
}
