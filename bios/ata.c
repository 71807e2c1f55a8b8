/*
 * Drives on the two IDE channels (ATA/ATAPI-4): detection, PIO data transfers in blocks (READ MULTIPLE),
 * packets.
 *
 * While a drive is busy the processor sleeps: IRQ 14 or 15, the timer or anything else wakes it to look
 * again.
 */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"
#include "bios/timer.h"

/* Command block registers, from the channel's base port. */
enum {
    DATA = 0,
    ERROR = 1,
    FEATURES = 1,
    COUNT = 2,
    LBA0 = 3,
    LBA1 = 4,
    LBA2 = 5,
    DEVICE = 6,
    STATUS = 7,
    COMMAND = 7
};
enum { BSY = 0x80, DRDY = 0x40, DF = 0x20, DRQ = 0x08, ERR = 0x01 };
enum { CONTROL_SRST = 0x04 };
enum {
    CMD_READ = 0x20,
    CMD_READ_EXT = 0x24,
    CMD_READ_MULTIPLE_EXT = 0x29,
    CMD_WRITE = 0x30,
    CMD_WRITE_EXT = 0x34,
    CMD_WRITE_MULTIPLE_EXT = 0x39,
    CMD_VERIFY = 0x40,
    CMD_VERIFY_EXT = 0x42,
    CMD_DIAGNOSE = 0x90,
    CMD_SET_GEOMETRY = 0x91,
    CMD_PACKET = 0xa0,
    CMD_IDENTIFY_PACKET = 0xa1,
    CMD_READ_MULTIPLE = 0xc4,
    CMD_WRITE_MULTIPLE = 0xc5,
    CMD_SET_MULTIPLE = 0xc6,
    CMD_READ_BUFFER = 0xe4,
    CMD_WRITE_BUFFER = 0xe8,
    CMD_IDENTIFY = 0xec,
};

enum { ABORTED = 0x01 }; /* as INT 13h tells it */
enum { WAIT_US = 10000000, WAIT_RESET_US = 3000000 };

/* Where POST reads IDENTIFY data: the place of the boot sector. */
enum { IDENTIFY_SEGMENT = 0x07c0 };

static void settle(const struct drive ROM *d)
{
    for (u8 i = 0; i < 4; i++) /* 400 ns after a command or selection before the status counts */
        inb(d->control);
}

/* Whether the drive's interrupt can wake us. */
static int interrupt_open(const struct drive ROM *d)
{
    return !(inb(0x21) & 0x04) && !(inb(0xa1) & (1 << (d->irq - 8)));
}

/* Waits until BSY is clear and gives the status, -1 when the time is over. Reading it takes the interrupt
 * back. */
static int wait_not_busy(const struct drive ROM *d, u32 us)
{
    struct timeout t;
    int sleep = interrupt_open(d);
    timeout_start(&t, us);
    interrupts_off();
    while (inb(d->control) & BSY) {
        if (timeout_passed(&t))
            return -1;
        if (sleep)
            wait_for_interrupt();
    }
    interrupts_on();
    return inb((u16)(d->port + STATUS));
}

static int select_drive(const struct drive ROM *d, u8 bits)
{
    if (wait_not_busy(d, WAIT_US) < 0)
        return 0;
    outb((u16)(d->port + DEVICE), (u8)(0xa0 | bits | d->slave << 4));
    settle(d);
    return wait_not_busy(d, WAIT_US) >= 0;
}

static void send_command(const struct drive ROM *d, u8 command)
{
    bda.disk_interrupt = 0;
    outb((u16)(d->port + COMMAND), command);
    settle(d);
}

/* The INT 13h status for a command that ended with this status register. */
static u8 command_status(const struct drive ROM *d, int status)
{
    u8 error;
    bda.disk_controller[0] = (u8)status;
    if (status < 0)
        return 0x80;
    if (!(status & (ERR | DF)))
        return 0;
    if (status & DF)
        return 0x20;
    error = inb((u16)(d->port + ERROR));
    bda.disk_controller[1] = error;
    if (error & 0x80)
        return 0x0a; /* bad block */
    if (error & 0x40)
        return 0x10; /* uncorrectable */
    if (error & 0x10)
        return 0x04; /* not found */
    if (error & 0x04)
        return ABORTED;
    return 0x20;
}

static void read_words(const struct drive ROM *d, u16 seg, u16 off, u16 words)
{
    u32 di = off, count = words;
    if (d->wide_pio) {
        count /= 2;
        __asm__ volatile("pushw %%es\n\tmovw %w3,%%es\n\trep insl\n\tpopw %%es"
                         : "+D"(di), "+c"(count)
                         : "d"(d->port), "r"(seg)
                         : "memory");
    } else {
        __asm__ volatile("pushw %%es\n\tmovw %w3,%%es\n\trep insw\n\tpopw %%es"
                         : "+D"(di), "+c"(count)
                         : "d"(d->port), "r"(seg)
                         : "memory");
    }
}

static void write_words(const struct drive ROM *d, u16 seg, u16 off, u16 words)
{
    u32 si = off, count = words;
    if (d->wide_pio) {
        count /= 2;
        __asm__ volatile("pushw %%es\n\tmovw %w3,%%es\n\trep outsl %%es:(%%si),%%dx\n\tpopw %%es"
                         : "+S"(si), "+c"(count)
                         : "d"(d->port), "r"(seg)
                         : "memory");
    } else {
        __asm__ volatile("pushw %%es\n\tmovw %w3,%%es\n\trep outsw %%es:(%%si),%%dx\n\tpopw %%es"
                         : "+S"(si), "+c"(count)
                         : "d"(d->port), "r"(seg)
                         : "memory");
    }
}

/* Puts an address and a count (256 is 0) into the registers. */
static int load_address(const struct drive ROM *d, u64 lba, u16 count, int ext)
{
    u16 p = d->port;
    u32 low = (u32)lba;
    if (d->lba) {
        if (!select_drive(d, (u8)(0x40 | (ext ? 0 : low >> 24 & 15))))
            return 0;
        if (ext) {
            outb(p + COUNT, (u8)(count >> 8));
            outb(p + LBA0, (u8)(low >> 24));
            outb(p + LBA1, (u8)(lba >> 32));
            outb(p + LBA2, (u8)(lba >> 40));
        }
        outb(p + COUNT, (u8)count);
        outb(p + LBA0, (u8)low);
        outb(p + LBA1, (u8)(low >> 8));
        outb(p + LBA2, (u8)(low >> 16));
    } else {
        u32 track = low / d->physical_spt;
        u32 cylinder = track / d->physical_heads;
        if (!select_drive(d, (u8)(track % d->physical_heads)))
            return 0;
        outb(p + COUNT, (u8)count);
        outb(p + LBA0, (u8)(low % d->physical_spt + 1));
        outb(p + LBA1, (u8)cylinder);
        outb(p + LBA2, (u8)(cylinder >> 8));
    }
    return 1;
}

static u8 command_for(const struct drive ROM *d, u8 direction, int ext)
{
    if (direction == ATA_VERIFY)
        return ext ? CMD_VERIFY_EXT : CMD_VERIFY;
    if (direction == ATA_READ)
        return d->multiple ? (ext ? CMD_READ_MULTIPLE_EXT : CMD_READ_MULTIPLE)
                           : (ext ? CMD_READ_EXT : CMD_READ);
    return d->multiple ? (ext ? CMD_WRITE_MULTIPLE_EXT : CMD_WRITE_MULTIPLE)
                       : (ext ? CMD_WRITE_EXT : CMD_WRITE);
}

/* Moves the data of a command that was sent. The drive is asked before each sector, since its blocks may be
 * of another length than this BIOS has set: a guest's own driver may have used SET MULTIPLE MODE since. */
static u8 move_data(const struct drive ROM *d, u8 direction, u16 count, u16 seg, u16 off, u16 *done)
{
    for (; *done < count; ++*done) {
        int status = wait_not_busy(d, WAIT_US);
        if (status < 0 || status & (ERR | DF))
            return command_status(d, status);
        if (!(status & DRQ))
            return 0x20;
        if (direction == ATA_READ)
            read_words(d, seg, off, 256);
        else
            write_words(d, seg, off, 256);
        seg = (u16)(seg + 32);
    }
    return command_status(d, wait_not_busy(d, WAIT_US));
}

static u8 try_transfer(u8 drive, u8 direction, u64 lba, u16 count, u16 seg, u16 off, u16 *done)
{
    const struct drive ROM *d = &resident.drive[drive];
    int ext = d->lba48 && lba + count > 0x0fffffff;
    u16 ax = 0x9000;
    *done = 0;
    if (!load_address(d, lba, count, ext))
        return 0x80;
    send_command(d, command_for(d, direction, ext));
    if (direction == ATA_VERIFY) {
        u8 status;
        hook15(&ax);
        status = command_status(d, wait_not_busy(d, WAIT_US));
        *done = status ? 0 : count;
        return status;
    }
    if (direction == ATA_READ && inb(d->control) & BSY)
        hook15(&ax);
    return move_data(d, direction, count, (u16)(seg + (off >> 4)), off & 15, done);
}

/* A drive whose multiple mode was switched off since aborts what wants it. */
u8 ata_transfer(u8 drive, u8 direction, u64 lba, u16 count, u16 seg, u16 off, u16 *done)
{
    u8 multiple = resident.drive[drive].multiple;
    u8 status = try_transfer(drive, direction, lba, count, seg, off, done);
    if (status != ABORTED || !multiple || *done || ata_simple(drive, CMD_SET_MULTIPLE, multiple))
        return status;
    return try_transfer(drive, direction, lba, count, seg, off, done);
}

u8 ata_buffer(u8 drive, u8 direction, u16 seg, u16 off)
{
    const struct drive ROM *d = &resident.drive[drive];
    u16 done = 0;
    if (!select_drive(d, 0))
        return 0x80;
    send_command(d, direction == ATA_READ ? CMD_READ_BUFFER : CMD_WRITE_BUFFER);
    return move_data(d, direction, 1, (u16)(seg + (off >> 4)), off & 15, &done);
}

u8 ata_simple(u8 drive, u8 command, u8 count)
{
    const struct drive ROM *d = &resident.drive[drive];
    if (!select_drive(d, 0))
        return 0x80;
    outb((u16)(d->port + COUNT), count);
    send_command(d, command);
    return command_status(d, wait_not_busy(d, WAIT_US));
}

/* Reads `words` of a packet's data, keeping those between `skip` and `skip + length` of all its bytes. */
static void packet_data(const struct drive ROM *d, u16 seg, u16 off, u32 skip, u32 length, u32 *at, u16 bytes)
{
    for (u16 i = 0; i < bytes;) {
        if (*at >= skip && *at < skip + length) {
            u32 from = *at - skip;
            u32 n = length - from < (u32)(bytes - i) ? length - from : (u32)(bytes - i);
            if (n > 0x4000)
                n = 0x4000;
            n &= ~3u;
            if (n) {
                u32 place = off + from;
                read_words(d, (u16)(seg + (place >> 4)), place & 15, (u16)(n / 2));
                *at += n;
                i = (u16)(i + n);
                continue;
            }
            poke16((u16)(seg + ((off + from) >> 4)), (off + from) & 15, inw(d->port));
        } else {
            inw(d->port);
        }
        *at += 2;
        i = (u16)(i + 2);
    }
}

u8 atapi_packet(u8 drive, const u8 *packet, u16 seg, u16 off, u32 skip, u32 length, u32 *done)
{
    const struct drive ROM *d = &resident.drive[drive];
    u16 p = d->port;
    u32 at = 0;
    int status;
    *done = 0;
    if (!select_drive(d, 0))
        return 0x80;
    outb(p + FEATURES, 0);
    outb(p + LBA1, 0x00); /* at most F800h bytes a DRQ block */
    outb(p + LBA2, 0xf8);
    send_command(d, CMD_PACKET);
    status = wait_not_busy(d, WAIT_US);
    if (status < 0 || !(status & DRQ))
        return command_status(d, status) ? command_status(d, status) : 0x20;
    for (u8 i = 0; i < 12; i += 2)
        outw(p, (u16)(packet[i] | packet[i + 1] << 8));
    settle(d);
    for (;;) {
        status = wait_not_busy(d, WAIT_US);
        if (status < 0 || status & (ERR | DF))
            return status < 0 ? 0x80 : 0x20;
        if (!(status & DRQ))
            break;
        packet_data(d, seg, off, skip, length, &at, (u16)(inb(p + LBA1) | inb(p + LBA2) << 8));
    }
    *done = at < skip ? 0 : at - skip < length ? at - skip : length;
    return 0;
}

u8 ata_set_geometry(u8 drive)
{
    const struct drive ROM *d = &resident.drive[drive];
    if (!select_drive(d, (u8)(d->physical_heads - 1)))
        return 0x80;
    outb((u16)(d->port + COUNT), (u8)d->physical_spt);
    send_command(d, CMD_SET_GEOMETRY);
    return command_status(d, wait_not_busy(d, WAIT_US));
}

/* What a drive forgets in a reset. */
static void set_up_drive(u8 drive)
{
    const struct drive ROM *d = &resident.drive[drive];
    if (!d->lba)
        ata_set_geometry(drive);
    if (d->multiple)
        ata_simple(drive, CMD_SET_MULTIPLE, d->multiple);
}

static void set_up_channel(const struct drive ROM *d)
{
    for (u8 i = 0; i < DRIVES_MAX; i++)
        if (resident.drive[i].port == d->port && resident.drive[i].type == DRIVE_ATA)
            set_up_drive(i);
}

void ata_reset(u8 drive)
{
    const struct drive ROM *d = &resident.drive[drive];
    outb(d->control, CONTROL_SRST);
    delay_us(5);
    outb(d->control, 0);
    delay_us(2000);
    wait_not_busy(d, WAIT_RESET_US);
    set_up_channel(d);
}

u8 ata_diagnose(u8 drive)
{
    const struct drive ROM *d = &resident.drive[drive];
    u8 code;
    if (!select_drive(d, 0))
        return 0x80;
    send_command(d, CMD_DIAGNOSE);
    if (wait_not_busy(d, WAIT_RESET_US) < 0)
        return 0x80;
    code = inb((u16)(d->port + ERROR)) & 0x7f; /* device 0's; bit 7 tells of device 1 */
    set_up_channel(d);
    return code == 0x01 ? 0 : 0x20;
}

/* Detection, in POST: resident is still writable. */

static u16 identify_word(u8 n)
{
    return peek16(IDENTIFY_SEGMENT, (u16)(n * 2));
}

/* The model's name: two characters a word, the first in the high byte, blanks behind. */
static void copy_model(struct drive ROM *d)
{
    u8 end = 0;
    for (u8 i = 0; i < 40; i++) {
        char c = (char)peek8(IDENTIFY_SEGMENT, (u16)((27 * 2 + i) ^ 1));
        d->model[i] = c;
        if (c != ' ' && c)
            end = (u8)(i + 1);
    }
    d->model[end] = 0;
}

static u32 identify_dword(u8 n)
{
    return peek32(IDENTIFY_SEGMENT, (u16)(n * 2));
}

static u16 at_least_one(u16 n)
{
    return n ? n : 1;
}

/* Words 60 and 100 count the sectors that 28 and 48 bits of address reach. */
static u64 count_sectors(const struct drive ROM *d)
{
    if (d->lba48 && (identify_dword(100) || identify_dword(102)))
        return (u64)identify_dword(102) << 32 | identify_dword(100);
    if (d->lba && identify_dword(60))
        return identify_dword(60);
    return (u32)d->physical_cylinders * d->physical_heads * d->physical_spt;
}

static void take_geometry(struct drive ROM *d)
{
    u8 multiple = (u8)identify_word(47);
    d->physical_cylinders = identify_word(1);
    d->physical_heads = at_least_one(identify_word(3));
    d->physical_spt = at_least_one(identify_word(6));
    d->lba = identify_word(49) >> 9 & 1;
    d->lba48 = d->lba && (identify_word(83) & 0xc400) == 0x4400;
    d->multiple = multiple & (multiple - 1) ? 0 : multiple;
    d->sectors = count_sectors(d);
}

static void take_identity(struct drive ROM *d)
{
    copy_model(d);
    d->wide_pio = 1;
    d->removable = d->type == DRIVE_ATAPI;
    if (d->type == DRIVE_ATA)
        take_geometry(d);
}

/* IDENTIFY or IDENTIFY PACKET; false if the drive does not do it. */
static int identify(u8 n)
{
    struct drive ROM *d = &resident.drive[n];
    int status;
    if (!select_drive(d, 0))
        return 0;
    send_command(d, d->type == DRIVE_ATA ? CMD_IDENTIFY : CMD_IDENTIFY_PACKET);
    status = wait_not_busy(d, WAIT_RESET_US);
    if (status < 0 || status & ERR || !(status & DRQ))
        return 0;
    read_words(d, IDENTIFY_SEGMENT, 0, 256);
    take_identity(d);
    return 1;
}

/* What is there after a reset, by the signature in the registers. */
static u8 signature(const struct drive ROM *d)
{
    u8 status;
    u16 cylinder;
    outb((u16)(d->port + DEVICE), (u8)(0xa0 | d->slave << 4));
    settle(d);
    if (inb(d->control) == 0xff || wait_not_busy(d, WAIT_RESET_US) < 0)
        return DRIVE_NONE;
    status = inb((u16)(d->port + STATUS));
    cylinder = (u16)(inb((u16)(d->port + LBA1)) | inb((u16)(d->port + LBA2)) << 8);
    if (cylinder == 0xeb14)
        return DRIVE_ATAPI;
    return cylinder == 0 && status & DRDY ? DRIVE_ATA : DRIVE_NONE;
}

static void place_drive(u8 n, u16 port, u16 control, u8 irq)
{
    struct drive ROM *d = &resident.drive[n];
    d->type = DRIVE_NONE;
    d->slave = n & 1;
    d->port = port;
    d->control = control;
    d->irq = irq;
    d->multiple = 0;
    d->wide_pio = 0;
}

/* A channel without drives, or that is not there, reads as all ones. */
static int channel_empty(u16 port, u16 control)
{
    if (inb(control) != 0xff)
        return 0;
    outb((u16)(port + DEVICE), 0xb0);
    return inb(control) == 0xff && inb(control) == 0xff;
}

static void detect_drive(u8 n)
{
    struct drive ROM *d = &resident.drive[n];
    d->type = signature(d);
    if (d->type != DRIVE_NONE && !identify(n))
        d->type = DRIVE_NONE;
    if (d->type == DRIVE_ATA)
        set_up_drive(n);
}

static void detect_channel(u8 first, u16 port, u16 control, u8 irq)
{
    place_drive(first, port, control, irq);
    place_drive(first + 1, port, control, irq);
    if (channel_empty(port, control))
        return;
    ata_reset(first);
    detect_drive(first);
    detect_drive(first + 1);
}

void ata_detect(void)
{
    detect_channel(0, 0x1f0, 0x3f6, 14);
    detect_channel(2, 0x170, 0x376, 15);
}
