; A boot sector that goes to protected mode without an IDT and does one thing that is an exception: CASE says which.
bits 16
org 0x7C00
    cli
    xor ax, ax
    mov ds, ax
    lgdt [table]
    lidt [nothing]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:protected
bits 32
protected:
    mov ax, 16
    mov ds, ax
    mov ss, ax
    mov esp, 0x7C00
%if CASE = 1
    xor ecx, ecx
    div ecx
%elif CASE = 2
    mov edx, 2
    mov ecx, 1
    div ecx
%elif CASE = 3
    ud2
%elif CASE = 4
    mov eax, cr0
    or al, 8
    mov cr0, eax
    fninit
%elif CASE = 5
    db 0x0F, 0x20, 0xE8 ; mov eax, cr5
%elif CASE = 6
    mov eax, 9
    bound eax, [bounds]
%elif CASE = 7
    xor ecx, ecx
    sysenter
%endif
    hlt
align 8
gdt: dq 0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF
table: dw 23
    dd gdt
nothing: dw 0
    dd 0
bounds: dd 1, 8
    times 510 - ($ - $$) db 0
    dw 0xAA55
