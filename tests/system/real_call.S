# To real mode and back. real_call(ip) jumps to 0000:ip with all data segments 0; whatever vector below 20h or
# 40h comes ends it: see real.c.
	.section .text16, "ax"
	.code32
	.globl	real_call
real_call:
	movl	4(%esp), %eax
	pushal
	movl	%esp, real_host_esp
	movl	%eax, %ebx
	sidtl	real_saved_idt
	lidtl	real_idt
	ljmpl	$0x48, $1f
	.code16
1:	movw	$0x50, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %gs		# FS keeps its 4 GB: "unreal mode"
	movl	%cr0, %eax
	andb	$0xFE, %al
	movl	%eax, %cr0
	ljmpw	$0, $2f
2:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	$0x7000, %esp
	pushw	$2
	popfw
	pushw	%bx
	movl	$0xA0A1A2A3, %eax
	movl	$0xC0C1C2C3, %ecx
	movl	$0xB0B1B2B3, %ebx
	ret

	.globl	real_stubs
	.balign	16
real_stubs:
	.set	vector, 0
	.rept	65
	.balign	16
	movb	$vector, %cs:real_vector
	jmp	real_trap
	.set	vector, vector + 1
	.endr

	.globl	real_trap
real_trap:
	movl	%eax, %cs:real_eax
	movl	%ecx, %cs:real_ecx
	popw	%cs:real_ip
	popw	%cs:real_cs
	popw	%cs:real_flags
	movl	%esp, %cs:real_esp
	pushfw
	popw	%cs:real_flags_after
	.globl	real_resume
real_resume:
	cli
	cld
	ljmpw	$0, $3f
3:	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	real_gdt		# after a reset there is none
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $4f
	.code32
4:	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	real_host_esp, %esp
	lidtl	real_saved_idt
	popal
	ret

	.globl	real_vector, real_ip, real_cs, real_flags, real_flags_after, real_eax, real_ecx, real_esp, real_idt
	.globl	real_host_esp, real_saved_idt
	.balign	4
real_host_esp:	.long	0
real_eax:	.long	0
real_ecx:	.long	0
real_esp:	.long	0
real_ip:	.word	0
real_cs:	.word	0
real_flags:	.word	0
real_flags_after: .word	0
real_vector:	.word	0
real_idt:	.word	0x3FF
		.long	0
real_saved_idt:	.word	0
		.long	0
real_gdt:	.word	511
		.long	gdt
	.section .note.GNU-stack, "", @progbits
