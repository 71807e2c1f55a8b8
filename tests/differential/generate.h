/* Cases: random but repeatable instruction sequences with the state that they start from. */
#ifndef TICK86_TESTS_DIFFERENTIAL_GENERATE_H
#define TICK86_TESTS_DIFFERENTIAL_GENERATE_H

#include "cpu/decode.h"
#include "tests/differential/interpreter.h"

enum { CASE_INSNS = 8, CASE_STEPS = 400 };

struct diff_case {
    struct machine_state start;
    struct {
        uint32_t at; /* offset in the code area */
        uint8_t bytes[INSN_MAX_BYTES];
        uint8_t length;
    } insn[CASE_INSNS + 4];
    unsigned insns;
    enum host_kind host;
    uint32_t undefined; /* flags that are undefined where it ends */
    /* Bytes of memory that a processor may store as it likes: linear addresses. */
    struct {
        uint32_t linear, length;
        const char *why;
    } ignored[4 * CASE_INSNS + 8];
    unsigned ignored_count;
    bool repeated_compare;           /* the last instruction is CMPS or SCAS with a prefix to repeat it */
    bool faulting_fpu, faulting_mmx; /* it ends by a fault of such an instruction, with a memory operand */
    bool approximate;                /* transcendental results: the last bits may differ */
};

struct group {
    const char *name;
    const char *what;
};
extern const struct group groups[];
extern const unsigned group_count;

/* Makes case NUMBER of a group. The interpreter runs along while it is made, so that memory operands and
 * jumps lead somewhere; its memory must be PRISTINE, and is not afterwards. The code goes to IMAGE's code
 * area. What HOST and the interpreter may do differently is left out or noted. */
void generate(struct interpreter *in, unsigned group, uint64_t seed, uint64_t number,
              struct sandbox_image *image, enum host_kind host, struct diff_case *out);

#endif
