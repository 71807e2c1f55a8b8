/* Gives plain IMAGE arguments their drives, by what the files hold. */
#include <string.h>

#include "base/memory.h"
#include "devices/image/image.h"
#include "machine/options.h"

static bool place_floppy(struct machine_config *config, const char *path, struct error *err)
{
    for (int i = 0; i < MACHINE_FLOPPIES; i++) {
        if (!config->floppy[i]) {
            config->floppy[i] = xstrdup(path);
            return true;
        }
    }
    return error_set(err, "%s: both floppy drives are taken; leave one image out", path);
}

static bool place_disk(struct machine_config *config, const char *path, enum drive_kind kind,
                       struct error *err)
{
    static const unsigned char disk_order[] = {0, 1, 2, 3}, cd_order[] = {2, 3, 1, 0};
    for (int i = 0; i < MACHINE_DISKS; i++) {
        struct disk_config *disk = &config->disk[kind == DRIVE_CDROM ? cd_order[i] : disk_order[i]];
        /* An empty CD drive takes the disc. */
        if (disk->kind == DRIVE_NONE || (kind == DRIVE_CDROM && disk->kind == DRIVE_CDROM && !disk->path)) {
            disk->kind = kind;
            disk->path = xstrdup(path);
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

static bool place(struct machine_config *config, const char *path, struct error *err)
{
    switch (image_probe(path, err)) {
    case IMAGE_FLOPPY:
        return place_floppy(config, path, err);
    case IMAGE_DISK:
        return place_disk(config, path, DRIVE_DISK, err);
    case IMAGE_CD:
        return place_disk(config, path, DRIVE_CDROM, err);
    case IMAGE_KERNEL_LINUX:
    case IMAGE_KERNEL_MULTIBOOT:
        return place_kernel(config, path, err);
    case IMAGE_UNKNOWN:
        break;
    }
    return false;
}

bool run_options_place_images(struct run_options *options, struct error *err)
{
    for (size_t i = 0; i < options->images.count; i++)
        if (!place(&options->machine, options->images.items[i], err))
            return false;
    const struct machine_config *config = &options->machine;
    if (!config->kernel_path && (config->initrd_path || config->kernel_append))
        return error_set(err, "--%s goes with a kernel only; name one by --kernel",
                         config->initrd_path ? "initrd" : "append");
    return true;
}
