/*
 * INT 13h for hard disks: the AT's functions with translated geometry, and the extensions of EDD 3.0
 * (Enhanced Disk Drive Specification, T13 1386D).
 */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"

enum {
    ST_OK = 0,
    ST_BAD_COMMAND = 0x01,
    ST_WRITE_PROTECTED = 0x03,
    ST_NOT_FOUND = 0x04,
    ST_PARAMETERS = 0x07,
    ST_NOT_REMOVABLE = 0xb2
};
enum { CMD_RECALIBRATE = 0x10, CMD_STANDBY_IMMEDIATE = 0xe0 };

/* The drive behind disk number DL, or -1. */
static int find_drive(u8 dl)
{
    u8 n = dl & 0x7f;
    return n < resident.disk_count ? resident.disk[n] : -1;
}

/* A run of sectors, in commands of at most 128. On an error *done tells how far it went. */
static u8 transfer(u8 drive, u8 direction, u64 lba, u16 count, u16 seg, u16 off, u16 *done)
{
    const struct drive ROM *d = &resident.drive[drive];
    *done = 0;
    if (lba + count > d->sectors)
        return ST_NOT_FOUND;
    while (*done < count) {
        u16 n = (u16)(count - *done) < 128 ? (u16)(count - *done) : 128;
        u16 moved;
        u8 status = ata_transfer(drive, direction, lba + *done, n, (u16)(seg + *done * 32), off, &moved);
        *done = (u16)(*done + moved);
        if (status) /* a disk aborts no writing but to a medium that it may not change */
            return status == ST_BAD_COMMAND && direction == ATA_WRITE ? ST_WRITE_PROTECTED : status;
    }
    return ST_OK;
}

/* The sector that CX and DH name; false if it is outside the geometry. */
static int chs_to_lba(const struct regs *r, const struct drive ROM *d, u32 *lba)
{
    u32 cylinder = (u32)(r->cl & 0xc0) << 2 | r->ch;
    u32 sector = r->cl & 0x3f;
    if (cylinder >= d->cylinders || r->dh >= d->heads || !sector || sector > d->spt)
        return 0;
    *lba = (cylinder * d->heads + r->dh) * d->spt + sector - 1;
    return 1;
}

/* AH=02h, 03h, 04h; those with verify touch no memory. */
static u8 transfer_chs(struct regs *r, u8 drive, u8 direction)
{
    const struct drive ROM *d = &resident.drive[drive];
    u32 lba;
    u16 done;
    u8 status;
    if (!r->al || (direction != ATA_VERIFY && r->al > 128))
        return ST_BAD_COMMAND;
    if (!chs_to_lba(r, d, &lba))
        return ST_NOT_FOUND;
    status = transfer(drive, direction, lba, r->al, r->es, r->bx, &done);
    r->al = (u8)done;
    return status;
}

/* AH=0Ah, 0Bh: sectors with four bytes of ECC behind, which drives of today make themselves. */
static u8 transfer_long(struct regs *r, u8 drive, u8 direction)
{
    const struct drive ROM *d = &resident.drive[drive];
    u16 off = r->bx;
    u32 lba;
    u8 count = r->al;
    r->al = 0;
    if (!count || count > 127)
        return ST_BAD_COMMAND;
    if (!chs_to_lba(r, d, &lba))
        return ST_NOT_FOUND;
    for (u8 i = 0; i < count; i++) {
        u16 done;
        u8 status = transfer(drive, direction, lba + i, 1, r->es, off, &done);
        if (status)
            return status;
        if (direction == ATA_READ)
            poke32(r->es, (u16)(off + 512), 0);
        off = (u16)(off + 516);
        r->al++;
    }
    return ST_OK;
}

static u8 parameters(struct regs *r, u8 drive)
{
    const struct drive ROM *d = &resident.drive[drive];
    u16 last = d->cylinders - 1;
    r->al = 0;
    r->ch = (u8)last;
    r->cl = (u8)((last >> 2 & 0xc0) | d->spt);
    r->dh = (u8)(d->heads - 1);
    r->dl = resident.disk_count;
    return ST_OK;
}

/* AH=15h; no drive is no error. */
static void disk_kind(struct regs *r, int drive)
{
    const struct drive ROM *d = &resident.drive[drive < 0 ? 0 : drive];
    u32 sectors = drive < 0 ? 0 : (u32)d->cylinders * d->heads * d->spt;
    r->ah = drive < 0 ? 0 : 3;
    r->cx = (u16)(sectors >> 16);
    r->dx = (u16)sectors;
    clear_carry(r);
}

/* What is answered for a disk that is not there: AH=08h has its own status, and nothing to tell. */
static u8 no_drive(struct regs *r)
{
    if (r->ah != 0x08)
        return ST_BAD_COMMAND;
    r->al = 0;
    r->cx = r->dx = 0;
    return ST_PARAMETERS;
}

/* AH=09h: tells a drive without LBA its geometry again. */
static u8 initialise(u8 drive)
{
    return resident.drive[drive].lba ? ST_OK : ata_set_geometry(drive);
}

static u8 seek(struct regs *r, u8 drive)
{
    u32 lba;
    return chs_to_lba(r, &resident.drive[drive], &lba) ? ST_OK : ST_NOT_FOUND;
}

/* AH=05h: an IDE drive is formatted already; the track must be there. */
static u8 format_track(struct regs *r, u8 drive)
{
    r->cl = (u8)((r->cl & 0xc0) | 1);
    return seek(r, drive);
}

/* EDD */

static u8 extensions_present(struct regs *r)
{
    if (r->bx != 0x55aa)
        return ST_BAD_COMMAND;
    r->bx = 0xaa55;
    r->cx = 0x0007; /* fixed disk access, locking and ejecting, enhanced drive support */
    return ST_OK;
}

/* AH=42h, 43h, 44h, 47h: the disk address packet at DS:SI. */
static u8 transfer_packet(struct regs *r, u8 drive, u8 direction)
{
    u64 lba = (u64)peek32(r->ds, r->si + 12) << 32 | peek32(r->ds, r->si + 8);
    u16 count = peek16(r->ds, r->si + 2);
    u16 off = peek16(r->ds, r->si + 4);
    u16 seg = peek16(r->ds, r->si + 6);
    u16 done;
    u8 status;
    if (peek8(r->ds, r->si) < 16)
        return ST_BAD_COMMAND;
    if (direction != ATA_VERIFY && (count > 128 || (seg == 0xffff && off == 0xffff)))
        return ST_BAD_COMMAND;
    status = transfer(drive, direction, lba, count, seg, off, &done);
    poke16(r->ds, r->si + 2, done);
    return status;
}

static u8 seek_packet(struct regs *r, u8 drive)
{
    u64 lba = (u64)peek32(r->ds, r->si + 12) << 32 | peek32(r->ds, r->si + 8);
    return lba < resident.drive[drive].sectors ? ST_OK : ST_NOT_FOUND;
}

static void put_text_field(u16 seg, u16 off, const char ROM *text, u8 length)
{
    for (u8 i = 0; i < length; i++)
        poke8(seg, (u16)(off + i), *text ? (u8)*text++ : ' ');
}

/* The device path of EDD 3.0 from offset 1Eh on. */
static void put_device_path(u16 seg, u16 off, const struct drive ROM *d)
{
    u8 sum = 0;
    poke16(seg, off + 0x1e, 0xbedd);
    poke8(seg, off + 0x20, 0x24);
    poke8(seg, off + 0x21, 0);
    poke16(seg, off + 0x22, 0);
    put_text_field(seg, off + 0x24, TEXT("PCI "), 4);
    put_text_field(seg, off + 0x28, d->type == DRIVE_ATAPI ? TEXT("ATAPI") : TEXT("ATA"), 8);
    poke32(seg, off + 0x30, 0xff000000 | 1u << 16 | 1u << 8); /* bus 0, device 1, function 1 */
    poke8(seg, off + 0x30, 0);
    poke8(seg, off + 0x31, 1);
    poke8(seg, off + 0x32, 1);
    poke8(seg, off + 0x33, d->port == 0x170);
    poke32(seg, off + 0x34, 0);
    poke32(seg, off + 0x38, d->slave);
    poke32(seg, off + 0x3c, 0);
    poke8(seg, off + 0x40, 0);
    for (u8 i = 0x1e; i < 0x41; i++)
        sum = (u8)(sum + peek8(seg, (u16)(off + i)));
    poke8(seg, off + 0x41, (u8)-sum);
}

/* AH=48h: drive parameters at DS:SI, as many as the caller's size word allows. `sectors` and size as given.
 */
u8 edd_parameters(struct regs *r, u8 drive, u64 sectors, u16 sector_size, u16 flags)
{
    const struct drive ROM *d = &resident.drive[drive];
    u16 seg = r->ds, off = r->si;
    u16 size = peek16(seg, off);
    if (size < 0x1a)
        return ST_BAD_COMMAND;
    poke16(seg, off + 2, flags);
    poke32(seg, off + 4, d->type == DRIVE_ATA ? d->physical_cylinders : 0xffffffff);
    poke32(seg, off + 8, d->type == DRIVE_ATA ? d->physical_heads : 0xffffffff);
    poke32(seg, off + 12, d->type == DRIVE_ATA ? d->physical_spt : 0xffffffff);
    poke32(seg, off + 16, (u32)sectors);
    poke32(seg, off + 20, (u32)(sectors >> 32));
    poke16(seg, off + 24, sector_size);
    if (size < 0x1e) {
        poke16(seg, off, 0x1a);
        return ST_OK;
    }
    poke16(seg, off + 26, (u16)(u32)&resident.dpte[drive]);
    poke16(seg, off + 28, 0xf000);
    if (size < 0x42) {
        poke16(seg, off, 0x1e);
        return ST_OK;
    }
    poke16(seg, off, 0x42);
    put_device_path(seg, off, d);
    return ST_OK;
}

/* AH=4Eh: sets up DMA, PIO modes, prefetch: they are as good as they get already. */
static u8 hardware_configuration(struct regs *r)
{
    if (r->al > 6)
        return ST_BAD_COMMAND;
    r->al = 0; /* this drive alone is affected */
    return ST_OK;
}

static u8 function(struct regs *r, u8 drive)
{
    switch (r->ah) {
    case 0x00:
    case 0x0d:
        ata_reset(drive);
        return ST_OK;
    case 0x02:
        return transfer_chs(r, drive, ATA_READ);
    case 0x03:
        return transfer_chs(r, drive, ATA_WRITE);
    case 0x04:
        return transfer_chs(r, drive, ATA_VERIFY);
    case 0x05:
    case 0x06:
        return format_track(r, drive);
    case 0x07:
        return ST_OK;
    case 0x08:
        return parameters(r, drive);
    case 0x09:
        return initialise(drive);
    case 0x0a:
        return transfer_long(r, drive, ATA_READ);
    case 0x0b:
        return transfer_long(r, drive, ATA_WRITE);
    case 0x0c:
        return seek(r, drive);
    case 0x0e:
        return ata_buffer(drive, ATA_READ, r->es, r->bx);
    case 0x0f:
        return ata_buffer(drive, ATA_WRITE, r->es, r->bx);
    case 0x10:
        return ST_OK;
    case 0x11:
    case 0x13: /* drive diagnostic: finds track 0 */
        return ata_simple(drive, CMD_RECALIBRATE, 0);
    case 0x12: /* the controller's memory, the controller */
    case 0x14:
        return ata_diagnose(drive);
    case 0x19: /* park heads */
        return ata_simple(drive, CMD_STANDBY_IMMEDIATE, 0);
    case 0x41:
        return extensions_present(r);
    case 0x42:
        return transfer_packet(r, drive, ATA_READ);
    case 0x43:
        return r->al > 2 ? ST_BAD_COMMAND : transfer_packet(r, drive, ATA_WRITE);
    case 0x44:
        return transfer_packet(r, drive, ATA_VERIFY);
    case 0x45:
        r->al = 0;
        return ST_NOT_REMOVABLE;
    case 0x46:
        return ST_NOT_REMOVABLE;
    case 0x47:
        return seek_packet(r, drive);
    case 0x48:
        return edd_parameters(r, drive, resident.drive[drive].sectors, 512, 0x0003);
    case 0x49:
        return ST_OK;
    case 0x4e:
        return hardware_configuration(r);
    default:
        return ST_BAD_COMMAND;
    }
}

void disk_service(struct regs *r)
{
    int drive = find_drive(r->dl);
    u8 status;
    interrupts_on();
    if (r->ah == 0x01) {
        r->al = bda.disk_status;
        set_status(r, bda.disk_status);
        bda.disk_status = 0;
        return;
    }
    if (r->ah == 0x15) {
        disk_kind(r, drive);
        return;
    }
    status = drive < 0 ? no_drive(r) : function(r, (u8)drive);
    bda.disk_status = status;
    if (r->ah == 0x41 && status == ST_OK) { /* AH is the version */
        clear_carry(r);
        r->ah = 0x30;
        return;
    }
    set_status(r, status);
}

/* POST */

/* Halves the cylinders and doubles the heads until the cylinders fit in ten bits ("large"). */
static void translate_large(struct drive ROM *d, u32 cylinders, u32 heads)
{
    while (cylinders > 1024 && heads <= 127) {
        cylinders >>= 1;
        heads <<= 1;
    }
    d->cylinders = (u16)(cylinders > 1024 ? 1024 : cylinders);
    d->heads = (u16)heads;
}

/* LBA-assisted: 63 sectors and the fewest of 16, 32, 64, 128, 255 heads with which 1024 cylinders reach the
 * end. */
static void translate_lba(struct drive ROM *d)
{
    u32 sectors = d->sectors > 0xffffffff ? 0xffffffff : (u32)d->sectors;
    u32 heads = 16;
    u32 cylinders;
    while (heads < 256 && sectors / 63 / heads > 1024)
        heads *= 2;
    if (heads > 255)
        heads = 255;
    cylinders = sectors / 63 / heads;
    d->cylinders = (u16)(cylinders > 1024 ? 1024 : cylinders);
    d->heads = (u16)heads;
    d->spt = 63;
}

static void choose_translation(struct drive ROM *d, u8 n)
{
    u8 mode = cmos_read(0x39) >> (n * 2) & 3;
    d->translation = mode;
    d->spt = d->physical_spt;
    d->heads = d->physical_heads;
    d->cylinders = d->physical_cylinders < 1024 ? d->physical_cylinders : 1024; /* what CX has room for */
    switch (mode) {
    case TRANSLATE_LBA:
        translate_lba(d);
        break;
    case TRANSLATE_LARGE:
        translate_large(d, d->physical_cylinders, d->physical_heads);
        break;
    case TRANSLATE_RECHS: /* 16 heads become 15, so that doubling never reaches 256 */
        translate_large(d,
                        d->physical_heads == 16 ? d->physical_cylinders * 16u / 15u : d->physical_cylinders,
                        d->physical_heads == 16 ? 15 : d->physical_heads);
        break;
    }
    if (!d->cylinders)
        d->cylinders = 1;
}

/* INT 41h and 46h. */
static void fill_disk_table(struct disk_table *t, const struct drive ROM *d)
{
    u8 sum = 0;
    memset(t, 0, sizeof(*t));
    t->cylinders = d->cylinders;
    t->heads = (u8)d->heads;
    t->precompensation = 0xffff;
    t->control = (u8)(0xc0 | (d->heads > 8) << 3);
    t->landing_zone = d->cylinders;
    t->spt = (u8)d->spt;
    if (d->translation == TRANSLATE_NONE)
        return;
    t->signature = 0xa0;
    t->physical_spt = (u8)d->physical_spt;
    t->physical_cylinders = d->physical_cylinders;
    t->physical_heads = (u8)d->physical_heads;
    for (u8 i = 0; i < 15; i++)
        sum = (u8)(sum + ((u8 *)t)[i]);
    t->checksum = (u8)-sum;
}

/* The EDD device parameter table extension. */
static void fill_dpte(u8 ROM *t, const struct drive ROM *d)
{
    u8 sum = 0;
    u16 options = (u16)(1 << 0 | (d->multiple != 0) << 2 | (d->translation != 0) << 3 | d->lba << 4 | 1 << 7);
    t[0] = (u8)d->port;
    t[1] = (u8)(d->port >> 8);
    t[2] = (u8)d->control;
    t[3] = (u8)(d->control >> 8);
    t[4] = (u8)(0xa0 | d->lba << 6 | d->slave << 4);
    t[5] = 0xcb;
    t[6] = d->irq;
    t[7] = d->multiple;
    t[8] = 0;
    t[9] = 4;
    if (d->type == DRIVE_ATAPI)
        options |= 1 << 5 | 1 << 6;
    if (d->translation == TRANSLATE_LBA)
        options |= 1 << 9;
    t[10] = (u8)options;
    t[11] = (u8)(options >> 8);
    t[12] = t[13] = 0;
    t[14] = 0x11;
    for (u8 i = 0; i < 15; i++)
        sum = (u8)(sum + t[i]);
    t[15] = (u8)-sum;
}

void disk_init(void)
{
    resident.disk_count = 0;
    resident.cd_count = 0;
    for (u8 i = 0; i < DRIVES_MAX; i++) {
        struct drive ROM *d = &resident.drive[i];
        if (d->type == DRIVE_ATA) {
            choose_translation(d, i);
            if (resident.disk_count < 2) {
                u8 n = resident.disk_count;
                fill_disk_table(&ebda.disk_table[n], d);
                ivt[n ? 0x46 : 0x41].seg = own_segment();
                ivt[n ? 0x46 : 0x41].off = (u16)(u32)&ebda.disk_table[n];
            }
            resident.disk[resident.disk_count++] = i;
        } else if (d->type == DRIVE_ATAPI) {
            resident.cd[resident.cd_count++] = i;
        }
        fill_dpte(resident.dpte[i], d);
    }
    bda.disk_count = resident.disk_count;
    bda.disk_control = 0xc0;
}
