#include "gui/media.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "devices/image/image.h"
#include "gui/demo.h"
#include "machine/snapshot_config.h"

#define PATH_LONGEST 65536u

static void list_add(struct string_list *list, const char *path)
{
    list->items = xrealloc(list->items, (list->count + 1) * sizeof *list->items);
    list->items[list->count++] = xstrdup(path);
}

/* The place of PATH in LIST, or -1. */
static int list_find(const struct string_list *list, const char *path)
{
    for (size_t i = 0; path && i < list->count; i++)
        if (machine_same_medium(list->items[i], path))
            return (int)i;
    return -1;
}

void media_init(struct media *media, const struct run_options *options)
{
    *media = (struct media){0};
    for (size_t drive = 0; drive < MACHINE_DRIVES; drive++)
        for (size_t i = 0; i < options->media[drive].count; i++)
            list_add(&media->list[drive], options->media[drive].items[i]);
}

void media_use_machine(struct media *media, struct machine *machine)
{
    media->machine = machine;
    /* A snapshot may have brought others. */
    for (int i = 0; i < MACHINE_DRIVES; i++) {
        const char *medium = machine_medium(machine, (enum machine_media_slot)i);
        if (medium && list_find(&media->list[i], medium) < 0)
            list_add(&media->list[i], medium);
    }
}

bool media_has(const struct media *media, enum machine_media_slot slot, const char *path)
{
    return list_find(&media->list[slot], path) >= 0;
}

void media_write(const struct media *media, struct blob *out)
{
    for (size_t drive = 0; drive < MACHINE_DRIVES; drive++) {
        const struct string_list *list = &media->list[drive];
        blob_u32(out, (uint32_t)list->count);
        for (size_t i = 0; i < list->count; i++) {
            char *name = snapshot_file_name(list->items[i]);
            blob_string(out, name);
            free(name);
        }
    }
}

bool media_read(struct media *media, struct blob_reader *in)
{
    for (size_t drive = 0; drive < MACHINE_DRIVES; drive++) {
        bool wanted = media && !media->list[drive].count;
        uint32_t count = read_u32(in);
        for (uint32_t i = 0; i < count && !in->failed; i++) {
            char *path = read_string(in, PATH_LONGEST);
            /* The demonstration is another file in each process. */
            if (wanted && *path && !demo_is_medium(path))
                list_add(&media->list[drive], path);
            free(path);
        }
    }
    return !in->failed;
}

void media_free(struct media *media)
{
    for (size_t drive = 0; drive < MACHINE_DRIVES; drive++) {
        for (size_t i = 0; i < media->list[drive].count; i++)
            free(media->list[drive].items[i]);
        free(media->list[drive].items);
    }
    *media = (struct media){0};
}

bool media_cd_drive(const struct media *media, enum machine_media_slot *slot)
{
    for (int i = SLOT_DISK3; i >= SLOT_DISK0; i--)
        if (machine_can_change(media->machine, (enum machine_media_slot)i))
            *slot = (enum machine_media_slot)i;
    return machine_can_change(media->machine, *slot) && *slot >= SLOT_DISK0;
}

const char *media_drive_name(const struct media *media, enum machine_media_slot slot)
{
    static const char *const names[MACHINE_DRIVES] = {"A:", "B:"};
    unsigned discs = 0;
    for (int i = SLOT_DISK0; i <= SLOT_DISK3; i++)
        discs += machine_can_change(media->machine, (enum machine_media_slot)i);
    if (slot >= SLOT_DISK0 && discs == 1 && machine_can_change(media->machine, slot))
        return "CD";
    return names[slot] ? names[slot] : machine_drive_name(slot);
}

static bool is_there(const struct media *media, enum machine_media_slot slot, struct error *err)
{
    bool missing = slot < MACHINE_FLOPPIES && !machine_can_change(media->machine, slot);
    const char *name = machine_drive_name(slot);
    return !missing || error_set(err, "there is no drive %s; --%s-type 1.44M adds one", name, name);
}

bool media_find_drive(const struct media *media, const char *name, enum machine_media_slot *slot,
                      struct error *err)
{
    static const struct {
        const char *name;
        int slot; /* -1: the CD-ROM drive */
    } others[] = {{"a", SLOT_FDA}, {"a:", SLOT_FDA}, {"floppy0", SLOT_FDA},
                  {"b", SLOT_FDB}, {"b:", SLOT_FDB}, {"floppy1", SLOT_FDB},
                  {"cd", -1},      {"cdrom", -1}};
    *slot = SLOT_DISK0;
    for (int i = 0; i < MACHINE_DRIVES; i++) {
        if (!strcasecmp(name, machine_drive_name((enum machine_media_slot)i))) {
            *slot = (enum machine_media_slot)i;
            return is_there(media, *slot, err);
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcasecmp(name, others[i].name))
            continue;
        if (others[i].slot < 0)
            return media_cd_drive(media, slot) ||
                   error_set(err, "there is no CD-ROM drive; --cdrom none adds one");
        *slot = (enum machine_media_slot)others[i].slot;
        return is_there(media, *slot, err);
    }
    return error_set(err, "'%s' is no drive; say fda, fdb, cdrom, or hda to hdd", name);
}

bool media_drive_for(const struct media *media, const char *path, enum machine_media_slot *slot,
                     struct error *err)
{
    switch (image_probe(path, err)) {
    case IMAGE_FLOPPY:
        *slot = SLOT_FDA;
        return true;
    case IMAGE_CD:
        *slot = SLOT_DISK0;
        return media_cd_drive(media, slot) ||
               error_set(err, "%s is a CD, but there is no CD-ROM drive; --cdrom none adds one", path);
    case IMAGE_UNKNOWN:
        return false;
    default:
        return error_set(err, "%s is neither a floppy nor a CD; only these can be changed", path);
    }
}

bool media_insert(struct media *media, enum machine_media_slot slot, const char *path, struct error *err)
{
    if (!machine_change_medium(media->machine, slot, path, err))
        return false;
    if (list_find(&media->list[slot], path) < 0)
        list_add(&media->list[slot], path);
    return true;
}

bool media_eject(struct media *media, enum machine_media_slot slot, struct error *err)
{
    if (machine_can_change(media->machine, slot) && !machine_medium(media->machine, slot))
        return error_set(err, "%s is empty already; insert a medium first", machine_drive_name(slot));
    return machine_change_medium(media->machine, slot, NULL, err);
}

bool media_insert_next(struct media *media, enum machine_media_slot slot, struct error *err)
{
    const struct string_list *list = &media->list[slot];
    int at = list_find(list, machine_medium(media->machine, slot));
    if (!list->count || (list->count == 1 && at == 0))
        return error_set(err, "%s: no other medium is at hand", media_drive_name(media, slot));
    return media_insert(media, slot, list->items[(size_t)(at + 1) % list->count], err);
}

const char *media_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (demo_is_medium(path))
        return "demonstration";
    return slash && slash[1] ? slash + 1 : path;
}

/* The demonstration has no path that anybody would know. */
static const char *shown_path(const char *path)
{
    return demo_is_medium(path) ? media_name(path) : path;
}

void media_print(const struct media *media, struct text *out)
{
    for (int i = 0; i < MACHINE_DRIVES; i++) {
        enum machine_media_slot slot = (enum machine_media_slot)i;
        bool changeable = machine_can_change(media->machine, slot);
        const char *medium = machine_medium(media->machine, slot);
        if (!changeable && !medium)
            continue;
        text_add(out, "%s  %s\n", machine_drive_name(slot), medium ? shown_path(medium) : "empty");
        int in_drive = list_find(&media->list[i], medium);
        for (size_t k = 0; changeable && k < media->list[i].count; k++)
            if ((int)k != in_drive)
                text_add(out, "     at hand: %s\n", shown_path(media->list[i].items[k]));
    }
}
