/* What the board writes into the CMOS before power-on, so that firmware finds sizes and drives. */
#ifndef TICK86_MACHINE_BOARD_CMOS_H
#define TICK86_MACHINE_BOARD_CMOS_H

#include <stddef.h>

#include "machine/board.h"

/* TYPE: 0 none, 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M. */
void board_cmos_floppy(struct cmos *cmos, unsigned drive, unsigned type);
/* Memory sizes, equipment, disks, translation, boot order; then the checksum. */
void board_cmos_fill(struct board *board, const struct machine_config *config, uint64_t ram_size);

/* The file of --nvram: CMOS_SIZE bytes; a missing file counts as empty (NULL). */
bool board_nvram_load(const char *path, uint8_t **bytes, size_t *size, struct error *err);
bool board_nvram_save(const char *path, const struct cmos *cmos, struct error *err);

#endif
