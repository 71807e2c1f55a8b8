/* PS/2 mouse: standard, IntelliMouse (wheel) and IntelliMouse Explorer (five buttons).
 * IBM PS/2 Hardware Interface Technical Reference, "Mouse"; Microsoft's wheel protocol.
 *
 * It starts as a standard mouse. Sample rates 200, 100, 80 in a row make it an IntelliMouse (identity 3),
 * then 200, 200, 80 an Explorer (identity 4). */
#ifndef TICK86_DEVICES_PS2_MOUSE_H
#define TICK86_DEVICES_PS2_MOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

struct i8042;

struct ps2_mouse_config {
    struct i8042 *controller; /* plugged into its auxiliary port; NULL: lies on the table */
};

#define PS2_MOUSE_QUEUE 16

struct ps2_mouse {
    struct device dev;
    struct i8042 *controller;
    uint8_t identity; /* 0, 3 or 4 */
    bool reporting, remote, wrap, scaling;
    uint8_t resolution; /* 0..3: 1, 2, 4, 8 counts per millimetre; the host's counts are not scaled by it */
    uint8_t rate;       /* samples per second */
    uint8_t rates[3];   /* the last three that were set, newest first */
    uint8_t expecting;  /* the command whose argument comes next; 0: none */
    bool complained;    /* the last byte was answered with resend */
    bool testing;
    uint8_t last_sent;
    uint8_t queue[PS2_MOUSE_QUEUE];
    uint8_t head, count;
    uint8_t packet[4]; /* the last packet, for resend */
    uint8_t packet_length;
    int32_t dx, dy, wheel; /* movement not yet reported, y upwards */
    uint8_t buttons;       /* bit 0 left, 1 right, 2 middle, 3 and 4 the side buttons */
    uint8_t pressed;       /* went down since the last packet */
    uint8_t reported;      /* as the last packet said */
    struct event sample, test_end;
};

extern const struct device_type ps2_mouse_type;

/* Movement: mickeys, DY growing downwards; WHEEL clicks, away from the user positive; BUTTONS as above. */
void ps2_mouse_move(struct ps2_mouse *mouse, int dx, int dy, int wheel, unsigned buttons);

#endif
