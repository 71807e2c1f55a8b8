/* ACPI's and the MultiProcessor Specification's tables, local APIC and I/O APIC. */
#include "tests/kernels/kernel.h"

static const u8 *scan(u32 from, u32 to, const char *signature, unsigned length, unsigned size)
{
    for (u32 at = from; at < to; at += 16)
        if (!memcmp((void *)at, signature, length) && sum_is_0((void *)at, size))
            return (const u8 *)at;
    return 0;
}

static const u8 *scan_everywhere(const char *signature, unsigned length, unsigned size)
{
    u32 ebda = (u32) * (volatile u16 *)0x40E << 4;
    const u8 *found = ebda ? scan(ebda, ebda + 1024, signature, length, size) : 0;
    return found ? found : scan(0xE0000, 0x100000, signature, length, size);
}

const u8 *find_acpi(const char *signature)
{
    const u8 *root = scan_everywhere("RSD PTR ", 8, 20);
    if (!root)
        return 0;
    const u32 *rsdt = *(const u32 *const *)(root + 16);
    for (u32 i = 36 / 4; i < rsdt[1] / 4; i++) {
        const u8 *table = (const u8 *)rsdt[i];
        if (!memcmp(table, signature, 4) && sum_is_0(table, *(const u32 *)(table + 4)))
            return table;
    }
    return 0;
}

static volatile u32 *local, *io;
static u32 madt_pin = 0, mp_pin = 99, processors;

static void read_madt(void)
{
    const u8 *madt = find_acpi("APIC");
    row(madt, "the MADT");
    if (!madt)
        return;
    local = *(volatile u32 *const *)(madt + 36);
    for (const u8 *at = madt + 44, *end = madt + *(const u32 *)(madt + 4); at < end && at[1]; at += at[1]) {
        processors += at[0] == 0 && at[4] & 1;
        if (at[0] == 1)
            io = *(volatile u32 *const *)(at + 4);
        if (at[0] == 2 && at[3] == 0)
            madt_pin = at[4];
    }
    row(processors == 1 && local == (void *)0xFEE00000 && io == (void *)0xFEC00000,
        "one processor, local and I/O APIC at their places");
}

static void read_mp(void)
{
    const u8 *pointer = scan_everywhere("_MP_", 4, 16);
    const u8 *table = pointer ? *(const u8 *const *)(pointer + 4) : 0;
    row(table && !memcmp(table, "PCMP", 4) && sum_is_0(table, *(const u16 *)(table + 4)), "the MP table");
    if (!table)
        return;
    u32 isa_bus = 99, entries = *(const u16 *)(table + 34);
    const u8 *at = table + 44;
    for (; entries--; at += at[0] ? 8 : 20) {
        if (at[0] == 1 && !memcmp(at + 2, "ISA   ", 6))
            isa_bus = at[1];
        if (at[0] == 3 && at[1] == 0 && at[4] == isa_bus && at[5] == 0)
            mp_pin = at[7];
    }
    row(mp_pin == madt_pin && mp_pin == 2, "both tables have the timer at pin 2");
}

static volatile u32 hits;
static void apic_interrupt(struct frame *frame)
{
    (void)frame;
    hits++;
    local[0xB0 / 4] = 0;
}

static u32 io_read(u32 index)
{
    io[0] = index;
    return io[4];
}

static void io_write(u32 index, u32 value)
{
    io[0] = index;
    io[4] = value;
}

static void wait_pm(u32 ms)
{
    u32 start = pm_timer();
    while (((pm_timer() - start) & 0xFFFFFF) < ms * 3580)
        ;
}

static void test_local_timer(void)
{
    vector_hook[0x50] = apic_interrupt;
    local[0xF0 / 4] = 0x1FF;
    local[0x3E0 / 4] = 3; /* divided by 16 */
    local[0x320 / 4] = 0x10050;
    local[0x380 / 4] = 0xFFFFFFFF;
    wait_pm(10);
    u32 per_10ms = 0xFFFFFFFF - local[0x390 / 4];
    row(per_10ms > 1000, "the local APIC's timer counts");
    hits = 0;
    local[0x320 / 4] = 0x20050;
    local[0x380 / 4] = per_10ms / 10;
    wait_pm(50);
    local[0x320 / 4] = 0x10050;
    row(hits >= 48 && hits <= 52, "and interrupts 50 times in 50 ms");
    hits = 0;
    local[0x320 / 4] = 0x50;
    local[0x380 / 4] = per_10ms / 10;
    wait_pm(5);
    row(hits == 1 && !local[0x390 / 4], "or once");
    hits = 0;
    local[0x310 / 4] = 0;
    local[0x300 / 4] = 0x40050; /* to itself */
    wait_pm(1);
    row(hits == 1, "an interrupt that the processor sends itself");
    local[0x80 / 4] = 0x60;
    local[0x300 / 4] = 0x40050;
    wait_pm(1);
    row(hits == 1 && local[0x220 / 4] & 1u << 16, "waits while the task priority is higher");
    local[0x80 / 4] = 0;
    wait_pm(1);
    row(hits == 2 && !(local[0x220 / 4] & 1u << 16), "and comes when it is lowered");
}

static void test_io(void)
{
    u32 pins = (io_read(1) >> 16 & 0xFF) + 1;
    row(pins == 24, "the I/O APIC has 24 pins");
    outb(0x21, 0xFF);
    outb(0xA1, 0xFF);
    hits = 0;
    io_write(0x10 + 2 * madt_pin + 1, local[0x20 / 4] & 0xFF000000);
    io_write(0x10 + 2 * madt_pin, 0x50);
    wait_pm(50);
    io_write(0x10 + 2 * madt_pin, 0x10050);
    u32 seen = hits;
    row(seen >= 48 && seen <= 52, "the 8254's interrupts come by it with the 8259s masked");
    wait_pm(10);
    row(hits == seen, "until the pin is masked");
    unmask(0);
    u32 before = ticks;
    wait_pm(20);
    row(ticks - before >= 18, "and by the 8259s again");
}

void test_apic(void)
{
    read_madt();
    read_mp();
    if (!local || !io)
        return;
    test_local_timer();
    test_io();
}
