/* Power management function of the Intel 82371AB (PIIX4): what ACPI calls the fixed hardware (PM1 event and
 * control, PM timer, GPE0), the APM ports B2h/B3h, and an SMBus host controller with nothing on its bus. Also
 * the power-off ports 604h and B004h that guests of emulators count on. */
#ifndef TICK86_DEVICES_ACPI_PM_H
#define TICK86_DEVICES_ACPI_PM_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "devices/pci.h"

/* Values of the APM control port that switch between legacy and ACPI mode; the FADT names them. */
#define ACPI_PM_ENABLE  0xF1
#define ACPI_PM_DISABLE 0xF0

/* Offsets in the I/O block at PMBA, for the FADT. */
#define ACPI_PM_EVENT    0x00
#define ACPI_PM_CONTROL  0x04
#define ACPI_PM_TIMER    0x08
#define ACPI_PM_GPE0     0x0C
#define ACPI_PM_IO_SIZE  0x40
#define ACPI_PM_SLP_OFF  0 /* SLP_TYP of S5, soft off */
#define ACPI_PM_SLP_STR  1 /* of S3, suspend to RAM */
#define ACPI_PM_SLP_POS  2 /* of S1, powered on suspend */
#define ACPI_PM_SCI_IRQ  9
#define ACPI_PM_APM_PORT 0xB2

#define ACPI_PM_WELL_KNOWN 2 /* ports 604h and B004h: 2000h written there powers off */

struct acpi_pm_config {
    struct pci_bus *pci;
    bool timer_32bit; /* the PM timer has 32 bits; else 24, as on the chip */
    bool smm;         /* firmware may install an SMM handler; else it finds SMIs already taken care of */
};

struct acpi_pm {
    struct device dev;
    struct wire sci;       /* level, to piix3_set_sci */
    struct wire smi;       /* pulse */
    struct wire power_off; /* pulse: soft off */
    struct wire
        suspend; /* level: suspended to RAM until acpi_pm_wake(). Unconnected: the guest wakes at once */

    struct pci_function pci;
    bool timer_32bit, smm;
    uint8_t io[ACPI_PM_IO_SIZE]; /* registers at PMBA, but for the timer */
    uint64_t timer_overflow;     /* timer tick at which the top bit toggles next */
    struct event timer_event;
    uint8_t apm_control, apm_status;
    bool suspended;
    uint8_t smbus[16];
    uint8_t smbus_block[32];
    uint8_t smbus_index;
    bool sci_told;              /* derived */
    uint16_t io_base, smb_base; /* where the blocks are mapped, 0: not; derived */
    bool well_known_mapped[ACPI_PM_WELL_KNOWN], blocks_known; /* derived */
};

extern const struct device_type acpi_pm_type;

/* The power button was pressed. False: no system listens (no ACPI mode, or the event is not enabled), so that
 * the front end may switch off at once. */
bool acpi_pm_power_button(struct acpi_pm *pm);
/* Leaves suspend: sets the wake status (after the board has reset the processor, for S3). */
void acpi_pm_wake(struct acpi_pm *pm);
/* Wire input: the RTC's interrupt, IRQ 8; sets RTC_STS. PIN is not used. */
void acpi_pm_set_rtc(void *pm, unsigned pin, bool level);
/* Wire input: general purpose event PIN 0..15. */
void acpi_pm_set_gpe(void *pm, unsigned pin, bool level);

#endif
