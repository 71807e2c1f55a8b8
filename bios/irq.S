/*
 * Handlers of the hardware interrupts except the keyboard's. They run on the stack of what they interrupt and keep
 * to a few bytes of it.
 */
#include "bios/asm.inc"

    .code16
    .text

.macro ENTER_BDA
    pushw %ds
    pushl %eax
    pushw $0x40
    popw %ds
.endm
.macro LEAVE_BDA
    popl %eax
    popw %ds
    iretw
.endm
.macro EOI_MASTER
    movb $EOI, %al
    outb %al, $PIC1
.endm
.macro EOI_BOTH
    movb $EOI, %al
    outb %al, $PIC2
    outb %al, $PIC1
.endm

/* IRQ 0, 18.2 Hz: the time of day, the diskette motors' switching off, then the user's INT 1Ch. */
    .globl int08_entry
int08_entry:
    sti
    ENTER_BDA
    pushw %dx
    incl BDA_TICKS
    cmpl $0x1800b0, BDA_TICKS
    jb 1f
    movl $0, BDA_TICKS
    incb BDA_MIDNIGHT
1:  cmpb $0, BDA_FDC_MOTOR_TICKS
    je 2f
    decb BDA_FDC_MOTOR_TICKS
    jnz 2f
    andb $0xf0, BDA_FDC_MOTORS
    movb BDA_FDC_MOTORS, %al    /* bits 5-4: the drive that stays selected */
    shrb $4, %al
    andb $3, %al
    orb $0x0c, %al
    movw $0x3f2, %dx
    outb %al, %dx
2:  int $0x1c
    cli
    EOI_MASTER
    popw %dx
    LEAVE_BDA

/* IRQ 6: tell the waiting diskette code. */
    .globl int0e_entry
int0e_entry:
    ENTER_BDA
    orb $0x80, BDA_FDC_SEEK
    EOI_MASTER
    movw $0x9101, %ax
    int $0x15
    LEAVE_BDA

/* IRQ 14 and 15: the same for the disks. */
    .globl int76_entry, int77_entry
int76_entry:
int77_entry:
    ENTER_BDA
    movb $0xff, BDA_DISK_INTERRUPT
    EOI_BOTH
    movw $0x9100, %ax
    int $0x15
    LEAVE_BDA

/* IRQ 8: the clock's periodic interrupt, 1024 Hz, counts down INT 15h 83h and 86h; its alarm calls INT 4Ah. */
    .globl int70_entry
int70_entry:
    ENTER_BDA
    pushw %bx
    movb $0x8c, %al
    outb %al, $0x70
    inb $0x71, %al
    movb %al, %bh
    movb $0x8b, %al
    outb %al, $0x70
    inb $0x71, %al
    andb %al, %bh               /* those that are asked for */
    testb $0x40, %bh
    jz 2f
    testb $1, BDA_WAIT_ACTIVE
    jz 2f
    subl $976, BDA_WAIT_US
    ja 2f
    movl $0, BDA_WAIT_US
    movb $0x8b, %al             /* the time is up: periodic interrupt off, raise the flag */
    outb %al, $0x70
    inb $0x71, %al
    andb $0xbf, %al
    movb %al, %bl
    movb $0x8b, %al
    outb %al, $0x70
    movb %bl, %al
    outb %al, $0x71
    movb $0, BDA_WAIT_ACTIVE
    pushw %ds
    pushw %si
    ldsw BDA_WAIT_FLAG, %si
    orb $0x80, (%si)
    popw %si
    popw %ds
2:  movb $0x0d, %al
    outb %al, $0x70
    inb $0x71, %al
    EOI_BOTH
    testb $0x20, %bh
    jz 3f
    int $0x4a
3:  popw %bx
    LEAVE_BDA

/* IRQ 9 comes from the line that was IRQ 2 on the PC: pass it on to that handler, which ends the master's part. */
    .globl int71_entry
int71_entry:
    pushw %ax
    movb $EOI, %al
    outb %al, $PIC2
    popw %ax
    int $0x0a
    iretw

/* IRQ 13, the numeric coprocessor's error: programs written for the PC expect NMI. */
    .globl int75_entry
int75_entry:
    pushw %ax
    xorb %al, %al
    outb %al, $0xf0
    EOI_BOTH
    popw %ax
    int $0x02
    iretw

/*
 * IRQ 12, the PS/2 mouse: gathers the bytes of a packet, then calls the handler set with INT 15h C207h with
 * status, X, Y and 0 as words on the stack (PS/2 BIOS Interface Technical Reference, pointing device interface).
 */
    .globl int74_entry
int74_entry:
    pushal
    pushw %ds
    pushw %es
    pushw $0x40
    popw %ds
    movw BDA_EBDA_SEGMENT, %ds
    inb $0x64, %al
    andb $0x21, %al
    cmpb $0x21, %al             /* data of the auxiliary device, not the keyboard's */
    jne 9f
    inb $0x60, %al
    testb $0x80, EBDA_MOUSE_FLAGS2
    jz 9f
    movzbw EBDA_MOUSE_FLAGS1, %bx
    andw $7, %bx
    movb %al, EBDA_MOUSE_PACKET(%bx)
    incw %bx
    movb EBDA_MOUSE_FLAGS2, %cl
    andb $7, %cl
    cmpb %cl, %bl
    ja 1f                       /* the packet is whole */
    incb EBDA_MOUSE_FLAGS1
    jmp 9f
1:  andb $0xf8, EBDA_MOUSE_FLAGS1
    movzbw EBDA_MOUSE_PACKET, %ax
    pushw %ax
    movzbw EBDA_MOUSE_PACKET + 1, %ax
    pushw %ax
    movzbw EBDA_MOUSE_PACKET + 2, %ax
    pushw %ax
    pushw $0
    movzbw EBDA_MOUSE_PACKET + 3, %ax   /* a wheel's byte goes where the fourth word's low byte is */
    cmpb $3, %cl
    jb 2f
    movw %sp, %bp
    movw %ax, (%bp)
2:  sti
    lcallw *EBDA_MOUSE_HANDLER
    cli
    addw $8, %sp
9:  EOI_BOTH
    popw %es
    popw %ds
    popal
    iretw

/*
 * An interrupt that nobody claimed: end it, mask its line so that it does not come again, and note it at 40:6Bh.
 * IRQ 7 and 15 that came by noise have no bit in service.
 */
    .globl spare_irq
spare_irq:
    ENTER_BDA
    pushw %bx
    movb $0x0b, %al
    outb %al, $PIC1
    inb $PIC1, %al
    movb %al, %bl
    testb %al, %al
    jz 4f                       /* noise */
    testb $4, %al
    jz 1f
    movb $0x0b, %al
    outb %al, $PIC2
    inb $PIC2, %al
    movb %al, %bl
    testb %al, %al
    jz 2f
    inb $PIC2 + 1, %al
    orb %bl, %al
    outb %al, $PIC2 + 1
    movb $EOI, %al
    outb %al, $PIC2
    jmp 2f
1:  inb $PIC1 + 1, %al
    orb %bl, %al
    andb $0xfb, %al
    outb %al, $PIC1 + 1
2:  EOI_MASTER
    movb %bl, BDA_LAST_INTERRUPT
3:  popw %bx
    LEAVE_BDA
4:  movb $0xff, BDA_LAST_INTERRUPT
    jmp 3b

/* NMI: memory parity or channel check. A message and a stop is what the AT does; here nothing can go bad. */
    FIXED e2c3
    iretw

/* F000:FEF3, the vectors of INT 08h to 1Fh as the PC's ROM lists them, offsets in F000. */
    FIXED fef3
    .word 0xfea5, 0xe987, spare_irq, spare_irq, spare_irq, spare_irq, 0xef57, spare_irq
    .word 0xf065, 0xf84d, 0xf841, 0xe3fe, 0xe739, 0xf859, 0xe82e, 0xefd2
    .word int18_entry, 0xe6f2, 0xfe6e, 0xff53, 0xff53, 0xf0a4, 0xefc7, 0
    .text
