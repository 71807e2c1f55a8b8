/* The PCI IRQ routing table, "$PIR" (Microsoft, PCI IRQ Routing Table Specification 1.0), for the PIIX's
 * router. */
#include "bios/post.h"

enum { SLOTS = 31, IRQS_POSSIBLE = 0xdef8 };

struct pir_slot {
    u8 bus, devfn;
    struct {
        u8 link; /* configuration register of the router */
        u16 irqs;
    } PACKED pin[4];
    u8 slot, reserved;
} PACKED;

struct pir {
    char signature[4];
    u16 version, size;
    u8 router_bus, router_devfn;
    u16 exclusive;
    u16 vendor, device;
    u32 miniport;
    u8 reserved[11], checksum;
    struct pir_slot slot[SLOTS];
} PACKED;

extern u8 pir_table[]; /* pci_bios.S, an offset in F000 */

void pir_init(void)
{
    struct pir *t = (struct pir *)(pir_table + 0xf0000);
    memset(t, 0, sizeof(*t));
    memcpy(t->signature, "$PIR", 4);
    t->version = 0x0100;
    t->size = sizeof(*t);
    t->router_devfn = 1 << 3;
    t->exclusive = 1 << 10 | 1 << 11;
    t->vendor = 0x8086;
    t->device = 0x7000;
    for (u32 i = 0; i < SLOTS; i++) {
        struct pir_slot *s = &t->slot[i];
        s->devfn = (u8)((i + 1) << 3);
        s->slot = i ? (u8)i : 0; /* slot 1 is the board itself */
        for (u32 pin = 0; pin < 4; pin++) {
            s->pin[pin].link = (u8)(0x60 + ((i + pin) & 3));
            s->pin[pin].irqs = IRQS_POSSIBLE;
        }
    }
    checksum8(t, sizeof(*t), 31);
}
