/* fw_cfg: how the machine hands its firmware what it cannot find out from the hardware (memory map, boot
 * order, ACPI and SMBIOS tables, a kernel to boot). The interface that QEMU documents in docs/specs/fw_cfg,
 * so that firmware written for it runs here too: selector 510h, data 511h, DMA 514h. */
#ifndef TICK86_DEVICES_FW_CFG_H
#define TICK86_DEVICES_FW_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "bus/device.h"

/* Keys of items. */
enum fw_cfg_key {
    FW_CFG_SIGNATURE = 0x00, /* "QEMU"; there from the start, as are ID and FILE_DIR */
    FW_CFG_ID = 0x01,        /* u32: bit 0 this interface, bit 1 DMA */
    FW_CFG_UUID = 0x02,      /* 16 bytes */
    FW_CFG_RAM_SIZE = 0x03,  /* u64 bytes */
    FW_CFG_NOGRAPHIC = 0x04, /* u16 */
    FW_CFG_NB_CPUS = 0x05,   /* u16 */
    FW_CFG_MACHINE_ID = 0x06,
    FW_CFG_KERNEL_ADDR = 0x07, /* u32 each */
    FW_CFG_KERNEL_SIZE = 0x08,
    FW_CFG_KERNEL_CMDLINE = 0x09,
    FW_CFG_INITRD_ADDR = 0x0A,
    FW_CFG_INITRD_SIZE = 0x0B,
    FW_CFG_BOOT_DEVICE = 0x0C, /* u16 */
    FW_CFG_NUMA = 0x0D,
    FW_CFG_BOOT_MENU = 0x0E, /* u16: 1 = offer the menu */
    FW_CFG_MAX_CPUS = 0x0F,  /* u16 */
    FW_CFG_KERNEL_ENTRY = 0x10,
    FW_CFG_KERNEL_DATA = 0x11,
    FW_CFG_INITRD_DATA = 0x12,
    FW_CFG_CMDLINE_ADDR = 0x13,
    FW_CFG_CMDLINE_SIZE = 0x14,
    FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_SETUP_ADDR = 0x16,
    FW_CFG_SETUP_SIZE = 0x17,
    FW_CFG_SETUP_DATA = 0x18,
    FW_CFG_FILE_DIR = 0x19,
    FW_CFG_FILE_FIRST = 0x20,
    FW_CFG_ACPI_TABLES = 0x8000, /* items of the PC */
    FW_CFG_SMBIOS_ENTRIES = 0x8001,
    FW_CFG_IRQ0_OVERRIDE = 0x8002, /* u32: 1 = IRQ 0 is I/O APIC pin 2 */
    FW_CFG_E820_TABLE = 0x8003,
};

#define FW_CFG_FILES     64
#define FW_CFG_NAME_SIZE 56 /* with the NUL */

struct fw_cfg;

extern const struct device_type fw_cfg_type;

/* Sets an item (a copy of DATA, little-endian where it is a number); an earlier one is replaced. To be called
 * by the board before the guest runs. False: there is no such key. */
bool fw_cfg_add_item(struct fw_cfg *fw, uint16_t key, const void *data, size_t size);
bool fw_cfg_add_u16(struct fw_cfg *fw, uint16_t key, uint16_t value);
bool fw_cfg_add_u32(struct fw_cfg *fw, uint16_t key, uint32_t value);
bool fw_cfg_add_u64(struct fw_cfg *fw, uint16_t key, uint64_t value);
/* Adds a named file, e.g. "etc/e820" (a copy of DATA); an earlier one of the name is replaced. Files get
 * their keys in the order of their names. False with ERR: the name is too long or the directory is full. */
bool fw_cfg_add_file(struct fw_cfg *fw, const char *name, const void *data, size_t size, struct error *err);
/* Finds a file, for tests and tools: its bytes and size, NULL if there is none. */
const uint8_t *fw_cfg_find_file(const struct fw_cfg *fw, const char *name, size_t *size);

/* All items for a snapshot, so that the firmware of one version goes on with that version's tables. Of large
 * ones (a kernel, an initial RAM disk) only a hash is written: they must be there again. */
void fw_cfg_write_items(const struct fw_cfg *fw, struct blob *out);
/* Checks what fw_cfg_write_items() wrote, and with APPLY takes it over. False with ERR. */
bool fw_cfg_read_items(struct fw_cfg *fw, struct blob_reader *in, bool apply, struct error *err);

#endif
