/* System control port B, 61h. IBM PC/AT Technical Reference; 82371SB datasheet, section 2.5.6. */
#include "devices/port61.h"

#include "devices/pit.h"
#include "devices/speaker.h"

enum {
    TIMER2_GATE = 0x01,
    SPEAKER_DATA = 0x02,
    SERR_DISABLE = 0x04,
    IOCHK_DISABLE = 0x08,
    REFRESH_TOGGLE = 0x10,
    TIMER2_OUT = 0x20,
    IOCHK_STATUS = 0x40,
    SERR_STATUS = 0x80,
};

static void update_nmi(struct port61 *p)
{
    bool level = (p->serr || p->iochk || p->button) && !p->masked;
    if (level == p->nmi_level)
        return;
    p->nmi_level = level;
    wire_set(&p->nmi, level);
}

void port61_set_input(void *state, unsigned pin, bool level)
{
    struct port61 *p = state;
    switch (pin) {
    case PORT61_SERR:
        if (level && !(p->control & SERR_DISABLE))
            p->serr = true;
        break;
    case PORT61_IOCHK:
        if (level && !(p->control & IOCHK_DISABLE))
            p->iochk = true;
        break;
    case PORT61_BUTTON:
        p->button = level;
        break;
    default:
        p->masked = level;
        break;
    }
    update_nmi(p);
}

static void set_control(struct port61 *p, uint8_t value)
{
    p->control = value & 0x0F;
    if (p->control & SERR_DISABLE)
        p->serr = false;
    if (p->control & IOCHK_DISABLE)
        p->iochk = false;
    pit_set_gate(p->pit, 2, p->control & TIMER2_GATE);
    if (p->speaker)
        speaker_enable(p->speaker, p->control & SPEAKER_DATA);
    update_nmi(p);
}

static void write_control(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)port;
    (void)size;
    set_control(state, (uint8_t)value);
}

static uint32_t read_status(void *state, uint16_t port, unsigned size)
{
    struct port61 *p = state;
    (void)port;
    (void)size;
    return p->control | (pit_refresh_toggle(p->pit) ? REFRESH_TOGGLE : 0u) |
           (pit_out(p->pit, 2) ? TIMER2_OUT : 0u) | (p->iochk ? IOCHK_STATUS : 0u) |
           (p->serr ? SERR_STATUS : 0u);
}

static bool port61_init(void *state, const void *config, struct error *err)
{
    struct port61 *p = state;
    const struct port61_config *given = config;
    if (!given || !given->pit)
        return error_set(err, "port 61h needs a timer");
    p->pit = given->pit;
    p->speaker = given->speaker;
    return true;
}

static void port61_reset(void *state, enum reset_kind kind)
{
    struct port61 *p = state;
    (void)kind;
    p->serr = p->iochk = false;
    set_control(p, 0);
}

static void port61_print(const void *state, struct text *out)
{
    const struct port61 *p = state;
    text_add(out, "port 61h: gate 2 %s, speaker %s, SERR# %s%s, IOCHK# %s%s, NMI %s%s\n",
             p->control & TIMER2_GATE ? "high" : "low", p->control & SPEAKER_DATA ? "on" : "off",
             p->control & SERR_DISABLE ? "disabled" : "enabled", p->serr ? " (latched)" : "",
             p->control & IOCHK_DISABLE ? "disabled" : "enabled", p->iochk ? " (latched)" : "",
             p->masked ? "masked" : "enabled", p->nmi_level ? ", asserted" : "");
}

static const struct field port61_fields[] = {
    FIELD_RANGE(struct port61, control, 0, 15),
    FIELD_RANGE(struct port61, serr, 0, 1),
    FIELD_RANGE(struct port61, iochk, 0, 1),
    FIELD_RANGE(struct port61, button, 0, 1),
    FIELD_RANGE(struct port61, masked, 0, 1),
    FIELD_RANGE(struct port61, nmi_level, 0, 1),
    FIELD_END,
};

static const struct port_row port61_ports[] = {
    {.base = 0x61, .count = 1, .name = "system control port B", .read = read_status, .write = write_control},
    {0},
};

const struct device_type port61_type = {
    .name = "port61",
    .title = "System control port B",
    .state_size = sizeof(struct port61),
    .ports = port61_ports,
    .fields = port61_fields,
    .init = port61_init,
    .reset = port61_reset,
    .print = port61_print,
};
