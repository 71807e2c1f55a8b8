/* Fast handlers made once for each register, so that the guest's registers are read and written at fixed
 * places: host processors forward such stores to later loads at no cost, which indexed accesses do not get.
 * Only what lies on the guest's dependency chains is worth it: instructions that write registers. */
#ifndef TICK86_CPU_FAST_REGS_H
#define TICK86_CPU_FAST_REGS_H

#include "cpu/fast_operand.h"

/* X(reg, ...) for each of the eight registers; two names, since macros do not nest in themselves. */
#define FOR_EACH_REG(X, ...)                                                                                 \
    X(0, __VA_ARGS__)                                                                                        \
    X(1, __VA_ARGS__)                                                                                        \
    X(2, __VA_ARGS__)                                                                                        \
    X(3, __VA_ARGS__)                                                                                        \
    X(4, __VA_ARGS__)                                                                                        \
    X(5, __VA_ARGS__)                                                                                        \
    X(6, __VA_ARGS__)                                                                                        \
    X(7, __VA_ARGS__)
#define FOR_EACH_REG_2(X, ...)                                                                               \
    X(0, __VA_ARGS__)                                                                                        \
    X(1, __VA_ARGS__)                                                                                        \
    X(2, __VA_ARGS__)                                                                                        \
    X(3, __VA_ARGS__)                                                                                        \
    X(4, __VA_ARGS__)                                                                                        \
    X(5, __VA_ARGS__)                                                                                        \
    X(6, __VA_ARGS__)                                                                                        \
    X(7, __VA_ARGS__)
#define FOR_EACH_REG_3(X, ...)                                                                               \
    X(0, __VA_ARGS__)                                                                                        \
    X(1, __VA_ARGS__)                                                                                        \
    X(2, __VA_ARGS__)                                                                                        \
    X(3, __VA_ARGS__)                                                                                        \
    X(4, __VA_ARGS__)                                                                                        \
    X(5, __VA_ARGS__)                                                                                        \
    X(6, __VA_ARGS__)                                                                                        \
    X(7, __VA_ARGS__)

#define ROW_OF_8(name, suffix)                                                                               \
    {                                                                                                        \
        name##0##suffix, name##1##suffix, name##2##suffix, name##3##suffix, name##4##suffix,                 \
            name##5##suffix, name##6##suffix, name##7##suffix                                                \
    }
/* [first register][second register] of handlers called NAME<first>_<second>. */
#define TABLE_OF_64(name)                                                                                    \
    {                                                                                                        \
        ROW_OF_8(name##0_, ), ROW_OF_8(name##1_, ), ROW_OF_8(name##2_, ), ROW_OF_8(name##3_, ),              \
            ROW_OF_8(name##4_, ), ROW_OF_8(name##5_, ), ROW_OF_8(name##6_, ), ROW_OF_8(name##7_, )           \
    }

/* The register that a byte register is part of. */
#define WHOLE(number)    WHOLE_BY(number)
#define WHOLE_BY(number) WHOLE_##number
#define WHOLE_0          0
#define WHOLE_1          1
#define WHOLE_2          2
#define WHOLE_3          3
#define WHOLE_4          0
#define WHOLE_5          1
#define WHOLE_6          2
#define WHOLE_7          3

/* The register's number, from its byte offset. */
static inline unsigned reg_number(unsigned offset)
{
    return offset / (unsigned)sizeof(union gpr);
}

/* Byte register number as in a ModRM byte, from its offset. */
static inline unsigned byte_register(unsigned offset)
{
    return offset / (unsigned)sizeof(union gpr) + (offset & 1) * 4;
}

handler_fn *fast_regs_select(const struct cpu *cpu, const struct insn *in, bool dead);
handler_fn *fast_words_select(const struct cpu *cpu, const struct insn *in, bool dead);
handler_fn *fast_regs_memory_select(const struct cpu *cpu, const struct insn *in, bool dead);

#endif
