/* The system BIOS image as read-only data of the library: see bios/rom.h. */
    .section .rodata
    .globl tick86_bios_rom, tick86_bios_rom_size
    .type tick86_bios_rom, @object
    .balign 16
tick86_bios_rom:
    .incbin "bios/bios.bin"
    .size tick86_bios_rom, . - tick86_bios_rom
tick86_bios_rom_size:
    .long . - tick86_bios_rom
    .section .note.GNU-stack, "", @progbits
