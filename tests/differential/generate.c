/* Random instruction sequences; see generate.h.
 *
 * An instruction is put together from a row of its group: prefixes, opcode, ModRM, then bytes of chance for
 * the rest. The interpreter's own decoder says how long it is and where its operand would lie; a displacement
 * is then chosen so that most operands lie in the sandbox, some at the edges of pages and segments, and few
 * elsewhere. */
#include "tests/differential/generate.h"

#include <string.h>

#include "cpu/decode.h"
#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/operand.h"
#include "tests/differential/masks.h"

/* --- what a group is made of --- */

enum { MEM = 1, REG = 2, ANY = 3 };
enum { KIND_PLAIN, KIND_BARE /* no 66, F2, F3: those make other instructions of it on later processors */ };

struct row {
    uint8_t map, first, last; /* opcodes */
    uint8_t regs;             /* which values of ModRM's reg field, as bits */
    uint8_t mods;             /* MEM, REG; 0: no ModRM */
    uint8_t kind;
    uint8_t modrm_first, modrm_last; /* exact ModRM bytes, where the second is not 0 */
};

#define ALL 0xFF

static const struct row alu_rows[] = {
#define ALU_ROW(base)                                                                                        \
    {0, base, base + 3, ALL, ANY, 0, 0, 0},                                                                  \
    {                                                                                                        \
        0, base + 4, base + 5, ALL, 0, 0, 0, 0                                                               \
    }
    ALU_ROW(0x00),
    ALU_ROW(0x08),
    ALU_ROW(0x10),
    ALU_ROW(0x18),
    ALU_ROW(0x20),
    ALU_ROW(0x28),
    ALU_ROW(0x30),
    ALU_ROW(0x38),
    {0, 0x80, 0x83, ALL, ANY, 0, 0, 0},
    {0, 0x80, 0x83, ALL, ANY, 0, 0, 0},
    {0, 0x84, 0x87, ALL, ANY, 0, 0, 0},
    {0, 0x88, 0x8B, ALL, ANY, 0, 0, 0},
    {0, 0x8D, 0x8D, ALL, MEM, 0, 0, 0},
    {0, 0x91, 0x97, ALL, 0, 0, 0, 0},
    {0, 0x98, 0x99, ALL, 0, 0, 0, 0},
    {0, 0x9E, 0x9F, ALL, 0, 0, 0, 0},
    {0, 0xA0, 0xA3, ALL, 0, 0, 0, 0},
    {0, 0xA8, 0xA9, ALL, 0, 0, 0, 0},
    {0, 0xB0, 0xBF, ALL, 0, 0, 0, 0},
    {0, 0xC6, 0xC7, 0x01, ANY, 0, 0, 0},
    {0, 0xD6, 0xD7, ALL, 0, 0, 0, 0},
    {0, 0xF5, 0xF5, ALL, 0, 0, 0, 0},
    {0, 0xF6, 0xF7, 0x0F, ANY, 0, 0, 0},
    {0, 0xF8, 0xF9, ALL, 0, 0, 0, 0},
    {0, 0xFC, 0xFD, ALL, 0, 0, 0, 0},
    {0, 0xFE, 0xFF, 0x03, ANY, 0, 0, 0},
    {0, 0x40, 0x4F, ALL, 0, 0, 0, 0},
    {0, 0x90, 0x90, ALL, 0, KIND_BARE, 0, 0},
    {1, 0x1F, 0x1F, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0xB6, 0xB7, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0xBE, 0xBF, ALL, ANY, KIND_BARE, 0, 0},
};
static const struct row shift_rows[] = {
    {0, 0xC0, 0xC1, ALL, ANY, 0, 0, 0},         {0, 0xD0, 0xD3, ALL, ANY, 0, 0, 0},
    {1, 0xA4, 0xA5, ALL, ANY, KIND_BARE, 0, 0}, {1, 0xAC, 0xAD, ALL, ANY, KIND_BARE, 0, 0},
    {0, 0xD1, 0xD3, ALL, ANY, 0, 0, 0},         {0, 0xB0, 0xB7, ALL, 0, 0, 0, 0},
};
static const struct row multiply_rows[] = {
    {0, 0xF6, 0xF7, 0xF0, ANY, 0, 0, 0}, {0, 0x69, 0x69, ALL, ANY, 0, 0, 0},
    {0, 0x6B, 0x6B, ALL, ANY, 0, 0, 0},  {1, 0xAF, 0xAF, ALL, ANY, KIND_BARE, 0, 0},
    {0, 0x98, 0x99, ALL, 0, 0, 0, 0},    {0, 0xB8, 0xBF, ALL, 0, 0, 0, 0},
    {0, 0x31, 0x31, ALL, REG, 0, 0, 0},
};
static const struct row bits_rows[] = {
    {1, 0xA3, 0xA3, ALL, ANY, KIND_BARE, 0, 0},  {1, 0xAB, 0xAB, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0xB3, 0xB3, ALL, ANY, KIND_BARE, 0, 0},  {1, 0xBB, 0xBB, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0xBA, 0xBA, 0xF0, ANY, KIND_BARE, 0, 0}, {1, 0xBC, 0xBD, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0xC8, 0xCF, ALL, 0, KIND_BARE, 0, 0},    {0, 0xB8, 0xBF, ALL, 0, 0, 0, 0},
};
static const struct row string_rows[] = {
    {0, 0xA4, 0xA7, ALL, 0, 0, 0, 0}, {0, 0xAA, 0xAF, ALL, 0, 0, 0, 0}, {0, 0xAA, 0xAF, ALL, 0, 0, 0, 0},
    {0, 0xFC, 0xFD, ALL, 0, 0, 0, 0}, {0, 0x04, 0x05, ALL, 0, 0, 0, 0}, {0, 0xBE, 0xBF, ALL, 0, 0, 0, 0},
};
static const struct row stack_rows[] = {
    {0, 0x50, 0x5F, ALL, 0, 0, 0, 0},         {0, 0x60, 0x61, ALL, 0, 0, 0, 0},
    {0, 0x68, 0x68, ALL, 0, 0, 0, 0},         {0, 0x6A, 0x6A, ALL, 0, 0, 0, 0},
    {0, 0x9C, 0x9D, ALL, 0, 0, 0, 0},         {0, 0xC8, 0xC9, ALL, 0, 0, 0, 0},
    {0, 0x8F, 0x8F, 0x01, ANY, 0, 0, 0},      {0, 0xFF, 0xFF, 0x40, ANY, 0, 0, 0},
    {0, 0x06, 0x07, ALL, 0, 0, 0, 0},         {0, 0x0E, 0x0E, ALL, 0, 0, 0, 0},
    {0, 0x16, 0x17, ALL, 0, 0, 0, 0},         {0, 0x1E, 0x1F, ALL, 0, 0, 0, 0},
    {1, 0xA0, 0xA1, ALL, 0, KIND_BARE, 0, 0}, {1, 0xA8, 0xA9, ALL, 0, KIND_BARE, 0, 0},
    {0, 0x50, 0x5F, ALL, 0, 0, 0, 0},
};
static const struct row flow_rows[] = {
    {0, 0x70, 0x7F, ALL, 0, 0, 0, 0},    {1, 0x80, 0x8F, ALL, 0, KIND_BARE, 0, 0},
    {0, 0xE0, 0xE3, ALL, 0, 0, 0, 0},    {0, 0xE8, 0xE9, ALL, 0, 0, 0, 0},
    {0, 0xEB, 0xEB, ALL, 0, 0, 0, 0},    {0, 0xC2, 0xC3, ALL, 0, 0, 0, 0},
    {0, 0xCA, 0xCB, ALL, 0, 0, 0, 0},    {0, 0xCF, 0xCF, ALL, 0, 0, 0, 0},
    {0, 0xFF, 0xFF, 0x3C, ANY, 0, 0, 0}, {0, 0x9A, 0x9A, ALL, 0, 0, 0, 0},
    {0, 0xEA, 0xEA, ALL, 0, 0, 0, 0},    {0, 0xCC, 0xCE, ALL, 0, 0, 0, 0},
    {0, 0x62, 0x62, ALL, MEM, 0, 0, 0},  {0, 0x38, 0x3B, ALL, ANY, 0, 0, 0},
    {0, 0x40, 0x4F, ALL, 0, 0, 0, 0},
};
static const struct row segment_rows[] = {
    {0, 0x8E, 0x8E, 0x3D, ANY, 0, 0, 0},
    {0, 0x8C, 0x8C, 0x3F, ANY, 0, 0, 0},
    {0, 0xC4, 0xC5, ALL, MEM, 0, 0, 0},
    {1, 0xB2, 0xB2, ALL, MEM, KIND_BARE, 0, 0},
    {1, 0xB4, 0xB5, ALL, MEM, KIND_BARE, 0, 0},
    {0, 0x07, 0x07, ALL, 0, 0, 0, 0},
    {0, 0x17, 0x17, ALL, 0, 0, 0, 0},
    {0, 0x1F, 0x1F, ALL, 0, 0, 0, 0},
    {1, 0xA1, 0xA1, ALL, 0, KIND_BARE, 0, 0},
    {1, 0x02, 0x03, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0x00, 0x00, 0x30, ANY, KIND_BARE, 0, 0},
    {0, 0x63, 0x63, ALL, ANY, 0, 0, 0},
    {0, 0x88, 0x8B, ALL, MEM, 0, 0, 0},
    {0, 0x00, 0x03, ALL, MEM, 0, 0, 0},
};
static const struct row bcd_rows[] = {
    {0, 0x27, 0x27, ALL, 0, 0, 0, 0}, {0, 0x2F, 0x2F, ALL, 0, 0, 0, 0}, {0, 0x37, 0x37, ALL, 0, 0, 0, 0},
    {0, 0x3F, 0x3F, ALL, 0, 0, 0, 0}, {0, 0xD4, 0xD5, ALL, 0, 0, 0, 0}, {0, 0x04, 0x05, ALL, 0, 0, 0, 0},
    {0, 0x2C, 0x2D, ALL, 0, 0, 0, 0}, {0, 0xB0, 0xB0, ALL, 0, 0, 0, 0},
};
static const struct row condition_rows[] = {
    {1, 0x40, 0x4F, ALL, ANY, KIND_BARE, 0, 0},  {1, 0x90, 0x9F, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0xB0, 0xB1, ALL, ANY, KIND_BARE, 0, 0},  {1, 0xC0, 0xC1, ALL, ANY, KIND_BARE, 0, 0},
    {1, 0xC7, 0xC7, 0x02, MEM, KIND_BARE, 0, 0}, {0, 0x38, 0x3D, ALL, ANY, 0, 0, 0},
    {1, 0xC8, 0xCF, ALL, 0, KIND_BARE, 0, 0},
};
static const struct row privileged_rows[] = {
    {0, 0xF4, 0xF4, ALL, 0, 0, 0, 0},
    {0, 0xFA, 0xFB, ALL, 0, 0, 0, 0},
    {0, 0xE4, 0xE7, ALL, 0, 0, 0, 0},
    {0, 0xEC, 0xEF, ALL, 0, 0, 0, 0},
    {0, 0x6C, 0x6F, ALL, 0, 0, 0, 0},
    {1, 0x06, 0x06, ALL, 0, KIND_BARE, 0, 0},
    {1, 0x08, 0x09, ALL, 0, KIND_BARE, 0, 0},
    {1, 0x0B, 0x0B, ALL, 0, KIND_BARE, 0, 0},
    {1, 0x20, 0x20, 0x1D, REG, KIND_BARE, 0, 0},
    {1, 0x22, 0x22, 0x1D, REG, KIND_BARE, 0, 0},
    {1, 0x21, 0x21, 0xCF, REG, KIND_BARE, 0, 0},
    {1, 0x23, 0x23, 0xCF, REG, KIND_BARE, 0, 0},
    {1, 0x30, 0x30, ALL, 0, KIND_BARE, 0, 0},
    {1, 0x32, 0x32, ALL, 0, KIND_BARE, 0, 0},
    {1, 0x00, 0x00, 0x0C, ANY, KIND_BARE, 0, 0},
    {1, 0x01, 0x01, 0x8C, MEM, KIND_BARE, 0, 0},
    {1, 0x01, 0x01, 0x40, ANY, KIND_BARE, 0, 0},
    {0, 0xCD, 0xCD, ALL, 0, 0, 0, 0},
    {0, 0x8C, 0x8C, ALL, ANY, 0, 0, 0},
    {0, 0x8E, 0x8E, ALL, ANY, 0, 0, 0},
    {0, 0xFE, 0xFE, 0xFC, ANY, 0, 0, 0},
    {0, 0xFF, 0xFF, 0x80, ANY, 0, 0, 0},
    {0, 0x8D, 0x8D, ALL, REG, 0, 0, 0},
    {1, 0xC7, 0xC7, 0x01, ANY, KIND_BARE, 0, 0},
};
static const struct row x87_load_rows[] = {
    {0, 0xD9, 0xD9, 0x0D, MEM, KIND_BARE, 0, 0},      {0, 0xDB, 0xDB, 0xAD, MEM, KIND_BARE, 0, 0},
    {0, 0xDD, 0xDD, 0x0D, MEM, KIND_BARE, 0, 0},      {0, 0xDF, 0xDF, 0xFD, MEM, KIND_BARE, 0, 0},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xC0, 0xD0}, {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xE8, 0xEE},
    {0, 0xDD, 0xDD, ALL, REG, KIND_BARE, 0xC0, 0xDF}, {0, 0xDA, 0xDB, ALL, REG, KIND_BARE, 0xC0, 0xDF},
    {0, 0xDB, 0xDB, 0xAD, MEM, KIND_BARE, 0, 0},      {0, 0xDF, 0xDF, ALL, REG, KIND_BARE, 0xC0, 0xDF},
};
static const struct row x87_arithmetic_rows[] = {
    {0, 0xD8, 0xD8, ALL, ANY, KIND_BARE, 0, 0},       {0, 0xDC, 0xDC, ALL, ANY, KIND_BARE, 0, 0},
    {0, 0xDA, 0xDA, ALL, MEM, KIND_BARE, 0, 0},       {0, 0xDE, 0xDE, ALL, MEM, KIND_BARE, 0, 0},
    {0, 0xDE, 0xDE, ALL, REG, KIND_BARE, 0xC0, 0xD7}, {0, 0xDE, 0xDE, ALL, REG, KIND_BARE, 0xD9, 0xFF},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xE0, 0xE1}, {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xF8, 0xF8},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xFA, 0xFA}, {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xFC, 0xFD},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xF4, 0xF5}, {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xC0, 0xCF},
};
static const struct row x87_compare_rows[] = {
    {0, 0xD8, 0xD8, 0x0C, ANY, KIND_BARE, 0, 0},      {0, 0xDC, 0xDC, 0x0C, ANY, KIND_BARE, 0, 0},
    {0, 0xDA, 0xDA, 0x0C, MEM, KIND_BARE, 0, 0},      {0, 0xDE, 0xDE, 0x0C, MEM, KIND_BARE, 0, 0},
    {0, 0xDA, 0xDA, ALL, REG, KIND_BARE, 0xE9, 0xE9}, {0, 0xDE, 0xDE, ALL, REG, KIND_BARE, 0xD9, 0xD9},
    {0, 0xDD, 0xDD, ALL, REG, KIND_BARE, 0xE0, 0xEF}, {0, 0xDB, 0xDB, ALL, REG, KIND_BARE, 0xE8, 0xF7},
    {0, 0xDF, 0xDF, ALL, REG, KIND_BARE, 0xE8, 0xF7}, {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xE4, 0xE5},
    {0, 0xDF, 0xDF, ALL, REG, KIND_BARE, 0xE0, 0xE0}, {0, 0x9E, 0x9E, ALL, 0, KIND_BARE, 0, 0},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xC0, 0xCF},
};
static const struct row x87_control_rows[] = {
    {0, 0xD9, 0xD9, 0xF0, MEM, KIND_PLAIN, 0, 0},     {0, 0xDD, 0xDD, 0xD0, MEM, KIND_PLAIN, 0, 0},
    {0, 0xDF, 0xDF, ALL, REG, KIND_BARE, 0xE0, 0xE0}, {0, 0xDB, 0xDB, ALL, REG, KIND_BARE, 0xE0, 0xE4},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xF6, 0xF7}, {0, 0xDD, 0xDD, ALL, REG, KIND_BARE, 0xC0, 0xC7},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xD0, 0xD0}, {0, 0x9B, 0x9B, ALL, 0, KIND_BARE, 0, 0},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xE8, 0xEE}, {0, 0xD8, 0xD8, ALL, REG, KIND_BARE, 0, 0},
    {0, 0xDF, 0xDF, ALL, REG, KIND_BARE, 0xC0, 0xC7}, {1, 0xAE, 0xAE, 0x01, MEM, KIND_BARE, 0, 0},
};
static const struct row x87_transcendental_rows[] = {
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xF0, 0xF3},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xF9, 0xF9},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xFB, 0xFB},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xFE, 0xFF},
};
/* What compilers put together, between EAX and ECX mostly, so that the same registers meet often. */
static const struct row neighbours_rows[] = {
#define COPIES                                                                                               \
    {0, 0x89, 0x89, ALL, REG, 0, 0xC1, 0xC1},                                                                \
    {                                                                                                        \
        0, 0x89, 0x89, ALL, REG, 0, 0xC8, 0xC8                                                               \
    }
#define CHANGES(opcode)                                                                                      \
    {0, opcode, opcode, ALL, REG, 0, 0xC0, 0xC1},                                                            \
    {                                                                                                        \
        0, opcode, opcode, ALL, REG, 0, 0xC8, 0xC9                                                           \
    }
    COPIES,
    COPIES,
    COPIES,
    COPIES,
    COPIES,
    COPIES,
    {0, 0xC1, 0xC1, ALL, REG, 0, 0xE0, 0xE1},
    {0, 0xC1, 0xC1, ALL, REG, 0, 0xE8, 0xE9},
    {0, 0xC1, 0xC1, ALL, REG, 0, 0xE0, 0xE1},
    {0, 0xC1, 0xC1, ALL, REG, 0, 0xE8, 0xE9},
    {0, 0xC1, 0xC1, ALL, REG, 0, 0xF8, 0xF9},
    CHANGES(0x01),
    CHANGES(0x29),
    CHANGES(0x31),
    CHANGES(0x29),
    CHANGES(0x31),
    {0, 0x89, 0x89, ALL, REG, 0, 0, 0},
    {0, 0x01, 0x01, ALL, REG, 0, 0, 0},
    {0, 0x09, 0x09, ALL, REG, 0, 0, 0},
    {0, 0x21, 0x21, ALL, REG, 0, 0, 0},
    {0, 0x29, 0x29, ALL, REG, 0, 0, 0},
    {0, 0x31, 0x31, ALL, REG, 0, 0, 0},
    {0, 0x81, 0x81, 0x73, REG, 0, 0, 0},
    {0, 0x83, 0x83, 0x73, REG, 0, 0, 0},
    {0, 0xC1, 0xC1, 0xB0, REG, 0, 0, 0},
    {0, 0x50, 0x5F, ALL, 0, 0, 0, 0},
    {0, 0x50, 0x5F, ALL, 0, 0, 0, 0},
    {0, 0x8B, 0x8B, ALL, MEM, 0, 0, 0},
    {0, 0x85, 0x85, ALL, REG, 0, 0xC0, 0xC0},
    {0, 0x85, 0x85, ALL, REG, 0, 0xC9, 0xC9},
    {0, 0x70, 0x7F, ALL, 0, 0, 0, 0},
    {0, 0xB8, 0xBF, ALL, 0, 0, 0, 0},
    {0, 0xE8, 0xE8, ALL, 0, 0, 0, 0},
};
static const struct row mmx_rows[] = {
#define MMX_ROW(first, last)                                                                                 \
    {                                                                                                        \
        1, first, last, ALL, ANY, KIND_BARE, 0, 0                                                            \
    }
    MMX_ROW(0x60, 0x6B),
    MMX_ROW(0x6E, 0x6F),
    MMX_ROW(0x74, 0x76),
    MMX_ROW(0x7E, 0x7F),
    MMX_ROW(0xD1, 0xD3),
    MMX_ROW(0xD5, 0xD5),
    MMX_ROW(0xD8, 0xD9),
    MMX_ROW(0xDB, 0xDD),
    MMX_ROW(0xDF, 0xDF),
    MMX_ROW(0xE1, 0xE2),
    MMX_ROW(0xE5, 0xE5),
    MMX_ROW(0xE8, 0xE9),
    MMX_ROW(0xEB, 0xED),
    MMX_ROW(0xEF, 0xEF),
    MMX_ROW(0xF1, 0xF3),
    MMX_ROW(0xF5, 0xF5),
    MMX_ROW(0xF8, 0xFA),
    MMX_ROW(0xFC, 0xFE),
    {1, 0x71, 0x72, 0x54, REG, KIND_BARE, 0, 0},
    {1, 0x73, 0x73, 0x44, REG, KIND_BARE, 0, 0},
    {1, 0x77, 0x77, ALL, 0, KIND_BARE, 0, 0},
    {0, 0xD9, 0xD9, ALL, REG, KIND_BARE, 0xC0, 0xCF},
    {0, 0xDD, 0xDD, ALL, REG, KIND_BARE, 0xC0, 0xC7},
};

enum {
    GROUP_X87 = 1,
    GROUP_SMALL = 2,
    GROUP_STRING = 4,
    GROUP_ONE = 8,
    GROUP_FLOW = 16,
    GROUP_SEGMENT = 32,
    GROUP_FLAT = 64,
    GROUP_UNDEFINED = 128 /* #UD is wanted */,
    GROUP_SMC = 256,
    GROUP_PREFIXES = 512 /* any number of them */,
    GROUP_ALIGNED = 1024 /* EFLAGS.AC is set */
};

struct group_rows {
    const struct row *rows;
    unsigned count, flags;
};

#define ALL_GROUPS                                                                                           \
    X("alu", "arithmetic, logic, moves", alu_rows, 0)                                                        \
    X("shift", "shifts and rotates", shift_rows, 0)                                                          \
    X("muldiv", "multiplication and division", multiply_rows, 0)                                             \
    X("bits", "bit tests, scans, byte swaps", bits_rows, GROUP_SMALL)                                        \
    X("string", "string instructions, repeated too", string_rows, GROUP_STRING)                              \
    X("stack", "pushes, pops, frames, flags", stack_rows, 0)                                                 \
    X("flow", "jumps, calls, returns, near and far", flow_rows, GROUP_FLOW)                                  \
    X("segment", "segment registers, limits, rights", segment_rows, GROUP_SEGMENT)                           \
    X("bcd", "decimal adjustments", bcd_rows, 0)                                                             \
    X("condition", "CMOVcc, SETcc, CMPXCHG, XADD, BSWAP", condition_rows, 0)                                 \
    X("privileged", "what a user may not do, and invalid opcodes", privileged_rows,                          \
      GROUP_UNDEFINED | GROUP_ONE)                                                                           \
    X("smc", "code that writes over code just ahead", alu_rows, GROUP_FLAT | GROUP_SMC)                      \
    X("prefix", "prefixes in any number, LOCK, length limits", alu_rows, GROUP_PREFIXES)                     \
    X("align", "alignment checks", alu_rows, GROUP_ALIGNED)                                                  \
    X("x87-load", "x87 loads, stores, moves", x87_load_rows, GROUP_X87)                                      \
    X("x87-arith", "x87 arithmetic", x87_arithmetic_rows, GROUP_X87)                                         \
    X("x87-compare", "x87 comparisons", x87_compare_rows, GROUP_X87)                                         \
    X("x87-control", "x87 environment and state", x87_control_rows, GROUP_X87)                               \
    X("x87-trans", "x87 transcendental functions", x87_transcendental_rows, GROUP_X87 | GROUP_ONE)           \
    X("mmx", "MMX, among x87 state", mmx_rows, GROUP_X87)                                                    \
    X("neighbours", "what compilers put together", neighbours_rows, 0)

const struct group groups[] = {
#define X(name, what, rows, flags) {name, what},
    ALL_GROUPS
#undef X
};
static const struct group_rows group_rows[] = {
#define X(name, what, rows, flags) {rows, sizeof rows / sizeof rows[0], flags},
    ALL_GROUPS
#undef X
};
const unsigned group_count = sizeof groups / sizeof groups[0];

/* --- chance --- */

struct maker {
    struct interpreter *in;
    struct cpu *cpu;
    uint64_t random;
    const struct group_rows *group;
    struct sandbox_image *image;
    struct diff_case *c;
    bool used[CODE_BYTES];
    enum host_kind host;
};

/* xorshift64*, Vigna 2016. */
static uint64_t next_random(struct maker *m)
{
    m->random ^= m->random >> 12;
    m->random ^= m->random << 25;
    m->random ^= m->random >> 27;
    return m->random * 0x2545F4914F6CDD1Dull;
}

static uint32_t below(struct maker *m, uint32_t n)
{
    return (uint32_t)((next_random(m) >> 32) * n >> 32);
}

static bool chance(struct maker *m, unsigned percent)
{
    return below(m, 100) < percent;
}

static uint32_t interesting(struct maker *m)
{
    static const uint32_t values[] = {0,          1,          2,          3,          0x7F,       0x80,
                                      0x81,       0xFF,       0x100,      0x7FFF,     0x8000,     0x8001,
                                      0xFFFE,     0xFFFF,     0x10000,    0x7FFFFFFE, 0xFFF0,     0x0F0F,
                                      0x55555555, 0x80808080, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    switch (below(m, 4)) {
    case 0:
        return values[below(m, sizeof values / sizeof values[0])];
    case 1:
        return below(m, 64);
    default:
        return (uint32_t)next_random(m);
    }
}

static uint16_t some_selector(struct maker *m)
{
    switch (below(m, 8)) {
    case 0:
        return (uint16_t)below(m, 4);
    case 1:
        return chance(m, 50) ? FLAT_DATA : (uint16_t)(FLAT_DATA - below(m, 4));
    case 2:
        return (uint16_t)(ldt_selector(below(m, ldt_count + 2)) - below(m, 4));
    default:
        return ldt_selector(below(m, ldt_count));
    }
}

/* An offset for an access through SEG: mostly within the sandbox. */
static uint32_t some_offset(struct maker *m, const struct segment *s, bool stack)
{
    uint32_t base = (uint32_t)s->base;
    bool flat = base == 0;
    unsigned area = stack ? AREA_STACK : AREA_DATA;
    if (flat && chance(m, 15))
        area = chance(m, 50) ? AREA_READ_ONLY : chance(m, 50) ? AREA_STACK : AREA_DATA;
    if (!flat && base > areas[AREA_STACK].linear - 0x10000 && base < areas[AREA_STACK].linear + PAGE)
        area = AREA_STACK;
    else if (!flat && area == AREA_STACK)
        area = AREA_DATA;
    uint32_t size = areas[area].pages * PAGE, at;
    switch (below(m, 20)) {
    case 0: /* the end of the area, or just past it */
        at = size - 12 + below(m, 16);
        break;
    case 1: /* a page's end */
        at = PAGE - 8 + below(m, 10);
        break;
    case 2:
        return s->limit - 10 + below(m, 14);
    case 3:
        return chance(m, 50) ? interesting(m) : below(m, 16) - 8;
    default:
        at = below(m, size - 16);
        if (chance(m, 70))
            at &= ~3u;
    }
    return areas[area].linear + at - base;
}

/* --- the start --- */

static const struct segment *segment_in_use(struct maker *m, unsigned seg)
{
    return &m->cpu->seg[seg];
}

static void choose_segments(struct maker *m)
{
    static const uint16_t data[] = {LDT_DATA,   LDT_DATA, LDT_SMALL,    LDT_DOWN16,
                                    LDT_DOWN32, LDT_FLAT, LDT_READ_ONLY};
    static const uint16_t stacks[] = {LDT_STACK32, LDT_STACK32, LDT_STACK16, LDT_STACK16, LDT_STACK_DOWN16};
    struct machine_state *s = &m->c->start;
    for (unsigned i = 0; i < 6; i++)
        s->segment[i] = FLAT_DATA;
    s->segment[SEG_CS] = FLAT_CODE;
    if ((m->group->flags & GROUP_FLAT) || chance(m, 35))
        return;
    static const unsigned order[] = {SEG_DS, SEG_ES, SEG_FS, SEG_GS};
    for (unsigned i = 0; i < 4; i++)
        if (chance(m, 60))
            s->segment[order[i]] =
                chance(m, 5) ? 0 : ldt_selector(data[below(m, sizeof data / sizeof data[0])]);
    if (chance(m, 60))
        s->segment[SEG_SS] = ldt_selector(stacks[below(m, sizeof stacks / sizeof stacks[0])]);
    if (chance(m, 75))
        s->segment[SEG_CS] = ldt_selector(chance(m, 50) ? LDT_CODE32 : LDT_CODE16);
}

static void choose_x87(struct maker *m)
{
    struct x87_state *x = &m->c->start.x87;
    *x = (struct x87_state){.control = 0x37F};
    if (!(m->group->flags & GROUP_X87))
        return;
    static const uint16_t exponents[] = {0,      1,      0x3FFE, 0x3FFF, 0x4000, 0x401E,
                                         0x403E, 0x7FFE, 0x7FFF, 0x3F80, 0x3C01, 0x43FE};
    x->control =
        (uint16_t)(0x40 | (chance(m, 85) ? 0x3F : below(m, 64)) | below(m, 4) << 8 | below(m, 4) << 10);
    x->status = (uint16_t)(below(m, 8) << 11 | (below(m, 16) * 0x100 & 0x4700));
    x->tag = (uint8_t)(chance(m, 40) ? 0xFF : next_random(m));
    for (unsigned i = 0; i < 8; i++) {
        uint64_t significand = next_random(m);
        if (chance(m, 25))
            significand = 1ull << 63 | significand << below(m, 63);
        else if (chance(m, 85))
            significand |= 1ull << 63;
        if (chance(m, 5))
            significand = 0;
        x->st[i].significand = significand;
        x->st[i].sign_exponent =
            (uint16_t)(chance(m, 50)   ? 0x3FC0 + below(m, 0x80)
                       : chance(m, 70) ? exponents[below(m, sizeof exponents / sizeof exponents[0])]
                                       : below(m, 0x8000));
        x->st[i].sign_exponent |= chance(m, 50) ? 0x8000 : 0;
    }
}

static void choose_start(struct maker *m)
{
    struct machine_state *s = &m->c->start;
    memset(s, 0, sizeof *s);
    choose_segments(m);
    choose_x87(m);
    s->eflags = 0x202 | ((uint32_t)next_random(m) & FLAGS_ARITH) | (chance(m, 25) ? FLAG_DF : 0) |
                (chance(m, 20) ? FLAG_ID : 0) |
                ((m->group->flags & GROUP_ALIGNED) || chance(m, 3) ? FLAG_AC : 0);
    uint32_t base = s->segment[SEG_CS] == FLAT_CODE ? areas[AREA_CODE].linear : 0;
    s->eip = base + (chance(m, 75)   ? below(m, PAGE - 256)
                     : chance(m, 60) ? PAGE - 40 + below(m, 40)
                                     : 2 * PAGE - 40 + below(m, 40));
    interpreter_load(m->in, s, true);
    for (unsigned i = 0; i < 8; i++) {
        s->gpr[i] = interesting(m);
        if (m->group->flags & GROUP_SMALL && chance(m, 60))
            s->gpr[i] = below(m, 0x8000);
    }
    static const uint8_t pointers[] = {RBX, RSI, RDI, RBP};
    for (unsigned i = 0; i < 4; i++)
        if (chance(m, 55))
            s->gpr[pointers[i]] = some_offset(m,
                                              segment_in_use(m, pointers[i] == RDI   ? SEG_ES
                                                                : pointers[i] == RBP ? SEG_SS
                                                                                     : SEG_DS),
                                              pointers[i] == RBP);
    s->gpr[RSP] = some_offset(m, segment_in_use(m, SEG_SS), true);
    if (chance(m, 95))
        s->gpr[RSP] &= ~1u;
    if (!stack_is_32(m->cpu) && chance(m, 50))
        s->gpr[RSP] |= (uint32_t)next_random(m) << 16;
    if (m->group->flags & GROUP_STRING) {
        s->gpr[RCX] = below(m, chance(m, 90) ? 12 : 80);
        s->gpr[RSI] = some_offset(m, segment_in_use(m, SEG_DS), false);
        s->gpr[RDI] = some_offset(m, segment_in_use(m, SEG_ES), false);
    }
    if ((m->group->flags & GROUP_FLOW) && chance(m, 70))
        s->gpr[RCX] = below(m, 4);
    interpreter_load(m->in, s, true);
}

/* --- instructions --- */

struct draft {
    uint8_t bytes[40];
    unsigned length;
    int displacement; /* where it is, -1: none */
    unsigned displacement_size;
};

static void put(struct draft *d, unsigned byte)
{
    d->bytes[d->length++] = (uint8_t)byte;
}

static bool code_is_32(const struct maker *m)
{
    return m->cpu->mode & MODE_CODE32;
}

/* F2 and F3 before two-byte opcodes make other instructions on later processors. */
static void put_many_prefixes(struct maker *m, struct draft *d, const struct row *row, bool *address32)
{
    static const uint8_t all[] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3};
    unsigned kinds = row->kind == KIND_BARE ? 9 : 11, count = below(m, chance(m, 20) ? 16 : 5);
    bool swapped = false;
    for (unsigned i = 0; i < count; i++) {
        uint8_t prefix = all[below(m, kinds)];
        if (prefix == 0xF0 && chance(m, 70))
            continue;
        swapped |= prefix == 0x67;
        put(d, prefix);
    }
    *address32 ^= swapped;
}

static void put_prefixes(struct maker *m, struct draft *d, const struct row *row, bool *address32)
{
    bool string = row->map == 0 && !row->mods &&
                  ((row->first >= 0xA4 && row->first <= 0xAF) || (row->first & 0xFC) == 0x6C);
    static const uint8_t overrides[6] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
    *address32 = code_is_32(m);
    if (m->group->flags & GROUP_PREFIXES) {
        put_many_prefixes(m, d, row, address32);
        return;
    }
    if (chance(m, 12))
        put(d, overrides[below(m, 6)]);
    if (chance(m, row->kind == KIND_BARE && row->map == 1 && (m->group->flags & GROUP_X87) ? 0 : 20))
        put(d, 0x66);
    if (chance(m, 10)) {
        put(d, 0x67);
        *address32 = !*address32;
    }
    if (string && chance(m, 65))
        put(d, chance(m, 50) ? 0xF2 : 0xF3);
    if (chance(m, 2))
        put(d, 0xF0);
}

static void put_displacement(struct maker *m, struct draft *d, unsigned size)
{
    if (!size)
        return;
    d->displacement = (int)d->length;
    d->displacement_size = size;
    uint32_t value = size == 1 && chance(m, 80) ? below(m, 32) : interesting(m);
    for (unsigned i = 0; i < size; i++)
        put(d, value >> 8 * i & 0xFF);
}

static void put_modrm(struct maker *m, struct draft *d, const struct row *row, bool address32)
{
    if (row->modrm_last) {
        put(d, row->modrm_first + below(m, row->modrm_last - row->modrm_first + 1u));
        return;
    }
    unsigned reg;
    do
        reg = below(m, 8);
    while (!(row->regs >> reg & 1));
    bool memory = row->mods == MEM || (row->mods == ANY && chance(m, 50));
    unsigned rm = below(m, 8);
    if (!memory) {
        put(d, 0xC0 | reg << 3 | rm);
        return;
    }
    unsigned mod = chance(m, 65) ? 2 : below(m, 2);
    put(d, mod << 6 | reg << 3 | rm);
    if (!address32) {
        put_displacement(m, d, mod == 2 || (mod == 0 && rm == 6) ? 2 : mod);
        return;
    }
    bool no_base = mod == 0 && rm == 5;
    if (rm == 4) {
        unsigned sib = below(m, 256);
        put(d, sib);
        no_base = mod == 0 && (sib & 7) == 5;
    }
    put_displacement(m, d, mod == 2 || no_base ? 4 : mod);
}

static struct draft draft_of(struct maker *m, const struct row *row)
{
    struct draft d = {.displacement = -1};
    bool address32;
    put_prefixes(m, &d, row, &address32);
    if (row->map)
        put(&d, 0x0F);
    unsigned opcode = row->first + below(m, row->last - row->first + 1u);
    put(&d, opcode);
    if (row->mods)
        put_modrm(m, &d, row, address32);
    if (row->map == 0 && (opcode & 0xFC) == 0xA0)
        put_displacement(m, &d, address32 ? 4 : 2);
    uint64_t immediate = interesting(m) | (uint64_t)interesting(m) << 32;
    if (row->map == 0 && opcode == 0xC8)
        immediate = below(m, 64) | (uint64_t)(chance(m, 50) ? 0 : below(m, 40)) << 16;
    if (row->map == 0 && (opcode == 0xC2 || opcode == 0xCA))
        immediate = below(m, 32);
    for (unsigned i = 0; i < 8; i++)
        put(&d, immediate >> 8 * i & 0xFF);
    return d;
}

static bool decoded(struct maker *m, struct draft *d, struct insn *in)
{
    unsigned length;
    enum decode_status status = decode(m->cpu->model, m->cpu->mode, d->bytes, sizeof d->bytes, in, &length);
    if (status == DECODE_TOO_LONG && (m->group->flags & GROUP_PREFIXES)) {
        length = INSN_MAX_BYTES;
        in->id = ID_ud;
        in->seg |= INSN_LOCK;
    } else if (status != DECODE_OK) {
        return false;
    }
    d->length = length;
    in->next_offset = (uint8_t)length;
    return true;
}

/* Moves the memory operand to where something is. */
static void steer_operand(struct maker *m, struct draft *d, struct insn *in)
{
    if (!(in->ea & INSN_MEM) || d->displacement < 0 || d->displacement_size == 1)
        return;
    const struct segment *s = &m->cpu->seg[in->seg & INSN_SEG_MASK];
    uint32_t wanted = some_offset(m, s, (in->seg & INSN_SEG_MASK) == SEG_SS),
             now = effective_address(m->cpu, in), value = 0;
    if (in->id == ID_fxsave && chance(m, 85))
        wanted -= (wanted + (uint32_t)s->base) & 15;
    memcpy(&value, d->bytes + d->displacement, d->displacement_size);
    value += wanted - now;
    memcpy(d->bytes + d->displacement, &value, d->displacement_size);
    decoded(m, d, in);
}

/* A free place for code, as an offset in the code area. */
static uint32_t free_place(struct maker *m, uint32_t near, uint32_t reach)
{
    for (unsigned attempt = 0; attempt < 8; attempt++) {
        uint32_t at = reach ? near - reach + below(m, 2 * reach) : below(m, CODE_BYTES - 32);
        bool is_free = at < CODE_BYTES - 32;
        for (unsigned i = 0; is_free && i < 32; i++)
            is_free = !m->used[at + i];
        if (is_free)
            return at;
    }
    return near;
}

static uint32_t code_offset(const struct maker *m, uint32_t eip)
{
    return (uint32_t)m->cpu->seg[SEG_CS].base + eip - areas[AREA_CODE].linear;
}

static uint8_t opcode_of(const struct draft *d, unsigned *map, unsigned *at)
{
    unsigned i = 0;
    static const uint8_t prefixes[] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3};
    while (memchr(prefixes, d->bytes[i], sizeof prefixes))
        i++;
    *map = d->bytes[i] == 0x0F;
    i += *map;
    *at = i;
    return d->bytes[i];
}

/* Selector and offset of some place in the code. */
static void far_place(struct maker *m, uint32_t *offset, uint16_t *selector)
{
    uint32_t place = free_place(m, 0, 0);
    switch (below(m, 8)) {
    case 0:
        *selector = some_selector(m);
        *offset = place;
        return;
    case 1:
        *selector = FLAT_CODE;
        *offset = areas[AREA_CODE].linear + place;
        return;
    case 2:
        *selector = ldt_selector(LDT_EXECUTE_ONLY);
        *offset = place;
        return;
    default:
        *selector = ldt_selector(chance(m, 50) ? LDT_CODE32 : LDT_CODE16);
        *offset = place;
    }
}

/* Gives relative and far immediate transfers a target. */
static void steer_target(struct maker *m, struct draft *d, const struct insn *in)
{
    unsigned map, at, size = in->seg & INSN_OSZ16 ? 2 : 4;
    uint8_t opcode = opcode_of(d, &map, &at);
    uint32_t next = code_offset(m, (uint32_t)m->cpu->rip + d->length);
    if (map == 0 && (opcode == 0x9A || opcode == 0xEA)) {
        uint32_t offset;
        uint16_t selector;
        far_place(m, &offset, &selector);
        memcpy(d->bytes + at + 1, &offset, size);
        memcpy(d->bytes + at + 1 + size, &selector, 2);
        return;
    }
    bool near8 = map == 0 && ((opcode & 0xF0) == 0x70 || (opcode & 0xFC) == 0xE0 || opcode == 0xEB);
    bool near = (map == 0 && (opcode == 0xE8 || opcode == 0xE9)) || (map == 1 && (opcode & 0xF0) == 0x80);
    if ((!near8 && !near) || chance(m, 4))
        return;
    uint32_t distance = free_place(m, next, near8 ? 120 : 0) - next;
    memcpy(d->bytes + at + 1, &distance, near8 ? 1 : size);
}

/* --- which instructions are of use --- */

/* The GDT's other segments are Linux's own. */
static bool selector_is_ours(uint16_t selector)
{
    return (selector & 4) || selector < 8 || (selector & ~3) == (FLAT_CODE & ~3) ||
           (selector & ~3) == (FLAT_DATA & ~3);
}

/* Does the operand lie where an image was stored that is not compared? 512 bytes are the largest operand. */
static bool touches_ignored(const struct maker *m, const struct insn *in)
{
    const struct diff_case *c = m->c;
    if (!is_memory(in))
        return false;
    uint32_t at = (uint32_t)m->cpu->seg[operand_segment(in)].base + effective_address(m->cpu, in);
    for (unsigned i = 0; i < c->ignored_count; i++)
        if (c->ignored[i].linear - at < 512 || at - c->ignored[i].linear < c->ignored[i].length)
            return true;
    return false;
}

static bool is_repeated(const struct insn *in)
{
    return (in->ea & INSN_REP) || (in->seg & INSN_REPNE);
}

static bool is_comparison(unsigned id)
{
    return (id >= ID_cmps_8 && id <= ID_cmps_32) || (id >= ID_scas_8 && id <= ID_scas_32);
}

/* SHLD and SHRD of 16 bits by more: the result is undefined (SDM volume 2, SHLD). */
static bool shifts_too_far(const struct maker *m, const struct insn *in)
{
    bool by_cl = in->id == ID_shld_rm_r_cl_16 || in->id == ID_shrd_rm_r_cl_16;
    bool by_imm = in->id == ID_shld_rm_r_imm_16 || in->id == ID_shrd_rm_r_imm_16;
    return (by_cl || by_imm) && ((by_cl ? m->cpu->gpr[RCX].b[0] : (unsigned)in->imm) & 31) > 16;
}

/* An operand, or the stack, across the top of 4 GB in a segment that reaches so far: faults or not, as the
 * processor likes (SDM volume 3, 5.3). */
static bool crosses_top(const struct maker *m, const struct insn *in)
{
    struct cpu *cpu = m->cpu;
    uint32_t offset = effective_address(cpu, in), stack = cpu->gpr[RSP].d;
    bool string = in->id >= ID_movs_8 && in->id <= ID_scas_32;
    return (is_memory(in) && offset > 0xFFFFFFFF - 512) || (stack_is_32(cpu) && stack + 64 < 128) ||
           (string && (cpu->gpr[RSI].d + 512 < 1024 || cpu->gpr[RDI].d + 512 < 1024));
}

/* Pushes and pops of selectors as 4 bytes, where it shows that others access all 4. */
static bool selector_at_edge(const struct maker *m, const struct insn *in)
{
    if (in->id != ID_push_sreg_32 && in->id != ID_pop_sreg_32)
        return false;
    return (m->cpu->gpr[RSP].d & 3) || (m->cpu->eflags & FLAG_AC) || (m->cpu->seg[SEG_SS].limit & 3) != 3;
}

/* ENTER with a 32-bit operand where SP wraps: the manual gives EBP's lower half (SDM volume 2, ENTER). */
static bool enters_around(const struct maker *m, const struct insn *in)
{
    return in->id == ID_enter_32 && !stack_is_32(m->cpu) && m->cpu->gpr[RSP].w < 4;
}

/* A jump that ends with its segment: whether the address behind it must lie inside is the processor's. */
static bool ends_segment(const struct maker *m, const struct insn *in)
{
    return (insn_info[in->id].attributes & ATTR_END) &&
           (uint32_t)m->cpu->rip + in->next_offset > m->cpu->seg[SEG_CS].limit;
}

/* What processors that are not Intel's do in a way of their own, and may. */
static bool is_intels_own(const struct maker *m, const struct insn *in)
{
    /* With LOCK, MOV CR0 is MOV CR8 (APM volume 3, MOV CRn), and VERW is VERW. */
    bool system = (in->seg & INSN_LOCK) && in->id == ID_ud;
    return shifts_too_far(m, in) || selector_at_edge(m, in) || enters_around(m, in) || ends_segment(m, in) ||
           (system && (m->group->flags & (GROUP_UNDEFINED | GROUP_SEGMENT))) || crosses_top(m, in);
}

/* Does the instruction read the stack where bytes lie that are not compared? POPA reads 32 bytes, LEAVE and
 * ENTER read at EBP. */
static bool pops_ignored(const struct maker *m, const struct insn *in)
{
    static const uint8_t pointers[] = {RSP, RBP};
    const struct cpu *cpu = m->cpu;
    if (!strstr("pop popa popf leave enter ret retf iret", insn_info[in->id].mnemonic))
        return false;
    uint32_t mask = stack_is_32(cpu) ? 0xFFFFFFFF : 0xFFFF;
    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = 0; i < m->c->ignored_count; i++)
            if (m->c->ignored[i].linear -
                    ((uint32_t)cpu->seg[SEG_SS].base + (cpu->gpr[pointers[k]].d & mask)) + 160 <
                320)
                return true;
    return false;
}

static bool wanted(struct maker *m, const struct draft *d, const struct insn *in)
{
    unsigned map, at;
    uint8_t opcode = opcode_of(d, &map, &at);
    struct cpu *cpu = m->cpu;
    bool lock = in->seg & INSN_LOCK;
    if (in->id == ID_ud && !lock && !(m->group->flags & GROUP_UNDEFINED))
        return false;
    if (m->c->undefined & insn_info[in->id].reads)
        return false;
    if (touches_ignored(m, in) || pops_ignored(m, in))
        return false;
    if (m->host == HOST_AMD && is_intels_own(m, in))
        return false;
    if (map == 0 && opcode == 0xCD && d->bytes[at + 1] == 0x80)
        return false;
    /* In 64-bit systems IRET with NT set faults; here it is a task's return. */
    if (map == 0 && opcode == 0xCF && (cpu->eflags & FLAG_NT))
        return false;
    if (in->id >= ID_lar_16 && in->id <= ID_verw) {
        if (is_memory(in))
            return false;
        if (!selector_is_ours(*reg16(cpu, in->rm)))
            return false;
    }
    if (is_repeated(in) && (cpu->gpr[RCX].d & address_mask(in)) > 100)
        return false;
    return true;
}

static bool fits(const struct maker *m, uint32_t at, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        if (at + i < CODE_BYTES && m->used[at + i])
            return false;
    return true;
}

/* Writes an instruction at offset AT of the code; bytes past the area's end are lost, as they are to the
 * processor. */
static void place(struct maker *m, uint32_t at, const uint8_t *bytes, unsigned length)
{
    uint8_t *code = m->image->bytes + area_offset(AREA_CODE);
    struct diff_case *c = m->c;
    c->insn[c->insns].at = at;
    c->insn[c->insns].length = (uint8_t)length;
    memcpy(c->insn[c->insns++].bytes, bytes, length);
    for (unsigned i = 0; i < length && at + i < CODE_BYTES; i++) {
        m->used[at + i] = true;
        code[at + i] = bytes[i];
        interpreter_area(m->in, AREA_CODE)[at + i] = bytes[i];
    }
    interpreter_code_changed(m->in);
}

static void take_back(struct maker *m)
{
    struct diff_case *c = m->c;
    c->insns--;
    uint8_t *code = m->image->bytes + area_offset(AREA_CODE);
    for (unsigned i = 0; i < c->insn[c->insns].length; i++) {
        uint32_t at = c->insn[c->insns].at + i;
        if (at < CODE_BYTES) {
            m->used[at] = false;
            code[at] = 0xCC;
        }
    }
}

static bool draw(struct maker *m, struct draft *d, struct insn *in)
{
    for (unsigned attempt = 0; attempt < 20; attempt++) {
        const struct row *row = &m->group->rows[below(m, m->group->count)];
        *d = draft_of(m, row);
        if (!decoded(m, d, in))
            continue;
        steer_operand(m, d, in);
        steer_target(m, d, in);
        if (decoded(m, d, in) && wanted(m, d, in) &&
            fits(m, code_offset(m, (uint32_t)m->cpu->rip), d->length))
            return true;
    }
    return false;
}

/* --- preparations: an instruction that makes the next one meaningful --- */

static void put_value(struct draft *d, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        put(d, value >> 8 * i & 0xFF);
}

/* PUSH of an immediate with the code's own operand size. */
static struct draft push_immediate(const struct maker *m, uint32_t value)
{
    struct draft d = {.displacement = -1};
    put(&d, 0x68);
    put_value(&d, value, code_is_32(m) ? 4 : 2);
    return d;
}

static struct draft move_immediate(const struct maker *m, unsigned reg, uint32_t value)
{
    struct draft d = {.displacement = -1};
    put(&d, 0xB8 | reg);
    put_value(&d, value, code_is_32(m) ? 4 : 2);
    return d;
}

static bool starts_insn(const struct maker *m, uint32_t at)
{
    for (unsigned i = 0; i < m->c->insns; i++)
        if (m->c->insn[i].at == at)
            return true;
    return false;
}

/* May the processor go on at its EIP? Not into data, nor into the middle of an instruction. */
static bool landed_well(const struct maker *m)
{
    uint32_t linear = (uint32_t)(m->cpu->seg[SEG_CS].base + m->cpu->rip),
             at = linear - areas[AREA_CODE].linear;
    if (at < CODE_BYTES)
        return !m->used[at] || starts_insn(m, at);
    for (unsigned i = 0; i < AREAS; i++)
        if (linear - areas[i].linear + 16 < areas[i].pages * PAGE + 16)
            return false;
    return true;
}

static bool step_over(struct maker *m, const uint8_t *bytes, unsigned length)
{
    uint32_t at = code_offset(m, (uint32_t)m->cpu->rip);
    if (m->c->insns >= CASE_INSNS || at >= CODE_BYTES || !fits(m, at, length))
        return false;
    place(m, at, bytes, length);
    if (!interpreter_step(m->in))
        return false;
    if (landed_well(m))
        return true;
    take_back(m);
    return false;
}

/* A near or far return, or a jump through a register, to a place that is free. */
static bool prepare_flow(struct maker *m)
{
    struct draft d;
    uint32_t offset;
    uint16_t selector;
    uint32_t base = code_offset(m, 0);
    switch (below(m, 4)) {
    case 0:
        d = push_immediate(m, free_place(m, 0, 0) - base);
        return step_over(m, d.bytes, d.length) && step_over(m, (const uint8_t[]){0xC3}, 1);
    case 1: {
        unsigned reg = below(m, 4);
        d = move_immediate(m, reg, free_place(m, 0, 0) - base);
        return step_over(m, d.bytes, d.length) &&
               step_over(m, (const uint8_t[]){0xFF, (uint8_t)((chance(m, 50) ? 0xD0 : 0xE0) | reg)}, 2);
    }
    case 2:
        far_place(m, &offset, &selector);
        d = push_immediate(m, selector);
        if (!step_over(m, d.bytes, d.length))
            return false;
        d = push_immediate(m, offset);
        return step_over(m, d.bytes, d.length) && step_over(m, (const uint8_t[]){0xCB}, 1);
    default:
        if (m->c->undefined || (m->cpu->eflags & FLAG_NT))
            return true;
        far_place(m, &offset, &selector);
        if (!step_over(m, (const uint8_t[]){0x9C}, 1))
            return false;
        d = push_immediate(m, selector);
        if (!step_over(m, d.bytes, d.length))
            return false;
        d = push_immediate(m, offset);
        return step_over(m, d.bytes, d.length) && step_over(m, (const uint8_t[]){0xCF}, 1);
    }
}

/* A selector in a register or on the stack, for a segment load that follows by chance or at once. */
static bool prepare_segment(struct maker *m)
{
    static const uint8_t registers[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS, SEG_SS};
    static const uint8_t pops[] = {0x07, 0x1F, 0x17};
    unsigned reg = below(m, 4), seg = registers[below(m, 5)];
    uint16_t selector = some_selector(m);
    if (seg == SEG_SS && chance(m, 70))
        selector = ldt_selector(LDT_STACK32 + below(m, 3));
    if (chance(m, 60)) {
        struct draft d = move_immediate(m, reg, selector);
        return step_over(m, d.bytes, d.length) &&
               step_over(m, (const uint8_t[]){0x8E, (uint8_t)(0xC0 | seg << 3 | reg)}, 2);
    }
    struct draft d = push_immediate(m, selector);
    return step_over(m, d.bytes, d.length) && step_over(m, &pops[below(m, 3)], 1);
}

/* One instruction of a piece of code that is put down as a whole. */
static void add_insn(struct draft *piece, uint8_t *lengths, unsigned *count, const uint8_t *bytes,
                     unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        put(piece, bytes[i]);
    lengths[(*count)++] = (uint8_t)length;
}

/* Puts down a piece of code and steps through it. */
static bool run_piece(struct maker *m, uint32_t at, const struct draft *piece, const uint8_t *lengths,
                      unsigned count)
{
    if (m->c->insns + count > CASE_INSNS || at + piece->length > CODE_BYTES || !fits(m, at, piece->length))
        return false;
    for (unsigned i = 0, done = 0; i < count; done += lengths[i++])
        place(m, at + done, piece->bytes + done, lengths[i]);
    for (unsigned steps = 0; steps < CASE_STEPS; steps++) {
        if (code_offset(m, (uint32_t)m->cpu->rip) - at >= piece->length)
            return landed_well(m);
        if (!interpreter_step(m->in))
            return false;
    }
    return false;
}

/* Stores into the immediate or the opcode of an ADD just ahead: by MOV with some INCs between, by REP STOSB,
 * or by each turn of a loop. */
static bool prepare_smc(struct maker *m)
{
    struct draft piece = {0};
    uint8_t lengths[CASE_INSNS];
    unsigned count = 0, between = below(m, 3), kind = below(m, 3), byte = below(m, 5);
    /* A repetition that goes down over itself is for Intel's to see. */
    if (kind == 1 && m->host == HOST_AMD && (m->cpu->eflags & FLAG_DF))
        kind = 0;
    uint32_t at = code_offset(m, (uint32_t)m->cpu->rip), head = kind == 0 ? 7 : kind == 1 ? 14 : 10;
    uint32_t target = areas[AREA_CODE].linear + at + head + between + byte, turns = 1 + below(m, 4),
             value = interesting(m);
    uint8_t stored = byte ? (uint8_t)interesting(m) : (uint8_t)(0x05 | below(m, 8) << 3);
    uint8_t target_bytes[4], turn_bytes[4], value_bytes[4];
    memcpy(target_bytes, &target, 4);
    memcpy(turn_bytes, &turns, 4);
    memcpy(value_bytes, &value, 4);
#define INSN_OF(...)                                                                                         \
    add_insn(&piece, lengths, &count, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
#define BYTES4(b) b[0], b[1], b[2], b[3]
    if (kind == 0) {
        INSN_OF(0xC6, 0x05, BYTES4(target_bytes), stored);
    } else if (kind == 1) { /* within the ADD, so at most as many as are left of it */
        turn_bytes[0] = (uint8_t)(turns < 5 - byte ? turns : 5 - byte);
        INSN_OF(0xBF, BYTES4(target_bytes));
        INSN_OF(0xB9, BYTES4(turn_bytes));
        INSN_OF(0xB0, byte ? stored : 0x05);
        INSN_OF(0xF3, 0xAA);
        head = 14;
    } else {
        if (!byte)
            target_bytes[0]++;
        INSN_OF(0xB9, BYTES4(turn_bytes));
        INSN_OF(0xA2, BYTES4(target_bytes));
    }
    for (unsigned i = 0; i < between; i++)
        INSN_OF((uint8_t)(0x43 + below(m, 1)));
    INSN_OF(0x05, BYTES4(value_bytes));
    if (kind == 2)
        INSN_OF(0xE2, (uint8_t) - (7 + 5 + between));
#undef INSN_OF
#undef BYTES4
    return run_piece(m, at, &piece, lengths, count);
}

static bool prepare(struct maker *m)
{
    if ((m->group->flags & GROUP_FLOW) && chance(m, 35))
        return prepare_flow(m);
    if ((m->group->flags & GROUP_SEGMENT) && chance(m, 50))
        return prepare_segment(m);
    if ((m->group->flags & GROUP_SMC) && chance(m, 60))
        return prepare_smc(m);
    return true;
}

/* --- the sequence --- */

static void ignore(struct diff_case *c, uint32_t linear, uint32_t length, const char *why)
{
    c->ignored[c->ignored_count].linear = linear;
    c->ignored[c->ignored_count].length = length;
    c->ignored[c->ignored_count++].why = why;
}

/* Environment and state images hold what this processor and the host note differently; masks.c says why. */
static void ignore_images(struct maker *m, const struct draft *d, const struct insn *in)
{
    struct diff_case *c = m->c;
    unsigned map, at;
    uint8_t opcode = opcode_of(d, &map, &at), reg = d->bytes[at + 1] >> 3 & 7;
    uint32_t linear = (uint32_t)m->cpu->seg[in->seg & INSN_SEG_MASK].base + effective_address(m->cpu, in);
    if (in->id == ID_fxsave) {
        /* AMD's store no instruction pointer where no exception waits either. */
        ignore(c, linear + 6, m->host == HOST_AMD ? 6 : 2, "FXSAVE: opcode");
        ignore(c, linear + 12, 20, "FXSAVE: code selector, operand pointer, MXCSR");
        ignore(c, linear + 160, 352, "FXSAVE: SSE registers");
    } else if (!map && (in->ea & INSN_MEM) && (opcode == 0xD9 || opcode == 0xDD) && reg == 6) {
        bool small = in->seg & INSN_OSZ16;
        ignore(c, linear + (small ? 8 : 16), small ? 6 : 12, "x87 opcode, code and operand pointers");
    }
}

/* A selector pushed as 4 bytes: the upper 2 are left alone or become 0 (SDM volume 3, 22.31.1). Before the
 * step. */
static void ignore_selector(struct maker *m, const struct insn *in)
{
    uint32_t mask = stack_is_32(m->cpu) ? 0xFFFFFFFF : 0xFFFF;
    if (in->id == ID_push_sreg_32 || in->id == ID_call_far_imm_32 || in->id == ID_call_far_m_32)
        ignore(m->c, (uint32_t)m->cpu->seg[SEG_SS].base + ((m->cpu->gpr[RSP].d - 2) & mask), 2,
               "upper half of a selector");
}

/* What an instruction that faults may have changed before, just below the stack, at STACK, and at OPERAND. */
static void ignore_partial(struct maker *m, const struct insn *in, uint32_t stack, uint32_t operand)
{
    struct diff_case *c = m->c;
    if (in->id >= ID_call_rel_16 && in->id <= ID_call_rm_32)
        ignore(c, stack, 4, "return address");
    c->faulting_fpu = in->id == ID_fpu_mem;
    c->faulting_mmx = in->id == ID_mmx;
    if (is_memory(in) && (in->id == ID_fpu_mem || in->id == ID_fxsave))
        ignore(c, operand, in->id == ID_fxsave ? 512 : 108, "operand of more than 8 bytes");
}

/* The exception is about a segment that the GDT of Linux has and ours has not. */
static bool names_linux_segment(const struct maker *m)
{
    struct outcome o;
    interpreter_outcome(m->in, &o);
    return o.vector >= EXC_TS && o.vector <= EXC_GP && o.error && !(o.error & 2) &&
           !selector_is_ours((uint16_t)o.error);
}

static void make_sequence(struct maker *m)
{
    unsigned count = m->group->flags & GROUP_ONE ? 1 : 1 + below(m, CASE_INSNS - 1);
    for (unsigned steps = 0; steps < CASE_STEPS && m->cpu->cpl != 0; steps++) {
        uint32_t at = code_offset(m, (uint32_t)m->cpu->rip);
        if (at < CODE_BYTES && m->used[at]) {
            /* A loop, or the next element of a repetition. */
            if (!interpreter_step(m->in))
                return;
            continue;
        }
        if (m->c->insns >= count || at >= CODE_BYTES)
            return;
        unsigned before = m->c->insns;
        if (!prepare(m) || m->cpu->cpl == 0)
            return;
        if (m->c->insns != before)
            continue;
        struct draft d;
        struct insn in;
        if (!draw(m, &d, &in))
            return;
        uint32_t undefined = mask_undefined_flags(m->cpu, &in, m->host != HOST_KNOWN);
        ignore_images(m, &d, &in);
        if (m->host == HOST_AMD)
            ignore_selector(m, &in);
        m->c->repeated_compare = is_repeated(&in) && is_comparison(in.id);
        place(m, at, d.bytes, d.length);
        uint32_t pushed = in.seg & INSN_OSZ16 ? 2 : 4;
        uint32_t stack = (uint32_t)m->cpu->seg[SEG_SS].base +
                         ((m->cpu->gpr[RSP].d - pushed) & (stack_is_32(m->cpu) ? 0xFFFFFFFF : 0xFFFF));
        uint32_t operand =
            is_memory(&in) ? (uint32_t)m->cpu->seg[operand_segment(&in)].base + effective_address(m->cpu, &in)
                           : 0;
        bool on = interpreter_step(m->in);
        if (m->host == HOST_AMD && (!on || in.id == ID_fpu_mem))
            ignore_partial(m, &in, stack, operand);
        if (on ? !landed_well(m) : names_linux_segment(m)) {
            take_back(m);
            return;
        }
        m->c->undefined = (m->c->undefined & ~(on ? insn_info[in.id].writes : 0u)) | undefined;
        if (!on)
            return;
    }
}

void generate(struct interpreter *in, unsigned group, uint64_t seed, uint64_t number,
              struct sandbox_image *image, enum host_kind host, struct diff_case *out)
{
    static struct maker m;
    memset(&m, 0, sizeof m);
    m.in = in;
    m.cpu = interpreter_cpu(in);
    m.group = &group_rows[group];
    m.image = image;
    m.c = out;
    m.host = host;
    memset(out, 0, sizeof *out);
    out->host = host;
    out->approximate = group_rows[group].rows == x87_transcendental_rows;
    /* splitmix64 */
    m.random = seed * 0x9E3779B97F4A7C15ull + number * 0xBF58476D1CE4E5B9ull + group + 1;
    m.random = (m.random ^ m.random >> 30) * 0xBF58476D1CE4E5B9ull;
    m.random = (m.random ^ m.random >> 27) * 0x94D049BB133111EBull;
    m.random = (m.random ^ m.random >> 31) | 1;
    memset(image->bytes + area_offset(AREA_CODE), 0xCC, CODE_BYTES);
    memset(interpreter_area(in, AREA_CODE), 0xCC, CODE_BYTES);
    interpreter_code_changed(in);
    choose_start(&m);
    make_sequence(&m);
}
