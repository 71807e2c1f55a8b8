/* What the screen shows: each class of mode drawn to known pixels, and the text screen as text. */
#include <string.h>

#include "tests/unit/vga_harness.h"

#define A0000 0xA0000u
#define B0000 0xB0000u
#define B8000 0xB8000u

static void to_frame_end(void)
{
    clock_advance_to(&vclock, vga_frame_end(vga, vclock.now));
}

/* ---- Text ---- */

/* Writes the rows of one character's glyph into font MAP, as the BIOS does. */
static void load_glyph(unsigned map_offset, uint8_t character, const uint8_t *rows, unsigned count)
{
    seq(2, 0x04);
    seq(4, 0x06);
    gfx(5, 0x00);
    gfx(6, 0x04);
    for (unsigned i = 0; i < count; i++)
        write8(A0000 + map_offset + character * 32u + i, rows[i]);
    seq(2, 0x03);
    seq(4, 0x02);
    gfx(5, 0x10);
    gfx(6, 0x0E);
}

static void put_cell(unsigned index, uint8_t character, uint8_t attribute)
{
    write8(B8000 + 2 * index, character);
    write8(B8000 + 2 * index + 1, attribute);
}

static void hide_cursor(void)
{
    crtc(0x0A, 0x20);
}

/* The text palette makes attribute colour i DAC entry 0-5, 14h, 7, 38h-3Fh. */
static uint32_t text_colour(unsigned i)
{
    return ramp_colour(i >= 8 ? 0x30 + i : i == 6 ? 0x14 : i);
}

static void setup_text(void)
{
    vga_setup();
    set_mode(&mode_03);
    ramp_dac();
    hide_cursor();
}

START_TEST(text_80x25_is_720x400)
{
    static const uint8_t glyph[16] = {0x80, [15] = 0x01};
    load_glyph(0, 'A', glyph, 16);
    put_cell(81, 'A', 0x1E);
    render(720, 400);
    ck_assert_uint_eq(frame.aspect_x, 4);
    ck_assert_uint_eq(frame.aspect_y, 3);
    ck_assert_uint_eq(pixel(9, 16), text_colour(14));
    ck_assert_uint_eq(pixel(10, 16), text_colour(1));
    ck_assert_uint_eq(pixel(16, 31), text_colour(14));
    ck_assert_uint_eq(pixel(17, 31), text_colour(1)); /* the ninth dot */
    ck_assert_uint_eq(pixel(8, 16), text_colour(0));
}
END_TEST

START_TEST(text_with_eight_dots_is_640_wide)
{
    seq(1, 0x01);
    render(640, 400);
    crtc(0x11, 0x0E);
    crtc(0x01, 131);
    render(132 * 8, 400);
    crtc(0x01, 39);
    render(320, 400);
}
END_TEST

START_TEST(line_graphics_repeat_the_eighth_dot)
{
    static const uint8_t glyph[16] = {0x01};
    load_glyph(0, 0xC4, glyph, 16);
    load_glyph(0, 0xB3, glyph, 16);
    put_cell(0, 0xC4, 0x07);
    put_cell(1, 0xB3, 0x07);
    ck_assert_uint_eq(pixel(8, 0), text_colour(7));
    ck_assert_uint_eq(pixel(16, 0), text_colour(7));
    ck_assert_uint_eq(pixel(17, 0), text_colour(0));
    attr(0x10, 0x08);
    ck_assert_uint_eq(pixel(8, 0), text_colour(0));
}
END_TEST

START_TEST(blink_follows_the_frames)
{
    static const uint8_t glyph[16] = {0xFF};
    load_glyph(0, 'B', glyph, 16);
    put_cell(0, 'B', 0x9E);
    ck_assert_uint_eq(pixel(0, 0), text_colour(14));
    ck_assert_uint_eq(pixel(0, 5), text_colour(1)); /* bit 7 is not part of the background */
    uint64_t frame_cycles = 100000000ull * 900 * 449 / 28322000 + 1;
    clock_advance_to(&vclock, 16 * frame_cycles);
    ck_assert_uint_eq(pixel(0, 0), text_colour(1));
    clock_advance_to(&vclock, 32 * frame_cycles);
    ck_assert_uint_eq(pixel(0, 0), text_colour(14));
    ck_assert(vga_text_blinks(vga));
    attr(0x10, 0x04); /* bright backgrounds instead */
    ck_assert_uint_eq(pixel(0, 5), text_colour(9));
    ck_assert(!vga_text_blinks(vga));
}
END_TEST

START_TEST(cursor_has_shape_place_and_skew)
{
    put_cell(82, ' ', 0x0C);
    put_cell(83, ' ', 0x0D);
    crtc(0x0E, 0);
    crtc(0x0F, 82);
    crtc(0x0A, 13);
    crtc(0x0B, 14);
    ck_assert_uint_eq(pixel(18, 16 + 12), text_colour(0));
    ck_assert_uint_eq(pixel(18, 16 + 13), text_colour(12));
    ck_assert_uint_eq(pixel(26, 16 + 14), text_colour(12));
    ck_assert_uint_eq(pixel(27, 16 + 14), text_colour(0));
    ck_assert_uint_eq(pixel(18, 16 + 15), text_colour(0));
    crtc(0x0B, 14 | 1 << 5);
    ck_assert_uint_eq(pixel(18, 16 + 13), text_colour(0));
    ck_assert_uint_eq(pixel(27, 16 + 13), text_colour(13));
    crtc(0x0B, 12); /* ends above its start: none */
    ck_assert_uint_eq(pixel(18, 16 + 13), text_colour(0));
    crtc(0x0B, 14);
    clock_advance_to(&vclock, 8 * (100000000ull * 900 * 449 / 28322000 + 1));
    ck_assert_uint_eq(pixel(18, 16 + 13), text_colour(0)); /* blinks */
}
END_TEST

START_TEST(attribute_bit_3_chooses_the_second_font)
{
    static const uint8_t first[16] = {0xF0}, second[16] = {0x0F};
    load_glyph(0x0000, 'C', first, 16);
    load_glyph(0x6000, 'C', second, 16); /* map 5 */
    seq(3, 0x24);
    put_cell(0, 'C', 0x07);
    put_cell(1, 'C', 0x0F);
    ck_assert_uint_eq(pixel(0, 0), text_colour(7));
    ck_assert_uint_eq(pixel(4, 0), text_colour(0));
    ck_assert_uint_eq(pixel(9, 0), text_colour(0));
    ck_assert_uint_eq(pixel(13, 0), text_colour(15));
}
END_TEST

START_TEST(underline_of_monochrome_text)
{
    set_mode(&mode_07);
    ramp_dac();
    crtc(0x0A, 0x20);
    write8(B0000, 'x');
    write8(B0000 + 1, 0x01);
    write8(B0000 + 2, 'x');
    write8(B0000 + 3, 0x07);
    write8(B0000 + 5, 0x19); /* on a background: no underline */
    render(720, 350);
    ck_assert_uint_eq(pixel(0, 13), ramp_colour(8));
    ck_assert_uint_eq(pixel(8, 13), ramp_colour(8));
    ck_assert_uint_eq(pixel(9, 13), ramp_colour(0));
    attr(0x01, 0x3F);
    ck_assert_uint_eq(pixel(0, 13), ramp_colour(0x3F));
    ck_assert_uint_eq(pixel(18, 13), ramp_colour(0x3F)); /* all background */
    ck_assert_uint_eq(pixel(0, 12), ramp_colour(0));
}
END_TEST

START_TEST(smooth_scrolling_by_pixel_row_and_column)
{
    static const uint8_t glyph[16] = {0x80, 0x40};
    load_glyph(0, 'D', glyph, 16);
    put_cell(1, 'D', 0x07);
    attr(0x13, 0x00); /* nine dots: 8 is none, 0 is one dot to the left */
    ck_assert_uint_eq(pixel(8, 0), text_colour(7));
    attr(0x13, 0x02);
    ck_assert_uint_eq(pixel(6, 0), text_colour(7));
    attr(0x13, 0x08);
    crtc(0x08, 0x01);
    ck_assert_uint_eq(pixel(10, 0), text_colour(7));
    crtc(0x08, 0x20); /* a byte, here a character */
    ck_assert_uint_eq(pixel(0, 0), text_colour(7));
}
END_TEST

START_TEST(text_as_utf8)
{
    struct text out = {0};
    for (unsigned i = 0; i < 80 * 25; i++)
        put_cell(i, i % 2 ? 0x20 : 0x00, 0x07);
    put_cell(0, 'H', 0x07);
    put_cell(1, 0x9C, 0x07); /* pound sign */
    put_cell(3, 0x01, 0x07); /* smiling face */
    put_cell(80, 0xC9, 0x07);
    ck_assert(vga_text(vga, &out));
    ck_assert_int_eq(strncmp(text_chars(&out), "H\xC2\xA3 \xE2\x98\xBA\n\xE2\x95\x94\n\n", 13), 0);
    unsigned lines = 0;
    for (const char *c = text_chars(&out); *c; c++)
        lines += *c == '\n';
    ck_assert_uint_eq(lines, 25);
    text_clear(&out);
    set_mode(&mode_13);
    ck_assert(!vga_text(vga, &out));
    ck_assert_str_eq(text_chars(&out), "");
    text_free(&out);
}
END_TEST

START_TEST(text_rows_follow_the_character_height)
{
    static const struct {
        uint8_t max_scan_line, display_end;
        unsigned rows;
    } cases[] = {{0x4F, 0x8F, 25}, {0x47, 0x8F, 50}, {0x4D, 0x8F, 28}, {0x47, 0x5D, 43}};
    unsigned columns, rows;
    int x, y;
    for (unsigned i = 0; i < 4; i++) {
        crtc(0x09, cases[i].max_scan_line);
        crtc(0x12, cases[i].display_end);
        ck_assert_uint_eq(vga_text_cells(vga, NULL, 0, &columns, &rows, &x, &y), 80 * cases[i].rows);
        ck_assert_uint_eq(rows, cases[i].rows);
    }
    crtc(0x11, 0x0E);
    crtc(0x12, 0xDF);
    crtc(0x07, 0x1F);
    crtc(0x09, 0x4F);
    vga_text_cells(vga, NULL, 0, &columns, &rows, &x, &y);
    ck_assert_uint_eq(rows, 30);
    crtc(0x09, 0x47);
    vga_text_cells(vga, NULL, 0, &columns, &rows, &x, &y);
    ck_assert_uint_eq(rows, 60);
}
END_TEST

START_TEST(cells_and_cursor_for_the_terminal)
{
    struct vga_cell cells[100];
    unsigned columns, rows;
    int x, y;
    put_cell(99, 'Z', 0x4F);
    crtc(0x0A, 13);
    crtc(0x0B, 14);
    crtc(0x0E, 0);
    crtc(0x0F, 85);
    ck_assert_uint_eq(vga_text_cells(vga, cells, 100, &columns, &rows, &x, &y), 2000);
    ck_assert_uint_eq(columns, 80);
    ck_assert_uint_eq(rows, 25);
    ck_assert_int_eq(x, 5);
    ck_assert_int_eq(y, 1);
    ck_assert_uint_eq(cells[99].character, 'Z');
    ck_assert_uint_eq(cells[99].attribute, 0x4F);
    hide_cursor();
    vga_text_cells(vga, cells, 100, &columns, &rows, &x, &y);
    ck_assert_int_eq(x, -1);
    ck_assert_int_eq(y, -1);
    ck_assert_uint_eq(vga_colour(vga, 6), ramp_colour(0x14));
}
END_TEST

START_TEST(start_address_waits_for_the_retrace)
{
    static const uint8_t glyph[16] = {0xFF};
    load_glyph(0, 'E', glyph, 16);
    put_cell(80, 'E', 0x07);
    crtc(0x0D, 80);
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 0), text_colour(0));
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 0), text_colour(7));
    while (!(in(0x3DA) & 8))
        clock_advance_to(&vclock, vclock.now + 100);
    crtc(0x0D, 0); /* in the retrace: for the next */
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 0), text_colour(7));
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 0), text_colour(0));
}
END_TEST

START_TEST(split_screen_shows_the_start_of_memory)
{
    static const uint8_t glyph[16] = {0xFF};
    load_glyph(0, 'F', glyph, 16);
    put_cell(0, 'F', 0x07);
    crtc(0x0C, 0x10);
    clock_advance_to(&vclock, 100000000 / 60);
    ck_assert_uint_eq(pixel(0, 0), text_colour(0));
    crtc(0x09, 0x0F);
    crtc(0x11, 0x0E);
    crtc(0x07, 0x0F);
    crtc(0x18, 199);
    ck_assert_uint_eq(pixel(0, 199), text_colour(0));
    ck_assert_uint_eq(pixel(0, 200), text_colour(7));
    ck_assert_uint_eq(pixel(0, 201), text_colour(0));
    attr(0x13, 0x03);
    ck_assert_uint_eq(pixel(3, 200), text_colour(7));
    ck_assert_uint_eq(pixel(4, 200), text_colour(0)); /* shifted by four */
    attr(0x10, 0x2C);
    ck_assert_uint_eq(pixel(8, 200), text_colour(0));
    ck_assert_uint_eq(pixel(7, 200), text_colour(7)); /* not below the split */
}
END_TEST

/* ---- Graphics ---- */

static uint32_t eight_bit_red(unsigned six)
{
    return (six << 2 | six >> 4) << 16;
}

static void setup_graphics(void)
{
    vga_setup();
    set_mode(&mode_12);
    ramp_dac();
}

static void planar_pixel(uint32_t offset, uint8_t mask, uint8_t colour)
{
    gfx(5, 0x02);
    gfx(8, mask);
    read8(A0000 + offset);
    write8(A0000 + offset, colour);
    gfx(8, 0xFF);
    gfx(5, 0x00);
}

START_TEST(cga_320x200_in_four_colours)
{
    set_mode(&mode_04);
    write8(B8000, 0x1B);          /* colours 0 1 2 3 */
    write8(B8000 + 1, 0xE4);      /* 3 2 1 0 */
    write8(B8000 + 0x2000, 0xC0); /* odd lines lie 8 KB higher */
    write8(B8000 + 80, 0x40);
    render(320, 200);
    static const uint8_t expected[8] = {0, 1, 2, 3, 3, 2, 1, 0}, palette[4] = {0, 0x13, 0x15, 0x17};
    for (unsigned x = 0; x < 8; x++)
        ck_assert_uint_eq(pixel(x, 0), ramp_colour(palette[expected[x]]));
    ck_assert_uint_eq(pixel(0, 1), ramp_colour(0x17));
    ck_assert_uint_eq(pixel(0, 2), ramp_colour(0x13));
}
END_TEST

START_TEST(cga_640x200_in_two_colours)
{
    set_mode(&mode_06);
    write8(B8000 + 1, 0x81);
    write8(B8000 + 0x2000 + 79, 0x01);
    render(640, 200);
    ck_assert_uint_eq(pixel(8, 0), ramp_colour(0x17));
    ck_assert_uint_eq(pixel(9, 0), ramp_colour(0));
    ck_assert_uint_eq(pixel(15, 0), ramp_colour(0x17));
    ck_assert_uint_eq(pixel(639, 1), ramp_colour(0x17));
}
END_TEST

START_TEST(ega_320x200_in_sixteen_colours)
{
    set_mode(&mode_0d);
    planar_pixel(40, 0x40, 0x0B);
    render(320, 200);
    ck_assert_uint_eq(pixel(1, 1), ramp_colour(0x13));
    ck_assert_uint_eq(pixel(2, 1), ramp_colour(0));
}
END_TEST

START_TEST(ega_640x350_and_vga_640x480)
{
    set_mode(&mode_10);
    planar_pixel(80, 0x01, 0x0E);
    render(640, 350);
    ck_assert_uint_eq(pixel(7, 1), ramp_colour(0x3E));
    set_mode(&mode_12);
    planar_pixel(80 * 479 + 79, 0x01, 0x06);
    render(640, 480);
    ck_assert_uint_eq(pixel(639, 479), ramp_colour(0x14));
}
END_TEST

START_TEST(mode_13h_is_320x200)
{
    set_mode(&mode_13);
    for (unsigned i = 0; i < 8; i++)
        write8(A0000 + 320 * 199 + 312 + i, (uint8_t)(0xA0 + i));
    render(320, 200);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(pixel(312 + i, 199), ramp_colour(0xA0 + i));
    out(0x3C6, 0x0F);
    ck_assert_uint_eq(pixel(313, 199), ramp_colour(0x01));
}
END_TEST

static void set_mode_x(bool tall)
{
    set_mode(&mode_13);
    seq(4, 0x06);
    crtc(0x14, 0x00);
    crtc(0x17, 0xE3);
    if (tall)
        return;
    out(0x3C2, 0xE3);
    crtc(0x11, 0x0C);
    crtc(0x06, 0x0D);
    crtc(0x07, 0x3E);
    crtc(0x10, 0xEA);
    crtc(0x12, 0xDF);
}

START_TEST(mode_x_320x240)
{
    set_mode_x(false);
    for (unsigned plane = 0; plane < 4; plane++) {
        seq(2, (uint8_t)(1 << plane));
        write8(A0000 + 80 * 239 + 79, (uint8_t)(0x50 + plane));
        write8(A0000 + 1, (uint8_t)(0x60 + plane));
    }
    render(320, 240);
    for (unsigned plane = 0; plane < 4; plane++) {
        ck_assert_uint_eq(pixel(316 + plane, 239), ramp_colour(0x50 + plane));
        ck_assert_uint_eq(pixel(4 + plane, 0), ramp_colour(0x60 + plane));
    }
}
END_TEST

START_TEST(unchained_360x480)
{
    set_mode_x(false);
    crtc(0x11, 0x0C);
    crtc(0x01, 0x59);
    crtc(0x13, 0x2D);
    crtc(0x09, 0x40);
    out(0x3C2, 0xE7);
    seq(2, 0x02);
    write8(A0000 + 90, 0x21);
    render(360, 480);
    ck_assert_uint_eq(pixel(1, 1), ramp_colour(0x21));
}
END_TEST

START_TEST(mode_13h_pixels_lie_at_every_fourth_plane_address)
{
    set_mode(&mode_13);
    write8(A0000 + 5, 0x77); /* plane 1, plane address 4 */
    set_mode_x(true);
    ck_assert_uint_eq(pixel(4 * 4 + 1, 0), ramp_colour(0x77));
    ck_assert_uint_eq(pixel(5, 0), ramp_colour(0));
}
END_TEST

START_TEST(panning_in_graphics_modes)
{
    planar_pixel(1, 0x80, 0x07);
    attr(0x13, 3);
    ck_assert_uint_eq(pixel(5, 0), ramp_colour(0x07));
    attr(0x13, 9); /* only characters of nine dots go beyond 7 */
    ck_assert_uint_eq(pixel(8, 0), ramp_colour(0x07));
    set_mode(&mode_13);
    write8(A0000 + 3, 0x33);
    write8(A0000 + 320, 0x44);
    attr(0x13, 4);
    ck_assert_uint_eq(pixel(1, 0), ramp_colour(0x33));
    ck_assert_uint_eq(pixel(318, 0), ramp_colour(0x44)); /* what lies beyond the right edge comes in */
}
END_TEST

START_TEST(offset_register_widens_lines)
{
    crtc(0x13, 0x32);
    planar_pixel(100, 0x80, 0x07);
    ck_assert_uint_eq(pixel(0, 1), ramp_colour(0x07));
}
END_TEST

START_TEST(color_select_and_plane_enable)
{
    planar_pixel(0, 0x80, 0x05);
    attr(0x14, 0x0C);
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(0xC5));
    attr(0x14, 0x06);
    attr(0x10, 0x81);
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(0x65));
    attr(0x12, 0x0B);
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(0x61));
}
END_TEST

START_TEST(word_mode_wraps_a13_or_a15_into_a0)
{
    crtc(0x17, 0xA3); /* word mode, A15 */
    crtc(0x0C, 0x20);
    planar_pixel(0x4000, 0x80, 0x07);
    planar_pixel(0x4001, 0x80, 0x04);
    to_frame_end();
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(7));
    crtc(0x17, 0x83); /* A13, which the start address sets */
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(4));
}
END_TEST

START_TEST(mode_13h_start_address_reaches_all_256_kb)
{
    set_mode(&mode_13);
    uint8_t value = 0x45;
    mem_write(bus, VGA_FIXED_LFB + 0x10004, &value, 1);
    crtc(0x0C, 0x40);
    to_frame_end();
    to_frame_end();
    ck_assert_uint_eq(pixel(4, 0), ramp_colour(0x45));
}
END_TEST

START_TEST(split_on_an_odd_line_gives_every_line)
{
    set_mode(&mode_13);
    write8(A0000, 0x22);
    crtc(0x11, 0x0E);
    crtc(0x07, 0x0F);
    crtc(0x09, 0x01);
    crtc(0x18, 100);
    render(320, 400);
    ck_assert_uint_eq(pixel(0, 1), ramp_colour(0x22));
    ck_assert_uint_eq(pixel(0, 2), ramp_colour(0));
    ck_assert_uint_eq(pixel(0, 100), ramp_colour(0));
    ck_assert_uint_eq(pixel(0, 101), ramp_colour(0x22));
    ck_assert_uint_eq(pixel(0, 103), ramp_colour(0));
    crtc(0x18, 99);
    render(320, 200);
    ck_assert_uint_eq(pixel(0, 50), ramp_colour(0x22));
}
END_TEST

START_TEST(address_counter_may_count_every_second_or_fourth_character)
{
    planar_pixel(1, 0x80, 0x07);
    crtc(0x17, 0xEB);
    ck_assert_uint_eq(pixel(8, 0), ramp_colour(0));
    ck_assert_uint_eq(pixel(16, 0), ramp_colour(7));
    ck_assert_uint_eq(pixel(24, 0), ramp_colour(7));
    crtc(0x14, 0x20);
    ck_assert_uint_eq(pixel(24, 0), ramp_colour(0));
    ck_assert_uint_eq(pixel(32, 0), ramp_colour(7));
    ck_assert_uint_eq(pixel(56, 0), ramp_colour(7));
    ck_assert_uint_eq(pixel(64, 0), ramp_colour(0));
}
END_TEST

START_TEST(row_scan_bits_replace_address_bits)
{
    crtc(0x17, 0xE0); /* Hercules: four interleaved parts */
    crtc(0x09, 0x43);
    planar_pixel(0x6000, 0x80, 0x07);
    planar_pixel(80, 0x80, 0x04);
    render(640, 480);
    ck_assert_uint_eq(pixel(0, 3), ramp_colour(0x07));
    ck_assert_uint_eq(pixel(0, 2), ramp_colour(0x00));
    ck_assert_uint_eq(pixel(0, 4), ramp_colour(0x04));
}
END_TEST

START_TEST(screen_off_reset_and_palette_source_blank)
{
    planar_pixel(0, 0x80, 0x07);
    seq(1, 0x21);
    ck_assert_uint_eq(pixel(0, 0), 0);
    render(640, 480);
    seq(1, 0x01);
    seq(0, 0x01);
    ck_assert_uint_eq(pixel(0, 0), 0);
    seq(0, 0x03);
    attr(0x11, 0x02);
    in(0x3DA);
    out(0x3C0, 0x00);
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(0x02));
    in(0x3DA);
    out(0x3C0, 0x20);
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(0x07));
}
END_TEST

START_TEST(blinking_graphics_swap_the_upper_colours)
{
    planar_pixel(0, 0x80, 0x0B);
    attr(0x10, 0x09);
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(0x3B));
    clock_advance_to(&vclock, 16 * (100000000ull * 800 * 525 / 25175000 + 1));
    ck_assert_uint_eq(pixel(0, 0), ramp_colour(0x03));
}
END_TEST

START_TEST(split_screen_in_graphics)
{
    planar_pixel(0, 0x80, 0x07);
    crtc(0x0C, 0x20);
    crtc(0x11, 0x0C);
    crtc(0x07, 0x2E);
    crtc(0x09, 0x00);
    crtc(0x18, 99);
    clock_advance_to(&vclock, 100000000 / 50);
    ck_assert_uint_eq(pixel(0, 99), ramp_colour(0));
    ck_assert_uint_eq(pixel(0, 100), ramp_colour(7));
    ck_assert_uint_eq(pixel(0, 101), ramp_colour(0));
}
END_TEST

/* To where the beam has drawn LINE lines of the next frame, in mode 12h. */
static void to_line_of_next_frame(unsigned line)
{
    uint64_t chars = clock_ticks(&vclock, vclock.now, 25175000, 8);
    uint64_t frame_chars = 100 * 525;
    uint64_t at = (chars / frame_chars + 1) * frame_chars + line * 100ull - 10;
    clock_advance_to(&vclock, clock_cycle_of_tick(&vclock, at, 25175000, 8));
}

START_TEST(colours_change_where_the_beam_is)
{
    to_line_of_next_frame(200);
    dac(0, 0x3F, 0, 0);
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 199), ramp_colour(0));
    ck_assert_uint_eq(pixel(0, 200), 0xFF0000);
    ck_assert_uint_eq(pixel(639, 479), 0xFF0000);
    to_line_of_next_frame(100);
    ck_assert_uint_eq(pixel(0, 50), 0xFF0000);
    attr(0x00, 0x05);
    ck_assert_uint_eq(pixel(0, 99), 0xFF0000);
    ck_assert_uint_eq(pixel(0, 101), ramp_colour(5)); /* lines to come are as things stand */
    to_frame_end();
    dac(5, 0, 0, 0x3F); /* after the last line: for the next frame */
    ck_assert_uint_eq(pixel(0, 101), ramp_colour(5));
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 0), 0x0000FF);
}
END_TEST

START_TEST(a_line_is_blank_while_the_processor_has_the_palette)
{
    attr(0x11, 0x3F);
    to_line_of_next_frame(10);
    in(0x3DA);
    out(0x3C0, 0x00);
    clock_advance_to(&vclock, vclock.now + 3 * 100000000ull * 800 / 25175000);
    out(0x3C0, 0x00);
    out(0x3C0, 0x20);
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 9), ramp_colour(0));
    ck_assert_uint_eq(pixel(0, 10), ramp_colour(0x3F));
    ck_assert_uint_eq(pixel(0, 12), ramp_colour(0x3F));
    ck_assert_uint_eq(pixel(0, 13), ramp_colour(0));
}
END_TEST

START_TEST(panning_changes_where_the_beam_is)
{
    for (unsigned y = 0; y < 480; y++)
        planar_pixel(80 * y + 1, 0x80, 0x07);
    to_line_of_next_frame(300);
    attr(0x13, 0x02);
    to_frame_end();
    ck_assert_uint_eq(pixel(8, 299), ramp_colour(7));
    ck_assert_uint_eq(pixel(6, 300), ramp_colour(7));
}
END_TEST

START_TEST(more_changes_than_the_log_holds)
{
    to_line_of_next_frame(100);
    for (unsigned i = 0; i < 10000; i++)
        dac(0, i & 0x3F, 0, 0x10);
    to_frame_end();
    ck_assert_uint_eq(pixel(0, 479), eight_bit_red(9999 & 0x3F) | 0x000041);
    render(640, 480);
}
END_TEST

START_TEST(rendering_says_whether_anything_changed)
{
    ck_assert(vga_render(vga, &frame));
    ck_assert(!vga_render(vga, &frame));
    planar_pixel(0, 0x80, 0x07);
    ck_assert(vga_render(vga, &frame));
    ck_assert(!vga_render(vga, &frame));
    set_mode(&mode_13);
    ck_assert(vga_render(vga, &frame));
}
END_TEST

/* ---- VBE ---- */

static void lfb_write(uint32_t offset, uint32_t value, unsigned size)
{
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                        (uint8_t)(value >> 24)};
    mem_write(bus, VGA_FIXED_LFB + offset, bytes, size);
}

START_TEST(vbe_depths)
{
    set_vbe(800, 600, 8, 0x40);
    lfb_write(800 * 2 + 1, 0x9A, 1);
    ck_assert_uint_eq(pixel(1, 2), ramp_colour(0x9A));
    set_vbe(800, 600, 15, 0x40);
    lfb_write((800 * 2 + 1) * 2, 0x7C1F, 2);
    ck_assert_uint_eq(pixel(1, 2), 0xFF00FF);
    set_vbe(800, 600, 16, 0x40);
    lfb_write((800 * 2 + 1) * 2, 0x07F0, 2);
    ck_assert_uint_eq(pixel(1, 2), 0x00FF84);
    set_vbe(800, 600, 24, 0x40);
    lfb_write((800 * 2 + 1) * 3, 0x123456, 3);
    ck_assert_uint_eq(pixel(1, 2), 0x123456);
    set_vbe(800, 600, 32, 0x40);
    lfb_write((800 * 2 + 1) * 4, 0xFF123456, 4);
    ck_assert_uint_eq(pixel(1, 2), 0x123456);
    ck_assert_uint_eq(frame.aspect_x * 3, frame.aspect_y * 4);
}
END_TEST

START_TEST(vbe_four_bit_planes)
{
    set_vbe(800, 600, 4, 0);
    planar_pixel(100 * 5 + 99, 0x01, 0x0C);
    ck_assert_uint_eq(pixel(799, 5), ramp_colour(0x3C));
    dispi(6, 816);
    dispi(8, 9); /* lines of 102 bytes, from the tenth pixel */
    planar_pixel(102 * 3 + 2, 0x40, 0x07);
    ck_assert_uint_eq(pixel(8, 3), ramp_colour(0x07));
}
END_TEST

START_TEST(vbe_offsets_move_the_picture)
{
    set_vbe(640, 480, 32, 0x40);
    dispi(6, 1000);
    dispi(8, 10);
    dispi(9, 700);
    lfb_write((1000 * 703 + 15) * 4, 0xABCDEF, 4);
    ck_assert_uint_eq(pixel(5, 3), 0xABCDEF);
    dispi(4, 0);
    render(640, 480);
    ck_assert_uint_ne(pixel(5, 3), 0xABCDEF);
}
END_TEST

/* As with a start address: what is right of the virtual screen is the left of its next line. */
START_TEST(vbe_lines_go_on_in_the_next)
{
    set_vbe(640, 480, 8, 0x40);
    dac(5, 0x3F, 0, 0);
    dispi(8, 40);
    lfb_write(640 * 11 + 7, 5, 1);
    ck_assert_uint_eq(pixel(640 - 40 + 7, 10), 0xFF0000);
}
END_TEST

START_TEST(vbe_uses_all_memory)
{
    set_vbe(1920, 1200, 32, 0x40);
    lfb_write(1920 * 1200 * 4 - 4, 0x010203, 4);
    ck_assert_uint_eq(pixel(1919, 1199), 0x010203);
    set_vbe(640, 480, 24, 0x40);
    dispi(9, 0xFFFF); /* down to the last whole line */
    ck_assert_uint_eq(pixel(0, 0), 0);
}
END_TEST

static void add_text_tests(TCase *tc)
{
    tcase_add_test(tc, text_80x25_is_720x400);
    tcase_add_test(tc, text_with_eight_dots_is_640_wide);
    tcase_add_test(tc, line_graphics_repeat_the_eighth_dot);
    tcase_add_test(tc, blink_follows_the_frames);
    tcase_add_test(tc, cursor_has_shape_place_and_skew);
    tcase_add_test(tc, attribute_bit_3_chooses_the_second_font);
    tcase_add_test(tc, underline_of_monochrome_text);
    tcase_add_test(tc, smooth_scrolling_by_pixel_row_and_column);
    tcase_add_test(tc, text_as_utf8);
    tcase_add_test(tc, text_rows_follow_the_character_height);
    tcase_add_test(tc, cells_and_cursor_for_the_terminal);
    tcase_add_test(tc, start_address_waits_for_the_retrace);
    tcase_add_test(tc, split_screen_shows_the_start_of_memory);
}

static void add_graphics_tests(TCase *tc)
{
    tcase_add_test(tc, cga_320x200_in_four_colours);
    tcase_add_test(tc, cga_640x200_in_two_colours);
    tcase_add_test(tc, ega_320x200_in_sixteen_colours);
    tcase_add_test(tc, ega_640x350_and_vga_640x480);
    tcase_add_test(tc, mode_13h_is_320x200);
    tcase_add_test(tc, mode_x_320x240);
    tcase_add_test(tc, unchained_360x480);
    tcase_add_test(tc, mode_13h_pixels_lie_at_every_fourth_plane_address);
    tcase_add_test(tc, panning_in_graphics_modes);
    tcase_add_test(tc, offset_register_widens_lines);
    tcase_add_test(tc, color_select_and_plane_enable);
    tcase_add_test(tc, word_mode_wraps_a13_or_a15_into_a0);
    tcase_add_test(tc, mode_13h_start_address_reaches_all_256_kb);
    tcase_add_test(tc, split_on_an_odd_line_gives_every_line);
    tcase_add_test(tc, address_counter_may_count_every_second_or_fourth_character);
    tcase_add_test(tc, row_scan_bits_replace_address_bits);
    tcase_add_test(tc, screen_off_reset_and_palette_source_blank);
    tcase_add_test(tc, blinking_graphics_swap_the_upper_colours);
    tcase_add_test(tc, split_screen_in_graphics);
    tcase_add_test(tc, colours_change_where_the_beam_is);
    tcase_add_test(tc, a_line_is_blank_while_the_processor_has_the_palette);
    tcase_add_test(tc, panning_changes_where_the_beam_is);
    tcase_add_test(tc, more_changes_than_the_log_holds);
    tcase_add_test(tc, rendering_says_whether_anything_changed);
    tcase_add_test(tc, vbe_depths);
    tcase_add_test(tc, vbe_four_bit_planes);
    tcase_add_test(tc, vbe_offsets_move_the_picture);
    tcase_add_test(tc, vbe_lines_go_on_in_the_next);
    tcase_add_test(tc, vbe_uses_all_memory);
}

Suite *vga_screen_suite(void)
{
    Suite *suite = suite_create("vga screen");
    TCase *text = tcase_create("text");
    tcase_add_checked_fixture(text, setup_text, vga_teardown);
    add_text_tests(text);
    suite_add_tcase(suite, text);
    TCase *graphics = tcase_create("graphics");
    tcase_add_checked_fixture(graphics, setup_graphics, vga_teardown);
    add_graphics_tests(graphics);
    suite_add_tcase(suite, graphics);
    return suite;
}
