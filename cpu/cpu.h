/* An IA-32 processor, 286 (real mode) to P6, as an interpreter of decoded blocks.
 *
 * The machine creates it on a `struct cpu_bus`, drives its pins, and calls cpu_run(). The same inputs at
 * the same cycles give the same state bit for bit, whatever shapes the blocks have. */
#ifndef TICK86_CPU_CPU_H
#define TICK86_CPU_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/state.h"
#include "base/text.h"
#include "cpu/cpu_bus.h"

struct cpu;

/* A model that can be asked for by name: features, reset values, cycle costs. */
struct cpu_model;
const struct cpu_model *cpu_model_find(const char *name); /* NULL if there is none */
const struct cpu_model *cpu_model_at(unsigned index);     /* NULL past the last */
const char *cpu_model_name(const struct cpu_model *model);
const char *cpu_model_title(const struct cpu_model *model);
uint64_t cpu_model_hz(const struct cpu_model *model); /* default nominal clock */
const struct cpu_model *cpu_model_default(void);
/* CPUID.1:EAX and EDX; for models without CPUID what reset puts into EDX, and 0. */
uint32_t cpu_model_signature(const struct cpu_model *model);
uint32_t cpu_model_features(const struct cpu_model *model);
/* Is it a 386 or later? */
bool cpu_model_has_32_bits(const struct cpu_model *model);

struct cpu *cpu_create(const struct cpu_model *model, const struct cpu_bus *bus);
void cpu_destroy(struct cpu *cpu);
/* The RESET pin: registers as the SDM volume 3, table 9-1 says. POWER_ON also clears counters. */
void cpu_reset(struct cpu *cpu, bool power_on);
const struct cpu_model *cpu_get_model(const struct cpu *cpu);

/* Why cpu_run() returned. */
enum cpu_stop {
    CPU_STOP_TIME,      /* *now reached UNTIL */
    CPU_STOP_ATTENTION, /* something outside asked (see cpu_attention) */
    CPU_STOP_SHUTDOWN,  /* triple fault; only RESET, NMI or INIT leads out */
    CPU_STOP_BREAK,     /* the debugger wants it: cpu/debug.h */
    CPU_STOP_LIMIT,     /* the instruction limit was reached */
};

/* Runs until the first instruction boundary at or after cycle UNTIL. In HLT, time passes to UNTIL unless an
 * interrupt is pending. */
enum cpu_stop cpu_run(struct cpu *cpu, uint64_t until);
/* One instruction (of a repeated one: one element), or the delivery of one interrupt. In HLT: nothing.
 * CPU_STOP_TIME, or why it did not run; CPU_STOP_BREAK: the debugger (cpu/debug.h) wants a stop behind it. */
enum cpu_stop cpu_step(struct cpu *cpu);
/* Is a breakpoint next that stops? As cpu_run() finds it before it runs an instruction. */
bool cpu_stops_here(struct cpu *cpu);

/* The word that devices and the clock set to make the processor stop at the next boundary. */
uint32_t *cpu_attention(struct cpu *cpu);

/* Pins. */
void cpu_set_intr(struct cpu *cpu, bool level);
void cpu_nmi(struct cpu *cpu);  /* edge */
void cpu_smi(struct cpu *cpu);  /* edge */
void cpu_init(struct cpu *cpu); /* INIT: reset but for caches, FPU and MSRs */
void cpu_set_a20(struct cpu *cpu, bool enabled);
bool cpu_halted(const struct cpu *cpu);
bool cpu_waits_in_hlt(const struct cpu *cpu); /* HLT was executed, and no interrupt has been taken since */

/* Does the model have a local APIC, and IA32_APIC_BASE as it stands. */
bool cpu_has_apic(const struct cpu *cpu);
uint64_t cpu_apic_base(const struct cpu *cpu);

/* What the outside changed. */
void cpu_map_changed(struct cpu *cpu);
/* Returns whether decoded code of the page is still held. */
bool cpu_code_written(struct cpu *cpu, uint32_t page, unsigned first, unsigned last);
/* RAM_PAGE_DIRTY or RAM_PAGE_TRAP flags were changed: forget host pointers. */
void cpu_drop_host_pointers(struct cpu *cpu);

/* Called by the functions behind port_read and port_write: the bus held the processor for so many cycles more
 * than the model's cost of IN and OUT. They are added when the instruction ends; repeated INS and OUTS have
 * their own. */
void cpu_wait_states(struct cpu *cpu, unsigned cycles);

uint64_t cpu_instructions(const struct cpu *cpu);
/* cpu_run() stops when cpu_instructions() reaches LIMIT; UINT64_MAX: never. */
void cpu_limit_instructions(struct cpu *cpu, uint64_t limit);

/* Instructions up to that limit. */
uint64_t cpu_instructions_left(const struct cpu *cpu);

/* Counts since power-on. */
struct cpu_counts {
    uint64_t instructions, interrupts, exceptions, page_walks;
    uint64_t time_reads;  /* of the time-stamp counter */
    uint64_t debug_calls; /* of the debugger */
};
void cpu_get_counts(const struct cpu *cpu, struct cpu_counts *out);
/* As if the processor had done TIMES more times what it did between BEFORE and AFTER. */
void cpu_add_counts(struct cpu *cpu, const struct cpu_counts *before, const struct cpu_counts *after,
                    uint64_t times);

/* Registers, for the monitor, loaders and tests. Setting a segment sets its cache too. */
struct cpu_segment {
    uint16_t selector;
    uint16_t access; /* descriptor bits 40-55: type, S, DPL, P, ..., AVL, L, D/B, G (limit bits 0) */
    uint32_t limit;  /* bytes, after granularity */
    uint64_t base;
};
enum { CPU_ES, CPU_CS, CPU_SS, CPU_DS, CPU_FS, CPU_GS, CPU_SEGMENTS };
struct cpu_registers {
    uint64_t gpr[16]; /* rax rcx rdx rbx rsp rbp rsi rdi r8.. */
    uint64_t rip, rflags;
    struct cpu_segment segment[CPU_SEGMENTS], ldtr, tr;
    uint64_t gdtr_base, idtr_base;
    uint16_t gdtr_limit, idtr_limit;
    uint64_t cr0, cr2, cr3, cr4, efer;
    uint64_t dr[8];
    uint8_t cpl;
};
void cpu_get_registers(const struct cpu *cpu, struct cpu_registers *out);
/* gpr[N] of them alone. */
uint64_t cpu_get_general(const struct cpu *cpu, unsigned n);
void cpu_set_registers(struct cpu *cpu, const struct cpu_registers *in);
/* What CR0 keeps of a value that is written to it; the bits that CR4 takes. */
uint32_t cpu_cr0_kept(const struct cpu *cpu, uint32_t value);
uint32_t cpu_cr4_bits(const struct cpu *cpu);

/* Linear to physical as the guest would see it, without setting accessed bits. False: not present. */
bool cpu_peek_translate(struct cpu *cpu, uint64_t linear, uint64_t *physical);

/* The way through the page tables for a linear address, without side effects: what a TLB miss would meet. */
enum { CPU_MAY_WRITE = 1, CPU_MAY_USER = 2, CPU_IS_DIRTY = 4, CPU_IS_GLOBAL = 8, CPU_IS_LARGE = 32 };
struct cpu_walk {
    uint64_t physical; /* of the 4 KB page, A20 not applied */
    uint32_t rights;   /* CPU_MAY_*, CPU_IS_* */
    uint32_t error;    /* 8 (the RSVD bit of the page-fault error code): reserved bits are set; or 0 */
    uint64_t reserved; /* those bits of the last entry that was read */
    bool present;
    bool peek;       /* entries were read without side effects */
    unsigned levels; /* that were read: of them the last one may be not present */
    struct {
        uint64_t address; /* physical */
        uint64_t entry;
        uint8_t size; /* bytes */
    } level[3];       /* the page-directory-pointer entries of PAE are in registers, see cpu_peek_pdptes() */
};
void cpu_peek_walk(struct cpu *cpu, uint64_t linear, struct cpu_walk *out);
void cpu_peek_pdptes(const struct cpu *cpu, uint64_t out[4]);
/* Does CR3 point to four page-directory-pointer entries that PAE paging takes? Where reserved bits are set,
 * MOV to CR3 gives #GP: SDM volume 3, 4.4.1. */
bool cpu_peek_cr3_valid(struct cpu *cpu, uint64_t cr3);

/* Are both bytes that are read of the I/O map for PORT within a TSS that ends at LIMIT? The map begins at
 * MAP, counted from the TSS's start. SDM volume 1, 19.5.2. */
bool cpu_io_map_holds(uint32_t limit, uint16_t map, uint16_t port);

/* Line INDEX of the architectural TLB for data or CODE. False: past the last. */
struct cpu_translation {
    bool valid;
    uint64_t linear, physical; /* of 4 KB pages */
    uint32_t rights;
};
bool cpu_peek_tlb(const struct cpu *cpu, bool code, unsigned index, struct cpu_translation *out);

/* The x87 unit, NULL where the model has none. cpu_set_fpu() takes the guest's part of IN. */
struct fpu;
const struct fpu *cpu_get_fpu(const struct cpu *cpu);
void cpu_set_fpu(struct cpu *cpu, const struct fpu *in);

/* Model-specific registers by their names in the SDM volume 4; the table ends with a row without name. Not
 * every model has all. Peek: without side effects; false: the guest would get #GP. */
struct cpu_msr_name {
    uint32_t index;
    const char *name;
};
extern const struct cpu_msr_name cpu_msr_names[];
bool cpu_peek_msr(struct cpu *cpu, uint32_t index, uint64_t *value);
bool cpu_poke_msr(struct cpu *cpu, uint32_t index, uint64_t value);

/* Ways of running that must not make a difference to the guest: for tests that prove it. */
enum {
    CPU_PATH_PLAIN = 1,     /* no fast handlers */
    CPU_PATH_NO_LINKS = 2,  /* blocks are not linked */
    CPU_PATH_NO_FUSION = 4, /* comparisons and branches stay apart */
    CPU_PATH_ALL_FLAGS = 8, /* flags that nobody sees are computed too */
    CPU_PATH_CUTS = 16,     /* blocks end at random */
    CPU_PATH_DROPS = 32,    /* caches and the fast TLB are emptied at random moments */
    CPU_PATH_SINGLE = 64,   /* every instruction runs by itself */
    CPU_PATH_BREAKS = 128,  /* breakpoints come and go at random, see cpu_break_by_chance() */
};
void cpu_set_paths(struct cpu *cpu, unsigned paths, uint32_t seed);
/* After CPU_STOP_BREAK: nobody asked for the breakpoint, CPU_PATH_BREAKS planted it. */
bool cpu_break_by_chance(const struct cpu *cpu);

/* State for snapshots. post_load refuses impossible states. */
extern const struct field cpu_fields[];
/* What cpu/debug.h tells of the last faults: saved beside the state, no part of it. */
extern const struct field cpu_history_fields[];
bool cpu_post_load(struct cpu *cpu);
/* Before its fields are read: folds lazy state (flags) into them. */
void cpu_pre_save(struct cpu *cpu);

void cpu_print(const struct cpu *cpu, struct text *out);
/* What is in no register: activity, pins, what is pending or held back, counts. */
void cpu_print_activity(const struct cpu *cpu, struct text *out);
/* Figures as JSON members; they depend on the guest alone, but for those named host_... */
void cpu_stats_json(const struct cpu *cpu, struct text *out);

#endif
