/* Every standard mode: the data area, the registers, memory cleared or kept, the parameter table. */
#include "test.h"

static const struct expected {
    u8 mode, columns, rows, height;
    u16 page_size, crtc, memory;
    u8 misc, shift; /* misc output; graphics controller registers 5 and 6: mode and map */
    u8 map;
} modes[] = {
    {0x00, 40, 25, 16, 0x0800, 0x3D4, 0xB800, 0x67, 0x10, 0x0E},
    {0x01, 40, 25, 16, 0x0800, 0x3D4, 0xB800, 0x67, 0x10, 0x0E},
    {0x02, 80, 25, 16, 0x1000, 0x3D4, 0xB800, 0x67, 0x10, 0x0E},
    {0x03, 80, 25, 16, 0x1000, 0x3D4, 0xB800, 0x67, 0x10, 0x0E},
    {0x04, 40, 25, 8, 0x4000, 0x3D4, 0xB800, 0x63, 0x30, 0x0F},
    {0x05, 40, 25, 8, 0x4000, 0x3D4, 0xB800, 0x63, 0x30, 0x0F},
    {0x06, 80, 25, 8, 0x4000, 0x3D4, 0xB800, 0x63, 0x00, 0x0D},
    {0x07, 80, 25, 16, 0x1000, 0x3B4, 0xB000, 0x66, 0x10, 0x0A},
    {0x0D, 40, 25, 8, 0x2000, 0x3D4, 0xA000, 0x63, 0x00, 0x05},
    {0x0E, 80, 25, 8, 0x4000, 0x3D4, 0xA000, 0x63, 0x00, 0x05},
    {0x0F, 80, 25, 14, 0x8000, 0x3D4, 0xA000, 0xA2, 0x00, 0x05},
    {0x10, 80, 25, 14, 0x8000, 0x3D4, 0xA000, 0xA3, 0x00, 0x05},
    {0x11, 80, 30, 16, 0xA000, 0x3D4, 0xA000, 0xE3, 0x00, 0x05},
    {0x12, 80, 30, 16, 0xA000, 0x3D4, 0xA000, 0xE3, 0x00, 0x05},
    {0x13, 40, 25, 8, 0x2000, 0x3D4, 0xA000, 0x63, 0x40, 0x05},
};

static void check_mode(const struct expected *e)
{
    video(e->mode, 0, 0, 0);
    put_text("mode ");
    put_hex(e->mode);
    put_text("\n");
    CHECK(peek(0x40, 0x49), e->mode);
    CHECK(peek16(0x40, 0x4A), e->columns);
    CHECK(peek16(0x40, 0x4C), e->page_size);
    CHECK(peek(0x40, 0x84), e->rows - 1);
    CHECK(peek16(0x40, 0x85), e->height);
    CHECK(peek16(0x40, 0x63), e->mode == 0x0F ? 0x3B4 : e->crtc);
    CHECK(peek(0x40, 0x87) & 0x80, 0);
    CHECK(inb(0x3CC), e->misc);
    CHECK(in_indexed(0x3CE, 5), e->shift);
    CHECK(in_indexed(0x3CE, 6), e->map);
    CHECK(video(0x0F00, 0, 0, 0), e->columns << 8 | e->mode);
    CHECK(after.bx >> 8 & 0xFF, 0);
    u8 text = e->mode < 4 || e->mode == 7;
    CHECK(peek16(e->memory, 0), text ? 0x0720 : 0);
    /* With bit 7 the memory stays, and both the mode's number and the data area tell. */
    poke(e->memory, 2, 0x41);
    video(e->mode | 0x80, 0, 0, 0);
    CHECK(peek(e->memory, 2) & 1, 1);
    CHECK(peek(0x40, 0x87) & 0x80, 0x80);
    CHECK(video(0x0F00, 0, 0, 0), e->columns << 8 | e->mode | 0x80);
}

/* INT 10h AX=12xx BL=30h chooses the scan lines of the next text mode. */
static void check_scan_lines(void)
{
    static const u8 heights[] = {8, 14, 16};
    for (u8 i = 0; i < 3; i++) {
        CHECK(video(0x1200 | i, 0x30, 0, 0) & 0xFF, 0x12);
        video(0x0003, 0, 0, 0);
        CHECK(peek16(0x40, 0x85), heights[i]);
        CHECK(peek(0x40, 0x84), 24);
        CHECK(in_indexed(0x3D4, 9) & 0x1F, heights[i] - 1);
    }
}

/* The IBM VGA's table at the save pointer: entry 18h is the 80-column text mode, 1Ch mode 13h. */
static void check_parameter_table(void)
{
    u32 save = peek32(0x40, 0xA8);
    u32 table = peek32((u16)(save >> 16), (u16)save);
    u16 segment = (u16)(table >> 16), text = (u16)table + 0x18 * 64, graphics = (u16)table + 0x1C * 64;
    CHECK(peek(segment, text), 80);
    CHECK(peek(segment, text + 2), 16);
    CHECK(peek(segment, text + 9), 0x67);
    CHECK(peek(segment, text + 10), 0x5F);
    CHECK(peek(segment, text + 63), 0xFF);
    CHECK(peek(segment, graphics + 55 + 5), 0x40);
    CHECK(peek(segment, graphics + 9), 0x63);
}

void test(void)
{
    for (u32 i = 0; i < sizeof modes / sizeof modes[0]; i++)
        check_mode(&modes[i]);
    video(0x0003, 0, 0, 0);
    video(0x0014, 0, 0, 0); /* no such mode: nothing changes */
    CHECK(peek(0x40, 0x49), 3);
    check_scan_lines();
    check_parameter_table();
}
