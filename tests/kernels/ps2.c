/* The 8042, keyboard and mouse, driven as drivers do: tests, scan code sets, LEDs, the IntelliMouse's knock.
 */
#include "tests/kernels/kernel.h"

static volatile u8 keys[64], packets[64];
static volatile u32 key_count, packet_count;

static void keyboard_interrupt(void)
{
    keys[key_count++ % 64] = inb(0x60);
}

static void mouse_interrupt(void)
{
    packets[packet_count++ % 64] = inb(0x60);
}

static bool wait_input_empty(void)
{
    for (u32 start = ticks; inb(0x64) & 2;)
        if (ticks - start > 200)
            return false;
    return true;
}

static int read_polled(void)
{
    for (u32 start = ticks; !(inb(0x64) & 1);)
        if (ticks - start > 200)
            return -1;
    return inb(0x60);
}

static void controller(u8 command)
{
    wait_input_empty();
    outb(0x64, command);
}

static void data(u8 byte)
{
    wait_input_empty();
    outb(0x60, byte);
}

static void drain(void)
{
    while (inb(0x64) & 1)
        inb(0x60);
}

static void test_controller(void)
{
    controller(0xAD);
    controller(0xA7);
    drain();
    controller(0x20);
    int config = read_polled();
    row(config >= 0 && (config & 0x30) == 0x30, "the 8042's command byte has both ports disabled");
    controller(0xAA);
    row(read_polled() == 0x55, "its self-test");
    controller(0xAB);
    row(read_polled() == 0, "the keyboard's line");
    controller(0xA9);
    row(read_polled() == 0, "the mouse's line");
    controller(0x60);
    data(0x30);
    controller(0xAE);
    controller(0xA8);
    controller(0x20);
    config = read_polled();
    row(config >= 0 && !(config & 0x33), "both ports enabled, no interrupts, no translation");
    drain();
}

static int to_keyboard(u8 byte)
{
    data(byte);
    return read_polled();
}

static int to_mouse(u8 byte)
{
    controller(0xD4);
    data(byte);
    return read_polled();
}

static void test_keyboard(void)
{
    row(to_keyboard(0xFF) == 0xFA && read_polled() == 0xAA, "the keyboard's reset");
    row(to_keyboard(0xF2) == 0xFA && read_polled() == 0xAB && read_polled() == 0x83, "it is an MF2 keyboard");
    row(to_keyboard(0xEE) == 0xEE, "it echoes");
    bool good = true;
    for (u8 set = 1; set <= 3; set++) {
        good = good && to_keyboard(0xF0) == 0xFA && to_keyboard(set) == 0xFA;
        good = good && to_keyboard(0xF0) == 0xFA && to_keyboard(0) == 0xFA && read_polled() == set;
    }
    row(good, "it takes scan code sets 1 to 3 and tells which");
    row(to_keyboard(0xF0) == 0xFA && to_keyboard(2) == 0xFA, "set 2 again");
    row(to_keyboard(0xED) == 0xFA && to_keyboard(7) == 0xFA, "its LEDs");
    row(to_keyboard(0xF3) == 0xFA && to_keyboard(0x20) == 0xFA, "its typematic rate");
    row(to_keyboard(0x99) == 0xFE, "an unknown command is to be sent again");
    row(to_keyboard(0xF5) == 0xFA && to_keyboard(0xF4) == 0xFA, "scanning off and on");
}

static void rate(u8 value)
{
    to_mouse(0xF3);
    to_mouse(value);
}

static void test_mouse(void)
{
    row(to_mouse(0xFF) == 0xFA && read_polled() == 0xAA && read_polled() == 0, "the mouse's reset");
    row(to_mouse(0xF2) == 0xFA && read_polled() == 0, "it is a plain one");
    rate(200);
    rate(100);
    rate(80);
    row(to_mouse(0xF2) == 0xFA && read_polled() == 3, "with a wheel after rates 200, 100, 80");
    rate(200);
    rate(200);
    rate(80);
    row(to_mouse(0xF2) == 0xFA && read_polled() == 4, "and five buttons after 200, 200, 80");
    rate(60);
    row(to_mouse(0xE8) == 0xFA && to_mouse(3) == 0xFA && to_mouse(0xE7) == 0xFA, "resolution and scaling");
    row(to_mouse(0xE9) == 0xFA && read_polled() == 0x10 && read_polled() == 3 && read_polled() == 60,
        "and the status tells them");
    to_mouse(0xE6);
    row(to_mouse(0xEB) == 0xFA && read_polled() == 8 && read_polled() == 0 && read_polled() == 0 &&
            read_polled() == 0,
        "a packet of four bytes when asked");
    row(to_mouse(0xF4) == 0xFA, "reporting on");
    row(to_mouse(0xE9) == 0xFA && (read_polled() & 0x30) == 0x20 && read_polled() == 3 && read_polled() == 60,
        "as the status says");
}

/* The controller's loop commands put a byte into its output buffer as if a device had sent it. */
static void test_interrupts(void)
{
    controller(0x60);
    data(0x43); /* both interrupts, translation; the mouse's clock on */
    wait_ms(2);
    drain();
    irq_hook[1] = keyboard_interrupt;
    irq_hook[12] = mouse_interrupt;
    unmask(1);
    unmask(12);
    wait_ms(2);
    key_count = packet_count = 0;
    controller(0xD2);
    data(0x1E);
    row(wait_irq(1, irq_count[1] - key_count, 50) && key_count == 1 && keys[0] == 0x1E,
        "a key comes with IRQ 1");
    controller(0xD3);
    data(0x55);
    wait_ms(5);
    row(packet_count == 1 && packets[0] == 0x55 && key_count == 1, "a mouse's byte with IRQ 12");
    key_count = 0;
    data(0xEE);
    wait_ms(5);
    row(key_count == 1 && keys[0] == 0xEE, "a keyboard's answer with IRQ 1");
    packet_count = 0;
    controller(0xD4);
    data(0xEB);
    wait_ms(20);
    row(packet_count == 5 && packets[0] == 0xFA && packets[1] == 8,
        "the mouse's packet with an IRQ 12 for each byte");
    controller(0xD4);
    data(0xF5);
    wait_ms(5);
    mask(12);
    mask(1);
    controller(0x60);
    data(0x61);
    drain();
}

/* Asks on the screen for keys to be typed: "a", cursor up, right control, pause, print, left shift. */
static void ask(const char *what)
{
    volatile u16 *at = (volatile u16 *)0xB8000;
    for (unsigned i = 0; i < 80; i++)
        at[i] = 0x0720;
    for (unsigned i = 0; what[i]; i++)
        at[i] = (u16)(0x0700 | (u8)what[i]);
}

static void expect_codes(const char *name, const u8 *codes, u32 count)
{
    key_count = 0;
    ask(name);
    u32 last = 0;
    for (u32 start = ticks; ticks - start < (last ? 400u : 3000u);) {
        __asm__ volatile("hlt");
        if (key_count != last) {
            last = key_count;
            start = ticks;
        }
    }
    bool good = key_count == count;
    for (u32 i = 0; i < count; i++)
        good = good && keys[i] == codes[i];
    row(good, "%s", name);
    for (u32 i = 0; !good && i < key_count && i < 64; i++)
        print("%02x ", keys[i]);
    if (!good)
        print("\n");
}

static const u8 set_1[] = {0x1E, 0x9E, 0xE0, 0x48, 0xE0, 0xC8, 0xE0, 0x1D, 0xE0, 0x9D, 0xE1, 0x1D, 0x45,
                           0xE1, 0x9D, 0xC5, 0xE0, 0x2A, 0xE0, 0x37, 0xE0, 0xB7, 0xE0, 0xAA, 0x2A, 0xAA};
static const u8 set_2[] = {0x1C, 0xF0, 0x1C, 0xE0, 0x75, 0xE0, 0xF0, 0x75, 0xE0, 0x14, 0xE0, 0xF0,
                           0x14, 0xE1, 0x14, 0x77, 0xE1, 0xF0, 0x14, 0xF0, 0x77, 0xE0, 0x12, 0xE0,
                           0x7C, 0xE0, 0xF0, 0x7C, 0xE0, 0xF0, 0x12, 0x12, 0xF0, 0x12};
static const u8 set_3[] = {0x1C, 0x63, 0x58, 0x62, 0x57, 0x12, 0xF0, 0x12};
static const u8 set_3_breaks[] = {0x1C, 0xF0, 0x1C, 0x63, 0xF0, 0x63, 0x58, 0xF0, 0x58,
                                  0x62, 0xF0, 0x62, 0x57, 0xF0, 0x57, 0x12, 0xF0, 0x12};

static void choose_set(u8 set)
{
    data(0xF0);
    wait_ms(20);
    data(set);
    wait_ms(20);
}

/* Real keys, which run.sh has typed as the kernel asks for them. */
void test_keys(void)
{
    controller(0x60);
    data(0x03); /* both interrupts, no translation */
    wait_ms(2);
    drain();
    irq_hook[1] = keyboard_interrupt;
    unmask(1);
    data(0xED); /* a lit Num Lock has a keyboard send shifts around the cursor's keys */
    wait_ms(20);
    data(0);
    wait_ms(20);
    choose_set(1);
    expect_codes("keys in set 1", set_1, sizeof set_1);
    choose_set(2);
    expect_codes("keys in set 2", set_2, sizeof set_2);
    choose_set(3);
    expect_codes("keys in set 3", set_3, sizeof set_3);
    data(0xF8);
    wait_ms(20);
    expect_codes("keys in set 3 which all make and break", set_3_breaks, sizeof set_3_breaks);
    choose_set(2);
    controller(0x60);
    data(0x43);
    wait_ms(2);
    expect_codes("keys translated", set_1, sizeof set_1);
    controller(0xAD);
    key_count = 0;
    ask("keys while the keyboard is off");
    wait_ms(600);
    bool none = !key_count;
    controller(0xAE);
    wait_ms(100);
    /* The keyboard holds 16 bytes of set 2 and then one that says that it lost some. */
    bool first = true;
    for (u32 i = 0; i < 10; i++)
        first = first && keys[i] == set_1[i];
    row(none && first && key_count > 10 && key_count < 16 && keys[key_count - 1] == 0xFF,
        "what is typed while the keyboard's clock is held comes afterwards, as much as it holds");
    data(0xF5);
    wait_ms(20);
    key_count = 0;
    ask("keys while scanning is off");
    wait_ms(600);
    row(!key_count, "nothing comes while its scanning is off");
    data(0xF4);
    wait_ms(20);
    mask(1);
    controller(0x60);
    data(0x61);
    drain();
}

static void test_a20(void)
{
    volatile u32 *low = (volatile u32 *)0x9000, *high = (volatile u32 *)0x109000;
    u32 saved = *high;
    controller(0xD0);
    int port = read_polled();
    row(port >= 0 && (port & 3) == 3, "the output port: no reset, A20 on");
    *low = 0x11111111;
    *high = 0x22222222;
    row(*low == 0x11111111, "the two megabytes are apart");
    controller(0xD1);
    data((u8)(port & ~2));
    wait_input_empty();
    wait_ms(2);
    bool wraps = *high == *low;
    controller(0xD1);
    data((u8)port);
    wait_input_empty();
    wait_ms(2);
    row(wraps, "A20 off by the 8042: they are the same");
    row(*high == 0x22222222 && *low == 0x11111111, "and on again");
    u8 gate = inb(0x92);
    outb(0x92, (u8)(gate & ~3));
    wraps = *high == *low;
    outb(0x92, (u8)((gate & ~1) | 2));
    row(wraps && *high == 0x22222222, "likewise by port 92h");
    *high = saved;
}

void test_ps2(void)
{
    test_controller();
    test_keyboard();
    test_mouse();
    test_interrupts();
    test_a20();
}
