/*
 * The boot sector of the VGA BIOS tests: loads the rest of the test (up to 63 sectors behind it) to 0:7E00h and calls test(). Everything
 * runs in real mode in segment 0, so C needs no far pointers but for video memory. A test that returns has passed.
 */
	.code16
	.section .boot, "ax"
	.globl _start
_start:
	ljmp $0, $1f
1:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl $0x7C00, %esp
	cld
	movb %dl, drive
	movw $0x7E00, %bx
	movw $1, %si			/* linear sector */
2:	movw %si, %ax
	movb $18, %cl			/* sectors a track */
	divb %cl			/* AL = track, AH = sector */
	movb %ah, %cl
	incb %cl
	movb %al, %ch
	shrb $1, %ch
	movb %al, %dh
	andb $1, %dh
	movb drive, %dl
	movw $0x0201, %ax
	pushw %si
	int $0x13
	popw %si
	jc 9f
	addw $512, %bx
	incw %si
	cmpw $63, %si
	jb 2b
	calll test
	movw $passed, %si
3:	lodsb
	outb %al, $0xE9
	testb %al, %al
	jnz 3b
	movb $0, %al
	jmp 8f
9:	movb $2, %al			/* the disk cannot be read */
8:	outb %al, $0xF4
	hlt
	jmp 8b
drive:	.byte 0
passed:	.asciz "PASS\n"
	.org 510
	.word 0xAA55

/* void interrupt(u8 number, struct regs *): all registers in and out; struct layout: ax bx cx dx si di bp ds es flags, 32-bit each. */
	.text
	.globl interrupt
interrupt:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	pushw %ds
	pushw %es
	movb %al, 5f + 1
	pushl %edx
	movl %edx, %edi
	movl (%edi), %eax
	movl 4(%edi), %ebx
	movl 8(%edi), %ecx
	movl 12(%edi), %edx
	movl 16(%edi), %esi
	movl 24(%edi), %ebp
	movw 32(%edi), %es
	movl 20(%edi), %edi
	jmp 5f				/* the instruction was changed */
5:	int $0
	pushw %ds
	pushw $0
	popw %ds
	popw result + 28
	movl %edi, result + 20
	popl %edi
	movl %eax, (%edi)
	movl %ebx, 4(%edi)
	movl %ecx, 8(%edi)
	movl %edx, 12(%edi)
	movl %esi, 16(%edi)
	movl %ebp, 24(%edi)
	movw %es, 32(%edi)
	movl result + 20, %eax
	movl %eax, 20(%edi)
	popw %es
	popw %ds
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	retl
/* u32 call_protected(u32 address, struct regs *): calls 32-bit code in protected mode, all segments flat. BX, CX, DX, DI in and out. */
	.globl call_protected
call_protected:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %eax, %ebp
	movl %edx, %esi
	cli
	lgdt gdt_register
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	ljmp $8, $1f
	.code32
1:	movw $16, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	pushl %esi
	movl 4(%esi), %ebx
	movl 8(%esi), %ecx
	movl 12(%esi), %edx
	movl 20(%esi), %edi
	call *%ebp
	popl %esi
	movl %ebx, 4(%esi)
	movl %ecx, 8(%esi)
	movl %edx, 12(%esi)
	movl %edi, 20(%esi)
	movl %eax, %ebp
	ljmp $24, $2f
	.code16
2:	movw $32, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl %cr0, %eax
	andb $0xFE, %al
	movl %eax, %cr0
	ljmp $0, $3f
3:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	sti
	movl %ebp, %eax
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	retl
	.data
	.balign 8
gdt:	.quad 0
	.quad 0x00CF9B000000FFFF	/* 32-bit code and data, then 16-bit code and data for the way back */
	.quad 0x00CF93000000FFFF
	.quad 0x00009B000000FFFF
	.quad 0x000093000000FFFF
gdt_register:
	.word 39
	.long gdt
	.balign 4
result:	.fill 40
	.section .note.GNU-stack, "", @progbits
