/* AH=10h: attribute controller, blink, DAC registers and blocks, pages, mask, grey summing; default palettes;
 * AH=0Bh. */
#include "test.h"

static u8 table[17];
static u8 block[768];

static u8 attribute(u8 index)
{
    video(0x1007, index, 0, 0);
    return (u8)(after.bx >> 8);
}

static u32 dac(u8 index)
{
    video(0x1015, index, 0, 0);
    return (after.dx >> 8 & 0xFF) << 16 | (after.cx >> 8 & 0xFF) << 8 | (after.cx & 0xFF);
}

static void check_attributes(void)
{
    CHECK(attribute(6), 0x14);
    video(0x1000, 0x2B05, 0, 0);
    CHECK(attribute(5), 0x2B);
    video(0x1001, 0x0900, 0, 0);
    video(0x1008, 0, 0, 0);
    CHECK(after.bx >> 8, 9);
    struct regs r = {0x1009, 0, 0, (u32)table, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x10, &r);
    CHECK(table[5], 0x2B);
    CHECK(table[15], 0x3F);
    CHECK(table[16], 9);
    table[3] = 0x11;
    table[16] = 1;
    r.ax = 0x1002;
    r.dx = (u32)table;
    interrupt(0x10, &r);
    CHECK(attribute(3), 0x11);
    CHECK(attribute(0x11), 1);
    video(0x1003, 0, 0, 0);
    CHECK(attribute(0x10) & 8, 0);
    CHECK(peek(0x40, 0x65) & 0x20, 0);
    video(0x1003, 1, 0, 0);
    CHECK(attribute(0x10) & 8, 8);
    /* The picture is on all the while: index register bit 5. */
    inb(0x3DA);
    CHECK(inb(0x3C0) & 0x20, 0x20);
}

static void check_dac(void)
{
    CHECK(dac(0x14), 0x2A1500);
    CHECK(dac(0x3F), 0x3F3F3F);
    CHECK(dac(0x38), 0x151515);
    video(0x1010, 200, 0x1122, 0x3300);
    CHECK(dac(200), 0x331122);
    struct regs r = {0x1017, 0, 256, (u32)block, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x10, &r);
    CHECK(block[600], 0x33);
    CHECK(block[602], 0x22);
    block[3] = 1;
    block[4] = 2;
    block[5] = 3;
    r.ax = 0x1012;
    r.bx = 100;
    r.cx = 2;
    r.dx = (u32)block;
    interrupt(0x10, &r);
    CHECK(dac(101), 0x010203);
    video(0x1018, 0x0F, 0, 0);
    u8 has_mask = !on_qemu(); /* QEMU's DAC lacks the pixel mask */
    video(0x1019, 0, 0, 0);
    if (has_mask)
        CHECK(after.bx & 0xFF, 0x0F);
    video(0x1018, 0xFF, 0, 0);
    /* 30 % of 60, 59 % of 30, 11 % of 10 */
    video(0x1010, 10, 30 << 8 | 10, 60 << 8);
    video(0x101B, 10, 1, 0);
    CHECK(dac(10), 37 * 0x010101);
}

static void check_pages(void)
{
    video(0x1013, 0x0100, 0, 0); /* pages of 16 */
    video(0x1013, 0x0501, 0, 0);
    video(0x101A, 0, 0, 0);
    CHECK(after.bx, 0x0501);
    video(0x1013, 0x0000, 0, 0); /* of 64 */
    video(0x1013, 0x0301, 0, 0);
    video(0x101A, 0, 0, 0);
    CHECK(after.bx, 0x0300);
    video(0x1013, 0x0001, 0, 0);
}

static void check_defaults(void)
{
    video(0x0013, 0, 0, 0);
    CHECK(dac(0x06), 0x2A1500);
    CHECK(dac(0x1F), 0x3F3F3F);
    CHECK(dac(0x20), 0x00003F);
    CHECK(dac(0x28), 0x3F0000);
    CHECK(dac(0x30), 0x003F00);
    CHECK(dac(0x2C), 0x3F3F00);
    CHECK(dac(0x38), 0x1F1F3F);
    CHECK(dac(0xF7), 0x0B0C10);
    CHECK(dac(0xFF), 0);
    /* No default palette, then grey. */
    video(0x1010, 7, 0x0101, 0x0100);
    video(0x1201, 0x31, 0, 0);
    video(0x0013, 0, 0, 0);
    CHECK(dac(7), 0x010101);
    video(0x1200, 0x31, 0, 0);
    video(0x1200, 0x33, 0, 0);
    video(0x0013, 0, 0, 0);
    CHECK(dac(1), 0x050505);
    video(0x1201, 0x33, 0, 0);
    video(0x0013, 0, 0, 0);
    CHECK(dac(1), 0x00002A);
}

static void check_cga(void)
{
    video(0x0004, 0, 0, 0);
    CHECK(attribute(1) << 16 | attribute(2) << 8 | attribute(3), 0x131517);
    video(0x0B00, 0x0100, 0, 0);
    CHECK(attribute(1) << 16 | attribute(2) << 8 | attribute(3), 0x121416);
    video(0x0B00, 0x0001, 0, 0);
    CHECK(attribute(0), 1);
    CHECK(attribute(1), 0x02);
}

void test(void)
{
    video(0x0003, 0, 0, 0);
    check_attributes();
    check_dac();
    check_pages();
    check_defaults();
    check_cga();
}
