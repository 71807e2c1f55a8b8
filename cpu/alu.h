/* Arithmetic with lazy flags, for each width: shared by plain functions and fast handlers.
 * Included by width through alu_width.h; see there. */
#ifndef TICK86_CPU_ALU_H
#define TICK86_CPU_ALU_H

#include "cpu/flags.h"
#include "cpu/insn.h"
#include "cpu/model.h"

#define BITS 8
#include "cpu/alu_width.h"
#undef BITS
#define BITS 16
#include "cpu/alu_width.h"
#undef BITS
#define BITS 32
#include "cpu/alu_width.h"
#undef BITS

#endif
