/* ACPI 1.0 tables for the board: RSDP, RSDT, FADT, FACS, DSDT, MADT and an SSDT with the processors. */
#ifndef TICK86_MACHINE_ACPI_TABLES_H
#define TICK86_MACHINE_ACPI_TABLES_H

#include "machine/board_description.h"
#include "machine/table_builder.h"

/* Names of the files in which firmware finds them. */
#define ACPI_TABLES_FILE "etc/acpi/tables"
#define ACPI_RSDP_FILE   "etc/acpi/rsdp"

struct acpi_tables {
    struct blob tables; /* all but the RSDP; to be aligned to 64 bytes */
    struct blob rsdp;
};

/* Builds the tables (to be freed with acpi_tables_free), and appends to SCRIPT what places and links them. */
void acpi_tables_build(struct acpi_tables *acpi, const struct board_description *board, struct blob *script);
void acpi_tables_free(struct acpi_tables *acpi);

#endif
