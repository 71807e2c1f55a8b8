; A hard disk of 8 MB for the monitor's views: a partition table, and a FAT16 boot sector in the first partition.
bits 16
%macro partition 4                      ; active, type, first sector, sectors
    db %1, (%3 / 63) % 16, %3 % 63 + 1, %3 / 1008
    db %2, (%3 + %4 - 1) / 63 % 16, (%3 + %4 - 1) % 63 + 1, (%3 + %4 - 1) / 1008
    dd %3, %4
%endmacro
    cli
    hlt
    times 440 - ($ - $$) db 0
    dd 0xcafe1234
    dw 0
    partition 0x80, 0x06, 63, 8001
    partition 0, 0x83, 8064, 4032
    times 16 db 0
    partition 0, 0x05, 12096, 4032
    dw 0xaa55
    times 63 * 512 - ($ - $$) db 0
boot:
    jmp short .code
    nop
    db "MSDOS5.0"
    dw 512
    db 4
    dw 1
    db 2
    dw 512, 0
    db 0xf8
    dw 8, 63, 16
    dd 63, 8001
    db 0x80, 0, 0x29
    dd 0x12345678
    db "TESTDISK   FAT16   "
.code:
    hlt
    times 64 * 512 - ($ - $$) db 0
