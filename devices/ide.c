/* The PIIX3's IDE channels: registers, resets, bus-master DMA, PCI function. See ide.h; the drives are in
 * ata_disk.c and atapi.c. */
#include "devices/ide.h"

#include <string.h>

#include "devices/ide_private.h"

enum { /* Device control register */
       CONTROL_NIEN = 0x02,
       CONTROL_SRST = 0x04,
       CONTROL_HOB = 0x80,
};

enum { /* Bus master: BMIC and BMIS */
       BM_START = 0x01,
       BM_TO_MEMORY = 0x08,
       BM_ACTIVE = 0x01,
       BM_ERROR = 0x02,
       BM_INTERRUPT = 0x04,
       BM_DRIVES_CAPABLE = 0x60,
};

#define COMMAND_DEVICE_RESET 0x08
#define COMMAND_DIAGNOSE     0x90

#define RESET_NS    500000
#define DIAGNOSE_NS 500000
#define EXECUTE_NS  2000
#define KICK_NS     1000

#define REG_MLT        0x0D /* master latency timer */
#define REG_IDETIM     0x40
#define IDETIM_DECODE  0x8000
#define REG_COMMAND    0x04
#define COMMAND_MASTER 0x04

static bool present(const struct ide_drive *drive)
{
    return drive->kind != IDE_NONE;
}

static struct ide_drive *selected_drive(struct ide_channel *channel)
{
    return &channel->drive[channel->selected & 1];
}

/* ---- interrupt ---- */

static void update_irq(struct ide_channel *channel)
{
    const struct ide_drive *drive = selected_drive(channel);
    bool level = drive->intrq && !(channel->control & CONTROL_NIEN);
    if (level == channel->irq_level)
        return;
    channel->irq_level = level;
    if (level)
        channel->bm.status |= BM_INTERRUPT;
    wire_set(&channel->irq, level);
}

static void set_intrq(struct ide_drive *drive, bool level)
{
    drive->intrq = level;
    update_irq(drive->channel);
}

/* ---- what drives ask for ---- */

void ide_busy(struct ide_drive *drive, enum ide_stage stage, uint64_t nanoseconds)
{
    struct device *dev = ide_device(drive);
    drive->status = ATA_BSY;
    drive->phase = IDE_IDLE;
    drive->stage = (uint8_t)stage;
    event_schedule(dev->clock, &drive->event, dev->clock->now + clock_cycles_of_ns(dev->clock, nanoseconds));
}

static void offer(struct ide_drive *drive, enum ide_phase phase, uint32_t index, uint32_t end, bool interrupt)
{
    drive->phase = (uint8_t)phase;
    drive->stage = STAGE_NONE;
    drive->data_index = index;
    drive->data_end = end;
    drive->status = ATA_DRDY | ATA_DSC | ATA_DRQ;
    if (interrupt)
        set_intrq(drive, true);
}

void ide_data_in(struct ide_drive *drive, uint32_t index, uint32_t end, bool interrupt)
{
    offer(drive, IDE_DATA_IN, index, end, interrupt);
}

void ide_data_out(struct ide_drive *drive, uint32_t index, uint32_t end, bool interrupt)
{
    offer(drive, IDE_DATA_OUT, index, end, interrupt);
}

void ide_end(struct ide_drive *drive, uint8_t status, uint8_t error)
{
    drive->phase = IDE_IDLE;
    drive->stage = STAGE_NONE;
    drive->data_index = drive->data_end = 0;
    drive->status = status;
    drive->error = error;
    set_intrq(drive, true);
}

void ide_signature(struct ide_drive *drive)
{
    bool packet = drive->kind == IDE_CDROM;
    drive->regs = (struct ide_registers){
        .count = {1}, .lba_low = {1}, .lba_mid = {packet ? 0x14 : 0}, .lba_high = {packet ? 0xEB : 0}};
    drive->error = 0x01; /* diagnostics passed */
}

void ide_put_text(uint8_t *at, const char *text, unsigned count)
{
    size_t length = strlen(text);
    for (unsigned i = 0; i < count; i++)
        at[i ^ 1] = (uint8_t)(i < length ? text[i] : ' ');
}

#define PIO_MODES       5
#define MULTIWORD_MODES 3
#define ULTRA_MODES     6

void ide_put_dma_modes(const struct ide_drive *drive, uint8_t *identify)
{
    unsigned mode = drive->transfer_mode & 7, kind = drive->transfer_mode & 0xF8;
    ide_put16(identify + 2 * 63, ((1u << MULTIWORD_MODES) - 1) | (kind == 0x20 ? 0x100u << mode : 0));
    ide_put16(identify + 2 * 88, ((1u << ULTRA_MODES) - 1) | (kind == 0x40 ? 0x100u << mode : 0));
}

bool ide_set_transfer_mode(struct ide_drive *drive, uint8_t mode)
{
    unsigned number = mode & 7;
    switch (mode & 0xF8) {
    case 0x00: /* PIO default, with or without IORDY: DMA modes stay */
        return number <= 1;
    case 0x08: /* likewise a PIO mode */
        return number < PIO_MODES;
    case 0x20:
        if (number >= MULTIWORD_MODES)
            return false;
        break;
    case 0x40:
        if (number >= ULTRA_MODES)
            return false;
        break;
    default:
        return false;
    }
    drive->transfer_mode = mode;
    return true;
}

/* ---- bus master (PIIX3 datasheet, "Bus Master IDE") ---- */

static bool bus_master_runs(const struct ide_channel *channel, bool to_memory)
{
    const struct ide *ide = channel->ide;
    if (ide->has_pci && !(ide->pci.config[REG_COMMAND] & COMMAND_MASTER))
        return false;
    return (channel->bm.command & BM_START) && (channel->bm.status & BM_ACTIVE) &&
           !(channel->bm.command & BM_TO_MEMORY) == !to_memory;
}

/* The next entry of the table of physical regions: address, then byte count (0: 64 KB) and end-of-table flag.
 */
static void load_region(struct ide_channel *channel)
{
    uint8_t entry[8];
    struct bus_master *bm = &channel->bm;
    mem_read(channel->ide->dev.bus, bm->next_entry, entry, sizeof entry);
    bm->next_entry += 8;
    bm->address = pci_get32(entry, 0) & ~1u;
    bm->left = pci_get16(entry, 4) & 0xFFFEu;
    if (!bm->left)
        bm->left = 0x10000;
    bm->last_entry = entry[7] & 0x80;
}

bool ide_dma(struct ide_drive *drive, bool to_memory)
{
    struct ide_channel *channel = drive->channel;
    struct bus_master *bm = &channel->bm;
    struct bus *bus = channel->ide->dev.bus;
    while (drive->data_index < drive->data_end) {
        if (!bus_master_runs(channel, to_memory))
            break;
        if (!bm->left) {
            if (bm->last_entry) {
                bm->status &= (uint8_t)~BM_ACTIVE; /* regions used up before the drive's data */
                break;
            }
            load_region(channel);
        }
        uint32_t n = drive->data_end - drive->data_index;
        n = n < bm->left ? n : bm->left;
        if (to_memory)
            mem_write_by(bus, channel->ide->dev.name, bm->address, drive->data + drive->data_index, n);
        else
            mem_read(bus, bm->address, drive->data + drive->data_index, n);
        drive->data_index += n;
        bm->address += n;
        bm->left -= n;
    }
    if (drive->data_index == drive->data_end)
        return true;
    drive->phase = IDE_DMA;
    drive->stage = STAGE_NONE;
    drive->status = ATA_DRDY | ATA_DSC | ATA_DRQ;
    return false;
}

/* Regions and data ended together: not active any more. Otherwise the bus master still waits for data. */
void ide_dma_end(struct ide_drive *drive)
{
    struct bus_master *bm = &drive->channel->bm;
    if (!bm->left && bm->last_entry)
        bm->status &= (uint8_t)~BM_ACTIVE;
}

static void write_bm_command(struct ide_channel *channel, uint8_t value)
{
    struct bus_master *bm = &channel->bm;
    uint8_t old = bm->command;
    bm->command = value & (BM_START | BM_TO_MEMORY);
    if (!(value & BM_START)) {
        bm->status &= (uint8_t)~BM_ACTIVE;
        return;
    }
    if (old & BM_START)
        return;
    bm->status |= BM_ACTIVE;
    bm->next_entry = bm->table;
    bm->left = 0;
    bm->last_entry = false;
    for (unsigned i = 0; i < 2; i++)
        if (channel->drive[i].phase == IDE_DMA) {
            struct clock *clock = channel->ide->dev.clock;
            channel->drive[i].stage = STAGE_DMA;
            event_schedule(clock, &channel->drive[i].event, clock->now + clock_cycles_of_ns(clock, KICK_NS));
        }
}

/* Error and interrupt are cleared by writing ones; bits 5 and 6 are software's notes on its drives. */
static void write_bm_status(struct ide_channel *channel, uint8_t value)
{
    uint8_t kept = channel->bm.status & (uint8_t) ~(value & (BM_ERROR | BM_INTERRUPT));
    channel->bm.status = (uint8_t)((kept & ~BM_DRIVES_CAPABLE) | (value & BM_DRIVES_CAPABLE));
}

static uint8_t read_bm_byte(const struct ide_channel *channel, unsigned reg)
{
    const struct bus_master *bm = &channel->bm;
    switch (reg) {
    case 0:
        return bm->command;
    case 2:
        return bm->status;
    case 1:
    case 3:
        return 0;
    default:
        return (uint8_t)(bm->table >> 8 * (reg - 4));
    }
}

static void write_bm_byte(struct ide_channel *channel, unsigned reg, uint8_t value)
{
    struct bus_master *bm = &channel->bm;
    switch (reg) {
    case 0:
        write_bm_command(channel, value);
        break;
    case 2:
        write_bm_status(channel, value);
        break;
    case 1:
    case 3:
        break;
    default:
        bm->table &= ~(0xFFu << 8 * (reg - 4));
        bm->table |= (uint32_t)value << 8 * (reg - 4) & ~3u;
    }
}

static uint32_t bm_read(void *state, uint16_t port, unsigned size)
{
    const struct ide *ide = state;
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        unsigned offset = (port - ide->bm_base + i) & 15;
        value |= (uint32_t)read_bm_byte(&ide->channel[offset >> 3], offset & 7) << 8 * i;
    }
    return value;
}

static void bm_write(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct ide *ide = state;
    for (unsigned i = 0; i < size; i++) {
        unsigned offset = (port - ide->bm_base + i) & 15;
        write_bm_byte(&ide->channel[offset >> 3], offset & 7, (uint8_t)(value >> 8 * i));
    }
}

static const struct port_row bm_row = {
    .count = 16, .widths = IO_ANY, .name = "bus master IDE", .read = bm_read, .write = bm_write};

static void map_bus_master(struct ide *ide, uint16_t base)
{
    struct error err;
    if (ide->bm_base)
        ports_unmap(ide->dev.bus, ide, &bm_row, ide->bm_base);
    ide->bm_base = 0;
    if (base && ports_map(ide->dev.bus, ide->dev.name, ide, &bm_row, base, &err))
        ide->bm_base = base;
    else if (base)
        log_line(ide->dev.log, "ide", "bus master: %s", err.text);
}

/* ---- stages and resets ---- */

static void run_stage(void *owner, uint64_t late)
{
    struct ide_drive *drive = owner;
    enum ide_stage stage = drive->stage;
    (void)late;
    drive->stage = STAGE_NONE;
    if (stage == STAGE_RESET || stage == STAGE_DIAGNOSE) {
        drive->status = drive->kind == IDE_DISK ? ATA_DRDY | ATA_DSC : 0;
        /* Device 0 alone interrupts, after it heard of device 1 (9.10). */
        if (stage == STAGE_DIAGNOSE && (drive->number == 0 || !present(&drive->channel->drive[0])))
            set_intrq(drive, true);
    } else if (drive->kind == IDE_DISK) {
        ata_run_stage(drive, stage);
    } else if (drive->kind == IDE_CDROM) {
        atapi_run_stage(drive, stage);
    }
}

static void stop_drive(struct ide_drive *drive)
{
    event_cancel(ide_device(drive)->clock, &drive->event);
    drive->phase = IDE_IDLE;
    drive->stage = STAGE_NONE;
    drive->data_index = drive->data_end = 0;
    drive->intrq = false;
}

static void reset_drive(struct ide_drive *drive, bool hard)
{
    stop_drive(drive);
    if (!present(drive))
        return;
    ide_signature(drive);
    if (drive->kind == IDE_DISK)
        ata_reset(drive, hard);
    else
        atapi_reset(drive, hard);
}

/* SRST: drives are busy while it is set and some time after. */
static void begin_software_reset(struct ide_channel *channel)
{
    for (unsigned i = 0; i < 2; i++) {
        reset_drive(&channel->drive[i], false);
        if (present(&channel->drive[i]))
            channel->drive[i].status = ATA_BSY;
    }
    channel->selected = 0;
    update_irq(channel);
}

static void end_software_reset(struct ide_channel *channel)
{
    for (unsigned i = 0; i < 2; i++)
        if (present(&channel->drive[i]))
            ide_busy(&channel->drive[i], STAGE_RESET, RESET_NS);
}

static void diagnose(struct ide_channel *channel)
{
    for (unsigned i = 0; i < 2; i++)
        if (present(&channel->drive[i])) {
            stop_drive(&channel->drive[i]);
            ide_signature(&channel->drive[i]);
            ide_busy(&channel->drive[i], STAGE_DIAGNOSE, DIAGNOSE_NS);
        }
    channel->selected = 0;
    update_irq(channel);
}

/* DEVICE RESET is heard even by a busy packet device; it gives no interrupt. */
static void device_reset(struct ide_drive *drive)
{
    uint8_t device = drive->regs.device & ATA_DEVICE_1;
    reset_drive(drive, false);
    drive->regs.device = device;
    ide_busy(drive, STAGE_RESET, EXECUTE_NS);
    update_irq(drive->channel);
}

/* Commands that first of all take data from the host. No interrupt tells that a drive is ready for them, and
 * hosts that sleep until the next one would lose much time, so these are looked at without delay. */
static bool takes_data_first(const struct ide_drive *drive)
{
    switch (drive->command) {
    case 0xA0: /* PACKET */
        return drive->kind == IDE_CDROM;
    case 0x30: /* WRITE SECTORS, LONG, MULTIPLE and BUFFER, FORMAT TRACK */
    case 0x31:
    case 0x32:
    case 0x33:
    case 0x34:
    case 0x39:
    case 0x3C:
    case 0x50:
    case 0xC5:
    case 0xE8:
        return drive->kind == IDE_DISK;
    default:
        return false;
    }
}

static void write_command(struct ide_channel *channel, uint8_t command)
{
    struct ide_drive *drive = selected_drive(channel);
    if (!present(drive) || (channel->control & CONTROL_SRST))
        return;
    if (command == COMMAND_DEVICE_RESET && drive->kind == IDE_CDROM) {
        device_reset(drive);
        return;
    }
    if ((drive->status & ATA_BSY) || drive->ata.asleep)
        return;
    drive->command = command;
    drive->intrq = false;
    update_irq(channel);
    if (command == COMMAND_DIAGNOSE) {
        diagnose(channel);
        return;
    }
    drive->error = 0;
    ide_busy(drive, STAGE_EXECUTE, EXECUTE_NS);
    if (takes_data_first(drive)) {
        event_cancel(channel->ide->dev.clock, &drive->event);
        run_stage(drive, 0);
    }
}

/* ---- command block and control block ---- */

static struct ide_channel *channel_at(void *state, uint16_t port)
{
    struct ide *ide = state;
    return &ide->channel[port & 0x80 ? 0 : 1];
}

/* A register with its HOB shadow. */
static uint8_t *shadowed_register(struct ide_registers *regs, unsigned reg)
{
    switch (reg) {
    case 1:
        return regs->feature;
    case 2:
        return regs->count;
    case 3:
        return regs->lba_low;
    case 4:
        return regs->lba_mid;
    default:
        return regs->lba_high;
    }
}

/* The bus floats, but the host's pull-down on DD7 (ATA/ATAPI-4, 4.2) keeps a drive that is not there from
 * seeming busy. In both words of an access to the data port. */
#define EMPTY_CABLE 0xFF7FFF7Fu

static uint8_t read_register(struct ide_channel *channel, unsigned reg)
{
    struct ide_drive *drive = selected_drive(channel);
    if (!present(drive))
        /* Device 0 answers zeros for a device 1 that is not there. */
        return drive->number == 1 && present(&channel->drive[0]) ? 0x00 : (uint8_t)EMPTY_CABLE;
    switch (reg) {
    case 1:
        return drive->error;
    case 6:
        return drive->regs.device | 0xA0;
    case 7:
        return drive->status;
    default:
        return shadowed_register(&drive->regs, reg)[channel->control & CONTROL_HOB ? 1 : 0];
    }
}

static void write_device_register(struct ide_channel *channel, uint8_t value)
{
    for (unsigned i = 0; i < 2; i++)
        channel->drive[i].regs.device = value;
    channel->selected = value & ATA_DEVICE_1 ? 1 : 0;
    update_irq(channel);
}

/* Both drives listen, whichever is selected. */
static void write_shadowed(struct ide_channel *channel, unsigned reg, uint8_t value)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ide_drive *drive = &channel->drive[i];
        if (drive->status & ATA_BSY)
            continue;
        uint8_t *at = shadowed_register(&drive->regs, reg);
        at[1] = at[0];
        at[0] = value;
    }
}

static uint32_t command_block_read(void *state, uint16_t port, unsigned size)
{
    struct ide_channel *channel = channel_at(state, port);
    uint8_t value = read_register(channel, port & 7);
    (void)size;
    if ((port & 7) == 7)
        set_intrq(selected_drive(channel), false);
    return value;
}

static uint32_t command_block_peek(void *state, uint16_t port, unsigned size)
{
    (void)size;
    return read_register(channel_at(state, port), port & 7);
}

static void command_block_write(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct ide_channel *channel = channel_at(state, port);
    unsigned reg = port & 7;
    (void)size;
    channel->control &= (uint8_t)~CONTROL_HOB;
    if (reg == 7)
        write_command(channel, (uint8_t)value);
    else if (reg == 6)
        write_device_register(channel, (uint8_t)value);
    else
        write_shadowed(channel, reg, (uint8_t)value);
}

static uint32_t alternate_status_read(void *state, uint16_t port, unsigned size)
{
    (void)size;
    return read_register(channel_at(state, port), 7);
}

static void device_control_write(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct ide_channel *channel = channel_at(state, port);
    uint8_t old = channel->control;
    (void)size;
    channel->control = value & (CONTROL_NIEN | CONTROL_SRST | CONTROL_HOB);
    if (~old & value & CONTROL_SRST)
        begin_software_reset(channel);
    else if (old & ~value & CONTROL_SRST)
        end_software_reset(channel);
    update_irq(channel);
}

/* Drive address register (ATA-1): selected drive and head, inverted. */
static uint32_t drive_address_read(void *state, uint16_t port, unsigned size)
{
    struct ide_channel *channel = channel_at(state, port);
    const struct ide_drive *drive = selected_drive(channel);
    (void)size;
    if (!present(drive))
        return 0x7F;
    return 0x40 | (~drive->regs.device & 15u) << 2 | (channel->selected ? 1 : 2);
}

/* ---- data port ---- */

static void block_done(struct ide_drive *drive)
{
    drive->phase = IDE_IDLE;
    if (drive->kind == IDE_DISK)
        ata_block_done(drive);
    else
        atapi_block_done(drive);
}

/* An access across the end of the data, or without any. */
static uint32_t data_read_rest(struct ide_drive *drive, unsigned size)
{
    uint32_t value = 0, n = drive->data_end - drive->data_index;
    if (!present(drive))
        return EMPTY_CABLE;
    if (drive->phase != IDE_DATA_IN)
        return UINT32_MAX;
    n = n < size ? n : size;
    memcpy(&value, drive->data + drive->data_index, n);
    drive->data_index = drive->data_end;
    block_done(drive);
    return value;
}

/* REP INSW comes here for every word: keep the common case short. */
static uint32_t data_read(void *state, uint16_t port, unsigned size)
{
    struct ide_drive *drive = selected_drive(channel_at(state, port));
    uint32_t at = drive->data_index, next = at + size;
    if (__builtin_expect(drive->phase != IDE_DATA_IN || next > drive->data_end, 0))
        return data_read_rest(drive, size);
    const uint8_t *bytes = drive->data + at;
    uint32_t value = bytes[0];
    if (size >= 2)
        value |= (uint32_t)bytes[1] << 8;
    if (size == 4)
        value |= (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    drive->data_index = next;
    if (next == drive->data_end)
        block_done(drive);
    return value;
}

static uint32_t data_peek(void *state, uint16_t port, unsigned size)
{
    const struct ide_drive *drive = selected_drive(channel_at(state, port));
    uint32_t value = UINT32_MAX, n = drive->data_end - drive->data_index;
    if (drive->phase == IDE_DATA_IN)
        memcpy(&value, drive->data + drive->data_index, n < size ? n : size);
    return value;
}

static void data_write(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct ide_drive *drive = selected_drive(channel_at(state, port));
    if (drive->phase != IDE_DATA_OUT)
        return;
    uint32_t n = drive->data_end - drive->data_index;
    n = n < size ? n : size;
    for (uint32_t i = 0; i < n; i++)
        drive->data[drive->data_index + i] = (uint8_t)(value >> 8 * i);
    drive->data_index += n;
    if (drive->data_index == drive->data_end)
        block_done(drive);
}

#define DATA_ROW(at)                                                                                         \
    {                                                                                                        \
        .base = (at), .count = 1, .widths = IO_ANY, .name = "ATA data", .read = data_read,                   \
        .write = data_write, .peek = data_peek                                                               \
    }
#define COMMAND_ROW(at)                                                                                      \
    {                                                                                                        \
        .base = (at), .count = 7, .name = "ATA command block", .read = command_block_read,                   \
        .write = command_block_write, .peek = command_block_peek                                             \
    }
#define CONTROL_ROW(at)                                                                                      \
    {                                                                                                        \
        .base = (at), .count = 1, .name = "ATA alternate status/device control",                             \
        .read = alternate_status_read, .write = device_control_write                                         \
    }
/* Bit 7 is the floppy controller's disk-change line. */
#define ADDRESS_ROW(at)                                                                                      \
    {                                                                                                        \
        .base = (at), .count = 1, .name = "ATA drive address", .read = drive_address_read, .bits = 0x7F      \
    }

#define CHANNEL_ROWS 4
static const struct port_row channel_rows[IDE_CHANNELS][CHANNEL_ROWS] = {
    {DATA_ROW(0x1F0), COMMAND_ROW(0x1F1), CONTROL_ROW(0x3F6), ADDRESS_ROW(0x3F7)},
    {DATA_ROW(0x170), COMMAND_ROW(0x171), CONTROL_ROW(0x376), ADDRESS_ROW(0x377)},
};

static void unmap_channel(struct ide_channel *channel, unsigned rows)
{
    for (unsigned i = 0; i < rows; i++)
        ports_unmap(channel->ide->dev.bus, channel->ide, &channel_rows[channel->number][i],
                    channel_rows[channel->number][i].base);
    channel->decoded = false;
}

static bool map_channel(struct ide_channel *channel, struct error *err)
{
    struct ide *ide = channel->ide;
    for (unsigned i = 0; i < CHANNEL_ROWS; i++) {
        const struct port_row *row = &channel_rows[channel->number][i];
        if (!ports_map(ide->dev.bus, ide->dev.name, ide, row, row->base, err)) {
            unmap_channel(channel, i);
            return false;
        }
    }
    channel->decoded = true;
    return true;
}

/* ---- PCI function ---- */

/* IDETIM bit 15 of each channel switches its ports on. */
static void update_decoding(struct ide *ide)
{
    for (unsigned i = 0; i < IDE_CHANNELS; i++) {
        struct ide_channel *channel = &ide->channel[i];
        bool decode = !ide->has_pci || (pci_get16(ide->pci.config, REG_IDETIM + 2 * i) & IDETIM_DECODE);
        struct error err;
        if (decode == channel->decoded)
            continue;
        if (!decode)
            unmap_channel(channel, CHANNEL_ROWS);
        else if (!map_channel(channel, &err))
            log_line(ide->dev.log, "ide", "%s", err.text);
    }
}

static void pci_bar_changed(void *owner, unsigned bar, uint64_t address, bool enabled)
{
    if (bar == 4)
        map_bus_master(owner, enabled ? (uint16_t)address : 0);
}

static void pci_config_written(void *owner, unsigned reg, unsigned size, uint32_t old)
{
    (void)old;
    if (reg < REG_IDETIM + 4 && reg + size > REG_IDETIM)
        update_decoding(owner);
}

/* The board straps both channels on at reset, so that they answer before any firmware ran. */
static void reset_timing(struct ide *ide)
{
    pci_set16(ide->pci.config, REG_IDETIM, IDETIM_DECODE);
    pci_set16(ide->pci.config, REG_IDETIM + 2, IDETIM_DECODE);
    ide->pci.config[0x44] = 0;
}

static void add_pci_function(struct ide *ide, const struct ide_config *config)
{
    struct pci_function *pci = &ide->pci;
    pci->name = "PIIX3 IDE";
    pci->devfn = config->devfn;
    pci_set16(pci->config, 0x00, 0x8086);
    pci_set16(pci->config, 0x02, 0x7010);
    pci_set16(pci->config, 0x06, 0x0280); /* fast back-to-back, medium DEVSEL# */
    pci->config[0x09] = 0x80;             /* bus master, compatible addresses only */
    pci->config[0x0A] = 0x01;
    pci->config[0x0B] = 0x01;
    pci->bars[4] = (struct pci_bar){PCI_BAR_IO, 16};
    pci->writable[REG_MLT] = 0xF0;
    pci_set32(pci->writable, REG_IDETIM, 0xFFFFFFFF);
    pci->writable[0x44] = 0xFF; /* SIDETIM */
    reset_timing(ide);
    pci->owner = ide;
    pci->bar_changed = pci_bar_changed;
    pci->config_written = pci_config_written;
    ide->has_pci = true;
    pci_add(config->pci, pci);
}

/* ---- the outside ---- */

static struct ide_drive *drive_at(const struct ide *ide, unsigned number)
{
    return number < IDE_DRIVES ? (struct ide_drive *)&ide->channel[number / 2].drive[number % 2] : NULL;
}

bool ide_insert(struct ide *ide, unsigned number, struct image *image, struct error *err)
{
    struct ide_drive *drive = drive_at(ide, number);
    if (!drive || drive->kind != IDE_CDROM)
        return error_set(err, "IDE drive %u is no CD-ROM drive; add one with --cdrom or kind = cdrom",
                         number);
    if (image && image_size(image) < 17 * CD_BLOCK)
        return error_set(err, "%s is too short for a CD", image_path(image));
    log_line(ide->dev.log, "ide", "drive %u: %s", number, image ? image_path(image) : "nothing inserted");
    image_close(drive->image);
    atapi_insert(drive, image);
    return true;
}

struct image *ide_exchange_image(struct ide *ide, unsigned number, struct image *image)
{
    struct ide_drive *drive = drive_at(ide, number);
    struct image *old = drive->image;
    drive->image = image;
    return old;
}

enum ide_drive_kind ide_kind(const struct ide *ide, unsigned number)
{
    const struct ide_drive *drive = drive_at(ide, number);
    return drive ? drive->kind : IDE_NONE;
}

struct image *ide_image(const struct ide *ide, unsigned number)
{
    const struct ide_drive *drive = drive_at(ide, number);
    return drive ? drive->image : NULL;
}

const struct disk_geometry *ide_geometry(const struct ide *ide, unsigned number)
{
    const struct ide_drive *drive = drive_at(ide, number);
    return drive && drive->kind == IDE_DISK ? &drive->geometry : NULL;
}

uint64_t ide_activity(const struct ide *ide)
{
    return ide->activity;
}

/* ---- device ---- */

static bool init_drive(struct ide_channel *channel, unsigned number, const struct ide_drive_config *config,
                       struct error *err)
{
    struct ide_drive *drive = &channel->drive[number];
    drive->channel = channel;
    drive->number = number;
    if (config->kind == IDE_DISK && !config->image)
        return error_set(err, "a disk needs an image");
    if (config->kind == IDE_DISK && !ata_init(drive, config, err))
        return false;
    atapi_init(drive);
    return true;
}

/* From here on nothing fails: the images are ours. */
static void adopt_drive(struct ide_drive *drive, const struct ide_drive_config *config)
{
    struct device *dev = ide_device(drive);
    drive->kind = config->kind;
    drive->image = config->kind == IDE_NONE ? NULL : config->image;
    event_init(dev->clock, &drive->event, run_stage, drive, "%s%u.%s", dev->name, drive->channel->number,
               drive->number ? "slave" : "master");
}

static bool ide_init(void *state, const void *config, struct error *err)
{
    static const struct ide_config none;
    const struct ide_config *c = config ? config : &none;
    struct ide *ide = state;
    for (unsigned i = 0; i < IDE_DRIVES; i++) {
        struct ide_channel *channel = &ide->channel[i / 2];
        channel->ide = ide;
        channel->number = i / 2;
        channel->irq = c->irq[i / 2];
        if (!init_drive(channel, i % 2, &c->drive[i], err))
            return false;
    }
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        if (!map_channel(&ide->channel[i], err)) {
            if (i)
                unmap_channel(&ide->channel[0], CHANNEL_ROWS);
            return false;
        }
    for (unsigned i = 0; i < IDE_DRIVES; i++)
        adopt_drive(drive_at(ide, i), &c->drive[i]);
    if (c->pci)
        add_pci_function(ide, c);
    else
        map_bus_master(ide, c->bus_master_base);
    return true;
}

static void ide_reset(void *state, enum reset_kind kind)
{
    struct ide *ide = state;
    (void)kind;
    for (unsigned i = 0; i < IDE_CHANNELS; i++) {
        struct ide_channel *channel = &ide->channel[i];
        channel->bm = (struct bus_master){0};
        channel->control = 0;
        channel->selected = 0;
        for (unsigned j = 0; j < 2; j++) {
            struct ide_drive *drive = &channel->drive[j];
            reset_drive(drive, true);
            drive->status = drive->kind == IDE_DISK ? ATA_DRDY | ATA_DSC : 0;
        }
        update_irq(channel);
    }
    if (ide->has_pci) {
        reset_timing(ide);
        pci_function_reset(&ide->pci);
        update_decoding(ide);
    }
}

static void ide_destroy(void *state)
{
    struct ide *ide = state;
    map_bus_master(ide, 0);
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        if (ide->channel[i].decoded)
            unmap_channel(&ide->channel[i], CHANNEL_ROWS);
    for (unsigned i = 0; i < IDE_DRIVES; i++) {
        struct ide_drive *drive = drive_at(ide, i);
        image_close(drive->image);
        event_destroy(ide->dev.clock, &drive->event);
    }
}

static bool ide_post_load(void *state, struct error *err)
{
    struct ide *ide = state;
    for (unsigned i = 0; i < IDE_DRIVES; i++) {
        const struct ide_drive *drive = drive_at(ide, i);
        if (drive->data_index > drive->data_end)
            return error_set(err, "IDE drive %u stands past the end of its data", i);
        if (!present(drive) && drive->phase != IDE_IDLE)
            return error_set(err, "IDE drive %u moves data, but there is none", i);
        if (drive->kind == IDE_DISK && (!drive->ata.heads || !drive->ata.per_track))
            return error_set(err, "IDE drive %u has a translation without heads or sectors", i);
    }
    if (ide->has_pci) {
        pci_function_restored(&ide->pci);
        update_decoding(ide);
    }
    return true;
}

static void print_drive(const struct ide_drive *drive, struct text *out)
{
    static const char *const phases[] = {"idle", "data in", "data out", "DMA"};
    const struct ide_registers *r = &drive->regs;
    text_add(out, "  drive %u: command %02X status %02X error %02X, %s", drive->number, drive->command,
             drive->status, drive->error, phases[drive->phase]);
    if (drive->phase != IDE_IDLE)
        text_add(out, " %u of %u", drive->data_index, drive->data_end);
    text_add(out,
             "%s\n    feature %02X%02X count %02X%02X LBA %02X%02X%02X %02X%02X%02X device %02X mode %02X\n",
             drive->intrq ? ", INTRQ" : "", r->feature[1], r->feature[0], r->count[1], r->count[0],
             r->lba_high[1], r->lba_mid[1], r->lba_low[1], r->lba_high[0], r->lba_mid[0], r->lba_low[0],
             r->device, drive->transfer_mode);
    if (drive->kind == IDE_DISK)
        ata_print(drive, out);
    else
        atapi_print(drive, out);
}

static void ide_print(const void *state, struct text *out)
{
    const struct ide *ide = state;
    for (unsigned i = 0; i < IDE_CHANNELS; i++) {
        const struct ide_channel *channel = &ide->channel[i];
        const struct bus_master *bm = &channel->bm;
        text_add(out, "channel %u: drive %u selected, control %02X, IRQ %u%s\n", i, channel->selected,
                 channel->control, channel->irq_level, channel->decoded ? "" : ", ports off");
        text_add(out, "  bus master at %04X: command %02X status %02X table %08X, at %08X, %u bytes left\n",
                 ide->bm_base ? ide->bm_base + 8 * i : 0, bm->command, bm->status, bm->table, bm->address,
                 bm->left);
        for (unsigned j = 0; j < 2; j++)
            if (present(&channel->drive[j]))
                print_drive(&channel->drive[j], out);
    }
}

static const struct field register_fields[] = {FIELD_ARRAY(struct ide_registers, feature),
                                               FIELD_ARRAY(struct ide_registers, count),
                                               FIELD_ARRAY(struct ide_registers, lba_low),
                                               FIELD_ARRAY(struct ide_registers, lba_mid),
                                               FIELD_ARRAY(struct ide_registers, lba_high),
                                               FIELD(struct ide_registers, device),
                                               FIELD_END};

static const struct field drive_fields[] = {FIELD_EVENT(struct ide_drive, event),
                                            FIELD_STRUCT(struct ide_drive, regs, register_fields),
                                            FIELD(struct ide_drive, status),
                                            FIELD(struct ide_drive, error),
                                            FIELD(struct ide_drive, command),
                                            FIELD_RANGE(struct ide_drive, intrq, 0, 1),
                                            FIELD_RANGE(struct ide_drive, phase, 0, IDE_PHASE_LAST),
                                            FIELD_RANGE(struct ide_drive, stage, 0, STAGE_LAST),
                                            FIELD(struct ide_drive, transfer_mode),
                                            FIELD_RANGE(struct ide_drive, data_index, 0, IDE_BUFFER_SIZE),
                                            FIELD_RANGE(struct ide_drive, data_end, 0, IDE_BUFFER_SIZE),
                                            FIELD_STRUCT(struct ide_drive, ata, ata_fields),
                                            FIELD_STRUCT(struct ide_drive, atapi, atapi_fields),
                                            FIELD_BYTES(struct ide_drive, data),
                                            FIELD_END};

static const struct field bm_fields[] = {FIELD(struct bus_master, command),
                                         FIELD(struct bus_master, status),
                                         FIELD(struct bus_master, table),
                                         FIELD(struct bus_master, next_entry),
                                         FIELD(struct bus_master, address),
                                         FIELD_RANGE(struct bus_master, left, 0, 0x10000),
                                         FIELD_RANGE(struct bus_master, last_entry, 0, 1),
                                         FIELD_END};

static const struct field channel_fields[] = {FIELD_STRUCTS(struct ide_channel, drive, drive_fields),
                                              FIELD_RANGE(struct ide_channel, selected, 0, 1),
                                              FIELD(struct ide_channel, control),
                                              FIELD_RANGE(struct ide_channel, irq_level, 0, 1),
                                              FIELD_STRUCT(struct ide_channel, bm, bm_fields),
                                              FIELD_END};

static const struct field ide_fields[] = {FIELD_STRUCTS(struct ide, channel, channel_fields),
                                          FIELD_STRUCT(struct ide, pci, pci_function_fields),
                                          FIELD_FIGURE(struct ide, activity), FIELD_END};

const struct device_type ide_type = {
    .name = "ide",
    .title = "82371SB (PIIX3) IDE",
    .state_size = sizeof(struct ide),
    .fields = ide_fields,
    .init = ide_init,
    .reset = ide_reset,
    .post_load = ide_post_load,
    .print = ide_print,
    .destroy = ide_destroy,
};
