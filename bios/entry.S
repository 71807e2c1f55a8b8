/*
 * How the services are entered and left, and the fixed entry points of the AT BIOS.
 *
 * An interrupt service written in C runs on a stack of ours, since callers have been seen with a few dozen free
 * bytes. The EBDA holds three stacks: one for the program, the others for handlers of hardware interrupts
 * that call us while we wait with interrupts on. A call that comes while the stack is already ours stays on it.
 */
#include "bios/asm.inc"

    .code16
    .section .ebda, "aw", @nobits
    .globl ebda
ebda:
    .skip 0x80

    .bss
    .globl stacks_busy
stacks_busy:                    /* bit n: stack n is in use */
    .skip 2

#define STACK0_TOP 0xc00
#define STACK1_TOP 0x800
#define STACK2_TOP 0x600

    .text
/*
 * Enters a C function `void fn(struct regs *)`, whose offset was pushed last. Nothing but flags may have changed
 * since the interrupt. struct regs (bios.h) shows the order of what is pushed here.
 */
#define REGS_SIZE 48
    .globl service
service:
    pushal
    pushw %ds
    pushw %es
    pushw %fs
    pushw %gs
    movw $0x40, %ax
    movw %ax, %ds
    movw BDA_EBDA_SEGMENT, %bx
    movw %ss, %ax
    xorl %ebp, %ebp             /* EBP: the trailer on a stack of ours, 0 if we stay on this one */
    cmpw %ax, %bx
    je run_service

    movw %bx, %ds
    movl $STACK0_TOP - 8, %edi
    xorw %dx, %dx
    btsw $0, stacks_busy
    jnc copy_frame
    movl $STACK1_TOP - 8, %edi
    incw %dx
    btsw $1, stacks_busy
    jnc copy_frame
    movl $STACK2_TOP - 8, %edi
    incw %dx
    btsw $2, stacks_busy
copy_frame:
    movl %edi, %ebp
    movw %bx, %es
    movw %ax, %ds
    movl %esp, %es:(%di)        /* trailer: the caller's ESP and SS, the number of our stack */
    movw %ax, %es:4(%di)
    movw %dx, %es:6(%di)
    subw $REGS_SIZE, %di
    movw %sp, %si
    movl %edi, %edx
    movw $REGS_SIZE / 4, %cx
    rep movsl
    movw %bx, %ss
    movl %edx, %esp

run_service:
    movw %bx, %ds
    movw %bx, %es
    xorw %ax, %ax
    movw %ax, %fs
    movw %cs, %ax
    movw %ax, %gs
    movzwl %sp, %eax
    movl %eax, %esp
    movzwl %ss:40(%eax), %ecx   /* regs.service */
    calll *%ecx
    cli
    cld
    testl %ebp, %ebp
    jz leave_service

    movw %sp, %si
    movw (%bp), %di
    movw 4(%bp), %es
    movw 6(%bp), %dx
    movw $REGS_SIZE / 4, %cx
    rep movsl
    btrw %dx, stacks_busy
    lssl (%bp), %esp
leave_service:
    popw %gs
    popw %fs
    popw %es
    popw %ds
    popal
    leaw 2(%esp), %sp
    iretw

/*
 * void call_int(u8 number, struct call *c), void call_far(struct call *c), with `c` in DS = SS. The registers that
 * come back go into `c`; ours are put back whatever the handler did to them. A handler may return with IRET or
 * with RETF 2: we read the flags that are there afterwards.
 */
    .globl call_int, call_far
call_int:
    movzbl %al, %eax
    movl %fs:(, %eax, 4), %eax
    movl %eax, CALL_TARGET(%edx)
    movw $1, CALL_INTERRUPT(%edx)
    movl %edx, %eax
    jmp 1f
call_far:
    movw $0, CALL_INTERRUPT(%eax)
1:  pushal
    pushw %ds
    pushw %es
    pushw %fs
    pushw %gs
    pushl %eax
    cmpw $0, CALL_INTERRUPT(%eax)
    je 2f
    pushw CALL_FLAGS(%eax)
2:  pushw %cs                   /* the way back, then the way there */
    pushw $call_done
    pushl CALL_TARGET(%eax)
    pushw CALL_DS(%eax)
    pushw CALL_ES(%eax)
    movl CALL_EDI(%eax), %edi
    movl CALL_ESI(%eax), %esi
    movl CALL_EBP(%eax), %ebp
    movl CALL_EBX(%eax), %ebx
    movl CALL_EDX(%eax), %edx
    movl CALL_ECX(%eax), %ecx
    movl CALL_EAX(%eax), %eax
    popw %es
    popw %ds
    lretw
call_done:
    pushfw
    pushw %ds
    pushw %es
    pushl %eax
    movzwl %sp, %esp
    movl 10(%esp), %eax         /* the struct call */
    pushw %ss
    popw %ds
    movl %edi, CALL_EDI(%eax)
    movl %esi, CALL_ESI(%eax)
    movl %ebp, CALL_EBP(%eax)
    movl %ebx, CALL_EBX(%eax)
    movl %edx, CALL_EDX(%eax)
    movl %ecx, CALL_ECX(%eax)
    popl CALL_EAX(%eax)
    popw CALL_ES(%eax)
    popw CALL_DS(%eax)
    popw CALL_FLAGS(%eax)
    cli
    cld
    addw $4, %sp
    popw %gs
    popw %fs
    popw %es
    popw %ds
    popal
    retl

/* The fixed entry points. */
    FIXED e3fe
    jmp int13_entry
    FIXED e6f2
    jmp int19_entry
    FIXED e739
    jmp int14_entry
    FIXED e82e
    jmp int16_entry
    FIXED e987
    jmp int09_entry
    FIXED ec59
    jmp int40_entry
    FIXED ef57
    jmp int0e_entry
    FIXED efd2
    jmp int17_entry
    FIXED f045                  /* IBM's table of INT 10h functions: ours are the VGA BIOS's */
    .fill 16, 2, 0xf065
    FIXED f065                  /* INT 10h until a VGA BIOS takes it */
    iretw
    FIXED f841
    jmp int12_entry
    FIXED f84d
    jmp int11_entry
    FIXED f859
    jmp int15_entry
    FIXED fe6e
    jmp int1a_entry
    FIXED fea5
    jmp int08_entry
    FIXED ff53
    .globl dummy_iret
dummy_iret:
    iretw
    FIXED ff54
    jmp int05_entry

    .text
    .globl int05_entry, int13_entry, int40_entry, int17_entry, int14_entry, int09_entry
int05_entry:
    SERVICE int05
int09_entry:
    SERVICE int09
int13_entry:
    SERVICE int13
int14_entry:
    SERVICE int14
int17_entry:
    SERVICE int17
int40_entry:
    SERVICE int40
    .globl post_entry16
post_entry16:                   /* what POST asks of the 16-bit side: post16.c */
    SERVICE post16

/* INT 11h and 12h: two words of the data area. */
int11_entry:
    pushw %ds
    pushw $0x40
    popw %ds
    movw BDA_EQUIPMENT, %ax
    popw %ds
    iretw
int12_entry:
    pushw %ds
    pushw $0x40
    popw %ds
    movw BDA_BASE_MEMORY, %ax
    popw %ds
    iretw

/*
 * INT 16h. The functions that take a key wait for it here, on the caller's stack: programs sit in this place
 * most of their lives, and handlers of hardware interrupts that come meanwhile need our stacks.
 */
int16_entry:
    testb $0xef, %ah            /* 00h, 10h */
    jz 1f
    cmpb $0x20, %ah
    jne 4f
1:  pushw %ds
    pushw %ax
    pushw $0x40
    popw %ds
    cli
    movw BDA_KEYS_HEAD, %ax
    cmpw BDA_KEYS_TAIL, %ax
    jne 3f
    movw $0x9002, %ax           /* device busy, keyboard: a multitasker may run something else */
    int $0x15
2:  cli
    movw BDA_KEYS_HEAD, %ax
    cmpw BDA_KEYS_TAIL, %ax
    jne 3f
    sti
    hlt
    jmp 2b
3:  popw %ax
    popw %ds
4:  SERVICE int16

/* INT 15h and 1Ah: what must not wait or must be quick is in assembly, the rest in C. */
int15_entry:
    cmpb $0x4f, %ah             /* keyboard intercept: leave the scan code as it is */
    je int15_carry
    cmpb $0x90, %ah             /* device busy, device ready: nothing to wait for */
    je int15_busy
    cmpb $0x91, %ah
    je int15_busy
    cmpb $0x53, %ah
    je apm_real_entry
    cmpb $0x87, %ah
    je int15_block_move
    cmpb $0x89, %ah
    je int15_protected
    SERVICE int15
int15_busy:
    xorb %ah, %ah
    pushw %bp
    movw %sp, %bp
    andb $0xfe, 6(%bp)
    popw %bp
    iretw
int15_carry:
    pushw %bp
    movw %sp, %bp
    orb $1, 6(%bp)
    popw %bp
    iretw
int1a_entry:
    cmpb $0xb1, %ah
    je pci_real_entry
    SERVICE int1a
int19_entry:
    SERVICE int19
    .globl int18_entry
int18_entry:
    SERVICE int18

/*
 * void boot_jump(u16 segment, u8 drive): to the boot code at segment:0, or at 0:7C00h if segment is 0, with an
 * empty stack below 7C00h, DL = drive and ES:DI at the PnP structure (Plug and Play BIOS Specification 1.0A, 3.3).
 */
    .globl boot_jump
boot_jump:
    cli
    movw $0, stacks_busy
    movb %dl, %bl
    movw $0x7c00, %cx
    testw %ax, %ax
    jz 1f
    xorw %cx, %cx
1:  xorw %dx, %dx
    movw %dx, %ss
    movl $0x7c00, %esp
    movw %dx, %ds
    movw %dx, %fs
    movw %dx, %gs
    movw $0xf000, %dx
    movw %dx, %es
    movw $pnp_header, %di
    pushw %ax
    pushw %cx
    movzbl %bl, %edx
    movl $0xaa55, %eax
    xorl %ebx, %ebx
    xorl %ecx, %ecx
    xorl %esi, %esi
    xorl %ebp, %ebp
    sti
    lretw
