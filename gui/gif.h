/* An animated GIF 89a, written as it goes on (CompuServe, "Graphics Interchange Format, Version 89a", 1990).
 *
 * Where pictures are of several sizes the animation is as large as the largest, and smaller ones stand in its
 * upper left corner. Each picture has its own table of colours: exact with up to 256, else the nearest of a
 * fixed set. */
#ifndef TICK86_GUI_GIF_H
#define TICK86_GUI_GIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/blob.h"

struct gif;
struct vga_frame;

/* Writes into FILE, which must be open for it from its beginning, and stays the caller's. */
struct gif *gif_create(FILE *file);
/* FRAME is what stands there from MS on, milliseconds since the start. False if the host could not write. */
bool gif_show(struct gif *gif, const struct vga_frame *frame, uint64_t ms);
/* The last picture stood until MS. False if the host could not write. */
bool gif_finish(struct gif *gif, uint64_t ms);
void gif_destroy(struct gif *gif);

/* Appends COUNT indices of BITS bits (2 to 8) as an image's data: code size, sub-blocks, terminator (appendix
 * F). */
void gif_compress(const uint8_t *indices, size_t count, unsigned bits, struct blob *out);

#endif
