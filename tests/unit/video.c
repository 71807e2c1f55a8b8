/* Recordings of the screen: the animated PNG's chunks, its times, and its last picture; numbered pictures. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "devices/vga.h"
#include "gui/apng.h"
#include "gui/video.h"
#include "gui/video_shape.h"
#include "machine/machine.h"

#define MOST_WIDTH  1024
#define MOST_HEIGHT 768

static char folder[64], path[128];
static struct machine *machine;
static struct error err;

static void setup(void)
{
    struct machine_config config = {.memory = 2 << 20, .hz = 25000000};
    strcpy(folder, "/tmp/tick86-video-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/film.png", folder);
    machine = machine_create(&config, &err);
    ck_assert_msg(machine != NULL, "%s", err.text);
}

static void teardown(void)
{
    machine_destroy(machine);
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void run(struct video *video, unsigned hundredths)
{
    for (unsigned i = 0; i < hundredths; i++) {
        machine_run(machine, machine_cycles(machine) + machine_hz(machine) / 100);
        video_tick(video);
    }
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* What a reader of the animation finds. */
struct film {
    uint32_t told_pictures, pictures, sequence;
    uint32_t first_row, rows; /* of the picture that is being read */
    double seconds;
    bool ended;
    uint32_t width, height;
    uint32_t picture_width;
    uint8_t rgb[MOST_HEIGHT][MOST_WIDTH][3]; /* after the last picture */
};

static void show(struct film *film, const uint8_t *data, size_t size)
{
    size_t row_bytes = 1 + 3ul * film->picture_width;
    uLongf length = film->rows * row_bytes;
    uint8_t *rows = xcalloc(length, 1);
    ck_assert_int_eq(uncompress(rows, &length, data, size), Z_OK);
    ck_assert_uint_eq(length, film->rows * row_bytes);
    for (uint32_t y = 0; y < film->rows; y++) {
        ck_assert_uint_eq(rows[y * row_bytes], 0);
        memcpy(film->rgb[film->first_row + y], rows + y * row_bytes + 1, row_bytes - 1);
    }
    free(rows);
}

static void take_chunk(struct film *film, const char *type, const uint8_t *data, uint32_t size)
{
    if (!strcmp(type, "IHDR")) {
        film->width = get32(data);
        film->height = get32(data + 4);
        ck_assert_uint_le(film->width, MOST_WIDTH);
        ck_assert_uint_le(film->height, MOST_HEIGHT);
    } else if (!strcmp(type, "acTL")) {
        film->told_pictures = get32(data);
    } else if (!strcmp(type, "fcTL")) {
        ck_assert_uint_eq(get32(data), film->sequence++);
        film->picture_width = get32(data + 4);
        ck_assert_uint_le(film->picture_width, film->width);
        film->rows = get32(data + 8);
        film->first_row = get32(data + 16);
        ck_assert_uint_le(film->first_row + film->rows, film->height);
        film->seconds += (double)(data[20] << 8 | data[21]) / (data[22] << 8 | data[23]);
        film->pictures++;
    } else if (!strcmp(type, "IDAT")) {
        ck_assert_uint_eq(film->pictures, 1);
        ck_assert_uint_eq(film->picture_width, film->width);
        ck_assert_uint_eq(film->rows, film->height);
        show(film, data, size);
    } else if (!strcmp(type, "fdAT")) {
        ck_assert_uint_eq(get32(data), film->sequence++);
        show(film, data + 4, size - 4);
    } else if (!strcmp(type, "IEND")) {
        film->ended = true;
    }
}

static void read_film(struct film *film)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    uint8_t signature[8], head[8], crc[4];
    ck_assert_uint_eq(fread(signature, 1, 8, file), 8);
    ck_assert_mem_eq(signature, "\x89PNG\r\n\x1a\n", 8);
    while (!film->ended && fread(head, 1, 8, file) == 8) {
        uint32_t size = get32(head);
        char type[5] = {0};
        memcpy(type, head + 4, 4);
        uint8_t *data = xcalloc(size + 1, 1);
        ck_assert_uint_eq(fread(data, 1, size, file), size);
        ck_assert_uint_eq(fread(crc, 1, 4, file), 4);
        ck_assert_uint_eq(get32(crc), crc32(crc32(0, head + 4, 4), data, size));
        take_chunk(film, type, data, size);
        free(data);
    }
    ck_assert(film->ended);
    ck_assert_int_eq(fgetc(file), EOF);
    fclose(file);
}

START_TEST(an_animation_shows_what_the_screen_showed)
{
    static struct film film;
    struct vga_frame frame = {0};
    struct video *video = video_open(path, machine, &err);
    ck_assert_msg(video != NULL, "%s", err.text);
    run(video, 300);
    vga_render(machine_vga(machine), &frame);
    ck_assert_msg(video_close(video, &err), "%s", err.text);
    read_film(&film);
    ck_assert_uint_gt(film.pictures, 3); /* the firmware's messages, and the blinking cursor */
    ck_assert_uint_eq(film.pictures, film.told_pictures);
    ck_assert_msg(film.seconds > 2.9 && film.seconds < 3.1, "%f s", film.seconds);
    ck_assert_uint_eq(frame.width, 720);
    ck_assert_uint_eq(frame.height, 400);
    ck_assert_uint_eq(film.width, 720);
    ck_assert_uint_eq(film.height, 400);
    unsigned bright = 0, differing = 0;
    for (unsigned y = 0; y < 380; y++) { /* the cursor may have blinked since the last look */
        for (unsigned x = 0; x < 720; x++) {
            uint32_t pixel = frame.pixels[y * frame.stride + x];
            const uint8_t *rgb = film.rgb[y][x];
            bright += pixel != 0;
            differing += pixel != ((uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2]);
        }
    }
    ck_assert_uint_gt(bright, 100);
    ck_assert_uint_le(differing, 16 * 9);
    vga_frame_free(&frame);
}
END_TEST

static uint32_t pixels[MOST_WIDTH * MOST_HEIGHT];

static void show_size(struct apng *apng, unsigned width, unsigned height, uint64_t ms)
{
    struct vga_frame frame = {.pixels = pixels, .width = width, .height = height, .stride = width};
    for (unsigned i = 0; i < width * height; i++)
        pixels[i] = (uint32_t)(i * 2654435761u + ms) & 0xFFFFFF;
    ck_assert(apng_show(apng, &frame, ms));
}

/* Each reader wants the first picture, which is written long before, as large as the animation becomes. */
START_TEST(an_animation_is_as_large_as_the_largest_mode)
{
    static const unsigned later[][2] = {{640, 480}, {1024, 768}, {320, 700}, {720, 400}};
    for (unsigned count = 0; count <= 4; count++) {
        static struct film film;
        memset(&film, 0, sizeof film);
        FILE *file = fopen(path, "w+b");
        struct apng *apng = apng_create(file);
        unsigned width = 720, height = 400;
        show_size(apng, 720, 400, 0);
        show_size(apng, 720, 400, 100);
        for (unsigned i = 0; i < count; i++) {
            show_size(apng, later[i][0], later[i][1], 200 + 100 * i);
            width = later[i][0] > width ? later[i][0] : width;
            height = later[i][1] > height ? later[i][1] : height;
        }
        ck_assert(apng_finish(apng, 1000));
        apng_destroy(apng);
        fclose(file);
        read_film(&film);
        ck_assert_uint_eq(film.width, width);
        ck_assert_uint_eq(film.height, height);
        ck_assert_uint_eq(film.pictures, 2 + count);
        ck_assert_uint_eq(film.pictures, film.told_pictures);
        ck_assert_msg(film.seconds > 0.99 && film.seconds < 1.01, "%f s", film.seconds);
        unsigned last_width = count ? later[count - 1][0] : 720,
                 last_height = count ? later[count - 1][1] : 400;
        for (unsigned y = 0; y < height; y++)
            for (unsigned x = 0; x < width; x++) {
                const uint8_t *rgb = film.rgb[y][x];
                bool inside = x < last_width && y < last_height;
                ck_assert_uint_eq((uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2],
                                  inside ? pixels[y * last_width + x] : 0);
            }
    }
}
END_TEST

START_TEST(modes_get_their_shape)
{
    static const unsigned sizes[][4] = {{320, 200, 640, 480}, {320, 240, 640, 480},   {360, 480, 720, 540},
                                        {640, 200, 640, 400}, {640, 350, 640, 350},   {640, 480, 640, 480},
                                        {720, 400, 720, 400}, {1024, 768, 1024, 768}, {360, 400, 720, 540}};
    struct vga_frame shaped = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct vga_frame frame = {.pixels = pixels,
                                  .width = sizes[i][0],
                                  .height = sizes[i][1],
                                  .stride = sizes[i][0] + 8,
                                  .aspect_x = 4,
                                  .aspect_y = 3};
        for (unsigned at = 0; at < frame.stride * frame.height && at < MOST_WIDTH * MOST_HEIGHT; at++)
            pixels[at] = at;
        if (frame.width == MOST_WIDTH)
            frame.stride = MOST_WIDTH;
        video_shape(&frame, &shaped);
        ck_assert_uint_eq(shaped.width, sizes[i][2]);
        ck_assert_uint_eq(shaped.height, sizes[i][3]);
        ck_assert_uint_eq(shaped.pixels[0], pixels[0]);
        ck_assert_uint_eq(shaped.pixels[(shaped.height - 1) * shaped.stride + shaped.width - 1],
                          pixels[(frame.height - 1) * frame.stride + frame.width - 1]);
    }
    vga_frame_free(&shaped);
}
END_TEST

START_TEST(numbered_pictures_come_25_times_a_second)
{
    char name[160];
    snprintf(path, sizeof path, "%s/p%%04d.png", folder);
    struct video *video = video_open(path, machine, &err);
    ck_assert_msg(video != NULL, "%s", err.text);
    run(video, 100);
    ck_assert(video_close(video, &err));
    for (unsigned i = 1; i <= 30; i++) {
        snprintf(name, sizeof name, "%s/p%04u.png", folder, i);
        ck_assert_msg((access(name, F_OK) == 0) == (i <= 25), "%s", name);
    }
}
END_TEST

/* The reader of GIFs is in tests/unit/gif.c; here it is whether the recording reaches it. */
START_TEST(a_gif_has_the_modes_own_size)
{
    uint8_t head[10];
    snprintf(path, sizeof path, "%s/film.gif", folder);
    struct video *video = video_open(path, machine, &err);
    ck_assert_msg(video != NULL, "%s", err.text);
    run(video, 200);
    ck_assert_msg(video_close(video, &err), "%s", err.text);
    FILE *file = fopen(path, "rb");
    ck_assert_uint_eq(fread(head, 1, sizeof head, file), sizeof head);
    ck_assert_mem_eq(head, "GIF89a", 6);
    ck_assert_uint_eq(head[6] | head[7] << 8, 720);
    ck_assert_uint_eq(head[8] | head[9] << 8, 400);
    fseek(file, -1, SEEK_END);
    ck_assert_int_eq(fgetc(file), ';');
    ck_assert_int_gt(ftell(file), 3000);
    fclose(file);
}
END_TEST

START_TEST(names_tell_how_to_record)
{
    static const char *const good[] = {"a.png", "a.apng", "a.gif", "a%d.png", "a%05d.png"};
    static const char *const bad[] = {"a%d.gif", "a.mpg",     "a",  ".png",
                                      "a%s.png", "a%d%d.png", "a%", "a%123d.png"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(video_check_name(good[i], &err), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!video_check_name(bad[i], &err), "%s", bad[i]);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    struct video *video = video_open("/dev/full", machine, &err);
    ck_assert_ptr_null(video); /* the name does not say how */
    snprintf(path, sizeof path, "%s/full.png", folder);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    video = video_open(path, machine, &err);
    if (video) {
        run(video, 20);
        ck_assert(!video_close(video, &err));
    }
    ck_assert_ptr_nonnull(strstr(err.text, "full.png"));
    snprintf(path, sizeof path, "%s/full.gif", folder);
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    video = video_open(path, machine, &err);
    if (video) {
        run(video, 20);
        ck_assert(!video_close(video, &err));
    }
    ck_assert_ptr_nonnull(strstr(err.text, "full.gif"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("video");
    TCase *tests = tcase_create("video");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, an_animation_shows_what_the_screen_showed);
    tcase_add_test(tests, an_animation_is_as_large_as_the_largest_mode);
    tcase_add_test(tests, modes_get_their_shape);
    tcase_add_test(tests, numbered_pictures_come_25_times_a_second);
    tcase_add_test(tests, a_gif_has_the_modes_own_size);
    tcase_add_test(tests, names_tell_how_to_record);
    tcase_add_test(tests, a_full_disk_is_told);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
