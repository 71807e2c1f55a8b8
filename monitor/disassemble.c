#include "monitor/disassemble.h"

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

static void note_target(const ZydisDisassembledInstruction *instruction, uint64_t ip, struct disassembly *out)
{
    out->is_relative = (instruction->info.attributes & ZYDIS_ATTRIB_IS_RELATIVE) &&
                       ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&instruction->info, &instruction->operands[0],
                                                             ip, &out->target));
    if (instruction->info.operand_width == 16)
        out->target &= 0xFFFF;
}

void disassemble(const uint8_t *bytes, size_t count, uint64_t ip, unsigned bits, bool real, bool att,
                 struct disassembly *out)
{
    ZydisDisassembledInstruction instruction;
    ZyanStatus status = att ? ZydisDisassembleATT(machine_mode(bits, real), ip, bytes, count, &instruction)
                            : ZydisDisassembleIntel(machine_mode(bits, real), ip, bytes, count, &instruction);
    if (!ZYAN_SUCCESS(status)) {
        as_byte(bytes, out);
        return;
    }
    *out = (struct disassembly){.length = instruction.info.length, .is_call = comes_back(&instruction.info)};
    out->is_subroutine_call = instruction.info.mnemonic == ZYDIS_MNEMONIC_CALL;
    out->is_return = instruction.info.meta.category == ZYDIS_CATEGORY_RET;
    note_target(&instruction, ip, out);
    /* Zydis writes a scale of one; nobody else does. */
    char *scale = strstr(instruction.text, "*1]");
    if (!scale)
        scale = strstr(instruction.text, "*1+");
    if (!scale)
        scale = strstr(instruction.text, "*1-");
    if (scale)
        memmove(scale, scale + 2, strlen(scale + 2) + 1);
    snprintf(out->text, sizeof out->text, "%s", instruction.text);
}

#else

void disassemble(const uint8_t *bytes, size_t count, uint64_t ip, unsigned bits, bool real, bool att,
                 struct disassembly *out)
{
    (void)count, (void)ip, (void)bits, (void)real, (void)att;
    as_byte(bytes, out);
}

#endif
