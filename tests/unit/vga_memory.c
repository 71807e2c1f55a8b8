/* Video memory through the window: write and read modes, addressing, direct mapping. */
#include "tests/unit/vga_harness.h"

#define A0000 0xA0000u
#define B8000 0xB8000u

/* Reads plane PLANE at an offset of the planar window A0000h, without touching the latches. */
static uint8_t plane_byte(unsigned plane, uint32_t offset)
{
    gfx(4, (uint8_t)plane);
    return peek8(A0000 + offset);
}

static void planes_are(uint32_t offset, uint8_t p0, uint8_t p1, uint8_t p2, uint8_t p3)
{
    const uint8_t expected[4] = {p0, p1, p2, p3};
    for (unsigned plane = 0; plane < 4; plane++)
        ck_assert_uint_eq(plane_byte(plane, offset), expected[plane]);
}

static void fill_planes(uint32_t offset, uint8_t p0, uint8_t p1, uint8_t p2, uint8_t p3)
{
    const uint8_t values[4] = {p0, p1, p2, p3};
    for (unsigned plane = 0; plane < 4; plane++) {
        seq(2, (uint8_t)(1 << plane));
        write8(A0000 + offset, values[plane]);
    }
    seq(2, 0x0F);
}

START_TEST(write_mode_0_goes_to_the_planes_of_the_map_mask)
{
    set_mode(&mode_12);
    seq(2, 0x05);
    write8(A0000 + 3, 0xA5);
    planes_are(3, 0xA5, 0, 0xA5, 0);
    planes_are(2, 0, 0, 0, 0);
    planes_are(4, 0, 0, 0, 0);
}
END_TEST

START_TEST(write_mode_0_rotates)
{
    set_mode(&mode_12);
    gfx(3, 0x03);
    write8(A0000, 0x81);
    planes_are(0, 0x30, 0x30, 0x30, 0x30);
}
END_TEST

START_TEST(set_reset_replaces_data_where_enabled)
{
    set_mode(&mode_12);
    gfx(0, 0x05);
    gfx(1, 0x03);
    write8(A0000, 0x3C);
    planes_are(0, 0xFF, 0x00, 0x3C, 0x3C);
}
END_TEST

START_TEST(bit_mask_keeps_latched_bits)
{
    set_mode(&mode_12);
    fill_planes(5, 0x11, 0x22, 0x44, 0x88);
    read8(A0000 + 5);
    gfx(8, 0xF0);
    write8(A0000 + 6, 0x5A);
    gfx(8, 0xFF);
    planes_are(6, 0x51, 0x52, 0x54, 0x58);
}
END_TEST

START_TEST(functions_combine_with_latches)
{
    static const uint8_t expected[4] = {0x0F, 0x03, 0x3F, 0x3C};
    set_mode(&mode_12);
    fill_planes(0, 0x33, 0x33, 0x33, 0x33);
    for (unsigned function = 0; function < 4; function++) {
        read8(A0000);
        gfx(3, (uint8_t)(function << 3));
        write8(A0000 + 1, 0x0F);
        planes_are(1, expected[function], expected[function], expected[function], expected[function]);
    }
}
END_TEST

START_TEST(write_mode_1_copies_latches)
{
    set_mode(&mode_12);
    fill_planes(100, 1, 2, 3, 4);
    gfx(5, 0x01);
    gfx(8, 0x00); /* neither bit mask nor set/reset matter here */
    gfx(1, 0x0F);
    read8(A0000 + 100);
    write8(A0000 + 200, 0xEE);
    planes_are(200, 1, 2, 3, 4);
}
END_TEST

START_TEST(write_mode_2_expands_colours)
{
    set_mode(&mode_12);
    fill_planes(0, 0x0F, 0x0F, 0x0F, 0x0F);
    read8(A0000);
    gfx(5, 0x02);
    gfx(8, 0xC3);
    write8(A0000, 0xF6); /* the upper half of the byte does not count */
    planes_are(0, 0x0C, 0xCF, 0xCF, 0x0C);
}
END_TEST

START_TEST(write_mode_3_masks_with_the_data)
{
    set_mode(&mode_12);
    fill_planes(0, 0xAA, 0xAA, 0xAA, 0xAA);
    read8(A0000);
    gfx(5, 0x03);
    gfx(0, 0x09);
    gfx(3, 0x04); /* the data are rotated before they mask */
    gfx(8, 0x3F);
    write8(A0000, 0xF0); /* rotated 0Fh */
    planes_are(0, 0xAF, 0xA0, 0xA0, 0xAF);
}
END_TEST

START_TEST(read_mode_1_compares_colours)
{
    set_mode(&mode_12);
    fill_planes(9, 0xF0, 0xCC, 0xAA, 0x00);
    gfx(5, 0x08);
    gfx(2, 0x03);
    gfx(7, 0x0F);
    ck_assert_uint_eq(read8(A0000 + 9), 0x40); /* planes 0 and 1 set, 2 clear */
    gfx(7, 0x03);
    ck_assert_uint_eq(read8(A0000 + 9), 0xC0); /* plane 2 does not count */
    gfx(7, 0x00);
    ck_assert_uint_eq(read8(A0000 + 9), 0xFF);
}
END_TEST

START_TEST(reads_load_latches_and_peeks_do_not)
{
    set_mode(&mode_12);
    fill_planes(0, 1, 2, 3, 4);
    fill_planes(1, 9, 9, 9, 9);
    read8(A0000);
    peek8(A0000 + 1);
    gfx(5, 0x01);
    write8(A0000 + 2, 0);
    planes_are(2, 1, 2, 3, 4);
}
END_TEST

START_TEST(wide_accesses_equal_bytes)
{
    set_mode(&mode_12);
    uint64_t value = 0x8877665544332211, back = 0;
    mem_region_write(bus, A0000 + 8, value, 8);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(plane_byte(3, 8 + i), 0x11 * (i + 1));
    back = mem_region_read(bus, A0000 + 8, 8);
    ck_assert_uint_eq(back, value);
    gfx(5, 0x01); /* the latches hold the last byte's planes */
    write8(A0000, 0);
    planes_are(0, 0x88, 0x88, 0x88, 0x88);
}
END_TEST

START_TEST(odd_even_puts_characters_and_attributes_into_two_planes)
{
    set_mode(&mode_03);
    write8(B8000 + 10, 'A');
    write8(B8000 + 11, 0x1F);
    ck_assert_uint_eq(read8(B8000 + 10), 'A');
    ck_assert_uint_eq(read8(B8000 + 11), 0x1F);
    set_mode(&mode_12);
    planes_are(10, 'A', 0x1F, 0, 0);
    planes_are(11, 0, 0, 0, 0);
}
END_TEST

START_TEST(odd_even_page_bit_takes_the_odd_addresses)
{
    set_mode(&mode_03);
    out(0x3C2, 0x67 & ~0x20);
    write8(B8000 + 10, 'B');
    set_mode(&mode_12);
    planes_are(10, 0, 0, 0, 0);
    planes_are(11, 'B', 0, 0, 0);
}
END_TEST

START_TEST(odd_even_in_a_128_kb_window_pages_by_a16)
{
    set_mode(&mode_03);
    gfx(6, 0x02);
    write8(0xA0004, 1);
    write8(0xB0004, 2);
    set_mode(&mode_12);
    planes_are(4, 1, 0, 0, 0);
    planes_are(5, 2, 0, 0, 0);
}
END_TEST

START_TEST(odd_even_reads_the_pair_of_planes_that_read_map_names)
{
    set_mode(&mode_12);
    fill_planes(10, 1, 2, 3, 4);
    set_mode(&mode_03);
    gfx(4, 2);
    ck_assert_uint_eq(read8(B8000 + 10), 3);
    ck_assert_uint_eq(read8(B8000 + 11), 4);
    gfx(4, 0);
    ck_assert_uint_eq(read8(B8000 + 10), 1);
}
END_TEST

START_TEST(all_plane_addresses_are_distinct)
{
    set_mode(&mode_12);
    for (uint32_t i = 0; i < 0x10000; i += 2)
        mem_region_write(bus, A0000 + i, i * 40503 >> 4, 2);
    for (uint32_t i = 0; i < 0x10000; i += 2)
        ck_assert_uint_eq(mem_region_read(bus, A0000 + i, 2), (i * 40503 >> 4) & 0xFFFF);
}
END_TEST

START_TEST(window_lies_where_graphics_6_says)
{
    set_mode(&mode_12);
    seq(2, 0x01);
    static const struct {
        uint8_t select;
        uint32_t base, size;
    } windows[] = {{0, 0xA0000, 0x20000}, {1, 0xA0000, 0x10000}, {2, 0xB0000, 0x8000}, {3, 0xB8000, 0x8000}};
    for (unsigned i = 0; i < 4; i++) {
        gfx(6, (uint8_t)(windows[i].select << 2 | 1));
        uint32_t last = windows[i].base + windows[i].size - 1;
        write8(windows[i].base, (uint8_t)(0x10 + i));
        ck_assert_uint_eq(read8(windows[i].base), 0x10 + i);
        write8(last, (uint8_t)(0x20 + i));
        ck_assert_uint_eq(read8(last), 0x20 + i);
        ck_assert_uint_eq(read8(windows[i].base - 1), 0xFF);
        ck_assert_uint_eq(read8(last + 1), 0xFF);
    }
}
END_TEST

START_TEST(misc_output_and_enable_ports_switch_memory_off)
{
    set_mode(&mode_12);
    write8(A0000, 0x12);
    out(0x3C2, 0xE1);
    ck_assert_uint_eq(read8(A0000), 0xFF);
    out(0x3C2, 0xE3);
    ck_assert_uint_eq(read8(A0000), 0x12);
    out(0x3C3, 0);
    ck_assert_uint_eq(read8(A0000), 0xFF);
    ck_assert_uint_eq(in(0x3CC), 0xFF);
    out(0x3C3, 1);
    ck_assert_uint_eq(read8(A0000), 0x12);
    out(0x46E8, 0x16);
    ck_assert_uint_eq(read8(A0000), 0xFF);
    ck_assert_uint_eq(in(0x3C5), 0xFF);
    out(0x46E8, 0x0E);
    ck_assert_uint_eq(in(0x3CC), 0xE3);
}
END_TEST

START_TEST(chain_4_is_plain_memory)
{
    set_mode(&mode_13);
    struct phys_page page = mem_page(bus, 0xA0);
    ck_assert_ptr_nonnull(page.read);
    ck_assert_ptr_eq(page.read, page.write);
    write8(A0000 + 12345, 0x77);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 12345), 0x77);
}
END_TEST

START_TEST(chain_4_keeps_to_the_planes_hardware_uses)
{
    set_mode(&mode_13);
    for (unsigned i = 0; i < 8; i++)
        write8(A0000 + 0x4000 + i, (uint8_t)(i + 1));
    seq(4, 0x06);
    planes_are(0x4000, 1, 2, 3, 4);
    planes_are(0x4001, 0, 0, 0, 0);
    planes_are(0x4004, 5, 6, 7, 8);
}
END_TEST

START_TEST(chain_4_through_functions_equals_plain_memory)
{
    set_mode(&mode_13);
    for (unsigned i = 0; i < 16; i++)
        write8(A0000 + i, (uint8_t)(i + 1));
    seq(2, 0x07); /* a masked plane: no longer plain memory */
    ck_assert_ptr_null(mem_page(bus, 0xA0).write);
    ck_assert_ptr_null(mem_page(bus, 0xA0).read);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(read8(A0000 + i), i + 1);
    for (unsigned i = 0; i < 16; i++)
        write8(A0000 + i, 0x80);
    seq(2, 0x0F);
    for (unsigned i = 0; i < 16; i++)
        ck_assert_uint_eq(read8(A0000 + i), i % 4 == 3 ? i + 1 : 0x80);
}
END_TEST

START_TEST(chain_4_leaves_plain_memory_for_each_register_in_the_way)
{
    static const struct {
        uint8_t index, value, usual;
    } ways[] = {{1, 0x01, 0}, {3, 0x01, 0}, {3, 0x18, 0}, {8, 0x7F, 0xFF}, {5, 0x41, 0x40}, {5, 0x48, 0x40}};
    set_mode(&mode_13);
    for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
        gfx(ways[i].index, ways[i].value);
        ck_assert_ptr_null(mem_page(bus, 0xA0).write);
        gfx(ways[i].index, ways[i].usual);
        ck_assert_ptr_nonnull(mem_page(bus, 0xA0).write);
    }
    seq(4, 0x06);
    ck_assert_ptr_null(mem_page(bus, 0xA0).write);
}
END_TEST

START_TEST(planar_writes_mark_pages_dirty)
{
    set_mode(&mode_12);
    struct ram_block *vram = bus_blocks(bus);
    for (uint64_t page = 0; page < vram->size >> PAGE_SHIFT; page++)
        vram->page_flags[page] &= (uint8_t)~RAM_PAGE_DIRTY;
    write8(A0000 + 4, 0xFF); /* cell 1 */
    ck_assert_uint_eq(vram->page_flags[0] & RAM_PAGE_DIRTY, RAM_PAGE_DIRTY);
    ck_assert_uint_eq(vram->page_flags[1] & RAM_PAGE_DIRTY, 0);
}
END_TEST

static unsigned code_writes;

static bool code_written(void *ctx, uint32_t page, unsigned first, unsigned last)
{
    (void)ctx, (void)page, (void)first, (void)last;
    code_writes++;
    return true;
}

START_TEST(planar_writes_tell_of_code)
{
    set_mode(&mode_12);
    struct bus_listener listener = {.code_written = code_written};
    bus_listen(bus, &listener);
    code_writes = 0;
    bus_blocks(bus)->page_flags[0] |= RAM_PAGE_CODE;
    write8(A0000 + 4, 0xFF);
    ck_assert_uint_eq(code_writes, 1);
    write8(A0000 + 5, 0xFF); /* another 64 KB of memory, by the rotation of addresses */
    ck_assert_uint_eq(code_writes, 1);
    bus_unlisten(bus, &listener);
}
END_TEST

Suite *vga_memory_suite(void)
{
    Suite *suite = suite_create("vga memory");
    TCase *tc = tcase_create("memory");
    tcase_add_checked_fixture(tc, vga_setup, vga_teardown);
    tcase_add_test(tc, write_mode_0_goes_to_the_planes_of_the_map_mask);
    tcase_add_test(tc, write_mode_0_rotates);
    tcase_add_test(tc, set_reset_replaces_data_where_enabled);
    tcase_add_test(tc, bit_mask_keeps_latched_bits);
    tcase_add_test(tc, functions_combine_with_latches);
    tcase_add_test(tc, write_mode_1_copies_latches);
    tcase_add_test(tc, write_mode_2_expands_colours);
    tcase_add_test(tc, write_mode_3_masks_with_the_data);
    tcase_add_test(tc, read_mode_1_compares_colours);
    tcase_add_test(tc, reads_load_latches_and_peeks_do_not);
    tcase_add_test(tc, wide_accesses_equal_bytes);
    tcase_add_test(tc, odd_even_puts_characters_and_attributes_into_two_planes);
    tcase_add_test(tc, odd_even_page_bit_takes_the_odd_addresses);
    tcase_add_test(tc, odd_even_in_a_128_kb_window_pages_by_a16);
    tcase_add_test(tc, odd_even_reads_the_pair_of_planes_that_read_map_names);
    tcase_add_test(tc, all_plane_addresses_are_distinct);
    tcase_add_test(tc, window_lies_where_graphics_6_says);
    tcase_add_test(tc, misc_output_and_enable_ports_switch_memory_off);
    tcase_add_test(tc, chain_4_is_plain_memory);
    tcase_add_test(tc, chain_4_keeps_to_the_planes_hardware_uses);
    tcase_add_test(tc, chain_4_through_functions_equals_plain_memory);
    tcase_add_test(tc, chain_4_leaves_plain_memory_for_each_register_in_the_way);
    tcase_add_test(tc, planar_writes_mark_pages_dirty);
    tcase_add_test(tc, planar_writes_tell_of_code);
    suite_add_tcase(suite, tc);
    return suite;
}
