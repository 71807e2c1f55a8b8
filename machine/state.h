/* Walks the state tables of base/state.h: what snapshots, comparisons and hashes are made of. */
#ifndef TICK86_MACHINE_STATE_H
#define TICK86_MACHINE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/state.h"

/* Adds all fields of a structure; FIELDS may be NULL. */
uint64_t state_hash(uint64_t hash, const struct field *fields, const void *structure);

#endif
