/* The demonstration floppy as an object of the library; demo/image.h declares it. */
	.section .rodata
	.globl tick86_demo_image, tick86_demo_image_size
	.balign 16
tick86_demo_image:
	.incbin "demo/demo.img"
tick86_demo_image_end:
	.balign 4
tick86_demo_image_size:
	.long tick86_demo_image_end - tick86_demo_image
	.section .note.GNU-stack, "", @progbits
