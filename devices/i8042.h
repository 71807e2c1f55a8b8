/* 8042 keyboard controller with two PS/2 ports, ports 60h and 64h.
 * IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller"; IBM PC/AT
 * Technical Reference for the AT's commands.
 *
 * Devices (devices/ps2_keyboard.h, devices/ps2_mouse.h) attach themselves to a port through `struct
 * ps2_link`. A byte takes 11 bits of serial clock in each direction, and one byte is on its way at a time. */
#ifndef TICK86_DEVICES_I8042_H
#define TICK86_DEVICES_I8042_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

/* Ports of the controller. */
enum { PS2_KEYBOARD_PORT, PS2_AUX_PORT, PS2_PORTS };

/* A device as its controller sees it. */
struct ps2_link {
    void *owner;
    bool (*has_byte)(const void *owner);        /* does it wait to send? */
    uint8_t (*take_byte)(void *owner);          /* the byte went over; called only if there is one */
    void (*receive)(void *owner, uint8_t byte); /* from the host */
};

#define I8042_RAM      32
#define I8042_REPLIES  32
#define I8042_PASSWORD 16

struct i8042_port {
    struct ps2_link link; /* owner NULL: nothing is plugged in */
    bool sending;         /* a byte is on its way to the device */
    uint8_t byte;
    struct event sent;
};

struct i8042 {
    struct device dev;
    /* Set by the board. Reset is a pulse, of the processor alone. A20 is ORed with port 92h's. */
    struct wire irq1, irq12, a20, reset;
    uint8_t ram[I8042_RAM]; /* byte 0 is the command byte */
    uint8_t data;           /* output buffer */
    bool full, from_aux;    /* OBF, and whose byte it is */
    uint8_t errors;         /* status bits 7-6 that go with it */
    bool system_flag, last_was_command;
    bool irq1_level, irq12_level;
    uint8_t output_port; /* bits 0-3, 6, 7 */
    uint8_t expecting;   /* the command whose data byte comes next at 60h; 0: none */
    uint8_t polling;     /* C1h or C2h: status bits 7-4 show half of the input port; 0: no */
    bool break_prefix;   /* translation saw F0h */
    bool receiving;      /* a byte is on its way from a device */
    uint8_t receiving_port, last_port;
    uint8_t replies[I8042_REPLIES]; /* of the controller, that wait for the output buffer */
    bool reply_aux[I8042_REPLIES];
    uint8_t reply_head, reply_count;
    uint8_t password[I8042_PASSWORD];
    uint8_t password_length, password_matched;
    bool locked;
    struct i8042_port port[PS2_PORTS];
    struct event received, next_reply, pulse_end;
};

/* No config. */
extern const struct device_type i8042_type;

/* Plugs a device in. For the device's init. */
void i8042_attach(struct i8042 *controller, unsigned port, const struct ps2_link *link);
/* The device has something to send. */
void i8042_device_ready(struct i8042 *controller, unsigned port);

/* The scan code of set 1 that the controller makes of one of set 2 (without F0h handling). */
uint8_t i8042_translate(uint8_t set2);

#endif
