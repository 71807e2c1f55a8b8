/* The display adapter's registers, raster, DAC, dispi, PCI function and state (devices/vga*.c). Memory,
 * pictures and hostile input are tested in vga_memory.c, vga_screen.c and vga_fuzz.c. */
#include <stdlib.h>
#include <string.h>

#include "devices/pci.h"
#include "devices/vga_private.h"
#include "tests/unit/vga_harness.h"

/* ---- Registers ---- */

START_TEST(registers_keep_only_bits_that_exist)
{
    set_mode(&mode_03);
    seq(4, 0xFF);
    ck_assert_uint_eq(in(0x3C5), 0x0E);
    gfx(6, 0xFF);
    ck_assert_uint_eq(in(0x3CF), 0x0F);
    out(0x3CE, 0xF2);
    ck_assert_uint_eq(in(0x3CE), 0x02);
    out(0x3C4, 0x07);
    ck_assert_uint_eq(in(0x3C5), 0x00);
}
END_TEST

START_TEST(crtc_answers_at_3d4_or_3b4)
{
    set_mode(&mode_03);
    crtc(0x0F, 0x55);
    out(0x3B4, 0x0E);
    ck_assert_uint_eq(in(0x3D4), 0x0F);
    ck_assert_uint_eq(in(0x3B5), 0xFF);
    out(0x3C2, 0x66);
    ck_assert_uint_eq(in(0x3D5), 0xFF);
    ck_assert_uint_eq(in(0x3DA), 0xFF);
    ck_assert_uint_eq(in(0x3B5), 0x55);
}
END_TEST

START_TEST(crtc_protection_leaves_line_compare_bit_8)
{
    set_mode(&mode_03);
    crtc(0x00, 0x11);
    crtc(0x07, 0x00);
    ck_assert_uint_eq(crtc_value(0x00), 0x5F);
    ck_assert_uint_eq(crtc_value(0x07), 0x0F);
    crtc(0x11, 0x0E);
    crtc(0x00, 0x11);
    ck_assert_uint_eq(crtc_value(0x00), 0x11);
}
END_TEST

START_TEST(attribute_flip_flop_is_reset_by_input_status_1)
{
    set_mode(&mode_03);
    in(0x3DA);
    out(0x3C0, 0x11);
    in(0x3DA);
    out(0x3C0, 0x12); /* an index again */
    out(0x3C0, 0x05);
    in(0x3DA);
    out(0x3C0, 0x32);
    ck_assert_uint_eq(in(0x3C0), 0x32);
    ck_assert_uint_eq(in(0x3C1), 0x05);
    in(0x3DA);
    out(0x3C0, 0x11);
    ck_assert_uint_eq(in(0x3C1), 0x00);
}
END_TEST

START_TEST(peeking_input_status_1_leaves_the_flip_flop)
{
    set_mode(&mode_03);
    in(0x3DA);
    out(0x3C0, 0x13);
    ports_peek(bus, 0x3DA, 1);
    out(0x3C0, 0x07);
    ck_assert_uint_eq(in(0x3C1), 0x07);
}
END_TEST

START_TEST(crtc_shows_latches_and_flip_flop)
{
    set_mode(&mode_12);
    for (unsigned plane = 0; plane < 4; plane++) {
        out(0x3C4, 2);
        out(0x3C5, (uint8_t)(1 << plane));
        write8(0xA0000, (uint8_t)(0x11 * (plane + 1)));
    }
    read8(0xA0000);
    for (unsigned plane = 0; plane < 4; plane++) {
        gfx(4, (uint8_t)plane);
        ck_assert_uint_eq(crtc_value(0x22), 0x11 * (plane + 1));
    }
    crtc(0x22, 0x99);
    ck_assert_uint_eq(crtc_value(0x22), 0x44);
    in(0x3DA);
    ck_assert_uint_eq(crtc_value(0x24), 0x00);
    out(0x3C0, 0x20);
    ck_assert_uint_eq(crtc_value(0x24), 0x80);
    in(0x3DA);
    ck_assert_uint_eq(crtc_value(0x24), 0x00);
}
END_TEST

START_TEST(palette_takes_data_only_while_the_screen_does_not_use_it)
{
    set_mode(&mode_03);
    in(0x3DA);
    out(0x3C0, 0x21);
    out(0x3C0, 0x3F);
    ck_assert_uint_eq(in(0x3C1), 0x01);
    out(0x3C0, 0x01);
    out(0x3C0, 0x3E);
    ck_assert_uint_eq(in(0x3C1), 0x3E);
    out(0x3C0, 0x31); /* the other registers always do */
    out(0x3C0, 0x04);
    ck_assert_uint_eq(in(0x3C1), 0x04);
}
END_TEST

START_TEST(word_writes_hit_attribute_index_and_data)
{
    set_mode(&mode_03);
    in(0x3DA);
    ports_write(bus, 0x3C0, 0x0513, 2);
    ck_assert_uint_eq(in(0x3C1), 0x05);
}
END_TEST

START_TEST(feature_control_and_misc_output_read_back)
{
    set_mode(&mode_03);
    out(0x3DA, 0x03);
    ck_assert_uint_eq(in(0x3CA), 0x03);
    ck_assert_uint_eq(in(0x3CC), 0x67);
}
END_TEST

/* ---- DAC ---- */

START_TEST(dac_writes_in_threes_and_steps_on)
{
    set_mode(&mode_13);
    dac(0x10, 0x01, 0x02, 0x43);
    out(0x3C9, 0x0A);
    out(0x3C9, 0x0B);
    out(0x3C9, 0x0C);
    ck_assert_uint_eq(in(0x3C8), 0x12);
    ck_assert_uint_eq(in(0x3C7), 0x00);
    out(0x3C7, 0x10);
    ck_assert_uint_eq(in(0x3C7), 0x03);
    static const uint8_t expected[6] = {0x01, 0x02, 0x03, 0x0A, 0x0B, 0x0C};
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_uint_eq(ports_peek(bus, 0x3C9, 1), expected[i]);
        ck_assert_uint_eq(in(0x3C9), expected[i]);
    }
}
END_TEST

START_TEST(dac_colour_changes_with_its_third_byte)
{
    set_mode(&mode_13);
    dac(5, 1, 2, 3);
    out(0x3C8, 5);
    out(0x3C9, 0x3F);
    out(0x3C9, 0x3F);
    out(0x3C7, 5);
    ck_assert_uint_eq(in(0x3C9), 1);
    ck_assert_uint_eq(in(0x3C9), 2);
    ck_assert_uint_eq(in(0x3C9), 3);
}
END_TEST

START_TEST(dispi_gives_the_dac_eight_bits)
{
    set_mode(&mode_13);
    dispi(4, 0x20);
    dac(7, 0xFF, 0x81, 0x40);
    out(0x3C7, 7);
    ck_assert_uint_eq(in(0x3C9), 0xFF);
    ck_assert_uint_eq(in(0x3C9), 0x81);
    ck_assert_uint_eq(vga_colour(vga, 7), 0xFF8140);
    dispi(4, 0);
    out(0x3C7, 7);
    ck_assert_uint_eq(in(0x3C9), 0x3F);
}
END_TEST

START_TEST(sense_line_tells_bright_borders_from_dark)
{
    set_mode(&mode_03);
    attr(0x11, 0x00);
    dac(0, 0x04, 0x04, 0x04);
    ck_assert_uint_eq(in(0x3C2) & 0x10, 0x10);
    dac(0, 0x04, 0x3F, 0x04);
    ck_assert_uint_eq(in(0x3C2) & 0x10, 0x00);
}
END_TEST

/* ---- Raster ---- */

/* Cycles from one rise of a status bit to the next, and how long it stays. */
static void measure(uint8_t bit, uint64_t step, uint64_t *period, uint64_t *length)
{
    uint64_t at = vclock.now, rise = 0, fall = 0;
    unsigned edges = 0;
    bool last = true;
    while (edges < 2) {
        clock_advance_to(&vclock, at += step);
        bool now = in(0x3DA) & bit;
        if (now && !last) {
            if (edges++)
                *period = at - rise;
            else
                rise = at;
        }
        if (!now && last && edges == 1)
            fall = at;
        last = now;
        ck_assert_uint_lt(at, 100000000);
    }
    *length = fall - rise;
}

static void near(uint64_t value, uint64_t expected, uint64_t tolerance)
{
    ck_assert_uint_ge(value + tolerance, expected);
    ck_assert_uint_le(value, expected + tolerance);
}

START_TEST(vertical_retrace_of_mode_3_is_70_hz)
{
    set_mode(&mode_03);
    uint64_t period, length;
    measure(0x08, 100, &period, &length);
    /* 900 dots by 449 lines at 28.322 MHz; the retrace is two lines */
    near(period, 100000000ull * 900 * 449 / 28322000, 200);
    near(length, 100000000ull * 900 * 2 / 28322000, 200);
}
END_TEST

START_TEST(vertical_retrace_of_mode_12_is_60_hz)
{
    set_mode(&mode_12);
    uint64_t period, length;
    measure(0x08, 100, &period, &length);
    near(period, 100000000ull * 800 * 525 / 25175000, 200);
}
END_TEST

START_TEST(display_enable_follows_lines_and_columns)
{
    set_mode(&mode_12);
    uint64_t period, length;
    /* The beginning of a frame: the raster counts from power-on. */
    uint64_t frame_start = clock_cycle_of_tick(&vclock, 10ull * 100 * 525, 25175000, 8);
    clock_advance_to(&vclock, frame_start);
    ck_assert_uint_eq(in(0x3DA) & 0x09, 0x00);
    measure(0x01, 1, &period, &length);
    near(period, 100000000ull * 800 / 25175000, 2); /* a line */
    near(length, 100000000ull * 160 / 25175000, 2); /* its blanked part */
    clock_advance_to(&vclock, clock_cycle_of_tick(&vclock, 10ull * 100 * 525 + 100 * 481, 25175000, 8));
    ck_assert_uint_eq(in(0x3DA) & 0x09, 0x01); /* below the picture */
    clock_advance_to(&vclock, clock_cycle_of_tick(&vclock, 10ull * 100 * 525 + 100 * 490, 25175000, 8));
    ck_assert_uint_eq(in(0x3DA) & 0x09, 0x09); /* line 490: CRTC 10h */
    clock_advance_to(&vclock, clock_cycle_of_tick(&vclock, 10ull * 100 * 525 + 100 * 492, 25175000, 8));
    ck_assert_uint_eq(in(0x3DA) & 0x09, 0x01);
}
END_TEST

START_TEST(half_dot_clock_and_clock_select_scale_the_raster)
{
    uint64_t period, length;
    set_mode(&mode_13);
    measure(0x08, 100, &period, &length);
    near(period, 100000000ull * 800 * 449 / 25175000, 200);
    set_mode(&mode_0d); /* half as many characters at half the clock */
    measure(0x08, 100, &period, &length);
    near(period, 100000000ull * 800 * 449 / 25175000, 200);
}
END_TEST

START_TEST(retrace_of_equal_counters_lasts_sixteen_lines)
{
    uint64_t period, length;
    set_mode(&mode_12);
    crtc(0x11, 0x0A); /* begins on line 1EAh */
    measure(0x08, 100, &period, &length);
    near(length, 100000000ull * 800 * 16 / 25175000, 200);
}
END_TEST

START_TEST(lines_counted_in_pairs_double_the_frame)
{
    uint64_t period, length;
    set_mode(&mode_12);
    crtc(0x17, 0xE7);
    measure(0x08, 100, &period, &length);
    near(period, 100000000ull * 800 * 525 * 2 / 25175000, 200);
    near(length, 100000000ull * 800 * 4 / 25175000, 200);
}
END_TEST

START_TEST(vbe_modes_refresh_at_60_hz)
{
    set_vbe(1024, 768, 32, 0x40);
    out(0x3C2, 0x67);
    uint64_t period, length;
    measure(0x08, 100, &period, &length);
    near(period, 100000000 / 60, 200);
}
END_TEST

START_TEST(no_retrace_where_the_crtc_holds_it)
{
    set_mode(&mode_03);
    crtc(0x17, 0x23);
    for (unsigned i = 0; i < 500; i++) {
        clock_advance_to(&vclock, vclock.now + 5003);
        ck_assert_uint_eq(in(0x3DA) & 8, 0);
    }
}
END_TEST

START_TEST(frame_end_is_where_the_picture_ends)
{
    set_mode(&mode_12);
    uint64_t end = vga_frame_end(vga, vclock.now);
    clock_advance_to(&vclock, end - 100);
    clock_advance_to(&vclock, end);
    ck_assert_uint_eq(in(0x3DA) & 0x09, 0x01);
    ck_assert_uint_eq(end, clock_cycle_of_tick(&vclock, 480 * 100, 25175000, 8));
    ck_assert_uint_eq(vga_frame_end(vga, end), clock_cycle_of_tick(&vclock, (480 + 525) * 100, 25175000, 8));
}
END_TEST

START_TEST(status_shows_border_bits)
{
    set_mode(&mode_03);
    attr(0x11, 0x21);
    attr(0x12, 0x0F);
    ck_assert_uint_eq(in(0x3DA) & 0x30, 0x10); /* P0 */
    attr(0x12, 0x1F);
    ck_assert_uint_eq(in(0x3DA) & 0x30, 0x20); /* P5 */
}
END_TEST

static bool irq_level;
static unsigned irq_edges;

static void irq(void *owner, unsigned pin, bool level)
{
    (void)owner, (void)pin;
    irq_edges += level && !irq_level;
    irq_level = level;
}

START_TEST(vertical_interrupt_comes_with_the_retrace_until_cleared)
{
    irq_level = false;
    irq_edges = 0;
    vga_connect_irq(vga, (struct wire){irq, NULL, 9});
    set_mode(&mode_03);
    uint64_t frame_cycles = 100000000ull * 900 * 449 / 28322000;
    clock_advance_to(&vclock, vclock.now + 2 * frame_cycles);
    ck_assert(!irq_level); /* held clear */
    crtc(0x11, 0x1E);
    clock_advance_to(&vclock, vclock.now + frame_cycles + 1000);
    ck_assert(irq_level);
    ck_assert_uint_eq(in(0x3C2) & 0x80, 0x80);
    crtc(0x11, 0x0E);
    ck_assert(!irq_level);
    ck_assert_uint_eq(in(0x3C2) & 0x80, 0x00);
    crtc(0x11, 0x3E); /* set free, but kept from the line */
    clock_advance_to(&vclock, vclock.now + frame_cycles + 1000);
    ck_assert(!irq_level);
    ck_assert_uint_eq(in(0x3C2) & 0x80, 0x80);
    ck_assert_uint_eq(irq_edges, 1);
}
END_TEST

/* ---- dispi ---- */

START_TEST(dispi_identifies_itself)
{
    ck_assert_uint_eq(dispi_value(0), 0xB0C5);
    dispi(0, 0xB0C2);
    ck_assert_uint_eq(dispi_value(0), 0xB0C2);
    dispi(0, 0x1234);
    ck_assert_uint_eq(dispi_value(0), 0xB0C2);
    ck_assert_uint_eq(dispi_value(10), 256);
    dispi(4, 0x02);
    ck_assert_uint_eq(dispi_value(1), 2560);
    ck_assert_uint_eq(dispi_value(2), 1600);
    ck_assert_uint_eq(dispi_value(3), 32);
    ck_assert_uint_eq(dispi_value(99), 0);
}
END_TEST

START_TEST(dispi_refuses_what_memory_cannot_hold)
{
    set_vbe(2560, 1600, 32, 0);
    ck_assert_uint_eq(dispi_value(4) & 1, 1);
    set_vbe(1024, 768, 7, 0);
    ck_assert_uint_eq(dispi_value(4) & 1, 0);
    set_vbe(0, 768, 8, 0);
    ck_assert_uint_eq(dispi_value(4) & 1, 0);
    set_vbe(2561, 768, 8, 0);
    ck_assert_uint_eq(dispi_value(4) & 1, 0);
    set_vbe(1920, 1200, 32, 0);
    dispi(6, 0xFFFF); /* virtual width */
    ck_assert_uint_eq(dispi_value(6), 1920);
    dispi(1, 0xFFFF);
    ck_assert_uint_eq(dispi_value(1), 1920);
}
END_TEST

START_TEST(dispi_virtual_screen_and_offsets)
{
    set_vbe(640, 480, 8, 0);
    ck_assert_uint_eq(dispi_value(6), 640);
    ck_assert_uint_eq(dispi_value(7), 0x1000000 / 640);
    dispi(6, 1024);
    ck_assert_uint_eq(dispi_value(6), 1024);
    ck_assert_uint_eq(dispi_value(7), 0x4000);
    dispi(7, 5);
    ck_assert_uint_eq(dispi_value(7), 0x4000);
    dispi(8, 9999);
    ck_assert_uint_eq(dispi_value(8), 1023);
    dispi(9, 0xFFFF);
    ck_assert_uint_eq(dispi_value(9), 0x4000 - 480);
    ck_assert_uint_eq(dispi_value(8), 1024 - 640); /* no line below to go on with */
    dispi(8, 9999);
    ck_assert_uint_eq(dispi_value(8), 1024 - 640);
    dispi(6, 320); /* narrower than the screen */
    ck_assert_uint_eq(dispi_value(6), 1024);
}
END_TEST

START_TEST(dispi_banks_move_the_window)
{
    out(0x3C2, 0x63);
    set_vbe(1024, 768, 32, 0);
    dispi(5, 3);
    write8(0xA0000 + 0xFFFF, 0x5A);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 0x3FFFF), 0x5A);
    dispi(5, 0x100); /* beyond 16 MB */
    ck_assert_uint_eq(dispi_value(5), 3);
    dispi(5, 0xFF);
    write8(0xA0000, 0xA5);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 0xFF0000), 0xA5);
    ck_assert_uint_eq(read8(0xB0000), 0xFF);
    dispi(4, 0);
    ck_assert_uint_eq(dispi_value(5), 0);
}
END_TEST

START_TEST(dispi_planar_banks)
{
    set_mode(&mode_12);
    set_vbe(1024, 768, 4, 0);
    dispi(5, 1);
    write8(0xA0000, 0x80);
    dac(0x3F, 0x3F, 0x3F, 0x3F);
    /* plane address 65536: line 512 of 128 bytes each */
    ck_assert_uint_eq(pixel(0, 512), 0xFFFFFF);
    ck_assert_uint_eq(pixel(1, 512), 0);
    ck_assert_uint_eq(read8(0xA0000), 0x80);
    dispi(5, 0);
    ck_assert_uint_eq(read8(0xA0000), 0x00);
}
END_TEST

START_TEST(dispi_enable_clears_the_screen_unless_told_not_to)
{
    write8(VGA_FIXED_LFB + 1000, 0x11);
    set_vbe(640, 480, 8, 0x80);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 1000), 0x11);
    set_vbe(640, 480, 8, 0);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 1000), 0x00);
}
END_TEST

/* ---- PCI ---- */

static void pci_write(uint8_t reg, uint32_t value)
{
    ports_write(bus, 0xCF8, 0x80001000u | reg, 4);
    ports_write(bus, 0xCFC, value, 4);
}

static uint32_t pci_read(uint8_t reg)
{
    ports_write(bus, 0xCF8, 0x80001000u | reg, 4);
    return ports_read(bus, 0xCFC, 4);
}

static uint32_t read32(uint32_t address)
{
    uint8_t bytes[4];
    mem_read(bus, address, bytes, 4);
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void setup_pci(void)
{
    static uint8_t rom[5000];
    rom[0] = 0x55, rom[1] = 0xAA, rom[4999] = 0x42;
    bus = bus_create(NULL);
    clock_init(&vclock, TEST_HZ);
    devices = (struct device_list){.bus = bus, .clock = &vclock};
    struct pci_bus *pci = device_create(&devices, &pci_bus_type, NULL, NULL, NULL);
    struct vga_config config = {
        .pci = pci, .devfn = 0x10, .memory_size = 0x400000, .rom = rom, .rom_size = 5000};
    struct error err = {{0}};
    vga = device_create(&devices, &vga_type, NULL, &config, &err);
    ck_assert_msg(vga != NULL, "%s", err.text);
    devices_reset(&devices, RESET_POWER_ON);
    frame = (struct vga_frame){0};
}

START_TEST(pci_function_identifies_itself)
{
    ck_assert_uint_eq(pci_read(0x00), 0x11111234);
    ck_assert_uint_eq(pci_read(0x08) >> 8, 0x030000);
    pci_write(0x10, 0xFFFFFFFF);
    ck_assert_uint_eq(pci_read(0x10), 0xFFC00008);
    pci_write(0x18, 0xFFFFFFFF);
    ck_assert_uint_eq(pci_read(0x18), 0xFFFFF000);
    ck_assert_uint_eq(pci_read(0x3C) >> 8 & 0xFF, 0);
}
END_TEST

START_TEST(pci_bars_place_frame_buffer_and_registers)
{
    pci_write(0x10, 0xD0000000);
    pci_write(0x18, 0xE1000000);
    ck_assert_uint_eq(read32(0xD0000000), 0xFFFFFFFF);
    pci_write(0x04, 0x03);
    ck_assert_uint_eq(read32(0xD0000000), 0);
    write8(0xD03FFFFF, 0x99);
    ck_assert_uint_eq(read8(0xD03FFFFF), 0x99);
    ck_assert_uint_eq(read32(0xE1000500) & 0xFFFF, 0xB0C5);
    mem_region_write(bus, 0xE1000502, 800, 2);
    ck_assert_uint_eq(dispi_value(1), 800);
    mem_region_write(bus, 0xE1000504, 600 | 16u << 16, 4); /* two registers at once */
    ck_assert_uint_eq(dispi_value(2), 600);
    ck_assert_uint_eq(dispi_value(3), 16);
    mem_region_write(bus, 0xE1000508, 0x41, 2);
    render(800, 600);
    mem_region_write(bus, 0xE1000402, 0x67, 1); /* port 3C2h */
    ck_assert_uint_eq(in(0x3CC), 0x67);
    ck_assert_uint_eq(read8(0xE100040C), 0x67);
    mem_region_write(bus, 0xE1000404, 0x0F02, 2); /* index and data */
    ck_assert_uint_eq(in(0x3C5), 0x0F);
    ck_assert_uint_eq(read32(0xE1000000), 0xFFFFFFFF);
}
END_TEST

START_TEST(pci_rom_shows_its_bytes)
{
    pci_write(0x30, 0xD1000001);
    pci_write(0x04, 0x02);
    ck_assert_uint_eq(read8(0xD1000000), 0x55);
    ck_assert_uint_eq(read8(0xD1000000 + 4999), 0x42);
    ck_assert_uint_eq(read8(0xD1000000 + 5000), 0xFF);
}
END_TEST

START_TEST(configuration_refuses_odd_sizes)
{
    struct vga_config config = {.memory_size = 3 << 20};
    struct error err = {{0}};
    struct device_list other = {.bus = bus_create(NULL), .clock = &vclock};
    ck_assert_ptr_null(device_create(&other, &vga_type, "other", &config, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "power of two"));
    bus_destroy(other.bus);
}
END_TEST

/* ---- State ---- */

/* Puts all that the field table lists into a fresh adapter, as a snapshot does. */
static void copy_fields(void *to, const void *from, const struct field *fields)
{
    for (; fields->kind != FIELD_KIND_END; fields++) {
        uint8_t *a = (uint8_t *)to + fields->offset;
        const uint8_t *b = (const uint8_t *)from + fields->offset;
        for (uint32_t i = 0; fields->kind == FIELD_KIND_STRUCTS && i < fields->count; i++)
            copy_fields(a + i * fields->element_size, b + i * fields->element_size, fields->fields);
        if (fields->kind == FIELD_KIND_UINT || fields->kind == FIELD_KIND_BYTES)
            memcpy(a, b, (size_t)fields->element_size * fields->count);
    }
}

START_TEST(post_load_rebuilds_what_follows_from_the_fields)
{
    set_mode(&mode_12);
    ramp_dac();
    seq(2, 0x02);
    gfx(8, 0x0F);
    gfx(5, 0x02);
    struct vga *saved = malloc(sizeof *saved);
    memcpy(saved, vga, sizeof *saved);
    devices_reset(&devices, RESET_HARD);
    ck_assert_ptr_null(mem_page(bus, 0xA0).region);
    copy_fields(vga, saved, vga_type.fields);
    ck_assert(vga_type.post_load(vga, NULL));
    ck_assert_ptr_nonnull(mem_page(bus, 0xA0).region);
    ck_assert_mem_eq(&vga->timing, &saved->timing, sizeof vga->timing);
    ck_assert_ptr_eq((void *)vga->write_window, (void *)saved->write_window);
    ck_assert_uint_eq(vga->bit_mask, saved->bit_mask);
    ck_assert_uint_eq(vga->map_mask, saved->map_mask);
    write8(0xA0000, 0x02);
    ck_assert_uint_eq(pixel(4, 0), ramp_colour(2));
    ck_assert_uint_eq(pixel(3, 0), ramp_colour(0));
    free(saved);
}
END_TEST

START_TEST(post_load_maps_direct_modes_again)
{
    set_mode(&mode_13);
    set_vbe(640, 480, 8, 0);
    dispi(5, 2);
    struct vga *saved = malloc(sizeof *saved);
    memcpy(saved, vga, sizeof *saved);
    devices_reset(&devices, RESET_HARD);
    copy_fields(vga, saved, vga_type.fields);
    ck_assert(vga_type.post_load(vga, NULL));
    write8(0xA0000, 0x31);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 0x20000), 0x31);
    free(saved);
}
END_TEST

START_TEST(post_load_refuses_impossible_state)
{
    struct error err = {{0}};
    set_vbe(640, 480, 8, 0);
    vga->vbe[VBE_Y_OFFSET] = 0xFFFF;
    ck_assert(!vga_type.post_load(vga, &err));
    vga->vbe[VBE_Y_OFFSET] = 0;
    ck_assert(vga_type.post_load(vga, &err));
    vga->crtc[CRTC_UNDERLINE] = 0xFF;
    ck_assert(!vga_type.post_load(vga, &err));
}
END_TEST

START_TEST(power_on_reset_clears_memory_and_reset_line_does_not)
{
    write8(VGA_FIXED_LFB + 0x123456, 7);
    devices_reset(&devices, RESET_HARD);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 0x123456), 7);
    devices_reset(&devices, RESET_POWER_ON);
    ck_assert_uint_eq(read8(VGA_FIXED_LFB + 0x123456), 0);
}
END_TEST

START_TEST(printing_names_the_mode)
{
    struct text out = {0};
    set_mode(&mode_03);
    vga_type.print(vga, &out);
    ck_assert_ptr_nonnull(strstr(text_chars(&out), "text, 80 columns"));
    ck_assert_ptr_nonnull(strstr(text_chars(&out), "70.0"));
    text_clear(&out);
    set_vbe(800, 600, 24, 0);
    vga_type.print(vga, &out);
    ck_assert_ptr_nonnull(strstr(text_chars(&out), "VBE 800x600x24"));
    text_free(&out);
}
END_TEST

static void add_register_tests(TCase *tc)
{
    tcase_add_test(tc, registers_keep_only_bits_that_exist);
    tcase_add_test(tc, crtc_answers_at_3d4_or_3b4);
    tcase_add_test(tc, crtc_protection_leaves_line_compare_bit_8);
    tcase_add_test(tc, attribute_flip_flop_is_reset_by_input_status_1);
    tcase_add_test(tc, peeking_input_status_1_leaves_the_flip_flop);
    tcase_add_test(tc, crtc_shows_latches_and_flip_flop);
    tcase_add_test(tc, palette_takes_data_only_while_the_screen_does_not_use_it);
    tcase_add_test(tc, word_writes_hit_attribute_index_and_data);
    tcase_add_test(tc, feature_control_and_misc_output_read_back);
    tcase_add_test(tc, dac_writes_in_threes_and_steps_on);
    tcase_add_test(tc, dac_colour_changes_with_its_third_byte);
    tcase_add_test(tc, dispi_gives_the_dac_eight_bits);
    tcase_add_test(tc, sense_line_tells_bright_borders_from_dark);
}

static void add_raster_tests(TCase *tc)
{
    tcase_add_test(tc, vertical_retrace_of_mode_3_is_70_hz);
    tcase_add_test(tc, vertical_retrace_of_mode_12_is_60_hz);
    tcase_add_test(tc, display_enable_follows_lines_and_columns);
    tcase_add_test(tc, half_dot_clock_and_clock_select_scale_the_raster);
    tcase_add_test(tc, retrace_of_equal_counters_lasts_sixteen_lines);
    tcase_add_test(tc, lines_counted_in_pairs_double_the_frame);
    tcase_add_test(tc, vbe_modes_refresh_at_60_hz);
    tcase_add_test(tc, no_retrace_where_the_crtc_holds_it);
    tcase_add_test(tc, frame_end_is_where_the_picture_ends);
    tcase_add_test(tc, status_shows_border_bits);
    tcase_add_test(tc, vertical_interrupt_comes_with_the_retrace_until_cleared);
}

static void add_state_tests(TCase *tc)
{
    tcase_add_test(tc, dispi_identifies_itself);
    tcase_add_test(tc, dispi_refuses_what_memory_cannot_hold);
    tcase_add_test(tc, dispi_virtual_screen_and_offsets);
    tcase_add_test(tc, dispi_banks_move_the_window);
    tcase_add_test(tc, dispi_planar_banks);
    tcase_add_test(tc, dispi_enable_clears_the_screen_unless_told_not_to);
    tcase_add_test(tc, configuration_refuses_odd_sizes);
    tcase_add_test(tc, post_load_rebuilds_what_follows_from_the_fields);
    tcase_add_test(tc, post_load_maps_direct_modes_again);
    tcase_add_test(tc, post_load_refuses_impossible_state);
    tcase_add_test(tc, power_on_reset_clears_memory_and_reset_line_does_not);
    tcase_add_test(tc, printing_names_the_mode);
}

int main(void)
{
    Suite *suite = suite_create("vga");
    TCase *plain = tcase_create("plain");
    tcase_add_checked_fixture(plain, vga_setup, vga_teardown);
    add_register_tests(plain);
    add_raster_tests(plain);
    add_state_tests(plain);
    suite_add_tcase(suite, plain);
    TCase *pci = tcase_create("pci");
    tcase_add_checked_fixture(pci, setup_pci, vga_teardown);
    tcase_add_test(pci, pci_function_identifies_itself);
    tcase_add_test(pci, pci_bars_place_frame_buffer_and_registers);
    tcase_add_test(pci, pci_rom_shows_its_bytes);
    suite_add_tcase(suite, pci);
    SRunner *runner = srunner_create(suite);
    srunner_add_suite(runner, vga_memory_suite());
    srunner_add_suite(runner, vga_screen_suite());
    srunner_add_suite(runner, vga_fuzz_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
