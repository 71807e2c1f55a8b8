#include "base/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void blob_free(struct blob *blob)
{
    free(blob->bytes);
    *blob = (struct blob){0};
}

size_t blob_zeros(struct blob *blob, size_t size)
{
    size_t at = blob->size, need = at + size;
    if (need > blob->capacity) {
        while (blob->capacity < need)
            blob->capacity = blob->capacity ? 2 * blob->capacity : 256;
        blob->bytes = xrealloc(blob->bytes, blob->capacity);
    }
    if (size)
        memset(blob->bytes + at, 0, size);
    blob->size = need;
    return at;
}

size_t blob_add(struct blob *blob, const void *bytes, size_t size)
{
    size_t at = blob_zeros(blob, size);
    if (size)
        memcpy(blob->bytes + at, bytes, size);
    return at;
}

size_t blob_number(struct blob *blob, uint64_t value, unsigned size)
{
    size_t at = blob_zeros(blob, size);
    for (unsigned i = 0; i < size; i++)
        blob->bytes[at + i] = (uint8_t)(value >> 8 * i);
    return at;
}

size_t blob_u8(struct blob *blob, uint8_t value)
{
    return blob_number(blob, value, 1);
}

size_t blob_u16(struct blob *blob, uint16_t value)
{
    return blob_number(blob, value, 2);
}

size_t blob_u32(struct blob *blob, uint32_t value)
{
    return blob_number(blob, value, 4);
}

size_t blob_u64(struct blob *blob, uint64_t value)
{
    return blob_number(blob, value, 8);
}

size_t blob_text(struct blob *blob, const char *text, size_t size, char pad)
{
    size_t at = blob_zeros(blob, size), length = strlen(text);
    memset(blob->bytes + at, pad, size);
    memcpy(blob->bytes + at, text, length < size ? length : size);
    return at;
}

void blob_align(struct blob *blob, size_t alignment)
{
    blob_zeros(blob, (alignment - blob->size % alignment) % alignment);
}

void blob_set_u8(struct blob *blob, size_t at, uint8_t value)
{
    blob->bytes[at] = value;
}

void blob_set_u16(struct blob *blob, size_t at, uint16_t value)
{
    blob_set_u8(blob, at, (uint8_t)value);
    blob_set_u8(blob, at + 1, (uint8_t)(value >> 8));
}

void blob_set_u32(struct blob *blob, size_t at, uint32_t value)
{
    blob_set_u16(blob, at, (uint16_t)value);
    blob_set_u16(blob, at + 2, (uint16_t)(value >> 16));
}

void blob_string(struct blob *blob, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    blob_u32(blob, (uint32_t)length);
    blob_add(blob, text, length);
}

const uint8_t *read_bytes(struct blob_reader *in, size_t count)
{
    if (in->failed || count > in->left) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *bytes = in->at;
    in->at += count;
    in->left -= count;
    return bytes;
}

uint64_t read_number(struct blob_reader *in, unsigned size)
{
    const uint8_t *bytes = read_bytes(in, size);
    uint64_t value = 0;
    for (unsigned i = 0; bytes && i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

uint8_t read_u8(struct blob_reader *in)
{
    return (uint8_t)read_number(in, 1);
}

uint16_t read_u16(struct blob_reader *in)
{
    return (uint16_t)read_number(in, 2);
}

uint32_t read_u32(struct blob_reader *in)
{
    return (uint32_t)read_number(in, 4);
}

uint64_t read_u64(struct blob_reader *in)
{
    return read_number(in, 8);
}

char *read_string(struct blob_reader *in, size_t max)
{
    size_t length = read_u32(in);
    const uint8_t *bytes = length <= max ? read_bytes(in, length) : NULL;
    if (!bytes || memchr(bytes, 0, length)) {
        in->failed = true;
        return xstrdup("");
    }
    char *text = xcalloc(length + 1, 1);
    memcpy(text, bytes, length);
    return text;
}
