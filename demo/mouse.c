/*
 * The PS/2 mouse through the BIOS, INT 15h function C2h: set it up, give the address of a routine that the
 * BIOS is to call for each packet of movement and buttons (mouse_packet in start.S), switch it on. Without a
 * mouse the arrow keys and space do.
 */
#include "demo.h"

extern volatile s16 mouse_x, mouse_y;
extern volatile u16 mouse_packets;
extern volatile u8 mouse_status;
void mouse_packet(void);

#define TOP    10 /* the title's lines are not drawn on */
#define BOTTOM 190

/* An arrow, a bit for each dot: its edge and its inside. */
static const u16 edge[14] = {0x8000, 0xC000, 0xA000, 0x9000, 0x8800, 0x8400, 0x8200,
                             0x8100, 0x83C0, 0x9200, 0xA900, 0xC900, 0x0480, 0x0300};
static const u16 inside[14] = {0x0000, 0x0000, 0x4000, 0x6000, 0x7000, 0x7800, 0x7C00,
                               0x7E00, 0x7C00, 0x6C00, 0x4600, 0x0600, 0x0300, 0x0000};
static u8 under[14][16];

static u8 mouse_call(u8 function, u8 bh)
{
    struct registers r = {.ax = 0xC200u | function, .bx = (u32)bh << 8};
    interrupt(0x15, &r);
    return !(r.flags & CARRY) && (r.ax >> 8 & 0xFF) == 0;
}

static u8 set_handler(u16 segment, void (*handler)(void))
{
    struct registers r = {.ax = 0xC207, .bx = (u32)handler, .es = segment};
    interrupt(0x15, &r);
    return !(r.flags & CARRY) && (r.ax >> 8 & 0xFF) == 0;
}

static u8 mouse_on(void)
{
    if (!mouse_call(0x05, 3)) /* packets of three bytes */
        return 0;
    mouse_call(0x02, 5); /* 100 a second */
    mouse_call(0x03, 2); /* 4 counts a millimetre */
    return set_handler(0, mouse_packet) && mouse_call(0x00, 1);
}

static void mouse_off(void)
{
    mouse_call(0x00, 0);
    set_handler(0, 0);
}

/* Calls for each dot of the arrow that is on the screen: save it, draw it, put back what was under it. */
enum action { SAVE, DRAW, RESTORE };
static void arrow(s32 x, s32 y, enum action action)
{
    for (s32 row = 0; row < 14 && y + row < 200; row++) {
        for (s32 column = 0; column < 16 && x + column < 320; column++) {
            u32 at = (u32)((y + row) * 320 + x + column);
            u16 bit = (u16)(0x8000 >> column);
            if (action == SAVE)
                under[row][column] = MEMORY8(at);
            else if (action == RESTORE)
                MEMORY8(at) = under[row][column];
            else if (edge[row] & bit)
                MEMORY8(at) = 0;
            else if (inside[row] & bit)
                MEMORY8(at) = 15;
        }
    }
}

static void canvas(u8 color)
{
    for (u32 at = TOP * 320; at < BOTTOM * 320; at++)
        MEMORY8(at) = color;
}

static void brush(s32 x, s32 y, u8 color)
{
    for (s32 i = -2; i <= 2; i++)
        for (s32 j = -2; j <= 2; j++)
            if (x + j >= 0 && x + j < 320 && y + i >= TOP && y + i < BOTTOM && i * i + j * j < 8)
                MEMORY8((u32)((y + i) * 320 + x + j)) = color;
}

/* Keeps the routine's count within the screen. */
static s32 clip(volatile s16 *place, s32 low, s32 high)
{
    interrupts_off();
    s32 value = *place;
    if (value < low)
        value = low;
    if (value > high)
        value = high;
    *place = (s16)value;
    interrupts_on();
    return value;
}

/* What the keys do is added to what the mouse does. Returns buttons. */
static u8 key_moves(u16 key)
{
    interrupts_off();
    mouse_x += key == KEY_RIGHT ? 4 : key == KEY_LEFT ? -4 : 0;
    mouse_y += key == KEY_DOWN ? 4 : key == KEY_UP ? -4 : 0;
    interrupts_on();
    u8 character = (u8)key;
    return character == ' ' ? 1 : character == '\r' ? 2 : character == 'c' ? 4 : 0;
}

/* A line of brush marks from the last place to this one: a fast mouse leaps. */
static void stroke(s32 x, s32 y, s32 to_x, s32 to_y, u8 color)
{
    s32 dx = to_x - x, dy = to_y - y;
    s32 steps = (dx < 0 ? -dx : dx) > (dy < 0 ? -dy : dy) ? (dx < 0 ? -dx : dx) : (dy < 0 ? -dy : dy);
    for (s32 i = 0; i <= steps; i++)
        brush(x + (steps ? dx * i / steps : 0), y + (steps ? dy * i / steps : 0), color);
}

static void draw_until_escape(void)
{
    u8 color = 40, last_buttons = 0;
    s32 x = mouse_x, y = mouse_y;
    arrow(x, y, SAVE);
    arrow(x, y, DRAW);
    for (;;) {
        u16 key = key_pressed();
        if (key == KEY_ESCAPE)
            return;
        u8 keys = key ? key_moves(key) : 0, buttons = (mouse_status & 7) | keys;
        s32 new_x = clip(&mouse_x, 0, 319), new_y = clip(&mouse_y, TOP, BOTTOM - 1);
        if (buttons & 2 && !(last_buttons & 2))
            color = (u8)(32 + (color - 32 + 5) % 72);
        if (new_x != x || new_y != y || buttons) {
            wait_retrace();
            arrow(x, y, RESTORE);
            if (buttons & 4)
                canvas(20);
            if (buttons & 1)
                stroke(x, y, new_x, new_y, color);
            x = new_x;
            y = new_y;
            arrow(x, y, SAVE);
            arrow(x, y, DRAW);
        }
        last_buttons = buttons;
    }
}

void page_mouse(void)
{
    set_video_mode(0x13);
    u8 found = mouse_on();
    graphics_text(0, 0, 15,
                  found ? "Mouse: left draws, right new colour"
                        : "No mouse. Arrows, space draws, Enter: col.");
    graphics_text(24, 0, 7,
                  found ? "Middle button or c: clear     Esc: menu"
                        : "c: clear                      Esc: menu");
    interrupts_off();
    mouse_x = 160;
    mouse_y = 100;
    mouse_status = 0;
    interrupts_on();
    select_segment(0xA000);
    canvas(20);
    draw_until_escape();
    if (found)
        mouse_off();
}
