/*
 * PCI BIOS 2.1: INT 1Ah B1xxh, and the 32-bit entry that BIOS32 hands out under "$PCI". The two share their source,
 * pci_body.inc; the routing options differ in how the buffer is pointed to.
 */
#include "bios/asm.inc"

    .text
    .globl pci_last_bus, pir_table
pci_last_bus:                   /* set by POST */
    .byte 0

    .code16
#define NAME(x) pci16_##x
#include "bios/pci_body.inc"
#undef NAME

/* B10Eh: ES:DI = word size, far pointer to the buffer for the routing table; BX = interrupts that only PCI uses. */
pci16_routing:
    pushl %ecx
    pushl %esi
    pushw %ds
    movw %cs:pir_table + 6, %cx
    subw $32, %cx
    cmpw %cx, %es:(%di)
    movw %cx, %es:(%di)
    jb 1f
    pushw %es
    pushw %di
    lesw %es:2(%di), %di
    pushw %cs
    popw %ds
    movw $pir_table + 32, %si
    cld
    rep movsb
    popw %di
    popw %es
    popw %ds
    popl %esi
    popl %ecx
    movw $0x0c00, %bx
    movb $0, %ah
    clc
    ret
1:  popw %ds
    popl %esi
    popl %ecx
    movb $0x89, %ah
    stc
    ret

    .globl pci_real_entry
pci_real_entry:
    call pci16_dispatch
    pushw %bp
    movw %sp, %bp
    jc 1f
    andb $0xfe, 6(%bp)
    popw %bp
    iretw
1:  orb $1, 6(%bp)
    popw %bp
    iretw

    .code32
#define PCI32
#define NAME(x) pci32_##x
#include "bios/pci_body.inc"
#undef NAME

/* The same for 32 bits: ES:EDI = word size, dword offset, word selector. */
pci32_routing:
    pushl %ecx
    pushl %esi
    pushl %eax
    call 1f
1:  popl %esi
    addl $pir_table - 1b, %esi
    movzwl %cs:6(%esi), %ecx
    subl $32, %ecx
    cmpw %cx, %es:(%edi)
    movw %cx, %es:(%edi)
    jb 3f
    pushl %edi
    pushl %es
    movw %es:6(%edi), %ax
    movl %es:2(%edi), %edi
    movw %ax, %es
    addl $32, %esi
2:  movb %cs:(%esi), %al
    movb %al, %es:(%edi)
    incl %esi
    incl %edi
    loop 2b
    popl %es
    popl %edi
    popl %eax
    popl %esi
    popl %ecx
    movw $0x0c00, %bx
    movb $0, %ah
    clc
    ret
3:  popl %eax
    popl %esi
    popl %ecx
    movb $0x89, %ah
    stc
    ret

    .globl pci_protected_entry
pci_protected_entry:
    cmpb $0xb1, %ah
    jne 1f
    call pci32_dispatch
    lret
1:  call pci32_unsupported
    lret

/* BIOS32: EAX = service, EBX = 0; answers AL, EBX base, ECX length, EDX entry. */
    .globl bios32_entry
bios32_entry:
    testl %ebx, %ebx
    jnz 1f
    cmpl $0x49435024, %eax      /* "$PCI" */
    jne 2f
    movl $0x000f0000, %ebx
    movl $0x00010000, %ecx
    movl $pci_protected_entry, %edx
    movb $0, %al
    lret
1:  movb $0x81, %al
    lret
2:  movb $0x80, %al
    lret

/* The PCI IRQ routing table, filled in by POST: 32 bytes of header, 16 for each of the slots 1-31. */
    .section .tables, "ax", @progbits
    .balign 16
pir_table:
    .skip 32 + 31 * 16
