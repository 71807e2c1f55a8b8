/* The stack: words with guesses at return addresses, and frames by BP. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "monitor/disassemble.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/target.h"

#define ACCESS_DB  (1u << 14)
#define WORDS_MAX  4096
#define FRAMES_MAX 64

struct stack {
    struct cpu_registers r;
    unsigned size; /* bytes of a pushed word */
    bool wide;     /* SP has 32 bits */
    uint64_t base;
    unsigned code_bits;
};

static void stack_open(struct monitor *monitor, struct stack *stack)
{
    target_registers(monitor->machine, &stack->r);
    stack->code_bits = target_code_bits(&stack->r);
    stack->wide = stack->r.segment[CPU_SS].access & ACCESS_DB;
    stack->size = stack->code_bits / 8;
    stack->base = stack->r.segment[CPU_SS].base;
}

static uint64_t stack_offset(const struct stack *stack, uint64_t value)
{
    return stack->code_bits == 64 ? value : stack->wide ? (uint32_t)value : (uint16_t)value;
}

static uint64_t stack_linear(const struct stack *stack, uint64_t offset)
{
    uint64_t linear = stack->base + stack_offset(stack, offset);
    return stack->code_bits == 64 ? linear : (uint32_t)linear;
}

static bool stack_word(struct monitor *monitor, const struct stack *stack, uint64_t offset, unsigned size,
                       uint64_t *value)
{
    *value = 0;
    return target_peek(monitor->machine, stack_linear(stack, offset), value, size) == size;
}

/* --- Return addresses -------------------------------------------------------------------------------------
 */

/* Is there a call that ends right before IP in the code at BASE? Then its text. */
static bool call_before(struct monitor *monitor, const struct stack *stack, uint64_t base, uint64_t ip,
                        bool far_call, char *text, size_t size)
{
    static const unsigned char lengths[] = {5, 3, 2, 4, 6, 7};
    for (size_t i = 0; i < sizeof lengths; i++) {
        uint8_t bytes[8];
        struct disassembly call;
        unsigned length = lengths[i];
        uint64_t start = ip - length;
        if (ip < length || target_peek(monitor->machine, (uint32_t)(base + start), bytes, length) != length)
            continue;
        bool direct = bytes[0] == 0xE8 && !far_call;
        bool direct_far = bytes[0] == 0x9A && far_call;
        bool indirect = bytes[0] == 0xFF && (bytes[1] >> 3 & 7) == (far_call ? 3 : 2);
        if (!direct && !direct_far && !indirect)
            continue;
        disassemble(bytes, length, start, stack->code_bits, target_real_segments(&stack->r), monitor->att,
                    &call);
        if (call.is_subroutine_call && call.length == length) {
            snprintf(text, size, "%s", call.text);
            return true;
        }
    }
    return false;
}

static bool can_be_code(const struct stack *stack, uint64_t selector)
{
    return target_real_segments(&stack->r) || (selector & 0xFFFC);
}

/* A guess at what VALUE, with ABOVE in the word after it, returns to. */
static void print_guess(struct monitor *monitor, const struct stack *stack, uint64_t value, uint64_t above)
{
    const struct cpu_segment *cs = &stack->r.segment[CPU_CS];
    uint64_t base;
    char text[128];
    if (value <= cs->limit && call_before(monitor, stack, cs->base, value, false, text, sizeof text)) {
        fprintf(monitor->out, "  returns behind %s", text);
        return;
    }
    if (can_be_code(stack, above) && target_segment_base(monitor->machine, (uint16_t)above, &base) &&
        call_before(monitor, stack, base, value, true, text, sizeof text))
        fprintf(monitor->out, "  far, returns to %04x:%0*" PRIx64 " behind %s", (unsigned)above & 0xFFFF,
                (int)stack->size * 2, value, text);
}

enum monitor_result command_stack(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    struct stack stack;
    uint64_t count = 16;
    const char *number = *format ? format : arguments;
    if (*number &&
        (!expression_number(monitor->machine, number, NULL, &count, err) || !count || count > WORDS_MAX)) {
        error_set(err, "stack %s: a number of words from 1 to %d, please", number, WORDS_MAX);
        return MONITOR_FAILED;
    }
    stack_open(monitor, &stack);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t offset = stack_offset(&stack, stack.r.gpr[4] + i * stack.size), value, above = 0;
        if (!stack_word(monitor, &stack, offset, stack.size, &value)) {
            if (i) { /* the last page of the stack ends before COUNT words do */
                fprintf(monitor->out, "%08" PRIx64 "  (no memory there)\n", stack_linear(&stack, offset));
                break;
            }
            no_memory_at(stack_linear(&stack, offset), false, err);
            return MONITOR_FAILED;
        }
        stack_word(monitor, &stack, offset + stack.size, stack.size, &above);
        fprintf(monitor->out, "%08" PRIx64 "  %04x:%0*" PRIx64 "  %0*" PRIx64, stack_linear(&stack, offset),
                stack.r.segment[CPU_SS].selector, stack.wide ? 8 : 4, offset, (int)stack.size * 2, value);
        print_guess(monitor, &stack, value, above);
        fputc('\n', monitor->out);
    }
    return MONITOR_DONE;
}

/* --- Frames -----------------------------------------------------------------------------------------------
 */

static void print_frame(struct monitor *monitor, const struct stack *stack, unsigned n, unsigned selector,
                        uint64_t ip, uint64_t bp, const char *call)
{
    int digits = stack->code_bits / 4;
    fprintf(monitor->out, "#%-2u %04x:%0*" PRIx64 "  bp %0*" PRIx64 "%s%s\n", n, selector, digits, ip, digits,
            bp, call ? "  behind " : "", call ? call : "");
}

/* The frame that BP points to: the saved BP, then where the call returns to, near or else far. */
static bool next_frame(struct monitor *monitor, const struct stack *stack, uint64_t bp, uint64_t *saved,
                       uint64_t *ip, unsigned *selector, char *text, size_t size)
{
    uint64_t above, base;
    if (!stack_word(monitor, stack, bp, stack->size, saved) ||
        !stack_word(monitor, stack, bp + stack->size, stack->size, ip) ||
        !stack_word(monitor, stack, bp + 2 * stack->size, stack->size, &above))
        return false;
    const struct cpu_segment *cs = &stack->r.segment[CPU_CS];
    if (*selector == cs->selector)
        base = cs->base;
    else if (!target_segment_base(monitor->machine, (uint16_t)*selector, &base))
        return false;
    if (call_before(monitor, stack, base, *ip, false, text, size))
        return true;
    if (!can_be_code(stack, above) || !target_segment_base(monitor->machine, (uint16_t)above, &base) ||
        !call_before(monitor, stack, base, *ip, true, text, size))
        return false;
    *selector = (uint16_t)above;
    return true;
}

enum monitor_result command_backtrace(struct monitor *monitor, const char *format, const char *arguments,
                                      struct error *err)
{
    (void)format;
    struct stack stack;
    uint64_t limit = FRAMES_MAX, ip, saved;
    char text[128];
    if (*arguments && strcmp(arguments, "full") != 0 && /* gdb: with local variables */
        (!expression_number(monitor->machine, arguments, NULL, &limit, err) || !limit || limit > INT64_MAX)) {
        error_set(err, "backtrace %s: a number of frames from 1 on, please", arguments);
        return MONITOR_FAILED;
    }
    stack_open(monitor, &stack);
    unsigned selector = stack.r.segment[CPU_CS].selector, n = 0;
    uint64_t bp = stack_offset(&stack, stack.r.gpr[5]);
    if (stack.code_bits == 16)
        bp = (uint16_t)bp;
    print_frame(monitor, &stack, n++, selector, stack.r.rip, bp, NULL);
    while (n < limit && n < FRAMES_MAX && bp &&
           next_frame(monitor, &stack, bp, &saved, &ip, &selector, text, sizeof text)) {
        print_frame(monitor, &stack, n++, selector, ip, saved, text);
        if (saved <= bp)
            return MONITOR_DONE;
        bp = saved;
    }
    if (n == 1 && limit > 1)
        fputs("bp points to no frame; stack guesses at return addresses\n", monitor->out);
    return MONITOR_DONE;
}
