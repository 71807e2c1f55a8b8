/*
 * The boot sector of the firmware's tests: loads the rest of the test (up to 63 sectors behind it) to 0:7E00h and calls test(). All runs
 * in real mode in segment 0, so C needs no far pointers but for video memory. A test that returns has passed.
 */
	.code16
	.section .boot, "ax"
	.globl _start, boot_drive
_start:
	ljmp $0, $1f
1:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl $0x7c00, %esp
	sti
	cld
	movb %dl, boot_drive
	cmpb $0xe0, %dl			/* from a CD without emulation all of it is here already */
	jae 4f
	movw $0x7e00, %bx
	movw $1, %si
2:	movw %si, %ax
	movb $18, %cl
	divb %cl			/* AL = track, AH = sector */
	movb %ah, %cl
	incb %cl
	movb %al, %ch
	shrb $1, %ch
	movb %al, %dh
	andb $1, %dh
	movb boot_drive, %dl
	movw $0x0201, %ax
	int $0x13
	jc 9f
	addw $512, %bx
	incw %si
	cmpw $63, %si
	jb 2b
4:	calll test
	movw $passed, %si
3:	lodsb
	outb %al, $0xe9
	testb %al, %al
	jnz 3b
	movb $0, %al
	jmp 8f
9:	movb $2, %al			/* the disk cannot be read */
8:	outb %al, $0xf4
	hlt
	jmp 8b
boot_drive:
	.byte 0
passed:	.asciz "PASS\n"
	.org 510
	.word 0xaa55

/*
 * void interrupt(u8 number, struct regs *): calls a service with every register as given, on a stack as small as some
 * programs have, and stores what comes back: ax bx cx dx si di bp ds es flags fs gs, 32 bits each.
 */
	.text
	.globl interrupt, far_call
far_call:
	movl %eax, far_target
	movb $0x9a, 5f			/* call far with an immediate target */
	movl %eax, 5f + 1
	jmp 1f
interrupt:
	movb $0xcd, 5f			/* int, nop, nop, nop */
	movb %al, 5f + 1
	movw $0x9090, 5f + 2
	movb $0x90, 5f + 4
1:	pushal
	pushw %ds
	pushw %es
	pushw %fs
	pushw %gs
	movl %edx, block
	movl %esp, saved_stack
	movl $small_stack_end, %esp
	movl %edx, %edi
	movl (%edi), %eax
	movl 4(%edi), %ebx
	movl 8(%edi), %ecx
	movl 12(%edi), %edx
	movl 16(%edi), %esi
	movl 24(%edi), %ebp
	movw 32(%edi), %es
	movw 40(%edi), %fs
	movw 44(%edi), %gs
	pushw 28(%edi)
	movl 20(%edi), %edi
	popw %ds
	jmp 5f				/* the instruction was changed */
5:	.byte 0xcd, 0, 0x90, 0x90, 0x90
	movl %esp, %cs:stack_after
	pushfw
	pushw %ds
	pushw %cs
	popw %ds			/* CS is 0 */
	popw saved_ds
	popw saved_flags
	movl saved_stack, %esp
	pushl %edi
	movl block, %edi
	movl %eax, (%edi)
	movl %ebx, 4(%edi)
	movl %ecx, 8(%edi)
	movl %edx, 12(%edi)
	movl %esi, 16(%edi)
	popl 20(%edi)
	movl %ebp, 24(%edi)
	movzwl saved_ds, %eax
	movl %eax, 28(%edi)
	movw %es, %ax
	movl %eax, 32(%edi)
	movzwl saved_flags, %eax
	movl %eax, 36(%edi)
	movw %fs, %ax
	movzwl %ax, %eax
	movl %eax, 40(%edi)
	movw %gs, %ax
	movl %eax, 44(%edi)
	cld
	popw %gs
	popw %fs
	popw %es
	popw %ds
	popal
	retl

/*
 * u32 call_protected(u32 address, struct regs *): far-calls 32-bit code at a linear address in protected mode, with CS 8, DS 10h
 * flat, and selectors 28h, 30h, 38h for APM: code 32, code 16, data 40h. EAX EBX ECX EDX ESI EDI go in and out; the answer is EFLAGS.
 * call_protected_near() is for code that returns near.
 */
	.globl call_protected, call_protected_near
	.code32
near_call:
	call *near_target
	lret
	.code16
call_protected_near:
	movl %eax, near_target
	movl $near_call, %eax
call_protected:
	pushal
	movl %eax, far_target
	movl %edx, block
	cli
	lgdt gdt_register
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	ljmp $8, $1f
	.code32
1:	movw $0x10, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl block, %edi
	movl (%edi), %eax
	movl 4(%edi), %ebx
	movl 8(%edi), %ecx
	movl 12(%edi), %edx
	movl 16(%edi), %esi
	movl 20(%edi), %edi
	lcall *far_target
	pushfl
	pushl %edi
	movl block, %edi
	movl %eax, (%edi)
	movl %ebx, 4(%edi)
	movl %ecx, 8(%edi)
	movl %edx, 12(%edi)
	movl %esi, 16(%edi)
	popl 20(%edi)
	popl 36(%edi)
	ljmp $0x18, $2f
	.code16
2:	movw $0x20, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl %cr0, %eax
	andb $0xfe, %al
	movl %eax, %cr0
	ljmp $0, $3f
3:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	sti
	popal
	movl block, %eax
	movl 36(%eax), %eax
	retl

/* A handler for interrupts that the tests wait for: counts. And one for the mouse, called far with four words. */
	.globl counting_handler, interrupts_counted, mouse_handler, mouse_words
counting_handler:
	incl %cs:interrupts_counted
	iretw
mouse_handler:
	pushw %bp
	movw %sp, %bp
	pushw %ax
	movw 12(%bp), %ax
	movw %ax, %cs:mouse_words
	movw 10(%bp), %ax
	movw %ax, %cs:mouse_words + 2
	movw 8(%bp), %ax
	movw %ax, %cs:mouse_words + 4
	incl %cs:interrupts_counted
	popw %ax
	popw %bp
	lretw

	.data
	.balign 8
gdt:	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0x00009b000000ffff
	.quad 0x000093000000ffff
	.quad 0x00409b0f0000ffff
	.quad 0x00009b0f0000ffff
	.quad 0x004093000400ffff
gdt_register:
	.word . - gdt - 1
	.long gdt
	.balign 4
near_target:
	.long 0
far_target:
	.long 0
	.word 8
	.globl far_selector
	.set far_selector, far_target + 4
	.balign 4
block:	.long 0
saved_stack:
	.long 0
	.globl stack_after
stack_after:
	.long 0
saved_ds:
	.word 0
saved_flags:
	.word 0
interrupts_counted:
	.long 0
mouse_words:
	.word 0, 0, 0
	.balign 4
	.globl small_stack
small_stack:				/* the linker says how much of it is used: small_stack_end */
	.fill 512
	.section .note.GNU-stack, "", @progbits
