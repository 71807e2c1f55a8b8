/* What a folder of test vectors says about itself: which flags each opcode defines (metadata.json), and which
 * tests were found to be bad (revocation_list.txt). */
#ifndef TICK86_TESTS_VECTORS_METADATA_H
#define TICK86_TESTS_VECTORS_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flags_mask {
    char opcode[16]; /* "F6.4", or "08" */
    uint16_t mask;   /* defined flags */
};

struct metadata {
    struct flags_mask *masks;
    size_t count, capacity;
    char (*revoked)[41];
    size_t revoked_count, revoked_capacity;
    const char *error; /* what is wrong */
};

/* Reads both files of FOLDER; a folder may lack either. False: metadata->error says why. */
bool metadata_load(struct metadata *metadata, const char *folder);
void metadata_free(struct metadata *metadata);
/* Defined flags of OPCODE ("F6.4", "08"); 0xFFFF where the folder says nothing. */
uint16_t metadata_flags(const struct metadata *metadata, const char *opcode);
bool metadata_is_revoked(const struct metadata *metadata, const char *hash);

#endif
