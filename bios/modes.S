/* INT 15h 87h, block move, and 89h, switch to protected mode; the tables are those of Ralf Brown's list. */
#include "bios/asm.inc"

    .code16
    .text

/*
 * AH=87h: CX words from the memory of descriptor 10h to that of 18h in the table at ES:SI. Answers AH = 0; 1 after an NMI, 2
 * after an exception (a descriptor that cannot be used, or a block longer than its limit), 3 if A20 stays closed. A20, GDTR and
 * IDTR are as before afterwards.
 */
#define SAVED_EAX_AH 29 /* in what PUSHAL pushed */
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
    subw $12, %sp
    movw %sp, %bp               /* faults come back to this stack */
    sgdtl (%bp)
    sidtl 6(%bp)
    movb $3, %bl
    inb $0x92, %al
    testb $2, %al
    jz block_move_done

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
    movw %sp, %di
    lgdtl %ss:(%di)
    lidtl %cs:block_move_vectors
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
    movb $0, %bl
    jmp block_move_leave
block_move_nmi:
    movb $1, %bl
    jmp block_move_leave
block_move_fault:
    movb $2, %bl
block_move_leave:
    movw $0x28, %ax
    movw %ax, %ds               /* limits of 64 KB for real mode */
    movw %ax, %es
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0xf000, $2f
2:  movw %dx, %ss
    movw %bp, %sp
    lgdtl (%bp)
    lidtl 6(%bp)
block_move_done:
    addw $12, %sp
    popw %ax
    outb %al, $0x92
    popw %es
    popw %ds
    movw %sp, %bp
    movb %bl, SAVED_EAX_AH(%bp)
    popal
    pushw %bp
    movw %sp, %bp
    andb $0xfe, 6(%bp)
    orb $0x40, 6(%bp)           /* ZF, as the AT has it */
    testb %ah, %ah
    jz 3f
    andb $0xbf, 6(%bp)
    orb $1, 6(%bp)
3:  popw %bp
    iretw

    .balign 8
block_move_gates:               /* 16-bit interrupt gates for the exceptions, 2 the NMI */
    .rept 2
    .word block_move_fault, 0x20, 0x8600, 0
    .endr
    .word block_move_nmi, 0x20, 0x8600, 0
    .rept 17
    .word block_move_fault, 0x20, 0x8600, 0
    .endr
block_move_vectors:
    .word . - block_move_gates - 1
    .long block_move_gates + 0xf0000

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
