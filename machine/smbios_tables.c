/* SMBIOS tables. DMTF DSP0134 2.4: 2.1 (entry point), 3.1 (structures), 3.3 (types). */
#include "machine/smbios_tables.h"

#include <stdio.h>
#include <string.h>

#include "devices/i440fx.h"

#define KB             1024ull
#define MB             (1024 * KB)
#define GB             (1024 * MB)
#define FOUR_GB        (4 * GB)
#define MODULE_SIZE    (16 * GB) /* of a memory device, at most */
#define NO_HANDLE      0xFFFF
#define NOT_PROVIDED   0xFFFE
#define MANUFACTURER   "tick86"
#define BIOS_DATE      "11/22/2026"
#define EXTERNAL_CLOCK 100

enum {
    HANDLE_BIOS = 0x0000,
    HANDLE_SYSTEM = 0x0100,
    HANDLE_CHASSIS = 0x0300,
    HANDLE_PROCESSOR = 0x0400,
    HANDLE_MEMORY_ARRAY = 0x1000,
    HANDLE_MEMORY_DEVICE = 0x1100,
    HANDLE_MEMORY_RANGE = 0x1300,
    HANDLE_BOOT = 0x2000,
    HANDLE_END = 0x7F00,
};

/* BIOS characteristics (3.3.1.1): ISA, PCI, shadowing, boot from CD, choice of boot, 5.25" and 3.5" floppies,
 * print screen, keyboard, serial, printer, CGA services. */
#define BIOS_CHARACTERISTICS 0x000000007FC19090ull
#define BIOS_ACPI            0x01

struct builder {
    struct blob *out;
    size_t start; /* of the structure at hand */
    unsigned count;
    size_t largest;
};

static void begin(struct builder *b, uint8_t type, uint8_t length, uint16_t handle)
{
    b->start = blob_u8(b->out, type);
    blob_u8(b->out, length);
    blob_u16(b->out, handle);
}

/* The strings follow the formatted part, numbered from 1, and end with an empty one. STRINGS ends with NULL.
 */
static void end(struct builder *b, const char *const *strings)
{
    if (!*strings)
        blob_u8(b->out, 0);
    for (; *strings; strings++)
        blob_add(b->out, *strings, strlen(*strings) + 1);
    blob_u8(b->out, 0);
    b->count++;
    if (b->out->size - b->start > b->largest)
        b->largest = b->out->size - b->start;
}

/* An empty string would end the list early. */
static const char *text_or(const char *text, const char *other)
{
    return text && *text ? text : other;
}

static void add_bios(struct builder *b, const struct board_description *board)
{
    begin(b, 0, 0x18, HANDLE_BIOS);
    blob_add(b->out, "\x01\x02", 2);
    blob_u16(b->out, 0xE000);
    blob_u8(b->out, 3);
    blob_u8(b->out, 1); /* 128 KB, in units of 64 KB less one */
    blob_u64(b->out, BIOS_CHARACTERISTICS);
    blob_u8(b->out, BIOS_ACPI);
    blob_u8(b->out, 0);
    blob_add(b->out, "\x00\x01\xFF\xFF", 4); /* release 0.1, no embedded controller */
    end(b, (const char *const[]){MANUFACTURER, text_or(board->version, "1"), BIOS_DATE, NULL});
}

static void add_system(struct builder *b, const struct board_description *board)
{
    static const uint8_t uuid[16] = {0x36, 0x38, 0x4B, 0x54, 0x00, 0x00, 0x00, 0x40,
                                     0x80, 0x00, 'T',  'I',  'C',  'K',  '8',  '6'};
    begin(b, 1, 0x1B, HANDLE_SYSTEM);
    blob_add(b->out, "\x01\x02\x03\x00", 4);
    blob_add(b->out, uuid, sizeof uuid);
    blob_add(b->out, "\x06\x00\x00", 3); /* woken by the power switch */
    end(b, (const char *const[]){MANUFACTURER, "tick86 PC (440FX)", text_or(board->version, "1"), NULL});
}

static void add_chassis(struct builder *b)
{
    begin(b, 3, 0x15, HANDLE_CHASSIS);
    blob_add(b->out, "\x01\x03\x00\x00\x00", 5); /* a desktop */
    blob_add(b->out, "\x03\x03\x03\x03", 4);     /* all is well, no security */
    blob_zeros(b->out, 8);
    end(b, (const char *const[]){MANUFACTURER, NULL});
}

static void add_processor(struct builder *b, const struct board_description *board, unsigned index)
{
    char socket[16];
    snprintf(socket, sizeof socket, "CPU %u", index);
    begin(b, 4, 0x23, (uint16_t)(HANDLE_PROCESSOR + index));
    blob_add(b->out, "\x01\x03\x01\x02",
             4); /* socket; a central processor, of family "other"; manufacturer */
    blob_u32(b->out, board->cpuid_signature);
    blob_u32(b->out, board->cpuid_features);
    blob_u8(b->out, 3);
    blob_u8(b->out, 0);
    blob_u16(b->out, EXTERNAL_CLOCK);
    blob_u16(b->out, (uint16_t)board->cpu_mhz);
    blob_u16(b->out, (uint16_t)board->cpu_mhz);
    blob_add(b->out, "\x41\x01", 2); /* populated and enabled; upgrade "other" */
    for (unsigned cache = 0; cache < 3; cache++)
        blob_u16(b->out, NO_HANDLE);
    blob_zeros(b->out, 3);
    end(b, (const char *const[]){socket, text_or(board->cpu_vendor, "unknown"),
                                 text_or(board->cpu_name, "x86"), NULL});
}

static unsigned module_count(const struct board_description *board)
{
    return (unsigned)((board->ram_size + MODULE_SIZE - 1) / MODULE_SIZE);
}

static void add_memory_array(struct builder *b, const struct board_description *board)
{
    uint64_t kilobytes = board->ram_size / KB;
    begin(b, 16, 0x0F, HANDLE_MEMORY_ARRAY);
    blob_add(b->out, "\x03\x03\x03", 3); /* system memory on the board, no error correction */
    blob_u32(b->out, kilobytes < 0x80000000 ? (uint32_t)kilobytes : 0x80000000);
    blob_u16(b->out, NOT_PROVIDED);
    blob_u16(b->out, (uint16_t)module_count(board));
    end(b, (const char *const[]){NULL});
}

static void add_memory_device(struct builder *b, const struct board_description *board, unsigned index)
{
    char locator[16];
    uint64_t rest = board->ram_size - index * MODULE_SIZE, size = rest < MODULE_SIZE ? rest : MODULE_SIZE;
    snprintf(locator, sizeof locator, "DIMM %u", index);
    begin(b, 17, 0x1B, (uint16_t)(HANDLE_MEMORY_DEVICE + index));
    blob_u16(b->out, HANDLE_MEMORY_ARRAY);
    blob_u16(b->out, NOT_PROVIDED);
    blob_u16(b->out, 64);
    blob_u16(b->out, 64);
    blob_u16(b->out, (uint16_t)((size + MB - 1) / MB));
    blob_add(b->out, "\x09\x00\x01\x00\x0F", 5); /* a DIMM, in no set; locator; SDRAM */
    blob_u16(b->out, 0x80);                      /* synchronous */
    blob_zeros(b->out, 6);
    end(b, (const char *const[]){locator, NULL});
}

static void add_memory_range(struct builder *b, unsigned index, uint64_t first, uint64_t size)
{
    if (!size)
        return;
    begin(b, 19, 0x0F, (uint16_t)(HANDLE_MEMORY_RANGE + index));
    blob_u32(b->out, (uint32_t)(first / KB));
    blob_u32(b->out, (uint32_t)((first + size) / KB - 1));
    blob_u16(b->out, HANDLE_MEMORY_ARRAY);
    blob_u8(b->out, 1);
    end(b, (const char *const[]){NULL});
}

static void add_boot(struct builder *b)
{
    begin(b, 32, 0x0B, HANDLE_BOOT);
    blob_zeros(b->out, 7); /* no errors */
    end(b, (const char *const[]){NULL});
}

static void build_anchor(struct blob *out, const struct builder *b, struct blob *script)
{
    blob_text(out, "_SM_", 4, 0);
    blob_u8(out, 0);
    blob_u8(out, 0x1F);
    blob_add(out, "\x02\x04", 2);
    blob_u16(out, (uint16_t)b->largest);
    blob_zeros(out, 6);
    size_t middle = blob_text(out, "_DMI_", 5, 0);
    size_t middle_sum = blob_u8(out, 0);
    blob_u16(out, (uint16_t)b->out->size);
    size_t pointer = blob_u32(out, 0);
    blob_u16(out, (uint16_t)b->count);
    blob_u8(out, 0x24);
    loader_add_pointer(script, SMBIOS_ANCHOR_FILE, SMBIOS_TABLES_FILE, pointer, 4);
    loader_add_checksum(script, SMBIOS_ANCHOR_FILE, middle_sum, middle, out->size - middle);
    loader_add_checksum(script, SMBIOS_ANCHOR_FILE, 4, 0, out->size);
}

void smbios_tables_build(struct smbios_tables *smbios, const struct board_description *board,
                         struct blob *script)
{
    *smbios = (struct smbios_tables){0};
    struct builder b = {.out = &smbios->tables};
    uint64_t below = i440fx_ram_below_4g(board->ram_size);
    loader_allocate(script, SMBIOS_ANCHOR_FILE, 16, LOADER_ZONE_FSEG);
    loader_allocate(script, SMBIOS_TABLES_FILE, 16, LOADER_ZONE_HIGH);
    add_bios(&b, board);
    add_system(&b, board);
    add_chassis(&b);
    for (unsigned i = 0; i < board->cpus; i++)
        add_processor(&b, board, i);
    add_memory_array(&b, board);
    for (unsigned i = 0; i < module_count(board); i++)
        add_memory_device(&b, board, i);
    add_memory_range(&b, 0, 0, below);
    add_memory_range(&b, 1, FOUR_GB, board->ram_size - below);
    add_boot(&b);
    begin(&b, 127, 4, HANDLE_END);
    end(&b, (const char *const[]){NULL});
    build_anchor(&smbios->anchor, &b, script);
}

void smbios_tables_free(struct smbios_tables *smbios)
{
    blob_free(&smbios->tables);
    blob_free(&smbios->anchor);
}
