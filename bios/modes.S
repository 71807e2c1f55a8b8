/* INT 15h 87h, block move, and 89h, switch to protected mode; the tables are those of Ralf Brown's list. */
#include "bios/asm.inc"

    .code16
    .text

/* AH=87h: CX words from the memory of descriptor 10h to that of 18h in the table at ES:SI; A20 is put back after. */
    .globl int15_block_move
int15_block_move:
    cli
    cld
    pushal
    pushw %ds
    pushw %es
    inb $0x92, %al
    pushw %ax
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92

    movw %es, %ax
    movzwl %ax, %eax
    shll $4, %eax
    movzwl %si, %ebx
    addl %eax, %ebx             /* EBX: linear address of the table */
    movw $0x2f, %es:8(%si)      /* 08h: the table itself */
    movl %ebx, %es:10(%si)
    movw $0x0093, %es:13(%si)
    movl $0x0000ffff, %es:0x20(%si)     /* 20h: F000 as code */
    movl $0x00009b0f, %es:0x24(%si)
    movw %ss, %dx
    movzwl %dx, %eax
    shll $4, %eax
    movw $0xffff, %es:0x28(%si) /* 28h: the stack */
    movl %eax, %es:0x2a(%si)
    movw $0x0093, %es:0x2d(%si)
    pushl %ebx
    pushw $0x2f
    movw %sp, %bp
    lgdtl (%bp)
    addw $6, %sp
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpw $0x20, $1f
1:  movw $0x28, %ax
    movw %ax, %ss
    movw $0x10, %bx
    movw %bx, %ds
    movw $0x18, %bx
    movw %bx, %es
    xorw %si, %si
    xorw %di, %di
    rep movsw
    movw %ax, %ds               /* limits of 64 KB for real mode */
    movw %ax, %es
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0xf000, $2f
2:  movw %dx, %ss
    popw %ax
    outb %al, $0x92
    popw %es
    popw %ds
    popal
    movb $0, %ah
    pushw %bp
    movw %sp, %bp
    andb $0xfe, 6(%bp)
    orb $0x40, 6(%bp)
    popw %bp
    iretw

/*
 * AH=89h: to protected mode with the table at ES:SI (08h itself, 10h IDT, 18h DS, 20h ES, 28h SS, 30h CS, 38h ours);
 * BH and BL: first vectors of the two interrupt controllers, all lines masked.
 */
    .globl int15_protected
int15_protected:
    cli
    cld
    inb $0x92, %al
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92
    movb $0x11, %al
    outb %al, $PIC1
    outb %al, $PIC2
    movb %bh, %al
    outb %al, $PIC1 + 1
    movb %bl, %al
    outb %al, $PIC2 + 1
    movb $4, %al
    outb %al, $PIC1 + 1
    movb $2, %al
    outb %al, $PIC2 + 1
    movb $1, %al
    outb %al, $PIC1 + 1
    outb %al, $PIC2 + 1
    movb $0xff, %al
    outb %al, $PIC1 + 1
    outb %al, $PIC2 + 1
    movl $0x0000ffff, %es:0x38(%si)
    movl $0x00009b0f, %es:0x3c(%si)
    popw %dx                    /* the return address, as an offset in 30h */
    addw $4, %sp
    pushl %es:0x0a(%si)         /* base, of which 24 bits count, then limit */
    movw %sp, %bp
    movb $0, 3(%bp)
    pushw %es:0x08(%si)
    movw %sp, %bp
    lgdtl (%bp)
    addw $6, %sp
    pushl %es:0x12(%si)
    movw %sp, %bp
    movb $0, 3(%bp)
    pushw %es:0x10(%si)
    movw %sp, %bp
    lidtl (%bp)
    addw $6, %sp
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpw $0x38, $1f
1:  movw $0x18, %ax
    movw %ax, %ds
    movw $0x20, %ax
    movw %ax, %es
    movw $0x28, %ax
    movw %ax, %ss
    pushw $0x30
    pushw %dx
    xorw %ax, %ax
    clc
    lretw
