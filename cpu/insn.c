#include "cpu/insn.h"

#include "cpu/cpu_private.h"

#define C        FLAG_CF
#define P        FLAG_PF
#define A        FLAG_AF
#define Z        FLAG_ZF
#define S        FLAG_SF
#define O        FLAG_OF
#define ARITH    FLAGS_ARITH
#define END      ATTR_END
#define FAULT    ATTR_FAULT
#define LOCK     ATTR_LOCK
#define NOACCESS ATTR_NOACCESS
#define KEEPS    ATTR_KEEPS
#define JUMP     ATTR_JUMP

const struct insn_info insn_info[ID_COUNT] = {
#define INSN(fn, mn, lv, rd, wr, attr, ...)                                                                  \
    [ID_##fn] = {.mnemonic = mn, .function = #fn, .level = lv, .attributes = attr, .reads = rd, .writes = wr},
#include "cpu/insns.def"
#undef INSN
};

const uint16_t insn_costs[COST_COLUMNS][ID_COUNT][2] = {
    [COST_286] =
        {
#define INSN(fn, mn, lv, rd, wr, attr, r2, m2, ...) [ID_##fn] = {r2, m2},
#include "cpu/insns.def"
#undef INSN
        },
    [COST_386] =
        {
#define INSN(fn, mn, lv, rd, wr, attr, r2, m2, r3, m3, ...) [ID_##fn] = {r3, m3},
#include "cpu/insns.def"
#undef INSN
        },
    [COST_486] =
        {
#define INSN(fn, mn, lv, rd, wr, attr, r2, m2, r3, m3, r4, m4, ...) [ID_##fn] = {r4, m4},
#include "cpu/insns.def"
#undef INSN
        },
    [COST_P5] =
        {
#define INSN(fn, mn, lv, rd, wr, attr, r2, m2, r3, m3, r4, m4, r5, m5) [ID_##fn] = {r5, m5},
#include "cpu/insns.def"
#undef INSN
        },
};

#define INSN(fn, ...) plain_fn op_##fn;
#include "cpu/insns.def"
#undef INSN

plain_fn *const plain_functions[] = {
#define INSN(fn, ...) [ID_##fn] = op_##fn,
#include "cpu/insns.def"
#undef INSN
};
