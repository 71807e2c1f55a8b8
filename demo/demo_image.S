/* The demonstration floppy as an object of the program; demo/image.h declares it. */
	.section .rodata
	.globl tick86_demo_image, tick86_demo_image_size
	.balign 16
tick86_demo_image:
	.incbin "demo/demo.img"
tick86_demo_image_end:
	.balign 8
tick86_demo_image_size:		/* 64 bits; where size_t has 32, the lower half is it */
	.quad tick86_demo_image_end - tick86_demo_image
	.section .note.GNU-stack, "", @progbits
