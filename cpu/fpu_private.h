/* What the files of the x87 unit share: cpu/fpu.c, cpu/fpu_state.c, cpu/fpu_transcendental.c. */
#ifndef TICK86_CPU_FPU_PRIVATE_H
#define TICK86_CPU_FPU_PRIVATE_H

#include "cpu/fpu.h"

enum { FPU_CONDITIONS = FPU_C0 | FPU_C1 | FPU_C2 | FPU_C3 };

static inline struct float80_env fpu_env(const struct fpu *f)
{
    return (struct float80_env){.rounding = f->control >> 10 & 3,
                                .precision = f->control >> 8 & 3,
                                .masks = f->control & FLOAT80_ALL_EXCEPTIONS};
}

/* Unmasked exceptions among `raised` that keep an instruction from storing its result. */
static inline unsigned fpu_stoppers(const struct fpu *f, unsigned raised)
{
    return raised & ~f->control & (FPU_IE | FPU_DE | FPU_ZE);
}

/* Ends an instruction: C1 and the exceptions of `raised` (status bits, FPU_SF and FPU_C1 among them) go to
 * the status word. Returns whether the result may be stored. */
static inline bool fpu_raise(struct fpu *f, unsigned raised)
{
    unsigned status = (f->status & ~FPU_C1) | raised;
    if (raised & ~f->control & FLOAT80_ALL_EXCEPTIONS) {
        status |= FPU_ES | FPU_B;
    }
    f->status = status;
    return !fpu_stoppers(f, raised);
}

static inline void fpu_set_st(struct fpu *f, unsigned i, struct float80 value)
{
    unsigned n = (f->top + i) & 7;
    f->reg[n].significand = value.significand;
    f->reg[n].sign_exponent = value.sign_exponent;
    f->tag |= 1u << n;
}

static inline void fpu_pop(struct fpu *f)
{
    f->tag &= ~(1u << f->top);
    f->top = (f->top + 1) & 7;
}

static inline void fpu_push(struct fpu *f, struct float80 value)
{
    f->top = (f->top - 1) & 7;
    fpu_set_st(f, 0, value);
}

/* The stack faults: raise them and say whether they are masked, so that the indefinite is to be stored. */
static inline bool fpu_underflow_masked(struct fpu *f)
{
    return fpu_raise(f, FPU_IE | FPU_SF);
}

static inline bool fpu_overflow_masked(struct fpu *f)
{
    return fpu_raise(f, FPU_IE | FPU_SF | FPU_C1);
}

/* The control word has changed: works out host_control, and ES and B from exceptions that are no longer
 * masked. */
void fpu_control_changed(struct fpu *f);

#endif
