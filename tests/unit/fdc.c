/* The floppy controller, driven as a floppy driver does: ports 3F0h-3F7h, IRQ6, DMA channel 2. */
#include "devices/fdc.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/state_blob.h"

#define HZ 100000000ull

static struct bus *bus;
static struct clock clock_;
static struct device_list list;
static struct dma *dma;
static struct fdc *fdc;
static struct ram_block *ram;
static struct mem_region region;
static bool irq;
static unsigned irq_edges;
static char path[64];

static void irq_set(void *owner, unsigned pin, bool level)
{
    (void)owner;
    ck_assert_uint_eq(pin, 6);
    irq_edges += level && !irq;
    irq = level;
}

static void out(uint16_t port, unsigned value)
{
    ports_write(bus, port, value, 1);
}

static unsigned in(uint16_t port)
{
    return ports_read(bus, port, 1);
}

static void pass_ms(unsigned ms)
{
    clock_advance_to(&clock_, clock_.now + ms * (HZ / 1000));
}

/* Each sector of the image begins with its number. */
static struct image *make_image(unsigned sectors, bool read_only)
{
    snprintf(path, sizeof path, "/tmp/tick86-fdc-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (unsigned i = 0; i < sectors; i++) {
        uint8_t sector[512];
        memset(sector, (int)(i * 3), sizeof sector);
        sector[0] = (uint8_t)i;
        sector[1] = (uint8_t)(i >> 8);
        ck_assert_int_eq(write(fd, sector, 512), 512);
    }
    close(fd);
    struct image_options options = {.read_only = read_only};
    struct image *image = image_open(path, &options, NULL);
    ck_assert_ptr_nonnull(image);
    unlink(path);
    return image;
}

static void build(unsigned type_a, unsigned type_b)
{
    bus = bus_create(NULL);
    clock_init(&clock_, HZ);
    list = (struct device_list){.bus = bus, .clock = &clock_};
    ram = ram_block_create(bus, "ram", 1 << 20, true);
    region = (struct mem_region){
        .name = "ram", .size = 1 << 20, .enabled = true, .read_block = ram, .write_block = ram};
    mem_add_region(bus, &region);
    irq = false;
    irq_edges = 0;
    dma = device_create(&list, &dma_type, NULL, NULL, NULL);
    struct fdc_config config = {dma, {irq_set, NULL, 6}, {type_a, type_b}};
    fdc = device_create(&list, &fdc_type, NULL, &config, NULL);
    ck_assert_ptr_nonnull(fdc);
    devices_reset(&list, RESET_POWER_ON);
    out(0xD6, 0xC0);
    out(0xD4, 0x00);
    out(0x0A, 6);
}

static void teardown(void)
{
    devices_destroy(&list);
    bus_destroy(bus);
    clock_free(&clock_);
}

static void send(const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ck_assert_msg((in(0x3F4) & 0xC0) == 0x80, "MSR %02X before byte %u", in(0x3F4), i);
        out(0x3F5, bytes[i]);
    }
}

#define SEND(...) send((const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static uint8_t result[16];

/* Reads result bytes until the controller is ready for a command. */
static unsigned receive(void)
{
    unsigned count = 0;
    while ((in(0x3F4) & 0xD0) == 0xD0 && count < 16)
        result[count++] = (uint8_t)in(0x3F5);
    ck_assert_uint_eq(in(0x3F4) & 0xF0, 0x80);
    return count;
}

static bool wait_irq(unsigned ms)
{
    for (unsigned i = 0; i < ms * 10 && !irq; i++)
        clock_advance_to(&clock_, clock_.now + HZ / 10000);
    return irq;
}

static void sense_interrupt(void)
{
    SEND(0x08);
    ck_assert_uint_eq(receive(), 2);
}

static void start_up(void)
{
    out(0x3F2, 0x00);
    pass_ms(1);
    ck_assert_uint_eq(in(0x3F4), 0x00);
    out(0x3F2, 0x0C);
    ck_assert(wait_irq(10));
    for (unsigned i = 0; i < 4; i++) {
        sense_interrupt();
        ck_assert_uint_eq(result[0], 0xC0 | i);
    }
    ck_assert(!irq);
    SEND(0x03, 0xDF, 0x02);
    out(0x3F7, 0); /* 500 kbps */
    out(0x3F2, 0x1C);
    pass_ms(500);
}

static void seek(unsigned unit, unsigned cylinder)
{
    SEND(0x0F, (uint8_t)unit, (uint8_t)cylinder);
    ck_assert(in(0x3F4) & 1u << unit);
    ck_assert(wait_irq(2000));
    sense_interrupt();
    ck_assert_uint_eq(result[0], 0x20 | unit);
    ck_assert_uint_eq(result[1], cylinder);
    ck_assert_uint_eq(in(0x3F4), 0x80);
}

static void recalibrate(unsigned unit)
{
    SEND(0x07, (uint8_t)unit);
    ck_assert(wait_irq(2000));
    sense_interrupt();
}

static void setup_144(void)
{
    build(FDC_DRIVE_1440K, FDC_DRIVE_1200K);
    ck_assert(fdc_insert(fdc, 0, make_image(2880, false), NULL));
    start_up();
    recalibrate(0);
}

#define BUFFER 0x10000u

static void program_dma(unsigned mode, unsigned count)
{
    out(0x0A, 6);
    out(0x0B, mode | 2);
    out(0x0C, 0);
    out(0x04, 0);
    out(0x04, 0);
    out(0x81, BUFFER >> 16);
    out(0x05, (count - 1) & 0xFF);
    out(0x05, (count - 1) >> 8);
    out(0x0A, 2);
}

/* A read or write command; the seven result bytes are left in `result`. */
static void transfer(unsigned opcode, unsigned unit, unsigned c, unsigned h, unsigned r, unsigned eot)
{
    SEND((uint8_t)opcode, (uint8_t)(h << 2 | unit), (uint8_t)c, (uint8_t)h, (uint8_t)r, 2, (uint8_t)eot, 0x1B,
         0xFF);
    ck_assert_msg(wait_irq(5000), "no interrupt");
    ck_assert_uint_eq(receive(), 7);
    ck_assert(!irq);
}

static unsigned number_at(unsigned offset)
{
    return ram->bytes[BUFFER + offset] | ram->bytes[BUFFER + offset + 1] << 8;
}

static void expect_result(unsigned st0, unsigned st1, unsigned st2, unsigned c, unsigned h, unsigned r)
{
    ck_assert_msg(result[0] == st0 && result[1] == st1 && result[2] == st2 && result[3] == c &&
                      result[4] == h && result[5] == r && result[6] == 2,
                  "%02X %02X %02X  %u %u %u %u", result[0], result[1], result[2], result[3], result[4],
                  result[5], result[6]);
}

START_TEST(read_data_brings_sectors_by_dma)
{
    seek(0, 5);
    program_dma(0x46, 1024);
    transfer(0xE6, 0, 5, 1, 3, 18);
    expect_result(0x04, 0, 0, 5, 1, 5);
    ck_assert_uint_eq(number_at(0), (5 * 2 + 1) * 18 + 2);
    ck_assert_uint_eq(number_at(512), (5 * 2 + 1) * 18 + 3);
    ck_assert_uint_eq(fdc_activity(fdc), 2);
}
END_TEST

START_TEST(multi_track_goes_on_to_the_other_side)
{
    program_dma(0x46, 3 * 512);
    transfer(0xE6, 0, 0, 0, 17, 18);
    expect_result(0x04, 0, 0, 0, 1, 2);
    ck_assert_uint_eq(number_at(1024), 18);
    /* Terminal count on the last sector of each side: table 5-6. */
    program_dma(0x46, 512);
    transfer(0xE6, 0, 0, 0, 18, 18);
    expect_result(0x00, 0, 0, 0, 1, 1);
    program_dma(0x46, 512);
    transfer(0xE6, 0, 0, 1, 18, 18);
    expect_result(0x04, 0, 0, 1, 0, 1);
    program_dma(0x46, 512);
    transfer(0x66, 0, 0, 1, 18, 18);
    expect_result(0x04, 0, 0, 1, 1, 1);
}
END_TEST

START_TEST(end_of_cylinder_without_terminal_count_is_an_error)
{
    program_dma(0x46, 4096);
    transfer(0x66, 0, 0, 0, 17, 18);
    expect_result(0x40, 0x80, 0, 1, 0, 1);
    ck_assert_uint_eq(number_at(512), 17);
}
END_TEST

START_TEST(written_sectors_are_read_back)
{
    for (unsigned i = 0; i < 700; i++)
        ram->bytes[BUFFER + i] = (uint8_t)(i * 11 + 1);
    seek(0, 79);
    program_dma(0x4A, 700); /* terminal count within the second sector: the rest is zeros */
    transfer(0xC5, 0, 79, 0, 4, 18);
    expect_result(0x00, 0, 0, 79, 0, 6);
    memset(ram->bytes + BUFFER, 0xEE, 2048);
    program_dma(0x46, 1024);
    transfer(0xE6, 0, 79, 0, 4, 18);
    for (unsigned i = 0; i < 1024; i++)
        ck_assert_uint_eq(ram->bytes[BUFFER + i], i < 700 ? (uint8_t)(i * 11 + 1) : 0);
}
END_TEST

START_TEST(missing_sectors_give_the_right_status)
{
    program_dma(0x46, 512);
    transfer(0xE6, 0, 0, 0, 19, 19);
    expect_result(0x40, 0x04, 0, 0, 0, 19);
    transfer(0xE6, 0, 7, 0, 1, 18); /* the head is on cylinder 0 */
    expect_result(0x40, 0x04, 0x10, 7, 0, 1);
    transfer(0xA6, 0, 0, 0, 1, 18); /* FM */
    expect_result(0x40, 0x01, 0, 0, 0, 1);
    out(0x3F7, 2); /* 250 kbps on a 1.44 MB medium */
    transfer(0xE6, 0, 0, 0, 1, 18);
    expect_result(0x40, 0x01, 0, 0, 0, 1);
    seek(0, 81);
    out(0x3F7, 0);
    transfer(0xE6, 0, 81, 0, 1, 18);
    expect_result(0x40, 0x01, 0, 81, 0, 1);
}
END_TEST

START_TEST(dma_that_is_not_ready_is_an_overrun)
{
    out(0x0A, 6);
    transfer(0xE6, 0, 0, 0, 1, 18);
    expect_result(0x40, 0x10, 0, 0, 0, 1);
    program_dma(0x4A, 100);
    out(0x0A, 6);
    transfer(0xC5, 0, 0, 0, 1, 18);
    expect_result(0x40, 0x10, 0, 0, 0, 1);
}
END_TEST

START_TEST(write_protected_medium_is_not_written)
{
    ck_assert(fdc_insert(fdc, 0, make_image(2880, true), NULL));
    program_dma(0x4A, 512);
    transfer(0xC5, 0, 0, 0, 1, 18);
    expect_result(0x40, 0x02, 0, 0, 0, 1);
    SEND(0x04, 0x00);
    ck_assert_uint_eq(receive(), 1);
    ck_assert_uint_eq(result[0], 0x78);
    ck_assert(fdc_insert(fdc, 0, make_image(2880, false), NULL));
    seek(0, 1);
    SEND(0x04, 0x04);
    receive();
    ck_assert_uint_eq(result[0], 0x2C);
}
END_TEST

START_TEST(deleted_data_marks_control_reading)
{
    program_dma(0x4A, 512);
    transfer(0xC9, 0, 0, 0, 2, 18); /* write deleted */
    expect_result(0x00, 0, 0, 0, 0, 3);
    /* Without skip, READ DATA gives the sector and stops. */
    program_dma(0x46, 1536);
    transfer(0x46, 0, 0, 0, 1, 18);
    expect_result(0x00, 0, 0x40, 0, 0, 3);
    /* With skip it is left out. */
    program_dma(0x46, 1024);
    transfer(0x66, 0, 0, 0, 1, 18);
    expect_result(0x00, 0, 0x40, 0, 0, 4);
    ck_assert_uint_eq(number_at(0), 0);
    ck_assert_uint_eq(number_at(512), 2);
    program_dma(0x46, 512);
    transfer(0x4C, 0, 0, 0, 2, 18); /* read deleted */
    expect_result(0x00, 0, 0, 0, 0, 3);
    program_dma(0x4A, 512);
    transfer(0xC5, 0, 0, 0, 2, 18);
    program_dma(0x46, 512);
    transfer(0x46, 0, 0, 0, 2, 18);
    expect_result(0x00, 0, 0, 0, 0, 3);
}
END_TEST

START_TEST(read_track_takes_sectors_in_physical_order)
{
    program_dma(0x46, 18 * 512);
    transfer(0x42, 0, 0, 0, 1, 18);
    ck_assert_uint_eq(result[0], 0);
    ck_assert_uint_eq(number_at(17 * 512), 17);
    /* An identification that differs is told, but reading goes on. */
    program_dma(0x46, 2 * 512);
    transfer(0x42, 0, 0, 0, 7, 18);
    ck_assert_uint_eq(result[0], 0x40);
    ck_assert_uint_eq(result[1], 0x04);
    ck_assert_uint_eq(number_at(0), 0);
    ck_assert_uint_eq(number_at(512), 1);
}
END_TEST

START_TEST(read_id_names_cylinder_and_side)
{
    seek(0, 9);
    unsigned seen = 0;
    for (unsigned i = 0; i < 40; i++) {
        SEND(0x4A, 0x04);
        ck_assert(wait_irq(1000));
        ck_assert_uint_eq(receive(), 7);
        ck_assert(result[0] == 4 && result[3] == 9 && result[4] == 1 && result[6] == 2);
        ck_assert(result[5] >= 1 && result[5] <= 18);
        seen |= 1u << result[5];
        clock_advance_to(&clock_, clock_.now + HZ / 90 + 1000 * i);
    }
    ck_assert_uint_gt(__builtin_popcount(seen), 3);
}
END_TEST

START_TEST(format_track_fills_all_sectors)
{
    seek(0, 3);
    for (unsigned i = 0; i < 18; i++) {
        uint8_t *id = ram->bytes + BUFFER + 4 * i;
        id[0] = 3, id[1] = 1, id[2] = (uint8_t)((i * 7) % 18 + 1), id[3] = 2; /* interleaved */
    }
    program_dma(0x4A, 72);
    SEND(0x4D, 0x04, 2, 18, 0x54, 0xF6);
    ck_assert(wait_irq(2000));
    ck_assert_uint_eq(receive(), 7);
    ck_assert_uint_eq(result[0], 4);
    ck_assert_uint_eq(result[1], 0);
    program_dma(0x46, 18 * 512);
    transfer(0x46, 0, 3, 1, 1, 18);
    for (unsigned i = 0; i < 18 * 512; i++)
        ck_assert_uint_eq(ram->bytes[BUFFER + i], 0xF6);
    /* 36 sectors do not fit on a high-density track. */
    program_dma(0x4A, 144);
    SEND(0x4D, 0x04, 2, 36, 0x54, 0xF6);
    ck_assert(wait_irq(2000));
    receive();
    ck_assert_uint_eq(result[0], 0x44);
}
END_TEST

START_TEST(verify_reads_without_transfer)
{
    program_dma(0x46, 512);
    memset(ram->bytes + BUFFER, 0xEE, 512);
    transfer(0x56, 0, 0, 0, 1, 18);
    expect_result(0x00, 0, 0, 1, 0, 1);
    ck_assert_uint_eq(ram->bytes[BUFFER], 0xEE);
    /* EC set: the ninth byte counts sectors. */
    SEND(0x56, 0x80, 0, 0, 3, 2, 18, 0x1B, 4);
    ck_assert(wait_irq(2000));
    receive();
    expect_result(0x00, 0, 0, 0, 0, 7);
    SEND(0x56, 0x80, 0, 0, 3, 2, 18, 0x1B, 40);
    ck_assert(wait_irq(2000));
    receive();
    ck_assert_uint_eq(result[0], 0x40);
}
END_TEST

static void scan(unsigned opcode, unsigned step)
{
    SEND((uint8_t)opcode, 0, 0, 0, 1, 2, 18, 0x1B, (uint8_t)step);
    ck_assert(wait_irq(2000));
    ck_assert_uint_eq(receive(), 7);
}

START_TEST(scan_commands_compare_host_data)
{
    /* Sector 3 of the track is all 6 but for its number. */
    for (unsigned i = 0; i < 18; i++) {
        memset(ram->bytes + BUFFER + 512 * i, 6, 512);
        ram->bytes[BUFFER + 512 * i] = 2;
        ram->bytes[BUFFER + 512 * i + 1] = 0xFF;
    }
    program_dma(0x4A, 18 * 512);
    scan(0x51, 1);
    ck_assert_uint_eq(result[0], 0);
    ck_assert_uint_eq(result[2], 0x08);
    ck_assert_uint_eq(result[5], 4);
    program_dma(0x4A, 18 * 512);
    scan(0x51, 2); /* 1, 3: found */
    ck_assert_uint_eq(result[2], 0x08);
    program_dma(0x4A, 18 * 512);
    scan(0x59, 1); /* low or equal: sector 1 is all zeros */
    ck_assert_uint_eq(result[2], 0x00);
    ck_assert_uint_eq(result[5], 2);
    memset(ram->bytes + BUFFER, 0xFE, 18 * 512);
    program_dma(0x4A, 18 * 512);
    scan(0x51, 1);
    ck_assert_uint_eq(result[2], 0x04);
    program_dma(0x4A, 18 * 512);
    memset(ram->bytes + BUFFER, 0, 18 * 512);
    scan(0x5D, 1); /* high or equal to zeros */
    ck_assert_uint_eq(result[2], 0x08);
}
END_TEST

START_TEST(non_dma_mode_goes_byte_by_byte_with_interrupts)
{
    SEND(0x03, 0xDF, 0x03);
    SEND(0x46, 0, 0, 0, 2, 2, 2, 0x1B, 0xFF);
    irq_edges = 0;
    for (unsigned i = 0; i < 512; i++) {
        ck_assert(wait_irq(500));
        ck_assert_uint_eq(in(0x3F4), 0xF0);
        unsigned byte = in(0x3F5);
        ck_assert_uint_eq(byte, i == 0 ? 1 : i == 1 ? 0 : 3);
    }
    ck_assert_uint_ge(irq_edges, 512);
    ck_assert(wait_irq(500));
    ck_assert_uint_eq(receive(), 7);
    expect_result(0x40, 0x80, 0, 1, 0, 1); /* no TC in this mode on an AT */
    SEND(0x45, 0, 0, 0, 2, 2, 2, 0x1B, 0xFF);
    for (unsigned i = 0; i < 512; i++) {
        ck_assert(wait_irq(500));
        ck_assert_uint_eq(in(0x3F4), 0xB0);
        out(0x3F5, i & 0x7F);
    }
    ck_assert(wait_irq(500));
    receive();
    SEND(0x03, 0xDF, 0x02);
    program_dma(0x46, 512);
    transfer(0x46, 0, 0, 0, 2, 18);
    ck_assert_uint_eq(ram->bytes[BUFFER + 300], 300 & 0x7F);
    /* A host that does not fetch its bytes: overrun. */
    SEND(0x03, 0xDF, 0x03);
    SEND(0x46, 0, 0, 0, 2, 2, 2, 0x1B, 0xFF);
    pass_ms(200);
    ck_assert_uint_eq(receive(), 7);
    ck_assert_uint_eq(result[1], 0x10);
}
END_TEST

START_TEST(seeks_overlap_and_are_sensed_one_by_one)
{
    out(0x3F2, 0x3C);
    SEND(0x0F, 0, 10);
    SEND(0x0F, 1, 20);
    ck_assert_uint_eq(in(0x3F4), 0x83);
    uint64_t start = clock_.now;
    ck_assert(wait_irq(1000));
    uint64_t ms = (clock_.now - start) * 1000 / HZ;
    ck_assert(ms >= 29 && ms <= 32); /* 10 steps of 3 ms */
    pass_ms(100);
    ck_assert_uint_eq(in(0x3F4), 0x80);
    sense_interrupt();
    ck_assert(result[0] == 0x20 && result[1] == 10);
    ck_assert(irq);
    sense_interrupt();
    ck_assert(result[0] == 0x21 && result[1] == 20);
    ck_assert(!irq);
    SEND(0x08);
    ck_assert_uint_eq(receive(), 1);
    ck_assert_uint_eq(result[0], 0x80);
    SEND(0xCF, 0, 5); /* relative, inward */
    ck_assert(wait_irq(1000));
    sense_interrupt();
    ck_assert_uint_eq(result[1], 15);
    SEND(0x8F, 0, 3); /* outward */
    ck_assert(wait_irq(1000));
    sense_interrupt();
    ck_assert_uint_eq(result[1], 12);
    program_dma(0x46, 512);
    transfer(0x46, 0, 12, 0, 1, 18);
    ck_assert_uint_eq(number_at(0), 12 * 36);
}
END_TEST

START_TEST(recalibrate_gives_up_after_79_steps_and_without_a_drive)
{
    seek(0, 82);
    recalibrate(0);
    ck_assert_uint_eq(result[0], 0x70);
    recalibrate(0);
    ck_assert_uint_eq(result[0], 0x20);
    SEND(0x04, 0);
    receive();
    ck_assert_uint_eq(result[0] & 0x10, 0x10);
    SEND(0x07, 3);
    ck_assert(wait_irq(2000));
    sense_interrupt();
    ck_assert_uint_eq(result[0], 0x73);
}
END_TEST

START_TEST(disk_change_holds_until_a_step_with_a_medium)
{
    seek(0, 2);
    ck_assert_uint_eq(in(0x3F7) & 0x80, 0);
    ck_assert(fdc_insert(fdc, 0, NULL, NULL));
    ck_assert_ptr_null(fdc_geometry(fdc, 0));
    ck_assert_uint_eq(in(0x3F7) & 0x80, 0x80);
    seek(0, 4);
    ck_assert_uint_eq(in(0x3F7) & 0x80, 0x80);
    ck_assert(fdc_insert(fdc, 0, make_image(1440, false), NULL));
    ck_assert_uint_eq(fdc_geometry(fdc, 0)->sectors, 9);
    ck_assert_uint_eq(in(0x3F7) & 0x80, 0x80);
    out(0x3F2, 0x0C); /* without motor the drive is not selected */
    ck_assert_uint_eq(in(0x3F7) & 0x80, 0);
    out(0x3F2, 0x1C);
    seek(0, 0);
    ck_assert_uint_eq(in(0x3F7) & 0x80, 0);
    /* The new medium has 9 sectors at 250 kbps. */
    out(0x3F7, 2);
    program_dma(0x46, 512);
    transfer(0xE6, 0, 0, 0, 9, 9);
    ck_assert_uint_eq(result[0] & 0xC0, 0);
    ck_assert_uint_eq(number_at(0), 8);
}
END_TEST

START_TEST(empty_drive_keeps_the_command_running_until_reset)
{
    ck_assert(fdc_insert(fdc, 0, NULL, NULL));
    program_dma(0x46, 512);
    SEND(0xE6, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF);
    ck_assert(!wait_irq(3000));
    ck_assert_uint_eq(in(0x3F4), 0x10);
    /* A medium that comes late is found. */
    ck_assert(fdc_insert(fdc, 0, make_image(2880, false), NULL));
    ck_assert(wait_irq(3000));
    ck_assert_uint_eq(receive(), 7);
    ck_assert_uint_eq(result[0], 0);
    ck_assert(fdc_insert(fdc, 0, NULL, NULL));
    SEND(0xE6, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF);
    start_up();
}
END_TEST

START_TEST(forty_track_media_need_double_steps_in_an_eighty_track_drive)
{
    ck_assert(fdc_insert(fdc, 1, make_image(720, false), NULL));
    out(0x3F2, 0x2D);
    pass_ms(500);
    recalibrate(1);
    seek(1, 20);
    out(0x3F7, 1); /* 300 kbps: the 1.2 MB drive turns faster */
    program_dma(0x46, 512);
    transfer(0xE6, 1, 10, 0, 1, 9);
    expect_result(0x01, 0, 0, 10, 0, 2);
    ck_assert_uint_eq(number_at(0), 10 * 18);
    seek(1, 21);
    transfer(0xE6, 1, 10, 0, 1, 9);
    ck_assert_uint_eq(result[1], 0x01);
}
END_TEST

START_TEST(implied_seek_moves_the_head)
{
    SEND(0x13, 0, 0x57, 0);
    program_dma(0x46, 512);
    transfer(0xE6, 0, 33, 0, 1, 18);
    expect_result(0x20, 0, 0, 33, 0, 2);
    ck_assert_uint_eq(number_at(0), 33 * 36);
}
END_TEST

START_TEST(identification_commands_tell_an_82077aa)
{
    SEND(0x10);
    ck_assert_uint_eq(receive(), 1);
    ck_assert_uint_eq(result[0], 0x90);
    SEND(0x18);
    ck_assert_uint_eq(receive(), 1);
    ck_assert_uint_eq(result[0], 0x80);
    SEND(0x94);
    receive();
    ck_assert_uint_eq(result[0], 0x10);
    SEND(0x13, 0, 0x1A, 0x55);
    SEND(0x12, 0x80 | 0x0C);
    seek(0, 7);
    SEND(0x0E);
    ck_assert_uint_eq(receive(), 10);
    ck_assert(result[0] == 7 && result[4] == 0xDF && result[5] == 0x02 && result[7] == 0x8C &&
              result[8] == 0x1A && result[9] == 0x55);
    /* The lock saves FIFO settings, not polling, from a software reset. */
    out(0x3F4, 0x80);
    ck_assert(wait_irq(10));
    for (unsigned i = 0; i < 4; i++)
        sense_interrupt();
    SEND(0x0E);
    receive();
    ck_assert(result[8] == 0x0A && result[9] == 0x55);
    SEND(0x14);
    receive();
    out(0x3F4, 0x80);
    wait_irq(10);
    for (unsigned i = 0; i < 4; i++)
        sense_interrupt();
    SEND(0x0E);
    receive();
    ck_assert(result[8] == 0x20 && result[9] == 0);
    SEND(0x1F);
    ck_assert_uint_eq(receive(), 1);
    ck_assert_uint_eq(result[0], 0x80);
}
END_TEST

START_TEST(dma_gate_silences_the_interrupt)
{
    out(0x3F2, 0x14);
    SEND(0x07, 0);
    pass_ms(500);
    ck_assert(!irq);
    out(0x3F2, 0x1C);
    ck_assert(irq);
}
END_TEST

START_TEST(transfer_takes_its_time)
{
    program_dma(0x46, 18 * 512);
    uint64_t start = clock_.now;
    transfer(0xE6, 0, 0, 0, 1, 18);
    uint64_t ms = (clock_.now - start) * 1000 / HZ;
    ck_assert(ms >= 200 && ms < 220); /* one rotation and a little */
}
END_TEST

START_TEST(drive_types_and_media_are_checked)
{
    struct error err;
    ck_assert(!fdc_insert(fdc, 5, NULL, &err));
    struct image *big = make_image(6000, false);
    ck_assert(!fdc_insert(fdc, 0, big, &err));
    image_close(big);
    ck_assert_ptr_nonnull(fdc_geometry(fdc, 0));
    struct disk_geometry g = {80, 2, 36};
    ck_assert_int_eq(fdc_drive_type_for(&g), FDC_DRIVE_2880K);
    g = (struct disk_geometry){40, 2, 9};
    ck_assert_int_eq(fdc_drive_type_for(&g), FDC_DRIVE_360K);
}
END_TEST

START_TEST(all_formats_are_read_to_their_last_sector)
{
    static const struct {
        unsigned sectors, type, rate, cylinders, heads, per_track;
    } formats[] = {{320, 1, 2, 40, 1, 8},   {720, 1, 2, 40, 2, 9},   {1440, 3, 2, 80, 2, 9},
                   {2400, 2, 0, 80, 2, 15}, {2880, 4, 0, 80, 2, 18}, {3360, 4, 0, 80, 2, 21},
                   {5760, 5, 3, 80, 2, 36}};
    for (unsigned i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        teardown();
        build(formats[i].type, 0);
        ck_assert(fdc_insert(fdc, 0, make_image(formats[i].sectors, false), NULL));
        start_up();
        out(0x3F7, formats[i].rate);
        recalibrate(0);
        seek(0, formats[i].cylinders - 1);
        program_dma(0x46, 512);
        transfer(0x66, 0, formats[i].cylinders - 1, formats[i].heads - 1, formats[i].per_track,
                 formats[i].per_track);
        ck_assert_uint_eq(result[0] & 0xC0, 0);
        ck_assert_uint_eq(number_at(0), formats[i].sectors - 1);
    }
}
END_TEST

/* A command that makes sense, so that chance gets further than errors: results are fetched, and it goes where
 * the head is. */
static void whole_command(unsigned r)
{
    static const uint8_t opcodes[] = {0xE6, 0xC5, 0x66, 0xC9, 0x4C, 0x56, 0x51,
                                      0x42, 0x4A, 0x0F, 0x07, 0x8F, 0x0E};
    for (unsigned i = 0; i < 600 && (in(0x3F4) & 0x40); i++)
        in(0x3F5);
    out(0x3F7, 0);
    out(0x0A, 2);
    static const uint8_t cylinders[] = {0, 1, 2, 0};
    uint8_t h = r >> 8 & 1, c = cylinders[r >> 9 & 3];
    const uint8_t command[] = {opcodes[(r & 0xFF) % sizeof opcodes],
                               (uint8_t)(h << 2),
                               c,
                               h,
                               (uint8_t)((r >> 11) % 18 + 1),
                               2,
                               18,
                               0x1B,
                               0xFF};
    for (unsigned i = 0; i < sizeof command && (in(0x3F4) & 0xC0) == 0x80; i++)
        out(0x3F5, command[i]);
}

/* One random access from SEED; what was read is mixed into HASH. */
static void poke(uint64_t *seed, uint64_t *hash)
{
    static const uint8_t opcodes[] = {0xE6, 0xC5, 0x4A, 0x4D, 0x0F, 0x07, 0x08,
                                      0x51, 0x42, 0x56, 0x13, 0x8F, 0x03};
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    unsigned r = (unsigned)(*seed >> 33), kind = r & 15, got = 0;
    if (kind == 0)
        whole_command(r >> 4);
    else if (kind < 9 && (*seed >> 20 & 3) == 0)
        out(0x3F5, r & 16 ? opcodes[(r >> 5) % sizeof opcodes] : (r >> 5 & (r & 0x8000 ? 3 : 0xFF)));
    else if (kind < 11)
        got = in((uint16_t)(0x3F0 + (r >> 5 & 7)));
    else if (kind == 11 && (r >> 5 & 15) == 0)
        out((uint16_t)(0x3F0 + (r >> 9 & 7)), r >> 12 & 0xFF);
    else if (kind == 12)
        out(0x3F2, 0x1C | (r >> 5 & 0x21));
    else if (kind == 13 && (r >> 5 & 15) == 0)
        out(0x0B, 0x12 | (r >> 9 & 0xCC));
    else if (kind == 14)
        out(0x3F7, r >> 5 & 3);
    else
        clock_advance_to(&clock_, clock_.now + (r >> 5) % (HZ / 100));
    *hash = (*hash ^ got ^ (unsigned)irq << 8) * 0x100000001B3u;
}

/* Mixes in what the monitor would show, and when the next event is due. */
static void look(uint64_t *hash)
{
    struct text text = {0};
    fdc_type.print(fdc, &text);
    for (size_t i = 0; i < text.length; i++)
        if (strncmp(text.chars + i, "/tmp/tick86-fdc-", 16))
            *hash = (*hash ^ (uint8_t)text.chars[i]) * 0x100000001B3u;
        else
            i += 22; /* the name of the temporary file */
    text_free(&text);
    *hash = (*hash ^ clock_.deadline) * 0x100000001B3u;
}

START_TEST(random_port_accesses_do_no_harm)
{
    uint64_t seed = 86, hash = 0;
    ck_assert(fdc_insert(fdc, 1, make_image(2400, false), NULL));
    program_dma(0x56, 4096);
    for (unsigned i = 0; i < 60000; i++)
        poke(&seed, &hash);
    struct text text = {0};
    fdc_type.print(fdc, &text);
    ck_assert_uint_gt(text.length, 100);
    text_free(&text);
}
END_TEST

/* Whatever the drives are at, a machine that was restored goes on as the saved one does. */
START_TEST(restored_state_goes_on_alike)
{
    uint64_t seed = 5 + (uint64_t)_i * 77, hash[2] = {0, 0};
    struct text blob = {0};
    teardown();
    uint8_t *disk = malloc(1474560), *memory = malloc(1 << 20);
    uint8_t *fresh[2] = {malloc(fdc_type.state_size), malloc(fdc_type.state_size)},
            *saved = malloc(fdc_type.state_size);
    uint64_t activity = 0;
    for (unsigned run = 0; run < 2; run++) {
        build(FDC_DRIVE_1440K, FDC_DRIVE_1200K);
        struct image *image = make_image(2880, false);
        ck_assert(fdc_insert(fdc, 0, image, NULL));
        memcpy(fresh[run], fdc, fdc_type.state_size);
        if (run == 0) {
            start_up();
            program_dma(0x56, 4096);
            for (unsigned i = 0; i < 3000 + 100 * (unsigned)_i; i++)
                poke(&seed, &hash[0]);
            state_blob_save_all(&list, &blob);
            ck_assert(image_read(image, 0, disk, 1474560));
            memcpy(memory, ram->bytes, 1 << 20);
            memcpy(saved, fdc, fdc_type.state_size);
            activity = fdc_activity(fdc);
            hash[0] = clock_.now;
            hash[1] = irq;
        } else {
            clock_.now = hash[0];
            irq = hash[1];
            ck_assert(image_write(image, 0, disk, 1474560));
            memcpy(ram->bytes, memory, 1 << 20);
            state_blob_load_all(&list, &blob);
            state_blob_expect_complete(device_find(&list, "fdc"), fresh[0], saved, fresh[1], activity);
        }
        static uint64_t results[2];
        uint64_t again = seed;
        results[run] = 0;
        for (unsigned i = 0; i < 5000; i++) {
            poke(&again, &results[run]);
            look(&results[run]);
        }
        if (run == 0)
            teardown();
        else
            ck_assert_uint_eq(results[0], results[1]);
    }
    text_free(&blob);
    free(fresh[0]);
    free(fresh[1]);
    free(saved);
    free(disk);
    free(memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fdc");
    TCase *tests = tcase_create("fdc");
    tcase_add_checked_fixture(tests, setup_144, teardown);
    tcase_add_test(tests, read_data_brings_sectors_by_dma);
    tcase_add_test(tests, multi_track_goes_on_to_the_other_side);
    tcase_add_test(tests, end_of_cylinder_without_terminal_count_is_an_error);
    tcase_add_test(tests, written_sectors_are_read_back);
    tcase_add_test(tests, missing_sectors_give_the_right_status);
    tcase_add_test(tests, dma_that_is_not_ready_is_an_overrun);
    tcase_add_test(tests, write_protected_medium_is_not_written);
    tcase_add_test(tests, deleted_data_marks_control_reading);
    tcase_add_test(tests, read_track_takes_sectors_in_physical_order);
    tcase_add_test(tests, read_id_names_cylinder_and_side);
    tcase_add_test(tests, format_track_fills_all_sectors);
    tcase_add_test(tests, verify_reads_without_transfer);
    tcase_add_test(tests, scan_commands_compare_host_data);
    tcase_add_test(tests, non_dma_mode_goes_byte_by_byte_with_interrupts);
    tcase_add_test(tests, seeks_overlap_and_are_sensed_one_by_one);
    tcase_add_test(tests, recalibrate_gives_up_after_79_steps_and_without_a_drive);
    tcase_add_test(tests, disk_change_holds_until_a_step_with_a_medium);
    tcase_add_test(tests, empty_drive_keeps_the_command_running_until_reset);
    tcase_add_test(tests, forty_track_media_need_double_steps_in_an_eighty_track_drive);
    tcase_add_test(tests, implied_seek_moves_the_head);
    tcase_add_test(tests, identification_commands_tell_an_82077aa);
    tcase_add_test(tests, dma_gate_silences_the_interrupt);
    tcase_add_test(tests, transfer_takes_its_time);
    tcase_add_test(tests, drive_types_and_media_are_checked);
    tcase_add_test(tests, all_formats_are_read_to_their_last_sector);
    tcase_add_test(tests, random_port_accesses_do_no_harm);
    tcase_add_loop_test(tests, restored_state_goes_on_alike, 0, 6);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
