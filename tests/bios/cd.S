/*
 * A CD-ROM image with an El Torito boot record (specification 1.0): MEDIA 0 loads the test whole without emulation, 2 makes it a
 * 1.44 MB diskette, 4 a hard disk.
 */
	.section .image, "a"
	.org 16 * 2048
	.byte 1
	.ascii "CD001"
	.byte 1
	.org 17 * 2048
	.byte 0
	.ascii "CD001"
	.byte 1
	.ascii "EL TORITO SPECIFICATION"
	.org 17 * 2048 + 0x47
	.long 18
	.org 18 * 2048
	.byte 1, 0, 0, 0		/* validation entry */
	.org 18 * 2048 + 28
	.word 0x10000 - 1 - 0xaa55, 0xaa55
	.byte 0x88, MEDIA
	.word 0
	.byte 0, 0
	.word COUNT
	.long 19
	.org 19 * 2048
#if MEDIA == 4
	/* A hard disk of 80 cylinders, 2 heads and 18 sectors, by the end of its first partition. */
	.incbin "tests/bios/cdrom.img", 0, 0x1be
	.byte 0x80, 0, 1, 0, 4, 1, 18, 79
	.long 0, 2880
	.fill 48, 1, 0
	.incbin "tests/bios/cdrom.img", 0x1fe
#else
	.incbin "tests/bios/cdrom.img"
#endif
	.section .note.GNU-stack, "", @progbits
