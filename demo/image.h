/* The demonstration floppy that is built into the program: a disk image of 1.44 MB, for a start without any
 * image. */
#ifndef DEMO_IMAGE_H
#define DEMO_IMAGE_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t tick86_demo_image[];
/* In bytes: 1,474,560. */
extern const size_t tick86_demo_image_size;

#endif
