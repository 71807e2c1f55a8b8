/* What the machine asks the boot ROM of --kernel to do: which bytes go where, and how to start them.
 *
 * The machine (machine/kernel_loader.c) works it all out from the kernel's file and hands the ROM two fw_cfg
 * files: this plan, as little-endian words, and the bytes. Only what must be asked of the firmware is left to
 * the ROM: the memory map and the video modes of a Multiboot kernel. */
#ifndef BIOS_KERNEL_PLAN_H
#define BIOS_KERNEL_PLAN_H

#include <stdint.h>

#define KERNEL_PLAN_FILE "etc/tick86/kernel-plan"
#define KERNEL_DATA_FILE "etc/tick86/kernel-data"

/* The ROM runs from a copy at PLAN_ROM_BASE; nothing may be loaded below PLAN_LOWEST. */
#define PLAN_ROM_BASE 0x600u
#define PLAN_LOWEST   0x8000u

#define PLAN_CHUNKS       64
#define PLAN_MMAP_ENTRIES 64
#define PLAN_MMAP_ENTRY   24u /* bytes, the size word of 4 bytes included */

/* Sizes of VBE's controller and mode information, as a Multiboot kernel finds them. */
#define PLAN_VBE_CONTROL 512u
#define PLAN_VBE_MODE    256u

enum kernel_plan_kind { PLAN_LINUX = 1, PLAN_MULTIBOOT = 2 };
enum kernel_plan_video { PLAN_VIDEO_NONE = 0, PLAN_VIDEO_GRAPHICS = 1, PLAN_VIDEO_TEXT = 2 };

/* SIZE bytes of the data file from OFFSET go to physical ADDRESS; with PLAN_ZEROS, zeros do. */
#define PLAN_ZEROS 0xFFFFFFFFu
struct kernel_chunk {
    uint32_t address, size, offset;
};

struct kernel_plan {
    uint32_t kind;
    uint32_t entry; /* Linux: segment of the setup code; Multiboot: physical address */
    uint32_t stack; /* Linux: SP */
    /* Multiboot: physical addresses, below 640 KB, of the information structure and of the room for the
     * memory map and for VBE's structures, one behind the other. */
    uint32_t info, memory_map, vbe;
    uint32_t video, width, height, depth; /* what the header wishes; 0: no preference */
    uint32_t chunk_count;
    struct kernel_chunk chunks[PLAN_CHUNKS];
};

#endif
