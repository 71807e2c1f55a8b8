/* A random guest: code, descriptor tables, page tables and registers, all from one seed.
 *
 * The code is not noise: opcodes come in the proportions that reach most of the processor, branches are
 * short, so that loops are run often, and pointers mostly point at something. But nothing is made to be
 * valid. */
#ifndef TICK86_TESTS_FUZZ_GUEST_H
#define TICK86_TESTS_FUZZ_GUEST_H

#include "cpu/cpu.h"
#include "tests/fuzz/fuzz.h"

/* Where things lie in physical memory. */
enum {
    GUEST_GDT = 0x1000,    /* 64 descriptors */
    GUEST_LDT = 0x1800,    /* 16 descriptors */
    GUEST_IDT = 0x2000,    /* 256 gates */
    GUEST_TSS = 0x3000,    /* 4 of 100h bytes; their I/O maps at 6000h */
    GUEST_PAGES = 0x10000, /* page directory, and at 11000h page tables for the first 4 MB */
    GUEST_CODE = 0x20000,  /* two pages and a bit of random code */
    GUEST_CODE_SIZE = 0x3000,
    GUEST_HANDLERS = 0x24000, /* of interrupts */
    GUEST_SMM = 0x38000,      /* where the SMI handler starts */
    GUEST_DATA = 0x40000,
    GUEST_STACK = 0x60000, /* grows down from 67F00h */
    GUEST_IMAGE_SIZE = 0x68000,
};

enum guest_mode {
    GUEST_REAL,
    GUEST_REAL_BIG, /* limits of 4 GB left over from protected mode */
    GUEST_PROTECTED_32,
    GUEST_PROTECTED_16,
    GUEST_USER_32,
    GUEST_USER_16,
    GUEST_V86,
    GUEST_WILD, /* segment registers with anything in them */
    GUEST_MODES,
};

struct guest {
    enum guest_mode mode;
    bool paging;
    struct cpu_registers registers;
    uint8_t image[GUEST_IMAGE_SIZE]; /* of memory from 0 on */
};

/* Random code for a code segment of 16 or 32 bits. */
void guest_code(struct fuzz_random *r, uint8_t *bytes, size_t count, bool code32);

/* Fills GUEST for a processor of MODEL. */
void guest_make(struct fuzz_random *r, const struct cpu_model *model, struct guest *guest);

const char *guest_mode_name(enum guest_mode mode);

#endif
