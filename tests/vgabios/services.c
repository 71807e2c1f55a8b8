/* AH=12h, 1Ah, 1Bh, 1Ch, and the ROM's header. */
#include "test.h"

static u8 buffer[2048];

static void check_select(void)
{
    video(0x1200, 0xFF10, 0, 0);
    CHECK(after.bx & 0xFFFF, 0x0003);
    CHECK(after.cx & 0xFFFF, 0x0F09);
    CHECK(video(0x1201, 0x36, 0, 0) & 0xFF, 0x12);
    CHECK(in_indexed(0x3C4, 1) & 0x20, 0x20);
    video(0x1200, 0x36, 0, 0);
    CHECK(in_indexed(0x3C4, 1) & 0x20, 0);
    video(0x1201, 0x32, 0, 0);
    CHECK(inb(0x3CC) & 2, 0);
    video(0x1200, 0x32, 0, 0);
    CHECK(inb(0x3CC) & 2, 2);
    video(0x1200, 0x20, 0, 0);
    CHECK(peek16(0, 4 * 5 + 2), 0xC000);
    CHECK(video(0x12AA, 0x77, 0, 0), 0x12AA); /* no such function: AL stays */
}

static void check_combination(void)
{
    CHECK(video(0x1A00, 0, 0, 0) & 0xFF, 0x1A);
    CHECK(after.bx & 0xFFFF, 0x0008);
    CHECK(video(0x1A01, 0x0007, 0, 0) & 0xFF, 0x1A);
    video(0x1A00, 0, 0, 0);
    CHECK(after.bx & 0xFFFF, 0x0007);
    video(0x1A01, 0x0008, 0, 0);
    CHECK(peek(0x40, 0x8A), 0x0B);
}

static void check_functionality(void)
{
    video(0x0012, 0, 0, 0);
    CHECK(video_at(0x1B00, 0, 0, 0, buffer) & 0xFF, 0x1B);
    u16 offset = *(u16 *)buffer, segment = *(u16 *)(buffer + 2);
    CHECK(peek16(segment, offset), 0xE0FF);
    CHECK(peek(segment, offset + 2), 0x0F);
    CHECK(peek(segment, offset + 7), 0x07);
    CHECK(buffer[4], 0x12);
    CHECK(*(u16 *)(buffer + 5), 80);
    CHECK(*(u16 *)(buffer + 0x1E), 0x3D4);
    CHECK(buffer[0x22], 30);
    CHECK(*(u16 *)(buffer + 0x23), 16);
    CHECK(buffer[0x25], 8);
    CHECK(*(u16 *)(buffer + 0x27), 16);
    CHECK(buffer[0x29], 1);
    CHECK(buffer[0x2A], 3);
    CHECK(buffer[0x31], 3);
}

static void check_state(void)
{
    video(0x0003, 0, 0, 0);
    video(0x0200, 0, 0, 0x0708);
    video(0x1010, 30, 0x0102, 0x0300);
    CHECK(video(0x1C00, 0, 7, 0) & 0xFF, 0x1C);
    CHECK((after.bx & 0xFFFF) * 64 <= sizeof buffer, 1);
    for (u32 i = 0; i < sizeof buffer; i++)
        buffer[i] = 0xAA;
    CHECK(video(0x1C01, (u16)(u32)buffer, 7, 0) & 0xFF, 0x1C);
    CHECK(buffer[after.bx * 0 + sizeof buffer - 1], 0xAA);
    video(0x0013, 0, 0, 0);
    CHECK(in_indexed(0x3CE, 6), 0x05);
    video(0x1C02, (u16)(u32)buffer, 7, 0);
    CHECK(in_indexed(0x3CE, 6), 0x0E);
    CHECK(in_indexed(0x3D4, 9), 0x4F);
    CHECK(peek(0x40, 0x49), 3);
    video(0x0300, 0, 0, 0);
    CHECK(after.dx, 0x0708);
    video(0x1015, 30, 0, 0);
    CHECK(after.cx & 0xFFFF, 0x0102);
    CHECK(video(0x0F00, 0, 0, 0), 0x5003);
}

static void check_rom(void)
{
    CHECK(peek16(0xC000, 0), 0xAA55);
    u32 size = peek(0xC000, 2) * 512u;
    CHECK(peek(0xC000, 0x1E) == 'I' && peek(0xC000, 0x1F) == 'B' && peek(0xC000, 0x20) == 'M', 1);
    CHECK(peek32(0xC000, peek16(0xC000, 0x18)), 0x52494350);
    CHECK(peek16(0xC000, peek16(0xC000, 0x18) + 0x10) * 512u, size);
    u8 sum = 0;
    for (u32 i = 0; i < size; i++)
        sum += peek(0xC000, (u16)i);
    CHECK(sum, 0);
    CHECK(peek16(0, 4 * 0x10 + 2), 0xC000);
    CHECK(peek(0x40, 0x88) & 0x0F, 0x09);
}

/* The upper halves of ESP and all else must survive. */
static void check_registers(void)
{
    struct regs r = {0x0F00,     0x12345678, 0x9ABCDEF0, 0x0BADCAFE, 0x11112222, 0x33334444,
                     0x55556666, 0,          0x1234,     0,          0,          0};
    interrupt(0x10, &r);
    CHECK(r.bx, 0x12340078);
    CHECK(r.cx, 0x9ABCDEF0);
    CHECK(r.dx, 0x0BADCAFE);
    CHECK(r.si, 0x11112222);
    CHECK(r.di, 0x33334444);
    CHECK(r.bp, 0x55556666);
    CHECK(r.es, 0x1234);
}

void test(void)
{
    check_rom();
    check_select();
    check_combination();
    check_functionality();
    check_state();
    check_registers();
}
