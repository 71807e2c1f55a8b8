/* The display adapter: a VGA with the Bochs VBE ("dispi") extension, as a PCI function 1234h:1111h.
 *
 * Sources: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (1992); FreeVGA's register
 * reference for what clones agree upon; "VBE Display HOWTO" (bochs vbe_display_api.txt) for ports 1CEh/1CFh;
 * QEMU's docs/specs/standard-vga for the PCI resources.
 *
 * The guest's side is ports 3B4h-3DFh, 46E8h, 1CEh-1D0h, the window A0000h-BFFFFh, and BAR0 (linear frame
 * buffer) and BAR2 (registers in memory). The host's side is below: a frame of pixels, or the text screen.
 * Both only look: nothing that the guest can observe changes by them, and blinking follows the virtual
 * clock, so two runs of a machine give the same frames. */
#ifndef TICK86_DEVICES_VGA_H
#define TICK86_DEVICES_VGA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "bus/device.h"
#include "bus/wire.h"

struct pci_bus;
struct vga;

struct vga_config {
    struct pci_bus *pci; /* NULL: no PCI function; the linear frame buffer lies at VGA_FIXED_LFB */
    uint8_t devfn;
    uint32_t memory_size; /* video memory in bytes, a power of two from 256 KB to 256 MB; 0: 16 MB */
    const uint8_t *rom;   /* expansion ROM, copied; NULL: none (the board maps the video BIOS itself) */
    uint32_t rom_size;    /* bytes */
};

#define VGA_FIXED_LFB 0xE0000000u

extern const struct device_type vga_type;

/* The vertical retrace interrupt (IRQ 2/9 on cards that wire it). Unconnected at creation. */
void vga_connect_irq(struct vga *vga, struct wire wire);

/* ---- Pictures ---- */

struct vga_frame {
    unsigned width, height;      /* pixels, border (overscan) excluded */
    uint32_t *pixels;            /* 00RRGGBBh, top line first; the frame owns them */
    unsigned stride;             /* pixels from one line to the next */
    unsigned aspect_x, aspect_y; /* the picture's shape on a monitor, e.g. 4:3 */
    uint32_t capacity;           /* private: pixels allocated */
};

/* Draws what the screen shows into FRAME (zeroed before its first use, then reused: its pixels are what the
 * next call compares with). Each line is as the registers were when the beam last came by in this frame;
 * lines that it has not reached are as the registers are now. Lines that double scanning repeats are given
 * once: mode 13h is 320x200, 80x25 text 720x400. Returns whether the size or any pixel differs from what
 * FRAME held. */
bool vga_render(const struct vga *vga, struct vga_frame *frame);
void vga_frame_free(struct vga_frame *frame);

/* The first cycle after CYCLE at which the beam leaves the last displayed line: the best time to draw a
 * frame. It is then whole, and programs have not yet begun to prepare the next one. */
uint64_t vga_frame_end(const struct vga *vga, uint64_t cycle);

/* ---- Text ---- */

/* Unicode of the 256 characters of code page 437, with the graphic forms of 00h-1Fh and 7Fh. */
extern const uint16_t vga_cp437[256];

/* Adds the text screen to OUT as UTF-8: one line for each row, trailing blanks removed. False, and nothing is
 * added, in graphics modes. */
bool vga_text(const struct vga *vga, struct text *out);

struct vga_cell {
    uint8_t character, attribute;
};

/* The text screen as cells, row by row. Returns how many cells there are (0 in graphics modes), of which at
 * most MAX are stored. The cursor is -1, -1 where it is off or outside the screen; blinking is ignored. */
unsigned vga_text_cells(const struct vga *vga, struct vga_cell *cells, unsigned max, unsigned *columns,
                        unsigned *rows, int *cursor_x, int *cursor_y);

/* 00RRGGBBh of one of the 16 colours of text attributes, through palette, DAC and pel mask. */
uint32_t vga_colour(const struct vga *vga, unsigned attribute_index);
/* Does bit 7 of an attribute blink (as against a bright background)? */
bool vga_text_blinks(const struct vga *vga);

#endif
