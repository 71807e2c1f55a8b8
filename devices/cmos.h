/* MC146818 real-time clock and its battery-backed RAM. Motorola MC146818A datasheet; 82371SB datasheet for
 * the extended bank.
 *
 * Ports 70h (index, and NMI mask in bit 7) and 71h for bytes 0..127, 72h/73h for bytes 128..255. Byte 32h is
 * the century, in the format of the other time bytes. Time runs from the machine's virtual clock; the
 * calendar is the chip's: every fourth year has a February 29. */
#ifndef TICK86_DEVICES_CMOS_H
#define TICK86_DEVICES_CMOS_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

#define CMOS_SIZE    256u
#define CMOS_CENTURY 0x32

struct cmos_config {
    int64_t start_time; /* seconds since 1970-01-01T00:00:00, local time of the guest, at cycle 0 */
    struct wire irq8;
    struct wire nmi_mask; /* high: NMI held back */
    const uint8_t *nvram; /* CMOS_SIZE bytes kept from an earlier run; the clock's own (00h-0Dh, century) are
                             not taken. NULL: zeros */
};

struct cmos {
    struct device dev;
    struct wire irq8, nmi_mask;
    uint8_t ram[CMOS_SIZE];    /* registers A (0Ah) and B (0Bh) included */
    uint8_t index, index_high; /* chosen by 70h and 72h */
    uint8_t flags;             /* register C without IRQF */
    bool nmi_masked, irq_level;
    bool dst_done;          /* the hour that comes twice in October has come once */
    uint64_t phase;         /* 32768 Hz tick at which the divider chain was zero */
    uint64_t next_update;   /* tick of the next change of the second */
    uint64_t periodic_seen; /* tick up to which the periodic flag is worked out */
    struct event update, periodic;
};

extern const struct device_type cmos_type;

/* The RAM for the board, to store what the firmware looks up, and to keep it in a file. No side effects.
 * INDEX is 0..CMOS_SIZE - 1. */
void cmos_set(struct cmos *cmos, unsigned index, uint8_t value);
uint8_t cmos_get(const struct cmos *cmos, unsigned index);
/* Puts the sum of bytes 10h..2Dh into 2Eh (high) and 2Fh (low), as the AT's firmware checks it. */
void cmos_update_checksum(struct cmos *cmos);
/* All CMOS_SIZE bytes, as `nvram` in the configuration takes them. */
const uint8_t *cmos_bytes(const struct cmos *cmos);

#endif
