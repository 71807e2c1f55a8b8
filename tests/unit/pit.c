/* The 8254, by the datasheet's timing diagrams, and against a plain model that counts pulse by pulse. */
#include "devices/pit.h"

#include "devices/port61.h"
#include "devices/speaker.h"
#include "tests/unit/chip_rig.h"

static struct rig rig;
static struct pit *pit;
static struct speaker *speaker;
static struct probe irq0;

static void open_at(uint64_t hz)
{
    rig_open(&rig, hz);
    pit = rig_add(&rig, &pit_type, NULL, NULL);
    speaker = rig_add(&rig, &speaker_type, NULL, &(struct speaker_config){pit});
    rig_add(&rig, &port61_type, NULL, &(struct port61_config){pit, speaker});
    pit->out[0] = probe_wire(&irq0, &rig);
    rig_power_on(&rig);
}

static void setup(void)
{
    open_at(100000000);
}

static void teardown(void)
{
    rig_close(&rig);
}

static uint64_t ticks(void)
{
    return clock_ticks(&rig.clock, rig.clock.now, PIT_HZ_NUM, PIT_HZ_DEN);
}

/* Goes to the middle of the pulse that is N after the current one. */
static void pass(uint64_t n)
{
    uint64_t t = ticks() + n;
    uint64_t from = clock_cycle_of_tick(&rig.clock, t, PIT_HZ_NUM, PIT_HZ_DEN);
    uint64_t to = clock_cycle_of_tick(&rig.clock, t + 1, PIT_HZ_NUM, PIT_HZ_DEN);
    clock_advance_to(&rig.clock, from + (to - from) / 2);
}

static void program(unsigned channel, uint8_t mode, uint16_t count)
{
    out8(&rig, 0x43, (uint8_t)(channel << 6 | 0x30 | mode << 1));
    out8(&rig, (uint16_t)(0x40 + channel), (uint8_t)count);
    out8(&rig, (uint16_t)(0x40 + channel), (uint8_t)(count >> 8));
}

static uint16_t latched(unsigned channel)
{
    out8(&rig, 0x43, (uint8_t)(channel << 6));
    uint8_t low = in8(&rig, (uint16_t)(0x40 + channel));
    return (uint16_t)(low | in8(&rig, (uint16_t)(0x40 + channel)) << 8);
}

static uint8_t status(unsigned channel)
{
    out8(&rig, 0x43, (uint8_t)(0xE0 | 2u << channel));
    return in8(&rig, (uint16_t)(0x40 + channel));
}

START_TEST(mode0_out_rises_n_plus_1_pulses_after_the_write)
{
    pass(1);
    program(0, 0, 4);
    ck_assert(!irq0.level);
    pass(1);
    ck_assert_uint_eq(latched(0), 4);
    pass(3);
    ck_assert_uint_eq(latched(0), 1);
    ck_assert(!irq0.level);
    pass(1);
    ck_assert(irq0.level);
    ck_assert_uint_eq(latched(0), 0);
    pass(1);
    ck_assert_uint_eq(latched(0), 0xFFFF); /* goes on round */
    ck_assert(irq0.level);
}
END_TEST

START_TEST(mode0_first_byte_of_a_new_count_stops_counting_and_clears_out)
{
    program(0, 0, 3);
    pass(10);
    ck_assert(irq0.level);
    out8(&rig, 0x40, 2);
    ck_assert(!irq0.level);
    uint16_t count = latched(0);
    pass(5);
    ck_assert_uint_eq(latched(0), count);
    out8(&rig, 0x40, 0);
    pass(2);
    ck_assert(!irq0.level);
    pass(1);
    ck_assert(irq0.level);
}
END_TEST

START_TEST(mode0_gate_stops_counting_but_not_loading)
{
    program(2, 0, 4); /* gate 2 is low */
    pass(3);
    ck_assert_uint_eq(latched(2), 4);
    out8(&rig, 0x61, 1);
    pass(3);
    ck_assert(!pit_out(pit, 2));
    pass(1);
    ck_assert(pit_out(pit, 2));
    ck_assert_uint_eq(in8(&rig, 0x61) & 0x20, 0x20);
}
END_TEST

START_TEST(mode1_is_a_retriggerable_one_shot)
{
    program(2, 1, 3);
    pass(5);
    ck_assert(pit_out(pit, 2));
    out8(&rig, 0x61, 1);
    ck_assert(pit_out(pit, 2));
    pass(1);
    ck_assert(!pit_out(pit, 2));
    pass(1);
    out8(&rig, 0x61, 0);
    out8(&rig, 0x61, 1); /* retriggered: three more */
    pass(1);
    ck_assert_uint_eq(latched(2), 3);
    pass(2);
    ck_assert(!pit_out(pit, 2));
    pass(1);
    ck_assert(pit_out(pit, 2));
}
END_TEST

START_TEST(mode2_is_low_for_one_pulse_in_n)
{
    program(0, 2, 3);
    ck_assert(irq0.level);
    pass(1);
    static const uint16_t counts[] = {3, 2, 1, 3, 2, 1, 3};
    for (unsigned i = 0; i < 7; i++) {
        ck_assert_uint_eq(latched(0), counts[i]);
        ck_assert_int_eq(irq0.level, counts[i] != 1);
        pass(1);
    }
}
END_TEST

START_TEST(mode2_new_count_waits_for_the_end_of_the_period)
{
    program(0, 2, 4);
    pass(1);
    ck_assert_uint_eq(status(0) & 0x40, 0);
    out8(&rig, 0x40, 5);
    ck_assert_uint_eq(status(0) & 0x40, 0); /* null count only after both bytes */
    out8(&rig, 0x40, 0);
    ck_assert_uint_eq(status(0) & 0x40, 0x40);
    pass(3);
    ck_assert_uint_eq(latched(0), 1);
    ck_assert_uint_eq(status(0) & 0x40, 0x40);
    pass(1);
    ck_assert_uint_eq(latched(0), 5);
    ck_assert_uint_eq(status(0) & 0x40, 0);
}
END_TEST

START_TEST(mode2_gate_low_sets_out_high_and_its_rise_reloads)
{
    out8(&rig, 0x61, 1);
    program(2, 2, 3);
    pass(3);
    ck_assert(!pit_out(pit, 2));
    out8(&rig, 0x61, 0);
    ck_assert(pit_out(pit, 2));
    pass(7);
    ck_assert_uint_eq(latched(2), 1);
    out8(&rig, 0x61, 1);
    pass(1);
    ck_assert_uint_eq(latched(2), 3);
    pass(2);
    ck_assert(!pit_out(pit, 2));
}
END_TEST

START_TEST(mode3_even_count_counts_by_two)
{
    program(0, 3, 4);
    pass(1);
    static const uint16_t counts[] = {4, 2, 4, 2, 4, 2, 4, 2};
    static const bool outs[] = {1, 1, 0, 0, 1, 1, 0, 0};
    for (unsigned i = 0; i < 8; i++) {
        ck_assert_uint_eq(latched(0), counts[i]);
        ck_assert_int_eq(irq0.level, outs[i]);
        pass(1);
    }
}
END_TEST

START_TEST(mode3_odd_count_is_high_one_pulse_longer)
{
    program(0, 3, 5);
    pass(1);
    static const uint16_t counts[] = {4, 2, 0, 4, 2, 4, 2, 0, 4, 2};
    static const bool outs[] = {1, 1, 1, 0, 0, 1, 1, 1, 0, 0};
    for (unsigned i = 0; i < 10; i++) {
        ck_assert_uint_eq(latched(0), counts[i]);
        ck_assert_int_eq(irq0.level, outs[i]);
        pass(1);
    }
}
END_TEST

START_TEST(mode3_new_count_waits_for_the_half_wave)
{
    program(0, 3, 8);
    pass(1);
    program(0, 3, 8);
    pass(2);
    out8(&rig, 0x40, 4);
    out8(&rig, 0x40, 0);
    pass(2);
    ck_assert(irq0.level);
    pass(1);
    ck_assert(!irq0.level);
    ck_assert_uint_eq(latched(0), 4);
    pass(2);
    ck_assert(irq0.level);
}
END_TEST

START_TEST(mode4_strobes_once)
{
    program(0, 4, 3);
    ck_assert(irq0.level);
    pass(3);
    ck_assert(irq0.level);
    pass(1);
    ck_assert(!irq0.level);
    pass(1);
    ck_assert(irq0.level);
    ck_assert_uint_eq(latched(0), 0xFFFF);
    pass(70000);
    ck_assert_uint_eq(irq0.falls, 1);
}
END_TEST

START_TEST(mode5_strobes_after_the_gate_rises)
{
    program(2, 5, 3);
    pass(10);
    ck_assert(pit_out(pit, 2));
    out8(&rig, 0x61, 1);
    pass(3);
    ck_assert(pit_out(pit, 2));
    pass(1);
    ck_assert(!pit_out(pit, 2));
    pass(1);
    ck_assert(pit_out(pit, 2));
}
END_TEST

START_TEST(bcd_counts_in_decimal)
{
    out8(&rig, 0x43, 0x31);
    out8(&rig, 0x40, 0x00);
    out8(&rig, 0x40, 0x10); /* 1000 */
    pass(2);
    ck_assert_uint_eq(latched(0), 0x0999);
    out8(&rig, 0x40, 0x00);
    out8(&rig, 0x40, 0x00); /* 10000 */
    pass(2);
    ck_assert_uint_eq(latched(0), 0x9999);
    pass(9998);
    ck_assert(!irq0.level);
    pass(1);
    ck_assert(irq0.level);
    pass(1);
    ck_assert_uint_eq(latched(0), 0x9999);
}
END_TEST

START_TEST(latch_holds_until_read_and_ignores_a_second_latch)
{
    program(0, 2, 1000);
    pass(100);
    out8(&rig, 0x43, 0x00);
    pass(10);
    out8(&rig, 0x43, 0x00);
    uint16_t low = in8(&rig, 0x40), high = in8(&rig, 0x40);
    ck_assert_uint_eq(high << 8 | low, 901);
    low = in8(&rig, 0x40), high = in8(&rig, 0x40);
    ck_assert_uint_eq(high << 8 | low, 891); /* live */
}
END_TEST

START_TEST(read_back_latches_status_before_count)
{
    program(0, 2, 1000);
    pass(100);
    out8(&rig, 0x43, 0xC2);
    pass(5);
    ck_assert_uint_eq(in8(&rig, 0x40), 0x80 | 0x34);
    uint16_t low = in8(&rig, 0x40), high = in8(&rig, 0x40);
    ck_assert_uint_eq(high << 8 | low, 901);
    program(2, 6, 7); /* mode 6 is mode 2, read back as written */
    ck_assert_uint_eq(status(2), 0x80 | 0x40 | 0x3C);
}
END_TEST

START_TEST(single_byte_access)
{
    out8(&rig, 0x43, 0x14); /* lsb, mode 2 */
    out8(&rig, 0x40, 200);
    pass(11);
    ck_assert_uint_eq(in8(&rig, 0x40), 190);
    ck_assert_uint_eq(in8(&rig, 0x40), 190);
    out8(&rig, 0x43, 0x24); /* msb */
    out8(&rig, 0x40, 3);
    pass(2);
    ck_assert_uint_eq(in8(&rig, 0x40), 2); /* 02FFh */
    out8(&rig, 0x43, 0x00);
    ck_assert_uint_eq(in8(&rig, 0x40), 2);
}
END_TEST

START_TEST(pc_timer_ticks_18_2_times_a_second)
{
    program(0, 3, 0);
    unsigned before = irq0.rises;
    rig_pass_ms(&rig, 60000);
    ck_assert_uint_eq(irq0.rises - before, 1092); /* 60 * 1193181.67 / 65536 */
}
END_TEST

START_TEST(unconnected_counters_cost_no_events)
{
    program(2, 3, 20);
    program(1, 2, 18);
    ck_assert(!pit->channel[1].edge.pending);
    ck_assert(!pit->channel[2].edge.pending);
}
END_TEST

START_TEST(refresh_bit_toggles_every_15_microseconds)
{
    unsigned changes = 0;
    uint8_t last = in8(&rig, 0x61) & 0x10;
    for (unsigned i = 0; i < 1000; i++) {
        rig_pass_us(&rig, 1);
        uint8_t now = in8(&rig, 0x61) & 0x10;
        changes += now != last;
        last = now;
    }
    ck_assert_uint_ge(changes, 65);
    ck_assert_uint_le(changes, 67);
}
END_TEST

START_TEST(speaker_gets_an_edge_per_half_period)
{
    static struct speaker_edge edges[8192];
    program(2, 3, 1193); /* 1000 Hz */
    out8(&rig, 0x61, 3);
    speaker_take_edges(speaker, edges, 8192);
    rig_pass_ms(&rig, 1000);
    unsigned n = speaker_take_edges(speaker, edges, 8192);
    ck_assert_uint_ge(n, 1999);
    ck_assert_uint_le(n, 2001);
    for (unsigned i = 1; i < n; i++) {
        ck_assert_uint_gt(edges[i].cycle, edges[i - 1].cycle);
        ck_assert_uint_ne(edges[i].level, edges[i - 1].level);
        uint64_t half = edges[i].cycle - edges[i - 1].cycle;
        ck_assert_uint_ge(half, 49900);
        ck_assert_uint_le(half, 50100);
    }
    out8(&rig, 0x61, 0);
    rig_pass_ms(&rig, 10);
    n = speaker_take_edges(speaker, edges, 8192);
    ck_assert_uint_le(n, 1);
    ck_assert(!pit->channel[2].edge.pending);
}
END_TEST

START_TEST(speaker_tone_beyond_hearing_becomes_its_average)
{
    struct speaker_edge edges[64];
    program(2, 3, 20);
    out8(&rig, 0x61, 3);
    rig_pass_ms(&rig, 100);
    unsigned n = speaker_take_edges(speaker, edges, 64);
    ck_assert_uint_le(n, 4);
    ck_assert_uint_eq(edges[n - 1].level, 127);
    out8(&rig, 0x42, 0);
    out8(&rig, 0x42, 8); /* 2048: audible again */
    rig_pass_ms(&rig, 10);
    n = speaker_take_edges(speaker, edges, 64);
    ck_assert_uint_ge(n, 10);
    ck_assert(edges[n - 1].level == 0 || edges[n - 1].level == 255);
}
END_TEST

START_TEST(speaker_data_bit_alone_makes_sound)
{
    struct speaker_edge edges[64];
    program(2, 3, 0); /* out is high, and the gate holds it there */
    for (unsigned i = 0; i < 10; i++) {
        out8(&rig, 0x61, i & 1 ? 0 : 2);
        rig_pass_us(&rig, 100);
    }
    ck_assert_uint_eq(speaker_take_edges(speaker, edges, 64), 10);
    ck_assert_uint_eq(edges[0].level, 255);
    ck_assert_uint_eq(edges[1].level, 0);
    ck_assert_uint_eq(edges[1].cycle - edges[0].cycle, 10000);
}
END_TEST

START_TEST(speaker_ring_keeps_the_newest)
{
    static struct speaker_edge edges[SPEAKER_EDGES];
    program(2, 3, 0);
    for (unsigned i = 0; i < 3 * SPEAKER_EDGES; i++) {
        out8(&rig, 0x61, i & 1 ? 0 : 2);
        clock_advance_to(&rig.clock, rig.clock.now + 100);
    }
    ck_assert_uint_eq(speaker_take_edges(speaker, edges, SPEAKER_EDGES), SPEAKER_EDGES);
    ck_assert_uint_eq(edges[SPEAKER_EDGES - 1].cycle, rig.clock.now - 100);
}
END_TEST

/* --- A plain model of one counter: one function call for each clock pulse --- */

struct model {
    unsigned mode, access;
    uint32_t cr, ce, size;
    bool written, loaded, load, held, gate, out, done, high, null_count, extra;
    uint8_t low;
};

static void model_control(struct model *m, unsigned access, unsigned mode)
{
    m->access = access;
    m->mode = mode;
    m->written = m->loaded = m->load = m->held = m->done = m->high = m->extra = false;
    m->null_count = true;
    m->out = mode != 0;
}

static void model_count(struct model *m, uint16_t value)
{
    bool first = !m->written;
    m->cr = value;
    m->written = true;
    m->null_count = true;
    m->held = false;
    if (m->mode == 0)
        m->out = false;
    if (m->mode == 0 || m->mode == 4 || ((m->mode == 2 || m->mode == 3) && first))
        m->load = true;
}

static void model_write(struct model *m, uint8_t value)
{
    if (m->access == 1) {
        model_count(m, value);
    } else if (m->access == 2) {
        model_count(m, (uint16_t)(value << 8));
    } else if (m->high) {
        m->high = false;
        model_count(m, (uint16_t)(value << 8 | m->low));
    } else {
        m->high = true;
        m->low = value;
        if (m->mode == 0) {
            m->held = true;
            m->load = false;
            m->out = false;
        }
    }
}

static void model_gate(struct model *m, bool level)
{
    if (level == m->gate)
        return;
    m->gate = level;
    if ((m->mode == 2 || m->mode == 3) && !level)
        m->out = true;
    if (m->mode != 0 && m->mode != 4 && level && m->written)
        m->load = true;
}

/* Mode 3's counting element is loaded with an even number; an odd count's high half has one pulse more. */
static void model_load(struct model *m)
{
    m->null_count = false;
    m->ce = m->mode == 3 ? m->cr & 0xFFFEu : m->cr;
    m->extra = m->mode == 3 && m->cr & 1 && m->out;
}

static void model_pulse(struct model *m)
{
    if (m->load) {
        m->load = false;
        m->loaded = true;
        m->done = false;
        m->out = m->mode != 0 && m->mode != 1;
        model_load(m);
        return;
    }
    if (!m->loaded || m->held || (!m->gate && m->mode != 1 && m->mode != 5))
        return;
    if (m->mode == 2) {
        if (m->ce == 1)
            model_load(m);
        else
            m->ce = (m->ce - 1) & 0xFFFF;
        m->out = m->ce != 1;
    } else if (m->mode == 3) {
        uint32_t next = (m->ce - 2) & 0xFFFF;
        if (m->ce == 0 && m->extra) {
            m->extra = false;
            m->out = !m->out;
            model_load(m);
        } else if (next == 0 && !m->extra) {
            m->out = !m->out;
            model_load(m);
        } else {
            m->ce = next;
        }
    } else {
        m->ce = (m->ce - 1) & 0xFFFF;
        if (m->mode >= 4)
            m->out = true;
        if (m->ce == 0 && !m->done) {
            m->done = true;
            m->out = m->mode < 4;
        }
    }
}

static void compare_with_model(uint64_t hz, bool listened, uint64_t seed)
{
    open_at(hz);
    if (listened)
        out8(&rig, 0x61, 2);
    struct model m = {.gate = false};
    out8(&rig, 0x43, 0xB0);
    model_control(&m, 3, 0);
    uint64_t at = ticks();
    for (unsigned i = 0; i < 6000; i++) {
        uint32_t r = rig_random(&seed);
        uint8_t value = (uint8_t)(r >> 24 & 3 ? r >> 16 & 15 : r >> 16);
        switch (r & 15) {
        case 0:
            out8(&rig, 0x43, (uint8_t)(0x80 | (1 + (r >> 4) % 3) << 4 | (r >> 8) % 6 << 1));
            model_control(&m, 1 + (r >> 4) % 3, (r >> 8) % 6);
            break;
        case 1:
        case 2:
            if (m.mode < 2 || m.mode > 3 || m.access != 1 || value > 1) /* a count of 1 is illegal there */
                if (m.mode < 2 || m.mode > 3 || !m.high || value || m.low != 1) {
                    out8(&rig, 0x42, value);
                    model_write(&m, value);
                }
            break;
        case 3:
            out8(&rig, 0x61, (uint8_t)(listened * 2 + (r >> 4 & 1)));
            model_gate(&m, r >> 4 & 1);
            break;
        default:
            break;
        }
        uint64_t step = r >> 28 ? r >> 8 & 7 : r >> 8 & 0xFFF;
        clock_advance_to(&rig.clock, clock_cycle_of_tick(&rig.clock, at + step, PIT_HZ_NUM, PIT_HZ_DEN));
        for (; at < ticks(); at++)
            model_pulse(&m);
        ck_assert_msg(pit_out(pit, 2) == m.out, "step %u: mode %u out should be %d", i, m.mode, m.out);
        out8(&rig, 0x43, 0xE8);
        uint8_t got = in8(&rig, 0x42);
        ck_assert_msg((got >> 6 & 1) == m.null_count, "step %u: mode %u null count should be %d", i, m.mode,
                      m.null_count);
        if (m.loaded) {
            uint16_t count = 0;
            out8(&rig, 0x43, 0x80);
            if (m.access == 3) {
                uint8_t low = in8(&rig, 0x42);
                count = (uint16_t)(low | in8(&rig, 0x42) << 8);
                ck_assert_msg(count == m.ce, "step %u: mode %u count %04X, should be %04X", i, m.mode, count,
                              m.ce);
            } else {
                count = in8(&rig, 0x42);
                ck_assert_uint_eq(count, m.access == 1 ? m.ce & 0xFF : m.ce >> 8);
            }
        }
    }
    rig_close(&rig);
}

START_TEST(agrees_with_a_model_that_counts_each_pulse)
{
    compare_with_model(100000000, false, 8254 + (uint64_t)_i);
    compare_with_model(4772727, false, 100 + (uint64_t)_i);
    compare_with_model(100000000, true, 200 + (uint64_t)_i);
}
END_TEST

START_TEST(edges_on_the_wire_match_the_output)
{
    /* On a slow processor events come late; the wire still sees each edge. */
    uint64_t seed = 42;
    program(0, 2, 50);
    pass(1);
    unsigned before = irq0.rises;
    uint64_t start = ticks();
    for (unsigned i = 0; i < 1000; i++) {
        rig.clock.now += rig_random(&seed) % 12000; /* up to 143 pulses */
        clock_fire_due(&rig.clock);
        ck_assert_int_eq(irq0.level, pit_out(pit, 0));
    }
    ck_assert_uint_eq(irq0.rises - before, (ticks() - start) / 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pit");
    TCase *tc = tcase_create("8254");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, mode0_out_rises_n_plus_1_pulses_after_the_write);
    tcase_add_test(tc, mode0_first_byte_of_a_new_count_stops_counting_and_clears_out);
    tcase_add_test(tc, mode0_gate_stops_counting_but_not_loading);
    tcase_add_test(tc, mode1_is_a_retriggerable_one_shot);
    tcase_add_test(tc, mode2_is_low_for_one_pulse_in_n);
    tcase_add_test(tc, mode2_new_count_waits_for_the_end_of_the_period);
    tcase_add_test(tc, mode2_gate_low_sets_out_high_and_its_rise_reloads);
    tcase_add_test(tc, mode3_even_count_counts_by_two);
    tcase_add_test(tc, mode3_odd_count_is_high_one_pulse_longer);
    tcase_add_test(tc, mode3_new_count_waits_for_the_half_wave);
    tcase_add_test(tc, mode4_strobes_once);
    tcase_add_test(tc, mode5_strobes_after_the_gate_rises);
    tcase_add_test(tc, bcd_counts_in_decimal);
    tcase_add_test(tc, latch_holds_until_read_and_ignores_a_second_latch);
    tcase_add_test(tc, read_back_latches_status_before_count);
    tcase_add_test(tc, single_byte_access);
    tcase_add_test(tc, pc_timer_ticks_18_2_times_a_second);
    tcase_add_test(tc, unconnected_counters_cost_no_events);
    tcase_add_test(tc, refresh_bit_toggles_every_15_microseconds);
    tcase_add_test(tc, speaker_gets_an_edge_per_half_period);
    tcase_add_test(tc, speaker_tone_beyond_hearing_becomes_its_average);
    tcase_add_test(tc, speaker_data_bit_alone_makes_sound);
    tcase_add_test(tc, speaker_ring_keeps_the_newest);
    tcase_add_test(tc, edges_on_the_wire_match_the_output);
    suite_add_tcase(suite, tc);
    TCase *model = tcase_create("model");
    tcase_set_timeout(model, 60);
    tcase_add_loop_test(model, agrees_with_a_model_that_counts_each_pulse, 0, 20);
    suite_add_tcase(suite, model);
    return rig_run(suite);
}
