/* Animated GIFs: what a reader of its own makes of them is what was shown. */
#include "gui/gif.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/vga.h"

#define MOST_CODES 4096

/* --- A reader, by the specification --- */

struct reader {
    uint8_t bytes[4 << 20];
    size_t size, at;
    unsigned width, height, pictures;
    unsigned long hundredths;
    uint32_t *screen;
    unsigned left, top, right, bottom; /* of the last picture */
};

static uint8_t next_byte(struct reader *r)
{
    ck_assert_uint_lt(r->at, r->size);
    return r->bytes[r->at++];
}

static unsigned next_word(struct reader *r)
{
    unsigned low = next_byte(r);
    return low | (unsigned)next_byte(r) << 8;
}

static void skip_blocks(struct reader *r)
{
    for (unsigned length; (length = next_byte(r)) != 0;)
        r->at += length;
}

/* The codes' bits, out of the sub-blocks. */
struct bits {
    struct reader *r;
    unsigned block_left, waiting_bits;
    uint32_t waiting;
};

static unsigned next_code(struct bits *b, unsigned width)
{
    while (b->waiting_bits < width) {
        if (!b->block_left)
            b->block_left = next_byte(b->r);
        ck_assert_msg(b->block_left > 0, "the data ends before its end code");
        b->waiting |= (uint32_t)next_byte(b->r) << b->waiting_bits;
        b->block_left--;
        b->waiting_bits += 8;
    }
    unsigned code = b->waiting & ((1u << width) - 1);
    b->waiting >>= width;
    b->waiting_bits -= width;
    return code;
}

static unsigned expand(struct bits *b, unsigned size, uint8_t *out, unsigned room)
{
    static struct {
        int prefix;
        uint8_t last;
    } code[MOST_CODES];
    unsigned clear = 1u << size, next = clear + 2, width = size + 1, count = 0;
    int previous = -1;
    for (;;) {
        uint8_t text[MOST_CODES];
        unsigned length = 0, now = next_code(b, width);
        if (now == clear + 1)
            return count;
        if (now == clear) {
            next = clear + 2;
            width = size + 1;
            previous = -1;
            continue;
        }
        ck_assert_uint_le(now, previous < 0 ? clear - 1 : next);
        bool is_new = now == next; /* the text before, and its first index once more */
        for (int at = is_new ? previous : (int)now; at >= 0; at = at < (int)clear ? -1 : code[at].prefix)
            text[length++] = at < (int)clear ? (uint8_t)at : code[at].last;
        uint8_t first = text[length - 1];
        if (previous >= 0 && next < MOST_CODES) {
            code[next].prefix = previous;
            code[next].last = first;
            if (++next == 1u << width && width < 12)
                width++;
        }
        ck_assert_uint_le(count + length + is_new, room);
        while (length)
            out[count++] = text[--length];
        if (is_new)
            out[count++] = first;
        previous = (int)now;
    }
}

static void read_picture(struct reader *r)
{
    unsigned x = next_word(r), y = next_word(r), width = next_word(r), height = next_word(r);
    unsigned flags = next_byte(r), colours = 2u << (flags & 7);
    uint8_t table[256][3];
    ck_assert_uint_eq(flags & 0xF8, 0x80);
    ck_assert(x + width <= r->width && y + height <= r->height);
    for (unsigned i = 0; i < colours * 3; i++)
        table[i / 3][i % 3] = next_byte(r);
    unsigned size = next_byte(r), all = width * height;
    uint8_t *indices = xcalloc(all, 1);
    struct bits bits = {.r = r};
    ck_assert_uint_eq(expand(&bits, size, indices, all), all);
    ck_assert_uint_eq(bits.block_left, 0);
    ck_assert_uint_eq(next_byte(r), 0);
    for (unsigned i = 0; i < all; i++) {
        const uint8_t *colour = table[indices[i]];
        r->screen[(y + i / width) * r->width + x + i % width] =
            (uint32_t)colour[0] << 16 | (uint32_t)colour[1] << 8 | colour[2];
    }
    free(indices);
    r->left = x;
    r->top = y;
    r->right = x + width;
    r->bottom = y + height;
    r->pictures++;
}

static void read_all(struct reader *r, FILE *file)
{
    rewind(file);
    r->size = fread(r->bytes, 1, sizeof r->bytes, file);
    ck_assert_mem_eq(r->bytes, "GIF89a", 6);
    r->at = 6;
    r->width = next_word(r);
    r->height = next_word(r);
    r->screen = xcalloc((size_t)r->width * r->height, sizeof *r->screen);
    r->at += 3;
    for (unsigned kind; (kind = next_byte(r)) != ';';) {
        if (kind == 0x2C) {
            read_picture(r);
        } else {
            ck_assert_uint_eq(kind, 0x21);
            if (next_byte(r) == 0xF9) {
                r->hundredths += r->bytes[r->at + 2] | (unsigned)r->bytes[r->at + 3] << 8;
            }
            skip_blocks(r);
        }
    }
    ck_assert_uint_eq(r->at, r->size);
}

/* --- The tests --- */

static FILE *file;
static struct gif *gif;
static struct reader *reader;
static uint32_t pixels[1024 * 768];

static void setup(void)
{
    file = tmpfile();
    gif = gif_create(file);
    reader = xcalloc(1, sizeof *reader);
}

static void teardown(void)
{
    gif_destroy(gif);
    fclose(file);
    free(reader->screen);
    free(reader);
}

static struct vga_frame frame_of(unsigned width, unsigned height)
{
    return (struct vga_frame){.pixels = pixels, .width = width, .height = height, .stride = width};
}

static uint32_t random_number(void)
{
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223;
    return state >> 8;
}

/* COLOURS of them, in runs of up to LONGEST. */
static void fill(unsigned width, unsigned height, unsigned colours, unsigned longest)
{
    for (unsigned i = 0; i < width * height;) {
        uint32_t colour = random_number() % colours * 0x00F103 & 0xFFFFFF;
        for (unsigned run = random_number() % longest + 1; run && i < width * height; run--)
            pixels[i++] = colour;
    }
}

static void finish(uint64_t ms)
{
    ck_assert(gif_finish(gif, ms));
    read_all(reader, file);
}

START_TEST(pictures_come_back)
{
    static const unsigned colours[] = {1, 2, 3, 4, 5, 16, 17, 128, 255, 256}, runs[] = {1, 3, 40, 5000};
    unsigned i = (unsigned)_i;
    struct vga_frame frame = frame_of(640, 150 + i);
    fill(640, frame.height, colours[i / 4], runs[i % 4]);
    ck_assert(gif_show(gif, &frame, 0));
    finish(1000);
    ck_assert_uint_eq(reader->width, 640);
    ck_assert_uint_eq(reader->height, frame.height);
    ck_assert_mem_eq(reader->screen, pixels, 640 * frame.height * sizeof *pixels);
    ck_assert_uint_eq(reader->hundredths, 100);
}
END_TEST

/* Of every length, so that the end code comes at every moment of the table's growth. */
START_TEST(data_of_every_length_come_back)
{
    static struct reader small;
    for (unsigned count = 1; count < 1500; count++) {
        uint8_t indices[1500], got[1500];
        struct blob data = {0};
        for (unsigned i = 0; i < count; i++)
            indices[i] = (uint8_t)(random_number() % 4);
        gif_compress(indices, count, 2, &data);
        memcpy(small.bytes, data.bytes, data.size);
        small.size = data.size;
        small.at = 1;
        struct bits bits = {.r = &small};
        ck_assert_uint_eq(expand(&bits, 2, got, count), count);
        ck_assert_mem_eq(got, indices, count);
        ck_assert_uint_eq(next_byte(&small), 0);
        ck_assert_uint_eq(small.at, small.size);
        blob_free(&data);
    }
}
END_TEST

START_TEST(more_colours_than_256_become_near_ones)
{
    struct vga_frame frame = frame_of(640, 480);
    for (unsigned i = 0; i < 640 * 480; i++)
        pixels[i] = random_number() & 0xFFFFFF;
    ck_assert(gif_show(gif, &frame, 0));
    finish(40);
    for (unsigned i = 0; i < 640 * 480; i++)
        for (unsigned shift = 0; shift < 24; shift += 8)
            ck_assert_int_le(abs((int)(reader->screen[i] >> shift & 255) - (int)(pixels[i] >> shift & 255)),
                             26);
}
END_TEST

START_TEST(only_changes_are_written)
{
    struct vga_frame frame = frame_of(640, 400);
    fill(640, 400, 16, 9);
    ck_assert(gif_show(gif, &frame, 0));
    ck_assert(gif_show(gif, &frame, 40));
    pixels[100 * 640 + 50] ^= 0xFF;
    pixels[120 * 640 + 44] ^= 0xFF;
    ck_assert(gif_show(gif, &frame, 700000)); /* longer than one picture can stand */
    finish(700500);
    ck_assert_uint_eq(reader->pictures, 3);
    ck_assert_uint_eq(reader->hundredths, 70050);
    ck_assert_uint_eq(reader->left, 44);
    ck_assert_uint_eq(reader->right, 51);
    ck_assert_uint_eq(reader->top, 100);
    ck_assert_uint_eq(reader->bottom, 121);
    ck_assert_mem_eq(reader->screen, pixels, 640 * 400 * sizeof *pixels);
}
END_TEST

START_TEST(it_is_as_large_as_the_largest_mode)
{
    struct vga_frame text = frame_of(720, 400), game = frame_of(320, 200), large = frame_of(1024, 768);
    fill(720, 400, 16, 9);
    ck_assert(gif_show(gif, &text, 0));
    fill(1024, 768, 200, 9);
    ck_assert(gif_show(gif, &large, 1000));
    fill(320, 200, 200, 9);
    ck_assert(gif_show(gif, &game, 2000));
    finish(3000);
    ck_assert_uint_eq(reader->width, 1024);
    ck_assert_uint_eq(reader->height, 768);
    for (unsigned y = 0; y < 768; y++)
        for (unsigned x = 0; x < 1024; x++)
            ck_assert_uint_eq(reader->screen[y * 1024 + x], x < 320 && y < 200 ? pixels[y * 320 + x] : 0);
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
    FILE *full = fopen("/dev/full", "r+b");
    if (!full)
        return;
    struct gif *lost = gif_create(full);
    struct vga_frame frame = frame_of(640, 480);
    fill(640, 480, 256, 1);
    gif_show(lost, &frame, 0);
    ck_assert(!gif_finish(lost, 100));
    gif_destroy(lost);
    fclose(full);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gif");
    TCase *tests = tcase_create("gif");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, pictures_come_back, 0, 40);
    tcase_add_test(tests, data_of_every_length_come_back);
    tcase_add_test(tests, more_colours_than_256_become_near_ones);
    tcase_add_test(tests, only_changes_are_written);
    tcase_add_test(tests, it_is_as_large_as_the_largest_mode);
    tcase_add_test(tests, a_full_disk_is_noticed);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
