/* The x87 floating-point unit: its state, one function for each form of its instructions, its memory images.
 *
 * Sources: Intel SDM volume 1 chapter 8, volume 2 (instructions), volume 3 chapter 23.18 (differences between
 * models). The unit knows nothing of the processor around it. For each instruction the processor
 *   1. raises #UD or #NM by CR0, and #MF if the instruction waits and fpu_pending() says so;
 *   2. notes the pointers with fpu_note_instruction() and, with a memory operand, fpu_note_operand(), unless
 * the instruction is a control instruction (FINIT, FCLEX, FLDCW, F(N)STCW, F(N)STSW, F(N)STENV, FLDENV,
 * F(N)SAVE, FRSTOR);
 *   3. reads the memory operand, if any, and calls the function.
 * An unmasked exception is not reported by the function: it sets ES and B, and the next waiting instruction
 * traps.
 *
 * Stores to memory come in two halves, so that the write may fault before anything has changed:
 *     struct fpu_store s = fpu_prepare_m64(f);
 *     if (s.write) write 8 bytes of s.low;              may fault: nothing has happened yet
 *     fpu_commit_store(f, &s, pop);
 *
 * Instructions that real units accept under several encodings (FCOM2, FCOMP3, FCOMP5, FXCH4, FXCH7, FSTP1,
 * FSTP8, FSTP9) are the same functions; FSTP1 (D9 D8+i) is fpu_fstp1_st(). FENI, FDISI and FSETPM are
 * fpu_fnop().
 *
 * Register operands are given as i of ST(i); only the low three bits count.
 */
#ifndef TICK86_CPU_FPU_H
#define TICK86_CPU_FPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/state.h"
#include "cpu/softfloat80.h"

/* Which unit it is: what differs is said where it is used. */
enum fpu_model { FPU_387, FPU_486, FPU_PENTIUM, FPU_P6 };

/* Status word. */
enum {
    FPU_IE = 0x0001, /* exceptions, in the order of their masks in the control word */
    FPU_DE = 0x0002,
    FPU_ZE = 0x0004,
    FPU_OE = 0x0008,
    FPU_UE = 0x0010,
    FPU_PE = 0x0020,
    FPU_SF = 0x0040, /* the invalid operation was a fault of the stack */
    FPU_ES = 0x0080, /* an unmasked exception is pending */
    FPU_C0 = 0x0100,
    FPU_C1 = 0x0200,
    FPU_C2 = 0x0400,
    FPU_TOP = 0x3800,
    FPU_C3 = 0x4000,
    FPU_B = 0x8000,
};

struct fpu {
    struct float80 reg[8]; /* physical registers; the significands are MM0-MM7 */
    uint16_t status; /* without TOP; away from `control`, or compilers load both in one word after a store to
                        one */
    uint8_t tag;     /* bit n set: physical register n is in use (the abridged tag word of FXSAVE) */
    uint8_t top;     /* 0-7 */
    uint16_t last_cs, last_ds;
    uint64_t last_ip, last_dp; /* offsets, without the segments' bases */
    uint16_t control;
    uint16_t last_opcode; /* 11 bits: low three of the first byte, then the second */

    /* Not part of the guest's view; set by fpu_power_up and fpu_post_load. */
    uint8_t model;         /* enum fpu_model */
    bool portable;         /* never use the host's own unit */
    uint16_t host_control; /* control word to run the host's unit with, 0: it cannot be used */
    bool host_same;        /* it is the one that the host's unit has anyway */
};

extern const struct field fpu_fields[];

/* ---- State ---- */

/* As after RESET. `portable`: compute everything in integers (tests do that; results are the same). */
void fpu_power_up(struct fpu *f, enum fpu_model model, bool portable);
/* After `fpu_fields` were loaded from a snapshot, or a field was written directly. */
void fpu_post_load(struct fpu *f);

/* An exception is pending: a waiting instruction must raise #MF (or FERR#) instead of executing. */
static inline bool fpu_pending(const struct fpu *f)
{
    return f->status & FPU_ES;
}

static inline void fpu_note_instruction(struct fpu *f, uint16_t opcode, uint16_t cs, uint64_t ip)
{
    f->last_opcode = opcode & 0x7FF;
    f->last_cs = cs;
    f->last_ip = ip;
}

static inline void fpu_note_operand(struct fpu *f, uint16_t ds, uint64_t dp)
{
    f->last_ds = ds;
    f->last_dp = dp;
}

/* `status` by a load of its two bytes and no more: compilers like to load four, which cannot be forwarded
 * from the store of two that the last instruction made. */
static inline unsigned fpu_status_now(const struct fpu *f)
{
    return *(const volatile uint16_t *)&f->status;
}

/* C1 is 0 after most instructions. The barrier keeps the compiler from clearing it with a store of one byte,
 * from which a load of the whole status could not be forwarded. */
static inline void fpu_clear_c1(struct fpu *f)
{
    uint32_t status = fpu_status_now(f) & ~(uint32_t)FPU_C1;
    __asm__("" : "+r"(status));
    f->status = status;
}

/* The status word as FSTSW gives it, with TOP. */
static inline uint16_t fpu_status_word(const struct fpu *f)
{
    return (uint16_t)(f->status | f->top << 11);
}

/* The full tag word: two bits a physical register; 0 valid, 1 zero, 2 special, 3 empty. */
uint16_t fpu_tag_word(const struct fpu *f);

/* ST(i), whether it is in use or not: for the monitor and for tests. */
static inline struct float80 *fpu_st(struct fpu *f, unsigned i)
{
    return &f->reg[(f->top + i) & 7];
}

static inline bool fpu_st_empty(const struct fpu *f, unsigned i)
{
    return !(f->tag >> ((f->top + i) & 7) & 1);
}

/* ---- Control instructions ---- */

void fpu_fninit(struct fpu *f);
void fpu_fnclex(struct fpu *f);
void fpu_fldcw(struct fpu *f, uint16_t control);
static inline uint16_t fpu_fnstcw(const struct fpu *f)
{
    return f->control;
}
static inline uint16_t fpu_fnstsw(const struct fpu *f)
{
    return fpu_status_word(f);
}
static inline void fpu_fnop(struct fpu *f)
{
    (void)f;
}
void fpu_fincstp(struct fpu *f);
void fpu_fdecstp(struct fpu *f);
void fpu_ffree(struct fpu *f, unsigned i);
void fpu_ffreep(struct fpu *f, unsigned i); /* DF C0+i, not documented: FFREE and a pop */

/* ---- Memory images ---- */

/* Layout of FLDENV, FNSTENV, FRSTOR, FNSAVE by mode and operand size; virtual-8086 mode uses the real ones.
 */
enum fpu_layout { FPU_REAL16, FPU_PROTECTED16, FPU_REAL32, FPU_PROTECTED32 };

enum { FPU_ENVIRONMENT_MAX = 28, FPU_SAVE_MAX = 108 };

static inline unsigned fpu_environment_size(enum fpu_layout layout)
{
    return layout >= FPU_REAL32 ? 28 : 14;
}
/* Bytes of an FSAVE image: 94 or 108. */
static inline unsigned fpu_save_size(enum fpu_layout layout)
{
    return fpu_environment_size(layout) + 80;
}

/* FNSTENV: build the image, write it, then commit (all exceptions become masked). */
void fpu_store_environment(const struct fpu *f, enum fpu_layout layout, uint8_t image[FPU_ENVIRONMENT_MAX]);
void fpu_commit_fnstenv(struct fpu *f);
void fpu_fldenv(struct fpu *f, enum fpu_layout layout, const uint8_t image[FPU_ENVIRONMENT_MAX]);
/* FNSAVE: build the image, write it, then commit (as FNINIT). */
void fpu_store_state(const struct fpu *f, enum fpu_layout layout, uint8_t image[FPU_SAVE_MAX]);
void fpu_commit_fnsave(struct fpu *f);
void fpu_frstor(struct fpu *f, enum fpu_layout layout, const uint8_t image[FPU_SAVE_MAX]);

/* FXSAVE and FXRSTOR, 512-byte images. What the SSE unit adds is given and taken here. */
enum { FPU_FXSAVE_SIZE = 512, FPU_FXSAVE_XMM = 160 };

struct fpu_sse_state {
    uint32_t mxcsr, mxcsr_mask;
    uint8_t (*xmm)[16]; /* registers, low byte first */
    unsigned xmm_count; /* 0 (without CR4.OSFXSR, or fast FXSAVE), 8 or 16 */
};

/* Fills in the bytes that FXSAVE writes and leaves the others as they are; returns how many bytes from the
 * beginning of the image are to be written to memory. `sse` may be NULL (Pentium II: bytes 24-31 stay
 * untouched). `rex_w`: 64-bit pointers. */
unsigned fpu_fxsave(const struct fpu *f, uint8_t image[FPU_FXSAVE_SIZE], const struct fpu_sse_state *sse,
                    bool rex_w);
/* The processor has checked MXCSR (bytes 24-27) for reserved bits before. MXCSR and XMM registers go to *sse.
 */
void fpu_fxrstor(struct fpu *f, const uint8_t image[FPU_FXSAVE_SIZE], struct fpu_sse_state *sse, bool rex_w);

/* The x87 parts of XSAVE and XRSTOR: 160 bytes of the legacy region without MXCSR. */
void fpu_xsave_legacy(const struct fpu *f, uint8_t image[FPU_FXSAVE_XMM], bool rex_w);
void fpu_xrstor_legacy(struct fpu *f, const uint8_t image[FPU_FXSAVE_XMM], bool rex_w);

/* ---- Loads ---- */

enum fpu_constant {
    FPU_ONE,  /* D9 E8 */
    FPU_L2T,  /* D9 E9 */
    FPU_L2E,  /* D9 EA */
    FPU_PI,   /* D9 EB */
    FPU_LG2,  /* D9 EC */
    FPU_LN2,  /* D9 ED */
    FPU_ZERO, /* D9 EE */
};

void fpu_fld_m32(struct fpu *f, uint32_t value);
void fpu_fld_m64(struct fpu *f, uint64_t value);
void fpu_fld_m80(struct fpu *f, uint64_t significand, uint16_t sign_exponent);
void fpu_fld_st(struct fpu *f, unsigned i);
void fpu_fild(struct fpu *f, int64_t value); /* FILD m16, m32, m64: sign-extended */
void fpu_fbld(struct fpu *f, uint64_t low, uint16_t high);
void fpu_fld_constant(struct fpu *f, enum fpu_constant constant);

/* ---- Stores ---- */

struct fpu_store {
    uint64_t low;    /* value, its low eight bytes */
    uint16_t high;   /* the other two of m80 and BCD */
    uint16_t raised; /* exceptions and C1 to be committed */
    bool write;      /* false: an unmasked exception keeps the memory as it is */
};

struct fpu_store fpu_prepare_m32(const struct fpu *f);
struct fpu_store fpu_prepare_m64(const struct fpu *f);
struct fpu_store fpu_prepare_m80(const struct fpu *f);
struct fpu_store fpu_prepare_bcd(const struct fpu *f);
/* FIST and FISTP m16, m32, m64 by `bits`; `truncate`: FISTTP. */
struct fpu_store fpu_prepare_integer(const struct fpu *f, unsigned bits, bool truncate);
/* Raises what a store raised, without popping: for fpu_commit_store. */
void fpu_commit_raised(struct fpu *f, unsigned raised);

/* The write succeeded, or was not to be made. */
static inline void fpu_commit_store(struct fpu *f, const struct fpu_store *store, bool pop)
{
    fpu_clear_c1(f);
    if (store->raised) {
        fpu_commit_raised(f, store->raised);
    }
    if (pop && store->write) {
        f->tag &= ~(1u << f->top);
        f->top = (f->top + 1) & 7;
    }
}

/* ---- Register moves ---- */

void fpu_fst_st(struct fpu *f, unsigned i, bool pop); /* FST ST(i), FSTP ST(i) */
void fpu_fstp1_st(struct fpu *f,
                  unsigned i); /* D9 D8+i, not documented: as FSTP, but an empty ST(0) is no fault */
void fpu_fxch(struct fpu *f, unsigned i);
/* FCMOVcc: `condition` is that of EFLAGS. */
void fpu_fcmov(struct fpu *f, unsigned i, bool condition);

/* ---- Arithmetic ---- */

/* For each operation, with ST(0) = ST(0) op operand in the memory and _st0 forms, ST(i) = ST(i) op ST(0) in
 * the _sti forms, the reversed ones (fsubr, fdivr) with the operands exchanged. So DC E0+i is fpu_fsubr_sti,
 * DC E8+i fpu_fsub_sti, DC F0+i fpu_fdivr_sti, DC F8+i fpu_fdiv_sti; DE likewise with _sti_pop. */
#define FPU_DECLARE_ARITHMETIC(op)                                                                           \
    void fpu_##op##_m32(struct fpu *f, uint32_t value);                                                      \
    void fpu_##op##_m64(struct fpu *f, uint64_t value);                                                      \
    void fpu_##op##_m16i(struct fpu *f, int16_t value);                                                      \
    void fpu_##op##_m32i(struct fpu *f, int32_t value);                                                      \
    void fpu_##op##_st0(struct fpu *f, unsigned i);                                                          \
    void fpu_##op##_sti(struct fpu *f, unsigned i);                                                          \
    void fpu_##op##_sti_pop(struct fpu *f, unsigned i);
FPU_DECLARE_ARITHMETIC(fadd)
FPU_DECLARE_ARITHMETIC(fsub)
FPU_DECLARE_ARITHMETIC(fsubr)
FPU_DECLARE_ARITHMETIC(fmul)
FPU_DECLARE_ARITHMETIC(fdiv)
FPU_DECLARE_ARITHMETIC(fdivr)
#undef FPU_DECLARE_ARITHMETIC

void fpu_fsqrt(struct fpu *f);
void fpu_fchs(struct fpu *f);
void fpu_fabs(struct fpu *f);
void fpu_frndint(struct fpu *f);
void fpu_fscale(struct fpu *f);
void fpu_fxtract(struct fpu *f);
void fpu_fprem(struct fpu *f);
void fpu_fprem1(struct fpu *f);

/* ---- Comparisons ---- */

/* `pops`: 0 FCOM, 1 FCOMP, 2 FCOMPP. */
void fpu_fcom_m32(struct fpu *f, uint32_t value, unsigned pops);
void fpu_fcom_m64(struct fpu *f, uint64_t value, unsigned pops);
void fpu_ficom(struct fpu *f, int32_t value, unsigned pops); /* FICOM m16 and m32 */
void fpu_fcom_st(struct fpu *f, unsigned i, unsigned pops);
void fpu_fucom_st(struct fpu *f, unsigned i, unsigned pops);
/* FCOMI, FCOMIP and, with `quiet`, FUCOMI, FUCOMIP. Returns the new CF, PF and ZF in their places in EFLAGS;
 * the processor clears OF, SF and AF. They are to be set even where an unmasked exception is pending now. */
uint32_t fpu_fcomi(struct fpu *f, unsigned i, bool quiet, bool pop);
void fpu_ftst(struct fpu *f);
void fpu_fxam(struct fpu *f);

/* ---- Transcendental functions (cpu/fpu_transcendental.c) ---- */

void fpu_f2xm1(struct fpu *f);
void fpu_fyl2x(struct fpu *f);
void fpu_fyl2xp1(struct fpu *f);
void fpu_fptan(struct fpu *f);
void fpu_fpatan(struct fpu *f);
void fpu_fsin(struct fpu *f);
void fpu_fcos(struct fpu *f);
void fpu_fsincos(struct fpu *f);

/* ---- MMX ---- */

/* What an MMX instruction does to the unit besides its operation (SDM volume 1, 9.6.2): TOP becomes 0 and all
 * registers are in use. The operations themselves are in cpu/mmx.h. */
static inline void fpu_mmx_enter(struct fpu *f)
{
    f->top = 0;
    f->tag = 0xFF;
}

static inline uint64_t fpu_mmx_read(const struct fpu *f, unsigned i)
{
    return f->reg[i & 7].significand;
}

static inline void fpu_mmx_write(struct fpu *f, unsigned i, uint64_t value)
{
    f->reg[i & 7].significand = value;
    f->reg[i & 7].sign_exponent = 0xFFFF;
}

/* EMMS (and FEMMS). */
static inline void fpu_emms(struct fpu *f)
{
    f->top = 0;
    f->tag = 0;
}

#endif
