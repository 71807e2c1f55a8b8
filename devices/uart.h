/* 16550A serial port. National Semiconductor PC16550D datasheet.
 *
 * Bytes arrive at the programmed rate in virtual time. They leave at that rate or, since what a port is
 * connected to outside takes them as fast as they come, at once: then a program that waits for each byte of a
 * long log at 9600 baud does not spend most of its time so. In loopback it is always the programmed rate. The
 * interrupt goes out through OUT2, as on every PC: not in loopback, where that pin is inactive. */
#ifndef TICK86_DEVICES_UART_H
#define TICK86_DEVICES_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"
#include "bus/sink.h"

#define UART_FIFO 16

/* Modem inputs, as in the modem status register. */
enum { UART_CTS = 0x10, UART_DSR = 0x20, UART_RI = 0x40, UART_DCD = 0x80 };

struct uart_config {
    uint16_t base; /* eight ports */
    struct wire irq;
    struct byte_sink out; /* where there is one, the other side is ready: CTS, DSR, DCD */
    bool line_rate;       /* bytes leave at the programmed rate, else in UART_QUICK_NS each */
};

/* 16 of them take as long as a driver's single wait. */
#define UART_QUICK_NS 1000

struct uart {
    struct device dev;
    uint16_t base;
    struct wire irq;
    struct wire dtr, rts; /* modem outputs, for a device that looks at them */
    struct byte_sink out;
    bool line_rate;
    uint16_t divisor;
    uint8_t ier, fcr, lcr, mcr, scratch;
    uint8_t lines;  /* modem inputs, bits 7-4 as above */
    uint8_t deltas; /* bits 3-0 of the modem status register */
    bool overrun;
    bool thr_empty_pending, timeout_pending; /* interrupts */
    uint8_t rx[UART_FIFO], rx_errors[UART_FIFO];
    uint8_t rx_head, rx_count;
    uint8_t tx[UART_FIFO];
    uint8_t tx_head, tx_count;
    bool receiving, sending; /* the shift registers are busy */
    uint8_t rx_shift, rx_shift_errors, tx_shift;
    bool irq_level;
    struct event received, sent, timeout;
};

extern const struct device_type uart_type;

/* A byte arrives from outside. False: not now, the receiver is busy or full, or in loopback; try again. */
bool uart_receive(struct uart *uart, uint8_t byte);
/* A break condition arrives: a zero with the break bit. False as above. */
bool uart_receive_break(struct uart *uart);
/* The modem inputs change, UART_CTS | ... are those that are on. */
void uart_set_lines(struct uart *uart, uint8_t lines);

#endif
