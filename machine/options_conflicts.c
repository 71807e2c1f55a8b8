/* Finds files that are asked to be two things at once: an image that is also an output, two outputs in one
 * file, one writable image in two drives. */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "devices/fdc.h"
#include "devices/image/image.h"
#include "machine/options_private.h"

enum use {
    USE_OUTPUT, /* written from its beginning */
    USE_INPUT,
    USE_IMAGE, /* read and, perhaps, written */
};

struct named_file {
    const char *option, *path;
    enum use use;
    struct stat status; /* of the file, or of the folder where there is none yet */
    bool exists;
};

struct file_set {
    struct named_file *items;
    size_t count;
};

static void add_file(struct file_set *set, const char *option, const char *path, enum use use)
{
    struct named_file file = {.option = option, .path = path, .use = use};
    if (!path)
        return;
    file.exists = !stat(path, &file.status);
    /* Devices and pipes may serve several at once. */
    if (file.exists && !S_ISREG(file.status.st_mode) && !S_ISBLK(file.status.st_mode))
        return;
    if (!file.exists) {
        char *copy = xstrdup(path);
        bool folder_there = !stat(dirname(copy), &file.status);
        free(copy);
        if (!folder_there)
            return;
    }
    set->items = xrealloc(set->items, (set->count + 1) * sizeof *set->items);
    set->items[set->count++] = file;
}

/* A port's "file:PATH". */
static void add_port(struct file_set *set, const char *option, const char *where)
{
    if (where && !strncmp(where, "file:", 5))
        add_file(set, option, where + 5, USE_OUTPUT);
}

static bool same_file(const struct named_file *a, const struct named_file *b)
{
    if (a->exists != b->exists || a->status.st_dev != b->status.st_dev ||
        a->status.st_ino != b->status.st_ino)
        return false;
    if (a->exists)
        return true;
    const char *name_a = strrchr(a->path, '/'), *name_b = strrchr(b->path, '/');
    return !strcmp(name_a ? name_a + 1 : a->path, name_b ? name_b + 1 : b->path);
}

static const char *const floppy_options[MACHINE_FLOPPIES] = {"fda", "fdb"};
static const char *const disk_options[MACHINE_DISKS] = {"hda", "hdb", "hdc", "hdd"};
static const char *const serial_options[MACHINE_SERIAL_PORTS] = {"com1", "com2", "com3", "com4"};

static const char *drive_option(const struct run_options *options, unsigned drive)
{
    if (drive < MACHINE_FLOPPIES)
        return floppy_options[drive];
    drive -= MACHINE_FLOPPIES;
    return options->machine.disk[drive].kind == DRIVE_CDROM ? "cdrom" : disk_options[drive];
}

static void gather(const struct run_options *options, struct file_set *set)
{
    const struct machine_config *config = &options->machine;
    add_file(set, "screen-text", options->screen_text_path, USE_OUTPUT);
    add_file(set, "screenshot", options->screenshot_path, USE_OUTPUT);
    add_file(set, "video", options->video_path, USE_OUTPUT);
    add_file(set, "stats", options->stats_path, USE_OUTPUT);
    add_file(set, "nvram", config->nvram_path, USE_OUTPUT);
    for (size_t i = 0; i < MACHINE_SERIAL_PORTS; i++)
        add_port(set, serial_options[i], options->serial[i]);
    add_port(set, "debugcon", options->debugcon);
    add_port(set, "parallel", options->parallel);
    add_file(set, "bios", config->bios_path, USE_INPUT);
    add_file(set, "vgabios", config->vgabios_path, USE_INPUT);
    add_file(set, "kernel", config->kernel_path, USE_INPUT);
    add_file(set, "initrd", config->initrd_path, USE_INPUT);
    add_file(set, "load", options->load_path, USE_INPUT);
    add_file(set, "monitor-script", options->monitor_script, USE_INPUT);
    for (size_t i = 0; i < sizeof config->option_roms / sizeof *config->option_roms; i++)
        add_file(set, "option-rom", config->option_roms[i], USE_INPUT);
    for (unsigned drive = 0; drive < MACHINE_DRIVES; drive++)
        for (size_t i = 0; i < options->media[drive].count; i++)
            add_file(set, drive_option(options, drive), options->media[drive].items[i], USE_IMAGE);
}

static bool writable_image(const struct run_options *options, const struct named_file *file)
{
    return file->use == USE_IMAGE && !options->machine.snapshot && strcmp(file->option, "cdrom") != 0;
}

static bool check_pair(const struct run_options *options, const struct named_file *a,
                       const struct named_file *b, struct error *err)
{
    bool clash = a->use == USE_OUTPUT || b->use == USE_OUTPUT ||
                 (a->use == USE_IMAGE && b->use == USE_IMAGE && strcmp(a->option, b->option) != 0 &&
                  (writable_image(options, a) || writable_image(options, b)));
    if (!clash || !same_file(a, b))
        return true;
    if (a->use == USE_OUTPUT)
        return error_set(err, "--%s %s: is the file of --%s too; choose another", a->option, a->path,
                         b->option);
    return error_set(err, "%s is in two drives, --%s and --%s; leave one out, or add --snapshot", b->path,
                     a->option, b->option);
}

static bool check_pairs(const struct run_options *options, const struct file_set *set, struct error *err)
{
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = i + 1; k < set->count; k++)
            if (!check_pair(options, &set->items[i], &set->items[k], err))
                return false;
    return true;
}

/* A drive of no given type takes all the floppies that are at hand for it. */
static bool fit_floppy_drive(struct run_options *options, unsigned drive, struct error *err)
{
    static const struct image_options look = {.read_only = true, .floppy = true};
    unsigned *type = &options->machine.floppy_type[drive], wanted = FDC_DRIVE_NONE;
    for (size_t i = 0; i < options->media[drive].count; i++) {
        struct disk_geometry geometry;
        struct image *image = image_open(options->media[drive].items[i], &look, err);
        bool ok = image && image_floppy_geometry(image, &geometry, err);
        image_close(image);
        if (!ok)
            return false;
        unsigned least = fdc_drive_type_for(&geometry);
        /* Whoever changes floppies will bring one of 1.44 MB; a drive for these takes 720 KB too. */
        if (least == FDC_DRIVE_720K)
            least = FDC_DRIVE_1440K;
        if (least > wanted)
            wanted = least;
    }
    if (!*type)
        *type = wanted;
    return true;
}

/* A floppy in a CD-ROM drive is a mistake; larger images without a file system that we know may be meant. */
static bool check_disc(const char *path, struct error *err)
{
    enum image_kind kind = image_probe(path, err);
    if (kind == IMAGE_FLOPPY)
        return error_set(err, "--cdrom %s: is no CD, neither ISO 9660 nor UDF; a floppy is for --fda", path);
    return kind != IMAGE_UNKNOWN;
}

/* All media are looked at before the run, not when their turn comes. */
static bool check_media(struct run_options *options, struct error *err)
{
    static const struct image_options look = {.read_only = true};
    for (unsigned drive = 0; drive < MACHINE_FLOPPIES; drive++)
        if (!fit_floppy_drive(options, drive, err))
            return false;
    for (unsigned drive = MACHINE_FLOPPIES; drive < MACHINE_DRIVES; drive++) {
        bool disc = options->machine.disk[drive - MACHINE_FLOPPIES].kind == DRIVE_CDROM;
        for (size_t i = 0; disc && i < options->media[drive].count; i++)
            if (!check_disc(options->media[drive].items[i], err))
                return false;
        for (size_t i = 1; i < options->media[drive].count; i++) {
            struct image *image = image_open(options->media[drive].items[i], &look, err);
            if (!image)
                return false;
            image_close(image);
        }
    }
    return true;
}

bool options_check_files(struct run_options *options, struct error *err)
{
    struct file_set set = {0};
    gather(options, &set);
    bool ok = check_pairs(options, &set, err);
    free(set.items);
    return ok && check_media(options, err);
}
