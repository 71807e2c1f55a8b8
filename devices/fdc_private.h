/* The inside of the floppy disk controller, shared by fdc.c (registers, command and result phases, seeks) and
 * fdc_transfer.c (media, execution of the commands that move sectors). Section numbers are those of the
 * datasheet. */
#ifndef TICK86_DEVICES_FDC_PRIVATE_H
#define TICK86_DEVICES_FDC_PRIVATE_H

#include "devices/fdc.h"

#define SECTOR_BYTES      512u
#define UNITS             4u /* drives that the chip can address */
#define MAX_CYLINDERS     84u
#define MAX_SECTORS       36u
#define DELETED_BYTES     (MAX_CYLINDERS * 2 * MAX_SECTORS / 8)
#define COMMAND_BYTES     9u
#define RESULT_BYTES      10u
#define RECALIBRATE_STEPS 79u /* 6.2.1: the most step pulses of one RECALIBRATE */

enum {
    DOR_SELECT = 0x03,
    DOR_NOT_RESET = 0x04,
    DOR_DMA_GATE = 0x08,

    MSR_RQM = 0x80,
    MSR_DIO = 0x40,
    MSR_NON_DMA = 0x20,
    MSR_BUSY = 0x10,

    DSR_RESET = 0x80,

    ST0_ABNORMAL = 0x40,
    ST0_INVALID = 0x80,
    ST0_POLLING = 0xC0,
    ST0_SEEK_END = 0x20,
    ST0_EQUIPMENT_CHECK = 0x10,
    ST0_HEAD = 0x04,

    ST1_END_OF_CYLINDER = 0x80,
    ST1_DATA_ERROR = 0x20,
    ST1_OVERRUN = 0x10,
    ST1_NO_DATA = 0x04,
    ST1_NOT_WRITABLE = 0x02,
    ST1_MISSING_ADDRESS_MARK = 0x01,

    ST2_CONTROL_MARK = 0x40,
    ST2_DATA_ERROR = 0x20,
    ST2_WRONG_CYLINDER = 0x10,
    ST2_SCAN_EQUAL = 0x08,
    ST2_SCAN_NOT_SATISFIED = 0x04,

    ST3_WRITE_PROTECT = 0x40,
    ST3_READY = 0x20,
    ST3_TRACK0 = 0x10,
    ST3_TWO_SIDE = 0x08,

    COMMAND_MT = 0x80,
    COMMAND_MFM = 0x40,
    COMMAND_SK = 0x20,

    CONFIG_IMPLIED_SEEK = 0x40,
    CONFIG_FIFO_DISABLED = 0x20,
    CONFIG_NO_POLLING = 0x10,
};

enum phase { PHASE_RESET, PHASE_COMMAND, PHASE_EXECUTION, PHASE_RESULT, PHASE_LAST = PHASE_RESULT };

/* What execution is waiting for. */
enum step {
    STEP_NONE,
    STEP_SECTOR,    /* the sector to pass under the head */
    STEP_GIVE_UP,   /* two index pulses without the sector */
    STEP_TO_HOST,   /* non-DMA: the host to empty the buffer */
    STEP_FROM_HOST, /* non-DMA: the host to fill it */
    STEP_ID,        /* READ ID: the next identification field */
    STEP_LAST = STEP_ID,
};

enum operation {
    OP_NONE,
    OP_READ,
    OP_READ_DELETED,
    OP_READ_TRACK,
    OP_VERIFY,
    OP_WRITE,
    OP_WRITE_DELETED,
    OP_FORMAT,
    OP_SCAN_EQUAL,
    OP_SCAN_LOW,
    OP_SCAN_HIGH,
    OP_READ_ID,
    OP_LAST = OP_READ_ID,
};

/* A sector's identification field: cylinder, head, sector, size code. */
struct sector_id {
    uint8_t c, h, r, n;
};

struct fdc_drive {
    struct fdc *fdc;
    unsigned type;
    struct image *image;
    struct disk_geometry geometry;  /* of the medium */
    uint8_t track;                  /* where the head stands */
    bool changed;                   /* the drive's DSKCHG output */
    uint64_t motor_since;           /* cycle at which the motor was switched on */
    uint8_t deleted[DELETED_BYTES]; /* one bit a sector: written with a deleted-data mark */
};

/* A seek in progress or ended; the chip keeps these for four drives, fitted or not. */
struct fdc_unit {
    struct fdc *fdc;
    struct event event;
    uint8_t cylinder; /* PCN: where the chip believes the head to be */
    uint8_t target;   /* of a seek in progress */
    bool recalibrating;
    bool pending; /* SENSE INTERRUPT STATUS has something to tell: `status` */
    uint8_t status;
};

struct fdc {
    struct device dev;
    struct dma *dma;
    struct wire irq;
    struct fdc_drive drive[FDC_DRIVES];
    struct fdc_unit unit[UNITS];
    struct event transfer_event, reset_event;
    bool irq_level; /* before the DMA gate */
    uint8_t dor, tape, dsr, rate;
    uint8_t specify[2];
    uint8_t configure, precompensation_track;
    uint8_t perpendicular; /* D3-D0 in bits 5-2, GAP and WGATE in bits 1-0 */
    bool locked;
    uint8_t phase, step, operation;
    uint8_t command[COMMAND_BYTES], command_count;
    uint8_t result[RESULT_BYTES], result_count, result_index;
    /* The command in execution. */
    uint8_t unit_selected;
    uint8_t head; /* 0 or 1 */
    bool mfm, multi_track, skip;
    struct sector_id id; /* the sector wanted next */
    uint8_t st0, st1, st2;
    uint8_t last_sector; /* EOT, or sectors per track of a format */
    uint16_t sectors_done;
    bool terminal_count;
    uint8_t buffer[SECTOR_BYTES];
    uint16_t buffer_index, buffer_length; /* non-DMA transfers */
    uint64_t activity;
};

/* Until the first sector of a command comes by: a modest part of a rotation. */
#define FDC_LATENCY_NS 2000000ull

/* ---- fdc.c ---- */

void fdc_set_irq(struct fdc *fdc, bool level);
/* Schedules EVENT so many nanoseconds from now. */
void fdc_after_ns(struct fdc *fdc, struct event *event, uint64_t ns);
/* Ends a command with the seven result bytes; ID is what C, H, R and N shall be. */
void fdc_finish(struct fdc *fdc, struct sector_id id);
/* Likewise, abnormally, with the sector wanted and these bits added to the status. */
void fdc_fail(struct fdc *fdc, uint8_t st1, uint8_t st2);
/* Time of one step pulse. */
uint64_t fdc_step_ns(const struct fdc *fdc);
/* Step pulses to a drive; positive is inwards. */
void fdc_move_head(struct fdc *fdc, unsigned unit, int steps);

/* ---- fdc_transfer.c ---- */

extern const uint32_t fdc_data_rates[4]; /* bits per second of MFM, by rate-select bits */

/* NULL: the board has no such drive. */
struct fdc_drive *fdc_fitted_drive(struct fdc *fdc, unsigned unit);
bool fdc_motor_on(const struct fdc *fdc, unsigned unit);
unsigned fdc_drive_tracks(const struct fdc_drive *drive);
bool fdc_write_protected(const struct fdc_drive *drive);
/* Data go byte by byte through the FIFO (ND of SPECIFY). */
bool fdc_non_dma(const struct fdc *fdc);

/* Begins the execution phase of the command in fdc->command. */
void fdc_start(struct fdc *fdc, enum operation operation);
/* Looks for the next sector, DELAY ns from now. */
void fdc_find_sector(struct fdc *fdc, uint64_t delay);
/* Non-DMA: the host has taken, or given, all bytes of a sector. */
void fdc_data_done(struct fdc *fdc);
void fdc_host_buffer_full(struct fdc *fdc);
/* The callback of transfer_event. */
void fdc_transfer_step(void *owner, uint64_t late);

#endif
