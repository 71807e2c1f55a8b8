#include "tests/unit/vga_harness.h"

#include <string.h>

struct bus *bus;
struct clock vclock;
struct device_list devices;
struct vga *vga;
struct vga_frame frame;

#define EGA_PALETTE 0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F
#define CGA_PALETTE 0, 0x13, 0x15, 0x17, 2, 4, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17

const struct vga_mode mode_03 = {0x67,
                                 {3, 0x00, 0x03, 0x00, 0x02},
                                 {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0x00, 0x4F, 0x0D, 0x0E, 0,
                                  0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF},
                                 {EGA_PALETTE, 0x0C, 0x00, 0x0F, 0x08, 0x00},
                                 {0, 0, 0, 0, 0, 0x10, 0x0E, 0x00, 0xFF}};
const struct vga_mode mode_07 = {
    0xA6,
    {3, 0x00, 0x03, 0x00, 0x02},
    {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0x00, 0x4D, 0x0B, 0x0C, 0,
     0,    0,    0,    0x83, 0x85, 0x5D, 0x28, 0x0D, 0x63, 0xBA, 0xA3, 0xFF},
    {0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x0E, 0x00, 0x0F, 0x08, 0x00},
    {0, 0, 0, 0, 0, 0x10, 0x0A, 0x00, 0xFF}};
const struct vga_mode mode_04 = {0x63,
                                 {3, 0x09, 0x03, 0x00, 0x02},
                                 {0x2D, 0x27, 0x28, 0x90, 0x2B, 0x80, 0xBF, 0x1F, 0x00, 0xC1, 0x00, 0x00, 0,
                                  0,    0,    0,    0x9C, 0x8E, 0x8F, 0x14, 0x00, 0x96, 0xB9, 0xA2, 0xFF},
                                 {CGA_PALETTE, 0x01, 0x00, 0x03, 0x00, 0x00},
                                 {0, 0, 0, 0, 0, 0x30, 0x0F, 0x00, 0xFF}};
const struct vga_mode mode_06 = {0x63,
                                 {3, 0x01, 0x01, 0x00, 0x06},
                                 {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0xBF, 0x1F, 0x00, 0xC1, 0x00, 0x00, 0,
                                  0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x00, 0x96, 0xB9, 0xC2, 0xFF},
                                 {0,    0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17,
                                  0x17, 0x17, 0x17, 0x17, 0x17, 0x01, 0x00, 0x01, 0x00, 0x00},
                                 {0, 0, 0, 0, 0, 0x00, 0x0D, 0x00, 0xFF}};
const struct vga_mode mode_0d = {
    0x63,
    {3, 0x09, 0x0F, 0x00, 0x06},
    {0x2D, 0x27, 0x28, 0x90, 0x2B, 0x80, 0xBF, 0x1F, 0x00, 0xC0, 0x00, 0x00, 0,
     0,    0,    0,    0x9C, 0x8E, 0x8F, 0x14, 0x00, 0x96, 0xB9, 0xE3, 0xFF},
    {0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x01, 0x00, 0x0F, 0x00, 0x00},
    {0, 0, 0, 0, 0, 0x00, 0x05, 0x0F, 0xFF}};
const struct vga_mode mode_10 = {0xA3,
                                 {3, 0x01, 0x0F, 0x00, 0x06},
                                 {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0xBF, 0x1F, 0x00, 0x40, 0x00, 0x00, 0,
                                  0,    0,    0,    0x83, 0x85, 0x5D, 0x28, 0x0F, 0x63, 0xBA, 0xE3, 0xFF},
                                 {EGA_PALETTE, 0x01, 0x00, 0x0F, 0x00, 0x00},
                                 {0, 0, 0, 0, 0, 0x00, 0x05, 0x0F, 0xFF}};
const struct vga_mode mode_12 = {0xE3,
                                 {3, 0x01, 0x0F, 0x00, 0x06},
                                 {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0x0B, 0x3E, 0x00, 0x40, 0x00, 0x00, 0,
                                  0,    0,    0,    0xEA, 0x8C, 0xDF, 0x28, 0x00, 0xE7, 0x04, 0xE3, 0xFF},
                                 {EGA_PALETTE, 0x01, 0x00, 0x0F, 0x00, 0x00},
                                 {0, 0, 0, 0, 0, 0x00, 0x05, 0x0F, 0xFF}};
const struct vga_mode mode_13 = {
    0x63,
    {3, 0x01, 0x0F, 0x00, 0x0E},
    {0x5F, 0x4F, 0x50, 0x82, 0x54, 0x80, 0xBF, 0x1F, 0x00, 0x41, 0x00, 0x00, 0,
     0,    0,    0,    0x9C, 0x8E, 0x8F, 0x28, 0x40, 0x96, 0xB9, 0xA3, 0xFF},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0x00, 0x0F, 0x00, 0x00},
    {0, 0, 0, 0, 0, 0x40, 0x05, 0x0F, 0xFF}};

void vga_setup(void)
{
    bus = bus_create(NULL);
    clock_init(&vclock, TEST_HZ);
    devices = (struct device_list){.bus = bus, .clock = &vclock};
    struct error err = {{0}};
    vga = device_create(&devices, &vga_type, NULL, NULL, &err);
    ck_assert_msg(vga != NULL, "%s", err.text);
    devices_reset(&devices, RESET_POWER_ON);
    frame = (struct vga_frame){0};
}

void vga_teardown(void)
{
    vga_frame_free(&frame);
    devices_destroy(&devices);
    clock_free(&vclock);
    bus_destroy(bus);
}

uint8_t in(uint16_t port)
{
    return (uint8_t)ports_read(bus, port, 1);
}

void out(uint16_t port, uint8_t value)
{
    ports_write(bus, port, value, 1);
}

void seq(uint8_t index, uint8_t value)
{
    ports_write(bus, 0x3C4, (uint32_t)(index | value << 8), 2);
}

void gfx(uint8_t index, uint8_t value)
{
    ports_write(bus, 0x3CE, (uint32_t)(index | value << 8), 2);
}

static uint16_t crtc_port(void)
{
    return in(0x3CC) & 1 ? 0x3D4 : 0x3B4;
}

void crtc(uint8_t index, uint8_t value)
{
    ports_write(bus, crtc_port(), (uint32_t)(index | value << 8), 2);
}

uint8_t crtc_value(uint8_t index)
{
    out(crtc_port(), index);
    return in(crtc_port() + 1);
}

/* As the BIOS does: the palette is given to the processor for the write, and back to the screen. */
void attr(uint8_t index, uint8_t value)
{
    in(crtc_port() + 6);
    out(0x3C0, index);
    out(0x3C0, value);
    out(0x3C0, 0x20);
}

void dispi(uint16_t index, uint16_t value)
{
    ports_write(bus, 0x1CE, index, 2);
    ports_write(bus, 0x1CF, value, 2);
}

uint16_t dispi_value(uint16_t index)
{
    ports_write(bus, 0x1CE, index, 2);
    return (uint16_t)ports_read(bus, 0x1D0, 2);
}

void dac(uint8_t index, uint8_t red, uint8_t green, uint8_t blue)
{
    out(0x3C8, index);
    out(0x3C9, red);
    out(0x3C9, green);
    out(0x3C9, blue);
}

uint8_t peek8(uint32_t address)
{
    uint8_t value;
    mem_peek(bus, address, &value, 1);
    return value;
}

uint8_t read8(uint32_t address)
{
    uint8_t value;
    mem_read(bus, address, &value, 1);
    return value;
}

void write8(uint32_t address, uint8_t value)
{
    mem_write(bus, address, &value, 1);
}

void set_mode(const struct vga_mode *mode)
{
    out(0x3C2, mode->misc);
    for (uint8_t i = 0; i < 5; i++)
        seq(i, mode->seq[i]);
    crtc(0x11, mode->crtc[0x11] & 0x7F);
    for (uint8_t i = 0; i < 25; i++)
        crtc(i, mode->crtc[i]);
    for (uint8_t i = 0; i < 9; i++)
        gfx(i, mode->gfx[i]);
    for (uint8_t i = 0; i < 21; i++)
        attr(i, mode->attr[i]);
    out(0x3C6, 0xFF);
}

void set_vbe(uint16_t width, uint16_t height, uint16_t bpp, uint16_t flags)
{
    dispi(4, 0);
    dispi(1, width);
    dispi(2, height);
    dispi(3, bpp);
    dispi(4, flags | 1);
}

void ramp_dac(void)
{
    for (unsigned i = 0; i < 256; i++)
        dac((uint8_t)i, i & 0x3F, (uint8_t)(i >> 2), 0x3F - (i & 0x3F));
}

static uint32_t eight_bits(unsigned six)
{
    return six << 2 | six >> 4;
}

uint32_t ramp_colour(unsigned index)
{
    return eight_bits(index & 0x3F) << 16 | eight_bits(index >> 2) << 8 | eight_bits(0x3F - (index & 0x3F));
}

uint32_t pixel(unsigned x, unsigned y)
{
    vga_render(vga, &frame);
    ck_assert_uint_lt(x, frame.width);
    ck_assert_uint_lt(y, frame.height);
    return frame.pixels[y * frame.stride + x];
}

void render(unsigned width, unsigned height)
{
    vga_render(vga, &frame);
    ck_assert_uint_eq(frame.width, width);
    ck_assert_uint_eq(frame.height, height);
}
