/*
 * The boot ROM of --kernel: an option ROM whose bootstrap entry vector (BIOS Boot Specification 1.01) puts a
 * copy of it at 600h, where there are writable variables, and calls kernel_boot() there.
 */
	.code16
	.set ROM_BASE, 0x600
	.set ROM_SEGMENT, ROM_BASE >> 4
	.set STACK_TOP, 0x7000 - ROM_BASE

	.section .header, "ax"
	.globl rom_start, manufacturer, product, bootstrap
rom_start:
	.word 0xaa55
	.byte rom_blocks
	jmp initialise
	.org 0x1a
	.word pnp_header

/* Plug and Play expansion header. */
	.org 0x20
pnp_header:
	.ascii "$PnP"
	.byte 1, 2		/* revision, length in paragraphs */
	.word 0
	.byte 0
	.byte pnp_checksum
	.long 0
	.word manufacturer, product
	.byte 0, 0, 0x06	/* class: a bridge, as no other fits */
	.byte 0x04		/* an initial program load device */
	.word 0, 0
	.word bootstrap
	.word 0, 0
manufacturer:
	.asciz "tick86"
product:
	.asciz "Kernel"

initialise:
	movw $0x0020, %ax	/* an IPL device is attached */
	lretw

bootstrap:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	movw $ROM_SEGMENT, %ax
	movw %ax, %es
	xorw %si, %si
	xorw %di, %di
	movw $rom_bytes, %cx
	rep movsb
	movw $variable_bytes, %cx
	xorb %al, %al
	rep stosb
	ljmpw $ROM_SEGMENT, $1f
1:	movw %cs, %ax
	movw %ax, %ds
	movw %sp, return_sp
	movw %ss, return_ss
	movw %ax, %ss
	movl $STACK_TOP, %esp
	sti
	calll kernel_boot
	/* Came back: the firmware tries its next entry. */
	cli
	movw return_ss, %ss
	movw return_sp, %sp
	lretw

/* enter_linux(segment, sp): the boot protocol's real-mode entry. */
	.section .text.entry, "ax"
	.globl enter_linux
enter_linux:
	cli
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %ss
	movzwl %dx, %esp
	addw $0x20, %ax
	pushw %ax
	pushw $0
	xorl %ebx, %ebx
	xorl %ebp, %ebp
	xorl %esi, %esi
	xorl %edi, %edi
	lretw

/* enter_multiboot(entry, info): the machine state of Multiboot 0.6.96, section 3.2. */
	.globl enter_multiboot
enter_multiboot:
	cli
	movl %eax, %ecx
	movl %edx, %ebx
	lgdtl gdt_register
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	ljmpl $8, $(ROM_BASE + 1f)
	.code32
1:	movw $16, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %ss
	movl $(ROM_BASE + STACK_TOP), %esp
	movl $0x2badb002, %eax
	jmp *%ecx
	.code16

	.section .data, "aw"
	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff	/* code, 4 GB */
	.quad 0x00cf93000000ffff	/* data, 4 GB */
gdt_register:
	.word . - gdt - 1
	.long ROM_BASE + gdt

	.section .bss, "aw", @nobits
return_sp:
	.skip 2
return_ss:
	.skip 2
