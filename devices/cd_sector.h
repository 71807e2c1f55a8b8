/* Raw CD-ROM sectors: what surrounds the 2048 bytes of user data on a data track. ECMA-130, clauses 14 and
 * annexes A, B. */
#ifndef TICK86_DEVICES_CD_SECTOR_H
#define TICK86_DEVICES_CD_SECTOR_H

#include <stdint.h>

#define CD_RAW_BYTES 2352u

/* Minutes, seconds, frames of a logical block: 75 frames a second, and block 0 lies two seconds in. */
void cd_msf(uint32_t lba, uint8_t msf[3]);
uint32_t cd_lba(uint8_t minute, uint8_t second, uint8_t frame);

/* Completes a mode-1 sector whose user data lie at RAW + 16: sync, header, EDC and ECC. */
void cd_encode_mode1(uint8_t raw[CD_RAW_BYTES], uint32_t lba);

#endif
