/* SMBIOS 2.4 (DMI) tables: what board, BIOS, processors and memory this machine says it has. */
#ifndef TICK86_MACHINE_SMBIOS_TABLES_H
#define TICK86_MACHINE_SMBIOS_TABLES_H

#include "machine/board_description.h"
#include "machine/table_builder.h"

#define SMBIOS_TABLES_FILE "etc/smbios/smbios-tables"
#define SMBIOS_ANCHOR_FILE "etc/smbios/smbios-anchor"

struct smbios_tables {
    struct blob tables; /* the structures, one after the other */
    struct blob anchor; /* the entry point, "_SM_" */
};

/* Builds the tables, and appends to SCRIPT what places and links them (firmware in the manner of SeaBIOS does
 * so of itself, and is not given that script). */
void smbios_tables_build(struct smbios_tables *smbios, const struct board_description *board,
                         struct blob *script);
void smbios_tables_free(struct smbios_tables *smbios);

#endif
