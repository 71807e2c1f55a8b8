# Files of this room.
libtick86_a_SOURCES += \
	cpu/fpu.c cpu/fpu.h cpu/fpu_fast.h cpu/fpu_host.h cpu/fpu_private.h \
	cpu/fpu_state.c \
	cpu/fpu_transcendental.c \
	cpu/mmx.h \
	cpu/softfloat80.c cpu/softfloat80.h

libtick86_a_SOURCES += \
	cpu/alu.h cpu/alu_width.h \
	cpu/block.c \
	cpu/breakpoint.c \
	cpu/cpu.c cpu/cpu.h cpu/cpu_bus.h cpu/cpu_private.h \
	cpu/debug.c cpu/debug.h cpu/fault_causes.def \
	cpu/decode.c cpu/decode.h \
	cpu/descriptor.h \
	cpu/exception.c \
	cpu/fast.c cpu/fast.h cpu/fast_operand.h \
	cpu/fast_alu.c cpu/fast_alu_width.h \
	cpu/fast_branch.c cpu/fast_branch.h \
	cpu/fast_condition.c \
	cpu/fast_fpu.c \
	cpu/fast_mmx.c \
	cpu/fast_multiply.c \
	cpu/fast_flow.c cpu/fast_flow.h \
	cpu/fast_fused.c cpu/fast_fused_width.h \
	cpu/fast_move.c \
	cpu/fast_pairs.c \
	cpu/fast_regs.c cpu/fast_regs.h cpu/fast_regs_memory.c \
	cpu/fast_rotate.c \
	cpu/fast_segment.c \
	cpu/fast_string.c \
	cpu/fast_stack.c cpu/fast_stack.h \
	cpu/fast_words.c \
	cpu/flags.h \
	cpu/insn.c cpu/insn.h cpu/insns.def cpu/costs.def cpu/opcodes.def \
	cpu/io.c \
	cpu/mmu.c \
	cpu/model.c cpu/model.h \
	cpu/operand.h \
	cpu/ops_alu.c cpu/ops_alu_width.h \
	cpu/ops_flow.c \
	cpu/ops_fpu.c \
	cpu/mmx.h cpu/mmx_host.h cpu/mmx_operations.def cpu/ops_mmx.c \
	cpu/ops_msr.c \
	cpu/ops_string.c \
	cpu/string_run.c cpu/string_run.h \
	cpu/ops_system.c \
	cpu/run.c \
	cpu/segment.c \
	cpu/smm.c \
	cpu/stack.c \
	cpu/task.c \
	cpu/transfer.c \
	cpu/width.h
