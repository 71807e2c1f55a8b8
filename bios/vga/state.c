/*
 * INT 10h AH=1Ch and VBE function 04h: saving and restoring the state of hardware, data area, DAC and the
 * Bochs display interface. The buffer's layout is this BIOS's own; each part has a fixed size, so programs
 * may keep it anywhere.
 */
#include "vgabios.h"

#define HARDWARE_BYTES  72 /* 4 indices, misc, feature, 5 + 25 + 21 + 9 registers, CRTC port */
#define DATA_AREA_BYTES 60
#define DAC_BYTES       772
#define VBE_BYTES       24

u16 state_size(u8 mask)
{
    return (u16)((mask & 1 ? HARDWARE_BYTES : 0) + (mask & 2 ? DATA_AREA_BYTES : 0) +
                 (mask & 4 ? DAC_BYTES : 0) + (mask & 8 ? VBE_BYTES : 0));
}

/* ---- hardware ---- */

static u16 save_indexed(u16 segment, u16 at, u16 port, u8 count)
{
    for (u8 i = 0; i < count; i++)
        far_write8(segment, at++, in_indexed(port, i));
    return at;
}

static u16 restore_indexed(u16 segment, u16 at, u16 port, u8 first, u8 count)
{
    for (u8 i = 0; i < count; i++)
        out_indexed(port, first + i, far_read8(segment, at + i));
    return at + count;
}

static void save_hardware(u16 segment, u16 at)
{
    u8 misc = inb(PORT_MISC_READ);
    u16 crtc = misc & 1 ? 0x3D4 : 0x3B4;
    u16 end = at + HARDWARE_BYTES;
    far_write8(segment, at++, inb(PORT_SEQUENCER));
    far_write8(segment, at++, inb(crtc));
    far_write8(segment, at++, inb(PORT_GRAPHICS));
    far_write8(segment, at++, inb(PORT_ATTRIBUTE));
    far_write8(segment, at++, misc);
    far_write8(segment, at++, inb(0x3CA)); /* feature control */
    at = save_indexed(segment, at, PORT_SEQUENCER, 5);
    at = save_indexed(segment, at, crtc, 25);
    for (u8 i = 0; i < 21; i++)
        far_write8(segment, at++, palette_attribute_read(i));
    at = save_indexed(segment, at, PORT_GRAPHICS, 9);
    while (at != end)
        far_write8(segment, at++, 0);
    /* The indices were moved by reading. */
    outb(PORT_SEQUENCER, far_read8(segment, end - HARDWARE_BYTES));
    outb(crtc, far_read8(segment, end - HARDWARE_BYTES + 1));
    outb(PORT_GRAPHICS, far_read8(segment, end - HARDWARE_BYTES + 2));
}

static void restore_hardware(u16 segment, u16 at)
{
    u16 indices = at;
    u8 misc = far_read8(segment, at + 4);
    u16 crtc = misc & 1 ? 0x3D4 : 0x3B4;
    outb(PORT_MISC_WRITE, misc);
    outb(crtc + 6, far_read8(segment, at + 5));
    at += 6;
    out_indexed(PORT_SEQUENCER, 0, 0x01);
    restore_indexed(segment, at + 1, PORT_SEQUENCER, 1, 4);
    out_indexed(PORT_SEQUENCER, 0, far_read8(segment, at));
    at += 5;
    out_indexed(crtc, 0x11, 0);
    at = restore_indexed(segment, at, crtc, 0, 25);
    inb(crtc + 6);
    for (u8 i = 0; i < 21; i++) {
        outb(PORT_ATTRIBUTE, i);
        outb(PORT_ATTRIBUTE, far_read8(segment, at++));
    }
    restore_indexed(segment, at, PORT_GRAPHICS, 0, 9);
    outb(PORT_SEQUENCER, far_read8(segment, indices));
    outb(crtc, far_read8(segment, indices + 1));
    outb(PORT_GRAPHICS, far_read8(segment, indices + 2));
    inb(crtc + 6);
    outb(PORT_ATTRIBUTE, far_read8(segment, indices + 3) | 0x20);
}

/* ---- data area: 40:49-66, 84-8A, A8-AB, our VBE mode, the vectors 05, 1D, 1F, 43; the equipment's video
 * bits ---- */

static void save_data_area(u16 segment, u16 at)
{
    far_copy8(segment, at, 0x40, 0x49, 30);
    far_copy8(segment, at + 30, 0x40, 0x84, 7);
    far_write8(segment, at + 37, BDA_EQUIPMENT & 0x30);
    far_copy8(segment, at + 38, 0x40, 0xA8, 4);
    far_write16(segment, at + 42, BDA_VBE_MODE);
    far_write32(segment, at + 44, VECTOR(0x05));
    far_write32(segment, at + 48, VECTOR(0x1D));
    far_write32(segment, at + 52, VECTOR(0x1F));
    far_write32(segment, at + 56, VECTOR(0x43));
}

static void restore_data_area(u16 segment, u16 at)
{
    far_copy8(0x40, 0x49, segment, at, 30);
    far_copy8(0x40, 0x84, segment, at + 30, 7);
    BDA_EQUIPMENT = (BDA_EQUIPMENT & ~0x30) | (far_read8(segment, at + 37) & 0x30);
    far_copy8(0x40, 0xA8, segment, at + 38, 4);
    BDA_VBE_MODE = far_read16(segment, at + 42);
    VECTOR(0x05) = far_read32(segment, at + 44);
    VECTOR(0x1D) = far_read32(segment, at + 48);
    VECTOR(0x1F) = far_read32(segment, at + 52);
    VECTOR(0x43) = far_read32(segment, at + 56);
}

/* ---- DAC: mask, write index, page register, spare, 768 components ---- */

static void save_dac(u16 segment, u16 at)
{
    far_write8(segment, at, inb(PORT_DAC_MASK));
    far_write8(segment, at + 1, inb(PORT_DAC_WRITE_INDEX));
    far_write8(segment, at + 2, palette_attribute_read(0x14));
    far_write8(segment, at + 3, inb(PORT_DAC_READ_INDEX));
    outb(PORT_DAC_READ_INDEX, 0);
    for (u16 i = 0; i < 768; i++)
        far_write8(segment, at + 4 + i, inb(PORT_DAC_DATA));
    outb(PORT_DAC_WRITE_INDEX, far_read8(segment, at + 1));
}

static void restore_dac(u16 segment, u16 at)
{
    outb(PORT_DAC_MASK, far_read8(segment, at));
    outb(PORT_DAC_WRITE_INDEX, 0);
    for (u16 i = 0; i < 768; i++)
        outb(PORT_DAC_DATA, far_read8(segment, at + 4 + i));
    outb(PORT_DAC_WRITE_INDEX, far_read8(segment, at + 1));
    palette_attribute_write(0x14, far_read8(segment, at + 2));
}

/* ---- Bochs display interface ---- */

static void save_vbe(u16 segment, u16 at)
{
    far_fill8(segment, at, 0, VBE_BYTES);
    if (!dispi_present())
        return;
    for (u16 i = DISPI_XRES; i <= DISPI_Y_OFFSET; i++)
        far_write16(segment, at + 2 * i, dispi_read(i));
}

static void restore_vbe(u16 segment, u16 at)
{
    if (!dispi_present())
        return;
    u16 enable = far_read16(segment, at + 2 * DISPI_ENABLE) & ~DISPI_GETCAPS;
    vbe_off();
    if (!(enable & DISPI_ENABLED))
        return;
    for (u16 i = DISPI_XRES; i <= DISPI_BPP; i++)
        dispi_write(i, far_read16(segment, at + 2 * i));
    dispi_write(DISPI_ENABLE, enable | DISPI_NO_CLEAR);
    dispi_write(DISPI_VIRT_WIDTH, far_read16(segment, at + 2 * DISPI_VIRT_WIDTH));
    dispi_write(DISPI_X_OFFSET, far_read16(segment, at + 2 * DISPI_X_OFFSET));
    dispi_write(DISPI_Y_OFFSET, far_read16(segment, at + 2 * DISPI_Y_OFFSET));
    dispi_write(DISPI_BANK, far_read16(segment, at + 2 * DISPI_BANK));
}

/* ---- all ---- */

void state_save(u8 mask, u16 segment, u16 offset)
{
    /* Each part begins where the parts before it end. */
    if (mask & 1)
        save_hardware(segment, offset);
    if (mask & 2)
        save_data_area(segment, offset + state_size(mask & 1));
    if (mask & 4)
        save_dac(segment, offset + state_size(mask & 3));
    if (mask & 8)
        save_vbe(segment, offset + state_size(mask & 7));
}

void state_restore(u8 mask, u16 segment, u16 offset)
{
    /* The display interface first: switching it on or off writes VGA registers. */
    if (mask & 8)
        restore_vbe(segment, offset + state_size(mask & 7));
    if (mask & 1)
        restore_hardware(segment, offset);
    if (mask & 4)
        restore_dac(segment, offset + state_size(mask & 3));
    if (mask & 2)
        restore_data_area(segment, offset + state_size(mask & 1));
}

void state_service(struct registers *r)
{
    u8 mask = r->cx & 7;
    if (r->al > 2 || !mask)
        return;
    if (r->al == 0)
        r->bx = (state_size(mask) + 63) / 64;
    else if (r->al == 1)
        state_save(mask, r->es, r->bx);
    else
        state_restore(mask, r->es, r->bx);
    r->al = 0x1C;
}
