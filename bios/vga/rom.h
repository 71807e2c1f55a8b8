/* The VGA BIOS that is built in: an expansion ROM image for C0000h, made by bios/vga. */
#ifndef BIOS_VGA_ROM_H
#define BIOS_VGA_ROM_H

/* Whole blocks of 512 bytes, with header and checksum. */
extern const unsigned char tick86_vgabios_rom[];
/* Its size in bytes, at most 65,536. */
extern const unsigned int tick86_vgabios_rom_size;

#endif
