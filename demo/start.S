/*
 * From the boot sector to C, and what C cannot do: call interrupts, be called by the BIOS, change to protected mode and back.
 *
 * The C code is compiled for real mode (gcc -m16): the instructions are 16-bit ones with prefixes for 32-bit registers, so an 80386 is
 * needed. All of it and its data and stack are in segment 0. Arguments come in EAX, EDX, ECX (gcc -mregparm=3).
 */
	.code16
	.text
	.globl start
start:
	calll demo_main			/* menu.c; comes back never */
	jmp start

/*
 * void interrupt(u8 number, struct registers *r): a BIOS call with all registers from *r and back to it. The number of the INT
 * instruction is part of the instruction, so it is written into the code.
 */
	.globl interrupt
interrupt:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movb %al, 2f + 1
	pushl %edx
	movl %edx, %edi
	movl (%edi), %eax
	movl 4(%edi), %ebx
	movl 8(%edi), %ecx
	movl 12(%edi), %edx
	movl 16(%edi), %esi
	movl 24(%edi), %ebp
	movw 28(%edi), %es
	movl 20(%edi), %edi
	jmp 1f				/* a jump makes old processors fetch the changed byte */
1:
2:	int $0
	movl %edi, %ss:saved_di		/* now everything back, without losing anything on the way */
	popl %edi
	movl %eax, %ss:(%edi)
	movl %ebx, %ss:4(%edi)
	movl %ecx, %ss:8(%edi)
	movl %edx, %ss:12(%edi)
	movl %esi, %ss:16(%edi)
	movl %ebp, %ss:24(%edi)
	movw %es, %ss:28(%edi)
	movl %ss:saved_di, %eax
	movl %eax, %ss:20(%edi)
	pushfl
	popl %eax
	movl %eax, %ss:32(%edi)
	xorw %ax, %ax			/* segment 0 again */
	movw %ax, %ds
	movw %ax, %es
	cld
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	retl

/* u32 eflags_toggle(u32 bits): which of the bits of EFLAGS can be changed. Old processors lack AC (bit 18), ID (bit 21): cpu.c. */
	.globl eflags_toggle
eflags_toggle:
	pushfl
	popl %edx
	movl %edx, %ecx
	xorl %eax, %ecx
	pushl %ecx
	popfl
	pushfl
	popl %ecx
	pushl %edx
	popfl
	xorl %edx, %ecx
	andl %ecx, %eax
	retl

/* The machine's clock for cpu.c: `count` times a hundred instructions, most of them additions, and the jump. */
	.globl hundred_instructions
hundred_instructions:			/* void hundred_instructions(u32 count) */
	pushl %ebx
	.balign 16
1:	.rept 14
	addl %eax, %edx
	incl %ebx
	movl %edx, %ecx
	xorl %ebx, %ecx
	shrl $1, %ecx
	leal 4(%ecx), %ebx
	orl %ecx, %edx
	.endr				/* 98 */
	decl %eax
	jnz 1b				/* 100 */
	popl %ebx
	retl

/*
 * void call_32(void (*function)(void *), void *argument): runs a function that was compiled for 32-bit protected mode, where an offset can
 * reach all 4 GB. In protected mode a segment register holds the number of a descriptor in a table, which tells base and length;
 * ours begin at 0 and are 4 GB long, so addresses stay what they were.
 */
	.globl call_32
call_32:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %eax, %ebx
	movl %edx, %esi
	cli				/* the BIOS's interrupt handlers are real mode code: none may run now */
	lgdt gdt_register
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0			/* bit 0 of CR0 switches protected mode on ... */
	ljmp $0x08, $1f			/* ... and a far jump loads CS with a descriptor */
	.code32
1:	movw $0x10, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl %esi, %eax
	call *%ebx
	ljmp $0x18, $2f			/* back by way of 16-bit segments: real mode keeps the lengths that were loaded last */
	.code16
2:	movw $0x20, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl %cr0, %eax
	andl $0xFFFFFFFE, %eax
	movl %eax, %cr0
	ljmp $0, $3f
3:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	sti
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	retl

	.data
	.balign 8
gdt:	.quad 0				/* the first descriptor is never used */
	.quad 0x00CF9B000000FFFF	/* 08h: 32-bit code, 4 GB */
	.quad 0x00CF93000000FFFF	/* 10h: data, 4 GB */
	.quad 0x00009B000000FFFF	/* 18h: 16-bit code, 64 KB */
	.quad 0x000093000000FFFF	/* 20h: data, 64 KB */
gdt_register:
	.word . - gdt - 1
	.long gdt
saved_di:
	.long 0

/*
 * INT 15h function 4Fh: the BIOS's keyboard interrupt calls it with each scan code in AL before it makes a character of it. Who hooks
 * INT 15h sees every key go down and up. keyboard.c puts the handler in and takes it out again.
 */
	.text
	.globl scan_code_hook, old_interrupt_15h, scan_codes, scan_codes_written
scan_code_hook:
	cmpb $0x4F, %ah
	jne 1f
	pushw %bx
	movzbw %cs:scan_codes_written, %bx
	andw $15, %bx
	movb %al, %cs:scan_codes(%bx)
	incb %cs:scan_codes_written
	popw %bx
1:	ljmpw *%cs:old_interrupt_15h	/* the handler that was there answers */
	.balign 4
old_interrupt_15h:
	.long 0
scan_codes:
	.fill 16
scan_codes_written:
	.byte 0

/*
 * The BIOS calls this far for each packet of the mouse (INT 15h function C207h set it up), with four words on the stack: status, X, Y, 0.
 * mouse.c reads what is left here.
 */
	.globl mouse_packet, mouse_status, mouse_x, mouse_y, mouse_packets
mouse_packet:
	pushw %bp
	movw %sp, %bp
	pushw %ax
	movb 12(%bp), %al		/* above BP: old BP, return address (4), 0, Y, X, status */
	movb %al, %cs:mouse_status
	movb 10(%bp), %al		/* movements are nine bits: the ninth is in the status */
	movb 12(%bp), %ah
	shlb $3, %ah			/* bit 4, the sign of X, to bit 7 */
	sarb $7, %ah			/* and all over AH */
	addw %ax, %cs:mouse_x
	movb 8(%bp), %al
	movb 12(%bp), %ah
	shlb $2, %ah			/* bit 5, the sign of Y */
	sarb $7, %ah
	subw %ax, %cs:mouse_y		/* mice count upwards, screens downwards */
	incw %cs:mouse_packets
	popw %ax
	popw %bp
	lretw
	.balign 2
mouse_status:	.word 0
mouse_x:	.word 0
mouse_y:	.word 0
mouse_packets:	.word 0
	.section .note.GNU-stack, "", @progbits
