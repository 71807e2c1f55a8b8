; An initial file system for Linux, a cpio archive of the "newc" kind (Linux: Documentation/driver-api/early-userspace/
; buffer-format.rst) with one file: /init, a program that writes to a page of its own for the first time, makes two system calls by INT 80h and
; ends, which Linux answers with a panic.
bits 32
origin equ 0x08048000

; Magic, inode, mode (a file, rwxr-xr-x), user, group, links, time, size, device, device of its own, length of the name, check
    db "070701", "00000001", "000081ED", "00000000", "00000000", "00000001", "00000000", "00001000"
    db "00000000", "00000000", "00000000", "00000000", "00000005", "00000000"
    db "init", 0
    align 4, db 0
file:
    db 0x7f, "ELF", 1, 1, 1, 0              ; System V ABI, chapter 4
    dq 0
    dw 2, 3                                 ; an executable, for the 386
    dd 1, origin + start - file, headers - file, 0, 0
    dw headers - file, 32, 2, 0, 0, 0
headers:
    dd 1, 0, origin, origin, 0x1000, 0x1000, 5, 0x1000          ; code, to be read and executed
    dd 1, 0, origin + 0x1000, origin + 0x1000, 0, 0x1000, 6, 0x1000 ; a page to be written
start:
    mov dword [origin + 0x1234], 0x12345678
    mov eax, 20                             ; getpid
    int 0x80
    mov eax, 1                              ; exit
    mov ebx, 7
    int 0x80
    times 0x1000 - ($ - file) db 0

    db "070701", "00000002", "00000000", "00000000", "00000000", "00000001", "00000000", "00000000"
    db "00000000", "00000000", "00000000", "00000000", "0000000B", "00000000"
    db "TRAILER!!!", 0
    align 4, db 0
