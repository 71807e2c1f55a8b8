/* The VGA BIOS image as an object of the library; bios/vga/rom.h declares it. */
	.section .rodata
	.globl tick86_vgabios_rom, tick86_vgabios_rom_size
	.balign 16
tick86_vgabios_rom:
	.incbin "bios/vga/vgabios.bin"
tick86_vgabios_rom_end:
	.balign 4
tick86_vgabios_rom_size:
	.long tick86_vgabios_rom_end - tick86_vgabios_rom
	.section .note.GNU-stack, "", @progbits
