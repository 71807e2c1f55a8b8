/* Fills fw_cfg from the description of the board. Names and formats: QEMU documentation, docs/specs/fw_cfg;
 * boot order as Open Firmware device paths, one a line. */
#include "machine/firmware_config.h"

#include <string.h>

#include "base/text.h"
#include "devices/i440fx.h"
#include "machine/acpi_tables.h"
#include "machine/kernel_loader.h"
#include "machine/mp_tables.h"
#include "machine/smbios_tables.h"

#define FOUR_GB  0x100000000ull
#define E820_RAM 1
#define IDE_PATH "/pci@i0cf8/ide@1,1/drive@%u/disk@%u\n"
/* Option ROMs that offer to boot; ours takes any name behind the slash. */
#define ROM_PATH "/rom@genroms/any\n"
#define FDC_PATH "/pci@i0cf8/isa@1/fdc@03f0/floppy@0\n"

static bool add_blob(struct fw_cfg *fw, const char *name, const struct blob *blob, struct error *err)
{
    return fw_cfg_add_file(fw, name, blob->bytes, blob->size, err);
}

static void add_range(struct blob *out, uint64_t base, uint64_t size)
{
    if (!size)
        return;
    blob_u64(out, base);
    blob_u64(out, size);
    blob_u32(out, E820_RAM);
}

static bool add_memory_map(struct fw_cfg *fw, const struct board_description *board, struct error *err)
{
    struct blob map = {0};
    uint64_t below = i440fx_ram_below_4g(board->ram_size);
    add_range(&map, 0, below);
    add_range(&map, FOUR_GB, board->ram_size - below);
    bool ok = add_blob(fw, E820_FILE, &map, err);
    blob_free(&map);
    return ok;
}

static void add_drives(struct text *order, const struct board_description *board, enum drive_kind kind)
{
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        if (board->drives[i] == kind)
            text_add(order, IDE_PATH, i / 2, i % 2);
}

static bool add_boot_order(struct fw_cfg *fw, const struct board_description *board, struct error *err)
{
    struct text order = {0};
    if (board->kernel)
        text_add(&order, KERNEL_ROM_BOOT_LINE);
    for (const char *letter = board->boot_order ? board->boot_order : ""; *letter; letter++) {
        if (*letter == 'a' && board->floppy)
            text_add(&order, FDC_PATH);
        else if (*letter == 'c')
            add_drives(&order, board, DRIVE_DISK);
        else if (*letter == 'd')
            add_drives(&order, board, DRIVE_CDROM);
        else if (*letter == 'n')
            text_add(&order, ROM_PATH);
    }
    bool ok = !order.length || fw_cfg_add_file(fw, BOOT_ORDER_FILE, order.chars, order.length + 1, err);
    text_free(&order);
    return ok;
}

static bool add_acpi(struct fw_cfg *fw, const struct board_description *board, struct error *err)
{
    struct acpi_tables acpi;
    struct blob script = {0};
    acpi_tables_build(&acpi, board, &script);
    bool ok = add_blob(fw, ACPI_TABLES_FILE, &acpi.tables, err) &&
              add_blob(fw, ACPI_RSDP_FILE, &acpi.rsdp, err) && add_blob(fw, TABLE_LOADER_FILE, &script, err);
    acpi_tables_free(&acpi);
    blob_free(&script);
    return ok;
}

static bool add_other_tables(struct fw_cfg *fw, const struct board_description *board, struct error *err)
{
    struct smbios_tables smbios;
    struct blob pir, mp = {0}, script = {0};
    smbios_tables_build(&smbios, board, &script);
    pir_table_build(&pir, &script);
    if (board->apic)
        mp_tables_build(&mp, board, &script);
    bool ok = add_blob(fw, SMBIOS_TABLES_FILE, &smbios.tables, err) &&
              add_blob(fw, SMBIOS_ANCHOR_FILE, &smbios.anchor, err) &&
              add_blob(fw, PIR_TABLE_FILE, &pir, err) &&
              (!board->apic || add_blob(fw, MP_TABLES_FILE, &mp, err)) &&
              add_blob(fw, EXTRA_TABLE_LOADER_FILE, &script, err);
    smbios_tables_free(&smbios);
    blob_free(&pir);
    blob_free(&mp);
    blob_free(&script);
    return ok;
}

bool firmware_config_add(struct fw_cfg *fw, const struct board_description *board, struct error *err)
{
    uint16_t cpus = (uint16_t)board->cpus;
    if (!board->cpus || board->cpus > BOARD_PROCESSORS)
        return error_set(err, "%u processors; give 1 to %d with --cpus", board->cpus, BOARD_PROCESSORS);
    fw_cfg_add_u64(fw, FW_CFG_RAM_SIZE, board->ram_size);
    fw_cfg_add_u16(fw, FW_CFG_NB_CPUS, cpus);
    fw_cfg_add_u16(fw, FW_CFG_MAX_CPUS, cpus);
    fw_cfg_add_u16(fw, FW_CFG_NOGRAPHIC, 0);
    fw_cfg_add_u16(fw, FW_CFG_BOOT_MENU, board->boot_menu);
    fw_cfg_add_u32(fw, FW_CFG_IRQ0_OVERRIDE, 1);
    return add_memory_map(fw, board, err) && add_boot_order(fw, board, err) && add_acpi(fw, board, err) &&
           add_other_tables(fw, board, err);
}
