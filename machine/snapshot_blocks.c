#include "machine/snapshot_blocks.h"

#define END UINT64_MAX

static void add_number(struct section_writer *out, uint64_t value)
{
    struct blob number = {0};
    blob_u64(&number, value);
    section_add(out, number.bytes, number.size);
    blob_free(&number);
}

void saved_block_add(struct section_writer *out, uint64_t offset, const uint8_t block[IMAGE_OVERLAY_BLOCK])
{
    add_number(out, offset);
    section_add(out, block, IMAGE_OVERLAY_BLOCK);
}

void saved_blocks_end(struct section_writer *out)
{
    add_number(out, END);
}

bool saved_block_next(struct section_stream *in, uint64_t size, uint64_t least, uint64_t *offset,
                      uint8_t block[IMAGE_OVERLAY_BLOCK], bool *ok)
{
    uint8_t number[8];
    *ok = section_read(in, number, sizeof number);
    struct blob_reader reader = {number, sizeof number, false};
    *offset = read_u64(&reader);
    if (!*ok || *offset == END)
        return false;
    *ok = *offset >= least && *offset < size && *offset % IMAGE_OVERLAY_BLOCK == 0 &&
          section_read(in, block, IMAGE_OVERLAY_BLOCK);
    return *ok;
}

bool saved_blocks_no_space(const char *path, struct error *err)
{
    return error_set(err, "there is no space for what was written to %s; set TMPDIR to a folder with space",
                     path);
}
