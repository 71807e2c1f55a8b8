/* The inside of a disk image, shared by the files of devices/image/ alone. */
#ifndef TICK86_DEVICES_IMAGE_IMAGE_PRIVATE_H
#define TICK86_DEVICES_IMAGE_IMAGE_PRIVATE_H

#include "devices/image/image.h"

#define SECTOR_SIZE    512u
#define CD_SECTOR_SIZE 2048u
/* The largest floppy: 2.88 MB. */
#define FLOPPY_MAX_SIZE 2949120u

/* A copy-on-write layer in an unnamed temporary file. */
struct overlay;

struct overlay *overlay_create(uint64_t size, struct error *err);
void overlay_free(struct overlay *overlay);
/* Is the block (of IMAGE_OVERLAY_BLOCK bytes) at INDEX held here? */
bool overlay_has(const struct overlay *overlay, uint64_t index);
/* Part of one block that is held. */
bool overlay_read(struct overlay *overlay, uint64_t index, unsigned start, void *buffer, unsigned count);
/* Writes part of one block. Where it is not held yet, BASE gives the whole block's former content (may be
 * NULL if all of it is written). */
bool overlay_write(struct overlay *overlay, uint64_t index, unsigned start, const void *buffer,
                   unsigned count, const void *base);
bool overlay_next(const struct overlay *overlay, uint64_t *index);
void overlay_clear(struct overlay *overlay);

/* An open, unnamed temporary file; -1 with ERR. */
int image_temporary_file(struct error *err);
/* Is PATH told to be gzip by its name? */
bool image_named_gzip(const char *path);
/* Decompresses PATH into an unnamed temporary file: its descriptor, or -1 with ERR. */
int image_gunzip(const char *path, uint64_t *size, struct error *err);
/* The first CAPACITY bytes of the decompressed file; *ALL: there are no more. The number read, or -1 with
 * ERR. */
long image_gunzip_head(const char *path, uint8_t *head, size_t capacity, bool *all, struct error *err);
/* pread/pwrite until all is done. */
bool image_pread(int fd, uint64_t offset, void *buffer, size_t count);
bool image_pwrite(int fd, uint64_t offset, const void *buffer, size_t count);
/* Opens PATH as regular file or block device; -1 with ERR. */
int image_open_file(const char *path, bool write, uint64_t *size, struct error *err);
/* False with ERR if HEAD is the beginning of a virtual-disk format that is not raw. */
bool image_refuse_foreign(const char *path, const uint8_t *head, size_t count, struct error *err);

static inline uint16_t image_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t image_get32(const uint8_t *at)
{
    return image_get16(at) | (uint32_t)image_get16(at + 2) << 16;
}

#endif
