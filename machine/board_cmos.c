/* CMOS layout: IBM AT Technical Reference for 10h-33h; 34h/35h, 5Bh-5Dh (memory), 39h (translation), 38h and
 * 3Dh (boot order) as PC emulators and their firmware have them. */
#include "machine/board_cmos.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "devices/cmos.h"
#include "devices/i440fx.h"
#include "devices/ide.h"

#define DISK_TYPE_EXTENDED 0xF

void board_cmos_floppy(struct cmos *cmos, unsigned drive, unsigned type)
{
    uint8_t old = cmos_get(cmos, 0x10);
    cmos_set(cmos, 0x10, drive ? (uint8_t)((old & 0xF0) | type) : (uint8_t)((old & 0x0F) | type << 4));
}

static void set_word(struct cmos *cmos, unsigned index, uint64_t value)
{
    cmos_set(cmos, index, (uint8_t)value);
    cmos_set(cmos, index + 1, (uint8_t)(value >> 8));
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value < most ? value : most;
}

static void fill_memory(struct cmos *cmos, uint64_t ram_size)
{
    uint64_t below = i440fx_ram_below_4g(ram_size), high = ram_size - below;
    set_word(cmos, 0x15, 640);
    uint64_t extended_kb = at_most((below - 0x100000) >> 10, 0xFFFF);
    set_word(cmos, 0x17, extended_kb);
    set_word(cmos, 0x30, extended_kb);
    set_word(cmos, 0x34, below > 0x1000000 ? (below - 0x1000000) >> 16 : 0);
    set_word(cmos, 0x5B, high >> 16);
    cmos_set(cmos, 0x5D, (uint8_t)(high >> 32));
}

static void fill_equipment(struct cmos *cmos, bool ps2_mouse)
{
    uint8_t types = cmos_get(cmos, 0x10);
    unsigned floppies = !!(types >> 4) + !!(types & 15);
    uint8_t equipment = 0x02 | (ps2_mouse ? 0x04 : 0); /* coprocessor, pointing device */
    if (floppies)
        equipment |= (uint8_t)(1 | (floppies - 1) << 6);
    cmos_set(cmos, 0x14, equipment);
}

/* User-defined types with their geometry, for firmware that reads it from here: 1Bh-23h and 24h-2Ch. */
static void fill_disk(struct cmos *cmos, unsigned drive, const struct disk_geometry *g)
{
    unsigned at = drive ? 0x24 : 0x1B;
    uint8_t old = cmos_get(cmos, 0x12);
    cmos_set(cmos, 0x12, drive ? old | DISK_TYPE_EXTENDED : (uint8_t)(old | DISK_TYPE_EXTENDED << 4));
    cmos_set(cmos, drive ? 0x1A : 0x19, 47);
    set_word(cmos, at, at_most(g->cylinders, 0xFFFF));
    cmos_set(cmos, at + 2, (uint8_t)g->heads);
    set_word(cmos, at + 3, 0xFFFF);
    cmos_set(cmos, at + 5, 0xC0 | (g->heads > 8) << 3);
    set_word(cmos, at + 6, at_most(g->cylinders, 0xFFFF));
    cmos_set(cmos, at + 8, (uint8_t)g->sectors);
}

static void fill_disks(struct board *b, const struct machine_config *config)
{
    uint8_t translation = 0;
    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        if (ide_kind(b->ide, i) != IDE_DISK)
            continue;
        const struct disk_geometry *g = ide_geometry(b->ide, i);
        if (i < 2)
            fill_disk(b->cmos, i, g);
        enum disk_translation t = config->disk[i].translation;
        unsigned code = t == TRANSLATION_NONE ? 0 : t == TRANSLATION_LARGE ? 2 : 1;
        if (t == TRANSLATION_AUTO && g->cylinders <= 1024)
            code = 0;
        translation |= (uint8_t)(code << 2 * i);
    }
    cmos_set(b->cmos, 0x39, translation);
}

/* 1 floppy, 2 hard disk, 3 CD-ROM, 4 network. Where the user gave no order: floppy, hard disk, CD. */
static void fill_boot_order(struct cmos *cmos, const struct machine_config *config)
{
    const char *order = config->boot_order[0] ? config->boot_order : "acd";
    uint8_t codes[3] = {0, 0, 0};
    for (unsigned i = 0; i < 3 && order[i]; i++)
        codes[i] = order[i] == 'a' ? 1 : order[i] == 'c' ? 2 : order[i] == 'd' ? 3 : 4;
    cmos_set(cmos, 0x3D, (uint8_t)(codes[0] | codes[1] << 4));
    cmos_set(cmos, 0x38, (uint8_t)(codes[2] << 4));
}

void board_cmos_fill(struct board *b, const struct machine_config *config, uint64_t ram_size)
{
    fill_memory(b->cmos, ram_size);
    fill_equipment(b->cmos, b->mouse != NULL);
    fill_disks(b, config);
    fill_boot_order(b->cmos, config);
    cmos_update_checksum(b->cmos);
}

bool board_nvram_load(const char *path, uint8_t **bytes, size_t *size, struct error *err)
{
    *bytes = NULL;
    FILE *file = fopen(path, "rb");
    if (!file)
        return errno == ENOENT || error_set(err, "--nvram %s: %s", path, strerror(errno));
    *bytes = xcalloc(1, CMOS_SIZE + 1);
    *size = fread(*bytes, 1, CMOS_SIZE + 1, file);
    fclose(file);
    if (*size == CMOS_SIZE)
        return true;
    free(*bytes);
    *bytes = NULL;
    return error_set(err, "--nvram %s: not a CMOS file of %u bytes; give another name", path, CMOS_SIZE);
}

bool board_nvram_save(const char *path, const struct cmos *cmos, struct error *err)
{
    /* Few bytes, in one piece over the old ones: nothing is lost that could not be written. */
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (fd < 0)
        return error_set(err, "--nvram %s: %s; choose a file that can be written", path, strerror(errno));
    errno = 0;
    bool ok = write(fd, cmos_bytes(cmos), CMOS_SIZE) == CMOS_SIZE;
    int reason = errno;
    if (close(fd) && ok) {
        reason = errno;
        ok = false;
    }
    return ok || error_set(err, "--nvram %s: the CMOS memory could not be saved: %s", path,
                           reason ? strerror(reason) : "no space left on the disk");
}
