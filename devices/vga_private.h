/* The inside of the display adapter, shared by devices/vga*.c alone.
 *
 * Video memory. Each plane has 64 KB for the VGA's own modes; the plane bytes of one address lie side by
 * side, as one 32-bit cell (plane 0 in the lowest byte), so that latches and planar writes are one operation.
 * Cell numbers are plane addresses with their low 16 bits rotated right by two:
 *
 *     plane address p   15 14 13 ... 3 2 | 1 0
 *     cell number        1  0 15 ... 5 4   3 2
 *
 * In chain-4 mode the VGA puts processor address A into plane A & 3 at plane address A & FFFCh (A16, A17 in
 * the low two bits where a card has more than 64 KB there). By the rotation that is byte A of video memory:
 * mode 13h and the packed VBE modes map straight to memory, and yet a program that turns chain-4 off finds
 * its pixels at each fourth plane address, as on the card. */
#ifndef TICK86_DEVICES_VGA_PRIVATE_H
#define TICK86_DEVICES_VGA_PRIVATE_H

#include "bus/device.h"
#include "bus/memory.h"
#include "devices/pci.h"
#include "devices/vga.h"

/* Indexes of registers, by their usual names. */
enum { SEQ_RESET, SEQ_CLOCKING_MODE, SEQ_MAP_MASK, SEQ_CHARACTER_MAP, SEQ_MEMORY_MODE, SEQ_COUNT };
enum {
    GFX_SET_RESET,
    GFX_ENABLE_SET_RESET,
    GFX_COLOR_COMPARE,
    GFX_DATA_ROTATE,
    GFX_READ_MAP,
    GFX_MODE,
    GFX_MISC,
    GFX_COLOR_DONT_CARE,
    GFX_BIT_MASK,
    GFX_COUNT
};
enum {
    CRTC_H_TOTAL,
    CRTC_H_DISPLAY_END,
    CRTC_H_BLANK_START,
    CRTC_H_BLANK_END,
    CRTC_H_RETRACE_START,
    CRTC_H_RETRACE_END,
    CRTC_V_TOTAL,
    CRTC_OVERFLOW,
    CRTC_PRESET_ROW_SCAN,
    CRTC_MAX_SCAN_LINE,
    CRTC_CURSOR_START,
    CRTC_CURSOR_END,
    CRTC_START_HIGH,
    CRTC_START_LOW,
    CRTC_CURSOR_HIGH,
    CRTC_CURSOR_LOW,
    CRTC_V_RETRACE_START,
    CRTC_V_RETRACE_END,
    CRTC_V_DISPLAY_END,
    CRTC_OFFSET,
    CRTC_UNDERLINE,
    CRTC_V_BLANK_START,
    CRTC_V_BLANK_END,
    CRTC_MODE_CONTROL,
    CRTC_LINE_COMPARE,
    CRTC_COUNT,
    CRTC_LATCH = 0x22,          /* the latch of the plane that is read; cannot be written */
    CRTC_ATTRIBUTE_STATE = 0x24 /* bit 7: port 3C0h takes data next */
};
enum { ATTR_MODE = 0x10, ATTR_OVERSCAN, ATTR_PLANE_ENABLE, ATTR_PEL_PANNING, ATTR_COLOR_SELECT, ATTR_COUNT };

enum { SEQ1_EIGHT_DOTS = 0x01, SEQ1_HALF_DOT_CLOCK = 0x08, SEQ1_SCREEN_OFF = 0x20 };
enum { SEQ4_SEQUENTIAL = 0x04, SEQ4_CHAIN4 = 0x08 };
enum { GFX5_READ_COMPARE = 0x08, GFX5_ODD_EVEN = 0x10, GFX5_INTERLEAVE = 0x20, GFX5_256_COLORS = 0x40 };
enum { GFX6_GRAPHICS = 0x01, GFX6_CHAIN_ODD_EVEN = 0x02 };
enum { CR9_DOUBLE_SCAN = 0x80, CR11_PROTECT = 0x80, CR14_DWORD = 0x40, CR14_COUNT_BY_4 = 0x20 };
enum {
    CR17_ROW0_NOT_A13 = 0x01,
    CR17_ROW1_NOT_A14 = 0x02,
    CR17_HALF_LINES = 0x04,
    CR17_COUNT_BY_2 = 0x08,
    CR17_WRAP_A15 = 0x20,
    CR17_BYTE_MODE = 0x40,
    CR17_RETRACES = 0x80,
};
enum {
    ATTR10_LINE_GRAPHICS = 0x04,
    ATTR10_BLINK = 0x08,
    ATTR10_PAN_COMPATIBLE = 0x20,
    ATTR10_EIGHT_BIT = 0x40,
    ATTR10_P54S = 0x80
};
enum { ATTR_INDEX_PAS = 0x20 };
enum { MISC_COLOR = 0x01, MISC_RAM = 0x02, MISC_EVEN_PAGE = 0x20 };

/* The dispi registers. */
enum {
    VBE_ID,
    VBE_XRES,
    VBE_YRES,
    VBE_BPP,
    VBE_ENABLE,
    VBE_BANK,
    VBE_VIRT_WIDTH,
    VBE_VIRT_HEIGHT,
    VBE_X_OFFSET,
    VBE_Y_OFFSET,
    VBE_VIDEO_MEMORY_64K,
    VBE_COUNT
};
enum {
    VBE_ENABLED = 0x01,
    VBE_GETCAPS = 0x02,
    VBE_8BIT_DAC = 0x20,
    VBE_LFB_ENABLED = 0x40,
    VBE_NOCLEARMEM = 0x80,
};
#define VBE_MAX_XRES 2560
#define VBE_MAX_YRES 1600
#define VBE_MAX_BPP  32

#define VGA_DAC_SIZE    (256 * 3)
#define VGA_MIN_MEMORY  0x40000u
#define VGA_PLANE_CELLS 0x10000u /* plane addresses of the VGA's own modes */

typedef uint64_t vga_window_read_fn(struct vga *vga, uint32_t offset, unsigned size);
typedef void vga_window_write_fn(struct vga *vga, uint32_t offset, uint64_t value, unsigned size);

/* What follows from CRTC, sequencer and clock select: a raster of character clocks. Lines and characters are
 * counted from the first displayed one. */
struct vga_timing {
    uint64_t num, den; /* character clocks per second */
    uint32_t line_chars, display_chars;
    uint32_t lines, display_lines;
    uint32_t retrace_start, retrace_end; /* lines; equal: no vertical retrace */
    uint64_t frame_chars;
};

struct vga {
    struct device dev;
    struct pci_function pci;
    struct wire irq;
    struct ram_block *vram;
    uint32_t cell_mask; /* cells of video memory - 1 */
    uint8_t *rom;       /* the copy that the PCI function shows */
    struct mem_region window, lfb, mmio;

    /* General registers. */
    uint8_t misc_output, feature_control;
    uint8_t subsystem_enable; /* 3C3h */
    uint8_t adapter_enable;   /* 46E8h */
    /* Sequencer, graphics controller, CRTC, attribute controller. */
    uint8_t seq_index, seq[SEQ_COUNT];
    uint8_t gfx_index, gfx[GFX_COUNT];
    uint8_t crtc_index, crtc[CRTC_COUNT];
    uint8_t attr_index; /* with the palette address source bit */
    uint8_t attr[ATTR_COUNT];
    bool attr_data_next; /* the flip-flop of 3C0h */
    /* DAC. */
    uint8_t pel_mask, dac_index, dac_component;
    bool dac_reading;
    uint8_t dac[VGA_DAC_SIZE];
    uint8_t dac_latch[3]; /* colour being written, or being read */
    /* Memory. */
    uint32_t latch; /* the four latches, plane 0 in the lowest byte */
    /* dispi. */
    uint16_t vbe_index;
    uint16_t vbe[VBE_COUNT];
    /* The start address takes effect at the vertical retrace after it was written. */
    uint16_t shown_start;
    uint64_t start_effective; /* cycle */
    /* Vertical interrupt. */
    bool retrace_pending;
    struct event retrace_event;

    /* From here on all follows from the above. */
    struct vga_timing timing;
    vga_window_read_fn *read_window;
    vga_window_write_fn *write_window;
    uint32_t bit_mask, map_mask;         /* by plane: 32 bits as in `latch` */
    uint32_t set_reset, set_reset_value; /* all planes; and masked with those enabled */
    uint32_t set_reset_keep;             /* planes that take the processor's data */
    uint32_t compare, compare_care;
    uint32_t plane_base; /* added to plane addresses: the bank of 4-bit VBE modes */
    uint32_t plane_wrap; /* mask of plane addresses */
    struct vga_raster_log *raster_log;
    bool powered;         /* the memory may hold something: it comes zeroed from the host */
    uint64_t spread[256]; /* 8 dots of a byte as 8 bytes, leftmost lowest */
};

/* ---- Cells ---- */

/* The cell of a plane address: see the head of this file. */
static inline uint32_t vga_cell(uint32_t plane_address)
{
    return (plane_address & ~0xFFFFu) | (plane_address & 0xFFFF) >> 2 | (plane_address & 3) << 14;
}

static inline uint32_t vga_load_cell(const struct vga *vga, uint32_t plane_address)
{
    const uint8_t *at = vga->vram->bytes + ((size_t)(vga_cell(plane_address) & vga->cell_mask) << 2);
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline bool vga_vbe_enabled(const struct vga *vga)
{
    return vga->vbe[VBE_ENABLE] & VBE_ENABLED;
}

/* vga.c: the registers' effects on what is derived. */
bool vga_io_enabled(const struct vga *vga);
/* The map of A0000h-BFFFFh and the functions behind it, after any register that rules it changed. */
void vga_update_window(struct vga *vga);

/* vga_ports.c */
extern const struct port_row vga_ports[];
/* One byte register, 3B0h <= PORT <= 3DFh, as the ports and BAR2 reach it. */
uint8_t vga_read_register(struct vga *vga, uint16_t port, bool peek);
void vga_write_register(struct vga *vga, uint16_t port, uint8_t value);
/* Do the registers hold only bits that exist? */
bool vga_registers_valid(const struct vga *vga);

/* vga_memory.c: the window's functions by write mode, read mode and addressing. */
void vga_update_memory_masks(struct vga *vga);
void vga_select_window_functions(struct vga *vga);
bool vga_chain4_is_linear(const struct vga *vga);
uint64_t vga_peek_window(const struct vga *vga, uint32_t offset, unsigned size);

/* vga_timing.c */
void vga_compute_timing(struct vga *vga);
/* The same, and what waits for the retrace is put right. */
void vga_update_timing(struct vga *vga);
uint8_t vga_input_status_1(const struct vga *vga);
uint64_t vga_frames_shown(const struct vga *vga);
/* The start address that is in force at CYCLE, which is not before the last frame began. */
uint16_t vga_start_address(const struct vga *vga, uint64_t cycle);
/* The cycle at which the beam was last at the top of the screen. */
uint64_t vga_frame_start(const struct vga *vga);
/* When the beam comes to counter line LINE of the frame that began at FRAME_START. */
uint64_t vga_cycle_of_line(const struct vga *vga, uint64_t frame_start, unsigned line);
/* To be called before the start address registers change. */
void vga_start_address_changes(struct vga *vga);
/* After CRTC 11h was written, or the raster changed. */
void vga_update_retrace_interrupt(struct vga *vga);
void vga_retrace_fired(void *owner, uint64_t late);

/* vga_vbe.c */
uint32_t vga_vbe_read_index(void *state, uint16_t port, unsigned size);
void vga_vbe_write_index(void *state, uint16_t port, uint32_t value, unsigned size);
uint32_t vga_vbe_read_data(void *state, uint16_t port, unsigned size);
void vga_vbe_write_data(void *state, uint16_t port, uint32_t value, unsigned size);
uint16_t vga_vbe_read(const struct vga *vga, unsigned index);
void vga_vbe_write(struct vga *vga, unsigned index, uint16_t value);
void vga_vbe_reset(struct vga *vga);
bool vga_vbe_valid(const struct vga *vga);
/* Bytes from one line to the next; in 4-bit modes bytes of a plane. */
uint32_t vga_vbe_line_bytes(const struct vga *vga);

/* ---- Changes while the beam is on its way, vga_raster_log.c ---- */

enum vga_register_space {
    VGA_SPACE_DAC, /* index: the entry; value: its three bytes, red lowest */
    VGA_SPACE_PEL_MASK,
    VGA_SPACE_ATTR,
    VGA_SPACE_ATTR_INDEX,
    VGA_SPACE_CRTC,
    VGA_SPACE_SEQ,
};

struct vga_raster_log *vga_raster_log_create(void);
extern const struct field vga_raster_log_fields[];
/* After these fields were loaded: do the counts make sense? */
bool vga_raster_log_valid(const struct vga *vga);
/* To be called for each change of a register that the picture depends on. */
void vga_raster_log_add(struct vga *vga, enum vga_register_space space, uint8_t index, uint32_t old,
                        uint32_t new);
/* Forgets what was before: the picture's size or kind changed. */
void vga_raster_log_clear(struct vga *vga);

/* The adapter as it was when the beam came by. */
struct vga_replay {
    struct vga vga;       /* a copy, to draw from */
    uint64_t frame_start; /* cycle */
    uint64_t next;        /* the change to be made next */
};
/* To the beginning of the frame that is, or was last, displayed. */
void vga_replay_begin(const struct vga *vga, struct vga_replay *replay);
/* Forward to where the beam comes to LINE; says whether anything changed. */
bool vga_replay_to_line(struct vga_replay *replay, unsigned line);

/* ---- Scan-out, vga_render.c and vga_text.c ---- */

/* The CRTC's counters while it goes down the screen. */
struct vga_scan {
    unsigned line;        /* 0 .. lines - 1 */
    unsigned lines;       /* displayed scan lines */
    uint16_t address;     /* memory address counter at the line's first character, byte panning included */
    uint16_t row_address; /* without byte panning */
    uint8_t row;          /* row scan counter */
    bool row_begins;      /* the first line of a row of characters */
    bool split;           /* below the line compare */
    bool repeated;        /* private: second line of a double-scanned pair */
};

/* START: the start address in force. */
void vga_scan_begin(const struct vga *vga, struct vga_scan *scan, uint16_t start);
/* False after the last line. */
bool vga_scan_next(const struct vga *vga, struct vga_scan *scan);
/* The plane address that counter value COUNTER gives on row scan ROW. */
uint32_t vga_scan_plane_address(const struct vga *vga, uint32_t counter, unsigned row);
/* Dots by which the line is shifted to the left. */
unsigned vga_scan_panning(const struct vga *vga, const struct vga_scan *scan);
unsigned vga_columns(const struct vga *vga);
unsigned vga_row_height(const struct vga *vga);

/* 00RRGGBBh of all 256 DAC entries as pixel values reach them (through the pel mask). */
void vga_dac_colours(const struct vga *vga, uint32_t colours[256]);
/* The DAC index that 4-bit pixel value PIXEL gives. */
uint8_t vga_palette_index(const struct vga *vga, unsigned pixel);

bool vga_is_text(const struct vga *vga);
/* What is the same for all lines of a frame. */
struct vga_text_look {
    uint32_t colours[16];
    unsigned char_width;
    bool blink_enabled, blink_on, cursor_on, line_graphics;
    uint16_t cursor_address;
    uint8_t cursor_start, cursor_end, underline;
    uint32_t font[2]; /* plane addresses; 1: for attributes with bit 3 */
};
void vga_text_prepare(const struct vga *vga, struct vga_text_look *look);
/* One scan line into PIXELS, with one more column than is shown, for panning: (columns + 1) * 9 at most. */
void vga_text_line(const struct vga *vga, const struct vga_text_look *look, const struct vga_scan *scan,
                   uint32_t *pixels);

#endif
