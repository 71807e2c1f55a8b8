/* The MC146818's alarm at a time of day, its rates, update cycle, formats and divider. */
#include "tests/kernels/kernel.h"

enum { SECONDS, SECONDS_ALARM, MINUTES, MINUTES_ALARM, HOURS, HOURS_ALARM };
enum { A = 10, B = 11, C = 12 };
enum { SET = 0x80, PIE = 0x40, AIE = 0x20, UIE = 0x10, BINARY = 4, HOURS_24 = 2, UIP = 0x80 };

static void write(u8 index, u8 value)
{
    outb(0x70, index | 0x80);
    outb(0x71, value);
}

static u8 read(u8 index)
{
    outb(0x70, index | 0x80);
    return inb(0x71);
}

static volatile u8 causes;
static volatile u32 alarms, updates;
static void interrupt(void)
{
    u8 cause = read(C);
    causes |= cause;
    alarms += (cause & AIE) != 0;
    updates += (cause & UIE) != 0;
}

/* Waits for the end of an update, up to 1.1 s. */
static bool next_second(void)
{
    u32 seen = updates, start = ticks;
    while (updates == seen && ticks - start < 1100)
        __asm__ volatile("hlt");
    return updates != seen;
}

static void set_time(u8 hours, u8 minutes, u8 seconds)
{
    u8 mode = read(B);
    write(B, mode | SET);
    write(HOURS, hours);
    write(MINUTES, minutes);
    write(SECONDS, seconds);
    write(B, mode);
}

static bool time_is(u8 hours, u8 minutes, u8 seconds)
{
    return read(HOURS) == hours && read(MINUTES) == minutes && read(SECONDS) == seconds;
}

static void test_alarm(void)
{
    write(B, HOURS_24 | AIE | UIE);
    set_time(0x23, 0x59, 0x57);
    write(HOURS_ALARM, 0);
    write(MINUTES_ALARM, 0);
    write(SECONDS_ALARM, 1);
    alarms = 0;
    for (unsigned i = 0; i < 3; i++)
        next_second();
    row(time_is(0, 0, 0) && !alarms, "midnight comes after 23:59:59");
    next_second();
    row(alarms == 1, "and an alarm at 00:00:01");
    row(next_second() && alarms == 1, "but not a second later");
    write(HOURS_ALARM, 0xFF);
    write(MINUTES_ALARM, 0xC0);
    write(SECONDS_ALARM, 3);
    row(next_second() && alarms == 2 && time_is(0, 0, 3), "one in each minute, hour and minute don't care");
    set_time(0x12, 0x00, 0x02);
    row(next_second() && alarms == 3, "at noon too");
    write(B, HOURS_24 | UIE);
    set_time(0x12, 0x00, 0x02);
    row(next_second() && alarms == 4, "its cause is told without its interrupt being enabled");
}

static void test_update(void)
{
    next_second();
    u32 start = pm_timer();
    next_second();
    u32 second = (pm_timer() - start) & 0xFFFFFF;
    row(second > 3540000 && second < 3620000, "a second of the clock is one of the ACPI timer");
    write(B, HOURS_24);
    u32 guard = ticks;
    while (!(read(A) & UIP) && ticks - guard < 1100)
        ;
    u8 before = read(SECONDS);
    start = pm_timer();
    guard = ticks;
    while (read(A) & UIP && ticks - guard < 1100)
        ;
    u32 length = ((pm_timer() - start) & 0xFFFFFF) * 100 / 358;
    row(length > 1500 && length < 2400, "an update is in progress for 244 + 1984 us");
    row(read(SECONDS) != before, "and the second has changed after it");
    write(B, HOURS_24 | SET);
    before = read(SECONDS);
    wait_ms(1100);
    row(read(SECONDS) == before && !(read(A) & UIP), "the clock stands still while it is set");
    /* Divider reset: the first update comes half a second after it runs again. */
    write(B, HOURS_24 | UIE);
    write(A, 0x70);
    wait_ms(20);
    write(A, 0x26);
    u32 begin = ticks, seen = updates;
    while (updates == seen && ticks - begin < 1500)
        __asm__ volatile("hlt");
    row(ticks - begin > 480 && ticks - begin < 520,
        "the first update comes half a second after the divider's reset");
}

static void test_formats(void)
{
    write(B, UIE);
    set_time(0x12, 0x59, 0x59);
    next_second();
    row(time_is(0x01, 0, 0), "in hours of 12, 01:00 comes after 12:59 in the morning");
    set_time(0x11, 0x59, 0x59);
    next_second();
    row(time_is(0x92, 0, 0), "and 12 PM after 11:59 AM");
    write(B, UIE | BINARY | HOURS_24);
    set_time(19, 59, 59);
    next_second();
    row(time_is(20, 0, 0), "in binary 20:00:00 comes after 19:59:59");
    write(B, UIE | HOURS_24);
    set_time(0x09, 0x59, 0x59);
    next_second();
    row(time_is(0x10, 0, 0), "in BCD 10 after 09");
}

static void test_rates(void)
{
    bool good = true;
    irq_hook[8] = interrupt;
    for (u8 rate = 3; rate <= 15; rate += 3) {
        write(A, (u8)(0x20 | rate));
        write(B, HOURS_24 | PIE);
        read(C);
        u32 hertz = 32768u >> (rate - 1), ms = hertz < 16 ? 1999 : 249, before = irq_count[8];
        wait_ms(ms);
        u32 count = irq_count[8] - before, expected = hertz * (ms + 1) / 1000;
        good = good && count + 1 + expected / 100 >= expected && count <= expected + 1 + expected / 100;
    }
    row(good, "rates of 8192, 1024, 128, 16 and 2 Hz");
    write(A, 0x20);
    read(C);
    u32 before = irq_count[8];
    wait_ms(100);
    row(irq_count[8] == before, "none at rate 0");
    write(A, 0x26);
    write(B, HOURS_24);
    read(C);
    wait_ms(10);
    row((read(C) & 0xF0) == PIE && !read(C), "the flag comes without its interrupt, and reading clears it");
}

void test_clock_more(void)
{
    u8 saved_b = read(B), hours = read(HOURS), minutes = read(MINUTES);
    read(C);
    irq_hook[8] = interrupt;
    unmask(8);
    test_alarm();
    test_update();
    test_formats();
    test_rates();
    mask(8);
    write(B, saved_b);
    set_time(hours, minutes, 0);
    read(C);
}
