/* fw_cfg: firmware configuration items behind a selector and a data port, or by DMA.
 *
 * QEMU documentation, docs/specs/fw_cfg: "Guest-side Hardware Interface". All numbers of the DMA interface
 * and of the file directory are big-endian.
 *
 *      DMA descriptor:  0 control (31:16 key; 4 write, 3 select, 2 skip, 1 read, 0 error)   4 length   8
 * address directory:       0 count;  each file: 0 size, 4 key (16 bits), 6 reserved, 8 name (56 bytes) */
#include "devices/fw_cfg.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define PORT_SELECTOR 0x510
#define PORT_DATA     0x511
#define PORT_DMA      0x514

#define KEY_ARCH    0x8000
#define KEY_INDEX   0x3FFF /* without the architecture and write bits */
#define ITEMS       (FW_CFG_FILE_FIRST + FW_CFG_FILES)
#define INVALID_KEY 0xFFFF

#define ID_TRADITIONAL 1
#define ID_DMA         2

#define DMA_ERROR       1u
#define DMA_READ        2u
#define DMA_SKIP        4u
#define DMA_SELECT      8u
#define DMA_WRITE       16u
#define DMA_SIGNATURE   0x51454D5520434647ull /* "QEMU CFG" */
#define COPIED_IN_30_NS 64                    /* bytes, by DMA */
#define MAX_PADDING     (64u << 20)           /* zeros beyond an item's end in one transfer */
#define SAVED_WHOLE     (1u << 20)            /* bytes of an item that go into snapshots */
#define DIR_ENTRY       (8 + FW_CFG_NAME_SIZE)

struct item {
    uint8_t *data;
    size_t size;
};

struct fw_cfg {
    struct device dev;
    uint16_t key;    /* as selected */
    uint32_t offset; /* of the next data byte */
    uint32_t dma_high;
    struct item items[2][ITEMS]; /* generic, and of the architecture */
    char names[FW_CFG_FILES][FW_CFG_NAME_SIZE];
    unsigned file_count;
};

static const struct field fw_cfg_fields[] = {FIELD(struct fw_cfg, key), FIELD(struct fw_cfg, offset),
                                             FIELD(struct fw_cfg, dma_high), FIELD_END};

/* ---- Big-endian numbers ---- */

static void put_be(uint8_t *at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

static uint64_t get_be(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

/* ---- Items ---- */

static struct item *item_of(struct fw_cfg *fw, uint16_t key)
{
    unsigned index = key & KEY_INDEX;
    return key != INVALID_KEY && index < ITEMS ? &fw->items[!!(key & KEY_ARCH)][index] : NULL;
}

bool fw_cfg_add_item(struct fw_cfg *fw, uint16_t key, const void *data, size_t size)
{
    struct item *item = item_of(fw, key);
    if (!item || size > UINT32_MAX)
        return false;
    uint8_t *copy = size ? xcalloc(size, 1) : NULL;
    if (size)
        memcpy(copy, data, size);
    free(item->data);
    *item = (struct item){copy, size};
    return true;
}

static bool add_number(struct fw_cfg *fw, uint16_t key, uint64_t value, unsigned size)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    return fw_cfg_add_item(fw, key, bytes, size);
}

bool fw_cfg_add_u16(struct fw_cfg *fw, uint16_t key, uint16_t value)
{
    return add_number(fw, key, value, 2);
}

bool fw_cfg_add_u32(struct fw_cfg *fw, uint16_t key, uint32_t value)
{
    return add_number(fw, key, value, 4);
}

bool fw_cfg_add_u64(struct fw_cfg *fw, uint16_t key, uint64_t value)
{
    return add_number(fw, key, value, 8);
}

/* ---- Files ---- */

static struct item *file_item(struct fw_cfg *fw, unsigned index)
{
    return &fw->items[0][FW_CFG_FILE_FIRST + index];
}

static void rebuild_directory(struct fw_cfg *fw)
{
    uint8_t directory[4 + FW_CFG_FILES * DIR_ENTRY] = {0};
    put_be(directory, fw->file_count, 4);
    for (unsigned i = 0; i < fw->file_count; i++) {
        uint8_t *entry = directory + 4 + i * DIR_ENTRY;
        put_be(entry, file_item(fw, i)->size, 4);
        put_be(entry + 4, FW_CFG_FILE_FIRST + i, 2);
        memcpy(entry + 8, fw->names[i], FW_CFG_NAME_SIZE);
    }
    fw_cfg_add_item(fw, FW_CFG_FILE_DIR, directory, 4 + fw->file_count * DIR_ENTRY);
}

/* The file's place in the order of names; *FOUND tells whether it is there already. */
static unsigned place_of(const struct fw_cfg *fw, const char *name, bool *found)
{
    unsigned at = 0;
    while (at < fw->file_count && strcmp(fw->names[at], name) < 0)
        at++;
    *found = at < fw->file_count && !strcmp(fw->names[at], name);
    return at;
}

static void make_room(struct fw_cfg *fw, unsigned at)
{
    memmove(fw->names[at + 1], fw->names[at], (fw->file_count - at) * sizeof fw->names[0]);
    memmove(file_item(fw, at + 1), file_item(fw, at), (fw->file_count - at) * sizeof(struct item));
    *file_item(fw, at) = (struct item){0};
    memset(fw->names[at], 0, FW_CFG_NAME_SIZE);
    fw->file_count++;
}

bool fw_cfg_add_file(struct fw_cfg *fw, const char *name, const void *data, size_t size, struct error *err)
{
    bool found;
    if (strlen(name) >= FW_CFG_NAME_SIZE)
        return error_set(err, "fw_cfg file name \"%s\" is longer than %d characters", name,
                         FW_CFG_NAME_SIZE - 1);
    unsigned at = place_of(fw, name, &found);
    if (!found) {
        if (fw->file_count == FW_CFG_FILES)
            return error_set(err, "no room for the fw_cfg file \"%s\": there are %d already", name,
                             FW_CFG_FILES);
        make_room(fw, at);
        memcpy(fw->names[at], name, strlen(name));
    }
    if (!fw_cfg_add_item(fw, (uint16_t)(FW_CFG_FILE_FIRST + at), data, size))
        return error_set(err, "fw_cfg file \"%s\" is larger than 4 GB", name);
    rebuild_directory(fw);
    return true;
}

const uint8_t *fw_cfg_find_file(const struct fw_cfg *fw, const char *name, size_t *size)
{
    bool found;
    unsigned at = place_of(fw, name, &found);
    if (!found)
        return NULL;
    const struct item *item = &fw->items[0][FW_CFG_FILE_FIRST + at];
    *size = item->size;
    return item->data;
}

/* ---- Selector and data ports ---- */

static void select_item(struct fw_cfg *fw, uint16_t key)
{
    fw->key = key;
    fw->offset = 0;
}

/* Bytes of the selected item that are left. */
static size_t left(struct fw_cfg *fw)
{
    const struct item *item = item_of(fw, fw->key);
    return item && fw->offset < item->size ? item->size - fw->offset : 0;
}

static void write_selector(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)port, (void)size;
    select_item(state, (uint16_t)value);
}

static uint32_t peek_data(void *state, uint16_t port, unsigned size)
{
    struct fw_cfg *fw = state;
    (void)port, (void)size;
    return left(fw) ? item_of(fw, fw->key)->data[fw->offset] : 0;
}

/* Beyond the end of an item there are zeros. */
static uint32_t read_data(void *state, uint16_t port, unsigned size)
{
    struct fw_cfg *fw = state;
    uint32_t byte = peek_data(state, port, size);
    fw->offset += left(fw) != 0;
    return byte;
}

/* ---- DMA ---- */

static size_t page_part(uint64_t address, uint64_t length)
{
    uint64_t part = PAGE_SIZE - (address & (PAGE_SIZE - 1));
    return (size_t)(length < part ? length : part);
}

/* Copies into guest memory, zeros where the item ends. Only into real memory: what reaches registers or
 * nothing is an error, so that no length keeps us busy for longer than it takes to fill memory once. */
static bool copy_out(struct fw_cfg *fw, uint64_t address, uint64_t length)
{
    static const uint8_t zeros[PAGE_SIZE];
    if (length > left(fw) + MAX_PADDING || length > (1ull << PHYSICAL_BITS) ||
        address > (1ull << PHYSICAL_BITS) - length)
        return false;
    clock_hold(fw->dev.clock, length / COPIED_IN_30_NS * 30);
    while (length) {
        size_t part = page_part(address, length), have = left(fw);
        if (!mem_page(fw->dev.bus, address >> PAGE_SHIFT).write)
            return false;
        if (have)
            part = part < have ? part : have;
        mem_write_by(fw->dev.bus, fw->dev.name, address,
                     have ? item_of(fw, fw->key)->data + fw->offset : zeros, part);
        fw->offset += have ? (uint32_t)part : 0;
        address += part;
        length -= part;
    }
    return true;
}

static void skip(struct fw_cfg *fw, uint32_t length)
{
    size_t have = left(fw);
    fw->offset += (uint32_t)(length < have ? length : have);
}

/* No item here is writable by the guest. */
static bool transfer(struct fw_cfg *fw, uint32_t control, uint64_t address, uint32_t length)
{
    if (control & DMA_SELECT)
        select_item(fw, (uint16_t)(control >> 16));
    if (control & DMA_READ)
        return copy_out(fw, address, length);
    if (control & DMA_WRITE)
        return false;
    if (control & DMA_SKIP)
        skip(fw, length);
    return true;
}

static void run_dma(struct fw_cfg *fw, uint64_t descriptor)
{
    uint8_t bytes[16], done[4];
    mem_read(fw->dev.bus, descriptor, bytes, sizeof bytes);
    uint32_t control = (uint32_t)get_be(bytes, 4);
    bool ok = transfer(fw, control, get_be(bytes + 8, 8), (uint32_t)get_be(bytes + 4, 4));
    put_be(done, ok ? 0 : DMA_ERROR, 4);
    mem_write_by(fw->dev.bus, fw->dev.name, descriptor, done, sizeof done);
    if (!ok)
        log_line(fw->dev.log, "fw_cfg", "DMA with control %08Xh failed", (unsigned)control);
}

static uint32_t read_dma(void *state, uint16_t port, unsigned size)
{
    uint8_t signature[8];
    uint32_t value = 0;
    (void)state;
    put_be(signature, DMA_SIGNATURE, 8);
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)signature[(port - PORT_DMA + i) & 7] << 8 * i;
    return value;
}

/* The high half is kept for the write of the low half, which starts the transfer. */
static void write_dma(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct fw_cfg *fw = state;
    uint32_t number = __builtin_bswap32(value);
    (void)size;
    if (port == PORT_DMA) {
        fw->dma_high = number;
    } else if (port == PORT_DMA + 4) {
        uint64_t descriptor = (uint64_t)fw->dma_high << 32 | number;
        fw->dma_high = 0;
        if (descriptor <= (1ull << PHYSICAL_BITS) - 16)
            run_dma(fw, descriptor);
    }
}

static const struct port_row fw_cfg_ports[] = {
    {PORT_SELECTOR, 1, IO_WORD, "FW_CFG selector", NULL, write_selector, NULL, 0},
    {PORT_DATA, 1, IO_BYTE, "FW_CFG data", read_data, NULL, peek_data, 0},
    {PORT_DMA, 8, IO_BYTE | IO_WORD, "FW_CFG DMA", read_dma, NULL, NULL, 0},
    {PORT_DMA, 8, IO_DWORD, "FW_CFG DMA", read_dma, write_dma, NULL, 0},
    {0}};

/* ---- Snapshots ---- */

void fw_cfg_write_items(const struct fw_cfg *fw, struct blob *out)
{
    blob_u32(out, fw->file_count);
    blob_add(out, fw->names, fw->file_count * sizeof fw->names[0]);
    for (unsigned set = 0; set < 2; set++)
        for (unsigned i = 0; i < ITEMS; i++) {
            const struct item *item = &fw->items[set][i];
            blob_u64(out, item->size);
            blob_u64(out, hash_bytes(HASH_START, item->data, item->size));
            if (item->size <= SAVED_WHOLE)
                blob_add(out, item->data, item->size);
        }
}

static bool read_item(struct item *item, struct blob_reader *in, bool apply, struct error *err)
{
    uint64_t size = read_u64(in), hash = read_u64(in);
    if (size > SAVED_WHOLE)
        return !in->failed &&
               ((size == item->size && hash == hash_bytes(HASH_START, item->data, item->size)) ||
                error_set(err,
                          "the kernel or its initial RAM disk is not the one it was saved with; name that by "
                          "--kernel and --initrd"));
    const uint8_t *bytes = read_bytes(in, (size_t)size);
    if (!bytes || !apply)
        return bytes != NULL;
    free(item->data);
    *item = (struct item){size ? xcalloc(size, 1) : NULL, size};
    if (size)
        memcpy(item->data, bytes, size);
    return true;
}

bool fw_cfg_read_items(struct fw_cfg *fw, struct blob_reader *in, bool apply, struct error *err)
{
    uint32_t count = read_u32(in);
    const uint8_t *names = count <= FW_CFG_FILES ? read_bytes(in, count * sizeof fw->names[0]) : NULL;
    bool ok = names != NULL;
    error_set(err, "the firmware's tables are damaged");
    for (unsigned i = 0; i < count && ok; i++)
        ok = memchr(names + i * sizeof fw->names[0], 0, sizeof fw->names[0]) != NULL;
    for (unsigned set = 0; set < 2 && ok; set++)
        for (unsigned i = 0; i < ITEMS && ok; i++)
            ok = read_item(&fw->items[set][i], in, apply, err);
    if (!ok || !apply)
        return ok;
    memset(fw->names, 0, sizeof fw->names);
    memcpy(fw->names, names, count * sizeof fw->names[0]);
    fw->file_count = count;
    return true;
}

/* ---- The device ---- */

static bool fw_cfg_init(void *state, const void *config, struct error *err)
{
    struct fw_cfg *fw = state;
    (void)config, (void)err;
    fw_cfg_add_item(fw, FW_CFG_SIGNATURE, "QEMU", 4);
    fw_cfg_add_u32(fw, FW_CFG_ID, ID_TRADITIONAL | ID_DMA);
    rebuild_directory(fw);
    return true;
}

static void fw_cfg_reset(void *state, enum reset_kind kind)
{
    struct fw_cfg *fw = state;
    (void)kind;
    select_item(fw, FW_CFG_SIGNATURE);
    fw->dma_high = 0;
}

static void fw_cfg_print(const void *state, struct text *out)
{
    const struct fw_cfg *fw = state;
    text_add(out, "selected %04X offset %X\n", fw->key, (unsigned)fw->offset);
    for (unsigned set = 0; set < 2; set++)
        for (unsigned i = 0; i < (set ? ITEMS : FW_CFG_FILE_FIRST); i++)
            if (fw->items[set][i].data)
                text_add(out, "%04X  %8zu bytes\n", i | (set ? KEY_ARCH : 0), fw->items[set][i].size);
    for (unsigned i = 0; i < fw->file_count; i++)
        text_add(out, "%04X  %8zu bytes  %s\n", FW_CFG_FILE_FIRST + i,
                 fw->items[0][FW_CFG_FILE_FIRST + i].size, fw->names[i]);
}

static void fw_cfg_destroy(void *state)
{
    struct fw_cfg *fw = state;
    for (unsigned set = 0; set < 2; set++)
        for (unsigned i = 0; i < ITEMS; i++)
            free(fw->items[set][i].data);
}

const struct device_type fw_cfg_type = {
    .name = "fw_cfg",
    .title = "firmware configuration interface",
    .state_size = sizeof(struct fw_cfg),
    .ports = fw_cfg_ports,
    .fields = fw_cfg_fields,
    .init = fw_cfg_init,
    .reset = fw_cfg_reset,
    .print = fw_cfg_print,
    .destroy = fw_cfg_destroy,
};
