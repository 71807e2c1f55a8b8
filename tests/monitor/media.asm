; Writes its second sector, and waits: for snapshots whose images the guest writes to.
bits 16
org 0x7c00
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov bx, text
    mov ax, 0x0301
    mov cx, 2
    xor dx, dx
    int 0x13
written:
    hlt
    jmp written
    times 0x100 - ($ - $$) db 0
text db "written by the guest"
    times 510 - ($ - $$) db 0
    dw 0xaa55
