/* Building blocks of the tables that the machine hands to firmware: growing runs of bytes, and the loader
 * script that tells firmware where to put them and which pointers and checksums to fix up afterwards.
 *
 * The script is what QEMU's firmware interface calls "etc/table-loader": commands of 128 bytes,
 * little-endian.
 *
 *      ALLOCATE      0 = 1   4 file (56)   60 alignment   64 zone (1 anywhere below 4 GB, 2 F0000-FFFFF)
 *      ADD_POINTER   0 = 2   4 file to patch (56)   60 file pointed into (56)   116 offset   120 size
 *      ADD_CHECKSUM  0 = 3   4 file (56)   60 offset of the sum   64 start   68 length
 *
 * A pointer holds an offset in the other file, to which firmware adds the address where that file now lies. A
 * sum's byte is 0 until firmware sets it such that the range adds up to 0. */
#ifndef TICK86_MACHINE_TABLE_BUILDER_H
#define TICK86_MACHINE_TABLE_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

#define LOADER_COMMAND_SIZE 128
#define LOADER_FILE_SIZE    56

enum loader_command { LOADER_ALLOCATE = 1, LOADER_ADD_POINTER = 2, LOADER_ADD_CHECKSUM = 3 };
enum loader_zone { LOADER_ZONE_HIGH = 1, LOADER_ZONE_FSEG = 2 };

/* What makes [START, START + LENGTH) add up to 0 if the sum's byte is 0 now. */
uint8_t blob_checksum(const struct blob *blob, size_t start, size_t length);

/* Append commands to a script. */
void loader_allocate(struct blob *script, const char *file, uint32_t alignment, enum loader_zone zone);
void loader_add_pointer(struct blob *script, const char *file, const char *into, size_t offset, uint8_t size);
void loader_add_checksum(struct blob *script, const char *file, size_t offset, size_t start, size_t length);

#endif
