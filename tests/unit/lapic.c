/* Local APICs, the bus between them and the I/O APIC (devices/lapic.c, apic_bus.c, ioapic.c). */
#include "devices/lapic.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/device.h"
#include "devices/ioapic.h"

#define CPUS   3
#define HZ     200000000u
#define BUS_HZ 100000000u
#define LAPIC  0xFEE00000u
#define IOAPIC 0xFEC00000u

enum { ID = 0x20, VERSION = 0x30, TPR = 0x80, APR = 0x90, PPR = 0xA0, EOI = 0xB0, LDR = 0xD0, DFR = 0xE0 };
enum { SVR = 0xF0, ISR = 0x100, TMR = 0x180, IRR = 0x200, ESR = 0x280, ICR = 0x300, ICRH = 0x310 };
enum {
    TIMER = 0x320,
    LINT0 = 0x350,
    LINT1 = 0x360,
    ERROR = 0x370,
    TMICT = 0x380,
    TMCCT = 0x390,
    TDCR = 0x3E0
};

static struct bus *bus;
static struct clock vclock;
static struct device_list list;
static struct apic_bus *apics;
static struct lapic *cpu[CPUS];
static struct ioapic *io;

static struct cpu_pins {
    bool intr;
    unsigned nmi, smi, init, sipi;
    uint8_t sipi_vector;
} pins[CPUS];

static void set_intr(void *owner, unsigned pin, bool level)
{
    (void)pin;
    ck_assert(((struct cpu_pins *)owner)->intr != level); /* told of changes only */
    ((struct cpu_pins *)owner)->intr = level;
}

static void count_pulse(void *owner, unsigned pin, bool level)
{
    (void)pin;
    *(unsigned *)owner += level;
}

static void take_sipi(void *owner, uint8_t vector)
{
    ((struct cpu_pins *)owner)->sipi++;
    ((struct cpu_pins *)owner)->sipi_vector = vector;
}

static void setup(void)
{
    bus = bus_create(NULL);
    clock_init(&vclock, HZ);
    list = (struct device_list){.bus = bus, .clock = &vclock};
    apics = device_create(&list, &apic_bus_type, NULL, NULL, NULL);
    memset(pins, 0, sizeof pins);
    for (unsigned i = 0; i < CPUS; i++) {
        struct lapic_config config = {.bus = apics, .id = (uint8_t)i, .bsp = i == 0, .bus_hz = BUS_HZ};
        char name[8] = {'l', 'a', 'p', 'i', 'c', (char)('0' + i)};
        cpu[i] = device_create(&list, &lapic_type, name, &config, NULL);
        ck_assert_ptr_nonnull(cpu[i]);
        cpu[i]->intr = (struct wire){set_intr, &pins[i], 0};
        cpu[i]->nmi = (struct wire){count_pulse, &pins[i].nmi, 0};
        cpu[i]->smi = (struct wire){count_pulse, &pins[i].smi, 0};
        cpu[i]->init = (struct wire){count_pulse, &pins[i].init, 0};
        cpu[i]->sipi = take_sipi;
        cpu[i]->sipi_owner = &pins[i];
    }
    struct ioapic_config config = {.bus = apics};
    io = device_create(&list, &ioapic_type, NULL, &config, NULL);
    devices_reset(&list, RESET_POWER_ON);
}

static void teardown(void)
{
    devices_destroy(&list);
    clock_free(&vclock);
    bus_destroy(bus);
}

static uint32_t get(unsigned n, unsigned reg)
{
    uint32_t value;
    apic_bus_select(apics, cpu[n]);
    mem_read(bus, (lapic_base(cpu[n]) & LAPIC_BASE_ADDRESS) + reg, &value, 4);
    return value;
}

static void put(unsigned n, unsigned reg, uint32_t value)
{
    apic_bus_select(apics, cpu[n]);
    mem_write(bus, (lapic_base(cpu[n]) & LAPIC_BASE_ADDRESS) + reg, &value, 4);
}

static void enable(unsigned n)
{
    put(n, SVR, 0x1FF);
}

static bool has(unsigned n, unsigned set, unsigned vector)
{
    return get(n, set + vector / 32 * 16) >> vector % 32 & 1;
}

static void send_ipi(unsigned from, unsigned to, uint32_t low)
{
    put(from, ICRH, to << 24);
    put(from, ICR, low);
}

static uint32_t io_get(unsigned index)
{
    uint32_t value = index;
    mem_write(bus, IOAPIC, &value, 4);
    mem_read(bus, IOAPIC + 0x10, &value, 4);
    return value;
}

static void io_put(unsigned index, uint32_t value)
{
    mem_write(bus, IOAPIC, &(uint32_t){index}, 4);
    mem_write(bus, IOAPIC + 0x10, &value, 4);
}

static void route(unsigned pin, uint32_t low, unsigned destination)
{
    io_put(0x11 + 2 * pin, destination << 24);
    io_put(0x10 + 2 * pin, low);
}

/* ---- Local APIC ---- */

START_TEST(registers_have_their_reset_values)
{
    ck_assert_uint_eq(get(1, ID), 1u << 24);
    ck_assert_uint_eq(get(0, VERSION), 0x00050014);
    ck_assert_uint_eq(get(0, SVR), 0xFF);
    ck_assert_uint_eq(get(0, DFR), 0xFFFFFFFF);
    for (unsigned lvt = TIMER; lvt <= ERROR; lvt += 16)
        ck_assert_uint_eq(get(0, lvt), 0x10000);
    ck_assert_uint_eq(lapic_base(cpu[0]), 0xFEE00900);
    ck_assert_uint_eq(lapic_base(cpu[1]), 0xFEE00800);
    put(0, LINT0, 0x700); /* software-disabled: stays masked */
    ck_assert_uint_eq(get(0, LINT0), 0x10700);
}
END_TEST

START_TEST(untouched_apic_passes_the_8259_and_nmi_through)
{
    lapic_set_lint(cpu[0], 0, true);
    ck_assert(pins[0].intr);
    ck_assert(lapic_pending(cpu[0]));
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), -1);
    lapic_set_lint(cpu[0], 0, false);
    ck_assert(!pins[0].intr);
    lapic_set_lint(cpu[0], 1, true);
    lapic_set_lint(cpu[0], 1, false);
    ck_assert_uint_eq(pins[0].nmi, 1);
    lapic_set_base(cpu[0], LAPIC); /* globally disabled */
    lapic_set_lint(cpu[0], 0, true);
    ck_assert(pins[0].intr);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), -1);
}
END_TEST

START_TEST(enabled_apic_heeds_its_lint_entries)
{
    enable(0);
    lapic_set_lint(cpu[0], 0, true);
    ck_assert(!pins[0].intr); /* masked */
    put(0, LINT0, 0x700);
    ck_assert(pins[0].intr);
    put(0, TPR, 0xFF); /* ExtINT is not subject to priority */
    ck_assert(pins[0].intr);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), -1);
    put(0, LINT0, 0x10700);
    ck_assert(!pins[0].intr);
    lapic_set_lint(cpu[0], 1, true);
    lapic_set_lint(cpu[0], 1, false);
    ck_assert_uint_eq(pins[0].nmi, 0);
    put(0, LINT1, 0x400);
    lapic_set_lint(cpu[0], 1, true);
    lapic_set_lint(cpu[0], 1, true);
    ck_assert_uint_eq(pins[0].nmi, 1);
}
END_TEST

START_TEST(fixed_level_lint_comes_again_until_released)
{
    enable(0);
    put(0, LINT0, 0x8045);
    lapic_set_lint(cpu[0], 0, true);
    ck_assert_uint_eq(get(0, LINT0), 0xC045);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x45);
    put(0, EOI, 0);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x45);
    lapic_set_lint(cpu[0], 0, false);
    put(0, EOI, 0);
    ck_assert(!pins[0].intr);
    ck_assert_uint_eq(get(0, LINT0), 0x8045);
}
END_TEST

START_TEST(priorities_order_nest_and_mask)
{
    enable(0);
    put(0, ICR, 0x40000 | 0x31);
    put(0, ICR, 0x40000 | 0x52);
    put(0, ICR, 0x40000 | 0x51);
    ck_assert(has(0, IRR, 0x31) && has(0, IRR, 0x52));
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x52);
    ck_assert(has(0, ISR, 0x52) && !has(0, IRR, 0x52));
    ck_assert_uint_eq(get(0, PPR), 0x50);
    ck_assert(!pins[0].intr); /* 51h is of the same class */
    put(0, ICR, 0x40000 | 0x61);
    ck_assert(pins[0].intr);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x61);
    put(0, EOI, 0);
    ck_assert(has(0, ISR, 0x52) && !has(0, ISR, 0x61));
    put(0, EOI, 0);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x51);
    put(0, EOI, 0);
    put(0, TPR, 0x30);
    ck_assert(!pins[0].intr);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0xFF); /* nothing above the threshold: spurious */
    ck_assert(!has(0, ISR, 0xFF));
    lapic_set_cr8(cpu[0], 2);
    ck_assert_uint_eq(get(0, TPR), 0x20);
    ck_assert(pins[0].intr);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x31);
}
END_TEST

START_TEST(disabled_apic_takes_no_fixed_interrupts)
{
    send_ipi(0, 1, 0x55);
    ck_assert(!has(1, IRR, 0x55));
    enable(1);
    put(1, LINT0, 0x700);
    send_ipi(0, 1, 0x55);
    ck_assert(has(1, IRR, 0x55));
    put(1, SVR, 0xFF); /* held, and the entries are masked */
    ck_assert(has(1, IRR, 0x55));
    ck_assert(!pins[1].intr);
    ck_assert_uint_eq(get(1, LINT0), 0x10700);
    enable(1);
    ck_assert(pins[1].intr);
}
END_TEST

START_TEST(ipi_destinations_physical_logical_and_shorthand)
{
    for (unsigned i = 0; i < CPUS; i++) {
        enable(i);
        put(i, LDR, 1u << (24 + i));
    }
    send_ipi(0, 2, 0x40);
    ck_assert(!has(0, IRR, 0x40) && !has(1, IRR, 0x40) && has(2, IRR, 0x40));
    send_ipi(0, 0xFF, 0x41);
    ck_assert(has(0, IRR, 0x41) && has(1, IRR, 0x41) && has(2, IRR, 0x41));
    send_ipi(0, 0x05, 0x842); /* flat logical: 0 and 2 */
    ck_assert(has(0, IRR, 0x42) && !has(1, IRR, 0x42) && has(2, IRR, 0x42));
    for (unsigned i = 0; i < CPUS; i++) {
        put(i, DFR, 0x0FFFFFFF);
        put(i, LDR, (i < 2 ? 0x10u | 1u << i : 0x21u) << 24);
    }
    send_ipi(0, 0x13, 0x843); /* cluster 1, members 0 and 1 */
    ck_assert(has(0, IRR, 0x43) && has(1, IRR, 0x43) && !has(2, IRR, 0x43));
    put(1, ICR, 0xC0044); /* all but self */
    ck_assert(has(0, IRR, 0x44) && !has(1, IRR, 0x44) && has(2, IRR, 0x44));
    put(1, ICR, 0x80045); /* all */
    ck_assert(has(0, IRR, 0x45) && has(1, IRR, 0x45) && has(2, IRR, 0x45));
    put(1, ICR, 0x40046); /* self */
    ck_assert(!has(0, IRR, 0x46) && has(1, IRR, 0x46));
    ck_assert_uint_eq(get(1, ICR), 0x40046);
}
END_TEST

START_TEST(lowest_priority_takes_turns_among_the_idlest)
{
    for (unsigned i = 0; i < CPUS; i++) {
        enable(i);
        put(i, LDR, 1u << (24 + i));
    }
    put(1, TPR, 0x80);
    unsigned hits[CPUS] = {0};
    for (unsigned vector = 0x50; vector < 0x54; vector++) {
        send_ipi(0, 7, 0x900 | vector);
        for (unsigned i = 0; i < CPUS; i++)
            if (has(i, IRR, vector)) {
                hits[i]++;
                ck_assert_int_eq(lapic_acknowledge(cpu[i]), (int)vector);
                put(i, EOI, 0);
            }
    }
    ck_assert_uint_eq(hits[0], 2);
    ck_assert_uint_eq(hits[1], 0);
    ck_assert_uint_eq(hits[2], 2);
}
END_TEST

START_TEST(init_and_startup_wake_another_processor)
{
    enable(1);
    put(1, TPR, 0x40);
    send_ipi(0, 1, 0xC500); /* INIT, level assert */
    ck_assert_uint_eq(pins[1].init, 1);
    ck_assert_uint_eq(get(1, TPR), 0);
    ck_assert_uint_eq(get(1, SVR), 0xFF);
    ck_assert_uint_eq(get(1, ID), 1u << 24);
    send_ipi(0, 1, 0x8500); /* de-assert */
    ck_assert_uint_eq(pins[1].init, 1);
    send_ipi(0, 1, 0x069F);
    ck_assert_uint_eq(pins[1].sipi, 1);
    ck_assert_uint_eq(pins[1].sipi_vector, 0x9F);
    put(0, ICR, 0xC0400); /* NMI and SMI to all others */
    put(0, ICR, 0xC0200);
    ck_assert_uint_eq(pins[0].nmi + pins[0].smi, 0);
    ck_assert_uint_eq(pins[1].nmi, 1);
    ck_assert_uint_eq(pins[2].smi, 1);
}
END_TEST

START_TEST(timer_counts_bus_clocks_once)
{
    enable(0);
    put(0, TDCR, 0x3); /* divide by 16 */
    put(0, TIMER, 0x60);
    put(0, TMICT, 1000);
    uint64_t start = vclock.now;
    clock_advance_to(&vclock, start + 500 * 16 * 2); /* 2 cycles for each bus clock */
    ck_assert_uint_eq(get(0, TMCCT), 500);
    clock_advance_to(&vclock, start + 1000 * 16 * 2 - 1);
    ck_assert_uint_eq(get(0, TMCCT), 1);
    ck_assert(!pins[0].intr);
    clock_advance_to(&vclock, start + 1000 * 16 * 2);
    ck_assert_uint_eq(get(0, TMCCT), 0);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x60);
    put(0, EOI, 0);
    clock_advance_to(&vclock, start + 5000 * 16 * 2);
    ck_assert(!pins[0].intr);
    ck_assert_uint_eq(vclock.deadline, CLOCK_NEVER);
}
END_TEST

START_TEST(timer_repeats_without_drift)
{
    enable(0);
    put(0, TDCR, 0xB); /* divide by 1 */
    put(0, TIMER, 0x20061);
    put(0, TMICT, 300);
    unsigned ticks = 0;
    for (unsigned n = 1; n <= 100; n++) {
        clock_advance_to(&vclock, (uint64_t)n * 600);
        ticks += pins[0].intr;
        if (pins[0].intr) {
            ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x61);
            put(0, EOI, 0);
        }
    }
    ck_assert_uint_eq(ticks, 100);
    clock_advance_to(&vclock, 100 * 600 + 200);
    ck_assert_uint_eq(get(0, TMCCT), 200);
    put(0, TDCR, 0x0); /* by 2: the count goes on, slower */
    ck_assert_uint_eq(get(0, TMCCT), 200);
    clock_advance_to(&vclock, vclock.now + 400);
    ck_assert_uint_eq(get(0, TMCCT), 100);
    put(0, TMICT, 0); /* stops */
    ck_assert_uint_eq(vclock.deadline, CLOCK_NEVER);
    ck_assert_uint_eq(get(0, TMCCT), 0);
}
END_TEST

START_TEST(masked_or_waiting_timer_costs_no_events)
{
    enable(0);
    put(0, TDCR, 0xB);
    put(0, TIMER, 0x30062);
    put(0, TMICT, 1);
    ck_assert_uint_eq(vclock.deadline, CLOCK_NEVER);
    put(0, TIMER, 0x20062);
    clock_advance_to(&vclock, vclock.now + 2);
    ck_assert(pins[0].intr);
    ck_assert_uint_eq(vclock.deadline, CLOCK_NEVER);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x62);
    ck_assert_uint_ne(vclock.deadline, CLOCK_NEVER);
    for (unsigned code = 0; code < 8; code++) {
        static const unsigned divisors[8] = {2, 4, 8, 16, 32, 64, 128, 1};
        put(0, TMICT, 0);
        put(0, TDCR, (code & 3) | (code & 4) << 1);
        clock_advance_to(&vclock, (vclock.now + 255) / 256 * 256);
        put(0, TIMER, 0x63);
        put(0, TMICT, 10);
        clock_advance_to(&vclock, vclock.now + 3 * divisors[code] * 2);
        ck_assert_uint_eq(get(0, TMCCT), 7);
    }
}
END_TEST

START_TEST(errors_are_latched_and_reported)
{
    enable(0);
    put(0, ERROR, 0x70);
    put(0, ICR, 0x40005); /* illegal vector */
    ck_assert_uint_eq(get(0, ESR), 0);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x70);
    put(0, ESR, 0);
    ck_assert_uint_eq(get(0, ESR), 0x20);
    get(0, 0x40); /* no such register */
    put(0, ESR, 0);
    ck_assert_uint_eq(get(0, ESR), 0x80);
    put(0, ESR, 0);
    ck_assert_uint_eq(get(0, ESR), 0);
}
END_TEST

START_TEST(the_page_moves_and_goes)
{
    lapic_set_base(cpu[0], 0xFED00800);
    ck_assert_uint_eq(lapic_base(cpu[0]), 0xFED00900);
    ck_assert_uint_eq(get(0, VERSION), 0x00050014);
    uint32_t value;
    mem_read(bus, LAPIC + VERSION, &value, 4);
    ck_assert_uint_eq(value, 0xFFFFFFFF);
    ck_assert_uint_eq(get(1, ID), 1u << 24); /* the others stay where they are */
    mem_read(bus, LAPIC + VERSION, &value, 4);
    ck_assert_uint_eq(value, 0x00050014);
    put(0, TPR, 0x20);
    lapic_set_base(cpu[0], LAPIC);
    apic_bus_select(apics, cpu[0]);
    mem_read(bus, LAPIC + VERSION, &value, 4);
    ck_assert_uint_eq(value, 0xFFFFFFFF);
    lapic_set_base(cpu[0], LAPIC | 0x800);
    ck_assert_uint_eq(get(0, TPR), 0); /* as after reset */
}
END_TEST

/* ---- I/O APIC ---- */

START_TEST(ioapic_identifies_itself)
{
    ck_assert_uint_eq(io_get(1), 0x00170011);
    io_put(0, 0xFF000000);
    ck_assert_uint_eq(io_get(0), 0x0F000000);
    ck_assert_uint_eq(io_get(2), 0x0F000000);
    for (unsigned pin = 0; pin < 24; pin++)
        ck_assert_uint_eq(io_get(0x10 + 2 * pin), 0x10000);
    io_put(0x10, 0xFFFFFFFF);
    ck_assert_uint_eq(io_get(0x10), 0x1AFFF);
    io_put(0x11, 0xFFFFFFFF);
    ck_assert_uint_eq(io_get(0x11), 0xFF000000);
    io_put(0x40, 0x12345678);
    ck_assert_uint_eq(io_get(0x40), 0);
}
END_TEST

START_TEST(edges_are_sent_once_and_lost_while_masked)
{
    enable(1);
    ioapic_set_irq(io, 4, true);
    route(4, 0x74, 1);
    ck_assert(!pins[1].intr);
    ioapic_set_irq(io, 4, false);
    ioapic_set_irq(io, 4, true);
    ck_assert_int_eq(lapic_acknowledge(cpu[1]), 0x74);
    ck_assert(!has(1, TMR, 0x74));
    ioapic_set_irq(io, 4, true);
    put(1, EOI, 0);
    ck_assert(!pins[1].intr);
}
END_TEST

START_TEST(level_comes_again_after_eoi_until_released)
{
    enable(0);
    route(17, 0xA080, 0); /* level, active low */
    ioapic_set_irq(io, 17, true);
    ck_assert_uint_eq(io_get(0x10 + 34), 0xE080); /* remote IRR */
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x80);
    ck_assert(has(0, TMR, 0x80));
    ck_assert(!pins[0].intr);
    put(0, EOI, 0);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x80);
    ioapic_set_irq(io, 17, false);
    put(0, EOI, 0);
    ck_assert(!pins[0].intr);
    ck_assert_uint_eq(io_get(0x10 + 34), 0xA080);
}
END_TEST

START_TEST(unmasking_an_asserted_level_delivers_it)
{
    enable(0);
    route(9, 0x18081, 0);
    ioapic_set_irq(io, 9, true);
    ck_assert(!pins[0].intr);
    io_put(0x10 + 18, 0x8081);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), 0x81);
}
END_TEST

START_TEST(undeliverable_interrupts_wait_for_the_local_apic)
{
    route(1, 0x31, 0);
    route(16, 0x8090, 0);
    ioapic_set_irq(io, 1, true);
    ioapic_set_irq(io, 16, true);
    ck_assert_uint_eq(io_get(0x12), 0x1031); /* delivery pending */
    ck_assert_uint_eq(io_get(0x30), 0x9090);
    enable(0);
    ck_assert(has(0, IRR, 0x31) && has(0, IRR, 0x90));
    ck_assert_uint_eq(io_get(0x12), 0x31);
    ck_assert_uint_eq(io_get(0x30), 0xC090);
}
END_TEST

START_TEST(extint_pin_follows_the_8259)
{
    enable(0);
    ioapic_set_irq(io, 0, true);
    ck_assert(!pins[0].intr);
    route(0, 0x700, 0);
    ck_assert(pins[0].intr);
    ck_assert_int_eq(lapic_acknowledge(cpu[0]), -1);
    ioapic_set_irq(io, 0, false);
    ck_assert(!pins[0].intr);
    ioapic_set_irq(io, 0, true);
    io_put(0x10, 0x10700);
    ck_assert(!pins[0].intr);
}
END_TEST

START_TEST(nmi_and_lowest_priority_from_pins)
{
    for (unsigned i = 0; i < CPUS; i++) {
        enable(i);
        put(i, LDR, 1u << (24 + i));
    }
    route(5, 0x400, 2);
    ioapic_set_irq(io, 5, true);
    ck_assert_uint_eq(pins[2].nmi, 1);
    put(0, TPR, 0x50);
    put(2, TPR, 0x50);
    route(6, 0x9A1, 7); /* lowest priority, logical */
    ioapic_set_irq(io, 6, true);
    ck_assert(!has(0, IRR, 0xA1) && has(1, IRR, 0xA1) && !has(2, IRR, 0xA1));
}
END_TEST

START_TEST(loading_checks_and_rebuilds)
{
    enable(0);
    cpu[0]->irr[3] = 1u << 5;
    ck_assert(lapic_type.post_load(cpu[0], NULL));
    ck_assert(lapic_pending(cpu[0]));
    ck_assert(!pins[0].intr); /* wires are not driven by loading */
    cpu[0]->timer_base = UINT64_MAX;
    ck_assert(!lapic_type.post_load(cpu[0], NULL));
    struct text text = {0};
    cpu[0]->timer_base = 0;
    lapic_type.print(cpu[0], &text);
    ck_assert_ptr_nonnull(strstr(text_chars(&text), "IRR 65\n"));
    ioapic_type.print(io, &text);
    ck_assert_ptr_nonnull(strstr(text_chars(&text), "pin 23"));
    text_free(&text);
}
END_TEST

/* Anything written anywhere: `intr` stays equal to what is pending, acknowledged vectors are above the PPR.
 */
START_TEST(random_traffic_keeps_the_invariants)
{
    uint32_t seed = (uint32_t)_i * 2654435761u + 7;
    for (unsigned n = 0; n < 30000; n++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t value = seed ^ seed >> 16;
        unsigned who = (seed >> 9) % CPUS;
        switch (seed >> 28) {
        case 0:
            ioapic_set_irq(io, value & 31, seed >> 20 & 1);
            break;
        case 1:
            io_put(seed >> 12 & 0x3F, value);
            break;
        case 2:
            lapic_set_lint(cpu[who], seed >> 12 & 1, seed >> 20 & 1);
            break;
        case 3:
            clock_advance_to(&vclock, vclock.now + (value & 0xFF));
            break;
        case 4:
            lapic_set_base(cpu[who], (value & 3 ? LAPIC : 0xFEB00000) | (value & 0x1C ? 0x800 : 0));
            break;
        case 5:
        case 6: {
            uint8_t ppr = (uint8_t)get(who, PPR);
            int vector = lapic_acknowledge(cpu[who]);
            ck_assert(vector >= -1 && vector < 256);
            if (vector >= 0 && (get(who, SVR) & 0xFF) != (unsigned)vector)
                ck_assert_int_gt(vector >> 4, ppr >> 4);
            break;
        }
        case 7:
            enable(who);
            break;
        case 8:
            get(who, seed >> 12 & 0xFFC);
            break;
        case 9:
            put(who, EOI, 0);
            break;
        default:
            put(who, (seed >> 12 & 0x3F) << 4, value);
        }
        for (unsigned i = 0; i < CPUS; i++)
            ck_assert(pins[i].intr == lapic_pending(cpu[i]));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lapic");
    TCase *tests = tcase_create("lapic");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, registers_have_their_reset_values);
    tcase_add_test(tests, untouched_apic_passes_the_8259_and_nmi_through);
    tcase_add_test(tests, enabled_apic_heeds_its_lint_entries);
    tcase_add_test(tests, fixed_level_lint_comes_again_until_released);
    tcase_add_test(tests, priorities_order_nest_and_mask);
    tcase_add_test(tests, disabled_apic_takes_no_fixed_interrupts);
    tcase_add_test(tests, ipi_destinations_physical_logical_and_shorthand);
    tcase_add_test(tests, lowest_priority_takes_turns_among_the_idlest);
    tcase_add_test(tests, init_and_startup_wake_another_processor);
    tcase_add_test(tests, timer_counts_bus_clocks_once);
    tcase_add_test(tests, timer_repeats_without_drift);
    tcase_add_test(tests, masked_or_waiting_timer_costs_no_events);
    tcase_add_test(tests, errors_are_latched_and_reported);
    tcase_add_test(tests, the_page_moves_and_goes);
    tcase_add_test(tests, ioapic_identifies_itself);
    tcase_add_test(tests, edges_are_sent_once_and_lost_while_masked);
    tcase_add_test(tests, level_comes_again_after_eoi_until_released);
    tcase_add_test(tests, unmasking_an_asserted_level_delivers_it);
    tcase_add_test(tests, undeliverable_interrupts_wait_for_the_local_apic);
    tcase_add_test(tests, extint_pin_follows_the_8259);
    tcase_add_test(tests, nmi_and_lowest_priority_from_pins);
    tcase_add_test(tests, loading_checks_and_rebuilds);
    tcase_add_loop_test(tests, random_traffic_keeps_the_invariants, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
