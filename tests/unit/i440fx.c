/* The host bridge's memory map: DRAM, ROMs, PAM shadowing, SMRAM, the DRAM hole (devices/i440fx.c). */
#include "devices/i440fx.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/device.h"

#define MB 0x100000ull

static struct bus *bus;
static struct clock vclock;
static struct device_list list;
static struct pci_bus *pci;
static struct i440fx *fx;
static struct ram_block *ram, *bios, *vgabios, *option;
static unsigned hard_resets, soft_resets;
static struct mem_region vga;
static uint64_t vga_offset, vga_value;
static unsigned vga_writes;

static void count_reset(void *owner, unsigned pin, bool level)
{
    (void)pin;
    if (level)
        ++*(unsigned *)owner;
}

static void vga_write(void *state, uint64_t offset, uint64_t value, unsigned size)
{
    (void)state, (void)size;
    vga_offset = offset;
    vga_value = value;
    vga_writes++;
}

static uint64_t vga_read(void *state, uint64_t offset, unsigned size)
{
    (void)state, (void)offset, (void)size;
    return 0x7777777777777777;
}

static void create(uint64_t ram_size, uint64_t bios_size)
{
    bus = bus_create(NULL);
    clock_init(&vclock, 1000000);
    list = (struct device_list){.bus = bus, .clock = &vclock};
    ram = ram_block_create(bus, "ram", ram_size, true);
    bios = ram_block_create(bus, "bios", bios_size, false);
    vgabios = ram_block_create(bus, "vgabios", 32768, false);
    option = ram_block_create(bus, "option", 8192, false);
    for (uint64_t i = 0; i < bios->size; i++)
        bios->bytes[i] = (uint8_t)(i >> 12 | 0x80);
    memset(vgabios->bytes, 0x55, vgabios->size);
    memset(option->bytes, 0x66, option->size);
    vga = (struct mem_region){.name = "vga",
                              .owner = "vga",
                              .base = 0xA0000,
                              .size = 0x20000,
                              .priority = MEM_PRIORITY_VGA,
                              .enabled = true,
                              .read = vga_read,
                              .write = vga_write};
    mem_add_region(bus, &vga);
    struct i440fx_config config = {.ram = ram,
                                   .ram_size = ram_size,
                                   .bios_rom = bios,
                                   .vgabios = vgabios,
                                   .option_roms = {option, option}};
    config.pci = pci = device_create(&list, &pci_bus_type, NULL, NULL, NULL);
    fx = device_create(&list, &i440fx_type, NULL, &config, NULL);
    ck_assert_ptr_nonnull(fx);
    hard_resets = soft_resets = vga_writes = 0;
    i440fx_connect_reset(fx, (struct wire){count_reset, &hard_resets, 0},
                         (struct wire){count_reset, &soft_resets, 0});
    devices_reset(&list, RESET_POWER_ON);
}

static void setup(void)
{
    create(32 * MB, 0x40000);
}

static void teardown(void)
{
    devices_destroy(&list);
    clock_free(&vclock);
    bus_destroy(bus);
}

static uint8_t peek(uint64_t address)
{
    uint8_t byte;
    mem_read(bus, address, &byte, 1);
    return byte;
}

static void poke(uint64_t address, uint8_t byte)
{
    mem_write(bus, address, &byte, 1);
}

static uint32_t get(unsigned reg, unsigned size)
{
    ports_write(bus, 0xCF8, 0x80000000u | (reg & 0xFC), 4);
    return ports_read(bus, (uint16_t)(0xCFC + (reg & 3)), size);
}

static void put(unsigned reg, uint32_t value, unsigned size)
{
    ports_write(bus, 0xCF8, 0x80000000u | (reg & 0xFC), 4);
    ports_write(bus, (uint16_t)(0xCFC + (reg & 3)), value, size);
}

START_TEST(identifies_itself)
{
    ck_assert_uint_eq(get(0, 4), 0x12378086);
    ck_assert_uint_eq(get(4, 4), 0x02800006);
    ck_assert_uint_eq(get(8, 4), 0x06000002);
    put(4, 0, 2);
    ck_assert_uint_eq(get(4, 2), 0x0006);
    ck_assert_uint_eq(get(0x72, 1), 0x02);
    for (unsigned row = 0; row < 8; row++)
        ck_assert_uint_eq(get(0x60 + row, 1), 4); /* 32 MB in units of 8 MB */
}
END_TEST

START_TEST(ram_and_roms_lie_where_a_pc_has_them)
{
    poke(0, 0x11);
    poke(0x9FFFF, 0x22);
    poke(MB, 0x33);
    poke(32 * MB - 1, 0x44);
    ck_assert_uint_eq(ram->bytes[0], 0x11);
    ck_assert_uint_eq(ram->bytes[0x9FFFF], 0x22);
    ck_assert_uint_eq(ram->bytes[MB], 0x33);
    ck_assert_uint_eq(ram->bytes[32 * MB - 1], 0x44);
    poke(32 * MB, 0x55);
    ck_assert_uint_eq(peek(32 * MB), 0xFF);
    ck_assert_uint_eq(peek(0xFFFC0000), bios->bytes[0]);
    ck_assert_uint_eq(peek(0xFFFFFFFF), bios->bytes[0x3FFFF]);
    ck_assert_uint_eq(peek(0xE0000), bios->bytes[0x20000]);
    ck_assert_uint_eq(peek(0xFFFFF), bios->bytes[0x3FFFF]);
    ck_assert_uint_eq(peek(0xC0000), 0x55);
    ck_assert_uint_eq(peek(0xC7FFF), 0x55);
    ck_assert_uint_eq(peek(0xC8000), 0xFF);
    ck_assert_uint_eq(peek(0xD0000), 0x66);
    ck_assert_uint_eq(peek(0xD3FFF), 0x66); /* two of 8 KB */
    ck_assert_uint_eq(peek(0xD4000), 0xFF);
    ck_assert_uint_eq(peek(0xA0000), 0x77);
}
END_TEST

START_TEST(small_bios_ends_at_the_top)
{
    teardown();
    create(2 * MB, 0x10000);
    ck_assert_uint_eq(peek(0xEFFFF), 0xFF);
    ck_assert_uint_eq(peek(0xF0000), bios->bytes[0]);
    ck_assert_uint_eq(peek(0xFFFF0000), bios->bytes[0]);
}
END_TEST

START_TEST(memory_beyond_the_pci_window_moves_above_4g)
{
    teardown();
    create(0xE0000000 + 16 * MB, 0x10000);
    poke(0xDFFFFFFF, 1);
    ck_assert_uint_eq(ram->bytes[0xDFFFFFFF], 1);
    poke(0xE0000000, 2);
    ck_assert_uint_eq(peek(0xE0000000), 0xFF);
    poke(0x100000000, 3);
    ck_assert_uint_eq(ram->bytes[0xE0000000], 3);
    poke(0x100FFFFFF, 4);
    ck_assert_uint_eq(ram->bytes[0xE0FFFFFF], 4);
    ck_assert_uint_eq(peek(0x101000000), 0xFF);
    ck_assert_uint_eq(i440fx_ram_below_4g(ram->size), 0xE0000000);
}
END_TEST

START_TEST(shadowing_copies_rom_into_ram)
{
    poke(0xF0000, 0x12); /* reset state: ROM, writes are lost */
    ck_assert_uint_eq(ram->bytes[0xF0000], 0);
    put(0x59, 0x20, 1); /* read ROM, write DRAM */
    for (uint32_t at = 0xF0000; at <= 0xFFFFF; at += 4096)
        poke(at, peek(at));
    ck_assert_uint_eq(peek(0xF0000), bios->bytes[0x30000]);
    poke(0xF0001, 0x77);
    ck_assert_uint_ne(peek(0xF0001), 0x77);
    put(0x59, 0x10, 1); /* read DRAM, protected */
    ck_assert_uint_eq(peek(0xF0001), 0x77);
    ck_assert_uint_eq(peek(0xFF000), bios->bytes[0x3F000]);
    poke(0xF0001, 0x78);
    ck_assert_uint_eq(peek(0xF0001), 0x77);
    put(0x59, 0x30, 1);
    poke(0xF0001, 0x79);
    ck_assert_uint_eq(peek(0xF0001), 0x79);
    ck_assert_uint_eq(peek(0xFFFF0001), bios->bytes[0x30001]); /* the ROM itself is as it was */
}
END_TEST

START_TEST(each_nibble_rules_its_own_segment)
{
    for (unsigned segment = 0; segment < 12; segment++) {
        put(0x5A + segment / 2, segment & 1 ? 0x30 : 0x03, 1);
        for (unsigned other = 0; other < 12; other++) {
            uint32_t at = 0xC0000 + other * 0x4000;
            ram->bytes[at] = 0xA5;
            ram->bytes[at + 0x3FFF] = 0xA6;
            ck_assert_int_eq(peek(at) == 0xA5, other == segment);
            ck_assert_int_eq(peek(at + 0x3FFF) == 0xA6, other == segment);
        }
        ck_assert_uint_ne(peek(0xF0000), 0);
        put(0x5A + segment / 2, 0, 1);
    }
    put(0x59, 0xFF, 1);
    ck_assert_uint_eq(get(0x59, 1), 0x30);
    ck_assert_uint_eq(peek(0xF0000), 0);
    put(0x5A, 0xFF, 1);
    ck_assert_uint_eq(get(0x5A, 1), 0x33);
}
END_TEST

START_TEST(smram_opens_in_smm_or_with_d_open)
{
    ram->bytes[0xA0000] = 0x5A;
    i440fx_set_smm(fx, true);
    ck_assert_uint_eq(peek(0xA0000), 0x77); /* not enabled */
    put(0x72, 0x0A, 1);
    ck_assert_uint_eq(peek(0xA0000), 0x5A);
    i440fx_set_smm(fx, false);
    ck_assert_uint_eq(peek(0xA0000), 0x77);
    put(0x72, 0x4A, 1);
    ck_assert_uint_eq(peek(0xA0000), 0x5A);
    poke(0xBFFFF, 9);
    ck_assert_uint_eq(ram->bytes[0xBFFFF], 9);
    put(0x72, 0x40, 1); /* G_SMRAME rules all */
    ck_assert_uint_eq(peek(0xA0000), 0x77);
    put(0x72, 0xFF, 1);
    ck_assert_uint_eq(get(0x72, 1) & 0x87, 0x02); /* the base segment is fixed */
}
END_TEST

START_TEST(smram_lock_holds_until_reset)
{
    put(0x72, 0x5A, 1); /* open, lock, enable: lock closes */
    ck_assert_uint_eq(get(0x72, 1), 0x1A);
    put(0x72, 0x42, 1);
    ck_assert_uint_eq(get(0x72, 1), 0x1A);
    put(0x72, 0x22, 1); /* D_CLS stays writable */
    ck_assert_uint_eq(get(0x72, 1), 0x3A);
    put(0x70, 0xFFFFFFFF, 4); /* a wider write goes the same way */
    ck_assert_uint_eq(get(0x72, 1), 0x3A);
    devices_reset(&list, RESET_HARD);
    ck_assert_uint_eq(get(0x72, 1), 0x02);
}
END_TEST

START_TEST(closed_smram_sends_data_writes_to_pci)
{
    put(0x72, 0x2A, 1);
    i440fx_set_smm(fx, true);
    poke(0xA0123, 0x99);
    ck_assert_uint_eq(vga_writes, 1);
    ck_assert_uint_eq(vga_offset, 0x123);
    ck_assert_uint_eq(vga_value, 0x99);
    ck_assert_uint_eq(ram->bytes[0xA0123], 0);
}
END_TEST

START_TEST(dram_hole_gives_way_to_isa)
{
    poke(0x80000, 1);
    poke(15 * MB, 2);
    put(0x68, 0x40, 1);
    ck_assert_uint_eq(peek(0x80000), 0xFF);
    ck_assert_uint_eq(peek(0x7FFFF), 0);
    put(0x68, 0x80, 1);
    ck_assert_uint_eq(peek(0x80000), 1);
    ck_assert_uint_eq(peek(15 * MB), 0xFF);
    ck_assert_uint_eq(peek(16 * MB), 0);
    put(0x68, 0, 1);
    ck_assert_uint_eq(peek(15 * MB), 2);
}
END_TEST

START_TEST(reset_restores_the_rom_and_keeps_ram)
{
    put(0x59, 0x30, 1);
    put(0x5A, 0x33333333, 4);
    poke(0xF0000, 1);
    poke(0x1000, 2);
    devices_reset(&list, RESET_HARD);
    ck_assert_uint_eq(peek(0xF0000), bios->bytes[0x30000]);
    ck_assert_uint_eq(peek(0xC0000), 0x55);
    ck_assert_uint_eq(peek(0x1000), 2);
    devices_reset(&list, RESET_POWER_ON);
    ck_assert_uint_eq(peek(0x1000), 0);
    ck_assert_uint_eq(ram->bytes[0xF0000], 0);
}
END_TEST

START_TEST(turbo_reset_control_resets)
{
    put(0x93, 0x02, 1);
    ck_assert_uint_eq(hard_resets, 0);
    put(0x93, 0x06, 1);
    ck_assert_uint_eq(hard_resets, 1);
    put(0x93, 0x00, 1);
    put(0x93, 0x04, 1);
    ck_assert_uint_eq(soft_resets, 1);
    put(0x93, 0x04, 1);
    ck_assert_uint_eq(soft_resets, 1);
}
END_TEST

START_TEST(loaded_registers_rebuild_the_map)
{
    struct pci_function *function = (struct pci_function *)((char *)fx + i440fx_type.fields[0].offset);
    ram->bytes[0xF0000] = 0x42;
    function->config[0x59] = 0x10;
    ck_assert_uint_ne(peek(0xF0000), 0x42);
    ck_assert(i440fx_type.post_load(fx, NULL));
    ck_assert_uint_eq(peek(0xF0000), 0x42);
}
END_TEST

START_TEST(too_many_option_roms_are_refused)
{
    struct device_list extra = {.bus = bus, .clock = &vclock};
    struct ram_block *large = ram_block_create(bus, "large.rom", 0x20000, false);
    struct i440fx_config config = {
        .pci = pci, .ram = ram, .ram_size = 32 * MB, .bios_rom = bios, .option_roms = {large}};
    struct error err;
    ck_assert_ptr_null(device_create(&extra, &i440fx_type, "second", &config, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "large.rom"));
}
END_TEST

START_TEST(monitor_shows_the_map)
{
    struct text text = {0};
    put(0x59, 0x20, 1);
    i440fx_type.print(fx, &text);
    ck_assert_ptr_nonnull(strstr(text_chars(&text), "F0000-FFFFF  read ROM  write DRAM"));
    text_free(&text);
}
END_TEST

/* Whatever is written to the bridge, plain DRAM and the top ROM stay, and the legacy area is one of its
 * sources. */
START_TEST(random_registers_keep_the_map_sound)
{
    uint32_t seed = (uint32_t)_i * 2654435761u + 12345;
    memset(ram->bytes + 0xC0000, 0xD7, 0x40000);
    for (unsigned n = 0; n < 3000; n++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t value = seed ^ seed >> 13;
        put(0x40 + (seed >> 24) % 0xC0, value, 1u << (seed >> 16) % 3);
        i440fx_set_smm(fx, seed >> 9 & 1);
        ck_assert_uint_eq(peek(0xFFFFFFF0), bios->bytes[0x3FFF0]);
        poke(0x1000, (uint8_t)n);
        ck_assert_uint_eq(peek(0x1000), (uint8_t)n);
        uint8_t f = peek(0xF0000);
        ck_assert_uint_eq(f, get(0x59, 1) & 0x10 ? 0xD7 : bios->bytes[0x30000]);
        uint8_t a = get(0x72, 1);
        vga_writes = 0;
        poke(0xA5000, 1);
        bool open = (a & 0x08) && (seed >> 9 & 1 || (a & 0x40));
        ck_assert_uint_eq(vga_writes, !open || (a & 0x20));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("i440fx");
    TCase *tests = tcase_create("i440fx");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, identifies_itself);
    tcase_add_test(tests, ram_and_roms_lie_where_a_pc_has_them);
    tcase_add_test(tests, small_bios_ends_at_the_top);
    tcase_add_test(tests, memory_beyond_the_pci_window_moves_above_4g);
    tcase_add_test(tests, shadowing_copies_rom_into_ram);
    tcase_add_test(tests, each_nibble_rules_its_own_segment);
    tcase_add_test(tests, smram_opens_in_smm_or_with_d_open);
    tcase_add_test(tests, smram_lock_holds_until_reset);
    tcase_add_test(tests, closed_smram_sends_data_writes_to_pci);
    tcase_add_test(tests, dram_hole_gives_way_to_isa);
    tcase_add_test(tests, reset_restores_the_rom_and_keeps_ram);
    tcase_add_test(tests, turbo_reset_control_resets);
    tcase_add_test(tests, loaded_registers_rebuild_the_map);
    tcase_add_test(tests, too_many_option_roms_are_refused);
    tcase_add_test(tests, monitor_shows_the_map);
    tcase_add_loop_test(tests, random_registers_keep_the_map_sound, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
