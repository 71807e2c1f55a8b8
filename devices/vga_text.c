/* Alphanumeric modes: characters, fonts, cursor; and the text screen as text.
 * IBM PS/2 Hardware Interface Technical Reference, "Alphanumeric Modes", "Character Map Select Register". */
#include "devices/vga_private.h"

#include "base/text.h"

/* Code page 437; 00h-1Fh and 7Fh in their graphic forms, 00h as the blank that it shows. */
const uint16_t vga_cp437[256] = {
    0x0020, 0x263A, 0x263B, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25D8, 0x25CB, 0x25D9, 0x2642, 0x2640,
    0x266A, 0x266B, 0x263C, 0x25BA, 0x25C4, 0x2195, 0x203C, 0x00B6, 0x00A7, 0x25AC, 0x21A8, 0x2191, 0x2193,
    0x2192, 0x2190, 0x221F, 0x2194, 0x25B2, 0x25BC, 0x0020, 0x0021, 0x0022, 0x0023, 0x0024, 0x0025, 0x0026,
    0x0027, 0x0028, 0x0029, 0x002A, 0x002B, 0x002C, 0x002D, 0x002E, 0x002F, 0x0030, 0x0031, 0x0032, 0x0033,
    0x0034, 0x0035, 0x0036, 0x0037, 0x0038, 0x0039, 0x003A, 0x003B, 0x003C, 0x003D, 0x003E, 0x003F, 0x0040,
    0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047, 0x0048, 0x0049, 0x004A, 0x004B, 0x004C, 0x004D,
    0x004E, 0x004F, 0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057, 0x0058, 0x0059, 0x005A,
    0x005B, 0x005C, 0x005D, 0x005E, 0x005F, 0x0060, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067,
    0x0068, 0x0069, 0x006A, 0x006B, 0x006C, 0x006D, 0x006E, 0x006F, 0x0070, 0x0071, 0x0072, 0x0073, 0x0074,
    0x0075, 0x0076, 0x0077, 0x0078, 0x0079, 0x007A, 0x007B, 0x007C, 0x007D, 0x007E, 0x2302, 0x00C7, 0x00FC,
    0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF, 0x00EE, 0x00EC, 0x00C4,
    0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9, 0x00FF, 0x00D6, 0x00DC, 0x00A2,
    0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF,
    0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561,
    0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C,
    0x251C, 0x2500, 0x253C, 0x255E, 0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567,
    0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584,
    0x258C, 0x2590, 0x2580, 0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398,
    0x03A9, 0x03B4, 0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7,
    0x2248, 0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0};

#define MAX_ROWS 1024 /* as many as there are scan lines */

bool vga_is_text(const struct vga *vga)
{
    return !vga_vbe_enabled(vga) && !(vga->gfx[GFX_MISC] & GFX6_GRAPHICS);
}

bool vga_text_blinks(const struct vga *vga)
{
    return vga->attr[ATTR_MODE] & ATTR10_BLINK;
}

/* ---- Drawing ---- */

/* Plane 2 holds eight fonts of 8 KB; the first four at every 16 KB, the others between them. */
static uint32_t font_address(unsigned select)
{
    return (select & 3) << 14 | (select >> 2 & 1) << 13;
}

static uint16_t cursor_register(const struct vga *vga)
{
    return (uint16_t)(vga->crtc[CRTC_CURSOR_HIGH] << 8 | vga->crtc[CRTC_CURSOR_LOW]);
}

/* Where on the screen's address counter the cursor stands; the skew moves it to the right by characters. */
static uint16_t cursor_address(const struct vga *vga)
{
    return (uint16_t)(cursor_register(vga) + (vga->crtc[CRTC_CURSOR_END] >> 5 & 3));
}

static bool cursor_enabled(const struct vga *vga)
{
    return !(vga->crtc[CRTC_CURSOR_START] & 0x20);
}

void vga_text_prepare(const struct vga *vga, struct vga_text_look *look)
{
    uint8_t maps = vga->seq[SEQ_CHARACTER_MAP], mode = vga->attr[ATTR_MODE];
    uint64_t frames = vga_frames_shown(vga);
    *look = (struct vga_text_look){
        .char_width = vga->seq[SEQ_CLOCKING_MODE] & SEQ1_EIGHT_DOTS ? 8 : 9,
        .blink_enabled = mode & ATTR10_BLINK,
        .blink_on = !(frames & 16), /* shown for 16 frames of 32 */
        .cursor_on = cursor_enabled(vga) && !(frames & 8),
        .line_graphics = mode & ATTR10_LINE_GRAPHICS,
        .cursor_address = cursor_address(vga),
        .cursor_start = vga->crtc[CRTC_CURSOR_START] & 0x1F,
        .cursor_end = vga->crtc[CRTC_CURSOR_END] & 0x1F,
        .underline = vga->crtc[CRTC_UNDERLINE] & 0x1F,
        .font = {font_address((maps & 3u) | (maps >> 2 & 4u)),
                 font_address((maps >> 2 & 3u) | (maps >> 3 & 4u))},
    };
    for (unsigned i = 0; i < 16; i++)
        look->colours[i] = vga_colour(vga, i);
}

/* The dots of one row scan of a character, leftmost in bit 8 where characters are nine dots wide. */
static unsigned character_dots(const struct vga *vga, const struct vga_text_look *look, uint8_t character,
                               uint8_t attribute, unsigned row)
{
    uint32_t at = look->font[attribute >> 3 & 1] + character * 32u + row;
    unsigned dots = vga_load_cell(vga, at) >> 16 & 0xFF;
    if (row == look->underline && (attribute & 0x77) == 0x01)
        return 0x1FF >> (9 - look->char_width);
    if (look->char_width == 8)
        return dots;
    /* The ninth dot is blank, save for the characters that join boxes and bars. */
    bool joins = look->line_graphics && (character & 0xE0) == 0xC0;
    return dots << 1 | (joins ? dots & 1 : 0);
}

static void draw_character(const struct vga *vga, const struct vga_text_look *look, uint32_t cell,
                           unsigned row, bool cursor, uint32_t *pixels)
{
    uint8_t character = (uint8_t)cell, attribute = (uint8_t)(cell >> 8);
    uint32_t ink = look->colours[attribute & 0x0F];
    uint32_t paper = look->colours[attribute >> 4 & (look->blink_enabled ? 0x07 : 0x0F)];
    unsigned dots = character_dots(vga, look, character, attribute, row);
    if (look->blink_enabled && (attribute & 0x80) && !look->blink_on)
        dots = 0;
    if (cursor)
        dots = 0x1FF;
    for (unsigned i = look->char_width; i--;)
        *pixels++ = dots >> i & 1 ? ink : paper;
}

void vga_text_line(const struct vga *vga, const struct vga_text_look *look, const struct vga_scan *scan,
                   uint32_t *pixels)
{
    unsigned columns = vga_columns(vga);
    bool cursor_row = look->cursor_on && scan->row >= look->cursor_start && scan->row <= look->cursor_end;
    for (unsigned i = 0; i <= columns; i++) {
        uint16_t counter = (uint16_t)(scan->address + i);
        uint32_t cell = vga_load_cell(vga, vga_scan_plane_address(vga, counter, scan->row));
        draw_character(vga, look, cell, scan->row, cursor_row && counter == look->cursor_address,
                       pixels + i * look->char_width);
    }
}

/* ---- The screen as text ---- */

/* The address counter at the beginning of each row that is shown to its full height. */
static unsigned find_rows(const struct vga *vga, uint16_t addresses[MAX_ROWS])
{
    struct vga_scan scan;
    unsigned rows = 0, height = vga_row_height(vga);
    if (vga->crtc[CRTC_MAX_SCAN_LINE] & CR9_DOUBLE_SCAN)
        height *= 2;
    vga_scan_begin(vga, &scan, vga_start_address(vga, vga->dev.clock->now));
    do {
        if (scan.row_begins && scan.line + height <= scan.lines && rows < MAX_ROWS)
            addresses[rows++] = scan.address;
    } while (vga_scan_next(vga, &scan));
    return rows;
}

static struct vga_cell text_cell(const struct vga *vga, uint16_t counter)
{
    uint32_t cell = vga_load_cell(vga, vga_scan_plane_address(vga, counter, 0));
    return (struct vga_cell){(uint8_t)cell, (uint8_t)(cell >> 8)};
}

static bool is_blank(uint8_t character)
{
    return character == 0x00 || character == 0x20 || character == 0xFF;
}

bool vga_text(const struct vga *vga, struct text *out)
{
    uint16_t addresses[MAX_ROWS];
    if (!vga_is_text(vga))
        return false;
    unsigned rows = find_rows(vga, addresses), columns = vga_columns(vga);
    for (unsigned y = 0; y < rows; y++) {
        unsigned end = columns;
        while (end && is_blank(text_cell(vga, (uint16_t)(addresses[y] + end - 1)).character))
            end--;
        for (unsigned x = 0; x < end; x++)
            text_add_rune(out, vga_cp437[text_cell(vga, (uint16_t)(addresses[y] + x)).character]);
        text_add(out, "\n");
    }
    return true;
}

static bool cursor_shows(const struct vga *vga)
{
    unsigned start = vga->crtc[CRTC_CURSOR_START] & 0x1F, end = vga->crtc[CRTC_CURSOR_END] & 0x1F;
    return cursor_enabled(vga) && start <= end && start < vga_row_height(vga);
}

unsigned vga_text_cells(const struct vga *vga, struct vga_cell *cells, unsigned max, unsigned *columns,
                        unsigned *rows, int *cursor_x, int *cursor_y)
{
    uint16_t addresses[MAX_ROWS];
    *columns = *rows = 0;
    *cursor_x = *cursor_y = -1;
    if (!vga_is_text(vga))
        return 0;
    *columns = vga_columns(vga);
    *rows = find_rows(vga, addresses);
    for (unsigned y = 0; y < *rows; y++) {
        for (unsigned x = 0; x < *columns && y * *columns + x < max; x++)
            cells[y * *columns + x] = text_cell(vga, (uint16_t)(addresses[y] + x));
        uint16_t column = (uint16_t)(cursor_address(vga) - addresses[y]);
        if (cursor_shows(vga) && column < *columns && *cursor_y < 0) {
            *cursor_x = column;
            *cursor_y = (int)y;
        }
    }
    return *columns * *rows;
}
