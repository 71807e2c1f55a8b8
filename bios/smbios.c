/*
 * SMBIOS (System Management BIOS Reference Specification 2.8): the tables from fw_cfg where it has them, to
 * which we add the BIOS's own; else a small set of our own.
 */
#include "bios/post.h"
#include "bios/resident.h"

struct anchor {
    char signature[4]; /* "_SM_" */
    u8 checksum, length, major, minor;
    u16 largest;
    u8 revision, formatted[5];
    char dmi[5]; /* "_DMI_" */
    u8 dmi_checksum;
    u16 table_length;
    u32 table;
    u16 count;
    u8 bcd;
} PACKED;

enum { BIOS_INFORMATION = 0, SYSTEM = 1, CHASSIS = 3, MEMORY_MAP = 19, BOOT = 32, END = 127 };
enum { TABLE_MAX = 4096 };

static u8 *next;
static u16 count, largest;

/* A structure of `size` bytes and its strings, each ended by 0, all by another. */
static u8 *structure(u8 type, u8 size, u16 handle, const char *const *strings)
{
    u8 *p = next;
    memset(p, 0, size);
    p[0] = type;
    p[1] = size;
    p[2] = (u8)handle;
    p[3] = (u8)(handle >> 8);
    next += size;
    if (!*strings)
        *next++ = 0;
    for (; *strings; strings++) {
        const char *s = *strings;
        do
            *next++ = (u8)*s;
        while (*s++);
    }
    *next++ = 0;
    count++;
    if ((u16)(next - p) > largest)
        largest = (u16)(next - p);
    return p;
}

static void bios_information(void)
{
    static const char *const strings[] = {"tick86", BIOS_VERSION, "11/22/2026", 0};
    u8 *p = structure(BIOS_INFORMATION, 24, 0, strings);
    p[4] = 1;
    p[5] = 2;
    p[7] = 0xe0; /* segment E000 */
    p[8] = 3;
    p[9] = 1;                   /* 128 KB */
    p[10] = 0x80 | 0x10;        /* ISA, PCI */
    p[11] = 0x02 | 0x04 | 0x08; /* PnP, APM, upgradeable bits of the second byte */
    p[12] = 0x01 | 0x08;
    p[20] = p[21] = p[22] = p[23] = 0xff;
}

static void own_tables(void)
{
    static const char *const maker[] = {"tick86", "PC", 0};
    static const char *const none[] = {0};
    u8 *p = structure(SYSTEM, 27, 0x100, maker);
    p[4] = 1;
    p[5] = 2;
    p[24] = 6; /* woken by the power switch */
    p = structure(CHASSIS, 13, 0x300, maker);
    p[4] = 1;
    p[5] = 3; /* desktop */
    p[9] = p[10] = p[11] = 3;
    p = structure(BOOT, 11, 0x2000, none);
    p[10] = 0;
    structure(END, 4, 0x7f00, none);
}

/* The tables from fw_cfg, behind what stands at `next`; false if there are none. */
static int copy_fwcfg_tables(struct anchor *a)
{
    s32 size = fwcfg_open("etc/smbios/smbios-anchor");
    if (size < (s32)sizeof(*a))
        return 0;
    fwcfg_bytes(a, sizeof(*a));
    if (memcmp(a->signature, "_SM_", 4))
        return 0;
    size = fwcfg_open("etc/smbios/smbios-tables");
    if (size <= 0 || size > TABLE_MAX - 128)
        return 0;
    fwcfg_bytes(next, (u32)size);
    count = (u16)(count + a->count);
    if (a->largest > largest)
        largest = a->largest;
    next += size;
    return 1;
}

void smbios_init(void)
{
    struct anchor *a;
    u8 *table, *first;
    if (loader_placed("etc/smbios/smbios-anchor"))
        return;
    a = table_space(sizeof(*a));
    table = (u8 *)memory_reserve_high(TABLE_MAX, 16);
    if (!a || !table)
        return;
    memset(a, 0, sizeof(*a));
    count = largest = 0;
    next = table;
    bios_information();
    first = next;
    if (!copy_fwcfg_tables(a)) {
        own_tables();
        a->major = 2;
        a->minor = 8;
    } else if (*first == BIOS_INFORMATION) { /* somebody wrote his own: it replaces ours */
        u32 size = (u32)(next - first);
        memcpy(table, first, size);
        next = table + size;
        count--;
    }
    memcpy(a->signature, "_SM_", 4);
    a->length = sizeof(*a);
    a->largest = largest;
    memcpy(a->dmi, "_DMI_", 5);
    a->table = (u32)table;
    a->table_length = (u16)(next - table);
    a->count = count;
    a->bcd = (u8)(a->major << 4 | (a->minor & 15));
    checksum8(&a->dmi, 15, 5);
    checksum8(a, sizeof(*a), 4);
}
