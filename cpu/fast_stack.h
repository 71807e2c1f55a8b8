/* Pushing and popping in fast handlers. */
#ifndef TICK86_CPU_FAST_STACK_H
#define TICK86_CPU_FAST_STACK_H

#include "cpu/fast_operand.h"

static inline bool stack_is_flat32(const struct cpu *cpu)
{
    return (cpu->mode & (MODE_STACK32 | MODE_FLAT_DATA)) == (MODE_STACK32 | MODE_FLAT_DATA);
}

#define PUSH_FLAT32(expression)                                                                              \
    do {                                                                                                     \
        uint32_t pushed_ = (expression), sp_ = cpu->gpr[RSP].d - 4;                                          \
        HOST_OF(uint32_t, sp_, write);                                                                       \
        *host = pushed_;                                                                                     \
        cpu->gpr[RSP].d = sp_;                                                                               \
    } while (0)

/* Declares VALUE as what is on top; the pointer is not moved yet. */
#define POP_FLAT32(value)                                                                                    \
    uint32_t value;                                                                                          \
    do {                                                                                                     \
        uint32_t sp_ = cpu->gpr[RSP].d;                                                                      \
        HOST_OF(uint32_t, sp_, read);                                                                        \
        value = *host;                                                                                       \
    } while (0)

#define STACK16_LINEAR(sp, end)                                                                              \
    const struct segment *ss_ = &cpu->seg[SEG_SS];                                                           \
    if (UNLIKELY((uint64_t)(sp) + 2 > ss_->end))                                                             \
        PLAIN();                                                                                             \
    uint32_t at_ = (uint32_t)(ss_->base + (sp))

#define PUSH_SEG16(expression)                                                                               \
    do {                                                                                                     \
        uint16_t pushed_ = (expression), sp_ = (uint16_t)(cpu->gpr[RSP].w - 2);                              \
        STACK16_LINEAR(sp_, write_end);                                                                      \
        HOST_OF(uint16_t, at_, write);                                                                       \
        *host = pushed_;                                                                                     \
        cpu->gpr[RSP].w = sp_;                                                                               \
    } while (0)

#define POP_SEG16(value)                                                                                     \
    uint16_t value;                                                                                          \
    do {                                                                                                     \
        uint16_t sp_ = cpu->gpr[RSP].w;                                                                      \
        STACK16_LINEAR(sp_, read_end);                                                                       \
        HOST_OF(uint16_t, at_, read);                                                                        \
        value = *host;                                                                                       \
    } while (0)

#endif
