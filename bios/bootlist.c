/*
 * What the machine can boot from, in the order that fw_cfg's "bootorder" or CMOS 3Dh and 38h give (as QEMU
 * and Bochs use them: nibbles 1 diskette, 2 disk, 3 CD-ROM, 4 network), and the menu on F12 or Esc.
 */
#include "bios/bda.h"
#include "bios/post.h"
#include "bios/resident.h"

enum { ORDER_MAX = 4096, RANK_LAST = 255 };

static u16 vector_device[BOOT_MAX]; /* bus and devfn of entry vectors, by place in the list */
static u8 rank[BOOT_MAX];
static struct {
    struct far_pointer target;
    u16 device;
    char name[48];
} vectors[BOOT_MAX];
static u32 vector_count;
static char order[ORDER_MAX];

static u32 length(const char *s)
{
    u32 n = 0;
    while (s[n])
        n++;
    return n;
}

static void append(char *to, const char *text)
{
    u32 at = length(to);
    while (*text && at < 47)
        to[at++] = *text++;
    to[at] = 0;
}

void boot_add_vector(struct far_pointer target, u16 bus_devfn, const char *name)
{
    if (vector_count == BOOT_MAX)
        return;
    vectors[vector_count].target = target;
    vectors[vector_count].device = bus_devfn;
    append(vectors[vector_count].name, name);
    vector_count++;
}

static struct boot_entry *add(u8 type, u8 index, u16 device)
{
    struct boot_entry *e = &resident_flat.boot[resident_flat.boot_count];
    if (resident_flat.boot_count >= BOOT_MAX)
        return 0;
    vector_device[resident_flat.boot_count++] = device;
    e->type = type;
    e->index = index;
    return e;
}

static void add_drives(void)
{
    struct boot_entry *e;
    for (u8 i = 0; i < 2; i++) {
        if (!resident_flat.floppy_type[i] || !(e = add(BOOT_FLOPPY, i, 0)))
            continue;
        append(e->name, i ? "diskette B:" : "diskette A:");
    }
    for (u8 i = 0; i < resident_flat.disk_count; i++) {
        if (!(e = add(BOOT_DISK, i, 0)))
            continue;
        append(e->name, "disk ");
        append(e->name, resident_flat.drive[resident_flat.disk[i]].model);
    }
    for (u8 i = 0; i < resident_flat.cd_count; i++) {
        if (!(e = add(BOOT_CD, i, 0)))
            continue;
        append(e->name, "CD-ROM ");
        append(e->name, resident_flat.drive[resident_flat.cd[i]].model);
    }
    for (u8 i = 0; i < vector_count; i++) {
        if (!(e = add(BOOT_ENTRY_VECTOR, i, vectors[i].device)))
            continue;
        e->target = vectors[i].target;
        append(e->name, vectors[i].name);
    }
}

/* "bootorder": a device path in a line, in Open Firmware's manner. */

static int contains(const char *line, u32 n, const char *what)
{
    u32 m = length(what);
    for (u32 i = 0; i + m <= n; i++)
        if (!memcmp(line + i, what, m))
            return 1;
    return 0;
}

static u32 hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (u32)(c - '0');
    return c >= 'a' && c <= 'f' ? (u32)(c - 'a' + 10) : 16;
}

/* Reads "slot" or "slot,function" behind the '@' after "/pci@i0cf8/". */
static int names_pci_device(const char *line, u32 n, u16 device)
{
    static const char root[] = "/pci@i0cf8/";
    u32 i = sizeof(root) - 1, slot = 0, function = 0;
    if (n < i || memcmp(line, root, i))
        return 0;
    while (i < n && line[i] != '@' && line[i] != '/')
        i++;
    if (i == n || line[i] != '@')
        return 0;
    for (i++; i < n && hex_digit(line[i]) < 16; i++)
        slot = slot * 16 + hex_digit(line[i]);
    if (i < n && line[i] == ',')
        for (i++; i < n && hex_digit(line[i]) < 16; i++)
            function = function * 16 + hex_digit(line[i]);
    return device == (slot << 3 | function);
}

static int line_names(const char *line, u32 n, u32 entry)
{
    const struct boot_entry *e = &resident_flat.boot[entry];
    char path[16] = "drive@0/disk@0";
    u8 drive;
    switch (e->type) {
    case BOOT_FLOPPY:
        return contains(line, n, e->index ? "/floppy@1" : "/floppy@0");
    case BOOT_DISK:
    case BOOT_CD:
        drive = e->type == BOOT_DISK ? resident_flat.disk[e->index] : resident_flat.cd[e->index];
        path[6] = (char)('0' + drive / 2);
        path[13] = (char)('0' + drive % 2);
        return contains(line, n, path);
    default:
        if (vector_device[entry] == 0xffff)
            return contains(line, n, "/rom@genroms/");
        return names_pci_device(line, n, vector_device[entry]);
    }
}

static int rank_by_paths(void)
{
    s32 size = fwcfg_open("bootorder");
    u32 line = 0;
    u8 place = 0;
    if (size <= 1)
        return 0;
    if (size > ORDER_MAX)
        size = ORDER_MAX;
    fwcfg_bytes(order, (u32)size);
    for (u32 i = 0; i < (u32)size; i++) {
        if (order[i] != '\n' && order[i])
            continue;
        for (u32 e = 0; i > line && e < resident_flat.boot_count; e++)
            if (rank[e] == RANK_LAST && line_names(order + line, i - line, e))
                rank[e] = place;
        place++;
        line = i + 1;
    }
    return 1;
}

static void rank_by_cmos(void)
{
    u8 first = cmos_read(0x3d), third = cmos_read(0x38);
    u8 kinds[3];
    kinds[0] = first & 15;
    kinds[1] = first >> 4;
    kinds[2] = third >> 4;
    cmos_done();
    if (!kinds[0]) {
        kinds[0] = BOOT_FLOPPY;
        kinds[1] = BOOT_DISK;
        kinds[2] = BOOT_CD;
    }
    for (u32 e = 0; e < resident_flat.boot_count; e++)
        for (u8 i = 3; i-- > 0;)
            if (kinds[i] == resident_flat.boot[e].type)
                rank[e] = i;
}

/* Insertion sort, which keeps the order of equals. */
static void sort(void)
{
    for (u32 i = 1; i < resident_flat.boot_count; i++) {
        struct boot_entry e = resident_flat.boot[i];
        u8 r = rank[i];
        u32 j = i;
        for (; j > 0 && rank[j - 1] > r; j--) {
            resident_flat.boot[j] = resident_flat.boot[j - 1];
            rank[j] = rank[j - 1];
        }
        resident_flat.boot[j] = e;
        rank[j] = r;
    }
}

void boot_list_init(void)
{
    resident_flat.boot_count = 0;
    add_drives();
    memset(rank, RANK_LAST, sizeof(rank));
    if (!rank_by_paths())
        rank_by_cmos();
    sort();
}

/* The menu. */

static int key_waiting(u16 *key)
{
    struct call c;
    memset(&c, 0, sizeof(c));
    c.eax = 0x1100;
    call_real(&c, 0x16);
    if (c.flags & FLAG_ZF)
        return 0;
    c.eax = 0x1000;
    call_real(&c, 0x16);
    *key = c.ax;
    return 1;
}

static u16 get_key(void)
{
    struct call c;
    memset(&c, 0, sizeof(c));
    c.eax = 0x1000;
    call_real(&c, 0x16);
    return c.ax;
}

static int is_menu_key(u16 key)
{
    return key == 0x8600 || (key & 0xff) == 0x1b;
}

/* How long to wait for the key, in timer ticks: not at all unless the configuration says so. */
static u32 wait_ticks(void)
{
    u16 enabled = 0, ms = 2500;
    if (!fwcfg_present())
        return 0;
    fwcfg_select(FWCFG_BOOT_MENU);
    fwcfg_bytes(&enabled, 2);
    if (!enabled)
        return 0;
    if (fwcfg_open("etc/boot-menu-wait") >= 2)
        fwcfg_bytes(&ms, 2);
    return ms / 55u + 1;
}

static int menu_wanted(void)
{
    u32 ticks = wait_ticks();
    u32 start = bda.ticks;
    u16 key;
    if (ticks)
        say("Press F12 for the boot menu.\n");
    do {
        struct call c;
        while (key_waiting(&key))
            if (is_menu_key(key))
                return 1;
        if (!ticks)
            break;
        memset(&c, 0, sizeof(c));
        c.eax = 0x8600; /* INT 15h 86h: 20 ms */
        c.edx = 20000;
        call_real(&c, 0x15);
    } while (bda.ticks - start < ticks);
    return 0;
}

void boot_menu(void)
{
    resident_flat.boot_first = 0;
    if (!menu_wanted())
        return;
    say("\nBoot from:\n\n");
    for (u32 i = 0; i < resident_flat.boot_count; i++) {
        char line[2] = {(char)(i < 9 ? '1' + i : 'a' + i - 9), 0};
        say("  ");
        say(line);
        say("  ");
        say(resident_flat.boot[i].name);
        say("\n");
    }
    say("\nEsc: the usual order.\n");
    for (;;) {
        char c = (char)get_key();
        u32 n = c >= '1' && c <= '9' ? (u32)(c - '1') : c >= 'a' && c <= 'g' ? (u32)(c - 'a' + 9) : BOOT_MAX;
        if (c == 0x1b)
            return;
        if (n < resident_flat.boot_count) {
            resident_flat.boot_first = (u8)n;
            return;
        }
    }
}
