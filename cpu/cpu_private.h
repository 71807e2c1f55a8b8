/* The inside of the processor, shared by the files of this room.
 *
 * How an instruction runs, in short (docs/internals.md has the whole story):
 *   - decode.c turns bytes into a `struct insn`, a record of 32 bytes.
 *   - Every instruction has a plain function, `void fn(cpu, insn)`, that does all of it exactly: every
 *     check, every memory path, every flag. The plain functions alone are a complete processor.
 *   - Hot instructions also have fast handlers, chained by tail calls within blocks (fast.h). A fast
 *     handler does the usual case only; anything unusual hands the same record to the plain function.
 */
#ifndef TICK86_CPU_CPU_PRIVATE_H
#define TICK86_CPU_CPU_PRIVATE_H

#include <setjmp.h>
#include <stddef.h>

#include "cpu/cpu.h"
#include "cpu/debug.h"
#include "cpu/fpu.h"
#include "cpu/model.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, REG_ZERO = 16 };
enum { SEG_ES = CPU_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR, SEG_COUNT };

/* EFLAGS, SDM volume 1, 3.4.3. */
enum {
    FLAG_CF = 0x1,
    FLAG_1 = 0x2,
    FLAG_PF = 0x4,
    FLAG_AF = 0x10,
    FLAG_ZF = 0x40,
    FLAG_SF = 0x80,
    FLAG_TF = 0x100,
    FLAG_IF = 0x200,
    FLAG_DF = 0x400,
    FLAG_OF = 0x800,
    FLAG_IOPL = 0x3000,
    FLAG_NT = 0x4000,
    FLAG_RF = 0x10000,
    FLAG_VM = 0x20000,
    FLAG_AC = 0x40000,
    FLAG_VIF = 0x80000,
    FLAG_VIP = 0x100000,
    FLAG_ID = 0x200000,
    FLAGS_ARITH = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF,
};

/* Exceptions, SDM volume 3, 6.3.1. */
enum {
    EXC_DE,
    EXC_DB,
    EXC_NMI,
    EXC_BP,
    EXC_OF,
    EXC_BR,
    EXC_UD,
    EXC_NM,
    EXC_DF,
    EXC_MP,
    EXC_TS,
    EXC_NP,
    EXC_SS,
    EXC_GP,
    EXC_PF,
    EXC_MF = 16,
    EXC_AC,
    EXC_MC,
    EXC_XM,
};

enum {
    CR0_PE = 1u,
    CR0_MP = 2u,
    CR0_EM = 4u,
    CR0_TS = 8u,
    CR0_ET = 0x10u,
    CR0_NE = 0x20u,
    CR0_WP = 0x10000u,
    CR0_AM = 0x40000u,
    CR0_NW = 0x20000000u,
    CR0_CD = 0x40000000u,
    CR0_PG = 0x80000000u,
};
enum {
    CR4_VME = 1u,
    CR4_PVI = 2u,
    CR4_TSD = 4u,
    CR4_DE = 8u,
    CR4_PSE = 0x10u,
    CR4_PAE = 0x20u,
    CR4_MCE = 0x40u,
    CR4_PGE = 0x80u,
    CR4_PCE = 0x100u,
    CR4_OSFXSR = 0x200u,
    CR4_OSXMMEXCPT = 0x400u,
};

/* A segment register with its hidden part, SDM volume 3, 3.4.3. */
struct segment {
    uint64_t base;
    /* For the fast paths: an access of N bytes at OFF is fine where OFF + N <= read_end (write_end). 0 where
     * only the plain path may decide (null, expand-down, not readable, not writable). */
    uint64_t read_end, write_end;
    uint32_t limit;
    uint16_t selector;
    uint16_t access; /* descriptor bits 40-55 */
};

/* Bits of segment.access. */
enum {
    SEGA_ACCESSED = 1,
    SEGA_RW = 2,
    SEGA_DC = 4 /* expand-down, or conforming */,
    SEGA_CODE = 8,
    SEGA_S = 0x10,
    SEGA_DPL_SHIFT = 5,
    SEGA_P = 0x80,
    SEGA_AVL = 0x1000,
    SEGA_L = 0x2000,
    SEGA_DB = 0x4000,
    SEGA_G = 0x8000,
};

/* Is it in the register, and present? */
static inline bool segment_is_usable(uint16_t access)
{
    return (access & SEGA_P) && (access & SEGA_S);
}

static inline bool segment_is_writable(uint16_t access)
{
    return !(access & SEGA_CODE) && (access & SEGA_RW);
}

union gpr {
    uint64_t q;
    uint32_t d;
    uint16_t w;
    uint8_t b[8];
};

/* Lazy arithmetic flags. CF is always flag_a < flag_b, so that whoever keeps it leaves these alone. The
 * result is sign-extended to 64 bits: ZF, SF and PF follow from it for all kinds but FLAGS_EXPLICIT. The kind
 * says how OF and AF follow. */
enum flag_kind {
    FLAGS_EXPLICIT, /* all six in flag_bits, at their EFLAGS positions; flag_res unused */
    FLAGS_COA,      /* OF and AF in flag_bits */
    FLAGS_ADD8,
    FLAGS_ADD16,
    FLAGS_ADD32,
    FLAGS_ADD64, /* flag_a: the result, flag_b: the first operand */
    FLAGS_SUB8,
    FLAGS_SUB16,
    FLAGS_SUB32,
    FLAGS_SUB64, /* flag_a, flag_b: the operands */
    FLAGS_INC8,
    FLAGS_INC16,
    FLAGS_INC32,
    FLAGS_INC64,
    FLAGS_DEC8,
    FLAGS_DEC16,
    FLAGS_DEC32,
    FLAGS_DEC64,
    FLAGS_CARRY8, /* ADC, SBB: flag_bits has the carry (or borrow) into each bit of the result */
    FLAGS_CARRY16,
    FLAGS_CARRY32,
};

/* The fast TLB: what the fast paths look at. One page each, direct mapped by linear page. */
#define TLB_ENTRIES 256
#define TLB_INVALID (1ull << 63)
struct tlb_entry {
    uint64_t read;   /* linear address of the page if reads may go direct, else TLB_INVALID */
    uint64_t write;  /* likewise for writes */
    uint64_t addend; /* host address - linear address */
    uint64_t pad;
};

/* The architectural TLB: what a real one remembers, visible to guests, part of the state. */
struct tlb_line {
    uint64_t linear;   /* page address | 1 if valid */
    uint64_t physical; /* page address */
    uint32_t rights;   /* TLBR_* */
};
enum {
    TLBR_WRITE = CPU_MAY_WRITE,
    TLBR_USER = CPU_MAY_USER,
    TLBR_DIRTY = CPU_IS_DIRTY,
    TLBR_GLOBAL = CPU_IS_GLOBAL,
    TLBR_NX = 16,
    TLBR_LARGE = CPU_IS_LARGE,
};

/* Where code comes from, per linear page: laid over the architectural instruction TLB. */
struct code_tlb_entry {
    uint64_t linear; /* page address, or TLB_INVALID */
    uint32_t page;   /* backing page number */
    const uint8_t *bytes;
    uint8_t *flags; /* of the backing page */
    uint64_t stamp; /* one for each linear page, privilege and backing page; 0: empty, or no host memory */
};
#define CODE_TLB_ENTRIES 64

/* Tag sets of the fast TLB: the rights differ by context, the translations do not. */
enum { CTX_SUPERVISOR, CTX_USER, CTX_SLOW /* nothing ever hits: alignment checks */, CTX_COUNT };

struct cpu;
struct insn;
struct block;

typedef void plain_fn(struct cpu *cpu, const struct insn *in);

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) ||           \
    defined(TICK86_NO_TAIL_CALLS)
#define TAIL_CALLS 0
#else
#define TAIL_CALLS 1
#endif

/* Handlers that return to a loop are functions like others. */
#if defined(__clang__) && defined(__has_attribute) && TAIL_CALLS
#if __has_attribute(preserve_none)
#define HANDLER_CONVENTION __attribute__((preserve_none))
#define REGISTER_ARGS      1
#endif
#endif
#ifndef HANDLER_CONVENTION
#define HANDLER_CONVENTION
#define REGISTER_ARGS 0
#endif

/* Where the convention leaves host registers for it, handlers pass on the values of the guest's registers
 * but ESP and EBP: r0 is always what cpu->gpr[0].d holds. So reading one costs no load and waits for no
 * store. */
#if REGISTER_ARGS
#define REGISTER_PARAMETERS                                                                                  \
    , uint32_t r0 __attribute__((unused)), uint32_t r1 __attribute__((unused)),                              \
        uint32_t r2 __attribute__((unused)), uint32_t r3 __attribute__((unused)),                            \
        uint32_t r6 __attribute__((unused)), uint32_t r7 __attribute__((unused))
#define REGISTERS_PASSED , r0, r1, r2, r3, r6, r7
#define REGISTERS_LOADED                                                                                     \
    , cpu->gpr[0].d, cpu->gpr[1].d, cpu->gpr[2].d, cpu->gpr[3].d, cpu->gpr[6].d, cpu->gpr[7].d
#else
#define REGISTER_PARAMETERS
#define REGISTERS_PASSED
#define REGISTERS_LOADED
#endif

/* IP: of the start of the block, EIP (not linear). BUDGET: see below. TLB: the context's fast TLB. */
#define HANDLER_ARGS                                                                                         \
    struct cpu *cpu __attribute__((unused)), const struct insn *in __attribute__((unused)),                  \
        uint64_t ip __attribute__((unused)), int64_t budget __attribute__((unused)),                         \
        struct tlb_entry *tlb __attribute__((unused)) REGISTER_PARAMETERS
typedef void HANDLER_CONVENTION handler_fn(HANDLER_ARGS);

/* The budget counts two things in one word: cycles left until the next deadline (upper 40 bits, signed) and
 * instructions executed since (lower 24 bits). A block's cost is taken off before it is entered. Each
 * instruction costs at least one cycle, and slices are short enough that the lower part never overflows. */
#define BUDGET_SHIFT 24
#define BUDGET_SLICE ((int64_t)1 << 23) /* most cycles in one slice */
static inline int64_t budget_pack(int64_t cycles, int64_t instructions)
{
    return (int64_t)((uint64_t)cycles << BUDGET_SHIFT) - instructions;
}

/* A decoded instruction. `in[-1].next_offset` is where it starts (a block's header ends in such a field). */
struct insn {
    handler_fn *handler;
    uint64_t imm;        /* immediate, sign-extended; branch target as offset from the block's start */
    int32_t disp;        /* of the memory operand */
    uint8_t next_offset; /* from the block's start to the next instruction, bytes */
    uint8_t rest_count;  /* instructions from this one to the end of the block */
    uint16_t rest_cost;  /* their cycles */
    uint8_t rm, reg;     /* operands' byte offsets in cpu->gpr (AH is 1); reg may be a plain number */
    uint8_t base, index; /* byte offsets in cpu->gpr; REG_ZERO where absent */
    uint8_t ea;          /* bits 0-1 scale; INSN_* flags */
    uint8_t seg;         /* bits 0-2 segment of the memory operand; INSN_SEG_* flags */
    uint16_t id;         /* enum insn_id */
};
/* Flags in `ea`: above the bits that a 64-bit shift by it looks at. */
enum { INSN_MEM = 0x40, INSN_REP = 0x80 /* F3 */ };
/* Flags in `seg`. */
enum {
    INSN_SEG_MASK = 7,
    INSN_ADDR16 = 8,
    INSN_ADDR64 = 0x10,
    INSN_REPNE = 0x20 /* F2 */,
    INSN_LOCK = 0x40,
    INSN_OSZ16 = 0x80 /* operand size 16 */
};

/* A way out of a block. It begins like a record: while it is not linked it leads to itself, and its handler
 * finds the block. Only blocks on the same page are linked. */
struct block_exit {
    handler_fn *link;
    const struct insn *to; /* the first record of the block that follows, or this exit */
    int64_t cost; /* what going there takes off the budget, packed: of the branch and of that block */
};

/* The two slots after a block's last record say where the block goes. */
struct block_exits {
    struct block_exit taken;
    int64_t target; /* taken: offset from the block's start */
    struct block_exit next;
    int64_t taken_cost; /* of the branch, where taken, packed */
};

struct block {
    struct block *hash_next; /* in the code page's bucket */
    uint32_t page;           /* backing page */
    uint16_t offset;         /* of the first byte in the page */
    uint16_t mode;           /* MODE_* bits that it was decoded for */
    uint16_t bytes;          /* length of the code */
    uint8_t count;           /* instructions */
    bool dead;
    int64_t cost; /* packed, see budget_pack() */
    /* Of a block whose one instruction goes on into the next page: */
    struct block *tail_next; /* among the blocks that end on that page */
    uint64_t tail_stamp;     /* of the code TLB's entry under which that page was last found to be the same */
    uint32_t tail_page;      /* its backing page */
    uint8_t tail;            /* bytes there; 0: the block lies on one page */
    struct insn head;        /* only next_offset (0) is used: where the first instruction starts */
    struct insn insn[];      /* records, then one block_exits */
};

/* What decoding depends upon. */
enum {
    MODE_CODE32 = 1,
    MODE_CODE64 = 2,
    MODE_STACK32 = 4,
    MODE_FLAT_DATA = 8 /* DS, ES, SS */,
    MODE_FLAT_CODE = 16,
    MODE_FPU_TRAP = 32 /* CR0.EM or TS: x87 traps */,
    MODE_PLAIN = 64 /* no fast handlers */,
};

struct code_page {
    uint64_t granules;        /* one bit for each 64 bytes that hold decoded code */
    struct block *bucket[64]; /* blocks by the granule in which they begin */
    struct block *tails;      /* blocks that begin on another page and end here */
};

/* Blocks by linear address, for jumps that leave their page. An entry holds while the code TLB's entry for
 * the page is still the one that it was made under. */
#define JUMP_CACHE_ENTRIES 4096
struct jump_cache_entry {
    uint64_t key;   /* linear address | cpu->find_key */
    uint64_t stamp; /* of the code TLB entry */
    struct block *block;
    uint64_t pad;
};

/* Reasons to stop at the next instruction boundary: bits of cpu->attention. Bit 0 belongs to the outside. */
enum {
    ATTENTION_OUTSIDE = 1,
    ATTENTION_INTERRUPT = 2 /* a line or IF changed */,
    ATTENTION_MODE = 4 /* mode key changed */,
    ATTENTION_TRAP = 8 /* TF, debug trap, shadow */,
    ATTENTION_HALT = 16,
    ATTENTION_CODE = 32 /* the block is dead */,
    ATTENTION_DEBUG = 64 /* an event for the debugger */,
};

/* What a data access is: bits of the page-fault error code, and who asks. */
enum { ACCESS_READ = 0, ACCESS_WRITE = 2, ACCESS_USER = 4, ACCESS_FETCH = 16 };

/* A read-modify-write in progress: its write cannot fault any more. */
struct rmw {
    uint64_t physical[2];
    uint8_t bytes_first; /* bytes on the first page */
    uint8_t *host;       /* direct, or NULL */
};

/* The activity state, SDM volume 3, 24.4.2's words. */
enum { ACTIVITY_RUNNING, ACTIVITY_HALT, ACTIVITY_SHUTDOWN, ACTIVITY_WAIT_SIPI };

/* DR6, SDM volume 3, 17.2.3. */
enum { DR6_B0123 = 0xF, DR6_BD = 1 << 13, DR6_BS = 1 << 14, DR6_BT = 1 << 15 };
enum { DEBUGCTL_LBR = 1, DEBUGCTL_BTF = 2 };

/* The IN or OUT whose port access raised the pending SMI: where to begin it anew. SDM volume 3, 31.12. */
struct smi_io {
    bool valid;
    uint32_t rip, ecx, esi, edi;
};

/* What a debugger asked for (debug.c). */
#define DEBUG_EVENTS       16
#define DEBUG_PAGE_FILTER  1024
#define DEBUG_GUEST_PLANTS 16
struct debug {
    uint8_t executes, watches; /* there are ranges for execution, for data: bits say whose (debug.c) */
    bool stops;                /* a breakpoint that was told in a chain ends the run */
    bool physical_executes;    /* some of the ranges for execution are physical */
    bool passed;               /* the breakpoint at these has been told: */
    uint64_t passed_linear, passed_instructions;
    uint32_t kinds;       /* of events that are told */
    unsigned event_count; /* waiting to be told */
    unsigned mode;        /* CPU_MODE_*, as last seen */
    uint64_t calls;       /* of the debugger's functions */
    struct cpu_debugger debugger;
    struct cpu_range *ranges; /* what the debugger asked for, then those of CPU_PATH_BREAKS */
    unsigned range_count, chance_count;
    bool by_chance;     /* the last breakpoint was one of the latter */
    uint64_t **planted; /* by backing page, NULL or a bit for each byte: a range for execution is there */
    uint32_t *planted_pages; /* those that are not NULL */
    unsigned planted_count;
    /* For a first look, by their lowest bits: pages with ranges for execution, pages with watched memory
     * (bits say whose); page offsets with the debugger's ranges for execution. */
    uint8_t page_filter[DEBUG_PAGE_FILTER], watch_filter[DEBUG_PAGE_FILTER];
    uint64_t offset_filter[4096 / 64];
    struct cpu_event events[DEBUG_EVENTS];
    struct cpu_event interrupt; /* what is being delivered */
    /* The guest's: linear addresses of instructions that are, or were, armed; pages with data breakpoints. */
    uint32_t guest_code[DEBUG_GUEST_PLANTS], guest_pages[4];
    unsigned guest_code_count, guest_page_count;
};

/* What DR0-DR3 and DR7 arm; follows from them (breakpoint.c). Bits 0-3: of which of the four. */
struct breakpoints {
    uint8_t code, reads, writes, ports; /* all that watch reads watch writes too */
    uint32_t first[4], length[4];       /* of those that are armed, else 0 */
    unsigned in_vain; /* how often chains asked for an instruction breakpoint where none is any more */
};

struct cpu {
    union gpr gpr[17]; /* 16 and a zero */
    uint64_t flag_res, flag_a, flag_b;
    uint32_t flag_kind, flag_bits;
    uint32_t eflags; /* all but the arithmetic flags; bit 1 set */
    uint32_t attention;
    uint32_t mode;             /* MODE_* now */
    struct tlb_entry *context; /* the fast TLB in use: one of tlb[] */
    uint64_t find_key;         /* mode and privilege, as the jump cache's keys have them: bits 32 and up */
    struct segment seg[SEG_COUNT];
    /* Ways out of fast handlers, reached through the structure so that handlers carry no relocations. */
    handler_fn *go_plain; /* run this record's plain function, then go on */
    handler_fn *go_find;  /* IP is the next instruction's EIP: find its block and go on */
    handler_fn *go_over;  /* the way out IN was taken, but the budget is over */
    handler_fn *leave;    /* back to the loop; IP is the next instruction's EIP */

    uint64_t rip;      /* of the instruction that runs (plain functions), or next to run (between slices) */
    uint64_t next_rip; /* after it; branches set it */
    bool taken;        /* its condition held: set by plain functions of conditional branches */
    int64_t budget;    /* before the instruction that runs */
    int64_t extra;     /* packed: what the plain function adds to the cost */
    uint64_t deadline; /* cycle at which the budget's cycles reach 0 */
    uint8_t cpl;
    uint8_t activity;
    bool in_chain; /* a block runs: `next block` decisions belong to the handlers */
    /* Interrupt shadow (STI, MOV SS): no interrupts, or no traps either, before the next instruction ends. */
    uint8_t shadow; /* SHADOW_* */
    bool intr, nmi_pending, nmi_blocked, smi_pending, init_pending, in_smm;
    bool a20_closed;
    bool checks_accesses;   /* of data, plain ones: alignment, data breakpoints */
    uint32_t pending_debug; /* DR6 bits of a trap to be taken at the boundary */
    bool keep_resume;       /* the instruction set EFLAGS.RF itself, or is not over yet: RF stays */

    uint64_t gdtr_base, idtr_base;
    uint16_t gdtr_limit, idtr_limit;
    uint64_t cr0, cr2, cr3, cr4, efer;
    uint64_t dr[8];
    uint64_t pdpte[4]; /* PAE: loaded by MOV CR3, SDM volume 3, 4.4.1 */
    struct cpu_msrs {
        uint64_t apic_base, sysenter_cs, sysenter_esp, sysenter_eip;
        uint64_t tsc_offset; /* TSC = cycles + tsc_offset */
        uint64_t mtrr_def_type, mtrr_fixed[11], mtrr_base[8], mtrr_mask[8], pat;
        uint64_t mcg_status, mcg_ctl, mc[20], debugctl, ucode, misc[8];
        uint64_t last_branch[4]; /* last branch, last exception: from, to */
    } msr;
    uint32_t smbase;
    struct smi_io smi_io;
    struct fpu fpu;

    bool ferr; /* level of FERR# */
    jmp_buf fault_exit;
    /* The exception that raise() left for the loop. */
    uint8_t fault_vector;
    bool fault_has_error;
    uint32_t fault_error;
    uint8_t fault_cause;  /* enum cpu_fault_cause */
    int8_t fault_segment; /* the register whose segment was checked, -1: none */
    uint32_t fault_numbers[2];
    struct cpu_fault faults[CPU_FAULTS_KEPT]; /* the last ones, a ring */
    unsigned fault_count;
    struct cpu_place places[CPU_PLACES_KEPT]; /* a ring */
    uint32_t place_count;
    uint64_t block_ip; /* EIP of the block whose instruction ran last by its plain function */
    /* Set while an exception or interrupt is being delivered: for double and triple faults. */
    bool delivering;
    uint8_t delivering_vector;
    bool external_event; /* EXT bit of error codes */
    /* INT n is being delivered: where it stands, for a fault on the way. */
    bool in_software_interrupt;
    uint64_t software_rip;
    bool general_detect; /* the #DB that is being delivered is that of DR7.GD */

    struct rmw rmw;
    const struct cpu_model *model;
    const uint16_t *costs; /* cycles by insn id and form, see model.c */
    struct cpu_bus bus;
    uint64_t instructions, instruction_limit;

    struct tlb_line dtlb[TLB_ENTRIES], itlb[CODE_TLB_ENTRIES];
    struct code_tlb_entry code_tlb[CODE_TLB_ENTRIES];
    struct tlb_entry tlb[CTX_COUNT][TLB_ENTRIES];
    /* Bit i set: line i of dtlb (itlb), or a fast entry over it, may be valid. */
    uint64_t tlb_filled[TLB_ENTRIES / 64], code_filled;
    bool large_lines; /* there may be lines of large pages */
    struct jump_cache_entry jump_cache[JUMP_CACHE_ENTRIES];

    /* Block cache (block.c). */
    struct code_page **code_pages; /* by backing page */
    uint8_t *arena;
    size_t arena_used, arena_size;
    bool arena_full;
    struct debug debug;
    struct breakpoints breakpoints;
    /* Where chains without tail calls stand. */
    const struct insn *chain_in;
    handler_fn *chain_handler;
    uint64_t chain_ip;
    int64_t chain_budget;
    /* For instructions that run by themselves: header, record, exits. */
    struct insn single[3];
    uint8_t fetch_buffer[16];

    unsigned paths;       /* CPU_PATH_* */
    uint32_t path_random; /* state of the generator of CPU_PATH_CUTS, CPU_PATH_DROPS and CPU_PATH_BREAKS */

    struct cpu_counters {
        uint64_t blocks_decoded, blocks_killed, arena_flushes, tlb_walks, code_walks, interrupts, exceptions,
            plain_runs, single_runs, time_reads;
    } counters;
};

enum { SHADOW_STI = 1, SHADOW_SS = 2 };

/* --- flags (flags.h has the inline lazy ones) --- */

/* --- run.c --- */

/* Ends the instruction with an exception: nothing that it did before may be visible. CAUSE is the check that
 * failed, with the numbers of its sentence (fault_causes.def): there is no way to raise one without. ERROR is
 * left out where the vector or the mode has no error code. */
_Noreturn void cpu_raise_because(struct cpu *cpu, unsigned vector, uint32_t error, enum cpu_fault_cause cause,
                                 uint64_t first, uint64_t second);
/* Likewise, where the check was one of segment register SEG as it stands. */
_Noreturn void cpu_raise_segment(struct cpu *cpu, unsigned vector, uint32_t error, unsigned seg,
                                 enum cpu_fault_cause cause, uint64_t first, uint64_t second);
/* #GP where POPF, IRET or STI at IOPL below 3 would set flags that VME and PVI keep back. SDM volume 3, 20.3.
 */
void check_virtual_flags(struct cpu *cpu, uint32_t flags);
/* Writes the exact cycle to the bus's clock: before each call out. */
void cpu_publish_time(struct cpu *cpu);
/* The shutdown state: only RESET, INIT and NMI lead out of it. */
void cpu_shut_down(struct cpu *cpu);
uint64_t cpu_now(const struct cpu *cpu);
/* After CR0, CS, SS, DS, ES, CPL or EFLAGS.AC changed: works out mode, context, attention. */
void cpu_update_mode(struct cpu *cpu);
static inline struct tlb_entry *cpu_context(struct cpu *cpu)
{
    return cpu->context;
}
/* Adds cycles to what the running instruction costs. */
static inline void cpu_charge(struct cpu *cpu, unsigned cycles)
{
    cpu->extra += budget_pack(cycles, 0);
}
static inline void cpu_charge_transfer(struct cpu *cpu, enum transfer transfer)
{
    cpu_charge(cpu, model_transfer_cost(cpu->model, transfer));
}

/* --- memory (mmu.c) --- OFFSET is within the segment; linear addresses are 32 bits outside long mode. */

uint8_t mem_read8(struct cpu *cpu, unsigned seg, uint64_t offset);
uint16_t mem_read16(struct cpu *cpu, unsigned seg, uint64_t offset);
uint32_t mem_read32(struct cpu *cpu, unsigned seg, uint64_t offset);
uint64_t mem_read64(struct cpu *cpu, unsigned seg, uint64_t offset);
void mem_write8(struct cpu *cpu, unsigned seg, uint64_t offset, uint8_t value);
void mem_write16(struct cpu *cpu, unsigned seg, uint64_t offset, uint16_t value);
void mem_write32(struct cpu *cpu, unsigned seg, uint64_t offset, uint32_t value);
void mem_write64(struct cpu *cpu, unsigned seg, uint64_t offset, uint64_t value);
/* Reads for a read-modify-write: all write checks are done first; rmw_write*() then cannot fault. */
uint64_t mem_rmw_read(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size);
void mem_rmw_write(struct cpu *cpu, uint64_t value, unsigned size);
/* Segment and page checks of a later access, without the access. */
void mem_probe_read(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size);
void mem_probe_write(struct cpu *cpu, unsigned seg, uint64_t offset, unsigned size);
/* Any length, checks the whole range first (FXSAVE, FSAVE, PUSHA ...). */
void mem_read_bytes(struct cpu *cpu, unsigned seg, uint64_t offset, void *out, unsigned length);
void mem_write_bytes(struct cpu *cpu, unsigned seg, uint64_t offset, const void *in, unsigned length);

/* Linear accesses without segment checks. USER: ACCESS_USER or 0. */
uint64_t lin_read(struct cpu *cpu, uint64_t linear, unsigned size, unsigned user);
void lin_write(struct cpu *cpu, uint64_t linear, uint64_t value, unsigned size, unsigned user);
/* Faults as a write of SIZE bytes would. */
void lin_probe_write(struct cpu *cpu, uint64_t linear, unsigned size, unsigned user);
void lin_probe_read(struct cpu *cpu, uint64_t linear, unsigned size, unsigned user);
/* The system's own accesses: descriptor tables, TSS. */
static inline uint64_t sys_read(struct cpu *cpu, uint64_t linear, unsigned size)
{
    return lin_read(cpu, linear, size, 0);
}
static inline void sys_write(struct cpu *cpu, uint64_t linear, uint64_t value, unsigned size)
{
    lin_write(cpu, linear, value, size, 0);
}
uint64_t phys_read(struct cpu *cpu, uint64_t physical, unsigned size);
void phys_write(struct cpu *cpu, uint64_t physical, uint64_t value, unsigned size);
/* Host memory of LINEAR for a run of bytes on its page, for REP; NULL where the plain way must be gone. May
 * fault, as the access itself would. For writes the page's code and dirty bookkeeping is done for the LENGTH
 * bytes from LINEAR + FIRST (0 or less) on. */
const uint8_t *lin_run_read(struct cpu *cpu, uint64_t linear, unsigned user);
uint8_t *lin_run_write(struct cpu *cpu, uint64_t linear, int64_t first, unsigned length, unsigned user);
/* Do accesses to A and B by turns push each other out of the TLB? They lie in different pages of one line. */
bool lin_share_line(const struct cpu *cpu, uint64_t a, uint64_t b);
/* The same for such a pair of pages: both have just been accessed, SECOND last, and stay mapped as they are
 * while LENGTH bytes from SECOND + LOWEST on are written (0: none are). Nothing is asked of the TLB, which
 * they would leave as it is. False: the elements must go one by one. */
struct lin_pair {
    const uint8_t *first;
    uint8_t *second;
};
bool lin_run_pair(struct cpu *cpu, uint64_t first, uint64_t second, int64_t lowest, unsigned length,
                  struct lin_pair *out);

void tlb_flush(struct cpu *cpu, bool globals_too);
void tlb_flush_page(struct cpu *cpu, uint64_t linear);
/* Forgets host pointers and backing pages, keeps translations. */
void tlb_drop_fast(struct cpu *cpu);
/* Likewise, of LINEAR's page alone. */
void tlb_drop_fast_page(struct cpu *cpu, uint32_t linear);
/* After dtlb and itlb were set from outside, and at first: what follows from them is worked out anew. */
void tlb_lines_loaded(struct cpu *cpu);
/* The code page of linear address LINEAR (may fault as a fetch). NULL bytes: not host memory. */
const struct code_tlb_entry *code_lookup(struct cpu *cpu, uint64_t linear);
/* Loads the PDPTEs from CR3; raises #GP(0) for reserved bits. */
void mmu_load_pdptes(struct cpu *cpu, uint64_t cr3);
/* Loads them as they stand, when registers were set from outside. */
void mmu_reload_pdptes(struct cpu *cpu);
/* The bits of VALUE that CR3 keeps: with PAE to come all of them, since it may be written before CR4. */
uint32_t mmu_cr3_kept(const struct cpu *cpu, uint32_t value);
bool mmu_pdptes_valid(struct cpu *cpu, uint64_t cr3);

/* --- segments, transfers, exceptions (segment.c, transfer.c, exception.c, task.c) --- */

/* Recomputes read_end and write_end of a segment from its other fields. */
void segment_derive(struct segment *segment);
/* MOV/POP/LDS...: loads with all checks of the mode; may raise. For CS see far_*(). */
void segment_load(struct cpu *cpu, unsigned seg, uint16_t selector);
/* Real mode or V86 form: base = selector * 16. */
void segment_load_real(struct cpu *cpu, unsigned seg, uint16_t selector);
void far_jump(struct cpu *cpu, uint16_t selector, uint64_t offset);
void far_call(struct cpu *cpu, uint16_t selector, uint64_t offset, unsigned size);
void far_return(struct cpu *cpu, unsigned size, unsigned extra_bytes);
void interrupt_return(struct cpu *cpu, unsigned size);
/* Delivers VECTOR through the IVT or IDT. KIND: how it came. NEXT_RIP is what is pushed: cpu->rip. */
enum interrupt_kind {
    INTERRUPT_EXTERNAL,
    INTERRUPT_EXCEPTION,
    INTERRUPT_SOFTWARE /* INT n */,
    INTERRUPT_SOFTWARE_EXCEPTION /* INT3, INTO */,
    INTERRUPT_ICEBP
};
void interrupt_deliver(struct cpu *cpu, unsigned vector, enum interrupt_kind kind, bool has_error,
                       uint32_t error);
/* LastBranchFromIP and LastBranchToIP, where DEBUGCTL.LBR is set. */
void branch_record(struct cpu *cpu, uint64_t from, uint64_t to);
/* INT n as an instruction: V86 and IOPL rules, VME redirection, then delivery; sets next_rip. */
void software_interrupt(struct cpu *cpu, unsigned vector, enum interrupt_kind kind);
enum task_switch_kind { TASK_JUMP, TASK_CALL, TASK_IRET, TASK_GATE };
void task_switch(struct cpu *cpu, uint16_t selector, const uint32_t descriptor[2], enum task_switch_kind kind,
                 bool has_error, uint32_t error);
void smm_enter(struct cpu *cpu);
void smm_leave(struct cpu *cpu); /* RSM */

/* EFLAGS as a whole, arithmetic flags included. */
uint32_t cpu_get_eflags(struct cpu *cpu);
/* Writes the bits in MASK; keeps reserved bits right; updates attention. */
void cpu_set_eflags(struct cpu *cpu, uint32_t value, uint32_t mask);

static inline bool is_protected(const struct cpu *cpu)
{
    return (cpu->cr0 & CR0_PE) && !(cpu->eflags & FLAG_VM);
}
static inline bool is_v86(const struct cpu *cpu)
{
    return (cpu->cr0 & CR0_PE) && (cpu->eflags & FLAG_VM);
}
static inline bool is_real(const struct cpu *cpu)
{
    return !(cpu->cr0 & CR0_PE);
}
static inline unsigned cpu_iopl(const struct cpu *cpu)
{
    return cpu->eflags >> 12 & 3;
}
static inline bool stack_is_32(const struct cpu *cpu)
{
    return cpu->mode & MODE_STACK32;
}

/* --- stack: SIZE 2 or 4; the plain ways (stack.h) --- */
void push_value(struct cpu *cpu, uint64_t value, unsigned size);
/* A push that is one of several: *SP moves, the stack pointer itself only when all have worked, by
 * stack_add(). */
void push_at(struct cpu *cpu, uint32_t *sp, uint32_t value, unsigned size);
/* Reads without moving the stack pointer; then stack_add() moves it. */
uint64_t stack_read(struct cpu *cpu, unsigned offset, unsigned size);
void stack_add(struct cpu *cpu, int bytes);

/* The next of a sequence of random numbers that only tests of paths use. */
static inline uint32_t cpu_path_random(struct cpu *cpu)
{
    cpu->path_random = cpu->path_random * 1664525u + 1013904223u;
    return cpu->path_random >> 8;
}

/* --- block.c --- */
void blocks_create(struct cpu *cpu);
void blocks_destroy(struct cpu *cpu);
void blocks_flush(struct cpu *cpu);
/* The block for EIP IP in the current mode: from the caches, or decoded anew. NULL where the instruction
 * there must run by itself. May raise a fault of the fetch. */
struct block *block_find(struct cpu *cpu, uint64_t ip);
bool block_check_tail(struct cpu *cpu, struct block *b, uint64_t ip);

/* --- what the debugger is told (debug.c) --- */

/* Tells of a breakpoint at CS:EIP (cpu->rip, cpu->budget) that has not been told yet; true: stop. That there
 * may be one is known already. */
bool debug_stops_here(struct cpu *cpu);
/* Likewise, in a chain that the caller leaves if it is so: then the loop stops. */
bool debug_stops_in_chain(struct cpu *cpu);
/* The code TLB gets an entry for a linear page that may have ranges; both addresses are of its first byte or
 * any other. */
void debug_bind_page(struct cpu *cpu, uint64_t linear, uint64_t physical, uint32_t page);
/* The guest's breakpoints, beside those of the debugger: COUNT linear addresses are armed for execution
 * (those of before stay planted until there are many, or all is done AFRESH); COUNT linear pages for data. */
void debug_plant_for_guest(struct cpu *cpu, const uint32_t *addresses, unsigned count, bool afresh);
void debug_watch_for_guest(struct cpu *cpu, const uint32_t *pages, unsigned count);
/* That it may be is known already. */
bool debug_page_is_watched(const struct cpu *cpu, uint64_t linear, uint64_t physical);
/* Before an access to a page that may be watched. LINEAR: CPU_NO_LINEAR for page tables. */
void debug_access(struct cpu *cpu, uint64_t linear, uint64_t physical, unsigned size, bool write);
void debug_note(struct cpu *cpu, enum cpu_event_kind kind, uint32_t number, uint64_t old, uint64_t value);
void debug_note_port(struct cpu *cpu, uint16_t port, uint32_t value, unsigned size, bool write);
/* Around the delivery of an interrupt or exception: what it is, and that its handler was reached. */
void debug_begin_interrupt(struct cpu *cpu, unsigned vector, enum interrupt_kind kind, bool has_error,
                           uint32_t error);
void debug_note_interrupt(struct cpu *cpu);
/* The exception in cpu->fault_vector ended the delivery. MERGED: it will not be delivered itself. */
void debug_note_failed_delivery(struct cpu *cpu, bool merged);
/* Tells what waits; true: stop. Between instructions only. */
bool debug_tell(struct cpu *cpu);
/* The exception that was just raised goes into cpu->faults. */
void debug_keep_fault(struct cpu *cpu);
/* Where the processor stands goes into cpu->places: before each run of blocks or step, and before a change of
 * the address space. */
void debug_keep_place(struct cpu *cpu);
/* The code of the place that was kept last has been fetched: its physical address is known by now. */
void debug_place_fetched(struct cpu *cpu);
void debug_destroy(struct cpu *cpu);
/* The processor is another one now: what was about to be told is of the past. */
void debug_state_loaded(struct cpu *cpu);
/* CPU_PATH_BREAKS: a range that nobody asked for, in place of an older one; forgets one of them. */
void debug_add_chance(struct cpu *cpu, const struct cpu_range *range);
void debug_forget_chance(struct cpu *cpu);

/* XCHG BX,BX, which people put into code for their debugger (Bochs's magic breakpoint). */
bool insn_is_magic(const struct insn *in);

/* Are these pages in FILTER? */
static inline bool debug_filtered(const uint8_t filter[DEBUG_PAGE_FILTER], uint64_t linear, uint64_t physical)
{
    return filter[linear >> 12 & (DEBUG_PAGE_FILTER - 1)] | filter[physical >> 12 & (DEBUG_PAGE_FILTER - 1)];
}
/* False: no range for execution is at CS:EIP (cpu->rip). */
static inline bool debug_may_stop_here(const struct cpu *cpu)
{
    uint64_t offset = (cpu->seg[SEG_CS].base + cpu->rip) & 4095;
    return UNLIKELY(cpu->debug.executes) && (cpu->debug.offset_filter[offset / 64] >> offset % 64 & 1);
}
/* False: nothing on this page is watched. */
static inline bool debug_may_be_watched(const struct cpu *cpu, uint64_t linear, uint64_t physical)
{
    return UNLIKELY(cpu->debug.watches) && debug_filtered(cpu->debug.watch_filter, linear, physical);
}

static inline bool debug_wants(const struct cpu *cpu, enum cpu_event_kind kind)
{
    return UNLIKELY(cpu->debug.kinds >> kind & 1);
}

/* --- the guest's breakpoints (breakpoint.c) --- */

/* After DR0-DR3 or DR7 changed, before cpu_update_mode(). */
void breakpoints_changed(struct cpu *cpu);
/* Which of DR0-DR3 are armed for the execution of LINEAR: bits 0-3. */
unsigned breakpoint_code_hits(const struct cpu *cpu, uint32_t linear);
/* In a chain that has come to a planted instruction (cpu->rip): true where it must go on by itself. */
bool breakpoint_leaves_chain(struct cpu *cpu);
/* Before the instruction at CS:EIP is fetched: raises #DB. */
void breakpoint_check_code(struct cpu *cpu);
/* Before the access: a trap will follow the instruction. */
void breakpoint_check_data(struct cpu *cpu, uint32_t linear, unsigned size, bool write);
void breakpoint_check_port(struct cpu *cpu, uint16_t port, unsigned size);

/* Is one armed for the execution of the instruction at CS:RIP? */
static inline bool breakpoint_is_at(const struct cpu *cpu, uint64_t rip)
{
    return UNLIKELY(cpu->breakpoints.code) &&
           breakpoint_code_hits(cpu, (uint32_t)(cpu->seg[SEG_CS].base + rip));
}

/* --- ports (io.c) --- */
uint32_t port_in(struct cpu *cpu, uint16_t port, unsigned size); /* with the permission checks */
void port_check(struct cpu *cpu, uint16_t port, unsigned size);  /* those alone */
void port_out(struct cpu *cpu, uint16_t port, uint32_t value, unsigned size);

extern plain_fn *const plain_functions[]; /* by insn id */

#endif
