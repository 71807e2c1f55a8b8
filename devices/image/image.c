/* Disk images: opening, reading and writing raw files, whole or under an overlay. */
#include "devices/image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "devices/image/folder.h"
#include "devices/image/image_private.h"

struct image {
    char *path;
    int fd;
    uint64_t size;
    bool read_only; /* for the guest */
    struct overlay *overlay;
    int trouble; /* errno of a read or write that the host failed, 0: none */
    bool trouble_writing, trouble_told;
    struct folder *folder; /* a folder of the host, in place of FD */
    /* Hashes of the file's parts, those that are known; NULL: none was asked for yet. */
    bool *part_known;
    uint64_t *part_hash;
    uint64_t *moments; /* hashes of the file at snapshots */
    size_t moment_count;
};

#define HASH_PART (1u << 20) /* bytes */

bool image_pread(int fd, uint64_t offset, void *buffer, size_t count)
{
    uint8_t *out = buffer;
    while (count) {
        ssize_t n = pread(fd, out, count, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        out += n;
        offset += (uint64_t)n;
        count -= (size_t)n;
    }
    return true;
}

bool image_pwrite(int fd, uint64_t offset, const void *buffer, size_t count)
{
    const uint8_t *in = buffer;
    while (count) {
        ssize_t n = pwrite(fd, in, count, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        in += n;
        offset += (uint64_t)n;
        count -= (size_t)n;
    }
    return true;
}

int image_temporary_file(struct error *err)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    size_t length = strlen(folder) + sizeof "/tick86-XXXXXX";
    char *name = xcalloc(length, 1);
    strcpy(name, folder);
    strcat(name, "/tick86-XXXXXX");
    int fd = mkstemp(name);
    if (fd < 0) {
        error_set(err, "cannot make a temporary file in %s: %s; set TMPDIR to a folder with space", folder,
                  strerror(errno));
    } else {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        unlink(name);
    }
    free(name);
    return fd;
}

static bool size_of(int fd, const struct stat *st, uint64_t *size)
{
    off_t end = S_ISBLK(st->st_mode) ? lseek(fd, 0, SEEK_END) : st->st_size;
    if (end < 0)
        return false;
    *size = (uint64_t)end;
    return true;
}

int image_open_file(const char *path, bool write, uint64_t *size, struct error *err)
{
    /* O_NONBLOCK: a FIFO must not hang us before we can refuse it. */
    int fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        if (errno == ENOENT)
            error_set(err, "%s: no such file; check the name of the image", path);
        else if (errno == EACCES)
            error_set(err, "%s: permission denied; make the image readable (chmod u+r)", path);
        else if (errno == EISDIR)
            error_set(err, "%s is a folder; name a disk image in it", path);
        else
            error_set(err, "%s: cannot be opened: %s", path, strerror(errno));
        return -1;
    }
    struct stat st;
    if (fstat(fd, &st) || !size_of(fd, &st, size))
        error_set(err, "%s: cannot be examined: %s", path, strerror(errno));
    else if (S_ISDIR(st.st_mode))
        error_set(err, "%s is a folder; name a disk image in it", path);
    else if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        error_set(err, "%s is neither a file nor a block device; name a disk image", path);
    else if (*size == 0)
        error_set(err, "%s is empty (0 bytes); name a disk image", path);
    else
        return fd;
    close(fd);
    return -1;
}

/* Refuses a file that another machine has open, unless both only read. */
static bool lock_file(int fd, const char *path, bool exclusive, struct error *err)
{
    if (!flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) || errno != EWOULDBLOCK)
        return true; /* file systems without locks are used as they are */
    return error_set(err, "%s is in use by another run; end that, or use --snapshot in all of them", path);
}

static bool check_size(const char *path, uint64_t size, struct error *err)
{
    if (size % SECTOR_SIZE) {
        uint64_t whole = size - size % SECTOR_SIZE + SECTOR_SIZE;
        return error_set(err,
                         "%s is %" PRIu64
                         " bytes long, not a multiple of 512: truncated? it should have %" PRIu64
                         " bytes (truncate -s %" PRIu64 " pads it)",
                         path, size, whole, whole);
    }
    if (size >> 48 >= SECTOR_SIZE)
        return error_set(err, "%s is larger than any ATA disk (2^48 sectors)", path);
    return true;
}

static bool cd_not_truncated(const struct image *image, struct error *err);
static bool fat_not_truncated(const struct image *image, const uint8_t *boot, struct error *err);
static bool partitions_not_truncated(const struct image *image, const uint8_t *mbr, struct error *err);

static bool check_content(struct image *image, struct error *err)
{
    uint8_t head[SECTOR_SIZE];
    if (!image_pread(image->fd, 0, head, sizeof head))
        return error_set(err, "%s: cannot be read: %s", image->path, strerror(errno));
    return image_refuse_foreign(image->path, head, sizeof head, err) && cd_not_truncated(image, err) &&
           fat_not_truncated(image, head, err) && partitions_not_truncated(image, head, err);
}

/* The volume descriptor says how long the image must be. Programs that copy discs may leave out the 150
 * sectors of run-out at the end, so that much is forgiven. */
static bool cd_not_truncated(const struct image *image, struct error *err)
{
    uint8_t descriptor[CD_SECTOR_SIZE];
    if (!image_pread(image->fd, 16 * CD_SECTOR_SIZE, descriptor, sizeof descriptor) ||
        memcmp(descriptor + 1, "CD001", 5) || descriptor[0] != 1 ||
        image_get16(descriptor + 128) != CD_SECTOR_SIZE)
        return true;
    uint64_t wanted = (uint64_t)image_get32(descriptor + 80) * CD_SECTOR_SIZE;
    if (image->size + 150 * CD_SECTOR_SIZE >= wanted)
        return true;
    return error_set(err,
                     "%s is truncated: %" PRIu64 " bytes, its ISO 9660 volume has %" PRIu64 "; copy it again",
                     image->path, image->size, wanted);
}

static bool truncated(const struct image *image, const char *what, uint64_t sectors, struct error *err)
{
    return error_set(err,
                     "%s is truncated: %" PRIu64 " bytes, %s tells of %" PRIu64
                     "; copy it again, or pad it with truncate -s %" PRIu64,
                     image->path, image->size, what, sectors * SECTOR_SIZE, sectors * SECTOR_SIZE);
}

/* A file system that lost its end. A boot sector with a parameter block before code of its own is none: its
 * FAT is missing. */
static bool fat_not_truncated(const struct image *image, const uint8_t *boot, struct error *err)
{
    uint8_t fat[3];
    uint32_t reserved = image_get16(boot + 14), fats = boot[16] * (uint32_t)image_get16(boot + 22);
    uint64_t total = image_get16(boot + 19) ? image_get16(boot + 19) : image_get32(boot + 32);
    uint64_t here = image->size / SECTOR_SIZE;
    bool has_block = image_get16(boot + 510) == 0xAA55 && image_get16(boot + 11) == SECTOR_SIZE && reserved &&
                     (boot[16] == 1 || boot[16] == 2) && fats && image_get32(boot + 28) == 0;
    if (!has_block || total <= here || reserved + fats >= here ||
        !image_pread(image->fd, (uint64_t)reserved * SECTOR_SIZE, fat, sizeof fat))
        return true;
    return fat[0] != boot[21] || fat[1] != 0xFF || fat[2] != 0xFF ||
           truncated(image, "its FAT file system", total, err);
}

/* A disk that lost its end: all entries of the table make sense, but one goes on behind it. Up to a cylinder
 * may be missing where a geometry was rounded; a GPT's entry covers what 32 bits can tell; and a CD may have
 * a table for starting from memory sticks. */
static bool partitions_not_truncated(const struct image *image, const uint8_t *mbr, struct error *err)
{
    static const uint8_t unused[16];
    uint8_t volume[6];
    uint64_t end = 0, here = image->size / SECTOR_SIZE;
    if (image_get16(mbr + 510) != 0xAA55)
        return true;
    for (const uint8_t *entry = mbr + 446; entry < mbr + 510; entry += 16) {
        uint64_t first = image_get32(entry + 8), length = image_get32(entry + 12);
        if (!memcmp(entry, unused, sizeof unused))
            continue;
        if ((entry[0] & 0x7F) || !entry[4] || entry[4] == 0xEE || !first || !length || first >= here)
            return true;
        if (first + length > end)
            end = first + length;
    }
    if (end <= here + 255 * 63 || (image_pread(image->fd, 16 * CD_SECTOR_SIZE, volume, sizeof volume) &&
                                   !memcmp(volume + 1, "CD001", 5)))
        return true;
    return truncated(image, "its partition table", end, err);
}

static bool open_gzip(struct image *image, const struct image_options *options, struct error *err)
{
    uint64_t packed;
    int fd = image_open_file(image->path, false, &packed, err);
    if (fd < 0)
        return false;
    close(fd);
    image->fd = image_gunzip(image->path, &image->size, err);
    image->read_only = !options->snapshot;
    return image->fd >= 0;
}

static bool open_raw(struct image *image, const struct image_options *options, struct error *err)
{
    bool write = !options->read_only && !options->snapshot;
    if (write) {
        image->fd = image_open_file(image->path, true, &image->size, NULL);
        write = image->fd >= 0;
    }
    if (!write) {
        image->fd = image_open_file(image->path, false, &image->size, err);
        if (image->fd < 0)
            return false;
    }
    image->read_only = !write && !options->snapshot;
    return lock_file(image->fd, image->path, write, err);
}

/* The path of the folder that PATH names as a FAT disk; NULL: it names a file. */
static const char *folder_path(const char *path)
{
    size_t length = strlen(IMAGE_FOLDER_PREFIX);
    return strncmp(path, IMAGE_FOLDER_PREFIX, length) ? NULL : path + length;
}

static bool open_folder(struct image *image, const struct image_options *options, struct error *err)
{
    const char *path = folder_path(image->path);
    if (!*path)
        return error_set(err, "%s: the name of a folder is missing", image->path);
    image->folder = folder_open(path, options->floppy, &image->size, err);
    image->read_only = !options->snapshot;
    return image->folder != NULL;
}

/* The medium without its overlay. */
static bool read_base(struct image *image, uint64_t offset, void *buffer, size_t count)
{
    return image->folder ? folder_read(image->folder, offset, buffer, count)
                         : image_pread(image->fd, offset, buffer, count);
}

static bool open_any(struct image *image, const struct image_options *options, struct error *err)
{
    if (folder_path(image->path))
        return open_folder(image, options, err);
    return (image_named_gzip(image->path) ? open_gzip(image, options, err) : open_raw(image, options, err)) &&
           check_size(image->path, image->size, err) && check_content(image, err);
}

struct image *image_open(const char *path, const struct image_options *options, struct error *err)
{
    static const struct image_options none;
    if (!options)
        options = &none;
    struct image *image = xcalloc(1, sizeof *image);
    image->path = xstrdup(path);
    image->fd = -1;
    bool ok = open_any(image, options, err);
    if (ok && options->read_only)
        image->read_only = true;
    if (ok && options->snapshot && !options->read_only) {
        image->overlay = overlay_create(image->size, err);
        ok = image->overlay != NULL;
    }
    if (ok)
        return image;
    image_close(image);
    return NULL;
}

void image_close(struct image *image)
{
    if (!image)
        return;
    if (image->fd >= 0)
        close(image->fd);
    overlay_free(image->overlay);
    folder_close(image->folder);
    free(image->part_known);
    free(image->part_hash);
    free(image->moments);
    free(image->path);
    free(image);
}

const char *image_path(const struct image *image)
{
    return image->path;
}

uint64_t image_size(const struct image *image)
{
    return image->size;
}

bool image_read_only(const struct image *image)
{
    return image->read_only;
}

static bool inside(const struct image *image, uint64_t offset, size_t count)
{
    return offset <= image->size && count <= image->size - offset;
}

static unsigned part_of_block(uint64_t offset, size_t count)
{
    unsigned left = IMAGE_OVERLAY_BLOCK - (unsigned)(offset % IMAGE_OVERLAY_BLOCK);
    return count < left ? (unsigned)count : left;
}

static bool note_trouble(struct image *image, bool writing)
{
    if (!image->trouble) {
        image->trouble = errno ? errno : EIO;
        image->trouble_writing = writing;
    }
    return false;
}

bool image_take_trouble(struct image *image, struct error *err)
{
    if (!image->trouble || image->trouble_told)
        return false;
    image->trouble_told = true;
    if (image->trouble_writing)
        error_set(err,
                  "%s: cannot be written: %s; the guest's drive reports it, and what it wrote there is lost",
                  image->path, strerror(image->trouble));
    else
        error_set(err, "%s: cannot be read: %s; the guest's drive reports it", image->path,
                  strerror(image->trouble));
    return true;
}

static bool read_inside(struct image *image, uint64_t offset, void *buffer, size_t count)
{
    if (!image->overlay)
        return read_base(image, offset, buffer, count);
    uint8_t *out = buffer;
    while (count) {
        uint64_t block = offset / IMAGE_OVERLAY_BLOCK;
        unsigned n = part_of_block(offset, count);
        bool ok = overlay_has(image->overlay, block)
                      ? overlay_read(image->overlay, block, (unsigned)(offset % IMAGE_OVERLAY_BLOCK), out, n)
                      : read_base(image, offset, out, n);
        if (!ok)
            return false;
        out += n;
        offset += n;
        count -= n;
    }
    return true;
}

bool image_read(struct image *image, uint64_t offset, void *buffer, size_t count)
{
    errno = 0;
    return inside(image, offset, count) &&
           (read_inside(image, offset, buffer, count) || note_trouble(image, false));
}

/* The file's bytes under one block; the last block of a file may be short. */
static bool read_base_block(struct image *image, uint64_t block, uint8_t *bytes)
{
    uint64_t offset = block * IMAGE_OVERLAY_BLOCK;
    uint64_t left = image->size - offset;
    memset(bytes, 0, IMAGE_OVERLAY_BLOCK);
    return read_base(image, offset, bytes, left < IMAGE_OVERLAY_BLOCK ? (size_t)left : IMAGE_OVERLAY_BLOCK);
}

static void forget_hashes(struct image *image, uint64_t offset, size_t count);

static bool write_inside(struct image *image, uint64_t offset, const void *buffer, size_t count)
{
    if (!image->overlay) {
        forget_hashes(image, offset, count);
        return image_pwrite(image->fd, offset, buffer, count);
    }
    const uint8_t *in = buffer;
    while (count) {
        uint8_t base[IMAGE_OVERLAY_BLOCK];
        uint64_t block = offset / IMAGE_OVERLAY_BLOCK;
        unsigned n = part_of_block(offset, count);
        bool need_base = !overlay_has(image->overlay, block);
        if (need_base && !read_base_block(image, block, base))
            return false;
        if (!overlay_write(image->overlay, block, (unsigned)(offset % IMAGE_OVERLAY_BLOCK), in, n,
                           need_base ? base : NULL))
            return false;
        in += n;
        offset += n;
        count -= n;
    }
    return true;
}

bool image_write(struct image *image, uint64_t offset, const void *buffer, size_t count)
{
    errno = 0;
    return !image->read_only && inside(image, offset, count) &&
           (write_inside(image, offset, buffer, count) || note_trouble(image, true));
}

bool image_flush(struct image *image)
{
    if (image->read_only || image->overlay)
        return true;
    return fdatasync(image->fd) == 0 || note_trouble(image, true);
}

bool image_next_change(const struct image *image, uint64_t *offset)
{
    uint64_t block = (*offset + IMAGE_OVERLAY_BLOCK - 1) / IMAGE_OVERLAY_BLOCK;
    if (!image->overlay || !overlay_next(image->overlay, &block))
        return false;
    *offset = block * IMAGE_OVERLAY_BLOCK;
    return true;
}

void image_discard_changes(struct image *image)
{
    if (image->overlay)
        overlay_clear(image->overlay);
}

bool image_has_overlay(const struct image *image)
{
    return image->overlay != NULL;
}

struct overlay *image_create_changes(uint64_t size, struct error *err)
{
    return overlay_create(size, err);
}

bool image_add_change(struct overlay *changes, uint64_t offset, const void *block)
{
    return offset % IMAGE_OVERLAY_BLOCK == 0 &&
           overlay_write(changes, offset / IMAGE_OVERLAY_BLOCK, 0, block, IMAGE_OVERLAY_BLOCK, NULL);
}

bool image_read_change(struct overlay *changes, uint64_t *offset, void *block, bool *ok)
{
    uint64_t index = *offset / IMAGE_OVERLAY_BLOCK;
    *ok = true;
    if (!overlay_next(changes, &index))
        return false;
    *offset = index * IMAGE_OVERLAY_BLOCK;
    *ok = overlay_read(changes, index, 0, block, IMAGE_OVERLAY_BLOCK);
    return *ok;
}

void image_adopt_changes(struct image *image, struct overlay *changes)
{
    overlay_free(image->overlay);
    image->overlay = changes;
}

struct overlay *image_take_changes(struct image *image)
{
    struct overlay *changes = image->overlay;
    image->overlay = NULL;
    return changes;
}

void image_free_changes(struct overlay *changes)
{
    overlay_free(changes);
}

bool image_read_file_block(struct image *image, uint64_t offset, void *block)
{
    return offset % IMAGE_OVERLAY_BLOCK == 0 && offset < image->size &&
           read_base_block(image, offset / IMAGE_OVERLAY_BLOCK, block);
}

static bool swap_block(struct image *image, struct overlay *changes, uint64_t index)
{
    uint8_t was[IMAGE_OVERLAY_BLOCK], becomes[IMAGE_OVERLAY_BLOCK];
    uint64_t offset = index * IMAGE_OVERLAY_BLOCK, left = image->size - offset;
    size_t count = left < sizeof was ? (size_t)left : sizeof was;
    if (!read_base_block(image, index, was) || !overlay_read(changes, index, 0, becomes, sizeof becomes))
        return false;
    forget_hashes(image, offset, count);
    if (image_pwrite(image->fd, offset, becomes, count) &&
        overlay_write(changes, index, 0, was, sizeof was, NULL))
        return true;
    int reason = errno;
    bool undone = image_pwrite(image->fd, offset, was, count);
    errno = undone ? reason : errno;
    return false;
}

bool image_swap_changes(struct image *image, struct overlay *changes)
{
    uint64_t index = 0, failed;
    for (; overlay_next(changes, &index); index++)
        if (!swap_block(image, changes, index))
            break;
    if (!overlay_next(changes, &index))
        return true;
    int reason = errno;
    failed = index;
    for (index = 0; overlay_next(changes, &index) && index < failed; index++)
        if (!swap_block(image, changes, index))
            break;
    errno = reason;
    return false;
}

void image_note_moment(struct image *image, uint64_t hash)
{
    if (image_had_moment(image, hash))
        return;
    image->moments = xrealloc(image->moments, (image->moment_count + 1) * sizeof *image->moments);
    image->moments[image->moment_count++] = hash;
}

size_t image_moments(const struct image *image, const uint64_t **moments)
{
    *moments = image->moments;
    return image->moment_count;
}

bool image_had_moment(const struct image *image, uint64_t hash)
{
    for (size_t i = 0; i < image->moment_count; i++)
        if (image->moments[i] == hash)
            return true;
    return false;
}

/* --- The hash of the file, kept by parts, so that a large disk is not read as a whole again and again --- */

static void forget_hashes(struct image *image, uint64_t offset, size_t count)
{
    if (!image->part_known || !count)
        return;
    for (uint64_t part = offset / HASH_PART; part <= (offset + count - 1) / HASH_PART; part++)
        image->part_known[part] = false;
}

static bool hash_part(struct image *image, uint64_t part, uint8_t *buffer)
{
    uint64_t offset = part * HASH_PART, left = image->size - offset;
    size_t count = left < HASH_PART ? (size_t)left : HASH_PART;
    if (!read_base(image, offset, buffer, count))
        return false;
    image->part_hash[part] = hash_bytes(HASH_START, buffer, count);
    image->part_known[part] = true;
    return true;
}

bool image_hash(struct image *image, uint64_t *hash)
{
    uint64_t parts = (image->size + HASH_PART - 1) / HASH_PART;
    if (!image->part_known) {
        image->part_known = xcalloc(parts, sizeof *image->part_known);
        image->part_hash = xcalloc(parts, sizeof *image->part_hash);
    }
    uint8_t *buffer = xcalloc(HASH_PART, 1);
    bool ok = true;
    for (uint64_t part = 0; part < parts && ok; part++)
        ok = image->part_known[part] || hash_part(image, part, buffer);
    free(buffer);
    *hash = hash_bytes(HASH_START, image->part_hash, parts * sizeof *image->part_hash);
    return ok;
}

bool image_create(const char *path, uint64_t size, struct error *err)
{
    if (size == 0 || size % SECTOR_SIZE)
        return error_set(err, "%s: a disk image of %" PRIu64 " bytes is impossible; give a multiple of 512",
                         path, size);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        if (errno == EEXIST)
            return error_set(err, "%s exists already; remove it first or choose another name", path);
        return error_set(err, "%s: cannot be created: %s", path, strerror(errno));
    }
    bool ok = ftruncate(fd, (off_t)size) == 0;
    int reason = errno;
    close(fd);
    if (ok)
        return true;
    unlink(path);
    return error_set(err, "%s: cannot be made %" PRIu64 " bytes long: %s", path, size, strerror(reason));
}
