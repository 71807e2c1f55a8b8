/*
 * The modes of INT 10h AH=00h and their registers. The parameter table has the IBM VGA's values and order
 * (IBM PS/2 and PC BIOS Interface Technical Reference, "Video parameter table"; IBM VGA/XGA Technical
 * Reference for the registers), so that programs which read it through 40:A8h find what they know; five
 * entries for more columns and rows follow.
 */
#include "vgabios.h"

/* Attribute controller palettes. */
#define ATTRIBUTE_CGA                                                                                        \
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define ATTRIBUTE_EGA                                                                                        \
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F
#define ATTRIBUTE_CGA4                                                                                       \
    0x00, 0x13, 0x15, 0x17, 0x02, 0x04, 0x06, 0x07, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define ATTRIBUTE_CGA2                                                                                       \
    0x00, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17
#define ATTRIBUTE_MONO                                                                                       \
    0x00, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18
#define ATTRIBUTE_MONO4                                                                                      \
    0x00, 0x08, 0x00, 0x00, 0x18, 0x18, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00
#define ATTRIBUTE_TWO                                                                                        \
    0x00, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F
#define ATTRIBUTE_STRAIGHT                                                                                   \
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F
/* Graphics controllers. */
#define GRAPHICS_TEXT        0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF
#define GRAPHICS_MONO_TEXT   0, 0, 0, 0, 0, 0x10, 0x0A, 0, 0xFF
#define GRAPHICS_CGA4        0, 0, 0, 0, 0, 0x30, 0x0F, 0, 0xFF
#define GRAPHICS_CGA2        0, 0, 0, 0, 0, 0x00, 0x0D, 0, 0xFF
#define GRAPHICS_PLANAR      0, 0, 0, 0, 0, 0x00, 0x05, 0x0F, 0xFF
#define GRAPHICS_PLANAR_MONO 0, 0, 0, 0, 0, 0x00, 0x05, 0x05, 0xFF
#define GRAPHICS_PACKED      0, 0, 0, 0, 0, 0x40, 0x05, 0x0F, 0xFF
/* CRT controller: horizontal 00-05, then vertical 06-18 with cursor, start address, offset (13) and mode
 * control (17). */
#define H_40(retrace)        0x2D, 0x27, 0x28, 0x90, 0x2B, retrace
#define H_80(start, retrace) 0x5F, 0x4F, 0x50, 0x82, start, retrace
#define H_132                0x9B, 0x83, 0x84, 0x9F, 0x89, 0x15
#define V_400(max, c0, c1, offset, underline, mode)                                                          \
    0xBF, 0x1F, 0x00, max, c0, c1, 0, 0, 0, 0, 0x9C, 0x8E, 0x8F, offset, underline, 0x96, 0xB9, mode, 0xFF
#define V_350(max, c0, c1, offset, underline, mode)                                                          \
    0xBF, 0x1F, 0x00, max, c0, c1, 0, 0, 0, 0, 0x83, 0x85, 0x5D, offset, underline, 0x63, 0xBA, mode, 0xFF
#define V_480(max, c0, c1, offset, underline, last, blank, mode)                                             \
    0x0B, 0x3E, 0x00, max, c0, c1, 0, 0, 0, 0, 0xEA, 0x8C, last, offset, underline, blank, 0x04, mode, 0xFF

#define TEXT40_200                                                                                           \
    {                                                                                                        \
        40, 24, 8, 0x0800, {0x09, 3, 0, 2}, 0x63, {H_40(0xA0), V_400(0xC7, 6, 7, 0x14, 0x1F, 0xA3)},         \
            {ATTRIBUTE_CGA, 0x08, 0, 0x0F, 0},                                                               \
        {                                                                                                    \
            GRAPHICS_TEXT                                                                                    \
        }                                                                                                    \
    }
#define TEXT80_200                                                                                           \
    {                                                                                                        \
        80, 24, 8, 0x1000, {0x01, 3, 0, 2}, 0x63, {H_80(0x55, 0x81), V_400(0xC7, 6, 7, 0x28, 0x1F, 0xA3)},   \
            {ATTRIBUTE_CGA, 0x08, 0, 0x0F, 0},                                                               \
        {                                                                                                    \
            GRAPHICS_TEXT                                                                                    \
        }                                                                                                    \
    }
#define TEXT40_350                                                                                           \
    {                                                                                                        \
        40, 24, 14, 0x0800, {0x09, 3, 0, 2}, 0xA3, {H_40(0xA0), V_350(0x4D, 11, 12, 0x14, 0x1F, 0xA3)},      \
            {ATTRIBUTE_EGA, 0x08, 0, 0x0F, 0},                                                               \
        {                                                                                                    \
            GRAPHICS_TEXT                                                                                    \
        }                                                                                                    \
    }
#define TEXT80_350                                                                                           \
    {                                                                                                        \
        80, 24, 14, 0x1000, {0x01, 3, 0, 2}, 0xA3,                                                           \
            {H_80(0x55, 0x81), V_350(0x4D, 11, 12, 0x28, 0x1F, 0xA3)}, {ATTRIBUTE_EGA, 0x08, 0, 0x0F, 0},    \
        {                                                                                                    \
            GRAPHICS_TEXT                                                                                    \
        }                                                                                                    \
    }
#define GRAPHICS_320_CGA                                                                                     \
    {                                                                                                        \
        40, 24, 8, 0x4000, {0x09, 3, 0, 2}, 0x63, {H_40(0x80), V_400(0xC1, 0, 0, 0x14, 0x00, 0xA2)},         \
            {ATTRIBUTE_CGA4, 0x01, 0, 0x03, 0},                                                              \
        {                                                                                                    \
            GRAPHICS_CGA4                                                                                    \
        }                                                                                                    \
    }
#define GRAPHICS_640_350(misc, planar, attribute, mode_control, planes)                                      \
    {                                                                                                        \
        80, 24, 14, 0x8000, {0x01, 0x0F, 0, 6}, misc,                                                        \
            {H_80(0x54, 0x80), V_350(0x40, 0, 0, 0x28, 0x0F, 0xE3)},                                         \
            {attribute, mode_control, 0, planes, 0},                                                         \
        {                                                                                                    \
            planar                                                                                           \
        }                                                                                                    \
    }
#define EMPTY                                                                                                \
    {                                                                                                        \
        0, 0, 0, 0, {0, 0, 0, 0}, 0, {0}, {0},                                                               \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }

#define PARAMETERS_TEXT_350   0x13 /* + mode */
#define PARAMETERS_TEXT40_400 0x17
#define PARAMETERS_TEXT80_400 0x18
#define PARAMETERS_MONO_400   0x19
#define PARAMETERS_IBM        0x1D /* entries that a table of the caller has */

/* Not static: the save pointer table in entry.S points here. */
extern ROM struct parameters parameter_table[];
ROM struct parameters parameter_table[] ROM_DATA = {
    [0x00] = TEXT40_200,
    [0x01] = TEXT40_200,
    [0x02] = TEXT80_200,
    [0x03] = TEXT80_200,
    [0x04] = GRAPHICS_320_CGA,
    [0x05] = GRAPHICS_320_CGA,
    [0x06] = {80,
              24,
              8,
              0x4000,
              {0x01, 1, 0, 6},
              0x63,
              {H_80(0x54, 0x80), V_400(0xC1, 0, 0, 0x28, 0x00, 0xC2)},
              {ATTRIBUTE_CGA2, 0x01, 0, 0x01, 0},
              {GRAPHICS_CGA2}},
    [0x07] = {80,
              24,
              14,
              0x1000,
              {0x00, 3, 0, 3},
              0xA6,
              {H_80(0x55, 0x81), V_350(0x4D, 11, 12, 0x28, 0x0D, 0xA3)},
              {ATTRIBUTE_MONO, 0x0E, 0, 0x0F, 8},
              {GRAPHICS_MONO_TEXT}},
    [0x08 ... 0x0C] = EMPTY, /* PCjr modes and what the EGA loads fonts with: not used by a VGA */
    [0x0D] = {40,
              24,
              8,
              0x2000,
              {0x09, 0x0F, 0, 6},
              0x63,
              {H_40(0x80), V_400(0xC0, 0, 0, 0x14, 0x00, 0xE3)},
              {ATTRIBUTE_CGA, 0x01, 0, 0x0F, 0},
              {GRAPHICS_PLANAR}},
    [0x0E] = {80,
              24,
              8,
              0x4000,
              {0x01, 0x0F, 0, 6},
              0x63,
              {H_80(0x54, 0x80), V_400(0xC0, 0, 0, 0x28, 0x00, 0xE3)},
              {ATTRIBUTE_CGA, 0x01, 0, 0x0F, 0},
              {GRAPHICS_PLANAR}},
    [0x0F] = GRAPHICS_640_350(0xA2, GRAPHICS_PLANAR_MONO, ATTRIBUTE_MONO4, 0x0B, 0x05),
    [0x10] = GRAPHICS_640_350(0xA3, GRAPHICS_PLANAR, ATTRIBUTE_EGA, 0x01, 0x0F),
    [0x11] = GRAPHICS_640_350(0xA2, GRAPHICS_PLANAR_MONO, ATTRIBUTE_MONO4, 0x0B, 0x05),
    [0x12] = GRAPHICS_640_350(0xA3, GRAPHICS_PLANAR, ATTRIBUTE_EGA, 0x01, 0x0F),
    [0x13] = TEXT40_350,
    [0x14] = TEXT40_350,
    [0x15] = TEXT80_350,
    [0x16] = TEXT80_350,
    [0x17] = {40,
              24,
              16,
              0x0800,
              {0x08, 3, 0, 2},
              0x67,
              {H_40(0xA0), V_400(0x4F, 13, 14, 0x14, 0x1F, 0xA3)},
              {ATTRIBUTE_EGA, 0x0C, 0, 0x0F, 8},
              {GRAPHICS_TEXT}},
    [0x18] = {80,
              24,
              16,
              0x1000,
              {0x00, 3, 0, 2},
              0x67,
              {H_80(0x55, 0x81), V_400(0x4F, 13, 14, 0x28, 0x1F, 0xA3)},
              {ATTRIBUTE_EGA, 0x0C, 0, 0x0F, 8},
              {GRAPHICS_TEXT}},
    [0x19] = {80,
              24,
              16,
              0x1000,
              {0x00, 3, 0, 2},
              0x66,
              {H_80(0x55, 0x81), V_400(0x4F, 13, 14, 0x28, 0x0F, 0xA3)},
              {ATTRIBUTE_MONO, 0x0E, 0, 0x0F, 8},
              {GRAPHICS_MONO_TEXT}},
    [0x1A] = {80,
              29,
              16,
              0xA000,
              {0x01, 0x0F, 0, 6},
              0xE3,
              {H_80(0x54, 0x80), V_480(0x40, 0, 0, 0x28, 0x00, 0xDF, 0xE7, 0xC3)},
              {ATTRIBUTE_TWO, 0x01, 0, 0x0F, 0},
              {GRAPHICS_PLANAR}},
    [0x1B] = {80,
              29,
              16,
              0xA000,
              {0x01, 0x0F, 0, 6},
              0xE3,
              {H_80(0x54, 0x80), V_480(0x40, 0, 0, 0x28, 0x00, 0xDF, 0xE7, 0xE3)},
              {ATTRIBUTE_EGA, 0x01, 0, 0x0F, 0},
              {GRAPHICS_PLANAR}},
    [0x1C] = {40,
              24,
              8,
              0x2000,
              {0x01, 0x0F, 0, 0x0E},
              0x63,
              {H_80(0x54, 0x80), V_400(0x41, 0, 0, 0x28, 0x40, 0xA3)},
              {ATTRIBUTE_STRAIGHT, 0x41, 0, 0x0F, 0},
              {GRAPHICS_PACKED}},
    /* 132x43, 132x25, 132x50, 132x60, 80x60: eight-dot cells; 132 columns at the 28 MHz clock, the fastest
       there is. */
    [0x1D] = {132,
              42,
              8,
              0x3000,
              {0x01, 3, 0, 2},
              0xA7,
              {H_132, 0xBF, 0x1F, 0x00, 0x47, 6,    7,    0,    0,    0,
               0,     0x83, 0x85, 0x57, 0x42, 0x1F, 0x63, 0xBA, 0xA3, 0xFF},
              {ATTRIBUTE_EGA, 0x08, 0, 0x0F, 0},
              {GRAPHICS_TEXT}},
    [0x1E] = {132,
              24,
              16,
              0x2000,
              {0x01, 3, 0, 2},
              0x67,
              {H_132, V_400(0x4F, 13, 14, 0x42, 0x1F, 0xA3)},
              {ATTRIBUTE_EGA, 0x08, 0, 0x0F, 0},
              {GRAPHICS_TEXT}},
    [0x1F] = {132,
              49,
              8,
              0x4000,
              {0x01, 3, 0, 2},
              0x67,
              {H_132, V_400(0x47, 6, 7, 0x42, 0x1F, 0xA3)},
              {ATTRIBUTE_EGA, 0x08, 0, 0x0F, 0},
              {GRAPHICS_TEXT}},
    [0x20] = {132,
              59,
              8,
              0x4000,
              {0x01, 3, 0, 2},
              0xE7,
              {H_132, V_480(0x47, 6, 7, 0x42, 0x1F, 0xDF, 0xE7, 0xA3)},
              {ATTRIBUTE_EGA, 0x08, 0, 0x0F, 0},
              {GRAPHICS_TEXT}},
    [0x21] = {80,
              59,
              8,
              0x3000,
              {0x01, 3, 0, 2},
              0xE3,
              {H_80(0x55, 0x81), V_480(0x47, 6, 7, 0x28, 0x1F, 0xDF, 0xE7, 0xA3)},
              {ATTRIBUTE_EGA, 0x08, 0, 0x0F, 0},
              {GRAPHICS_TEXT}},
};

static ROM struct mode mode_table[] ROM_DATA = {
    {0x00, KIND_TEXT, 0x00, PALETTE_EGA, 8, 4, 0xB800},
    {0x01, KIND_TEXT, 0x01, PALETTE_EGA, 8, 4, 0xB800},
    {0x02, KIND_TEXT, 0x02, PALETTE_EGA, 8, 4, 0xB800},
    {0x03, KIND_TEXT, 0x03, PALETTE_EGA, 8, 4, 0xB800},
    {0x04, KIND_CGA4, 0x04, PALETTE_CGA, 1, 2, 0xB800},
    {0x05, KIND_CGA4, 0x05, PALETTE_CGA, 1, 2, 0xB800},
    {0x06, KIND_CGA2, 0x06, PALETTE_CGA, 1, 1, 0xB800},
    {0x07, KIND_TEXT, 0x07, PALETTE_MONO, 8, 0, 0xB000},
    {0x0D, KIND_PLANAR, 0x0D, PALETTE_CGA, 8, 4, 0xA000},
    {0x0E, KIND_PLANAR, 0x0E, PALETTE_CGA, 4, 4, 0xA000},
    {0x0F, KIND_PLANAR, 0x11, PALETTE_MONO, 2, 0, 0xA000},
    {0x10, KIND_PLANAR, 0x12, PALETTE_EGA, 2, 4, 0xA000},
    {0x11, KIND_PLANAR, 0x1A, PALETTE_EGA, 1, 1, 0xA000},
    {0x12, KIND_PLANAR, 0x1B, PALETTE_EGA, 1, 4, 0xA000},
    {0x13, KIND_PACKED, 0x1C, PALETTE_256, 1, 8, 0xA000},
    /* Further text modes, by the numbers that several makers used for the first two. Also VBE modes
       108h-10Ch. */
    {0x54, KIND_TEXT, 0x1D, PALETTE_EGA, 2, 4, 0xB800},
    {0x55, KIND_TEXT, 0x1E, PALETTE_EGA, 4, 4, 0xB800},
    {0x56, KIND_TEXT, 0x1F, PALETTE_EGA, 2, 4, 0xB800},
    {0x57, KIND_TEXT, 0x20, PALETTE_EGA, 2, 4, 0xB800},
    {0x58, KIND_TEXT, 0x21, PALETTE_EGA, 2, 4, 0xB800},
};

/* Display combinations: count, version, highest code, then pairs (IBM PS/2 and PC BIOS Interface Technical
 * Reference). */
ROM u8 dcc_table[] ROM_DATA = {16, 1, 8, 0, 0, 0, 0, 1, 0, 2, 2, 1, 0, 4, 4, 1, 0, 5,
                               2,  5, 0, 6, 1, 6, 5, 6, 0, 8, 1, 8, 0, 7, 2, 7, 6, 7};

const struct mode __seg_fs *mode_find(u8 number)
{
    for (u32 i = 0; i < sizeof mode_table / sizeof mode_table[0]; i++)
        if (mode_table[i].number == number)
            return &mode_table[i];
    return 0;
}

/* ---- the save pointer tables ---- */

u32 save_pointer(u8 entry)
{
    u32 table = BDA_SAVE_POINTER;
    return table ? far_read32((u16)(table >> 16), (u16)table + 4 * entry) : 0;
}

/* The secondary table begins with its length. */
u32 save_pointer_secondary(u8 entry)
{
    u32 table = save_pointer(4);
    if (!table || far_read16((u16)(table >> 16), (u16)table) < 2 + 4 * (entry + 1))
        return 0;
    return far_read32((u16)(table >> 16), (u16)table + 2 + 4 * entry);
}

void mode_parameters(u8 index, struct parameters *p)
{
    u32 table = save_pointer(0);
    if (!table || index >= PARAMETERS_IBM)
        table = ROM_FAR(parameter_table);
    far_load(p, (u16)(table >> 16), (u16)(table + sizeof *p * index), sizeof *p);
}

u8 mode_parameter_index(const struct mode __seg_fs *mode)
{
    u8 lines = BDA_MODE_OPTIONS & (OPTION_LINES_200 | OPTION_LINES_400);
    if (mode->number <= 3) {
        if (lines == OPTION_LINES_200)
            return mode->parameters;
        if (lines == OPTION_LINES_400)
            return mode->number < 2 ? PARAMETERS_TEXT40_400 : PARAMETERS_TEXT80_400;
        return (u8)(PARAMETERS_TEXT_350 + mode->number);
    }
    if (mode->number == 7 && lines == OPTION_LINES_400)
        return PARAMETERS_MONO_400;
    return mode->parameters;
}

u16 mode_scan_lines(void)
{
    u8 number = BDA_MODE;
    u8 lines = BDA_MODE_OPTIONS & (OPTION_LINES_200 | OPTION_LINES_400);
    if (number == 0x54)
        return 350;
    if (number == 0x57 || number == 0x58)
        return 480;
    if (number == 0x55 || number == 0x56 || lines == OPTION_LINES_400)
        return 400;
    return lines == OPTION_LINES_200 && number != 7 ? 200 : 350;
}

/* ---- registers ---- */

void mode_write_registers(const struct parameters *p)
{
    inb(0x3DA);
    inb(0x3BA);
    outb(PORT_ATTRIBUTE, 0x00); /* screen off: the palette belongs to the processor */
    out_indexed(PORT_SEQUENCER, 0, 0x01);
    outb(PORT_MISC_WRITE, p->misc);
    for (u8 i = 0; i < 4; i++)
        out_indexed(PORT_SEQUENCER, i + 1, i == 0 ? p->sequencer[i] | 0x20 : p->sequencer[i]);
    out_indexed(PORT_SEQUENCER, 0, 0x03);
    u16 crtc = p->misc & 1 ? 0x3D4 : 0x3B4;
    out_indexed(crtc, 0x11, 0x00); /* registers 0-7 are writable */
    for (u8 i = 0; i < 25; i++)
        out_indexed(crtc, i, p->crtc[i]);
    for (u8 i = 0; i < 9; i++)
        out_indexed(PORT_GRAPHICS, i, p->graphics[i]);
    u16 status = crtc + 6;
    inb(status);
    for (u8 i = 0; i < 20; i++) {
        if (i < 16 && BDA_MODE_OPTIONS & OPTION_NO_PALETTE)
            continue;
        outb(PORT_ATTRIBUTE, i);
        outb(PORT_ATTRIBUTE, p->attribute[i]);
    }
    outb(PORT_ATTRIBUTE, 0x14);
    outb(PORT_ATTRIBUTE, 0x00);
    BDA_CRTC = crtc;
}

void mode_screen_on(void)
{
    inb(BDA_CRTC + 6);
    outb(PORT_ATTRIBUTE, 0x20);
    out_indexed(PORT_SEQUENCER, 1, in_indexed(PORT_SEQUENCER, 1) & ~0x20);
}

static void clear_memory(const struct mode __seg_fs *mode)
{
    if (mode->kind == KIND_TEXT)
        far_fill32(mode->segment, 0, 0x07200720, 0x2000);
    else if (mode->segment == 0xB800)
        far_fill32(mode->segment, 0, 0, 0x2000);
    else
        far_fill32(mode->segment, 0, 0, 0x4000);
}

/* The dynamic save area (save pointer 1) gets the palette registers, as the EGA began it. */
static void save_palette(const struct parameters *p)
{
    u32 area = save_pointer(1);
    if (area) {
        far_store((u16)(area >> 16), (u16)area, p->attribute, 16);
        far_write8((u16)(area >> 16), (u16)area + 16, p->attribute[17]);
    }
}

/* A list of modes that ends with FFh, as override tables have: is the mode in it? */
u8 mode_in_list(u32 list, u8 offset, u8 number)
{
    for (u8 i = 0; i < 32; i++) {
        u8 entry = far_read8((u16)(list >> 16), (u16)list + offset + i);
        if (entry == 0xFF)
            return 0;
        if (entry == number)
            return 1;
    }
    return 0;
}

/* Save pointer 2: a text font of the user's for certain modes. Layout: height, block, count, first, far font,
 * rows, modes. */
static void override_text_font(u8 number)
{
    u32 table = save_pointer(2);
    u16 segment = (u16)(table >> 16), offset = (u16)table;
    if (!table || !mode_in_list(table, 11, number))
        return;
    u8 height = far_read8(segment, offset);
    u8 rows = far_read8(segment, offset + 10);
    u32 font = far_read32(segment, offset + 6);
    if (height == 0 || height > 32)
        return;
    font_load((u16)(font >> 16), (u16)font, far_read16(segment, offset + 4), far_read16(segment, offset + 2),
              height, far_read8(segment, offset + 1));
    font_set_height(height);
    if (rows != 0xFF && rows != 0)
        BDA_ROWS = rows - 1;
}

/* Save pointer 3: a graphics font. Layout: rows, height (word), far font, modes. */
static void override_graphics_font(u8 number)
{
    u32 table = save_pointer(3);
    u16 segment = (u16)(table >> 16), offset = (u16)table;
    if (!table || !mode_in_list(table, 7, number))
        return;
    u8 rows = far_read8(segment, offset);
    if (rows)
        BDA_ROWS = rows - 1;
    BDA_CHAR_HEIGHT = far_read16(segment, offset + 1);
    VECTOR(0x43) = far_read32(segment, offset + 3);
}

static void load_mode_font(const struct mode __seg_fs *mode, const struct parameters *p)
{
    u32 font = p->height == 8 ? ROM_FAR(font_8x8) : p->height == 14 ? ROM_FAR(font_8x14) : ROM_FAR(font_8x16);
    VECTOR(0x1F) = FAR(rom_segment(), (u32)&font_8x8 + 128 * 8);
    VECTOR(0x43) = font;
    if (mode->kind != KIND_TEXT)
        return;
    font_load_rom(p->height, 0, (p->sequencer[0] & 1) == 0);
    out_indexed(PORT_SEQUENCER, 3, 0);
}

/* The data area's view of the mode. */
static void set_data_area(const struct mode __seg_fs *mode, const struct parameters *p, u8 no_clear)
{
    static ROM u8 mode_select[] ROM_DATA = {0x2C, 0x28, 0x2D, 0x29,
                                            0x2A, 0x2E, 0x1E, 0x29}; /* the CGA's 3D8h would hold */
    BDA_MODE = mode->number;
    BDA_COLUMNS = p->columns;
    BDA_PAGE_SIZE = p->page_size;
    BDA_PAGE_START = 0;
    for (u8 page = 0; page < 8; page++)
        BDA_CURSOR_POS(page) = 0;
    BDA_PAGE = 0;
    BDA_ROWS = p->rows;
    BDA_CHAR_HEIGHT = p->height;
    BDA_VIDEO_CONTROL = (BDA_VIDEO_CONTROL & 0x7F) | no_clear;
    BDA_MODE_SELECT = mode->number < 8 ? mode_select[mode->number] : 0x29;
    BDA_CGA_PALETTE = mode->number == 6 ? 0x3F : 0x30;
    BDA_VBE_MODE = 0;
    BDA_EQUIPMENT = (BDA_EQUIPMENT & ~0x30) | (p->misc & 1 ? 0x20 : 0x30);
}

void mode_set(u8 number)
{
    const struct mode __seg_fs *mode = mode_find(number & 0x7F);
    struct parameters p;
    if (!mode)
        return;
    vbe_off();
    u8 index = mode_parameter_index(mode);
    mode_parameters(index, &p);
    mode_write_registers(&p);
    outb(PORT_DAC_MASK, 0xFF);
    if (!(BDA_MODE_OPTIONS & OPTION_NO_PALETTE)) {
        palette_load(index < 4 ? PALETTE_CGA : mode->palette);
        palette_override(mode->number);
        save_palette(&p);
        if (BDA_MODE_OPTIONS & OPTION_GRAY)
            palette_gray_sum(0, 256);
    }
    if (!(number & 0x80))
        clear_memory(mode);
    set_data_area(mode, &p, number & 0x80);
    load_mode_font(mode, &p);
    if (mode->kind == KIND_TEXT) {
        override_text_font(number & 0x7F);
        cursor_set_type(0x06, 0x07);
    } else {
        BDA_CURSOR_TYPE = 0;
        override_graphics_font(number & 0x7F);
    }
    cursor_move(0, 0, 0);
    mode_screen_on();
}
