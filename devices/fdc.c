/* Floppy disk controller Intel 82077AA: see fdc.h. Section numbers are those of its datasheet.
 *
 * A command goes through three phases (5.0): command bytes are collected through the FIFO, execution runs by
 * events on the clock, result bytes are read back. Execution handles one sector at a time: each `transfer`
 * event stands at the moment at which the sector has passed under the head. */
#include "devices/fdc.h"

#include <string.h>

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

/* ---- drives and media ---- */

static struct fdc_drive *drive_of(struct fdc *fdc, unsigned unit)
{
    return unit < FDC_DRIVES && fdc->drive[unit].type ? &fdc->drive[unit] : NULL;
}

static bool motor_on(const struct fdc *fdc, unsigned unit)
{
    return fdc->dor >> (4 + unit) & 1;
}

static unsigned drive_tracks(const struct fdc_drive *drive)
{
    return drive->type == FDC_DRIVE_360K ? 42 : MAX_CYLINDERS;
}

/* 40-track media have tracks twice as wide: an 80-track drive finds one at every other step. */
static bool double_stepped(const struct fdc_drive *drive)
{
    return drive->geometry.cylinders <= 43 && drive->type != FDC_DRIVE_360K;
}

/* The cylinder of the medium under the head, or MAX_CYLINDERS if there is no formatted track. */
static unsigned medium_cylinder(const struct fdc_drive *drive)
{
    unsigned cylinder = drive->track;
    if (double_stepped(drive)) {
        if (cylinder & 1)
            return MAX_CYLINDERS;
        cylinder /= 2;
    }
    return cylinder < drive->geometry.cylinders ? cylinder : MAX_CYLINDERS;
}

/* Data rates in the order of the rate-select bits, in bits per second of MFM. */
static const uint32_t data_rates[4] = {500000, 300000, 250000, 1000000};

/* The rate that a medium was written at, as this drive sees it (a 1.2 MB drive turns faster). */
static uint32_t medium_rate(const struct fdc_drive *drive)
{
    unsigned sectors = drive->geometry.sectors;
    if (sectors > 24)
        return 1000000;
    if (sectors > 10)
        return 500000;
    return drive->type == FDC_DRIVE_1200K ? 300000 : 250000;
}

static bool rate_fits(const struct fdc *fdc, const struct fdc_drive *drive)
{
    uint32_t rate = data_rates[fdc->rate];
    if (drive->type == FDC_DRIVE_360K || drive->type == FDC_DRIVE_720K)
        return rate == 250000 && medium_rate(drive) == 250000;
    if (rate == 1000000 && drive->type != FDC_DRIVE_2880K)
        return false;
    return rate == medium_rate(drive);
}

static uint64_t rotation_ns(const struct fdc_drive *drive)
{
    return drive->type == FDC_DRIVE_1200K ? 166666667 : 200000000;
}

static uint64_t sector_offset(const struct fdc_drive *drive, unsigned cylinder, unsigned head,
                              unsigned sector)
{
    const struct disk_geometry *g = &drive->geometry;
    return (((uint64_t)cylinder * g->heads + head) * g->sectors + sector - 1) * SECTOR_BYTES;
}

static unsigned deleted_index(unsigned cylinder, unsigned head, unsigned sector)
{
    return (cylinder * 2 + head) * MAX_SECTORS + sector - 1;
}

static bool is_deleted(const struct fdc_drive *drive, unsigned cylinder, unsigned head, unsigned sector)
{
    unsigned index = deleted_index(cylinder, head, sector);
    return drive->deleted[index / 8] >> (index & 7) & 1;
}

static void mark_deleted(struct fdc_drive *drive, unsigned cylinder, unsigned head, unsigned sector,
                         bool deleted)
{
    unsigned index = deleted_index(cylinder, head, sector);
    uint8_t bit = (uint8_t)(1u << (index & 7));
    uint8_t *byte = &drive->deleted[index / 8];
    *byte = (uint8_t)(deleted ? *byte | bit : *byte & ~bit);
}

/* An image of an uncommon size may end before its last track: the rest reads as zeros, as a disk does on
 * which something short was written. */
static bool read_medium(struct fdc_drive *drive, uint64_t offset, uint8_t *buffer)
{
    if (offset >= image_size(drive->image)) {
        memset(buffer, 0, SECTOR_BYTES);
        return true;
    }
    return image_read(drive->image, offset, buffer, SECTOR_BYTES);
}

static bool write_protected(const struct fdc_drive *drive)
{
    return !drive->image || image_read_only(drive->image);
}

/* ---- interrupt ---- */

static void drive_irq(struct fdc *fdc)
{
    wire_set(&fdc->irq, fdc->irq_level && (fdc->dor & DOR_DMA_GATE));
}

static void set_irq(struct fdc *fdc, bool level)
{
    fdc->irq_level = level;
    drive_irq(fdc);
}

static void after_ns(struct fdc *fdc, struct event *event, uint64_t ns)
{
    event_schedule(fdc->dev.clock, event, fdc->dev.clock->now + clock_cycles_of_ns(fdc->dev.clock, ns));
}

/* ---- phases ---- */

static void enter_command_phase(struct fdc *fdc)
{
    fdc->phase = PHASE_COMMAND;
    fdc->step = STEP_NONE;
    fdc->operation = OP_NONE;
    fdc->command_count = 0;
    fdc->result_count = fdc->result_index = 0;
    fdc->buffer_index = fdc->buffer_length = 0;
}

static void enter_result_phase(struct fdc *fdc, unsigned count)
{
    fdc->phase = PHASE_RESULT;
    fdc->step = STEP_NONE;
    fdc->result_count = (uint8_t)count;
    fdc->result_index = 0;
    fdc->buffer_index = fdc->buffer_length = 0;
    event_cancel(fdc->dev.clock, &fdc->transfer_event);
}

static void give_result(struct fdc *fdc, uint8_t byte)
{
    fdc->result[0] = byte;
    enter_result_phase(fdc, 1);
}

/* The seven bytes that end a command with an execution phase; ID is what C, H, R and N shall be. */
static void finish(struct fdc *fdc, struct sector_id id)
{
    if (fdc->st1 & ~ST1_END_OF_CYLINDER || fdc->st2 & ST2_DATA_ERROR)
        fdc->st0 |= ST0_ABNORMAL;
    fdc->result[0] = (uint8_t)(fdc->st0 | (fdc->head ? ST0_HEAD : 0) | fdc->unit_selected);
    fdc->result[1] = fdc->st1;
    fdc->result[2] = fdc->st2;
    fdc->result[3] = id.c;
    fdc->result[4] = id.h;
    fdc->result[5] = id.r;
    fdc->result[6] = id.n;
    enter_result_phase(fdc, 7);
    set_irq(fdc, true);
}

static void fail(struct fdc *fdc, uint8_t st1, uint8_t st2)
{
    fdc->st0 |= ST0_ABNORMAL;
    fdc->st1 |= st1;
    fdc->st2 |= st2;
    finish(fdc, fdc->id);
}

static void reject_command(struct fdc *fdc)
{
    give_result(fdc, ST0_INVALID);
}

/* ---- reset ---- */

static void stop_everything(struct fdc *fdc)
{
    event_cancel(fdc->dev.clock, &fdc->transfer_event);
    event_cancel(fdc->dev.clock, &fdc->reset_event);
    for (unsigned i = 0; i < UNITS; i++) {
        event_cancel(fdc->dev.clock, &fdc->unit[i].event);
        fdc->unit[i].pending = false;
        fdc->unit[i].cylinder = 0;
    }
    set_irq(fdc, false);
    enter_command_phase(fdc);
}

/* 4.3: what every reset clears; a lock keeps the FIFO's settings through software resets. */
static void reset_chip(struct fdc *fdc)
{
    stop_everything(fdc);
    fdc->perpendicular &= 0x3C;
    if (!fdc->locked) {
        fdc->configure = CONFIG_FIFO_DISABLED;
        fdc->precompensation_track = 0;
    } else {
        fdc->configure &= (uint8_t) ~(CONFIG_IMPLIED_SEEK | CONFIG_NO_POLLING);
    }
}

static void leave_reset(struct fdc *fdc)
{
    enter_command_phase(fdc);
    if (!(fdc->configure & CONFIG_NO_POLLING))
        after_ns(fdc, &fdc->reset_event, 100000);
}

/* The chip polls its drives after a reset and finds that the ready line of all of them "changed" (5.2.4). */
static void polled(void *owner, uint64_t late)
{
    struct fdc *fdc = owner;
    (void)late;
    for (unsigned i = 0; i < UNITS; i++) {
        fdc->unit[i].pending = true;
        fdc->unit[i].status = (uint8_t)(ST0_POLLING | i);
    }
    set_irq(fdc, true);
}

/* ---- seeks ---- */

static uint64_t step_ns(const struct fdc *fdc)
{
    /* SRT counts in units of 1 ms at 500 kbps, other rates in proportion (table 5-9). */
    uint64_t units = 16u - (fdc->specify[0] >> 4);
    return units * 500000000000ull / data_rates[fdc->rate];
}

/* Step pulses reach the drive: the head moves until it meets its stop, and a medium that is there ends "disk
 * changed". */
static void move_head(struct fdc *fdc, unsigned unit, int steps)
{
    struct fdc_drive *drive = drive_of(fdc, unit);
    if (!drive || !steps)
        return;
    int track = drive->track + steps, last = (int)drive_tracks(drive) - 1;
    drive->track = (uint8_t)(track < 0 ? 0 : track > last ? last : track);
    if (drive->image)
        drive->changed = false;
}

static void end_recalibrate(struct fdc *fdc, unsigned unit)
{
    struct fdc_drive *drive = drive_of(fdc, unit);
    bool found = drive && drive->track <= RECALIBRATE_STEPS;
    move_head(fdc, unit,
              -(drive ? drive->track < RECALIBRATE_STEPS ? drive->track : (int)RECALIBRATE_STEPS : 0));
    fdc->unit[unit].cylinder = 0;
    fdc->unit[unit].status =
        (uint8_t)(ST0_SEEK_END | unit | (found ? 0 : ST0_ABNORMAL | ST0_EQUIPMENT_CHECK));
}

static void seek_done(void *owner, uint64_t late)
{
    struct fdc_unit *unit = owner;
    struct fdc *fdc = unit->fdc;
    unsigned number = (unsigned)(unit - fdc->unit);
    (void)late;
    if (unit->recalibrating) {
        end_recalibrate(fdc, number);
    } else {
        move_head(fdc, number, unit->target - unit->cylinder);
        unit->cylinder = unit->target;
        unit->status = (uint8_t)(ST0_SEEK_END | (fdc->unit[number].status & ST0_HEAD) | number);
    }
    unit->pending = true;
    set_irq(fdc, true);
}

static void start_seek(struct fdc *fdc, unsigned number, bool recalibrate, uint8_t target, bool head)
{
    struct fdc_unit *unit = &fdc->unit[number];
    struct fdc_drive *drive = drive_of(fdc, number);
    unsigned steps = (unsigned)(target > unit->cylinder ? target - unit->cylinder : unit->cylinder - target);
    if (recalibrate)
        steps = drive && drive->track < RECALIBRATE_STEPS ? drive->track : RECALIBRATE_STEPS;
    unit->recalibrating = recalibrate;
    unit->target = target;
    unit->pending = false;
    unit->status = head ? ST0_HEAD : 0;
    after_ns(fdc, &unit->event, steps * step_ns(fdc) + 50000);
    enter_command_phase(fdc);
}

static void command_recalibrate(struct fdc *fdc)
{
    start_seek(fdc, fdc->command[1] & 3, true, 0, false);
}

static void command_seek(struct fdc *fdc)
{
    start_seek(fdc, fdc->command[1] & 3, false, fdc->command[2], fdc->command[1] >> 2 & 1);
}

static void command_relative_seek(struct fdc *fdc)
{
    unsigned unit = fdc->command[1] & 3;
    bool inward = fdc->command[0] & 0x40;
    int target = fdc->unit[unit].cylinder + (inward ? fdc->command[2] : -fdc->command[2]);
    start_seek(fdc, unit, false,
               (uint8_t)(target < 0     ? 0
                         : target > 255 ? 255
                                        : target),
               fdc->command[1] >> 2 & 1);
}

/* ---- commands without execution ---- */

static void command_sense_interrupt(struct fdc *fdc)
{
    struct fdc_unit *found = NULL;
    bool more = false;
    for (unsigned i = 0; i < UNITS; i++) {
        if (!fdc->unit[i].pending)
            continue;
        more |= found != NULL;
        found = found ? found : &fdc->unit[i];
    }
    if (!found) {
        reject_command(fdc);
        return;
    }
    found->pending = false;
    fdc->result[0] = found->status;
    fdc->result[1] = found->cylinder;
    enter_result_phase(fdc, 2);
    /* The four polls of a reset come with one interrupt; several seeks hold the line until all are sensed. */
    set_irq(fdc, more && (found->status & 0xC0) != ST0_POLLING);
}

static void command_sense_drive(struct fdc *fdc)
{
    unsigned unit = fdc->command[1] & 3;
    struct fdc_drive *drive = drive_of(fdc, unit);
    uint8_t st3 = (uint8_t)(ST3_READY | ST3_TWO_SIDE | (fdc->command[1] & 7));
    if (drive && drive->track == 0)
        st3 |= ST3_TRACK0;
    if (drive && write_protected(drive))
        st3 |= ST3_WRITE_PROTECT;
    give_result(fdc, st3);
}

static void command_specify(struct fdc *fdc)
{
    fdc->specify[0] = fdc->command[1];
    fdc->specify[1] = fdc->command[2];
    enter_command_phase(fdc);
}

static void command_configure(struct fdc *fdc)
{
    fdc->configure = fdc->command[2] & 0x7F;
    fdc->precompensation_track = fdc->command[3];
    enter_command_phase(fdc);
}

/* D3-D0 change only with OW set (5.2.10). */
static void command_perpendicular(struct fdc *fdc)
{
    uint8_t value = fdc->command[1];
    uint8_t drives = value & 0x80 ? value & 0x3C : fdc->perpendicular & 0x3C;
    fdc->perpendicular = (uint8_t)(drives | (value & 3));
    enter_command_phase(fdc);
}

static void command_lock(struct fdc *fdc)
{
    fdc->locked = fdc->command[0] & 0x80;
    give_result(fdc, fdc->locked ? 0x10 : 0x00);
}

/* 90h: an enhanced controller; the 82077AA has no PART ID command, which drivers tell from its 80h. */
static void command_version(struct fdc *fdc)
{
    give_result(fdc, 0x90);
}

static void command_dump_registers(struct fdc *fdc)
{
    for (unsigned i = 0; i < UNITS; i++)
        fdc->result[i] = fdc->unit[i].cylinder;
    fdc->result[4] = fdc->specify[0];
    fdc->result[5] = fdc->specify[1];
    fdc->result[6] = fdc->last_sector;
    fdc->result[7] = (uint8_t)((fdc->locked ? 0x80 : 0) | fdc->perpendicular);
    fdc->result[8] = fdc->configure;
    fdc->result[9] = fdc->precompensation_track;
    enter_result_phase(fdc, 10);
}

/* ---- execution: finding sectors ---- */

#define LATENCY_NS                                                                                           \
    5000000ull                  /* until the first sector of a command comes by: a modest part of a rotation \
                                 */
#define SPIN_UP_NS 200000000ull /* until the medium turns at its speed */

static bool non_dma(const struct fdc *fdc)
{
    return fdc->specify[1] & 1;
}

static bool takes_host_data(const struct fdc *fdc)
{
    return fdc->operation >= OP_WRITE && fdc->operation <= OP_SCAN_HIGH;
}

static bool writes(const struct fdc *fdc)
{
    return fdc->operation == OP_WRITE || fdc->operation == OP_WRITE_DELETED || fdc->operation == OP_FORMAT;
}

static void wait_for(struct fdc *fdc, enum step step, uint64_t ns)
{
    fdc->step = (uint8_t)step;
    after_ns(fdc, &fdc->transfer_event, ns);
}

static uint64_t sector_ns(const struct fdc_drive *drive)
{
    return rotation_ns(drive) / drive->geometry.sectors;
}

/* Waits for two index pulses, then ends with these bits (6.1: the sector was not found). */
static void give_up(struct fdc *fdc, const struct fdc_drive *drive, uint64_t delay, uint8_t st1, uint8_t st2)
{
    fdc->st1 |= st1;
    fdc->st2 |= st2;
    wait_for(fdc, STEP_GIVE_UP, delay + 2 * rotation_ns(drive));
}

/* Does the head stand on a formatted track that the present settings can read? */
static bool track_readable(const struct fdc *fdc, const struct fdc_drive *drive)
{
    return fdc->mfm && rate_fits(fdc, drive) && medium_cylinder(drive) != MAX_CYLINDERS &&
           fdc->head < drive->geometry.heads;
}

/* The identification field of the wanted sector against the track's. */
static bool id_on_track(struct fdc *fdc, const struct fdc_drive *drive, uint8_t *st2)
{
    *st2 = fdc->id.c != medium_cylinder(drive) ? ST2_WRONG_CYLINDER : 0;
    return !*st2 && fdc->id.h == fdc->head && fdc->id.n == 2 && fdc->id.r >= 1 &&
           fdc->id.r <= drive->geometry.sectors;
}

/* Begins to look for the next sector, DELAY from now. Without a turning medium there are no index pulses that
 * could end the search: it goes on until one turns up or the host resets the chip. */
static void find_sector(struct fdc *fdc, uint64_t delay)
{
    struct fdc_drive *drive = drive_of(fdc, fdc->unit_selected);
    uint8_t st2 = 0;
    fdc->step = STEP_NONE;
    event_cancel(fdc->dev.clock, &fdc->transfer_event);
    if (!drive || !drive->image || !motor_on(fdc, fdc->unit_selected))
        return;
    uint64_t now = fdc->dev.clock->now;
    uint64_t turning = drive->motor_since < now ? clock_ns(fdc->dev.clock, now - drive->motor_since) : 0;
    if (turning < SPIN_UP_NS)
        delay += SPIN_UP_NS - turning;
    if (writes(fdc) && write_protected(drive))
        fail(fdc, ST1_NOT_WRITABLE, 0);
    else if (!track_readable(fdc, drive))
        give_up(fdc, drive, delay, ST1_MISSING_ADDRESS_MARK, 0);
    else if (fdc->operation == OP_READ_ID)
        wait_for(fdc, STEP_ID, delay);
    else if (fdc->operation != OP_FORMAT && fdc->operation != OP_READ_TRACK && !id_on_track(fdc, drive, &st2))
        give_up(fdc, drive, delay, ST1_NO_DATA, st2);
    else if (takes_host_data(fdc) && non_dma(fdc)) {
        fdc->buffer_index = 0;
        fdc->buffer_length = fdc->operation == OP_FORMAT ? 4 : SECTOR_BYTES;
        wait_for(fdc, STEP_FROM_HOST, delay + rotation_ns(drive));
        set_irq(fdc, true);
    } else
        wait_for(fdc, STEP_SECTOR, delay + sector_ns(drive));
}

/* The sector after fdc->id (table 5-6); false if the cylinder, as far as the host wants it, is through. */
static bool next_id(const struct fdc *fdc, struct sector_id *next, uint8_t *head)
{
    *next = fdc->id;
    *head = fdc->head;
    if (fdc->id.r != fdc->last_sector) {
        next->r++;
        return true;
    }
    next->r = 1;
    if (!fdc->multi_track) {
        next->c++;
        return false;
    }
    next->h ^= 1;
    *head ^= 1;
    if (fdc->head == 0)
        return true;
    next->c++;
    return false;
}

/* ---- execution: data ---- */

/* To the host by DMA; false where it did not take the data in time. */
static bool dma_out(struct fdc *fdc, const uint8_t *bytes, size_t count)
{
    if (!fdc->dma || !(fdc->dor & DOR_DMA_GATE))
        return false;
    bool tc = false;
    size_t moved = dma_to_memory(fdc->dma, FDC_DMA_CHANNEL, bytes, count, &tc);
    fdc->terminal_count |= tc;
    return moved == count || tc;
}

/* From the host: after terminal count the rest of a sector is zeros (5.1.3). */
static bool dma_in(struct fdc *fdc, uint8_t *bytes, size_t count)
{
    if (!fdc->dma || !(fdc->dor & DOR_DMA_GATE))
        return false;
    bool tc = false;
    size_t moved = dma_from_memory(fdc->dma, FDC_DMA_CHANNEL, bytes, count, &tc);
    fdc->terminal_count |= tc;
    memset(bytes + moved, 0, count - moved);
    return moved == count || tc;
}

/* COUNT bytes from the host into the buffer; in non-DMA mode they are there already. */
static bool host_data(struct fdc *fdc, size_t count)
{
    return non_dma(fdc) || dma_in(fdc, fdc->buffer, count);
}

static void finish_next(struct fdc *fdc)
{
    struct sector_id next;
    uint8_t head;
    next_id(fdc, &next, &head);
    finish(fdc, next);
}

/* Goes on to the next sector, or ends: by terminal count, or at the end of the cylinder. */
static void sector_done(struct fdc *fdc)
{
    struct sector_id next;
    uint8_t head;
    bool more = next_id(fdc, &next, &head);
    bool counted = fdc->operation == OP_VERIFY && (fdc->command[1] & 0x80);
    fdc->sectors_done++;
    fdc->activity++;
    if (fdc->terminal_count || (fdc->st2 & ST2_CONTROL_MARK && !fdc->skip) ||
        (counted && fdc->sectors_done >= fdc->command[8])) {
        finish(fdc, next);
    } else if (more) {
        fdc->id = next;
        fdc->head = head;
        find_sector(fdc, 0);
    } else {
        /* For VERIFY without a count this is the normal end; all others were to be stopped before. */
        if (fdc->operation != OP_VERIFY || counted) {
            fdc->st0 |= ST0_ABNORMAL;
            fdc->st1 |= ST1_END_OF_CYLINDER;
        }
        finish(fdc, next);
    }
}

/* READ TRACK takes sectors as they come and ends after EOT of them (5.1.5). */
static void track_sector_done(struct fdc *fdc)
{
    fdc->sectors_done++;
    fdc->activity++;
    if (fdc->terminal_count || fdc->sectors_done >= fdc->last_sector) {
        finish_next(fdc);
        return;
    }
    fdc->id.r++;
    find_sector(fdc, 0);
}

static void data_done(struct fdc *fdc)
{
    if (fdc->operation == OP_READ_TRACK)
        track_sector_done(fdc);
    else
        sector_done(fdc);
}

/* A sector for the host is in the buffer. */
static void deliver(struct fdc *fdc, const struct fdc_drive *drive)
{
    if (fdc->operation == OP_VERIFY) {
        data_done(fdc);
    } else if (non_dma(fdc)) {
        fdc->buffer_index = 0;
        fdc->buffer_length = SECTOR_BYTES;
        wait_for(fdc, STEP_TO_HOST, sector_ns(drive) * 2);
        set_irq(fdc, true);
    } else if (dma_out(fdc, fdc->buffer, SECTOR_BYTES)) {
        data_done(fdc);
    } else {
        fail(fdc, ST1_OVERRUN, 0);
    }
}

/* Does the sector's mark call for skipping or stopping? Notes it in ST2. */
static bool skips(struct fdc *fdc, const struct fdc_drive *drive, unsigned sector)
{
    bool deleted = is_deleted(drive, medium_cylinder(drive), fdc->head, sector);
    if (deleted == (fdc->operation == OP_READ_DELETED))
        return false;
    fdc->st2 |= ST2_CONTROL_MARK;
    return fdc->skip;
}

static void read_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    unsigned cylinder = medium_cylinder(drive), sector = fdc->id.r;
    if (fdc->operation == OP_READ_TRACK) {
        sector = fdc->sectors_done % drive->geometry.sectors + 1;
        if (fdc->id.c != cylinder || fdc->id.h != fdc->head || fdc->id.r != sector || fdc->id.n != 2)
            fdc->st1 |= ST1_NO_DATA;
    } else if (skips(fdc, drive, sector)) {
        sector_done(fdc);
        return;
    }
    if (!read_medium(drive, sector_offset(drive, cylinder, fdc->head, sector), fdc->buffer))
        fail(fdc, ST1_DATA_ERROR, ST2_DATA_ERROR);
    else
        deliver(fdc, drive);
}

static bool write_medium(struct fdc *fdc, struct fdc_drive *drive, unsigned sector, bool deleted)
{
    unsigned cylinder = medium_cylinder(drive);
    if (!image_write(drive->image, sector_offset(drive, cylinder, fdc->head, sector), fdc->buffer,
                     SECTOR_BYTES)) {
        fdc->st0 |= ST0_EQUIPMENT_CHECK; /* as a drive's fault line says it */
        fail(fdc, 0, 0);
        return false;
    }
    mark_deleted(drive, cylinder, fdc->head, sector, deleted);
    return true;
}

static void write_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    if (!host_data(fdc, SECTOR_BYTES))
        fail(fdc, ST1_OVERRUN, 0);
    else if (write_medium(fdc, drive, fdc->id.r, fdc->operation == OP_WRITE_DELETED))
        sector_done(fdc);
}

/* One sector of FORMAT TRACK: its identification field comes from the host. An image has room for the
 * medium's own layout only; other fields cannot be found again, and the command says so at once. */
static void format_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    if (!host_data(fdc, 4)) {
        fail(fdc, ST1_OVERRUN, 0);
        return;
    }
    struct sector_id id = {fdc->buffer[0], fdc->buffer[1], fdc->buffer[2], fdc->buffer[3]};
    uint8_t st2;
    fdc->id = id;
    if (fdc->last_sector > drive->geometry.sectors || !id_on_track(fdc, drive, &st2)) {
        fail(fdc, ST1_NO_DATA, 0);
        return;
    }
    memset(fdc->buffer, fdc->command[5], SECTOR_BYTES);
    if (!write_medium(fdc, drive, id.r, false))
        return;
    fdc->activity++;
    if (++fdc->sectors_done >= fdc->last_sector)
        finish(fdc, id);
    else
        find_sector(fdc, 0);
}

/* 5.1.9: byte by byte, FFh from either side fits everything. */
static bool scan_matches(const struct fdc *fdc, const uint8_t *medium, bool *equal)
{
    bool fits = true;
    *equal = true;
    for (unsigned i = 0; i < SECTOR_BYTES; i++) {
        uint8_t host = fdc->buffer[i], disk = medium[i];
        if (host == disk || host == 0xFF || disk == 0xFF)
            continue;
        *equal = false;
        fits &= fdc->operation == OP_SCAN_LOW ? disk < host : fdc->operation == OP_SCAN_HIGH && disk > host;
    }
    return fits;
}

static void scan_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    uint8_t medium[SECTOR_BYTES];
    bool equal, step_over = fdc->command[8] == 2;
    if (skips(fdc, drive, fdc->id.r)) {
        sector_done(fdc);
        return;
    }
    if (!read_medium(drive, sector_offset(drive, medium_cylinder(drive), fdc->head, fdc->id.r), medium)) {
        fail(fdc, ST1_DATA_ERROR, ST2_DATA_ERROR);
        return;
    }
    if (!host_data(fdc, SECTOR_BYTES)) {
        fail(fdc, ST1_OVERRUN, 0);
        return;
    }
    fdc->activity++;
    fdc->st2 &= (uint8_t) ~(ST2_SCAN_EQUAL | ST2_SCAN_NOT_SATISFIED);
    if (scan_matches(fdc, medium, &equal)) {
        fdc->st2 |= equal ? ST2_SCAN_EQUAL : 0;
        finish_next(fdc);
        return;
    }
    fdc->st2 |= ST2_SCAN_NOT_SATISFIED;
    struct sector_id next;
    uint8_t head;
    bool more = next_id(fdc, &next, &head);
    if (more && step_over && !fdc->terminal_count) {
        fdc->id = next;
        fdc->head = head;
        more = next_id(fdc, &next, &head);
    }
    if (!more || fdc->terminal_count || (fdc->st2 & ST2_CONTROL_MARK && !fdc->skip)) {
        finish(fdc, next);
        return;
    }
    fdc->id = next;
    fdc->head = head;
    find_sector(fdc, 0);
}

static void sector_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    switch (fdc->operation) {
    case OP_READ:
    case OP_READ_DELETED:
    case OP_READ_TRACK:
    case OP_VERIFY:
        read_passed(fdc, drive);
        break;
    case OP_WRITE:
    case OP_WRITE_DELETED:
        write_passed(fdc, drive);
        break;
    case OP_FORMAT:
        format_passed(fdc, drive);
        break;
    case OP_SCAN_EQUAL:
    case OP_SCAN_LOW:
    case OP_SCAN_HIGH:
        scan_passed(fdc, drive);
        break;
    }
}

/* READ ID tells the field that comes by next; the medium has turned with the clock. */
static void id_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    uint64_t sectors_since_start = clock_ns(fdc->dev.clock, fdc->dev.clock->now) / sector_ns(drive);
    fdc->id = (struct sector_id){(uint8_t)medium_cylinder(drive), fdc->head,
                                 (uint8_t)(sectors_since_start % drive->geometry.sectors + 1), 2};
    finish(fdc, fdc->id);
}

static void transfer_step(void *owner, uint64_t late)
{
    struct fdc *fdc = owner;
    struct fdc_drive *drive = drive_of(fdc, fdc->unit_selected);
    (void)late;
    if (fdc->phase != PHASE_EXECUTION)
        return;
    if (fdc->step == STEP_GIVE_UP) {
        fail(fdc, 0, 0);
    } else if (fdc->step == STEP_TO_HOST || fdc->step == STEP_FROM_HOST) {
        fail(fdc, ST1_OVERRUN, 0);
    } else if (!drive || !drive->image || !motor_on(fdc, fdc->unit_selected) || !track_readable(fdc, drive)) {
        find_sector(fdc, 0); /* the medium went away, or another one came */
    } else if (fdc->step == STEP_ID) {
        id_passed(fdc, drive);
    } else if (fdc->step == STEP_SECTOR) {
        uint8_t st2;
        if (fdc->operation != OP_FORMAT && fdc->operation != OP_READ_TRACK && !id_on_track(fdc, drive, &st2))
            find_sector(fdc, 0);
        else if (writes(fdc) && write_protected(drive))
            fail(fdc, ST1_NOT_WRITABLE, 0);
        else
            sector_passed(fdc, drive);
    }
}

/* ---- execution: starting ---- */

/* With implied seeks on, the head is sent to the wanted cylinder first. Returns the time that takes. */
static uint64_t implied_seek(struct fdc *fdc)
{
    struct fdc_unit *unit = &fdc->unit[fdc->unit_selected];
    if (!(fdc->configure & CONFIG_IMPLIED_SEEK) || fdc->id.c == unit->cylinder)
        return 0;
    int steps = fdc->id.c - unit->cylinder;
    move_head(fdc, fdc->unit_selected, steps);
    unit->cylinder = fdc->id.c;
    fdc->st0 |= ST0_SEEK_END;
    return (uint64_t)(steps < 0 ? -steps : steps) * step_ns(fdc);
}

static void start_execution(struct fdc *fdc, enum operation operation)
{
    fdc->phase = PHASE_EXECUTION;
    fdc->operation = (uint8_t)operation;
    fdc->unit_selected = fdc->command[1] & 3;
    fdc->head = fdc->command[1] >> 2 & 1;
    fdc->mfm = fdc->command[0] & COMMAND_MFM;
    fdc->multi_track = fdc->command[0] & COMMAND_MT;
    fdc->skip = fdc->command[0] & COMMAND_SK;
    fdc->st0 = fdc->st1 = fdc->st2 = 0;
    fdc->sectors_done = 0;
    fdc->terminal_count = false;
    event_cancel(fdc->dev.clock, &fdc->unit[fdc->unit_selected].event);
}

static void start_sectors(struct fdc *fdc, enum operation operation)
{
    start_execution(fdc, operation);
    fdc->id = (struct sector_id){fdc->command[2], fdc->command[3], fdc->command[4], fdc->command[5]};
    fdc->last_sector = fdc->command[6];
    if (operation == OP_READ_TRACK)
        fdc->multi_track = fdc->skip = false;
    find_sector(fdc, implied_seek(fdc) + LATENCY_NS);
}

static void command_read(struct fdc *fdc)
{
    start_sectors(fdc, OP_READ);
}

static void command_read_deleted(struct fdc *fdc)
{
    start_sectors(fdc, OP_READ_DELETED);
}

static void command_read_track(struct fdc *fdc)
{
    start_sectors(fdc, OP_READ_TRACK);
}

static void command_verify(struct fdc *fdc)
{
    start_sectors(fdc, OP_VERIFY);
}

static void command_write(struct fdc *fdc)
{
    start_sectors(fdc, OP_WRITE);
}

static void command_write_deleted(struct fdc *fdc)
{
    start_sectors(fdc, OP_WRITE_DELETED);
}

static void command_scan_equal(struct fdc *fdc)
{
    start_sectors(fdc, OP_SCAN_EQUAL);
}

static void command_scan_low(struct fdc *fdc)
{
    start_sectors(fdc, OP_SCAN_LOW);
}

static void command_scan_high(struct fdc *fdc)
{
    start_sectors(fdc, OP_SCAN_HIGH);
}

static void command_read_id(struct fdc *fdc)
{
    start_execution(fdc, OP_READ_ID);
    fdc->id = (struct sector_id){fdc->unit[fdc->unit_selected].cylinder, fdc->head, 1, 2};
    find_sector(fdc, LATENCY_NS);
}

static void command_format(struct fdc *fdc)
{
    start_execution(fdc, OP_FORMAT);
    fdc->id = (struct sector_id){fdc->unit[fdc->unit_selected].cylinder, fdc->head, 1, fdc->command[2]};
    fdc->last_sector = fdc->command[3];
    find_sector(fdc, LATENCY_NS);
}

/* ---- command phase ---- */

static const struct {
    uint8_t mask, code; /* of the first byte */
    uint8_t length;     /* bytes, the first included */
    const char *name;
    void (*run)(struct fdc *fdc);
} commands[] = {
    {0x1F, 0x06, 9, "read data", command_read},
    {0x1F, 0x0C, 9, "read deleted data", command_read_deleted},
    {0x3F, 0x05, 9, "write data", command_write},
    {0x3F, 0x09, 9, "write deleted data", command_write_deleted},
    {0x9F, 0x02, 9, "read track", command_read_track},
    {0x1F, 0x16, 9, "verify", command_verify},
    {0xBF, 0x0D, 6, "format track", command_format},
    {0x1F, 0x11, 9, "scan equal", command_scan_equal},
    {0x1F, 0x19, 9, "scan low or equal", command_scan_low},
    {0x1F, 0x1D, 9, "scan high or equal", command_scan_high},
    {0xBF, 0x0A, 2, "read id", command_read_id},
    {0xFF, 0x07, 2, "recalibrate", command_recalibrate},
    {0xFF, 0x0F, 3, "seek", command_seek},
    {0xBF, 0x8F, 3, "relative seek", command_relative_seek},
    {0xFF, 0x08, 1, "sense interrupt status", command_sense_interrupt},
    {0xFF, 0x03, 3, "specify", command_specify},
    {0xFF, 0x04, 2, "sense drive status", command_sense_drive},
    {0xFF, 0x13, 4, "configure", command_configure},
    {0xFF, 0x12, 2, "perpendicular mode", command_perpendicular},
    {0x7F, 0x14, 1, "lock", command_lock},
    {0xFF, 0x10, 1, "version", command_version},
    {0xFF, 0x0E, 1, "dump registers", command_dump_registers},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static unsigned command_index(uint8_t first)
{
    unsigned i = 0;
    while (i < COMMANDS && (first & commands[i].mask) != commands[i].code)
        i++;
    return i;
}

static void take_command_byte(struct fdc *fdc, uint8_t byte)
{
    unsigned index = command_index(fdc->command_count ? fdc->command[0] : byte);
    if (index == COMMANDS) {
        log_line(fdc->dev.log, "fdc", "invalid command %02X", byte);
        fdc->command_count = 0;
        reject_command(fdc);
        return;
    }
    fdc->command[fdc->command_count++] = byte;
    if (fdc->command_count < commands[index].length)
        return;
    fdc->command_count = 0;
    log_line(fdc->dev.log, "fdc", "%s, unit and head %X, C %u H %u R %u", commands[index].name,
             fdc->command[1] & 7, fdc->command[2], fdc->command[3], fdc->command[4]);
    commands[index].run(fdc);
}

/* ---- registers ---- */

static void take_host_byte(struct fdc *fdc, uint8_t byte)
{
    fdc->buffer[fdc->buffer_index++ % SECTOR_BYTES] = byte;
    set_irq(fdc, false);
    if (fdc->buffer_index < fdc->buffer_length) {
        set_irq(fdc, true);
        return;
    }
    fdc->buffer_index = fdc->buffer_length = 0;
    struct fdc_drive *drive = drive_of(fdc, fdc->unit_selected);
    wait_for(fdc, STEP_SECTOR, drive && drive->image ? sector_ns(drive) : LATENCY_NS);
}

static uint8_t give_host_byte(struct fdc *fdc)
{
    uint8_t byte = fdc->buffer[fdc->buffer_index++ % SECTOR_BYTES];
    set_irq(fdc, false);
    if (fdc->buffer_index < fdc->buffer_length) {
        set_irq(fdc, true);
    } else {
        fdc->buffer_index = fdc->buffer_length = 0;
        data_done(fdc);
    }
    return byte;
}

static bool seek_waits_for_sense(const struct fdc *fdc)
{
    for (unsigned i = 0; i < UNITS; i++)
        if (fdc->unit[i].pending && (fdc->unit[i].status & 0xC0) != ST0_POLLING)
            return true;
    return false;
}

/* The first result byte read takes back the interrupt; a seek that ended meanwhile gives its own. */
static void acknowledge_result(struct fdc *fdc)
{
    if (fdc->result_count != 7 || fdc->result_index)
        return;
    set_irq(fdc, false);
    if (seek_waits_for_sense(fdc))
        set_irq(fdc, true);
}

static uint8_t give_result_byte(struct fdc *fdc)
{
    acknowledge_result(fdc);
    uint8_t byte = fdc->result[fdc->result_index++ % RESULT_BYTES];
    if (fdc->result_index >= fdc->result_count)
        enter_command_phase(fdc);
    return byte;
}

static uint32_t read_fifo(void *state, uint16_t port, unsigned size)
{
    struct fdc *fdc = state;
    (void)port, (void)size;
    if (fdc->phase == PHASE_RESULT)
        return give_result_byte(fdc);
    if (fdc->phase == PHASE_EXECUTION && fdc->step == STEP_TO_HOST)
        return give_host_byte(fdc);
    return 0;
}

static uint32_t peek_fifo(void *state, uint16_t port, unsigned size)
{
    const struct fdc *fdc = state;
    (void)port, (void)size;
    if (fdc->phase == PHASE_RESULT)
        return fdc->result[fdc->result_index % RESULT_BYTES];
    return fdc->step == STEP_TO_HOST ? fdc->buffer[fdc->buffer_index % SECTOR_BYTES] : 0;
}

static void write_fifo(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct fdc *fdc = state;
    (void)port, (void)size;
    if (fdc->phase == PHASE_COMMAND)
        take_command_byte(fdc, (uint8_t)value);
    else if (fdc->phase == PHASE_EXECUTION && fdc->step == STEP_FROM_HOST)
        take_host_byte(fdc, (uint8_t)value);
}

static uint8_t phase_status(const struct fdc *fdc)
{
    uint8_t mode = non_dma(fdc) ? MSR_NON_DMA : 0;
    switch (fdc->phase) {
    case PHASE_COMMAND:
        return MSR_RQM | (fdc->command_count ? MSR_BUSY : 0);
    case PHASE_EXECUTION:
        if (fdc->operation == OP_READ_ID || fdc->operation == OP_VERIFY)
            mode = 0;
        if (fdc->step == STEP_TO_HOST)
            return MSR_RQM | MSR_DIO | mode | MSR_BUSY;
        return (uint8_t)((fdc->step == STEP_FROM_HOST ? MSR_RQM : 0) | mode | MSR_BUSY);
    case PHASE_RESULT:
        return MSR_RQM | MSR_DIO | MSR_BUSY;
    default:
        return 0;
    }
}

static uint32_t read_main_status(void *state, uint16_t port, unsigned size)
{
    const struct fdc *fdc = state;
    (void)port, (void)size;
    uint32_t status = phase_status(fdc);
    for (unsigned i = 0; i < UNITS; i++)
        status |= (uint32_t)fdc->unit[i].event.pending << i;
    return status;
}

static void software_reset(struct fdc *fdc)
{
    reset_chip(fdc);
    leave_reset(fdc);
}

static void write_data_rate_select(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct fdc *fdc = state;
    (void)port, (void)size;
    fdc->dsr = value & ~DSR_RESET & 0xFF;
    fdc->rate = value & 3;
    if (value & DSR_RESET && fdc->dor & DOR_NOT_RESET)
        software_reset(fdc);
}

/* A search that found no turning medium is taken up again when one appears. */
static void resume_search(struct fdc *fdc)
{
    if (fdc->phase == PHASE_EXECUTION && fdc->step == STEP_NONE)
        find_sector(fdc, LATENCY_NS);
}

static void switch_motors(struct fdc *fdc, uint8_t old)
{
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        if ((fdc->dor & ~old) >> (4 + i) & 1)
            fdc->drive[i].motor_since = fdc->dev.clock->now;
}

static uint32_t read_digital_output(void *state, uint16_t port, unsigned size)
{
    const struct fdc *fdc = state;
    (void)port, (void)size;
    return fdc->dor;
}

static void write_digital_output(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct fdc *fdc = state;
    uint8_t old = fdc->dor;
    (void)port, (void)size;
    fdc->dor = (uint8_t)value;
    switch_motors(fdc, old);
    if (old & ~value & DOR_NOT_RESET) {
        reset_chip(fdc);
        fdc->phase = PHASE_RESET;
    } else if (value & ~(unsigned)old & DOR_NOT_RESET) {
        leave_reset(fdc);
    }
    drive_irq(fdc);
    resume_search(fdc);
}

static uint32_t read_tape_drive(void *state, uint16_t port, unsigned size)
{
    const struct fdc *fdc = state;
    (void)port, (void)size;
    return 0xFC | fdc->tape;
}

static void write_tape_drive(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct fdc *fdc = state;
    (void)port, (void)size;
    fdc->tape = value & 3;
}

/* DSKCHG comes from the selected drive, and a drive is selected together with its motor. */
static uint32_t read_digital_input(void *state, uint16_t port, unsigned size)
{
    struct fdc *fdc = state;
    unsigned unit = fdc->dor & DOR_SELECT;
    const struct fdc_drive *drive = drive_of(fdc, unit);
    (void)port, (void)size;
    return drive && motor_on(fdc, unit) && drive->changed ? 0x80 : 0;
}

static void write_configuration_control(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct fdc *fdc = state;
    (void)port, (void)size;
    fdc->rate = value & 3;
}

static const struct port_row fdc_ports[] = {
    /* In PC/AT mode the chip does not drive the bus when SRA and SRB are read (2.1). */
    {.base = 0x3F0, .count = 1, .name = "SRA"},
    {.base = 0x3F1, .count = 1, .name = "SRB"},
    {.base = 0x3F2, .count = 1, .name = "DOR", .read = read_digital_output, .write = write_digital_output},
    {.base = 0x3F3, .count = 1, .name = "TDR", .read = read_tape_drive, .write = write_tape_drive},
    {.base = 0x3F4, .count = 1, .name = "MSR/DSR", .read = read_main_status, .write = write_data_rate_select},
    {.base = 0x3F5, .count = 1, .name = "FIFO", .read = read_fifo, .write = write_fifo, .peek = peek_fifo},
    /* Bits 0-6 are the disk's drive address register. */
    {.base = 0x3F7,
     .count = 1,
     .name = "DIR/CCR",
     .read = read_digital_input,
     .write = write_configuration_control,
     .bits = 0x80},
    {.count = 0},
};

/* ---- the outside ---- */

bool fdc_insert(struct fdc *fdc, unsigned number, struct image *image, struct error *err)
{
    struct disk_geometry geometry = {0, 0, 0};
    struct fdc_drive *drive = drive_of(fdc, number);
    if (!drive)
        return error_set(err, "there is no floppy drive %c:", 'A' + (int)(number & 15));
    if (image && !image_floppy_geometry(image, &geometry, err))
        return false;
    if (image && (geometry.sectors > MAX_SECTORS || geometry.heads > 2 || geometry.cylinders > MAX_CYLINDERS))
        return error_set(err, "%s has %u cylinders, %u heads, %u sectors, which no floppy drive reads",
                         image_path(image), geometry.cylinders, geometry.heads, geometry.sectors);
    image_close(drive->image);
    drive->image = image;
    drive->geometry = geometry;
    drive->changed = true;
    memset(drive->deleted, 0, sizeof drive->deleted);
    resume_search(fdc);
    return true;
}

enum fdc_drive_type fdc_drive_type_for(const struct disk_geometry *geometry)
{
    if (geometry->sectors > 24)
        return FDC_DRIVE_2880K;
    if (geometry->sectors > 15)
        return FDC_DRIVE_1440K;
    if (geometry->sectors > 10)
        return FDC_DRIVE_1200K;
    return geometry->cylinders <= 43 ? FDC_DRIVE_360K : FDC_DRIVE_720K;
}

const struct disk_geometry *fdc_geometry(const struct fdc *fdc, unsigned drive)
{
    return drive < FDC_DRIVES && fdc->drive[drive].image ? &fdc->drive[drive].geometry : NULL;
}

uint64_t fdc_activity(const struct fdc *fdc)
{
    return fdc->activity;
}

/* ---- device ---- */

static bool fdc_init(void *state, const void *config, struct error *err)
{
    static const struct fdc_config none;
    const struct fdc_config *c = config ? config : &none;
    struct fdc *fdc = state;
    fdc->dma = c->dma;
    fdc->irq = c->irq;
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        if (c->drive_type[i] > FDC_DRIVE_2880K)
            return error_set(err, "floppy drive type %u is unknown; use 0 to 5", c->drive_type[i]);
        fdc->drive[i].fdc = fdc;
        fdc->drive[i].type = c->drive_type[i];
        fdc->drive[i].changed = true;
    }
    for (unsigned i = 0; i < UNITS; i++) {
        fdc->unit[i].fdc = fdc;
        event_init(fdc->dev.clock, &fdc->unit[i].event, seek_done, &fdc->unit[i], "%s.seek%u", fdc->dev.name,
                   i);
    }
    event_init(fdc->dev.clock, &fdc->transfer_event, transfer_step, fdc, "%s.transfer", fdc->dev.name);
    event_init(fdc->dev.clock, &fdc->reset_event, polled, fdc, "%s.reset", fdc->dev.name);
    return true;
}

static void fdc_reset(void *state, enum reset_kind kind)
{
    struct fdc *fdc = state;
    fdc->locked = false;
    fdc->perpendicular = 0;
    fdc->dor = 0;
    fdc->tape = 0;
    fdc->dsr = 0x02; /* 250 kbps, default precompensation */
    fdc->rate = 2;
    fdc->specify[0] = fdc->specify[1] = 0;
    fdc->last_sector = 0;
    reset_chip(fdc);
    fdc->phase = PHASE_RESET;
    if (kind == RESET_POWER_ON)
        for (unsigned i = 0; i < FDC_DRIVES; i++) {
            fdc->drive[i].track = 0;
            fdc->drive[i].changed = true;
        }
}

static void fdc_destroy(void *state)
{
    struct fdc *fdc = state;
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        image_close(fdc->drive[i].image);
    for (unsigned i = 0; i < UNITS; i++)
        event_destroy(fdc->dev.clock, &fdc->unit[i].event);
    event_destroy(fdc->dev.clock, &fdc->transfer_event);
    event_destroy(fdc->dev.clock, &fdc->reset_event);
}

static void print_drive(const struct fdc *fdc, unsigned number, struct text *out)
{
    static const char *const types[] = {"none", "360 KB", "1.2 MB", "720 KB", "1.44 MB", "2.88 MB"};
    const struct fdc_drive *drive = &fdc->drive[number];
    text_add(out, "drive %u: %s, motor %s, track %u, PCN %u%s", number, types[drive->type],
             motor_on(fdc, number) ? "on" : "off", drive->track, fdc->unit[number].cylinder,
             drive->changed ? ", disk changed" : "");
    if (drive->image)
        text_add(out, ", %s (%u/%u/%u)%s", image_path(drive->image), drive->geometry.cylinders,
                 drive->geometry.heads, drive->geometry.sectors,
                 write_protected(drive) ? " write-protected" : "");
    text_add(out, "\n");
}

static void fdc_print(const void *state, struct text *out)
{
    static const char *const phases[] = {"reset", "command", "execution", "result"};
    const struct fdc *fdc = state;
    unsigned index = command_index(fdc->command[0]);
    text_add(out, "DOR %02X MSR %02X DSR %02X rate %u kbps, phase %s, last command %02X (%s), IRQ %u\n",
             fdc->dor, phase_status(fdc), fdc->dsr, data_rates[fdc->rate] / 1000, phases[fdc->phase],
             fdc->command[0], index < COMMANDS ? commands[index].name : "invalid", fdc->irq_level);
    text_add(out, "SRT/HUT %02X HLT/ND %02X configure %02X lock %u perpendicular %02X\n", fdc->specify[0],
             fdc->specify[1], fdc->configure, fdc->locked, fdc->perpendicular);
    text_add(out, "ST0 %02X ST1 %02X ST2 %02X C %u H %u R %u N %u, %u sectors done\n", fdc->st0, fdc->st1,
             fdc->st2, fdc->id.c, fdc->id.h, fdc->id.r, fdc->id.n, fdc->sectors_done);
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        print_drive(fdc, i, out);
}

static const struct field id_fields[] = {FIELD(struct sector_id, c), FIELD(struct sector_id, h),
                                         FIELD(struct sector_id, r), FIELD(struct sector_id, n), FIELD_END};

static const struct field drive_fields[] = {
    FIELD_RANGE(struct fdc_drive, track, 0, MAX_CYLINDERS - 1), FIELD_RANGE(struct fdc_drive, changed, 0, 1),
    FIELD(struct fdc_drive, motor_since), FIELD_BYTES(struct fdc_drive, deleted), FIELD_END};

static const struct field unit_fields[] = {FIELD_EVENT(struct fdc_unit, event),
                                           FIELD(struct fdc_unit, cylinder),
                                           FIELD(struct fdc_unit, target),
                                           FIELD_RANGE(struct fdc_unit, recalibrating, 0, 1),
                                           FIELD_RANGE(struct fdc_unit, pending, 0, 1),
                                           FIELD(struct fdc_unit, status),
                                           FIELD_END};

static const struct field fdc_fields[] = {FIELD_STRUCTS(struct fdc, drive, drive_fields),
                                          FIELD_STRUCTS(struct fdc, unit, unit_fields),
                                          FIELD_EVENT(struct fdc, transfer_event),
                                          FIELD_EVENT(struct fdc, reset_event),
                                          FIELD_RANGE(struct fdc, irq_level, 0, 1),
                                          FIELD(struct fdc, dor),
                                          FIELD_RANGE(struct fdc, tape, 0, 3),
                                          FIELD(struct fdc, dsr),
                                          FIELD_RANGE(struct fdc, rate, 0, 3),
                                          FIELD_ARRAY(struct fdc, specify),
                                          FIELD(struct fdc, configure),
                                          FIELD(struct fdc, precompensation_track),
                                          FIELD(struct fdc, perpendicular),
                                          FIELD_RANGE(struct fdc, locked, 0, 1),
                                          FIELD_RANGE(struct fdc, phase, 0, PHASE_LAST),
                                          FIELD_RANGE(struct fdc, step, 0, STEP_LAST),
                                          FIELD_RANGE(struct fdc, operation, 0, OP_LAST),
                                          FIELD_BYTES(struct fdc, command),
                                          FIELD_RANGE(struct fdc, command_count, 0, COMMAND_BYTES - 1),
                                          FIELD_BYTES(struct fdc, result),
                                          FIELD_RANGE(struct fdc, result_count, 0, RESULT_BYTES),
                                          FIELD_RANGE(struct fdc, result_index, 0, RESULT_BYTES),
                                          FIELD_RANGE(struct fdc, unit_selected, 0, UNITS - 1),
                                          FIELD_RANGE(struct fdc, head, 0, 1),
                                          FIELD_RANGE(struct fdc, mfm, 0, 1),
                                          FIELD_RANGE(struct fdc, multi_track, 0, 1),
                                          FIELD_RANGE(struct fdc, skip, 0, 1),
                                          FIELD_STRUCT(struct fdc, id, id_fields),
                                          FIELD(struct fdc, st0),
                                          FIELD(struct fdc, st1),
                                          FIELD(struct fdc, st2),
                                          FIELD(struct fdc, last_sector),
                                          FIELD(struct fdc, sectors_done),
                                          FIELD_RANGE(struct fdc, terminal_count, 0, 1),
                                          FIELD_BYTES(struct fdc, buffer),
                                          FIELD_RANGE(struct fdc, buffer_index, 0, SECTOR_BYTES),
                                          FIELD_RANGE(struct fdc, buffer_length, 0, SECTOR_BYTES),
                                          FIELD_END};

/* What FIELD_RANGE cannot say: a command in collection must be one that exists and is not complete yet. */
static bool fdc_post_load(void *state, struct error *err)
{
    const struct fdc *fdc = state;
    unsigned index = command_index(fdc->command[0]);
    if (fdc->command_count && (index == COMMANDS || fdc->command_count >= commands[index].length))
        return error_set(err, "%u bytes of floppy command %02X cannot be", fdc->command_count,
                         fdc->command[0]);
    return true;
}

const struct device_type fdc_type = {
    .name = "fdc",
    .title = "82077AA floppy disk controller",
    .state_size = sizeof(struct fdc),
    .ports = fdc_ports,
    .fields = fdc_fields,
    .init = fdc_init,
    .reset = fdc_reset,
    .post_load = fdc_post_load,
    .print = fdc_print,
    .destroy = fdc_destroy,
};
