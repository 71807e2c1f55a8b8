/* Floppy disk controller Intel 82077AA: registers, command and result phases, seeks. See fdc.h; execution of
 * the commands that move sectors is in fdc_transfer.c.
 *
 * A command goes through three phases (5.0): command bytes are collected through the FIFO, execution runs by
 * events on the clock, result bytes are read back. */
#include "devices/fdc.h"

#include <string.h>

#include "devices/fdc_private.h"

/* ---- interrupt ---- */

static void drive_irq(struct fdc *fdc)
{
    wire_set(&fdc->irq, fdc->irq_level && (fdc->dor & DOR_DMA_GATE));
}

void fdc_set_irq(struct fdc *fdc, bool level)
{
    fdc->irq_level = level;
    drive_irq(fdc);
}

void fdc_after_ns(struct fdc *fdc, struct event *event, uint64_t ns)
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
void fdc_finish(struct fdc *fdc, struct sector_id id)
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
    fdc_set_irq(fdc, true);
}

void fdc_fail(struct fdc *fdc, uint8_t st1, uint8_t st2)
{
    fdc->st0 |= ST0_ABNORMAL;
    fdc->st1 |= st1;
    fdc->st2 |= st2;
    fdc_finish(fdc, fdc->id);
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
    fdc_set_irq(fdc, false);
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
        fdc_after_ns(fdc, &fdc->reset_event, 100000);
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
    fdc_set_irq(fdc, true);
}

/* ---- seeks ---- */

uint64_t fdc_step_ns(const struct fdc *fdc)
{
    /* SRT counts in units of 1 ms at 500 kbps, other rates in proportion (table 5-9). */
    uint64_t units = 16u - (fdc->specify[0] >> 4);
    return units * 500000000000ull / fdc_data_rates[fdc->rate];
}

/* Step pulses reach the drive: the head moves until it meets its stop, and a medium that is there ends "disk
 * changed". */
void fdc_move_head(struct fdc *fdc, unsigned unit, int steps)
{
    struct fdc_drive *drive = fdc_fitted_drive(fdc, unit);
    if (!drive || !steps)
        return;
    int track = drive->track + steps, last = (int)fdc_drive_tracks(drive) - 1;
    drive->track = (uint8_t)(track < 0 ? 0 : track > last ? last : track);
    if (drive->image)
        drive->changed = false;
}

static void end_recalibrate(struct fdc *fdc, unsigned unit)
{
    struct fdc_drive *drive = fdc_fitted_drive(fdc, unit);
    bool found = drive && drive->track <= RECALIBRATE_STEPS;
    fdc_move_head(fdc, unit,
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
        fdc_move_head(fdc, number, unit->target - unit->cylinder);
        unit->cylinder = unit->target;
        unit->status = (uint8_t)(ST0_SEEK_END | number); /* the head's bit is always 0 (5.2.3) */
    }
    unit->pending = true;
    fdc_set_irq(fdc, true);
}

static void start_seek(struct fdc *fdc, unsigned number, bool recalibrate, uint8_t target)
{
    struct fdc_unit *unit = &fdc->unit[number];
    struct fdc_drive *drive = fdc_fitted_drive(fdc, number);
    unsigned steps = (unsigned)(target > unit->cylinder ? target - unit->cylinder : unit->cylinder - target);
    if (recalibrate)
        steps = drive && drive->track < RECALIBRATE_STEPS ? drive->track : RECALIBRATE_STEPS;
    unit->recalibrating = recalibrate;
    unit->target = target;
    unit->pending = false;
    unit->status = 0;
    fdc_after_ns(fdc, &unit->event, steps * fdc_step_ns(fdc) + 50000);
    enter_command_phase(fdc);
}

static void command_recalibrate(struct fdc *fdc)
{
    start_seek(fdc, fdc->command[1] & 3, true, 0);
}

static void command_seek(struct fdc *fdc)
{
    start_seek(fdc, fdc->command[1] & 3, false, fdc->command[2]);
}

static void command_relative_seek(struct fdc *fdc)
{
    unsigned unit = fdc->command[1] & 3;
    bool inward = fdc->command[0] & 0x40;
    int target = fdc->unit[unit].cylinder + (inward ? fdc->command[2] : -fdc->command[2]);
    start_seek(fdc, unit, false, (uint8_t)(target < 0 ? 0 : target > 255 ? 255 : target));
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
    fdc_set_irq(fdc, more && (found->status & 0xC0) != ST0_POLLING);
}

static void command_sense_drive(struct fdc *fdc)
{
    unsigned unit = fdc->command[1] & 3;
    struct fdc_drive *drive = fdc_fitted_drive(fdc, unit);
    uint8_t st3 = (uint8_t)(ST3_READY | ST3_TWO_SIDE | (fdc->command[1] & 7));
    if (drive && drive->track == 0)
        st3 |= ST3_TRACK0;
    if (drive && fdc_write_protected(drive))
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

/* ---- command phase ---- */

static const struct {
    uint8_t mask, code; /* of the first byte */
    uint8_t length;     /* bytes, the first included */
    const char *name;
    enum operation operation;     /* of commands with an execution phase */
    void (*run)(struct fdc *fdc); /* of the others */
} commands[] = {
    {0x1F, 0x06, 9, "read data", OP_READ, NULL},
    {0x1F, 0x0C, 9, "read deleted data", OP_READ_DELETED, NULL},
    {0x3F, 0x05, 9, "write data", OP_WRITE, NULL},
    {0x3F, 0x09, 9, "write deleted data", OP_WRITE_DELETED, NULL},
    {0x9F, 0x02, 9, "read track", OP_READ_TRACK, NULL},
    {0x1F, 0x16, 9, "verify", OP_VERIFY, NULL},
    {0xBF, 0x0D, 6, "format track", OP_FORMAT, NULL},
    {0x1F, 0x11, 9, "scan equal", OP_SCAN_EQUAL, NULL},
    {0x1F, 0x19, 9, "scan low or equal", OP_SCAN_LOW, NULL},
    {0x1F, 0x1D, 9, "scan high or equal", OP_SCAN_HIGH, NULL},
    {0xBF, 0x0A, 2, "read id", OP_READ_ID, NULL},
    {0xFF, 0x07, 2, "recalibrate", OP_NONE, command_recalibrate},
    {0xFF, 0x0F, 3, "seek", OP_NONE, command_seek},
    {0xBF, 0x8F, 3, "relative seek", OP_NONE, command_relative_seek},
    {0xFF, 0x08, 1, "sense interrupt status", OP_NONE, command_sense_interrupt},
    {0xFF, 0x03, 3, "specify", OP_NONE, command_specify},
    {0xFF, 0x04, 2, "sense drive status", OP_NONE, command_sense_drive},
    {0xFF, 0x13, 4, "configure", OP_NONE, command_configure},
    {0xFF, 0x12, 2, "perpendicular mode", OP_NONE, command_perpendicular},
    {0x7F, 0x14, 1, "lock", OP_NONE, command_lock},
    {0xFF, 0x10, 1, "version", OP_NONE, command_version},
    {0xFF, 0x0E, 1, "dump registers", OP_NONE, command_dump_registers},
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
        log_line(fdc->dev.log, "floppy", "invalid command %02X", byte);
        fdc->command_count = 0;
        reject_command(fdc);
        return;
    }
    fdc->command[fdc->command_count++] = byte;
    if (fdc->command_count < commands[index].length)
        return;
    fdc->command_count = 0;
    log_line(fdc->dev.log, "floppy", "%s, unit and head %X, C %u H %u R %u", commands[index].name,
             fdc->command[1] & 7, fdc->command[2], fdc->command[3], fdc->command[4]);
    if (commands[index].run)
        commands[index].run(fdc);
    else
        fdc_start(fdc, commands[index].operation);
}

/* ---- registers ---- */

static void take_host_byte(struct fdc *fdc, uint8_t byte)
{
    fdc->buffer[fdc->buffer_index++ % SECTOR_BYTES] = byte;
    fdc_set_irq(fdc, false);
    if (fdc->buffer_index < fdc->buffer_length) {
        fdc_set_irq(fdc, true);
        return;
    }
    fdc->buffer_index = fdc->buffer_length = 0;
    fdc_host_buffer_full(fdc);
}

static uint8_t give_host_byte(struct fdc *fdc)
{
    uint8_t byte = fdc->buffer[fdc->buffer_index++ % SECTOR_BYTES];
    fdc_set_irq(fdc, false);
    if (fdc->buffer_index < fdc->buffer_length) {
        fdc_set_irq(fdc, true);
    } else {
        fdc->buffer_index = fdc->buffer_length = 0;
        fdc_data_done(fdc);
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
    fdc_set_irq(fdc, false);
    if (seek_waits_for_sense(fdc))
        fdc_set_irq(fdc, true);
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
    uint8_t mode = fdc_non_dma(fdc) ? MSR_NON_DMA : 0;
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
        fdc_find_sector(fdc, FDC_LATENCY_NS);
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
    const struct fdc_drive *drive = fdc_fitted_drive(fdc, unit);
    (void)port, (void)size;
    return drive && fdc_motor_on(fdc, unit) && drive->changed ? 0x80 : 0;
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
    struct fdc_drive *drive = fdc_fitted_drive(fdc, number);
    if (!drive)
        return error_set(err, "there is no floppy drive %c:", 'A' + (int)(number & 15));
    if (image && !image_floppy_geometry(image, &geometry, err))
        return false;
    if (image && (geometry.sectors > MAX_SECTORS || geometry.heads > 2 || geometry.cylinders > MAX_CYLINDERS))
        return error_set(err, "%s has %u cylinders, %u heads, %u sectors, which no floppy drive reads",
                         image_path(image), geometry.cylinders, geometry.heads, geometry.sectors);
    log_line(fdc->dev.log, "floppy", "drive %c: %s", 'A' + (int)number,
             image ? image_path(image) : "nothing inserted");
    image_close(drive->image);
    drive->image = image;
    drive->geometry = geometry;
    drive->changed = true;
    memset(drive->deleted, 0, sizeof drive->deleted);
    resume_search(fdc);
    return true;
}

struct image *fdc_exchange_image(struct fdc *fdc, unsigned drive, struct image *image)
{
    struct image *old = fdc->drive[drive].image;
    fdc->drive[drive].image = image;
    return old;
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

enum fdc_drive_type fdc_drive_type(const struct fdc *fdc, unsigned drive)
{
    return drive < FDC_DRIVES ? (enum fdc_drive_type)fdc->drive[drive].type : FDC_DRIVE_NONE;
}

struct image *fdc_image(const struct fdc *fdc, unsigned drive)
{
    return drive < FDC_DRIVES ? fdc->drive[drive].image : NULL;
}

bool fdc_has_drive(const struct fdc *fdc, unsigned drive)
{
    return fdc_fitted_drive((struct fdc *)fdc, drive) != NULL;
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
    event_init(fdc->dev.clock, &fdc->transfer_event, fdc_transfer_step, fdc, "%s.transfer", fdc->dev.name);
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
             fdc_motor_on(fdc, number) ? "on" : "off", drive->track, fdc->unit[number].cylinder,
             drive->changed ? ", disk changed" : "");
    if (drive->image)
        text_add(out, ", %s (%u/%u/%u)%s", image_path(drive->image), drive->geometry.cylinders,
                 drive->geometry.heads, drive->geometry.sectors,
                 fdc_write_protected(drive) ? " write-protected" : "");
    text_add(out, "\n");
}

static void fdc_print(const void *state, struct text *out)
{
    static const char *const phases[] = {"reset", "command", "execution", "result"};
    const struct fdc *fdc = state;
    unsigned index = command_index(fdc->command[0]);
    text_add(out, "DOR %02X MSR %02X DSR %02X rate %u kbps, phase %s, last command %02X (%s), IRQ %u\n",
             fdc->dor, phase_status(fdc), fdc->dsr, fdc_data_rates[fdc->rate] / 1000, phases[fdc->phase],
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

static const struct field geometry_fields[] = {FIELD_RANGE(struct disk_geometry, cylinders, 0, MAX_CYLINDERS),
                                               FIELD_RANGE(struct disk_geometry, heads, 0, 2),
                                               FIELD_RANGE(struct disk_geometry, sectors, 0, MAX_SECTORS),
                                               FIELD_END};
static const struct field drive_fields[] = {FIELD_STRUCT(struct fdc_drive, geometry, geometry_fields),
                                            FIELD_RANGE(struct fdc_drive, track, 0, MAX_CYLINDERS - 1),
                                            FIELD_RANGE(struct fdc_drive, changed, 0, 1),
                                            FIELD(struct fdc_drive, motor_since),
                                            FIELD_BYTES(struct fdc_drive, deleted),
                                            FIELD_END};

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
                                          FIELD_FIGURE(struct fdc, activity),
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
