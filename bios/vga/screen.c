/*
 * INT 10h character functions in all modes: cursor, pages, scrolling, characters and teletype. Text modes are
 * done here, graphics modes by graphics.c.
 */
#include "vgabios.h"

void screen_get(struct screen *s, u8 page)
{
    const struct mode __seg_fs *mode = mode_find(BDA_MODE);
    s->height = (u8)BDA_CHAR_HEIGHT ? (u8)BDA_CHAR_HEIGHT : 16;
    s->columns = BDA_COLUMNS;
    s->rows = BDA_ROWS + 1;
    s->start = (u32)BDA_PAGE_SIZE * page;
    s->mono = BDA_MODE == 0x0F;
    s->banked = 0;
    s->segment = 0xA000;
    if (mode && !BDA_VBE_MODE) {
        s->kind = mode->kind;
        s->segment = mode->segment;
        s->bits = mode->kind == KIND_PACKED ? 8 : mode->color_bits;
        s->pitch = mode->kind == KIND_PACKED ? s->columns * 8
                   : mode->kind == KIND_CGA4 ? s->columns * 2
                                             : s->columns;
        if (mode->kind == KIND_PLANAR)
            s->bits = 4;
        return;
    }
    if (mode) { /* a text mode that was set through VBE */
        s->kind = mode->kind;
        s->segment = mode->segment;
        s->bits = 4;
        s->pitch = s->columns;
        return;
    }
    s->bits = (u8)dispi_read(DISPI_BPP);
    s->kind = s->bits == 4 ? KIND_PLANAR : KIND_PACKED;
    s->pitch = vbe_pitch();
    s->start = 0;
    s->banked = 1;
    s->bank = dispi_read(DISPI_BANK);
}

void screen_done(const struct screen *s)
{
    if (s->banked)
        dispi_write(DISPI_BANK, s->bank);
}

/* ---- cursor and pages ---- */

void cursor_move(u8 page, u8 row, u8 column)
{
    page &= 7;
    BDA_CURSOR_POS(page) = (u16)(row << 8 | column);
    if (page != BDA_PAGE)
        return;
    u16 address = (u16)(BDA_PAGE_START / 2 + row * BDA_COLUMNS + column);
    u16 crtc = BDA_CRTC;
    out_indexed(crtc, 0x0E, (u8)(address >> 8));
    out_indexed(crtc, 0x0F, (u8)address);
}

/*
 * Lines given for the CGA's eight-line cell become lines of the real cell, unless emulation is off: those of
 * a cursor near the bottom keep their distance to it, but stay one line above (6-7 becomes 13-14 of 16),
 * others are stretched.
 */
void cursor_set_type(u8 start, u8 end)
{
    u8 height = (u8)BDA_CHAR_HEIGHT;
    BDA_CURSOR_TYPE = (u16)(start << 8 | end);
    u8 line = start & 0x1F, last = end & 0x1F;
    if (!(BDA_VIDEO_CONTROL & CONTROL_NO_CURSOR_EMULATION) && height > 8 && line < 8 && last < 8 &&
        !(start & 0x20)) {
        if (line >= 5 && last >= line) {
            line += height - 9;
            last += height - 9;
        } else if (last >= line) {
            line = line * height / 8;
            last = (last + 1) * height / 8 - 1;
        }
    }
    u16 crtc = BDA_CRTC;
    out_indexed(crtc, 0x0A, (start & 0x60) | line);
    out_indexed(crtc, 0x0B, (end & 0x60) | last);
}

void screen_set_page(u8 page)
{
    const struct mode __seg_fs *mode = mode_find(BDA_MODE);
    if (!mode || page > 7)
        return;
    u16 start = BDA_PAGE_SIZE * page;
    BDA_PAGE = page;
    BDA_PAGE_START = start;
    u16 address = mode->kind == KIND_TEXT ? start / 2 : start;
    u16 crtc = BDA_CRTC;
    out_indexed(crtc, 0x0C, (u8)(address >> 8));
    out_indexed(crtc, 0x0D, (u8)address);
    u16 position = BDA_CURSOR_POS(page);
    cursor_move(page, (u8)(position >> 8), (u8)position);
}

/* ---- scrolling ---- */

static u16 text_offset(const struct screen *s, u8 row, u8 column)
{
    return (u16)(s->start + 2 * (row * s->columns + column));
}

static void copy_row(struct screen *s, u8 from, u8 to, u8 column, u16 columns)
{
    if (s->kind != KIND_TEXT) {
        graphics_copy_row(s, from, to, column, columns);
        return;
    }
    u16 source = text_offset(s, from, column), target = text_offset(s, to, column);
    far_copy32(s->segment, target, s->segment, source, columns / 2);
    if (columns & 1)
        far_copy8(s->segment, target + (columns & ~1) * 2, s->segment, source + (columns & ~1) * 2, 2);
}

static void fill_row(struct screen *s, u8 row, u8 column, u16 columns, u8 attribute)
{
    if (s->kind == KIND_TEXT)
        far_fill16(s->segment, text_offset(s, row, column), (u16)(attribute << 8 | ' '), columns);
    else
        graphics_fill_row(s, row, column, columns, attribute);
}

/* Whole text screens move at once. */
static u8 scroll_whole_text(struct screen *s, u8 lines, u8 attribute, u8 top, u8 bottom, u8 up)
{
    if (!up || s->kind != KIND_TEXT || lines == 0)
        return 0;
    u16 kept = (bottom - top + 1 - lines) * s->columns;
    far_copy32(s->segment, text_offset(s, top, 0), s->segment, text_offset(s, top + lines, 0), kept / 2);
    if (kept & 1)
        far_copy8(s->segment, text_offset(s, top, 0) + (kept & ~1) * 2, s->segment,
                  text_offset(s, top + lines, 0) + (kept & ~1) * 2, 2);
    far_fill16(s->segment, text_offset(s, bottom + 1 - lines, 0), (u16)(attribute << 8 | ' '),
               lines * s->columns);
    return 1;
}

void screen_scroll(struct screen *s, u8 lines, u8 attribute, u16 top_left, u16 bottom_right, u8 up)
{
    u8 top = (u8)(top_left >> 8), left = (u8)top_left, bottom = (u8)(bottom_right >> 8),
       right = (u8)bottom_right;
    if (bottom >= s->rows)
        bottom = (u8)(s->rows - 1);
    if (right >= s->columns)
        right = (u8)(s->columns - 1);
    if (top > bottom || left > right)
        return;
    u8 height = bottom - top + 1;
    u16 width = right - left + 1;
    if (lines == 0 || lines > height)
        lines = height;
    if (width == s->columns && scroll_whole_text(s, lines, attribute, top, bottom, up))
        return;
    for (u8 i = 0; i < height; i++) {
        u8 row = up ? top + i : bottom - i;
        if (i < height - lines)
            copy_row(s, up ? row + lines : row - lines, row, left, width);
        else
            fill_row(s, row, left, width, attribute);
    }
}

/* ---- characters ---- */

static void write_text(const struct screen *s, u16 offset, u8 character, u8 attribute, u8 with_attribute,
                       u16 count)
{
    if (with_attribute) {
        far_fill16(s->segment, offset, (u16)(attribute << 8 | character), count);
        return;
    }
    for (u16 i = 0; i < count; i++)
        far_write8(s->segment, offset + 2 * i, character);
}

void screen_write(struct screen *s, u8 row, u8 column, u8 character, u8 attribute, u8 with_attribute,
                  u16 count)
{
    if (s->kind == KIND_TEXT) {
        if (count > 0x4000)
            count = 0x4000;
        write_text(s, text_offset(s, row, column), character, attribute, with_attribute, count);
        return;
    }
    for (; count && row < s->rows; count--) {
        graphics_glyph(s, row, column, character, attribute);
        if (++column >= s->columns) {
            column = 0;
            row++;
        }
    }
}

u16 screen_read(struct screen *s, u8 row, u8 column)
{
    if (s->kind == KIND_TEXT)
        return far_read16(s->segment, text_offset(s, row, column));
    return graphics_read_glyph(s, row, column);
}

/* ---- teletype ---- */

/* About an eighth of a second of 896 Hz, timed by the refresh bit of port 61h, which toggles each 15
 * microseconds. */
static void beep(void)
{
    u8 speaker = inb(0x61);
    outb(0x43, 0xB6);
    outb(0x42, 0x33);
    outb(0x42, 0x05);
    outb(0x61, speaker | 0x03);
    u8 last = inb(0x61) & 0x10;
    for (u32 toggles = 0, polls = 0; toggles < 8300 && polls < 2000000; polls++) {
        u8 now = inb(0x61) & 0x10;
        toggles += now != last;
        last = now;
    }
    outb(0x61, speaker & 0xFC);
}

/* Moves on by one character; *position is row << 8 | column. Returns 1 when the screen must scroll. */
static u8 advance(const struct screen *s, u8 character, u16 *position)
{
    u16 row = *position >> 8, column = *position & 0xFF;
    switch (character) {
    case '\b':
        if (column)
            column--;
        break;
    case '\r':
        column = 0;
        break;
    case '\n':
        row++;
        break;
    default:
        if (++column >= s->columns) {
            column = 0;
            row++;
        }
        break;
    }
    u8 scroll = row >= s->rows;
    if (scroll)
        row = s->rows - 1;
    *position = (u16)(row << 8 | column);
    return scroll;
}

/* One character of teletype output at the page's cursor. */
static void teletype(struct screen *s, u8 page, u8 character, u8 attribute, u8 with_attribute)
{
    u16 position = BDA_CURSOR_POS(page);
    if (character == '\a') {
        beep();
        return;
    }
    if (character != '\b' && character != '\r' && character != '\n')
        screen_write(s, (u8)(position >> 8), (u8)position, character, attribute, with_attribute, 1);
    if (advance(s, character, &position)) {
        u8 fill = s->kind == KIND_TEXT ? (u8)(screen_read(s, (u8)(position >> 8), (u8)position) >> 8) : 0;
        screen_scroll(s, 1, fill, 0, (u16)((s->rows - 1) << 8 | (s->columns - 1)), 1);
    }
    cursor_move(page, (u8)(position >> 8), (u8)position);
}

void screen_teletype(u8 character, u8 color)
{
    struct screen s;
    u8 page = BDA_PAGE & 7;
    screen_get(&s, page);
    teletype(&s, page, character, color, s.kind != KIND_TEXT);
    screen_done(&s);
}

/* AH=13h: AL bit 0 the cursor moves, bit 1 the string has attributes in it. */
void screen_write_string(struct registers *r)
{
    struct screen s;
    u8 page = r->bh & 7;
    u16 saved = BDA_CURSOR_POS(page), offset = r->bp;
    screen_get(&s, page);
    cursor_move(page, r->dh, r->dl);
    for (u16 i = r->cx; i; i--) {
        u8 character = far_read8(r->es, offset++);
        u8 attribute = r->bl;
        if (r->al & 2)
            attribute = far_read8(r->es, offset++);
        teletype(&s, page, character, attribute, 1);
    }
    if (!(r->al & 1))
        cursor_move(page, (u8)(saved >> 8), (u8)saved);
    screen_done(&s);
}
