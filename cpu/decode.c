#include "cpu/decode.h"

#include <string.h>

#include "cpu/insn.h"

/* How operands are found: the last column of opcodes.def. */
enum {
    NONE = 0,
    MODRM = 1 << 0,
    RM8 = 1 << 1,            /* rm is a byte register */
    REG8 = 1 << 2,           /* reg is a byte register */
    REGNUM = 1 << 3,         /* reg is a plain number (segment, control register, MMX) */
    ACC = 1 << 4,            /* rm is AL, AX or EAX */
    REGACC = 1 << 5,         /* reg is AL, AX or EAX */
    OPREG = 1 << 6,          /* rm is the opcode's low three bits */
    OPSEG = 1 << 7,          /* reg is the segment in the opcode's bits 3-5 */
    OFFSET = 1 << 8,         /* rm is memory at an offset of address size */
    CONDITION = 1 << 9,      /* reg is the condition in the opcode's low four bits */
    CONDITION_IMM = 1 << 10, /* likewise imm */
    ESCAPE = 1 << 11,        /* imm is the x87 opcode: low bits of the escape << 8 | ModRM */
    MMXREG = 1 << 12,        /* rm and reg are MMX numbers, imm is the opcode | immediate << 8 */
    OPCODE_IMM = 1 << 13,    /* imm is the opcode */
    FORCE_REG = 1 << 14,     /* mod is taken as 3 */
    SINCE_186 = 1 << 15,
    UP_TO_486 = 1 << 16,
    ONLY_286 = 1 << 17,
    ONLY_386 = 1 << 18,
    IMM_SHIFT = 20,
    IMM_8 = 1 << IMM_SHIFT,  /* zero-extended */
    IMM_8S = 2 << IMM_SHIFT, /* sign-extended */
    IMM_16 = 3 << IMM_SHIFT, /* zero-extended */
    IMM_V = 4 << IMM_SHIFT,  /* operand size, sign-extended */
    IMM_REL8 = 5 << IMM_SHIFT,
    IMM_REL = 6 << IMM_SHIFT,
    IMM_FAR = 7 << IMM_SHIFT,   /* offset | selector << 32 */
    IMM_ENTER = 8 << IMM_SHIFT, /* size | level << 16 */
    IMM_ONE = 9 << IMM_SHIFT,   /* 1, no bytes */
    IMM_MASK = 15 << IMM_SHIFT,
};

struct opcode {
    uint16_t id;
    uint32_t operands;
};

/* Later rows override earlier ones on purpose. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

/* [map][opcode][mod is 3][reg][operand size 32] */
static const struct opcode opcode_table[2][256][2][8][2] = {
    [0 ... 1][0 ... 255][0 ... 1][0 ... 7][0 ... 1] = {ID_ud, NONE},
#define OPCODE(map, ops, mods, regs, fn, spec) [map][ops][mods][regs][0 ... 1] = {ID_##fn, spec},
#define OPCODE_V(map, ops, mods, regs, fn, spec)                                                             \
    [map][ops][mods][regs][0] = {ID_##fn##_16, spec}, [map][ops][mods][regs][1] = {ID_##fn##_32, spec},
#include "cpu/opcodes.def"
#undef OPCODE
#undef OPCODE_V
};

/* Opcodes that have a ModRM byte even where the row for its mod or reg is invalid. */
static bool has_modrm(unsigned map, unsigned opcode)
{
    for (unsigned mod = 0; mod < 2; mod++)
        for (unsigned reg = 0; reg < 8; reg++)
            if (opcode_table[map][opcode][mod][reg][0].operands & MODRM)
                return true;
    return false;
}

struct reader {
    const uint8_t *bytes;
    unsigned at, available, limit;
    bool more;     /* ran out of bytes */
    bool too_long; /* ran into the length limit */
};

static uint32_t fetch(struct reader *r, unsigned count)
{
    /* Behind missing bytes nothing is known of the length. */
    if (!r->more && r->at + count > r->limit)
        r->too_long = true;
    if (r->at + count > r->available) {
        r->more = true;
        return 0;
    }
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint32_t)r->bytes[r->at + i] << 8 * i;
    r->at += count;
    return value;
}

struct prefixes {
    bool operand, address, lock, rep, repne;
    int segment; /* -1: none */
};

static uint8_t reg_offset(unsigned number)
{
    return (uint8_t)(number * sizeof(union gpr));
}

static uint8_t reg8_offset(unsigned number)
{
    return (uint8_t)((number & 3) * sizeof(union gpr) + (number >> 2));
}

/* Memory operand of a 16-bit address, SDM volume 2, table 2-1. */
static unsigned decode_ea16(struct reader *r, unsigned modrm, struct insn *out)
{
    static const uint8_t bases[8] = {RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX};
    static const uint8_t indexes[8] = {RSI, RDI, RSI, RDI, REG_ZERO, REG_ZERO, REG_ZERO, REG_ZERO};
    unsigned mod = modrm >> 6, rm = modrm & 7;
    out->seg |= INSN_ADDR16;
    if (mod == 0 && rm == 6) {
        out->base = out->index = reg_offset(REG_ZERO);
        out->disp = (int32_t)fetch(r, 2);
        return SEG_DS;
    }
    out->base = reg_offset(bases[rm]);
    out->index = reg_offset(indexes[rm]);
    out->disp = mod == 1 ? (int8_t)fetch(r, 1) : mod == 2 ? (int16_t)fetch(r, 2) : 0;
    return bases[rm] == RBP ? SEG_SS : SEG_DS;
}

/* Memory operand of a 32-bit address, SDM volume 2, tables 2-2 and 2-3. */
static unsigned decode_ea32(struct reader *r, unsigned modrm, struct insn *out)
{
    unsigned mod = modrm >> 6, base = modrm & 7, index = REG_ZERO;
    bool no_base = false;
    if (base == 4) {
        unsigned sib = fetch(r, 1);
        base = sib & 7;
        index = sib >> 3 & 7;
        out->ea |= sib >> 6;
        if (index == 4) {
            index = REG_ZERO;
            out->ea &= (uint8_t)~3;
        }
        no_base = base == 5 && mod == 0;
    } else {
        no_base = base == 5 && mod == 0;
    }
    out->index = reg_offset(index);
    if (no_base) {
        out->base = reg_offset(REG_ZERO);
        out->disp = (int32_t)fetch(r, 4);
        return SEG_DS;
    }
    out->base = reg_offset(base);
    out->disp = mod == 1 ? (int8_t)fetch(r, 1) : mod == 2 ? (int32_t)fetch(r, 4) : 0;
    return base == RSP || base == RBP ? SEG_SS : SEG_DS;
}

static uint64_t decode_immediate(struct reader *r, unsigned kind, bool size32)
{
    switch (kind) {
    case IMM_8:
        return fetch(r, 1);
    case IMM_8S:
    case IMM_REL8:
        return (uint64_t)(int8_t)fetch(r, 1);
    case IMM_16:
        return fetch(r, 2);
    case IMM_V:
    case IMM_REL:
        return size32 ? (uint64_t)(int32_t)fetch(r, 4) : (uint64_t)(int16_t)fetch(r, 2);
    case IMM_FAR: {
        uint64_t offset = fetch(r, size32 ? 4 : 2);
        return offset | (uint64_t)fetch(r, 2) << 32;
    }
    case IMM_ENTER: {
        uint64_t size = fetch(r, 2);
        return size | (uint64_t)fetch(r, 1) << 16;
    }
    case IMM_ONE:
        return 1;
    default:
        return 0;
    }
}

static unsigned decode_prefixes(struct reader *r, const struct cpu_model *model, struct prefixes *p,
                                bool *invalid)
{
    for (;;) {
        unsigned byte = fetch(r, 1);
        if (r->more)
            return byte;
        switch (byte) {
        case 0x26:
        case 0x2E:
        case 0x36:
        case 0x3E:
            p->segment = (int)(byte >> 3 & 3);
            continue;
        case 0xF0:
            p->lock = true;
            continue;
        case 0xF2:
            p->repne = true;
            p->rep = false;
            continue;
        case 0xF3:
            p->rep = true;
            p->repne = false;
            continue;
        case 0x64:
        case 0x65:
        case 0x66:
        case 0x67:
            if (model->level < LEVEL_386) {
                *invalid = true;
                return byte;
            }
            if (byte == 0x66)
                p->operand = true;
            else if (byte == 0x67)
                p->address = true;
            else
                p->segment = (int)(byte - 0x64 + SEG_FS);
            continue;
        default:
            return byte;
        }
    }
}

/* On the 286, of the second map only the system instructions exist, and no FS or GS. */
static bool is_386_form(const struct opcode *op, unsigned map, unsigned opcode, unsigned modrm)
{
    bool moves_segment =
        op->id == ID_mov_sreg_rm || op->id == ID_mov_rm_sreg_16 || op->id == ID_mov_rm_sreg_32;
    return (map == 1 && opcode >= 0x08) || (moves_segment && (modrm & 0x20));
}

static bool allowed(const struct cpu_model *model, const struct opcode *op)
{
    if (model->level < insn_info[op->id].level)
        return false;
    if ((op->operands & SINCE_186) && model->level < LEVEL_186)
        return false;
    if ((op->operands & UP_TO_486) && model->level > LEVEL_486)
        return false;
    if ((op->operands & ONLY_286) && model->level != LEVEL_286)
        return false;
    if ((op->operands & ONLY_386) && model->level != LEVEL_386)
        return false;
    if ((op->id == ID_mmx || op->id == ID_emms) && !(model->features & CPUID_MMX))
        return false;
    if ((op->id == ID_fxsave || op->id == ID_fxrstor) && !(model->features & CPUID_FXSR))
        return false;
    if ((op->id == ID_sysenter || op->id == ID_sysexit) && !(model->features & CPUID_SEP))
        return false;
    return true;
}

static void decode_registers(const struct opcode *op, unsigned opcode, unsigned modrm, bool memory,
                             struct insn *out)
{
    unsigned spec = op->operands, reg = modrm >> 3 & 7, rm = modrm & 7;
    if (spec & MODRM) {
        out->reg = spec & (REGNUM | MMXREG | ESCAPE) ? (uint8_t)reg
                   : spec & REG8                     ? reg8_offset(reg)
                                                     : reg_offset(reg);
        if (!memory)
            out->rm = spec & MMXREG ? (uint8_t)rm : spec & RM8 ? reg8_offset(rm) : reg_offset(rm);
    }
    if (spec & ACC)
        out->rm = reg_offset(RAX);
    if (spec & REGACC)
        out->reg = reg_offset(RAX);
    if (spec & OPREG)
        out->rm = spec & RM8 ? reg8_offset(opcode & 7) : reg_offset(opcode & 7);
    if (spec & OPSEG)
        out->reg = opcode >> 3 & 7;
    if (spec & CONDITION)
        out->reg = opcode & 15;
    if (spec & CONDITION_IMM)
        out->imm = opcode & 15;
    if (spec & ESCAPE)
        out->imm = (opcode & 7) << 8 | modrm;
}

enum decode_status decode(const struct cpu_model *model, unsigned mode, const uint8_t *bytes,
                          unsigned available, struct insn *out, unsigned *length)
{
    struct reader r = {bytes, 0, available, model->level < LEVEL_386 ? 10 : INSN_MAX_BYTES, false, false};
    struct prefixes p = {.segment = -1};
    bool invalid = false, memory = false;
    memset(out, 0, sizeof *out);
    out->base = out->index = reg_offset(REG_ZERO);

    unsigned opcode = decode_prefixes(&r, model, &p, &invalid), map = 0;
    if (opcode == 0x0F && !invalid && model->level >= LEVEL_286) {
        map = 1;
        opcode = fetch(&r, 1);
    }
    bool size32 = !!(mode & MODE_CODE32) ^ p.operand, address16 = !(mode & MODE_CODE32) ^ p.address;
    unsigned modrm = 0, segment = SEG_DS;
    bool with_modrm = !r.more && !invalid && has_modrm(map, opcode);
    if (with_modrm)
        modrm = fetch(&r, 1);
    const struct opcode *op = &opcode_table[map][opcode][modrm >> 6 == 3][modrm >> 3 & 7][size32];
    if (op->operands & FORCE_REG)
        modrm |= 0xC0;
    if (invalid || !allowed(model, op) || (model->level < LEVEL_386 && is_386_form(op, map, opcode, modrm))) {
        static const struct opcode ud = {ID_ud, NONE};
        op = &ud;
    }
    if (address16)
        out->seg |= INSN_ADDR16;
    if (op->id == ID_ud && with_modrm && modrm < 0xC0) {
        /* An invalid instruction is fetched with its operand all the same. */
        struct insn unused = {0};
        (void)(address16 ? decode_ea16(&r, modrm, &unused) : decode_ea32(&r, modrm, &unused));
    } else if ((op->operands & MODRM) && modrm < 0xC0) {
        memory = true;
        segment = address16 ? decode_ea16(&r, modrm, out) : decode_ea32(&r, modrm, out);
    }
    if (op->operands & OFFSET) {
        memory = true;
        out->disp = (int32_t)fetch(&r, address16 ? 2 : 4);
    }
    out->id = op->id;
    decode_registers(op, opcode, modrm, memory, out);
    if (op->operands & IMM_MASK)
        out->imm = decode_immediate(&r, op->operands & IMM_MASK, size32);
    if (op->operands & MMXREG)
        out->imm = opcode | out->imm << 8;
    if (op->operands & OPCODE_IMM)
        out->imm = opcode;
    if (memory)
        out->ea |= INSN_MEM;
    if (p.rep)
        out->ea |= INSN_REP;
    out->seg |= p.segment >= 0 ? (uint8_t)p.segment : (uint8_t)segment;
    if (p.repne)
        out->seg |= INSN_REPNE;
    if (!size32)
        out->seg |= INSN_OSZ16;
    if (p.lock) {
        out->seg |= INSN_LOCK;
        /* 386 and later: #UD unless a memory destination allows it (SDM volume 2, LOCK). The 286 takes it
         * anywhere. */
        if (model->level >= LEVEL_386 && !(memory && (insn_info[out->id].attributes & ATTR_LOCK)))
            out->id = ID_ud;
    }
    if (p.rep && out->id == ID_nop)
        out->id = ID_pause;
    *length = r.at;
    if (r.too_long)
        return DECODE_TOO_LONG;
    return r.more ? DECODE_MORE : DECODE_OK;
}
