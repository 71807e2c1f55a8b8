; A boot loader with three mistakes, for docs/debugging.md: it should load a kernel of one sector, switch to protected
; mode and paging, and write OK. Assemble: nasm -f bin broken.asm -o broken.img
bits 16
org 0x7c00

KERNEL    equ 0x8000
directory equ 0x9000
table     equ 0xa000
video     equ 0xb8000

start:
    cli
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, start
    mov ax, 0x0201          ; read one sector
    mov bx, KERNEL
    mov cx, 2               ; cylinder 0, sector 2
    mov dh, 0
    int 0x13
    jc failed
    lgdt [gdt_pointer]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 0x08:KERNEL

failed:
    hlt
    jmp failed

gdt_pointer:
    dw gdt_end - gdt - 1
    dd gdt
gdt:
    dq 0
    dw 0xffff, 0            ; 08: code, 4 GB
    db 0, 0x9a, 0x8f, 0
    dw 0xffff, 0            ; 10: data, 4 GB
    db 0, 0x92, 0xcf, 0
gdt_end:
    times 510 - ($ - $$) db 0
    dw 0xaa55

bits 32
section kernel start=0x7e00 vstart=KERNEL
kernel_start:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, start
    mov dword [directory], table | 3
    mov edi, table          ; the first megabyte, each page where it is
    mov eax, 3
    mov ecx, 0xa0
.ram:
    stosd
    add eax, 0x1000
    loop .ram
    mov eax, 0xa0001        ; video memory and ROM
    mov ecx, 0x60
.upper:
    stosd
    add eax, 0x1000
    loop .upper
    mov eax, directory
    mov cr3, eax
    mov eax, cr0
    or eax, 0x80010000      ; paging, and write protection for the kernel too
    mov cr0, eax
    mov dword [video], 0x0a4b0a4f
.done:
    hlt
    jmp .done
    times 512 - ($ - kernel_start) db 0
