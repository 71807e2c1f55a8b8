/* The ISA bridge: PIRQ routing, shared IRQ lines, reset control (devices/piix3.c). */
#include "devices/piix3.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/device.h"

static struct bus *bus;
static struct clock vclock;
static struct device_list list;
static struct pci_bus *pci;
static struct piix3 *piix;
static bool irq[16], apic[4];
static unsigned hard_resets, soft_resets, falls;
static struct pci_function card;

static void set_level(void *owner, unsigned pin, bool level)
{
    ((bool *)owner)[pin] = level;
    falls += !level;
}

static void count_reset(void *owner, unsigned pin, bool level)
{
    (void)pin;
    if (level)
        ++*(unsigned *)owner;
}

static void setup(void)
{
    bus = bus_create(NULL);
    clock_init(&vclock, 1000000);
    list = (struct device_list){.bus = bus, .clock = &vclock};
    struct piix3_config config = {.pci = pci = device_create(&list, &pci_bus_type, NULL, NULL, NULL)};
    piix = device_create(&list, &piix3_type, NULL, &config, NULL);
    ck_assert_ptr_nonnull(piix);
    memset(irq, 0, sizeof irq);
    memset(apic, 0, sizeof apic);
    hard_resets = soft_resets = falls = 0;
    for (unsigned i = 0; i < 16; i++)
        piix->irq[i] = (struct wire){set_level, irq, i};
    for (unsigned i = 0; i < 4; i++)
        piix->apic_pirq[i] = (struct wire){set_level, apic, i};
    piix->hard_reset = (struct wire){count_reset, &hard_resets, 0};
    piix->soft_reset = (struct wire){count_reset, &soft_resets, 0};
    card = (struct pci_function){.name = "card", .devfn = 2 << 3, .pin = 1}; /* PIRQB# */
    pci_add(pci, &card);
    devices_reset(&list, RESET_POWER_ON);
}

static void teardown(void)
{
    devices_destroy(&list);
    clock_free(&vclock);
    bus_destroy(bus);
}

static uint32_t get(unsigned reg, unsigned size)
{
    return pci_config_read(pci, 1 << 3, (uint8_t)reg, size);
}

static void put(unsigned reg, uint32_t value, unsigned size)
{
    pci_config_write(pci, 1 << 3, (uint8_t)reg, value, size);
}

static unsigned lines_up(void)
{
    unsigned up = 0;
    for (unsigned i = 0; i < 16; i++)
        up |= (unsigned)irq[i] << i;
    return up;
}

START_TEST(identifies_itself_and_has_the_reset_values)
{
    ck_assert_uint_eq(get(0, 4), 0x70008086);
    ck_assert_uint_eq(get(4, 2), 0x0007);
    ck_assert_uint_eq(get(0x0A, 2), 0x0601);
    ck_assert_uint_eq(get(0x0E, 1), 0x80);
    ck_assert_uint_eq(get(0x4C, 1), 0x4D);
    ck_assert_uint_eq(get(0x4E, 2), 0x0003);
    ck_assert_uint_eq(get(0x60, 4), 0x80808080);
    ck_assert_uint_eq(get(0x76, 2), 0x0C0C);
    put(0x76, 0x8585, 2);
    ck_assert_uint_eq(get(0x76, 2), 0x8585);
    put(4, 0, 2);
    ck_assert_uint_eq(get(4, 2), 0x0007);
}
END_TEST

START_TEST(pirqs_go_where_their_register_says)
{
    pci_set_irq(&card, true);
    ck_assert_uint_eq(lines_up(), 0); /* not routed yet */
    ck_assert(apic[1] && !apic[0] && !apic[2] && !apic[3]);
    put(0x61, 0x0B, 1);
    ck_assert_uint_eq(lines_up(), 1 << 11);
    put(0x61, 0x05, 1);
    ck_assert_uint_eq(lines_up(), 1 << 5);
    put(0x61, 0x85, 1);
    ck_assert_uint_eq(lines_up(), 0);
    put(0x61, 0x0A, 1);
    pci_set_irq(&card, false);
    ck_assert_uint_eq(lines_up(), 0);
    ck_assert(!apic[1]);
}
END_TEST

START_TEST(reserved_irqs_are_never_driven)
{
    pci_set_irq(&card, true);
    for (unsigned n = 0; n < 16; n++) {
        put(0x61, n, 1);
        bool reserved = n < 3 || n == 8 || n == 13;
        ck_assert_uint_eq(lines_up(), reserved ? 0 : 1u << n);
    }
}
END_TEST

START_TEST(sharers_do_not_release_each_other)
{
    put(0x60, 0x0909090A, 4); /* A: 10, B, C, D: 9 */
    pci_set_irq(&card, true);
    piix3_set_sci(piix, 0, true);
    piix3_set_irq(piix, 9, true);
    piix3_set_pirq(piix, 2, true);
    ck_assert_uint_eq(lines_up(), 1 << 9);
    pci_set_irq(&card, false);
    piix3_set_irq(piix, 9, false);
    piix3_set_sci(piix, 0, false);
    ck_assert_uint_eq(falls, 1); /* PIRQB# to the I/O APIC alone */
    ck_assert_uint_eq(lines_up(), 1 << 9);
    piix3_set_pirq(piix, 2, false);
    ck_assert_uint_eq(lines_up(), 0);
}
END_TEST

START_TEST(isa_devices_share_a_line_as_sources)
{
    piix3_set_irq(piix, 4, true);      /* COM1 */
    piix3_set_irq(piix, 4 + 16, true); /* COM3 */
    piix3_set_irq(piix, 4, false);
    ck_assert_uint_eq(lines_up(), 1 << 4);
    piix3_set_irq(piix, 4 + 16, false);
    ck_assert_uint_eq(lines_up(), 0);
    piix3_set_irq(piix, 0xFFFFFFFF, true);
    ck_assert_uint_eq(lines_up(), 1 << 15);
}
END_TEST

START_TEST(isa_lines_pass_through)
{
    for (unsigned n = 0; n < 16; n++) {
        piix3_set_irq(piix, n, true);
        ck_assert_uint_eq(lines_up(), 1u << n);
        piix3_set_irq(piix, n, false);
    }
    ck_assert_uint_eq(falls, 16);
}
END_TEST

START_TEST(cf9_resets_hard_and_soft)
{
    ports_write(bus, 0xCF9, 0x02, 1);
    ck_assert_uint_eq(ports_read(bus, 0xCF9, 1), 0x02);
    ck_assert_uint_eq(hard_resets + soft_resets, 0);
    ports_write(bus, 0xCF9, 0x06, 1);
    ck_assert_uint_eq(hard_resets, 1);
    ports_write(bus, 0xCF9, 0x04, 1);
    ck_assert_uint_eq(soft_resets, 1);
    ck_assert_uint_eq(hard_resets, 1);
}
END_TEST

START_TEST(cf9_and_cf8_share_by_width)
{
    ports_write(bus, 0xCF8, 0x80000600, 4); /* byte 1 would be 06h */
    ck_assert_uint_eq(hard_resets, 0);
    ck_assert_uint_eq(ports_read(bus, 0xCF8, 4), 0x80000600);
    ports_write(bus, 0xCF9, 0x06, 1);
    ck_assert_uint_eq(hard_resets, 1);
    ck_assert_uint_eq(ports_read(bus, 0xCF8, 4), 0x80000600);
}
END_TEST

START_TEST(reset_takes_the_routing_back)
{
    put(0x61, 0x0B, 1);
    pci_set_irq(&card, true);
    ck_assert_uint_eq(lines_up(), 1 << 11);
    devices_reset(&list, RESET_HARD);
    ck_assert_uint_eq(lines_up(), 0);
    ck_assert_uint_eq(get(0x61, 1), 0x80);
}
END_TEST

START_TEST(loading_does_not_drive_lines)
{
    put(0x61, 0x0B, 1);
    piix->pirq_level = 2;
    ck_assert(piix3_type.post_load(piix, NULL));
    ck_assert_uint_eq(lines_up(), 0);
    piix3_set_pirq(piix, 1, false); /* the next change is told */
    ck_assert_uint_eq(falls, 2);
    piix->reset_control = 4;
    ck_assert(!piix3_type.post_load(piix, NULL));
}
END_TEST

START_TEST(random_routing_keeps_lines_equal_to_their_sources)
{
    uint32_t seed = (uint32_t)_i * 2654435761u + 99;
    unsigned isa = 0, pirq = 0;
    for (unsigned n = 0; n < 20000; n++) {
        seed = seed * 1664525 + 1013904223;
        unsigned pin = seed >> 20 & 15;
        bool level = seed >> 25 & 1;
        switch (seed >> 30) {
        case 0:
            put(0x40 + (seed >> 8) % 0xC0, seed ^ seed >> 11, 1u << (seed >> 26) % 3);
            break;
        case 1:
            piix3_set_irq(piix, pin, level);
            isa = level ? isa | 1u << pin : isa & ~(1u << pin);
            break;
        case 2:
            piix3_set_pirq(piix, pin & 3, level);
            pirq = level ? pirq | 1u << (pin & 3) : pirq & ~(1u << (pin & 3));
            break;
        default:
            put(0x60 + (pin & 3), seed >> 8 & 0x8F, 1);
        }
        unsigned want = isa;
        for (unsigned p = 0; p < 4; p++) {
            unsigned control = get(0x60 + p, 1), to = 1u << (control & 15);
            if ((pirq >> p & 1) && !(control & 0x80) && (to & 0xDEF8))
                want |= to;
        }
        ck_assert_uint_eq(lines_up(), want);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("piix3");
    TCase *tests = tcase_create("piix3");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, identifies_itself_and_has_the_reset_values);
    tcase_add_test(tests, pirqs_go_where_their_register_says);
    tcase_add_test(tests, reserved_irqs_are_never_driven);
    tcase_add_test(tests, sharers_do_not_release_each_other);
    tcase_add_test(tests, isa_devices_share_a_line_as_sources);
    tcase_add_test(tests, isa_lines_pass_through);
    tcase_add_test(tests, cf9_resets_hard_and_soft);
    tcase_add_test(tests, cf9_and_cf8_share_by_width);
    tcase_add_test(tests, reset_takes_the_routing_back);
    tcase_add_test(tests, loading_does_not_drive_lines);
    tcase_add_loop_test(tests, random_routing_keeps_lines_equal_to_their_sources, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
