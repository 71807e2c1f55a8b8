/* INT 13h on diskettes: the boot diskette (1.44 MB) and a blank one in drive 1. */
#include "test.h"

static u8 disk(u16 ax, u16 bx, u16 cx, u16 dx)
{
    at_es = BUFFER_SEGMENT;
    call(0x13, ax, bx, cx, dx);
    CHECK(!CARRY, AH == 0);
    return AH;
}

/* A changed diskette answers with an error once. */
static u8 disk_again(u16 ax, u16 bx, u16 cx, u16 dx)
{
    u8 status = disk(ax, bx, cx, dx);
    return status ? disk(ax, bx, cx, dx) : status;
}

static void check_reading(void)
{
    CHECK(disk(0x0000, 0, 0, 0x0000), 0);
    CHECK(disk_again(0x0201, 0, 0x0001, 0x0000), 0);
    CHECK(AL, 1);
    CHECK(peek16(BUFFER_SEGMENT, 510), 0xaa55);
    for (u32 i = 0; i < 510; i++)
        if (i != (u32)&boot_drive - 0x7c00)
            CHECK(peek(BUFFER_SEGMENT, (u16)i), peek(0x7c0, (u16)i));
    /* a whole track, and both sides in one call */
    CHECK(disk(0x0212, 0, 0x0001, 0x0000), 0);
    CHECK(AL, 18);
    u32 code = (u32)check_reading - 0x7c00;
    for (u32 i = code; i < code + 100; i++)
        CHECK(peek(BUFFER_SEGMENT, (u16)i), peek(0x7c0, (u16)i));
    CHECK(disk(0x0224, 0, 0x0001, 0x0000), 0);
    CHECK(disk(0x0404, 0, 0x0001, 0x0000), 0);
}

/* INT 13h for a diskette goes by way of INT 40h. */
static void check_int40(void)
{
    CHECK(disk(0x0201, 0, 0x0001, 0x0000), 0);
    set_vector(0x40, counting_handler);
    interrupts_counted = 0;
    CHECK(call(0x13, 0x0201, 0x1111, 0x2222, 0x3300), 0x0201);
    CHECK(interrupts_counted, 1);
    CHECK(BX, 0x1111);
    CHECK(CX, 0x2222);
    CHECK(DX, 0x3300);
    CHECK(CARRY, 0);
    poke16(0, 0x40 * 4, 0xec59);
    poke16(0, 0x40 * 4 + 2, 0xf000);
    call(0x40, 0x0404, 0, 0x0001, 0x0000);
    CHECK(CARRY, 0);
}

static void check_writing(void)
{
    fill(BUFFER_SEGMENT, 9 * 512, 3);
    CHECK(disk_again(0x0309, 0, 0x2705, 0x0101), 0);
    CHECK(AL, 9);
    fill(BUFFER_SEGMENT, 9 * 512, 50);
    CHECK(disk(0x0209, 0, 0x2705, 0x0101), 0);
    check_filled(BUFFER_SEGMENT, 9 * 512, 3);
    /* last sector of the last track */
    CHECK(disk(0x0201, 0, 0x4f12, 0x0101), 0);
}

static void check_errors(void)
{
    CHECK(disk(0x0201, 0, 0x0013, 0x0000), 0x04); /* no sector 19 */
    CHECK(disk(0x0100, 0, 0, 0x0000), 0x04);
    CHECK(disk(0x0201, 0xfff0, 0x0001, 0x0000) != 0, 1); /* 2FFF0h + 512 passes 64 KB */
    CHECK(AH, 0x09);
    CHECK(disk(0x0201, 0, 0x0001, 0x0002), 0x01); /* no such drive */
    CHECK(disk(0x4100, 0x55aa, 0, 0x0000), 0x01); /* no extensions */
    CHECK(disk(0x0201, 0, 0x0001, 0x0000), 0);
}

static void check_parameters(void)
{
    CHECK(disk(0x0800, 0, 0, 0x0000), 0);
    CHECK(CX, 0x4f12);
    CHECK(DX, 0x0102);
    CHECK(BX, 0x0004);
    CHECK(after.es, 0xf000);
    CHECK(peek(0xf000, (u16)after.di + 4), 18);
    at_es = 0;
    call(0x13, 0x1500, 0, 0, 0x0000);
    CHECK(AH, 2);
    CHECK(CARRY, 0);
    call(0x13, 0x1500, 0, 0, 0x0002);
    CHECK(AH, 0);
    CHECK(disk(0x1600, 0, 0, 0x0000), 0);
}

/* AH=18h and 05h: formats a track in drive 1, whose sectors read as the filler byte. */
static void check_format(void)
{
    CHECK(disk(0x1800, 0, 0x4f12, 0x0001), 0);
    CHECK(after.es, 0xf000);
    for (u16 i = 0; i < 18; i++) {
        poke(BUFFER_SEGMENT, i * 4, 5);
        poke(BUFFER_SEGMENT, i * 4 + 1, 1);
        poke(BUFFER_SEGMENT, i * 4 + 2, (u8)(i + 1));
        poke(BUFFER_SEGMENT, i * 4 + 3, 2);
    }
    CHECK(disk(0x0512, 0, 0x0501, 0x0101), 0);
    fill(BUFFER_SEGMENT, 512, 9);
    CHECK(disk(0x0201, 0, 0x0512, 0x0101), 0);
    /* the filler of the disk base table; QEMU's controller takes 0 instead */
    u8 filler = peek(BUFFER_SEGMENT, 0) ? peek(0xf000, 0xefc7 + 8) : 0;
    for (u16 i = 0; i < 512; i++)
        CHECK(peek(BUFFER_SEGMENT, i), filler);
    CHECK(disk(0x1800, 0, 0x6363, 0x0001), 0x0c);
}

/* The motor goes off when its time is over. */
static void check_motor(void)
{
    CHECK(disk(0x0201, 0, 0x0001, 0x0000), 0);
    CHECK(bda(0x3f) & 1, 1);
    CHECK(peek(0x40, 0x40), 0x25);
    wait_ticks(0x27);
    CHECK(bda(0x3f) & 0xf, 0);
}

void test(void)
{
    check_parameters();
    check_reading();
    check_int40();
    check_writing();
    check_errors();
    check_format();
    check_motor();
}
