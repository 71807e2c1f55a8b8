/*
 * VESA BIOS Extensions: modes beyond the VGA's, found by asking. INT 10h function 4F00h tells of the
 * controller and lists its modes, 4F01h describes one, 4F02h sets it. With bit 14 of the mode number the
 * whole picture appears at one linear address, above 1 MB: out of reach of real mode, so the drawing is done
 * by 32-bit code (picture32.c) in protected mode.
 */
#include "demo.h"
#include "picture32.h"

static u8 controller[512];
static u8 mode_info[256];

#define INFO16(block, at) (*(u16 *)((block) + (at)))
#define INFO32(block, at) (*(u32 *)((block) + (at)))

static u8 vbe_call(struct registers *r)
{
    interrupt(0x10, r);
    return (r->ax & 0xFFFF) == 0x004F; /* AL=4Fh: there is such a function; AH=0: it went well */
}

static u8 describe(u16 mode)
{
    struct registers r = {.ax = 0x4F01, .cx = mode, .di = (u32)mode_info};
    return vbe_call(&r);
}

/* A mode of this size and depth with a linear frame buffer, 0 when there is none. */
static u16 find_mode(u16 width, u16 height, u8 bits)
{
    struct registers r = {.ax = 0x4F00, .di = (u32)controller};
    for (u8 i = 0; i < 4; i++)
        controller[i] = (u8) "VBE2"[i]; /* we know of version 2 */
    if (!vbe_call(&r) || INFO16(controller, 4) < 0x0200)
        return 0;
    u16 list = INFO16(controller, 14), segment = INFO16(controller, 16);
    for (u16 i = 0; i < 512; i++) {
        select_segment(segment);
        u16 mode = MEMORY16((u32)(u16)(list + 2 * i));
        if (mode == 0xFFFF)
            return 0;
        if (describe(mode) && (INFO16(mode_info, 0) & 0x81) == 0x81 && INFO16(mode_info, 0x12) == width &&
            INFO16(mode_info, 0x14) == height && mode_info[0x19] == bits)
            return mode;
    }
    return 0;
}

/* Address line 20 is off on some machines, as on an 8086; then every other megabyte is missing. */
static void open_a20(void)
{
    struct registers r = {.ax = 0x2401};
    interrupt(0x15, &r);
    if (r.flags & CARRY)
        out8(0x92, (in8(0x92) | 0x02) & 0xFE);
}

static void sorry(void)
{
    text_page("True colour", "any key: back to the menu");
    text_at(10, 14, TITLE, "This machine's video BIOS has no such VESA mode.");
    key_wait();
}

void page_vbe(void)
{
    struct picture picture = {.width = 800, .height = 600};
    u16 mode = find_mode(800, 600, 32);
    struct registers r = {.ax = 0x4F02, .bx = mode | 0x4000u};
    if (!mode || !vbe_call(&r)) {
        sorry();
        return;
    }
    picture.address = INFO32(mode_info, 0x28);
    picture.pitch = INFO16(mode_info, 0x10);
    open_a20();
    u16 key = 0;
    /* Eight lines at a time, so that interrupts and keys have their turn. */
    for (picture.from = 32; picture.from < 568 && key != KEY_ESCAPE; picture.from = picture.to) {
        picture.to = picture.from + 8;
        call_32(draw_lines, &picture);
        key = key_pressed();
    }
    graphics_text(0, 1, 15,
                  "VESA 800 x 600, 16.7 million colours: the Mandelbrot set, drawn in protected mode");
    graphics_text(36, 1, 15, "Esc: back to the menu");
    while (key != KEY_ESCAPE)
        key = key_wait();
}
