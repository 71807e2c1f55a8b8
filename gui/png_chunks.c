#include "gui/png_chunks.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/memory.h"

void png_put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

bool png_put_chunk(FILE *file, const char *type, const uint8_t *data, size_t length)
{
    uint8_t word[4];
    png_put32(word, (uint32_t)length);
    bool ok = fwrite(word, 4, 1, file) == 1 && fwrite(type, 4, 1, file) == 1 &&
              fwrite(data, 1, length, file) == length;
    uLong crc = crc32(crc32(0, (const Bytef *)type, 4), data, (uInt)length);
    png_put32(word, (uint32_t)crc);
    return fwrite(word, 4, 1, file) == 1 && ok;
}

bool png_put_header(FILE *file, uint32_t width, uint32_t height)
{
    uint8_t header[13] = {[8] = 8, [9] = 2}; /* 8 bits, RGB */
    png_put32(header, width);
    png_put32(header + 4, height);
    return png_put_chunk(file, "IHDR", header, sizeof header);
}

void png_pack_row(uint8_t *out, const uint32_t *pixels, unsigned width)
{
    for (unsigned x = 0; x < width; x++) {
        *out++ = (uint8_t)(pixels[x] >> 16);
        *out++ = (uint8_t)(pixels[x] >> 8);
        *out++ = (uint8_t)pixels[x];
    }
}

uint8_t *png_pack(const uint32_t *pixels, unsigned width, unsigned height, unsigned stride, size_t *size)
{
    size_t line = 1 + 3 * (size_t)width; /* each row begins with its filter, 0: none */
    uLongf packed_size = compressBound((uLong)(line * height));
    uint8_t *raw = xcalloc(height, line), *packed = xcalloc(packed_size, 1);
    for (unsigned y = 0; y < height; y++)
        png_pack_row(raw + y * line + 1, pixels + (size_t)y * stride, width);
    if (compress(packed, &packed_size, raw, (uLong)(line * height)) != Z_OK) {
        free(packed);
        packed = NULL;
    }
    free(raw);
    *size = packed_size;
    return packed;
}
