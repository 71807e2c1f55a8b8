/* The common ground of host and interpreter; see sandbox.h. */
#include "tests/differential/sandbox.h"

#define CODE  0x10000000u
#define DATA  0x10010000u
#define STACK 0x10020000u

const struct area areas[AREAS] = {
    [AREA_CODE] = {CODE, 2, true},
    [AREA_DATA] = {DATA, 2, true},
    [AREA_READ_ONLY] = {DATA + 3 * PAGE, 1, false},
    [AREA_STACK] = {STACK, 1, true},
};

uint32_t area_offset(unsigned area)
{
    uint32_t offset = 0;
    for (unsigned i = 0; i < area; i++)
        offset += areas[i].pages * PAGE;
    return offset;
}

const struct ldt_row ldt_rows[] = {
    [LDT_CODE32] = {"32-bit code", CODE, 0x1FFF, .code = true, .big = true},
    [LDT_CODE16] = {"16-bit code", CODE, 0x1FFF, .code = true},
    [LDT_DATA] = {"data", DATA, 0x1FFF, .big = true},
    [LDT_SMALL] = {"odd base and limit", DATA + 0x123, 0x7F5, .big = false},
    [LDT_DOWN16] = {"expand-down, 16 bits", DATA + 0x2000 - 0x10000, 0xDFFF, .expand_down = true},
    [LDT_DOWN32] = {"expand-down, 32 bits", DATA + 0x2000, 0xFFFFD, .big = true, .pages = true,
                    .expand_down = true},
    [LDT_READ_ONLY] = {"read-only data", DATA, 0x1FFF, .big = true, .read_only = true},
    [LDT_ABSENT] = {"absent data", DATA, 0x1FFF, .big = true, .absent = true},
    [LDT_STACK32] = {"32-bit stack", STACK, 0xFFF, .big = true},
    [LDT_STACK16] = {"16-bit stack", STACK, 0xFFF, .big = false},
    [LDT_STACK_DOWN16] = {"expand-down stack", STACK - 0xF000, 0xEFFF, .expand_down = true},
    [LDT_FLAT] = {"flat data", 0, 0xFFFFF, .big = true, .pages = true},
    [LDT_EXECUTE_ONLY] = {"execute-only code", CODE, 0x1FFF, .code = true, .big = true, .read_only = true},
    [LDT_CODE_PAGES] = {"data over the code", CODE, 0x1FFF, .big = true},
};
const unsigned ldt_count = sizeof ldt_rows / sizeof ldt_rows[0];

/* SDM volume 3, 3.4.5. */
uint64_t ldt_descriptor(const struct ldt_row *row)
{
    uint32_t type = 0x11 | (row->read_only ? 0 : 2) | (row->expand_down ? 4 : 0) | (row->code ? 8 : 0);
    uint32_t access = type | 3 << 5 | (row->absent ? 0 : 0x80);
    uint32_t low = (row->base & 0xFFFF) << 16 | (row->limit & 0xFFFF);
    uint32_t high = (row->base >> 16 & 0xFF) | access << 8 | (row->limit & 0xF0000) |
                    (row->big ? 1u << 22 : 0) | (row->pages ? 1u << 23 : 0) | (row->base & 0xFF000000);
    return (uint64_t)high << 32 | low;
}
