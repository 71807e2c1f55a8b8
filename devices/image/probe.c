/* What a file is, by its content and size: floppy, hard disk, CD, or a kernel to boot directly. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "devices/image/image_private.h"

/* Enough for the volume descriptors of a CD at sector 16, and one byte more than a floppy. */
#define HEAD_SIZE (FLOPPY_MAX_SIZE + SECTOR_SIZE)

#define MULTIBOOT_MAGIC   0x1BADB002u
#define MULTIBOOT_SEARCH  8192u
#define MULTIBOOT2_MAGIC  0xE85250D6u
#define MULTIBOOT2_SEARCH 32768u
#define MULTIBOOT_AOUT    0x10000u /* the header itself gives load addresses, so no ELF is needed */

static const struct {
    const char *name;
    unsigned offset, length;
    const char *magic;
} foreign_formats[] = {
    {"a QCOW image", 0, 4, "QFI\xFB"},       {"a VMDK image", 0, 4, "KDMV"},
    {"a VMDK image", 0, 4, "COWD"},          {"a VHD image", 0, 8, "conectix"},
    {"a VHDX image", 0, 8, "vhdxfile"},      {"a VDI image", 64, 4, "\x7F\x10\xDA\xBE"},
    {"an ISO packed as CISO", 0, 4, "CISO"},
};

bool image_refuse_foreign(const char *path, const uint8_t *head, size_t count, struct error *err)
{
    for (size_t i = 0; i < sizeof foreign_formats / sizeof foreign_formats[0]; i++)
        if (count >= foreign_formats[i].offset + foreign_formats[i].length &&
            !memcmp(head + foreign_formats[i].offset, foreign_formats[i].magic, foreign_formats[i].length))
            return error_set(err, "%s is %s, not a raw one; convert it: qemu-img convert -O raw %s disk.img",
                             path, foreign_formats[i].name, path);
    static const uint8_t sync[12] = {0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0};
    if (count >= sizeof sync && !memcmp(head, sync, sizeof sync))
        return error_set(err, "%s has raw CD sectors of 2352 bytes; convert it to an ISO with bchunk or iat",
                         path);
    return true;
}

static const uint8_t elf_magic[4] = {0x7F, 'E', 'L', 'F'};

/* Linux/x86 boot protocol: the setup header. */
static bool is_linux(const uint8_t *head, size_t count)
{
    return count > 0x206 && !memcmp(head + 0x202, "HdrS", 4) && image_get16(head + 0x1FE) == 0xAA55;
}

/* Multiboot Specification 0.6.96, 3.1. */
static bool is_multiboot(const uint8_t *head, size_t count)
{
    bool elf = count >= 4 && !memcmp(head, elf_magic, sizeof elf_magic);
    bool boot_sector = count >= SECTOR_SIZE && image_get16(head + 510) == 0xAA55;
    size_t end = count < MULTIBOOT_SEARCH ? count : MULTIBOOT_SEARCH;
    for (size_t at = 0; at + 12 <= end; at += 4) {
        uint32_t flags = image_get32(head + at + 4);
        if (image_get32(head + at) == MULTIBOOT_MAGIC &&
            MULTIBOOT_MAGIC + flags + image_get32(head + at + 8) == 0)
            return elf || ((flags & MULTIBOOT_AOUT) && !boot_sector);
    }
    return false;
}

/* Says what an ELF file without a Multiboot header lacks. */
static void refuse_elf(const char *path, const uint8_t *head, size_t count, struct error *err)
{
    for (size_t at = 0; at + 4 <= count && at < MULTIBOOT2_SEARCH; at += 8)
        if (image_get32(head + at) == MULTIBOOT2_MAGIC) {
            error_set(
                err,
                "%s is a Multiboot 2 kernel, which needs a boot loader; put it on an ISO with grub-mkrescue",
                path);
            return;
        }
    error_set(err, "%s is an ELF file without a Multiboot header in its first 8 KB; link the header in front",
              path);
}

/* ISO 9660 (CD001), High Sierra (CDROM) or UDF (BEA01) at sector 16. */
static bool is_cd(const uint8_t *head, size_t count)
{
    const uint8_t *descriptor = head + 16 * CD_SECTOR_SIZE;
    return count >= 17 * CD_SECTOR_SIZE &&
           (!memcmp(descriptor + 1, "CD001", 5) || !memcmp(descriptor + 1, "BEA01", 5) ||
            !memcmp(descriptor + 9, "CDROM", 5));
}

/* A master boot record whose entries all make sense on a disk of SECTORS; boot code of a floppy does not look
 * so. */
static bool has_partition_table(const uint8_t *head, uint64_t sectors)
{
    if (image_get16(head + 510) != 0xAA55)
        return false;
    unsigned used = 0;
    for (const uint8_t *entry = head + 446; entry < head + 510; entry += 16) {
        static const uint8_t unused[16];
        if (!memcmp(entry, unused, 16))
            continue;
        uint64_t first = image_get32(entry + 8), length = image_get32(entry + 12);
        if ((entry[0] & 0x7F) || !entry[4] || !first || !length || first + length > sectors)
            return false;
        used++;
    }
    return used != 0;
}

static enum image_kind kind_of(const char *path, const uint8_t *head, size_t count, uint64_t size,
                               struct error *err)
{
    if (!image_refuse_foreign(path, head, count, err))
        return IMAGE_UNKNOWN;
    if (is_linux(head, count))
        return IMAGE_KERNEL_LINUX;
    if (is_multiboot(head, count))
        return IMAGE_KERNEL_MULTIBOOT;
    if (count >= 4 && !memcmp(head, elf_magic, sizeof elf_magic)) {
        refuse_elf(path, head, count, err);
        return IMAGE_UNKNOWN;
    }
    if (is_cd(head, count))
        return IMAGE_CD;
    if (size % SECTOR_SIZE) {
        error_set(err,
                  "%s is %" PRIu64 " bytes long, not a multiple of 512: truncated? it should have %" PRIu64
                  " bytes (truncate -s pads it)",
                  path, size, size - size % SECTOR_SIZE + SECTOR_SIZE);
        return IMAGE_UNKNOWN;
    }
    bool small = size <= FLOPPY_MAX_SIZE;
    return small && !has_partition_table(head, size / SECTOR_SIZE) ? IMAGE_FLOPPY : IMAGE_DISK;
}

static enum image_kind probe_gzip(const char *path, uint8_t *head, struct error *err)
{
    bool all;
    long n = image_gunzip_head(path, head, HEAD_SIZE, &all, err);
    if (n < 0)
        return IMAGE_UNKNOWN;
    if (n == 0) {
        error_set(err, "%s unpacks to nothing; name a disk image", path);
        return IMAGE_UNKNOWN;
    }
    /* The whole length of a large one is not known yet; it is a disk or CD in any case. */
    return kind_of(path, head, (size_t)n, all ? (uint64_t)n : HEAD_SIZE, err);
}

static enum image_kind probe_raw(const char *path, int fd, uint64_t size, uint8_t *head, struct error *err)
{
    size_t count = size < HEAD_SIZE ? (size_t)size : HEAD_SIZE;
    if (!image_pread(fd, 0, head, count)) {
        error_set(err, "%s: cannot be read: %s", path, strerror(errno));
        return IMAGE_UNKNOWN;
    }
    return kind_of(path, head, count, size, err);
}

enum image_kind image_probe(const char *path, struct error *err)
{
    uint64_t size;
    if (!strncmp(path, IMAGE_FOLDER_PREFIX, strlen(IMAGE_FOLDER_PREFIX)))
        return IMAGE_DISK; /* opening it tells the rest */
    int fd = image_open_file(path, false, &size, err);
    if (fd < 0)
        return IMAGE_UNKNOWN;
    uint8_t *head = xcalloc(1, HEAD_SIZE);
    enum image_kind kind =
        image_named_gzip(path) ? probe_gzip(path, head, err) : probe_raw(path, fd, size, head, err);
    free(head);
    close(fd);
    return kind;
}
