/* The parts of the 32-bit power-on self test, by file. */
#ifndef BIOS_POST_H
#define BIOS_POST_H

#include "bios/bios.h"

/* reset.S: a real-mode interrupt, or c->target if `interrupt` is negative. `c` must lie below 64 KB. */
void call_real(struct call *c, int interrupt);

/* pci.c */
struct pci_device {
    u8 bus, devfn;
    u16 vendor, device;
    u32 class; /* class, subclass, interface in 24 bits */
    u8 header;
};
enum { PCI_MAX = 64 };
u32 pci_read(u8 bus, u8 devfn, u8 reg);
u16 pci_read16(u8 bus, u8 devfn, u8 reg);
u8 pci_read8(u8 bus, u8 devfn, u8 reg);
void pci_write(u8 bus, u8 devfn, u8 reg, u32 value);
void pci_write16(u8 bus, u8 devfn, u8 reg, u16 value);
void pci_write8(u8 bus, u8 devfn, u8 reg, u8 value);
void pci_init(void);
u32 pci_count(void);
const struct pci_device *pci_get(u32 i);
/* The interrupt line that pin 0-3 of a slot on bus 0 is routed to. */
u8 pci_irq(u8 slot, u8 pin);

/* chipset.c: the parts of a PC/AT. */
void chipset_init(void);
void irq_init(void);

/* memory.c */
enum { CMOS_NO_POWER = 0x80, CMOS_BAD_SUM = 0x40, CMOS_BAD_TIME = 0x04 }; /* in CMOS 0Eh: what POST found */
void memory_init(void);
/* Takes `size` bytes below the end of low RAM for tables that the system must keep. */
u32 memory_reserve_high(u32 size, u32 align);
void memory_map_finish(void);

/* fwcfg.c: QEMU's firmware configuration device at port 510h. */
int fwcfg_present(void);
/* Selects an item; fwcfg_bytes then reads it on. */
void fwcfg_select(u16 key);
void fwcfg_bytes(void *to, u32 n);
/* Looks a file up and selects it; its size, -1 if it is not there. */
s32 fwcfg_open(const char *name);
/* The same for the `n`-th file whose name begins with `prefix`; the name goes to `name`. */
s32 fwcfg_open_nth(const char *prefix, u32 n, char name[56]);
enum { FWCFG_SIGNATURE = 0, FWCFG_CPUS = 5, FWCFG_BOOT_MENU = 0x0e };

/* loader.c: places the tables that fw_cfg brings. */
void loader_run(void);
int loader_placed(const char *name);

/* optrom.c */
void optrom_video(void);
void optrom_others(void);
void optrom_lock(void);

/* Tables that operating systems look for. */
void pir_init(void);
void mptable_init(void);
void smbios_init(void);
/* Space in segment F000 for them, on 16-byte boundaries; 0 when it is used up. */
void *table_space(u32 size);
void checksum8(void *table, u32 size, u32 at);

/* cpu.c: caches, local APIC and the like, on processors that have them. */
void cpu_init(void);
/* Has the other processors set themselves up likewise; they wait for the operating system then. */
void cpu_init_others(void);
u16 cpu_count(void);

/* bootlist.c */
/* A bootstrap entry vector of an option ROM; bus and devfn of its device, or FFFFh. */
void boot_add_vector(struct far_pointer target, u16 bus_devfn, const char *name);
void boot_list_init(void);
void boot_menu(void);

/* screen.c */
/* 80 by 25 text; a video BIOS need not set a mode by itself. */
void screen_init(void);
void say(const char *text);
void say_number(u32 n);
void say_hex(u32 n, u32 digits);

#define POST_CODE(n) outb(0x80, n)

#endif
