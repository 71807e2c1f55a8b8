#include "gui/gif.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/vga.h"

#define COLOURS      256u
#define COLOUR_SLOTS 1024u /* a power of two */
#define NO_COLOUR    UINT32_MAX
/* Levels of red, green and blue where a picture has more than 256 colours. */
enum { RED_LEVELS = 6, GREEN_LEVELS = 7, BLUE_LEVELS = 6 };

struct rect {
    unsigned x, y, width, height;
};

struct gif {
    FILE *file;
    bool failed;
    unsigned width, height; /* of the animation so far */
    uint32_t *now, *next;   /* what it shows, and what it is to show */
    struct blob image;      /* the last picture, not yet written since its time is not known; empty: none */
    uint64_t written_cs;    /* hundredths of a second that are told so far: when IMAGE appeared */
};

static void write_bytes(struct gif *gif, const void *bytes, size_t count)
{
    if (count && fwrite(bytes, 1, count, gif->file) != count)
        gif->failed = true;
}

/* --- Colours ----------------------------------------------------------------------------------------------
 */

struct palette {
    uint32_t colour[COLOURS];
    unsigned count; /* COLOURS + 1: there are more */
    struct {
        uint32_t colour;
        uint8_t index;
    } slot[COLOUR_SLOTS];
};

static unsigned slot_of(const struct palette *palette, uint32_t colour)
{
    unsigned at = colour * 2654435761u >> 22;
    while (palette->slot[at].colour != NO_COLOUR && palette->slot[at].colour != colour)
        at = (at + 1) % COLOUR_SLOTS;
    return at;
}

static void fixed_colours(struct palette *palette)
{
    palette->count = RED_LEVELS * GREEN_LEVELS * BLUE_LEVELS;
    for (unsigned i = 0; i < palette->count; i++) {
        uint32_t red = i / (GREEN_LEVELS * BLUE_LEVELS), green = i / BLUE_LEVELS % GREEN_LEVELS,
                 blue = i % BLUE_LEVELS;
        palette->colour[i] = red * 255 / (RED_LEVELS - 1) << 16 | green * 255 / (GREEN_LEVELS - 1) << 8 |
                             blue * 255 / (BLUE_LEVELS - 1);
    }
}

static uint8_t nearest_fixed(uint32_t colour)
{
    uint32_t red = ((colour >> 16 & 255) * (RED_LEVELS - 1) + 127) / 255,
             green = ((colour >> 8 & 255) * (GREEN_LEVELS - 1) + 127) / 255,
             blue = ((colour & 255) * (BLUE_LEVELS - 1) + 127) / 255;
    return (uint8_t)((red * GREEN_LEVELS + green) * BLUE_LEVELS + blue);
}

/* The pixels of a rectangle as indices; false: there are too many colours. */
static bool take_exact(const struct gif *gif, struct rect r, struct palette *palette, uint8_t *indices)
{
    palette->count = 0;
    for (unsigned i = 0; i < COLOUR_SLOTS; i++)
        palette->slot[i].colour = NO_COLOUR;
    for (unsigned y = r.y; y < r.y + r.height; y++) {
        for (unsigned x = r.x; x < r.x + r.width; x++) {
            uint32_t colour = gif->next[(size_t)y * gif->width + x];
            unsigned at = slot_of(palette, colour);
            if (palette->slot[at].colour == NO_COLOUR) {
                if (palette->count == COLOURS)
                    return false;
                palette->slot[at].colour = colour;
                palette->slot[at].index = (uint8_t)palette->count;
                palette->colour[palette->count++] = colour;
            }
            *indices++ = palette->slot[at].index;
        }
    }
    return true;
}

static void take_nearest(const struct gif *gif, struct rect r, struct palette *palette, uint8_t *indices)
{
    fixed_colours(palette);
    for (unsigned y = r.y; y < r.y + r.height; y++)
        for (unsigned x = r.x; x < r.x + r.width; x++)
            *indices++ = nearest_fixed(gif->next[(size_t)y * gif->width + x]);
}

/* --- Pictures ---------------------------------------------------------------------------------------------
 */

/* Image descriptor, local colour table, data (sections 20 to 22). */
static void pack_image(struct gif *gif, struct rect r)
{
    struct palette *palette = xcalloc(1, sizeof *palette);
    uint8_t *indices = xcalloc((size_t)r.width * r.height, 1);
    if (!take_exact(gif, r, palette, indices))
        take_nearest(gif, r, palette, indices);
    unsigned bits = 2;
    while (1u << bits < palette->count)
        bits++;
    gif->image.size = 0;
    blob_u8(&gif->image, 0x2C);
    blob_u16(&gif->image, (uint16_t)r.x);
    blob_u16(&gif->image, (uint16_t)r.y);
    blob_u16(&gif->image, (uint16_t)r.width);
    blob_u16(&gif->image, (uint16_t)r.height);
    blob_u8(&gif->image, (uint8_t)(0x80 | (bits - 1)));
    for (unsigned i = 0; i < 1u << bits; i++) {
        uint32_t colour = i < palette->count ? palette->colour[i] : 0;
        blob_u8(&gif->image, (uint8_t)(colour >> 16));
        blob_u8(&gif->image, (uint8_t)(colour >> 8));
        blob_u8(&gif->image, (uint8_t)colour);
    }
    gif_compress(indices, (size_t)r.width * r.height, bits, &gif->image);
    free(indices);
    free(palette);
}

/* Writes the picture that waits, now that it is known how long it stood: graphic control extension (section
 * 23), left in place. Where a time is too long for one it comes again. */
static void write_image(struct gif *gif, uint64_t until_ms)
{
    if (!gif->image.size)
        return;
    uint64_t until_cs = until_ms / 10;
    do {
        uint64_t left = until_cs > gif->written_cs ? until_cs - gif->written_cs : 1;
        uint16_t delay = left > 0xFFFF ? 0xFFFF : (uint16_t)left;
        uint8_t control[8] = {0x21, 0xF9, 4, 1 << 2, (uint8_t)delay, (uint8_t)(delay >> 8), 0, 0};
        write_bytes(gif, control, sizeof control);
        write_bytes(gif, gif->image.bytes, gif->image.size);
        gif->written_cs += delay;
    } while (gif->written_cs < until_cs && !gif->failed);
    gif->image.size = 0;
}

/* Logical screen descriptor (section 18); no global colours. */
static void write_size(struct gif *gif)
{
    uint8_t size[4] = {(uint8_t)gif->width, (uint8_t)(gif->width >> 8), (uint8_t)gif->height,
                       (uint8_t)(gif->height >> 8)};
    write_bytes(gif, size, sizeof size);
}

/* The screen grows; its header is written anew. */
static void grow(struct gif *gif, unsigned width, unsigned height)
{
    if (width <= gif->width && height <= gif->height)
        return;
    unsigned old_width = gif->width, old_height = gif->height;
    gif->width = width > old_width ? width : old_width;
    gif->height = height > old_height ? height : old_height;
    uint32_t *now = xcalloc((size_t)gif->width * gif->height, sizeof *now);
    for (unsigned y = 0; y < old_height; y++)
        memcpy(now + (size_t)y * gif->width, gif->now + (size_t)y * old_width, old_width * sizeof *now);
    free(gif->now);
    free(gif->next);
    gif->now = now;
    gif->next = xcalloc((size_t)gif->width * gif->height, sizeof *now);
    if (fseek(gif->file, 6, SEEK_SET))
        gif->failed = true;
    write_size(gif);
    if (fseek(gif->file, 0, SEEK_END))
        gif->failed = true;
}

static void fill_next(struct gif *gif, const struct vga_frame *frame)
{
    memset(gif->next, 0, (size_t)gif->width * gif->height * sizeof *gif->next);
    for (unsigned y = 0; y < frame->height; y++) {
        const uint32_t *row = frame->pixels + (size_t)y * frame->stride;
        for (unsigned x = 0; x < frame->width; x++)
            gif->next[(size_t)y * gif->width + x] = row[x] & 0xFFFFFF;
    }
}

/* What NEXT has otherwise than NOW; false: nothing. */
static bool find_changes(const struct gif *gif, struct rect *r)
{
    unsigned left = gif->width, right = 0, top = gif->height, bottom = 0;
    for (unsigned y = 0; y < gif->height; y++) {
        const uint32_t *now = gif->now + (size_t)y * gif->width, *next = gif->next + (size_t)y * gif->width;
        if (!memcmp(now, next, gif->width * sizeof *now))
            continue;
        top = y < top ? y : top;
        bottom = y + 1;
        for (unsigned x = 0; x < left; x++)
            if (now[x] != next[x])
                left = x;
        for (unsigned x = gif->width; x > right; x--)
            if (now[x - 1] != next[x - 1])
                right = x;
    }
    *r = (struct rect){left, top, right - left, bottom - top};
    return bottom != 0;
}

bool gif_show(struct gif *gif, const struct vga_frame *frame, uint64_t ms)
{
    bool first = !gif->width;
    grow(gif, frame->width, frame->height);
    fill_next(gif, frame);
    struct rect r = {0, 0, gif->width, gif->height};
    if (!first && !find_changes(gif, &r))
        return !gif->failed;
    write_image(gif, ms);
    pack_image(gif, r);
    uint32_t *old = gif->now;
    gif->now = gif->next;
    gif->next = old;
    return !gif->failed;
}

/* --- The file ---------------------------------------------------------------------------------------------
 */

struct gif *gif_create(FILE *file)
{
    /* Header, screen descriptor, and the Netscape extension that plays it again and again. */
    static const uint8_t rest[] = {0x70, 0,   0,   0x21, 0xFF, 11,  'N', 'E', 'T', 'S', 'C',
                                   'A',  'P', 'E', '2',  '.',  '0', 3,   1,   0,   0,   0};
    struct gif *gif = xcalloc(1, sizeof *gif);
    gif->file = file;
    write_bytes(gif, "GIF89a", 6);
    write_size(gif);
    write_bytes(gif, rest, sizeof rest);
    return gif;
}

bool gif_finish(struct gif *gif, uint64_t ms)
{
    write_image(gif, ms);
    write_bytes(gif, ";", 1);
    return !gif->failed && fflush(gif->file) == 0;
}

void gif_destroy(struct gif *gif)
{
    if (!gif)
        return;
    blob_free(&gif->image);
    free(gif->now);
    free(gif->next);
    free(gif);
}
