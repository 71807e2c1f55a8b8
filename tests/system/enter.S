# Into the code under test and back: enter() loads all registers from `in`; whatever trap comes next saves
# them in `out` and the trap_... variables, and makes enter() return.
	.code32
	.text
	.globl	enter
enter:
	pushal
	pushl	$2
	popfl
	movl	%esp, host_esp
	testl	$0x20000, in_eflags
	jnz	to_v86
	testl	$3, in_cs
	jnz	to_outer
	movl	in_ss, %eax
	movl	in_esp, %ecx
	movl	%eax, %ss
	movl	%ecx, %esp
	jmp	flags
to_outer:
	pushl	in_ss
	pushl	in_esp
flags:	pushl	in_eflags
	pushl	in_cs
	pushl	in_eip
	pushl	in_ds
	movl	in_es, %eax
	movl	%eax, %es
	movl	in_fs, %eax
	movl	%eax, %fs
	movl	in_gs, %eax
	movl	%eax, %gs
	call	load_registers
	popl	%ds
	.globl	entering_iret
entering_iret:
	iretl
to_v86:
	pushl	in_gs
	pushl	in_fs
	pushl	in_ds
	pushl	in_es
	pushl	in_ss
	pushl	in_esp
	pushl	in_eflags
	pushl	in_cs
	pushl	in_eip
	call	load_registers
	iretl
load_registers:
	movl	in_ecx, %ecx
	movl	in_edx, %edx
	movl	in_ebx, %ebx
	movl	in_ebp, %ebp
	movl	in_esi, %esi
	movl	in_edi, %edi
	movl	in_eax, %eax
	ret

# One stub for each vector.
	.globl	stubs
	.balign	16
stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	pushl	$vector
	jmp	trap
	.set	vector, vector + 1
	.endr

trap:
	pushl	%ds
	pushl	%eax
	movl	$0x10, %eax
	movl	%eax, %ds
	popl	out_eax
	popl	out_ds
	popl	trap_vector
	movl	%ecx, out_ecx
	movl	%edx, out_edx
	movl	%ebx, out_ebx
	movl	%ebp, out_ebp
	movl	%esi, out_esi
	movl	%edi, out_edi
	movw	%es, out_es
	movw	%fs, out_fs
	movw	%gs, out_gs
	movw	%ss, trap_ss
	movw	%cs, trap_cs
	cld
	movl	%esp, %ebx
	movl	%ss, %ecx
	larl	%ecx, %edx
	testl	$0x400000, %edx
	jnz	1f
	movzwl	%bx, %ebx
1:	movl	%ebx, trap_esp
	xorl	%ecx, %ecx
2:	movl	%ss:(%ebx,%ecx,4), %eax
	movl	%eax, trap_frame(,%ecx,4)
	incl	%ecx
	cmpl	$12, %ecx
	jb	2b
	pushfl
	popl	trap_eflags
	movl	%cr2, %eax
	movl	%eax, trap_cr2
	movl	%db6, %eax
	movl	%eax, trap_dr6
	movl	%db7, %eax
	movl	%eax, trap_dr7
	movl	%cr0, %eax
	movl	%eax, trap_cr0
	str	%eax
	movzwl	%ax, %eax
	movl	%eax, trap_tr
	sldt	%eax
	movzwl	%ax, %eax
	movl	%eax, trap_ldtr
	incl	trap_count
	cmpl	$0, host_esp
	jne	4f
	movl	$0x10, %eax		# the test program itself: nothing to go back to
	movl	%eax, %ss
	movl	$fixup_stack_top, %esp
	call	stray_trap
4:
	movl	trap_fixup, %eax
	testl	%eax, %eax
	jz	back
	# A test wants to mend something and go on: its function runs on a stack of its own.
	movl	%esp, saved_esp
	movl	$0x10, %ecx
	movl	%ecx, %es
	movl	%ecx, %ss
	movl	$fixup_stack_top, %esp
	call	*%eax
	testl	%eax, %eax
	jz	back
	movl	trap_ss, %ecx
	movl	%ecx, %ss
	movl	saved_esp, %esp
	movl	trap_esp, %ebx
	xorl	%ecx, %ecx
3:	movl	trap_frame(,%ecx,4), %edx
	movl	%edx, %ss:(%ebx,%ecx,4)
	incl	%ecx
	cmpl	$4, %ecx
	jb	3b
	# The function returns 1, or 2 where there is an error code to drop.
	leal	-4(%esp,%eax,4), %esp
	movl	out_es, %eax
	movl	%eax, %es
	movl	out_ecx, %ecx
	movl	out_edx, %edx
	movl	out_ebx, %ebx
	movl	out_ebp, %ebp
	movl	out_esi, %esi
	movl	out_edi, %edi
	pushl	out_ds
	movl	out_eax, %eax
	popl	%ds
	iretl
back:	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	host_esp, %esp
	movl	$0, host_esp
	pushl	$2
	popfl
	popal
	movl	trap_vector, %eax
	ret

	.bss
	.globl	in_eflags, host_stack_top
	.balign	16
	.skip	16384
host_stack_top:
	.skip	4096
fixup_stack_top:
host_esp:
	.skip	4
saved_esp:
	.skip	4
	.section .note.GNU-stack, "", @progbits
