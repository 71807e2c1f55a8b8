; The guest of the front end's tests: a floppy that shows what arrives at keyboard, mouse and COM1, and does on
; function keys what the tests ask for. nasm -f bin guest.asm -o guest.img
;
;   a character      to the screen, COM1 and port E9h         F1  mode 13h with a pattern
;   byte on COM1     to the screen and back                   F2  mode 12h with colour bars
;   F3  mode 3, "TEXT"                                        F4  shows mouse packets until Esc
;   F5  a long beep                                           F7  triple fault
;   F6  "red", light red on blue, at the lower left           Alt-X  "[Alt-X]"
;   F8  a letter, the next one at each press, which is kept in sector 5
;   F9  3 to the debug-exit port F4h (status 7)               F10 power off by port 604h
        bits 16
        org 0x7c00
        jmp 0:start
start:  xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        cld
        mov ax, 0x0203                  ; three more sectors
        mov bx, 0x7e00
        mov cx, 0x0002
        mov dh, 0
        int 0x13
        jc start
        jmp main
        times 510-($-$$) db 0
        dw 0xaa55

main:   mov ax, 3
        int 0x10
        mov si, hello
        call print
        mov al, 'R'
        out 0xe9, al
.wait:  mov dx, 0x3fd                   ; a byte on COM1?
        in al, dx
        test al, 1
        jz .key
        mov dx, 0x3f8
        in al, dx
        call put
        call send
.key:   mov ah, 1
        int 0x16
        jz .idle
        mov ah, 0
        int 0x16
        test al, al
        jz function
        call put
        call send
        out 0xe9, al
        jmp .wait
.idle:  hlt
        jmp .wait

function:
        cmp ah, 0x3b
        je mode13
        cmp ah, 0x3c
        je mode12
        cmp ah, 0x3d
        je mode3
        cmp ah, 0x3e
        je mouse
        cmp ah, 0x3f
        je beep
        cmp ah, 0x40
        je colour
        cmp ah, 0x2d
        je alt
        cmp ah, 0x41
        je triple
        cmp ah, 0x42
        je disk
        cmp ah, 0x43
        je leave
        cmp ah, 0x44
        je power
        jmp main.wait

mode13: mov ax, 0x13
        int 0x10
        push es
        push word 0xa000
        pop es
        xor di, di
.next:  mov ax, di                      ; colour = x + y
        xor dx, dx
        mov cx, 320
        div cx
        add al, dl
        stosb
        cmp di, 64000
        jne .next
        pop es
        jmp main.wait

mode12: mov ax, 0x12
        int 0x10
        push es
        push word 0xa000
        pop es
        mov dx, 0x3ce
        mov ax, 0x0205                  ; write mode 2: the byte is the colour
        out dx, ax
        xor di, di
.next:  mov ax, di
        xor dx, dx
        mov cx, 80 * 30                 ; 16 bars of 30 lines
        div cx
        mov ah, [es:di]                 ; latches
        stosb
        cmp di, 38400
        jne .next
        mov dx, 0x3ce
        mov ax, 0x0005
        out dx, ax
        pop es
        jmp main.wait

mode3:  mov ax, 3
        int 0x10
        mov si, text
        call print
        jmp main.wait

beep:   mov al, 0xb6
        out 0x43, al
        mov al, 0x00
        out 0x42, al
        mov al, 0x06
        out 0x42, al
        in al, 0x61
        or al, 3
        out 0x61, al
        mov cx, 36
.tick:  hlt
        loop .tick
        in al, 0x61
        and al, 0xfc
        out 0x61, al
        jmp main.wait

colour: push es
        push word 0xb800
        pop es
        mov word [es:24 * 160], 0x1c00 | 'r'
        mov word [es:24 * 160 + 2], 0x1c00 | 'e'
        mov word [es:24 * 160 + 4], 0x1c00 | 'd'
        pop es
        jmp main.wait

alt:    mov si, alt_x
        call print
        jmp main.wait

triple: lidt [none]
        int3

disk:   mov ax, 0x0201
        call sector
        inc byte [0x9000]
        mov ax, 0x0301
        call sector
        mov al, [0x9000]
        add al, 'A' - 1
        call put
        jmp main.wait
sector: mov bx, 0x9000
        mov cx, 0x0005
        xor dx, dx
        int 0x13
        ret

leave:  mov al, 3
        out 0xf4, al
        jmp main.wait

power:  mov dx, 0x604
        mov ax, 0x2000
        out dx, ax
        jmp main.wait

; Packets of a PS/2 mouse, by polling the 8042.
mouse:  cli
        mov al, 0xa8
        call command
        mov al, 0xd4
        call command
        mov al, 0xf4
        call data
        call receive                    ; acknowledge
        mov si, mice
        call print
.packet:
        xor bx, bx
.byte:  call receive
        jc .keyboard
        mov [packet + bx], al
        inc bx
        cmp bx, 3
        jne .byte
        mov al, 'M'
        call put
        mov al, [packet]
        call hex
        mov al, [packet + 1]
        call hex
        mov al, [packet + 2]
        call hex
        mov al, ' '
        call put
        jmp .packet
.keyboard:
        cmp al, 1                       ; Esc
        jne .byte
        mov al, 0xd4
        call command
        mov al, 0xf5
        call data
        call receive
        sti
        mov si, text
        call print
        jmp main.wait

ready:  in al, 0x64
        test al, 2
        jnz ready
        ret
command:
        mov ah, al
        call ready
        mov al, ah
        out 0x64, al
        ret
data:   mov ah, al
        call ready
        mov al, ah
        out 0x60, al
        ret
; AL = a byte from the 8042; carry: from the keyboard.
receive:
        in al, 0x64
        test al, 1
        jz receive
        test al, 0x20
        in al, 0x60
        clc
        jnz .done
        stc
.done:  ret

hex:    push ax
        shr al, 4
        call .digit
        pop ax
        and al, 15
.digit: add al, '0'
        cmp al, '9'
        jbe put
        add al, 7
put:    push ax
        push bx
        mov ah, 0x0e
        mov bx, 7
        int 0x10
        cmp al, 13
        jne .done
        mov al, 10
        int 0x10
.done:  pop bx
        pop ax
        ret
send:   push ax
        push dx
        mov ah, al
        mov dx, 0x3fd
.full:  in al, dx
        test al, 0x20
        jz .full
        mov al, ah
        mov dx, 0x3f8
        out dx, al
        pop dx
        pop ax
        ret
print:  lodsb
        test al, al
        jz .done
        call put
        call send
        jmp print
.done:  ret

none:   dw 0
        dd 0
hello:  db "Guest of the front end's tests", 13, "READY", 13, 0
text:   db 13, "TEXT", 13, 0
alt_x:  db "[Alt-X]", 0
mice:   db 13, "MOUSE ", 0
packet: db 0, 0, 0
        times 2048-($-$$) db 0
        times 1474560-2048 db 0
