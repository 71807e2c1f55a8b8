#include "machine/snapshot_shelf.h"

#include <stdlib.h>

#include "machine/snapshot_blocks.h"
#include "machine/snapshot_config.h"

/* For each medium: u8 1; u32 length of its path, the path, u64 size, u64 hash of the file; its blocks. Then
 * u8 0. */
#define SECTION        "shelf"
#define PATH_MAX_BYTES 65536u
#define SIZE_MAX_BYTES (64u << 20) /* more than any floppy */

/* --- Writing --- */

static bool write_item(const struct shelved *item, struct section_writer *out)
{
    uint8_t block[IMAGE_OVERLAY_BLOCK];
    struct blob head = {0};
    char *path = snapshot_file_name(item->path);
    bool ok;
    blob_u8(&head, 1);
    blob_string(&head, path);
    blob_u64(&head, item->size);
    blob_u64(&head, item->hash);
    section_add(out, head.bytes, head.size);
    for (uint64_t at = 0; image_read_change(item->changes, &at, block, &ok); at += sizeof block)
        saved_block_add(out, at, block);
    saved_blocks_end(out);
    blob_free(&head);
    free(path);
    return ok;
}

bool saved_shelf_write(const struct shelf *shelf, struct section_writer *out, struct error *err)
{
    const uint8_t end = 0;
    bool ok = true;
    section_begin(out, SECTION);
    for (size_t i = 0; i < shelf->count && ok; i++)
        ok = write_item(&shelf->items[i], out) ||
             error_set(err, "what was written over %s cannot be read", shelf->items[i].path);
    section_add(out, &end, 1);
    section_end(out);
    return ok;
}

/* --- Reading --- */

static bool damaged(struct error *err)
{
    return error_set(err, "its account of ejected media is damaged");
}

static bool read_u32_of(struct section_stream *in, uint32_t *value)
{
    uint8_t bytes[4];
    bool ok = section_read(in, bytes, sizeof bytes);
    struct blob_reader reader = {bytes, ok ? sizeof bytes : 0, false};
    *value = read_u32(&reader);
    return ok;
}

/* The path, size and hash. */
static bool read_head(struct section_stream *in, struct shelved *item)
{
    struct blob bytes = {0};
    uint32_t length;
    if (!read_u32_of(in, &length) || length > PATH_MAX_BYTES)
        return false;
    blob_u32(&bytes, length);
    size_t at = blob_zeros(&bytes, length + 16ul);
    bool ok = section_read(in, bytes.bytes + at, length + 16ul);
    struct blob_reader reader = {bytes.bytes, bytes.size, false};
    item->path = read_string(&reader, PATH_MAX_BYTES);
    item->size = read_u64(&reader);
    item->hash = read_u64(&reader);
    ok = ok && !reader.failed && item->size <= SIZE_MAX_BYTES;
    blob_free(&bytes);
    return ok;
}

static bool read_item(struct section_stream *in, struct shelved *item, struct error *err)
{
    uint8_t block[IMAGE_OVERLAY_BLOCK];
    uint64_t offset;
    bool ok;
    if (!read_head(in, item))
        return damaged(err);
    item->changes = image_create_changes(item->size, err);
    if (!item->changes)
        return false;
    for (uint64_t least = 0; saved_block_next(in, item->size, least, &offset, block, &ok); least = offset + 1)
        if (!image_add_change(item->changes, offset, block))
            return saved_blocks_no_space(item->path, err);
    return ok || damaged(err);
}

static bool read_items(struct shelf *shelf, struct section_stream *in, struct error *err)
{
    uint8_t more = 1;
    while (section_read(in, &more, 1) && more == 1) {
        struct shelved item = {0};
        bool ok = read_item(in, &item, err);
        shelf_add(shelf, &item);
        if (!ok)
            return false;
    }
    return (!more && !section_left(in)) || damaged(err);
}

bool saved_shelf_read(struct shelf *shelf, const struct section_file *file, struct error *err)
{
    struct section_stream *in = section_open(file, SECTION, err);
    bool ok = in && read_items(shelf, in, err);
    section_close(in);
    if (!ok)
        shelf_clear(shelf);
    return ok;
}
