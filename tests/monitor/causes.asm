; A boot sector that goes to protected mode and does one thing that is an exception: CASE says which. There is no handler, so
; each ends by a triple fault, and why tells of the first one.
bits 16
org 0x7C00
start:
    cli
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7C00
    mov ax, 0x0205      ; sectors 2 to 6 to 7e00
    mov bx, 0x7E00
    mov cx, 2
    xor dx, dx
    int 0x13
    cli
    lgdt [table]
    lidt [idt_pointer]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:protected
bits 32
protected:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0x7C00
    mov dword [gdt + 0x48 + 4], 0x8900      ; the task state segment is free again
    jmp go

; To privilege level 3, at the address in EAX.
to_user:
    push dword 0x43
    push dword 0x7A00
    push dword [user_flags]
    push dword 0x3B
    push eax
    iretd
; Paging: the first 4 MB by table 21000, which maps itself; the second and third by large pages.
paging:
    mov edi, 0x20000
    xor eax, eax
    mov ecx, 0x800
    rep stosd
    mov dword [0x20000], 0x21007
    mov dword [0x20004], 0x00400083
    mov dword [0x20008], 0x00A02083 ; bits 13 and 21 are reserved
    mov edi, 0x21000
    mov eax, 7
    mov ecx, 1024
.next:
    stosd
    add eax, 0x1000
    loop .next
    mov dword [0x21000 + 0x30 * 4], 0x30003 ; supervisor
    mov dword [0x21000 + 0x31 * 4], 0x31005 ; read-only
    mov dword [0x21000 + 0x32 * 4], 0x32006 ; not present
    mov eax, cr4
    or al, 0x10
    mov cr4, eax
    mov eax, 0x20000
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80010000
    mov cr0, eax
    ret
user_flags dd 2
    times 510 - ($ - $$) db 0
    dw 0xAA55

go:
%ifidn CASE,divisor
    xor ecx, ecx
    div ecx
%elifidn CASE,ud2
    ud2
%elifidn CASE,lock_prefix
    db 0xF0
    mov [0x500], eax
%elifidn CASE,lock_register
    db 0xF0
    inc eax
%elifidn CASE,page_tables_empty
    mov eax, 0x30000
    mov dword [eax], 0
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    mov ebx, 5
%elifidn CASE,page_tables_left
    call paging
    mov eax, 0x30000
    mov dword [eax], 0
    mov cr3, eax
    mov ebx, 5
%elifidn CASE,quotient
    mov edx, 2
    mov ecx, 1
    div ecx
%elifidn CASE,opcode
    db 0x0F, 0x04
%elifidn CASE,fpu_switched
    mov eax, cr0
    or al, 8
    mov cr0, eax
    fninit
%elifidn CASE,fpu_emulated
    mov eax, cr0
    or al, 4
    mov cr0, eax
    fninit
%elifidn CASE,fpu_encoding
    db 0xD9, 0xE2
%elifidn CASE,fpu_pending
    mov eax, cr0
    or al, 0x20
    mov cr0, eax
    fninit
    push dword 0x33B        ; division by zero is not masked
    fldcw [esp]
    fld1
    fldz
    fdivp
    fwait
%elifidn CASE,no_control_register
    db 0x0F, 0x20, 0xE8     ; mov eax, cr5
%elifidn CASE,bound
    mov eax, 9
    bound eax, [bounds]
%elifidn CASE,sysenter
    xor ecx, ecx
    sysenter
%elifidn CASE,selector_limit
    mov ax, 0x1F8
    mov ds, ax
%elifidn CASE,selector_local
    xor eax, eax
    lldt ax
    mov ax, 0x0C
    mov ds, ax
%elifidn CASE,not_present
    mov ax, 0x20
    mov ds, ax
%elifidn CASE,privilege
    mov eax, .user
    jmp to_user
.user:
    mov ax, 0x10
    mov ds, ax
%elifidn CASE,stack_limit
    mov ax, 0x18
    mov ss, ax
    mov esp, 0x2000
    push eax
%elifidn CASE,stack_type
    mov ax, 0x28
    mov ss, ax
%elifidn CASE,stack_rpl
    mov ax, 0x43
    mov ss, ax
%elifidn CASE,stack_not_present
    mov ax, 0x20
    mov ss, ax
%elifidn CASE,page_supervisor
    call paging
    mov eax, .user
    jmp to_user
.user:
    mov ax, 0x43
    mov ds, ax
    mov eax, [0x30004]
%elifidn CASE,page_read_only
    call paging
    mov [0x31004], eax
%elifidn CASE,page_not_present
    call paging
    mov eax, [0x32004]
%elifidn CASE,page_reserved
    call paging
    mov eax, [0x812345]
%elifidn CASE,tss_limit
    mov ax, 0x68            ; a limit of 7: no room for SS0
    ltr ax
    mov eax, .user
    jmp to_user
.user:
    int 0x31
%elifidn CASE,tss_stack
    mov dword [tss + 8], 0x20
    mov ax, 0x48
    ltr ax
    mov eax, .user
    jmp to_user
.user:
    int 0x31
%elifidn CASE,idt_limit
    int 0x80
%elifidn CASE,gate_type
    int 0x30
%elifidn CASE,gate_privilege
    mov eax, .user
    jmp to_user
.user:
    int 0x32
%elifidn CASE,gate_not_present
    int 0x33
%elifidn CASE,gate_null
    int 0x34
%elifidn CASE,gate_code
    int 0x35
%elifidn CASE,task_busy
    int 0x36
%elifidn CASE,task_type
    int 0x37
%elifidn CASE,alignment
    mov eax, cr0
    or eax, 0x40000
    mov cr0, eax
    mov dword [user_flags], 0x40002
    mov eax, .user
    jmp to_user
.user:
    mov ax, 0x43
    mov ds, ax
    mov eax, [0x9001]
%elifidn CASE,v86_port
    mov ax, 0x48
    ltr ax
    push dword 0
    push dword 0
    push dword 0
    push dword 0
    push dword 0
    push dword 0x7000
    push dword 0x23002      ; VM, IOPL 3
    push dword 0
    push dword .v86
    iretd
bits 16
.v86:
    in al, 0x61
bits 32
%elifidn CASE,v86_iopl
    push dword 0
    push dword 0
    push dword 0
    push dword 0
    push dword 0
    push dword 0x7000
    push dword 0x20002
    push dword 0
    push dword .v86
    iretd
bits 16
.v86:
    int 0x21
bits 32
%elifidn CASE,protected_only
    push dword 0
    push dword 0
    push dword 0
    push dword 0
    push dword 0
    push dword 0x7000
    push dword 0x20002
    push dword 0
    push dword .v86
    iretd
bits 16
.v86:
    str ax
bits 32
%elifidn CASE,user_port
    mov ax, 0x68
    ltr ax
    mov eax, .user
    jmp to_user
.user:
    out 0x80, al
%elifidn CASE,user_hlt
    mov eax, .user
    jmp to_user
.user:
    hlt
%elifidn CASE,user_cli
    mov eax, .user
    jmp to_user
.user:
    cli
%elifidn CASE,cr0_paging
    mov eax, 0x80000010
    mov cr0, eax
%elifidn CASE,cr0_cache
    mov eax, cr0
    or eax, 0x20000000
    and eax, ~0x40000000
    mov cr0, eax
%elifidn CASE,cr4_reserved
    mov eax, 0x80000
    mov cr4, eax
%elifidn CASE,pdpte
    mov dword [0x30000], 0x31021
    mov eax, 0x30000
    mov cr3, eax
    mov eax, cr4
    or al, 0x20
    mov cr4, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
%elifidn CASE,msr_unknown
    mov ecx, 0x12345
    rdmsr
%elifidn CASE,msr_value
    mov ecx, 0x2FF
    mov eax, 0x7
    xor edx, edx
    wrmsr
%elifidn CASE,no_counter
    mov ecx, 7
    rdpmc
%elifidn CASE,ltr_busy
    mov ax, 0x50
    ltr ax
%elifidn CASE,ltr_local
    mov ax, 0x4C
    ltr ax
%elifidn CASE,lldt_type
    mov ax, 0x10
    lldt ax
%elifidn CASE,segment_limit
    mov ax, 0x18
    mov gs, ax
    mov eax, [gs:0xFFE]
%elifidn CASE,segment_read_only
    mov ax, 0x28
    mov fs, ax
    mov [fs:0x500], al
%elifidn CASE,segment_execute_only
    jmp 0x30:.code
.code:
    mov al, [cs:0x500]
%elifidn CASE,segment_below
    mov ax, 0x60
    mov es, ax
    mov al, [es:0x500]
%elifidn CASE,segment_null
    xor eax, eax
    mov es, ax
    mov al, [es:0x500]
%elifidn CASE,not_code
    jmp 0x10:0
%elifidn CASE,jump_privilege
    jmp 0x38:0
%elifidn CASE,jump_null
    jmp 0:0
%elifidn CASE,code_limit
    jmp 8:.near             ; flat, then beyond a limit of ffff
.near:
    jmp 0x70:0x10000
%elifidn CASE,call_gate
    mov eax, .user
    jmp to_user
.user:
    call 0x78:0
%elifidn CASE,return_inward
    mov eax, .user
    jmp to_user
.user:
    push dword 8
    push dword 0
    retf
%elifidn CASE,over_the_limit
    mov word [0xFFFE], 0x00B8       ; mov eax, ...
    jmp 0x70:0xFFFE
%elifidn CASE,too_long
    times 15 db 0x66
    nop
%elifidn CASE,debug_extensions
    mov eax, cr4
    or al, 8
    mov cr4, eax
    mov eax, dr4
%elifidn CASE,rsm
    rsm
%elifidn CASE,iret_not_busy
    mov ax, 0x48
    ltr ax
    mov word [tss], 0x48
    mov dword [gdt + 0x48 + 4], 0x8900
    pushfd
    or dword [esp], 0x4000
    popfd
    iretd
%elifndef CASE
%error "say which CASE"
%endif
    hlt
    jmp $

align 8
gdt:
    dq 0
    dq 0x00CF9A000000FFFF   ; 08: code
    dq 0x00CF92000000FFFF   ; 10: data
    dq 0x0040920000000FFF   ; 18: 4 KB of data
    dq 0x00CF12000000FFFF   ; 20: data, not present
    dq 0x00CF90000000FFFF   ; 28: read-only data
    dq 0x00CF98000000FFFF   ; 30: execute-only code
    dq 0x00CFFA000000FFFF   ; 38: code of level 3
    dq 0x00CFF2000000FFFF   ; 40: data of level 3
    dw 0x67 + 15, tss, 0x8900, 0    ; 48: task state segment
    dw 0x67, tss, 0x8B00, 0 ; 50: busy
    dw 0x0F, gdt, 0x8200, 0 ; 58: local descriptors
    dq 0x004096000000FFFF   ; 60: expand-down data
    dw 0x07, tss, 0x8900, 0 ; 68: too short a task state segment
    dq 0x00409A000000FFFF   ; 70: 64 KB of code
    dw 0, 8, 0x8C00, 0      ; 78: call gate of level 0
gdt_end:
table: dw gdt_end - gdt - 1
    dd gdt
idt equ 0x8300
idt_pointer: dw 0x38 * 8 - 1
    dd idt
bounds: dd 1, 8
align 4
tss: dd 0, 0x9000, 0x10
    times 0x66 - 12 db 0
    dw 0x68
    db 0, 0, 0, 0           ; ports 0 to 1f
    times 11 db 0xFF
    times 0x8300 - 0x7C00 - ($ - $$) + 0x30 * 8 db 0
    dw 0, 8, 0x9200, 0      ; 30: data
    dw 0, 8, 0xEE00, 0      ; 31: for level 3
    dw 0, 8, 0x8E00, 0      ; 32: for level 0
    dw 0, 8, 0x0E00, 0      ; 33: not present
    dw 0, 0, 0x8E00, 0      ; 34: null selector
    dw 0, 0x10, 0x8E00, 0   ; 35: data
    dw 0, 0x50, 0x8500, 0   ; 36: busy task
    dw 0, 0x10, 0x8500, 0   ; 37: no task
