/* Growing runs of bytes, and reading such runs back with distrust: tables for firmware, snapshots.
 *
 * Numbers are little-endian, whatever the host. */
#ifndef TICK86_BASE_BLOB_H
#define TICK86_BASE_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blob {
    uint8_t *bytes;
    size_t size, capacity;
};

void blob_free(struct blob *blob);
/* Append; all return the offset of what was added. Numbers are little-endian. */
size_t blob_add(struct blob *blob, const void *bytes, size_t size);
size_t blob_zeros(struct blob *blob, size_t size);
/* VALUE in SIZE bytes, at most 8. */
size_t blob_number(struct blob *blob, uint64_t value, unsigned size);
size_t blob_u8(struct blob *blob, uint8_t value);
size_t blob_u16(struct blob *blob, uint16_t value);
size_t blob_u32(struct blob *blob, uint32_t value);
size_t blob_u64(struct blob *blob, uint64_t value);
/* TEXT cut or padded with PAD to SIZE characters. */
size_t blob_text(struct blob *blob, const char *text, size_t size, char pad);
/* Zeros up to a multiple of ALIGNMENT. */
void blob_align(struct blob *blob, size_t alignment);
/* Overwrites what was added. */
void blob_set_u8(struct blob *blob, size_t at, uint8_t value);
void blob_set_u16(struct blob *blob, size_t at, uint16_t value);
void blob_set_u32(struct blob *blob, size_t at, uint32_t value);
/* A string: its length in 32 bits, then its characters without the NUL. NULL is written as "". */
void blob_string(struct blob *blob, const char *text);

/* Reads a run of bytes from its beginning. What lies beyond the end reads as zeros, and FAILED says so, so
 * that a caller can read a whole structure and ask once. */
struct blob_reader {
    const uint8_t *at;
    size_t left; /* bytes */
    bool failed;
};

uint8_t read_u8(struct blob_reader *in);
uint16_t read_u16(struct blob_reader *in);
uint32_t read_u32(struct blob_reader *in);
uint64_t read_u64(struct blob_reader *in);
/* A number of SIZE bytes, at most 8. */
uint64_t read_number(struct blob_reader *in, unsigned size);
/* COUNT bytes where they lie; NULL, and FAILED, if there are not so many. */
const uint8_t *read_bytes(struct blob_reader *in, size_t count);
/* A string of blob_string() in new memory, to be freed; "" after a failure. One with a NUL in it, or of more
 * than MAX characters, is a failure. */
char *read_string(struct blob_reader *in, size_t max);

#endif
