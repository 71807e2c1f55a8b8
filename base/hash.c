#include "base/hash.h"

#include <string.h>

/* FNV-1a over 64-bit words, with a final fold of the high half, and over bytes at the end. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (; length >= 8; at += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        hash = (hash ^ word) * 0x100000001B3ull;
        hash ^= hash >> 32;
    }
    for (; length; at++, length--)
        hash = (hash ^ *at) * 0x100000001B3ull;
    return hash;
}
