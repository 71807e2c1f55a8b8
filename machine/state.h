/* Walks the state tables of base/state.h: what snapshots, comparisons and hashes are made of. */
#ifndef TICK86_MACHINE_STATE_H
#define TICK86_MACHINE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/state.h"

#define STATE_HASH_START 0xCBF29CE484222325ull

/* Adds LENGTH bytes to a 64-bit hash. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length);
/* Adds all fields of a structure; FIELDS may be NULL. */
uint64_t state_hash(uint64_t hash, const struct field *fields, const void *structure);

#endif
