/* ATA by PIO and by bus-master DMA, ATAPI by both, with the drives' interrupts. The disk is the primary
 * master, a scratch one; the CD the secondary master. */
#include "tests/kernels/kernel.h"

enum { BSY = 0x80, DRDY = 0x40, DF = 0x20, DRQ = 8, ERR = 1 };
enum { PRIMARY = 0x1F0, SECONDARY = 0x170 };

static u16 bus_master;
static u8 buffer[65536] __attribute__((aligned(65536)));
static u32 prd[4] __attribute__((aligned(16)));

static bool wait_status(u16 base, u8 set, u8 clear)
{
    u32 start = ticks;
    for (;;) {
        u8 status = inb(base + 0x206); /* alternate: leaves the interrupt pending */
        if (!(status & clear) && (status & set) == set)
            return true;
        if (ticks - start > 500)
            return false;
    }
}

static void select(u16 base, u8 drive_head)
{
    outb(base + 6, drive_head);
    for (unsigned i = 0; i < 4; i++)
        inb(base + 0x206);
    wait_status(base, 0, BSY);
}

static void command(u16 base, u8 drive_head, u32 lba, u8 count, u8 code)
{
    select(base, drive_head | (u8)(lba >> 24 & 15));
    outb(base + 2, count);
    outb(base + 3, (u8)lba);
    outb(base + 4, (u8)(lba >> 8));
    outb(base + 5, (u8)(lba >> 16));
    outb(base + 7, code);
}

static void read_data(u16 base, void *to, u32 words)
{
    __asm__ volatile("rep insw" : "+D"(to), "+c"(words) : "d"(base) : "memory");
}

static void write_data(u16 base, const void *from, u32 words)
{
    __asm__ volatile("rep outsw" : "+S"(from), "+c"(words) : "d"(base) : "memory");
}

static u8 pattern(u32 i, u32 seed)
{
    return (u8)(i * 7 + (i >> 8) * 13 + seed);
}

static void fill(u32 bytes, u32 seed)
{
    for (u32 i = 0; i < bytes; i++)
        buffer[i] = pattern(i, seed);
}

static bool filled(u32 bytes, u32 seed)
{
    for (u32 i = 0; i < bytes; i++)
        if (buffer[i] != pattern(i, seed))
            return false;
    return true;
}

static u32 sectors;
static void test_identify(void)
{
    u16 *words = (u16 *)buffer;
    u32 seen = irq_count[14];
    command(PRIMARY, 0xE0, 0, 0, 0xEC);
    bool came = wait_irq(14, seen, 200);
    row(came && wait_status(PRIMARY, DRQ | DRDY, BSY | ERR), "the disk is identified with an interrupt");
    inb(PRIMARY + 7);
    read_data(PRIMARY, words, 256);
    sectors = words[60] | (u32)words[61] << 16;
    row(!(words[0] & 0x8000) && words[49] & 0x200 && sectors == 4096, "it has LBA and 4096 sectors");
    row(words[49] & 0x100 && words[63] & 7, "and multiword DMA modes");
    row(!(inb(PRIMARY + 7) & DRQ), "no data are left");
    row(words[1] && words[3] && words[6] && (u32)words[1] * words[3] * words[6] <= sectors,
        "its cylinders, heads and sectors fit");
}

static void test_pio(void)
{
    fill(4 * 512, 1);
    command(PRIMARY, 0xE0, 100, 4, 0x30);
    u32 irqs = irq_count[14];
    bool good = true;
    for (unsigned i = 0; i < 4; i++) {
        u32 seen = irq_count[14];
        good = good && wait_status(PRIMARY, DRQ, BSY | ERR);
        write_data(PRIMARY, buffer + i * 512, 256);
        good = good && wait_irq(14, seen, 200);
        inb(PRIMARY + 7);
    }
    row(good && irq_count[14] - irqs == 4, "four sectors are written with an interrupt each");
    memset(buffer, 0, 4 * 512);
    irqs = irq_count[14];
    command(PRIMARY, 0xE0, 100, 4, 0x20);
    for (unsigned i = 0; i < 4; i++) {
        good = good && wait_irq(14, irqs + i, 200) && wait_status(PRIMARY, DRQ, BSY | ERR);
        inb(PRIMARY + 7);
        read_data(PRIMARY, buffer + i * 512, 256);
    }
    row(good && filled(4 * 512, 1), "and read");
    row(irq_count[14] - irqs == 4, "with one before each sector, none after the last");
    command(PRIMARY, 0xE0, 0, 4, 0xC6);
    wait_status(PRIMARY, DRDY, BSY);
    inb(PRIMARY + 7);
    irqs = irq_count[14];
    memset(buffer, 0, 4 * 512);
    command(PRIMARY, 0xE0, 100, 4, 0xC4);
    good = wait_irq(14, irqs, 200) && wait_status(PRIMARY, DRQ, BSY | ERR);
    inb(PRIMARY + 7);
    read_data(PRIMARY, buffer, 4 * 256);
    row(good && filled(4 * 512, 1) && irq_count[14] - irqs == 1, "READ MULTIPLE of four has one interrupt");
    /* The same sector by cylinder, head and sector. */
    command(PRIMARY, 0xE0, 0, 0, 0xEC);
    wait_status(PRIMARY, DRQ, BSY);
    inb(PRIMARY + 7);
    read_data(PRIMARY, buffer, 256);
    u32 heads = buffer[6], per_track = buffer[12];
    u32 track = 100 / per_track, cylinder = track / heads;
    select(PRIMARY, (u8)(0xA0 | track % heads));
    outb(PRIMARY + 2, 1);
    outb(PRIMARY + 3, (u8)(100 % per_track + 1));
    outb(PRIMARY + 4, (u8)cylinder);
    outb(PRIMARY + 5, (u8)(cylinder >> 8));
    outb(PRIMARY + 7, 0x20);
    good = wait_status(PRIMARY, DRQ, BSY | ERR);
    inb(PRIMARY + 7);
    read_data(PRIMARY, buffer, 256);
    row(good && filled(512, 1), "the first of them by its cylinder, head and sector");
}

static void test_errors(void)
{
    u32 seen = irq_count[14];
    command(PRIMARY, 0xE0, sectors, 1, 0x20);
    bool good = wait_irq(14, seen, 500) && wait_status(PRIMARY, ERR, BSY | DRQ);
    row(good && inb(PRIMARY + 1) & 0x14, "behind its end no sector is found");
    command(PRIMARY, 0xE0, 0, 1, 0xFF);
    good = wait_status(PRIMARY, ERR, BSY | DRQ);
    row(good && inb(PRIMARY + 1) & 4, "an unknown command is aborted");
    inb(PRIMARY + 7);
    outb(PRIMARY + 0x206, 2);
    seen = irq_count[14];
    command(PRIMARY, 0xE0, 0, 0, 0xEC);
    wait_status(PRIMARY, DRQ, BSY);
    wait_ms(5);
    row(irq_count[14] == seen, "no interrupt while they are disabled");
    read_data(PRIMARY, buffer, 256);
    outb(PRIMARY + 0x206, 6);
    wait_ms(1);
    outb(PRIMARY + 0x206, 0);
    good = wait_status(PRIMARY, DRDY, BSY);
    row(good && inb(PRIMARY + 1) == 1 && inb(PRIMARY + 2) == 1 && inb(PRIMARY + 3) == 1 &&
            !inb(PRIMARY + 4) && !inb(PRIMARY + 5),
        "a software reset leaves the signature of a disk");
}

/* BYTES in two pieces. */
static void arm(u16 port, u32 bytes, bool to_memory)
{
    u32 first = bytes > 1024 ? 1024 : bytes / 2;
    prd[0] = (u32)buffer;
    prd[1] = first;
    prd[2] = (u32)buffer + first;
    prd[3] = (bytes - first) | 0x80000000;
    outb(port, 0);
    outl(port + 4, (u32)prd);
    outb(port + 2, 6);
    outb(port, to_memory ? 8 : 0);
}

/* After a transfer's interrupt: stops, tells whether the controller saw it end well. */
static bool end_dma(u16 port, u16 base)
{
    u8 status = inb(port + 2);
    outb(port, 0);
    outb(port + 2, 4);
    return (status & 7) == 4 && !(inb(base + 7) & (ERR | DF | BSY)) && !(inb(port + 2) & 5);
}

static bool disk_dma(u32 lba, u8 count, bool write)
{
    u32 seen = irq_count[14];
    arm(bus_master, count * 512u, !write);
    command(PRIMARY, 0xE0, lba, count, write ? 0xCA : 0xC8);
    outb(bus_master, (u8)(inb(bus_master) | 1));
    return wait_irq(14, seen, 500) && end_dma(bus_master, PRIMARY);
}

static void test_dma(void)
{
    bus_master = (u16)(pci_read(1, 1, 0x20) & 0xFFF0);
    pci_write(1, 1, 4, (pci_read(1, 1, 4) & 0xFFFF) | 5);
    fill(64 * 512, 2);
    row(disk_dma(200, 64, true), "64 sectors are written by bus-master DMA");
    memset(buffer, 0, 64 * 512);
    row(disk_dma(200, 64, false) && filled(64 * 512, 2), "and read");
    /* A table longer than the transfer: the controller is still active when the drive interrupts. */
    u32 seen = irq_count[14];
    arm(bus_master, 4096, true);
    command(PRIMARY, 0xE0, 200, 4, 0xC8);
    outb(bus_master, 9);
    row(wait_irq(14, seen, 500) && (inb(bus_master + 2) & 7) == 5,
        "with a longer table the controller stays active");
    outb(bus_master, 0);
    row(end_dma(bus_master, PRIMARY) || !(inb(bus_master + 2) & 5), "until it is stopped");
}

static bool packet(u8 features, u16 limit, const u8 *bytes)
{
    select(SECONDARY, 0xA0);
    outb(SECONDARY + 1, features);
    outb(SECONDARY + 4, (u8)limit);
    outb(SECONDARY + 5, (u8)(limit >> 8));
    outb(SECONDARY + 7, 0xA0);
    if (!wait_status(SECONDARY, DRQ, BSY | ERR) || (inb(SECONDARY + 2) & 3) != 1)
        return false;
    write_data(SECONDARY, bytes, 6);
    return true;
}

/* A command's data by PIO; returns the bytes that came, or 1 for an error. */
static u32 packet_in(u16 limit, const u8 *bytes, u32 *interrupts)
{
    u32 start = irq_count[15], seen = start, got = 0;
    if (!packet(0, limit, bytes))
        return 1;
    for (;;) {
        if (!wait_irq(15, seen, 1000))
            return 1;
        seen = irq_count[15];
        u8 status = inb(SECONDARY + 7);
        *interrupts = seen - start;
        if (status & ERR)
            return 1;
        if (!(status & DRQ))
            return (inb(SECONDARY + 2) & 3) == 3 ? got : 1;
        u32 count = inb(SECONDARY + 4) | (u32)inb(SECONDARY + 5) << 8;
        read_data(SECONDARY, buffer + got, count / 2);
        got += count;
    }
}

static void test_atapi(void)
{
    static const u8 ready[12], capacity[12] = {0x25}, read_10[12] = {0x28, 0, 0, 0, 0, 16, 0, 0, 2};
    static const u8 sense[12] = {3, 0, 0, 0, 18}, inquiry[12] = {0x12, 0, 0, 0, 36}, nonsense[12] = {0xEE};
    u32 interrupts = 0;
    select(SECONDARY, 0xA0);
    outb(SECONDARY + 7, 0xEC);
    row(wait_status(SECONDARY, ERR, BSY) && inb(SECONDARY + 4) == 0x14 && inb(SECONDARY + 5) == 0xEB,
        "the CD drive refuses IDENTIFY with its signature");
    outb(SECONDARY + 7, 0xA1);
    bool good = wait_status(SECONDARY, DRQ, BSY | ERR);
    read_data(SECONDARY, buffer, 256);
    row(good && (buffer[1] & 0xDF) == 0x85 && !(buffer[0] & 3), "it is a CD drive with packets of 12 bytes");
    inb(SECONDARY + 7);
    for (unsigned i = 0; i < 5 && packet_in(2048, ready, &interrupts) == 1; i++)
        packet_in(2048, sense, &interrupts);
    row(packet_in(2048, ready, &interrupts) == 0, "the drive becomes ready");
    row(packet_in(2048, inquiry, &interrupts) == 36 && (buffer[0] & 31) == 5 && buffer[1] & 0x80, "INQUIRY");
    row(packet_in(8, capacity, &interrupts) == 8 && buffer[6] == 8 && !buffer[7] && interrupts == 2,
        "READ CAPACITY");
    memset(buffer, 0, 8192);
    row(packet_in(2048, read_10, &interrupts) == 4096 && interrupts == 3 && !memcmp(buffer + 1, "CD001", 5),
        "two sectors by PIO in two pieces");
    row(packet_in(512, read_10, &interrupts) == 4096 && interrupts == 9 && !memcmp(buffer + 1, "CD001", 5),
        "in eight");
    row(packet_in(2048, nonsense, &interrupts) == 1 && inb(SECONDARY + 1) >> 4 == 5,
        "an unknown command is an illegal request");
    row(packet_in(18, sense, &interrupts) == 18 && (buffer[2] & 15) == 5 && buffer[12] == 0x20,
        "as the sense data say");
    memset(buffer, 0, 8192);
    u32 seen = irq_count[15];
    arm(bus_master + 8, 4096, true);
    good = packet(1, 0, read_10);
    outb(bus_master + 8, 9);
    row(good && wait_irq(15, seen, 1000) && end_dma(bus_master + 8, SECONDARY) &&
            !memcmp(buffer + 1, "CD001", 5),
        "the same by DMA");
    row(!memcmp(buffer + 2049, "CD001", 5), "both sectors");
}

void test_ata(void)
{
    inb(PRIMARY + 7);
    inb(SECONDARY + 7);
    unmask(14);
    unmask(15);
    outb(PRIMARY + 0x206, 0);
    outb(SECONDARY + 0x206, 0);
    test_identify();
    test_pio();
    test_errors();
    test_dma();
    test_atapi();
    mask(14);
    mask(15);
}
