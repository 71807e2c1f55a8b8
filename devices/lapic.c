/* Local APIC.
 *
 * Intel SDM volume 3, chapter 11: 11.4 (registers, state after reset and INIT), 11.5 (local interrupts: LVT,
 * errors, timer), 11.6 (ICR), 11.8 (priorities, acceptance, EOI), 11.9 (spurious interrupt).
 *
 *      LVT   17        16     15       14          13        12        10:8      7:0
 *          | periodic | mask | level | remote IRR | polarity | pending | delivery | vector |
 *
 * Signals arrive here as "asserted" or not; the polarity bit is kept but changes nothing. */
#include "devices/lapic.h"

#include <string.h>

#define LAPIC_VERSION    0x00050014u /* version 14h, 6 LVT entries */
#define DEFAULT_BUS_HZ   100000000u
#define MIN_VECTOR       16
#define PHYSICAL_ALL     0xFF
#define SVR_ENABLE       0x100u
#define SVR_NO_FOCUS     0x200u
#define LVT_MASKED       0x10000u
#define LVT_PERIODIC     0x20000u
#define LVT_LEVEL        0x8000u
#define LVT_REMOTE_IRR   0x4000u
#define LVT_DELIVERY(l)  ((l) >> 8 & 7)
#define ICR_LOGICAL      0x800u
#define ICR_ASSERT       0x4000u
#define ICR_LEVEL        0x8000u
#define ICR_LOW_WRITABLE 0x000CCFFFu
#define ESR_SEND_VECTOR  0x20u
#define ESR_RECV_VECTOR  0x40u
#define ESR_REGISTER     0x80u

enum { LVT_TIMER, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR };

static const uint32_t lvt_writable[LAPIC_LVTS] = {0x300FF, 0x107FF, 0x107FF, 0x1A7FF, 0x1A7FF, 0x100FF};

/* Register numbers: offset / 16. */
enum {
    REG_ID = 0x02,
    REG_VERSION = 0x03,
    REG_TPR = 0x08,
    REG_APR = 0x09,
    REG_PPR = 0x0A,
    REG_EOI = 0x0B,
    REG_RRD = 0x0C,
    REG_LDR = 0x0D,
    REG_DFR = 0x0E,
    REG_SVR = 0x0F,
    REG_ISR = 0x10,
    REG_TMR = 0x18,
    REG_IRR = 0x20,
    REG_ESR = 0x28,
    REG_ICR_LOW = 0x30,
    REG_ICR_HIGH = 0x31,
    REG_LVT = 0x32,
    REG_INITIAL_COUNT = 0x38,
    REG_CURRENT_COUNT = 0x39,
    REG_DIVIDE = 0x3E,
};

static const struct field lapic_fields[] = {
    FIELD(struct lapic, base),
    FIELD(struct lapic, id),
    FIELD(struct lapic, tpr),
    FIELD(struct lapic, ldr),
    FIELD(struct lapic, dfr),
    FIELD(struct lapic, svr),
    FIELD(struct lapic, esr),
    FIELD(struct lapic, esr_pending),
    FIELD(struct lapic, icr_low),
    FIELD(struct lapic, icr_high),
    FIELD_RANGE(struct lapic, divide, 0, 15),
    FIELD_ARRAY(struct lapic, irr),
    FIELD_ARRAY(struct lapic, isr),
    FIELD_ARRAY(struct lapic, tmr),
    FIELD_ARRAY_RANGE(struct lapic, lvt, 0, 0x3FFFF),
    FIELD_RANGE(struct lapic, lint, 0, 3),
    FIELD_RANGE(struct lapic, extint, 0, 1),
    FIELD_RANGE(struct lapic, timer_running, 0, 1),
    FIELD(struct lapic, timer_initial),
    FIELD(struct lapic, timer_count),
    FIELD(struct lapic, timer_base),
    FIELD_EVENT(struct lapic, timer_event),
    FIELD_END,
};

/* ---- Sets of 256 vectors ---- */

static bool has_vector(const uint32_t *set, uint8_t vector)
{
    return set[vector / 32] >> (vector % 32) & 1;
}

static void put_vector(uint32_t *set, uint8_t vector, bool in)
{
    uint32_t bit = 1u << (vector % 32);
    set[vector / 32] = in ? set[vector / 32] | bit : set[vector / 32] & ~bit;
}

/* The highest vector of the set, -1 if it is empty. */
static int highest_vector(const uint32_t *set)
{
    for (int word = 7; word >= 0; word--)
        if (set[word])
            return word * 32 + 31 - __builtin_clz(set[word]);
    return -1;
}

/* ---- Priorities ---- */

static bool globally_enabled(const struct lapic *lapic)
{
    return lapic->base & LAPIC_BASE_ENABLE;
}

bool lapic_software_enabled(const struct lapic *lapic)
{
    return globally_enabled(lapic) && (lapic->svr & SVR_ENABLE);
}

static uint8_t processor_priority(const struct lapic *lapic)
{
    int in_service = highest_vector(lapic->isr);
    unsigned service_class = in_service < 0 ? 0 : (unsigned)in_service >> 4;
    return lapic->tpr >> 4 >= service_class ? lapic->tpr : (uint8_t)(service_class << 4);
}

uint8_t lapic_arbitration_priority(const struct lapic *lapic)
{
    int requested = highest_vector(lapic->irr), in_service = highest_vector(lapic->isr);
    unsigned request_class = requested < 0 ? 0 : (unsigned)requested >> 4;
    unsigned service_class = in_service < 0 ? 0 : (unsigned)in_service >> 4;
    unsigned task_class = lapic->tpr >> 4;
    if (task_class >= request_class && task_class > service_class)
        return lapic->tpr;
    unsigned most = request_class > service_class ? request_class : service_class;
    return (uint8_t)((most > task_class ? most : task_class) << 4);
}

bool lapic_is_focus(const struct lapic *lapic, uint8_t vector)
{
    return !(lapic->svr & SVR_NO_FOCUS) && (has_vector(lapic->irr, vector) || has_vector(lapic->isr, vector));
}

/* A requested vector whose class is above the processor's priority; -1 if none. */
static int deliverable(const struct lapic *lapic)
{
    int vector = highest_vector(lapic->irr);
    return vector >= 0 && vector >> 4 > processor_priority(lapic) >> 4 ? vector : -1;
}

static bool lint_is_extint(const struct lapic *lapic, unsigned pin)
{
    uint32_t lvt = lapic->lvt[LVT_LINT0 + pin];
    return (lapic->lint >> pin & 1) && !(lvt & LVT_MASKED) && LVT_DELIVERY(lvt) == APIC_EXTINT;
}

static bool extint_pending(const struct lapic *lapic)
{
    if (!globally_enabled(lapic))
        return lapic->lint & 1;
    if (!lapic_software_enabled(lapic))
        return (lapic->lint & 1) || lapic->extint;
    return lint_is_extint(lapic, 0) || lint_is_extint(lapic, 1) || lapic->extint;
}

bool lapic_pending(const struct lapic *lapic)
{
    return extint_pending(lapic) || (lapic_software_enabled(lapic) && deliverable(lapic) >= 0);
}

static void update_intr(struct lapic *lapic)
{
    bool level = lapic_pending(lapic);
    if (level == lapic->intr_told)
        return;
    lapic->intr_told = level;
    wire_set(&lapic->intr, level);
}

static void pulse(const struct wire *wire)
{
    wire_set(wire, true);
    wire_set(wire, false);
}

/* ---- Acceptance ---- */

static void request(struct lapic *lapic, uint8_t vector, bool level_triggered)
{
    put_vector(lapic->irr, vector, true);
    put_vector(lapic->tmr, vector, level_triggered);
    update_intr(lapic);
}

static void note_error(struct lapic *lapic, uint32_t bit)
{
    lapic->esr_pending |= bit;
    uint32_t lvt = lapic->lvt[LVT_ERROR];
    uint8_t vector = (uint8_t)lvt;
    if (lapic_software_enabled(lapic) && !(lvt & LVT_MASKED) && vector >= MIN_VECTOR)
        request(lapic, vector, false);
}

static bool accept_fixed(struct lapic *lapic, uint8_t vector, bool level_triggered)
{
    if (!lapic_software_enabled(lapic))
        return false;
    if (vector < MIN_VECTOR)
        note_error(lapic, ESR_RECV_VECTOR);
    else
        request(lapic, vector, level_triggered);
    return true;
}

static void take_init(struct lapic *lapic);

bool lapic_accept(struct lapic *lapic, const struct apic_message *message)
{
    if (!globally_enabled(lapic))
        return false;
    switch (message->delivery) {
    case APIC_FIXED:
    case APIC_LOWEST_PRIORITY:
        return accept_fixed(lapic, message->vector, message->level_triggered);
    case APIC_SMI:
        pulse(&lapic->smi);
        return true;
    case APIC_NMI:
        pulse(&lapic->nmi);
        return true;
    case APIC_INIT:
        take_init(lapic);
        return true;
    case APIC_STARTUP:
        if (lapic->sipi)
            lapic->sipi(lapic->sipi_owner, message->vector);
        return true;
    }
    return false; /* reserved modes: nobody answers */
}

bool lapic_is_destination(const struct lapic *lapic, const struct apic_message *message)
{
    uint8_t destination = message->destination;
    if (!message->logical)
        return destination == PHYSICAL_ALL || destination == lapic->id;
    uint8_t logical_id = (uint8_t)(lapic->ldr >> 24);
    if (lapic->dfr >> 28 == 0xF) /* flat model */
        return destination & logical_id;
    if (destination == PHYSICAL_ALL)
        return true;
    return destination >> 4 == logical_id >> 4 && (destination & logical_id & 15); /* cluster model */
}

void lapic_set_extint(struct lapic *lapic, bool level)
{
    lapic->extint = level;
    update_intr(lapic);
}

/* ---- The timer ---- */

static unsigned timer_divisor(const struct lapic *lapic)
{
    unsigned code = (lapic->divide & 3) | (lapic->divide >> 1 & 4);
    return code == 7 ? 1 : 2u << code;
}

static uint64_t timer_ticks(const struct lapic *lapic)
{
    return clock_ticks(lapic->dev.clock, lapic->dev.clock->now, lapic->bus_hz, timer_divisor(lapic));
}

static bool timer_is_periodic(const struct lapic *lapic)
{
    return lapic->lvt[LVT_TIMER] & LVT_PERIODIC;
}

static uint32_t timer_current(const struct lapic *lapic)
{
    if (!lapic->timer_running)
        return 0;
    uint64_t elapsed = timer_ticks(lapic) - lapic->timer_base;
    if (elapsed < lapic->timer_count)
        return lapic->timer_count - (uint32_t)elapsed;
    if (!timer_is_periodic(lapic) || !lapic->timer_initial)
        return 0;
    return lapic->timer_initial - (uint32_t)((elapsed - lapic->timer_count) % lapic->timer_initial);
}

/* Takes the current count as the new starting point, e.g. before mode or divisor change. */
static void timer_rebase(struct lapic *lapic)
{
    lapic->timer_count = timer_current(lapic);
    lapic->timer_base = timer_ticks(lapic);
    lapic->timer_running = lapic->timer_count != 0;
}

/* Expiries have no effect while the entry is masked, or while an earlier one still waits in IRR: no event
 * then, so that a guest cannot keep the host busy with a period of one tick. */
static void timer_schedule(struct lapic *lapic)
{
    uint32_t lvt = lapic->lvt[LVT_TIMER];
    if (!lapic->timer_running || (lvt & LVT_MASKED) || has_vector(lapic->irr, (uint8_t)lvt)) {
        event_cancel(lapic->dev.clock, &lapic->timer_event);
        return;
    }
    uint64_t expiry = timer_ticks(lapic) + timer_current(lapic);
    event_schedule(lapic->dev.clock, &lapic->timer_event,
                   clock_cycle_of_tick(lapic->dev.clock, expiry, lapic->bus_hz, timer_divisor(lapic)));
}

static void timer_expired(void *owner, uint64_t late)
{
    struct lapic *lapic = owner;
    (void)late;
    timer_rebase(lapic);
    uint8_t vector = (uint8_t)lapic->lvt[LVT_TIMER];
    accept_fixed(lapic, vector, false);
    if (vector >= MIN_VECTOR)
        timer_schedule(lapic);
}

static void timer_start(struct lapic *lapic, uint32_t count)
{
    lapic->timer_initial = lapic->timer_count = count;
    lapic->timer_base = timer_ticks(lapic);
    lapic->timer_running = count != 0;
    timer_schedule(lapic);
}

static void timer_set_divide(struct lapic *lapic, uint32_t value)
{
    uint32_t count = timer_current(lapic);
    lapic->divide = value & 0xB;
    lapic->timer_count = count;
    lapic->timer_base = timer_ticks(lapic);
    lapic->timer_running = count != 0;
    timer_schedule(lapic);
}

/* ---- Local interrupt pins ---- */

static void lint_fixed(struct lapic *lapic, unsigned pin, bool rising)
{
    uint32_t *lvt = &lapic->lvt[LVT_LINT0 + pin];
    if (!(*lvt & LVT_LEVEL)) {
        if (rising)
            accept_fixed(lapic, (uint8_t)*lvt, false);
    } else if ((lapic->lint >> pin & 1) && !(*lvt & LVT_REMOTE_IRR)) {
        *lvt |= (uint8_t)*lvt >= MIN_VECTOR ? LVT_REMOTE_IRR : 0;
        accept_fixed(lapic, (uint8_t)*lvt, true);
    }
}

/* The pin is asserted, or was and its entry changed (RISING false). */
static void lint_signal(struct lapic *lapic, unsigned pin, bool rising)
{
    uint32_t lvt = lapic->lvt[LVT_LINT0 + pin];
    if (!lapic_software_enabled(lapic)) {
        if (rising && pin == 1)
            pulse(&lapic->nmi);
        return;
    }
    if (lvt & LVT_MASKED)
        return;
    if (LVT_DELIVERY(lvt) == APIC_FIXED)
        lint_fixed(lapic, pin, rising);
    else if (rising && LVT_DELIVERY(lvt) != APIC_EXTINT)
        lapic_accept(lapic, &(struct apic_message){.delivery = LVT_DELIVERY(lvt), .vector = (uint8_t)lvt});
}

void lapic_set_lint(void *owner, unsigned pin, bool level)
{
    struct lapic *lapic = owner;
    pin &= 1;
    uint8_t bit = (uint8_t)(1u << pin);
    bool rising = level && !(lapic->lint & bit);
    lapic->lint = level ? lapic->lint | bit : lapic->lint & (uint8_t)~bit;
    if (level)
        lint_signal(lapic, pin, rising);
    update_intr(lapic);
}

/* ---- Ends of interrupts ---- */

int lapic_acknowledge(struct lapic *lapic)
{
    int vector = lapic_software_enabled(lapic) ? deliverable(lapic) : -1;
    if (vector < 0)
        return extint_pending(lapic) || !lapic_software_enabled(lapic) ? -1 : (int)(lapic->svr & 0xFF);
    put_vector(lapic->irr, (uint8_t)vector, false);
    put_vector(lapic->isr, (uint8_t)vector, true);
    update_intr(lapic);
    if ((uint8_t)vector == (uint8_t)lapic->lvt[LVT_TIMER])
        timer_schedule(lapic);
    return vector;
}

static void end_local_level(struct lapic *lapic, uint8_t vector)
{
    for (unsigned pin = 0; pin < 2; pin++) {
        uint32_t *lvt = &lapic->lvt[LVT_LINT0 + pin];
        if ((*lvt & LVT_REMOTE_IRR) && (uint8_t)*lvt == vector) {
            *lvt &= ~LVT_REMOTE_IRR;
            if (lapic->lint >> pin & 1)
                lint_signal(lapic, pin, false);
        }
    }
}

static void write_eoi(struct lapic *lapic)
{
    int vector = highest_vector(lapic->isr);
    if (vector < 0)
        return;
    put_vector(lapic->isr, (uint8_t)vector, false);
    if (has_vector(lapic->tmr, (uint8_t)vector)) {
        end_local_level(lapic, (uint8_t)vector);
        apic_bus_eoi(lapic->bus, (uint8_t)vector);
    }
    update_intr(lapic);
}

/* ---- Registers ---- */

static void write_svr(struct lapic *lapic, uint32_t value)
{
    bool was_enabled = lapic->svr & SVR_ENABLE;
    lapic->svr = value & (0xFF | SVR_ENABLE | SVR_NO_FOCUS);
    if (!(lapic->svr & SVR_ENABLE)) {
        for (unsigned i = 0; i < LAPIC_LVTS; i++)
            lapic->lvt[i] |= LVT_MASKED;
        timer_schedule(lapic);
    } else if (!was_enabled) {
        apic_bus_retry(lapic->bus);
    }
    update_intr(lapic);
}

static void write_lvt(struct lapic *lapic, unsigned index, uint32_t value)
{
    uint32_t kept = lapic->lvt[index] & LVT_REMOTE_IRR;
    if (index == LVT_TIMER)
        timer_rebase(lapic);
    value &= lvt_writable[index];
    if (!(value & LVT_LEVEL))
        kept = 0;
    if (!(lapic->svr & SVR_ENABLE))
        value |= LVT_MASKED;
    lapic->lvt[index] = value | kept;
    if (index == LVT_TIMER)
        timer_schedule(lapic);
    if ((index == LVT_LINT0 || index == LVT_LINT1) && (lapic->lint >> (index - LVT_LINT0) & 1))
        lint_signal(lapic, index - LVT_LINT0, false);
    update_intr(lapic);
}

/* INIT with level "de-assert" only sets arbitration IDs, which nobody can see. */
static bool is_init_deassert(uint32_t icr)
{
    return (icr >> 8 & 7) == APIC_INIT && (icr & ICR_LEVEL) && !(icr & ICR_ASSERT);
}

static void send_ipi(struct lapic *lapic)
{
    uint32_t icr = lapic->icr_low;
    struct apic_message message = {.destination = (uint8_t)(lapic->icr_high >> 24),
                                   .logical = icr & ICR_LOGICAL,
                                   .delivery = icr >> 8 & 7,
                                   .vector = (uint8_t)icr};
    if (is_init_deassert(icr))
        return;
    if (message.delivery <= APIC_LOWEST_PRIORITY && message.vector < MIN_VECTOR) {
        note_error(lapic, ESR_SEND_VECTOR);
        return;
    }
    switch (icr >> 18 & 3) {
    case 0:
        apic_bus_send(lapic->bus, &message);
        break;
    case 1: /* self: fixed only */
        if (message.delivery == APIC_FIXED)
            lapic_accept(lapic, &message);
        break;
    case 2:
        apic_bus_send_all(lapic->bus, &message, NULL);
        break;
    default:
        apic_bus_send_all(lapic->bus, &message, lapic);
    }
}

static void write_esr(struct lapic *lapic)
{
    lapic->esr = lapic->esr_pending;
    lapic->esr_pending = 0;
}

static bool is_lvt(unsigned reg)
{
    return reg >= REG_LVT && reg < REG_LVT + LAPIC_LVTS;
}

/* False: there is no such register. */
static bool read_register(const struct lapic *lapic, unsigned reg, uint32_t *value)
{
    *value = 0;
    if (is_lvt(reg))
        *value = lapic->lvt[reg - REG_LVT];
    else if (reg >= REG_ISR && reg < REG_ISR + 8)
        *value = lapic->isr[reg - REG_ISR];
    else if (reg >= REG_TMR && reg < REG_TMR + 8)
        *value = lapic->tmr[reg - REG_TMR];
    else if (reg >= REG_IRR && reg < REG_IRR + 8)
        *value = lapic->irr[reg - REG_IRR];
    else
        switch (reg) {
        case REG_ID:
            *value = (uint32_t)lapic->id << 24;
            break;
        case REG_VERSION:
            *value = LAPIC_VERSION;
            break;
        case REG_TPR:
            *value = lapic->tpr;
            break;
        case REG_APR:
            *value = lapic_arbitration_priority(lapic);
            break;
        case REG_PPR:
            *value = processor_priority(lapic);
            break;
        case REG_EOI:
        case REG_RRD:
            break;
        case REG_LDR:
            *value = lapic->ldr;
            break;
        case REG_DFR:
            *value = lapic->dfr;
            break;
        case REG_SVR:
            *value = lapic->svr;
            break;
        case REG_ESR:
            *value = lapic->esr;
            break;
        case REG_ICR_LOW:
            *value = lapic->icr_low;
            break;
        case REG_ICR_HIGH:
            *value = lapic->icr_high;
            break;
        case REG_INITIAL_COUNT:
            *value = lapic->timer_initial;
            break;
        case REG_CURRENT_COUNT:
            *value = timer_current(lapic);
            break;
        case REG_DIVIDE:
            *value = lapic->divide;
            break;
        default:
            return false;
        }
    return true;
}

/* Registers are 32 bits wide, at every 16th byte. */
static uint64_t register_bytes(uint32_t value, uint64_t offset)
{
    return (offset & 12) ? 0 : (uint64_t)value >> 8 * (offset & 3);
}

uint64_t lapic_peek(const struct lapic *lapic, uint64_t offset, unsigned size)
{
    uint32_t value;
    (void)size;
    read_register(lapic, (offset & 0xFFF) >> 4, &value);
    return register_bytes(value, offset);
}

uint64_t lapic_read(struct lapic *lapic, uint64_t offset, unsigned size)
{
    uint32_t value;
    (void)size;
    if (!read_register(lapic, (offset & 0xFFF) >> 4, &value))
        note_error(lapic, ESR_REGISTER);
    return register_bytes(value, offset);
}

static void write_tpr(struct lapic *lapic, uint8_t value)
{
    lapic->tpr = value;
    update_intr(lapic);
}

static void write_register(struct lapic *lapic, unsigned reg, uint32_t value)
{
    if (is_lvt(reg)) {
        write_lvt(lapic, reg - REG_LVT, value);
        return;
    }
    switch (reg) {
    case REG_ID:
        lapic->id = (uint8_t)(value >> 24);
        break;
    case REG_TPR:
        write_tpr(lapic, (uint8_t)value);
        break;
    case REG_EOI:
        write_eoi(lapic);
        break;
    case REG_LDR:
        lapic->ldr = value & 0xFF000000;
        break;
    case REG_DFR:
        lapic->dfr = value | 0x0FFFFFFF;
        break;
    case REG_SVR:
        write_svr(lapic, value);
        break;
    case REG_ESR:
        write_esr(lapic);
        break;
    case REG_ICR_LOW:
        lapic->icr_low = value & ICR_LOW_WRITABLE;
        send_ipi(lapic);
        break;
    case REG_ICR_HIGH:
        lapic->icr_high = value & 0xFF000000;
        break;
    case REG_INITIAL_COUNT:
        timer_start(lapic, value);
        break;
    case REG_DIVIDE:
        timer_set_divide(lapic, value);
        break;
    default: {
        uint32_t ignored;
        if (!read_register(lapic, reg, &ignored))
            note_error(lapic, ESR_REGISTER);
    }
    }
}

/* Only aligned 32-bit writes are defined (11.4.1); others are dropped, save that the lower half of a 64-bit
 * one reaches its register. */
void lapic_write(struct lapic *lapic, uint64_t offset, uint64_t value, unsigned size)
{
    if (size >= 4 && !(offset & 15))
        write_register(lapic, (offset & 0xFFF) >> 4, (uint32_t)value);
}

/* ---- Resets, base ---- */

/* The state after INIT (11.4.7.3): all but the ID. */
static void reset_registers(struct lapic *lapic)
{
    lapic->tpr = 0;
    lapic->ldr = 0;
    lapic->dfr = 0xFFFFFFFF;
    lapic->svr = 0xFF;
    lapic->esr = lapic->esr_pending = 0;
    lapic->icr_low = lapic->icr_high = 0;
    lapic->divide = 0;
    memset(lapic->irr, 0, sizeof lapic->irr);
    memset(lapic->isr, 0, sizeof lapic->isr);
    memset(lapic->tmr, 0, sizeof lapic->tmr);
    for (unsigned i = 0; i < LAPIC_LVTS; i++)
        lapic->lvt[i] = LVT_MASKED;
    lapic->timer_running = false;
    lapic->timer_initial = lapic->timer_count = 0;
    lapic->timer_base = 0;
    event_cancel(lapic->dev.clock, &lapic->timer_event);
    update_intr(lapic);
}

static void take_init(struct lapic *lapic)
{
    reset_registers(lapic);
    pulse(&lapic->init);
}

void lapic_set_init(void *owner, unsigned pin, bool level)
{
    (void)pin;
    if (level)
        take_init(owner);
}

void lapic_set_base(struct lapic *lapic, uint64_t msr)
{
    bool was_enabled = globally_enabled(lapic);
    lapic->base = (msr & (LAPIC_BASE_ADDRESS | LAPIC_BASE_ENABLE)) | (lapic->bsp ? LAPIC_BASE_BSP : 0);
    if (was_enabled && !globally_enabled(lapic))
        reset_registers(lapic);
    apic_bus_moved(lapic->bus, lapic);
    update_intr(lapic);
}

uint64_t lapic_base(const struct lapic *lapic)
{
    return lapic->base;
}

void lapic_set_cr8(struct lapic *lapic, uint8_t cr8)
{
    write_tpr(lapic, (uint8_t)(cr8 << 4));
}

uint8_t lapic_cr8(const struct lapic *lapic)
{
    return lapic->tpr >> 4;
}

static void lapic_reset(void *state, enum reset_kind kind)
{
    struct lapic *lapic = state;
    (void)kind;
    lapic->id = lapic->initial_id;
    reset_registers(lapic);
    lapic_set_base(lapic, LAPIC_DEFAULT_BASE | LAPIC_BASE_ENABLE);
}

static bool lapic_init(void *state, const void *config_, struct error *err)
{
    struct lapic *lapic = state;
    const struct lapic_config *config = config_;
    lapic->bus = config->bus;
    lapic->bus_hz = config->bus_hz ? config->bus_hz : DEFAULT_BUS_HZ;
    lapic->initial_id = lapic->id = config->id;
    lapic->bsp = config->bsp;
    lapic->base = LAPIC_DEFAULT_BASE | LAPIC_BASE_ENABLE | (lapic->bsp ? LAPIC_BASE_BSP : 0);
    if (!apic_bus_add_lapic(config->bus, lapic, err))
        return false;
    event_init(lapic->dev.clock, &lapic->timer_event, timer_expired, lapic, "%s.timer", lapic->dev.name);
    lapic_reset(lapic, RESET_POWER_ON);
    return true;
}

static bool lapic_post_load(void *state, struct error *err)
{
    struct lapic *lapic = state;
    if (lapic->timer_base > timer_ticks(lapic))
        return error_set(err, "%s: the timer was started in the future", lapic->dev.name);
    if (lapic->base & ~(LAPIC_BASE_ADDRESS | LAPIC_BASE_ENABLE | LAPIC_BASE_BSP))
        return error_set(err, "%s: IA32_APIC_BASE has reserved bits set", lapic->dev.name);
    lapic->divide &= 0xB;
    lapic->intr_told = lapic_pending(lapic);
    apic_bus_moved(lapic->bus, lapic);
    return true;
}

static void print_set(const char *name, const uint32_t *set, struct text *out)
{
    text_add(out, "%s", name);
    for (unsigned vector = 0; vector < 256; vector++)
        if (has_vector(set, (uint8_t)vector))
            text_add(out, " %02X", vector);
    text_add(out, "\n");
}

static void lapic_print(const void *state, struct text *out)
{
    static const char *const names[LAPIC_LVTS] = {"timer", "thermal", "performance",
                                                  "LINT0", "LINT1",   "error"};
    const struct lapic *lapic = state;
    text_add(out, "ID %02X  base %09llX%s%s  SVR %03X%s\n", lapic->id,
             (unsigned long long)(lapic->base & LAPIC_BASE_ADDRESS), lapic->bsp ? " BSP" : "",
             globally_enabled(lapic) ? "" : " globally disabled", (unsigned)lapic->svr,
             lapic->svr & SVR_ENABLE ? "" : " (software disabled, LINT pins pass through)");
    text_add(out, "TPR %02X PPR %02X APR %02X  LDR %08X DFR %08X  ICR %08X:%08X  ESR %02X\n", lapic->tpr,
             processor_priority(lapic), lapic_arbitration_priority(lapic), (unsigned)lapic->ldr,
             (unsigned)lapic->dfr, (unsigned)lapic->icr_high, (unsigned)lapic->icr_low, (unsigned)lapic->esr);
    for (unsigned i = 0; i < LAPIC_LVTS; i++)
        text_add(out, "LVT %-11s %05X\n", names[i], (unsigned)lapic->lvt[i]);
    text_add(out, "timer initial %08X current %08X divide %u\n", (unsigned)lapic->timer_initial,
             (unsigned)timer_current(lapic), timer_divisor(lapic));
    print_set("IRR", lapic->irr, out);
    print_set("ISR", lapic->isr, out);
    print_set("TMR", lapic->tmr, out);
    text_add(out, "LINT0 %u LINT1 %u ExtINT %u  INTR %u\n", lapic->lint & 1, lapic->lint >> 1, lapic->extint,
             lapic_pending(lapic));
}

static void lapic_destroy(void *state)
{
    struct lapic *lapic = state;
    apic_bus_remove_lapic(lapic->bus, lapic);
    event_destroy(lapic->dev.clock, &lapic->timer_event);
}

const struct device_type lapic_type = {
    .name = "lapic",
    .title = "local APIC",
    .state_size = sizeof(struct lapic),
    .fields = lapic_fields,
    .init = lapic_init,
    .reset = lapic_reset,
    .post_load = lapic_post_load,
    .print = lapic_print,
    .destroy = lapic_destroy,
};
