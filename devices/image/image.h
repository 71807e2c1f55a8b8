/* Disk images: files that hold the sectors of a floppy, hard disk or CD.
 *
 * Formats: raw; raw compressed by gzip (told by its .gz name, read-only or with an overlay); raw with a
 * temporary overlay
 * (`snapshot`): writes go to an unnamed temporary file, the image stays untouched. What a medium is (floppy,
 * disk, CD) is told by content and size, never by what a guest can write changing the format. */
#ifndef TICK86_DEVICES_IMAGE_IMAGE_H
#define TICK86_DEVICES_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Before the name of a folder of the host: shown to the guest as a disk with a FAT file system. */
#define IMAGE_FOLDER_PREFIX "fat:"

struct image;
struct overlay;

struct image_options {
    bool read_only; /* open for reading only, even if the file could be written */
    bool snapshot;  /* writes go to an overlay */
    bool floppy;    /* a folder becomes a floppy, not a hard disk */
};

/* Opens PATH; "fat:FOLDER" makes a read-only FAT disk of a folder (folder.h). A file that cannot be opened
 * for writing is opened read-only. NULL with ERR (one line that names the file and the mend) if missing,
 * empty, unreadable, a folder, of an impossible size, ... */
struct image *image_open(const char *path, const struct image_options *options, struct error *err);
void image_close(struct image *image);

const char *image_path(const struct image *image);
uint64_t image_size(const struct image *image); /* bytes */
bool image_read_only(const struct image *image);

/* OFFSET and COUNT in bytes. False on a host I/O error or outside the image: the drive reports a bad
 * sector, the host carries on. */
bool image_read(struct image *image, uint64_t offset, void *buffer, size_t count);
bool image_write(struct image *image, uint64_t offset, const void *buffer, size_t count);
/* The guest flushed its cache: fsync. */
bool image_flush(struct image *image);

/* The host failed to read or write since this was last asked (a full disk, for instance): ERR tells. The
 * guest was told by its drive. */
bool image_take_trouble(struct image *image, struct error *err);

/* For snapshots of the machine. What the overlay holds, in blocks of IMAGE_OVERLAY_BLOCK bytes: moves *OFFSET
 * on to the first changed block at or after it; false where there is none (or the image has no overlay). */
#define IMAGE_OVERLAY_BLOCK 4096u
bool image_next_change(const struct image *image, uint64_t *offset);
/* Forgets all that the overlay holds, so that the image reads as its file again. */
void image_discard_changes(struct image *image);
bool image_has_overlay(const struct image *image);
/* A hash (base/hash.h) of the file under the overlay. It is remembered where nothing was written since. False
 * on a host I/O error. */
bool image_hash(struct image *image, uint64_t *hash);
/* A new, empty overlay that image_adopt_changes() can put in the place of that of an image of SIZE bytes;
 * NULL with ERR. */
struct overlay *image_create_changes(uint64_t size, struct error *err);
/* Adds one whole block; false if OFFSET is not a block's or the host's disk is full. */
bool image_add_change(struct overlay *changes, uint64_t offset, const void *block);
/* Reads the first block that is held at or after *OFFSET, which moves there. False where there is none, or,
 * with *OK false, on a host I/O error. */
bool image_read_change(struct overlay *changes, uint64_t *offset, void *block, bool *ok);
void image_adopt_changes(struct image *image, struct overlay *changes);
void image_free_changes(struct overlay *changes);
/* The overlay itself, which image_adopt_changes() brings back; until then IMAGE must not be used. */
struct overlay *image_take_changes(struct image *image);
/* One block of the file under the overlay, zeros where a short file ends in it. */
bool image_read_file_block(struct image *image, uint64_t offset, void *block);
/* Without an overlay: exchanges the blocks in CHANGES with those of the file, so that doing it again undoes
 * it. A failure undoes it, too; errno then says why. */
bool image_swap_changes(struct image *image, struct overlay *changes);
/* The moments at which a machine's snapshots found a file that is written directly, by their hashes. Where
 * the file was as it was then in this run, what it became since is this run's own work. */
void image_note_moment(struct image *image, uint64_t hash);
bool image_had_moment(const struct image *image, uint64_t hash);
/* All of them: their number, and where they are. */
size_t image_moments(const struct image *image, const uint64_t **moments);

enum image_kind {
    IMAGE_FLOPPY,
    IMAGE_DISK,
    IMAGE_CD,
    IMAGE_KERNEL_LINUX,
    IMAGE_KERNEL_MULTIBOOT,
    IMAGE_UNKNOWN
};

/* What the file at PATH is, by content and size. IMAGE_UNKNOWN with ERR where it is none of these. */
enum image_kind image_probe(const char *path, struct error *err);

struct disk_geometry {
    uint32_t cylinders;
    uint16_t heads;
    uint16_t sectors; /* per track */
};

/* Geometry of a floppy image, from its BPB where that agrees with the size, else from the size (160 KB to
 * 2.88 MB, DMF, and uncommon sizes by rounding up to the next whole track). */
bool image_floppy_geometry(struct image *image, struct disk_geometry *out, struct error *err);
/* Logical (BIOS) geometry of a hard disk, from its partition table and BPB where they agree, else by size. */
bool image_disk_geometry(struct image *image, struct disk_geometry *out, struct error *err);

/* Creates an empty raw image of SIZE bytes; refuses to overwrite a file. */
bool image_create(const char *path, uint64_t size, struct error *err);

#endif
