# For the kernels of system.c: descriptor tables, handlers, tasks, ring 3, real mode.
	.set	CODE, 0x08
	.set	DATA, 0x10
	.set	USER_CODE, 0x1B
	.set	USER_DATA, 0x23
	.set	CODE16, 0x28
	.set	DATA16, 0x30
	.set	TASK_MAIN, 0x38
	.set	TASK_A, 0x40

	.text
	.code32
# void system_begin(void): tables, a task register.
	.globl	system_begin
system_begin:
	lgdt	system_gdt_pointer
	lidt	system_idt_pointer
	movl	$task_main, %eax
	movl	$TASK_MAIN, %edx
	call	set_base
	movl	$task_a, %eax
	movl	$TASK_A, %edx
	call	set_base
	movl	$real_segment, %eax
	movl	$CODE16, %edx
	call	set_base
	movl	$real_segment, %eax
	shrl	$4, %eax
	movw	%ax, real_jump + 3
	movl	$TASK_MAIN, %eax
	ltr	%ax
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	ret
# Base EAX into descriptor EDX.
set_base:
	movw	%ax, system_gdt + 2(%edx)
	shrl	$16, %eax
	movb	%al, system_gdt + 4(%edx)
	movb	%ah, system_gdt + 7(%edx)
	ret

# void set_gate(vector, handler, level)
	.globl	set_gate
set_gate:
	movl	4(%esp), %ecx
	movl	8(%esp), %eax
	leal	system_idt(, %ecx, 8), %ecx
	movw	%ax, (%ecx)
	movw	$CODE, 2(%ecx)
	movl	12(%esp), %edx
	shll	$13, %edx
	orl	$0x8E00, %edx
	movw	%dx, 4(%ecx)
	shrl	$16, %eax
	movw	%ax, 6(%ecx)
	ret

# void run_user(function): at level 3, until it returns
	.globl	run_user
run_user:
	pushal
	movl	%esp, host_esp
	movl	%esp, task_main + 4
	subl	$4096, task_main + 4	# below what the host's frames need
	movl	36(%esp), %eax
	movl	$user_stack_top - 4, %edx
	movl	$user_exit, (%edx)
	movl	$USER_DATA, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	pushl	%ecx
	pushl	%edx
	pushl	$2
	pushl	$USER_CODE
	pushl	%eax
	iret
user_exit:
	int	$0x81
	.globl	leave_user
leave_user:
	movl	host_esp, %esp
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	popal
	ret

# A system call as systems have them: registers saved, segments loaded, a function called.
	.globl	system_call
system_call:
	pushl	%ds
	pushl	%es
	pushal
	movl	$DATA, %edx
	movl	%edx, %ds
	movl	%edx, %es
	call	*system_function
	popal
	popl	%es
	popl	%ds
	iret

	.globl	page_fault
page_fault:
	pushal
	movl	%cr2, %eax
	pushl	%eax
	call	fault_handler
	addl	$4, %esp
	popal
	addl	$4, %esp
	iret

# The serial port's transmitter is empty: read what it wants, tell the interrupt controller.
	.globl	serial_interrupt
serial_interrupt:
	pushl	%eax
	pushl	%edx
	movl	$0x3FA, %edx
	inb	%dx, %al
	movb	$0x20, %al
	outb	%al, $0x20
	incl	interrupts
	popl	%edx
	popl	%eax
	iret

# void switch_tasks(count): there and back by jumps, then by call and return
	.globl	switch_tasks
switch_tasks:
	movl	4(%esp), %ecx
	movl	$task_body, task_a + 32
	movl	$task_stack_top, task_a + 56
1:	pushl	%ecx
	ljmp	$TASK_A, $0
	popl	%ecx
	decl	%ecx
	jnz	1b
	movl	4(%esp), %ecx
	movb	$1, task_by_call
2:	pushl	%ecx
	lcall	$TASK_A, $0
	popl	%ecx
	decl	%ecx
	jnz	2b
	ret
task_body:
	incl	task_count
	cmpb	$0, task_by_call
	jne	3f
	ljmp	$TASK_MAIN, $0
	jmp	task_body
3:	iret
	jmp	task_body

# void real_mode(function, count): calls FUNCTION, which lies in the real-mode segment, COUNT times, each time
# from protected mode
	.balign	16
real_segment:
	.globl	real_mode
real_mode:
	pushal
1:	movl	36(%esp), %ebx
	subl	$real_segment, %ebx
	movl	%esp, host_esp
	ljmp	$CODE16, $2f - real_segment
	.code16
2:	movw	$DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	%cr0, %eax
	andb	$0xFE, %al
	movl	%eax, %cr0
real_jump:
	ljmpw	$0, $3f - real_segment
3:	movw	$0x5000, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	$0x7000, %ax
	movw	%ax, %ss
	movw	$0x1000, %sp
	call	*%bx
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$CODE, $4f
	.code32
4:	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	host_esp, %esp
	decl	40(%esp)
	jnz	1b
	popal
	ret

	.code16
	.globl	real_nothing
real_nothing:
	incw	0
	ret

# Sieve, checksum and bubble sort as 16-bit programs have them: DS and ES 5000h, word registers, near calls.
	.globl	real_work
real_work:
	cld
	movw	$20, %bp
1:	call	real_sieve
	call	real_checksum
	call	real_sort
	decw	%bp
	jnz	1b
	ret
real_sieve:
	xorw	%di, %di
	movw	$16384, %cx
	xorw	%ax, %ax
	rep stosw
	movw	$2, %bx
1:	cmpb	$0, (%bx)
	jne	3f
	incw	%dx
	movw	%bx, %si
	addw	%bx, %si
	jc	3f
2:	movb	$1, (%si)
	addw	%bx, %si
	jc	3f
	cmpw	$32768, %si
	jb	2b
3:	incw	%bx
	cmpw	$32768, %bx
	jb	1b
	ret
real_checksum:
	xorw	%si, %si
	movw	$32768, %cx
1:	lodsb
	xorb	%al, %dl
	rolw	$1, %dx
	addb	%ah, %dh
	loop	1b
	pushw	%dx
	popw	%es:40000
	ret
real_sort:
	movw	$300, %cx
	movw	$40002, %di
1:	movw	%cx, %ax
	imulw	$7919, %ax, %ax
	stosw
	loop	1b
	movw	$299, %cx
2:	pushw	%cx
	movw	$40002, %si
3:	movw	(%si), %ax
	cmpw	2(%si), %ax
	jbe	4f
	xchgw	2(%si), %ax
	movw	%ax, (%si)
4:	addw	$2, %si
	decw	%cx
	jnz	3b
	popw	%cx
	loop	2b
	ret

	.data
	.balign	8
	.globl	system_idt
system_gdt:
	.quad	0
	.quad	0x00CF9B000000FFFF
	.quad	0x00CF93000000FFFF
	.quad	0x00CFFB000000FFFF
	.quad	0x00CFF3000000FFFF
	.quad	0x00009B000000FFFF	# CODE16
	.quad	0x000093000000FFFF
	.quad	0x0000890000000067
	.quad	0x0000890000000067
system_gdt_pointer:
	.word	. - system_gdt - 1
	.long	system_gdt
system_idt_pointer:
	.word	256 * 8 - 1
	.long	system_idt
host_esp:
	.long	0
	.globl	interrupts, task_count, system_function
interrupts:
	.long	0
task_count:
	.long	0
system_function:
	.long	0
task_by_call:
	.byte	0
	.balign	8
task_main:
	.long	0, 0, DATA
	.fill	23, 4, 0
task_a:
	.long	0, 0, DATA, 0, DATA, 0, DATA, 0, task_body, 2
	.long	0, 0, 0, 0, task_stack_top, 0, 0, 0
	.long	DATA, CODE, DATA, DATA, DATA, DATA, 0, 0
	.balign	8
system_idt:
	.fill	256, 8, 0
	.bss
	.balign	16
	.fill	4096, 1, 0
task_stack_top:
	.fill	4096, 1, 0
user_stack_top:
	.section .note.GNU-stack, "", @progbits
