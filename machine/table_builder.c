/* Checksums and loader scripts; see table_builder.h. */
#include "machine/table_builder.h"

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
