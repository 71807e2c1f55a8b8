; A guest for the monitor's breakpoints: a little of everything that can stop a run, at places of its own making.
;
;   0000:7c00  real mode: calls, INT 60h, memory, ports, REP, shadows, HLT until the timer
;   0008:8000  protected mode: control and debug registers, MSR, tables, paging, a page fault, V86 mode
;   at last an interrupt through an empty IDT: triple fault
bits 16
org 0x7c00

start:
    jmp 0:begin
begin:
    cli
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7c00
    mov ax, 0x0208      ; sectors 2 to 9 to 7e00
    mov bx, 0x7e00
    mov cx, 2
    xor dx, dx
    int 0x13
    jmp 0:0x7d00

count dw 0
text  db "stopped", 0
copy  times 8 db 0
wide  dd 0

procedure:              ; adds one to count
    push ax
    call inner
    pop ax
    ret
inner:
    inc word [count]
    ret
handler:                ; INT 60h: AH is the function
    cmp ah, 0x4c
    jne .done
    mov word [count], 100
.done:
    iret

    times 0x7d00 - 0x7c00 - ($ - $$) nop
real:                   ; 7d00
    mov word [0x180], handler
    mov word [0x182], 0
    call procedure
    call procedure
    mov cx, 3
.again:
    call procedure
    loop .again
    mov ah, 0x01
    int 0x60
    mov ah, 0x4c
    int 0x60
    mov si, text        ; eight bytes
    mov di, copy
    mov cx, 8
    cld
    rep movsb
    mov dword [wide], 0x12345678
    mov al, [wide + 1]
    add byte [wide], 1
    mov al, 0x5a
    mov dx, 0x3ff
    out dx, al
    in al, dx
    mov ax, 0
    mov ss, ax
    mov sp, 0x7c00
    sti
    nop
    xchg bx, bx
    hlt
    cli
    jmp 0:protect
    times 510 - ($ - $$) db 0
    dw 0xaa55

directory equ 0x10000
table     equ 0x11000

    times 0x7f00 - 0x7c00 - ($ - $$) db 0
protect:                ; 7f00
    lgdt [gdt_pointer]
    lidt [idt_pointer]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp dword 8:protected

    times 0x8000 - 0x7c00 - ($ - $$) db 0
bits 32
protected:              ; 8000
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0x9000
    mov ax, 0x18
    lldt ax
    mov ax, 0x20
    ltr ax
    mov eax, 0x1234
    mov dr0, eax
    mov ecx, 0x174
    mov eax, 8
    xor edx, edx
    wrmsr
    mov edi, directory
    xor eax, eax
    mov ecx, 0x800
    rep stosd
    mov dword [directory], table | 7
    mov edi, table
    mov eax, 7
    mov ecx, 64
.next:
    stosd
    add eax, 0x1000
    loop .next
    mov dword [table + 0x33 * 4], 0x20007   ; 33000 is another name of 20000
    mov dword [0x20010], 0
    mov eax, directory
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    mov dword [0x33010], 0xaaaaaaaa
    mov dword [0x20010], 0xbbbbbbbb
    mov eax, [0x50000]                      ; page fault; its handler maps the page
    xor eax, eax
    mov gs, ax
    mov ax, [gs:0]                          ; general protection: its handler goes on behind
    push dword 0                            ; GS FS DS ES SS ESP EFLAGS CS EIP of the V86 task
    push dword 0
    push dword 0
    push dword 0
    push dword 0
    push dword 0x7000
    push dword 0x20002
    push dword 0
    push dword v86
    iretd

page_fault:
    mov dword [table + 0x50 * 4], 0x20007
    add esp, 4
    iretd
protection:
    cmp word [esp + 8], 8                   ; from here or from the V86 task?
    jne .v86
    add dword [esp + 4], 7                  ; length of the MOV
    add esp, 4
    iretd
.v86:
    mov ax, 0x10
    mov ds, ax
    lidt [empty_pointer]
    int3                                    ; triple fault

bits 16
v86:
    nop
    hlt                                     ; not allowed there

    align 8
gdt:
    dq 0
    dq 0x00cf9a000000ffff                   ; 8: code
    dq 0x00cf92000000ffff                   ; 10: data
    dw 0x0f, ldt, 0x8200, 0                 ; 18: LDT
    dw 0x67, tss, 0x8900, 0                 ; 20: TSS
gdt_end:
ldt: dq 0, 0
tss: dd 0, 0x9000, 0x10
    times 0x68 - 12 db 0
idt:
    times 13 dq 0
    dw protection, 8, 0x8e00, 0
    dw page_fault, 8, 0x8e00, 0
idt_end:
gdt_pointer:
    dw gdt_end - gdt - 1
    dd gdt
idt_pointer:
    dw idt_end - idt - 1
    dd idt
empty_pointer:
    dw 0
    dd 0
    times 0x8e00 - 0x7c00 - ($ - $$) db 0
