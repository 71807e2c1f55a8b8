/* Small tools that the pages share: text straight into video memory, keys and time from the BIOS. */
#include "demo.h"

void set_video_mode(u8 mode)
{
    struct registers r = {.ax = mode};
    interrupt(0x10, &r); /* function 00h: AL is the mode */
}

void cursor_off(void)
{
    struct registers r = {.ax = 0x0100, .cx = 0x2000};
    interrupt(0x10, &r);
}

/*
 * Text mode 3 shows what is in memory from B8000h on: 25 rows of 80 cells of two bytes, the character and its
 * colours. To write a letter is to store a word.
 */
static u16 cell(u8 row, u8 column)
{
    return (u16)((row * 80 + column) * 2);
}

void fill_at(u8 row, u8 column, u8 attribute, u8 character, u16 count)
{
    u16 at = cell(row, column);
    select_segment(0xB800);
    while (count--) {
        MEMORY16((u32)at) = (u16)(attribute << 8 | character);
        at += 2;
    }
}

void text_at(u8 row, u8 column, u8 attribute, const char *text)
{
    while (*text)
        fill_at(row, column++, attribute, (u8)*text++, 1);
}

void number_at(u8 row, u8 column, u8 attribute, u32 value, u8 base, u8 width, char pad)
{
    char text[12];
    u8 at = width < 11 ? width : 11;
    text[at] = 0;
    while (at > 0) {
        text[--at] = "0123456789ABCDEF"[value % base];
        value /= base;
        if (value == 0)
            break;
    }
    while (at > 0)
        text[--at] = pad;
    text_at(row, column, attribute, text);
}

/* Code page 437 has lines and corners among its characters. */
void frame_at(u8 row, u8 column, u8 rows, u8 columns, u8 attribute)
{
    fill_at(row, column, attribute, 0xC9, 1);
    fill_at(row, column + 1, attribute, 0xCD, columns - 2);
    fill_at(row, column + columns - 1, attribute, 0xBB, 1);
    for (u8 i = 1; i + 1 < rows; i++) {
        fill_at(row + i, column, attribute, 0xBA, 1);
        fill_at(row + i, column + 1, attribute, ' ', columns - 2);
        fill_at(row + i, column + columns - 1, attribute, 0xBA, 1);
    }
    fill_at(row + rows - 1, column, attribute, 0xC8, 1);
    fill_at(row + rows - 1, column + 1, attribute, 0xCD, columns - 2);
    fill_at(row + rows - 1, column + columns - 1, attribute, 0xBC, 1);
}

void text_page(const char *title, const char *help)
{
    set_video_mode(3);
    cursor_off();
    fill_at(0, 0, BAR, ' ', 80);
    fill_at(1, 0, NORMAL, ' ', 23 * 80);
    fill_at(24, 0, BAR, ' ', 80);
    text_at(0, 2, BAR, title);
    text_at(24, 2, BAR, help);
}

void graphics_text(u8 row, u8 column, u8 color, const char *text)
{
    struct registers r;
    r = (struct registers){.ax = 0x0200, .dx = (u32)(row << 8 | column)}; /* function 02h: where to write */
    interrupt(0x10, &r);
    while (*text) {
        r = (struct registers){.ax = 0x0E00 | (u8)*text++, .bx = color};
        interrupt(0x10, &r);
    }
}

/* ---- keys ---- */

u16 key_pressed(void)
{
    struct registers r = {.ax = 0x0100};
    interrupt(0x16, &r); /* function 01h: zero flag set when no key waits */
    if (r.flags & 0x40)
        return 0;
    return key_wait();
}

u16 key_wait(void)
{
    struct registers r = {.ax = 0};
    interrupt(0x16, &r); /* function 00h: waits, AH = scan code, AL = character */
    return (u16)r.ax;
}

/* ---- time ---- */

/* The timer interrupt counts the double word at 46Ch, 18.2 times a second. */
u32 ticks_now(void)
{
    return LOW32(0x46C);
}

u16 wait_ticks(u32 ticks)
{
    u32 begin = ticks_now();
    while (ticks_now() - begin < ticks) {
        u16 key = key_pressed();
        if (key)
            return key;
        __asm__ volatile("hlt"); /* nothing to do until the next interrupt */
    }
    return 0;
}

/* Bit 3 of the VGA's status register is set during the vertical retrace, 60 or 70 times a second. */
void wait_retrace(void)
{
    u32 begin = ticks_now();
    while (in8(0x3DA) & 8 && ticks_now() - begin < 2)
        ;
    while (!(in8(0x3DA) & 8) && ticks_now() - begin < 2)
        ;
}

/* A parabola for each half turn: no table and near enough for pictures. */
s32 sine(u8 angle)
{
    s32 x = angle & 127;
    s32 y = x * (128 - x) / 32; /* 0..128..0 */
    if (y > 127)
        y = 127;
    return angle & 128 ? -y : y;
}
