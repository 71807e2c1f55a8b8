/* The tables that firmware gets (machine/acpi_tables.c, smbios_tables.c, mp_tables.c, firmware_config.c):
 * they are taken from fw_cfg, placed and linked by the loader scripts as firmware does it, and then read as
 * an operating system would. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/device.h"
#include "machine/acpi_tables.h"
#include "machine/firmware_config.h"
#include "machine/mp_tables.h"
#include "machine/smbios_tables.h"

#define MB          0x100000ull
#define MEMORY_SIZE 0x100000
#define FSEG_BASE   0xF0000u
#define HIGH_BASE   0x10000u
#define MAX_FILES   16

static struct bus *bus;
static struct clock vclock;
static struct device_list list;
static struct fw_cfg *fw;
static struct board_description board;

/* What the test's firmware has done so far: guest memory, and where each file lies. */
static uint8_t memory[MEMORY_SIZE];
static struct placed {
    char name[LOADER_FILE_SIZE + 1];
    uint32_t address;
    size_t size;
} placed[MAX_FILES];
static unsigned placed_count;
static uint32_t next_fseg, next_high;

static void create(void)
{
    bus = bus_create(NULL);
    clock_init(&vclock, 1000000);
    list = (struct device_list){.bus = bus, .clock = &vclock};
    fw = device_create(&list, &fw_cfg_type, NULL, NULL, NULL);
    memset(memory, 0xCC, sizeof memory);
    placed_count = 0;
    next_fseg = FSEG_BASE;
    next_high = HIGH_BASE;
}

static void setup(void)
{
    create();
    board = (struct board_description){.ram_size = 64 * MB,
                                       .cpus = 2,
                                       .cpuid_signature = 0x633,
                                       .cpuid_features = 0x0383FBFF,
                                       .cpu_vendor = "GenuineIntel",
                                       .cpu_name = "Pentium II",
                                       .cpu_mhz = 300,
                                       .apic = true,
                                       .serial = {true, false, true, false},
                                       .parallel = true,
                                       .floppy = true,
                                       .ps2_mouse = true,
                                       .boot_order = "acd",
                                       .drives = {DRIVE_DISK, DRIVE_NONE, DRIVE_CDROM, DRIVE_DISK},
                                       .version = "0.1"};
}

static void teardown(void)
{
    devices_destroy(&list);
    clock_free(&vclock);
    bus_destroy(bus);
}

static uint32_t le(const uint8_t *at, unsigned size)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)at[i] << 8 * i;
    return value;
}

static uint8_t sum(const uint8_t *at, size_t size)
{
    uint8_t total = 0;
    while (size--)
        total = (uint8_t)(total + *at++);
    return total;
}

static struct placed *find_placed(const char *name)
{
    for (unsigned i = 0; i < placed_count; i++)
        if (!strcmp(placed[i].name, name))
            return &placed[i];
    ck_abort_msg("the script names %s, which was not allocated", name);
    return NULL;
}

static void run_allocate(const uint8_t *command)
{
    const char *name = (const char *)command + 4;
    uint32_t alignment = le(command + 60, 4);
    size_t size;
    const uint8_t *bytes = fw_cfg_find_file(fw, name, &size);
    ck_assert_msg(bytes != NULL, "no file %s", name);
    ck_assert_uint_lt(placed_count, MAX_FILES);
    uint32_t *next = command[64] == LOADER_ZONE_FSEG ? &next_fseg : &next_high;
    *next =
        (*next + 3 + alignment) / alignment * alignment; /* with a gap, so that offsets cannot pass by luck */
    struct placed *p = &placed[placed_count++];
    snprintf(p->name, sizeof p->name, "%s", name);
    p->address = *next;
    p->size = size;
    ck_assert_uint_le(*next + size, command[64] == LOADER_ZONE_FSEG ? MEMORY_SIZE : FSEG_BASE);
    memcpy(memory + *next, bytes, size);
    *next += (uint32_t)size;
}

static void run_add_pointer(const uint8_t *command)
{
    struct placed *file = find_placed((const char *)command + 4),
                  *into = find_placed((const char *)command + 60);
    uint32_t offset = le(command + 116, 4);
    ck_assert_uint_eq(command[120], 4);
    ck_assert_uint_le(offset + 4, file->size);
    uint8_t *at = memory + file->address + offset;
    uint32_t value = le(at, 4);
    ck_assert_uint_lt(value, into->size);
    value += into->address;
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void run_add_checksum(const uint8_t *command)
{
    struct placed *file = find_placed((const char *)command + 4);
    uint32_t offset = le(command + 60, 4), start = le(command + 64, 4), length = le(command + 68, 4);
    ck_assert_uint_le(start + length, file->size);
    ck_assert(offset >= start && offset < start + length);
    uint8_t *at = memory + file->address + offset;
    ck_assert_uint_eq(*at, 0);
    *at = (uint8_t)(*at - sum(memory + file->address + start, length));
}

static void run_script(const char *name)
{
    size_t size;
    const uint8_t *script = fw_cfg_find_file(fw, name, &size);
    ck_assert_ptr_nonnull(script);
    ck_assert_uint_eq(size % LOADER_COMMAND_SIZE, 0);
    for (size_t at = 0; at < size; at += LOADER_COMMAND_SIZE)
        switch (le(script + at, 4)) {
        case LOADER_ALLOCATE:
            run_allocate(script + at);
            break;
        case LOADER_ADD_POINTER:
            run_add_pointer(script + at);
            break;
        case LOADER_ADD_CHECKSUM:
            run_add_checksum(script + at);
            break;
        default:
            ck_abort_msg("unknown command");
        }
}

/* For looking at the tables with iasl and dmidecode: TICK86_DUMP_TABLES=directory. */
static void dump(const char *name, const void *bytes, size_t size)
{
    const char *directory = getenv("TICK86_DUMP_TABLES");
    char path[512];
    if (!directory)
        return;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fwrite(bytes, 1, size, file);
    fclose(file);
}

static void boot(void)
{
    struct error err;
    ck_assert_msg(firmware_config_add(fw, &board, &err), "%s", err.text);
    run_script(TABLE_LOADER_FILE);
    run_script(EXTRA_TABLE_LOADER_FILE);
    dump("memory.bin", memory, sizeof memory);
}

/* A structure with this signature at a 16-byte boundary of F0000-FFFFF. */
static uint8_t *scan(const char *signature)
{
    for (uint32_t at = FSEG_BASE; at < MEMORY_SIZE; at += 16)
        if (!memcmp(memory + at, signature, strlen(signature)))
            return memory + at;
    return NULL;
}

static uint8_t *at_address(uint32_t address)
{
    ck_assert_uint_lt(address, MEMORY_SIZE);
    return memory + address;
}

static uint8_t *check_acpi_header(uint8_t *table)
{
    char name[10];
    ck_assert_uint_eq(sum(table, le(table + 4, 4)), 0);
    ck_assert_mem_eq(table + 10, "TICK86TICK86PC", 14);
    snprintf(name, sizeof name, "%.4s.aml", (char *)table);
    dump(name, table, le(table + 4, 4));
    return table;
}

/* The table of the RSDT with this signature. */
static uint8_t *acpi_table(const char *signature)
{
    uint8_t *rsdp = scan("RSD PTR ");
    ck_assert_ptr_nonnull(rsdp);
    ck_assert_uint_eq(sum(rsdp, 20), 0);
    uint8_t *rsdt = check_acpi_header(at_address(le(rsdp + 16, 4)));
    ck_assert_mem_eq(rsdt, "RSDT", 4);
    for (uint32_t at = 36; at < le(rsdt + 4, 4); at += 4) {
        uint8_t *table = check_acpi_header(at_address(le(rsdt + at, 4)));
        if (!memcmp(table, signature, 4))
            return table;
    }
    return NULL;
}

START_TEST(fadt_describes_the_power_management)
{
    boot();
    uint8_t *fadt = acpi_table("FACP");
    ck_assert_ptr_nonnull(fadt);
    ck_assert_uint_eq(le(fadt + 4, 4), 116);
    uint8_t *facs = at_address(le(fadt + 36, 4)), *dsdt = at_address(le(fadt + 40, 4));
    ck_assert_mem_eq(facs, "FACS\x40\0\0\0", 8);
    ck_assert_uint_eq((facs - memory) % 64, 0);
    ck_assert_mem_eq(check_acpi_header(dsdt), "DSDT", 4);
    ck_assert_uint_eq(le(fadt + 46, 2), 9);
    ck_assert_uint_eq(le(fadt + 48, 4), 0xB2);
    ck_assert_uint_eq(fadt[52], 0xF1);
    ck_assert_uint_eq(le(fadt + 56, 4), 0x600);
    ck_assert_uint_eq(le(fadt + 64, 4), 0x604);
    ck_assert_uint_eq(le(fadt + 76, 4), 0x608);
    ck_assert_uint_eq(le(fadt + 80, 4), 0x60C);
    ck_assert_mem_eq(fadt + 88, "\x04\x02\x00\x04\x04\x00", 6);
    ck_assert_uint_eq(fadt[108], 0x32);
    ck_assert_uint_eq(le(fadt + 112, 4), 0x25);
}
END_TEST

static uint8_t *find(uint8_t *from, size_t size, const char *what, size_t length)
{
    for (size_t i = 0; i + length <= size; i++)
        if (!memcmp(from + i, what, length))
            return from + i;
    return NULL;
}

START_TEST(dsdt_is_filled_in_for_the_board)
{
    boot();
    uint8_t *dsdt = at_address(le(acpi_table("FACP") + 40, 4));
    size_t size = le(dsdt + 4, 4);
    ck_assert_ptr_null(find(dsdt, size, "\xA5\xA5\xA5\xA5", 4));
    uint8_t *present = find(dsdt, size, "\x08PRES\x0C", 6), *base = find(dsdt, size, "\x08MEMB\x0C", 6);
    ck_assert_uint_eq(le(present + 6, 4), 0x75); /* COM1, COM3, LPT, FDC, mouse */
    ck_assert_uint_eq(le(base + 6, 4), 64 * MB);
    ck_assert_ptr_nonnull(find(dsdt, size, "\x08_S5_", 5));
    ck_assert_ptr_null(find(dsdt, size, "\x08_S3_", 5));
    teardown();
    create();
    board.suspend_to_ram = true;
    boot();
    dsdt = at_address(le(acpi_table("FACP") + 40, 4));
    ck_assert_ptr_nonnull(find(dsdt, size, "\x08_S3_", 5));
}
END_TEST

START_TEST(madt_and_ssdt_list_the_processors)
{
    board.cpus = 3;
    boot();
    uint8_t *madt = acpi_table("APIC"), *ssdt = acpi_table("SSDT");
    unsigned count[5] = {0};
    bool irq0 = false;
    for (uint32_t at = 44; at < le(madt + 4, 4); at += madt[at + 1]) {
        ck_assert_uint_lt(madt[at], 5);
        ck_assert_uint_ge(madt[at + 1], 6);
        if (madt[at] == 0)
            ck_assert_uint_eq(madt[at + 3], count[0]);
        irq0 |= madt[at] == 2 && madt[at + 3] == 0 && le(madt + at + 4, 4) == 2;
        count[madt[at]]++;
    }
    ck_assert_uint_eq(count[0], 3);
    ck_assert_uint_eq(count[1], 1);
    ck_assert_uint_eq(count[4], 1);
    ck_assert(irq0);
    ck_assert_ptr_nonnull(find(ssdt, le(ssdt + 4, 4), "CP02\x02", 5));
    ck_assert_ptr_null(find(ssdt, le(ssdt + 4, 4), "CP03", 4));
}
END_TEST

START_TEST(a_board_without_apics_has_none_in_its_tables)
{
    board.apic = false;
    board.cpus = 1;
    boot();
    ck_assert_ptr_null(acpi_table("APIC"));
    ck_assert_ptr_null(scan("_MP_"));
    ck_assert_uint_eq(acpi_table("FACP")[44], 0);
}
END_TEST

/* The structure after STRUCTURE, and its strings. */
static uint8_t *next_structure(uint8_t *structure)
{
    uint8_t *at = structure + structure[1];
    while (at[0] || at[1])
        at++;
    return at + 2;
}

static const char *smbios_string(uint8_t *structure, unsigned number)
{
    const char *at = (const char *)structure + structure[1];
    while (--number)
        at += strlen(at) + 1;
    return at;
}

START_TEST(smbios_structures_are_whole)
{
    board.ram_size = 20 * 1024 * MB;
    boot();
    uint8_t *anchor = scan("_SM_");
    ck_assert_ptr_nonnull(anchor);
    ck_assert_uint_eq(sum(anchor, anchor[5]), 0);
    ck_assert_uint_eq(sum(anchor + 16, 15), 0);
    ck_assert_mem_eq(anchor + 16, "_DMI_", 5);
    uint8_t *at = at_address(le(anchor + 24, 4)), *end = at + le(anchor + 22, 2);
    dump("smbios-anchor", anchor, 31);
    unsigned count = 0, types[128] = {0};
    uint32_t megabytes = 0;
    while (at < end) {
        count++;
        types[at[0] & 127]++;
        uint8_t *next = next_structure(at);
        ck_assert_uint_le(next - at, le(anchor + 8, 2));
        if (at[0] == 4)
            ck_assert_str_eq(smbios_string(at, at[0x10]), "Pentium II");
        if (at[0] == 17)
            megabytes += le(at + 12, 2);
        at = next;
    }
    ck_assert_ptr_eq(at, end);
    ck_assert_uint_eq(count, le(anchor + 28, 2));
    ck_assert_uint_eq(types[4], 2);
    ck_assert_uint_eq(types[17], 2);
    ck_assert_uint_eq(types[19], 2);
    ck_assert_uint_eq(types[0] + types[1] + types[3] + types[16] + types[127], 5);
    ck_assert_uint_eq(megabytes, 20 * 1024);
}
END_TEST

START_TEST(mp_tables_describe_processors_and_interrupts)
{
    boot();
    uint8_t *floating = scan("_MP_");
    ck_assert_ptr_nonnull(floating);
    ck_assert_uint_eq(sum(floating, 16), 0);
    uint8_t *table = at_address(le(floating + 4, 4));
    ck_assert_mem_eq(table, "PCMP", 4);
    ck_assert_uint_eq(sum(table, le(table + 4, 2)), 0);
    uint8_t *at = table + 44, *end = table + le(table + 4, 2);
    unsigned count = 0, types[5] = {0};
    bool timer = false, slot3 = false;
    for (; at < end; count++) {
        ck_assert_uint_lt(at[0], 5);
        types[at[0]]++;
        timer |= at[0] == 3 && at[1] == 0 && at[4] == 1 && at[5] == 0 && at[7] == 2;
        slot3 |= at[0] == 3 && at[4] == 0 && at[5] == 3 << 2 && at[7] == 18; /* INTA# of slot 3: PIRQC# */
        at += at[0] ? 8 : 20;
    }
    ck_assert_ptr_eq(at, end);
    ck_assert_uint_eq(count, le(table + 34, 2));
    ck_assert_uint_eq(types[0], 2);
    ck_assert_uint_eq(types[1], 2);
    ck_assert_uint_eq(types[2], 1);
    ck_assert_uint_eq(types[4], 2);
    ck_assert(timer);
    ck_assert(slot3);
}
END_TEST

START_TEST(pir_routes_the_slots)
{
    boot();
    uint8_t *pir = scan("$PIR");
    ck_assert_ptr_nonnull(pir);
    unsigned size = le(pir + 6, 2);
    ck_assert_uint_eq(sum(pir, size), 0);
    ck_assert_uint_eq((size - 32) % 16, 0);
    ck_assert_uint_eq(le(pir + 12, 4), 0x70008086);
    uint8_t *slot3 = pir + 32 + 2 * 16;
    ck_assert_uint_eq(slot3[1], 3 << 3);
    ck_assert_uint_eq(slot3[2], 0x62);
    ck_assert_uint_eq(le(slot3 + 3, 2), 0xDEF8);
    ck_assert_uint_eq(slot3[5], 0x63);
    ck_assert_uint_eq(slot3[8], 0x60);
}
END_TEST

START_TEST(memory_map_and_boot_order_are_told)
{
    board.ram_size = 0xE0000000ull + 512 * MB;
    boot();
    size_t size;
    const uint8_t *map = fw_cfg_find_file(fw, E820_FILE, &size);
    ck_assert_uint_eq(size, 40);
    ck_assert_uint_eq(le(map, 4), 0);
    ck_assert_uint_eq(le(map + 8, 4), 0xE0000000);
    ck_assert_uint_eq(le(map + 16, 4), 1);
    ck_assert_uint_eq(le(map + 24, 4), 1); /* 4 GB */
    ck_assert_uint_eq(le(map + 28, 4), 512 * MB);
    const uint8_t *order = fw_cfg_find_file(fw, BOOT_ORDER_FILE, &size);
    ck_assert_str_eq((const char *)order, "/pci@i0cf8/isa@1/fdc@03f0/floppy@0\n"
                                          "/pci@i0cf8/ide@1,1/drive@0/disk@0\n"
                                          "/pci@i0cf8/ide@1,1/drive@1/disk@1\n"
                                          "/pci@i0cf8/ide@1,1/drive@1/disk@0\n");
    ck_assert_uint_eq(size, strlen((const char *)order) + 1);
}
END_TEST

START_TEST(impossible_numbers_of_processors_are_refused)
{
    struct error err;
    board.cpus = 0;
    ck_assert(!firmware_config_add(fw, &board, &err));
    board.cpus = BOARD_PROCESSORS + 1;
    ck_assert(!firmware_config_add(fw, &board, &err));
    board.cpus = BOARD_PROCESSORS;
    boot();
    ck_assert_ptr_nonnull(acpi_table("APIC"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tables");
    TCase *tests = tcase_create("tables");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, fadt_describes_the_power_management);
    tcase_add_test(tests, dsdt_is_filled_in_for_the_board);
    tcase_add_test(tests, madt_and_ssdt_list_the_processors);
    tcase_add_test(tests, a_board_without_apics_has_none_in_its_tables);
    tcase_add_test(tests, smbios_structures_are_whole);
    tcase_add_test(tests, mp_tables_describe_processors_and_interrupts);
    tcase_add_test(tests, pir_routes_the_slots);
    tcase_add_test(tests, memory_map_and_boot_order_are_told);
    tcase_add_test(tests, impossible_numbers_of_processors_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
