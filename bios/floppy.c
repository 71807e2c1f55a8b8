/*
 * INT 13h for diskettes (INT 40h): the 82077AA at 3F0h with DMA channel 2 and IRQ 6.
 *
 * The disk base table at INT 1Eh gives sector size, sectors a track, gaps and times, so that programs reach
 * odd formats by changing it. The data rate is found by trial when a medium is met for the first time and
 * kept at 40:90h, by the rules of the AT BIOS (Ralf Brown's list, MEM 0040h:0090h).
 */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"
#include "bios/timer.h"

enum {
    FDC_DOR = 0x3f2,
    FDC_MSR = 0x3f4,
    FDC_DATA = 0x3f5,
    FDC_DIR = 0x3f7,
    FDC_CCR = 0x3f7,
};

enum {
    ST_OK = 0x00,
    ST_BAD_COMMAND = 0x01,
    ST_NO_ADDRESS_MARK = 0x02,
    ST_WRITE_PROTECTED = 0x03,
    ST_NOT_FOUND = 0x04,
    ST_CHANGED = 0x06,
    ST_DMA_OVERRUN = 0x08,
    ST_DMA_BOUNDARY = 0x09,
    ST_BAD_MEDIA = 0x0c,
    ST_BAD_CRC = 0x10,
    ST_CONTROLLER = 0x20,
    ST_SEEK = 0x40,
    ST_TIMEOUT = 0x80,
};

enum { TYPE_360K = 1, TYPE_1200K, TYPE_720K, TYPE_1440K, TYPE_2880K_OLD, TYPE_2880K };
enum { RATE_500, RATE_300, RATE_250, RATE_1000 };

/* Disk base table, INT 1Eh. */
enum {
    DBT_SPECIFY1,
    DBT_SPECIFY2,
    DBT_MOTOR_OFF,
    DBT_SECTOR_SIZE,
    DBT_SECTORS,
    DBT_GAP,
    DBT_DATA_LENGTH,
    DBT_FORMAT_GAP,
    DBT_FILLER,
    DBT_HEAD_SETTLE,
    DBT_MOTOR_START,
    DBT_SIZE
};

/* What a drive of each CMOS type can do. `rates` are tried in that order, FFh ends them. */
struct floppy_type {
    u8 cylinders, sectors;
    u8 rates[4];
    u8 change_line;
};
static const struct floppy_type ROM floppy_types[] = {
    [0] = {0, 0, {0xff, 0xff, 0xff, 0xff}, 0},
    [TYPE_360K] = {40, 9, {RATE_250, 0xff, 0xff, 0xff}, 0},
    [TYPE_1200K] = {80, 15, {RATE_500, RATE_300, RATE_250, 0xff}, 1},
    [TYPE_720K] = {80, 9, {RATE_250, 0xff, 0xff, 0xff}, 1},
    [TYPE_1440K] = {80, 18, {RATE_500, RATE_250, 0xff, 0xff}, 1},
    [TYPE_2880K_OLD] = {80, 36, {RATE_1000, RATE_500, RATE_250, 0xff}, 1},
    [TYPE_2880K] = {80, 36, {RATE_1000, RATE_500, RATE_250, 0xff}, 1},
};

/* Disk base tables for AH=08h, by drive type: 360K, 1.2M, 720K, 1.44M, 2.88M; that of 1.44M is at EFC7h. */
static const u8 ROM tables[7][DBT_SIZE] = {
    [0] = {0xaf, 0x02, 0x25, 0x02, 18, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08},
    [TYPE_360K] = {0xdf, 0x02, 0x25, 0x02, 9, 0x2a, 0xff, 0x50, 0xf6, 0x0f, 0x08},
    [TYPE_1200K] = {0xdf, 0x02, 0x25, 0x02, 15, 0x1b, 0xff, 0x54, 0xf6, 0x0f, 0x08},
    [TYPE_720K] = {0xdf, 0x02, 0x25, 0x02, 9, 0x2a, 0xff, 0x50, 0xf6, 0x0f, 0x08},
    [TYPE_1440K] = {0xaf, 0x02, 0x25, 0x02, 18, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08},
    [TYPE_2880K_OLD] = {0xaf, 0x02, 0x25, 0x02, 36, 0x1b, 0xff, 0x54, 0xf6, 0x0f, 0x08},
    [TYPE_2880K] = {0xaf, 0x02, 0x25, 0x02, 36, 0x1b, 0xff, 0x54, 0xf6, 0x0f, 0x08},
};

static u8 table_byte(u8 index)
{
    return peek8(ivt[0x1e].seg, (u16)(ivt[0x1e].off + index));
}

static u8 drive_type(u8 drive)
{
    u8 type = drive < 2 ? resident.floppy_type[drive] : 0;
    return type < ARRAY_SIZE(floppy_types) ? type : 0;
}

/* Waits until the controller wants a byte in the direction given (0 to it, 40h from it). */
static int fdc_ready(u8 direction)
{
    struct timeout t;
    timeout_start(&t, 100000);
    for (;;) {
        if ((inb(FDC_MSR) & 0xc0) == (0x80 | direction))
            return 1;
        if (timeout_passed(&t))
            return 0;
    }
}

static int fdc_write(u8 byte)
{
    if (!fdc_ready(0))
        return 0;
    outb(FDC_DATA, byte);
    return 1;
}

/* Reads the result phase into the data area; the number of bytes. */
static u8 fdc_results(void)
{
    u8 n = 0;
    while (n < 7 && fdc_ready(0x40)) {
        bda.fdc_result[n++] = inb(FDC_DATA);
        if (!(inb(FDC_MSR) & 0x10))
            break;
    }
    return n;
}

/* Waits for IRQ 6; a program that took the interrupt without calling us is met by looking at the controller.
 */
static int fdc_wait_interrupt(void)
{
    u16 ax = 0x9001;
    u32 start = bda.ticks;
    if (!(bda.fdc_seek_status & 0x80))
        hook15(&ax);
    while (!(bda.fdc_seek_status & 0x80)) {
        u32 passed = bda.ticks - start;
        if (passed > 0x80000000)
            start = bda.ticks; /* midnight */
        else if (passed > 40)
            return 0;
        wait_for_interrupt();
    }
    bda.fdc_seek_status &= 0x7f;
    return 1;
}

static void fdc_forget_interrupt(void)
{
    bda.fdc_seek_status &= 0x7f;
}

static void fdc_sense_interrupt(void)
{
    if (fdc_write(0x08))
        fdc_results();
}

static int fdc_specify(void)
{
    return fdc_write(0x03) && fdc_write(table_byte(DBT_SPECIFY1)) &&
           fdc_write(table_byte(DBT_SPECIFY2) & 0xfe);
}

/* Resets the controller: one interrupt, then four drives whose status changed. */
static u8 fdc_reset(void)
{
    u8 select = bda.fdc_motors >> 4 & 3;
    u8 motors = (u8)(bda.fdc_motors << 4);
    fdc_forget_interrupt();
    outb(FDC_DOR, (u8)(motors | select | 0x08));
    delay_us(5);
    outb(FDC_DOR, (u8)(motors | select | 0x0c));
    bda.fdc_seek_status &= 0xf0;
    if (!fdc_wait_interrupt())
        return ST_TIMEOUT;
    for (u8 i = 0; i < 4; i++)
        fdc_sense_interrupt();
    return fdc_specify() ? ST_OK : ST_CONTROLLER;
}

static void motor_on(u8 drive, int writing)
{
    u8 bit = (u8)(1 << drive);
    u8 was_on = bda.fdc_motors & bit;
    u8 start = table_byte(DBT_MOTOR_START);
    u16 ax = 0x90fd;
    interrupts_off();
    bda.fdc_motor_ticks = 0xff;
    bda.fdc_motors = (u8)((bda.fdc_motors & 0x4f) | bit | drive << 4 | (writing ? 0x80 : 0));
    outb(FDC_DOR, (u8)(bda.fdc_motors << 4 | 0x0c | drive));
    interrupts_on();
    /* Reading waits for nothing: the controller does not find the mark until the disk turns at speed. */
    if (was_on || !writing || !start)
        return;
    if (!hook15(&ax))
        for (u8 i = 0; i < start && i < 32; i++)
            delay_us(125000);
}

/* Lets the timer interrupt put the motors off later. */
static void motor_release(void)
{
    bda.fdc_motor_ticks = table_byte(DBT_MOTOR_OFF);
    bda.fdc_motors &= 0x7f;
}

static void set_rate(u8 rate)
{
    outb(FDC_CCR, rate);
    bda.fdc_last_rate = (u8)((bda.fdc_last_rate & 0x3f) | rate << 6);
}

static u8 seek_command(u8 drive, u8 head, int recalibrate, u8 track)
{
    fdc_forget_interrupt();
    if (recalibrate) {
        if (!fdc_write(0x07) || !fdc_write(drive))
            return ST_CONTROLLER;
    } else if (!fdc_write(0x0f) || !fdc_write((u8)(head << 2 | drive)) || !fdc_write(track)) {
        return ST_CONTROLLER;
    }
    if (!fdc_wait_interrupt())
        return ST_TIMEOUT;
    fdc_sense_interrupt();
    return (bda.fdc_result[0] & 0xe0) == 0x20 ? ST_OK : ST_SEEK;
}

static u8 recalibrate(u8 drive)
{
    u8 status = seek_command(drive, 0, 1, 0);
    if (status == ST_SEEK) /* the 765 gives up after 79 steps: once more */
        status = seek_command(drive, 0, 1, 0);
    if (status == ST_OK) {
        bda.fdc_seek_status |= (u8)(1 << drive);
        bda.fdc_track[drive] = 0;
    }
    return status;
}

/* Moves to a cylinder; those of a 40-track medium in an 80-track drive lie two steps apart. */
static u8 seek(u8 drive, u8 head, u8 cylinder)
{
    u8 track = cylinder;
    u8 status;
    if (!(bda.fdc_seek_status & 1 << drive)) {
        status = recalibrate(drive);
        if (status != ST_OK)
            return status;
    }
    if (bda.fdc_media[drive] & MEDIA_DOUBLE_STEP)
        track = (u8)(cylinder * 2);
    if (bda.fdc_track[drive] == track)
        return ST_OK;
    status = seek_command(drive, head, 0, track);
    if (status != ST_OK) {
        bda.fdc_seek_status &= (u8) ~(1 << drive);
        return status;
    }
    bda.fdc_track[drive] = track;
    return ST_OK;
}

/* The INT 13h status for the seven result bytes of a data command. */
static u8 result_status(void)
{
    u8 st0 = bda.fdc_result[0], st1 = bda.fdc_result[1], st2 = bda.fdc_result[2];
    if (!(st0 & 0xc0))
        return ST_OK;
    if ((st0 & 0xc0) != 0x40)
        return ST_CONTROLLER;
    if (st1 & 0x80)
        return ST_NOT_FOUND; /* beyond the last sector of the cylinder */
    if (st1 & 0x20)
        return ST_BAD_CRC;
    if (st1 & 0x10)
        return ST_DMA_OVERRUN;
    if (st1 & 0x04)
        return ST_NOT_FOUND;
    if (st1 & 0x02)
        return ST_WRITE_PROTECTED;
    if (st1 & 0x01)
        return ST_NO_ADDRESS_MARK;
    return st2 ? ST_NOT_FOUND : ST_CONTROLLER;
}

/* READ ID: is there anything readable at this rate? */
static int read_id(u8 drive)
{
    fdc_forget_interrupt();
    if (!fdc_write(0x4a) || !fdc_write(drive))
        return 0;
    if (!fdc_wait_interrupt()) {
        fdc_reset();
        return 0;
    }
    return fdc_results() == 7 && result_status() == ST_OK;
}

static void perpendicular(int on)
{
    if (fdc_write(0x12))
        fdc_write(on ? 0x03 : 0x00);
}

static u8 media_state(u8 type, u8 rate)
{
    switch (type) {
    case TYPE_360K:
        return 3;
    case TYPE_1200K:
        return rate == RATE_500 ? 5 : 4;
    default:
        return 7;
    }
}

/* Finds the data rate of the medium. 300 kb/s in a 1.2M drive is a 40-track disk, stepped double. */
static u8 establish_media(u8 drive)
{
    u8 type = drive_type(drive);
    const u8 ROM *rates = floppy_types[type].rates;
    for (u8 i = 0; i < 4 && rates[i] != 0xff; i++) {
        u8 rate = rates[i];
        set_rate(rate);
        if (floppy_types[type].rates[0] == RATE_1000)
            perpendicular(rate == RATE_1000);
        bda.fdc_media[drive] = (u8)(rate << MEDIA_RATE_SHIFT);
        if (seek(drive, 0, 0) != ST_OK)
            return ST_SEEK;
        if (!read_id(drive))
            continue;
        bda.fdc_media[drive] = (u8)(rate << MEDIA_RATE_SHIFT | MEDIA_ESTABLISHED | media_state(type, rate));
        if (type == TYPE_1200K && rate == RATE_300)
            bda.fdc_media[drive] |= MEDIA_DOUBLE_STEP;
        return ST_OK;
    }
    bda.fdc_media[drive] = 0;
    return ST_TIMEOUT;
}

/*
 * Looks at the change line, with the motor on. When a medium was changed, the step pulse of a seek clears the
 * line; if it stays, there is no medium.
 */
static u8 check_change(u8 drive)
{
    u8 status;
    if (!floppy_types[drive_type(drive)].change_line || !(inb(FDC_DIR) & 0x80))
        return ST_OK;
    bda.fdc_media[drive] &= (u8) ~(MEDIA_ESTABLISHED | MEDIA_DOUBLE_STEP);
    bda.fdc_track[drive] = 0xff;
    status = seek(drive, 0, 1);
    if (status == ST_OK)
        status = seek(drive, 0, 0);
    if (status != ST_OK)
        return status;
    return inb(FDC_DIR) & 0x80 ? ST_TIMEOUT : ST_CHANGED;
}

/* Makes a drive ready for a data command. */
static u8 prepare(u8 drive, int writing)
{
    u8 status;
    if (!drive_type(drive))
        return drive < 2 ? ST_TIMEOUT : ST_BAD_COMMAND;
    motor_on(drive, writing);
    if (!fdc_specify()) {
        status = fdc_reset();
        if (status != ST_OK)
            return status;
    }
    return check_change(drive);
}

/* Programs DMA channel 2; the transfer must not pass a 64 KB boundary. */
static u8 dma_setup(u16 seg, u16 off, u32 length, u8 mode)
{
    u32 address = (u32)seg * 16 + off;
    u32 count = length - 1;
    if ((address & 0xffff) + count > 0xffff)
        return ST_DMA_BOUNDARY;
    interrupts_off();
    outb(0x0a, 0x06);
    outb(0x0c, 0);
    outb(0x0b, mode);
    outb(0x04, (u8)address);
    outb(0x04, (u8)(address >> 8));
    outb(0x81, (u8)(address >> 16));
    outb(0x0c, 0);
    outb(0x05, (u8)count);
    outb(0x05, (u8)(count >> 8));
    outb(0x0a, 0x02);
    interrupts_on();
    return ST_OK;
}

enum { DMA_VERIFY = 0x42, DMA_TO_MEMORY = 0x46, DMA_FROM_MEMORY = 0x4a };
enum { FDC_READ = 0xe6, FDC_WRITE = 0xc5, FDC_FORMAT = 0x4d };

/* Sends a data command and waits for its results. */
static u8 data_command(const u8 *command, u8 length)
{
    fdc_forget_interrupt();
    for (u8 i = 0; i < length; i++)
        if (!fdc_write(command[i]))
            return ST_CONTROLLER;
    if (!fdc_wait_interrupt()) {
        fdc_reset();
        return ST_TIMEOUT;
    }
    if (fdc_results() != 7)
        return ST_CONTROLLER;
    return result_status();
}

/* How many sectors the command moved, from where the controller says that it stands. */
static u8 sectors_moved(const struct regs *r, u8 per_track)
{
    u32 tracks = bda.fdc_result[3] != r->ch ? 2u - r->dh : (u32)bda.fdc_result[4] - r->dh;
    s32 n = (s32)(tracks * per_track) + bda.fdc_result[5] - (r->cl & 0x3f);
    return n < 0 ? 0 : (u8)n;
}

static u8 sector_size_code(void)
{
    u8 n = table_byte(DBT_SECTOR_SIZE);
    return n > 7 ? 2 : n;
}

/* One try of AH=02h, 03h or 04h. */
static u8 transfer_once(struct regs *r, u8 fdc_command, u8 dma_mode, u8 *moved)
{
    u8 drive = r->dl;
    u8 n = sector_size_code();
    u8 command[9];
    u8 status = seek(drive, r->dh, r->ch);
    if (status != ST_OK)
        return status;
    status = dma_setup(dma_mode == DMA_VERIFY ? 0 : r->es, dma_mode == DMA_VERIFY ? 0 : r->bx,
                       (u32)r->al << (7 + n), dma_mode);
    if (status != ST_OK)
        return status;
    command[0] = fdc_command;
    command[1] = (u8)((r->dh & 1) << 2 | drive);
    command[2] = r->ch;
    command[3] = r->dh;
    command[4] = r->cl;
    command[5] = n;
    command[6] = table_byte(DBT_SECTORS);
    command[7] = table_byte(DBT_GAP);
    command[8] = table_byte(DBT_DATA_LENGTH);
    status = data_command(command, 9);
    if (status != ST_CONTROLLER && status != ST_TIMEOUT)
        *moved = sectors_moved(r, command[6]);
    return status;
}

/* AH=02h read, 03h write, 04h verify. */
static u8 transfer(struct regs *r, u8 fdc_command, u8 dma_mode)
{
    u8 drive = r->dl;
    u8 moved = 0;
    u8 count = r->al;
    u8 status;
    r->al = 0;
    if (drive >= 2 || !count || r->dh > 1)
        return ST_BAD_COMMAND;
    status = prepare(drive, fdc_command == FDC_WRITE);
    if (status != ST_OK)
        return status;
    if (!(bda.fdc_media[drive] & MEDIA_ESTABLISHED)) {
        status = establish_media(drive);
        if (status != ST_OK)
            return status;
    }
    set_rate(bda.fdc_media[drive] >> MEDIA_RATE_SHIFT);
    r->al = count;
    status = transfer_once(r, fdc_command, dma_mode, &moved);
    if (status == ST_NO_ADDRESS_MARK) {
        /* Another density under the same drive door: look again. */
        bda.fdc_media[drive] &= (u8)~MEDIA_ESTABLISHED;
        if (establish_media(drive) == ST_OK)
            status = transfer_once(r, fdc_command, dma_mode, &moved);
    }
    r->al = status == ST_OK ? count : moved;
    return status;
}

/* AH=05h: formats one track with the four-byte address fields at ES:BX. */
static u8 format(struct regs *r)
{
    u8 drive = r->dl;
    u8 command[6];
    u8 status;
    if (drive >= 2 || r->dh > 1)
        return ST_BAD_COMMAND;
    status = prepare(drive, 1);
    if (status != ST_OK && status != ST_CHANGED)
        return status;
    if (!(bda.fdc_media[drive] & MEDIA_ESTABLISHED)) {
        /* AH=17h or 18h was not called: the drive's own density. */
        u8 type = drive_type(drive);
        u8 rate = floppy_types[type].rates[0];
        bda.fdc_media[drive] = (u8)(rate << MEDIA_RATE_SHIFT | MEDIA_ESTABLISHED | media_state(type, rate));
    }
    set_rate(bda.fdc_media[drive] >> MEDIA_RATE_SHIFT);
    status = seek(drive, r->dh, r->ch);
    if (status != ST_OK)
        return status;
    status = dma_setup(r->es, r->bx, (u32)table_byte(DBT_SECTORS) * 4, DMA_FROM_MEMORY);
    if (status != ST_OK)
        return status;
    command[0] = FDC_FORMAT;
    command[1] = (u8)((r->dh & 1) << 2 | drive);
    command[2] = sector_size_code();
    command[3] = table_byte(DBT_SECTORS);
    command[4] = table_byte(DBT_FORMAT_GAP);
    command[5] = table_byte(DBT_FILLER);
    return data_command(command, 6);
}

/* AH=08h: drive parameters. BL is the CMOS type; ES:DI the disk base table. */
static u8 parameters(struct regs *r)
{
    u8 drive = r->dl;
    u8 type;
    if (drive >= 0x80)
        return ST_BAD_COMMAND;
    type = drive_type(drive);
    r->ax = 0;
    r->bx = type;
    r->cx = 0;
    r->dx = (u16)((resident.floppy_type[0] != 0) + (resident.floppy_type[1] != 0));
    r->es = 0;
    r->di = 0;
    if (!type)
        return ST_OK;
    r->ch = (u8)(floppy_types[type].cylinders - 1);
    r->cl = floppy_types[type].sectors;
    r->dh = 1;
    r->es = 0xf000;
    r->di = type == TYPE_1440K ? 0xefc7 : (u16)(u32)tables[type];
    return ST_OK;
}

/* AH=15h: 0 no drive, 1 without, 2 with change line. CF clear whatever it is. */
static void drive_kind(struct regs *r)
{
    u8 type = drive_type(r->dl);
    r->ah = !type ? 0 : floppy_types[type].change_line ? 2 : 1;
    clear_carry(r);
}

/* AH=16h: was the medium changed? */
static u8 change_status(struct regs *r)
{
    u8 drive = r->dl;
    u8 type = drive_type(drive);
    u8 changed;
    if (!type)
        return drive < 2 ? ST_TIMEOUT : ST_BAD_COMMAND;
    if (!floppy_types[type].change_line)
        return ST_CHANGED;
    motor_on(drive, 0);
    changed = inb(FDC_DIR) & 0x80;
    return changed ? ST_CHANGED : ST_OK;
}

/* AH=17h: 1 = 360K in 360K, 2 = 360K in 1.2M, 3 = 1.2M, 4 = 720K. */
static u8 set_media_type(struct regs *r)
{
    static const u8 ROM states[5] = {
        0,
        RATE_250 << MEDIA_RATE_SHIFT | MEDIA_ESTABLISHED | 3,
        RATE_300 << MEDIA_RATE_SHIFT | MEDIA_ESTABLISHED | MEDIA_DOUBLE_STEP | 4,
        RATE_500 << MEDIA_RATE_SHIFT | MEDIA_ESTABLISHED | 5,
        RATE_250 << MEDIA_RATE_SHIFT | MEDIA_ESTABLISHED | 7,
    };
    u8 drive = r->dl;
    u8 status;
    if (r->al < 1 || r->al > 4)
        return ST_BAD_COMMAND;
    status = prepare(drive, 0);
    if (status != ST_OK && status != ST_CHANGED)
        return status;
    bda.fdc_media[drive] = states[r->al];
    return ST_OK;
}

/* AH=18h: the format with CH = last track, CL = sectors; ES:DI = a disk base table for it. */
static u8 set_media_format(struct regs *r)
{
    u8 drive = r->dl;
    u8 type = drive_type(drive);
    u8 sectors = r->cl & 0x3f;
    u8 rate, table, status;
    if (!type)
        return drive < 2 ? ST_TIMEOUT : ST_BAD_COMMAND;
    status = prepare(drive, 0);
    if (status != ST_OK && status != ST_CHANGED)
        return status;
    if (r->ch == 39 && (sectors == 8 || sectors == 9) && (type == TYPE_360K || type == TYPE_1200K)) {
        rate = type == TYPE_1200K ? RATE_300 : RATE_250;
        table = TYPE_360K;
    } else if (r->ch == 79 && sectors == 9 && type >= TYPE_720K) {
        rate = RATE_250;
        table = TYPE_720K;
    } else if (r->ch == 79 && sectors == 15 && (type == TYPE_1200K || type >= TYPE_1440K)) {
        rate = RATE_500;
        table = TYPE_1200K;
    } else if (r->ch == 79 && sectors == 18 && type >= TYPE_1440K) {
        rate = RATE_500;
        table = TYPE_1440K;
    } else if (r->ch == 79 && sectors == 36 && type >= TYPE_2880K_OLD) {
        rate = RATE_1000;
        table = TYPE_2880K;
    } else {
        return ST_BAD_MEDIA;
    }
    bda.fdc_media[drive] = (u8)(rate << MEDIA_RATE_SHIFT | MEDIA_ESTABLISHED | media_state(type, rate));
    if (rate == RATE_300)
        bda.fdc_media[drive] |= MEDIA_DOUBLE_STEP;
    r->es = 0xf000;
    r->di = table == TYPE_1440K ? 0xefc7 : (u16)(u32)tables[table];
    return ST_OK;
}

void floppy_service(struct regs *r)
{
    u8 status;
    interrupts_on();
    switch (r->ah) {
    case 0x00:
        status = fdc_reset();
        break;
    case 0x01:
        r->ah = bda.fdc_status;
        r->al = bda.fdc_status;
        if (bda.fdc_status)
            set_carry(r);
        else
            clear_carry(r);
        return;
    case 0x02:
        status = transfer(r, FDC_READ, DMA_TO_MEMORY);
        break;
    case 0x03:
        status = transfer(r, FDC_WRITE, DMA_FROM_MEMORY);
        break;
    case 0x04:
        status = transfer(r, FDC_READ, DMA_VERIFY);
        break;
    case 0x05:
        status = format(r);
        break;
    case 0x08:
        status = parameters(r);
        break;
    case 0x15:
        drive_kind(r);
        return;
    case 0x16:
        status = change_status(r);
        break;
    case 0x17:
        status = set_media_type(r);
        break;
    case 0x18:
        status = set_media_format(r);
        break;
    default:
        status = ST_BAD_COMMAND;
        break;
    }
    motor_release();
    bda.fdc_status = status;
    set_status(r, status);
}

void floppy_init(void)
{
    bda.fdc_info = 0;
    for (u8 i = 0; i < 2; i++) {
        u8 type = drive_type(i);
        if (type)
            bda.fdc_info |=
                (u8)((4 | (floppy_types[type].cylinders == 80) | floppy_types[type].change_line << 1)
                     << (i * 4));
        bda.fdc_track[i] = 0;
        bda.fdc_media[i] = 0;
    }
    if (resident.floppy_type[0] || resident.floppy_type[1])
        fdc_reset();
}
