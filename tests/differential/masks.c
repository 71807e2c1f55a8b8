/* What is not compared, and why; see masks.h. */
#include "tests/differential/masks.h"

#include <string.h>

#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/operand.h"

enum {
    MASK_SHIFT_OF,
    MASK_MULTIPLY_ZF,
    MASK_POINTERS,
    MASK_FETCH,
    MASK_NULL,
    MASK_OWN,
    MASK_TRANSCENDENTAL,
    MASK_TASK_RETURN,
    MASK_WIDE,
    MASK_ORDER,
    MASK_REPEATED_FLAGS,
    MASK_LAST_X87,
    MASK_SELECTOR,
    MASK_TOP,
    MASK_SHIFT_FAR,
    MASK_CR8,
    MASK_PARTIAL,
    MASK_STORE_FAULT,
    MASK_ENTER,
    MASK_END,
};

const struct mask_row mask_rows[] = {
    [MASK_SHIFT_OF] =
        {"shifts and rotates by more than 1", FLAG_OF,
         "undefined (SDM volume 2, RCL/RCR/ROL/ROR, SAL/SAR/SHL/SHR, SHLD, SHRD); ours is that of the last "
         "single shift, as vectors from a 286 show it, the newest processors' that of the first"},
    [MASK_MULTIPLY_ZF] = {"MUL and IMUL", FLAG_ZF,
                          "undefined (SDM volume 2, MUL, IMUL); the newest processors clear it"},
    [MASK_POINTERS] =
        {"x87 opcode, code and operand pointers in images", 0,
         "later processors note the last opcode and operand only for unmasked exceptions, and no "
         "selectors (CPUID.7.0:EBX bits 6 and 13; SDM volume 1, 8.1.8)"},
    [MASK_FETCH] =
        {"page-fault error code, bit 4", 0,
         "with execute-disable on, as on the host, it tells fetches (SDM volume 3, 4.7); the P6 has none"},
    [MASK_NULL] = {"null selectors 1 to 3 in ES, DS, FS, GS", 0,
                   "become 0 whenever the host's kernel returns to its user (SDM volume 2, IRET: segments "
                   "that the outer "
                   "level may not use become null)"},
    [MASK_TRANSCENDENTAL] =
        {"the last bits of transcendental x87 results, and with them PE, C1 and UE", 0,
         "errors are below one unit in the last place, and differ between processors (SDM volume 1, "
         "8.3.10); tests/unit/fpu_transcendental compares ours with MPFR"},
    [MASK_OWN] = {"page-fault error code, bit 0, at the interpreter's own tables", 0,
                  "they are mapped for privilege level 0; the host has nothing there"},
    [MASK_TASK_RETURN] = {"IRET with NT set", 0,
                          "returns from a task, here to a bad TSS (#TS); in the host's IA-32e mode it is "
                          "#GP(0) (SDM volume 2, "
                          "IRET)"},
    [MASK_WIDE] = {"--wide-masks: all flags that the manual calls undefined", FLAGS_ARITH,
                   "SDM volume 2, each instruction; used by itself where the host is no model whose "
                   "undefined flags are "
                   "known to be as ours (tests/differential/host.c)"},
    [MASK_ORDER] =
        {"AMD: which of #BR, #TS, #NP, #SS, #GP, #PF, #AC comes first, with its error code and CR2", 0,
         "faults on executing an instruction are of one class, within which the order is the "
         "processor's (SDM volume 3, 6.9)"},
    [MASK_REPEATED_FLAGS] =
        {"AMD: repeated CMPS and SCAS that fault", FLAGS_ARITH,
         "Intel's restore the flags of the start (SDM volume 2, REP); APM volume 3 does not "
         "promise it"},
    [MASK_LAST_X87] = {"AMD: x87 instruction pointer", 0,
                       "kept by FXSAVE and XSAVE where an unmasked exception waits (APM volume 2, 11.4.4)"},
    [MASK_SELECTOR] =
        {"AMD: upper half of a selector that is pushed as 4 bytes", 0,
         "left alone by Intel's 486 and P6, 0 by the Pentium and AMD's (SDM volume 3, 22.31.1)"},
    [MASK_TOP] = {"AMD: operands and stack across the top of 4 GB", 0,
                  "fault or do not, as the processor likes (SDM volume 3, 5.3)"},
    [MASK_SHIFT_FAR] = {"AMD: SHLD and SHRD of 16 bits by more than 16", 0,
                        "the result is undefined (SDM volume 2, SHLD, SHRD)"},
    [MASK_PARTIAL] =
        {"AMD: return address of a CALL that faults, x87 operands of more than 8 bytes, and x87 state "
         "where MMX instructions fault",
         0,
         "may be changed before the fault (SDM volume 3, 8.1.1; 6.5 promises what the program sees, not "
         "memory below its stack)"},
    [MASK_STORE_FAULT] =
        {"AMD: x87 stores with both an unmasked exception and a fault of memory", 0,
         "Intel's do not access memory then (SDM volume 1, 8.7 and volume 3, 6.9); others look for "
         "the fault first"},
    [MASK_ENTER] = {"AMD: ENTER with a 32-bit operand on a 16-bit stack that wraps", 0,
                    "the upper half of EBP is not given (SDM volume 2, ENTER)"},
    [MASK_END] = {"AMD: jumps that end with their code segment", 0,
                  "limits are checked on fetches (SDM volume 3, 5.3); whether that is of what lies behind a "
                  "taken jump "
                  "is not said"},
    [MASK_CR8] =
        {"AMD: LOCK before MOV to or from CR0, and before VERW", 0,
         "is MOV CR8 there (APM volume 3, MOV CRn); before VERW it is not looked at, against both manuals"},
};
const unsigned mask_count = sizeof mask_rows / sizeof mask_rows[0];

/* What the SDM calls undefined, volume 2, by the instruction's name. */
static const struct {
    const char *mnemonic;
    uint32_t flags;
} undefined[] = {
    {"and", FLAG_AF},
    {"or", FLAG_AF},
    {"xor", FLAG_AF},
    {"test", FLAG_AF},
    {"shl", FLAG_AF | FLAG_CF},
    {"shr", FLAG_AF | FLAG_CF},
    {"sar", FLAG_AF},
    {"shld", FLAG_AF},
    {"shrd", FLAG_AF},
    {"mul", FLAG_SF | FLAG_ZF | FLAG_AF | FLAG_PF},
    {"imul", FLAG_SF | FLAG_ZF | FLAG_AF | FLAG_PF},
    {"div", FLAGS_ARITH},
    {"idiv", FLAGS_ARITH},
    {"bsf", FLAGS_ARITH & ~FLAG_ZF},
    {"bsr", FLAGS_ARITH & ~FLAG_ZF},
    {"bt", FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF},
    {"bts", FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF},
    {"btr", FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF},
    {"btc", FLAG_OF | FLAG_SF | FLAG_AF | FLAG_PF},
    {"daa", FLAG_OF},
    {"das", FLAG_OF},
    {"aaa", FLAG_OF | FLAG_SF | FLAG_ZF | FLAG_PF},
    {"aas", FLAG_OF | FLAG_SF | FLAG_ZF | FLAG_PF},
    {"aam", FLAG_OF | FLAG_AF | FLAG_CF},
    {"aad", FLAG_OF | FLAG_AF | FLAG_CF},
};

static uint32_t undefined_by_manual(const struct insn *in)
{
    for (unsigned i = 0; i < sizeof undefined / sizeof undefined[0]; i++)
        if (!strcmp(undefined[i].mnemonic, insn_info[in->id].mnemonic))
            return undefined[i].flags;
    return 0;
}

static bool is_multiplication(unsigned id)
{
    return id >= ID_mul_rm_8 && id <= ID_imul_r_rm_imm_32;
}

uint32_t mask_undefined_flags(const struct cpu *cpu, const struct insn *in, bool wide)
{
    uint32_t flags = wide ? undefined_by_manual(in) : 0;
    if (is_multiplication(in->id))
        return flags | mask_rows[MASK_MULTIPLY_ZF].flags;
    if (in->id < ID_rol_rm_imm_8 || in->id > ID_shrd_rm_r_cl_32)
        return flags;
    const char *function = insn_info[in->id].function;
    unsigned count = (strstr(function, "_cl") ? cpu->gpr[RCX].b[0] : (unsigned)in->imm) & 31;
    return flags | (count > 1 ? mask_rows[MASK_SHIFT_OF].flags : 0);
}

static bool is_of_memory(unsigned vector)
{
    return vector == EXC_BR || (vector >= EXC_TS && vector <= EXC_PF) || vector == EXC_AC;
}

/* An x87 store that has an unmasked exception, which waits for the next x87 instruction, and a fault. */
static bool is_store_with_both(const struct outcome *ours, const struct outcome *host)
{
    return (ours->state.x87.status & FPU_ES) && is_of_memory(host->vector) &&
           host->state.eip == ours->state.x87.ip;
}

static void mask_amd(const struct diff_case *c, const struct outcome *ours, struct outcome *host)
{
    if (is_store_with_both(ours, host)) {
        *host = *ours;
        return;
    }
    if (is_of_memory(ours->vector) && is_of_memory(host->vector)) {
        host->vector = ours->vector;
        host->error = ours->error;
        host->cr2 = ours->cr2;
        if (c->repeated_compare)
            host->state.eflags =
                (host->state.eflags & ~(uint32_t)FLAGS_ARITH) | (ours->state.eflags & FLAGS_ARITH);
    }
    if (c->faulting_mmx)
        host->state.x87 = ours->state.x87;
    if (!(ours->state.x87.status & FPU_ES))
        host->state.x87.ip = ours->state.x87.ip;
}

void mask_outcome(const struct diff_case *c, const struct outcome *ours, struct outcome *host)
{
    if (c->host == HOST_AMD)
        mask_amd(c, ours, host);
    uint32_t mask = c->undefined;
    host->state.eflags = (host->state.eflags & ~mask) | (ours->state.eflags & mask);
    for (unsigned i = 0; i < 6; i++)
        if (i != SEG_CS && i != SEG_SS && !(host->state.segment[i] & ~3) && !(ours->state.segment[i] & ~3))
            host->state.segment[i] = ours->state.segment[i];
    if (ours->vector == EXC_TS && (ours->state.eflags & FLAG_NT) && host->vector == EXC_GP && !host->error) {
        host->vector = ours->vector;
        host->error = ours->error;
    }
    if (host->vector == EXC_PF)
        host->error &= ~0x10u;
    if (host->vector == EXC_PF && host->cr2 - INTERPRETER_OWN < INTERPRETER_OWN_BYTES)
        host->error |= 1;
    if (host->vector != EXC_PF || ours->vector != EXC_PF)
        host->cr2 = ours->cr2;
}
