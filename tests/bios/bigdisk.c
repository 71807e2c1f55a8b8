/* A disk of 200 GB: translated geometry, and sectors that only 48 bits of address reach. */
#include "test.h"

enum { SECTORS = 419430400 };

static struct {
    u8 size, zero;
    u16 count, off, seg;
    u32 lba, lba_high;
} packet;

static u8 packet_call(u16 ax, u32 lba, u16 count)
{
    packet.size = 16;
    packet.count = count;
    packet.off = 0;
    packet.seg = BUFFER_SEGMENT;
    packet.lba = lba;
    packet.lba_high = 0;
    at_si = (u32)&packet;
    call(0x13, ax, 0, 0, 0x80);
    CHECK(!CARRY, AH == 0);
    return AH;
}

static void round_trip(u32 lba, u16 count, u8 seed)
{
    fill(BUFFER_SEGMENT, count * 512, seed);
    CHECK(packet_call(0x4300, lba, count), 0);
    fill(BUFFER_SEGMENT, count * 512, (u8)(seed + 1));
    CHECK(packet_call(0x4200, lba, count), 0);
    check_filled(BUFFER_SEGMENT, count * 512, seed);
}

void test(void)
{
    static u8 result[80];
    call(0x13, 0x0800, 0, 0, 0x80);
    CHECK(CARRY, 0);
    CHECK(CX, 0xffff); /* 1024 cylinders, 63 sectors */
    CHECK(DX, 0xfe01); /* 255 heads */
    result[0] = 0x1a;
    at_si = (u32)result;
    call(0x13, 0x4800, 0, 0, 0x80);
    CHECK(CARRY, 0);
    CHECK(*(u32 *)(result + 16), SECTORS);
    CHECK(*(u32 *)(result + 20), 0);
    /* the table shows that the geometry is made up */
    CHECK(peek(peek16(0, 0x41 * 4 + 2), peek16(0, 0x41 * 4) + 3), 0xa0);
    round_trip(0x0ffffff0, 32, 7); /* across the end of 28 bits */
    round_trip(300000000, 8, 70);
    round_trip(SECTORS - 3, 3, 20);
    CHECK(packet_call(0x4200, SECTORS - 3, 4), 0x04);
    /* the last cylinder by CHS is the same sector by LBA */
    round_trip((1023 * 255 + 254) * 63 + 62, 1, 33);
    fill(BUFFER_SEGMENT, 512, 1);
    at_es = BUFFER_SEGMENT;
    call(0x13, 0x0201, 0, 0xffff, 0xfe80);
    CHECK(CARRY, 0);
    check_filled(BUFFER_SEGMENT, 512, 33);
}
