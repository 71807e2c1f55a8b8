/*
 * Advanced Power Management 1.2: INT 15h 53xxh and the protected-mode entries for 16 and 32 bits. All three run the
 * same source, apm_body.inc, with DS at the BIOS data area, where 40:ACh keeps the connection.
 *
 * A protected-mode caller has three selectors in a row: our 32-bit code, our 16-bit code, the data segment 0040h
 * (APM 1.2 specification, 4.6); the data selector is found from CS.
 */
#include "bios/asm.inc"

#define BDA_APM_STATE 0xac
#define APM_REAL 1
#define APM_16 2
#define APM_32 3
#define APM_CONNECTION 3
#define APM_ENABLED 4
#define APM_DRIVER_12 8

    .text
    .code16
#define NAME(x) apm16_##x
#include "bios/apm_body.inc"
#undef NAME

/* INT 15h 53xxh. The connects and the installation check exist here alone. */
    .globl apm_real_entry
apm_real_entry:
    pushw %ds
    pushw $0x40
    popw %ds
    call apm_real_dispatch
    popw %ds
    pushw %bp
    movw %sp, %bp
    jc 1f
    andb $0xfe, 6(%bp)
    popw %bp
    iretw
1:  orb $1, 6(%bp)
    popw %bp
    iretw

apm_real_dispatch:
    cmpb $0x00, %al
    je apm_present
    cmpb $0x01, %al
    je apm_connect_real
    cmpb $0x02, %al
    je apm_connect_16
    cmpb $0x03, %al
    je apm_connect_32
    jmp apm16_dispatch

apm_present:
    testw %bx, %bx
    jnz apm16_bad_device
    movw $0x0102, %ax
    movw $0x504d, %bx           /* "PM" */
    movw $0x0003, %cx           /* 16-bit and 32-bit interfaces */
    clc
    ret

/* Refuses a second connection with the code for the one that is there. */
apm_check_connection:
    testw %bx, %bx
    jnz 3f
    movb BDA_APM_STATE, %ah
    andb $APM_CONNECTION, %ah
    jz 1f
    cmpb $APM_16, %ah
    movb $0x02, %ah
    jb 2f
    movb $0x05, %ah
    je 2f
    movb $0x07, %ah
2:  stc
    ret
1:  clc
    ret
3:  movb $0x09, %ah
    stc
    ret

apm_connect_real:
    call apm_check_connection
    jc 1f
    movb $APM_REAL | APM_ENABLED, BDA_APM_STATE
    movb $0, %ah
1:  ret

apm_connect_16:
    call apm_check_connection
    jc 1f
    movb $APM_16 | APM_ENABLED, BDA_APM_STATE
    movw $0xf000, %ax
    movw $apm_16_entry, %bx
    movw $0x0040, %cx
    movw $0xffff, %si
    movw $0x0200, %di
    clc
1:  ret

apm_connect_32:
    call apm_check_connection
    jc 1f
    movb $APM_32 | APM_ENABLED, BDA_APM_STATE
    movw $0xf000, %ax
    movl $apm_32_entry, %ebx
    movw $0xf000, %cx
    movw $0x0040, %dx
    movl $0xffffffff, %esi
    movw $0x0200, %di
    clc
1:  ret

/* Far-called in 16-bit protected mode; DS of ours is two selectors after the 32-bit code's, so one after this one. */
apm_16_entry:
    pushw %ds
    pushw %ax
    movw %cs, %ax
    addw $8, %ax
    movw %ax, %ds
    popw %ax
    call apm16_dispatch
    popw %ds
    lretw

    .code32
#define NAME(x) apm32_##x
#include "bios/apm_body.inc"
#undef NAME

apm_32_entry:
    pushl %ds
    pushl %eax
    movw %cs, %ax
    addw $16, %ax
    movw %ax, %ds
    popl %eax
    call apm32_dispatch
    popl %ds
    lret
