#include "gui/video_shape.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "devices/vga.h"

#define NARROW 640u

static unsigned shaped_height(const struct vga_frame *frame, unsigned width)
{
    unsigned wanted = width * frame->aspect_y / frame->aspect_x;
    if (frame->width < NARROW)
        return wanted ? wanted : 1;
    return frame->height * 2 <= wanted ? frame->height * 2 : frame->height;
}

static void resize(struct vga_frame *shaped, unsigned width, unsigned height)
{
    if (shaped->capacity < width * height) {
        shaped->capacity = width * height;
        shaped->pixels = xrealloc(shaped->pixels, shaped->capacity * sizeof *shaped->pixels);
    }
    shaped->width = shaped->stride = width;
    shaped->height = height;
}

void video_shape(const struct vga_frame *frame, struct vga_frame *shaped)
{
    unsigned times = frame->width < NARROW ? 2 : 1;
    unsigned width = frame->width * times, height = shaped_height(frame, width);
    resize(shaped, width, height);
    for (unsigned y = 0; y < height; y++) {
        const uint32_t *row = frame->pixels + (size_t)((uint64_t)y * frame->height / height) * frame->stride;
        uint32_t *out = shaped->pixels + (size_t)y * width;
        for (unsigned x = 0; x < width; x++)
            out[x] = row[x / times];
    }
}
