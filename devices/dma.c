/* The two 8237A DMA controllers of the AT and their page registers: see dma.h. */
#include "devices/dma.h"

#include <string.h>

enum {
    COMMAND_MEMORY_TO_MEMORY = 0x01,
    COMMAND_HOLD_ADDRESS = 0x02,
    COMMAND_DISABLE = 0x04,

    MODE_TYPE = 0x0C,
    MODE_TYPE_VERIFY = 0x00,
    MODE_TYPE_WRITE = 0x04, /* to memory */
    MODE_TYPE_READ = 0x08,  /* from memory */
    MODE_AUTO_INITIALIZE = 0x10,
    MODE_DECREMENT = 0x20,
    MODE_TRANSFER = 0xC0,
    MODE_DEMAND = 0x00,
    MODE_SINGLE = 0x40,
    MODE_BLOCK = 0x80,
    MODE_CASCADE = 0xC0,
};

#define CASCADE_CHANNEL 4
#define REFRESH_PAGE    0xF

/* The AT gives the chips a clock of 4.17 MHz. "Active Cycle" and "Memory-to-memory": the states of one
 * transfer in normal timing, and of a read and a write through the temporary register. */
#define STATE_NS      240
#define BLOCK_STATES  4
#define MEMORY_STATES 8

struct dma_channel {
    uint16_t base_address, base_count;
    uint16_t address, count; /* current */
    uint8_t mode;
};

struct dma_controller {
    struct dma_channel channel[4];
    uint8_t command;
    uint8_t status;  /* terminal counts, bits 0-3 */
    uint8_t dreq;    /* pins, bits 0-3 */
    uint8_t request; /* software requests, bits 0-3 */
    uint8_t mask;    /* bits 0-3 */
    uint8_t temporary;
    bool high_byte; /* the byte pointer flip-flop */
};

struct dma {
    struct device dev;
    struct dma_controller controller[2];
    uint8_t page[16]; /* 80h-8Fh */
};

/* Which page register (80h + n) belongs to a channel: the AT's wiring. */
static const uint8_t page_register[DMA_CHANNELS] = {0x7, 0x3, 0x1, 0x2, REFRESH_PAGE, 0xB, 0x9, 0xA};

static struct dma_controller *controller_of(struct dma *dma, unsigned channel)
{
    return &dma->controller[channel >> 2 & 1];
}

static struct dma_channel *channel_of(struct dma *dma, unsigned channel)
{
    return &controller_of(dma, channel)->channel[channel & 3];
}

/* 0 for bytes, 1 for words: addresses and counts are in units of 1 << shift bytes. */
static unsigned unit_shift(unsigned channel)
{
    return channel >= CASCADE_CHANNEL;
}

/* Linear address of a unit: the page register gives A23-A16, or A23-A17 for the word channels. */
static uint32_t linear(const struct dma *dma, unsigned channel, uint16_t address)
{
    uint32_t page = dma->page[page_register[channel]];
    return unit_shift(channel) ? (page & 0xFE) << 16 | (uint32_t)address << 1 : page << 16 | address;
}

void dma_request(struct dma *dma, unsigned channel, bool level)
{
    struct dma_controller *chip = controller_of(dma, channel);
    uint8_t bit = (uint8_t)(1u << (channel & 3));
    chip->dreq = (uint8_t)(level ? chip->dreq | bit : chip->dreq & ~bit);
}

static bool cascade_open(const struct dma *dma)
{
    const struct dma_controller *second = &dma->controller[1];
    return !(second->command & COMMAND_DISABLE) && !(second->mask & 1);
}

bool dma_ready(const struct dma *dma, unsigned channel)
{
    if (channel >= DMA_CHANNELS || channel == CASCADE_CHANNEL)
        return false;
    const struct dma_controller *chip = &dma->controller[channel >> 2];
    if ((chip->command & COMMAND_DISABLE) || (chip->mask >> (channel & 3) & 1))
        return false;
    if ((chip->channel[channel & 3].mode & MODE_TRANSFER) == MODE_CASCADE)
        return false; /* the bus belongs to another master, no address comes from here */
    return channel > CASCADE_CHANNEL || cascade_open(dma);
}

uint32_t dma_remaining(const struct dma *dma, unsigned channel)
{
    channel &= DMA_CHANNELS - 1;
    return (dma->controller[channel >> 2].channel[channel & 3].count + 1u) << unit_shift(channel);
}

static void reach_terminal_count(struct dma_controller *chip, unsigned index)
{
    struct dma_channel *channel = &chip->channel[index];
    uint8_t bit = (uint8_t)(1u << index);
    chip->status |= bit;
    chip->request &= (uint8_t)~bit;
    if (channel->mode & MODE_AUTO_INITIALIZE) {
        channel->address = channel->base_address;
        channel->count = channel->base_count;
    } else {
        chip->mask |= bit;
    }
}

/* Moves the channel on by UNITS, which do not pass terminal count. True at terminal count. */
static bool count_units(struct dma *dma, unsigned channel, uint32_t units)
{
    struct dma_channel *c = channel_of(dma, channel);
    bool end = units == c->count + 1u;
    c->address = (uint16_t)(c->mode & MODE_DECREMENT ? c->address - units : c->address + units);
    c->count = (uint16_t)(c->count - units);
    if (end)
        reach_terminal_count(controller_of(dma, channel), channel & 3);
    return end;
}

/* How many of UNITS lie in one run of rising addresses within the page. */
static uint32_t run_length(const struct dma_channel *c, uint32_t units)
{
    uint32_t left = 0x10000u - c->address;
    if (c->mode & MODE_DECREMENT)
        return 1;
    return units < left ? units : left;
}

/* For whoever watches memory. */
static const char *const channel_names[] = {"DMA channel 0", "DMA channel 1", "DMA channel 2",
                                            "DMA channel 3", "DMA channel 4", "DMA channel 5",
                                            "DMA channel 6", "DMA channel 7"};

static void access_memory(struct dma *dma, unsigned channel, uint8_t *out, const uint8_t *in, uint32_t units)
{
    struct dma_channel at = *channel_of(dma, channel); /* moved along below; the real one moves at the end */
    unsigned shift = unit_shift(channel);
    while (units) {
        uint32_t run = run_length(&at, units);
        uint32_t address = linear(dma, channel, at.address);
        size_t bytes = (size_t)run << shift;
        if (in) {
            mem_write_by(dma->dev.bus, channel_names[channel], address, in, bytes);
            in += bytes;
        } else {
            mem_read(dma->dev.bus, address, out, bytes);
            out += bytes;
        }
        at.address = (uint16_t)(at.mode & MODE_DECREMENT ? at.address - 1u : at.address + run);
        units -= run;
    }
}

/* One of OUT (from memory) and IN (to memory) is given. */
static size_t transfer(struct dma *dma, unsigned channel, uint8_t *out, const uint8_t *in, size_t length,
                       bool *terminal_count)
{
    if (terminal_count)
        *terminal_count = false;
    unsigned shift = unit_shift(channel);
    if (!dma_ready(dma, channel) || length >> shift == 0)
        return 0;
    struct dma_channel *c = channel_of(dma, channel);
    uint32_t units = c->count + 1u;
    if (length >> shift < units)
        units = (uint32_t)(length >> shift);
    unsigned type = c->mode & MODE_TYPE;
    if (type == (out ? MODE_TYPE_READ : MODE_TYPE_WRITE))
        access_memory(dma, channel, out, in, units);
    else if (out)
        memset(out, 0xFF, (size_t)units << shift);
    bool end = count_units(dma, channel, units);
    if (terminal_count)
        *terminal_count = end;
    return (size_t)units << shift;
}

size_t dma_to_memory(struct dma *dma, unsigned channel, const void *bytes, size_t length,
                     bool *terminal_count)
{
    return transfer(dma, channel, NULL, bytes, length, terminal_count);
}

size_t dma_from_memory(struct dma *dma, unsigned channel, void *bytes, size_t length, bool *terminal_count)
{
    return transfer(dma, channel, bytes, NULL, length, terminal_count);
}

/* Channel 0 to channel 1 through the temporary register, until channel 1 has counted down. */
static void memory_to_memory(struct dma *dma, unsigned number)
{
    struct dma_controller *chip = &dma->controller[number];
    unsigned source = number * 4, target = source + 1;
    unsigned size = 1u << unit_shift(source);
    clock_hold(dma->dev.clock, (chip->channel[1].count + 1u) * (uint64_t)(MEMORY_STATES * STATE_NS));
    for (uint32_t left = chip->channel[1].count + 1u; left; left--) {
        uint8_t unit[2];
        mem_read(dma->dev.bus, linear(dma, source, chip->channel[0].address), unit, size);
        mem_write_by(dma->dev.bus, channel_names[target], linear(dma, target, chip->channel[1].address), unit,
                     size);
        chip->temporary = unit[size - 1];
        uint16_t held = chip->channel[0].address;
        count_units(dma, source, 1);
        if (chip->command & COMMAND_HOLD_ADDRESS)
            chip->channel[0].address = held;
        count_units(dma, target, 1);
    }
}

/* A software request in block mode runs to terminal count. No device answers DACK: the bus floats high. */
static void run_unanswered(struct dma *dma, unsigned channel)
{
    struct dma_channel *c = channel_of(dma, channel);
    clock_hold(dma->dev.clock, (c->count + 1u) * (uint64_t)(BLOCK_STATES * STATE_NS));
    if ((c->mode & MODE_TYPE) == MODE_TYPE_WRITE) {
        static const uint8_t floating[2] = {0xFF, 0xFF};
        struct dma_channel at = *c;
        for (uint32_t left = c->count + 1u; left; left--) {
            mem_write_by(dma->dev.bus, channel_names[channel], linear(dma, channel, at.address), floating,
                         1u << unit_shift(channel));
            at.address = (uint16_t)(at.mode & MODE_DECREMENT ? at.address - 1 : at.address + 1);
        }
    }
    count_units(dma, channel, c->count + 1u);
}

/* Software requests cannot be masked; they are served in block mode only. */
static void serve_software_requests(struct dma *dma, unsigned number)
{
    struct dma_controller *chip = &dma->controller[number];
    if (chip->command & COMMAND_DISABLE)
        return;
    if ((chip->command & COMMAND_MEMORY_TO_MEMORY) && (chip->request & 1)) {
        chip->request &= (uint8_t)~1;
        memory_to_memory(dma, number);
    }
    for (unsigned i = 0; i < 4; i++)
        if ((chip->request >> i & 1) && (chip->channel[i].mode & MODE_TRANSFER) == MODE_BLOCK &&
            (number == 1 || cascade_open(dma)))
            run_unanswered(dma, number * 4 + i);
}

/* ---- registers ---- */

static uint8_t read_half(struct dma_controller *chip, uint16_t value)
{
    uint8_t half = (uint8_t)(chip->high_byte ? value >> 8 : value);
    chip->high_byte = !chip->high_byte;
    return half;
}

/* Base and current register are written together. */
static void write_half(struct dma_controller *chip, uint16_t *base, uint16_t *current, uint8_t value)
{
    uint16_t keep = chip->high_byte ? 0x00FF : 0xFF00;
    uint16_t put = (uint16_t)(chip->high_byte ? value << 8 : value);
    *base = (uint16_t)((*base & keep) | put);
    *current = *base;
    chip->high_byte = !chip->high_byte;
}

static uint8_t peek_status(const struct dma_controller *chip)
{
    return (uint8_t)(chip->status | (chip->dreq | chip->request) << 4);
}

static uint8_t read_status(struct dma_controller *chip)
{
    uint8_t value = peek_status(chip);
    chip->status = 0;
    return value;
}

static void write_mode(struct dma_controller *chip, uint8_t value)
{
    chip->channel[value & 3].mode = value & 0xFC;
}

static void write_one_bit(uint8_t *bits, uint8_t value)
{
    uint8_t bit = (uint8_t)(1u << (value & 3));
    *bits = (uint8_t)(value & 4 ? *bits | bit : *bits & ~bit);
}

static void master_clear(struct dma_controller *chip)
{
    chip->command = chip->status = chip->request = chip->temporary = 0;
    chip->high_byte = false;
    chip->mask = 0xF;
}

static uint8_t controller_read(struct dma_controller *chip, unsigned reg)
{
    struct dma_channel *channel = &chip->channel[reg >> 1 & 3];
    if (reg < 8)
        return read_half(chip, reg & 1 ? channel->count : channel->address);
    switch (reg) {
    case 0x8:
        return read_status(chip);
    case 0xD:
        return chip->temporary;
    case 0xF: /* PIIX3: the mask can be read back */
        return chip->mask;
    default:
        return 0xFF;
    }
}

static void controller_write(struct dma *dma, unsigned number, unsigned reg, uint8_t value)
{
    struct dma_controller *chip = &dma->controller[number];
    struct dma_channel *channel = &chip->channel[reg >> 1 & 3];
    if (reg < 8) {
        if (reg & 1)
            write_half(chip, &channel->base_count, &channel->count, value);
        else
            write_half(chip, &channel->base_address, &channel->address, value);
        return;
    }
    switch (reg) {
    case 0x8:
        chip->command = value;
        break;
    case 0x9:
        write_one_bit(&chip->request, value);
        break;
    case 0xA:
        write_one_bit(&chip->mask, value);
        break;
    case 0xB:
        write_mode(chip, value);
        break;
    case 0xC:
        chip->high_byte = false;
        break;
    case 0xD:
        master_clear(chip);
        break;
    case 0xE:
        chip->mask = 0;
        break;
    case 0xF:
        chip->mask = value & 0xF;
        break;
    }
    serve_software_requests(dma, number);
}

static uint8_t controller_peek(const struct dma_controller *chip, unsigned reg)
{
    const struct dma_channel *channel = &chip->channel[reg >> 1 & 3];
    if (reg < 8) {
        uint16_t value = reg & 1 ? channel->count : channel->address;
        return (uint8_t)(chip->high_byte ? value >> 8 : value);
    }
    return reg == 0x8 ? peek_status(chip) : reg == 0xD ? chip->temporary : reg == 0xF ? chip->mask : 0xFF;
}

static uint32_t first_read(void *state, uint16_t port, unsigned size)
{
    struct dma *dma = state;
    (void)size;
    return controller_read(&dma->controller[0], port & 0xF);
}

static void first_write(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)size;
    controller_write(state, 0, port & 0xF, (uint8_t)value);
}

static uint32_t first_peek(void *state, uint16_t port, unsigned size)
{
    struct dma *dma = state;
    (void)size;
    return controller_peek(&dma->controller[0], port & 0xF);
}

/* The second controller hangs on A1-A4: each register answers at two ports. */
static uint32_t second_read(void *state, uint16_t port, unsigned size)
{
    struct dma *dma = state;
    (void)size;
    return controller_read(&dma->controller[1], port >> 1 & 0xF);
}

static void second_write(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)size;
    controller_write(state, 1, port >> 1 & 0xF, (uint8_t)value);
}

static uint32_t second_peek(void *state, uint16_t port, unsigned size)
{
    struct dma *dma = state;
    (void)size;
    return controller_peek(&dma->controller[1], port >> 1 & 0xF);
}

static uint32_t page_read(void *state, uint16_t port, unsigned size)
{
    struct dma *dma = state;
    (void)size;
    return dma->page[port & 0xF];
}

static void page_write(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct dma *dma = state;
    (void)size;
    dma->page[port & 0xF] = (uint8_t)value;
}

static const struct port_row dma_ports[] = {
    {.base = 0x00, .count = 16, .name = "8237 channels 0-3", first_read, first_write, first_peek},
    {.base = 0x80, .count = 16, .name = "DMA pages", page_read, page_write, NULL},
    {.base = 0xC0, .count = 32, .name = "8237 channels 4-7", second_read, second_write, second_peek},
    {.count = 0},
};

/* ---- device ---- */

static void dma_reset(void *state, enum reset_kind kind)
{
    struct dma *dma = state;
    for (unsigned i = 0; i < 2; i++) {
        uint8_t dreq = dma->controller[i].dreq; /* pins belong to the devices */
        if (kind == RESET_POWER_ON)
            dma->controller[i] = (struct dma_controller){.dreq = dreq};
        master_clear(&dma->controller[i]);
    }
    if (kind == RESET_POWER_ON)
        memset(dma->page, 0, sizeof dma->page);
}

static void print_channel(const struct dma *dma, unsigned number, struct text *out)
{
    static const char *const types[] = {"verify", "to memory", "from memory", "illegal"};
    static const char *const modes[] = {"demand", "single", "block", "cascade"};
    const struct dma_controller *chip = &dma->controller[number >> 2];
    const struct dma_channel *c = &chip->channel[number & 3];
    unsigned bit = number & 3;
    text_add(out, "channel %u: address %06X (base %04X) count %04X (base %04X) %s %s%s%s%s%s%s%s\n", number,
             linear(dma, number, c->address), c->base_address, c->count, c->base_count, modes[c->mode >> 6],
             types[c->mode >> 2 & 3], c->mode & MODE_AUTO_INITIALIZE ? " auto-init" : "",
             c->mode & MODE_DECREMENT ? " down" : "", chip->mask >> bit & 1 ? " masked" : "",
             chip->dreq >> bit & 1 ? " DREQ" : "", chip->request >> bit & 1 ? " software request" : "",
             chip->status >> bit & 1 ? " TC" : "");
}

static void dma_print(const void *state, struct text *out)
{
    const struct dma *dma = state;
    for (unsigned i = 0; i < 2; i++)
        text_add(out, "controller %u: command %02X status %02X mask %X flip-flop %s\n", i,
                 dma->controller[i].command, peek_status(&dma->controller[i]), dma->controller[i].mask,
                 dma->controller[i].high_byte ? "high" : "low");
    for (unsigned i = 0; i < DMA_CHANNELS; i++)
        print_channel(dma, i, out);
    text_add(out, "pages 80h-8Fh:");
    for (unsigned i = 0; i < 16; i++)
        text_add(out, " %02X", dma->page[i]);
    text_add(out, "\n");
}

static const struct field channel_fields[] = {
    FIELD(struct dma_channel, base_address), FIELD(struct dma_channel, base_count),
    FIELD(struct dma_channel, address),      FIELD(struct dma_channel, count),
    FIELD(struct dma_channel, mode),         FIELD_END};

static const struct field controller_fields[] = {
    FIELD_STRUCTS(struct dma_controller, channel, channel_fields),
    FIELD(struct dma_controller, command),
    FIELD_RANGE(struct dma_controller, status, 0, 15),
    FIELD_RANGE(struct dma_controller, dreq, 0, 15),
    FIELD_RANGE(struct dma_controller, request, 0, 15),
    FIELD_RANGE(struct dma_controller, mask, 0, 15),
    FIELD(struct dma_controller, temporary),
    FIELD(struct dma_controller, high_byte),
    FIELD_END};

static const struct field dma_fields[] = {FIELD_STRUCTS(struct dma, controller, controller_fields),
                                          FIELD_BYTES(struct dma, page), FIELD_END};

const struct device_type dma_type = {
    .name = "dma",
    .title = "8237A DMA controllers",
    .state_size = sizeof(struct dma),
    .ports = dma_ports,
    .fields = dma_fields,
    .reset = dma_reset,
    .print = dma_print,
};
