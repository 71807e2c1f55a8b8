/* Video memory as the processor sees it through A0000h-BFFFFh: write modes 0-3, read modes 0 and 1, and the
 * three ways of addressing planes (planar, odd/even, chain-4). IBM PS/2 Hardware Interface Technical
 * Reference, "Graphics Controller Registers"; FreeVGA, "Accessing VGA Display Memory".
 *
 * All four planes are handled as one 32-bit cell. What depends on registers alone is worked out when they
 * change: masks for the four planes at once, and which of the functions below serves the window. */
#include "devices/vga_private.h"

#define FORCE_INLINE static inline __attribute__((always_inline))

enum addressing { PLANAR, ODD_EVEN, CHAIN4, ADDRESSINGS };

/* Four bits, one for each plane, as four bytes of ones. */
FORCE_INLINE uint32_t expand_planes(unsigned bits)
{
    return ((bits & 1) | (bits & 2) << 7 | (bits & 4) << 14 | (uint32_t)(bits & 8) << 21) * 0xFF;
}

FORCE_INLINE uint32_t replicate(uint8_t byte)
{
    return byte * 0x01010101u;
}

void vga_update_memory_masks(struct vga *vga)
{
    const uint8_t *gfx = vga->gfx;
    uint32_t enabled = expand_planes(gfx[GFX_ENABLE_SET_RESET]);
    vga->set_reset = expand_planes(gfx[GFX_SET_RESET]);
    vga->set_reset_value = vga->set_reset & enabled;
    vga->set_reset_keep = ~enabled;
    vga->bit_mask = replicate(gfx[GFX_BIT_MASK]);
    vga->map_mask = expand_planes(vga->seq[SEQ_MAP_MASK]);
    vga->compare = expand_planes(gfx[GFX_COLOR_COMPARE]);
    vga->compare_care = expand_planes(gfx[GFX_COLOR_DONT_CARE]);
    bool banked = vga_vbe_enabled(vga) && vga->vbe[VBE_BPP] == 4;
    vga->plane_base = banked ? (uint32_t)vga->vbe[VBE_BANK] << 16 : 0;
    vga->plane_wrap = banked ? vga->cell_mask : VGA_PLANE_CELLS - 1;
}

/* ---- Addresses ---- */

struct target {
    uint32_t plane_address;
    uint32_t planes; /* that the address itself selects, four bytes of ones or zeroes */
};

/* Chain odd/even takes the lowest address bit away to choose planes; in its place comes A16 where the window
 * is 128 KB, and else the page bit of the miscellaneous output register. */
FORCE_INLINE uint32_t replace_low_bit(const struct vga *vga, uint32_t offset)
{
    if (!(vga->gfx[GFX_MISC] & GFX6_CHAIN_ODD_EVEN))
        return offset;
    bool whole_window = !(vga->gfx[GFX_MISC] & 0x0C);
    uint32_t bit = whole_window ? offset >> 16 & 1 : !(vga->misc_output & MISC_EVEN_PAGE);
    return (offset & ~1u) | bit;
}

FORCE_INLINE struct target locate(const struct vga *vga, uint32_t offset, enum addressing addressing)
{
    switch (addressing) {
    case CHAIN4:
        return (struct target){(offset & 0xFFFC) | (offset >> 16 & 3), 0xFFu << 8 * (offset & 3)};
    case ODD_EVEN:
        return (struct target){replace_low_bit(vga, offset) & 0xFFFF, 0x00FF00FFu << 8 * (offset & 1)};
    default:
        return (struct target){((replace_low_bit(vga, offset) & 0xFFFF) + vga->plane_base) & vga->plane_wrap,
                               UINT32_MAX};
    }
}

FORCE_INLINE size_t cell_offset(const struct vga *vga, uint32_t plane_address)
{
    return (size_t)(vga_cell(plane_address) & vga->cell_mask) << 2;
}

/* ---- Writing ---- */

FORCE_INLINE uint8_t rotate(const struct vga *vga, uint8_t value)
{
    unsigned count = vga->gfx[GFX_DATA_ROTATE] & 7;
    return (uint8_t)(value >> count | value << (8 - count));
}

/* The function select of the data rotate register: what is done with data and latches. */
FORCE_INLINE uint32_t combine(const struct vga *vga, uint32_t data)
{
    switch (vga->gfx[GFX_DATA_ROTATE] >> 3 & 3) {
    case 1:
        return data & vga->latch;
    case 2:
        return data | vga->latch;
    case 3:
        return data ^ vga->latch;
    default:
        return data;
    }
}

FORCE_INLINE uint32_t masked(const struct vga *vga, uint32_t data, uint32_t bit_mask)
{
    return (combine(vga, data) & bit_mask) | (vga->latch & ~bit_mask);
}

/* What write mode MODE makes of the processor's byte. */
FORCE_INLINE uint32_t written_cell(const struct vga *vga, uint8_t value, unsigned mode)
{
    switch (mode) {
    case 0: {
        uint32_t data = (replicate(rotate(vga, value)) & vga->set_reset_keep) | vga->set_reset_value;
        return masked(vga, data, vga->bit_mask);
    }
    case 1:
        return vga->latch;
    case 2:
        return masked(vga, expand_planes(value & 0x0F), vga->bit_mask);
    default:
        return masked(vga, vga->set_reset, replicate(rotate(vga, value)) & vga->bit_mask);
    }
}

FORCE_INLINE void store_cell(struct vga *vga, size_t offset, uint32_t data, uint32_t mask)
{
    uint8_t *at = vga->vram->bytes + offset;
    uint32_t old = at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
    data = (old & ~mask) | (data & mask);
    at[0] = (uint8_t)data;
    at[1] = (uint8_t)(data >> 8);
    at[2] = (uint8_t)(data >> 16);
    at[3] = (uint8_t)(data >> 24);
    /* What ram_block_written() does, without the call where no code lies on the page. */
    uint8_t *flags = &vga->vram->page_flags[offset >> PAGE_SHIFT];
    if (*flags & RAM_PAGE_CODE)
        ram_block_written(vga->dev.bus, vga->vram, offset, 4);
    else
        *flags |= RAM_PAGE_DIRTY;
}

FORCE_INLINE void write_bytes(struct vga *vga, uint32_t offset, uint64_t value, unsigned size, unsigned mode,
                              enum addressing addressing)
{
    for (unsigned i = 0; i < size; i++) {
        struct target to = locate(vga, offset + i, addressing);
        store_cell(vga, cell_offset(vga, to.plane_address),
                   written_cell(vga, (uint8_t)(value >> 8 * i), mode), to.planes & vga->map_mask);
    }
}

/* One function for each write mode and way of addressing. */
#define WRITER(mode, addressing)                                                                             \
    static void write_mode##mode##_##addressing(struct vga *vga, uint32_t offset, uint64_t value,            \
                                                unsigned size)                                               \
    {                                                                                                        \
        write_bytes(vga, offset, value, size, mode, addressing);                                             \
    }
#define WRITERS(mode) WRITER(mode, PLANAR) WRITER(mode, ODD_EVEN) WRITER(mode, CHAIN4)
WRITERS(0)
WRITERS(1)
WRITERS(2)
WRITERS(3)

static vga_window_write_fn *const writers[4][ADDRESSINGS] = {
    {write_mode0_PLANAR, write_mode0_ODD_EVEN, write_mode0_CHAIN4},
    {write_mode1_PLANAR, write_mode1_ODD_EVEN, write_mode1_CHAIN4},
    {write_mode2_PLANAR, write_mode2_ODD_EVEN, write_mode2_CHAIN4},
    {write_mode3_PLANAR, write_mode3_ODD_EVEN, write_mode3_CHAIN4},
};

/* ---- Reading ---- */

/* Read mode 1: a bit is 1 where all planes that count have the colour to be found. */
FORCE_INLINE uint8_t compare_colors(const struct vga *vga, uint32_t cell)
{
    uint32_t differs = (cell ^ vga->compare) & vga->compare_care;
    differs |= differs >> 16;
    return (uint8_t) ~(differs | differs >> 8);
}

/* Read mode 0: which plane goes to the processor. */
FORCE_INLINE unsigned read_plane(const struct vga *vga, uint32_t offset, enum addressing addressing)
{
    switch (addressing) {
    case CHAIN4:
        return offset & 3;
    case ODD_EVEN:
        return (vga->gfx[GFX_READ_MAP] & 2u) | (offset & 1);
    default:
        return vga->gfx[GFX_READ_MAP];
    }
}

FORCE_INLINE uint8_t read_byte(const struct vga *vga, uint32_t offset, enum addressing addressing,
                               uint32_t *cell)
{
    *cell = vga_load_cell(vga, locate(vga, offset, addressing).plane_address);
    if (vga->gfx[GFX_MODE] & GFX5_READ_COMPARE)
        return compare_colors(vga, *cell);
    return (uint8_t)(*cell >> 8 * read_plane(vga, offset, addressing));
}

FORCE_INLINE uint64_t read_bytes(const struct vga *vga, uint32_t offset, unsigned size,
                                 enum addressing addressing, uint32_t *latch)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)read_byte(vga, offset + i, addressing, latch) << 8 * i;
    return value;
}

#define READER(addressing)                                                                                   \
    static uint64_t read_##addressing(struct vga *vga, uint32_t offset, unsigned size)                       \
    {                                                                                                        \
        return read_bytes(vga, offset, size, addressing, &vga->latch);                                       \
    }
READER(PLANAR)
READER(ODD_EVEN)
READER(CHAIN4)

static vga_window_read_fn *const readers[ADDRESSINGS] = {read_PLANAR, read_ODD_EVEN, read_CHAIN4};

/* ---- Which functions serve ---- */

static enum addressing write_addressing(const struct vga *vga)
{
    uint8_t mode = vga->seq[SEQ_MEMORY_MODE];
    return mode & SEQ4_CHAIN4 ? CHAIN4 : mode & SEQ4_SEQUENTIAL ? PLANAR : ODD_EVEN;
}

static enum addressing read_addressing(const struct vga *vga)
{
    if (vga->seq[SEQ_MEMORY_MODE] & SEQ4_CHAIN4)
        return CHAIN4;
    return vga->gfx[GFX_MODE] & GFX5_ODD_EVEN ? ODD_EVEN : PLANAR;
}

void vga_select_window_functions(struct vga *vga)
{
    vga->read_window = readers[read_addressing(vga)];
    vga->write_window = writers[vga->gfx[GFX_MODE] & 3][write_addressing(vga)];
}

uint64_t vga_peek_window(const struct vga *vga, uint32_t offset, unsigned size)
{
    uint32_t latch;
    return read_bytes(vga, offset, size, read_addressing(vga), &latch);
}

/* In chain-4 mode with nothing between processor and planes the window is plain memory. Reads then do not
 * load the latches: only write mode 1, the functions and the bit mask show them, and who turns those on reads
 * first. */
bool vga_chain4_is_linear(const struct vga *vga)
{
    const uint8_t *gfx = vga->gfx;
    return (vga->seq[SEQ_MEMORY_MODE] & SEQ4_CHAIN4) && vga->seq[SEQ_MAP_MASK] == 0x0F &&
           !gfx[GFX_ENABLE_SET_RESET] && !gfx[GFX_DATA_ROTATE] && gfx[GFX_BIT_MASK] == 0xFF &&
           !(gfx[GFX_MODE] & (3 | GFX5_READ_COMPARE));
}
