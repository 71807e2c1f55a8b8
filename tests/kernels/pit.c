/* The 8254's six modes on channel 2, whose gate is bit 0 of port 61h and whose output is bit 5; the read-back
 * command; counting in BCD. Times are measured by the ACPI timer, which runs at three times the 8254's clock.
 */
#include "tests/kernels/kernel.h"

enum { CONTROL = 0x43, CHANNEL_2 = 0x42, NULL_COUNT = 0x40, OUTPUT = 0x80 };

static void gate(bool on)
{
    outb(0x61, on ? 1 : 0);
}

static void mode(unsigned number, u16 count)
{
    outb(CONTROL, (u8)(0xB0 | number << 1));
    outb(CHANNEL_2, (u8)count);
    outb(CHANNEL_2, (u8)(count >> 8));
}

static bool output(void)
{
    return inb(0x61) & 0x20;
}

static u8 status(void)
{
    outb(CONTROL, 0xE8);
    return inb(CHANNEL_2);
}

static u16 count(void)
{
    outb(CONTROL, 0x80);
    u8 low = inb(CHANNEL_2);
    return (u16)(low | inb(CHANNEL_2) << 8);
}

/* Ticks of the 8254 until its output is LEVEL; 0 if that is not within 100 ms. */
static u32 until(bool level)
{
    u32 start = pm_timer(), passed = 0;
    while (output() != level && passed < 357954)
        passed = (pm_timer() - start) & 0xFFFFFF;
    return passed < 357954 ? passed / 3 : 0;
}

static void pause_for(u32 clocks)
{
    for (u32 start = pm_timer(); ((pm_timer() - start) & 0xFFFFFF) < clocks * 3;)
        ;
}

static bool about(u32 value, u32 expected)
{
    return value + 30 >= expected && value <= expected + 30;
}

static void test_mode_0(void)
{
    gate(true);
    mode(0, 5000);
    row(!output() && about(until(true), 5000), "8254 mode 0: low for its count, then high");
    u16 first = count();
    pause_for(100);
    row(output() && first > 60000 && count() < first, "it counts on from FFFFh with its output high");
    mode(0, 5000);
    gate(false);
    pause_for(100);
    first = count();
    pause_for(100);
    row(count() == first && first > 4000, "a low gate stops the count");
    gate(true);
    row(about(until(true), first), "and a high one lets it go on");
    outb(CONTROL, 0xB0);
    outb(CHANNEL_2, 0x10);
    pause_for(100);
    row(!output() && status() & NULL_COUNT, "the first byte of two stops it");
    outb(CHANNEL_2, 0);
    row(about(until(true), 16), "and the second one starts it");
}

static void test_mode_1(void)
{
    gate(false);
    mode(1, 3000);
    pause_for(100);
    row(output() && (status() & (NULL_COUNT | OUTPUT)) == (NULL_COUNT | OUTPUT),
        "mode 1: high, and its count not loaded before the gate");
    gate(true);
    row(about(until(false), 0) && about(until(true), 3000), "a rising gate makes it low for its count");
    gate(false);
    gate(true);
    pause_for(1500);
    gate(false);
    bool low = !output();
    gate(true);
    row(low && about(until(true), 3000), "a second one in between begins anew");
}

static void test_modes_2_and_3(void)
{
    gate(true);
    mode(2, 4000);
    pause_for(100);
    row(output() && count() > 3700 && count() < 4000, "mode 2 counts down with its output high");
    pause_for(3800);
    row(count() > 3500 || count() < 200, "and begins again by itself");
    gate(false);
    pause_for(10);
    row(output(), "a low gate makes it high");
    gate(true);
    pause_for(50);
    row(count() > 3800, "and a rising one loads the count");
    mode(3, 4000);
    until(true);
    until(false);
    row(about(until(true), 2000) && about(until(false), 2000), "mode 3: half of the count high, half low");
    u16 first = count();
    pause_for(100);
    u16 second = count();
    row(about((u16)(first - second), 200) || second > first, "it counts down in twos");
    row(!(first & 1) && !(second & 1), "by even numbers");
    gate(false);
    pause_for(10);
    row(output(), "a low gate makes it high at once");
    gate(true);
    row((status() & 0x3F) == 0x36, "its status is mode 3 with both bytes");
    mode(6, 1000); /* the upper bit of modes 2 and 3 is not looked at */
    row((status() & 0x0E) == 4 || (status() & 0x0E) == 0x0C, "mode 6 is mode 2");
}

static void test_modes_4_and_5(void)
{
    gate(true);
    mode(4, 2000);
    bool high = output();
    pause_for(1000);
    u16 first = count();
    pause_for(1500);
    row(high && output() && first && first < 1200 && count() > 60000,
        "mode 4: high at its end too, and counts on");
    gate(false);
    mode(5, 2000);
    pause_for(100);
    row(output() && status() & NULL_COUNT, "mode 5 waits for the gate");
    gate(true);
    pause_for(500);
    first = count();
    gate(false);
    pause_for(500);
    row(about(first, 1500) && about(count(), 1000), "which starts it and does not stop it");
    gate(true);
    pause_for(100);
    row(count() > 1800, "but starts it again");
}

static void test_reading(void)
{
    gate(true);
    mode(2, 50000);
    pause_for(100);
    outb(CONTROL, 0x80);
    pause_for(100);
    outb(CONTROL, 0x80);
    u8 low = inb(CHANNEL_2);
    u16 latched = (u16)(low | inb(CHANNEL_2) << 8);
    row(about(latched, 49900), "a count once latched stays until it is read");
    outb(CONTROL, 0xC8);
    u8 state = inb(CHANNEL_2);
    low = inb(CHANNEL_2);
    latched = (u16)(low | inb(CHANNEL_2) << 8);
    row((state & 0x3F) == 0x34 && about(latched, count()), "status first, then the count, latched together");
    outb(CONTROL, 0x90 | 4); /* the lower byte alone */
    outb(CHANNEL_2, 200);
    pause_for(20);
    row((status() & 0x3F) == 0x14 && inb(CHANNEL_2) <= 200 && inb(CHANNEL_2) <= 200,
        "a channel of lower bytes reads those");
    outb(CONTROL, 0xA0 | 4); /* the upper byte alone: 256 times it */
    outb(CHANNEL_2, 0x20);
    pause_for(1000);
    row((status() & 0x3F) == 0x24 && inb(CHANNEL_2) == 0x1C, "one of upper bytes likewise");
    outb(CONTROL, 0xB1); /* mode 0, BCD */
    outb(CHANNEL_2, 0x00);
    outb(CHANNEL_2, 0x20);
    u32 start = pm_timer();
    pause_for(500);
    u16 bcd = count();
    row(bcd >= 0x1470 && bcd <= 0x1500 && (bcd & 15) < 10, "a count in BCD reads so");
    until(true);
    row(about(((pm_timer() - start) & 0xFFFFFF) / 3, 2000), "and 2000h of it is 2000");
    outb(CONTROL, 0xB1);
    outb(CHANNEL_2, 0);
    outb(CHANNEL_2, 0);
    row(about(until(true), 10000), "0 is 10000 there");
}

void test_pit_modes(void)
{
    test_mode_0();
    test_mode_1();
    test_modes_2_and_3();
    test_modes_4_and_5();
    test_reading();
    gate(false);
}
