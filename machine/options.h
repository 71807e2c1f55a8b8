/* What the user asked for: command line and configuration files become one `struct run_options`.
 *
 * Both come from one table of options (options.c): a row has the long name, the letter, the section of
 * configuration files where its name is a key, and the function that takes the value. What is given later
 * wins. */
#ifndef TICK86_MACHINE_OPTIONS_H
#define TICK86_MACHINE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "machine/config.h"

enum display_kind { DISPLAY_AUTO, DISPLAY_SDL, DISPLAY_TERM, DISPLAY_NONE };
enum triple_fault_action { TRIPLE_FAULT_AUTO, TRIPLE_FAULT_STOP, TRIPLE_FAULT_RESET };
enum start_time_kind { START_TIME_AUTO, START_TIME_HOST, START_TIME_FIXED };

#define SPEED_AUTO UINT32_MAX /* as the display wants it */
#define SPEED_MAX  0u

struct string_list {
    char **items;
    size_t count;
};

struct run_options {
    struct machine_config machine;
    enum display_kind display;
    bool full_screen;
    bool square_pixels; /* else the picture has the shape that the mode has on a monitor */
    bool sound;
    uint32_t speed; /* percent of the nominal clock, SPEED_MAX or SPEED_AUTO */
    enum triple_fault_action triple_fault;
    enum start_time_kind start_time;    /* with START_TIME_FIXED machine.start_time holds it */
    char *serial[MACHINE_SERIAL_PORTS]; /* NULL or "none": nothing connected */
    unsigned serials_given;             /* --serial options on the command line so far */
    char *debugcon, *parallel;          /* NULL: nothing connected */
    uint64_t limit_ns;                  /* virtual time, UINT64_MAX: none */
    uint64_t limit_instructions;        /* UINT64_MAX: none */
    char *load_path;                    /* snapshot to go on from */
    char *type_text;
    char *until_screen, *until_serial; /* POSIX extended regular expressions */
    char *screen_text_path, *screenshot_path, *stats_path, *video_path;
    bool monitor;
    struct string_list commands; /* -x */
    char *monitor_script;
    /* The media of each drive (floppies first, as enum machine_media_slot), the one inserted at first in
     * front; run_options_add_medium() keeps `machine` in step. */
    struct string_list media[MACHINE_DRIVES];
    bool media_from_file[MACHINE_DRIVES];   /* they come from a configuration file */
    bool in_config_file;                    /* one is being read */
    struct string_list create;              /* FILE,SIZE of --create */
    struct string_list images;              /* plain arguments, not yet told apart */
    bool help, version, cpu_help, log_help; /* print and leave */
};

/* Everything at its default. */
void run_options_init(struct run_options *options);
void run_options_free(struct run_options *options);

/* Takes a command line. False with ERR (one line, without the program's name) on the first mistake. */
bool run_options_parse(struct run_options *options, int argc, char **argv, struct error *err);

/* Whether configuration files may have a section SECTION. False with ERR, which lists the sections. */
bool run_options_check_section(const char *section, struct error *err);

/* Takes one KEY = VALUE of section SECTION of a configuration file whose folder is FOLDER (relative file
 * names start there; NULL: the current folder). */
bool run_options_set(struct run_options *options, const char *section, const char *key, const char *value,
                     const char *folder, struct error *err);

/* Reads a configuration file (config_file.c). The error names the file and the line. */
bool config_file_read(struct run_options *options, const char *path, struct error *err);

/* Gives each plain IMAGE argument its place by what it holds (options_images.c): floppies the next free of
 * fda, fdb; hard disks the next free of hda..hdd; CDs hdc if free, else the next; kernels --kernel. To be
 * called once after run_options_parse(). */
bool run_options_place_images(struct run_options *options, struct error *err);

/* Adds PATH to the media of a drive; NULL: the drive has none. */
void run_options_add_medium(struct run_options *options, unsigned drive, const char *path);

/* Makes the images of --create. */
bool run_options_create_images(const struct run_options *options, struct error *err);

/* The text of --help, from the table. */
void run_options_print_help(FILE *out);

/* "16M", "1G", "4096K", "65536": a number of bytes. */
bool parse_size(const char *text, uint64_t *bytes);
/* As parse_size(), and the names of floppies: "1.2M", "1.44M", "2.88M". */
bool parse_image_size(const char *text, uint64_t *bytes);
/* "10s", "250ms", "2m": nanoseconds. */
bool parse_duration(const char *text, uint64_t *nanoseconds);

#endif
