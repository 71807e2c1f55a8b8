/* The boot ROM of --kernel as an object of the library; bios/kernel/rom.h declares it. */
	.section .rodata
	.globl tick86_kernel_rom, tick86_kernel_rom_size
	.balign 16
tick86_kernel_rom:
	.incbin "bios/kernel/kernel_boot.bin"
tick86_kernel_rom_end:
	.balign 4
tick86_kernel_rom_size:
	.long tick86_kernel_rom_end - tick86_kernel_rom
	.section .note.GNU-stack, "", @progbits
