/*
 * INT 10h AH=11h: character generators. Glyphs of text modes live in map 2, 32 bytes each, in eight blocks of
 * 8 KB; graphics modes draw from the font that INT 43h points to (INT 1Fh: the upper half in CGA modes).
 */
#include "vgabios.h"

/* Map 2 at A0000, addressed straight. */
static void open_font_memory(void)
{
    out_indexed(PORT_SEQUENCER, 0, 0x01);
    out_indexed(PORT_SEQUENCER, 2, 0x04);
    out_indexed(PORT_SEQUENCER, 4, 0x07);
    out_indexed(PORT_SEQUENCER, 0, 0x03);
    out_indexed(PORT_GRAPHICS, 3, 0x00);
    out_indexed(PORT_GRAPHICS, 4, 0x02);
    out_indexed(PORT_GRAPHICS, 5, 0x00);
    out_indexed(PORT_GRAPHICS, 6, 0x04);
    out_indexed(PORT_GRAPHICS, 8, 0xFF);
}

/* Back to text memory. */
static void close_font_memory(void)
{
    out_indexed(PORT_SEQUENCER, 0, 0x01);
    out_indexed(PORT_SEQUENCER, 2, 0x03);
    out_indexed(PORT_SEQUENCER, 4, 0x03);
    out_indexed(PORT_SEQUENCER, 0, 0x03);
    out_indexed(PORT_GRAPHICS, 4, 0x00);
    out_indexed(PORT_GRAPHICS, 5, 0x10);
    out_indexed(PORT_GRAPHICS, 6, inb(PORT_MISC_READ) & 1 ? 0x0E : 0x0A);
}

/* Blocks 0-3 lie 16 KB apart, 4-7 in the gaps between. */
static u16 block_offset(u8 block)
{
    return (u16)((block & 3) << 14 | (block & 4) << 11);
}

void font_load(u16 segment, u16 offset, u16 first, u16 count, u8 height, u8 block)
{
    u16 base = block_offset(block);
    first &= 0xFF;
    if (count > 256 - first)
        count = 256 - first;
    if (height > 32)
        height = 32;
    open_font_memory();
    for (u16 i = 0; i < count; i++)
        far_copy8(0xA000, base + (first + i) * 32, segment, offset + i * height, height);
    close_font_memory();
}

/* An alternate font: codes with their rows, ended by code 0. */
static void load_alternates(ROM u8 *font, u8 height, u8 block)
{
    for (u32 i = 0; i < 256 && *font; i++) {
        font_load(rom_segment(), (u16)(u32)font + 1, *font, 1, height, block);
        font += 1 + height;
    }
}

void font_load_rom(u8 height, u8 block, u8 nine_dots)
{
    ROM u8 *font = height == 8 ? font_8x8 : height == 14 ? font_8x14 : font_8x16;
    font_load(rom_segment(), (u16)(u32)font, 0, 256, height, block);
    if (nine_dots && height == 14)
        load_alternates(font_9x14, 14, block);
    if (nine_dots && height == 16)
        load_alternates(font_9x16, 16, block);
}

void font_set_height(u8 height)
{
    if (height == 0 || height > 32)
        return;
    u16 crtc = BDA_CRTC, lines = mode_scan_lines();
    u16 rows = lines / height;
    u16 end = rows * height;
    u8 doubled = in_indexed(crtc, 9) & 0x80;
    if (doubled)
        end *= 2;
    end--;
    out_indexed(crtc, 9, (in_indexed(crtc, 9) & 0xE0) | (height - 1));
    out_indexed(crtc, 0x12, (u8)end);
    out_indexed(crtc, 7, (in_indexed(crtc, 7) & ~0x42) | (end & 0x100 ? 0x02 : 0) | (end & 0x200 ? 0x40 : 0));
    if (BDA_CRTC == 0x3B4) /* the underline is in the last line of the cell */
        out_indexed(crtc, 0x14, (in_indexed(crtc, 0x14) & ~0x1F) | (height - 1));
    BDA_ROWS = (u8)(rows - 1);
    BDA_CHAR_HEIGHT = height;
    BDA_PAGE_SIZE = (u16)(((rows * BDA_COLUMNS * 2) | 0xFF) + 1);
    cursor_set_type(0x06, 0x07);
}

/* ---- AH=11h ---- */

static u8 nine_dot_cells(void)
{
    return (in_indexed(PORT_SEQUENCER, 1) & 1) == 0;
}

/* AL=00-04 and 10-14h: text fonts; the latter fit the screen to the font. */
static void load_text_font(struct registers *r)
{
    u8 height;
    switch (r->al & 0x0F) {
    case 0x00:
        height = r->bh;
        font_load(r->es, r->bp, r->dx, r->cx, height, r->bl & 7);
        break;
    case 0x01:
        font_load_rom(height = 14, r->bl & 7, nine_dot_cells());
        break;
    case 0x02:
        font_load_rom(height = 8, r->bl & 7, 0);
        break;
    case 0x03:
        out_indexed(PORT_SEQUENCER, 0, 0x01);
        out_indexed(PORT_SEQUENCER, 3, r->bl);
        out_indexed(PORT_SEQUENCER, 0, 0x03);
        return;
    default:
        font_load_rom(height = 16, r->bl & 7, nine_dot_cells());
        break;
    }
    if (r->al & 0x10)
        font_set_height(height);
}

/* BL: 0 rows in DL, 1, 2, 3: 14, 25, 43 rows. */
static void set_graphics_rows(u8 choice, u8 own, u16 height)
{
    static ROM u8 rows[] ROM_DATA = {14, 25, 43};
    u8 count = choice == 0 ? own : choice <= 3 ? rows[choice - 1] : 25;
    BDA_ROWS = count ? count - 1 : 0;
    BDA_CHAR_HEIGHT = height;
}

static void set_graphics_font(struct registers *r)
{
    switch (r->al) {
    case 0x20:
        VECTOR(0x1F) = FAR(r->es, r->bp);
        break;
    case 0x21:
        VECTOR(0x43) = FAR(r->es, r->bp);
        set_graphics_rows(r->bl, r->dl, r->cx);
        break;
    case 0x22:
        VECTOR(0x43) = ROM_FAR(font_8x14);
        set_graphics_rows(r->bl, r->dl, 14);
        break;
    case 0x23:
        VECTOR(0x43) = ROM_FAR(font_8x8);
        set_graphics_rows(r->bl, r->dl, 8);
        break;
    default:
        VECTOR(0x43) = ROM_FAR(font_8x16);
        set_graphics_rows(r->bl, r->dl, 16);
        break;
    }
}

static void font_information(struct registers *r)
{
    u32 font;
    switch (r->bh) {
    case 0:
        font = VECTOR(0x1F);
        break;
    case 1:
        font = VECTOR(0x43);
        break;
    case 2:
        font = ROM_FAR(font_8x14);
        break;
    case 3:
        font = ROM_FAR(font_8x8);
        break;
    case 4:
        font = FAR(rom_segment(), (u32)&font_8x8 + 128 * 8);
        break;
    case 5:
        font = ROM_FAR(font_9x14);
        break;
    case 6:
        font = ROM_FAR(font_8x16);
        break;
    case 7:
        font = ROM_FAR(font_9x16);
        break;
    default:
        return;
    }
    r->es = (u16)(font >> 16);
    r->bp = (u16)font;
    r->cx = BDA_CHAR_HEIGHT;
    r->dl = BDA_ROWS;
}

void font_service(struct registers *r)
{
    if (r->al == 0x30)
        font_information(r);
    else if (r->al >= 0x20 && r->al <= 0x24)
        set_graphics_font(r);
    else if (r->al <= 0x04 || (r->al >= 0x10 && r->al <= 0x14))
        load_text_font(r);
}
