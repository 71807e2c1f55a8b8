/* The board's logic between the processor's FERR# and the interrupt controllers: an unmasked x87 exception
 * (with CR0.NE clear) latches IRQ 13; a write to port F0h releases it and lets the processor go on (IGNNE#).
 * Port F1h resets a 287 or 387. IBM AT Technical Reference, "80287 Coprocessor"; SDM volume 1, D.2. */
#include "devices/coprocessor.h"

static void coprocessor_clear_busy(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct coprocessor *c = state;
    (void)port;
    (void)value;
    (void)size;
    c->latched = false;
    wire_set(&c->irq13, false);
}

void coprocessor_set_ferr(void *state, unsigned pin, bool level)
{
    struct coprocessor *c = state;
    (void)pin;
    if (level && !c->latched) {
        c->latched = true;
        wire_set(&c->irq13, true);
    }
}

static void coprocessor_reset(void *state, enum reset_kind kind)
{
    (void)kind;
    coprocessor_clear_busy(state, 0, 0, 1);
}

static void coprocessor_print(const void *state, struct text *out)
{
    const struct coprocessor *c = state;
    text_add(out, "IRQ 13 %s\n", c->latched ? "latched" : "idle");
}

static const struct port_row coprocessor_ports[] = {
    {.base = 0xF0, .count = 2, .name = "coprocessor busy clear, reset", .write = coprocessor_clear_busy},
    {0},
};

static const struct field coprocessor_fields[] = {FIELD_RANGE(struct coprocessor, latched, 0, 1), FIELD_END};

const struct device_type coprocessor_type = {
    .name = "coprocessor",
    .title = "coprocessor error logic",
    .state_size = sizeof(struct coprocessor),
    .ports = coprocessor_ports,
    .fields = coprocessor_fields,
    .reset = coprocessor_reset,
    .print = coprocessor_print,
};
