# A BIOS call from protected mode: down to real mode and back. The part between low_start and low_end runs from a copy at 7000h.
	.set	BASE, 0x7000
	.text
	.globl	bios_call, low_start, low_end
bios_call:
	pushal
	pushfl
	cli
	movl	40(%esp), %eax		# vector
	movb	%al, BASE + low_int - low_start + 1
	movl	44(%esp), %esi		# registers
	movl	%esi, BASE + low_registers - low_start
	movl	$BASE + low_block - low_start, %edi
	movl	$9, %ecx
	cld
	rep movsl
	movl	%esp, BASE + low_esp - low_start
	sidtl	BASE + low_idt - low_start
	movl	%cr3, %eax
	movl	%eax, BASE + low_cr3 - low_start
	movl	%cr0, %eax
	movl	%eax, BASE + low_cr0 - low_start
	ljmpl	$0x18, $BASE + low_16 - low_start
bios_back:
	movl	BASE + low_esp - low_start, %esp
	lidtl	BASE + low_idt - low_start
	movl	BASE + low_registers - low_start, %edi
	movl	$BASE + low_block - low_start, %esi
	movl	$9, %ecx
	rep movsl
	popfl
	popal
	ret

	.balign	16
low_start:
	.code16
low_16:	movw	$0x20, %ax		# segments with 64 KB limits first
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	%cr0, %eax
	andl	$0x7FFFFFFE, %eax
	movl	%eax, %cr0
	ljmp	$0, $BASE + 1f - low_start
1:	xorw	%ax, %ax
	movw	%ax, %ss
	movl	$0x7C00, %esp
	lidtl	%cs:BASE + real_idt - low_start
	movw	%ax, %ds
	movl	BASE + low_block - low_start, %eax
	movl	BASE + low_block - low_start + 4, %ebx
	movl	BASE + low_block - low_start + 8, %ecx
	movl	BASE + low_block - low_start + 12, %edx
	movl	BASE + low_block - low_start + 16, %esi
	movl	BASE + low_block - low_start + 20, %edi
	movl	BASE + low_block - low_start + 24, %ebp
	movw	BASE + low_block - low_start + 30, %es
	movw	BASE + low_block - low_start + 28, %ds
	sti
low_int:
	int	$0x10
	cli
	pushfl
	pushw	%ds
	pushl	%eax
	xorw	%ax, %ax
	movw	%ax, %ds
	popl	%eax
	movl	%eax, BASE + low_block - low_start
	movl	%ebx, BASE + low_block - low_start + 4
	movl	%ecx, BASE + low_block - low_start + 8
	movl	%edx, BASE + low_block - low_start + 12
	movl	%esi, BASE + low_block - low_start + 16
	movl	%edi, BASE + low_block - low_start + 20
	movl	%ebp, BASE + low_block - low_start + 24
	movw	%es, BASE + low_block - low_start + 30
	popw	BASE + low_block - low_start + 28
	popl	%eax
	movw	%ax, BASE + low_block - low_start + 32
	movl	BASE + low_cr3 - low_start, %eax
	movl	%eax, %cr3
	lgdtl	BASE + low_gdt - low_start
	movl	BASE + low_cr0 - low_start, %eax
	movl	%eax, %cr0
	ljmpl	$0x08, $BASE + low_32 - low_start
	.code32
low_32:	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	$bios_back, %eax
	jmp	*%eax
	.balign	4
low_block:	.skip	36
low_registers:	.long	0
low_esp:	.long	0
low_cr3:	.long	0
low_cr0:	.long	0
low_idt:	.skip	6
	.skip	2
real_idt:	.word	0x3FF
	.long	0
	.skip	2
	.globl	low_gdt
low_gdt:	.word	0x7F
	.long	gdt
low_end:
	.section .note.GNU-stack, "", @progbits
