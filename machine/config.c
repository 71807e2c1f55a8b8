#include "machine/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Calls EACH for every string of a configuration. */
static void each_string(struct machine_config *config, void (*each)(char **string))
{
    char **const single[] = {&config->cpu_model,   &config->bios_path,      &config->vgabios_path,
                             &config->kernel_path, &config->initrd_path,    &config->kernel_append,
                             &config->nvram_path,  &config->log_categories, &config->cpu_paths};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        each(single[i]);
    for (size_t i = 0; i < MACHINE_FLOPPIES; i++)
        each(&config->floppy[i]);
    for (size_t i = 0; i < MACHINE_DISKS; i++)
        each(&config->disk[i].path);
    for (size_t i = 0; i < MACHINE_OPTION_ROMS; i++)
        each(&config->option_roms[i]);
}

static void each_rom(struct machine_config *config, void (*each)(struct rom_bytes *rom))
{
    each(&config->bios);
    each(&config->vgabios);
    for (size_t i = 0; i < MACHINE_OPTION_ROMS; i++)
        each(&config->option_rom_bytes[i]);
}

static void copy_string(char **string)
{
    if (*string)
        *string = xstrdup(*string);
}

static void free_string(char **string)
{
    free(*string);
    *string = NULL;
}

static void copy_rom(struct rom_bytes *rom)
{
    if (!rom->bytes)
        return;
    uint8_t *copy = xcalloc(rom->size, 1);
    memcpy(copy, rom->bytes, rom->size);
    rom->bytes = copy;
}

static void free_rom(struct rom_bytes *rom)
{
    free(rom->bytes);
    *rom = (struct rom_bytes){0};
}

void machine_config_copy(struct machine_config *to, const struct machine_config *from)
{
    *to = *from;
    each_string(to, copy_string);
    each_rom(to, copy_rom);
}

void machine_config_free_roms(struct machine_config *config)
{
    each_rom(config, free_rom);
}

void machine_config_free(struct machine_config *config)
{
    each_string(config, free_string);
    machine_config_free_roms(config);
}
