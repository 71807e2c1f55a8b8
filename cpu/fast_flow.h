/* Leaving a block in fast handlers.
 *
 * Kinds of code: V32 32-bit code whose segment has no limit to check; V32L 32-bit code with a limit; V16
 * 16-bit operands, with a limit. */
#ifndef TICK86_CPU_FAST_FLOW_H
#define TICK86_CPU_FAST_FLOW_H

#include "cpu/fast_operand.h"

#define EXITS(record) ((const struct block_exits *)(const void *)(record))

#define WRAP_V32(target)  ((uint32_t)(target))
#define WRAP_V32L(target) ((uint32_t)(target))
#define WRAP_V16(target)  ((uint16_t)(target))

/* A target outside the code segment faults in the branch itself: the plain function does that. */
#define CHECK_TARGET_V32(target)  ((void)0)
#define CHECK_TARGET_V32L(target) CHECK_TARGET_V16(target)
#define CHECK_TARGET_V16(target)                                                                             \
    do {                                                                                                     \
        if (UNLIKELY((target) > cpu->seg[SEG_CS].limit))                                                     \
            PLAIN();                                                                                         \
    } while (0)

/* A block must lie within the limit as seen from this EIP; else its instructions run singly. */
#define CHECK_BLOCK_V32(b)  false
#define CHECK_BLOCK_V32L(b) CHECK_BLOCK_V16(b)
#define CHECK_BLOCK_V16(b)  (ip + (b)->bytes - 1 > cpu->seg[SEG_CS].limit)

/* Likewise the block that a way out of a block leads to; what it costs is not charged then. */
#define CHECK_EXIT_V32(way, own_cost)  ((void)0)
#define CHECK_EXIT_V32L(way, own_cost) CHECK_EXIT_V16(way, own_cost)
#define CHECK_EXIT_V16(way, own_cost)                                                                        \
    do {                                                                                                     \
        if ((const void *)(way)->to != (way) && UNLIKELY(CHECK_BLOCK_V16(block_at((way)->to)))) {            \
            budget -= (own_cost);                                                                            \
            GO_TO(cpu->go_find, in);                                                                         \
        }                                                                                                    \
    } while (0)

/* A target of 16 bits that has wrapped around lies elsewhere, seen from the branch, than at another EIP of
 * the same code: no link may lead there. IP is the target. */
#define CHECK_WRAP_V32(sum, own_cost)  ((void)0)
#define CHECK_WRAP_V32L(sum, own_cost) ((void)0)
#define CHECK_WRAP_V16(sum, own_cost)                                                                        \
    do {                                                                                                     \
        if (UNLIKELY((sum) != ip)) {                                                                         \
            budget -= (own_cost);                                                                            \
            GO_TO(cpu->go_find, in);                                                                         \
        }                                                                                                    \
    } while (0)

/* By one of the block's ways out; IP is the EIP there. */
#define FOLLOW(v, way, own_cost)                                                                             \
    do {                                                                                                     \
        CHECK_EXIT_##v(way, own_cost);                                                                       \
        budget -= (way)->cost;                                                                               \
        if (UNLIKELY(budget < 0))                                                                            \
            GO_TO(cpu->go_over, (const struct insn *)(const void *)(way));                                   \
        GO((way)->to);                                                                                       \
    } while (0)

/* To the block's taken target; EXITS_ is in scope. */
#define TAKE(v, exits_)                                                                                      \
    do {                                                                                                     \
        uint64_t sum_ = ip + (uint64_t)(exits_)->target, target_ = WRAP_##v(sum_);                           \
        CHECK_TARGET_##v(target_);                                                                           \
        ip = target_;                                                                                        \
        CHECK_WRAP_##v(sum_, (exits_)->taken_cost);                                                          \
        FOLLOW(v, &(exits_)->taken, (exits_)->taken_cost);                                                   \
    } while (0)

/* To the block at IP, wherever it is. */
#define FIND(v)                                                                                              \
    do {                                                                                                     \
        const struct block *to_ = find_cached(cpu, ip);                                                      \
        if (UNLIKELY(!to_) || CHECK_BLOCK_##v(to_))                                                          \
            GO_TO(cpu->go_find, in);                                                                         \
        ENTER_BLOCK(to_);                                                                                    \
    } while (0)

/* On to the instruction behind LAST, the block's last record. */
#define FALL(v, last, exits_)                                                                                \
    do {                                                                                                     \
        ip += (last)->next_offset;                                                                           \
        FOLLOW(v, &(exits_)->next, 0);                                                                       \
    } while (0)

#define FOR_EACH_CONDITION(X, ...)                                                                           \
    X(O, __VA_ARGS__)                                                                                        \
    X(NO, __VA_ARGS__)                                                                                       \
    X(B, __VA_ARGS__)                                                                                        \
    X(NB, __VA_ARGS__)                                                                                       \
    X(Z, __VA_ARGS__)                                                                                        \
    X(NZ, __VA_ARGS__)                                                                                       \
    X(BE, __VA_ARGS__)                                                                                       \
    X(NBE, __VA_ARGS__)                                                                                      \
    X(S, __VA_ARGS__)                                                                                        \
    X(NS, __VA_ARGS__)                                                                                       \
    X(P, __VA_ARGS__)                                                                                        \
    X(NP, __VA_ARGS__)                                                                                       \
    X(L, __VA_ARGS__)                                                                                        \
    X(NL, __VA_ARGS__)                                                                                       \
    X(LE, __VA_ARGS__)                                                                                       \
    X(NLE, __VA_ARGS__)

#define CONDITION_TABLE(name, suffix)                                                                        \
    {                                                                                                        \
        name##O##suffix, name##NO##suffix, name##B##suffix, name##NB##suffix, name##Z##suffix,               \
            name##NZ##suffix, name##BE##suffix, name##NBE##suffix, name##S##suffix, name##NS##suffix,        \
            name##P##suffix, name##NP##suffix, name##L##suffix, name##NL##suffix, name##LE##suffix,          \
            name##NLE##suffix                                                                                \
    }

/* Condition codes, SDM volume 2, appendix B.1. */
enum {
    CC_O,
    CC_NO,
    CC_B,
    CC_NB,
    CC_Z,
    CC_NZ,
    CC_BE,
    CC_NBE,
    CC_S,
    CC_NS,
    CC_P,
    CC_NP,
    CC_L,
    CC_NL,
    CC_LE,
    CC_NLE
};

/* Conditions after a comparison that is at hand, by those who include cpu/width.h: after a subtraction of B_
 * from A_ (UINT), and after an operation that leaves CF and OF clear. R_ is the result as INT. */
#define AFTER_SUB_O   (((a_ ^ b_) & (a_ ^ (UINT)r_)) >> (BITS - 1))
#define AFTER_SUB_B   (a_ < b_)
#define AFTER_SUB_Z   (r_ == 0)
#define AFTER_SUB_BE  (a_ <= b_)
#define AFTER_SUB_S   (r_ < 0)
#define AFTER_SUB_P   (!__builtin_parity((uint8_t)r_))
#define AFTER_SUB_L   ((INT)a_ < (INT)b_)
#define AFTER_SUB_LE  ((INT)a_ <= (INT)b_)
#define AFTER_SUB_NO  (!AFTER_SUB_O)
#define AFTER_SUB_NB  (a_ >= b_)
#define AFTER_SUB_NZ  (r_ != 0)
#define AFTER_SUB_NBE (a_ > b_)
#define AFTER_SUB_NS  (r_ >= 0)
#define AFTER_SUB_NP  (__builtin_parity((uint8_t)r_))
#define AFTER_SUB_NL  ((INT)a_ >= (INT)b_)
#define AFTER_SUB_NLE ((INT)a_ > (INT)b_)
#define AFTER_AND_O   false
#define AFTER_AND_B   false
#define AFTER_AND_Z   (r_ == 0)
#define AFTER_AND_BE  (r_ == 0)
#define AFTER_AND_S   (r_ < 0)
#define AFTER_AND_P   (!__builtin_parity((uint8_t)r_))
#define AFTER_AND_L   (r_ < 0)
#define AFTER_AND_LE  (r_ <= 0)
#define AFTER_AND_NO  true
#define AFTER_AND_NB  true
#define AFTER_AND_NZ  (r_ != 0)
#define AFTER_AND_NBE (r_ != 0)
#define AFTER_AND_NS  (r_ >= 0)
#define AFTER_AND_NP  (__builtin_parity((uint8_t)r_))
#define AFTER_AND_NL  (r_ >= 0)
#define AFTER_AND_NLE (r_ > 0)

#endif
