/* Boot sectors: the BIOS parameter block and the partition table, in memory or on a medium. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "devices/image/image.h"
#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/target.h"

#define SECTOR_SIZE 512

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at)
{
    return get16(at) | (uint32_t)get16(at + 2) << 16;
}

static uint64_t get64(const uint8_t *at)
{
    return get32(at) | (uint64_t)get32(at + 4) << 32;
}

/* --- Where the sector comes from --------------------------------------------------------------------------
 */

static struct image *medium_by_name(struct monitor *monitor, const char *name, size_t length, bool *known)
{
    static const char *const names[] = {[SLOT_FDA] = "fda",   [SLOT_FDB] = "fdb",   [SLOT_DISK0] = "hda",
                                        [SLOT_DISK1] = "hdb", [SLOT_DISK2] = "hdc", [SLOT_DISK3] = "hdd"};
    *known = false;
    for (unsigned slot = 0; slot < sizeof names / sizeof *names; slot++) {
        if (strlen(names[slot]) != length || strncmp(names[slot], name, length))
            continue;
        *known = true;
        return machine_image(monitor->machine, slot);
    }
    return NULL;
}

/* "hda [SECTOR]", "fda", or an ADDRESS (7c00 where nothing is said). */
static bool read_sector(struct monitor *monitor, const char *text, uint8_t sector[SECTOR_SIZE],
                        struct text *from, struct error *err)
{
    size_t length = strcspn(text, " \t");
    const char *rest = text + length + strspn(text + length, " \t");
    bool known;
    struct image *image = medium_by_name(monitor, text, length, &known);
    uint64_t number = 0;
    struct address address = {.linear = 0x7C00};
    if (known && !image)
        return error_set(err, "there is no medium in %.*s", (int)length, text);
    if (known) {
        if (*rest && !expression_number(monitor->machine, rest, NULL, &number, err))
            return false;
        text_add(from, "%.*s (%s), sector %" PRIu64, (int)length, text, image_path(image), number);
        return (number < image_size(image) / SECTOR_SIZE &&
                image_read(image, number * SECTOR_SIZE, sector, SECTOR_SIZE)) ||
               error_set(err, "sector %" PRIu64 " cannot be read; %s has %" PRIu64 " sectors", number,
                         image_path(image), image_size(image) / SECTOR_SIZE);
    }
    if (*text && !expression_address(monitor->machine, text, NULL, &address, err))
        return isalpha((unsigned char)*text) ? error_set(err,
                                                         "info boot %s: neither a drive (fda, hda ...) nor "
                                                         "an address of memory; info media lists drives",
                                                         text)
                                             : false;
    text_add(from, "memory at %08" PRIx64, address.linear);
    return target_peek(monitor->machine, address.linear, sector, SECTOR_SIZE) == SECTOR_SIZE ||
           no_memory_at(address.linear, false, err);
}

/* --- Boot sector ------------------------------------------------------------------------------------------
 */

static bool power_of_two(unsigned n)
{
    return n && !(n & (n - 1));
}

/* Microsoft's FAT specification, 3.1. */
static bool has_bpb(const uint8_t *s)
{
    unsigned bytes = get16(s + 11);
    return (s[0] == 0xEB || s[0] == 0xE9) && power_of_two(bytes) && bytes >= 128 && bytes <= 4096 &&
           power_of_two(s[13]) && get16(s + 14) && s[16] && s[16] <= 4 && (s[21] == 0xF0 || s[21] >= 0xF8);
}

static void print_label(FILE *out, const uint8_t *text, unsigned length)
{
    while (length && (text[length - 1] == ' ' || !text[length - 1]))
        length--;
    fputc('"', out);
    for (unsigned i = 0; i < length; i++)
        fputc(isprint(text[i]) ? text[i] : '.', out);
    fputc('"', out);
}

static void print_extended(FILE *out, const uint8_t *s, bool fat32)
{
    const uint8_t *e = s + (fat32 ? 64 : 36);
    if (fat32)
        fprintf(out, "root cluster %" PRIu32 ", FSINFO sector %u, backup sector %u\n", get32(s + 44),
                get16(s + 48), get16(s + 50));
    if (e[2] != 0x29 && e[2] != 0x28)
        return;
    fprintf(out, "drive %02x, serial %04x-%04x", e[0], get16(e + 5), get16(e + 3));
    if (e[2] == 0x29) {
        fputs(", label ", out);
        print_label(out, e + 7, 11);
        fputs(", file system ", out);
        print_label(out, e + 18, 8);
    }
    fputc('\n', out);
}

static void print_bpb(FILE *out, const uint8_t *s)
{
    uint32_t total = get16(s + 19) ? get16(s + 19) : get32(s + 32);
    uint32_t fat = get16(s + 22) ? get16(s + 22) : get32(s + 36);
    uint32_t roots = get16(s + 17), bytes = get16(s + 11);
    uint32_t root_sectors = (roots * 32 + bytes - 1) / bytes;
    uint32_t data = get16(s + 14) + s[16] * fat + root_sectors;
    uint32_t clusters = total > data ? (total - data) / s[13] : 0;
    bool fat32 = !get16(s + 22);
    fputs("FAT boot sector, made by ", out);
    print_label(out, s + 3, 8);
    fprintf(out, "\n%" PRIu32 " bytes a sector, %u sectors a cluster, %u reserved, %u FATs of %" PRIu32 "\n",
            bytes, s[13], get16(s + 14), s[16], fat);
    fprintf(out,
            "%" PRIu32 " root entries, %" PRIu32
            " sectors in all, media %02x, %u sectors a track, %u heads\n",
            roots, total, s[21], get16(s + 24), get16(s + 26));
    fprintf(out, "%" PRIu32 " hidden sectors; FAT%s, data from sector %" PRIu32 ", %" PRIu32 " clusters\n",
            get32(s + 28),
            clusters < 4085    ? "12"
            : clusters < 65525 ? "16"
                               : "32",
            data, clusters);
    print_extended(out, s, fat32);
}

/* --- Partition table --------------------------------------------------------------------------------------
 */

static const char *partition_type(uint8_t type)
{
    static const struct {
        uint8_t type;
        const char *name;
    } names[] = {{0x01, "FAT12"},          {0x04, "FAT16 under 32 MB"},
                 {0x05, "extended"},       {0x06, "FAT16"},
                 {0x07, "NTFS or HPFS"},   {0x0B, "FAT32"},
                 {0x0C, "FAT32, LBA"},     {0x0E, "FAT16, LBA"},
                 {0x0F, "extended, LBA"},  {0x63, "Unix System V"},
                 {0x81, "Minix"},          {0x82, "Linux swap"},
                 {0x83, "Linux"},          {0x8E, "Linux LVM"},
                 {0xA5, "FreeBSD"},        {0xA6, "OpenBSD"},
                 {0xA9, "NetBSD"},         {0xEB, "BeOS"},
                 {0xEE, "GPT protective"}, {0xEF, "EFI system"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].type == type)
            return names[i].name;
    return "unknown type";
}

static bool has_partitions(const uint8_t *s)
{
    bool any = false;
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *p = s + 446 + 16 * i;
        if (p[0] & 0x7F)
            return false;
        any |= p[4] && get32(p + 12);
    }
    return any && get16(s + 510) == 0xAA55;
}

static void print_chs(FILE *out, const uint8_t *at)
{
    fprintf(out, "%u/%u/%u", at[2] | (at[1] & 0xC0) << 2, at[0], at[1] & 0x3F);
}

static void print_partitions(FILE *out, const uint8_t *s)
{
    fprintf(out, "partition table, disk signature %08" PRIx32 "\n", get32(s + 440));
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *p = s + 446 + 16 * i;
        if (!p[4]) {
            fprintf(out, "%u  empty\n", i + 1);
            continue;
        }
        fprintf(out, "%u  %s  type %02x %s, sectors %" PRIu32 "-%" PRIu32 " (%" PRIu32 " KB), CHS ", i + 1,
                p[0] ? "active" : "      ", p[4], partition_type(p[4]), get32(p + 8),
                get32(p + 8) + get32(p + 12) - 1, get32(p + 12) / 2);
        print_chs(out, p + 1);
        fputs(" to ", out);
        print_chs(out, p + 5);
        fputc('\n', out);
    }
}

static void print_signature(FILE *out, const uint8_t *s)
{
    if (get16(s + 510) == 0xAA55)
        fputs("signature 55 aa: the BIOS boots it\n", out);
    else
        fprintf(out, "signature %02x %02x, not 55 aa: the BIOS does not boot it from a hard disk\n", s[510],
                s[511]);
}

enum monitor_result info_boot(struct monitor *monitor, const char *format, const char *arguments,
                              struct error *err)
{
    (void)format;
    uint8_t sector[SECTOR_SIZE];
    struct text from = {0};
    if (!read_sector(monitor, arguments, sector, &from, err)) {
        text_free(&from);
        return MONITOR_FAILED;
    }
    fprintf(monitor->out, "%s: ", text_chars(&from));
    text_free(&from);
    if (!memcmp(sector, "EFI PART", 8))
        fprintf(monitor->out, "GPT header, %" PRIu32 " entries from sector %" PRIu64 "\n", get32(sector + 80),
                get64(sector + 72));
    else if (has_bpb(sector))
        print_bpb(monitor->out, sector);
    else if (has_partitions(sector))
        print_partitions(monitor->out, sector);
    else
        fputs("neither BIOS parameter block nor partition table\n", monitor->out);
    print_signature(monitor->out, sector);
    return MONITOR_DONE;
}
