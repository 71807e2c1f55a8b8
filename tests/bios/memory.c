/* Memory sizes and map; INT 15h 87h block move. */
#include "test.h"

static u32 e820(u32 *continuation, u16 where)
{
    struct regs r = {0xe820, *continuation, 20, 0x534d4150, 0, where, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &r);
    if (r.flags & CF)
        return 0;
    CHECK(r.ax, 0x534d4150);
    CHECK(r.cx, 20);
    *continuation = r.bx;
    return 1;
}

static void check_map(void)
{
    u32 continuation = 0, rows = 0;
    u64 ram_end = 0, last_end = 0;
    u32 low_seen = 0;
    do {
        volatile u32 *row = (volatile u32 *)0x600;
        CHECK(e820(&continuation, 0x600), 1);
        u64 base = (u64)row[1] << 32 | row[0], length = (u64)row[3] << 32 | row[2];
        CHECK(base >= last_end, 1);
        CHECK(length != 0, 1);
        CHECK(row[4] >= 1 && row[4] <= 4, 1);
        last_end = base + length;
        if (row[4] == 1 && base == 0) {
            low_seen = 1;
            CHECK((u32)length, (u32)bda(0x13) * 1024);
        }
        if (row[4] == 1 && base == 0x100000)
            ram_end = base + length;
        CHECK(++rows < 64, 1);
    } while (continuation);
    CHECK(low_seen, 1);
    call(0x15, 0xe801, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(after.ax & 0xffff, CX);
    CHECK(BX, DX);
    u32 kb = CX + BX * 64;
    CHECK(ram_end > 0x100000, 1);
    CHECK(((u32)(ram_end >> 10) - 1024 - kb) < 64, 1);
    call(0x15, 0x8800, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK((after.ax & 0xffff) != 0, 1);
    CHECK((after.ax & 0xffff) <= kb + 64, 1);
    call(0x15, 0x8a00, 0, 0, 0);
    CHECK(DX << 16 | (after.ax & 0xffff), (u32)(ram_end >> 10) - 1024);
    /* bad signature, short buffer */
    struct regs r = {0xe820, 0, 20, 0x534d4151, 0, 0x600, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &r);
    CHECK(r.flags & CF, 1);
    struct regs s = {0xe820, 0, 19, 0x534d4150, 0, 0x600, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &s);
    CHECK(s.flags & CF, 1);
}

static u8 gdt[48] __attribute__((aligned(8)));

static void descriptor(u32 at, u32 base)
{
    gdt[at] = gdt[at + 1] = 0xff;
    gdt[at + 2] = (u8)base;
    gdt[at + 3] = (u8)(base >> 8);
    gdt[at + 4] = (u8)(base >> 16);
    gdt[at + 5] = 0x93;
    gdt[at + 6] = 0;
    gdt[at + 7] = (u8)(base >> 24);
}

static void move(u32 from, u32 to, u16 words)
{
    for (u32 i = 0; i < sizeof(gdt); i++)
        gdt[i] = 0;
    descriptor(0x10, from);
    descriptor(0x18, to);
    at_si = (u32)gdt;
    call(0x15, 0x8700, 0, words, 0);
    CHECK(CARRY, 0);
    CHECK(AH, 0);
    CHECK(CX, words);
}

/* Up and back, a full 64 KB, and beyond 16 MB, whose descriptors need the 386's upper base byte. */
static void check_block_move(void)
{
    fill(BUFFER_SEGMENT, 0x4000, 1);
    move(0x20000, 0x180000, 0x2000);
    fill(BUFFER_SEGMENT, 0x4000, 99);
    move(0x180000, 0x20000, 0x2000);
    check_filled(BUFFER_SEGMENT, 0x4000, 1);
    move(0x20000, 0x1800000, 0x2000);
    fill(BUFFER_SEGMENT, 0x4000, 77);
    move(0x1800000, 0x20000, 0x2000);
    check_filled(BUFFER_SEGMENT, 0x4000, 1);
    poke(0x3fff, 15, 0x5a);
    move(0x30000, 0x200000, 0x8000);
    poke(0x3fff, 15, 0);
    move(0x200000, 0x30000, 0x8000);
    CHECK(peek(0x3fff, 15), 0x5a);
    /* the gate is left as it was */
    call(0x15, 0x2400, 0, 0, 0);
    move(0x20000, 0x300000, 16);
    call(0x15, 0x2402, 0, 0, 0);
    CHECK(AL, 0);
    call(0x15, 0x2401, 0, 0, 0);
}

/* A descriptor that cannot be used gives 02h, and real mode goes on as it was. */
static void move_badly(u32 at, u8 access, u16 limit)
{
    for (u32 i = 0; i < sizeof(gdt); i++)
        gdt[i] = 0;
    descriptor(0x10, 0x20000);
    descriptor(0x18, 0x180000);
    gdt[at] = (u8)limit;
    gdt[at + 1] = (u8)(limit >> 8);
    gdt[at + 5] = access;
    at_si = (u32)gdt;
    call(0x15, 0x8700, 0, 0x2000, 0);
    CHECK(CARRY, 1);
    CHECK(after.flags & ZF, 0);
    CHECK(AH, 0x02);
    wait_ticks(1);
}

static void check_block_move_errors(void)
{
    u8 vectors[6], vectors_after[6];
    __asm__ volatile("sidtl %0" : "=m"(vectors));
    move_badly(0x10, 0x13, 0xffff); /* not present */
    move_badly(0x18, 0x13, 0xffff);
    move_badly(0x10, 0x99, 0xffff);     /* execute-only code */
    if (!on_qemu()) {                   /* which checks neither rights nor limits of data */
        move_badly(0x18, 0x91, 0xffff); /* read-only */
        move_badly(0x10, 0x93, 0x3ffe); /* a byte too short */
        move_badly(0x18, 0x93, 0x00ff);
    }
    __asm__ volatile("sidtl %0" : "=m"(vectors_after));
    for (u32 i = 0; i < 6; i++)
        CHECK(vectors_after[i], vectors[i]);
    call(0x15, 0x2402, 0, 0, 0);
    CHECK(AL, 1);
    move(0x20000, 0x180000, 16);
}

/* With room for 24 bytes, the attributes of ACPI 3.0 follow: the row counts. */
static void check_extended_map(void)
{
    *(volatile u32 *)0x614 = 0xffffffff;
    struct regs r = {0xe820, 0, 24, 0x534d4150, 0, 0x600, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &r);
    CHECK(r.flags & CF, 0);
    CHECK(r.cx, 24);
    CHECK(*(volatile u32 *)0x614, 1);
    *(volatile u32 *)0x614 = 0xffffffff;
    r.ax = 0xe820, r.bx = 0, r.cx = 20, r.dx = 0x534d4150;
    interrupt(0x15, &r);
    CHECK(r.cx, 20);
    CHECK(*(volatile u32 *)0x614, 0xffffffff);
    /* E881h: the same as E801h in 32-bit registers */
    call(0x15, 0xe801, 0, 0, 0);
    u32 low = CX, high = BX;
    struct regs t = {0xe881, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &t);
    CHECK(t.flags & CF, 0);
    CHECK(t.ax, low);
    CHECK(t.cx, low);
    CHECK(t.bx, high);
    CHECK(t.dx, high);
}

/* INT 15h 89h: into protected mode and back by hand, with the interrupt controllers where they were. */
static u8 table[64] __attribute__((aligned(8)));
static volatile u16 seen_cs, seen_ds, seen_ss, seen_msw;
u32 switch_and_return(u32 gdt_offset);
__asm__(
    ".code16\n"
    "switch_and_return:\n\t"
    "pushal\n\tpushw %ds\n\tpushw %es\n\tmovl %esp, %ebp\n\tmovl %ebp, switch_stack\n\t"
    "movl %eax, %esi\n\tmovw $0x5058, %bx\n\tmovw $0x8900, %ax\n\tint $0x15\n\t"
    "movw %cs, seen_cs\n\tmovw %ds, seen_ds\n\tmovw %ss, seen_ss\n\tsmsw %ax\n\tmovw %ax, seen_msw\n\t"
    "movl %cr0, %eax\n\tandb $0xfe, %al\n\tmovl %eax, %cr0\n\tljmp $0, $1f\n"
    "1:\txorw %ax, %ax\n\tmovw %ax, %ss\n\tmovw %ax, %ds\n\tmovl switch_stack, %esp\n\tlidtl real_vectors\n\t"
    "popw %es\n\tpopw %ds\n\tpopal\n\tretl\n"
    ".data\n.balign 4\nswitch_stack: .long 0\nreal_vectors: .word 0x3ff\n.long 0\n.text\n.code16gcc\n");

static void table_row(u32 at, u16 limit, u32 base, u8 access)
{
    table[at] = (u8)limit;
    table[at + 1] = (u8)(limit >> 8);
    table[at + 2] = (u8)base;
    table[at + 3] = (u8)(base >> 8);
    table[at + 4] = (u8)(base >> 16);
    table[at + 5] = access;
}

static void program_pic(u16 port, u8 vectors, u8 cascade, u8 mask)
{
    outb(port, 0x11);
    outb(port + 1, vectors);
    outb(port + 1, cascade);
    outb(port + 1, 0x01);
    outb(port + 1, mask);
}

static void check_protected(void)
{
    u8 masks[2] = {inb(0x21), inb(0xa1)};
    table_row(0x08, sizeof(table) - 1, (u32)table, 0x93);
    table_row(0x10, 0x7ff, 0, 0x93);
    for (u32 at = 0x18; at <= 0x28; at += 8)
        table_row(at, 0xffff, 0, 0x93);
    table_row(0x30, 0xffff, 0, 0x9b);
    switch_and_return((u32)table);
    CHECK(inb(0x21) & inb(0xa1), 0xff);
    program_pic(0x20, 0x08, 4, masks[0]);
    program_pic(0xa0, 0x70, 2, masks[1]);
    __asm__ volatile("sti");
    CHECK(seen_cs, 0x30);
    CHECK(seen_ds, 0x18);
    CHECK(seen_ss, 0x28);
    CHECK(seen_msw & 1, 1);
    wait_ticks(2);
}

void test(void)
{
    check_map();
    check_extended_map();
    check_block_move();
    check_block_move_errors();
    check_protected();
}
