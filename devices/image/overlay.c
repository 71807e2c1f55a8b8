/* A copy-on-write layer over a disk image: changed blocks live in an unnamed temporary file.
 *
 * A two-level map tells where each block of 4 KB lies in that file, so that a large disk costs little until
 * it is written. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "devices/image/image_private.h"

#define LEAF_BLOCKS 1024u

struct overlay {
    int fd;
    uint64_t blocks; /* of the image */
    uint64_t leaves; /* of the map */
    uint32_t **map;  /* per block: its place in the file plus 1; 0: not held */
    uint32_t used;   /* blocks in the file */
};

struct overlay *overlay_create(uint64_t size, struct error *err)
{
    int fd = image_temporary_file(err);
    if (fd < 0)
        return NULL;
    struct overlay *overlay = xcalloc(1, sizeof *overlay);
    overlay->fd = fd;
    overlay->blocks = (size + IMAGE_OVERLAY_BLOCK - 1) / IMAGE_OVERLAY_BLOCK;
    overlay->leaves = (overlay->blocks + LEAF_BLOCKS - 1) / LEAF_BLOCKS;
    overlay->map = xcalloc(overlay->leaves, sizeof *overlay->map);
    return overlay;
}

void overlay_clear(struct overlay *overlay)
{
    for (uint64_t i = 0; i < overlay->leaves; i++) {
        free(overlay->map[i]);
        overlay->map[i] = NULL;
    }
    overlay->used = 0;
    /* Space is given back; if that fails it is merely used again. */
    if (ftruncate(overlay->fd, 0))
        return;
}

void overlay_free(struct overlay *overlay)
{
    if (!overlay)
        return;
    for (uint64_t i = 0; i < overlay->leaves; i++)
        free(overlay->map[i]);
    free(overlay->map);
    close(overlay->fd);
    free(overlay);
}

static uint32_t place_of(const struct overlay *overlay, uint64_t index)
{
    const uint32_t *leaf = index < overlay->blocks ? overlay->map[index / LEAF_BLOCKS] : NULL;
    return leaf ? leaf[index % LEAF_BLOCKS] : 0;
}

bool overlay_has(const struct overlay *overlay, uint64_t index)
{
    return place_of(overlay, index) != 0;
}

bool overlay_read(struct overlay *overlay, uint64_t index, unsigned start, void *buffer, unsigned count)
{
    uint64_t place = place_of(overlay, index);
    return place && image_pread(overlay->fd, (place - 1) * IMAGE_OVERLAY_BLOCK + start, buffer, count);
}

/* Puts a block into the file; it counts as held only once all its bytes are there. */
static bool add_block(struct overlay *overlay, uint64_t index, const uint8_t *bytes)
{
    if (index >= overlay->blocks || overlay->used == UINT32_MAX - 1)
        return false;
    if (!image_pwrite(overlay->fd, (uint64_t)overlay->used * IMAGE_OVERLAY_BLOCK, bytes, IMAGE_OVERLAY_BLOCK))
        return false;
    uint32_t **leaf = &overlay->map[index / LEAF_BLOCKS];
    if (!*leaf)
        *leaf = xcalloc(LEAF_BLOCKS, sizeof **leaf);
    (*leaf)[index % LEAF_BLOCKS] = ++overlay->used;
    return true;
}

bool overlay_write(struct overlay *overlay, uint64_t index, unsigned start, const void *buffer,
                   unsigned count, const void *base)
{
    uint64_t place = place_of(overlay, index);
    if (place)
        return image_pwrite(overlay->fd, (place - 1) * IMAGE_OVERLAY_BLOCK + start, buffer, count);
    uint8_t bytes[IMAGE_OVERLAY_BLOCK] = {0};
    if (base)
        memcpy(bytes, base, sizeof bytes);
    memcpy(bytes + start, buffer, count);
    return add_block(overlay, index, bytes);
}

bool overlay_next(const struct overlay *overlay, uint64_t *index)
{
    for (uint64_t i = *index; i < overlay->blocks; i++) {
        const uint32_t *leaf = overlay->map[i / LEAF_BLOCKS];
        if (!leaf) {
            i |= LEAF_BLOCKS - 1;
        } else if (leaf[i % LEAF_BLOCKS]) {
            *index = i;
            return true;
        }
    }
    return false;
}
