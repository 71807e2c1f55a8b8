/* PS/2 keyboard with 101 to 104 keys: scan code sets 1, 2 and 3.
 * IBM PS/2 Hardware Interface Technical Reference, "101- and 102-Key Keyboards". */
#ifndef TICK86_DEVICES_PS2_KEYBOARD_H
#define TICK86_DEVICES_PS2_KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

struct i8042;

struct ps2_keyboard_config {
    struct i8042 *controller; /* plugged into its keyboard port; NULL: lies on the table */
};

/* The buffer holds 16 bytes; a 17th place takes the overrun code. */
#define PS2_KEYBOARD_BUFFER 17
#define PS2_KEYBOARD_KEYS   256

struct ps2_keyboard {
    struct device dev;
    struct i8042 *controller;
    uint8_t scan_set;   /* 1..3 */
    bool scanning;      /* keys are sent */
    uint8_t leds;       /* bit 0 scroll lock, 1 num lock, 2 caps lock */
    uint8_t typematic;  /* as command F3h sets it */
    uint8_t expecting;  /* the command whose argument comes next; 0: none */
    uint8_t last_sent;  /* for the resend command */
    bool testing;       /* the basic assurance test runs */
    bool sysrq;         /* Print Screen went down as SysRq */
    uint8_t replies[8]; /* go out before scan codes */
    uint8_t reply_head, reply_count;
    uint8_t buffer[PS2_KEYBOARD_BUFFER];
    uint8_t head, count;
    uint8_t down[PS2_KEYBOARD_KEYS / 8]; /* keys that are held */
    uint8_t key_type[PS2_KEYBOARD_KEYS]; /* scan set 3: by key */
    uint8_t repeating;                   /* the key that repeats; 0: none */
    struct event repeat, test_end;
};

extern const struct device_type ps2_keyboard_type;

/* A key goes down or up. KEY as in machine/machine.h: a set-1 make code 01h..7Fh, E001h..E07Fh, or E11Dh
 * (Pause). Unknown keys, and keys that already are as told, do nothing. */
void ps2_keyboard_key(struct ps2_keyboard *keyboard, uint16_t key, bool down);
/* Bit 0 scroll lock, 1 num lock, 2 caps lock. */
unsigned ps2_keyboard_leds(const struct ps2_keyboard *keyboard);
/* No scan code waits to be sent: for who types text, so as not to overrun the buffer. */
bool ps2_keyboard_idle(const struct ps2_keyboard *keyboard);

#endif
