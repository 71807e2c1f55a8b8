/* Segment descriptors and gates in memory: SDM volume 3, 3.4.5 and 6.11. */
#ifndef TICK86_CPU_DESCRIPTOR_H
#define TICK86_CPU_DESCRIPTOR_H

#include "cpu/cpu_private.h"

/* System descriptor types, SDM volume 3, table 3-2. */
enum {
    DESC_TSS16 = 1,
    DESC_LDT = 2,
    DESC_TSS16_BUSY = 3,
    DESC_CALL_GATE16 = 4,
    DESC_TASK_GATE = 5,
    DESC_INT_GATE16 = 6,
    DESC_TRAP_GATE16 = 7,
    DESC_TSS32 = 9,
    DESC_TSS32_BUSY = 11,
    DESC_CALL_GATE32 = 12,
    DESC_INT_GATE32 = 14,
    DESC_TRAP_GATE32 = 15,
};

struct descriptor {
    uint32_t low, high;
    uint64_t linear; /* where it lies */
};

static inline unsigned desc_type(const struct descriptor *d)
{
    return d->high >> 8 & 15;
}
static inline bool desc_is_segment(const struct descriptor *d)
{
    return d->high >> 12 & 1;
}
static inline unsigned desc_dpl(const struct descriptor *d)
{
    return d->high >> 13 & 3;
}
static inline bool desc_present(const struct descriptor *d)
{
    return d->high >> 15 & 1;
}
static inline bool desc_is_code(const struct descriptor *d)
{
    return desc_is_segment(d) && (d->high >> 11 & 1);
}
static inline bool desc_is_conforming(const struct descriptor *d)
{
    return d->high >> 10 & 1;
}
/* Data writable, or code readable. */
static inline bool desc_rw(const struct descriptor *d)
{
    return d->high >> 9 & 1;
}
static inline uint32_t desc_base(const struct descriptor *d)
{
    return d->low >> 16 | (d->high & 0xFF) << 16 | (d->high & 0xFF000000);
}
/* Limit in bytes, after granularity. */
static inline uint32_t desc_limit(const struct descriptor *d)
{
    uint32_t limit = (d->low & 0xFFFF) | (d->high & 0xF0000);
    return d->high >> 23 & 1 ? limit << 12 | 0xFFF : limit;
}
static inline uint16_t gate_selector(const struct descriptor *d)
{
    return (uint16_t)(d->low >> 16);
}
static inline uint32_t gate_offset(const struct descriptor *d)
{
    bool is32 = desc_type(d) & 8;
    return (d->low & 0xFFFF) | (is32 ? d->high & 0xFFFF0000 : 0);
}

static inline bool selector_is_null(uint16_t selector)
{
    return (selector & 0xFFFC) == 0;
}

/* Reads a descriptor from the GDT or LDT. False: the selector is outside its table (or the LDT is null). */
bool descriptor_find(struct cpu *cpu, uint16_t selector, struct descriptor *out);
/* Likewise; raises VECTOR with the selector as error code (plus EXT) where there is none. */
struct descriptor descriptor_fetch(struct cpu *cpu, uint16_t selector, unsigned vector);
/* Error code for a selector. */
static inline uint32_t selector_error(const struct cpu *cpu, uint16_t selector)
{
    return (selector & 0xFFFCu) | cpu->external_event;
}
/* VECTOR with SELECTOR as error code; the cause's numbers are the selector and the access rights in D. */
_Noreturn void raise_selector(struct cpu *cpu, unsigned vector, uint16_t selector, enum cpu_fault_cause cause,
                              const struct descriptor *d);
static inline bool is_busy_tss(const struct descriptor *d)
{
    return !desc_is_segment(d) && (desc_type(d) == DESC_TSS16_BUSY || desc_type(d) == DESC_TSS32_BUSY);
}
/* #GP where D is no TSS, or one in use. */
void check_free_tss(struct cpu *cpu, uint16_t selector, const struct descriptor *d);
/* Sets the accessed bit in memory where it is clear. */
void descriptor_set_accessed(struct cpu *cpu, struct descriptor *d);
/* Fills a segment register's visible and hidden parts. */
void segment_set(struct segment *segment, uint16_t selector, const struct descriptor *d);
/*
 * Makes a data segment register null: no access through it, base 0. The hidden limit stays, as processors
 * keep it: who returns to real mode with a null FS and loads it there has the segment that it had, not one of
 * one byte.
 */
void segment_set_null(struct segment *segment, uint16_t selector);
/* Checks a stack segment for privilege CPL; raises VECTOR (#TS in switches, #GP for MOV) or #SS. */
struct descriptor stack_descriptor(struct cpu *cpu, uint16_t selector, unsigned cpl, unsigned vector);
/* Loads CS from D with RPL = CPL = PRIVILEGE, updates the mode. */
void code_segment_set(struct cpu *cpu, uint16_t selector, const struct descriptor *d, unsigned privilege);
/* Stack for privilege level LEVEL from the TSS. */
void tss_stack(struct cpu *cpu, unsigned level, uint16_t *ss, uint32_t *esp);

/* A new stack being filled before it is switched to: all in the segment D. */
struct frame {
    struct segment ss;
    uint32_t sp;
    uint32_t mask;
    unsigned user; /* ACCESS_USER for CPL 3 */
    bool current;  /* SS:ESP as they are: #SS has no selector */
};
struct frame frame_on(struct cpu *cpu, uint16_t ss, const struct descriptor *d, uint32_t sp, unsigned cpl);
struct frame frame_current(struct cpu *cpu);
/* Checks room for COUNT pushes of SIZE bytes (segment and pages); raises #SS, #PF. */
void frame_reserve(struct cpu *cpu, struct frame *f, unsigned count, unsigned size);
void frame_push(struct cpu *cpu, struct frame *f, uint32_t value, unsigned size);

#endif
