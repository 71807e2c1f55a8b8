#include "monitor/disassemble.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

static void as_byte(const uint8_t *bytes, struct disassembly *out)
{
    *out = (struct disassembly){.length = 1};
    snprintf(out->text, sizeof out->text, "db 0x%02x", bytes[0]);
}

#ifdef HAVE_ZYDIS

#include <Zydis/Zydis.h>

static ZydisMachineMode machine_mode(unsigned bits, bool real)
{
    if (bits == 64)
        return ZYDIS_MACHINE_MODE_LONG_64;
    if (bits == 32)
        return ZYDIS_MACHINE_MODE_LEGACY_32;
    return real ? ZYDIS_MACHINE_MODE_REAL_16 : ZYDIS_MACHINE_MODE_LEGACY_16;
}

static bool comes_back(const ZydisDecodedInstruction *instruction)
{
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_CALL:
    case ZYDIS_MNEMONIC_INT:
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_INTO:
    case ZYDIS_MNEMONIC_SYSCALL:
    case ZYDIS_MNEMONIC_SYSENTER:
    case ZYDIS_MNEMONIC_LOOP:
    case ZYDIS_MNEMONIC_LOOPE:
    case ZYDIS_MNEMONIC_LOOPNE:
        return true;
    default:
        return instruction->attributes &
               (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE);
    }
}

static void note_target(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *operands,
                        uint64_t ip, struct disassembly *out)
{
    out->is_relative = (instruction->attributes & ZYDIS_ATTRIB_IS_RELATIVE) &&
                       ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(instruction, &operands[0], ip, &out->target));
    if (instruction->operand_width == 16)
        out->target &= 0xFFFF;
}

/* Some take memory of one size only; no assembler wants to hear it. */
static bool has_one_size(const ZydisDecodedInstruction *instruction)
{
    return instruction->meta.category == ZYDIS_CATEGORY_SYSTEM ||
           instruction->meta.category == ZYDIS_CATEGORY_PREFETCH ||
           instruction->mnemonic == ZYDIS_MNEMONIC_LDMXCSR ||
           instruction->mnemonic == ZYDIS_MNEMONIC_STMXCSR ||
           instruction->mnemonic == ZYDIS_MNEMONIC_CMPXCHG8B;
}

static bool is_count(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *operand)
{
    bool shifts = instruction->meta.category == ZYDIS_CATEGORY_SHIFT ||
                  instruction->meta.category == ZYDIS_CATEGORY_ROTATE;
    return shifts && operand->reg.value == ZYDIS_REGISTER_CL;
}

/* Is there memory whose size no register tells? Zydis looks at operands that are not shown too (AX in MUL),
 * and at the count of a shift. */
static bool needs_size(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *operands)
{
    bool memory = false, told = has_one_size(instruction);
    for (unsigned i = 0; i < instruction->operand_count_visible; i++) {
        memory |= operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY;
        told |=
            operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER && !(i && is_count(instruction, &operands[i]));
    }
    return memory && !told;
}

/* --- AT&T -------------------------------------------------------------------------------------------------
 */

/* The x87's: floating point and integers have letters of their own; words of control, environments and packed
 * decimals have none. */
static const char *x87_suffix(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *memory)
{
    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_FLDCW:
    case ZYDIS_MNEMONIC_FNSTCW:
    case ZYDIS_MNEMONIC_FNSTSW:
    case ZYDIS_MNEMONIC_FBLD:
    case ZYDIS_MNEMONIC_FBSTP:
        return "";
    default:
        break;
    }
    bool is_float = memory->element_type >= ZYDIS_ELEMENT_TYPE_FLOAT16 &&
                    memory->element_type <= ZYDIS_ELEMENT_TYPE_FLOAT80;
    return memory->size == 16   ? "s"
           : memory->size == 32 ? is_float ? "s" : "l"
           : memory->size == 64 ? is_float ? "l" : "ll"
           : memory->size == 80 ? "t"
                                : "";
}

static const char *size_letter(unsigned bits)
{
    return bits == 8 ? "b" : bits == 16 ? "w" : bits == 32 ? "l" : bits == 64 ? "q" : "";
}

/* The name as the GNU assembler has it, with its letters of size. Zydis has the letters of integers for all.
 */
static void att_name(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *operands,
                     const ZydisDecodedOperand *memory, char *out, size_t size)
{
    const char *name = ZydisMnemonicGetString(instruction->mnemonic);
    bool extends =
        instruction->mnemonic == ZYDIS_MNEMONIC_MOVZX || instruction->mnemonic == ZYDIS_MNEMONIC_MOVSX;
    const char *suffix = !memory ? ""
                         : instruction->meta.isa_set == ZYDIS_ISA_SET_X87 ||
                                 instruction->meta.category == ZYDIS_CATEGORY_X87_ALU
                             ? x87_suffix(instruction, memory)
                         : instruction->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR
                             ? memory->size == 32 ? "w" : "l"
                         : needs_size(instruction, operands) ? size_letter(memory->size)
                                                             : "";
    if (extends)
        snprintf(out, size, "%.4s%s%s", name, size_letter(operands[1].size), size_letter(operands[0].size));
    else
        snprintf(out, size, "%s%s%s", instruction->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR ? "l" : "", name,
                 suffix);
}

/* Puts the name right that Zydis wrote into TEXT, and a star before what a jump or call reads its target
 * from. */
static void mend_att(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *operands,
                     char *text, size_t size)
{
    const ZydisDecodedOperand *memory = NULL;
    for (unsigned i = 0; i < instruction->operand_count_visible; i++)
        if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
            memory = &operands[i];
    bool extends =
        instruction->mnemonic == ZYDIS_MNEMONIC_MOVZX || instruction->mnemonic == ZYDIS_MNEMONIC_MOVSX;
    bool branches =
        instruction->mnemonic == ZYDIS_MNEMONIC_CALL || instruction->mnemonic == ZYDIS_MNEMONIC_JMP;
    bool indirect = branches && (memory || operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER);
    char *at = strstr(text, ZydisMnemonicGetString(instruction->mnemonic)), name[48], rest[128];
    if (!at || (!memory && !extends && !indirect))
        return;
    if (at > text && at[-1] == 'l') /* lcall, ljmp */
        at--;
    att_name(instruction, operands, memory, name, sizeof name);
    const char *blank = at + strcspn(at, " ");
    snprintf(rest, sizeof rest, "%s", *blank ? blank + 1 : "");
    snprintf(at, size - (size_t)(at - text), "%s%s%s%s", name, *rest ? " " : "", indirect ? "*" : "", rest);
}

/* %st1 is %st(1), and %st0 is %st. */
static void mend_att_stack(char *text, size_t size)
{
    char *at = text, rest[128];
    while ((at = strstr(at, "%st")) != NULL) {
        at += 3;
        if (!isdigit((unsigned char)*at))
            continue;
        char digit = *at;
        snprintf(rest, sizeof rest, "%s", at + 1);
        if (digit == '0')
            snprintf(at, size - (size_t)(at - text), "%s", rest);
        else
            snprintf(at, size - (size_t)(at - text), "(%c)%s", digit, rest);
    }
}

/* --- All ---------------------------------------------------------------------------------------------------
 */

static bool decode(const uint8_t *bytes, size_t count, unsigned bits, bool real,
                   ZydisDecodedInstruction *instruction, ZydisDecodedOperand *operands)
{
    ZydisDecoder decoder;
    ZydisStackWidth stack = bits == 64   ? ZYDIS_STACK_WIDTH_64
                            : bits == 32 ? ZYDIS_STACK_WIDTH_32
                                         : ZYDIS_STACK_WIDTH_16;
    return ZYAN_SUCCESS(ZydisDecoderInit(&decoder, machine_mode(bits, real), stack)) &&
           ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, instruction, operands));
}

static bool format(const ZydisDecodedInstruction *instruction, const ZydisDecodedOperand *operands,
                   uint64_t ip, bool att, char *text, size_t size)
{
    ZydisFormatter formatter;
    bool ok =
        ZYAN_SUCCESS(
            ZydisFormatterInit(&formatter, att ? ZYDIS_FORMATTER_STYLE_ATT : ZYDIS_FORMATTER_STYLE_INTEL)) &&
        ZYAN_SUCCESS(ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE,
                                               needs_size(instruction, operands))) &&
        ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
            &formatter, instruction, operands, instruction->operand_count_visible, text, size, ip, NULL));
    if (ok && att) {
        mend_att(instruction, operands, text, size);
        mend_att_stack(text, size);
    }
    return ok;
}

/* Zydis writes a scale of one; nobody else does. */
static void drop_scale_of_one(char *text)
{
    static const char *const scales[] = {"*1]", "*1+", "*1-"};
    char *scale = NULL;
    for (size_t i = 0; i < sizeof scales / sizeof *scales && !scale; i++)
        scale = strstr(text, scales[i]);
    if (scale)
        memmove(scale, scale + 2, strlen(scale + 2) + 1);
}

void disassemble(const uint8_t *bytes, size_t count, uint64_t ip, unsigned bits, bool real, bool att,
                 struct disassembly *out)
{
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    *out = (struct disassembly){0};
    if (!decode(bytes, count, bits, real, &instruction, operands) ||
        !format(&instruction, operands, ip, att, out->text, sizeof out->text)) {
        as_byte(bytes, out);
        return;
    }
    drop_scale_of_one(out->text);
    out->length = instruction.length;
    out->is_call = comes_back(&instruction);
    out->is_subroutine_call = instruction.mnemonic == ZYDIS_MNEMONIC_CALL;
    out->is_return = instruction.meta.category == ZYDIS_CATEGORY_RET;
    note_target(&instruction, operands, ip, out);
}

#else

void disassemble(const uint8_t *bytes, size_t count, uint64_t ip, unsigned bits, bool real, bool att,
                 struct disassembly *out)
{
    (void)count, (void)ip, (void)bits, (void)real, (void)att;
    as_byte(bytes, out);
}

#endif
