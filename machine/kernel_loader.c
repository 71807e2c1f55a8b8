/* Reads the kernel's file, lets the file of its format make the plan, and hands it to fw_cfg. */
#include "machine/kernel_loader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bios/kernel/rom.h"
#include "machine/kernel_private.h"

#define READ_STEP    (1u << 20)
#define LARGEST_FILE (1ull << 31)

uint16_t kernel_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t kernel_get32(const uint8_t *at)
{
    return kernel_get16(at) | (uint32_t)kernel_get16(at + 2) << 16;
}

void kernel_put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void kernel_put32(uint8_t *at, uint32_t value)
{
    kernel_put16(at, (uint16_t)value);
    kernel_put16(at + 2, (uint16_t)(value >> 16));
}

bool kernel_read_file(struct kernel_file *file, const char *path, struct error *err)
{
    FILE *stream = fopen(path, "rb");
    size_t capacity = 0, got = 0;
    *file = (struct kernel_file){.path = path};
    if (!stream)
        return error_set(err, "%s: %s; check the name of the file", path, strerror(errno));
    do {
        file->size += got;
        if (capacity - file->size < READ_STEP) {
            capacity = capacity ? 2 * capacity : 4 * READ_STEP;
            file->bytes = xrealloc(file->bytes, capacity);
        }
        got = fread(file->bytes + file->size, 1, READ_STEP, stream);
    } while (got && file->size <= LARGEST_FILE);
    int failure = ferror(stream) ? errno : 0;
    fclose(stream);
    if (!failure && file->size && file->size <= LARGEST_FILE)
        return true;
    if (failure)
        error_set(err, "%s: cannot be read: %s; name another file", path, strerror(failure));
    else
        error_set(err, "%s is %s; name another file", path, file->size ? "larger than 2 GB" : "empty");
    free(file->bytes);
    file->bytes = NULL;
    return false;
}

bool kernel_add_chunk(struct kernel_job *job, uint64_t address, const void *bytes, uint64_t size,
                      struct error *err)
{
    const char *path = job->kernel.path;
    if (!size)
        return true;
    if (address < PLAN_LOWEST || (address < 0x100000 && address + size > 0xA0000))
        return error_set(err,
                         "%s wants to be at %" PRIX64 "h-%" PRIX64
                         "h, where the firmware is; link it to 1 MB or above",
                         path, address, address + size - 1);
    if (size > job->memory_end || address > job->memory_end - size)
        return error_set(err, "%s needs memory up to %" PRIu64 " MB; give more with --memory", path,
                         ((address + size + KERNEL_FIRMWARE_RESERVE) >> 20) + 1);
    if (job->plan.chunk_count == PLAN_CHUNKS || job->data.size + size > UINT32_MAX / 2)
        return error_set(err, "%s has more than %d pieces or 2 GB to load; start it with a boot loader", path,
                         PLAN_CHUNKS);
    job->plan.chunks[job->plan.chunk_count++] = (struct kernel_chunk){
        (uint32_t)address, (uint32_t)size, bytes ? (uint32_t)job->data.size : PLAN_ZEROS};
    if (bytes)
        blob_add(&job->data, bytes, size);
    return true;
}

static bool make_plan(struct kernel_job *job, struct error *err)
{
    if (kernel_is_linux(&job->kernel))
        return kernel_plan_linux(job, err);
    if (kernel_find_multiboot(&job->kernel) >= 0)
        return kernel_plan_multiboot(job, err);
    return error_set(err,
                     "%s is neither a Linux bzImage nor a Multiboot 1 kernel; name such a file by --kernel",
                     job->kernel.path);
}

static bool hand_over(struct fw_cfg *fw, struct kernel_job *job, struct error *err)
{
    uint32_t words[sizeof job->plan / 4];
    uint8_t plan[sizeof job->plan];
    memcpy(words, &job->plan, sizeof words);
    for (size_t i = 0; i < sizeof words / 4; i++)
        kernel_put32(plan + 4 * i, words[i]);
    return fw_cfg_add_file(fw, KERNEL_PLAN_FILE, plan, sizeof plan, err) &&
           fw_cfg_add_file(fw, KERNEL_DATA_FILE, job->data.bytes, job->data.size, err) &&
           fw_cfg_add_file(fw, KERNEL_ROM_FILE, tick86_kernel_rom, tick86_kernel_rom_size, err);
}

bool kernel_loader_add(struct fw_cfg *fw, const struct machine_config *config, uint64_t ram_below_4g,
                       struct error *err)
{
    struct kernel_job job = {.config = config};
    if (ram_below_4g > 2 * KERNEL_FIRMWARE_RESERVE)
        job.memory_end = ram_below_4g - KERNEL_FIRMWARE_RESERVE;
    if (!kernel_read_file(&job.kernel, config->kernel_path, err))
        return false;
    bool ok = make_plan(&job, err) && hand_over(fw, &job, err);
    free(job.kernel.bytes);
    blob_free(&job.data);
    return ok;
}
