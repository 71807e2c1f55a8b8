/* PS/2 mouse. IBM PS/2 Hardware Interface Technical Reference (May 1988), "Mouse"; Microsoft, "Mouse and
 * wheel protocol" for identities 3 and 4.
 *
 * Movement gathers in counters; a packet is made when the sample time has come and the last packet is out, so
 * a slow host gets fewer and larger packets and loses nothing. */
#include "devices/ps2_mouse.h"

#include <string.h>

#include "devices/i8042.h"

/* Short, as the keyboard's. */
#define TEST_NS 40000000
#define ACK     0xFA
#define RESEND  0xFE
#define ERROR   0xFC
#define TESTED  0xAA

#define DEFAULT_RATE       100
#define DEFAULT_RESOLUTION 2

/* Movement that gathers while nobody asks is bounded. */
#define MAX_GATHERED 4096

/* First byte of a packet. */
enum { PACKET_ONE = 0x08, PACKET_X_SIGN = 0x10, PACKET_Y_SIGN = 0x20, PACKET_BUTTONS = 0x07 };

/* First byte of the status. */
enum { STATUS_SCALING = 0x10, STATUS_ENABLED = 0x20, STATUS_REMOTE = 0x40 };

/* --- Sending --- */

static bool has_byte(const void *owner)
{
    const struct ps2_mouse *m = owner;
    return m->count != 0;
}

static uint8_t take_byte(void *owner)
{
    struct ps2_mouse *m = owner;
    if (m->count) {
        m->last_sent = m->queue[m->head];
        m->head = (uint8_t)((m->head + 1u) % PS2_MOUSE_QUEUE);
        m->count--;
    }
    return m->last_sent;
}

static void put(struct ps2_mouse *m, uint8_t byte)
{
    if (m->count < PS2_MOUSE_QUEUE)
        m->queue[(m->head + m->count++) % PS2_MOUSE_QUEUE] = byte;
}

static void announce(struct ps2_mouse *m)
{
    if (m->controller && m->count)
        i8042_device_ready(m->controller, PS2_AUX_PORT);
}

/* --- Packets --- */

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Scaling 2:1, for streamed movement. */
static int32_t scaled(const struct ps2_mouse *m, int32_t value, bool streaming)
{
    static const uint8_t table[6] = {0, 1, 1, 3, 6, 9};
    if (!m->scaling || !streaming)
        return value;
    int32_t size = value < 0 ? -value : value;
    int32_t out = size < 6 ? table[size] : 2 * size;
    return clamp(value < 0 ? -out : out, -256, 255);
}

/* Takes up to MAX counts out of a counter. */
static int32_t take_counts(int32_t *counter, int32_t low, int32_t high)
{
    int32_t taken = clamp(*counter, low, high);
    *counter -= taken;
    return taken;
}

static void put_packet(struct ps2_mouse *m, bool streaming)
{
    /* With scaling 2:1 half as many counts fill a packet. */
    int32_t limit = m->scaling && streaming ? 127 : 255;
    int32_t dx = scaled(m, take_counts(&m->dx, -limit, limit), streaming);
    int32_t dy = scaled(m, take_counts(&m->dy, -limit, limit), streaming);
    uint8_t buttons = m->buttons | m->pressed;
    m->packet[0] = (uint8_t)(PACKET_ONE | (buttons & PACKET_BUTTONS) | (dx < 0 ? PACKET_X_SIGN : 0) |
                             (dy < 0 ? PACKET_Y_SIGN : 0));
    m->packet[1] = (uint8_t)dx;
    m->packet[2] = (uint8_t)dy;
    m->packet_length = 3;
    if (m->identity == 3)
        m->packet[3] = (uint8_t)take_counts(&m->wheel, -127, 127);
    if (m->identity == 4)
        m->packet[3] = (uint8_t)((take_counts(&m->wheel, -8, 7) & 15) | (buttons & 0x18) << 1);
    if (m->identity)
        m->packet_length = 4;
    m->reported = buttons;
    m->pressed = 0;
    for (unsigned i = 0; i < m->packet_length; i++)
        put(m, m->packet[i]);
}

static bool something_to_report(const struct ps2_mouse *m)
{
    uint8_t mask = m->identity == 4 ? 0x1F : 0x07;
    return m->dx || m->dy || (m->identity && m->wheel) || ((m->buttons ^ m->reported) & mask) ||
           m->pressed & mask;
}

static bool streaming(const struct ps2_mouse *m)
{
    return m->reporting && !m->remote && !m->wrap && !m->testing;
}

static void stream(struct ps2_mouse *m)
{
    if (!streaming(m) || !something_to_report(m) || m->sample.pending)
        return;
    /* Not in the middle of an answer, nor while the last packet waits. */
    if (!m->count && !m->expecting) {
        put_packet(m, true);
        announce(m);
    }
    uint64_t interval = clock_cycles_of_ns(m->dev.clock, 1000000000u / (m->rate ? m->rate : DEFAULT_RATE));
    event_schedule(m->dev.clock, &m->sample, m->dev.clock->now + interval);
}

static void on_sample(void *owner, uint64_t late)
{
    (void)late;
    stream(owner);
}

static void gather(int32_t *counter, int32_t by)
{
    *counter = clamp(*counter + clamp(by, -MAX_GATHERED, MAX_GATHERED), -MAX_GATHERED, MAX_GATHERED);
}

static void clear_counts(struct ps2_mouse *m)
{
    m->dx = m->dy = m->wheel = 0;
    m->pressed = 0;
    m->reported = m->buttons;
}

void ps2_mouse_move(struct ps2_mouse *m, int dx, int dy, int wheel, unsigned buttons)
{
    buttons &= 0x1F;
    m->pressed |= (uint8_t)(buttons & ~m->buttons);
    m->buttons = (uint8_t)buttons;
    if (!m->reporting && !m->remote) {
        m->pressed = 0;
        return;
    }
    gather(&m->dx, dx);
    gather(&m->dy, -clamp(dy, -MAX_GATHERED, MAX_GATHERED));
    /* The protocol's wheel counts towards the user. */
    gather(&m->wheel, -clamp(wheel, -MAX_GATHERED, MAX_GATHERED));
    stream(m);
}

/* --- Commands --- */

static void set_defaults(struct ps2_mouse *m)
{
    m->rate = DEFAULT_RATE;
    m->resolution = DEFAULT_RESOLUTION;
    m->scaling = m->reporting = m->remote = m->wrap = false;
    event_cancel(m->dev.clock, &m->sample);
    clear_counts(m);
}

static void start_test(struct ps2_mouse *m)
{
    set_defaults(m);
    m->identity = 0;
    memset(m->rates, 0, sizeof m->rates);
    m->testing = true;
    event_schedule(m->dev.clock, &m->test_end, m->dev.clock->now + clock_cycles_of_ns(m->dev.clock, TEST_NS));
}

static void on_test_end(void *owner, uint64_t late)
{
    struct ps2_mouse *m = owner;
    (void)late;
    m->testing = false;
    put(m, TESTED);
    put(m, m->identity);
    announce(m);
}

static void set_rate(struct ps2_mouse *m, uint8_t rate)
{
    m->rate = rate;
    m->rates[2] = m->rates[1];
    m->rates[1] = m->rates[0];
    m->rates[0] = rate;
    if (m->rates[2] == 200 && m->rates[1] == 100 && rate == 80 && m->identity == 0)
        m->identity = 3;
    if (m->rates[2] == 200 && m->rates[1] == 200 && rate == 80 && m->identity == 3)
        m->identity = 4;
}

static void put_status(struct ps2_mouse *m)
{
    /* Here the middle button lies between the others. */
    uint8_t buttons = (uint8_t)((m->buttons & 1) << 2 | (m->buttons & 4) >> 1 | (m->buttons & 2) >> 1);
    put(m, ACK);
    put(m, (uint8_t)(buttons | (m->scaling ? STATUS_SCALING : 0) | (m->reporting ? STATUS_ENABLED : 0) |
                     (m->remote ? STATUS_REMOTE : 0)));
    put(m, m->resolution);
    put(m, m->rate);
}

/* Answers a byte that makes no sense: resend, and error when the next makes none either. */
static void complain(struct ps2_mouse *m)
{
    put(m, m->complained ? ERROR : RESEND);
    m->complained = !m->complained;
}

static void argument(struct ps2_mouse *m, uint8_t command, uint8_t byte)
{
    if (command == 0xE8 && byte <= 3) {
        m->resolution = byte;
    } else if (command == 0xF3 && byte) {
        set_rate(m, byte);
    } else {
        m->expecting = command;
        complain(m);
        return;
    }
    m->complained = false;
    put(m, ACK);
}

/* What FEh sends again: the last packet if that was last, else the last byte. */
static void resend(struct ps2_mouse *m)
{
    if (m->packet_length)
        for (unsigned i = 0; i < m->packet_length; i++)
            put(m, m->packet[i]);
    else
        put(m, m->last_sent);
}

static void set_reporting(struct ps2_mouse *m, bool on)
{
    m->reporting = on;
    clear_counts(m);
    put(m, ACK);
}

static void set_mode(struct ps2_mouse *m, bool remote)
{
    m->remote = remote;
    clear_counts(m);
    put(m, ACK);
}

static void command(struct ps2_mouse *m, uint8_t byte)
{
    bool known = true;
    switch (byte) {
    case 0xE6: /* scaling 1:1 */
    case 0xE7: /* scaling 2:1 */
        m->scaling = byte == 0xE7;
        put(m, ACK);
        break;
    case 0xE8: /* resolution */
    case 0xF3: /* sample rate */
        m->expecting = byte;
        put(m, ACK);
        break;
    case 0xE9:
        put_status(m);
        break;
    case 0xEA: /* stream mode */
    case 0xF0: /* remote mode */
        set_mode(m, byte == 0xF0);
        break;
    case 0xEB: /* read data */
        put(m, ACK);
        put_packet(m, false);
        break;
    case 0xEC: /* reset wrap mode */
    case 0xEE: /* set wrap mode */
        m->wrap = byte == 0xEE;
        put(m, ACK);
        break;
    case 0xF2:
        put(m, ACK);
        put(m, m->identity);
        break;
    case 0xF4: /* enable data reporting */
    case 0xF5: /* disable */
        set_reporting(m, byte == 0xF4);
        break;
    case 0xF6:
        set_defaults(m);
        put(m, ACK);
        break;
    case 0xFE:
        resend(m);
        break;
    case 0xFF:
        start_test(m);
        put(m, ACK);
        break;
    default:
        known = false;
        complain(m);
        break;
    }
    if (known)
        m->complained = false;
}

/* A byte from the host. What was not yet sent is dropped. */
static void receive(void *owner, uint8_t byte)
{
    struct ps2_mouse *m = owner;
    uint8_t expecting = m->expecting;
    m->count = 0;
    m->expecting = 0;
    if (m->testing) {
        m->testing = false;
        event_cancel(m->dev.clock, &m->test_end);
    }
    if (byte != 0xFE && byte != 0xEB)
        m->packet_length = 0;
    if (m->wrap && byte != 0xEC && byte != 0xFF)
        put(m, byte);
    else if (expecting && byte < 0xE6)
        argument(m, expecting, byte);
    else
        command(m, byte);
    announce(m);
    stream(m);
}

/* --- The device --- */

static bool ps2_mouse_init(void *state, const void *config, struct error *err)
{
    struct ps2_mouse *m = state;
    const struct ps2_mouse_config *given = config;
    (void)err;
    event_init(m->dev.clock, &m->sample, on_sample, m, "%s.sample", m->dev.name);
    event_init(m->dev.clock, &m->test_end, on_test_end, m, "%s.test", m->dev.name);
    m->controller = given ? given->controller : NULL;
    if (m->controller)
        i8042_attach(
            m->controller, PS2_AUX_PORT,
            &(struct ps2_link){.owner = m, .has_byte = has_byte, .take_byte = take_byte, .receive = receive});
    return true;
}

/* No reset line: only power makes it test itself. */
static void ps2_mouse_reset(void *state, enum reset_kind kind)
{
    struct ps2_mouse *m = state;
    if (kind != RESET_POWER_ON)
        return;
    m->count = 0;
    m->buttons = 0;
    m->expecting = 0;
    m->complained = false;
    m->packet_length = 0;
    start_test(m);
}

static bool ps2_mouse_post_load(void *state, struct error *err)
{
    struct ps2_mouse *m = state;
    if (m->testing != m->test_end.pending)
        return error_set(err, "ps2_mouse: tests itself without its event, or the other way round");
    if (m->dx < -MAX_GATHERED || m->dx > MAX_GATHERED || m->dy < -MAX_GATHERED || m->dy > MAX_GATHERED ||
        m->wheel < -MAX_GATHERED || m->wheel > MAX_GATHERED)
        return error_set(err, "ps2_mouse: movement beyond what gathers");
    return true;
}

static void ps2_mouse_destroy(void *state)
{
    struct ps2_mouse *m = state;
    event_destroy(m->dev.clock, &m->sample);
    event_destroy(m->dev.clock, &m->test_end);
}

static void ps2_mouse_print(const void *state, struct text *out)
{
    const struct ps2_mouse *m = state;
    text_add(out, "identity %u, %s mode, %s%s, %u samples/s, resolution %u, scaling %s\n", m->identity,
             m->wrap     ? "wrap"
             : m->remote ? "remote"
                         : "stream",
             m->reporting ? "reporting" : "silent", m->testing ? ", testing" : "", m->rate,
             1u << m->resolution, m->scaling ? "2:1" : "1:1");
    text_add(out, "buttons %02X, movement not yet reported x %d y %d wheel %d, %u bytes wait\n", m->buttons,
             (int)m->dx, (int)m->dy, (int)m->wheel, m->count);
}

static const struct field ps2_mouse_fields[] = {
    FIELD_RANGE(struct ps2_mouse, identity, 0, 4),
    FIELD_RANGE(struct ps2_mouse, reporting, 0, 1),
    FIELD_RANGE(struct ps2_mouse, remote, 0, 1),
    FIELD_RANGE(struct ps2_mouse, wrap, 0, 1),
    FIELD_RANGE(struct ps2_mouse, scaling, 0, 1),
    FIELD_RANGE(struct ps2_mouse, resolution, 0, 3),
    FIELD_RANGE(struct ps2_mouse, rate, 1, 255),
    FIELD_BYTES(struct ps2_mouse, rates),
    FIELD(struct ps2_mouse, expecting),
    FIELD_RANGE(struct ps2_mouse, complained, 0, 1),
    FIELD_RANGE(struct ps2_mouse, testing, 0, 1),
    FIELD(struct ps2_mouse, last_sent),
    FIELD_BYTES(struct ps2_mouse, queue),
    FIELD_RANGE(struct ps2_mouse, head, 0, PS2_MOUSE_QUEUE - 1),
    FIELD_RANGE(struct ps2_mouse, count, 0, PS2_MOUSE_QUEUE),
    FIELD_BYTES(struct ps2_mouse, packet),
    FIELD_RANGE(struct ps2_mouse, packet_length, 0, 4),
    FIELD(struct ps2_mouse, dx),
    FIELD(struct ps2_mouse, dy),
    FIELD(struct ps2_mouse, wheel),
    FIELD(struct ps2_mouse, buttons),
    FIELD(struct ps2_mouse, pressed),
    FIELD(struct ps2_mouse, reported),
    FIELD_EVENT(struct ps2_mouse, sample),
    FIELD_EVENT(struct ps2_mouse, test_end),
    FIELD_END,
};

const struct device_type ps2_mouse_type = {
    .name = "ps2_mouse",
    .title = "PS/2 mouse",
    .state_size = sizeof(struct ps2_mouse),
    .fields = ps2_mouse_fields,
    .init = ps2_mouse_init,
    .reset = ps2_mouse_reset,
    .post_load = ps2_mouse_post_load,
    .print = ps2_mouse_print,
    .destroy = ps2_mouse_destroy,
};
