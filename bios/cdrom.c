/*
 * CD-ROM drives in INT 13h: reading by the extensions with 2048-byte sectors as drives E0h and up, and the El
 * Torito specification 1.0: booting without emulation, and with a diskette or hard disk emulated from an
 * image on the disc.
 */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"
#include "bios/timer.h"

enum {
    ST_OK = 0,
    ST_BAD_COMMAND = 0x01,
    ST_WRITE_PROTECTED = 0x03,
    ST_NOT_FOUND = 0x04,
    ST_NOT_READY = 0xaa
};
enum {
    SCSI_TEST_READY = 0x00,
    SCSI_SENSE = 0x03,
    SCSI_START_STOP = 0x1b,
    SCSI_LOCK = 0x1e,
    SCSI_CAPACITY = 0x25,
    SCSI_READ = 0x28
};
enum { CD_BASE = 0xe0, CD_SECTOR = 2048 };
enum { NO_EMULATION, FLOPPY_1200, FLOPPY_1440, FLOPPY_2880, HARD_DISK };

/* The specification packet of AH=4Ah-4Ch. */
struct boot_spec {
    u8 size; /* 13h */
    u8 media;
    u8 drive;
    u8 controller;
    u32 lba;
    u16 device;
    u16 buffer_segment;
    u16 load_segment;
    u16 sector_count; /* of 512 bytes, to load */
    u8 cylinders_low, sectors_cylinders, heads;
} PACKED;

/* The emulation that runs; spec.size is 0 without one. */
static struct boot_spec spec;
static u8 emulating;
static u8 cd_drive; /* the drive behind it */
static u16 cylinders, heads, sectors;
static u8 locked[DRIVES_MAX];

/* Where the catalog is read to while booting: the place of the boot sector. */
enum { BUFFER_SEGMENT = 0x07c0 };

static u8 simple_packet(u8 drive, u8 command, u8 byte4)
{
    u8 packet[12];
    u32 done;
    memset(packet, 0, sizeof(packet));
    packet[0] = command;
    packet[4] = byte4;
    return atapi_packet(drive, packet, 0, 0, 0, 0, &done);
}

/* Sense key and additional code as key << 8 | code. */
static u16 request_sense(u8 drive)
{
    u8 packet[12], sense[18];
    u32 done;
    memset(packet, 0, sizeof(packet));
    memset(sense, 0, sizeof(sense));
    packet[0] = SCSI_SENSE;
    packet[4] = sizeof(sense);
    if (atapi_packet(drive, packet, own_segment(), (u16)(u32)sense, 0, sizeof(sense), &done))
        return 0;
    return (u16)((sense[2] & 15) << 8 | sense[12]);
}

/* Gets past "medium changed" and "becoming ready"; false without a medium. */
static int wait_ready(u8 drive)
{
    struct timeout t;
    timeout_start(&t, 5000000);
    for (u8 tries = 0; tries < 250 && !timeout_passed(&t); tries++) {
        u16 sense;
        if (simple_packet(drive, SCSI_TEST_READY, 0) == ST_OK)
            return 1;
        sense = request_sense(drive);
        if (sense == 0x023a)
            return 0;
        if (sense == 0x0204)
            delay_us(20000);
    }
    return 0;
}

/* Reads `bytes` that begin `skip` bytes after the start of sector `lba`. */
static u8 read_bytes(u8 drive, u32 lba, u32 skip, u32 bytes, u16 seg, u16 off)
{
    u32 count = (skip + bytes + CD_SECTOR - 1) / CD_SECTOR;
    u8 packet[12];
    u32 done;
    memset(packet, 0, sizeof(packet));
    packet[0] = SCSI_READ;
    packet[2] = (u8)(lba >> 24);
    packet[3] = (u8)(lba >> 16);
    packet[4] = (u8)(lba >> 8);
    packet[5] = (u8)lba;
    packet[7] = (u8)(count >> 8);
    packet[8] = (u8)count;
    for (u8 tries = 0; tries < 3; tries++) {
        if (atapi_packet(drive, packet, seg, off, skip, bytes, &done) == ST_OK && done == bytes)
            return ST_OK;
        if (!wait_ready(drive))
            return ST_NOT_READY;
    }
    return ST_NOT_FOUND;
}

/* A long read, 32 KB at a time; *done counts sectors of 2048. */
static u8 read_sectors(u8 drive, u32 lba, u32 count, u16 seg, u16 off, u16 *done)
{
    *done = 0;
    while (*done < count) {
        u32 n = count - *done < 16 ? count - *done : 16;
        u8 status =
            read_bytes(drive, lba + *done, 0, n * CD_SECTOR, (u16)(seg + *done * (CD_SECTOR / 16)), off);
        if (status)
            return status;
        *done = (u16)(*done + n);
    }
    return ST_OK;
}

static u32 capacity(u8 drive)
{
    u8 packet[12], answer[8];
    u32 done;
    memset(packet, 0, sizeof(packet));
    packet[0] = SCSI_CAPACITY;
    if (!wait_ready(drive) || atapi_packet(drive, packet, own_segment(), (u16)(u32)answer, 0, 8, &done) ||
        done != 8)
        return 0;
    return ((u32)answer[0] << 24 | (u32)answer[1] << 16 | (u32)answer[2] << 8 | answer[3]) + 1;
}

/* Drives E0h and up. */

static u8 read_packet(struct regs *r, u8 drive, int verify)
{
    u32 lba = peek32(r->ds, r->si + 8);
    u16 count = peek16(r->ds, r->si + 2);
    u16 off = peek16(r->ds, r->si + 4);
    u16 seg = (u16)(peek16(r->ds, r->si + 6) + (off >> 4));
    u16 done;
    u8 status;
    if (peek8(r->ds, r->si) < 16 || count > 32 * 8)
        return ST_BAD_COMMAND;
    if (peek32(r->ds, r->si + 12))
        return ST_NOT_FOUND;
    if (verify)
        return lba + count <= capacity(drive) ? ST_OK : ST_NOT_FOUND;
    status = read_sectors(drive, lba, count, seg, off & 15, &done);
    poke16(r->ds, r->si + 2, done);
    return status;
}

/* AH=45h: locks are counted, as each program undoes its own. */
static u8 lock(struct regs *r, u8 drive)
{
    switch (r->al) {
    case 0:
        if (locked[drive] == 0xff)
            return 0xb4;
        if (!locked[drive]++)
            simple_packet(drive, SCSI_LOCK, 1);
        break;
    case 1:
        if (!locked[drive])
            return 0xb0;
        if (!--locked[drive])
            simple_packet(drive, SCSI_LOCK, 0);
        break;
    case 2:
        break;
    default:
        return ST_BAD_COMMAND;
    }
    r->al = locked[drive] != 0;
    return ST_OK;
}

/* A program may forbid it by INT 15h 52h, with a status of its own. */
static u8 eject(u8 drive, u8 number)
{
    struct call ask = {.eax = 0x5200, .edx = number, .ds = 0x40, .flags = FLAG_CF};
    call_int(0x15, &ask);
    if (ask.flags & FLAG_CF && ask.ah && ask.ah != 0x86)
        return ask.ah;
    if (locked[drive])
        return 0xb1;
    return simple_packet(drive, SCSI_START_STOP, 2) ? 0xb5 : ST_OK;
}

static u8 cd_parameters(struct regs *r, u8 drive)
{
    u32 count = capacity(drive);
    /* removable, lockable, change line; no geometry */
    return edd_parameters(r, drive, count ? count : 0xffffffffffffffffull, CD_SECTOR, 0x0074);
}

static u8 cd_function(struct regs *r, u8 drive)
{
    switch (r->ah) {
    case 0x00:
    case 0x0d:
        wait_ready(drive);
        return ST_OK;
    case 0x10:
    case 0x11:
        return wait_ready(drive) ? ST_OK : ST_NOT_READY;
    case 0x03:
    case 0x05:
    case 0x43:
        return ST_WRITE_PROTECTED;
    case 0x41:
        if (r->bx != 0x55aa)
            return ST_BAD_COMMAND;
        r->bx = 0xaa55;
        r->cx = 0x0007;
        return ST_OK;
    case 0x42:
        return read_packet(r, drive, 0);
    case 0x44:
    case 0x47:
        return read_packet(r, drive, 1);
    case 0x45:
        return lock(r, drive);
    case 0x46:
        return eject(drive, r->dl);
    case 0x48:
        return cd_parameters(r, drive);
    case 0x49:
        return simple_packet(drive, SCSI_TEST_READY, 0) && request_sense(drive) >> 8 == 6 ? 0x06 : ST_OK;
    case 0x4e:
        r->al = 0;
        return ST_OK;
    default:
        return ST_BAD_COMMAND;
    }
}

static void cd_service(struct regs *r, u8 drive)
{
    u8 status;
    if (r->ah == 0x01) {
        set_status(r, bda.disk_status);
        return;
    }
    if (r->ah == 0x15) {
        r->ah = 2;
        clear_carry(r);
        return;
    }
    status = cd_function(r, drive);
    bda.disk_status = status;
    if (r->ah == 0x41 && status == ST_OK) {
        r->ah = 0x30;
        clear_carry(r);
        return;
    }
    set_status(r, status);
}

/* The emulated drive. */

static u8 emulated_read(struct regs *r, int verify)
{
    u32 cylinder = (u32)(r->cl & 0xc0) << 2 | r->ch;
    u32 sector = r->cl & 0x3f;
    u32 count = r->al;
    u32 lba, at = 0;
    u16 seg = (u16)(r->es + (r->bx >> 4));
    r->al = 0;
    if (!count)
        return ST_BAD_COMMAND;
    if (cylinder >= cylinders || r->dh >= heads || !sector || sector > sectors)
        return ST_NOT_FOUND;
    lba = (cylinder * heads + r->dh) * sectors + sector - 1;
    if (verify) {
        r->al = (u8)count;
        return ST_OK;
    }
    while (at < count) {
        u32 n = count - at < 32 ? count - at : 32;
        u8 status = read_bytes(cd_drive, spec.lba + (lba + at) / 4, (lba + at) % 4 * 512, n * 512,
                               (u16)(seg + at * 32), r->bx & 15);
        if (status)
            return status;
        at += n;
        r->al = (u8)at;
    }
    return ST_OK;
}

static u8 emulated_parameters(struct regs *r)
{
    static const u8 ROM types[] = {0, 2, 4, 6};
    r->al = 0;
    r->ch = (u8)(cylinders - 1);
    r->cl = (u8)(((cylinders - 1) >> 2 & 0xc0) | sectors);
    r->dh = (u8)(heads - 1);
    if (spec.media == HARD_DISK) {
        r->dl = (u8)(resident.disk_count + 1);
        return ST_OK;
    }
    r->bl = types[spec.media];
    r->bh = 0;
    r->dl = (u8)(1 + (resident.floppy_type[0] != 0));
    r->es = 0xf000;
    r->di = 0xefc7;
    return ST_OK;
}

static void emulated_service(struct regs *r)
{
    u8 status;
    switch (r->ah) {
    case 0x00:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x11:
        status = ST_OK;
        break;
    case 0x01:
        status = bda.disk_status;
        break;
    case 0x02:
        status = emulated_read(r, 0);
        break;
    case 0x04:
        status = emulated_read(r, 1);
        break;
    case 0x03:
    case 0x05:
        status = ST_WRITE_PROTECTED;
        break;
    case 0x08:
        status = emulated_parameters(r);
        break;
    case 0x15:
        if (spec.media == HARD_DISK) {
            u32 all = (u32)cylinders * heads * sectors;
            r->cx = (u16)(all >> 16);
            r->dx = (u16)all;
            r->ah = 3;
        } else {
            r->ah = 1;
        }
        clear_carry(r);
        return;
    default:
        status = ST_BAD_COMMAND;
        break;
    }
    bda.disk_status = status;
    set_status(r, status);
}

/* Real drives of the emulated kind are numbered one up while it lasts. */
static void shifted_service(struct regs *r)
{
    u8 dl = r->dl;
    u8 ah = r->ah;
    r->dl--;
    if (r->dl < 0x80)
        floppy_service(r);
    else
        disk_service(r);
    if (ah == 0x08)
        r->dl++; /* one drive more */
    else if (ah != 0x15)
        r->dl = dl;
}

/* Geometry of the image: diskettes by media type, hard disks by the end of the first partition. */
static void set_geometry(void)
{
    static const u8 ROM spt[] = {0, 15, 18, 36};
    if (spec.media != HARD_DISK) {
        cylinders = 80;
        heads = 2;
        sectors = spt[spec.media];
        return;
    }
    cylinders = (u16)((spec.sectors_cylinders & 0xc0) << 2 | spec.cylinders_low) + 1;
    heads = (u16)(spec.heads + 1);
    sectors = spec.sectors_cylinders & 0x3f;
    if (!sectors)
        sectors = 1;
}

/* Begins the emulation that `spec` describes and loads its boot code. */
static u8 initiate(void)
{
    u16 segment = spec.load_segment ? spec.load_segment : 0x07c0;
    u32 count = spec.sector_count ? spec.sector_count : 1;
    u32 at = 0;
    if (count > 0x480) /* as much as there is below 640 KB */
        count = 0x480;
    while (at < count) {
        u32 n = count - at < 64 ? count - at : 64;
        u8 status =
            read_bytes(cd_drive, spec.lba + at / 4, at % 4 * 512, n * 512, (u16)(segment + at * 32), 0);
        if (status)
            return status;
        at += n;
    }
    if ((spec.media & 15) == HARD_DISK) {
        spec.cylinders_low = peek8(segment, 0x1be + 7);
        spec.sectors_cylinders = peek8(segment, 0x1be + 6);
        spec.heads = peek8(segment, 0x1be + 5);
    }
    spec.media &= 15;
    emulating = spec.media >= FLOPPY_1200 && spec.media <= HARD_DISK;
    if (emulating) {
        set_geometry();
        if (spec.media != HARD_DISK)
            bda.equipment = (u16)((bda.equipment & ~0x00c1) | 1 | (resident.floppy_type[0] != 0) << 6);
        else
            bda.disk_count = (u8)(resident.disk_count + 1);
    }
    return ST_OK;
}

static void terminate(void)
{
    emulating = 0;
    bda.disk_count = resident.disk_count;
    bda.equipment &= (u16)~0x00c1;
    if (resident.floppy_type[0])
        bda.equipment |= (u16)(1 | (resident.floppy_type[1] != 0) << 6);
}

/* The boot code that AH=4Ch starts: the stack is left for good. */
__attribute__((noreturn)) void boot_jump(u16 segment, u8 drive);

static void copy_spec(u16 seg, u16 off, int out)
{
    u8 *p = (u8 *)&spec;
    for (u8 i = 0; i < sizeof(spec); i++)
        if (out)
            poke8(seg, (u16)(off + i), p[i]);
        else
            p[i] = peek8(seg, (u16)(off + i));
}

/* AH=4Dh: the command packet at DS:SI asks for sectors of the boot catalog. */
static u8 return_catalog(struct regs *r)
{
    u8 count = peek8(r->ds, r->si + 1);
    u32 buffer = peek32(r->ds, r->si + 2);
    u16 first = peek16(r->ds, r->si + 6);
    u16 done;
    u32 catalog;
    u8 bytes[8];
    u8 drive = cd_drive;
    /* the catalog's address is at 47h of sector 17; reads are of whole double words */
    if (read_bytes(drive, 17, 0x44, sizeof(bytes), own_segment(), (u16)(u32)bytes))
        return ST_NOT_FOUND;
    catalog = (u32)bytes[3] | (u32)bytes[4] << 8 | (u32)bytes[5] << 16 | (u32)bytes[6] << 24;
    return read_sectors(drive, catalog + first, count, (u16)(buffer >> 16), (u16)buffer, &done);
}

/* AH=4Ah-4Dh. */
static void torito_service(struct regs *r)
{
    u8 status = ST_OK;
    u8 function = r->ah;
    switch (function) {
    case 0x4a:
    case 0x4c:
        if (!resident.cd_count) {
            status = ST_BAD_COMMAND;
            break;
        }
        copy_spec(r->ds, r->si, 0);
        cd_drive = resident.cd[spec.device & 1 && resident.cd_count > 1 ? 1 : 0];
        status = initiate();
        if (status == ST_OK && function == 0x4c)
            boot_jump(spec.load_segment, spec.drive);
        break;
    case 0x4b:
        if (!spec.size) {
            status = ST_BAD_COMMAND;
            break;
        }
        copy_spec(r->ds, r->si, 1);
        if (r->al == 0)
            terminate();
        break;
    default:
        status = return_catalog(r);
        break;
    }
    set_status(r, status);
}

int cdrom_service(struct regs *r)
{
    u8 kind = spec.media == HARD_DISK ? 0x80 : 0x00;
    if (r->ah >= 0x4a && r->ah <= 0x4d) {
        interrupts_on();
        torito_service(r);
        return 1;
    }
    if (r->dl >= CD_BASE && r->dl < CD_BASE + resident.cd_count) {
        interrupts_on();
        cd_service(r, resident.cd[r->dl - CD_BASE]);
        return 1;
    }
    if (!emulating || (r->dl & 0x80) != kind)
        return 0;
    if (r->dl == spec.drive) {
        interrupts_on();
        emulated_service(r);
    } else {
        shifted_service(r);
    }
    return 1;
}

/* Booting. */

static int is_el_torito(void)
{
    static const char ROM name[] = "CD001\001EL TORITO SPECIFICATION";
    for (u8 i = 0; i < sizeof(name) - 1; i++)
        if (peek8(BUFFER_SEGMENT, (u16)(1 + i)) != (u8)name[i])
            return 0;
    return peek8(BUFFER_SEGMENT, 0) == 0;
}

/* The validation entry: its words add up to 0. */
static int valid_catalog(void)
{
    u16 sum = 0;
    for (u16 i = 0; i < 32; i += 2)
        sum = (u16)(sum + peek16(BUFFER_SEGMENT, i));
    return !sum && peek8(BUFFER_SEGMENT, 0) == 1 && peek16(BUFFER_SEGMENT, 30) == 0xaa55;
}

u8 cdrom_boot(u8 n, u16 *segment, u8 *drive)
{
    u8 d;
    u32 catalog;
    if (n >= resident.cd_count)
        return CD_NO_DISC;
    d = resident.cd[n];
    if (!wait_ready(d))
        return CD_NO_DISC;
    if (read_bytes(d, 17, 0, CD_SECTOR, BUFFER_SEGMENT, 0))
        return CD_UNREADABLE;
    if (!is_el_torito())
        return CD_NO_CATALOG;
    catalog = peek32(BUFFER_SEGMENT, 0x47);
    if (read_bytes(d, catalog, 0, CD_SECTOR, BUFFER_SEGMENT, 0))
        return CD_UNREADABLE;
    if (!valid_catalog() || peek8(BUFFER_SEGMENT, 0x20) != 0x88)
        return CD_NO_CATALOG;
    spec.size = 0x13;
    spec.media = peek8(BUFFER_SEGMENT, 0x21) & 15;
    spec.load_segment = peek16(BUFFER_SEGMENT, 0x22);
    spec.sector_count = peek16(BUFFER_SEGMENT, 0x26);
    spec.lba = peek32(BUFFER_SEGMENT, 0x28);
    spec.controller = resident.drive[d].port == 0x170;
    spec.device = resident.drive[d].slave;
    spec.buffer_segment = 0;
    if (spec.media > HARD_DISK)
        return CD_NO_CATALOG;
    spec.drive = spec.media == NO_EMULATION ? (u8)(CD_BASE + n) : spec.media == HARD_DISK ? 0x80 : 0x00;
    cd_drive = d;
    if (initiate())
        return CD_UNREADABLE;
    *segment = spec.load_segment ? spec.load_segment : 0x07c0;
    *drive = spec.drive;
    return CD_BOOTS;
}
