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
#include "gui/apng.h"
#include "gui/gif.h"
#include "gui/screenshot.h"
#include "gui/video_shape.h"
#include "machine/machine.h"

struct video {
    char *path;
    struct machine *machine;
    struct vga_frame frame;
    uint64_t looks;       /* so far */
    uint64_t start_cycle; /* of the recording */
    bool failed;
    int reason;        /* errno */
    FILE *file;        /* of an animation; NULL: numbered pictures */
    struct gif *gif;   /* NULL: it is a PNG */
    struct apng *apng; /* NULL: it is a GIF */
    struct vga_frame shaped;
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

/* --- Recording --- */

static void check(struct video *video, bool ok)
{
    if (ok || video->failed)
        return;
    video->failed = true;
    video->reason = errno;
}

static bool begin_animation(struct video *video)
{
    video->file = fopen(video->path, "w+b");
    if (!video->file)
        return false;
    if (is_gif(video->path))
        video->gif = gif_create(video->file);
    else
        video->apng = apng_create(video->file);
    return true;
}

static void free_video(struct video *video)
{
    gif_destroy(video->gif);
    apng_destroy(video->apng);
    vga_frame_free(&video->frame);
    vga_frame_free(&video->shaped);
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

static void show(struct video *video, uint64_t ms)
{
    video_shape(&video->frame, &video->shaped);
    check(video,
          video->gif ? gif_show(video->gif, &video->shaped, ms) : apng_show(video->apng, &video->shaped, ms));
}

void video_tick(struct video *video)
{
    uint64_t ms = milliseconds(video);
    if (video->failed || ms * VIDEO_RATE < video->looks * 1000)
        return;
    vga_render(machine_vga(video->machine), &video->frame);
    if (video->frame.width && video->frame.height) {
        errno = 0;
        if (video->file)
            show(video, ms);
        else
            write_numbered(video);
    }
    video->looks = ms * VIDEO_RATE / 1000 + 1;
}

bool video_close(struct video *video, struct error *err)
{
    errno = 0;
    if (video->gif)
        check(video, gif_finish(video->gif, milliseconds(video)));
    else if (video->apng)
        check(video, apng_finish(video->apng, milliseconds(video)));
    if (video->file)
        check(video, fclose(video->file) == 0);
    bool ok = !video->failed;
    if (!ok)
        error_set(err, "%s: cannot be written: %s", video->path,
                  video->reason ? strerror(video->reason) : "is the disk full?");
    free_video(video);
    return ok;
}
