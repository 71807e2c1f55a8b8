; An option ROM with a Plug and Play expansion header (BIOS Boot Specification 1.01, appendix C): it says when it is initialised
; and offers a bootstrap entry vector. tests/boot/firmware.sh puts the sum of its bytes right.
        bits 16
        org 0
        db 0x55, 0xAA, 2                ; 1024 bytes
        jmp near init
        times 0x1A - ($ - $$) db 0
        dw pnp
pnp:    db "$PnP", 1, 2                 ; revision, length in 16 bytes
        dw 0                            ; next header
        db 0, 0                         ; reserved, checksum
        dd 0                            ; device identifier
        dw maker, product
        db 2, 0, 0                      ; network controller
        db 0x14                         ; shadowable, IPL device
        dw 0, 0, boot                   ; connection vector, disconnect vector, bootstrap entry vector
        dw 0, 0
maker:  db "tick86", 0
product: db "test ROM", 0

init:   push es
        push di
        mov eax, [es:di]                ; the BIOS's own PnP structure is at ES:DI
        cmp eax, "$PnP"
        mov si, without
        jne .say
        push ds
        xor ax, ax                      ; option ROMs start in big real mode: 4 GB limits
        mov ds, ax
        mov ebx, 0xFFFFFFF0
        cmp byte [ebx], 0xEA            ; the reset vector's far jump
        pop ds
        mov si, small
        jne .say
        mov si, initialised
.say:   call say
        pop di
        pop es
        mov ax, 0x20                    ; an IPL device is there
        retf
boot:   mov si, booted
        call say
.stop:  hlt
        jmp .stop

say:    cs lodsb
        test al, al
        jz .end
        mov ah, 0x0E
        xor bx, bx
        int 0x10
        jmp say
.end:   ret
initialised: db "ROM initialised", 13, 10, 0
without: db "no PnP structure", 13, 10, 0
small:  db "no big real mode", 13, 10, 0
booted: db "ROM boots", 13, 10, 0
        times 1024 - ($ - $$) db 0
