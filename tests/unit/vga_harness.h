/* What the tests of the display adapter share: a bus with the adapter on it, and the standard modes as
 * register tables (IBM PS/2 Hardware Interface Technical Reference, "Programming considerations"). */
#ifndef TICK86_TESTS_UNIT_VGA_HARNESS_H
#define TICK86_TESTS_UNIT_VGA_HARNESS_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "bus/bus.h"
#include "bus/device.h"
#include "devices/vga.h"

struct vga_mode {
    uint8_t misc, seq[5], crtc[25], attr[21], gfx[9];
};

extern const struct vga_mode mode_03, mode_07, mode_04, mode_06, mode_0d, mode_10, mode_12, mode_13;

extern struct bus *bus;
extern struct clock vclock;
extern struct device_list devices;
extern struct vga *vga;
extern struct vga_frame frame;

#define TEST_HZ 100000000u

void vga_setup(void); /* without PCI, reset */
void vga_teardown(void);

uint8_t in(uint16_t port);
void out(uint16_t port, uint8_t value);
void seq(uint8_t index, uint8_t value);
void gfx(uint8_t index, uint8_t value);
void crtc(uint8_t index, uint8_t value);
void attr(uint8_t index, uint8_t value);
uint8_t crtc_value(uint8_t index);
void dispi(uint16_t index, uint16_t value);
uint16_t dispi_value(uint16_t index);
void dac(uint8_t index, uint8_t red, uint8_t green, uint8_t blue);
uint8_t peek8(uint32_t address);
uint8_t read8(uint32_t address);
void write8(uint32_t address, uint8_t value);
void set_mode(const struct vga_mode *mode);
void set_vbe(uint16_t width, uint16_t height, uint16_t bpp, uint16_t flags);
/* DAC entry i becomes red i & 3Fh, green i >> 2, blue 3Fh - (i & 3Fh): all 256 differ. */
void ramp_dac(void);
uint32_t ramp_colour(unsigned index);
/* A picture's pixel after rendering anew. */
uint32_t pixel(unsigned x, unsigned y);
void render(unsigned width, unsigned height);

Suite *vga_memory_suite(void);
Suite *vga_screen_suite(void);
Suite *vga_fuzz_suite(void);

#endif
