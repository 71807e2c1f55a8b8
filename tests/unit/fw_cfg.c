/* The firmware configuration interface: selector, data, DMA, file directory (devices/fw_cfg.c). */
#include "devices/fw_cfg.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/device.h"

#define RAM_SIZE 0x100000

static struct bus *bus;
static struct clock vclock;
static struct device_list list;
static struct fw_cfg *fw;
static struct ram_block *ram;
static struct mem_region region;

static void setup(void)
{
    bus = bus_create(NULL);
    clock_init(&vclock, 1000000);
    list = (struct device_list){.bus = bus, .clock = &vclock};
    ram = ram_block_create(bus, "ram", RAM_SIZE, true);
    region = (struct mem_region){
        .name = "ram", .size = RAM_SIZE, .enabled = true, .read_block = ram, .write_block = ram};
    mem_add_region(bus, &region);
    fw = device_create(&list, &fw_cfg_type, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(fw);
}

static void teardown(void)
{
    devices_destroy(&list);
    clock_free(&vclock);
    bus_destroy(bus);
}

static void read_item(uint16_t key, void *buffer, size_t size)
{
    ports_write(bus, 0x510, key, 2);
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)buffer)[i] = (uint8_t)ports_read(bus, 0x511, 1);
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Runs a DMA descriptor at 1000h; returns its control word afterwards. */
static uint32_t dma(uint32_t control, uint32_t length, uint64_t address)
{
    uint8_t descriptor[16];
    for (unsigned i = 0; i < 4; i++) {
        descriptor[i] = (uint8_t)(control >> (24 - 8 * i));
        descriptor[4 + i] = (uint8_t)(length >> (24 - 8 * i));
    }
    for (unsigned i = 0; i < 8; i++)
        descriptor[8 + i] = (uint8_t)(address >> (56 - 8 * i));
    mem_write(bus, 0x1000, descriptor, 16);
    ports_write(bus, 0x514, 0, 4);
    ports_write(bus, 0x518, __builtin_bswap32(0x1000), 4);
    mem_read(bus, 0x1000, descriptor, 4);
    return be32(descriptor);
}

START_TEST(signature_and_id_are_there)
{
    char signature[5] = {0};
    uint8_t id[4];
    read_item(0, signature, 4);
    ck_assert_str_eq(signature, "QEMU");
    read_item(1, id, 4);
    ck_assert_uint_eq(id[0], 3);
    ck_assert_uint_eq(ports_read(bus, 0x514, 4), 0x554D4551); /* "QEMU" */
    ck_assert_uint_eq(ports_read(bus, 0x518, 4), 0x47464320); /* " CFG" */
    ck_assert_uint_eq(ports_read(bus, 0x51B, 1), 'G');
}
END_TEST

START_TEST(items_read_in_order_and_end_in_zeros)
{
    uint8_t bytes[10];
    fw_cfg_add_u64(fw, FW_CFG_RAM_SIZE, 0x1122334455667788);
    fw_cfg_add_u16(fw, FW_CFG_NB_CPUS, 0x0203);
    fw_cfg_add_u32(fw, FW_CFG_IRQ0_OVERRIDE, 1);
    read_item(FW_CFG_RAM_SIZE, bytes, 10);
    ck_assert_mem_eq(bytes, "\x88\x77\x66\x55\x44\x33\x22\x11\0\0", 10);
    read_item(FW_CFG_NB_CPUS, bytes, 3);
    ck_assert_mem_eq(bytes, "\x03\x02\0", 3);
    read_item(FW_CFG_IRQ0_OVERRIDE, bytes, 1);
    ck_assert_uint_eq(bytes[0], 1);
    read_item(2 | 0x8000, bytes, 1);
    ck_assert_uint_ne(bytes[0], 3); /* the architecture's items are another set */
    read_item(0x3000, bytes, 1);
    ck_assert_uint_eq(bytes[0], 0);
    read_item(0xFFFF, bytes, 1);
    ck_assert_uint_eq(bytes[0], 0);
    ck_assert(!fw_cfg_add_u16(fw, 0x3000, 1));
}
END_TEST

START_TEST(selector_takes_words_only)
{
    uint8_t byte;
    fw_cfg_add_u16(fw, FW_CFG_NB_CPUS, 7);
    ports_write(bus, 0x510, FW_CFG_NB_CPUS, 2);
    ports_write(bus, 0x510, 0, 1);
    byte = (uint8_t)ports_read(bus, 0x511, 1);
    ck_assert_uint_eq(byte, 7);
    ports_write(bus, 0x510, FW_CFG_NB_CPUS | 0x4000, 2); /* the write bit names the same item */
    ck_assert_uint_eq(ports_peek(bus, 0x511, 1), 7);
    ck_assert_uint_eq(ports_read(bus, 0x511, 1), 7);
    ports_write(bus, 0x511, 9, 1);
    ports_write(bus, 0x510, FW_CFG_NB_CPUS, 2);
    ck_assert_uint_eq(ports_read(bus, 0x511, 1), 7);
}
END_TEST

START_TEST(directory_lists_files_by_name)
{
    uint8_t directory[4 + 3 * 64];
    struct error err;
    ck_assert(fw_cfg_add_file(fw, "etc/e820", "12345678901234567890", 20, &err));
    ck_assert(fw_cfg_add_file(fw, "bootorder", "x", 2, &err));
    ck_assert(fw_cfg_add_file(fw, "etc/acpi/tables", "tables", 6, &err));
    ck_assert(fw_cfg_add_file(fw, "bootorder", "longer", 7, &err)); /* replaces */
    read_item(FW_CFG_FILE_DIR, directory, sizeof directory);
    ck_assert_uint_eq(be32(directory), 3);
    static const char *const names[3] = {"bootorder", "etc/acpi/tables", "etc/e820"};
    static const uint32_t sizes[3] = {7, 6, 20};
    static const char *const data[3] = {"longer", "tables", "12345678901234567890"};
    for (unsigned i = 0; i < 3; i++) {
        const uint8_t *entry = directory + 4 + 64 * i;
        char bytes[20];
        ck_assert_str_eq((const char *)entry + 8, names[i]);
        ck_assert_uint_eq(be32(entry), sizes[i]);
        uint16_t key = (uint16_t)(entry[4] << 8 | entry[5]);
        ck_assert_uint_ge(key, 0x20);
        read_item(key, bytes, sizes[i]);
        ck_assert_mem_eq(bytes, data[i], sizes[i]);
        size_t size;
        ck_assert_mem_eq(fw_cfg_find_file(fw, names[i], &size), data[i], sizes[i]);
        ck_assert_uint_eq(size, sizes[i]);
    }
    size_t size;
    ck_assert_ptr_null(fw_cfg_find_file(fw, "etc/none", &size));
}
END_TEST

START_TEST(names_and_number_of_files_are_limited)
{
    struct error err;
    char name[80];
    memset(name, 'a', sizeof name);
    name[56] = 0;
    ck_assert(!fw_cfg_add_file(fw, name, "", 0, &err));
    name[55] = 0;
    ck_assert(fw_cfg_add_file(fw, name, "", 0, &err));
    for (unsigned i = 1; i < FW_CFG_FILES; i++) {
        name[0] = (char)('b' + i % 20);
        name[1] = (char)('a' + i / 20);
        ck_assert(fw_cfg_add_file(fw, name, name, i, &err));
    }
    ck_assert(!fw_cfg_add_file(fw, "one more", "", 0, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "one more"));
}
END_TEST

START_TEST(dma_selects_skips_and_reads)
{
    uint8_t blob[9000];
    for (unsigned i = 0; i < sizeof blob; i++)
        blob[i] = (uint8_t)(i * 31 >> 3);
    fw_cfg_add_item(fw, FW_CFG_KERNEL_DATA, blob, sizeof blob);
    ck_assert_uint_eq(dma(FW_CFG_KERNEL_DATA << 16 | 8 | 2, sizeof blob, 0x2FFF), 0);
    ck_assert_mem_eq(ram->bytes + 0x2FFF, blob, sizeof blob);
    ck_assert_uint_eq(dma(FW_CFG_KERNEL_DATA << 16 | 8 | 4, 100, 0), 0);
    memset(ram->bytes + 0x2000, 0xEE, 8);
    ck_assert_uint_eq(dma(2, 4, 0x2000), 0);
    ck_assert_mem_eq(ram->bytes + 0x2000, blob + 100, 4);
    ck_assert_uint_eq(ram->bytes[0x2004], 0xEE);
    ck_assert_uint_eq(ports_read(bus, 0x511, 1), blob[104]); /* one offset for both ways */
    ck_assert_uint_eq(dma(4, 0xFFFFFFFF, 0), 0);
    ck_assert_uint_eq(dma(2, 4, 0x2000), 0);
    ck_assert_mem_eq(ram->bytes + 0x2000, "\0\0\0\0", 4);
    ck_assert(ram->page_flags[2] & RAM_PAGE_DIRTY);
}
END_TEST

START_TEST(dma_refuses_what_cannot_be_done)
{
    fw_cfg_add_u32(fw, FW_CFG_KERNEL_SIZE, 0x12345678);
    ck_assert_uint_eq(dma(FW_CFG_KERNEL_SIZE << 16 | 8 | 16, 4, 0x2000), 1); /* write */
    ck_assert_uint_eq(dma(2, 16, RAM_SIZE - 8), 1);
    ck_assert_uint_eq(dma(2, 0xFFFFFFFF, 0), 1);
    ck_assert_uint_eq(dma(2, 16, 0xFFFFFFFFFFFFFFF8), 1);
    ck_assert_uint_eq(dma(0, 0, 0), 0);
    ports_write(bus, 0x514, 0xFFFFFFFF, 4); /* descriptor out of reach */
    ports_write(bus, 0x518, 0xFFFFFFFF, 4);
}
END_TEST

START_TEST(random_accesses_stay_in_bounds)
{
    uint32_t seed = (uint32_t)_i * 2654435761u + 17;
    uint8_t byte;
    fw_cfg_add_file(fw, "a", "contents", 8, NULL);
    fw_cfg_add_file(fw, "empty", "", 0, NULL);
    for (unsigned n = 0; n < 5000; n++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t value = seed ^ seed >> 12;
        switch (seed >> 30) {
        case 0:
            read_item((uint16_t)(value & 0xC0FF), &byte, 1);
            break;
        case 1:
            ports_write(bus, (uint16_t)(0x510 + (seed >> 8) % 12), value, 1u << (seed >> 20) % 3);
            break;
        case 2:
            ports_read(bus, (uint16_t)(0x510 + (seed >> 8) % 12), 1u << (seed >> 20) % 3);
            break;
        default:
            dma((value & 0xC03F001F), seed >> 7 & 0x1FFF, value & 0x1FFFFF);
        }
    }
    char text[8];
    read_item(FW_CFG_FILE_FIRST, text, 8);
    ck_assert_mem_eq(text, "contents", 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fw_cfg");
    TCase *tests = tcase_create("fw_cfg");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, signature_and_id_are_there);
    tcase_add_test(tests, items_read_in_order_and_end_in_zeros);
    tcase_add_test(tests, selector_takes_words_only);
    tcase_add_test(tests, directory_lists_files_by_name);
    tcase_add_test(tests, names_and_number_of_files_are_limited);
    tcase_add_test(tests, dma_selects_skips_and_reads);
    tcase_add_test(tests, dma_refuses_what_cannot_be_done);
    tcase_add_loop_test(tests, random_accesses_stay_in_bounds, 0, 4);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
