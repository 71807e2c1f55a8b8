/* Scan-out: what CRTC, serializer, attribute controller and DAC make of video memory.
 * IBM PS/2 Hardware Interface Technical Reference, "CRT Controller Registers", "Attribute Controller
 * Registers".
 *
 * A frame is drawn at once, but each scan line goes through the same counters as on the card, from the
 * registers as they were when the beam came by (vga_raster_log.c). So split screens, panning and odd row
 * heights come out right. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/vga_private.h"

#define MAX_COLUMNS     256
#define LINE_PIXELS     (VBE_MAX_XRES + 16) /* more than (MAX_COLUMNS + 1) * 9 */
#define LINE_DOTS       ((MAX_COLUMNS + 2) * 8)
#define IDLE_WIDTH      720 /* the size of a screen that no program has set up */
#define IDLE_HEIGHT     400
#define SMALLEST_SCREEN 64

/* ---- Counters ---- */

static unsigned vertical_bits(const struct vga *vga, unsigned low, unsigned bit8, unsigned bit9)
{
    const uint8_t *cr = vga->crtc;
    return cr[low] | (cr[CRTC_OVERFLOW] >> bit8 & 1u) << 8 | (cr[CRTC_OVERFLOW] >> bit9 & 1u) << 9;
}

static unsigned displayed_lines(const struct vga *vga)
{
    return vertical_bits(vga, CRTC_V_DISPLAY_END, 1, 6) + 1;
}

static unsigned line_compare(const struct vga *vga)
{
    const uint8_t *cr = vga->crtc;
    return cr[CRTC_LINE_COMPARE] | (cr[CRTC_OVERFLOW] >> 4 & 1u) << 8 |
           (cr[CRTC_MAX_SCAN_LINE] >> 6 & 1u) << 9;
}

static bool double_scan(const struct vga *vga)
{
    return vga->crtc[CRTC_MAX_SCAN_LINE] & CR9_DOUBLE_SCAN;
}

unsigned vga_columns(const struct vga *vga)
{
    return vga->crtc[CRTC_H_DISPLAY_END] + 1u;
}

unsigned vga_row_height(const struct vga *vga)
{
    return (vga->crtc[CRTC_MAX_SCAN_LINE] & 0x1Fu) + 1;
}

/* Does panning apply? Attribute 10h bit 5 takes it away below the line compare. */
static bool panning_applies(const struct vga *vga, const struct vga_scan *scan)
{
    return !(scan->split && (vga->attr[ATTR_MODE] & ATTR10_PAN_COMPATIBLE));
}

static void set_line_address(const struct vga *vga, struct vga_scan *scan)
{
    unsigned bytes = panning_applies(vga, scan) ? vga->crtc[CRTC_PRESET_ROW_SCAN] >> 5 & 3 : 0;
    scan->address = (uint16_t)(scan->row_address + bytes);
}

void vga_scan_begin(const struct vga *vga, struct vga_scan *scan, uint16_t start)
{
    *scan = (struct vga_scan){.lines = displayed_lines(vga),
                              .row_address = start,
                              .row = vga->crtc[CRTC_PRESET_ROW_SCAN] & 0x1F,
                              .row_begins = true};
    set_line_address(vga, scan);
}

static void next_row_scan(const struct vga *vga, struct vga_scan *scan)
{
    scan->repeated = false;
    scan->row_begins = scan->row == vga_row_height(vga) - 1;
    if (scan->row_begins) {
        scan->row = 0;
        scan->row_address = (uint16_t)(scan->row_address + 2 * vga->crtc[CRTC_OFFSET]);
    } else {
        scan->row = (scan->row + 1) & 0x1F;
    }
}

bool vga_scan_next(const struct vga *vga, struct vga_scan *scan)
{
    unsigned done = scan->line++;
    if (scan->line >= scan->lines)
        return false;
    if (done == line_compare(vga)) {
        scan->row_address = 0;
        scan->row = 0;
        scan->repeated = false;
        scan->row_begins = scan->split = true;
    } else if (double_scan(vga) && !scan->repeated) {
        scan->repeated = true;
        scan->row_begins = false;
    } else {
        next_row_scan(vga, scan);
    }
    set_line_address(vga, scan);
    return true;
}

uint32_t vga_scan_plane_address(const struct vga *vga, uint32_t counter, unsigned row)
{
    uint8_t mode = vga->crtc[CRTC_MODE_CONTROL];
    uint32_t address = counter & 0xFFFF;
    if (vga->crtc[CRTC_UNDERLINE] & CR14_DWORD)
        address = address << 2 | address >> 14;
    else if (!(mode & CR17_BYTE_MODE))
        address = address << 1 | (address >> (mode & CR17_WRAP_A15 ? 15 : 13) & 1);
    /* CGA and Hercules interleave lines by row scan bits in place of address bits. */
    if (!(mode & CR17_ROW0_NOT_A13))
        address = (address & ~0x2000u) | (row & 1) << 13;
    if (!(mode & CR17_ROW1_NOT_A14))
        address = (address & ~0x4000u) | (row >> 1 & 1) << 14;
    return address & 0xFFFF;
}

unsigned vga_scan_panning(const struct vga *vga, const struct vga_scan *scan)
{
    if (!panning_applies(vga, scan))
        return 0;
    unsigned value = vga->attr[ATTR_PEL_PANNING];
    bool nine_dots = !(vga->seq[SEQ_CLOCKING_MODE] & SEQ1_EIGHT_DOTS) && vga_is_text(vga);
    if (nine_dots)
        return value >= 8 ? 0 : value + 1;
    return value > 7 ? 0 : value;
}

/* ---- Colours ---- */

static uint32_t dac_colour(const struct vga *vga, uint8_t index)
{
    const uint8_t *c = vga->dac + 3 * index;
    uint32_t out = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint8_t six = c[i] & 0x3F;
        uint8_t eight = vga->vbe[VBE_ENABLE] & VBE_8BIT_DAC ? c[i] : (uint8_t)(six << 2 | six >> 4);
        out = out << 8 | eight;
    }
    return out;
}

void vga_dac_colours(const struct vga *vga, uint32_t colours[256])
{
    for (unsigned i = 0; i < 256; i++)
        colours[i] = dac_colour(vga, (uint8_t)(i & vga->pel_mask));
}

uint8_t vga_palette_index(const struct vga *vga, unsigned pixel)
{
    uint8_t select = vga->attr[ATTR_COLOR_SELECT];
    uint8_t index = vga->attr[pixel & vga->attr[ATTR_PLANE_ENABLE] & 0x0F];
    if (vga->attr[ATTR_MODE] & ATTR10_P54S)
        index = (uint8_t)((index & 0x0F) | (select & 3) << 4);
    return (uint8_t)(index | (select & 0x0C) << 4);
}

uint32_t vga_colour(const struct vga *vga, unsigned attribute_index)
{
    return dac_colour(vga, vga_palette_index(vga, attribute_index) & vga->pel_mask);
}

/* ---- Graphics lines ---- */

/* Eight dots of a cell by shift register mode, as 4-bit values. */
static void dots_of_planes(const struct vga *vga, uint32_t cell, uint8_t *dots)
{
    uint64_t eight = vga->spread[cell & 0xFF] | vga->spread[cell >> 8 & 0xFF] << 1 |
                     vga->spread[cell >> 16 & 0xFF] << 2 | vga->spread[cell >> 24] << 3;
    for (unsigned i = 0; i < 8; i++)
        dots[i] = (uint8_t)(eight >> 8 * i);
}

/* CGA: planes 0 and 1 hold two bits for each of four dots; planes 2 and 3 the upper two bits of the same. */
static void dots_interleaved(uint32_t cell, uint8_t *dots)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned shift = 8 * (i / 4) + 6 - 2 * (i % 4);
        dots[i] = (uint8_t)((cell >> shift & 3) | (cell >> (shift + 16) & 3) << 2);
    }
}

static void dots_of_nibbles(uint32_t cell, uint8_t *dots)
{
    for (unsigned i = 0; i < 8; i++)
        dots[i] = (uint8_t)(cell >> (8 * (i / 2) + (i & 1 ? 0 : 4)) & 0x0F);
}

static void serialize(const struct vga *vga, uint32_t cell, uint8_t *dots)
{
    if (vga->gfx[GFX_MODE] & GFX5_256_COLORS)
        dots_of_nibbles(cell, dots);
    else if (vga->gfx[GFX_MODE] & GFX5_INTERLEAVE)
        dots_interleaved(cell, dots);
    else
        dots_of_planes(vga, cell, dots);
}

/* What is the same for all lines of a frame. */
struct look {
    bool text, eight_bit;
    unsigned width;
    unsigned count_shift; /* character clocks for each step of the address counter, as a shift */
    uint32_t dac[256];
    uint32_t four_bit[16];
    struct vga_text_look text_look;
};

static void graphics_line(const struct vga *vga, const struct look *look, const struct vga_scan *scan,
                          uint32_t *pixels)
{
    uint8_t dots[LINE_DOTS];
    unsigned columns = vga_columns(vga), panning = vga_scan_panning(vga, scan);
    for (unsigned i = 0; i <= columns; i++) {
        uint32_t counter = scan->address + (i >> look->count_shift);
        serialize(vga, vga_load_cell(vga, vga_scan_plane_address(vga, counter, scan->row)), dots + 8 * i);
    }
    if (look->eight_bit) {
        const uint8_t *from = dots + (panning & ~1u);
        for (unsigned x = 0; x < look->width; x++)
            pixels[x] = look->dac[from[2 * x] << 4 | from[2 * x + 1]];
    } else {
        for (unsigned x = 0; x < look->width; x++)
            pixels[x] = look->four_bit[dots[x + panning]];
    }
}

/* Blinking in graphics modes: pixels of the upper eight colours take turns with the lower. */
static void prepare_four_bit(const struct vga *vga, struct look *look)
{
    bool swap = (vga->attr[ATTR_MODE] & ATTR10_BLINK) && (vga_frames_shown(vga) & 16);
    for (unsigned i = 0; i < 16; i++)
        look->four_bit[i] = look->dac[vga_palette_index(vga, swap && i >= 8 ? i ^ 8 : i)];
}

static unsigned displayed_width(const struct vga *vga)
{
    if (vga_is_text(vga))
        return vga_columns(vga) * (vga->seq[SEQ_CLOCKING_MODE] & SEQ1_EIGHT_DOTS ? 8 : 9);
    return vga_columns(vga) * (vga->attr[ATTR_MODE] & ATTR10_EIGHT_BIT ? 4 : 8);
}

static void prepare(const struct vga *vga, struct look *look)
{
    look->text = vga_is_text(vga);
    look->eight_bit = !look->text && (vga->attr[ATTR_MODE] & ATTR10_EIGHT_BIT);
    look->count_shift = vga->crtc[CRTC_UNDERLINE] & CR14_COUNT_BY_4      ? 2
                        : vga->crtc[CRTC_MODE_CONTROL] & CR17_COUNT_BY_2 ? 1
                                                                         : 0;
    vga_dac_colours(vga, look->dac);
    look->width = displayed_width(vga);
    if (look->text)
        vga_text_prepare(vga, &look->text_look);
    else
        prepare_four_bit(vga, look);
}

/* ---- Frames ---- */

/* Makes the frame WIDTH x HEIGHT; says whether that is new. */
static bool resize(struct vga_frame *frame, unsigned width, unsigned height)
{
    bool changed = frame->width != width || frame->height != height;
    uint32_t needed = width * height;
    if (needed > frame->capacity) {
        frame->pixels = xrealloc(frame->pixels, (size_t)needed * sizeof *frame->pixels);
        frame->capacity = needed;
    }
    if (changed)
        memset(frame->pixels, 0, (size_t)needed * sizeof *frame->pixels);
    frame->width = frame->stride = width;
    frame->height = height;
    return changed;
}

void vga_frame_free(struct vga_frame *frame)
{
    free(frame->pixels);
    *frame = (struct vga_frame){0};
}

static bool put_line(struct vga_frame *frame, unsigned y, const uint32_t *pixels)
{
    uint32_t *to = frame->pixels + (size_t)y * frame->stride;
    size_t bytes = frame->width * sizeof *pixels;
    if (!memcmp(to, pixels, bytes))
        return false;
    memcpy(to, pixels, bytes);
    return true;
}

static void fill_line(uint32_t *pixels, unsigned width, uint32_t colour)
{
    for (unsigned x = 0; x < width; x++)
        pixels[x] = colour;
}

static bool fill(struct vga_frame *frame, uint32_t colour)
{
    uint32_t line[LINE_PIXELS];
    bool changed = false;
    fill_line(line, frame->width, colour);
    for (unsigned y = 0; y < frame->height; y++)
        changed |= put_line(frame, y, line);
    return changed;
}

/* How many scan lines in a row are the same: double scanning, and in graphics modes rows of more than one
 * line whose row scan counter chooses no memory. Each line counts where that does not hold all over the
 * screen. */
static unsigned repetition(const struct vga *vga, bool text)
{
    unsigned times = double_scan(vga) ? 2 : 1;
    bool rows_differ = text || (vga->crtc[CRTC_MODE_CONTROL] & (CR17_ROW0_NOT_A13 | CR17_ROW1_NOT_A14)) !=
                                   (CR17_ROW0_NOT_A13 | CR17_ROW1_NOT_A14);
    if (!rows_differ)
        times *= vga_row_height(vga);
    unsigned lines = displayed_lines(vga), split = line_compare(vga) + 1;
    bool uneven = lines % times || (split < lines && split % times) ||
                  (!rows_differ && (vga->crtc[CRTC_PRESET_ROW_SCAN] & 0x1F));
    return uneven ? 1 : times;
}

static bool sequencer_shows(const struct vga *vga)
{
    return (vga->seq[SEQ_RESET] & 3) == 3 && !(vga->seq[SEQ_CLOCKING_MODE] & SEQ1_SCREEN_OFF);
}

/* Draws a line into PIXELS and says where its first shown pixel is. */
static const uint32_t *render_line(const struct vga *vga, const struct look *look,
                                   const struct vga_scan *scan, uint32_t *pixels)
{
    if (!sequencer_shows(vga)) {
        fill_line(pixels, look->width, 0);
    } else if (!(vga->attr_index &
                 ATTR_INDEX_PAS)) { /* the processor has the palette: the border is all there is */
        fill_line(pixels, look->width, look->dac[vga->attr[ATTR_OVERSCAN]]);
    } else if (look->text) {
        vga_text_line(vga, &look->text_look, scan, pixels);
        return pixels + vga_scan_panning(vga, scan);
    } else {
        graphics_line(vga, look, scan, pixels);
    }
    return pixels;
}

/* TIMES: how many scan lines are given as one. */
static bool render_lines(struct vga_replay *replay, unsigned times, struct vga_frame *frame)
{
    const struct vga *vga = &replay->vga;
    uint32_t pixels[LINE_PIXELS];
    struct look look;
    struct vga_scan scan;
    bool changed = false;
    vga_replay_to_line(replay, 0);
    prepare(vga, &look);
    vga_scan_begin(vga, &scan, vga_start_address(vga, replay->frame_start));
    do {
        if (vga_replay_to_line(replay, scan.line))
            prepare(vga, &look);
        if (scan.line % times == 0)
            changed |= put_line(frame, scan.line / times, render_line(vga, &look, &scan, pixels));
    } while (vga_scan_next(vga, &scan));
    return changed;
}

static bool render_vga(const struct vga *vga, struct vga_frame *frame)
{
    struct vga_replay replay;
    unsigned times = repetition(vga, vga_is_text(vga));
    unsigned width = displayed_width(vga), height = displayed_lines(vga) / times;
    frame->aspect_x = 4;
    frame->aspect_y = 3;
    if (!sequencer_shows(vga) && (width < SMALLEST_SCREEN || height < SMALLEST_SCREEN)) {
        bool resized = resize(frame, IDLE_WIDTH, IDLE_HEIGHT);
        return fill(frame, 0) || resized;
    }
    bool changed = resize(frame, width, height);
    vga_replay_begin(vga, &replay);
    return render_lines(&replay, times, frame) || changed;
}

/* ---- VBE modes ---- */

static void vbe_line_4(const struct vga *vga, unsigned line, const uint32_t *four_bit, uint32_t *pixels)
{
    uint8_t dots[VBE_MAX_XRES + 16];
    unsigned width = vga->vbe[VBE_XRES], left = vga->vbe[VBE_X_OFFSET];
    uint32_t at = line * vga_vbe_line_bytes(vga) + left / 8;
    for (unsigned x = 0; x < width + left % 8; x += 8)
        dots_of_planes(vga, vga_load_cell(vga, at + x / 8), dots + x);
    for (unsigned x = 0; x < width; x++)
        pixels[x] = four_bit[dots[left % 8 + x]];
}

static uint32_t widen(unsigned value, unsigned bits)
{
    return value << (8 - bits) | value >> (2 * bits - 8);
}

static uint32_t colour_15(unsigned v)
{
    return widen(v >> 10 & 0x1F, 5) << 16 | widen(v >> 5 & 0x1F, 5) << 8 | widen(v & 0x1F, 5);
}

static uint32_t colour_16(unsigned v)
{
    return widen(v >> 11, 5) << 16 | widen(v >> 5 & 0x3F, 6) << 8 | widen(v & 0x1F, 5);
}

/* FROM holds the line's first pixel, in memory that surely holds the whole line. */
static void vbe_line_packed(const uint8_t *from, unsigned bpp, unsigned width, const uint32_t *dac,
                            uint32_t *pixels)
{
    for (unsigned x = 0; x < width; x++) {
        switch (bpp) {
        case 8:
            pixels[x] = dac[from[x]];
            break;
        case 15:
            pixels[x] = colour_15(from[2 * x] | from[2 * x + 1] << 8);
            break;
        case 16:
            pixels[x] = colour_16((unsigned)(from[2 * x] | from[2 * x + 1] << 8));
            break;
        case 24:
            pixels[x] = from[3 * x] | from[3 * x + 1] << 8 | (uint32_t)from[3 * x + 2] << 16;
            break;
        default:
            pixels[x] = from[4 * x] | from[4 * x + 1] << 8 | (uint32_t)from[4 * x + 2] << 16;
            break;
        }
    }
}

static bool render_vbe_lines(const struct vga *vga, struct vga_frame *frame, const uint32_t *dac)
{
    uint32_t pixels[LINE_PIXELS], four_bit[16];
    const uint16_t *r = vga->vbe;
    uint32_t pitch = vga_vbe_line_bytes(vga);
    bool changed = false;
    for (unsigned i = 0; i < 16; i++)
        four_bit[i] = dac[vga_palette_index(vga, i)];
    for (unsigned y = 0; y < r[VBE_YRES]; y++) {
        unsigned line = y + r[VBE_Y_OFFSET];
        size_t left = (size_t)r[VBE_X_OFFSET] * ((r[VBE_BPP] + 7u) / 8);
        if (r[VBE_BPP] == 4)
            vbe_line_4(vga, line, four_bit, pixels);
        else
            vbe_line_packed(vga->vram->bytes + (size_t)line * pitch + left, r[VBE_BPP], r[VBE_XRES], dac,
                            pixels);
        changed |= put_line(frame, y, pixels);
    }
    return changed;
}

/* Modes of 320x200, 640x400 and the like fill a 4:3 screen as their VGA kin do; the others have square
 * pixels. */
static void set_vbe_aspect(const struct vga *vga, struct vga_frame *frame)
{
    unsigned width = vga->vbe[VBE_XRES], height = vga->vbe[VBE_YRES];
    bool vga_kin = width <= 720 && height <= 480;
    frame->aspect_x = vga_kin ? 4 : width;
    frame->aspect_y = vga_kin ? 3 : height;
}

static bool render_vbe(const struct vga *vga, struct vga_frame *frame)
{
    uint32_t dac[256];
    vga_dac_colours(vga, dac);
    set_vbe_aspect(vga, frame);
    bool changed = resize(frame, vga->vbe[VBE_XRES], vga->vbe[VBE_YRES]);
    if (!(vga->attr_index & ATTR_INDEX_PAS))
        return fill(frame, dac[vga->attr[ATTR_OVERSCAN]]) || changed;
    return render_vbe_lines(vga, frame, dac) || changed;
}

bool vga_render(const struct vga *vga, struct vga_frame *frame)
{
    return vga_vbe_enabled(vga) ? render_vbe(vga, frame) : render_vga(vga, frame);
}
