/* Shared by the files that work out how a kernel is loaded. */
#ifndef TICK86_MACHINE_KERNEL_PRIVATE_H
#define TICK86_MACHINE_KERNEL_PRIVATE_H

#include "base/error.h"
#include "bios/kernel/plan.h"
#include "machine/config.h"
#include "machine/table_builder.h"

/* Room at the end of memory where firmware keeps its tables. */
#define KERNEL_FIRMWARE_RESERVE (1u << 20)
#define CONVENTIONAL_END        0x9A000u /* below the extended BIOS data area */
#define KERNEL_PAGE             4096u

struct kernel_file {
    const char *path;
    uint8_t *bytes;
    size_t size;
};

struct kernel_job {
    const struct machine_config *config;
    uint64_t memory_end; /* what may be loaded into, below 4 GB */
    struct kernel_file kernel;
    struct kernel_plan plan;
    struct blob data; /* of the plan's chunks */
};

/* Little-endian numbers. */
uint16_t kernel_get16(const uint8_t *at);
uint32_t kernel_get32(const uint8_t *at);
void kernel_put16(uint8_t *at, uint16_t value);
void kernel_put32(uint8_t *at, uint32_t value);

/* Reads a whole file into memory, to be freed by the caller. */
bool kernel_read_file(struct kernel_file *file, const char *path, struct error *err);
/* Adds a chunk of SIZE bytes (zeros if BYTES is NULL) to the plan. It must fit the memory and not touch what
 * the boot ROM needs. */
bool kernel_add_chunk(struct kernel_job *job, uint64_t address, const void *bytes, uint64_t size,
                      struct error *err);

bool kernel_is_linux(const struct kernel_file *file);
bool kernel_plan_linux(struct kernel_job *job, struct error *err);
/* The offset of the Multiboot header; -1 if there is none. */
long kernel_find_multiboot(const struct kernel_file *file);
bool kernel_plan_multiboot(struct kernel_job *job, struct error *err);

#endif
