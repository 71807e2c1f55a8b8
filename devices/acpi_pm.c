/* Intel 82371AB (PIIX4) function 3: power management and SMBus.
 *
 * PIIX4 datasheet (290562): 7.1 (configuration registers), 7.2 (power management I/O), 7.3 (SMBus I/O).
 * ACPI 1.0, 4.7 (fixed hardware).
 *
 *      PMBA + 00 PM1 status     02 PM1 enable    04 PM1 control    08 timer
 *             0C GPE0 status    0E GPE0 enable   10 processor control, 14 15 C2 and C3
 *             18 global status  1C device status 20 global enable  28 global control  2C device control
 *             30 inputs         34 outputs */
#include "devices/acpi_pm.h"

#include <string.h>

#define REG_PMBA      0x40
#define REG_DEVACTB   0x58
#define REG_PMREGMISC 0x80
#define REG_SMBBA     0x90
#define REG_SMBHSTCFG 0xD2
#define DEVACTB_APMC  0x02 /* APMC_EN, in the highest byte: writes to B2h raise SMI */
#define PMIOSE        0x01
#define SMB_HST_EN    0x01
#define SMB_IRQ9      0x08 /* SMBHSTCFG 3:1 = 100 */

/* PM1 status and enable share bit numbers. */
#define PM1_TIMER        0x0001
#define PM1_GLOBAL       0x0020
#define PM1_POWER_BUTTON 0x0100
#define PM1_RTC          0x0400
#define PM1_WAKE         0x8000
#define PM1_EVENTS       (PM1_TIMER | PM1_GLOBAL | PM1_POWER_BUTTON | PM1_RTC)

#define CONTROL_SCI_EN  0x0001
#define CONTROL_GBL_RLS 0x0004
#define CONTROL_SLP_TYP 0x1C00
#define CONTROL_SLP_EN  0x2000

#define IO_PM1STS   0x00
#define IO_PM1EN    0x02
#define IO_CONTROL  0x04
#define IO_TIMER    0x08
#define IO_GPSTS    0x0C
#define IO_GPEN     0x0E
#define IO_GLBSTS   0x18
#define IO_GLBEN    0x20
#define IO_GLBCTL   0x28
#define IO_GPOREG   0x34
#define GLBSTS_BIOS 0x01
#define GLBSTS_APM  0x20
#define GLBEN_BIOS  0x02
#define GLBCTL_SMI  0x01
#define GLBCTL_RLS  0x02

#define TIMER_HZ 3579545

#define SMB_STATUS      0x00
#define SMB_CONTROL     0x02
#define SMB_BLOCK       0x07
#define SMB_DEVICE_ERR  0x04
#define SMB_START       0x40
#define SMB_INT_ENABLE  0x01
#define SMB_STATUS_INTS 0x1E

/* Bits of the I/O block that writes change, and that writes of one clear. */
static const uint8_t io_writable[ACPI_PM_IO_SIZE] = {
    [IO_PM1EN] = 0x21,      [IO_PM1EN + 1] = 0x05,  [IO_CONTROL] = 0x03,    [IO_CONTROL + 1] = 0x1C,
    [IO_GPEN] = 0xFF,       [IO_GPEN + 1] = 0xFF,   [0x10] = 0x1E, /* throttling; stored only */
    [0x11] = 0x3E,          [IO_GLBEN] = 0xFF,      [IO_GLBEN + 1] = 0xFF,  [IO_GLBCTL] = 0xFD,
    [IO_GLBCTL + 1] = 0xFF, [IO_GLBCTL + 2] = 0xFF, [IO_GLBCTL + 3] = 0x07, [0x2C] = 0xFF,
    [0x2D] = 0xFF,          [0x2E] = 0xFF,          [0x2F] = 0xFF,          [IO_GPOREG] = 0xFF,
    [IO_GPOREG + 1] = 0xFF, [IO_GPOREG + 2] = 0xFF, [IO_GPOREG + 3] = 0x7F,
};
static const uint8_t io_clear_on_one[ACPI_PM_IO_SIZE] = {
    [IO_PM1STS] = 0x31, [IO_PM1STS + 1] = 0x8D, [IO_GPSTS] = 0xFF, [IO_GPSTS + 1] = 0xFF,
    [IO_GLBSTS] = 0xFF, [IO_GLBSTS + 1] = 0xFF, [0x1C] = 0xFF,     [0x1D] = 0xFF,
    [0x1E] = 0xFF,      [0x1F] = 0xFF,
};

static const struct field acpi_pm_fields[] = {
    FIELD_STRUCT(struct acpi_pm, pci, pci_function_fields),
    FIELD_BYTES(struct acpi_pm, io),
    FIELD(struct acpi_pm, timer_overflow),
    FIELD_EVENT(struct acpi_pm, timer_event),
    FIELD(struct acpi_pm, apm_control),
    FIELD(struct acpi_pm, apm_status),
    FIELD_RANGE(struct acpi_pm, suspended, 0, 1),
    FIELD_BYTES(struct acpi_pm, smbus),
    FIELD_BYTES(struct acpi_pm, smbus_block),
    FIELD_RANGE(struct acpi_pm, smbus_index, 0, 31),
    FIELD_END,
};

/* ---- SCI and SMI ---- */

static uint16_t get_io(const struct acpi_pm *pm, unsigned reg)
{
    return pci_get16(pm->io, reg);
}

static void set_io_bits(struct acpi_pm *pm, unsigned reg, uint16_t bits)
{
    pci_set16(pm->io, reg, get_io(pm, reg) | bits);
}

static bool smbus_interrupts(const struct acpi_pm *pm)
{
    return (pm->smbus[SMB_STATUS] & SMB_STATUS_INTS) && (pm->smbus[SMB_CONTROL] & SMB_INT_ENABLE) &&
           (pm->pci.config[REG_SMBHSTCFG] & 0x0E) == SMB_IRQ9;
}

static bool sci_wanted(const struct acpi_pm *pm)
{
    if (smbus_interrupts(pm))
        return true;
    if (!(get_io(pm, IO_CONTROL) & CONTROL_SCI_EN))
        return false;
    return (get_io(pm, IO_PM1STS) & get_io(pm, IO_PM1EN) & PM1_EVENTS) ||
           (get_io(pm, IO_GPSTS) & get_io(pm, IO_GPEN));
}

static void update_sci(struct acpi_pm *pm)
{
    bool level = sci_wanted(pm);
    if (level == pm->sci_told)
        return;
    pm->sci_told = level;
    wire_set(&pm->sci, level);
}

static void pulse(const struct wire *wire)
{
    wire_set(wire, true);
    wire_set(wire, false);
}

static void raise_smi(struct acpi_pm *pm)
{
    if (pm->io[IO_GLBCTL] & GLBCTL_SMI)
        pulse(&pm->smi);
}

/* ---- The timer ---- */

static uint64_t timer_ticks(const struct acpi_pm *pm)
{
    return clock_ticks(pm->dev.clock, pm->dev.clock->now, TIMER_HZ, 1);
}

/* The status is set when the top bit toggles, twice a turn. */
static uint64_t timer_half_turn(const struct acpi_pm *pm)
{
    return pm->timer_32bit ? 1ull << 31 : 1ull << 23;
}

static uint32_t timer_value(const struct acpi_pm *pm)
{
    return (uint32_t)(timer_ticks(pm) & (2 * timer_half_turn(pm) - 1));
}

static void timer_schedule(struct acpi_pm *pm)
{
    event_schedule(pm->dev.clock, &pm->timer_event,
                   clock_cycle_of_tick(pm->dev.clock, pm->timer_overflow, TIMER_HZ, 1));
}

/* Notes an overflow that has come since the last look; exact even before its event runs. */
static void timer_sync(struct acpi_pm *pm)
{
    uint64_t now = timer_ticks(pm);
    if (now < pm->timer_overflow)
        return;
    set_io_bits(pm, IO_PM1STS, PM1_TIMER);
    pm->timer_overflow = (now / timer_half_turn(pm) + 1) * timer_half_turn(pm);
    timer_schedule(pm);
}

static void timer_overflowed(void *owner, uint64_t late)
{
    (void)late;
    timer_sync(owner);
    update_sci(owner);
}

/* ---- Sleeping ---- */

void acpi_pm_wake(struct acpi_pm *pm)
{
    bool was_suspended = pm->suspended;
    pm->suspended = false;
    set_io_bits(pm, IO_PM1STS, PM1_WAKE);
    if (was_suspended)
        wire_set(&pm->suspend, false);
}

static void suspend_to_ram(struct acpi_pm *pm)
{
    if (!pm->suspend.set) {
        acpi_pm_wake(pm);
        return;
    }
    pm->suspended = true;
    wire_set(&pm->suspend, true);
}

/* Types 5 to 7 are reserved on the chip; 5 is taken for S5, by which name system programmers know it. In
 * powered on suspend the processor would stop until an event; here one comes at once. */
static void sleep_now(struct acpi_pm *pm)
{
    unsigned type = get_io(pm, IO_CONTROL) >> 10 & 7;
    if (type == ACPI_PM_SLP_OFF || type == 5)
        pulse(&pm->power_off);
    else if (type == ACPI_PM_SLP_STR)
        suspend_to_ram(pm);
    else if (type < 5)
        acpi_pm_wake(pm);
}

/* ---- Inputs ---- */

bool acpi_pm_power_button(struct acpi_pm *pm)
{
    bool heard = (get_io(pm, IO_CONTROL) & CONTROL_SCI_EN) && (get_io(pm, IO_PM1EN) & PM1_POWER_BUTTON);
    set_io_bits(pm, IO_PM1STS, PM1_POWER_BUTTON);
    if (pm->suspended)
        acpi_pm_wake(pm);
    update_sci(pm);
    return heard;
}

void acpi_pm_set_rtc(void *owner, unsigned pin, bool level)
{
    struct acpi_pm *pm = owner;
    (void)pin;
    if (!level)
        return;
    set_io_bits(pm, IO_PM1STS, PM1_RTC);
    update_sci(pm);
}

void acpi_pm_set_gpe(void *owner, unsigned pin, bool level)
{
    struct acpi_pm *pm = owner;
    if (!level)
        return;
    set_io_bits(pm, IO_GPSTS, (uint16_t)(1u << (pin & 15)));
    update_sci(pm);
}

/* ---- The I/O block at PMBA ---- */

static uint8_t read_io_byte(const struct acpi_pm *pm, unsigned reg)
{
    if (reg >= IO_TIMER && reg < IO_TIMER + 4)
        return (uint8_t)(timer_value(pm) >> 8 * (reg - IO_TIMER));
    return pm->io[reg];
}

static uint32_t peek_io(void *state, uint16_t port, unsigned size)
{
    const struct acpi_pm *pm = state;
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)read_io_byte(pm, (port + i) % ACPI_PM_IO_SIZE) << 8 * i;
    return value;
}

static uint32_t read_io(void *state, uint16_t port, unsigned size)
{
    timer_sync(state);
    update_sci(state);
    return peek_io(state, port, size);
}

/* Bits that do something when one is written, rather than stay. WRITTEN holds the bytes as they lie in the
 * block. */
static void do_io_actions(struct acpi_pm *pm, const uint8_t *written)
{
    uint16_t control = pci_get16(written, IO_CONTROL);
    if (control & CONTROL_GBL_RLS) {
        pm->io[IO_GLBSTS] |= GLBSTS_BIOS;
        if (pm->io[IO_GLBEN] & GLBEN_BIOS)
            raise_smi(pm);
    }
    if (written[IO_GLBCTL] & GLBCTL_RLS)
        set_io_bits(pm, IO_PM1STS, PM1_GLOBAL);
    if (control & CONTROL_SLP_EN)
        sleep_now(pm);
}

static void write_io(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct acpi_pm *pm = state;
    uint8_t written[ACPI_PM_IO_SIZE] = {0};
    timer_sync(pm);
    for (unsigned i = 0; i < size; i++) {
        unsigned reg = (port + i) % ACPI_PM_IO_SIZE;
        uint8_t byte = written[reg] = (uint8_t)(value >> 8 * i), writable = io_writable[reg];
        pm->io[reg] = (uint8_t)((pm->io[reg] & ~writable) | (byte & writable));
        pm->io[reg] &= (uint8_t) ~(byte & io_clear_on_one[reg]);
    }
    do_io_actions(pm, written);
    update_sci(pm);
}

static const struct port_row io_row = {0,       ACPI_PM_IO_SIZE, IO_ANY,  "PIIX4 power management",
                                       read_io, write_io,        peek_io, 0};

/* ---- The SMBus host: every device that is asked for stays silent ---- */

static uint32_t read_smbus(void *state, uint16_t port, unsigned size)
{
    struct acpi_pm *pm = state;
    unsigned reg = port & 15;
    (void)size;
    if (reg == SMB_BLOCK) {
        uint8_t byte = pm->smbus_block[pm->smbus_index];
        pm->smbus_index = (pm->smbus_index + 1) & 31;
        return byte;
    }
    if (reg == SMB_CONTROL)
        pm->smbus_index = 0;
    return pm->smbus[reg];
}

static uint32_t peek_smbus(void *state, uint16_t port, unsigned size)
{
    const struct acpi_pm *pm = state;
    (void)size;
    return (port & 15) == SMB_BLOCK ? pm->smbus_block[pm->smbus_index] : pm->smbus[port & 15];
}

static void write_smbus_control(struct acpi_pm *pm, uint8_t value)
{
    pm->smbus[SMB_CONTROL] = value & 0x1F;
    if (value & SMB_START)
        pm->smbus[SMB_STATUS] |= SMB_DEVICE_ERR; /* no acknowledge */
}

static void write_smbus(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct acpi_pm *pm = state;
    unsigned reg = port & 15;
    (void)size;
    switch (reg) {
    case SMB_STATUS:
    case 0x01: /* slave status */
        pm->smbus[reg] &= (uint8_t)~value;
        break;
    case SMB_CONTROL:
        write_smbus_control(pm, (uint8_t)value);
        break;
    case SMB_BLOCK:
        pm->smbus_block[pm->smbus_index] = (uint8_t)value;
        pm->smbus_index = (pm->smbus_index + 1) & 31;
        break;
    case 0x03: /* command, address, data */
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x08: /* slave control, shadow command, event */
    case 0x0A:
    case 0x0B:
        pm->smbus[reg] = (uint8_t)value;
    }
    update_sci(pm);
}

static const struct port_row smbus_row = {0,          16,          IO_BYTE,    "PIIX4 SMBus",
                                          read_smbus, write_smbus, peek_smbus, 0};

/* ---- Where the blocks lie ---- */

static void move_block(struct acpi_pm *pm, const struct port_row *row, uint16_t *mapped, uint16_t base)
{
    struct error err;
    if (*mapped == base)
        return;
    if (*mapped)
        ports_unmap(pm->dev.bus, pm, row, *mapped);
    *mapped = 0;
    if (!base)
        return;
    if (ports_map(pm->dev.bus, pm->dev.name, pm, row, base, &err))
        *mapped = base;
    else
        log_line(pm->dev.log, "pci", "%s at %04Xh does not answer: %s", row->name, base, err.text);
}

/* Where the PM1 control register lies on QEMU's and on Bochs's boards. Hobby kernels write 2000h there
 * without having looked for it, so it switches off even while firmware has put the block elsewhere, or
 * nowhere. */
static const uint16_t well_known_ports[ACPI_PM_WELL_KNOWN] = {0x604, 0xB004};

static void write_well_known(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct acpi_pm *pm = state;
    (void)port, (void)size;
    if ((value & (CONTROL_SLP_EN | CONTROL_SLP_TYP)) == CONTROL_SLP_EN)
        pulse(&pm->power_off);
}

static const struct port_row well_known_row = {
    0, 1, IO_WORD | IO_DWORD, "power off", NULL, write_well_known, NULL, 0};

static bool inside(uint16_t port, uint16_t base, unsigned size)
{
    return base && port >= base && port < base + size;
}

/* The well-known ports give way to the blocks, which have the real register there. */
static void update_well_known(struct acpi_pm *pm, uint16_t io_base, uint16_t smb_base)
{
    for (unsigned i = 0; i < ACPI_PM_WELL_KNOWN; i++) {
        uint16_t port = well_known_ports[i];
        bool wanted = !inside(port, io_base, ACPI_PM_IO_SIZE) && !inside(port, smb_base, sizeof pm->smbus);
        if (!wanted && pm->well_known_mapped[i])
            ports_unmap(pm->dev.bus, pm, &well_known_row, port);
        else if (wanted && !pm->well_known_mapped[i])
            wanted = ports_map(pm->dev.bus, pm->dev.name, pm, &well_known_row, port, NULL);
        pm->well_known_mapped[i] = wanted;
    }
}

static void update_blocks(struct acpi_pm *pm)
{
    const uint8_t *config = pm->pci.config;
    bool io_on = config[REG_PMREGMISC] & PMIOSE, smb_on = config[REG_SMBHSTCFG] & SMB_HST_EN;
    uint16_t io_base = io_on ? pci_get16(config, REG_PMBA) & 0xFFC0 : 0;
    uint16_t smb_base = smb_on ? pci_get16(config, REG_SMBBA) & 0xFFF0 : 0;
    if (io_base == pm->io_base && smb_base == pm->smb_base && pm->blocks_known)
        return;
    pm->blocks_known = true;
    update_well_known(pm, io_base, smb_base);
    move_block(pm, &io_row, &pm->io_base, io_base);
    move_block(pm, &smbus_row, &pm->smb_base, smb_base);
    update_well_known(pm, pm->io_base, pm->smb_base);
}

static void config_written(void *owner, unsigned reg, unsigned size, uint32_t old)
{
    (void)reg, (void)size, (void)old;
    update_blocks(owner);
    update_sci(owner);
}

/* ---- APM ports ---- */

static uint32_t read_apm(void *state, uint16_t port, unsigned size)
{
    const struct acpi_pm *pm = state;
    (void)size;
    return port & 1 ? pm->apm_status : pm->apm_control;
}

/* ACPI mode is switched right here: on a board this is what the SMM handler does. A handler that is installed
 * gets its SMI as well. */
static void write_apm_control(struct acpi_pm *pm, uint8_t value)
{
    pm->apm_control = value;
    if (value == ACPI_PM_ENABLE)
        pm->io[IO_CONTROL] |= CONTROL_SCI_EN;
    else if (value == ACPI_PM_DISABLE)
        pm->io[IO_CONTROL] &= (uint8_t)~CONTROL_SCI_EN;
    update_sci(pm);
    if (pm->pci.config[REG_DEVACTB + 3] & DEVACTB_APMC) {
        pm->io[IO_GLBSTS] |= GLBSTS_APM;
        raise_smi(pm);
    }
}

static void write_apm(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct acpi_pm *pm = state;
    (void)size;
    if (port & 1)
        pm->apm_status = (uint8_t)value;
    else
        write_apm_control(pm, (uint8_t)value);
}

/* ---- The device ---- */

static void reset_config(struct acpi_pm *pm)
{
    uint8_t *config = pm->pci.config;
    memset(config + 0x40, 0, 0xC0);
    config[REG_PMBA] = 0x01;
    config[REG_SMBBA] = 0x01;
    config[0xD6] = 0x00; /* SMBus revision */
    if (!pm->smm)
        config[REG_DEVACTB + 3] = DEVACTB_APMC;
}

static void init_config(struct acpi_pm *pm)
{
    uint8_t *config = pm->pci.config, *writable = pm->pci.writable;
    pci_set16(config, 0x00, 0x8086);
    pci_set16(config, 0x02, 0x7113);
    pci_set16(config, 0x06, 0x0280);
    config[0x08] = 0x03;
    pci_set16(config, 0x0A, 0x0680); /* other bridge */
    pci_set16(writable, REG_PMBA, 0xFFC0);
    memset(writable + 0x44, 0xFF, REG_PMREGMISC - 0x44); /* counters, device activity, decoding */
    writable[REG_PMREGMISC] = PMIOSE;
    pci_set16(writable, REG_SMBBA, 0xFFF0);
    writable[REG_SMBHSTCFG] = 0x0F;
    memset(writable + 0xD3, 0xFF, 3); /* slave command and shadow addresses */
}

static void reset_io(struct acpi_pm *pm)
{
    memset(pm->io, 0, sizeof pm->io);
    pm->io[IO_GPOREG] = pm->io[IO_GPOREG + 2] = 0xFF;
    pm->io[IO_GPOREG + 1] = 0xBF;
    pm->io[IO_GPOREG + 3] = 0x7F;
    memset(pm->smbus, 0, sizeof pm->smbus);
    memset(pm->smbus_block, 0, sizeof pm->smbus_block);
    pm->smbus_index = 0;
    pm->apm_control = pm->apm_status = 0;
}

static bool acpi_pm_init(void *state, const void *config_, struct error *err)
{
    struct acpi_pm *pm = state;
    const struct acpi_pm_config *config = config_;
    (void)err;
    pm->timer_32bit = config->timer_32bit;
    pm->smm = config->smm;
    pm->pci.name = "82371AB power management";
    pm->pci.devfn = 1 << 3 | 3;
    pm->pci.pin = 1;
    pm->pci.owner = pm;
    pm->pci.config_written = config_written;
    init_config(pm);
    reset_config(pm);
    reset_io(pm);
    pci_add(config->pci, &pm->pci);
    pm->timer_overflow = timer_half_turn(pm);
    event_init(pm->dev.clock, &pm->timer_event, timer_overflowed, pm, "%s.timer", pm->dev.name);
    timer_schedule(pm);
    update_blocks(pm);
    return true;
}

/* The timer counts on, and the next overflow stays where it is. */
static void acpi_pm_reset(void *state, enum reset_kind kind)
{
    struct acpi_pm *pm = state;
    (void)kind;
    pci_function_reset(&pm->pci);
    reset_config(pm);
    reset_io(pm);
    pm->suspended = false;
    timer_sync(pm);
    pci_set16(pm->io, IO_PM1STS, 0);
    update_blocks(pm);
    update_sci(pm);
}

static bool acpi_pm_post_load(void *state, struct error *err)
{
    struct acpi_pm *pm = state;
    uint64_t half = timer_half_turn(pm);
    if (pm->timer_overflow % half || pm->timer_overflow > timer_ticks(pm) + half)
        return error_set(err, "%s: the timer's next overflow is impossible", pm->dev.name);
    pci_function_restored(&pm->pci);
    update_blocks(pm);
    pm->sci_told = sci_wanted(pm);
    return true;
}

static void acpi_pm_print(const void *state, struct text *out)
{
    const struct acpi_pm *pm = state;
    text_add(out, "PM I/O %04X%s  SMBus %04X%s\n", pci_get16(pm->pci.config, REG_PMBA) & 0xFFC0,
             pm->io_base ? "" : " (off)", pci_get16(pm->pci.config, REG_SMBBA) & 0xFFF0,
             pm->smb_base ? "" : " (off)");
    text_add(out, "PM1 status %04X enable %04X control %04X (%s mode)  timer %08X\n", get_io(pm, IO_PM1STS),
             get_io(pm, IO_PM1EN), get_io(pm, IO_CONTROL),
             pm->io[IO_CONTROL] & CONTROL_SCI_EN ? "ACPI" : "legacy", (unsigned)timer_value(pm));
    text_add(out, "GPE0 status %04X enable %04X  SCI %u  APM control %02X status %02X%s\n",
             get_io(pm, IO_GPSTS), get_io(pm, IO_GPEN), sci_wanted(pm), pm->apm_control, pm->apm_status,
             pm->suspended ? "  suspended" : "");
}

static void acpi_pm_destroy(void *state)
{
    struct acpi_pm *pm = state;
    move_block(pm, &io_row, &pm->io_base, 0);
    move_block(pm, &smbus_row, &pm->smb_base, 0);
    for (unsigned i = 0; i < ACPI_PM_WELL_KNOWN; i++)
        if (pm->well_known_mapped[i])
            ports_unmap(pm->dev.bus, pm, &well_known_row, well_known_ports[i]);
    event_destroy(pm->dev.clock, &pm->timer_event);
}

static const struct port_row acpi_pm_ports[] = {
    {ACPI_PM_APM_PORT, 2, IO_BYTE, "APMC, APMS", read_apm, write_apm, NULL, 0}, {0}};

const struct device_type acpi_pm_type = {
    .name = "acpi",
    .title = "82371AB power management and SMBus",
    .state_size = sizeof(struct acpi_pm),
    .ports = acpi_pm_ports,
    .fields = acpi_pm_fields,
    .init = acpi_pm_init,
    .reset = acpi_pm_reset,
    .post_load = acpi_pm_post_load,
    .print = acpi_pm_print,
    .destroy = acpi_pm_destroy,
};
