/* The APIC bus: who a message is for, arbitration by priority, and the page of the local APICs.
 *
 * Intel SDM volume 3, 11.6.2 (destinations), 11.6.2.4 (lowest priority), 11.8.5 (EOI messages). */
#include "devices/apic_bus.h"

#include <string.h>

#include "devices/ioapic.h"
#include "devices/lapic.h"

struct apic_bus {
    struct device dev;
    struct lapic *lapics[APIC_BUS_PROCESSORS];
    unsigned count;
    uint8_t last_winner; /* of a lowest-priority arbitration: equals take turns */
    struct lapic *current;
    struct ioapic *ioapic;
    struct mem_region page;
};

static const struct field apic_bus_fields[] = {
    FIELD_RANGE(struct apic_bus, last_winner, 0, APIC_BUS_PROCESSORS - 1), FIELD_END};

/* ---- The page of registers ---- */

static uint64_t read_page(void *state, uint64_t offset, unsigned size)
{
    struct apic_bus *bus = state;
    return bus->current ? lapic_read(bus->current, offset, size) : UINT64_MAX;
}

static uint64_t peek_page(void *state, uint64_t offset, unsigned size)
{
    struct apic_bus *bus = state;
    return bus->current ? lapic_peek(bus->current, offset, size) : UINT64_MAX;
}

static void write_page(void *state, uint64_t offset, uint64_t value, unsigned size)
{
    struct apic_bus *bus = state;
    if (bus->current)
        lapic_write(bus->current, offset, value, size);
}

static void place_page(struct apic_bus *bus)
{
    struct mem_region page = bus->page;
    uint64_t msr = bus->current ? lapic_base(bus->current) : 0;
    page.base = msr & LAPIC_BASE_ADDRESS;
    page.enabled = msr & LAPIC_BASE_ENABLE;
    if (page.enabled != bus->page.enabled || (page.enabled && page.base != bus->page.base))
        mem_change_region(bus->dev.bus, &bus->page, &page);
}

void apic_bus_select(struct apic_bus *bus, struct lapic *lapic)
{
    bus->current = lapic;
    place_page(bus);
}

void apic_bus_moved(struct apic_bus *bus, struct lapic *lapic)
{
    if (bus->current == lapic)
        place_page(bus);
}

/* ---- Members ---- */

bool apic_bus_add_lapic(struct apic_bus *bus, struct lapic *lapic, struct error *err)
{
    if (bus->count == APIC_BUS_PROCESSORS)
        return error_set(err, "more than %u processors; give fewer with --cpus", APIC_BUS_PROCESSORS);
    bus->lapics[bus->count++] = lapic;
    if (!bus->current)
        bus->current = lapic;
    place_page(bus);
    return true;
}

void apic_bus_remove_lapic(struct apic_bus *bus, struct lapic *lapic)
{
    for (unsigned i = 0; i < bus->count; i++)
        if (bus->lapics[i] == lapic) {
            bus->count--;
            memmove(bus->lapics + i, bus->lapics + i + 1, (bus->count - i) * sizeof *bus->lapics);
            break;
        }
    if (bus->current == lapic)
        apic_bus_select(bus, bus->count ? bus->lapics[0] : NULL);
}

void apic_bus_set_ioapic(struct apic_bus *bus, struct ioapic *ioapic)
{
    bus->ioapic = ioapic;
}

/* ---- Messages ---- */

static void send_lowest_priority(struct apic_bus *bus, const struct apic_message *message, bool *accepted)
{
    unsigned best = bus->count;
    for (unsigned n = 0; n < bus->count; n++) {
        unsigned i = (bus->last_winner + 1 + n) % bus->count;
        struct lapic *lapic = bus->lapics[i];
        if (!lapic_is_destination(lapic, message) || !lapic_software_enabled(lapic))
            continue;
        if (lapic_is_focus(lapic, message->vector)) {
            best = i;
            break;
        }
        if (best == bus->count ||
            lapic_arbitration_priority(lapic) < lapic_arbitration_priority(bus->lapics[best]))
            best = i;
    }
    if (best == bus->count)
        return;
    bus->last_winner = (uint8_t)best;
    *accepted = lapic_accept(bus->lapics[best], message);
}

bool apic_bus_send(struct apic_bus *bus, const struct apic_message *message)
{
    bool accepted = false;
    if (message->delivery == APIC_LOWEST_PRIORITY) {
        send_lowest_priority(bus, message, &accepted);
        return accepted;
    }
    for (unsigned i = 0; i < bus->count; i++)
        if (lapic_is_destination(bus->lapics[i], message))
            accepted |= lapic_accept(bus->lapics[i], message);
    return accepted;
}

void apic_bus_send_all(struct apic_bus *bus, const struct apic_message *message, const struct lapic *except)
{
    for (unsigned i = 0; i < bus->count; i++)
        if (bus->lapics[i] != except)
            lapic_accept(bus->lapics[i], message);
}

void apic_bus_eoi(struct apic_bus *bus, uint8_t vector)
{
    if (bus->ioapic)
        ioapic_eoi(bus->ioapic, vector);
}

void apic_bus_retry(struct apic_bus *bus)
{
    if (bus->ioapic)
        ioapic_retry(bus->ioapic);
}

void apic_bus_set_extint(struct apic_bus *bus, const struct apic_message *asserted, unsigned count)
{
    for (unsigned i = 0; i < bus->count; i++) {
        bool level = false;
        for (unsigned n = 0; n < count; n++)
            level |= lapic_is_destination(bus->lapics[i], &asserted[n]);
        lapic_set_extint(bus->lapics[i], level);
    }
}

/* ---- The device ---- */

static bool apic_bus_init(void *state, const void *config, struct error *err)
{
    struct apic_bus *bus = state;
    (void)config, (void)err;
    bus->page = (struct mem_region){.name = "local apic",
                                    .owner = bus->dev.name,
                                    .base = LAPIC_DEFAULT_BASE,
                                    .size = PAGE_SIZE,
                                    .priority = MEM_PRIORITY_APIC,
                                    .read = read_page,
                                    .write = write_page,
                                    .peek = peek_page,
                                    .state = bus};
    mem_add_region(bus->dev.bus, &bus->page);
    return true;
}

static void apic_bus_reset(void *state, enum reset_kind kind)
{
    (void)kind;
    ((struct apic_bus *)state)->last_winner = 0;
}

static void apic_bus_print(const void *state, struct text *out)
{
    const struct apic_bus *bus = state;
    text_add(out, "%u local APICs%s, page at %09llX%s\n", bus->count, bus->ioapic ? " and an I/O APIC" : "",
             (unsigned long long)bus->page.base, bus->page.enabled ? "" : " (off)");
}

static void apic_bus_destroy(void *state)
{
    struct apic_bus *bus = state;
    mem_remove_region(bus->dev.bus, &bus->page);
}

const struct device_type apic_bus_type = {
    .name = "apicbus",
    .title = "APIC bus",
    .state_size = sizeof(struct apic_bus),
    .fields = apic_bus_fields,
    .init = apic_bus_init,
    .reset = apic_bus_reset,
    .print = apic_bus_print,
    .destroy = apic_bus_destroy,
};
