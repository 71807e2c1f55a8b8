/* The 8x16 font of the video BIOS for what the window draws itself; gui/sdl_overlay.c declares it. */
	.section .rodata
	.globl tick86_overlay_font
tick86_overlay_font:
	.include "bios/fonts/font8x16.inc"
	.section .note.GNU-stack, "", @progbits
