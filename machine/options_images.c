/* Gives plain IMAGE arguments their drives, by what the files hold. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/image/image.h"
#include "machine/options_private.h"

static bool place_floppy(struct run_options *options, const char *path, struct error *err)
{
    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++) {
        if (!options->machine.floppy[i]) {
            run_options_add_medium(options, i, path);
            return true;
        }
    }
    return error_set(err, "%s: both floppy drives are taken; give floppies to change as --fda %s,%s", path,
                     options->machine.floppy[0], path);
}

static bool place_disk(struct run_options *options, const char *path, enum drive_kind kind, struct error *err)
{
    static const unsigned char disk_order[] = {0, 1, 2, 3}, cd_order[] = {2, 3, 1, 0};
    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        unsigned place = kind == DRIVE_CDROM ? cd_order[i] : disk_order[i];
        struct disk_config *disk = &options->machine.disk[place];
        /* An empty CD drive takes the disc. */
        if (disk->kind == DRIVE_NONE || (kind == DRIVE_CDROM && disk->kind == DRIVE_CDROM && !disk->path)) {
            disk->kind = kind;
            run_options_add_medium(options, MACHINE_FLOPPIES + place, path);
            return true;
        }
    }
    return error_set(err, "%s: hda to hdd are all taken; leave one image out", path);
}

static bool place_kernel(struct machine_config *config, const char *path, struct error *err)
{
    if (config->kernel_path)
        return error_set(err, "%s: there is a kernel already, %s; leave one out", path, config->kernel_path);
    config->kernel_path = xstrdup(path);
    return true;
}

static bool place(struct run_options *options, const char *path, struct error *err)
{
    switch (image_probe(path, err)) {
    case IMAGE_FLOPPY:
        return place_floppy(options, path, err);
    case IMAGE_DISK:
        return place_disk(options, path, DRIVE_DISK, err);
    case IMAGE_CD:
        return place_disk(options, path, DRIVE_CDROM, err);
    case IMAGE_KERNEL_LINUX:
    case IMAGE_KERNEL_MULTIBOOT:
        return place_kernel(&options->machine, path, err);
    case IMAGE_UNKNOWN:
        break;
    }
    return false;
}

bool run_options_place_images(struct run_options *options, struct error *err)
{
    for (size_t i = 0; i < options->images.count; i++)
        if (!place(options, options->images.items[i], err))
            return false;
    const struct machine_config *config = &options->machine;
    if (!config->kernel_path && (config->initrd_path || config->kernel_append))
        return error_set(err, "--%s goes with a kernel only; name one by --kernel",
                         config->initrd_path ? "initrd" : "append");
    return options_check_files(options, err);
}

bool run_options_create_images(const struct run_options *options, struct error *err)
{
    for (size_t i = 0; i < options->create.count; i++) {
        char *path = xstrdup(options->create.items[i]), *comma = strrchr(path, ',');
        uint64_t size = 0;
        *comma = 0;
        bool ok = parse_image_size(comma + 1, &size) && image_create(path, size, err);
        free(path);
        if (!ok)
            return false;
    }
    return true;
}
