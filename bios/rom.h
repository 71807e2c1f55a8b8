/*
 * The system BIOS built into the library: 128 KB, to be seen at E0000-FFFFF and at FFFE0000-FFFFFFFF.
 */
#ifndef BIOS_ROM_H
#define BIOS_ROM_H

extern const unsigned char tick86_bios_rom[];
extern const unsigned int tick86_bios_rom_size;

#endif
