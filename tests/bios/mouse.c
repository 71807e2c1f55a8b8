/* INT 15h C2h. Packets are put into the 8042's output buffer with its command D3h, as if the mouse had sent
 * them. */
#include "test.h"

static u8 mouse(u16 ax, u16 bx)
{
    call(0x15, ax, bx, 0, 0);
    CHECK(!CARRY, AH == 0);
    return AH;
}

static void packet_byte(u8 byte)
{
    while (inb(0x64) & 3)
        ;
    outb(0x64, 0xd3);
    while (inb(0x64) & 2)
        ;
    outb(0x60, byte);
    for (u32 i = 0; i < 2000; i++)
        inb(0x64);
}

static void check_commands(void)
{
    CHECK(mouse(0xc200, 0x0100), 5); /* no handler yet */
    CHECK(mouse(0xc205, 0x0300), 0);
    CHECK(BX, 0x00aa);
    CHECK(mouse(0xc205, 0x0900), 2);
    CHECK(mouse(0xc201, 0), 0);
    CHECK(BX, 0x00aa);
    CHECK(mouse(0xc204, 0), 0);
    CHECK(BX >> 8, 0);
    CHECK(mouse(0xc202, 0x0400), 0);
    CHECK(mouse(0xc202, 0x0700), 2);
    CHECK(mouse(0xc203, 0x0200), 0);
    CHECK(mouse(0xc203, 0x0400), 2);
    CHECK(mouse(0xc206, 0x0200), 0);
    CHECK(mouse(0xc206, 0x0000), 0);
    CHECK(CX & 0xff, 2);    /* resolution */
    CHECK(DX & 0xff, 80);   /* samples a second */
    CHECK(BX & 0x10, 0x10); /* scaling 2:1 */
    CHECK(mouse(0xc206, 0x0100), 0);
    CHECK(mouse(0xc206, 0x0300), 2);
    CHECK(mouse(0xc277, 0), 1);
}

static void check_packets(void)
{
    at_es = 0;
    CHECK(mouse(0xc207, (u16)(u32)mouse_handler), 0);
    CHECK(mouse(0xc200, 0x0100), 0);
    interrupts_counted = 0;
    packet_byte(0x29);
    packet_byte(0x05);
    CHECK(interrupts_counted, 0);
    packet_byte(0xfb);
    CHECK(interrupts_counted, 1);
    CHECK(mouse_words[0], 0x29);
    CHECK(mouse_words[1], 0x05);
    CHECK(mouse_words[2], 0xfb);
    packet_byte(0x08);
    packet_byte(0x00);
    packet_byte(0x01);
    CHECK(interrupts_counted, 2);
    CHECK(mouse_words[2], 0x01);
    CHECK(mouse(0xc200, 0x0000), 0);
    /* the keyboard still works */
    call(0x16, 0x0a00, 0, 0, 0);
    CHECK(BX & 0xff, 0xab);
}

void test(void)
{
    CHECK(bda(0x10) & 4, 4);
    check_commands();
    check_packets();
}
