/* Configuration mechanism 1: scan, sizes of base addresses. */
#include "tests/kernels/kernel.h"

static u32 address(unsigned device, unsigned function, unsigned offset)
{
    return 0x80000000u | device << 11 | function << 8 | (offset & 0xFC);
}

u32 pci_read(unsigned device, unsigned function, unsigned offset)
{
    outl(0xCF8, address(device, function, offset));
    return inl(0xCFC);
}

void pci_write(unsigned device, unsigned function, unsigned offset, u32 value)
{
    outl(0xCF8, address(device, function, offset));
    outl(0xCFC, value);
}

/* As kernels look for mechanism 1 (a double word is kept, a byte in CFBh is not of it). */
static bool mechanism_1(void)
{
    outb(0xCFB, 1);
    u32 old = inl(0xCF8);
    outl(0xCF8, 0x80000000);
    bool kept = inl(0xCF8) == 0x80000000;
    outl(0xCF8, old);
    return kept;
}

void test_pci(void)
{
    row(mechanism_1(), "PCI's configuration mechanism 1");
    u32 classes = 0, cards = 0;
    for (unsigned device = 0; device < 32; device++) {
        unsigned functions = pci_read(device, 0, 12) & 0x800000 ? 8 : 1;
        for (unsigned function = 0; function < functions; function++) {
            if ((pci_read(device, function, 0) & 0xFFFF) == 0xFFFF)
                continue;
            cards++;
            switch (pci_read(device, function, 8) >> 16) {
            case 0x0600:
                classes |= 1;
                break;
            case 0x0601:
                classes |= 2;
                break;
            case 0x0101:
                classes |= 4;
                break;
            case 0x0300:
                classes |= 8;
                break;
            case 0x0680:
                classes |= 16;
                break;
            }
        }
    }
    row(classes == 31 && cards >= 5, "host bridge, ISA bridge, IDE, power management and VGA");
    row(pci_read(0, 0, 0) == 0x12378086, "the host bridge is an 82441FX");
    outl(0xCF8, address(0, 0, 0));
    row(inw(0xCFC) == 0x8086 && inw(0xCFE) == 0x1237 && inb(0xCFF) == 0x12, "by words and bytes too");
    outl(0xCF8, address(0, 0, 0) & 0x7FFFFFFF);
    row(inl(0xCFC) == 0xFFFFFFFF, "nothing without the enable bit");
    u32 bar = pci_read(1, 1, 0x20), command = pci_read(1, 1, 4);
    pci_write(1, 1, 4, command & 0xFFF8);
    pci_write(1, 1, 0x20, 0xFFFFFFFF);
    u32 mask = pci_read(1, 1, 0x20);
    pci_write(1, 1, 0x20, bar);
    pci_write(1, 1, 4, command & 0xFFFF);
    row((mask & 0xFFFF) == 0xFFF1 && bar & 1, "the IDE controller's base address has 16 ports");
    outb(0xCF9, 0);
}
