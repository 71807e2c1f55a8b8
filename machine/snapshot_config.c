#include "machine/snapshot_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "bus/clock.h"
#include "cpu/cpu.h"
#include "devices/image/image.h"
#include "machine/state.h"

#define STRING_MAX 65536u
#define PAGE_BYTES 4096u

static const struct field disk_fields[] = {
    FIELD_RANGE(struct disk_config, kind, DRIVE_NONE, DRIVE_CDROM),
    FIELD_RANGE(struct disk_config, cylinders, 0, 65535),
    FIELD_RANGE(struct disk_config, heads, 0, 255),
    FIELD_RANGE(struct disk_config, sectors, 0, 255),
    FIELD_RANGE(struct disk_config, translation, TRANSLATION_AUTO, TRANSLATION_LBA),
    FIELD_END,
};

static const struct field config_fields[] = {
    FIELD_RANGE(struct machine_config, memory, 1u << 20, 32ull << 30),
    FIELD_RANGE(struct machine_config, hz, 1000000, 10000000000ull),
    FIELD_ARRAY_RANGE(struct machine_config, floppy_type, 0, 5),
    FIELD_STRUCTS(struct machine_config, disk, disk_fields),
    FIELD(struct machine_config, snapshot),
    FIELD_BYTES(struct machine_config, boot_order),
    FIELD(struct machine_config, boot_menu),
    FIELD_ARRAY(struct machine_config, serial_present),
    FIELD(struct machine_config, serial_line_rate),
    FIELD_RANGE(struct machine_config, mouse, MOUSE_PS2, MOUSE_NONE),
    FIELD_RANGE(struct machine_config, mouse_serial_port, 0, MACHINE_SERIAL_PORTS - 1),
    FIELD(struct machine_config, start_time),
    FIELD_END,
};

/* Members that an option sets; all zeros: it was not given, unless the bit says so. */
struct agreement {
    const char *option;
    size_t offset, size;
    bool once; /* matters at power-on only, and its effects are in the state */
    unsigned given;
};

#define MEMBER(member) offsetof(struct machine_config, member), sizeof(((struct machine_config *)0)->member)
#define DISK(option, index)                                                                                  \
    {                                                                                                        \
        option, MEMBER(disk[index].kind), false, 0                                                           \
    }
#define DISK_SIZE(option, index)                                                                             \
    {                                                                                                        \
        option, offsetof(struct machine_config, disk[index].cylinders), 3 * sizeof(unsigned), false, 0       \
    }
#define DISK_TRANSLATION(option, index)                                                                      \
    {                                                                                                        \
        option, MEMBER(disk[index].translation), true, 0                                                     \
    }

static const struct agreement agreements[] = {
    {"memory", MEMBER(memory), false, 0},
    {"mhz", MEMBER(hz), false, 0},
    {"time", MEMBER(start_time), true, 0},
    {"fda-type", MEMBER(floppy_type[0]), false, 0},
    {"fdb-type", MEMBER(floppy_type[1]), false, 0},
    DISK("hda", 0),
    DISK("hdb", 1),
    DISK("hdc", 2),
    DISK("hdd", 3),
    DISK_SIZE("hda-chs", 0),
    DISK_SIZE("hdb-chs", 1),
    DISK_SIZE("hdc-chs", 2),
    DISK_SIZE("hdd-chs", 3),
    DISK_TRANSLATION("hda-translation", 0),
    DISK_TRANSLATION("hdb-translation", 1),
    DISK_TRANSLATION("hdc-translation", 2),
    DISK_TRANSLATION("hdd-translation", 3),
    {"boot", MEMBER(boot_order), true, 0},
    {"boot-menu", MEMBER(boot_menu), true, GIVEN_BOOT_MENU},
    {"serial-rate", MEMBER(serial_line_rate), false, GIVEN_SERIAL_RATE},
    {"mouse", MEMBER(mouse), false, GIVEN_MOUSE},
    {"mouse", MEMBER(mouse_serial_port), false, GIVEN_MOUSE},
};
enum { AGREEMENTS = sizeof agreements / sizeof *agreements };

/* Strings in the order in which they are written. */
enum text_kind { TEXT_EQUAL, TEXT_FIRMWARE, TEXT_FILE };
static const struct string_item {
    const char *option;
    size_t offset;
    enum text_kind kind;
} strings[] = {
    {"cpu", offsetof(struct machine_config, cpu_model), TEXT_EQUAL},
    {"append", offsetof(struct machine_config, kernel_append), TEXT_EQUAL},
    {"bios", offsetof(struct machine_config, bios_path), TEXT_FIRMWARE},
    {"vgabios", offsetof(struct machine_config, vgabios_path), TEXT_FIRMWARE},
    {"option-rom", offsetof(struct machine_config, option_roms[0]), TEXT_FIRMWARE},
    {"option-rom", offsetof(struct machine_config, option_roms[1]), TEXT_FIRMWARE},
    {"option-rom", offsetof(struct machine_config, option_roms[2]), TEXT_FIRMWARE},
    {"option-rom", offsetof(struct machine_config, option_roms[3]), TEXT_FIRMWARE},
    {"kernel", offsetof(struct machine_config, kernel_path), TEXT_FILE},
    {"initrd", offsetof(struct machine_config, initrd_path), TEXT_FILE},
    {"fda", offsetof(struct machine_config, floppy[0]), TEXT_FILE},
    {"fdb", offsetof(struct machine_config, floppy[1]), TEXT_FILE},
    {"hda", offsetof(struct machine_config, disk[0].path), TEXT_FILE},
    {"hdb", offsetof(struct machine_config, disk[1].path), TEXT_FILE},
    {"hdc", offsetof(struct machine_config, disk[2].path), TEXT_FILE},
    {"hdd", offsetof(struct machine_config, disk[3].path), TEXT_FILE},
};
enum { STRINGS = sizeof strings / sizeof *strings };

static char **string_at(struct machine_config *config, const struct string_item *item)
{
    return (char **)(void *)((char *)config + item->offset);
}

static const char *string_of(const struct machine_config *config, const struct string_item *item)
{
    return *(char *const *)(const void *)((const char *)config + item->offset);
}

char *snapshot_file_name(const char *path)
{
    size_t prefix = strlen(IMAGE_FOLDER_PREFIX);
    bool folder = !strncmp(path, IMAGE_FOLDER_PREFIX, prefix);
    char *full = realpath(folder ? path + prefix : path, NULL);
    if (!full)
        return xstrdup(path);
    struct text name = {0};
    text_add(&name, "%s%s", folder ? IMAGE_FOLDER_PREFIX : "", full);
    free(full);
    return name.chars;
}

static char *saved_text(const struct string_item *item, const char *text)
{
    return !text ? NULL : item->kind == TEXT_EQUAL ? xstrdup(text) : snapshot_file_name(text);
}

void snapshot_config_write(const struct machine_config *config, struct blob *out)
{
    state_write(config_fields, config, out);
    for (unsigned i = 0; i < STRINGS; i++) {
        char *text = saved_text(&strings[i], string_of(config, &strings[i]));
        blob_string(out, text);
        free(text);
    }
}

static bool drives_make_sense(const struct machine_config *config)
{
    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++)
        if (config->floppy[i] && !config->floppy_type[i])
            return false;
    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        const struct disk_config *disk = &config->disk[i];
        if ((disk->kind == DRIVE_NONE && disk->path) || (disk->kind == DRIVE_DISK && !disk->path))
            return false;
    }
    return memchr(config->boot_order, 0, sizeof config->boot_order) && config->memory % PAGE_BYTES == 0;
}

bool snapshot_config_read(struct machine_config *to, struct blob_reader *in, struct error *err)
{
    struct clock clock = {.hz = 1};
    struct state_reader reader = {*in, &clock, 0};
    *to = (struct machine_config){0};
    if (!state_read(config_fields, NULL, &reader, err))
        return false;
    reader.in = *in;
    state_read(config_fields, to, &reader, err);
    *in = reader.in;
    for (unsigned i = 0; i < STRINGS; i++) {
        char *text = read_string(in, STRING_MAX);
        if (*text)
            *string_at(to, &strings[i]) = text;
        else
            free(text);
    }
    if (!in->failed && to->cpu_model && cpu_model_find(to->cpu_model) && drives_make_sense(to))
        return true;
    machine_config_free(to);
    return error_set(err, "its description of the machine is damaged, or another version of tick86 made it");
}

/* --- agreement --- */

static bool is_zero(const uint8_t *at, size_t size)
{
    while (size && !*at) {
        at++;
        size--;
    }
    return !size;
}

static bool text_agrees(const struct string_item *item, const char *given, const char *saved)
{
    if (!given)
        return true;
    if (!saved)
        return false;
    if (item->kind == TEXT_FILE)
        return true;
    const struct cpu_model *model = cpu_model_find(given);
    if (!strcmp(item->option, "cpu"))
        return model && model == cpu_model_find(saved);
    char *text = saved_text(item, given);
    bool same = !strcmp(text, saved);
    free(text);
    return same;
}

bool snapshot_config_agrees(const struct machine_config *given_, const struct machine_config *saved,
                            const char *path, struct error *err)
{
    struct machine_config given = *given_;
    given.memory &= ~(uint64_t)(PAGE_BYTES - 1);
    if (given.cpus > 1)
        return error_set(err, "--cpus %u does not agree with %s, which has one processor; leave it out",
                         given.cpus, path);
    for (unsigned i = 0; i < AGREEMENTS; i++) {
        const struct agreement *a = &agreements[i];
        const uint8_t *g = (const uint8_t *)&given + a->offset, *s = (const uint8_t *)saved + a->offset;
        bool told = !is_zero(g, a->size) || (given.given & a->given);
        if (told && memcmp(g, s, a->size))
            return error_set(err, "--%s does not agree with %s, which has it otherwise; leave it out",
                             a->option, path);
    }
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++)
        if (i >= 2 && given.serial_present[i] && !saved->serial_present[i])
            return error_set(err, "--com%u does not agree with %s, which has no such port; leave it out",
                             i + 1, path);
    for (unsigned i = 0; i < STRINGS; i++)
        if (!text_agrees(&strings[i], string_of(&given, &strings[i]), string_of(saved, &strings[i])))
            return error_set(err, "--%s %s does not agree with %s; leave it out", strings[i].option,
                             string_of(&given, &strings[i]), path);
    return true;
}

bool snapshot_config_same(const struct machine_config *own, const struct machine_config *saved,
                          struct error *err)
{
    const char *differs = NULL;
    for (unsigned i = 0; i < AGREEMENTS; i++) {
        const struct agreement *a = &agreements[i];
        if (!a->once && memcmp((const uint8_t *)own + a->offset, (const uint8_t *)saved + a->offset, a->size))
            differs = a->option;
    }
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++)
        if (own->serial_present[i] != saved->serial_present[i])
            differs = "serial";
    if (cpu_model_find(own->cpu_model) != cpu_model_find(saved->cpu_model))
        differs = "cpu";
    return !differs ||
           error_set(err, "that is of a machine with another --%s; start tick86 anew with --load", differs);
}
