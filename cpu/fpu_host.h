/* The five basic operations on the x87 unit of an x86 host, for cpu/fpu.c.
 *
 * Each function runs one operation with all exceptions masked under the control word given and returns the
 * host's status word from before the result was popped: exceptions are sticky there, C1 is that of this
 * operation. The host's control word is as before afterwards; the functions called _same run under it as it
 * is. Loading ten bytes changes nothing and raises nothing, so operands of every format may be given.
 *
 * FPU_HOST_X87 is defined where these can be used; --enable-portable-fpu (TICK86_PORTABLE_FPU) and other
 * hosts do without.
 */
#ifndef TICK86_CPU_FPU_HOST_H
#define TICK86_CPU_FPU_HOST_H

#include "cpu/softfloat80.h"

#if !defined(TICK86_PORTABLE_FPU) && (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define FPU_HOST_X87 1

typedef long double host_float80;

/* a op b, both in registers of the guest. The second value is dropped after the status was taken. */
#define FPU_HOST_BINARY(name, instruction)                                                                   \
    static inline uint16_t fpu_host_##name(host_float80 *result, const struct float80 *a,                    \
                                           const struct float80 *b, uint16_t control)                        \
    {                                                                                                        \
        uint16_t status, saved;                                                                              \
        __asm__ volatile("fnstcw %[keep]\n\tfldcw %[run]\n\tfldt %[b]\n\tfldt %[a]\n\t" instruction          \
                         " %%st(1), %%st\n\tfnstsw %[sw]\n\tfldcw %[keep]\n\tfstp %%st(1)"                   \
                         : "=t"(*result), [sw] "=&a"(status), [keep] "=&m"(saved)                            \
                         : [run] "m"(control), [a] "m"(*a), [b] "m"(*b)                                      \
                         : "st(1)");                                                                         \
        return status;                                                                                       \
    }                                                                                                        \
    static inline uint16_t fpu_host_##name##_same(host_float80 *result, const struct float80 *a,             \
                                                  const struct float80 *b)                                   \
    {                                                                                                        \
        uint16_t status;                                                                                     \
        __asm__ volatile("fldt %[b]\n\tfldt %[a]\n\t" instruction                                            \
                         " %%st(1), %%st\n\tfnstsw %[sw]\n\tfstp %%st(1)"                                    \
                         : "=t"(*result), [sw] "=&a"(status)                                                 \
                         : [a] "m"(*a), [b] "m"(*b)                                                          \
                         : "st(1)");                                                                         \
        return status;                                                                                       \
    }

/* a op a memory operand. */
#define FPU_HOST_MEMORY(name, type, instruction)                                                             \
    static inline uint16_t fpu_host_##name(host_float80 *result, const struct float80 *a, type b,            \
                                           uint16_t control)                                                 \
    {                                                                                                        \
        uint16_t status, saved;                                                                              \
        __asm__ volatile("fnstcw %[keep]\n\tfldcw %[run]\n\tfldt %[a]\n\t" instruction                       \
                         " %[b]\n\tfnstsw %[sw]\n\tfldcw %[keep]"                                            \
                         : "=t"(*result), [sw] "=&a"(status), [keep] "=&m"(saved)                            \
                         : [run] "m"(control), [a] "m"(*a), [b] "m"(b)                                       \
                         : "st(1)");                                                                         \
        return status;                                                                                       \
    }                                                                                                        \
    static inline uint16_t fpu_host_##name##_same(host_float80 *result, const struct float80 *a, type b)     \
    {                                                                                                        \
        uint16_t status;                                                                                     \
        __asm__ volatile("fldt %[a]\n\t" instruction " %[b]\n\tfnstsw %[sw]"                                 \
                         : "=t"(*result), [sw] "=&a"(status)                                                 \
                         : [a] "m"(*a), [b] "m"(b)                                                           \
                         : "st(1)");                                                                         \
        return status;                                                                                       \
    }

#define FPU_HOST_OPERATION(op)                                                                               \
    FPU_HOST_BINARY(f##op, "f" #op)                                                                          \
    FPU_HOST_MEMORY(f##op##_m32, uint32_t, "f" #op "s")                                                      \
    FPU_HOST_MEMORY(f##op##_m64, uint64_t, "f" #op "l")                                                      \
    FPU_HOST_MEMORY(f##op##_m16i, int16_t, "fi" #op "s")                                                     \
    FPU_HOST_MEMORY(f##op##_m32i, int32_t, "fi" #op "l")

FPU_HOST_OPERATION(add)
FPU_HOST_OPERATION(sub)
FPU_HOST_OPERATION(subr)
FPU_HOST_OPERATION(mul)
FPU_HOST_OPERATION(div)
FPU_HOST_OPERATION(divr)

#undef FPU_HOST_OPERATION
#undef FPU_HOST_BINARY
#undef FPU_HOST_MEMORY

static inline uint16_t fpu_host_fsqrt(host_float80 *result, const struct float80 *a, uint16_t control)
{
    uint16_t status, saved;
    __asm__ volatile("fnstcw %[keep]\n\tfldcw %[run]\n\tfldt %[a]\n\tfsqrt\n\tfnstsw %[sw]\n\tfldcw %[keep]"
                     : "=t"(*result), [sw] "=&a"(status), [keep] "=&m"(saved)
                     : [run] "m"(control), [a] "m"(*a));
    return status;
}

/* Clears the sticky exceptions. */
static inline void fpu_host_clear(void)
{
    __asm__ volatile("fnclex");
}

/* The host's control word. */
static inline uint16_t fpu_host_control(void)
{
    uint16_t control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    return control;
}

static inline void fpu_host_put(struct float80 *destination, host_float80 value)
{
    *(host_float80 *)destination = value;
}

#endif
#endif
