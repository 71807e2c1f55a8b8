/* Intel 82371SB (PIIX3), function 0: PCI-to-ISA bridge.
 *
 * Intel 82371FB/82371SB datasheet (290550): 2.2 (function 0 configuration registers), 2.2.10 PIRQRC, 2.5.6
 * reset control register (CF9h). The edge/level registers 4D0h/4D1h are part of the interrupt controllers.
 *
 *      60h-63h PIRQRC[A:D]    7: not routed    3:0 IRQ 3-7, 9-12, 14, 15; others are reserved */
#include "devices/piix3.h"

#include <string.h>

#define REG_COMMAND 0x04
#define REG_STATUS  0x06
#define REG_IORT    0x4C
#define REG_XBCS    0x4E
#define REG_PIRQRC  0x60
#define REG_TOM     0x69
#define REG_MSTAT   0x6A
#define REG_MBIRQ   0x70
#define REG_MBDMA   0x76
#define REG_PCSC    0x78
#define REG_APIC    0x80
#define REG_DLC     0x82
#define REG_SMICNTL 0xA0
#define REG_SMIEN   0xA2
#define REG_SEE     0xA4
#define REG_FTMR    0xA8
#define REG_SMIREQ  0xAA
#define REG_CTLTMR  0xAC
#define REG_CTHTMR  0xAE

#define PIRQRC_DISABLED 0x80
#define ROUTABLE_IRQS   0xDEF8u /* 3-7, 9-12, 14, 15 */
#define SCI_IRQ         9

#define RESET_HARD_SELECT 0x02
#define RESET_CPU         0x04

static const struct field piix3_fields[] = {
    FIELD_STRUCT(struct piix3, pci, pci_function_fields), FIELD(struct piix3, reset_control),
    FIELD_RANGE(struct piix3, pirq_level, 0, 15),         FIELD_ARRAY(struct piix3, isa_level),
    FIELD_RANGE(struct piix3, sci_level, 0, 1),           FIELD_END};

/* ---- Interrupt lines ---- */

/* The ISA IRQ that a PIRQ is routed to, as a bit; 0 if to none. */
static uint16_t routed_to(const struct piix3 *piix, unsigned pirq)
{
    uint8_t control = piix->pci.config[REG_PIRQRC + pirq];
    if (control & PIRQRC_DISABLED)
        return 0;
    return (uint16_t)(1u << (control & 15) & ROUTABLE_IRQS);
}

static uint16_t wanted_levels(const struct piix3 *piix)
{
    uint16_t level = 0;
    for (unsigned source = 0; source < PIIX3_IRQ_SOURCES; source++)
        level |= piix->isa_level[source];
    if (piix->sci_level)
        level |= 1u << SCI_IRQ;
    for (unsigned pirq = 0; pirq < 4; pirq++)
        if (piix->pirq_level >> pirq & 1)
            level |= routed_to(piix, pirq);
    return level;
}

static void update_irqs(struct piix3 *piix)
{
    uint16_t level = wanted_levels(piix), changed = level ^ piix->irq_level;
    piix->irq_level = level;
    for (unsigned irq = 0; irq < 16; irq++)
        if (changed >> irq & 1)
            wire_set(&piix->irq[irq], level >> irq & 1);
}

void piix3_set_irq(void *owner, unsigned pin, bool level)
{
    struct piix3 *piix = owner;
    uint16_t bit = (uint16_t)(1u << (pin & 15));
    uint16_t *lines = &piix->isa_level[pin / 16 % PIIX3_IRQ_SOURCES];
    *lines = level ? *lines | bit : *lines & (uint16_t)~bit;
    update_irqs(piix);
}

void piix3_set_sci(void *owner, unsigned pin, bool level)
{
    struct piix3 *piix = owner;
    (void)pin;
    piix->sci_level = level;
    update_irqs(piix);
}

void piix3_set_pirq(void *owner, unsigned pin, bool level)
{
    struct piix3 *piix = owner;
    uint8_t bit = (uint8_t)(1u << (pin & 3));
    piix->pirq_level = level ? piix->pirq_level | bit : piix->pirq_level & (uint8_t)~bit;
    update_irqs(piix);
    wire_set(&piix->apic_pirq[pin & 3], level);
}

static void config_written(void *owner, unsigned reg, unsigned size, uint32_t old)
{
    struct piix3 *piix = owner;
    (void)old;
    if (reg < REG_PIRQRC + 4 && reg + size > REG_PIRQRC)
        update_irqs(piix);
}

/* ---- Reset control ---- */

static uint32_t read_reset_control(void *state, uint16_t port, unsigned size)
{
    (void)port, (void)size;
    return ((struct piix3 *)state)->reset_control;
}

/* RCPU starts a reset when it goes from 0 to 1; it does not stay set, so that every write of 1 does. */
static void write_reset_control(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct piix3 *piix = state;
    (void)port, (void)size;
    piix->reset_control = value & RESET_HARD_SELECT;
    if (!(value & RESET_CPU))
        return;
    const struct wire *wire = value & RESET_HARD_SELECT ? &piix->hard_reset : &piix->soft_reset;
    wire_set(wire, true);
    wire_set(wire, false);
}

/* ---- The device ---- */

static void reset_config(struct piix3 *piix)
{
    uint8_t *config = piix->pci.config;
    memset(config + 0x40, 0, 0xC0);
    config[REG_IORT] = 0x4D;
    config[REG_XBCS] = 0x03;
    memset(config + REG_PIRQRC, PIRQRC_DISABLED, 4);
    config[REG_TOM] = 0x02;
    config[REG_MBIRQ] = config[REG_MBIRQ + 1] = 0x80;
    config[REG_MBDMA] = config[REG_MBDMA + 1] = 0x0C;
    config[REG_PCSC] = 0x02;
    config[REG_SMICNTL] = 0x08;
    config[REG_FTMR] = 0x0F;
}

static void init_config(struct piix3 *piix)
{
    uint8_t *config = piix->pci.config, *writable = piix->pci.writable;
    pci_set16(config, 0x00, 0x8086);
    pci_set16(config, 0x02, 0x7000);
    pci_set16(config, REG_COMMAND, 0x0007);
    pci_set16(config, REG_STATUS, 0x0200);
    pci_set16(config, 0x0A, 0x0601); /* ISA bridge */
    config[0x0E] = 0x80;             /* several functions */
    writable[REG_IORT] = 0x7F;
    writable[REG_XBCS] = 0xFF;
    writable[REG_XBCS + 1] = 0x01;
    memset(writable + REG_PIRQRC, 0x8F, 4);
    writable[REG_TOM] = 0xFE;
    writable[REG_MSTAT] = 0xD2; /* bit 15, semaphore bits and the like: stored only */
    writable[REG_MSTAT + 1] = 0x80;
    writable[REG_MBIRQ] = writable[REG_MBIRQ + 1] = 0xEF;
    writable[REG_MBDMA] = writable[REG_MBDMA + 1] = 0x8F;
    writable[REG_PCSC] = 0xFF;
    writable[REG_PCSC + 1] = 0xFF;
    writable[REG_APIC] = 0x3F;
    writable[REG_DLC] = 0x0F;
    writable[REG_SMICNTL] = 0x1F;
    writable[REG_SMIEN] = writable[REG_SMIEN + 1] = 0xFF;
    memset(writable + REG_SEE, 0xFF, 4);
    writable[REG_FTMR] = 0xFF;
    writable[REG_CTLTMR] = writable[REG_CTHTMR] = 0xFF;
    piix->pci.clear_on_one[REG_SMIREQ] = 0xFF;
    piix->pci.clear_on_one[REG_SMIREQ + 1] = 0x01;
}

static bool piix3_init(void *state, const void *config_, struct error *err)
{
    struct piix3 *piix = state;
    const struct piix3_config *config = config_;
    struct wire pirq[4];
    (void)err;
    piix->pci.name = "82371SB ISA bridge";
    piix->pci.devfn = 1 << 3;
    piix->pci.owner = piix;
    piix->pci.config_written = config_written;
    init_config(piix);
    reset_config(piix);
    pci_add(config->pci, &piix->pci);
    piix->pci.writable[REG_COMMAND] = 0; /* I/O, memory and bus master are always on */
    piix->pci.writable[REG_COMMAND + 1] = 0x01;
    for (unsigned i = 0; i < 4; i++)
        pirq[i] = (struct wire){piix3_set_pirq, piix, i};
    pci_route(config->pci, pirq);
    return true;
}

/* The lines themselves belong to the devices, which release them in their own resets. */
static void piix3_reset(void *state, enum reset_kind kind)
{
    struct piix3 *piix = state;
    (void)kind;
    piix->reset_control = 0;
    pci_function_reset(&piix->pci);
    reset_config(piix);
    update_irqs(piix);
}

static bool piix3_post_load(void *state, struct error *err)
{
    struct piix3 *piix = state;
    if (piix->reset_control & ~RESET_HARD_SELECT)
        return error_set(err, "piix3: register CF9h cannot hold %02Xh", piix->reset_control);
    pci_function_restored(&piix->pci);
    piix->irq_level = wanted_levels(piix);
    return true;
}

static void piix3_print(const void *state, struct text *out)
{
    const struct piix3 *piix = state;
    for (unsigned pirq = 0; pirq < 4; pirq++) {
        uint8_t control = piix->pci.config[REG_PIRQRC + pirq];
        text_add(out, "PIRQ%c# %s", 'A' + (int)pirq, piix->pirq_level >> pirq & 1 ? "asserted" : "idle");
        if (routed_to(piix, pirq))
            text_add(out, " -> IRQ %u\n", control & 15);
        else
            text_add(out, " not routed (%02X)\n", control);
    }
    text_add(out, "IRQ lines %04X (SCI %u)  XBCS %04X  RST_CNT %02X\n", piix->irq_level, piix->sci_level,
             pci_get16(piix->pci.config, REG_XBCS), piix->reset_control);
}

static const struct port_row piix3_ports[] = {
    {0xCF9, 1, IO_BYTE, "RST_CNT", read_reset_control, write_reset_control, NULL, 0}, {0}};

const struct device_type piix3_type = {
    .name = "piix3",
    .title = "82371SB PCI-to-ISA bridge",
    .state_size = sizeof(struct piix3),
    .ports = piix3_ports,
    .fields = piix3_fields,
    .init = piix3_init,
    .reset = piix3_reset,
    .post_load = piix3_post_load,
    .print = piix3_print,
};
