/* System control port A, 92h. IBM PS/2 Model 50/60 Technical Reference, "System Control Port A". */
#include "devices/port92.h"

enum {
    FAST_RESET = 0x01, /* 0 to 1: a reset pulse; stays set until written with 0 */
    FAST_A20 = 0x02,
    SECURITY_LOCK = 0x08, /* only a reset clears it */
    ACTIVITY_LIGHT = 0xC0,
    WRITABLE = FAST_RESET | FAST_A20 | SECURITY_LOCK | ACTIVITY_LIGHT,
};

static void write_port(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct port92 *p = state;
    (void)port;
    (void)size;
    uint8_t old = p->value;
    p->value = (uint8_t)((value & WRITABLE) | (old & SECURITY_LOCK));
    if ((old ^ p->value) & FAST_A20)
        wire_set(&p->a20, p->value & FAST_A20);
    if (p->value & ~old & FAST_RESET) {
        wire_set(&p->reset, true);
        wire_set(&p->reset, false);
    }
}

static uint32_t read_port(void *state, uint16_t port, unsigned size)
{
    const struct port92 *p = state;
    (void)port;
    (void)size;
    return p->value;
}

static void port92_reset(void *state, enum reset_kind kind)
{
    struct port92 *p = state;
    (void)kind;
    p->value = 0;
    wire_set(&p->a20, false);
}

static void port92_print(const void *state, struct text *out)
{
    const struct port92 *p = state;
    text_add(out, "port 92h: %02X, fast A20 %s\n", p->value, p->value & FAST_A20 ? "on" : "off");
}

static const struct field port92_fields[] = {
    FIELD(struct port92, value),
    FIELD_END,
};

static const struct port_row port92_ports[] = {
    {.base = 0x92, .count = 1, .name = "system control port A", .read = read_port, .write = write_port},
    {0},
};

const struct device_type port92_type = {
    .name = "port92",
    .title = "System control port A",
    .state_size = sizeof(struct port92),
    .ports = port92_ports,
    .fields = port92_fields,
    .reset = port92_reset,
    .print = port92_print,
};
