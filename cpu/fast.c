/* Which handler a record gets. */
#include "cpu/fast.h"

#include "cpu/fast_branch.h"
#include "cpu/fast_regs.h"
#include "cpu/insn.h"

handler_fn *fast_select(const struct cpu *cpu, const struct insn *in, const bool *dead_of, unsigned following)
{
    bool dead = *dead_of;
    if ((cpu->mode & MODE_PLAIN) || (in->seg & INSN_LOCK && !(in->ea & INSN_MEM)))
        return fast_plain;
    handler_fn *handler = fast_branch_select(cpu, in, dead, following);
    if (!handler && following && !dead)
        handler = fast_fused_select(cpu, in, in + 1);
    if (!handler)
        handler = fast_pairs_select(cpu, in, dead_of, following);
    if (!handler)
        handler = fast_regs_select(cpu, in, dead);
    if (!handler)
        handler = fast_regs_memory_select(cpu, in, dead);
    if (!handler)
        handler = fast_words_select(cpu, in, dead);
    if (!handler)
        handler = fast_alu_select(cpu, in, dead);
    if (!handler)
        handler = fast_move_select(cpu, in);
    if (!handler)
        handler = fast_stack_select(cpu, in);
    if (!handler)
        handler = fast_flow_select(cpu, in);
    if (!handler)
        handler = fast_condition_select(cpu, in);
    if (!handler)
        handler = fast_multiply_select(cpu, in);
    if (!handler)
        handler = fast_fpu_select(cpu, in);
    if (!handler)
        handler = fast_mmx_select(cpu, in);
    if (!handler)
        handler = fast_string_select(cpu, in);
    if (!handler)
        handler = fast_rotate_select(cpu, in);
    if (!handler)
        handler = fast_segment_select(cpu, in);
    return handler ? handler : fast_plain;
}
