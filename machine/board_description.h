/* What the tables for firmware and operating systems tell about the board. Filled by the board
 * (machine/board.c), read by acpi_tables.c, smbios_tables.c, mp_tables.c and firmware_config.c. */
#ifndef TICK86_MACHINE_BOARD_DESCRIPTION_H
#define TICK86_MACHINE_BOARD_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/config.h"

/* Where firmware puts the power management and SMBus blocks; the tables say so. */
#define BOARD_PM_BASE    0x600
#define BOARD_SMBUS_BASE 0x700

#define BOARD_PROCESSORS 64

struct board_description {
    uint64_t ram_size;        /* bytes */
    unsigned cpus;            /* 1..BOARD_PROCESSORS; local APIC IDs are 0, 1, 2, ... */
    uint32_t cpuid_signature; /* CPUID 1, EAX */
    uint32_t cpuid_features;  /* CPUID 1, EDX */
    const char *cpu_vendor;   /* "GenuineIntel" */
    const char *cpu_name;     /* brand string or model name */
    unsigned cpu_mhz;
    bool apic; /* local APICs and the I/O APIC are there */
    bool serial[MACHINE_SERIAL_PORTS];
    bool parallel, floppy, ps2_mouse;
    bool pm_timer_32bit;
    bool suspend_to_ram; /* the board can do S3 */
    bool boot_menu;
    bool kernel;            /* --kernel comes first, then the boot order */
    const char *boot_order; /* of "acdn"; "" or NULL: firmware decides */
    enum drive_kind drives[MACHINE_DISKS];
    const char *version; /* of tick86 */
};

#endif
