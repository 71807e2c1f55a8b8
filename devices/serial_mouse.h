/* Microsoft serial mouse, with or without wheel, on a UART. Microsoft mouse protocol: 1200 baud, 7 data bits.
 */
#ifndef TICK86_DEVICES_SERIAL_MOUSE_H
#define TICK86_DEVICES_SERIAL_MOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

struct uart;

struct serial_mouse_config {
    struct uart *uart; /* the mouse takes its DTR and RTS */
    bool wheel;        /* says "MZ" and sends four bytes; else "M" and three */
};

#define SERIAL_MOUSE_QUEUE 8

struct serial_mouse {
    struct device dev;
    struct uart *uart;
    bool wheel_model;
    bool dtr, rts;   /* it lives on the power of both */
    bool identified; /* has said what it is since power came */
    uint8_t queue[SERIAL_MOUSE_QUEUE];
    uint8_t head, count;
    int32_t dx, dy, wheel;              /* not yet reported */
    uint8_t buttons, pressed, reported; /* bit 0 left, 1 right, 2 middle */
    struct event identify, send;
};

extern const struct device_type serial_mouse_type;

/* As ps2_mouse_move(). */
void serial_mouse_move(struct serial_mouse *mouse, int dx, int dy, int wheel, unsigned buttons);

#endif
