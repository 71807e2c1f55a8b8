/* The instructions' numbers and attributes, made from insns.def. */
#ifndef TICK86_CPU_INSN_H
#define TICK86_CPU_INSN_H

#include <stdbool.h>
#include <stdint.h>

#define INSN_V(fn, ...)                                                                                      \
    INSN(fn##_16, __VA_ARGS__)                                                                               \
    INSN(fn##_32, __VA_ARGS__)

enum insn_id {
#define INSN(fn, ...) ID_##fn,
#include "cpu/insns.def"
#undef INSN
    ID_COUNT
};

/* Processor generations: an instruction exists from its level on. */
enum { LEVEL_86, LEVEL_186, LEVEL_286, LEVEL_386, LEVEL_486, LEVEL_P5, LEVEL_P6 };

enum {
    ATTR_END = 1,      /* ends a block */
    ATTR_FAULT = 2,    /* may fault or look outside even without a memory operand */
    ATTR_LOCK = 4,     /* LOCK is allowed with a memory destination */
    ATTR_NOACCESS = 8, /* its memory operand is not accessed */
    ATTR_KEEPS = 16,   /* the flags that it reads do not matter where those that it writes are dead */
    ATTR_JUMP = 32,    /* always transfers control */
};

struct insn_info {
    const char *mnemonic;
    const char *function; /* the row's name */
    uint8_t level;
    uint8_t attributes;
    uint16_t reads, writes; /* arithmetic flags, at their EFLAGS positions */
};

extern const struct insn_info insn_info[ID_COUNT];

/* Cycles of each instruction: [model column][id][register form, memory form]. */
enum { COST_286, COST_386, COST_486, COST_P5, COST_COLUMNS };
extern const uint16_t insn_costs[COST_COLUMNS][ID_COUNT][2];

#endif
