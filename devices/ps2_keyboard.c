/* PS/2 keyboard. IBM PS/2 Hardware Interface Technical Reference (May 1988), "101- and 102-Key Keyboards":
 * commands, scan code sets, typematic.
 *
 * Keys are known inside by an index: the set-1 make code, plus 80h with an E0 prefix. */
#include "devices/ps2_keyboard.h"

#include <string.h>

#include "devices/i8042.h"

/* The IBM keyboard's test takes 300 to 500 ms; nothing waits for less, so here it is short. */
#define TEST_NS 40000000
#define ACK     0xFA
#define RESEND  0xFE
#define TESTED  0xAA
#define BREAK   0xF0

#define TYPEMATIC_DEFAULT 0x2B /* 500 ms, 10.9 per second */

/* Types of keys in scan set 3. */
enum { TYPE_MAKE = 0, TYPE_TYPEMATIC = 1, TYPE_BREAK = 2 };

enum { LED_NUM_LOCK = 2 };

/* Indexes of keys with a part of their own. */
enum {
    KEY_LEFT_CTRL = 0x1D,
    KEY_LEFT_SHIFT = 0x2A,
    KEY_RIGHT_SHIFT = 0x36,
    KEY_LEFT_ALT = 0x38,
    KEY_NUM_LOCK = 0x45,
    KEY_SCROLL_LOCK = 0x46,
    KEY_SYSRQ = 0x54,
    KEY_RIGHT_CTRL = 0x9D,
    KEY_DIVIDE = 0xB5,
    KEY_PRINT = 0xB7,
    KEY_RIGHT_ALT = 0xB8,
    KEY_PAUSE = 0xC5, /* E0 45 is no key's code, so it stands for Pause here */
    KEY_BREAK = 0xC6,
};

/* Set 1 to set 2. With an E0 prefix the same codes follow it. */
static const uint8_t set2_codes[128] = {
    0x00, 0x76, 0x16, 0x1E, 0x26, 0x25, 0x2E, 0x36, 0x3D, 0x3E, 0x46, 0x45, 0x4E, 0x55, 0x66, 0x0D, /* 00 */
    0x15, 0x1D, 0x24, 0x2D, 0x2C, 0x35, 0x3C, 0x43, 0x44, 0x4D, 0x54, 0x5B, 0x5A, 0x14, 0x1C, 0x1B, /* 10 */
    0x23, 0x2B, 0x34, 0x33, 0x3B, 0x42, 0x4B, 0x4C, 0x52, 0x0E, 0x12, 0x5D, 0x1A, 0x22, 0x21, 0x2A, /* 20 */
    0x32, 0x31, 0x3A, 0x41, 0x49, 0x4A, 0x59, 0x7C, 0x11, 0x29, 0x58, 0x05, 0x06, 0x04, 0x0C, 0x03, /* 30 */
    0x0B, 0x83, 0x0A, 0x01, 0x09, 0x77, 0x7E, 0x6C, 0x75, 0x7D, 0x7B, 0x6B, 0x73, 0x74, 0x79, 0x69, /* 40 */
    0x72, 0x7A, 0x70, 0x71, 0x84, 0x60, 0x61, 0x78, 0x07, 0x0F, 0x17, 0x1F, 0x27, 0x2F, 0x37, 0x3F, /* 50 */
    0x47, 0x4F, 0x56, 0x5E, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38, 0x40, 0x48, 0x50, 0x57, 0x6F, /* 60 */
    0x13, 0x19, 0x39, 0x51, 0x53, 0x5C, 0x5F, 0x62, 0x63, 0x64, 0x65, 0x67, 0x68, 0x6A, 0x6D, 0x6E, /* 70 */
};

/* Set 3 by index; 0: the key has no code there. */
static const uint8_t set3_codes[PS2_KEYBOARD_KEYS] = {
    0x00,
    0x08,
    0x16,
    0x1E,
    0x26,
    0x25,
    0x2E,
    0x36,
    0x3D,
    0x3E,
    0x46,
    0x45,
    0x4E,
    0x55,
    0x66,
    0x0D, /* 00 */
    0x15,
    0x1D,
    0x24,
    0x2D,
    0x2C,
    0x35,
    0x3C,
    0x43,
    0x44,
    0x4D,
    0x54,
    0x5B,
    0x5A,
    0x11,
    0x1C,
    0x1B, /* 10 */
    0x23,
    0x2B,
    0x34,
    0x33,
    0x3B,
    0x42,
    0x4B,
    0x4C,
    0x52,
    0x0E,
    0x12,
    0x5C,
    0x1A,
    0x22,
    0x21,
    0x2A, /* 20 */
    0x32,
    0x31,
    0x3A,
    0x41,
    0x49,
    0x4A,
    0x59,
    0x7E,
    0x19,
    0x29,
    0x14,
    0x07,
    0x0F,
    0x17,
    0x1F,
    0x27, /* 30 */
    0x2F,
    0x37,
    0x3F,
    0x47,
    0x4F,
    0x76,
    0x5F,
    0x6C,
    0x75,
    0x7D,
    0x84,
    0x6B,
    0x73,
    0x74,
    0x7C,
    0x69, /* 40 */
    0x72,
    0x7A,
    0x70,
    0x71,
    0x57,
    0x00,
    0x13,
    0x56,
    0x5E, /* 50 */
    [0x70] = 0x87,
    [0x73] = 0x51,
    [0x79] = 0x86,
    [0x7B] = 0x85,
    [0x7D] = 0x5D,
    [0x9C] = 0x79, /* keypad Enter */
    [KEY_RIGHT_CTRL] = 0x58,
    [KEY_DIVIDE] = 0x77,
    [KEY_PRINT] = 0x57,
    [KEY_RIGHT_ALT] = 0x39,
    [KEY_PAUSE] = 0x62,
    [0xC7] = 0x6E, /* Home */
    [0xC8] = 0x63, /* up */
    [0xC9] = 0x6F, /* Page Up */
    [0xCB] = 0x61, /* left */
    [0xCD] = 0x6A, /* right */
    [0xCF] = 0x65, /* End */
    [0xD0] = 0x60, /* down */
    [0xD1] = 0x6D, /* Page Down */
    [0xD2] = 0x67, /* Insert */
    [0xD3] = 0x64, /* Delete */
    [0xDB] = 0x8B, /* Windows, menu */
    [0xDC] = 0x8C,
    [0xDD] = 0x8D,
};

/* Keys of set 3 that by default only make, and those that make and break; all others repeat. */
static const uint8_t make_only[] = {0x01, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x40, 0x41, 0x42, 0x43, 0x44,
                                    0x57, 0x58, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D,
                                    0x4F, 0x50, 0x51, 0x52, 0x53, 0x37, 0x9C, 0x9D, 0xB5, 0xB7, 0xB8,
                                    0xC5, 0xC7, 0xC9, 0xCF, 0xD1, 0xD2, 0xDB, 0xDC, 0xDD};
static const uint8_t make_break[] = {KEY_LEFT_CTRL, KEY_LEFT_SHIFT, KEY_RIGHT_SHIFT, KEY_LEFT_ALT, 0x3A};

/* A run of bytes that goes into the buffer whole or not at all. */
struct sequence {
    uint8_t bytes[16];
    unsigned length;
};

static void add(struct sequence *s, uint8_t byte)
{
    if (s->length < sizeof s->bytes)
        s->bytes[s->length++] = byte;
}

/* --- Sending --- */

static bool has_byte(const void *owner)
{
    const struct ps2_keyboard *kb = owner;
    /* Scan codes wait while a command's argument is awaited. */
    return kb->reply_count || (kb->count && !kb->expecting && !kb->testing);
}

static uint8_t take_byte(void *owner)
{
    struct ps2_keyboard *kb = owner;
    if (kb->reply_count) {
        kb->last_sent = kb->replies[kb->reply_head];
        kb->reply_head = (uint8_t)((kb->reply_head + 1u) % sizeof kb->replies);
        kb->reply_count--;
    } else if (kb->count) {
        kb->last_sent = kb->buffer[kb->head];
        kb->head = (uint8_t)((kb->head + 1u) % PS2_KEYBOARD_BUFFER);
        kb->count--;
    }
    return kb->last_sent;
}

static void announce(struct ps2_keyboard *kb)
{
    if (kb->controller && has_byte(kb))
        i8042_device_ready(kb->controller, PS2_KEYBOARD_PORT);
}

static void reply(struct ps2_keyboard *kb, uint8_t byte)
{
    if (kb->reply_count < sizeof kb->replies)
        kb->replies[(kb->reply_head + kb->reply_count++) % sizeof kb->replies] = byte;
}

static void put(struct ps2_keyboard *kb, uint8_t byte)
{
    kb->buffer[(kb->head + kb->count++) % PS2_KEYBOARD_BUFFER] = byte;
}

static void put_sequence(struct ps2_keyboard *kb, const struct sequence *s)
{
    if (kb->count + s->length < PS2_KEYBOARD_BUFFER) {
        for (unsigned i = 0; i < s->length; i++)
            put(kb, s->bytes[i]);
    } else if (kb->count < PS2_KEYBOARD_BUFFER && s->length) {
        /* Overrun: the code for it takes the place, and all more is lost until there is room. */
        uint8_t overrun = kb->scan_set == 1 ? 0xFF : 0x00;
        uint8_t newest = kb->buffer[(kb->head + kb->count + PS2_KEYBOARD_BUFFER - 1u) % PS2_KEYBOARD_BUFFER];
        if (!kb->count || newest != overrun)
            put(kb, overrun);
    }
    announce(kb);
}

static void clear_buffer(struct ps2_keyboard *kb)
{
    kb->count = 0;
}

/* --- Scan codes --- */

static bool is_down(const struct ps2_keyboard *kb, unsigned index)
{
    return kb->down[index / 8] & 1u << index % 8;
}

/* One key's make or break code in set 1 or 2, with its prefix. */
static void add_code(const struct ps2_keyboard *kb, struct sequence *s, unsigned index, bool down)
{
    if (index & 0x80)
        add(s, 0xE0);
    if (kb->scan_set == 1) {
        add(s, (uint8_t)((index & 0x7F) | (down ? 0 : 0x80)));
    } else {
        if (!down)
            add(s, BREAK);
        add(s, set2_codes[index & 0x7F]);
    }
}

/* The make or break code of a shift key, prefixed with E0, that no key sends: it hides the true state of
 * shift from programs that know only the keypad's codes. */
static void add_fake_shift(const struct ps2_keyboard *kb, struct sequence *s, unsigned index, bool down)
{
    add_code(kb, s, index | 0x80, down);
}

/* The grey keys that double those of the keypad: Insert to Page Down and the arrows. */
static bool is_grey(unsigned index)
{
    return index >= 0xC7 && index <= 0xD3 && index != 0xCA && index != 0xCC && index != 0xCE;
}

/* Shift seems up around the keypad's division and, without Num Lock, around the grey keys. */
static void add_without_shift(const struct ps2_keyboard *kb, struct sequence *s, unsigned index, bool down)
{
    static const uint8_t shifts[2] = {KEY_LEFT_SHIFT, KEY_RIGHT_SHIFT};
    if (!down)
        add_code(kb, s, index, false);
    for (unsigned i = 0; i < 2; i++)
        if (is_down(kb, shifts[i]))
            add_fake_shift(kb, s, shifts[i], !down);
    if (down)
        add_code(kb, s, index, true);
}

/* Shift seems down around the grey keys with Num Lock, and around Print Screen. */
static void add_with_shift(const struct ps2_keyboard *kb, struct sequence *s, unsigned index, bool down)
{
    if (down) {
        add_fake_shift(kb, s, KEY_LEFT_SHIFT, true);
        add_code(kb, s, index, true);
    } else {
        add_code(kb, s, index, false);
        add_fake_shift(kb, s, KEY_LEFT_SHIFT, false);
    }
}

static void add_print(struct ps2_keyboard *kb, struct sequence *s, bool down, bool shift)
{
    if (down)
        kb->sysrq = is_down(kb, KEY_LEFT_ALT) || is_down(kb, KEY_RIGHT_ALT);
    if (kb->sysrq)
        add_code(kb, s, KEY_SYSRQ, down);
    else if (shift || is_down(kb, KEY_LEFT_CTRL) || is_down(kb, KEY_RIGHT_CTRL))
        add_code(kb, s, KEY_PRINT, down);
    else
        add_with_shift(kb, s, KEY_PRINT, down);
}

/* Pause sends make and break at once, and nothing when it is released. */
static void add_pause(const struct ps2_keyboard *kb, struct sequence *s, bool down)
{
    if (!down)
        return;
    if (is_down(kb, KEY_LEFT_CTRL) || is_down(kb, KEY_RIGHT_CTRL)) {
        add_code(kb, s, KEY_BREAK, true);
        add_code(kb, s, KEY_BREAK, false);
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        add(s, 0xE1);
        add_code(kb, s, KEY_LEFT_CTRL, i == 0);
        add_code(kb, s, KEY_NUM_LOCK, i == 0);
    }
}

static void send_sets_1_2(struct ps2_keyboard *kb, unsigned index, bool down)
{
    struct sequence s = {.length = 0};
    bool shift = is_down(kb, KEY_LEFT_SHIFT) || is_down(kb, KEY_RIGHT_SHIFT);
    bool num_lock = kb->leds & LED_NUM_LOCK;
    if (index == KEY_PAUSE)
        add_pause(kb, &s, down);
    else if (index == KEY_PRINT)
        add_print(kb, &s, down, shift);
    else if (is_grey(index) && num_lock && !shift)
        add_with_shift(kb, &s, index, down);
    else if (shift && ((is_grey(index) && !num_lock) || index == KEY_DIVIDE))
        add_without_shift(kb, &s, index, down);
    else
        add_code(kb, &s, index, down);
    put_sequence(kb, &s);
}

static void send_set_3(struct ps2_keyboard *kb, unsigned index, bool down)
{
    struct sequence s = {.length = 0};
    uint8_t code = set3_codes[index];
    if (!code || (!down && !(kb->key_type[index] & TYPE_BREAK)))
        return;
    if (!down)
        add(&s, BREAK);
    add(&s, code);
    put_sequence(kb, &s);
}

static void send_key(struct ps2_keyboard *kb, unsigned index, bool down)
{
    if (kb->scan_set == 3)
        send_set_3(kb, index, down);
    else
        send_sets_1_2(kb, index, down);
}

/* --- Typematic --- */

static uint64_t after(const struct ps2_keyboard *kb, uint64_t ns)
{
    return kb->dev.clock->now + clock_cycles_of_ns(kb->dev.clock, ns);
}

/* Period = (8 + A) * 2^B * 4.17 ms, A bits 2-0, B bits 4-3. */
static uint64_t repeat_period_ns(const struct ps2_keyboard *kb)
{
    return (8u + (kb->typematic & 7)) * (1ull << (kb->typematic >> 3 & 3)) * 4170000;
}

static uint64_t repeat_delay_ns(const struct ps2_keyboard *kb)
{
    return ((kb->typematic >> 5 & 3) + 1ull) * 250000000;
}

static bool repeats(const struct ps2_keyboard *kb, unsigned index)
{
    if (kb->scan_set == 3)
        return set3_codes[index] && kb->key_type[index] & TYPE_TYPEMATIC;
    return index != KEY_PAUSE;
}

static void stop_repeat(struct ps2_keyboard *kb)
{
    kb->repeating = 0;
    event_cancel(kb->dev.clock, &kb->repeat);
}

/* Repeats the key's own make code, without fake shifts. While the host takes nothing, no repeats pile up. */
static void on_repeat(void *owner, uint64_t late)
{
    struct ps2_keyboard *kb = owner;
    unsigned index = kb->repeating;
    (void)late;
    if (!index || !kb->scanning)
        return;
    if (!kb->count) {
        struct sequence s = {.length = 0};
        if (kb->scan_set == 3)
            add(&s, set3_codes[index]);
        else
            add_code(kb, &s, index == KEY_PRINT && kb->sysrq ? KEY_SYSRQ : index, true);
        put_sequence(kb, &s);
    }
    event_schedule(kb->dev.clock, &kb->repeat,
                   kb->repeat.when + clock_cycles_of_ns(kb->dev.clock, repeat_period_ns(kb)));
}

/* --- Keys --- */

/* The index of KEY; 0: there is no such key. */
static unsigned key_index(uint16_t key)
{
    if (key == 0xE11D)
        return KEY_PAUSE;
    if (key < 0x80)
        return key;
    if (key < 0xE001 || key > 0xE07F)
        return 0;
    unsigned index = (key & 0x7Fu) | 0x80;
    return index == KEY_PAUSE ? 0 : index;
}

void ps2_keyboard_key(struct ps2_keyboard *kb, uint16_t key, bool down)
{
    unsigned index = key_index(key);
    if (!index || is_down(kb, index) == down)
        return;
    if (down)
        kb->down[index / 8] |= (uint8_t)(1u << index % 8);
    else
        kb->down[index / 8] &= (uint8_t) ~(1u << index % 8);
    if (!kb->scanning || kb->testing)
        return;
    if (!down && kb->repeating == index)
        stop_repeat(kb);
    send_key(kb, index, down);
    if (down && repeats(kb, index)) {
        kb->repeating = (uint8_t)index;
        event_schedule(kb->dev.clock, &kb->repeat, after(kb, repeat_delay_ns(kb)));
    }
}

unsigned ps2_keyboard_leds(const struct ps2_keyboard *kb)
{
    return kb->leds;
}

bool ps2_keyboard_idle(const struct ps2_keyboard *kb)
{
    return !kb->count && !kb->testing;
}

/* --- Commands --- */

static void default_key_types(struct ps2_keyboard *kb)
{
    memset(kb->key_type, TYPE_TYPEMATIC, sizeof kb->key_type);
    for (unsigned i = 0; i < sizeof make_only; i++)
        kb->key_type[make_only[i]] = TYPE_MAKE;
    for (unsigned i = 0; i < sizeof make_break; i++)
        kb->key_type[make_break[i]] = TYPE_BREAK;
}

static void set_defaults(struct ps2_keyboard *kb)
{
    kb->typematic = TYPEMATIC_DEFAULT;
    default_key_types(kb);
    clear_buffer(kb);
    stop_repeat(kb);
}

static void start_test(struct ps2_keyboard *kb)
{
    set_defaults(kb);
    kb->scan_set = 2;
    kb->leds = 0;
    kb->testing = true;
    kb->scanning = true;
    kb->expecting = 0;
    event_schedule(kb->dev.clock, &kb->test_end, after(kb, TEST_NS));
}

static void on_test_end(void *owner, uint64_t late)
{
    struct ps2_keyboard *kb = owner;
    (void)late;
    kb->testing = false;
    reply(kb, TESTED);
    announce(kb);
}

static void set_all_types(struct ps2_keyboard *kb, uint8_t type)
{
    memset(kb->key_type, type, sizeof kb->key_type);
}

/* FBh-FDh: the argument is a key's set-3 code. */
static void set_one_type(struct ps2_keyboard *kb, uint8_t code, uint8_t type)
{
    for (unsigned i = 1; i < PS2_KEYBOARD_KEYS; i++)
        if (set3_codes[i] == code)
            kb->key_type[i] = type;
}

static void choose_scan_set(struct ps2_keyboard *kb, uint8_t set)
{
    if (set > 3) {
        reply(kb, RESEND);
        return;
    }
    reply(kb, ACK);
    if (set == 0) {
        reply(kb, kb->scan_set);
        return;
    }
    kb->scan_set = set;
    clear_buffer(kb);
    stop_repeat(kb);
}

/* The second byte of a command. */
static void argument(struct ps2_keyboard *kb, uint8_t command, uint8_t byte)
{
    switch (command) {
    case 0xED:
        kb->leds = byte & 7;
        reply(kb, ACK);
        break;
    case 0xF0:
        choose_scan_set(kb, byte);
        break;
    case 0xF3:
        kb->typematic = byte & 0x7F;
        reply(kb, ACK);
        break;
    default: /* FBh, FCh, FDh: further keys may follow */
        set_one_type(kb, byte, command == 0xFB ? TYPE_TYPEMATIC : command == 0xFC ? TYPE_BREAK : TYPE_MAKE);
        reply(kb, ACK);
        kb->expecting = command;
        break;
    }
}

static void identify(struct ps2_keyboard *kb)
{
    reply(kb, ACK);
    reply(kb, 0xAB);
    reply(kb, 0x83);
}

static void command(struct ps2_keyboard *kb, uint8_t byte)
{
    static const uint8_t all_types[] = {TYPE_TYPEMATIC, TYPE_BREAK, TYPE_MAKE, TYPE_TYPEMATIC | TYPE_BREAK};
    switch (byte) {
    case 0xED: /* LEDs */
    case 0xF0: /* scan code set */
    case 0xF3: /* typematic rate and delay */
    case 0xFB: /* key types, one by one */
    case 0xFC:
    case 0xFD:
        kb->expecting = byte;
        reply(kb, ACK);
        break;
    case 0xEE: /* echo */
        reply(kb, 0xEE);
        break;
    case 0xF2:
        identify(kb);
        break;
    case 0xF4: /* enable */
        clear_buffer(kb);
        stop_repeat(kb);
        kb->scanning = true;
        reply(kb, ACK);
        break;
    case 0xF5: /* default and disable */
    case 0xF6: /* default */
        set_defaults(kb);
        kb->scanning = byte == 0xF6;
        reply(kb, ACK);
        break;
    case 0xF7: /* key types, all */
    case 0xF8:
    case 0xF9:
    case 0xFA:
        set_all_types(kb, all_types[byte - 0xF7]);
        reply(kb, ACK);
        break;
    case 0xFE:
        reply(kb, kb->last_sent);
        break;
    case 0xFF:
        start_test(kb);
        reply(kb, ACK);
        break;
    default:
        reply(kb, RESEND);
        break;
    }
}

/* A byte from the host. What of an earlier answer was not yet sent is dropped. */
static void receive(void *owner, uint8_t byte)
{
    struct ps2_keyboard *kb = owner;
    uint8_t expecting = kb->expecting;
    kb->reply_count = 0;
    if (kb->testing) {
        kb->testing = false;
        event_cancel(kb->dev.clock, &kb->test_end);
    }
    kb->expecting = 0;
    /* In place of an argument a new command may come; arguments are below EDh. */
    if (expecting && byte < 0xED)
        argument(kb, expecting, byte);
    else
        command(kb, byte);
    announce(kb);
}

/* --- The device --- */

static bool ps2_keyboard_init(void *state, const void *config, struct error *err)
{
    struct ps2_keyboard *kb = state;
    const struct ps2_keyboard_config *given = config;
    (void)err;
    event_init(kb->dev.clock, &kb->repeat, on_repeat, kb, "%s.repeat", kb->dev.name);
    event_init(kb->dev.clock, &kb->test_end, on_test_end, kb, "%s.test", kb->dev.name);
    kb->controller = given ? given->controller : NULL;
    kb->scan_set = 2;
    if (kb->controller)
        i8042_attach(kb->controller, PS2_KEYBOARD_PORT,
                     &(struct ps2_link){
                         .owner = kb, .has_byte = has_byte, .take_byte = take_byte, .receive = receive});
    return true;
}

/* The keyboard has no reset line of its own: only power makes it test itself. */
static void ps2_keyboard_reset(void *state, enum reset_kind kind)
{
    struct ps2_keyboard *kb = state;
    if (kind != RESET_POWER_ON)
        return;
    memset(kb->down, 0, sizeof kb->down);
    kb->reply_count = 0;
    kb->sysrq = false;
    start_test(kb);
}

static bool ps2_keyboard_post_load(void *state, struct error *err)
{
    struct ps2_keyboard *kb = state;
    if (kb->testing != kb->test_end.pending)
        return error_set(err, "ps2_keyboard: tests itself without its event, or the other way round");
    return true;
}

static void ps2_keyboard_destroy(void *state)
{
    struct ps2_keyboard *kb = state;
    event_destroy(kb->dev.clock, &kb->repeat);
    event_destroy(kb->dev.clock, &kb->test_end);
}

static void ps2_keyboard_print(const void *state, struct text *out)
{
    const struct ps2_keyboard *kb = state;
    text_add(out, "scan set %u, %s, leds%s%s%s%s, delay %u ms, period %u us\n", kb->scan_set,
             kb->testing    ? "testing"
             : kb->scanning ? "scanning"
                            : "disabled",
             kb->leds & 1 ? " scroll" : "", kb->leds & 2 ? " num" : "", kb->leds & 4 ? " caps" : "",
             kb->leds ? "" : " none", (unsigned)(repeat_delay_ns(kb) / 1000000),
             (unsigned)(repeat_period_ns(kb) / 1000));
    text_add(out, "%u replies and %u scan bytes wait; held:", kb->reply_count, kb->count);
    for (unsigned i = 0; i < PS2_KEYBOARD_KEYS; i++)
        if (is_down(kb, i))
            text_add(out, i & 0x80 ? " E0%02X" : " %02X", i & 0x7F);
    text_add(out, "\n");
}

static const struct field ps2_keyboard_fields[] = {
    FIELD_RANGE(struct ps2_keyboard, scan_set, 1, 3),
    FIELD_RANGE(struct ps2_keyboard, scanning, 0, 1),
    FIELD_RANGE(struct ps2_keyboard, leds, 0, 7),
    FIELD_RANGE(struct ps2_keyboard, typematic, 0, 0x7F),
    FIELD(struct ps2_keyboard, expecting),
    FIELD(struct ps2_keyboard, last_sent),
    FIELD_RANGE(struct ps2_keyboard, testing, 0, 1),
    FIELD_RANGE(struct ps2_keyboard, sysrq, 0, 1),
    FIELD_BYTES(struct ps2_keyboard, replies),
    FIELD_RANGE(struct ps2_keyboard, reply_head, 0, 7),
    FIELD_RANGE(struct ps2_keyboard, reply_count, 0, 8),
    FIELD_BYTES(struct ps2_keyboard, buffer),
    FIELD_RANGE(struct ps2_keyboard, head, 0, PS2_KEYBOARD_BUFFER - 1),
    FIELD_RANGE(struct ps2_keyboard, count, 0, PS2_KEYBOARD_BUFFER),
    FIELD_BYTES(struct ps2_keyboard, down),
    FIELD_BYTES(struct ps2_keyboard, key_type),
    FIELD(struct ps2_keyboard, repeating),
    FIELD_EVENT(struct ps2_keyboard, repeat),
    FIELD_EVENT(struct ps2_keyboard, test_end),
    FIELD_END,
};

const struct device_type ps2_keyboard_type = {
    .name = "ps2_keyboard",
    .title = "PS/2 keyboard",
    .state_size = sizeof(struct ps2_keyboard),
    .fields = ps2_keyboard_fields,
    .init = ps2_keyboard_init,
    .reset = ps2_keyboard_reset,
    .post_load = ps2_keyboard_post_load,
    .print = ps2_keyboard_print,
    .destroy = ps2_keyboard_destroy,
};
