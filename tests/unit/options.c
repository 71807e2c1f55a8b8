/* The command line: values, order, errors. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/options.h"

#define WORDS 32

static struct run_options options;
static struct error err;

static void setup(void)
{
    run_options_init(&options);
    err.text[0] = 0;
}

static void teardown(void)
{
    run_options_free(&options);
}

/* Parses "tick86" and the NULL-terminated words. */
static bool parse(const char *word, ...)
{
    static char name[] = "tick86";
    char *argv[WORDS + 1] = {name};
    int argc = 1;
    va_list args;
    va_start(args, word);
    for (; word && argc < WORDS; word = va_arg(args, const char *))
        argv[argc++] = (char *)word;
    va_end(args);
    argv[argc] = NULL;
    return run_options_parse(&options, argc, argv, &err);
}

static void refuse(const char *option, const char *value, const char *part)
{
    ck_assert_msg(!parse(option, value, NULL), "%s %s was taken", option, value);
    ck_assert_msg(strstr(err.text, part) != NULL, "%s %s: '%s' lacks '%s'", option, value, err.text, part);
    ck_assert_msg(!strchr(err.text, '\n'), "more than one line: %s", err.text);
}

START_TEST(sizes_take_binary_suffixes)
{
    uint64_t n;
    ck_assert(parse_size("16M", &n) && n == 16 << 20);
    ck_assert(parse_size("1g", &n) && n == 1u << 30);
    ck_assert(parse_size("640KB", &n) && n == 640 << 10);
    ck_assert(parse_size("512", &n) && n == 512);
    ck_assert(!parse_size("", &n) && !parse_size("M", &n) && !parse_size("-1M", &n) &&
              !parse_size("12Q", &n));
    ck_assert(!parse_size("99999999999999999999G", &n) && !parse_size("18446744073709551615G", &n));
}
END_TEST

START_TEST(durations_need_a_unit)
{
    uint64_t n;
    ck_assert(parse_duration("10s", &n) && n == 10000000000ull);
    ck_assert(parse_duration("250ms", &n) && n == 250000000);
    ck_assert(parse_duration("1.5s", &n) && n == 1500000000);
    ck_assert(parse_duration("2m", &n) && n == 120000000000ull);
    ck_assert(!parse_duration("10", &n) && !parse_duration("s", &n) && !parse_duration("-1s", &n) &&
              !parse_duration("10 s", &n));
}
END_TEST

START_TEST(machine_values_arrive)
{
    ck_assert_msg(parse("-m", "32M", "--cpu", "486dx2", "--mhz", "66.6", "--cpus", "2", "--boot", "cd",
                        "--snapshot", "--append", "console=ttyS0 quiet", NULL),
                  "%s", err.text);
    ck_assert_uint_eq(options.machine.memory, 32 << 20);
    ck_assert_str_eq(options.machine.cpu_model, "486dx2");
    ck_assert_uint_eq(options.machine.hz, 66600000);
    ck_assert_uint_eq(options.machine.cpus, 2);
    ck_assert_str_eq(options.machine.boot_order, "cd");
    ck_assert(options.machine.snapshot);
    ck_assert_str_eq(options.machine.kernel_append, "console=ttyS0 quiet");
}
END_TEST

START_TEST(drives_arrive_at_their_places)
{
    ck_assert(parse("--fda", "a.img", "--fdb=b.img", "--hda", "c.img", "--hdd", "d.img", "--cdrom", "e.iso",
                    "--hda-chs", "306/4/17", "--hdd-translation", "lba", "--fdb-type", "1.2M", NULL));
    ck_assert_str_eq(options.machine.floppy[0], "a.img");
    ck_assert_str_eq(options.machine.floppy[1], "b.img");
    ck_assert_uint_eq(options.machine.floppy_type[1], 2);
    ck_assert_int_eq(options.machine.disk[0].kind, DRIVE_DISK);
    ck_assert_str_eq(options.machine.disk[0].path, "c.img");
    ck_assert_uint_eq(options.machine.disk[0].cylinders, 306);
    ck_assert_uint_eq(options.machine.disk[0].heads, 4);
    ck_assert_uint_eq(options.machine.disk[0].sectors, 17);
    ck_assert_int_eq(options.machine.disk[1].kind, DRIVE_NONE);
    ck_assert_int_eq(options.machine.disk[2].kind, DRIVE_CDROM);
    ck_assert_str_eq(options.machine.disk[2].path, "e.iso");
    ck_assert_int_eq(options.machine.disk[3].translation, TRANSLATION_LBA);
}
END_TEST

START_TEST(the_cd_drive_avoids_hard_disks)
{
    ck_assert(parse("--hdc", "c.img", "--cdrom", "none", NULL));
    ck_assert_int_eq(options.machine.disk[3].kind, DRIVE_CDROM);
    ck_assert_ptr_null(options.machine.disk[3].path);
}
END_TEST

START_TEST(later_options_win)
{
    ck_assert(parse("-m", "16M", "--memory", "8M", "--hda", "a", "--hda", "b", "--speed", "max", "--speed",
                    "50%", NULL));
    ck_assert_uint_eq(options.machine.memory, 8 << 20);
    ck_assert_str_eq(options.machine.disk[0].path, "b");
    ck_assert_uint_eq(options.speed, 50);
}
END_TEST

START_TEST(a_drive_has_several_media)
{
    ck_assert(
        parse("--fda", "a,b", "--fdb", "x", "--fda", "c", "--cdrom", "1.iso", "--cdrom", "2.iso", NULL));
    ck_assert_uint_eq(options.media[0].count, 3);
    ck_assert_str_eq(options.media[0].items[1], "b");
    ck_assert_str_eq(options.media[0].items[2], "c");
    ck_assert_str_eq(options.machine.floppy[0], "a");
    ck_assert_uint_eq(options.media[1].count, 1);
    ck_assert_uint_eq(options.media[4].count, 2);
    ck_assert_str_eq(options.machine.disk[2].path, "1.iso");
}
END_TEST

START_TEST(media_of_the_command_line_replace_those_of_a_file)
{
    options.in_config_file = true;
    ck_assert(run_options_set(&options, "drives", "fda", "one.img, two.img", "sets", &err));
    ck_assert_str_eq(options.media[0].items[1], "sets/two.img");
    ck_assert(run_options_set(&options, "drives", "hda", "fat:files,chs=20/16/63", "sets", &err));
    ck_assert_str_eq(options.machine.disk[0].path, "fat:sets/files");
    options.in_config_file = false;
    ck_assert(parse("--fda", "three.img", NULL));
    ck_assert_uint_eq(options.media[0].count, 1);
    ck_assert_str_eq(options.machine.floppy[0], "three.img");
    ck_assert(parse("--fda", "none", NULL));
    ck_assert_ptr_null(options.machine.floppy[0]);
}
END_TEST

START_TEST(a_disk_takes_its_geometry_along)
{
    ck_assert(parse("--hda", "c.img,chs=306/4/17,trans=none", "--hdb", "a,b.img,trans=lba", NULL));
    ck_assert_str_eq(options.machine.disk[0].path, "c.img");
    ck_assert_uint_eq(options.machine.disk[0].cylinders, 306);
    ck_assert_uint_eq(options.machine.disk[0].heads, 4);
    ck_assert_uint_eq(options.machine.disk[0].sectors, 17);
    ck_assert_int_eq(options.machine.disk[0].translation, TRANSLATION_NONE);
    ck_assert_str_eq(options.machine.disk[1].path, "a,b.img");
    ck_assert_int_eq(options.machine.disk[1].translation, TRANSLATION_LBA);
    refuse("--hda", "c.img,chs=306/4", "chs=");
    refuse("--hda", "c.img,chs=306/256/17", "1 to 65535, 1 to 16 and 1 to 63");
    refuse("--hda", "c.img,chs=1024/255/63", "trans=lba");
    refuse("--hda", "c.img,chs=1024/17/63", "1 to 16");
    refuse("--hda", "c.img,chs=1024/16/64", "1 to 63");
    refuse("--hda", "c.img,chs=0/16/63", "1 to 65535");
    refuse("--hda-chs", "65536/16/63", "1 to 65535");
    refuse("--hda", "c.img,trans=big", "trans=");
    refuse("--hda", "c.img,heads=4", "heads=4");
    refuse("--hda", ",trans=lba", "empty");
}
END_TEST

START_TEST(new_images_have_the_sizes_of_floppies)
{
    uint64_t n;
    ck_assert(parse_image_size("1.44M", &n) && n == 1474560);
    ck_assert(parse_image_size("2.88m", &n) && n == 2949120);
    ck_assert(parse_image_size("1440K", &n) && n == 1474560);
    ck_assert(parse_image_size("100M", &n) && n == 100 << 20);
    ck_assert(!parse_image_size("1.5M", &n));
    ck_assert(parse("--create", "a,b.img,720K", NULL));
    ck_assert_str_eq(options.create.items[0], "a,b.img,720K");
    refuse("--create", "a.img", "FILE,SIZE");
    refuse("--create", "a.img,", "FILE,SIZE");
    refuse("--create", "a.img,0", "FILE,SIZE");
    refuse("--create", "a.img,1000", "512");
    refuse("--create", ",720K", "FILE,SIZE");
}
END_TEST

START_TEST(images_keep_their_order_among_options)
{
    ck_assert(parse("one", "--snapshot", "two", "--", "--three", NULL));
    ck_assert_uint_eq(options.images.count, 3);
    ck_assert_str_eq(options.images.items[0], "one");
    ck_assert_str_eq(options.images.items[1], "two");
    ck_assert_str_eq(options.images.items[2], "--three");
    ck_assert(options.machine.snapshot);
}
END_TEST

START_TEST(serial_is_counted_from_com1)
{
    ck_assert(parse("--serial", "stdio", "--serial", "tcp::4000", "--serial", "pty", NULL));
    ck_assert_str_eq(options.serial[0], "stdio");
    ck_assert_str_eq(options.serial[1], "tcp::4000");
    ck_assert_str_eq(options.serial[2], "pty");
    ck_assert(options.machine.serial_present[2] && !options.machine.serial_present[3]);
}
END_TEST

START_TEST(limits_may_be_time_and_instructions)
{
    ck_assert_uint_eq(options.limit_ns, UINT64_MAX);
    ck_assert(parse("--limit", "10s", "--limit", "5000000i", NULL));
    ck_assert_uint_eq(options.limit_ns, 10000000000ull);
    ck_assert_uint_eq(options.limit_instructions, 5000000);
}
END_TEST

START_TEST(dates_are_local_time_of_the_guest)
{
    ck_assert(parse("--time", "1999-12-31T23:59:00", NULL));
    ck_assert_int_eq(options.start_time, START_TIME_FIXED);
    ck_assert_int_eq(options.machine.start_time, 946684740);
    ck_assert(parse("--time", "host", NULL));
    ck_assert_int_eq(options.start_time, START_TIME_HOST);
}
END_TEST

START_TEST(mistakes_are_refused_in_one_line_that_names_them)
{
    static const char *const bad[][3] = {
        {"--memory", "12Q", "12Q"},
        {"--memory", "1K", "1M"},
        {"--cpus", "0", "1 to 8"},
        {"--mhz", "fast", "fast"},
        {"--time", "yesterday", "yesterday"},
        {"--time", "1999-13-01T00:00:00", "--time"},
        {"--boot", "x", "--boot x"},
        {"--boot", "aa", "once"},
        {"--boot", "", "empty"},
        {"--display", "x11", "sdl, term, none"},
        {"--speed", "50", "percentage"},
        {"--speed", "0%", "percentage"},
        {"--limit", "10", "10s"},
        {"--serial", "com7", "tcp:HOST:PORT"},
        {"--serial", "tcp:host:99999", "tcp:HOST:PORT"},
        {"--serial", "file:", "file:PATH"},
        {"--debugcon", "pty", "file:PATH"},
        {"--hda-chs", "1/2", "CYLINDERS"},
        {"--hda-chs", "1/2/64", "63"},
        {"--hda-chs", "4294967297/2/3", "65535"},
        {"--hda-translation", "big", "large"},
        {"--fda-type", "1.44", "1.44M"},
        {"--fda", "", "empty"},
        {"--on-triple-fault", "burn", "stop or reset"},
        {"--until-screen", "(", "regular expression"},
        {"--until-serial", "a**[", "regular expression"},
        {"--mouse", "bus", "ps2"},
        {"--nonsense", "1", "--nonsense"},
        {"--snapshot=3", "1", "takes no value"},
        {"-q", "1", "-q"},
        {"--s", "1", "--s"},
        {"--config", "/nonexistent.ini", "/nonexistent.ini"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        teardown();
        setup();
        refuse(bad[i][0], bad[i][1], bad[i][2]);
    }
}
END_TEST

START_TEST(a_missing_value_is_told)
{
    ck_assert(!parse("--memory", NULL));
    ck_assert_str_eq(err.text, "--memory needs a value: --memory SIZE");
    ck_assert(!parse("-m", NULL));
    ck_assert_str_eq(err.text, "-m needs a value: --memory SIZE");
}
END_TEST

START_TEST(help_lists_what_is_there)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    run_options_print_help(out);
    fclose(out);
    static const char *const names[] = {"--config FILE", "-m, --memory SIZE",     "--until-screen REGEX",
                                        "--speed SPEED", "-x, --execute COMMAND", "Exit status",
                                        "[machine]",     "--stats FILE.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(strstr(text, names[i]) != NULL, "--help lacks %s", names[i]);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        ck_assert_msg(strlen(line) <= 110, "too wide: %s", line);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, sizes_take_binary_suffixes);
    tcase_add_test(tests, durations_need_a_unit);
    tcase_add_test(tests, machine_values_arrive);
    tcase_add_test(tests, drives_arrive_at_their_places);
    tcase_add_test(tests, the_cd_drive_avoids_hard_disks);
    tcase_add_test(tests, later_options_win);
    tcase_add_test(tests, a_drive_has_several_media);
    tcase_add_test(tests, media_of_the_command_line_replace_those_of_a_file);
    tcase_add_test(tests, a_disk_takes_its_geometry_along);
    tcase_add_test(tests, new_images_have_the_sizes_of_floppies);
    tcase_add_test(tests, images_keep_their_order_among_options);
    tcase_add_test(tests, serial_is_counted_from_com1);
    tcase_add_test(tests, limits_may_be_time_and_instructions);
    tcase_add_test(tests, dates_are_local_time_of_the_guest);
    tcase_add_test(tests, mistakes_are_refused_in_one_line_that_names_them);
    tcase_add_test(tests, a_missing_value_is_told);
    tcase_add_test(tests, help_lists_what_is_there);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
