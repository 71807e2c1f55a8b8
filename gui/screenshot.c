/* PNG (ISO/IEC 15948) through libpng, or, built without it, by zlib alone: one IDAT chunk of 8-bit RGB rows.
 */
#include "gui/screenshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config.h"
#include "devices/vga.h"
#include "machine/machine.h"

#ifdef HAVE_PNG
#include <png.h>
#else
#include <zlib.h>
#endif

static void pack_row(uint8_t *out, const uint32_t *pixels, unsigned width)
{
    for (unsigned x = 0; x < width; x++) {
        *out++ = (uint8_t)(pixels[x] >> 16);
        *out++ = (uint8_t)(pixels[x] >> 8);
        *out++ = (uint8_t)pixels[x];
    }
}

#ifdef HAVE_PNG

/* The caller tells; libpng would too, in its own words. */
static void png_failed(png_structp png, png_const_charp message)
{
    (void)message;
    longjmp(png_jmpbuf(png), 1);
}

static void png_warned(png_structp png, png_const_charp message)
{
    (void)png, (void)message;
}

static bool encode(FILE *file, const uint32_t *pixels, unsigned width, unsigned height, unsigned stride,
                   uint8_t *row)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, png_failed, png_warned);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_init_io(png, file);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < height; y++) {
        pack_row(row, pixels + (size_t)y * stride, width);
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return true;
}

#else

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool put_chunk(FILE *file, const char *type, const uint8_t *data, size_t length)
{
    uint8_t word[4];
    put32(word, (uint32_t)length);
    bool ok = fwrite(word, 4, 1, file) == 1 && fwrite(type, 4, 1, file) == 1 &&
              fwrite(data, 1, length, file) == length;
    uLong crc = crc32(crc32(0, (const Bytef *)type, 4), data, (uInt)length);
    put32(word, (uint32_t)crc);
    return fwrite(word, 4, 1, file) == 1 && ok;
}

static bool encode(FILE *file, const uint32_t *pixels, unsigned width, unsigned height, unsigned stride,
                   uint8_t *row)
{
    (void)row;
    size_t line = 1 + 3 * (size_t)width; /* each row begins with its filter, 0: none */
    uLongf packed_size = compressBound((uLong)(line * height));
    uint8_t *raw = xcalloc(height, line), *packed = xcalloc(packed_size, 1);
    for (unsigned y = 0; y < height; y++)
        pack_row(raw + y * line + 1, pixels + (size_t)y * stride, width);
    uint8_t header[13] = {[8] = 8, [9] = 2}; /* 8 bits, RGB */
    put32(header, width);
    put32(header + 4, height);
    bool ok = compress(packed, &packed_size, raw, (uLong)(line * height)) == Z_OK &&
              fwrite("\x89PNG\r\n\x1a\n", 8, 1, file) == 1 &&
              put_chunk(file, "IHDR", header, sizeof header) &&
              put_chunk(file, "IDAT", packed, packed_size) && put_chunk(file, "IEND", packed, 0);
    free(raw);
    free(packed);
    return ok;
}

#endif

bool png_write(const char *path, const uint32_t *pixels, unsigned width, unsigned height, unsigned stride,
               struct error *err)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return error_set(err, "%s: %s; choose a file that can be written", path, strerror(errno));
    uint8_t *row = xcalloc(width, 3);
    bool ok = encode(file, pixels, width, height, stride, row);
    free(row);
    ok = fclose(file) == 0 && ok;
    return ok || error_set(err, "%s: cannot be written; is the disk full?", path);
}

bool screenshot_write(struct machine *machine, const char *path, struct error *err)
{
    struct vga_frame frame = {0};
    vga_render(machine_vga(machine), &frame);
    if (!frame.width || !frame.height) {
        vga_frame_free(&frame);
        return error_set(err, "%s: the screen shows nothing to take a picture of", path);
    }
    bool ok = png_write(path, frame.pixels, frame.width, frame.height, frame.stride, err);
    vga_frame_free(&frame);
    return ok;
}
