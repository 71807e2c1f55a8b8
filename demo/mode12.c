/*
 * VGA mode 12h: 640 by 480 dots of 16 colours. A dot's four bits lie in four planes that share the addresses
 * from A0000h on, a bit for each of eight neighbouring dots in a byte. The graphics controller (ports 3CEh,
 * 3CFh) takes the work of writing to planes: here its set/reset registers hold the colour, its bit mask
 * chooses the dots, and the byte that is written does not matter.
 */
#include "demo.h"

static void graphics_register(u8 index, u8 value)
{
    out16(0x3CE, (u16)(index | value << 8));
}

static void planes_on(void)
{
    graphics_register(1, 0x0F); /* enable set/reset in all planes */
}

static void planes_off(void)
{
    graphics_register(0, 0);
    graphics_register(1, 0);
    graphics_register(8, 0xFF);
}

static void dot(s32 x, s32 y, u8 color)
{
    if (x < 0 || x >= 640 || y < 0 || y >= 480)
        return;
    u32 at = (u32)(y * 80 + x / 8);
    graphics_register(0, color);
    graphics_register(8, (u8)(0x80 >> (x & 7)));
    (void)MEMORY8(at); /* reading loads the latches, which give the dots that the mask leaves alone */
    MEMORY8(at) = 0xFF;
}

/* Bresenham's line: additions only. */
static void line(s32 x, s32 y, s32 to_x, s32 to_y, u8 color)
{
    s32 dx = to_x > x ? to_x - x : x - to_x, dy = to_y > y ? to_y - y : y - to_y;
    s32 step_x = to_x > x ? 1 : -1, step_y = to_y > y ? 1 : -1, error = dx - dy;
    for (;;) {
        dot(x, y, color);
        if (x == to_x && y == to_y)
            return;
        s32 twice = 2 * error;
        if (twice > -dy) {
            error -= dy;
            x += step_x;
        }
        if (twice < dx) {
            error += dx;
            y += step_y;
        }
    }
}

/* Whole bytes, eight dots at a time. */
static void bar(u16 x_byte, u16 width, u16 y, u16 height, u8 color)
{
    graphics_register(0, color);
    graphics_register(8, 0xFF);
    for (u16 i = 0; i < height; i++)
        for (u16 j = 0; j < width; j++)
            MEMORY8((u32)((y + i) * 80 + x_byte + j)) = 0;
}

static void draw(void)
{
    select_segment(0xA000);
    planes_on();
    for (u8 i = 0; i < 16; i++)
        bar(i * 5, 5, 400, 48, i);
    for (s32 i = 0; i <= 40; i++) { /* curves made of straight lines */
        line(i * 8, 48, 320, 48 + i * 8, 9);
        line(639 - i * 8, 48, 319, 48 + i * 8, 12);
    }
    for (u16 angle = 0; angle < 256; angle += 4) {
        s32 x = 320 + sine((u8)(angle + 64)) * 140 / 127, y = 230 + sine((u8)angle) * 140 / 127;
        line(320, 230, x, y, (u8)(1 + angle / 4 % 15));
    }
    planes_off();
}

void page_mode12(void)
{
    set_video_mode(0x12);
    graphics_text(0, 1, 15, "Mode 12h: 640 x 480, 16 colours in four planes");
    graphics_text(29, 1, 7, "Esc: back to the menu");
    draw();
    while (key_wait() != KEY_ESCAPE)
        ;
}
