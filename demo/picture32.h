/* Between vbe.c (16-bit code) and picture32.c (32-bit code). */
#ifndef DEMO_PICTURE32_H
#define DEMO_PICTURE32_H

#include "demo.h"

struct picture {
    u32 address; /* of the frame buffer */
    u32 pitch;   /* bytes from line to line */
    u32 width, height;
    u32 from, to; /* lines to draw */
};
void draw_lines(void *picture);

#endif
