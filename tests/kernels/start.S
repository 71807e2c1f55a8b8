# Multiboot header, entry, and the stubs of all vectors.
	.section .multiboot, "a"
	.balign	4
	.long	0x1BADB002, 3, -(0x1BADB002 + 3)

	.text
	.globl	_start, vector_stubs
_start:
	cli
	cld
	movl	$stack_top, %esp
	pushl	$0
	popfl
	pushl	%ebx
	pushl	%eax
	call	kernel_main
1:	hlt
	jmp	1b

# Vectors with an error code have it on the stack already.
	.balign	16
vector_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)
	pushl	$0
	.endif
	pushl	$vector
	jmp	common
	.set	vector, vector + 1
	.endr
common:
	pushal
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	cld
	pushl	%esp
	call	dispatch
	addl	$4, %esp
	popal
	addl	$8, %esp
	iretl

	.bss
	.balign	16
	.skip	16384
	.globl	stack_top
stack_top:
	.section .note.GNU-stack, "", @progbits
