/* POST's text, through INT 10h; a debug console at port 402h gets a copy where there is one. */
#include "bios/post.h"

enum { DEBUG_PORT = 0x402, DEBUG_PRESENT = 0xe9 };

static void say_char(char ch)
{
    struct call c;
    memset(&c, 0, sizeof(c));
    c.eax = 0x0e00 | (u8)ch;
    c.ebx = 7;
    call_real(&c, 0x10);
    if (inb(DEBUG_PORT) == DEBUG_PRESENT)
        outb(DEBUG_PORT, (u8)ch);
}

void screen_init(void)
{
    struct call c;
    memset(&c, 0, sizeof(c));
    c.eax = 0x0003;
    call_real(&c, 0x10);
}

void say(const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            say_char('\r');
        say_char(*text);
    }
}

void say_number(u32 n)
{
    char digits[11];
    u32 i = sizeof(digits) - 1;
    digits[i] = 0;
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    say(digits + i);
}

void say_hex(u32 n, u32 digits)
{
    while (digits--) {
        u32 d = n >> (digits * 4) & 15;
        say_char((char)(d < 10 ? '0' + d : 'A' + d - 10));
    }
}
