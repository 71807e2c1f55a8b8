/* The fixed addresses, vectors, data area and tables that programs rely on; INT 11h, 12h, parts of 15h. */
#include "test.h"

static u8 sum(u16 segment, u16 offset, u32 n)
{
    u8 s = 0;
    for (u32 i = 0; i < n; i++)
        s = (u8)(s + peek(segment, (u16)(offset + i)));
    return s;
}

static void check_rom(void)
{
    CHECK(peek(0xf000, 0xfff0), 0xea);
    CHECK(peek32(0xf000, 0xfff1), 0xf000e05b);
    CHECK(peek(0xf000, 0xfff7), '/');
    CHECK(peek(0xf000, 0xfffe), 0xfc);
    /* ROM: writes do nothing */
    u8 old = peek(0xf000, 0xfffe);
    poke(0xf000, 0xfffe, (u8)~old);
    CHECK(peek(0xf000, 0xfffe), old);
}

static void check_vectors(void)
{
    static const struct {
        u8 n;
        u16 offset;
    } fixed[] = {{0x02, 0xe2c3}, {0x05, 0xff54}, {0x08, 0xfea5}, {0x09, 0xe987}, {0x0e, 0xef57},
                 {0x11, 0xf84d}, {0x12, 0xf841}, {0x13, 0xe3fe}, {0x14, 0xe739}, {0x15, 0xf859},
                 {0x16, 0xe82e}, {0x17, 0xefd2}, {0x19, 0xe6f2}, {0x1a, 0xfe6e}, {0x1b, 0xff53},
                 {0x1c, 0xff53}, {0x40, 0xec59}, {0x4a, 0xff53}};
    for (u32 i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        CHECK(peek32(0, fixed[i].n * 4), 0xf0000000 | fixed[i].offset);
    CHECK(peek(0xf000, 0xff53), 0xcf);
    CHECK(peek32(0, 0x1e * 4), 0xf000efc7);
}

/* Tables at fixed addresses: font, divisors, disk types, video parameters. */
static void check_fixed_tables(void)
{
    CHECK(sum(0xf000, 0xfa6e, 8), 0); /* character 0 is blank */
    CHECK(sum(0xf000, 0xfa6e + 'A' * 8, 8) != 0, 1);
    CHECK(peek16(0xf000, 0xe729), 0x417);
    CHECK(peek16(0xf000, 0xe401), 306);
    CHECK(peek(0xf000, 0xf0a4), 0x38);
}

/* Programs of the PC's time enter services by their addresses; INT 60h borrows each in turn. */
static u16 enter(u16 offset, u16 ax, u16 dx)
{
    poke16(0, 0x60 * 4, offset);
    poke16(0, 0x60 * 4 + 2, 0xf000);
    return call(0x60, ax, 0, 0, dx);
}

static void check_entry_points(void)
{
    CHECK(enter(0xf841, 0, 0), bda(0x13));
    CHECK(enter(0xf84d, 0, 0), bda(0x10));
    enter(0xf859, 0xc000, 0);
    CHECK(BX, 0xe6f5);
    CHECK(enter(0xe82e, 0x0200, 0) & 0xff, bda(0x17) & 0xff);
    CHECK(enter(0xe739, 0x0300, 0) >> 8 & 0x60, 0x60);
    CHECK(enter(0xefd2, 0x0200, 0) >> 8 & 0x01, 0);
    enter(0xfe6e, 0x0000, 0);
    CHECK(ticks() - (CX << 16 | DX) <= 1, 1);
    enter(0xe3fe, 0x0800, 0x0000);
    CHECK(CX, 0x4f12);
    enter(0xec59, 0x0800, 0x0000);
    CHECK(CX, 0x4f12);
    enter(0xe3fe, 0x1500, 0x0080);
    CHECK(AH, 3);
    u32 before = ticks();
    enter(0xfea5, 0, 0); /* the tick */
    CHECK(ticks() - before >= 1, 1);
    enter(0xff53, 0, 0);
    poke(0x40, 0x100, 1);
    enter(0xff54, 0, 0);
    poke(0x40, 0x100, 0);
    /* the list of vectors 08h to 1Fh */
    CHECK(peek16(0xf000, 0xfef3), 0xfea5);
    CHECK(peek16(0xf000, 0xfef5), 0xe987);
    CHECK(peek16(0xf000, 0xfeff), 0xef57);
    CHECK(peek16(0xf000, 0xff09), 0xe3fe);
    CHECK(peek16(0xf000, 0xff1f), 0xefc7);
    for (u32 i = 0; i < 4; i++)
        poke(0, (u16)(0x60 * 4 + i), 0);
}

/* INT 1Dh, 1Fh, 41h, 43h, 46h hold no code but where tables are. */
static void check_table_vectors(void)
{
    CHECK(peek32(0, 0x1d * 4), 0xf000f0a4);
    CHECK(peek16(0xf000, 0xf0a4 + 64), 0x0800);
    CHECK(peek(0xf000, 0xf0a4 + 72 + 2), 80);
    u16 offset = peek16(0, 0x43 * 4), segment = peek16(0, 0x43 * 4 + 2);
    CHECK(sum(segment, offset + 'A' * 16, 16) != 0, 1); /* the characters of the mode, 16 lines each */
    CHECK(sum(segment, offset, 16), 0);
    offset = peek16(0, 0x1f * 4), segment = peek16(0, 0x1f * 4 + 2);
    CHECK(peek(segment, (u16)(offset + (0xdb - 0x80) * 8)), 0xff); /* the full block */
    offset = peek16(0, 0x41 * 4), segment = peek16(0, 0x41 * 4 + 2);
    CHECK(peek16(segment, offset), 80);
    CHECK(peek32(0, 0x46 * 4), 0xf000e401); /* no second disk: the list of types */
}

static void check_data_area(void)
{
    CHECK(call(0x12, 0, 0, 0, 0), bda(0x13));
    CHECK(bda(0x13) >= 0x270 && bda(0x13) < 0x280, 1);
    CHECK(bda(0x0e), bda(0x13) * 64);
    CHECK(peek(bda(0x0e), 0), 640 - bda(0x13));
    CHECK(call(0x11, 0, 0, 0, 0), bda(0x10));
    CHECK(bda(0x10) & 1, 1);
    CHECK(bda(0x10) >> 9 & 7, bda(6) ? 4 : bda(4) ? 3 : bda(2) ? 2 : bda(0) ? 1 : 0);
    CHECK(bda(0x80), 0x1e);
    CHECK(bda(0x82), 0x3e);
}

static void check_configuration(void)
{
    call(0x15, 0xc000, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(AH, 0);
    CHECK(after.es, 0xf000);
    CHECK(BX, 0xe6f5);
    CHECK(peek16(0xf000, 0xe6f5), 8);
    CHECK(peek(0xf000, 0xe6f7), 0xfc);
    CHECK(peek(0xf000, 0xe6fa) & 0x74, 0x74);
    call(0x15, 0xc100, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(after.es, bda(0x0e));
    /* cassette and unknown functions */
    call(0x15, 0x0000, 0, 0, 0);
    CHECK(CARRY, 1);
    CHECK(AH, 0x86);
    call(0x15, 0xbf00, 0, 0, 0);
    CHECK(CARRY, 1);
    call(0x15, 0xd800, 0, 0, 0);
    CHECK(CARRY, 1);
    call(0x15, 0x8000, 0, 0, 0);
    CHECK(CARRY, 0);
    call(0x15, 0x9001, 0, 0, 0);
    CHECK(CARRY, 0);
    call(0x15, 0x9101, 0, 0, 0);
    CHECK(CARRY, 0);
    call(0x15, 0x5200, 0, 0, 0x80);
    CHECK(CARRY, 0);
    CHECK(AH, 0);
    for (u16 function = 0xc300; function <= 0xc400; function += 0x100) { /* the PS/2's watchdog and POS */
        call(0x15, function, 0, 0, 0);
        CHECK(CARRY, 1);
        CHECK(AH, 0x86);
    }
    /* the keyboard intercept hands the scan code back with carry */
    call(0x15, 0x4f55, 0, 0, 0);
    CHECK(CARRY, 1);
    CHECK(AL, 0x55);
}

/* Signatures on 16-byte boundaries whose tables add up to 0. */
static u16 find(const char *signature, u32 n)
{
    for (u32 offset = 0; offset < 0x10000; offset += 16) {
        u32 i = 0;
        while (i < n && peek(0xf000, (u16)(offset + i)) == (u8)signature[i])
            i++;
        if (i == n)
            return (u16)offset;
    }
    fail(signature, 0, 0, 1);
    return 0;
}

static void check_tables(void)
{
    u16 at = find("_32_", 4);
    CHECK(sum(0xf000, at, 16), 0);
    at = find("$PnP", 4);
    CHECK(sum(0xf000, at, peek(0xf000, at + 5)), 0);
    at = find("$PIR", 4);
    CHECK(sum(0xf000, at, peek16(0xf000, at + 6)), 0);
    CHECK(peek16(0xf000, at + 6) % 16, 0);
    at = find("_SM_", 4);
    CHECK(sum(0xf000, at, peek(0xf000, at + 5)), 0);
    CHECK(sum(0xf000, at + 16, 15), 0);
}

static void check_a20(void)
{
    call(0x15, 0x2403, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(BX, 3);
    poke16(0, 0x500, 0x1111);
    call(0x15, 0x2400, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(peek16(0xffff, 0x510), 0x1111);
    call(0x15, 0x2402, 0, 0, 0);
    CHECK(AL, 0);
    call(0x15, 0x2401, 0, 0, 0);
    call(0x15, 0x2402, 0, 0, 0);
    CHECK(AL, 1);
    poke16(0xffff, 0x510, 0x2222);
    CHECK(peek16(0, 0x500), 0x1111);
    CHECK(peek16(0xffff, 0x510), 0x2222);
}

void test(void)
{
    check_rom();
    check_vectors();
    check_fixed_tables();
    check_entry_points();
    check_table_vectors();
    check_data_area();
    check_configuration();
    check_tables();
    check_a20();
}
