/* The loop: slices of time, interrupts at boundaries, blocks, single instructions, exceptions. */
#include <string.h>

#include "cpu/decode.h"
#include "cpu/fast.h"
#include "cpu/flags.h"
#include "cpu/insn.h"

/* --- time --- */

uint64_t cpu_now(const struct cpu *cpu)
{
    return cpu->deadline - (uint64_t)(cpu->budget >> BUDGET_SHIFT);
}

void cpu_publish_time(struct cpu *cpu)
{
    *cpu->bus.now = cpu_now(cpu);
}

/* Folds the budget used so far into the clock and the instruction count. */
static void settle(struct cpu *cpu)
{
    cpu_publish_time(cpu);
    cpu->instructions += (uint64_t)cpu->budget & ((1u << BUDGET_SHIFT) - 1);
    cpu->budget = (int64_t)((uint64_t)(cpu->budget >> BUDGET_SHIFT) << BUDGET_SHIFT);
}

/* --- exceptions --- */

/* SDM volume 3, table 6-1. */
static bool pushes_error(unsigned vector)
{
    return vector == EXC_DF || (vector >= EXC_TS && vector <= EXC_PF) || vector == EXC_AC;
}

_Noreturn void cpu_raise_because(struct cpu *cpu, unsigned vector, uint32_t error, enum cpu_fault_cause cause,
                                 uint64_t first, uint64_t second)
{
    cpu->fault_cause = (uint8_t)cause;
    cpu->fault_numbers[0] = (uint32_t)first;
    cpu->fault_numbers[1] = (uint32_t)second;
    cpu->fault_vector = (uint8_t)vector;
    /* Real mode pushes no error codes. */
    cpu->fault_has_error = (cpu->cr0 & CR0_PE) && pushes_error(vector);
    cpu->fault_error = error;
    longjmp(cpu->fault_exit, 1);
}

_Noreturn void cpu_raise_segment(struct cpu *cpu, unsigned vector, uint32_t error, unsigned seg,
                                 enum cpu_fault_cause cause, uint64_t first, uint64_t second)
{
    cpu->fault_segment = (int8_t)seg;
    cpu_raise_because(cpu, vector, error, cause, first, second);
}

/* SDM volume 3, 6.15, "Interrupt 8": which pairs make a double fault. */
static bool is_contributory(unsigned vector)
{
    return vector == EXC_DE || (vector >= EXC_TS && vector <= EXC_GP);
}

static bool makes_double_fault(unsigned first, unsigned second)
{
    if (is_contributory(first))
        return is_contributory(second);
    return first == EXC_PF && (is_contributory(second) || second == EXC_PF);
}

void cpu_shut_down(struct cpu *cpu)
{
    cpu->delivering = false;
    cpu->external_event = false;
    cpu->activity = ACTIVITY_SHUTDOWN;
    cpu->attention |= ATTENTION_HALT;
    if (debug_wants(cpu, CPU_EVENT_TRIPLE_FAULT))
        debug_note(cpu, CPU_EVENT_TRIPLE_FAULT, 0, 0, 0);
    cpu->bus.shutdown(cpu->bus.ctx);
}

/* Cycles that pass at once, outside an instruction. */
static void spend(struct cpu *cpu, unsigned cycles)
{
    cpu->budget -= budget_pack(cycles, 0);
    settle(cpu);
}

/* Delivery outside an instruction: what it costs beyond real mode's cycles passes at once. */
static void deliver(struct cpu *cpu, unsigned vector, enum interrupt_kind kind, bool has_error,
                    uint32_t error)
{
    cpu->extra = 0;
    interrupt_deliver(cpu, vector, kind, has_error, error);
    cpu->budget -= cpu->extra;
    cpu->extra = 0;
    settle(cpu);
}

/* Delivers the exception that ended an instruction, or that arose while another one was delivered. */
static void deliver_fault(struct cpu *cpu)
{
    if (!cpu->delivering)
        cpu->debug.event_count = 0; /* the instruction will do again what it did */
    unsigned vector = cpu->fault_vector;
    bool has_error = cpu->fault_has_error;
    uint32_t error = cpu->fault_error;
    cpu->in_chain = false;
    debug_keep_fault(cpu);
    cpu->counters.exceptions++;
    spend(cpu, cpu->model->exception_cost);
    if (cpu->delivering) {
        bool triple = cpu->delivering_vector == EXC_DF;
        bool merges = triple || makes_double_fault(cpu->delivering_vector, vector);
        if (debug_wants(cpu, CPU_EVENT_INTERRUPT))
            debug_note_failed_delivery(cpu, merges);
        if (triple) {
            cpu_shut_down(cpu);
            return;
        }
        if (merges) {
            vector = EXC_DF;
            error = 0;
            has_error = cpu->cr0 & CR0_PE;
        }
    }
    if (cpu->in_software_interrupt) {
        cpu->in_software_interrupt = false;
        cpu->rip = cpu->software_rip;
    }
    cpu->shadow = 0;
    /* The instruction was not executed: data breakpoints that it met on the way will be met again. */
    if (!cpu->delivering)
        cpu->pending_debug = 0;
    deliver(cpu, vector, INTERRUPT_EXCEPTION, has_error, error);
}

/* --- what waits at a boundary, SDM volume 3, 6.9 --- */

static void deliver_interrupt(struct cpu *cpu, unsigned vector, enum interrupt_kind kind)
{
    cpu->activity = ACTIVITY_RUNNING;
    cpu->counters.interrupts++;
    spend(cpu, cpu->model->interrupt_cost);
    deliver(cpu, vector, kind, false, 0);
}

static void deliver_debug_trap(struct cpu *cpu)
{
    cpu->dr[6] |= cpu->pending_debug;
    cpu->pending_debug = 0;
    cpu->activity = ACTIVITY_RUNNING;
    cpu->counters.exceptions++;
    /* Time passes here too: a data breakpoint on the vector itself is met again by each delivery. */
    spend(cpu, cpu->model->exception_cost);
    deliver(cpu, EXC_DB, INTERRUPT_ICEBP, false, 0);
}

/* Takes the most urgent thing that waits. True: something was taken. */
static bool take_pending(struct cpu *cpu)
{
    /* INIT waits until RSM (SDM volume 3, 31.3), but leads out of the shutdown state always. */
    if (UNLIKELY(cpu->init_pending && (!cpu->in_smm || cpu->activity == ACTIVITY_SHUTDOWN))) {
        cpu->init_pending = false;
        cpu_reset(cpu, false);
        return true;
    }
    if (cpu->activity == ACTIVITY_SHUTDOWN && !(cpu->nmi_pending && !cpu->nmi_blocked))
        return false;
    /* The trap of a task switch goes first (volume 3, table 6-2), and so does what MOV SS and STI shield. */
    if (UNLIKELY(cpu->smi_pending && !cpu->in_smm && !cpu->shadow && !(cpu->pending_debug & DR6_BT))) {
        cpu->smi_pending = false;
        smm_enter(cpu);
        return true;
    }
    if (UNLIKELY(cpu->pending_debug && !(cpu->shadow & SHADOW_SS))) {
        deliver_debug_trap(cpu);
        return true;
    }
    if (UNLIKELY(cpu->nmi_pending && !cpu->nmi_blocked && !cpu->shadow)) {
        cpu->nmi_pending = false;
        cpu->nmi_blocked = true;
        deliver_interrupt(cpu, EXC_NMI, INTERRUPT_EXTERNAL);
        return true;
    }
    if (cpu->intr && (cpu->eflags & FLAG_IF) && !cpu->shadow) {
        uint8_t vector = cpu->bus.acknowledge(cpu->bus.ctx);
        deliver_interrupt(cpu, vector, INTERRUPT_EXTERNAL);
        return true;
    }
    return false;
}

/* --- one instruction by itself --- */

/* Cycles for an instruction that comes from where no memory is: the chip that answers there is asked for each
 * of its parts. About what a port on the PCI bus takes. */
#define FETCH_WAIT 50

/* Gathers the instruction's bytes, across pages if need be, and decodes it into cpu->single. */
static unsigned fetch_single(struct cpu *cpu)
{
    uint64_t linear = cpu->seg[SEG_CS].base + cpu->rip;
    uint64_t limit = cpu->seg[SEG_CS].limit;
    unsigned have = 0, length = 0;
    if (cpu->rip > limit)
        cpu_raise_segment(cpu, EXC_GP, 0, SEG_CS, CPU_FAULT_CODE_LIMIT, cpu->rip, limit);
    uint64_t room = limit - cpu->rip + 1;
    for (;;) {
        if (have >= room)
            cpu_raise_segment(cpu, EXC_GP, 0, SEG_CS, CPU_FAULT_CODE_LIMIT, limit + 1, limit);
        const struct code_tlb_entry *code = code_lookup(cpu, linear + have);
        unsigned offset = (linear + have) & (PAGE_BYTES - 1), n = PAGE_BYTES - offset;
        if (n > INSN_MAX_BYTES + 1 - have)
            n = INSN_MAX_BYTES + 1 - have;
        if (code->bytes) {
            memcpy(cpu->fetch_buffer + have, code->bytes + offset, n);
        } else {
            uint64_t physical;
            cpu_charge(cpu, FETCH_WAIT);
            for (unsigned i = 0; i < n; i++)
                cpu->fetch_buffer[have + i] = cpu_peek_translate(cpu, linear + have + i, &physical)
                                                  ? (uint8_t)phys_read(cpu, physical, 1)
                                                  : 0xFF;
        }
        have += n;
        unsigned usable = have < room ? have : (unsigned)room;
        enum decode_status status =
            decode(cpu->model, cpu->mode, cpu->fetch_buffer, usable, &cpu->single[1], &length);
        if (status == DECODE_OK)
            return length;
        if (status == DECODE_TOO_LONG || (usable == have && have > INSN_MAX_BYTES))
            cpu_raise_because(cpu, EXC_GP, 0, CPU_FAULT_TOO_LONG, 0, 0);
    }
}

/* INT n and the like have gone to their handler: TF is clear there, and no trap follows. INTO may not have.
 */
static bool interrupts_by_itself(const struct cpu *cpu, const struct insn *in)
{
    switch (in->id) {
    case ID_int_imm:
    case ID_int3:
    case ID_icebp:
        return true;
    case ID_into:
        return !(cpu->eflags & FLAG_TF);
    default:
        return false;
    }
}

/* With DEBUGCTL.LBR and BTF branches are seen: those taken are recorded, and TF traps after them only (SDM
 * volume 3, 17.16 and 17.4.3). Offsets in their code segments, as the P6 family has them. */
static bool sees_branches(const struct cpu *cpu)
{
    return cpu->msr.debugctl & (DEBUGCTL_LBR | DEBUGCTL_BTF);
}

/* IN, at START, has been executed. Returns whether TF traps after it. */
static bool note_branch(struct cpu *cpu, const struct insn *in, uint64_t start)
{
    bool branched = cpu->taken || (insn_info[in->id].attributes & ATTR_JUMP);
    if (branched && (cpu->msr.debugctl & DEBUGCTL_LBR))
        branch_record(cpu, start, cpu->rip);
    return branched || !(cpu->msr.debugctl & DEBUGCTL_BTF);
}

/* Will something be taken as soon as no shadow holds it back? */
static bool interrupt_waits(const struct cpu *cpu, unsigned shadow)
{
    return (cpu->init_pending && !cpu->in_smm) || (cpu->smi_pending && !cpu->in_smm) ||
           (cpu->pending_debug && !(shadow & SHADOW_SS)) ||
           (cpu->nmi_pending && !cpu->nmi_blocked && !shadow) ||
           (cpu->intr && (cpu->eflags & FLAG_IF) && !shadow);
}

static void run_single(struct cpu *cpu)
{
    cpu->counters.single_runs++;
    /* A repetition goes no further than its first element. */
    if (UNLIKELY(cpu->shadow) && interrupt_waits(cpu, 0))
        cpu->attention |= ATTENTION_INTERRUPT;
    bool trap = cpu->eflags & FLAG_TF, resume = cpu->eflags & FLAG_RF;
    /* MOV SS and POP SS suppress a breakpoint on what follows them (SDM volume 3, 17.3.1.1). */
    if (UNLIKELY(cpu->breakpoints.code) && !resume && !(cpu->shadow & SHADOW_SS))
        breakpoint_check_code(cpu);
    cpu->extra = 0;
    unsigned length = fetch_single(cpu);
    struct insn *in = &cpu->single[1];
    unsigned cost = model_cost(cpu->model, in);
    in->next_offset = (uint8_t)length;
    in->rest_cost = (uint16_t)cost;
    in->rest_count = 1;
    cpu->next_rip = (cpu->rip + length) & (cpu->model->level < LEVEL_386 ? 0xFFFF : 0xFFFFFFFF);
    cpu->shadow = 0;
    cpu->keep_resume = false;
    if (debug_wants(cpu, CPU_EVENT_MAGIC) && insn_is_magic(in))
        debug_note(cpu, CPU_EVENT_MAGIC, 0, 0, 0);
    uint64_t start = cpu->rip;
    cpu->taken = false;
    plain_functions[in->id](cpu, in);
    cpu->rip = cpu->next_rip;
    cpu->budget -= budget_pack(cost, 1) + cpu->extra;
    if (resume && !cpu->keep_resume)
        cpu->eflags &= ~(uint32_t)FLAG_RF;
    bool traps = LIKELY(!sees_branches(cpu)) || note_branch(cpu, in, start);
    if (trap && traps && !interrupts_by_itself(cpu, in) && !(cpu->shadow & SHADOW_SS))
        cpu->pending_debug |= DR6_BS;
    settle(cpu);
}

static bool wants_single(const struct cpu *cpu)
{
    return cpu->shadow || (cpu->paths & CPU_PATH_SINGLE) || (cpu->eflags & (FLAG_TF | FLAG_RF)) ||
           (cpu->msr.debugctl & DEBUGCTL_LBR) || breakpoint_is_at(cpu, cpu->rip);
}

/* --- blocks --- */

static void run_chain(struct cpu *cpu, const struct block *b)
{
    cpu->in_chain = true;
    cpu->extra = 0;
    struct tlb_entry *tlb = cpu_context(cpu);
    int64_t budget = cpu->budget - b->cost;
#if TAIL_CALLS
    b->insn[0].handler(cpu, b->insn, cpu->rip, budget, tlb REGISTERS_LOADED);
#else
    cpu->chain_in = b->insn;
    cpu->chain_handler = b->insn[0].handler;
    cpu->chain_ip = cpu->rip;
    cpu->chain_budget = budget;
    while (cpu->chain_in)
        cpu->chain_handler(cpu, cpu->chain_in, cpu->chain_ip, cpu->chain_budget, tlb);
#endif
    cpu->in_chain = false;
    cpu->rip = (uint32_t)cpu->chain_ip & (cpu->model->level < LEVEL_386 ? 0xFFFF : 0xFFFFFFFF);
    cpu->budget = cpu->chain_budget;
    settle(cpu);
}

/* Starts a slice: cycles until the nearest of UNTIL, the instruction limit and the largest slice. */
static void start_slice(struct cpu *cpu, uint64_t until)
{
    uint64_t now = *cpu->bus.now, cycles = until - now, left = cpu->instruction_limit - cpu->instructions;
    if (cycles > (uint64_t)BUDGET_SLICE)
        cycles = (uint64_t)BUDGET_SLICE;
    /* An instruction costs at least one cycle, so this stops short of the limit; the last ones run singly. */
    if (cycles > left)
        cycles = left;
    cpu->deadline = now + cycles;
    cpu->budget = (int64_t)(cycles << BUDGET_SHIFT);
}

static bool debug_waits(const struct cpu *cpu)
{
    return cpu->debug.event_count || debug_wants(cpu, CPU_EVENT_MODE);
}

/* For CPU_PATH_DROPS: what may be forgotten at any time is forgotten now and then. */
static void drop_at_random(struct cpu *cpu)
{
    unsigned dice = cpu_path_random(cpu) % 64;
    if (dice == 0)
        tlb_drop_fast(cpu);
    else if (dice == 1)
        blocks_flush(cpu);
}

/* For CPU_PATH_BREAKS: now and then an instruction of the block gets a breakpoint, memory that may be used
 * soon is watched, or one that has it loses it. */
static void break_at_random(struct cpu *cpu, const struct block *b)
{
    unsigned dice = cpu_path_random(cpu) % 256, i = cpu_path_random(cpu) % b->count;
    uint32_t code = (uint32_t)(cpu->seg[SEG_CS].base + cpu->rip + (i ? b->insn[i - 1].next_offset : 0));
    uint32_t data =
        (uint32_t)(i & 1 ? cpu->seg[SEG_SS].base + cpu->gpr[RSP].d : cpu->seg[SEG_ES].base + cpu->gpr[RDI].d);
    if (dice < 2)
        debug_add_chance(cpu, &(struct cpu_range){code, code, CPU_RANGE_EXECUTE});
    else if (dice == 2)
        debug_add_chance(cpu,
                         &(struct cpu_range){data - 8, (uint64_t)data + 8, CPU_RANGE_READ | CPU_RANGE_WRITE});
    else if (dice == 3)
        debug_forget_chance(cpu);
}

static void run_some(struct cpu *cpu)
{
    debug_keep_place(cpu);
    if (UNLIKELY(cpu->paths & CPU_PATH_DROPS))
        drop_at_random(cpu);
    struct block *b = wants_single(cpu) ? NULL : block_find(cpu, cpu->rip);
    debug_place_fetched(cpu);
    if (UNLIKELY(cpu->paths & CPU_PATH_BREAKS) && b)
        break_at_random(cpu, b);
    if (b && cpu->budget - b->cost >= 0)
        run_chain(cpu, b);
    else
        run_single(cpu);
}

enum cpu_stop cpu_run(struct cpu *cpu, uint64_t until)
{
    if (setjmp(cpu->fault_exit))
        deliver_fault(cpu);
    for (;;) {
        uint64_t now = *cpu->bus.now;
        cpu->deadline = now;
        cpu->budget = 0;
        if (UNLIKELY(cpu->debug.stops) || (UNLIKELY(debug_waits(cpu)) && debug_tell(cpu))) {
            cpu->debug.stops = false;
            return CPU_STOP_BREAK;
        }
        if (now >= until)
            return CPU_STOP_TIME;
        uint32_t attention = cpu->attention;
        cpu->attention = 0;
        if (attention & ATTENTION_OUTSIDE)
            return CPU_STOP_ATTENTION;
        if (take_pending(cpu))
            continue;
        if (UNLIKELY(cpu->activity != ACTIVITY_RUNNING)) {
            if (cpu->activity == ACTIVITY_SHUTDOWN)
                return CPU_STOP_SHUTDOWN;
            *cpu->bus.now = until;
            return CPU_STOP_TIME;
        }
        if (UNLIKELY(cpu->instructions >= cpu->instruction_limit))
            return CPU_STOP_LIMIT;
        if (debug_may_stop_here(cpu) && debug_stops_here(cpu))
            return CPU_STOP_BREAK;
        start_slice(cpu, until);
        run_some(cpu);
    }
}

static enum cpu_stop end_of_step(struct cpu *cpu)
{
    return UNLIKELY(debug_waits(cpu)) && debug_tell(cpu) ? CPU_STOP_BREAK : CPU_STOP_TIME;
}

enum cpu_stop cpu_step(struct cpu *cpu)
{
    cpu->deadline = *cpu->bus.now;
    cpu->budget = 0;
    cpu->attention &= ATTENTION_OUTSIDE;
    if (setjmp(cpu->fault_exit)) {
        deliver_fault(cpu);
        return end_of_step(cpu);
    }
    if (UNLIKELY(cpu->debug.event_count) && debug_tell(cpu)) /* a device's */
        return CPU_STOP_BREAK;
    if (take_pending(cpu))
        return end_of_step(cpu);
    if (cpu->activity == ACTIVITY_SHUTDOWN)
        return CPU_STOP_SHUTDOWN;
    if (cpu->instructions >= cpu->instruction_limit)
        return CPU_STOP_LIMIT;
    if (cpu->activity == ACTIVITY_RUNNING) {
        debug_keep_place(cpu);
        run_single(cpu);
    }
    return end_of_step(cpu);
}

bool cpu_stops_here(struct cpu *cpu)
{
    return debug_may_stop_here(cpu) && cpu->activity == ACTIVITY_RUNNING &&
           !interrupt_waits(cpu, cpu->shadow) && debug_stops_here(cpu);
}

/* --- ways out of fast handlers --- */

/* The record's plain function, in the middle of a chain. */
HANDLER(fast_plain)
{
    cpu->rip = ip + in[-1].next_offset;
    cpu->block_ip = ip;
    uint64_t next = ip + in->next_offset;
    cpu->next_rip = next;
    cpu->budget = budget + budget_pack(in->rest_cost, in->rest_count);
    cpu->extra = 0;
    plain_functions[in->id](cpu, in);
    budget -= cpu->extra;
    if (UNLIKELY(cpu->next_rip != next)) {
        /* A transfer: what is left of the block (nothing, where it ends it) is not run. */
        budget += budget_pack(in[1].rest_cost, in[1].rest_count) * !(insn_info[in->id].attributes & ATTR_END);
        ip = cpu->next_rip;
        tlb = cpu_context(cpu);
        if (cpu->attention || budget < 0)
            LEAVE();
        GO_TO_RELOADED(cpu->go_find, in);
    }
    bool end = insn_info[in->id].attributes & ATTR_END;
    if (UNLIKELY(cpu->attention || budget < 0)) {
        if (!end)
            budget += budget_pack(in[1].rest_cost, in[1].rest_count);
        ip = next;
        LEAVE();
    }
    if (end) {
        ip = next;
        tlb = cpu_context(cpu);
        GO_TO_RELOADED(cpu->go_find, in);
    }
    GO_RELOADED(in + 1);
}

/* At the deadline what is due comes before the fetch of the next instruction, which may fault or fill the
 * TLB. */
static inline bool time_is_up(int64_t budget)
{
    return budget >> BUDGET_SHIFT <= 0;
}

/* The block at IP, looked up by its page. An instruction breakpoint there comes before the fetch: NULL. */
static struct block *find_uncached(struct cpu *cpu, uint64_t ip)
{
    return breakpoint_is_at(cpu, ip) ? NULL : block_find(cpu, ip);
}

/* Finds the block at IP and goes there. */
HANDLER(fast_find)
{
    struct block *b = find_cached(cpu, ip);
    if (b && ip + b->bytes - 1 <= cpu->seg[SEG_CS].limit)
        ENTER_BLOCK(b);
    if (time_is_up(budget))
        LEAVE();
    /* The look-up may fault: the state must be that of the boundary. */
    cpu->rip = ip;
    cpu->budget = budget;
    b = find_uncached(cpu, ip);
    if (!b)
        LEAVE();
    ENTER_BLOCK(b);
}

/* The exits that an exit belongs to; handlers get an exit as if it were a record. */
static inline struct block_exits *exits_of_taken(const struct insn *in)
{
    return (struct block_exits *)(uintptr_t)in;
}
static inline struct block_exits *exits_of_next(const struct insn *in)
{
    return (struct block_exits *)(uintptr_t)((const char *)in - offsetof(struct block_exits, next));
}

/* Branches to other pages are not linked: the jump cache knows where they lead. */
static inline struct block *find_far(struct cpu *cpu, uint64_t from, uint64_t ip)
{
    uint64_t base = cpu->seg[SEG_CS].base;
    if (((base + from) ^ (base + ip)) < PAGE_BYTES)
        return NULL;
    struct block *b = find_cached(cpu, ip);
    return b && ip + b->bytes - 1 <= cpu->seg[SEG_CS].limit ? b : NULL;
}

/* Links to the block at IP if it lies on the page of the block that ends with the branch at FROM. */
static struct block *find_and_link(struct cpu *cpu, struct block_exit *way, uint64_t from, uint64_t ip)
{
    struct block *b = find_cached(cpu, ip);
    if (!b || ip + b->bytes - 1 > cpu->seg[SEG_CS].limit)
        b = find_uncached(cpu, ip);
    uint64_t base = cpu->seg[SEG_CS].base;
    if (b && ((base + from) ^ (base + ip)) < PAGE_BYTES && !(cpu->paths & CPU_PATH_NO_LINKS)) {
        way->to = b->insn;
        way->cost += b->cost;
    }
    return b;
}

HANDLER(fast_link_taken)
{
    struct block_exits *exits = exits_of_taken(in);
    struct block *b = find_far(cpu, ip - (uint64_t)exits->target, ip);
    if (LIKELY(b != NULL))
        ENTER_BLOCK(b);
    if (time_is_up(budget))
        LEAVE();
    cpu->rip = ip;
    cpu->budget = budget;
    b = find_and_link(cpu, &exits->taken, ip - (uint64_t)exits->target, ip);
    if (!b || cpu->attention)
        LEAVE();
    ENTER_BLOCK(b);
}

HANDLER(fast_link_next)
{
    struct block_exits *exits = exits_of_next(in);
    if (time_is_up(budget))
        LEAVE();
    cpu->rip = ip;
    cpu->budget = budget;
    const struct insn *last = (const struct insn *)exits - 1;
    struct block *b = find_and_link(cpu, &exits->next, ip - last->next_offset, ip);
    if (!b || cpu->attention)
        LEAVE();
    ENTER_BLOCK(b);
}

/* The block that an exit leads to does not fit into the budget, from which it has been taken already. */
HANDLER(fast_over)
{
    const struct block_exit *way = (const struct block_exit *)(const void *)in;
    budget += way->cost;
    if (way->link == fast_link_taken)
        budget -= exits_of_taken(in)->taken_cost;
    LEAVE();
}

/* A link led to a block whose bytes have changed since. */
HANDLER(fast_dead_block)
{
    const struct block *dead = block_at(in);
    budget += dead->cost;
    struct jump_cache_entry *jc = jump_cache_slot(cpu, (uint32_t)(cpu->seg[SEG_CS].base + ip));
    if (jc->block == dead)
        jc->key = UINT64_MAX;
    GO_TO(cpu->go_find, in);
}

/* The first record of a block that goes on into the next page: is that page still the same? */
HANDLER(fast_straddle)
{
    struct block *b = (struct block *)(uintptr_t)block_at(in);
    uint64_t linear = (uint32_t)(cpu->seg[SEG_CS].base + ip + b->bytes - b->tail);
    if (LIKELY(cpu->code_tlb[linear >> 12 & (CODE_TLB_ENTRIES - 1)].stamp == b->tail_stamp))
        GO(in + 1);
    budget += b->cost;
    cpu->rip = ip;
    cpu->budget = budget;
    if (!block_check_tail(cpu, b, ip))
        LEAVE();
    budget -= b->cost;
    GO(in + 1);
}

/* Before an instruction that may have a breakpoint. The debugger is asked from here, at a boundary as in the
 * loop: nothing waits, or the chain would have been left. */
HANDLER(fast_break)
{
    const struct block *b = block_at(in);
    cpu->rip = ip;
    cpu->budget = budget + b->cost;
    settle(cpu);
    budget = cpu->budget;
    if (debug_stops_in_chain(cpu) || breakpoint_leaves_chain(cpu))
        LEAVE();
    budget -= b->cost;
    GO(in + 1);
}

HANDLER(fast_magic)
{
    cpu->rip = ip + in[-1].next_offset;
    debug_note(cpu, CPU_EVENT_MAGIC, 0, 0, 0);
    PLAIN();
}

/* Behind the last record of a block that was cut. */
HANDLER(fast_fall_through)
{
    ip += in->next_offset;
    GO_TO(cpu->go_find, in);
}

HANDLER(fast_leave)
{
    LEAVE();
}

void fast_install(struct cpu *cpu)
{
    cpu->go_plain = fast_plain;
    cpu->go_find = fast_find;
    cpu->go_over = fast_over;
    cpu->leave = fast_leave;
}
