/*
 * What POST finds out once and the services only read: kept in segment F000, in the shadow RAM that becomes
 * read-only when POST is done, so that it takes nothing from the memory below 640 KB.
 *
 * Services say resident.field (through GS), POST says resident_flat.field: the same bytes.
 */
#ifndef BIOS_RESIDENT_H
#define BIOS_RESIDENT_H

#include "bios/bios.h"

/* An INT 15h E820h row. */
struct e820_row {
    u64 base, length;
    u32 type;
} PACKED;
enum { E820_RAM = 1, E820_RESERVED = 2, E820_ACPI = 3, E820_NVS = 4 };

enum drive_type { DRIVE_NONE, DRIVE_ATA, DRIVE_ATAPI };
enum { TRANSLATE_NONE, TRANSLATE_LBA, TRANSLATE_LARGE, TRANSLATE_RECHS };

/* A drive on one of the two IDE channels. */
struct drive {
    u8 type;
    u8 slave;
    u8 lba, lba48; /* commands that it takes */
    u8 multiple;   /* sectors a DRQ block, 0: one */
    u8 translation;
    u8 wide_pio; /* 32-bit data port accesses work */
    u8 removable;
    u16 port, control;
    u8 irq;
    u8 reserved;
    u16 physical_cylinders, physical_heads, physical_spt;
    u16 cylinders, heads, spt; /* as INT 13h shows them */
    u64 sectors;
    char model[41];
    u8 reserved2;
} PACKED;

enum { DRIVES_MAX = 4 };

/* Something to boot from, in the order of the list. */
enum boot_type { BOOT_FLOPPY = 1, BOOT_DISK = 2, BOOT_CD = 3, BOOT_ENTRY_VECTOR = 4 };
struct boot_entry {
    u8 type;
    u8 index;                  /* drive number of its kind */
    struct far_pointer target; /* of a bootstrap entry vector */
    char name[48];
} PACKED;
enum { BOOT_MAX = 16 };

struct resident {
    u16 e820_count;
    struct e820_row e820[32];
    struct drive drive[DRIVES_MAX];
    u8 disk_count, cd_count;
    u8 disk[DRIVES_MAX]; /* which drive is disk 80h + n */
    u8 cd[DRIVES_MAX];
    u8 dpte[DRIVES_MAX][16]; /* EDD device parameter table extensions */
    u8 floppy_type[2];       /* CMOS 10h numbering */
    u16 pm_timer;            /* port of the ACPI power management timer, 0: none */
    u16 pm_control;          /* port of PM1a control */
    u32 memory_above_1m_kb;  /* below 4 GB, up to the first hole */
    u16 memory_above_4g_64k;
    u8 pci_last_bus;
    u8 has_pci;
    u8 has_mouse;
    u8 cpu_family;
    u8 boot_count;
    u8 boot_first; /* what the boot menu chose */
    struct boot_entry boot[BOOT_MAX];
} PACKED;

extern struct resident ROM resident;
#ifndef BIOS16
extern struct resident resident_flat;
#endif

#endif
