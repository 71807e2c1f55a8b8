/* The display adapter as a device: life, PCI function, memory regions, state. See devices/vga.h for the
 * sources. */
#include "devices/vga.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/vga_private.h"

#define DEFAULT_MEMORY   0x1000000u
#define MAX_MEMORY       0x10000000u
#define WINDOW_BASE      0xA0000
#define BANK_SIZE        0x10000u
#define MMIO_SIZE        0x1000u
#define MMIO_PORTS       0x400 /* ports 3C0h-3DFh */
#define MMIO_PORTS_SIZE  0x20
#define MMIO_DISPI       0x500 /* dispi registers, 16 bits each */
#define MMIO_DISPI_SIZE  (2 * VBE_COUNT)
#define BAR_FRAME_BUFFER 0
#define BAR_REGISTERS    2
#define ADAPTER_AWAKE    0x08
#define ADAPTER_SETUP    0x10

/* ---- The window at A0000h ---- */

bool vga_io_enabled(const struct vga *vga)
{
    return (vga->subsystem_enable & 1) &&
           (vga->adapter_enable & (ADAPTER_AWAKE | ADAPTER_SETUP)) == ADAPTER_AWAKE;
}

/* Graphics 6 bits 3-2: where the window lies. */
static void place_window(const struct vga *vga, struct mem_region *window)
{
    static const struct {
        uint32_t base, size;
    } places[4] = {{0xA0000, 0x20000}, {0xA0000, 0x10000}, {0xB0000, 0x8000}, {0xB8000, 0x8000}};
    unsigned place = vga->gfx[GFX_MISC] >> 2 & 3;
    window->base = places[place].base;
    window->size = places[place].size;
}

static void map_directly(const struct vga *vga, struct mem_region *window, uint64_t offset)
{
    window->read_block = window->write_block = vga->vram;
    window->read_offset = window->write_offset = offset;
}

static bool same_mapping(const struct mem_region *a, const struct mem_region *b)
{
    return a->enabled == b->enabled && a->base == b->base && a->size == b->size &&
           a->read_block == b->read_block && a->read_offset == b->read_offset;
}

void vga_update_window(struct vga *vga)
{
    struct mem_region window = vga->window;
    window.enabled = vga_io_enabled(vga) && (vga->misc_output & MISC_RAM);
    window.read_block = window.write_block = NULL;
    window.read_offset = window.write_offset = 0;
    if (vga_vbe_enabled(vga) && vga->vbe[VBE_BPP] != 4) {
        window.base = WINDOW_BASE;
        window.size = BANK_SIZE;
        map_directly(vga, &window, (uint64_t)vga->vbe[VBE_BANK] * BANK_SIZE);
    } else {
        place_window(vga, &window);
        if (vga_chain4_is_linear(vga) && !vga_vbe_enabled(vga))
            map_directly(vga, &window, 0);
    }
    vga_update_memory_masks(vga);
    vga_select_window_functions(vga);
    if (!same_mapping(&window, &vga->window))
        mem_change_region(vga->dev.bus, &vga->window, &window);
}

static uint64_t read_window(void *state, uint64_t offset, unsigned size)
{
    struct vga *vga = state;
    return vga->read_window(vga, (uint32_t)offset, size);
}

static void write_window(void *state, uint64_t offset, uint64_t value, unsigned size)
{
    struct vga *vga = state;
    vga->write_window(vga, (uint32_t)offset, value, size);
}

static uint64_t peek_window(void *state, uint64_t offset, unsigned size)
{
    return vga_peek_window(state, (uint32_t)offset, size);
}

/* ---- Registers in memory: BAR2 ---- */

static uint8_t read_mmio_byte(struct vga *vga, uint32_t offset, bool peek)
{
    if (offset - MMIO_PORTS < MMIO_PORTS_SIZE)
        return vga_read_register(vga, (uint16_t)(0x3C0 + offset - MMIO_PORTS), peek);
    if (offset - MMIO_DISPI < MMIO_DISPI_SIZE)
        return (uint8_t)(vga_vbe_read(vga, (offset - MMIO_DISPI) / 2) >> 8 * (offset & 1));
    return 0xFF;
}

static uint64_t read_mmio_bytes(struct vga *vga, uint64_t offset, unsigned size, bool peek)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)read_mmio_byte(vga, (uint32_t)offset + i, peek) << 8 * i;
    return value;
}

static uint64_t read_mmio(void *state, uint64_t offset, unsigned size)
{
    return read_mmio_bytes(state, offset, size, false);
}

static uint64_t peek_mmio(void *state, uint64_t offset, unsigned size)
{
    return read_mmio_bytes(state, offset, size, true);
}

/* A dispi register is written as a word; a lone byte goes into the half that it addresses. */
static void write_mmio_dispi(struct vga *vga, uint32_t offset, uint64_t value, unsigned size)
{
    unsigned index = offset / 2;
    if (size == 1) {
        unsigned shift = 8 * (offset & 1);
        uint16_t word = (uint16_t)(vga->vbe[index] & ~(0xFFu << shift));
        vga_vbe_write(vga, index, (uint16_t)(word | (value & 0xFF) << shift));
        return;
    }
    for (unsigned i = 0; 2 * i < size && index + i < VBE_COUNT; i++)
        vga_vbe_write(vga, index + i, (uint16_t)(value >> 16 * i));
}

static void write_mmio(void *state, uint64_t offset, uint64_t value, unsigned size)
{
    struct vga *vga = state;
    uint32_t at = (uint32_t)offset;
    if (at - MMIO_DISPI < MMIO_DISPI_SIZE) {
        write_mmio_dispi(vga, at - MMIO_DISPI, value, size);
        return;
    }
    for (unsigned i = 0; i < size && at + i - MMIO_PORTS < MMIO_PORTS_SIZE; i++)
        vga_write_register(vga, (uint16_t)(0x3C0 + at + i - MMIO_PORTS), (uint8_t)(value >> 8 * i));
}

/* ---- PCI ---- */

static void move_region(struct vga *vga, struct mem_region *region, uint64_t address, bool enabled)
{
    struct mem_region moved = *region;
    moved.base = address;
    moved.enabled = enabled;
    mem_change_region(vga->dev.bus, region, &moved);
}

static void bar_changed(void *owner, unsigned bar, uint64_t address, bool enabled)
{
    struct vga *vga = owner;
    if (bar == BAR_FRAME_BUFFER)
        move_region(vga, &vga->lfb, address, enabled);
    else if (bar == BAR_REGISTERS)
        move_region(vga, &vga->mmio, address, enabled);
}

/* The ROM's size as a base address register can say it. */
static uint32_t rom_bar_size(uint32_t bytes)
{
    uint32_t size = PAGE_SIZE;
    while (size < bytes)
        size *= 2;
    return size;
}

static void init_rom(struct vga *vga, const struct vga_config *config)
{
    if (!config->rom || !config->rom_size || config->rom_size > MAX_MEMORY)
        return;
    uint32_t size = rom_bar_size(config->rom_size);
    vga->rom = xcalloc(size, 1);
    memset(vga->rom, 0xFF, size);
    memcpy(vga->rom, config->rom, config->rom_size);
    vga->pci.rom = (struct pci_bar){PCI_BAR_MEMORY, size};
    vga->pci.rom_bytes = vga->rom;
}

static void init_pci(struct vga *vga, const struct vga_config *config)
{
    struct pci_function *f = &vga->pci;
    f->name = vga->dev.name;
    f->devfn = config->devfn;
    f->owner = vga;
    f->bar_changed = bar_changed;
    pci_set16(f->config, 0x00, 0x1234);
    pci_set16(f->config, 0x02, 0x1111);
    f->config[0x08] = 0x02; /* revision: registers in BAR2 are there */
    pci_set16(f->config, 0x0A, 0x0300);
    f->bars[BAR_FRAME_BUFFER] = (struct pci_bar){PCI_BAR_PREFETCHABLE, (uint32_t)vga->vram->size};
    f->bars[BAR_REGISTERS] = (struct pci_bar){PCI_BAR_MEMORY, MMIO_SIZE};
    init_rom(vga, config);
    pci_add(config->pci, f);
}

/* ---- Life ---- */

static void add_regions(struct vga *vga)
{
    vga->window = (struct mem_region){.name = "video memory",
                                      .owner = vga->dev.name,
                                      .base = WINDOW_BASE,
                                      .size = 0x20000,
                                      .priority = MEM_PRIORITY_VGA,
                                      .read = read_window,
                                      .write = write_window,
                                      .peek = peek_window,
                                      .state = vga};
    vga->lfb = (struct mem_region){.name = "frame buffer",
                                   .owner = vga->dev.name,
                                   .base = VGA_FIXED_LFB,
                                   .size = vga->vram->size,
                                   .priority = MEM_PRIORITY_PCI,
                                   .read_block = vga->vram,
                                   .write_block = vga->vram};
    vga->mmio = (struct mem_region){.name = "video registers",
                                    .owner = vga->dev.name,
                                    .size = MMIO_SIZE,
                                    .priority = MEM_PRIORITY_PCI,
                                    .read = read_mmio,
                                    .write = write_mmio,
                                    .peek = peek_mmio,
                                    .state = vga};
    mem_add_region(vga->dev.bus, &vga->window);
    mem_add_region(vga->dev.bus, &vga->lfb);
    mem_add_region(vga->dev.bus, &vga->mmio);
}

static void update_all(struct vga *vga)
{
    vga_update_timing(vga);
    vga_update_window(vga);
}

static void init_spread(struct vga *vga)
{
    for (unsigned byte = 0; byte < 256; byte++)
        for (unsigned dot = 0; dot < 8; dot++)
            vga->spread[byte] |= (uint64_t)(byte >> (7 - dot) & 1) << 8 * dot;
}

static bool vga_init(void *state, const void *config_given, struct error *err)
{
    static const struct vga_config plain = {0};
    struct vga *vga = state;
    const struct vga_config *config = config_given ? config_given : &plain;
    uint32_t size = config->memory_size ? config->memory_size : DEFAULT_MEMORY;
    if (size < VGA_MIN_MEMORY || size > MAX_MEMORY || (size & (size - 1)))
        return error_set(err, "video memory of %u bytes: give a power of two from 256K to 256M",
                         (unsigned)size);
    vga->vram = ram_block_create(vga->dev.bus, "video memory", size, true);
    vga->cell_mask = size / 4 - 1;
    vga->raster_log = vga_raster_log_create();
    init_spread(vga);
    event_init(vga->dev.clock, &vga->retrace_event, vga_retrace_fired, vga, "%s.retrace", vga->dev.name);
    add_regions(vga);
    if (config->pci)
        init_pci(vga, config);
    else
        move_region(vga, &vga->lfb, VGA_FIXED_LFB, true);
    vga_vbe_reset(vga);
    update_all(vga);
    return true;
}

static void vga_destroy(void *state)
{
    struct vga *vga = state;
    mem_remove_region(vga->dev.bus, &vga->mmio);
    mem_remove_region(vga->dev.bus, &vga->lfb);
    mem_remove_region(vga->dev.bus, &vga->window);
    event_destroy(vga->dev.clock, &vga->retrace_event);
    free(vga->raster_log);
    free(vga->rom);
}

/* Pages that hold only zeroes are left alone, so that untouched memory costs the host nothing. */
static void clear_memory(struct vga *vga)
{
    static const uint8_t zeroes[PAGE_SIZE];
    for (uint64_t at = 0; at < vga->vram->size; at += PAGE_SIZE) {
        uint8_t *page = vga->vram->bytes + at;
        if (!memcmp(page, zeroes, PAGE_SIZE))
            continue;
        memset(page, 0, PAGE_SIZE);
        ram_block_written(vga->dev.bus, vga->vram, at, PAGE_SIZE);
    }
}

static void reset_registers(struct vga *vga)
{
    vga->misc_output = vga->feature_control = 0;
    vga->subsystem_enable = 1;
    vga->adapter_enable = ADAPTER_AWAKE;
    vga->seq_index = vga->gfx_index = vga->crtc_index = vga->attr_index = 0;
    memset(vga->seq, 0, sizeof vga->seq);
    memset(vga->gfx, 0, sizeof vga->gfx);
    memset(vga->crtc, 0, sizeof vga->crtc);
    memset(vga->attr, 0, sizeof vga->attr);
    vga->attr_data_next = false;
    vga->pel_mask = 0xFF;
    vga->dac_index = vga->dac_component = 0;
    vga->dac_reading = false;
    memset(vga->dac_latch, 0, sizeof vga->dac_latch);
    vga->latch = 0;
    vga->shown_start = 0;
    vga->start_effective = 0;
    vga->retrace_pending = false;
}

static void vga_reset(void *state, enum reset_kind kind)
{
    struct vga *vga = state;
    reset_registers(vga);
    vga_vbe_reset(vga);
    if (kind == RESET_POWER_ON) {
        if (vga->powered)
            clear_memory(vga);
        vga->powered = true;
        memset(vga->dac, 0, sizeof vga->dac);
    }
    pci_function_reset(&vga->pci);
    vga_raster_log_clear(vga);
    update_all(vga);
}

void vga_connect_irq(struct vga *vga, struct wire wire)
{
    vga->irq = wire;
}

/* ---- State ---- */

static const struct field vga_fields[] = {FIELD_STRUCT(struct vga, pci, pci_function_fields),
                                          FIELD(struct vga, misc_output),
                                          FIELD(struct vga, feature_control),
                                          FIELD_RANGE(struct vga, subsystem_enable, 0, 1),
                                          FIELD_RANGE(struct vga, adapter_enable, 0, 0x1F),
                                          FIELD_RANGE(struct vga, seq_index, 0, 7),
                                          FIELD_BYTES(struct vga, seq),
                                          FIELD_RANGE(struct vga, gfx_index, 0, 15),
                                          FIELD_BYTES(struct vga, gfx),
                                          FIELD_RANGE(struct vga, crtc_index, 0, 0x3F),
                                          FIELD_BYTES(struct vga, crtc),
                                          FIELD_RANGE(struct vga, attr_index, 0, 0x3F),
                                          FIELD_BYTES(struct vga, attr),
                                          FIELD_RANGE(struct vga, attr_data_next, 0, 1),
                                          FIELD(struct vga, pel_mask),
                                          FIELD(struct vga, dac_index),
                                          FIELD_RANGE(struct vga, dac_component, 0, 2),
                                          FIELD_RANGE(struct vga, dac_reading, 0, 1),
                                          FIELD_BYTES(struct vga, dac),
                                          FIELD_BYTES(struct vga, dac_latch),
                                          FIELD(struct vga, latch),
                                          FIELD(struct vga, vbe_index),
                                          FIELD_ARRAY(struct vga, vbe),
                                          FIELD(struct vga, shown_start),
                                          FIELD(struct vga, start_effective),
                                          FIELD_RANGE(struct vga, retrace_pending, 0, 1),
                                          FIELD_EVENT(struct vga, retrace_event),
                                          FIELD_POINTED(struct vga, raster_log, vga_raster_log_fields),
                                          FIELD_END};

static bool vga_post_load(void *state, struct error *err)
{
    struct vga *vga = state;
    if (!vga_registers_valid(vga))
        return error_set(err, "%s: a register holds bits that it does not have", vga->dev.name);
    if (!vga_vbe_valid(vga))
        return error_set(err, "%s: impossible VBE mode %ux%ux%u", vga->dev.name, vga->vbe[VBE_XRES],
                         vga->vbe[VBE_YRES], vga->vbe[VBE_BPP]);
    if (!vga_raster_log_valid(vga))
        return error_set(err, "%s: the log of the frame's changes is damaged", vga->dev.name);
    vga_compute_timing(vga);
    vga_update_window(vga);
    pci_function_restored(&vga->pci);
    return true;
}

/* ---- For the monitor ---- */

static void print_registers(struct text *out, const char *name, const uint8_t *values, unsigned count)
{
    text_add(out, "%s", name);
    for (unsigned i = 0; i < count; i++)
        text_add(out, " %02X", values[i]);
    text_add(out, "\n");
}

static void print_mode(const struct vga *vga, struct text *out)
{
    const struct vga_timing *t = &vga->timing;
    if (vga_vbe_enabled(vga))
        text_add(out, "VBE %ux%ux%u bank %u virtual %ux%u at %u,%u\n", vga->vbe[VBE_XRES], vga->vbe[VBE_YRES],
                 vga->vbe[VBE_BPP], vga->vbe[VBE_BANK], vga->vbe[VBE_VIRT_WIDTH], vga->vbe[VBE_VIRT_HEIGHT],
                 vga->vbe[VBE_X_OFFSET], vga->vbe[VBE_Y_OFFSET]);
    else
        text_add(out, "%s, %u columns, start %04Xh\n", vga_is_text(vga) ? "text" : "graphics",
                 vga_columns(vga), vga_start_address(vga, vga->dev.clock->now));
    text_add(out, "raster %u lines of %u characters, shown %u of %u, retrace %u-%u, %.3f Hz\n",
             (unsigned)t->lines, (unsigned)t->line_chars, (unsigned)t->display_lines,
             (unsigned)t->display_chars, (unsigned)t->retrace_start, (unsigned)t->retrace_end,
             (double)t->num / (double)t->den / (double)t->frame_chars);
    if (vga->window.enabled)
        text_add(out, "window %05Xh-%05Xh %s\n", (unsigned)vga->window.base,
                 (unsigned)(vga->window.base + vga->window.size - 1),
                 vga->window.read_block ? "linear" : "through the planes");
    else
        text_add(out, "window off\n");
}

/* The palette as the DAC holds it, six bits a colour (eight in 8-bit mode): sixteen entries a line. */
static void print_dac(struct text *out, const struct vga *vga)
{
    for (unsigned i = 0; i < 256; i++) {
        const uint8_t *rgb = &vga->dac[3 * i];
        text_add(out, i % 16 ? " " : "DAC %02X  ", i);
        text_add(out, "%02X%02X%02X%s", rgb[0], rgb[1], rgb[2], i % 16 == 15 ? "\n" : "");
    }
}

static void vga_print(const void *state, struct text *out)
{
    const struct vga *vga = state;
    print_mode(vga, out);
    text_add(out, "misc %02X feature %02X status1 %02X 3C3 %02X 46E8 %02X\n", vga->misc_output,
             vga->feature_control, vga_input_status_1(vga), vga->subsystem_enable, vga->adapter_enable);
    text_add(out, "indexes: sequencer %02X graphics %02X CRTC %02X attribute %02X, %s next\n", vga->seq_index,
             vga->gfx_index, vga->crtc_index, vga->attr_index, vga->attr_data_next ? "data" : "index");
    print_registers(out, "sequencer", vga->seq, SEQ_COUNT);
    print_registers(out, "graphics ", vga->gfx, GFX_COUNT);
    print_registers(out, "CRTC     ", vga->crtc, CRTC_COUNT);
    print_registers(out, "attribute", vga->attr, ATTR_COUNT);
    text_add(out, "latches %08X  DAC index %02X.%u %s mask %02X\n", (unsigned)vga->latch, vga->dac_index,
             vga->dac_component, vga->dac_reading ? "reading" : "writing", vga->pel_mask);
    text_add(out, "dispi index %04X:", vga->vbe_index);
    for (unsigned i = 0; i < VBE_COUNT; i++)
        text_add(out, " %04X", vga_vbe_read(vga, i));
    text_add(out, "\n");
    print_dac(out, vga);
}

const struct device_type vga_type = {
    .name = "vga",
    .title = "VGA with Bochs VBE extension",
    .state_size = sizeof(struct vga),
    .ports = vga_ports,
    .fields = vga_fields,
    .init = vga_init,
    .reset = vga_reset,
    .post_load = vga_post_load,
    .print = vga_print,
    .destroy = vga_destroy,
};
