/* Geometry of floppy and hard-disk images: from what is written on them where that makes sense, else from
 * their size. */
#include <inttypes.h>
#include <string.h>

#include "devices/image/image_private.h"

static const struct disk_geometry floppy_formats[] = {
    {40, 1, 8},  /* 160 KB, 5.25" */
    {40, 1, 9},  /* 180 KB */
    {40, 2, 8},  /* 320 KB */
    {40, 2, 9},  /* 360 KB */
    {80, 1, 9},  /* 360 KB, 3.5" single-sided: same size as the one above, which is the common one */
    {40, 2, 10}, /* 400 KB */
    {80, 2, 8},  /* 640 KB */
    {80, 2, 9},  /* 720 KB, 3.5" */
    {80, 2, 10}, /* 800 KB */
    {82, 2, 10}, /* 820 KB */
    {80, 2, 15}, /* 1.2 MB, 5.25" */
    {80, 2, 18}, /* 1.44 MB, 3.5" */
    {82, 2, 18}, /* 1.48 MB */
    {80, 2, 20}, /* 1.6 MB */
    {80, 2, 21}, /* 1.68 MB: DMF */
    {82, 2, 21}, /* 1.72 MB */
    {83, 2, 21}, /* 1.74 MB */
    {80, 2, 24}, /* 1.92 MB */
    {80, 2, 36}, /* 2.88 MB */
};

#define FLOPPY_FORMATS (sizeof floppy_formats / sizeof floppy_formats[0])

static uint64_t sectors_of(const struct disk_geometry *geometry)
{
    return (uint64_t)geometry->cylinders * geometry->heads * geometry->sectors;
}

/* The BIOS parameter block of a FAT boot sector, as far as it tells geometry. False if it makes no sense. */
static bool read_bpb(const uint8_t *sector, uint64_t *total, uint16_t *heads, uint16_t *sectors)
{
    bool jump = (sector[0] == 0xEB && sector[2] == 0x90) || sector[0] == 0xE9;
    *sectors = image_get16(sector + 24);
    *heads = image_get16(sector + 26);
    *total = image_get16(sector + 19);
    if (*total == 0)
        *total = image_get32(sector + 32);
    return jump && image_get16(sector + 11) == SECTOR_SIZE && *sectors >= 1 && *sectors <= 63 &&
           *heads >= 1 && *heads <= 255;
}

static bool floppy_from_bpb(const uint8_t *boot, uint64_t sectors, struct disk_geometry *out)
{
    uint64_t total;
    uint16_t heads, per_track;
    if (!read_bpb(boot, &total, &heads, &per_track) || total != sectors || heads > 2 || per_track > 36 ||
        total % (heads * per_track))
        return false;
    uint32_t cylinders = (uint32_t)(total / (heads * per_track));
    if (cylinders < 40 || cylinders > 84)
        return false;
    *out = (struct disk_geometry){cylinders, heads, per_track};
    return true;
}

static bool floppy_from_size(uint64_t sectors, struct disk_geometry *out)
{
    for (size_t i = 0; i < FLOPPY_FORMATS; i++)
        if (sectors_of(&floppy_formats[i]) == sectors) {
            *out = floppy_formats[i];
            return true;
        }
    return false;
}

/* An uncommon size is what somebody wrote on the beginning of a larger floppy: a boot sector and a kernel are
 * meant for a 1.44 MB one. */
static void floppy_around(uint64_t sectors, struct disk_geometry *out)
{
    uint16_t per_track = sectors <= 84 * 2 * 18   ? 18
                         : sectors <= 84 * 2 * 21 ? 21
                         : sectors <= 84 * 2 * 24 ? 24
                                                  : 36;
    uint32_t cylinders = (uint32_t)((sectors + 2u * per_track - 1) / (2u * per_track));
    *out = (struct disk_geometry){cylinders < 80 ? 80 : cylinders, 2, per_track};
}

bool image_floppy_geometry(struct image *image, struct disk_geometry *out, struct error *err)
{
    uint64_t sectors = image_size(image) / SECTOR_SIZE;
    if (image_size(image) > FLOPPY_MAX_SIZE)
        return error_set(
            err, "%s is %" PRIu64 " bytes long, more than any floppy (2949120); use it as --hda or --cdrom",
            image_path(image), image_size(image));
    uint8_t boot[SECTOR_SIZE];
    if (!image_read(image, 0, boot, sizeof boot))
        return error_set(err, "%s: its first sector cannot be read", image_path(image));
    if (!floppy_from_bpb(boot, sectors, out) && !floppy_from_size(sectors, out))
        floppy_around(sectors, out);
    return true;
}

struct chs {
    unsigned cylinder, head, sector;
};

static struct chs unpack_chs(const uint8_t *at)
{
    return (struct chs){at[2] | (at[1] & 0xC0u) << 2, at[0], at[1] & 0x3Fu};
}

/* Does CHS name sector LBA under HEADS and SECTORS? Cylinders past 1022 cannot be told. */
static bool chs_agrees(struct chs chs, uint64_t lba, unsigned heads, unsigned sectors)
{
    uint64_t cylinder = lba / (heads * sectors);
    if (cylinder > 1022)
        return true;
    return chs.cylinder == cylinder && chs.head == lba / sectors % heads && chs.sector == lba % sectors + 1;
}

/* Partitions end at the end of a cylinder: the last one's CHS gives heads and sectors, if all entries agree.
 */
static bool disk_from_partitions(const uint8_t *mbr, uint16_t *heads, uint16_t *sectors)
{
    *heads = *sectors = 0;
    if (image_get16(mbr + 510) != 0xAA55)
        return false;
    for (const uint8_t *entry = mbr + 446; entry < mbr + 510; entry += 16) {
        struct chs end = unpack_chs(entry + 5);
        if ((entry[0] & 0x7F) || (entry[4] && !end.sector))
            return false;
        if (entry[4] && end.head + 1u >= *heads && end.head < 255) {
            *heads = (uint16_t)(end.head + 1);
            *sectors = (uint16_t)end.sector;
        }
    }
    if (!*heads)
        return false;
    for (const uint8_t *entry = mbr + 446; entry < mbr + 510; entry += 16) {
        uint64_t first = image_get32(entry + 8), length = image_get32(entry + 12);
        if (entry[4] && (!length || !chs_agrees(unpack_chs(entry + 1), first, *heads, *sectors) ||
                         !chs_agrees(unpack_chs(entry + 5), first + length - 1, *heads, *sectors)))
            return false;
    }
    return true;
}

/* The BPB of the first partition that has one, where its idea of the partition agrees with the table. */
static bool disk_from_bpb(struct image *image, const uint8_t *mbr, uint16_t *heads, uint16_t *sectors)
{
    if (image_get16(mbr + 510) != 0xAA55)
        return false;
    for (const uint8_t *entry = mbr + 446; entry < mbr + 510; entry += 16) {
        uint8_t boot[SECTOR_SIZE];
        uint64_t total, first = image_get32(entry + 8);
        if (!(entry[0] & 0x7F) && entry[4] && image_read(image, first * SECTOR_SIZE, boot, sizeof boot) &&
            read_bpb(boot, &total, heads, sectors) && image_get32(boot + 28) == first &&
            total <= image_get32(entry + 12))
            return true;
    }
    return false;
}

/* As the firmware's LBA-assisted translation: 16 heads of 63 sectors, more heads where cylinders would pass
 * 1024. */
static void disk_from_size(uint64_t total, uint16_t *heads, uint16_t *sectors)
{
    *sectors = 63;
    *heads = 16;
    while (*heads < 128 && total / (*heads * 63u) > 1024)
        *heads = (uint16_t)(*heads * 2);
    if (total / (*heads * 63u) > 1024)
        *heads = 255;
}

bool image_disk_geometry(struct image *image, struct disk_geometry *out, struct error *err)
{
    uint64_t total = image_size(image) / SECTOR_SIZE;
    uint8_t mbr[SECTOR_SIZE];
    uint16_t heads, sectors;
    if (!image_read(image, 0, mbr, sizeof mbr))
        return error_set(err, "%s: its first sector cannot be read", image_path(image));
    bool told = disk_from_partitions(mbr, &heads, &sectors) || disk_from_bpb(image, mbr, &heads, &sectors);
    if (!told || (uint64_t)heads * sectors > total)
        disk_from_size(total, &heads, &sectors);
    uint64_t cylinders = total / ((uint64_t)heads * sectors);
    if (cylinders == 0) {
        /* Smaller than one such cylinder: one head, and tracks as long as the disk allows. */
        heads = 1;
        sectors = (uint16_t)(total < 17 ? total : 17);
        cylinders = total / sectors;
    }
    *out =
        (struct disk_geometry){cylinders > 0xFFFFFFFFu ? 0xFFFFFFFFu : (uint32_t)cylinders, heads, sectors};
    return true;
}
