/* INT 14h and 17h, the serial ports in loopback, the printer; INT 05h. */
#include "test.h"

static void check_serial(void)
{
    u16 port = bda(0);
    CHECK(port, 0x3f8);
    CHECK(bda(2), 0x2f8);
    CHECK(call(0x14, 0x00e3, 0, 0, 0) & 0x6000, 0x6000); /* 9600 8N1; transmitter empty */
    outb(0x3fb, 0x83);
    CHECK(inb(0x3f8), 0x0c);
    CHECK(inb(0x3f9), 0);
    outb(0x3fb, 0x03);
    call(0x14, 0x0400, 0x0001, 0x0308, 0); /* 19200, 8 bits, 2 stop bits */
    CHECK(inb(0x3fb), 0x07);
    outb(0x3fb, 0x87);
    CHECK(inb(0x3f8), 0x06);
    outb(0x3fb, 0x07);
    call(0x14, 0x0501, 0x0013, 0, 0); /* loop back, DTR and RTS on */
    CHECK(inb(0x3fc), 0x13);
    call(0x14, 0x0500, 0, 0, 0);
    CHECK(BX & 0xff, 0x13);
    /* no port */
    call(0x14, 0x0377, 0, 0, 3);
    CHECK(after.ax & 0xffff, bda(6) ? after.ax & 0xffff : 0x0377);
    /* the status has the port's own registers */
    call(0x14, 0x0300, 0, 0, 0);
    CHECK(AH & 0x60, 0x60);
}

/* With nobody on the line, receiving gives up after a second. */
static void check_serial_timeout(void)
{
    outb(0x3fc, 0x00);
    u32 start = ticks();
    call(0x14, 0x0200, 0, 0, 0);
    CHECK(AH & 0x80, 0x80);
    CHECK(ticks() - start >= 15 && ticks() - start < 60, 1);
}

static void check_printer(void)
{
    CHECK(bda(8), 0x378);
    CHECK(bda(0x10) >> 14, 1);
    call(0x17, 0x0200, 0, 0, 0);
    CHECK(AH & 0x01, 0);
    call(0x17, 0x0100, 0, 0, 0);
    CHECK(AH & 0x01, 0);
    call(0x17, 0x0041, 0, 0, 0);
    CHECK(inb(0x378), 0x41);
    CHECK(inb(0x37a) & 0x0d, 0x0c); /* selected, not in reset, strobe over */
    call(0x17, 0x0255, 0, 0, 2);
    CHECK(after.ax & 0xffff, bda(0x0c) ? after.ax & 0xffff : 0x0255);
}

static void check_print_screen(void)
{
    poke(0x40, 0x100, 1); /* one runs: nothing happens */
    call(0x05, 0, 0, 0, 0);
    CHECK(peek(0x40, 0x100), 1);
    poke(0x40, 0x100, 0);
}

void test(void)
{
    check_serial();
    check_serial_timeout();
    check_printer();
    check_print_screen();
}
