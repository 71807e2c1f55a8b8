/* Power management: PM timer, events and SCI, sleep, APM ports, SMBus host (devices/acpi_pm.c). */
#include "devices/acpi_pm.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/device.h"

#define HZ   100000000ull
#define BASE 0x600
#define SMB  0x700

static struct bus *bus;
static struct clock vclock;
static struct device_list list;
static struct pci_bus *pci;
static struct acpi_pm *pm;
static bool sci, suspended;
static unsigned smis, power_offs;

static void set_level(void *owner, unsigned pin, bool level)
{
    (void)pin;
    *(bool *)owner = level;
}

static void count_pulse(void *owner, unsigned pin, bool level)
{
    (void)pin;
    *(unsigned *)owner += level;
}

static void put_config(unsigned reg, uint32_t value, unsigned size)
{
    pci_config_write(pci, 1 << 3 | 3, (uint8_t)reg, value, size);
}

static uint32_t get_config(unsigned reg, unsigned size)
{
    return pci_config_read(pci, 1 << 3 | 3, (uint8_t)reg, size);
}

static void create(bool timer_32bit, bool smm)
{
    bus = bus_create(NULL);
    clock_init(&vclock, HZ);
    list = (struct device_list){.bus = bus, .clock = &vclock};
    struct acpi_pm_config config = {.timer_32bit = timer_32bit, .smm = smm};
    config.pci = pci = device_create(&list, &pci_bus_type, NULL, NULL, NULL);
    pm = device_create(&list, &acpi_pm_type, NULL, &config, NULL);
    ck_assert_ptr_nonnull(pm);
    sci = suspended = false;
    smis = power_offs = 0;
    pm->sci = (struct wire){set_level, &sci, 0};
    pm->smi = (struct wire){count_pulse, &smis, 0};
    pm->power_off = (struct wire){count_pulse, &power_offs, 0};
    devices_reset(&list, RESET_POWER_ON);
    put_config(0x40, BASE, 4);
    put_config(0x80, 1, 1);
    put_config(0x90, SMB, 4);
    put_config(0xD2, 9, 1);
}

static void setup(void)
{
    create(false, true);
}

static void teardown(void)
{
    devices_destroy(&list);
    clock_free(&vclock);
    bus_destroy(bus);
}

static uint32_t get(unsigned reg, unsigned size)
{
    return ports_read(bus, (uint16_t)(BASE + reg), size);
}

static void put(unsigned reg, uint32_t value, unsigned size)
{
    ports_write(bus, (uint16_t)(BASE + reg), value, size);
}

START_TEST(identifies_itself_and_moves_its_block)
{
    ck_assert_uint_eq(get_config(0, 4), 0x71138086);
    ck_assert_uint_eq(get_config(0x0A, 2), 0x0680);
    ck_assert_uint_eq(get_config(0x40, 4), BASE | 1);
    ck_assert_uint_ne(get(8, 4), 0xFFFFFFFF);
    put_config(0x40, 0xB000, 4);
    ck_assert_uint_eq(get(4, 2), 0xFFFF);
    ck_assert_uint_eq(ports_read(bus, 0xB004, 2), 0);
    put_config(0x80, 0, 1);
    ck_assert_uint_eq(ports_read(bus, 0xB004, 2), 0xFFFF);
}
END_TEST

START_TEST(block_over_claimed_ports_does_not_answer)
{
    put_config(0x40, 0x80, 4); /* over B2h, B3h: its own APM ports */
    ck_assert_uint_eq(ports_read(bus, 0x84, 2), 0xFFFF);
    ports_write(bus, 0xB3, 0x42, 1);
    ck_assert_uint_eq(ports_read(bus, 0xB3, 1), 0x42);
    put_config(0x40, BASE, 4);
    ck_assert_uint_eq(get(4, 2), 0);
}
END_TEST

START_TEST(timer_runs_at_3579545_hz_in_24_bits)
{
    clock_advance_to(&vclock, HZ);
    ck_assert_uint_eq(get(8, 4), 3579545);
    ck_assert_uint_eq(get(8, 2), 3579545 & 0xFFFF);
    ck_assert_uint_eq(get(10, 1), 3579545 >> 16);
    clock_advance_to(&vclock, 10 * HZ);
    ck_assert_uint_eq(get(8, 4), 35795450 & 0xFFFFFF);
    put(8, 0, 4); /* read-only */
    ck_assert_uint_eq(get(8, 4), 35795450 & 0xFFFFFF);
    teardown();
    create(true, true);
    clock_advance_to(&vclock, 10 * HZ);
    ck_assert_uint_eq(get(8, 4), 35795450);
}
END_TEST

START_TEST(timer_overflow_sets_status_and_sci)
{
    uint64_t half = clock_cycle_of_tick(&vclock, 1 << 23, 3579545, 1);
    clock_advance_to(&vclock, half - 1);
    ck_assert_uint_eq(get(0, 2), 0);
    clock_advance_to(&vclock, half);
    ck_assert_uint_eq(get(0, 2), 1);
    ck_assert(!sci);
    put(0, 1, 2);
    ck_assert_uint_eq(get(0, 2), 0);
    put(2, 1, 2);
    put(4, 1, 2);
    clock_advance_to(&vclock, 2 * half + 100);
    ck_assert(sci);
    put(0, 1, 1);
    ck_assert(!sci);
    clock_advance_to(&vclock, 100 * half);
    ck_assert(sci);
}
END_TEST

START_TEST(timer_overflow_is_seen_before_its_event_runs)
{
    vclock.now = clock_cycle_of_tick(&vclock, (1 << 23) + 5, 3579545, 1); /* a long instruction */
    ck_assert_uint_eq(get(0, 2), 1);
}
END_TEST

START_TEST(power_button_interrupts_in_acpi_mode_only)
{
    ck_assert(!acpi_pm_power_button(pm));
    ck_assert_uint_eq(get(0, 2), 0x100);
    ck_assert(!sci);
    put(2, 0x100, 2);
    ck_assert(!sci);
    put(4, 1, 1); /* SCI_EN with an event pending */
    ck_assert(sci);
    ck_assert(acpi_pm_power_button(pm));
    put(1, 0x01, 1); /* byte write clears bit 8 */
    ck_assert(!sci);
    ck_assert_uint_eq(get(0, 2), 0);
}
END_TEST

START_TEST(rtc_and_gpe_events_interrupt)
{
    put(4, 1, 2);
    put(2, 0x400, 2);
    acpi_pm_set_rtc(pm, 0, true);
    acpi_pm_set_rtc(pm, 0, false);
    ck_assert(sci);
    put(0, 0x400, 2);
    ck_assert(!sci);
    acpi_pm_set_gpe(pm, 9, true);
    ck_assert(!sci);
    put(0x0C, 0x02000000, 4); /* enable in the upper half, with status untouched by zeros */
    ck_assert(sci);
    ck_assert_uint_eq(get(0x0C, 4), 0x02000200);
    put(0x0C, 0x0200, 2);
    ck_assert(!sci);
}
END_TEST

START_TEST(soft_off_powers_off)
{
    put(4, 0x1C01, 2); /* type alone does nothing */
    ck_assert_uint_eq(power_offs, 0);
    put(4, 0x2001, 2);
    ck_assert_uint_eq(power_offs, 1);
    ck_assert_uint_eq(get(4, 2), 0x0001); /* SLP_EN reads zero */
    put(5, 0x34, 1);                      /* type 5 */
    ck_assert_uint_eq(power_offs, 2);
}
END_TEST

START_TEST(well_known_ports_power_off_wherever_the_block_is)
{
    ports_write(bus, 0xB004, 0x2000, 2);
    ck_assert_uint_eq(power_offs, 1);
    ports_write(bus, 0xB004, 0x3400, 2); /* another sleep state */
    ports_write(bus, 0xB004, 0x0001, 2);
    ck_assert_uint_eq(power_offs, 1);
    put_config(0x80, 0, 1); /* no block */
    ports_write(bus, 0x604, 0x2000, 2);
    ck_assert_uint_eq(power_offs, 2);
    put_config(0x40, 0xB000, 4);
    put_config(0x80, 1, 1);
    ports_write(bus, 0xB004, 0x2001, 2);
    ports_write(bus, 0x604, 0x2000, 2);
    ck_assert_uint_eq(power_offs, 4);
    ck_assert_uint_eq(ports_read(bus, 0xB004, 2), 0x0001); /* the real register */
    devices_reset(&list, RESET_HARD);
    ports_write(bus, 0xB004, 0x2000, 2);
    ck_assert_uint_eq(power_offs, 5);
}
END_TEST

START_TEST(other_sleeps_wake_with_status)
{
    put(4, 0x2801, 2); /* S1 */
    ck_assert_uint_eq(get(0, 2), 0x8000);
    put(0, 0x8000, 2);
    put(4, 0x2401, 2); /* S3, nobody to suspend */
    ck_assert_uint_eq(get(0, 2), 0x8000);
    put(0, 0x8000, 2);
    pm->suspend = (struct wire){set_level, &suspended, 0};
    put(4, 0x2401, 2);
    ck_assert(suspended);
    ck_assert_uint_eq(get(0, 2), 0);
    acpi_pm_wake(pm);
    ck_assert(!suspended);
    ck_assert_uint_eq(get(0, 2), 0x8000);
    ck_assert_uint_eq(power_offs, 0);
}
END_TEST

START_TEST(apm_port_switches_acpi_mode)
{
    ports_write(bus, 0xB2, ACPI_PM_ENABLE, 1);
    ck_assert_uint_eq(get(4, 2), 1);
    ck_assert_uint_eq(ports_read(bus, 0xB2, 1), ACPI_PM_ENABLE);
    ports_write(bus, 0xB2, ACPI_PM_DISABLE, 1);
    ck_assert_uint_eq(get(4, 2), 0);
    ck_assert_uint_eq(smis, 0);
}
END_TEST

START_TEST(apm_port_raises_smi_once_firmware_wants_it)
{
    put_config(0x5B, 0x02, 1);
    ports_write(bus, 0xB2, 0x55, 1);
    ck_assert_uint_eq(smis, 0);
    put(0x28, 1, 4); /* SMI_EN */
    ports_write(bus, 0xB2, 0x55, 1);
    ck_assert_uint_eq(smis, 1);
    ck_assert_uint_eq(get(0x18, 2) & 0x20, 0x20);
    put(0x20, 2, 2);
    put(4, 4, 2); /* GBL_RLS */
    ck_assert_uint_eq(smis, 2);
    ck_assert_uint_eq(get(0x18, 2) & 1, 1);
    put(0x28, 3, 4); /* BIOS_RLS */
    ck_assert_uint_eq(get(0, 2), 0x20);
    teardown();
    create(false, false); /* without SMM, firmware finds it set up already */
    ck_assert_uint_eq(get_config(0x5B, 1), 0x02);
}
END_TEST

START_TEST(smbus_host_finds_nobody)
{
    ports_write(bus, SMB + 4, 0xA1, 1);
    ck_assert_uint_eq(ports_read(bus, SMB + 4, 1), 0xA1);
    ports_write(bus, SMB + 2, 0x48, 1);
    ck_assert_uint_eq(ports_read(bus, SMB, 1), 0x04);
    ports_write(bus, SMB, 0x04, 1);
    ck_assert_uint_eq(ports_read(bus, SMB, 1), 0);
    ports_write(bus, SMB + 2, 0x49, 1); /* with interrupt, routed to IRQ 9 */
    ck_assert(sci);
    ports_write(bus, SMB, 0x1E, 1);
    ck_assert(!sci);
    ports_read(bus, SMB + 2, 1);
    for (unsigned i = 0; i < 40; i++)
        ports_write(bus, SMB + 7, i, 1);
    ports_read(bus, SMB + 2, 1);
    ck_assert_uint_eq(ports_read(bus, SMB + 7, 1), 32);
    ck_assert_uint_eq(ports_read(bus, SMB + 7, 1), 33);
    put_config(0xD2, 0, 1);
    ck_assert_uint_eq(ports_read(bus, SMB, 1), 0xFF);
}
END_TEST

START_TEST(reset_takes_it_off_the_bus)
{
    put(4, 1, 2);
    put(2, 0x100, 2);
    acpi_pm_power_button(pm);
    ck_assert(sci);
    devices_reset(&list, RESET_HARD);
    ck_assert(!sci);
    ck_assert_uint_eq(get(4, 2), 0xFFFF);
    ck_assert_uint_eq(get_config(0x40, 4), 1);
}
END_TEST

START_TEST(loading_maps_the_blocks_again)
{
    uint8_t saved[256];
    memcpy(saved, pm->pci.config, 256);
    put_config(0x40, 0xB000, 4);
    memcpy(pm->pci.config, saved, 256);
    ck_assert(acpi_pm_type.post_load(pm, NULL));
    ck_assert_uint_eq(get(4, 2), 0);
    ck_assert_uint_eq(ports_read(bus, 0xB004, 2), 0xFFFF);
    pm->timer_overflow = 12345;
    ck_assert(!acpi_pm_type.post_load(pm, NULL));
}
END_TEST

START_TEST(monitor_shows_the_registers)
{
    struct text text = {0};
    put(4, 1, 2);
    acpi_pm_type.print(pm, &text);
    ck_assert_ptr_nonnull(strstr(text_chars(&text), "control 0001 (ACPI mode)"));
    text_free(&text);
}
END_TEST

START_TEST(random_accesses_keep_sci_true_to_the_registers)
{
    uint32_t seed = (uint32_t)_i * 2654435761u + 3;
    for (unsigned n = 0; n < 20000; n++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t value = seed ^ seed >> 14;
        unsigned size = 1u << (seed >> 22) % 3;
        switch (seed >> 29) {
        case 0:
            put_config(seed >> 8 & 0xFF, value, size);
            break;
        case 1:
            put_config(0x40, BASE, 4);
            put_config(0x80, 1, 1);
            put_config(0x90, SMB, 4);
            put_config(0xD2, 9, 1);
            break;
        case 2:
            ports_write(bus, (uint16_t)(SMB + (seed >> 8 & 15)), value, size);
            break;
        case 3:
            clock_advance_to(&vclock, vclock.now + (value & 0xFFFFF));
            break;
        case 4:
            acpi_pm_set_gpe(pm, value, true);
            break;
        case 5:
            get(seed >> 8 & 0x3F, size);
            ports_read(bus, (uint16_t)(SMB + (seed >> 12 & 15)), size);
            break;
        default:
            put(seed >> 8 & 0x3F, value, size);
        }
        if (!pm->io_base || (pm->smbus[2] & 1))
            continue;
        bool wanted = (get(4, 2) & 1) && ((get(0, 2) & get(2, 2) & 0x521) || (get(0x0C, 2) & get(0x0E, 2)));
        ck_assert(pm->io_base != BASE || sci == wanted);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("acpi_pm");
    TCase *tests = tcase_create("acpi_pm");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, identifies_itself_and_moves_its_block);
    tcase_add_test(tests, block_over_claimed_ports_does_not_answer);
    tcase_add_test(tests, timer_runs_at_3579545_hz_in_24_bits);
    tcase_add_test(tests, timer_overflow_sets_status_and_sci);
    tcase_add_test(tests, timer_overflow_is_seen_before_its_event_runs);
    tcase_add_test(tests, power_button_interrupts_in_acpi_mode_only);
    tcase_add_test(tests, rtc_and_gpe_events_interrupt);
    tcase_add_test(tests, soft_off_powers_off);
    tcase_add_test(tests, well_known_ports_power_off_wherever_the_block_is);
    tcase_add_test(tests, other_sleeps_wake_with_status);
    tcase_add_test(tests, apm_port_switches_acpi_mode);
    tcase_add_test(tests, apm_port_raises_smi_once_firmware_wants_it);
    tcase_add_test(tests, smbus_host_finds_nobody);
    tcase_add_test(tests, reset_takes_it_off_the_bus);
    tcase_add_test(tests, loading_maps_the_blocks_again);
    tcase_add_test(tests, monitor_shows_the_registers);
    tcase_add_loop_test(tests, random_accesses_keep_sci_true_to_the_registers, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
