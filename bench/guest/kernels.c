/* Small kernels in plain 32-bit code. Compiled once for each, with KERNEL as its name. */
#include "bench/guest/bench.h"

__attribute__((noinline)) static uint32_t fib_of(uint32_t n)
{
    return n < 2 ? n : fib_of(n - 1) + fib_of(n - 2);
}

UNUSED static uint32_t fib(void)
{
    uint32_t sum = 0;
    for (int i = 0; i < 24; i++)
        sum += fib_of(32);
    return sum;
}

UNUSED static uint32_t sieve(void)
{
    uint8_t *composite = ARENA;
    uint32_t count = 0, size = 1 << 16;
    for (int round = 0; round < 1800; round++) {
        for (uint32_t i = 0; i < size; i++)
            composite[i] = 0;
        for (uint32_t i = 2; i < size; i++) {
            if (composite[i])
                continue;
            count++;
            for (uint32_t j = i + i; j < size; j += i)
                composite[j] = 1;
        }
    }
    return count;
}

UNUSED static uint32_t crc(void)
{
    uint32_t *table = (uint32_t *)ARENA, c, value = ~0u;
    uint8_t *data = ARENA + 4096;
    for (uint32_t n = 0; n < 256; n++) {
        c = n;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;
        table[n] = c;
    }
    for (uint32_t i = 0; i < 65536; i++)
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    for (int round = 0; round < 3600; round++)
        for (uint32_t i = 0; i < 65536; i++)
            value = table[(value ^ data[i]) & 0xFF] ^ value >> 8;
    return value;
}

static void quick(int32_t *a, int32_t low, int32_t high)
{
    while (low < high) {
        int32_t pivot = a[(low + high) / 2], i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                int32_t t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - low < high - i) {
            quick(a, low, j);
            low = i;
        } else {
            quick(a, i, high);
            high = j;
        }
    }
}

UNUSED static uint32_t sort(void)
{
    int32_t *a = (int32_t *)ARENA;
    uint32_t seed = 1, sum = 0;
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 50000; i++)
            a[i] = (int32_t)((seed = seed * 1664525 + 1013904223) >> 1);
        quick(a, 0, 49999);
        sum += (uint32_t)a[round];
    }
    return sum;
}

UNUSED static uint32_t hash(void)
{
    uint32_t *keys = (uint32_t *)ARENA, *values = keys + 65536, seed = 1, hits = 0;
    for (uint32_t i = 0; i < 65536; i++)
        keys[i] = 0;
    for (int round = 0; round < 30000000; round++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t key = (seed >> 12 & 0x7FFF) + 1, at = (key * 2654435761u) >> 16;
        while (keys[at] && keys[at] != key)
            at = (at + 1) & 65535;
        if (keys[at]) {
            hits++;
            values[at] += round;
        } else {
            keys[at] = key;
            values[at] = round;
        }
    }
    return hits + values[77];
}

UNUSED static uint32_t copy(void)
{
    uint32_t *from = (uint32_t *)ARENA, *to = from + 65536;
    for (uint32_t i = 0; i < 16384; i++)
        from[i] = i;
    for (int round = 0; round < 16000; round++) {
        from[round & 1023] = (uint32_t)round;
        for (uint32_t i = 0; i < 16384; i++)
            ((volatile uint32_t *)to)[i] = from[i];
    }
    return to[99];
}

#define WIDE_FUNCTION(n)                                                                                     \
    __attribute__((noinline)) static uint32_t wide_##n(uint32_t a, uint32_t *m)                              \
    {                                                                                                        \
        uint32_t b = m[n & 31] + a * (2 * n + 1);                                                            \
        if (b & (1u << (n & 15)))                                                                            \
            b ^= a >> (n & 7);                                                                               \
        else                                                                                                 \
            b += n;                                                                                          \
        m[(n + 5) & 31] = b;                                                                                 \
        for (uint32_t i = (n)&3; i-- > 0;)                                                                   \
            b = (b << 3 | b >> 29) + m[i];                                                                   \
        return b ^ (n * 0x9E3779B9u);                                                                        \
    }
/* clang-format off */
#define LIST16(X, n) \
    X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) \
    X(n##8) X(n##9) X(n##a) X(n##b) X(n##c) X(n##d) X(n##e) X(n##f)
#define LIST256(X) \
    LIST16(X, 0x0) LIST16(X, 0x1) LIST16(X, 0x2) LIST16(X, 0x3) LIST16(X, 0x4) LIST16(X, 0x5) LIST16(X, 0x6) LIST16(X, 0x7) \
    LIST16(X, 0x8) LIST16(X, 0x9) LIST16(X, 0xa) LIST16(X, 0xb) LIST16(X, 0xc) LIST16(X, 0xd) LIST16(X, 0xe) LIST16(X, 0xf)
/* clang-format on */
#ifdef WIDE
LIST256(WIDE_FUNCTION)
#define WIDE_POINTER(n) wide_##n,
static uint32_t (*const functions[256])(uint32_t, uint32_t *) = {LIST256(WIDE_POINTER)};
static uint32_t wide(void)
{
    uint32_t memory[32] = {1, 2, 3}, value = 1, seed = 1;
    for (int i = 0; i < 18000000; i++) {
        seed = seed * 1664525 + 1013904223;
        value = functions[seed >> 24 & (WIDE - 1)](value, memory);
    }
    return value;
}
#endif

/* What starting and ending cost. */
UNUSED static uint32_t nothing(void)
{
    return 0;
}

BENCH_MAIN
