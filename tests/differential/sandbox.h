/* What the host and the interpreter are given alike: memory at the same linear addresses, the same segments.
 *
 *   linear      pages  contents
 *   10000000    2      code
 *   10010000    2      data, readable and writable
 *   10012000           nothing
 *   10013000    1      data, read-only
 *   10020000    1      stack; nothing around it
 */
#ifndef TICK86_TESTS_DIFFERENTIAL_SANDBOX_H
#define TICK86_TESTS_DIFFERENTIAL_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE 4096u

enum { AREA_CODE, AREA_DATA, AREA_READ_ONLY, AREA_STACK, AREAS };

struct area {
    uint32_t linear;
    uint32_t pages;
    bool writable;
};
extern const struct area areas[AREAS];

enum { SANDBOX_PAGES = 6, CODE_BYTES = 2 * PAGE };

/* Contents of all areas, one after another in the order above. */
struct sandbox_image {
    uint8_t bytes[SANDBOX_PAGES * PAGE];
};
uint32_t area_offset(unsigned area); /* in the image */

/* Segments of the local descriptor table: what modify_ldt() of Linux can make. */
struct ldt_row {
    const char *name;
    uint32_t base, limit;
    bool code, big, pages, expand_down, read_only /* or execute-only */, absent;
};
extern const struct ldt_row ldt_rows[];
extern const unsigned ldt_count;
enum {
    LDT_CODE32,
    LDT_CODE16,
    LDT_DATA,
    LDT_SMALL,
    LDT_DOWN16,
    LDT_DOWN32,
    LDT_READ_ONLY,
    LDT_ABSENT,
    LDT_STACK32,
    LDT_STACK16,
    LDT_STACK_DOWN16,
    LDT_FLAT,
    LDT_EXECUTE_ONLY,
    LDT_CODE_PAGES,
};
static inline uint16_t ldt_selector(unsigned entry)
{
    return (uint16_t)(entry << 3 | 7);
}
/* Linux's own user segments, which are flat. */
enum { FLAT_CODE = 0x23, FLAT_DATA = 0x2B };

/* The descriptor, as Linux makes it: DPL 3, accessed. */
uint64_t ldt_descriptor(const struct ldt_row *row);

/* All that is compared. Segments: ES CS SS DS FS GS. */
struct x87_state {
    uint16_t control, status;
    uint8_t tag; /* abridged */
    uint32_t ip;
    struct {
        uint64_t significand;
        uint16_t sign_exponent;
    } st[8];
};

struct machine_state {
    uint32_t gpr[8];
    uint32_t eip, eflags;
    uint16_t segment[6];
    struct x87_state x87;
};

/* Whose processor the host's is: what the manuals leave open differs (masks.c). */
enum host_kind {
    HOST_KNOWN, /* Intel's, of a model whose undefined flags ours agree with */
    HOST_INTEL,
    HOST_AMD,
};

/* How a run ended. */
struct outcome {
    struct machine_state state;
    bool lost; /* it did not end by an exception */
    uint8_t vector;
    uint32_t error, cr2;
};

#endif
