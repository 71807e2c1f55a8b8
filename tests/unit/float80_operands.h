/* Seeded operands for tests of the x87 unit, full of edges: specials, ties, neighbours of the limits of all
 * formats. */
#ifndef TICK86_TESTS_UNIT_FLOAT80_OPERANDS_H
#define TICK86_TESTS_UNIT_FLOAT80_OPERANDS_H

#include "cpu/softfloat80.h"

static uint64_t operand_seed = 0x123456789ABCDEFull;

static inline uint64_t random64(void)
{
    operand_seed ^= operand_seed << 13;
    operand_seed ^= operand_seed >> 7;
    operand_seed ^= operand_seed << 17;
    return operand_seed * 0x2545F4914F6CDD1Dull;
}

static inline unsigned pick(unsigned n)
{
    return (unsigned)(random64() >> 33) % n;
}

static const struct float80 special_operands[] = {
    {0, 0},
    {0, 0x8000},
    {0x8000000000000000, 0x3FFF},
    {0x8000000000000000, 0xBFFF},
    {0x8000000000000000, 0x7FFF},
    {0x8000000000000000, 0xFFFF},
    {0xC000000000000000, 0xFFFF},
    {0xC000000000000001, 0x7FFF},
    {0xE000000000000000, 0x7FFF},
    {0xE000000000000000, 0xFFFF},
    {0x8000000000000001, 0x7FFF},
    {0xA000000000000000, 0xFFFF},
    {0xBFFFFFFFFFFFFFFF, 0x7FFF},
    {1, 0},
    {0x7FFFFFFFFFFFFFFF, 0x8000},
    {0x4000000000000000, 0},
    {0x8000000000000000, 0},      /* pseudo-denormals */
    {0xFFFFFFFFFFFFFFFF, 0x8000}, /* */
    {0x8000000000000000, 1},
    {0xFFFFFFFFFFFFFFFF, 1},
    {0xFFFFFFFFFFFFFFFF, 0x7FFE},
    {0xFFFFFFFFFFFFFFFF, 0xFFFE},
    {0x8000000000000000, 0x7FFE},
    {0x4000000000000000, 0x3FFF}, /* unsupported */
    {0, 0x7FFF},
    {0x4000000000000000, 0xFFFF},
    {0, 0x4001},
    {0x8000000000000000, 0x4000},
    {0xC000000000000000, 0x3FFE},
    {0xFFFFFFFFFFFFFFFF, 0x403D},
    {0x8000000000000000, 0x403E},
    {0x8000000000000000, 0xC03E},
    {0xC90FDAA22168C235, 0x3FFF},
    {0xC90FDAA22168C235, 0xBFFE},
    {0xDE0B6B3A763FFFF0, 0x403A}, /* 10^18 - 1 and around */
    {0xDE0B6B3A763FFFF8, 0x403A},
    {0xFFFFFE8000000000, 0x3FFE}, /* ties of single and double precision */
    {0xFFFFFE8000000000, 0x407D},
    {0xFFFFFFFFFFFFFC00, 0x43FE},
    {0x8000008000000000, 0x3F80},
    {0x8000000000000400, 0x3C00},
    {0xFFFFFFFFFFFFFFFF, 0x3C00},
    {0xFFFFFFFFFFFFFFFF, 0x3F80},
};

/* Significands with few and with many bits, so that ties and exact results happen. */
static inline uint64_t random_significand(void)
{
    uint64_t s = random64();
    switch (pick(6)) {
    case 0:
        return s;
    case 1:
        return s << pick(64);
    case 2:
        return ~(s << pick(64));
    case 3:
        return (s & 0xFFFFFF0000000000) | (1ull << pick(64));
    case 4:
        return 1ull << pick(64) | 1ull << pick(64);
    default:
        return s & 0xFFFFFFFFFFFFF800;
    }
}

static inline struct float80 random_float80(void)
{
    unsigned kind = pick(16);
    if (kind < 3) {
        return special_operands[pick(sizeof special_operands / sizeof *special_operands)];
    }
    static const uint16_t centres[] = {0x3FFF, 0x3FFF, 0x3FFF, 0x3F80, 0x3C00, 0x407E, 0x43FE, 0x7FFE,
                                       0x0001, 0x0020, 0x3FC0, 0x403E, 0x2000, 0x6000, 0x3FFE, 0x4008};
    int exponent = centres[pick(16)] + (int)pick(kind < 8 ? 140 : 6) - (kind < 8 ? 70 : 3);
    if (kind == 15) {
        exponent = (int)pick(0x8000);
    }
    exponent = exponent < 0 ? 0 : exponent > 0x7FFE ? 0x7FFE : exponent;
    uint64_t significand = random_significand() | (exponent ? 1ull << 63 : 0);
    return float80_make(random64() & 1, (unsigned)exponent, significand);
}

#endif
