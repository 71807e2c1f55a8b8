; Loops whose ends run as one handler: a step, a comparison and a branch; a result and a branch; comparisons with
; memory. Breakpoints stand on each of their instructions (stops.sh): "at_NAME_COUNT" is reached COUNT times, and
; 8 rounds of 300 are over when "at_later" is.
bits 16
org 0x7c00
    jmp 0:begin
begin:
    cli
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, 0x7c00
    mov cx, 200
real_outer:
    xor bx, bx
real_inner:
    inc bx
at_cmp16_4000:
    cmp bx, 20
at_jb16_4000:
    jb real_inner
    dec cx
at_jnz16_200:
    jnz real_outer
    lgdt [table]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:protected
bits 32
protected:
    mov ax, 0x10
    mov ds, ax
    mov ss, ax
    mov esp, 0x7c00
    mov edx, 100
    xor esi, esi
outer:
    xor ecx, ecx
step_loop:
    add esi, 3
at_inc_30000:
    inc ecx
at_cmp_30000:
    cmp ecx, edx
at_jb_30000:
    jb step_loop
    mov ebx, 10
result_loop:
    add esi, 1
at_dec_3000:
    dec ebx
at_jnz_3000:
    jnz result_loop
at_cmpmem_300:
    cmp dword [rounds], 0x7fffffff
at_je_300:
    je over
    inc dword [rounds]
    cmp dword [rounds], 8
    jne test_end
at_later:
    nop
test_end:
    test esi, esi
at_js_300:
    js over
    cmp dword [rounds], 300
    jne outer
over:
    hlt
    jmp $
align 8
gdt:
    dq 0
    dq 0x00CF9A000000FFFF
    dq 0x00CF92000000FFFF
table:
    dw 23
    dd gdt
rounds dd 0
    times 510 - ($ - $$) db 0
    dw 0xAA55
