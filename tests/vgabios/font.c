/* AH=11h: fonts in map 2, screen heights, INT 43h and 1Fh, information. */
#include "test.h"

static u8 glyphs[2 * 32];

/* A row of a glyph in map 2. */
static u8 map2(u16 offset)
{
    outw(0x3C4, 0x0402);
    outw(0x3C4, 0x0704);
    outw(0x3CE, 0x0204);
    outw(0x3CE, 0x0005);
    outw(0x3CE, 0x0406);
    u8 value = peek(0xA000, offset);
    outw(0x3C4, 0x0302);
    outw(0x3C4, 0x0304);
    outw(0x3CE, 0x0004);
    outw(0x3CE, 0x1005);
    outw(0x3CE, 0x0E06);
    return value;
}

static void check_heights(void)
{
    static const u8 rows[3] = {28, 50, 25}, heights[3] = {14, 8, 16};
    static const u16 functions[3] = {0x1111, 0x1112, 0x1114};
    for (u8 i = 0; i < 3; i++) {
        video(functions[i], 0, 0, 0);
        CHECK(peek(0x40, 0x84), rows[i] - 1);
        CHECK(peek16(0x40, 0x85), heights[i]);
        CHECK(in_indexed(0x3D4, 9) & 0x1F, heights[i] - 1);
        u32 end = in_indexed(0x3D4, 0x12) | (in_indexed(0x3D4, 7) & 2) << 7;
        CHECK(end, rows[i] * heights[i] - 1);
    }
    CHECK(peek16(0x40, 0x4C), 0x1000);
}

static void check_user_font(void)
{
    for (u32 i = 0; i < 20; i++)
        glyphs[i] = (u8)(0x80 + i);
    video_at(0x1100, 0x0A03, 2, 0x41, glyphs); /* ten rows, block 3 */
    CHECK(map2(0xC000 + 0x41 * 32), 0x80);
    CHECK(map2(0xC000 + 0x42 * 32 + 9), 0x80 + 19);
    CHECK(map2(0xC000 + 0x42 * 32 + 10), 0);
    CHECK(peek16(0x40, 0x85), 16);
    video_at(0x1110, 0x0A04, 2, 0x41, glyphs);
    CHECK(map2(0x2000 + 0x41 * 32 + 1), 0x81);
    CHECK(peek16(0x40, 0x85), 10);
    CHECK(peek(0x40, 0x84), 39);
    video(0x1103, 0x0E, 0, 0);
    CHECK(in_indexed(0x3C4, 3), 0x0E);
    video(0x0003, 0, 0, 0);
    CHECK(in_indexed(0x3C4, 3), 0);
    CHECK(map2('A' * 32 + 3) != 0, 1);
}

static void check_pointers(void)
{
    video_at(0x1120, 0, 0, 0, glyphs);
    CHECK(peek32(0, 4 * 0x1F), (u32)glyphs);
    video_at(0x1121, 0x0000, 12, 20, glyphs);
    CHECK(peek32(0, 4 * 0x43), (u32)glyphs);
    CHECK(peek16(0x40, 0x85), 12);
    CHECK(peek(0x40, 0x84), 19);
    video(0x1123, 0x0003, 0, 0);
    CHECK(peek16(0x40, 0x85), 8);
    CHECK(peek(0x40, 0x84), 42);
    video(0x0003, 0, 0, 0);
    for (u8 i = 2; i < 8; i++) {
        video(0x1130, (u16)(i << 8), 0, 0);
        CHECK(after.es & 0xFFFF, 0xC000);
        CHECK(after.cx & 0xFFFF, 16);
        CHECK(after.dx & 0xFF, 24);
    }
    /* 8x16 'A' has its baseline in row 11, and blank rows under it. */
    video(0x1130, 0x0600, 0, 0);
    u16 font = (u16)after.bp + 'A' * 16;
    CHECK(peek(0xC000, font + 11) != 0, 1);
    CHECK(peek(0xC000, font + 12), 0);
}

void test(void)
{
    video(0x0003, 0, 0, 0);
    check_heights();
    check_user_font();
    check_pointers();
}
