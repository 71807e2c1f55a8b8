/* MC146818A real-time clock plus RAM. Motorola MC146818A datasheet (ADI1017). */
#include "devices/cmos.h"

#include <string.h>

#define TICK_HZ 32768u
/* UIP rises 244 microseconds before the update cycle, which takes 1984: 73 ticks in all before the new second
 * stands in the registers. */
#define UPDATE_TICKS 73
/* The first update after the divider's reset comes half a second later. */
#define FIRST_UPDATE (TICK_HZ / 2)

enum {
    SECONDS = 0x00,
    SECONDS_ALARM = 0x01,
    MINUTES = 0x02,
    MINUTES_ALARM = 0x03,
    HOURS = 0x04,
    HOURS_ALARM = 0x05,
    DAY_OF_WEEK = 0x06,
    DAY = 0x07,
    MONTH = 0x08,
    YEAR = 0x09,
    REGISTER_A = 0x0A,
    REGISTER_B = 0x0B,
    REGISTER_C = 0x0C,
    REGISTER_D = 0x0D,
    FIRST_RAM = 0x0E,
};

enum { A_UIP = 0x80, A_DIVIDER = 0x70, A_DIVIDER_RUN = 0x20, A_RATE = 0x0F };
enum {
    B_SET = 0x80,
    B_PIE = 0x40,
    B_AIE = 0x20,
    B_UIE = 0x10,
    B_SQWE = 0x08,
    B_BINARY = 0x04,
    B_24H = 0x02,
    B_DSE = 0x01
};
enum { C_IRQF = 0x80, C_PF = 0x40, C_AF = 0x20, C_UF = 0x10 };
enum { D_VRT = 0x80 };
#define HOUR_PM     0x80
#define ALARM_ANY   0xC0
#define NMI_DISABLE 0x80

static uint64_t tick_now(const struct cmos *cmos)
{
    return clock_ticks(cmos->dev.clock, cmos->dev.clock->now, TICK_HZ, 1);
}

static bool running(const struct cmos *cmos)
{
    return (cmos->ram[REGISTER_A] & A_DIVIDER) == A_DIVIDER_RUN;
}

/* --- The calendar, in the format that register B says --- */

static unsigned from_format(const struct cmos *cmos, uint8_t value)
{
    return cmos->ram[REGISTER_B] & B_BINARY ? value : (value >> 4) * 10u + (value & 15);
}

static unsigned decode(const struct cmos *cmos, unsigned index)
{
    return from_format(cmos, cmos->ram[index]);
}

static uint8_t in_format(const struct cmos *cmos, unsigned value)
{
    return (uint8_t)(cmos->ram[REGISTER_B] & B_BINARY ? value : value / 10 % 10 << 4 | value % 10);
}

static void encode(struct cmos *cmos, unsigned index, unsigned value)
{
    cmos->ram[index] = in_format(cmos, value);
}

/* 0..23 */
static unsigned decode_hour(const struct cmos *cmos)
{
    uint8_t raw = cmos->ram[HOURS];
    if (cmos->ram[REGISTER_B] & B_24H)
        return from_format(cmos, raw);
    unsigned hour = from_format(cmos, raw & (uint8_t)~HOUR_PM) % 12;
    return raw & HOUR_PM ? hour + 12 : hour;
}

static void encode_hour(struct cmos *cmos, unsigned hour)
{
    if (cmos->ram[REGISTER_B] & B_24H) {
        encode(cmos, HOURS, hour);
        return;
    }
    encode(cmos, HOURS, hour % 12 ? hour % 12 : 12);
    if (hour >= 12)
        cmos->ram[HOURS] |= HOUR_PM;
}

/* The chip knows two digits of the year. */
static unsigned days_in_month(unsigned month, unsigned year)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12)
        return 31;
    return days[month - 1] + (month == 2 && year % 4 == 0 ? 1u : 0);
}

static void next_year(struct cmos *cmos)
{
    unsigned year = decode(cmos, YEAR) + 1;
    encode(cmos, YEAR, year > 99 ? 0 : year);
    if (year > 99)
        encode(cmos, CMOS_CENTURY, (decode(cmos, CMOS_CENTURY) + 1) % 100);
}

static void next_day(struct cmos *cmos)
{
    unsigned week = decode(cmos, DAY_OF_WEEK), day = decode(cmos, DAY), month = decode(cmos, MONTH);
    cmos->dst_done = false;
    encode(cmos, DAY_OF_WEEK, week >= 7 ? 1 : week + 1);
    if (day < days_in_month(month, decode(cmos, YEAR))) {
        encode(cmos, DAY, day + 1);
        return;
    }
    encode(cmos, DAY, 1);
    encode(cmos, MONTH, month >= 12 ? 1 : month + 1);
    if (month >= 12)
        next_year(cmos);
}

/* Daylight savings enable: on the last Sunday of April 1:59:59 is followed by 3:00:00, on that of October,
 * the first time, by 1:00:00. */
static unsigned after_daylight_saving(struct cmos *cmos, unsigned hour)
{
    bool last_sunday =
        decode(cmos, DAY_OF_WEEK) == 1 && decode(cmos, DAY) + 7 > days_in_month(decode(cmos, MONTH), 1);
    if (!(cmos->ram[REGISTER_B] & B_DSE) || hour != 2 || !last_sunday)
        return hour;
    if (decode(cmos, MONTH) == 4)
        return 3;
    if (decode(cmos, MONTH) != 10 || cmos->dst_done)
        return hour;
    cmos->dst_done = true;
    return 1;
}

static void next_second(struct cmos *cmos)
{
    unsigned second = decode(cmos, SECONDS) + 1;
    encode(cmos, SECONDS, second > 59 ? 0 : second);
    if (second <= 59)
        return;
    unsigned minute = decode(cmos, MINUTES) + 1;
    encode(cmos, MINUTES, minute > 59 ? 0 : minute);
    if (minute <= 59)
        return;
    unsigned hour = decode_hour(cmos) + 1;
    if (hour > 23) {
        encode_hour(cmos, 0);
        next_day(cmos);
    } else {
        encode_hour(cmos, after_daylight_saving(cmos, hour));
    }
}

static bool alarm_field(const struct cmos *cmos, unsigned alarm, unsigned time)
{
    return (cmos->ram[alarm] & ALARM_ANY) == ALARM_ANY || cmos->ram[alarm] == cmos->ram[time];
}

static bool alarm_matches(const struct cmos *cmos)
{
    return alarm_field(cmos, SECONDS_ALARM, SECONDS) && alarm_field(cmos, MINUTES_ALARM, MINUTES) &&
           alarm_field(cmos, HOURS_ALARM, HOURS);
}

/* From days since 1970-01-01 to a date of the Gregorian calendar. */
static void civil_date(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    /* Years that begin on March 1, in eras of 400. */
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned m = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

static void set_time(struct cmos *cmos, int64_t seconds)
{
    int64_t days = seconds / 86400, rest = seconds % 86400, year;
    unsigned month, day;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    civil_date(days, &year, &month, &day);
    year = (year % 10000 + 10000) % 10000;
    encode(cmos, SECONDS, (unsigned)(rest % 60));
    encode(cmos, MINUTES, (unsigned)(rest / 60 % 60));
    encode_hour(cmos, (unsigned)(rest / 3600));
    encode(cmos, DAY_OF_WEEK,
           (unsigned)(((days + 4) % 7 + 7) % 7 + 1)); /* 1970 began on a Thursday; Sunday is 1 */
    encode(cmos, DAY, day);
    encode(cmos, MONTH, month);
    encode(cmos, YEAR, (unsigned)(year % 100));
    encode(cmos, CMOS_CENTURY, (unsigned)(year / 100));
}

/* --- Flags and interrupts --- */

/* Ticks of the periodic interrupt, 0: none. */
static uint64_t period(const struct cmos *cmos)
{
    unsigned rate = cmos->ram[REGISTER_A] & A_RATE;
    if (!rate || !running(cmos))
        return 0;
    return rate < 3 ? 64u << rate : 1u << (rate - 1); /* 1 and 2 repeat 8 and 9 */
}

/* Did the periodic divider go round since it was last looked at? */
static bool periodic_passed(const struct cmos *cmos)
{
    uint64_t now = tick_now(cmos), n = period(cmos);
    return n && now > cmos->periodic_seen &&
           (now - cmos->phase) / n != (cmos->periodic_seen - cmos->phase) / n;
}

static void work_out_periodic(struct cmos *cmos)
{
    uint64_t now = tick_now(cmos);
    if (periodic_passed(cmos))
        cmos->flags |= C_PF;
    if (now > cmos->periodic_seen)
        cmos->periodic_seen = now;
}

/* The flags of register C as they stand now, without IRQF. */
static uint8_t flags_now(const struct cmos *cmos)
{
    return cmos->flags | (periodic_passed(cmos) ? C_PF : 0);
}

static bool irq_wanted(const struct cmos *cmos)
{
    return flags_now(cmos) & cmos->ram[REGISTER_B] & (C_PF | C_AF | C_UF);
}

/* Puts the next moments at which something happens into the queue. PF needs an event only where it interrupts
 * and is not yet set. */
static void reschedule(struct cmos *cmos)
{
    struct clock *clock = cmos->dev.clock;
    uint64_t n = period(cmos);
    if (n && cmos->ram[REGISTER_B] & B_PIE && !(cmos->flags & C_PF)) {
        uint64_t next = cmos->phase + ((cmos->periodic_seen - cmos->phase) / n + 1) * n;
        event_schedule(clock, &cmos->periodic, clock_cycle_of_tick(clock, next, TICK_HZ, 1));
    } else {
        event_cancel(clock, &cmos->periodic);
    }
    if (running(cmos))
        event_schedule(clock, &cmos->update, clock_cycle_of_tick(clock, cmos->next_update, TICK_HZ, 1));
    else
        event_cancel(clock, &cmos->update);
    bool level = irq_wanted(cmos);
    if (level != cmos->irq_level) {
        cmos->irq_level = level;
        wire_set(&cmos->irq8, level);
    }
}

static void update_cycle(struct cmos *cmos)
{
    cmos->next_update += TICK_HZ;
    if (cmos->ram[REGISTER_B] & B_SET)
        return;
    next_second(cmos);
    cmos->flags |= C_UF;
    if (alarm_matches(cmos))
        cmos->flags |= C_AF;
}

/* Brings time and flags up to now. */
static void catch_up(struct cmos *cmos)
{
    uint64_t now = tick_now(cmos);
    bool updated = false;
    work_out_periodic(cmos);
    while (running(cmos) && cmos->next_update <= now) {
        update_cycle(cmos);
        updated = true;
    }
    if (updated || irq_wanted(cmos) != cmos->irq_level)
        reschedule(cmos);
}

static void on_event(void *owner, uint64_t late)
{
    struct cmos *cmos = owner;
    (void)late;
    catch_up(cmos);
    reschedule(cmos);
}

/* --- Registers --- */

static bool update_in_progress(const struct cmos *cmos)
{
    return running(cmos) && !(cmos->ram[REGISTER_B] & B_SET) &&
           cmos->next_update <= tick_now(cmos) + UPDATE_TICKS;
}

static void write_register_a(struct cmos *cmos, uint8_t value)
{
    bool was_running = running(cmos);
    cmos->ram[REGISTER_A] = value & (uint8_t)~A_UIP;
    if (!was_running && running(cmos)) {
        cmos->phase = cmos->periodic_seen = tick_now(cmos);
        cmos->next_update = cmos->phase + FIRST_UPDATE;
    }
    reschedule(cmos);
}

static void write_register_b(struct cmos *cmos, uint8_t value)
{
    if (value & B_SET)
        value &= (uint8_t)~B_UIE;
    cmos->ram[REGISTER_B] = value;
    reschedule(cmos);
}

static uint8_t register_c(const struct cmos *cmos)
{
    return (uint8_t)(flags_now(cmos) | (irq_wanted(cmos) ? C_IRQF : 0));
}

static uint8_t read_register_c(struct cmos *cmos)
{
    uint8_t value = register_c(cmos);
    cmos->flags = 0;
    reschedule(cmos);
    return value;
}

static uint8_t read_byte(struct cmos *cmos, unsigned index)
{
    if (index < FIRST_RAM || index == CMOS_CENTURY)
        catch_up(cmos);
    switch (index) {
    case REGISTER_A:
        return (uint8_t)(cmos->ram[index] | (update_in_progress(cmos) ? A_UIP : 0));
    case REGISTER_C:
        return read_register_c(cmos);
    case REGISTER_D:
        return D_VRT;
    default:
        return cmos->ram[index];
    }
}

static void write_byte(struct cmos *cmos, unsigned index, uint8_t value)
{
    if (index < FIRST_RAM || index == CMOS_CENTURY)
        catch_up(cmos);
    switch (index) {
    case REGISTER_A:
        write_register_a(cmos, value);
        break;
    case REGISTER_B:
        write_register_b(cmos, value);
        break;
    case REGISTER_C:
    case REGISTER_D:
        break;
    default:
        cmos->ram[index] = value;
        break;
    }
}

static void write_index(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct cmos *cmos = state;
    (void)port;
    (void)size;
    cmos->index = value & 0x7F;
    bool masked = value & NMI_DISABLE;
    if (masked != cmos->nmi_masked) {
        cmos->nmi_masked = masked;
        wire_set(&cmos->nmi_mask, masked);
    }
}

static void write_index_high(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct cmos *cmos = state;
    (void)port;
    (void)size;
    cmos->index_high = value & 0x7F;
}

static unsigned chosen(const struct cmos *cmos, uint16_t port)
{
    return port == 0x71 ? cmos->index & 0x7Fu : 0x80u | (cmos->index_high & 0x7Fu);
}

static uint32_t read_data(void *state, uint16_t port, unsigned size)
{
    (void)size;
    return read_byte(state, chosen(state, port));
}

static uint32_t peek_data(void *state, uint16_t port, unsigned size)
{
    struct cmos *cmos = state;
    unsigned index = chosen(cmos, port);
    (void)size;
    switch (index) {
    case REGISTER_A:
        return cmos->ram[index] | (update_in_progress(cmos) ? A_UIP : 0u);
    case REGISTER_C:
        return register_c(cmos);
    case REGISTER_D:
        return D_VRT;
    default:
        return cmos->ram[index];
    }
}

static void write_data(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)size;
    write_byte(state, chosen(state, port), (uint8_t)value);
}

/* --- For the board --- */

void cmos_set(struct cmos *cmos, unsigned index, uint8_t value)
{
    cmos->ram[index % CMOS_SIZE] = value;
}

uint8_t cmos_get(const struct cmos *cmos, unsigned index)
{
    return cmos->ram[index % CMOS_SIZE];
}

void cmos_update_checksum(struct cmos *cmos)
{
    unsigned sum = 0;
    for (unsigned i = 0x10; i <= 0x2D; i++)
        sum += cmos->ram[i];
    cmos->ram[0x2E] = (uint8_t)(sum >> 8);
    cmos->ram[0x2F] = (uint8_t)sum;
}

const uint8_t *cmos_bytes(const struct cmos *cmos)
{
    return cmos->ram;
}

/* --- The device --- */

/* The battery keeps everything over resets, so this is where it begins. */
static bool cmos_init(void *state, const void *config, struct error *err)
{
    struct cmos *cmos = state;
    const struct cmos_config *given = config;
    (void)err;
    event_init(cmos->dev.clock, &cmos->update, on_event, cmos, "%s.update", cmos->dev.name);
    event_init(cmos->dev.clock, &cmos->periodic, on_event, cmos, "%s.periodic", cmos->dev.name);
    if (given && given->nvram)
        memcpy(cmos->ram + FIRST_RAM, given->nvram + FIRST_RAM, CMOS_SIZE - FIRST_RAM);
    cmos->ram[REGISTER_A] = A_DIVIDER_RUN | 6;
    cmos->ram[REGISTER_B] = B_24H;
    if (given) {
        cmos->irq8 = given->irq8;
        cmos->nmi_mask = given->nmi_mask;
    }
    set_time(cmos, given ? given->start_time : 0);
    cmos->phase = cmos->periodic_seen = tick_now(cmos);
    cmos->next_update = cmos->phase + TICK_HZ;
    reschedule(cmos);
    return true;
}

/* The chip's RESET pin: interrupts off, nothing else. */
static void cmos_reset(void *state, enum reset_kind kind)
{
    struct cmos *cmos = state;
    (void)kind;
    catch_up(cmos);
    cmos->ram[REGISTER_B] &= (uint8_t) ~(B_PIE | B_AIE | B_UIE | B_SQWE);
    cmos->flags = 0;
    cmos->index = cmos->index_high = 0;
    cmos->nmi_masked = false;
    wire_set(&cmos->nmi_mask, false);
    reschedule(cmos);
}

static bool cmos_post_load(void *state, struct error *err)
{
    struct cmos *cmos = state;
    uint64_t now = tick_now(cmos);
    if (cmos->phase > now || cmos->periodic_seen > now || cmos->periodic_seen < cmos->phase)
        return error_set(err, "cmos: the divider is ahead of the clock");
    if (running(cmos) && (cmos->next_update > now + TICK_HZ || cmos->next_update + TICK_HZ < now))
        return error_set(err, "cmos: the next second is not within one second");
    return true;
}

static void cmos_destroy(void *state)
{
    struct cmos *cmos = state;
    event_destroy(cmos->dev.clock, &cmos->update);
    event_destroy(cmos->dev.clock, &cmos->periodic);
}

static void cmos_print(const void *state, struct text *out)
{
    const struct cmos *cmos = state;
    text_add(out, "%02X%02X-%02X-%02X %02X:%02X:%02X (bytes as stored, %s, %s hours), day of week %X\n",
             cmos->ram[CMOS_CENTURY], cmos->ram[YEAR], cmos->ram[MONTH], cmos->ram[DAY], cmos->ram[HOURS],
             cmos->ram[MINUTES], cmos->ram[SECONDS], cmos->ram[REGISTER_B] & B_BINARY ? "binary" : "BCD",
             cmos->ram[REGISTER_B] & B_24H ? "24" : "12", cmos->ram[DAY_OF_WEEK]);
    text_add(out,
             "alarm %02X:%02X:%02X, A %02X B %02X C %02X, periodic every %u/32768 s, index %02X, NMI %s\n",
             cmos->ram[HOURS_ALARM], cmos->ram[MINUTES_ALARM], cmos->ram[SECONDS_ALARM],
             cmos->ram[REGISTER_A] | (update_in_progress(cmos) ? A_UIP : 0), cmos->ram[REGISTER_B],
             register_c(cmos), (unsigned)period(cmos), cmos->index, cmos->nmi_masked ? "masked" : "enabled");
    for (unsigned i = 0; i < CMOS_SIZE; i++)
        text_add(out, "%s%02X%s", i % 16 ? " " : "", cmos->ram[i], i % 16 == 15 ? "\n" : "");
}

static const struct field cmos_fields[] = {
    FIELD_BYTES(struct cmos, ram),
    FIELD_RANGE(struct cmos, index, 0, 0x7F),
    FIELD_RANGE(struct cmos, index_high, 0, 0x7F),
    FIELD_RANGE(struct cmos, flags, 0, 0x70),
    FIELD_RANGE(struct cmos, nmi_masked, 0, 1),
    FIELD_RANGE(struct cmos, irq_level, 0, 1),
    FIELD_RANGE(struct cmos, dst_done, 0, 1),
    FIELD(struct cmos, phase),
    FIELD(struct cmos, next_update),
    FIELD(struct cmos, periodic_seen),
    FIELD_EVENT(struct cmos, update),
    FIELD_EVENT(struct cmos, periodic),
    FIELD_END,
};

static const struct port_row cmos_ports[] = {
    {.base = 0x70, .count = 1, .name = "CMOS index, NMI mask", .write = write_index},
    {.base = 0x71,
     .count = 1,
     .name = "CMOS data",
     .read = read_data,
     .write = write_data,
     .peek = peek_data},
    {.base = 0x72, .count = 1, .name = "extended CMOS index", .write = write_index_high},
    {.base = 0x73,
     .count = 1,
     .name = "extended CMOS data",
     .read = read_data,
     .write = write_data,
     .peek = peek_data},
    {0},
};

const struct device_type cmos_type = {
    .name = "cmos",
    .title = "MC146818 real-time clock and CMOS RAM",
    .state_size = sizeof(struct cmos),
    .ports = cmos_ports,
    .fields = cmos_fields,
    .init = cmos_init,
    .reset = cmos_reset,
    .post_load = cmos_post_load,
    .print = cmos_print,
    .destroy = cmos_destroy,
};
