/* The option ROM that starts the kernel of --kernel, made by bios/kernel. */
#ifndef BIOS_KERNEL_ROM_H
#define BIOS_KERNEL_ROM_H

/* Whole blocks of 512 bytes, with header and checksum. */
extern const unsigned char tick86_kernel_rom[];
/* Its size in bytes. */
extern const unsigned int tick86_kernel_rom_size;

#endif
