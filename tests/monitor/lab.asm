; A guest for the monitor's views: places to stop at whose every register, table and page is of its own making, so that
; what the monitor shows does not depend on the firmware.
;
;   0000:7d00  real mode, three calls deep
;   00008400   32-bit protected mode with 32-bit paging, x87 and MMX values, IDT, LDT, TSS
;   00008500   the same with PAE
bits 16
org 0x7c00

directory equ 0x10000
table     equ 0x11000
pdpt      equ 0x12000
pae_dir   equ 0x13000
pae_table equ 0x14000
ldt       equ 0x16000

start:
    jmp 0:begin
text db "Hello, monitor", 0
values dw 1, -2, 300
       dd 1.5, -0.25
       dq 3.141592653589793
       dt -1.0e10
begin:
    cli
    xor eax, eax
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov ss, ax
    mov esp, 0x7c00
    mov ebx, 0
    mov ecx, eax
    mov esi, eax
    mov edi, eax
    mov ebp, eax
    mov ax, 0x0210      ; sectors 2 to 17 to 7e00
    mov bx, 0x7e00
    mov cx, 2
    xor dx, dx
    int 0x13
    cli
    lgdt [gdt_pointer]
    lidt [ivt_pointer]
    mov eax, 0x11112222
    mov ebx, 0x33334444
    mov ecx, 0x55556666
    mov edx, 0x77778888
    mov esi, text
    mov edi, values
    push word 0x1234
    popf                ; flags that nothing before has a say in
    cli
    call outer
    jmp protect

outer:
    push bp
    mov bp, sp
    push word 0xbeef
    call 0:middle
    leave
    ret

middle:
    push bp
    mov bp, sp
    call word [pointer]
    leave
    retf

pointer dw inner

    times 0x7cf0 - 0x7c00 - ($ - $$) nop
inner:
    push bp
    mov bp, sp
    mov ax, 0x5a5a
    stc
    times 0x7d00 - 0x7c00 - ($ - $$) nop
stop_real:
    inc ax              ; 7d00
    mov bx, [esi]
    cmp bx, 0
    je .skip
    xor dx, dx
.skip:
    leave
    ret

gdt_pointer:
    dw gdt_end - gdt - 1
    dd gdt
ivt_pointer:
    dw 0x3ff
    dd 0
idt_pointer:
    dw idt_end - idt - 1
    dd idt
    times 510 - ($ - $$) db 0
    dw 0xaa55

    times 0x8000 - 0x7c00 - ($ - $$) db 0
protect:
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp dword 0x08:protected

bits 32
protected:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov fs, ax
    mov gs, ax
    mov esp, 0x9000
    lidt [idt_pointer]
    mov dword [ldt + 8], 0x00001000     ; 000c: 16-bit data at 20000, 1000 bytes, DPL 3
    mov dword [ldt + 12], 0x0000f202
    mov ax, 0x28
    lldt ax
    mov ax, 0x30
    ltr ax
    mov ax, 0x0f
    mov gs, ax
    mov dr0, eax
    xor eax, eax
    mov dr0, eax
    mov eax, 0x8500
    mov dr1, eax
    mov eax, 0x00f00704           ; DR1: access of 4 bytes, local; LE, GE
    mov dr7, eax
; 32-bit paging
    mov edi, directory
    xor eax, eax
    mov ecx, 0x6000 / 4
    rep stosd
    mov dword [directory], table | 7
    mov dword [directory + 4], 0x00400000 | 0x183   ; 4 MB, global
    mov dword [directory + 12], 0x00600000 | 0x83   ; bit 21: reserved
    mov edi, table
    mov eax, 3
.next:
    stosd
    add eax, 0x1000
    cmp eax, 0x100003
    jb .next
    mov dword [table + 0x20 * 4], 0x20001   ; read-only
    mov dword [table + 0x30 * 4], 0x30007   ; user
    mov dword [table + 0x31 * 4], 0x31005   ; user, read-only
    mov dword [table + 0x40 * 4], 0xabcde0  ; not present
    mov dword [0x20000], 0x600d600d
    mov dword [0x20004], 0x12345678
    mov dword [0x20010], "data"
    mov eax, directory
    mov cr3, eax
    mov eax, cr4
    or eax, 0x90                            ; PSE, PGE
    mov cr4, eax
    mov eax, cr0
    or eax, 0x80010000                      ; PG, WP
    mov cr0, eax
    mov eax, [0x20000]
    mov [0x30000], eax
    mov eax, [0x400000]
    mov dword [table + 0x31 * 4], 0x31007   ; and the TLB keeps what it had
    mov eax, [0x31000]
    mov dword [table + 0x31 * 4], 0x31005
; x87 and MMX
    fninit
    fldpi
    fld1
    fldz
    fchs
    fld tword [special]
    fld tword [special + 10]
    fld tword [special + 20]
    xor ecx, ecx
    mov edx, 0x12345678
    push dword 0x46
    popfd
    call deep
    hlt

deep:
    push ebp
    mov ebp, esp
    call dword [.at]
    leave
    ret
.at dd stop_call

special:
    dq 0x8000000000000000
    dw 0xffff                               ; minus infinity
    dq 0xc000000000000001
    dw 0x7fff                               ; a quiet NaN
    dq 1
    dw 0                                    ; the smallest denormal

    times 0x83f8 - 0x7c00 - ($ - $$) nop
stop_call:
    push ebp
    mov ebp, esp
    times 0x8400 - 0x7c00 - ($ - $$) nop
stop_paged:
    mov eax, [0x9000]                       ; 8400
    nop
; PAE
    mov eax, cr0
    and eax, 0x7fffffff
    mov cr0, eax
    mov dword [pdpt], pae_dir | 1
    mov dword [pdpt + 24], pae_dir | 1      ; C0000000 and up: the same
    mov dword [pae_dir], pae_table | 7
    mov dword [pae_dir + 8], 0x00400000 | 0x83  ; 2 MB
    mov edi, pae_table
    mov eax, 3
.next:
    mov [edi], eax
    add edi, 8
    add eax, 0x1000
    cmp eax, 0x100003
    jb .next
    mov eax, pdpt
    mov cr3, eax
    mov eax, cr4
    or eax, 0x20
    mov cr4, eax
    mov eax, cr0
    or eax, 0x80000000
    mov cr0, eax
    mov dword [pdpt + 24], 0                ; and CR3 is not loaded again
    emms
    mov eax, 0x01020304
    movd mm0, eax
    movd mm1, eax
    punpcklbw mm1, mm0
    jmp stop_pae
    times 0x8500 - 0x7c00 - ($ - $$) nop
stop_pae:
    nop                                     ; 8500
    hlt
    jmp stop_pae

    align 8
gdt:
    dq 0
    dq 0x00cf9a000000ffff                   ; 08: code
    dq 0x00cf92000000ffff                   ; 10: data
    dq 0x000092020000ffff                   ; 18: 16-bit data at 20000
    dq 0x00cffe000000ffff                   ; 20: conforming code, DPL 3
    dw 0x1f, ldt & 0xffff, 0x8201, 0         ; 28: LDT at 16000
    dw tss_end - tss - 1, tss, 0x8900, 0    ; 30: TSS
    dw 0x8000, 0x08, 0xec02, 0              ; 38: call gate, 2 parameters
    dw 0, 0x30, 0x8500, 0                   ; 40: task gate
    dq 0x00c016000000f000                   ; 48: expand-down, not present
    dq 0
gdt_end:

idt:
    dw 0x8600, 0x08, 0x8e00, 0              ; 0
    dq 0
    dw 0x8610, 0x08, 0x8e00, 0              ; 2
    dw 0x8620, 0x08, 0xef00, 0              ; 3: trap gate, DPL 3
    dq 0, 0, 0, 0
    dw 0, 0x30, 0x8500, 0                   ; 8: task gate
    dq 0, 0, 0, 0
    dw 0x8630, 0x08, 0x8600, 0              ; 13: 16-bit
    dw 0x8640, 0x08, 0x8e00, 0              ; 14
idt_end:

tss:
    dw 0x30, 0
    dd 0x9800
    dw 0x10, 0
    times 0x64 - ($ - tss) db 0
    dw 1, 0x88                              ; trap flag, I/O map
    times 2 db 0xff                         ; V86: interrupts 10-1f and 21 by the program's own vectors
    times 2 db 0
    db 0xfd
    times 27 db 0xff
    times 12 db 0xff                        ; ports 0-5f
    db 0xee                                 ; 60 and 64
    times 0x3f8 / 8 - 13 db 0xff
    db 0                                    ; 3f8-3ff
    db 0xff
tss_end:

    times 17 * 512 - ($ - $$) db 0
