/* The operations of mmx_operations.def as the host has them: mmx_host_<name>(a, b) is mmx_<name>(a, b), by
 * one SSE2 instruction where there are some. */
#ifndef TICK86_CPU_MMX_HOST_H
#define TICK86_CPU_MMX_HOST_H

#include "cpu/mmx.h"

#ifdef __SSE2__
#include <emmintrin.h>

#define UPPER(v)    _mm_unpackhi_epi64(v, v)
#define LOWER(a, b) _mm_unpacklo_epi64(a, b)
#define MMX_OPERATION(opcode, name, bits, host)                                                              \
    static inline uint64_t mmx_host_##name(uint64_t first, uint64_t second)                                  \
    {                                                                                                        \
        __m128i a = _mm_set_epi64x(0, (long long)first), b = _mm_set_epi64x(0, (long long)second);           \
        return (uint64_t)((__v2di)(host))[0];                                                                \
    }
#include "cpu/mmx_operations.def"
#undef MMX_OPERATION
#undef UPPER
#undef LOWER

#else
#define MMX_OPERATION(opcode, name, bits, host)                                                              \
    static inline uint64_t mmx_host_##name(uint64_t a, uint64_t b)                                           \
    {                                                                                                        \
        return mmx_##name(a, b);                                                                             \
    }
#include "cpu/mmx_operations.def"
#undef MMX_OPERATION
#endif

#endif
