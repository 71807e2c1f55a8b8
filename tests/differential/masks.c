/* What is not compared, and why; see masks.h. */
#include "tests/differential/masks.h"

#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/operand.h"

enum { MASK_POINTERS, MASK_FETCH };

const struct mask_row mask_rows[] = {
    [MASK_POINTERS] =
        {"x87 opcode, code and operand pointers in images", 0,
         "later processors note the last opcode and operand only for unmasked exceptions, and no "
         "selectors (CPUID.7.0:EBX bits 6 and 13; SDM volume 1, 8.1.8)"},
    [MASK_FETCH] =
        {"page-fault error code, bit 4", 0,
         "with execute-disable on, as on the host, it tells fetches (SDM volume 3, 4.7); the P6 has none"},
};
const unsigned mask_count = sizeof mask_rows / sizeof mask_rows[0];

uint32_t mask_undefined_flags(const struct cpu *cpu, const struct insn *in)
{
    (void)cpu;
    (void)in;
    return 0;
}

void mask_outcome(const struct diff_case *c, const struct outcome *ours, struct outcome *host)
{
    uint32_t mask = c->undefined;
    host->state.eflags = (host->state.eflags & ~mask) | (ours->state.eflags & mask);
    if (host->vector == EXC_PF)
        host->error &= ~0x10u;
    if (host->vector != EXC_PF || ours->vector != EXC_PF)
        host->cr2 = ours->cr2;
}
