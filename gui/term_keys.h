/* What a terminal sends for keys (ECMA-48 and xterm's sequences, UTF-8) as strokes on the guest's keyboard.
 */
#ifndef TICK86_GUI_TERM_KEYS_H
#define TICK86_GUI_TERM_KEYS_H

#include <stddef.h>
#include <stdint.h>

#define TERM_CHORD_MAX 5

/* Keys that go down in this order: modifiers first. */
struct term_chord {
    uint16_t keys[TERM_CHORD_MAX];
    unsigned count; /* 0: bytes that mean no key */
};

/* Takes one stroke off the front of BYTES (COUNT > 0); returns how many bytes it was made of. An escape that
 * nothing follows is the Esc key; before other keys it is Alt. */
size_t term_keys_take(const uint8_t *bytes, size_t count, struct term_chord *out);

#endif
