#include <config.h>

#include "machine/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/fw_cfg.h"
#include "devices/image/image.h"
#include "machine/machine_private.h"
#include "machine/snapshot_config.h"
#include "machine/snapshot_media.h"
#include "machine/snapshot_shelf.h"
#include "machine/state.h"

const struct section_format snapshot_format = {
    {(char)0x89, 'T', '8', '6', '\r', '\n', 0x1A, '\n'}, 3, "a snapshot of tick86"};

#define STATE_MAX    (16u << 20) /* bytes of a processor's or device's fields */
#define FIRMWARE_MAX (160u << 20)
#define VERSION_MAX  64u
#define LAST_PAGE    UINT32_MAX
/* Some 36 years at 1 GHz: what is beyond would overflow sums of cycles. */
#define LATEST_CYCLE (1ull << 60)

static const struct field clock_fields[] = {FIELD_RANGE(struct clock, now, 0, LATEST_CYCLE), FIELD_END};
static const struct field board_fields[] = {
    FIELD_STRUCT(struct board, clock, clock_fields),
    FIELD(struct board, reset_asked),
    FIELD(struct board, power_off_asked),
    FIELD(struct board, exit_asked),
    FIELD(struct board, shut_down),
    FIELD(struct board, exit_status),
    FIELD_END,
};

static const uint8_t zeros[PAGE_SIZE];

/* --- Writing ----------------------------------------------------------------------------------------------
 */

static void add_section(struct section_writer *out, const char *name, struct blob *bytes)
{
    section_begin(out, name);
    section_add(out, bytes->bytes, bytes->size);
    section_end(out);
    blob_free(bytes);
}

static void write_state(struct section_writer *out, const char *name, const struct field *fields,
                        const void *structure)
{
    struct blob bytes = {0};
    state_write(fields, structure, &bytes);
    add_section(out, name, &bytes);
}

/* The machine as it stands: media may have been changed since it was made. */
static void write_machine(struct machine *m, struct section_writer *out)
{
    struct blob bytes = {0};
    struct machine_config config;
    machine_config_copy(&config, &m->config);
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++) {
        struct image *image = machine_image(m, (enum machine_media_slot)slot);
        char **path =
            slot < MACHINE_FLOPPIES ? &config.floppy[slot] : &config.disk[slot - MACHINE_FLOPPIES].path;
        free(*path);
        *path = image ? xstrdup(image_path(image)) : NULL;
    }
    blob_string(&bytes, PACKAGE_VERSION);
    snapshot_config_write(&config, &bytes);
    machine_config_free(&config);
    add_section(out, "machine", &bytes);
}

static void device_section(const struct device *dev, char name[40])
{
    snprintf(name, 40, "device.%s", dev->name);
}

static void memory_section(const struct ram_block *block, unsigned number, char name[40])
{
    snprintf(name, 40, "memory.%u.%.20s", number, block->name);
}

static void write_memory(struct section_writer *out, const char *name, const struct ram_block *block)
{
    struct blob number = {0};
    section_begin(out, name);
    blob_u64(&number, block->size);
    section_add(out, number.bytes, number.size);
    for (uint64_t page = 0; page < block->size / PAGE_SIZE; page++) {
        const uint8_t *at = block->bytes + page * PAGE_SIZE;
        if (!memcmp(at, zeros, PAGE_SIZE))
            continue;
        number.size = 0;
        blob_u32(&number, (uint32_t)page);
        section_add(out, number.bytes, number.size);
        section_add(out, at, PAGE_SIZE);
    }
    number.size = 0;
    blob_u32(&number, LAST_PAGE);
    section_add(out, number.bytes, number.size);
    section_end(out);
    blob_free(&number);
}

bool snapshot_write(struct machine *m, struct section_writer *out, struct error *err)
{
    struct board *b = &m->board;
    struct blob firmware = {0};
    char name[40];
    write_machine(m, out);
    write_state(out, "board", board_fields, b);
    cpu_pre_save(b->cpu);
    write_state(out, "processor", cpu_fields, b->cpu);
    write_state(out, "faults", cpu_history_fields, b->cpu);
    for (struct device *dev = b->devices.first; dev; dev = dev->next)
        if (dev->type->fields) {
            device_section(dev, name);
            write_state(out, name, dev->type->fields, dev);
        }
    fw_cfg_write_items(b->fw_cfg, &firmware);
    add_section(out, "firmware", &firmware);
    unsigned number = 0;
    for (struct ram_block *block = bus_blocks(b->bus); block; block = block->next) {
        memory_section(block, number++, name);
        write_memory(out, name, block);
    }
    return saved_media_write(m, out, err) && saved_shelf_write(&m->shelf, out, err);
}

/* --- The machine that a file is of ------------------------------------------------------------------------
 */

static bool load_config(const struct section_file *file, struct machine_config *config, struct error *err)
{
    struct blob bytes = {0};
    bool ok = section_load(file, "machine", STATE_MAX, &bytes, err);
    if (ok) {
        struct blob_reader in = {bytes.bytes, bytes.size, false};
        char *version = read_string(&in, VERSION_MAX);
        bool same = !strcmp(version, PACKAGE_VERSION);
        ok = snapshot_config_read(config, &in, err);
        if (!ok && !same && !in.failed)
            error_set(err, "it was made by tick86 %.40s; load it with that version", version);
        free(version);
    }
    blob_free(&bytes);
    return ok;
}

/* Reads the pages of a section into BLOCK, or with BLOCK's bytes NULL only checks them. */
static bool read_pages(struct section_stream *in, const struct ram_block *block, void *ctx,
                       void (*page_read)(void *ctx, uint32_t page, const uint8_t *bytes))
{
    uint8_t bytes[PAGE_SIZE], number[4];
    for (uint64_t least = 0;;) {
        if (!section_read(in, number, sizeof number))
            return false;
        struct blob_reader reader = {number, sizeof number, false};
        uint32_t page = read_u32(&reader);
        if (page == LAST_PAGE)
            return !section_left(in);
        if (page < least || page >= block->size / PAGE_SIZE || !section_read(in, bytes, sizeof bytes))
            return false;
        if (page_read)
            page_read(ctx, page, bytes);
        least = page + 1ull;
    }
}

static bool read_block_size(struct section_stream *in, uint64_t *size)
{
    uint8_t bytes[8];
    if (!section_read(in, bytes, sizeof bytes))
        return false;
    struct blob_reader reader = {bytes, sizeof bytes, false};
    *size = read_u64(&reader);
    return *size && *size % PAGE_SIZE == 0;
}

static void page_of_rom(void *ctx, uint32_t page, const uint8_t *bytes)
{
    struct rom_bytes *rom = ctx;
    memcpy(rom->bytes + (uint64_t)page * PAGE_SIZE, bytes, PAGE_SIZE);
}

static bool load_rom(const struct section_file *file, const char *name, uint64_t most, struct rom_bytes *rom,
                     struct error *err)
{
    struct section_stream *in = section_open(file, name, err);
    struct ram_block block = {0};
    bool ok = in && read_block_size(in, &block.size) && block.size <= most;
    if (ok) {
        *rom = (struct rom_bytes){xcalloc(block.size, 1), block.size};
        ok = read_pages(in, &block, rom, page_of_rom);
    }
    section_close(in);
    return ok || error_set(err, "its copy of the firmware is damaged");
}

/* ROMs follow RAM, in the order in which the board makes them. */
static bool load_roms(const struct section_file *file, struct machine_config *config, struct error *err)
{
    char name[40];
    unsigned number = 3;
    if (!load_rom(file, "memory.1.BIOS", 16u << 20, &config->bios, err) ||
        !load_rom(file, "memory.2.VGA BIOS", 1u << 20, &config->vgabios, err))
        return false;
    for (unsigned i = 0; i < MACHINE_OPTION_ROMS; i++) {
        if (!config->option_roms[i])
            continue;
        snprintf(name, sizeof name, "memory.%u.option ROM", number++);
        if (!load_rom(file, name, 1u << 20, &config->option_rom_bytes[i], err))
            return false;
    }
    return true;
}

static void take_string(char **to, const char *from)
{
    if (!from)
        return;
    free(*to);
    *to = xstrdup(from);
}

/* What the file does not say: the host's side. And media may have moved. The file of --nvram is not for the
 * beginning: the CMOS is as it was saved. */
static void take_given(struct machine_config *config, const struct machine_config *given)
{
    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++)
        take_string(&config->floppy[i], given->floppy[i]);
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        take_string(&config->disk[i].path, given->disk[i].path);
    take_string(&config->kernel_path, given->kernel_path);
    take_string(&config->initrd_path, given->initrd_path);
    take_string(&config->log_categories, given->log_categories);
    take_string(&config->cpu_paths, given->cpu_paths);
    memcpy(config->serial, given->serial, sizeof config->serial);
    config->parallel = given->parallel;
    config->debugcon = given->debugcon;
    config->reset_on_triple_fault = given->reset_on_triple_fault;
    config->snapshot |= given->snapshot;
}

bool snapshot_configure(const struct section_file *file, const struct machine_config *given,
                        struct machine_config *config, struct error *err)
{
    const char *path = section_file_path(file);
    if (!load_config(file, config, err))
        return error_prefix(err, "%s", path);
    bool agrees = snapshot_config_agrees(given, config, path, err);
    if (agrees && load_roms(file, config, err)) {
        take_given(config, given);
        return true;
    }
    machine_config_free(config);
    return agrees ? error_prefix(err, "%s", path) : false;
}

/* --- Reading ----------------------------------------------------------------------------------------------
 */

/* One structure with fields: where its state goes, and its bytes, new and old. */
struct part {
    char name[40];
    const struct field *fields;
    void *structure;
    struct blob bytes, old;
};

struct loading {
    struct machine *m;
    const struct section_file *file;
    struct part *parts; /* board, processor, its faults, devices */
    unsigned count;
    enum saved_media_choice choice;
    struct machine_config saved;
    struct blob firmware;
    struct media_changes media;
    struct shelf shelf;
    uint64_t now; /* cycle of the snapshot */
};

static void add_part(struct loading *l, const char *name, const struct field *fields, void *structure)
{
    l->parts = xrealloc(l->parts, (l->count + 1) * sizeof *l->parts);
    struct part *part = &l->parts[l->count++];
    *part = (struct part){.fields = fields, .structure = structure};
    snprintf(part->name, sizeof part->name, "%s", name);
}

static void list_parts(struct loading *l)
{
    struct board *b = &l->m->board;
    char name[40];
    add_part(l, "board", board_fields, b);
    add_part(l, "processor", cpu_fields, b->cpu);
    add_part(l, "faults", cpu_history_fields, b->cpu);
    for (struct device *dev = b->devices.first; dev; dev = dev->next)
        if (dev->type->fields) {
            device_section(dev, name);
            add_part(l, name, dev->type->fields, dev);
        }
}

static bool same_machine(struct loading *l, struct error *err)
{
    return load_config(l->file, &l->saved, err) && snapshot_config_same(&l->m->config, &l->saved, err);
}

/* Reads all of a part's bytes: into the structure itself, or with CHECK nowhere. */
static bool read_part(struct loading *l, const struct part *part, const struct blob *bytes, bool check,
                      struct error *err)
{
    struct state_reader reader = {{bytes->bytes, bytes->size, false}, &l->m->board.clock, l->now};
    return state_read(part->fields, check ? NULL : part->structure, &reader, err) &&
           (!reader.in.left || error_set(err, "it is damaged"));
}

/* The board's part holds the time, by which the others' events are judged. */
static bool read_time(struct loading *l, struct error *err)
{
    struct board board = {0};
    struct part part = l->parts[0];
    part.structure = &board;
    if (!read_part(l, &part, &part.bytes, true, err))
        return false;
    read_part(l, &part, &part.bytes, false, err);
    l->now = board.clock.now;
    return true;
}

static bool check_parts(struct loading *l, struct error *err)
{
    for (unsigned i = 0; i < l->count; i++) {
        struct part *part = &l->parts[i];
        if (!section_load(l->file, part->name, STATE_MAX, &part->bytes, err) ||
            (i == 0 && !read_time(l, err)) || !read_part(l, part, &part->bytes, true, err))
            return error_prefix(err, "%s", part->name);
    }
    return true;
}

static bool check_memory(struct loading *l, struct error *err)
{
    char name[40];
    unsigned number = 0;
    bool ok = true;
    for (struct ram_block *block = bus_blocks(l->m->board.bus); block && ok; block = block->next) {
        uint64_t size = 0;
        memory_section(block, number++, name);
        struct section_stream *in = section_open(l->file, name, err);
        if (!in)
            return false;
        if (!read_block_size(in, &size) || size != block->size)
            ok = error_set(err, "%s has another size; start tick86 anew with --load", name);
        else if (!read_pages(in, block, NULL, NULL))
            ok = error_set(err, "%s is damaged", name);
        section_close(in);
    }
    return ok;
}

static bool read_firmware(struct loading *l, bool apply, struct error *err)
{
    struct blob_reader in = {l->firmware.bytes, l->firmware.size, false};
    return fw_cfg_read_items(l->m->board.fw_cfg, &in, apply, err);
}

static bool read_shelf(struct loading *l, struct error *err)
{
    return saved_shelf_read(&l->shelf, l->file, err) &&
           (!l->shelf.count || l->m->config.snapshot ||
            error_set(err, "it holds what was written over %s, which needs --snapshot",
                      l->shelf.items[0].path));
}

static bool check_all(struct loading *l, struct error *err)
{
    return same_machine(l, err) && check_parts(l, err) && check_memory(l, err) &&
           section_load(l->file, "firmware", FIRMWARE_MAX, &l->firmware, err) &&
           read_firmware(l, false, err) && read_shelf(l, err) &&
           saved_media_read(l->m, l->file, &l->saved, l->choice, &l->media, err);
}

/* What follows from the fields, in the order in which the devices were made. */
static bool rebuild(struct loading *l, struct error *err)
{
    struct board *b = &l->m->board;
    for (struct device *dev = b->devices.first; dev; dev = dev->next)
        if (dev->type->post_load && !dev->type->post_load(dev, err))
            return false;
    return cpu_post_load(b->cpu) || error_set(err, "the processor's state is damaged");
}

/* Takes over the fields. False where together they make no sense: then restore_fields() is to follow. */
static bool take_fields(struct loading *l, struct error *err)
{
    struct error ignored;
    cpu_pre_save(l->m->board.cpu);
    for (unsigned i = 0; i < l->count; i++)
        state_write(l->parts[i].fields, l->parts[i].structure, &l->parts[i].old);
    for (unsigned i = 0; i < l->count; i++)
        read_part(l, &l->parts[i], &l->parts[i].bytes, false, &ignored);
    return rebuild(l, err);
}

static void restore_fields(struct loading *l)
{
    struct error ignored;
    l->now = 0; /* deadlines that are in the queue are good */
    for (unsigned i = 0; i < l->count; i++)
        read_part(l, &l->parts[i], &l->parts[i].old, false, &ignored);
    rebuild(l, &ignored);
}

struct filling {
    struct bus *bus;
    struct ram_block *block;
    uint64_t next; /* page */
};

static void set_page(const struct filling *f, uint64_t page, const uint8_t *bytes)
{
    uint8_t *at = f->block->bytes + page * PAGE_SIZE;
    if (!memcmp(at, bytes, PAGE_SIZE))
        return;
    memcpy(at, bytes, PAGE_SIZE);
    ram_block_written(f->bus, f->block, page * PAGE_SIZE, PAGE_SIZE);
}

static void page_of_memory(void *ctx, uint32_t page, const uint8_t *bytes)
{
    struct filling *f = ctx;
    while (f->next < page)
        set_page(f, f->next++, zeros);
    set_page(f, f->next++, bytes);
}

static void take_memory(struct loading *l)
{
    struct bus *bus = l->m->board.bus;
    char name[40];
    unsigned number = 0;
    for (struct ram_block *block = bus_blocks(bus); block; block = block->next) {
        struct filling f = {bus, block, 0};
        struct error ignored;
        uint64_t size;
        memory_section(block, number++, name);
        struct section_stream *in = section_open(l->file, name, &ignored);
        if (in && read_block_size(in, &size))
            read_pages(in, block, &f, page_of_memory);
        while (f.next < block->size / PAGE_SIZE)
            set_page(&f, f.next++, zeros);
        section_close(in);
    }
}

static void forget(struct loading *l)
{
    for (unsigned i = 0; i < l->count; i++) {
        blob_free(&l->parts[i].bytes);
        blob_free(&l->parts[i].old);
    }
    free(l->parts);
    machine_config_free(&l->saved);
    blob_free(&l->firmware);
    saved_media_free(l->m, &l->media);
    shelf_clear(&l->shelf);
}

bool machine_file_put_back(const struct machine *machine, enum machine_media_slot slot)
{
    return machine->put_back[slot];
}

bool machine_medium_put_back(const struct machine *machine, enum machine_media_slot slot)
{
    return machine->medium_put_back[slot];
}

static void note_what_is_put_back(struct loading *l)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++) {
        const struct image *image = machine_image(l->m, (enum machine_media_slot)slot);
        l->m->put_back[slot] = l->media.overlay[slot] && !image_has_overlay(image);
        l->m->medium_put_back[slot] = l->media.exchange[slot];
    }
}

/* All that can fail. False: nothing was changed. */
static bool take_over(struct loading *l, struct error *err)
{
    if (!check_all(l, err))
        return false;
    saved_media_exchange(l->m, &l->media);
    bool put_back = saved_media_put_back(l->m, &l->media, err);
    if (put_back && take_fields(l, err))
        return true;
    if (put_back)
        saved_media_undo(l->m, &l->media);
    saved_media_exchange(l->m, &l->media);
    if (put_back)
        restore_fields(l);
    return false;
}

static bool read_all(struct loading *l, struct error *err)
{
    struct machine *m = l->m;
    list_parts(l);
    bool ok = take_over(l, err);
    if (ok) {
        struct error ignored;
        note_what_is_put_back(l);
        take_memory(l);
        read_firmware(l, true, &ignored);
        saved_media_adopt(m, &l->media);
        shelf_clear(&m->shelf); /* what is written there has not been yet */
        m->shelf = l->shelf;
        l->shelf = (struct shelf){0};
        idle_destroy(m->idle);
        m->idle = idle_create();
    }
    forget(l);
    return ok || error_prefix(err, "%s", section_file_path(l->file));
}

bool snapshot_read(struct machine *m, const struct section_file *file, struct error *err)
{
    struct loading l = {.m = m, .file = file, .choice = SAVED_MEDIA_GIVEN};
    return read_all(&l, err);
}

bool snapshot_return(struct machine *m, const struct section_file *file, struct error *err)
{
    struct loading l = {.m = m, .file = file, .choice = SAVED_MEDIA_NAMED};
    return read_all(&l, err);
}
