/* Floppy disk controller Intel 82077AA: media, and the commands that move sectors. See fdc.h and fdc.c.
 *
 * Execution handles one sector at a time: each transfer event stands at the moment at which the sector has
 * passed under the head. */
#include <string.h>

#include "devices/fdc_private.h"

/* ---- drives and media ---- */

struct fdc_drive *fdc_fitted_drive(struct fdc *fdc, unsigned unit)
{
    return unit < FDC_DRIVES && fdc->drive[unit].type ? &fdc->drive[unit] : NULL;
}

bool fdc_motor_on(const struct fdc *fdc, unsigned unit)
{
    return fdc->dor >> (4 + unit) & 1;
}

unsigned fdc_drive_tracks(const struct fdc_drive *drive)
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
const uint32_t fdc_data_rates[4] = {500000, 300000, 250000, 1000000};

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
    uint32_t rate = fdc_data_rates[fdc->rate];
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

bool fdc_write_protected(const struct fdc_drive *drive)
{
    return !drive->image || image_read_only(drive->image);
}

/* ---- execution: finding sectors ---- */

#define SPIN_UP_NS 200000000ull /* until the medium turns at its speed */

bool fdc_non_dma(const struct fdc *fdc)
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
    fdc_after_ns(fdc, &fdc->transfer_event, ns);
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
void fdc_find_sector(struct fdc *fdc, uint64_t delay)
{
    struct fdc_drive *drive = fdc_fitted_drive(fdc, fdc->unit_selected);
    uint8_t st2 = 0;
    fdc->step = STEP_NONE;
    event_cancel(fdc->dev.clock, &fdc->transfer_event);
    if (!drive || !drive->image || !fdc_motor_on(fdc, fdc->unit_selected))
        return;
    uint64_t now = fdc->dev.clock->now;
    uint64_t turning = drive->motor_since < now ? clock_ns(fdc->dev.clock, now - drive->motor_since) : 0;
    if (turning < SPIN_UP_NS)
        delay += SPIN_UP_NS - turning;
    if (writes(fdc) && fdc_write_protected(drive))
        fdc_fail(fdc, ST1_NOT_WRITABLE, 0);
    else if (!track_readable(fdc, drive))
        give_up(fdc, drive, delay, ST1_MISSING_ADDRESS_MARK, 0);
    else if (fdc->operation == OP_READ_ID)
        wait_for(fdc, STEP_ID, delay);
    else if (fdc->operation != OP_FORMAT && fdc->operation != OP_READ_TRACK && !id_on_track(fdc, drive, &st2))
        give_up(fdc, drive, delay, ST1_NO_DATA, st2);
    else if (takes_host_data(fdc) && fdc_non_dma(fdc)) {
        fdc->buffer_index = 0;
        fdc->buffer_length = fdc->operation == OP_FORMAT ? 4 : SECTOR_BYTES;
        wait_for(fdc, STEP_FROM_HOST, delay + rotation_ns(drive));
        fdc_set_irq(fdc, true);
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
    return fdc_non_dma(fdc) || dma_in(fdc, fdc->buffer, count);
}

static void finish_next(struct fdc *fdc)
{
    struct sector_id next;
    uint8_t head;
    next_id(fdc, &next, &head);
    fdc_finish(fdc, next);
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
        fdc_finish(fdc, next);
    } else if (more) {
        fdc->id = next;
        fdc->head = head;
        fdc_find_sector(fdc, 0);
    } else {
        /* For VERIFY without a count this is the normal end; all others were to be stopped before. */
        if (fdc->operation != OP_VERIFY || counted) {
            fdc->st0 |= ST0_ABNORMAL;
            fdc->st1 |= ST1_END_OF_CYLINDER;
        }
        fdc_finish(fdc, next);
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
    fdc_find_sector(fdc, 0);
}

void fdc_data_done(struct fdc *fdc)
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
        fdc_data_done(fdc);
    } else if (fdc_non_dma(fdc)) {
        fdc->buffer_index = 0;
        fdc->buffer_length = SECTOR_BYTES;
        wait_for(fdc, STEP_TO_HOST, sector_ns(drive) * 2);
        fdc_set_irq(fdc, true);
    } else if (dma_out(fdc, fdc->buffer, SECTOR_BYTES)) {
        fdc_data_done(fdc);
    } else {
        fdc_fail(fdc, ST1_OVERRUN, 0);
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
        fdc_fail(fdc, ST1_DATA_ERROR, ST2_DATA_ERROR);
    else
        deliver(fdc, drive);
}

static bool write_medium(struct fdc *fdc, struct fdc_drive *drive, unsigned sector, bool deleted)
{
    unsigned cylinder = medium_cylinder(drive);
    if (!image_write(drive->image, sector_offset(drive, cylinder, fdc->head, sector), fdc->buffer,
                     SECTOR_BYTES)) {
        fdc->st0 |= ST0_EQUIPMENT_CHECK; /* as a drive's fault line says it */
        fdc_fail(fdc, 0, 0);
        return false;
    }
    mark_deleted(drive, cylinder, fdc->head, sector, deleted);
    return true;
}

static void write_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    if (!host_data(fdc, SECTOR_BYTES))
        fdc_fail(fdc, ST1_OVERRUN, 0);
    else if (write_medium(fdc, drive, fdc->id.r, fdc->operation == OP_WRITE_DELETED))
        sector_done(fdc);
}

/* One sector of FORMAT TRACK: its identification field comes from the host. An image has room for the
 * medium's own layout only; other fields cannot be found again, and the command says so at once. */
static void format_passed(struct fdc *fdc, struct fdc_drive *drive)
{
    if (!host_data(fdc, 4)) {
        fdc_fail(fdc, ST1_OVERRUN, 0);
        return;
    }
    struct sector_id id = {fdc->buffer[0], fdc->buffer[1], fdc->buffer[2], fdc->buffer[3]};
    uint8_t st2;
    fdc->id = id;
    if (fdc->last_sector > drive->geometry.sectors || !id_on_track(fdc, drive, &st2)) {
        fdc_fail(fdc, ST1_NO_DATA, 0);
        return;
    }
    memset(fdc->buffer, fdc->command[5], SECTOR_BYTES);
    if (!write_medium(fdc, drive, id.r, false))
        return;
    fdc->activity++;
    if (++fdc->sectors_done >= fdc->last_sector)
        fdc_finish(fdc, id);
    else
        fdc_find_sector(fdc, 0);
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
        fdc_fail(fdc, ST1_DATA_ERROR, ST2_DATA_ERROR);
        return;
    }
    if (!host_data(fdc, SECTOR_BYTES)) {
        fdc_fail(fdc, ST1_OVERRUN, 0);
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
        fdc_finish(fdc, next);
        return;
    }
    fdc->id = next;
    fdc->head = head;
    fdc_find_sector(fdc, 0);
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
    fdc_finish(fdc, fdc->id);
}

void fdc_transfer_step(void *owner, uint64_t late)
{
    struct fdc *fdc = owner;
    struct fdc_drive *drive = fdc_fitted_drive(fdc, fdc->unit_selected);
    (void)late;
    if (fdc->phase != PHASE_EXECUTION)
        return;
    if (fdc->step == STEP_GIVE_UP) {
        fdc_fail(fdc, 0, 0);
    } else if (fdc->step == STEP_TO_HOST || fdc->step == STEP_FROM_HOST) {
        fdc_fail(fdc, ST1_OVERRUN, 0);
    } else if (!drive || !drive->image || !fdc_motor_on(fdc, fdc->unit_selected) ||
               !track_readable(fdc, drive)) {
        fdc_find_sector(fdc, 0); /* the medium went away, or another one came */
    } else if (fdc->step == STEP_ID) {
        id_passed(fdc, drive);
    } else if (fdc->step == STEP_SECTOR) {
        uint8_t st2;
        if (fdc->operation != OP_FORMAT && fdc->operation != OP_READ_TRACK && !id_on_track(fdc, drive, &st2))
            fdc_find_sector(fdc, 0);
        else if (writes(fdc) && fdc_write_protected(drive))
            fdc_fail(fdc, ST1_NOT_WRITABLE, 0);
        else
            sector_passed(fdc, drive);
    }
}

/* The host has filled the buffer: the sector can be written when it comes by. */
void fdc_host_buffer_full(struct fdc *fdc)
{
    struct fdc_drive *drive = fdc_fitted_drive(fdc, fdc->unit_selected);
    wait_for(fdc, STEP_SECTOR, drive && drive->image ? sector_ns(drive) : FDC_LATENCY_NS);
}

/* ---- execution: starting ---- */

/* With implied seeks on, the head is sent to the wanted cylinder first. Returns the time that takes. */
static uint64_t implied_seek(struct fdc *fdc)
{
    struct fdc_unit *unit = &fdc->unit[fdc->unit_selected];
    if (!(fdc->configure & CONFIG_IMPLIED_SEEK) || fdc->id.c == unit->cylinder)
        return 0;
    int steps = fdc->id.c - unit->cylinder;
    fdc_move_head(fdc, fdc->unit_selected, steps);
    unit->cylinder = fdc->id.c;
    fdc->st0 |= ST0_SEEK_END;
    return (uint64_t)(steps < 0 ? -steps : steps) * fdc_step_ns(fdc);
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
    fdc_find_sector(fdc, implied_seek(fdc) + FDC_LATENCY_NS);
}

static void start_read_id(struct fdc *fdc)
{
    start_execution(fdc, OP_READ_ID);
    fdc->id = (struct sector_id){fdc->unit[fdc->unit_selected].cylinder, fdc->head, 1, 2};
    fdc_find_sector(fdc, FDC_LATENCY_NS);
}

static void start_format(struct fdc *fdc)
{
    start_execution(fdc, OP_FORMAT);
    fdc->id = (struct sector_id){fdc->unit[fdc->unit_selected].cylinder, fdc->head, 1, fdc->command[2]};
    fdc->last_sector = fdc->command[3];
    fdc_find_sector(fdc, FDC_LATENCY_NS);
}

void fdc_start(struct fdc *fdc, enum operation operation)
{
    if (operation == OP_READ_ID)
        start_read_id(fdc);
    else if (operation == OP_FORMAT)
        start_format(fdc);
    else
        start_sectors(fdc, operation);
}
