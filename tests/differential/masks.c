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
    MASK_WIDE
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
        {"the last bits of transcendental x87 results, and with them PE and C1", 0,
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

void mask_outcome(const struct diff_case *c, const struct outcome *ours, struct outcome *host)
{
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
