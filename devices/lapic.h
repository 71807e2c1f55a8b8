/* The local APIC of a processor (xAPIC: memory-mapped, 8-bit IDs). Intel SDM volume 3, chapter 11.
 *
 * The board connects the outputs to the processor: `intr` follows "an interrupt waits that the processor may
 * take", the others are pulses. When the processor takes an interrupt (IF set), it calls lapic_acknowledge().
 *
 * Before software enables it (bit 8 of the spurious vector register), and while it is globally disabled, the
 * local APIC passes its LINT0 pin (the 8259's INTR) and LINT1 pin (NMI) straight through, so that firmware
 * and systems that never touch it find a PC as it was before there were APICs. On boards with a P6, the BIOS
 * has to program this "virtual wire"; here it holds from reset on. */
#ifndef TICK86_DEVICES_LAPIC_H
#define TICK86_DEVICES_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "devices/apic_bus.h"

/* IA32_APIC_BASE (MSR 1Bh), as far as the local APIC keeps it. */
#define LAPIC_DEFAULT_BASE 0xFEE00000u
#define LAPIC_BASE_BSP     0x100u
#define LAPIC_BASE_ENABLE  0x800u
#define LAPIC_BASE_ADDRESS 0xFFFFFF000ull

#define LAPIC_LVTS 6

struct lapic_config {
    struct apic_bus *bus;
    uint8_t id;      /* initial APIC ID */
    bool bsp;        /* the bootstrap processor */
    uint64_t bus_hz; /* clock of the timer before its divider; 0: 100 MHz */
};

struct lapic {
    struct device dev;
    /* Outputs, connected by the board. */
    struct wire intr;           /* level */
    struct wire nmi, smi, init; /* pulses */
    void (*sipi)(void *owner,
                 uint8_t vector); /* startup message: begin at VECTOR * 4 KB, if waiting for it */
    void *sipi_owner;

    struct apic_bus *bus;
    uint64_t bus_hz;
    uint8_t initial_id;
    bool bsp;

    uint64_t base; /* IA32_APIC_BASE */
    uint8_t id, tpr;
    uint32_t ldr, dfr, svr, esr, esr_pending, icr_low, icr_high, divide;
    uint32_t irr[8], isr[8], tmr[8];
    uint32_t lvt[LAPIC_LVTS];
    uint8_t lint;   /* bit n: the pin LINTn is asserted */
    bool extint;    /* the I/O APIC's ExtINT for this processor is asserted */
    bool intr_told; /* level last given to `intr`; derived */
    /* The timer held timer_count at tick timer_base of its divided clock, and counts down since. */
    bool timer_running;
    uint32_t timer_initial, timer_count;
    uint64_t timer_base;
    struct event timer_event;
};

extern const struct device_type lapic_type;

/* Does an interrupt wait that may be delivered (the level of `intr`)? */
bool lapic_pending(const struct lapic *lapic);
/* The processor takes the interrupt: its vector, now in service; or -1 where it comes from the 8259 (ExtINT),
 * which the board then asks for the vector. */
int lapic_acknowledge(struct lapic *lapic);

/* Input pins: 0 = LINT0 (the 8259's INTR), 1 = LINT1 (NMI). For struct wire. */
void lapic_set_lint(void *lapic, unsigned pin, bool level);
/* The processor's INIT# pin (soft reset): resets the local APIC as an INIT message does, and raises `init`.
 */
void lapic_set_init(void *lapic, unsigned pin, bool level);

/* IA32_APIC_BASE. Writing moves the register page, or switches the local APIC off; the BSP bit is fixed. */
void lapic_set_base(struct lapic *lapic, uint64_t msr);
uint64_t lapic_base(const struct lapic *lapic);

/* The task priority as CR8 shows it (bits 7:4 of TPR). */
void lapic_set_cr8(struct lapic *lapic, uint8_t cr8);
uint8_t lapic_cr8(const struct lapic *lapic);

/* For the APIC bus. OFFSET in the 4 KB page, SIZE 1, 2, 4 or 8. */
uint64_t lapic_read(struct lapic *lapic, uint64_t offset, unsigned size);
uint64_t lapic_peek(const struct lapic *lapic, uint64_t offset, unsigned size);
void lapic_write(struct lapic *lapic, uint64_t offset, uint64_t value, unsigned size);
bool lapic_is_destination(const struct lapic *lapic, const struct apic_message *message);
bool lapic_software_enabled(const struct lapic *lapic);
/* Is the vector already requested or in service here, and focus checking on? */
bool lapic_is_focus(const struct lapic *lapic, uint8_t vector);
uint8_t lapic_arbitration_priority(const struct lapic *lapic);
bool lapic_accept(struct lapic *lapic, const struct apic_message *message);
void lapic_set_extint(struct lapic *lapic, bool level);

#endif
