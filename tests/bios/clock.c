/* INT 1Ah, the tick, INT 1Ch, waits of INT 15h 83h and 86h, the alarm. */
#include "test.h"

static void check_ticks(void)
{
    call(0x1a, 0x0000, 0, 0, 0);
    CHECK((CX << 16 | DX) - ticks() + 1 <= 1, 1);
    interrupts_counted = 0;
    set_vector(0x1c, counting_handler);
    u32 start = ticks();
    wait_ticks(5);
    CHECK(interrupts_counted - 5 <= 1, 1);
    /* midnight */
    call(0x1a, 0x0100, 0, 0x0018, 0x00af);
    while (ticks() > 0x100000)
        __asm__ volatile("hlt");
    call(0x1a, 0x0000, 0, 0, 0);
    CHECK(AL != 0, 1);
    CHECK((CX << 16 | DX) < 10, 1);
    call(0x1a, 0x0000, 0, 0, 0);
    CHECK(AL, 0);
    call(0x1a, 0x0100, 0, (u16)(start >> 16), (u16)start);
}

static void check_time(void)
{
    call(0x1a, 0x0300, 0, 0x2359, 0x3000);
    call(0x1a, 0x0500, 0, 0x1999, 0x1231);
    call(0x1a, 0x0200, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(CX, 0x2359);
    CHECK(DX >> 8, 0x30);
    call(0x1a, 0x0400, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(CX, 0x1999);
    CHECK(DX, 0x1231);
    CHECK(cmos(6), 6); /* a Friday */
    call(0x1a, 0x0500, 0, 0x2000, 0x0229);
    CHECK(cmos(6), 3); /* a Tuesday */
    call(0x1a, 0x0300, 0, 0x1200, 0x0000);
}

static void check_alarm(void)
{
    call(0x1a, 0x0700, 0, 0, 0);
    call(0x1a, 0x0600, 0, 0x1200, 0x0200);
    CHECK(CARRY, 0);
    call(0x1a, 0x0600, 0, 0x1200, 0x0300);
    CHECK(CARRY, 1); /* one at a time */
    interrupts_counted = 0;
    set_vector(0x1c, (void *)0xff53);
    poke16(0, 0x1c * 4 + 2, 0xf000);
    set_vector(0x4a, counting_handler);
    call(0x1a, 0x0300, 0, 0x1200, 0x0000);
    u32 start = ticks();
    while (!interrupts_counted && ticks() - start < 80)
        __asm__ volatile("hlt");
    CHECK(interrupts_counted, 1);
    CHECK(ticks() - start >= 18, 1);
    call(0x1a, 0x0700, 0, 0, 0);
}

static void check_waits(void)
{
    u32 start = ticks();
    call(0x15, 0x8600, 0, 500000 >> 16, 500000 & 0xffff);
    CHECK(CARRY, 0);
    u32 passed = ticks() - start;
    CHECK(passed >= 8 && passed <= 12, 1);
    CHECK(bda(0xa0) & 1, 0);
    /* short waits are not ticks long */
    start = ticks();
    for (u32 i = 0; i < 10; i++)
        call(0x15, 0x8600, 0, 0, 1000);
    CHECK(ticks() - start <= 2, 1);
    /* an event: the flag goes up by itself */
    static volatile u8 flag;
    flag = 0;
    at_es = 0;
    call(0x15, 0x8300, (u16)(u32)&flag, 200000 >> 16, 200000 & 0xffff);
    CHECK(CARRY, 0);
    call(0x15, 0x8300, (u16)(u32)&flag, 0, 5000);
    CHECK(CARRY, 1);
    CHECK(AH, 0x83);
    start = ticks();
    while (!(flag & 0x80) && ticks() - start < 30)
        __asm__ volatile("hlt");
    CHECK(flag, 0x80);
    CHECK(ticks() - start <= 12, 1);
    flag = 0;
    call(0x15, 0x8300, (u16)(u32)&flag, 3, 0);
    call(0x15, 0x8301, 0, 0, 0);
    CHECK(CARRY, 0);
    wait_ticks(6);
    CHECK(flag, 0);
}

void test(void)
{
    check_ticks();
    check_time();
    check_alarm();
    check_waits();
}
