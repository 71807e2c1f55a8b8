/* The 8259A pair, by the datasheet: initialisation, priorities, triggering, ends of interrupt, special modes.
 */
#include "devices/pic.h"

#include "tests/unit/chip_rig.h"

static struct rig rig;
static struct pic *pic;
static struct probe intr;

static void init_pair(uint8_t icw4_master, uint8_t icw4_slave)
{
    out8(&rig, 0x20, 0x11);
    out8(&rig, 0x21, 0x08);
    out8(&rig, 0x21, 0x04);
    out8(&rig, 0x21, icw4_master);
    out8(&rig, 0xA0, 0x11);
    out8(&rig, 0xA1, 0x70);
    out8(&rig, 0xA1, 0x02);
    out8(&rig, 0xA1, icw4_slave);
}

static void setup(void)
{
    rig_open(&rig, 1000000);
    pic = rig_add(&rig, &pic_type, NULL, NULL);
    pic->intr = probe_wire(&intr, &rig);
    rig_power_on(&rig);
    init_pair(1, 1);
}

static void teardown(void)
{
    rig_close(&rig);
}

static void irq(unsigned line, bool level)
{
    pic_set_irq(pic, line, level);
}

static void pulse(unsigned line)
{
    irq(line, false);
    irq(line, true);
}

static uint8_t irr(uint16_t base)
{
    out8(&rig, base, 0x0A);
    return in8(&rig, base);
}

static uint8_t isr(uint16_t base)
{
    out8(&rig, base, 0x0B);
    return in8(&rig, base);
}

START_TEST(initialisation_clears_mask_and_sets_vectors)
{
    ck_assert_uint_eq(in8(&rig, 0x21), 0);
    ck_assert_uint_eq(in8(&rig, 0xA1), 0);
    irq(3, true);
    ck_assert(intr.level);
    ck_assert_int_eq(pic_pending_vector(pic), 0x0B);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0B);
    ck_assert(!intr.level);
}
END_TEST

START_TEST(single_without_icw4_needs_only_icw2)
{
    out8(&rig, 0x20, 0x12); /* SNGL, no ICW4: MCS-80 mode, interval 8 */
    out8(&rig, 0x21, 0x40);
    out8(&rig, 0x21, 0xFE); /* already OCW1 */
    ck_assert_uint_eq(in8(&rig, 0x21), 0xFE);
    irq(0, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x00);
    out8(&rig, 0x20, 0x12 | 0x04 | 0xA0); /* interval 4: A7-A5 from ICW1 */
    out8(&rig, 0x21, 0x40);
    irq(6, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0xA0 | 6 << 2);
}
END_TEST

START_TEST(no_interrupt_until_initialised)
{
    out8(&rig, 0x20, 0x11);
    irq(1, true);
    ck_assert(!intr.level);
    out8(&rig, 0x21, 0x08);
    out8(&rig, 0x21, 0x04);
    ck_assert(!intr.level);
    out8(&rig, 0x21, 0x01);
    ck_assert(intr.level);
}
END_TEST

START_TEST(icw1_resets_edges_mask_service_and_modes)
{
    irq(4, true);
    pic_acknowledge(pic);
    irq(5, true);
    out8(&rig, 0x21, 0x55);
    out8(&rig, 0x20, 0xC2); /* lowest priority IR2 */
    out8(&rig, 0x20, 0x68); /* special mask */
    init_pair(1, 1);
    ck_assert_uint_eq(in8(&rig, 0x21), 0);
    ck_assert_uint_eq(in8(&rig, 0x20), 0); /* IRR selected, and no edge since */
    ck_assert_uint_eq(isr(0x20), 0);
    ck_assert(!intr.level);
    pulse(4);
    pulse(3);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0B);
    pulse(1);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x09);
}
END_TEST

START_TEST(priority_nests_downwards)
{
    irq(5, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0D);
    irq(6, true);
    ck_assert(!intr.level);
    irq(1, true);
    ck_assert(intr.level);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x09);
    ck_assert_uint_eq(isr(0x20), 0x22);
    out8(&rig, 0x20, 0x20);
    ck_assert_uint_eq(isr(0x20), 0x20);
    ck_assert(!intr.level);
    out8(&rig, 0x20, 0x20);
    ck_assert(intr.level);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0E);
}
END_TEST

START_TEST(masked_requests_wait_in_irr)
{
    out8(&rig, 0x21, 0x10);
    irq(4, true);
    ck_assert(!intr.level);
    ck_assert_uint_eq(irr(0x20), 0x10);
    out8(&rig, 0x21, 0x00);
    ck_assert(intr.level);
}
END_TEST

START_TEST(edge_input_interrupts_once_per_edge)
{
    irq(4, true);
    pic_acknowledge(pic);
    out8(&rig, 0x20, 0x20);
    ck_assert(!intr.level);
    irq(4, true);
    ck_assert(!intr.level);
    pulse(4);
    ck_assert(intr.level);
}
END_TEST

START_TEST(request_that_falls_before_inta_is_spurious)
{
    irq(4, true);
    irq(4, false);
    ck_assert(!intr.level);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0F);
    ck_assert_uint_eq(isr(0x20), 0); /* the handler can tell by this */
}
END_TEST

START_TEST(spurious_slave_interrupt_sets_only_the_masters_in_service_bit)
{
    irq(12, true);
    out8(&rig, 0xA1, 0); /* no change */
    ck_assert(intr.level);
    /* The slave's request goes, while the master still holds its own. */
    pic->chip[1].irr = 0;
    ck_assert_uint_eq(pic_acknowledge(pic), 0x77);
    ck_assert_uint_eq(isr(0xA0), 0);
    ck_assert_uint_eq(isr(0x20), 0x04);
}
END_TEST

START_TEST(cascade_gives_the_slaves_vector)
{
    irq(8, true);
    ck_assert_int_eq(pic_pending_vector(pic), 0x70);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x70);
    ck_assert_uint_eq(isr(0x20), 0x04);
    ck_assert_uint_eq(isr(0xA0), 0x01);
    irq(14, true); /* lower: waits for the slave's EOI */
    ck_assert(!intr.level);
    out8(&rig, 0x20, 0x20);
    ck_assert(!intr.level);
    out8(&rig, 0xA0, 0x20);
    ck_assert(intr.level);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x76);
}
END_TEST

START_TEST(two_slave_requests_both_arrive)
{
    irq(14, true);
    irq(15, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x76);
    out8(&rig, 0xA0, 0x20);
    out8(&rig, 0x20, 0x20);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x77);
    ck_assert_uint_eq(isr(0xA0), 0x80); /* a true one, not spurious */
}
END_TEST

START_TEST(slave_with_another_identity_leaves_the_bus_floating)
{
    out8(&rig, 0xA0, 0x11);
    out8(&rig, 0xA1, 0x70);
    out8(&rig, 0xA1, 0x03);
    out8(&rig, 0xA1, 0x01);
    irq(9, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0xFF);
}
END_TEST

START_TEST(level_input_repeats_until_it_falls)
{
    out8(&rig, 0x4D1, 0xFF);
    ck_assert_uint_eq(in8(&rig, 0x4D1), 0xDE); /* IRQ 8 and 13 stay edge triggered */
    out8(&rig, 0x4D0, 0xFF);
    ck_assert_uint_eq(in8(&rig, 0x4D0), 0xF8);
    irq(5, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0D);
    ck_assert_uint_eq(irr(0x20), 0x20);
    out8(&rig, 0x20, 0x20);
    ck_assert(intr.level);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0D);
    irq(5, false);
    out8(&rig, 0x20, 0x20);
    ck_assert(!intr.level);
}
END_TEST

START_TEST(shared_line_stays_high_while_any_source_holds_it)
{
    out8(&rig, 0x4D0, 0x10);
    irq(4, true);
    irq(4 + 16, true);
    irq(4, false);
    ck_assert_uint_eq(irr(0x20), 0x10);
    irq(4 + 16, false);
    ck_assert_uint_eq(irr(0x20), 0);
}
END_TEST

START_TEST(specific_eoi_ends_the_named_level)
{
    irq(5, true);
    pic_acknowledge(pic);
    irq(3, true);
    pic_acknowledge(pic);
    out8(&rig, 0x20, 0x65);
    ck_assert_uint_eq(isr(0x20), 0x08);
    out8(&rig, 0x20, 0x40); /* no operation */
    ck_assert_uint_eq(isr(0x20), 0x08);
}
END_TEST

START_TEST(rotation_on_eoi_gives_the_lowest_priority)
{
    /* The datasheet's example: IR4 served, then rotated to the bottom: IR5 comes before IR3. */
    irq(4, true);
    pic_acknowledge(pic);
    out8(&rig, 0x20, 0xA0);
    irq(3, true);
    irq(5, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0D);
    out8(&rig, 0x20, 0xE5); /* rotate on specific EOI */
    ck_assert_uint_eq(isr(0x20), 0);
    irq(6, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0E);
}
END_TEST

START_TEST(set_priority_command_moves_the_bottom)
{
    out8(&rig, 0x20, 0xC5); /* IR5 lowest, so IR6 highest */
    irq(0, true);
    irq(6, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0E);
    ck_assert(!intr.level);
    out8(&rig, 0x20, 0x20);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x08);
}
END_TEST

START_TEST(automatic_eoi_leaves_nothing_in_service)
{
    init_pair(3, 3);
    irq(5, true);
    irq(12, true);
    irq(15, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x74);
    ck_assert_uint_eq(isr(0x20), 0);
    ck_assert_uint_eq(isr(0xA0), 0);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x77);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0D);
    ck_assert(!intr.level);
}
END_TEST

START_TEST(rotation_in_automatic_eoi_mode)
{
    init_pair(3, 1);
    out8(&rig, 0x20, 0x80);
    irq(1, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x09);
    pulse(1);
    irq(4, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0C);
    out8(&rig, 0x20, 0x00); /* cleared: IR4 remains the lowest */
    pulse(4);
    irq(7, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0F);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x09);
    pulse(7);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0F);
}
END_TEST

START_TEST(special_mask_mode_lets_lower_levels_in)
{
    irq(3, true);
    pic_acknowledge(pic);
    irq(6, true);
    ck_assert(!intr.level);
    out8(&rig, 0x21, 0x08);
    ck_assert(!intr.level);
    out8(&rig, 0x20, 0x68);
    ck_assert(intr.level);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x0E);
    out8(&rig, 0x20, 0x20); /* passes over the masked level */
    ck_assert_uint_eq(isr(0x20), 0x08);
    out8(&rig, 0x20, 0x20);
    ck_assert_uint_eq(isr(0x20), 0x08);
    out8(&rig, 0x20, 0x48);
    out8(&rig, 0x20, 0x20);
    ck_assert_uint_eq(isr(0x20), 0);
}
END_TEST

START_TEST(special_fully_nested_mode_lets_the_slave_nest)
{
    irq(14, true);
    pic_acknowledge(pic);
    irq(9, true); /* higher at the slave, but the master's IR2 is in service */
    ck_assert(!intr.level);
    out8(&rig, 0xA0, 0x20);
    out8(&rig, 0x20, 0x20);
    pic_acknowledge(pic);
    out8(&rig, 0xA0, 0x20);
    irq(9, false);
    irq(14, false);

    init_pair(0x11, 1);
    irq(14, true);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x76);
    irq(9, true);
    ck_assert(intr.level);
    ck_assert_uint_eq(pic_acknowledge(pic), 0x71);
    irq(3, true); /* below IR2: still blocked */
    ck_assert(!intr.level);
    irq(1, true);
    ck_assert(intr.level);
}
END_TEST

START_TEST(poll_takes_the_place_of_inta)
{
    out8(&rig, 0x20, 0x0C);
    ck_assert_uint_eq(in8(&rig, 0x20), 0);
    irq(6, true);
    out8(&rig, 0x20, 0x0C);
    ck_assert_uint_eq(ports_peek(rig.bus, 0x20, 1), 0x86);
    ck_assert(intr.level);
    ck_assert_uint_eq(in8(&rig, 0x21), 0x86); /* either address */
    ck_assert(!intr.level);
    ck_assert_uint_eq(isr(0x20), 0x40);
    ck_assert_uint_eq(in8(&rig, 0x20), 0x40); /* once only */
}
END_TEST

START_TEST(register_choice_is_remembered)
{
    irq(2 + 1, true);
    pic_acknowledge(pic);
    irq(7, true);
    out8(&rig, 0x20, 0x0B);
    ck_assert_uint_eq(in8(&rig, 0x20), 0x08);
    ck_assert_uint_eq(in8(&rig, 0x20), 0x08);
    out8(&rig, 0x20, 0x08); /* RR = 0: unchanged */
    ck_assert_uint_eq(in8(&rig, 0x20), 0x08);
    out8(&rig, 0x20, 0x0A);
    ck_assert_uint_eq(in8(&rig, 0x20), 0x80);
}
END_TEST

START_TEST(random_operations_keep_intr_and_pending_in_step)
{
    uint64_t seed = 8259;
    for (unsigned i = 0; i < 200000; i++) {
        static const uint16_t ports[] = {0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1};
        uint32_t r = rig_random(&seed);
        switch (r & 3) {
        case 0:
            out8(&rig, ports[(r >> 2) % 6], (uint8_t)(r >> 16));
            break;
        case 1:
            in8(&rig, ports[(r >> 2) % 6]);
            break;
        case 2:
            irq(r >> 8 & 31, r >> 16 & 1);
            break;
        default: {
            int pending = pic_pending_vector(pic);
            uint8_t vector = pic_acknowledge(pic);
            if (pending >= 0)
                ck_assert_int_eq(vector, pending);
            break;
        }
        }
        ck_assert_int_eq(intr.level, pic_pending_vector(pic) >= 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pic");
    TCase *tc = tcase_create("8259A");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, initialisation_clears_mask_and_sets_vectors);
    tcase_add_test(tc, single_without_icw4_needs_only_icw2);
    tcase_add_test(tc, no_interrupt_until_initialised);
    tcase_add_test(tc, icw1_resets_edges_mask_service_and_modes);
    tcase_add_test(tc, priority_nests_downwards);
    tcase_add_test(tc, masked_requests_wait_in_irr);
    tcase_add_test(tc, edge_input_interrupts_once_per_edge);
    tcase_add_test(tc, request_that_falls_before_inta_is_spurious);
    tcase_add_test(tc, spurious_slave_interrupt_sets_only_the_masters_in_service_bit);
    tcase_add_test(tc, cascade_gives_the_slaves_vector);
    tcase_add_test(tc, two_slave_requests_both_arrive);
    tcase_add_test(tc, slave_with_another_identity_leaves_the_bus_floating);
    tcase_add_test(tc, level_input_repeats_until_it_falls);
    tcase_add_test(tc, shared_line_stays_high_while_any_source_holds_it);
    tcase_add_test(tc, specific_eoi_ends_the_named_level);
    tcase_add_test(tc, rotation_on_eoi_gives_the_lowest_priority);
    tcase_add_test(tc, set_priority_command_moves_the_bottom);
    tcase_add_test(tc, automatic_eoi_leaves_nothing_in_service);
    tcase_add_test(tc, rotation_in_automatic_eoi_mode);
    tcase_add_test(tc, special_mask_mode_lets_lower_levels_in);
    tcase_add_test(tc, special_fully_nested_mode_lets_the_slave_nest);
    tcase_add_test(tc, poll_takes_the_place_of_inta);
    tcase_add_test(tc, register_choice_is_remembered);
    tcase_add_test(tc, random_operations_keep_intr_and_pending_in_step);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
