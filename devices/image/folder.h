/* A folder of the host as a disk image: a FAT file system that is made up as it is read. The folder is looked
 * at once, when the image is opened; the contents of files are read when the guest reads them. Nothing is
 * written to the folder.
 *
 * Order is by name (bytes), times are those of the files in UTC, names that are no 8.3 names get a VFAT long
 * name, so the same folder gives the same image everywhere.
 *
 * Microsoft, "FAT: General Overview of On-Disk Format", version 1.03 (2000). */
#ifndef TICK86_DEVICES_IMAGE_FOLDER_H
#define TICK86_DEVICES_IMAGE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct folder;

/* FLOPPY: of 1.44 or 2.88 MB; else a hard disk with one partition, its size and FAT as the contents need.
 * *SIZE in bytes. NULL with ERR, which names what does not fit or cannot be read. */
struct folder *folder_open(const char *path, bool floppy, uint64_t *size, struct error *err);
void folder_close(struct folder *folder);
/* Bytes of the image; files that became shorter meanwhile read as zeros. False on a host I/O error. */
bool folder_read(struct folder *folder, uint64_t offset, void *buffer, size_t count);

#endif
