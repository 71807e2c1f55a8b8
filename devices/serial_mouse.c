/* Microsoft serial mouse. Packets of three 7-bit bytes, of which the first alone has bit 6:
 *
 *     1 L R Y7 Y6 X7 X6    0 X5..X0    0 Y5..Y0    and with a wheel    0 0 M Z3..Z0
 *
 * Y grows downwards, Z towards the user. When DTR and RTS both come on, it says "M", with a wheel "MZ". */
#include "devices/serial_mouse.h"

#include "devices/uart.h"

#define IDENTIFY_NS 14000000
/* Start bit, seven data bits, stop bit at 1200 baud. */
#define BYTE_NS 7500000

#define MAX_GATHERED 4096

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

static void schedule(const struct serial_mouse *m, struct event *event, uint64_t ns)
{
    event_schedule(m->dev.clock, event, m->dev.clock->now + clock_cycles_of_ns(m->dev.clock, ns));
}

static void put(struct serial_mouse *m, uint8_t byte)
{
    if (m->count < SERIAL_MOUSE_QUEUE)
        m->queue[(m->head + m->count++) % SERIAL_MOUSE_QUEUE] = byte;
}

static int32_t take_counts(int32_t *counter, int32_t low, int32_t high)
{
    int32_t taken = clamp(*counter, low, high);
    *counter -= taken;
    return taken;
}

static bool something_to_report(const struct serial_mouse *m)
{
    uint8_t mask = m->wheel_model ? 7 : 3;
    return m->dx || m->dy || (m->wheel_model && m->wheel) || ((m->buttons ^ m->reported) & mask) ||
           m->pressed & mask;
}

static void put_packet(struct serial_mouse *m)
{
    uint8_t dx = (uint8_t)take_counts(&m->dx, -128, 127), dy = (uint8_t)take_counts(&m->dy, -128, 127);
    uint8_t buttons = m->buttons | m->pressed;
    put(m, (uint8_t)(0x40 | (buttons & 1) << 5 | (buttons & 2) << 3 | (dy >> 6) << 2 | dx >> 6));
    put(m, dx & 0x3F);
    put(m, dy & 0x3F);
    if (m->wheel_model)
        put(m, (uint8_t)((buttons & 4) << 2 | (take_counts(&m->wheel, -8, 7) & 15)));
    m->reported = buttons;
    m->pressed = 0;
}

/* Sends a byte at each character's time while there is anything to say. A line at another speed than 1200
 * baud would carry noise; nothing is sent there. */
static void on_send(void *owner, uint64_t late)
{
    struct serial_mouse *m = owner;
    (void)late;
    if (!m->identified)
        return;
    if (!m->count && something_to_report(m))
        put_packet(m);
    if (!m->count)
        return;
    /* A receiver set to eight bits takes the stop bit for the eighth. */
    bool heard = m->uart->divisor == 96;
    if (!heard || uart_receive(m->uart, m->queue[m->head] | 0x80)) {
        m->head = (uint8_t)((m->head + 1) % SERIAL_MOUSE_QUEUE);
        m->count--;
    }
    schedule(m, &m->send, BYTE_NS);
}

static void wake(struct serial_mouse *m)
{
    if (m->identified && !m->send.pending && (m->count || something_to_report(m)))
        on_send(m, 0);
}

static void on_identify(void *owner, uint64_t late)
{
    struct serial_mouse *m = owner;
    (void)late;
    m->identified = true;
    put(m, 'M');
    if (m->wheel_model)
        put(m, 'Z');
    wake(m);
}

static void power_changed(struct serial_mouse *m)
{
    m->identified = false;
    m->count = 0;
    m->dx = m->dy = m->wheel = 0;
    m->pressed = 0;
    m->reported = m->buttons;
    event_cancel(m->dev.clock, &m->send);
    if (m->dtr && m->rts)
        schedule(m, &m->identify, IDENTIFY_NS);
    else
        event_cancel(m->dev.clock, &m->identify);
}

/* wire_fn: pin 0 DTR, pin 1 RTS. */
static void line_changed(void *owner, unsigned pin, bool level)
{
    struct serial_mouse *m = owner;
    bool was = m->dtr && m->rts;
    if (pin)
        m->rts = level;
    else
        m->dtr = level;
    if ((m->dtr && m->rts) != was)
        power_changed(m);
}

static void gather(int32_t *counter, int32_t by)
{
    *counter = clamp(*counter + clamp(by, -MAX_GATHERED, MAX_GATHERED), -MAX_GATHERED, MAX_GATHERED);
}

void serial_mouse_move(struct serial_mouse *m, int dx, int dy, int wheel, unsigned buttons)
{
    buttons &= 7;
    if (m->identified) {
        m->pressed |= (uint8_t)(buttons & ~m->buttons);
        gather(&m->dx, dx);
        gather(&m->dy, dy);
        gather(&m->wheel, -clamp(wheel, -MAX_GATHERED, MAX_GATHERED));
    }
    m->buttons = (uint8_t)buttons;
    wake(m);
}

static bool serial_mouse_init(void *state, const void *config, struct error *err)
{
    struct serial_mouse *m = state;
    const struct serial_mouse_config *given = config;
    if (!given || !given->uart)
        return error_set(err, "a serial mouse needs a serial port");
    event_init(m->dev.clock, &m->identify, on_identify, m, "%s.identify", m->dev.name);
    event_init(m->dev.clock, &m->send, on_send, m, "%s.send", m->dev.name);
    m->uart = given->uart;
    m->wheel_model = given->wheel;
    m->uart->dtr = (struct wire){line_changed, m, 0};
    m->uart->rts = (struct wire){line_changed, m, 1};
    /* The mouse's plug connects DSR, CTS and DCD as a modem that is there. */
    uart_set_lines(m->uart, UART_CTS | UART_DSR | UART_DCD);
    return true;
}

static void serial_mouse_reset(void *state, enum reset_kind kind)
{
    struct serial_mouse *m = state;
    /* A hard reset takes DTR and RTS away through the UART. */
    if (kind != RESET_POWER_ON)
        return;
    m->buttons = 0;
    m->dtr = m->rts = false;
    power_changed(m);
}

static bool serial_mouse_post_load(void *state, struct error *err)
{
    const struct serial_mouse *m = state;
    if (m->dx < -MAX_GATHERED || m->dx > MAX_GATHERED || m->dy < -MAX_GATHERED || m->dy > MAX_GATHERED ||
        m->wheel < -MAX_GATHERED || m->wheel > MAX_GATHERED)
        return error_set(err, "serial_mouse: movement beyond what gathers");
    return true;
}

static void serial_mouse_destroy(void *state)
{
    struct serial_mouse *m = state;
    event_destroy(m->dev.clock, &m->identify);
    event_destroy(m->dev.clock, &m->send);
}

static void serial_mouse_print(const void *state, struct text *out)
{
    const struct serial_mouse *m = state;
    text_add(out,
             "Microsoft mouse%s on %s, %s; buttons %X, movement not yet reported x %d y %d, %u bytes wait\n",
             m->wheel_model ? " with wheel" : "", m->uart->dev.name,
             m->identified      ? "identified"
             : m->dtr && m->rts ? "waking"
                                : "without power",
             m->buttons, (int)m->dx, (int)m->dy, m->count);
}

static const struct field serial_mouse_fields[] = {
    FIELD_RANGE(struct serial_mouse, dtr, 0, 1),
    FIELD_RANGE(struct serial_mouse, rts, 0, 1),
    FIELD_RANGE(struct serial_mouse, identified, 0, 1),
    FIELD_BYTES(struct serial_mouse, queue),
    FIELD_RANGE(struct serial_mouse, head, 0, SERIAL_MOUSE_QUEUE - 1),
    FIELD_RANGE(struct serial_mouse, count, 0, SERIAL_MOUSE_QUEUE),
    FIELD(struct serial_mouse, dx),
    FIELD(struct serial_mouse, dy),
    FIELD(struct serial_mouse, wheel),
    FIELD_RANGE(struct serial_mouse, buttons, 0, 7),
    FIELD_RANGE(struct serial_mouse, pressed, 0, 7),
    FIELD_RANGE(struct serial_mouse, reported, 0, 7),
    FIELD_EVENT(struct serial_mouse, identify),
    FIELD_EVENT(struct serial_mouse, send),
    FIELD_END,
};

const struct device_type serial_mouse_type = {
    .name = "serial_mouse",
    .title = "Microsoft serial mouse",
    .state_size = sizeof(struct serial_mouse),
    .fields = serial_mouse_fields,
    .init = serial_mouse_init,
    .reset = serial_mouse_reset,
    .post_load = serial_mouse_post_load,
    .print = serial_mouse_print,
    .destroy = serial_mouse_destroy,
};
