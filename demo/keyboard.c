/*
 * The keyboard sends a scan code when a key goes down and another (bit 7 set) when it goes up. Its interrupt
 * handler in the BIOS makes characters of them, which programs fetch by INT 16h. Both are shown here;
 * scan_code_hook in start.S listens to the first.
 */
#include "demo.h"

extern u8 scan_codes[16], scan_codes_written;
extern u32 old_interrupt_15h;
void scan_code_hook(void);

#define VECTOR_15H LOW32(4 * 0x15)

static void hook(void)
{
    interrupts_off(); /* between the two halves no interrupt may come */
    old_interrupt_15h = VECTOR_15H;
    VECTOR_15H = (u32)scan_code_hook; /* segment 0 */
    interrupts_on();
}

static void unhook(void)
{
    interrupts_off();
    VECTOR_15H = old_interrupt_15h;
    interrupts_on();
}

/* The newest sixteen codes, oldest first. */
static void show_scan_codes(void)
{
    u8 end = scan_codes_written;
    for (u8 i = 0; i < 16; i++) {
        u8 code = scan_codes[(end + i) & 15];
        if (!code)
            continue; /* none has come there yet */
        number_at(7, 4 + i * 4, code & 0x80 ? FAINT : TITLE, code, 16, 2, '0');
    }
}

static void show_flags(void)
{
    static const char *const names[8] = {"right Shift", "left Shift", "Ctrl",      "Alt",
                                         "Scroll Lock", "Num Lock",   "Caps Lock", "Insert"};
    u8 flags = LOW8(0x417); /* the BIOS keeps them here */
    for (u8 i = 0; i < 8; i++)
        text_at(18 + i / 4, 4 + (i % 4) * 16, flags & 1 << i ? 0x71 : FAINT, names[i]);
}

static void show_key(u8 row, u16 key)
{
    u8 character = (u8)key;
    fill_at(row, 4, NORMAL, ' ', 60);
    text_at(row, 4, NORMAL, "scan code    h   character    h");
    number_at(row, 14, TITLE, key >> 8, 16, 2, '0');
    number_at(row, 31, TITLE, character, 16, 2, '0');
    if (character)
        fill_at(row, 38, BRIGHT, character, 1);
    else
        text_at(row, 38, FAINT, "none: a key for the program");
}

void page_keyboard(void)
{
    text_page("Keyboard", "Esc: back to the menu");
    text_at(2, 4, NORMAL, "Press keys. The keyboard sends scan codes, hexadecimal here. Bright: a key");
    text_at(3, 4, NORMAL, "goes down; faint: it goes up (80h more). Some keys send two, E0h first.");
    text_at(5, 4, BRIGHT, "Scan codes");
    text_at(10, 4, BRIGHT, "Keys, as INT 16h gives them");
    text_at(16, 4, BRIGHT, "Shift states");
    u16 history[4] = {0};
    u8 count = 0;
    hook();
    for (;;) {
        show_scan_codes();
        show_flags();
        u16 key = wait_ticks(1);
        if (key == KEY_ESCAPE)
            break;
        if (!key)
            continue;
        for (u8 i = 3; i > 0; i--)
            history[i] = history[i - 1];
        history[0] = key;
        count += count < 4;
        for (u8 i = 0; i < count; i++)
            show_key(11 + i, history[i]);
    }
    unhook();
}
