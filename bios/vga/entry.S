/*
 * The ROM's header, its entry points and its data that C cannot lay out: expansion ROM header and PCI data structure (PCI
 * Firmware Specification 3.0, chapter 5), the way from INT 10h into C and back, INT 05h, the VBE window function, the VBE
 * protected mode interface (VBE 3.0, function 0Ah), the fonts.
 */
	.code16
	.section .header, "ax"
	.globl rom_start
rom_start:
	.byte 0x55, 0xAA
	.byte rom_blocks		/* of 512 bytes, from the linker script */
	jmp post_entry
	.org 0x18
	.word pci_data - rom_start
	.org 0x1E
	.asciz "IBM VGA compatible BIOS"	/* programs look for "IBM" here */
	.asciz "tick86 VGA BIOS"
	.balign 4
pci_data:
	.ascii "PCIR"
	.word 0x1234, 0x1111		/* vendor, device: the Bochs display adapter */
	.word 0				/* vital product data */
	.word 24			/* length of this structure */
	.byte 0				/* its revision */
	.byte 0x00, 0x00, 0x03		/* class: VGA compatible display controller */
	.word rom_blocks
	.word 1				/* revision of the code */
	.byte 0				/* code type: x86 PC-AT */
	.byte 0x80			/* last image */
	.word 0

	.section .text.entry, "ax"

/* Puts the segment registers as vgabios.h says; the caller's stack pointer may have anything in its upper half. */
	.macro enter_c
	movw %ss, %cx
	movw %cx, %ds
	movw %cx, %es
	movw %cs, %cx
	movw %cx, %fs
	xorw %cx, %cx
	movw %cx, %gs
	movl %esp, %ebx			/* preserved by C functions */
	movzwl %sp, %esp
	.endm

	.macro save_all
	pushw %es
	pushw %ds
	pushw %fs
	pushw %gs
	pushal
	.endm

	.macro restore_all
	movl %ebx, %esp
	popal
	popw %gs
	popw %fs
	popw %ds
	popw %es
	.endm

/* Called far by the system BIOS at power-on; AX is the PCI bus, device and function. */
post_entry:
	save_all
	cld
	enter_c
	movzwl %ax, %eax
	calll post
	restore_all
	lretw

	.globl int10_entry
int10_entry:
	save_all
	cld
	movw %sp, %bx
	testb $0x02, %ss:45(%bx)	/* the caller's interrupt flag: offsets 32 + 4 * 2 + IP, CS; bit 9 */
	jz 1f
	sti				/* a scroll may take long; interrupts go on where the caller had them on */
1:	enter_c
	movl %esp, %eax
	calll int10
	cli
	restore_all
	iretw

/* INT 05h with the alternate print screen routine (INT 10h AH=12h BL=20h): prints as many rows as the screen has. */
	.globl int05_entry
int05_entry:
	save_all
	sti
	cld
	enter_c
	calll print_screen
	cli
	restore_all
	iretw

/* The two interrupts that print_screen raises. */
	.globl video_read_at_cursor, printer_send
video_read_at_cursor:			/* EAX = page, EDX = row << 8 | column; the character in AL */
	pushl %ebx
	movb %al, %bh
	movb $0x02, %ah
	int $0x10
	movb $0x08, %ah
	int $0x10
	popl %ebx
	movzbl %al, %eax
	retl
printer_send:				/* AL = character; EAX = 0 when it went well */
	pushl %edx
	xorw %dx, %dx
	movb $0, %ah
	int $0x17
	andw $0x2900, %ax		/* time-out, I/O error, out of paper */
	movzwl %ax, %eax
	popl %edx
	retl

/* The far-callable window function (VBE function 05h without the interrupt): BH = 0 set, 1 get; BL = window; DX = position. */
	.globl window_entry
window_entry:
	pushw %cx
	cmpb $0, %bl
	jne 9f
	cmpb $1, %bh
	ja 9f
	movw %dx, %cx
	movw $0x1CE, %dx
	movw $5, %ax			/* DISPI_BANK */
	outw %ax, %dx
	incw %dx
	cmpb $1, %bh
	je 1f
	movw %cx, %ax
	outw %ax, %dx
	inw %dx, %ax			/* a position beyond memory is refused by the chip: it reads back otherwise */
	cmpw %cx, %ax
	movw %cx, %dx
	jne 9f
	jmp 2f
1:	inw %dx, %ax
	movw %ax, %dx
2:	movw $0x004F, %ax
	popw %cx
	lretw
9:	movw $0x014F, %ax
	popw %cx
	lretw

/*
 * The protected mode interface: a table of 16-bit offsets from its start, then 32-bit code that works wherever it is copied. The
 * functions keep all registers but EAX (as the specification asks of them, they need no stack of their own beyond pushes).
 */
	.section .text.pm, "ax"
	.balign 16
	.globl pm_interface, pm_interface_end
pm_interface:
	.word pm_set_window - pm_interface
	.word pm_set_display_start - pm_interface
	.word pm_set_palette - pm_interface
	.word pm_ports - pm_interface
pm_ports:
	.word 0x1CE, 0x1CF, 0x3C6, 0x3C7, 0x3C8, 0x3C9, 0x3DA
	.word 0xFFFF			/* end of ports */
	.word 0xFFFF			/* no memory ranges */
	.code32
pm_set_window:				/* BX: 0 = window A; DX = position in units of 64 KB */
	cmpb $0, %bl
	jne pm_failed
	pushl %ecx
	pushl %edx
	movl %edx, %ecx
	movw $0x1CE, %dx
	movw $5, %ax
	outw %ax, %dx
	incl %edx
	cmpb $1, %bh
	je 1f
	movl %ecx, %eax
	outw %ax, %dx
	inw %dx, %ax
	cmpw %cx, %ax
	popl %edx
	popl %ecx
	jne pm_failed
	movw $0x004F, %ax
	ret
1:	inw %dx, %ax
	popl %edx
	popl %ecx
	movw %ax, %dx
	movw $0x004F, %ax
	ret
pm_failed:
	movw $0x014F, %ax
	ret

/* BL = 0, or 80h to wait for the retrace; DX:CX = start address: in units of 4 bytes, of one byte a plane with 4 bits a pixel. */
pm_set_display_start:
	testb $0x7F, %bl
	jne pm_failed
	pushl %ebx
	pushl %ecx
	pushl %edx
	pushl %esi
	pushl %edi
	movl %edx, %esi
	shll $16, %esi
	movw %cx, %si			/* ESI = the address as given */
	testb $0x80, %bl
	jz 3f
	movw $0x3DA, %dx
	movl $0x40000, %ecx		/* bounded: a stopped display never retraces */
1:	inb %dx, %al
	testb $8, %al
	loopnz 1b
	movl $0x40000, %ecx
2:	inb %dx, %al
	testb $8, %al
	loopz 2b
3:	movw $0x1CE, %dx
	movw $3, %ax			/* DISPI_BPP */
	outw %ax, %dx
	incl %edx
	inw %dx, %ax
	movzwl %ax, %edi
	decl %edx
	movw $6, %ax			/* DISPI_VIRT_WIDTH */
	outw %ax, %dx
	incl %edx
	inw %dx, %ax
	movzwl %ax, %ecx		/* pixels a line */
	cmpl $4, %edi
	movl $8, %ebx			/* an address step of one plane's byte is 8 pixels */
	je 4f
	leal 7(%edi), %eax
	shrl $3, %eax			/* bytes a pixel */
	movl %eax, %ebx
	shll $2, %esi			/* bytes */
	xorl %edx, %edx
	movl %esi, %eax
	testl %ebx, %ebx
	jz 5f
	divl %ebx			/* pixels from the start of memory */
	jmp 6f
4:	movl %esi, %eax
	shll $3, %eax
6:	xorl %edx, %edx
	testl %ecx, %ecx
	jz 5f
	divl %ecx			/* EAX = line, EDX = column */
	movl %eax, %esi
	movl %edx, %edi
	movw $0x1CE, %dx
	movw $8, %ax			/* DISPI_X_OFFSET */
	outw %ax, %dx
	incl %edx
	movl %edi, %eax
	outw %ax, %dx
	decl %edx
	movw $9, %ax			/* DISPI_Y_OFFSET */
	outw %ax, %dx
	incl %edx
	movl %esi, %eax
	outw %ax, %dx
5:	popl %edi
	popl %esi
	popl %edx
	popl %ecx
	popl %ebx
	movw $0x004F, %ax
	ret

/* BL = 0, or 80h to wait for the retrace; CX = count, DX = first, ES:EDI = blue, green, red, 0 each. */
pm_set_palette:
	testb $0x7F, %bl
	jne pm_failed
	pushl %ecx
	pushl %edx
	pushl %edi
	testb $0x80, %bl
	jz 3f
	pushl %ecx
	pushl %edx
	movw $0x3DA, %dx
	movl $0x40000, %ecx
1:	inb %dx, %al
	testb $8, %al
	loopnz 1b
	movl $0x40000, %ecx
2:	inb %dx, %al
	testb $8, %al
	loopz 2b
	popl %edx
	popl %ecx
3:	movzwl %cx, %ecx
	jecxz 5f
	movb %dl, %al
	movw $0x3C8, %dx
	outb %al, %dx
	incl %edx
4:	movb %es:2(%edi), %al
	outb %al, %dx
	movb %es:1(%edi), %al
	outb %al, %dx
	movb %es:(%edi), %al
	outb %al, %dx
	addl $4, %edi
	loop 4b
5:	popl %edi
	popl %edx
	popl %ecx
	movw $0x004F, %ax
	ret
pm_interface_end:
	.code16

/*
 * The save pointer tables (40:A8h; IBM PS/2 and PC BIOS Interface Technical Reference). A VGA BIOS lies at C000:0, so far
 * pointers into it are constants.
 */
	.section .rom.pointers, "a"
	.balign 4
	.globl save_pointer_table
save_pointer_table:
	.long parameter_table + 0xC0000000
	.long 0				/* dynamic save area */
	.long 0				/* text font override */
	.long 0				/* graphics font override */
	.long save_pointer_table2 + 0xC0000000
	.long 0, 0
save_pointer_table2:
	.word 26			/* length */
	.long dcc_table + 0xC0000000
	.long 0				/* second text font */
	.long 0				/* palette profile */
	.long 0, 0, 0

	.section .fonts, "a"
	.balign 16
	.globl font_8x16, font_8x14, font_8x8, font_9x16, font_9x14
font_8x16:
	.include "bios/fonts/font8x16.inc"
font_8x14:
	.include "bios/fonts/font8x14.inc"
font_8x8:
	.include "bios/fonts/font8x8.inc"
font_9x16:
	.include "bios/fonts/font9x16.inc"
	.byte 0
font_9x14:
	.include "bios/fonts/font9x14.inc"
	.byte 0
	.section .note.GNU-stack, "", @progbits
