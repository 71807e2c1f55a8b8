/* Cursor, pages, characters, teletype and scrolling in text modes; strings of AH=13h. */
#include "test.h"

#define CELL(row, column) peek16(0xB800, (u16)(((row)*80 + (column)) * 2))

static void check_cursor(void)
{
    video(0x0200, 0x0000, 0, 0x0507);
    CHECK(video(0x0300, 0, 0, 0) * 0 + after.dx, 0x0507);
    CHECK(after.cx & 0xFFFF, 0x0607);
    CHECK(in_indexed(0x3D4, 0x0E) << 8 | in_indexed(0x3D4, 0x0F), 5 * 80 + 7);
    /* 6-7 of eight lines are 13-14 of sixteen; off, full block, emulation off. */
    CHECK(in_indexed(0x3D4, 0x0A) << 8 | in_indexed(0x3D4, 0x0B), 0x0D0E);
    video(0x0100, 0, 0x0007, 0);
    CHECK(in_indexed(0x3D4, 0x0A) << 8 | in_indexed(0x3D4, 0x0B), 0x000F);
    video(0x0100, 0, 0x2000, 0);
    CHECK(in_indexed(0x3D4, 0x0A) & 0x20, 0x20);
    CHECK(video(0x1201, 0x34, 0, 0) & 0xFF, 0x12);
    video(0x0100, 0, 0x0607, 0);
    CHECK(in_indexed(0x3D4, 0x0A) << 8 | in_indexed(0x3D4, 0x0B), 0x0607);
    video(0x1200, 0x34, 0, 0);
    video(0x0100, 0, 0x0607, 0);
}

static void check_characters(void)
{
    video(0x0200, 0, 0, 0x0205);
    video(0x0941, 0x001E, 3, 0);
    CHECK(CELL(2, 5), 0x1E41);
    CHECK(CELL(2, 7), 0x1E41);
    CHECK(CELL(2, 8), 0x0720);
    CHECK(video(0x0800, 0, 0, 0), 0x1E41);
    video(0x0A42, 0x0000, 2, 0);
    CHECK(CELL(2, 6), 0x1E42);
    CHECK(CELL(2, 7), 0x1E41);
    /* The cursor has not moved. */
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x0205);
}

static void check_teletype(void)
{
    video(0x0200, 0, 0, 0x034F);
    video(0x0E58, 0, 0, 0);
    CHECK(CELL(3, 79) & 0xFF, 'X');
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x0400);
    video(0x0E0A, 0, 0, 0);
    video(0x0E59, 0, 0, 0);
    video(0x0E08, 0, 0, 0);
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x0500);
    video(0x0E5A, 0, 0, 0);
    video(0x0E0D, 0, 0, 0);
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x0500);
    CHECK(CELL(5, 0) & 0xFF, 'Z');
    /* At the bottom a line feed scrolls, and the new line takes the attribute at the cursor. */
    video(0x0200, 0, 0, 0x1800);
    video(0x0920, 0x002F, 80, 0);
    video(0x0E0A, 0, 0, 0);
    CHECK(CELL(4, 0) & 0xFF, 'Z');
    CHECK(CELL(24, 0), 0x2F20);
    CHECK(CELL(24, 79), 0x2F20);
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x1800);
}

static void check_scroll(void)
{
    for (u16 row = 0; row < 25; row++) {
        video(0x0200, 0, 0, (u16)(row << 8));
        video((u16)(0x0900 | ('A' + row)), 7, 80, 0);
    }
    video(0x0602, 0x1700, 0x050A, 0x0A14); /* window 5,10 - 10,20 up by two */
    CHECK(CELL(5, 10), 0x0700 | ('A' + 7));
    CHECK(CELL(5, 20), 0x0700 | ('A' + 7));
    CHECK(CELL(5, 9), 0x0700 | ('A' + 5));
    CHECK(CELL(5, 21), 0x0700 | ('A' + 5));
    CHECK(CELL(8, 10), 0x0700 | ('A' + 10));
    CHECK(CELL(9, 10), 0x1720);
    CHECK(CELL(10, 20), 0x1720);
    CHECK(CELL(11, 15), 0x0700 | ('A' + 11));
    video(0x0701, 0x2700, 0x0000, 0x184F); /* the whole screen down by one */
    CHECK(CELL(0, 0), 0x2720);
    CHECK(CELL(6, 10), 0x0700 | ('A' + 7));
    CHECK(CELL(24, 79), 0x0700 | ('A' + 23));
    video(0x0600, 0x0700, 0x0000, 0xFFFF); /* 0 lines: clear; corners beyond the screen are cut */
    CHECK(CELL(0, 0), 0x0720);
    CHECK(CELL(24, 79), 0x0720);
    video(0x0601, 0x0700, 0x0A05, 0x0500); /* an empty window */
    CHECK(CELL(6, 2), 0x0720);
}

static void check_pages(void)
{
    video(0x0200, 0x0200, 0, 0x0101);
    video(0x0943, 0x020A, 1, 0);
    CHECK(peek16(0xB800, 0x2000 + (80 + 1) * 2), 0x0A43);
    video(0x0502, 0, 0, 0);
    CHECK(peek(0x40, 0x62), 2);
    CHECK(peek16(0x40, 0x4E), 0x2000);
    CHECK(in_indexed(0x3D4, 0x0C) << 8 | in_indexed(0x3D4, 0x0D), 0x1000);
    CHECK(in_indexed(0x3D4, 0x0E) << 8 | in_indexed(0x3D4, 0x0F), 0x1000 + 81);
    video(0x0500, 0, 0, 0);
    CHECK(peek16(0x40, 0x4E), 0);
}

static void check_strings(void)
{
    static const char plain[] = "ab\r\ncd";
    static const u8 colored[] = {'x', 0x1F, 'y', 0x2F};
    video_at(0x1301, 0x0030, 6, 0x0A4D, plain);
    CHECK(CELL(10, 77), 0x3061);
    CHECK(CELL(11, 1), 0x3064);
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x0B02);
    video_at(0x1302, 0x0000, 2, 0x0C00, colored);
    CHECK(CELL(12, 0), 0x1F78);
    CHECK(CELL(12, 1), 0x2F79);
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x0B02);
}

void test(void)
{
    video(0x0003, 0, 0, 0);
    check_cursor();
    check_characters();
    check_teletype();
    check_scroll();
    check_pages();
    check_strings();
}
