/* The pieces that PNG files are made of (ISO/IEC 15948): chunks, and rows packed by zlib. */
#ifndef TICK86_GUI_PNG_CHUNKS_H
#define TICK86_GUI_PNG_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PNG_SIGNATURE_BYTES "\x89PNG\r\n\x1a\n"

void png_put32(uint8_t *at, uint32_t value);

/* One chunk with its length and CRC; TYPE has four letters. False if it could not be written. */
bool png_put_chunk(FILE *file, const char *type, const uint8_t *data, size_t length);

/* IHDR: 8-bit RGB. */
bool png_put_header(FILE *file, uint32_t width, uint32_t height);

/* WIDTH 8-bit RGB pixels, three bytes each, of 00RRGGBBh ones. */
void png_pack_row(uint8_t *out, const uint32_t *pixels, unsigned width);

/* The image data of WIDTH x HEIGHT pixels 00RRGGBBh, rows STRIDE pixels apart: to be freed; NULL if zlib
 * fails. */
uint8_t *png_pack(const uint32_t *pixels, unsigned width, unsigned height, unsigned stride, size_t *size);

#endif
