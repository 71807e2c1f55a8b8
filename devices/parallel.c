/* Parallel port. IBM PS/2 Hardware Interface Technical Reference, "Parallel Port Controller". */
#include "devices/parallel.h"

/* A printer with a buffer: busy for a while after the strobe, then the acknowledge pulse. */
#define BUSY_NS 5000
#define ACK_NS  2500

enum { DATA, STATUS, CONTROL, PARALLEL_PORTS };

enum {
    STATUS_FLOATING = 0x03,
    STATUS_NO_IRQ = 0x04, /* low: the acknowledge came, until the status is read */
    STATUS_NO_ERROR = 0x08,
    STATUS_SELECTED = 0x10,
    STATUS_NO_PAPER = 0x20,
    STATUS_NO_ACK = 0x40,
    STATUS_NOT_BUSY = 0x80,
};

enum {
    CONTROL_STROBE = 0x01,
    CONTROL_NO_INIT = 0x04,
    CONTROL_IRQ = 0x10,
    CONTROL_INPUT = 0x20, /* the data lines are read, not driven */
    CONTROL_ALL = 0x3F,
    CONTROL_FLOATING = 0xC0,
};

static void set_irq(struct parallel *p, bool level)
{
    if (level == p->irq_level)
        return;
    p->irq_level = level;
    wire_set(&p->irq, level);
}

static void enter(struct parallel *p, enum parallel_phase phase, uint64_t ns)
{
    p->phase = (uint8_t)phase;
    if (ns)
        event_schedule(p->dev.clock, &p->step, p->dev.clock->now + clock_cycles_of_ns(p->dev.clock, ns));
    else
        event_cancel(p->dev.clock, &p->step);
}

static void on_step(void *owner, uint64_t late)
{
    struct parallel *p = owner;
    (void)late;
    if (p->phase == PARALLEL_BUSY) {
        enter(p, PARALLEL_ACK, ACK_NS);
    } else {
        /* The interrupt comes with the end of the acknowledge pulse. */
        enter(p, PARALLEL_IDLE, 0);
        if (p->control & CONTROL_IRQ)
            set_irq(p, true);
    }
}

static void strobe(struct parallel *p)
{
    if (!p->out.put || p->control & CONTROL_INPUT || !(p->control & CONTROL_NO_INIT))
        return;
    set_irq(p, false);
    sink_put(&p->out, p->data);
    enter(p, PARALLEL_BUSY, BUSY_NS);
}

static void write_control(struct parallel *p, uint8_t value)
{
    uint8_t rising = value & (uint8_t)~p->control;
    p->control = value & CONTROL_ALL;
    if (!(p->control & CONTROL_NO_INIT))
        enter(p, PARALLEL_IDLE, 0);
    if (!(p->control & CONTROL_IRQ))
        set_irq(p, false);
    if (rising & CONTROL_STROBE)
        strobe(p);
}

/* Nothing plugged in: the inputs float high, and BUSY is inverted. An initialising printer is busy. */
static uint8_t status(const struct parallel *p)
{
    uint8_t value = STATUS_FLOATING | STATUS_NO_ERROR | STATUS_SELECTED;
    if (!p->irq_level)
        value |= STATUS_NO_IRQ;
    if (!p->out.put)
        return value | STATUS_NO_PAPER | STATUS_NO_ACK;
    if (p->phase != PARALLEL_ACK)
        value |= STATUS_NO_ACK;
    if (p->phase == PARALLEL_IDLE && p->control & CONTROL_NO_INIT)
        value |= STATUS_NOT_BUSY;
    return value;
}

static uint32_t peek_register(void *state, uint16_t port, unsigned size)
{
    const struct parallel *p = state;
    (void)size;
    switch ((uint16_t)(port - p->base)) {
    case DATA:
        return p->control & CONTROL_INPUT ? 0xFF : p->data;
    case STATUS:
        return status(p);
    default:
        return p->control | CONTROL_FLOATING;
    }
}

static uint32_t read_register(void *state, uint16_t port, unsigned size)
{
    struct parallel *p = state;
    uint32_t value = peek_register(state, port, size);
    if ((uint16_t)(port - p->base) == STATUS)
        set_irq(p, false);
    return value;
}

static void write_register(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct parallel *p = state;
    (void)size;
    switch ((uint16_t)(port - p->base)) {
    case DATA:
        p->data = (uint8_t)value;
        break;
    case CONTROL:
        write_control(p, (uint8_t)value);
        break;
    default: /* the status is for reading */
        break;
    }
}

static const struct port_row parallel_row = {.count = PARALLEL_PORTS,
                                             .name = "parallel port",
                                             .read = read_register,
                                             .write = write_register,
                                             .peek = peek_register};

static bool parallel_init(void *state, const void *config, struct error *err)
{
    struct parallel *p = state;
    const struct parallel_config *given = config;
    if (!given)
        return error_set(err, "a parallel port needs a configuration");
    p->base = given->base;
    p->irq = given->irq;
    p->out = given->out;
    if (!ports_map(p->dev.bus, p->dev.name, p, &parallel_row, p->base, err))
        return false;
    event_init(p->dev.clock, &p->step, on_step, p, "%s.step", p->dev.name);
    return true;
}

static void parallel_destroy(void *state)
{
    struct parallel *p = state;
    event_destroy(p->dev.clock, &p->step);
    ports_unmap(p->dev.bus, p, &parallel_row, p->base);
}

static void parallel_reset(void *state, enum reset_kind kind)
{
    struct parallel *p = state;
    (void)kind;
    p->data = 0;
    p->control = 0;
    enter(p, PARALLEL_IDLE, 0);
    set_irq(p, false);
}

static bool parallel_post_load(void *state, struct error *err)
{
    const struct parallel *p = state;
    if ((p->phase != PARALLEL_IDLE) != p->step.pending)
        return error_set(err, "%s: the handshake waits without its event, or the other way round",
                         p->dev.name);
    return true;
}

static void parallel_print(const void *state, struct text *out)
{
    const struct parallel *p = state;
    static const char *const phases[] = {"idle", "busy", "acknowledging"};
    text_add(out, "ports %03Xh-%03Xh, data %02X status %02X control %02X, %s, printer %s, irq %s%s\n",
             p->base, p->base + 2, p->data, status(p), p->control,
             p->control & CONTROL_INPUT ? "input" : "output", p->out.put ? phases[p->phase % 3] : "missing",
             p->control & CONTROL_IRQ ? "enabled" : "disabled", p->irq_level ? ", asserted" : "");
}

static const struct field parallel_fields[] = {
    FIELD(struct parallel, data),
    FIELD_RANGE(struct parallel, control, 0, CONTROL_ALL),
    FIELD_RANGE(struct parallel, phase, PARALLEL_IDLE, PARALLEL_ACK),
    FIELD_RANGE(struct parallel, irq_level, 0, 1),
    FIELD_EVENT(struct parallel, step),
    FIELD_END,
};

const struct device_type parallel_type = {
    .name = "parallel",
    .title = "Parallel port",
    .state_size = sizeof(struct parallel),
    .fields = parallel_fields,
    .init = parallel_init,
    .reset = parallel_reset,
    .post_load = parallel_post_load,
    .print = parallel_print,
    .destroy = parallel_destroy,
};
