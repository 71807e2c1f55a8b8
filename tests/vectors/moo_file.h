/* Reader of MOO files: processor test vectors captured from hardware, chunks of tag, length and data.
 *
 * Source of the layout: "MOO File Format Specification", version 1.1 (github.com/dbalsom/moo, doc/). Files
 * are gzipped or plain. All of a file is checked while it is read; nothing in it is trusted. */
#ifndef TICK86_TESTS_VECTORS_MOO_FILE_H
#define TICK86_TESTS_VECTORS_MOO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Registers in the order of the RG32 chunk; 16-bit files use those that they have. */
enum moo_register {
    MOO_CR0,
    MOO_CR3,
    MOO_EAX,
    MOO_EBX,
    MOO_ECX,
    MOO_EDX,
    MOO_ESI,
    MOO_EDI,
    MOO_EBP,
    MOO_ESP,
    MOO_CS,
    MOO_DS,
    MOO_ES,
    MOO_FS,
    MOO_GS,
    MOO_SS,
    MOO_EIP,
    MOO_EFLAGS,
    MOO_DR6,
    MOO_DR7,
    MOO_REGISTERS,
};

/* Values of some registers: those whose bit in MASK is set. */
struct moo_registers {
    uint32_t mask;
    uint32_t value[MOO_REGISTERS];
};

struct moo_ram {
    const uint8_t *entries; /* 5 bytes each: address, value */
    uint32_t count;
};

struct moo_state {
    struct moo_registers registers, undefined; /* undefined: masks of the bits that count, where given */
    struct moo_ram ram;
};

struct moo_test {
    uint32_t index;
    char name[64];
    const uint8_t *bytes; /* the instruction, with the HLT behind it */
    uint32_t length;
    bool wide; /* 32-bit registers */
    struct moo_state initial, final;
    bool has_exception;
    uint8_t vector;
    uint32_t flags_address; /* of the flags that the exception pushed, linear */
    uint32_t cycles;        /* 0: not given */
    char hash[41];          /* hexadecimal; "" if not given */
};

struct moo_file {
    uint8_t *bytes;
    size_t size, at;
    uint32_t tests, read; /* tests promised, tests returned so far */
    char processor[5];
    struct moo_registers undefined; /* for all tests */
    const char *error;              /* what is wrong with it, at offset AT */
};

/* False: FILE->error says why. Either way moo_close() frees it. */
bool moo_open(struct moo_file *file, const char *path);
/* The next test; it points into the file's bytes. False: at the end, or file->error says what is wrong. */
bool moo_next(struct moo_file *file, struct moo_test *test);
void moo_close(struct moo_file *file);

static inline uint32_t moo_ram_address(const struct moo_ram *ram, uint32_t i)
{
    const uint8_t *e = ram->entries + 5 * (size_t)i;
    return e[0] | e[1] << 8 | e[2] << 16 | (uint32_t)e[3] << 24;
}

static inline uint8_t moo_ram_value(const struct moo_ram *ram, uint32_t i)
{
    return ram->entries[5 * (size_t)i + 4];
}

#endif
