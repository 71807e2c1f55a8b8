/* Lays a folder of the host out as a FAT file system: sizes, clusters, boot sectors, directories; and reads
 * from that. Section numbers are of Microsoft's FAT overview, see folder.h. */
#include "devices/image/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "devices/image/folder_private.h"
#include "devices/image/image_private.h"

#define HIDDEN_SECTORS   63u /* before the partition of a hard disk: one track */
#define FAT12_MOST       4084u
#define FAT16_MOST       65524u
#define FAT12_DISK_LIMIT 3900u /* clusters; what follows leaves room for rounding up to whole cylinders */
#define FAT32_FROM       (512ull << 20)
#define DISK_LIMIT       (120ull << 30)
#define END_OF_CHAIN     0x0FFFFFFFu

struct folder {
    struct node *root;
    struct node **nodes; /* those with clusters, in the order of their clusters */
    size_t node_count;
    bool floppy;
    unsigned fat_bits; /* 12, 16 or 32 */
    uint32_t heads, track_sectors;
    uint32_t hidden, sectors;       /* before the file system, and of it */
    uint32_t cluster_sectors;       /* sectors in a cluster */
    uint32_t reserved, fat_sectors; /* before the FATs; of one FAT */
    uint32_t root_entries;          /* of FAT12 and FAT16 */
    uint32_t first_data, clusters;  /* sector (of the file system) of cluster 2; how many there are */
    uint8_t mbr[SECTOR_SIZE], boot[SECTOR_SIZE], info[SECTOR_SIZE];
    uint8_t *fat;
    struct node *open_node; /* whose file FD is */
    int fd;
};

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

/* --- Sizes --- */

static uint32_t clusters_of(const struct node *node, uint32_t cluster_bytes)
{
    return (uint32_t)((node->size + cluster_bytes - 1) / cluster_bytes);
}

/* All below NODE, in clusters of CLUSTER_BYTES. */
static uint64_t clusters_below(const struct node *node, uint32_t cluster_bytes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < node->child_count; i++)
        sum +=
            clusters_of(node->children[i], cluster_bytes) + clusters_below(node->children[i], cluster_bytes);
    return sum;
}

/* Sizes of folders: "." and ".." unless it is the root, whose first entry is the label (3.3, 6.5). */
static bool measure_folders(struct node *folder, struct error *err)
{
    uint64_t entries = folder->parent ? 2 : 1;
    for (size_t i = 0; i < folder->child_count; i++) {
        entries += node_entry_count(folder->children[i]);
        if (folder->children[i]->is_folder && !measure_folders(folder->children[i], err))
            return false;
    }
    folder->size = entries * FOLDER_ENTRY;
    return entries <= 65536 ||
           error_set(err, "fat: %s: more files than a FAT folder can hold; move some into other folders",
                     folder->host_path);
}

/* The FAT's size, and with it where the clusters begin and how many there are (3.5). */
static void place_regions(struct folder *f)
{
    uint32_t root_sectors = (f->root_entries * FOLDER_ENTRY + SECTOR_SIZE - 1) / SECTOR_SIZE;
    uint64_t most = (f->sectors - f->reserved - root_sectors) / f->cluster_sectors + 2;
    f->fat_sectors = (uint32_t)((most * f->fat_bits + 8 * SECTOR_SIZE - 1) / (8 * SECTOR_SIZE));
    f->first_data = f->reserved + 2 * f->fat_sectors + root_sectors;
    f->clusters = (f->sectors - f->first_data) / f->cluster_sectors;
}

static bool choose_floppy(struct folder *f, struct error *err)
{
    static const struct {
        uint32_t track_sectors, cluster_sectors, root_entries;
    } formats[] = {{18, 1, 224}, {36, 2, 240}}; /* as DOS formats them */
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        f->fat_bits = 12;
        f->heads = 2;
        f->track_sectors = formats[i].track_sectors;
        f->sectors = 80 * f->heads * f->track_sectors;
        f->cluster_sectors = formats[i].cluster_sectors;
        f->root_entries = formats[i].root_entries;
        f->reserved = 1;
        place_regions(f);
        if (f->root->size <= (uint64_t)f->root_entries * FOLDER_ENTRY &&
            clusters_below(f->root, f->cluster_sectors * SECTOR_SIZE) <= f->clusters)
            return true;
    }
    return error_set(err, "fat:%s: its files do not fit on a floppy of 2.88 MB; use it as --hda",
                     f->root->host_path);
}

/* The kind of FAT and the size of clusters for the contents; how many clusters to have at least (3.5). */
static bool choose_clusters(struct folder *f, uint64_t *wanted)
{
    uint64_t bytes = clusters_below(f->root, SECTOR_SIZE) * SECTOR_SIZE;
    for (f->cluster_sectors = 8; f->cluster_sectors <= 64; f->cluster_sectors *= 2) {
        uint64_t used = clusters_below(f->root, f->cluster_sectors * SECTOR_SIZE);
        /* Some room for what a guest may write into the overlay of --snapshot. */
        *wanted = used + used / 8 + (1u << 20) / (f->cluster_sectors * SECTOR_SIZE);
        if (*wanted <= FAT12_DISK_LIMIT && f->cluster_sectors == 8) {
            f->fat_bits = 12;
            return true;
        }
        if (bytes < FAT32_FROM && *wanted <= FAT16_MOST - 2000) {
            f->fat_bits = 16;
            if (*wanted < FAT12_MOST + 16)
                *wanted = FAT12_MOST + 16;
            return true;
        }
        if (bytes >= FAT32_FROM && (bytes < (8ull << 30) || f->cluster_sectors == 64)) {
            f->fat_bits = 32;
            used = clusters_below(f->root, f->cluster_sectors * SECTOR_SIZE) +
                   clusters_of(f->root, f->cluster_sectors * SECTOR_SIZE);
            *wanted = used + used / 8;
            if (*wanted < FAT16_MOST + 16)
                *wanted = FAT16_MOST + 16;
            return true;
        }
    }
    return false;
}

/* A partition that ends with a cylinder, so that table, boot sector and size tell the same geometry. */
static bool choose_disk(struct folder *f, struct error *err)
{
    uint64_t wanted;
    if (!choose_clusters(f, &wanted) || wanted * f->cluster_sectors * SECTOR_SIZE > DISK_LIMIT)
        return error_set(err, "fat:%s: more than 100 GB, or too many small files; name a smaller folder",
                         f->root->host_path);
    f->reserved = f->fat_bits == 32 ? 32 : 1;
    f->root_entries = 0;
    if (f->fat_bits != 32) {
        f->root_entries = (uint32_t)((f->root->size / FOLDER_ENTRY + 15) & ~15u);
        if (f->root_entries < 512)
            f->root_entries = 512;
    }
    uint64_t fat_sectors = ((wanted + 2) * f->fat_bits + 8 * SECTOR_SIZE - 1) / (8 * SECTOR_SIZE);
    uint64_t sectors = f->reserved + 2 * fat_sectors + f->root_entries * FOLDER_ENTRY / SECTOR_SIZE + 2 +
                       wanted * f->cluster_sectors;
    f->track_sectors = 63;
    f->heads = 16;
    while (f->heads < 128 && (sectors + HIDDEN_SECTORS) / (f->heads * 63u) >= 1023)
        f->heads *= 2;
    if ((sectors + HIDDEN_SECTORS) / (f->heads * 63u) >= 1023)
        f->heads = 255;
    uint64_t cylinder = f->heads * f->track_sectors;
    f->hidden = HIDDEN_SECTORS;
    f->sectors = (uint32_t)((sectors + HIDDEN_SECTORS + cylinder - 1) / cylinder * cylinder - HIDDEN_SECTORS);
    place_regions(f);
    return true;
}

/* --- Contents --- */

static void set_fat(struct folder *f, uint32_t cluster, uint32_t value)
{
    if (f->fat_bits == 32) {
        put32(f->fat + 4 * (size_t)cluster, value);
    } else if (f->fat_bits == 16) {
        put16(f->fat + 2 * (size_t)cluster, value);
    } else {
        uint8_t *at = f->fat + cluster * 3 / 2;
        if (cluster & 1) {
            at[0] = (uint8_t)((at[0] & 15) | (value & 15) << 4);
            at[1] = (uint8_t)(value >> 4);
        } else {
            at[0] = (uint8_t)value;
            at[1] = (uint8_t)((at[1] & 0xF0) | (value >> 8 & 15));
        }
    }
}

static void add_node(struct folder *f, struct node *node, uint32_t *next)
{
    node->clusters = clusters_of(node, f->cluster_sectors * SECTOR_SIZE);
    if (!node->clusters)
        return;
    node->first_cluster = *next;
    *next += node->clusters;
    for (uint32_t i = 0; i + 1 < node->clusters; i++)
        set_fat(f, node->first_cluster + i, node->first_cluster + i + 1);
    set_fat(f, *next - 1, END_OF_CHAIN);
    f->nodes = xrealloc(f->nodes, (f->node_count + 1) * sizeof *f->nodes);
    f->nodes[f->node_count++] = node;
}

/* Gives all in FOLDER its clusters, each in one piece. */
static void allocate(struct folder *f, struct node *folder, uint32_t *next)
{
    for (size_t i = 0; i < folder->child_count; i++)
        add_node(f, folder->children[i], next);
    for (size_t i = 0; i < folder->child_count; i++)
        if (folder->children[i]->is_folder)
            allocate(f, folder->children[i], next);
}

/* Date and time of an entry (6.3): two-second steps from 1980 to 2107, here in UTC. */
static void put_time(uint8_t *at, time_t when)
{
    struct tm tm;
    if (!gmtime_r(&when, &tm) || tm.tm_year < 80)
        tm = (struct tm){.tm_year = 80, .tm_mday = 1};
    if (tm.tm_year > 207)
        tm = (struct tm){
            .tm_year = 207, .tm_mon = 11, .tm_mday = 31, .tm_hour = 23, .tm_min = 59, .tm_sec = 58};
    put16(at, (uint32_t)(tm.tm_hour << 11 | tm.tm_min << 5 | tm.tm_sec / 2));
    put16(at + 2, (uint32_t)((tm.tm_year - 80) << 9 | (tm.tm_mon + 1) << 5 | tm.tm_mday));
}

static uint8_t *put_entry(uint8_t *at, const uint8_t name[11], uint8_t attributes, const struct node *node)
{
    memcpy(at, name, 11);
    at[11] = attributes;
    put_time(at + 14, node->time); /* created, changed; and the day of the last access */
    put_time(at + 22, node->time);
    memcpy(at + 18, at + 24, 2);
    put16(at + 20, node->first_cluster >> 16);
    put16(at + 26, node->first_cluster);
    put32(at + 28, node->is_folder ? 0 : (uint32_t)node->size);
    return at + FOLDER_ENTRY;
}

/* Long name entries (7.3): 13 characters each, the last part first, with the short name's sum. */
static uint8_t *put_long_name(uint8_t *at, const struct node *node)
{
    static const uint8_t places[13] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    uint8_t sum = 0;
    for (unsigned i = 0; i < 11; i++)
        sum = (uint8_t)((sum >> 1 | sum << 7) + node->short_name[i]);
    unsigned parts = (node->long_length + 12) / 13;
    for (unsigned part = parts; part > 0; part--) {
        at[0] = (uint8_t)(part | (part == parts ? 0x40 : 0));
        at[11] = 0x0F;
        at[13] = sum;
        for (unsigned i = 0; i < 13; i++) {
            unsigned k = (part - 1) * 13 + i;
            put16(at + places[i], k < node->long_length    ? node->long_name[k]
                                  : k == node->long_length ? 0
                                                           : 0xFFFF);
        }
        at += FOLDER_ENTRY;
    }
    return at;
}

static void volume_label(const struct folder *f, uint8_t label[11])
{
    memset(label, ' ', 11);
    for (unsigned i = 0; i < 11 && i < f->root->long_length; i++) {
        uint16_t c = f->root->long_name[i];
        label[i] = c >= 'a' && c <= 'z'              ? (uint8_t)(c - 32)
                   : c < 0x7F && c > ' ' && c != '.' ? (uint8_t)c
                                                     : '_';
    }
    if (!f->root->long_length)
        memcpy(label, "FOLDER", 6);
}

static void write_folder(struct folder *f, struct node *folder)
{
    size_t room = (size_t)folder->clusters * f->cluster_sectors * SECTOR_SIZE;
    if (!folder->clusters)
        room = f->root_entries * (size_t)FOLDER_ENTRY;
    folder->entries = xcalloc(room + SECTOR_SIZE, 1);
    uint8_t *at = folder->entries, name[11];
    if (folder->parent) {
        static const struct node at_root = {.is_folder = true};
        struct node up = folder->parent->parent ? *folder->parent : at_root;
        up.time = folder->parent->time;
        at = put_entry(at, (const uint8_t *)".          ", 0x10, folder);
        at = put_entry(at, (const uint8_t *)"..         ", 0x10, &up);
    } else {
        const struct node label = {.is_folder = true, .time = folder->time};
        volume_label(f, name);
        at = put_entry(at, name, 0x08, &label);
    }
    for (size_t i = 0; i < folder->child_count; i++) {
        const struct node *node = folder->children[i];
        if (node->needs_long)
            at = put_long_name(at, node);
        at = put_entry(at, node->short_name, node->is_folder ? 0x10 : 0x20, node);
    }
    for (size_t i = 0; i < folder->child_count; i++)
        if (folder->children[i]->is_folder)
            write_folder(f, folder->children[i]);
}

/* Code for boot sectors, with its text behind it: says what this is, and leaves it to the firmware to try the
 * next drive (INT 18h). */
static void put_boot_code(uint8_t *sector, unsigned at)
{
    static const uint8_t code[] = {
        0xFC,             /* cld */
        0x31, 0xC0,       /* xor ax, ax */
        0x8E, 0xD8,       /* mov ds, ax */
        0xBE, 0,    0,    /* mov si, text */
        0xAC,             /* next: lodsb */
        0x84, 0xC0,       /* test al, al */
        0x74, 0x09,       /* jz done */
        0xB4, 0x0E,       /* mov ah, 0Eh */
        0xBB, 0x07, 0x00, /* mov bx, 7 */
        0xCD, 0x10,       /* int 10h */
        0xEB, 0xF2,       /* jmp next */
        0xCD, 0x18,       /* done: int 18h */
        0xEB, 0xFE,       /* jmp $ */
    };
    static const char text[] = "This disk is a folder of the host and starts no system.\r\n";
    memcpy(sector + at, code, sizeof code);
    put16(sector + at + 6, 0x7C00 + at + (uint32_t)sizeof code);
    memcpy(sector + at + sizeof code, text, sizeof text);
    put16(sector + 510, 0xAA55);
}

/* Boot sector and BPB (3.1 to 3.3). */
static void write_boot_sector(struct folder *f)
{
    uint8_t *b = f->boot, label[11];
    unsigned tail = f->fat_bits == 32 ? 64 : 36, code = tail + 26;
    b[0] = 0xEB;
    b[1] = (uint8_t)(code - 2);
    b[2] = 0x90;
    memcpy(b + 3, "TICK86  ", 8);
    put16(b + 11, SECTOR_SIZE);
    b[13] = (uint8_t)f->cluster_sectors;
    put16(b + 14, f->reserved);
    b[16] = 2;
    put16(b + 17, f->root_entries);
    bool small = f->sectors < 65536 && f->fat_bits != 32;
    put16(b + 19, small ? f->sectors : 0);
    b[21] = f->floppy ? 0xF0 : 0xF8;
    put16(b + 22, f->fat_bits == 32 ? 0 : f->fat_sectors);
    put16(b + 24, f->track_sectors);
    put16(b + 26, f->heads);
    put32(b + 28, f->hidden);
    put32(b + 32, small ? 0 : f->sectors);
    if (f->fat_bits == 32) {
        put32(b + 36, f->fat_sectors);
        put32(b + 44, f->root->first_cluster);
        put16(b + 48, 1); /* information sector */
        put16(b + 50, 6); /* copy of the boot sector */
        put32(f->info, 0x41615252);
        put32(f->info + 484, 0x61417272);
        put32(f->info + 488, 0xFFFFFFFF); /* free clusters are not counted */
        put32(f->info + 492, 0xFFFFFFFF);
        put32(f->info + 508, 0xAA550000);
    }
    b[tail] = f->floppy ? 0x00 : 0x80;
    b[tail + 2] = 0x29;
    put32(b + tail + 3, 0x86868686); /* serial number */
    volume_label(f, label);
    memcpy(b + tail + 7, label, 11);
    memcpy(b + tail + 18, f->fat_bits == 32 ? "FAT32   " : f->fat_bits == 16 ? "FAT16   " : "FAT12   ", 8);
    put_boot_code(b, code);
}

static void put_chs(const struct folder *f, uint8_t *at, uint64_t lba)
{
    uint64_t cylinder = lba / (f->heads * f->track_sectors);
    if (cylinder > 1023) {
        memcpy(at, "\xFE\xFF\xFF", 3);
        return;
    }
    at[0] = (uint8_t)(lba / f->track_sectors % f->heads);
    at[1] = (uint8_t)((lba % f->track_sectors + 1) | (cylinder >> 8) << 6);
    at[2] = (uint8_t)cylinder;
}

static void write_partition_table(struct folder *f)
{
    uint8_t *entry = f->mbr + 446;
    put_boot_code(f->mbr, 0);
    put_chs(f, entry + 1, f->hidden);
    entry[4] = f->fat_bits == 12 ? 0x01 : f->fat_bits == 32 ? 0x0C : f->sectors < 65536 ? 0x04 : 0x06;
    put_chs(f, entry + 5, (uint64_t)f->hidden + f->sectors - 1);
    put32(entry + 8, f->hidden);
    put32(entry + 12, f->sectors);
}

static void fill(struct folder *f)
{
    uint32_t next = 2;
    f->fat = xcalloc((size_t)f->fat_sectors + 1, SECTOR_SIZE);
    set_fat(f, 0, 0x0FFFFF00u | (f->floppy ? 0xF0 : 0xF8));
    set_fat(f, 1, END_OF_CHAIN);
    if (f->fat_bits == 32)
        add_node(f, f->root, &next);
    allocate(f, f->root, &next);
    write_folder(f, f->root);
    write_boot_sector(f);
    if (!f->floppy)
        write_partition_table(f);
}

struct folder *folder_open(const char *path, bool floppy, uint64_t *size, struct error *err)
{
    char *name = xstrdup(path);
    for (size_t n = strlen(name); n > 1 && name[n - 1] == '/'; n--)
        name[n - 1] = 0;
    struct folder *f = xcalloc(1, sizeof *f);
    f->floppy = floppy;
    f->fd = -1;
    f->root = node_read_tree(name, err);
    free(name);
    bool ok =
        f->root && measure_folders(f->root, err) && (floppy ? choose_floppy(f, err) : choose_disk(f, err));
    if (!ok) {
        folder_close(f);
        return NULL;
    }
    fill(f);
    *size = ((uint64_t)f->hidden + f->sectors) * SECTOR_SIZE;
    return f;
}

void folder_close(struct folder *f)
{
    if (!f)
        return;
    if (f->fd >= 0)
        close(f->fd);
    node_free(f->root);
    free(f->nodes);
    free(f->fat);
    free(f);
}

/* --- Reading --- */

/* The file or folder that cluster CLUSTER belongs to; NULL: a free one. */
static struct node *node_at(const struct folder *f, uint32_t cluster)
{
    size_t low = 0, high = f->node_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        struct node *node = f->nodes[middle];
        if (cluster < node->first_cluster)
            high = middle;
        else if (cluster - node->first_cluster >= node->clusters)
            low = middle + 1;
        else
            return node;
    }
    return NULL;
}

/* Part of a host file; what it has lost since reads as zeros. */
static bool read_host(struct folder *f, struct node *node, uint64_t offset, uint8_t *out, size_t count)
{
    if (f->open_node != node) {
        if (f->fd >= 0)
            close(f->fd);
        f->open_node = NULL;
        f->fd = open(node->host_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (f->fd < 0)
            return false;
        f->open_node = node;
    }
    while (count) {
        ssize_t n = pread(f->fd, out, count, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        out += n;
        offset += (uint64_t)n;
        count -= (size_t)n;
    }
    return true;
}

/* COUNT bytes from OFFSET of an area whose content is SIZE bytes at BYTES and zeros behind. */
static void copy_part(const uint8_t *bytes, uint64_t size, uint64_t offset, uint8_t *out, size_t count)
{
    if (offset < size)
        memcpy(out, bytes + offset, size - offset < count ? (size_t)(size - offset) : count);
}

static bool read_cluster(struct folder *f, uint64_t offset, uint8_t *out, size_t count)
{
    uint64_t bytes = (uint64_t)f->cluster_sectors * SECTOR_SIZE;
    uint32_t cluster = (uint32_t)(offset / bytes) + 2;
    struct node *node = node_at(f, cluster);
    if (!node)
        return true;
    uint64_t at = (cluster - node->first_cluster) * bytes + offset % bytes;
    if (node->is_folder)
        copy_part(node->entries, node->size, at, out, count);
    else if (at < node->size)
        return read_host(f, node, at, out, node->size - at < count ? (size_t)(node->size - at) : count);
    return true;
}

/* Part of one sector, whose bytes are zero so far. */
static bool read_sector(struct folder *f, uint64_t sector, unsigned start, uint8_t *out, size_t count)
{
    uint32_t fat_end = f->reserved + 2 * f->fat_sectors;
    if (sector < f->hidden) {
        if (sector == 0)
            copy_part(f->mbr, SECTOR_SIZE, start, out, count);
        return true;
    }
    uint64_t own = sector - f->hidden;
    if (own == 0 || (own == 6 && f->fat_bits == 32))
        copy_part(f->boot, SECTOR_SIZE, start, out, count);
    else if ((own == 1 || own == 7) && f->fat_bits == 32)
        copy_part(f->info, SECTOR_SIZE, start, out, count);
    else if (own >= f->reserved && own < fat_end)
        memcpy(out, f->fat + (own - f->reserved) % f->fat_sectors * SECTOR_SIZE + start, count);
    else if (own >= fat_end && own < f->first_data)
        copy_part(f->root->entries, f->root->size, (own - fat_end) * SECTOR_SIZE + start, out, count);
    else if (own >= f->first_data)
        return read_cluster(f, (own - f->first_data) * SECTOR_SIZE + start, out, count);
    return true;
}

bool folder_read(struct folder *f, uint64_t offset, void *buffer, size_t count)
{
    uint8_t *out = buffer;
    memset(out, 0, count);
    while (count) {
        unsigned start = (unsigned)(offset % SECTOR_SIZE);
        size_t n = SECTOR_SIZE - start < count ? SECTOR_SIZE - start : count;
        if (!read_sector(f, offset / SECTOR_SIZE, start, out, n))
            return false;
        out += n;
        offset += n;
        count -= n;
    }
    return true;
}
