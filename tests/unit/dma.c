/* The DMA controllers, driven through their ports as drivers do. */
#include "devices/dma.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct bus *bus;
static struct clock clock_;
static struct device_list list;
static struct dma *dma;
static struct ram_block *ram;
static struct mem_region region;

static void out(uint16_t port, unsigned value)
{
    ports_write(bus, port, value, 1);
}

static unsigned in(uint16_t port)
{
    return ports_read(bus, port, 1);
}

static void setup(void)
{
    bus = bus_create(NULL);
    clock_init(&clock_, 1000000000);
    list = (struct device_list){.bus = bus, .clock = &clock_};
    ram = ram_block_create(bus, "ram", 2 << 20, true);
    region = (struct mem_region){
        .name = "ram", .size = 2 << 20, .enabled = true, .read_block = ram, .write_block = ram};
    mem_add_region(bus, &region);
    dma = device_create(&list, &dma_type, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(dma);
    devices_reset(&list, RESET_POWER_ON);
    out(0xD6, 0xC0); /* channel 4: cascade */
    out(0xD4, 0x00); /* unmasked */
}

static void teardown(void)
{
    devices_destroy(&list);
    bus_destroy(bus);
    clock_free(&clock_);
}

/* As a floppy driver: mask, mode, address, page, count, unmask. */
static void program2(unsigned mode, uint32_t address, unsigned count)
{
    out(0x0A, 6);
    out(0x0B, mode | 2);
    out(0x0C, 0);
    out(0x04, address & 0xFF);
    out(0x04, address >> 8 & 0xFF);
    out(0x81, address >> 16);
    out(0x05, (count - 1) & 0xFF);
    out(0x05, (count - 1) >> 8);
    out(0x0A, 2);
}

static unsigned current_count2(void)
{
    out(0x0C, 0);
    unsigned low = in(0x05);
    return low | in(0x05) << 8;
}

static const uint8_t pattern[] = "The quick brown fox jumps over the lazy dog";

START_TEST(bytes_arrive_at_page_and_address_and_stop_at_terminal_count)
{
    bool tc;
    program2(0x44, 0x12345, 10);
    ck_assert(dma_ready(dma, 2));
    ck_assert_uint_eq(dma_remaining(dma, 2), 10);
    ck_assert_uint_eq(dma_to_memory(dma, 2, pattern, 4, &tc), 4);
    ck_assert(!tc);
    ck_assert_uint_eq(current_count2(), 5);
    ck_assert_uint_eq(dma_to_memory(dma, 2, pattern + 4, 30, &tc), 6);
    ck_assert(tc);
    ck_assert_mem_eq(ram->bytes + 0x12345, pattern, 10);
    ck_assert_uint_eq(ram->bytes[0x12345 + 10], 0);
    /* It masked itself, and the status register tells once. */
    ck_assert_uint_eq(dma_to_memory(dma, 2, pattern, 1, &tc), 0);
    ck_assert_uint_eq(in(0x08), 0x04);
    ck_assert_uint_eq(in(0x08), 0x00);
    ck_assert_uint_eq(in(0x0F) & 4, 4);
    ck_assert_uint_eq(current_count2(), 0xFFFF);
}
END_TEST

START_TEST(memory_goes_to_the_device)
{
    uint8_t got[8];
    bool tc;
    memcpy(ram->bytes + 0x8000, pattern, 8);
    program2(0x48, 0x8000, 8);
    ck_assert_uint_eq(dma_from_memory(dma, 2, got, 8, &tc), 8);
    ck_assert(tc);
    ck_assert_mem_eq(got, pattern, 8);
}
END_TEST

START_TEST(verify_counts_without_touching_memory)
{
    bool tc;
    program2(0x40, 0x9000, 5);
    ck_assert_uint_eq(dma_to_memory(dma, 2, pattern, 5, &tc), 5);
    ck_assert(tc);
    ck_assert_uint_eq(ram->bytes[0x9000], 0);
}
END_TEST

START_TEST(auto_initialize_starts_again)
{
    bool tc;
    program2(0x54, 0x9000, 4);
    ck_assert_uint_eq(dma_to_memory(dma, 2, pattern, 43, &tc), 4);
    ck_assert(tc);
    ck_assert_uint_eq(dma_to_memory(dma, 2, pattern + 4, 2, &tc), 2);
    ck_assert(!tc);
    ck_assert_mem_eq(ram->bytes + 0x9000, pattern + 4, 2);
    ck_assert_mem_eq(ram->bytes + 0x9002, pattern + 2, 2);
    ck_assert_uint_eq(current_count2(), 1);
}
END_TEST

START_TEST(decrement_goes_down)
{
    program2(0x64, 0x9003, 4);
    ck_assert_uint_eq(dma_to_memory(dma, 2, "abcd", 4, NULL), 4);
    ck_assert_mem_eq(ram->bytes + 0x9000, "dcba", 4);
}
END_TEST

START_TEST(address_wraps_within_its_64_kb_page)
{
    program2(0x44, 0x1FFFE, 4);
    ck_assert_uint_eq(dma_to_memory(dma, 2, "abcd", 4, NULL), 4);
    ck_assert_mem_eq(ram->bytes + 0x1FFFE, "ab", 2);
    ck_assert_mem_eq(ram->bytes + 0x10000, "cd", 2);
}
END_TEST

START_TEST(channel_5_moves_words_in_128_kb_pages)
{
    bool tc;
    out(0xD4, 5);
    out(0xD6, 0x45);
    out(0xD8, 0);
    /* Word address 4000h in page 03h: bit 0 of the page register is not used. */
    out(0xC4, 0x00);
    out(0xC4, 0x40);
    out(0x8B, 0x03);
    out(0xC6, 1);
    out(0xC6, 0);
    out(0xD4, 1);
    ck_assert_uint_eq(dma_remaining(dma, 5), 4);
    ck_assert_uint_eq(dma_to_memory(dma, 5, "abcdef", 6, &tc), 4);
    ck_assert(tc);
    ck_assert_mem_eq(ram->bytes + 0x28000, "abcd", 4);
    ck_assert_uint_eq(in(0xD0), 0x02);
}
END_TEST

START_TEST(first_controller_needs_the_cascade)
{
    program2(0x44, 0x9000, 4);
    out(0xD4, 4);
    ck_assert(!dma_ready(dma, 2));
    ck_assert_uint_eq(dma_to_memory(dma, 2, "abcd", 4, NULL), 0);
    out(0xD4, 0);
    out(0xD0, 4); /* second controller disabled */
    ck_assert(!dma_ready(dma, 2));
    out(0xD0, 0);
    out(0x08, 4);
    ck_assert(!dma_ready(dma, 2));
    out(0x08, 0);
    ck_assert(dma_ready(dma, 2));
    ck_assert(!dma_ready(dma, 4));
    out(0x0B, 0xC2);
    ck_assert(!dma_ready(dma, 2));
}
END_TEST

START_TEST(masks_can_be_set_singly_together_and_cleared)
{
    out(0x0F, 0x05);
    ck_assert_uint_eq(in(0x0F), 0x05);
    out(0x0A, 5);
    ck_assert_uint_eq(in(0x0F), 0x07);
    out(0x0A, 0);
    ck_assert_uint_eq(in(0x0F), 0x06);
    out(0x0E, 0);
    ck_assert_uint_eq(in(0x0F), 0x00);
    out(0x0D, 0);
    ck_assert_uint_eq(in(0x0F), 0x0F);
    out(0xDC, 0);
    ck_assert_uint_eq(in(0xDE), 0x00);
    out(0xDE, 0x0A);
    ck_assert_uint_eq(in(0xDF), 0x0A);
    out(0xDA, 0);
    ck_assert_uint_eq(in(0xDE), 0x0F);
}
END_TEST

START_TEST(flip_flop_alternates_and_is_cleared)
{
    out(0x0C, 0);
    out(0x00, 0x34);
    out(0x00, 0x12);
    ck_assert_uint_eq(in(0x00), 0x34);
    out(0x0C, 0);
    ck_assert_uint_eq(in(0x00), 0x34);
    ck_assert_uint_eq(ports_peek(bus, 0x00, 1), 0x12);
    ck_assert_uint_eq(in(0x00), 0x12);
    /* The two controllers have one each. */
    out(0xD8, 0);
    in(0x00);
    out(0xC0, 0x78);
    out(0xC0, 0x56);
    ck_assert_uint_eq(in(0xC0), 0x78);
}
END_TEST

START_TEST(page_registers_are_latches)
{
    for (unsigned i = 0; i < 16; i++)
        out((uint16_t)(0x80 + i), 0xA0 + i);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(in((uint16_t)(0x80 + i)), 0xA0 + i);
}
END_TEST

START_TEST(request_pins_show_in_the_status)
{
    dma_request(dma, 3, true);
    dma_request(dma, 6, true);
    ck_assert_uint_eq(in(0x08), 0x80);
    ck_assert_uint_eq(in(0xD0), 0x40);
    dma_request(dma, 3, false);
    ck_assert_uint_eq(in(0x08), 0x00);
}
END_TEST

START_TEST(software_request_copies_memory_to_memory)
{
    memcpy(ram->bytes + 0x20010, pattern, 16);
    out(0x0C, 0);
    out(0x87, 2);
    out(0x83, 2);
    out(0x00, 0x10), out(0x00, 0x00);
    out(0x01, 15), out(0x01, 0);
    out(0x02, 0x00), out(0x02, 0x01);
    out(0x03, 15), out(0x03, 0);
    out(0x0B, 0x88);
    out(0x0B, 0x85);
    out(0x08, 1);
    out(0x09, 4);
    ck_assert_mem_eq(ram->bytes + 0x20100, pattern, 16);
    ck_assert_uint_eq(in(0x08) & 2, 2);
    ck_assert_uint_eq(in(0x0D), pattern[15]);
    /* With the source held, the block is filled. */
    out(0x0C, 0);
    out(0x00, 0x10), out(0x00, 0x00);
    out(0x01, 15), out(0x01, 0);
    out(0x02, 0x00), out(0x02, 0x01);
    out(0x03, 15), out(0x03, 0);
    out(0x08, 3);
    out(0x09, 4);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(ram->bytes[0x20100 + i], pattern[0]);
}
END_TEST

START_TEST(software_request_in_block_mode_runs_to_terminal_count)
{
    program2(0x84, 0x9000, 4);
    out(0x09, 6);
    ck_assert_uint_eq(in(0x08), 0x04);
    ck_assert_mem_eq(ram->bytes + 0x9000, "\xFF\xFF\xFF\xFF", 5);
    /* In single mode the request stays visible and nothing moves. */
    program2(0x44, 0x9100, 4);
    out(0x09, 6);
    ck_assert_uint_eq(in(0x08), 0x40);
    out(0x09, 2);
    ck_assert_uint_eq(in(0x08), 0x00);
    ck_assert_uint_eq(ram->bytes[0x9100], 0);
}
END_TEST

START_TEST(random_port_writes_do_no_harm)
{
    uint32_t seed = 1;
    uint8_t bytes[64] = {0};
    for (unsigned i = 0; i < 30000; i++) {
        seed = seed * 1664525 + 1013904223;
        static const uint16_t bases[] = {0x00, 0x80, 0xC0, 0xD0};
        uint16_t port = (uint16_t)(bases[seed >> 30] + (seed >> 8 & 15));
        if ((seed >> 16 & 3) == 0)
            in(port);
        else if (port != 0x09 && port != 0xD2)
            out(port, seed >> 20);
        else if ((seed >> 20 & 0x3F) == 0)
            out(port, seed >> 24);
        dma_to_memory(dma, seed >> 12 & 7, bytes, seed >> 26, NULL);
        dma_from_memory(dma, seed >> 13 & 7, bytes, seed >> 26, NULL);
    }
    struct text text = {0};
    dma_type.print(dma, &text);
    ck_assert_uint_gt(text.length, 100);
    text_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dma");
    TCase *tests = tcase_create("dma");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, bytes_arrive_at_page_and_address_and_stop_at_terminal_count);
    tcase_add_test(tests, memory_goes_to_the_device);
    tcase_add_test(tests, verify_counts_without_touching_memory);
    tcase_add_test(tests, auto_initialize_starts_again);
    tcase_add_test(tests, decrement_goes_down);
    tcase_add_test(tests, address_wraps_within_its_64_kb_page);
    tcase_add_test(tests, channel_5_moves_words_in_128_kb_pages);
    tcase_add_test(tests, first_controller_needs_the_cascade);
    tcase_add_test(tests, masks_can_be_set_singly_together_and_cleared);
    tcase_add_test(tests, flip_flop_alternates_and_is_cleared);
    tcase_add_test(tests, page_registers_are_latches);
    tcase_add_test(tests, request_pins_show_in_the_status);
    tcase_add_test(tests, software_request_copies_memory_to_memory);
    tcase_add_test(tests, software_request_in_block_mode_runs_to_terminal_count);
    tcase_add_test(tests, random_port_writes_do_no_harm);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
