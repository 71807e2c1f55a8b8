/* --kernel: works out from a Linux bzImage (Documentation/x86/boot) or a Multiboot 1 kernel what goes where
 * in memory, and gives that to a boot ROM (bios/kernel) through fw_cfg. The ROM starts the kernel when the
 * firmware boots, so the kernel finds the BIOS as behind any boot loader. */
#ifndef TICK86_MACHINE_KERNEL_LOADER_H
#define TICK86_MACHINE_KERNEL_LOADER_H

#include "base/error.h"
#include "devices/fw_cfg.h"
#include "machine/config.h"

/* The ROM as fw_cfg names it, and as a line of the boot order. */
#define KERNEL_ROM_FILE      "genroms/tick86-kernel.rom"
#define KERNEL_ROM_BOOT_LINE "/rom@" KERNEL_ROM_FILE "\n"

/* Adds the files for CONFIG's kernel, initial RAM disk and command line. RAM_BELOW_4G is in bytes. False with
 * ERR where a file cannot be read, is no such kernel, or does not fit into memory. */
bool kernel_loader_add(struct fw_cfg *fw, const struct machine_config *config, uint64_t ram_below_4g,
                       struct error *err);

#endif
