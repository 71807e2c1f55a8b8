/* Shared by the files that take options: the row of the table, and helpers for values. */
#ifndef TICK86_MACHINE_OPTIONS_PRIVATE_H
#define TICK86_MACHINE_OPTIONS_PRIVATE_H

#include "machine/options.h"

struct option_row;
typedef bool option_fn(struct run_options *options, const struct option_row *row, const char *value,
                       struct error *err);

enum option_group {
    GROUP_MACHINE,
    GROUP_DRIVES,
    GROUP_BOOT,
    GROUP_PORTS,
    GROUP_DISPLAY,
    GROUP_RUN,
    GROUP_MONITOR,
    GROUP_HELP,
    GROUPS
};

struct option_row {
    enum option_group group;
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* as --help shows it; NULL: a switch, "yes" or "no" in configuration files */
    option_fn *set;
    unsigned index; /* for functions that serve several rows: drive, port, or offset of a string */
    bool is_file;   /* relative names in configuration files start at the file's folder */
    bool is_list;   /* several values, separated by commas, are set one after the other */
    bool command_line_only;
    const char *help; /* NULL: told by the row before */
};

/* Frees *STRING and puts a copy of VALUE (NULL: none) in its place. */
void options_replace(char **string, const char *value);
void options_list_add(struct string_list *list, const char *value);
void options_list_clear(struct string_list *list);
/* Index of VALUE in a NULL-terminated list of words, or -1. */
int options_word_index(const char *const *words, const char *value);
bool options_parse_switch(const struct option_row *row, const char *value, bool *out, struct error *err);
/* All of TEXT is a decimal number from MIN to MAX. */
bool options_parse_unsigned(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* Are the files of OPTIONS what they are needed for, each for one purpose? (options_conflicts.c) Floppy
 * drives get a type that takes all their media. */
bool options_check_files(struct run_options *options, struct error *err);

/* Of section [drives] (options_drives.c). */
option_fn options_set_floppy, options_set_floppy_type, options_set_disk, options_set_disk_geometry,
    options_set_disk_translation, options_set_cdrom, options_set_snapshot, options_set_create;

#endif
