/* The inside of the IDE function, shared by ide.c (channels, registers, bus master), ata_disk.c and atapi.c
 * (drives).
 *
 * A drive works in stages: each stage is run by the drive's event at the cycle at which the drive would get
 * there, and ends by asking for the next one (ide_busy), by offering data (ide_data_in, ide_data_out), or by
 * ending the command. */
#ifndef TICK86_DEVICES_IDE_PRIVATE_H
#define TICK86_DEVICES_IDE_PRIVATE_H

#include "devices/ide.h"
#include "devices/pci.h"

#define IDE_BUFFER_SIZE 65536u
#define ATA_SECTOR      512u
#define CD_BLOCK        2048u

enum { /* Status register */
       ATA_BSY = 0x80,
       ATA_DRDY = 0x40,
       ATA_DF = 0x20,
       ATA_DSC = 0x10,
       ATA_DRQ = 0x08,
       ATA_ERR = 0x01,
};

enum { /* Error register */
       ATA_UNC = 0x40,
       ATA_IDNF = 0x10,
       ATA_ABRT = 0x04,
};

enum { /* Device register */
       ATA_DEVICE_LBA = 0x40,
       ATA_DEVICE_1 = 0x10,
};

enum ide_phase {
    IDE_IDLE,     /* no data to move, though a command may be at work */
    IDE_DATA_IN,  /* the host reads data[data_index..data_end) */
    IDE_DATA_OUT, /* the host writes it */
    IDE_DMA,      /* the drive has DMARQ up and waits for the bus master */
    IDE_PHASE_LAST = IDE_DMA,
};

enum ide_stage {
    STAGE_NONE,
    STAGE_RESET,      /* end of a reset */
    STAGE_DIAGNOSE,   /* end of EXECUTE DEVICE DIAGNOSTIC */
    STAGE_EXECUTE,    /* decode and run the command */
    STAGE_READ,       /* disk: next block towards the host */
    STAGE_WRITE,      /* disk: a block from the host is complete */
    STAGE_VERIFY,     /* disk: next run of sectors to look at */
    STAGE_DMA,        /* next run of data by bus master */
    STAGE_DONE,       /* end of a command without more data */
    STAGE_PACKET,     /* CD: the command packet is complete */
    STAGE_REPLY,      /* CD: next part of the reply */
    STAGE_PARAMETERS, /* CD: all data from the host are there */
    STAGE_LAST = STAGE_PARAMETERS,
};

/* The command block registers; [1] is what a register held before the last write (HOB, LBA48). */
struct ide_registers {
    uint8_t feature[2], count[2], lba_low[2], lba_mid[2], lba_high[2];
    uint8_t device;
};

/* What only disks have. */
struct ata_state {
    uint64_t lba;                         /* next sector of the command */
    uint32_t left;                        /* sectors still to move */
    uint16_t block;                       /* sectors between two interrupts */
    uint64_t head_lba;                    /* where the heads are: next sector after the last access */
    uint64_t sectors;                     /* capacity that the host may use (SET MAX) */
    uint16_t cylinders, heads, per_track; /* current translation */
    uint8_t multiple;                     /* SET MULTIPLE MODE; 0: disabled */
    uint8_t power;                        /* CHECK POWER MODE: FFh active, 80h idle, 00h standby */
    bool asleep, write_cache, read_ahead, smart, smart_autosave, max_was_read, revert_defaults;
    uint8_t sector_buffer[ATA_SECTOR]; /* READ and WRITE BUFFER */
};

#define MODE_PAGE_ERROR_BYTES 8
#define MODE_PAGE_CD_BYTES    8
#define MODE_PAGE_AUDIO_BYTES 16

/* What only CD-ROM drives have. */
struct atapi_state {
    uint8_t packet[12];
    bool wants_packet;   /* the host is to write the command packet */
    uint32_t fill;       /* bytes of the reply in `data`, or of parameters wanted */
    uint16_t byte_limit; /* per DRQ, PIO */
    bool dma;
    bool to_host;
    uint32_t lba, blocks_left; /* still to be read from the disc */
    uint32_t next_lba;         /* after the last read: for the time of a seek */
    uint8_t fields;            /* READ CD: which parts of a sector, as byte 9 of the packet; 10h: user data */
    uint8_t sense_key, asc, ascq;
    bool unit_attention, tray_open, locked;
    uint8_t media_event; /* GET EVENT STATUS NOTIFICATION */
    uint8_t page_error[MODE_PAGE_ERROR_BYTES], page_cd[MODE_PAGE_CD_BYTES], page_audio[MODE_PAGE_AUDIO_BYTES];
};

struct ide_drive {
    struct ide_channel *channel;
    unsigned number; /* 0 or 1 on its channel */
    enum ide_drive_kind kind;
    struct image *image;
    struct disk_geometry geometry; /* native */
    uint64_t native_sectors;
    struct event event;
    struct ide_registers regs;
    uint8_t status, error, command;
    bool intrq;
    uint8_t phase, stage;
    uint8_t transfer_mode; /* SET FEATURES 03h: 20h | n multiword, 40h | n ultra DMA, 08h | n PIO */
    uint32_t data_index, data_end;
    struct ata_state ata;
    struct atapi_state atapi;
    uint8_t data[IDE_BUFFER_SIZE];
};

struct bus_master {
    uint8_t command, status;
    uint32_t table; /* BMIDTP */
    /* The transfer in progress. */
    uint32_t next_entry, address, left;
    bool last_entry;
};

struct ide_channel {
    struct ide *ide;
    unsigned number;
    struct wire irq;
    struct ide_drive drive[2];
    uint8_t selected; /* drive */
    uint8_t control;  /* device control register */
    bool irq_level;
    bool decoded; /* its ports are on the bus */
    struct bus_master bm;
};

struct ide {
    struct device dev;
    struct ide_channel channel[IDE_CHANNELS];
    struct pci_function pci;
    bool has_pci;
    uint16_t bm_base; /* where the bus-master ports are mapped; 0: nowhere */
    uint64_t activity;
};

/* ---- ide.c, for drives ---- */

/* Busy for NANOSECONDS, then STAGE. */
void ide_busy(struct ide_drive *drive, enum ide_stage stage, uint64_t nanoseconds);
/* Offers data[index, end) to the host, or asks it to fill that; DRQ rises, and INTRQ if INTERRUPT. */
void ide_data_in(struct ide_drive *drive, uint32_t index, uint32_t end, bool interrupt);
void ide_data_out(struct ide_drive *drive, uint32_t index, uint32_t end, bool interrupt);
/* Ends the command, with INTRQ. */
void ide_end(struct ide_drive *drive, uint8_t status, uint8_t error);
/* Puts the reset signature of the drive's kind into its registers. */
void ide_signature(struct ide_drive *drive);
/* Moves data[data_index, data_end) by bus master as far as it goes. False if the bus master is not (or no
 * longer) running: the drive then waits, and STAGE_DMA is run again when it is started. */
bool ide_dma(struct ide_drive *drive, bool to_memory);
/* Ends a DMA transfer as seen by the bus master; to be called before ide_end(). */
void ide_dma_end(struct ide_drive *drive);

static inline struct device *ide_device(const struct ide_drive *drive)
{
    return &drive->channel->ide->dev;
}

static inline void ide_put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

/* Text of IDENTIFY data: padded with blanks, the two bytes of each word swapped. */
void ide_put_text(uint8_t *at, const char *text, unsigned count);
/* Words 63 and 88 of IDENTIFY: DMA modes, with the selected one. */
void ide_put_dma_modes(const struct ide_drive *drive, uint8_t *identify);
/* SET FEATURES subcommand 03h: false for a mode that the drive does not have. */
bool ide_set_transfer_mode(struct ide_drive *drive, uint8_t mode);

/* ---- drives, for ide.c ---- */

bool ata_init(struct ide_drive *drive, const struct ide_drive_config *config, struct error *err);
void ata_reset(struct ide_drive *drive, bool hard);
void ata_run_stage(struct ide_drive *drive, enum ide_stage stage);
void ata_block_done(struct ide_drive *drive);
void ata_print(const struct ide_drive *drive, struct text *out);
extern const struct field ata_fields[];

void atapi_init(struct ide_drive *drive);
void atapi_reset(struct ide_drive *drive, bool hard);
void atapi_run_stage(struct ide_drive *drive, enum ide_stage stage);
void atapi_block_done(struct ide_drive *drive);
void atapi_insert(struct ide_drive *drive, struct image *image);
void atapi_print(const struct ide_drive *drive, struct text *out);
extern const struct field atapi_fields[];

#endif
