/* COM1's 16550A in its loop, with FIFOs and each of its interrupts. */
#include "tests/kernels/kernel.h"

enum {
    PORT = 0x3F8,
    DATA_REG = PORT,
    IER = PORT + 1,
    IIR = PORT + 2,
    FCR = PORT + 2,
    LCR = PORT + 3,
    MCR = PORT + 4,
    LSR = PORT + 5,
    MSR = PORT + 6,
    SCRATCH = PORT + 7
};
static volatile u32 causes[16];
static volatile u8 received[64];
static volatile u32 received_count;

static void interrupt(void)
{
    u8 cause;
    while (!((cause = inb(IIR)) & 1)) {
        causes[cause & 15]++;
        switch (cause & 15) {
        case 4:
        case 12:
            while (inb(LSR) & 1 && received_count < 64)
                received[received_count++] = inb(DATA_REG);
            break;
        case 6:
            inb(LSR);
            break;
        case 0:
            inb(MSR);
            break;
        }
    }
}

static void poll(u32 ms)
{
    for (u32 start = ticks; ticks - start <= ms;)
        interrupt();
}

/* What the identification register says there. */
static void in_the_loop(void)
{
    outb(MCR, 0x1B);
    outb(IER, 1);
    for (u8 i = 0; i < 15; i++) {
        while (!(inb(LSR) & 0x20))
            ;
        outb(DATA_REG, (u8)(0x40 + i));
    }
    poll(10);
    bool good = received_count == 15;
    for (u8 i = 0; i < 15; i++)
        good = good && received[i] == 0x40 + i;
    row(good, "15 bytes through the FIFOs");
    row(causes[4] == 1 && causes[12] == 1, "14 of them by the trigger, the last by the time-out");
    outb(IER, 8);
    outb(MCR, 0x19);
    poll(2);
    row(causes[0] == 1, "a modem line's change interrupts");
    outb(IER, 0);
    outb(FCR, 7);
    outb(FCR, 0);
    outb(IER, 4);
    for (u8 i = 1; i <= 2; i++) {
        outb(DATA_REG, i);
        wait_ms(2);
    }
    poll(1);
    row(causes[6] == 1 && inb(DATA_REG) == 2, "an overrun interrupts, and the second byte is there");
    outb(IER, 0);
    outb(MCR, 0);
}

void test_serial(void)
{
    outb(SCRATCH, 0xA5);
    bool kept = inb(SCRATCH) == 0xA5;
    outb(SCRATCH, 0x5A);
    row(kept && inb(SCRATCH) == 0x5A, "COM1's scratch register");
    outb(IER, 0);
    outb(LCR, 0x83);
    outb(PORT, 1);
    outb(PORT + 1, 0);
    row(inb(PORT) == 1 && inb(PORT + 1) == 0, "its divisor");
    outb(LCR, 3);
    outb(FCR, 0xC7);
    row((inb(IIR) & 0xC0) == 0xC0, "it has FIFOs");
    outb(MCR, 0x1E);
    outb(DATA_REG, 0xAE);
    for (u32 start = ticks; !(inb(LSR) & 1) && ticks - start < 20;)
        ;
    row(inb(DATA_REG) == 0xAE, "its loop");
    row((inb(MSR) & 0xF0) == 0xD0, "modem lines in the loop");
    outb(MCR, 0x1B);
    row((inb(MSR) & 0xF0) == 0xB0, "and the others");
    inb(MSR);
    /* Out of the loop, since there OUT2 is off, which lets the interrupt through to the 8259. */
    outb(MCR, 0x0B);
    irq_hook[4] = interrupt;
    unmask(4);
    u32 seen = irq_count[4];
    outb(IER, 2);
    row(wait_irq(4, seen, 20) && causes[2] == 1,
        "the empty transmitter interrupts at once when this is enabled");
    outb(IER, 0);
    mask(4);
    in_the_loop();
}
