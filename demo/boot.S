/*
 * The boot sector: the first 512 bytes of the disk, and the first lesson.
 *
 * When a PC starts, its BIOS reads the first sector of the boot disk to address 7C00h, checks that it ends with the bytes 55h AAh, and jumps
 * to it. The processor is in real mode: registers of 16 bits, and addresses made of two parts, segment * 16 + offset. Nothing is known but
 * that DL holds the number of the drive: 0 for the first floppy. What is done here, every boot loader does:
 *
 *   1. put the segment registers and the stack where we want them,
 *   2. load the rest of the program, since 512 bytes do not go far,
 *   3. jump to it.
 *
 * A floppy is addressed by cylinder, head and sector: 80 cylinders of two heads (sides) of 18 sectors. Sectors count from 1, the rest
 * from 0. The program follows this sector on the disk and is loaded to 7E00h, right behind it in memory too.
 */
	.code16				/* real mode: 16-bit instructions */
	.section .boot, "ax"
	.globl boot
boot:
	ljmp $0, $1f			/* some BIOSes come as 07C0:0000, some as 0000:7C00: now it is the latter */
1:	xorw %ax, %ax			/* segment 0 for data and stack: offsets are addresses */
	movw %ax, %ds
	movw %ax, %es
	cli				/* no interrupt between these two: it would use half a stack pointer */
	movw %ax, %ss
	movl $0x7C00, %esp		/* the stack grows down from below us */
	sti
	cld				/* string instructions count upwards */
	movb %dl, boot_drive

	movw $loading, %si
	call print

	/* Load. SI = sector counted from the disk's beginning; BX = where in memory. */
	movw $1, %si
	movw $0x7E00, %bx
next_track:
	movw %si, %ax
	movb $18, %cl
	divb %cl			/* AL = which track, AH = which sector of it, from 0 */
	movb %al, %ch
	shrb $1, %ch			/* CH = cylinder: two tracks each */
	movb %al, %dh
	andb $1, %dh			/* DH = head */
	movb %ah, %cl
	incb %cl			/* CL = sector, from 1 */
	movb $18, %al
	subb %ah, %al			/* AL = sectors to the end of this track, all in one call: that is fast */
	movzbw %al, %di
	movb $3, tries
try:
	movw %di, %ax
	movb $0x02, %ah			/* INT 13h function 02h: read sectors to ES:BX */
	movb boot_drive, %dl
	int $0x13
	jnc good			/* the carry flag tells of errors */
	xorb %ah, %ah			/* function 00h: reset the drive. Real floppies need a second try, their motor was off */
	movb boot_drive, %dl
	int $0x13
	decb tries
	jnz try
	movw $failed, %si
	call print
halt:	hlt
	jmp halt

good:
	addw %di, %si			/* sectors further */
	movw %di, %ax
	shlw $9, %ax			/* 512 bytes each */
	addw %ax, %bx
	cmpw $program_sectors + 1, %si	/* the linker knows how many there are */
	jb next_track

	jmp start			/* start.S */

/* Prints the text at SI with INT 10h function 0Eh, which writes a character and moves on, as a teletype did. */
print:
	lodsb				/* AL = the byte at SI, SI = SI + 1 */
	testb %al, %al
	jz 1f
	pushw %si
	movb $0x0E, %ah
	movw $0x0007, %bx
	int $0x10
	popw %si
	jmp print
1:	ret

tries:		.byte 0
		.globl boot_drive
boot_drive:	.byte 0
loading:	.asciz "Loading the tick86 demonstration ...\r\n"
failed:		.asciz "The disk cannot be read. Press reset.\r\n"

	.org 510			/* filled with zeros up to here */
	.word 0xAA55			/* the mark of a boot sector; little endian, so 55h comes first */
	.section .note.GNU-stack, "", @progbits
