/* What the BIOS keeps in memory: the data areas and the map of memory that INT 15h E820h hands out. */
#include <inttypes.h>
#include <string.h>

#include "monitor/monitor_private.h"
#include "monitor/names.h"
#include "monitor/target.h"

#define BDA 0x400u

/* How a field is shown. */
enum field_show { SHOW_HEX, SHOW_NUMBER, SHOW_POINTER, SHOW_BITS };

struct bios_field {
    uint16_t offset;
    uint8_t size;  /* bytes of one element */
    uint8_t count; /* elements */
    uint8_t show;  /* enum field_show */
    const char *name;
    const struct bit_name *bits;
};

/* Ralf Brown's MEMORY.LST; IBM PS/2 BIOS Interface Technical Reference. */
static const struct bit_name equipment_bits[] = {
    {0, "floppy"}, {1, "x87"}, {2, "PS/2 mouse"}, {12, "game port"}, {0, NULL},
};
static const struct bit_name shift_bits[] = {
    {0, "right Shift"}, {1, "left Shift"}, {2, "Ctrl"},   {3, "Alt"}, {4, "Scroll Lock"},
    {5, "Num Lock"},    {6, "Caps Lock"},  {7, "Insert"}, {0, NULL},
};
static const struct bit_name shift2_bits[] = {
    {0, "left Ctrl"},     {1, "left Alt"},       {2, "SysReq"},      {3, "Pause"}, {4, "Scroll Lock down"},
    {5, "Num Lock down"}, {6, "Caps Lock down"}, {7, "Insert down"}, {0, NULL},
};
static const struct bit_name keyboard_bits[] = {
    {0, "E1 came"}, {1, "E0 came"}, {2, "right Ctrl"}, {3, "right Alt"}, {4, "101 keys"}, {0, NULL},
};

/* clang-format off */
static const struct bios_field bda_fields[] = {
    {0x00, 2, 4, SHOW_HEX, "COM ports", NULL},
    {0x08, 2, 3, SHOW_HEX, "LPT ports", NULL},
    {0x0E, 2, 1, SHOW_HEX, "EBDA segment", NULL},
    {0x10, 2, 1, SHOW_BITS, "equipment", equipment_bits},
    {0x13, 2, 1, SHOW_NUMBER, "memory, KB", NULL},
    {0x17, 1, 1, SHOW_BITS, "shift flags", shift_bits},
    {0x18, 1, 1, SHOW_BITS, "shift flags 2", shift2_bits},
    {0x19, 1, 1, SHOW_HEX, "Alt keypad", NULL},
    {0x1A, 2, 1, SHOW_HEX, "key buffer head", NULL},
    {0x1C, 2, 1, SHOW_HEX, "key buffer tail", NULL},
    {0x1E, 2, 16, SHOW_HEX, "key buffer", NULL},
    {0x3E, 1, 1, SHOW_HEX, "floppy calibrated", NULL},
    {0x3F, 1, 1, SHOW_HEX, "floppy motors", NULL},
    {0x40, 1, 1, SHOW_NUMBER, "motor ticks", NULL},
    {0x41, 1, 1, SHOW_HEX, "floppy status", NULL},
    {0x42, 1, 7, SHOW_HEX, "FDC results", NULL},
    {0x49, 1, 1, SHOW_HEX, "video mode", NULL},
    {0x4A, 2, 1, SHOW_NUMBER, "columns", NULL},
    {0x4C, 2, 1, SHOW_HEX, "page size", NULL},
    {0x4E, 2, 1, SHOW_HEX, "page start", NULL},
    {0x50, 2, 8, SHOW_HEX, "cursors, row:column", NULL},
    {0x60, 2, 1, SHOW_HEX, "cursor shape", NULL},
    {0x62, 1, 1, SHOW_NUMBER, "page", NULL},
    {0x63, 2, 1, SHOW_HEX, "CRTC port", NULL},
    {0x65, 1, 1, SHOW_HEX, "mode register", NULL},
    {0x66, 1, 1, SHOW_HEX, "palette register", NULL},
    {0x67, 4, 1, SHOW_POINTER, "resume vector", NULL},
    {0x6B, 1, 1, SHOW_HEX, "last interrupt", NULL},
    {0x6C, 4, 1, SHOW_NUMBER, "ticks since midnight", NULL},
    {0x70, 1, 1, SHOW_NUMBER, "midnights", NULL},
    {0x71, 1, 1, SHOW_HEX, "Ctrl-Break", NULL},
    {0x72, 2, 1, SHOW_HEX, "reset flag", NULL},
    {0x74, 1, 1, SHOW_HEX, "disk status", NULL},
    {0x75, 1, 1, SHOW_NUMBER, "disks", NULL},
    {0x76, 1, 1, SHOW_HEX, "disk control", NULL},
    {0x78, 1, 4, SHOW_HEX, "LPT time-outs", NULL},
    {0x7C, 1, 4, SHOW_HEX, "COM time-outs", NULL},
    {0x80, 2, 1, SHOW_HEX, "key buffer start", NULL},
    {0x82, 2, 1, SHOW_HEX, "key buffer end", NULL},
    {0x84, 1, 1, SHOW_NUMBER, "rows less 1", NULL},
    {0x85, 2, 1, SHOW_NUMBER, "character height", NULL},
    {0x87, 1, 2, SHOW_HEX, "video control", NULL},
    {0x89, 1, 2, SHOW_HEX, "video flags", NULL},
    {0x8B, 1, 1, SHOW_HEX, "floppy data rate", NULL},
    {0x8C, 1, 2, SHOW_HEX, "disk status, error", NULL},
    {0x8E, 1, 1, SHOW_HEX, "disk interrupt", NULL},
    {0x8F, 1, 1, SHOW_HEX, "floppy controller", NULL},
    {0x90, 1, 2, SHOW_HEX, "floppy media", NULL},
    {0x94, 1, 2, SHOW_NUMBER, "floppy tracks", NULL},
    {0x96, 1, 1, SHOW_BITS, "keyboard mode", keyboard_bits},
    {0x97, 1, 1, SHOW_HEX, "keyboard LEDs", NULL},
    {0x98, 4, 1, SHOW_POINTER, "wait flag", NULL},
    {0x9C, 4, 1, SHOW_NUMBER, "wait, us", NULL},
    {0xA0, 1, 1, SHOW_HEX, "wait active", NULL},
    {0xA8, 4, 1, SHOW_POINTER, "video save table", NULL},
    {0x100, 1, 1, SHOW_HEX, "print screen", NULL},
    {0, 0, 0, 0, NULL, NULL},
};
static const struct bios_field ebda_fields[] = {
    {0x00, 1, 1, SHOW_NUMBER, "size, KB", NULL},
    {0x22, 4, 1, SHOW_POINTER, "mouse handler", NULL},
    {0x26, 1, 2, SHOW_HEX, "mouse flags", NULL},
    {0x28, 1, 8, SHOW_HEX, "mouse packet", NULL},
    {0x3D, 1, 16, SHOW_HEX, "disk 0 parameters", NULL},
    {0x4D, 1, 16, SHOW_HEX, "disk 1 parameters", NULL},
    {0, 0, 0, 0, NULL, NULL},
};
/* clang-format on */

static void print_element(FILE *out, const struct bios_field *field, uint32_t value)
{
    switch (field->show) {
    case SHOW_NUMBER:
        fprintf(out, " %" PRIu32, value);
        break;
    case SHOW_POINTER:
        fprintf(out, " %04x:%04x", (unsigned)(value >> 16), (unsigned)value & 0xFFFF);
        break;
    case SHOW_BITS:
        fprintf(out, " %0*" PRIx32 "  ", field->size * 2, value);
        print_set_bits(out, field->bits, value, "none");
        break;
    default:
        fprintf(out, " %0*" PRIx32, field->size * 2, value);
        break;
    }
}

static void print_fields(struct monitor *monitor, const struct bios_field *fields, const char *prefix,
                         uint64_t base)
{
    for (const struct bios_field *f = fields; f->name; f++) {
        fprintf(monitor->out, "%s:%0*x  %-20s", prefix, f->offset > 0xFF ? 4 : 2, f->offset, f->name);
        for (unsigned i = 0; i < f->count; i++) {
            uint32_t value = 0;
            target_peek_physical(monitor->machine, base + f->offset + i * f->size, &value, f->size);
            print_element(monitor->out, f, value);
        }
        fputc('\n', monitor->out);
    }
}

enum monitor_result info_bda(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format, (void)arguments, (void)err;
    print_fields(monitor, bda_fields, "40", BDA);
    return MONITOR_DONE;
}

enum monitor_result info_ebda(struct monitor *monitor, const char *format, const char *arguments,
                              struct error *err)
{
    (void)format, (void)arguments, (void)err;
    uint16_t segment;
    char prefix[8];
    target_peek_physical(monitor->machine, BDA + 0x0E, &segment, 2);
    if (segment < 0x50 || segment >= 0xA000) {
        fprintf(monitor->out, "there is no EBDA: 40:0e holds %04x\n", segment);
        return MONITOR_DONE;
    }
    snprintf(prefix, sizeof prefix, "%04x", segment);
    print_fields(monitor, ebda_fields, prefix, (uint64_t)segment << 4);
    return MONITOR_DONE;
}

/* --- The map of memory ------------------------------------------------------------------------------------
 */

#define E820_ROW  20u /* base, length, type */
#define E820_ROWS 128
#define ROM_START 0xE0000u
#define ROM_SIZE  0x20000u

struct e820_row {
    uint64_t base, length;
    uint32_t type;
};

static struct e820_row row_at(const uint8_t *bytes)
{
    struct e820_row row;
    memcpy(&row.base, bytes, 8);
    memcpy(&row.length, bytes + 8, 8);
    memcpy(&row.type, bytes + 16, 4);
    return row;
}

static bool plausible(const struct e820_row *row)
{
    return row->type >= 1 && row->type <= 5 && row->length && row->base + row->length > row->base &&
           row->base + row->length <= 1ull << 52;
}

/* How many rows of a map begin at BYTES: the first one is RAM from 0, they ascend. */
static unsigned count_rows(const uint8_t *bytes, size_t size)
{
    unsigned count = 0;
    uint64_t end = 0;
    while (count < E820_ROWS && (count + 1) * E820_ROW <= size) {
        struct e820_row row = row_at(bytes + count * E820_ROW);
        bool first = !count && row.base == 0 && row.type == 1 && row.length <= 0xA0000;
        if (!plausible(&row) || (count ? row.base < end : !first))
            break;
        end = row.base + row.length;
        count++;
    }
    return count;
}

/* ACPI specification, table 15-374. */
static const char *type_name(uint32_t type)
{
    static const char *const names[] = {"?", "RAM", "reserved", "ACPI data", "ACPI NVS", "bad memory"};
    return type < sizeof names / sizeof *names ? names[type] : "?";
}

/* The map lies where the BIOS wants it: it is looked for in its own segments. */
enum monitor_result info_e820(struct monitor *monitor, const char *format, const char *arguments,
                              struct error *err)
{
    (void)format, (void)arguments, (void)err;
    static const unsigned wanted = 3; /* rows that make a map */
    uint8_t bytes[4096 + E820_ROWS * E820_ROW];
    for (uint64_t at = ROM_START; at < ROM_START + ROM_SIZE; at += 4096) {
        size_t size = sizeof bytes;
        target_peek_physical(monitor->machine, at, bytes, size);
        for (unsigned i = 0; i < 4096; i++) {
            unsigned count = count_rows(bytes + i, size - i);
            if (count < wanted)
                continue;
            fprintf(monitor->out, "INT 15h E820h: %u rows at %08" PRIx64 "\n", count, at + i);
            for (unsigned n = 0; n < count; n++) {
                struct e820_row row = row_at(bytes + i + n * E820_ROW);
                fprintf(monitor->out, "%09" PRIx64 "-%09" PRIx64 "  %10" PRIu64 " KB  %u %s\n", row.base,
                        row.base + row.length - 1, row.length >> 10, row.type, type_name(row.type));
            }
            return MONITOR_DONE;
        }
    }
    fputs("no map was found in the BIOS's segments E000 and F000: it is not made yet, or kept elsewhere\n",
          monitor->out);
    return MONITOR_DONE;
}
