/* The folder of the host behind a folder image: what is in it, and what FAT calls that. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "devices/image/folder_private.h"

#define DEPTH_MAX 32

void node_free(struct node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->child_count; i++)
        node_free(node->children[i]);
    free(node->children);
    free(node->entries);
    free(node->host_path);
    free(node);
}

/* --- Names --- */

/* The next character of UTF-8 text; what is none counts as '_', byte by byte. */
static uint32_t next_rune(const char **at)
{
    const uint8_t *s = (const uint8_t *)*at;
    unsigned more = s[0] < 0x80                   ? 0
                    : s[0] >= 0xF0 && s[0] < 0xF5 ? 3
                    : s[0] >= 0xE0                ? 2
                    : s[0] >= 0xC2                ? 1
                                                  : 9;
    uint32_t rune = more == 0 ? s[0] : more > 3 ? '_' : s[0] & (0x3Fu >> more);
    for (unsigned i = 1; more <= 3 && i <= more; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            more = 9;
            rune = '_';
        } else {
            rune = rune << 6 | (s[i] & 0x3Fu);
        }
    }
    if (s[0] >= 0xF5)
        rune = '_';
    *at += more <= 3 ? more + 1 : 1;
    return rune < ' ' || rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000) ? '_' : rune;
}

/* Long names hold UTF-16; the characters that separate paths or are wildcards become '_'. */
static bool set_long_name(struct node *node, const char *name)
{
    unsigned n = 0;
    while (*name) {
        uint32_t rune = next_rune(&name);
        if (rune < 0x80 && strchr("\"*/:<>?\\|", (int)rune))
            rune = '_';
        if (n + 2 > FOLDER_NAME_LENGTH)
            return false;
        if (rune >= 0x10000) {
            node->long_name[n++] = (uint16_t)(0xD800 + ((rune - 0x10000) >> 10));
            node->long_name[n++] = (uint16_t)(0xDC00 + (rune & 0x3FF));
        } else {
            node->long_name[n++] = (uint16_t)rune;
        }
    }
    node->long_length = n;
    return n != 0;
}

static bool is_short_character(uint16_t c)
{
    return c > ' ' && c < 0x7F && (isalnum((int)c) || strchr("!#$%&'()-@^_`{}~", (int)c));
}

/* The name as 8.3, blanks for what is missing; false: that loses more than the case of letters. */
static bool make_short_name(const struct node *node, uint8_t out[11])
{
    unsigned n = 0, limit = 8, dot = node->long_length;
    bool whole = true;
    memset(out, ' ', 11);
    for (unsigned i = 1; i < node->long_length; i++)
        if (node->long_name[i] == '.')
            dot = i;
    for (unsigned i = 0; i < node->long_length; i++) {
        uint16_t c = node->long_name[i];
        if (i == dot) {
            n = 8;
            limit = 11;
        } else if (c == '.' || c == ' ') {
            whole = false;
        } else if (n == limit) {
            whole = false;
        } else {
            bool good = is_short_character(c);
            out[n++] = good ? (uint8_t)toupper((int)c) : '_';
            whole &= good;
        }
    }
    if (out[0] == ' ') {
        out[0] = '_';
        whole = false;
    }
    return whole;
}

/* Does the short name look as the long one does? */
static bool tells_all(const struct node *node)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 11; i++) {
        if (i == 8 && node->short_name[8] != ' ' && (n >= node->long_length || node->long_name[n++] != '.'))
            return false;
        if (node->short_name[i] != ' ' &&
            (n >= node->long_length || node->long_name[n++] != node->short_name[i]))
            return false;
    }
    return n == node->long_length;
}

/* The short names of a folder that are taken: a hash table with room for twice as many as there are. */
struct name_set {
    const uint8_t **places;
    size_t size;
    unsigned next_number; /* for names whose first nine numbers are taken */
};

static const uint8_t **place_of_name(const struct name_set *set, const uint8_t name[11])
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (unsigned i = 0; i < 11; i++)
        hash = (hash ^ name[i]) * 16777619u;
    size_t at = hash % set->size;
    while (set->places[at] && memcmp(set->places[at], name, 11) != 0)
        at = (at + 1) % set->size;
    return &set->places[at];
}

/* Gives NODE the name; false: it is taken. */
static bool take_name(struct name_set *set, struct node *node, const uint8_t name[11])
{
    const uint8_t **place = place_of_name(set, name);
    if (*place)
        return false;
    memcpy(node->short_name, name, 11);
    *place = node->short_name;
    return true;
}

/* NAME~1.EXT, NAME~2.EXT, ... */
static void number_name(struct name_set *set, struct node *node)
{
    uint8_t base[11], name[11];
    unsigned number = 0;
    make_short_name(node, base);
    do {
        char tail[12];
        number = number < 9 ? number + 1 : set->next_number++;
        size_t length = (size_t)snprintf(tail, sizeof tail, "~%u", number), at = 0;
        memcpy(name, base, 11);
        while (at < 8 - length && base[at] != ' ')
            at++;
        memset(name + at, ' ', 8 - at);
        memcpy(name + at, tail, length);
    } while (!take_name(set, node, name));
}

/* Names that are good as they are come first, so that no made-up name takes theirs. */
static void name_children(struct node *folder)
{
    struct name_set set = {.size = 2 * folder->child_count + 1, .next_number = 10};
    set.places = xcalloc(set.size, sizeof *set.places);
    for (size_t i = 0; i < folder->child_count; i++) {
        uint8_t name[11];
        if (make_short_name(folder->children[i], name))
            take_name(&set, folder->children[i], name);
    }
    for (size_t i = 0; i < folder->child_count; i++) {
        struct node *node = folder->children[i];
        if (!node->short_name[0])
            number_name(&set, node);
        node->needs_long = !tells_all(node);
    }
    free(set.places);
}

unsigned node_entry_count(const struct node *node)
{
    return 1 + (node->needs_long ? (node->long_length + 12) / 13 : 0);
}

/* --- Reading --- */

static struct node *read_folder(const char *path, struct node *parent, unsigned depth, struct error *err);

/* The file or folder NAME; *SKIP: it is neither, or a link to a folder, which could lead around in circles.
 */
static struct node *read_child(struct node *parent, const char *name, unsigned depth, bool *skip,
                               struct error *err)
{
    struct stat status, own;
    size_t length = strlen(parent->host_path) + strlen(name) + 2;
    char *path = xcalloc(length, 1);
    snprintf(path, length, "%s/%s", parent->host_path, name);
    struct node *node = NULL;
    *skip = lstat(path, &own) || stat(path, &status) ||
            (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) ||
            (S_ISDIR(status.st_mode) && S_ISLNK(own.st_mode));
    if (*skip) {
        free(path);
        return NULL;
    }
    if (S_ISDIR(status.st_mode)) {
        node = read_folder(path, parent, depth + 1, err);
    } else if (access(path, R_OK)) {
        error_set(err, "fat: %s: %s; make it readable, or move it away", path, strerror(errno));
    } else if (status.st_size > (off_t)UINT32_MAX) {
        error_set(err, "fat: %s has %" PRIu64 " bytes; a FAT file has at most 4294967295, move it away", path,
                  (uint64_t)status.st_size);
    } else {
        node = xcalloc(1, sizeof *node);
        node->host_path = xstrdup(path);
        node->size = (uint64_t)status.st_size;
    }
    if (node) {
        node->parent = parent;
        node->time = status.st_mtime;
        if (!set_long_name(node, name)) {
            error_set(err, "fat: %s: the name is too long for FAT; shorten it", path);
            node_free(node);
            node = NULL;
        }
    }
    free(path);
    return node;
}

static int not_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* Independent of the locale, as alphasort() is not. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static struct node *read_folder(const char *path, struct node *parent, unsigned depth, struct error *err)
{
    struct dirent **names;
    if (depth > DEPTH_MAX) {
        error_set(err, "fat: %s: more than %u folders within each other; move it away", path, DEPTH_MAX);
        return NULL;
    }
    int count = scandir(path, &names, not_dots, by_name);
    if (count < 0) {
        error_set(err, "fat: %s: %s; name a folder that can be read", path, strerror(errno));
        return NULL;
    }
    struct node *folder = xcalloc(1, sizeof *folder);
    folder->host_path = xstrdup(path);
    folder->is_folder = true;
    folder->parent = parent;
    folder->children = xcalloc((size_t)count + 1, sizeof *folder->children);
    bool ok = true;
    for (int i = 0; i < count; i++) {
        bool skip = true;
        struct node *node = ok ? read_child(folder, names[i]->d_name, depth, &skip, err) : NULL;
        ok = ok && (node || skip);
        if (node)
            folder->children[folder->child_count++] = node;
        free(names[i]);
    }
    free(names);
    if (ok) {
        name_children(folder);
        return folder;
    }
    node_free(folder);
    return NULL;
}

struct node *node_read_tree(const char *path, struct error *err)
{
    struct node *root = read_folder(path, NULL, 0, err);
    if (root)
        set_long_name(root, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    return root;
}
