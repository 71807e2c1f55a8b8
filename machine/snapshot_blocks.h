/* Blocks of media in a snapshot's section: u64 offset and IMAGE_OVERLAY_BLOCK bytes for each, with rising
 * offsets; then u64 with all bits set. */
#ifndef TICK86_MACHINE_SNAPSHOT_BLOCKS_H
#define TICK86_MACHINE_SNAPSHOT_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/section_file.h"
#include "devices/image/image.h"

void saved_block_add(struct section_writer *out, uint64_t offset, const uint8_t block[IMAGE_OVERLAY_BLOCK]);
void saved_blocks_end(struct section_writer *out);

/* Is there another block? It has to be within SIZE bytes, at or after LEAST. False at the end, and, with *OK
 * false, where the section is damaged. */
bool saved_block_next(struct section_stream *in, uint64_t size, uint64_t least, uint64_t *offset,
                      uint8_t block[IMAGE_OVERLAY_BLOCK], bool *ok);
/* For ERR: an overlay for the image at PATH could not be written. Returns false. */
bool saved_blocks_no_space(const char *path, struct error *err);

#endif
