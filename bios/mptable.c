/*
 * The tables of the MultiProcessor Specification 1.4: processors, buses, the I/O APIC and where interrupts
 * go. ISA lines keep their numbers, except the timer, which is at input 2.
 */
#include "bios/post.h"
#include "bios/resident.h"

enum { BUS_PCI = 0, BUS_ISA = 1, IOAPIC_ADDRESS = 0xfec00000, APIC_ADDRESS = 0xfee00000 };
enum { INT, NMI, SMI, EXTINT };
enum { ENTRY_PROCESSOR, ENTRY_BUS, ENTRY_IOAPIC, ENTRY_IO_INTERRUPT, ENTRY_LOCAL_INTERRUPT };
enum { ACTIVE_HIGH_EDGE = 0x05, ACTIVE_HIGH_LEVEL = 0x0d };

struct mp_pointer {
    char signature[4];
    u32 table;
    u8 length, revision, checksum, features[5];
} PACKED;

struct mp_header {
    char signature[4];
    u16 length;
    u8 revision, checksum;
    char oem[8], product[12];
    u32 oem_table;
    u16 oem_size, entries;
    u32 apic;
    u16 extended_length;
    u8 extended_checksum, reserved;
} PACKED;

static u8 *next;
static struct mp_header *table;

static u8 *entry(u8 type, u32 size)
{
    u8 *p = next;
    memset(p, 0, size);
    p[0] = type;
    next += size;
    table->entries++;
    return p;
}

static void add_processor(u8 id, u32 signature, u32 features)
{
    u8 *p = entry(ENTRY_PROCESSOR, 20);
    p[1] = id;
    p[2] = 0x14;
    p[3] = id ? 1 : 3; /* enabled, and the first boots */
    memcpy(p + 4, &signature, 4);
    memcpy(p + 8, &features, 4);
}

static void add_bus(u8 id, const char *name)
{
    u8 *p = entry(ENTRY_BUS, 8);
    p[1] = id;
    memcpy(p + 2, name, 6);
}

static void add_interrupt(u8 kind, u8 type, u16 flags, u8 bus, u8 irq, u8 apic, u8 input)
{
    u8 *p = entry(kind, 8);
    p[1] = type;
    memcpy(p + 2, &flags, 2);
    p[4] = bus;
    p[5] = irq;
    p[6] = apic;
    p[7] = input;
}

static void add_pci_interrupts(u8 apic)
{
    u32 done[8];
    memset(done, 0, sizeof(done));
    for (u32 i = 0; i < pci_count(); i++) {
        const struct pci_device *d = pci_get(i);
        u8 pin = pci_read8(d->bus, d->devfn, 0x3d);
        u8 line = pci_read8(d->bus, d->devfn, 0x3c);
        u32 source = (u32)(d->devfn >> 3) << 2 | (u32)((pin - 1) & 3);
        if (d->bus || pin < 1 || pin > 4 || done[source / 32] & 1u << source % 32)
            continue;
        done[source / 32] |= 1u << source % 32;
        add_interrupt(ENTRY_IO_INTERRUPT, INT, ACTIVE_HIGH_LEVEL, BUS_PCI, (u8)source, apic, line);
    }
}

static void add_isa_interrupts(u8 apic)
{
    for (u8 irq = 0; irq < 16; irq++) {
        if (irq == 2 || irq == 10 || irq == 11) /* the cascade; PCI's */
            continue;
        add_interrupt(ENTRY_IO_INTERRUPT, INT, 0, BUS_ISA, irq, apic, irq ? irq : 2);
    }
}

static int has_apic(u32 *signature, u32 *features)
{
    u32 b, c;
    if (resident_flat.cpu_family < 5)
        return 0;
    __asm__ volatile("cpuid" : "=a"(*signature), "=b"(b), "=c"(c), "=d"(*features) : "a"(1), "c"(0));
    return *features >> 9 & 1;
}

void mptable_init(void)
{
    struct mp_pointer *pointer;
    u32 signature, features;
    u16 cpus = cpu_count();
    u8 apic = (u8)cpus;
    u8 *p;
    u32 address = IOAPIC_ADDRESS;
    if (loader_placed("etc/tick86/mp-tables") || !has_apic(&signature, &features))
        return;
    pointer = table_space(sizeof(*pointer));
    table = table_space(sizeof(*table) + cpus * 20u + 64 * 8u + 64);
    if (!pointer || !table)
        return;
    memset(table, 0, sizeof(*table));
    memcpy(table->signature, "PCMP", 4);
    table->revision = 4;
    memcpy(table->oem, "TICK86  ", 8);
    memcpy(table->product, "PC          ", 12);
    table->apic = APIC_ADDRESS;
    next = (u8 *)(table + 1);
    for (u16 i = 0; i < cpus; i++)
        add_processor((u8)i, signature, features);
    add_bus(BUS_PCI, "PCI   ");
    add_bus(BUS_ISA, "ISA   ");
    p = entry(ENTRY_IOAPIC, 8);
    p[1] = apic;
    p[2] = 0x11;
    p[3] = 1;
    memcpy(p + 4, &address, 4);
    add_pci_interrupts(apic);
    add_isa_interrupts(apic);
    add_interrupt(ENTRY_LOCAL_INTERRUPT, EXTINT, 0, BUS_ISA, 0, 0xff, 0);
    add_interrupt(ENTRY_LOCAL_INTERRUPT, NMI, 0, BUS_ISA, 0, 0xff, 1);
    table->length = (u16)(next - (u8 *)table);
    checksum8(table, table->length, 7);
    memset(pointer, 0, sizeof(*pointer));
    memcpy(pointer->signature, "_MP_", 4);
    pointer->table = (u32)table;
    pointer->length = 1;
    pointer->revision = 4;
    checksum8(pointer, 16, 10);
}
