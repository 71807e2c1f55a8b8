/* What a machine is made of: filled from the command line and configuration files (machine/options.c), or by
 * hand in tests. Strings are owned by the configuration. */
#ifndef TICK86_MACHINE_CONFIG_H
#define TICK86_MACHINE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "bus/sink.h"

#define MACHINE_SERIAL_PORTS 4
#define MACHINE_FLOPPIES     2
#define MACHINE_DISKS        4
#define MACHINE_DRIVES       (MACHINE_FLOPPIES + MACHINE_DISKS)
#define MACHINE_OPTION_ROMS  4

enum drive_kind { DRIVE_NONE, DRIVE_DISK, DRIVE_CDROM };
enum disk_translation { TRANSLATION_AUTO, TRANSLATION_NONE, TRANSLATION_LARGE, TRANSLATION_LBA };

struct disk_config {
    enum drive_kind kind;
    char *path;                         /* NULL with DRIVE_CDROM: an empty drive */
    unsigned cylinders, heads, sectors; /* 0: guessed from the image */
    enum disk_translation translation;
};

enum mouse_kind { MOUSE_PS2, MOUSE_SERIAL, MOUSE_NONE };

/* Options whose value may be the default's, all zeros, though they were given: bits of machine_config.given.
 */
enum { GIVEN_MOUSE = 1, GIVEN_SERIAL_RATE = 2, GIVEN_BOOT_MENU = 4 };

/* A ROM's bytes in place of a file; NULL: none. */
struct rom_bytes {
    uint8_t *bytes;
    size_t size;
};

struct machine_config {
    uint64_t memory; /* bytes; 0: the default, 64 MB */
    char *cpu_model; /* NULL: the default */
    unsigned cpus;   /* 0: one */
    uint64_t hz;     /* nominal processor clock; 0: the model's default */
    char *floppy[MACHINE_FLOPPIES];
    unsigned floppy_type[MACHINE_FLOPPIES]; /* CMOS drive type 1..5; 0: from the image, or 1.44 MB */
    struct disk_config disk[MACHINE_DISKS]; /* primary master, slave, secondary master, slave */
    bool snapshot;                          /* disk writes go to overlays */
    char boot_order[8];                     /* of "acdn"; "": worked out from what is there */
    bool boot_menu;                         /* the firmware offers a boot menu */
    char *bios_path, *vgabios_path;         /* NULL: the built-in ones */
    char *option_roms[MACHINE_OPTION_ROMS]; /* further ROM images, from D0000h */
    /* What goes before the files: a restored machine has the firmware that it was saved with. */
    struct rom_bytes bios, vgabios, option_rom_bytes[MACHINE_OPTION_ROMS];
    char *kernel_path, *initrd_path, *kernel_append;
    /* Outgoing bytes of COM1..4, LPT1 and port E9h; a port with `serial_present` false is not on the board.
     */
    bool serial_present[MACHINE_SERIAL_PORTS];
    struct byte_sink serial[MACHINE_SERIAL_PORTS];
    bool serial_line_rate; /* outgoing bytes take the time that their rate says, see devices/uart.h */
    struct byte_sink parallel;
    struct byte_sink debugcon;
    enum mouse_kind mouse;
    unsigned mouse_serial_port; /* 0 = COM1, with MOUSE_SERIAL */
    int64_t start_time;         /* seconds since 1970, local time of the guest's RTC at power-on */
    char *nvram_path;           /* CMOS contents kept here; NULL: fresh each time */
    bool reset_on_triple_fault; /* else the run stops */
    unsigned given;             /* GIVEN_... */
    char *log_categories;       /* NULL: quiet */
    char *cpu_paths; /* for tests: comma-separated ways of running, see board.c; NULL: all the fast ones */
};

/* A copy that owns its strings and ROM bytes; connections of ports stay the caller's. */
void machine_config_copy(struct machine_config *to, const struct machine_config *from);
/* Frees the ROM bytes alone; strings and ROM bytes. */
void machine_config_free_roms(struct machine_config *config);
void machine_config_free(struct machine_config *config);

#endif
