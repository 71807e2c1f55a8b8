/* 8254 programmable interval timer.
 * Intel 8254 datasheet (231164-005), "Operational Description" and "Mode Definitions".
 *
 * Each counter's state is that after some clock pulse, `tick`. advance() takes it to a later pulse in closed
 * form, whole periods at once, so that a counter which nobody watches costs nothing. What the processor
 * writes between two pulses takes effect with the next one. */
#include "devices/pit.h"

enum { ACCESS_LATCH, ACCESS_LOW, ACCESS_HIGH, ACCESS_BOTH };

/* Oscillations with a shorter period than this many pulses (above about 20 kHz) are told as an average. */
#define FAST_PERIOD 60

static unsigned access_of(const struct pit_channel *c)
{
    return c->control >> 4 & 3;
}

/* Modes 6 and 7 are 2 and 3. */
static unsigned mode_of(const struct pit_channel *c)
{
    unsigned mode = c->control >> 1 & 7;
    return mode > 5 ? mode - 4 : mode;
}

static bool is_bcd(const struct pit_channel *c)
{
    return c->control & 1;
}

/* How many values the counting element has. */
static uint32_t modulus(const struct pit_channel *c)
{
    return is_bcd(c) ? 10000 : 0x10000;
}

static uint32_t from_register(const struct pit_channel *c, uint16_t value)
{
    uint32_t count = value;
    if (is_bcd(c))
        count = ((value >> 12) * 1000u + (value >> 8 & 15) * 100u + (value >> 4 & 15) * 10u + (value & 15)) %
                10000;
    return count ? count : modulus(c);
}

static uint16_t to_register(const struct pit_channel *c, uint32_t count)
{
    count %= modulus(c);
    if (!is_bcd(c))
        return (uint16_t)count;
    return (uint16_t)(count / 1000 << 12 | count / 100 % 10 << 8 | count / 10 % 10 << 4 | count % 10);
}

/* The value that a read of the counting element gives. */
static uint16_t live_count(const struct pit_channel *c)
{
    if (c->loaded && mode_of(c) == 3)
        return to_register(c, 2 * (c->count - c->odd_half));
    return to_register(c, c->count);
}

static void set_out(struct pit_channel *c, bool level)
{
    if (level && !c->out)
        c->toggles = !c->toggles;
    c->out = level;
}

/* --- Counting: the effect of clock pulses --- */

/* Mode 3, see the datasheet's figure 18: the counting element goes down by two; an odd count gives the high
 * half one pulse more. */
static void begin_half(struct pit_channel *c)
{
    c->odd_half = c->out && c->reload & 1;
    c->count = c->reload / 2 + (c->odd_half ? 1 : 0);
    c->null_count = false;
}

static void load(struct pit_channel *c)
{
    unsigned mode = mode_of(c);
    c->load_pending = false;
    c->loaded = true;
    c->done = false;
    c->count = c->reload;
    c->null_count = false;
    if (mode == 1)
        set_out(c, false);
    if (mode >= 2)
        set_out(c, true);
    if (mode == 3)
        begin_half(c);
    if (mode == 2 && c->reload == 1)
        set_out(c, false);
}

/* Modes 0, 1, 4 and 5 count down to zero once, then go on round without further effect. */
static void pulses_once(struct pit_channel *c, uint64_t n)
{
    unsigned mode = mode_of(c);
    bool strobes = mode >= 4;
    uint32_t size = modulus(c);
    if (!c->done && n >= c->count) {
        c->done = true;
        n -= c->count;
        c->count = 0;
        set_out(c, !strobes);
    }
    if (c->done && n && strobes)
        set_out(c, true);
    c->count = (uint32_t)((c->count + size - n % size) % size);
}

/* Mode 2: reload .. 1, low at 1. */
static void pulses_rate(struct pit_channel *c, uint64_t n)
{
    if (n >= c->count) {
        n -= c->count;
        c->null_count = false;
        uint64_t periods = n / c->reload;
        /* Low if it was not yet, then high; the same once more in each whole period. */
        if (c->reload > 1) {
            set_out(c, true);
            if (c->count > 1)
                c->toggles = !c->toggles;
            c->toggles ^= periods & 1;
        }
        c->count = c->reload - (uint32_t)(n % c->reload);
    } else {
        c->count -= (uint32_t)n;
    }
    set_out(c, c->count != 1);
}

/* Mode 3. A count of 1 is illegal; the output stays high. */
static void pulses_square(struct pit_channel *c, uint64_t n)
{
    if (n < c->count) {
        c->count -= (uint32_t)n;
        return;
    }
    n -= c->count;
    if (c->reload == 1) {
        set_out(c, true);
        begin_half(c);
        return;
    }
    set_out(c, !c->out);
    begin_half(c);
    c->toggles ^= n / c->reload & 1;
    n %= c->reload;
    while (n >= c->count) { /* at most twice */
        n -= c->count;
        set_out(c, !c->out);
        begin_half(c);
    }
    c->count -= (uint32_t)n;
}

static bool counting(const struct pit_channel *c)
{
    unsigned mode = mode_of(c);
    if (!c->loaded || c->held)
        return false;
    return mode == 1 || mode == 5 || c->gate;
}

static void pulses(struct pit_channel *c, uint64_t n)
{
    if (!n || !counting(c))
        return;
    switch (mode_of(c)) {
    case 2:
        pulses_rate(c, n);
        break;
    case 3:
        pulses_square(c, n);
        break;
    default:
        pulses_once(c, n);
        break;
    }
}

static void advance(struct pit_channel *c, uint64_t tick)
{
    if (tick <= c->tick)
        return;
    uint64_t n = tick - c->tick;
    c->tick = tick;
    if (c->load_pending) {
        load(c);
        n--;
    }
    pulses(c, n);
}

/* Clock pulses from `tick` to the next change of OUT (or to a load, which may change it); 0: never. */
static uint64_t pulses_to_edge(const struct pit_channel *c)
{
    if (c->load_pending)
        return 1;
    if (!counting(c))
        return 0;
    switch (mode_of(c)) {
    case 2:
        if (c->reload == 1 && c->count == 1)
            return 0;
        return c->count > 1 ? c->count - 1 : 1;
    case 3:
        return c->reload == 1 && c->out ? 0 : c->count;
    case 0:
    case 1:
        return c->done ? 0 : c->count;
    default:
        return !c->done ? c->count : c->out ? 0 : 1;
    }
}

/* --- Outputs --- */

static bool wants_level(const struct pit *pit, unsigned index)
{
    return index == 2 && pit->listening && pit->level;
}

/* Does OUT oscillate too fast for single edges? */
static bool too_fast(const struct pit_channel *c)
{
    unsigned mode = mode_of(c);
    return (mode == 2 || mode == 3) && counting(c) && !c->load_pending && !c->null_count && c->reload > 1 &&
           c->reload < FAST_PERIOD;
}

static unsigned average_level(const struct pit_channel *c)
{
    uint32_t high = mode_of(c) == 2 ? c->reload - 1 : (c->reload + 1) / 2;
    return 255 * high / c->reload;
}

/* Does somebody hear of each single edge? */
static bool watched(const struct pit *pit, unsigned index)
{
    return pit->out[index].set || (wants_level(pit, index) && !pit->channel[index].averaged);
}

/* Puts the next change of OUT into the queue, if anybody waits for it. */
static void schedule(struct pit *pit, unsigned index)
{
    struct pit_channel *c = &pit->channel[index];
    struct clock *clock = pit->dev.clock;
    c->averaged = wants_level(pit, index) && !pit->out[index].set && too_fast(c);
    uint64_t n = watched(pit, index) ? pulses_to_edge(c) : 0;
    if (n)
        event_schedule(clock, &c->edge, clock_cycle_of_tick(clock, c->tick + n, PIT_HZ_NUM, PIT_HZ_DEN));
    else
        event_cancel(clock, &c->edge);
}

/* Passes OUT on, where it is not as it was told before. */
static void tell(struct pit *pit, unsigned index, bool was, bool was_averaged)
{
    struct pit_channel *c = &pit->channel[index];
    if (c->out != was)
        wire_set(&pit->out[index], c->out);
    if (!wants_level(pit, index) || (c->out == was && !c->averaged && !was_averaged))
        return;
    unsigned level = c->averaged ? average_level(c) : c->out ? 255 : 0;
    pit->level(pit->level_owner, level, clock_cycle_of_tick(pit->dev.clock, c->tick, PIT_HZ_NUM, PIT_HZ_DEN));
}

/* To be called after anything about a channel may have changed. */
static void changed(struct pit *pit, unsigned index, bool was, bool was_averaged)
{
    schedule(pit, index);
    tell(pit, index, was, was_averaged);
}

static uint64_t tick_now(const struct pit *pit)
{
    return clock_ticks(pit->dev.clock, pit->dev.clock->now, PIT_HZ_NUM, PIT_HZ_DEN);
}

/* Brings a channel up to date, before something is done to it. Who listens hears of each edge, even where a
 * long instruction made the event late; but should there be very many, only the last state counts. */
static struct pit_channel *current(struct pit *pit, unsigned index)
{
    struct pit_channel *c = &pit->channel[index];
    uint64_t now = tick_now(pit);
    bool passed = false;
    for (unsigned i = 0; i < 64 && watched(pit, index); i++) {
        uint64_t n = pulses_to_edge(c);
        if (!n || c->tick + n > now)
            break;
        bool was = c->out, averaged = c->averaged;
        advance(c, c->tick + n);
        c->averaged = wants_level(pit, index) && !pit->out[index].set && too_fast(c);
        tell(pit, index, was, averaged);
        passed = true;
    }
    bool was = c->out, averaged = c->averaged;
    advance(c, now);
    if (c->out != was && !averaged) {
        tell(pit, index, was, averaged);
        passed = true;
    }
    if (passed)
        schedule(pit, index);
    return c;
}

static void on_edge(struct pit *pit, unsigned index)
{
    struct pit_channel *c = current(pit, index);
    if (!c->edge.pending)
        schedule(pit, index);
}

static void on_edge0(void *pit, uint64_t late)
{
    (void)late;
    on_edge(pit, 0);
}

static void on_edge1(void *pit, uint64_t late)
{
    (void)late;
    on_edge(pit, 1);
}

static void on_edge2(void *pit, uint64_t late)
{
    (void)late;
    on_edge(pit, 2);
}

/* --- Registers --- */

static void write_control_word(struct pit *pit, unsigned index, uint8_t value)
{
    struct pit_channel *c = current(pit, index);
    bool was = c->out, averaged = c->averaged;
    uint16_t shown = live_count(c);
    c->control = value & 0x3F;
    c->count = from_register(c, shown) % modulus(c);
    c->reload = modulus(c);
    c->write_high = c->read_high = access_of(c) == ACCESS_HIGH;
    c->written = c->loaded = c->held = c->done = c->load_pending = c->odd_half = false;
    c->latched = c->status_latched = false;
    c->null_count = true;
    set_out(c, mode_of(c) != 0);
    changed(pit, index, was, averaged);
}

static void latch_count(struct pit_channel *c)
{
    if (c->latched)
        return;
    c->latched = true;
    c->latch = live_count(c);
}

static uint8_t status_byte(const struct pit_channel *c)
{
    return (uint8_t)((c->out ? 0x80 : 0) | (c->null_count ? 0x40 : 0) | c->control);
}

static void read_back(struct pit *pit, uint8_t value)
{
    for (unsigned i = 0; i < PIT_CHANNELS; i++) {
        if (!(value & 2u << i))
            continue;
        struct pit_channel *c = current(pit, i);
        if (!(value & 0x20))
            latch_count(c);
        if (!(value & 0x10) && !c->status_latched) {
            c->status_latched = true;
            c->status = status_byte(c);
        }
    }
}

static void write_control(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct pit *pit = state;
    unsigned index = value >> 6 & 3;
    (void)port;
    (void)size;
    if (index == 3)
        read_back(pit, (uint8_t)value);
    else if ((value >> 4 & 3) == ACCESS_LATCH)
        latch_count(current(pit, index));
    else
        write_control_word(pit, index, (uint8_t)value);
}

/* A whole new count is in the count register. */
static void count_written(struct pit_channel *c, uint16_t value)
{
    unsigned mode = mode_of(c);
    bool first = !c->written;
    c->reload = from_register(c, value);
    c->written = true;
    c->null_count = true;
    c->held = false;
    switch (mode) {
    case 0:
        set_out(c, false);
        c->load_pending = true;
        break;
    case 4:
        c->load_pending = true;
        break;
    case 2:
    case 3: /* later counts wait for the end of the period */
        if (first)
            c->load_pending = true;
        break;
    default: /* 1 and 5 wait for the gate */
        break;
    }
}

static void write_count_byte(struct pit_channel *c, uint8_t value)
{
    switch (access_of(c)) {
    case ACCESS_LOW:
        count_written(c, value);
        break;
    case ACCESS_HIGH:
        count_written(c, (uint16_t)(value << 8));
        break;
    default:
        if (c->write_high) {
            count_written(c, (uint16_t)(value << 8 | c->low_byte));
        } else {
            c->low_byte = value;
            if (mode_of(c) == 0) {
                /* The first byte stops counting and clears OUT at once. */
                c->held = true;
                c->load_pending = false;
                set_out(c, false);
            }
        }
        c->write_high = !c->write_high;
        break;
    }
}

static void write_counter(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct pit *pit = state;
    unsigned index = port & 3;
    (void)size;
    struct pit_channel *c = current(pit, index);
    bool was = c->out, averaged = c->averaged;
    write_count_byte(c, (uint8_t)value);
    changed(pit, index, was, averaged);
}

/* What the next read of a counter gives. */
static uint8_t next_byte(const struct pit_channel *c)
{
    if (c->status_latched)
        return c->status;
    uint16_t value = c->latched ? c->latch : live_count(c);
    return (uint8_t)(c->read_high ? value >> 8 : value);
}

static uint32_t read_counter(void *state, uint16_t port, unsigned size)
{
    (void)size;
    struct pit_channel *c = current(state, port & 3);
    uint8_t value = next_byte(c);
    if (c->status_latched) {
        c->status_latched = false;
        return value;
    }
    bool both = access_of(c) == ACCESS_BOTH;
    if (!both || c->read_high)
        c->latched = false;
    if (both)
        c->read_high = !c->read_high;
    return value;
}

static uint32_t peek_counter(void *state, uint16_t port, unsigned size)
{
    const struct pit *pit = state;
    (void)size;
    struct pit_channel copy = pit->channel[port & 3];
    advance(&copy, tick_now(pit));
    return next_byte(&copy);
}

/* --- Gates and listeners --- */

void pit_set_gate(void *state, unsigned pin, bool level)
{
    struct pit *pit = state;
    unsigned index = pin % PIT_CHANNELS;
    struct pit_channel *c = current(pit, index);
    if (c->gate == level)
        return;
    bool was = c->out, averaged = c->averaged;
    unsigned mode = mode_of(c);
    c->gate = level;
    if (mode == 2 || mode == 3) {
        if (!level)
            set_out(c, true); /* at once */
        else if (c->written)
            c->load_pending = true;
    } else if ((mode == 1 || mode == 5) && level && c->written) {
        c->load_pending = true;
    }
    changed(pit, index, was, averaged);
}

bool pit_gate(const struct pit *pit, unsigned channel)
{
    return pit->channel[channel % PIT_CHANNELS].gate;
}

bool pit_out(struct pit *pit, unsigned channel)
{
    struct pit_channel copy = pit->channel[channel % PIT_CHANNELS];
    advance(&copy, tick_now(pit));
    return copy.out;
}

bool pit_refresh_toggle(struct pit *pit)
{
    struct pit_channel copy = pit->channel[1];
    advance(&copy, tick_now(pit));
    return copy.toggles;
}

void pit_connect_level(struct pit *pit, pit_level_fn *level, void *owner)
{
    pit->level = level;
    pit->level_owner = owner;
}

void pit_listen(struct pit *pit, bool listening)
{
    struct pit_channel *c = current(pit, 2);
    pit->listening = listening;
    /* As if it had been averaged: told anew whatever it was. */
    changed(pit, 2, c->out, true);
}

/* --- The device --- */

static bool pit_init(void *state, const void *config, struct error *err)
{
    static event_fn *const handlers[PIT_CHANNELS] = {on_edge0, on_edge1, on_edge2};
    struct pit *pit = state;
    (void)config;
    (void)err;
    for (unsigned i = 0; i < PIT_CHANNELS; i++)
        event_init(pit->dev.clock, &pit->channel[i].edge, handlers[i], pit, "%s.counter%u", pit->dev.name, i);
    return true;
}

/* Undefined by the datasheet. Here the counters wait for a control word with OUT high, but for counter 1,
 * which asks for refresh each 15 microseconds as every PC's firmware programs it. */
static void pit_reset(void *state, enum reset_kind kind)
{
    struct pit *pit = state;
    (void)kind;
    for (unsigned i = 0; i < PIT_CHANNELS; i++) {
        struct pit_channel *c = current(pit, i);
        bool was = c->out, averaged = c->averaged;
        event_cancel(pit->dev.clock, &c->edge);
        struct event edge = c->edge;
        *c = (struct pit_channel){.control = ACCESS_BOTH << 4 | 3 << 1,
                                  .reload = 0x10000,
                                  .gate = i != 2,
                                  .out = i != 0,
                                  .null_count = true,
                                  .tick = c->tick,
                                  .edge = edge};
        if (i == 1) {
            c->control = ACCESS_LOW << 4 | 2 << 1;
            count_written(c, 18);
        }
        changed(pit, i, was, averaged);
    }
}

static bool pit_post_load(void *state, struct error *err)
{
    struct pit *pit = state;
    for (unsigned i = 0; i < PIT_CHANNELS; i++) {
        struct pit_channel *c = &pit->channel[i];
        bool periodic = mode_of(c) == 2 || mode_of(c) == 3;
        if (c->count > modulus(c) || c->reload > modulus(c))
            return error_set(err, "pit: counter %u is beyond its modulus", i);
        if (periodic && c->loaded && !c->count)
            return error_set(err, "pit: counter %u stands at zero in a periodic mode", i);
        if (c->odd_half && (mode_of(c) != 3 || !c->count))
            return error_set(err, "pit: counter %u is in half a wave that cannot be", i);
        if (c->tick > tick_now(pit))
            return error_set(err, "pit: counter %u is ahead of the clock", i);
    }
    return true;
}

static void pit_destroy(void *state)
{
    struct pit *pit = state;
    for (unsigned i = 0; i < PIT_CHANNELS; i++)
        event_destroy(pit->dev.clock, &pit->channel[i].edge);
}

static void pit_print(const void *state, struct text *out)
{
    const struct pit *pit = state;
    static const char *const accesses[4] = {"-", "lsb", "msb", "lsb+msb"};
    for (unsigned i = 0; i < PIT_CHANNELS; i++) {
        struct pit_channel copy = pit->channel[i];
        advance(&copy, tick_now(pit));
        text_add(out, "counter %u: mode %u %s%s reload %u count %04X gate %d out %d%s%s%s%s\n", i,
                 mode_of(&copy), accesses[access_of(&copy)], is_bcd(&copy) ? " bcd" : "", copy.reload,
                 live_count(&copy), copy.gate, copy.out, copy.null_count ? " null-count" : "",
                 copy.latched ? " latched" : "", copy.status_latched ? " status-latched" : "",
                 copy.loaded ? "" : " not-loaded");
    }
}

static const struct field channel_fields[] = {
    FIELD_RANGE(struct pit_channel, control, 0, 0x3F),
    FIELD_RANGE(struct pit_channel, reload, 1, 0x10000),
    FIELD(struct pit_channel, low_byte),
    FIELD_RANGE(struct pit_channel, write_high, 0, 1),
    FIELD_RANGE(struct pit_channel, read_high, 0, 1),
    FIELD_RANGE(struct pit_channel, written, 0, 1),
    FIELD_RANGE(struct pit_channel, loaded, 0, 1),
    FIELD_RANGE(struct pit_channel, null_count, 0, 1),
    FIELD_RANGE(struct pit_channel, held, 0, 1),
    FIELD_RANGE(struct pit_channel, gate, 0, 1),
    FIELD_RANGE(struct pit_channel, out, 0, 1),
    FIELD_RANGE(struct pit_channel, done, 0, 1),
    FIELD_RANGE(struct pit_channel, load_pending, 0, 1),
    FIELD_RANGE(struct pit_channel, latched, 0, 1),
    FIELD(struct pit_channel, latch),
    FIELD_RANGE(struct pit_channel, status_latched, 0, 1),
    FIELD(struct pit_channel, status),
    FIELD(struct pit_channel, tick),
    FIELD_RANGE(struct pit_channel, count, 0, 0x10000),
    FIELD_RANGE(struct pit_channel, odd_half, 0, 1),
    FIELD_RANGE(struct pit_channel, toggles, 0, 1),
    FIELD_EVENT(struct pit_channel, edge),
    FIELD_RANGE(struct pit_channel, averaged, 0, 1),
    FIELD_END,
};

static const struct field pit_fields[] = {
    FIELD_STRUCTS(struct pit, channel, channel_fields),
    FIELD_RANGE(struct pit, listening, 0, 1),
    FIELD_END,
};

static const struct port_row pit_ports[] = {
    {.base = 0x40,
     .count = 3,
     .name = "counter",
     .read = read_counter,
     .write = write_counter,
     .peek = peek_counter},
    {.base = 0x43, .count = 1, .name = "control word", .write = write_control},
    {0},
};

const struct device_type pit_type = {
    .name = "pit",
    .title = "8254 interval timer",
    .state_size = sizeof(struct pit),
    .ports = pit_ports,
    .fields = pit_fields,
    .init = pit_init,
    .reset = pit_reset,
    .post_load = pit_post_load,
    .print = pit_print,
    .destroy = pit_destroy,
};
