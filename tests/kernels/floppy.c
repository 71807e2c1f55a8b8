/* The floppy controller with DMA and interrupts, then by polling without DMA. A: holds a scratch disk of 1.44
 * MB. */
#include "tests/kernels/kernel.h"

enum { DOR = 0x3F2, MSR = 0x3F4, FIFO = 0x3F5, DIR = 0x3F7 };
static u8 result[8];
static volatile u8 *const buffer = (volatile u8 *)LOW_BUFFER;

static bool wait_msr(u8 bits, u8 value)
{
    u32 start = ticks;
    while ((inb(MSR) & bits) != value)
        if (ticks - start > 1000)
            return false;
    return true;
}

static bool send(const u8 *bytes, unsigned count)
{
    while (count--) {
        if (!wait_msr(0xC0, 0x80))
            return false;
        outb(FIFO, *bytes++);
    }
    return true;
}

static unsigned take(void)
{
    unsigned count = 0;
    while (count < sizeof result && wait_msr(0x80, 0x80) && (inb(MSR) & 0x50) == 0x50)
        result[count++] = inb(FIFO);
    return count;
}

#define COMMAND(...) send((const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))

static bool sense(u8 st0, u8 cylinder)
{
    return COMMAND(8) && take() == 2 && result[0] == st0 && result[1] == cylinder;
}

static void reset(void)
{
    u32 seen = irq_count[6];
    outb(DOR, 0);
    wait_ms(1);
    outb(DOR, 0x1C);
    row(wait_irq(6, seen, 100), "the floppy controller interrupts after a reset");
    bool good = true;
    for (u8 drive = 0; drive < 4; drive++)
        good = good && sense(0xC0 | drive, 0);
    row(good, "and tells of its four drives");
    row(COMMAND(8) && take() == 1 && result[0] == 0x80, "there is nothing more to tell");
    outb(DIR, 0); /* 500 kbit/s */
    row(COMMAND(0x10) && take() == 1 && result[0] == 0x90, "it is an 82077AA");
    row(COMMAND(0x1F) && take() == 1 && result[0] == 0x80, "an unknown command is invalid");
}

static void setup_dma(bool to_memory, u32 bytes)
{
    outb(0x0A, 6);
    outb(0x0C, 0);
    outb(0x04, (u8)LOW_BUFFER);
    outb(0x04, (u8)(LOW_BUFFER >> 8));
    outb(0x81, LOW_BUFFER >> 16);
    outb(0x05, (u8)(bytes - 1));
    outb(0x05, (u8)((bytes - 1) >> 8));
    outb(0x0B, to_memory ? 0x46 : 0x4A);
    outb(0x0A, 2);
}

static bool seek(u8 cylinder, u8 head)
{
    u32 seen = irq_count[6];
    return COMMAND(0x0F, (u8)(head << 2), cylinder) && wait_irq(6, seen, 1000) && sense(0x20, cylinder);
}

static bool transfer(u8 code, u8 cylinder, u8 head, u8 sector, u8 last)
{
    u32 seen = irq_count[6];
    return COMMAND(code, (u8)(head << 2), cylinder, head, sector, 2, last, 0x1B, 0xFF) &&
           wait_irq(6, seen, 1500) && take() == 7;
}

static void test_dma_transfers(void)
{
    for (u32 i = 0; i < 1024; i++)
        buffer[i] = (u8)(i * 3 + (i >> 8));
    row(COMMAND(0x03, 0xCF, 0x06), "SPECIFY with DMA");
    u32 seen = irq_count[6];
    row(COMMAND(0x07, 0) && wait_irq(6, seen, 1500) && sense(0x20, 0),
        "RECALIBRATE ends with an interrupt at track 0");
    row(COMMAND(0x04, 0) && take() == 1 && (result[0] & 0x3B) == 0x38,
        "SENSE DRIVE STATUS: two sides, track 0, ready");
    row(seek(5, 1), "SEEK to cylinder 5");
    setup_dma(false, 1024);
    row(transfer(0xC5, 5, 1, 3, 18) && !(result[0] & 0xC0) && !result[1] && !result[2],
        "two sectors are written by DMA");
    row(result[3] == 5 && result[4] == 1 && result[5] == 5 && result[6] == 2,
        "the result names the next sector");
    for (u32 i = 0; i < 1024; i++)
        buffer[i] = 0;
    setup_dma(true, 1024);
    bool good = transfer(0xE6, 5, 1, 3, 18) && !(result[0] & 0xC0);
    for (u32 i = 0; i < 1024; i++)
        good = good && buffer[i] == (u8)(i * 3 + (i >> 8));
    row(good, "and read");
    row(inb(8) & 4, "the DMA controller's terminal count stands");
    /* From side 0 to side 1 by multi-track. */
    setup_dma(true, 19 * 512);
    row(seek(5, 0) && transfer(0xE6, 5, 0, 18, 18) == 1 && !(result[0] & 0xC0),
        "a whole cylinder's end by multi-track");
    row(result[3] == 6 && result[4] == 0 && result[5] == 1, "ends at the next cylinder's beginning");
    setup_dma(true, 512);
    row(transfer(0x46, 5, 0, 19, 19) && (result[0] & 0xC0) == 0x40 && result[1] & 4,
        "a sector that is not there is no data");
    seen = irq_count[6];
    row(COMMAND(0x4A, 0) && wait_irq(6, seen, 500) && take() == 7 && !(result[0] & 0xC0) && result[3] == 5 &&
            result[6] == 2,
        "READ ID");
}

/* Without DMA: each byte when the controller asks, the end by reading less than the track's end. */
static void test_polling(void)
{
    row(COMMAND(0x03, 0xCF, 0x07), "SPECIFY without DMA");
    outb(DOR, 0x14); /* DMA and interrupts off the bus */
    bool good = COMMAND(0x46, 4, 5, 1, 3, 2, 3, 0x1B, 0xFF);
    for (u32 i = 0; good && i < 512; i++) {
        u32 start = ticks;
        while ((inb(MSR) & 0xE0) != 0xE0 && ticks - start < 1000)
            ;
        good = inb(FIFO) == (u8)(i * 3 + (i >> 8));
    }
    row(good, "a sector by polling");
    row(take() == 7 && (result[0] & 0xC0) == 0x40 && result[1] == 0x80,
        "ends at the last sector as end of cylinder");
    outb(DOR, 0x1C);
    COMMAND(0x03, 0xCF, 0x06);
}

void test_floppy(void)
{
    unmask(6);
    reset();
    outb(DOR, 0x1C);
    wait_ms(300);
    test_dma_transfers();
    test_polling();
    outb(DOR, 0x0C);
    mask(6);
}
