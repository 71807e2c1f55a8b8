/*
 * INT 10h AH=10h and 0Bh: attribute controller palette and DAC. Default palettes are computed: the EGA's 64
 * colours, the CGA's 16, the monochrome set, and the 256 of mode 13h (grey ramp and 24 hues in three
 * saturations and three intensities).
 */
#include "vgabios.h"

static u16 status_port(void)
{
    return (inb(PORT_MISC_READ) & 1) ? 0x3DA : 0x3BA;
}

void palette_attribute_write(u8 index, u8 value)
{
    u16 status = status_port();
    inb(status);
    outb(PORT_ATTRIBUTE, index & 0x1F);
    outb(PORT_ATTRIBUTE, value);
    inb(status);
    outb(PORT_ATTRIBUTE, 0x20);
}

u8 palette_attribute_read(u8 index)
{
    u16 status = status_port();
    inb(status);
    outb(PORT_ATTRIBUTE, (index & 0x1F) | 0x20);
    u8 value = inb(PORT_ATTRIBUTE_READ);
    inb(status);
    outb(PORT_ATTRIBUTE, 0x20);
    return value;
}

void palette_dac_write(u8 index, u8 red, u8 green, u8 blue)
{
    outb(PORT_DAC_WRITE_INDEX, index);
    outb(PORT_DAC_DATA, red);
    outb(PORT_DAC_DATA, green);
    outb(PORT_DAC_DATA, blue);
}

/* ---- the default palettes; colours are 6-bit components, red << 16 | green << 8 | blue ---- */

static u32 color(u8 red, u8 green, u8 blue)
{
    return (u32)red << 16 | (u32)green << 8 | blue;
}

/* rgbRGB: the upper case bits weigh two thirds, the lower case ones one third. */
static u32 ega_color(u8 i)
{
    return color((i & 4 ? 0x2A : 0) + (i & 32 ? 0x15 : 0), (i & 2 ? 0x2A : 0) + (i & 16 ? 0x15 : 0),
                 (i & 1 ? 0x2A : 0) + (i & 8 ? 0x15 : 0));
}

/* The CGA's 16 colours; colour 6 is brown, not dark yellow. */
static u32 cga_color(u8 i)
{
    return i == 6 ? color(0x2A, 0x15, 0) : ega_color((i & 7) | (i & 8 ? 0x38 : 0));
}

static u32 mono_color(u8 i)
{
    u8 level = (i & 0x18) == 0x18 ? 0x3F : i & 0x08 ? 0x2A : 0;
    return color(level, level, level);
}

/* The hue circle in 24 steps: which of five levels a component has, `hue` counted from where it begins to
 * rise. */
static u8 hue_level(u8 hue)
{
    hue %= 24;
    return hue < 4 ? hue : hue <= 12 ? 4 : hue < 16 ? 16 - hue : 0;
}

u32 palette_default_color(u8 i)
{
    static ROM u8 grey[] ROM_DATA = {0x00, 0x05, 0x08, 0x0B, 0x0E, 0x11, 0x14, 0x18,
                                     0x1C, 0x20, 0x24, 0x28, 0x2D, 0x32, 0x38, 0x3F};
    static ROM u8 levels[9][5] ROM_DATA = {
        {0x00, 0x10, 0x1F, 0x2F, 0x3F}, {0x1F, 0x27, 0x2F, 0x37, 0x3F}, {0x2D, 0x31, 0x36, 0x3A, 0x3F},
        {0x00, 0x07, 0x0E, 0x15, 0x1C}, {0x0E, 0x11, 0x15, 0x18, 0x1C}, {0x14, 0x16, 0x18, 0x1A, 0x1C},
        {0x00, 0x04, 0x08, 0x0C, 0x10}, {0x08, 0x0A, 0x0C, 0x0E, 0x10}, {0x0B, 0x0C, 0x0D, 0x0F, 0x10},
    };
    if (i < 16)
        return cga_color(i);
    if (i < 32)
        return color(grey[i - 16], grey[i - 16], grey[i - 16]);
    if (i >= 248)
        return 0;
    u8 hue = (i - 32) % 24, group = (i - 32) / 24;
    return color(levels[group][hue_level(hue)], levels[group][hue_level(hue + 16)],
                 levels[group][hue_level(hue + 8)]);
}

static u32 default_color(enum mode_palette palette, u8 i)
{
    switch (palette) {
    case PALETTE_256:
        return palette_default_color(i);
    case PALETTE_MONO:
        return i < 64 ? mono_color(i) : 0;
    case PALETTE_CGA: /* attribute values 00-07 and 10-17h, repeated through the 64 */
        return i < 64 ? cga_color((i & 7) | (i & 16 ? 8 : 0)) : 0;
    default:
        return i < 64 ? ega_color(i) : 0;
    }
}

void palette_load(enum mode_palette palette)
{
    for (u32 i = 0; i < 256; i++) {
        u32 c = default_color(palette, (u8)i);
        palette_dac_write((u8)i, (u8)(c >> 16), (u8)(c >> 8), (u8)c);
    }
}

static void load_attributes(u16 segment, u16 offset, u8 first, u8 count)
{
    for (u8 i = 0; i < count && first + i < 0x15; i++)
        palette_attribute_write(first + i, far_read8(segment, offset + i));
}

static void load_dac(u16 segment, u16 offset, u16 first, u16 count)
{
    if (count > 256)
        count = 256;
    outb(PORT_DAC_WRITE_INDEX, (u8)first);
    for (u16 i = 0; i < 3 * count; i++)
        outb(PORT_DAC_DATA, far_read8(segment, offset + i));
}

/* Profile: underline and reserved (4 bytes), count, first, far attributes, count, first, far DAC, modes. */
void palette_override(u8 mode)
{
    u32 table = save_pointer_secondary(2);
    u16 segment = (u16)(table >> 16), offset = (u16)table;
    if (!table || !mode_in_list(table, 20, mode))
        return;
    u32 attributes = far_read32(segment, offset + 8), dac = far_read32(segment, offset + 16);
    load_attributes((u16)(attributes >> 16), (u16)attributes, (u8)far_read16(segment, offset + 6),
                    (u8)far_read16(segment, offset + 4));
    load_dac((u16)(dac >> 16), (u16)dac, far_read16(segment, offset + 14), far_read16(segment, offset + 12));
}

static u8 read_component(void)
{
    return inb(PORT_DAC_DATA);
}

/* 30 % red, 59 % green, 11 % blue. */
void palette_gray_sum(u8 first, u16 count)
{
    if (count > 256)
        count = 256;
    for (u16 i = 0; i < count; i++) {
        u8 index = first + i;
        outb(PORT_DAC_READ_INDEX, index);
        u32 sum = 77 * read_component();
        sum += 151 * read_component();
        sum += 28 * read_component();
        u8 level = (u8)((sum + 128) >> 8);
        palette_dac_write(index, level, level, level);
    }
}

/* ---- AH=10h ---- */

/* The dynamic save area keeps what programs set in the palette registers. */
static void note_attribute(u8 index, u8 value)
{
    u32 area = save_pointer(1);
    if (area && (index < 16 || index == 0x11))
        far_write8((u16)(area >> 16), (u16)area + (index < 16 ? index : 16), value);
}

static void set_attribute(u8 index, u8 value)
{
    palette_attribute_write(index, value);
    note_attribute(index, value);
}

static void set_all_attributes(const struct registers *r)
{
    for (u8 i = 0; i < 17; i++)
        set_attribute(i < 16 ? i : 0x11, far_read8(r->es, r->dx + i));
}

static void get_all_attributes(const struct registers *r)
{
    for (u8 i = 0; i < 17; i++)
        far_write8(r->es, r->dx + i, palette_attribute_read(i < 16 ? i : 0x11));
}

static void set_blink(u8 on)
{
    u8 control = palette_attribute_read(0x10) & ~0x08;
    palette_attribute_write(0x10, control | (on ? 0x08 : 0));
    BDA_MODE_SELECT = (BDA_MODE_SELECT & ~0x20) | (on ? 0x20 : 0);
}

static void read_dac_block(const struct registers *r)
{
    u16 count = r->cx > 256 ? 256 : r->cx;
    outb(PORT_DAC_READ_INDEX, r->bl);
    for (u16 i = 0; i < 3 * count; i++)
        far_write8(r->es, r->dx + i, read_component());
}

static void read_dac_register(struct registers *r)
{
    outb(PORT_DAC_READ_INDEX, r->bl);
    r->dh = read_component();
    r->ch = read_component();
    r->cl = read_component();
}

/* BL=0: four pages of 64 or sixteen of 16 (BH); BL=1: the page BH. */
static void select_page(u8 what, u8 value)
{
    u8 control = palette_attribute_read(0x10);
    if (what == 0)
        palette_attribute_write(0x10, (control & 0x7F) | (u8)(value << 7));
    else if (what == 1)
        palette_attribute_write(0x14, control & 0x80 ? value & 0x0F : (value << 2) & 0x0C);
}

static void get_page(struct registers *r)
{
    u8 paging = palette_attribute_read(0x10) >> 7, page = palette_attribute_read(0x14);
    r->bl = paging;
    r->bh = paging ? page & 0x0F : (page >> 2) & 0x03;
}

void palette_service(struct registers *r)
{
    switch (r->al) {
    case 0x00:
        if (r->bl <= 0x14)
            set_attribute(r->bl, r->bh);
        break;
    case 0x01:
        set_attribute(0x11, r->bh);
        break;
    case 0x02:
        set_all_attributes(r);
        break;
    case 0x03:
        set_blink(r->bl & 1);
        break;
    case 0x07:
        if (r->bl <= 0x14)
            r->bh = palette_attribute_read(r->bl);
        break;
    case 0x08:
        r->bh = palette_attribute_read(0x11);
        break;
    case 0x09:
        get_all_attributes(r);
        break;
    case 0x10:
        palette_dac_write(r->bl, r->dh, r->ch, r->cl);
        if (BDA_MODE_OPTIONS & OPTION_GRAY)
            palette_gray_sum(r->bl, 1);
        break;
    case 0x12:
        load_dac(r->es, r->dx, r->bl, r->cx);
        if (BDA_MODE_OPTIONS & OPTION_GRAY)
            palette_gray_sum(r->bl, r->cx);
        break;
    case 0x13:
        select_page(r->bl, r->bh);
        break;
    case 0x15:
        read_dac_register(r);
        break;
    case 0x17:
        read_dac_block(r);
        break;
    case 0x18:
        outb(PORT_DAC_MASK, r->bl);
        break;
    case 0x19:
        r->bl = inb(PORT_DAC_MASK);
        break;
    case 0x1A:
        get_page(r);
        break;
    case 0x1B:
        palette_gray_sum(r->bl, r->cx);
        break;
    default:
        break;
    }
}

/* ---- AH=0Bh, the CGA's colours ---- */

/* BH=0: BL is background (graphics) and border; its bit 4 chooses the bright set of mode 4. */
static void set_background(u8 value)
{
    u8 attribute = (value & 0x07) | (value & 0x08 ? 0x10 : 0);
    u8 intensity = value & 0x10;
    BDA_CGA_PALETTE = (BDA_CGA_PALETTE & 0xE0) | (value & 0x1F);
    if (BDA_MODE > 3)
        set_attribute(0, attribute);
    set_attribute(0x11, attribute);
    if (BDA_MODE == 4 || BDA_MODE == 5)
        for (u8 i = 1; i < 4; i++)
            set_attribute(i, (palette_attribute_read(i) & ~0x10) | intensity);
}

/* BH=1: green, red, brown or cyan, magenta, white. */
static void set_cga_palette(u8 value)
{
    BDA_CGA_PALETTE = (BDA_CGA_PALETTE & ~0x20) | (value & 1 ? 0x20 : 0);
    if (BDA_MODE != 4 && BDA_MODE != 5)
        return;
    for (u8 i = 1; i < 4; i++)
        set_attribute(i, (u8)(2 * i + (value & 1)) | (palette_attribute_read(i) & 0x10));
}

void palette_border(struct registers *r)
{
    if (r->bh == 0)
        set_background(r->bl);
    else if (r->bh == 1)
        set_cga_palette(r->bl);
}
