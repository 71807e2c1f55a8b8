; PREP: partitions and formats the first hard disk by INT 13h as FDISK and FORMAT do: a FAT16 partition from the first
; track on, and where the disk goes on behind 8 GB, a second one there that only extended calls reach. mbr.bin and vbr.bin
; are assembled from mbr.asm and vbr.asm.
        bits 16
        org 0x100
MOST_SECTORS    equ 4190000             ; sectors of a FAT16 partition with clusters of 32 KB
BEYOND     equ 17000000            ; beyond 1024 cylinders of 255 heads and 63 sectors
        cld
        call geometry
        call plan
        call write_mbr
        mov si, part1
        call format
        cmp dword [part2.size], 0
        je .done
        mov si, part2
        call format
.done:  mov dx, ready
        mov ah, 9
        int 0x21
        mov ax, 0x4c00
        int 0x21

; What the BIOS says: heads, sectors, total.
geometry:
        mov ah, 8
        mov dl, 0x80
        int 0x13
        jc failed
        push cs
        pop es
        movzx eax, cl
        and al, 63
        mov [sectors], ax
        movzx ebx, dh
        inc bx
        mov [heads], bx
        mul ebx                         ; sectors of a cylinder
        shr cl, 6
        xchg cl, ch
        movzx ebx, cx
        inc bx
        mul ebx
        mov [chs_total], eax
        mov [total], eax
        mov ah, 0x41
        mov bx, 0x55aa
        mov dl, 0x80
        int 0x13
        jc .known
        cmp bx, 0xaa55
        jne .known
        test cl, 1
        jz .known
        mov byte [extended], 1
        mov si, buffer
        mov word [si], 26
        mov ah, 0x48
        mov dl, 0x80
        int 0x13
        jc .known
        mov eax, [buffer + 16]
        mov [total], eax
.known: ret

failed: push cs
        pop ds
        mov dx, trouble
        mov ah, 9
        int 0x21
        mov ax, 0x4c01
        int 0x21

plan:   movzx eax, word [sectors]
        mov [part1.start], eax
        mov ebx, [total]
        sub ebx, eax
        call at_most
        mov [part1.size], ebx
        mov byte [part1.type], 6
        cmp ebx, 65536
        jae .large
        mov byte [part1.type], 4
.large: add ebx, eax
        cmp ebx, [chs_total]
        jbe .second
        mov byte [part1.type], 0x0e
.second:
        mov ebx, [total]
        sub ebx, BEYOND
        jbe .one
        cmp ebx, 100000
        jb .one
        call at_most
        mov dword [part2.start], BEYOND
        mov [part2.size], ebx
        mov byte [part2.type], 0x0e
.one:   ret
at_most:
        cmp ebx, MOST_SECTORS
        jbe .fits
        mov ebx, MOST_SECTORS
.fits:  ret

write_mbr:
        mov di, mbr + 446
        mov al, 0x80
        mov si, part1
        call entry
        mov al, 0
        mov si, part2
        cmp dword [si + 4], 0
        je .write
        call entry
.write: mov bx, mbr
        xor eax, eax
        jmp write

; Table entry at DI of the partition at SI, with flag AL.
entry:  stosb
        mov eax, [si]
        call chs
        mov al, [si + 8]
        stosb
        mov eax, [si]
        add eax, [si + 4]
        dec eax
        call chs
        mov eax, [si]
        stosd
        mov eax, [si + 4]
        stosd
        ret
; Sector EAX as head, sector, cylinder at DI; the highest where it does not fit.
chs:    call to_chs
        jnc .fits
        mov dh, 254
        mov cx, 0xffff
.fits:  mov al, dh
        stosb
        mov ax, cx
        stosw
        ret
to_chs: xor edx, edx
        movzx ecx, word [sectors]
        div ecx
        inc dx
        mov bp, dx
        xor edx, edx
        movzx ecx, word [heads]
        div ecx
        mov dh, dl
        mov ch, al
        mov cl, ah
        shl cl, 6
        or cx, bp
        cmp eax, 1024
        cmc
        ret

; Formats the partition at SI.
format: mov eax, [si]
        mov [vbr + 28], eax             ; hidden sectors
        mov ebx, [si + 4]
        mov [vbr + 32], ebx
        mov word [vbr + 19], 0
        mov ax, [sectors]
        mov [vbr + 24], ax
        mov ax, [heads]
        mov [vbr + 26], ax
        mov cx, 1                       ; sectors of a cluster
.size:  mov eax, ebx
        xor edx, edx
        movzx ecx, cx
        div ecx
        cmp eax, 65500
        jb .found
        add cx, cx
        jmp .size
.found: mov [vbr + 13], cl
        add eax, 2
        shr eax, 8
        inc ax
        mov [vbr + 22], ax
        mov cx, ax
        mov eax, [si]
        mov bx, vbr
        call write
        call fat
        call fat
        mov cx, 32                      ; the root directory
        mov bx, zeros
.root:   inc eax
        call write
        loop .root
        ret
; A FAT of CX sectors behind sector EAX.
fat:    push cx
        mov bx, first_fat
.next:  inc eax
        call write
        mov bx, zeros
        loop .next
        pop cx
        ret

; Writes the sector at BX to EAX, by extended calls if there are any; keeps all registers.
write:  pushad
        cmp byte [extended], 0
        je .chs
        mov [packet.lba], eax
        mov [packet.offset], bx
        mov [packet.segment], ds
        mov si, packet
        mov ax, 0x4300
        jmp .do
.chs:   call to_chs
        mov ax, 0x301
.do:    mov dl, 0x80
        int 0x13
        jc failed
        popad
        ret

packet: db 16, 0, 1, 0
.offset: dw 0
.segment: dw 0
.lba:   dd 0, 0
sectors: dw 0
heads:  dw 0
total:  dd 0
chs_total: dd 0
part1:
.start: dd 0
.size:  dd 0
.type:  db 0
part2:
.start: dd 0
.size:  dd 0
.type:  db 0
extended: db 0
ready:  db 13, 10, "PREP has done its work", 13, 10, "$"
trouble: db 13, 10, "PREP: the disk cannot be used", 13, 10, "$"
first_fat: db 0xf8, 0xff, 0xff, 0xff
        times 508 db 0
zeros:  times 512 db 0
mbr:    incbin "mbr.bin"
vbr:    incbin "vbr.bin"
buffer: times 32 db 0
