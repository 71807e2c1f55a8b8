/* The display adapter under random port and memory writes: nothing may crash, hang, or (under the address
 * sanitizer) read or write outside its arrays. The seed is fixed, so a failure can be run again. */
#include <stdlib.h>

#include "tests/unit/vga_harness.h"

#define ROUNDS 400
#define STEPS  120

static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

static void random_port_write(void)
{
    static const uint16_t indexed[] = {0x3C4, 0x3CE, 0x3D4, 0x3B4};
    uint32_t r = next_random();
    switch (r % 6) {
    case 0:
        out((uint16_t)(0x3B0 + next_random() % 0x30), (uint8_t)next_random());
        break;
    case 1:
        dispi((uint16_t)(next_random() % 12), (uint16_t)next_random());
        break;
    case 2:
        set_vbe((uint16_t)(next_random() % 2600), (uint16_t)(next_random() % 1700),
                (uint16_t)(next_random() % 33), (uint16_t)(next_random() & 0xE0));
        break;
    case 3:
        dispi(4, 0);
        out(0x3C2, 0x63);
        break;
    default:
        ports_write(bus, indexed[r / 6 % 4], next_random() % 25 | (next_random() & 0xFF) << 8, 2);
        break;
    }
}

static void random_access(void)
{
    uint32_t r = next_random();
    unsigned size = 1u << r % 4;
    uint32_t address = (0xA0000 + next_random() % 0x20000) & ~(size - 1);
    if (r & 16)
        address = (VGA_FIXED_LFB + next_random() % 0x1000000) & ~(size - 1);
    uint64_t value = (uint64_t)next_random() << 40 ^ (uint64_t)next_random() << 20 ^ next_random();
    if (r & 32)
        mem_write(bus, address, &value, size);
    else
        mem_read(bus, address, &value, size);
}

static void look_at_everything(void)
{
    struct text text = {0};
    struct vga_cell cells[50];
    unsigned columns, rows;
    int x, y;
    vga_render(vga, &frame);
    ck_assert_uint_le(frame.width, 2560);
    ck_assert_uint_le(frame.height, 1600);
    vga_text(vga, &text);
    vga_text_cells(vga, cells, 50, &columns, &rows, &x, &y);
    vga_type.print(vga, &text);
    text_free(&text);
    ck_assert(vga_type.post_load(vga, NULL)); /* whatever a guest does is a state that loads again */
}

START_TEST(random_writes_do_no_harm)
{
    static const struct vga_mode *const modes[] = {&mode_03, &mode_07, &mode_04, &mode_06,
                                                   &mode_0d, &mode_10, &mode_12, &mode_13};
    random_state = 20260;
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round % 4 == 0) {
            dispi(4, 0);
            out(0x3C3, 1);
            set_mode(modes[next_random() % 8]);
        }
        for (unsigned step = 0; step < STEPS; step++) {
            if (step % 3)
                random_access();
            else
                random_port_write();
            in((uint16_t)(0x3B0 + next_random() % 0x30));
            clock_advance_to(&vclock, vclock.now + next_random() % 10000); /* the beam moves on */
        }
        clock_advance_to(&vclock, vclock.now + next_random() % 5000000);
        look_at_everything();
    }
}
END_TEST

Suite *vga_fuzz_suite(void)
{
    Suite *suite = suite_create("vga fuzz");
    TCase *tc = tcase_create("fuzz");
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, vga_setup, vga_teardown);
    tcase_add_test(tc, random_writes_do_no_harm);
    suite_add_tcase(suite, tc);
    return suite;
}
