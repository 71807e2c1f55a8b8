#include "gui/demo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"

/* The image is part of the program; a build without it starts without a floppy. */
extern const uint8_t tick86_demo_image[] __attribute__((weak));
extern const size_t tick86_demo_image_size __attribute__((weak));

static bool nothing_given(const struct machine_config *config)
{
    for (size_t i = 0; i < MACHINE_FLOPPIES; i++)
        if (config->floppy[i])
            return false;
    for (size_t i = 0; i < MACHINE_DISKS; i++)
        if (config->disk[i].path)
            return false;
    return !config->kernel_path && !config->bios_path;
}

#define MEMORY_FILES "/proc/self/fd/"

/* A file in memory that goes with the process; its path is good for opening as often as one likes. */
static bool file_in_memory(const uint8_t *bytes, size_t size, char path[32], struct error *err)
{
    int fd = memfd_create("tick86-demo", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
        return error_set(err, "the demonstration floppy cannot be made: %s; name an image", strerror(errno));
    snprintf(path, 32, MEMORY_FILES "%d", fd);
    return true;
}

bool demo_use_if_nothing_given(struct run_options *options, struct error *err)
{
    struct machine_config *config = &options->machine;
    char path[32];
    if (!&tick86_demo_image_size || options->load_path || !nothing_given(config))
        return true;
    if (!file_in_memory(tick86_demo_image, tick86_demo_image_size, path, err))
        return false;
    run_options_add_medium(options, 0, path);
    return true;
}

bool demo_is_medium(const char *path)
{
    return !strncmp(path, MEMORY_FILES, strlen(MEMORY_FILES));
}

bool demo_use_if_saved(struct machine_config *config, struct error *err)
{
    char path[32];
    if (!&tick86_demo_image_size || !config->floppy[0] || !demo_is_medium(config->floppy[0]))
        return true;
    if (!file_in_memory(tick86_demo_image, tick86_demo_image_size, path, err))
        return false;
    free(config->floppy[0]);
    config->floppy[0] = xstrdup(path);
    return true;
}
