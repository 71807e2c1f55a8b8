/* INT 1Ah, time of day: the tick count and the MC146818 clock. */
#include "bios/bda.h"
#include "bios/services.h"
#include "bios/timer.h"

enum {
    RTC_SECONDS = 0x00,
    RTC_ALARM_SECONDS = 0x01,
    RTC_MINUTES = 0x02,
    RTC_ALARM_MINUTES = 0x03,
    RTC_HOURS = 0x04,
    RTC_ALARM_HOURS = 0x05,
    RTC_DAY = 0x07,
    RTC_MONTH = 0x08,
    RTC_YEAR = 0x09,
    RTC_A = 0x0a,
    RTC_B = 0x0b,
    RTC_D = 0x0d,
    CMOS_DIAGNOSIS = 0x0e,
    RTC_CENTURY = 0x32,
};
enum { DIAGNOSIS_TIME = 0x04 };
enum { A_UPDATING = 0x80, B_SET = 0x80, B_ALARM = 0x20, B_BINARY = 0x04, B_24H = 0x02, B_DST = 0x01 };

/* Waits out an update, which takes 2 ms at most; false if the clock stands. */
static int wait_update(void)
{
    struct timeout t;
    timeout_start(&t, 5000);
    while (cmos_read(RTC_A) & A_UPDATING)
        if (timeout_passed(&t))
            return 0;
    return 1;
}

static void read_ticks(struct regs *r)
{
    u32 ticks = bda.ticks;
    r->cx = (u16)(ticks >> 16);
    r->dx = (u16)ticks;
    r->al = bda.midnight;
    bda.midnight = 0;
}

static void set_ticks(struct regs *r)
{
    bda.ticks = (u32)r->cx << 16 | r->dx;
    bda.midnight = 0;
}

static int read_time(struct regs *r)
{
    if (!wait_update())
        return 0;
    r->ch = cmos_read(RTC_HOURS);
    r->cl = cmos_read(RTC_MINUTES);
    r->dh = cmos_read(RTC_SECONDS);
    r->dl = cmos_read(RTC_B) & B_DST;
    return 1;
}

static void stop_clock(void)
{
    cmos_write(RTC_B, cmos_read(RTC_B) | B_SET);
}

static void start_clock(u8 dst)
{
    cmos_write(RTC_B, (u8)((cmos_read(RTC_B) & ~(B_SET | B_DST)) | B_24H | (dst & 1)));
}

/* A clock that lost power is set going first, as the AT BIOS does. */
static void prepare_to_set(void)
{
    if (!wait_update()) {
        cmos_write(RTC_A, 0x26);
        cmos_write(RTC_B, B_SET | B_24H);
    }
    stop_clock();
}

static void set_time(struct regs *r)
{
    prepare_to_set();
    cmos_write(RTC_HOURS, r->ch);
    cmos_write(RTC_MINUTES, r->cl);
    cmos_write(RTC_SECONDS, r->dh);
    start_clock(r->dl);
}

static int read_date(struct regs *r)
{
    if (!wait_update())
        return 0;
    r->ch = cmos_read(RTC_CENTURY);
    r->cl = cmos_read(RTC_YEAR);
    r->dh = cmos_read(RTC_MONTH);
    r->dl = cmos_read(RTC_DAY);
    return 1;
}

/* Day of the week, 1 = Sunday, for the register that the clock counts along (Zeller). */
static u8 weekday(u8 century, u8 year, u8 month, u8 day)
{
    u32 y = bcd_to_binary(century) * 100u + bcd_to_binary(year);
    u32 m = bcd_to_binary(month);
    if (m < 3) {
        m += 12;
        y--;
    }
    return (u8)((bcd_to_binary(day) + 13 * (m + 1) / 5 + y + y / 4 - y / 100 + y / 400 + 6) % 7 + 1);
}

static void set_date(struct regs *r)
{
    prepare_to_set();
    cmos_write(RTC_CENTURY, r->ch);
    cmos_write(RTC_YEAR, r->cl);
    cmos_write(RTC_MONTH, r->dh);
    cmos_write(RTC_DAY, r->dl);
    cmos_write(0x06, weekday(r->ch, r->cl, r->dh, r->dl));
    start_clock(cmos_read(RTC_B) & B_DST);
}

/* AH=06h: INT 4Ah comes at that time; one alarm at once. */
static int set_alarm(struct regs *r)
{
    u8 b = cmos_read(RTC_B);
    if (b & B_ALARM || !wait_update())
        return 0;
    cmos_write(RTC_ALARM_HOURS, r->ch);
    cmos_write(RTC_ALARM_MINUTES, r->cl);
    cmos_write(RTC_ALARM_SECONDS, r->dh);
    outb(0xa1, inb(0xa1) & 0xfe);
    cmos_write(RTC_B, (u8)((b & ~B_SET) | B_ALARM));
    return 1;
}

static void reset_alarm(void)
{
    cmos_write(RTC_B, cmos_read(RTC_B) & (u8)~B_ALARM);
}

static void read_alarm(struct regs *r)
{
    r->ch = cmos_read(RTC_ALARM_HOURS);
    r->cl = cmos_read(RTC_ALARM_MINUTES);
    r->dh = cmos_read(RTC_ALARM_SECONDS);
    r->dl = cmos_read(RTC_B) & B_ALARM ? 1 : 0;
}

/* AH=0Ah, 0Bh: days since 1980, kept by programs; the area at 40:CEh. */
static void day_count(struct regs *r, int set)
{
    if (set)
        poke16(0x40, 0xce, r->cx);
    else
        r->cx = peek16(0x40, 0xce);
}

void int1a(struct regs *r)
{
    int ok = 1;
    switch (r->ah) {
    case 0x00:
        read_ticks(r);
        r->ah = 0;
        clear_carry(r);
        return;
    case 0x01:
        set_ticks(r);
        break;
    case 0x02:
        ok = read_time(r);
        break;
    case 0x03:
        set_time(r);
        break;
    case 0x04:
        ok = read_date(r);
        break;
    case 0x05:
        set_date(r);
        break;
    case 0x06:
        ok = set_alarm(r);
        break;
    case 0x07:
        reset_alarm();
        break;
    case 0x09:
        read_alarm(r);
        break;
    case 0x0a:
        day_count(r, 0);
        break;
    case 0x0b:
        day_count(r, 1);
        break;
    default:
        set_carry(r);
        return;
    }
    cmos_done();
    if (ok) {
        r->ah = 0;
        clear_carry(r);
    } else {
        set_carry(r);
    }
}

static int is_bcd(u8 value, u8 most)
{
    return (value & 15) <= 9 && value <= most;
}

/* Bit 2 of CMOS 0Eh tells that the time of day is none. */
static void note_time(u8 hours, u8 minutes, u8 seconds)
{
    int good = is_bcd(hours, 0x23) && is_bcd(minutes, 0x59) && is_bcd(seconds, 0x59);
    cmos_write(CMOS_DIAGNOSIS,
               (u8)((cmos_read(CMOS_DIAGNOSIS) & ~DIAGNOSIS_TIME) | (good ? 0 : DIAGNOSIS_TIME)));
}

/* POST: sets the tick count from the clock: 1573040 ticks a day, so 18.2065 a second. */
void clock_init(void)
{
    u32 seconds;
    u8 hours;
    cmos_write(RTC_A, 0x26);
    cmos_write(RTC_B, (u8)((cmos_read(RTC_B) & ~(B_SET | 0x70 | B_BINARY)) | B_24H));
    cmos_read(0x0c);
    wait_update();
    note_time(cmos_read(RTC_HOURS), cmos_read(RTC_MINUTES), cmos_read(RTC_SECONDS));
    hours = bcd_to_binary(cmos_read(RTC_HOURS));
    seconds =
        hours * 3600u + bcd_to_binary(cmos_read(RTC_MINUTES)) * 60u + bcd_to_binary(cmos_read(RTC_SECONDS));
    bda.ticks = seconds < 86400 ? seconds * 18 + seconds * 2065 / 10000 : 0;
    bda.midnight = 0;
    cmos_done();
}
