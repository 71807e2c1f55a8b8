/* A 64-bit hash for telling whether bytes are the same: not against somebody who wants to deceive. */
#ifndef TICK86_BASE_HASH_H
#define TICK86_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xCBF29CE484222325ull

/* Adds LENGTH bytes to a hash. Two runs of bytes of one length that differ in one word of 8 bytes never have
 * the same hash. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length);

#endif
