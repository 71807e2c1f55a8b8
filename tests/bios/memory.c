/* Memory sizes and map; INT 15h 87h block move. */
#include "test.h"

static u32 e820(u32 *continuation, u16 where)
{
    struct regs r = {0xe820, *continuation, 20, 0x534d4150, 0, where, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &r);
    if (r.flags & CF)
        return 0;
    CHECK(r.ax, 0x534d4150);
    CHECK(r.cx, 20);
    *continuation = r.bx;
    return 1;
}

static void check_map(void)
{
    u32 continuation = 0, rows = 0;
    u64 ram_end = 0, last_end = 0;
    u32 low_seen = 0;
    do {
        volatile u32 *row = (volatile u32 *)0x600;
        CHECK(e820(&continuation, 0x600), 1);
        u64 base = (u64)row[1] << 32 | row[0], length = (u64)row[3] << 32 | row[2];
        CHECK(base >= last_end, 1);
        CHECK(length != 0, 1);
        CHECK(row[4] >= 1 && row[4] <= 4, 1);
        last_end = base + length;
        if (row[4] == 1 && base == 0) {
            low_seen = 1;
            CHECK((u32)length, (u32)bda(0x13) * 1024);
        }
        if (row[4] == 1 && base == 0x100000)
            ram_end = base + length;
        CHECK(++rows < 64, 1);
    } while (continuation);
    CHECK(low_seen, 1);
    call(0x15, 0xe801, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(after.ax & 0xffff, CX);
    CHECK(BX, DX);
    u32 kb = CX + BX * 64;
    CHECK(ram_end > 0x100000, 1);
    CHECK(((u32)(ram_end >> 10) - 1024 - kb) < 64, 1);
    call(0x15, 0x8800, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK((after.ax & 0xffff) != 0, 1);
    CHECK((after.ax & 0xffff) <= kb + 64, 1);
    call(0x15, 0x8a00, 0, 0, 0);
    CHECK(DX << 16 | (after.ax & 0xffff), (u32)(ram_end >> 10) - 1024);
    /* bad signature, short buffer */
    struct regs r = {0xe820, 0, 20, 0x534d4151, 0, 0x600, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &r);
    CHECK(r.flags & CF, 1);
    struct regs s = {0xe820, 0, 19, 0x534d4150, 0, 0x600, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &s);
    CHECK(s.flags & CF, 1);
}

static u8 gdt[48] __attribute__((aligned(8)));

static void descriptor(u32 at, u32 base)
{
    gdt[at] = gdt[at + 1] = 0xff;
    gdt[at + 2] = (u8)base;
    gdt[at + 3] = (u8)(base >> 8);
    gdt[at + 4] = (u8)(base >> 16);
    gdt[at + 5] = 0x93;
    gdt[at + 6] = 0;
    gdt[at + 7] = (u8)(base >> 24);
}

static void move(u32 from, u32 to, u16 words)
{
    for (u32 i = 0; i < sizeof(gdt); i++)
        gdt[i] = 0;
    descriptor(0x10, from);
    descriptor(0x18, to);
    at_si = (u32)gdt;
    call(0x15, 0x8700, 0, words, 0);
    CHECK(CARRY, 0);
    CHECK(AH, 0);
    CHECK(CX, words);
}

/* Up and back, a full 64 KB, and beyond 16 MB, whose descriptors need the 386's upper base byte. */
static void check_block_move(void)
{
    fill(BUFFER_SEGMENT, 0x4000, 1);
    move(0x20000, 0x180000, 0x2000);
    fill(BUFFER_SEGMENT, 0x4000, 99);
    move(0x180000, 0x20000, 0x2000);
    check_filled(BUFFER_SEGMENT, 0x4000, 1);
    move(0x20000, 0x1800000, 0x2000);
    fill(BUFFER_SEGMENT, 0x4000, 77);
    move(0x1800000, 0x20000, 0x2000);
    check_filled(BUFFER_SEGMENT, 0x4000, 1);
    poke(0x3fff, 15, 0x5a);
    move(0x30000, 0x200000, 0x8000);
    poke(0x3fff, 15, 0);
    move(0x200000, 0x30000, 0x8000);
    CHECK(peek(0x3fff, 15), 0x5a);
    /* the gate is left as it was */
    call(0x15, 0x2400, 0, 0, 0);
    move(0x20000, 0x300000, 16);
    call(0x15, 0x2402, 0, 0, 0);
    CHECK(AL, 0);
    call(0x15, 0x2401, 0, 0, 0);
}

void test(void)
{
    check_map();
    check_block_move();
}
