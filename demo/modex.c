/*
 * "Mode X": mode 13h with its planes taken apart. In mode 13h the VGA chains its four planes, so that only a
 * quarter of its 256 KB is used. Unchained, a byte address holds four dots, one in each plane, and there is
 * room for pictures larger than the screen.
 *
 * Here the picture is 640 by 368. The CRT controller (3D4h, 3D5h) is told where in memory the screen begins,
 * and at which line to go on from address 0: the split screen below stands still while the picture moves
 * above it.
 */
#include "demo.h"

#define WIDTH       640
#define HEIGHT      368
#define STRIDE      (WIDTH / 4) /* bytes of a line in each plane */
#define SPLIT_LINES 32          /* at address 0 */
#define PICTURE     (SPLIT_LINES * STRIDE)
#define SHOWN       (200 - SPLIT_LINES)

static void crtc(u8 index, u8 value)
{
    out16(0x3D4, (u16)(index | value << 8));
}

static u8 crtc_read(u8 index)
{
    out8(0x3D4, index);
    return in8(0x3D5);
}

/* Attribute controller: index and data share port 3C0h; reading 3DAh makes the next one an index. 20h keeps
 * the picture on. */
static void attribute(u8 index, u8 value)
{
    in8(0x3DA);
    out8(0x3C0, index | 0x20);
    out8(0x3C0, value);
}

static void select_planes(u8 mask)
{
    out16(0x3C4, (u16)(0x02 | mask << 8));
}

static void unchain(void)
{
    out16(0x3C4, 0x0604); /* sequencer: no chain 4 */
    crtc(0x14, 0x00);     /* byte addresses */
    crtc(0x17, 0xE3);
    crtc(0x13, STRIDE / 2); /* words from line to line */
    crtc(0x11, crtc_read(0x11) & 0x7F);
    /* Every line is shown twice, so the split comes at twice its line; ten bits in three registers. */
    u16 split = 2 * SHOWN - 1;
    crtc(0x18, (u8)split);
    crtc(0x07, (u8)((crtc_read(0x07) & ~0x10) | (split >> 8 & 1) << 4));
    crtc(0x09, (u8)((crtc_read(0x09) & ~0x40) | (split >> 9 & 1) << 6));
    attribute(0x10, 0x61); /* 256 colours; panning does not move the split screen */
}

static void dot(u32 base, s32 x, s32 y, u8 color)
{
    select_planes((u8)(1 << (x & 3)));
    MEMORY8(base + (u32)(y * STRIDE + x / 4)) = color;
}

/* Tiles and rings. All dots of one plane, then of the next: the plane is changed four times, not 235,520
 * times. */
static void draw_picture(void)
{
    for (u8 plane = 0; plane < 4; plane++) {
        select_planes((u8)(1 << plane));
        for (s32 y = 0; y < HEIGHT; y++) {
            u32 at = (u32)(PICTURE + y * STRIDE);
            for (s32 x = plane; x < WIDTH; x += 4) {
                s32 dx = x - WIDTH / 2, dy = y - HEIGHT / 2;
                u8 ring = (u8)((dx * dx + dy * dy) >> 9);
                MEMORY8(at++) = (x ^ y) & 32 ? 32 + ring % 72 : 104 + ring % 72;
            }
        }
    }
    for (s32 x = 0; x < WIDTH; x++) {
        dot(PICTURE, x, 0, 15);
        dot(PICTURE, x, HEIGHT - 1, 15);
    }
    for (s32 y = 0; y < HEIGHT; y++) {
        dot(PICTURE, 0, y, 15);
        dot(PICTURE, WIDTH - 1, y, 15);
    }
}

/* The BIOS writes no text in this mode, but it tells where its 8 by 8 font is (INT 10h function 1130h). */
static void draw_text(u16 x, u16 y, u8 color, const char *text)
{
    struct registers r = {.ax = 0x1130, .bx = 0x0300};
    interrupt(0x10, &r);
    u16 font_segment = (u16)r.es, font = (u16)r.bp;
    for (; *text; text++, x += 8) {
        for (u8 row = 0; row < 8; row++) {
            select_segment(font_segment);
            u8 dots = MEMORY8((u32)(u16)(font + (u8)*text * 8 + row));
            select_segment(0xA000);
            for (u8 i = 0; i < 8; i++)
                if (dots & (0x80 >> i))
                    dot(0, x + i, y + row, color);
        }
    }
}

static void draw_split(void)
{
    select_planes(0x0F);
    for (u32 at = 0; at < PICTURE; at++)
        MEMORY8(at) = at < 2 * STRIDE ? 15 : 1;
    draw_text(8, 7, 15, "Mode X: panning and a split screen");
    draw_text(8, 19, 11, "Esc: menu   other keys: stop, go on");
}

/* The start address counts bytes, four dots each; the rest of X goes to the attribute controller, in half
 * dots. */
static void show_from(u16 x, u16 y)
{
    u16 start = (u16)(PICTURE + y * STRIDE + x / 4);
    wait_retrace();
    crtc(0x0C, (u8)(start >> 8));
    crtc(0x0D, (u8)start);
    attribute(0x13, (u8)((x & 3) * 2));
}

void page_modex(void)
{
    set_video_mode(0x13);
    unchain();
    select_segment(0xA000);
    draw_picture();
    draw_split();
    u8 moving = 1;
    for (u16 time = 0;;) {
        u16 key = key_pressed();
        if (key == KEY_ESCAPE)
            return;
        if (key)
            moving = !moving;
        time += moving;
        s32 x = (WIDTH - 320) / 2 + sine((u8)(time / 2)) * ((WIDTH - 320) / 2 - 2) / 127;
        s32 y = (HEIGHT - SHOWN) / 2 + sine((u8)(time / 3 + 64)) * ((HEIGHT - SHOWN) / 2 - 2) / 127;
        show_from((u16)x, (u16)y);
    }
}
