/* Bits, segments and descriptors in words. */
#ifndef TICK86_MONITOR_NAMES_H
#define TICK86_MONITOR_NAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Tables end with a row without name. Names are written small. */
struct bit_name {
    uint8_t bit;
    const char *name;
};
extern const struct bit_name eflags_bits[], cr0_bits[], cr3_bits[], cr4_bits[], efer_bits[], dr6_bits[],
    dr7_bits[], fpu_exception_bits[];

/* " name" for each bit: in capitals where it is set. A name that OLD says has changed gets a '*'. */
void print_bits(FILE *out, const struct bit_name *table, uint64_t value, uint64_t old);
/* The names of the bits that are set, with ", " between; NOTHING where none is. */
void print_set_bits(FILE *out, const struct bit_name *table, uint64_t value, const char *nothing);

/* By CPU_ES ... CPU_GS. */
extern const char *const segment_names[];

/* What exception VECTOR is called, "#GP general protection"; NULL for vectors that are no exceptions. */
const char *exception_name(unsigned vector);

/* A descriptor as it lies in a table: SDM volume 3, 3.4.5, 3.5 and 6.11. */
struct descriptor_view {
    uint32_t base, limit; /* of segments; limit in bytes */
    uint16_t access;      /* bits 40-55, the limit's bits 0 */
    uint16_t selector;    /* of gates */
    uint32_t offset;
    uint8_t parameters; /* of call gates */
    bool is_gate;
    bool is_null; /* all eight bytes are zero */
};
void descriptor_view(uint64_t raw, struct descriptor_view *out);

/* What the bits 40-55 of a descriptor say: "32-bit code, readable, accessed, DPL 0". */
void print_access(FILE *out, uint16_t access);
/* All of it: base and limit or target, and the access bits. No newline. */
void print_descriptor(FILE *out, const struct descriptor_view *view);

#endif
