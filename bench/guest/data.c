/* Kernels of string instructions, x87 and MMX. */
#include "bench/guest/bench.h"

static void move(void *to, const void *from, uint32_t count, unsigned size)
{
    switch (size) {
    case 1:
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
        break;
    case 2:
        __asm__ volatile("rep movsw" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
        break;
    default:
        __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
        break;
    }
}

static void fill(void *to, uint32_t value, uint32_t count, unsigned size)
{
    if (size == 1)
        __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    else
        __asm__ volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static uint32_t length_of(const uint8_t *text)
{
    uint32_t count = UINT32_MAX;
    __asm__ volatile("repne scasb" : "+D"(text), "+c"(count) : "a"(0) : "memory", "cc");
    return ~count - 1;
}

static int differ(const uint8_t *a, const uint8_t *b, uint32_t count)
{
    uint8_t unequal;
    __asm__ volatile("cmpl %%ecx, %%ecx; repe cmpsb; setne %3"
                     : "+S"(a), "+D"(b), "+c"(count), "=q"(unequal)
                     :
                     : "memory", "cc");
    return unequal;
}

/* Blocks as programs have them: pages, lines of a screen, buffers that are not aligned, some small
 * structures. */
UNUSED static uint32_t moves(void)
{
    uint8_t *a = ARENA, *b = ARENA + 0x100000;
    uint32_t sum = 0;
    fill(a, 0x20202020, 0x10000, 4);
    REPEAT(50000)
    {
        fill(a + 64 * (round & 255), (uint32_t)round, 1024, 4);
        move(b, a, 4096, 4);
        move(b + 20480, a + 3, 4000, 1);
        move(b + 40000, a, 2000, 2);
        move(b, b + 320, 32000, 1);
        fill(b + 30000, (uint32_t)round | 1, 3000, 1);
        for (uint32_t i = 0; i < 10; i++)
            move(b + 100 * i, a + 80 * i, 20, 4);
        sum += b[round & 4095];
    }
    return sum;
}

/* Lengths of strings and comparisons of buffers. */
UNUSED static uint32_t scans(void)
{
    uint8_t *a = ARENA, *b = ARENA + 0x10000;
    uint32_t sum = 0;
    fill(a, 0x41424344, 0x4000, 4);
    fill(b, 0x41424344, 0x4000, 4);
    REPEAT(40000)
    {
        uint32_t at = 20 + ((uint32_t)round & 0x3FFF);
        a[at] = 0;
        sum += length_of(a) + (uint32_t)differ(a, b, 16000) + (uint32_t)differ(a + at + 1, b + at + 1, 3000);
        a[at] = b[at];
        sum += length_of(b + 65500 - (round & 31) * 4) & 63;
    }
    return sum;
}

struct body {
    double x, y, z, vx, vy, vz, mass;
};

static double root(double x)
{
    __asm__("fsqrt" : "+t"(x));
    return x;
}

static void advance(struct body *bodies, int count, double step)
{
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++) {
            struct body *a = &bodies[i], *b = &bodies[j];
            double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
            double square = dx * dx + dy * dy + dz * dz + 0.01, pull = step / (square * root(square));
            a->vx -= dx * b->mass * pull;
            a->vy -= dy * b->mass * pull;
            a->vz -= dz * b->mass * pull;
            b->vx += dx * a->mass * pull;
            b->vy += dy * a->mass * pull;
            b->vz += dz * a->mass * pull;
        }
    for (int i = 0; i < count; i++) {
        bodies[i].x += step * bodies[i].vx;
        bodies[i].y += step * bodies[i].vy;
        bodies[i].z += step * bodies[i].vz;
    }
}

static uint32_t mandelbrot(int width, int height)
{
    uint32_t sum = 0;
    for (int py = 0; py < height; py++)
        for (int px = 0; px < width; px++) {
            double cx = 3.0 * px / width - 2.0, cy = 2.0 * py / height - 1.0, x = 0, y = 0;
            int n = 0;
            for (; n < 100 && x * x + y * y < 4.0; n++) {
                double t = x * x - y * y + cx;
                y = 2 * x * y + cy;
                x = t;
            }
            sum += (uint32_t)n;
        }
    return sum;
}

UNUSED static uint32_t x87(void)
{
    struct body bodies[5];
    __asm__ volatile("fninit");
    for (int i = 0; i < 5; i++)
        bodies[i] = (struct body){i, 2 * i - 3, 1.5 * i, 0.1 * i, 0.2, -0.1 * i, 1.0 + i};
    REPEAT(60000) advance(bodies, 5, 0.001);
    uint32_t sum = mandelbrot(400, 300);
    for (int i = 0; i < 5; i++)
        sum = sum * 31 + (uint32_t)(int32_t)(bodies[i].x * 1000000);
    return sum;
}

/* Saturating mix of two pictures, and sums of products. */
UNUSED static uint32_t mmx(void)
{
    uint8_t *a = ARENA, *b = ARENA + 0x10000;
    static const uint16_t weight[4] = {37, 91, 60, 128};
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 0x10000; i++) {
        a[i] = (uint8_t)(i * 5 + (i >> 7));
        b[i] = (uint8_t)(i * 11);
    }
    REPEAT(1500)
    {
        uint8_t *p = a, *q = b;
        uint32_t count = 0x10000 / 8;
        __asm__ volatile("movq (%3), %%mm7\n\t"
                         "pxor %%mm6, %%mm6\n\t"
                         "pxor %%mm5, %%mm5\n"
                         "1:\n\t"
                         "movq (%0), %%mm0\n\t"
                         "movq (%1), %%mm1\n\t"
                         "movq %%mm0, %%mm2\n\t"
                         "movq %%mm1, %%mm3\n\t"
                         "punpcklbw %%mm6, %%mm0\n\t"
                         "punpckhbw %%mm6, %%mm2\n\t"
                         "punpcklbw %%mm6, %%mm1\n\t"
                         "punpckhbw %%mm6, %%mm3\n\t"
                         "pmullw %%mm7, %%mm0\n\t"
                         "pmullw %%mm7, %%mm2\n\t"
                         "psrlw $8, %%mm0\n\t"
                         "psrlw $8, %%mm2\n\t"
                         "pmaddwd %%mm7, %%mm3\n\t"
                         "paddd %%mm3, %%mm5\n\t"
                         "packuswb %%mm2, %%mm0\n\t"
                         "paddusb (%1), %%mm0\n\t"
                         "movq %%mm0, (%0)\n\t"
                         "addl $8, %0\n\t"
                         "addl $8, %1\n\t"
                         "decl %2\n\t"
                         "jnz 1b\n\t"
                         "movd %%mm5, %2\n\t"
                         "emms"
                         : "+r"(p), "+r"(q), "+r"(count)
                         : "r"(weight)
                         : "memory", "cc");
        sum = sum * 3 + count + a[round];
    }
    return sum;
}

BENCH_MAIN
