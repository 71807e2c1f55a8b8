; Boot sector of a FAT16 partition: loads KERNEL.SYS to 0060:0000 and goes there with the drive in BL, as FreeDOS's
; kernel wants it. It moves itself to 27A00h first, since the kernel comes to lie over 7C00h.
        bits 16
        org 0x7c00
HIGH_SEGMENT equ 0x1fe0
BUFFER  equ 0x7e00
        jmp short start
        nop
        db "TICK86  "
bpb:
.bytes:    dw 512
.spc:      db 0
.reserved: dw 1
.fats:     db 2
.entries:  dw 512
.small:    dw 0
.media:    db 0xf8
.fatsize:  dw 0
.sectors:  dw 0
.heads:    dw 0
.hidden:   dd 0
.large:    dd 0
drive:     db 0x80, 0, 0x29
           dd 0x86861986
           db "NO NAME    FAT16   "
start:  cli
        xor ax, ax
        mov ds, ax
        mov si, 0x7c00
        mov ax, HIGH_SEGMENT
        mov es, ax
        mov ss, ax
        mov sp, si
        mov di, si
        mov cx, 256
        cld
        rep movsw
        jmp HIGH_SEGMENT:moved
moved:  mov ds, ax
        sti
        mov [drive], dl
        movzx eax, word [bpb.fatsize]
        add ax, ax
        movzx ecx, word [bpb.reserved]
        add ecx, [bpb.hidden]
        mov [fat], ecx
        add eax, ecx                    ; the root directory
        mov dx, 32
.sector:
        mov bx, BUFFER
        call read
        mov di, bx
.entry: mov si, name
        mov cx, 11
        push di
        repe cmpsb
        pop di
        je .found
        add di, 32
        cmp di, BUFFER + 512
        jb .entry
        inc eax
        dec dx
        jnz .sector
        mov si, missing
.print: lodsb
        test al, al
        jz $
        mov ah, 0x0e
        mov bx, 7
        int 0x10
        jmp .print
.found: movzx ebp, word [di + 26]       ; cluster
        movzx edx, dx
        add eax, edx                    ; the data follow the root directory
        mov [data], eax
        mov ax, 0x60
        mov es, ax
.cluster:
        movzx ecx, byte [bpb.spc]
        lea eax, [ebp - 2]
        mul ecx
        add eax, [data]
.part:  xor bx, bx
        call read
        mov bx, es
        add bx, 32
        mov es, bx
        inc eax
        loop .part
        push es
        push ds
        pop es
        movzx eax, bp
        shr ax, 8
        add eax, [fat]
        mov bx, BUFFER
        call read
        pop es
        movzx ebx, bp
        mov bh, 0
        add bx, bx
        mov bp, [bx + BUFFER]
        cmp bp, 0xfff8
        jb .cluster
        mov bl, [drive]
        jmp 0x60:0

; Sector EAX to ES:BX; keeps all registers.
read:   pushad
        push dword 0
        push eax
        push es
        push bx
        push word 1
        push word 16
        mov si, sp
        mov ah, 0x42
        mov dl, [drive]
        int 0x13
        lea sp, [si + 16]
        jnc .done
        mov eax, [si + 8]
        xor edx, edx
        movzx ecx, word [bpb.sectors]
        div ecx
        inc dx
        mov si, dx                      ; sector
        xor edx, edx
        movzx ecx, word [bpb.heads]
        div ecx
        mov dh, dl
        mov ch, al
        mov cl, ah
        shl cl, 6
        mov ax, si
        or cl, al
        mov ax, 0x201
        mov dl, [drive]
        int 0x13
.done:  popad
        ret

name:   db "KERNEL  SYS"
missing: db "No KERNEL.SYS", 0
fat:    dd 0
data:   dd 0
        times 510 - ($ - $$) db 0
        dw 0xaa55
