/* MultiProcessor Specification 1.4, chapter 4 (floating pointer, configuration table, entries); Microsoft's
 * PCI IRQ Routing Table Specification 1.0 ($PIR). */
#include "machine/mp_tables.h"

#include "devices/ioapic.h"
#include "devices/lapic.h"

#define FLOATING_SIZE   16
#define LAPIC_VERSION   0x14
#define IOAPIC_VERSION  0x11
#define BUS_PCI         0
#define BUS_ISA         1
#define ALL_APICS       0xFF
#define PIRQ_PIN        16 /* of PIRQA# at the I/O APIC */
#define PIRQRC          0x60
#define PIR_IRQS        0xDEF8 /* that the PIIX3 can route to */
#define PIR_HEADER_SIZE 32
#define PIR_ENTRY_SIZE  16

enum { INT_VECTORED, INT_NMI, INT_SMI, INT_EXTINT };

static uint8_t ioapic_id(const struct board_description *board)
{
    return (uint8_t)(board->cpus < 16 ? board->cpus : 0);
}

/* Which PIRQ a slot's pin (0 = INTA#) is wired to. */
static unsigned pirq_of(unsigned slot, unsigned pin)
{
    return (slot + 3 + pin) & 3;
}

static void add_processor(struct blob *out, const struct board_description *board, unsigned index)
{
    blob_u8(out, 0);
    blob_u8(out, (uint8_t)index);
    blob_u8(out, LAPIC_VERSION);
    blob_u8(out, index ? 1 : 3); /* enabled; the first is the bootstrap processor */
    blob_u32(out, board->cpuid_signature);
    blob_u32(out, board->cpuid_features);
    blob_zeros(out, 8);
}

static void add_bus(struct blob *out, uint8_t id, const char *type)
{
    blob_u8(out, 1);
    blob_u8(out, id);
    blob_text(out, type, 6, ' ');
}

static void add_ioapic(struct blob *out, const struct board_description *board)
{
    blob_u8(out, 2);
    blob_u8(out, ioapic_id(board));
    blob_u8(out, IOAPIC_VERSION);
    blob_u8(out, 1);
    blob_u32(out, IOAPIC_DEFAULT_BASE);
}

/* LOCAL: 3 = to an I/O APIC, 4 = to local APICs. Polarity and trigger conform to the bus. */
static void add_interrupt(struct blob *out, uint8_t entry, uint8_t type, uint8_t bus, uint8_t irq,
                          uint8_t apic, uint8_t pin)
{
    blob_u8(out, entry);
    blob_u8(out, type);
    blob_u16(out, 0);
    blob_u8(out, bus);
    blob_u8(out, irq);
    blob_u8(out, apic);
    blob_u8(out, pin);
}

static unsigned add_interrupts(struct blob *out, const struct board_description *board)
{
    unsigned count = 0;
    uint8_t io = ioapic_id(board);
    for (unsigned slot = 1; slot < BOARD_PCI_SLOTS; slot++)
        for (unsigned pin = 0; pin < 4; pin++, count++)
            add_interrupt(out, 3, INT_VECTORED, BUS_PCI, (uint8_t)(slot << 2 | pin), io,
                          (uint8_t)(PIRQ_PIN + pirq_of(slot, pin)));
    add_interrupt(out, 3, INT_EXTINT, BUS_ISA, 0, io, 0);
    count++;
    for (unsigned irq = 0; irq < 16; irq++) {
        if (irq == 2)
            continue;
        add_interrupt(out, 3, INT_VECTORED, BUS_ISA, (uint8_t)irq, io, (uint8_t)(irq ? irq : 2));
        count++;
    }
    add_interrupt(out, 4, INT_EXTINT, BUS_ISA, 0, ALL_APICS, 0);
    add_interrupt(out, 4, INT_NMI, BUS_ISA, 0, ALL_APICS, 1);
    return count + 2;
}

static void add_floating_pointer(struct blob *out, struct blob *script)
{
    blob_text(out, "_MP_", 4, 0);
    size_t pointer = blob_u32(out, FLOATING_SIZE);
    blob_add(out, "\x01\x04\x00", 3);
    blob_zeros(out, 5); /* a configuration table is there; virtual wire mode */
    loader_add_pointer(script, MP_TABLES_FILE, MP_TABLES_FILE, pointer, 4);
    loader_add_checksum(script, MP_TABLES_FILE, 10, 0, FLOATING_SIZE);
}

void mp_tables_build(struct blob *out, const struct board_description *board, struct blob *script)
{
    *out = (struct blob){0};
    loader_allocate(script, MP_TABLES_FILE, 16, LOADER_ZONE_FSEG);
    add_floating_pointer(out, script);
    size_t table = blob_text(out, "PCMP", 4, 0);
    size_t length = blob_u16(out, 0);
    blob_u8(out, 4);
    size_t sum = blob_u8(out, 0);
    blob_text(out, "TICK86", 8, ' ');
    blob_text(out, "PC 440FX", 12, ' ');
    blob_zeros(out, 6);
    size_t count = blob_u16(out, 0);
    blob_u32(out, LAPIC_DEFAULT_BASE);
    blob_zeros(out, 4);
    for (unsigned i = 0; i < board->cpus; i++)
        add_processor(out, board, i);
    add_bus(out, BUS_PCI, "PCI");
    add_bus(out, BUS_ISA, "ISA");
    add_ioapic(out, board);
    unsigned interrupts = add_interrupts(out, board);
    blob_set_u16(out, length, (uint16_t)(out->size - table));
    blob_set_u16(out, count, (uint16_t)(board->cpus + 3 + interrupts));
    loader_add_checksum(script, MP_TABLES_FILE, sum, table, out->size - table);
}

static void add_pir_slot(struct blob *out, unsigned slot)
{
    blob_u8(out, 0);
    blob_u8(out, (uint8_t)(slot << 3));
    for (unsigned pin = 0; pin < 4; pin++) {
        blob_u8(out, (uint8_t)(PIRQRC + pirq_of(slot, pin)));
        blob_u16(out, PIR_IRQS);
    }
    blob_u8(out, (uint8_t)(slot < 2 ? 0 : slot - 1)); /* slots 0 and 1 are the chipset on the board */
    blob_u8(out, 0);
}

void pir_table_build(struct blob *out, struct blob *script)
{
    *out = (struct blob){0};
    loader_allocate(script, PIR_TABLE_FILE, 16, LOADER_ZONE_FSEG);
    blob_text(out, "$PIR", 4, 0);
    blob_u16(out, 0x0100);
    blob_u16(out, PIR_HEADER_SIZE + PIR_ENTRY_SIZE * (BOARD_PCI_SLOTS - 1));
    blob_u8(out, 0);
    blob_u8(out, 1 << 3);  /* the router is function 0 of slot 1 ... */
    blob_u16(out, 0);      /* no IRQs for PCI alone */
    blob_u16(out, 0x8086); /* ... a PIIX3 */
    blob_u16(out, 0x7000);
    blob_zeros(out, PIR_HEADER_SIZE - out->size);
    for (unsigned slot = 1; slot < BOARD_PCI_SLOTS; slot++)
        add_pir_slot(out, slot);
    loader_add_checksum(script, PIR_TABLE_FILE, PIR_HEADER_SIZE - 1, 0, out->size);
}
