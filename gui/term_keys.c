#include "gui/term_keys.h"

#include <stdbool.h>

#include "gui/keymap.h"

enum { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CTRL = 4 };

static void press(struct term_chord *chord, uint16_t key)
{
    if (chord->count < TERM_CHORD_MAX)
        chord->keys[chord->count++] = key;
}

static void stroke(struct term_chord *chord, unsigned modifiers, uint16_t key)
{
    if (!key)
        return;
    if (modifiers & MOD_CTRL)
        press(chord, KEY_CTRL);
    if (modifiers & MOD_ALT)
        press(chord, KEY_ALT);
    if (modifiers & MOD_SHIFT)
        press(chord, KEY_SHIFT);
    press(chord, key);
}

/* Keys of sequences that end in a letter: CSI A, CSI 1;5A, SS3 P. */
static uint16_t letter_key(uint8_t letter)
{
    switch (letter) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return KEY_RIGHT;
    case 'D':
        return KEY_LEFT;
    case 'E':
        return 0x4C; /* keypad 5 */
    case 'F':
        return KEY_END;
    case 'H':
        return KEY_HOME;
    case 'M':
        return 0xE01C; /* keypad Enter */
    case 'P':
    case 'Q':
    case 'R':
    case 'S':
        return keymap_function_key((unsigned)(letter - 'P') + 1);
    default:
        return 0;
    }
}

/* Keys of sequences that end in '~': CSI 5~. */
static uint16_t number_key(unsigned number)
{
    static const uint16_t keys[35] = {
        [1] = KEY_HOME,      [2] = KEY_INSERT, [3] = KEY_DELETE, [4] = KEY_END, [5] = KEY_PAGE_UP,
        [6] = KEY_PAGE_DOWN, [7] = KEY_HOME,   [8] = KEY_END,    [11] = 0x3B,   [12] = 0x3C,
        [13] = 0x3D,         [14] = 0x3E,      [15] = 0x3F,      [17] = 0x40,   [18] = 0x41,
        [19] = 0x42,         [20] = 0x43,      [21] = 0x44,      [23] = 0x57,   [24] = 0x58,
    };
    return number < sizeof keys / sizeof *keys ? keys[number] : 0;
}

/* CSI: ESC [ parameters final. BYTES starts after ESC [. Returns bytes taken. */
static size_t take_csi(const uint8_t *bytes, size_t count, struct term_chord *out)
{
    unsigned parameters[2] = {0, 1}, at = 0;
    size_t i = 0;
    if (count && bytes[0] == '[') { /* the Linux console: ESC [ [ A is F1 */
        if (count < 2)
            return count;
        if (bytes[1] >= 'A' && bytes[1] <= 'E')
            stroke(out, 0, keymap_function_key((unsigned)(bytes[1] - 'A') + 1));
        return 2;
    }
    for (; i < count && bytes[i] < 0x40; i++) {
        if (bytes[i] == ';')
            at = at < 2 ? at + 1 : 2;
        else if (bytes[i] >= '0' && bytes[i] <= '9' && at < 2)
            parameters[at] =
                (i && bytes[i - 1] != ';' ? parameters[at] * 10 : 0) % 1000 + (unsigned)(bytes[i] - '0');
    }
    if (i == count)
        return count;
    unsigned modifiers = parameters[1] ? (parameters[1] - 1) & 7 : 0;
    if (bytes[i] == 'Z') /* back tab */
        stroke(out, MOD_SHIFT, KEY_TAB);
    else
        stroke(out, modifiers, bytes[i] == '~' ? number_key(parameters[0]) : letter_key(bytes[i]));
    return i + 1;
}

/* A byte below 20h or 7Fh. */
static void take_control(uint8_t byte, unsigned modifiers, struct term_chord *out)
{
    static const char others[0x20] = {[0] = ' ', [0x1C] = '\\', [0x1D] = ']', [0x1E] = '6', [0x1F] = '-'};
    struct keystroke key;
    if (byte == '\r' || byte == '\n' || byte == '\t' || byte == 0x7F || byte == 0x1B) {
        keymap_character(byte, &key);
        stroke(out, modifiers, key.key);
        return;
    }
    if (byte >= 1 && byte <= 26)
        keymap_character((uint32_t)'a' + byte - 1, &key);
    else
        keymap_character((uint8_t)others[byte], &key);
    stroke(out, modifiers | MOD_CTRL, key.key);
}

static size_t utf8_length(uint8_t first)
{
    return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
}

static size_t take_character(const uint8_t *bytes, size_t count, unsigned modifiers, struct term_chord *out)
{
    struct keystroke key;
    if (bytes[0] < 0x20 || bytes[0] == 0x7F) {
        take_control(bytes[0], modifiers, out);
        return 1;
    }
    if (bytes[0] >= 0x80) { /* no key of a US keyboard types it */
        size_t length = utf8_length(bytes[0]);
        return length < count ? length : count;
    }
    if (keymap_character(bytes[0], &key))
        stroke(out, modifiers | (key.shift ? MOD_SHIFT : 0), key.key);
    return 1;
}

size_t term_keys_take(const uint8_t *bytes, size_t count, struct term_chord *out)
{
    *out = (struct term_chord){0};
    if (bytes[0] != 0x1B || count == 1)
        return take_character(bytes, count, 0, out);
    if (bytes[1] == '[' && count > 2)
        return 2 + take_csi(bytes + 2, count - 2, out);
    if (bytes[1] == 'O' && count > 2) {
        stroke(out, 0, letter_key(bytes[2]));
        return 3;
    }
    if (bytes[1] == 0x1B) { /* Esc twice, or Alt with a sequence */
        stroke(out, 0, KEY_ESC);
        return 1;
    }
    return 1 + take_character(bytes + 1, count - 1, MOD_ALT, out);
}
