/* Shared by folder.c, which lays the file system out, and folder_tree.c, which reads the host's folder. */
#ifndef TICK86_DEVICES_IMAGE_FOLDER_PRIVATE_H
#define TICK86_DEVICES_IMAGE_FOLDER_PRIVATE_H

#include <time.h>

#include "devices/image/folder.h"

#define FOLDER_ENTRY       32u /* bytes of a directory entry */
#define FOLDER_NAME_LENGTH 255u

/* A file or folder. */
struct node {
    char *host_path;
    uint16_t long_name[FOLDER_NAME_LENGTH + 1]; /* UTF-16 */
    unsigned long_length;
    uint8_t short_name[11];
    bool needs_long; /* the short name does not tell it all */
    bool is_folder;
    uint64_t size; /* of a file, in bytes; of a folder: of its entries */
    time_t time;
    struct node *parent, **children;
    size_t child_count;
    uint32_t first_cluster, clusters;
    uint8_t *entries; /* of a folder, as they lie on the disk */
};

/* Reads the folder at PATH and all below. NULL with ERR. */
struct node *node_read_tree(const char *path, struct error *err);
void node_free(struct node *node);
/* The 32-byte entries that NODE needs in its folder. */
unsigned node_entry_count(const struct node *node);

#endif
