/* Runs of bytes and loader scripts; see table_builder.h. */
#include "machine/table_builder.h"

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

static size_t add_number(struct blob *blob, uint64_t value, unsigned size)
{
    size_t at = blob_zeros(blob, size);
    for (unsigned i = 0; i < size; i++)
        blob->bytes[at + i] = (uint8_t)(value >> 8 * i);
    return at;
}

size_t blob_u8(struct blob *blob, uint8_t value)
{
    return add_number(blob, value, 1);
}

size_t blob_u16(struct blob *blob, uint16_t value)
{
    return add_number(blob, value, 2);
}

size_t blob_u32(struct blob *blob, uint32_t value)
{
    return add_number(blob, value, 4);
}

size_t blob_u64(struct blob *blob, uint64_t value)
{
    return add_number(blob, value, 8);
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

uint8_t blob_checksum(const struct blob *blob, size_t start, size_t length)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + blob->bytes[start + i]);
    return (uint8_t)-sum;
}

static void end_command(struct blob *script, size_t start)
{
    blob_zeros(script, start + LOADER_COMMAND_SIZE - script->size);
}

void loader_allocate(struct blob *script, const char *file, uint32_t alignment, enum loader_zone zone)
{
    size_t start = blob_u32(script, LOADER_ALLOCATE);
    blob_text(script, file, LOADER_FILE_SIZE, 0);
    blob_u32(script, alignment);
    blob_u8(script, (uint8_t)zone);
    end_command(script, start);
}

void loader_add_pointer(struct blob *script, const char *file, const char *into, size_t offset, uint8_t size)
{
    size_t start = blob_u32(script, LOADER_ADD_POINTER);
    blob_text(script, file, LOADER_FILE_SIZE, 0);
    blob_text(script, into, LOADER_FILE_SIZE, 0);
    blob_u32(script, (uint32_t)offset);
    blob_u8(script, size);
    end_command(script, start);
}

void loader_add_checksum(struct blob *script, const char *file, size_t offset, size_t start, size_t length)
{
    size_t at = blob_u32(script, LOADER_ADD_CHECKSUM);
    blob_text(script, file, LOADER_FILE_SIZE, 0);
    blob_u32(script, (uint32_t)offset);
    blob_u32(script, (uint32_t)start);
    blob_u32(script, (uint32_t)length);
    end_command(script, at);
}
