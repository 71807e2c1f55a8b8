/* The command line, and the table of all options that configuration files share with it. */
#include "machine/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "devices/image/image.h"
#include "machine/log_categories.h"
#include "machine/options_private.h"

static const char *const group_titles[GROUPS] = {"Machine", "Drives",  "Starting up", "Ports",
                                                 "Display", "The run", "Monitor",     "Help"};
/* Sections of configuration files; NULL: command line only. */
static const char *const group_sections[GROUPS] = {"machine", "drives", "boot", "ports",
                                                   "display", "run",    NULL,   NULL};

/* --- Values ----------------------------------------------------------------------------------------------
 */

bool parse_size(const char *text, uint64_t *bytes)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    unsigned shift = 0;
    switch (toupper((unsigned char)*end)) {
    case 'K':
        shift = 10;
        end++;
        break;
    case 'M':
        shift = 20;
        end++;
        break;
    case 'G':
        shift = 30;
        end++;
        break;
    }
    if (shift && toupper((unsigned char)*end) == 'B')
        end++;
    if (errno || *end || number > UINT64_MAX >> shift)
        return false;
    *bytes = (uint64_t)number << shift;
    return true;
}

bool parse_duration(const char *text, uint64_t *nanoseconds)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
    char *end;
    if (!isdigit((unsigned char)*text) && *text != '.')
        return false;
    double number = strtod(text, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!strcmp(end, units[i].unit) && number * units[i].ns < 9e18) {
            *nanoseconds = (uint64_t)llround(number * units[i].ns);
            return true;
        }
    }
    return false;
}

bool options_parse_unsigned(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || *end || number < min || number > max)
        return false;
    *out = number;
    return true;
}

void options_replace(char **string, const char *value)
{
    free(*string);
    *string = value ? xstrdup(value) : NULL;
}

void options_list_clear(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct string_list){0};
}

void options_list_add(struct string_list *list, const char *value)
{
    list->items = xrealloc(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = xstrdup(value);
}

int options_word_index(const char *const *words, const char *value)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(words[i], value))
            return i;
    return -1;
}

bool options_parse_switch(const struct option_row *row, const char *value, bool *out, struct error *err)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1", NULL};
    int i = options_word_index(words, value);
    if (i < 0)
        return error_set(err, "--%s %s: say yes or no", row->name, value);
    *out = i & 1;
    return true;
}

/* --- What each option does --------------------------------------------------------------------------------
 */

/* A string kept as it is; the row's index is its offset in run_options. */
static bool set_string(struct run_options *options, const struct option_row *row, const char *value,
                       struct error *err)
{
    (void)err;
    options_replace((char **)((char *)options + row->index), value);
    return true;
}

static bool set_config(struct run_options *options, const struct option_row *row, const char *value,
                       struct error *err)
{
    (void)row;
    options->in_config_file = true;
    bool ok = config_file_read(options, value, err);
    options->in_config_file = false;
    return ok;
}

static bool set_memory(struct run_options *options, const struct option_row *row, const char *value,
                       struct error *err)
{
    (void)row;
    uint64_t bytes;
    if (!parse_size(value, &bytes))
        return error_set(err, "--memory %s: not a size; say for instance 16M or 1G", value);
    if (bytes < 1u << 20 || bytes > 3ull << 30)
        return error_set(err, "--memory %s: from 1M to 3G, please", value);
    options->machine.memory = bytes;
    return true;
}

static bool set_cpu(struct run_options *options, const struct option_row *row, const char *value,
                    struct error *err)
{
    if (!strcmp(value, "help")) {
        options->cpu_help = true;
        return true;
    }
    return set_string(options, row, value, err);
}

static bool set_cpus(struct run_options *options, const struct option_row *row, const char *value,
                     struct error *err)
{
    (void)row;
    uint64_t count;
    if (!options_parse_unsigned(value, 1, 8, &count))
        return error_set(err, "--cpus %s: a number from 1 to 8, please", value);
    options->machine.cpus = (unsigned)count;
    return true;
}

static bool set_mhz(struct run_options *options, const struct option_row *row, const char *value,
                    struct error *err)
{
    (void)row;
    char *end;
    double mhz = strspn(value, "0123456789.") == strlen(value) && *value ? strtod(value, &end) : 0;
    if (mhz < 1 || mhz > 10000 || *end)
        return error_set(err, "--mhz %s: a number from 1 to 10000, please", value);
    options->machine.hz = (uint64_t)llround(mhz * 1e6);
    return true;
}

static bool set_time(struct run_options *options, const struct option_row *row, const char *value,
                     struct error *err)
{
    (void)row;
    if (!strcmp(value, "host")) {
        options->start_time = START_TIME_HOST;
        return true;
    }
    struct tm tm = {0};
    const char *rest = strptime(value, "%Y-%m-%dT%H:%M:%S", &tm);
    struct tm same = tm;
    int64_t seconds = timegm(&same); /* makes a 30th of February the 2nd of March */
    if (!rest || *rest || tm.tm_year < 80 || tm.tm_year > 199 || same.tm_mday != tm.tm_mday || tm.tm_sec > 59)
        return error_set(err, "--time %s: say host, or a date from 1980 to 2099 like 1999-12-31T23:59:00",
                         value);
    options->start_time = START_TIME_FIXED;
    options->machine.start_time = seconds;
    return true;
}

static bool set_triple_fault(struct run_options *options, const struct option_row *row, const char *value,
                             struct error *err)
{
    (void)row;
    static const char *const words[] = {"stop", "reset", NULL};
    int i = options_word_index(words, value);
    if (i < 0)
        return error_set(err, "--on-triple-fault %s: say stop or reset", value);
    options->triple_fault = i ? TRIPLE_FAULT_RESET : TRIPLE_FAULT_STOP;
    return true;
}

static bool set_option_rom(struct run_options *options, const struct option_row *row, const char *value,
                           struct error *err)
{
    (void)row;
    char **roms = options->machine.option_roms;
    size_t places = sizeof options->machine.option_roms / sizeof *roms;
    for (size_t i = 0; i < places; i++) {
        if (!roms[i]) {
            roms[i] = xstrdup(value);
            return true;
        }
    }
    return error_set(err, "--option-rom %s: there is room for %zu only; leave one out", value, places);
}

static bool set_boot(struct run_options *options, const struct option_row *row, const char *value,
                     struct error *err)
{
    (void)row;
    char order[8];
    size_t n = 0;
    for (const char *at = value; *at; at++) {
        if (*at == ',')
            continue;
        if (!strchr("acdn", *at) || n == 4 || memchr(order, *at, n))
            return error_set(
                err, "--boot %s: letters of a (floppy), c (disk), d (CD), n (network), each once", value);
        order[n++] = *at;
    }
    if (!n)
        return error_set(err, "--boot: the order is empty; say for instance --boot cd");
    order[n] = 0;
    memcpy(options->machine.boot_order, order, n + 1);
    return true;
}

static bool set_boot_menu(struct run_options *options, const struct option_row *row, const char *value,
                          struct error *err)
{
    options->machine.given |= GIVEN_BOOT_MENU;
    return options_parse_switch(row, value, &options->machine.boot_menu, err);
}

/* Is VALUE a way of connecting a port? INPUT: may it be a way that also brings bytes in? */
static bool check_connection(const char *name, const char *value, bool input, struct error *err)
{
    if (!strcmp(value, "none") || !strcmp(value, "stdio") || (!strncmp(value, "file:", 5) && value[5]))
        return true;
    if (!input)
        return error_set(err, "--%s %s: one of none, stdio, file:PATH, please", name, value);
    if (!strcmp(value, "pty"))
        return true;
    if (!strncmp(value, "tcp:", 4)) {
        const char *port = strrchr(value + 4, ':');
        uint64_t number;
        if (port && options_parse_unsigned(port + 1, 1, 65535, &number))
            return true;
        return error_set(err, "--%s %s: tcp:HOST:PORT, or tcp::PORT to listen, please", name, value);
    }
    return error_set(err, "--%s %s: one of none, stdio, file:PATH, tcp:HOST:PORT, tcp::PORT, pty, please",
                     name, value);
}

static bool set_com(struct run_options *options, const struct option_row *row, const char *value,
                    struct error *err)
{
    if (!check_connection(row->name, value, true, err))
        return false;
    options_replace(&options->serial[row->index], value);
    options->machine.serial_present[row->index] = true;
    return true;
}

/* The first --serial is COM1, the next COM2, ... */
static bool set_serial(struct run_options *options, const struct option_row *row, const char *value,
                       struct error *err)
{
    if (options->serials_given == MACHINE_SERIAL_PORTS)
        return error_set(err, "--serial %s: there are %u serial ports only; leave one out", value,
                         MACHINE_SERIAL_PORTS);
    struct option_row com = *row;
    com.index = options->serials_given++;
    return set_com(options, &com, value, err);
}

static bool set_debugcon(struct run_options *options, const struct option_row *row, const char *value,
                         struct error *err)
{
    return check_connection(row->name, value, false, err) && set_string(options, row, value, err);
}

static bool set_serial_rate(struct run_options *options, const struct option_row *row, const char *value,
                            struct error *err)
{
    (void)row;
    options->machine.serial_line_rate = !strcmp(value, "line");
    options->machine.given |= GIVEN_SERIAL_RATE;
    return options->machine.serial_line_rate || !strcmp(value, "max") ||
           error_set(err, "--serial-rate %s: max or line, please", value);
}

static bool set_mouse(struct run_options *options, const struct option_row *row, const char *value,
                      struct error *err)
{
    (void)row;
    struct machine_config *config = &options->machine;
    config->mouse_serial_port = 0;
    if (!strcmp(value, "ps2")) {
        config->mouse = MOUSE_PS2;
    } else if (!strcmp(value, "none")) {
        config->mouse = MOUSE_NONE;
    } else if (!strcmp(value, "serial")) {
        config->mouse = MOUSE_SERIAL;
    } else if (!strncmp(value, "com", 3) && value[3] >= '1' && value[3] <= '4' && !value[4]) {
        config->mouse = MOUSE_SERIAL;
        config->mouse_serial_port = (unsigned)(value[3] - '1');
    } else {
        return error_set(err, "--mouse %s: one of ps2, serial, com1 to com4, none, please", value);
    }
    config->given |= GIVEN_MOUSE;
    if (config->mouse == MOUSE_SERIAL)
        config->serial_present[config->mouse_serial_port] = true;
    return true;
}

static bool set_display(struct run_options *options, const struct option_row *row, const char *value,
                        struct error *err)
{
    (void)row;
    static const char *const words[] = {"auto", "sdl", "term", "none", NULL};
    int i = options_word_index(words, value);
    if (i < 0)
        return error_set(err, "--display %s: one of sdl, term, none, please", value);
    options->display = (enum display_kind)i;
    return true;
}

static bool set_aspect(struct run_options *options, const struct option_row *row, const char *value,
                       struct error *err)
{
    (void)row;
    static const char *const words[] = {"monitor", "pixels", NULL};
    int i = options_word_index(words, value);
    if (i < 0)
        return error_set(
            err, "--aspect %s: say monitor (4:3, as the mode looks on one) or pixels (square ones)", value);
    options->square_pixels = i == 1;
    return true;
}

static bool set_full_screen(struct run_options *options, const struct option_row *row, const char *value,
                            struct error *err)
{
    return options_parse_switch(row, value, &options->full_screen, err);
}

static bool set_sound(struct run_options *options, const struct option_row *row, const char *value,
                      struct error *err)
{
    return options_parse_switch(row, value, &options->sound, err);
}

static bool set_speed(struct run_options *options, const struct option_row *row, const char *value,
                      struct error *err)
{
    (void)row;
    char *end;
    if (!strcmp(value, "max")) {
        options->speed = SPEED_MAX;
        return true;
    }
    if (!strcmp(value, "real")) {
        options->speed = 100;
        return true;
    }
    unsigned long percent = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 0;
    if (percent < 1 || percent > 100000 || strcmp(end, "%"))
        return error_set(err, "--speed %s: say max, real, or a percentage like 50%%", value);
    options->speed = (uint32_t)percent;
    return true;
}

static bool set_limit(struct run_options *options, const struct option_row *row, const char *value,
                      struct error *err)
{
    (void)row;
    char *end;
    errno = 0;
    unsigned long long count = isdigit((unsigned char)*value) ? strtoull(value, &end, 10) : 0;
    if (count && !errno && !strcmp(end, "i")) {
        options->limit_instructions = count;
        return true;
    }
    uint64_t ns;
    if (!parse_duration(value, &ns))
        return error_set(err, "--limit %s: say 10s or 250ms of virtual time, or 5000000i instructions",
                         value);
    options->limit_ns = ns;
    return true;
}

static bool set_regex(struct run_options *options, const struct option_row *row, const char *value,
                      struct error *err)
{
    regex_t regex;
    int status = regcomp(&regex, value, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);
    if (status) {
        char why[128];
        regerror(status, &regex, why, sizeof why);
        return error_set(err, "--%s '%s': not a regular expression: %s", row->name, value, why);
    }
    regfree(&regex);
    return set_string(options, row, value, err);
}

static bool set_log(struct run_options *options, const struct option_row *row, const char *value,
                    struct error *err)
{
    if (!strcmp(value, "help")) {
        options->log_help = true;
        return true;
    }
    return log_categories_check(value, err) && set_string(options, row, value, err);
}

static bool set_monitor(struct run_options *options, const struct option_row *row, const char *value,
                        struct error *err)
{
    return options_parse_switch(row, value, &options->monitor, err);
}

static bool set_command(struct run_options *options, const struct option_row *row, const char *value,
                        struct error *err)
{
    (void)row;
    (void)err;
    options_list_add(&options->commands, value);
    return true;
}

static bool set_help(struct run_options *options, const struct option_row *row, const char *value,
                     struct error *err)
{
    (void)row;
    (void)value;
    (void)err;
    options->help = true;
    return true;
}

static bool set_version(struct run_options *options, const struct option_row *row, const char *value,
                        struct error *err)
{
    (void)row;
    (void)value;
    (void)err;
    options->version = true;
    return true;
}

/* --- The table --------------------------------------------------------------------------------------------
 */

#define STRING_AT(member) .set = set_string, .index = offsetof(struct run_options, member)
#define FILE_AT(member)   STRING_AT(member), .is_file = true
#define ROW(group_, name_, letter_, argument_)                                                               \
    .group = group_, .name = name_, .letter = letter_, .argument = argument_

/* clang-format off */
static const struct option_row rows[] = {
    {ROW(GROUP_MACHINE, "config", 'c', "FILE"), .set = set_config, .command_line_only = true,
     .help = "machine description (INI, see configs/); options given later win"},
    {ROW(GROUP_MACHINE, "memory", 'm', "SIZE"), .set = set_memory, .help = "RAM: 16M, 1G, ... (64M)"},
    {ROW(GROUP_MACHINE, "cpu", 0, "MODEL"), .set = set_cpu, .index = offsetof(struct run_options, machine.cpu_model),
     .help = "processor; --cpu help lists them"},
    {ROW(GROUP_MACHINE, "cpus", 0, "N"), .set = set_cpus, .help = "number of processors (1)"},
    {ROW(GROUP_MACHINE, "mhz", 0, "N"), .set = set_mhz, .help = "nominal processor clock (the model's own)"},
    {ROW(GROUP_MACHINE, "time", 0, "WHEN"), .set = set_time,
     .help = "the clock at power-on: host, or YYYY-MM-DDTHH:MM:SS (host; 2001-01-01T00:00:00 with --display none)"},
    {ROW(GROUP_MACHINE, "nvram", 0, "FILE"), FILE_AT(machine.nvram_path), .help = "keep the CMOS memory in FILE"},
    {ROW(GROUP_MACHINE, "bios", 0, "FILE"), FILE_AT(machine.bios_path), .help = "system firmware in place of the built-in one"},
    {ROW(GROUP_MACHINE, "vgabios", 0, "FILE"), FILE_AT(machine.vgabios_path), .help = "video firmware in place of the built-in one"},
    {ROW(GROUP_MACHINE, "option-rom", 0, "FILE"), .set = set_option_rom, .is_file = true,
     .help = "another ROM, at D0000h or where there is room; may be given four times"},
    {ROW(GROUP_MACHINE, "on-triple-fault", 0, "ACTION"), .set = set_triple_fault,
     .help = "stop or reset (reset; stop with --display none)"},

    {ROW(GROUP_DRIVES, "fda", 0, "FILE"), .set = options_set_floppy, .index = 0, .is_file = true, .is_list = true,
     .help = "floppy in drive A:; given again, or after a comma: others to change it for"},
    {ROW(GROUP_DRIVES, "fdb", 0, "FILE"), .set = options_set_floppy, .index = 1, .is_file = true, .is_list = true, .help = "likewise for drive B:"},
    {ROW(GROUP_DRIVES, "fda-type", 0, "TYPE"), .set = options_set_floppy_type, .index = 0,
     .help = "drive A: is a 360K, 1.2M, 720K, 1.44M or 2.88M drive"},
    {ROW(GROUP_DRIVES, "fdb-type", 0, "TYPE"), .set = options_set_floppy_type, .index = 1, .help = "likewise for drive B:"},
    {ROW(GROUP_DRIVES, "hda", 0, "FILE[,chs=C/H/S][,trans=HOW]"), .set = options_set_disk, .index = 0, .is_file = true, 
     .help = "hard disk, primary master; geometry and how the BIOS tells it (auto, none, large, lba), where the guess is wrong"},
    {ROW(GROUP_DRIVES, "hdb", 0, "FILE[,...]"), .set = options_set_disk, .index = 1, .is_file = true, .help = "hard disk, primary slave"},
    {ROW(GROUP_DRIVES, "hdc", 0, "FILE[,...]"), .set = options_set_disk, .index = 2, .is_file = true, .help = "hard disk, secondary master"},
    {ROW(GROUP_DRIVES, "hdd", 0, "FILE[,...]"), .set = options_set_disk, .index = 3, .is_file = true, .help = "hard disk, secondary slave"},
    {ROW(GROUP_DRIVES, "hda-chs", 0, "C/H/S"), .set = options_set_disk_geometry, .index = 0,
     .help = "the same as chs=; also --hdb-chs, --hdc-chs, --hdd-chs"},
    {ROW(GROUP_DRIVES, "hdb-chs", 0, "C/H/S"), .set = options_set_disk_geometry, .index = 1},
    {ROW(GROUP_DRIVES, "hdc-chs", 0, "C/H/S"), .set = options_set_disk_geometry, .index = 2},
    {ROW(GROUP_DRIVES, "hdd-chs", 0, "C/H/S"), .set = options_set_disk_geometry, .index = 3},
    {ROW(GROUP_DRIVES, "hda-translation", 0, "HOW"), .set = options_set_disk_translation, .index = 0,
     .help = "the same as trans=; also for hdb, hdc, hdd"},
    {ROW(GROUP_DRIVES, "hdb-translation", 0, "HOW"), .set = options_set_disk_translation, .index = 1},
    {ROW(GROUP_DRIVES, "hdc-translation", 0, "HOW"), .set = options_set_disk_translation, .index = 2},
    {ROW(GROUP_DRIVES, "hdd-translation", 0, "HOW"), .set = options_set_disk_translation, .index = 3},
    {ROW(GROUP_DRIVES, "cdrom", 0, "FILE"), .set = options_set_cdrom, .is_file = true, .is_list = true,
     .help = "CD (ISO 9660) in a drive, the secondary master if free; none: an empty drive; given again: others to change it for"},
    {ROW(GROUP_DRIVES, "snapshot", 0, NULL), .set = options_set_snapshot,
     .help = "disk writes go to a temporary overlay, the images stay untouched"},
    {ROW(GROUP_DRIVES, "create", 0, "FILE,SIZE"), .set = options_set_create, .command_line_only = true,
     .help = "make a blank image (360K, 1.44M, 100M, ...) and leave; a file that is there is not touched"},

    {ROW(GROUP_BOOT, "boot", 0, "ORDER"), .set = set_boot,
     .help = "drives to start from, in order: a floppy, c disk, d CD, n network"},
    {ROW(GROUP_BOOT, "boot-menu", 0, NULL), .set = set_boot_menu, .help = "the firmware asks what to start from"},
    {ROW(GROUP_BOOT, "kernel", 0, "FILE"), FILE_AT(machine.kernel_path), .help = "start this Linux bzImage or Multiboot kernel"},
    {ROW(GROUP_BOOT, "initrd", 0, "FILE"), FILE_AT(machine.initrd_path), .help = "its initial RAM disk or first module"},
    {ROW(GROUP_BOOT, "append", 0, "TEXT"), STRING_AT(machine.kernel_append), .help = "its command line"},

    {ROW(GROUP_PORTS, "serial", 0, "WHERE"), .set = set_serial, .command_line_only = true,
     .help = "COM1 (repeat: COM2, ...) to none, stdio, file:PATH, tcp:HOST:PORT, tcp::PORT (listens), pty"},
    {ROW(GROUP_PORTS, "com1", 0, "WHERE"), .set = set_com, .index = 0, .help = "the same by the port's name; also --com2, --com3, --com4"},
    {ROW(GROUP_PORTS, "com2", 0, "WHERE"), .set = set_com, .index = 1},
    {ROW(GROUP_PORTS, "com3", 0, "WHERE"), .set = set_com, .index = 2},
    {ROW(GROUP_PORTS, "com4", 0, "WHERE"), .set = set_com, .index = 3},
    {ROW(GROUP_PORTS, "serial-rate", 0, "RATE"), .set = set_serial_rate,
     .help = "outgoing bytes take the time that the guest's baud rate says (line), or next to none (max)"},
    {ROW(GROUP_PORTS, "debugcon", 0, "WHERE"), .set = set_debugcon, .index = offsetof(struct run_options, debugcon),
     .help = "bytes written to port E9h: none, stdio, file:PATH"},
    {ROW(GROUP_PORTS, "parallel", 0, "WHERE"), .set = set_debugcon, .index = offsetof(struct run_options, parallel),
     .help = "what is printed on LPT1: none, stdio, file:PATH"},
    {ROW(GROUP_PORTS, "mouse", 0, "KIND"), .set = set_mouse, .help = "ps2, serial, com1 to com4, none (ps2)"},

    {ROW(GROUP_DISPLAY, "display", 0, "KIND"), .set = set_display,
     .help = "sdl (a window), term (this terminal), none (the first of them that there is)"},
    {ROW(GROUP_DISPLAY, "full-screen", 0, NULL), .set = set_full_screen, .help = "the window takes the whole screen"},
    {ROW(GROUP_DISPLAY, "aspect", 0, "SHAPE"), .set = set_aspect,
     .help = "the picture's shape in the window: monitor (4:3 as on a monitor of the time), pixels (square ones) (monitor)"},
    {ROW(GROUP_DISPLAY, "sound", 0, "YES"), .set = set_sound, .help = "yes or no: the PC speaker is heard (yes)"},

    {ROW(GROUP_RUN, "speed", 0, "SPEED"), .set = set_speed,
     .help = "max, real, or a percentage of real time (real; max with --display none)"},
    {ROW(GROUP_RUN, "limit", 0, "LIMIT"), .set = set_limit,
     .help = "stop after so much virtual time (10s, 250ms) or so many instructions (5000000i), with exit status 124"},
    {ROW(GROUP_RUN, "load", 0, "SNAPSHOT"), .set = set_string, .index = offsetof(struct run_options, load_path), .command_line_only = true,
     .help = "go on from a snapshot, with the machine and the images that it was saved with"},
    {ROW(GROUP_RUN, "type", 0, "TEXT"), STRING_AT(type_text),
     .help = "keys typed at the keyboard: \\n \\t \\e, \\{f1}, \\{ctrl-c}, \\{wait 2s}, \\{screen REGEX}, \\{mouse DX DY left}"},
    {ROW(GROUP_RUN, "until-screen", 0, "REGEX"), .set = set_regex, .index = offsetof(struct run_options, until_screen),
     .help = "stop with exit status 0 when the text screen shows this"},
    {ROW(GROUP_RUN, "until-serial", 0, "REGEX"), .set = set_regex, .index = offsetof(struct run_options, until_serial),
     .help = "stop with exit status 0 when a serial port has sent this"},
    {ROW(GROUP_RUN, "screen-text", 0, "FILE"), FILE_AT(screen_text_path), .help = "write the text screen at the end of the run"},
    {ROW(GROUP_RUN, "screenshot", 0, "FILE.png"), FILE_AT(screenshot_path), .help = "write a picture of the screen at the end of the run"},
    {ROW(GROUP_RUN, "video", 0, "FILE.gif"), FILE_AT(video_path),
     .help = "record the screen as an animated GIF or PNG, or, as NAME%05d.png, as 25 numbered pictures a second of virtual time"},
    {ROW(GROUP_RUN, "stats", 0, "FILE.json"), FILE_AT(stats_path), .help = "write the run's figures"},
    {ROW(GROUP_RUN, "log", 0, "WHAT"), .set = set_log, .index = offsetof(struct run_options, machine.log_categories),
     .help = "log to standard error: comma-separated categories, or all; --log help lists them"},
    {ROW(GROUP_RUN, "cpu-paths", 0, "WAYS"), STRING_AT(machine.cpu_paths), .help = "for tests: plain, nolinks, nofusion, allflags, cuts[:SEED], drops[:SEED], breaks[:SEED], single"},

    {ROW(GROUP_MONITOR, "monitor", 0, NULL), .set = set_monitor, .help = "start stopped in the monitor"},
    {ROW(GROUP_MONITOR, "execute", 'x', "COMMAND"), .set = set_command, .help = "run a monitor command first; may be repeated"},
    {ROW(GROUP_MONITOR, "monitor-script", 0, "FILE"), FILE_AT(monitor_script), .help = "run monitor commands from FILE"},

    {ROW(GROUP_HELP, "help", 'h', NULL), .set = set_help, .help = "print this and leave"},
    {ROW(GROUP_HELP, "version", 0, NULL), .set = set_version, .help = "print the version and leave"},
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof *rows };

/* --- Command line -----------------------------------------------------------------------------------------
 */

void run_options_init(struct run_options *options)
{
    *options = (struct run_options){
        .speed = SPEED_AUTO, .sound = true, .limit_ns = UINT64_MAX, .limit_instructions = UINT64_MAX};
    options->machine.serial_present[0] = options->machine.serial_present[1] = true;
}

void run_options_free(struct run_options *options)
{
    struct machine_config *config = &options->machine;
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].set == set_string || rows[i].set == set_regex || rows[i].set == set_debugcon ||
            rows[i].set == set_cpu || rows[i].set == set_log)
            free(*(char **)((char *)options + rows[i].index));
    for (size_t i = 0; i < MACHINE_FLOPPIES; i++)
        free(config->floppy[i]);
    for (size_t i = 0; i < MACHINE_DISKS; i++)
        free(config->disk[i].path);
    for (size_t i = 0; i < sizeof config->option_roms / sizeof *config->option_roms; i++)
        free(config->option_roms[i]);
    for (size_t i = 0; i < MACHINE_SERIAL_PORTS; i++)
        free(options->serial[i]);
    options_list_clear(&options->commands);
    options_list_clear(&options->images);
    options_list_clear(&options->create);
    for (size_t i = 0; i < MACHINE_DRIVES; i++)
        options_list_clear(&options->media[i]);
    run_options_init(options);
}

/* What getopt_long() wants, made from the table; VAL is the row's number above the letters. */
enum { FIRST_LONG = 256 };

static void make_getopt_tables(struct option *longs, char *letters)
{
    *letters++ = '-'; /* plain arguments come in their order */
    *letters++ = ':'; /* a missing value is told apart */
    for (int i = 0; i < ROWS; i++) {
        longs[i] = (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL,
                                   FIRST_LONG + i};
        if (rows[i].letter) {
            *letters++ = rows[i].letter;
            if (rows[i].argument)
                *letters++ = ':';
        }
    }
    *letters = 0;
    longs[ROWS] = (struct option){0};
}

static const struct option_row *row_of_letter(int letter)
{
    for (int i = 0; i < ROWS; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

static bool bad_option(int code, char **argv, struct error *err)
{
    const char *word = argv[optind > 0 ? optind - 1 : 0];
    if (code == ':') {
        const struct option_row *row =
            optopt >= FIRST_LONG ? &rows[optopt - FIRST_LONG] : row_of_letter(optopt);
        return error_set(err, "%s needs a value: --%s %s", word, row ? row->name : word,
                         row ? row->argument : "VALUE");
    }
    if (optopt >= FIRST_LONG)
        return error_set(err, "--%s takes no value", rows[optopt - FIRST_LONG].name);
    if (optopt)
        return error_set(err, "-%c is not an option; tick86 --help lists them", optopt);
    return error_set(err, "%s is not an option, or the beginning of several; tick86 --help lists them", word);
}

static char *path_from(const char *folder, const char *value)
{
    bool is_folder = !strncmp(value, IMAGE_FOLDER_PREFIX, strlen(IMAGE_FOLDER_PREFIX));
    const char *name = is_folder ? value + strlen(IMAGE_FOLDER_PREFIX) : value;
    if (!folder || *name == '/' || !strcmp(value, "none"))
        return xstrdup(value);
    size_t size = strlen(folder) + strlen(value) + 2;
    char *path = xcalloc(size, 1);
    snprintf(path, size, "%s%s/%s", is_folder ? IMAGE_FOLDER_PREFIX : "", folder, name);
    return path;
}

static bool set_one(struct run_options *options, const struct option_row *row, const char *value,
                    const char *folder, struct error *err)
{
    if (!*value && row->set != set_command) /* an empty command of the monitor does nothing */
        return error_set(err, "--%s: the value is empty; it takes %s", row->name, row->argument);
    char *text = row->is_file ? path_from(folder, value) : xstrdup(value);
    bool ok = row->set(options, row, text, err);
    free(text);
    return ok;
}

/* FOLDER: where relative names of files start, NULL: the current folder. */
static bool set_value(struct run_options *options, const struct option_row *row, const char *value,
                      const char *folder, struct error *err)
{
    char *whole = path_from(folder, value);
    bool several = row->is_list && strchr(value, ',') && access(whole, F_OK);
    free(whole);
    if (!several)
        return set_one(options, row, value, folder, err);
    char *copy = xstrdup(value), *rest = copy;
    bool ok = true;
    while (ok && rest) {
        const char *item = strsep(&rest, ",");
        ok = set_one(options, row, item + strspn(item, " "), folder, err);
    }
    free(copy);
    return ok;
}

bool run_options_parse(struct run_options *options, int argc, char **argv, struct error *err)
{
    struct option longs[ROWS + 1];
    char letters[2 * ROWS + 4];
    make_getopt_tables(longs, letters);
    optind = 0; /* GNU: start afresh */
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (code == 1) {
            options_list_add(&options->images, optarg);
            continue;
        }
        if (code == '?' || code == ':')
            return bad_option(code, argv, err);
        const struct option_row *row = code >= FIRST_LONG ? &rows[code - FIRST_LONG] : row_of_letter(code);
        if (!set_value(options, row, optarg ? optarg : "yes", NULL, err))
            return false;
    }
    for (; optind < argc; optind++)
        options_list_add(&options->images, argv[optind]);
    return true;
}

/* --- Configuration files ----------------------------------------------------------------------------------
 */

static const struct option_row *find_key(const char *section, const char *key, bool *section_known)
{
    *section_known = false;
    for (int i = 0; i < ROWS; i++) {
        const char *own = group_sections[rows[i].group];
        if (!own || strcmp(own, section))
            continue;
        *section_known = true;
        if (!rows[i].command_line_only && !strcmp(rows[i].name, key))
            return &rows[i];
    }
    return NULL;
}

/* In which section KEY would be known, for a helpful message; NULL: in none. */
static const char *section_of_key(const char *key)
{
    for (int i = 0; i < ROWS; i++)
        if (!rows[i].command_line_only && !strcmp(rows[i].name, key))
            return group_sections[rows[i].group];
    return NULL;
}

bool run_options_check_section(const char *section, struct error *err)
{
    bool known;
    find_key(section, "", &known);
    return known ||
           error_set(err,
                     "unknown section [%s]; there are [machine], [drives], [boot], [ports], [display], [run]",
                     section);
}

bool run_options_set(struct run_options *options, const char *section, const char *key, const char *value,
                     const char *folder, struct error *err)
{
    bool section_known;
    const struct option_row *row = find_key(section, key, &section_known);
    if (!section_known)
        return run_options_check_section(section, err);
    if (!row) {
        const char *home = section_of_key(key);
        if (home)
            return error_set(err, "'%s' belongs into section [%s]", key, home);
        return error_set(err, "unknown key '%s' in section [%s]; keys are the long options of tick86 --help",
                         key, section);
    }
    if (!*value)
        return error_set(err, "'%s' has no value", key);
    return set_value(options, row, value, folder, err);
}

/* --- Help -------------------------------------------------------------------------------------------------
 */

/* Prints TEXT from column INDENT on, broken at blanks before column 100. */
static void print_wrapped(FILE *out, const char *text, int column, int indent)
{
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column + length > 99 && column > indent) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        fprintf(out, "%.*s", length, text);
        column += length;
        text += length;
        if (*text == ' ') {
            text++;
            if (*text && column < 99)
                fputc(' ', out);
            column++;
        }
    }
    fputc('\n', out);
}

void run_options_print_help(FILE *out)
{
    enum { INDENT = 32 };
    fputs("Usage: tick86 [OPTIONS] [IMAGE ...]\n\n"
          "Runs a PC. IMAGE is a floppy, hard disk, ISO 9660 CD, Linux bzImage or Multiboot kernel, told by "
          "its\n"
          "content, or fat:FOLDER, a folder as a read-only disk. Without any, the demonstration floppy is "
          "started.\n",
          out);
    for (int group = 0; group < GROUPS; group++) {
        const char *section = group_sections[group];
        if (section)
            fprintf(out, "\n%s (configuration files: [%s])\n", group_titles[group], section);
        else
            fprintf(out, "\n%s\n", group_titles[group]);
        for (int i = 0; i < ROWS; i++) {
            if ((int)rows[i].group != group || !rows[i].help)
                continue;
            char left[64];
            char letter[8] = "    ";
            if (rows[i].letter)
                snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
            snprintf(left, sizeof left, "  %s--%s %s", letter, rows[i].name,
                     rows[i].argument ? rows[i].argument : "");
            int column = fprintf(out, "%-*s ", INDENT - 1, left);
            print_wrapped(out, rows[i].help, column, INDENT);
        }
    }
    fputs("\nExit status: 0 the guest powered off or an --until matched; the guest's own through the "
          "debug-exit\n"
          "ports; 2 bad arguments, image or configuration; 124 --limit reached; 125 the guest "
          "triple-faulted.\n",
          out);
}
