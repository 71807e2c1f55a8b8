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
    call(0x16, 0x0305, 0x0105, 0, 0);
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
    check_locks();
    check_alt_keypad();
    check_hooks();
    check_buffer();
    check_rest();
    check_pause();
}
