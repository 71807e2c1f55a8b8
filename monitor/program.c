#include "monitor/program.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "machine/machine.h"
#include "monitor/target.h"

/* --- to write one --- */

/* By how much STEP moves the stack. */
static int growth(enum program_op op)
{
    if (op <= PROGRAM_VARIABLE)
        return 1;
    return op == PROGRAM_SEGMENTED || op >= PROGRAM_BITS_OR ? -1 : 0;
}

unsigned program_add(struct program *program, struct program_step step)
{
    if (program->count == program->capacity) {
        program->capacity = program->capacity ? 2 * program->capacity : 8;
        program->steps = xrealloc(program->steps, program->capacity * sizeof *program->steps);
    }
    program->depth += (unsigned)growth(step.op);
    program->too_deep |= program->depth > PROGRAM_STACK;
    struct program_step *last = program->count ? &program->steps[program->count - 1] : NULL;
    if (last && last->op == PROGRAM_NUMBER && step.op >= PROGRAM_BITS_OR && step.op < PROGRAM_AND) {
        last->op = step.op;
        last->has_number = true;
        return program->count - 1;
    }
    program->steps[program->count] = step;
    return program->count++;
}

void program_add_number(struct program *program, uint64_t value)
{
    program_add(program, (struct program_step){.op = PROGRAM_NUMBER, .number = value});
}

bool program_add_register(struct program *program, const char *name, unsigned length)
{
    const size_t first = offsetof(struct cpu_registers, gpr),
                 end = first + sizeof(((struct cpu_registers *)0)->gpr);
    struct register_place place;
    if (!register_find(name, length, &place))
        return false;
    struct program_step step = {.op = PROGRAM_REGISTER, .place = place};
    /* gdb's $pc is a place: the linear address, whatever the base of CS. */
    if (length == 2 && !strncasecmp(name, "pc", 2))
        step = (struct program_step){.op = PROGRAM_PLACE};
    else if (place.offset >= first && place.offset < end)
        step = (struct program_step){.op = PROGRAM_GENERAL,
                                     .size = (uint8_t)(8 * place.size),
                                     .low = place.shift,
                                     .index = (uint32_t)(place.offset - first) / sizeof(uint64_t)};
    program_add(program, step);
    return true;
}

void program_free(struct program *program)
{
    free(program->steps);
    *program = (struct program){0};
}

static bool is_constant_from(const struct program *program, unsigned first)
{
    for (unsigned i = first; i < program->count; i++) {
        enum program_op op = (enum program_op)program->steps[i].op;
        bool asks =
            op != PROGRAM_NUMBER && (op <= PROGRAM_VARIABLE || op == PROGRAM_LOAD || op == PROGRAM_SEGMENTED);
        if (asks)
            return false;
    }
    return true;
}

bool program_is_constant(const struct program *program)
{
    return is_constant_from(program, 0);
}

void program_wrap(struct program *program, unsigned first)
{
    if (!is_constant_from(program, first))
        program_add(program, (struct program_step){.op = PROGRAM_MASK, .size = 4});
}

unsigned program_step_bits(const struct program_step *step)
{
    switch ((enum program_op)step->op) {
    case PROGRAM_GENERAL:
    case PROGRAM_FLAG:
        return step->size;
    case PROGRAM_REGISTER:
        return step->place.size < 8 ? 8u * step->place.size : 0;
    case PROGRAM_LOAD:
    case PROGRAM_MASK:
        return step->size < 8 ? 8u * step->size : 0;
    default:
        return 0;
    }
}

/* --- to run it --- */

void program_inputs_set(struct program_inputs *in, struct machine *machine,
                        const struct condition_variable *variables)
{
    in->machine = machine;
    in->variables = variables;
    in->text = NULL;
    in->registers_known = false;
    in->selector = 0;
    in->offset = 0;
}

const struct cpu_registers *program_registers(struct program_inputs *in)
{
    if (!in->registers_known)
        target_registers(in->machine, &in->registers);
    in->registers_known = true;
    return &in->registers;
}

static uint64_t lower(uint64_t value, unsigned bits)
{
    return bits < 64 ? value & ((1ull << bits) - 1) : value;
}

/* What a step without operands pushes. */
static uint64_t value_of(const struct program_step *step, struct program_inputs *in)
{
    switch ((enum program_op)step->op) {
    case PROGRAM_GENERAL:
        return lower(cpu_get_general(machine_cpu(in->machine, 0), step->index) >> step->low, step->size);
    case PROGRAM_REGISTER:
        return register_get(program_registers(in), &step->place);
    case PROGRAM_PLACE:
        return target_next_linear(program_registers(in));
    case PROGRAM_FLAG:
        return lower(program_registers(in)->rflags >> step->low, step->size);
    case PROGRAM_VARIABLE:
        return in->variables ? in->variables[step->index].value : 0;
    default:
        return step->number;
    }
}

static bool load(const struct program_step *step, struct program_inputs *in, uint64_t *value,
                 struct error *err)
{
    uint8_t bytes[8] = {0};
    uint64_t linear = *value;
    if (linear > UINT32_MAX || target_peek(in->machine, linear, bytes, step->size) != step->size)
        return error_set(err, "no memory is there: 0x%" PRIx64 " in '%s'", linear, in->text);
    *value = 0;
    for (unsigned i = 0; i < step->size; i++)
        *value |= (uint64_t)bytes[i] << 8 * i;
    return true;
}

/* VALUES: selector and offset; becomes the linear address, which wraps around as in the processor. */
static bool segmented(const struct program_step *step, struct program_inputs *in, uint64_t values[2],
                      struct error *err)
{
    uint64_t base;
    in->selector = (uint16_t)values[0];
    in->offset = values[1];
    if (step->segment >= 0) /* what its cache holds, which may differ from what its selector says now */
        base = program_registers(in)->segment[step->segment].base;
    else if (!target_segment_base(in->machine, in->selector, &base))
        return error_set(err,
                         "no segment has the selector %04x in '%s'; info gdt lists them, and 0x%x is the "
                         "linear address of real mode",
                         in->selector, in->text, (unsigned)in->selector << 4);
    values[0] = (uint32_t)(base + in->offset);
    return true;
}

static uint64_t apply_one(const struct program_step *step, uint64_t a)
{
    switch ((enum program_op)step->op) {
    case PROGRAM_MASK:
        return lower(a, 8u * step->size);
    case PROGRAM_NOT:
        return !a;
    case PROGRAM_COMPLEMENT:
        return ~a;
    case PROGRAM_NEGATE:
        return -a;
    default:
        return a != 0;
    }
}

/* B of a division is not zero. */
static uint64_t apply_two(enum program_op op, uint64_t a, uint64_t b)
{
    switch (op) {
    case PROGRAM_BITS_OR:
        return a | b;
    case PROGRAM_BITS_XOR:
        return a ^ b;
    case PROGRAM_BITS_AND:
        return a & b;
    case PROGRAM_EQ:
        return a == b;
    case PROGRAM_NE:
        return a != b;
    case PROGRAM_LE:
        return a <= b;
    case PROGRAM_GE:
        return a >= b;
    case PROGRAM_LT:
        return a < b;
    case PROGRAM_GT:
        return a > b;
    case PROGRAM_SHL:
        return b < 64 ? a << b : 0;
    case PROGRAM_SHR:
        return b < 64 ? a >> b : 0;
    case PROGRAM_ADD:
        return a + b;
    case PROGRAM_SUB:
        return a - b;
    case PROGRAM_MUL:
        return a * b;
    case PROGRAM_DIV:
        return a / b;
    default:
        return a % b;
    }
}

/* What takes two values, the last of which may be the step's own number. END: behind the last value; returns
 * it anew. NULL: a division by 0. */
static uint64_t *combine(const struct program_step *step, uint64_t *end)
{
    uint64_t b = step->has_number ? step->number : *--end;
    if (!b && (step->op == PROGRAM_DIV || step->op == PROGRAM_MOD))
        return NULL;
    end[-1] = apply_two(step->op, end[-1], b);
    return end;
}

/* Whatever leaves as many values as there were. */
static bool change(const struct program_step *step, struct program_inputs *in, uint64_t *value,
                   struct error *err)
{
    if (step->op == PROGRAM_LOAD)
        return load(step, in, value, err);
    *value = apply_one(step, *value);
    return true;
}

bool program_run(const struct program *program, struct program_inputs *in, uint64_t *out, struct error *err)
{
    uint64_t stack[PROGRAM_STACK], *end = stack; /* behind the last value */
    for (unsigned i = 0; i < program->count; i++) {
        const struct program_step *step = &program->steps[i];
        if (step->op <= PROGRAM_VARIABLE) {
            *end++ = value_of(step, in);
        } else if (step->op >= PROGRAM_AND) {
            if (!end[-1] == (step->op == PROGRAM_AND))
                i = step->index - 1;
            else
                end--;
        } else if (step->op >= PROGRAM_BITS_OR) {
            end = combine(step, end);
            if (!end)
                return error_set(err, "a division by 0 in '%s'", in->text);
        } else if (step->op == PROGRAM_SEGMENTED) {
            end--;
            if (!segmented(step, in, end - 1, err))
                return false;
        } else if (!change(step, in, end - 1, err)) {
            return false;
        }
    }
    *out = end[-1];
    return true;
}
