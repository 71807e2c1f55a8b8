/* The IDE function of the PIIX3 (Intel 82371SB): two channels, each with two ATA disks or ATAPI CD-ROM
 * drives, and bus-master DMA. ATA/ATAPI-6 (T13/1410D), SFF-8020i and MMC-3 for the drives; PIIX3 datasheet
 * for the registers.
 *
 * The channels answer at the compatible ports 1F0h-1F7h, 3F6h, 3F7h and 170h-177h, 376h, 377h, the bus master
 * at BAR 4. */
#ifndef TICK86_DEVICES_IDE_H
#define TICK86_DEVICES_IDE_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "devices/image/image.h"

#define IDE_CHANNELS 2
#define IDE_DRIVES   4 /* primary master and slave, secondary master and slave */

struct ide;
struct pci_bus;

enum ide_drive_kind { IDE_NONE, IDE_DISK, IDE_CDROM };

struct ide_drive_config {
    enum ide_drive_kind kind;
    struct image
        *image; /* of a disk; of a CD-ROM drive NULL means empty. Owned by the IDE once it was created */
    /* What a disk tells in IDENTIFY DEVICE; all 0: worked out from the image. At most 16 heads, 63 sectors.
     */
    struct disk_geometry geometry;
};

struct ide_config {
    struct pci_bus
        *pci; /* NULL: no PCI function; then bus-master ports are at bus_master_base, if that is not 0 */
    uint8_t devfn;
    uint16_t bus_master_base;
    struct wire irq[IDE_CHANNELS]; /* IRQ14, IRQ15 */
    struct ide_drive_config drive[IDE_DRIVES];
};

extern const struct device_type ide_type;

/* Changes the disc of a CD-ROM drive; the IDE owns IMAGE from then on. NULL takes the disc out. This is the
 * user's hand at the emergency-eject hole: a tray that the guest locked opens too. On an error the old disc
 * stays and IMAGE remains the caller's. */
bool ide_insert(struct ide *ide, unsigned drive, struct image *image, struct error *err);

/* For snapshots: IMAGE (NULL: none) takes the place of the CD that is returned, without the drive noticing;
 * the state to be loaded is that of a drive with this disc. */
struct image *ide_exchange_image(struct ide *ide, unsigned drive, struct image *image);

/* What is fitted as DRIVE, and the medium in it (NULL: none). */
enum ide_drive_kind ide_kind(const struct ide *ide, unsigned drive);
struct image *ide_image(const struct ide *ide, unsigned drive);
/* Geometry that IDENTIFY DEVICE tells (words 1, 3, 6); NULL: no disk. */
const struct disk_geometry *ide_geometry(const struct ide *ide, unsigned drive);

/* Sectors (of CDs: blocks) moved since power-on. */
uint64_t ide_activity(const struct ide *ide);

#endif
