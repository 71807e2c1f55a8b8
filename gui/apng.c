#include "gui/apng.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "devices/vga.h"
#include "gui/png_chunks.h"

#define CONTROL_SIZE 26u /* of fcTL */

struct apng {
    FILE *file;
    bool failed;
    unsigned width, height; /* of the animation so far */
    uint32_t *now, *next;   /* what it shows, and what it is to show */
    uint32_t *first;        /* the first picture, which has to be as large as the animation */
    uint8_t first_control[CONTROL_SIZE];
    long body_at, rest_at;         /* where the first picture begins and ends */
    uint8_t *packed;               /* the last picture's changed rows, not yet written; NULL: none */
    size_t packed_size;            /* bytes */
    unsigned first_row, row_count; /* that they are */
    uint64_t packed_ms;            /* time at which they appeared */
    uint32_t pictures, sequence;   /* written */
};

static void check(struct apng *apng, bool ok)
{
    apng->failed |= !ok;
}

/* --- The file's beginning: it is written anew when the animation has grown, and at the end --- */

static void put_head(struct apng *apng)
{
    uint8_t control[8] = {0}; /* played again and again */
    png_put32(control, apng->pictures);
    check(apng, fwrite(PNG_SIGNATURE_BYTES, 8, 1, apng->file) == 1 &&
                    png_put_header(apng->file, apng->width, apng->height) &&
                    png_put_chunk(apng->file, "acTL", control, sizeof control));
}

static void put_first(struct apng *apng)
{
    size_t size;
    uint8_t *data = png_pack(apng->first, apng->width, apng->height, apng->width, &size);
    png_put32(apng->first_control + 4, apng->width);
    png_put32(apng->first_control + 8, apng->height);
    apng->body_at = ftell(apng->file);
    check(apng, apng->body_at >= 0 && data &&
                    png_put_chunk(apng->file, "fcTL", apng->first_control, CONTROL_SIZE) &&
                    png_put_chunk(apng->file, "IDAT", data, size));
    apng->rest_at = ftell(apng->file);
    check(apng, apng->rest_at >= 0);
    free(data);
}

/* The animation has grown after its first picture was written: that grows, too, and what follows moves. */
static void rewrite_first(struct apng *apng)
{
    check(apng, !fseek(apng->file, 0, SEEK_END));
    long end = ftell(apng->file);
    if (apng->failed || end < apng->rest_at) {
        apng->failed = true;
        return;
    }
    size_t count = (size_t)(end - apng->rest_at);
    uint8_t *rest = xcalloc(count + 1, 1);
    check(apng, !fseek(apng->file, apng->rest_at, SEEK_SET) && fread(rest, 1, count, apng->file) == count &&
                    !fseek(apng->file, 0, SEEK_SET));
    if (!apng->failed) {
        put_head(apng);
        put_first(apng);
        check(apng, fwrite(rest, 1, count, apng->file) == count && fflush(apng->file) == 0 &&
                        ftruncate(fileno(apng->file), ftell(apng->file)) == 0);
    }
    free(rest);
}

/* --- Pictures --- */

static uint32_t *enlarged(uint32_t *old, unsigned width, unsigned height, const struct apng *to)
{
    uint32_t *new = xcalloc((size_t)to->width * to->height, sizeof *new);
    for (unsigned y = 0; old && y < height; y++)
        memcpy(new + (size_t)y * to->width, old + (size_t)y * width, width * sizeof *new);
    free(old);
    return new;
}

/* Writes the picture that waits, now that it is known how long it stood. */
static void write_packed(struct apng *apng, uint64_t until_ms)
{
    if (!apng->packed || apng->failed)
        return;
    uint64_t delay = until_ms - apng->packed_ms, unit = 1000;
    while (delay > 0xFFFF) {
        delay /= 10;
        unit /= unit > 1 ? 10 : 1;
    }
    uint8_t control[CONTROL_SIZE] = {0};
    png_put32(control, apng->sequence++);
    png_put32(control + 4, apng->width);
    png_put32(control + 8, apng->row_count);
    png_put32(control + 16, apng->first_row);
    control[20] = (uint8_t)(delay >> 8);
    control[21] = (uint8_t)delay;
    control[22] = (uint8_t)(unit >> 8);
    control[23] = (uint8_t)unit;
    if (!apng->pictures) {
        memcpy(apng->first_control, control, sizeof control);
        put_head(apng);
        put_first(apng);
    } else {
        uint8_t *data = xcalloc(apng->packed_size + 4, 1);
        png_put32(data, apng->sequence++);
        memcpy(data + 4, apng->packed, apng->packed_size);
        check(apng, png_put_chunk(apng->file, "fcTL", control, sizeof control) &&
                        png_put_chunk(apng->file, "fdAT", data, apng->packed_size + 4));
        free(data);
    }
    apng->pictures++;
    free(apng->packed);
    apng->packed = NULL;
}

static void grow(struct apng *apng, unsigned width, unsigned height, uint64_t ms)
{
    if (width <= apng->width && height <= apng->height)
        return;
    unsigned old_width = apng->width, old_height = apng->height;
    write_packed(apng, ms);
    apng->width = width > old_width ? width : old_width;
    apng->height = height > old_height ? height : old_height;
    apng->now = enlarged(apng->now, old_width, old_height, apng);
    apng->first = enlarged(apng->first, old_width, old_height, apng);
    free(apng->next);
    apng->next = xcalloc((size_t)apng->width * apng->height, sizeof *apng->next);
    if (apng->pictures)
        rewrite_first(apng);
}

static void fill_next(struct apng *apng, const struct vga_frame *frame)
{
    memset(apng->next, 0, (size_t)apng->width * apng->height * sizeof *apng->next);
    for (unsigned y = 0; y < frame->height; y++)
        memcpy(apng->next + (size_t)y * apng->width, frame->pixels + (size_t)y * frame->stride,
               frame->width * sizeof *apng->next);
}

/* The rows that NEXT has otherwise than NOW; false: none. The first picture is taken whole. */
static bool find_changes(const struct apng *apng, unsigned *first, unsigned *end)
{
    size_t row_bytes = apng->width * sizeof *apng->next;
    *first = 0;
    *end = apng->height;
    if (!apng->pictures && !apng->packed)
        return true;
    while (*first < *end && !memcmp(apng->next + (size_t)*first * apng->width,
                                    apng->now + (size_t)*first * apng->width, row_bytes))
        ++*first;
    while (*end > *first && !memcmp(apng->next + (size_t)(*end - 1) * apng->width,
                                    apng->now + (size_t)(*end - 1) * apng->width, row_bytes))
        --*end;
    return *first < *end;
}

bool apng_show(struct apng *apng, const struct vga_frame *frame, uint64_t ms)
{
    unsigned first, end;
    grow(apng, frame->width, frame->height, ms);
    fill_next(apng, frame);
    if (!find_changes(apng, &first, &end))
        return !apng->failed;
    bool is_first = !apng->pictures && !apng->packed;
    write_packed(apng, ms);
    apng->first_row = first;
    apng->row_count = end - first;
    apng->packed_ms = ms;
    apng->packed = png_pack(apng->next + (size_t)first * apng->width, apng->width, end - first, apng->width,
                            &apng->packed_size);
    check(apng, apng->packed != NULL);
    if (is_first)
        memcpy(apng->first, apng->next, (size_t)apng->width * apng->height * sizeof *apng->first);
    uint32_t *old = apng->now;
    apng->now = apng->next;
    apng->next = old;
    return !apng->failed;
}

struct apng *apng_create(FILE *file)
{
    struct apng *apng = xcalloc(1, sizeof *apng);
    apng->file = file;
    return apng;
}

bool apng_finish(struct apng *apng, uint64_t ms)
{
    write_packed(apng, ms);
    check(apng, png_put_chunk(apng->file, "IEND", (const uint8_t *)"", 0));
    check(apng, !fseek(apng->file, 0, SEEK_SET));
    if (!apng->failed)
        put_head(apng);
    return !apng->failed && fflush(apng->file) == 0;
}

void apng_destroy(struct apng *apng)
{
    if (!apng)
        return;
    free(apng->now);
    free(apng->next);
    free(apng->first);
    free(apng->packed);
    free(apng);
}
