/* Disassembly, through Zydis. */
#ifndef TICK86_MONITOR_DISASSEMBLE_H
#define TICK86_MONITOR_DISASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disassembly {
    char text[128];
    unsigned length;         /* bytes, at least 1 */
    bool is_call;            /* something that comes back: call, int, rep string, loop */
    bool is_return;          /* RET, RETF, IRET */
    bool is_subroutine_call; /* CALL, near or far */
    bool is_relative;        /* a jump or call to TARGET, an instruction pointer */
    uint64_t target;
};

/* Disassembles the instruction in BYTES (COUNT > 0 of them) that runs at instruction pointer IP in code of
 * BITS (16, 32, 64); REAL: in real mode. ATT: AT&T syntax in place of Intel's. What is no instruction becomes
 * "db". */
void disassemble(const uint8_t *bytes, size_t count, uint64_t ip, unsigned bits, bool real, bool att,
                 struct disassembly *out);

#endif
