/* Characters, read-back, pixels, exclusive-or and scrolling in every graphics mode, VBE's of 4 to 32 bits
 * among them. */
#include "test.h"

struct mode {
    u16 number, width, height;
    u8 color;
    u8 exclusive; /* bit 7 of the colour means exclusive-or */
};
static const struct mode modes[] = {
    {0x004, 320, 200, 2, 1},    {0x006, 640, 200, 1, 1},  {0x00D, 320, 200, 5, 1},  {0x00E, 640, 200, 12, 1},
    {0x00F, 640, 350, 1, 1},    {0x010, 640, 350, 9, 1},  {0x011, 640, 480, 1, 1},  {0x012, 640, 480, 10, 1},
    {0x013, 320, 200, 77, 0},   {0x101, 640, 480, 99, 0}, {0x102, 800, 600, 11, 1}, {0x104, 1024, 768, 13, 1},
    {0x105, 1024, 768, 50, 0},  {0x111, 640, 480, 15, 0}, {0x113, 800, 600, 15, 0}, {0x115, 800, 600, 15, 0},
    {0x145, 1280, 1024, 15, 0},
};

static void set_mode(const struct mode *m)
{
    if (m->number < 0x100)
        video(m->number, 0, 0, 0);
    else
        CHECK(video(0x4F02, m->number, 0, 0), 0x004F);
}

static u8 pixel(u16 x, u16 y)
{
    return (u8)video(0x0D00, 0, x, y);
}

static void check_pixels(const struct mode *m)
{
    u16 x = m->width - 3, y = m->height - 2;
    CHECK(pixel(x, y), 0);
    video(0x0C00 | m->color, 0, x, y);
    u8 written = pixel(x, y);
    CHECK(written != 0, 1);
    if (m->number < 0x106)
        CHECK(written, m->color);
    CHECK(pixel(x + 1, y), 0);
    CHECK(pixel(x - 1, y), 0);
    CHECK(pixel(x, y - 1), 0);
    if (m->exclusive) {
        video(0x0C80 | m->color, 0, x, y);
        CHECK(pixel(x, y), 0);
    }
}

static void check_glyphs(const struct mode *m)
{
    u16 rows = peek(0x40, 0x84) + 1, last = (u16)((rows - 1) << 8);
    video(0x0200, 0, 0, last | 5);
    video(0x0900 | 'R', m->color, 2, 0);
    CHECK(video(0x0800, 0, 0, 0) & 0xFF, 'R');
    video(0x0200, 0, 0, last | 6);
    CHECK(video(0x0800, 0, 0, 0) & 0xFF, 'R');
    video(0x0200, 0, 0, last | 7);
    CHECK(video(0x0800, 0, 0, 0) & 0xFF, 0x00); /* blank: code 0 has the same dots as a space */
    if (m->exclusive) {
        video(0x0200, 0, 0, last | 5);
        video(0x0900 | 'R', 0x80 | m->color, 1, 0);
        CHECK(video(0x0800, 0, 0, 0) & 0xFF, 0x00);
    }
    /* Line feed at the bottom: everything one row up. */
    video(0x0200, 0, 0, last | 5);
    video(0x0E00 | 'S', m->color, 0, 0);
    video(0x0E0A, m->color, 0, 0);
    video(0x0200, 0, 0, (u16)(last - 0x100) | 6);
    CHECK(video(0x0800, 0, 0, 0) & 0xFF, 'R');
    video(0x0200, 0, 0, (u16)(last - 0x100) | 5);
    CHECK(video(0x0800, 0, 0, 0) & 0xFF, 'S');
    /* A window filled with the colour, then moved down. */
    video(0x0600, (u16)(m->color << 8), 0x0202, 0x0303);
    u16 height = peek16(0x40, 0x85);
    CHECK(pixel(16, (u16)(2 * height)) != 0, 1);
    CHECK(pixel(31, (u16)(4 * height - 1)) != 0, 1);
    CHECK(pixel(32, (u16)(2 * height)), 0);
    CHECK(pixel(15, (u16)(2 * height)), 0);
    CHECK(pixel(16, (u16)(4 * height)), 0);
    video(0x0702, 0x0000, 0x0202, 0x0606);
    CHECK(pixel(16, (u16)(2 * height)), 0);
    CHECK(pixel(16, (u16)(4 * height)) != 0, 1);
    CHECK(pixel(31, (u16)(6 * height - 1)) != 0, 1);
}

void test(void)
{
    for (u32 i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        /* QEMU keeps chain-4 addressing from VBE modes of 8 bits and more in those of 4 bits. */
        if (modes[i].number == 0x102 || modes[i].number == 0x104)
            if (on_qemu())
                continue;
        put_text("mode ");
        put_hex(modes[i].number);
        put_text("\n");
        set_mode(&modes[i]);
        check_pixels(&modes[i]);
        check_glyphs(&modes[i]);
    }
    /* The second page of mode 0Dh. */
    video(0x000D, 0, 0, 0);
    video(0x0C03, 0x0100, 0, 0);
    CHECK(video(0x0D00, 0x0100, 0, 0) & 0xFF, 3);
    CHECK(video(0x0D00, 0x0000, 0, 0) & 0xFF, 0);
}
