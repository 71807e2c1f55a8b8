/* A processor with 16 MB of RAM and nothing else, to run test vectors on. Reads of ports give all ones. */
#ifndef TICK86_TESTS_VECTORS_RIG_H
#define TICK86_TESTS_VECTORS_RIG_H

#include "cpu/cpu.h"
#include "tests/vectors/moo_file.h"

struct rig;

/* How the processor is driven: one instruction a call, or through decoded blocks. */
enum rig_way { RIG_STEPS, RIG_BLOCKS, RIG_WAYS };

struct rig *rig_create(const struct cpu_model *model);
void rig_destroy(struct rig *rig);
/* 0: 286, 1: 386 ...: LEVEL_* of cpu/insn.h. */
unsigned rig_level(const struct rig *rig);

/* What counts in a comparison. */
struct rig_masks {
    struct moo_registers registers; /* bits that count, for the registers in its mask; for others all do */
    uint16_t flags;                 /* defined flags */
};

/* What came out differently. */
struct rig_result {
    bool halted;        /* HLT was reached */
    uint32_t registers; /* 1 << enum moo_register for each that differs */
    uint32_t got[MOO_REGISTERS], expected[MOO_REGISTERS];
    unsigned bytes;   /* bytes of memory that differ */
    uint32_t address; /* of the first of them */
    uint8_t byte_got, byte_expected;
    bool stray;      /* that byte is none that the test names */
    uint64_t cycles; /* of our clock, HLT included (RIG_STEPS only) */
};

static inline bool rig_equal(const struct rig_result *r)
{
    return r->halted && !r->registers && !r->bytes;
}

/* Loads the initial state, runs until HLT, compares with the final state, clears memory again. */
void rig_run(struct rig *rig, const struct moo_test *test, const struct rig_masks *masks, enum rig_way way,
             struct rig_result *out);

#endif
