/*
 * Three clocks of a PC. The real-time clock runs from a battery and keeps the date (ports 70h, 71h, or INT
 * 1Ah). The timer interrupt counts ticks of 54.9 ms since midnight at 46Ch. And the timer chip's own counter
 * runs down 1,193,182 times a second.
 */
#include "demo.h"

/* Digits three wide and five high, a bit for each dot. */
static const u16 digits[11] = {0x7B6F, 0x2C97, 0x73E7, 0x73CF, 0x5BC9, 0x79CF,
                               0x79EF, 0x7252, 0x7BEF, 0x7BCF, 0x0410};

static void big_digit(u8 row, u8 column, u8 digit)
{
    for (u8 i = 0; i < 15; i++) {
        u8 on = digits[digit] >> (14 - i) & 1;
        fill_at(row + i / 3, column + (i % 3) * 2, NORMAL, on ? 0xDB : ' ', 2);
    }
}

/* The clock's registers hold decimal digits, four bits each. */
static void big_pair(u8 row, u8 column, u8 bcd)
{
    big_digit(row, column, (bcd >> 4) % 10);
    big_digit(row, column + 8, (bcd & 15) % 10);
}

static u8 rtc_register(u8 index)
{
    out8(0x70, index);
    return in8(0x71);
}

static void show_time(void)
{
    struct registers r = {.ax = 0x0200};
    interrupt(0x1A, &r);
    if (!(r.flags & CARRY)) {
        big_pair(4, 10, (u8)(r.cx >> 8));
        big_digit(4, 26, 10);
        big_pair(4, 32, (u8)r.cx);
        big_digit(4, 48, 10);
        big_pair(4, 54, (u8)(r.dx >> 8));
    }
    r = (struct registers){.ax = 0x0400};
    interrupt(0x1A, &r);
    if (!(r.flags & CARRY)) {
        number_at(11, 30, TITLE, r.cx & 0xFFFF, 16, 4, '0'); /* BCD shows its digits in hexadecimal */
        text_at(11, 34, TITLE, "-");
        number_at(11, 35, TITLE, r.dx >> 8 & 0xFF, 16, 2, '0');
        text_at(11, 37, TITLE, "-");
        number_at(11, 38, TITLE, r.dx & 0xFF, 16, 2, '0');
    }
}

static void show_rtc_registers(void)
{
    for (u8 i = 0; i < 14; i++)
        number_at(14, 30 + i * 3, TITLE, rtc_register(i), 16, 2, '0');
}

/* Latched, so that the two bytes belong together. */
static u16 timer_count(void)
{
    interrupts_off();
    out8(0x43, 0x00);
    u16 count = in8(0x40);
    count |= (u16)(in8(0x40) << 8);
    interrupts_on();
    return count;
}

void page_clock(void)
{
    text_page("Clock", "Esc: back to the menu");
    text_at(11, 10, NORMAL, "Date");
    text_at(13, 10, NORMAL, "Real-time clock");
    text_at(14, 10, NORMAL, "registers 00-0Dh");
    text_at(16, 10, NORMAL, "Ticks since midnight");
    text_at(17, 10, NORMAL, "as a time of day");
    text_at(19, 10, NORMAL, "Timer counter");
    while (wait_ticks(1) != KEY_ESCAPE) {
        u32 ticks = ticks_now();
        show_time();
        show_rtc_registers();
        number_at(16, 32, TITLE, ticks, 10, 8, ' ');
        u32 seconds = ticks * 2197 / 40000; /* 65,536 / 1,193,182 = 0.054925 s each */
        number_at(17, 32, TITLE, seconds / 3600, 10, 2, '0');
        text_at(17, 34, TITLE, ":");
        number_at(17, 35, TITLE, seconds / 60 % 60, 10, 2, '0');
        text_at(17, 37, TITLE, ":");
        number_at(17, 38, TITLE, seconds % 60, 10, 2, '0');
        number_at(19, 32, TITLE, timer_count(), 10, 8, ' ');
    }
}
