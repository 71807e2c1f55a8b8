/*
 * The VGA BIOS: types, memory and port access, and what its files offer each other.
 *
 * The C code runs in real or virtual-8086 mode, compiled by gcc -m16 (32-bit registers, 16-bit segments of 64
 * KB). Segment registers are fixed while C code runs, see entry.S: CS, FS  the ROM itself; constants are
 * declared ROM and read through FS GS      segment 0: interrupt vectors and the BIOS data area SS, DS, ES the
 * caller's stack, so that the compiler's pointers to locals work. Video memory and the caller's buffers are
 *           reached by the far_... functions, which put DS and ES back.
 * There is no memory of our own that is written but the stack and the BIOS data area.
 */
#ifndef BIOS_VGA_VGABIOS_H
#define BIOS_VGA_VGABIOS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

#define ROM      const __seg_fs
#define ROM_DATA __attribute__((section(".rom"))) /* with the definition of each ROM object */

#define LOW8(address)  (*(volatile u8 __seg_gs *)(address))
#define LOW16(address) (*(volatile u16 __seg_gs *)(address))
#define LOW32(address) (*(volatile u32 __seg_gs *)(address))

/* BIOS data area (segment 40h), Ralf Brown's MEMORY.LST. */
#define BDA_EQUIPMENT        LOW16(0x410)
#define BDA_MODE             LOW8(0x449)
#define BDA_COLUMNS          LOW16(0x44A)
#define BDA_PAGE_SIZE        LOW16(0x44C)
#define BDA_PAGE_START       LOW16(0x44E)
#define BDA_CURSOR_POS(page) LOW16(0x450 + 2 * (page))
#define BDA_CURSOR_TYPE      LOW16(0x460)
#define BDA_PAGE             LOW8(0x462)
#define BDA_CRTC             LOW16(0x463)
#define BDA_MODE_SELECT      LOW8(0x465)
#define BDA_CGA_PALETTE      LOW8(0x466)
#define BDA_ROWS             LOW8(0x484) /* less one */
#define BDA_CHAR_HEIGHT      LOW16(0x485)
#define BDA_VIDEO_CONTROL    LOW8(0x487) /* bit 7 memory not cleared, 0 cursor emulation off */
#define BDA_SWITCHES         LOW8(0x488)
#define BDA_MODE_OPTIONS                                                                                     \
    LOW8(0x489) /* bits 7, 4 scan lines, 3 no default palette, 1 gray summing, 0 VGA active */
#define BDA_DCC          LOW8(0x48A) /* index into the display combination table */
#define BDA_SAVE_POINTER LOW32(0x4A8)
#define BDA_VBE_MODE     LOW16(0x4BA) /* ours: VBE mode with its flag bits, 0 when none */

#define CONTROL_NO_CLEAR            0x80
#define CONTROL_NO_CURSOR_EMULATION 0x01
#define OPTION_LINES_200            0x80
#define OPTION_LINES_400            0x10
#define OPTION_NO_PALETTE           0x08
#define OPTION_MONOCHROME           0x04
#define OPTION_GRAY                 0x02

#define VECTOR(number)       LOW32(4 * (number))
#define FAR(segment, offset) ((u32)(segment) << 16 | (u16)(u32)(offset))
#define ROM_FAR(object)      FAR(rom_segment(), &(object))

/* VGA ports. */
#define PORT_ATTRIBUTE       0x3C0
#define PORT_ATTRIBUTE_READ  0x3C1
#define PORT_MISC_WRITE      0x3C2
#define PORT_SEQUENCER       0x3C4
#define PORT_DAC_MASK        0x3C6
#define PORT_DAC_READ_INDEX  0x3C7
#define PORT_DAC_WRITE_INDEX 0x3C8
#define PORT_DAC_DATA        0x3C9
#define PORT_MISC_READ       0x3CC
#define PORT_GRAPHICS        0x3CE

static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline void outw(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}
static inline void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}
static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline u16 inw(u16 port)
{
    u16 value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline u32 inl(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
/* An indexed register: index and data in one word access. */
static inline void out_indexed(u16 port, u8 index, u8 value)
{
    outw(port, (u16)(index | value << 8));
}
static inline u8 in_indexed(u16 port, u8 index)
{
    outb(port, index);
    return inb(port + 1);
}

static inline u16 rom_segment(void)
{
    u16 segment;
    __asm__("movw %%cs, %0" : "=r"(segment));
    return segment;
}

/* Far accesses. Offsets wrap at 64 KB, so nothing that a caller passes can make them fault. */
#define RESTORE_DS "pushw %%ss\n\tpopw %%ds\n\t"
#define RESTORE_ES "pushw %%ss\n\tpopw %%es\n\t"
static inline u8 far_read8(u16 segment, u16 offset)
{
    u8 value;
    __asm__ volatile("movw %w1, %%es\n\tmovb %%es:(%%bx), %0\n\t" RESTORE_ES
                     : "=q"(value)
                     : "r"(segment), "b"(offset)
                     : "memory");
    return value;
}
static inline void far_write8(u16 segment, u16 offset, u8 value)
{
    __asm__ volatile("movw %w1, %%es\n\tmovb %0, %%es:(%%bx)\n\t" RESTORE_ES
                     :
                     : "q"(value), "r"(segment), "b"(offset)
                     : "memory");
}
static inline u16 far_read16(u16 segment, u16 offset)
{
    return (u16)(far_read8(segment, offset) | far_read8(segment, offset + 1) << 8);
}
static inline u32 far_read32(u16 segment, u16 offset)
{
    return far_read16(segment, offset) | (u32)far_read16(segment, offset + 2) << 16;
}
static inline void far_write16(u16 segment, u16 offset, u16 value)
{
    far_write8(segment, offset, (u8)value);
    far_write8(segment, offset + 1, (u8)(value >> 8));
}
static inline void far_write32(u16 segment, u16 offset, u32 value)
{
    far_write16(segment, offset, (u16)value);
    far_write16(segment, offset + 2, (u16)(value >> 16));
}
/* Upwards (step +1) copies; counts in the unit named. */
static inline void far_copy8(u16 to_segment, u16 to, u16 from_segment, u16 from, u16 count)
{
    u32 di = to, si = from, cx = count;
    __asm__ volatile("movw %w3, %%es\n\tmovw %w4, %%ds\n\trep movsb\n\t" RESTORE_DS RESTORE_ES
                     : "+D"(di), "+S"(si), "+c"(cx)
                     : "r"(to_segment), "r"(from_segment)
                     : "memory");
}
static inline void far_copy32(u16 to_segment, u16 to, u16 from_segment, u16 from, u16 count)
{
    u32 di = to, si = from, cx = count;
    __asm__ volatile("movw %w3, %%es\n\tmovw %w4, %%ds\n\trep movsl\n\t" RESTORE_DS RESTORE_ES
                     : "+D"(di), "+S"(si), "+c"(cx)
                     : "r"(to_segment), "r"(from_segment)
                     : "memory");
}
static inline void far_fill8(u16 segment, u16 offset, u8 value, u16 count)
{
    u32 di = offset, cx = count;
    __asm__ volatile("movw %w3, %%es\n\trep stosb\n\t" RESTORE_ES
                     : "+D"(di), "+c"(cx)
                     : "a"(value), "r"(segment)
                     : "memory");
}
static inline void far_fill16(u16 segment, u16 offset, u16 value, u16 count)
{
    u32 di = offset, cx = count;
    __asm__ volatile("movw %w3, %%es\n\trep stosw\n\t" RESTORE_ES
                     : "+D"(di), "+c"(cx)
                     : "a"(value), "r"(segment)
                     : "memory");
}
static inline void far_fill32(u16 segment, u16 offset, u32 value, u16 count)
{
    u32 di = offset, cx = count;
    __asm__ volatile("movw %w3, %%es\n\trep stosl\n\t" RESTORE_ES
                     : "+D"(di), "+c"(cx)
                     : "a"(value), "r"(segment)
                     : "memory");
}
/* Between far memory and a local. */
static inline u16 stack_segment(void)
{
    u16 segment;
    __asm__("movw %%ss, %0" : "=r"(segment));
    return segment;
}
static inline void far_load(void *to, u16 segment, u16 offset, u16 count)
{
    far_copy8(stack_segment(), (u16)(u32)to, segment, offset, count);
}
static inline void far_store(u16 segment, u16 offset, const void *from, u16 count)
{
    far_copy8(segment, offset, stack_segment(), (u16)(u32)from, count);
}

#define REGISTER(letter)                                                                                     \
    union {                                                                                                  \
        u32 e##letter##x;                                                                                    \
        u16 letter##x;                                                                                       \
        struct {                                                                                             \
            u8 letter##l, letter##h;                                                                         \
        };                                                                                                   \
    }
#define INDEX_REGISTER(name)                                                                                 \
    union {                                                                                                  \
        u32 e##name;                                                                                         \
        u16 name;                                                                                            \
    }
/* The caller's registers, in the order that entry.S pushes them. */
struct registers {
    INDEX_REGISTER(di);
    INDEX_REGISTER(si);
    INDEX_REGISTER(bp);
    u32 esp;
    REGISTER(b);
    REGISTER(d);
    REGISTER(c);
    REGISTER(a);
    u16 gs, fs, ds, es;
    u16 ip, cs, flags;
};

/* ---- modes.c: the modes and their registers ---- */

enum mode_kind { KIND_TEXT, KIND_CGA4, KIND_CGA2, KIND_PLANAR, KIND_PACKED };
enum mode_palette { PALETTE_CGA, PALETTE_EGA, PALETTE_MONO, PALETTE_256 };

/* One mode of INT 10h AH=00h. */
struct mode {
    u8 number;
    u8 kind;
    u8 parameters; /* index into the parameter table; for modes 0-3 and 7 the 200-line (7: 350-line) entry */
    u8 palette;
    u8 pages;
    u8 color_bits; /* log2 of the number of colours, in text modes 4 (0: monochrome) */
    u16 segment;
};

/* An entry of the video parameter table, the IBM VGA's layout. */
struct parameters {
    u8 columns, rows, height;
    u16 page_size;
    u8 sequencer[4];
    u8 misc;
    u8 crtc[25];
    u8 attribute[20];
    u8 graphics[9];
} __attribute__((packed));

/* Returns the description of a mode by its number, 0 when there is none. */
const struct mode __seg_fs *mode_find(u8 number);
/* INT 10h AH=00h; bit 7 of number keeps the memory. An unknown mode changes nothing. */
void mode_set(u8 number);
/* Writes all registers of an entry but its palette into the chip, screen off until mode_screen_on. */
void mode_write_registers(const struct parameters *p);
void mode_screen_on(void);
/* Copies entry `index` of the table in force (save pointer table, or ROM) to *p. */
void mode_parameters(u8 index, struct parameters *p);
/* The parameter table entry of a mode, by the scan lines in force for text modes. */
u8 mode_parameter_index(const struct mode __seg_fs *mode);
/* Whether `number` is in the FFh-terminated list of modes at the far pointer plus offset. */
u8 mode_in_list(u32 list, u8 offset, u8 number);
/* Nominal scan lines of the current text mode: 200, 350, 400, 480. */
u16 mode_scan_lines(void);
/* The caller's far pointers in the save pointer table and the secondary one; 0 when absent. */
u32 save_pointer(u8 entry);
u32 save_pointer_secondary(u8 entry);
extern ROM u8 save_pointer_table[];
extern ROM u8 dcc_table[];

/* ---- palette.c ---- */

void palette_attribute_write(u8 index, u8 value);
u8 palette_attribute_read(u8 index);
/* One DAC entry, 6 (or 8) bits a component. */
void palette_dac_write(u8 index, u8 red, u8 green, u8 blue);
void palette_load(enum mode_palette palette);
/* The palette profile of the secondary save pointer table, if it names the mode. */
void palette_override(u8 mode);
/* The default 256-colour palette's entry as 6-bit components, packed red << 16 | green << 8 | blue. */
u32 palette_default_color(u8 index);
void palette_service(struct registers *r); /* AH=10h */
void palette_border(struct registers *r);  /* AH=0Bh */
void palette_gray_sum(u8 first, u16 count);

/* ---- font.c ---- */

extern ROM u8 font_8x16[], font_8x14[], font_8x8[], font_9x16[], font_9x14[];
/* Writes `count` glyphs of `height` rows from segment:offset into map 2, from `first` on, block 0-7. */
void font_load(u16 segment, u16 offset, u16 first, u16 count, u8 height, u8 block);
/* The ROM font for a mode of `height` rows, with the nine-dot shapes where the mode has nine-dot cells. */
void font_load_rom(u8 height, u8 block, u8 nine_dots);
/* Recomputes rows, page size, cursor and the CRTC for text characters of `height` scan lines. */
void font_set_height(u8 height);
void font_service(struct registers *r); /* AH=11h */

/* ---- screen.c: text output ---- */

/* Where the current mode keeps its picture; filled by screen_get. */
struct screen {
    u8 kind;   /* enum mode_kind */
    u8 bits;   /* per pixel; 4 in planar modes */
    u8 banked; /* the picture is reached through the VBE window */
    u8 mono;   /* planar mode 0Fh */
    u8 height; /* character rows */
    u16 columns, rows;
    u16 segment;
    u32 pitch; /* bytes from one scan line to the next, of one plane in planar modes */
    u32 start; /* byte offset of the page */
    u16 bank;  /* window position that was found, put back by screen_done */
};
void screen_get(struct screen *s, u8 page);
void screen_done(const struct screen *s);
void cursor_move(u8 page, u8 row, u8 column);
void cursor_set_type(u8 start, u8 end);
void screen_set_page(u8 page);
void screen_scroll(struct screen *s, u8 lines, u8 attribute, u16 top_left, u16 bottom_right, u8 up);
void screen_write(struct screen *s, u8 row, u8 column, u8 character, u8 attribute, u8 with_attribute,
                  u16 count);
u16 screen_read(struct screen *s, u8 row, u8 column);
void screen_teletype(u8 character, u8 color);
void screen_write_string(struct registers *r); /* AH=13h */

/* ---- graphics.c: glyphs, scrolling and pixels in graphics modes ---- */

void graphics_glyph(struct screen *s, u8 row, u8 column, u8 character, u8 color);
u8 graphics_read_glyph(struct screen *s, u8 row, u8 column);
/* Copies a span of `columns` character columns from text row `from` to `to`, or fills it. */
void graphics_copy_row(struct screen *s, u8 from, u8 to, u8 column, u16 columns);
void graphics_fill_row(struct screen *s, u8 row, u8 column, u16 columns, u8 color);
void graphics_write_pixel(struct screen *s, u16 x, u16 y, u8 color);
u8 graphics_read_pixel(struct screen *s, u16 x, u16 y);

/* ---- services.c: AH=12h, 1Ah, 1Bh; state.c: AH=1Ch ---- */

void select_service(struct registers *r);
void combination_service(struct registers *r);
void functionality_service(struct registers *r);
void state_service(struct registers *r);
/* Sizes in bytes, and the transfer, for the parts in `mask`: 1 hardware, 2 data area, 4 DAC, 8 VBE. */
u16 state_size(u8 mask);
void state_save(u8 mask, u16 segment, u16 offset);
void state_restore(u8 mask, u16 segment, u16 offset);

/* ---- vbe.c ---- */

/* The Bochs display interface, ports 1CEh and 1CFh. */
enum dispi {
    DISPI_ID,
    DISPI_XRES,
    DISPI_YRES,
    DISPI_BPP,
    DISPI_ENABLE,
    DISPI_BANK,
    DISPI_VIRT_WIDTH,
    DISPI_VIRT_HEIGHT,
    DISPI_X_OFFSET,
    DISPI_Y_OFFSET,
    DISPI_MEMORY_64K
};
#define DISPI_ENABLED  0x01
#define DISPI_GETCAPS  0x02
#define DISPI_8BIT_DAC 0x20
#define DISPI_LFB      0x40
#define DISPI_NO_CLEAR 0x80
static inline void dispi_write(u16 index, u16 value)
{
    outw(0x1CE, index);
    outw(0x1CF, value);
}
static inline u16 dispi_read(u16 index)
{
    outw(0x1CE, index);
    return inw(0x1CF);
}
u8 dispi_present(void);
/* Back to plain VGA. */
void vbe_off(void);
void vbe_service(struct registers *r); /* AX=4Fxxh */
/* Sets a VBE mode with its flag bits; returns the status for AX. */
u16 vbe_set_mode(u16 mode);
/* Bytes from one scan line to the next (of one plane in planar modes) in the mode that is on. */
u32 vbe_pitch(void);
u8 vbe_active(void);

#endif
