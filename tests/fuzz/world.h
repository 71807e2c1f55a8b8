/* A whole machine with drives, disks, CD and all serial ports, and random operations on it, for fuzzers: the
 * same seed gives the same ones. */
#ifndef TICK86_TESTS_FUZZ_WORLD_H
#define TICK86_TESTS_FUZZ_WORLD_H

#include "bus/bus.h"
#include "bus/device.h"
#include "machine/machine.h"
#include "tests/fuzz/fuzz.h"

struct world {
    struct machine *machine;
    struct bus *bus;
    struct fuzz_random r;
    char folder[64];   /* of its own copies of the images */
    uint16_t *claimed; /* ports that somebody claims */
    unsigned claimed_count;
    uint64_t seen;  /* a hash of all that reads gave and ports sent */
    uint64_t heard; /* a hash of what the speaker did since it was last asked */
};

void world_open(struct world *world, uint64_t seed);
void world_close(struct world *world);
/* Adds to what was seen. */
void world_saw(struct world *world, uint64_t value);
/* Operation NUMBER: accesses by ports and memory, commands, input, media, time, ... */
void world_operate(struct world *world, unsigned number);
/* That of media: one goes into a drive, or out of it. */
void world_change_medium(struct world *world);
/* Connects the ports of a machine that is to be the world's. */
void world_connect(struct world *world, struct machine_config *config);

#endif
