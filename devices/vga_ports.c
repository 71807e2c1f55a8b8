/* The VGA's registers behind ports 3B4h-3DFh, 46E8h, and the dispi ports.
 * IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", "VGA Registers". */
#include "devices/vga_private.h"

#define FIRST_REGISTER 0x3B0
#define REGISTER_COUNT 0x30
#define COLOR_PORT_BIT 0x40 /* tells 3Dxh from 3Bxh */

/* Bits that exist. */
static const uint8_t seq_bits[SEQ_COUNT] = {0x03, 0x3D, 0x0F, 0x3F, 0x0E};
static const uint8_t gfx_bits[GFX_COUNT] = {0x0F, 0x0F, 0x0F, 0x1F, 0x03, 0x7B, 0x0F, 0x0F, 0xFF};
static const uint8_t crtc_bits[CRTC_COUNT] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F,
                                              0xFF, 0x3F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                              0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xEF, 0xFF};
static const uint8_t attr_bits[ATTR_COUNT] = {0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F,
                                              0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F,
                                              0x3F, 0x3F, 0xEF, 0xFF, 0x3F, 0x0F, 0x0F};

static bool within(const uint8_t *values, const uint8_t *bits, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (values[i] & ~bits[i])
            return false;
    return true;
}

bool vga_registers_valid(const struct vga *vga)
{
    return within(vga->seq, seq_bits, SEQ_COUNT) && within(vga->gfx, gfx_bits, GFX_COUNT) &&
           within(vga->crtc, crtc_bits, CRTC_COUNT) && within(vga->attr, attr_bits, ATTR_COUNT);
}

/* ---- General registers ---- */

static uint8_t read_misc_output(struct vga *vga)
{
    return vga->misc_output;
}

static void write_misc_output(struct vga *vga, uint8_t value)
{
    vga->misc_output = value & (uint8_t)~0x10;
    vga_update_timing(vga);
    vga_update_window(vga);
}

/* The monitor's sense line: its comparator goes high while all three analogue outputs are below about half of
 * full scale. Video BIOSes put colours on the border and look, to tell monitors apart. */
static bool switch_sense(const struct vga *vga)
{
    const uint8_t *border = vga->dac + 3 * (vga->attr[ATTR_OVERSCAN] & vga->pel_mask);
    unsigned shift = vga->vbe[VBE_ENABLE] & VBE_8BIT_DAC ? 2 : 0;
    for (unsigned i = 0; i < 3; i++)
        if ((border[i] >> shift & 0x3F) >= 0x1C)
            return false;
    return true;
}

static uint8_t read_input_status_0(struct vga *vga)
{
    return (uint8_t)(vga->retrace_pending << 7 | switch_sense(vga) << 4);
}

static uint8_t peek_input_status_1(struct vga *vga)
{
    return vga_input_status_1(vga);
}

static uint8_t read_input_status_1(struct vga *vga)
{
    vga->attr_data_next = false;
    return vga_input_status_1(vga);
}

static uint8_t read_feature_control(struct vga *vga)
{
    return vga->feature_control;
}

static void write_feature_control(struct vga *vga, uint8_t value)
{
    vga->feature_control = value & 0x0B;
}

static uint8_t read_subsystem_enable(struct vga *vga)
{
    return vga->subsystem_enable;
}

static void write_subsystem_enable(struct vga *vga, uint8_t value)
{
    vga->subsystem_enable = value & 0x01;
    vga_update_window(vga);
}

/* ---- Sequencer ---- */

static uint8_t read_seq_index(struct vga *vga)
{
    return vga->seq_index;
}

static void write_seq_index(struct vga *vga, uint8_t value)
{
    vga->seq_index = value & 0x07;
}

static uint8_t read_seq_data(struct vga *vga)
{
    return vga->seq_index < SEQ_COUNT ? vga->seq[vga->seq_index] : 0;
}

static void write_seq_data(struct vga *vga, uint8_t value)
{
    if (vga->seq_index >= SEQ_COUNT)
        return;
    uint8_t *reg = &vga->seq[vga->seq_index];
    uint8_t old = *reg;
    *reg = value & seq_bits[vga->seq_index];
    if (*reg == old)
        return;
    vga_raster_log_add(vga, VGA_SPACE_SEQ, vga->seq_index, old, *reg);
    if (vga->seq_index == SEQ_CLOCKING_MODE && ((old ^ *reg) & SEQ1_EIGHT_DOTS))
        vga_raster_log_clear(vga); /* characters of another width */
    if (vga->seq_index == SEQ_CLOCKING_MODE)
        vga_update_timing(vga);
    else if (vga->seq_index == SEQ_MAP_MASK || vga->seq_index == SEQ_MEMORY_MODE)
        vga_update_window(vga);
}

/* ---- Graphics controller ---- */

static uint8_t read_gfx_index(struct vga *vga)
{
    return vga->gfx_index;
}

static void write_gfx_index(struct vga *vga, uint8_t value)
{
    vga->gfx_index = value & 0x0F;
}

static uint8_t read_gfx_data(struct vga *vga)
{
    return vga->gfx_index < GFX_COUNT ? vga->gfx[vga->gfx_index] : 0;
}

static void write_gfx_data(struct vga *vga, uint8_t value)
{
    if (vga->gfx_index >= GFX_COUNT)
        return;
    uint8_t *reg = &vga->gfx[vga->gfx_index];
    uint8_t old = *reg;
    *reg = value & gfx_bits[vga->gfx_index];
    if (*reg == old)
        return;
    if (vga->gfx_index == GFX_MODE || vga->gfx_index == GFX_MISC)
        vga_raster_log_clear(vga); /* another kind of picture */
    vga_update_window(vga);
}

/* ---- CRT controller ---- */

/* The CRTC answers at 3Dxh or at 3Bxh, as the miscellaneous output register says. */
static bool crtc_answers(const struct vga *vga, uint16_t port)
{
    return !(port & COLOR_PORT_BIT) == !(vga->misc_output & MISC_COLOR);
}

static uint8_t read_crtc_index(struct vga *vga)
{
    return vga->crtc_index;
}

static void write_crtc_index(struct vga *vga, uint8_t value)
{
    vga->crtc_index = value & 0x3F;
}

/* Beyond the CRTC's own registers the IBM VGA shows parts of other chips' insides (FreeVGA, "CRT Controller
 * Registers", index 22h and 24h): programs that save the adapter's whole state read them. */
static uint8_t read_crtc_data(struct vga *vga)
{
    switch (vga->crtc_index) {
    case CRTC_LATCH:
        return (uint8_t)(vga->latch >> 8 * (vga->gfx[GFX_READ_MAP] & 3));
    case CRTC_ATTRIBUTE_STATE:
        return (uint8_t)(vga->attr_data_next ? 0x80 : 0x00);
    default:
        return vga->crtc_index < CRTC_COUNT ? vga->crtc[vga->crtc_index] : 0;
    }
}

/* While CRTC 11h bit 7 protects registers 0-7, only line compare bit 8 in the overflow register changes. */
static uint8_t apply_protection(const struct vga *vga, unsigned index, uint8_t value)
{
    if (index > CRTC_OVERFLOW || !(vga->crtc[CRTC_V_RETRACE_END] & CR11_PROTECT))
        return value;
    uint8_t open = index == CRTC_OVERFLOW ? 0x10 : 0;
    return (uint8_t)((vga->crtc[index] & ~open) | (value & open));
}

static bool rules_raster(unsigned index)
{
    return index <= CRTC_OVERFLOW || index == CRTC_MAX_SCAN_LINE || index == CRTC_V_RETRACE_START ||
           index == CRTC_V_RETRACE_END || index == CRTC_V_DISPLAY_END || index == CRTC_MODE_CONTROL;
}

/* Does the picture get another size? */
static bool rules_size(unsigned index, uint8_t changed_bits)
{
    return index == CRTC_H_DISPLAY_END || index == CRTC_V_DISPLAY_END ||
           (index == CRTC_OVERFLOW && (changed_bits & 0x42));
}

static void set_crtc(struct vga *vga, uint8_t index, uint8_t value)
{
    uint8_t changed_bits = vga->crtc[index] ^ value;
    vga_raster_log_add(vga, VGA_SPACE_CRTC, index, vga->crtc[index], value);
    if (changed_bits && rules_size(index, changed_bits))
        vga_raster_log_clear(vga);
    vga->crtc[index] = value;
    if (changed_bits && rules_raster(index))
        vga_update_timing(vga);
    else if (index == CRTC_V_RETRACE_END)
        vga_update_retrace_interrupt(vga);
}

static void write_crtc_data(struct vga *vga, uint8_t value)
{
    unsigned index = vga->crtc_index;
    if (index >= CRTC_COUNT)
        return;
    value = apply_protection(vga, index, value & crtc_bits[index]);
    if (index == CRTC_START_HIGH || index == CRTC_START_LOW)
        vga_start_address_changes(vga);
    set_crtc(vga, (uint8_t)index, value);
}

/* ---- Attribute controller ---- */

static uint8_t read_attr_index(struct vga *vga)
{
    return vga->attr_index;
}

static uint8_t read_attr_data(struct vga *vga)
{
    unsigned index = vga->attr_index & 0x1F;
    return index < ATTR_COUNT ? vga->attr[index] : 0;
}

static void set_attr(struct vga *vga, uint8_t index, uint8_t value)
{
    vga_raster_log_add(vga, VGA_SPACE_ATTR, index, vga->attr[index], value);
    if (index == ATTR_MODE && ((vga->attr[index] ^ value) & ATTR10_EIGHT_BIT))
        vga_raster_log_clear(vga); /* pixels of another width */
    vga->attr[index] = value;
}

/* The palette's 16 registers take data only while the address source bit gives them to the processor. */
static void write_attr_data(struct vga *vga, uint8_t value)
{
    uint8_t index = vga->attr_index & 0x1F;
    bool palette = index < ATTR_MODE;
    if (index < ATTR_COUNT && !(palette && (vga->attr_index & ATTR_INDEX_PAS)))
        set_attr(vga, index, value & attr_bits[index]);
}

static void write_attr_index(struct vga *vga, uint8_t value)
{
    vga_raster_log_add(vga, VGA_SPACE_ATTR_INDEX, 0, vga->attr_index, value);
    vga->attr_index = value;
}

/* At 3C0h; and at 3C1h, where cards decode both for writes, so that word writes hit index and data. */
static void write_attr(struct vga *vga, uint8_t value)
{
    if (vga->attr_data_next)
        write_attr_data(vga, value);
    else
        write_attr_index(vga, value & 0x3F);
    vga->attr_data_next = !vga->attr_data_next;
}

/* ---- DAC ---- */

static uint8_t read_pel_mask(struct vga *vga)
{
    return vga->pel_mask;
}

static void write_pel_mask(struct vga *vga, uint8_t value)
{
    vga_raster_log_add(vga, VGA_SPACE_PEL_MASK, 0, vga->pel_mask, value);
    vga->pel_mask = value;
}

static uint8_t read_dac_state(struct vga *vga)
{
    return vga->dac_reading ? 0x03 : 0x00;
}

/* The colour is fetched when the index is written, and the index then stands at the next. */
static void fetch_dac_colour(struct vga *vga)
{
    for (unsigned i = 0; i < 3; i++)
        vga->dac_latch[i] = vga->dac[3 * vga->dac_index + i];
    vga->dac_index++;
}

static void write_dac_read_index(struct vga *vga, uint8_t value)
{
    vga->dac_index = value;
    vga->dac_component = 0;
    vga->dac_reading = true;
    fetch_dac_colour(vga);
}

static uint8_t read_dac_write_index(struct vga *vga)
{
    return vga->dac_index;
}

static void write_dac_write_index(struct vga *vga, uint8_t value)
{
    vga->dac_index = value;
    vga->dac_component = 0;
    vga->dac_reading = false;
}

static uint8_t dac_bits(const struct vga *vga)
{
    return vga->vbe[VBE_ENABLE] & VBE_8BIT_DAC ? 0xFF : 0x3F;
}

static uint8_t peek_dac_data(struct vga *vga)
{
    return vga->dac_latch[vga->dac_component] & dac_bits(vga);
}

static uint8_t read_dac_data(struct vga *vga)
{
    uint8_t value = peek_dac_data(vga);
    if (++vga->dac_component == 3) {
        vga->dac_component = 0;
        fetch_dac_colour(vga);
    }
    return value;
}

static uint32_t packed(const uint8_t *bytes)
{
    return bytes[0] | bytes[1] << 8 | (uint32_t)bytes[2] << 16;
}

/* The three bytes reach the colour table together, with the last of them. */
static void write_dac_data(struct vga *vga, uint8_t value)
{
    vga->dac_latch[vga->dac_component] = value & dac_bits(vga);
    if (++vga->dac_component < 3)
        return;
    vga->dac_component = 0;
    vga_raster_log_add(vga, VGA_SPACE_DAC, vga->dac_index, packed(vga->dac + 3 * vga->dac_index),
                       packed(vga->dac_latch));
    for (unsigned i = 0; i < 3; i++)
        vga->dac[3 * vga->dac_index + i] = vga->dac_latch[i];
    vga->dac_index++;
}

/* ---- The table ---- */

/* X(port, register name, read, write, peek) */
#define VGA_REGISTERS(X)                                                                                     \
    X(0x3B4, "CRTC index (monochrome)", read_crtc_index, write_crtc_index, NULL)                             \
    X(0x3B5, "CRTC data (monochrome)", read_crtc_data, write_crtc_data, NULL)                                \
    X(0x3BA, "input status 1 (monochrome)", read_input_status_1, write_feature_control, peek_input_status_1) \
    X(0x3C0, "attribute index and data", read_attr_index, write_attr, NULL)                                  \
    X(0x3C1, "attribute data", read_attr_data, write_attr, NULL)                                             \
    X(0x3C2, "input status 0, misc output", read_input_status_0, write_misc_output, NULL)                    \
    X(0x3C3, "video subsystem enable", read_subsystem_enable, write_subsystem_enable, NULL)                  \
    X(0x3C4, "sequencer index", read_seq_index, write_seq_index, NULL)                                       \
    X(0x3C5, "sequencer data", read_seq_data, write_seq_data, NULL)                                          \
    X(0x3C6, "pel mask", read_pel_mask, write_pel_mask, NULL)                                                \
    X(0x3C7, "DAC state, read index", read_dac_state, write_dac_read_index, NULL)                            \
    X(0x3C8, "DAC write index", read_dac_write_index, write_dac_write_index, NULL)                           \
    X(0x3C9, "DAC data", read_dac_data, write_dac_data, peek_dac_data)                                       \
    X(0x3CA, "feature control", read_feature_control, NULL, NULL)                                            \
    X(0x3CC, "misc output", read_misc_output, NULL, NULL)                                                    \
    X(0x3CE, "graphics index", read_gfx_index, write_gfx_index, NULL)                                        \
    X(0x3CF, "graphics data", read_gfx_data, write_gfx_data, NULL)                                           \
    X(0x3D4, "CRTC index (colour)", read_crtc_index, write_crtc_index, NULL)                                 \
    X(0x3D5, "CRTC data (colour)", read_crtc_data, write_crtc_data, NULL)                                    \
    X(0x3DA, "input status 1 (colour)", read_input_status_1, write_feature_control, peek_input_status_1)

struct vga_register {
    uint8_t (*read)(struct vga *vga);
    void (*write)(struct vga *vga, uint8_t value);
    uint8_t (*peek)(struct vga *vga);
};

#define TABLE_ENTRY(port, name, read, write, peek) [(port)-FIRST_REGISTER] = {read, write, peek},
static const struct vga_register registers[REGISTER_COUNT] = {VGA_REGISTERS(TABLE_ENTRY)};

/* NULL where nothing answers at PORT now. */
static const struct vga_register *find_register(const struct vga *vga, uint16_t port)
{
    unsigned i = port - FIRST_REGISTER;
    if (i >= REGISTER_COUNT || (!vga_io_enabled(vga) && port != 0x3C3))
        return NULL;
    bool in_crtc_group = port < 0x3C0 || port >= 0x3D0;
    return in_crtc_group && !crtc_answers(vga, port) ? NULL : &registers[i];
}

uint8_t vga_read_register(struct vga *vga, uint16_t port, bool peek)
{
    const struct vga_register *reg = find_register(vga, port);
    if (!reg || !reg->read)
        return 0xFF;
    return peek && reg->peek ? reg->peek(vga) : reg->read(vga);
}

void vga_write_register(struct vga *vga, uint16_t port, uint8_t value)
{
    const struct vga_register *reg = find_register(vga, port);
    if (reg && reg->write)
        reg->write(vga, value);
}

/* ---- Ports ---- */

static uint32_t read_port(void *state, uint16_t port, unsigned size)
{
    (void)size;
    return vga_read_register(state, port, false);
}

static uint32_t peek_port(void *state, uint16_t port, unsigned size)
{
    (void)size;
    return vga_read_register(state, port, true);
}

static void write_port(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)size;
    vga_write_register(state, port, (uint8_t)value);
}

/* 46E8h of adapters: bit 3 enables, bit 4 sets up (the card then sleeps as far as programs can see). */
static void write_adapter_enable(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct vga *vga = state;
    (void)port, (void)size;
    vga->adapter_enable = value & 0x1F;
    vga_update_window(vga);
}

#define PORT_ROW(port, name, read, write, peek) {port, 1, IO_BYTE, name, read_port, write_port, peek_port, 0},
const struct port_row vga_ports[] = {
    VGA_REGISTERS(PORT_ROW){0x46E8, 1, IO_BYTE, "adapter enable", NULL, write_adapter_enable, NULL, 0},
    {0x1CE, 1, IO_WORD, "dispi index", vga_vbe_read_index, vga_vbe_write_index, NULL, 0},
    {0x1CF, 1, IO_WORD, "dispi data", vga_vbe_read_data, vga_vbe_write_data, NULL, 0},
    {0x1D0, 1, IO_WORD, "dispi data (even port)", vga_vbe_read_data, vga_vbe_write_data, NULL, 0},
    {0}};
