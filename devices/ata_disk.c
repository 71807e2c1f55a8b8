/* An ATA disk on an IDE channel. T13/1410D (ATA/ATAPI-6), with the commands of ATA-1 and ATA-2 that old
 * software uses; section numbers are those of ATA/ATAPI-6. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "devices/ide_private.h"

#define MULTIPLE_MAX 16u
#define CHECK_BYTES  4u /* ECC bytes of a sector, IDENTIFY DEVICE word 22 */
#define DMA_SECTORS  (IDE_BUFFER_SIZE / ATA_SECTOR)
#define LBA28_LIMIT  0x10000000ull
#define LBA48_LIMIT  (1ull << 48)

#define SEEK_NS     100000u /* to a sector that is not the next one */
#define NEXT_NS     20000u  /* first sector of a command that goes on where the last one ended */
#define BLOCK_NS    5000u   /* per sector between blocks of one command */
#define SHORT_NS    20000u  /* commands that do not touch the disk */
#define DMA_BYTE_NS 30u     /* ultra DMA mode 2 */
#define FLUSH_NS    100000u

#define READY (ATA_DRDY | ATA_DSC)

enum { POWER_STANDBY = 0x00, POWER_IDLE = 0x80, POWER_ACTIVE = 0xFF };

/* ---- addresses ---- */

static bool is_lba(const struct ide_drive *drive)
{
    return drive->regs.device & ATA_DEVICE_LBA;
}

static uint64_t lba28(const struct ide_drive *drive)
{
    const struct ide_registers *r = &drive->regs;
    return r->lba_low[0] | (uint32_t)r->lba_mid[0] << 8 | (uint32_t)r->lba_high[0] << 16 |
           (uint32_t)(r->device & 15) << 24;
}

static uint64_t lba48(const struct ide_drive *drive)
{
    const struct ide_registers *r = &drive->regs;
    return r->lba_low[0] | (uint64_t)r->lba_mid[0] << 8 | (uint64_t)r->lba_high[0] << 16 |
           (uint64_t)r->lba_low[1] << 24 | (uint64_t)r->lba_mid[1] << 32 | (uint64_t)r->lba_high[1] << 40;
}

/* Cylinder, head and sector under the current translation; false for one that it does not have. */
static bool chs_address(const struct ide_drive *drive, uint64_t *lba)
{
    const struct ide_registers *r = &drive->regs;
    unsigned cylinder = r->lba_mid[0] | (unsigned)r->lba_high[0] << 8, head = r->device & 15,
             sector = r->lba_low[0];
    if (head >= drive->ata.heads || sector == 0 || sector > drive->ata.per_track)
        return false;
    *lba = ((uint64_t)cylinder * drive->ata.heads + head) * drive->ata.per_track + sector - 1;
    return true;
}

static bool command_address(const struct ide_drive *drive, bool ext, uint64_t *lba)
{
    if (!ext && !is_lba(drive))
        return chs_address(drive, lba);
    *lba = ext ? lba48(drive) : lba28(drive);
    return true;
}

static uint32_t command_count(const struct ide_drive *drive, bool ext)
{
    uint32_t count = drive->regs.count[0];
    if (!ext)
        return count ? count : 256;
    count |= (uint32_t)drive->regs.count[1] << 8;
    return count ? count : 65536;
}

static void put_lba48(struct ide_drive *drive, uint64_t lba)
{
    struct ide_registers *r = &drive->regs;
    for (unsigned i = 0; i < 2; i++) {
        r->lba_low[i] = (uint8_t)(lba >> 24 * i);
        r->lba_mid[i] = (uint8_t)(lba >> (24 * i + 8));
        r->lba_high[i] = (uint8_t)(lba >> (24 * i + 16));
    }
}

static void put_lba28(struct ide_drive *drive, uint64_t lba)
{
    struct ide_registers *r = &drive->regs;
    r->lba_low[0] = (uint8_t)lba;
    r->lba_mid[0] = (uint8_t)(lba >> 8);
    r->lba_high[0] = (uint8_t)(lba >> 16);
    r->device = (uint8_t)((r->device & 0xF0) | (lba >> 24 & 15));
}

static bool is_ext(uint8_t command)
{
    switch (command) {
    case 0x24: /* READ SECTORS EXT */
    case 0x25: /* READ DMA EXT */
    case 0x29: /* READ MULTIPLE EXT */
    case 0x34: /* WRITE SECTORS EXT */
    case 0x35: /* WRITE DMA EXT */
    case 0x39: /* WRITE MULTIPLE EXT */
    case 0x42: /* READ VERIFY EXT */
        return true;
    default:
        return false;
    }
}

/* The address registers follow the command: they end at the last sector, or at the one in error. */
static void put_address(struct ide_drive *drive, uint64_t lba)
{
    struct ata_state *ata = &drive->ata;
    if (is_ext(drive->command)) {
        put_lba48(drive, lba);
    } else if (is_lba(drive)) {
        put_lba28(drive, lba);
    } else {
        uint64_t track = lba / ata->per_track;
        uint64_t cylinder = track / ata->heads;
        drive->regs.lba_low[0] = (uint8_t)(lba % ata->per_track + 1);
        drive->regs.lba_mid[0] = (uint8_t)cylinder;
        drive->regs.lba_high[0] = (uint8_t)(cylinder >> 8);
        drive->regs.device = (uint8_t)((drive->regs.device & 0xF0) | track % ata->heads);
    }
}

/* ---- ends of commands ---- */

static void succeed(struct ide_drive *drive)
{
    ide_end(drive, READY, 0);
}

static void abort_command(struct ide_drive *drive)
{
    ide_end(drive, READY | ATA_ERR, ATA_ABRT);
}

static void fail_at(struct ide_drive *drive, uint64_t lba, uint8_t error)
{
    put_address(drive, lba);
    drive->regs.count[0] = (uint8_t)drive->ata.left;
    ide_end(drive, READY | ATA_ERR, error);
}

static void end_of_sectors(struct ide_drive *drive)
{
    put_address(drive, drive->ata.lba - 1);
    drive->regs.count[0] = drive->regs.count[1] = 0;
}

/* ---- reading and writing ---- */

/* Takes address and count from the registers. On an address outside the disk ends the command; false. */
static bool begin_sectors(struct ide_drive *drive)
{
    struct ata_state *ata = &drive->ata;
    bool ext = is_ext(drive->command);
    ata->left = command_count(drive, ext);
    ata->power = POWER_ACTIVE;
    if (!command_address(drive, ext, &ata->lba)) {
        ide_end(drive, READY | ATA_ERR, ATA_IDNF);
        return false;
    }
    if (ata->lba >= ata->sectors || ata->left > ata->sectors - ata->lba) {
        fail_at(drive, ata->lba > ata->sectors ? ata->lba : ata->sectors, ATA_IDNF);
        return false;
    }
    return true;
}

static uint64_t access_ns(const struct ide_drive *drive)
{
    return drive->ata.lba == drive->ata.head_lba ? NEXT_NS : SEEK_NS;
}

static uint32_t next_block(const struct ide_drive *drive, uint32_t limit)
{
    return drive->ata.left < limit ? drive->ata.left : limit;
}

static void advance(struct ide_drive *drive, uint32_t sectors)
{
    sectors = next_block(drive, sectors);
    drive->ata.lba += sectors;
    drive->ata.left -= sectors;
    drive->ata.head_lba = drive->ata.lba;
    drive->channel->ide->activity += sectors;
}

static bool fetch(struct ide_drive *drive, uint32_t sectors)
{
    return image_read(drive->image, drive->ata.lba * ATA_SECTOR, drive->data, (size_t)sectors * ATA_SECTOR);
}

static bool store(struct ide_drive *drive, uint32_t sectors)
{
    return image_write(drive->image, drive->ata.lba * ATA_SECTOR, drive->data, (size_t)sectors * ATA_SECTOR);
}

/* A block that the host cannot read whole: tells the first bad sector. */
static void report_bad_read(struct ide_drive *drive, uint32_t sectors)
{
    uint64_t lba = drive->ata.lba;
    while (sectors > 1 && image_read(drive->image, lba * ATA_SECTOR, drive->data, ATA_SECTOR)) {
        lba++;
        sectors--;
        drive->ata.left--;
    }
    fail_at(drive, lba, ATA_UNC);
}

/* READ LONG and WRITE LONG (ATA-1 9.15, 9.26) move one sector and its check bytes, a byte at a time. */
static bool is_long(const struct ide_drive *drive)
{
    return (drive->command & 0xEE) == 0x22;
}

/* The check bytes are made from the data by the polynomial of the WD1010 family's 32-bit ECC. */
static void put_check_bytes(uint8_t *sector)
{
    uint32_t ecc = 0xFFFFFFFF;
    for (unsigned i = 0; i < 8 * ATA_SECTOR; i++) {
        uint32_t in = sector[i / 8] >> (7 - i % 8) & 1;
        ecc = ecc << 1 ^ (ecc >> 31 ^ in ? 0x140A0445 : 0);
    }
    for (unsigned i = 0; i < CHECK_BYTES; i++)
        sector[ATA_SECTOR + i] = (uint8_t)(ecc >> (24 - 8 * i));
}

static void read_block(struct ide_drive *drive)
{
    uint32_t sectors = next_block(drive, drive->ata.block);
    if (!fetch(drive, sectors)) {
        report_bad_read(drive, sectors);
        return;
    }
    advance(drive, sectors);
    if (is_long(drive))
        put_check_bytes(drive->data);
    ide_data_in(drive, 0, sectors * ATA_SECTOR + (is_long(drive) ? CHECK_BYTES : 0), true);
}

static void want_block(struct ide_drive *drive, bool interrupt)
{
    uint32_t bytes = next_block(drive, drive->ata.block) * ATA_SECTOR;
    ide_data_out(drive, 0, bytes + (is_long(drive) ? CHECK_BYTES : 0), interrupt);
}

static void write_block(struct ide_drive *drive)
{
    uint32_t sectors = drive->data_end / ATA_SECTOR;
    if (!store(drive, sectors)) {
        fail_at(drive, drive->ata.lba, image_read_only(drive->image) ? ATA_ABRT : ATA_IDNF);
        return;
    }
    advance(drive, sectors);
    if (drive->ata.left) {
        want_block(drive, true);
        return;
    }
    end_of_sectors(drive);
    succeed(drive);
}

static void start_read(struct ide_drive *drive, unsigned block)
{
    drive->ata.block = (uint16_t)block;
    if (begin_sectors(drive))
        ide_busy(drive, STAGE_READ, access_ns(drive));
}

/* The first block is asked for without an interrupt. */
static void start_write(struct ide_drive *drive, unsigned block)
{
    drive->ata.block = (uint16_t)block;
    if (begin_sectors(drive))
        want_block(drive, false);
}

static void read_sectors(struct ide_drive *drive)
{
    start_read(drive, 1);
}

static void write_sectors(struct ide_drive *drive)
{
    start_write(drive, 1);
}

static void read_long(struct ide_drive *drive)
{
    if (drive->regs.count[0] == 1)
        start_read(drive, 1);
    else
        abort_command(drive);
}

/* The check bytes that come are not kept: an image has no place for wrong ones. */
static void write_long(struct ide_drive *drive)
{
    if (drive->regs.count[0] == 1)
        start_write(drive, 1);
    else
        abort_command(drive);
}

static void read_multiple(struct ide_drive *drive)
{
    if (drive->ata.multiple)
        start_read(drive, drive->ata.multiple);
    else
        abort_command(drive);
}

static void write_multiple(struct ide_drive *drive)
{
    if (drive->ata.multiple)
        start_write(drive, drive->ata.multiple);
    else
        abort_command(drive);
}

/* ---- DMA ---- */

static void start_dma(struct ide_drive *drive)
{
    if (begin_sectors(drive))
        ide_busy(drive, STAGE_DMA, access_ns(drive));
}

static void end_dma(struct ide_drive *drive)
{
    ide_dma_end(drive);
    end_of_sectors(drive);
    succeed(drive);
}

static void dma_read(struct ide_drive *drive)
{
    if (drive->data_index == drive->data_end) {
        uint32_t sectors = next_block(drive, DMA_SECTORS);
        if (!sectors) {
            end_dma(drive);
            return;
        }
        if (!fetch(drive, sectors)) {
            report_bad_read(drive, sectors);
            return;
        }
        advance(drive, sectors);
        drive->data_index = 0;
        drive->data_end = sectors * ATA_SECTOR;
    }
    if (ide_dma(drive, true))
        ide_busy(drive, STAGE_DMA, (uint64_t)drive->data_end * DMA_BYTE_NS);
}

static void dma_write(struct ide_drive *drive)
{
    if (!drive->ata.left) {
        end_dma(drive);
        return;
    }
    uint32_t sectors = next_block(drive, DMA_SECTORS);
    if (drive->data_end != sectors * ATA_SECTOR) {
        drive->data_index = 0;
        drive->data_end = sectors * ATA_SECTOR;
    }
    if (!ide_dma(drive, false))
        return;
    if (!store(drive, sectors)) {
        fail_at(drive, drive->ata.lba, image_read_only(drive->image) ? ATA_ABRT : ATA_IDNF);
        return;
    }
    advance(drive, sectors);
    drive->data_index = drive->data_end = 0;
    ide_busy(drive, STAGE_DMA, (uint64_t)sectors * ATA_SECTOR * DMA_BYTE_NS);
}

static void dma_stage(struct ide_drive *drive)
{
    if (drive->command == 0xC8 || drive->command == 0xC9 || drive->command == 0x25)
        dma_read(drive);
    else
        dma_write(drive);
}

/* ---- looking without moving data ---- */

static void start_verify(struct ide_drive *drive)
{
    if (begin_sectors(drive))
        ide_busy(drive, STAGE_VERIFY, access_ns(drive));
}

static void verify_stage(struct ide_drive *drive)
{
    uint32_t sectors = next_block(drive, DMA_SECTORS);
    if (!sectors) {
        end_of_sectors(drive);
        succeed(drive);
        return;
    }
    if (!fetch(drive, sectors)) {
        report_bad_read(drive, sectors);
        return;
    }
    advance(drive, sectors);
    ide_busy(drive, STAGE_VERIFY, (uint64_t)sectors * BLOCK_NS);
}

static void seek(struct ide_drive *drive)
{
    uint64_t lba;
    if (!command_address(drive, false, &lba) || lba >= drive->ata.sectors) {
        ide_end(drive, READY | ATA_ERR, ATA_IDNF);
        return;
    }
    drive->ata.power = POWER_ACTIVE;
    drive->ata.head_lba = lba;
    ide_busy(drive, STAGE_DONE, SEEK_NS);
}

static void recalibrate(struct ide_drive *drive)
{
    drive->ata.power = POWER_ACTIVE;
    drive->ata.head_lba = 0;
    drive->regs.lba_mid[0] = drive->regs.lba_high[0] = 0;
    ide_busy(drive, STAGE_DONE, SEEK_NS);
}

/* FORMAT TRACK (ATA-1 9.4): takes a sector with the wish for each sector of the track. What a drive does is
 * the maker's own; one that was formatted in the factory only looks whether the track is there. */
static void format_track(struct ide_drive *drive)
{
    uint64_t lba;
    if (!is_lba(drive))
        drive->regs.lba_low[0] = 1;
    if (!command_address(drive, false, &lba) || lba >= drive->ata.sectors) {
        ide_end(drive, READY | ATA_ERR, ATA_IDNF);
        return;
    }
    drive->ata.power = POWER_ACTIVE;
    drive->ata.left = 0;
    ide_data_out(drive, 0, ATA_SECTOR, false);
}

static void done_shortly(struct ide_drive *drive)
{
    ide_busy(drive, STAGE_DONE, SHORT_NS);
}

static void flush_cache(struct ide_drive *drive)
{
    drive->ata.power = POWER_ACTIVE;
    if (image_flush(drive->image))
        ide_busy(drive, STAGE_DONE, FLUSH_NS);
    else
        ide_end(drive, READY | ATA_DF | ATA_ERR, ATA_ABRT);
}

/* ---- parameters ---- */

/* 8.16: IDENTIFY DEVICE. */
static void put_capacity(const struct ide_drive *drive, uint8_t *words)
{
    const struct ata_state *ata = &drive->ata;
    uint64_t current = (uint64_t)ata->cylinders * ata->heads * ata->per_track;
    uint64_t low = ata->sectors < LBA28_LIMIT ? ata->sectors : LBA28_LIMIT - 1;
    ide_put16(words + 2 * 1, drive->geometry.cylinders);
    ide_put16(words + 2 * 3, drive->geometry.heads);
    ide_put16(words + 2 * 6, drive->geometry.sectors);
    ide_put16(words + 2 * 54, ata->cylinders);
    ide_put16(words + 2 * 55, ata->heads);
    ide_put16(words + 2 * 56, ata->per_track);
    for (unsigned i = 0; i < 4; i++) {
        words[2 * 57 + i] = (uint8_t)(current >> 8 * i);
        words[2 * 60 + i] = (uint8_t)(low >> 8 * i);
    }
    for (unsigned i = 0; i < 8; i++)
        words[2 * 100 + i] = (uint8_t)(ata->sectors >> 8 * i);
}

static void put_features(const struct ide_drive *drive, uint8_t *words)
{
    const struct ata_state *ata = &drive->ata;
    /* NOP, READ and WRITE BUFFER, host protected area, look-ahead, write cache, power management, SMART. */
    const unsigned first = 0x4000 | 0x2000 | 0x1000 | 0x0400 | 0x0040 | 0x0020 | 0x0008 | 0x0001;
    const unsigned second = 0x4000 | 0x2000 | 0x1000 | 0x0400; /* FLUSH CACHE (EXT), 48-bit addresses */
    unsigned enabled = first;
    if (!ata->read_ahead)
        enabled &= ~0x0040u;
    if (!ata->write_cache)
        enabled &= ~0x0020u;
    if (!ata->smart)
        enabled &= ~0x0001u;
    ide_put16(words + 2 * 82, first);
    ide_put16(words + 2 * 83, second);
    ide_put16(words + 2 * 84, 0x4000);
    ide_put16(words + 2 * 85, enabled);
    ide_put16(words + 2 * 86, second & 0x3FFF);
    ide_put16(words + 2 * 87, 0x4000);
}

static void add_checksum(uint8_t *words)
{
    uint8_t sum = 0;
    words[510] = 0xA5;
    for (unsigned i = 0; i < 511; i++)
        sum = (uint8_t)(sum + words[i]);
    words[511] = (uint8_t)-sum;
}

static void identify(struct ide_drive *drive)
{
    uint8_t *words = drive->data;
    char serial[21];
    snprintf(serial, sizeof serial, "T86-%u", drive->channel->number * 2 + drive->number);
    memset(words, 0, ATA_SECTOR);
    ide_put16(words + 2 * 0, 0x0040); /* not removable */
    ide_put_text(words + 2 * 10, serial, 20);
    ide_put16(words + 2 * 20, 3);
    ide_put16(words + 2 * 21, 512); /* buffer, sectors */
    ide_put16(words + 2 * 22, CHECK_BYTES);
    ide_put_text(words + 2 * 23, "1.0", 8);
    ide_put_text(words + 2 * 27, "TICK86 HARD DISK", 40);
    ide_put16(words + 2 * 47, 0x8000 | MULTIPLE_MAX);
    ide_put16(words + 2 * 48, 1);      /* doubleword I/O */
    ide_put16(words + 2 * 49, 0x0F00); /* IORDY, LBA, DMA */
    ide_put16(words + 2 * 50, 0x4000);
    ide_put16(words + 2 * 51, 0x0200);
    ide_put16(words + 2 * 52, 0x0200);
    ide_put16(words + 2 * 53, 7);
    ide_put16(words + 2 * 59, drive->ata.multiple ? 0x0100u | drive->ata.multiple : 0);
    put_capacity(drive, words);
    ide_put_dma_modes(drive, words);
    ide_put16(words + 2 * 64, 3); /* PIO 3 and 4 */
    for (unsigned i = 65; i <= 68; i++)
        ide_put16(words + 2 * i, 120); /* ns per cycle */
    ide_put16(words + 2 * 80, 0x007E); /* ATA-1 to ATA/ATAPI-6 */
    put_features(drive, words);
    ide_put16(words + 2 * 93, drive->number ? 0x6B00 : 0x600B);
    add_checksum(words);
    drive->ata.left = 0;
    ide_data_in(drive, 0, ATA_SECTOR, true);
}

/* For IDENTIFY PACKET DEVICE a disk aborts; its signature tells what it is. */
static void identify_packet(struct ide_drive *drive)
{
    uint8_t device = drive->regs.device;
    ide_signature(drive);
    drive->regs.device = device;
    abort_command(drive);
}

static void set_translation(struct ide_drive *drive, unsigned heads, unsigned per_track)
{
    uint64_t cylinders = drive->native_sectors / (heads * per_track);
    drive->ata.heads = (uint16_t)heads;
    drive->ata.per_track = (uint16_t)per_track;
    drive->ata.cylinders = (uint16_t)(cylinders > 65535 ? 65535 : cylinders);
}

static void initialize_parameters(struct ide_drive *drive)
{
    if (!drive->regs.count[0]) {
        abort_command(drive);
        return;
    }
    set_translation(drive, (drive->regs.device & 15u) + 1, drive->regs.count[0]);
    done_shortly(drive);
}

static void set_multiple(struct ide_drive *drive)
{
    unsigned count = drive->regs.count[0];
    if (count > MULTIPLE_MAX || (count & (count - 1))) {
        drive->ata.multiple = 0;
        abort_command(drive);
        return;
    }
    drive->ata.multiple = (uint8_t)count;
    done_shortly(drive);
}

static void set_features(struct ide_drive *drive)
{
    struct ata_state *ata = &drive->ata;
    switch (drive->regs.feature[0]) {
    case 0x02:
        ata->write_cache = true;
        break;
    case 0x82:
        ata->write_cache = false;
        break;
    case 0x03:
        if (!ide_set_transfer_mode(drive, drive->regs.count[0])) {
            abort_command(drive);
            return;
        }
        break;
    case 0x55:
        ata->read_ahead = false;
        break;
    case 0xAA:
        ata->read_ahead = true;
        break;
    case 0x66:
        ata->revert_defaults = false;
        break;
    case 0xCC:
        ata->revert_defaults = true;
        break;
    case 0x33: /* retries, length of the check bytes (ATA-1) */
    case 0x44:
    case 0x99:
    case 0xBB:
        break;
    default:
        abort_command(drive);
        return;
    }
    done_shortly(drive);
}

/* ---- buffers ---- */

static void read_buffer(struct ide_drive *drive)
{
    memcpy(drive->data, drive->ata.sector_buffer, ATA_SECTOR);
    drive->ata.left = 0;
    ide_data_in(drive, 0, ATA_SECTOR, true);
}

static void write_buffer(struct ide_drive *drive)
{
    drive->ata.left = 0;
    ide_data_out(drive, 0, ATA_SECTOR, false);
}

/* ---- power ---- */

static void check_power(struct ide_drive *drive)
{
    drive->regs.count[0] = drive->ata.power;
    done_shortly(drive);
}

static void go_idle(struct ide_drive *drive)
{
    drive->ata.power = POWER_IDLE;
    done_shortly(drive);
}

static void go_standby(struct ide_drive *drive)
{
    drive->ata.power = POWER_STANDBY;
    if (image_flush(drive->image))
        done_shortly(drive);
    else
        ide_end(drive, READY | ATA_DF | ATA_ERR, ATA_ABRT);
}

/* Only a reset wakes it up again. */
static void go_to_sleep(struct ide_drive *drive)
{
    go_standby(drive);
    drive->ata.asleep = true;
}

/* ---- host protected area (6.9) ---- */

static void read_native_max(struct ide_drive *drive)
{
    uint64_t last = drive->native_sectors - 1;
    drive->ata.max_was_read = true;
    if (drive->command == 0x27)
        put_lba48(drive, last);
    else
        put_lba28(drive, last < LBA28_LIMIT ? last : LBA28_LIMIT - 1);
    done_shortly(drive);
}

static void set_max(struct ide_drive *drive)
{
    bool ext = drive->command == 0x37;
    uint64_t last = ext ? lba48(drive) : lba28(drive);
    /* The subcommands with a password of SET MAX are another feature set. */
    if (!drive->ata.max_was_read || (!ext && drive->regs.feature[0])) {
        abort_command(drive);
        return;
    }
    if (last >= drive->native_sectors) {
        ide_end(drive, READY | ATA_ERR, ATA_IDNF);
        return;
    }
    drive->ata.sectors = last + 1;
    done_shortly(drive);
}

/* ---- SMART (8.41) ---- */

/* Attributes: id, flags, current, worst, raw. A disk image does not age. */
static const struct {
    uint8_t id, flags, threshold, raw;
} smart_attributes[] = {
    {1, 0x0F, 51, 0},   /* read error rate */
    {5, 0x33, 10, 0},   /* reallocated sectors */
    {9, 0x32, 0, 0},    /* power-on hours */
    {12, 0x32, 0, 1},   /* power cycles */
    {194, 0x22, 0, 30}, /* temperature */
    {197, 0x32, 0, 0},  /* pending sectors */
};

static void add_sum(uint8_t *page)
{
    uint8_t sum = 0;
    for (unsigned i = 0; i < 511; i++)
        sum = (uint8_t)(sum + page[i]);
    page[511] = (uint8_t)-sum;
}

static void give_page(struct ide_drive *drive)
{
    add_sum(drive->data);
    drive->ata.left = 0;
    ide_data_in(drive, 0, ATA_SECTOR, true);
}

static void smart_read_data(struct ide_drive *drive)
{
    uint8_t *page = drive->data;
    memset(page, 0, ATA_SECTOR);
    page[0] = 0x10;
    for (unsigned i = 0; i < sizeof smart_attributes / sizeof smart_attributes[0]; i++) {
        uint8_t *at = page + 2 + 12 * i;
        at[0] = smart_attributes[i].id;
        at[1] = smart_attributes[i].flags;
        at[3] = at[4] = 100;
        at[5] = smart_attributes[i].raw;
    }
    page[362] = drive->ata.smart_autosave ? 0x80 : 0x00;
    page[368] = 0x03; /* saves attributes */
    page[370] = 0x01; /* keeps an error log */
    give_page(drive);
}

static void smart_read_thresholds(struct ide_drive *drive)
{
    uint8_t *page = drive->data;
    memset(page, 0, ATA_SECTOR);
    page[0] = 0x10;
    for (unsigned i = 0; i < sizeof smart_attributes / sizeof smart_attributes[0]; i++) {
        page[2 + 12 * i] = smart_attributes[i].id;
        page[2 + 12 * i + 1] = smart_attributes[i].threshold;
    }
    give_page(drive);
}

/* Log 0 is the directory, 1 the error log, 6 the self-test log: the last two are empty. */
static void smart_read_log(struct ide_drive *drive)
{
    uint8_t log = drive->regs.lba_low[0];
    if (drive->regs.count[0] != 1 || (log != 0 && log != 1 && log != 6)) {
        abort_command(drive);
        return;
    }
    memset(drive->data, 0, ATA_SECTOR);
    drive->data[0] = 1;
    if (log == 0) {
        drive->data[2 * 1] = 1;
        drive->data[2 * 6] = 1;
    }
    give_page(drive);
}

/* 2CF4h instead of C24Fh would say that the disk is about to fail. */
static void smart_status(struct ide_drive *drive)
{
    drive->regs.lba_mid[0] = 0x4F;
    drive->regs.lba_high[0] = 0xC2;
    done_shortly(drive);
}

static void smart_autosave(struct ide_drive *drive)
{
    drive->ata.smart_autosave = drive->regs.count[0] != 0;
    done_shortly(drive);
}

static void smart(struct ide_drive *drive)
{
    uint8_t feature = drive->regs.feature[0];
    if (drive->regs.lba_mid[0] != 0x4F || drive->regs.lba_high[0] != 0xC2 ||
        (!drive->ata.smart && feature != 0xD8)) {
        abort_command(drive);
        return;
    }
    switch (feature) {
    case 0xD0:
        smart_read_data(drive);
        break;
    case 0xD1:
        smart_read_thresholds(drive);
        break;
    case 0xD2:
        smart_autosave(drive);
        break;
    case 0xD3: /* save attributes */
    case 0xD4: /* off-line test: finds nothing */
        done_shortly(drive);
        break;
    case 0xD5:
        smart_read_log(drive);
        break;
    case 0xD8:
    case 0xD9:
        drive->ata.smart = feature == 0xD8;
        done_shortly(drive);
        break;
    case 0xDA:
        smart_status(drive);
        break;
    default:
        abort_command(drive);
    }
}

/* ---- command table ---- */

static const struct {
    uint8_t first, last; /* opcodes */
    const char *name;
    void (*run)(struct ide_drive *drive);
} commands[] = {
    {0x00, 0x00, "NOP", abort_command},
    {0x10, 0x1F, "RECALIBRATE", recalibrate},
    {0x20, 0x21, "READ SECTORS", read_sectors},
    {0x22, 0x23, "READ LONG", read_long},
    {0x24, 0x24, "READ SECTORS EXT", read_sectors},
    {0x25, 0x25, "READ DMA EXT", start_dma},
    {0x27, 0x27, "READ NATIVE MAX ADDRESS EXT", read_native_max},
    {0x29, 0x29, "READ MULTIPLE EXT", read_multiple},
    {0x30, 0x31, "WRITE SECTORS", write_sectors},
    {0x32, 0x33, "WRITE LONG", write_long},
    {0x34, 0x34, "WRITE SECTORS EXT", write_sectors},
    {0x35, 0x35, "WRITE DMA EXT", start_dma},
    {0x37, 0x37, "SET MAX ADDRESS EXT", set_max},
    {0x39, 0x39, "WRITE MULTIPLE EXT", write_multiple},
    {0x3C, 0x3C, "WRITE VERIFY", write_sectors},
    {0x40, 0x41, "READ VERIFY SECTORS", start_verify},
    {0x42, 0x42, "READ VERIFY SECTORS EXT", start_verify},
    {0x50, 0x50, "FORMAT TRACK", format_track},
    {0x70, 0x7F, "SEEK", seek},
    {0x91, 0x91, "INITIALIZE DEVICE PARAMETERS", initialize_parameters},
    {0x94, 0x94, "STANDBY IMMEDIATE", go_standby},
    {0x95, 0x95, "IDLE IMMEDIATE", go_idle},
    {0x96, 0x96, "STANDBY", go_standby},
    {0x97, 0x97, "IDLE", go_idle},
    {0x98, 0x98, "CHECK POWER MODE", check_power},
    {0x99, 0x99, "SLEEP", go_to_sleep},
    {0xA1, 0xA1, "IDENTIFY PACKET DEVICE", identify_packet},
    {0xB0, 0xB0, "SMART", smart},
    {0xC4, 0xC4, "READ MULTIPLE", read_multiple},
    {0xC5, 0xC5, "WRITE MULTIPLE", write_multiple},
    {0xC6, 0xC6, "SET MULTIPLE MODE", set_multiple},
    {0xC8, 0xC9, "READ DMA", start_dma},
    {0xCA, 0xCB, "WRITE DMA", start_dma},
    {0xE0, 0xE0, "STANDBY IMMEDIATE", go_standby},
    {0xE1, 0xE1, "IDLE IMMEDIATE", go_idle},
    {0xE2, 0xE2, "STANDBY", go_standby},
    {0xE3, 0xE3, "IDLE", go_idle},
    {0xE4, 0xE4, "READ BUFFER", read_buffer},
    {0xE5, 0xE5, "CHECK POWER MODE", check_power},
    {0xE6, 0xE6, "SLEEP", go_to_sleep},
    {0xE7, 0xE7, "FLUSH CACHE", flush_cache},
    {0xE8, 0xE8, "WRITE BUFFER", write_buffer},
    {0xEA, 0xEA, "FLUSH CACHE EXT", flush_cache},
    {0xEC, 0xEC, "IDENTIFY DEVICE", identify},
    {0xEF, 0xEF, "SET FEATURES", set_features},
    {0xF8, 0xF8, "READ NATIVE MAX ADDRESS", read_native_max},
    {0xF9, 0xF9, "SET MAX ADDRESS", set_max},
};

static void execute(struct ide_drive *drive)
{
    drive->data_index = drive->data_end = 0;
    drive->ata.block = 0;
    /* SET MAX counts only right after READ NATIVE MAX. */
    if (drive->command != 0xF9 && drive->command != 0x37)
        drive->ata.max_was_read = false;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (drive->command >= commands[i].first && drive->command <= commands[i].last) {
            log_line(ide_device(drive)->log, "ide", "drive %u: %s, device %02X LBA %012" PRIX64 " count %u",
                     drive->channel->number * 2 + drive->number, commands[i].name, drive->regs.device,
                     lba48(drive), drive->regs.count[0]);
            commands[i].run(drive);
            return;
        }
    log_line(ide_device(drive)->log, "ide", "drive %u: command %02X is unknown",
             drive->channel->number * 2 + drive->number, drive->command);
    abort_command(drive);
}

void ata_run_stage(struct ide_drive *drive, enum ide_stage stage)
{
    switch (stage) {
    case STAGE_EXECUTE:
        execute(drive);
        break;
    case STAGE_READ:
        read_block(drive);
        break;
    case STAGE_WRITE:
        write_block(drive);
        break;
    case STAGE_VERIFY:
        verify_stage(drive);
        break;
    case STAGE_DMA:
        dma_stage(drive);
        break;
    case STAGE_DONE:
        succeed(drive);
        break;
    default: /* stages of packet devices */
        break;
    }
}

/* The host has read or written a whole block. */
void ata_block_done(struct ide_drive *drive)
{
    bool reading = drive->command != 0xE8 && !(drive->command >= 0x30 && drive->command <= 0x3F) &&
                   drive->command != 0xC5;
    if (drive->command == 0xE8) {
        memcpy(drive->ata.sector_buffer, drive->data, ATA_SECTOR);
        ide_busy(drive, STAGE_DONE, BLOCK_NS);
    } else if (drive->command == 0x50) {
        ide_busy(drive, STAGE_DONE, SEEK_NS);
    } else if (!reading) {
        ide_busy(drive, STAGE_WRITE, (uint64_t)(drive->data_end / ATA_SECTOR) * BLOCK_NS);
    } else if (drive->ata.left) {
        ide_busy(drive, STAGE_READ, (uint64_t)next_block(drive, drive->ata.block) * BLOCK_NS);
    } else {
        drive->status = READY;
        drive->data_index = drive->data_end = 0;
        if (drive->ata.block)
            end_of_sectors(drive);
    }
}

/* ---- setting up ---- */

/* Physical geometry as a disk of that time tells it: at most 16383 cylinders, 16 heads, 63 sectors. */
static bool choose_geometry(struct ide_drive *drive, const struct ide_drive_config *config, struct error *err)
{
    struct disk_geometry geometry = config->geometry;
    uint64_t sectors = image_size(config->image) / ATA_SECTOR;
    if (!geometry.cylinders && !geometry.heads && !geometry.sectors &&
        !image_disk_geometry(config->image, &geometry, err))
        return false;
    bool given = config->geometry.heads || config->geometry.sectors || config->geometry.cylinders;
    if (given && (!geometry.cylinders || geometry.cylinders > 65535 || !geometry.heads ||
                  geometry.heads > 16 || !geometry.sectors || geometry.sectors > 255))
        return error_set(
            err, "%s: a disk of %u cylinders, %u heads, %u sectors is impossible; use at most 65535, 16, 255",
            image_path(config->image), geometry.cylinders, geometry.heads, geometry.sectors);
    if (given && (uint64_t)geometry.cylinders * geometry.heads * geometry.sectors > sectors)
        return error_set(
            err,
            "%s has %" PRIu64
            " sectors, fewer than %u cylinders of %u heads and %u sectors need; it has room for %" PRIu64
            " of them",
            image_path(config->image), sectors, geometry.cylinders, geometry.heads, geometry.sectors,
            sectors / (geometry.heads * geometry.sectors));
    if (!given && (geometry.heads > 16 || geometry.cylinders > 16383)) {
        uint64_t cylinders = sectors / (16 * 63);
        geometry = (struct disk_geometry){cylinders > 16383 ? 16383 : (uint32_t)cylinders, 16, 63};
    }
    drive->geometry = geometry;
    return true;
}

bool ata_init(struct ide_drive *drive, const struct ide_drive_config *config, struct error *err)
{
    drive->native_sectors = image_size(config->image) / ATA_SECTOR;
    if (drive->native_sectors > LBA48_LIMIT)
        return error_set(err, "%s is larger than any ATA disk", image_path(config->image));
    return choose_geometry(drive, config, err);
}

static void power_on_defaults(struct ide_drive *drive)
{
    struct ata_state *ata = &drive->ata;
    ata->multiple = 0;
    ata->write_cache = ata->read_ahead = true;
    ata->cylinders = (uint16_t)drive->geometry.cylinders;
    ata->heads = drive->geometry.heads;
    ata->per_track = drive->geometry.sectors;
}

void ata_reset(struct ide_drive *drive, bool hard)
{
    struct ata_state *ata = &drive->ata;
    ata->asleep = false;
    ata->power = POWER_ACTIVE;
    ata->max_was_read = false;
    if (hard) {
        ata->revert_defaults = false;
        ata->smart = ata->smart_autosave = true;
        ata->sectors = drive->native_sectors;
        ata->head_lba = 0;
        ata->lba = ata->left = 0;
        ata->block = 0;
        memset(ata->sector_buffer, 0, sizeof ata->sector_buffer);
        drive->transfer_mode = 0x22;
    }
    if (hard || ata->revert_defaults)
        power_on_defaults(drive);
}

void ata_print(const struct ide_drive *drive, struct text *out)
{
    const struct ata_state *ata = &drive->ata;
    text_add(out, "    disk %s: %" PRIu64 " sectors, %u/%u/%u, translation %u/%u/%u, multiple %u%s%s\n",
             image_path(drive->image), drive->native_sectors, drive->geometry.cylinders,
             drive->geometry.heads, drive->geometry.sectors, ata->cylinders, ata->heads, ata->per_track,
             ata->multiple, ata->asleep ? ", asleep" : "",
             image_read_only(drive->image) ? ", read-only" : "");
    if (ata->left)
        text_add(out, "    at LBA %" PRIu64 ", %u sectors left\n", ata->lba, ata->left);
}

const struct field ata_fields[] = {FIELD(struct ata_state, lba),
                                   FIELD_RANGE(struct ata_state, left, 0, 65536),
                                   FIELD_RANGE(struct ata_state, block, 0, MULTIPLE_MAX),
                                   FIELD(struct ata_state, head_lba),
                                   FIELD(struct ata_state, sectors),
                                   FIELD(struct ata_state, cylinders),
                                   FIELD_RANGE(struct ata_state, heads, 0, 16),
                                   FIELD_RANGE(struct ata_state, per_track, 0, 255),
                                   FIELD_RANGE(struct ata_state, multiple, 0, MULTIPLE_MAX),
                                   FIELD(struct ata_state, power),
                                   FIELD_RANGE(struct ata_state, asleep, 0, 1),
                                   FIELD_RANGE(struct ata_state, write_cache, 0, 1),
                                   FIELD_RANGE(struct ata_state, read_ahead, 0, 1),
                                   FIELD_RANGE(struct ata_state, smart, 0, 1),
                                   FIELD_RANGE(struct ata_state, smart_autosave, 0, 1),
                                   FIELD_RANGE(struct ata_state, max_was_read, 0, 1),
                                   FIELD_RANGE(struct ata_state, revert_defaults, 0, 1),
                                   FIELD_BYTES(struct ata_state, sector_buffer),
                                   FIELD_END};
