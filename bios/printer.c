/* INT 17h, the parallel ports, and INT 05h, print screen. */
#include "bios/bda.h"
#include "bios/services.h"
#include "bios/timer.h"

enum { DATA = 0, STATUS = 1, CONTROL = 2 };
enum { STATUS_NOT_BUSY = 0x80, CONTROL_STROBE = 0x01, CONTROL_INIT = 0x04, CONTROL_SELECT = 0x08 };
enum { TIMED_OUT = 0x01 };

/* The status byte of INT 17h: the port's with acknowledge and error turned round. */
static u8 printer_status(u16 port)
{
    return (inb(port + STATUS) & 0xf8) ^ 0x48;
}

static int wait_not_busy(u16 port, u8 limit)
{
    u32 start = bda.ticks;
    u32 ticks = limit ? limit * 18u : 18u;
    u16 ax = 0x90fe;
    if (inb(port + STATUS) & STATUS_NOT_BUSY)
        return 1;
    hook15(&ax);
    interrupts_on();
    while (!(inb(port + STATUS) & STATUS_NOT_BUSY)) {
        u32 passed = bda.ticks - start;
        if (passed >= 0x80000000)
            start = 0;
        else if (passed > ticks)
            return 0;
    }
    return 1;
}

static void print(struct regs *r, u16 port, u8 limit)
{
    outb(port + DATA, r->al);
    if (!wait_not_busy(port, limit)) {
        r->ah = printer_status(port) | TIMED_OUT;
        return;
    }
    interrupts_off();
    outb(port + CONTROL, CONTROL_SELECT | CONTROL_INIT | CONTROL_STROBE);
    delay_us(1);
    outb(port + CONTROL, CONTROL_SELECT | CONTROL_INIT);
    interrupts_on();
    r->ah = printer_status(port);
}

static void initialise(struct regs *r, u16 port)
{
    outb(port + CONTROL, CONTROL_SELECT);
    delay_us(60);
    outb(port + CONTROL, CONTROL_SELECT | CONTROL_INIT);
    r->ah = printer_status(port);
}

void int17(struct regs *r)
{
    u16 port = r->dx < 3 ? bda.lpt_port[r->dx] : 0;
    if (!port)
        return;
    switch (r->ah) {
    case 0x00:
        print(r, port, bda.lpt_timeout[r->dx]);
        break;
    case 0x01:
        initialise(r, port);
        break;
    case 0x02:
        r->ah = printer_status(port);
        break;
    default:
        break;
    }
}

/* A parallel port holds what is written to its data register. */
static int port_present(u16 port)
{
    outb(port + DATA, 0xaa);
    if (inb(port + DATA) != 0xaa)
        return 0;
    outb(port + DATA, 0x55);
    return inb(port + DATA) == 0x55;
}

void printer_init(void)
{
    static const u16 ROM ports[3] = {0x3bc, 0x378, 0x278};
    u8 n = 0;
    for (u8 i = 0; i < 3; i++)
        bda.lpt_port[i] = 0;
    for (u8 i = 0; i < 3; i++) {
        if (!port_present(ports[i]))
            continue;
        bda.lpt_timeout[n] = 20;
        bda.lpt_port[n++] = ports[i];
        outb(ports[i] + CONTROL, CONTROL_SELECT | CONTROL_INIT);
    }
    bda.equipment = (u16)((bda.equipment & ~0xc000) | n << 14);
}

/* Print screen. */

static int print_char(u8 ch)
{
    struct call c = {.eax = ch, .edx = 0, .ds = 0x40};
    call_int(0x17, &c);
    return !(c.ah & 0x29);
}

static int print_row(u8 page, u8 row, u8 columns)
{
    for (u8 column = 0; column < columns; column++) {
        struct call c = {.eax = 0x0200, .ebx = (u32)page << 8, .edx = (u32)row << 8 | column};
        call_int(0x10, &c);
        c.eax = 0x0800;
        c.ebx = (u32)page << 8;
        call_int(0x10, &c);
        if (!print_char(c.al ? c.al : ' '))
            return 0;
    }
    return print_char('\r') && print_char('\n');
}

static int print_rows(u8 page, u8 columns, u8 rows)
{
    if (!print_char('\r') || !print_char('\n'))
        return 0;
    for (u8 row = 0; row < rows; row++)
        if (!print_row(page, row, columns))
            return 0;
    return 1;
}

/* 40:100h tells that it runs, so that a second press does nothing, and how it ended. */
void int05(struct regs *r)
{
    struct call c = {.eax = 0x0f00};
    u8 page, columns, ok;
    u32 cursor;
    (void)r;
    if (bda.print_screen == 1)
        return;
    bda.print_screen = 1;
    interrupts_on();
    call_int(0x10, &c);
    columns = c.ah;
    page = c.bh;
    c.eax = 0x0300;
    call_int(0x10, &c);
    cursor = c.edx;
    ok = (u8)print_rows(page, columns, (u8)(bda.video_rows ? bda.video_rows + 1 : 25));
    c.eax = 0x0200;
    c.ebx = (u32)page << 8;
    c.edx = cursor;
    call_int(0x10, &c);
    bda.print_screen = ok ? 0 : 0xff;
}
