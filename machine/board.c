#include <config.h>

#include "machine/board.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bios/rom.h"
#include "bios/vga/rom.h"
#include "devices/acpi_pm.h"
#include "devices/apic_bus.h"
#include "devices/cmos.h"
#include "devices/coprocessor.h"
#include "devices/debug_ports.h"
#include "devices/dma.h"
#include "devices/fdc.h"
#include "devices/fw_cfg.h"
#include "devices/i440fx.h"
#include "devices/i8042.h"
#include "devices/ide.h"
#include "devices/image/image.h"
#include "devices/ioapic.h"
#include "devices/lapic.h"
#include "devices/parallel.h"
#include "devices/pci.h"
#include "devices/pic.h"
#include "devices/piix3.h"
#include "devices/pit.h"
#include "devices/port61.h"
#include "devices/port92.h"
#include "devices/ps2_keyboard.h"
#include "devices/ps2_mouse.h"
#include "devices/serial_mouse.h"
#include "devices/speaker.h"
#include "devices/uart.h"
#include "devices/vga.h"
#include "machine/board_cmos.h"
#include "machine/firmware_config.h"
#include "machine/kernel_loader.h"
#include "machine/log_bios_calls.h"

#define DEFAULT_MEMORY (64ull << 20)
#define LEAST_MEMORY   (1ull << 20)
#define MOST_MEMORY    (32ull << 30)

#define DEVFN(device, function) (uint8_t)((device) << 3 | (function))

/* --- the processor's pins --- */

static void bus_page(void *ctx, uint64_t page, struct cpu_page *out)
{
    struct board *b = ctx;
    struct phys_page p = mem_page(b->bus, page);
    out->read = p.read;
    out->write = p.write;
    out->read_page = p.read_page;
    out->write_page = p.write_page;
    out->read_flags = p.read ? &p.read_block->page_flags[p.read_page - p.read_block->first_page] : NULL;
    out->write_flags = p.write ? &p.write_block->page_flags[p.write_page - p.write_block->first_page] : NULL;
}

/* What the access just made set off keeps the processor from the bus. */
static void wait_for_masters(struct board *b)
{
    uint64_t held = b->clock.held;
    if (__builtin_expect(held == 0, 1))
        return;
    b->clock.held = 0;
    cpu_wait_states(b->cpu, held < UINT32_MAX ? (unsigned)held : UINT32_MAX);
}

static uint64_t bus_mem_read(void *ctx, uint64_t address, unsigned size)
{
    struct board *b = ctx;
    b->outside++;
    return mem_region_read(b->bus, address, size);
}

static void bus_mem_write(void *ctx, uint64_t address, uint64_t value, unsigned size)
{
    struct board *b = ctx;
    b->outside++;
    b->clock.held = 0;
    mem_region_write(b->bus, address, value, size);
    wait_for_masters(b);
}

static uint64_t bus_mem_peek(void *ctx, uint64_t address, unsigned size)
{
    struct board *b = ctx;
    uint64_t value = 0;
    mem_peek(b->bus, address, &value, size);
    return value;
}

/* Ports on the PCI bus: the adapters' from 400h on, and those of the disk and video controllers below. */
static bool is_pci_port(uint16_t port)
{
    return port >= 0x400 || (port & 0xFF78) == 0x170 || port == 0x1CE || port == 0x1CF || port == 0x1D0 ||
           (port & 0xFF7F) == 0x376 || (port >= 0x3B0 && port <= 0x3DF);
}

/* A byte on the ISA bus takes 6 of its clocks of 8.33 MHz (IEEE P996, 8-bit I/O cycle), which programs use as
 * a delay: OUT 80h between accesses, two reads of the 8254 until its counter is loaded. One to PCI takes 8
 * clocks of 33.3 MHz, with arbitration, address and turn-around. */
static void wait_for_bus(struct board *b, uint16_t port, unsigned size)
{
    unsigned ns = is_pci_port(port) ? 8 * 30 : size * 6 * 120;
    cpu_wait_states(b->cpu, (unsigned)(b->clock.hz * ns / 1000000000));
}

static uint32_t bus_port_read(void *ctx, uint16_t port, unsigned size)
{
    struct board *b = ctx;
    b->outside++;
    wait_for_bus(b, port, size);
    return ports_read(b->bus, port, size);
}

static void bus_port_write(void *ctx, uint16_t port, uint32_t value, unsigned size)
{
    struct board *b = ctx;
    b->outside++;
    wait_for_bus(b, port, size);
    b->clock.held = 0;
    ports_write(b->bus, port, value, size);
    wait_for_masters(b);
}

static void cpu_wrote_code(void *ctx, uint32_t page, uint8_t *flags, unsigned first, unsigned last)
{
    bus_code_written(((struct board *)ctx)->bus, page, flags, first, last);
}

static uint8_t bus_acknowledge(void *ctx)
{
    struct board *b = ctx;
    b->outside++;
    int vector = b->lapic ? lapic_acknowledge(b->lapic) : -1;
    return vector >= 0 ? (uint8_t)vector : pic_acknowledge(b->pic);
}

static void bus_apic_base(void *ctx, uint64_t value)
{
    struct board *b = ctx;
    b->outside++;
    if (b->lapic)
        lapic_set_base(b->lapic, value);
}

static void bus_ferr(void *ctx, bool level)
{
    struct board *b = ctx;
    b->outside++;
    coprocessor_set_ferr(b->coprocessor, 0, level);
}

static void bus_smm(void *ctx, bool entered)
{
    struct board *b = ctx;
    b->outside++;
    i440fx_set_smm(b->i440fx, entered);
}

/* The firmware will go on where the guest wants, not boot: CMOS 0Fh, set by programs that leave protected
 * mode by a reset (IBM AT Technical Reference, "shutdown status byte"). */
static bool resume_is_prepared(const struct board *b)
{
    uint8_t code = cmos_get(b->cmos, 0x0F);
    return code == 0x04 || code == 0x05 || (code >= 0x09 && code <= 0x0C);
}

static void init_to_cpu(void *owner, unsigned pin, bool level)
{
    (void)pin;
    if (level)
        cpu_init(((struct board *)owner)->cpu);
}

/* INIT# resets the local APIC too, on its way (SDM volume 3, 11.4.7.3). */
static struct wire init_pin(struct board *b)
{
    return b->lapic ? (struct wire){lapic_set_init, b->lapic, 0} : (struct wire){init_to_cpu, b, 0};
}

/* The chipset answers the shutdown cycle by INIT. Where that would boot anew the run may rather be stopped.
 */
static void bus_shutdown(void *ctx)
{
    struct board *b = ctx;
    b->outside++;
    if (resume_is_prepared(b)) {
        struct wire init = init_pin(b);
        wire_set(&init, true);
        wire_set(&init, false);
        return;
    }
    b->shut_down = true;
    *cpu_attention(b->cpu) |= 1;
}

static void map_changed(void *ctx, uint64_t base, uint64_t size)
{
    (void)base;
    (void)size;
    struct board *b = ctx;
    if (b->cpu)
        cpu_map_changed(b->cpu);
}

static bool code_written(void *ctx, uint32_t page, unsigned first, unsigned last)
{
    struct board *b = ctx;
    return b->cpu && cpu_code_written(b->cpu, page, first, last);
}

/* --- wires --- */

/* An interrupt goes to the 8259s and to the I/O APIC, where IRQ 0 is pin 2 (the MP and MADT tables say so).
 */
static void irq_to_controllers(void *owner, unsigned pin, bool level)
{
    struct board *b = owner;
    pic_set_irq(b->pic, pin, level);
    if (b->ioapic)
        ioapic_set_irq(b->ioapic, pin == 0 ? 2 : pin, level);
}

static void intr_to_cpu(void *owner, unsigned pin, bool level)
{
    (void)pin;
    cpu_set_intr(((struct board *)owner)->cpu, level);
}

static void nmi_to_cpu(void *owner, unsigned pin, bool level)
{
    (void)pin;
    if (level)
        cpu_nmi(((struct board *)owner)->cpu);
}

static void smi_to_cpu(void *owner, unsigned pin, bool level)
{
    (void)pin;
    if (level)
        cpu_smi(((struct board *)owner)->cpu);
}

static void hard_reset(void *owner, unsigned pin, bool level)
{
    struct board *b = owner;
    (void)pin;
    if (level) {
        b->reset_asked = true;
        *cpu_attention(b->cpu) |= 1;
    }
}

/* The keyboard controller and port 92h each set the gate; the last one that changes has its way. Were they
 * ORed, software that knows one of them alone could not close it. */
static void a20_gate(void *owner, unsigned pin, bool level)
{
    struct board *b = owner;
    (void)pin;
    cpu_set_a20(b->cpu, level);
}

static void power_off(void *owner)
{
    struct board *b = owner;
    b->power_off_asked = true;
    *cpu_attention(b->cpu) |= 1;
}

static void power_off_wire(void *owner, unsigned pin, bool level)
{
    (void)pin;
    if (level)
        power_off(owner);
}

static void exit_asked(void *owner, int status)
{
    struct board *b = owner;
    b->exit_asked = true;
    b->exit_status = status;
    *cpu_attention(b->cpu) |= 1;
}

static struct wire isa_irq(struct board *b, unsigned irq)
{
    return (struct wire){piix3_set_irq, b->piix3, irq};
}

static void connect_wires(struct board *b)
{
    for (unsigned i = 0; i < 16; i++)
        b->piix3->irq[i] = (struct wire){irq_to_controllers, b, i};
    if (b->ioapic)
        for (unsigned i = 0; i < 4; i++)
            b->piix3->apic_pirq[i] = (struct wire){ioapic_set_irq, b->ioapic, 16 + i};
    b->piix3->hard_reset = (struct wire){hard_reset, b, 0};
    b->piix3->soft_reset = init_pin(b);
    i440fx_connect_reset(b->i440fx, b->piix3->hard_reset, b->piix3->soft_reset);
    b->pit->out[0] = isa_irq(b, 0);
    b->i8042->irq1 = isa_irq(b, 1);
    b->i8042->irq12 = isa_irq(b, 12);
    b->i8042->a20 = (struct wire){a20_gate, b, 0};
    b->i8042->reset = init_pin(b);
    b->port92->a20 = (struct wire){a20_gate, b, 0};
    b->port92->reset = init_pin(b);
    b->coprocessor->irq13 = isa_irq(b, 13);
    b->acpi_pm->sci = (struct wire){piix3_set_sci, b->piix3, 0};
    b->acpi_pm->smi = (struct wire){smi_to_cpu, b, 0};
    b->acpi_pm->power_off = (struct wire){power_off_wire, b, 0};
    struct wire intr = {intr_to_cpu, b, 0}, nmi = {nmi_to_cpu, b, 0};
    if (b->lapic) {
        b->pic->intr = (struct wire){lapic_set_lint, b->lapic, 0};
        b->port61->nmi = (struct wire){lapic_set_lint, b->lapic, 1};
        b->lapic->intr = intr;
        b->lapic->nmi = nmi;
        b->lapic->smi = (struct wire){smi_to_cpu, b, 0};
        b->lapic->init = (struct wire){init_to_cpu, b, 0};
    } else {
        b->pic->intr = intr;
        b->port61->nmi = nmi;
    }
}

/* --- ROMs --- */

static bool read_file(const char *path, size_t most, uint8_t **bytes, size_t *size, struct error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(err, "%s: %s; check the name of the ROM image", path, strerror(errno));
    *bytes = xcalloc(1, most + 1);
    *size = fread(*bytes, 1, most + 1, file);
    bool failed = ferror(file);
    fclose(file);
    if (!failed && *size <= most)
        return true;
    free(*bytes);
    *bytes = NULL;
    return failed ? error_set(err, "%s: cannot be read: %s; name a ROM image", path, strerror(errno))
                  : error_set(err, "%s: larger than the %zu KB that fit", path, most >> 10);
}

static struct ram_block *rom_block(struct board *b, const char *name, const void *bytes, size_t size)
{
    struct ram_block *block = ram_block_create(b->bus, name, size, false);
    memcpy(block->bytes, bytes, size);
    return block;
}

static struct ram_block *rom_from_file(struct board *b, const char *name, const char *path, size_t unit,
                                       size_t most, struct error *err)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!read_file(path, most, &bytes, &size, err))
        return NULL;
    struct ram_block *block = NULL;
    if (!size || size % unit)
        error_set(err, "%s: %zu bytes; the image of the %s is a multiple of %zu bytes and at most %zu KB",
                  path, size, name, unit, most >> 10);
    else
        block = rom_block(b, name, bytes, size);
    free(bytes);
    return block;
}

/* The built-in firmware is for the 386 and later. */
static bool firmware_fits(const struct board *b, const struct machine_config *config, struct error *err)
{
    const struct cpu_model *model = cpu_get_model(b->cpu);
    if (cpu_model_has_32_bits(model) ||
        ((config->bios_path || config->bios.bytes) && (config->vgabios_path || config->vgabios.bytes)))
        return true;
    return error_set(
        err,
        "--cpu %s: the built-in firmware needs a 386; give a BIOS and VGA BIOS for the %s with --bios "
        "FILE and --vgabios FILE, or take --cpu 386",
        cpu_model_name(model), cpu_model_name(model));
}

/* From BYTES if there are any, else from the file at PATH, else the built-in one. */
static struct ram_block *load_rom(struct board *b, const char *name, const struct rom_bytes *bytes,
                                  const char *path, size_t unit, size_t most,
                                  const struct rom_bytes *built_in, struct error *err)
{
    if (bytes->bytes)
        return rom_block(b, name, bytes->bytes, bytes->size);
    if (path)
        return rom_from_file(b, name, path, unit, most, err);
    return rom_block(b, name, built_in->bytes, built_in->size);
}

static bool load_roms(struct board *b, const struct machine_config *config, struct error *err)
{
    const struct rom_bytes bios = {(uint8_t *)(uintptr_t)tick86_bios_rom, tick86_bios_rom_size},
                           vgabios = {(uint8_t *)(uintptr_t)tick86_vgabios_rom, tick86_vgabios_rom_size};
    if (!firmware_fits(b, config, err))
        return false;
    b->bios_rom = load_rom(b, "BIOS", &config->bios, config->bios_path, 0x10000, 0x400000, &bios, err);
    b->vgabios_rom = b->bios_rom ? load_rom(b, "VGA BIOS", &config->vgabios, config->vgabios_path, 512,
                                            0x10000, &vgabios, err)
                                 : NULL;
    if (!b->vgabios_rom)
        return false;
    for (unsigned i = 0; i < MACHINE_OPTION_ROMS; i++) {
        const struct rom_bytes *bytes = &config->option_rom_bytes[i];
        if (!bytes->bytes && !config->option_roms[i])
            continue;
        b->option_roms[i] =
            load_rom(b, "option ROM", bytes, config->option_roms[i], 512, 0x20000, bytes, err);
        if (!b->option_roms[i])
            return false;
    }
    return true;
}

/* --- chips --- */

/* Option ROMs for which there is no room in their sockets at D0000-DFFFF come through fw_cfg. */
#define OPTION_ROM_ROOM 0x10000

#define CREATE(field, type, name, config) ((field) = device_create(&b->devices, &(type), name, config, err))

static bool create_chipset(struct board *b, uint64_t ram_size, struct error *err)
{
    struct i440fx_config i440fx = {
        .ram = b->ram, .ram_size = ram_size, .bios_rom = b->bios_rom, .vgabios = b->vgabios_rom};
    uint64_t room = OPTION_ROM_ROOM;
    for (unsigned i = 0; i < I440FX_OPTION_ROMS && b->option_roms[i]; i++)
        if (b->option_roms[i]->size <= room) {
            i440fx.option_roms[i] = b->option_roms[i];
            room -= b->option_roms[i]->size;
        } else {
            b->option_rom_by_fw_cfg[i] = true;
        }
    if (!CREATE(b->pci, pci_bus_type, NULL, NULL))
        return false;
    i440fx.pci = b->pci;
    struct piix3_config piix3 = {.pci = b->pci};
    struct acpi_pm_config pm = {.pci = b->pci};
    return CREATE(b->i440fx, i440fx_type, NULL, &i440fx) && CREATE(b->piix3, piix3_type, NULL, &piix3) &&
           CREATE(b->pic, pic_type, NULL, NULL) && CREATE(b->dma, dma_type, NULL, NULL) &&
           CREATE(b->coprocessor, coprocessor_type, NULL, NULL) &&
           CREATE(b->acpi_pm, acpi_pm_type, NULL, &pm);
}

static bool create_apics(struct board *b, struct error *err)
{
    if (!cpu_has_apic(b->cpu))
        return true;
    if (!CREATE(b->apic_bus, apic_bus_type, NULL, NULL))
        return false;
    struct lapic_config lapic = {.bus = b->apic_bus, .bsp = true};
    struct ioapic_config ioapic = {.bus = b->apic_bus};
    return CREATE(b->lapic, lapic_type, NULL, &lapic) && CREATE(b->ioapic, ioapic_type, NULL, &ioapic);
}

static bool create_timers(struct board *b, const struct machine_config *config, const uint8_t *nvram,
                          struct error *err)
{
    struct cmos_config cmos = {.start_time = config->start_time, .irq8 = isa_irq(b, 8), .nvram = nvram};
    if (!CREATE(b->pit, pit_type, NULL, NULL))
        return false;
    struct speaker_config speaker = {.pit = b->pit};
    if (!CREATE(b->speaker, speaker_type, NULL, &speaker))
        return false;
    struct port61_config port61 = {.pit = b->pit, .speaker = b->speaker};
    if (!CREATE(b->port61, port61_type, NULL, &port61))
        return false;
    cmos.nmi_mask = (struct wire){port61_set_input, b->port61, PORT61_NMI_MASK};
    return CREATE(b->cmos, cmos_type, NULL, &cmos);
}

static bool create_input(struct board *b, const struct machine_config *config, struct error *err)
{
    if (!CREATE(b->i8042, i8042_type, NULL, NULL) || !CREATE(b->port92, port92_type, NULL, NULL))
        return false;
    struct ps2_keyboard_config keyboard = {.controller = b->i8042};
    if (!CREATE(b->keyboard, ps2_keyboard_type, NULL, &keyboard))
        return false;
    if (config->mouse != MOUSE_PS2)
        return true;
    struct ps2_mouse_config mouse = {.controller = b->i8042};
    return CREATE(b->mouse, ps2_mouse_type, NULL, &mouse);
}

static bool create_serial(struct board *b, const struct machine_config *config, struct error *err)
{
    static const uint16_t bases[MACHINE_SERIAL_PORTS] = {0x3F8, 0x2F8, 0x3E8, 0x2E8};
    static const uint8_t irqs[MACHINE_SERIAL_PORTS] = {4, 3, 4, 3};
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++) {
        bool mouse_here = config->mouse == MOUSE_SERIAL && config->mouse_serial_port == i;
        if (!config->serial_present[i] && !mouse_here)
            continue;
        struct uart_config uart = {.base = bases[i],
                                   .irq = isa_irq(b, irqs[i]),
                                   .out = config->serial[i],
                                   .line_rate = config->serial_line_rate};
        char name[16];
        snprintf(name, sizeof name, "uart%u", i);
        if (!CREATE(b->uart[i], uart_type, name, &uart))
            return false;
        if (mouse_here) {
            struct serial_mouse_config mouse = {.uart = b->uart[i], .wheel = true};
            if (!CREATE(b->serial_mouse, serial_mouse_type, NULL, &mouse))
                return false;
        }
    }
    struct parallel_config parallel = {.base = 0x378, .irq = isa_irq(b, 7), .out = config->parallel};
    struct debug_ports_config debug = {
        .console = config->debugcon, .power_off = power_off, .exit = exit_asked, .owner = b};
    return CREATE(b->parallel, parallel_type, NULL, &parallel) &&
           CREATE(b->debug_ports, debug_ports_type, NULL, &debug);
}

static struct image *open_image(const char *path, const struct machine_config *config, bool read_only,
                                bool floppy, struct error *err)
{
    struct image_options options = {
        .read_only = read_only, .snapshot = config->snapshot && !read_only, .floppy = floppy};
    return image_open(path, &options, err);
}

static bool create_floppies(struct board *b, const struct machine_config *config, struct error *err)
{
    struct image *images[MACHINE_FLOPPIES] = {NULL, NULL};
    struct fdc_config fdc = {.dma = b->dma, .irq = isa_irq(b, 6)};
    bool ok = true;
    for (unsigned i = 0; i < MACHINE_FLOPPIES && ok; i++) {
        fdc.drive_type[i] = config->floppy_type[i];
        if (config->floppy[i]) {
            struct disk_geometry geometry;
            images[i] = open_image(config->floppy[i], config, false, true, err);
            ok = images[i] && image_floppy_geometry(images[i], &geometry, err);
            if (ok && !fdc.drive_type[i])
                fdc.drive_type[i] = fdc_drive_type_for(&geometry);
        }
        /* Drive A is always there, so that a medium can be inserted later. */
        if (i == 0 && !fdc.drive_type[i])
            fdc.drive_type[i] = FDC_DRIVE_1440K;
    }
    ok = ok && CREATE(b->fdc, fdc_type, NULL, &fdc);
    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++)
        if (images[i] && !(ok && fdc_insert(b->fdc, i, images[i], err))) {
            if (!ok)
                image_close(images[i]);
            ok = false;
        }
    for (unsigned i = 0; i < MACHINE_FLOPPIES && ok; i++)
        board_cmos_floppy(b->cmos, i, fdc.drive_type[i]);
    return ok;
}

static bool create_disks(struct board *b, const struct machine_config *config, struct error *err)
{
    struct ide_config ide = {.pci = b->pci, .devfn = DEVFN(1, 1), .irq = {isa_irq(b, 14), isa_irq(b, 15)}};
    bool ok = true;
    for (unsigned i = 0; i < MACHINE_DISKS && ok; i++) {
        const struct disk_config *disk = &config->disk[i];
        struct ide_drive_config *drive = &ide.drive[i];
        drive->kind = disk->kind == DRIVE_DISK ? IDE_DISK : disk->kind == DRIVE_CDROM ? IDE_CDROM : IDE_NONE;
        drive->geometry =
            (struct disk_geometry){disk->cylinders, (uint16_t)disk->heads, (uint16_t)disk->sectors};
        if (disk->kind != DRIVE_NONE && disk->path) {
            drive->image = open_image(disk->path, config, disk->kind == DRIVE_CDROM, false, err);
            ok = drive->image != NULL;
        }
    }
    ok = ok && CREATE(b->ide, ide_type, NULL, &ide);
    for (unsigned i = 0; i < MACHINE_DISKS && !ok; i++)
        if (ide.drive[i].image)
            image_close(ide.drive[i].image);
    return ok;
}

static bool offer_option_roms(struct board *b, struct error *err)
{
    bool ok = true;
    for (unsigned i = 0; i < I440FX_OPTION_ROMS && ok; i++) {
        char name[] = "genroms/option0.rom";
        name[14] += (char)i;
        const struct ram_block *rom = b->option_roms[i];
        if (b->option_rom_by_fw_cfg[i])
            ok = fw_cfg_add_file(b->fw_cfg, name, rom->bytes, rom->size, err);
    }
    return ok;
}

static bool describe_board(struct board *b, const struct machine_config *config, uint64_t ram_size,
                           struct error *err)
{
    const struct cpu_model *model = cpu_get_model(b->cpu);
    struct board_description d = {
        .ram_size = ram_size,
        .cpus = 1,
        .cpuid_signature = cpu_model_signature(model),
        .cpuid_features = cpu_model_features(model),
        .cpu_vendor = "GenuineIntel",
        .cpu_name = cpu_model_title(model),
        .cpu_mhz = (unsigned)(b->clock.hz / 1000000),
        .apic = b->lapic != NULL,
        .parallel = true,
        .floppy = true,
        .ps2_mouse = b->mouse != NULL,
        .boot_menu = config->boot_menu,
        .kernel = config->kernel_path != NULL,
        .boot_order = config->boot_order,
        .version = PACKAGE_VERSION,
    };
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++)
        d.serial[i] = b->uart[i] != NULL;
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        d.drives[i] = config->disk[i].kind;
    /* Firmware that puts RAM over the ROMs' addresses before it looks for them finds the video BIOS here. */
    return firmware_config_add(b->fw_cfg, &d, err) &&
           fw_cfg_add_file(b->fw_cfg, "vgaroms/vgabios.bin", b->vgabios_rom->bytes, b->vgabios_rom->size,
                           err) &&
           offer_option_roms(b, err) &&
           (!config->kernel_path || kernel_loader_add(b->fw_cfg, config, i440fx_ram_below_4g(ram_size), err));
}

static bool create_chips(struct board *b, const struct machine_config *config, uint64_t ram_size,
                         struct error *err)
{
    uint8_t *nvram = NULL;
    size_t nvram_size;
    if (config->nvram_path && !board_nvram_load(config->nvram_path, &nvram, &nvram_size, err))
        return false;
    bool ok =
        create_chipset(b, ram_size, err) && create_apics(b, err) && create_timers(b, config, nvram, err);
    free(nvram);
    struct vga_config vga = {.pci = b->pci, .devfn = DEVFN(2, 0)};
    ok = ok && create_input(b, config, err) && create_serial(b, config, err) &&
         create_floppies(b, config, err) && create_disks(b, config, err) &&
         CREATE(b->vga, vga_type, NULL, &vga) && CREATE(b->fw_cfg, fw_cfg_type, NULL, NULL);
    if (!ok)
        return false;
    connect_wires(b);
    board_cmos_fill(b, config, ram_size);
    return describe_board(b, config, ram_size, err);
}

static bool choose_memory(const struct machine_config *config, uint64_t *size, struct error *err)
{
    *size = config->memory ? config->memory : DEFAULT_MEMORY;
    *size &= ~(uint64_t)(PAGE_SIZE - 1);
    if (*size < LEAST_MEMORY || *size > MOST_MEMORY)
        return error_set(err, "--memory %llu bytes: give from 1M to 32G", (unsigned long long)config->memory);
    return true;
}

/* "plain,cuts:7": names of CPU_PATH_*, the last perhaps with a seed. */
static bool choose_paths(struct board *b, const char *text, struct error *err)
{
    static const char *const names[] = {"plain", "nolinks", "nofusion", "allflags",
                                        "cuts",  "drops",   "single",   "breaks"};
    unsigned paths = 0;
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, ",:"), i = 0;
        while (i < sizeof names / sizeof *names &&
               (strlen(names[i]) != length || strncmp(names[i], at, length)))
            i++;
        if (i == sizeof names / sizeof *names)
            return error_set(
                err, "--cpu-paths %s: give plain, nolinks, nofusion, allflags, cuts, drops, single, breaks",
                text);
        paths |= 1u << i;
        at += length;
        if (*at == ':')
            break;
        at += *at == ',';
    }
    const char *seed = strchr(text, ':');
    cpu_set_paths(b->cpu, paths, seed ? (uint32_t)strtoul(seed + 1, NULL, 10) : 1);
    return true;
}

bool board_create(struct board *b, const struct machine_config *config, struct error *err)
{
    const struct cpu_model *model =
        config->cpu_model ? cpu_model_find(config->cpu_model) : cpu_model_default();
    uint64_t ram_size;
    if (!model)
        return error_set(err, "--cpu %s: no such model; --cpu help lists them", config->cpu_model);
    if (config->cpus > 1)
        return error_set(err, "--cpus %u: this version has one processor; leave the option out",
                         config->cpus);
    if (!choose_memory(config, &ram_size, err))
        return false;
    memset(b, 0, sizeof *b);
    b->log = (struct log){.stream = stderr, .categories = config->log_categories, .now = &b->clock.now};
    clock_init(&b->clock, config->hz ? config->hz : cpu_model_hz(model));
    b->bus = bus_create(&b->log);
    b->devices = (struct device_list){.bus = b->bus, .clock = &b->clock, .log = &b->log};
    b->ram = ram_block_create(b->bus, "RAM", ram_size, true);
    b->listener = (struct bus_listener){.ctx = b, .map_changed = map_changed, .code_written = code_written};
    bus_listen(b->bus, &b->listener);
    struct cpu_bus pins = {
        .ctx = b,
        .now = &b->clock.now,
        .page = bus_page,
        .mem_read = bus_mem_read,
        .mem_write = bus_mem_write,
        .mem_peek = bus_mem_peek,
        .port_read = bus_port_read,
        .port_write = bus_port_write,
        .code_written = cpu_wrote_code,
        .acknowledge = bus_acknowledge,
        .apic_base = bus_apic_base,
        .ferr = bus_ferr,
        .smm = bus_smm,
        .shutdown = bus_shutdown,
    };
    /* ROMs, video memory and adapters come after RAM: at most this many pages in all. */
    pins.backing_pages = (uint32_t)(ram_size >> PAGE_SHIFT) + (512u << 20 >> PAGE_SHIFT);
    b->cpu = cpu_create(model, &pins);
    b->clock.attention = cpu_attention(b->cpu);
    if ((config->cpu_paths && !choose_paths(b, config->cpu_paths, err)) || !load_roms(b, config, err) ||
        !create_chips(b, config, ram_size, err)) {
        board_destroy(b);
        return false;
    }
    log_bios_calls(b);
    board_reset(b, RESET_POWER_ON);
    return true;
}

void board_destroy(struct board *b)
{
    devices_destroy(&b->devices);
    if (b->bus)
        bus_unlisten(b->bus, &b->listener);
    if (b->cpu)
        cpu_destroy(b->cpu);
    if (b->bus)
        bus_destroy(b->bus);
    clock_free(&b->clock);
    memset(b, 0, sizeof *b);
}

void board_reset(struct board *b, enum reset_kind kind)
{
    b->reset_asked = b->shut_down = false;
    devices_reset(&b->devices, kind);
    cpu_reset(b->cpu, kind == RESET_POWER_ON);
    cpu_set_a20(b->cpu, true);
    bus_apic_base(b, cpu_apic_base(b->cpu));
}
