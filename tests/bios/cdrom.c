/*
 * A test that is booted from a CD-ROM (cd.S): without emulation as drive E0h, or as the diskette that the
 * disc emulates.
 */
#include "test.h"

static u8 disk(u16 ax, u16 bx, u16 cx, u16 dx)
{
    call(0x13, ax, bx, cx, dx);
    if ((ax >> 8) != 0x41)
        CHECK(!CARRY, AH == 0);
    return AH;
}

static struct {
    u8 size, zero;
    u16 count, off, seg;
    u32 lba, lba_high;
} packet;

static u8 read(u32 lba, u16 count, u16 off)
{
    packet.size = 16;
    packet.count = count;
    packet.off = off;
    packet.seg = BUFFER_SEGMENT;
    packet.lba = lba;
    packet.lba_high = 0;
    at_si = (u32)&packet;
    return disk(0x4200, 0, 0, 0xe0);
}

static void check_name(u16 off)
{
    CHECK(peek32(BUFFER_SEGMENT, off), 0x30444301); /* 1 "CD0" */
    CHECK(peek16(BUFFER_SEGMENT, off + 4), 0x3130);
}

static void check_sectors(void)
{
    disk(0x4100, 0x55aa, 0, 0xe0);
    CHECK(CARRY, 0);
    CHECK(BX, 0xaa55);
    CHECK(read(16, 1, 0), 0);
    check_name(0);
    CHECK(read(16, 3, 0x1000), 0);
    check_name(0x1000);
    CHECK(peek32(BUFFER_SEGMENT, 0x1000 + 4096), 0x00000001); /* the catalog */
    CHECK(packet.count, 3);
    CHECK(read(0x7fffff, 1, 0) != 0, 1);
    CHECK(disk(0x4300, 0, 0, 0xe0), 0x03);
    CHECK(disk(0x4200, 0, 0, 0xe1) != 0, 1);
}

static void check_parameters(void)
{
    static u8 result[80];
    result[0] = 0x1a;
    at_si = (u32)result;
    CHECK(disk(0x4800, 0, 0, 0xe0), 0);
    CHECK(*(u16 *)(result + 24), 2048);
    CHECK(*(u16 *)(result + 2) & 4, 4);
    CHECK(*(u32 *)(result + 16) >= 19 + 32, 1);
    CHECK(disk(0x4500, 0, 0, 0xe0), 0);
    CHECK(AL, 1);
    CHECK(disk(0x4600, 0, 0, 0xe0), 0xb1);
    CHECK(disk(0x4501, 0, 0, 0xe0), 0);
    CHECK(AL, 0);
    CHECK(disk(0x4501, 0, 0, 0xe0), 0xb0);
}

static void check_emulation(void)
{
    static u8 spec[20];
    at_es = BUFFER_SEGMENT;
    CHECK(disk(0x0201, 0, 0x0001, 0x00), 0);
    CHECK(peek16(BUFFER_SEGMENT, 510), 0xaa55);
    /* sectors that begin and end in the middle of one of the disc's */
    CHECK(disk(0x0207, 0, 0x0003, 0x00), 0);
    u32 code = (u32)check_sectors - 0x7c00;
    CHECK(code > 1024 && code < 1024 + 3000, 1);
    for (u32 i = 0; i < 100; i++)
        CHECK(peek(BUFFER_SEGMENT, (u16)(code - 1024 + i)), peek(0x7c0, (u16)(code + i)));
    CHECK(disk(0x0301, 0, 0x0001, 0x00), 0x03);
    CHECK(disk(0x0201, 0, 0x0013, 0x00), 0x04);
    CHECK(disk(0x0800, 0, 0, 0x00), 0);
    CHECK(CX, 0x4f12);
    CHECK(DX >> 8, 1);
    at_si = (u32)spec;
    CHECK(disk(0x4b01, 0, 0, 0x00), 0);
    CHECK(spec[0], 0x13);
    CHECK(spec[1], 2);
    CHECK(spec[2], 0);
    /* the drive that was A: is B: now; ended, A: is itself again and holds something else */
    CHECK(bda(0x10) & 0x41, 0x41);
    CHECK(disk(0x4b00, 0, 0, 0x00), 0);
    u8 status = disk(0x0201, 0, 0x0001, 0x00);
    if (status)
        CHECK(disk(0x0201, 0, 0x0001, 0x00), 0);
    CHECK(peek16(BUFFER_SEGMENT, 510), 0);
}

/* The emulated disk is 80h, and the machine's own moves to 81h while it lasts. */
static void check_disk_emulation(void)
{
    at_es = BUFFER_SEGMENT;
    CHECK(disk(0x0201, 0, 0x0001, 0x80), 0);
    CHECK(peek(BUFFER_SEGMENT, 0x1be), 0x80);
    CHECK(disk(0x0800, 0, 0, 0x80), 0);
    CHECK(CX, 0x4f12);
    CHECK(DX, 0x0102);
    CHECK(disk(0x0800, 0, 0, 0x81), 0);
    CHECK(DX & 0xff, 2);
    CHECK(DX >> 8, 15);
    CHECK(disk(0x0201, 0, 0x0001, 0x81), 0);
    CHECK(peek16(BUFFER_SEGMENT, 0x1fe), 0);
    CHECK(disk(0x0301, 0, 0x0001, 0x80), 0x03);
    call(0x13, 0x1500, 0, 0, 0x80);
    CHECK(AH, 3);
    CHECK(DX, 80 * 2 * 18);
}

void test(void)
{
    check_sectors();
    check_parameters();
    if (boot_drive == 0)
        check_emulation();
    else if (boot_drive == 0x80)
        check_disk_emulation();
    else
        CHECK(boot_drive, 0xe0);
}
