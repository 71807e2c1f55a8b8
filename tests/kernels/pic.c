/* The 8259As beyond what a kernel's set-up does: polling, priorities that rotate, special mask mode,
 * automatic end of interrupt, levels. Requests come from the timer (IRQ 0), the serial port's empty
 * transmitter (IRQ 4) and the clock (IRQ 8); most rows take them by the poll command, with interrupts off. */
#include "tests/kernels/kernel.h"

enum {
    MASTER = 0x20,
    SLAVE = 0xA0,
    EOI = 0x20,
    SPECIFIC = 0x60,
    READ_IRR = 0x0A,
    READ_ISR = 0x0B,
    POLL = 0x0C
};
enum { COM1_IER = 0x3F9, COM1_MCR = 0x3FC, ELCR = 0x4D0 };

static u8 pic_read(u16 port, u8 command)
{
    outb(port, command);
    return inb(port);
}

static void request_0(void)
{
    outb(0x43, 0x30); /* mode 0: its output goes high at the end and stays */
    outb(0x40, 2);
    outb(0x40, 0);
    for (u32 i = 0; i < 1000 && !(pic_read(MASTER, READ_IRR) & 1); i++)
        ;
}

/* The transmitter is empty: each time that its interrupt is enabled it asks anew. */
static void request_4(void)
{
    outb(COM1_IER, 0);
    outb(COM1_IER, 2);
}

static void request_8(void)
{
    outb(0x70, 0x8C);
    inb(0x71);
    outb(0x70, 0x8B);
    outb(0x71, (u8)(inb(0x71) | 0x40));
    for (u32 i = 0; i < 1000000 && !(pic_read(SLAVE, READ_IRR) & 1); i++)
        ;
}

static void quiet_8(void)
{
    outb(0x70, 0x8B);
    outb(0x71, (u8)(inb(0x71) & ~0x40));
    outb(0x70, 0x8C);
    inb(0x71);
}

static void test_polling(void)
{
    request_0();
    request_4();
    row((pic_read(MASTER, READ_IRR) & 0x11) == 0x11, "the 8259's requests of timer and serial port");
    row(pic_read(MASTER, POLL) == 0x80 && pic_read(MASTER, READ_ISR) == 1, "a poll takes the timer's");
    row(!(pic_read(MASTER, READ_IRR) & 1), "and its edge is gone");
    row(!(pic_read(MASTER, POLL) & 0x80), "the lower one waits");
    outb(MASTER, EOI);
    row(pic_read(MASTER, POLL) == 0x84 && inb(MASTER) != 0x84, "until the end of the higher one");
    outb(MASTER, SPECIFIC | 3);
    row(pic_read(MASTER, READ_ISR) == 0x10, "a specific end of another one changes nothing");
    request_0();
    row(pic_read(MASTER, POLL) == 0x80 && pic_read(MASTER, READ_ISR) == 0x11, "a higher one comes within it");
    outb(MASTER, EOI);
    row(pic_read(MASTER, READ_ISR) == 0x10, "and is what an unspecific end ends");
    outb(MASTER, SPECIFIC | 4);
    row(!pic_read(MASTER, READ_ISR), "then nothing is in service");
}

static void test_special_mask(void)
{
    request_0();
    pic_read(MASTER, POLL);
    outb(MASTER + 1, 0xEB | 1);
    outb(MASTER, 0x68);
    request_4();
    row(pic_read(MASTER, POLL) == 0x84, "in special mask mode a masked one in service holds back nothing");
    outb(MASTER, EOI);
    row(pic_read(MASTER, READ_ISR) == 1, "and an unspecific end passes it over");
    outb(MASTER, 0x48);
    request_4();
    row(!(pic_read(MASTER, POLL) & 0x80), "without that mode it holds back all");
    outb(MASTER, SPECIFIC | 0);
    row(pic_read(MASTER, POLL) == 0x84, "up to its end");
    outb(MASTER, EOI);
    outb(MASTER + 1, 0xEA);
}

static void test_rotation(void)
{
    outb(MASTER, 0xC0 | 0);
    request_0();
    request_4();
    row(pic_read(MASTER, POLL) == 0x84, "with the timer's priority set lowest the serial port goes first");
    outb(MASTER, 0xA0); /* rotate on unspecific end */
    request_4();
    row(pic_read(MASTER, POLL) == 0x80, "after a rotating end that is the lowest");
    outb(MASTER, 0xE0 | 7); /* rotate on specific end of one not in service: sets the priority too */
    row(pic_read(MASTER, READ_ISR) == 1, "a rotating specific end ends its own only");
    outb(MASTER, EOI);
    row(pic_read(MASTER, POLL) == 0x84, "the serial port's request was kept");
    outb(MASTER, EOI);
    outb(MASTER, 0xC0 | 7);
}

static void test_slave(void)
{
    request_8();
    row(pic_read(SLAVE, READ_IRR) & 1 && pic_read(MASTER, READ_IRR) & 4, "the clock's request is in both");
    row(pic_read(MASTER, POLL) == 0x82 && pic_read(SLAVE, POLL) == 0x80, "and polled from both");
    row(pic_read(MASTER, READ_ISR) == 4 && pic_read(SLAVE, READ_ISR) == 1, "in service in both");
    outb(SLAVE, EOI);
    outb(MASTER, EOI);
    quiet_8();
}

static u8 in_service;
static u32 taken;
static void look(struct frame *frame)
{
    in_service = pic_read(MASTER, READ_ISR);
    taken += frame->vector == IRQ_BASE + 4;
}

static void initialise(u8 last)
{
    outb(MASTER, 0x11);
    outb(MASTER + 1, IRQ_BASE);
    outb(MASTER + 1, 4);
    outb(MASTER + 1, last);
}

static void take_4(void)
{
    taken = 0;
    request_4();
    __asm__ volatile("sti; nop; nop; nop; cli" ::: "memory");
}

static void test_automatic_end(void)
{
    vector_hook[IRQ_BASE + 4] = look;
    initialise(3);
    row(!inb(MASTER + 1), "initialising clears the mask");
    outb(MASTER + 1, 0xEF);
    take_4();
    row(taken == 1 && !in_service, "with automatic end nothing is in service in the handler");
    take_4();
    row(taken == 1, "and the next comes without an end");
    initialise(1);
    outb(MASTER + 1, 0xEF);
    take_4();
    row(taken == 1 && in_service == 0x10, "without it the request is in service");
    take_4();
    row(!taken, "and holds back the next");
    outb(MASTER, EOI);
    __asm__ volatile("sti; nop; nop; cli" ::: "memory");
    row(taken == 1, "which comes after its end");
    outb(MASTER, EOI);
    vector_hook[IRQ_BASE + 4] = 0;
}

static void test_levels(void)
{
    u8 was = inb(ELCR);
    outb(ELCR, 0xFF);
    row(!(inb(ELCR) & 7), "timer, keyboard and cascade stay edges");
    outb(ELCR, 0x10);
    outb(MASTER + 1, 0xEB);
    request_4();
    row(pic_read(MASTER, POLL) == 0x84 && pic_read(MASTER, READ_IRR) & 0x10,
        "a level stays a request while in service");
    outb(MASTER, EOI);
    row(pic_read(MASTER, POLL) == 0x84, "and asks again after the end");
    outb(COM1_IER, 0);
    outb(MASTER, EOI);
    row(!(pic_read(MASTER, POLL) & 0x80), "until the line falls");
    outb(ELCR, was);
}

void test_pic(void)
{
    __asm__ volatile("cli");
    outb(COM1_IER, 0);
    outb(COM1_MCR, 0x0B); /* OUT2 lets the interrupt through */
    outb(MASTER + 1, 0xEA);
    outb(SLAVE + 1, 0xFE);
    while (pic_read(MASTER, POLL) & 0x80)
        outb(MASTER, EOI);
    test_polling();
    test_special_mask();
    test_rotation();
    test_slave();
    test_levels();
    test_automatic_end();
    outb(COM1_IER, 0);
    remap_pics(IRQ_BASE, IRQ_BASE + 8, 0xFFFF);
    start_ticks();
}
