/*
 * Tables that fw_cfg brings as files of bytes, with scripts, lists of commands that place files in memory,
 * add addresses to pointers in them and set checksums (QEMU, hw/acpi/bios-linker-loader). "etc/table-loader"
 * is ACPI's; "etc/tick86/table-loader" has SMBIOS and the multiprocessor tables.
 */
#include "bios/post.h"

enum { COMMAND_ALLOCATE = 1, COMMAND_ADD_POINTER, COMMAND_ADD_CHECKSUM, COMMAND_WRITE_POINTER };
enum { ZONE_HIGH = 1, ZONE_FSEG = 2, NAME = 56, FILES_MAX = 16 };
/* Low memory where a script is read to. */
enum { SCRIPT = 0x20000, SCRIPT_MAX = 0x10000 };

struct command {
    u32 command;
    union {
        struct {
            char file[NAME];
            u32 align;
            u8 zone;
        } PACKED allocate;
        struct {
            char pointer_file[NAME], source_file[NAME];
            u32 offset;
            u8 size;
        } PACKED add_pointer;
        struct {
            char file[NAME];
            u32 offset, start, length;
        } PACKED add_checksum;
        struct {
            char pointer_file[NAME], source_file[NAME];
            u32 pointer_offset, source_offset;
            u8 size;
        } PACKED write_pointer;
        u8 all[124];
    };
} PACKED;

_Static_assert(sizeof(struct command) == 128, "a loader command");

static struct {
    char name[NAME];
    u8 *at;
    u32 size;
} files[FILES_MAX];
static u32 file_count;

static u8 *find_file(const char *name, u32 *size)
{
    for (u32 i = 0; i < file_count; i++)
        if (!memcmp(files[i].name, name, NAME)) {
            *size = files[i].size;
            return files[i].at;
        }
    return 0;
}

static int same_text(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static void allocate(struct command *c)
{
    s32 size;
    u8 *at;
    c->allocate.file[NAME - 1] = 0;
    if (same_text(c->allocate.file, "etc/tick86/pir"))
        return; /* pir.c makes the one that the PCI BIOS uses */
    size = fwcfg_open(c->allocate.file);
    if (size <= 0 || file_count == FILES_MAX)
        return;
    at = c->allocate.zone == ZONE_FSEG ? table_space((u32)size)
                                       : (u8 *)memory_reserve_high((u32)size, c->allocate.align);
    if (!at)
        return;
    fwcfg_open(c->allocate.file);
    fwcfg_bytes(at, (u32)size);
    memcpy(files[file_count].name, c->allocate.file, NAME);
    files[file_count].at = at;
    files[file_count].size = (u32)size;
    file_count++;
}

static void add_pointer(const struct command *c)
{
    u32 size, source_size;
    u8 *file = find_file(c->add_pointer.pointer_file, &size);
    u8 *source = find_file(c->add_pointer.source_file, &source_size);
    u32 n = c->add_pointer.size;
    u64 value = 0;
    if (file && !source) /* it found no place, so what points to it is of no use */
        memset(file, 0, size);
    if (!file || !source || n > 8 || c->add_pointer.offset > size || n > size - c->add_pointer.offset)
        return;
    memcpy(&value, file + c->add_pointer.offset, n);
    value += (u32)source;
    memcpy(file + c->add_pointer.offset, &value, n);
}

static void add_checksum(const struct command *c)
{
    u32 size;
    u8 *file = find_file(c->add_checksum.file, &size);
    u32 start = c->add_checksum.start, length = c->add_checksum.length, at = c->add_checksum.offset;
    u8 sum = 0;
    if (!file || at >= size || start > size || length > size - start)
        return;
    for (u32 i = 0; i < length; i++)
        sum = (u8)(sum + file[start + i]);
    file[at] = (u8)(file[at] - sum);
}

/* The script is read whole first, as reading the files moves the device's position. */
static void run_script(const char *name)
{
    s32 size = fwcfg_open(name);
    u8 *list = (u8 *)SCRIPT;
    if (size < (s32)sizeof(struct command) || size > SCRIPT_MAX)
        return;
    fwcfg_bytes(list, (u32)size);
    for (u32 i = 0; i + sizeof(struct command) <= (u32)size; i += sizeof(struct command)) {
        struct command *c = (struct command *)(list + i);
        switch (c->command) {
        case COMMAND_ALLOCATE:
            allocate(c);
            break;
        case COMMAND_ADD_POINTER:
            add_pointer(c);
            break;
        case COMMAND_ADD_CHECKSUM:
            add_checksum(c);
            break;
        default: /* a pointer written back is for devices that this board has not */
            break;
        }
    }
}

int loader_placed(const char *name)
{
    for (u32 i = 0; i < file_count; i++)
        if (same_text(files[i].name, name))
            return 1;
    return 0;
}

void loader_run(void)
{
    file_count = 0;
    run_script("etc/table-loader");
    run_script("etc/tick86/table-loader");
}
