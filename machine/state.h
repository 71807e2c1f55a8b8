/* Walks the state tables of base/state.h: what snapshots, comparisons and hashes are made of.
 *
 * As bytes, a structure is its fields one after the other, each with its name, so that a file made by another
 * version is seen to be one:
 *
 *      u8 length of the name, name, u8 kind, u32 element size, u32 count, data;  u8 0 after the last field
 *
 * Data are numbers of the element's size (UINT), bytes, u8 pending and u64 deadline (EVENT), or structures.
 */
#ifndef TICK86_MACHINE_STATE_H
#define TICK86_MACHINE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/state.h"

struct clock;

/* Adds all fields that the guest can observe to a hash; FIELDS may be NULL. */
uint64_t state_hash(uint64_t hash, const struct field *fields, const void *structure);

/* Appends all fields. */
void state_write(const struct field *fields, const void *structure, struct blob *out);

struct state_reader {
    struct blob_reader in;
    struct clock *clock; /* of the events */
    uint64_t now;        /* cycle at which the state was saved */
};

/* Reads what state_write() wrote. With STRUCTURE NULL it only checks: names, kinds, sizes, ranges, deadlines.
 * False with ERR, a line without the file's name, at the first thing that cannot be. What was checked can be
 * read without failure. */
bool state_read(const struct field *fields, void *structure, struct state_reader *reader, struct error *err);

#endif
