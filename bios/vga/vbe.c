/*
 * VESA BIOS Extensions 3.0 (INT 10h AH=4Fh) on the Bochs display interface. The frame buffer's address is
 * read from the adapter's first base address register whenever it is asked for, since an operating system may
 * move it.
 */
#include "vgabios.h"

#define SUCCESS         0x004F
#define FAILED          0x014F
#define UNSUPPORTED     0x024F
#define INVALID_IN_MODE 0x034F

#define MODE_NUMBER   0x01FF
#define MODE_LFB      0x4000
#define MODE_NO_CLEAR 0x8000

#define BDA_MODE_VBE 0x7F /* what INT 10h AH=0Fh calls a VBE graphics mode */

struct vbe_mode {
    u16 number, width, height;
    u8 bits; /* 0: text, width and height in characters, `text` the mode of AH=00h */
    u8 text;
};

/* VESA's numbers, then those that other BIOSes for this adapter gave the further ones; from 193h on our own.
 */
static ROM struct vbe_mode vbe_modes[] ROM_DATA = {
    {0x100, 640, 400, 8, 0},    {0x101, 640, 480, 8, 0},    {0x102, 800, 600, 4, 0},
    {0x103, 800, 600, 8, 0},    {0x104, 1024, 768, 4, 0},   {0x105, 1024, 768, 8, 0},
    {0x106, 1280, 1024, 4, 0},  {0x107, 1280, 1024, 8, 0},  {0x108, 80, 60, 0, 0x58},
    {0x109, 132, 25, 0, 0x55},  {0x10A, 132, 43, 0, 0x54},  {0x10B, 132, 50, 0, 0x56},
    {0x10C, 132, 60, 0, 0x57},  {0x10D, 320, 200, 15, 0},   {0x10E, 320, 200, 16, 0},
    {0x10F, 320, 200, 24, 0},   {0x110, 640, 480, 15, 0},   {0x111, 640, 480, 16, 0},
    {0x112, 640, 480, 24, 0},   {0x113, 800, 600, 15, 0},   {0x114, 800, 600, 16, 0},
    {0x115, 800, 600, 24, 0},   {0x116, 1024, 768, 15, 0},  {0x117, 1024, 768, 16, 0},
    {0x118, 1024, 768, 24, 0},  {0x119, 1280, 1024, 15, 0}, {0x11A, 1280, 1024, 16, 0},
    {0x11B, 1280, 1024, 24, 0}, {0x11C, 1600, 1200, 8, 0},  {0x11D, 1600, 1200, 15, 0},
    {0x11E, 1600, 1200, 16, 0}, {0x11F, 1600, 1200, 24, 0}, {0x140, 320, 200, 32, 0},
    {0x141, 640, 400, 32, 0},   {0x142, 640, 480, 32, 0},   {0x143, 800, 600, 32, 0},
    {0x144, 1024, 768, 32, 0},  {0x145, 1280, 1024, 32, 0}, {0x146, 320, 200, 8, 0},
    {0x147, 1600, 1200, 32, 0}, {0x148, 1152, 864, 8, 0},   {0x149, 1152, 864, 15, 0},
    {0x14A, 1152, 864, 16, 0},  {0x14B, 1152, 864, 24, 0},  {0x14C, 1152, 864, 32, 0},
    {0x175, 1280, 768, 16, 0},  {0x176, 1280, 768, 24, 0},  {0x177, 1280, 768, 32, 0},
    {0x178, 1280, 800, 16, 0},  {0x179, 1280, 800, 24, 0},  {0x17A, 1280, 800, 32, 0},
    {0x17B, 1280, 960, 16, 0},  {0x17C, 1280, 960, 24, 0},  {0x17D, 1280, 960, 32, 0},
    {0x17E, 1440, 900, 16, 0},  {0x17F, 1440, 900, 24, 0},  {0x180, 1440, 900, 32, 0},
    {0x181, 1400, 1050, 16, 0}, {0x182, 1400, 1050, 24, 0}, {0x183, 1400, 1050, 32, 0},
    {0x184, 1680, 1050, 16, 0}, {0x185, 1680, 1050, 24, 0}, {0x186, 1680, 1050, 32, 0},
    {0x187, 1920, 1200, 16, 0}, {0x188, 1920, 1200, 24, 0}, {0x189, 1920, 1200, 32, 0},
    {0x18A, 2560, 1600, 16, 0}, {0x18B, 2560, 1600, 24, 0}, {0x18C, 2560, 1600, 32, 0},
    {0x18D, 1280, 720, 16, 0},  {0x18E, 1280, 720, 24, 0},  {0x18F, 1280, 720, 32, 0},
    {0x190, 1920, 1080, 16, 0}, {0x191, 1920, 1080, 24, 0}, {0x192, 1920, 1080, 32, 0},
    {0x193, 320, 240, 8, 0},    {0x194, 320, 240, 16, 0},   {0x195, 320, 240, 32, 0},
    {0x196, 400, 300, 8, 0},    {0x197, 400, 300, 16, 0},   {0x198, 400, 300, 32, 0},
    {0x199, 512, 384, 8, 0},    {0x19A, 512, 384, 16, 0},   {0x19B, 512, 384, 32, 0},
    {0x19C, 640, 400, 15, 0},   {0x19D, 640, 400, 16, 0},   {0x19E, 640, 400, 24, 0},
    {0x19F, 1280, 720, 8, 0},   {0x1A0, 1280, 800, 8, 0},   {0x1A1, 1440, 900, 8, 0},
    {0x1A2, 1400, 1050, 8, 0},  {0x1A3, 1680, 1050, 8, 0},  {0x1A4, 1920, 1080, 8, 0},
    {0x1A5, 1920, 1200, 8, 0},  {0x1A6, 1280, 960, 8, 0},
};
#define VBE_MODES (sizeof vbe_modes / sizeof vbe_modes[0])

static ROM char oem_string[] ROM_DATA = "tick86 VGA BIOS";
static ROM char vendor_string[] ROM_DATA = "The tick86 authors";
static ROM char product_string[] ROM_DATA = "Bochs display interface";
static ROM char revision_string[] ROM_DATA = "1.0";

/* ---- the adapter ---- */

u8 dispi_present(void)
{
    return (dispi_read(DISPI_ID) & 0xFFF0) == 0xB0C0;
}

void vbe_off(void)
{
    if (dispi_present())
        dispi_write(DISPI_ENABLE, 0);
}

u8 vbe_active(void)
{
    return dispi_present() && dispi_read(DISPI_ENABLE) & DISPI_ENABLED;
}

static u32 memory_blocks(void)
{
    u16 blocks = dispi_read(DISPI_MEMORY_64K);
    return blocks && blocks != 0xFFFF ? blocks : 64; /* early revisions lack the register: 4 MB */
}

static u32 pitch_of(u32 width, u8 bits)
{
    return bits == 4 ? width / 8 : width * ((bits + 7) / 8);
}

u32 vbe_pitch(void)
{
    return pitch_of(dispi_read(DISPI_VIRT_WIDTH), (u8)dispi_read(DISPI_BPP));
}

static u32 pci_read(u32 address)
{
    outl(0xCF8, address);
    return inl(0xCFC);
}

/* Base address register 0 of the adapter; E0000000h is where it is without PCI. */
static u32 frame_buffer(void)
{
    u32 saved = inl(0xCF8), address = 0;
    for (u32 function = 0; function < 4 * 32 && !address; function++) {
        u32 at = 0x80000000 | function << 11;
        if (pci_read(at) == 0x11111234)
            address = pci_read(at | 0x10) & ~0xFu;
    }
    outl(0xCF8, saved);
    return address ? address : 0xE0000000;
}

/* What the adapter can do, asked without disturbing the mode. */
struct limits {
    u16 width, height, bits;
    u32 blocks;
};

static void get_limits(struct limits *l)
{
    u16 enable = dispi_read(DISPI_ENABLE);
    dispi_write(DISPI_ENABLE, enable | DISPI_GETCAPS | DISPI_NO_CLEAR);
    l->width = dispi_read(DISPI_XRES);
    l->height = dispi_read(DISPI_YRES);
    l->bits = dispi_read(DISPI_BPP);
    dispi_write(DISPI_ENABLE, enable | DISPI_NO_CLEAR);
    l->blocks = memory_blocks();
}

static u32 mode_bytes(const struct vbe_mode __seg_fs *mode)
{
    return pitch_of(mode->width, mode->bits) * mode->height * (mode->bits == 4 ? 4 : 1);
}

static u8 mode_fits(const struct vbe_mode __seg_fs *mode, const struct limits *l)
{
    if (mode->bits == 0)
        return 1;
    return mode->width <= l->width && mode->height <= l->height && mode->bits <= l->bits &&
           mode_bytes(mode) <= l->blocks << 16;
}

static const struct vbe_mode __seg_fs *find_mode(u16 number)
{
    struct limits l;
    for (u32 i = 0; i < VBE_MODES; i++) {
        if (vbe_modes[i].number != number)
            continue;
        get_limits(&l);
        return mode_fits(&vbe_modes[i], &l) ? &vbe_modes[i] : 0;
    }
    return 0;
}

/* Bounded: with the display stopped there is no retrace. */
static void wait_retrace(void)
{
    u16 status = BDA_CRTC + 6;
    for (u32 i = 0; i < 200000 && inb(status) & 8; i++)
        ;
    for (u32 i = 0; i < 200000 && !(inb(status) & 8); i++)
        ;
}

/* ---- 00h: controller information ---- */

static u16 store_string(u16 segment, u16 at, u16 field, u16 text, ROM char *string)
{
    far_write32(segment, at + field, FAR(segment, at + text));
    do
        far_write8(segment, at + text++, (u8)*string);
    while (*string++);
    return text;
}

static u16 controller_information(struct registers *r)
{
    u16 segment = r->es, at = r->di, list = at + 0x22;
    struct limits l;
    u8 vbe2 = far_read32(segment, at) == 0x32454256; /* "VBE2": the caller has 512 bytes */
    far_fill8(segment, at, 0, vbe2 ? 512 : 256);
    get_limits(&l);
    far_write32(segment, at, 0x41534556); /* "VESA" */
    far_write16(segment, at + 4, 0x0300);
    far_write32(segment, at + 6, ROM_FAR(oem_string));
    far_write32(segment, at + 10, 0x01); /* the DAC can be switched to 8 bits */
    far_write32(segment, at + 14, FAR(segment, list));
    far_write16(segment, at + 18, (u16)l.blocks);
    /* The list lies in the block itself, so that it can be read wherever the block is copied. */
    for (u32 i = 0; i < VBE_MODES; i++) {
        if (mode_fits(&vbe_modes[i], &l)) {
            far_write16(segment, list, vbe_modes[i].number);
            list += 2;
        }
    }
    far_write16(segment, list, 0xFFFF);
    if (vbe2) {
        far_write16(segment, at + 20, 0x0100); /* software revision */
        u16 text = store_string(segment, at, 22, 256, vendor_string);
        text = store_string(segment, at, 26, text, product_string);
        store_string(segment, at, 30, text, revision_string);
    }
    return SUCCESS;
}

/* ---- 01h: mode information ---- */

struct mode_information {
    u16 attributes;
    u8 window_a, window_b;
    u16 granularity, window_size, segment_a, segment_b;
    u32 window_function;
    u16 pitch;
    u16 width, height;
    u8 cell_width, cell_height, planes, bits, banks, model, bank_size, pages, reserved;
    u8 masks[8]; /* size and position of red, green, blue, reserved */
    u8 direct;
    u32 frame_buffer;
    u32 off_screen;
    u16 off_screen_size;
    u16 linear_pitch;
    u8 banked_pages, linear_pages;
    u8 linear_masks[8];
    u32 pixel_clock;
} __attribute__((packed));

extern ROM u8 window_entry[];

static void fill_masks(u8 *masks, u8 bits)
{
    static ROM u8 layouts[4][8] ROM_DATA = {
        {5, 10, 5, 5, 5, 0, 1, 15},
        {5, 11, 6, 5, 5, 0, 0, 0},
        {8, 16, 8, 8, 8, 0, 0, 0},
        {8, 16, 8, 8, 8, 0, 8, 24},
    };
    u8 layout = bits == 15 ? 0 : bits == 16 ? 1 : bits == 24 ? 2 : 3;
    for (u8 i = 0; i < 8; i++)
        masks[i] = layouts[layout][i];
}

static void describe_text(struct mode_information *info, const struct vbe_mode __seg_fs *mode)
{
    const struct mode __seg_fs *text = mode_find(mode->text);
    struct parameters p;
    mode_parameters(text->parameters, &p);
    info->attributes = 0x0F; /* supported, complete, TTY output, colour */
    info->granularity = info->window_size = 32;
    info->segment_a = 0xB800;
    info->pitch = (u16)(mode->width * 2);
    info->cell_height = p.height;
    info->planes = 4;
    info->bits = 4;
    info->model = 0;
    info->pages = info->banked_pages = text->pages - 1;
}

static void describe_graphics(struct mode_information *info, const struct vbe_mode __seg_fs *mode)
{
    u32 pitch = pitch_of(mode->width, mode->bits);
    u32 pages = (memory_blocks() << 16) / mode_bytes(mode) - 1;
    info->attributes = mode->bits == 4 ? 0x1F : 0x9F; /* graphics; linear frame buffer for packed pixels */
    info->granularity = info->window_size = 64;
    info->segment_a = 0xA000;
    info->window_function = FAR(rom_segment(), (u32)window_entry);
    info->pitch = (u16)pitch;
    info->cell_height = mode->height < 400 ? 8 : 16;
    info->planes = mode->bits == 4 ? 4 : 1;
    info->bits = mode->bits;
    info->model = mode->bits == 4 ? 3 : mode->bits == 8 ? 4 : 6;
    info->pages = info->banked_pages = (u8)(pages > 255 ? 255 : pages);
    if (mode->bits == 4)
        return;
    info->linear_pitch = (u16)pitch;
    info->linear_pages = info->pages;
    info->frame_buffer = frame_buffer();
    if (mode->bits > 8) {
        fill_masks(info->masks, mode->bits);
        fill_masks(info->linear_masks, mode->bits);
        info->direct = mode->bits == 15 || mode->bits == 32 ? 0x02 : 0; /* the reserved bits may be used */
    }
}

static u16 mode_information(struct registers *r)
{
    const struct vbe_mode __seg_fs *mode = find_mode(r->cx & MODE_NUMBER);
    struct mode_information info;
    if (!mode)
        return FAILED;
    for (u32 i = 0; i < sizeof info; i++)
        ((u8 *)&info)[i] = 0;
    info.window_a = 0x07; /* there, readable, writable */
    info.width = mode->width;
    info.height = mode->height;
    info.cell_width = 8;
    info.banks = 1;
    info.reserved = 1;
    info.pixel_clock = 230000000;
    if (mode->bits == 0)
        describe_text(&info, mode);
    else
        describe_graphics(&info, mode);
    far_fill8(r->es, r->di, 0, 256);
    far_store(r->es, r->di, &info, sizeof info);
    return SUCCESS;
}

/* ---- 02h, 03h: modes ---- */

/* VGA registers that suit: packed pixels as in mode 13h, planes as in mode 12h, the CRTC by the picture's
 * size. */
static void write_vga_registers(const struct vbe_mode __seg_fs *mode)
{
    struct parameters p;
    u16 end = mode->height - 1, pitch = (u16)(pitch_of(mode->width, mode->bits) / (mode->bits == 4 ? 2 : 8));
    mode_parameters(mode->bits == 4 ? 0x1B : 0x1C, &p);
    p.crtc[0x01] = (u8)(mode->width / 8 - 1);
    p.crtc[0x07] = (u8)((p.crtc[0x07] & ~0x42) | (end & 0x100 ? 0x02 : 0) | (end & 0x200 ? 0x40 : 0));
    p.crtc[0x09] = 0x40;
    p.crtc[0x12] = (u8)end;
    p.crtc[0x13] = (u8)pitch;
    p.crtc[0x17] = mode->bits == 4 ? 0xE3 : 0xA3;
    mode_write_registers(&p);
    outb(PORT_DAC_MASK, 0xFF);
    palette_load(mode->bits == 4 ? PALETTE_EGA : PALETTE_256);
}

static void set_data_area(const struct vbe_mode __seg_fs *mode, u16 flags)
{
    BDA_MODE = BDA_MODE_VBE;
    BDA_VBE_MODE = flags & (MODE_NUMBER | MODE_LFB | MODE_NO_CLEAR);
    BDA_COLUMNS = mode->width / 8;
    BDA_CHAR_HEIGHT = mode->height < 400 ? 8 : 16;
    BDA_ROWS = (u8)(mode->height / BDA_CHAR_HEIGHT - 1);
    BDA_PAGE = 0;
    BDA_PAGE_START = 0;
    BDA_PAGE_SIZE = 0;
    BDA_CURSOR_TYPE = 0;
    for (u8 page = 0; page < 8; page++)
        BDA_CURSOR_POS(page) = 0;
    BDA_VIDEO_CONTROL = (BDA_VIDEO_CONTROL & 0x7F) | (flags & MODE_NO_CLEAR ? CONTROL_NO_CLEAR : 0);
    BDA_EQUIPMENT = (BDA_EQUIPMENT & ~0x30) | 0x20;
    VECTOR(0x1F) = FAR(rom_segment(), (u32)&font_8x8 + 128 * 8);
    VECTOR(0x43) = BDA_CHAR_HEIGHT == 8 ? ROM_FAR(font_8x8) : ROM_FAR(font_8x16);
}

static void set_graphics_mode(const struct vbe_mode __seg_fs *mode, u16 flags)
{
    dispi_write(DISPI_ENABLE, 0);
    write_vga_registers(mode);
    dispi_write(DISPI_XRES, mode->width);
    dispi_write(DISPI_YRES, mode->height);
    dispi_write(DISPI_BPP, mode->bits);
    dispi_write(DISPI_ENABLE, DISPI_ENABLED | (flags & MODE_LFB ? DISPI_LFB : 0) |
                                  (flags & MODE_NO_CLEAR ? DISPI_NO_CLEAR : 0));
    dispi_write(DISPI_VIRT_WIDTH, mode->width);
    dispi_write(DISPI_X_OFFSET, 0);
    dispi_write(DISPI_Y_OFFSET, 0);
    dispi_write(DISPI_BANK, 0);
    set_data_area(mode, flags);
    mode_screen_on();
}

u16 vbe_set_mode(u16 flags)
{
    u16 number = flags & MODE_NUMBER;
    if (number < 0x100) {
        if (number > 0x7F || !mode_find((u8)number))
            return FAILED;
        mode_set((u8)(number | (flags & MODE_NO_CLEAR ? 0x80 : 0)));
        return SUCCESS;
    }
    const struct vbe_mode __seg_fs *mode = find_mode(number);
    if (!mode || (flags & MODE_LFB && (mode->bits == 4 || mode->bits == 0)))
        return FAILED;
    if (mode->bits == 0) {
        mode_set(mode->text | (flags & MODE_NO_CLEAR ? 0x80 : 0));
        BDA_VBE_MODE = flags & (MODE_NUMBER | MODE_NO_CLEAR);
    } else {
        set_graphics_mode(mode, flags);
    }
    return SUCCESS;
}

static u16 get_mode(struct registers *r)
{
    u16 mode = BDA_VBE_MODE;
    r->bx = mode ? mode : BDA_MODE | (BDA_VIDEO_CONTROL & CONTROL_NO_CLEAR ? MODE_NO_CLEAR : 0);
    return SUCCESS;
}

/* ---- 04h: state ---- */

static u16 save_restore(struct registers *r)
{
    u8 mask = r->cx & 0x0F;
    switch (r->dl) {
    case 0:
        r->bx = (state_size(mask) + 63) / 64;
        return SUCCESS;
    case 1:
        state_save(mask, r->es, r->bx);
        return SUCCESS;
    case 2:
        state_restore(mask, r->es, r->bx);
        return SUCCESS;
    default:
        return FAILED;
    }
}

/* ---- 05h: window ---- */

static u16 window_control(struct registers *r)
{
    if (!vbe_active() || BDA_VBE_MODE & MODE_LFB)
        return INVALID_IN_MODE;
    if (r->bl != 0 || r->bh > 1)
        return FAILED;
    if (r->bh == 1) {
        r->dx = dispi_read(DISPI_BANK);
        return SUCCESS;
    }
    if (r->dx >= memory_blocks())
        return FAILED;
    dispi_write(DISPI_BANK, r->dx);
    return SUCCESS;
}

/* ---- 06h: scan line length ---- */

/* The widest line, in pixels: all memory for the visible lines, and a length that fits 16 bits. */
static u32 widest(void)
{
    u32 height = dispi_read(DISPI_YRES), bits = dispi_read(DISPI_BPP);
    u32 bytes = (memory_blocks() << 16) / (bits == 4 ? 4 : 1) / (height ? height : 1);
    if (bytes > 0xFFF0)
        bytes = 0xFFF0;
    u32 pixels = bits == 4 ? bytes * 8 : bytes / ((bits + 7) / 8);
    if (pixels > 0xFFF8)
        pixels = 0xFFF8;
    return pixels & ~7u;
}

static void report_line_length(struct registers *r)
{
    u32 pitch = vbe_pitch(), planes = dispi_read(DISPI_BPP) == 4 ? 4 : 1;
    u32 lines = (memory_blocks() << 16) / planes / (pitch ? pitch : 1);
    r->bx = (u16)pitch;
    r->cx = dispi_read(DISPI_VIRT_WIDTH);
    r->dx = (u16)(lines > 0xFFFF ? 0xFFFF : lines);
}

static u16 set_line_length(u32 pixels)
{
    pixels = (pixels + 7) & ~7u;
    if (pixels < dispi_read(DISPI_XRES) || pixels > widest())
        return FAILED;
    dispi_write(DISPI_VIRT_WIDTH, (u16)pixels);
    return SUCCESS;
}

static u16 line_length(struct registers *r)
{
    u32 bits = dispi_read(DISPI_BPP);
    u16 status = SUCCESS;
    if (!vbe_active())
        return INVALID_IN_MODE;
    switch (r->bl) {
    case 0:
        status = set_line_length(r->cx);
        break;
    case 1:
        break;
    case 2:
        status = set_line_length(bits == 4 ? r->cx * 8 : (r->cx + (bits + 7) / 8 - 1) / ((bits + 7) / 8));
        break;
    case 3:
        r->cx = (u16)widest();
        r->bx = (u16)pitch_of(r->cx, (u8)bits);
        r->dx = dispi_read(DISPI_YRES);
        return SUCCESS;
    default:
        return FAILED;
    }
    if (status == SUCCESS)
        report_line_length(r);
    return status;
}

/* ---- 07h: display start ---- */

static u16 set_start(u16 x, u16 y)
{
    u32 planes = dispi_read(DISPI_BPP) == 4 ? 4 : 1;
    u32 lines = (memory_blocks() << 16) / planes / (vbe_pitch() ? vbe_pitch() : 1);
    u32 width = dispi_read(DISPI_VIRT_WIDTH), needed = y + dispi_read(DISPI_YRES);
    if (x + dispi_read(DISPI_XRES) > width)
        needed++; /* the lines go on at the left, one further down */
    if (x >= width || needed > lines)
        return FAILED;
    dispi_write(DISPI_X_OFFSET, 0); /* the old column may not fit the new line */
    dispi_write(DISPI_Y_OFFSET, y);
    dispi_write(DISPI_X_OFFSET, x);
    return SUCCESS;
}

/* A byte address, for the scheduled forms of VBE 3.0. */
static u16 set_start_address(u32 address)
{
    u32 pitch = vbe_pitch(), bits = dispi_read(DISPI_BPP);
    if (!pitch)
        return FAILED;
    u32 rest = address % pitch;
    return set_start((u16)(bits == 4 ? rest * 8 : rest / ((bits + 7) / 8)), (u16)(address / pitch));
}

static u16 display_start(struct registers *r)
{
    if (!vbe_active())
        return INVALID_IN_MODE;
    switch (r->bl) {
    case 0x80:
        wait_retrace();
        return set_start(r->cx, r->dx);
    case 0x00:
        return set_start(r->cx, r->dx);
    case 0x01:
        r->bh = 0;
        r->cx = dispi_read(DISPI_X_OFFSET);
        r->dx = dispi_read(DISPI_Y_OFFSET);
        return SUCCESS;
    case 0x82:
        wait_retrace();
        return set_start_address(r->ecx);
    case 0x02: /* scheduled for the next retrace: taken at once, as the adapter latches it there */
        return set_start_address(r->ecx);
    case 0x04:
        r->cx = 1; /* the scheduled change has happened */
        return SUCCESS;
    default: /* stereo images */
        return UNSUPPORTED;
    }
}

/* ---- 08h, 09h: palette ---- */

static u16 dac_format(struct registers *r)
{
    u16 enable = dispi_read(DISPI_ENABLE);
    if (vbe_active() && dispi_read(DISPI_BPP) > 8)
        return INVALID_IN_MODE;
    if (r->bl > 1)
        return FAILED;
    if (r->bl == 0) {
        enable = (enable & ~DISPI_8BIT_DAC) | (r->bh >= 8 ? DISPI_8BIT_DAC : 0);
        dispi_write(DISPI_ENABLE, enable | DISPI_NO_CLEAR);
        enable = dispi_read(DISPI_ENABLE);
    }
    r->bh = enable & DISPI_8BIT_DAC ? 8 : 6;
    return SUCCESS;
}

static void set_palette(const struct registers *r)
{
    for (u16 i = 0; i < r->cx; i++) {
        u16 at = r->di + 4 * i;
        palette_dac_write((u8)(r->dx + i), far_read8(r->es, at + 2), far_read8(r->es, at + 1),
                          far_read8(r->es, at));
    }
}

static void get_palette(const struct registers *r)
{
    outb(PORT_DAC_READ_INDEX, (u8)r->dx);
    for (u16 i = 0; i < r->cx; i++) {
        u16 at = r->di + 4 * i;
        far_write8(r->es, at + 2, inb(PORT_DAC_DATA));
        far_write8(r->es, at + 1, inb(PORT_DAC_DATA));
        far_write8(r->es, at, inb(PORT_DAC_DATA));
        far_write8(r->es, at + 3, 0);
    }
}

static u16 palette_data(struct registers *r)
{
    if (vbe_active() && dispi_read(DISPI_BPP) > 8)
        return INVALID_IN_MODE;
    if (r->cx > 256 || r->dx > 255)
        return FAILED;
    switch (r->bl) {
    case 0x80:
        wait_retrace();
        set_palette(r);
        return SUCCESS;
    case 0x00:
        set_palette(r);
        return SUCCESS;
    case 0x01:
        get_palette(r);
        return SUCCESS;
    default: /* secondary palette */
        return UNSUPPORTED;
    }
}

/* ---- 0Ah: protected mode interface; 0Bh: pixel clock; 10h: power; 15h: display data ---- */

extern ROM u8 pm_interface[], pm_interface_end[];

static u16 protected_mode_interface(struct registers *r)
{
    if (r->bl != 0)
        return FAILED;
    r->es = rom_segment();
    r->di = (u16)(u32)pm_interface;
    r->cx = (u16)((u32)pm_interface_end - (u32)pm_interface);
    return SUCCESS;
}

/* Any clock is as good as another to this adapter, so the nearest to the wish is the wish. */
static u16 pixel_clock(struct registers *r)
{
    return r->bl == 0 && find_mode(r->dx & MODE_NUMBER) ? SUCCESS : FAILED;
}

/* BH: 0 on, 1 standby, 2 suspend, 4 off. The states without picture have the sync pulses of CRTC register 17h
 * on or off. */
static u16 power_management(struct registers *r)
{
    u16 crtc = BDA_CRTC;
    u8 blank = in_indexed(PORT_SEQUENCER, 1) & 0x20, sync = in_indexed(crtc, 0x17) & 0x80;
    switch (r->bl) {
    case 0:
        r->bx = 0x0510; /* version 1.0; standby and off */
        return SUCCESS;
    case 1:
        if (r->bh != 0 && r->bh != 1 && r->bh != 4)
            return FAILED;
        out_indexed(PORT_SEQUENCER, 1, (in_indexed(PORT_SEQUENCER, 1) & ~0x20) | (r->bh ? 0x20 : 0));
        out_indexed(crtc, 0x17, (in_indexed(crtc, 0x17) & ~0x80) | (r->bh == 4 ? 0 : 0x80));
        return SUCCESS;
    case 2:
        r->bh = !blank ? 0 : sync ? 1 : 4;
        return SUCCESS;
    default:
        return FAILED;
    }
}

/* VESA E-EDID 1.3, without its last byte, which makes the sum of all 128 bytes zero. */
static ROM u8 edid[127] ROM_DATA = {
    0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x50, 0x6B, /* manufacturer "TCK", five bits a letter */
    0x86, 0x00, 0x01, 0x00, 0x00, 0x00,                         /* product, serial number */
    1, 36,                                                      /* week, year - 1990 */
    1, 3,                                                       /* version 1.3 */
    0x08, 32, 24, 120,                                          /* analogue, size in cm, gamma 2.2 */
    0x0A, /* RGB colour, the first timing is preferred */
    0xEE, 0x91, 0xA3, 0x54, 0x4C, 0x99, 0x26, 0x0F, 0x50, 0x54, /* sRGB chromaticities */
    0xA1, 0x08, 0x00, /* established: 720x400, 640x480, 800x600 at 60 to 70 Hz, 1024x768 at 60 Hz */
    /* standard timings, all at 60 Hz: 1920x1200, 1920x1080, 1680x1050, 1600x1200, 1440x900, 1280x1024,
       1280x960, 1280x720 */
    0xD1, 0x00, 0xD1, 0xC0, 0xB3, 0x00, 0xA9, 0x40, 0x95, 0x00, 0x81, 0x80, 0x81, 0x40, 0x81, 0xC0,
    /* 1024x768 at 60 Hz: 65 MHz, blanking 320 and 38, sync 24+136 and 3+6, 320x240 mm, digital separate, both
       negative */
    0x64, 0x19, 0x00, 0x40, 0x41, 0x00, 0x26, 0x30, 0x18, 0x88, 0x36, 0x00, 0x40, 0xF0, 0x10, 0x00, 0x00,
    0x18,
    /* range limits: 50-125 Hz, 30-110 kHz, 230 MHz */
    0x00, 0x00, 0x00, 0xFD, 0x00, 50, 125, 30, 110, 23, 0x00, 0x0A, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x00,
    0x00, 0x00, 0xFC, 0x00, 't', 'i', 'c', 'k', '8', '6', ' ', 'd', 'i', 's', 'p', '.', 0x0A, 0x00, 0x00,
    0x00, 0xFF, 0x00, '1', 0x0A, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20,
    0x00, /* no extensions */
};

static u16 display_data(struct registers *r)
{
    u8 sum = 0;
    if (r->bl == 0) {
        r->bx = 0x0102; /* a block takes a second, DDC2 */
        return SUCCESS;
    }
    if (r->bl != 1 || r->dx != 0)
        return FAILED;
    for (u32 i = 0; i < sizeof edid; i++) {
        far_write8(r->es, r->di + i, edid[i]);
        sum += edid[i];
    }
    far_write8(r->es, r->di + 127, (u8)-sum);
    return SUCCESS;
}

/* ---- dispatch ---- */

void vbe_service(struct registers *r)
{
    if (!dispi_present())
        return;
    switch (r->al) {
    case 0x00:
        r->ax = controller_information(r);
        break;
    case 0x01:
        r->ax = mode_information(r);
        break;
    case 0x02:
        r->ax = vbe_set_mode(r->bx);
        break;
    case 0x03:
        r->ax = get_mode(r);
        break;
    case 0x04:
        r->ax = save_restore(r);
        break;
    case 0x05:
        r->ax = window_control(r);
        break;
    case 0x06:
        r->ax = line_length(r);
        break;
    case 0x07:
        r->ax = display_start(r);
        break;
    case 0x08:
        r->ax = dac_format(r);
        break;
    case 0x09:
        r->ax = palette_data(r);
        break;
    case 0x0A:
        r->ax = protected_mode_interface(r);
        break;
    case 0x0B:
        r->ax = pixel_clock(r);
        break;
    case 0x10:
        r->ax = power_management(r);
        break;
    case 0x15:
        r->ax = display_data(r);
        break;
    default:
        r->ax = 0x0100; /* AL other than 4Fh: no such function */
        break;
    }
}
