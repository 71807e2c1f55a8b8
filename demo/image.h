/* The demonstration floppy that is built in: a disk image of 1.44 MB, for a start without any image. */
#ifndef DEMO_IMAGE_H
#define DEMO_IMAGE_H

extern const unsigned char tick86_demo_image[];
/* In bytes: 1,474,560. */
extern const unsigned int tick86_demo_image_size;

#endif
