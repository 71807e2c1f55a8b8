/* Disk images: what is refused and in which words, what a file is told to be, geometry, overlays, gzip,
 * locks. */
#include "devices/image/image.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define MB (1024u * 1024u)

static char folder[] = "/tmp/tick86-image-XXXXXX";
static char path_buffer[4][256];

static const char *path_of(const char *name)
{
    static unsigned next;
    char *out = path_buffer[next++ % 4];
    snprintf(out, 256, "%s/%s", folder, name);
    return out;
}

/* A file of SIZE bytes that begins with HEAD. */
static const char *make_file(const char *name, size_t size, const void *head, size_t count)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    if (count)
        ck_assert_uint_eq(fwrite(head, 1, count, file), count);
    fclose(file);
    ck_assert_int_eq(truncate(path, (off_t)size), 0);
    return path;
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/tick86-image-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void expect_refused(const char *path, const char *words)
{
    struct error err = {""};
    struct image *image = image_open(path, NULL, &err);
    ck_assert_msg(!image, "%s was opened", path);
    ck_assert_msg(strstr(err.text, words) && strstr(err.text, path), "%s", err.text);
    ck_assert_ptr_null(strchr(err.text, '\n'));
}

START_TEST(bad_files_are_refused_in_one_line_that_names_them)
{
    expect_refused(path_of("missing.img"), "no such file");
    expect_refused(folder, "is a folder");
    expect_refused(make_file("empty.img", 0, NULL, 0), "is empty");
    expect_refused(make_file("cut.img", 1474559, NULL, 0), "it should have 1474560 bytes");
    expect_refused(make_file("disk.qcow2", 65536, "QFI\xFB", 4), "is a QCOW image");
    const char *fifo = path_of("fifo");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    expect_refused(fifo, "neither a file nor a block device");
    struct stat st;
    ck_assert_int_eq(stat(path_of("cut.img"), &st), 0);
    ck_assert_int_eq(st.st_size, 1474559);
}
END_TEST

START_TEST(truncated_iso_is_refused_with_the_size_it_should_have)
{
    static uint8_t head[17 * 2048];
    uint8_t *descriptor = head + 16 * 2048;
    memcpy(descriptor, "\1CD001\1", 7);
    descriptor[129] = 8; /* blocks of 2048 */
    descriptor[81] = 4;  /* 1024 of them */
    expect_refused(make_file("cut.iso", MB, head, sizeof head), "has 2097152");
    struct image *image = image_open(make_file("whole.iso", 2 * MB, head, sizeof head), NULL, NULL);
    ck_assert_ptr_nonnull(image);
    image_close(image);
}
END_TEST

START_TEST(sectors_written_are_read_back_and_land_in_the_file)
{
    const char *path = make_file("disk.img", MB, NULL, 0);
    struct image *image = image_open(path, NULL, NULL);
    ck_assert_ptr_nonnull(image);
    ck_assert(!image_read_only(image));
    ck_assert_uint_eq(image_size(image), MB);
    uint8_t out[512], in[512];
    memset(out, 0xA5, sizeof out);
    ck_assert(image_write(image, MB - 512, out, 512));
    ck_assert(image_read(image, MB - 512, in, 512));
    ck_assert_mem_eq(in, out, 512);
    ck_assert(image_flush(image));
    /* Outside. */
    ck_assert(!image_write(image, MB, out, 512));
    ck_assert(!image_write(image, MB - 511, out, 512));
    ck_assert(!image_read(image, UINT64_MAX - 100, in, 512));
    image_close(image);
    FILE *file = fopen(path, "rb");
    fseek(file, MB - 1, SEEK_SET);
    ck_assert_int_eq(fgetc(file), 0xA5);
    fclose(file);
}
END_TEST

START_TEST(snapshot_leaves_the_file_untouched)
{
    char text[3000];
    memset(text, 'x', sizeof text);
    const char *path = make_file("disk.img", 5 * 4096 + 512, text, sizeof text);
    struct image_options options = {.snapshot = true};
    struct image *image = image_open(path, &options, NULL);
    ck_assert_ptr_nonnull(image);
    ck_assert(!image_read_only(image));
    uint8_t in[8192], out[8192];
    for (unsigned i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)(i * 7);
    ck_assert(image_write(image, 2560, out, 4096));    /* over a block boundary */
    ck_assert(image_write(image, 5 * 4096, out, 512)); /* the short block at the end */
    ck_assert(image_read(image, 0, in, 8192));
    ck_assert_mem_eq(in, text, 2560);
    ck_assert_mem_eq(in + 2560, out, 4096);
    ck_assert_int_eq(in[6656], 0);
    ck_assert(image_read(image, 5 * 4096, in, 512));
    ck_assert_mem_eq(in, out, 512);
    uint64_t at = 0;
    ck_assert(image_next_change(image, &at));
    ck_assert_uint_eq(at, 0);
    at = 4097;
    ck_assert(image_next_change(image, &at));
    ck_assert_uint_eq(at, 5 * 4096);
    at++;
    ck_assert(!image_next_change(image, &at));
    image_discard_changes(image);
    ck_assert(image_read(image, 0, in, 4096));
    ck_assert_mem_eq(in, text, sizeof text);
    at = 0;
    ck_assert(!image_next_change(image, &at));
    image_close(image);
    FILE *file = fopen(path, "rb");
    fseek(file, 2560, SEEK_SET);
    ck_assert_int_eq(fgetc(file), 'x');
    fclose(file);
}
END_TEST

START_TEST(the_hash_follows_what_is_written_to_the_file)
{
    const char *path = make_file("disk.img", 3 * MB + 512, NULL, 0);
    struct image_options over = {.snapshot = true};
    struct image *image = image_open(path, NULL, NULL);
    uint8_t sector[512] = {1}, zeros[512] = {0};
    uint64_t fresh, written, again, under;
    ck_assert(image_hash(image, &fresh));
    ck_assert(image_write(image, 3 * MB, sector, 512)); /* the last, short part */
    ck_assert(image_hash(image, &written) && written != fresh);
    ck_assert(image_write(image, 3 * MB, zeros, 512));
    ck_assert(image_hash(image, &again) && again == fresh);
    ck_assert(
        image_write(image, MB - 512, (uint8_t[1024]){[1023] = 1}, 1024)); /* over the edge of two parts */
    ck_assert(image_hash(image, &again) && again != fresh);
    image_close(image);
    /* An overlay is no part of it. */
    image = image_open(path, &over, NULL);
    ck_assert(image_hash(image, &under) && under == again);
    ck_assert(image_write(image, 0, sector, 512));
    ck_assert(image_hash(image, &under) && under == again);
    image_close(image);
}
END_TEST

START_TEST(changes_are_adopted_as_a_whole)
{
    const char *path = make_file("disk.img", 2 * 4096 + 512, NULL, 0);
    struct image_options over = {.snapshot = true};
    struct image *image = image_open(path, &over, NULL);
    uint8_t block[IMAGE_OVERLAY_BLOCK], got[512];
    memset(block, 7, sizeof block);
    ck_assert(image_write(image, 0, block, 512));
    struct overlay *changes = image_create_changes(image_size(image), NULL);
    ck_assert(image_add_change(changes, 2 * 4096, block)); /* the short one */
    ck_assert(!image_add_change(changes, 3 * 4096, block));
    ck_assert(!image_add_change(changes, 512, block));
    ck_assert(image_read(image, 0, got, 512) && got[0] == 7);
    image_adopt_changes(image, changes);
    ck_assert(image_read(image, 0, got, 512) && got[0] == 0);
    ck_assert(image_read(image, 2 * 4096, got, 512) && got[511] == 7);
    image_close(image);
}
END_TEST

/* The host fails at the second of two blocks, as a full disk would: the first one is undone. */
START_TEST(a_file_is_made_what_it_was_as_a_whole)
{
    const char *path = make_file("disk.img", 8 * 4096 + 512, "old", 3);
    struct image *image = image_open(path, NULL, NULL);
    struct rlimit usual, small = {.rlim_cur = 4 * 4096};
    uint8_t block[IMAGE_OVERLAY_BLOCK], got[512];
    uint64_t before, changed, after;
    memset(block, 7, sizeof block);
    struct overlay *changes = image_create_changes(image_size(image), NULL);
    ck_assert(image_add_change(changes, 0, block));
    ck_assert(image_add_change(changes, 8 * 4096, block)); /* the short one */
    ck_assert(image_hash(image, &before));
    getrlimit(RLIMIT_FSIZE, &usual);
    signal(SIGXFSZ, SIG_IGN);
    small.rlim_max = usual.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    ck_assert(!image_swap_changes(image, changes));
    setrlimit(RLIMIT_FSIZE, &usual);
    ck_assert(image_hash(image, &after) && after == before);
    ck_assert(image_swap_changes(image, changes));
    ck_assert(image_read(image, 8 * 4096, got, 512) && got[511] == 7);
    ck_assert(image_hash(image, &changed) && changed != before);
    ck_assert(image_swap_changes(image, changes));
    ck_assert(image_hash(image, &after) && after == before);
    ck_assert(image_read(image, 0, got, 512) && !memcmp(got, "old", 3));
    image_free_changes(changes);
    image_note_moment(image, before);
    ck_assert(image_had_moment(image, before) && !image_had_moment(image, changed));
    image_close(image);
    struct stat status;
    ck_assert(!stat(path, &status) && status.st_size == 8 * 4096 + 512);
}
END_TEST

START_TEST(file_without_write_permission_is_read_only)
{
    const char *path = make_file("disk.img", MB, NULL, 0);
    struct image_options options = {.read_only = true};
    struct image *image = image_open(path, &options, NULL);
    uint8_t sector[512] = {0};
    ck_assert(image_read_only(image));
    ck_assert(!image_write(image, 0, sector, 512));
    image_close(image);
    chmod(path, 0400);
    if (geteuid() != 0) {
        image = image_open(path, NULL, NULL);
        ck_assert(image_read_only(image));
        image_close(image);
    }
}
END_TEST

START_TEST(image_in_use_is_refused_but_readers_share)
{
    const char *path = make_file("disk.img", MB, NULL, 0);
    struct image_options snapshot = {.snapshot = true};
    struct image *writer = image_open(path, NULL, NULL);
    expect_refused(path, "in use");
    struct error err;
    ck_assert_ptr_null(image_open(path, &snapshot, &err));
    image_close(writer);
    struct image *a = image_open(path, &snapshot, NULL), *b = image_open(path, &snapshot, NULL);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    expect_refused(path, "in use");
    image_close(a);
    image_close(b);
}
END_TEST

static const char *make_gzip(const char *name, const void *bytes, size_t count)
{
    const char *path = path_of(name);
    gzFile file = gzopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)count), (int)count);
    gzclose(file);
    return path;
}

START_TEST(gzip_images_are_unpacked_read_only_unless_snapshot)
{
    static uint8_t bytes[737280];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i >> 7);
    bytes[0] = 0xEB;
    const char *path = make_gzip("floppy.img.gz", bytes, sizeof bytes);
    ck_assert_int_eq(image_probe(path, NULL), IMAGE_FLOPPY);
    struct image *image = image_open(path, NULL, NULL);
    ck_assert_ptr_nonnull(image);
    ck_assert_uint_eq(image_size(image), sizeof bytes);
    uint8_t in[512];
    ck_assert(image_read(image, 700 * 512, in, 512));
    ck_assert_mem_eq(in, bytes + 700 * 512, 512);
    ck_assert(image_read_only(image));
    ck_assert(!image_write(image, 0, in, 512));
    image_close(image);
    struct image_options options = {.snapshot = true};
    image = image_open(path, &options, NULL);
    ck_assert(image_write(image, 0, in, 512));
    image_close(image);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(truncate(path, st.st_size / 2), 0);
    expect_refused(path, "truncated");
    expect_refused(make_file("plain.gz", 512, "plain", 5), "not gzip data");
}
END_TEST

static void expect_kind(const char *path, enum image_kind kind)
{
    struct error err = {""};
    enum image_kind got = image_probe(path, &err);
    ck_assert_msg(got == kind, "%s: kind %d, not %d (%s)", path, got, kind, err.text);
}

START_TEST(probe_tells_kinds_by_content_and_size)
{
    uint8_t boot[512] = {0xEB, 0x3C, 0x90};
    boot[510] = 0x55, boot[511] = 0xAA;
    expect_kind(make_file("a", 1474560, boot, 512), IMAGE_FLOPPY);
    expect_kind(make_file("b", 512, boot, 512), IMAGE_FLOPPY);
    expect_kind(make_file("c", 20 * MB, NULL, 0), IMAGE_DISK);
    boot[446] = 0x80, boot[450] = 6, boot[454] = 1, boot[458] = 100;
    expect_kind(make_file("d", MB, boot, 512), IMAGE_DISK);
    boot[446 + 16] = 0x90; /* boot code rather than a table */
    expect_kind(make_file("e", MB, boot, 512), IMAGE_FLOPPY);
    uint8_t kernel[1024] = {0};
    kernel[0x1FE] = 0x55, kernel[0x1FF] = 0xAA;
    memcpy(kernel + 0x202, "HdrS", 4);
    expect_kind(make_file("f", 100001, kernel, sizeof kernel), IMAGE_KERNEL_LINUX);
    static uint8_t iso[17 * 2048];
    memcpy(iso + 16 * 2048, "\1CD001", 6);
    memcpy(iso, boot, 512); /* hybrid */
    expect_kind(make_file("g", MB, iso, sizeof iso), IMAGE_CD);
    struct error err;
    expect_kind(make_file("h", 1000, NULL, 0), IMAGE_UNKNOWN);
    ck_assert_int_eq(image_probe(path_of("h"), &err), IMAGE_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(err.text, "1024"));
    ck_assert_int_eq(image_probe(path_of("nothing"), &err), IMAGE_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(err.text, "no such file"));
}
END_TEST

START_TEST(multiboot_header_counts_only_with_a_valid_checksum)
{
    uint8_t elf[4096] = {0x7F, 'E', 'L', 'F'};
    uint32_t header[3] = {0x1BADB002, 3, -(0x1BADB002u + 3)};
    memcpy(elf + 1000, header, 12);
    expect_kind(make_file("a", 5001, elf, sizeof elf), IMAGE_KERNEL_MULTIBOOT);
    elf[1008]++;
    expect_kind(make_file("b", 5001, elf, sizeof elf), IMAGE_UNKNOWN);
    header[0] = 0xE85250D6;
    memcpy(elf + 1000, header, 4);
    struct error err;
    ck_assert_int_eq(image_probe(make_file("c", 5001, elf, sizeof elf), &err), IMAGE_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(err.text, "Multiboot 2"));
}
END_TEST

static struct disk_geometry floppy_geometry_of(size_t size, const void *head, size_t count)
{
    struct image *image = image_open(make_file("floppy", size, head, count), NULL, NULL);
    struct disk_geometry geometry = {0, 0, 0};
    struct error err = {""};
    ck_assert_msg(image_floppy_geometry(image, &geometry, &err), "%s", err.text);
    image_close(image);
    return geometry;
}

START_TEST(floppy_geometry_comes_from_bpb_or_size)
{
    static const struct {
        size_t kb;
        unsigned cylinders, heads, sectors;
    } formats[] = {{160, 40, 1, 8},   {180, 40, 1, 9},   {320, 40, 2, 8},   {360, 40, 2, 9},  {720, 80, 2, 9},
                   {1200, 80, 2, 15}, {1440, 80, 2, 18}, {1680, 80, 2, 21}, {2880, 80, 2, 36}};
    for (unsigned i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct disk_geometry g = floppy_geometry_of(formats[i].kb * 1024, NULL, 0);
        ck_assert_uint_eq(g.cylinders, formats[i].cylinders);
        ck_assert_uint_eq(g.heads, formats[i].heads);
        ck_assert_uint_eq(g.sectors, formats[i].sectors);
    }
    struct disk_geometry g = floppy_geometry_of(512, NULL, 0);
    ck_assert(g.cylinders == 80 && g.sectors == 18);
    /* 80 tracks on one side: the size alone says 40 on two. */
    uint8_t boot[512] = {0xEB, 0x3C, 0x90};
    boot[12] = 2, boot[19] = 720 & 0xFF, boot[20] = 720 >> 8, boot[24] = 9, boot[26] = 1;
    g = floppy_geometry_of(360 * 1024, boot, 512);
    ck_assert(g.cylinders == 80 && g.heads == 1 && g.sectors == 9);
    boot[19]++; /* disagrees with the size: not believed */
    g = floppy_geometry_of(360 * 1024, boot, 512);
    ck_assert(g.cylinders == 40 && g.heads == 2);
    struct image *image = image_open(make_file("big", 3 * MB, NULL, 0), NULL, NULL);
    struct error err;
    ck_assert(!image_floppy_geometry(image, &g, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "more than any floppy"));
    image_close(image);
}
END_TEST

static struct disk_geometry disk_geometry_of(uint64_t size, const void *head, size_t count)
{
    struct image *image = image_open(make_file("disk", size, head, count), NULL, NULL);
    struct disk_geometry geometry = {0, 0, 0};
    ck_assert(image_disk_geometry(image, &geometry, NULL));
    image_close(image);
    return geometry;
}

START_TEST(disk_geometry_comes_from_partition_table_or_size)
{
    struct disk_geometry g = disk_geometry_of(10 * 16 * 63 * 512, NULL, 0);
    ck_assert(g.cylinders == 10 && g.heads == 16 && g.sectors == 63);
    g = disk_geometry_of(2ull << 30, NULL, 0);
    ck_assert(g.heads == 128 && g.sectors == 63);
    g = disk_geometry_of(20ull << 30, NULL, 0);
    ck_assert(g.heads == 255);
    /* 306 cylinders, 4 heads, 17 sectors; one partition of cylinders 0-304 from the second head. */
    uint8_t mbr[512] = {0};
    mbr[510] = 0x55, mbr[511] = 0xAA;
    uint8_t *entry = mbr + 446;
    uint32_t length = 305 * 4 * 17 - 17;
    entry[1] = 1, entry[2] = 1, entry[4] = 1;
    entry[5] = 3, entry[6] = 17 | (304 >> 8) << 6, entry[7] = 304 & 0xFF;
    entry[8] = 17;
    memcpy(entry + 12, &length, 4);
    g = disk_geometry_of(306 * 4 * 17 * 512, mbr, 512);
    ck_assert(g.cylinders == 306 && g.heads == 4 && g.sectors == 17);
    entry[5] = 4; /* contradicts its own LBA */
    g = disk_geometry_of(306 * 4 * 17 * 512, mbr, 512);
    ck_assert(g.heads == 16 && g.sectors == 63);
    g = disk_geometry_of(512, NULL, 0);
    ck_assert(g.cylinders == 1 && g.heads == 1 && g.sectors == 1);
}
END_TEST

START_TEST(create_makes_an_empty_disk_and_never_overwrites)
{
    const char *path = path_of("new.img");
    struct error err;
    ck_assert(image_create(path, 10 * MB, &err));
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq((uint64_t)st.st_size, 10 * MB);
    ck_assert(!image_create(path, MB, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "exists already"));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq((uint64_t)st.st_size, 10 * MB);
    ck_assert(!image_create(path_of("odd.img"), 1000, &err));
    ck_assert_int_ne(access(path_of("odd.img"), F_OK), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image");
    TCase *tests = tcase_create("image");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, bad_files_are_refused_in_one_line_that_names_them);
    tcase_add_test(tests, truncated_iso_is_refused_with_the_size_it_should_have);
    tcase_add_test(tests, sectors_written_are_read_back_and_land_in_the_file);
    tcase_add_test(tests, snapshot_leaves_the_file_untouched);
    tcase_add_test(tests, file_without_write_permission_is_read_only);
    tcase_add_test(tests, image_in_use_is_refused_but_readers_share);
    tcase_add_test(tests, gzip_images_are_unpacked_read_only_unless_snapshot);
    tcase_add_test(tests, probe_tells_kinds_by_content_and_size);
    tcase_add_test(tests, multiboot_header_counts_only_with_a_valid_checksum);
    tcase_add_test(tests, the_hash_follows_what_is_written_to_the_file);
    tcase_add_test(tests, changes_are_adopted_as_a_whole);
    tcase_add_test(tests, a_file_is_made_what_it_was_as_a_whole);
    tcase_add_test(tests, floppy_geometry_comes_from_bpb_or_size);
    tcase_add_test(tests, disk_geometry_comes_from_partition_table_or_size);
    tcase_add_test(tests, create_makes_an_empty_disk_and_never_overwrites);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
