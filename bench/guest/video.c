/* Kernels of the VGA's planar modes. The boot sector has set the mode. */
#include "bench/guest/bench.h"

enum { SEQUENCER = 0x3C4, GRAPHICS = 0x3CE, CRTC = 0x3D4 };

static void vga_fill(uint32_t offset, uint8_t value, uint32_t count)
{
    volatile uint8_t *to = VGA_MEMORY + offset;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static void vga_copy(uint32_t to_offset, uint32_t from_offset, uint32_t count)
{
    volatile uint8_t *to = VGA_MEMORY + to_offset, *from = VGA_MEMORY + from_offset;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static uint32_t vga_sum(void)
{
    uint32_t sum = 0;
    for (uint8_t plane = 0; plane < 4; plane++) {
        out16(GRAPHICS, (uint16_t)(plane << 8 | 4));
        for (uint32_t i = 0; i < 0x10000; i += 7)
            sum = sum * 31 + VGA_MEMORY[i];
    }
    return sum;
}

/* A rectangle of one colour by set/reset and the bit mask, as drivers of 640x480x16 draw it. */
static void rectangle(uint32_t x, uint32_t y, uint32_t width, uint32_t height, uint8_t colour)
{
    uint32_t first = x >> 3, last = (x + width - 1) >> 3;
    uint8_t left = (uint8_t)(0xFF >> (x & 7)), right = (uint8_t)(0xFF80 >> ((x + width - 1) & 7));
    out16(GRAPHICS, (uint16_t)(colour << 8));
    out16(GRAPHICS, 0x0F01);
    for (uint32_t row = y; row < y + height; row++) {
        volatile uint8_t *line = VGA_MEMORY + row * 80;
        out16(GRAPHICS, (uint16_t)(left << 8 | 8));
        (void)line[first];
        line[first] = 0xFF;
        out16(GRAPHICS, 0xFF08);
        vga_fill(row * 80 + first + 1, 0xFF, last - first - 1);
        out16(GRAPHICS, (uint16_t)(right << 8 | 8));
        (void)line[last];
        line[last] = 0xFF;
    }
    out16(GRAPHICS, 0x0001);
    out16(GRAPHICS, 0xFF08);
}

static void pixel(uint32_t x, uint32_t y, uint8_t colour)
{
    volatile uint8_t *at = VGA_MEMORY + y * 80 + (x >> 3);
    out16(GRAPHICS, (uint16_t)(0x8000 >> (x & 7) | 8));
    (void)*at;
    *at = colour;
}

/* 640x480x16: whole screens, rectangles, pixels in write mode 2, scrolling in write mode 1. */
UNUSED static uint32_t planar(void)
{
    out16(SEQUENCER, 0x0F02);
    REPEAT(300)
    {
        out16(GRAPHICS, 0x0005);
        rectangle(0, 0, 640, 480, (uint8_t)(round & 15));
        for (uint32_t i = 0; i < 20; i++)
            rectangle(13 * i + 3, 20 * i, 100 + 7 * i, 60, (uint8_t)((i + (uint32_t)round) & 15));
        out16(GRAPHICS, 0x0205);
        for (uint32_t i = 0; i < 5000; i++)
            pixel(i * 37 % 640, i * 11 % 480, (uint8_t)(i & 15));
        out16(GRAPHICS, 0xFF08);
        out16(GRAPHICS, 0x0105);
        vga_copy(0, 80 * 8, 80 * 472);
    }
    out16(GRAPHICS, 0x0005);
    return vga_sum();
}

/* 320x240 in four planes, 256 colours (Abrash, Graphics Programming Black Book, chapter 47). */
static void set_mode_x(void)
{
    static const uint16_t crtc[] = {0x0D06, 0x3E07, 0x4109, 0xEA10, 0xAC11,
                                    0xDF12, 0x0014, 0xE715, 0x0616, 0xE317};
    out16(SEQUENCER, 0x0604);
    out16(SEQUENCER, 0x0100);
    out8(0x3C2, 0xE3);
    out16(SEQUENCER, 0x0300);
    out8(CRTC, 0x11);
    out8(CRTC + 1, (uint8_t)(in8(CRTC + 1) & 0x7F));
    for (unsigned i = 0; i < sizeof crtc / sizeof *crtc; i++)
        out16(CRTC, crtc[i]);
}

/* A picture with holes (colour 0), plane by plane. */
static void sprite(uint32_t page, uint32_t x, uint32_t y, const uint8_t *picture, uint32_t size)
{
    for (uint32_t plane = 0; plane < 4; plane++) {
        out16(SEQUENCER, (uint16_t)(0x100 << ((x + plane) & 3) | 2));
        for (uint32_t row = 0; row < size; row++) {
            volatile uint8_t *to = VGA_MEMORY + page + (y + row) * 80 + ((x + plane) >> 2);
            const uint8_t *from = picture + row * size + plane;
            for (uint32_t i = 0; i < size; i += 4, to++)
                if (from[i])
                    *to = from[i];
        }
    }
}

UNUSED static uint32_t modex(void)
{
    uint8_t *picture = ARENA;
    for (uint32_t i = 0; i < 32 * 32; i++)
        picture[i] = (uint8_t)(i % 5 ? i : 0);
    set_mode_x();
    REPEAT(1000)
    {
        uint32_t page = round & 1 ? 19200 : 0, background = 38400;
        out16(SEQUENCER, 0x0F02);
        if (round < 2)
            vga_fill(background, (uint8_t)round, 19200);
        out16(GRAPHICS, 0x4105);
        vga_copy(page, background, 19200);
        out16(GRAPHICS, 0x4005);
        for (uint32_t i = 0; i < 24; i++)
            sprite(page, (i * 12 + (uint32_t)round) % 280, i * 8, picture, 32);
        out16(CRTC, (uint16_t)((page & 0xFF00) | 0x0C));
    }
    return vga_sum();
}

BENCH_MAIN
