/* From bytes to records: SDM volume 2, chapter 2 and appendix A. */
#ifndef TICK86_CPU_DECODE_H
#define TICK86_CPU_DECODE_H

#include "cpu/cpu_private.h"

enum decode_status {
    DECODE_OK,
    DECODE_MORE,     /* the instruction goes on past AVAILABLE bytes */
    DECODE_TOO_LONG, /* longer than the processor allows: #GP(0) */
};

#define INSN_MAX_BYTES 15

/* Decodes one instruction. MODE: MODE_CODE32 counts. Fills all of OUT but handler, next_offset and rest_*;
 * *LENGTH is the number of bytes. An invalid opcode becomes ID_ud. */
enum decode_status decode(const struct cpu_model *model, unsigned mode, const uint8_t *bytes,
                          unsigned available, struct insn *out, unsigned *length);

#endif
