/* Options of section [drives]: media, geometries, new images. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "machine/options_private.h"

/* --- Media ------------------------------------------------------------------------------------------------
 */

void run_options_add_medium(struct run_options *options, unsigned drive, const char *path)
{
    struct string_list *media = &options->media[drive];
    /* Options win over configuration files as a whole: their media do not mix. */
    if (options->media_from_file[drive] != options->in_config_file)
        options_list_clear(media);
    options->media_from_file[drive] = options->in_config_file;
    if (path)
        options_list_add(media, path);
    else
        options_list_clear(media);
    char **first = drive < MACHINE_FLOPPIES ? &options->machine.floppy[drive]
                                            : &options->machine.disk[drive - MACHINE_FLOPPIES].path;
    options_replace(first, media->count ? media->items[0] : NULL);
}

/* False with ERR for an empty VALUE. */
static bool check_file(const struct option_row *row, const char *value, struct error *err)
{
    return *value || error_set(err, "--%s: the value is empty; it takes a file", row->name);
}

static const char *path_or_none(const char *value)
{
    return strcmp(value, "none") ? value : NULL;
}

bool options_set_floppy(struct run_options *options, const struct option_row *row, const char *value,
                        struct error *err)
{
    if (!check_file(row, value, err))
        return false;
    run_options_add_medium(options, row->index, path_or_none(value));
    return true;
}

bool options_set_floppy_type(struct run_options *options, const struct option_row *row, const char *value,
                             struct error *err)
{
    /* In the order of CMOS drive types, 1 to 5. */
    static const char *const words[] = {"360K", "1.2M", "720K", "1.44M", "2.88M", NULL};
    int i = options_word_index(words, value);
    if (i < 0)
        return error_set(err, "--%s %s: one of 360K, 1.2M, 720K, 1.44M, 2.88M, please", row->name, value);
    options->machine.floppy_type[row->index] = (unsigned)i + 1;
    return true;
}

/* What the drive itself says of it. */
#define CYLINDERS_MAX 65535
#define HEADS_MAX     16 /* four bits of the drive/head register: ATA-6, 7.2 */
#define SECTORS_MAX   63 /* six bits in INT 13h */
#define GEOMETRY_WANTED                                                                                      \
    "CYLINDERS/HEADS/SECTORS of the drive itself, 1 to 65535, 1 to 16 and 1 to 63; up to 255 heads are "     \
    "what "                                                                                                  \
    "the BIOS makes of it: trans=lba"

static bool parse_geometry(const char *value, struct disk_config *disk)
{
    unsigned c, h, s;
    int used = 0;
    if (sscanf(value, "%7u/%7u/%7u%n", &c, &h, &s, &used) != 3 || value[used] || c < 1 || c > CYLINDERS_MAX ||
        h < 1 || h > HEADS_MAX || s < 1 || s > SECTORS_MAX)
        return false;
    disk->cylinders = c;
    disk->heads = h;
    disk->sectors = s;
    return true;
}

static bool parse_translation(const char *value, struct disk_config *disk)
{
    static const char *const words[] = {"auto", "none", "large", "lba", NULL};
    int i = options_word_index(words, value);
    if (i < 0)
        return false;
    disk->translation = (enum disk_translation)i;
    return true;
}

/* What may follow the name of a disk: FILE,chs=C/H/S,trans=HOW. */
static const struct {
    const char *key;
    bool (*parse)(const char *value, struct disk_config *disk);
    const char *wanted;
} disk_keys[] = {
    {",chs=", parse_geometry, "chs=" GEOMETRY_WANTED},
    {",trans=", parse_translation, "trans= one of auto, none, large, lba"},
};

/* Takes the last key off SPEC; *TAKEN: there was one. */
static bool take_disk_key(const struct option_row *row, char *spec, struct disk_config *disk, bool *taken,
                          struct error *err)
{
    char *comma = strrchr(spec, ',');
    *taken = false;
    if (!comma || !strchr(comma, '=') || !access(spec, F_OK))
        return true; /* a comma may be part of the name */
    for (size_t i = 0; i < sizeof disk_keys / sizeof *disk_keys; i++) {
        size_t length = strlen(disk_keys[i].key);
        if (strncmp(comma, disk_keys[i].key, length))
            continue;
        if (!disk_keys[i].parse(comma + length, disk))
            return error_set(err, "--%s: '%s': say %s", row->name, comma + 1, disk_keys[i].wanted);
        *comma = 0;
        *taken = true;
        return true;
    }
    return error_set(err, "--%s: '%s' is not known; after the file may stand chs=C/H/S and trans=HOW",
                     row->name, comma + 1);
}

bool options_set_disk(struct run_options *options, const struct option_row *row, const char *value,
                      struct error *err)
{
    struct disk_config *disk = &options->machine.disk[row->index];
    char *spec = xstrdup(value);
    bool taken = true, ok = true;
    while (ok && taken)
        ok = take_disk_key(row, spec, disk, &taken, err);
    ok = ok && check_file(row, spec, err);
    if (ok) {
        disk->kind = path_or_none(spec) ? DRIVE_DISK : DRIVE_NONE;
        run_options_add_medium(options, MACHINE_FLOPPIES + row->index, NULL); /* a disk does not change */
        run_options_add_medium(options, MACHINE_FLOPPIES + row->index, path_or_none(spec));
    }
    free(spec);
    return ok;
}

bool options_set_disk_geometry(struct run_options *options, const struct option_row *row, const char *value,
                               struct error *err)
{
    return parse_geometry(value, &options->machine.disk[row->index]) ||
           error_set(err, "--%s %s: say " GEOMETRY_WANTED, row->name, value);
}

bool options_set_disk_translation(struct run_options *options, const struct option_row *row,
                                  const char *value, struct error *err)
{
    return parse_translation(value, &options->machine.disk[row->index]) ||
           error_set(err, "--%s %s: one of auto, none, large, lba, please", row->name, value);
}

bool options_set_cdrom(struct run_options *options, const struct option_row *row, const char *value,
                       struct error *err)
{
    static const unsigned char places[] = {2, 3, 1, 0};
    /* A second --cdrom is another disc for the same drive; the drive goes to the secondary master if that is
     * free. */
    int place = -1;
    for (int i = 0; i < MACHINE_DISKS; i++)
        if (options->machine.disk[i].kind == DRIVE_CDROM)
            place = i;
    for (size_t i = 0; place < 0 && i < sizeof places; i++)
        if (options->machine.disk[places[i]].kind == DRIVE_NONE)
            place = places[i];
    if (place < 0)
        return error_set(err, "--cdrom %s: hda to hdd are all taken; leave one out", value);
    if (!check_file(row, value, err))
        return false;
    options->machine.disk[place].kind = DRIVE_CDROM;
    run_options_add_medium(options, MACHINE_FLOPPIES + (unsigned)place, path_or_none(value));
    return true;
}

bool options_set_snapshot(struct run_options *options, const struct option_row *row, const char *value,
                          struct error *err)
{
    return options_parse_switch(row, value, &options->machine.snapshot, err);
}

/* --- New images -------------------------------------------------------------------------------------------
 */

bool parse_image_size(const char *text, uint64_t *bytes)
{
    /* What these floppies are called, which is in units of 1000 * 1024 bytes. */
    static const struct {
        const char *name;
        uint64_t bytes;
    } floppies[] = {
        {"1.2M", 1228800}, {"1.44M", 1474560}, {"1.68M", 1720320}, {"1.72M", 1763328}, {"2.88M", 2949120}};
    for (size_t i = 0; i < sizeof floppies / sizeof *floppies; i++) {
        if (!strcasecmp(text, floppies[i].name)) {
            *bytes = floppies[i].bytes;
            return true;
        }
    }
    return parse_size(text, bytes);
}

bool options_set_create(struct run_options *options, const struct option_row *row, const char *value,
                        struct error *err)
{
    const char *comma = strrchr(value, ',');
    uint64_t size;
    if (!comma || comma == value || !parse_image_size(comma + 1, &size) || !size || size % 512)
        return error_set(
            err, "--%s %s: say FILE,SIZE, like new.img,1.44M or disk.img,100M (a multiple of 512 bytes)",
            row->name, value);
    options_list_add(&options->create, value);
    return true;
}
