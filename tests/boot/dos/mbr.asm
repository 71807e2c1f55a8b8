; Master boot record: starts the active partition's boot sector, by INT 13h AH=42h where the BIOS has it, else by the
; cylinder, head and sector of the table.
        bits 16
        org 0x600
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
        mov si, sp
        mov di, 0x600
        mov cx, 256
        cld
        rep movsw
        jmp 0:moved
moved:  mov si, table
next:  test byte [si], 0x80
        jnz active
        add si, 16
        cmp si, table + 64
        jb next
        mov si, none
print:  lodsb
        test al, al
        jz $
        mov ah, 0x0e
        mov bx, 7
        int 0x10
        jmp print
active:
        mov eax, [si + 8]
        mov [packet.lba], eax
        push si
        push dx
        mov si, packet
        mov ah, 0x42
        int 0x13
        pop dx
        pop si
        jnc read_done
        mov ax, 0x201
        mov bx, 0x7c00
        mov cx, [si + 2]
        mov dh, [si + 1]
        int 0x13
        jnc read_done
bad:   mov si, unreadable
        jmp print
read_done:  cmp word [0x7dfe], 0xaa55
        jne bad
        jmp 0:0x7c00

packet: db 16, 0, 1, 0
        dw 0x7c00, 0
.lba:   dd 0, 0
none:   db "No active partition", 0
unreadable: db "The active partition cannot be started", 0
        times 446 - ($ - $$) db 0
table:  times 64 db 0
        dw 0xaa55
