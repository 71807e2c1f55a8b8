/* PNG (ISO/IEC 15948) through libpng, or, built without it, by zlib alone: one IDAT chunk of 8-bit RGB rows.
 */
#include "gui/screenshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "config.h"
#include "devices/vga.h"
#include "gui/png_chunks.h"
#include "machine/machine.h"

#ifdef HAVE_PNG
#include <png.h>
#endif

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
        png_pack_row(row, pixels + (size_t)y * stride, width);
        png_write_row(png, row);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return true;
}

#else

static bool encode(FILE *file, const uint32_t *pixels, unsigned width, unsigned height, unsigned stride,
                   uint8_t *row)
{
    (void)row;
    size_t size;
    uint8_t *packed = png_pack(pixels, width, height, stride, &size);
    bool ok = packed && fwrite(PNG_SIGNATURE_BYTES, 8, 1, file) == 1 && png_put_header(file, width, height) &&
              png_put_chunk(file, "IDAT", packed, size) && png_put_chunk(file, "IEND", packed, 0);
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

bool screenshot_check_name(const char *path, struct error *err)
{
    const char *dot = strrchr(path, '.');
    return (dot && !strcasecmp(dot, ".png")) ||
           error_set(err, "%s: pictures are PNG files; say a name that ends with .png", path);
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
