/* The Bochs VBE extension ("dispi"): modes of up to 2560 x 1600 pixels with 4 to 32 bits, set through an
 * index and a data port, or through BAR2. Source: vbe_display_api.txt of the Bochs project, as of ID B0C5h.
 *
 * A mode that video memory cannot hold is refused: the enable bit stays clear. Values that would lead outside
 * memory while a mode is on are cut down to what fits. */
#include <string.h>

#include "devices/vga_private.h"

#define ID_FIRST  0xB0C0
#define ID_LATEST 0xB0C5
#define BANK_SIZE 0x10000u
/* How fast the chip clears its memory: 16 bytes in a clock of 33.3 MHz. */
#define CLEARED_IN_30_NS 16

static bool bpp_exists(unsigned bpp)
{
    return bpp == 4 || bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32;
}

/* Bytes of a line of WIDTH pixels; of one plane where BPP is 4. */
static uint32_t line_bytes(unsigned width, unsigned bpp)
{
    return bpp == 4 ? (width + 7) / 8 : width * ((bpp + 7) / 8);
}

uint32_t vga_vbe_line_bytes(const struct vga *vga)
{
    return line_bytes(vga->vbe[VBE_VIRT_WIDTH], vga->vbe[VBE_BPP]);
}

/* Memory that one line may be taken from: all, or in 4-bit modes a plane. */
static uint32_t line_memory(const struct vga *vga, unsigned bpp)
{
    return (uint32_t)vga->vram->size / (bpp == 4 ? 4 : 1);
}

static uint32_t lines_that_fit(const struct vga *vga, unsigned width, unsigned bpp)
{
    return line_memory(vga, bpp) / line_bytes(width, bpp);
}

static bool mode_fits(const struct vga *vga, unsigned width, unsigned virtual_width, unsigned height,
                      unsigned bpp)
{
    return bpp_exists(bpp) && width && width <= VBE_MAX_XRES && height && height <= VBE_MAX_YRES &&
           virtual_width >= width && lines_that_fit(vga, virtual_width, bpp) >= height;
}

static uint16_t virtual_height(const struct vga *vga)
{
    uint32_t lines = lines_that_fit(vga, vga->vbe[VBE_VIRT_WIDTH], vga->vbe[VBE_BPP]);
    return lines > 0xFFFF ? 0xFFFF : (uint16_t)lines;
}

static void cut_down(uint16_t *value, unsigned most)
{
    if (*value > most)
        *value = (uint16_t)most;
}

/* The picture begins where the offsets point to and goes on from there line by line of the virtual screen, so
 * one that begins too far to the right shows the beginnings of the lines below; it needs one line more. */
static unsigned last_x_offset(const uint16_t *r, unsigned y_offset)
{
    bool line_below = y_offset + r[VBE_YRES] < r[VBE_VIRT_HEIGHT];
    return r[VBE_VIRT_WIDTH] - (line_below ? 1u : r[VBE_XRES]);
}

static void cut_offsets(struct vga *vga)
{
    uint16_t *r = vga->vbe;
    cut_down(&r[VBE_Y_OFFSET], r[VBE_VIRT_HEIGHT] - r[VBE_YRES]);
    cut_down(&r[VBE_X_OFFSET], last_x_offset(r, r[VBE_Y_OFFSET]));
}

static unsigned bank_count(const struct vga *vga)
{
    return line_memory(vga, vga->vbe[VBE_BPP]) / BANK_SIZE;
}

bool vga_vbe_valid(const struct vga *vga)
{
    const uint16_t *r = vga->vbe;
    if (!vga_vbe_enabled(vga))
        return true;
    return mode_fits(vga, r[VBE_XRES], r[VBE_VIRT_WIDTH], r[VBE_YRES], r[VBE_BPP]) &&
           r[VBE_VIRT_HEIGHT] == virtual_height(vga) && r[VBE_Y_OFFSET] <= r[VBE_VIRT_HEIGHT] - r[VBE_YRES] &&
           r[VBE_X_OFFSET] <= last_x_offset(r, r[VBE_Y_OFFSET]) && r[VBE_BANK] < bank_count(vga);
}

/* ---- Setting modes ---- */

/* Zeroes the visible part. Planes are spread over whole 256 KB of memory, see vga_private.h. */
static void clear_screen(struct vga *vga)
{
    uint64_t bytes = (uint64_t)vga_vbe_line_bytes(vga) * vga->vbe[VBE_YRES];
    if (vga->vbe[VBE_BPP] == 4)
        bytes = ((bytes + VGA_PLANE_CELLS - 1) & ~(uint64_t)(VGA_PLANE_CELLS - 1)) * 4;
    if (bytes > vga->vram->size)
        bytes = vga->vram->size;
    clock_hold(vga->dev.clock, bytes / CLEARED_IN_30_NS * 30);
    memset(vga->vram->bytes, 0, bytes);
    ram_block_written(vga->dev.bus, vga->vram, 0, bytes);
}

static void turn_on(struct vga *vga, uint16_t value)
{
    uint16_t *r = vga->vbe;
    if (!mode_fits(vga, r[VBE_XRES], r[VBE_XRES], r[VBE_YRES], r[VBE_BPP])) {
        log_line(vga->dev.log, "vga", "VBE mode %ux%ux%u does not exist or does not fit into memory",
                 r[VBE_XRES], r[VBE_YRES], r[VBE_BPP]);
        r[VBE_ENABLE] &= (uint16_t)~VBE_ENABLED;
        return;
    }
    r[VBE_VIRT_WIDTH] = r[VBE_XRES];
    r[VBE_VIRT_HEIGHT] = virtual_height(vga);
    r[VBE_X_OFFSET] = r[VBE_Y_OFFSET] = r[VBE_BANK] = 0;
    if (!(value & VBE_NOCLEARMEM))
        clear_screen(vga);
}

static void write_enable(struct vga *vga, uint16_t value)
{
    bool was_on = vga_vbe_enabled(vga);
    vga->vbe[VBE_ENABLE] =
        value & (VBE_ENABLED | VBE_GETCAPS | VBE_8BIT_DAC | VBE_LFB_ENABLED | VBE_NOCLEARMEM);
    bool on = value & VBE_ENABLED;
    if (on && !was_on)
        turn_on(vga, value);
    else if (!on)
        vga->vbe[VBE_BANK] = 0;
    if (vga_vbe_enabled(vga) != was_on) {
        vga_raster_log_clear(vga);
        vga_update_timing(vga);
        vga_update_window(vga);
    }
}

/* Resolution and depth may change while the mode is on, where the result fits. */
static void write_mode_register(struct vga *vga, unsigned index, uint16_t value)
{
    uint16_t *r = vga->vbe, old = r[index];
    r[index] = value;
    if (!vga_vbe_enabled(vga))
        return;
    uint16_t width = r[VBE_VIRT_WIDTH] < r[VBE_XRES] ? r[VBE_XRES] : r[VBE_VIRT_WIDTH];
    if (!mode_fits(vga, r[VBE_XRES], width, r[VBE_YRES], r[VBE_BPP])) {
        r[index] = old;
        return;
    }
    r[VBE_VIRT_WIDTH] = width;
    r[VBE_VIRT_HEIGHT] = virtual_height(vga);
    cut_offsets(vga);
    cut_down(&r[VBE_BANK], bank_count(vga) - 1);
    vga_update_timing(vga);
    vga_update_window(vga);
}

static void write_virtual_width(struct vga *vga, uint16_t value)
{
    uint16_t *r = vga->vbe;
    if (!vga_vbe_enabled(vga) || !mode_fits(vga, r[VBE_XRES], value, r[VBE_YRES], r[VBE_BPP]))
        return;
    r[VBE_VIRT_WIDTH] = value;
    r[VBE_VIRT_HEIGHT] = virtual_height(vga);
    cut_offsets(vga);
}

static void write_offset(struct vga *vga, unsigned index, uint16_t value)
{
    if (!vga_vbe_enabled(vga))
        return;
    vga->vbe[index] = value;
    cut_offsets(vga);
}

static void write_bank(struct vga *vga, uint16_t value)
{
    if (!vga_vbe_enabled(vga) || value >= bank_count(vga))
        return;
    vga->vbe[VBE_BANK] = value;
    vga_update_window(vga);
}

/* ---- Registers ---- */

void vga_vbe_write(struct vga *vga, unsigned index, uint16_t value)
{
    switch (index) {
    case VBE_ID:
        if (value >= ID_FIRST && value <= ID_LATEST)
            vga->vbe[VBE_ID] = value;
        break;
    case VBE_XRES:
    case VBE_YRES:
    case VBE_BPP:
        write_mode_register(vga, index, value);
        break;
    case VBE_ENABLE:
        write_enable(vga, value);
        break;
    case VBE_BANK:
        write_bank(vga, value);
        break;
    case VBE_VIRT_WIDTH:
        write_virtual_width(vga, value);
        break;
    case VBE_X_OFFSET:
    case VBE_Y_OFFSET:
        write_offset(vga, index, value);
        break;
    default: /* VIRT_HEIGHT follows from VIRT_WIDTH; the memory's size is what it is */
        break;
    }
}

static uint16_t capability(unsigned index)
{
    return index == VBE_XRES ? VBE_MAX_XRES : index == VBE_YRES ? VBE_MAX_YRES : VBE_MAX_BPP;
}

uint16_t vga_vbe_read(const struct vga *vga, unsigned index)
{
    if (index >= VBE_COUNT)
        return 0;
    if (index == VBE_VIDEO_MEMORY_64K)
        return (uint16_t)(vga->vram->size >> 16);
    if (index >= VBE_XRES && index <= VBE_BPP && (vga->vbe[VBE_ENABLE] & VBE_GETCAPS))
        return capability(index);
    return vga->vbe[index];
}

void vga_vbe_reset(struct vga *vga)
{
    memset(vga->vbe, 0, sizeof vga->vbe);
    vga->vbe[VBE_ID] = ID_LATEST;
    vga->vbe_index = 0;
}

uint32_t vga_vbe_read_index(void *state, uint16_t port, unsigned size)
{
    (void)port, (void)size;
    return ((struct vga *)state)->vbe_index;
}

void vga_vbe_write_index(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)port, (void)size;
    ((struct vga *)state)->vbe_index = (uint16_t)value;
}

uint32_t vga_vbe_read_data(void *state, uint16_t port, unsigned size)
{
    const struct vga *vga = state;
    (void)port, (void)size;
    return vga_vbe_read(vga, vga->vbe_index);
}

void vga_vbe_write_data(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct vga *vga = state;
    (void)port, (void)size;
    vga_vbe_write(vga, vga->vbe_index, (uint16_t)value);
}
