/*
 * Reset: the shutdown codes of CMOS 0Fh, the way to 32-bit POST, shadow RAM, and calls from POST to real mode.
 */
#include "bios/asm.inc"

#define CODE32 0x08
#define DATA32 0x10
#define CODE16 0x18
#define DATA16 0x20
#define DATA16_BIG 0x28

    .code16
    FIXED fff0
    .globl reset_vector
reset_vector:
    ljmpw $0xf000, $0xe05b
    .ascii "11/22/26"           /* FFF5: release date */
    .byte 0
    .byte 0xfc                  /* FFFE: model AT; the checksum at FFFF is added by mkrom.sh */

    FIXED e05b
    jmp reset

    .text
reset:
    cli
    cld
    movb $0x8f, %al
    outb %al, $0x70
    inb $0x71, %al
    movb %al, %bl
    movb $0x8f, %al
    outb %al, $0x70
    xorb %al, %al
    outb %al, $0x71
    movw $0x40, %ax
    movw %ax, %ds
    cmpb $0x04, %bl             /* bootstrap */
    je resume_boot
    cmpb $0x05, %bl             /* end of interrupt, then jump through 40:67h */
    je resume_eoi
    cmpb $0x09, %bl             /* back from INT 15h 87h as a 286 does it */
    je resume_block_move
    cmpb $0x0a, %bl             /* jump through 40:67h */
    je resume_jump
    cmpb $0x0b, %bl             /* IRET through the stack pointer at 40:67h */
    je resume_iret
    cmpb $0x0c, %bl             /* RETF through it */
    je resume_retf
    lgdtl %cs:gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $CODE32, $post_start

resume_eoi:
    inb $0x64, %al              /* drop what the keyboard controller holds */
    testb $1, %al
    jz 1f
    inb $0x60, %al
1:  movb $EOI, %al
    outb %al, $PIC2
    outb %al, $PIC1
resume_jump:
    ljmpw *BDA_RESUME
resume_block_move:
    lssw BDA_RESUME, %sp
    popw %ds
    popw %es
    popaw
    iretw
resume_iret:
    lssw BDA_RESUME, %sp
    iretw
resume_retf:
    lssw BDA_RESUME, %sp
    lretw
resume_boot:
    xorw %ax, %ax
    movw %ax, %ss
    movl $0x7000, %esp
    int $0x19
1:  hlt
    jmp 1b

/*
 * Real mode again, on the way of call_real below. Option ROMs are called in "big" real mode, with limits of 4 GB in all
 * data segments, as PCI Firmware Specification 3.0, 5.2.1.7 has it: they reach their devices' memory while they start.
 */
to_real:
    movw $DATA16, %ax
    testl %ecx, %ecx
    jns 1f
    movw $DATA16_BIG, %ax
1:  movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    lidtl %cs:idt_real
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpw $0xf000, $1f
1:  xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl %ebx, %edx
    movl %ecx, %eax
    testl %eax, %eax
    js 2f
    calll call_int
    jmp 3f
2:  movl %ebx, %eax
    calll call_far
3:  cli
    lgdtl %cs:gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $CODE32, $from_real

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff    /* 08: code, 32 bits, all 4 GB */
    .quad 0x00cf93000000ffff    /* 10: data, the same */
    .quad 0x00009b0f0000ffff    /* 18: code, 16 bits, F0000-FFFFF */
    .quad 0x000093000000ffff    /* 20: data, 16 bits, 0-FFFF */
    .quad 0x008f93000000ffff    /* 28: data, 16 bits, all 4 GB */
gdt_pointer:
    .word . - gdt - 1
    .long gdt + 0xf0000
idt_real:
    .word 0x3ff
    .long 0

/* Where the other processors start: in segment FD00, with nothing set up. They share one stack, one at a time. */
    .section .fixed.d000, "ax", @progbits
    .globl ap_start
ap_start:
    cli
    cld
    lgdtl %cs:ap_gdt_pointer - ap_start
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $CODE32, $ap_start32
ap_gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt + 0xf0000

    .code32
    .section .text32, "ax", @progbits
ap_start32:
    movw $DATA32, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
1:  pause
    movl $1, %eax
    xchgl %eax, ap_lock
    testl %eax, %eax
    jnz 1b
    movl $ap_stack_end, %esp
    call cpu_set_up_caches
    incl cpus_ready
    movl $0, ap_lock
2:  cli
    hlt
    jmp 2b

post_start:
    movw $DATA32, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl $0x8ff0, %esp
    inb $0x92, %al              /* A20 on, without the reset bit */
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92
    movl $shadow_bios + 0xfff00000, %eax
    call *%eax
    xorl %eax, %eax
    movl $bss32_start, %edi
    movl $bss32_end, %ecx
    subl %edi, %ecx
    rep stosb
    call post_main
1:  hlt
    jmp 1b

/*
 * Copies the ROM to the RAM under E0000-FFFFF and leaves that readable and writable (82441FX, registers 59h-5Fh).
 * Runs at the alias of the ROM below 4 GB, as the ground under E0000 changes meanwhile.
 */
shadow_bios:
    movw $0xcf8, %dx
    movl $0x80000058, %eax
    outl %eax, %dx
    movw $0xcfd, %dx            /* 59h: F0000-FFFFF */
    movb $0x30, %al
    outb %al, %dx
    movw $0xcf8, %dx
    movl $0x8000005c, %eax
    outl %eax, %dx
    movw $0xcfe, %dx            /* 5Eh, 5Fh: E0000-EFFFF */
    movw $0x3333, %ax
    outw %ax, %dx
    movl $0xfffe0000, %esi
    movl $0x000e0000, %edi
    movl $0x20000 / 4, %ecx
    rep movsl
    ret

/* void call_real(struct call *c, int interrupt): the interrupt, or c->target if negative. `c` lies below 64 KB. */
    .globl call_real
call_real:
    pushl %ebx
    pushl %esi
    pushl %edi
    pushl %ebp
    movl %eax, %ebx
    movl %edx, %ecx
    ljmp $CODE16, $to_real
from_real:
    movw $DATA32, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    popl %ebp
    popl %edi
    popl %esi
    popl %ebx
    ret

    .section .stack32, "aw", @nobits
    .balign 16
    .skip 512
ap_stack_end:
