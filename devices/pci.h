/* PCI configuration space (mechanism #1, ports CF8h/CFCh) and the functions on bus 0.
 * PCI Local Bus Specification 2.1, chapter 6.
 *
 * A device that is a PCI function embeds `struct pci_function`, fills its config space in init and calls
 * pci_add(). The PCI bus then serves config reads and writes; where a write changes a base address or the
 * command register, it works out where each BAR now lies and calls bar_changed(). */
#ifndef TICK86_DEVICES_PCI_H
#define TICK86_DEVICES_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

struct pci_bus;

enum pci_bar_kind { PCI_BAR_NONE, PCI_BAR_IO, PCI_BAR_MEMORY, PCI_BAR_PREFETCHABLE };

struct pci_bar {
    enum pci_bar_kind kind;
    uint32_t size; /* bytes, a power of two */
};

struct pci_function {
    const char *name; /* for the monitor */
    uint8_t devfn;    /* device << 3 | function */
    uint8_t pin;      /* interrupt pin, 1 = INTA# ... 4, 0 = none (config 3Dh is set from it) */
    uint8_t config[256];
    uint8_t writable[256];     /* bits that configuration writes change; pci_add() sets those of BARs and of
                                  command (0007h | bus master), interrupt line */
    uint8_t clear_on_one[256]; /* bits that are cleared by writing ones */
    struct pci_bar bars[6];
    struct pci_bar rom;       /* expansion ROM, kind PCI_BAR_MEMORY or NONE */
    const uint8_t *rom_bytes; /* rom.size bytes, read-only to the guest */
    void *owner;              /* passed to the functions below; may be NULL functions */
    /* BAR (0..5) lies at ADDRESS (I/O or memory space), or answers nowhere if !ENABLED. */
    void (*bar_changed)(void *owner, unsigned bar, uint64_t address, bool enabled);
    /* After config bytes [REG, REG + SIZE) were written, with their old values. */
    void (*config_written)(void *owner, unsigned reg, unsigned size, uint32_t old);
    struct pci_bus *bus; /* set by pci_add() */
    /* Where the BARs were last told to lie: state of the bus, rebuilt on load. */
    uint64_t bar_address[6];
    bool bar_enabled[6];
};

/* State table of `struct pci_function` (config space): FIELD_STRUCT(struct ide, pci, pci_function_fields).
 * The owner's post_load then calls pci_function_restored(). */
extern const struct field pci_function_fields[];

static inline void pci_set16(uint8_t *config, unsigned reg, uint16_t value)
{
    config[reg] = (uint8_t)value;
    config[reg + 1] = (uint8_t)(value >> 8);
}

static inline uint16_t pci_get16(const uint8_t *config, unsigned reg)
{
    return (uint16_t)(config[reg] | config[reg + 1] << 8);
}

static inline void pci_set32(uint8_t *config, unsigned reg, uint32_t value)
{
    pci_set16(config, reg, (uint16_t)value);
    pci_set16(config, reg + 2, (uint16_t)(value >> 16));
}

static inline uint32_t pci_get32(const uint8_t *config, unsigned reg)
{
    return pci_get16(config, reg) | (uint32_t)pci_get16(config, reg + 2) << 16;
}

/* The PCI bus device (host-side of the i440FX: CF8h/CFCh). Created without config. */
extern const struct device_type pci_bus_type;

void pci_add(struct pci_bus *bus, struct pci_function *function);
/* Resets command, BARs and interrupt line to power-on values and tells the owner. */
void pci_function_reset(struct pci_function *function);
/* After a snapshot was loaded into function->config: tells the owner where its BARs lie. */
void pci_function_restored(struct pci_function *function);
/* The function's interrupt pin, level-triggered, shared; routed by the PIIX3's PIRQ registers. */
void pci_set_irq(struct pci_function *function, bool level);
/* Where INTA..INTD of a slot go: installed by the south bridge. PIRQ 0..3 = PIRQA#..PIRQD#. The slots are
 * wired as on Intel's 440FX boards: pin INTA# of slot 1 is PIRQA#, of slot 2 PIRQB#, and so on round. */
void pci_route(struct pci_bus *bus, struct wire pirq[4]);

/* Memory BARs that lie below BASE answer nowhere: there the host bridge claims the cycles for its DRAM and
 * they never reach PCI. Called by the host bridge; 0 at creation. */
void pci_set_memory_base(struct pci_bus *bus, uint64_t base);

/* Configuration accesses as the host bridge makes them (they may have the side effects of writes). REG + SIZE
 * is cut off at the end of the 256 bytes; absent functions read as all ones. */
uint32_t pci_config_read(struct pci_bus *bus, uint8_t devfn, uint8_t reg, unsigned size);
void pci_config_write(struct pci_bus *bus, uint8_t devfn, uint8_t reg, uint32_t value, unsigned size);

#endif
