#include "machine/machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "devices/acpi_pm.h"
#include "devices/fdc.h"
#include "devices/ide.h"
#include "devices/image/image.h"
#include "devices/port61.h"
#include "devices/ps2_keyboard.h"
#include "devices/ps2_mouse.h"
#include "devices/serial_mouse.h"
#include "devices/uart.h"
#include "devices/vga.h"
#include "machine/board_cmos.h"
#include "machine/log_bios_calls.h"
#include "machine/machine_private.h"
#include "machine/state.h"

/* What was left to choose is filled in with what was chosen. */
static void fill_in(struct machine_config *config, const struct board *b)
{
    const struct cpu_model *model = cpu_get_model(b->cpu);
    machine_config_free_roms(config); /* they are memory now */
    config->memory = b->ram->size;
    config->hz = b->clock.hz;
    free(config->cpu_model);
    config->cpu_model = xstrdup(cpu_model_name(model));
    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++)
        config->floppy_type[i] = fdc_drive_type(b->fdc, i);
    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        const struct disk_geometry *g = ide_geometry(b->ide, i);
        struct disk_config *disk = &config->disk[i];
        disk->cylinders = g ? g->cylinders : 0;
        disk->heads = g ? g->heads : 0;
        disk->sectors = g ? g->sectors : 0;
    }
}

void machine_keep_nvram(struct machine *m, const char *path)
{
    char *copy = path ? xstrdup(path) : NULL;
    free(m->config.nvram_path);
    m->config.nvram_path = copy;
}

const struct machine_config *machine_configuration(const struct machine *m)
{
    return &m->config;
}

struct machine *machine_create(const struct machine_config *config, struct error *err)
{
    struct machine *m = xcalloc(1, sizeof *m);
    if (!board_create(&m->board, config, err)) {
        free(m);
        return NULL;
    }
    m->idle = idle_create();
    m->instruction_limit = m->break_at = m->break_cycle = UINT64_MAX;
    machine_config_copy(&m->config, config);
    fill_in(&m->config, &m->board);
    return m;
}

void machine_destroy(struct machine *m)
{
    if (!m)
        return;
    board_destroy(&m->board);
    shelf_clear(&m->shelf);
    let_go_free(&m->let_go);
    idle_destroy(m->idle);
    machine_config_free(&m->config);
    free(m);
}

/* --- running --- */

static void note_break(struct machine *m)
{
    *cpu_attention(m->board.cpu) |= 1;
}

/* What chips asked for in the middle of an instruction. MACHINE_RAN: nothing that stops the run. */
static enum machine_stop settle_requests(struct machine *m)
{
    struct board *b = &m->board;
    if (b->exit_asked) {
        b->exit_asked = false;
        return MACHINE_EXITED;
    }
    if (b->power_off_asked) {
        b->power_off_asked = false;
        return MACHINE_POWERED_OFF;
    }
    if (b->shut_down && !b->reset_asked) {
        if (!m->config.reset_on_triple_fault)
            return MACHINE_TRIPLE_FAULT;
        b->shut_down = false;
        b->reset_asked = true;
    }
    if (b->reset_asked)
        board_reset(b, RESET_HARD);
    return MACHINE_RAN;
}

/* The nearer of the limit and of where machine_break_at() wants to stop. */
static void limit_processor(struct machine *m)
{
    cpu_limit_instructions(m->board.cpu,
                           m->break_at < m->instruction_limit ? m->break_at : m->instruction_limit);
}

static enum machine_stop stop_of(struct machine *m, enum cpu_stop stop)
{
    if (stop == CPU_STOP_LIMIT && cpu_instructions(m->board.cpu) < m->instruction_limit) {
        machine_break_at(m, UINT64_MAX);
        return MACHINE_BREAK;
    }
    return stop == CPU_STOP_BREAK   ? MACHINE_BREAK
           : stop == CPU_STOP_LIMIT ? MACHINE_INSTRUCTIONS
                                    : MACHINE_RAN;
}

/* A breakpoint that nobody asked for (--cpu-paths breaks): on as the monitor goes on, with or without a step.
 */
static enum machine_stop pass_chance(struct machine *m, uint64_t until)
{
    enum machine_stop stop = machine_instructions(m) & 1 ? machine_step(m, until) : MACHINE_RAN;
    return stop == MACHINE_BREAK && cpu_break_by_chance(m->board.cpu) ? MACHINE_RAN : stop;
}

static enum machine_stop run_until(struct machine *m, uint64_t until)
{
    struct board *b = &m->board;
    while (b->clock.now < until) {
        clock_fire_due(&b->clock);
        enum machine_stop stop = settle_requests(m);
        if (stop != MACHINE_RAN)
            return stop;
        if (m->interrupt_asked) {
            m->interrupt_asked = false;
            return MACHINE_INTERRUPTED;
        }
        uint64_t target = b->clock.deadline < until ? b->clock.deadline : until,
                 next = idle_next_try(m->idle);
        if (next <= b->clock.now) {
            if (idle_skip(m->idle, b, target) == CPU_STOP_BREAK && !cpu_break_by_chance(b->cpu))
                return MACHINE_BREAK;
            continue;
        }
        if (next < target)
            target = next;
        stop = stop_of(m, cpu_run(b->cpu, target));
        if (stop == MACHINE_BREAK && cpu_break_by_chance(b->cpu))
            stop = pass_chance(m, target);
        if (stop != MACHINE_RAN)
            return stop;
    }
    clock_fire_due(&b->clock);
    return settle_requests(m);
}

enum machine_stop machine_run(struct machine *m, uint64_t until)
{
    enum machine_stop stop = run_until(m, until < m->break_cycle ? until : m->break_cycle);
    if (stop != MACHINE_RAN || m->board.clock.now < m->break_cycle)
        return stop;
    m->break_cycle = UINT64_MAX;
    return MACHINE_BREAK;
}

enum machine_stop machine_step(struct machine *m, uint64_t until)
{
    struct board *b = &m->board;
    clock_fire_due(&b->clock);
    enum machine_stop stop = settle_requests(m);
    if (stop != MACHINE_RAN)
        return stop;
    if (cpu_halted(b->cpu)) {
        uint64_t target = b->clock.deadline < until ? b->clock.deadline : until;
        if (target != UINT64_MAX)
            b->clock.now = target;
    } else {
        stop = stop_of(m, cpu_step(b->cpu));
    }
    if (stop != MACHINE_RAN)
        return stop;
    clock_fire_due(&b->clock);
    stop = settle_requests(m);
    return stop == MACHINE_RAN && cpu_stops_here(b->cpu) ? MACHINE_BREAK : stop;
}

void machine_limit_instructions(struct machine *m, uint64_t count)
{
    uint64_t done = cpu_instructions(m->board.cpu);
    m->instruction_limit = count > UINT64_MAX - done ? UINT64_MAX : done + count;
    limit_processor(m);
}

void machine_break_at(struct machine *m, uint64_t instructions)
{
    m->break_at = instructions;
    limit_processor(m);
}

void machine_break_at_cycle(struct machine *m, uint64_t cycle)
{
    m->break_cycle = cycle;
}

void machine_interrupt(struct machine *m)
{
    m->interrupt_asked = true;
    note_break(m);
}

int machine_exit_status(const struct machine *m)
{
    return m->board.exit_status;
}

void machine_reset(struct machine *m)
{
    m->board.reset_asked = true;
    note_break(m);
}

uint64_t machine_cycles(const struct machine *m)
{
    return m->board.clock.now;
}

uint64_t machine_instructions(const struct machine *m)
{
    return cpu_instructions(m->board.cpu);
}

uint64_t machine_hz(const struct machine *m)
{
    return m->board.clock.hz;
}

bool machine_halted(const struct machine *m)
{
    return cpu_halted(m->board.cpu);
}

/* --- inputs --- */

void machine_key(struct machine *m, uint16_t key, bool down)
{
    ps2_keyboard_key(m->board.keyboard, key, down);
}

void machine_mouse(struct machine *m, int dx, int dy, int wheel, unsigned buttons)
{
    if (m->board.mouse)
        ps2_mouse_move(m->board.mouse, dx, dy, wheel, buttons);
    if (m->board.serial_mouse)
        serial_mouse_move(m->board.serial_mouse, dx, dy, wheel, buttons);
    m->buttons = buttons;
}

bool machine_serial_receive(struct machine *m, unsigned port, uint8_t byte)
{
    struct uart *uart = port < MACHINE_SERIAL_PORTS ? m->board.uart[port] : NULL;
    /* Before the guest sets the line's format (reset: five bits) the far end would only be misunderstood. */
    return !uart || (uart->lcr && uart_receive(uart, byte));
}

static bool is_floppy(enum machine_media_slot slot)
{
    return slot == SLOT_FDA || slot == SLOT_FDB;
}

struct image *machine_image(const struct machine *m, enum machine_media_slot slot)
{
    return is_floppy(slot) ? fdc_image(m->board.fdc, slot - SLOT_FDA)
                           : ide_image(m->board.ide, slot - SLOT_DISK0);
}

const char *machine_drive_name(enum machine_media_slot slot)
{
    static const char *const names[MACHINE_DRIVES] = {"fda", "fdb", "hda", "hdb", "hdc", "hdd"};
    return names[slot];
}

const char *machine_medium(const struct machine *m, enum machine_media_slot slot)
{
    const struct image *image = machine_image(m, slot);
    return image ? image_path(image) : NULL;
}

bool machine_take_trouble(struct machine *m, struct error *err)
{
    for (int i = 0; i < MACHINE_DRIVES; i++) {
        struct image *image = machine_image(m, (enum machine_media_slot)i);
        if (image && image_take_trouble(image, err))
            return true;
    }
    return false;
}

bool machine_save_nvram(struct machine *m, struct error *err)
{
    return !m->config.nvram_path || board_nvram_save(m->config.nvram_path, m->board.cmos, err);
}

bool machine_can_change(const struct machine *m, enum machine_media_slot slot)
{
    return is_floppy(slot) ? fdc_has_drive(m->board.fdc, slot - SLOT_FDA)
                           : ide_kind(m->board.ide, slot - SLOT_DISK0) == IDE_CDROM;
}

static bool put_medium(struct machine *m, enum machine_media_slot slot, struct image *image,
                       struct error *err)
{
    return is_floppy(slot) ? fdc_insert(m->board.fdc, slot - SLOT_FDA, image, err)
                           : ide_insert(m->board.ide, slot - SLOT_DISK0, image, err);
}

struct image *machine_open_medium(const struct machine *m, enum machine_media_slot slot, const char *path,
                                  struct error *err)
{
    bool floppy = is_floppy(slot);
    struct image_options options = {
        .read_only = !floppy, .snapshot = floppy && m->config.snapshot, .floppy = floppy};
    struct image *image = image_open(path, &options, err);
    if (image)
        let_go_return(&m->let_go, image);
    return image;
}

struct image *machine_exchange_image(struct machine *m, enum machine_media_slot slot, struct image *image)
{
    return is_floppy(slot) ? fdc_exchange_image(m->board.fdc, slot - SLOT_FDA, image)
                           : ide_exchange_image(m->board.ide, slot - SLOT_DISK0, image);
}

/* Do both names lead to one file that is there? */
static bool same_file(const char *a, const char *b)
{
    struct stat one, other;
    return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool machine_same_medium(const char *a, const char *b)
{
    size_t prefix = strlen(IMAGE_FOLDER_PREFIX);
    bool folders = !strncmp(a, IMAGE_FOLDER_PREFIX, prefix) && !strncmp(b, IMAGE_FOLDER_PREFIX, prefix);
    return !strcmp(a, b) || same_file(a + (folders ? prefix : 0), b + (folders ? prefix : 0));
}

/* What was written over the old medium waits for its return. */
static bool replace_medium(struct machine *m, enum machine_media_slot slot, struct image *image,
                           struct error *err)
{
    struct image *old = machine_image(m, slot);
    let_go_note(&m->let_go, old);
    struct shelved changes = shelf_take(old);
    if (!put_medium(m, slot, image, err)) {
        shelf_give_back(old, &changes);
        return false;
    }
    shelf_keep(&m->shelf, &changes);
    return true;
}

bool machine_change_medium(struct machine *m, enum machine_media_slot slot, const char *path,
                           struct error *err)
{
    struct image *image = NULL;
    const char *old = machine_medium(m, slot);
    if (!is_floppy(slot) && ide_kind(m->board.ide, slot - SLOT_DISK0) != IDE_CDROM)
        return error_set(
            err, "hd%c is not a CD-ROM drive: only floppies and CDs can be changed; say fda, fdb or cdrom",
            'a' + (slot - SLOT_DISK0));
    /* The same image again: it must be let go of before it can be opened. */
    if (path && old && same_file(path, old) && !replace_medium(m, slot, NULL, err))
        return false;
    if (path) {
        image = machine_open_medium(m, slot, path, err);
        if (!image)
            return false;
        shelf_return(&m->shelf, image);
    }
    if (replace_medium(m, slot, image, err))
        return true;
    if (image)
        image_close(image);
    return false;
}

void machine_nmi(struct machine *m)
{
    port61_set_input(m->board.port61, PORT61_BUTTON, true);
    port61_set_input(m->board.port61, PORT61_BUTTON, false);
}

void machine_poke(struct machine *m, uint64_t address, const void *bytes, size_t count)
{
    mem_write(m->board.bus, address, bytes, count);
}

void machine_set_registers(struct machine *m, const struct cpu_registers *registers)
{
    cpu_set_registers(m->board.cpu, registers);
}

void machine_set_fpu(struct machine *m, const struct fpu *fpu)
{
    cpu_set_fpu(m->board.cpu, fpu);
}

bool machine_set_msr(struct machine *m, uint32_t index, uint64_t value)
{
    return cpu_poke_msr(m->board.cpu, index, value);
}

void machine_power_button(struct machine *m)
{
    acpi_pm_power_button(m->board.acpi_pm);
}

/* --- outputs --- */

struct vga *machine_vga(struct machine *m)
{
    return m->board.vga;
}

struct speaker *machine_speaker(struct machine *m)
{
    return m->board.speaker;
}

unsigned machine_keyboard_leds(const struct machine *m)
{
    return ps2_keyboard_leds(m->board.keyboard);
}

bool machine_wants_bios_calls(const struct machine *m)
{
    return log_wants_bios_calls(&m->board);
}

void machine_log_bios_events(struct machine *m, const struct cpu_event *events, unsigned count)
{
    log_bios_events(&m->board, events, count);
}

void machine_log_bios_calls(struct machine *m)
{
    log_bios_calls(&m->board);
}

uint64_t machine_floppy_activity(const struct machine *m)
{
    return fdc_activity(m->board.fdc);
}

uint64_t machine_disk_activity(const struct machine *m)
{
    return ide_activity(m->board.ide);
}

void machine_screen_text(struct machine *m, struct text *out)
{
    vga_text(m->board.vga, out);
}

/* --- parts --- */

struct cpu *machine_cpu(struct machine *m, unsigned index)
{
    return index == 0 ? m->board.cpu : NULL;
}

struct bus *machine_bus(struct machine *m)
{
    return m->board.bus;
}

struct clock *machine_clock(struct machine *m)
{
    return &m->board.clock;
}

struct device_list *machine_devices(struct machine *m)
{
    return &m->board.devices;
}

struct log *machine_log(struct machine *m)
{
    return &m->board.log;
}

uint64_t machine_hash(struct machine *m)
{
    struct board *b = &m->board;
    uint64_t hash = HASH_START;
    cpu_pre_save(b->cpu);
    hash = state_hash(hash, cpu_fields, b->cpu);
    for (struct device *dev = b->devices.first; dev; dev = dev->next)
        hash = state_hash(hash, dev->type->fields, dev);
    for (struct ram_block *block = bus_blocks(b->bus); block; block = block->next)
        if (block->saved)
            hash = hash_bytes(hash, block->bytes, block->size);
    return hash_bytes(hash, &b->clock.now, sizeof b->clock.now);
}

void machine_stats_json(struct machine *m, struct text *out)
{
    const struct board *b = &m->board;
    text_add(out,
             "\"instructions\": %" PRIu64 ",\n\"cycles\": %" PRIu64 ",\n\"hz\": %" PRIu64
             ",\n\"virtual_seconds\": %" PRIu64 ".%09" PRIu64 ",\n\"state_hash\": \"%016" PRIx64 "\",\n",
             machine_instructions(m), b->clock.now, b->clock.hz,
             clock_ns(&b->clock, b->clock.now) / 1000000000, clock_ns(&b->clock, b->clock.now) % 1000000000,
             machine_hash(m));
    cpu_stats_json(b->cpu, out);
    text_add(out,
             ",\n\"floppy_sectors\": %" PRIu64 ",\n\"disk_sectors\": %" PRIu64
             ",\n\"host_skipped_cycles\": %" PRIu64,
             machine_floppy_activity(m), machine_disk_activity(m), idle_skipped(m->idle));
}
