/*
 * VGA mode 13h: 320 by 200 dots, a byte each, from A0000h on: the simplest of all graphics modes. The byte is
 * a number of a colour; the DAC (ports 3C8h, 3C9h) holds red, green and blue for each, six bits. Here the
 * picture is drawn once, and only the palette moves.
 */
#include "demo.h"

static u8 level(u8 angle)
{
    return (u8)((sine(angle) + 127) / 4); /* 0..63 */
}

static void turn_palette(u8 phase)
{
    wait_retrace(); /* changes while the picture is drawn would show as snow on old cards */
    out8(0x3C8, 1); /* from colour 1 on; each three writes are a colour */
    for (u16 i = 1; i < 248; i++) {
        u8 angle = (u8)(i + phase);
        out8(0x3C9, level(angle));
        out8(0x3C9, level((u8)(angle + 85)));
        out8(0x3C9, level((u8)(angle + 170)));
    }
}

/* Waves across the screen, added up. */
static void draw(void)
{
    select_segment(0xA000);
    u32 at = 12 * 320;
    for (s32 y = 12; y < 188; y++) {
        s32 across = sine((u8)(y * 2)) + sine((u8)(y * y / 90));
        for (s32 x = 0; x < 320; x++) {
            s32 sum = across + sine((u8)x) + sine((u8)((x + y) * 3 / 2)) + sine((u8)(x * x / 160 + y));
            MEMORY8(at++) = (u8)(1 + (u8)(sum / 2) % 247);
        }
    }
}

void page_mode13(void)
{
    set_video_mode(0x13);
    graphics_text(0, 0, 255 - 4, "Mode 13h: 320 x 200, 256 colours");
    graphics_text(24, 0, 255 - 4, "Esc: menu    any other key: stop, go on");
    out8(0x3C8, 251); /* a white for the text, which stays */
    out8(0x3C9, 63);
    out8(0x3C9, 63);
    out8(0x3C9, 63);
    draw();
    u8 moving = 1;
    for (u8 phase = 0;;) {
        u16 key = key_pressed();
        if (key == KEY_ESCAPE)
            return;
        if (key)
            moving = !moving;
        if (moving)
            turn_palette(phase += 2);
        else
            wait_retrace();
    }
}
