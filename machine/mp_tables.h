/* Tables from before ACPI: Intel's multiprocessor tables, and $PIR, the PCI interrupt routing table of the
 * PCI BIOS. */
#ifndef TICK86_MACHINE_MP_TABLES_H
#define TICK86_MACHINE_MP_TABLES_H

#include "machine/board_description.h"
#include "machine/table_builder.h"

/* Firmware in the manner of SeaBIOS builds these itself; ours is given them in files of our own. */
#define MP_TABLES_FILE "etc/tick86/mp-tables"
#define PIR_TABLE_FILE "etc/tick86/pir"

/* PCI slots that the tables route interrupts for: 0 .. BOARD_PCI_SLOTS - 1. */
#define BOARD_PCI_SLOTS 16

/* The floating pointer structure, and the configuration table behind it. Appends to SCRIPT what places and
 * links them. */
void mp_tables_build(struct blob *out, const struct board_description *board, struct blob *script);
void pir_table_build(struct blob *out, struct blob *script);

#endif
