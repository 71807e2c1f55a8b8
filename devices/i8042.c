/* 8042 keyboard controller. IBM PS/2 Hardware Interface Technical Reference (May 1988), "Keyboard and
 * Auxiliary Device Controller"; IBM PC/AT Technical Reference (1985), "Keyboard Controller". */
#include "devices/i8042.h"

#include <string.h>

/* Eleven bits at 12.5 kHz, within the 10 to 16.7 kHz that devices use. */
#define BYTE_NS 880000
/* A device that does not answer: 15 ms to take the clock, 2 ms for the byte. */
#define TIMEOUT_NS 17000000
/* The controller's program between two bytes of a reply. */
#define REPLY_NS 20000
/* Pulses of the output port. */
#define PULSE_NS 6000

/* Status register (port 64h). */
enum {
    STATUS_OBF = 0x01,
    STATUS_IBF = 0x02,
    STATUS_SYS = 0x04,
    STATUS_COMMAND = 0x08,
    STATUS_UNLOCKED = 0x10,
    STATUS_AUX = 0x20,
    STATUS_TIMEOUT = 0x40,
};

/* Command byte, ram[0]. */
enum {
    CB_INT1 = 0x01,
    CB_INT12 = 0x02,
    CB_SYS = 0x04,
    CB_DISABLE_KEYBOARD = 0x10,
    CB_DISABLE_AUX = 0x20,
    CB_TRANSLATE = 0x40,
};

/* Output port. */
enum { OUT_NO_RESET = 0x01, OUT_A20 = 0x02, OUT_IRQ1 = 0x10, OUT_IRQ12 = 0x20, OUT_LINES = 0xCC };

/* Input port: not locked, colour display, data lines idle. */
#define INPUT_PORT 0xB3

#define RESEND 0xFE
#define F0     0xF0

/* From set 2 to set 1: the IBM technical reference's table. */
static const uint8_t translation[128] = {
    0xFF, 0x43, 0x41, 0x3F, 0x3D, 0x3B, 0x3C, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3E, 0x0F, 0x29, 0x59, /* 00 */
    0x65, 0x38, 0x2A, 0x70, 0x1D, 0x10, 0x02, 0x5A, 0x66, 0x71, 0x2C, 0x1F, 0x1E, 0x11, 0x03, 0x5B, /* 10 */
    0x67, 0x2E, 0x2D, 0x20, 0x12, 0x05, 0x04, 0x5C, 0x68, 0x39, 0x2F, 0x21, 0x14, 0x13, 0x06, 0x5D, /* 20 */
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5E, 0x6A, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5F, /* 30 */
    0x6B, 0x33, 0x25, 0x17, 0x18, 0x0B, 0x0A, 0x60, 0x6C, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0C, 0x61, /* 40 */
    0x6D, 0x73, 0x28, 0x74, 0x1A, 0x0D, 0x62, 0x6E, 0x3A, 0x36, 0x1C, 0x1B, 0x75, 0x2B, 0x63, 0x76, /* 50 */
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7A, 0x0E, 0x7B, 0x7C, 0x4F, 0x7D, 0x4B, 0x47, 0x7E, 0x7F, 0x6F, /* 60 */
    0x52, 0x53, 0x50, 0x4C, 0x4D, 0x48, 0x01, 0x45, 0x57, 0x4E, 0x51, 0x4A, 0x37, 0x49, 0x46, 0x54, /* 70 */
};

uint8_t i8042_translate(uint8_t set2)
{
    if (set2 < 0x80)
        return translation[set2];
    if (set2 == 0x83)
        return 0x41;
    return set2 == 0x84 ? 0x54 : set2;
}

static uint64_t after(const struct i8042 *k, uint64_t ns)
{
    return k->dev.clock->now + clock_cycles_of_ns(k->dev.clock, ns);
}

/* --- Output buffer --- */

static void update_irqs(struct i8042 *k)
{
    bool irq1 = k->full && !k->from_aux && k->ram[0] & CB_INT1;
    bool irq12 = k->full && k->from_aux && k->ram[0] & CB_INT12;
    if (irq1 != k->irq1_level) {
        k->irq1_level = irq1;
        wire_set(&k->irq1, irq1);
    }
    if (irq12 != k->irq12_level) {
        k->irq12_level = irq12;
        wire_set(&k->irq12, irq12);
    }
}

static void put_output(struct i8042 *k, uint8_t byte, bool aux, uint8_t errors)
{
    k->data = byte;
    k->full = true;
    k->from_aux = aux;
    k->errors = errors;
    update_irqs(k);
}

/* A byte from the controller itself, now or when the buffer is free. */
static void reply(struct i8042 *k, uint8_t byte, bool aux)
{
    if (!k->full && !k->reply_count) {
        put_output(k, byte, aux, 0);
    } else if (k->reply_count < I8042_REPLIES) {
        unsigned at = (k->reply_head + k->reply_count++) % I8042_REPLIES;
        k->replies[at] = byte;
        k->reply_aux[at] = aux;
    }
}

static bool port_enabled(const struct i8042 *k, unsigned port)
{
    return !(k->ram[0] & (port == PS2_AUX_PORT ? CB_DISABLE_AUX : CB_DISABLE_KEYBOARD));
}

static bool can_receive(const struct i8042 *k, unsigned port)
{
    const struct i8042_port *p = &k->port[port];
    return p->link.owner && port_enabled(k, port) && !p->sending && p->link.has_byte(p->link.owner);
}

/* Sets the next thing in motion when the output buffer is free: a reply, or a byte from a device. The devices
 * take turns. */
static void go_on(struct i8042 *k)
{
    if (k->full || k->receiving || k->next_reply.pending)
        return;
    if (k->reply_count) {
        event_schedule(k->dev.clock, &k->next_reply, after(k, REPLY_NS));
        return;
    }
    if (k->port[0].sending || k->port[1].sending)
        return;
    unsigned port = k->last_port ^ 1;
    if (!can_receive(k, port))
        port ^= 1;
    if (!can_receive(k, port))
        return;
    k->receiving = true;
    k->receiving_port = (uint8_t)port;
    event_schedule(k->dev.clock, &k->received, after(k, BYTE_NS));
}

static void on_next_reply(void *owner, uint64_t late)
{
    struct i8042 *k = owner;
    (void)late;
    if (k->full || !k->reply_count)
        return;
    unsigned at = k->reply_head;
    k->reply_head = (uint8_t)((at + 1) % I8042_REPLIES);
    k->reply_count--;
    put_output(k, k->replies[at], k->reply_aux[at], 0);
}

/* --- From the devices --- */

/* In secure mode nothing passes but the password opens the lock: make codes, compared one by one. */
static void compare_password(struct i8042 *k, uint8_t code)
{
    if (code & 0x80)
        return;
    if (code == k->password[k->password_matched])
        k->password_matched++;
    else
        k->password_matched = 0;
    if (k->password_matched < k->password_length)
        return;
    k->locked = false;
    k->password_matched = 0;
}

static void keyboard_byte(struct i8042 *k, uint8_t byte)
{
    bool translate = k->ram[0] & CB_TRANSLATE || k->locked;
    if (translate) {
        if (byte == F0) {
            k->break_prefix = true;
            return;
        }
        byte = i8042_translate(byte);
        if (k->break_prefix)
            byte |= 0x80;
        k->break_prefix = false;
    }
    if (k->locked)
        compare_password(k, byte);
    else
        put_output(k, byte, false, 0);
}

static void on_received(void *owner, uint64_t late)
{
    struct i8042 *k = owner;
    unsigned port = k->receiving_port & 1;
    (void)late;
    k->receiving = false;
    /* Meanwhile the host may have stopped the clock, or the controller used the buffer: the device tries
     * again. */
    if (!k->full && can_receive(k, port)) {
        uint8_t byte = k->port[port].link.take_byte(k->port[port].link.owner);
        k->last_port = (uint8_t)port;
        if (port == PS2_KEYBOARD_PORT)
            keyboard_byte(k, byte);
        else if (!k->locked)
            put_output(k, byte, true, 0);
    }
    go_on(k);
}

void i8042_attach(struct i8042 *k, unsigned port, const struct ps2_link *link)
{
    k->port[port & 1].link = *link;
}

void i8042_device_ready(struct i8042 *k, unsigned port)
{
    (void)port;
    go_on(k);
}

/* --- To the devices --- */

static void send(struct i8042 *k, unsigned port, uint8_t byte)
{
    struct i8042_port *p = &k->port[port];
    /* The host's request to send breaks off what the device was sending; it repeats that later. */
    k->receiving = false;
    event_cancel(k->dev.clock, &k->received);
    p->sending = true;
    p->byte = byte;
    event_schedule(k->dev.clock, &p->sent, after(k, p->link.owner ? BYTE_NS : TIMEOUT_NS));
}

static void sent(struct i8042 *k, unsigned port)
{
    struct i8042_port *p = &k->port[port];
    p->sending = false;
    if (p->link.owner)
        p->link.receive(p->link.owner, p->byte);
    else if (!k->full)
        put_output(k, RESEND, port == PS2_AUX_PORT, STATUS_TIMEOUT);
    go_on(k);
}

static void on_keyboard_sent(void *k, uint64_t late)
{
    (void)late;
    sent(k, PS2_KEYBOARD_PORT);
}

static void on_aux_sent(void *k, uint64_t late)
{
    (void)late;
    sent(k, PS2_AUX_PORT);
}

/* --- Commands --- */

static void set_a20(struct i8042 *k, bool level)
{
    if (level)
        k->output_port |= OUT_A20;
    else
        k->output_port &= (uint8_t)~OUT_A20;
    wire_set(&k->a20, level);
}

static void pulse_reset(struct i8042 *k)
{
    wire_set(&k->reset, true);
    wire_set(&k->reset, false);
}

static uint8_t output_port(const struct i8042 *k)
{
    return (uint8_t)(k->output_port | (k->full ? k->from_aux ? OUT_IRQ12 : OUT_IRQ1 : 0));
}

static void write_output_port(struct i8042 *k, uint8_t value)
{
    k->output_port = (uint8_t)((value & (OUT_LINES | OUT_A20)) | OUT_NO_RESET);
    wire_set(&k->a20, value & OUT_A20);
    if (!(value & OUT_NO_RESET))
        pulse_reset(k);
}

static void write_command_byte(struct i8042 *k, uint8_t value)
{
    k->ram[0] = value;
    k->system_flag = value & CB_SYS;
    update_irqs(k);
    go_on(k);
}

/* F0h-FFh: the zeros among bits 3-0 are lines of the output port that go low for 6 microseconds. */
static void pulse_output_port(struct i8042 *k, uint8_t command)
{
    if (!(command & OUT_A20) && k->output_port & OUT_A20) {
        wire_set(&k->a20, false);
        event_schedule(k->dev.clock, &k->pulse_end, after(k, PULSE_NS));
    }
    if (!(command & OUT_NO_RESET))
        pulse_reset(k);
}

static void on_pulse_end(void *owner, uint64_t late)
{
    struct i8042 *k = owner;
    (void)late;
    wire_set(&k->a20, k->output_port & OUT_A20);
}

/* Clock and data of the keyboard and of the auxiliary device, as they stand: a stopped clock is low. */
static uint8_t test_inputs(const struct i8042 *k)
{
    return (uint8_t)((port_enabled(k, PS2_KEYBOARD_PORT) ? 0x01 : 0) |
                     (port_enabled(k, PS2_AUX_PORT) ? 0x02 : 0));
}

static void diagnostic_dump(struct i8042 *k)
{
    for (unsigned i = 0; i < 16; i++)
        reply(k, k->ram[i], false);
    reply(k, INPUT_PORT, false);
    reply(k, output_port(k), false);
    reply(k, test_inputs(k), false);
}

static void self_test(struct i8042 *k)
{
    k->system_flag = true;
    k->ram[0] |= CB_SYS;
    reply(k, 0x55, false);
}

static void enable_password(struct i8042 *k)
{
    if (!k->password_length)
        return;
    k->locked = true;
    k->password_matched = 0;
}

static void load_password(struct i8042 *k, uint8_t byte)
{
    if (byte && k->password_length < I8042_PASSWORD) {
        k->password[k->password_length++] = byte;
        k->expecting = 0xA5; /* until a zero ends it */
    }
}

static void set_port_enabled(struct i8042 *k, uint8_t disable_bit, bool enabled)
{
    if (enabled)
        k->ram[0] &= (uint8_t)~disable_bit;
    else
        k->ram[0] |= disable_bit;
    go_on(k);
}

static void command_a0(struct i8042 *k, uint8_t command)
{
    switch (command) {
    case 0xA4: /* is a password installed? */
        reply(k, k->password_length ? 0xFA : 0xF1, false);
        break;
    case 0xA5: /* load password */
        k->password_length = 0;
        k->expecting = command;
        break;
    case 0xA6:
        enable_password(k);
        break;
    case 0xA7:
    case 0xA8:
        set_port_enabled(k, CB_DISABLE_AUX, command == 0xA8);
        break;
    case 0xA9: /* test of the auxiliary interface: no error */
    case 0xAB: /* test of the keyboard interface */
        reply(k, 0x00, false);
        break;
    case 0xAA:
        self_test(k);
        break;
    case 0xAC:
        diagnostic_dump(k);
        break;
    case 0xAD:
    case 0xAE:
        set_port_enabled(k, CB_DISABLE_KEYBOARD, command == 0xAE);
        break;
    case 0xAF: /* version */
        reply(k, 0x00, false);
        break;
    default:
        log_line(k->dev.log, "i8042", "unknown command %02Xh", command);
        break;
    }
}

static void command_c0(struct i8042 *k, uint8_t command)
{
    switch (command) {
    case 0xC0:
        reply(k, INPUT_PORT, false);
        break;
    case 0xC1:
    case 0xC2:
        k->polling = command;
        break;
    case 0xD0:
        reply(k, output_port(k), false);
        break;
    case 0xD1: /* write output port */
    case 0xD2: /* write keyboard output buffer */
    case 0xD3: /* write auxiliary output buffer */
    case 0xD4: /* write to the auxiliary device */
        k->expecting = command;
        break;
    case 0xDD: /* A20 off and on: not IBM's, but in most chipsets */
    case 0xDF:
        set_a20(k, command == 0xDF);
        break;
    case 0xE0:
        reply(k, test_inputs(k), false);
        break;
    default:
        log_line(k->dev.log, "i8042", "unknown command %02Xh", command);
        break;
    }
}

static void write_command(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct i8042 *k = state;
    uint8_t command = (uint8_t)value;
    (void)port;
    (void)size;
    k->last_was_command = true;
    k->expecting = 0;
    k->polling = 0;
    k->reply_count = 0;
    event_cancel(k->dev.clock, &k->next_reply);
    if (command >= 0x20 && command <= 0x3F)
        reply(k, k->ram[command & (I8042_RAM - 1)], false);
    else if (command >= 0x60 && command <= 0x7F)
        k->expecting = command;
    else if (command >= 0xF0)
        pulse_output_port(k, command);
    else if (command >= 0xC0)
        command_c0(k, command);
    else
        command_a0(k, command);
    go_on(k);
}

/* A byte at 60h that no command waits for goes to the keyboard, whose clock starts if it was stopped. */
static void write_to_keyboard(struct i8042 *k, uint8_t byte)
{
    k->ram[0] &= (uint8_t)~CB_DISABLE_KEYBOARD;
    k->break_prefix = false;
    send(k, PS2_KEYBOARD_PORT, byte);
}

static void write_data(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct i8042 *k = state;
    uint8_t byte = (uint8_t)value, command = k->expecting;
    (void)port;
    (void)size;
    k->last_was_command = false;
    k->expecting = 0;
    k->polling = 0;
    switch (command) {
    case 0:
        write_to_keyboard(k, byte);
        break;
    case 0x60:
        write_command_byte(k, byte);
        break;
    case 0xA5:
        load_password(k, byte);
        break;
    case 0xD1:
        write_output_port(k, byte);
        break;
    case 0xD2:
    case 0xD3:
        reply(k, byte, command == 0xD3);
        break;
    case 0xD4:
        send(k, PS2_AUX_PORT, byte);
        break;
    default: /* 61h-7Fh */
        k->ram[command & (I8042_RAM - 1)] = byte;
        break;
    }
}

static uint32_t peek_data(void *state, uint16_t port, unsigned size)
{
    const struct i8042 *k = state;
    (void)port;
    (void)size;
    return k->data;
}

static uint32_t read_data(void *state, uint16_t port, unsigned size)
{
    struct i8042 *k = state;
    (void)port;
    (void)size;
    if (k->full) {
        k->full = false;
        update_irqs(k);
        go_on(k);
    }
    return k->data;
}

static uint32_t read_status(void *state, uint16_t port, unsigned size)
{
    const struct i8042 *k = state;
    (void)port;
    (void)size;
    uint8_t low =
        (uint8_t)((k->full ? STATUS_OBF : 0) | (k->port[0].sending || k->port[1].sending ? STATUS_IBF : 0) |
                  (k->system_flag ? STATUS_SYS : 0) | (k->last_was_command ? STATUS_COMMAND : 0));
    if (k->polling)
        return low | (k->polling == 0xC1 ? INPUT_PORT << 4 & 0xF0 : INPUT_PORT & 0xF0);
    return low | (k->locked ? 0u : STATUS_UNLOCKED) | (k->from_aux ? STATUS_AUX : 0u) | k->errors;
}

/* --- The device --- */

static bool i8042_init(void *state, const void *config, struct error *err)
{
    struct i8042 *k = state;
    struct clock *clock = k->dev.clock;
    (void)config;
    (void)err;
    event_init(clock, &k->received, on_received, k, "%s.received", k->dev.name);
    event_init(clock, &k->next_reply, on_next_reply, k, "%s.reply", k->dev.name);
    event_init(clock, &k->pulse_end, on_pulse_end, k, "%s.pulse", k->dev.name);
    event_init(clock, &k->port[0].sent, on_keyboard_sent, k, "%s.keyboard_sent", k->dev.name);
    event_init(clock, &k->port[1].sent, on_aux_sent, k, "%s.aux_sent", k->dev.name);
    return true;
}

static void i8042_reset(void *state, enum reset_kind kind)
{
    struct i8042 *k = state;
    struct clock *clock = k->dev.clock;
    (void)kind;
    event_cancel(clock, &k->received);
    event_cancel(clock, &k->next_reply);
    event_cancel(clock, &k->pulse_end);
    for (unsigned i = 0; i < PS2_PORTS; i++) {
        event_cancel(clock, &k->port[i].sent);
        k->port[i].sending = false;
    }
    memset(k->ram, 0, sizeof k->ram);
    /* Both clocks stopped until the firmware starts them. */
    k->ram[0] = CB_DISABLE_KEYBOARD | CB_DISABLE_AUX;
    k->full = k->from_aux = k->system_flag = k->break_prefix = k->receiving = k->locked = false;
    k->last_was_command = true;
    k->errors = k->expecting = k->polling = k->reply_count = k->password_length = 0;
    /* The 8042's ports are all high after reset, so A20 is open. */
    k->output_port = OUT_LINES | OUT_A20 | OUT_NO_RESET;
    update_irqs(k);
    set_a20(k, true);
}

static bool i8042_post_load(void *state, struct error *err)
{
    struct i8042 *k = state;
    if (k->receiving != k->received.pending)
        return error_set(err, "i8042: a byte is on its way without its event, or the other way round");
    for (unsigned i = 0; i < PS2_PORTS; i++)
        if (k->port[i].sending != k->port[i].sent.pending)
            return error_set(err, "i8042: port %u sends without its event, or the other way round", i);
    if (k->locked && k->password_matched >= k->password_length)
        return error_set(err, "i8042: the password is matched, but the lock is closed");
    return true;
}

static void i8042_destroy(void *state)
{
    struct i8042 *k = state;
    event_destroy(k->dev.clock, &k->received);
    event_destroy(k->dev.clock, &k->next_reply);
    event_destroy(k->dev.clock, &k->pulse_end);
    event_destroy(k->dev.clock, &k->port[0].sent);
    event_destroy(k->dev.clock, &k->port[1].sent);
}

static void i8042_print(const void *state, struct text *out)
{
    const struct i8042 *k = state;
    text_add(out, "status %02X, output buffer %02X%s%s\n", (unsigned)read_status((void *)k, 0x64, 1), k->data,
             k->full ? " full" : " empty", k->from_aux ? " (auxiliary)" : "");
    text_add(out, "command byte %02X:%s%s%s keyboard %s, auxiliary %s; output port %02X, A20 %s\n", k->ram[0],
             k->ram[0] & CB_INT1 ? " irq1" : "", k->ram[0] & CB_INT12 ? " irq12" : "",
             k->ram[0] & CB_TRANSLATE ? " translate," : "", port_enabled(k, 0) ? "enabled" : "disabled",
             port_enabled(k, 1) ? "enabled" : "disabled", output_port(k),
             k->output_port & OUT_A20 ? "open" : "closed");
    text_add(out, "%u replies wait%s%s%s\n", k->reply_count, k->receiving ? ", receiving" : "",
             k->expecting ? ", expecting data" : "", k->locked ? ", locked" : "");
}

static const struct field port_fields[] = {
    FIELD_RANGE(struct i8042_port, sending, 0, 1),
    FIELD(struct i8042_port, byte),
    FIELD_EVENT(struct i8042_port, sent),
    FIELD_END,
};

static const struct field i8042_fields[] = {
    FIELD_BYTES(struct i8042, ram),
    FIELD(struct i8042, data),
    FIELD_RANGE(struct i8042, full, 0, 1),
    FIELD_RANGE(struct i8042, from_aux, 0, 1),
    FIELD(struct i8042, errors),
    FIELD_RANGE(struct i8042, system_flag, 0, 1),
    FIELD_RANGE(struct i8042, last_was_command, 0, 1),
    FIELD_RANGE(struct i8042, irq1_level, 0, 1),
    FIELD_RANGE(struct i8042, irq12_level, 0, 1),
    FIELD(struct i8042, output_port),
    FIELD(struct i8042, expecting),
    FIELD(struct i8042, polling),
    FIELD_RANGE(struct i8042, break_prefix, 0, 1),
    FIELD_RANGE(struct i8042, receiving, 0, 1),
    FIELD_RANGE(struct i8042, receiving_port, 0, 1),
    FIELD_RANGE(struct i8042, last_port, 0, 1),
    FIELD_BYTES(struct i8042, replies),
    FIELD_ARRAY_RANGE(struct i8042, reply_aux, 0, 1),
    FIELD_RANGE(struct i8042, reply_head, 0, I8042_REPLIES - 1),
    FIELD_RANGE(struct i8042, reply_count, 0, I8042_REPLIES),
    FIELD_BYTES(struct i8042, password),
    FIELD_RANGE(struct i8042, password_length, 0, I8042_PASSWORD),
    FIELD_RANGE(struct i8042, password_matched, 0, I8042_PASSWORD - 1),
    FIELD_RANGE(struct i8042, locked, 0, 1),
    FIELD_STRUCTS(struct i8042, port, port_fields),
    FIELD_EVENT(struct i8042, received),
    FIELD_EVENT(struct i8042, next_reply),
    FIELD_EVENT(struct i8042, pulse_end),
    FIELD_END,
};

static const struct port_row i8042_ports[] = {
    {.base = 0x60,
     .count = 1,
     .name = "keyboard data",
     .read = read_data,
     .write = write_data,
     .peek = peek_data},
    {.base = 0x64,
     .count = 1,
     .name = "keyboard status/command",
     .read = read_status,
     .write = write_command},
    {0},
};

const struct device_type i8042_type = {
    .name = "i8042",
    .title = "8042 keyboard controller",
    .state_size = sizeof(struct i8042),
    .ports = i8042_ports,
    .fields = i8042_fields,
    .init = i8042_init,
    .reset = i8042_reset,
    .post_load = i8042_post_load,
    .print = i8042_print,
    .destroy = i8042_destroy,
};
