/*
 * Compiled for 32-bit protected mode, where a pointer is an address: the frame buffer is an array. The
 * Mandelbrot set: for each dot c, how long z = z * z + c, from 0 on, stays small. Fractions are integers,
 * counted in 1/4096.
 */
#include "picture32.h"

#define ONE  4096
#define MOST 96

static u32 escape_time(s32 cx, s32 cy)
{
    s32 x = 0, y = 0, x2 = 0, y2 = 0;
    u32 count = 0;
    while (x2 + y2 < 4 * ONE && count < MOST) {
        y = 2 * x * y / ONE + cy;
        x = x2 - y2 + cx;
        x2 = x * x / ONE;
        y2 = y * y / ONE;
        count++;
    }
    return count;
}

/* Blue to white to gold, and black within. */
static u32 color_of(u32 count)
{
    if (count >= MOST)
        return 0x101018;
    u32 red = count * 9, green = count * 6, blue = 64 + count * 12;
    if (red > 255)
        red = 255;
    if (green > 255)
        green = 255;
    if (blue > 255)
        blue = blue > 511 ? 0 : 511 - blue;
    return red << 16 | green << 8 | blue;
}

void draw_lines(void *argument)
{
    const struct picture *p = argument;
    s32 step = 3 * ONE / (s32)p->width + 1;
    for (u32 y = p->from; y < p->to; y++) {
        u32 *line = (u32 *)(p->address + y * p->pitch);
        s32 cy = ((s32)y - (s32)p->height / 2) * step;
        for (u32 x = 0; x < p->width; x++)
            line[x] = color_of(escape_time(((s32)x - (s32)p->width * 11 / 16) * step, cy));
    }
}
