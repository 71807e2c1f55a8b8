/*
 * Characters, scrolling and pixels in graphics modes: CGA's two interleaved banks, the four planes of EGA and
 * VGA, packed pixels of 8 to 32 bits. VBE modes are reached through the 64 KB window, which moves as an
 * access needs it.
 *
 * A colour number in modes of 15 to 32 bits a pixel means that entry of the default 256-colour palette.
 */
#include "vgabios.h"

#define CGA_BANK 0x2000

/* Bytes of one character column on a scan line. */
static u8 column_bytes(const struct screen *s)
{
    switch (s->kind) {
    case KIND_CGA4:
        return 2;
    case KIND_PACKED:
        return (u8)(8 * ((s->bits + 7) / 8));
    default:
        return 1;
    }
}

/* Byte offset of a place on scan line y. */
static u32 line_offset(const struct screen *s, u16 y, u32 byte)
{
    if (s->kind == KIND_CGA4 || s->kind == KIND_CGA2)
        return s->start + (y & 1) * CGA_BANK + (u32)(y >> 1) * 80 + byte;
    return s->start + y * s->pitch + byte;
}

/* Makes the offset reachable and returns it within the segment. */
static u16 window(const struct screen *s, u32 offset)
{
    if (s->banked)
        dispi_write(DISPI_BANK, (u16)(offset >> 16));
    return (u16)offset;
}

static u32 shorter(u32 a, u32 b)
{
    return a < b ? a : b;
}

/* ---- colours ---- */

static u32 pixel_value(const struct screen *s, u8 color)
{
    if (s->bits <= 8)
        return color;
    u32 c = palette_default_color(color);
    u8 red = (u8)(c >> 16), green = (u8)(c >> 8), blue = (u8)c; /* six bits each */
    switch (s->bits) {
    case 15:
        return (u32)(red >> 1) << 10 | (u32)(green >> 1) << 5 | blue >> 1;
    case 16:
        return (u32)(red >> 1) << 11 | (u32)green << 5 | blue >> 1;
    default:
        return (u32)(red << 2 | red >> 4) << 16 | (u32)(green << 2 | green >> 4) << 8 |
               (u32)(blue << 2 | blue >> 4);
    }
}

/* Write mode 0 with set/reset: bytes written become the colour where the mask allows. */
static void planar_color(u8 color)
{
    out_indexed(PORT_SEQUENCER, 2, 0x0F);
    out_indexed(PORT_GRAPHICS, 0, color);
    out_indexed(PORT_GRAPHICS, 1, 0x0F);
    out_indexed(PORT_GRAPHICS, 3, 0x00);
    out_indexed(PORT_GRAPHICS, 5, 0x00);
    out_indexed(PORT_GRAPHICS, 8, 0xFF);
}

static void planar_default(void)
{
    out_indexed(PORT_GRAPHICS, 1, 0x00);
    out_indexed(PORT_GRAPHICS, 0, 0x00);
    out_indexed(PORT_GRAPHICS, 3, 0x00);
    out_indexed(PORT_GRAPHICS, 5, 0x00);
    out_indexed(PORT_GRAPHICS, 8, 0xFF);
}

/* ---- spans of whole bytes ---- */

static void move_bytes(u16 segment, u16 to, u16 from, u16 count)
{
    far_copy32(segment, to, segment, from, count / 4);
    if (count & 3)
        far_copy8(segment, to + (count & ~3), segment, from + (count & ~3), count & 3);
}

/* Between two window positions: by way of the stack, of which callers may have little; planes by way of the
 * latches, a byte at a time. */
static void move_across(const struct screen *s, u32 to, u32 from, u16 count)
{
    u32 buffer[16];
    while (count) {
        u16 run = (u16)shorter(count, s->kind == KIND_PLANAR ? 1 : sizeof buffer);
        u16 source = window(s, from);
        if (s->kind == KIND_PLANAR) {
            far_read8(s->segment, source);
            far_write8(s->segment, window(s, to), 0);
        } else {
            far_copy32(stack_segment(), (u16)(u32)buffer, s->segment, source, (run + 3) / 4);
            u16 target = window(s, to);
            far_copy32(s->segment, target, stack_segment(), (u16)(u32)buffer, run / 4);
            if (run & 3)
                far_copy8(s->segment, target + (run & ~3), stack_segment(), (u16)(u32)buffer + (run & ~3),
                          run & 3);
        }
        to += run;
        from += run;
        count -= run;
    }
}

static void copy_span(const struct screen *s, u32 to, u32 from, u32 count)
{
    while (count) {
        u32 run = shorter(count, shorter(0x10000 - (to & 0xFFFF), 0x10000 - (from & 0xFFFF)));
        if (run > 0x8000)
            run = 0x8000;
        if (s->banked && (to ^ from) >> 16) {
            move_across(s, to, from, (u16)run);
        } else {
            u16 target = window(s, to);
            if (s->kind == KIND_PLANAR)
                far_copy8(s->segment, target, s->segment, (u16)from, (u16)run);
            else
                move_bytes(s->segment, target, (u16)from, (u16)run);
        }
        to += run;
        from += run;
        count -= run;
    }
}

/* A pattern of 12 bytes repeats any pixel of 1, 2, 3 or 4 bytes. */
static void fill_pattern(const struct screen *s, u8 color, u8 pattern[12])
{
    u8 size = (s->bits + 7) / 8;
    u32 value = pixel_value(s, color);
    for (u8 i = 0; i < 12; i++)
        pattern[i] = (u8)(value >> (8 * (i % size)));
}

static void fill_span_24(const struct screen *s, u32 offset, u32 count, const u8 *pattern)
{
    for (u32 i = 0; i < count; i++)
        far_write8(s->segment, window(s, offset + i), pattern[i % 3]);
}

static void fill_span(const struct screen *s, u32 offset, u32 count, u32 pattern)
{
    while (count) {
        u32 run = shorter(count, shorter(0x10000 - (offset & 0xFFFF), 0x8000));
        u16 target = window(s, offset);
        if (s->kind == KIND_PLANAR || run < 4 || (offset & 3)) {
            /* Spans of packed pixels begin at multiples of 8 pixels; the pattern's bytes are equal elsewhere.
             */
            far_fill8(s->segment, target, (u8)pattern, (u16)run);
        } else {
            far_fill32(s->segment, target, pattern, (u16)(run / 4));
            far_fill8(s->segment, target + (run & ~3u), (u8)pattern, run & 3);
        }
        offset += run;
        count -= run;
    }
}

/* ---- rows of characters ---- */

void graphics_copy_row(struct screen *s, u8 from, u8 to, u8 column, u16 columns)
{
    u8 size = column_bytes(s);
    if (s->kind == KIND_PLANAR) {
        out_indexed(PORT_SEQUENCER, 2, 0x0F);
        out_indexed(PORT_GRAPHICS, 5, 0x01); /* write mode 1: all planes through the latches */
    }
    for (u8 line = 0; line < s->height; line++)
        copy_span(s, line_offset(s, to * s->height + line, column * size),
                  line_offset(s, from * s->height + line, column * size), columns * size);
    if (s->kind == KIND_PLANAR)
        planar_default();
}

static u32 fill_value(const struct screen *s, u8 color)
{
    switch (s->kind) {
    case KIND_CGA4:
        return (color & 3) * 0x55555555u;
    case KIND_CGA2:
        return color & 1 ? 0xFFFFFFFF : 0;
    case KIND_PLANAR:
        return 0xFF;
    default:
        break;
    }
    u8 pattern[12];
    fill_pattern(s, color, pattern);
    return pattern[0] | (u32)pattern[1] << 8 | (u32)pattern[2] << 16 | (u32)pattern[3] << 24;
}

void graphics_fill_row(struct screen *s, u8 row, u8 column, u16 columns, u8 color)
{
    u8 size = column_bytes(s), pattern24[12];
    u32 pattern = fill_value(s, color);
    if (s->kind == KIND_PLANAR)
        planar_color(color & 0x0F);
    if (s->bits == 24)
        fill_pattern(s, color, pattern24);
    for (u8 line = 0; line < s->height; line++) {
        u32 offset = line_offset(s, row * s->height + line, column * size);
        if (s->bits == 24 && color != 0)
            fill_span_24(s, offset, columns * size, pattern24);
        else
            fill_span(s, offset, columns * size, pattern);
    }
    if (s->kind == KIND_PLANAR)
        planar_default();
}

/* ---- glyphs ---- */

/* CGA modes find their upper half at INT 1Fh. */
static u32 glyph_address(const struct screen *s, u8 character)
{
    u32 font = VECTOR(0x43);
    if ((s->kind == KIND_CGA4 || s->kind == KIND_CGA2) && character & 0x80) {
        font = VECTOR(0x1F);
        character &= 0x7F;
    }
    return FAR(font >> 16, (u16)font + character * s->height);
}

/* Eight dots of two bits. */
static u16 spread(u8 dots, u8 color)
{
    u16 out = 0;
    for (u8 i = 0; i < 8; i++)
        if (dots & (0x80 >> i))
            out |= (u16)((color & 3) << (14 - 2 * i));
    return out;
}

static void glyph_line_cga(const struct screen *s, u32 offset, u8 dots, u8 color)
{
    u16 at = (u16)offset;
    if (s->kind == KIND_CGA2) {
        u8 value = color & 1 ? dots : 0;
        if (color & 0x80)
            value ^= far_read8(s->segment, at);
        far_write8(s->segment, at, value);
        return;
    }
    u16 value = spread(dots, color);
    value = (u16)(value >> 8 | value << 8);
    if (color & 0x80)
        value ^= far_read16(s->segment, at);
    far_write16(s->segment, at, value);
}

/* The dots get the colour; with bit 7 they are exclusive-ored, without it the rest of the cell becomes 0. */
static void glyph_line_planar(const struct screen *s, u32 offset, u8 dots, u8 color)
{
    u16 at = window(s, offset);
    if (!(color & 0x80)) {
        out_indexed(PORT_GRAPHICS, 0, 0x00);
        out_indexed(PORT_GRAPHICS, 8, 0xFF);
        far_write8(s->segment, at, 0xFF);
        out_indexed(PORT_GRAPHICS, 0, color & 0x0F);
    }
    out_indexed(PORT_GRAPHICS, 8, dots);
    far_read8(s->segment, at);
    far_write8(s->segment, at, 0xFF);
}

static void glyph_line_packed(const struct screen *s, u32 offset, u8 dots, u32 value)
{
    u8 line[32], size = (s->bits + 7) / 8, length = 8 * size;
    for (u8 i = 0, at = 0; i < 8; i++) {
        u32 pixel = dots & (0x80 >> i) ? value : 0;
        for (u8 j = 0; j < size; j++, pixel >>= 8)
            line[at++] = (u8)pixel;
    }
    u32 run = shorter(length, 0x10000 - (offset & 0xFFFF));
    far_store(s->segment, window(s, offset), line, (u16)run);
    if (run < length)
        far_store(s->segment, window(s, offset + run), line + run, (u16)(length - run));
}

void graphics_glyph(struct screen *s, u8 row, u8 column, u8 character, u8 color)
{
    u32 glyph = glyph_address(s, character);
    u32 value = s->kind == KIND_PACKED ? pixel_value(s, color) : 0;
    if (row >= s->rows || column >= s->columns)
        return;
    if (s->kind == KIND_PLANAR) {
        planar_color(color & 0x0F);
        if (color & 0x80)
            out_indexed(PORT_GRAPHICS, 3, 0x18);
    }
    for (u8 line = 0; line < s->height; line++) {
        u8 dots = far_read8((u16)(glyph >> 16), (u16)glyph + line);
        u32 offset = line_offset(s, row * s->height + line, column * column_bytes(s));
        if (s->kind == KIND_PLANAR)
            glyph_line_planar(s, offset, dots, color);
        else if (s->kind == KIND_PACKED)
            glyph_line_packed(s, offset, dots, value);
        else
            glyph_line_cga(s, offset, dots, color);
    }
    if (s->kind == KIND_PLANAR)
        planar_default();
}

/* The cell's dots that are not of colour 0, on one line. */
static u8 read_line(const struct screen *s, u32 offset)
{
    u8 dots = 0;
    if (s->kind == KIND_CGA2)
        return far_read8(s->segment, (u16)offset);
    if (s->kind == KIND_CGA4) {
        u16 pair = (u16)(far_read8(s->segment, (u16)offset) << 8 | far_read8(s->segment, (u16)offset + 1));
        for (u8 i = 0; i < 8; i++)
            dots |= (pair >> (14 - 2 * i)) & 3 ? 0x80 >> i : 0;
        return dots;
    }
    if (s->kind == KIND_PLANAR) { /* read mode 1 compares with colour 0 */
        return (u8)~far_read8(s->segment, window(s, offset));
    }
    u8 size = (s->bits + 7) / 8;
    for (u8 i = 0; i < 8; i++)
        for (u8 j = 0; j < size; j++)
            if (far_read8(s->segment, window(s, offset + i * size + j)))
                dots |= 0x80 >> i;
    return dots;
}

u8 graphics_read_glyph(struct screen *s, u8 row, u8 column)
{
    u8 cell[32];
    u8 height = s->height > 32 ? 32 : s->height;
    if (row >= s->rows || column >= s->columns)
        return 0;
    if (s->kind == KIND_PLANAR) {
        out_indexed(PORT_GRAPHICS, 2, 0x00);
        out_indexed(PORT_GRAPHICS, 7, s->mono ? 0x05 : 0x0F);
        out_indexed(PORT_GRAPHICS, 5, 0x08);
    }
    for (u8 line = 0; line < height; line++)
        cell[line] = read_line(s, line_offset(s, row * s->height + line, column * column_bytes(s)));
    if (s->kind == KIND_PLANAR)
        planar_default();
    for (u32 character = 0; character < 256; character++) {
        u32 glyph = glyph_address(s, (u8)character);
        u8 line = 0;
        while (line < height && far_read8((u16)(glyph >> 16), (u16)glyph + line) == cell[line])
            line++;
        if (line == height)
            return (u8)character;
    }
    return 0;
}

/* ---- pixels ---- */

static void write_pixel_cga(const struct screen *s, u16 x, u16 y, u8 color)
{
    u8 per_byte = s->kind == KIND_CGA4 ? 4 : 8, bits = 8 / per_byte;
    u16 at = (u16)line_offset(s, y, x / per_byte);
    u8 shift = (u8)((per_byte - 1 - x % per_byte) * bits);
    u8 mask = (u8)((s->kind == KIND_CGA4 ? 3 : 1) << shift), value = (u8)(color << shift) & mask;
    u8 old = far_read8(s->segment, at);
    far_write8(s->segment, at, color & 0x80 ? old ^ value : (old & ~mask) | value);
}

static void write_pixel_planar(const struct screen *s, u16 x, u16 y, u8 color)
{
    planar_color(color & 0x0F);
    if (color & 0x80)
        out_indexed(PORT_GRAPHICS, 3, 0x18);
    out_indexed(PORT_GRAPHICS, 8, 0x80 >> (x & 7));
    u16 at = window(s, line_offset(s, y, x / 8));
    far_read8(s->segment, at);
    far_write8(s->segment, at, 0xFF);
    planar_default();
}

static u8 in_picture(const struct screen *s, u16 x, u16 y)
{
    u32 width = (u32)s->columns * 8;
    if (s->banked)
        return x < dispi_read(DISPI_VIRT_WIDTH) && y < dispi_read(DISPI_YRES);
    return s->kind != KIND_TEXT && x < width && y < 480;
}

void graphics_write_pixel(struct screen *s, u16 x, u16 y, u8 color)
{
    if (!in_picture(s, x, y))
        return;
    if (s->kind == KIND_PLANAR) {
        write_pixel_planar(s, x, y, color);
    } else if (s->kind == KIND_PACKED) {
        u32 value = pixel_value(s, color);
        u8 size = (s->bits + 7) / 8;
        for (u8 i = 0; i < size; i++, value >>= 8)
            far_write8(s->segment, window(s, line_offset(s, y, x * size + i)), (u8)value);
    } else {
        write_pixel_cga(s, x, y, color);
    }
}

static u8 read_pixel_planar(const struct screen *s, u16 x, u16 y)
{
    u8 color = 0;
    u16 at = window(s, line_offset(s, y, x / 8));
    for (u8 plane = 0; plane < 4; plane++) {
        out_indexed(PORT_GRAPHICS, 4, plane);
        if (far_read8(s->segment, at) & (0x80 >> (x & 7)))
            color |= 1 << plane;
    }
    out_indexed(PORT_GRAPHICS, 4, 0);
    return s->mono ? color & 0x05 : color;
}

u8 graphics_read_pixel(struct screen *s, u16 x, u16 y)
{
    if (!in_picture(s, x, y))
        return 0;
    if (s->kind == KIND_PLANAR)
        return read_pixel_planar(s, x, y);
    if (s->kind == KIND_PACKED)
        return far_read8(s->segment, window(s, line_offset(s, y, x * ((s->bits + 7) / 8))));
    u8 per_byte = s->kind == KIND_CGA4 ? 4 : 8, bits = 8 / per_byte;
    u8 value = far_read8(s->segment, (u16)line_offset(s, y, x / per_byte));
    return (value >> ((per_byte - 1 - x % per_byte) * bits)) & (s->kind == KIND_CGA4 ? 3 : 1);
}
