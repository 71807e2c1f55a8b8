/* An animated PNG, written as it goes on (APNG 1.0). Pictures have all their colours. Where they are of
 * several sizes the animation is as large as the largest, and smaller ones stand in its upper left corner. */
#ifndef TICK86_GUI_APNG_H
#define TICK86_GUI_APNG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct apng;
struct vga_frame;

/* Writes into FILE, which must be open for reading, too, from its beginning, and stays the caller's. */
struct apng *apng_create(FILE *file);
/* FRAME is what stands there from MS on, milliseconds since the start. False if the host could not write. */
bool apng_show(struct apng *apng, const struct vga_frame *frame, uint64_t ms);
/* The last picture stood until MS. False if the host could not write. */
bool apng_finish(struct apng *apng, uint64_t ms);
void apng_destroy(struct apng *apng);

#endif
