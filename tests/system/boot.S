# Boot sector of the system tests: loads the rest of the image, opens A20, goes to protected mode.
	.code16
	.section .boot, "ax"
	.globl _start
_start:
	cld
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7C00, %sp
	ljmp	$0, $1f
1:	sti
	movb	%dl, drive
	movw	$1, %si			# the next sector
	movw	$0x7E0, %bp		# and where it goes
next:	cmpw	$image_sectors, %si
	jae	loaded
	movw	%si, %ax
	xorw	%dx, %dx
	movw	$18, %cx
	divw	%cx
	movw	%dx, %di		# sector in the track
	subw	%dx, %cx		# sectors left in it
	movw	%bp, %bx		# a transfer must not cross 64 KB
	andw	$0xFFF, %bx
	negw	%bx
	addw	$0x1000, %bx
	shrw	$5, %bx
	cmpw	%bx, %cx
	jbe	2f
	movw	%bx, %cx
2:	movw	%cx, count
	xorw	%dx, %dx
	movw	$2, %cx
	divw	%cx
	movb	%al, %ch
	movb	%dl, %dh
	movw	%di, %ax
	incw	%ax
	movb	%al, %cl
	movb	drive, %dl
	movw	%bp, %es
	xorw	%bx, %bx
	movb	count, %al
	movb	$2, %ah
	int	$0x13
	jc	failed
	movw	count, %ax
	addw	%ax, %si
	shlw	$5, %ax
	addw	%ax, %bp
	jmp	next
loaded:	cli
	movb	$0xFF, %al
	outb	%al, $0x21
	outb	%al, $0xA1
	inb	$0x92, %al
	orb	$2, %al
	andb	$0xFE, %al
	outb	%al, $0x92
	lgdtl	boot_gdtr
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $start32

failed:	movb	$'!', %al
	outb	%al, $0xE9
	movb	$2, %al
	outb	%al, $0xF5
	outb	%al, $0xF4
	hlt


drive:	.byte	0
count:	.word	0
	.balign	8
boot_gdt:
	.quad	0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF
boot_gdtr:
	.word	. - boot_gdt - 1
	.long	boot_gdt
	.org	510
	.word	0xAA55

	.text
	.code32
start32:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	$host_stack_top, %esp
	cld
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	call	runtime_start
	.section .note.GNU-stack, "", @progbits
