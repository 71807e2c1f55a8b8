/* INT 14h, the serial ports: four 16450-style UARTs whose ports are at 40:00h. */
#include "bios/bda.h"
#include "bios/services.h"

enum { THR = 0, RBR = 0, DLL = 0, IER = 1, DLM = 1, IIR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6 };
enum { LCR_DLAB = 0x80, LCR_BREAK = 0x40 };
enum { LSR_READY = 0x01, LSR_EMPTY = 0x20, MSR_CTS = 0x10, MSR_DSR = 0x20, TIMED_OUT = 0x80 };

/* Divisors of 115200 for 110, 150, 300, 600, 1200, 2400, 4800, 9600, 19200, as the table at E729h. */
static const u16 ROM divisors[] = {0x417, 0x300, 0x180, 0xc0, 0x60, 0x30, 0x18, 0x0c, 0x06};

static void set_line(u16 port, u16 divisor, u8 lcr)
{
    outb(port + LCR, lcr | LCR_DLAB);
    outb(port + DLL, (u8)divisor);
    outb(port + DLM, (u8)(divisor >> 8));
    outb(port + LCR, lcr);
}

/* Waits until all bits of `mask` are set at `port`, about a second for each unit of `limit`, by the timer
 * ticks. */
static int wait_bits(u16 port, u8 mask, u8 limit)
{
    u32 start = bda.ticks;
    u32 ticks = limit ? limit * 18u : 18u;
    while ((inb(port) & mask) != mask) {
        u32 passed = bda.ticks - start;
        if (passed >= 0x80000000)
            start = 0;
        else if (passed > ticks)
            return 0;
    }
    return 1;
}

static void read_status(struct regs *r, u16 port)
{
    r->ah = inb(port + LSR);
    r->al = inb(port + MSR);
}

static void initialise(struct regs *r, u16 port)
{
    set_line(port, divisors[r->al >> 5], r->al & 0x1f);
    outb(port + IER, 0);
    read_status(r, port);
}

static void send(struct regs *r, u16 port, u8 limit)
{
    outb(port + MCR, 0x03);
    if (wait_bits(port + MSR, MSR_DSR | MSR_CTS, limit) && wait_bits(port + LSR, LSR_EMPTY, limit)) {
        outb(port + THR, r->al);
        r->ah = inb(port + LSR) & 0x7f;
    } else {
        r->ah = inb(port + LSR) | TIMED_OUT;
    }
}

static void receive(struct regs *r, u16 port, u8 limit)
{
    outb(port + MCR, 0x01);
    if (wait_bits(port + MSR, MSR_DSR, limit) && wait_bits(port + LSR, LSR_READY, limit)) {
        r->ah = inb(port + LSR) & 0x1e;
        r->al = inb(port + RBR);
    } else {
        r->ah = inb(port + LSR) | TIMED_OUT;
    }
}

/* AH=04h: AL break, BH parity, BL stop bits, CH word length, CL speed. */
static void extended_initialise(struct regs *r, u16 port)
{
    static const u8 ROM parity[] = {0x00, 0x08, 0x18, 0x28, 0x38};
    u8 lcr;
    if (r->bh > 4 || r->bl > 1 || r->ch > 3 || r->cl > 8) {
        read_status(r, port);
        return;
    }
    lcr = (u8)(parity[r->bh] | r->bl << 2 | r->ch | (r->al ? LCR_BREAK : 0));
    set_line(port, divisors[r->cl], lcr);
    read_status(r, port);
}

static void modem_control(struct regs *r, u16 port)
{
    if (r->al == 0)
        r->bl = inb(port + MCR);
    else if (r->al == 1)
        outb(port + MCR, r->bl & 0x1f);
    read_status(r, port);
}

void int14(struct regs *r)
{
    u16 port = r->dx < 4 ? bda.com_port[r->dx] : 0;
    u8 limit;
    if (!port)
        return;
    limit = bda.com_timeout[r->dx];
    interrupts_on();
    switch (r->ah) {
    case 0x00:
        initialise(r, port);
        break;
    case 0x01:
        send(r, port, limit);
        break;
    case 0x02:
        receive(r, port, limit);
        break;
    case 0x03:
        read_status(r, port);
        break;
    case 0x04:
        extended_initialise(r, port);
        break;
    case 0x05:
        modem_control(r, port);
        break;
    default:
        r->ah = TIMED_OUT;
        break;
    }
}

/* A UART keeps bit 1 of its interrupt enable register and reads it back alone. */
static int uart_present(u16 port)
{
    outb(port + LCR, 0x03);
    outb(port + IER, 0x02);
    if (inb(port + IER) != 0x02)
        return 0;
    outb(port + IER, 0x00);
    return inb(port + IER) == 0x00 && (inb(port + IIR) & 0x30) == 0;
}

void serial_init(void)
{
    static const u16 ROM ports[4] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
    u8 n = 0;
    for (u8 i = 0; i < 4; i++)
        bda.com_port[i] = 0;
    for (u8 i = 0; i < 4; i++) {
        if (!uart_present(ports[i]))
            continue;
        bda.com_timeout[n] = 1;
        bda.com_port[n++] = ports[i];
        set_line(ports[i], 0x0c, 0x03);
    }
    bda.equipment = (u16)((bda.equipment & ~0x0e00) | n << 9);
}
