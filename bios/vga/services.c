/* INT 10h AH=12h (alternate select), 1Ah (display combination), 1Bh (functionality and state), and INT 05h
 * (print screen). */
#include "vgabios.h"

extern ROM u8 int05_entry[];
u32 video_read_at_cursor(u32 page, u32 position) __attribute__((regparm(3)));
u32 printer_send(u32 character) __attribute__((regparm(3)));
void print_screen(void);

/* ---- AH=12h ---- */

static void set_flag(u8 clear, u8 flag)
{
    BDA_MODE_OPTIONS = (BDA_MODE_OPTIONS & ~flag) | (clear ? 0 : flag);
}

static void video_information(struct registers *r)
{
    r->bh = BDA_CRTC == 0x3B4;
    r->bl = 3; /* 256 KB */
    r->ch = BDA_SWITCHES >> 4;
    r->cl = BDA_SWITCHES & 0x0F;
}

static void select_scan_lines(u8 choice)
{
    static ROM u8 flags[] ROM_DATA = {OPTION_LINES_200, 0, OPTION_LINES_400};
    static ROM u8 switches[] ROM_DATA = {0x08, 0x09, 0x09};
    if (choice > 2)
        return;
    BDA_MODE_OPTIONS = (BDA_MODE_OPTIONS & ~(OPTION_LINES_200 | OPTION_LINES_400)) | flags[choice];
    BDA_SWITCHES = (BDA_SWITCHES & 0xF0) | switches[choice];
}

/* AL=0 on, 1 off: the adapter's memory and ports. */
static void enable_video(u8 off)
{
    u8 misc = inb(PORT_MISC_READ) & ~0x02;
    outb(PORT_MISC_WRITE, misc | (off ? 0 : 0x02));
}

void select_service(struct registers *r)
{
    u8 what = r->bl;
    switch (what) {
    case 0x10:
        video_information(r);
        return;
    case 0x20:
        VECTOR(0x05) = FAR(rom_segment(), (u32)int05_entry);
        return;
    case 0x30:
        select_scan_lines(r->al);
        break;
    case 0x31:
        set_flag(!(r->al & 1), OPTION_NO_PALETTE);
        break;
    case 0x32:
        enable_video(r->al & 1);
        break;
    case 0x33:
        set_flag(r->al & 1, OPTION_GRAY);
        break;
    case 0x34:
        BDA_VIDEO_CONTROL = (BDA_VIDEO_CONTROL & ~CONTROL_NO_CURSOR_EMULATION) | (r->al & 1);
        break;
    case 0x35: /* one display only: the switch is made and changes nothing */
        break;
    case 0x36:
        out_indexed(PORT_SEQUENCER, 1, (in_indexed(PORT_SEQUENCER, 1) & ~0x20) | (r->al & 1 ? 0x20 : 0));
        break;
    default:
        return;
    }
    r->al = 0x12;
}

/* ---- AH=1Ah ---- */

/* The far pointer to the display combination table in force. */
static u32 combinations(void)
{
    u32 table = save_pointer_secondary(0);
    return table ? table : ROM_FAR(dcc_table);
}

/* BL active, BH other display's code. */
static u16 combination(void)
{
    u32 table = combinations();
    u16 segment = (u16)(table >> 16), offset = (u16)table;
    u8 index = BDA_DCC;
    if (index >= far_read8(segment, offset))
        return 0xFFFF;
    u8 first = far_read8(segment, offset + 4 + 2 * index),
       second = far_read8(segment, offset + 5 + 2 * index);
    if (first == 0)
        return second;
    /* With two displays the one that is driven now comes first: colour codes are even. */
    u8 color = BDA_CRTC == 0x3D4;
    return (first & 1) == color ? (u16)(second | first << 8) : (u16)(first | second << 8);
}

static void set_combination(u8 active, u8 other)
{
    u32 table = combinations();
    u16 segment = (u16)(table >> 16), offset = (u16)table;
    u8 count = far_read8(segment, offset);
    for (u8 i = 0; i < count && i < 64; i++) {
        u8 first = far_read8(segment, offset + 4 + 2 * i), second = far_read8(segment, offset + 5 + 2 * i);
        if ((first == other && second == active) || (first == active && second == other)) {
            BDA_DCC = i;
            return;
        }
    }
    BDA_DCC = 0xFF;
}

void combination_service(struct registers *r)
{
    if (r->al > 1)
        return;
    if (r->al == 0)
        r->bx = combination();
    else
        set_combination(r->bl, r->bh);
    r->al = 0x1A;
}

/* ---- AH=1Bh ---- */

/* Static functionality: modes, scan lines, font blocks, and functions that there are. */
static ROM u8 functionality[16] ROM_DATA = {
    0xFF, 0xE0, 0x0F, 0, 0, 0, 0, /* modes 00-07, 0D-0F, 10-13 */
    0x07,                         /* 200, 350, 400 lines */
    0x02, 0x08,                   /* font blocks: shown at once, in all */
    0xFF,                         /* summing, fonts, cursor, palette and DAC functions, paging */
    0x0E,                         /* state save, blink control, display combination */
    0,    0,    0x3F,             /* save pointer functions */
    0,
};

static u8 scan_line_code(void)
{
    u8 number = BDA_MODE;
    if (number == 0x11 || number == 0x12 || number == 0x57 || number == 0x58)
        return 3;
    if (number == 0x0F || number == 0x10 || number == 0x54)
        return 1;
    if ((number >= 4 && number <= 6) || number == 0x0D || number == 0x0E || number == 0x13)
        return 0;
    u16 lines = mode_scan_lines();
    return lines == 200 ? 0 : lines == 350 ? 1 : 2;
}

static u16 color_count(void)
{
    const struct mode __seg_fs *mode = mode_find(BDA_MODE);
    if (!mode || !mode->color_bits)
        return 0;
    return (u16)(1 << mode->color_bits);
}

static u8 misc_state(void)
{
    u8 options = BDA_MODE_OPTIONS, control = BDA_VIDEO_CONTROL;
    u8 state = 0x01; /* every mode on every display */
    state |= options & OPTION_GRAY ? 0x02 : 0;
    state |= BDA_CRTC == 0x3B4 ? 0x04 : 0;
    state |= options & OPTION_NO_PALETTE ? 0x08 : 0;
    state |= control & CONTROL_NO_CURSOR_EMULATION ? 0 : 0x10;
    state |= palette_attribute_read(0x10) & 0x08 ? 0x20 : 0;
    return state;
}

static u8 save_pointer_state(void)
{
    u8 state = save_pointer_secondary(1) ? 0x01 : 0; /* second font: 512 characters */
    state |= save_pointer(1) ? 0x02 : 0;
    state |= save_pointer(2) ? 0x04 : 0;
    state |= save_pointer(3) ? 0x08 : 0;
    state |= save_pointer_secondary(2) ? 0x10 : 0;
    state |= save_pointer_secondary(0) ? 0x20 : 0;
    return state;
}

void functionality_service(struct registers *r)
{
    const struct mode __seg_fs *mode = mode_find(BDA_MODE);
    u16 segment = r->es, at = r->di;
    if (r->bx != 0)
        return;
    far_fill8(segment, at, 0, 64);
    far_write32(segment, at, ROM_FAR(functionality));
    far_copy8(segment, at + 4, 0x40, 0x49,
              30); /* mode to CRTC port, 3D8h and 3D9h: the data area has this order */
    far_write8(segment, at + 0x22, BDA_ROWS + 1);
    far_write16(segment, at + 0x23, BDA_CHAR_HEIGHT);
    u16 displays = combination();
    far_write8(segment, at + 0x25, (u8)displays);
    far_write8(segment, at + 0x26, (u8)(displays >> 8));
    far_write16(segment, at + 0x27, color_count());
    far_write8(segment, at + 0x29, mode ? mode->pages : 1);
    far_write8(segment, at + 0x2A, scan_line_code());
    u8 blocks = in_indexed(PORT_SEQUENCER, 3); /* bits 4, 1-0 primary; 5, 3-2 secondary */
    far_write8(segment, at + 0x2B, (u8)((blocks & 3) | (blocks >> 2 & 4)));
    far_write8(segment, at + 0x2C, (u8)((blocks >> 2 & 3) | (blocks >> 3 & 4)));
    far_write8(segment, at + 0x2D, misc_state());
    far_write8(segment, at + 0x31, 3); /* 256 KB */
    far_write8(segment, at + 0x32, save_pointer_state());
    r->al = 0x1B;
}

/* ---- INT 05h ---- */

static u8 print_line(u8 page, u8 row, u8 columns)
{
    for (u8 column = 0; column < columns; column++) {
        u8 character = (u8)video_read_at_cursor(page, (u32)(row << 8 | column));
        if (printer_send(character ? character : ' '))
            return 0;
    }
    return !printer_send('\r') && !printer_send('\n');
}

/* 50:0 tells how it went: 1 under way, 0 done, FFh failed. */
void print_screen(void)
{
    if (LOW8(0x500) == 1)
        return;
    LOW8(0x500) = 1;
    u8 page = BDA_PAGE & 7, rows = BDA_ROWS, good = 1;
    u16 cursor = BDA_CURSOR_POS(page);
    for (u8 row = 0; good && row <= rows && row < 128; row++)
        good = print_line(page, row, (u8)BDA_COLUMNS);
    cursor_move(page, (u8)(cursor >> 8), (u8)cursor);
    LOW8(0x500) = good ? 0 : 0xFF;
}
