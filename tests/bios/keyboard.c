/* INT 09h and 16h. Keys are put into the 8042's output buffer with its command D2h, as if the keyboard had
 * sent them. */
#include "test.h"

static void scan(u8 code)
{
    while (inb(0x64) & 3)
        ;
    outb(0x64, 0xd2);
    while (inb(0x64) & 2)
        ;
    outb(0x60, code);
    for (u32 i = 0; i < 2000; i++)
        inb(0x64);
}

static void press(u8 code)
{
    scan(code);
    scan(code | 0x80);
}

static void press_e0(u8 code)
{
    scan(0xe0);
    scan(code);
    scan(0xe0);
    scan(code | 0x80);
}

static u32 empty(u8 function)
{
    call(0x16, (u16)(function << 8), 0, 0, 0);
    return (after.flags & ZF) != 0;
}

static u32 key(u8 function)
{
    call(0x16, (u16)((function + 1) << 8), 0, 0, 0);
    CHECK(after.flags & ZF, 0);
    u16 peeked = (u16)after.ax;
    call(0x16, (u16)(function << 8), 0, 0, 0);
    CHECK(after.ax & 0xffff, peeked);
    return peeked;
}

static void check_plain(void)
{
    CHECK(empty(0x01), 1);
    press(0x1e);
    CHECK(key(0x00), 0x1e61);
    scan(0x2a);
    press(0x1e);
    CHECK(bda(0x17) & 0x02, 2);
    scan(0xaa);
    CHECK(bda(0x17) & 0x02, 0);
    CHECK(key(0x00), 0x1e41);
    scan(0x1d);
    press(0x2e);
    press(0x1c);
    scan(0x9d);
    CHECK(key(0x00), 0x2e03);
    CHECK(key(0x00), 0x1c0a);
    scan(0x38);
    press(0x1e);
    press(0x3b);
    scan(0xb8);
    CHECK(key(0x00), 0x1e00);
    CHECK(key(0x00), 0x6800);
    press(0x3b);
    press(0x44);
    CHECK(key(0x00), 0x3b00);
    CHECK(key(0x00), 0x4400);
    CHECK(empty(0x11), 1);
}

/* Grey keys, F11 and F12: seen as they are by 10h, as their twins or not at all by 00h. */
static void check_extended(void)
{
    press_e0(0x48);
    CHECK(key(0x10), 0x48e0);
    press_e0(0x48);
    CHECK(key(0x00), 0x4800);
    press_e0(0x1c);
    CHECK(key(0x10), 0xe00d);
    press_e0(0x1c);
    CHECK(key(0x00), 0x1c0d);
    press_e0(0x35);
    CHECK(key(0x00), 0x352f);
    press(0x57);
    CHECK(key(0x10), 0x8500);
    press(0x57);
    CHECK(empty(0x01), 1);
    press(0x4c);
    CHECK(key(0x10), 0x4c00);
    press(0x4c);
    CHECK(empty(0x01), 1);
    scan(0x1d);
    press_e0(0x4b);
    scan(0x9d);
    CHECK(key(0x10), 0x73e0);
    scan(0xe0);
    scan(0x38);
    CHECK(bda(0x17) & 8, 8);
    CHECK(bda(0x96) & 8, 8);
    CHECK(bda(0x18) & 2, 0);
    press(0x0f);
    scan(0xe0);
    scan(0xb8);
    CHECK(bda(0x17) & 8, 0);
    CHECK(key(0x10), 0xa500);
}

/* Keys under Shift, Ctrl and Alt as function 10h gives them (Ralf Brown's list, table 00006); 0: nothing
 * comes. */
static void check_combinations(void)
{
    static const struct {
        u8 scan, e0;
        u16 plain, shift, ctrl, alt;
    } rows[] = {
        {0x01, 0, 0x011b, 0x011b, 0x011b, 0x0100}, {0x03, 0, 0x0332, 0x0340, 0x0300, 0x7900},
        {0x07, 0, 0x0736, 0x075e, 0x071e, 0x7d00}, {0x0c, 0, 0x0c2d, 0x0c5f, 0x0c1f, 0x8200},
        {0x0e, 0, 0x0e08, 0x0e08, 0x0e7f, 0x0e00}, {0x0f, 0, 0x0f09, 0x0f00, 0x9400, 0xa500},
        {0x10, 0, 0x1071, 0x1051, 0x1011, 0x1000}, {0x1a, 0, 0x1a5b, 0x1a7b, 0x1a1b, 0x1a00},
        {0x1c, 0, 0x1c0d, 0x1c0d, 0x1c0a, 0x1c00}, {0x27, 0, 0x273b, 0x273a, 0x0000, 0x2700},
        {0x2b, 0, 0x2b5c, 0x2b7c, 0x2b1c, 0x2b00}, {0x35, 0, 0x352f, 0x353f, 0x0000, 0x3500},
        {0x37, 0, 0x372a, 0x372a, 0x9600, 0x3700}, {0x39, 0, 0x3920, 0x3920, 0x3920, 0x3920},
        {0x3b, 0, 0x3b00, 0x5400, 0x5e00, 0x6800}, {0x44, 0, 0x4400, 0x5d00, 0x6700, 0x7100},
        {0x57, 0, 0x8500, 0x8700, 0x8900, 0x8b00}, {0x58, 0, 0x8600, 0x8800, 0x8a00, 0x8c00},
        {0x47, 0, 0x4700, 0x4737, 0x7700, 0xffff}, {0x48, 0, 0x4800, 0x4838, 0x8d00, 0xffff},
        {0x4a, 0, 0x4a2d, 0x4a2d, 0x8e00, 0x4a00}, {0x4c, 0, 0x4c00, 0x4c35, 0x8f00, 0xffff},
        {0x4e, 0, 0x4e2b, 0x4e2b, 0x9000, 0x4e00}, {0x53, 0, 0x5300, 0x532e, 0x9300, 0xffff},
        {0x1c, 1, 0xe00d, 0xe00d, 0xe00a, 0xa600}, {0x35, 1, 0xe02f, 0xe02f, 0x9500, 0xa400},
        {0x47, 1, 0x47e0, 0x47e0, 0x77e0, 0x9700}, {0x48, 1, 0x48e0, 0x48e0, 0x8de0, 0x9800},
        {0x53, 1, 0x53e0, 0x53e0, 0x93e0, 0xffff}, {0x5b, 1, 0x0000, 0x0000, 0x0000, 0x0000},
    };
    static const u8 shifts[4] = {0, 0x36, 0x1d, 0x38};
    for (u32 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const u16 codes[4] = {rows[i].plain, rows[i].shift, rows[i].ctrl, rows[i].alt};
        for (u32 n = 0; n < 4; n++) {
            if (codes[n] == 0xffff) /* a digit of Alt's, or Ctrl-Alt-Del's cousin */
                continue;
            if (n)
                scan(shifts[n]);
            if (rows[i].e0)
                press_e0(rows[i].scan);
            else
                press(rows[i].scan);
            if (n)
                scan(shifts[n] | 0x80);
            if (codes[n])
                CHECK(key(0x10), codes[n]);
            CHECK(empty(0x11), 1);
        }
    }
    /* those that functions 00h and 01h pass over */
    scan(0x38);
    press(0x01);
    press(0x1c);
    press(0x4a);
    press(0x10);
    scan(0xb8);
    CHECK(key(0x00), 0x1000);
    CHECK(empty(0x01), 1);
}

static void check_locks(void)
{
    press(0x3a);
    CHECK(bda(0x17) & 0x40, 0x40);
    press(0x1e);
    CHECK(key(0x00), 0x1e41);
    press(0x02);
    CHECK(key(0x00), 0x0231);
    scan(0x36);
    press(0x1e);
    scan(0xb6);
    CHECK(key(0x00), 0x1e61);
    press(0x3a);
    CHECK(bda(0x17) & 0x40, 0);
    press(0x45);
    CHECK(bda(0x17) & 0x20, 0x20);
    press(0x47);
    CHECK(key(0x00), 0x4737);
    scan(0x2a);
    press(0x47);
    scan(0xaa);
    CHECK(key(0x00), 0x4700);
    press(0x45);
    press(0x47);
    CHECK(key(0x00), 0x4700);
    /* repeats of a held lock key do not flip it back */
    scan(0x46);
    scan(0x46);
    CHECK(bda(0x17) & 0x10, 0x10);
    scan(0xc6);
    press(0x46);
    CHECK(bda(0x17) & 0x10, 0);
    call(0x16, 0x1200, 0, 0, 0);
    CHECK(after.ax & 0xffff, bda(0x17) & 0xff);
    press(0x52);
    CHECK(bda(0x17) & 0x80, 0x80);
    CHECK(key(0x00), 0x5200);
    press_e0(0x52);
    CHECK(bda(0x17) & 0x80, 0);
    CHECK(key(0x10), 0x52e0);
}

static void check_alt_keypad(void)
{
    scan(0x38);
    press(0x4f);
    press(0x50);
    press(0x51);
    scan(0xb8);
    CHECK(key(0x00), 123);
    CHECK(empty(0x01), 1);
}

static void check_hooks(void)
{
    interrupts_counted = 0;
    set_vector(0x1b, counting_handler);
    press(0x1e);
    scan(0x1d);
    press_e0(0x46);
    scan(0x9d);
    CHECK(interrupts_counted, 1);
    CHECK(bda(0x71) & 0x80, 0x80);
    CHECK(key(0x00), 0); /* the buffer was emptied and holds the zero word */
    CHECK(empty(0x01), 1);
    interrupts_counted = 0;
    set_vector(0x05, counting_handler);
    scan(0xe0);
    scan(0x2a);
    scan(0xe0);
    scan(0x37);
    CHECK(interrupts_counted, 1);
    scan(0xe0);
    scan(0xb7);
    scan(0xe0);
    scan(0xaa);
    CHECK(empty(0x11), 1);
}

/* SysReq asks INT 15h 85h, pressed and released; each scan code goes by 4Fh, which may change or take it. */
__asm__(".code16\n"
        "service15:\n\t"
        "cmpb $0x85, %ah\n\tje 1f\n\tcmpb $0x4f, %ah\n\tjne 3f\n\t"
        "cmpb $0x1f, %al\n\tje 2f\n\tcmpb $0x20, %al\n\tjne 3f\n\tmovb $0x1e, %al\n\tjmp 3f\n"
        "1:\tshlw $8, %cs:requests\n\tmovb %al, %cs:requests\n\tincw %cs:requests + 2\n\tjmp 3f\n"
        "2:\tclc\n\tlretw $2\n"
        "3:\tljmpw *%cs:old15\n"
        ".data\nrequests: .word 0, 0\nold15: .long 0\n.text\n"
        ".code16gcc\n");
extern u8 service15[];
extern volatile u16 requests[2];
extern volatile u32 old15;

static void check_int15_hooks(void)
{
    old15 = peek32(0, 0x15 * 4);
    set_vector(0x15, service15);
    scan(0x54);
    CHECK(requests[1], 1);
    CHECK(requests[0] & 0xff, 0);
    CHECK(bda(0x18) & 4, 4);
    scan(0x54);
    CHECK(requests[1], 1); /* repeats are not told */
    scan(0xd4);
    CHECK(requests[1], 2);
    CHECK(requests[0] & 0xff, 1);
    CHECK(bda(0x18) & 4, 0);
    press(0x1f); /* taken */
    CHECK(empty(0x11), 1);
    scan(0x20); /* D becomes A */
    scan(0x9e);
    CHECK(key(0x10), 0x1e61);
    CHECK(empty(0x11), 1);
    poke16(0, 0x15 * 4, (u16)old15);
    poke16(0, 0x15 * 4 + 2, (u16)(old15 >> 16));
}

static void check_buffer(void)
{
    for (u16 i = 0; i < 15; i++) {
        call(0x16, 0x0500, 0, (u16)(0x1e00 + i), 0);
        CHECK(AL, 0);
    }
    call(0x16, 0x0500, 0, 0x1e99, 0);
    CHECK(AL, 1);
    for (u16 i = 0; i < 15; i++)
        CHECK(key(0x10), 0x1e00 + i);
    CHECK(empty(0x11), 1);
}

static void check_rest(void)
{
    call(0x16, 0x0900, 0, 0, 0);
    CHECK(AL & 0x20, 0x20);
    call(0x16, 0x0306, 0, 0, 0);
    CHECK(BX, 0x010b);
    call(0x16, 0x0305, 0x0205, 0, 0);
    call(0x16, 0x0306, 0, 0, 0);
    CHECK(BX, 0x0205);
    call(0x16, 0x0300, 0, 0, 0);
    call(0x16, 0x0306, 0, 0, 0);
    CHECK(BX, 0x010b);
    call(0x16, 0x0a00, 0, 0, 0);
    CHECK(BX == 0x83ab || BX == 0x41ab, 1);
    call(0x16, 0x9200, 0, 0, 0);
    CHECK(AH <= 0x80, 1);
}

/* Called by the tick: after three of them a key is pressed, which ends the pause. */
__attribute__((used)) void tick(void);
static volatile u32 pause_ticks;
void tick(void)
{
    if (++pause_ticks == 3) {
        outb(0x64, 0xd2);
        while (inb(0x64) & 2)
            ;
        outb(0x60, 0x1e);
    }
}
__asm__(".code16\n"
        "tick_handler:\n\t"
        "pushal\n\tpushw %ds\n\tpushw %es\n\tpushw %fs\n\t"
        "xorw %ax, %ax\n\tmovw %ax, %ds\n\tmovw %ax, %es\n\t"
        "calll tick_on_own_stack\n\t"
        "popw %fs\n\tpopw %es\n\tpopw %ds\n\tpopal\n\tiretw\n"
        "tick_on_own_stack:\n\t" /* the interrupted stack is the BIOS's own: C wants SS = 0 */
        "movw %ss, %cx\n\tmovl %esp, %ebx\n\tmovw %ax, %ss\n\tmovl $0x7000, %esp\n\t"
        "pushl %ecx\n\tpushl %ebx\n\tcalll tick\n\tpopl %ebx\n\tpopl %ecx\n\t"
        "movw %cx, %ss\n\tmovl %ebx, %esp\n\tretl\n"
        ".code16gcc\n");
extern u8 tick_handler[];

/* Pause holds the program until a key, which is not given to it. */
static void check_pause(void)
{
    set_vector(0x1c, tick_handler);
    scan(0xe1);
    scan(0x1d);
    scan(0x45); /* comes back when the key was pressed */
    while (pause_ticks < 3)
        __asm__ volatile("hlt");
    scan(0xe1);
    scan(0x9d);
    scan(0xc5);
    CHECK(pause_ticks >= 3, 1);
    CHECK(bda(0x18) & 8, 0);
    scan(0x9e);
    CHECK(empty(0x11), 1);
    press(0x1e);
    CHECK(key(0x10), 0x1e61);
}

void test(void)
{
    check_plain();
    check_extended();
    check_combinations();
    check_locks();
    check_alt_keypad();
    check_hooks();
    check_int15_hooks();
    check_buffer();
    check_rest();
    check_pause();
}
