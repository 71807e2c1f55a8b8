/* IDE channels, ATA disks, ATAPI CD-ROMs and bus-master DMA, driven through their ports as drivers do. */
#include "devices/ide.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/cd_sector.h"
#include "devices/pci.h"
#include "tests/unit/state_blob.h"

#define HZ           100000000ull
#define DISK_SECTORS (20u * 16 * 63)
#define CD_BLOCKS    400u
#define BM           0xC000u

static struct bus *bus;
static struct clock clock_;
static struct device_list list;
static struct ide *ide;
static struct ram_block *ram;
static struct mem_region region;
static bool irq[2];
static unsigned irq_edges[2];

static void irq_set(void *owner, unsigned pin, bool level)
{
    (void)owner;
    irq_edges[pin - 14] += level && !irq[pin - 14];
    irq[pin - 14] = level;
}

static void out(uint16_t port, unsigned value)
{
    ports_write(bus, port, value, 1);
}

static unsigned in(uint16_t port)
{
    return ports_read(bus, port, 1);
}

static void pass_us(uint64_t us)
{
    clock_advance_to(&clock_, clock_.now + us * (HZ / 1000000));
}

static uint8_t pattern(uint32_t unit, unsigned i)
{
    return (uint8_t)(i < 4 ? unit >> 8 * i : unit * 7 + i);
}

/* UNITS sectors or blocks of BYTES; each begins with its number. */
static struct image *make_image(unsigned units, unsigned bytes, bool read_only)
{
    char path[] = "/tmp/tick86-ide-XXXXXX";
    int fd = mkstemp(path);
    uint8_t *unit = malloc(bytes);
    for (unsigned i = 0; i < units; i++) {
        for (unsigned j = 0; j < bytes; j++)
            unit[j] = pattern(i, j);
        ck_assert_int_eq(write(fd, unit, bytes), (int)bytes);
    }
    free(unit);
    close(fd);
    struct image_options options = {.read_only = read_only};
    struct image *image = image_open(path, &options, NULL);
    ck_assert_ptr_nonnull(image);
    unlink(path);
    return image;
}

static void build_bus(void)
{
    bus = bus_create(NULL);
    clock_init(&clock_, HZ);
    list = (struct device_list){.bus = bus, .clock = &clock_};
    ram = ram_block_create(bus, "ram", 1 << 20, true);
    region = (struct mem_region){
        .name = "ram", .size = 1 << 20, .enabled = true, .read_block = ram, .write_block = ram};
    mem_add_region(bus, &region);
    memset(irq, 0, sizeof irq);
    memset(irq_edges, 0, sizeof irq_edges);
}

/* Primary master: disk; secondary master: CD-ROM; the slaves are absent. */
static void setup(void)
{
    build_bus();
    struct ide_config config = {.bus_master_base = BM, .irq = {{irq_set, NULL, 14}, {irq_set, NULL, 15}}};
    config.drive[0] =
        (struct ide_drive_config){.kind = IDE_DISK, .image = make_image(DISK_SECTORS, 512, false)};
    config.drive[2] =
        (struct ide_drive_config){.kind = IDE_CDROM, .image = make_image(CD_BLOCKS, 2048, true)};
    struct error err = {""};
    ide = device_create(&list, &ide_type, NULL, &config, &err);
    ck_assert_msg(ide != NULL, "%s", err.text);
    devices_reset(&list, RESET_POWER_ON);
}

static void teardown(void)
{
    devices_destroy(&list);
    bus_destroy(bus);
    clock_free(&clock_);
}

/* Waits until BSY is gone; the alternate status leaves the interrupt alone. */
static unsigned settle(unsigned base)
{
    for (unsigned i = 0; i < 100000 && (in((uint16_t)(base + 0x206)) & 0x80); i++)
        pass_us(1);
    return in((uint16_t)(base + 0x206));
}

static unsigned base_of(unsigned channel)
{
    return channel ? 0x170 : 0x1F0;
}

static void write_lba28(unsigned base, uint32_t lba, unsigned count)
{
    out((uint16_t)(base + 6), 0xE0 | lba >> 24);
    out((uint16_t)(base + 2), count);
    out((uint16_t)(base + 3), lba & 0xFF);
    out((uint16_t)(base + 4), lba >> 8 & 0xFF);
    out((uint16_t)(base + 5), lba >> 16 & 0xFF);
}

static void write_lba48(uint64_t lba, unsigned count)
{
    out(0x1F6, 0xE0);
    out(0x1F2, count >> 8);
    out(0x1F3, lba >> 24 & 0xFF);
    out(0x1F4, lba >> 32 & 0xFF);
    out(0x1F5, lba >> 40 & 0xFF);
    out(0x1F2, count & 0xFF);
    out(0x1F3, lba & 0xFF);
    out(0x1F4, lba >> 8 & 0xFF);
    out(0x1F5, lba >> 16 & 0xFF);
}

static unsigned command(unsigned opcode)
{
    out(0x1F7, opcode);
    return settle(0x1F0);
}

static uint8_t buffer[70000];

static void read_words(unsigned base, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i += 2) {
        unsigned word = ports_read(bus, (uint16_t)base, 2);
        buffer[i] = (uint8_t)word;
        buffer[i + 1] = (uint8_t)(word >> 8);
    }
}

static void write_words(unsigned base, const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i += 2)
        ports_write(bus, (uint16_t)base, bytes[i] | (unsigned)bytes[i + 1] << 8, 2);
}

static unsigned word(unsigned index)
{
    return buffer[2 * index] | (unsigned)buffer[2 * index + 1] << 8;
}

static void expect_sectors(const uint8_t *bytes, uint32_t first, unsigned count, unsigned size)
{
    for (unsigned s = 0; s < count; s++)
        for (unsigned i = 0; i < size; i++)
            ck_assert_msg(bytes[s * size + i] == pattern(first + s, i), "sector %u byte %u", first + s, i);
}

/* Reads COUNT sectors by PIO after the command was written. */
static void read_blocks(unsigned sectors, unsigned block)
{
    for (unsigned done = 0; done < sectors; done += block) {
        unsigned n = sectors - done < block ? sectors - done : block;
        ck_assert_uint_eq(settle(0x1F0), 0x58);
        ck_assert(irq[0]);
        ck_assert_uint_eq(in(0x1F7), 0x58);
        ck_assert(!irq[0]);
        for (unsigned i = 0; i < n * 256; i++) {
            unsigned value = ports_read(bus, 0x1F0, 2);
            buffer[done * 512 + 2 * i] = (uint8_t)value;
            buffer[done * 512 + 2 * i + 1] = (uint8_t)(value >> 8);
        }
    }
    ck_assert_uint_eq(in(0x3F6), 0x50);
    ck_assert(!irq[0]);
}

START_TEST(identify_tells_capacity_geometry_and_modes)
{
    out(0x1F6, 0xA0);
    ck_assert_uint_eq(command(0xEC), 0x58);
    read_words(0x1F0, 512);
    ck_assert_uint_eq(word(0), 0x40);
    ck_assert(word(1) == 20 && word(3) == 16 && word(6) == 63);
    ck_assert(word(54) == 20 && word(55) == 16 && word(56) == 63);
    ck_assert_uint_eq(word(57) | word(58) << 16, DISK_SECTORS);
    ck_assert_uint_eq(word(60) | word(61) << 16, DISK_SECTORS);
    ck_assert_uint_eq(word(100), DISK_SECTORS);
    ck_assert_uint_eq(word(49) & 0x300, 0x300);
    ck_assert_uint_eq(word(83) & 0xC400, 0x4400);
    ck_assert_uint_eq(word(47), 0x8010);
    ck_assert_mem_eq(buffer + 54, "ITKC68H RA DIDKS", 16);
    uint8_t sum = 0;
    for (unsigned i = 0; i < 512; i++)
        sum = (uint8_t)(sum + buffer[i]);
    ck_assert_uint_eq(sum, 0);
    ck_assert_uint_eq(ide_geometry(ide, 0)->cylinders, 20);
}
END_TEST

START_TEST(sectors_are_read_by_lba_and_by_chs)
{
    write_lba28(0x1F0, 1000, 3);
    out(0x1F7, 0x20);
    read_blocks(3, 1);
    expect_sectors(buffer, 1000, 3, 512);
    ck_assert_uint_eq(irq_edges[0], 3);
    /* The registers end at the last sector. */
    ck_assert(in(0x1F3) == (1002 & 0xFF) && in(0x1F4) == 1002 >> 8 && in(0x1F2) == 0);
    /* Cylinder 5, head 7, sector 9. */
    out(0x1F6, 0xA7);
    out(0x1F2, 1);
    out(0x1F3, 9);
    out(0x1F4, 5);
    out(0x1F5, 0);
    out(0x1F7, 0x21);
    read_blocks(1, 1);
    expect_sectors(buffer, (5 * 16 + 7) * 63 + 8, 1, 512);
    ck_assert_uint_eq(ide_activity(ide), 4);
}
END_TEST

START_TEST(other_translations_map_to_the_same_sectors)
{
    out(0x1F6, 0xA0 | 7); /* 8 heads, 32 sectors */
    out(0x1F2, 32);
    ck_assert_uint_eq(command(0x91), 0x50);
    out(0x1F6, 0xA0 | 3);
    out(0x1F2, 2);
    out(0x1F3, 32);
    out(0x1F4, 2);
    out(0x1F5, 0);
    out(0x1F7, 0x20);
    read_blocks(2, 1);
    expect_sectors(buffer, (2 * 8 + 3) * 32 + 31, 2, 512);
    ck_assert(in(0x1F3) == 1 && in(0x1F6) == (0xA0 | 4) && in(0x1F4) == 2);
    command(0xEC);
    read_words(0x1F0, 512);
    ck_assert(word(3) == 16 && word(55) == 8 && word(56) == 32 && word(54) == DISK_SECTORS / 256);
}
END_TEST

START_TEST(byte_and_doubleword_accesses_move_the_same_data)
{
    write_lba28(0x1F0, 77, 1);
    out(0x1F7, 0x20);
    settle(0x1F0);
    for (unsigned i = 0; i < 256; i++)
        buffer[i] = (uint8_t)in(0x1F0);
    for (unsigned i = 256; i < 512; i += 4) {
        uint32_t value = ports_read(bus, 0x1F0, 4);
        ck_assert_uint_eq(ports_peek(bus, 0x3F6, 1), i + 4 < 512 ? 0x58 : 0x50);
        memcpy(buffer + i, &value, 4);
    }
    expect_sectors(buffer, 77, 1, 512);
    ck_assert_uint_eq(ports_read(bus, 0x1F0, 2), 0xFFFF);
}
END_TEST

START_TEST(written_sectors_are_read_back)
{
    uint8_t data[1024];
    for (unsigned i = 0; i < 1024; i++)
        data[i] = (uint8_t)(i * 13 + 5);
    write_lba28(0x1F0, 500, 2);
    ck_assert_uint_eq(command(0x30), 0x58);
    ck_assert(!irq[0]); /* none before the first block */
    write_words(0x1F0, data, 512);
    ck_assert_uint_eq(settle(0x1F0), 0x58);
    ck_assert(irq[0]);
    in(0x1F7);
    write_words(0x1F0, data + 512, 512);
    ck_assert_uint_eq(settle(0x1F0), 0x50);
    ck_assert(irq[0]);
    in(0x1F7);
    write_lba28(0x1F0, 500, 2);
    out(0x1F7, 0x20);
    read_blocks(2, 1);
    ck_assert_mem_eq(buffer, data, 1024);
    ck_assert_uint_eq(command(0xE7), 0x50);
}
END_TEST

START_TEST(multiple_moves_blocks_with_one_interrupt_each)
{
    write_lba28(0x1F0, 100, 20);
    ck_assert_uint_eq(command(0xC4), 0x51); /* not set up yet */
    ck_assert_uint_eq(in(0x1F1), 0x04);
    out(0x1F2, 7);
    ck_assert_uint_eq(command(0xC6), 0x51);
    out(0x1F2, 8);
    ck_assert_uint_eq(command(0xC6), 0x50);
    in(0x1F7);
    irq_edges[0] = 0;
    write_lba28(0x1F0, 100, 20);
    out(0x1F7, 0xC4);
    read_blocks(20, 8);
    ck_assert_uint_eq(irq_edges[0], 3);
    expect_sectors(buffer, 100, 20, 512);
    /* Written the same way, and read singly. */
    uint8_t data[10 * 512];
    memset(data, 0x3C, sizeof data);
    write_lba28(0x1F0, 200, 10);
    ck_assert_uint_eq(command(0xC5), 0x58);
    write_words(0x1F0, data, 8 * 512);
    ck_assert_uint_eq(settle(0x1F0), 0x58);
    write_words(0x1F0, data, 2 * 512);
    ck_assert_uint_eq(settle(0x1F0), 0x50);
    in(0x1F7);
    write_lba28(0x1F0, 209, 2);
    out(0x1F7, 0x20);
    read_blocks(2, 1);
    ck_assert_mem_eq(buffer, data, 512);
    expect_sectors(buffer + 512, 210, 1, 512);
}
END_TEST

START_TEST(lba48_commands_use_the_previous_register_contents)
{
    write_lba48(3000, 260);
    ck_assert_uint_eq(in(0x1F2), 4);
    out(0x3F6, 0x80);
    ck_assert_uint_eq(in(0x1F2), 1); /* HOB */
    out(0x1F1, 0);
    ck_assert_uint_eq(in(0x1F2), 4); /* any write clears it */
    write_lba48(3000, 260);
    out(0x1F7, 0x24);
    for (unsigned i = 0; i < 260; i++) {
        ck_assert_uint_eq(settle(0x1F0), 0x58);
        in(0x1F7);
        read_words(0x1F0, 512);
        expect_sectors(buffer, 3000 + i, 1, 512);
    }
    ck_assert_uint_eq(in(0x3F6), 0x50);
    write_lba48(0x100000000ull, 1);
    ck_assert_uint_eq(command(0x24), 0x51);
    ck_assert_uint_eq(in(0x1F1), 0x10);
}
END_TEST

START_TEST(addresses_outside_the_disk_are_not_found)
{
    write_lba28(0x1F0, DISK_SECTORS - 1, 1);
    ck_assert_uint_eq(command(0x20), 0x58);
    write_lba28(0x1F0, DISK_SECTORS - 1, 2);
    ck_assert_uint_eq(command(0x20), 0x51);
    ck_assert_uint_eq(in(0x1F1), 0x10);
    write_lba28(0x1F0, DISK_SECTORS, 1);
    ck_assert_uint_eq(command(0x30), 0x51);
    ck_assert_uint_eq(in(0x1F1), 0x10);
    out(0x1F6, 0xA0);
    out(0x1F2, 1);
    out(0x1F3, 0); /* sectors count from 1 */
    ck_assert_uint_eq(command(0x20), 0x51);
    ck_assert_uint_eq(in(0x1F1), 0x10);
    ck_assert(irq[0]);
    in(0x1F7);
    ck_assert(!irq[0]);
    write_lba28(0x1F0, DISK_SECTORS, 1);
    ck_assert_uint_eq(command(0x40), 0x51);
    write_lba28(0x1F0, 0, 0); /* 256 */
    ck_assert_uint_eq(command(0x40), 0x50);
    write_lba28(0x1F0, 5, 0);
    ck_assert_uint_eq(command(0x70), 0x50);
    ck_assert_uint_eq(command(0x10), 0x50);
}
END_TEST

START_TEST(commands_that_a_disk_does_not_have_are_aborted)
{
    static const uint8_t opcodes[] = {0x00, 0x08, 0xA0, 0xA1, 0xF1, 0xB1, 0xC7, 0x92, 0xDE};
    for (unsigned i = 0; i < sizeof opcodes; i++) {
        out(0x1F6, 0xE0);
        ck_assert_uint_eq(command(opcodes[i]), 0x51);
        ck_assert_uint_eq(in(0x1F1), 0x04);
    }
}
END_TEST

/* READ LONG gives the same check bytes for the same data, and others for other data. */
START_TEST(long_sectors_have_four_check_bytes)
{
    uint8_t first[516], data[516];
    write_lba28(0x1F0, 77, 1);
    ck_assert_uint_eq(command(0x22), 0x58);
    read_words(0x1F0, 512);
    ck_assert_uint_eq(in(0x3F6), 0x58); /* the check bytes are still to come, a byte at a time */
    for (unsigned i = 512; i < 516; i++)
        buffer[i] = (uint8_t)in(0x1F0);
    ck_assert_uint_eq(in(0x1F7), 0x50);
    expect_sectors(buffer, 77, 1, 512);
    memcpy(first, buffer, 516);
    memcpy(data, buffer, 516);
    data[100] ^= 1;
    write_lba28(0x1F0, 78, 1);
    ck_assert_uint_eq(command(0x32), 0x58);
    write_words(0x1F0, data, 512);
    for (unsigned i = 512; i < 516; i++)
        out(0x1F0, data[i]);
    ck_assert_uint_eq(settle(0x1F0), 0x50);
    ck_assert(irq[0]);
    write_lba28(0x1F0, 78, 1);
    command(0x23);
    read_words(0x1F0, 516);
    ck_assert_mem_eq(buffer, data, 512);
    ck_assert(memcmp(buffer + 512, first + 512, 4));
    write_lba28(0x1F0, 79, 1);
    ck_assert_uint_eq(command(0x20), 0x58); /* what lies behind is as it was */
    read_words(0x1F0, 512);
    expect_sectors(buffer, 79, 1, 512);
    write_lba28(0x1F0, 77, 2); /* one sector at a time */
    ck_assert_uint_eq(command(0x22), 0x51);
    ck_assert_uint_eq(command(0x33), 0x51);
}
END_TEST

START_TEST(format_track_takes_its_table_and_checks_the_address)
{
    static const uint8_t table[512];
    write_lba28(0x1F0, 77, 17);
    ck_assert_uint_eq(command(0x50), 0x58);
    write_words(0x1F0, table, 512);
    ck_assert_uint_eq(settle(0x1F0), 0x50);
    ck_assert(irq[0]);
    write_lba28(0x1F0, 77, 1);
    command(0x20);
    read_words(0x1F0, 512);
    expect_sectors(buffer, 77, 1, 512);
    write_lba28(0x1F0, DISK_SECTORS, 17);
    ck_assert_uint_eq(command(0x50), 0x51);
    ck_assert_uint_eq(in(0x1F1), 0x10);
}
END_TEST

START_TEST(power_features_buffer_and_maximum_commands_work)
{
    out(0x1F6, 0xE0);
    command(0xE5);
    ck_assert_uint_eq(in(0x1F2), 0xFF);
    command(0xE0);
    command(0x98);
    ck_assert_uint_eq(in(0x1F2), 0x00);
    command(0x97);
    command(0xE5);
    ck_assert_uint_eq(in(0x1F2), 0x80);
    /* Transfer modes: ultra DMA 2 is taken, 7 is not. */
    out(0x1F1, 0x03);
    out(0x1F2, 0x42);
    ck_assert_uint_eq(command(0xEF), 0x50);
    command(0xEC);
    read_words(0x1F0, 512);
    ck_assert_uint_eq(word(88), 0x043F);
    ck_assert_uint_eq(word(63), 0x0007);
    out(0x1F2, 0x47);
    ck_assert_uint_eq(command(0xEF), 0x51);
    out(0x1F1, 0x82);
    command(0xEF);
    command(0xEC);
    read_words(0x1F0, 512);
    ck_assert_uint_eq(word(85) & 0x20, 0);
    uint8_t data[512];
    memset(data, 0x77, 512);
    ck_assert_uint_eq(command(0xE8), 0x58);
    write_words(0x1F0, data, 512);
    settle(0x1F0);
    ck_assert_uint_eq(command(0xE4), 0x58);
    read_words(0x1F0, 512);
    ck_assert_mem_eq(buffer, data, 512);
    command(0xF8);
    ck_assert_uint_eq(in(0x1F3) | in(0x1F4) << 8 | in(0x1F5) << 16 | (in(0x1F6) & 15) << 24,
                      DISK_SECTORS - 1);
    out(0x1F1, 0);
    write_lba28(0x1F0, 999, 0);
    ck_assert_uint_eq(command(0xF9), 0x50);
    write_lba28(0x1F0, 1000, 1);
    ck_assert_uint_eq(command(0x20), 0x51);
    ck_assert_uint_eq(command(0xF9), 0x51); /* not right after READ NATIVE MAX */
    /* Asleep, only a reset is heard. */
    command(0xE6);
    in(0x1F7);
    out(0x1F7, 0xEC);
    pass_us(1000);
    ck_assert(!irq[0]);
    out(0x3F6, 4);
    out(0x3F6, 0);
    ck_assert_uint_eq(settle(0x1F0), 0x50);
    ck_assert_uint_eq(command(0xEC), 0x58);
}
END_TEST

START_TEST(smart_answers_after_its_key)
{
    out(0x1F6, 0xE0);
    out(0x1F1, 0xD0);
    out(0x1F4, 0x4F);
    out(0x1F5, 0);
    ck_assert_uint_eq(command(0xB0), 0x51);
    out(0x1F5, 0xC2);
    ck_assert_uint_eq(command(0xB0), 0x58);
    read_words(0x1F0, 512);
    uint8_t sum = 0;
    for (unsigned i = 0; i < 512; i++)
        sum = (uint8_t)(sum + buffer[i]);
    ck_assert_uint_eq(sum, 0);
    out(0x1F1, 0xDA);
    ck_assert_uint_eq(command(0xB0), 0x50);
    ck_assert(in(0x1F4) == 0x4F && in(0x1F5) == 0xC2);
    out(0x1F1, 0xD9);
    command(0xB0);
    out(0x1F1, 0xDA);
    ck_assert_uint_eq(command(0xB0), 0x51);
}
END_TEST

START_TEST(resets_leave_signatures)
{
    out(0x3F6, 0x04);
    ck_assert_uint_eq(in(0x1F7), 0x80);
    out(0x3F6, 0x00);
    ck_assert_uint_eq(settle(0x1F0), 0x50);
    ck_assert(in(0x1F1) == 1 && in(0x1F2) == 1 && in(0x1F3) == 1 && in(0x1F4) == 0 && in(0x1F5) == 0);
    ck_assert(!irq[0]);
    out(0x376, 0x04);
    out(0x376, 0x00);
    ck_assert_uint_eq(settle(0x170), 0x00);
    ck_assert(in(0x171) == 1 && in(0x172) == 1 && in(0x173) == 1 && in(0x174) == 0x14 && in(0x175) == 0xEB);
    out(0x1F6, 0xB0);
    out(0x1F7, 0x90);
    ck_assert_uint_eq(settle(0x1F0), 0x00); /* no device 1 */
    out(0x1F6, 0xA0);
    out(0x1F7, 0x90);
    ck_assert_uint_eq(settle(0x1F0), 0x50);
    ck_assert(irq[0]);
    ck_assert(in(0x1F1) == 1 && in(0x1F4) == 0);
}
END_TEST

START_TEST(absent_drives_are_seen_as_absent)
{
    out(0x1F6, 0xB0);
    ck_assert(in(0x1F7) == 0 && in(0x3F6) == 0);
    out(0x1F2, 0x55);
    out(0x1F3, 0xAA);
    ck_assert(in(0x1F2) != 0x55 || in(0x1F3) != 0xAA);
    out(0x1F7, 0xEC);
    pass_us(1000);
    ck_assert(!irq[0] && in(0x1F7) == 0);
    out(0x1F6, 0xA0);
    ck_assert_uint_eq(in(0x1F7), 0x50);
    ck_assert_uint_eq(ports_read(bus, 0x3F7, 1) & 0x7F, 0x40 | 15 << 2 | 2);
    /* An empty cable floats, but for DD7. */
    teardown();
    build_bus();
    struct ide_config config = {.irq = {{irq_set, NULL, 14}, {irq_set, NULL, 15}}};
    ide = device_create(&list, &ide_type, NULL, &config, NULL);
    devices_reset(&list, RESET_POWER_ON);
    ck_assert(in(0x1F7) == 0x7F && in(0x376) == 0x7F);
    ck_assert_uint_eq(ports_read(bus, 0x1F0, 2), 0xFF7F);
    out(0x176, 0xB0);
    ck_assert_uint_eq(in(0x177), 0x7F);
}
END_TEST

START_TEST(interrupt_enable_gates_the_line)
{
    out(0x3F6, 2);
    out(0x1F6, 0xA0);
    command(0xEC);
    ck_assert(!irq[0]);
    out(0x3F6, 0);
    ck_assert(irq[0]);
    out(0x1F6, 0xB0); /* the other drive does not interrupt */
    ck_assert(!irq[0]);
    out(0x1F6, 0xA0);
    ck_assert(irq[0]);
    in(0x1F7);
    ck_assert(!irq[0]);
}
END_TEST

START_TEST(read_only_disk_refuses_writes)
{
    teardown();
    build_bus();
    struct ide_config config = {.irq = {{irq_set, NULL, 14}, {irq_set, NULL, 15}}};
    config.drive[1] = (struct ide_drive_config){.kind = IDE_DISK, .image = make_image(1008 * 2, 512, true)};
    ide = device_create(&list, &ide_type, NULL, &config, NULL);
    devices_reset(&list, RESET_POWER_ON);
    write_lba28(0x1F0, 0, 1);
    out(0x1F6, 0xF0);
    ck_assert_uint_eq(in(0x1F7), 0x50);
    ck_assert_uint_eq(command(0x30), 0x58);
    write_words(0x1F0, buffer, 512);
    ck_assert_uint_eq(settle(0x1F0), 0x51);
    ck_assert_uint_eq(in(0x1F1), 0x04);
}
END_TEST

/* ---- bus master ---- */

static void put_region(unsigned index, uint32_t address, unsigned bytes, bool last)
{
    uint32_t entry[2] = {address, (bytes & 0xFFFF) | (last ? 0x80000000u : 0)};
    memcpy(ram->bytes + 0x1000 + 8 * index, entry, 8);
    ports_write(bus, BM + 4, 0x1000, 4);
}

static void wait_bm(void)
{
    for (unsigned i = 0; i < 100000 && !(in(BM + 2) & 4); i++)
        pass_us(1);
}

START_TEST(bus_master_reads_into_scattered_regions)
{
    put_region(0, 0x20000, 700, false);
    put_region(1, 0x30000, 3 * 512 - 700, true);
    write_lba28(0x1F0, 321, 3);
    out(BM + 2, 0x06);
    out(BM, 0x08);
    out(0x1F7, 0xC8);
    out(BM, 0x09);
    ck_assert_uint_eq(in(BM + 2) & 5, 1);
    wait_bm();
    ck_assert_uint_eq(in(BM + 2) & 7, 4);
    ck_assert(irq[0]);
    ck_assert_uint_eq(in(0x1F7), 0x50);
    out(BM, 0x08);
    out(BM + 2, 4);
    ck_assert_uint_eq(in(BM + 2) & 7, 0);
    memcpy(buffer, ram->bytes + 0x20000, 700);
    memcpy(buffer + 700, ram->bytes + 0x30000, 3 * 512 - 700);
    expect_sectors(buffer, 321, 3, 512);
    ck_assert_uint_eq(ram->bytes[0x20000 + 700], 0);
}
END_TEST

START_TEST(bus_master_moves_more_than_one_buffer)
{
    for (unsigned i = 0; i < 2; i++)
        put_region(i, 0x40000 + 0x10000 * i, 0, i == 1); /* 64 KB each */
    write_lba28(0x1F0, 10, 0);
    out(BM, 0x08);
    out(0x1F7, 0xC8);
    out(BM, 0x09);
    wait_bm();
    ck_assert_uint_eq(in(BM + 2) & 7, 4);
    expect_sectors(ram->bytes + 0x40000, 10, 256, 512);
    /* And back to another place of the disk, with the larger command. */
    put_region(1, 0x50000, 0, true);
    write_lba48(5000, 256);
    out(BM, 0x00);
    out(BM + 2, 4);
    out(0x1F7, 0x35);
    pass_us(50);
    out(BM, 0x01); /* started after the drive was ready */
    wait_bm();
    ck_assert_uint_eq(in(BM + 2) & 7, 4);
    in(0x1F7);
    out(BM, 0x00);
    write_lba28(0x1F0, 5255, 1);
    out(0x1F7, 0x20);
    read_blocks(1, 1);
    expect_sectors(buffer, 265, 1, 512);
}
END_TEST

START_TEST(bus_master_states_tell_who_ended_first)
{
    /* Regions larger than the transfer: active stays. */
    put_region(0, 0x20000, 4096, true);
    write_lba28(0x1F0, 1, 2);
    out(BM, 0x08);
    out(0x1F7, 0xC8);
    out(BM, 0x09);
    wait_bm();
    ck_assert_uint_eq(in(BM + 2) & 7, 5);
    out(BM, 0x08);
    ck_assert_uint_eq(in(BM + 2) & 1, 0);
    in(0x1F7);
    /* Smaller: the drive waits, without interrupt; a new start goes on. */
    out(BM + 2, 4);
    put_region(0, 0x20000, 512, true);
    write_lba28(0x1F0, 1, 2);
    out(0x1F7, 0xC8);
    out(BM, 0x09);
    pass_us(5000);
    ck_assert_uint_eq(in(BM + 2) & 7, 0);
    ck_assert_uint_eq(in(0x3F6) & 0x88, 0x08);
    put_region(0, 0x20200, 512, true);
    out(BM, 0x08);
    out(BM, 0x09);
    wait_bm();
    ck_assert_uint_eq(in(BM + 2) & 7, 4);
    expect_sectors(ram->bytes + 0x20000, 1, 2, 512);
}
END_TEST

/* ---- ATAPI ---- */

static unsigned packet_irqs;

static void send_packet(const uint8_t *packet, unsigned limit, bool dma)
{
    out(0x176, 0xA0);
    out(0x171, dma);
    out(0x174, limit & 0xFF);
    out(0x175, limit >> 8);
    out(0x177, 0xA0);
    ck_assert_uint_eq(settle(0x170), 0x58);
    ck_assert_uint_eq(in(0x172) & 7, 1); /* command wanted */
    irq_edges[1] = 0;
    write_words(0x170, packet, 12);
}

/* A packet with data towards the host; the number of bytes is returned. */
static unsigned packet_in(const uint8_t *packet, unsigned limit)
{
    unsigned total = 0;
    send_packet(packet, limit, false);
    while (settle(0x170) & 0x08) {
        ck_assert(irq[1]);
        in(0x177);
        ck_assert_uint_eq(in(0x172) & 7, 2);
        unsigned part = in(0x174) | in(0x175) << 8;
        ck_assert(part > 0 && part <= limit && total + part < sizeof buffer);
        for (unsigned i = 0; i < part; i += 2) {
            unsigned value = ports_read(bus, 0x170, 2);
            buffer[total + i] = (uint8_t)value;
            if (i + 1 < part)
                buffer[total + i + 1] = (uint8_t)(value >> 8);
        }
        total += part;
    }
    ck_assert(irq[1]);
    ck_assert_uint_eq(in(0x172) & 7, 3);
    packet_irqs = irq_edges[1];
    return total;
}

#define PACKET(limit, ...) packet_in((const uint8_t[12]){__VA_ARGS__}, limit)

static void expect_ok(void)
{
    ck_assert_uint_eq(in(0x177), 0x50);
}

static void expect_sense(unsigned key, unsigned asc)
{
    ck_assert_uint_eq(in(0x171), key << 4 | 4);
    ck_assert_uint_eq(in(0x177), 0x51);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x03, 0, 0, 0, 18), 18);
    expect_ok();
    ck_assert_msg(buffer[0] == 0x70 && buffer[2] == key && buffer[12] == asc, "sense %X/%02X", buffer[2],
                  buffer[12]);
}

START_TEST(packet_device_identifies_itself)
{
    out(0x176, 0xA0);
    out(0x177, 0xEC);
    ck_assert_uint_eq(settle(0x170), 0x51);
    ck_assert(in(0x174) == 0x14 && in(0x175) == 0xEB && in(0x171) == 4);
    out(0x177, 0xA1);
    ck_assert_uint_eq(settle(0x170), 0x58);
    read_words(0x170, 512);
    ck_assert_uint_eq(word(0), 0x85C0);
    ck_assert_uint_eq(in(0x376), 0x50);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x12, 0, 0, 0, 36), 36);
    expect_ok();
    ck_assert(buffer[0] == 5 && buffer[1] == 0x80 && !memcmp(buffer + 8, "TICK86  CD-ROM", 14));
    ck_assert_uint_eq(PACKET(0xFFFE, 0x12, 0, 0, 0, 5), 5); /* cut to what was allocated, odd */
    expect_ok();
    out(0x177, 0x08);
    ck_assert_uint_eq(settle(0x170), 0x00);
    ck_assert(in(0x174) == 0x14 && in(0x175) == 0xEB);
}
END_TEST

START_TEST(blocks_are_read_in_parts_of_the_byte_count_limit)
{
    ck_assert_uint_eq(PACKET(2048, 0x28, 0, 0, 0, 0, 17, 0, 0, 3), 3 * 2048);
    expect_ok();
    ck_assert_uint_eq(packet_irqs, 4);
    expect_sectors(buffer, 17, 3, 2048);
    ck_assert_uint_eq(PACKET(0xFFFE, 0xA8, 0, 0, 0, 1, 0, 0, 0, 0, 32), 32 * 2048);
    expect_ok();
    ck_assert_uint_eq(packet_irqs, 3); /* 31 blocks, 1 block, end */
    expect_sectors(buffer, 256, 32, 2048);
    ck_assert_uint_eq(PACKET(513, 0x28, 0, 0, 0, 0, 5, 0, 0, 1), 2048); /* odd limits are rounded down */
    ck_assert_uint_eq(packet_irqs, 5);
    expect_sectors(buffer, 5, 1, 2048);
    ck_assert_uint_eq(PACKET(2048, 0x28, 0, 0, 0, 0, 17, 0, 0, 0), 0);
    expect_ok();
    PACKET(2048, 0x28, 0, 0, 0, 1, 0x8F, 0, 0, 2); /* 399 and one more */
    expect_sense(5, 0x21);
}
END_TEST

START_TEST(blocks_are_read_by_bus_master)
{
    put_region(0, 0x20000, 5 * 2048, true);
    ports_write(bus, BM + 12, 0x1000, 4);
    out(BM + 10, 6);
    out(BM + 8, 8);
    send_packet((const uint8_t[12]){0x28, 0, 0, 0, 0, 100, 0, 0, 5}, 0, true);
    out(BM + 8, 9);
    for (unsigned i = 0; i < 10000 && !irq[1]; i++)
        pass_us(1);
    ck_assert_uint_eq(in(BM + 10) & 7, 4);
    expect_ok();
    expect_sectors(ram->bytes + 0x20000, 100, 5, 2048);
}
END_TEST

static uint8_t times(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b; b >>= 1, a = a << 1 ^ (a & 0x80 ? 0x11D : 0))
        product ^= b & 1 ? a : 0;
    return (uint8_t)product;
}

/* ECMA-130 annex A: a code word times the check matrix (all ones; falling powers of x) is zero. The bytes of
 * P lie STEP apart; those of Q too, modulo 2236, with their two parity bytes at the end of the sector. */
static void check_code_word(const uint8_t *data, unsigned first, unsigned step, unsigned modulus,
                            unsigned count)
{
    uint8_t plain = 0, weighted = 0;
    bool q = count == 43;
    for (unsigned i = 0; i < (q ? 45 : count); i++) {
        unsigned at = q ? (first + step * i) % modulus : first + 86 * i;
        if (q && i >= 43)
            at = 2236 + first / 86 * 2 + first % 2 + (i - 43) * 52;
        plain ^= data[at];
        weighted = times(weighted, 2) ^ data[at];
    }
    ck_assert_msg(!plain && !weighted, "code word at %u of %s", first, q ? "Q" : "P");
}

START_TEST(raw_sectors_have_sync_header_and_correct_codes)
{
    ck_assert_uint_eq(PACKET(0xFFFE, 0xBE, 0, 0, 0, 0, 30, 0, 0, 2, 0xF8), 2 * 2352);
    expect_ok();
    const uint8_t *raw = buffer + 2352;
    ck_assert(raw[0] == 0 && raw[1] == 0xFF && raw[11] == 0);
    ck_assert(raw[12] == 0x00 && raw[13] == 0x02 && raw[14] == 0x31 && raw[15] == 1); /* 31 + 150 frames */
    expect_sectors(raw + 16, 31, 1, 2048);
    for (unsigned i = 0; i < 86; i++)
        check_code_word(raw + 12, i, 43 * 2, 86 * 26, 26);
    for (unsigned i = 0; i < 52; i++)
        check_code_word(raw + 12, 86 * (i / 2) + i % 2, 44 * 2, 2236, 43);
    ck_assert_uint_eq(PACKET(0xFFFE, 0xBE, 0, 0, 0, 0, 30, 0, 0, 1, 0x10), 2048);
    expect_sectors(buffer, 30, 1, 2048);
    ck_assert_uint_eq(PACKET(0xFFFE, 0xB9, 0, 0, 0, 2, 30, 0, 2, 32, 0x10), 2 * 2048);
    expect_sectors(buffer, 30, 2, 2048);
    PACKET(0xFFFE, 0xBE, 1 << 2, 0, 0, 0, 30, 0, 0, 1, 0x10); /* audio */
    expect_sense(5, 0x64);
}
END_TEST

START_TEST(known_sector_gets_its_known_edc)
{
    /* All zeros at 00:02:00: the codes that every mastering program writes for it. */
    uint8_t raw[CD_RAW_BYTES] = {0};
    cd_encode_mode1(raw, 0);
    uint32_t crc = 0;
    for (unsigned i = 0; i < 2068; i++) {
        crc ^= raw[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xD8018001u : 0);
    }
    ck_assert_uint_eq(crc, 0); /* the code over itself leaves nothing */
    ck_assert_uint_eq(cd_lba(0, 2, 0), 0);
    uint8_t msf[3];
    cd_msf(4500 - 150 + 74, msf);
    ck_assert(msf[0] == 1 && msf[1] == 0 && msf[2] == 74);
}
END_TEST

START_TEST(disc_tables_describe_one_data_track)
{
    ck_assert_uint_eq(PACKET(0xFFFE, 0x25), 8);
    ck_assert(buffer[2] == (CD_BLOCKS - 1) >> 8 && buffer[3] == ((CD_BLOCKS - 1) & 0xFF) && buffer[6] == 8);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x43, 0, 0, 0, 0, 0, 0, 0, 100), 20);
    ck_assert(buffer[1] == 18 && buffer[2] == 1 && buffer[3] == 1 && buffer[5] == 0x14 && buffer[6] == 1);
    ck_assert(buffer[14] == 0xAA && buffer[18] == CD_BLOCKS >> 8 && buffer[19] == (CD_BLOCKS & 0xFF));
    ck_assert_uint_eq(PACKET(0xFFFE, 0x43, 2, 0, 0, 0, 0, 0xAA, 0, 12), 12);
    ck_assert(buffer[6] == 0xAA && buffer[9] == 0 && buffer[10] == 7 &&
              buffer[11] == 25); /* 400 + 150 frames */
    ck_assert_uint_eq(PACKET(0xFFFE, 0x43, 0, 1, 0, 0, 0, 0, 0, 100), 12);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x43, 2, 2, 0, 0, 0, 0, 0, 100), 48);
    ck_assert(buffer[7] == 0xA0 && buffer[12] == 1);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x42, 2, 0x40, 1, 0, 0, 0, 0, 100), 16);
    ck_assert_uint_eq(buffer[1], 0x15);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x44, 0, 0, 0, 0, 9, 0, 0, 8), 8);
    ck_assert(buffer[0] == 1 && buffer[7] == 9);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x51, 0, 0, 0, 0, 0, 0, 0, 34), 34);
    ck_assert_uint_eq(buffer[2], 0x0E);
    ck_assert_uint_eq(PACKET(0xFFFE, 0xBD, 0, 0, 0, 0, 0, 0, 0, 0, 8), 8);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x46, 0, 0, 0, 0, 0, 0, 0, 200) & 3, 0);
    ck_assert(buffer[7] == 0x08 && buffer[3] > 40);
    PACKET(0xFFFE, 0x47);
    expect_sense(5, 0x64);
    PACKET(0xFFFE, 0xEE);
    expect_sense(5, 0x20);
}
END_TEST

START_TEST(mode_pages_are_sensed_and_selected)
{
    ck_assert_uint_eq(PACKET(0xFFFE, 0x5A, 0, 0x2A, 0, 0, 0, 0, 0, 100), 28);
    ck_assert(buffer[1] == 26 && buffer[2] == 1 && buffer[8] == 0x2A && buffer[9] == 18);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x5A, 0, 0x3F, 0, 0, 0, 0, 1, 0), 8 + 8 + 8 + 16 + 20);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x1A, 0, 0x0E, 0, 100), 20);
    ck_assert_uint_eq(buffer[4 + 9], 0xFF);
    static const uint8_t list[24] = {0, 22, [8] = 0x0E, 14, 2, [16] = 1, 0x80, 2, 0x90};
    send_packet((const uint8_t[12]){0x55, 0x10, 0, 0, 0, 0, 0, 0, 24}, 16, false);
    ck_assert_uint_eq(settle(0x170), 0x58);
    ck_assert(in(0x174) == 16 && (in(0x172) & 7) == 0);
    write_words(0x170, list, 16);
    ck_assert_uint_eq(settle(0x170), 0x58);
    ck_assert_uint_eq(in(0x174), 8);
    write_words(0x170, list + 16, 8);
    settle(0x170);
    expect_ok();
    PACKET(0xFFFE, 0x5A, 0, 0x0E, 0, 0, 0, 0, 0, 24);
    ck_assert(buffer[8 + 9] == 0x80 && buffer[8 + 11] == 0x90);
    PACKET(0xFFFE, 0x5A, 0, 0x8E, 0, 0, 0, 0, 0, 24); /* defaults */
    ck_assert_uint_eq(buffer[8 + 9], 0xFF);
    PACKET(0xFFFE, 0x5A, 0, 0xCE, 0, 0, 0, 0, 0, 24);
    expect_sense(5, 0x39);
    PACKET(0xFFFE, 0x5A, 0, 0x05, 0, 0, 0, 0, 0, 24);
    expect_sense(5, 0x24);
}
END_TEST

START_TEST(changed_medium_gives_unit_attention_once)
{
    PACKET(0xFFFE, 0x00);
    expect_ok();
    ck_assert(ide_insert(ide, 2, NULL, NULL));
    PACKET(0xFFFE, 0x00);
    expect_sense(2, 0x3A);
    PACKET(0xFFFE, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
    expect_sense(2, 0x3A);
    ck_assert(ide_insert(ide, 2, make_image(50, 2048, true), NULL));
    ck_assert_uint_eq(PACKET(0xFFFE, 0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8), 8);
    ck_assert(buffer[4] == 2 && buffer[5] == 2);
    PACKET(0xFFFE, 0x00);
    expect_sense(6, 0x28);
    PACKET(0xFFFE, 0x00);
    expect_ok();
    PACKET(0xFFFE, 0x25);
    ck_assert_uint_eq(buffer[3], 49);
    struct error err;
    ck_assert(!ide_insert(ide, 0, NULL, &err));
}
END_TEST

START_TEST(tray_opens_unless_locked)
{
    PACKET(0xFFFE, 0x1E, 0, 0, 0, 1);
    expect_ok();
    PACKET(0xFFFE, 0x1B, 0, 0, 0, 2);
    expect_sense(5, 0x53);
    PACKET(0xFFFE, 0x1E, 0, 0, 0, 0);
    PACKET(0xFFFE, 0x1B, 0, 0, 0, 2);
    expect_ok();
    PACKET(0xFFFE, 0x00);
    expect_sense(2, 0x3A);
    PACKET(0xFFFE, 0x1B, 0, 0, 0, 3);
    expect_ok();
    PACKET(0xFFFE, 0x00);
    expect_sense(6, 0x28);
    ck_assert_uint_eq(PACKET(0xFFFE, 0x28, 0, 0, 0, 0, 1, 0, 0, 1), 2048);
    expect_ok();
}
END_TEST

/* ---- PCI ---- */

START_TEST(pci_function_maps_bus_master_and_channels)
{
    teardown();
    build_bus();
    struct pci_bus *pci = device_create(&list, &pci_bus_type, NULL, NULL, NULL);
    struct ide_config config = {.pci = pci, .devfn = 9, .irq = {{irq_set, NULL, 14}, {irq_set, NULL, 15}}};
    config.drive[0] = (struct ide_drive_config){.kind = IDE_DISK, .image = make_image(2016, 512, false)};
    ide = device_create(&list, &ide_type, NULL, &config, NULL);
    ck_assert_ptr_nonnull(ide);
    devices_reset(&list, RESET_POWER_ON);
    ck_assert_uint_eq(pci_config_read(pci, 9, 0, 4), 0x70108086);
    ck_assert_uint_eq(pci_config_read(pci, 9, 8, 4) >> 8, 0x010180);
    ck_assert_uint_eq(in(0x1F7), 0x50);
    pci_config_write(pci, 9, 0x20, 0xFFFFFFFF, 4);
    ck_assert_uint_eq(pci_config_read(pci, 9, 0x20, 4) & 0xFFFF, 0xFFF1);
    pci_config_write(pci, 9, 0x20, BM, 4);
    ck_assert_uint_eq(in(BM + 2), 0xFF);
    pci_config_write(pci, 9, 4, 1, 2);
    ck_assert_uint_eq(in(BM + 2), 0);
    /* Without the bus-master bit nothing moves. */
    put_region(0, 0x20000, 512, true);
    write_lba28(0x1F0, 7, 1);
    out(BM, 0x08);
    out(0x1F7, 0xC8);
    out(BM, 0x09);
    pass_us(2000);
    ck_assert(!irq[0]);
    out(BM, 0x08);
    pci_config_write(pci, 9, 4, 5, 2);
    out(BM, 0x09);
    wait_bm();
    expect_sectors(ram->bytes + 0x20000, 7, 1, 512);
    /* IDETIM switches a channel off the bus. */
    pci_config_write(pci, 9, 0x40, 0x0000, 2);
    ck_assert_uint_eq(in(0x1F7), 0xFF);
    pci_config_write(pci, 9, 0x40, 0x8000, 2);
    ck_assert_uint_eq(in(0x1F7), 0x50);
}
END_TEST

START_TEST(impossible_configurations_are_refused)
{
    teardown();
    build_bus();
    struct image *image = make_image(2016, 512, false);
    struct ide_config config = {.drive = {{.kind = IDE_DISK, .image = image, .geometry = {3, 16, 63}}}};
    struct error err = {""};
    ck_assert_ptr_null(device_create(&list, &ide_type, NULL, &config, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "sectors"));
    config.drive[0].geometry.heads = 99;
    ck_assert_ptr_null(device_create(&list, &ide_type, NULL, &config, &err));
    config.drive[0].geometry = (struct disk_geometry){4, 8, 63};
    ck_assert_ptr_nonnull(ide = device_create(&list, &ide_type, NULL, &config, &err));
    ck_assert_uint_eq(ide_geometry(ide, 0)->heads, 8);
}
END_TEST

/* No interrupt announces the first data request, so a host that would sleep must find it at once. */
START_TEST(only_commands_that_take_data_first_are_ready_at_once)
{
    write_lba28(0x1F0, 3000, 1);
    out(0x1F7, 0x30);
    ck_assert_uint_eq(in(0x3F6), 0x58);
    out(0x1F7, 0x20);
    ck_assert_uint_eq(in(0x3F6), 0x80);
    out(0x176, 0xA0);
    out(0x177, 0xA0);
    ck_assert_uint_eq(in(0x376), 0x58);
    out(0x177, 0xA1);
    ck_assert_uint_eq(in(0x376), 0x80);
}
END_TEST

START_TEST(sequential_reads_are_faster_than_seeks)
{
    write_lba28(0x1F0, 3000, 1);
    uint64_t start = clock_.now;
    command(0x20);
    uint64_t far = clock_.now - start;
    read_words(0x1F0, 512);
    write_lba28(0x1F0, 3001, 1);
    start = clock_.now;
    command(0x20);
    uint64_t next = clock_.now - start;
    ck_assert(far >= 50 * (HZ / 1000000) && far < 200 * (HZ / 1000000));
    ck_assert(next > 0 && next < far / 2);
}
END_TEST

/* A command that makes sense, so that chance gets further than errors. */
static void whole_command(uint16_t base, unsigned r, uint8_t opcode, uint8_t packet)
{
    write_lba28(base, r >> 13 & 0xFFF, r >> 25 & 15);
    if (base == 0x1F0) {
        out(0x1F7, opcode);
        return;
    }
    out(0x171, r >> 5 & 1); /* DMA or not */
    out(0x175, 8);
    out(0x177, 0xA0);
    pass_us(10);
    const uint8_t bytes[12] = {packet,         r >> 6 & 2, 0, 0,           r >> 13 & 1,
                               r >> 14 & 0xFF, 0,          0, r >> 25 & 7, 0xF8};
    write_words(0x170, bytes, 12);
}

/* One random access from SEED; what was read is mixed into HASH. */
static void poke(uint64_t *seed, uint64_t *hash)
{
    static const uint8_t opcodes[] = {0x20, 0x30, 0xC8, 0xCA, 0x25, 0x35, 0xC4,
                                      0xC5, 0xEC, 0xA0, 0xA1, 0x24, 0x40, 0xC6};
    static const uint8_t cdb[] = {0x28, 0xBE, 0xA8, 0x43, 0x5A, 0x55, 0x42,
                                  0x46, 0x12, 0x1B, 0xB9, 0x4A, 0x51};
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    unsigned r = (unsigned)(*seed >> 32), kind = r & 15, value = r >> 20 & 0xFF, got = 0;
    uint16_t base = (uint16_t)base_of(r >> 4 & 1);
    if (kind < 2)
        out((uint16_t)(base + 1 + (r >> 5) % 6), r >> 12 & 1 ? value & 0x5F : 0);
    else if (kind == 2)
        whole_command(base, r, opcodes[(r >> 9) % sizeof opcodes], cdb[(r >> 9) % sizeof cdb]);
    else if (kind == 3)
        out((uint16_t)(base + 7), r >> 6 & 7 ? opcodes[(r >> 9) % sizeof opcodes] : value);
    else if (kind < 6)
        for (unsigned n = r >> 8 & 0x1FF; n; n--)
            got = got * 31 + ports_read(bus, base, 2);
    else if (kind < 8)
        for (unsigned n = r >> 8 & 0x1FF; n; n--)
            ports_write(bus, base, r >> 5, r >> 6 & 1 ? 4 : 2);
    else if (kind == 8 && r >> 5 & 1)
        ports_write(bus, BM + 4 + (r >> 6 & 1) * 8, 0x1000, 4);
    else if (kind == 8)
        out((uint16_t)(BM + (r >> 5 & 15)), value);
    else if (kind == 9)
        out((uint16_t)(BM + (r >> 5 & 8)), r >> 6 & 9);
    else if (kind == 10) {
        ports_write(bus, base, cdb[(r >> 5) % sizeof cdb] | (r >> 16 & 0x1000), 2);
        for (unsigned n = 0; n < 5; n++)
            ports_write(bus, base, (r >> n) & 0x0303, 2);
    } else if (kind == 11)
        got = in((uint16_t)(base + (r >> 5 & 7))) | in((uint16_t)(BM + (r >> 8 & 15))) << 8;
    else if (kind == 12 && (r >> 5 & 31) == 0)
        out((uint16_t)(base + 0x206), value);
    else if (kind == 13 && (r >> 5 & 7) == 0)
        out((uint16_t)(base + 0x206), 0);
    else if (kind == 13)
        out((uint16_t)(base + 6), 0xE0); /* mostly at drives that are there */
    else
        pass_us(r >> 5 & 0x3FF);
    *hash = (*hash ^ got ^ (unsigned)irq[0] << 8 ^ (unsigned)irq[1] << 9) * 0x100000001B3u;
}

/* Mixes in what the monitor would show, and when the next event is due. */
static void look(uint64_t *hash)
{
    struct text text = {0};
    ide_type.print(ide, &text);
    for (size_t i = 0; i < text.length; i++)
        if (strncmp(text.chars + i, "/tmp/tick86-ide-", 16))
            *hash = (*hash ^ (uint8_t)text.chars[i]) * 0x100000001B3u;
        else
            i += 22; /* the name of the temporary file */
    text_free(&text);
    *hash = (*hash ^ clock_.deadline) * 0x100000001B3u;
}

static void put_regions(void)
{
    for (unsigned i = 0; i < 8; i++)
        put_region(i, 0x20000 + 0x8000 * i, 4096 * i, i == 7);
    ports_write(bus, BM + 12, 0x1000, 4);
}

START_TEST(random_port_accesses_do_no_harm)
{
    uint64_t seed = 8086, hash = 0;
    put_regions();
    for (unsigned i = 0; i < 200000; i++)
        poke(&seed, &hash);
    struct text text = {0};
    ide_type.print(ide, &text);
    ck_assert_uint_gt(text.length, 100);
    text_free(&text);
    ck_assert_uint_gt(ide_activity(ide), 1000);
}
END_TEST

/* Whatever the drives are at, a machine that was restored goes on as the saved one does. */
START_TEST(restored_state_goes_on_alike)
{
    uint64_t seed = 1 + (uint64_t)_i * 77, hash[2] = {0, 0};
    struct text blob = {0};
    size_t size = (size_t)DISK_SECTORS * 512;
    uint8_t *disk = malloc(size), *memory = malloc(ram->size);
    uint8_t *fresh[2] = {malloc(ide_type.state_size), malloc(ide_type.state_size)},
            *saved = malloc(ide_type.state_size);
    memcpy(fresh[0], ide, ide_type.state_size);
    put_regions();
    for (unsigned i = 0; i < 3000 + 100 * (unsigned)_i; i++)
        poke(&seed, &hash[0]);
    state_blob_save_all(&list, &blob);
    ck_assert(image_read(ide_image(ide, 0), 0, disk, size));
    memcpy(memory, ram->bytes, ram->size);
    uint64_t now = clock_.now;
    uint64_t activity = ide_activity(ide);
    memcpy(saved, ide, ide_type.state_size);
    bool levels[2] = {irq[0], irq[1]};
    for (unsigned run = 0; run < 2; run++) {
        uint64_t again = seed;
        hash[run] = 0;
        for (unsigned i = 0; i < 3000; i++) {
            poke(&again, &hash[run]);
            look(&hash[run]);
        }
        if (run == 0) {
            teardown();
            setup();
            clock_.now = now;
            ck_assert(image_write(ide_image(ide, 0), 0, disk, size));
            memcpy(ram->bytes, memory, ram->size);
            memcpy(irq, levels, sizeof irq);
            memcpy(fresh[1], ide, ide_type.state_size);
            state_blob_load_all(&list, &blob);
            state_blob_expect_complete(device_find(&list, "ide"), fresh[0], saved, fresh[1], activity);
        }
    }
    ck_assert_uint_eq(hash[0], hash[1]);
    free(fresh[0]);
    free(fresh[1]);
    free(saved);
    text_free(&blob);
    free(disk);
    free(memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ide");
    TCase *disk = tcase_create("disk"), *dma = tcase_create("bus master"), *atapi = tcase_create("atapi");
    TCase *all = tcase_create("machine");
    tcase_add_checked_fixture(disk, setup, teardown);
    tcase_add_test(disk, identify_tells_capacity_geometry_and_modes);
    tcase_add_test(disk, sectors_are_read_by_lba_and_by_chs);
    tcase_add_test(disk, other_translations_map_to_the_same_sectors);
    tcase_add_test(disk, byte_and_doubleword_accesses_move_the_same_data);
    tcase_add_test(disk, written_sectors_are_read_back);
    tcase_add_test(disk, multiple_moves_blocks_with_one_interrupt_each);
    tcase_add_test(disk, lba48_commands_use_the_previous_register_contents);
    tcase_add_test(disk, addresses_outside_the_disk_are_not_found);
    tcase_add_test(disk, commands_that_a_disk_does_not_have_are_aborted);
    tcase_add_test(disk, long_sectors_have_four_check_bytes);
    tcase_add_test(disk, format_track_takes_its_table_and_checks_the_address);
    tcase_add_test(disk, power_features_buffer_and_maximum_commands_work);
    tcase_add_test(disk, smart_answers_after_its_key);
    tcase_add_test(disk, resets_leave_signatures);
    tcase_add_test(disk, absent_drives_are_seen_as_absent);
    tcase_add_test(disk, interrupt_enable_gates_the_line);
    tcase_add_test(disk, read_only_disk_refuses_writes);
    tcase_add_test(disk, only_commands_that_take_data_first_are_ready_at_once);
    tcase_add_test(disk, sequential_reads_are_faster_than_seeks);
    tcase_add_checked_fixture(dma, setup, teardown);
    tcase_add_test(dma, bus_master_reads_into_scattered_regions);
    tcase_add_test(dma, bus_master_moves_more_than_one_buffer);
    tcase_add_test(dma, bus_master_states_tell_who_ended_first);
    tcase_add_checked_fixture(atapi, setup, teardown);
    tcase_add_test(atapi, packet_device_identifies_itself);
    tcase_add_test(atapi, blocks_are_read_in_parts_of_the_byte_count_limit);
    tcase_add_test(atapi, blocks_are_read_by_bus_master);
    tcase_add_test(atapi, raw_sectors_have_sync_header_and_correct_codes);
    tcase_add_test(atapi, known_sector_gets_its_known_edc);
    tcase_add_test(atapi, disc_tables_describe_one_data_track);
    tcase_add_test(atapi, mode_pages_are_sensed_and_selected);
    tcase_add_test(atapi, changed_medium_gives_unit_attention_once);
    tcase_add_test(atapi, tray_opens_unless_locked);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, pci_function_maps_bus_master_and_channels);
    tcase_add_test(all, impossible_configurations_are_refused);
    tcase_add_test(all, random_port_accesses_do_no_harm);
    tcase_add_loop_test(all, restored_state_goes_on_alike, 0, 8);
    tcase_set_timeout(all, 60);
    suite_add_tcase(suite, disk);
    suite_add_tcase(suite, dma);
    suite_add_tcase(suite, atapi);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
