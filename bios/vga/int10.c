/* INT 10h: the functions by AH, after Ralf Brown's list; and what the BIOS does at power-on. */
#include "vgabios.h"

extern ROM u8 int10_entry[];
void int10(struct registers *r);
void post(u32 pci_function);

static void get_cursor(struct registers *r)
{
    r->cx = BDA_CURSOR_TYPE;
    r->dx = BDA_CURSOR_POS(r->bh & 7);
}

static void scroll(const struct registers *r)
{
    struct screen s;
    screen_get(&s, BDA_PAGE);
    screen_scroll(&s, r->al, r->bh, r->cx, r->dx, r->ah == 0x06);
    screen_done(&s);
}

static void read_character(struct registers *r)
{
    struct screen s;
    u8 page = r->bh & 7;
    u16 position = BDA_CURSOR_POS(page);
    screen_get(&s, page);
    r->ax = screen_read(&s, (u8)(position >> 8), (u8)position);
    screen_done(&s);
}

/* AH=09h and 0Ah; in mode 13h and VBE modes BH is no page (it may be a background colour), but a page beyond
 * 7 is none anywhere. */
static void write_character(const struct registers *r)
{
    struct screen s;
    u8 page = r->bh & 7;
    screen_get(&s, page);
    if (s.kind == KIND_PACKED) {
        page = 0;
        s.start = 0;
    }
    u16 position = BDA_CURSOR_POS(page);
    screen_write(&s, (u8)(position >> 8), (u8)position, r->al, r->bl, r->ah == 0x09, r->cx);
    screen_done(&s);
}

static void pixel(struct registers *r)
{
    struct screen s;
    screen_get(&s, r->bh & 7);
    if (s.kind == KIND_PACKED)
        s.start = 0;
    if (r->ah == 0x0C)
        graphics_write_pixel(&s, r->cx, r->dx, r->al);
    else
        r->al = graphics_read_pixel(&s, r->cx, r->dx);
    screen_done(&s);
}

static void set_mode(struct registers *r)
{
    u8 number = r->al & 0x7F;
    if (number == 0x6A) { /* VESA's other number for 102h */
        vbe_set_mode(0x0102 | (u16)(r->al & 0x80) << 8);
        return;
    }
    mode_set(r->al);
    /* AL as IBM's BIOS leaves it: some programs look. */
    r->al = number > 7 ? 0x20 : number == 6 ? 0x3F : 0x30;
}

static void get_mode(struct registers *r)
{
    r->al = BDA_MODE | (BDA_VIDEO_CONTROL & CONTROL_NO_CLEAR);
    r->ah = (u8)BDA_COLUMNS;
    r->bh = BDA_PAGE;
}

void int10(struct registers *r)
{
    switch (r->ah) {
    case 0x00:
        set_mode(r);
        break;
    case 0x01:
        cursor_set_type(r->ch, r->cl);
        break;
    case 0x02:
        cursor_move(r->bh, r->dh, r->dl);
        break;
    case 0x03:
        get_cursor(r);
        break;
    case 0x04: /* light pen: a VGA has none */
        r->ah = 0;
        break;
    case 0x05:
        screen_set_page(r->al);
        break;
    case 0x06:
    case 0x07:
        scroll(r);
        break;
    case 0x08:
        read_character(r);
        break;
    case 0x09:
    case 0x0A:
        write_character(r);
        break;
    case 0x0B:
        palette_border(r);
        break;
    case 0x0C:
    case 0x0D:
        pixel(r);
        break;
    case 0x0E:
        screen_teletype(r->al, r->bl);
        break;
    case 0x0F:
        get_mode(r);
        break;
    case 0x10:
        palette_service(r);
        break;
    case 0x11:
        font_service(r);
        break;
    case 0x12:
        select_service(r);
        break;
    case 0x13:
        screen_write_string(r);
        break;
    case 0x1A:
        combination_service(r);
        break;
    case 0x1B:
        functionality_service(r);
        break;
    case 0x1C:
        state_service(r);
        break;
    case 0x4F:
        vbe_service(r);
        break;
    default:
        break;
    }
}

/* ---- power-on ---- */

/* The 6845's settings for the CGA's modes (INT 1Dh), for programs that look; the system BIOS has them as
 * well. */
static ROM u8 crtc_6845[88] ROM_DATA = {
    0x38, 0x28, 0x2D, 0x0A, 0x1F, 0x06, 0x19, 0x1C, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0, /* 40x25 */
    0x71, 0x50, 0x5A, 0x0A, 0x1F, 0x06, 0x19, 0x1C, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0, /* 80x25 */
    0x38, 0x28, 0x2D, 0x0A, 0x7F, 0x06, 0x64, 0x70, 0x02, 0x01, 0x06, 0x07, 0, 0, 0, 0, /* graphics */
    0x61, 0x50, 0x52, 0x0F, 0x19, 0x06, 0x19, 0x19, 0x02, 0x0D, 0x0B, 0x0C, 0, 0, 0, 0, /* monochrome */
    0x00, 0x08, 0x00, 0x10, 0x00, 0x40, 0x00, 0x40,                                     /* lengths */
    40,   40,   80,   80,   40,   40,   80,   80,                                       /* columns */
    0x2C, 0x28, 0x2D, 0x29, 0x2A, 0x2E, 0x1E, 0x29,                                     /* 3D8h */
};

static void set_vectors(void)
{
    u32 entry = FAR(rom_segment(), (u32)int10_entry), old = VECTOR(0x10);
    if (old != entry && (u16)(old >> 16) != rom_segment())
        VECTOR(0x42) = old; /* the system BIOS's own video service */
    VECTOR(0x10) = entry;
    VECTOR(0x6D) = entry;
    if (VECTOR(0x1D) == 0)
        VECTOR(0x1D) = ROM_FAR(crtc_6845);
    VECTOR(0x1F) = FAR(rom_segment(), (u32)&font_8x8 + 128 * 8);
    VECTOR(0x43) = ROM_FAR(font_8x16);
}

void post(u32 pci_function)
{
    (void)pci_function;          /* frame_buffer finds the adapter by itself */
    outb(0x3C3, 0x01);           /* video subsystem on */
    outb(PORT_MISC_WRITE, 0x67); /* colour addresses, memory on */
    set_vectors();
    BDA_VIDEO_CONTROL = 0x60; /* 256 KB, colour, cursor emulation */
    BDA_SWITCHES = 0xF9;
    BDA_MODE_OPTIONS = 0x51; /* 400 lines, VGA active, display switch */
    BDA_DCC = 0x0B;          /* VGA with colour display */
    BDA_SAVE_POINTER = ROM_FAR(save_pointer_table);
    BDA_VBE_MODE = 0;
    mode_set(0x03);
}
