; A guest for the kinds of breakpoints that stops.asm leaves out: disk requests with registers' values, segmented addresses, debug
; registers, system management mode, the way back to real mode, user code under paging with INT 80h.
bits 16
org 0x7c00

start:
    jmp 0:begin
begin:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7c00
    mov ax, 0x0211      ; sectors 2 to 18 to 7e00
    mov bx, 0x7e00
    mov cx, 2
    xor dx, dx
    int 0x13
    mov si, packet      ; the hard disk's first sector to 9000:0000
    mov ah, 0x42
    mov dl, 0x80
    int 0x13
    mov word [0x21 * 4], dos
    mov word [0x21 * 4 + 2], 0
    mov ah, 0x09
    int 0x21
    int 2
    mov ax, 0x2000
    mov es, ax
    mov word [es:0x20], 0x1234
    mov ax, [es:0x21]
    mov si, 0x7c00
    xor di, di
    mov cx, 2
    cld
    rep movsb
    mov eax, 0x7c00
    mov dr3, eax
    xor eax, eax
    mov dr3, eax
    mov cr2, eax
    jmp 0:management

dos:
    iret
packet:
    db 16, 0
    dw 1, 0, 0x9000
    dq 0
    times 510 - ($ - $$) db 0
    dw 0xaa55

; 7e00: the SMI of writes to port B2
management:
    mov ax, 0x3800
    mov es, ax
    mov word [es:0], 0xaa0f                 ; RSM
    mov eax, 0x80000b40                     ; 82371AB function 3: base of the power management's ports
    mov dx, 0xcf8
    out dx, eax
    mov dx, 0xcfc
    in eax, dx
    and ax, 0xffc0
    add ax, 0x28                            ; GLBCTL
    push ax
    mov eax, 0x80000b58                     ; DEVACTB: APMC_EN
    mov dx, 0xcf8
    out dx, eax
    mov dx, 0xcfc
    in eax, dx
    or eax, 0x02000000
    out dx, eax
    pop dx
    in eax, dx
    or al, 1                                ; SMI_EN
    out dx, eax
    mov al, 0x77
    out 0xb2, al

    cli
    lgdt [gdt_pointer]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    and al, 0xfe
    mov cr0, eax                            ; back at once
    or al, 1
    mov cr0, eax
    jmp 8:protected

bits 32
directory equ 0x10000
table     equ 0x11000
protected:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0x9000
    mov ax, 0x18
    ltr ax
    lidt [idt_pointer]
    mov edi, directory
    xor eax, eax
    mov ecx, 0x400
    rep stosd
    mov dword [directory], table | 7
    mov edi, table
    mov eax, 7
    mov ecx, 0x400
.next:
    stosd
    add eax, 0x1000
    loop .next
    mov dword [table + 0x50 * 4], 0         ; 50000 is not there
    mov dword [table + 0x60 * 4], 0x8007    ; 60000 is another name of 8000
    mov eax, directory
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    push dword 0x2b                         ; SS ESP EFLAGS CS EIP of the user's program
    push dword 0x8800
    push dword 2
    push dword 0x23
    push dword user
    iretd
user:
    mov ax, 0x2b
    mov ds, ax
    mov es, ax
    mov eax, 4
    int 0x80
    mov eax, [0x50008]                      ; the handler maps the page
    mov dword [0x50004], 1                  ; not allowed: it can only be read
    mov eax, 1
    int 0x80
page_fault:
    push eax
    mov eax, [table + 0x50 * 4]
    xor eax, 0x50005                        ; present, user, read-only
    jz .allow
    test byte [esp + 4], 2
    jnz .allow
    mov dword [table + 0x50 * 4], 0x50005
    jmp .done
.allow:
    mov dword [table + 0x50 * 4], 0x50007
    mov eax, cr3
    mov cr3, eax
.done:
    pop eax
    add esp, 4
    iretd
kernel:
    cmp eax, 1
    je .end
    iretd
.end:
    mov al, 0
    mov dx, 0xf4
    out dx, al
    hlt

    align 8
gdt:
    dq 0
    dq 0x00cf9a000000ffff                   ; 8: code
    dq 0x00cf92000000ffff                   ; 10: data
    dw 0x67, tss, 0x8900, 0                 ; 18: TSS
    dq 0x00cffa000000ffff                   ; 20: user code
    dq 0x00cff2000000ffff                   ; 28: user data
gdt_end:
tss: dd 0, 0x9000, 0x10
    times 0x68 - 12 db 0
gdt_pointer:
    dw gdt_end - gdt - 1
    dd gdt
idt_pointer:
    dw 0x81 * 8 - 1
    dd idt
    align 8
idt:
    times 14 dq 0
    dw page_fault, 8, 0x8e00, 0
    times 0x80 - 15 dq 0
    dw kernel, 8, 0xee00, 0
    times 0xa000 - 0x7c00 - ($ - $$) db 0
