/* 8254, speaker, clock and its interrupts, time stamps, the ACPI timer: each measured by another. */
#include "tests/kernels/kernel.h"

static bool near(u32 value, u32 expected, u32 percent)
{
    u32 slack = expected / 100 * percent + 1;
    return value + slack >= expected && value <= expected + slack;
}

static void cmos_write(u8 index, u8 value)
{
    outb(0x70, index | 0x80);
    outb(0x71, value);
}

static u8 cmos_read(u8 index)
{
    outb(0x70, index | 0x80);
    return inb(0x71);
}

/* Channel 2 in mode 0 counts COUNT down; returns the time stamps that took. */
static u32 channel_2(u16 count)
{
    outb(0x61, (u8)((inb(0x61) & ~2u) | 1u));
    outb(0x43, 0xB0);
    outb(0x42, (u8)count);
    u64 start = rdtsc();
    outb(0x42, (u8)(count >> 8));
    while (!(inb(0x61) & 0x20))
        ;
    return (u32)(rdtsc() - start);
}

static void test_pit(void)
{
    u32 first = channel_2(11932), second = channel_2(59659);
    row(near(second / 5, first, 2), "the time stamps of 10 and 50 ms by channel 2 agree");
    u32 start = pm_timer();
    u64 stamp = rdtsc();
    while (((pm_timer() - start) & 0xFFFFFF) < 178977)
        ;
    row(near((u32)(rdtsc() - stamp), second, 2), "50 ms of the ACPI timer take as many");
    start = pm_timer();
    wait_ms(99);
    row(near((pm_timer() - start) & 0xFFFFFF, 357954, 2),
        "100 interrupts of channel 0 take 100 ms of the ACPI timer");
    outb(0x43, 0xC2); /* read back: count and status of channel 0, latched once */
    u8 status = inb(0x40), low = inb(0x40), high = inb(0x40);
    row((status & 0x3F) == 0x34, "the read-back status of channel 0 is a rate generator's");
    row((low | high << 8) <= 1193, "and its count below the reload value");
    outb(0x61, 1);
    outb(0x43, 0xB6);
    outb(0x42, 1193 & 0xFF);
    outb(0x42, 1193 >> 8);
    u32 changes = 0, end = ticks + 50;
    for (u8 last = inb(0x61) & 0x20; ticks < end;) {
        u8 now = inb(0x61) & 0x20;
        changes += now != last;
        last = now;
    }
    outb(0x61, 0);
    row(near(changes, 100, 4), "a tone of 1 kHz changes the speaker's bit 100 times in 50 ms");
}

static u8 clock_causes;
static void clock_interrupt(void)
{
    clock_causes |= cmos_read(0x0C);
}

static void test_clock(void)
{
    row(cmos_read(0x0D) & 0x80, "the clock's battery is good");
    irq_hook[8] = clock_interrupt;
    u8 rate = cmos_read(0x0A), mode = cmos_read(0x0B);
    cmos_read(0x0C);
    cmos_write(0x0A, 0x26);
    cmos_write(0x0B, (u8)(mode | 0x40));
    unmask(8);
    u32 before = irq_count[8];
    wait_ms(249);
    row(near(irq_count[8] - before, 256, 3), "its periodic interrupt of 1024 Hz comes 256 times in 250 ms");
    row((clock_causes & 0xF0) == 0xC0, "and says so");
    /* An alarm in each second: all three bytes don't care. */
    cmos_write(0x0B, (u8)((mode | 0x30) & ~0x40));
    u8 seconds = cmos_read(1), minutes = cmos_read(3), hours = cmos_read(5);
    cmos_write(1, 0xC0);
    cmos_write(3, 0xC0);
    cmos_write(5, 0xC0);
    cmos_read(0x0C);
    clock_causes = 0;
    before = irq_count[8];
    row(wait_irq(8, before, 1100) && wait_irq(8, irq_count[8], 1100), "alarm and end of update each second");
    row((clock_causes & 0x30) == 0x30, "with both causes told");
    cmos_write(1, seconds);
    cmos_write(3, minutes);
    cmos_write(5, hours);
    cmos_write(0x0B, mode);
    cmos_write(0x0A, rate);
    cmos_read(0x0C);
    mask(8);
    u8 second = cmos_read(0);
    row((second & 15) < 10 && second < 0x60, "seconds in BCD");
}

void test_timers(void)
{
    test_pit();
    test_clock();
}
