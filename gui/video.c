#include "gui/video.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "devices/vga.h"
#include "gui/gif.h"
#include "gui/png_chunks.h"
#include "gui/screenshot.h"
#include "machine/machine.h"

/* All pictures of an animated PNG have one size: this, or the mode's at its beginning if that is larger.
 * Smaller modes are enlarged by whole numbers in the middle of it, larger ones made smaller. */
#define CANVAS_WIDTH  800u
#define CANVAS_HEIGHT 600u

struct video {
    char *path;
    struct machine *machine;
    struct vga_frame frame;
    uint64_t looks;       /* so far */
    uint64_t start_cycle; /* of the recording */
    bool failed;
    int reason;      /* errno */
    FILE *file;      /* of an animation; NULL: numbered pictures */
    struct gif *gif; /* NULL: it is a PNG */
    /* The animated PNG. */
    unsigned width, height;        /* of the canvas */
    long control_at;               /* where the count of pictures stands */
    uint32_t *canvas, *next;       /* the last picture, the one that is being made */
    uint8_t *packed;               /* the last picture's changed rows, not yet written; NULL: none */
    size_t packed_size;            /* bytes */
    unsigned first_row, row_count; /* that they are */
    uint64_t packed_ms;            /* virtual time at which they appeared, since the start */
    uint32_t pictures, sequence;   /* written */
};

/* --- Names --- */

/* The '%' of a %d or %0Nd in PATH; NULL: there is none, or something else. */
static const char *number_in(const char *path, bool *wrong)
{
    const char *percent = strchr(path, '%'), *at = percent;
    *wrong = false;
    if (!percent)
        return NULL;
    do
        at++;
    while (isdigit((unsigned char)*at));
    *wrong = *at != 'd' || at - percent > 3 || strchr(at, '%');
    return *wrong ? NULL : percent;
}

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path), n = strlen(end);
    return length > n && !strcasecmp(path + length - n, end);
}

static bool is_gif(const char *path)
{
    return ends_with(path, ".gif");
}

bool video_check_name(const char *path, struct error *err)
{
    bool wrong;
    number_in(path, &wrong);
    bool numbered = strchr(path, '%') != NULL;
    if (!wrong && (ends_with(path, ".png") || ends_with(path, ".apng") || (is_gif(path) && !numbered)))
        return true;
    return error_set(
        err, "%s: say NAME.gif or NAME.png for an animated picture, or NAME%%05d.png for numbered ones",
        path);
}

/* --- Pictures --- */

static uint32_t mean_of(const struct vga_frame *frame, unsigned x0, unsigned x1, unsigned y0, unsigned y1)
{
    uint64_t red = 0, green = 0, blue = 0, count = 0;
    for (unsigned y = y0; y < y1; y++) {
        for (unsigned x = x0; x < x1; x++, count++) {
            uint32_t pixel = frame->pixels[(size_t)y * frame->stride + x];
            red += pixel >> 16 & 255;
            green += pixel >> 8 & 255;
            blue += pixel & 255;
        }
    }
    return count ? (uint32_t)(red / count) << 16 | (uint32_t)(green / count) << 8 | (uint32_t)(blue / count)
                 : 0;
}

/* The frame into the middle of the canvas: enlarged by a whole number, or, too large, made smaller. */
static void fill_canvas(struct video *video)
{
    const struct vga_frame *frame = &video->frame;
    unsigned times_x = video->width / frame->width, times_y = video->height / frame->height;
    unsigned times = times_x < times_y ? times_x : times_y;
    unsigned width = frame->width * times, height = frame->height * times;
    if (!times) {
        width = video->width;
        height = frame->height * video->width / frame->width;
        if (height > video->height) {
            height = video->height;
            width = frame->width * video->height / frame->height;
        }
    }
    unsigned left = (video->width - width) / 2, top = (video->height - height) / 2;
    memset(video->next, 0, (size_t)video->width * video->height * sizeof *video->next);
    for (unsigned y = 0; y < height; y++) {
        uint32_t *out = video->next + (size_t)(top + y) * video->width + left;
        for (unsigned x = 0; x < width; x++)
            out[x] = times ? frame->pixels[(size_t)(y / times) * frame->stride + x / times]
                           : mean_of(frame, x * frame->width / width, (x + 1) * frame->width / width,
                                     y * frame->height / height, (y + 1) * frame->height / height);
    }
}

/* --- The animation: APNG 1.0 --- */

static void check(struct video *video, bool ok)
{
    if (ok || video->failed)
        return;
    video->failed = true;
    video->reason = errno;
}

static bool put_control(struct video *video)
{
    uint8_t control[8] = {0}; /* played again and again */
    png_put32(control, video->pictures);
    return png_put_chunk(video->file, "acTL", control, sizeof control);
}

/* Writes the picture that waits, now that it is known how long it stood. */
static void write_packed(struct video *video, uint64_t until_ms)
{
    if (!video->packed)
        return;
    uint64_t delay = until_ms - video->packed_ms, unit = 1000;
    while (delay > 0xFFFF) {
        delay /= 10;
        unit /= unit > 1 ? 10 : 1;
    }
    uint8_t control[26] = {0};
    png_put32(control, video->sequence++);
    png_put32(control + 4, video->width);
    png_put32(control + 8, video->row_count);
    png_put32(control + 16, video->first_row);
    control[20] = (uint8_t)(delay >> 8);
    control[21] = (uint8_t)delay;
    control[22] = (uint8_t)(unit >> 8);
    control[23] = (uint8_t)unit;
    check(video, png_put_chunk(video->file, "fcTL", control, sizeof control));
    if (!video->pictures) {
        check(video, png_put_chunk(video->file, "IDAT", video->packed, video->packed_size));
    } else {
        uint8_t *data = xcalloc(video->packed_size + 4, 1);
        png_put32(data, video->sequence++);
        memcpy(data + 4, video->packed, video->packed_size);
        check(video, png_put_chunk(video->file, "fdAT", data, video->packed_size + 4));
        free(data);
    }
    video->pictures++;
    free(video->packed);
    video->packed = NULL;
}

/* Takes the rows of the next picture that are not as in the last one; the first is taken whole. */
static void take_changes(struct video *video, uint64_t now_ms)
{
    size_t row_bytes = video->width * sizeof *video->next;
    unsigned first = 0, end = video->height;
    if (video->pictures || video->packed) {
        while (first < end && !memcmp(video->next + (size_t)first * video->width,
                                      video->canvas + (size_t)first * video->width, row_bytes))
            first++;
        while (end > first && !memcmp(video->next + (size_t)(end - 1) * video->width,
                                      video->canvas + (size_t)(end - 1) * video->width, row_bytes))
            end--;
        if (first == end)
            return;
    }
    write_packed(video, now_ms);
    video->first_row = first;
    video->row_count = end - first;
    video->packed_ms = now_ms;
    video->packed = png_pack(video->next + (size_t)first * video->width, video->width, end - first,
                             video->width, &video->packed_size);
    check(video, video->packed != NULL);
    uint32_t *old = video->canvas;
    video->canvas = video->next;
    video->next = old;
}

static bool begin_png(struct video *video)
{
    vga_render(machine_vga(video->machine), &video->frame);
    video->width = video->frame.width > CANVAS_WIDTH ? video->frame.width : CANVAS_WIDTH;
    video->height = video->frame.height > CANVAS_HEIGHT ? video->frame.height : CANVAS_HEIGHT;
    video->canvas = xcalloc((size_t)video->width * video->height, sizeof *video->canvas);
    video->next = xcalloc((size_t)video->width * video->height, sizeof *video->next);
    return fwrite(PNG_SIGNATURE_BYTES, 8, 1, video->file) == 1 &&
           png_put_header(video->file, video->width, video->height) &&
           (video->control_at = ftell(video->file)) >= 0 && put_control(video);
}

static void finish_png(struct video *video, uint64_t ms)
{
    write_packed(video, ms);
    check(video, png_put_chunk(video->file, "IEND", (const uint8_t *)"", 0));
    check(video, !fseek(video->file, video->control_at, SEEK_SET) && put_control(video));
}

/* --- Recording --- */

static bool begin_animation(struct video *video)
{
    video->file = fopen(video->path, "wb");
    if (!video->file)
        return false;
    if (!is_gif(video->path))
        return begin_png(video);
    video->gif = gif_create(video->file);
    return true;
}

static void free_video(struct video *video)
{
    gif_destroy(video->gif);
    vga_frame_free(&video->frame);
    free(video->canvas);
    free(video->next);
    free(video->packed);
    free(video->path);
    free(video);
}

struct video *video_open(const char *path, struct machine *machine, struct error *err)
{
    bool wrong;
    if (!video_check_name(path, err))
        return NULL;
    struct video *video = xcalloc(1, sizeof *video);
    video->path = xstrdup(path);
    video->machine = machine;
    video->start_cycle = machine_cycles(machine);
    if (number_in(path, &wrong))
        return video;
    if (begin_animation(video))
        return video;
    error_set(err, "%s: %s; choose a file that can be written", path, strerror(errno));
    if (video->file)
        fclose(video->file);
    free_video(video);
    return NULL;
}

static void write_numbered(struct video *video)
{
    bool wrong;
    struct error err;
    const char *percent = number_in(video->path, &wrong);
    size_t size = strlen(video->path) + 128; /* widths go up to 99 */
    char *name = xcalloc(size, 1);
    int width = percent[1] == 'd' ? 0 : atoi(percent + 1);
    snprintf(name, size, "%.*s%0*llu%s", (int)(percent - video->path), video->path, width,
             (unsigned long long)video->looks, strchr(percent, 'd') + 1);
    errno = 0;
    check(video, png_write(name, video->frame.pixels, video->frame.width, video->frame.height,
                           video->frame.stride, &err));
    free(name);
}

static uint64_t milliseconds(const struct video *video)
{
    uint64_t since = machine_cycles(video->machine) - video->start_cycle;
    unsigned __int128 cycles = since;
    return (uint64_t)(cycles * 1000 / machine_hz(video->machine));
}

void video_clock_set(struct video *video, uint64_t before)
{
    /* The beginning may come to lie before power-on: differences wrap around. */
    video->start_cycle += machine_cycles(video->machine) - before;
}

void video_tick(struct video *video)
{
    uint64_t ms = milliseconds(video);
    if (video->failed || ms * VIDEO_RATE < video->looks * 1000)
        return;
    vga_render(machine_vga(video->machine), &video->frame);
    if (video->frame.width && video->frame.height) {
        errno = 0;
        if (video->gif) {
            check(video, gif_show(video->gif, &video->frame, ms));
        } else if (video->file) {
            fill_canvas(video);
            take_changes(video, ms);
        } else {
            write_numbered(video);
        }
    }
    video->looks = ms * VIDEO_RATE / 1000 + 1;
}

bool video_close(struct video *video, struct error *err)
{
    errno = 0;
    if (video->gif)
        check(video, gif_finish(video->gif, milliseconds(video)));
    else if (video->file)
        finish_png(video, milliseconds(video));
    if (video->file)
        check(video, fclose(video->file) == 0);
    bool ok = !video->failed;
    if (!ok)
        error_set(err, "%s: cannot be written: %s", video->path,
                  video->reason ? strerror(video->reason) : "is the disk full?");
    free_video(video);
    return ok;
}
