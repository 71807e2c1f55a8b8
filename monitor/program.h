/* Expressions made ready to be worked out again and again: what expression.c and condition.c read becomes
 * steps on a stack, so that a condition is parsed once, not at each instruction that it is asked about. */
#ifndef TICK86_MONITOR_PROGRAM_H
#define TICK86_MONITOR_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cpu/cpu.h"
#include "monitor/registers.h"

struct machine;

/* A name beside registers and flags, for what happened; lists end with a row without name. */
struct condition_variable {
    const char *name;
    uint64_t value;
};

enum program_op {
    PROGRAM_NUMBER,    /* pushes a number */
    PROGRAM_GENERAL,   /* a general register's value, or a part of it */
    PROGRAM_REGISTER,  /* any register's value */
    PROGRAM_PLACE,     /* the linear address of the next instruction */
    PROGRAM_FLAG,      /* bits of EFLAGS */
    PROGRAM_VARIABLE,  /* what happened, by its row in the list */
    PROGRAM_LOAD,      /* takes a linear address, pushes what memory holds there */
    PROGRAM_SEGMENTED, /* takes selector and offset, pushes the linear address */
    PROGRAM_MASK,      /* keeps the lower bytes */
    /* Take one value. */
    PROGRAM_NOT,
    PROGRAM_COMPLEMENT,
    PROGRAM_NEGATE,
    PROGRAM_TRUTH, /* 0 or 1 */
    /* Take two. */
    PROGRAM_BITS_OR,
    PROGRAM_BITS_XOR,
    PROGRAM_BITS_AND,
    PROGRAM_EQ,
    PROGRAM_NE,
    PROGRAM_LE,
    PROGRAM_GE,
    PROGRAM_LT,
    PROGRAM_GT,
    PROGRAM_SHL,
    PROGRAM_SHR,
    PROGRAM_ADD,
    PROGRAM_SUB,
    PROGRAM_MUL,
    PROGRAM_DIV,
    PROGRAM_MOD,
    /* && and ||: if the value is zero (not zero) it stays, and the right side is left out. Otherwise it goes.
     */
    PROGRAM_AND,
    PROGRAM_OR,
};

struct program_step {
    uint8_t op;      /* enum program_op */
    uint8_t size;    /* bytes of LOAD and MASK, bits of GENERAL and FLAG */
    uint8_t low;     /* the first of these bits */
    bool has_number; /* of what takes two values: the second one is NUMBER */
    union {
        uint64_t number;             /* NUMBER, and see above */
        struct register_place place; /* REGISTER */
        uint32_t index;              /* of VARIABLE, GENERAL; the step behind the right side of AND, OR */
        int segment; /* of SEGMENTED: the segment register whose base counts; -1: the selector's */
    };
};

#define PROGRAM_STACK 64

/* All zero: empty. */
struct program {
    struct program_step *steps;
    unsigned count, capacity;
    unsigned depth; /* values on the stack behind the last step */
    bool too_deep;  /* there would have been more than the stack holds */
};

/* What values come from. One of these serves all programs that run at the same moment: registers are looked
 * up once, and only if they are asked for. */
struct program_inputs {
    struct machine *machine;
    const struct condition_variable *variables; /* with the same rows as when the program was written */
    const char *text;                           /* what was typed, for messages */
    bool registers_known;
    struct cpu_registers registers;
    /* Of the last PROGRAM_SEGMENTED. */
    uint16_t selector;
    uint64_t offset;
};

/* VARIABLES may be NULL. */
void program_inputs_set(struct program_inputs *inputs, struct machine *machine,
                        const struct condition_variable *variables);
const struct cpu_registers *program_registers(struct program_inputs *inputs);

/* Adds STEP. Returns its index. */
unsigned program_add(struct program *program, struct program_step step);
void program_add_number(struct program *program, uint64_t value);
/* A register by name (LENGTH characters; gdb's pc too). False: there is none, nothing was added. */
bool program_add_register(struct program *program, const char *name, unsigned length);
void program_free(struct program *program);

/* Does it ask for nothing but the numbers in it? Then it runs without a machine. */
bool program_is_constant(const struct program *program);
/* What the steps from FIRST on leave is a linear address: it wraps around at 4 GB, as in the processor, if it
 * was worked out from registers or memory. One that was typed stays, to be refused. */
void program_wrap(struct program *program, unsigned first);
/* The bits that the value of STEP has, if it is a register, a flag or memory of fewer than 64; else 0. */
unsigned program_step_bits(const struct program_step *step);

/* The value that PROGRAM leaves. False: memory or a segment that it needs is not there, or a division by 0;
 * with ERR where that is not NULL. */
bool program_run(const struct program *program, struct program_inputs *inputs, uint64_t *out,
                 struct error *err);

#endif
