/* The board: which chips there are and how they are wired. An i440FX/PIIX3 PC, in one place. */
#ifndef TICK86_MACHINE_BOARD_H
#define TICK86_MACHINE_BOARD_H

#include "bus/device.h"
#include "cpu/cpu.h"
#include "machine/config.h"

struct board {
    struct log log;
    struct bus *bus;
    struct clock clock;
    struct device_list devices;
    struct cpu *cpu;
    struct bus_listener listener;
    struct ram_block *ram, *bios_rom, *vgabios_rom, *option_roms[MACHINE_OPTION_ROMS];
    bool option_rom_by_fw_cfg[MACHINE_OPTION_ROMS];

    /* Chips; NULL where the board has none. */
    struct pci_bus *pci;
    struct i440fx *i440fx;
    struct piix3 *piix3;
    struct pic *pic;
    struct pit *pit;
    struct port61 *port61;
    struct port92 *port92;
    struct speaker *speaker;
    struct cmos *cmos;
    struct i8042 *i8042;
    struct ps2_keyboard *keyboard;
    struct ps2_mouse *mouse;
    struct dma *dma;
    struct fdc *fdc;
    struct ide *ide;
    struct uart *uart[MACHINE_SERIAL_PORTS];
    struct serial_mouse *serial_mouse;
    struct parallel *parallel;
    struct debug_ports *debug_ports;
    struct coprocessor *coprocessor;
    struct acpi_pm *acpi_pm;
    struct apic_bus *apic_bus;
    struct lapic *lapic;
    struct ioapic *ioapic;
    struct fw_cfg *fw_cfg;
    struct vga *vga;

    /* What waits for the next boundary: set by chips in the middle of an instruction. */
    bool reset_asked, power_off_asked, exit_asked, shut_down;
    int exit_status;
    /* Counts the processor's dealings with anything but memory: see machine/idle.h. */
    uint64_t outside;
};

/* Builds all of it; the processor is reset. False with ERR: then nothing is left behind. */
bool board_create(struct board *board, const struct machine_config *config, struct error *err);
void board_destroy(struct board *board);
/* The RESET line. */
void board_reset(struct board *board, enum reset_kind kind);

#endif
