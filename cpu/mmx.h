/* The packed integer operations of MMX, on 64-bit values: lane 0 is the lowest.
 *
 * Sources: Intel SDM volume 2. `a` is the destination operand, `b` the source. The set is that of the Pentium
 * with MMX and the Pentium II, then what SSE, SSE2 and SSSE3 added to it. The 128-bit forms of SSE2 are
 * these, once for each half, but for the packs, unpacks, PSHUF*, PALIGNR, PHADD*, PHSUB* and PSHUFB, which
 * mix lanes of the whole register.
 *
 * What MMX instructions do to the x87 state is in cpu/fpu.h (fpu_mmx_enter, fpu_mmx_read, fpu_mmx_write,
 * fpu_emms). MOVD and MOVQ are plain moves: MOVD to a register clears the upper half.
 */
#ifndef TICK86_CPU_MMX_H
#define TICK86_CPU_MMX_H

#include <stdbool.h>
#include <stdint.h>

/* ---- Lanes ---- */

static inline int32_t mmx_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* For each lane of `bits` bits, x and y are those of a and b as `type`: the lane becomes `expression`. */
#define MMX_LANES(name, bits, type, expression)                                                              \
    static inline uint64_t mmx_##name(uint64_t a, uint64_t b)                                                \
    {                                                                                                        \
        uint64_t result = 0;                                                                                 \
        for (unsigned shift = 0; shift < 64; shift += bits) {                                                \
            type x = (type)(a >> shift), y = (type)(b >> shift);                                             \
            result |= (uint64_t)(uint##bits##_t)(expression) << shift;                                       \
        }                                                                                                    \
        return result;                                                                                       \
    }

/* Wrapping addition in all lanes at once: the top bits are added without their carries. */
#define MMX_ADD(name, top)                                                                                   \
    static inline uint64_t mmx_##name(uint64_t a, uint64_t b)                                                \
    {                                                                                                        \
        return ((a & ~(top)) + (b & ~(top))) ^ ((a ^ b) & (top));                                            \
    }
#define MMX_SUB(name, top)                                                                                   \
    static inline uint64_t mmx_##name(uint64_t a, uint64_t b)                                                \
    {                                                                                                        \
        return ((a | (top)) - (b & ~(top))) ^ ((a ^ ~b) & (top));                                            \
    }

MMX_ADD(paddb, 0x8080808080808080ull)
MMX_ADD(paddw, 0x8000800080008000ull)
MMX_ADD(paddd, 0x8000000080000000ull)
MMX_SUB(psubb, 0x8080808080808080ull)
MMX_SUB(psubw, 0x8000800080008000ull)
MMX_SUB(psubd, 0x8000000080000000ull)

MMX_LANES(paddsb, 8, int8_t, mmx_clamp(x + y, INT8_MIN, INT8_MAX))
MMX_LANES(paddsw, 16, int16_t, mmx_clamp(x + y, INT16_MIN, INT16_MAX))
MMX_LANES(paddusb, 8, uint8_t, mmx_clamp(x + y, 0, UINT8_MAX))
MMX_LANES(paddusw, 16, uint16_t, mmx_clamp(x + y, 0, UINT16_MAX))
MMX_LANES(psubsb, 8, int8_t, mmx_clamp(x - y, INT8_MIN, INT8_MAX))
MMX_LANES(psubsw, 16, int16_t, mmx_clamp(x - y, INT16_MIN, INT16_MAX))
MMX_LANES(psubusb, 8, uint8_t, mmx_clamp(x - y, 0, UINT8_MAX))
MMX_LANES(psubusw, 16, uint16_t, mmx_clamp(x - y, 0, UINT16_MAX))

MMX_LANES(pmullw, 16, int16_t, (uint32_t)(x *y))
MMX_LANES(pmulhw, 16, int16_t, (uint32_t)(x *y) >> 16)

/* Sums of two neighbouring products; only -32768 four times overflows, and wraps. */
static inline uint64_t mmx_pmaddwd(uint64_t a, uint64_t b)
{
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 32) {
        uint32_t low = (uint32_t)((int16_t)(a >> shift) * (int16_t)(b >> shift));
        uint32_t high = (uint32_t)((int16_t)(a >> (shift + 16)) * (int16_t)(b >> (shift + 16)));
        result |= (uint64_t)(low + high) << shift;
    }
    return result;
}

/* ---- Logic and comparison ---- */

static inline uint64_t mmx_pand(uint64_t a, uint64_t b)
{
    return a & b;
}

static inline uint64_t mmx_pandn(uint64_t a, uint64_t b)
{
    return ~a & b;
}

static inline uint64_t mmx_por(uint64_t a, uint64_t b)
{
    return a | b;
}

static inline uint64_t mmx_pxor(uint64_t a, uint64_t b)
{
    return a ^ b;
}

MMX_LANES(pcmpeqb, 8, int8_t, -(x == y))
MMX_LANES(pcmpeqw, 16, int16_t, -(x == y))
MMX_LANES(pcmpeqd, 32, int32_t, -(x == y))
MMX_LANES(pcmpgtb, 8, int8_t, -(x > y))
MMX_LANES(pcmpgtw, 16, int16_t, -(x > y))
MMX_LANES(pcmpgtd, 32, int32_t, -(x > y))

/* ---- Packs: the lanes of a become the lower half, those of b the upper ---- */

#define MMX_PACK(name, from, to, low, high)                                                                  \
    static inline uint64_t mmx_##name(uint64_t a, uint64_t b)                                                \
    {                                                                                                        \
        uint64_t result = 0;                                                                                 \
        for (unsigned i = 0; i < 64 / from; i++) {                                                           \
            int32_t x = (int##from##_t)(a >> (i * from)), y = (int##from##_t)(b >> (i * from));              \
            result |= (uint64_t)(uint##to##_t)mmx_clamp(x, low, high) << (i * to);                           \
            result |= (uint64_t)(uint##to##_t)mmx_clamp(y, low, high) << (32 + i * to);                      \
        }                                                                                                    \
        return result;                                                                                       \
    }
MMX_PACK(packsswb, 16, 8, INT8_MIN, INT8_MAX)
MMX_PACK(packuswb, 16, 8, 0, UINT8_MAX)
MMX_PACK(packssdw, 32, 16, INT16_MIN, INT16_MAX)
#undef MMX_PACK

/* ---- Unpacks: lanes of a and b in turn, from the lower or the upper halves ---- */

/* The bytes of a 32-bit value apart: byte i goes to bits 16 i. */
static inline uint64_t mmx_spread_bytes(uint32_t x)
{
    uint64_t y = x;
    y = (y | y << 16) & 0x0000FFFF0000FFFFull;
    return (y | y << 8) & 0x00FF00FF00FF00FFull;
}

static inline uint64_t mmx_spread_words(uint32_t x)
{
    return ((uint64_t)x | (uint64_t)x << 16) & 0x0000FFFF0000FFFFull;
}

static inline uint64_t mmx_punpcklbw(uint64_t a, uint64_t b)
{
    return mmx_spread_bytes((uint32_t)a) | mmx_spread_bytes((uint32_t)b) << 8;
}

static inline uint64_t mmx_punpckhbw(uint64_t a, uint64_t b)
{
    return mmx_punpcklbw(a >> 32, b >> 32);
}

static inline uint64_t mmx_punpcklwd(uint64_t a, uint64_t b)
{
    return mmx_spread_words((uint32_t)a) | mmx_spread_words((uint32_t)b) << 16;
}

static inline uint64_t mmx_punpckhwd(uint64_t a, uint64_t b)
{
    return mmx_punpcklwd(a >> 32, b >> 32);
}

static inline uint64_t mmx_punpckldq(uint64_t a, uint64_t b)
{
    return (uint32_t)a | b << 32;
}

static inline uint64_t mmx_punpckhdq(uint64_t a, uint64_t b)
{
    return a >> 32 | (b & 0xFFFFFFFF00000000ull);
}

/* ---- Shifts: all 64 bits of the count matter ---- */

/* In each lane of `bits` bits the bits that a left shift by n < bits may set: none crosses from its
 * neighbour. */
#define MMX_SHIFT(suffix, bits, ones)                                                                        \
    static inline uint64_t mmx_psll##suffix(uint64_t a, uint64_t count)                                      \
    {                                                                                                        \
        return count >= bits ? 0                                                                             \
                             : a << count & (ones) * ((((1ull << (bits - 1)) << 1) - 1) & ~0ull << count);   \
    }                                                                                                        \
    static inline uint64_t mmx_psrl##suffix(uint64_t a, uint64_t count)                                      \
    {                                                                                                        \
        return count >= bits ? 0 : a >> count & (ones) * ((((1ull << (bits - 1)) << 1) - 1) >> count);       \
    }
MMX_SHIFT(w, 16, 0x0001000100010001ull)
MMX_SHIFT(d, 32, 0x0000000100000001ull)
#undef MMX_SHIFT

static inline uint64_t mmx_psllq(uint64_t a, uint64_t count)
{
    return count >= 64 ? 0 : a << count;
}

static inline uint64_t mmx_psrlq(uint64_t a, uint64_t count)
{
    return count >= 64 ? 0 : a >> count;
}

/* Too large a count fills with the sign. */
static inline uint64_t mmx_psraw(uint64_t a, uint64_t count)
{
    unsigned n = count > 15 ? 15 : (unsigned)count;
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 16) {
        result |= (uint64_t)(uint16_t)((int16_t)(a >> shift) >> n) << shift;
    }
    return result;
}

static inline uint64_t mmx_psrad(uint64_t a, uint64_t count)
{
    unsigned n = count > 31 ? 31 : (unsigned)count;
    uint64_t low = (uint32_t)((int32_t)a >> n), high = (uint32_t)((int32_t)(a >> 32) >> n);
    return high << 32 | low;
}

/* ---- Added by SSE ---- */

MMX_LANES(pavgb, 8, uint8_t, (x + y + 1) >> 1)
MMX_LANES(pavgw, 16, uint16_t, (x + y + 1) >> 1)
MMX_LANES(pmaxub, 8, uint8_t, x > y ? x : y)
MMX_LANES(pminub, 8, uint8_t, x < y ? x : y)
MMX_LANES(pmaxsw, 16, int16_t, x > y ? x : y)
MMX_LANES(pminsw, 16, int16_t, x < y ? x : y)
MMX_LANES(pmulhuw, 16, uint16_t, ((uint32_t)x * y) >> 16)

static inline uint64_t mmx_psadbw(uint64_t a, uint64_t b)
{
    uint32_t sum = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        int32_t difference = (int32_t)(uint8_t)(a >> shift) - (int32_t)(uint8_t)(b >> shift);
        sum += (uint32_t)(difference < 0 ? -difference : difference);
    }
    return sum;
}

/* The top bits of the eight bytes. */
static inline uint32_t mmx_pmovmskb(uint64_t a)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < 8; i++) {
        mask |= (uint32_t)(a >> (8 * i + 7) & 1) << i;
    }
    return mask;
}

static inline uint64_t mmx_pshufw(uint64_t b, uint8_t order)
{
    uint64_t result = 0;
    for (unsigned i = 0; i < 4; i++) {
        result |= (b >> (16 * (order >> (2 * i) & 3)) & 0xFFFF) << (16 * i);
    }
    return result;
}

static inline uint32_t mmx_pextrw(uint64_t a, uint8_t index)
{
    return (uint32_t)(a >> (16 * (index & 3)) & 0xFFFF);
}

static inline uint64_t mmx_pinsrw(uint64_t a, uint16_t value, uint8_t index)
{
    unsigned shift = 16 * (index & 3);
    return (a & ~(0xFFFFull << shift)) | (uint64_t)value << shift;
}

/* ---- Added by SSE2 ---- */

static inline uint64_t mmx_paddq(uint64_t a, uint64_t b)
{
    return a + b;
}

static inline uint64_t mmx_psubq(uint64_t a, uint64_t b)
{
    return a - b;
}

static inline uint64_t mmx_pmuludq(uint64_t a, uint64_t b)
{
    return (uint64_t)(uint32_t)a * (uint32_t)b;
}

/* ---- Added by SSSE3 ---- */

MMX_LANES(psignb, 8, int8_t, y < 0 ? -x : y ? x : 0)
MMX_LANES(psignw, 16, int16_t, y < 0 ? -x : y ? x : 0)
MMX_LANES(psignd, 32, int32_t, y < 0 ? 0 - (uint32_t)x : y ? (uint32_t)x : 0)
MMX_LANES(pmulhrsw, 16, int16_t, ((x * y >> 14) + 1) >> 1)

static inline uint64_t mmx_pabsb(uint64_t b)
{
    return mmx_psignb(b, b);
}

static inline uint64_t mmx_pabsw(uint64_t b)
{
    return mmx_psignw(b, b);
}

static inline uint64_t mmx_pabsd(uint64_t b)
{
    return mmx_psignd(b, b);
}

/* Unsigned bytes of a times signed bytes of b, neighbouring products added with saturation. */
static inline uint64_t mmx_pmaddubsw(uint64_t a, uint64_t b)
{
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 16) {
        int32_t low = (uint8_t)(a >> shift) * (int8_t)(b >> shift);
        int32_t high = (uint8_t)(a >> (shift + 8)) * (int8_t)(b >> (shift + 8));
        result |= (uint64_t)(uint16_t)mmx_clamp(low + high, INT16_MIN, INT16_MAX) << shift;
    }
    return result;
}

/* Words or doublewords of an even place in a then b, and those of an odd place. */
static inline uint64_t mmx_even_words(uint64_t a, uint64_t b)
{
    return (a & 0xFFFF) | (a >> 16 & 0xFFFF0000) | (b & 0xFFFF) << 32 | (b >> 16 & 0xFFFF0000) << 32;
}

static inline uint64_t mmx_phaddw(uint64_t a, uint64_t b)
{
    return mmx_paddw(mmx_even_words(a, b), mmx_even_words(a >> 16, b >> 16));
}

static inline uint64_t mmx_phaddsw(uint64_t a, uint64_t b)
{
    return mmx_paddsw(mmx_even_words(a, b), mmx_even_words(a >> 16, b >> 16));
}

static inline uint64_t mmx_phsubw(uint64_t a, uint64_t b)
{
    return mmx_psubw(mmx_even_words(a, b), mmx_even_words(a >> 16, b >> 16));
}

static inline uint64_t mmx_phsubsw(uint64_t a, uint64_t b)
{
    return mmx_psubsw(mmx_even_words(a, b), mmx_even_words(a >> 16, b >> 16));
}

static inline uint64_t mmx_phaddd(uint64_t a, uint64_t b)
{
    return mmx_paddd(mmx_punpckldq(a, b), mmx_punpckhdq(a, b));
}

static inline uint64_t mmx_phsubd(uint64_t a, uint64_t b)
{
    return mmx_psubd(mmx_punpckldq(a, b), mmx_punpckhdq(a, b));
}

static inline uint64_t mmx_pshufb(uint64_t a, uint64_t b)
{
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        unsigned index = (unsigned)(b >> shift) & 0x87;
        result |= (index & 0x80 ? 0 : a >> (8 * index) & 0xFF) << shift;
    }
    return result;
}

/* Bytes `count` and up of a:b, a above b. */
static inline uint64_t mmx_palignr(uint64_t a, uint64_t b, uint8_t count)
{
    unsigned shift = 8u * count;
    if (shift == 0) {
        return b;
    }
    if (shift < 64) {
        return b >> shift | a << (64 - shift);
    }
    return shift < 128 ? a >> (shift - 64) : 0;
}

#undef MMX_LANES
#undef MMX_ADD
#undef MMX_SUB

#endif
