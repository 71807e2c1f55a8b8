/* An ATAPI CD-ROM drive on an IDE channel, with one data track. ATA/ATAPI-6 (T13/1410D) for the registers,
 * SFF-8020i and MMC-3 (T10/1363-D) for the packets. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "devices/cd_sector.h"
#include "devices/ide_private.h"

#define READY (ATA_DRDY | ATA_DSC)

#define SHORT_NS    20000u  /* until a packet is wanted, or the answer to a short command is there */
#define SEEK_NS     200000u /* to a block that is not the next one */
#define BLOCK_NS    50000u  /* per block from the disc */
#define PART_NS     5000u   /* between parts of one reply */
#define DMA_BYTE_NS 30u

#define PACKET_BYTES 12u
#define CD_BLOCKS    450000u /* more than that is a DVD */

enum {
    REASON_COMMAND = 1,
    REASON_TO_HOST = 2,
    REASON_DONE = 3
}; /* interrupt reason, in the count register */

enum { /* Sense keys */
       SENSE_NONE = 0,
       SENSE_NOT_READY = 2,
       SENSE_MEDIUM_ERROR = 3,
       SENSE_ILLEGAL_REQUEST = 5,
       SENSE_UNIT_ATTENTION = 6,
};

enum { /* Additional sense codes */
       ASC_UNRECOVERED_READ = 0x11,
       ASC_LIST_LENGTH = 0x1A,
       ASC_INVALID_COMMAND = 0x20,
       ASC_OUT_OF_RANGE = 0x21,
       ASC_INVALID_FIELD = 0x24,
       ASC_INVALID_PARAMETER = 0x26,
       ASC_MEDIUM_CHANGED = 0x28,
       ASC_SEQUENCE = 0x2C,
       ASC_SAVING = 0x39,
       ASC_NO_MEDIUM = 0x3A,
       ASC_REMOVAL_PREVENTED = 0x53,
       ASC_ILLEGAL_MODE = 0x64,
};

enum { MEDIA_NO_EVENT = 0, MEDIA_NEW = 2, MEDIA_REMOVED = 3 };

enum { /* READ CD, byte 9 */
       FIELD_SYNC = 0x80,
       FIELD_HEADER = 0x20,
       FIELD_USER = 0x10,
       FIELD_EDC = 0x08,
};

/* ---- numbers in packets are big-endian ---- */

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint32_t get24(const uint8_t *at)
{
    return (uint32_t)at[0] << 16 | get16(at + 1);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

/* ---- ends of commands ---- */

static void succeed(struct ide_drive *drive)
{
    drive->regs.count[0] = REASON_DONE;
    if (drive->atapi.dma)
        ide_dma_end(drive);
    ide_end(drive, READY, 0);
}

static void fail(struct ide_drive *drive, uint8_t key, uint8_t asc, uint8_t ascq)
{
    struct atapi_state *cd = &drive->atapi;
    cd->sense_key = key;
    cd->asc = asc;
    cd->ascq = ascq;
    drive->regs.count[0] = REASON_DONE;
    ide_end(drive, READY | ATA_ERR, (uint8_t)(key << 4 | ATA_ABRT));
}

static void refuse_field(struct ide_drive *drive)
{
    fail(drive, SENSE_ILLEGAL_REQUEST, ASC_INVALID_FIELD, 0);
}

/* ---- the disc ---- */

static bool disc_ready(const struct ide_drive *drive)
{
    return drive->image && !drive->atapi.tray_open;
}

static uint32_t disc_blocks(const struct ide_drive *drive)
{
    uint64_t blocks = (image_size(drive->image) + CD_BLOCK - 1) / CD_BLOCK;
    return blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks;
}

static bool is_dvd(const struct ide_drive *drive)
{
    return disc_ready(drive) && disc_blocks(drive) > CD_BLOCKS;
}

/* The last block of an image may be cut short: the rest is zeros. */
static bool read_blocks(struct ide_drive *drive, uint32_t lba, uint8_t *out, uint32_t count)
{
    uint64_t offset = (uint64_t)lba * CD_BLOCK, size = image_size(drive->image);
    size_t wanted = (size_t)count * CD_BLOCK;
    size_t there = offset + wanted > size ? (size_t)(size - offset) : wanted;
    memset(out + there, 0, wanted - there);
    return image_read(drive->image, offset, out, there);
}

/* Parts of a raw sector, in the order in which they lie on the disc. */
static const struct {
    uint8_t field;
    uint16_t offset, bytes;
} raw_parts[] = {
    {FIELD_SYNC, 0, 12}, {FIELD_HEADER, 12, 4}, {FIELD_USER, 16, CD_BLOCK}, {FIELD_EDC, 2064, 288}};

#define RAW_PARTS (sizeof raw_parts / sizeof raw_parts[0])

static uint32_t block_bytes(const struct ide_drive *drive)
{
    uint32_t bytes = 0;
    for (size_t i = 0; i < RAW_PARTS; i++)
        if (drive->atapi.fields & raw_parts[i].field)
            bytes += raw_parts[i].bytes;
    return bytes;
}

static bool read_raw_block(struct ide_drive *drive, uint32_t lba, uint8_t *out)
{
    uint8_t raw[CD_RAW_BYTES];
    if (!read_blocks(drive, lba, raw + 16, 1))
        return false;
    cd_encode_mode1(raw, lba);
    for (size_t i = 0; i < RAW_PARTS; i++)
        if (drive->atapi.fields & raw_parts[i].field) {
            memcpy(out, raw + raw_parts[i].offset, raw_parts[i].bytes);
            out += raw_parts[i].bytes;
        }
    return true;
}

/* Fills the buffer with the next blocks; false after the command was ended by an error. */
static bool refill(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    uint32_t bytes = block_bytes(drive),
             most = (cd->dma ? IDE_BUFFER_SIZE : cd->byte_limit) / (bytes ? bytes : 1);
    uint32_t count = cd->blocks_left;
    if (count > most)
        count = most ? most : 1;
    drive->data_index = drive->data_end = 0;
    if (!disc_ready(drive)) {
        fail(drive, SENSE_NOT_READY, ASC_NO_MEDIUM, 0);
        return false;
    }
    if (!bytes || cd->lba >= disc_blocks(drive) || count > disc_blocks(drive) - cd->lba) {
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_OUT_OF_RANGE, 0);
        return false;
    }
    bool ok = true;
    if (cd->fields == FIELD_USER)
        ok = read_blocks(drive, cd->lba, drive->data, count);
    else
        for (uint32_t i = 0; i < count && ok; i++)
            ok = read_raw_block(drive, cd->lba + i, drive->data + i * bytes);
    if (!ok) {
        fail(drive, SENSE_MEDIUM_ERROR, ASC_UNRECOVERED_READ, 0);
        return false;
    }
    cd->lba += count;
    cd->blocks_left -= count;
    cd->next_lba = cd->lba;
    cd->fill = count * bytes;
    drive->channel->ide->activity += count;
    return true;
}

/* ---- moving data ---- */

static void put_byte_count(struct ide_drive *drive, uint32_t count)
{
    drive->regs.lba_mid[0] = (uint8_t)count;
    drive->regs.lba_high[0] = (uint8_t)(count >> 8);
}

static uint32_t next_part(const struct ide_drive *drive)
{
    uint32_t left = drive->atapi.fill - drive->data_end;
    return left < drive->atapi.byte_limit ? left : drive->atapi.byte_limit;
}

/* The next part of the reply towards the host (PIO), or the end. */
static void reply_stage(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    if (drive->data_end >= cd->fill) {
        if (!cd->blocks_left) {
            succeed(drive);
            return;
        }
        if (!refill(drive))
            return;
    }
    uint32_t part = next_part(drive);
    put_byte_count(drive, part);
    drive->regs.count[0] = REASON_TO_HOST;
    ide_data_in(drive, drive->data_end, drive->data_end + part, true);
}

static void want_parameters(struct ide_drive *drive)
{
    uint32_t part = next_part(drive);
    put_byte_count(drive, part);
    drive->regs.count[0] = 0;
    ide_data_out(drive, drive->data_end, drive->data_end + part, true);
}

static void use_parameters(struct ide_drive *drive);

static void dma_stage(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    if (drive->data_index == drive->data_end && drive->data_end >= cd->fill) {
        if (!cd->to_host) {
            use_parameters(drive);
            return;
        }
        if (!cd->blocks_left) {
            succeed(drive);
            return;
        }
        if (!refill(drive))
            return;
    }
    drive->data_end = cd->fill;
    drive->regs.count[0] = cd->to_host ? REASON_TO_HOST : 0;
    if (ide_dma(drive, cd->to_host))
        ide_busy(drive, STAGE_DMA, (uint64_t)drive->data_end * DMA_BYTE_NS);
}

/* LENGTH bytes of an answer are in the buffer; the host wants at most ALLOCATED. */
static void reply(struct ide_drive *drive, uint32_t length, uint32_t allocated)
{
    struct atapi_state *cd = &drive->atapi;
    cd->to_host = true;
    cd->blocks_left = 0;
    cd->fill = length < allocated ? length : allocated;
    drive->data_index = drive->data_end = 0;
    if (!cd->fill)
        succeed(drive);
    else
        ide_busy(drive, cd->dma ? STAGE_DMA : STAGE_REPLY, PART_NS);
}

/* Clears the buffer's first LENGTH bytes for an answer. */
static uint8_t *blank(struct ide_drive *drive, uint32_t length)
{
    memset(drive->data, 0, length);
    return drive->data;
}

static void start_blocks(struct ide_drive *drive, uint32_t lba, uint32_t count, uint8_t fields)
{
    struct atapi_state *cd = &drive->atapi;
    if (lba > disc_blocks(drive) || count > disc_blocks(drive) - lba) {
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_OUT_OF_RANGE, 0);
        return;
    }
    if (!count || !fields) {
        cd->next_lba = lba;
        succeed(drive);
        return;
    }
    cd->lba = lba;
    cd->blocks_left = count;
    cd->fields = fields;
    cd->to_host = true;
    cd->fill = 0;
    drive->data_index = drive->data_end = 0;
    ide_busy(drive, cd->dma ? STAGE_DMA : STAGE_REPLY, (lba == cd->next_lba ? 0 : SEEK_NS) + BLOCK_NS);
}

/* ---- packets: reading ---- */

static void packet_read_10(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    start_blocks(drive, get32(p + 2), get16(p + 7), FIELD_USER);
}

static void packet_read_12(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    start_blocks(drive, get32(p + 2), get32(p + 6), FIELD_USER);
}

/* READ CD and READ CD MSF: only data tracks in mode 1 are there, and no subchannels. */
static void read_cd(struct ide_drive *drive, uint32_t lba, uint32_t count)
{
    const uint8_t *p = drive->atapi.packet;
    unsigned type = p[1] >> 2 & 7;
    if (type != 0 && type != 2)
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_ILLEGAL_MODE, 0);
    else if ((p[10] & 7) || (p[9] & 6))
        refuse_field(drive);
    else
        start_blocks(drive, lba, count, p[9] & (FIELD_SYNC | FIELD_HEADER | FIELD_USER | FIELD_EDC));
}

static void packet_read_cd(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    read_cd(drive, get32(p + 2), get24(p + 6));
}

static void packet_read_cd_msf(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    uint32_t first = cd_lba(p[3], p[4], p[5]), end = cd_lba(p[6], p[7], p[8]);
    if (end < first)
        refuse_field(drive);
    else
        read_cd(drive, first, end - first);
}

static void packet_seek(struct ide_drive *drive)
{
    uint32_t lba = get32(drive->atapi.packet + 2);
    if (lba >= disc_blocks(drive)) {
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_OUT_OF_RANGE, 0);
        return;
    }
    drive->atapi.next_lba = lba;
    ide_busy(drive, STAGE_DONE, SEEK_NS);
}

static void packet_verify(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    uint32_t lba = get32(p + 2), count = get16(p + 7);
    if (lba > disc_blocks(drive) || count > disc_blocks(drive) - lba)
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_OUT_OF_RANGE, 0);
    else
        ide_busy(drive, STAGE_DONE, SEEK_NS);
}

static void packet_read_capacity(struct ide_drive *drive)
{
    uint8_t *out = blank(drive, 8);
    put32(out, disc_blocks(drive) - 1);
    put32(out + 4, CD_BLOCK);
    reply(drive, 8, 8);
}

/* ---- packets: tables of contents ---- */

/* An address as the host asked for it. */
static void put_address(uint8_t *at, uint32_t lba, bool msf)
{
    if (!msf) {
        put32(at, lba);
        return;
    }
    at[0] = 0;
    cd_msf(lba, at + 1);
}

#define DATA_TRACK 0x14 /* ADR 1: position; control 4: data */
#define LEAD_OUT   0xAA

static uint32_t toc_tracks(struct ide_drive *drive, bool msf, unsigned first)
{
    uint8_t *out = blank(drive, 20), *at = out + 4;
    out[2] = out[3] = 1;
    if (first <= 1) {
        at[1] = DATA_TRACK;
        at[2] = 1;
        put_address(at + 4, 0, msf);
        at += 8;
    }
    at[1] = DATA_TRACK;
    at[2] = LEAD_OUT;
    put_address(at + 4, disc_blocks(drive), msf);
    at += 8;
    put16(out, (unsigned)(at - out) - 2);
    return (uint32_t)(at - out);
}

static uint32_t toc_sessions(struct ide_drive *drive, bool msf)
{
    uint8_t *out = blank(drive, 12);
    out[1] = 10;
    out[2] = out[3] = 1;
    out[5] = DATA_TRACK;
    out[6] = 1;
    put_address(out + 8, 0, msf);
    return 12;
}

/* The Q subchannel of the lead-in: points A0h, A1h, A2h and the track, always as minutes, seconds, frames. */
static uint32_t toc_raw(struct ide_drive *drive)
{
    static const uint8_t points[] = {0xA0, 0xA1, 0xA2, 0x01};
    uint8_t *out = blank(drive, 4 + 11 * sizeof points);
    put16(out, 2 + 11 * sizeof points);
    out[2] = out[3] = 1;
    for (unsigned i = 0; i < sizeof points; i++) {
        uint8_t *at = out + 4 + 11 * i;
        at[0] = 1;
        at[1] = DATA_TRACK;
        at[3] = points[i];
        if (points[i] == 0xA0 || points[i] == 0xA1)
            at[8] = 1;
        else
            cd_msf(points[i] == 0xA2 ? disc_blocks(drive) : 0, at + 8);
    }
    return 4 + 11 * sizeof points;
}

static void packet_read_toc(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    bool msf = p[1] & 2;
    unsigned format = p[2] & 15 ? p[2] & 15 : p[9] >> 6; /* SFF-8020i has it in byte 9 */
    uint32_t length;
    if (format == 0 && p[6] > 1 && p[6] != LEAD_OUT) {
        refuse_field(drive);
        return;
    }
    if (format == 0)
        length = toc_tracks(drive, msf, p[6]);
    else if (format == 1)
        length = toc_sessions(drive, msf);
    else if (format == 2)
        length = toc_raw(drive);
    else {
        refuse_field(drive);
        return;
    }
    reply(drive, length, get16(p + 7));
}

static void packet_read_header(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    uint32_t lba = get32(p + 2), allocated = get16(p + 7);
    bool msf = p[1] & 2;
    if (lba >= disc_blocks(drive)) {
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_OUT_OF_RANGE, 0);
        return;
    }
    uint8_t *out = blank(drive, 8);
    out[0] = 1; /* mode 1 */
    put_address(out + 4, lba, msf);
    reply(drive, 8, allocated);
}

/* No audio plays, and the disc has neither a catalogue number nor ISRCs. */
static void packet_read_subchannel(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    bool msf = p[1] & 2, q = p[2] & 0x40;
    unsigned format = p[3], allocated = get16(p + 7);
    if (q && (format < 1 || format > 3)) {
        refuse_field(drive);
        return;
    }
    uint32_t length = !q ? 4 : format == 1 ? 16 : 24;
    uint8_t *out = blank(drive, length);
    out[1] = 0x15; /* no audio status to tell */
    put16(out + 2, length - 4);
    if (q) {
        out[4] = (uint8_t)format;
        if (format != 2)
            out[5] = DATA_TRACK;
        if (format != 2)
            out[6] = 1;
        if (format == 1) {
            out[7] = 1;
            put_address(out + 8, drive->atapi.next_lba, msf);
            put_address(out + 12, drive->atapi.next_lba, false);
            if (msf)
                cd_msf(drive->atapi.next_lba - 150, out + 13);
        }
    }
    reply(drive, length, allocated);
}

static void packet_read_disc_information(struct ide_drive *drive)
{
    unsigned allocated = get16(drive->atapi.packet + 7);
    uint8_t *out = blank(drive, 34);
    put16(out, 32);
    out[2] = 0x0E; /* disc and session are complete */
    out[3] = out[4] = out[5] = out[6] = 1;
    out[7] = 0x20; /* unrestricted use */
    memset(out + 16, 0xFF, 8);
    reply(drive, 34, allocated);
}

static void packet_read_track_information(struct ide_drive *drive)
{
    unsigned allocated = get16(drive->atapi.packet + 7);
    uint8_t *out = blank(drive, 36);
    put16(out, 34);
    out[2] = out[3] = 1;
    out[5] = 4; /* data, recorded uninterrupted */
    out[6] = 1; /* mode 1 */
    put32(out + 24, disc_blocks(drive));
    reply(drive, 36, allocated);
}

/* ---- packets: the drive ---- */

static void packet_test_unit_ready(struct ide_drive *drive)
{
    succeed(drive);
}

static void packet_request_sense(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    uint8_t allocated = cd->packet[4];
    uint8_t *out = blank(drive, 18);
    if (cd->sense_key == SENSE_NONE && cd->unit_attention) {
        cd->sense_key = SENSE_UNIT_ATTENTION;
        cd->asc = ASC_MEDIUM_CHANGED;
        cd->ascq = 0;
        cd->unit_attention = false;
    }
    out[0] = 0x70;
    out[2] = cd->sense_key;
    out[7] = 10;
    out[12] = cd->asc;
    out[13] = cd->ascq;
    cd->sense_key = cd->asc = cd->ascq = 0;
    reply(drive, 18, allocated);
}

static void packet_inquiry(struct ide_drive *drive)
{
    uint8_t allocated = drive->atapi.packet[4];
    if (drive->atapi.packet[1] & 1) { /* vital product data are not there */
        refuse_field(drive);
        return;
    }
    uint8_t *out = blank(drive, 36);
    out[0] = 0x05;
    out[1] = 0x80; /* removable */
    out[3] = 0x21; /* ATAPI */
    out[4] = 31;
    memcpy(out + 8, "TICK86  CD-ROM          1.0 ", 28);
    reply(drive, 36, allocated);
}

static void packet_prevent_removal(struct ide_drive *drive)
{
    drive->atapi.locked = drive->atapi.packet[4] & 1;
    succeed(drive);
}

/* Stop, start, eject, load. */
static void packet_start_stop(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    switch (cd->packet[4] & 3) {
    case 2:
        if (cd->locked) {
            fail(drive, disc_ready(drive) ? SENSE_ILLEGAL_REQUEST : SENSE_NOT_READY, ASC_REMOVAL_PREVENTED,
                 2);
            return;
        }
        if (disc_ready(drive))
            cd->media_event = MEDIA_REMOVED;
        cd->tray_open = true;
        break;
    case 3:
        if (cd->tray_open && drive->image) {
            cd->unit_attention = true;
            cd->media_event = MEDIA_NEW;
        }
        cd->tray_open = false;
        break;
    }
    ide_busy(drive, STAGE_DONE, SEEK_NS);
}

static void packet_mechanism_status(struct ide_drive *drive)
{
    unsigned allocated = get16(drive->atapi.packet + 8);
    uint8_t *out = blank(drive, 8);
    out[1] = drive->atapi.tray_open ? 0x10 : 0x00;
    out[2] = (uint8_t)(drive->atapi.next_lba >> 16);
    out[3] = (uint8_t)(drive->atapi.next_lba >> 8);
    out[4] = (uint8_t)drive->atapi.next_lba;
    out[5] = 1; /* one slot */
    reply(drive, 8, allocated);
}

/* Only polling is possible; class 4, media events, is the only one. */
static void packet_get_event_status(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    unsigned allocated = get16(cd->packet + 7);
    bool media = cd->packet[4] & 0x10;
    if (!(cd->packet[1] & 1)) {
        refuse_field(drive);
        return;
    }
    uint8_t *out = blank(drive, 8);
    put16(out, media ? 6 : 2);
    out[2] = media ? 4 : 0x80;
    out[3] = 0x10;
    if (media) {
        out[4] = cd->media_event;
        out[5] = (uint8_t)((disc_ready(drive) ? 2 : 0) | (cd->tray_open ? 1 : 0));
        cd->media_event = MEDIA_NO_EVENT;
    }
    reply(drive, media ? 8 : 4, allocated);
}

#define PROFILE_CD  0x0008
#define PROFILE_DVD 0x0010

/* One feature descriptor, if the host asked for it. */
static uint8_t *put_feature(const struct ide_drive *drive, uint8_t *at, unsigned code, unsigned flags,
                            const uint8_t *data, unsigned length)
{
    const uint8_t *p = drive->atapi.packet;
    unsigned wanted = get16(p + 2), kind = p[1] & 3;
    if (kind == 2 ? code != wanted : code < wanted || (kind == 1 && !(flags & 1)))
        return at;
    put16(at, code);
    at[2] = (uint8_t)flags;
    at[3] = (uint8_t)length;
    if (length)
        memcpy(at + 4, data, length);
    return at + 4 + length;
}

static void packet_get_configuration(struct ide_drive *drive)
{
    unsigned allocated = get16(drive->atapi.packet + 7);
    bool ready = disc_ready(drive), dvd = is_dvd(drive);
    const uint8_t profiles[] = {0, PROFILE_DVD, dvd, 0, 0, PROFILE_CD, ready && !dvd, 0};
    static const uint8_t core[] = {0, 0, 0, 2}, morphing[] = {0, 0, 0, 0}, removable[] = {0x29, 0, 0, 0};
    static const uint8_t random_readable[] = {0, 0, 8, 0, 0, 1, 0, 0}, cd_read[] = {0, 0, 0, 0};
    unsigned current = ready ? 1 : 0;
    uint8_t *out = blank(drive, 128), *at = out + 8;
    put16(out + 6, !ready ? 0 : dvd ? PROFILE_DVD : PROFILE_CD);
    at = put_feature(drive, at, 0x0000, 3, profiles, sizeof profiles);
    at = put_feature(drive, at, 0x0001, 3, core, sizeof core); /* core, over ATAPI */
    at = put_feature(drive, at, 0x0002, 3, morphing, sizeof morphing);
    at = put_feature(drive, at, 0x0003, 3, removable, sizeof removable);
    at = put_feature(drive, at, 0x0010, current, random_readable, sizeof random_readable);
    at = put_feature(drive, at, 0x001E, ready && !dvd, cd_read, sizeof cd_read);
    at = put_feature(drive, at, 0x001F, dvd, NULL, 0);
    at = put_feature(drive, at, 0x0100, 3, NULL, 0); /* power management */
    put32(out, (uint32_t)(at - out) - 4);
    reply(drive, (uint32_t)(at - out), allocated);
}

/* Physical format, copyright: of a single-layer DVD-ROM without protection. */
static void packet_read_dvd_structure(struct ide_drive *drive)
{
    const uint8_t *p = drive->atapi.packet;
    unsigned format = p[7], allocated = get16(p + 8);
    if (!is_dvd(drive) || format > 1) {
        refuse_field(drive);
        return;
    }
    uint32_t length = format == 0 ? 4 + 2048 : 8;
    uint8_t *out = blank(drive, length);
    put16(out, length - 2);
    if (format == 0) {
        out[4] = 0x01; /* DVD-ROM, version 1 */
        out[5] = 0x0F; /* 120 mm, rate not told */
        out[6] = 0x01; /* one layer, embossed */
        put32(out + 8, 0x30000);
        put32(out + 12, 0x30000 + disc_blocks(drive) - 1);
    }
    reply(drive, length, allocated);
}

/* A data track cannot be played. */
static void packet_play_audio(struct ide_drive *drive)
{
    fail(drive, SENSE_ILLEGAL_REQUEST, ASC_ILLEGAL_MODE, 0);
}

static void packet_pause_resume(struct ide_drive *drive)
{
    fail(drive, SENSE_ILLEGAL_REQUEST, ASC_SEQUENCE, 0);
}

/* ---- mode pages ---- */

#define PAGE_ERROR        0x01
#define PAGE_CD           0x0D
#define PAGE_AUDIO        0x0E
#define PAGE_CAPABILITIES 0x2A

static const uint8_t default_page_error[MODE_PAGE_ERROR_BYTES] = {PAGE_ERROR, 6, 0, 5};
static const uint8_t default_page_cd[MODE_PAGE_CD_BYTES] = {PAGE_CD, 6, 0, 13, 0, 60, 0, 75};
static const uint8_t default_page_audio[MODE_PAGE_AUDIO_BYTES] = {PAGE_AUDIO, 14, 4, 0,    0, 0,
                                                                  0,          75, 1, 0xFF, 2, 0xFF};
static const uint8_t change_page_error[MODE_PAGE_ERROR_BYTES] = {PAGE_ERROR, 6, 0x37, 0xFF};
static const uint8_t change_page_cd[MODE_PAGE_CD_BYTES] = {PAGE_CD, 6, 0, 0x0F};
static const uint8_t change_page_audio[MODE_PAGE_AUDIO_BYTES] = {
    PAGE_AUDIO, 14, 2, 0, 0, 0, 0, 0, 0x0F, 0xFF, 0x0F, 0xFF, 0x0F, 0xFF, 0x0F, 0xFF};

static uint8_t *put_page(uint8_t *at, unsigned control, const uint8_t *current, const uint8_t *changeable,
                         const uint8_t *defaults, unsigned length)
{
    memcpy(at, control == 1 ? changeable : control == 2 ? defaults : current, length);
    return at + length;
}

#define CAPABILITIES_BYTES 20
#define KB_PER_SECOND      4234 /* 24 times the speed of audio */

static uint8_t *put_capabilities(const struct ide_drive *drive, uint8_t *at, unsigned control)
{
    at[0] = PAGE_CAPABILITIES;
    at[1] = CAPABILITIES_BYTES - 2;
    if (control != 1) {
        at[2] = 0x0B;                                            /* reads CD-R, CD-RW, DVD-ROM */
        at[4] = 0x70;                                            /* mode 2 forms 1 and 2, multisession */
        at[6] = (uint8_t)(0x29 | (drive->atapi.locked ? 2 : 0)); /* tray, can lock and eject */
        put16(at + 8, KB_PER_SECOND);
        put16(at + 10, 256);
        put16(at + 12, IDE_BUFFER_SIZE / 1024);
        put16(at + 14, KB_PER_SECOND);
    }
    return at + CAPABILITIES_BYTES;
}

/* The wanted pages at AT; NULL if there is no such page. */
static uint8_t *put_pages(const struct ide_drive *drive, uint8_t *at, unsigned page, unsigned control)
{
    const struct atapi_state *cd = &drive->atapi;
    const uint8_t *start = at;
    if (page == PAGE_ERROR || page == 0x3F)
        at = put_page(at, control, cd->page_error, change_page_error, default_page_error,
                      MODE_PAGE_ERROR_BYTES);
    if (page == PAGE_CD || page == 0x3F)
        at = put_page(at, control, cd->page_cd, change_page_cd, default_page_cd, MODE_PAGE_CD_BYTES);
    if (page == PAGE_AUDIO || page == 0x3F)
        at = put_page(at, control, cd->page_audio, change_page_audio, default_page_audio,
                      MODE_PAGE_AUDIO_BYTES);
    if (page == PAGE_CAPABILITIES || page == 0x3F)
        at = put_capabilities(drive, at, control);
    return at == start ? NULL : at;
}

/* The medium type of the mode parameter header (SFF-8020i table 63). */
static uint8_t medium_type(const struct ide_drive *drive)
{
    return drive->atapi.tray_open ? 0x71 : drive->image ? 0x01 : 0x70;
}

static void mode_sense(struct ide_drive *drive, unsigned header, unsigned allocated)
{
    const uint8_t *p = drive->atapi.packet;
    unsigned control = p[2] >> 6, page = p[2] & 0x3F;
    if (control == 3) {
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_SAVING, 0);
        return;
    }
    uint8_t *out = blank(drive, 128), *end = put_pages(drive, out + header, page, control);
    if (!end) {
        refuse_field(drive);
        return;
    }
    if (header == 8) {
        put16(out, (unsigned)(end - out) - 2);
        out[2] = medium_type(drive);
    } else {
        out[0] = (uint8_t)(end - out - 1);
        out[1] = medium_type(drive);
    }
    reply(drive, (uint32_t)(end - out), allocated);
}

static void packet_mode_sense_6(struct ide_drive *drive)
{
    mode_sense(drive, 4, drive->atapi.packet[4]);
}

static void packet_mode_sense_10(struct ide_drive *drive)
{
    mode_sense(drive, 8, get16(drive->atapi.packet + 7));
}

static void mode_select(struct ide_drive *drive, unsigned length)
{
    struct atapi_state *cd = &drive->atapi;
    if (!length) {
        succeed(drive);
        return;
    }
    cd->to_host = false;
    cd->blocks_left = 0;
    cd->fill = length;
    drive->data_index = drive->data_end = 0;
    if (cd->dma)
        ide_busy(drive, STAGE_DMA, PART_NS);
    else
        want_parameters(drive);
}

static void packet_mode_select_6(struct ide_drive *drive)
{
    mode_select(drive, drive->atapi.packet[4]);
}

static void packet_mode_select_10(struct ide_drive *drive)
{
    mode_select(drive, get16(drive->atapi.packet + 7));
}

static void change_page(uint8_t *page, const uint8_t *given, const uint8_t *changeable, unsigned length)
{
    for (unsigned i = 2; i < length; i++)
        page[i] = (uint8_t)((page[i] & ~changeable[i]) | (given[i] & changeable[i]));
}

static bool select_page(struct atapi_state *cd, const uint8_t *page, unsigned length)
{
    unsigned code = page[0] & 0x3F;
    if (code == PAGE_ERROR && length == MODE_PAGE_ERROR_BYTES)
        change_page(cd->page_error, page, change_page_error, length);
    else if (code == PAGE_CD && length == MODE_PAGE_CD_BYTES)
        change_page(cd->page_cd, page, change_page_cd, length);
    else if (code == PAGE_AUDIO && length == MODE_PAGE_AUDIO_BYTES)
        change_page(cd->page_audio, page, change_page_audio, length);
    else
        return code == PAGE_CAPABILITIES; /* nothing in it can be changed */
    return true;
}

/* MODE SELECT: the parameter list is complete. */
static void use_parameters(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    const uint8_t *list = drive->data;
    bool ten = cd->packet[0] == 0x55;
    unsigned header = ten ? 8 : 4, length = cd->fill;
    if (length < header) {
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
        return;
    }
    unsigned at = header + (ten ? get16(list + 6) : list[3]);
    while (at < length) {
        if (at + 2 > length || at + 2 + list[at + 1] > length) {
            fail(drive, SENSE_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
            return;
        }
        if (!select_page(cd, list + at, 2u + list[at + 1])) {
            fail(drive, SENSE_ILLEGAL_REQUEST, ASC_INVALID_PARAMETER, 0);
            return;
        }
        at += 2u + list[at + 1];
    }
    succeed(drive);
}

/* ---- packet table ---- */

enum { NEEDS_DISC = 1, IGNORES_ATTENTION = 2 };

static const struct {
    uint8_t opcode, flags;
    const char *name;
    void (*run)(struct ide_drive *drive);
} packets[] = {
    {0x00, NEEDS_DISC, "TEST UNIT READY", packet_test_unit_ready},
    {0x03, IGNORES_ATTENTION, "REQUEST SENSE", packet_request_sense},
    {0x12, IGNORES_ATTENTION, "INQUIRY", packet_inquiry},
    {0x15, 0, "MODE SELECT (6)", packet_mode_select_6},
    {0x1A, 0, "MODE SENSE (6)", packet_mode_sense_6},
    {0x1B, 0, "START STOP UNIT", packet_start_stop},
    {0x1E, 0, "PREVENT ALLOW MEDIUM REMOVAL", packet_prevent_removal},
    {0x25, NEEDS_DISC, "READ CAPACITY", packet_read_capacity},
    {0x28, NEEDS_DISC, "READ (10)", packet_read_10},
    {0x2B, NEEDS_DISC, "SEEK (10)", packet_seek},
    {0x2F, NEEDS_DISC, "VERIFY (10)", packet_verify},
    {0x42, NEEDS_DISC, "READ SUBCHANNEL", packet_read_subchannel},
    {0x43, NEEDS_DISC, "READ TOC", packet_read_toc},
    {0x44, NEEDS_DISC, "READ HEADER", packet_read_header},
    {0x45, NEEDS_DISC, "PLAY AUDIO (10)", packet_play_audio},
    {0x46, IGNORES_ATTENTION, "GET CONFIGURATION", packet_get_configuration},
    {0x47, NEEDS_DISC, "PLAY AUDIO MSF", packet_play_audio},
    {0x48, NEEDS_DISC, "PLAY AUDIO TRACK INDEX", packet_play_audio},
    {0x4A, IGNORES_ATTENTION, "GET EVENT STATUS NOTIFICATION", packet_get_event_status},
    {0x4B, NEEDS_DISC, "PAUSE/RESUME", packet_pause_resume},
    {0x4E, NEEDS_DISC, "STOP PLAY/SCAN", packet_test_unit_ready},
    {0x51, NEEDS_DISC, "READ DISC INFORMATION", packet_read_disc_information},
    {0x52, NEEDS_DISC, "READ TRACK INFORMATION", packet_read_track_information},
    {0x55, 0, "MODE SELECT (10)", packet_mode_select_10},
    {0x5A, 0, "MODE SENSE (10)", packet_mode_sense_10},
    {0xA5, NEEDS_DISC, "PLAY AUDIO (12)", packet_play_audio},
    {0xA8, NEEDS_DISC, "READ (12)", packet_read_12},
    {0xAD, NEEDS_DISC, "READ DVD STRUCTURE", packet_read_dvd_structure},
    {0xB9, NEEDS_DISC, "READ CD MSF", packet_read_cd_msf},
    {0xBA, NEEDS_DISC, "SCAN", packet_play_audio},
    {0xBB, 0, "SET CD SPEED", packet_test_unit_ready},
    {0xBD, IGNORES_ATTENTION, "MECHANISM STATUS", packet_mechanism_status},
    {0xBE, NEEDS_DISC, "READ CD", packet_read_cd},
};

static bool attention(struct ide_drive *drive)
{
    if (!drive->atapi.unit_attention)
        return false;
    drive->atapi.unit_attention = false;
    fail(drive, SENSE_UNIT_ATTENTION, ASC_MEDIUM_CHANGED, 0);
    return true;
}

static void run_packet(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    size_t i = 0, count = sizeof packets / sizeof packets[0];
    while (i < count && packets[i].opcode != cd->packet[0])
        i++;
    log_line(ide_device(drive)->log, "ide", "drive %u: packet %02X %s %08X",
             drive->channel->number * 2 + drive->number, cd->packet[0],
             i < count ? packets[i].name : "(unknown)", get32(cd->packet + 2));
    if (cd->packet[0] != 0x03)
        cd->sense_key = cd->asc = cd->ascq = 0;
    if (i == count)
        fail(drive, SENSE_ILLEGAL_REQUEST, ASC_INVALID_COMMAND, 0);
    else if (!(packets[i].flags & IGNORES_ATTENTION) && attention(drive))
        return;
    else if ((packets[i].flags & NEEDS_DISC) && !disc_ready(drive))
        fail(drive, SENSE_NOT_READY, ASC_NO_MEDIUM, drive->atapi.tray_open ? 2 : 1);
    else
        packets[i].run(drive);
}

/* ---- ATA commands of a packet device ---- */

/* Byte count limit: odd ones are rounded down, 0 and FFFFh mean as much as there is. */
static void command_packet(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    unsigned limit = drive->regs.lba_mid[0] | (unsigned)drive->regs.lba_high[0] << 8;
    limit &= ~1u;
    cd->byte_limit = (uint16_t)(limit ? limit : 0xFFFE);
    cd->dma = drive->regs.feature[0] & 1;
    cd->blocks_left = cd->fill = 0;
    cd->wants_packet = true;
    drive->regs.count[0] = REASON_COMMAND;
    ide_data_out(drive, 0, PACKET_BYTES, false);
}

static void command_identify_packet(struct ide_drive *drive)
{
    uint8_t *words = blank(drive, ATA_SECTOR);
    char serial[21];
    snprintf(serial, sizeof serial, "T86-%u", drive->channel->number * 2 + drive->number);
    ide_put16(words + 2 * 0, 0x85C0); /* CD-ROM, removable, DRQ within 50 us, packets of 12 bytes */
    ide_put_text(words + 2 * 10, serial, 20);
    ide_put_text(words + 2 * 23, "1.0", 8);
    ide_put_text(words + 2 * 27, "TICK86 CD-ROM", 40);
    ide_put16(words + 2 * 49, 0x0F00); /* IORDY, LBA, DMA */
    ide_put16(words + 2 * 50, 0x4000);
    ide_put16(words + 2 * 51, 0x0200);
    ide_put16(words + 2 * 53, 6);
    ide_put_dma_modes(drive, words);
    ide_put16(words + 2 * 64, 3);
    for (unsigned i = 65; i <= 68; i++)
        ide_put16(words + 2 * i, 120);
    ide_put16(words + 2 * 73, 6);
    ide_put16(words + 2 * 80, 0x0070); /* ATA/ATAPI-4 to -6 */
    ide_put16(words + 2 * 82, 0x4218); /* NOP, DEVICE RESET, PACKET, power management */
    ide_put16(words + 2 * 83, 0x4000);
    ide_put16(words + 2 * 84, 0x4000);
    ide_put16(words + 2 * 85, 0x4218);
    ide_put16(words + 2 * 87, 0x4000);
    ide_put16(words + 2 * 93, drive->number ? 0x6B00 : 0x600B);
    drive->atapi.fill = 0;
    drive->atapi.blocks_left = 0;
    ide_data_in(drive, 0, ATA_SECTOR, true);
}

/* Commands of disks are aborted, and the signature tells why. */
static void abort_with_signature(struct ide_drive *drive)
{
    uint8_t device = drive->regs.device;
    ide_signature(drive);
    drive->regs.device = device;
    ide_end(drive, READY | ATA_ERR, ATA_ABRT);
}

static void set_features(struct ide_drive *drive)
{
    uint8_t feature = drive->regs.feature[0];
    bool ok = feature == 0x66 || feature == 0xCC ||
              (feature == 0x03 && ide_set_transfer_mode(drive, drive->regs.count[0]));
    ide_end(drive, ok ? READY : READY | ATA_ERR, ok ? 0 : ATA_ABRT);
}

static void execute(struct ide_drive *drive)
{
    drive->data_index = drive->data_end = 0;
    drive->atapi.wants_packet = false;
    drive->atapi.dma = false;
    switch (drive->command) {
    case 0xA0:
        command_packet(drive);
        break;
    case 0xA1:
        command_identify_packet(drive);
        break;
    case 0x20:
    case 0xEC:
        abort_with_signature(drive);
        break;
    case 0xE5: /* CHECK POWER MODE */
        drive->regs.count[0] = 0xFF;
        ide_busy(drive, STAGE_DONE, SHORT_NS);
        break;
    case 0xE0: /* STANDBY IMMEDIATE, IDLE IMMEDIATE, STANDBY, IDLE, SLEEP */
    case 0xE1:
    case 0xE2:
    case 0xE3:
    case 0xE6:
        ide_busy(drive, STAGE_DONE, SHORT_NS);
        break;
    case 0xEF:
        set_features(drive);
        break;
    default:
        ide_end(drive, READY | ATA_ERR, ATA_ABRT);
    }
}

void atapi_run_stage(struct ide_drive *drive, enum ide_stage stage)
{
    switch (stage) {
    case STAGE_EXECUTE:
        execute(drive);
        break;
    case STAGE_PACKET:
        run_packet(drive);
        break;
    case STAGE_REPLY:
        reply_stage(drive);
        break;
    case STAGE_PARAMETERS:
        use_parameters(drive);
        break;
    case STAGE_DMA:
        dma_stage(drive);
        break;
    case STAGE_DONE:
        if (drive->command == 0xA0)
            succeed(drive);
        else
            ide_end(drive, READY, 0);
        break;
    default: /* stages of disks */
        break;
    }
}

void atapi_block_done(struct ide_drive *drive)
{
    struct atapi_state *cd = &drive->atapi;
    if (cd->wants_packet) {
        memcpy(cd->packet, drive->data, PACKET_BYTES);
        cd->wants_packet = false;
        drive->data_index = drive->data_end = 0;
        ide_busy(drive, STAGE_PACKET, SHORT_NS);
    } else if (drive->command != 0xA0) {
        drive->status = READY;
        drive->data_index = drive->data_end = 0;
    } else if (cd->to_host) {
        /* Blocks come as fast as the disc turns, parts of one block at once. */
        bool refills = drive->data_end >= cd->fill && cd->blocks_left;
        ide_busy(drive, STAGE_REPLY, refills ? BLOCK_NS : PART_NS);
    } else if (drive->data_end < cd->fill) {
        want_parameters(drive);
    } else {
        ide_busy(drive, STAGE_PARAMETERS, PART_NS);
    }
}

/* ---- setting up ---- */

void atapi_init(struct ide_drive *drive)
{
    drive->atapi.byte_limit = 0xFFFE;
}

void atapi_reset(struct ide_drive *drive, bool hard)
{
    struct atapi_state *cd = &drive->atapi;
    cd->wants_packet = cd->dma = cd->to_host = false;
    cd->blocks_left = cd->fill = 0;
    cd->sense_key = cd->asc = cd->ascq = 0;
    if (!hard)
        return;
    cd->locked = cd->tray_open = cd->unit_attention = false;
    cd->media_event = MEDIA_NO_EVENT;
    cd->next_lba = 0;
    memcpy(cd->page_error, default_page_error, sizeof cd->page_error);
    memcpy(cd->page_cd, default_page_cd, sizeof cd->page_cd);
    memcpy(cd->page_audio, default_page_audio, sizeof cd->page_audio);
    drive->transfer_mode = 0x22;
}

void atapi_insert(struct ide_drive *drive, struct image *image)
{
    struct atapi_state *cd = &drive->atapi;
    drive->image = image;
    cd->tray_open = false;
    cd->unit_attention = image != NULL;
    cd->media_event = image ? MEDIA_NEW : MEDIA_REMOVED;
    cd->next_lba = 0;
}

void atapi_print(const struct ide_drive *drive, struct text *out)
{
    const struct atapi_state *cd = &drive->atapi;
    text_add(out, "    CD-ROM %s%s%s%s, packet", drive->image ? image_path(drive->image) : "empty",
             cd->tray_open ? ", tray open" : "", cd->locked ? ", locked" : "",
             cd->unit_attention ? ", unit attention" : "");
    for (unsigned i = 0; i < PACKET_BYTES; i++)
        text_add(out, " %02X", cd->packet[i]);
    text_add(out, "\n    sense %X/%02X/%02X, LBA %u, %u blocks left\n", cd->sense_key, cd->asc, cd->ascq,
             cd->lba, cd->blocks_left);
}

const struct field atapi_fields[] = {FIELD_BYTES(struct atapi_state, packet),
                                     FIELD_RANGE(struct atapi_state, wants_packet, 0, 1),
                                     FIELD_RANGE(struct atapi_state, fill, 0, IDE_BUFFER_SIZE),
                                     FIELD_RANGE(struct atapi_state, byte_limit, 2, 0xFFFE),
                                     FIELD_RANGE(struct atapi_state, dma, 0, 1),
                                     FIELD_RANGE(struct atapi_state, to_host, 0, 1),
                                     FIELD(struct atapi_state, lba),
                                     FIELD(struct atapi_state, blocks_left),
                                     FIELD(struct atapi_state, next_lba),
                                     FIELD(struct atapi_state, fields),
                                     FIELD_RANGE(struct atapi_state, sense_key, 0, 15),
                                     FIELD(struct atapi_state, asc),
                                     FIELD(struct atapi_state, ascq),
                                     FIELD_RANGE(struct atapi_state, unit_attention, 0, 1),
                                     FIELD_RANGE(struct atapi_state, tray_open, 0, 1),
                                     FIELD_RANGE(struct atapi_state, locked, 0, 1),
                                     FIELD(struct atapi_state, media_event),
                                     FIELD_BYTES(struct atapi_state, page_error),
                                     FIELD_BYTES(struct atapi_state, page_cd),
                                     FIELD_BYTES(struct atapi_state, page_audio),
                                     FIELD_END};
