/* What a debugger may ask of the processor: breakpoints in code, watched memory, and events.
 *
 * What is not asked for costs nothing: breakpoints are records planted in the decoded blocks of their own
 * page offsets, watched pages have no entries in the fast TLB, and events are told by functions that are off
 * the fast paths anyway. Nothing here changes what the guest sees: a stop is always at an instruction
 * boundary, and the run goes on from there as if it had not been stopped. */
#ifndef TICK86_CPU_DEBUG_H
#define TICK86_CPU_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/* What a range of addresses stands for. */
enum { CPU_RANGE_EXECUTE = 1, CPU_RANGE_READ = 2, CPU_RANGE_WRITE = 4, CPU_RANGE_PHYSICAL = 8 };

/* Bytes FIRST..LAST, linear (32 bits) or physical. */
struct cpu_range {
    uint64_t first, last;
    unsigned kind; /* CPU_RANGE_* */
};

enum cpu_event_kind {
    CPU_EVENT_ACCESS,       /* watched memory; write, linear, physical, size */
    CPU_EVENT_PORT,         /* number: the port; write, value, size */
    CPU_EVENT_INTERRUPT,    /* delivered, or raised in vain (failed): number is the vector; origin */
    CPU_EVENT_CONTROL,      /* CRn was written: number, old, value (as the register has it now) */
    CPU_EVENT_DEBUG,        /* DRn */
    CPU_EVENT_MSR,          /* number, old, value */
    CPU_EVENT_TABLE,        /* number: CPU_TABLE_*; old and value: base or selector */
    CPU_EVENT_MODE,         /* old and value: CPU_MODE_* */
    CPU_EVENT_TRIPLE_FAULT, /* the processor has shut down */
    CPU_EVENT_HALT,         /* HLT was executed */
    CPU_EVENT_MAGIC,        /* XCHG BX,BX was executed */
    CPU_EVENTS,
};

enum cpu_origin {
    CPU_ORIGIN_SOFTWARE,  /* INT n */
    CPU_ORIGIN_TRAP,      /* INT3, INTO, ICEBP */
    CPU_ORIGIN_EXCEPTION, /* raised by the processor */
    CPU_ORIGIN_HARDWARE,  /* INTR */
    CPU_ORIGIN_NMI,
};
enum { CPU_TABLE_GDTR, CPU_TABLE_IDTR, CPU_TABLE_LDTR, CPU_TABLE_TR };
/* The processor's mode as a set of bits; CPU_MODE_REAL is none of them. */
enum {
    CPU_MODE_REAL = 0,
    CPU_MODE_PROTECTED = 1,
    CPU_MODE_V86 = 2,
    CPU_MODE_PAGING = 4,
    CPU_MODE_LONG = 8,
    CPU_MODE_SMM = 16,
};

struct cpu_event {
    uint8_t kind;      /* enum cpu_event_kind */
    uint8_t origin;    /* enum cpu_origin */
    uint8_t code_bits; /* of the code at CS:RIP: 16 or 32 */
    bool write;
    bool has_error;
    bool delivering; /* of ACCESS: by the delivery of an interrupt, not by the instruction */
    bool failed;     /* of INTERRUPT: the delivery met another exception; no handler was reached */
    uint16_t cs;     /* the instruction that did it, or that was interrupted (then RIP is where it goes on) */
    uint32_t size;   /* bytes */
    uint32_t number, error;
    uint64_t rip, rip_linear;
    uint64_t linear, physical;
    uint64_t old, value;
    const char *device; /* of ACCESS: it was this device, not the processor; else NULL */
};
#define CPU_NO_LINEAR UINT64_MAX /* in `linear`: an access to page tables */

struct cpu_debugger {
    void *ctx;
    /* The next instruction is in a range for execution. It may still fault, but nothing will come before it.
     * True: stop. Each arrival is told once. */
    bool (*breakpoint)(void *ctx, uint64_t linear);
    /* An access to watched memory is about to be made; nothing has been changed yet. event->number: how many
     * events the instruction has had before. */
    void (*access)(void *ctx, const struct cpu_event *event);
    /* What happened since the last instruction boundary: COUNT events, oldest first. True: stop. */
    bool (*events)(void *ctx, const struct cpu_event *events, unsigned count);
};

/* NULL: nobody listens, nothing is set. DEBUGGER is copied. */
void cpu_set_debugger(struct cpu *cpu, const struct cpu_debugger *debugger);
/* Takes the place of all ranges set before. Not while the processor runs. */
void cpu_set_ranges(struct cpu *cpu, const struct cpu_range *ranges, unsigned count);
/* Which events are told: bits 1 << CPU_EVENT_*. */
void cpu_set_events(struct cpu *cpu, uint32_t kinds);
/* Tells EVENT, of the world outside, at the next instruction boundary. */
void cpu_add_event(struct cpu *cpu, const struct cpu_event *event);
/* The instruction at which the processor stands is not told as a breakpoint again until it has run. */
void cpu_pass_breakpoint(struct cpu *cpu);
enum cpu_fault_cause {
#define FAULT_CAUSE(name, sentence) CPU_FAULT_##name,
#include "cpu/fault_causes.def"
#undef FAULT_CAUSE
    CPU_FAULT_CAUSES
};

/* An exception, as it was raised. */
struct cpu_fault {
    uint8_t vector, cpl;
    uint8_t cause; /* enum cpu_fault_cause */
    bool has_error;
    bool during;           /* raised by the delivery of another exception or interrupt: */
    uint8_t during_vector; /* that exception's vector; 0xFF: an interrupt's */
    uint16_t cs;
    uint32_t error, numbers[2]; /* of the cause's sentence */
    int8_t segment_register;    /* CPU_ES ... CPU_GS, where its segment was checked: */
    uint16_t selector, access;
    uint32_t limit;
    uint64_t base;
    uint64_t rip, rip_linear, block_linear, cr2;
    unsigned mode; /* CPU_MODE_* */
    unsigned code_bits;
    uint64_t instructions;
    uint32_t places; /* how many there had been: see below */
};
#define CPU_FAULTS_KEPT 8
/* The last faults, oldest first. Returns how many, at most CPU_FAULTS_KEPT. */
unsigned cpu_last_faults(const struct cpu *cpu, struct cpu_fault out[CPU_FAULTS_KEPT]);
/* Where the processor came by: each time that it left its decoded blocks (changes of mode, interrupts, far
 * transfers, events), the next instruction's place; and each instruction that changed the address space. */
struct cpu_place {
    uint64_t rip, linear;
    uint64_t physical; /* CPU_NO_PHYSICAL: its page had not been fetched from */
    uint16_t cs;
    uint8_t code_bits;
};
#define CPU_NO_PHYSICAL UINT64_MAX
#define CPU_PLACES_KEPT 16
/* The last places before PLACES (of a fault), oldest first. */
unsigned cpu_last_places(const struct cpu *cpu, uint32_t places, struct cpu_place out[CPU_PLACES_KEPT]);
/* The check that failed, in words; "" where the vector says it all. */
const char *cpu_fault_sentence(enum cpu_fault_cause cause);

/* CPU_MODE_* as they stand. */
unsigned cpu_mode_bits(const struct cpu *cpu);

#endif
