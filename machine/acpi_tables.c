/* ACPI tables. ACPI specification 1.0b, 5.2 (tables); MADT as in 5.2.8, processors in the AML of 16.2.
 *
 * The DSDT is compiled from machine/dsdt.asl; a few placeholders in it are filled in here. */
#include "machine/acpi_tables.h"

#include <string.h>

#include "devices/acpi_pm.h"
#include "devices/i440fx.h"
#include "devices/ioapic.h"
#include "devices/lapic.h"
#include "machine/dsdt.h"

#define HEADER_SIZE     36
#define HEADER_LENGTH   4
#define HEADER_CHECKSUM 9
#define OEM_ID          "TICK86"
#define OEM_TABLE_ID    "TICK86PC"
#define CREATOR_ID      "TK86"
#define CMOS_CENTURY    0x32
#define PLACEHOLDER     "\xA5\xA5\xA5\xA5"

#define FADT_WBINVD   0x001
#define FADT_PROC_C1  0x004
#define FADT_NO_SLEEP 0x020 /* no sleep button among the fixed hardware */
#define FADT_TIMER_32 0x100
#define NO_C_STATE    0xFFF /* latency of C2 and C3 that means: not there */
#define MADT_PCAT     1     /* there are 8259s, too */
#define LEVEL_HIGH    0xD

/* ---- Headers ---- */

static size_t begin_table(struct blob *out, const char *signature, uint8_t revision)
{
    blob_align(out, 16);
    size_t at = blob_text(out, signature, 4, 0);
    blob_u32(out, 0);
    blob_u8(out, revision);
    blob_u8(out, 0);
    blob_text(out, OEM_ID, 6, ' ');
    blob_text(out, OEM_TABLE_ID, 8, ' ');
    blob_u32(out, 1);
    blob_text(out, CREATOR_ID, 4, ' ');
    blob_u32(out, 1);
    return at;
}

static void end_table(struct blob *out, size_t at, struct blob *script)
{
    blob_set_u32(out, at + HEADER_LENGTH, (uint32_t)(out->size - at));
    loader_add_checksum(script, ACPI_TABLES_FILE, at + HEADER_CHECKSUM, at, out->size - at);
}

/* A pointer from one table to another. */
static void add_link(struct blob *out, size_t target, struct blob *script)
{
    size_t at = blob_u32(out, (uint32_t)target);
    loader_add_pointer(script, ACPI_TABLES_FILE, ACPI_TABLES_FILE, at, 4);
}

/* ---- FACS, FADT ---- */

static size_t build_facs(struct blob *out)
{
    blob_align(out, 64);
    size_t at = blob_text(out, "FACS", 4, 0);
    blob_u32(out, 64);
    blob_zeros(out, 56);
    return at;
}

static uint32_t fadt_flags(const struct board_description *board)
{
    return FADT_WBINVD | FADT_PROC_C1 | FADT_NO_SLEEP | (board->pm_timer_32bit ? FADT_TIMER_32 : 0);
}

static size_t build_fadt(struct blob *out, const struct board_description *board, size_t facs, size_t dsdt,
                         struct blob *script)
{
    size_t at = begin_table(out, "FACP", 1);
    add_link(out, facs, script);
    add_link(out, dsdt, script);
    blob_u8(out, board->apic); /* interrupt model: dual PIC or multiple APIC */
    blob_u8(out, 0);
    blob_u16(out, ACPI_PM_SCI_IRQ);
    blob_u32(out, ACPI_PM_APM_PORT);
    blob_u8(out, ACPI_PM_ENABLE);
    blob_u8(out, ACPI_PM_DISABLE);
    blob_u8(out, 0); /* no S4BIOS */
    blob_u8(out, 0);
    blob_u32(out, BOARD_PM_BASE + ACPI_PM_EVENT);
    blob_u32(out, 0);
    blob_u32(out, BOARD_PM_BASE + ACPI_PM_CONTROL);
    blob_u32(out, 0);
    blob_u32(out, 0); /* PM2 */
    blob_u32(out, BOARD_PM_BASE + ACPI_PM_TIMER);
    blob_u32(out, BOARD_PM_BASE + ACPI_PM_GPE0);
    blob_u32(out, 0);
    blob_add(out, "\x04\x02\x00\x04\x04\x00\x00\x00",
             8); /* lengths: event, control, PM2, timer, GPE0, GPE1 */
    blob_u16(out, NO_C_STATE);
    blob_u16(out, NO_C_STATE);
    blob_zeros(out, 8); /* flush size and stride, duty cycle, alarms of day and month */
    blob_u8(out, CMOS_CENTURY);
    blob_zeros(out, 3);
    blob_u32(out, fadt_flags(board));
    end_table(out, at, script);
    return at;
}

/* ---- DSDT ---- */

/* Where OLD occurs in the table; OLD is there, as dsdt.asl and this file belong together. */
static size_t find_bytes(const struct blob *out, size_t start, const void *old, size_t size)
{
    for (size_t at = start; at + size <= out->size; at++)
        if (!memcmp(out->bytes + at, old, size))
            return at;
    return start;
}

/* Name (NAME, DWord placeholder): sets the number. */
static void set_named_dword(struct blob *out, size_t start, const char *name, uint32_t value)
{
    uint8_t pattern[10] = {0x08};
    memcpy(pattern + 1, name, 4);
    memcpy(pattern + 5, "\x0C" PLACEHOLDER, 5);
    blob_set_u32(out, find_bytes(out, start, pattern, sizeof pattern) + 6, value);
}

static uint32_t devices_present(const struct board_description *board)
{
    uint32_t present = 0;
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++)
        present |= (uint32_t)board->serial[i] << i;
    return present | (uint32_t)board->parallel << 4 | (uint32_t)board->floppy << 5 |
           (uint32_t)board->ps2_mouse << 6;
}

static size_t build_dsdt(struct blob *out, const struct board_description *board, struct blob *script)
{
    blob_align(out, 16);
    size_t at = blob_add(out, dsdt_aml, sizeof dsdt_aml);
    blob_set_u8(out, at + HEADER_CHECKSUM, 0);
    set_named_dword(out, at, "PRES", devices_present(board));
    set_named_dword(out, at, "MEMB", (uint32_t)i440fx_ram_below_4g(board->ram_size));
    if (!board->suspend_to_ram) /* S3 is there or not by whether its package has that name */
        memcpy(out->bytes + find_bytes(out, at, "\x08_S3_", 5) + 1, "XS3_", 4);
    loader_add_checksum(script, ACPI_TABLES_FILE, at + HEADER_CHECKSUM, at, out->size - at);
    return at;
}

/* ---- SSDT: Scope (\_PR) { Processor (CPxx, id, 0, 0) {} ... } ---- */

static size_t build_ssdt(struct blob *out, const struct board_description *board, struct blob *script)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t at = begin_table(out, "SSDT", 1);
    unsigned length = 2 + 5 + 13 * board->cpus; /* from the length itself on */
    blob_u8(out, 0x10);                         /* ScopeOp */
    blob_u8(out, (uint8_t)(0x40 | (length & 15)));
    blob_u8(out, (uint8_t)(length >> 4));
    blob_add(out, "\\_PR_", 5);
    for (unsigned i = 0; i < board->cpus; i++) {
        char name[4] = {'C', 'P', digits[i >> 4 & 15], digits[i & 15]};
        blob_add(out, "\x5B\x83\x0B", 3); /* ProcessorOp, length 11 */
        blob_add(out, name, 4);
        blob_u8(out, (uint8_t)i);
        blob_u32(out, 0); /* no processor block */
        blob_u8(out, 0);
    }
    end_table(out, at, script);
    return at;
}

/* ---- MADT ---- */

static void add_override(struct blob *out, uint8_t irq, uint32_t pin, uint16_t flags)
{
    blob_add(out, "\x02\x0A\x00", 3);
    blob_u8(out, irq);
    blob_u32(out, pin);
    blob_u16(out, flags);
}

static size_t build_madt(struct blob *out, const struct board_description *board, struct blob *script)
{
    size_t at = begin_table(out, "APIC", 1);
    blob_u32(out, LAPIC_DEFAULT_BASE);
    blob_u32(out, MADT_PCAT);
    for (unsigned i = 0; i < board->cpus; i++) {
        blob_add(out, "\x00\x08", 2);
        blob_u8(out, (uint8_t)i);
        blob_u8(out, (uint8_t)i);
        blob_u32(out, 1); /* enabled */
    }
    blob_add(out, "\x01\x0C", 2);
    blob_u8(out, (uint8_t)(board->cpus < 16 ? board->cpus : 0)); /* I/O APIC ID: 4 bits */
    blob_u8(out, 0);
    blob_u32(out, IOAPIC_DEFAULT_BASE);
    blob_u32(out, 0);
    add_override(out, 0, 2, 0);
    add_override(out, ACPI_PM_SCI_IRQ, ACPI_PM_SCI_IRQ, LEVEL_HIGH);
    blob_add(out, "\x04\x06\xFF\x00\x00\x01", 6); /* NMI at LINT1 of all */
    end_table(out, at, script);
    return at;
}

/* ---- Root ---- */

static size_t build_rsdt(struct blob *out, const size_t *tables, unsigned count, struct blob *script)
{
    size_t at = begin_table(out, "RSDT", 1);
    for (unsigned i = 0; i < count; i++)
        add_link(out, tables[i], script);
    end_table(out, at, script);
    return at;
}

static void build_rsdp(struct blob *out, size_t rsdt, struct blob *script)
{
    blob_text(out, "RSD PTR ", 8, 0);
    blob_u8(out, 0);
    blob_text(out, OEM_ID, 6, ' ');
    blob_u8(out, 0); /* ACPI 1.0 */
    size_t pointer = blob_u32(out, (uint32_t)rsdt);
    loader_add_pointer(script, ACPI_RSDP_FILE, ACPI_TABLES_FILE, pointer, 4);
    loader_add_checksum(script, ACPI_RSDP_FILE, 8, 0, out->size);
}

void acpi_tables_build(struct acpi_tables *acpi, const struct board_description *board, struct blob *script)
{
    size_t listed[3];
    unsigned count = 0;
    *acpi = (struct acpi_tables){0};
    loader_allocate(script, ACPI_RSDP_FILE, 16, LOADER_ZONE_FSEG);
    loader_allocate(script, ACPI_TABLES_FILE, 64, LOADER_ZONE_HIGH);
    size_t facs = build_facs(&acpi->tables);
    size_t dsdt = build_dsdt(&acpi->tables, board, script);
    listed[count++] = build_fadt(&acpi->tables, board, facs, dsdt, script);
    listed[count++] = build_ssdt(&acpi->tables, board, script);
    if (board->apic)
        listed[count++] = build_madt(&acpi->tables, board, script);
    size_t rsdt = build_rsdt(&acpi->tables, listed, count, script);
    build_rsdp(&acpi->rsdp, rsdt, script);
}

void acpi_tables_free(struct acpi_tables *acpi)
{
    blob_free(&acpi->tables);
    blob_free(&acpi->rsdp);
}
