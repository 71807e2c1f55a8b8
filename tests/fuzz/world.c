#include "tests/fuzz/world.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bios/rom.h"
#include "bios/vga/rom.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "bus/device.h"
#include "devices/speaker.h"
#include "devices/vga.h"
#include "tests/fuzz/guest.h"
#include "tests/fuzz/world.h"

#define IMAGE_COUNT 6

static const struct {
    const char *name;
    uint64_t size;
    enum machine_media_slot slot;
} images[IMAGE_COUNT] = {
    {"a.img", 1474560, SLOT_FDA},    {"b.img", 368640, SLOT_FDB},       {"dmf.img", 1720320, SLOT_FDA},
    {"hd.img", 8 << 20, SLOT_DISK0}, {"hd2.img", 20 << 20, SLOT_DISK1}, {"cd.iso", 3 << 20, SLOT_DISK2},
};

void world_saw(struct world *w, uint64_t value)
{
    w->seen = (w->seen ^ value) * 1099511628211u;
}

static unsigned below(struct world *w, unsigned n)
{
    return fuzz_below(&w->r, n);
}

/* --- images --- */

static void write_image(const char *folder, unsigned index)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, images[index].name);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    uint8_t sector[2048];
    struct fuzz_random r = {index};
    fuzz_bytes(&r, sector, sizeof sector);
    if (images[index].slot == SLOT_DISK2)
        memcpy(sector, "\1CD001\1", 8);
    sector[510] = 0x55;
    sector[511] = 0xAA;
    if (file < 0 || ftruncate(file, (off_t)images[index].size) ||
        pwrite(file, sector, sizeof sector, 0) < 0 || pwrite(file, sector, sizeof sector, 16 * 2048) < 0) {
        perror(path);
        exit(1);
    }
    close(file);
}

static void make_images(struct world *w)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(w->folder, sizeof w->folder, "%.40s/tick86.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->folder)) {
        perror(w->folder);
        exit(1);
    }
    for (unsigned i = 0; i < IMAGE_COUNT; i++)
        write_image(w->folder, i);
}

static void remove_images(struct world *w)
{
    char path[128];
    for (unsigned i = 0; i < IMAGE_COUNT; i++) {
        snprintf(path, sizeof path, "%s/%s", w->folder, images[i].name);
        unlink(path);
    }
    rmdir(w->folder);
}

static char *image_at(const struct world *w, unsigned index)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", w->folder, images[index].name);
    return strdup(path);
}

/* --- the machine --- */

static void count_byte(void *owner, uint8_t byte)
{
    world_saw(owner, byte);
}

static void find_claimed_port(void *ctx, const char *owner, const struct port_row *row)
{
    (void)owner;
    (void)row;
    *(bool *)ctx = true;
}

/* Again after each move of a PCI function. */
static void list_ports(struct world *w)
{
    w->claimed_count = 0;
    for (unsigned port = 0; port < 0x10000; port++) {
        bool claimed = false;
        ports_owners(w->bus, (uint16_t)port, find_claimed_port, &claimed);
        if (claimed)
            w->claimed[w->claimed_count++] = (uint16_t)port;
    }
}

void world_connect(struct world *w, struct machine_config *config)
{
    struct byte_sink sink = {count_byte, w};
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++)
        config->serial[i] = sink;
    config->parallel = config->debugcon = sink;
}

void world_open(struct world *w, uint64_t seed)
{
    static const char *const models[] = {"p6", "p6", "pentium", "486", "386", "286"};
    memset(w, 0, sizeof *w);
    w->r.state = seed;
    make_images(w);
    struct machine_config config = {.memory = 2 << 20, .start_time = 946684790, .boot_order = "cad"};
    config.cpu_model = strdup(models[below(w, 6)]);
    /* The board asks for firmware that is meant for a 286; this one shows what it makes of any. */
    if (!strcmp(config.cpu_model, "286")) {
        config.bios = (struct rom_bytes){(uint8_t *)(uintptr_t)tick86_bios_rom, tick86_bios_rom_size};
        config.vgabios =
            (struct rom_bytes){(uint8_t *)(uintptr_t)tick86_vgabios_rom, tick86_vgabios_rom_size};
    }
    config.hz = below(w, 2) ? 0 : 1000000 + below(w, 20000000);
    config.snapshot = below(w, 4);
    config.mouse = (enum mouse_kind)below(w, 3);
    config.mouse_serial_port = below(w, 4);
    config.reset_on_triple_fault = below(w, 2);
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++)
        config.serial_present[i] = true;
    world_connect(w, &config);
    if (below(w, 4))
        config.floppy[0] = image_at(w, 0);
    if (below(w, 2))
        config.floppy[1] = image_at(w, 1);
    config.disk[0] = (struct disk_config){.kind = DRIVE_DISK, .path = image_at(w, 3)};
    config.disk[1] = (struct disk_config){.kind = DRIVE_DISK, .path = image_at(w, 4)};
    config.disk[2] = (struct disk_config){.kind = DRIVE_CDROM, .path = below(w, 4) ? image_at(w, 5) : NULL};
    if (below(w, 2))
        config.disk[3].kind = DRIVE_CDROM;
    struct error err;
    w->machine = machine_create(&config, &err);
    if (!w->machine) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    w->bus = machine_bus(w->machine);
    w->claimed = calloc(0x10000, sizeof *w->claimed);
    list_ports(w);
    free(config.cpu_model);
    free(config.floppy[0]);
    free(config.floppy[1]);
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        free(config.disk[i].path);
}

void world_close(struct world *w)
{
    machine_destroy(w->machine);
    free(w->claimed);
    remove_images(w);
}

/* --- accesses --- */

static void out(struct world *w, uint16_t port, uint32_t value, unsigned size)
{
    ports_write(w->bus, port, value, size);
}

static uint32_t in(struct world *w, uint16_t port, unsigned size)
{
    uint32_t value = ports_read(w->bus, port, size);
    world_saw(w, value);
    return value;
}

static unsigned some_size(struct world *w)
{
    return below(w, 3) ? 1 : 1u << below(w, 3);
}

static void random_ports(struct world *w)
{
    for (unsigned i = 1 + below(w, 8); i > 0; i--) {
        uint16_t port = below(w, 16) ? w->claimed[below(w, w->claimed_count)] : (uint16_t)fuzz_u32(&w->r);
        uint32_t value = fuzz_value(&w->r);
        unsigned size = some_size(w);
        if (below(w, 3))
            out(w, port, value, size);
        else
            in(w, port, size);
    }
}

/* One port many times, as string instructions do. */
static void hammer_port(struct world *w)
{
    uint16_t port = w->claimed[below(w, w->claimed_count)];
    unsigned size = some_size(w);
    bool write = below(w, 2);
    for (unsigned i = below(w, 600); i > 0; i--)
        if (write)
            out(w, port, fuzz_value(&w->r), size);
        else
            in(w, port, size);
}

static uint64_t some_address(struct world *w)
{
    switch (below(w, 8)) {
    case 0:
        return below(w, 0x200000);
    case 1:
    case 2:
        return 0xA0000 + below(w, 0x20000);
    case 3:
        return 0xC0000 + below(w, 0x40000);
    case 4:
        return 0xFEE00000 + (below(w, 64) << 4);
    case 5:
        return 0xFEC00000 + (below(w, 4) << 4);
    case 6:
        return fuzz_u64(&w->r) >> (28 + below(w, 8));
    default: {
        unsigned nth = below(w, 40);
        struct mem_region *region = bus_regions(w->bus);
        while (nth-- && region->next)
            region = region->next;
        /* Where one lies that is off is nobody's business. */
        uint64_t offset = region->size ? fuzz_u64(&w->r) % region->size : 0;
        return region->enabled ? region->base + offset : 0;
    }
    }
}

static void random_memory(struct world *w)
{
    uint64_t address = some_address(w);
    unsigned size = 1u << below(w, 4);
    for (unsigned i = 1 + below(w, 20); i > 0; i--) {
        uint64_t value = fuzz_u64(&w->r), at = address & ~(uint64_t)(size - 1);
        if (below(w, 2))
            mem_region_write(w->bus, at, value, size);
        else
            world_saw(w, mem_region_read(w->bus, at, size));
        address += below(w, 3) ? size : below(w, 0x1000);
    }
}

static void random_block(struct world *w)
{
    static uint8_t buffer[0x5000];
    uint64_t address = some_address(w);
    size_t length = below(w, sizeof buffer);
    if (below(w, 2)) {
        memset(buffer, (int)fuzz_u32(&w->r), length);
        fuzz_bytes(&w->r, buffer, 64);
        mem_write(w->bus, address, buffer, length);
    } else {
        mem_read(w->bus, address, buffer, length);
        for (size_t i = 0; i < length; i += 61)
            world_saw(w, buffer[i]);
    }
}

/* --- chips in the ways that drivers use them, with random numbers --- */

static void program_dma(struct world *w, unsigned channel)
{
    static const uint16_t pages[8] = {0x87, 0x83, 0x81, 0x82, 0x8F, 0x8B, 0x89, 0x8A};
    bool wide = channel >= 4;
    uint16_t base = wide ? 0xC0 : 0, step = wide ? 2 : 1;
    out(w, (uint16_t)(wide ? 0xD4 : 0x0A), 4 | (channel & 3), 1);
    out(w, (uint16_t)(wide ? 0xD8 : 0x0C), 0, 1);
    out(w, (uint16_t)(wide ? 0xD6 : 0x0B), (fuzz_u32(&w->r) & 0xFC) | (channel & 3), 1);
    for (unsigned i = 0; i < 2; i++) {
        out(w, (uint16_t)(base + 2 * (channel & 3) * step), fuzz_value(&w->r), 1);
        out(w, (uint16_t)(base + (2 * (channel & 3) + 1) * step), fuzz_value(&w->r), 1);
    }
    out(w, pages[channel], below(w, 2) ? below(w, 0x20) : fuzz_value(&w->r), 1);
    out(w, (uint16_t)(wide ? 0xD4 : 0x0A), channel & 3, 1);
}

static void floppy_command(struct world *w)
{
    static const uint8_t commands[] = {0xE6, 0x46, 0xC5, 0x45, 0x4D, 0x0F, 0x07, 0x08, 0x03, 0x04, 0x4A,
                                       0xD6, 0xD1, 0xD9, 0xDD, 0x13, 0x0E, 0x10, 0x12, 0x14, 0x94, 0x8F,
                                       0xCF, 0x42, 0xCC, 0xC9, 0x33, 0x18, 0x8E, 0x2E, 0x4E};
    if (below(w, 2))
        out(w, 0x3F2, 0x1C | below(w, 4) | (below(w, 8) ? 0 : fuzz_u32(&w->r) & 0xF0), 1);
    if (below(w, 2))
        program_dma(w, 2);
    if (below(w, 4) == 0)
        out(w, 0x3F7, below(w, 4), 1);
    out(w, 0x3F5, below(w, 8) ? commands[below(w, sizeof commands)] : fuzz_u32(&w->r), 1);
    for (unsigned i = below(w, 11); i > 0; i--)
        out(w, 0x3F5, below(w, 4) ? below(w, 24) : fuzz_value(&w->r), 1);
    for (unsigned i = below(w, 40); i > 0; i--)
        in(w, below(w, 2) ? 0x3F4 : 0x3F5, 1);
}

static uint32_t pci_address(unsigned devfn, unsigned reg)
{
    return 0x80000000u | devfn << 8 | (reg & 0xFC);
}

static uint32_t config_read(struct world *w, unsigned devfn, unsigned reg)
{
    out(w, 0xCF8, pci_address(devfn, reg), 4);
    return in(w, 0xCFC, 4);
}

static void config_write(struct world *w, unsigned devfn, unsigned reg, uint32_t value)
{
    out(w, 0xCF8, pci_address(devfn, reg), 4);
    out(w, 0xCFC, value, 4);
}

static void bus_master(struct world *w, unsigned channel)
{
    uint32_t base = config_read(w, 1 << 3 | 1, 0x20) & 0xFFF0, table = 0x1000 + (below(w, 64) << 5);
    uint8_t entries[8 * 8];
    for (unsigned i = 0; i < sizeof entries; i += 8) {
        uint32_t address = below(w, 3) ? below(w, 0x1F0000) : (uint32_t)some_address(w),
                 count = fuzz_value(&w->r) & 0xFFFF;
        memcpy(entries + i, &address, 4);
        count |= below(w, 4) ? 0 : 0x80000000;
        memcpy(entries + i + 4, &count, 4);
    }
    mem_write(w->bus, table, entries, sizeof entries);
    config_write(w, 1 << 3 | 1, 4, 5 | below(w, 8));
    if (base < 0x1000)
        return;
    out(w, (uint16_t)(base + 8 * channel + 4), below(w, 8) ? table : (uint32_t)some_address(w), 4);
    out(w, (uint16_t)(base + 8 * channel + 2), fuzz_u32(&w->r), 1);
    out(w, (uint16_t)(base + 8 * channel), 1 | below(w, 2) << 3, 1);
}

static void packet(struct world *w, uint16_t base)
{
    static const uint8_t opcodes[] = {0x00, 0x03, 0x12, 0x1B, 0x1E, 0x25, 0x28, 0xA8, 0x2B, 0x35, 0x42, 0x43,
                                      0x44, 0x45, 0x46, 0x47, 0x4A, 0x4B, 0x4E, 0x51, 0x52, 0x55, 0x5A, 0x5C,
                                      0xA1, 0xA5, 0xAD, 0xB9, 0xBB, 0xBD, 0xBE, 0xBF, 0x15, 0x1A, 0x23, 0xA0};
    uint8_t command[12];
    fuzz_bytes(&w->r, command, sizeof command);
    for (unsigned i = 1; i < sizeof command; i++)
        if (below(w, 3))
            command[i] = below(w, 2) ? 0 : (uint8_t)below(w, 32);
    command[0] = below(w, 10) ? opcodes[below(w, sizeof opcodes)] : (uint8_t)fuzz_u32(&w->r);
    for (unsigned i = 0; i < 12; i += 2)
        out(w, base, command[i] | command[i + 1] << 8, 2);
}

static void disk_command(struct world *w)
{
    static const uint8_t commands[] = {0x20, 0x21, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x3D, 0x40,
                                       0x42, 0xC4, 0xC5, 0xC6, 0xC8, 0xCA, 0xEC, 0xA1, 0xEF, 0xE7, 0xEA,
                                       0x91, 0x10, 0x70, 0x90, 0x08, 0xF8, 0xF9, 0x27, 0x37, 0xB0, 0xE0,
                                       0xE1, 0xE3, 0xE5, 0xA0, 0xA0, 0xA0, 0xA0, 0xE4, 0xE8, 0x50, 0xFE};
    unsigned channel = below(w, 2);
    uint16_t base = channel ? 0x170 : 0x1F0;
    out(w, (uint16_t)(base + 6), 0xA0 | below(w, 2) << 4 | below(w, 2) << 6 | below(w, 16), 1);
    if (below(w, 8) == 0)
        out(w, (uint16_t)(base + 0x206), fuzz_u32(&w->r), 1);
    for (unsigned i = 1; i < 6; i++)
        if (below(w, 3))
            out(w, (uint16_t)(base + i), below(w, 2) ? below(w, 64) : fuzz_value(&w->r), 1);
    if (below(w, 2))
        bus_master(w, channel);
    unsigned command = below(w, 8) ? commands[below(w, sizeof commands)] : fuzz_u32(&w->r) & 0xFF;
    out(w, (uint16_t)(base + 7), command, 1);
    if (command == 0xA0) {
        if (below(w, 2))
            machine_run(w->machine, machine_cycles(w->machine) + 10 + below(w, 100000));
        packet(w, base);
    }
    bool write = below(w, 2);
    for (unsigned i = below(w, 3) ? 0 : below(w, 900); i > 0; i--)
        if (write)
            out(w, base, fuzz_u32(&w->r), 2);
        else
            in(w, base, 2 << below(w, 2));
}

static void pci_setup(struct world *w)
{
    static const uint8_t functions[] = {0, 8, 9, 10, 11, 16};
    static const uint8_t registers[] = {4,    4,    0x0C, 0x10, 0x14, 0x18, 0x20, 0x20, 0x30,
                                        0x3C, 0x40, 0x44, 0x48, 0x50, 0x54, 0x58, 0x58, 0x5C,
                                        0x5C, 0x60, 0x70, 0x70, 0x80, 0x90, 0xC0, 0xD0};
    for (unsigned i = 1 + below(w, 4); i > 0; i--) {
        unsigned devfn = below(w, 16) ? functions[below(w, sizeof functions)] : below(w, 256);
        unsigned reg = below(w, 8) ? registers[below(w, sizeof registers)] : below(w, 64) * 4;
        uint32_t value = below(w, 3) ? fuzz_value(&w->r) : (uint32_t)some_address(w);
        if (below(w, 6) == 0) {
            out(w, 0xCF8, pci_address(devfn, reg) | (below(w, 8) ? 0 : fuzz_u32(&w->r)), 4);
            out(w, (uint16_t)(0xCFC + below(w, 4)), value, some_size(w));
        } else {
            config_write(w, devfn, reg, value);
        }
        world_saw(w, config_read(w, devfn, reg));
    }
    list_ports(w);
}

static void display_registers(struct world *w)
{
    static const uint16_t indexed[][2] = {{0x3C4, 5}, {0x3CE, 9}, {0x3D4, 0x19}, {0x3B4, 0x19}};
    if (below(w, 2))
        out(w, 0x3C2, fuzz_u32(&w->r), 1);
    for (unsigned i = below(w, 20); i > 0; i--) {
        unsigned which = below(w, 4), index = below(w, 10) ? below(w, indexed[which][1]) : fuzz_u32(&w->r);
        out(w, indexed[which][0], (index & 0xFF) | fuzz_value(&w->r) << 8, 2);
    }
    for (unsigned i = below(w, 12); i > 0; i--) {
        in(w, 0x3DA, 1);
        out(w, 0x3C0, below(w, 2) ? 0x20 | below(w, 0x18) : below(w, 0x18), 1);
        out(w, 0x3C0, fuzz_value(&w->r), 1);
    }
    out(w, 0x3C0, 0x20, 1);
    for (unsigned i = below(w, 20); i > 0; i--)
        out(w, (uint16_t)(0x3C6 + below(w, 4)), fuzz_u32(&w->r), 1);
}

static void display_vbe(struct world *w)
{
    static const uint16_t depths[] = {4, 8, 15, 16, 24, 32};
    static const uint16_t sizes[] = {320, 640, 800, 1024, 1280, 1600, 2048, 4096, 200, 480, 600, 768, 1200};
    for (unsigned i = 1 + below(w, 8); i > 0; i--) {
        unsigned index = below(w, 12);
        uint32_t value = fuzz_value(&w->r);
        if (below(w, 4)) {
            if (index == 1 || index == 2 || (index >= 6 && index <= 9))
                value = below(w, 2) ? sizes[below(w, 13)] : below(w, 2000);
            else if (index == 3)
                value = depths[below(w, 6)];
            else if (index == 4)
                value = below(w, 2) ? 0x41 : fuzz_u32(&w->r) & 0xE3;
        }
        out(w, 0x1CE, index, 2);
        out(w, (uint16_t)(0x1CF + below(w, 2)), value, 2);
        world_saw(w, in(w, 0x1CF, 2));
    }
}

static void keyboard_controller(struct world *w)
{
    static const uint8_t commands[] = {0x20, 0x60, 0xA7, 0xA8, 0xA9, 0xAA, 0xAB, 0xAD, 0xAE,
                                       0xC0, 0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xE0, 0xF0, 0xFE};
    static const uint8_t data[] = {0xFF, 0xF4, 0xF2, 0xED, 0xF0, 0xF3, 0xE8, 0xE6,
                                   0xEB, 0xE9, 0xEE, 0xF5, 0xF6, 0x47, 0x03, 0xDF};
    for (unsigned i = below(w, 10); i > 0; i--) {
        if (below(w, 2))
            out(w, 0x64, below(w, 8) ? commands[below(w, sizeof commands)] : fuzz_u32(&w->r), 1);
        if (below(w, 2))
            out(w, 0x60, below(w, 4) ? data[below(w, sizeof data)] : fuzz_u32(&w->r), 1);
        in(w, below(w, 2) ? 0x60 : 0x64, 1);
    }
}

static void interrupt_controllers(struct world *w)
{
    for (unsigned i = below(w, 12); i > 0; i--) {
        static const uint16_t ports[] = {0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1};
        out(w, ports[below(w, 6)], fuzz_value(&w->r), 1);
    }
    for (unsigned i = below(w, 12); i > 0; i--)
        mem_region_write(w->bus, 0xFEE00000 + (below(w, 0x40) << 4), fuzz_value(&w->r), 4);
    for (unsigned i = below(w, 12); i > 0; i--) {
        mem_region_write(w->bus, 0xFEC00000, below(w, 8) ? 0x10 + below(w, 0x30) : fuzz_value(&w->r), 4);
        mem_region_write(w->bus, 0xFEC00010, fuzz_value(&w->r), 4);
    }
}

static void timers(struct world *w)
{
    out(w, 0x43, fuzz_u32(&w->r), 1);
    for (unsigned i = below(w, 6); i > 0; i--)
        out(w, (uint16_t)(0x40 + below(w, 3)), below(w, 2) ? below(w, 4) : fuzz_u32(&w->r), 1);
    out(w, 0x61, fuzz_u32(&w->r), 1);
    out(w, 0x70, below(w, 16), 1);
    out(w, 0x71, fuzz_value(&w->r), 1);
}

static void firmware_config(struct world *w)
{
    out(w, 0x510, below(w, 2) ? below(w, 0x40) : fuzz_value(&w->r), 2);
    for (unsigned i = below(w, 100); i > 0; i--)
        in(w, 0x511, 1);
    uint8_t access[16];
    for (unsigned i = 0; i < 16; i++)
        access[i] = below(w, 3) ? 0 : (uint8_t)fuzz_u32(&w->r);
    mem_write(w->bus, 0x3000, access, sizeof access);
    if (below(w, 2)) {
        out(w, 0x514, 0, 4);
        out(w, 0x518, 0x00300000, 4); /* big-endian */
    }
}

/* --- time and the outside --- */

static void pass_time(struct world *w)
{
    uint64_t cycles = below(w, 4) ? below(w, 2000) : below(w, 16) ? below(w, 200000) : below(w, 4000000);
    enum machine_stop stop = machine_run(w->machine, machine_cycles(w->machine) + cycles);
    world_saw(w, stop);
    if (stop == MACHINE_TRIPLE_FAULT || stop == MACHINE_POWERED_OFF)
        machine_reset(w->machine);
}

static void step_some(struct world *w)
{
    for (unsigned i = below(w, 40); i > 0; i--)
        world_saw(w, machine_step(w->machine, UINT64_MAX));
}

static void user_input(struct world *w)
{
    switch (below(w, 6)) {
    case 0:
        machine_mouse(w->machine, (int)fuzz_value(&w->r), (int)fuzz_value(&w->r), (int)below(w, 9) - 4,
                      fuzz_u32(&w->r));
        break;
    case 1:
        for (unsigned i = below(w, 60); i > 0; i--)
            machine_serial_receive(w->machine, below(w, 5), (uint8_t)fuzz_u32(&w->r));
        break;
    case 2:
        machine_nmi(w->machine);
        break;
    case 3:
        machine_power_button(w->machine);
        break;
    default:
        for (unsigned i = below(w, 40); i > 0; i--)
            machine_key(w->machine, (uint16_t)(below(w, 4) ? below(w, 0x80) : fuzz_u32(&w->r)), below(w, 2));
        break;
    }
}

void world_change_medium(struct world *w)
{
    struct error err;
    unsigned image = below(w, IMAGE_COUNT);
    char *path = below(w, 3) ? image_at(w, image) : NULL;
    enum machine_media_slot slot = below(w, 4) ? images[image].slot : (enum machine_media_slot)below(w, 6);
    /* A floppy that went into a CD drive would not come back while a floppy drive has it, which writes. */
    if (images[image].slot < SLOT_DISK0 && slot >= SLOT_DISK0 && machine_can_change(w->machine, slot))
        slot = images[image].slot;
    world_saw(w, machine_change_medium(w->machine, slot, path, &err));
    free(path);
}

static void new_code(struct world *w)
{
    static struct guest guest;
    guest_make(&w->r, cpu_get_model(machine_cpu(w->machine, 0)), &guest);
    mem_write(w->bus, 0, guest.image, sizeof guest.image);
    cpu_set_registers(machine_cpu(w->machine, 0), &guest.registers);
}

/* A loop that waits for interrupts, which return at once: chips get time, and the processor does nothing. */
static void quiet_code(struct world *w)
{
    static const uint8_t code[] = {0xFB, 0xF4, 0xEB, 0xFC, 0xCF};
    uint16_t vectors[512];
    struct cpu_registers r;
    machine_reset(w->machine);
    machine_run(w->machine, machine_cycles(w->machine));
    for (unsigned i = 0; i < 512; i += 2) {
        vectors[i] = 0x604;
        vectors[i + 1] = 0;
    }
    mem_write(w->bus, 0, vectors, sizeof vectors);
    mem_write(w->bus, 0x600, code, sizeof code);
    cpu_get_registers(machine_cpu(w->machine, 0), &r);
    r.segment[CPU_CS].base = r.segment[CPU_CS].selector = 0;
    r.rip = 0x600;
    r.gpr[4] = 0x7000;
    cpu_set_registers(machine_cpu(w->machine, 0), &r);
}

static void reset(struct world *w)
{
    if (below(w, 3) == 0)
        machine_reset(w->machine);
}

static void speaker(struct world *w)
{
    static struct speaker_edge edges[64];
    w->heard = (w->heard ^ speaker_take_edges(machine_speaker(w->machine), edges, 64)) * 1099511628211u;
}

typedef void operation_fn(struct world *w);
static const struct {
    const char *name;
    operation_fn *run;
    unsigned weight;
} operations[] = {
    {"random ports", random_ports, 10},
    {"one port many times", hammer_port, 2},
    {"random memory", random_memory, 6},
    {"blocks of memory", random_block, 4},
    {"floppy command", floppy_command, 6},
    {"disk command", disk_command, 12},
    {"PCI registers", pci_setup, 3},
    {"display registers", display_registers, 5},
    {"VBE registers", display_vbe, 4},
    {"keyboard controller", keyboard_controller, 4},
    {"interrupt controllers", interrupt_controllers, 3},
    {"timers", timers, 3},
    {"firmware configuration", firmware_config, 2},
    {"time", pass_time, 20},
    {"single steps", step_some, 2},
    {"input", user_input, 4},
    {"media change", world_change_medium, 2},
    {"random code", new_code, 1},
    {"waiting code", quiet_code, 2},
    {"reset", reset, 1},
    {"speaker", speaker, 1},
};

void world_operate(struct world *w, unsigned number)
{
    unsigned total = 0, i = 0;
    for (unsigned j = 0; j < sizeof operations / sizeof *operations; j++)
        total += operations[j].weight;
    unsigned dice = below(w, total);
    while (dice >= operations[i].weight)
        dice -= operations[i++].weight;
    fuzz_note("operation %u, %s", number, operations[i].name);
    operations[i].run(w);
}
