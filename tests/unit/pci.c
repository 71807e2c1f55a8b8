/* PCI configuration mechanism #1, base addresses, expansion ROM and interrupt lines (devices/pci.c). */
#include "devices/pci.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/device.h"

static struct bus *bus;
static struct clock vclock;
static struct device_list list;
static struct pci_bus *pci;
static bool lines[4];
static unsigned line_changes;

struct card {
    struct pci_function f;
    uint64_t address[6];
    bool enabled[6];
    unsigned calls, writes, last_reg, last_size;
    uint32_t last_old;
};
static struct card nic, other;
static uint8_t rom[8192];

static void card_bar(void *owner, unsigned bar, uint64_t address, bool enabled)
{
    struct card *card = owner;
    card->address[bar] = address;
    card->enabled[bar] = enabled;
    card->calls++;
}

static void card_written(void *owner, unsigned reg, unsigned size, uint32_t old)
{
    struct card *card = owner;
    card->writes++;
    card->last_reg = reg;
    card->last_size = size;
    card->last_old = old;
}

static void line(void *owner, unsigned pin, bool level)
{
    (void)owner;
    lines[pin] = level;
    line_changes++;
}

static void setup(void)
{
    bus = bus_create(NULL);
    clock_init(&vclock, 1000000);
    list = (struct device_list){.bus = bus, .clock = &vclock};
    pci = device_create(&list, &pci_bus_type, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(pci);
    memset(lines, 0, sizeof lines);
    line_changes = 0;
    struct wire wires[4];
    for (unsigned i = 0; i < 4; i++)
        wires[i] = (struct wire){line, NULL, i};
    pci_route(pci, wires);
    for (unsigned i = 0; i < sizeof rom; i++)
        rom[i] = (uint8_t)(i * 7);
    rom[0] = 0x55, rom[1] = 0xAA;
    nic = (struct card){.f = {.name = "nic", .devfn = 3 << 3, .pin = 1, .owner = &nic}};
    nic.f.bars[0] = (struct pci_bar){PCI_BAR_IO, 32};
    nic.f.bars[1] = (struct pci_bar){PCI_BAR_PREFETCHABLE, 0x100000};
    nic.f.bars[2] = (struct pci_bar){PCI_BAR_MEMORY, 0x1000};
    nic.f.rom = (struct pci_bar){PCI_BAR_MEMORY, sizeof rom};
    nic.f.rom_bytes = rom;
    nic.f.bar_changed = card_bar;
    nic.f.config_written = card_written;
    pci_set32(nic.f.config, 0, 0x802910EC);
    pci_set16(nic.f.config, 6, 0x0280);
    pci_add(pci, &nic.f);
    other = (struct card){.f = {.name = "other", .devfn = 7 << 3, .pin = 1, .owner = &other}};
    pci_set32(other.f.config, 0, 0x12345678);
    pci_add(pci, &other.f);
}

static void teardown(void)
{
    devices_destroy(&list);
    clock_free(&vclock);
    bus_destroy(bus);
}

static void select_register(unsigned device, unsigned reg)
{
    ports_write(bus, 0xCF8, 0x80000000u | device << 11 | (reg & 0xFC), 4);
}

static uint32_t get(unsigned device, unsigned reg, unsigned size)
{
    select_register(device, reg);
    return ports_read(bus, (uint16_t)(0xCFC + (reg & 3)), size);
}

static void put(unsigned device, unsigned reg, uint32_t value, unsigned size)
{
    select_register(device, reg);
    ports_write(bus, (uint16_t)(0xCFC + (reg & 3)), value, size);
}

START_TEST(address_register_takes_dwords_only)
{
    ports_write(bus, 0xCF8, 0xFFFFFFFF, 4);
    ck_assert_uint_eq(ports_read(bus, 0xCF8, 4), 0x80FFFFFC);
    ports_write(bus, 0xCF8, 0x80001800, 4);
    ports_write(bus, 0xCF8, 0x55, 1);
    ports_write(bus, 0xCFA, 0x5555, 2);
    ck_assert_uint_eq(ports_read(bus, 0xCF8, 4), 0x80001800);
    ck_assert_uint_eq(ports_read(bus, 0xCF8, 1), 0xFF);
}
END_TEST

START_TEST(data_register_takes_every_width)
{
    ck_assert_uint_eq(get(3, 0, 4), 0x802910EC);
    ck_assert_uint_eq(get(3, 0, 2), 0x10EC);
    ck_assert_uint_eq(get(3, 2, 2), 0x8029);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_uint_eq(get(3, i, 1), 0x802910EC >> 8 * i & 0xFF);
    select_register(3, 0);
    ck_assert_uint_eq(ports_read(bus, 0xCFD, 2), 0x2910);
    ck_assert_uint_eq(ports_read(bus, 0xCFE, 4), 0xFFFF8029); /* CFEh, CFFh, then nothing at D00h */
}
END_TEST

START_TEST(absent_functions_read_all_ones)
{
    ck_assert_uint_eq(get(9, 0, 4), 0xFFFFFFFF);
    ck_assert_uint_eq(get(9, 2, 2), 0xFFFF);
    ck_assert_uint_eq(get(9, 1, 1), 0xFF);
    put(9, 4, 0xFFFF, 2);
    ports_write(bus, 0xCF8, 0x80010000 | 3 << 11, 4); /* bus 1 */
    ck_assert_uint_eq(ports_read(bus, 0xCFC, 4), 0xFFFFFFFF);
    ports_write(bus, 0xCF8, 0x80000000 | 3 << 11 | 1 << 8, 4); /* function 1 */
    ck_assert_uint_eq(ports_read(bus, 0xCFC, 4), 0xFFFFFFFF);
    ports_write(bus, 0xCF8, 3 << 11, 4); /* not enabled */
    ck_assert_uint_eq(ports_read(bus, 0xCFC, 4), 0xFFFFFFFF);
}
END_TEST

START_TEST(sizing_a_base_address_shows_its_size_and_kind)
{
    for (unsigned reg = 0x10; reg <= 0x24; reg += 4)
        put(3, reg, 0xFFFFFFFF, 4);
    put(3, 0x30, 0xFFFFFFFE, 4);
    ck_assert_uint_eq(get(3, 0x10, 4), 0xFFFFFFE1);
    ck_assert_uint_eq(get(3, 0x14, 4), 0xFFF00008);
    ck_assert_uint_eq(get(3, 0x18, 4), 0xFFFFF000);
    ck_assert_uint_eq(get(3, 0x1C, 4), 0);
    ck_assert_uint_eq(get(3, 0x24, 4), 0);
    ck_assert_uint_eq(get(3, 0x30, 4), 0xFFFFE000);
    ck_assert_uint_eq(nic.calls, 0); /* decoding is off throughout */
}
END_TEST

START_TEST(sizing_while_decoding_is_on_never_covers_the_rom_at_the_top)
{
    put(3, 4, 7, 2);
    put(3, 0x18, 0xFFFFFFFF, 4);
    ck_assert(!nic.enabled[2]);
    put(3, 0x18, 0xE0001000, 4);
    ck_assert(nic.enabled[2]);
    ck_assert_uint_eq(nic.address[2], 0xE0001000);
}
END_TEST

START_TEST(command_register_switches_io_and_memory_separately)
{
    put(3, 0x10, 0xC000, 4);
    put(3, 0x14, 0xE0000000, 4);
    ck_assert(!nic.enabled[0] && !nic.enabled[1]);
    put(3, 4, 1, 2);
    ck_assert(nic.enabled[0] && !nic.enabled[1]);
    ck_assert_uint_eq(nic.address[0], 0xC000);
    put(3, 4, 2, 1);
    ck_assert(!nic.enabled[0] && nic.enabled[1]);
    ck_assert_uint_eq(nic.address[1], 0xE0000000);
    put(3, 4, 3, 1);
    unsigned calls = nic.calls;
    put(3, 0x10, 0xC000, 4); /* the same again */
    ck_assert_uint_eq(nic.calls, calls);
    put(3, 0x10, 0xD020, 4);
    ck_assert_uint_eq(nic.address[0], 0xD020);
    ck_assert_uint_eq(nic.calls, calls + 1);
}
END_TEST

START_TEST(addresses_out_of_reach_answer_nowhere)
{
    put(3, 4, 3, 2);
    put(3, 0x10, 0x1C000, 4); /* no I/O space beyond 64 KB */
    ck_assert(!nic.enabled[0]);
    put(3, 0x10, 0xFFE0, 4);
    ck_assert(nic.enabled[0]);
    put(3, 0x10, 0, 4);
    ck_assert(!nic.enabled[0]);
    put(3, 0x18, 0x02000000, 4);
    ck_assert(nic.enabled[2]);
    pci_set_memory_base(pci, 0x04000000); /* DRAM up to 64 MB hides it */
    ck_assert(!nic.enabled[2]);
    put(3, 0x18, 0x04000000, 4);
    ck_assert(nic.enabled[2]);
}
END_TEST

START_TEST(command_and_status_keep_their_fixed_bits)
{
    put(3, 4, 0xFFFF, 2);
    ck_assert_uint_eq(get(3, 4, 2), 0x0007);
    put(3, 0, 0xFFFFFFFF, 4);
    ck_assert_uint_eq(get(3, 0, 4), 0x802910EC);
    nic.f.config[7] |= 0x20; /* received master abort */
    ck_assert_uint_eq(get(3, 6, 2), 0x2280);
    put(3, 6, 0x1000, 2);
    ck_assert_uint_eq(get(3, 6, 2), 0x2280);
    put(3, 6, 0xFFFF, 2);
    ck_assert_uint_eq(get(3, 6, 2), 0x0280);
}
END_TEST

START_TEST(owner_hears_of_writes_with_the_old_value)
{
    put(3, 0x3C, 0x0B, 1);
    ck_assert_uint_eq(nic.last_reg, 0x3C);
    ck_assert_uint_eq(nic.last_size, 1);
    put(3, 0x3C, 0xFFFFFF05, 4);
    ck_assert_uint_eq(nic.last_old, 0x0000010B);
    ck_assert_uint_eq(get(3, 0x3C, 4), 0x00000105);
}
END_TEST

START_TEST(expansion_rom_appears_where_its_base_says)
{
    uint8_t seen[4];
    put(3, 4, 2, 2);
    put(3, 0x30, 0xE8000000, 4); /* not enabled */
    mem_read(bus, 0xE8000000, seen, 4);
    ck_assert_uint_eq(seen[0], 0xFF);
    put(3, 0x30, 0xE8000001, 4);
    mem_read(bus, 0xE8000000, seen, 4);
    ck_assert_mem_eq(seen, rom, 4);
    mem_write(bus, 0xE8000000, "xxxx", 4);
    mem_read(bus, 0xE8000000, seen, 4);
    ck_assert_mem_eq(seen, rom, 4);
    put(3, 0x30, 0xE9000001, 4);
    mem_read(bus, 0xE9001FFC, seen, 4);
    ck_assert_mem_eq(seen, rom + 0x1FFC, 4);
    mem_read(bus, 0xE8000000, seen, 4);
    ck_assert_uint_eq(seen[0], 0xFF);
    put(3, 4, 0, 2);
    mem_read(bus, 0xE9000000, seen, 4);
    ck_assert_uint_eq(seen[0], 0xFF);
}
END_TEST

START_TEST(pins_are_rotated_by_slot_and_shared)
{
    pci_set_irq(&nic.f, true); /* slot 3, INTA#: PIRQC# */
    ck_assert(!lines[0] && !lines[1] && lines[2] && !lines[3]);
    pci_set_irq(&other.f, true); /* slot 7, INTA#: PIRQC# as well */
    pci_set_irq(&nic.f, false);
    ck_assert(lines[2]);
    ck_assert_uint_eq(line_changes, 1);
    pci_set_irq(&other.f, true);
    pci_set_irq(&other.f, false);
    ck_assert(!lines[2]);
    struct card usb = {.f = {.name = "usb", .devfn = 1 << 3 | 2, .pin = 4}};
    pci_add(pci, &usb.f);
    pci_set_irq(&usb.f, true); /* slot 1, INTD#: PIRQD#, as the PIIX3 has it */
    ck_assert(lines[3]);
    pci_set_irq(&usb.f, false);
}
END_TEST

START_TEST(reset_turns_decoding_off_and_forgets_addresses)
{
    put(3, 0x10, 0xC000, 4);
    put(3, 0x3C, 11, 1);
    put(3, 4, 7, 2);
    ck_assert(nic.enabled[0]);
    pci_set_irq(&nic.f, true);
    devices_reset(&list, RESET_HARD);
    pci_function_reset(&nic.f);
    ck_assert(!nic.enabled[0]);
    ck_assert(!lines[2]);
    ck_assert_uint_eq(ports_read(bus, 0xCF8, 4), 0);
    ck_assert_uint_eq(get(3, 4, 4), 0x02800000);
    ck_assert_uint_eq(get(3, 0x10, 4), 1);
    ck_assert_uint_eq(get(3, 0x3C, 1), 0);
}
END_TEST

START_TEST(restored_config_puts_the_bars_back)
{
    put(3, 0x10, 0xC000, 4);
    put(3, 4, 1, 2);
    uint8_t saved[256];
    memcpy(saved, nic.f.config, 256);
    put(3, 0x10, 0xD000, 4);
    memcpy(nic.f.config, saved, 256);
    ck_assert(pci_bus_type.post_load(pci, NULL));
    ck_assert(!nic.enabled[0]);
    pci_function_restored(&nic.f);
    ck_assert(nic.enabled[0]);
    ck_assert_uint_eq(nic.address[0], 0xC000);
}
END_TEST

START_TEST(monitor_lists_the_functions)
{
    struct text text = {0};
    put(3, 0x10, 0xC000, 4);
    put(3, 4, 1, 2);
    pci_bus_type.print(pci, &text);
    ck_assert_ptr_nonnull(strstr(text_chars(&text), "00:03.0 10EC:8029"));
    ck_assert_ptr_nonnull(strstr(text_chars(&text), "BAR0 I/O 0000C000 size 20\n"));
    ck_assert_ptr_nonnull(strstr(text_chars(&text), "INTA# on PIRQC#"));
    text_free(&text);
}
END_TEST

/* Whatever is written, fixed bits stay, enabled BARs lie where config says and in reach. */
START_TEST(random_writes_keep_the_invariants)
{
    uint32_t seed = (uint32_t)_i * 2654435761u + 1;
    for (unsigned n = 0; n < 20000; n++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t value = seed ^ seed >> 15;
        uint16_t port = (uint16_t)(0xCF6 + (seed >> 8) % 12);
        unsigned size = 1u << (seed >> 20) % 3;
        if (n & 1)
            select_register(3, value & 0xFF);
        if (seed >> 30)
            ports_write(bus, port, value, size);
        else
            ports_read(bus, port, size);
        ck_assert_uint_eq(pci_get32(nic.f.config, 0), 0x802910EC);
        for (unsigned bar = 0; bar < 3; bar++)
            if (nic.enabled[bar]) {
                ck_assert_uint_eq(nic.address[bar] & (nic.f.bars[bar].size - 1), 0);
                ck_assert_uint_eq(nic.address[bar],
                                  pci_get32(nic.f.config, 0x10 + 4 * bar) & ~(nic.f.bars[bar].size - 1));
                ck_assert(bar || nic.address[bar] + 32 <= 0x10000);
            }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pci");
    TCase *tests = tcase_create("pci");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, address_register_takes_dwords_only);
    tcase_add_test(tests, data_register_takes_every_width);
    tcase_add_test(tests, absent_functions_read_all_ones);
    tcase_add_test(tests, sizing_a_base_address_shows_its_size_and_kind);
    tcase_add_test(tests, sizing_while_decoding_is_on_never_covers_the_rom_at_the_top);
    tcase_add_test(tests, command_register_switches_io_and_memory_separately);
    tcase_add_test(tests, addresses_out_of_reach_answer_nowhere);
    tcase_add_test(tests, command_and_status_keep_their_fixed_bits);
    tcase_add_test(tests, owner_hears_of_writes_with_the_old_value);
    tcase_add_test(tests, expansion_rom_appears_where_its_base_says);
    tcase_add_test(tests, pins_are_rotated_by_slot_and_shared);
    tcase_add_test(tests, reset_turns_decoding_off_and_forgets_addresses);
    tcase_add_test(tests, restored_config_puts_the_bars_back);
    tcase_add_test(tests, monitor_lists_the_functions);
    tcase_add_loop_test(tests, random_writes_keep_the_invariants, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
