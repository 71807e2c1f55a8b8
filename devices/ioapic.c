/* Intel 82093AA I/O APIC.
 *
 * 82093AA datasheet (290566): 3.1 (IOREGSEL, IOWIN), 3.2 (ID, version, arbitration, redirection table).
 *
 *      63:56        16     15      14           13         12        11        10:8       7:0
 *    | destination | mask | level | remote IRR | polarity | pending | logical | delivery | vector |
 *
 * Signals arrive as "asserted" or not; the polarity bit is kept but changes nothing. */
#include "devices/ioapic.h"

#include <string.h>

#define REG_SELECT 0x00
#define REG_WINDOW 0x10

#define INDEX_ID          0x00
#define INDEX_VERSION     0x01
#define INDEX_ARBITRATION 0x02
#define INDEX_TABLE       0x10
#define IOAPIC_VERSION    (0x11u | (IOAPIC_PINS - 1) << 16)

#define ENTRY_LOGICAL     0x800ull
#define ENTRY_PENDING     0x1000ull
#define ENTRY_REMOTE_IRR  0x4000ull
#define ENTRY_LEVEL       0x8000ull
#define ENTRY_MASKED      0x10000ull
#define ENTRY_WRITABLE    0xFF0000000001AFFFull
#define ENTRY_DELIVERY(e) ((e) >> 8 & 7)

struct ioapic {
    struct device dev;
    struct apic_bus *bus;
    struct mem_region region;
    uint8_t select; /* IOREGSEL */
    uint8_t id;
    uint32_t lines; /* bit n: pin n is asserted */
    uint32_t edges; /* edges that nobody has accepted yet */
    uint64_t table[IOAPIC_PINS];
};

static const struct field ioapic_fields[] = {FIELD(struct ioapic, select),
                                             FIELD_RANGE(struct ioapic, id, 0, 15),
                                             FIELD_RANGE(struct ioapic, lines, 0, (1u << IOAPIC_PINS) - 1),
                                             FIELD_RANGE(struct ioapic, edges, 0, (1u << IOAPIC_PINS) - 1),
                                             FIELD_ARRAY(struct ioapic, table),
                                             FIELD_END};

/* ---- Delivery ---- */

static struct apic_message message_of(uint64_t entry)
{
    return (struct apic_message){.destination = (uint8_t)(entry >> 56),
                                 .logical = entry & ENTRY_LOGICAL,
                                 .delivery = ENTRY_DELIVERY(entry),
                                 .vector = (uint8_t)entry,
                                 .level_triggered = entry & ENTRY_LEVEL};
}

/* SMI, NMI, INIT are always edges; only fixed and lowest priority wait for an EOI. */
static bool is_level(uint64_t entry)
{
    return (entry & ENTRY_LEVEL) && ENTRY_DELIVERY(entry) <= APIC_LOWEST_PRIORITY;
}

static bool is_extint(uint64_t entry)
{
    return ENTRY_DELIVERY(entry) == APIC_EXTINT;
}

/* ExtINT follows the line (it is the 8259's INTR), so that it goes when the 8259 has been served. */
static void update_extint(struct ioapic *io)
{
    struct apic_message asserted[IOAPIC_PINS];
    unsigned count = 0;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        if ((io->lines >> pin & 1) && is_extint(io->table[pin]) && !(io->table[pin] & ENTRY_MASKED))
            asserted[count++] = message_of(io->table[pin]);
    apic_bus_set_extint(io->bus, asserted, count);
}

/* Sends what the pin has to say, if anything. */
static void service_pin(struct ioapic *io, unsigned pin)
{
    uint64_t entry = io->table[pin];
    uint32_t bit = 1u << pin;
    if ((entry & ENTRY_MASKED) || is_extint(entry))
        return;
    bool waiting = is_level(entry) ? (io->lines & bit) && !(entry & ENTRY_REMOTE_IRR) : io->edges & bit;
    if (!waiting)
        return;
    struct apic_message message = message_of(entry);
    if (!is_level(entry))
        message.level_triggered = false;
    bool accepted = apic_bus_send(io->bus, &message);
    io->table[pin] = accepted ? io->table[pin] & ~ENTRY_PENDING : io->table[pin] | ENTRY_PENDING;
    if (!accepted)
        return;
    if (is_level(entry))
        io->table[pin] |= ENTRY_REMOTE_IRR;
    else
        io->edges &= ~bit;
}

void ioapic_set_irq(void *owner, unsigned pin, bool level)
{
    struct ioapic *io = owner;
    if (pin >= IOAPIC_PINS)
        return;
    uint32_t bit = 1u << pin;
    bool rising = level && !(io->lines & bit);
    bool changed = level != !!(io->lines & bit);
    io->lines = level ? io->lines | bit : io->lines & ~bit;
    uint64_t entry = io->table[pin];
    if (changed && is_extint(entry))
        update_extint(io);
    /* An edge on a masked pin is lost (3.2.4, interrupt mask). */
    if (rising && !is_level(entry) && !is_extint(entry) && !(entry & ENTRY_MASKED))
        io->edges |= bit;
    service_pin(io, pin);
}

void ioapic_eoi(struct ioapic *io, uint8_t vector)
{
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        if ((uint8_t)io->table[pin] == vector && (io->table[pin] & ENTRY_REMOTE_IRR)) {
            io->table[pin] &= ~ENTRY_REMOTE_IRR;
            service_pin(io, pin);
        }
}

void ioapic_retry(struct ioapic *io)
{
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        if (io->table[pin] & ENTRY_PENDING)
            service_pin(io, pin);
}

/* ---- Registers ---- */

static uint32_t read_index(const struct ioapic *io)
{
    if (io->select == INDEX_ID || io->select == INDEX_ARBITRATION)
        return (uint32_t)io->id << 24;
    if (io->select == INDEX_VERSION)
        return IOAPIC_VERSION;
    unsigned at = io->select - (unsigned)INDEX_TABLE;
    if (io->select < INDEX_TABLE || at >= 2 * IOAPIC_PINS)
        return 0;
    return (uint32_t)(io->table[at / 2] >> (at & 1 ? 32 : 0));
}

static void write_entry(struct ioapic *io, unsigned pin, unsigned half, uint32_t value)
{
    uint64_t old = io->table[pin], mask = (half ? 0xFFFFFFFF00000000ull : 0xFFFFFFFFull) & ENTRY_WRITABLE;
    uint64_t entry = (old & ~mask) | (((uint64_t)value << (half ? 32 : 0)) & mask);
    if (!(entry & ENTRY_LEVEL))
        entry &= ~ENTRY_REMOTE_IRR; /* 3.2.4: undefined for edges; software clears a stuck one this way */
    if (entry & ENTRY_MASKED)
        entry &= ~ENTRY_PENDING;
    io->table[pin] = entry;
    if ((entry & ENTRY_MASKED) || is_level(entry))
        io->edges &= ~(1u << pin);
    if (is_extint(old) || is_extint(entry))
        update_extint(io);
    service_pin(io, pin);
}

static void write_index(struct ioapic *io, uint32_t value)
{
    unsigned at = io->select - (unsigned)INDEX_TABLE;
    if (io->select == INDEX_ID)
        io->id = value >> 24 & 15;
    else if (io->select >= INDEX_TABLE && at < 2 * IOAPIC_PINS)
        write_entry(io, at / 2, at & 1, value);
}

static uint64_t ioapic_read(void *state, uint64_t offset, unsigned size)
{
    const struct ioapic *io = state;
    (void)size;
    offset &= 0xFF;
    if (offset == REG_SELECT)
        return io->select;
    if (offset >= REG_WINDOW && offset < REG_WINDOW + 4)
        return read_index(io) >> 8 * (offset - REG_WINDOW);
    return 0;
}

/* IOREGSEL takes any width; IOWIN is a dword. */
static void ioapic_write(void *state, uint64_t offset, uint64_t value, unsigned size)
{
    struct ioapic *io = state;
    offset &= 0xFF;
    if (offset == REG_SELECT)
        io->select = (uint8_t)value;
    else if (offset == REG_WINDOW && size >= 4)
        write_index(io, (uint32_t)value);
}

/* ---- The device ---- */

static bool ioapic_init(void *state, const void *config_, struct error *err)
{
    struct ioapic *io = state;
    const struct ioapic_config *config = config_;
    (void)err;
    io->bus = config->bus;
    io->region = (struct mem_region){.name = "i/o apic",
                                     .owner = io->dev.name,
                                     .base = config->base ? config->base : IOAPIC_DEFAULT_BASE,
                                     .size = PAGE_SIZE,
                                     .priority = MEM_PRIORITY_APIC,
                                     .enabled = true,
                                     .read = ioapic_read,
                                     .write = ioapic_write,
                                     .state = io};
    mem_add_region(io->dev.bus, &io->region);
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        io->table[pin] = ENTRY_MASKED;
    apic_bus_set_ioapic(config->bus, io);
    return true;
}

static void ioapic_reset(void *state, enum reset_kind kind)
{
    struct ioapic *io = state;
    (void)kind;
    io->select = io->id = 0;
    io->edges = 0;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        io->table[pin] = ENTRY_MASKED;
    update_extint(io);
}

static bool ioapic_post_load(void *state, struct error *err)
{
    struct ioapic *io = state;
    (void)err;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
        io->table[pin] &= ENTRY_WRITABLE | ENTRY_REMOTE_IRR | ENTRY_PENDING;
    return true;
}

static void ioapic_print(const void *state, struct text *out)
{
    static const char *const modes[8] = {"fixed", "lowest", "SMI",    "mode 3",
                                         "NMI",   "INIT",   "mode 6", "ExtINT"};
    const struct ioapic *io = state;
    text_add(out, "ID %X  IOREGSEL %02X  lines %06X\n", io->id, io->select, (unsigned)io->lines);
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        uint64_t entry = io->table[pin];
        text_add(out, "pin %2u  vector %02X %-6s to %s %02X  %s %s%s%s%s\n", pin, (unsigned)(entry & 0xFF),
                 modes[ENTRY_DELIVERY(entry)], entry & ENTRY_LOGICAL ? "logical" : "physical",
                 (unsigned)(entry >> 56), entry & ENTRY_LEVEL ? "level" : "edge",
                 entry & ENTRY_MASKED ? "masked" : "open", entry & ENTRY_REMOTE_IRR ? " remote-IRR" : "",
                 entry & ENTRY_PENDING ? " pending" : "", io->lines >> pin & 1 ? " asserted" : "");
    }
}

static void ioapic_destroy(void *state)
{
    struct ioapic *io = state;
    apic_bus_set_ioapic(io->bus, NULL);
    mem_remove_region(io->dev.bus, &io->region);
}

const struct device_type ioapic_type = {
    .name = "ioapic",
    .title = "82093AA I/O APIC",
    .state_size = sizeof(struct ioapic),
    .fields = ioapic_fields,
    .init = ioapic_init,
    .reset = ioapic_reset,
    .post_load = ioapic_post_load,
    .print = ioapic_print,
    .destroy = ioapic_destroy,
};
