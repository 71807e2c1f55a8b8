/* Intel 82441FX (440FX PMC) host bridge: what the memory map of the PC looks like.
 *
 * It owns the regions for RAM, for the boot ROM below 4 GB and for C0000-FFFFF, where the PAM registers say
 * for each 16 KB whether reads and writes go to DRAM or to the ROMs on the ISA side; and the SMRAM window.
 *
 *     0-9FFFF          DRAM                        A0000-BFFFF   PCI (VGA); DRAM while SMRAM is open
 *     C0000-FFFFF      DRAM or ROM, by PAM         100000-top    DRAM, at most up to E0000000
 *     4G-size..4G-1    boot ROM                    4G..          the rest of DRAM */
#ifndef TICK86_DEVICES_I440FX_H
#define TICK86_DEVICES_I440FX_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "devices/pci.h"

#define I440FX_OPTION_ROMS 4

struct i440fx_config {
    struct pci_bus *pci;
    struct ram_block *ram;      /* at least ram_size bytes */
    uint64_t ram_size;          /* bytes, a multiple of 4 KB, at least 1 MB */
    struct ram_block *bios_rom; /* at the top of 4 GB; its last 128 KB (or less) also below 1 MB */
    struct ram_block *vgabios;  /* at C0000; NULL: none */
    struct ram_block *option_roms[I440FX_OPTION_ROMS]; /* from D0000 on, one after the other; NULL: none */
};

extern const struct device_type i440fx_type;

struct i440fx;

/* Bytes of DRAM that lie below 4 GB, and so the address where PCI memory space begins. */
uint64_t i440fx_ram_below_4g(uint64_t ram_size);

/* The processor whose accesses come next is in system management mode (or not): with G_SMRAME set,
 * A0000-BFFFF is then DRAM. Fetches and reads come from DRAM whatever D_CLS says; writes follow D_CLS. */
void i440fx_set_smm(struct i440fx *bridge, bool smm);

/* The turbo reset register (93h) resets the processor: HARD is raised for a system reset, SOFT for INIT. */
void i440fx_connect_reset(struct i440fx *bridge, struct wire hard, struct wire soft);

#endif
