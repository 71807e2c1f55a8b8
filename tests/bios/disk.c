/* INT 13h on the hard disk, by cylinder, head and sector and by the extensions. */
#include "test.h"

static u32 cylinders, heads, spt;

static u8 disk(u16 ax, u16 bx, u16 cx, u16 dx)
{
    call(0x13, ax, bx, cx, dx);
    if ((ax >> 8) != 0x41 && (ax >> 8) != 0x15)
        CHECK(!CARRY, AH == 0);
    return AH;
}

static void check_geometry(void)
{
    CHECK(peek(0x40, 0x75), 1);
    CHECK(disk(0x0800, 0, 0, 0x80), 0);
    CHECK(DX & 0xff, 1);
    heads = (DX >> 8) + 1;
    spt = CX & 0x3f;
    cylinders = ((CX & 0xc0) << 2 | CX >> 8) + 1;
    CHECK(spt, 63);
    CHECK(heads, 16);
    CHECK(cylinders, 80);
    disk(0x1500, 0, 0, 0x80);
    CHECK(AH, 3);
    CHECK(CARRY, 0);
    CHECK(CX << 16 | DX, cylinders * heads * spt);
    /* the parameter table */
    u16 off = peek16(0, 0x41 * 4), seg = peek16(0, 0x41 * 4 + 2);
    CHECK(peek16(seg, off), cylinders);
    CHECK(peek(seg, off + 2), heads);
    CHECK(peek(seg, off + 14), spt);
    CHECK(disk(0x0800, 0, 0xffff, 0x81), 0x07);
    CHECK(CX, 0);
    CHECK(DX, 0);
    CHECK(disk(0x1500, 0, 0xffff, 0x81), 0);
    CHECK(CARRY, 0);
    CHECK(CX, 0);
    CHECK(DX, 0);
    CHECK(disk(0x0201, 0, 0x0001, 0x81), 0x01);
}

static void check_chs(void)
{
    at_es = BUFFER_SEGMENT;
    fill(BUFFER_SEGMENT, 128 * 512 - 1, 5);
    CHECK(disk(0x0340, 0, 0x0101, 0x0380), 0);
    CHECK(AL, 0x40);
    fill(BUFFER_SEGMENT, 128 * 512 - 1, 90);
    CHECK(disk(0x0240, 0, 0x0101, 0x0380), 0);
    check_filled(BUFFER_SEGMENT, 0x40 * 512, 5);
    /* 128 sectors at an odd offset fill a segment to the brim */
    CHECK(disk(0x0280, 0x000f, 0x0101, 0x0380), 0);
    CHECK(peek(BUFFER_SEGMENT, 0x000f), (u8)5);
    CHECK(disk(0x0440, 0, 0x0101, 0x0380), 0);
    CHECK(disk(0x0c00, 0, 0x0101, 0x0380), 0);
    /* sector 0, head or cylinder beyond the end */
    CHECK(disk(0x0201, 0, 0x0100, 0x0080), 0x04);
    CHECK(disk(0x0201, 0, 0x0101, (u16)(heads << 8 | 0x80)), 0x04);
    CHECK(disk(0x0201, 0, 0xffc1, 0x0080), 0x04);
    CHECK(disk(0x0100, 0, 0, 0x80), 0x04);
    CHECK(disk(0x0200, 0, 0x0101, 0x0080), 0x01);
    CHECK(disk(0x0000, 0, 0, 0x80), 0);
    CHECK(disk(0x0d00, 0, 0, 0x80), 0);
    CHECK(disk(0x1000, 0, 0, 0x80), 0);
    CHECK(disk(0x1100, 0, 0, 0x80), 0);
    CHECK(disk(0x1400, 0, 0, 0x80), 0);
    CHECK(disk(0x0900, 0, 0, 0x80), 0);
    CHECK(disk(0x9900, 0, 0, 0x80), 0x01);
}

/* Format, long sectors, the drive's buffer, diagnostics and parking. */
static void check_maintenance(void)
{
    at_es = BUFFER_SEGMENT;
    fill(BUFFER_SEGMENT, 3 * 516, 60);
    CHECK(disk(0x0b03, 0, 0x0105, 0x0080), 0);
    CHECK(AL, 3);
    fill(BUFFER_SEGMENT, 3 * 516, 1);
    CHECK(disk(0x0a03, 0, 0x0105, 0x0080), 0);
    CHECK(AL, 3);
    for (u16 i = 0; i < 512; i++)
        CHECK(peek(BUFFER_SEGMENT, (u16)(516 + i)), (u8)((516 + i) * 7 + ((516 + i) >> 8) + 60));
    CHECK(disk(0x0a80, 0, 0x0105, 0x0080), 0x01);
    CHECK(disk(0x0500, 0, 0x0101, 0x0080), 0);
    CHECK(disk(0x0500, 0, 0xff01, 0x0080), 0x04);
    CHECK(disk(0x0700, 0, 0x0101, 0x0080), 0);
    if (!on_qemu()) { /* whose drives have no commands for their buffers */
        fill(BUFFER_SEGMENT, 512, 44);
        CHECK(disk(0x0f01, 0, 0, 0x80), 0);
        fill(BUFFER_SEGMENT, 512, 1);
        CHECK(disk(0x0e01, 0, 0, 0x80), 0);
        check_filled(BUFFER_SEGMENT, 512, 44);
    }
    CHECK(disk(0x1200, 0, 0, 0x80), 0);
    CHECK(disk(0x1300, 0, 0, 0x80), 0);
    CHECK(disk(0x1900, 0, 0, 0x80), 0);
    CHECK(disk(0x1a00, 0, 0, 0x80), 0x01);
    CHECK(disk(0x0201, 0, 0x0001, 0x0080), 0);
}

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
    return disk(ax, 0, 0, 0x80);
}

static void check_extensions(void)
{
    disk(0x4100, 0x55aa, 0, 0x80);
    CHECK(CARRY, 0);
    CHECK(AH >= 0x21, 1);
    CHECK(BX, 0xaa55);
    CHECK(CX & 5, 5);
    /* the sector that CHS wrote */
    u32 lba = (1 * heads + 3) * spt;
    CHECK(packet_call(0x4200, lba, 4), 0);
    CHECK(packet.count, 4);
    check_filled(BUFFER_SEGMENT, 4 * 512, 5);
    fill(BUFFER_SEGMENT, 127 * 512, 33);
    CHECK(packet_call(0x4300, 5000, 127), 0);
    fill(BUFFER_SEGMENT, 127 * 512, 1);
    CHECK(packet_call(0x4200, 5000, 127), 0);
    check_filled(BUFFER_SEGMENT, 127 * 512, 33);
    CHECK(packet_call(0x4400, 5000, 127), 0);
    CHECK(packet_call(0x4700, 5000, 0), 0);
    CHECK(packet_call(0x4200, 80 * 16 * 63 - 1, 1), 0);
    CHECK(packet_call(0x4200, 80 * 16 * 63 - 1, 2), 0x04);
    CHECK(packet.count, 0);
    CHECK(packet_call(0x4200, 0xffffffff, 1), 0x04);
    packet.size = 15;
    CHECK(disk(0x4200, 0, 0, 0x80), 0x01);
}

static u8 result[80] __attribute__((aligned(4)));

static void check_edd_parameters(void)
{
    u32 sum = 0;
    result[0] = 0x42;
    at_si = (u32)result;
    CHECK(disk(0x4800, 0, 0, 0x80), 0);
    CHECK(*(u16 *)result, 0x42);
    CHECK(*(u32 *)(result + 4), 80);
    CHECK(*(u32 *)(result + 8), 16);
    CHECK(*(u32 *)(result + 12), 63);
    CHECK(*(u32 *)(result + 16), 80 * 16 * 63);
    CHECK(*(u16 *)(result + 24), 512);
    CHECK(*(u16 *)(result + 0x1e), 0xbedd);
    for (u32 i = 0x1e; i < 0x42; i++)
        sum += result[i];
    CHECK(sum & 0xff, 0);
    u16 off = *(u16 *)(result + 26), seg = *(u16 *)(result + 28);
    CHECK(peek16(seg, off), 0x1f0);
    CHECK(peek16(seg, off + 2), 0x3f6);
    CHECK(peek(seg, off + 6), 14);
    sum = 0;
    for (u16 i = 0; i < 16; i++)
        sum += peek(seg, (u16)(off + i));
    CHECK(sum & 0xff, 0);
    result[0] = 0x1a;
    CHECK(disk(0x4800, 0, 0, 0x80), 0);
    CHECK(*(u16 *)result, 0x1a);
    result[0] = 0x19;
    CHECK(disk(0x4800, 0, 0, 0x80), 0x01);
    CHECK(disk(0x4600, 0, 0, 0x80), 0xb2);
}

void test(void)
{
    check_geometry();
    check_chs();
    check_maintenance();
    check_extensions();
    check_edd_parameters();
}
