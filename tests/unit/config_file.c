/* Configuration files: keys, sections, relative names, errors with file and line. */
#include <check.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/options.h"

static struct run_options options;
static struct error err;
static char path[64];

static void setup(void)
{
    run_options_init(&options);
    err.text[0] = 0;
    strcpy(path, "/tmp/tick86-config-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void teardown(void)
{
    unlink(path);
    run_options_free(&options);
}

static bool read_text(const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return config_file_read(&options, path, &err);
}

static void refused_at(const char *text, int line, const char *part)
{
    char start[96];
    snprintf(start, sizeof start, "%s:%d: ", path, line);
    ck_assert_msg(!read_text(text), "taken: %s", text);
    ck_assert_msg(!strncmp(err.text, start, strlen(start)), "'%s' does not start with '%s'", err.text, start);
    ck_assert_msg(strstr(err.text, part) != NULL, "'%s' lacks '%s'", err.text, part);
    ck_assert_msg(!strchr(err.text, '\n'), "more than one line: %s", err.text);
}

START_TEST(keys_are_the_long_options)
{
    ck_assert_msg(read_text("; a comment\n"
                            "[machine]\n"
                            "cpu = pentium ; inline comment\n"
                            "memory = 24M\n"
                            "mhz = 90\n"
                            "\n"
                            "[drives]\n"
                            "  hda = disk.img\n"
                            "  snapshot = yes\n"
                            "[boot]\n"
                            "boot = ca\n"
                            "[ports]\n"
                            "com2 = pty\n"
                            "mouse = serial\n"
                            "[run]\n"
                            "speed = real\n"),
                  "%s", err.text);
    ck_assert_str_eq(options.machine.cpu_model, "pentium");
    ck_assert_uint_eq(options.machine.memory, 24 << 20);
    ck_assert_uint_eq(options.machine.hz, 90000000);
    ck_assert(options.machine.snapshot);
    ck_assert_str_eq(options.machine.boot_order, "ca");
    ck_assert_str_eq(options.serial[1], "pty");
    ck_assert_int_eq(options.machine.mouse, MOUSE_SERIAL);
    ck_assert_uint_eq(options.speed, 100);
}
END_TEST

START_TEST(relative_file_names_start_at_the_file)
{
    ck_assert(read_text("[drives]\nfda = floppy.img\nfdb = /abs/floppy.img\ncdrom = none\n"));
    ck_assert_str_eq(options.machine.floppy[0], "/tmp/floppy.img");
    ck_assert_str_eq(options.machine.floppy[1], "/abs/floppy.img");
    ck_assert_int_eq(options.machine.disk[2].kind, DRIVE_CDROM);
    ck_assert_ptr_null(options.machine.disk[2].path);
}
END_TEST

START_TEST(switches_can_be_turned_off)
{
    ck_assert(read_text("[drives]\nsnapshot = yes\nsnapshot = no\n[display]\nsound = off\n"));
    ck_assert(!options.machine.snapshot);
    ck_assert(!options.sound);
}
END_TEST

START_TEST(the_command_line_wins_when_it_comes_later)
{
    FILE *file = fopen(path, "w");
    fputs("[machine]\nmemory = 8M\ncpu = 386\n", file);
    fclose(file);
    char *argv[] = {"tick86", "--cpu", "pentium", "-c", path, "-m", "32M", NULL};
    ck_assert(run_options_parse(&options, 7, argv, &err));
    ck_assert_uint_eq(options.machine.memory, 32 << 20);
    ck_assert_str_eq(options.machine.cpu_model, "386");
}
END_TEST

START_TEST(unknown_names_are_refused_by_file_and_line)
{
    refused_at("[machine]\nmemroy = 8M\n", 2, "unknown key 'memroy' in section [machine]");
    refused_at("[machine]\n\n[computer]\nmemory = 8M\n", 3, "unknown section [computer]");
    refused_at("[machine]\nmemory = 8M\n[computer]\n", 3, "unknown section [computer]");
    refused_at("[machine]\nhda = x\n", 2, "'hda' belongs into section [drives]");
    refused_at("memory = 8M\n", 1, "before any [section]");
    refused_at("[machine]\nconfig = other.ini\n", 2, "unknown key 'config'");
}
END_TEST

START_TEST(bad_values_are_refused_by_file_and_line)
{
    refused_at("[machine]\n# fine\nmemory = lots\n", 3, "lots");
    refused_at("[drives]\nsnapshot = perhaps\n", 2, "yes or no");
    refused_at("[machine]\nmemory =\n", 2, "no value");
    refused_at("[machine]\nmemory = 8M\nwhat is this\ncpu = 386\n", 3, "neither [section] nor key = value");
    refused_at("[machine\nmemory = 8M\n", 1, "neither [section] nor key = value");
}
END_TEST

START_TEST(over_long_lines_are_refused_not_split)
{
    char text[600] = "[boot]\nappend = ";
    memset(text + strlen(text), 'x', 500);
    refused_at(text, 2, "longer than");
}
END_TEST

START_TEST(missing_files_and_folders_are_named)
{
    ck_assert(!config_file_read(&options, "/nonexistent/x.ini", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/x.ini: No such file"));
    ck_assert(!config_file_read(&options, "/tmp", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "/tmp: is a folder"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config_file");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, keys_are_the_long_options);
    tcase_add_test(tests, relative_file_names_start_at_the_file);
    tcase_add_test(tests, switches_can_be_turned_off);
    tcase_add_test(tests, the_command_line_wins_when_it_comes_later);
    tcase_add_test(tests, unknown_names_are_refused_by_file_and_line);
    tcase_add_test(tests, bad_values_are_refused_by_file_and_line);
    tcase_add_test(tests, over_long_lines_are_refused_not_split);
    tcase_add_test(tests, missing_files_and_folders_are_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
