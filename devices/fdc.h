/* Floppy disk controller Intel 82077AA, in PC/AT mode, with its drives and media.
 * 82077AA datasheet (order number 290166); drives as by the usual 3.5" and 5.25" drive manuals.
 *
 * Media are raw images: sectors of 512 bytes in MFM with the standard identification fields. What such an
 * image cannot hold is answered as a drive would that finds no such sector. Deleted-data marks live as long
 * as the medium is inserted. */
#ifndef TICK86_DEVICES_FDC_H
#define TICK86_DEVICES_FDC_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "devices/dma.h"
#include "devices/image/image.h"

#define FDC_DRIVES      2
#define FDC_DMA_CHANNEL 2

/* Drive types as the CMOS numbers them (register 10h). */
enum fdc_drive_type {
    FDC_DRIVE_NONE,
    FDC_DRIVE_360K,  /* 5.25", 40 tracks */
    FDC_DRIVE_1200K, /* 5.25", 80 tracks, 360 rpm */
    FDC_DRIVE_720K,  /* 3.5" */
    FDC_DRIVE_1440K,
    FDC_DRIVE_2880K,
};

struct fdc;

struct fdc_config {
    struct dma *dma;                 /* NULL: no DRQ is ever served */
    struct wire irq;                 /* IRQ6 */
    unsigned drive_type[FDC_DRIVES]; /* enum fdc_drive_type */
};

extern const struct device_type fdc_type;

/* Puts a medium into a drive; the controller owns IMAGE from then on. NULL ejects. On an error (no such
 * drive, an image that is no floppy) the old medium stays and IMAGE remains the caller's. */
bool fdc_insert(struct fdc *fdc, unsigned drive, struct image *image, struct error *err);

/* For snapshots: IMAGE (NULL: none) takes the place of the one that is returned, without the drive noticing;
 * the state to be loaded is that of a drive with this medium. */
struct image *fdc_exchange_image(struct fdc *fdc, unsigned drive, struct image *image);

/* The smallest drive that takes this medium, for boards that fit drives to images. */
enum fdc_drive_type fdc_drive_type_for(const struct disk_geometry *geometry);

/* Geometry of the medium in a drive; NULL: none. */
const struct disk_geometry *fdc_geometry(const struct fdc *fdc, unsigned drive);

/* The medium in a drive; NULL: none. Is there such a drive, and which? */
struct image *fdc_image(const struct fdc *fdc, unsigned drive);
bool fdc_has_drive(const struct fdc *fdc, unsigned drive);
enum fdc_drive_type fdc_drive_type(const struct fdc *fdc, unsigned drive);

/* Sectors moved since power-on. */
uint64_t fdc_activity(const struct fdc *fdc);

#endif
