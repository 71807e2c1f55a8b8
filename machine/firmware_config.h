/* What the board tells its firmware through fw_cfg: memory map, processors, boot order, and all tables. */
#ifndef TICK86_MACHINE_FIRMWARE_CONFIG_H
#define TICK86_MACHINE_FIRMWARE_CONFIG_H

#include "base/error.h"
#include "devices/fw_cfg.h"
#include "machine/board_description.h"

/* The loader scripts (table_builder.h): the one that all firmware for this interface runs (ACPI), and one
 * more for our own firmware (SMBIOS, MP, $PIR), which others do not know and make themselves. */
#define TABLE_LOADER_FILE       "etc/table-loader"
#define EXTRA_TABLE_LOADER_FILE "etc/tick86/table-loader"
#define E820_FILE               "etc/e820"
#define BOOT_ORDER_FILE         "bootorder"

/* Adds all items and files that follow from the description. */
bool firmware_config_add(struct fw_cfg *fw, const struct board_description *board, struct error *err);

#endif
