/* The board as ACPI sees it: PCI root with its interrupt routing, the ISA devices, soft off.
 *
 * Compiled into machine/dsdt.h by machine/update-dsdt (needs iasl). The names PRES and MEMB and the object _S3 are
 * patched by machine/acpi_tables.c for the board at hand, so their values are placeholders of full width. */
DefinitionBlock ("dsdt.aml", "DSDT", 1, "TICK86", "TICK86PC", 1)
{
    Name (PRES, 0xA5A5A5A5) /* devices on the board: bits 0-3 COM1-4, 4 LPT1, 5 FDC, 6 PS/2 mouse */
    Name (MEMB, 0xA5A5A5A5) /* where PCI memory begins */

    /* 0 with the 8259s, 1 with the I/O APIC */
    Name (PICF, 0)
    Method (_PIC, 1) { Store (Arg0, PICF) }

    Method (HERE, 1)
    {
        If (And (PRES, ShiftLeft (1, Arg0))) { Return (0x0F) }
        Return (0)
    }

    Name (_S3, Package () { 1, 1, 0, 0 })
    Name (_S5, Package () { 0, 0, 0, 0 })

    Scope (_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_ADR, 0)
            Name (_UID, 0)

            Name (CRES, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0xFF, 0, 0x100)
                IO (Decode16, 0x0CF8, 0x0CF8, 1, 8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                        0, 0, 0x0CF7, 0, 0x0CF8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                        0, 0x0D00, 0xFFFF, 0, 0xF300)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
                             0, 0x000A0000, 0x000BFFFF, 0, 0x00020000)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                             0, 0xE0000000, 0xFEBFFFFF, 0, 0x1EC00000, , , MEMW, AddressRangeMemory, TypeStatic)
            })
            Method (_CRS, 0, Serialized)
            {
                CreateDWordField (CRES, ^MEMW._MIN, MMIN)
                CreateDWordField (CRES, ^MEMW._LEN, MLEN)
                Store (MEMB, MMIN)
                Subtract (0xFEC00000, MEMB, MLEN)
                Return (CRES)
            }

            /* INTA# of slot 1 is PIRQA#, of slot 2 PIRQB#, and so on round. */
            Name (PICR, Package ()
            {
                Package () { 0x0000FFFF, 0, LNKD, 0 },
                Package () { 0x0000FFFF, 1, LNKA, 0 },
                Package () { 0x0000FFFF, 2, LNKB, 0 },
                Package () { 0x0000FFFF, 3, LNKC, 0 },
                Package () { 0x0001FFFF, 0, LNKA, 0 },
                Package () { 0x0001FFFF, 1, LNKB, 0 },
                Package () { 0x0001FFFF, 2, LNKC, 0 },
                Package () { 0x0001FFFF, 3, LNKD, 0 },
                Package () { 0x0002FFFF, 0, LNKB, 0 },
                Package () { 0x0002FFFF, 1, LNKC, 0 },
                Package () { 0x0002FFFF, 2, LNKD, 0 },
                Package () { 0x0002FFFF, 3, LNKA, 0 },
                Package () { 0x0003FFFF, 0, LNKC, 0 },
                Package () { 0x0003FFFF, 1, LNKD, 0 },
                Package () { 0x0003FFFF, 2, LNKA, 0 },
                Package () { 0x0003FFFF, 3, LNKB, 0 },
                Package () { 0x0004FFFF, 0, LNKD, 0 },
                Package () { 0x0004FFFF, 1, LNKA, 0 },
                Package () { 0x0004FFFF, 2, LNKB, 0 },
                Package () { 0x0004FFFF, 3, LNKC, 0 },
                Package () { 0x0005FFFF, 0, LNKA, 0 },
                Package () { 0x0005FFFF, 1, LNKB, 0 },
                Package () { 0x0005FFFF, 2, LNKC, 0 },
                Package () { 0x0005FFFF, 3, LNKD, 0 },
                Package () { 0x0006FFFF, 0, LNKB, 0 },
                Package () { 0x0006FFFF, 1, LNKC, 0 },
                Package () { 0x0006FFFF, 2, LNKD, 0 },
                Package () { 0x0006FFFF, 3, LNKA, 0 },
                Package () { 0x0007FFFF, 0, LNKC, 0 },
                Package () { 0x0007FFFF, 1, LNKD, 0 },
                Package () { 0x0007FFFF, 2, LNKA, 0 },
                Package () { 0x0007FFFF, 3, LNKB, 0 },
                Package () { 0x0008FFFF, 0, LNKD, 0 },
                Package () { 0x0008FFFF, 1, LNKA, 0 },
                Package () { 0x0008FFFF, 2, LNKB, 0 },
                Package () { 0x0008FFFF, 3, LNKC, 0 },
                Package () { 0x0009FFFF, 0, LNKA, 0 },
                Package () { 0x0009FFFF, 1, LNKB, 0 },
                Package () { 0x0009FFFF, 2, LNKC, 0 },
                Package () { 0x0009FFFF, 3, LNKD, 0 },
                Package () { 0x000AFFFF, 0, LNKB, 0 },
                Package () { 0x000AFFFF, 1, LNKC, 0 },
                Package () { 0x000AFFFF, 2, LNKD, 0 },
                Package () { 0x000AFFFF, 3, LNKA, 0 },
                Package () { 0x000BFFFF, 0, LNKC, 0 },
                Package () { 0x000BFFFF, 1, LNKD, 0 },
                Package () { 0x000BFFFF, 2, LNKA, 0 },
                Package () { 0x000BFFFF, 3, LNKB, 0 },
                Package () { 0x000CFFFF, 0, LNKD, 0 },
                Package () { 0x000CFFFF, 1, LNKA, 0 },
                Package () { 0x000CFFFF, 2, LNKB, 0 },
                Package () { 0x000CFFFF, 3, LNKC, 0 },
                Package () { 0x000DFFFF, 0, LNKA, 0 },
                Package () { 0x000DFFFF, 1, LNKB, 0 },
                Package () { 0x000DFFFF, 2, LNKC, 0 },
                Package () { 0x000DFFFF, 3, LNKD, 0 },
                Package () { 0x000EFFFF, 0, LNKB, 0 },
                Package () { 0x000EFFFF, 1, LNKC, 0 },
                Package () { 0x000EFFFF, 2, LNKD, 0 },
                Package () { 0x000EFFFF, 3, LNKA, 0 },
                Package () { 0x000FFFFF, 0, LNKC, 0 },
                Package () { 0x000FFFFF, 1, LNKD, 0 },
                Package () { 0x000FFFFF, 2, LNKA, 0 },
                Package () { 0x000FFFFF, 3, LNKB, 0 }
            })
            Name (APCR, Package ()
            {
                Package () { 0x0000FFFF, 0, 0, 19 },
                Package () { 0x0000FFFF, 1, 0, 16 },
                Package () { 0x0000FFFF, 2, 0, 17 },
                Package () { 0x0000FFFF, 3, 0, 18 },
                Package () { 0x0001FFFF, 0, 0, 16 },
                Package () { 0x0001FFFF, 1, 0, 17 },
                Package () { 0x0001FFFF, 2, 0, 18 },
                Package () { 0x0001FFFF, 3, 0, 19 },
                Package () { 0x0002FFFF, 0, 0, 17 },
                Package () { 0x0002FFFF, 1, 0, 18 },
                Package () { 0x0002FFFF, 2, 0, 19 },
                Package () { 0x0002FFFF, 3, 0, 16 },
                Package () { 0x0003FFFF, 0, 0, 18 },
                Package () { 0x0003FFFF, 1, 0, 19 },
                Package () { 0x0003FFFF, 2, 0, 16 },
                Package () { 0x0003FFFF, 3, 0, 17 },
                Package () { 0x0004FFFF, 0, 0, 19 },
                Package () { 0x0004FFFF, 1, 0, 16 },
                Package () { 0x0004FFFF, 2, 0, 17 },
                Package () { 0x0004FFFF, 3, 0, 18 },
                Package () { 0x0005FFFF, 0, 0, 16 },
                Package () { 0x0005FFFF, 1, 0, 17 },
                Package () { 0x0005FFFF, 2, 0, 18 },
                Package () { 0x0005FFFF, 3, 0, 19 },
                Package () { 0x0006FFFF, 0, 0, 17 },
                Package () { 0x0006FFFF, 1, 0, 18 },
                Package () { 0x0006FFFF, 2, 0, 19 },
                Package () { 0x0006FFFF, 3, 0, 16 },
                Package () { 0x0007FFFF, 0, 0, 18 },
                Package () { 0x0007FFFF, 1, 0, 19 },
                Package () { 0x0007FFFF, 2, 0, 16 },
                Package () { 0x0007FFFF, 3, 0, 17 },
                Package () { 0x0008FFFF, 0, 0, 19 },
                Package () { 0x0008FFFF, 1, 0, 16 },
                Package () { 0x0008FFFF, 2, 0, 17 },
                Package () { 0x0008FFFF, 3, 0, 18 },
                Package () { 0x0009FFFF, 0, 0, 16 },
                Package () { 0x0009FFFF, 1, 0, 17 },
                Package () { 0x0009FFFF, 2, 0, 18 },
                Package () { 0x0009FFFF, 3, 0, 19 },
                Package () { 0x000AFFFF, 0, 0, 17 },
                Package () { 0x000AFFFF, 1, 0, 18 },
                Package () { 0x000AFFFF, 2, 0, 19 },
                Package () { 0x000AFFFF, 3, 0, 16 },
                Package () { 0x000BFFFF, 0, 0, 18 },
                Package () { 0x000BFFFF, 1, 0, 19 },
                Package () { 0x000BFFFF, 2, 0, 16 },
                Package () { 0x000BFFFF, 3, 0, 17 },
                Package () { 0x000CFFFF, 0, 0, 19 },
                Package () { 0x000CFFFF, 1, 0, 16 },
                Package () { 0x000CFFFF, 2, 0, 17 },
                Package () { 0x000CFFFF, 3, 0, 18 },
                Package () { 0x000DFFFF, 0, 0, 16 },
                Package () { 0x000DFFFF, 1, 0, 17 },
                Package () { 0x000DFFFF, 2, 0, 18 },
                Package () { 0x000DFFFF, 3, 0, 19 },
                Package () { 0x000EFFFF, 0, 0, 17 },
                Package () { 0x000EFFFF, 1, 0, 18 },
                Package () { 0x000EFFFF, 2, 0, 19 },
                Package () { 0x000EFFFF, 3, 0, 16 },
                Package () { 0x000FFFFF, 0, 0, 18 },
                Package () { 0x000FFFFF, 1, 0, 19 },
                Package () { 0x000FFFFF, 2, 0, 16 },
                Package () { 0x000FFFFF, 3, 0, 17 }
            })
            Method (_PRT, 0)
            {
                If (PICF) { Return (APCR) }
                Return (PICR)
            }

            Device (ISA)
            {
                Name (_ADR, 0x00010000)
                OperationRegion (PIRR, PCI_Config, 0x60, 4)
                Field (PIRR, ByteAcc, NoLock, Preserve)
                {
                    PRQA, 8,
                    PRQB, 8,
                    PRQC, 8,
                    PRQD, 8
                }
            }
        }

        /* Interrupt links: the PIIX3's PIRQ route control registers. */
        Method (LSTA, 1)
        {
            If (And (Arg0, 0x80)) { Return (0x09) }
            Return (0x0B)
        }
        Method (LCRS, 1, Serialized)
        {
            Name (BUFF, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) {5} })
            CreateWordField (BUFF, 1, IRQW)
            Store (0, IRQW)
            If (LNot (And (Arg0, 0x80))) { ShiftLeft (1, And (Arg0, 0x0F), IRQW) }
            Return (BUFF)
        }
        Method (LSRS, 1, Serialized)
        {
            CreateWordField (Arg0, 1, IRQW)
            FindSetRightBit (IRQW, Local0)
            If (LNot (Local0)) { Return (0x80) }
            Decrement (Local0)
            Return (Local0)
        }

        Device (LNKA)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 1)
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) {5, 9, 10, 11} })
            Method (_STA, 0) { Return (LSTA (\_SB.PCI0.ISA.PRQA)) }
            Method (_DIS, 0) { Or (\_SB.PCI0.ISA.PRQA, 0x80, \_SB.PCI0.ISA.PRQA) }
            Method (_CRS, 0) { Return (LCRS (\_SB.PCI0.ISA.PRQA)) }
            Method (_SRS, 1) { Store (LSRS (Arg0), \_SB.PCI0.ISA.PRQA) }
        }

        Device (LNKB)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 2)
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) {5, 9, 10, 11} })
            Method (_STA, 0) { Return (LSTA (\_SB.PCI0.ISA.PRQB)) }
            Method (_DIS, 0) { Or (\_SB.PCI0.ISA.PRQB, 0x80, \_SB.PCI0.ISA.PRQB) }
            Method (_CRS, 0) { Return (LCRS (\_SB.PCI0.ISA.PRQB)) }
            Method (_SRS, 1) { Store (LSRS (Arg0), \_SB.PCI0.ISA.PRQB) }
        }

        Device (LNKC)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 3)
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) {5, 9, 10, 11} })
            Method (_STA, 0) { Return (LSTA (\_SB.PCI0.ISA.PRQC)) }
            Method (_DIS, 0) { Or (\_SB.PCI0.ISA.PRQC, 0x80, \_SB.PCI0.ISA.PRQC) }
            Method (_CRS, 0) { Return (LCRS (\_SB.PCI0.ISA.PRQC)) }
            Method (_SRS, 1) { Store (LSRS (Arg0), \_SB.PCI0.ISA.PRQC) }
        }

        Device (LNKD)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 4)
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) {5, 9, 10, 11} })
            Method (_STA, 0) { Return (LSTA (\_SB.PCI0.ISA.PRQD)) }
            Method (_DIS, 0) { Or (\_SB.PCI0.ISA.PRQD, 0x80, \_SB.PCI0.ISA.PRQD) }
            Method (_CRS, 0) { Return (LCRS (\_SB.PCI0.ISA.PRQD)) }
            Method (_SRS, 1) { Store (LSRS (Arg0), \_SB.PCI0.ISA.PRQD) }
        }

        Scope (PCI0.ISA)
        {
            Device (PIC)
            {
                Name (_HID, EisaId ("PNP0000"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0020, 0x0020, 0, 2)
                    IO (Decode16, 0x00A0, 0x00A0, 0, 2)
                    IO (Decode16, 0x04D0, 0x04D0, 0, 2)
                    IRQNoFlags () {2}
                })
            }

            Device (DMAC)
            {
                Name (_HID, EisaId ("PNP0200"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0000, 0x0000, 0, 0x10)
                    IO (Decode16, 0x0081, 0x0081, 0, 0x0F)
                    IO (Decode16, 0x00C0, 0x00C0, 0, 0x20)
                    DMA (Compatibility, NotBusMaster, Transfer8) {4}
                })
            }

            Device (TMR)
            {
                Name (_HID, EisaId ("PNP0100"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0040, 0x0040, 0, 4)
                    IRQNoFlags () {0}
                })
            }

            Device (RTC)
            {
                Name (_HID, EisaId ("PNP0B00"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0070, 0x0070, 0, 2)
                    IRQNoFlags () {8}
                })
            }

            Device (SPKR)
            {
                Name (_HID, EisaId ("PNP0800"))
                Name (_CRS, ResourceTemplate () { IO (Decode16, 0x0061, 0x0061, 0, 1) })
            }

            Device (COPR)
            {
                Name (_HID, EisaId ("PNP0C04"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x00F0, 0x00F0, 0, 0x10)
                    IRQNoFlags () {13}
                })
            }

            /* What belongs to the board itself: port 92h, APM, power management, SMBus. */
            Device (MBRD)
            {
                Name (_HID, EisaId ("PNP0C02"))
                Name (_UID, 1)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0080, 0x0080, 0, 1)
                    IO (Decode16, 0x0092, 0x0092, 0, 1)
                    IO (Decode16, 0x00B2, 0x00B2, 0, 2)
                    IO (Decode16, 0x0600, 0x0600, 0, 0x40)
                    IO (Decode16, 0x0700, 0x0700, 0, 0x10)
                })
            }

            Device (FWCF)
            {
                Name (_HID, "QEMU0002")
                Name (_STA, 0x0B)
                Name (_CRS, ResourceTemplate () { IO (Decode16, 0x0510, 0x0510, 0, 0x0C) })
            }

            Device (KBD)
            {
                Name (_HID, EisaId ("PNP0303"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0060, 0x0060, 0, 1)
                    IO (Decode16, 0x0064, 0x0064, 0, 1)
                    IRQNoFlags () {1}
                })
            }

            Device (MOU)
            {
                Name (_HID, EisaId ("PNP0F13"))
                Name (_CRS, ResourceTemplate () { IRQNoFlags () {12} })
                Method (_STA, 0) { Return (HERE (6)) }
            }

            Device (FDC)
            {
                Name (_HID, EisaId ("PNP0700"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x03F2, 0x03F2, 0, 4)
                    IO (Decode16, 0x03F7, 0x03F7, 0, 1)
                    IRQNoFlags () {6}
                    DMA (Compatibility, NotBusMaster, Transfer8) {2}
                })
                Method (_STA, 0) { Return (HERE (5)) }
            }

            Device (LPT)
            {
                Name (_HID, EisaId ("PNP0400"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0378, 0x0378, 0, 8)
                    IRQNoFlags () {7}
                })
                Method (_STA, 0) { Return (HERE (4)) }
            }

            Device (COM1)
            {
                Name (_HID, EisaId ("PNP0501"))
                Name (_UID, 1)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x03F8, 0x03F8, 0, 8)
                    IRQNoFlags () {4}
                })
                Method (_STA, 0) { Return (HERE (0)) }
            }

            Device (COM2)
            {
                Name (_HID, EisaId ("PNP0501"))
                Name (_UID, 2)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x02F8, 0x02F8, 0, 8)
                    IRQNoFlags () {3}
                })
                Method (_STA, 0) { Return (HERE (1)) }
            }

            Device (COM3)
            {
                Name (_HID, EisaId ("PNP0501"))
                Name (_UID, 3)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x03E8, 0x03E8, 0, 8)
                    IRQNoFlags () {4}
                })
                Method (_STA, 0) { Return (HERE (2)) }
            }

            Device (COM4)
            {
                Name (_HID, EisaId ("PNP0501"))
                Name (_UID, 4)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x02E8, 0x02E8, 0, 8)
                    IRQNoFlags () {3}
                })
                Method (_STA, 0) { Return (HERE (3)) }
            }
        }
    }
}
