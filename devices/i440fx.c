/* Intel 82441FX PCI and memory controller (PMC), host bridge of the 440FX.
 *
 * Intel 440FX PCIset datasheet (290549): 3.2 PCI configuration registers; 3.2.18 PAM, 3.2.19 DRB, 3.2.20
 * FDHC, 3.2.23 SMRAM, 3.2.27 TRC.
 *
 * A PAM register holds two nibbles; each nibble rules 16 KB (the high one of 59h rules F0000-FFFFF):
 *
 *       7   6    5      4     3   2    1      0
 *     | 0 | 0 | write | read | 0 | 0 | write | read |      1: DRAM answers, 0: the ISA side answers */
#include "devices/i440fx.h"

#include <string.h>

#define REG_COMMAND 0x04
#define REG_STATUS  0x06
#define REG_LATENCY 0x0D
#define REG_TIMING  0x50 /* PMCCFG .. DRAMT: DRAM and bus timing, stored only */
#define REG_PAM     0x59
#define REG_DRB     0x60
#define REG_FDHC    0x68
#define REG_MTT     0x70
#define REG_SMRAM   0x72
#define REG_ERRCMD  0x90
#define REG_ERRSTS  0x91
#define REG_TRC     0x93

#define PAM_READ  1
#define PAM_WRITE 2

#define SMRAM_OPEN      0x40
#define SMRAM_CLOSED    0x20
#define SMRAM_LOCK      0x10
#define SMRAM_ENABLE    0x08
#define SMRAM_BASE_SEG  0x02 /* the only window there is: A0000 */
#define SMRAM_LOCKED_BY (SMRAM_OPEN | SMRAM_LOCK | SMRAM_ENABLE)

#define TRC_HARD  0x02
#define TRC_RESET 0x04

#define KB              1024u
#define MB              (1024u * KB)
#define SHADOW_BASE     0xC0000u
#define SHADOW_SIZE     (256 * KB)
#define OPTION_BASE     0xD0000u
#define LOW_BIOS_SIZE   (128 * KB)
#define SMRAM_BASE      0xA0000u
#define SMRAM_SIZE      (128 * KB)
#define PCI_MEMORY_BASE 0xE0000000u
#define SEGMENTS        13
#define DRAM_ROWS       8
#define FOUR_GB         0x100000000ull
/* Above DRAM, below all else: 82441FX's hole in DRAM for ISA cards. */
#define MEM_PRIORITY_HOLE (MEM_PRIORITY_RAM + 1)

struct i440fx {
    struct device dev;
    struct pci_function pci;
    bool smm;
    struct ram_block *ram;
    uint64_t ram_size;
    struct ram_block *isa_rom; /* what the ISA side has at C0000-FFFFF */
    struct mem_region low_ram, extended_ram, high_ram, rom, hole, smram;
    struct mem_region segment[SEGMENTS];
    struct wire hard_reset, soft_reset;
    bool powered;
};

static const struct field i440fx_fields[] = {FIELD_STRUCT(struct i440fx, pci, pci_function_fields),
                                             FIELD_RANGE(struct i440fx, smm, 0, 1), FIELD_END};

uint64_t i440fx_ram_below_4g(uint64_t ram_size)
{
    return ram_size < PCI_MEMORY_BASE ? ram_size : PCI_MEMORY_BASE;
}

/* ---- PAM ---- */

/* Segment 0..11: 16 KB each from C0000 on; segment 12: F0000-FFFFF. */
static uint32_t segment_base(unsigned segment)
{
    return SHADOW_BASE + segment * 16 * KB;
}

static uint32_t segment_size(unsigned segment)
{
    return segment == SEGMENTS - 1 ? 64 * KB : 16 * KB;
}

static unsigned segment_control(const struct i440fx *fx, unsigned segment)
{
    if (segment == SEGMENTS - 1)
        return fx->pci.config[REG_PAM] >> 4;
    return fx->pci.config[REG_PAM + 1 + segment / 2] >> (segment & 1 ? 4 : 0);
}

static void update_segment(struct i440fx *fx, unsigned segment)
{
    unsigned control = segment_control(fx, segment);
    struct mem_region region = fx->segment[segment];
    bool read_ram = control & PAM_READ, write_ram = control & PAM_WRITE;
    region.read_block = read_ram ? fx->ram : fx->isa_rom;
    region.read_offset = read_ram ? region.base : region.base - SHADOW_BASE;
    region.write_block = write_ram ? fx->ram : NULL;
    region.write_offset = region.base;
    if (region.read_block != fx->segment[segment].read_block ||
        region.write_block != fx->segment[segment].write_block)
        mem_change_region(fx->dev.bus, &fx->segment[segment], &region);
}

static void update_pam(struct i440fx *fx)
{
    for (unsigned segment = 0; segment < SEGMENTS; segment++)
        update_segment(fx, segment);
}

/* ---- SMRAM ---- */

/* With D_CLS set, data goes to PCI while code still comes from DRAM: a write is handed to whatever lies under
 * the window. */
static void write_past_smram(void *state, uint64_t offset, uint64_t value, unsigned size)
{
    struct i440fx *fx = state;
    uint64_t address = SMRAM_BASE + offset;
    for (struct mem_region *r = fx->smram.next; r; r = r->next)
        if (r->enabled && address >= r->base && address - r->base < r->size) {
            if (r->write && !r->write_block)
                r->write(r->state, address - r->base, value, size);
            return;
        }
}

static void update_smram(struct i440fx *fx)
{
    uint8_t control = fx->pci.config[REG_SMRAM];
    struct mem_region region = fx->smram;
    bool open = control & SMRAM_OPEN;
    region.enabled = (control & SMRAM_ENABLE) && (fx->smm || open);
    region.write_block = control & SMRAM_CLOSED ? NULL : fx->ram;
    if (region.enabled != fx->smram.enabled ||
        (region.enabled && region.write_block != fx->smram.write_block))
        mem_change_region(fx->dev.bus, &fx->smram, &region);
}

void i440fx_set_smm(struct i440fx *bridge, bool smm)
{
    if (bridge->smm == smm)
        return;
    bridge->smm = smm;
    update_smram(bridge);
}

/* Once D_LCK is set, only D_CLS can be changed, and D_OPEN is 0, until the next reset. */
static void write_smram(struct i440fx *fx, uint8_t old)
{
    uint8_t *control = &fx->pci.config[REG_SMRAM];
    if (old & SMRAM_LOCK)
        *control = (uint8_t)((*control & ~SMRAM_LOCKED_BY) | (old & SMRAM_LOCKED_BY));
    if (*control & SMRAM_LOCK)
        *control &= (uint8_t)~SMRAM_OPEN;
    update_smram(fx);
}

/* ---- The fixed DRAM hole ---- */

static void update_hole(struct i440fx *fx)
{
    static const struct {
        uint32_t base, size;
    } holes[4] = {{0, 0}, {512 * KB, 128 * KB}, {15 * MB, MB}, {14 * MB, 2 * MB}};
    unsigned which = fx->pci.config[REG_FDHC] >> 6;
    struct mem_region region = fx->hole;
    region.base = holes[which].base;
    region.size = holes[which].size;
    region.enabled = which != 0;
    if (region.enabled != fx->hole.enabled || region.base != fx->hole.base)
        mem_change_region(fx->dev.bus, &fx->hole, &region);
}

/* ---- Configuration space ---- */

static void write_trc(struct i440fx *fx, uint8_t old)
{
    uint8_t now = fx->pci.config[REG_TRC];
    if (!(now & ~old & TRC_RESET))
        return;
    const struct wire *wire = now & TRC_HARD ? &fx->hard_reset : &fx->soft_reset;
    wire_set(wire, true);
    wire_set(wire, false);
}

void i440fx_connect_reset(struct i440fx *bridge, struct wire hard, struct wire soft)
{
    bridge->hard_reset = hard;
    bridge->soft_reset = soft;
}

static bool touched(unsigned reg, unsigned size, unsigned first, unsigned count)
{
    return reg < first + count && first < reg + size;
}

static void config_written(void *owner, unsigned reg, unsigned size, uint32_t old)
{
    struct i440fx *fx = owner;
    if (touched(reg, size, REG_PAM, 7))
        update_pam(fx);
    if (touched(reg, size, REG_FDHC, 1))
        update_hole(fx);
    if (touched(reg, size, REG_SMRAM, 1))
        write_smram(fx, (uint8_t)(old >> 8 * (REG_SMRAM - reg)));
    if (touched(reg, size, REG_TRC, 1))
        write_trc(fx, (uint8_t)(old >> 8 * (REG_TRC - reg)));
}

/* The row boundaries as firmware leaves them after sizing: the first row ends at the top of memory, and so do
 * all after it. In units of 8 MB, at most 255 of them. */
static void fill_row_boundaries(struct i440fx *fx)
{
    uint64_t units = (fx->ram_size + 8 * MB - 1) / (8 * MB);
    memset(fx->pci.config + REG_DRB, units > 255 ? 255 : (int)units, DRAM_ROWS);
}

static void reset_config(struct i440fx *fx)
{
    uint8_t *config = fx->pci.config;
    memset(config + 0x40, 0, 0xC0);
    config[0x57] = 0x01; /* DRAMC */
    config[0x58] = 0x10; /* DRAMT */
    fill_row_boundaries(fx);
    config[0x71] = 0x10; /* CLT */
    config[REG_SMRAM] = SMRAM_BASE_SEG;
}

static void init_config(struct i440fx *fx)
{
    uint8_t *config = fx->pci.config, *writable = fx->pci.writable;
    pci_set16(config, 0x00, 0x8086);
    pci_set16(config, 0x02, 0x1237);
    pci_set16(config, REG_COMMAND, 0x0006);
    pci_set16(config, REG_STATUS, 0x0280);
    config[0x08] = 0x02;
    pci_set16(config, 0x0A, 0x0600); /* host bridge */
    writable[REG_LATENCY] = 0xF8;
    memset(writable + REG_TIMING, 0xFF, REG_PAM - REG_TIMING);
    memset(writable + REG_PAM, 0x33, 7);
    writable[REG_PAM] = 0x30;
    memset(writable + REG_DRB, 0xFF, DRAM_ROWS);
    writable[REG_FDHC] = 0xC0;
    writable[REG_MTT] = writable[REG_MTT + 1] = 0xF8;
    writable[REG_SMRAM] = SMRAM_LOCKED_BY | SMRAM_CLOSED;
    writable[REG_ERRCMD] = 0xFF;
    fx->pci.clear_on_one[REG_ERRSTS] = 0xFF;
    fx->pci.clear_on_one[REG_ERRSTS + 1] = 0x01;
    writable[REG_TRC] = 0x0F;
}

/* ---- The map ---- */

static void add_ram(struct i440fx *fx, struct mem_region *region, const char *name, uint64_t base,
                    uint64_t end, uint64_t offset)
{
    if (end <= base)
        return;
    *region = (struct mem_region){.name = name,
                                  .owner = fx->dev.name,
                                  .base = base,
                                  .size = end - base,
                                  .priority = MEM_PRIORITY_RAM,
                                  .enabled = true,
                                  .read_block = fx->ram,
                                  .write_block = fx->ram,
                                  .read_offset = offset,
                                  .write_offset = offset};
    mem_add_region(fx->dev.bus, region);
}

static void add_dram(struct i440fx *fx)
{
    uint64_t below = i440fx_ram_below_4g(fx->ram_size);
    add_ram(fx, &fx->low_ram, "ram", 0, SMRAM_BASE, 0);
    add_ram(fx, &fx->extended_ram, "extended ram", MB, below, MB);
    add_ram(fx, &fx->high_ram, "ram above 4 GB", FOUR_GB, FOUR_GB + (fx->ram_size - below), below);
    fx->hole = (struct mem_region){.name = "dram hole", .owner = fx->dev.name, .priority = MEM_PRIORITY_HOLE};
    mem_add_region(fx->dev.bus, &fx->hole);
    fx->smram = (struct mem_region){.name = "smram",
                                    .owner = fx->dev.name,
                                    .base = SMRAM_BASE,
                                    .size = SMRAM_SIZE,
                                    .priority = MEM_PRIORITY_SMRAM,
                                    .read_block = fx->ram,
                                    .write_block = fx->ram,
                                    .read_offset = SMRAM_BASE,
                                    .write_offset = SMRAM_BASE,
                                    .write = write_past_smram,
                                    .state = fx};
    mem_add_region(fx->dev.bus, &fx->smram);
}

static void add_boot_rom(struct i440fx *fx, struct ram_block *rom)
{
    fx->rom = (struct mem_region){.name = "rom",
                                  .owner = fx->dev.name,
                                  .base = FOUR_GB - rom->size,
                                  .size = rom->size,
                                  .priority = MEM_PRIORITY_ROM,
                                  .enabled = true,
                                  .read_block = rom};
    mem_add_region(fx->dev.bus, &fx->rom);
}

static bool copy_rom(struct i440fx *fx, uint32_t *at, uint32_t end, const struct ram_block *rom,
                     struct error *err)
{
    if (!rom)
        return true;
    if (rom->size > end - *at)
        return error_set(err, "the ROM \"%s\" of %u KB does not fit at %05Xh; leave an option ROM out",
                         rom->name, (unsigned)(rom->size / KB), (unsigned)*at);
    memcpy(fx->isa_rom->bytes + (*at - SHADOW_BASE), rom->bytes, rom->size);
    *at += (uint32_t)rom->size;
    return true;
}

/* C0000-FFFFF as the ISA side has it is one block, so that each PAM segment can read from one place. */
static bool fill_isa_rom(struct i440fx *fx, const struct i440fx_config *config, struct error *err)
{
    fx->isa_rom = ram_block_create(fx->dev.bus, "isa rom", SHADOW_SIZE, false);
    memset(fx->isa_rom->bytes, 0xFF, SHADOW_SIZE);
    uint32_t low_bios =
        config->bios_rom->size < LOW_BIOS_SIZE ? (uint32_t)config->bios_rom->size : LOW_BIOS_SIZE;
    uint32_t end = MB - low_bios;
    memcpy(fx->isa_rom->bytes + (end - SHADOW_BASE),
           config->bios_rom->bytes + (config->bios_rom->size - low_bios), low_bios);
    uint32_t at = SHADOW_BASE;
    if (!copy_rom(fx, &at, end, config->vgabios, err))
        return false;
    at = at < OPTION_BASE ? OPTION_BASE : at;
    for (unsigned i = 0; i < I440FX_OPTION_ROMS; i++)
        if (!copy_rom(fx, &at, end, config->option_roms[i], err))
            return false;
    return true;
}

static void add_segments(struct i440fx *fx)
{
    for (unsigned i = 0; i < SEGMENTS; i++) {
        fx->segment[i] = (struct mem_region){.name = "pam",
                                             .owner = fx->dev.name,
                                             .base = segment_base(i),
                                             .size = segment_size(i),
                                             .priority = MEM_PRIORITY_SHADOW,
                                             .enabled = true,
                                             .read_block = fx->isa_rom,
                                             .read_offset = segment_base(i) - SHADOW_BASE,
                                             .write_offset = segment_base(i)};
        mem_add_region(fx->dev.bus, &fx->segment[i]);
    }
}

static bool i440fx_init(void *state, const void *config_, struct error *err)
{
    struct i440fx *fx = state;
    const struct i440fx_config *config = config_;
    if (config->ram_size < MB || config->ram_size % PAGE_SIZE || config->ram_size > config->ram->size)
        return error_set(err, "memory of %llu bytes; give a multiple of 4 KB, 1 MB or more",
                         (unsigned long long)config->ram_size);
    if (config->ram_size > (1ull << PHYSICAL_BITS) - FOUR_GB)
        return error_set(err, "memory of %llu MB does not fit in %u address bits; give less",
                         (unsigned long long)(config->ram_size / MB), PHYSICAL_BITS);
    if (config->bios_rom->size > 16 * MB)
        return error_set(err, "the boot ROM is larger than 16 MB; give a smaller image");
    fx->ram = config->ram;
    fx->ram_size = config->ram_size;
    if (!fill_isa_rom(fx, config, err))
        return false;
    add_dram(fx);
    add_boot_rom(fx, config->bios_rom);
    add_segments(fx);
    fx->pci.name = "82441FX host bridge";
    fx->pci.owner = fx;
    fx->pci.config_written = config_written;
    init_config(fx);
    reset_config(fx);
    pci_add(config->pci, &fx->pci);
    fx->pci.writable[REG_COMMAND] = 0x40; /* memory space and bus master are always on */
    fx->pci.writable[REG_COMMAND + 1] = 0x01;
    pci_set_memory_base(config->pci, i440fx_ram_below_4g(fx->ram_size));
    return true;
}

/* DRAM loses its contents with the power. It is born zero, and so untouched pages are left alone. */
static void clear_ram(struct i440fx *fx)
{
    static const uint8_t zeros[PAGE_SIZE];
    for (uint64_t at = 0; at < fx->ram->size; at += PAGE_SIZE)
        if (memcmp(fx->ram->bytes + at, zeros, PAGE_SIZE) != 0) {
            memset(fx->ram->bytes + at, 0, PAGE_SIZE);
            ram_block_written(fx->dev.bus, fx->ram, at, PAGE_SIZE);
        }
}

static void update_all(struct i440fx *fx)
{
    update_pam(fx);
    update_hole(fx);
    update_smram(fx);
}

static void i440fx_reset(void *state, enum reset_kind kind)
{
    struct i440fx *fx = state;
    if (kind == RESET_POWER_ON && fx->powered)
        clear_ram(fx);
    fx->powered = true;
    fx->smm = false;
    pci_function_reset(&fx->pci);
    reset_config(fx);
    update_all(fx);
}

static bool i440fx_post_load(void *state, struct error *err)
{
    struct i440fx *fx = state;
    (void)err;
    pci_function_restored(&fx->pci);
    update_all(fx);
    return true;
}

static void print_segment(const struct i440fx *fx, unsigned segment, struct text *out)
{
    unsigned control = segment_control(fx, segment);
    text_add(out, "%05X-%05X  read %s  write %s\n", segment_base(segment),
             segment_base(segment) + segment_size(segment) - 1, control & PAM_READ ? "DRAM" : "ROM",
             control & PAM_WRITE ? "DRAM" : "ROM");
}

static void i440fx_print(const void *state, struct text *out)
{
    const struct i440fx *fx = state;
    uint8_t smram = fx->pci.config[REG_SMRAM];
    text_add(out, "DRAM %llu KB\n", (unsigned long long)(fx->ram_size / KB));
    for (unsigned segment = 0; segment < SEGMENTS; segment++)
        print_segment(fx, segment, out);
    text_add(out, "SMRAM %02X:%s%s%s%s  window %s\n", smram, smram & SMRAM_ENABLE ? " enabled" : " disabled",
             smram & SMRAM_OPEN ? " open" : "", smram & SMRAM_CLOSED ? " closed" : "",
             smram & SMRAM_LOCK ? " locked" : "", fx->smram.enabled ? "DRAM" : "PCI");
    if (fx->hole.enabled)
        text_add(out, "DRAM hole %X-%X\n", (unsigned)fx->hole.base,
                 (unsigned)(fx->hole.base + fx->hole.size - 1));
}

static void remove_region(struct i440fx *fx, struct mem_region *region)
{
    if (region->owner)
        mem_remove_region(fx->dev.bus, region);
}

static void i440fx_destroy(void *state)
{
    struct i440fx *fx = state;
    struct mem_region *all[] = {&fx->low_ram, &fx->extended_ram, &fx->high_ram,
                                &fx->rom,     &fx->hole,         &fx->smram};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        remove_region(fx, all[i]);
    for (unsigned i = 0; i < SEGMENTS; i++)
        remove_region(fx, &fx->segment[i]);
}

const struct device_type i440fx_type = {
    .name = "i440fx",
    .title = "82441FX host bridge and memory controller",
    .state_size = sizeof(struct i440fx),
    .fields = i440fx_fields,
    .init = i440fx_init,
    .reset = i440fx_reset,
    .post_load = i440fx_post_load,
    .print = i440fx_print,
    .destroy = i440fx_destroy,
};
