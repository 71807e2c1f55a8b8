/*
 * INT 09h, scan codes of set 1 to entries of the key buffer, and INT 16h, which hands them out. Codes follow
 * the table of the PS/2 BIOS Interface Technical Reference for the 101/102-key keyboard.
 */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"
#include "bios/timer.h"

/*
 * A key's entry (scan code, character) alone and with Shift, Ctrl, Alt; 0: none. A low byte of F0h marks
 * combinations that the 84-key keyboard's functions did not know: 00h and 01h pass over them, 10h and 11h
 * give them as 0.
 */
struct key {
    u16 plain, shift, ctrl, alt;
};

#define LETTER(scan, c)                                                                                      \
    {                                                                                                        \
        scan << 8 | (c), scan << 8 | ((c)-32), scan << 8 | ((c)&0x1f), scan << 8                             \
    }
#define FUNCTION(scan)                                                                                       \
    {                                                                                                        \
        scan << 8, (scan + 0x19) << 8, (scan + 0x23) << 8, (scan + 0x2d) << 8                                \
    }
static const struct key ROM keys[] = {
    [0x01] = {0x011b, 0x011b, 0x011b, 0x01f0},
    [0x02] = {0x0231, 0x0221, 0x0000, 0x7800},
    [0x03] = {0x0332, 0x0340, 0x0300, 0x7900},
    [0x04] = {0x0433, 0x0423, 0x0000, 0x7a00},
    [0x05] = {0x0534, 0x0524, 0x0000, 0x7b00},
    [0x06] = {0x0635, 0x0625, 0x0000, 0x7c00},
    [0x07] = {0x0736, 0x075e, 0x071e, 0x7d00},
    [0x08] = {0x0837, 0x0826, 0x0000, 0x7e00},
    [0x09] = {0x0938, 0x092a, 0x0000, 0x7f00},
    [0x0a] = {0x0a39, 0x0a28, 0x0000, 0x8000},
    [0x0b] = {0x0b30, 0x0b29, 0x0000, 0x8100},
    [0x0c] = {0x0c2d, 0x0c5f, 0x0c1f, 0x8200},
    [0x0d] = {0x0d3d, 0x0d2b, 0x0000, 0x8300},
    [0x0e] = {0x0e08, 0x0e08, 0x0e7f, 0x0ef0},
    [0x0f] = {0x0f09, 0x0f00, 0x9400, 0xa500},
    [0x10] = LETTER(0x10, 'q'),
    [0x11] = LETTER(0x11, 'w'),
    [0x12] = LETTER(0x12, 'e'),
    [0x13] = LETTER(0x13, 'r'),
    [0x14] = LETTER(0x14, 't'),
    [0x15] = LETTER(0x15, 'y'),
    [0x16] = LETTER(0x16, 'u'),
    [0x17] = LETTER(0x17, 'i'),
    [0x18] = LETTER(0x18, 'o'),
    [0x19] = LETTER(0x19, 'p'),
    [0x1a] = {0x1a5b, 0x1a7b, 0x1a1b, 0x1af0},
    [0x1b] = {0x1b5d, 0x1b7d, 0x1b1d, 0x1bf0},
    [0x1c] = {0x1c0d, 0x1c0d, 0x1c0a, 0x1cf0},
    [0x1e] = LETTER(0x1e, 'a'),
    [0x1f] = LETTER(0x1f, 's'),
    [0x20] = LETTER(0x20, 'd'),
    [0x21] = LETTER(0x21, 'f'),
    [0x22] = LETTER(0x22, 'g'),
    [0x23] = LETTER(0x23, 'h'),
    [0x24] = LETTER(0x24, 'j'),
    [0x25] = LETTER(0x25, 'k'),
    [0x26] = LETTER(0x26, 'l'),
    [0x27] = {0x273b, 0x273a, 0x0000, 0x27f0},
    [0x28] = {0x2827, 0x2822, 0x0000, 0x28f0},
    [0x29] = {0x2960, 0x297e, 0x0000, 0x29f0},
    [0x2b] = {0x2b5c, 0x2b7c, 0x2b1c, 0x2bf0},
    [0x2c] = LETTER(0x2c, 'z'),
    [0x2d] = LETTER(0x2d, 'x'),
    [0x2e] = LETTER(0x2e, 'c'),
    [0x2f] = LETTER(0x2f, 'v'),
    [0x30] = LETTER(0x30, 'b'),
    [0x31] = LETTER(0x31, 'n'),
    [0x32] = LETTER(0x32, 'm'),
    [0x33] = {0x332c, 0x333c, 0x0000, 0x33f0},
    [0x34] = {0x342e, 0x343e, 0x0000, 0x34f0},
    [0x35] = {0x352f, 0x353f, 0x0000, 0x35f0},
    [0x37] = {0x372a, 0x372a, 0x9600, 0x37f0},
    [0x39] = {0x3920, 0x3920, 0x3920, 0x3920},
    [0x3b] = FUNCTION(0x3b),
    [0x3c] = FUNCTION(0x3c),
    [0x3d] = FUNCTION(0x3d),
    [0x3e] = FUNCTION(0x3e),
    [0x3f] = FUNCTION(0x3f),
    [0x40] = FUNCTION(0x40),
    [0x41] = FUNCTION(0x41),
    [0x42] = FUNCTION(0x42),
    [0x43] = FUNCTION(0x43),
    [0x44] = FUNCTION(0x44),
    [0x47] = {0x4700, 0x4737, 0x7700, 0x0007},
    [0x48] = {0x4800, 0x4838, 0x8d00, 0x0008},
    [0x49] = {0x4900, 0x4939, 0x8400, 0x0009},
    [0x4a] = {0x4a2d, 0x4a2d, 0x8e00, 0x4af0},
    [0x4b] = {0x4b00, 0x4b34, 0x7300, 0x0004},
    [0x4c] = {0x4cf0, 0x4c35, 0x8f00, 0x0005},
    [0x4d] = {0x4d00, 0x4d36, 0x7400, 0x0006},
    [0x4e] = {0x4e2b, 0x4e2b, 0x9000, 0x4ef0},
    [0x4f] = {0x4f00, 0x4f31, 0x7500, 0x0001},
    [0x50] = {0x5000, 0x5032, 0x9100, 0x0002},
    [0x51] = {0x5100, 0x5133, 0x7600, 0x0003},
    [0x52] = {0x5200, 0x5230, 0x9200, 0x0000},
    [0x53] = {0x5300, 0x532e, 0x9300, 0x0000},
    [0x56] = {0x565c, 0x567c, 0x0000, 0x0000},
    [0x57] = {0x8500, 0x8700, 0x8900, 0x8b00},
    [0x58] = {0x8600, 0x8800, 0x8a00, 0x8c00},
};

/* Keys behind the prefix E0h. */
struct e0_key {
    u8 scan;
    struct key key;
};
static const struct e0_key ROM e0_keys[] = {
    {0x1c, {0xe00d, 0xe00d, 0xe00a, 0xa600}}, {0x35, {0xe02f, 0xe02f, 0x9500, 0xa400}},
    {0x47, {0x47e0, 0x47e0, 0x77e0, 0x9700}}, {0x48, {0x48e0, 0x48e0, 0x8de0, 0x9800}},
    {0x49, {0x49e0, 0x49e0, 0x84e0, 0x9900}}, {0x4b, {0x4be0, 0x4be0, 0x73e0, 0x9b00}},
    {0x4d, {0x4de0, 0x4de0, 0x74e0, 0x9d00}}, {0x4f, {0x4fe0, 0x4fe0, 0x75e0, 0x9f00}},
    {0x50, {0x50e0, 0x50e0, 0x91e0, 0xa000}}, {0x51, {0x51e0, 0x51e0, 0x76e0, 0xa100}},
    {0x52, {0x52e0, 0x52e0, 0x92e0, 0xa200}}, {0x53, {0x53e0, 0x53e0, 0x93e0, 0xa300}},
};

enum {
    SCAN_CTRL = 0x1d,
    SCAN_LSHIFT = 0x2a,
    SCAN_RSHIFT = 0x36,
    SCAN_STAR = 0x37,
    SCAN_ALT = 0x38,
    SCAN_CAPS = 0x3a,
    SCAN_NUM = 0x45,
    SCAN_SCROLL = 0x46,
    SCAN_INS = 0x52,
    SCAN_DEL = 0x53,
    SCAN_SYSREQ = 0x54,
    SCAN_BREAK = 0x80,
};

/* 500 ms, then 10.9 characters a second: what the keyboard begins with. */
enum { TYPEMATIC_DEFAULT = 0x2b };
static u8 typematic;

/* The buffer. */

static u16 next_place(u16 place)
{
    place = (u16)(place + 2);
    return place >= bda.keys_end ? bda.keys_start : place;
}

static int put_key(u16 key)
{
    u16 tail = bda.keys_tail;
    u16 next = next_place(tail);
    if (next == bda.keys_head)
        return 0;
    poke16(0x40, tail, key);
    bda.keys_tail = next;
    return 1;
}

/* 1 kHz for a little: the buffer is full. */
static void beep(void)
{
    u8 old = inb(0x61);
    for (u8 i = 0; i < 60; i++) {
        outb(0x61, (u8)((old & 0xfc) | (i & 1 ? 2 : 0)));
        delay_us(500);
    }
    outb(0x61, old);
}

static void store_key(u16 key)
{
    u16 ax = 0x9102;
    if (put_key(key))
        hook15(&ax);
    else
        beep();
}

/* LEDs: the keyboard answers each byte with an interrupt, whose handler notes it at 40:97h. */

static int send_to_keyboard(u8 byte)
{
    for (u8 tries = 0; tries < 3; tries++) {
        struct timeout t;
        bda.kb_leds &= (u8) ~(KBL_ACK | KBL_RESEND | KBL_ERROR);
        if (!kbc_write_data(byte))
            break;
        interrupts_on();
        timeout_start(&t, 30000);
        while (!(bda.kb_leds & (KBL_ACK | KBL_RESEND)) && !timeout_passed(&t))
            ;
        interrupts_off();
        if (bda.kb_leds & KBL_ACK)
            return 1;
    }
    bda.kb_leds |= KBL_ERROR;
    return 0;
}

static void update_leds(void)
{
    u8 leds = bda.shift_flags >> 4 & KBL_LEDS;
    if (bda.kb_leds & KBL_UPDATE || (bda.kb_leds & KBL_LEDS) == leds)
        return;
    bda.kb_leds |= KBL_UPDATE;
    if (send_to_keyboard(0xed) && send_to_keyboard(leds))
        bda.kb_leds = (u8)((bda.kb_leds & ~KBL_LEDS) | leds);
    else
        send_to_keyboard(0xf4);
    bda.kb_leds = (u8)((bda.kb_leds & ~(KBL_UPDATE | KBL_LEDS)) | leds);
}

/* Keys that do something by themselves. */

static void call_plain(u8 interrupt)
{
    struct call c = {.ds = 0x40, .flags = 0};
    interrupts_on();
    call_int(interrupt, &c);
    interrupts_off();
}

static void reboot(void)
{
    bda.reset_flag = 0x1234;
    outb(0xcf9, 0x02);
    outb(0xcf9, 0x06);
    kbc_write_command(0xfe);
    outb(0x92, (u8)(inb(0x92) | 1));
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

static void ctrl_break(void)
{
    bda.keys_head = bda.keys_start;
    bda.keys_tail = bda.keys_start;
    bda.break_flag |= 0x80;
    call_plain(0x1b);
    put_key(0);
}

/* Holds the program until a key is pressed; that press, met by an INT 09h within this one, clears the flag.
 */
static void pause(void)
{
    bda.shift_flags2 |= KB2_PAUSE;
    while (bda.shift_flags2 & KB2_PAUSE)
        wait_for_interrupt();
}

static void system_request(int released)
{
    u16 ax = (u16)(0x8500 | released);
    if (released)
        bda.shift_flags2 &= (u8)~KB2_SYSREQ;
    else if (bda.shift_flags2 & KB2_SYSREQ)
        return;
    else
        bda.shift_flags2 |= KB2_SYSREQ;
    interrupts_on();
    hook15(&ax);
    interrupts_off();
}

/* A key that switches: flips on the press, not on the repeats that follow while it is held. */
static void toggle(u8 flag, u8 held, int released)
{
    if (released) {
        bda.shift_flags2 &= (u8)~held;
    } else if (!(bda.shift_flags2 & held)) {
        bda.shift_flags2 |= held;
        bda.shift_flags ^= flag;
        update_leds();
    }
}

static void ctrl_key(int e0, int released)
{
    if (e0)
        bda.kb_mode = (u8)(released ? bda.kb_mode & ~KB3_RCTRL : bda.kb_mode | KB3_RCTRL);
    else
        bda.shift_flags2 = (u8)(released ? bda.shift_flags2 & ~KB2_LCTRL : bda.shift_flags2 | KB2_LCTRL);
    if (bda.kb_mode & KB3_RCTRL || bda.shift_flags2 & KB2_LCTRL)
        bda.shift_flags |= KB_CTRL;
    else
        bda.shift_flags &= (u8)~KB_CTRL;
}

static void alt_key(int e0, int released)
{
    if (e0)
        bda.kb_mode = (u8)(released ? bda.kb_mode & ~KB3_RALT : bda.kb_mode | KB3_RALT);
    else
        bda.shift_flags2 = (u8)(released ? bda.shift_flags2 & ~KB2_LALT : bda.shift_flags2 | KB2_LALT);
    if (bda.kb_mode & KB3_RALT || bda.shift_flags2 & KB2_LALT) {
        bda.shift_flags |= KB_ALT;
        return;
    }
    bda.shift_flags &= (u8)~KB_ALT;
    if (bda.alt_keypad) {
        u8 code = bda.alt_keypad;
        bda.alt_keypad = 0;
        store_key(code);
    }
}

/* Whether the code was a shift, lock or system key, all done with. */
static int special_key(u8 scan, int e0, int released)
{
    u8 bit;
    switch (scan) {
    case SCAN_LSHIFT:
    case SCAN_RSHIFT:
        if (e0)
            return 1; /* made up by the keyboard around grey keys */
        bit = scan == SCAN_LSHIFT ? KB_LSHIFT : KB_RSHIFT;
        bda.shift_flags = (u8)(released ? bda.shift_flags & ~bit : bda.shift_flags | bit);
        return 1;
    case SCAN_CTRL:
        ctrl_key(e0, released);
        return 1;
    case SCAN_ALT:
        alt_key(e0, released);
        return 1;
    case SCAN_CAPS:
        if (!(bda.shift_flags & KB_CTRL))
            toggle(KB_CAPS, KB2_CAPS, released);
        return 1;
    case SCAN_NUM:
        if (bda.shift_flags & KB_CTRL && !released)
            pause();
        else
            toggle(KB_NUM, KB2_NUM, released);
        return 1;
    case SCAN_SCROLL:
        if (bda.shift_flags & KB_CTRL || e0) {
            if (!released)
                ctrl_break();
        } else {
            toggle(KB_SCROLL, KB2_SCROLL, released);
        }
        return 1;
    case SCAN_SYSREQ:
        system_request(released);
        return 1;
    case SCAN_INS:
        if (released)
            bda.shift_flags2 &= (u8)~KB2_INS;
        return released;
    case SCAN_STAR:
        if (!e0 && !(bda.shift_flags & (KB_LSHIFT | KB_RSHIFT) && !(bda.kb_mode & KB3_101KEYS)))
            return released;
        if (released)
            return 1;
        if (bda.shift_flags & KB_CTRL)
            store_key(0x7200);
        else if (!(bda.shift_flags & KB_ALT))
            call_plain(0x05);
        return 1;
    default:
        return released;
    }
}

static int is_letter(u8 c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The buffer entry for a pressed key under the shifts of the moment, 0: none. */
static u16 key_code(u8 scan, int e0)
{
    struct key k = {0, 0, 0, 0};
    u8 flags = bda.shift_flags;
    int shift = (flags & (KB_LSHIFT | KB_RSHIFT)) != 0;
    int keypad = !e0 && scan >= 0x47 && scan <= 0x53 && scan != 0x4a && scan != 0x4e;
    if (e0) {
        for (u8 i = 0; i < ARRAY_SIZE(e0_keys); i++)
            if (e0_keys[i].scan == scan)
                k = e0_keys[i].key;
    } else if (scan < ARRAY_SIZE(keys)) {
        k = keys[scan];
    }
    if (flags & KB_ALT) {
        if (!keypad)
            return k.alt;
        if (scan != SCAN_DEL)
            bda.alt_keypad = (u8)(bda.alt_keypad * 10 + k.alt);
        return 0;
    }
    if (flags & KB_CTRL)
        return k.ctrl;
    if ((flags & KB_NUM && keypad) || (flags & KB_CAPS && is_letter((u8)k.plain)))
        shift = !shift;
    return shift ? k.shift : k.plain;
}

static void pressed(u8 scan, int e0)
{
    u16 code;
    if ((bda.shift_flags & (KB_CTRL | KB_ALT)) == (KB_CTRL | KB_ALT) && scan == SCAN_DEL)
        reboot();
    code = key_code(scan, e0);
    if (scan == SCAN_INS && (u8)(code >> 8) == SCAN_INS && (u8)code != '0' && !(bda.shift_flags2 & KB2_INS)) {
        bda.shift_flags2 |= KB2_INS;
        bda.shift_flags ^= KB_INS;
    }
    if (code)
        store_key(code);
}

/* Pause sends E1 1D 45 and E1 9D C5 at once, without a release of its own. Whether the code belonged to it.
 */
static int pause_sequence(u8 scan)
{
    if (!(bda.kb_mode & KB3_E1))
        return 0;
    if ((scan & 0x7f) == SCAN_CTRL)
        return 1;
    bda.kb_mode &= (u8)~KB3_E1;
    if (scan == SCAN_NUM && !(bda.shift_flags2 & KB2_PAUSE))
        pause();
    return 1;
}

static void scan_code(u8 code)
{
    u8 scan = code & 0x7f;
    int released = (code & SCAN_BREAK) != 0;
    int e0;
    if (code == 0xe0) {
        bda.kb_mode |= KB3_E0;
        return;
    }
    if (code == 0xe1) {
        bda.kb_mode |= KB3_E1;
        return;
    }
    if (pause_sequence(code))
        return;
    e0 = (bda.kb_mode & KB3_E0) != 0;
    bda.kb_mode &= (u8)~KB3_E0;
    if (bda.shift_flags2 & KB2_PAUSE && !released && scan != SCAN_NUM && scan != SCAN_CTRL &&
        scan != SCAN_ALT && scan != SCAN_LSHIFT && scan != SCAN_RSHIFT) {
        bda.shift_flags2 &= (u8)~KB2_PAUSE;
        return;
    }
    if (!special_key(scan, e0, released))
        pressed(scan, e0);
}

/* INT 09h */
void int09(struct regs *r)
{
    u16 ax;
    int carry;
    u8 status = inb(0x64);
    u8 code;
    (void)r;
    if ((status & 0x21) != 0x01) { /* nothing there, or the mouse's */
        outb(0x20, 0x20);
        return;
    }
    code = inb(0x60);
    if (code == 0xfa || code == 0xfe) { /* the keyboard's answer to a byte of ours */
        bda.kb_leds |= code == 0xfa ? KBL_ACK : KBL_RESEND;
        outb(0x20, 0x20);
        return;
    }
    ax = (u16)(0x4f00 | code);
    carry = hook15(&ax);
    outb(0x20, 0x20);
    code = (u8)ax;
    if (carry)
        scan_code(code);
}

/* INT 16h */

/*
 * An entry as functions 00h and 01h of the 84-key keyboard show it: grey keys as their twins, keys that it
 * had not left out (0).
 */
static u16 old_code(u16 key)
{
    u8 low = (u8)key, high = (u8)(key >> 8);
    if (low == 0xf0 && high)
        return 0;
    if (high == 0xe0)
        return low == 0x2f ? 0x352f : (u16)(0x1c00 | low);
    if (low == 0xe0 && high)
        low = 0;
    if (!low && high > 0x84)
        return 0;
    return (u16)(high << 8 | low);
}

static u16 new_code(u16 key)
{
    return (u8)key == 0xf0 && key >> 8 ? key & 0xff00 : key;
}

static u16 head_key(void)
{
    return peek16(0x40, bda.keys_head);
}

static void drop_key(void)
{
    bda.keys_head = next_place(bda.keys_head);
}

static void get_key(struct regs *r, int extended)
{
    for (;;) {
        u16 key, code;
        interrupts_off();
        while (bda.keys_head == bda.keys_tail)
            wait_for_interrupt();
        key = head_key();
        drop_key();
        code = extended ? new_code(key) : old_code(key);
        if (code || !key) {
            r->ax = code;
            return;
        }
    }
}

static void check_key(struct regs *r, int extended)
{
    r->flags |= FLAG_ZF;
    while (bda.keys_head != bda.keys_tail) {
        u16 key = head_key();
        u16 code = extended ? new_code(key) : old_code(key);
        if (code || !key) {
            r->ax = code;
            r->flags &= (u16)~FLAG_ZF;
            return;
        }
        drop_key();
    }
}

/* AH=03h: BH delay, BL rate as the keyboard's command F3h takes them; AL=00h the default, 05h to set, 06h to
 * ask. */
static void set_typematic(struct regs *r)
{
    u8 value;
    if (r->al == 0x06) {
        r->bh = typematic >> 5;
        r->bl = typematic & 0x1f;
        return;
    }
    if (r->al == 0x05)
        value = (u8)((r->bh & 3) << 5 | (r->bl & 0x1f));
    else if (r->al == 0x00)
        value = TYPEMATIC_DEFAULT;
    else
        return;
    if (bda.kb_leds & KBL_UPDATE)
        return;
    bda.kb_leds |= KBL_UPDATE;
    if (send_to_keyboard(0xf3) && send_to_keyboard(value))
        typematic = value;
    else
        send_to_keyboard(0xf4);
    bda.kb_leds &= (u8)~KBL_UPDATE;
}

/* AH=0Ah: asks the keyboard for its identity, with its interrupt held off. */
static void get_id(struct regs *r)
{
    int low, high;
    r->bx = 0;
    interrupts_off();
    if (kbc_write_data(0xf2) && kbc_read(30000) == 0xfa) {
        low = kbc_read(20000);
        high = kbc_read(20000);
        if (low >= 0 && high >= 0)
            r->bx = (u16)(high << 8 | low);
    }
}

static u8 extended_shift_state(void)
{
    return (u8)((bda.shift_flags2 & 0x73) | (bda.kb_mode & (KB3_RCTRL | KB3_RALT)) |
                (bda.shift_flags2 & KB2_SYSREQ ? 0x80 : 0));
}

void int16(struct regs *r)
{
    /* A lock flag that a program changed at 40:17h shows on the keyboard at the next call, as on the AT. */
    update_leds();
    switch (r->ah) {
    case 0x00:
        get_key(r, 0);
        break;
    case 0x10:
    case 0x20:
        get_key(r, 1);
        break;
    case 0x01:
        check_key(r, 0);
        break;
    case 0x11:
    case 0x21:
        check_key(r, 1);
        break;
    case 0x02:
        r->al = bda.shift_flags;
        break;
    case 0x12:
    case 0x22:
        r->al = bda.shift_flags;
        r->ah = extended_shift_state();
        break;
    case 0x03:
        set_typematic(r);
        break;
    case 0x05:
        r->al = put_key(r->cx) ? 0 : 1;
        break;
    case 0x09:
        r->al = 0x7d; /* 20h-22h, 10h-12h, 0Ah, 0306h, 0305h, 0300h */
        break;
    case 0x0a:
        get_id(r);
        break;
    case 0x92: /* how DOS's KEYB asks for 10h-12h */
        r->ah = 0x80;
        break;
    case 0xa2: /* and for 20h-22h */
        r->ah = 0x80;
        break;
    default:
        break;
    }
}

/*
 * Brings controller and keyboard up. The keyboard did its own test when power came; resetting it again would
 * take half a second, so it only gets its defaults.
 */
void keyboard_init(void)
{
    bda.keys_start = 0x1e;
    bda.keys_end = 0x3e;
    bda.keys_head = 0x1e;
    bda.keys_tail = 0x1e;
    bda.shift_flags = 0;
    bda.shift_flags2 = 0;
    bda.alt_keypad = 0;
    bda.kb_leds = 0;
    bda.kb_mode = KB3_101KEYS;
    typematic = TYPEMATIC_DEFAULT;
    kbc_write_command(0xad);
    kbc_write_command(0xa7);
    for (u8 i = 0; i < 16 && inb(0x64) & 1; i++)
        inb(0x60);
    kbc_write_command(0xaa);
    kbc_read(50000);
    kbc_write_command(0x60);
    kbc_write_data(0x74); /* translate, no mouse and no keyboard yet, system flag */
    kbc_write_command(0xae);
    if (kbc_write_data(0xf6))
        kbc_read(30000);
    if (kbc_write_data(0xf4))
        kbc_read(30000);
    kbc_write_command(0x60);
    kbc_write_data(0x65); /* translate, mouse off, system flag, IRQ 1 */
}
